//! Width reduction: a basic solution of the linear program in the scales of fixed directions (MATH.md §3).

use good_lp::{Expression, ProblemVariables, Solution, SolverModel, constraint, variable};

use crate::program::model::{Model, State};
use crate::solve::descent::{self, Options};

/// A network with the same outputs and penalty (up to rounding) and at most `n` neurons, or the state itself if it is already slim. Floats; the caller evaluates
/// the result exactly.
pub fn sparsify(model: &Model, state: &State) -> State {
    let m = state.neurons.len();
    if m < 2 {
        return state.clone();
    }
    // Columns: outputs of each neuron at penalty one.
    let n = model.n();
    let mut columns = nalgebra::DMatrix::<f64>::zeros(n, m);
    for (k, neuron) in state.neurons.iter().enumerate() {
        let mut f = vec![0.0; n];
        model.add_outputs(&model.products(&neuron.p), neuron.sign, &mut f);
        let rho = model.rho(&neuron.p).max(1e-300);
        for (i, x) in f.iter().enumerate() {
            columns[(i, k)] = x / rho;
        }
    }
    // Free constants may absorb a difference.
    let free: Vec<nalgebra::DVector<f64>> = model
        .constants
        .iter()
        .filter(|k| k.decay == 0.0)
        .map(|k| nalgebra::DVector::from_column_slice(&k.values).normalize())
        .collect();
    for direction in &free {
        for k in 0..m {
            let c = columns.column(k).dot(direction);
            let mut column = columns.column_mut(k);
            column -= direction * c;
        }
    }
    // An orthonormal basis of the columns: the equations Σ t_k f_k = ŷ reduce to as many as the rank.
    let gram = columns.tr_mul(&columns);
    let eigen = gram.clone().symmetric_eigen();
    let largest = eigen.eigenvalues.amax();
    let kept: Vec<usize> = (0..m)
        .filter(|i| eigen.eigenvalues[*i] > 1e-13 * largest)
        .collect();
    if kept.len() == m {
        return state.clone();
    }
    let scales: Vec<f64> = state.neurons.iter().map(|k| model.rho(&k.p)).collect();
    let mut variables = ProblemVariables::new();
    let t: Vec<_> = (0..m).map(|_| variables.add(variable().min(0.0))).collect();
    let objective: Expression = t.iter().sum();
    let mut lp = variables
        .minimise(objective)
        .using(good_lp::solvers::microlp::microlp);
    for i in &kept {
        let vector = eigen.eigenvectors.column(*i);
        let mut left = Expression::from(0.0);
        let mut right = 0.0;
        for k in 0..m {
            left += vector[k] * t[k];
            right += vector[k] * scales[k];
        }
        lp = lp.with(constraint!(left == right));
    }
    let Ok(solution) = lp.solve() else {
        return state.clone();
    };
    let mut slim = state.clone();
    for (neuron, (variable, scale)) in slim.neurons.iter_mut().zip(t.iter().zip(&scales)) {
        let factor = solution.value(*variable) / scale;
        neuron.p.iter_mut().for_each(|x| *x *= factor);
    }
    let top = slim
        .neurons
        .iter()
        .map(|k| model.rho(&k.p))
        .fold(0.0, f64::max);
    slim.neurons.retain(|k| model.rho(&k.p) > 1e-12 * top);
    let polished = descent::descend(model, &slim, &Options::default(), &|| false);
    let target = model.objective(state);
    if model.objective(&polished) <= target * (1.0 + 1e-12) && polished.neurons.len() <= m {
        polished
    } else {
        state.clone()
    }
}
