//! The optimal networks as a polytope: with the active directions `u_k` (`ρ = 1`, outputs `f_k`) they are the scales `t ≥ 0` with `Σ t_k f_k + constants = f*`.
//!
//! The penalty is the same on all of it: `v·f_k = β` at every active direction, and `v` is orthogonal to the free constants. Floats throughout.

use good_lp::{Expression, ProblemVariables, Solution, SolverModel, Variable, variable};
use itertools::Itertools;
use nalgebra::{DMatrix, DVector};

/// Singular values below this share of the largest count as zero.
pub const RANK_TOLERANCE: f64 = 1e-7;

/// Scales below this share of their sum count as zero.
pub const ZERO: f64 = 1e-7;

/// Most choices of zero scales that are tried for an enumeration of the vertices.
const MOST_CHOICES: u64 = 20_000;

/// Random linear functions minimised where the vertices are too many.
const RANDOM_VERTICES: usize = 200;

/// Why there is no polytope to speak of.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error(
    "the active directions found do not make up the optimal outputs (relative distance {distance:.1e})"
)]
pub struct Mismatch {
    /// `‖Σ t_k f_k − f*‖/‖f*‖` at the best scales.
    pub distance: f64,
}

/// The columns of the polytope's equations.
pub struct Columns {
    /// Outputs of the active directions on the samples, `n × K`.
    pub atoms: DMatrix<f64>,
    /// The free constants, `n × c` with `c ≤ 2`, independent.
    pub free: DMatrix<f64>,
    /// The optimal outputs without what decayed constants make, length `n`.
    pub outputs: DVector<f64>,
}

/// An optimal network in the active directions.
#[derive(Clone, Debug)]
pub struct Vertex {
    /// One scale a direction; those that are zero within [`ZERO`] are 0.
    pub scales: DVector<f64>,
    /// Coefficients of the free constants.
    pub constants: DVector<f64>,
}

/// `{t0 + N z : t ≥ 0}`, and the free constants that go with it. Scales are relative to their sum.
#[derive(Clone, Debug)]
pub struct Polytope {
    /// The sum of the scales: the same for every optimal network.
    pub total: f64,
    /// Scales of one optimal network over `total`, length `K`.
    start: DVector<f64>,
    /// Orthonormal basis of the directions in which the scales can move, `K × q`.
    null: DMatrix<f64>,
    /// Rank of the columns modulo the free constants.
    pub rank: usize,
    /// The smallest singular value that counts as positive and the largest that counts as zero, relative to the largest.
    pub singular: (Option<f64>, Option<f64>),
    /// `C⁺(f* − A t0·total)`.
    constants: DVector<f64>,
    /// `−C⁺ A N·total`.
    constants_null: DMatrix<f64>,
    /// `C⁺ A·total`, for further columns.
    inverse: DMatrix<f64>,
}

impl Polytope {
    /// The polytope of these columns.
    ///
    /// # Errors
    ///
    /// [`Mismatch`] if no scales reproduce the outputs.
    pub fn new(columns: &Columns) -> Result<Polytope, Mismatch> {
        let count = columns.atoms.ncols();
        let finite = |m: &DMatrix<f64>| m.iter().all(|x| x.is_finite());
        if !(finite(&columns.atoms) && columns.outputs.iter().all(|x| x.is_finite())) {
            // Data near the ends of the floats' range.
            return Err(Mismatch { distance: f64::NAN });
        }
        let inverse = if columns.free.ncols() == 0 {
            DMatrix::zeros(0, columns.free.nrows())
        } else {
            columns
                .free
                .clone()
                .pseudo_inverse(1e-12)
                .unwrap_or_else(|_| DMatrix::zeros(columns.free.ncols(), columns.free.nrows()))
        };
        let project = |m: &DMatrix<f64>| m - &columns.free * (&inverse * m);
        let outputs = DMatrix::from_columns(std::slice::from_ref(&columns.outputs));
        let target = project(&outputs).column(0).into_owned();
        let atoms = project(&columns.atoms);
        let t0 = nonnegative_least_squares(&atoms, &target);
        let distance = (&atoms * &t0 - &target).norm();
        let size = target.norm().max(columns.outputs.norm() * 1e-6);
        if distance > 1e-6 * size {
            return Err(Mismatch {
                distance: distance / size,
            });
        }
        let (null, rank, singular) = null_space(&atoms);
        let total = t0.sum();
        let start = if total > 0.0 { &t0 / total } else { t0 };
        let scaled = &inverse * &columns.atoms * total;
        let constants = &inverse * &columns.outputs - &scaled * &start;
        Ok(Polytope {
            total,
            constants,
            constants_null: -&scaled * &null,
            start,
            null: if count == 0 {
                DMatrix::zeros(0, 0)
            } else {
                null
            },
            rank,
            singular,
            inverse,
        })
    }

