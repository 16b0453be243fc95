//! Where the interior-point method begins.
//!
//! With moments of some directions of the region, or of all where none are found, and dual matrices that are a multiple of the inverses of theirs: on the central path but
//! for the equations. A region that was solved before, for another vector or less accurately, begins on the way to that solution: its moments nearly fulfil all conditions still.

use nalgebra::{DMatrix, DVector, Matrix2, Matrix3, Vector5};

use super::block::Pair;
use super::cloud;
use super::solver::{Local, Solver, State};

/// The first gap, over the size of the objective.
const FIRST_GAP: f64 = 2.0;
/// Directions of the region.
const POINTS: usize = 64;
/// What is added to the diagonal of the moment matrix.
const SLACK: f64 = 2e-3;
/// What is added to the diagonals of the rows' matrices and of the localizers.
const OWN_SLACK: f64 = 2e-2;

/// A point on the way to a solution.
#[derive(Clone, Debug)]
pub struct Warm {
    pub(super) state: State,
    /// What its objective was divided by.
    pub(super) scale: f64,
}

/// The moments that a start has.
struct Sample {
    moments: DVector<f64>,
    own: Vec<Vector5<f64>>,
    /// Σ |W|·|t|, over the scale.
    size: f64,
}

impl Solver<'_> {
    /// The first point; `None` if the floats fail.
    pub(super) fn start(&self) -> Option<State> {
        let inside = self.inside().and_then(|sample| self.central(sample));
        inside.or_else(|| self.central(self.uniform()))
    }

    /// The point with these moments and the multiple of their inverse. `None` if that fails in floats.
    fn central(&self, sample: Sample) -> Option<State> {
        let Sample { moments, own, size } = sample;
        let all = self.moments.expand(&moments, true);
        let rows = self.moments.of_rows(&all);
        let level = FIRST_GAP * size / self.degree();
        let pair = |z: &Pair| Pair {
            whole: z.whole + Matrix3::identity() * OWN_SLACK,
            inner: z.inner + Matrix2::identity() * OWN_SLACK,
        };
        let zs: Vec<Pair> = self
            .parts
            .iter()
            .map(|p| pair(&Pair::of(&Self::of_part(p, &rows, &own))))
            .collect();
        let xs = zs
            .iter()
            .map(|z| {
                z.inverse().map(|z| Pair {
                    whole: z.whole * level,
                    inner: z.inner * level,
                })
            })
            .collect::<Option<_>>()?;
        let z = raised(self.moments.matrix(&all), SLACK);
        let local = self
            .localizers
            .iter()
            .map(|l| {
                let z = self.moments.local(l, &all);
                let least = z.clone().symmetric_eigenvalues().min().min(0.0);
                let z = raised(z, OWN_SLACK - 1.5 * least);
                let x = z.clone().cholesky()?.inverse() * level;
                Some(Local { x, z })
            })
            .collect::<Option<_>>()?;
        Some(State {
            moments,
            own,
            x: z.clone().cholesky()?.inverse() * level,
            z,
            xs,
            zs,
            local,
        })
    }

    /// The moments of directions of the region; `None` for the whole sphere, or if none are found.
    fn inside(&self) -> Option<Sample> {
        let half_spaces = self
            .localizers
            .iter()
            .map(|l| (DVector::from_column_slice(&l.a), l.c));
        let fixed = (0..self.sign.len())
            .filter(|c| self.sign[*c] != 0.0)
            .map(|c| (self.moments.row(c) * self.sign[c], 0.0));
        let limits: Vec<(DVector<f64>, f64)> = half_spaces.chain(fixed).collect();
        if limits.is_empty() {
            return None;
        }
        let points = cloud::inside(self.moments.r, &limits, POINTS)?;
        let (r, each) = (self.moments.r, 1.0 / points.len() as f64);
        let mut matrix = DMatrix::zeros(self.moments.size, self.moments.size);
        for u in &points {
            let pairs = (0..r).flat_map(|i| (i..r).map(move |j| (i, j)));
            let products = pairs.map(|(i, j)| u[i] * u[j]);
            let z = DVector::from_iterator(self.moments.size, u.iter().copied().chain(products));
            matrix.ger(each, &z, &z, 1.0);
        }
        let mut values = DVector::zeros(points.len());
        let mut own = vec![Vector5::zeros(); self.free.len()];
        let mut size = 0.0;
        let mut free = self.free.iter().zip(&mut own).peekable();
        for (class, weight) in self.weight.iter().enumerate() {
            let row = self.moments.row(class);
            for (value, u) in values.iter_mut().zip(&points) {
                *value = row.dot(u);
            }
            size += weight.abs() * each * values.lp_norm(1);
            if let Some((_, own)) = free.next_if(|(c, _)| **c == class) {
                for t in values.iter().filter(|t| **t > 0.0) {
                    let square = t * t;
                    *own += Vector5::new(1.0, *t, square, square * t, square * square) * each;
                }
            }
        }
        Some(Sample {
            moments: self.moments.variables_of(&matrix),
            own,
            size: size / self.scale,
        })
    }

    /// The moments of all directions.
    fn uniform(&self) -> Sample {
        let r = self.moments.r as f64;
        // |t|^k on the sphere, k = 0 … 4.
        let mut powers = [1.0, 0.0, 1.0 / r, 0.0, 3.0 / (r * (r + 2.0))];
        // E|t| = Γ(r/2)/(√π Γ((r + 1)/2)), by a product; E|t|³ = E|t|·2/(r + 1).
        let is_even = self.moments.r.is_multiple_of(2);
        let (mut mean, mut k) = if is_even {
            (2.0 / std::f64::consts::PI, 2.0)
        } else {
            (1.0, 1.0)
        };
        while k < r {
            mean *= k / (k + 1.0);
            k += 2.0;
        }
        powers[1] = mean;
        powers[3] = mean * 2.0 / (r + 1.0);
        let half = Vector5::from_column_slice(&powers) * 0.5;
        Sample {
            moments: self.moments.uniform.clone(),
            own: vec![half; self.free.len()],
            size: self.weight.iter().map(|w| w.abs()).sum::<f64>() / self.scale * mean,
        }
    }

    /// A point on the way to another solution for this region, for this form; `None` if it is one with another number of rows or half-spaces.
    pub(super) fn adapted(&self, before: &Warm) -> Option<State> {
        let mut state = before.state.clone();
        let fits = state.own.len() == self.free.len()
            && state.xs.len() == self.parts.len()
            && state.local.len() == self.localizers.len();
        if !fits {
            return None;
        }
        let factor = before.scale / self.scale;
        state.x *= factor;
        for x in &mut state.xs {
            x.whole *= factor;
            x.inner *= factor;
        }
        for local in &mut state.local {
            local.x *= factor;
        }
        Some(state)
    }
}

