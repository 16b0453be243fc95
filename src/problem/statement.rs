//! The canonical text of a problem and of its networks: FORMAT.md §2 and §3.

use std::fmt::Write;

use num_bigint::BigInt;
use sha2::{Digest, Sha256};

use super::error::ProblemError;
use super::{Decay, HiddenBias, Network, OutputBias, Problem};
use crate::exact::{Rat, common_denominator_of_rats};

/// Appends ` value` for each value, and the end of the line.
fn end_line<'a>(out: &mut String, values: impl Iterator<Item = &'a BigInt>) {
    for value in values {
        out.push(' ');
        let _ = write!(out, "{value}");
    }
    out.push('\n');
}

impl Problem {
    /// The statement: the lines of FORMAT.md §2 from `activation` to the last data line, each ended by a line feed.
    pub fn statement(&self) -> String {
        let data = &self.data;
        let mut out = String::with_capacity(64 + data.rows * (4 + 9 * (data.d + 1)));
        let (k1, k2, kd) = self.activation.integers();
        let (convention, lambda) = match &self.decay {
            Decay::WeightDecay(lambda) => ("weight-decay", lambda),
            Decay::Ridge(lambda) => ("ridge", lambda),
        };
        // Writing to a String cannot fail.
        let _ = writeln!(out, "activation {k1} {k2} {kd}");
        let _ = writeln!(out, "loss {}", self.loss);
        let _ = writeln!(
            out,
            "decay {convention} {} {}",
            lambda.numer(),
            lambda.denom()
        );
        let _ = writeln!(out, "hidden-bias {}", self.hidden_bias);
        let _ = writeln!(out, "output-bias {}", self.output_bias);
        let _ = writeln!(
            out,
            "data {} {} {} {} {}",
            data.samples, data.rows, data.d, data.x_den, data.y_den
        );
        let mut last = None;
        for (i, &sample) in data.sample_of_row.iter().enumerate() {
            if last == Some(sample) {
                out.push('+');
            } else {
                let _ = write!(out, "s {}", data.y[sample as usize]);
                last = Some(sample);
            }
            end_line(&mut out, data.row(i).iter());
        }
        out
    }

    /// The SHA-256 of the statement, which identifies the problem: 64 lower-case hexadecimal digits.
    pub fn statement_sha256(&self) -> String {
        let digest = Sha256::digest(self.statement().as_bytes());
        digest
            .iter()
            .fold(String::with_capacity(64), |mut hex, byte| {
                let _ = write!(hex, "{byte:02x}");
                hex
            })
    }

    /// A network section of FORMAT.md §3: the `network` line with the role (`given` or `best`), its neurons, its output bias and its
    /// objective.
    ///
    /// # Errors
    ///
    /// [`ProblemError`] if the network does not fit the problem.
    pub fn network_section(&self, network: &Network, role: &str) -> Result<String, ProblemError> {
        let objective = self.objective(network)?;
        let (m, d) = (network.width(), self.data.d);
        let biases: &[Rat] = match self.hidden_bias {
            HiddenBias::None => &[],
            _ => network.hidden_bias.as_deref().unwrap_or(&[]),
        };
        let (hidden, hidden_den) =
            common_denominator_of_rats(network.hidden_weights.iter().flatten().chain(biases));
        let (output, output_den) = common_denominator_of_rats(network.output_weights.iter());
        let zero = Rat::default();
        let constant = match self.output_bias {
            OutputBias::None => &zero,
            _ => network.output_bias.as_ref().unwrap_or(&zero),
        };
        let (weights, biases) = hidden.split_at(m * d);
        let mut out = String::new();
        let _ = writeln!(
            out,
            "network {role} {m} {hidden_den} {output_den} {}",
            constant.denom()
        );
        let none = BigInt::default();
        for k in 0..m {
            out.push('n');
            let bias =
                (self.hidden_bias != HiddenBias::None).then(|| biases.get(k).unwrap_or(&none));
            let row = &weights[k * d..(k + 1) * d];
            end_line(&mut out, std::iter::once(&output[k]).chain(row).chain(bias));
        }
        if self.output_bias != OutputBias::None {
            let _ = writeln!(out, "c {}", constant.numer());
        }
        let _ = writeln!(out, "objective {} {}", objective.numer(), objective.denom());
        Ok(out)
    }
}
