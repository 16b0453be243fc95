//! The full convex program: MATH.md §3 over a list of cells, by its dual, in Clarabel.
//!
//! With `q_k = s_k·(S D_C X)ᵀv + A_Cᵀλ_k` for a block k of sign `s_k` on the cell C with the facet normals `A_C` (turned inwards), the dual is
//!
//! ```text
//! max v·y − ½‖v‖² − Σ (c·v)²/(2·decay)   over decayed constants c,   c·v = 0 for free ones
//! subject to ‖q_k‖ ≤ β (decayed columns), q_k = 0 (the undecayed one), λ_k ≥ 0
//! ```
//!
//! because `min over λ ≥ 0 of ‖g + Aᵀλ‖` is the maximum of `g·u` over the unit vectors u of the cell. It is solved in units of `‖y‖` with every cone divided by
//! β: all bounds are 1. The multipliers of the cones are the vectors `p_k` of the primal program.
//!
//! `S D_C X` is dense, but those of neighbouring cells differ in the rows of one class. So with [`Slopes::Chained`] the vectors `g_C = (S D_C X)ᵀv` are
//! unknowns, and each is tied to that of a neighbour along a spanning tree of the cells by an equation with a few entries.

use clarabel::algebra::CscMatrix;
use clarabel::solver::{
    DefaultInfo, DefaultSettingsBuilder, DefaultSolver, IPSolver, SolverStatus, SupportedConeT,
};

use super::model::{Model, Neuron, State};

/// A cell of the arrangement of a model's rows.
#[derive(Clone, Debug)]
pub struct Cell {
    /// The signs of the classes: bit `c % 64` of word `c / 64` is set where class c is positive.
    pub words: Vec<u64>,
    /// The classes whose hyperplanes hold a facet of the cell.
    pub facets: Vec<u32>,
    /// The next cell towards the root of a spanning tree; `None` at a root.
    pub parent: Option<Parent>,
}

/// The cell across a facet.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct Parent {
    /// Its number, or that of its negative.
    pub cell: usize,
    /// Whether it is the negative of the listed cell. Only for even activations, where the slopes of −C are those of C negated.
    pub negated: bool,
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

    /// `S D_C X`, `n × r`, row major: its product with a vector of the cell is the vector's outputs.
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

    /// With an undecayed hidden bias: whether the cell holds a pole ±e_r, or has no kinks at all. There every row has the same slope, so a change of the bias is
    /// a constant, which the model has; the bias is left out of the block, and with it the facets, which a large enough bias meets.
    fn holds_a_pole(&self, model: &Model) -> bool {
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
    /// The sign of the output weight, ±1.
    pub fn sign(self) -> f64 {
        if self.negative { -1.0 } else { 1.0 }
    }
}

/// How the slopes of the blocks enter the program; it is the same program.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Slopes {
    /// Every block has its own dense matrix: for a few blocks.
    Dense,
    /// Along the spanning tree of all the cells.
    Chained,
}

/// What the solver found.
#[derive(Clone, Debug)]
pub struct Solution {
    /// One neuron for every block, most of them nearly zero; and the constants.
    pub state: State,
    /// `‖q_k‖/β` of every block: 1 where the dual constraint is tight.
    pub tightness: Vec<f64>,
    /// Whether the solver reached its tolerance. If not, the solution is a start for a descent, no more.
    pub solved: bool,
}

/// An iteration of the interior-point method.
#[derive(Copy, Clone, Debug)]
pub struct Iteration {
    /// Its number.
    pub number: u32,
    /// The relative gap between the primal and the dual objective.
    pub gap: f64,
}

/// Every block of the cells that has an effect.
pub fn blocks(model: &Model, cells: &[Cell]) -> Vec<Block> {
    (0..cells.len())
        .filter(|&cell| cells[cell].features(model).iter().any(|x| *x != 0.0))
        .flat_map(|cell| [false, true].map(|negative| Block { cell, negative }))
        .collect()
}