fn raised(mut matrix: DMatrix<f64>, by: f64) -> DMatrix<f64> {
    for i in 0..matrix.nrows() {
        matrix[(i, i)] += by;
    }
    matrix
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oracle::ascent::Random;
    use crate::oracle::form::Form;
    use crate::oracle::quartic::moments::Moments;
    use crate::oracle::quartic::solver::{Goal, Region};

    fn rows(random: &mut Random, n: usize, r: usize) -> DMatrix<f64> {
        let mut rows = DMatrix::from_fn(n, r, |_, _| random.normal());
        for mut row in rows.row_iter_mut() {
            let length = row.norm();
            row /= length;
        }
        rows
    }

    #[test]
    fn a_start_has_moments_of_the_region() {
        let mut random = Random::new(21);
        let rows = rows(&mut random, 12, 4);
        let moments = Moments::new(&rows);
        let form = Form {
            linear: vec![0.1; 4],
            weight: (0..12).map(|_| random.normal()).collect(),
        };
        let halves = [
            (vec![1.0, 0.0, 0.0, 0.0], 0.3),
            (vec![0.0, 0.8, -0.6, 0.0], -0.1),
        ];
        let region = Region {
            fixed: &[(3, -1.0)],
            halves: &halves,
        };
        let solver = Solver::new(&moments, &form, &region);
        let sample = solver.inside().expect("directions");
        let all = moments.expand(&sample.moments, true);
        for localizer in &solver.localizers {
            let least = moments.local(localizer, &all).symmetric_eigenvalues().min();
            assert!(least > -1e-9, "{least}");
        }
        assert!(moments.matrix(&all).symmetric_eigenvalues().min() > -1e-9);
        assert!(moments.of_rows(&all)[3][1] < 0.0);
        let (state, of_rows) = (solver.start().expect("a start"), moments.of_rows(&all));
        for (own, c) in state.own.iter().zip(&solver.free) {
            let rest = Vector5::from_column_slice(&of_rows[*c]) - own;
            assert!(own[1] >= 0.0 && rest[1] <= 1e-12 && own[0] >= -1e-12 && rest[0] >= -1e-12);
        }
    }

    #[test]
    fn a_solution_from_another_one_is_the_same_in_fewer_steps() {
        let mut random = Random::new(22);
        let (mut cold_steps, mut warm_steps) = (0, 0);
        for round in 0..12 {
            let (n, r) = (14, 2 + round % 4);
            let moments = Moments::new(&rows(&mut random, n, r));
            let form = Form {
                linear: (0..r).map(|_| 0.3 * random.normal()).collect(),
                weight: (0..n).map(|_| random.normal()).collect(),
            };
            let mut a = vec![0.0; r];
            a[round % r] = 1.0;
            let halves = [(a.clone(), 0.1)];
            let region = Region {
                fixed: &[],
                halves: &halves,
            };
            let goal = |accuracy| Goal {
                enough: -100.0,
                accuracy,
            };
            let first = Solver::new(&moments, &form, &region).solve(&goal(1e-3), None, &|| false);
            // Another scale, and a little beside it.
            let mut near = |x: &f64| x * (3.0 + 0.01 * random.normal());
            let other = Form {
                linear: form.linear.iter().map(&mut near).collect(),
                weight: form.weight.iter().map(&mut near).collect(),
            };
            let solver = Solver::new(&moments, &other, &region);
            let bound = |solved: &super::super::solver::Solved| {
                solved.certificate.as_ref().expect("a bound").bound
            };
            let warm = first.warm.expect("a point");
            let from_warm = solver.solve(&goal(1e-3), Some(&warm), &|| false);
            let from_cold = solver.solve(&goal(1e-3), None, &|| false);
            assert!((bound(&from_warm) / bound(&from_cold) - 1.0).abs() < 3e-3);
            warm_steps += from_warm.steps;
            cold_steps += from_cold.steps;
            // A point of another region is of no use.
            let halves = [(a.clone(), 0.1), (a, 0.2)];
            let smaller = Region {
                fixed: &[],
                halves: &halves,
            };
            assert!(
                Solver::new(&moments, &other, &smaller)
                    .adapted(&warm)
                    .is_none()
            );
        }
        assert!(warm_steps < cold_steps, "{warm_steps} {cold_steps}");
    }
}
