//! The full convex program: MATH.md §3 over a list of cells, by its dual, in Clarabel.
//!
//! With `q_k = s_k·(S D_C X)ᵀv + A_Cᵀλ_k` for a block k of sign `s_k` on the cell C with the facet normals `A_C` (turned inwards), the dual is
//!
//! ```text
//! max v·y − ½‖v‖² − Σ (k·v)²/(2·decay)   over decayed constants k,   k·v = 0 for free ones
//! subject to ‖q_k‖ ≤ β (decayed columns), q_k = 0 (the undecayed one), λ_k ≥ 0
//! ```
//!
//! because `min over λ ≥ 0 of ‖g + Aᵀλ‖` is the maximum of `g·u` over the unit vectors u of the cell. It is solved in units of `‖y‖` with every cone divided by
//! β: all bounds are 1. The multipliers of the cones are the vectors `p_k` of the primal program.

use clarabel::algebra::CscMatrix;
use clarabel::solver::{
    DefaultSettingsBuilder, DefaultSolver, IPSolver, SolverStatus, SupportedConeT,
};

use super::model::{Model, Neuron, State};

/// A cell of the arrangement of a model's rows.
#[derive(Clone, Debug)]
pub struct Cell {
    /// The signs of the classes: bit `c % 64` of word `c / 64` is set where class c is positive.
    pub words: Vec<u64>,
    /// The classes whose hyperplanes hold a facet of the cell.
    pub facets: Vec<u32>,
}

impl Cell {
    /// The sign of a class on the cell, ±1.
    pub fn side(&self, class: usize) -> f64 {
        if self.words[class / 64] >> (class % 64) & 1 == 1 {
            1.0
        } else {
            -1.0
        }
    }

    /// `S D_C X`, `n × r`, row major: the outputs of a vector of the cell.
    pub fn features(&self, model: &Model) -> Vec<f64> {
        let r = model.r();
        let (mean, half) = (
            0.5 * (model.low + model.high),
            0.5 * (model.high - model.low),
        );
        let mut features = vec![0.0; model.n() * r];
        for (i, class) in model.rows.class.iter().enumerate() {
            let Some(c) = *class else { continue };
            let c = c as usize;
            let mult = model.rows.mult[i];
            let slope = mean * mult + half * mult.abs() * self.side(c);
            let s = model.rows.sample[i] as usize;
            for (f, x) in features[s * r..(s + 1) * r]
                .iter_mut()
                .zip(model.rows.row(c))
            {
                *f += slope * x;
            }
        }
        features
    }

    /// Whether the undecayed column of the cell's vectors is left to the hidden constant: on the two cells around the pole every row has the same slope, so a
    /// change of the hidden bias is a constant.
    fn around_the_pole(&self, model: &Model) -> bool {
        if model.decayed == model.r() {
            return false;
        }
        let last = model.r() - 1;
        let mut sides =
            (0..model.rows.classes()).map(|c| self.side(c) * model.rows.row(c)[last].signum());
        let first = sides.next().unwrap_or(1.0);
        self.facets.is_empty() || sides.all(|s| s == first)
    }
}

/// A block of the program: vectors of one cell with one sign of the output weight.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// The number of the cell in its list.
    pub cell: usize,
    /// Whether the output weight is negative.
    pub negative: bool,
}

impl Block {
    fn sign(self) -> f64 {
        if self.negative { -1.0 } else { 1.0 }
    }
}

/// What the solver found.
#[derive(Clone, Debug)]
pub struct Solution {
    /// The vectors of the blocks, those that are not negligible, with the number of their block; and the constants.
    pub state: State,
    /// `‖q_k‖/β` of every block: 1 where the dual constraint is tight.
    pub tightness: Vec<f64>,
    /// Whether the solver reached its tolerance.
    pub solved: bool,
}

/// Entries of a sparse matrix.
#[derive(Default)]
struct Triplets {
    rows: Vec<usize>,
    columns: Vec<usize>,
    values: Vec<f64>,
}

impl Triplets {
    fn push(&mut self, row: usize, column: usize, value: f64) {
        if value != 0.0 {
            self.rows.push(row);
            self.columns.push(column);
            self.values.push(value);
        }
    }