/// Solves the program over the given blocks to the accuracy `tolerance`. `None` if the targets are zero, the solver gives nothing usable, or `watch` said at an
/// iteration that it should stop.
pub fn solve(
    model: &Model,
    cells: &[Cell],
    blocks: &[Block],
    slopes: Slopes,
    tolerance: f64,
    watch: impl Fn(Option<Iteration>) -> bool + Send + Sync + 'static,
) -> Option<Solution> {
    let size = model.y.iter().map(|y| y * y).sum::<f64>().sqrt();
    if !(size > 0.0) || !size.is_finite() {
        return None;
    }
    let mut program = Program::new(model, cells, size);
    let chain = (slopes == Slopes::Chained).then(|| program.chain());
    let places: Vec<Place> = blocks
        .iter()
        .map(|block| program.block(*block, chain))
        .collect();
    let settings = DefaultSettingsBuilder::default()
        .verbose(false)
        .max_iter(200)
        .tol_gap_abs(tolerance)
        .tol_gap_rel(tolerance)
        .tol_feas(tolerance)
        .build()
        .ok()?;
    let (equations, inequalities) = (program.equations.count, program.inequalities.count);
    let first_cone = equations + inequalities;
    let mut b = vec![0.0; first_cone + program.cones.count];
    for place in &places {
        b[first_cone + place.cone] = 1.0;
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
            .map(|_| SupportedConeT::SecondOrderConeT(model.decayed + 1)),
    );
    let (p, q, a) = program.matrices();
    let mut solver = DefaultSolver::new(&p, &q, &a, &b, &cones, settings).ok()?;
    solver.set_termination_callback(move |info: &DefaultInfo<f64>| {
        watch(Some(Iteration {
            number: info.iterations,
            gap: info.gap_rel,
        }))
    });
    solver.solve();
    let solution = &solver.solution;
    let usable = matches!(
        solution.status,
        SolverStatus::Solved
            | SolverStatus::AlmostSolved
            | SolverStatus::InsufficientProgress
            | SolverStatus::MaxIterations
            | SolverStatus::NumericalError
    );
    if !usable || solution.z.iter().chain(&solution.s).any(|x| !x.is_finite()) {
        return None;
    }
    let (state, tightness) = primal(model, cells, &places, blocks, size, &solution.z, {
        &solution.s[first_cone..]
    });
    Some(Solution {
        state,
        tightness,
        solved: solution.status == SolverStatus::Solved,
    })
}

/// The rows of a sparse matrix.
#[derive(Default)]
struct Rows {
    rows: Vec<usize>,
    columns: Vec<usize>,
    values: Vec<f64>,
    count: usize,
}

impl Rows {
    fn push(&mut self, row: usize, column: usize, value: f64) {
        if value != 0.0 {
            self.rows.push(row);
            self.columns.push(column);
            self.values.push(value);
        }
    }

    /// Room for some more rows; the number of the first.
    fn extend(&mut self, count: usize) -> usize {
        self.count += count;
        self.count - count
    }

    /// The other rows below these.
    fn append(&mut self, other: Rows) {
        self.rows.extend(other.rows.iter().map(|r| r + self.count));
        self.columns.extend(other.columns);
        self.values.extend(other.values);
        self.count += other.count;
    }

    fn matrix(self, columns: usize) -> CscMatrix<f64> {
        CscMatrix::new_from_triplets(self.count, columns, self.rows, self.columns, self.values)
    }
}

/// Where a block is in the program.
struct Place {
    /// The first row of its cone, among those of all cones: the constant side, then the decayed columns.
    cone: usize,
    /// The equation of its undecayed column, if there is one.
    equation: Option<usize>,
}

/// The program `min ½xᵀPx + q·x, Ax + s = b` with s in the cones; A is kept by kinds of cones. The unknowns are `v/‖y‖`, `c·v/√decay` for each decayed constant,
/// then what the parts add.
struct Program<'a> {
    model: &'a Model,
    cells: &'a [Cell],
    /// `‖y‖/β`.
    scale: f64,
    quadratic: Rows,
    q: Vec<f64>,
    equations: Rows,
    inequalities: Rows,
    cones: Rows,
}

impl<'a> Program<'a> {
    /// The objective, and one equation for every constant of the model, in their order.
    fn new(model: &'a Model, cells: &'a [Cell], size: f64) -> Self {
        let mut program = Program {
            model,
            cells,
            scale: size / model.beta,
            quadratic: Rows::default(),
            q: model.y.iter().map(|y| -y / size).collect(),
            equations: Rows::default(),
            inequalities: Rows::default(),
            cones: Rows::default(),
        };
        for constant in &model.constants {
            let unit = if constant.decay > 0.0 {
                constant.decay.sqrt()
            } else {
                1.0
            };
            let row = program.equations.extend(1);
            for (i, value) in constant.values.iter().enumerate() {
                program.equations.push(row, i, value / unit);
            }
            if constant.decay > 0.0 {
                let sum = program.unknowns(1);
                program.equations.push(row, sum, -1.0);
            }
        }
        for i in 0..program.q.len() {
            program.quadratic.push(i, i, 1.0);
        }
        program
    }

    /// Some more unknowns; the number of the first.
    fn unknowns(&mut self, count: usize) -> usize {
        let first = self.q.len();
        self.q.resize(first + count, 0.0);
        first
    }

    /// The unknowns `g_C = (S D_C X)ᵀv·‖y‖/β` of all cells, r for each; the number of the first.
    fn chain(&mut self) -> usize {
        let r = self.model.r();
        let first = self.unknowns(self.cells.len() * r);
        for (k, cell) in self.cells.iter().enumerate() {
            let mut step = cell.features(self.model);
            let row = self.equations.extend(r);
            for j in 0..r {
                self.equations.push(row + j, first + k * r + j, 1.0);
            }
            if let Some(parent) = cell.parent {
                let sign = if parent.negated { -1.0 } else { 1.0 };
                let features = self.cells[parent.cell].features(self.model);
                // Samples without a row in the class between the cells cancel exactly.
                step.iter_mut()
                    .zip(&features)
                    .for_each(|(x, f)| *x -= sign * f);
                for j in 0..r {
                    let column = first + parent.cell * r + j;
                    self.equations.push(row + j, column, -sign);
                }
            }
            for (i, step) in step.chunks_exact(r).enumerate() {
                for (j, x) in step.iter().enumerate() {
                    self.equations.push(row + j, i, -self.scale * x);
                }
            }
        }
        first
    }

