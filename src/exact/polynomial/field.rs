//! The numbers of Q(θ) for a real algebraic θ, and their minimal polynomials. Exact.

use num_bigint::BigInt;
use num_traits::{One, Signed, Zero};

use super::super::{Rat, common_denominator_of_rats};
use super::bivariate::{Poly2, resultant};
use super::crt::Images;
use super::gcd::square_free_part;
use super::modular::{Field, large_primes};
use super::{Algebraic, Poly};

/// The field Q(θ) of a real algebraic number θ.
#[derive(Clone, Debug)]
pub struct NumberField {
    theta: Algebraic,
    /// The derivative of the minimal polynomial m of θ.
    slope: Poly,
}

/// The number h(θ)/(den·m′(θ)) of a field. In this form h is about as long as m (rational univariate representation, Rouillier
/// 1999); as a polynomial in θ the same number would be many times longer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Element {
    h: Poly,
    den: BigInt,
}

impl Element {
    /// `(h, den·m′)`: the element is h(θ)/(den·m′(θ)) for this field.
    pub fn fraction(&self, field: &NumberField) -> (Poly, Poly) {
        (self.h.clone(), field.slope.scale(&self.den))
    }
}

impl NumberField {
    /// The field Q(θ).
    pub fn new(theta: Algebraic) -> Self {
        let slope = theta.minimal_polynomial().derivative();
        NumberField { theta, slope }
    }

    /// The degree over Q.
    pub fn degree(&self) -> usize {
        self.theta.degree()
    }

    /// num(θ)/den(θ). `None` if den(θ) = 0, or if `stop` said so.
    ///
    /// Found modulo primes, then verified: m divides den·h − δ·m′·num over the integers.
    pub fn quotient(&self, num: &Poly, den: &Poly, stop: &dyn Fn() -> bool) -> Option<Element> {
        let minimal = self.theta.minimal_polynomial();
        if den.is_zero() || den.divided_by(minimal).is_some() {
            return None;
        }
        let degree = self.degree();
        let mut images = Images::new(degree);
        let (mut joined, mut next) = (0, 1);
        for p in large_primes() {
            if stop() {
                return None;
            }
            let field = Field { p };
            let modulus = field.image(minimal);
            let bottom = field.rem(&field.image(den), &modulus);
            if modulus.len() != degree + 1 || bottom.is_empty() {
                continue;
            }
            let Some((inverse, _)) = field.bezout(&bottom, &modulus) else {
                continue;
            };
            let top = field.rem(&field.image(num), &modulus);
            let scaled = field.rem(&field.poly_mul(&top, &field.image(&self.slope)), &modulus);
            let value = field.rem(&field.poly_mul(&scaled, &inverse), &modulus);
            images.join(field, &value);
            joined += 1;
            if joined < next {
                continue;
            }
            next = joined + 1 + joined / 4;
            let Some(coeffs) = images.rationals() else {
                continue;
            };
            let (h, delta) = common_denominator_of_rats(coeffs.iter());
            let element = Element {
                h: Poly::new(h),
                den: delta,
            };
            let right = (&self.slope * num).scale(&element.den);
            if (&(den * &element.h) - &right).divided_by(minimal).is_some() {
                return Some(element);
            }
        }
        None
    }

    /// The minimal polynomial over Q of an element: primitive, leading coefficient positive. `None` if `stop` said so.
    ///
    /// The resultant of m and den·m′·x − h with respect to θ is a power of it.
    pub fn minimal_polynomial(&self, element: &Element, stop: &dyn Fn() -> bool) -> Option<Poly> {
        let constants = self.theta.minimal_polynomial().coeffs();
        let m = Poly2::new(constants.iter().cloned().map(Poly::constant).collect());
        let rows = (0..self.degree())
            .map(|i| {
                Poly::new(vec![
                    -element.h.coeff(i),
                    self.slope.coeff(i) * &element.den,
                ])
            })
            .collect();
        let linear = Poly2::new(rows);
        if linear.degree_y() == 0 {
            // θ is rational, and so is the element.
            return Some(linear.rows().first()?.primitive());
        }
        Some(square_free_part(&resultant(&m, &linear, stop)?))
    }

    /// An interval that holds the element, shrinking to it as `bits` grows: θ is taken to 2^−bits.
    pub fn enclose(&mut self, element: &Element, bits: u32) -> (Rat, Rat) {
        let mut bits = bits;
        loop {
            let width = Rat::new(BigInt::one(), BigInt::one() << bits);
            self.theta.refine(&width);
            let (low, high) = self.theta.interval();
            let (low, high) = round_out(low, high, bits + 8);
            let top = range(&element.h, &low, &high);
            let bottom = range(&self.slope.scale(&element.den), &low, &high);
            if bottom.0.is_positive() || bottom.1.is_negative() {
                let ends = [
                    &top.0 / &bottom.0,
                    &top.0 / &bottom.1,
                    &top.1 / &bottom.0,
                    &top.1 / &bottom.1,
                ];
                return hull(&ends);
            }
            // m′(θ) ≠ 0, so this ends.
            bits *= 2;
        }
    }

    /// The element as an algebraic number. `None` if `stop` said so.
    pub fn algebraic(&mut self, element: &Element, stop: &dyn Fn() -> bool) -> Option<Algebraic> {
        let poly = self.minimal_polynomial(element, stop)?;
        Algebraic::locate(&[poly], &mut |bits| Some(self.enclose(element, bits)), stop)
    }
}

/// The interval with ends on the grid 2^−bits.
fn round_out(low: &Rat, high: &Rat, bits: u32) -> (Rat, Rat) {
    let grid = Rat::from_integer(BigInt::one() << bits);
    ((low * &grid).floor() / &grid, (high * &grid).ceil() / &grid)
}

fn hull(ends: &[Rat; 4]) -> (Rat, Rat) {
    let zero = Rat::zero();
    (
        ends.iter().min().unwrap_or(&zero).clone(),
        ends.iter().max().unwrap_or(&zero).clone(),
    )
}

/// An interval that holds the values of the polynomial on [low, high]: Horner's scheme with intervals.
fn range(poly: &Poly, low: &Rat, high: &Rat) -> (Rat, Rat) {
    let mut value = (Rat::zero(), Rat::zero());
    for c in poly.coeffs().iter().rev() {
        let (down, up) = hull(&[
            &value.0 * low,
            &value.0 * high,
            &value.1 * low,
            &value.1 * high,
        ]);
        let c = Rat::from_integer(c.clone());
        value = (down + &c, up + c);
    }
    value
}
