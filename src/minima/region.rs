//! Floats: the convex problem of one region, and the projections on cells. Nothing here is trusted; see `bounds`.

use super::geometry::{Cell, Geometry};
use super::least_squares::{dot, nonnegative_least_squares, norm, solve_definite};

/// A cell with the sign of the output weight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pair {
    /// Index into the geometry's cells.
    pub cell: usize,
    /// ±1.
    pub sign: i8,
}

/// The targets and the decay in floats.
pub struct Targets {
    /// Length n.
    pub y: Vec<f64>,
    /// Half-sum form.
    pub beta: f64,
}

/// A solution of the convex problem of a region.
#[derive(Clone, Debug)]
pub struct Solution {
    /// For each pair the coefficients of its cell's unit rays, ≥ 0.
    pub weights: Vec<Vec<f64>>,
    /// `y − ŷ`.
    pub v: Vec<f64>,
}

/// The projection of a vector on a cell, from its polar.
#[derive(Clone, Debug)]
pub struct Projection {
    /// Its length.
    pub value: f64,
    /// The projection, length r.
    pub point: Vec<f64>,
    /// One multiplier ≥ 0 for each facet: `point = g + Σ μ·normal`.
    pub multipliers: Vec<f64>,
}

/// `min ‖g + Σ μ_f·normal_f‖` over μ ≥ 0, by Lawson and Hanson's active sets: the projection of g on the cell.
pub fn project(cell: &Cell, g: &[f64]) -> Projection {
    project_on(&cell.facets, g)
}

/// The projection on the cone of given unit inner normals.
pub fn project_on(facets: &[Vec<f64>], g: &[f64]) -> Projection {
    let opposite: Vec<f64> = g.iter().map(|x| -x).collect();
    let multipliers = nonnegative_least_squares(facets, &opposite, 1e-15);
    let mut point = g.to_vec();
    for (normal, mu) in facets.iter().zip(&multipliers) {
        if *mu > 0.0 {
            for (p, x) in point.iter_mut().zip(normal) {
                *p += mu * x;
            }
        }
    }
    Projection {
        value: norm(&point),
        point,
        multipliers,
    }
}

/// `s·mapᵀ·v`.
pub fn gradient(cell: &Cell, sign: i8, v: &[f64]) -> Vec<f64> {
    let r = cell.map.first().map_or(0, Vec::len);
    let mut g = vec![0.0; r];
    for (row, v) in cell.map.iter().zip(v) {
        for (g, x) in g.iter_mut().zip(row) {
            *g += f64::from(sign) * v * x;
        }
    }
    g
}

struct Solver<'a> {
    targets: &'a Targets,
    cells: Vec<(&'a Cell, f64)>,
    /// Outputs of every unit ray of every pair, sign included; n each.
    columns: Vec<Vec<f64>>,
    /// The pair of each column and its ray.
    owner: Vec<(usize, usize)>,
    first: Vec<usize>,
    weights: Vec<f64>,
    /// Columns whose weight may change.
    free: Vec<usize>,
}

impl<'a> Solver<'a> {
    fn new(geometry: &'a Geometry, targets: &'a Targets, pairs: &[Pair]) -> Self {
        let cells: Vec<(&Cell, f64)> = pairs
            .iter()
            .map(|pair| (&geometry.cells[pair.cell], f64::from(pair.sign)))
            .collect();
        let mut columns = Vec::new();
        let mut owner = Vec::new();
        let mut first = Vec::new();
        for (k, (cell, sign)) in cells.iter().enumerate() {
            first.push(columns.len());
            for (j, ray) in cell.unit_rays.iter().enumerate() {
                columns.push(cell.map.iter().map(|row| sign * dot(row, ray)).collect());
                owner.push((k, j));
            }
        }
        first.push(columns.len());
        Solver {
            targets,
            cells,
            weights: vec![0.0; columns.len()],
            columns,
            owner,
            first,
            free: Vec::new(),
        }
    }

    fn ray(&self, column: usize) -> &[f64] {
        let (k, j) = self.owner[column];
        &self.cells[k].0.unit_rays[j]
    }

    fn vector(&self, k: usize, weights: &[f64]) -> Vec<f64> {
        let r = self.cells[k].0.map.first().map_or(0, Vec::len);
        let mut u = vec![0.0; r];
        for column in self.first[k]..self.first[k + 1] {
            if weights[column] != 0.0 {
                for (u, x) in u.iter_mut().zip(self.ray(column)) {
                    *u += weights[column] * x;
                }
            }
        }
        u
    }

