//! Integers of every size: a machine word while it suffices, a big integer otherwise.
//!
//! Nothing wraps: an operation whose result might not fit an `i128` is done with [`IBig`].

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;
use std::ops::{Add, Mul, Neg, Sub};

use dashu_int::IBig;
use dashu_int::ops::{BitTest, Gcd, SquareRoot, UnsignedAbs};

/// An integer. Equal integers are stored equally: `Big` is only used outside the range of `i128`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Int {
    Small(i128),
    Big(Box<IBig>),
}

impl Int {
    pub(crate) const ZERO: Int = Int::Small(0);
    pub(crate) const ONE: Int = Int::Small(1);

    pub(crate) fn big(&self) -> Cow<'_, IBig> {
        match self {
            Int::Small(x) => Cow::Owned(IBig::from(*x)),
            Int::Big(x) => Cow::Borrowed(x),
        }
    }

    pub(crate) fn is_zero(&self) -> bool {
        *self == Int::ZERO
    }

    /// How the integer compares with 0.
    #[inline]
    pub(crate) fn sign(&self) -> Ordering {
        match self {
            Int::Small(x) => x.cmp(&0),
            Int::Big(x) => (**x).cmp(&IBig::ZERO),
        }
    }

    pub(crate) fn is_positive(&self) -> bool {
        self.sign().is_gt()
    }

    pub(crate) fn abs(self) -> Int {
        if self.sign().is_lt() { -self } else { self }
    }

    pub(crate) fn bit_len(&self) -> usize {
        match self {
            Int::Small(x) => 128u32.abs_diff(x.unsigned_abs().leading_zeros()) as usize,
            Int::Big(x) => x.bit_len(),
        }
    }

    /// self·2^places
    pub(crate) fn shifted(&self, places: usize) -> Int {
        if self.is_zero() { Int::ZERO } else { Int::from(&*self.big() << places) }
    }

    /// self/2^places, rounded down.
    pub(crate) fn shifted_down(&self, places: usize) -> Int {
        match self {
            Int::Small(x) => Int::Small(x >> places.min(127)),
            Int::Big(x) => Int::from(&**x >> places),
        }
    }

    /// self/divisor, rounded towards 0. The divisor is not 0.
    pub(crate) fn over(&self, divisor: &Int) -> Int {
        if let (Int::Small(a), Int::Small(b)) = (self, divisor)
            && let Some(quotient) = a.checked_div(*b)
        {
            return Int::Small(quotient);
        }
        Int::from(&*self.big() / &*divisor.big())
    }

    /// self/divisor, rounded down. The divisor is greater than 0.
    pub(crate) fn over_down(&self, divisor: &Int) -> Int {
        let quotient = self.over(divisor);
        if &quotient * divisor > *self { quotient - Int::ONE } else { quotient }
    }

    /// The square root of this, which is at least 0, rounded up.
    pub(crate) fn root_up(&self) -> Int {
        let root = match self {
            Int::Small(x) => Int::Small(x.unsigned_abs().isqrt().cast_signed()), // less than 2^64
            Int::Big(x) => Int::from(IBig::from((**x).clone().unsigned_abs().sqrt())),
        };
        if &root * &root < *self { root + Int::ONE } else { root }
    }

    /// The greatest common divisor, at least 0; gcd(0, 0) = 0.
    pub(crate) fn gcd(&self, other: &Int) -> Int {
        if self.is_zero() {
            return other.clone().abs(); // the library's is not defined for two zeros
        }
        Int::from(IBig::from((&*self.big()).gcd(&*other.big())))
    }

    /// self = gcd(self, x), for self > 0.
    #[inline]
    pub(crate) fn reduce_to_gcd(&mut self, x: &Int) {
        if *self != Int::ONE {
            *self = self.gcd(x);
        }
    }

    /// self += a·b
    #[inline]
    pub(crate) fn add_product(&mut self, a: &Int, b: &Int) {
        if let (Int::Small(sum), Int::Small(a), Int::Small(b)) = (&mut *self, a, b)
            && let Some(new) = product(*a, *b).and_then(|x| sum.checked_add(x))
        {
            *sum = new;
        } else {
            *self = &*self + a * b;
        }
    }
}

/// a·b, if it is sure to fit.
#[inline]
fn product(a: i128, b: i128) -> Option<i128> {
    if let (Ok(a), Ok(b)) = (i64::try_from(a), i64::try_from(b)) {
        return Some(i128::from(a).wrapping_mul(i128::from(b))); // less than 2^127 in size
    }
    // |x| < 2^(128−zeros): with at least 129 zeros together the product is less than 2^127 in size.
    let zeros = a.unsigned_abs().leading_zeros().saturating_add(b.unsigned_abs().leading_zeros());
    (zeros >= 129).then(|| a.wrapping_mul(b))
}

