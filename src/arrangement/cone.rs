//! Membership in a polyhedral cone, exactly: a fraction-free simplex method with Bland's rule.

use num_bigint::BigInt;
use num_traits::{One, Signed, Zero};

use super::exact::Int;

/// Whether `target = Σ c_j·generator_j` for some c ≥ 0. Exact; meant for tens of rows and up to thousands of generators.
///
/// The first phase of the simplex method: artificial variables start in the basis, and their sum is minimised. All rows share one denominator,
/// the last pivot (Edmonds), so there are no fractions. Bland's rule ends it.
pub(super) fn contains(generators: &[Vec<BigInt>], target: &[BigInt]) -> bool {
    let n = generators.len();
    // Column n is the right-hand side, made nonnegative; the last row is the sum of the artificial variables.
    let mut rows: Vec<Vec<BigInt>> = target
        .iter()
        .enumerate()
        .map(|(i, b)| {
            let row = generators.iter().map(|g| &g[i]).chain([b]);
            if b.is_negative() {
                row.map(|x| -x).collect()
            } else {
                row.cloned().collect()
            }
        })
        .collect();
    let r = rows.len();
    rows.push(
        (0..=n)
            .map(|j| rows.iter().map(|row| &row[j]).sum())
            .collect(),
    );
    // Artificial variables come after all others.
    let mut basis: Vec<usize> = (n..n + r).collect();
    let mut divisor = BigInt::one();
    while rows[r][n].is_positive() {
        let Some(column) = (0..n).find(|&j| rows[r][j].is_positive()) else {
            return false;
        };
        let leaving = (0..r)
            .filter(|&i| rows[i][column].is_positive())
            .min_by(|&i, &k| {
                let (left, right) = (
                    &rows[i][n] * &rows[k][column],
                    &rows[k][n] * &rows[i][column],
                );
                left.cmp(&right).then(basis[i].cmp(&basis[k]))
            });
        let Some(leaving) = leaving else {
            unreachable!("a sum of nonnegative variables is not unbounded below");
        };
        let pivot_row = rows[leaving].clone();
        let pivot = &pivot_row[column];
        for (i, row) in rows.iter_mut().enumerate() {
            if i == leaving {
                continue;
            }
            let factor = row[column].clone();
            for (x, y) in row.iter_mut().zip(&pivot_row) {
                *x = BigInt::eliminate(pivot, x, &factor, y, &divisor);
            }
        }
        divisor = pivot.clone();
        basis[leaving] = column;
    }
    rows[r][n].is_zero()
}

/// Whether some combination of the rows with positive coefficients is zero, so that no linear form is nonnegative on all rows and positive on one.
pub(super) fn totally_cyclic(rows: &[Vec<BigInt>]) -> bool {
    let Some(first) = rows.first() else {
        return true;
    };
    let mut negative_sum = vec![BigInt::zero(); first.len()];
    for row in rows {
        for (s, x) in negative_sum.iter_mut().zip(row) {
            *s -= x;
        }
    }
    contains(rows, &negative_sum)
}

/// Whether some linear form is positive on all rows.
pub(super) fn acyclic(rows: &[Vec<BigInt>]) -> bool {
    let Some(first) = rows.first() else {
        return true;
    };
    // Gordan: else there are c ≥ 0 with Σ c_j·row_j = 0 and Σ c_j = 1.
    let generators: Vec<Vec<BigInt>> = rows
        .iter()
        .map(|row| row.iter().cloned().chain([BigInt::one()]).collect())
        .collect();
    let mut target = vec![BigInt::zero(); first.len()];
    target.push(BigInt::one());
    !contains(&generators, &target)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matrix(rows: &[&[i64]]) -> Vec<Vec<BigInt>> {
        rows.iter()
            .map(|row| row.iter().map(|x| BigInt::from(*x)).collect())
            .collect()
    }

    #[test]
    fn membership_in_small_cones() {
        let vector = |x: &[i64]| matrix(&[x]).remove(0);
        let quadrant = matrix(&[&[1, 0], &[0, 1]]);
        assert!(contains(&quadrant, &vector(&[3, 2])));
        assert!(contains(&quadrant, &vector(&[0, 0])));
        assert!(!contains(&quadrant, &vector(&[3, -2])));
        let wedge = matrix(&[&[2, 1], &[1, 2], &[4, 2]]);
        assert!(contains(&wedge, &vector(&[1, 1])));
        assert!(contains(&wedge, &vector(&[2, 4])));
        assert!(!contains(&wedge, &vector(&[5, 2])));
        assert!(!contains(&[], &vector(&[1])));
        assert!(contains(&[], &vector(&[0])));
    }

    #[test]
    fn cyclic_and_acyclic_rows() {
        for (rows, cyclic, free) in [
            (matrix(&[&[1, 0], &[0, 1]]), false, true),
            (matrix(&[&[1, 0], &[-2, 0]]), true, false),
            (matrix(&[&[1, 0], &[-1, 1], &[0, -1]]), true, false),
            (matrix(&[&[1, 0], &[-1, 0], &[0, 1]]), false, false),
        ] {
            assert_eq!(totally_cyclic(&rows), cyclic, "{rows:?}");
            assert_eq!(acyclic(&rows), free, "{rows:?}");
        }
    }
}
