//! The quadratic bound of one region of a tree of rows (MATH.md §4, second leaf rule; FORMAT.md §5a), in floats.
//!
//! On the unit vectors `u` of a region `{σ_c p_c·u ≥ 0}` with `H(u) = ℓ·u + Σ W_c |p_c·u|`:
//!
//! `H(u) ≤ b·u + ½·uᵀAu + e ≤ ½(μ + bᵀ(μ − A)⁻¹b) + e`,
//!
//! where, for rows of length 1, a free convex row has `|t| ≤ ½(ωt² + 1/ω)`, a free concave one `|t| ≥ γt + θt²` with |γ| + θ ≤ 1, and on the region `σt ≥ 0` as well as
//! `β(σt − t²) ≥ 0` (fixed rows) and `N·σt·σ't' ≥ 0` (pairs of them) may be added. The bound is minimised over all these multipliers and μ > λ_max(A), a convex
//! problem, by Newton's method on the central path: `−κ log` of the determinant of `μ − A` and of all constraints makes it smooth, and κ falls. The dual is a maximum
//! over positive semidefinite `[[U, x], [xᵀ, 1]]` with tr U = 1, a relaxation of the region; its point `x = (μ − A)⁻¹ b`, `U = x xᵀ + 2κ(μ − A)⁻¹` comes with every
//! evaluation.

use nalgebra::{DMatrix, DVector};

use super::cholesky;
use crate::oracle::form::{Form, Rows};

/// The rows with length 1, `classes × r`.
pub struct Unit {
    /// Unit rows.
    pub p: DMatrix<f64>,
    /// Their lengths before.
    pub length: Vec<f64>,
}

impl Unit {
    /// Normalises the rows.
    pub fn new(rows: &Rows) -> Unit {
        let p = DMatrix::from_fn(rows.classes(), rows.dim, |c, j| {
            rows.row(c)[j] / rows.length[c]
        });
        Unit {
            p,
            length: rows.length.clone(),
        }
    }

    /// Columns.
    pub fn dim(&self) -> usize {
        self.p.ncols()
    }

    /// Classes.
    pub fn classes(&self) -> usize {
        self.p.nrows()
    }

    /// A form whose weights count for the unit rows.
    pub fn scaled(&self, form: &Form) -> Form {
        Form {
            linear: form.linear.clone(),
            weight: form
                .weight
                .iter()
                .zip(&self.length)
                .map(|(w, l)| w * l)
                .collect(),
        }
    }
}

/// The multipliers of a region, enough of them for every sign of the weights.
#[derive(Clone, Debug)]
pub struct Multipliers {
    /// `log ω` of every class, for unit rows.
    pub log_omega: Vec<f32>,
    /// The slope γ of every class.
    pub slope: Vec<f32>,
    /// The weight θ of the secant of every class.
    pub secant: Vec<f32>,
    /// α of the fixed classes, in the order of the region.
    pub alpha: Vec<f64>,
    /// The weight of the secant of the fixed classes.
    pub beta: Vec<f64>,
    /// The multipliers of the products of fixed classes `(j, k)`, j < k, in the order (0,1), (0,2), (1,2), (0,3), …
    pub pairs: Vec<f64>,
}

impl Multipliers {
    /// A first guess for all of the space.
    pub fn new(unit: &Unit) -> Multipliers {
        let guess = (0.5 * (unit.dim() as f64).ln()) as f32;
        Multipliers {
            log_omega: vec![guess; unit.classes()],
            slope: vec![0.0; unit.classes()],
            secant: vec![0.1; unit.classes()],
            alpha: Vec::new(),
            beta: Vec::new(),
            pairs: Vec::new(),
        }
    }
}

/// A region: classes with the sign that is fixed, in the order of the splits.
pub type Fixed = Vec<(u32, f64)>;

