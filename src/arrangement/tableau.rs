//! Rows restricted to a flat, in floats with a proven error bound.
//!
//! A [`Tableau`] holds the rows in coordinates of a flat, the common kernel of the rows eliminated so far. Eliminating row i uses the column p
//! where its entry is largest, so that the ratios `x_i[c]/x_i[p]` are at most 1 in size and every other row becomes
//! `x_j[c] − (x_i[c]/x_i[p])·x_j[p]`.
//!
//! **The bound.** Let every entry be within E of the exact one (of the same sequence of pivot columns) and at most M in size; u = 2⁻⁵³,
//! P = |x_i[p]| ≥ 4E. The computed ratio is off by at most `δ = (8/3)·E/P + u`: E/P from the numerator, at most (5/3)·E/P from the
//! denominator, for the exact ratio is at most (P+E)/(P−E) ≤ 5/3, and u from rounding. So the new entry is off by at most
//! `E + E + δ(M+E)` from the data, and 4uM from its own rounding. Where P < 4E nothing is claimed any more: E = ∞, and every sign is
//! decided exactly.

/// Columns are padded to a multiple of this many values.
pub(super) const LANES: usize = 8;

/// Unit roundoff of `f64`.
pub(super) const ROUND: f64 = f64::EPSILON / 2.0;

/// Covers the rounding of the bounds themselves (fewer than 50 operations each) and underflow.
fn up(bound: f64) -> f64 {
    bound * (1.0 + 1e-13) + 1e-290
}

/// Rows on a flat: one column of values a coordinate.
#[derive(Clone, Debug, Default)]
pub(super) struct Tableau {
    /// Column major, each column padded with zeros to a multiple of [`LANES`].
    values: Vec<f64>,
    pub rows: usize,
    pub columns: usize,
    stride: usize,
    /// Every value is within this of the exact one; ∞ if nothing is known.
    pub error: f64,
    /// No value is larger in size.
    pub size: f64,
    /// `det(eliminated rows, x, y, …)` has the sign `orientation · det(x, y, …)` in the coordinates of the flat; meaningless where the error is ∞.
    pub orientation: i8,
    /// The pivot column of the elimination that comes next, and the entry there.
    pub pivot: (usize, f64),
}

