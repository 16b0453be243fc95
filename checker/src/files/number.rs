//! Decimals and floating-point bits as exact numbers.

use std::num::IntErrorKind;

use dashu_int::{IBig, UBig};

use crate::fraction::Fraction;
use crate::int::Int;
use crate::text::quote;

/// Most significant digits of a decimal.
const MAX_DIGITS: usize = 400;
/// Greatest size of an exponent as written.
const MAX_EXPONENT: i64 = 400;
/// Most digits after the point.
const MAX_DECIMALS: usize = 1_000;

/// The number mantissa·2^two·5^five. Equal numbers are equal: the mantissa has no factor 2 or 5, and 0 is 0·2^0·5^0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Exact {
    pub(crate) mantissa: Int,
    pub(crate) two: i64,
    pub(crate) five: i64,
}

/// Where a decimal is written, and so how freely.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Grammar {
    /// As the JSON standard has it.
    Json,
    /// The same with a leading `+`, leading zeros, a leading or trailing point, and blanks around it.
    Free,
}

/// A width of floating-point numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Float {
    F16,
    Bf16,
    F32,
    F64,
}

impl Exact {
    pub(crate) fn new(mantissa: IBig, two: i64, five: i64) -> Self {
        let (sign, mut size) = mantissa.into_parts();
        let Some(zeros) = size.trailing_zeros() else {
            return Exact { mantissa: Int::ZERO, two: 0, five: 0 };
        };
        size >>= zeros;
        let fives = size.remove(&UBig::from(5u8)).unwrap_or(0);
        let more = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
        Exact {
            mantissa: Int::from(IBig::from_parts(sign, size)),
            two: two.saturating_add(more(zeros)),
            five: five.saturating_add(more(fives)),
        }
    }

    /// Reads a decimal.
    ///
    /// # Errors
    ///
    /// A message if it is not a decimal, or too long.
    pub(crate) fn parse(text: &[u8], grammar: Grammar) -> Result<Self, String> {
        let wrong = || format!("{} is not a number", quote(text));
        let mut rest = text;
        if grammar == Grammar::Free {
            rest = rest.trim_ascii();
        }
        let negative = rest.starts_with(b"-");
        if negative || (grammar == Grammar::Free && rest.starts_with(b"+")) {
            rest = &rest[1..];
        }
        let whole = take_digits(&mut rest);
        let mut decimals: &[u8] = b"";
        if let Some(after) = rest.strip_prefix(b".") {
            rest = after;
            decimals = take_digits(&mut rest);
            let is_bare = decimals.is_empty() || whole.is_empty();
            if is_bare && (grammar == Grammar::Json || decimals.len() == whole.len()) {
                return Err(wrong());
            }
        } else if whole.is_empty() {
            return Err(wrong());
        }
        if grammar == Grammar::Json && whole.len() > 1 && whole.starts_with(b"0") {
            return Err(wrong());
        }
        let mut exponent = 0;
        if let Some(after) = rest.strip_prefix(b"e").or_else(|| rest.strip_prefix(b"E")) {
            rest = after;
            let minus = rest.starts_with(b"-");
            if minus || rest.starts_with(b"+") {
                rest = &rest[1..];
            }
            let digits = std::str::from_utf8(take_digits(&mut rest)).map_err(|_| wrong())?;
            exponent = match digits.parse::<i64>() {
                Ok(exponent) => exponent,
                Err(error) if *error.kind() == IntErrorKind::PosOverflow => i64::MAX,
                Err(_) => return Err(wrong()),
            };
            if exponent > MAX_EXPONENT {
                return Err(format!("{}: the exponent is greater than {MAX_EXPONENT}", quote(text)));
            }
            exponent = if minus { exponent.saturating_neg() } else { exponent };
        }
        if !rest.is_empty() {
            return Err(wrong());
        }
        let digits: Vec<u8> = whole.iter().chain(decimals).copied().skip_while(|&digit| digit == b'0').collect();
        if digits.len() > MAX_DIGITS || decimals.len() > MAX_DECIMALS {
            return Err(format!("{}: more than {MAX_DIGITS} digits, or {MAX_DECIMALS} decimals", quote(text)));
        }
        let size = match std::str::from_utf8(&digits) {
            Ok("") => IBig::ZERO,
            Ok(digits) => IBig::from_str_radix(digits, 10).map_err(|_| wrong())?,
            Err(_) => return Err(wrong()),
        };
        let power = exponent.saturating_sub(i64::try_from(decimals.len()).unwrap_or(i64::MAX));
        Ok(Exact::new(if negative { -size } else { size }, power, power))
    }

