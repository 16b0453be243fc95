//! The regularisation path: one problem at several decays, from large to small, each solved to a proven bracket from the solution before.

use std::path::Path;
use std::time::Instant;

use num_bigint::BigInt;
use num_traits::{Signed, Zero};

use super::{BetaMax, Certificate, RunError, RunOptions, solve};
use crate::exact::{Rat, parse_decimal};
use crate::problem::{Decay, Network, Problem};

/// Fewest significant digits of a point between the ends of a path.
const DIGITS: usize = 4;

/// One point of a path. All figures are those of `certificate.best`, exact and in the user's convention.
#[derive(Clone, Debug)]
pub struct PathPoint {
    /// The penalty.
    pub decay: Decay,
    /// The network and its bracket at this decay.
    pub certificate: Certificate,
    /// (1/n)·Σ(f−y)², whatever the loss of the problem.
    pub train_error: Rat,
    /// ‖θ‖² over the decayed parameters: the penalty is μ times this.
    pub squared_norm: Rat,
}

impl PathPoint {
    /// The penalty μ‖θ‖² in the objective.
    pub fn penalty(&self) -> Rat {
        self.decay.mu() * &self.squared_norm
    }
}

/// What a path gave.
#[derive(Clone, Debug)]
pub struct PathResult {
    /// The points, in the order of the decays asked for.
    pub points: Vec<PathPoint>,
    /// Whether there is one for every decay: an interrupt or the time limit ends a path early.
    pub complete: bool,
}

/// Why the points of a path cannot be spaced.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SpacingError {
    /// An end that is not positive.
    #[error("the ends of a path are positive, but one of them is {0}")]
    NotPositive(Rat),
    /// Fewer points than ends.
    #[error("a path with two different ends has at least 2 points")]
    TooFew,
    /// More points than there are numbers between the ends.
    #[error("{0} points do not fit between the ends: they would not differ in 15 digits")]
    TooMany(usize),
    /// Several points on one number.
    #[error("both ends of the path are {0}: that is 1 point")]
    OnePoint(Rat),
}

/// `points` decays from the larger end to the smaller one, both included exactly, evenly spaced in the logarithm. Those between are rounded to 4
/// significant digits (or as many as it takes for them to differ), so that each is a short decimal that can be given as a decay itself.
///
/// # Errors
///
/// [`SpacingError`] if an end is not positive, or the number of points does not fit the ends.
pub fn log_spaced(a: &Rat, b: &Rat, points: usize) -> Result<Vec<Rat>, SpacingError> {
    for end in [a, b] {
        if !end.is_positive() {
            return Err(SpacingError::NotPositive(end.clone()));
        }
    }
    let (high, low) = if a >= b { (a, b) } else { (b, a) };
    if high == low {
        return match points {
            1 => Ok(vec![high.clone()]),
            _ => Err(SpacingError::OnePoint(high.clone())),
        };
    }
    if points < 2 {
        return Err(SpacingError::TooFew);
    }
    let (log_high, log_low) = (log10(high), log10(low));
    let step = (log_low - log_high) / (points - 1) as f64;
    (DIGITS..=15)
        .find_map(|digits| {
            let mut list = vec![high.clone()];
            list.extend((1..points - 1).map(|i| rounded(log_high + step * i as f64, digits)));
            list.push(low.clone());
            list.windows(2).all(|w| w[0] > w[1]).then_some(list)
        })
        .ok_or(SpacingError::TooMany(points))
}

/// log₁₀ of a positive rational of any size, to about 14 digits.
fn log10(x: &Rat) -> f64 {
    let part = |integer: &BigInt| {
        let shift = integer.bits().saturating_sub(60);
        let head: u64 = (integer >> shift).try_into().unwrap_or(u64::MAX);
        (head as f64).log10() + shift as f64 * std::f64::consts::LOG10_2
    };
    part(x.numer()) - part(x.denom())
}

/// 10^log, rounded to this many significant digits.
fn rounded(log: f64, digits: usize) -> Rat {
    let exponent = log.floor();
    let mantissa = 10f64.powf(log - exponent);
    let text = format!("{mantissa:.places$}e{exponent:.0}", places = digits - 1);
    // A decimal of this form within the exponents of the ends always parses.
    parse_decimal(&text).unwrap_or_else(|_| Rat::zero())
}

/// The name of a point's proof in the folder of proofs: `path-001.proof` for the first.
pub fn proof_name(index: usize) -> String {
    format!("path-{:03}.proof", index + 1)
}

/// Solves a problem at each of these decays (its own is ignored), each from the network found before, the first from `init` if there is one. What is left of the time limit is
/// shared evenly by the points that are left. From the proven `lambda_max` on, where one is given, the network without hidden neurons is where a solve starts.
/// With `proofs`, every point's proof goes to that folder, named by [`proof_name`]. `each` sees the points so far after every one, and ends the path by returning `false`.
///
/// # Errors
///
/// [`RunError`] if the initial network does not fit, or a proof cannot be written.
pub fn path(
    problem: &Problem,
    decays: &[Decay],
    init: Option<&Network>,
    lambda_max: Option<&BetaMax>,
    options: &RunOptions,
    proofs: Option<&Path>,
    each: &mut dyn FnMut(&[PathPoint]) -> bool,
) -> Result<PathResult, RunError> {
    let mut points: Vec<PathPoint> = Vec::with_capacity(decays.len());
    for (index, decay) in decays.iter().enumerate() {
        if options.watch.stopped() {
            break;
        }
        let mut at = problem.clone();
        at.decay = decay.clone();
        let mut own = RunOptions {
            started: Instant::now(),
            proof: proofs.map(|folder| folder.join(proof_name(index))),
            checkpoint: None,
            resume: None,
            ..options.clone()
        };
        if let Some(limit) = options.time_limit {
            let left = limit.saturating_sub(options.started.elapsed());
            if left.is_zero() {
                break;
            }
            let share = left / u32::try_from(decays.len() - index).unwrap_or(u32::MAX);
            own.time_limit = Some(share);
        }
        // No hidden neuron is needed there, whatever network came before.
        let trivial = lambda_max.is_some_and(|max| decay.mu() * BigInt::from(2) >= max.upper);
        let start = match points.last() {
            _ if trivial => None,
            Some(last) => last.certificate.best.as_ref(),
            None => init,
        };
        let certificate = solve(&at, start, &own)?;
        let zero = Network::zero();
        let best = certificate.best.as_ref().unwrap_or(&zero);
        let n = BigInt::from(at.n());
        points.push(PathPoint {
            train_error: at.sum_of_squared_errors(best)? / n,
            squared_norm: at.penalised_squares(best),
            decay: decay.clone(),
            certificate,
        });
        if !each(&points) {
            break;
        }
    }
    Ok(PathResult {
        complete: points.len() == decays.len(),
        points,
    })
}
