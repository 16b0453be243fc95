//! Exact signs: kernels and determinants of integer rows by fraction-free elimination, in 128-bit integers where a bound on every
//! intermediate value allows it and in big integers elsewhere.

use std::cmp::Ordering;
use std::ops::{Mul, Sub};

use num_bigint::BigInt;
use num_traits::{One, Signed, ToPrimitive, Zero};

/// Integers of one width, as fraction-free elimination needs them.
pub(super) trait Int: Clone + Zero + One {
    fn negative(&self) -> Self;
    fn sgn(&self) -> i8;
    /// `(a·b − c·d)/divisor`, which is known to be an integer.
    fn eliminate(a: &Self, b: &Self, c: &Self, d: &Self, divisor: &Self) -> Self;
    /// `Σ a_i·b_i`.
    fn dot(a: &[Self], b: &[Self]) -> Self;
}

impl Int for i128 {
    fn negative(&self) -> Self {
        -self
    }
    fn sgn(&self) -> i8 {
        self.signum() as i8
    }
    #[inline]
    fn eliminate(a: &Self, b: &Self, c: &Self, d: &Self, divisor: &Self) -> Self {
        let value = a * b - c * d;
        match divisor {
            1 => value,
            -1 => -value,
            _ => match (i64::try_from(value), i64::try_from(*divisor)) {
                (Ok(value), Ok(divisor)) if value != i64::MIN => i128::from(value / divisor),
                _ => value / divisor,
            },
        }
    }
    #[inline]
    fn dot(a: &[Self], b: &[Self]) -> Self {
        a.iter().zip(b).map(|(a, b)| a * b).sum()
    }
}

impl Int for BigInt {
    fn negative(&self) -> Self {
        -self
    }
    fn sgn(&self) -> i8 {
        match self.cmp(&BigInt::zero()) {
            Ordering::Less => -1,
            Ordering::Equal => 0,
            Ordering::Greater => 1,
        }
    }
    fn eliminate(a: &Self, b: &Self, c: &Self, d: &Self, divisor: &Self) -> Self {
        a.mul(b).sub(c.mul(d)) / divisor
    }
    fn dot(a: &[Self], b: &[Self]) -> Self {
        a.iter().zip(b).map(|(a, b)| a * b).sum()
    }
}

/// A basis of the common kernel of k independent rows in dimension r, one vector a free column, and the sign that turns products with the
/// basis into determinants: with `p_x` the vector of products of row x with the basis, `det(rows, x, y, …)` has the sign
/// `orientation · sgn det(p_x, p_y, …)`.
pub(super) struct Basis<T> {
    pub vectors: Vec<Vec<T>>,
    pub orientation: i8,
}

/// The kernel of the rows, `None` if they are dependent.
///
/// Fraction-free Gauss–Jordan elimination: after k steps every entry is a minor of order k of the rows (Bareiss 1968), so every value
/// before the division is at most 2·H² for a bound H on the minors.
pub(super) fn kernel<T: Int>(mut rows: Vec<Vec<T>>, r: usize) -> Option<Basis<T>> {
    let k = rows.len();
    let mut pivots: Vec<usize> = Vec::with_capacity(k);
    let mut divisor = T::one();
    for step in 0..k {
        let column = (0..r).find(|c| !pivots.contains(c) && !rows[step][*c].is_zero())?;
        let pivot_row = rows[step].clone();
        let pivot = &pivot_row[column];
        for (i, row) in rows.iter_mut().enumerate() {
            if i == step {
                continue;
            }
            let factor = row[column].clone();
            for (c, entry) in row.iter_mut().enumerate() {
                // The columns of earlier pivots hold the divisor on the diagonal and zeros elsewhere.
                *entry = T::eliminate(pivot, entry, &factor, &pivot_row[c], &divisor);
            }
        }
        divisor = pivot.clone();
        pivots.push(column);
    }
    let free: Vec<usize> = (0..r).filter(|c| !pivots.contains(c)).collect();
    let vectors = free
        .iter()
        .map(|&f| {
            let mut v = vec![T::zero(); r];
            v[f] = divisor.clone();
            for (row, &p) in rows.iter().zip(&pivots) {
                v[p] = row[f].negative();
            }
            v
        })
        .collect();
    // det(rows, x, y, …) = parity·D·det(Schur complement), D the last pivot, and the products with the basis are D·(Schur complement).
    let order: Vec<usize> = pivots.iter().chain(&free).copied().collect();
    let odd_power = (free.len() + 1) % 2 == 1;
    let orientation = parity(&order) * if odd_power { divisor.sgn() } else { 1 };
    Some(Basis {
        vectors,
        orientation,
    })
}

/// +1 for an even permutation, −1 for an odd one.
fn parity(order: &[usize]) -> i8 {
    let inversions = order
        .iter()
        .enumerate()
        .map(|(i, x)| order[i + 1..].iter().filter(|y| *y < x).count())
        .sum::<usize>();
    if inversions % 2 == 0 { 1 } else { -1 }
}

/// The rows that signs are asked about: the rows of the arrangement, then the functionals of the generic flag.
pub(super) struct Signs {
    r: usize,
    big: Vec<Vec<BigInt>>,
    /// The same, where every entry fits.
    small: Option<Vec<Vec<i128>>>,
}

/// A kernel basis in the width that its level allows.
pub(super) enum Kernel {
    Small(Basis<i128>),
    Big(Basis<BigInt>),
}

