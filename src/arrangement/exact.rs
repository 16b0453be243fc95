//! Exact signs: kernels and determinants of integer rows by fraction-free elimination, in 128-bit integers where a bound on every
//! intermediate value allows it and in big integers elsewhere.

use std::cmp::Ordering;

use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{One, Signed, ToPrimitive, Zero};

/// Integers of one width, as fraction-free elimination needs them.
pub(super) trait Int: Clone + Zero + One {
    fn sgn(&self) -> i8;
    /// `(a·b − c·d)/divisor`, which is known to be an integer.
    fn eliminate(a: &Self, b: &Self, c: &Self, d: &Self, divisor: &Self) -> Self;
    /// `Σ a_i·b_i`.
    fn dot(a: &[Self], b: &[Self]) -> Self;
}

impl Int for i128 {
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
    fn sgn(&self) -> i8 {
        match self.cmp(&BigInt::zero()) {
            Ordering::Less => -1,
            Ordering::Equal => 0,
            Ordering::Greater => 1,
        }
    }
    fn eliminate(a: &Self, b: &Self, c: &Self, d: &Self, divisor: &Self) -> Self {
        (a * b - c * d) / divisor
    }
    fn dot(a: &[Self], b: &[Self]) -> Self {
        a.iter().zip(b).map(|(a, b)| a * b).sum()
    }
}

/// A basis of the common kernel of k independent rows in dimension r, one vector a column that is not a pivot.
///
/// With `p_x` the products of row x with the basis, `det(rows, x, y, …)` has the sign of [`orientation`](Self::orientation) times that of
/// `det(p_x, p_y, …)`.
#[derive(Clone, Debug)]
pub(super) struct Basis<T> {
    r: usize,
    /// One vector after the other.
    vectors: Vec<T>,
    /// The minor D of the rows in the pivot columns, which is each vector's entry in its own column.
    divisor: T,
    /// Parity of the pivot columns followed by the others.
    parity: i8,
}

impl<T: Int> Basis<T> {
    /// The kernel of no rows.
    fn whole(r: usize) -> Self {
        let mut vectors = vec![T::zero(); r * r];
        for c in 0..r {
            vectors[c * r + c] = T::one();
        }
        Basis {
            r,
            vectors,
            divisor: T::one(),
            parity: 1,
        }
    }

    fn vectors(&self) -> impl Iterator<Item = &[T]> {
        self.vectors.chunks_exact(self.r)
    }

    /// The kernel with one more row; `None` if the row depends on those before.
    ///
    /// Fraction-free: the entries are minors of order k of the rows and the products with the new row are minors of order k + 1 (Bareiss
    /// 1968), so every value before the division is at most 2·H² for a bound H on the minors.
    fn with(&self, row: &[T]) -> Option<Self> {
        let products: Vec<T> = self.vectors().map(|v| T::dot(v, row)).collect();
        let pivot = products.iter().position(|p| !p.is_zero())?;
        let at = &self.vectors[pivot * self.r..(pivot + 1) * self.r];
        let mut vectors = Vec::with_capacity(self.vectors.len() - self.r);
        for (c, v) in self.vectors().enumerate().filter(|(c, _)| *c != pivot) {
            for (x, y) in v.iter().zip(at) {
                vectors.push(T::eliminate(
                    &products[pivot],
                    x,
                    &products[c],
                    y,
                    &self.divisor,
                ));
            }
        }
        Some(Basis {
            r: self.r,
            vectors,
            divisor: products[pivot].clone(),
            parity: if pivot.is_multiple_of(2) {
                self.parity
            } else {
                -self.parity
            },
        })
    }

    /// With S the Schur complement, `det(rows, x, y, …) = parity·D·det S` and the products are D·S.
    fn orientation(&self) -> i8 {
        let free = self.vectors.len() / self.r;
        self.parity
            * if free.is_multiple_of(2) {
                self.divisor.sgn()
            } else {
                1
            }
    }

    fn vanishes(&self, row: &[T]) -> bool {
        self.vectors().all(|v| T::dot(v, row).is_zero())
    }

    /// Whether a combination of two rows vanishes.
    fn parallel(&self, x: &[T], y: &[T]) -> bool {
        let pairs: Vec<(T, T)> = self
            .vectors()
            .map(|v| (T::dot(v, x), T::dot(v, y)))
            .collect();
        let Some((a, b)) = pairs.iter().find(|(a, _)| !a.is_zero()) else {
            return true;
        };
        pairs
            .iter()
            .all(|(c, d)| T::eliminate(a, d, b, c, &T::one()).is_zero())
    }

    /// The sign of `det(rows, x, y)`.
    fn pair(&self, x: &[T], y: &[T]) -> i8 {
        let (u, v) = self.vectors.split_at(self.r);
        let (a, b, c, d) = (T::dot(u, x), T::dot(v, y), T::dot(v, x), T::dot(u, y));
        self.orientation() * T::eliminate(&a, &b, &c, &d, &T::one()).sgn()
    }

    /// The sign of `det(rows, x)`.
    fn single(&self, x: &[T]) -> i8 {
        self.orientation() * T::dot(&self.vectors, x).sgn()
    }
}

/// The rows that signs are asked about: the rows of the arrangement, then the functionals of the generic flag.
pub(super) struct Signs {
    r: usize,
    big: Vec<Vec<BigInt>>,
    /// The same, where every entry fits.
    small: Option<Vec<Vec<i128>>>,
}

