//! The exact objective of a network, in integers over common denominators.

use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{One, Signed, ToPrimitive, Zero};

use super::error::ProblemError;
use super::{Activation, Dataset, HiddenBias, Network, OutputBias, Problem};
use crate::exact::{Rat, common_denominator_of_rats, sum_of_squares, to_i128s, widest_bits};

/// The outputs of a network on the n samples: `values[s]/den`. Exact; not in lowest terms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outputs {
    /// Length n.
    pub values: Vec<BigInt>,
    /// The positive denominator.
    pub den: BigInt,
}

/// A neuron in integers: weights and bias over a denominator of its own, so that one neuron with tiny weights does not widen the others.
struct Neuron {
    weights: Dot,
    /// What a positive pre-activation, as an integer, adds to the output per unit.
    high: BigInt,
    /// The same for a negative one.
    low: BigInt,
}

/// An integer affine function of a row's integers.
enum Dot {
    /// The value is known to fit an i128 for every row.
    Narrow {
        w: Vec<i128>,
        bias: i128,
    },
    Wide {
        w: Vec<BigInt>,
        bias: BigInt,
    },
}

impl Dataset {
    /// The outputs of a network on the samples. Exact.
    ///
    /// # Errors
    ///
    /// [`ProblemError`] if the network's inputs are not the features, or its lists do not fit each other.
    pub fn outputs(
        &self,
        activation: &Activation,
        network: &Network,
    ) -> Result<Outputs, ProblemError> {
        network.check_shape(&self.features)?;
        let narrow_x = to_i128s(&self.x);
        let x_bits = widest_bits(&self.x).max(self.x_den.bits());
        // Σ of d+1 products: with the bits of the widest weight, the bits of the largest pre-activation.
        let row_bits = x_bits + u64::from(usize::BITS - self.d.leading_zeros()) + 1;
        let (k1, k2, kd) = activation.integers();

        // α_k·φ(w_k·x + b_k) = A·max(k1·T, k2·T)/(DA·kd·DX·DW), T = W·a + B·DX, each neuron with its own DW and A/DA.
        let mut scaled = Vec::with_capacity(network.width());
        let mut lcm = network
            .output_bias
            .as_ref()
            .map_or_else(BigInt::one, |c| c.denom().clone());
        for (k, weights) in network.hidden_weights.iter().enumerate() {
            let alpha = &network.output_weights[k];
            if alpha.is_zero() {
                continue;
            }
            let bias = network.hidden_bias.as_ref().map(|b| &b[k]);
            let (integers, den) = common_denominator_of_rats(weights.iter().chain(bias));
            let den = den * alpha.denom();
            if !(&lcm % &den).is_zero() {
                lcm = lcm.lcm(&den);
            }
            scaled.push((integers, den, alpha.numer()));
        }
        let neurons: Vec<Neuron> = scaled
            .into_iter()
            .map(|(mut w, den, alpha)| {
                let bits = widest_bits(&w);
                let factor = alpha * (&lcm / den);
                let bias = w.split_off(self.d).pop().unwrap_or_default() * &self.x_den;
                let narrow = narrow_x.is_some() && bits + row_bits <= 126;
                let narrow_w = to_i128s(&w);
                let weights = match (narrow, narrow_w, bias.to_i128()) {
                    (true, Some(w), Some(bias)) => Dot::Narrow { w, bias },
                    _ => Dot::Wide { w, bias },
                };
                Neuron {
                    weights,
                    high: &factor * &k2,
                    low: factor * &k1,
                }
            })
            .collect();

        let den = &lcm * &kd * &self.x_den;
        let constant = network
            .output_bias
            .as_ref()
            .map_or_else(BigInt::zero, |c| c.numer() * (&den / c.denom()));
        let mut values = vec![constant; self.samples];
        for (i, &sample) in self.sample_of_row.iter().enumerate() {
            let value = &mut values[sample as usize];
            let narrow_row = narrow_x.as_ref().map(|x| &x[i * self.d..(i + 1) * self.d]);
            for neuron in &neurons {
                neuron.add_output(self.row(i), narrow_row, value);
            }
        }
        Ok(Outputs { values, den })
    }
}

