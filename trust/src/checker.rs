//! The checker under attack, or a constant in its place.

use std::io::BufReader;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::str::FromStr;

use flate2::bufread::MultiGzDecoder;
use relucert_checker::{CheckError, Theorem, check_reader};

use crate::claim::Claim;
use crate::frame::Mutant;

/// What a checker says about a proof.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// The theorem in one line: bound, verdict, tolerance, and role, width and objective of each network; and the
    /// SHA-256 of the statement.
    Accepted {
        summary: String,
        sha256: String,
    },
    /// The name of the broken rule, or what the other checker says.
    Rejected(String),
    Limit(String),
    /// A panic, an exception, or an answer that is none.
    Crashed(String),
}

impl Answer {
    #[must_use]
    pub fn is_accepted(&self) -> bool {
        matches!(self, Answer::Accepted { .. })
    }
}

/// What is in the checker's place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Control {
    /// The checker.
    #[default]
    None,
    /// Accepts whatever it is given.
    Accept,
    /// Rejects whatever it is given.
    Reject,
}

impl FromStr for Control {
    type Err = String;
    fn from_str(text: &str) -> Result<Control, String> {
        match text {
            "none" => Ok(Control::None),
            "accept" => Ok(Control::Accept),
            "reject" => Ok(Control::Reject),
            _ => Err("--control is accept or reject".to_owned()),
        }
    }
}

/// Asks the Rust checker, or the control.
#[must_use]
pub fn ask(mutant: &Mutant, control: Control) -> Answer {
    match control {
        Control::None => catch_unwind(AssertUnwindSafe(|| check(mutant)))
            .unwrap_or_else(|panic| Answer::Crashed(panic_text(panic.as_ref()))),
        Control::Accept => {
            let summary = mutant.text().and_then(|text| Claim::read(&text).ok()).map(|claim| claim.summary());
            Answer::Accepted { summary: summary.unwrap_or_default(), sha256: String::new() }
        }
        Control::Reject => Answer::Rejected("Control".to_owned()),
    }
}

fn check(mutant: &Mutant) -> Answer {
    let result = if mutant.is_gzip {
        check_reader(BufReader::new(MultiGzDecoder::new(&mutant.bytes[..])))
    } else {
        check_reader(&mutant.bytes[..])
    };
    match result {
        Ok(theorem) => Answer::Accepted { summary: summary(&theorem), sha256: theorem.problem.sha256.clone() },
        Err(CheckError::Rejected { reason, .. }) => Answer::Rejected(format!("{reason:?}")),
        Err(CheckError::Limit { limit, .. }) => Answer::Limit(format!("{limit:?}")),
        Err(CheckError::Unreadable { text }) => Answer::Crashed(format!("unreadable: {text}")),
    }
}

/// The theorem as [`Claim::summary`] writes it.
fn summary(theorem: &Theorem) -> String {
    let mut line = format!("{} {} {}", theorem.bound, theorem.verdict, theorem.tolerance);
    for (role, network) in [("given", &theorem.given), ("best", &theorem.best)] {
        if let Some(network) = network {
            line += &format!(" {role} {} {}", network.neurons, network.objective);
        }
    }
    line
}

fn panic_text(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "a panic".to_owned())
}
