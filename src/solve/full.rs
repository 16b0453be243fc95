//! The optimum of the full convex program (MATH.md §3): every cell of the arrangement, one program over all of them, and its solution polished.
//!
//! No oracle and no local search chooses cells here, so the result is an independent judge of column generation.

use std::collections::{HashMap, HashSet, VecDeque};
use std::ops::ControlFlow;

use num_bigint::BigInt;

use crate::arrangement::{Arrangement, ArrangementError, EnumerateOptions};
use crate::program::full::{self, Block, Cell, Iteration, Parent, Slopes, Solution};
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

impl Cells {
    /// The only cell of an activation without a kink: the whole space.
    pub fn whole(classes: usize) -> Self {
        Cells {
            list: vec![Cell {
                words: vec![u64::MAX; classes.div_ceil(64)],
                facets: Vec::new(),
                parent: None,
            }],
            total: 1,
        }
    }
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
    let mut list: Vec<Cell> = order
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
                parent: None,
            }
        })
        .collect();
    span(&mut list, classes, even);
    Ok(Cells {
        list,
        total: order.len() as u64,
    })
}

/// Makes a spanning tree of the cells, breadth first over their facets.
fn span(list: &mut [Cell], classes: usize, even: bool) {
    let index: HashMap<Vec<u64>, usize> = list
        .iter()
        .enumerate()
        .map(|(k, cell)| (cell.words.clone(), k))
        .collect();
    let mut queue = VecDeque::from([0]);
    let mut seen = vec![false; list.len()];
    seen[0] = true;
    while let Some(cell) = queue.pop_front() {
        for facet in list[cell].facets.clone() {
            let mut words = list[cell].words.clone();
            words[facet as usize / 64] ^= 1 << (facet % 64);
            let negated = even && words[0] & 1 == 0;
            if negated {
                negate(&mut words, classes);
            }
            if let Some(&other) = index.get(&words)
                && !std::mem::replace(&mut seen[other], true)
            {
                list[other].parent = Some(Parent { cell, negated });
                queue.push_back(other);
            }
        }
    }
}

