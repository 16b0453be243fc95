//! The numbers of Q(θ) for a real algebraic θ, and their minimal polynomials. Exact.

use num_bigint::BigInt;
use num_traits::{One, Signed, Zero};

use super::super::{Rat, common_denominator_of_rats};
use super::crt::Images;
use super::modular::{Field, Image, large_primes};
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
            let field = Field::new(p);
            let (Some(modulus), Some(image)) =
                (self.modulus(field), self.image_of_quotient(field, num, den))
            else {
                continue;
            };
            let slope = field.image(&self.slope);
            let value = field.rem(&field.poly_mul(&image, &slope), &modulus);
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

    /// A lower bound on the degree over Q of num(θ)/den(θ): the degree of its minimal polynomial modulo one prime. 1 if nothing
    /// better is known, also for den(θ) = 0.
    pub fn degree_at_least(&self, num: &Poly, den: &Poly) -> usize {
        // A few primes may divide a denominator.
        large_primes()
            .take(8)
            .find_map(|p| {
                let field = Field::new(p);
                let image = self.image_of_quotient(field, num, den)?;
                Some(
                    field
                        .minimal_polynomial(&image, &self.modulus(field)?)
                        .len()
                        - 1,
                )
            })
            .unwrap_or(1)
    }

    /// The minimal polynomial modulo p, if it has the full degree there.
    fn modulus(&self, field: Field) -> Option<Image> {
        let modulus = field.image(self.theta.minimal_polynomial());
        (modulus.len() == self.degree() + 1).then_some(modulus)
    }

    /// num(θ)/den(θ) modulo p as a polynomial in θ, if p divides no denominator.
    fn image_of_quotient(&self, field: Field, num: &Poly, den: &Poly) -> Option<Image> {
        let modulus = self.modulus(field)?;
        let bottom = field.rem(&field.image(den), &modulus);
        if bottom.is_empty() {
            return None;
        }
        let (inverse, _) = field.bezout(&bottom, &modulus)?;
        let top = field.rem(&field.image(num), &modulus);
        Some(field.rem(&field.poly_mul(&top, &inverse), &modulus))
    }

    /// The minimal polynomial over Q of an element: primitive, leading coefficient positive. `None` if `stop` said so.
    ///
    /// Found modulo a few primes, then verified modulo so many that it must vanish at the element. Modulo p the degree is at most that
    /// over Q, so a polynomial of that degree that vanishes is the minimal one.
    pub fn minimal_polynomial(&self, element: &Element, stop: &dyn Fn() -> bool) -> Option<Poly> {
        let (h, g) = element.fraction(self);
        let mut images = Images::new(0);
        let (mut joined, mut next) = (0, 1);
        let mut candidate: Option<Poly> = None;
        let mut primes = large_primes();
        while let Some(p) = primes.next() {
            if stop() {
                return None;
            }
            let field = Field::new(p);
            let (Some(modulus), Some(image)) =
                (self.modulus(field), self.image_of_quotient(field, &h, &g))
            else {
                continue;
            };
            let image = field.minimal_polynomial(&image, &modulus);
            if image.len() > images.values.len() {
                // The primes before were unlucky.
                images = Images::new(image.len());
                (joined, next, candidate) = (0, 1, None);
            } else if image.len() < images.values.len() {
                continue;
            }
            // One more prime has to agree before the long check.
            let agreed = candidate.take_if(|c| field.monic(&field.image(c)) == image);
            if let Some(found) = agreed.filter(|c| self.vanishes(c, &h, &g, &mut primes, stop)) {
                return Some(found);
            }
            images.join(field, &image);
            joined += 1;
            if joined >= next {
                next = joined + 1 + joined / 4;
                candidate = images.rationals().map(|coeffs| Poly::from_rats(&coeffs));
            }
        }
        None
    }

    /// Whether `poly` vanishes at h(θ)/g(θ), where h and g have degrees below d. `false` also if `stop` said so.
    ///
    /// Let E = Σ c_i h^i g^(k−i) be the numerator of the value and R the resultant of m and E, for the formal degree k(d−1) of E. If E
    /// vanishes modulo p and m, Sylvester's matrix loses the rank d modulo p, so p^d divides R. By Hadamard's bound R is 0 once the
    /// primes are large enough together, and then E(θ) = 0 because m is irreducible.
    fn vanishes(
        &self,
        poly: &Poly,
        h: &Poly,
        g: &Poly,
        primes: &mut dyn Iterator<Item = u64>,
        stop: &dyn Fn() -> bool,
    ) -> bool {
        let (d, k) = (self.degree() as u64, poly.degree().unwrap_or(0) as u64);
        let m = self.theta.minimal_polynomial();
        // Bits of ‖m‖₂ and ‖E‖₁, rounded up; the resultant is below ‖m‖₂^(k(d−1))·‖E‖₁^d.
        let m_bits = m.norm_2_squared().bits().div_ceil(2);
        let e_bits = poly.norm_1().bits() + k * h.norm_1().bits().max(g.norm_1().bits());
        let mut missing = (k * (d - 1) * m_bits).div_ceil(d) + e_bits;
        for p in primes {
            if stop() {
                return false;
            }
            let field = Field::new(p);
            let (Some(modulus), Some(at)) =
                (self.modulus(field), self.image_of_quotient(field, h, g))
            else {
                continue;
            };
            let value = field
                .image(poly)
                .iter()
                .rev()
                .fold(Vec::new(), |value, &c| {
                    let product = field.rem(&field.poly_mul(&value, &at), &modulus);
                    field.poly_sub(&product, &[field.sub(0, c)])
                });
            if !value.is_empty() {
                return false;
            }
            // 2^30 < p for all primes that are ever reached.
            missing = missing.saturating_sub(30);
            if missing == 0 {
                return true;
            }
        }
        false
    }

    /// An interval that holds the element, shrinking to it as `bits` grows: θ is taken to 2^−bits.
    pub fn enclose(&mut self, element: &Element, bits: u32) -> (Rat, Rat) {
        let mut bits = bits;
        loop {
            let width = Rat::new(BigInt::one(), BigInt::one() << bits);
            self.theta.refine(&width);
            let (low, high) = self.theta.interval();
            let scale = bits + 8;
            let grid = Rat::from_integer(BigInt::one() << scale);
            let theta = (
                (low * &grid).floor().to_integer(),
                (high * &grid).ceil().to_integer(),
            );
            let top = range(&element.h, &theta, scale);
            let bottom = range(&self.slope.scale(&element.den), &theta, scale);
            if bottom.0.is_positive() || bottom.1.is_negative() {
                let quotient = |a: &BigInt, b: &BigInt| Rat::new(a.clone(), b.clone());
                let ends = [
                    quotient(&top.0, &bottom.0),
                    quotient(&top.0, &bottom.1),
                    quotient(&top.1, &bottom.0),
                    quotient(&top.1, &bottom.1),
                ];
                let [first, rest @ ..] = ends;
                return rest
                    .into_iter()
                    .fold((first.clone(), first), |(low, high), end| {
                        (low.min(end.clone()), high.max(end))
                    });
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

/// An interval that holds the values of the polynomial on an interval, ends in units of 2^−scale: Horner's scheme, rounded outwards.
fn range(poly: &Poly, at: &(BigInt, BigInt), scale: u32) -> (BigInt, BigInt) {
    let mut value = (BigInt::zero(), BigInt::zero());
    for c in poly.coeffs().iter().rev() {
        let ends = [
            &value.0 * &at.0,
            &value.0 * &at.1,
            &value.1 * &at.0,
            &value.1 * &at.1,
        ];
        let [first, rest @ ..] = ends;
        let (low, high) = rest
            .into_iter()
            .fold((first.clone(), first), |(low, high), end| {
                (low.min(end.clone()), high.max(end))
            });
        // The shift rounds down; a negated one rounds up.
        let constant = c << scale;
        value = ((low >> scale) + &constant, constant - (-high >> scale));
    }
    value
}
