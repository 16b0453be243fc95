//! Laws and tables of the exact numbers.

use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{One, Signed, Zero};
use proptest::prelude::*;

use super::*;

fn fraction(p: i64, q: i64) -> Rat {
    Rat::new(p.into(), q.into())
}

fn ten_to(e: u32) -> BigInt {
    BigInt::from(10).pow(e)
}

#[test]
fn decimals_are_read_exactly() {
    let cases = [
        ("0", fraction(0, 1)),
        ("-0.000", fraction(0, 1)),
        ("0e999999999999999999999", fraction(0, 1)),
        ("7", fraction(7, 1)),
        ("+7.", fraction(7, 1)),
        ("-.5", fraction(-1, 2)),
        ("007.250", fraction(29, 4)),
        ("0.1", fraction(1, 10)),
        ("1e3", fraction(1000, 1)),
        ("1.5E-2", fraction(3, 200)),
        ("-12.5e+1", fraction(-125, 1)),
        ("123456789012345678", fraction(123_456_789_012_345_678, 1)),
        (
            "0.00000000000000000000000000000000000000001e41",
            fraction(1, 1),
        ),
        ("1e400", Rat::from_integer(ten_to(400))),
        ("1e-400", Rat::new(BigInt::one(), ten_to(400))),
        (
            "3.14159265358979323846264338327950288",
            Rat::new(
                "314159265358979323846264338327950288"
                    .parse()
                    .expect("an integer"),
                ten_to(35),
            ),
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(parse_decimal(text), Ok(expected), "{text}");
    }
}

#[test]
fn other_texts_are_refused() {
    for text in [
        ".", "+", "-", "e5", "1e", "1e+", "1.2.3", "1,5", "1 ", " 1", "0x10", "1_000", "--1",
        "+-1", "1/2", "abc", "１", "1e5.0", "1f",
    ] {
        assert_eq!(
            parse_decimal(text),
            Err(NumberError::NotANumber(text.to_owned())),
            "{text}"
        );
    }
    for text in ["nan", "NaN", "-inf", "Infinity", "+INF", "NA", "N/A"] {
        assert_eq!(
            parse_decimal(text),
            Err(NumberError::NotFinite(text.to_owned())),
            "{text}"
        );
    }
    assert_eq!(parse_decimal(""), Err(NumberError::Empty));
}

#[test]
fn numbers_beyond_the_limits_are_refused_without_building_them() {
    let too_long = format!("0.{}", "7".repeat(401));
    assert!(matches!(
        parse_decimal(&too_long),
        Err(NumberError::TooManyDigits(_))
    ));
    assert!(parse_decimal(&too_long[..402]).is_ok());
    // Zeros in front and behind are not significant.
    let padded = format!("{}1.5{}", "0".repeat(100_000), "0".repeat(100_000));
    assert_eq!(parse_decimal(&padded), Ok(fraction(3, 2)));
    for text in [
        "1e401",
        "1e-401",
        "0.1e-400",
        "10e400",
        "1e99999999999999999999",
        "-1e-99999999999999999999",
    ] {
        assert_eq!(
            parse_decimal(text),
            Err(NumberError::ExponentOutOfRange(text.to_owned())),
            "{text}"
        );
    }
    let clipped = parse_decimal(&"x".repeat(1_000_000)).expect_err("no number");
    assert!(clipped.to_string().chars().count() < 80);
}

#[test]
fn fractions_are_read_exactly() {
    let cases = [
        ("1/3", fraction(1, 3)),
        ("-2/4", fraction(-1, 2)),
        ("0.5/1e1", fraction(1, 20)),
        ("3", fraction(3, 1)),
    ];
    for (text, expected) in cases {
        assert_eq!(parse_ratio(text), Ok(expected), "{text}");
    }
    assert_eq!(
        parse_ratio("1/0"),
        Err(NumberError::ZeroDenominator("1/0".to_owned()))
    );
    for text in ["1/2/3", "/", "1/", "/2", "1/x", ""] {
        assert!(parse_ratio(text).is_err(), "{text}");
    }
}

#[test]
fn float_bits_are_their_numbers() {
    let power = |e: u32| Rat::new(BigInt::one(), BigInt::one() << e);
    assert_eq!(f64_to_rat(0.0), Some(Rat::zero()));
    assert_eq!(f64_to_rat(-0.0), Some(Rat::zero()));
    assert_eq!(f64_to_rat(-2.5), Some(fraction(-5, 2)));
    assert_eq!(f64_to_rat(5e-324), Some(power(1074)));
    assert_eq!(f64_to_rat(f64::MIN_POSITIVE), Some(power(1022)));
    let max = Rat::from_integer(((BigInt::one() << 53) - 1) << 971);
    assert_eq!(f64_to_rat(f64::MAX), Some(max));
    assert_eq!(f32_to_rat(f32::from_bits(1)), Some(power(149)));
    assert_eq!(
        f32_to_rat(0.1),
        Some(Rat::new(13_421_773.into(), (1 << 27).into()))
    );
    for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        assert_eq!(f64_to_rat(value), None);
    }
}