/// What an optimisation ends with.
#[derive(Clone, Debug)]
pub struct Relaxed {
    /// The bound that the multipliers prove (up to rounding), units of H.
    pub bound: f64,
    /// The first moments, length r.
    pub x: Vec<f64>,
    /// For every class the value that stands for `|p_c·u|` in the linear cut, unit rows; for a fixed one σ p_c·x.
    pub size: Vec<f64>,
    /// For every class `|p_c·x|`.
    pub inside: Vec<f64>,
    /// For every class `√(pᵀUp)`, or the size of a fixed one.
    pub spread: Vec<f64>,
    /// Whether the point lies in the relaxation of the region: only then is there a cut.
    pub feasible: bool,
}

/// How far to go.
#[derive(Copy, Clone, Debug)]
pub struct Goal {
    /// A bound at most this is good enough.
    pub enough: f64,
    /// Smoothing at the end, relative to the scale.
    pub accuracy: f64,
    /// Smoothing at the start.
    pub start: f64,
    /// Newton steps at most.
    pub steps: usize,
}

#[derive(Copy, Clone, Debug)]
enum Kind {
    /// `log ω` of a free convex class with this weight.
    LogOmega(f64),
    /// γ of a free concave class; its θ is the next variable.
    Slope(f64),
    /// θ of a free concave class.
    Secant(f64),
    /// α of a fixed class with this sign.
    Alpha(f64),
    /// The secant's weight of a fixed class.
    Beta(f64),
    /// The product of two fixed classes whose signs have this product; its rows are p + p' and, next, p − p'.
    Pair(f64),
}

#[derive(Copy, Clone, Debug)]
struct Variable {
    row: usize,
    kind: Kind,
}

/// One region.
pub struct Solver<'a> {
    unit: &'a Unit,
    linear: Vec<f64>,
    /// Class, weight, and the sign if it is fixed (else 0), of each row.
    classes: Vec<(usize, f64, f64)>,
    rows: DMatrix<f64>,
    variables: Vec<Variable>,
    weighted: DMatrix<f64>,
    a: DMatrix<f64>,
    inverse: DMatrix<f64>,
    x: DVector<f64>,
    b: DVector<f64>,
    /// Products of the rows with x.
    products: Vec<f64>,
    /// `pᵀUp` of the rows.
    squares: Vec<f64>,
    /// `rows · inverse`.
    spread: DMatrix<f64>,
    /// Memory of the Newton step.
    factor: DMatrix<f64>,
    divided: DMatrix<f64>,
    inner: DMatrix<f64>,
    mu: f64,
    kappa: f64,
    /// Half the sum of W/ω at the last evaluation.
    constant: f64,
    /// Σ Wω: an upper bound on what A has of positive eigenvalues.
    positive: f64,
    /// Evaluations so far.
    pub evaluations: u64,
}