    /// Number of active directions.
    pub fn atoms(&self) -> usize {
        self.start.len()
    }

    fn moves(&self) -> usize {
        self.null.ncols()
    }

    /// Least and largest value of scale `k`, if the linear programs were solved.
    pub fn scale_range(&self, k: usize) -> Option<(f64, f64)> {
        let row = self.null.row(k).transpose();
        let (low, high) = self.range(self.start[k], &row)?;
        Some((low.max(0.0) * self.total, high.max(0.0) * self.total))
    }

    /// The range of `value + gradient·z`.
    fn range(&self, value: f64, gradient: &DVector<f64>) -> Option<(f64, f64)> {
        if self.total == 0.0 || self.moves() == 0 {
            return Some((value, value));
        }
        let low = self.minimum(gradient)?;
        let high = self.minimum(&-gradient)?;
        Some((value + gradient.dot(&low), value + gradient.dot(&high)))
    }

    /// Where a linear function of `z` is least. `None` unless the solver says optimal and its point is one of the polytope.
    fn minimum(&self, gradient: &DVector<f64>) -> Option<DVector<f64>> {
        let q = self.moves();
        let size = gradient.norm();
        if !(size > 0.0) {
            return Some(DVector::zeros(q));
        }
        let mut variables = ProblemVariables::new();
        // With an orthonormal basis |z| is a distance between scales whose sum is 1.
        let z: Vec<Variable> = (0..q)
            .map(|_| variables.add(variable().min(-4.0).max(4.0)))
            .collect();
        let linear = |coefficients: &mut dyn Iterator<Item = f64>| -> Expression {
            coefficients.zip(&z).map(|(c, z)| c * *z).sum()
        };
        let objective = linear(&mut gradient.iter().map(|g| g / size));
        let mut lp = variables
            .minimise(objective)
            .using(good_lp::solvers::microlp::microlp);
        for k in 0..self.atoms() {
            let row = self.null.row(k);
            if row.iter().all(|x| *x == 0.0) {
                continue;
            }
            let scale = linear(&mut row.iter().copied());
            lp = lp.with(scale.geq(-self.start[k]));
        }
        let solution = lp.solve().ok()?;
        let point = DVector::from_iterator(q, z.iter().map(|z| solution.value(*z)));
        let inside = self.scales(&point).iter().all(|t| *t >= -1e-7)
            && point.iter().all(|z| z.is_finite() && z.abs() < 4.0);
        let better = gradient.dot(&point) <= 1e-9 * size;
        (inside && better).then_some(point)
    }

    /// Scales over their sum.
    fn scales(&self, z: &DVector<f64>) -> DVector<f64> {
        &self.start + &self.null * z
    }

    /// Coefficients of the free constants.
    pub fn constants(&self, z: &DVector<f64>) -> DVector<f64> {
        &self.constants + &self.constants_null * z
    }

    /// The directions whose scale is positive in some optimal network, and the dimension of the polytope. `None` if a linear program was not solved.
    pub fn dimension(&self) -> Option<(Vec<usize>, usize)> {
        if self.total == 0.0 {
            return Some((Vec::new(), 0));
        }
        let mut alive = Vec::new();
        for k in 0..self.atoms() {
            if self.start[k] > ZERO || self.scale_range(k)?.1 > ZERO * self.total {
                alive.push(k);
            }
        }
        // The moves that keep the other scales at zero.
        let dead: Vec<usize> = (0..self.atoms()).filter(|k| !alive.contains(k)).collect();
        let fixed = DMatrix::from_fn(dead.len(), self.moves(), |i, j| self.null[(dead[i], j)]);
        let (free, _, _) = null_space_absolute(&fixed);
        Some((alive, free.ncols()))
    }