#[test]
fn roundings_at_the_edges_are_correct() {
    let half_least = Rat::new(BigInt::one(), BigInt::one() << 1075);
    let tiny = Rat::new(BigInt::one(), ten_to(2000));
    assert_eq!(rat_to_f64(&half_least), 0.0);
    assert_eq!(rat_to_f64(&(&half_least + &tiny)), 5e-324);
    assert_eq!(rat_to_f64(&(&half_least * BigInt::from(3))), 1e-323);
    assert_eq!(rat_to_f64(&tiny), 0.0);
    assert_eq!(rat_to_f64(&Rat::from_integer(ten_to(2000))), f64::INFINITY);
    assert_eq!(
        rat_to_f64(&-Rat::from_integer(ten_to(2000))),
        f64::NEG_INFINITY
    );
    // Halfway between the largest double and 2^1024 goes up, anything below does not.
    let edge = Rat::from_integer(((BigInt::one() << 54) - 1) << 970);
    assert_eq!(rat_to_f64(&edge), f64::INFINITY);
    assert_eq!(rat_to_f64(&(edge - &tiny)), f64::MAX);
    // Between a subnormal and the least normal number.
    let below = f64::from_bits(f64::MIN_POSITIVE.to_bits() - 1);
    let middle = (f64_to_rat(below).expect("finite")
        + f64_to_rat(f64::MIN_POSITIVE).expect("finite"))
        / BigInt::from(2);
    assert_eq!(rat_to_f64(&middle), f64::MIN_POSITIVE);
    assert_eq!(rat_to_f64(&(middle - tiny)), below);
    assert_eq!(
        rat_to_f32(&Rat::new(BigInt::one(), BigInt::one() << 150)),
        0.0
    );
    assert_eq!(
        rat_to_f32(&Rat::new(3.into(), BigInt::one() << 150)),
        f32::from_bits(2)
    );
    assert!(
        rat_is_f32(&fraction(1, 4))
            && !rat_is_f32(&fraction(1, 10))
            && !rat_is_f64(&fraction(1, 10))
    );
    // One rounding, not two: just above the middle of two single-precision floats.
    let above = Rat::one()
        + Rat::new(BigInt::one(), BigInt::one() << 24)
        + Rat::new(BigInt::one(), ten_to(40));
    assert_eq!(rat_to_f32(&above), 1.0 + f32::EPSILON);
}

#[test]
fn decimal_text_is_rounded_as_asked() {
    use Round::{Down, Nearest, Up};
    let cases = [
        (fraction(0, 1), 5, Nearest, "0"),
        (fraction(1, 2), 5, Down, "0.5"),
        (fraction(1, 3), 4, Down, "0.3333"),
        (fraction(1, 3), 4, Up, "0.3334"),
        (fraction(-1, 3), 4, Down, "-0.3334"),
        (fraction(-1, 3), 4, Up, "-0.3333"),
        (fraction(2, 3), 4, Nearest, "0.6667"),
        (fraction(12_345, 100), 10, Down, "123.45"),
        (fraction(1500, 1), 2, Nearest, "1.5e3"),
        (fraction(1500, 1), 4, Nearest, "1500"),
        (fraction(2, 100_000_003), 5, Up, "2.0000e-8"),
        (fraction(12_345, 100_000_000_000), 9, Down, "1.2345e-7"),
        (fraction(999_999, 1_000_000), 3, Nearest, "1.00"),
        (fraction(999_999, 1_000_000), 3, Down, "0.999"),
        (fraction(25, 1000), 1, Nearest, "0.02"),
        (fraction(35, 1000), 1, Nearest, "0.04"),
        (fraction(100_001, 1), 3, Nearest, "1.00e5"),
        (fraction(100_001, 1), 3, Up, "1.01e5"),
    ];
    for (value, digits, round, expected) in cases {
        assert_eq!(
            to_decimal(&value, digits, round),
            expected,
            "{value} {digits} {round:?}"
        );
    }
}

#[test]
fn exact_decimal_text_exists_only_where_it_ends() {
    let cases = [
        (fraction(0, 1), Some("0")),
        (fraction(-1, 8), Some("-0.125")),
        (fraction(100, 1), Some("100")),
        (fraction(3, 2_500_000_000), Some("1.2e-9")),
        (fraction(1, 3), None),
        (fraction(1, 7 * 5), None),
    ];
    for (value, expected) in cases {
        assert_eq!(to_exact_decimal(&value).as_deref(), expected, "{value}");
    }
    // The least single-precision float has 105 digits, the least double 751: beyond the limit for decimals.
    let single = f32_to_rat(f32::from_bits(1)).expect("finite");
    let text = to_exact_decimal(&single).expect("it ends within the limit");
    assert_eq!(parse_decimal(&text), Ok(single));
    assert_eq!(to_exact_decimal(&f64_to_rat(5e-324).expect("finite")), None);
    assert_eq!(
        to_exact_decimal(&Rat::new(BigInt::one(), ten_to(401))),
        None
    );
    assert!(to_exact_decimal(&Rat::new(BigInt::one(), ten_to(400))).is_some());
}

