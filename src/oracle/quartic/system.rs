//! One step of the interior-point method: the equations for the moments, their solution, and the rest of the direction.

use nalgebra::{DMatrix, DVector, Matrix5, Vector5};

use super::block::{Pair, mirrored_form};
use super::moments::{DEGREES, Localizer};
use super::solver::{Local, Solver, State, View, vector};
use crate::oracle::quadratic::cholesky;

/// The factored equations for the moments, and what is needed to get the rest back.
pub(super) struct System<'s> {
    inverse: &'s DMatrix<f64>,
    inverses: &'s [Pair],
    local: &'s [DMatrix<f64>],
    factor: DMatrix<f64>,
    /// For every free class the inverse of the sum of its parts' forms, and the second part's.
    solved: Vec<(Matrix5<f64>, Matrix5<f64>)>,
}

impl<'s> System<'s> {
    pub(super) fn new(
        solver: &Solver<'_>,
        state: &State,
        inverse: &'s DMatrix<f64>,
        inverses: &'s [Pair],
        local: &'s [DMatrix<f64>],
    ) -> Option<Self> {
        let moments = solver.moments;
        let mut forms: Vec<Option<Matrix5<f64>>> = vec![None; solver.weight.len()];
        let mut solved = Vec::with_capacity(solver.free.len());
        let mut first = Matrix5::zeros();
        for ((part, x), z) in solver.parts.iter().zip(&state.xs).zip(inverses) {
            let g = x.scaling(z);
            let g = if part.minus { mirrored_form(&g) } else { g };
            match part.free {
                Some((_, true)) => first = g,
                Some((_, false)) => {
                    let sum = (first + g).cholesky()?.inverse();
                    let form = g - g * sum * g;
                    forms[part.class] = Some(0.5 * (form + form.transpose()));
                    solved.push((sum, g));
                }
                None => forms[part.class] = Some(g),
            }
        }
        let localizers: Vec<(&Localizer, DMatrix<f64>)> = solver
            .localizers
            .iter()
            .zip(&state.local)
            .zip(local)
            .map(|((l, s), inverse)| (l, local_form(&s.x, inverse)))
            .collect();
        let mut matrix = moments.equations(&forms, &localizers, &state.x, inverse);
        let mut largest = 0.0f64;
        for i in 0..moments.count {
            largest = largest.max(matrix[(i, i)]);
        }
        for i in 0..moments.count {
            matrix[(i, i)] += 1e-14 * largest;
        }
        cholesky::factor(&mut matrix)?;
        Some(System {
            inverse,
            inverses,
            local,
            factor: matrix,
            solved,
        })
    }

