//! Exact numbers: rationals, the decimals and float bits they come from, and the text they are printed as.
//!
//! Everything here is exact, or correctly rounded where it says so.

mod decimal;
pub mod definite;
mod float;
pub mod polynomial;
mod scaled;
#[cfg(test)]
mod tests;
mod text;

pub use decimal::{
    MAX_DIGITS, MAX_EXPONENT, NumberError, parse_decimal, parse_number, parse_ratio,
};
pub use float::{
    f32_to_rat, f64_to_rat, quotient_to_f64, rat_is_f32, rat_is_f64, rat_to_f32, rat_to_f64,
};
pub use scaled::{Number, common_denominator, common_denominator_of_rats};
pub(crate) use scaled::{sum_of_squares, to_i128s, widest_bits};
pub use text::{Round, to_decimal, to_exact_decimal};

/// A rational number in lowest terms with a positive denominator. Exact.
pub type Rat = num_rational::BigRational;
