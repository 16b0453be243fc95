//! The bound of one cone: the shortest support vector.
//!
//! On a simplicial cone with unit generators `g_j` the convex classes are replaced by their chords and each concave class by a
//! slope in `[−1, 1]`. The vectors `q` that then satisfy every generator's condition form the polyhedron
//! `conv{P(γ)} + cone{d_j}` (`P(γ)` the linear functional of a choice of slopes, `d_j` the dual basis of the cone), and the bound of the
//! cone is the norm of its shortest vector. It is found by Wolfe's algorithm (P. Wolfe, "Finding the nearest point in a polytope",
//! Math. Programming 11, 1976), extended by rays; the linear oracle is one pass over the concave classes. It ends as soon as the cone is known
//! to be below or above the target.

use super::form::dot;

/// What is known of a cone after [`LeafSolver::solve`].
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The support vector is not longer than the target.
    Accepted,
    /// The relaxed maximum over the cone exceeds the target, or the solver stopped above it.
    Rejected,
}

/// One cone's data: all quantities in search coordinates.
pub struct ConeData<'a> {
    /// Dimension.
    pub dim: usize,
    /// Dual basis `d_j`, `dim × dim` row major: `d_j·g_k = [j = k]`.
    pub dual: &'a [f64],
    /// Linear part plus chords of the convex classes, as a vector.
    pub base: &'a [f64],
    /// Concave mixed classes: rows times their (positive) absolute weight, row major.
    pub concave: &'a [f64],
}

/// Working memory and result of the shortest-vector problem.
#[derive(Default)]
pub struct LeafSolver {
    /// The support vector found.
    pub q: Vec<f64>,
    /// Slopes of the concave mixed classes, in `[−1, 1]`.
    pub slopes: Vec<f64>,
    /// Coordinates of `q` in the cone: `q = Σ λ_j g_j`.
    pub lambda: Vec<f64>,
    /// Number of linear-oracle calls.
    pub calls: u64,
    atoms: Vec<Atom>,
    pool: Vec<Atom>,
    basis: Vec<f64>,
    upper: Vec<f64>,
    point: Vec<f64>,
    pattern: Vec<bool>,
    coefficients: Vec<f64>,
}

#[derive(Default)]
struct Atom {
    vector: Vec<f64>,
    /// Signs chosen for the concave classes; empty for a ray.
    pattern: Vec<bool>,
    ray: Option<usize>,
    weight: f64,
}

impl LeafSolver {
    /// Shortest support vector of the cone, stopped early against `target`. `start` is a direction whose signs give the first slopes.
    pub fn solve(&mut self, cone: &ConeData, start: &[f64], target: f64) -> Outcome {
        let dim = cone.dim;
        let concave_count = cone.concave.len() / dim.max(1);
        self.q.clear();
        self.q.extend_from_slice(start);
        self.lambda.resize(dim, 0.0);
        while let Some(atom) = self.atoms.pop() {
            self.pool.push(atom);
        }
        self.oracle(cone, start);
        self.push_point();
        self.atoms[0].weight = 1.0;
        self.q.copy_from_slice(&self.point);
        let mut outcome = Outcome::Rejected;
        let limit = 20 + 6 * dim;
        for _ in 0..limit {
            let square = dot(&self.q, &self.q);
            if square <= target * target {
                outcome = Outcome::Accepted;
                break;
            }
            // Rays: the generators on whose far side q lies.
            let length = square.sqrt();
            let mut worst = -1e-12;
            let mut worst_ray = None;
            for j in 0..dim {
                let d = &cone.dual[j * dim..(j + 1) * dim];
                let coordinate = dot(d, &self.q);
                self.lambda[j] = coordinate;
                let depth = coordinate / (dot(d, d).sqrt() * length);
                if depth < worst && !self.atoms.iter().any(|a| a.ray == Some(j)) {
                    worst = depth;
                    worst_ray = Some(j);
                }
            }
            if let Some(j) = worst_ray {
                let mut atom = self.pool.pop().unwrap_or_default();
                atom.vector.clear();
                atom.vector
                    .extend_from_slice(&cone.dual[j * dim..(j + 1) * dim]);
                atom.pattern.clear();
                atom.ray = Some(j);
                atom.weight = 0.0;
                self.atoms.push(atom);
            } else {
                if concave_count == 0 {
                    break;
                }
                let q = std::mem::take(&mut self.q);
                self.oracle(cone, &q);
                self.q = q;
                let value = dot(&self.point, &self.q);
                // value/‖q‖ is the relaxed F at q/‖q‖, a lower bound of the cone's maximum.
                if value > target * length {
                    break;
                }
                if value >= square * (1.0 - 1e-13) {
                    break;
                }
                self.push_point();
            }
            if !self.minor_cycle(dim) {
                break;
            }
        }
        self.collect_slopes(cone, concave_count);
        outcome
    }

    /// The linear oracle: `P(γ)` of least `q·P`, written to `point` and `pattern`.
    fn oracle(&mut self, cone: &ConeData, q: &[f64]) {
        let dim = cone.dim;
        self.calls += 1;
        self.point.clear();
        self.point.extend_from_slice(cone.base);
        self.pattern.clear();
        for row in cone.concave.chunks_exact(dim.max(1)) {
            let positive = dot(row, q) >= 0.0;
            self.pattern.push(positive);
            if positive {
                for (p, x) in self.point.iter_mut().zip(row) {
                    *p -= x;
                }
            } else {
                for (p, x) in self.point.iter_mut().zip(row) {
                    *p += x;
                }
            }
        }
    }

