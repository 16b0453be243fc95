//! Whether a symmetric integer matrix is positive semidefinite.
//!
//! Elimination without fractions decides it, but its numbers grow with every row. So a factor of fixed precision is tried
//! first: any matrix L will do for which what is left of the matrix without L·Lᵀ is diagonally dominant.

use std::cmp::Ordering;

use dashu_int::IBig;

use crate::int::Int;

/// The bits of a diagonal entry in fixed precision; an entry of the factor has half as many.
const BITS: usize = 120;

/// Whether a symmetric matrix is positive semidefinite; only its entries on and above the diagonal are read.
pub(crate) fn is_semidefinite(matrix: Vec<Vec<Int>>) -> bool {
    is_clearly_semidefinite(&matrix) || is_semidefinite_exactly(matrix)
}

/// Fraction-free elimination (Bareiss): after each row the others hold minors of the matrix, and every division is exact.
///
/// The pivots are the diagonal entries as they come. A negative one shows a negative direction; one that is 0 needs the
/// rest of its row to be 0 and is passed over.
fn is_semidefinite_exactly(mut matrix: Vec<Vec<Int>>) -> bool {
    let mut before = Int::ONE;
    for column in 0..matrix.len() {
        let (above, below) = matrix.split_at_mut(column.saturating_add(1));
        let pivot_row = std::mem::take(&mut above[column]); // not needed again
        let pivot_row = &pivot_row[column..];
        let pivot = &pivot_row[0];
        match pivot.sign() {
            Ordering::Less => return false,
            Ordering::Equal if pivot_row.iter().all(Int::is_zero) => continue,
            Ordering::Equal => return false,
            Ordering::Greater => {}
        }
        for (place, row) in below.iter_mut().enumerate() {
            // The part of the row, and that of the pivot row, on and to the right of the diagonal.
            let right = &pivot_row[place.saturating_add(1)..];
            let from = row.len().saturating_sub(right.len());
            for (x, p) in row[from..].iter_mut().zip(right) {
                *x = (pivot * &*x - &right[0] * p).over(&before);
            }
        }
        before = pivot.clone();
    }
    true
}

/// Whether the matrix is seen to be positive semidefinite; `false` shows nothing.
fn is_clearly_semidefinite(matrix: &[Vec<Int>]) -> bool {
    // An entry of L is at most 2^60, so that its rounding leaves at most as much in each place of its row and column.
    let room = i128::try_from(matrix.len()).ok().and_then(|size| size.checked_mul(1 << (BITS / 2)));
    room.and_then(|room| has_factor(matrix, room)).unwrap_or(false)
}

/// Tries a factor in which `room` is left on the diagonal for the rounding. `None` or `false` shows nothing.
///
/// Let D be diagonal with powers of two. D·A·D = B + F, where B is rounded to integers and |F_ij| < 1, F_ii ≥ 0. Then
/// B = L·Lᵀ + E, and E + F is positive semidefinite if E_ii ≥ Σ_{j≠i} (|E_ij| + 1) for every i. How L is found does not
/// matter, and an overflow ends the attempt.
fn has_factor(matrix: &[Vec<Int>], room: i128) -> Option<bool> {
    let size = matrix.len();
    let mut shifts = Vec::with_capacity(size);
    for (i, row) in matrix.iter().enumerate() {
        if !row[i].is_positive() {
            return None;
        }
        shifts.push(isize::try_from(BITS).ok()?.checked_sub_unsigned(row[i].bit_len())?.div_euclid(2));
    }
    let mut margins = vec![0i128; size];
    let mut factor: Vec<Vec<i64>> = vec![Vec::with_capacity(size); size];
    for i in 0..size {
        for j in i..size {
            let mut left = scaled(&matrix[i][j], shifts[i].checked_add(shifts[j])?)?;
            for (&x, &y) in factor[i].iter().zip(&factor[j]).take(i) {
                left = left.checked_sub(i128::from(x).wrapping_mul(i128::from(y)))?; // less than 2^127
            }
            let entry =
                if i == j { left.checked_sub(room)?.checked_isqrt()? } else { left.checked_div(factor[i][i].into())? };
            factor[j].push(i64::try_from(entry).ok()?);
            let rest = left.checked_sub(entry.checked_mul(factor[i][i].into())?)?;
            if i == j {
                margins[i] = margins[i].checked_add(rest)?;
            } else {
                let loss = rest.checked_abs()?.checked_add(1)?;
                margins[i] = margins[i].checked_sub(loss)?;
                margins[j] = margins[j].checked_sub(loss)?;
            }
        }
    }
    Some(margins.iter().all(|&margin| margin >= 0))
}

/// x·2^shift, rounded to an integer that differs from it by less than 1 (and is not above it if x > 0), if it fits.
fn scaled(x: &Int, shift: isize) -> Option<i128> {
    let places = shift.unsigned_abs();
    if shift > 0 {
        // The result is less than 2^126 in size.
        let fits = x.bit_len().saturating_add(places) <= 126;
        return if let (Int::Small(word), true) = (x, fits) {
            word.checked_shl(u32::try_from(places).ok()?)
        } else {
            None
        };
    }
    match x {
        Int::Small(word) => Some(word >> places.min(127)),
        Int::Big(big) => i128::try_from(&IBig::clone(big) >> places).ok(),
    }
}

#[cfg(test)]
#[path = "../tests/unit/definite.rs"]
mod tests;