/// The sign vector of the negative of a cell.
fn negate(words: &mut [u64], classes: usize) {
    for (k, word) in words.iter_mut().enumerate() {
        *word ^= u64::MAX >> (64 - (classes - 64 * k).min(64));
    }
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

/// The optimum of the program over all the cells, polished; `None` if there is nothing to find, or `watch`, which may see an iteration and says whether to
/// stop, ended it before there was a solution.
///
/// The program over all cells is solved first. Interior-point solutions are not sparse and end at a finite accuracy, so the program is solved again over
/// the blocks whose dual constraint is nearly tight, and the solution descends with kinks as equality constraints. Then *every* block is priced with the
/// residual; those above their bound join, until there are none.
pub fn optimum(
    model: &Model,
    cells: &[Cell],
    watch: impl Fn(Option<Iteration>) -> bool + Clone + Send + Sync + 'static,
) -> Option<(State, Report)> {
    let stop = || watch(None);
    let blocks = full::blocks(model, cells);
    let first = full::solve(model, cells, &blocks, Slopes::Chained, FIRST, watch.clone())?;
    let mut near: Vec<usize> = (0..blocks.len())
        .filter(|k| first.tightness[*k] >= NEAR)
        .collect();
    let mut best = polish(model, &first, &stop);
    for _ in 0..ROUNDS {
        if stop() {
            break;
        }
        let some: Vec<Block> = near.iter().map(|k| blocks[*k]).collect();
        if let Some(again) = full::solve(model, cells, &some, Slopes::Dense, SECOND, watch.clone())
        {
            for candidate in [polish(model, &again, &stop), significant(model, &again)] {
                if is_better(model, &candidate, &best) {
                    best = candidate;
                }
            }
        }
        let v = model.dual_vector(&best);
        let values = price::price(model, cells, &blocks, &v);
        let before = near.len();
        near.extend((0..blocks.len()).filter(|k| values[*k] > 1.0 + EXCESS));
        near.sort_unstable();
        near.dedup();
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

/// Whether a state has a lower objective; where only rounding tells the objectives apart, whether its residual has a smaller duality gap. An objective is flat at
/// its minimum, so it says little about the residual, which the proof needs.
fn is_better(model: &Model, new: &State, old: &State) -> bool {
    let (a, b) = (model.objective(new), model.objective(old));
    let gap = |p: f64, state: &State| (p - model.dual_value(&model.dual_vector(state))).abs();
    if (a - b).abs() > 1e-12 * b.abs() {
        a < b
    } else {
        gap(a, new) < gap(b, old)
    }
}

/// The network of a solution without its negligible vectors.
fn significant(model: &Model, solution: &Solution) -> State {
    let mut state = solution.state.clone();
    let sizes = state.neurons.iter().map(|k| model.rho(&k.p));
    let top = sizes.fold(0.0, f64::max);
    state.neurons.retain(|k| model.rho(&k.p) > NEGLIGIBLE * top);
    state
}

/// The network of a solution without its negligible vectors, after a descent.
pub fn polish(model: &Model, solution: &Solution, stop: &dyn Fn() -> bool) -> State {
    descent::descend(
        model,
        &significant(model, solution),
        &Options::default(),
        stop,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Small integer rows: parallel, antiparallel and zero rows among them.
    fn arrangement(n: usize, r: usize, seed: u64) -> Arrangement {
        let mut random = crate::oracle::ascent::Random::new(seed);
        let rows = (0..n).map(|_| {
            (0..r)
                .map(|_| BigInt::from((random.next() % 5) as i64 - 2))
                .collect()
        });
        Arrangement::new(rows, r).expect("rows of one length")
    }

    #[test]
    fn the_facets_are_those_that_linear_programs_find() {
        for seed in 0..40 {
            let arrangement = arrangement(1 + seed as usize % 8, 1 + seed as usize % 4, seed);
            let all = cells(&arrangement, false, 10_000, &EnumerateOptions::default())
                .expect("few cells");
            assert_eq!(all.list.len() as u64, all.total);
            for cell in &all.list {
                let facets: Vec<usize> = cell.facets.iter().map(|c| *c as usize).collect();
                assert_eq!(facets, arrangement.facets(&cell.words));
            }
        }
    }

    #[test]
    fn the_tree_spans_the_cells_and_steps_over_one_hyperplane() {
        for (seed, even) in (0..40).flat_map(|seed| [(seed, false), (seed, true)]) {
            let arrangement = arrangement(1 + seed as usize % 9, 1 + seed as usize % 4, 99 + seed);
            let all =
                cells(&arrangement, even, 10_000, &EnumerateOptions::default()).expect("few cells");
            let classes = arrangement.hyperplanes();
            if even && classes > 0 {
                assert_eq!(2 * all.list.len() as u64, all.total);
            }
            for (k, cell) in all.list.iter().enumerate() {
                let Some(parent) = cell.parent else {
                    assert_eq!(k, 0, "one root");
                    continue;
                };
                assert!(even || !parent.negated);
                let mut words = all.list[parent.cell].words.clone();
                if parent.negated {
                    negate(&mut words, classes);
                }
                let apart: u32 = words
                    .iter()
                    .zip(&cell.words)
                    .map(|(a, b)| (a ^ b).count_ones())
                    .sum();
                assert_eq!(apart, 1);
            }
        }
    }

    #[test]
    fn too_many_cells_and_an_early_stop_are_told_apart() {
        let arrangement = arrangement(8, 3, 5);
        let options = EnumerateOptions::default();
        let total = cells(&arrangement, false, 10_000, &options)
            .expect("few cells")
            .total;
        assert!(cells(&arrangement, false, total, &options).is_ok());
        assert_eq!(
            cells(&arrangement, false, total - 1, &options).err(),
            Some(Missing::TooMany)
        );
        let stop = std::sync::atomic::AtomicBool::new(true);
        let stopped = EnumerateOptions {
            stop: Some(&stop),
            ..EnumerateOptions::default()
        };
        assert_eq!(
            cells(&arrangement, false, 10_000, &stopped).err(),
            Some(Missing::Stopped)
        );
    }
}