impl<'a> Solver<'a> {
    /// A solver for a region of `form` (weights for unit rows).
    pub fn new(unit: &'a Unit, form: &Form, fixed: &Fixed) -> Self {
        let r = unit.dim();
        let mut sign = vec![0.0; unit.classes()];
        for (c, s) in fixed {
            sign[*c as usize] = *s;
        }
        let mut classes: Vec<(usize, f64, f64)> = form
            .weight
            .iter()
            .enumerate()
            .filter(|(c, w)| **w != 0.0 && sign[*c] == 0.0)
            .map(|(c, w)| (c, *w, 0.0))
            .collect();
        let free = classes.len();
        classes.extend(
            fixed
                .iter()
                .map(|(c, s)| (*c as usize, form.weight[*c as usize], *s)),
        );
        let mut variables = Vec::new();
        for (row, (_, w, _)) in classes[..free].iter().enumerate() {
            if *w > 0.0 {
                variables.push(Variable {
                    row,
                    kind: Kind::LogOmega(*w),
                });
            } else {
                variables.push(Variable {
                    row,
                    kind: Kind::Slope(*w),
                });
                variables.push(Variable {
                    row,
                    kind: Kind::Secant(*w),
                });
            }
        }
        for (i, (_, s)) in fixed.iter().enumerate() {
            let row = free + i;
            variables.push(Variable {
                row,
                kind: Kind::Alpha(*s),
            });
            variables.push(Variable {
                row,
                kind: Kind::Beta(*s),
            });
        }
        let plain = classes.len();
        let pairs: Vec<(usize, usize)> = (0..fixed.len())
            .flat_map(|k| (0..k).map(move |j| (j, k)))
            .collect();
        for (i, (j, k)) in pairs.iter().enumerate() {
            variables.push(Variable {
                row: plain + 2 * i,
                kind: Kind::Pair(fixed[*j].1 * fixed[*k].1),
            });
        }
        let m = plain + 2 * pairs.len();
        let rows = DMatrix::from_fn(m, r, |i, j| {
            if i < plain {
                unit.p[(classes[i].0, j)]
            } else {
                let (a, b) = pairs[(i - plain) / 2];
                let (a, b) = (fixed[a].0 as usize, fixed[b].0 as usize);
                let sign = if (i - plain).is_multiple_of(2) {
                    1.0
                } else {
                    -1.0
                };
                unit.p[(a, j)] + sign * unit.p[(b, j)]
            }
        });
        Solver {
            unit,
            linear: form.linear.clone(),
            rows,
            classes,
            variables,
            weighted: DMatrix::zeros(m, r),
            spread: DMatrix::zeros(m, r),
            products: vec![0.0; m],
            squares: vec![0.0; m],
            a: DMatrix::zeros(r, r),
            inverse: DMatrix::zeros(r, r),
            x: DVector::zeros(r),
            b: DVector::zeros(r),
            factor: DMatrix::zeros(0, 0),
            divided: DMatrix::zeros(0, 0),
            inner: DMatrix::zeros(0, 0),
            mu: 0.0,
            kappa: 0.0,
            constant: 0.0,
            positive: 0.0,
            evaluations: 0,
        }
    }

    /// The variables' values, inside their bounds by `margin`; `size` is that of a multiplier that is not known yet.
    fn pack(&self, m: &Multipliers, margin: f64, size: f64) -> Vec<f64> {
        let mut x = Vec::with_capacity(self.variables.len());
        let (mut alphas, mut betas) = (m.alpha.iter(), m.beta.iter());
        let mut products = m.pairs.iter();
        for v in &self.variables {
            if let Kind::Pair(_) = v.kind {
                x.push(products.next().map_or(size, |n| n.max(margin * size)));
                continue;
            }
            let c = self.classes[v.row].0;
            x.push(match v.kind {
                Kind::LogOmega(_) => f64::from(m.log_omega[c]),
                Kind::Slope(_) => {
                    let room = 1.0 - f64::from(m.secant[c]).clamp(margin, 1.0 - 3.0 * margin);
                    f64::from(m.slope[c]).clamp(margin - room, room - margin)
                }
                Kind::Secant(_) => f64::from(m.secant[c]).clamp(margin, 1.0 - 3.0 * margin),
                Kind::Alpha(_) => alphas.next().map_or(size, |a| a.max(margin * size)),
                Kind::Beta(_) => betas.next().map_or(size, |b| b.max(margin * size)),
                Kind::Pair(_) => 0.0,
            });
        }
        x
    }

    fn unpack(&self, x: &[f64], m: &mut Multipliers) {
        m.alpha.clear();
        m.beta.clear();
        m.pairs.clear();
        for (v, x) in self.variables.iter().zip(x) {
            if let Kind::Pair(_) = v.kind {
                m.pairs.push(*x);
                continue;
            }
            let c = self.classes[v.row].0;
            match v.kind {
                Kind::LogOmega(_) => m.log_omega[c] = *x as f32,
                Kind::Slope(_) => m.slope[c] = *x as f32,
                Kind::Secant(_) => m.secant[c] = *x as f32,
                Kind::Alpha(_) => m.alpha.push(*x),
                Kind::Beta(_) => m.beta.push(*x),
                Kind::Pair(_) => {}
            }
        }
    }

