//! Floats as the rationals they are, and rationals rounded to floats.

use num_bigint::{BigInt, BigUint, Sign};
use num_traits::{ToPrimitive, Zero};

use super::{Number, Rat};

/// The rational that the bits of a float stand for, denormals included; `None` for NaN and the infinities. Exact.
pub fn f64_to_rat(value: f64) -> Option<Rat> {
    Number::from_f64(value).map(|number| number.to_rat())
}

/// As [`f64_to_rat`] for single precision. Exact.
pub fn f32_to_rat(value: f32) -> Option<Rat> {
    f64_to_rat(f64::from(value))
}

/// The nearest double, ties to even, subnormals included; beyond the largest double, an infinity.
pub fn rat_to_f64(value: &Rat) -> f64 {
    quotient_to_f64(value.numer(), value.denom())
}

/// `num/den` rounded to the nearest double, ties to even; `den > 0`, and the two may have common factors.
pub fn quotient_to_f64(num: &BigInt, den: &BigInt) -> f64 {
    const EXACT: u64 = 53;
    if num.bits() <= EXACT && den.bits() <= EXACT {
        // Both convert exactly, and one IEEE division is correctly rounded.
        if let (Some(a), Some(b)) = (num.to_i64(), den.to_i64()) {
            return a as f64 / b as f64;
        }
    }
    let (mantissa, exponent) = round_quotient(num.magnitude(), den.magnitude(), 53, -1074);
    let size = if mantissa == 0 {
        0.0
    } else if mantissa >> 52 == 0 {
        f64::from_bits(mantissa)
    } else if exponent + 52 > 1023 {
        f64::INFINITY
    } else {
        f64::from_bits((((exponent + 1075) as u64) << 52) | (mantissa & ((1 << 52) - 1)))
    };
    if num.sign() == Sign::Minus {
        -size
    } else {
        size
    }
}

/// The nearest single-precision float, ties to even, rounded once; beyond the largest, an infinity.
pub fn rat_to_f32(value: &Rat) -> f32 {
    let (mantissa, exponent) = round_quotient(
        value.numer().magnitude(),
        value.denom().magnitude(),
        24,
        -149,
    );
    let size = if mantissa == 0 {
        0.0
    } else if mantissa >> 23 == 0 {
        f32::from_bits(mantissa as u32)
    } else if exponent + 23 > 127 {
        f32::INFINITY
    } else {
        let bits = (((exponent + 150) as u64) << 23) | (mantissa & ((1 << 23) - 1));
        f32::from_bits(bits as u32)
    };
    if value.numer().sign() == Sign::Minus {
        -size
    } else {
        size
    }
}

/// Whether a double holds the number exactly.
pub fn rat_is_f64(value: &Rat) -> bool {
    f64_to_rat(rat_to_f64(value)).as_ref() == Some(value)
}

/// Whether a single-precision float holds the number exactly.
pub fn rat_is_f32(value: &Rat) -> bool {
    f32_to_rat(rat_to_f32(value)).as_ref() == Some(value)
}

/// `num/den ≈ mantissa·2^exponent`, nearest, ties to even, with `exponent ≥ least` and a mantissa of exactly `precision` bits, or
/// fewer where `exponent = least`.
fn round_quotient(num: &BigUint, den: &BigUint, precision: i64, least: i64) -> (u64, i64) {
    if num.is_zero() {
        return (0, least);
    }
    // 2^(size-1) < num/den < 2^(size+1): one or two bits more than the precision are in the quotient.
    let size = num.bits() as i64 - den.bits() as i64;
    let exponent = (size - precision - 1).max(least - 2);
    let (above, below) = if exponent >= 0 {
        (num.clone(), den << exponent as u64)
    } else {
        (num << exponent.unsigned_abs(), den.clone())
    };
    let quotient = &above / &below;
    let mut sticky = &quotient * &below != above;
    let mut mantissa = quotient.to_u64().unwrap_or(u64::MAX);
    let bits = 64 - i64::from(mantissa.leading_zeros());
    let drop = (bits - precision).max(least - exponent);
    let mut exponent = exponent + drop;
    if drop > 0 {
        // At most 3 bits are dropped, or all of a quotient far below the least float.
        let half = 1u64 << (drop - 1);
        let rest = mantissa & ((half << 1) - 1);
        mantissa >>= drop;
        sticky |= rest & (half - 1) != 0;
        if rest & half != 0 && (sticky || mantissa & 1 == 1) {
            mantissa += 1;
        }
        if mantissa >> precision != 0 {
            mantissa >>= 1;
            exponent += 1;
        }
    }
    (mantissa, exponent)
}
