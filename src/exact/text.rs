//! Rationals as decimal text, with a rounding direction that is part of the question.

use num_bigint::{BigInt, BigUint, Sign};
use num_integer::Integer;
use num_traits::{One, Signed, ToPrimitive, Zero};

use super::Rat;
use super::decimal::{MAX_DIGITS, MAX_EXPONENT};

/// The direction in which [`to_decimal`] rounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Round {
    /// Towards −∞: what is printed for a lower bound.
    Down,
    /// Towards +∞: what is printed for an upper bound.
    Up,
    /// To the nearest, ties to even.
    Nearest,
}

/// The largest `e` with `10^e ≤ |value|`, for a value that is not 0.
fn floor_log10(value: &Rat) -> i64 {
    let (num, den) = (value.numer().magnitude(), value.denom().magnitude());
    let bits = num.bits() as i64 - den.bits() as i64;
    // Within one or two of the truth; log10(2) = 0.30103.
    let mut e = (bits as f64 * std::f64::consts::LOG10_2).floor() as i64 - 1;
    let at_least = |e: i64| {
        let power = BigUint::from(10u8).pow(e.unsigned_abs() as u32);
        if e >= 0 {
            *num >= den * power
        } else {
            num * power >= *den
        }
    };
    while at_least(e + 1) {
        e += 1;
    }
    while !at_least(e) {
        e -= 1;
    }
    e
}

/// `digits` (without a point) as `d.ddd·10^exponent`, plain near 1 and with an exponent elsewhere.
fn layout(negative: bool, digits: &str, exponent: i64, plain_up_to: i64) -> String {
    let sign = if negative { "-" } else { "" };
    if (-5..plain_up_to).contains(&exponent) {
        if exponent < 0 {
            let zeros = "0".repeat((-exponent - 1) as usize);
            return format!("{sign}0.{zeros}{digits}");
        }
        let whole = exponent as usize + 1;
        if digits.len() <= whole {
            let zeros = "0".repeat(whole - digits.len());
            return format!("{sign}{digits}{zeros}");
        }
        return format!("{sign}{}.{}", &digits[..whole], &digits[whole..]);
    }
    let (first, rest) = digits.split_at(1);
    if rest.is_empty() {
        format!("{sign}{first}e{exponent}")
    } else {
        format!("{sign}{first}.{rest}e{exponent}")
    }
}

/// The number with `significant_digits` digits (at least 1), rounded as asked: plain (`123.45`) from 1e-5 up to 16 digits before the
/// point, else like `1.2345e-7`. If the expansion ends earlier, the text ends there and is exact; a rounded text keeps its zeros.
pub fn to_decimal(value: &Rat, significant_digits: usize, round: Round) -> String {
    if value.is_zero() {
        return "0".to_owned();
    }
    let wanted = significant_digits.max(1);
    let mut exponent = floor_log10(value);
    let shift = wanted as i64 - 1 - exponent;
    let power = BigUint::from(10u8).pow(shift.unsigned_abs() as u32);
    let (num, den) = (value.numer().magnitude(), value.denom().magnitude());
    let (above, below) = if shift >= 0 {
        (num * power, den.clone())
    } else {
        (num.clone(), den * power)
    };
    let (mut quotient, rest) = above.div_rem(&below);
    let negative = value.is_negative();
    let exact = rest.is_zero();
    let away = match round {
        Round::Down => negative && !exact,
        Round::Up => !negative && !exact,
        Round::Nearest => {
            let twice = rest << 1u8;
            twice > below || (twice == below && quotient.is_odd())
        }
    };
    if away {
        quotient += 1u8;
    }
    let mut digits = quotient.to_string();
    if digits.len() > wanted {
        // 999… became 1000…
        digits.pop();
        exponent += 1;
    }
    if exact {
        digits.truncate(digits.trim_end_matches('0').len());
    }
    layout(negative, &digits, exponent, 16.min(wanted as i64).max(1))
}

/// The number as a decimal that is exactly it, in JSON's number syntax and within the limits of
/// [`parse_decimal`](super::parse_decimal); `None` if there is none.
pub fn to_exact_decimal(value: &Rat) -> Option<String> {
    if value.is_zero() {
        return Some("0".to_owned());
    }
    // den = 2^a·5^b: times 10^max(a,b) it is an integer.
    let den = value.denom().magnitude();
    let twos = den.trailing_zeros().unwrap_or(0);
    let mut fives = 0u64;
    let mut odd = den >> twos;
    let five = BigUint::from(5u8);
    while !odd.is_one() {
        let (quotient, rest) = odd.div_rem(&five);
        if !rest.is_zero() || fives > 2 * (MAX_DIGITS as u64 + MAX_EXPONENT as u64) {
            return None;
        }
        odd = quotient;
        fives += 1;
    }
    let places = twos.max(fives);
    if places > MAX_DIGITS as u64 + MAX_EXPONENT as u64 {
        return None;
    }
    let scaled = value.numer() * BigInt::from(10).pow(places.to_u32()?) / value.denom();
    let digits = scaled.magnitude().to_string();
    let exponent = digits.len() as i64 - 1 - places as i64;
    let digits = digits.trim_end_matches('0');
    if digits.len() > MAX_DIGITS || exponent.abs() > MAX_EXPONENT {
        return None;
    }
    Some(layout(
        value.numer().sign() == Sign::Minus,
        digits,
        exponent,
        21,
    ))
}
