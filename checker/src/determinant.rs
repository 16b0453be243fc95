//! Whether a square integer matrix is singular.

use crate::int::Int;

/// Whether the determinant of the matrix with these rows, as many as columns, is 0.
///
/// Fraction-free elimination (Bareiss): every division is exact.
pub(crate) fn is_singular(rows: &[&[Int]]) -> bool {
    let mut matrix: Vec<Vec<Int>> = rows.iter().map(|row| row.to_vec()).collect();
    let mut before = Int::ONE;
    for column in 0..rows.len() {
        let Some(pivot) = (column..rows.len()).find(|&i| !matrix[i][column].is_zero()) else { return true };
        matrix.swap(column, pivot);
        let (above, below) = matrix.split_at_mut(column.saturating_add(1));
        let pivot_row = &above[column];
        let pivot = &pivot_row[column];
        for row in below {
            let entry = row[column].clone();
            for (x, p) in row.iter_mut().zip(pivot_row).skip(column) {
                *x = (pivot * &*x - &entry * p).over(&before);
            }
        }
        before = pivot.clone();
    }
    false
}

#[cfg(test)]
#[path = "../tests/unit/determinant.rs"]
mod tests;