    /// A and b for the variables, and the constant.
    fn assemble(&mut self, x: &[f64]) {
        let m = self.rows.nrows();
        self.constant = 0.0;
        self.positive = 0.0;
        let mut square = vec![0.0; m];
        let mut linear = DVector::zeros(m);
        for (v, x) in self.variables.iter().zip(x) {
            match v.kind {
                Kind::LogOmega(w) => {
                    let omega = x.exp();
                    square[v.row] += w * omega;
                    self.positive += w * omega;
                    self.constant += 0.5 * w / omega;
                }
                Kind::Slope(w) => linear[v.row] += w * x,
                Kind::Secant(w) => square[v.row] += 2.0 * w * x,
                Kind::Alpha(s) => linear[v.row] += s * (self.classes[v.row].1 + x),
                Kind::Beta(s) => {
                    linear[v.row] += s * x;
                    square[v.row] -= 2.0 * x;
                }
                Kind::Pair(s) => {
                    square[v.row] += 0.5 * s * x;
                    square[v.row + 1] -= 0.5 * s * x;
                    self.positive += 2.0 * x;
                }
            }
        }
        for j in 0..self.unit.dim() {
            let source = self.rows.column(j);
            let mut target = self.weighted.column_mut(j);
            for i in 0..m {
                target[i] = square[i] * source[i];
            }
        }
        self.a = self.rows.tr_mul(&self.weighted);
        self.b.copy_from_slice(&self.linear);
        self.b.gemv_tr(1.0, &self.rows, &linear, 1.0);
    }

    /// The best μ for κ, with `inverse` and `x`; the log determinant, or none if the floats fail.
    fn shift(&mut self) -> Option<f64> {
        let found = shift(&self.a, &self.b, self.kappa, self.positive, self.mu)?;
        self.mu = found.mu;
        self.inverse = found.inverse;
        self.x = found.x;
        Some(found.logarithm)
    }

    /// The smoothed bound and its gradient.
    fn evaluate(&mut self, x: &[f64], gradient: &mut [f64]) -> f64 {
        self.evaluations += 1;
        let mut barrier = 0.0;
        for (i, v) in self.variables.iter().enumerate() {
            let room = match v.kind {
                Kind::LogOmega(_) => continue,
                Kind::Slope(_) => {
                    let room = 1.0 - x[i + 1];
                    (room - x[i]).min(room + x[i])
                }
                _ => x[i],
            };
            if !(room > 0.0) {
                return f64::INFINITY;
            }
            barrier += if let Kind::Slope(_) = v.kind {
                let room = 1.0 - x[i + 1];
                ((room - x[i]) * (room + x[i])).ln()
            } else {
                room.ln()
            };
        }
        self.assemble(x);
        let Some(logarithm) = self.shift() else {
            return f64::INFINITY;
        };
        let m = self.rows.nrows();
        let products = &self.rows * &self.x;
        self.products.copy_from_slice(products.as_slice());
        self.spread = &self.rows * &self.inverse;
        let mut inner = vec![0.0; m];
        for j in 0..self.unit.dim() {
            let (s, p) = (self.spread.column(j), self.rows.column(j));
            for i in 0..m {
                inner[i] += s[i] * p[i];
            }
        }
        for i in 0..m {
            self.squares[i] = self.products[i] * self.products[i] + 2.0 * self.kappa * inner[i];
        }
        for (i, v) in self.variables.iter().enumerate() {
            let (t, q) = (self.products[v.row], self.squares[v.row]);
            gradient[i] = match v.kind {
                Kind::LogOmega(w) => {
                    let omega = x[i].exp();
                    0.5 * w * (omega * q - 1.0 / omega)
                }
                Kind::Slope(w) => {
                    let room = 1.0 - x[i + 1];
                    w * t + self.kappa * (1.0 / (room - x[i]) - 1.0 / (room + x[i]))
                }
                Kind::Secant(w) => {
                    let room = 1.0 - x[i];
                    w * q
                        + self.kappa
                            * (1.0 / (room - x[i - 1]) + 1.0 / (room + x[i - 1]) - 1.0 / x[i])
                }
                Kind::Alpha(s) => s * t - self.kappa / x[i],
                Kind::Beta(s) => s * t - q - self.kappa / x[i],
                Kind::Pair(s) => 0.25 * s * (q - self.squares[v.row + 1]) - self.kappa / x[i],
            };
        }
        0.5 * (self.mu + self.b.dot(&self.x)) + self.constant - self.kappa * (logarithm + barrier)
    }

