//! Many rationals over one denominator: the form in which all hot loops work.

use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{One, Signed, ToPrimitive, Zero};

use super::Rat;

/// A rational as it was read. Decimals and floats of ordinary length are a machine integer times powers of ten and two, so that a
/// table of a million numbers is put over one denominator without a million big fractions. Exact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Number(Form);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Form {
    /// `mantissa·10^ten·2^two`; of `ten` and `two` at most one is not 0, and the mantissa has no factor of that base.
    Small {
        mantissa: i64,
        ten: i16,
        two: i16,
    },
    Big(Box<Rat>),
}

impl Number {
    /// The number 0.
    pub fn zero() -> Self {
        Number(Form::Small {
            mantissa: 0,
            ten: 0,
            two: 0,
        })
    }

    /// An integer.
    pub fn integer(value: i64) -> Self {
        Number(Form::Small {
            mantissa: value,
            ten: 0,
            two: 0,
        })
    }

    /// `mantissa·10^ten` with `|ten|` at most a thousand.
    pub(crate) fn decimal(mut mantissa: i64, mut ten: i32) -> Self {
        if mantissa == 0 {
            return Number::zero();
        }
        while mantissa % 10 == 0 {
            mantissa /= 10;
            ten += 1;
        }
        Number(Form::Small {
            mantissa,
            ten: ten as i16,
            two: 0,
        })
    }

    /// The rational that the bits of a float stand for; `None` for NaN and the infinities.
    pub fn from_f64(value: f64) -> Option<Self> {
        if !value.is_finite() {
            return None;
        }
        let bits = value.to_bits();
        let fraction = (bits & ((1 << 52) - 1)) as i64;
        let biased = ((bits >> 52) & 0x7ff) as i32;
        let (size, two) = if biased == 0 {
            (fraction, -1074)
        } else {
            (fraction | 1 << 52, biased - 1075)
        };
        if size == 0 {
            return Some(Number::zero());
        }
        let zeros = size.trailing_zeros();
        let size = size >> zeros;
        Some(Number(Form::Small {
            mantissa: if value < 0.0 { -size } else { size },
            ten: 0,
            two: (two + zeros as i32) as i16,
        }))
    }

    /// As a fraction in lowest terms.
    pub fn to_rat(&self) -> Rat {
        match &self.0 {
            Form::Small { mantissa, ten, two } => {
                let mut above = BigInt::from(*mantissa);
                let mut below = BigInt::one();
                let power = BigInt::from(10).pow(u32::from(ten.unsigned_abs()));
                if *ten < 0 {
                    below *= power;
                } else {
                    above *= power;
                }
                if *two < 0 {
                    below <<= two.unsigned_abs();
                } else {
                    above <<= two.unsigned_abs();
                }
                Rat::new(above, below)
            }
            Form::Big(rat) => (**rat).clone(),
        }
    }
}

impl From<Rat> for Number {
    fn from(value: Rat) -> Self {
        Number(Form::Big(Box::new(value)))
    }
}

/// The numbers as integers over their least common denominator: `numbers[i] = integers[i]/den`, `den ≥ 1`, and
/// gcd(den, all integers) = 1. Exact. An empty list has the denominator 1.
pub fn common_denominator(numbers: &[Number]) -> (Vec<BigInt>, BigInt) {
    let (mut down_ten, mut down_two) = (0i16, 0i16);
    let mut lcm_of_big = BigInt::one();
    let (mut up_ten, mut up_two, mut bits, mut all_small) = (0i16, 0i16, 0u32, true);
    for Number(form) in numbers {
        match form {
            Form::Small { mantissa, ten, two } => {
                down_ten = down_ten.max(-ten);
                down_two = down_two.max(-two);
                up_ten = up_ten.max(*ten);
                up_two = up_two.max(*two);
                bits = bits.max(64 - mantissa.unsigned_abs().leading_zeros());
            }
            Form::Big(rat) => {
                all_small = false;
                if !(&lcm_of_big % rat.denom()).is_zero() {
                    lcm_of_big = lcm_of_big.lcm(rat.denom());
                }
            }
        }
    }
    let powers = BigInt::from(10).pow(down_ten as u32) << down_two as u32;
    let den = powers.lcm(&lcm_of_big);
    // 10 < 2^3.33: a bound on the bits of every scaled integer.
    let widest = i64::from(bits)
        + (i64::from(down_ten) + i64::from(up_ten)) * 10 / 3
        + 1
        + i64::from(down_two)
        + i64::from(up_two);
    if all_small && widest <= 126 {
        return scale_small(numbers, down_ten, down_two);
    }
    let extra = &den / &powers;
    let mut power_of_ten: Vec<Option<BigInt>> = vec![None; (down_ten + up_ten) as usize + 1];
    let integers: Vec<BigInt> = numbers
        .iter()
        .map(|Number(form)| match form {
            Form::Small { mantissa, ten, two } => {
                let index = (ten + down_ten) as usize;
                let power = power_of_ten[index]
                    .get_or_insert_with(|| &extra * BigInt::from(10).pow(index as u32));
                (&*power * *mantissa) << (two + down_two) as u32
            }
            Form::Big(rat) => rat.numer() * (&den / rat.denom()),
        })
        .collect();
    let mut common = den.clone();
    for integer in &integers {
        if common.is_one() {
            break;
        }
        if !(integer % &common).is_zero() {
            common = common.gcd(integer);
        }
    }
    if common.is_one() {
        return (integers, den);
    }
    let integers = integers.iter().map(|integer| integer / &common).collect();
    (integers, den / common)
}

/// [`common_denominator`] where every scaled integer fits 126 bits.
fn scale_small(numbers: &[Number], down_ten: i16, down_two: i16) -> (Vec<BigInt>, BigInt) {
    let den = 10i128.pow(down_ten as u32) << down_two as u32;
    let powers: Vec<i128> = std::iter::successors(Some(1i128), |p| p.checked_mul(10)).collect();
    let mut common = den;
    let scaled: Vec<i128> = numbers
        .iter()
        .map(|Number(form)| match form {
            Form::Small { mantissa, ten, two } => {
                let value = (i128::from(*mantissa) * powers[(ten + down_ten) as usize])
                    << (two + down_two) as u32;
                if common != 1 && value % common != 0 {
                    common = common.gcd(&value);
                }
                value
            }
            Form::Big(_) => unreachable!("only small forms come here"),
        })
        .collect();
    let integers = scaled
        .iter()
        .map(|value| BigInt::from(value / common))
        .collect();
    (integers, BigInt::from(den / common))
}

/// [`common_denominator`] for fractions.
pub fn common_denominator_of_rats<'a>(
    rats: impl Iterator<Item = &'a Rat> + Clone,
) -> (Vec<BigInt>, BigInt) {
    let mut den = BigInt::one();
    for rat in rats.clone() {
        if !(&den % rat.denom()).is_zero() {
            den = den.lcm(rat.denom());
        }
    }
    let integers = rats.map(|rat| rat.numer() * (&den / rat.denom())).collect();
    (integers, den)
}

/// The integers as machine integers, if all fit.
pub(crate) fn to_i128s(integers: &[BigInt]) -> Option<Vec<i128>> {
    integers.iter().map(ToPrimitive::to_i128).collect()
}

/// The bits of the largest absolute value.
pub(crate) fn widest_bits(integers: &[BigInt]) -> u64 {
    integers.iter().map(BigInt::bits).max().unwrap_or(0)
}

/// Σ squares. Exact.
pub(crate) fn sum_of_squares(integers: &[BigInt]) -> BigInt {
    integers.iter().map(|v| v * v).sum::<BigInt>().abs()
}
