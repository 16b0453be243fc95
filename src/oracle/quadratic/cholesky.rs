//! Cholesky's factorisation by blocks, so that nearly all of the work is in matrix products.

use nalgebra::DMatrix;

/// Columns of a block.
const BLOCK: usize = 48;

/// Solves `h·x = b` (any number of columns) for a symmetric positive definite matrix given by its lower triangle, which is overwritten; `None` if it is not positive definite in floats.
pub fn solve(h: &mut DMatrix<f64>, b: &DMatrix<f64>) -> Option<DMatrix<f64>> {
    factor(h)?;
    back(h, b)
}

/// Replaces the lower triangle of a symmetric positive definite matrix by its factor; `None` if it is not positive definite in floats.
pub fn factor(h: &mut DMatrix<f64>) -> Option<()> {
    let n = h.nrows();
    let mut start = 0;
    while start < n {
        let size = BLOCK.min(n - start);
        let below = n - start - size;
        let block = h.view((start, start), (size, size)).into_owned();
        let lower = nalgebra::Cholesky::new(block)?.unpack();
        h.view_mut((start, start), (size, size)).copy_from(&lower);
        if below > 0 {
            // L21 = A21·L11⁻ᵀ, with the small inverse made once.
            let mut inverse = DMatrix::identity(size, size);
            if !lower.solve_lower_triangular_mut(&mut inverse) {
                return None;
            }
            let panel = h.view((start + size, start), (below, size)) * inverse.transpose();
            let mut column = 0;
            while column < below {
                let width = BLOCK.min(below - column);
                let rows = below - column;
                let top = panel.view((column, 0), (width, size)).transpose();
                h.view_mut(
                    (start + size + column, start + size + column),
                    (rows, width),
                )
                .gemm(-1.0, &panel.view((column, 0), (rows, size)), &top, 1.0);
                column += width;
            }
            h.view_mut((start + size, start), (below, size))
                .copy_from(&panel);
        }
        start += size;
    }
    Some(())
}

/// Solves with a factor.
pub fn back(h: &DMatrix<f64>, b: &DMatrix<f64>) -> Option<DMatrix<f64>> {
    let mut x = b.clone();
    if !h.solve_lower_triangular_mut(&mut x) || !h.ad_solve_lower_triangular_mut(&mut x) {
        return None;
    }
    Some(x)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oracle::ascent::Random;

    #[test]
    fn it_solves_systems_of_any_size() {
        let mut random = Random::new(3);
        for n in [1, 5, 47, 48, 49, 150] {
            let a = DMatrix::from_fn(n, n, |_, _| random.normal());
            let full = &a * a.transpose() + DMatrix::identity(n, n);
            let b = DMatrix::from_fn(n, 2, |_, _| random.normal());
            let x = solve(&mut full.clone(), &b).expect("definite");
            assert!((&full * &x - &b).norm() < 1e-8 * b.norm(), "n = {n}");
            let mut indefinite = full;
            indefinite[(n - 1, n - 1)] = -1.0;
            assert!(solve(&mut indefinite, &b).is_none());
        }
    }
}
