//! What is being asked, stated exactly: the data, the network, the objective.
//!
//! Every number a user gives (decimal text, float bits) is a rational, so the objective of a given network is an exact rational. The
//! general form is that of FORMAT.md §2; [`Problem::beta`] and [`Problem::unit`] lead to the half-sum form.

mod arrays;
mod csv;
mod dataset;
mod error;
mod network;
mod network_json;
mod network_tensors;
mod network_write;
mod objective;
mod onnx;
#[cfg(test)]
mod reader_tests;
mod statement;
mod table;
mod tensor;
#[cfg(test)]
mod tests;

use std::fmt;

use num_bigint::BigInt;
use num_traits::{One, Signed, Zero};

use crate::exact::{Rat, quotient_to_f64};

pub(crate) use error::{list_names, nearest};

pub use dataset::{DataOptions, Dataset, Float, Target};
pub use error::{DataError, NetworkError, ProblemError};
pub use network::{Network, NetworkFile, NetworkFormat, NetworkKeys};
pub use network_write::WriteOptions;
pub use objective::Outputs;

/// Limits of FORMAT.md §1 that a problem has to keep, so that its proof can be checked.
pub mod limits {
    /// Rows.
    pub const ROWS: usize = 10_000_000;
    /// Features.
    pub const FEATURES: usize = 1_000;
    /// Neurons of a network.
    pub const NEURONS: usize = 1_000_000;
    /// Rows times features: a limit of this program's memory.
    pub const ENTRIES: usize = 200_000_000;
}

/// Whether the network has a hidden bias, and whether it counts in the penalty.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum HiddenBias {
    /// No hidden bias.
    None,
    /// A hidden bias in the penalty, like any weight.
    Decayed,
    /// A hidden bias that costs nothing.
    Undecayed,
}

/// Whether the network has an output bias, and whether it counts in the penalty.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OutputBias {
    /// No output bias.
    None,
    /// An output bias in the penalty.
    Decayed,
    /// An output bias that costs nothing.
    Free,
}

/// The loss `c·Σ(f−y)²` over the n samples.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Loss {
    /// c = 1/2.
    HalfSum,
    /// c = 1.
    Sum,
    /// c = 1/n: PyTorch's `MSELoss()`.
    Mean,
    /// c = 1/(2n).
    HalfMean,
}

/// The penalty `μ‖θ‖²` on the decayed parameters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decay {
    /// λ as PyTorch's `weight_decay`: μ = λ/2.
    WeightDecay(Rat),
    /// λ as in ridge regression: μ = λ.
    Ridge(Rat),
}

impl Decay {
    /// λ, as the user gave it.
    pub fn lambda(&self) -> &Rat {
        match self {
            Decay::WeightDecay(lambda) | Decay::Ridge(lambda) => lambda,
        }
    }

    /// The factor μ of ‖θ‖².
    pub fn mu(&self) -> Rat {
        match self {
            Decay::WeightDecay(lambda) => lambda / BigInt::from(2),
            Decay::Ridge(lambda) => lambda.clone(),
        }
    }
}

/// The activation φ(t) = max(low·t, high·t), low ≤ high. Exact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Activation {
    /// The slope for t < 0.
    pub low: Rat,
    /// The slope for t > 0.
    pub high: Rat,
}

impl Activation {
    /// max(0, t).
    pub fn relu() -> Self {
        Activation {
            low: Rat::zero(),
            high: Rat::one(),
        }
    }

    /// |t|.
    pub fn abs() -> Self {
        Activation {
            low: -Rat::one(),
            high: Rat::one(),
        }
    }

    /// max(slope·t, t): leaky ReLU with a slope of at most 1.
    ///
    /// # Errors
    ///
    /// [`ProblemError::Slope`] if the slope is larger than 1, since then the function is not the larger of its two branches.
    pub fn leaky(slope: Rat) -> Result<Self, ProblemError> {
        if slope > Rat::one() {
            return Err(ProblemError::Slope { slope });
        }
        Ok(Activation {
            low: slope,
            high: Rat::one(),
        })
    }

    /// The slopes as `(k1, k2, kd)`: low = k1/kd, high = k2/kd, kd > 0, gcd(k1, k2, kd) = 1.
    pub fn integers(&self) -> (BigInt, BigInt, BigInt) {
        let (slopes, den) =
            crate::exact::common_denominator_of_rats([&self.low, &self.high].into_iter());
        (slopes[0].clone(), slopes[1].clone(), den)
    }

