//! Which objective does a training program minimise? From what is written in PyTorch, Keras or scikit-learn to this program's options.
//!
//! The objective of this program is c·Σ(f−y)² + μ‖θ‖² (FORMAT.md §2). A [`Mapping`] says which one equals a framework's, up to a positive
//! factor, which changes no minimiser. Numbers are the decimals that are written, exactly. Sources: `torch.optim` and `torch.nn` of
//! PyTorch 2.15, `keras.regularizers`, `keras.losses` and `keras.optimizers` of Keras 3.15, `sklearn.neural_network` of scikit-learn
//! 1.9; `scripts/objectives` compares every row of docs/objectives.md with these libraries.

mod call;
mod error;
mod keras;
mod pytorch;
mod scikit_learn;
#[cfg(test)]
mod tests;

use num_bigint::BigInt;
use num_traits::{One, Signed, Zero};

use crate::exact::{Rat, Round, to_decimal, to_exact_decimal};
use crate::problem::{Activation, Decay, HiddenBias, Loss, OutputBias};
use call::{Call, Expr, parse};
pub use error::{ConventionError, Place};

/// A library in which networks are trained.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framework {
    /// `torch.nn` and `torch.optim`.
    PyTorch,
    /// Keras 3, with any backend.
    Keras,
    /// `sklearn.neural_network.MLPRegressor`.
    ScikitLearn,
}

/// What is known about a training program: pieces of its code, and numbers that are not in them.
#[derive(Debug, Clone, Default)]
pub struct Training {
    /// The network: a call like `Sequential(Linear(4, 20), ReLU(), Linear(20, 1))`.
    pub model: Option<String>,
    /// The loss: a call like `MSELoss(reduction='sum')`, which may have a factor.
    pub loss: Option<String>,
    /// The optimiser: a call like `Adam(params, weight_decay=0.01)`.
    pub optimizer: Option<String>,
    /// λ of a term λ·Σθ² that the program itself adds to the loss.
    pub l2: Option<Rat>,
    /// Whether the hidden biases are in a parameter group without decay (PyTorch).
    pub hidden_bias_undecayed: bool,
    /// The same for the output bias.
    pub output_bias_undecayed: bool,
    /// The number of samples the network is trained on.
    pub samples: Option<u64>,
    /// Samples in a step of the optimiser; all of them if not given.
    pub batch_size: Option<u64>,
}

/// A framework's objective in terms of this program's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mapping {
    /// The framework's objective as a formula, with c the loss and μ the penalty.
    pub formula: String,
    /// This program's loss.
    pub loss: Loss,
    /// This program's penalty, with its positive λ. Exact.
    pub decay: Decay,
    /// The framework's objective is this times this program's. Exact.
    pub factor: Factor,
    /// Whether the network has a hidden bias and whether it is decayed; `None` if that is not known.
    pub hidden_bias: Option<HiddenBias>,
    /// The same for the output bias.
    pub output_bias: Option<OutputBias>,
    /// A hidden bias, if there is one, is not decayed.
    pub hidden_bias_undecayed: bool,
    /// An output bias, if there is one, is not decayed.
    pub output_bias_undecayed: bool,
    /// The activation, where it is known.
    pub activation: Option<Activation>,
    /// What to keep in mind.
    pub notes: Vec<String>,
}

/// A positive factor between two objectives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Factor {
    /// This number.
    Number(Rat),
    /// One over the number of samples, which was not given.
    OneOverSamples,
}

/// The mapping of a training program's objective.
///
/// # Errors
///
/// [`ConventionError`] if the code is not understood, or its objective is none that this program has; it says why.
pub fn mapping(framework: Framework, training: &Training) -> Result<Mapping, ConventionError> {
    match framework {
        Framework::PyTorch => pytorch::mapping(training),
        Framework::Keras => keras::mapping(training),
        Framework::ScikitLearn => scikit_learn::mapping(training),
    }
}

impl Mapping {
    /// The options of `relucert certify`, which takes the biases from the network.
    pub fn certify_options(&self) -> Vec<String> {
        let mut options = self.objective_options();
        let hidden = self.hidden_bias.is_none() && self.hidden_bias_undecayed;
        if hidden || self.hidden_bias == Some(HiddenBias::Undecayed) {
            options.extend(["--no-decay".to_owned(), "hidden-bias".to_owned()]);
        }
        let output = self.output_bias.is_none() && self.output_bias_undecayed;
        if output || self.output_bias == Some(OutputBias::Free) {
            options.extend(["--no-decay".to_owned(), "output-bias".to_owned()]);
        }
        options
    }

    /// The options of `relucert solve`, if the biases are known.
    pub fn solve_options(&self) -> Option<Vec<String>> {
        let (hidden, output) = (self.hidden_bias?, self.output_bias?);
        let mut options = self.objective_options();
        let more: &[&str] = match hidden {
            HiddenBias::None => &["--no-bias"],
            HiddenBias::Decayed => &[],
            HiddenBias::Undecayed => &["--no-decay", "hidden-bias"],
        };
        options.extend(more.iter().map(|&text| text.to_owned()));
        if output != OutputBias::None {
            options.extend(["--output-bias".to_owned(), output.to_string()]);
        }
        Some(options)
    }

