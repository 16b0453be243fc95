//! The statement that the user's files give, and its comparison with that of a proof.

use std::fmt::Write;

use super::network::NetworkFile;
use super::number::Exact;
use super::table::Table;
use super::{MAX_STATEMENT, within};
use crate::error::{CheckError, Reason};
use crate::files::binding::{Binding, Parameter};
use crate::fraction::Fraction;
use crate::int::Int;
use crate::statement::{Decay, HiddenBias, Loss, OutputBias};
use crate::text::{Line, quote};

/// The training problem beside the data.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    /// κ1 ≤ 1 in lowest terms; κ2 is 1.
    pub(crate) slope: Fraction,
    pub(crate) loss: Loss,
    pub(crate) decay: Decay,
    /// Greater than 0, in lowest terms.
    pub(crate) lambda: Fraction,
    pub(crate) hidden_bias: HiddenBias,
    pub(crate) output_bias: OutputBias,
}

/// What a proof has to be about.
#[derive(Debug)]
pub(crate) struct Expected {
    /// The names of the features.
    features: Vec<String>,
    /// The statement, each line ended by a line feed.
    statement: Vec<u8>,
    /// How much of it has been compared, and how many samples have begun there.
    at: usize,
    samples: usize,
    network: Option<NetworkFile>,
}

impl Settings {
    /// The statement of this problem with these data: FORMAT.md §2, every number in its only spelling.
    ///
    /// # Errors
    ///
    /// A message if it is longer than any checker accepts.
    pub(crate) fn statement(&self, table: &Table) -> Result<String, String> {
        let mut text = String::new();
        let Fraction { numerator: k1, denominator: kd } = &self.slope;
        let Fraction { numerator: p, denominator: q } = &self.lambda;
        let n = table.samples.len();
        let rows = table.samples.iter().map(|sample| sample.rows.len()).fold(0, usize::saturating_add);
        let targets = table.samples.iter().map(|sample| &sample.target);
        let x = common_denominator(table.samples.iter().flat_map(|sample| sample.rows.iter().flatten()));
        let y = common_denominator(targets);
        let power = |(two, five)| Exact { mantissa: Int::ONE, two, five }.scaled(0, 0);
        let d = table.features.len();
        // Writing to a String does not fail.
        let _ = write!(
            text,
            "activation {k1} {kd} {kd}\nloss {}\ndecay {} {p} {q}\nhidden-bias {}\noutput-bias {}\ndata {n} {rows} {d} {} {}\n",
            self.loss,
            self.decay,
            self.hidden_bias,
            self.output_bias,
            power(x),
            power(y)
        );
        for sample in &table.samples {
            let mut begin = format!("s {}", sample.target.scaled(y.0, y.1));
            for row in &sample.rows {
                text.push_str(&begin);
                for value in row {
                    let _ = write!(text, " {}", value.scaled(x.0, x.1));
                }
                text.push('\n');
                begin = "+".to_owned();
                within(text.len(), MAX_STATEMENT, "bytes in the data with a common denominator")?;
            }
        }
        Ok(text)
    }
}

/// The exponents of 2 and 5 in the least common denominator.
fn common_denominator<'a>(values: impl Iterator<Item = &'a Exact>) -> (i64, i64) {
    values.map(Exact::denominator).fold((0, 0), |(two, five), (a, b)| (two.max(a), five.max(b)))
}

impl Expected {
    /// What a proof about these data has to say.
    ///
    /// # Errors
    ///
    /// As [`Settings::statement`].
    pub(crate) fn new(settings: &Settings, table: Table, network: Option<NetworkFile>) -> Result<Self, String> {
        let statement = settings.statement(&table)?.into_bytes();
        Ok(Expected { features: table.features, statement, at: 0, samples: 0, network })
    }