    /// The bound without smoothing at the last evaluation.
    fn bound(&self) -> f64 {
        0.5 * (self.mu + self.b.dot(&self.x)) + self.constant
    }

    /// One damped Newton step on the smoothed bound from the point evaluated last; the value there with the decrement, or `None` if no step lowers it.
    fn step(&mut self, x: &mut [f64], gradient: &mut [f64], value: f64) -> Option<(f64, f64)> {
        let n = self.variables.len();
        // δA = a·p pᵀ, δb = c·p for each variable, and the rest of the diagonal.
        let (mut a, mut c, mut rest) = (vec![0.0; n], vec![0.0; n], vec![0.0; n]);
        let kappa = self.kappa;
        for (i, v) in self.variables.iter().enumerate() {
            match v.kind {
                Kind::LogOmega(w) => {
                    let omega = x[i].exp();
                    a[i] = w * omega;
                    rest[i] = 0.5 * w * (omega * self.squares[v.row] + 1.0 / omega);
                }
                Kind::Slope(w) => {
                    c[i] = w;
                    let room = 1.0 - x[i + 1];
                    rest[i] = kappa * ((room - x[i]).powi(-2) + (room + x[i]).powi(-2));
                }
                Kind::Secant(w) => {
                    a[i] = 2.0 * w;
                    let room = 1.0 - x[i];
                    rest[i] = kappa
                        * ((room - x[i - 1]).powi(-2) + (room + x[i - 1]).powi(-2) + x[i].powi(-2));
                }
                Kind::Alpha(s) => {
                    c[i] = s;
                    rest[i] = kappa / (x[i] * x[i]);
                }
                Kind::Beta(s) => {
                    a[i] = -2.0;
                    c[i] = s;
                    rest[i] = kappa / (x[i] * x[i]);
                }
                Kind::Pair(s) => {
                    a[i] = 0.5 * s;
                    rest[i] = kappa / (x[i] * x[i]);
                }
            }
        }
        let (step, slope) = self.newton_direction(x, gradient, &a, &c, &rest)?;
        // Stay inside the bounds; a logarithm moves by at most 2.
        let mut size = 1.0f64;
        let mut limit = |room: f64, move_: f64| {
            if move_ * size > room {
                size = room / move_;
            }
        };
        for (i, v) in self.variables.iter().enumerate() {
            match v.kind {
                Kind::LogOmega(_) => limit(2.0, step[i].abs()),
                Kind::Slope(_) => {
                    let room = 1.0 - x[i + 1];
                    limit(0.95 * (room - x[i]), -step[i] - step[i + 1]);
                    limit(0.95 * (room + x[i]), step[i] - step[i + 1]);
                }
                _ => limit(0.95 * x[i], step[i]),
            }
        }
        let mut trial = x.to_vec();
        let mut next_gradient = vec![0.0; n];
        for _ in 0..12 {
            for i in 0..n {
                trial[i] = x[i] - size * step[i];
            }
            let next = self.evaluate(&trial, &mut next_gradient);
            if next.is_finite() && next <= value + 1e-4 * size * slope {
                x.copy_from_slice(&trial);
                gradient.copy_from_slice(&next_gradient);
                return Some((next, -slope));
            }
            size *= 0.4;
        }
        None
    }

