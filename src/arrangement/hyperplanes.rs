//! An arrangement: rows without zeros, each hyperplane once, in the coordinates of their span.

use num_bigint::BigInt;
use num_traits::{Signed, ToPrimitive, Zero};
use thiserror::Error;

use super::kernel::kernel;
use super::rows::{Classes, merge};

/// Why rows are no arrangement, or its enumeration ended early.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ArrangementError {
    /// A row of another length.
    #[error("row {row} (from 0) has {found} entries where {expected} are expected")]
    Width {
        /// The row, from 0.
        row: usize,
        /// Its length.
        found: usize,
        /// The number of columns.
        expected: usize,
    },
    /// A random functional vanished on a ray, which has a probability below 2⁻³⁵ for each ray. Nothing that was given to the visitor is
    /// wrong, but cells are missing or repeated.
    #[error(
        "a random functional vanishes on a ray of the arrangement: enumerate again with another seed"
    )]
    Unlucky,
    /// More cells than can be kept at once.
    #[error("there are more than {most} cells")]
    TooMany {
        /// The limit.
        most: u64,
    },
}

/// A central arrangement of hyperplanes `{u : x_i·u = 0}`. Exact.
///
/// The data rows may contain zero rows and repeated, parallel and antiparallel rows, and may have any rank. The arrangement has one
/// *hyperplane* for each class of parallel rows, with a primitive integer normal, in [`rank`](Self::rank) coordinates.
#[derive(Clone, Debug)]
pub struct Arrangement {
    pub(super) columns: usize,
    /// Columns of the data that are independent and span the others.
    pub(super) pivots: Vec<usize>,
    pub(super) classes: Classes,
    /// The normals in the pivot columns; n × rank.
    pub(super) normals: Vec<Vec<BigInt>>,
}

impl Arrangement {
    /// The arrangement of integer rows of a given length. Rational rows are scaled to integers first: positive factors change nothing.
    ///
    /// # Errors
    ///
    /// [`ArrangementError::Width`] if a row has another length.
    pub fn new(
        rows: impl IntoIterator<Item = Vec<BigInt>>,
        columns: usize,
    ) -> Result<Self, ArrangementError> {
        let rows: Vec<Vec<BigInt>> = rows.into_iter().collect();
        if let Some((row, found)) = rows
            .iter()
            .enumerate()
            .map(|(i, row)| (i, row.len()))
            .find(|(_, found)| *found != columns)
        {
            let expected = columns;
            return Err(ArrangementError::Width {
                row,
                found,
                expected,
            });
        }
        let classes = merge(rows.into_iter());
        let pivots = if classes.primitive.is_empty() {
            Vec::new()
        } else {
            kernel(&classes.primitive, columns).pivots
        };
        // The other columns are combinations of the pivot columns, so nothing is lost without them.
        let normals = classes
            .primitive
            .iter()
            .map(|row| {
                let mut normal: Vec<BigInt> = pivots.iter().map(|&p| row[p].clone()).collect();
                super::exact::primitive(&mut normal);
                normal
            })
            .collect();
        Ok(Arrangement {
            columns,
            pivots,
            classes,
            normals,
        })
    }

    /// The number of distinct hyperplanes.
    pub fn hyperplanes(&self) -> usize {
        self.normals.len()
    }

    /// The rank of the rows.
    pub fn rank(&self) -> usize {
        self.pivots.len()
    }

    /// The number of data rows, zero rows included.
    pub fn rows(&self) -> usize {
        self.classes.class.len()
    }

    /// The length of the data rows.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// The hyperplane of a data row, and whether the row points to its positive side; `None` for a zero row.
    pub fn hyperplane_of(&self, row: usize) -> Option<(usize, bool)> {
        let class = self.classes.class[row]?;
        Some((class as usize, self.classes.mult[row].is_positive()))
    }

    /// A vector in the span's coordinates as one in the coordinates of the data.
    pub(super) fn lift(&self, point: Vec<BigInt>) -> Vec<BigInt> {
        let mut lifted = vec![BigInt::zero(); self.columns];
        for (p, x) in self.pivots.iter().zip(point) {
            lifted[*p] = x;
        }
        lifted
    }

    /// The bits of the largest entry of each of the span's coordinates.
    pub(super) fn column_bits(&self) -> Vec<u64> {
        (0..self.rank())
            .map(|c| {
                self.normals
                    .iter()
                    .map(|row| row[c].bits())
                    .max()
                    .unwrap_or(0)
            })
            .collect()
    }
}

/// Integer rows as floats, columns scaled by powers of two and every row by another to entries of at most 1; each entry is within one
/// rounding of its exact value.
pub(super) fn to_floats(rows: &[Vec<BigInt>], column_bits: &[u64]) -> Vec<Vec<f64>> {
    rows.iter()
        .map(|row| {
            let scaled: Vec<(f64, i64)> = row
                .iter()
                .zip(column_bits)
                .map(|(x, bits)| {
                    // 64 leading bits are more than a float holds.
                    let shift = x.bits().saturating_sub(64);
                    let leading = (x >> shift).to_f64().unwrap_or(0.0);
                    (leading, shift as i64 - *bits as i64)
                })
                .collect();
            // |x| < 2^exponent: the leading values are 0 or at least 1.
            let exponent = |(x, e): &(f64, i64)| e + (x.to_bits() >> 52 & 0x7ff) as i64 - 1022;
            let top = scaled
                .iter()
                .filter(|(x, _)| *x != 0.0)
                .map(exponent)
                .max()
                .unwrap_or(0);
            scaled
                .iter()
                .map(|(x, e)| x * 2f64.powi((e - top).clamp(-1100, 64) as i32))
                .collect()
        })
        .collect()
}