    /// Vertices of the polytope, and whether they are all of them.
    pub fn vertices(&self, seed: u64) -> (Vec<Vertex>, bool) {
        let Some((alive, dimension)) = self.dimension() else {
            return (vec![self.network(&DVector::zeros(self.moves()))], false);
        };
        if dimension == 0 {
            return (vec![self.network(&DVector::zeros(self.moves()))], true);
        }
        // z = B y keeps the dead scales at zero.
        let dead: Vec<usize> = (0..self.atoms()).filter(|k| !alive.contains(k)).collect();
        let fixed = DMatrix::from_fn(dead.len(), self.moves(), |i, j| self.null[(dead[i], j)]);
        let (basis, _, _) = null_space_absolute(&fixed);
        let moves = &self.null * &basis;
        let mut found: Vec<DVector<f64>> = Vec::new();
        let mut keep = |z: DVector<f64>| {
            if !found.iter().any(|other| (other - &z).norm() < 1e-7) {
                found.push(z);
            }
        };
        let all = choices(alive.len() as u64, dimension as u64) <= MOST_CHOICES;
        if all {
            for zeros in alive.iter().copied().combinations(dimension) {
                let matrix = DMatrix::from_fn(dimension, dimension, |i, j| moves[(zeros[i], j)]);
                let right = DVector::from_fn(dimension, |i, _| -self.start[zeros[i]]);
                let svd = matrix.svd(true, true);
                if svd.singular_values.min() <= RANK_TOLERANCE * svd.singular_values.max() {
                    continue;
                }
                let Ok(y) = svd.solve(&right, 0.0) else {
                    continue;
                };
                let z = &basis * y;
                if self.scales(&z).iter().all(|t| *t >= -1e-9) {
                    keep(z);
                }
            }
        } else {
            let mut random = crate::oracle::ascent::Random::new(seed ^ 0x0bad_5eed);
            for _ in 0..RANDOM_VERTICES {
                let gradient = DVector::from_fn(self.moves(), |_, _| random.normal());
                if let Some(z) = self.minimum(&gradient) {
                    keep(z);
                }
            }
        }
        if found.is_empty() {
            found.push(DVector::zeros(self.moves()));
        }
        (found.iter().map(|z| self.network(z)).collect(), all)
    }

    fn network(&self, z: &DVector<f64>) -> Vertex {
        let mut scales = self.scales(z);
        scales
            .iter_mut()
            .for_each(|t| *t = if *t <= ZERO { 0.0 } else { *t });
        Vertex {
            scales: scales * self.total,
            constants: self.constants(z),
        }
    }

    /// The range over the polytope of a linear function: `atoms` at the directions, `constants` at the free constants.
    pub fn prediction(&self, atoms: &DVector<f64>, constants: &DVector<f64>) -> Option<(f64, f64)> {
        let value = self.total * atoms.dot(&self.start) + constants.dot(&self.constants);
        let gradient = self.null.tr_mul(atoms) * self.total + self.constants_null.tr_mul(constants);
        self.range(value, &gradient)
    }

    /// The polytope with further directions, whose outputs are combinations of those there are and of the free constants: `further[j]` lists `(direction, factor)`, and `columns` has
    /// their outputs (`n × further`).
    pub fn extended(
        &self,
        columns: &Columns,
        further: &DMatrix<f64>,
        combinations: &[Vec<(usize, f64)>],
    ) -> Polytope {
        let (before, extra) = (self.atoms(), combinations.len());
        let count = before + extra;
        let mut start = DVector::zeros(count);
        start.rows_mut(0, before).copy_from(&self.start);
        let mut null = DMatrix::zeros(count, self.moves() + extra);
        null.view_mut((0, 0), (before, self.moves()))
            .copy_from(&self.null);
        for (j, combination) in combinations.iter().enumerate() {
            null[(before + j, self.moves() + j)] = 1.0;
            for (k, factor) in combination {
                null[(*k, self.moves() + j)] -= factor;
            }
        }
        let null = null.qr().q();
        let mut atoms = DMatrix::zeros(columns.atoms.nrows(), count);
        atoms
            .view_mut((0, 0), columns.atoms.shape())
            .copy_from(&columns.atoms);
        atoms
            .view_mut((0, before), further.shape())
            .copy_from(further);
        let scaled = &self.inverse * &atoms * self.total;
        Polytope {
            total: self.total,
            constants: self.constants.clone(),
            constants_null: -&scaled * &null,
            start,
            null,
            rank: self.rank,
            singular: self.singular,
            inverse: self.inverse.clone(),
        }
    }
}

/// `n` choose `k`, capped.
fn choices(n: u64, k: u64) -> u64 {
    let mut product: u128 = 1;
    for i in 0..k.min(n - k.min(n)) {
        product = product * u128::from(n - i) / u128::from(i + 1);
        if product > u128::from(u64::MAX) {
            return u64::MAX;
        }
    }
    product as u64
}

/// Orthonormal basis of the null space of columns, each taken at length one; the rank; the singular values on both sides of the tolerance.
fn null_space(columns: &DMatrix<f64>) -> (DMatrix<f64>, usize, (Option<f64>, Option<f64>)) {
    let count = columns.ncols();
    let lengths: Vec<f64> = (0..count)
        .map(|k| columns.column(k).norm().max(1e-300))
        .collect();
    let mut unit = columns.clone();
    for (k, length) in lengths.iter().enumerate() {
        unit.column_mut(k).unscale_mut(*length);
    }
    let (mut null, rank, singular) = null_space_absolute(&unit);
    for (k, length) in lengths.iter().enumerate() {
        null.row_mut(k).unscale_mut(*length);
    }
    let null = if null.ncols() == 0 {
        null
    } else {
        null.qr().q()
    };
    (null, rank, singular)
}

