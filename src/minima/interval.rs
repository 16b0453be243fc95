//! Intervals that contain the exact result of every operation: of doubles where speed counts, of big dyadic numbers where precision does.

use std::cmp::Ordering;

use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{One, Signed, Zero};

use crate::exact::{Rat, f64_to_rat, rat_to_f64};

/// A closed interval. Every operation returns an interval that contains all exact results for operands inside the given ones.
pub trait Interval: Clone {
    /// The precision that new intervals get.
    type Context: Copy;

    /// A rational.
    fn of(context: Self::Context, x: &Rat) -> Self;
    /// A finite double, exactly or enclosed.
    fn float(context: Self::Context, x: f64) -> Self;
    /// The sum.
    fn add(&self, other: &Self) -> Self;
    /// The difference.
    fn sub(&self, other: &Self) -> Self;
    /// The product.
    fn mul(&self, other: &Self) -> Self;
    /// The quotient; `None` if the divisor may be 0.
    fn div(&self, other: &Self) -> Option<Self>;
    /// The square root of the nonnegative part.
    fn sqrt(&self) -> Self;
    /// The sign if it is the same everywhere in the interval; `Equal` only for the interval [0, 0].
    fn sign(&self) -> Option<Ordering>;
    /// The largest absolute value as an interval of one point.
    fn magnitude(&self) -> Self;
    /// The interval from −radius to radius added, for a radius whose upper end counts.
    fn widened(&self, radius: &Self) -> Self;
    /// A double inside or next to the interval.
    fn middle(&self) -> f64;

    /// Whether every value is positive.
    fn is_positive(&self) -> bool {
        self.sign() == Some(Ordering::Greater)
    }

    /// Whether every value is negative.
    fn is_negative(&self) -> bool {
        self.sign() == Some(Ordering::Less)
    }

    /// `Σ a_i·b_i`; 0 for empty slices.
    fn dot(context: Self::Context, a: &[Self], b: &[Self]) -> Self {
        a.iter()
            .zip(b)
            .fold(Self::float(context, 0.0), |sum, (a, b)| sum.add(&a.mul(b)))
    }
}

/// An interval of doubles with outward rounding.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Doubles {
    lo: f64,
    hi: f64,
}

impl Doubles {
    /// The interval around the ends that an operation rounded to nearest gave. An overflow gives an infinite end, which is sound.
    fn outward(lo: f64, hi: f64) -> Self {
        if lo.is_nan() || hi.is_nan() {
            return Doubles {
                lo: f64::NEG_INFINITY,
                hi: f64::INFINITY,
            };
        }
        Doubles {
            lo: lo.next_down(),
            hi: hi.next_up(),
        }
    }

    /// The upper end.
    pub fn hi(&self) -> f64 {
        self.hi
    }

    /// The lower end.
    pub fn lo(&self) -> f64 {
        self.lo
    }

    fn point(x: f64) -> Self {
        Doubles { lo: x, hi: x }
    }
}

impl Interval for Doubles {
    type Context = ();

    fn of((): (), x: &Rat) -> Self {
        // Correctly rounded, so one step outwards encloses it; integers of up to 53 bits are exact.
        let near = rat_to_f64(x);
        if x.is_integer() && x.numer().bits() <= 53 {
            return Doubles::point(near);
        }
        Doubles::outward(near, near)
    }

    fn float((): (), x: f64) -> Self {
        Doubles::point(x)
    }

    fn add(&self, other: &Self) -> Self {
        Doubles::outward(self.lo + other.lo, self.hi + other.hi)
    }

    fn sub(&self, other: &Self) -> Self {
        Doubles::outward(self.lo - other.hi, self.hi - other.lo)
    }

    fn mul(&self, other: &Self) -> Self {
        let products = [
            self.lo * other.lo,
            self.lo * other.hi,
            self.hi * other.lo,
            self.hi * other.hi,
        ];
        if products.iter().any(|x| x.is_nan()) {
            return Doubles::outward(f64::NAN, f64::NAN);
        }
        let lo = products.iter().copied().fold(f64::INFINITY, f64::min);
        let hi = products.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        Doubles::outward(lo, hi)
    }

