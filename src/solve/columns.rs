//! Column generation (MATH.md §5): restricted program, descent, local ascents for new columns, until none is found.

use crate::oracle::ascent;
use crate::oracle::form;
use crate::program::full::{self, Block, Cell, Slopes};
use crate::program::model::{Model, Neuron, State};
use crate::program::restricted;
use crate::solve::descent::{self, Options};
use crate::solve::full::polish;
use crate::solve::space::Space;

/// Adds a neuron in direction `u` (model coordinates) with the best size along it for the residual dual vector `v`.
fn add_neuron(model: &Model, state: &mut State, u: &[f64], sign: f64, v: &[f64]) {
    let mut f = vec![0.0; model.n()];
    model.add_outputs(&model.products(u), sign, &mut f);
    let rate = f.iter().zip(v).map(|(a, b)| a * b).sum::<f64>() - model.beta * model.rho(u);
    let square: f64 = f.iter().map(|x| x * x).sum();
    if rate > 0.0 && square > 0.0 {
        let t = rate / square;
        state.neurons.push(Neuron {
            sign,
            p: u.iter().map(|x| t * x).collect(),
        });
    }
}

/// Adds neurons in the given directions and re-optimises: the restricted convex program over all cells now known, and plain descent; the better of the two.
pub fn improve(
    model: &Model,
    state: &State,
    new: &[(Vec<f64>, f64)],
    stop: &dyn Fn() -> bool,
) -> State {
    let v = model.dual_vector(state);
    let mut added = state.clone();
    for (u, sign) in new {
        add_neuron(model, &mut added, u, *sign, &v);
    }
    let mut start = added.clone();
    let blocks: Vec<restricted::Block> = added
        .neurons
        .iter()
        .map(|k| restricted::Block {
            sign: k.sign,
            direction: k.p.clone(),
        })
        .collect();
    if blocks.len() * model.r() <= 600
        && let Some(mut convex) = restricted::solve(model, &blocks, 12)
    {
        let largest = convex
            .neurons
            .iter()
            .map(|k| model.rho(&k.p))
            .fold(0.0, f64::max);
        convex.neurons.retain(|k| model.rho(&k.p) > 1e-7 * largest);
        if model.objective(&convex) < model.objective(&start) {
            start = convex;
        }
    }
    start.constants.resize(model.constants.len(), 0.0);
    if model.objective(&start) > model.objective(state) {
        // All together they overshoot: one alone does not.
        start = state.clone();
        if let Some((u, sign)) = new.first() {
            add_neuron(model, &mut start, u, *sign, &v);
        }
    }
    descent::descend(model, &start, &Options::default(), stop)
}

/// Blocks times classes up to which [`refine`] does anything.
const REFINED: usize = 4000;
/// Kinks of one neuron whose sides are all tried.
const BRANCHES: usize = 4;

/// A last resort where [`improve`] leads nowhere: the program of all cells that touch the neurons and the new directions, by its dual, whose accuracy does not
/// depend on the condition of the features. The better of its polished solution and the state itself.
pub fn refine(
    model: &Model,
    state: &State,
    new: &[(Vec<f64>, f64)],
    stop: &dyn Fn() -> bool,
) -> State {
    let classes = model.rows.classes();
    let neurons = state.neurons.iter().map(|k| (&k.p, k.sign));
    let mut cells: Vec<Cell> = Vec::new();
    let mut blocks: Vec<Block> = Vec::new();
    for (u, sign) in neurons.chain(new.iter().map(|(u, sign)| (u, *sign))) {
        for words in touching(model, u) {
            let cell = cells
                .iter()
                .position(|c| c.words == words)
                .unwrap_or_else(|| {
                    cells.push(Cell {
                        words,
                        facets: (0..classes as u32).collect(),
                        parent: None,
                    });
                    cells.len() - 1
                });
            let block = Block {
                cell,
                negative: sign < 0.0,
            };
            if !blocks.contains(&block) {
                blocks.push(block);
            }
            if blocks.len() * classes > REFINED {
                return state.clone();
            }
        }
    }
    // So small a program needs no watch.
    let Some(solution) = full::solve(model, &cells, &blocks, Slopes::Dense, 1e-12, |_| false)
    else {
        return state.clone();
    };
    let refined = polish(model, &solution, stop);
    if model.objective(&refined) < model.objective(state) {
        refined
    } else {
        state.clone()
    }
}

/// The sign vectors of the cells whose closure holds a direction, up to rounding.
fn touching(model: &Model, u: &[f64]) -> Vec<Vec<u64>> {
    let size = u.iter().map(|x| x * x).sum::<f64>().sqrt();
    let products = model.products(u);
    let mut words = vec![0; products.len().div_ceil(64)];
    let mut kinks = Vec::new();
    for (c, t) in products.iter().enumerate() {
        if *t >= 0.0 {
            words[c / 64] |= 1 << (c % 64);
        }
        if t.abs() <= 1e-9 * size * model.rows.length[c] {
            kinks.push(c);
        }
    }
    kinks.truncate(BRANCHES);
    (0..1usize << kinks.len())
        .map(|choice| {
            let mut words = words.clone();
            for (k, c) in kinks.iter().enumerate() {
                words[c / 64] ^= ((choice >> k & 1) as u64) << (c % 64);
            }
            words
        })
        .collect()
}

/// What a column-generation run reports between rounds.
#[derive(Copy, Clone, Debug)]
pub struct Round {
    /// Objective in half-sum form.
    pub objective: f64,
    /// Neurons.
    pub width: usize,
    /// Largest `|F_v|/β` found by the ascents.
    pub ratio: f64,
}

/// Runs rounds until the ascents find no direction above `β(1 + slack)`.
pub fn generate(
    model: &Model,
    space: &Space,
    state: State,
    seed: u64,
    slack: f64,
    stop: &dyn Fn() -> bool,
    report: &mut dyn FnMut(&Round),
) -> State {
    let mut state = improve(model, &state, &[], stop);
    let work = (space.rows.classes() * space.rows.dim).max(1);
    let count = (20_000_000 / (work * 60)).clamp(16, 300);
    for round in 0..200u64 {
        if stop() {
            break;
        }
        let v = model.dual_vector(&state);
        let form = form::form(&space.rows, &v, model.low, model.high);
        let mut starts = ascent::starts(&space.rows, count, seed ^ round.wrapping_mul(7919));
        starts.extend(state.neurons.iter().map(|k| space.from_model(&k.p)));
        let peaks = ascent::peaks(&space.rows, &form, &starts, 60);
        let ratio = peaks.first().map_or(0.0, |p| p.value / model.beta);
        report(&Round {
            objective: model.objective(&state),
            width: state.neurons.len(),
            ratio,
        });
        let most = 4 + 2 * model.r();
        let new: Vec<(Vec<f64>, f64)> = peaks
            .iter()
            .filter(|p| p.value > model.beta * (1.0 + slack))
            .take(most)
            .map(|p| (space.to_model(&p.u), if p.sign == 0 { 1.0 } else { -1.0 }))
            .collect();
        if new.is_empty() {
            break;
        }
        let before = model.objective(&state);
        let next = improve(model, &state, &new, stop);
        let after = model.objective(&next);
        state = next;
        if after >= before * (1.0 - 1e-14) {
            break;
        }
    }
    state
}