/// The same without scaling; singular values are relative to the largest one, or to 1 if that is larger.
fn null_space_absolute(matrix: &DMatrix<f64>) -> (DMatrix<f64>, usize, (Option<f64>, Option<f64>)) {
    let count = matrix.ncols();
    if count == 0 || matrix.nrows() == 0 {
        return (DMatrix::identity(count, count), 0, (None, None));
    }
    // A square matrix with the same null space.
    let mut square = DMatrix::zeros(count, count);
    let reduced = if matrix.nrows() > count {
        matrix.clone().qr().r()
    } else {
        matrix.clone()
    };
    square.view_mut((0, 0), reduced.shape()).copy_from(&reduced);
    let svd = square.svd(false, true);
    let largest = svd.singular_values.max().max(1.0);
    let Some(rows) = svd.v_t else {
        return (DMatrix::zeros(count, 0), count, (None, None));
    };
    let mut kept: Option<f64> = None;
    let mut dropped: Option<f64> = None;
    let mut null = Vec::new();
    for (i, value) in svd.singular_values.iter().enumerate() {
        let value = value / largest;
        if value > RANK_TOLERANCE {
            kept = Some(kept.map_or(value, |k| k.min(value)));
        } else {
            dropped = Some(dropped.map_or(value, |d| d.max(value)));
            null.push(rows.row(i).transpose());
        }
    }
    let rank = count - null.len();
    let basis = if null.is_empty() {
        DMatrix::zeros(count, 0)
    } else {
        DMatrix::from_columns(&null)
    };
    (basis, rank, (kept, dropped))
}

/// `min ‖A t − b‖` over `t ≥ 0`: C. L. Lawson and R. J. Hanson, "Solving Least Squares Problems", 1974, chapter 23.
fn nonnegative_least_squares(a: &DMatrix<f64>, b: &DVector<f64>) -> DVector<f64> {
    let count = a.ncols();
    let lengths: Vec<f64> = (0..count).map(|k| a.column(k).norm().max(1e-300)).collect();
    let mut x = DVector::zeros(count);
    let mut passive: Vec<usize> = Vec::new();
    let solve = |passive: &[usize]| -> Option<DVector<f64>> {
        let columns: Vec<_> = passive.iter().map(|k| a.column(*k) / lengths[*k]).collect();
        let svd = DMatrix::from_columns(&columns).svd(true, true);
        svd.solve(b, 1e-12).ok()
    };
    for _ in 0..4 * count + 10 {
        let residual = b
            - (0..count).fold(DVector::zeros(b.len()), |sum: DVector<f64>, k| {
                sum + a.column(k) * (x[k] / lengths[k])
            });
        let entering = (0..count)
            .filter(|k| !passive.contains(k))
            .map(|k| (a.column(k).dot(&residual) / lengths[k], k))
            .max_by(|p, q| p.0.total_cmp(&q.0));
        match entering {
            Some((gain, k)) if gain > 1e-13 * b.norm() => passive.push(k),
            _ => break,
        }
        while let Some(y) = solve(&passive) {
            let step = passive
                .iter()
                .zip(y.iter())
                .filter(|(_, y)| **y <= 0.0)
                .map(|(k, y)| x[*k] / (x[*k] - y))
                .fold(f64::INFINITY, f64::min);
            if step.is_infinite() {
                for (k, y) in passive.iter().zip(y.iter()) {
                    x[*k] = *y;
                }
                break;
            }
            let step = if step.is_nan() { 0.0 } else { step };
            for (k, y) in passive.iter().zip(y.iter()) {
                x[*k] += step * (y - x[*k]);
            }
            let before = passive.len();
            passive.retain(|k| x[*k] > 1e-15);
            for k in 0..count {
                if !passive.contains(&k) {
                    x[k] = 0.0;
                }
            }
            if passive.is_empty() || passive.len() == before {
                break;
            }
        }
    }
    for (k, length) in lengths.iter().enumerate() {
        x[k] /= length;
    }
    x
}

#[cfg(test)]
mod tests {
    use super::*;

