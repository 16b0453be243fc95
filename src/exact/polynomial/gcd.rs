//! Greatest common divisors and square-free parts.

use num_integer::Integer;
use num_traits::{One, Zero};

use num_bigint::BigInt;

use super::Poly;
use super::crt::Images;
use super::modular::{Field, large_primes};

/// The greatest common divisor over Q as a primitive polynomial with a positive leading coefficient; 0 if both are 0.
///
/// Images modulo primes; the result is verified by division, so an unlucky prime costs time only.
pub fn gcd(a: &Poly, b: &Poly) -> Poly {
    let (a, b) = (a.primitive(), b.primitive());
    if a.is_zero() {
        return b;
    }
    if b.is_zero() {
        return a;
    }
    let one = Poly::constant(BigInt::one());
    if a.is_constant() || b.is_constant() {
        return one;
    }
    let lead = a.lead().gcd(&b.lead());
    let mut images = Images::new(0);
    let mut before: Option<Poly> = None;
    for p in large_primes() {
        let field = Field::new(p);
        let unit = field.reduce(&lead);
        if field.reduce(&a.lead()).is_zero() || field.reduce(&b.lead()).is_zero() {
            continue;
        }
        let image = field.gcd(&field.image(&a), &field.image(&b));
        if image.len() == 1 {
            return one;
        }
        // The degree modulo p is never too small; a smaller one unmasks the primes before as unlucky.
        if images.values.is_empty() || image.len() < images.values.len() {
            images = Images::new(image.len());
            before = None;
        } else if image.len() > images.values.len() {
            continue;
        }
        images.join(field, &field.scale(&image, unit));
        let candidate = Poly::new(images.symmetric()).primitive();
        if before.as_ref() == Some(&candidate)
            && a.divided_by(&candidate).is_some()
            && b.divided_by(&candidate).is_some()
        {
            return candidate;
        }
        before = Some(candidate);
    }
    // More than 10^8 primes would be needed: not reached by anything that fits in memory. 1 divides both.
    one
}

/// The product of the different irreducible factors, primitive.
pub fn square_free_part(poly: &Poly) -> Poly {
    let poly = poly.primitive();
    if poly.is_constant() {
        return poly;
    }
    let common = gcd(&poly, &poly.derivative());
    poly.divided_by(&common).unwrap_or(poly)
}

/// Yun's decomposition of a nonzero polynomial: primitive square-free factors, pairwise coprime and not constant, each with its
/// multiplicity; the product of the powers is the primitive part.
pub fn square_free(poly: &Poly) -> Vec<(Poly, u32)> {
    let poly = poly.primitive();
    let mut factors = Vec::new();
    if poly.is_constant() {
        return factors;
    }
    let slope = poly.derivative();
    let common = gcd(&poly, &slope);
    let (Some(mut b), Some(mut c)) = (poly.divided_by(&common), slope.divided_by(&common)) else {
        return vec![(poly, 1)];
    };
    let mut multiplicity = 1;
    while !b.is_constant() {
        let d = &c - &b.derivative();
        let factor = gcd(&b, &d);
        let (Some(next_b), Some(next_c)) = (b.divided_by(&factor), d.divided_by(&factor)) else {
            break;
        };
        if !factor.is_constant() {
            factors.push((factor, multiplicity));
        }
        (b, c) = (next_b, next_c);
        multiplicity += 1;
    }
    factors
}