impl Tableau {
    /// Rows as they are, entries at most 1 in size and within u/2 of exact ones. The error bound is taken a little larger.
    pub fn new<'a>(rows: impl ExactSizeIterator<Item = &'a [f64]>, columns: usize) -> Self {
        let count = rows.len();
        let stride = count.next_multiple_of(LANES);
        let mut values = vec![0.0; stride * columns];
        for (i, row) in rows.enumerate() {
            for (c, x) in row.iter().enumerate() {
                values[c * stride + i] = *x;
            }
        }
        Tableau {
            values,
            rows: count,
            columns,
            stride,
            error: 2.0 * ROUND,
            size: 1.0,
            orientation: 1,
            pivot: (0, 0.0),
        }
    }

    /// Values of one coordinate, with the padding.
    pub fn column(&self, c: usize) -> &[f64] {
        &self.values[c * self.stride..(c + 1) * self.stride]
    }

    pub fn at(&self, row: usize, column: usize) -> f64 {
        self.values[column * self.stride + row]
    }

    /// Some of the rows.
    pub fn gather(&self, rows: &[usize], out: &mut Tableau) {
        out.rows = rows.len();
        out.stride = out.rows.next_multiple_of(LANES);
        out.columns = self.columns;
        out.values.clear();
        out.values.resize(out.stride * out.columns, 0.0);
        for c in 0..self.columns {
            let from = self.column(c);
            let to = &mut out.values[c * out.stride..];
            for (to, &row) in to.iter_mut().zip(rows) {
                *to = from[row];
            }
        }
        (out.error, out.size, out.orientation) = (self.error, self.size, self.orientation);
    }

    /// Eliminates a row that is not zero on the flat, into `out`; remembers the pivot.
    pub fn eliminate(&mut self, row: usize, out: &mut Tableau) {
        let mut pivot = (0, 0.0f64);
        for c in 0..self.columns {
            let x = self.at(row, c);
            if x.abs() > pivot.1.abs() {
                pivot = (c, x);
            }
        }
        self.pivot = pivot;
        let (p, x) = pivot;
        let size = x.abs();
        let certain = 4.0 * self.error <= size && size > 0.0;
        out.rows = self.rows;
        out.columns = self.columns - 1;
        out.stride = self.stride;
        out.values.resize(out.stride * out.columns, 0.0);
        let mut largest = [0.0f64; 2];
        let (pivots, mut target) = (self.column(p), 0);
        for c in (0..self.columns).filter(|c| *c != p) {
            let ratio = if size > 0.0 { self.at(row, c) / x } else { 0.0 };
            let to = &mut out.values[target * out.stride..(target + 1) * out.stride];
            target += 1;
            let from = self.column(c);
            for ((to, from), pivot) in to
                .chunks_exact_mut(2)
                .zip(from.chunks_exact(2))
                .zip(pivots.chunks_exact(2))
            {
                for k in 0..2 {
                    let value = from[k] - ratio * pivot[k];
                    to[k] = value;
                    let value = value.abs();
                    largest[k] = if value > largest[k] {
                        value
                    } else {
                        largest[k]
                    };
                }
            }
        }
        out.size = largest[0].max(largest[1]);
        out.error = if certain {
            let ratio = 8.0 / 3.0 * self.error / size + ROUND;
            up(2.0 * self.error + ratio * (self.size + self.error) + 4.0 * ROUND * self.size)
        } else {
            f64::INFINITY
        };
        let sign = if (p % 2 == 1) != (x < 0.0) { -1 } else { 1 };
        out.orientation = self.orientation * sign;
    }

    /// Of the first rows, as many as the mask has bits for, those that may be zero on the flat.
    pub fn perhaps_zero(&self, mask: &mut [u64]) {
        mask.fill(0);
        if self.columns == 2 {
            let (a, b) = (self.column(0), self.column(1));
            for (word, (a, b)) in mask.iter_mut().zip(a.chunks(64).zip(b.chunks(64))) {
                *word = a.iter().zip(b).enumerate().fold(0, |word, (k, (a, b))| {
                    word | u64::from((a.abs() <= self.error) & (b.abs() <= self.error)) << k
                });
            }
        } else {
            for i in 0..self.rows.min(64 * mask.len()) {
                let zero = (0..self.columns).all(|c| self.at(i, c).abs() <= self.error);
                mask[i / 64] |= u64::from(zero) << (i % 64);
            }
        }
    }

    /// The threshold above which the sign of `a_i·b_j − b_i·a_j` of two rows on a line is that of the exact value: four entries off by E
    /// times sizes up to M, 2E² and three roundings of products up to M².
    pub fn threshold(&self) -> f64 {
        let (e, m) = (self.error, self.size);
        if e.is_finite() {
            up(4.0 * e * m + 2.0 * e * e + 8.0 * ROUND * m * m)
        } else {
            f64::INFINITY
        }
    }
}

/// Clears the bits from `bits` on.
pub(super) fn trim(mask: &mut [u64], bits: usize) {
    for (w, word) in mask.iter_mut().enumerate() {
        let left = bits.saturating_sub(64 * w);
        if left < 64 {
            *word &= (1u64 << left) - 1;
        }
    }
}

/// A float and a bound on its error.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounded {
    pub value: f64,
    pub error: f64,
}

impl Bounded {
    pub const ZERO: Bounded = Bounded {
        value: 0.0,
        error: 0.0,
    };

    /// The sign, if it is certain.
    pub fn sign(self) -> Option<i8> {
        if self.value.abs() > self.error {
            Some(if self.value > 0.0 { 1 } else { -1 })
        } else {
            None
        }
    }

    /// `self − a·b`: the errors of the factors, of the product and of the difference.
    #[inline]
    pub fn minus_product(self, a: Bounded, b: Bounded) -> Bounded {
        let product = a.value * b.value;
        let value = self.value - product;
        let factors = a.value.abs() * b.error + a.error * (b.value.abs() + b.error);
        let rounding = ROUND * (product.abs() + value.abs());
        Bounded {
            value,
            error: (self.error + factors + rounding) * (1.0 + 1e-14) + 1e-290,
        }
    }

    /// An entry over the pivot of its tableau: see the bound above.
    #[inline]
    pub fn coefficient(value: f64, error: f64, pivot: f64) -> Bounded {
        let size = pivot.abs();
        if 4.0 * error > size {
            return Bounded {
                value: 0.0,
                error: f64::INFINITY,
            };
        }
        let value = value / pivot;
        // |x/p − x̃/p̃| ≤ (E + |x̃/p̃|·E)/(P − E), and P − E ≥ (3/4)·P.
        let error = 4.0 / 3.0 * error * (1.0 + value.abs()) / size + ROUND * value.abs();
        Bounded {
            value,
            error: error * (1.0 + 1e-14) + 1e-290,
        }
    }
}
