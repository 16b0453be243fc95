//! The price of a block: the maximum of `s·F_v(u)/β` over the unit vectors of its cell.

use nalgebra::{DMatrix, DVector};
use rayon::prelude::*;

use crate::program::full::{Block, Cell};
use crate::program::model::Model;

/// Weight of the undecayed column, relative to the largest entry of the data: its part of the projection has to vanish.
const UNDECAYED: f64 = 1e5;

/// The prices of blocks for a dual vector, relative to β: at most 1 where the dual constraint holds. Floats.
///
/// On a cell `s·F_v` is linear, `g·u`; its maximum over the unit vectors is the length of the projection of g on the cell.
pub fn price(model: &Model, cells: &[Cell], blocks: &[Block], v: &[f64]) -> Vec<f64> {
    let (r, decayed) = (model.r(), model.decayed);
    let weight = |j: usize| if j < decayed { 1.0 } else { UNDECAYED };
    blocks
        .par_iter()
        .map(|block| {
            let cell = &cells[block.cell];
            let mut g = DVector::zeros(r);
            for (f, v) in cell.features(model).chunks_exact(r).zip(v) {
                for (j, f) in f.iter().enumerate() {
                    g[j] += block.sign() * v * f;
                }
            }
            for j in 0..r {
                g[j] *= weight(j);
            }
            let normals = DMatrix::from_fn(r, cell.facets.len(), |j, k| {
                let c = cell.facets[k] as usize;
                weight(j) * cell.side(c) * model.rows.row(c)[j] / model.rows.length[c]
            });
            project(&normals, &g).norm() / model.beta
        })
        .collect()
}

/// The projection of g on the cone `{u : Nᵀu ≥ 0}` of the columns of N: `g + Nλ` of least length over λ ≥ 0 (Moreau), by the active-set method of Lawson and
/// Hanson, *Solving Least Squares Problems*, chapter 23.
fn project(normals: &DMatrix<f64>, g: &DVector<f64>) -> DVector<f64> {
    let m = normals.ncols();
    let mut lambda = vec![0.0; m];
    let mut passive: Vec<usize> = Vec::new();
    let mut point = g.clone();
    let scale = g.norm();
    for _ in 0..3 * m + 10 {
        // The most violated inequality.
        let entering = (0..m)
            .filter(|k| !passive.contains(k))
            .map(|k| (normals.column(k).dot(&point) / normals.column(k).norm(), k))
            .min_by(|a, b| a.0.total_cmp(&b.0));
        let Some((depth, k)) = entering else { break };
        if depth >= -1e-14 * scale {
            break;
        }
        passive.push(k);
        loop {
            let Some(target) = least_squares(normals, &passive, g) else {
                passive.pop();
                return point;
            };
            if target.iter().all(|x| *x > 0.0) {
                for (k, x) in passive.iter().zip(&target) {
                    lambda[*k] = *x;
                }
                break;
            }
            // As far as the first multiplier that becomes zero.
            let mut step = 1.0f64;
            for (k, x) in passive.iter().zip(&target) {
                if *x <= 0.0 {
                    step = step.min(lambda[*k] / (lambda[*k] - x).max(1e-300));
                }
            }
            for (k, x) in passive.iter().zip(&target) {
                lambda[*k] += step * (x - lambda[*k]);
            }
            let before = passive.len();
            passive.retain(|k| {
                let stays = lambda[*k] > 1e-15 * scale;
                if !stays {
                    lambda[*k] = 0.0;
                }
                stays
            });
            if passive.is_empty() || passive.len() == before {
                break;
            }
        }
        point = g.clone();
        for k in &passive {
            point.axpy(lambda[*k], &normals.column(*k), 1.0);
        }
    }
    point
}

/// λ that minimises `‖g + Σ λ_k n_k‖` over the given columns, without a sign.
fn least_squares(normals: &DMatrix<f64>, columns: &[usize], g: &DVector<f64>) -> Option<Vec<f64>> {
    let matrix = DMatrix::from_fn(normals.nrows(), columns.len(), |j, k| {
        normals[(j, columns[k])]
    });
    if columns.len() > normals.nrows() {
        return None;
    }
    let qr = matrix.qr();
    let right = qr.q().tr_mul(&(-g));
    let r = qr.r();
    r.solve_upper_triangular(&right)
        .map(|x| x.iter().copied().collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oracle::ascent::Random;

    #[test]
    fn a_projection_is_feasible_and_no_sampled_direction_is_better() {
        let mut random = Random::new(3);
        for case in 0..300 {
            let (r, m) = (1 + case % 4, case % 7);
            let normals = DMatrix::from_fn(r, m, |_, _| random.normal());
            let g = DVector::from_fn(r, |_, _| random.normal());
            let point = project(&normals, &g);
            let inside = |u: &DVector<f64>| normals.tr_mul(u).iter().all(|t| *t >= -1e-9);
            assert!(inside(&point), "{normals} {g} {point}");
            // Moreau: g − point is a combination of −normals, orthogonal to the point.
            assert!((&g - &point).dot(&point).abs() < 1e-9);
            for _ in 0..200 {
                let u = DVector::from_fn(r, |_, _| random.normal()).normalize();
                if inside(&u) {
                    assert!(g.dot(&u) <= point.norm() + 1e-9);
                }
            }
        }
    }

    #[test]
    fn normals_in_both_directions_leave_a_hyperplane() {
        let normals = DMatrix::from_row_slice(2, 2, &[1.0, -1.0, 0.0, 0.0]);
        let point = project(&normals, &DVector::from_vec(vec![3.0, 4.0]));
        assert!((point - DVector::from_vec(vec![0.0, 4.0])).norm() < 1e-12);
    }
}
