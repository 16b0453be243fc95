//! What an accepted proof proves, in plain words.

use std::fmt;

use crate::fan::Counts;
use crate::fraction::Fraction;
use crate::network::Network;
use crate::statement::{Problem, words};

words! {
    /// What a proof says about its subject: the given network, or the best one if none is given.
    Verdict {
        /// The objective of the subject is within the tolerance of the least possible one, in the scope of the bound.
        Optimal = "optimal",
        /// A network of at most the same width is better by more than the tolerance.
        NotOptimal = "not_optimal",
        /// Nothing is claimed.
        Undecided = "undecided",
    }
}

/// A lower bound on the objective of networks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bound {
    /// No network in the scope of the bound has an objective below this.
    pub value: Fraction,
    /// The scope: networks of at most so many neurons, or of every width if there is none.
    pub width: Option<usize>,
}

impl fmt::Display for Bound {
    /// Writes the bound as the proof's line does: the fraction, and the width if there is one.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.value)?;
        self.width.map_or(Ok(()), |width| write!(f, " width {width}"))
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
    /// The lower bound, and the networks for which it holds.
    pub bound: Bound,
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