    /// Loss, decay and activation.
    fn objective_options(&self) -> Vec<String> {
        let (kind, lambda) = match &self.decay {
            Decay::WeightDecay(lambda) => ("--weight-decay", lambda),
            Decay::Ridge(lambda) => ("--ridge", lambda),
        };
        let mut options = vec![
            "--loss".to_owned(),
            self.loss.to_string(),
            kind.to_owned(),
            option_number(lambda),
        ];
        if let Some(activation) = self
            .activation
            .as_ref()
            .filter(|a| **a != Activation::relu())
        {
            let name = if *activation == Activation::abs() {
                "abs".to_owned()
            } else {
                format!("leaky:{}", option_number(&activation.low))
            };
            options.extend(["--activation".to_owned(), name]);
        }
        options
    }
}

/// A number as an option takes it: a short decimal, or p/q.
fn option_number(value: &Rat) -> String {
    to_exact_decimal(value)
        .filter(|text| text.len() <= 40)
        .unwrap_or_else(|| format!("{}/{}", value.numer(), value.denom()))
}

/// A number in a formula.
fn shown(value: &Rat) -> String {
    to_decimal(value, 9, Round::Nearest)
}

/// `factor·Σ(f−y)²·c`, where the loss is one of this program's four, put in words.
fn loss_words(factor: &Rat, loss: Loss) -> String {
    let words = match loss {
        Loss::HalfSum => "½·Σ(f−y)²",
        Loss::Sum => "Σ(f−y)²",
        Loss::Mean => "(1/n)·Σ(f−y)²",
        Loss::HalfMean => "(1/2n)·Σ(f−y)²",
    };
    if factor.is_one() {
        words.to_owned()
    } else {
        format!("{}·{words}", shown(factor))
    }
}

/// A loss that a framework has: `factor` times one of this program's.
struct ScaledLoss {
    factor: Rat,
    loss: Loss,
}

impl ScaledLoss {
    /// A factor of 1/2 is part of the loss where it can be.
    fn simplified(self) -> Self {
        let two = Rat::from_integer(BigInt::from(2));
        let half = match self.loss {
            Loss::Sum => Loss::HalfSum,
            Loss::Mean => Loss::HalfMean,
            _ => return self,
        };
        if (&self.factor * &two).is_one() {
            ScaledLoss {
                factor: Rat::one(),
                loss: half,
            }
        } else {
            self
        }
    }
}

/// A positive λ, or the refusal.
fn positive(lambda: Rat, what: &str) -> Result<Rat, ConventionError> {
    if lambda.is_positive() {
        return Ok(lambda);
    }
    let what = if lambda.is_zero() {
        format!("{what}: there is no penalty")
    } else {
        format!("{what}: the penalty is negative")
    };
    Err(ConventionError::Refused {
        what,
        why: "without a positive penalty there is no dual bound, and the minimum need not be attained: train with one, and give it here"
            .to_owned(),
    })
}

/// The call in a piece of code, or in what stands for one.
fn as_call(
    place: Place,
    text: &str,
    wanted: &'static str,
    help: &str,
) -> Result<Call, ConventionError> {
    match parse(place, text)? {
        Expr::Call(call) => Ok(call),
        // A class without arguments, or its name in quotes.
        Expr::Name(name) | Expr::Text(name) => Ok(Call {
            name,
            positional: Vec::new(),
            named: Vec::new(),
        }),
        _ => Err(ConventionError::Unknown {
            place,
            found: format!("`{text}`"),
            wanted,
            help: help.to_owned(),
        }),
    }
}

/// A refusal of something that is not understood, with the names that are.
fn unknown(place: Place, found: &str, wanted: &'static str, names: &[&str]) -> ConventionError {
    let list = names.join(", ");
    let help = match crate::problem::nearest(found, names.iter().copied()) {
        Some(best) => format!("did you mean {best}? Known are {list}"),
        None => format!("known are {list}"),
    };
    ConventionError::Unknown {
        place,
        found: format!("`{found}`"),
        wanted,
        help,
    }
}

/// The refusal of a decay that is not part of the gradient.
fn decoupled(optimizer: &str, instead: &str) -> ConventionError {
    ConventionError::Refused {
        what: format!(
            "{optimizer} decouples the weight decay from the gradient: there is no such objective"
        ),
        why: format!(
            "it shrinks the weights in a step of its own, which is not scaled as the gradient is, so where it comes to rest depends on the gradients \
             it has seen and minimises no loss plus penalty; {instead}"
        ),
    }
}

/// The least batch for messages, and the factor n/b by which a sum over batches falls short of the sum over all samples.
///
/// # Errors
///
/// If the batch size is known and the number of samples is not.
fn batches(training: &Training, framework: &'static str) -> Result<Rat, ConventionError> {
    match (training.batch_size, training.samples) {
        (None, _) => Ok(Rat::one()),
        (Some(_), None) => Err(ConventionError::Missing {
            framework,
            option: "--samples",
            help: "with a summed loss the number of batches counts: give the number of training samples with --samples N",
        }),
        (Some(b), Some(n)) if b >= n => Ok(Rat::one()),
        (Some(b), Some(n)) => Ok(Rat::new(n.into(), b.into())),
    }
}

/// A leaky ReLU.
fn leaky(slope: Rat) -> Result<crate::problem::Activation, ConventionError> {
    Activation::leaky(slope).map_err(|e| ConventionError::Refused {
        what: e.to_string(),
        why: "max(slope·t, t) needs a slope of at most 1".to_owned(),
    })
}
