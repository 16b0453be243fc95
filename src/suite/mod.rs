//! Regression tests of networks: cases in TOML files, what they expect of the commands' JSON, and reports of the differences.
//!
//! A case is a command with its options and a table of expectations (docs/testing.md). How a case is run is not decided here: a runner gives the
//! exit status and the output, and gets the differences.

mod error;
mod expect;
mod junit;
mod manifest;
#[cfg(test)]
mod tests;
mod update;

pub use error::SuiteError;
pub use expect::{Difference, Outcome, compare};
pub use junit::{Suite, junit};
pub use manifest::{Case, Expectation, Manifest, Slack, Wanted, find};
pub use update::update;

/// How a case ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ended {
    /// Everything is as expected.
    Passed,
    /// Something is not.
    Differs(Vec<Difference>),
    /// The command failed where that was not expected: its message.
    Failed(String),
    /// The run was stopped before it, or during it.
    NotRun,
}

impl Ended {
    /// The word for tables and files.
    pub fn word(&self) -> &'static str {
        match self {
            Ended::Passed => "ok",
            Ended::Differs(_) => "different",
            Ended::Failed(_) => "error",
            Ended::NotRun => "not run",
        }
    }
}