    fn polytope(atoms: &[&[f64]], outputs: &[f64], free: bool) -> (Columns, Polytope) {
        let n = outputs.len();
        let columns = Columns {
            atoms: DMatrix::from_fn(n, atoms.len(), |i, k| atoms[k][i]),
            free: DMatrix::from_element(n, usize::from(free), 1.0),
            outputs: DVector::from_column_slice(outputs),
        };
        let found = Polytope::new(&columns).expect("a polytope");
        (columns, found)
    }

    #[test]
    fn independent_directions_leave_one_network() {
        let (_, p) = polytope(&[&[1.0, 0.0], &[1.0, 1.0]], &[3.0, 1.0], false);
        assert_eq!((p.rank, p.dimension()), (2, Some((vec![0, 1], 0))));
        assert!((p.total - 3.0).abs() < 1e-12);
        let (low, high) = p.scale_range(0).expect("a range");
        assert!((low - 2.0).abs() < 1e-9 && (high - 2.0).abs() < 1e-9);
    }

    #[test]
    fn four_equal_directions_make_a_simplex() {
        let (_, p) = polytope(&[&[2.0]; 4].map(|a: &[f64; 1]| a.as_slice()), &[6.0], false);
        assert_eq!((p.rank, p.dimension()), (1, Some((vec![0, 1, 2, 3], 3))));
        let (vertices, all) = p.vertices(0);
        assert!(all);
        assert_eq!(vertices.len(), 4);
        for Vertex { scales, .. } in &vertices {
            assert_eq!(scales.iter().filter(|t| **t > 0.0).count(), 1);
            assert!((scales.sum() - 3.0).abs() < 1e-9);
        }
        let at = DVector::from_column_slice(&[1.0, -1.0, 0.5, 0.0]);
        let (low, high) = p.prediction(&at, &DVector::zeros(0)).expect("a range");
        assert!((low + 3.0).abs() < 1e-9 && (high - 3.0).abs() < 1e-9);
    }

    #[test]
    fn a_direction_that_can_never_be_used_does_not_count() {
        // t1 + t2 + 2·t3 = 1 and t3 = 0: the third is at zero.
        let (_, p) = polytope(&[&[1.0, 0.0], &[1.0, 0.0], &[2.0, 1.0]], &[1.0, 0.0], false);
        assert_eq!((p.rank, p.dimension()), (2, Some((vec![0, 1], 1))));
    }

    #[test]
    fn constants_take_up_what_they_can() {
        let (_, p) = polytope(&[&[0.0, 1.0], &[-1.0, 0.0]], &[3.0, 4.0], true);
        assert_eq!((p.rank, p.dimension()), (1, Some((vec![0, 1], 1))));
        let (vertices, _) = p.vertices(0);
        let mut constants: Vec<f64> = vertices.iter().map(|v| v.constants[0]).collect();
        constants.sort_by(f64::total_cmp);
        assert!((constants[0] - 3.0).abs() < 1e-9 && (constants[1] - 4.0).abs() < 1e-9);
    }

    #[test]
    fn outputs_out_of_reach_are_refused() {
        let columns = Columns {
            atoms: DMatrix::from_column_slice(2, 1, &[1.0, 0.0]),
            free: DMatrix::zeros(2, 0),
            outputs: DVector::from_column_slice(&[1.0, 1.0]),
        };
        assert!(Polytope::new(&columns).is_err());
    }

    #[test]
    fn ranges_by_linear_programs_are_those_of_the_vertices() {
        let mut random = crate::oracle::ascent::Random::new(5);
        for case in 0..60 {
            let (n, count) = (1 + case % 3, 4 + case % 4);
            let atoms = DMatrix::from_fn(n, count, |i, k| {
                // Σ t = 1 is among the equations, as for active directions.
                if i == 0 {
                    1.0
                } else {
                    (random.next() % 5) as f64 - 2.0 + 0.01 * k as f64
                }
            });
            let t = DVector::from_fn(count, |_, _| random.uniform());
            let columns = Columns {
                outputs: &atoms * &t,
                atoms,
                free: DMatrix::zeros(n, 0),
            };
            let p = Polytope::new(&columns).expect("a polytope");
            let (vertices, all) = p.vertices(0);
            assert!(all);
            for _ in 0..5 {
                let at = DVector::from_fn(count, |_, _| random.normal());
                let (low, high) = p.prediction(&at, &DVector::zeros(0)).expect("a range");
                let values: Vec<f64> = vertices.iter().map(|v| at.dot(&v.scales)).collect();
                let least = values.iter().copied().fold(f64::INFINITY, f64::min);
                let most = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                assert!(
                    (low - least).abs() < 1e-6 && (high - most).abs() < 1e-6,
                    "case {case}: {low} {least} {high} {most}"
                );
            }
        }
    }
}