    fn div(&self, other: &Self) -> Option<Self> {
        if other.lo <= 0.0 && other.hi >= 0.0 {
            return None;
        }
        let quotients = [
            self.lo / other.lo,
            self.lo / other.hi,
            self.hi / other.lo,
            self.hi / other.hi,
        ];
        let lo = quotients.iter().copied().fold(f64::INFINITY, f64::min);
        let hi = quotients.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        Some(Doubles::outward(lo, hi))
    }

    fn sqrt(&self) -> Self {
        let root = Doubles::outward(self.lo.max(0.0).sqrt(), self.hi.max(0.0).sqrt());
        Doubles {
            lo: root.lo.max(0.0),
            hi: root.hi,
        }
    }

    fn sign(&self) -> Option<Ordering> {
        if self.lo > 0.0 {
            Some(Ordering::Greater)
        } else if self.hi < 0.0 {
            Some(Ordering::Less)
        } else if self.lo == 0.0 && self.hi == 0.0 {
            Some(Ordering::Equal)
        } else {
            None
        }
    }

    fn magnitude(&self) -> Self {
        Doubles::point(self.lo.abs().max(self.hi.abs()))
    }

    fn widened(&self, radius: &Self) -> Self {
        Doubles::outward(self.lo - radius.hi, self.hi + radius.hi)
    }

    fn middle(&self) -> f64 {
        0.5 * (self.lo + self.hi)
    }
}

/// An interval of numbers `k/2^bits`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dyadic {
    lo: BigInt,
    hi: BigInt,
    bits: u32,
}

impl Dyadic {
    /// The ends, exact.
    pub fn ends(&self) -> (Rat, Rat) {
        let one = BigInt::one() << self.bits;
        (
            Rat::new(self.lo.clone(), one.clone()),
            Rat::new(self.hi.clone(), one),
        )
    }

    /// The middle (rounded down), a point.
    pub fn center(&self) -> Self {
        let middle: BigInt = (&self.lo + &self.hi) >> 1;
        Dyadic {
            lo: middle.clone(),
            hi: middle,
            bits: self.bits,
        }
    }

    /// `[−2^−exponent, 2^−exponent]` around a point or an interval.
    pub fn blown(&self, exponent: u32) -> Self {
        let radius = if exponent <= self.bits {
            BigInt::one() << (self.bits - exponent)
        } else {
            BigInt::one()
        };
        Dyadic {
            lo: &self.lo - &radius,
            hi: &self.hi + radius,
            bits: self.bits,
        }
    }

    /// Whether the interval lies in the interior of the other.
    pub fn inside(&self, other: &Self) -> bool {
        self.lo > other.lo && self.hi < other.hi
    }

    /// The common part; `None` if there is none.
    pub fn intersection(&self, other: &Self) -> Option<Self> {
        let lo = self.lo.clone().max(other.lo.clone());
        let hi = self.hi.clone().min(other.hi.clone());
        (lo <= hi).then_some(Dyadic {
            lo,
            hi,
            bits: self.bits,
        })
    }

    /// Whether the two have no common point.
    pub fn disjoint(&self, other: &Self) -> bool {
        self.hi < other.lo || other.hi < self.lo
    }
}

impl Interval for Dyadic {
    /// Bits after the binary point.
    type Context = u32;

    fn of(bits: u32, x: &Rat) -> Self {
        let scaled = x.numer() << bits;
        Dyadic {
            lo: scaled.div_floor(x.denom()),
            hi: scaled.div_ceil(x.denom()),
            bits,
        }
    }

    fn float(bits: u32, x: f64) -> Self {
        f64_to_rat(x).map_or_else(
            || unreachable!("only finite floats are enclosed"),
            |x| Dyadic::of(bits, &x),
        )
    }

    fn add(&self, other: &Self) -> Self {
        Dyadic {
            lo: &self.lo + &other.lo,
            hi: &self.hi + &other.hi,
            bits: self.bits,
        }
    }

    fn sub(&self, other: &Self) -> Self {
        Dyadic {
            lo: &self.lo - &other.hi,
            hi: &self.hi - &other.lo,
            bits: self.bits,
        }
    }