    /// The Newton direction with its slope. The Hessian is `D + B Bᵀ − c cᵀ/s`: D is diagonal but for the pairs of a slope and its secant, B has r + r(r+1)/2 columns since
    /// `A` and `b` are linear in the multipliers, and the last term comes from the elimination of μ. So the work grows linearly with the number of rows.
    fn newton_direction(
        &mut self,
        x: &[f64],
        gradient: &[f64],
        a: &[f64],
        c: &[f64],
        rest: &[f64],
    ) -> Option<(DVector<f64>, f64)> {
        let (n, r, kappa) = (self.variables.len(), self.unit.dim(), self.kappa);
        // K = F Fᵀ, and the rows in these coordinates.
        let factor = nalgebra::Cholesky::new(self.inverse.clone())?.unpack();
        let z = &self.rows * &factor;
        let kx = &self.inverse * &self.x;
        let rkx = &self.rows * &kx;
        let norms: Vec<f64> = (0..self.rows.nrows())
            .map(|i| self.spread.row(i).norm_squared())
            .collect();
        let columns = r + r * (r + 1) / 2;
        // Bᵀ: one column for each variable.
        self.factor.resize_mut(columns, n, 0.0);
        self.factor.fill(0.0);
        let b = &mut self.factor;
        let mut cross = DVector::zeros(n);
        let root = kappa.sqrt();
        let mut row_z = vec![0.0; r];
        for i in 0..n {
            let variable = &self.variables[i];
            let elements = [(variable.row, a[i], c[i]), (variable.row + 1, -a[i], 0.0)];
            let used = if let Kind::Pair(_) = variable.kind {
                2
            } else {
                1
            };
            let mut target = b.column_mut(i);
            let target = target.as_mut_slice();
            for &(row, a, c) in &elements[..used] {
                let weight = a * self.products[row] + c;
                cross[i] += weight * rkx[row] + kappa * a * norms[row];
                for j in 0..r {
                    row_z[j] = z[(row, j)];
                    target[j] += weight * row_z[j];
                }
                if a != 0.0 {
                    let mut column = r;
                    for j in 0..r {
                        let zj = root * a * row_z[j];
                        target[column] += zj * row_z[j];
                        let twice = std::f64::consts::SQRT_2 * zj;
                        for (t, z) in target[column + 1..].iter_mut().zip(&row_z[j + 1..]) {
                            *t += twice * z;
                        }
                        column += r - j;
                    }
                }
            }
        }
        let second = self.x.dot(&kx) + kappa * self.inverse.norm_squared();
        // D⁻¹: the diagonal, and for a slope what couples it with the secant after it.
        let mut inverse = vec![0.0; n];
        let mut off = vec![0.0; n];
        for (i, v) in self.variables.iter().enumerate() {
            if let Kind::Slope(_) = v.kind {
                let room = 1.0 - x[i + 1];
                let o = kappa * ((room - x[i]).powi(-2) - (room + x[i]).powi(-2));
                let det = rest[i] * rest[i + 1] - o * o;
                inverse[i] = rest[i + 1] / det;
                inverse[i + 1] = rest[i] / det;
                off[i] = -o / det;
            } else if let Kind::Secant(_) = v.kind {
            } else {
                inverse[i] = 1.0 / rest[i];
            }
        }
        self.divided.resize_mut(n, columns, 0.0);
        let b = &self.factor;
        // In blocks of columns, for the cache's sake.
        const TILE: usize = 16;
        for start in (0..columns).step_by(TILE) {
            let end = (start + TILE).min(columns);
            for i in 0..n {
                for j in start..end {
                    let mut value = inverse[i] * b[(j, i)];
                    if off[i] != 0.0 {
                        value += off[i] * b[(j, i + 1)];
                    }
                    if i > 0 && off[i - 1] != 0.0 {
                        value += off[i - 1] * b[(j, i - 1)];
                    }
                    self.divided[(i, j)] = value;
                }
            }
        }
        self.inner.resize_mut(columns, columns, 0.0);
        lower_product(b, &self.divided, &mut self.inner);
        for j in 0..columns {
            self.inner[(j, j)] += 1.0;
        }
        let mut sides = DMatrix::zeros(n, 2);
        for (j, side) in [gradient, cross.as_slice()].into_iter().enumerate() {
            for i in 0..n {
                let mut value = inverse[i] * side[i];
                if off[i] != 0.0 {
                    value += off[i] * side[i + 1];
                }
                if i > 0 && off[i - 1] != 0.0 {
                    value += off[i - 1] * side[i - 1];
                }
                sides[(i, j)] = value;
            }
        }
        let small = cholesky::solve(&mut self.inner, &(b * &sides))?;
        sides -= &self.divided * small;
        let (y, w) = (sides.column(0), sides.column(1));
        let left = second - cross.dot(&w);
        if !(left > 0.0) {
            return None;
        }
        let step: DVector<f64> = y + w * (cross.dot(&y) / left);
        let slope = -step.iter().zip(gradient).map(|(s, g)| s * g).sum::<f64>();
        (slope < 0.0).then_some((step, slope))
    }

