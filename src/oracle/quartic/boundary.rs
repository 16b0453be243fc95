//! How far a positive definite matrix is from the boundary.

use nalgebra::{DMatrix, DVector, SymmetricTridiagonal};

/// The largest t for which `a + t·d` is positive semidefinite.
pub(super) fn longest(a: &DMatrix<f64>, d: &DMatrix<f64>) -> Option<f64> {
    let lower = a.clone().cholesky()?.unpack();
    let mut half = d.clone();
    lower.solve_lower_triangular_mut(&mut half).then_some(())?;
    let mut relative = half.transpose();
    lower
        .solve_lower_triangular_mut(&mut relative)
        .then_some(())?;
    let relative = 0.5 * (&relative + relative.transpose());
    let least = least_eigenvalue(relative);
    Some(if least < 0.0 {
        -1.0 / least
    } else {
        f64::INFINITY
    })
}

/// A lower bound on the least eigenvalue, near it: the tridiagonal form is halved by the signs of its pivots.
fn least_eigenvalue(matrix: DMatrix<f64>) -> f64 {
    let (diagonal, off) = if matrix.nrows() < 2 {
        (matrix.diagonal(), DVector::zeros(0))
    } else {
        SymmetricTridiagonal::new(matrix).unpack_tridiagonal()
    };
    let size = diagonal.len();
    let beside = |i: usize| if i < off.len() { off[i].abs() } else { 0.0 };
    let radius = |i: usize| beside(i) + if i > 0 { beside(i - 1) } else { 0.0 };
    let ends = (0..size).map(|i| (diagonal[i] - radius(i), diagonal[i]));
    let (mut low, mut high) = ends.fold((f64::INFINITY, f64::INFINITY), |a, b| {
        (a.0.min(b.0), a.1.min(b.1))
    });
    // Whether no eigenvalue is below x.
    let is_below = |x: f64| {
        let mut pivot = 1.0;
        (0..size).all(|i| {
            let square = if i > 0 { off[i - 1] * off[i - 1] } else { 0.0 };
            pivot = diagonal[i] - x - square / pivot;
            pivot > 0.0
        })
    };
    for _ in 0..60 {
        if high - low <= 1e-4 * low.abs() {
            break;
        }
        let middle = 0.5 * (low + high);
        if is_below(middle) {
            low = middle;
        } else {
            high = middle;
        }
    }
    low
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oracle::ascent::Random;

    #[test]
    fn the_least_eigenvalue_is_bounded_from_below() {
        let mut random = Random::new(8);
        for size in 1..12 {
            let m = DMatrix::from_fn(size, size, |_, _| random.normal());
            let m = &m + m.transpose();
            let exact = m.clone().symmetric_eigenvalues().min();
            let found = least_eigenvalue(m);
            assert!(
                found <= exact + 1e-12 && found >= exact - 2e-4 * exact.abs() - 1e-9,
                "{found} {exact}"
            );
        }
        assert_eq!(least_eigenvalue(DMatrix::zeros(3, 3)), 0.0);
    }
}
