//! The figures of a report. They are drawn from floats; what is proven stands in the text.

mod bracket;
mod dual;
mod fan;
mod fit;
mod minima;
mod norms;
mod path;
mod sphere;

pub use bracket::bracket;
pub use dual::dual;
pub use fan::fan;
pub use fit::fit;
pub use minima::{Minimum, minima};
pub use norms::norms;
pub use path::{PathPoint, path};

use crate::exact::rat_to_f64;
use crate::problem::{HiddenBias, Network, Problem};

/// Width of a panel, in pixels.
const WIDTH: f64 = 440.0;
/// Height of a panel without its legend, in pixels.
const HEIGHT: f64 = 300.0;

/// A network that figures show.
#[derive(Clone, Debug)]
pub struct Shown<'a> {
    /// What it is called: "given network".
    pub name: String,
    /// The network.
    pub network: &'a Network,
}

/// A hidden neuron in floats.
#[derive(Clone, Debug)]
struct Neuron {
    /// The output weight.
    output: f64,
    /// The hidden weights, and the hidden bias if the problem has one; length r.
    hidden: Vec<f64>,
}

impl Neuron {
    /// The direction of the hidden weights and bias; `None` for zeros and what is beyond the floats.
    fn direction(&self) -> Option<Vec<f64>> {
        let most = self.hidden.iter().fold(0.0f64, |m, x| m.max(x.abs()));
        if most == 0.0 || !most.is_finite() || self.output == 0.0 {
            return None;
        }
        let scaled: Vec<f64> = self.hidden.iter().map(|x| x / most).collect();
        let length = scaled.iter().map(|x| x * x).sum::<f64>().sqrt();
        Some(scaled.iter().map(|x| x / length).collect())
    }
}

fn neurons(network: &Network) -> Vec<Neuron> {
    network
        .hidden_weights
        .iter()
        .zip(&network.output_weights)
        .enumerate()
        .map(|(k, (weights, output))| Neuron {
            output: rat_to_f64(output),
            hidden: weights
                .iter()
                .chain(network.hidden_bias.as_ref().map(|b| &b[k]))
                .map(rat_to_f64)
                .collect(),
        })
        .collect()
}

/// φ with its slopes in floats.
#[derive(Copy, Clone, Debug)]
struct Slopes {
    low: f64,
    high: f64,
}

impl Slopes {
    fn of(problem: &Problem) -> Self {
        Slopes {
            low: rat_to_f64(&problem.activation.low),
            high: rat_to_f64(&problem.activation.high),
        }
    }

    fn apply(self, t: f64) -> f64 {
        if t >= 0.0 {
            self.high * t
        } else {
            self.low * t
        }
    }
}

/// How many of the r entries of a neuron count in ρ.
fn decayed(problem: &Problem) -> usize {
    problem.r() - usize::from(problem.hidden_bias == HiddenBias::Undecayed)
}

/// The names of the r entries of a neuron.
fn entries(problem: &Problem) -> Vec<String> {
    let mut names = problem.data.features.clone();
    if problem.r() > problem.data.d {
        names.push("bias".to_owned());
    }
    names
}

/// At most `most` of the numbers below `count`, evenly.
fn some_of(count: usize, most: usize) -> Vec<usize> {
    if count <= most {
        (0..count).collect()
    } else {
        (0..most).map(|i| i * count / most).collect()
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// A number with a few digits, for the text that a pointer shows.
fn short(x: f64) -> String {
    let size = x.abs();
    let text = if x == 0.0 || (1e-3..1e5).contains(&size) {
        let digits = (4.0 - size.max(1e-3).log10().floor()).clamp(0.0, 8.0) as usize;
        let text = format!("{x:.digits$}");
        if text.contains('.') {
            text.trim_end_matches('0').trim_end_matches('.').to_owned()
        } else {
            text
        }
    } else {
        format!("{x:.3e}")
    };
    text.replace('-', "−")
}

/// A name that fits an axis.
fn clipped(name: &str) -> String {
    if name.chars().count() <= 28 {
        name.to_owned()
    } else {
        name.chars().take(27).chain(['…']).collect()
    }
}