    fn residual(&self, weights: &[f64]) -> Vec<f64> {
        let mut v = self.targets.y.clone();
        for (column, weight) in self.columns.iter().zip(weights) {
            if *weight != 0.0 {
                for (v, x) in v.iter_mut().zip(column) {
                    *v -= weight * x;
                }
            }
        }
        v
    }

    fn objective(&self, weights: &[f64]) -> f64 {
        let v = self.residual(weights);
        let lengths: f64 = (0..self.cells.len())
            .map(|k| norm(&self.vector(k, weights)))
            .sum();
        0.5 * dot(&v, &v) + self.targets.beta * lengths
    }

    /// Newton's method on the free columns, with steps to the boundary.
    fn newton(&mut self) {
        // Columns that have just been added have the weight 0.
        let added: Vec<usize> = self
            .free
            .iter()
            .copied()
            .filter(|&a| self.weights[a] == 0.0)
            .collect();
        self.drop_dust();
        self.free.extend(added);
        let mut value = self.objective(&self.weights);
        for _ in 0..100 {
            if self.free.is_empty() {
                return;
            }
            let v = self.residual(&self.weights);
            let vectors: Vec<Vec<f64>> = (0..self.cells.len())
                .map(|k| self.vector(k, &self.weights))
                .collect();
            let lengths: Vec<f64> = vectors.iter().map(|u| norm(u)).collect();
            let beta = self.targets.beta;
            let m = self.free.len();
            let along: Vec<f64> = self
                .free
                .iter()
                .map(|&a| {
                    let k = self.owner[a].0;
                    dot(self.ray(a), &vectors[k]) / lengths[k].max(1e-300)
                })
                .collect();
            let mut step: Vec<f64> = self
                .free
                .iter()
                .zip(&along)
                .map(|(&a, along)| dot(&self.columns[a], &v) - beta * along)
                .collect();
            let slope = step.clone();
            let mut h = vec![vec![0.0; m]; m];
            for (i, &a) in self.free.iter().enumerate() {
                for (j, &b) in self.free[..=i].iter().enumerate() {
                    let mut x = dot(&self.columns[a], &self.columns[b]);
                    let k = self.owner[a].0;
                    if k == self.owner[b].0 {
                        x += beta * (dot(self.ray(a), self.ray(b)) - along[i] * along[j])
                            / lengths[k].max(1e-300);
                    }
                    h[i][j] = x;
                    h[j][i] = x;
                }
            }
            solve_definite(&mut h, &mut step);
            let mut rate = dot(&step, &slope);
            if !(rate > 0.0) {
                step.clone_from(&slope);
                rate = dot(&slope, &slope);
            }
            let bound = self
                .free
                .iter()
                .zip(&step)
                .filter(|(_, d)| **d < 0.0)
                .map(|(&a, d)| self.weights[a] / -d)
                .fold(f64::INFINITY, f64::min);
            let mut t = bound.min(1.0);
            let mut next = self.weights.clone();
            let (mut moved, mut accepted) = (false, false);
            for _ in 0..40 {
                for (&a, d) in self.free.iter().zip(&step) {
                    next[a] = (self.weights[a] + t * d).max(0.0);
                    if t == bound && -d * t >= self.weights[a] * (1.0 - 1e-14) && *d < 0.0 {
                        next[a] = 0.0;
                    }
                }
                let trial = self.objective(&next);
                if trial <= value - 1e-4 * t * rate || (t == bound && trial <= value) {
                    moved = trial < value - 1e-15 * value.abs() || t == bound;
                    accepted = true;
                    value = trial;
                    break;
                }
                if rate * t < 1e-16 * value.abs().max(1e-300) {
                    // At the limit of floats: take Newton's step and stop, unless a column reaches 0 by it.
                    if trial <= value * (1.0 + 1e-15) {
                        moved = t == bound;
                        if !moved {
                            self.weights.clone_from(&next);
                        }
                    }
                    break;
                }
                t *= 0.5;
            }
            if moved || accepted {
                // Also the last step, which no longer shows in the objective: the residual gains half of its digits by it.
                self.weights = next;
                self.drop_dust();
            }
            if !moved {
                return;
            }
        }
    }