    /// Whether the relaxation's point has the signs of the region, its secants and its products.
    fn is_feasible(&self) -> bool {
        self.variables.iter().all(|v| {
            let (t, q) = (self.products[v.row], self.squares[v.row]);
            match v.kind {
                Kind::Alpha(s) => s * t >= 0.0,
                Kind::Beta(s) => s * t >= q,
                Kind::Pair(s) => s * (q - self.squares[v.row + 1]) >= 0.0,
                _ => true,
            }
        })
    }

    /// Terms of the barrier.
    fn count(&self) -> f64 {
        let terms: usize = self
            .variables
            .iter()
            .map(|v| match v.kind {
                Kind::LogOmega(_) => 0,
                Kind::Slope(_) => 2,
                _ => 1,
            })
            .sum();
        (self.unit.dim() + 1 + terms) as f64
    }

    /// Lowers the bound of the region from the point `warm` of the central path at `goal.start`, which is replaced by the one for this form; `m` becomes the best
    /// multipliers found. `scale` is the size of H that matters (β).
    pub fn solve(
        &mut self,
        m: &mut Multipliers,
        warm: &mut Multipliers,
        goal: &Goal,
        scale: f64,
    ) -> Relaxed {
        let count = self.count();
        let mut level = goal.start;
        let d = self.classes.iter().filter(|c| c.2 != 0.0).count();
        let margin = (level / count).clamp(1e-7, 0.1);
        let mut x = self.pack(warm, margin, 0.1 * scale / (1.0 + d as f64));
        let mut best = (f64::INFINITY, x.clone());
        let mut gradient = vec![0.0; x.len()];
        let mut left = goal.steps;
        loop {
            self.kappa = level * scale / count;
            let mut value = self.evaluate(&x, &mut gradient);
            let mut done = !value.is_finite();
            if !done && self.bound() < best.0 {
                best = (self.bound(), x.clone());
                done = best.0 <= goal.enough;
            }
            for _ in 0..30 {
                if left == 0 || done {
                    break;
                }
                left -= 1;
                let next = self.step(&mut x, &mut gradient, value);
                if next.is_none() {
                    // The last point evaluated was refused.
                    self.evaluate(&x, &mut gradient);
                }
                let bound = self.bound();
                if bound < best.0 {
                    best = (bound, x.clone());
                }
                done = bound <= goal.enough || left == 0;
                let Some((next, decrement)) = next else {
                    break;
                };
                value = next;
                if decrement < 0.1 * self.kappa && (level > goal.accuracy || self.is_feasible()) {
                    break;
                }
            }
            if level == goal.start {
                self.unpack(&x, warm);
            }
            if done || level <= goal.accuracy {
                break;
            }
            level = (level * 0.1).max(goal.accuracy);
        }
        self.unpack(&best.1, m);
        // The multipliers are those of the best bound, the cut that of the last point, which is nearer to the central path.
        self.evaluate(&x, &mut gradient);
        self.relaxed(best.0)
    }

    /// The bound of given multipliers as they are.
    pub fn value(&mut self, m: &Multipliers) -> f64 {
        let x = self.pack(m, 0.0, 0.0);
        self.kappa = 0.0;
        self.assemble(&x);
        if self.shift().is_some() {
            self.bound()
        } else {
            f64::INFINITY
        }
    }

