//! The words in which an accepted proof is reported.

use std::fmt;

use crate::fan::Counts;
use crate::fraction::{Fraction, Rounding};
use crate::network::Network;
use crate::statement::{Decay, HiddenBias, Loss, OutputBias, Problem};
use crate::theorem::{Bound, Theorem, Verdict};

impl fmt::Display for Problem {
    /// Writes the activation, the objective and the size of the data in words.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [low, high] = self.slopes.each_ref().map(ToString::to_string);
        let activation = match (low.as_str(), high.as_str()) {
            ("0", "1") => "ReLU".to_owned(),
            ("-1", "1") => "absolute-value".to_owned(),
            (_, "1") => format!("leaky ReLU (slope {low})"),
            _ => format!("max({low}·t, {high}·t)"),
        };
        let rows = if self.rows == self.samples { String::new() } else { format!(" of {} rows in all", self.rows) };
        let (samples, features) = (plural(self.samples, "sample"), plural(self.features, "feature"));
        let loss = match self.loss {
            Loss::HalfSum => "½·Σ(f−y)²",
            Loss::Sum => "Σ(f−y)²",
            Loss::Mean => "(1/n)·Σ(f−y)²",
            Loss::HalfMean => "1/(2n)·Σ(f−y)²",
        };
        let factor = if self.decay == Decay::WeightDecay { "λ/2" } else { "λ" };
        let hidden = match self.hidden_bias {
            HiddenBias::None => "no hidden bias",
            HiddenBias::Decayed => "hidden bias, decayed",
            HiddenBias::Undecayed => "hidden bias, not decayed",
        };
        let output = match self.output_bias {
            OutputBias::None => "no output bias",
            OutputBias::Decayed => "output bias, decayed",
            OutputBias::Free => "output bias, not decayed",
        };
        writeln!(f, "Two-layer {activation} networks ({hidden}; {output}) on {samples}{rows}, {features};")?;
        write!(f, "objective {loss} + ({factor})·‖θ‖², λ = {}", exact(&self.lambda))
    }
}

/// Longest fraction that is printed in full.
const LONGEST: usize = 200;

/// The fraction and its decimal, or the decimal alone if the fraction is too long; decimals are rounded down.
fn exact(x: &Fraction) -> String {
    let (text, decimal) = (x.to_string(), x.to_decimal(Rounding::Down));
    match (text.len() <= LONGEST, text.contains('/'), decimal == x.to_decimal(Rounding::Up)) {
        (true, false, _) => text,
        (true, true, true) => format!("{text} = {decimal}"),
        (true, true, false) => format!("{text} ≈ {decimal}"),
        (false, ..) => format!("{decimal}… (exact fraction in the proof)"),
    }
}

fn plural(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

impl fmt::Display for Theorem {
    /// Writes the theorem in plain words, with exact numbers.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}.", self.problem)?;
        let Bound { value: bound, width } = &self.bound;
        let (scope, any_width) = match width {
            None => ("of every width".to_owned(), "any width".to_owned()),
            Some(width) => {
                let most = format!("width at most {width}");
                (format!("of {most}"), most)
            }
        };
        writeln!(f, "Every such network, {scope}, has objective ≥ {}.", exact(bound))?;
        if width.is_some() {
            writeln!(f, "Nothing is claimed of wider networks.")?;
        }
        for (name, network) in [("given", &self.given), ("best", &self.best)] {
            if let Some(Network { neurons, objective }) = network {
                writeln!(f, "The {name} network ({}) has objective {}.", plural(*neurons, "neuron"), exact(objective))?;
            }
        }
        let tolerance = &self.tolerance;
        match (self.verdict, self.subject()) {
            (Verdict::Optimal, Some((name, network))) => {
                let gap = network.objective.minus(bound);
                let share = if gap.numerator.is_zero() { gap } else { gap.times(&network.objective.inverse()) };
                let share = share.to_decimal(Rounding::Up);
                let among = if width.is_some() { format!(" among networks of {any_width}") } else { String::new() };
                writeln!(f, "So the {name} network is optimal{among} within relative tolerance {tolerance}:")?;
                writeln!(f, "no network of {any_width} is lower by more than {share} of its objective.")?;
            }
            (Verdict::NotOptimal, _) => {
                writeln!(f, "So the given network is not optimal, not even among networks of its width:")?;
                writeln!(f, "the best network is lower by more than {tolerance} of the given network's objective.")?;
            }
            (Verdict::Optimal | Verdict::Undecided, _) => {
                writeln!(f, "Nothing more is claimed (verdict undecided, relative tolerance {tolerance}).")?;
            }
        }
        let Counts { leaves, splits, generators, blocks, cones } = self.counts;
        writeln!(f, "Statement SHA-256: {}", self.problem.sha256)?;
        if width.is_some() {
            return write!(f, "Verified: {blocks} blocks with {leaves} vectors on {cones} cones; {splits} splits.");
        }
        write!(f, "Verified: {leaves} leaves, {splits} splits, {generators} generators.")
    }
}