    fn mul(&self, other: &Self) -> Self {
        let mut products = [
            &self.lo * &other.lo,
            &self.lo * &other.hi,
            &self.hi * &other.lo,
            &self.hi * &other.hi,
        ];
        products.sort();
        let [lo, _, _, hi] = products;
        let one = BigInt::one() << self.bits;
        Dyadic {
            lo: lo.div_floor(&one),
            hi: hi.div_ceil(&one),
            bits: self.bits,
        }
    }

    fn div(&self, other: &Self) -> Option<Self> {
        if !other.lo.is_positive() && !other.hi.is_negative() {
            return None;
        }
        let quotients = [
            (&self.lo << self.bits, &other.lo),
            (&self.lo << self.bits, &other.hi),
            (&self.hi << self.bits, &other.lo),
            (&self.hi << self.bits, &other.hi),
        ];
        let lo = quotients.iter().map(|(a, b)| a.div_floor(b)).min()?;
        let hi = quotients.iter().map(|(a, b)| a.div_ceil(b)).max()?;
        Some(Dyadic {
            lo,
            hi,
            bits: self.bits,
        })
    }

    fn sqrt(&self) -> Self {
        let root = |x: &BigInt| -> BigInt {
            if x.is_positive() {
                (x << self.bits).sqrt()
            } else {
                BigInt::zero()
            }
        };
        Dyadic {
            lo: root(&self.lo),
            hi: root(&self.hi) + 1,
            bits: self.bits,
        }
    }

    fn sign(&self) -> Option<Ordering> {
        if self.lo.is_positive() {
            Some(Ordering::Greater)
        } else if self.hi.is_negative() {
            Some(Ordering::Less)
        } else if self.lo.is_zero() && self.hi.is_zero() {
            Some(Ordering::Equal)
        } else {
            None
        }
    }

    fn magnitude(&self) -> Self {
        let largest = self.lo.abs().max(self.hi.abs());
        Dyadic {
            lo: largest.clone(),
            hi: largest,
            bits: self.bits,
        }
    }

    fn widened(&self, radius: &Self) -> Self {
        Dyadic {
            lo: &self.lo - &radius.hi,
            hi: &self.hi + &radius.hi,
            bits: self.bits,
        }
    }

    fn middle(&self) -> f64 {
        let (lo, _) = self.center().ends();
        rat_to_f64(&lo)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn rat(n: i64, d: i64) -> Rat {
        Rat::new(n.into(), d.into())
    }

    fn check<T: Interval>(context: T::Context, ends: impl Fn(&T) -> (Rat, Rat), a: &Rat, b: &Rat) {
        let (x, y) = (T::of(context, a), T::of(context, b));
        let holds = |interval: &T, value: &Rat| {
            let (lo, hi) = ends(interval);
            assert!(lo <= *value && *value <= hi, "{lo} {value} {hi}");
        };
        holds(&x, a);
        holds(&x.add(&y), &(a + b));
        holds(&x.sub(&y), &(a - b));
        holds(&x.mul(&y), &(a * b));
        if let Some(q) = x.div(&y) {
            holds(&q, &(a / b));
        }
        let root = x.mul(&x).sqrt();
        holds(&root, &a.abs());
        holds(&x.widened(&T::of(context, &b.abs())), &(a + b));
        if let Some(sign) = x.sign() {
            assert_eq!(sign, a.cmp(&Rat::zero()));
        }
    }

    proptest! {
        #[test]
        fn intervals_contain_the_exact_results(n in -10_000i64..10_000, d in 1i64..5_000, m in -10_000i64..10_000, e in 1i64..5_000) {
            let (a, b) = (rat(n, d), rat(m, e));
            for bits in [8, 64, 200] {
                check::<Dyadic>(bits, Dyadic::ends, &a, &b);
            }
            let ends = |x: &Doubles| (f64_to_rat(x.lo()).unwrap(), f64_to_rat(x.hi()).unwrap());
            check::<Doubles>((), ends, &a, &b);
        }
    }

    #[test]
    fn a_divisor_that_may_be_zero_gives_no_quotient() {
        let one = Dyadic::of(20, &rat(1, 1));
        assert!(one.div(&one.sub(&one)).is_none());
        assert!(Doubles::point(1.0).div(&Doubles::point(0.0)).is_none());
    }
}