    /// Columns whose weight is only rounding are put to 0: they would stop the next step at once.
    fn drop_dust(&mut self) {
        let largest = self.weights.iter().copied().fold(0.0, f64::max);
        let weights = &mut self.weights;
        self.free.retain(|&a| {
            let keep = weights[a] > 1e-14 * largest;
            if !keep {
                weights[a] = 0.0;
            }
            keep
        });
    }

    fn run(&mut self) {
        let scale = norm(&self.targets.y).max(1e-300);
        for _ in 0..60 * (1 + self.cells.len()) {
            self.newton();
            let v = self.residual(&self.weights);
            // One column at a time: then Newton's step does not take it back (Lawson and Hanson).
            let mut best: Option<(f64, usize)> = None;
            let mut zero: Option<(f64, usize, Projection)> = None;
            for k in 0..self.cells.len() {
                let u = self.vector(k, &self.weights);
                let length = norm(&u);
                let (cell, sign) = self.cells[k];
                let g = gradient(cell, if sign > 0.0 { 1 } else { -1 }, &v);
                if length > 0.0 {
                    for a in self.first[k]..self.first[k + 1] {
                        if self.free.contains(&a) {
                            continue;
                        }
                        let ray = self.ray(a);
                        let excess = dot(ray, &g) - self.targets.beta * dot(ray, &u) / length;
                        // What rounding makes of the product is in proportion to the data.
                        if excess > 1e-12 * self.targets.beta + 1e-15 * scale * cell.norm
                            && best.is_none_or(|(most, _)| excess > most)
                        {
                            best = Some((excess, a));
                        }
                    }
                } else {
                    let projection = project(cell, &g);
                    let excess = projection.value - self.targets.beta;
                    if excess > 1e-12 * self.targets.beta
                        && zero.as_ref().is_none_or(|(most, _, _)| excess > *most)
                    {
                        zero = Some((excess, k, projection));
                    }
                }
            }
            match (best, zero) {
                (Some((_, a)), _) => self.free.push(a),
                (None, Some((_, k, projection))) if self.release(k, &projection, &v) => {}
                _ => return,
            }
        }
    }

    /// Starts a zero neuron in the direction of its projected gradient, if that lowers the objective.
    fn release(&mut self, k: usize, projection: &Projection, v: &[f64]) -> bool {
        let (cell, sign) = self.cells[k];
        let beta = self.targets.beta;
        let weights = cone_weights(&cell.unit_rays, &projection.point);
        let mut u = vec![0.0; projection.point.len()];
        for (ray, weight) in cell.unit_rays.iter().zip(&weights) {
            for (u, x) in u.iter_mut().zip(ray) {
                *u += weight * x;
            }
        }
        let f: Vec<f64> = cell.map.iter().map(|row| sign * dot(row, &u)).collect();
        let t = (dot(&f, v) - beta * norm(&u)) / dot(&f, &f);
        if !(t > 0.0) || !t.is_finite() {
            return false;
        }
        for (j, weight) in weights.iter().enumerate() {
            if *weight > 0.0 {
                let column = self.first[k] + j;
                self.weights[column] = t * weight;
                self.free.push(column);
            }
        }
        true
    }
}

/// Nonnegative weights of rays whose sum is near a point of their cone.
pub fn cone_weights(rays: &[Vec<f64>], point: &[f64]) -> Vec<f64> {
    nonnegative_least_squares(rays, point, 1e-14)
}

/// Solves `min ½‖Σ_k s_k·map_k·u_k − y‖² + βΣ‖u_k‖` over u_k in the closed cells, from a solution for some of the pairs (in the same order) or from zero.
pub fn solve(
    geometry: &Geometry,
    targets: &Targets,
    pairs: &[Pair],
    start: Option<&[Vec<f64>]>,
) -> Solution {
    let mut solver = Solver::new(geometry, targets, pairs);
    for (k, weights) in start.into_iter().flatten().enumerate() {
        for (j, weight) in weights.iter().enumerate() {
            if *weight > 0.0 {
                let column = solver.first[k] + j;
                solver.weights[column] = *weight;
                solver.free.push(column);
            }
        }
    }
    solver.run();
    Solution {
        v: solver.residual(&solver.weights),
        weights: (0..pairs.len())
            .map(|k| solver.weights[solver.first[k]..solver.first[k + 1]].to_vec())
            .collect(),
    }
}