    fn relaxed(&self, bound: f64) -> Relaxed {
        let inside: Vec<f64> = (&self.unit.p * &self.x).iter().map(|t| t.abs()).collect();
        let mut size = inside.clone();
        let mut spread = inside.clone();
        for (i, (c, w, s)) in self.classes.iter().enumerate() {
            let q = self.squares[i].max(0.0);
            if *s != 0.0 {
                size[*c] = s * self.products[i];
                spread[*c] = size[*c];
            } else {
                spread[*c] = q.sqrt().max(inside[*c]);
                size[*c] = if *w > 0.0 {
                    spread[*c]
                } else {
                    q.max(inside[*c])
                };
            }
        }
        Relaxed {
            bound,
            x: self.x.as_slice().to_vec(),
            size,
            inside,
            spread,
            feasible: self.is_feasible(),
        }
    }
}

/// The lower triangle of `a·b`, which is symmetric.
fn lower_product(a: &DMatrix<f64>, b: &DMatrix<f64>, product: &mut DMatrix<f64>) {
    const BLOCK: usize = 64;
    let (m, n) = a.shape();
    for start in (0..m).step_by(BLOCK) {
        let width = BLOCK.min(m - start);
        product.view_mut((start, start), (m - start, width)).gemm(
            1.0,
            &a.view((start, 0), (m - start, n)),
            &b.view((0, start), (n, width)),
            0.0,
        );
    }
}

/// The minimiser of `½(μ + bᵀ(μ − A)⁻¹b) − κ log det(μ − A)`.
pub struct Shift {
    /// μ.
    pub mu: f64,
    /// `(μ − A)⁻¹`.
    pub inverse: DMatrix<f64>,
    /// `(μ − A)⁻¹ b`.
    pub x: DVector<f64>,
    /// `log det(μ − A)`.
    pub logarithm: f64,
}

/// Finds the best μ, from a guess; `positive` is an upper bound on the largest eigenvalue of A. `None` if the floats fail.
pub fn shift(
    a: &DMatrix<f64>,
    b: &DVector<f64>,
    kappa: f64,
    positive: f64,
    guess: f64,
) -> Option<Shift> {
    let r = a.nrows();
    let scale = a.norm() + b.norm() + kappa * r as f64;
    if !(scale > 0.0) {
        return scale.is_finite().then(|| Shift {
            mu: 0.0,
            inverse: DMatrix::zeros(r, r),
            x: DVector::zeros(r),
            logarithm: 0.0,
        });
    }
    // Always too large, and always too small.
    let mut high = positive + b.norm() + 2.0 * kappa * r as f64 + 1e-12 * scale;
    let mut low = -2.0 * a.norm() - 1e-12 * scale;
    let mut mu = if guess > low && guess < high {
        guess
    } else {
        high
    };
    for round in 0..150 {
        // Where b does not see the largest eigenvalue, the best μ is that eigenvalue: stop a little above it.
        let narrow = high - low < 1e-15 * (high.abs() + low.abs()) + 1e-14 * scale;
        if narrow || round > 120 {
            mu = high;
        }
        let mut shifted = -a;
        for i in 0..r {
            shifted[(i, i)] += mu;
        }
        let Some(factor) = nalgebra::Cholesky::new(shifted) else {
            if narrow {
                high += 1e-13 * scale;
                continue;
            }
            low = low.max(mu);
            mu = 0.5 * (low + high);
            continue;
        };
        let inverse = factor.inverse();
        let x = &inverse * b;
        let squared = x.norm_squared() + 2.0 * kappa * inverse.trace();
        if !squared.is_finite() {
            return None;
        }
        if (squared - 1.0).abs() < 1e-10 || narrow || round > 120 {
            let logarithm = 2.0
                * factor
                    .l_dirty()
                    .diagonal()
                    .iter()
                    .map(|x| x.ln())
                    .sum::<f64>();
            return Some(Shift {
                mu,
                inverse,
                x,
                logarithm,
            });
        }
        if squared > 1.0 {
            low = low.max(mu);
        } else {
            high = high.min(mu);
        }
        // Newton's method for 1/√squared, nearly linear in μ.
        let kx = &inverse * &x;
        let slope = -2.0 * x.dot(&kx) - 2.0 * kappa * inverse.norm_squared();
        let next = mu + 2.0 * squared * (1.0 - squared.sqrt()) / slope;
        mu = if next > low && next < high {
            next
        } else {
            0.5 * (low + high)
        };
    }
    None
}