    /// φ(t). Exact.
    pub fn apply(&self, t: &Rat) -> Rat {
        if t.is_negative() {
            &self.low * t
        } else {
            &self.high * t
        }
    }
}

impl fmt::Display for HiddenBias {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            HiddenBias::None => "none",
            HiddenBias::Decayed => "decayed",
            HiddenBias::Undecayed => "undecayed",
        })
    }
}

impl fmt::Display for OutputBias {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            OutputBias::None => "none",
            OutputBias::Decayed => "decayed",
            OutputBias::Free => "free",
        })
    }
}

impl fmt::Display for Loss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Loss::HalfSum => "half-sum",
            Loss::Sum => "sum",
            Loss::Mean => "mean",
            Loss::HalfMean => "half-mean",
        })
    }
}

/// A training problem: data, loss, penalty and the shape of the networks. See FORMAT.md §2 for its meaning.
#[derive(Debug, Clone)]
pub struct Problem {
    /// The data.
    pub data: Dataset,
    /// The activation of the hidden layer.
    pub activation: Activation,
    /// The loss.
    pub loss: Loss,
    /// The penalty; its λ is positive.
    pub decay: Decay,
    /// The hidden bias.
    pub hidden_bias: HiddenBias,
    /// The output bias.
    pub output_bias: OutputBias,
}

impl Problem {
    /// Puts a problem together.
    ///
    /// # Errors
    ///
    /// [`ProblemError::DecayNotPositive`] if λ ≤ 0, and [`ProblemError::Slope`] if the activation's slopes are in the wrong order.
    pub fn new(
        data: Dataset,
        activation: Activation,
        loss: Loss,
        decay: Decay,
        hidden_bias: HiddenBias,
        output_bias: OutputBias,
    ) -> Result<Self, ProblemError> {
        if !decay.lambda().is_positive() {
            return Err(ProblemError::DecayNotPositive {
                lambda: decay.lambda().clone(),
            });
        }
        if activation.low > activation.high {
            return Err(ProblemError::Slope {
                slope: activation.low,
            });
        }
        Ok(Problem {
            data,
            activation,
            loss,
            decay,
            hidden_bias,
            output_bias,
        })
    }

    /// The number n of samples.
    pub fn n(&self) -> usize {
        self.data.samples
    }

    /// The number N ≥ n of rows.
    pub fn rows(&self) -> usize {
        self.data.rows
    }

    /// The dimension of a hidden neuron: d, plus 1 if there is a hidden bias.
    pub fn r(&self) -> usize {
        self.data.d + usize::from(self.hidden_bias != HiddenBias::None)
    }

    /// The factor c of the loss c·Σ(f−y)². Exact.
    pub fn c(&self) -> Rat {
        let n = BigInt::from(self.n());
        match self.loss {
            Loss::HalfSum => Rat::new(1.into(), 2.into()),
            Loss::Sum => Rat::one(),
            Loss::Mean => Rat::new(1.into(), n),
            Loss::HalfMean => Rat::new(1.into(), n * 2),
        }
    }

    /// β of the half-sum form ½Σ(f−y)² + (β/2)‖θ‖²: μ/c. Exact, positive.
    pub fn beta(&self) -> Rat {
        self.decay.mu() / self.c()
    }

    /// 2c: the objective is this times the half-sum form. Exact, positive.
    pub fn unit(&self) -> Rat {
        self.c() * BigInt::from(2)
    }

    /// Row i of the integer matrix: DX·x_i, followed by DX where there is a hidden bias. Length r.
    ///
    /// # Panics
    ///
    /// If i ≥ N.
    pub fn row_int(&self, i: usize) -> Vec<BigInt> {
        let mut row = self.data.row(i).to_vec();
        if self.hidden_bias != HiddenBias::None {
            row.push(self.data.x_den.clone());
        }
        row
    }

    /// The rows as doubles, N×r row major, with a column of ones last where there is a hidden bias; each entry correctly rounded.
    pub fn x_f64(&self) -> Vec<f64> {
        let (d, r) = (self.data.d, self.r());
        let mut out = Vec::with_capacity(self.rows() * r);
        for row in self.data.x.chunks_exact(d) {
            out.extend(row.iter().map(|a| quotient_to_f64(a, &self.data.x_den)));
            if r > d {
                out.push(1.0);
            }
        }
        out
    }

    /// The targets as doubles, length n, each correctly rounded.
    pub fn y_f64(&self) -> Vec<f64> {
        let den = &self.data.y_den;
        self.data
            .y
            .iter()
            .map(|y| quotient_to_f64(y, den))
            .collect()
    }
}
