//! Hensel lifting: a factorisation modulo p becomes one modulo p^k.

use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{One, Zero};

use super::Poly;
use super::modular::{Field, Image};

/// The ring of integers modulo `modulus`; polynomials have coefficients in 0..modulus.
struct Ring<'a> {
    modulus: &'a BigInt,
}

impl Ring<'_> {
    fn reduce(&self, poly: &Poly) -> Poly {
        Poly::new(
            poly.coeffs()
                .iter()
                .map(|c| c.mod_floor(self.modulus))
                .collect(),
        )
    }

    fn mul(&self, a: &Poly, b: &Poly) -> Poly {
        self.reduce(&(a * b))
    }

    /// Quotient and remainder by a monic polynomial.
    fn div_rem(&self, a: &Poly, monic: &Poly) -> (Poly, Poly) {
        let (Some(n), Some(d)) = (a.degree(), monic.degree()) else {
            return (Poly::zero(), a.clone());
        };
        if n < d {
            return (Poly::zero(), a.clone());
        }
        let mut rest = a.coeffs().to_vec();
        let mut quotient = vec![BigInt::zero(); n - d + 1];
        for k in (0..=n - d).rev() {
            let q = rest[k + d].mod_floor(self.modulus);
            if !q.is_zero() {
                for (i, c) in monic.coeffs().iter().enumerate() {
                    rest[k + i] -= &q * c;
                }
            }
            quotient[k] = q;
        }
        rest.truncate(d);
        (Poly::new(quotient), self.reduce(&Poly::new(rest)))
    }
}

/// Monic factors modulo p^exponent whose product is `poly`/lead there, from the coprime monic factors modulo p. The leading
/// coefficient of `poly` is not divisible by p. `None` if `stop` said so.
pub(super) fn lift(
    poly: &Poly,
    factors: &[Image],
    field: Field,
    exponent: u32,
    stop: &dyn Fn() -> bool,
) -> Option<Vec<Poly>> {
    let modulus = BigInt::from(field.p).pow(exponent);
    let ring = Ring { modulus: &modulus };
    let inverse = poly.lead().extended_gcd(&modulus).x;
    let monic = ring.reduce(&poly.scale(&inverse));
    let mut lifted = Vec::new();
    split(&monic, factors, field, exponent, stop, &mut lifted)?;
    Some(lifted)
}

/// Lifts the two halves of the factors against each other, then each half.
fn split(
    monic: &Poly,
    factors: &[Image],
    field: Field,
    exponent: u32,
    stop: &dyn Fn() -> bool,
    lifted: &mut Vec<Poly>,
) -> Option<()> {
    if factors.len() <= 1 {
        lifted.push(monic.clone());
        return Some(());
    }
    let (left, right) = factors.split_at(factors.len() / 2);
    let product = |part: &[Image]| {
        part.iter()
            .fold(vec![1], |product, f| field.poly_mul(&product, f))
    };
    let (g, h) = (product(left), product(right));
    let (s, t) = field.bezout(&g, &h)?;
    let (g, h) = lift_pair(
        monic,
        [g, h, s, t].map(|f| to_poly(&f)),
        field,
        exponent,
        stop,
    )?;
    split(&g, left, field, exponent, stop, lifted)?;
    split(&h, right, field, exponent, stop, lifted)
}

fn to_poly(image: &Image) -> Poly {
    Poly::new(image.iter().map(|&c| BigInt::from(c)).collect())
}

/// From g·h = monic and s·g + t·h = 1 modulo p to g·h = monic modulo p^exponent, doubling the exponent (von zur Gathen and Gerhard,
/// algorithm 15.10).
fn lift_pair(
    monic: &Poly,
    [mut g, mut h, mut s, mut t]: [Poly; 4],
    field: Field,
    exponent: u32,
    stop: &dyn Fn() -> bool,
) -> Option<(Poly, Poly)> {
    // The exponents in rising order, each at most twice the one before: no step is longer than needed.
    let mut exponents = vec![exponent];
    while exponents[0] > 1 {
        exponents.insert(0, exponents[0].div_ceil(2));
    }
    let one = Poly::constant(BigInt::one());
    for (step, &exponent) in exponents.iter().enumerate().skip(1) {
        if stop() {
            return None;
        }
        let modulus = BigInt::from(field.p).pow(exponent);
        let ring = Ring { modulus: &modulus };
        let error = ring.reduce(&(monic - &(&g * &h)));
        let (q, r) = ring.div_rem(&ring.mul(&s, &error), &h);
        g = ring.reduce(&(&(&g + &(&t * &error)) + &(&q * &g)));
        h = ring.reduce(&(&h + &r));
        if step + 1 < exponents.len() {
            let error = ring.reduce(&(&(&(&s * &g) + &(&t * &h)) - &one));
            let (q, r) = ring.div_rem(&ring.mul(&s, &error), &h);
            s = ring.reduce(&(&s - &r));
            t = ring.reduce(&(&(&t - &(&t * &error)) - &(&q * &g)));
        }
    }
    Some((g, h))
}
