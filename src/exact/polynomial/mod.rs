//! Polynomials with integer coefficients, and what is built on them: factors, roots, resultants, algebraic numbers. Exact.
//!
//! The methods are those of textbooks (von zur Gathen and Gerhard, *Modern Computer Algebra*): images modulo primes with proven
//! bounds, Zassenhaus' factorisation with Hensel lifting, Descartes' rule of signs for roots. Whatever can be long takes a `stop`
//! closure, asks it often, and returns `None` once it says `true`.

mod algebraic;
mod bivariate;
mod crt;
mod factor;
mod field;
mod gcd;
mod hensel;
mod modular;
mod roots;
#[cfg(test)]
mod tests;

pub use algebraic::Algebraic;
pub use bivariate::{Poly2, linear_subresultant, resultant};
pub use factor::factor;
pub use field::{Element, NumberField};
pub use gcd::{gcd, square_free, square_free_part};
pub use roots::{isolate, root_bound_bits, variations_between};

use std::fmt;

use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{One, Signed, Zero};

use super::Rat;

/// A polynomial in one variable with integer coefficients. Exact.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Poly {
    /// Coefficient of x^i at place i; the last one is not 0; empty for the polynomial 0.
    coeffs: Vec<BigInt>,
}

impl Poly {
    /// From the coefficients of 1, x, x², …
    pub fn new(mut coeffs: Vec<BigInt>) -> Self {
        while coeffs.last().is_some_and(Zero::is_zero) {
            coeffs.pop();
        }
        Poly { coeffs }
    }

    /// From the coefficients of 1, x, x², …
    pub fn from_i64s(coeffs: &[i64]) -> Self {
        Poly::new(coeffs.iter().map(|&c| BigInt::from(c)).collect())
    }

    /// The polynomial 0.
    pub fn zero() -> Self {
        Poly::default()
    }

    /// A constant.
    pub fn constant(value: BigInt) -> Self {
        Poly::new(vec![value])
    }

    /// The polynomial x.
    pub fn x() -> Self {
        Poly::from_i64s(&[0, 1])
    }

    /// The primitive polynomial `q·x − p` of the rational number p/q.
    pub fn of_root(root: &Rat) -> Self {
        Poly::new(vec![-root.numer(), root.denom().clone()])
    }

    /// Coefficients of 1, x, x², …, the last one not 0.
    pub fn coeffs(&self) -> &[BigInt] {
        &self.coeffs
    }

    /// The coefficient of x^i; 0 beyond the degree.
    pub fn coeff(&self, i: usize) -> BigInt {
        self.coeffs.get(i).cloned().unwrap_or_default()
    }

    /// The degree; `None` for the polynomial 0.
    pub fn degree(&self) -> Option<usize> {
        self.coeffs.len().checked_sub(1)
    }

    /// Whether this is the polynomial 0.
    pub fn is_zero(&self) -> bool {
        self.coeffs.is_empty()
    }

    /// Whether this is a constant, 0 included.
    pub fn is_constant(&self) -> bool {
        self.coeffs.len() <= 1
    }

    /// The leading coefficient; 0 for the polynomial 0.
    pub fn lead(&self) -> BigInt {
        self.coeffs.last().cloned().unwrap_or_default()
    }

    /// Each coefficient times `factor`.
    pub fn scale(&self, factor: &BigInt) -> Self {
        Poly::new(self.coeffs.iter().map(|c| c * factor).collect())
    }

    /// Times x^k.
    pub fn shift_up(&self, k: usize) -> Self {
        if self.is_zero() {
            return Poly::zero();
        }
        let mut coeffs = vec![BigInt::zero(); k];
        coeffs.extend(self.coeffs.iter().cloned());
        Poly { coeffs }
    }

    /// The power with a natural exponent.
    pub fn pow(&self, exponent: u32) -> Self {
        (0..exponent).fold(Poly::constant(BigInt::one()), |power, _| &power * self)
    }

    /// The derivative.
    pub fn derivative(&self) -> Self {
        Poly::new(
            self.coeffs
                .iter()
                .enumerate()
                .skip(1)
                .map(|(i, c)| c * BigInt::from(i))
                .collect(),
        )
    }

    /// x^degree · p(1/x).
    pub fn reversed(&self) -> Self {
        Poly::new(self.coeffs.iter().rev().cloned().collect())
    }

    /// p(−x).
    pub fn mirrored(&self) -> Self {
        let signed = |(i, c): (usize, &BigInt)| if i % 2 == 1 { -c } else { c.clone() };
        Poly::new(self.coeffs.iter().enumerate().map(signed).collect())
    }

    /// p(x + 1).
    pub fn shifted_by_one(&self) -> Self {
        let mut coeffs = self.coeffs.clone();
        let n = coeffs.len();
        for i in 1..n {
            for j in (i - 1..n - 1).rev() {
                let next = coeffs[j + 1].clone();
                coeffs[j] += next;
            }
        }
        Poly { coeffs }
    }

    /// den^degree · p(num/den): an integer with the sign of p(num/den) when den > 0.
    fn homogeneous(&self, num: &BigInt, den: &BigInt) -> BigInt {
        let mut power = BigInt::one();
        let mut value = BigInt::zero();
        for c in self.coeffs.iter().rev() {
            value = value * num + c * &power;
            power *= den;
        }
        value
    }

