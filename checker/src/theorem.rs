//! What an accepted proof proves, in plain words.

use std::fmt;

use crate::fan::Counts;
use crate::fraction::Fraction;
use crate::network::Network;
use crate::statement::{Problem, words};

words! {
    /// What a proof says about its subject: the given network, or the best one if none is given.
    Verdict {
        /// The objective of the subject is within the tolerance of the least possible one, at every width.
        Optimal = "optimal",
        /// A network of at most the same width is better by more than the tolerance.
        NotOptimal = "not_optimal",
        /// Nothing is claimed.
        Undecided = "undecided",
    }
}

/// The theorem that an accepted proof proves; all numbers are exact.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Theorem {
    /// The training problem.
    pub problem: Problem,
    /// The network that was to be judged.
    pub given: Option<Network>,
    /// The best network known.
    pub best: Option<Network>,
    /// No network of any width has an objective below this.
    pub bound: Fraction,
    /// What follows for the subject.
    pub verdict: Verdict,
    /// The relative tolerance of the verdict.
    pub tolerance: Fraction,
    /// The size of the verified proof.
    pub counts: Counts,
}

impl Theorem {
    /// The subject of the verdict, and what it is called: the given network, or the best one if none is given.
    #[must_use]
    pub fn subject(&self) -> Option<(&'static str, &Network)> {
        match (&self.given, &self.best) {
            (Some(given), _) => Some(("given", given)),
            (None, Some(best)) => Some(("best", best)),
            (None, None) => None,
        }
    }
}