    /// What the tokens of a statement line are, in words.
    fn name_of(&self, line: &[u8], token: usize) -> String {
        let names: &[&str] = match line.split(|&byte| byte == b' ').next() {
            Some(b"s" | b"+") => {
                let is_first = line.starts_with(b"s");
                let feature = token.checked_sub(if is_first { 2 } else { 1 });
                let field = match feature.and_then(|j| self.features.get(j)) {
                    Some(name) => format!("feature {name:?} (over DX)"),
                    None if is_first && token == 1 => "target (over DY)".to_owned(),
                    None => "grouping of rows into samples".to_owned(),
                };
                return format!("sample {}, {field}", self.samples.saturating_sub(1));
            }
            Some(b"activation") => {
                &["activation", "k1 of the activation", "k2 of the activation", "kd of the activation"]
            }
            Some(b"decay") => &["decay", "kind of decay", "p of λ", "q of λ"],
            Some(b"data") => &["data", "number of samples", "number of rows", "number of features", "DX", "DY"],
            Some(b"loss") => &["loss", "loss"],
            Some(b"hidden-bias") => &["hidden bias", "hidden bias"],
            _ => &["output bias", "output bias"],
        };
        (*names.get(token).unwrap_or(&"end of the line")).to_owned()
    }

    fn differs(line: u64, what: &str, theirs: &str, ours: &str) -> CheckError {
        let text = format!("{what}: the proof has {theirs}, your network has {ours}");
        CheckError::rejected(line, Reason::NetworkDiffers, text)
    }
}

impl Binding for Expected {
    fn statement_line(&mut self, line: &Line<'_>) -> Result<(), CheckError> {
        let rest = self.statement.get(self.at..).unwrap_or(&[]);
        let end = rest.iter().position(|&byte| byte == b'\n').unwrap_or(rest.len());
        let ours = &rest[..end];
        if ours.starts_with(b"s") {
            self.samples = self.samples.saturating_add(1);
        }
        if ours != line.bytes {
            let tokens =
                |line: &[u8]| -> Vec<Vec<u8>> { line.split(|&byte| byte == b' ').map(<[u8]>::to_vec).collect() };
            let (theirs, mine) = (tokens(line.bytes), tokens(ours));
            let differs = (0..theirs.len().max(mine.len())).find(|&i| theirs.get(i) != mine.get(i)).unwrap_or(0);
            let shown = |tokens: &[Vec<u8>]| tokens.get(differs).map_or("nothing".to_owned(), |token| quote(token));
            let text = format!(
                "the proof is about something else; first difference, {}: the proof has {}, your data give {}",
                self.name_of(ours, differs),
                shown(&theirs),
                shown(&mine)
            );
            return Err(line.reject(Reason::DataDiffers, text));
        }
        self.at = self.at.saturating_add(end).saturating_add(1);
        Ok(())
    }

    fn width(&mut self, line: u64, neurons: usize) -> Result<(), CheckError> {
        match &self.network {
            Some(network) if network.hidden_weights.len() != neurons => {
                let (theirs, ours) = (neurons.to_string(), network.hidden_weights.len().to_string());
                Err(Expected::differs(line, "number of neurons", &theirs, &ours))
            }
            _ => Ok(()),
        }
    }

    fn parameter(&mut self, line: u64, place: Parameter, value: (&Int, &Int)) -> Result<(), CheckError> {
        let Some(network) = &self.network else { return Ok(()) };
        let (what, ours) = match place {
            Parameter::Output { neuron } => {
                (format!("output weight of neuron {neuron}"), network.output_weights.get(neuron))
            }
            Parameter::Hidden { neuron, column } => match self.features.get(column) {
                Some(name) => (
                    format!("weight of neuron {neuron} for {name:?}"),
                    network.hidden_weights.get(neuron).and_then(|weights| weights.get(column)),
                ),
                None => (
                    format!("hidden bias of neuron {neuron}"),
                    network.hidden_bias.as_ref().and_then(|bias| bias.get(neuron)),
                ),
            },
            Parameter::OutputBias => ("output bias".to_owned(), network.output_bias.as_ref()),
        };
        let theirs = Fraction { numerator: value.0.clone(), denominator: value.1.clone() };
        match ours.map(Exact::fraction) {
            Some(ours) if ours == theirs => Ok(()),
            Some(ours) => Err(Expected::differs(line, &what, &theirs.to_string(), &ours.to_string())),
            None => Err(Expected::differs(line, &what, &theirs.to_string(), "none")),
        }
    }

    fn networks_read(&mut self, line: u64, count: usize) -> Result<(), CheckError> {
        match &self.network {
            Some(_) if count == 0 => Err(Expected::differs(line, "network", "none", "one")),
            _ => Ok(()),
        }
    }
}