    fn push_point(&mut self) {
        let mut atom = self.pool.pop().unwrap_or_default();
        atom.vector.clear();
        atom.vector.extend_from_slice(&self.point);
        atom.pattern.clear();
        atom.pattern.extend_from_slice(&self.pattern);
        atom.ray = None;
        atom.weight = 0.0;
        self.atoms.push(atom);
    }

    /// Moves to the shortest vector of the active atoms' hull, dropping atoms whose weight reaches zero. `false` if no progress is possible.
    fn minor_cycle(&mut self, dim: usize) -> bool {
        for _ in 0..4 * dim + 8 {
            if !self.affine_minimum(dim) {
                // The newest atom depends on the others: no progress to be made in floats.
                return false;
            }
            let worst = self
                .coefficients
                .iter()
                .copied()
                .fold(f64::INFINITY, f64::min);
            if worst >= 0.0 {
                for (atom, c) in self.atoms.iter_mut().zip(&self.coefficients) {
                    atom.weight = *c;
                }
                self.recompute(dim);
                return true;
            }
            let mut theta: f64 = 1.0;
            for (atom, c) in self.atoms.iter().zip(&self.coefficients) {
                if *c < 0.0 {
                    let drop = atom.weight - c;
                    if drop > 0.0 {
                        theta = theta.min(atom.weight / drop);
                    }
                }
            }
            for (atom, c) in self.atoms.iter_mut().zip(&self.coefficients) {
                atom.weight += theta * (c - atom.weight);
            }
            // Remove the atoms at zero (at least the one that blocked), but never the last point.
            let points = self.atoms.iter().filter(|a| a.ray.is_none()).count();
            let mut removed = false;
            let mut points_left = points;
            let mut i = 0;
            while i < self.atoms.len() {
                let atom = &self.atoms[i];
                let last_point = atom.ray.is_none() && points_left == 1;
                if atom.weight <= 1e-15 && self.coefficients[i] < 0.0 && !last_point {
                    if atom.ray.is_none() {
                        points_left -= 1;
                    }
                    let atom = self.atoms.remove(i);
                    self.coefficients.remove(i);
                    self.pool.push(atom);
                    removed = true;
                } else {
                    i += 1;
                }
            }
            if !removed {
                self.recompute(dim);
                return false;
            }
        }
        self.recompute(dim);
        false
    }

    /// Weights of the shortest vector of the affine hull of the active points plus the span of the active rays, by Gram–Schmidt.
    fn affine_minimum(&mut self, dim: usize) -> bool {
        let Some(origin) = self.atoms.iter().position(|a| a.ray.is_none()) else {
            return false;
        };
        let count = self.atoms.len() - 1;
        self.coefficients.clear();
        self.coefficients.resize(self.atoms.len(), 0.0);
        if count == 0 {
            self.coefficients[origin] = 1.0;
            return true;
        }
        if count > dim {
            return false;
        }
        self.basis.clear();
        self.basis.resize(count * dim, 0.0);
        self.upper.clear();
        self.upper.resize(count * count, 0.0);
        let mut column = 0;
        for (index, atom) in self.atoms.iter().enumerate() {
            if index == origin {
                continue;
            }
            let (done, rest) = self.basis.split_at_mut(column * dim);
            let vector = &mut rest[..dim];
            vector.copy_from_slice(&atom.vector);
            if atom.ray.is_none() {
                for (x, y) in vector.iter_mut().zip(&self.atoms[origin].vector) {
                    *x -= y;
                }
            }
            let before = dot(vector, vector).sqrt();
            for _ in 0..2 {
                for k in 0..column {
                    let e = &done[k * dim..(k + 1) * dim];
                    let c = dot(e, vector);
                    self.upper[k * count + column] += c;
                    for (x, y) in vector.iter_mut().zip(e) {
                        *x -= c * y;
                    }
                }
            }
            let after = dot(vector, vector).sqrt();
            if !(after > 1e-11 * before) {
                return false;
            }
            self.upper[column * count + column] = after;
            for x in vector.iter_mut() {
                *x /= after;
            }
            column += 1;
        }
        // Coefficients of the projection of −origin on the span.
        let mut solution = [0.0f64; 64];
        for k in 0..count {
            solution[k] = -dot(
                &self.basis[k * dim..(k + 1) * dim],
                &self.atoms[origin].vector,
            );
        }
        for k in (0..count).rev() {
            let mut value = solution[k];
            for l in k + 1..count {
                value -= self.upper[k * count + l] * solution[l];
            }
            solution[k] = value / self.upper[k * count + k];
        }
        let mut rest = 1.0;
        let mut column = 0;
        for index in 0..self.atoms.len() {
            if index == origin {
                continue;
            }
            self.coefficients[index] = solution[column];
            if self.atoms[index].ray.is_none() {
                rest -= solution[column];
            }
            column += 1;
        }
        self.coefficients[origin] = rest;
        true
    }

    fn recompute(&mut self, dim: usize) {
        self.q.clear();
        self.q.resize(dim, 0.0);
        for atom in &self.atoms {
            for (q, x) in self.q.iter_mut().zip(&atom.vector) {
                *q += atom.weight * x;
            }
        }
    }

    fn collect_slopes(&mut self, cone: &ConeData, count: usize) {
        self.slopes.clear();
        self.slopes.resize(count, 0.0);
        let total: f64 = self
            .atoms
            .iter()
            .filter(|a| a.ray.is_none())
            .map(|a| a.weight)
            .sum();
        for atom in self.atoms.iter().filter(|a| a.ray.is_none()) {
            let weight = atom.weight / total;
            for (slope, positive) in self.slopes.iter_mut().zip(&atom.pattern) {
                *slope += if *positive { weight } else { -weight };
            }
        }
        for j in 0..cone.dim {
            self.lambda[j] = dot(&cone.dual[j * cone.dim..(j + 1) * cone.dim], &self.q);
        }
    }
}
