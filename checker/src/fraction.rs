//! Exact fractions, and their decimals.

use std::cmp::Ordering;
use std::fmt;

use dashu_int::IBig;

use crate::int::Int;

/// An exact rational number.
#[derive(Debug, Clone)]
pub struct Fraction {
    pub(crate) numerator: Int,
    /// Greater than 0.
    pub(crate) denominator: Int,
}

/// How a decimal that is not exact was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rounding {
    /// Towards −∞: the decimal is at most the number.
    Down,
    /// Towards +∞: the decimal is at least the number.
    Up,
}

impl Fraction {
    pub(crate) const HALF: Fraction = Fraction { numerator: Int::ONE, denominator: Int::Small(2) };

    pub(crate) fn plus(&self, other: &Fraction) -> Fraction {
        let numerator = &self.numerator * &other.denominator + &other.numerator * &self.denominator;
        Fraction { numerator, denominator: &self.denominator * &other.denominator }
    }

    pub(crate) fn minus(&self, other: &Fraction) -> Fraction {
        let minus = Fraction { numerator: Int::ZERO - &other.numerator, denominator: other.denominator.clone() };
        self.plus(&minus)
    }

    pub(crate) fn times(&self, other: &Fraction) -> Fraction {
        let numerator = &self.numerator * &other.numerator;
        Fraction { numerator, denominator: &self.denominator * &other.denominator }
    }

    /// 1 divided by this, which is greater than 0.
    pub(crate) fn inverse(&self) -> Fraction {
        Fraction { numerator: self.denominator.clone(), denominator: self.numerator.clone() }
    }

    /// The same number in lowest terms.
    pub(crate) fn reduced(&self) -> Fraction {
        let divisor = self.numerator.gcd(&self.denominator); // at least 1, as the denominator is
        Fraction { numerator: self.numerator.over(&divisor), denominator: self.denominator.over(&divisor) }
    }

    /// The number with 30 decimals, trailing zeros dropped, rounded as asked if it has more.
    #[must_use]
    pub fn to_decimal(&self, rounding: Rounding) -> String {
        let unit = Int::from(IBig::from(10).pow(DECIMALS));
        let scaled = &self.numerator * &unit;
        let mut value = scaled.over(&self.denominator); // towards 0
        let (negative, exact) = (self.numerator.sign().is_lt(), &value * &self.denominator == scaled);
        if !exact && negative == (rounding == Rounding::Down) {
            value = value + if negative { Int::Small(-1) } else { Int::ONE };
        }
        let digits = format!("{:0>width$}", value.abs().to_string(), width = DECIMALS.saturating_add(1));
        let (whole, part) = digits.split_at(digits.len().saturating_sub(DECIMALS));
        let text = format!("{}{whole}.{part}", if negative { "-" } else { "" });
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    }
}

/// The number of decimals that are written.
const DECIMALS: usize = 30;

impl PartialEq for Fraction {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Fraction {}

impl PartialOrd for Fraction {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Fraction {
    fn cmp(&self, other: &Self) -> Ordering {
        (&self.numerator * &other.denominator).cmp(&(&other.numerator * &self.denominator))
    }
}

impl fmt::Display for Fraction {
    /// Writes p/q in lowest terms, or p alone if q = 1.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Fraction { numerator: p, denominator: q } = self.reduced();
        if q == Int::ONE { write!(f, "{p}") } else { write!(f, "{p}/{q}") }
    }
}

#[cfg(test)]
#[path = "../tests/unit/fraction.rs"]
mod tests;
