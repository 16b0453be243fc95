//! Exact rational numbers, in lowest terms.

use std::cmp::Ordering;
use std::fmt;
use std::ops::{Add, Div, Mul, Sub};

use dashu_int::IBig;
use dashu_int::ops::Gcd;

/// A rational number p/q in lowest terms, q > 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exact {
    p: IBig,
    q: IBig,
}

impl Exact {
    /// p/q.
    ///
    /// # Panics
    ///
    /// If q = 0.
    #[must_use]
    pub fn new(p: impl Into<IBig>, q: impl Into<IBig>) -> Exact {
        let (p, q) = (p.into(), q.into());
        assert!(q != IBig::ZERO, "a denominator is 0");
        let divisor = IBig::from((&p).gcd(&q)) * if q < IBig::ZERO { IBig::from(-1) } else { IBig::ONE };
        Exact { p: p / &divisor, q: q / divisor }
    }

    #[must_use]
    pub fn int(x: impl Into<IBig>) -> Exact {
        Exact { p: x.into(), q: IBig::ONE }
    }

    /// 2 to the power −k.
    #[must_use]
    pub fn two_to_minus(k: usize) -> Exact {
        Exact { p: IBig::ONE, q: IBig::ONE << k }
    }

    #[must_use]
    pub fn numerator(&self) -> &IBig {
        &self.p
    }

    #[must_use]
    pub fn denominator(&self) -> &IBig {
        &self.q
    }

    #[must_use]
    pub fn is_zero(&self) -> bool {
        self.p == IBig::ZERO
    }

    /// The two numbers as the format writes a fraction.
    #[must_use]
    pub fn tokens(&self) -> String {
        format!("{} {}", self.p, self.q)
    }
}

impl Add for &Exact {
    type Output = Exact;
    fn add(self, other: &Exact) -> Exact {
        Exact::new(&self.p * &other.q + &other.p * &self.q, &self.q * &other.q)
    }
}

impl Sub for &Exact {
    type Output = Exact;
    fn sub(self, other: &Exact) -> Exact {
        Exact::new(&self.p * &other.q - &other.p * &self.q, &self.q * &other.q)
    }
}

impl Mul for &Exact {
    type Output = Exact;
    fn mul(self, other: &Exact) -> Exact {
        Exact::new(&self.p * &other.p, &self.q * &other.q)
    }
}

impl Div for &Exact {
    type Output = Exact;
    fn div(self, other: &Exact) -> Exact {
        Exact::new(&self.p * &other.q, &self.q * &other.p)
    }
}

impl PartialOrd for Exact {
    fn partial_cmp(&self, other: &Exact) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Exact {
    fn cmp(&self, other: &Exact) -> Ordering {
        (&self.p * &other.q).cmp(&(&other.p * &self.q))
    }
}

impl fmt::Display for Exact {
    /// p/q, or p alone if q = 1.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.q == IBig::ONE { write!(f, "{}", self.p) } else { write!(f, "{}/{}", self.p, self.q) }
    }
}