    /// The number of a floating-point number's bits; `None` if it is infinite or not a number.
    pub(crate) fn from_bits(bits: u64, float: Float) -> Option<Self> {
        let (fraction_bits, exponent_bits) = match float {
            Float::F16 => (10u32, 5u32),
            Float::Bf16 => (7, 8),
            Float::F32 => (23, 8),
            Float::F64 => (52, 11),
        };
        let ones = |count: u32| 1u64.wrapping_shl(count).wrapping_sub(1);
        let fraction = bits & ones(fraction_bits);
        let exponent = bits >> fraction_bits & ones(exponent_bits);
        let negative = bits >> fraction_bits >> exponent_bits & 1 == 1;
        if exponent == ones(exponent_bits) {
            return None;
        }
        // Denormal numbers have the least exponent and no hidden bit.
        let size = if exponent == 0 { fraction } else { fraction | 1 << fraction_bits };
        let bias = ones(exponent_bits.saturating_sub(1)).saturating_add(u64::from(fraction_bits));
        let two = i64::try_from(exponent.max(1)).ok()?.checked_sub(i64::try_from(bias).ok()?)?;
        let size = IBig::from(size);
        Some(Exact::new(if negative { -size } else { size }, two, 0))
    }

    /// The decimal `text`, rounded to the nearest floating-point number (ties to even).
    ///
    /// # Errors
    ///
    /// A message if the text is not a decimal, or rounds to infinity.
    #[allow(clippy::disallowed_types)] // the standard library rounds; nothing is computed with the result
    pub(crate) fn parse_rounded(text: &[u8], float: Float) -> Result<Self, String> {
        Exact::parse(text, Grammar::Free)?;
        let decimal = std::str::from_utf8(text.trim_ascii()).unwrap_or("");
        let bits = match float {
            Float::F64 => decimal.parse::<f64>().ok().map(f64::to_bits),
            _ => decimal.parse::<f32>().ok().map(|x| u64::from(x.to_bits())),
        };
        let exact = bits.and_then(|bits| Exact::from_bits(bits, float));
        exact.ok_or_else(|| format!("{} is too large for this floating-point type", quote(text)))
    }

    /// The number times 2^two·5^five, where that is an integer.
    pub(crate) fn scaled(&self, two: i64, five: i64) -> Int {
        let power = |base: u8, exponent: i64| IBig::from(base).pow(usize::try_from(exponent).unwrap_or(0));
        let (two, five) = (self.two.saturating_add(two), self.five.saturating_add(five));
        match (two, five) {
            (0, 0) => self.mantissa.clone(),
            _ => &self.mantissa * Int::from(power(2, two) * power(5, five)),
        }
    }

    /// The exponents of 2 and 5 in the denominator.
    pub(crate) fn denominator(&self) -> (i64, i64) {
        (self.two.saturating_neg().max(0), self.five.saturating_neg().max(0))
    }

    /// The same number as a fraction in lowest terms.
    pub(crate) fn fraction(&self) -> Fraction {
        let (two, five) = self.denominator();
        let denominator = Exact { mantissa: Int::ONE, two, five }.scaled(0, 0);
        Fraction { numerator: self.scaled(two, five), denominator }
    }
}

/// Reads a decimal, or a fraction p/q of decimals with q > 0; the result is in lowest terms.
///
/// # Errors
///
/// A message if it is neither.
pub(crate) fn parse_fraction(text: &str) -> Result<Fraction, String> {
    let parse = |part: &str| Exact::parse(part.as_bytes(), Grammar::Free);
    let Some((p, q)) = text.split_once('/') else { return Ok(parse(text)?.fraction()) };
    let (p, q) = (parse(p)?.fraction(), parse(q)?.fraction());
    if !q.numerator.is_positive() {
        return Err(format!("{}: the denominator is not greater than 0", quote(text.as_bytes())));
    }
    Ok(p.times(&q.inverse()).reduced())
}

/// Takes the digits that `rest` begins with.
fn take_digits<'a>(rest: &mut &'a [u8]) -> &'a [u8] {
    let count = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (digits, after) = rest.split_at(count);
    *rest = after;
    digits
}

#[cfg(test)]
#[path = "../../tests/unit/number.rs"]
mod tests;
