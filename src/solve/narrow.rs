//! Better networks of a given width: descents, reductions of wider optima, and restarts.

use crate::oracle::ascent::Random;
use crate::program::model::{Model, Neuron, State};
use crate::solve::columns;
use crate::solve::descent::{self, Options};
use crate::solve::space::Space;

/// Networks of width at most `width`, from the given states: each descended, each wider one reduced neuron by neuron with a descent after every removal, and
/// random restarts. Floats.
pub fn candidates(
    model: &Model,
    space: &Space,
    states: &[&State],
    width: usize,
    seed: u64,
    stop: &dyn Fn() -> bool,
) -> Vec<State> {
    let mut list = Vec::new();
    for state in states {
        let reduced = reduce(model, (*state).clone(), width, stop);
        list.push(descent::descend(model, &reduced, &Options::default(), stop));
    }
    // Subsets of the widest state, and random directions.
    let pool: Vec<Neuron> = states
        .iter()
        .flat_map(|s| s.neurons.iter().cloned())
        .collect();
    let mut random = Random::new(seed ^ 0x5eed);
    let constants = states
        .last()
        .map(|s| s.constants.clone())
        .unwrap_or_default();
    for attempt in 0..40 {
        if stop() || width == 0 {
            break;
        }
        let neurons = (0..width)
            .map(|_| {
                if attempt % 2 == 0 && !pool.is_empty() {
                    pool[(random.next() % pool.len() as u64) as usize].clone()
                } else {
                    let u: Vec<f64> = (0..space.dim()).map(|_| random.normal()).collect();
                    let u = space.to_model(&u);
                    let rho = model.rho(&u).max(1e-300);
                    let sign = if random.next() & 1 == 0 { 1.0 } else { -1.0 };
                    Neuron {
                        sign,
                        p: u.iter().map(|x| x / rho).collect(),
                    }
                }
            })
            .collect();
        let start = State {
            neurons,
            constants: constants.clone(),
        };
        let fitted = columns::improve(model, &start, &[], stop);
        list.push(reduce(model, fitted, width, stop));
    }
    list
}

/// Removes the neuron whose loss costs least until `width` are left, with a descent after each removal.
fn reduce(model: &Model, mut state: State, width: usize, stop: &dyn Fn() -> bool) -> State {
    while state.neurons.len() > width {
        let mut best: Option<(f64, usize)> = None;
        for k in 0..state.neurons.len() {
            let mut trial = state.clone();
            trial.neurons.remove(k);
            let value = model.objective(&trial);
            if best.is_none_or(|b| value < b.0) {
                best = Some((value, k));
            }
        }
        let Some((_, k)) = best else { break };
        state.neurons.remove(k);
        state = descent::descend(
            model,
            &state,
            &Options {
                steps: 60,
                ..Options::default()
            },
            stop,
        );
    }
    state
}