/// A vector, or the entries of a matrix row after row.
#[derive(Debug, Default, Clone)]
pub(crate) struct Vector {
    entries: Vec<Int>,
    /// The same entries, if all of them fit; otherwise empty.
    words: Vec<i64>,
}

/// A vector, or a row of a matrix.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Row<'a> {
    pub(crate) entries: &'a [Int],
    words: &'a [i64],
}

impl From<Vec<Int>> for Vector {
    fn from(entries: Vec<Int>) -> Self {
        let word = |x: &Int| if let Int::Small(x) = x { i64::try_from(*x).ok() } else { None };
        let words = entries.iter().map(word).collect::<Option<Vec<i64>>>().unwrap_or_default();
        Vector { entries, words }
    }
}

impl Vector {
    pub(crate) fn all(&self) -> Row<'_> {
        Row { entries: &self.entries, words: &self.words }
    }

    /// Row `i` of the matrix with `width` columns.
    #[inline]
    pub(crate) fn row(&self, i: usize, width: usize) -> Row<'_> {
        let from = i.saturating_mul(width);
        let range = from..from.saturating_add(width);
        let words = if self.words.is_empty() { &[] } else { &self.words[range.clone()] };
        Row { entries: &self.entries[range], words }
    }
}

impl<'a> Row<'a> {
    /// The entries, if all of the vector or matrix fit.
    pub(crate) fn words(self) -> Option<&'a [i64]> {
        (!self.words.is_empty()).then_some(self.words)
    }
}

impl<'a> From<&'a [Int]> for Row<'a> {
    fn from(entries: &'a [Int]) -> Self {
        Row { entries, words: &[] }
    }
}

/// Σ a_j·b_j of two vectors of equal length.
#[inline]
pub(crate) fn dot(a: Row<'_>, b: Row<'_>) -> Int {
    if !a.words.is_empty() && a.words.len() == b.words.len() {
        // A product of two i64 is less than 2^127.
        let products = a.words.iter().zip(b.words).map(|(&x, &y)| i128::from(x).wrapping_mul(i128::from(y)));
        if let Some(sum) = products.into_iter().try_fold(0i128, i128::checked_add) {
            return Int::Small(sum);
        }
    }
    let mut sum = Int::ZERO;
    for (x, y) in a.entries.iter().zip(&b.entries[..a.entries.len()]) {
        sum.add_product(x, y);
    }
    sum
}

/// sums_j += weight·row_j, for two vectors of equal length.
#[inline]
pub(crate) fn add_scaled(sums: &mut [Int], weight: &Int, row: Row<'_>) {
    let entries = &row.entries[..sums.len()];
    sums.iter_mut().zip(entries).for_each(|(sum, x)| sum.add_product(weight, x));
}

impl From<IBig> for Int {
    fn from(x: IBig) -> Self {
        i128::try_from(&x).map_or_else(|_| Int::Big(Box::new(x)), Int::Small)
    }
}

impl From<usize> for Int {
    fn from(x: usize) -> Self {
        Int::from(IBig::from(x))
    }
}

impl Ord for Int {
    #[inline]
    fn cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Int::Small(a), Int::Small(b)) => a.cmp(b),
            _ => self.big().cmp(&other.big()),
        }
    }
}

impl PartialOrd for Int {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for Int {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&*self.big(), f)
    }
}

impl Neg for Int {
    type Output = Int;
    fn neg(self) -> Int {
        Int::ZERO - self
    }
}

macro_rules! operator {
    ($trait:ident, $method:ident, $small:expr, $($left:ty, $right:ty);*) => { $(
        impl $trait<$right> for $left {
            type Output = Int;
            #[inline]
            fn $method(self, other: $right) -> Int {
                if let (Int::Small(a), Int::Small(b)) = (&self, &other) && let Some(x) = $small(*a, *b) {
                    return Int::Small(x);
                }
                Int::from($trait::$method(&*self.big(), &*other.big()))
            }
        }
    )* };
}
operator!(Add, add, i128::checked_add, Int, Int; Int, &Int; &Int, Int; &Int, &Int);
operator!(Sub, sub, i128::checked_sub, Int, Int; Int, &Int; &Int, Int; &Int, &Int);
operator!(Mul, mul, product, Int, Int; Int, &Int; &Int, Int; &Int, &Int);

#[cfg(test)]
#[path = "../tests/unit/int.rs"]
mod tests;
