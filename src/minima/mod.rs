//! Every local minimum of a tiny two-layer network under weight decay.
//!
//! The objective is `c·Σ(f−y)² + μ·Σ(a_k² + ‖w_k‖²)` with everything decayed and no output bias. With `u_k = |a_k|·w_k`, `s_k = sgn a_k` and
//! `β = μ/c` its local minima are those of `½‖ŷ−y‖² + βΣ‖u_k‖`, which is convex on every product of closed cells with fixed signs.
//! The method is Divide–Enumerate–Merge (Fukasaku, Kabata, Okuno, arXiv 2508.17783) with convex programs and proofs in place of Gröbner bases:
//!
//! * [`search`]: for every set of at most m (cell, sign) pairs solve the convex problem, and exclude the set by proof or keep a candidate,
//!   named by the *faces* on which its neurons lie;
//! * [`point`]: prove that the candidate's faces hold exactly one stationary point, and enclose it;
//! * [`mod@decide`]: decide whether it is a local minimum, and whether its residual is dual feasible;
//! * [`components`]: put the local minima with the same residual together to connected components.
//!
//! **Why this is complete.** Let p be a local minimum. Its nonzero neurons have directions q with `s·F_v(q) = β` and `s·F_v ≤ β` on the unit
//! vectors of every closed cell that contains q, v = y − ŷ. Choose a pair for every nonzero neuron: p is optimal for the region of these pairs, so
//! its residual is that of the optimum of their set of pairs, and in each of them the maximiser of `s·F_v` is one of its directions. So a set
//! of which one pair has a maximum below β, or a maximiser that is beaten in a neighbouring cell, has no local minimum with a
//! nonzero neuron in each of its pairs. If p has a zero neuron then v is dual feasible, and p is globally optimal at every width.

pub mod algebraic;
pub mod bounds;
pub mod components;
pub mod decide;
pub mod geometry;
pub mod interval;
pub(crate) mod least_squares;
pub mod local;
pub mod point;
pub mod region;
pub mod search;
pub mod symmetry;
#[cfg(test)]
mod tests;

use std::time::{Duration, Instant};

use num_bigint::BigInt;
use num_traits::Zero;

use crate::arrangement::ArrangementError;
use crate::problem::{HiddenBias, OutputBias, Problem};
use components::{Component, Undecided};
use decide::{Decision, decide, zero_is_optimal};
use geometry::Geometry;
use search::{Division, regions};

/// Options of an enumeration.
pub struct MinimaOptions<'a> {
    /// Neurons m ≥ 1.
    pub width: usize,
    /// Correct digits of values.
    pub digits: u32,
    /// The enumeration ends soon after this becomes true.
    pub stop: &'a (dyn Fn() -> bool + Sync),
    /// Whether to look for minimal polynomials of values and lengths.
    pub exact: bool,
    /// Told now and then the number of sets of pairs that have been dealt with.
    pub progress: &'a (dyn Fn(u64) + Sync),
}

/// All local minima.
pub struct Minima {
    /// The number of regions: multisets of m pairs of a cell with an active row and a sign.
    pub regions: BigInt,
    /// Samples, columns, cells with an active row.
    pub cells: usize,
    /// Components in order of their value.
    pub components: Vec<Component>,
    /// What was not decided.
    pub undecided: Vec<Undecided>,
    /// Regions that are decided; the others are those of `undecided`.
    pub decided: BigInt,
    /// Convex problems solved.
    pub solved: u64,
    /// Seconds.
    pub seconds: f64,
}

/// Why there is no enumeration.
#[derive(Debug, thiserror::Error)]
pub enum MinimaError {
    /// An undecayed hidden bias.
    #[error(
        "an undecayed hidden bias is out of scope: a neuron without input weights may then be a local minimum that is not global"
    )]
    UndecayedBias,
    /// An output bias.
    #[error(
        "networks with an output bias are out of scope: the theorem behind the enumeration is about networks without one"
    )]
    OutputBias,
    /// φ is linear.
    #[error("the activation is linear: there are no cells, and nothing to enumerate")]
    Linear,
    /// No neurons.
    #[error("the width is 0: give --width of at least 1")]
    Width,
    /// The cells could not be enumerated.
    #[error(transparent)]
    Arrangement(#[from] ArrangementError),
}

/// Time for the exact numbers of one component.
const EXACT_LIMIT: Duration = Duration::from_secs(20);
/// Most symmetries of the data that are listed.
const MOST_SYMMETRIES: usize = 10_000;

/// The symmetries of the data; `None` if there are too many.
fn symmetries_of(problem: &Problem, stop: &dyn Fn() -> bool) -> Option<Vec<symmetry::Symmetry>> {
    let rows: Vec<Vec<BigInt>> = (0..problem.rows()).map(|i| problem.row_int(i)).collect();
    let samples: Vec<usize> = problem
        .data
        .sample_of_row
        .iter()
        .map(|s| *s as usize)
        .collect();
    let data = symmetry::Data {
        rows: &rows,
        sample_of_row: &samples,
        targets: &problem.data.y,
    };
    symmetry::symmetries(&data, MOST_SYMMETRIES, stop).ok()
}

