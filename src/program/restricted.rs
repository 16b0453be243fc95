//! The restricted convex program: MATH.md §3 on a list of cells, in Clarabel.

use clarabel::algebra::CscMatrix;
use clarabel::solver::{
    DefaultSettingsBuilder, DefaultSolver, IPSolver, SolverStatus, SupportedConeT,
};

use super::model::{Model, Neuron, State};

/// A cell block: the sign of its neuron and an interior (or boundary) direction that fixes the slopes.
#[derive(Clone, Debug)]
pub struct Block {
    /// Sign of the output weight, ±1.
    pub sign: f64,
    /// A direction of the cell, length `r`.
    pub direction: Vec<f64>,
}

/// Up to so many inequalities are not added lazily.
const ALL_CUTS: usize = 1500;

/// Solves `min ½‖Σ_k s_k S D_k X p_k + c0 − y‖² + βΣρ(p_k) + …` with `p_k` in the closed cell of block `k`. The cell's inequalities are added lazily, those
/// violated by the solution before. Returns the network of the solution's vectors (its objective is evaluated with the true slopes by the caller, so a
/// violated inequality costs nothing but quality), or `None` if the solver makes no claim (`AlmostSolved` counts as none).
pub fn solve(model: &Model, blocks: &[Block], rounds: usize) -> Option<State> {
    let (r, n, m) = (model.r(), model.n(), blocks.len());
    if m == 0 {
        return None;
    }
    let width = m * r + model.constants.len();
    // A is n × width; only AᵀA and Aᵀy are kept.
    let mut a = nalgebra::DMatrix::<f64>::zeros(n, width);
    let mut sides: Vec<Vec<f64>> = Vec::with_capacity(m);
    for (k, block) in blocks.iter().enumerate() {
        let side: Vec<f64> = model
            .products(&block.direction)
            .iter()
            .map(|t| if *t >= 0.0 { 1.0 } else { -1.0 })
            .collect();
        let (mean, half) = (
            0.5 * (model.low + model.high),
            0.5 * (model.high - model.low),
        );
        for (i, class) in model.rows.class.iter().enumerate() {
            let Some(c) = *class else { continue };
            let mult = model.rows.mult[i];
            let slope = block.sign * (mean * mult + half * mult.abs() * side[c as usize]);
            let s = model.rows.sample[i] as usize;
            for (j, x) in model.rows.row(c as usize).iter().enumerate() {
                a[(s, k * r + j)] += slope * x;
            }
        }
        sides.push(side);
    }
    for (index, constant) in model.constants.iter().enumerate() {
        a.column_mut(m * r + index)
            .copy_from_slice(&constant.values);
    }
    let y = nalgebra::DVector::from_column_slice(&model.y);
    let gram = a.tr_mul(&a);
    let linear = a.tr_mul(&y);
    // Data, vectors and objective of order one: p = (‖y‖/a)·x for a column norm a, and the objective over ‖y‖².
    let size = (gram.diagonal().max() / n as f64).sqrt().max(1e-150);
    let target = y.norm().max(1e-150);
    let unit = target / size;
    let variables = width + m;
    let mut rows_p = Vec::new();
    let mut cols_p = Vec::new();
    let mut vals_p = Vec::new();
    for j in 0..width {
        for i in 0..=j {
            let mut value = gram[(i, j)];
            if i == j && j >= m * r {
                value += model.constants[j - m * r].decay;
            }
            if value != 0.0 || i == j {
                rows_p.push(i);
                cols_p.push(j);
                vals_p.push(value / (size * size));
            }
        }
    }
    let p = CscMatrix::new_from_triplets(variables, variables, rows_p, cols_p, vals_p);
    let mut q = vec![0.0; variables];
    for j in 0..width {
        q[j] = -linear[j] / (size * target);
    }
    for k in 0..m {
        q[width + k] = model.beta / (size * target);
    }
    // Few inequalities are all there from the start, of many those that are nearly tight at the given direction.
    let classes = model.rows.classes();
    let few = m * classes <= ALL_CUTS;
    let mut cuts: Vec<(usize, usize)> = Vec::new();
    for (k, block) in blocks.iter().enumerate() {
        let mut near: Vec<(f64, usize)> = model
            .products(&block.direction)
            .iter()
            .zip(&model.rows.length)
            .enumerate()
            .map(|(c, (t, length))| (t.abs() / length, c))
            .collect();
        if !few && near.len() > 2 * r {
            near.select_nth_unstable_by(2 * r, |a, b| a.0.total_cmp(&b.0));
            near.truncate(2 * r);
        }
        cuts.extend(near.into_iter().map(|(_, c)| (k, c)));
    }
    let mut last = None;
    for _ in 0..rounds {
        let (mut ri, mut ci, mut vi) = (Vec::new(), Vec::new(), Vec::new());
        let mut b = Vec::new();
        for (index, (k, i)) in cuts.iter().enumerate() {
            let row = model.rows.row(*i);
            let length = model.rows.length[*i];
            for j in 0..r {
                if row[j] != 0.0 {
                    ri.push(index);
                    ci.push(k * r + j);
                    vi.push(-sides[*k][*i] * row[j] / length);
                }
            }
            b.push(0.0);
        }
        let mut cones = Vec::new();
        if !cuts.is_empty() {
            cones.push(SupportedConeT::NonnegativeConeT(cuts.len()));
        }
        for k in 0..m {
            let base = b.len();
            ri.push(base);
            ci.push(width + k);
            vi.push(-1.0);
            b.push(0.0);
            for j in 0..model.decayed {
                ri.push(base + 1 + j);
                ci.push(k * r + j);
                vi.push(-1.0);
                b.push(0.0);
            }
            cones.push(SupportedConeT::SecondOrderConeT(model.decayed + 1));
        }
        let matrix = CscMatrix::new_from_triplets(b.len(), variables, ri, ci, vi);
        let settings = DefaultSettingsBuilder::default()
            .verbose(false)
            .max_iter(100)
            .build()
            .ok()?;
        let mut solver = DefaultSolver::new(&p, &q, &matrix, &b, &cones, settings).ok()?;
        solver.solve();
        if solver.solution.status != SolverStatus::Solved {
            break;
        }
        let x: Vec<f64> = solver.solution.x.iter().map(|x| x * unit).collect();
        let state = State {
            neurons: (0..m)
                .map(|k| Neuron {
                    sign: blocks[k].sign,
                    p: x[k * r..(k + 1) * r].to_vec(),
                })
                .collect(),
            constants: x[m * r..width].to_vec(),
        };
        let before = cuts.len();
        for (k, neuron) in state.neurons.iter().enumerate() {
            let size = neuron.p.iter().map(|x| x * x).sum::<f64>().sqrt();
            let mut worst: Vec<(f64, usize)> = model
                .products(&neuron.p)
                .iter()
                .enumerate()
                .filter_map(|(c, t)| {
                    let depth = sides[k][c] * t / model.rows.length[c];
                    (depth < -1e-7 * size).then_some((depth, c))
                })
                .collect();
            worst.sort_by(|a, b| a.0.total_cmp(&b.0));
            for (_, i) in worst.into_iter().take(2 * r) {
                if !cuts.contains(&(k, i)) {
                    cuts.push((k, i));
                }
            }
        }
        last = Some(state);
        if cuts.len() == before {
            break;
        }
    }
    last
}
