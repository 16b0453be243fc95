//! Column generation (MATH.md §5): restricted program, descent, local ascents for new columns, until none is found.

use crate::oracle::ascent;
use crate::oracle::form;
use crate::program::model::{Model, Neuron, State};
use crate::program::restricted::{self, Block};
use crate::solve::descent::{self, Options};
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
    let blocks: Vec<Block> = added
        .neurons
        .iter()
        .map(|k| Block {
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