    /// The cone, the multipliers and the undecayed column of a block.
    fn block(&mut self, block: Block, chain: Option<usize>) -> Place {
        let (model, cell) = (self.model, &self.cells[block.cell]);
        let (r, decayed) = (model.r(), model.decayed);
        let pole = cell.holds_a_pole(model);
        let cone = self.cones.extend(decayed + 1);
        let equation = (decayed < r && !pole).then(|| self.equations.extend(1));
        let push = |program: &mut Self, j: usize, column: usize, value: f64| {
            if j < decayed {
                program.cones.push(cone + 1 + j, column, -value);
            } else if let Some(equation) = equation {
                program.equations.push(equation, column, -value);
            }
        };
        match chain {
            Some(first) => {
                for j in 0..r {
                    push(self, j, first + block.cell * r + j, block.sign());
                }
            }
            None => {
                for (i, f) in cell.features(model).chunks_exact(r).enumerate() {
                    for (j, x) in f.iter().enumerate() {
                        push(self, j, i, block.sign() * self.scale * x);
                    }
                }
            }
        }
        for c in cell.facets.iter().filter(|_| !pole).map(|c| *c as usize) {
            let multiplier = self.unknowns(1);
            let unit = cell.side(c) / model.rows.length[c];
            for (j, x) in model.rows.row(c).iter().enumerate() {
                push(self, j, multiplier, unit * x);
            }
            let row = self.inequalities.extend(1);
            self.inequalities.push(row, multiplier, -1.0);
        }
        Place { cone, equation }
    }

    fn matrices(self) -> (CscMatrix<f64>, Vec<f64>, CscMatrix<f64>) {
        let (mut quadratic, mut a) = (self.quadratic, self.equations);
        quadratic.count = self.q.len();
        a.append(self.inequalities);
        a.append(self.cones);
        (
            quadratic.matrix(self.q.len()),
            self.q.clone(),
            a.matrix(self.q.len()),
        )
    }
}

/// The primal solution in the multipliers z, and the tightness of the cones from their slacks s.
fn primal(
    model: &Model,
    cells: &[Cell],
    places: &[Place],
    blocks: &[Block],
    size: f64,
    z: &[f64],
    s: &[f64],
) -> (State, Vec<f64>) {
    let decayed = model.decayed;
    // q = −y/‖y‖, so the multipliers of the equations are in units of ‖y‖, those of the cones in units of ‖y‖²/β.
    let unit = size * size / model.beta;
    let cones = &z[z.len() - s.len()..];
    let mut constants: Vec<f64> = model
        .constants
        .iter()
        .zip(z)
        .map(|(k, z)| {
            let unit = if k.decay > 0.0 { k.decay.sqrt() } else { 1.0 };
            size * z / unit
        })
        .collect();
    let mut neurons = Vec::with_capacity(blocks.len());
    let mut tightness = Vec::with_capacity(blocks.len());
    for (block, place) in blocks.iter().zip(places) {
        let rows = place.cone + 1..=place.cone + decayed;
        let mut p: Vec<f64> = cones[rows.clone()].iter().map(|z| -unit * z).collect();
        tightness.push(s[rows].iter().map(|x| x * x).sum::<f64>().sqrt());
        if let Some(equation) = place.equation {
            p.push(-unit * z[equation]);
        } else if decayed < model.r() {
            let made = enter_pole(model, &cells[block.cell], &mut p);
            if let Some(last) = constants.last_mut() {
                *last -= block.sign() * made;
            }
        }
        let sign = block.sign();
        neurons.push(Neuron { sign, p });
    }
    (State { neurons, constants }, tightness)
}

/// Appends the undecayed entry that puts a vector into a cell with a pole, and returns the coefficient of the last constant that this entry makes.
fn enter_pole(model: &Model, cell: &Cell, p: &mut Vec<f64>) -> f64 {
    let last = model.r() - 1;
    let mut rows = model.rows.p.chunks_exact(model.r());
    let Some(first) = rows.clone().next() else {
        p.push(0.0);
        return 0.0;
    };
    let side = cell.side(0) * first[last].signum();
    let least = rows
        .by_ref()
        .map(|row| {
            let t: f64 = row[..last].iter().zip(p.iter()).map(|(a, b)| a * b).sum();
            -side * t / row[last]
        })
        .fold(0.0, f64::max);
    let bias = side * least;
    p.push(bias);
    let slope = if side > 0.0 { model.high } else { model.low };
    // The last constant counts the rows of a sample, or is a free output bias that stands for that.
    let mean = |values: &[f64]| values.iter().sum::<f64>() / model.n() as f64;
    let counted = model.constants.last().map_or(1.0, |k| mean(&k.values));
    slope * bias * model.rows.sample.len() as f64 / (model.n() as f64 * counted)
}
