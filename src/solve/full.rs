//! The optimum of the full convex program (MATH.md §3): every cell of the arrangement, one program over all of them, and its solution polished.
//!
//! No oracle and no local search chooses cells here, so the result is an independent judge of column generation.

use std::collections::HashSet;
use std::ops::ControlFlow;

use num_bigint::BigInt;

use crate::arrangement::{Arrangement, ArrangementError, EnumerateOptions};
use crate::program::full::{self, Block, Cell, Solution};
use crate::program::model::{Model, State};
use crate::solve::descent::{self, Options};
use crate::solve::price;

/// Accuracy asked of the program over all cells, and of that over the nearly tight ones.
const FIRST: f64 = 1e-9;
const SECOND: f64 = 1e-12;
/// A block whose dual constraint is at least so tight, relative to its bound, belongs to the second program.
const NEAR: f64 = 1.0 - 1e-3;
/// A block whose maximum for the residual exceeds its bound by more, relatively, is added to the second program.
const EXCESS: f64 = 1e-11;
/// Vectors shorter than this part of the longest are left out.
const NEGLIGIBLE: f64 = 1e-7;
/// Most rounds of the second program.
const ROUNDS: usize = 8;

/// The cells of an arrangement that the activation tells apart, each with its facets. Exact.
#[derive(Clone, Debug)]
pub struct Cells {
    /// One cell of each pair ±C if the activation is even, else every cell.
    pub list: Vec<Cell>,
    /// The number of cells of the arrangement.
    pub total: u64,
}

/// Why there is no list of cells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Missing {
    /// There are more than the limit.
    TooMany,
    /// It was stopped.
    Stopped,
    /// The enumeration failed.
    Failed(ArrangementError),
}

/// Lists the cells of an arrangement; `even` for an activation with φ(−t) = φ(t), for which C and −C are the same.
///
/// A hyperplane holds a facet of a cell exactly if the sign vector with its sign flipped is a cell too: the segment between points of both crosses no other
/// hyperplane. So the facets are found without a linear program, exactly.
///
/// # Errors
///
/// [`Missing`] if there are more than `most` cells, or the enumeration ended early.
pub fn cells(
    arrangement: &Arrangement,
    even: bool,
    most: u64,
    options: &EnumerateOptions,
) -> Result<Cells, Missing> {
    let mut options = EnumerateOptions {
        most: None,
        ..options.clone()
    };
    let mut all: HashSet<Vec<u64>> = HashSet::new();
    let mut order: Vec<Vec<u64>> = Vec::new();
    let mut attempts = 0;
    loop {
        all.clear();
        order.clear();
        let ended = arrangement.for_each_cell(&options, |cell| {
            if order.len() as u64 >= most {
                all.clear();
                return ControlFlow::Break(());
            }
            let words = cell.words().to_vec();
            all.insert(words.clone());
            order.push(words);
            ControlFlow::Continue(())
        });
        match ended {
            Ok(ended) if ended.complete => break,
            Ok(_) if all.is_empty() && !order.is_empty() => return Err(Missing::TooMany),
            Ok(_) => return Err(Missing::Stopped),
            // Another functional.
            Err(ArrangementError::Unlucky) if attempts < 3 => {
                attempts += 1;
                options.seed = options.seed.wrapping_add(1);
            }
            Err(e) => return Err(Missing::Failed(e)),
        }
    }
    let classes = arrangement.hyperplanes();
    let list = order
        .iter()
        .filter(|words| !even || classes == 0 || words[0] & 1 == 1)
        .map(|words| {
            let mut flipped = words.clone();
            let facets = (0..classes)
                .filter(|c| {
                    flipped[c / 64] ^= 1 << (c % 64);
                    let facet = all.contains(&flipped);
                    flipped[c / 64] ^= 1 << (c % 64);
                    facet
                })
                .map(|c| c as u32)
                .collect();
            Cell {
                words: words.clone(),
                facets,
            }
        })
        .collect();
    Ok(Cells {
        list,
        total: order.len() as u64,
    })
}

/// The number of cells for a message: exact if it is found before `options.stop`, else a range.
pub fn count_text(arrangement: &Arrangement, options: &EnumerateOptions) -> String {
    let bound = arrangement.most_cells();
    match arrangement.count_cells(options) {
        Ok(counted) if counted.complete => counted.cells().to_string(),
        Ok(counted) if counted.cells() > BigInt::from(0) => {
            format!("between {} and {bound}", counted.cells())
        }
        _ => format!("up to {bound}"),
    }
}

/// How the optimum was reached.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Blocks of the program: pairs of a cell and a sign that can have an effect.
    pub blocks: usize,
    /// Blocks of the last program over nearly tight cells.
    pub near: usize,
    /// Whether the program over all cells was solved to its tolerance.
    pub solved: bool,
}

/// The optimum of the program over all the cells, polished; `None` if `stop` ended it before there was a solution.
///
/// The program over all cells is solved first. Interior-point solutions are not sparse and end at a finite accuracy, so the program is solved again over
/// the blocks whose dual constraint is nearly tight, and the solution descends with kinks as equality constraints. Then *every* block is priced with the
/// residual; those above their bound join, until there are none.
pub fn optimum(
    model: &Model,
    cells: &[Cell],
    stop: impl Fn() -> bool + Clone + Send + Sync + 'static,
) -> Option<(State, Report)> {
    let blocks = full::blocks(model, cells);
    let first = full::solve(model, cells, &blocks, FIRST, stop.clone())?;
    let mut near: Vec<usize> = (0..blocks.len())
        .filter(|k| first.tightness[*k] >= NEAR)
        .collect();
    let mut best = polish(model, &first, &stop);
    for _ in 0..ROUNDS {
        if stop() {
            break;
        }
        let some: Vec<Block> = near.iter().map(|k| blocks[*k]).collect();
        if let Some(again) = full::solve(model, cells, &some, SECOND, stop.clone()) {
            let polished = polish(model, &again, &stop);
            if model.objective(&polished) < model.objective(&best) {
                best = polished;
            }
        }
        let v = model.dual_vector(&best);
        let values = price::price(model, cells, &blocks, &v);
        let before = near.len();
        near.extend((0..blocks.len()).filter(|k| values[*k] > 1.0 + EXCESS));
        near.sort_unstable();
        near.dedup();
        if std::env::var("FULL_VERBOSE").is_ok() {
            eprintln!(
                "near {before} -> {} max {:e} objective {:.16}",
                near.len(),
                values.iter().fold(0.0f64, |a, x| a.max(*x)) - 1.0,
                model.objective(&best)
            );
        }
        if near.len() == before {
            break;
        }
    }
    Some((
        best,
        Report {
            blocks: blocks.len(),
            near: near.len(),
            solved: first.solved,
        },
    ))
}

/// The network of a solution without its negligible vectors, after a descent.
fn polish(model: &Model, solution: &Solution, stop: &dyn Fn() -> bool) -> State {
    let mut state = solution.state.clone();
    let top = state
        .neurons
        .iter()
        .map(|k| model.rho(&k.p))
        .fold(0.0, f64::max);
    state.neurons.retain(|k| model.rho(&k.p) > NEGLIGIBLE * top);
    descent::descend(model, &state, &Options::default(), stop)
}
