//! Real algebraic numbers.

use std::cmp::Ordering;
use std::fmt;

use num_traits::{One, Signed, Zero};

use super::super::{Rat, Round, to_decimal};
use super::Poly;
use super::factor::factor;
use super::roots::{isolate, power_of_two, refine, variations_between};

/// A real algebraic number: its minimal polynomial over Q and an interval that holds this root and no other. Exact.
#[derive(Clone, Debug)]
pub struct Algebraic {
    /// Irreducible over Q, primitive, leading coefficient positive.
    poly: Poly,
    /// `low ≤ root ≤ high`, and no other root of `poly` there; equal when the number is rational.
    low: Rat,
    high: Rat,
}

impl From<Rat> for Algebraic {
    fn from(value: Rat) -> Self {
        Algebraic {
            poly: Poly::of_root(&value),
            low: value.clone(),
            high: value,
        }
    }
}

impl Algebraic {
    /// The root of an irreducible polynomial in [low, high], if Descartes' rule shows that there is exactly one.
    ///
    /// That `poly` is irreducible is the caller's promise ([`factor`] yields such polynomials); everything else is checked.
    pub fn of_irreducible(poly: &Poly, low: &Rat, high: &Rat) -> Option<Self> {
        let poly = poly.primitive();
        match poly.degree()? {
            0 => None,
            1 => {
                let root = Rat::new(-poly.coeff(0), poly.coeff(1));
                (*low <= root && root <= *high).then(|| root.into())
            }
            _ => (low < high && variations_between(&poly, low, high) == 1).then(|| Algebraic {
                poly,
                low: low.clone(),
                high: high.clone(),
            }),
        }
    }

    /// The different real roots of a polynomial in rising order; `None` for the polynomial 0 or if `stop` said so.
    pub fn roots(poly: &Poly, stop: &dyn Fn() -> bool) -> Option<Vec<Self>> {
        if poly.is_zero() {
            return None;
        }
        let mut roots = Vec::new();
        for (factor, _) in factor(poly, stop)? {
            for (low, high) in isolate(&factor, stop)? {
                roots.extend(Algebraic::of_irreducible(&factor, &low, &high));
            }
        }
        roots.sort();
        Some(roots)
    }

    /// The number that is a root of one of these irreducible polynomials and lies in each interval that `enclose(bits)` returns;
    /// the intervals have to shrink to a point as `bits` grows. `None` if no polynomial has a root there, if `stop` said so, or if
    /// the intervals fail to separate the candidates at 2^16 bits.
    pub fn locate(
        candidates: &[Poly],
        enclose: &mut dyn FnMut(u32) -> Option<(Rat, Rat)>,
        stop: &dyn Fn() -> bool,
    ) -> Option<Self> {
        let mut candidates: Vec<&Poly> = candidates.iter().collect();
        let mut bits = 64;
        while bits <= 1 << 16 && !stop() {
            let (low, high) = enclose(bits)?;
            // Open intervals count: step out so that an end that is a root is inside.
            let (low, high) = (
                &low - power_of_two(-i64::from(bits)),
                &high + power_of_two(-i64::from(bits)),
            );
            candidates.retain(|poly| variations_between(poly, &low, &high) > 0);
            match candidates[..] {
                [] => return None,
                [poly] if variations_between(poly, &low, &high) == 1 => {
                    return Algebraic::of_irreducible(poly, &low, &high);
                }
                _ => bits *= 2,
            }
        }
        None
    }

    /// The minimal polynomial: irreducible, primitive, with a positive leading coefficient.
    pub fn minimal_polynomial(&self) -> &Poly {
        &self.poly
    }

    /// The degree over Q.
    pub fn degree(&self) -> usize {
        self.poly.degree().unwrap_or(0)
    }

    /// `(low, high)` with low ≤ number ≤ high and no other root of the minimal polynomial between.
    pub fn interval(&self) -> (&Rat, &Rat) {
        (&self.low, &self.high)
    }

    /// The number, if it is rational.
    pub fn to_rat(&self) -> Option<&Rat> {
        (self.low == self.high).then_some(&self.low)
    }

    /// Shrinks the interval to at most this positive width; a width of 0 or less changes nothing.
    pub fn refine(&mut self, width: &Rat) {
        if width.is_positive() && self.low != self.high {
            refine(&self.poly, &mut self.low, &mut self.high, width);
        }
    }

    /// −1, 0 or 1.
    pub fn signum(&self) -> i8 {
        if self.poly.coeff(0).is_zero() {
            return 0;
        }
        let mut number = self.clone();
        while !number.low.is_positive() && !number.high.is_negative() {
            number.halve();
        }
        if number.low.is_positive() { 1 } else { -1 }
    }

    fn halve(&mut self) {
        let width = (&self.high - &self.low) / Rat::from_integer(2.into());
        self.refine(&width);
    }

    /// The number with `digits` correct significant digits, rounded to the nearest; a rational number with a short expansion ends
    /// early.
    pub fn to_decimal(&self, digits: usize) -> String {
        if self.low == self.high {
            return to_decimal(&self.low, digits, Round::Nearest);
        }
        let mut number = self.clone();
        loop {
            let low = to_decimal(&number.low, digits, Round::Nearest);
            // An irrational number: both ends round alike from some width on.
            if low == to_decimal(&number.high, digits, Round::Nearest) {
                return low;
            }
            let width = (&number.high - &number.low) / Rat::from_integer(16.into());
            number.refine(&width);
        }
    }

    /// The interval as far as it lies in `low..=high`; `false` if nothing is left, which shows that the number is not there.
    pub fn narrow(&mut self, low: &Rat, high: &Rat) -> bool {
        if self.low == self.high {
            return *low <= self.low && self.low <= *high;
        }
        let (left, right) = ((&self.low).max(low).clone(), (&self.high).min(high).clone());
        // A square-free polynomial has one root here: it is between two points iff the signs differ.
        if left >= right || self.poly.sign_at(&left) * self.poly.sign_at(&right) >= 0 {
            return false;
        }
        (self.low, self.high) = (left, right);
        true
    }
}

impl Ord for Algebraic {
    fn cmp(&self, other: &Self) -> Ordering {
        let (mut a, mut b) = (self.clone(), other.clone());
        if a.poly == b.poly {
            let mut common = a.clone();
            if common.narrow(&b.low, &b.high) {
                return Ordering::Equal;
            }
        }
        // Different numbers: their intervals part in the end.
        loop {
            if a.high < b.low || (a.high == b.low && a.low < a.high) {
                return Ordering::Less;
            }
            if b.high < a.low || (b.high == a.low && b.low < b.high) {
                return Ordering::Greater;
            }
            if &a.high - &a.low >= &b.high - &b.low {
                a.halve();
            } else {
                b.halve();
            }
        }
    }
}

impl PartialOrd for Algebraic {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Algebraic {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Algebraic {}

impl fmt::Display for Algebraic {
    /// A rational number as a fraction, else like `1.41421356237 (a root of x^2 - 2)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.to_rat() {
            Some(value) if value.denom().is_one() => write!(f, "{}", value.numer()),
            Some(value) => write!(f, "{value}"),
            None => write!(f, "{} (a root of {})", self.to_decimal(12), self.poly),
        }
    }
}