impl Signs {
    pub fn new(rows: Vec<Vec<BigInt>>, r: usize) -> Self {
        let small = rows
            .iter()
            .map(|row| row.iter().map(ToPrimitive::to_i128).collect())
            .collect();
        Signs {
            r,
            big: rows,
            small,
        }
    }

    /// The row of an index.
    pub fn row(&self, i: u32) -> &[BigInt] {
        &self.big[i as usize]
    }

    /// Whether 128 bits suffice for everything that is asked about `sections` and any of the first `n` rows: kernels, products of two
    /// minors, determinants. By Hadamard's inequality a minor of some rows is at most the product of their lengths, and a row other than
    /// zero has length at least 1.
    pub fn fits(&self, sections: &[u32], n: usize) -> bool {
        let bits = |i: usize| {
            let squares: BigInt = self.big[i].iter().map(|x| x * x).sum();
            // length < 2^(bits/2)
            squares.bits().div_ceil(2)
        };
        let mut data: Vec<u64> = (0..n).map(bits).collect();
        data.sort_unstable_by(|x, y| y.cmp(x));
        let flag: u64 = sections.iter().map(|&i| bits(i as usize)).sum();
        let minor = flag
            + data
                .iter()
                .take(self.r.saturating_sub(sections.len()))
                .sum::<u64>();
        self.small.is_some() && 2 * minor + 1 + self.r as u64 <= 126
    }

    /// The common kernel of rows; `None` if they are dependent.
    pub fn kernel(&self, rows: impl Iterator<Item = u32>, fits: bool) -> Option<Kernel> {
        match &self.small {
            Some(small) if fits => {
                let rows = rows.map(|i| small[i as usize].clone()).collect();
                kernel(rows, self.r).map(Kernel::Small)
            }
            _ => {
                let rows = rows.map(|i| self.big[i as usize].clone()).collect();
                kernel(rows, self.r).map(Kernel::Big)
            }
        }
    }

    /// Whether row `i` vanishes on the kernel.
    pub fn vanishes(&self, kernel: &Kernel, i: u32) -> bool {
        match (kernel, &self.small) {
            (Kernel::Small(basis), Some(small)) => basis
                .vectors
                .iter()
                .all(|v| i128::dot(v, &small[i as usize]) == 0),
            (Kernel::Big(basis), _) => basis
                .vectors
                .iter()
                .all(|v| BigInt::dot(v, &self.big[i as usize]).is_zero()),
            (Kernel::Small(_), None) => unreachable!("a small kernel comes from small rows"),
        }
    }

    /// The sign of `det(rows of the kernel, i, j)` for a kernel of dimension 2.
    pub fn pair(&self, kernel: &Kernel, i: u32, j: u32) -> i8 {
        fn sign<T: Int>(basis: &Basis<T>, x: &[T], y: &[T]) -> i8 {
            let [u, v] = basis.vectors.as_slice() else {
                unreachable!("the kernel of a line has dimension 2");
            };
            let (a, b, c, d) = (T::dot(u, x), T::dot(v, y), T::dot(v, x), T::dot(u, y));
            basis.orientation * T::eliminate(&a, &b, &c, &d, &T::one()).sgn()
        }
        match (kernel, &self.small) {
            (Kernel::Small(basis), Some(s)) => sign(basis, &s[i as usize], &s[j as usize]),
            (Kernel::Big(basis), _) => sign(basis, &self.big[i as usize], &self.big[j as usize]),
            (Kernel::Small(_), None) => unreachable!("a small kernel comes from small rows"),
        }
    }

    /// The sign of `det(rows, last)` for each of the `last`, the determinant of r rows.
    pub fn determinants<const K: usize>(
        &self,
        rows: impl Iterator<Item = u32>,
        last: [u32; K],
        fits: bool,
    ) -> [i8; K] {
        match (self.kernel(rows, fits), &self.small) {
            (None, _) => [0; K],
            (Some(Kernel::Small(basis)), Some(small)) => last.map(|i| {
                basis.orientation * i128::dot(&basis.vectors[0], &small[i as usize]).sgn()
            }),
            (Some(Kernel::Big(basis)), _) => last.map(|i| {
                basis.orientation * BigInt::dot(&basis.vectors[0], &self.big[i as usize]).sgn()
            }),
            (Some(Kernel::Small(_)), None) => unreachable!("a small kernel comes from small rows"),
        }
    }

    /// The integer vector that r − 1 independent rows leave, primitive, with a positive product with row `up`; `None` if they are
    /// dependent or `up` depends on them.
    pub fn ray(&self, rows: impl Iterator<Item = u32>, up: u32) -> Option<Vec<BigInt>> {
        let rows = rows.map(|i| self.big[i as usize].clone()).collect();
        let mut ray = kernel(rows, self.r)?.vectors.pop()?;
        primitive(&mut ray);
        let side = BigInt::dot(&ray, &self.big[up as usize]);
        if side.is_negative() {
            ray.iter_mut().for_each(|x| *x = -&*x);
        }
        (!side.is_zero()).then_some(ray)
    }
}

/// Divides by the greatest common divisor.
pub(super) fn primitive(vector: &mut [BigInt]) {
    use num_integer::Integer;
    let gcd = vector.iter().fold(BigInt::zero(), |g, x| g.gcd(x));
    if !gcd.is_zero() {
        vector.iter_mut().for_each(|x| *x = &*x / &gcd);
    }
}