    /// The change of all unknowns towards a gap of `level`, with the second-order terms of another one.
    pub(super) fn direction(
        &self,
        solver: &Solver<'_>,
        state: &State,
        view: &View,
        level: f64,
        before: Option<&State>,
    ) -> Option<State> {
        // E = level·Z⁻¹ − (X·R + dX·dZ)·Z⁻¹.
        let mut inner = -(&state.x * &view.residual);
        if let Some(d) = before {
            inner.gemm(-1.0, &d.x, &d.z, 1.0);
        }
        let e = self.inverse * level + &inner * self.inverse;
        let e = 0.5 * (&e + e.transpose());
        let mut correct = Vec::with_capacity(solver.parts.len());
        let mut weights = Vec::with_capacity(solver.parts.len());
        for i in 0..solver.parts.len() {
            let mut w = state.xs[i].times(&view.residuals[i]);
            if let Some(d) = before {
                w = w.plus(1.0, &d.xs[i].times(&d.zs[i]));
            }
            let zero = Pair {
                whole: nalgebra::Matrix3::zeros(),
                inner: nalgebra::Matrix2::zeros(),
            };
            let e = zero
                .plus(level, &self.inverses[i])
                .plus(-1.0, &w.times(&self.inverses[i]))
                .symmetric();
            weights.push(e.polynomial());
            correct.push(before.map(|d| d.xs[i].times(&d.zs[i])));
        }
        let (mut of_rows, mut of_own) = solver.collect(&weights);
        for (w, b) in of_own.iter_mut().zip(&solver.own_objective) {
            w[1] += b;
        }
        for ((c, w), (sum, g)) in solver.free.iter().zip(&of_own).zip(&self.solved) {
            let h = g * (sum * w);
            for k in 0..DEGREES {
                of_rows[*c][k] += h[k];
            }
        }
        let mut functional = DVector::zeros(view.all.len());
        solver.moments.add_matrix(&e, &mut functional);
        solver.moments.add_of_rows(&of_rows, &mut functional);
        for (i, (l, s)) in solver.localizers.iter().zip(&state.local).enumerate() {
            let mut inner = -(&s.x * &view.local[i]);
            if let Some(d) = before {
                inner.gemm(-1.0, &d.local[i].x, &d.local[i].z, 1.0);
            }
            let e = &self.local[i] * level + &inner * &self.local[i];
            let e = 0.5 * (&e + e.transpose());
            solver.moments.add_local(l, &e, &mut functional);
        }
        let right = &solver.objective + solver.moments.reduce(functional).0;
        let right = DMatrix::from_column_slice(right.len(), 1, right.as_slice());
        let moments: DVector<f64> = cholesky::back(&self.factor, &right)?.column(0).into_owned();
        let all = solver.moments.expand(&moments, false);
        let rows = solver.moments.of_rows(&all);
        let own: Vec<Vector5<f64>> = solver
            .free
            .iter()
            .zip(&of_own)
            .zip(&self.solved)
            .map(|((c, w), (sum, g))| sum * (w + g * vector(&rows[*c])))
            .collect();
        let z = solver.moments.matrix(&all) + &view.residual;
        let mut inner = &state.x * &z;
        if let Some(d) = before {
            inner.gemm(1.0, &d.x, &d.z, 1.0);
        }
        let x = self.inverse * level - &state.x - &inner * self.inverse;
        let x = 0.5 * (&x + x.transpose());
        let mut zs = Vec::with_capacity(solver.parts.len());
        let mut xs = Vec::with_capacity(solver.parts.len());
        for (i, part) in solver.parts.iter().enumerate() {
            let dz = Pair::of(&Solver::of_part(part, &rows, &own)).plus(1.0, &view.residuals[i]);
            let mut inner = state.xs[i].times(&dz);
            if let Some(second) = &correct[i] {
                inner = inner.plus(1.0, second);
            }
            let dx = inner.times(&self.inverses[i]).symmetric();
            let mut next = state.xs[i].plus(1.0, &dx);
            next = Pair {
                whole: -next.whole,
                inner: -next.inner,
            }
            .plus(level, &self.inverses[i]);
            zs.push(dz);
            xs.push(next);
        }
        let mut local = Vec::with_capacity(solver.localizers.len());
        for (i, (l, s)) in solver.localizers.iter().zip(&state.local).enumerate() {
            let z = solver.moments.local(l, &all) + &view.local[i];
            let mut inner = &s.x * &z;
            if let Some(d) = before {
                inner.gemm(1.0, &d.local[i].x, &d.local[i].z, 1.0);
            }
            let x = &self.local[i] * level - &s.x - &inner * &self.local[i];
            let x = 0.5 * (&x + x.transpose());
            local.push(Local { x, z });
        }
        Some(State {
            local,
            moments,
            own,
            x,
            z,
            xs,
            zs,
        })
    }
}

/// `tr(E_k X E_l Z⁻¹)` for the entries.
fn local_form(x: &DMatrix<f64>, inverse: &DMatrix<f64>) -> DMatrix<f64> {
    let size = x.nrows();
    let count = size * (size + 1) / 2;
    let places: Vec<(usize, usize)> = (0..size)
        .flat_map(|i| (i..size).map(move |j| (i, j)))
        .collect();
    let mut form = DMatrix::zeros(count, count);
    for (l, (c, d)) in places.iter().enumerate() {
        for (k, (a, b)) in places.iter().enumerate() {
            // E_l = e_c e_dᵀ + e_d e_cᵀ (or one of them): (X E_l Z⁻¹)_ab = x_ac z_db + x_ad z_cb.
            let entry = |a: usize, b: usize| {
                let first = x[(a, *c)] * inverse[(*d, b)];
                if c == d {
                    first
                } else {
                    first + x[(a, *d)] * inverse[(*c, b)]
                }
            };
            form[(k, l)] = if a == b {
                entry(*a, *a)
            } else {
                entry(*a, *b) + entry(*b, *a)
            };
        }
    }
    0.5 * (&form + form.transpose())
}