    fn matrix(self, rows: usize, columns: usize) -> CscMatrix<f64> {
        CscMatrix::new_from_triplets(rows, columns, self.rows, self.columns, self.values)
    }
}

/// Every block of the cells that can have an effect.
pub fn blocks(model: &Model, cells: &[Cell]) -> Vec<Block> {
    (0..cells.len())
        .filter(|&cell| cells[cell].features(model).iter().any(|x| *x != 0.0))
        .flat_map(|cell| [false, true].map(|negative| Block { cell, negative }))
        .collect()
}

/// Solves the program over the given blocks to the accuracy `tolerance`; `None` if the solver gives nothing usable or `stop` said so.
pub fn solve(
    model: &Model,
    cells: &[Cell],
    blocks: &[Block],
    tolerance: f64,
    stop: impl Fn() -> bool + Send + Sync + 'static,
) -> Option<Solution> {
    let (n, r, decayed) = (model.n(), model.r(), model.decayed);
    let size = model.y.iter().map(|y| y * y).sum::<f64>().sqrt();
    if !(size > 0.0) || !size.is_finite() {
        return None;
    }
    let scale = size / model.beta;
    // Variables: v/‖y‖, then k·v for decayed constants, then λ for every facet of every block.
    let sums: Vec<usize> = (0..model.constants.len())
        .filter(|k| model.constants[*k].decay > 0.0)
        .collect();
    let mut q: Vec<f64> = model.y.iter().map(|y| -y / size).collect();
    let mut p = Triplets::default();
    for i in 0..n {
        p.push(i, i, 1.0);
    }
    for (j, k) in sums.iter().enumerate() {
        // In units of the constant's own size, so that a tiny decay is no large number.
        p.push(n + j, n + j, 1.0 / model.constants[*k].decay);
        q.push(0.0);
    }
    let mut a = Triplets::default();
    let mut rows = 0;
    for (k, constant) in model.constants.iter().enumerate() {
        for (i, value) in constant.values.iter().enumerate() {
            a.push(rows, i, *value);
        }
        if let Some(j) = sums.iter().position(|s| *s == k) {
            a.push(rows, n + j, -1.0);
        }
        rows += 1;
    }
    // The undecayed column of every block, then λ ≥ 0, then the cones.
    let poles: Vec<bool> = blocks
        .iter()
        .map(|b| cells[b.cell].around_the_pole(model))
        .collect();
    let undecayed = decayed < r;
    let mut variables = n + sums.len();
    let first_undecayed = rows;
    let equations = rows
        + if undecayed {
            poles.iter().filter(|p| !**p).count()
        } else {
            0
        };
    let facets = |k: usize| -> &[u32] {
        if poles[k] {
            &[]
        } else {
            &cells[blocks[k].cell].facets
        }
    };
    let inequalities: usize = (0..blocks.len()).map(|k| facets(k).len()).sum();
    let first_cone = equations + inequalities;
    let (mut equation, mut inequality) = (first_undecayed, equations);
    for (k, block) in blocks.iter().enumerate() {
        let cell = &cells[block.cell];
        let features = cell.features(model);
        let cone = first_cone + k * (decayed + 1);
        let free_last = undecayed && !poles[k];
        let row = |j: usize| {
            if j < decayed {
                Some(cone + 1 + j)
            } else {
                free_last.then_some(equation)
            }
        };
        for (i, f) in features.chunks_exact(r).enumerate() {
            for (j, x) in f.iter().enumerate() {
                if let Some(row) = row(j) {
                    a.push(row, i, -block.sign() * scale * x);
                }
            }
        }
        for c in facets(k) {
            let c = *c as usize;
            let side = cell.side(c) / model.rows.length[c];
            for (j, x) in model.rows.row(c).iter().enumerate() {
                if let Some(row) = row(j) {
                    a.push(row, variables, -side * x);
                }
            }
            a.push(inequality, variables, -1.0);
            inequality += 1;
            variables += 1;
            q.push(0.0);
        }
        if free_last {
            equation += 1;
        }
    }
    rows = first_cone + blocks.len() * (decayed + 1);
    let mut b = vec![0.0; rows];
    for k in 0..blocks.len() {
        b[first_cone + k * (decayed + 1)] = 1.0;
    }
    let mut cones = Vec::new();
    if equations > 0 {
        cones.push(SupportedConeT::ZeroConeT(equations));
    }
    if inequalities > 0 {
        cones.push(SupportedConeT::NonnegativeConeT(inequalities));
    }
    cones.extend(
        blocks
            .iter()
            .map(|_| SupportedConeT::SecondOrderConeT(decayed + 1)),
    );
    let settings = DefaultSettingsBuilder::default()
        .verbose(std::env::var("FULL_VERBOSE").is_ok())
        .max_iter(200)
        .tol_gap_abs(tolerance)
        .tol_gap_rel(tolerance)
        .tol_feas(tolerance)
        .build()
        .ok()?;
    let p = p.matrix(variables, variables);
    let a = a.matrix(rows, variables);
    let mut solver = DefaultSolver::new(&p, &q, &a, &b, &cones, settings).ok()?;
    solver.set_termination_callback(move |_| stop());
    solver.solve();
    let solved = solver.solution.status == SolverStatus::Solved;
    // Without the solver's claim the vectors are a start for the descent, no more.
    if matches!(
        solver.solution.status,
        SolverStatus::CallbackTerminated
            | SolverStatus::Unsolved
            | SolverStatus::PrimalInfeasible
            | SolverStatus::DualInfeasible
    ) {
        return None;
    }
    let (z, s) = (&solver.solution.z, &solver.solution.s);
    if z.iter().chain(s).any(|x| !x.is_finite()) {
        return None;
    }
    let mut constants: Vec<f64> = (0..model.constants.len()).map(|k| size * z[k]).collect();
    let unit = size * scale;
    let mut neurons = Vec::with_capacity(blocks.len());
    let mut tightness = Vec::with_capacity(blocks.len());
    let mut equation = first_undecayed;
    for (k, block) in blocks.iter().enumerate() {
        let cone = first_cone + k * (decayed + 1);
        let mut vector: Vec<f64> = (0..decayed).map(|j| -unit * z[cone + 1 + j]).collect();
        tightness.push(
            s[cone + 1..=cone + decayed]
                .iter()
                .map(|x| x * x)
                .sum::<f64>()
                .sqrt(),
        );
        if undecayed && poles[k] {
            let added = add_pole(model, &cells[block.cell], &mut vector);
            if let Some(last) = constants.last_mut() {
                *last -= block.sign() * added;
            }
        } else if undecayed {
            vector.push(-unit * z[equation]);
            equation += 1;
        }
        neurons.push(Neuron {
            sign: block.sign(),
            p: vector,
        });
    }
    Some(Solution {
        state: State { neurons, constants },
        tightness,
        solved,
    })
}

/// Appends the undecayed entry that puts a vector into a cell around the pole, and returns the coefficient of the last constant that this entry makes.
fn add_pole(model: &Model, cell: &Cell, vector: &mut Vec<f64>) -> f64 {
    let last = model.r() - 1;
    let Some(first) = model.rows.p.chunks_exact(model.r()).next() else {
        vector.push(0.0);
        return 0.0;
    };
    let side = cell.side(0) * first[last].signum();
    let least = model
        .rows
        .p
        .chunks_exact(model.r())
        .map(|row| {
            let t: f64 = row[..last]
                .iter()
                .zip(vector.iter())
                .map(|(a, b)| a * b)
                .sum();
            -side * t / row[last]
        })
        .fold(0.0, f64::max);
    let bias = side * least;
    vector.push(bias);
    // Every row has the same product with the pole; the last constant counts the rows of a sample, or is one that stands for it.
    let slope = if side > 0.0 { model.high } else { model.low };
    let rows = model.rows.sample.len() as f64 / model.n() as f64;
    let counted = model
        .constants
        .last()
        .map_or(1.0, |k| k.values.iter().sum::<f64>() / model.n() as f64);
    slope * bias * rows / counted
}