/// Rationals of many sizes.
fn rationals() -> impl Strategy<Value = Rat> {
    let integer = (any::<i128>(), 0u32..1200);
    (integer, any::<i128>(), 0u32..1200).prop_map(|((p, up), q, down)| {
        let q = BigInt::from(q).abs().max(BigInt::one());
        Rat::new(BigInt::from(p) << up, q << down)
    })
}

fn numbers() -> impl Strategy<Value = Number> {
    prop_oneof![
        (any::<i64>(), -30i32..30).prop_map(|(m, e)| Number::decimal(m, e)),
        (-1000i64..1000, -6i32..3).prop_map(|(m, e)| Number::decimal(m, e)),
        any::<f64>().prop_filter_map("finite", Number::from_f64),
        (-1e3f64..1e3).prop_filter_map("finite", Number::from_f64),
        (any::<i64>(), 1i64..).prop_map(|(p, q)| Number::from(fraction(p, q))),
    ]
}

proptest! {
    #[test]
    fn a_double_comes_back_from_its_rational(bits in any::<u64>()) {
        let value = f64::from_bits(bits);
        prop_assume!(value.is_finite());
        let rat = f64_to_rat(value).expect("finite");
        prop_assert_eq!(rat_to_f64(&rat), value);
        prop_assert!(rat_is_f64(&rat));
        prop_assert_eq!(rat_to_f32(&rat), value as f32);
    }

    #[test]
    fn rounding_to_a_double_is_to_the_nearest(value in rationals()) {
        let rounded = rat_to_f64(&value);
        prop_assume!(rounded.is_finite());
        let error = (f64_to_rat(rounded).expect("finite") - &value).abs();
        let bits = rounded.abs().to_bits();
        for neighbour in [bits.checked_sub(1).map(f64::from_bits), Some(f64::from_bits(bits + 1))].into_iter().flatten() {
            let Some(other) = f64_to_rat(neighbour.copysign(rounded)) else { continue };
            let distance = (other - &value).abs();
            prop_assert!(error < distance || (error == distance && bits.is_multiple_of(2)));
        }
    }

    #[test]
    fn decimal_text_reads_as_standard_floats_do(mantissa in any::<i64>(), exponent in -330i32..300) {
        let text = format!("{mantissa}e{exponent}");
        let rat = parse_decimal(&text).expect("a decimal");
        prop_assert_eq!(rat_to_f64(&rat), text.parse::<f64>().expect("a decimal"));
        prop_assert_eq!(rat_to_f32(&rat), text.parse::<f32>().expect("a decimal"));
    }

    #[test]
    fn printed_decimals_bracket_the_number(value in rationals(), digits in 1usize..40) {
        let [down, nearest, up] = [Round::Down, Round::Nearest, Round::Up]
            .map(|round| to_decimal(&value, digits, round));
        // Beyond the limits of the reader there is nothing to read back.
        prop_assume!(parse_decimal(&down).is_ok() && parse_decimal(&up).is_ok());
        let [d, n, u] = [&down, &nearest, &up].map(|text| parse_decimal(text).expect("a decimal"));
        prop_assert!(d <= value && value <= u);
        prop_assert!(n == d || n == u);
        prop_assert!((&n - &value).abs() <= (&u - &d) / BigInt::from(2));
        if d == u {
            prop_assert_eq!(&down, &up);
        }
    }

    #[test]
    fn exact_text_is_exact(mantissa in any::<i64>(), two in -200i32..50) {
        let value = if two < 0 {
            Rat::new(mantissa.into(), BigInt::one() << two.unsigned_abs())
        } else {
            Rat::from_integer(BigInt::from(mantissa) << two as u32)
        };
        let text = to_exact_decimal(&value).expect("it ends");
        prop_assert_eq!(parse_decimal(&text), Ok(value));
        prop_assert!(text.parse::<serde_json::Number>().is_ok());
    }

    #[test]
    fn the_common_denominator_is_the_least(numbers in proptest::collection::vec(numbers(), 0..12)) {
        let (integers, den) = common_denominator(&numbers);
        prop_assert!(den.is_positive());
        let mut common = den.clone();
        for (number, integer) in numbers.iter().zip(&integers) {
            prop_assert_eq!(number.to_rat(), Rat::new(integer.clone(), den.clone()));
            common = common.gcd(integer);
        }
        prop_assert_eq!(common, BigInt::one());
        let rats: Vec<Rat> = numbers.iter().map(Number::to_rat).collect();
        prop_assert_eq!(common_denominator_of_rats(rats.iter()), (integers, den));
    }

    #[test]
    fn any_text_is_read_or_refused(text in "[-+0-9.eE/naif]{0,20}") {
        let _ = parse_ratio(&text);
        let read = parse_decimal(&text);
        if let (Ok(rat), Ok(float)) = (&read, text.parse::<f64>()) {
            prop_assert_eq!(rat_to_f64(rat), float);
        }
    }
}
