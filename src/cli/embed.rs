//! What the commands read and print, for a program that has this one inside it: its own values instead of files, the same words.

use std::path::Path;
use std::str::FromStr;

use num_bigint::BigInt;
use serde_json::Value;

use super::args::{self, ActivationArg};
use super::cells_format::Summary;
use super::error::UsageError;
use super::{minima, minima_report, report};
use crate::arrangement::{Arrangement, ArrangementError, Counts};
use crate::exact::Rat;
use crate::files;
use crate::minima::{Minima, MinimaError};
use crate::problem::{Activation, Network, Problem};
use crate::run::{BetaMax, Certificate, RunError, RunOptions};

/// An error as the command line prints it: what is wrong, and the mend.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Failure {
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
}

impl Failure {
    /// A failure with this text.
    pub fn new(message: impl Into<String>, help: impl Into<String>) -> Self {
        Failure {
            message: message.into(),
            help: Some(help.into()),
        }
    }

    /// An error of the library that has a help.
    pub fn of(error: impl Into<miette::Report>) -> Self {
        let report = error.into();
        Failure {
            message: report.to_string(),
            help: report.help().map(|help| help.to_string()),
        }
    }
}

impl From<RunError> for Failure {
    fn from(error: RunError) -> Self {
        Failure::of(report::run_error(error))
    }
}

impl From<MinimaError> for Failure {
    fn from(error: MinimaError) -> Self {
        Failure::of(minima::scope_error(error))
    }
}

impl From<ArrangementError> for Failure {
    fn from(error: ArrangementError) -> Self {
        Failure::of(UsageError::Arrangement(error))
    }
}

/// A text for people, and the object of `--json`.
#[derive(Debug, Clone)]
pub struct Printed {
    /// Lines for people.
    pub text: String,
    /// JSON.
    pub json: String,
}

/// A decimal or p/q, as options take it. Exact.
///
/// # Errors
///
/// What is wrong with the text.
pub fn ratio(text: &str) -> Result<Rat, String> {
    args::ratio(text)
}

/// A relative tolerance.
///
/// # Errors
///
/// What is wrong with the text.
pub fn tolerance(text: &str) -> Result<Rat, String> {
    args::tolerance(text)
}

/// An activation by its name.
///
/// # Errors
///
/// What is wrong with the text.
pub fn activation(text: &str) -> Result<Activation, String> {
    ActivationArg::from_str(text).map(|arg| arg.0)
}

/// Whether an output can be written, before any long work; `flag` names the option.
///
/// # Errors
///
/// [`Failure`] with the file and what the system says.
pub fn check_output(flag: &'static str, path: &Path) -> Result<(), Failure> {
    files::check_writable(path).map_err(|source| {
        Failure::of(UsageError::Unwritable {
            flag,
            path: path.to_owned(),
            source,
        })
    })
}

/// Writes a network that was found, rounded where the format cannot hold its numbers.
///
/// # Errors
///
/// [`Failure`] with the file.
pub fn write_network(path: &Path, network: &Network) -> Result<(), Failure> {
    report::write_network(path, network, true).map_err(Failure::of)
}

/// What `certify` and `solve` print.
pub fn certificate(problem: &Problem, certificate: &Certificate, options: &RunOptions) -> Printed {
    let print = |as_json| report::certificate(problem, certificate, options, as_json);
    Printed {
        text: print(false),
        json: print(true),
    }
}

/// What `solve --beta-max` prints.
pub fn beta_max(problem: &Problem, found: &BetaMax) -> Printed {
    Printed {
        text: report::beta_max(problem, found, false),
        json: report::beta_max(problem, found, true),
    }
}

/// What `minima` prints, with values of so many digits.
pub fn minima(problem: &Problem, found: &Minima, width: usize, digits: u32) -> Printed {
    Printed {
        text: minima_report::plain_text(problem, found, width, digits),
        json: minima_report::json_text(problem, found, digits, None::<Value>),
    }
}

/// What `cells` prints; what is missing was beyond a limit.
pub fn cells(
    arrangement: &Arrangement,
    counts: Option<&Counts>,
    patterns: Option<&BigInt>,
) -> Printed {
    let summary = Summary {
        arrangement,
        counts,
        patterns,
    };
    Printed {
        text: summary.text(false),
        json: summary.text(true),
    }
}