/// Checks that a problem is within the scope of the theorem.
///
/// # Errors
///
/// [`MinimaError`] with the reason.
pub fn check_scope(problem: &Problem, width: usize) -> Result<(), MinimaError> {
    if problem.hidden_bias == HiddenBias::Undecayed {
        return Err(MinimaError::UndecayedBias);
    }
    if problem.output_bias != OutputBias::None {
        return Err(MinimaError::OutputBias);
    }
    if problem.activation.low == problem.activation.high {
        return Err(MinimaError::Linear);
    }
    if width == 0 {
        return Err(MinimaError::Width);
    }
    Ok(())
}

/// Enumerates all local minima of networks of a width.
///
/// ```
/// use relucert::exact::{Rat, parse_decimal};
/// use relucert::minima::{MinimaOptions, geometry::Geometry, minima};
/// use relucert::problem::{Activation, Dataset, Decay, HiddenBias, Loss, OutputBias, Problem};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// // One point (1, 2), no bias, one neuron: (aw − 2)² + (a² + w²)/2 is least at a = w, a² = 3/2, and there it is 7/4.
/// let number = |x: i64| Rat::from_integer(x.into());
/// let data = Dataset::from_rows(&[vec![number(1)]], &[number(2)])?;
/// let decay = Decay::Ridge(parse_decimal("0.5")?);
/// let problem = Problem::new(data, Activation::relu(), Loss::Sum, decay, HiddenBias::None, OutputBias::None)?;
/// let options = MinimaOptions { width: 1, digits: 12, exact: false, stop: &|| false, progress: &|_| () };
/// let found = minima(&problem, &Geometry::new(&problem)?, &options)?;
/// assert!(found.undecided.is_empty());
/// let [only] = found.components.as_slice() else { panic!("more than one") };
/// let value = parse_decimal("1.75")?;
/// assert!(only.value.0 <= value && value <= only.value.1);
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// [`MinimaError`] if the problem is out of scope.
pub fn minima(
    problem: &Problem,
    geometry: &Geometry,
    options: &MinimaOptions,
) -> Result<Minima, MinimaError> {
    let started = Instant::now();
    check_scope(problem, options.width)?;
    let division = Division::new(geometry, options.width, options.stop, options.progress);
    let all = regions(division.pairs.len(), options.width);
    let zero = zero_is_optimal(geometry, &division.enclosed, &division.pairs);
    let mut undecided = Vec::new();
    if zero == Some(true) {
        return Ok(Minima {
            decided: all.clone(),
            regions: all,
            cells: geometry.cells.len(),
            components: vec![Component::zero(geometry, options.width)],
            undecided,
            solved: 0,
            seconds: started.elapsed().as_secs_f64(),
        });
    }
    if zero.is_none() {
        undecided.push(Undecided {
            regions: BigInt::zero(),
            reason: "whether the zero network is optimal at every width".to_owned(),
            margin: 0.0,
        });
    }
    let divided = division.run();
    // Twice the digits that are asked for, and room for the derivatives.
    let bits = (options.digits * 7 + 64).max(128);
    let mut minima = Vec::new();
    let mut decided = divided.excluded.clone();
    let mut not_visited = divided.unvisited.clone();
    for (name, candidate) in &divided.candidates {
        let count: BigInt = candidate
            .sets
            .iter()
            .map(|set| search::multisets_of(options.width, set.len()))
            .sum();
        if (options.stop)() {
            not_visited += count;
            continue;
        }
        if name.is_empty() {
            undecided.push(Undecided {
                regions: count,
                reason: "the optimum is too close to the zero network".to_owned(),
                margin: 0.0,
            });
            continue;
        }
        let decision = decide(
            geometry,
            &division.enclosed,
            &division.pairs,
            name,
            candidate,
            bits,
        );
        match decision {
            Decision::Minimum(minimum) => minima.push((minimum, candidate)),
            Decision::Not(confirmed) => {
                let mut open = BigInt::zero();
                for (set, confirmed) in candidate.sets.iter().zip(confirmed) {
                    let count = search::multisets_of(options.width, set.len());
                    if confirmed {
                        decided += count;
                    } else {
                        open += count;
                    }
                }
                if !open.is_zero() {
                    undecided.push(Undecided {
                        regions: open,
                        reason: "the optimum of these regions is not confirmed".to_owned(),
                        margin: 0.0,
                    });
                }
            }
            Decision::Undecided(reason, margin) => undecided.push(Undecided {
                regions: count,
                reason,
                margin,
            }),
        }
    }
    if !not_visited.is_zero() {
        undecided.push(Undecided {
            regions: not_visited,
            reason: "the search was stopped before these regions".to_owned(),
            margin: 0.0,
        });
    }
    let mut merged = components::merge(
        geometry,
        options.width,
        minima,
        &mut undecided,
        &mut decided,
    );
    let symmetries = symmetries_of(problem, options.stop);
    for component in &mut merged {
        if let Some(symmetries) = &symmetries {
            component.find_isotropy(geometry, symmetries);
        }
        if options.exact {
            let begun = Instant::now();
            let stop = || (options.stop)() || begun.elapsed() > EXACT_LIMIT;
            component.find_exact(geometry, &stop);
        }
    }
    Ok(Minima {
        regions: all,
        cells: geometry.cells.len(),
        components: merged,
        undecided,
        decided,
        solved: divided.solved,
        seconds: started.elapsed().as_secs_f64(),
    })
}

/// A rough guess of the time that an enumeration takes, from a few convex problems of full size.
pub fn estimate(geometry: &Geometry, width: usize, budget: Duration) -> Option<(f64, u64)> {
    search::estimate(geometry, width, budget)
}
