#![allow(clippy::arithmetic_side_effects, clippy::unwrap_used)]

use super::*;

fn exact(mantissa: i64, two: i64, five: i64) -> Exact {
    Exact::new(IBig::from(mantissa), two, five)
}

#[test]
fn decimals_are_read_as_each_grammar_has_them() {
    // Text, its value, and whether JSON has it too.
    let right = [
        ("0", exact(0, 0, 0), true),
        ("-0", exact(0, 0, 0), true),
        ("10", exact(10, 0, 0), true),
        ("-7", exact(-7, 0, 0), true),
        ("0.5", exact(1, -1, 0), true),
        ("12.50", exact(25, -1, 0), true),
        ("0.001", exact(1, -3, -3), true),
        ("3e2", exact(300, 0, 0), true),
        ("3E+2", exact(300, 0, 0), true),
        ("3e-2", exact(3, -2, -2), true),
        ("1.5e1", exact(15, 0, 0), true),
        ("+7", exact(7, 0, 0), false),
        ("07", exact(7, 0, 0), false),
        ("00", exact(0, 0, 0), false),
        (".5", exact(1, -1, 0), false),
        ("5.", exact(5, 0, 0), false),
        (" 5\t", exact(5, 0, 0), false),
    ];
    for (text, value, is_json) in right {
        assert_eq!(Exact::parse(text.as_bytes(), Grammar::Free), Ok(value.clone()), "{text}");
        assert_eq!(Exact::parse(text.as_bytes(), Grammar::Json).ok(), is_json.then_some(value), "{text}");
    }
    for text in ["", "-", "+", ".", "-.", "e1", ".e1", "1e", "1e-", "1e1.0", "--1", "+-1", "1 2", "0x1", "1f", "nan"] {
        for grammar in [Grammar::Free, Grammar::Json] {
            let error = Exact::parse(text.as_bytes(), grammar).unwrap_err();
            assert!(error.ends_with("is not a number"), "{text}: {error}");
        }
    }
}

#[test]
fn decimals_are_as_long_as_the_limits() {
    let free = |text: &str| Exact::parse(text.as_bytes(), Grammar::Free);
    assert_eq!(free(&format!("00{}", "9".repeat(400))).unwrap().mantissa.to_string(), "9".repeat(400));
    assert!(free(&"9".repeat(401)).unwrap_err().contains("more than 400 digits"));
    assert_eq!(free(&format!("0.{}1", "0".repeat(999))), Ok(exact(1, -1000, -1000)));
    assert!(free(&format!("0.{}1", "0".repeat(1000))).unwrap_err().contains("1000 decimals"));
    assert_eq!(free("1e400"), Ok(exact(1, 400, 400)));
    assert_eq!(free("1e-400"), Ok(exact(1, -400, -400)));
    for text in ["1e401", "1e-401", "1e99999999999999999999"] {
        assert!(free(text).unwrap_err().ends_with("the exponent is greater than 400"), "{text}");
    }
}

#[test]
fn bits_are_read_as_each_type_has_them() {
    let cases = [
        (Float::F16, 0x3c00, Some(exact(1, 0, 0))),
        (Float::F16, 0xc000, Some(exact(-2, 0, 0))),
        (Float::F16, 0x3555, Some(exact(1365, -12, 0))),
        (Float::F16, 0x0001, Some(exact(1, -24, 0))),
        (Float::F16, 0x83ff, Some(exact(-1023, -24, 0))),
        (Float::F16, 0x0400, Some(exact(1, -14, 0))),
        (Float::F16, 0x7bff, Some(exact(65504, 0, 0))),
        (Float::F16, 0x7c00, None),
        (Float::F16, 0xfc01, None),
        (Float::Bf16, 0x3f80, Some(exact(1, 0, 0))),
        (Float::Bf16, 0xc049, Some(exact(-201, -6, 0))),
        (Float::Bf16, 0x0001, Some(exact(1, -133, 0))),
        (Float::Bf16, 0x7f80, None),
        (Float::F32, 0x3dcc_cccd, Some(exact(13_421_773, -27, 0))),
        (Float::F32, 0x8000_0000, Some(exact(0, 0, 0))),
        (Float::F32, 0x0000_0001, Some(exact(1, -149, 0))),
        (Float::F32, 0x7f7f_ffff, Some(exact(0xff_ffff, 104, 0))),
        (Float::F32, 0xff80_0000, None),
        (Float::F64, 0x3fb9_9999_9999_999a, Some(exact(3_602_879_701_896_397, -55, 0))),
        (Float::F64, 0xbff0_0000_0000_0000, Some(exact(-1, 0, 0))),
        (Float::F64, 0x0000_0000_0000_0001, Some(exact(1, -1074, 0))),
        (Float::F64, 0x8010_0000_0000_0000, Some(exact(-1, -1022, 0))),
        (Float::F64, 0x7ff0_0000_0000_0000, None),
        (Float::F64, 0x7ff8_0000_0000_0000, None),
    ];
    for (float, bits, value) in cases {
        assert_eq!(Exact::from_bits(bits, float), value, "{float:?} {bits:x}");
    }
}

#[test]
fn numbers_are_scaled_to_integers_and_fractions() {
    let x = exact(3, -2, -1);
    assert_eq!(x.denominator(), (2, 1));
    assert_eq!(x.scaled(2, 1), Int::Small(3));
    assert_eq!(x.scaled(5, 3), Int::Small(3 * 8 * 25));
    assert_eq!(x.fraction().to_string(), "3/20");
    let x = exact(-3, 2, 1);
    assert_eq!(x.denominator(), (0, 0));
    assert_eq!(x.scaled(0, 0), Int::Small(-60));
    assert_eq!(x.fraction().to_string(), "-60");
    for (text, value) in [("1.5/0.5", "3"), ("2/6", "1/3"), ("-1/4", "-1/4"), ("0.25", "1/4"), ("0/3", "0")] {
        assert_eq!(parse_fraction(text).unwrap().to_string(), value);
    }
    for text in ["1/0", "1/-2", "1/", "/1", "1/2/3", "x"] {
        assert!(parse_fraction(text).is_err(), "{text}");
    }
}