impl Neuron {
    /// Adds the neuron's output on a row, which is given in both forms if it has both.
    fn add_output(&self, row: &[BigInt], narrow_row: Option<&[i128]>, value: &mut BigInt) {
        match (&self.weights, narrow_row) {
            (Dot::Narrow { w, bias }, Some(row)) => {
                let t = w.iter().zip(row).fold(*bias, |t, (w, &a)| t + w * a);
                let factor = if t > 0 { &self.high } else { &self.low };
                if t != 0 && !factor.is_zero() {
                    *value += factor * t;
                }
            }
            (Dot::Narrow { w, bias }, None) => {
                let dot = w.iter().zip(row).map(|(w, a)| a * *w).sum::<BigInt>() + *bias;
                self.add(dot, value);
            }
            (Dot::Wide { w, bias }, _) => {
                let dot = w.iter().zip(row).map(|(w, a)| a * w).sum::<BigInt>() + bias;
                self.add(dot, value);
            }
        }
    }

    fn add(&self, t: BigInt, value: &mut BigInt) {
        let factor = if t.is_positive() {
            &self.high
        } else {
            &self.low
        };
        if !factor.is_zero() {
            *value += factor * t;
        }
    }
}

impl Problem {
    /// The network's outputs on the n samples. Exact.
    ///
    /// # Errors
    ///
    /// [`ProblemError`] if the network does not fit the problem.
    pub fn outputs(&self, network: &Network) -> Result<Vec<Rat>, ProblemError> {
        let Outputs { values, den } = self.outputs_scaled(network)?;
        Ok(values
            .into_iter()
            .map(|value| Rat::new(value, den.clone()))
            .collect())
    }

    /// The network's outputs over one denominator: as [`Problem::outputs`], without reducing n fractions. Exact.
    ///
    /// # Errors
    ///
    /// [`ProblemError`] if the network does not fit the problem.
    pub fn outputs_scaled(&self, network: &Network) -> Result<Outputs, ProblemError> {
        self.check_network(network)?;
        self.data.outputs(&self.activation, network)
    }

    /// Σ_s (f_s − y_s)². Exact.
    ///
    /// # Errors
    ///
    /// [`ProblemError`] if the network does not fit the problem.
    pub fn sum_of_squared_errors(&self, network: &Network) -> Result<Rat, ProblemError> {
        let Outputs { values, den } = self.outputs_scaled(network)?;
        let common = den.lcm(&self.data.y_den);
        let (scale_f, scale_y) = (&common / &den, &common / &self.data.y_den);
        let errors: Vec<BigInt> = values
            .iter()
            .zip(&self.data.y)
            .map(|(f, y)| f * &scale_f - y * &scale_y)
            .collect();
        Ok(Rat::new(sum_of_squares(&errors), &common * &common))
    }

    /// ‖θ‖² over the decayed parameters of a network. Exact.
    pub fn penalised_squares(&self, network: &Network) -> Rat {
        let hidden_bias = match self.hidden_bias {
            HiddenBias::Decayed => network.hidden_bias.as_deref().unwrap_or(&[]),
            _ => &[],
        };
        let output_bias = match self.output_bias {
            OutputBias::Decayed => network.output_bias.as_ref(),
            _ => None,
        };
        let decayed = network
            .hidden_weights
            .iter()
            .flatten()
            .chain(hidden_bias)
            .chain(&network.output_weights)
            .chain(output_bias);
        let (integers, den) = common_denominator_of_rats(decayed);
        Rat::new(sum_of_squares(&integers), &den * &den)
    }

    /// The network's objective in the user's convention: c·Σ(f−y)² + μ‖θ‖². Exact.
    ///
    /// # Errors
    ///
    /// [`ProblemError`] if the network does not fit the problem.
    pub fn objective(&self, network: &Network) -> Result<Rat, ProblemError> {
        let loss = self.sum_of_squared_errors(network)?;
        Ok(self.c() * loss + self.decay.mu() * self.penalised_squares(network))
    }

    /// The network's objective in the half-sum form: ½Σ(f−y)² + (β/2)‖θ‖². Exact.
    ///
    /// # Errors
    ///
    /// [`ProblemError`] if the network does not fit the problem.
    pub fn half_sum(&self, network: &Network) -> Result<Rat, ProblemError> {
        Ok(self.objective(network)? / self.unit())
    }
}
