//! Integers and rationals from their images modulo primes.

use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{One, Signed, Zero};

use super::super::Rat;
use super::modular::Field;

/// Integers known modulo the product of the primes seen so far.
pub(super) struct Images {
    pub values: Vec<BigInt>,
    pub modulus: BigInt,
}

impl Images {
    pub fn new(count: usize) -> Self {
        Images {
            values: vec![BigInt::zero(); count],
            modulus: BigInt::one(),
        }
    }

    /// Joins the images modulo one more prime; missing ones at the end are 0.
    pub fn join(&mut self, field: Field, images: &[u64]) {
        let inverse = field.inv(field.reduce(&self.modulus));
        for (i, value) in self.values.iter_mut().enumerate() {
            let image = images.get(i).copied().unwrap_or(0);
            let step = field.mul(field.sub(image, field.reduce(value)), inverse);
            if step != 0 {
                *value += &self.modulus * step;
            }
        }
        self.modulus *= field.p;
    }

    /// The integers of least absolute value with these images.
    pub fn symmetric(&self) -> Vec<BigInt> {
        self.values
            .iter()
            .map(|v| symmetric(v, &self.modulus))
            .collect()
    }

    /// The fractions with numerators and denominators below √(modulus/2), if all exist.
    pub fn rationals(&self) -> Option<Vec<Rat>> {
        let bound = (&self.modulus >> 1u8).sqrt();
        // The denominators of one object have most factors in common: divide those out first.
        let mut common = BigInt::one();
        let mut fractions = Vec::with_capacity(self.values.len());
        for value in &self.values {
            let cleared = (value * &common).mod_floor(&self.modulus);
            let fraction = reconstruct(&cleared, &self.modulus, &bound)?;
            let exact = fraction / Rat::from_integer(common.clone());
            common = common.lcm(exact.denom());
            fractions.push(exact);
        }
        Some(fractions)
    }
}

/// The representative of `value` in (−modulus/2, modulus/2].
pub(super) fn symmetric(value: &BigInt, modulus: &BigInt) -> BigInt {
    let value = value.mod_floor(modulus);
    if (&value << 1u8) > *modulus {
        value - modulus
    } else {
        value
    }
}

/// The fraction a/b ≡ value with |a|, b ≤ bound; at most one exists when 2·bound² ≤ modulus.
fn reconstruct(value: &BigInt, modulus: &BigInt, bound: &BigInt) -> Option<Rat> {
    let (mut r0, mut r1) = (modulus.clone(), value.clone());
    let (mut t0, mut t1) = (BigInt::zero(), BigInt::one());
    while r1 > *bound {
        let (q, r) = r0.div_rem(&r1);
        let t = t0 - &q * &t1;
        (r0, r1, t0, t1) = (r1, r, t1, t);
    }
    if t1.is_zero() || t1.abs() > *bound || !r1.gcd(&t1).is_one() {
        return None;
    }
    Some(Rat::new(r1, t1))
}
