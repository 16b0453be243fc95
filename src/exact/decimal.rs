//! Reading decimals and fractions exactly.

use num_bigint::BigInt;
use num_traits::{One, Zero};
use thiserror::Error;

use super::{Number, Rat};

/// The most significant digits (first to last nonzero digit) a decimal may have.
pub const MAX_DIGITS: usize = 400;

/// A nonzero decimal is `d.ddd…·10^e` with a nonzero first digit and `|e|` at most this.
pub const MAX_EXPONENT: i64 = 400;

/// Why a text is not a number this program reads.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum NumberError {
    /// Nothing but blanks.
    #[error("a number is missing here")]
    Empty,
    /// Anything that is not a decimal (or a fraction, where one is allowed).
    #[error("`{0}` is not a number")]
    NotANumber(String),
    /// NaN and the infinities in their usual spellings.
    #[error("`{0}` is not a finite number")]
    NotFinite(String),
    /// More than [`MAX_DIGITS`] significant digits.
    #[error("`{0}` has more than {MAX_DIGITS} significant digits")]
    TooManyDigits(String),
    /// An exponent beyond ±[`MAX_EXPONENT`].
    #[error("`{0}` is out of range: the exponent must be within ±{MAX_EXPONENT}")]
    ExponentOutOfRange(String),
    /// A fraction `p/0`.
    #[error("`{0}` divides by zero")]
    ZeroDenominator(String),
}

/// At most 40 characters of a text, for messages.
fn clip(text: &str) -> String {
    match text.char_indices().nth(40) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

fn not_a_number(text: &str) -> NumberError {
    let bare = text
        .trim_start_matches(['+', '-'])
        .trim_start_matches("1.#")
        .to_ascii_lowercase();
    match bare.as_str() {
        "nan" | "inf" | "infinity" | "na" | "n/a" | "ind" | "qnan" | "snan" => {
            NumberError::NotFinite(clip(text))
        }
        _ => NumberError::NotANumber(clip(text)),
    }
}

/// The parts of a decimal text, not yet a number.
struct Parts<'a> {
    negative: bool,
    integer: &'a [u8],
    fraction: &'a [u8],
    exponent: i64,
}

/// `[+-] digits [. digits] [e [+-] digits]` with at least one digit before the exponent.
fn split(text: &str) -> Option<Parts<'_>> {
    let bytes = text.as_bytes();
    let digits_from = |start: usize| {
        bytes[start..]
            .iter()
            .position(|b| !b.is_ascii_digit())
            .map_or(bytes.len(), |len| start + len)
    };
    let negative = bytes.first() == Some(&b'-');
    let start = usize::from(matches!(bytes.first(), Some(b'+' | b'-')));
    let mut at = digits_from(start);
    let integer = &bytes[start..at];
    let mut fraction: &[u8] = &[];
    if bytes.get(at) == Some(&b'.') {
        let end = digits_from(at + 1);
        fraction = &bytes[at + 1..end];
        at = end;
    }
    if integer.is_empty() && fraction.is_empty() {
        return None;
    }
    let mut exponent = 0i64;
    if let Some(b'e' | b'E') = bytes.get(at) {
        at += 1;
        let down = bytes.get(at) == Some(&b'-');
        at += usize::from(matches!(bytes.get(at), Some(b'+' | b'-')));
        let end = digits_from(at);
        if end == at {
            return None;
        }
        for digit in &bytes[at..end] {
            // A million million is out of range however many digits follow, and cannot overflow below.
            exponent = (exponent * 10 + i64::from(digit - b'0')).min(1_000_000_000_000);
        }
        exponent = if down { -exponent } else { exponent };
        at = end;
    }
    (at == bytes.len()).then_some(Parts {
        negative,
        integer,
        fraction,
        exponent,
    })
}

/// Reads a decimal, with or without an exponent, as the rational it is. Exact; no blanks are allowed.
///
/// # Errors
///
/// [`NumberError`] if the text is not a decimal or is beyond [`MAX_DIGITS`] or [`MAX_EXPONENT`].
pub fn parse_number(text: &str) -> Result<Number, NumberError> {
    if text.is_empty() {
        return Err(NumberError::Empty);
    }
    let parts = split(text).ok_or_else(|| not_a_number(text))?;
    let digits = || parts.integer.iter().chain(parts.fraction).copied();
    let total = parts.integer.len() + parts.fraction.len();
    let leading = digits().take_while(|&b| b == b'0').count();
    if leading == total {
        return Ok(Number::zero());
    }
    let trailing = digits().rev().take_while(|&b| b == b'0').count();
    let significant = total - leading - trailing;
    if significant > MAX_DIGITS {
        return Err(NumberError::TooManyDigits(clip(text)));
    }
    let point = parts.integer.len() as i64;
    let leading_exponent = parts.exponent + point - leading as i64 - 1;
    if leading_exponent.abs() > MAX_EXPONENT {
        return Err(NumberError::ExponentOutOfRange(clip(text)));
    }
    // The digits are an integer without factors ten, times 10^ten.
    let ten = leading_exponent + 1 - significant as i64;
    let kept = digits().skip(leading).take(significant);
    if significant <= 18 {
        let size = kept.fold(0i64, |acc, b| acc * 10 + i64::from(b - b'0'));
        let mantissa = if parts.negative { -size } else { size };
        return Ok(Number::decimal(mantissa, ten as i32));
    }
    let text_digits: Vec<u8> = kept.collect();
    let size = BigInt::parse_bytes(&text_digits, 10).ok_or_else(|| not_a_number(text))?;
    let mantissa = if parts.negative { -size } else { size };
    let power = BigInt::from(10).pow(ten.unsigned_abs() as u32);
    Ok(Number::from(if ten < 0 {
        Rat::new(mantissa, power)
    } else {
        Rat::from_integer(mantissa * power)
    }))
}

/// Reads a decimal as the rational it is; see [`parse_number`].
///
/// # Errors
///
/// As [`parse_number`].
pub fn parse_decimal(text: &str) -> Result<Rat, NumberError> {
    parse_number(text).map(|number| number.to_rat())
}

/// Reads a decimal, or a fraction `p/q` of two decimals. Exact.
///
/// # Errors
///
/// [`NumberError`] as [`parse_number`], and for `p/0`.
pub fn parse_ratio(text: &str) -> Result<Rat, NumberError> {
    let Some((above, below)) = text.split_once('/') else {
        return parse_decimal(text);
    };
    if !above
        .bytes()
        .chain(below.bytes())
        .any(|b| b.is_ascii_digit())
    {
        return Err(not_a_number(text));
    }
    let (above, below) = (parse_decimal(above)?, parse_decimal(below)?);
    if below.is_zero() {
        return Err(NumberError::ZeroDenominator(clip(text)));
    }
    if below.is_one() {
        return Ok(above);
    }
    Ok(above / below)
}