/// A kernel basis in the width that its rows allow.
#[derive(Clone, Debug)]
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

    fn small(&self, i: u32) -> &[i128] {
        match &self.small {
            Some(small) => &small[i as usize],
            None => unreachable!("small kernels are made only where all rows are small"),
        }
    }

    /// Whether 128 bits suffice for everything that is asked about the functionals `flag` and any of the first `n` rows: kernels, products of
    /// two minors, determinants. The functional `w` is in no kernel.
    ///
    /// By Hadamard's inequality a minor of some rows is at most the product of their lengths, and a row other than zero has length at least
    /// 1. Elimination and pairs multiply two minors of order at most r − 1, one of them with w at the most.
    pub fn fits(&self, flag: &[u32], w: u32, n: usize) -> bool {
        let bits = |i: usize| {
            let squares: BigInt = self.big[i].iter().map(|x| x * x).sum();
            // length < 2^(bits/2)
            squares.bits().div_ceil(2)
        };
        let mut rows: Vec<u64> = (0..n).map(bits).collect();
        rows.sort_unstable_by(|x, y| y.cmp(x));
        let flagged: u64 = flag.iter().map(|&i| bits(i as usize)).sum();
        let minor = |order: usize| {
            let rows = rows.iter().take(order.saturating_sub(flag.len()));
            flagged + rows.sum::<u64>()
        };
        let (large, small) = (
            minor(self.r.saturating_sub(1)),
            minor(self.r.saturating_sub(2)),
        );
        // Two products, and the sums of r terms that they are made of.
        let room = 125u64.saturating_sub(self.r as u64);
        self.small.is_some() && 2 * large <= room && large + small + bits(w as usize) <= room
    }

    /// The whole space.
    pub fn whole(&self, fits: bool) -> Kernel {
        if fits {
            Kernel::Small(Basis::whole(self.r))
        } else {
            Kernel::Big(Basis::whole(self.r))
        }
    }

    /// The part of a kernel on which row `i` vanishes as well; `None` if it vanishes on all of it.
    pub fn with(&self, kernel: &Kernel, i: u32) -> Option<Kernel> {
        match kernel {
            Kernel::Small(basis) => basis.with(self.small(i)).map(Kernel::Small),
            Kernel::Big(basis) => basis.with(self.row(i)).map(Kernel::Big),
        }
    }

    /// The common kernel of rows; `None` if they are dependent.
    pub fn kernel(&self, mut rows: impl Iterator<Item = u32>, fits: bool) -> Option<Kernel> {
        rows.try_fold(self.whole(fits), |kernel, i| self.with(&kernel, i))
    }

    /// A basis of the common kernel of independent rows, primitive vectors.
    pub fn kernel_vectors(&self, rows: impl Iterator<Item = u32>) -> Vec<Vec<BigInt>> {
        let Some(Kernel::Big(basis)) = self.kernel(rows, false) else {
            unreachable!("the rows are independent");
        };
        let vectors = basis.vectors().map(|v| {
            let mut v = v.to_vec();
            primitive(&mut v);
            v
        });
        vectors.collect()
    }

    /// Whether row `i` vanishes on the kernel.
    pub fn vanishes(&self, kernel: &Kernel, i: u32) -> bool {
        match kernel {
            Kernel::Small(basis) => basis.vanishes(self.small(i)),
            Kernel::Big(basis) => basis.vanishes(self.row(i)),
        }
    }

    /// Whether some combination of rows `i` and `j` vanishes on the kernel.
    pub fn parallel(&self, kernel: &Kernel, i: u32, j: u32) -> bool {
        match kernel {
            Kernel::Small(basis) => basis.parallel(self.small(i), self.small(j)),
            Kernel::Big(basis) => basis.parallel(self.row(i), self.row(j)),
        }
    }

    /// The sign of `det(rows of the kernel, i, j)` for a kernel of dimension 2.
    pub fn pair(&self, kernel: &Kernel, i: u32, j: u32) -> i8 {
        match kernel {
            Kernel::Small(basis) => basis.pair(self.small(i), self.small(j)),
            Kernel::Big(basis) => basis.pair(self.row(i), self.row(j)),
        }
    }

    /// The sign of `det(rows, last)` for each of the `last`: r − 1 rows and one.
    pub fn determinants<const K: usize>(
        &self,
        rows: impl Iterator<Item = u32>,
        last: [u32; K],
        fits: bool,
    ) -> [i8; K] {
        match self.kernel(rows, fits) {
            None => [0; K],
            Some(Kernel::Small(basis)) => last.map(|i| basis.single(self.small(i))),
            Some(Kernel::Big(basis)) => last.map(|i| basis.single(self.row(i))),
        }
    }

    /// The integer vector that r − 1 independent rows leave, primitive, with a positive product with row `up`; `None` if they are
    /// dependent or `up` depends on them.
    pub fn ray(&self, rows: impl Iterator<Item = u32>, up: u32) -> Option<Vec<BigInt>> {
        let Kernel::Big(basis) = self.kernel(rows, false)? else {
            unreachable!("a big kernel was asked for");
        };
        let mut ray = basis.vectors;
        primitive(&mut ray);
        let side = BigInt::dot(&ray, self.row(up));
        if side.is_negative() {
            ray.iter_mut().for_each(|x| *x = -&*x);
        }
        (!side.is_zero()).then_some(ray)
    }
}

/// Divides by the greatest common divisor.
pub(super) fn primitive(vector: &mut [BigInt]) {
    let gcd = vector.iter().fold(BigInt::zero(), |g, x| g.gcd(x));
    if !gcd.is_zero() {
        vector.iter_mut().for_each(|x| *x = &*x / &gcd);
    }
}
