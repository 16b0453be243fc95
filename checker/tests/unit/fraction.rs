#![allow(clippy::arithmetic_side_effects, clippy::unwrap_used)]

use super::*;

#[test]
fn decimals_bound_the_number_from_the_side_that_is_asked_for() {
    let table = [
        (0, 7, "0", "0"),
        (1, 2, "0.5", "0.5"),
        (-1, 2, "-0.5", "-0.5"),
        (200, 2, "100", "100"),
        (1, 3, "0.333333333333333333333333333333", "0.333333333333333333333333333334"),
        (-1, 3, "-0.333333333333333333333333333334", "-0.333333333333333333333333333333"),
        (2, 3, "0.666666666666666666666666666666", "0.666666666666666666666666666667"),
        (-7, 6, "-1.166666666666666666666666666667", "-1.166666666666666666666666666666"),
        (1_000_000, 3, "333333.333333333333333333333333333333", "333333.333333333333333333333333333334"),
    ];
    for (p, q, down, up) in table {
        let x = Fraction { numerator: Int::Small(p), denominator: Int::Small(q) };
        assert_eq!(x.to_decimal(Rounding::Down), down);
        assert_eq!(x.to_decimal(Rounding::Up), up);
    }
    let tiny = Fraction { numerator: Int::ONE, denominator: Int::from(IBig::from(10).pow(40)) };
    assert_eq!(tiny.to_decimal(Rounding::Down), "0");
    assert_eq!(tiny.to_decimal(Rounding::Up), "0.000000000000000000000000000001");
}

#[test]
fn fractions_compare_by_value_and_print_in_lowest_terms() {
    let x = |p, q| Fraction { numerator: Int::Small(p), denominator: Int::Small(q) };
    assert_eq!(x(2, 4), x(3, 6).times(&x(1, 1)).plus(&x(0, 5)));
    assert!(x(1, 3) < x(34, 100) && x(-1, 2) < x(-1, 3));
    assert_eq!(
        (x(6, 4).to_string(), x(-6, 3).to_string(), x(0, 9).to_string()),
        ("3/2".into(), "-2".into(), "0".into())
    );
    assert_eq!(x(1, 2).minus(&x(1, 3)), x(1, 6));
}
