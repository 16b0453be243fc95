//! Between exact problems and networks and their float models.

use super::model::{Constant, Model, Neuron, State};
use crate::arrangement::rows::{Classes, Rows, merge};
use crate::exact::{Rat, f64_to_rat, rat_to_f64};
use crate::problem::{HiddenBias, Network, OutputBias, Problem};

/// The exact classes of a problem's integer rows.
pub fn classes(problem: &Problem) -> Classes {
    merge((0..problem.rows()).map(|i| problem.row_int(i)))
}

/// The float model of a problem.
pub fn model(problem: &Problem, classes: &Classes) -> Model {
    let rows = Rows::from_classes(
        classes,
        &problem.data.sample_of_row,
        problem.r(),
        &problem.data.x_den,
    );
    let n = problem.n();
    let beta = rat_to_f64(&problem.beta());
    let mut constants = Vec::new();
    match problem.output_bias {
        OutputBias::None => {}
        OutputBias::Decayed => constants.push(Constant {
            values: vec![1.0; n],
            decay: beta,
        }),
        OutputBias::Free => constants.push(Constant {
            values: vec![1.0; n],
            decay: 0.0,
        }),
    }
    if problem.hidden_bias == HiddenBias::Undecayed {
        let mut counts = vec![0.0; n];
        for s in &problem.data.sample_of_row {
            counts[*s as usize] += 1.0;
        }
        // A free output bias already makes the same constant if every sample has as many rows.
        let same = counts.iter().all(|c| *c == counts[0]);
        if !(same && problem.output_bias == OutputBias::Free) {
            constants.push(Constant {
                values: counts,
                decay: 0.0,
            });
        }
    }
    Model {
        rows,
        y: problem.y_f64(),
        beta,
        low: rat_to_f64(&problem.activation.low),
        high: rat_to_f64(&problem.activation.high),
        decayed: problem.r() - usize::from(problem.hidden_bias == HiddenBias::Undecayed),
        constants,
    }
}

/// The model without the constant that neurons with an undecayed hidden bias make at vanishing cost; `None` if it has none.
pub fn without_hidden_constant(problem: &Problem, model: &Model) -> Option<Model> {
    has_hidden_constant(problem, model).then(|| {
        let mut plain = model.clone();
        plain.constants.pop();
        plain
    })
}

fn has_hidden_constant(problem: &Problem, model: &Model) -> bool {
    problem.hidden_bias == HiddenBias::Undecayed
        && model.constants.len() == 1 + usize::from(problem.output_bias != OutputBias::None)
}

/// The product form of a network, balanced: `p = |α|·w`. Neurons without effect are left out.
pub fn state(problem: &Problem, model: &Model, network: &Network) -> State {
    let mut constants = vec![0.0; model.constants.len()];
    if problem.output_bias != OutputBias::None
        && let (Some(first), Some(c)) = (constants.first_mut(), &network.output_bias)
    {
        *first = rat_to_f64(c);
    }
    let mut neurons = Vec::new();
    for k in 0..network.width() {
        let alpha = rat_to_f64(&network.output_weights[k]);
        let mut p: Vec<f64> = network.hidden_weights[k]
            .iter()
            .map(|w| rat_to_f64(w) * alpha.abs())
            .collect();
        if let Some(bias) = &network.hidden_bias {
            p.push(rat_to_f64(&bias[k]) * alpha.abs());
        }
        p.resize(model.r(), 0.0);
        let size = p.iter().fold(0.0f64, |a, x| a.max(x.abs()));
        if model.decayed < model.r() && model.rho(&p) == 0.0 {
            // A constant: it belongs to the hidden constant, or to the free output bias that stands for it.
            let per_row = alpha.signum() * model.phi(p[model.r() - 1]);
            let rows = model.constants.last().map_or(1.0, |k| k.values[0]);
            let scale = if problem.output_bias == OutputBias::Free && model.constants.len() == 1 {
                problem.rows() as f64 / (problem.n() as f64 * rows)
            } else {
                1.0
            };
            if let Some(last) = constants.last_mut() {
                *last += per_row * scale;
            }
        } else if size > 0.0 && size.is_finite() {
            neurons.push(Neuron {
                sign: alpha.signum(),
                p,
            });
        }
    }
    State { neurons, constants }
}

/// Weights below it are 0 where others are much larger: 2^−500.
const LEAST: f64 = 3.054_936_363_499_605e-151;

/// The exact network of a float state, every number a double: `w = p/√ρ(p)`, `α = ±√ρ(p)`. A hidden constant becomes part of a free output bias, or, where
/// there is none, neurons `w = 0, b, α = ε` whose penalty is at most `spare` in half-sum form (MATH.md §2). The flag says that such neurons were added.
pub fn network(problem: &Problem, model: &Model, state: &State, spare: f64) -> (Network, bool) {
    let d = problem.data.d;
    let has_bias = problem.hidden_bias != HiddenBias::None;
    let mut out = Network {
        hidden_weights: Vec::new(),
        hidden_bias: has_bias.then(Vec::new),
        output_weights: Vec::new(),
        output_bias: None,
    };
    // A remainder of the descent, whose decimal would be longer than a file of a network may have.
    let kept = |x: f64| if x.abs() < LEAST { 0.0 } else { x };
    let exact = |x: f64| f64_to_rat(x).unwrap_or_default();
    let mut push = |w: &[f64], b: Option<f64>, alpha: f64| {
        out.hidden_weights
            .push(w.iter().map(|x| exact(*x)).collect());
        if let (Some(list), Some(b)) = (&mut out.hidden_bias, b) {
            list.push(exact(b));
        }
        out.output_weights.push(exact(alpha));
    };
    for neuron in &state.neurons {
        let root = model.rho(&neuron.p).sqrt();
        let mut w: Vec<f64> = neuron.p.iter().map(|x| x / root).collect();
        if w.iter().any(|x| x.abs() > LEAST * 1e30) {
            w.iter_mut().for_each(|x| *x = kept(*x));
        }
        push(&w[..d], has_bias.then(|| w[d]), neuron.sign * root);
    }
    let mut added = false;
    if has_hidden_constant(problem, model) {
        let c = state.constants.last().copied().unwrap_or(0.0);
        if c != 0.0 {
            // sign·ε·φ(b) = c with the penalty β/2·ε²; a positive b uses the slope `high`, a negative one `low`.
            let (slope, side) = if model.high.abs() >= model.low.abs() {
                (model.high, 1.0)
            } else {
                (model.low, -1.0)
            };
            let epsilon = (2.0 * spare / model.beta).sqrt().min(1.0);
            // A power of two, so that ε·b is exact where c is.
            let epsilon = 2f64.powi(epsilon.log2().floor().max(-500.0) as i32);
            if slope != 0.0 {
                let sign = (c * slope * side).signum();
                push(
                    &vec![0.0; d],
                    Some(side * (c / slope).abs() / epsilon),
                    sign * epsilon,
                );
                added = true;
            }
        }
    }
    if problem.output_bias != OutputBias::None {
        let c = state.constants.first().copied().unwrap_or(0.0);
        out.output_bias = Some(exact(kept(c)));
    }
    (out, added)
}

/// A rational in the problem's own convention from a half-sum value.
pub fn in_convention(problem: &Problem, half_sum: &Rat) -> Rat {
    half_sum * problem.unit()
}