    /// The value at a rational point.
    pub fn eval(&self, at: &Rat) -> Rat {
        let power = num_traits::pow(at.denom().clone(), self.degree().unwrap_or(0));
        Rat::new(self.homogeneous(at.numer(), at.denom()), power)
    }

    /// The sign at a rational point: −1, 0 or 1.
    pub fn sign_at(&self, at: &Rat) -> i8 {
        sign(&self.homogeneous(at.numer(), at.denom()))
    }

    /// The greatest common divisor of the coefficients, ≥ 0.
    pub fn content(&self) -> BigInt {
        let mut content = BigInt::zero();
        // From the top, where the coefficients tend to be small.
        for c in self.coeffs.iter().rev() {
            content = content.gcd(c);
            if content.is_one() {
                break;
            }
        }
        content
    }

    /// Divided by the content, with a positive leading coefficient.
    pub fn primitive(&self) -> Self {
        if self.is_zero() {
            return Poly::zero();
        }
        let mut content = self.content();
        if self.lead().is_negative() {
            content = -content;
        }
        if content.is_one() {
            return self.clone();
        }
        Poly {
            coeffs: self.coeffs.iter().map(|c| c / &content).collect(),
        }
    }

    /// The primitive polynomial with the zeros of the one with these rational coefficients of 1, x, x², …
    pub fn from_rats(coeffs: &[Rat]) -> Self {
        let (integers, _) = super::common_denominator_of_rats(coeffs.iter());
        Poly::new(integers).primitive()
    }

    /// The quotient if `divisor` divides this polynomial over the integers. `None` also for the divisor 0.
    pub fn divided_by(&self, divisor: &Poly) -> Option<Poly> {
        if self.is_zero() && !divisor.is_zero() {
            return Some(Poly::zero());
        }
        let (n, d) = (self.degree()?, divisor.degree()?);
        if n < d {
            return None;
        }
        let lead = divisor.lead();
        let mut rest = self.coeffs.clone();
        let mut quotient = vec![BigInt::zero(); n - d + 1];
        for k in (0..=n - d).rev() {
            let (q, r) = rest[k + d].div_rem(&lead);
            if !r.is_zero() {
                return None;
            }
            if !q.is_zero() {
                for (i, c) in divisor.coeffs.iter().enumerate() {
                    rest[k + i] -= &q * c;
                }
            }
            quotient[k] = q;
        }
        rest.iter().all(Zero::is_zero).then(|| Poly::new(quotient))
    }

    /// Σ |coefficient|.
    pub fn norm_1(&self) -> BigInt {
        self.coeffs.iter().map(Signed::abs).sum()
    }

    /// Σ coefficient².
    pub fn norm_2_squared(&self) -> BigInt {
        self.coeffs.iter().map(|c| c * c).sum()
    }
}

/// −1, 0 or 1.
pub(crate) fn sign(value: &BigInt) -> i8 {
    if value.is_zero() {
        0
    } else if value.is_negative() {
        -1
    } else {
        1
    }
}

impl std::ops::Add for &Poly {
    type Output = Poly;
    fn add(self, other: &Poly) -> Poly {
        let (long, short) = if self.coeffs.len() >= other.coeffs.len() {
            (self, other)
        } else {
            (other, self)
        };
        let mut coeffs = long.coeffs.clone();
        for (c, d) in coeffs.iter_mut().zip(&short.coeffs) {
            *c += d;
        }
        Poly::new(coeffs)
    }
}

impl std::ops::Neg for &Poly {
    type Output = Poly;
    fn neg(self) -> Poly {
        Poly {
            coeffs: self.coeffs.iter().map(|c| -c).collect(),
        }
    }
}

impl std::ops::Sub for &Poly {
    type Output = Poly;
    fn sub(self, other: &Poly) -> Poly {
        self + &-other
    }
}

impl std::ops::Mul for &Poly {
    type Output = Poly;
    fn mul(self, other: &Poly) -> Poly {
        if self.is_zero() || other.is_zero() {
            return Poly::zero();
        }
        let mut coeffs = vec![BigInt::zero(); self.coeffs.len() + other.coeffs.len() - 1];
        for (i, a) in self.coeffs.iter().enumerate() {
            if a.is_zero() {
                continue;
            }
            for (j, b) in other.coeffs.iter().enumerate() {
                coeffs[i + j] += a * b;
            }
        }
        Poly { coeffs }
    }
}

impl fmt::Display for Poly {
    /// Like `3x^2 - x + 7`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_zero() {
            return f.write_str("0");
        }
        let mut first = true;
        for (i, c) in self.coeffs.iter().enumerate().rev() {
            if c.is_zero() {
                continue;
            }
            match (first, c.is_negative()) {
                (true, true) => f.write_str("-")?,
                (true, false) => {}
                (false, true) => f.write_str(" - ")?,
                (false, false) => f.write_str(" + ")?,
            }
            first = false;
            let size = c.abs();
            if i == 0 || !size.is_one() {
                write!(f, "{size}")?;
            }
            match i {
                0 => {}
                1 => f.write_str("x")?,
                _ => write!(f, "x^{i}")?,
            }
        }
        Ok(())
    }
}
