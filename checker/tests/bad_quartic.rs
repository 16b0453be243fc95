//! Every rule of FORMAT.md §5a about quartic leaves, broken once: the checker says which.

#![allow(clippy::unwrap_used, clippy::panic, clippy::arithmetic_side_effects)]

mod support;

use relucert_checker::{CheckError, Limit, Reason, check_reader};
use support::{edited, rejected};

const HAND: &str = include_str!("../../fixtures/proofs/quartic_by_hand.proof");
const PRODUCTS: &str = include_str!("../../fixtures/proofs/quartic_products.proof");
const MIXED: &str = include_str!("../../fixtures/proofs/rows_and_fan.proof");

#[test]
fn each_broken_rule_is_named() {
    use Reason::*;
    const LEAF: &str = "f 1 0 0 0 0 0 50 0 100 0 0 25 25 25 0 0 0";
    const SMALL: &str = "the matrix is not positive semidefinite";
    const COEFFICIENT: &str = "a coefficient of a class is missing";
    const ENTRY: &str = "an entry of the matrix is missing";
    let (second, third) = ("3 6 0 1 63 0 2 6 1 2", "f 3 0 25 0 0 -25 12 0 25 0 0 0 0 0 0 0 28");
    // (proof, old text, new text, reason, line, words of the message)
    let cases: &[(&str, &str, &str, Reason, u64, &str)] = &[
        // Where the leaf stands.
        (HAND, "relucert-proof 2", "relucert-proof 1", Word, 21, "`rows` where `fan`"),
        (HAND, LEAF, &LEAF.replace('f', "F"), RuleTag, 22, "`F` where a split `?` or `h` or a leaf `e` or `f`"),
        (HAND, LEAF, &LEAF.replace('f', "e"), NotPositive, 22, "x of a convex class is 0"),
        (HAND, LEAF, &format!("{LEAF}\n{LEAF}"), Word, 23, "`f` where `fan` or `rows`"),
        (HAND, &format!("{LEAF}\n"), "", RuleTag, 22, "`rows` where a split"),
        (MIXED, "q 0 0\n", "f 1 0 0\n", RuleTag, 24, "`f` where a split `/` or a leaf `q`"),
        (HAND, "hidden-bias none", "hidden-bias undecayed", RowsNotAllowed, 21, "undecayed hidden bias"),
        // U and the coefficients.
        (HAND, LEAF, &LEAF.replace("f 1", "f 0"), NotPositive, 22, "U is 0"),
        (HAND, LEAF, &LEAF.replace("f 1", "f -1"), NotPositive, 22, "U is -1"),
        (HAND, LEAF, &LEAF.replace("f 1", "f 01"), Integer, 22, "U: `01`"),
        (HAND, LEAF, "f", MissingToken, 22, "U is missing"),
        (HAND, LEAF, "f 1", MissingToken, 22, COEFFICIENT),
        (HAND, LEAF, "f 1 0 0 0 0", MissingToken, 22, COEFFICIENT),
        (HAND, LEAF, "f 1 0 0 0 0 0", MissingToken, 22, COEFFICIENT),
        (HAND, LEAF, "f 1 0 0 0 0 0 50 0 100 0", MissingToken, 22, COEFFICIENT),
        (HAND, LEAF, "f 1 0 0 0 0 0 50 0 100 0 0", MissingToken, 22, ENTRY),
        (HAND, LEAF, "f 1 0 0 0 0 0 50 0 100 0 0 25 25 25 0 0", MissingToken, 22, ENTRY),
        (HAND, LEAF, &format!("{LEAF} 0"), NotPositive, 22, "the number of products is 0"),
        (HAND, LEAF, &format!("{LEAF} 1"), MissingToken, 22, "the multiplier of a product is missing"),
        (HAND, LEAF, &format!("{LEAF} "), Spacing, 22, "exactly one space"),
        // A free class below its part on either side, concave and convex.
        (HAND, "f 1 0 0 0 0 0 50", "f 1 -1 0 0 0 0 50", RowsQuartic, 22, "class 0: P is not above κ·W·|t| where t ≥ 0"),
        (
            HAND,
            "f 1 0 0 0 0 0 50",
            "f 1 0 -141 0 0 0 50",
            RowsQuartic,
            22,
            "class 0: P is not above κ·W·|t| where t ≥ 0",
        ),
        (
            HAND,
            "f 1 0 0 0 0 0 50",
            "f 1 0 141 0 0 0 50",
            RowsQuartic,
            22,
            "class 0: P is not above κ·W·|t| where t ≤ 0",
        ),
        (HAND, "f 1 0 0 0 0 0 50", "f 1 0 0 -141 0 0 50", RowsQuartic, 22, "class 0"),
        (HAND, "50 0 100 0 0 25", "49 0 100 0 0 25", RowsQuartic, 22, "class 1: P is not above κ·W·|t| where t ≥ 0"),
        (HAND, "50 0 100 0 0 25", "50 0 97 0 0 25", RowsQuartic, 22, "class 1"),
        (HAND, "50 0 100 0 0 25", "50 2 100 0 0 25", RowsQuartic, 22, "class 1: P is not above κ·W·|t| where t ≤ 0"),
        (HAND, "50 0 100 0 0 25", "50 -2 100 0 0 25", RowsQuartic, 22, "class 1: P is not above κ·W·|t| where t ≥ 0"),
        (HAND, "50 0 100 0 0 25", "50 0 100 -5 0 25", RowsQuartic, 22, "class 1: P is not above κ·W·|t| where t ≥ 0"),
        (HAND, "50 0 100 0 0 25", "50 0 100 5 0 25", RowsQuartic, 22, "class 1: P is not above κ·W·|t| where t ≤ 0"),
        (HAND, "50 0 100 0 0 25", "50 0 100 0 -6 25", RowsQuartic, 22, "class 1"),
        // The matrix: Λ is met exactly, and every number counts.
        (HAND, "dual 1 500", "dual 1 499", Semidefinite, 22, SMALL),
        (HAND, "dual 1 500", "dual 1000000000001 500000000000000", Semidefinite, 22, SMALL),
        (HAND, "f 1 0 0 0 0 0 50", "f 1 1 0 0 0 0 50", Semidefinite, 22, SMALL),
        (HAND, "50 0 100 0 0 25", "51 0 100 0 0 25", Semidefinite, 22, SMALL),
        (HAND, "50 0 100 0 0 25", "50 0 101 0 0 25", Semidefinite, 22, SMALL),
        (HAND, "50 0 100 0 0 25", "50 0 100 0 1 25", Semidefinite, 22, SMALL),
        (HAND, "25 25 25 0 0 0", "24 25 25 0 0 0", Semidefinite, 22, SMALL),
        (HAND, "25 25 25 0 0 0", "26 25 25 0 0 0", Semidefinite, 22, SMALL),
        (HAND, "25 25 25 0 0 0", "25 24 25 0 0 0", Semidefinite, 22, SMALL),
        (HAND, "25 25 25 0 0 0", "25 26 25 0 0 0", Semidefinite, 22, SMALL),
        (HAND, "25 25 25 0 0 0", "25 25 24 0 0 0", Semidefinite, 22, SMALL),
        (HAND, "25 25 25 0 0 0", "25 25 26 0 0 0", Semidefinite, 22, SMALL),
        (HAND, "25 25 25 0 0 0", "25 25 25 1 0 0", Semidefinite, 22, SMALL),
        (HAND, "25 25 25 0 0 0", "25 25 25 0 1 0", Semidefinite, 22, SMALL),
        (HAND, "25 25 25 0 0 0", "25 25 25 0 0 1", Semidefinite, 22, SMALL),
        (HAND, "25 25 25 0 0 0", "25 25 25 0 0 -1", Semidefinite, 22, SMALL),
        (HAND, LEAF, &LEAF.replace("f 1", "f 2"), Semidefinite, 22, SMALL),
        (HAND, "25 -25 25", "25 25 25 ", Spacing, 24, "exactly one space"),
        (HAND, "25 -25 25", "25 -25 24", Semidefinite, 24, SMALL),
        // Products, as in the other leaves.
        (HAND, LEAF, &format!("{LEAF} 1 1 0 1"), ProductClass, 22, "class 0 of a product is not fixed"),
        (PRODUCTS, second, "3 6 0 1 63 0 2 6 1 3", ProductClass, 26, "class 3 of a product is not fixed"),
        (PRODUCTS, second, "3 6 0 1 63 0 2 6 2 1", ProductOrder, 26, "classes 2 and 1"),
        (PRODUCTS, second, "3 6 0 1 63 0 2 6 0 2", ProductOrder, 26, "classes 0 and 2"),
        (PRODUCTS, second, "3 63 0 2 6 0 1 6 1 2", ProductOrder, 26, "classes 0 and 1"),
        (PRODUCTS, second, "3 6 0 1 63 0 2 6 1 1", ProductOrder, 26, "classes 1 and 1"),
        (PRODUCTS, second, "3 0 0 1 63 0 2 6 1 2", NotPositive, 26, "the multiplier of a product is 0"),
        (PRODUCTS, second, "4 6 0 1 63 0 2 6 1 2", MissingToken, 26, "the multiplier of a product is missing"),
        (PRODUCTS, second, "2 6 0 1 63 0 2 6 1 2", ExtraToken, 26, "`6 1 2` is too much"),
        (PRODUCTS, second, "3 60000000000000 0 1 63 0 2 6 1 2", Semidefinite, 26, SMALL),
        // Fixed classes: class 1 with σ = −1, and class 2, which has no weight.
        (
            PRODUCTS,
            third,
            &third.replace("-25 12", "-25 11"),
            RowsQuartic,
            35,
            "class 1: P is not above κ·W·|t| where t ≤ 0",
        ),
        (PRODUCTS, third, &third.replace("0 0 0 0 0 0 0 28", "0 0 -1 0 0 0 0 28"), RowsQuartic, 35, "class 2"),
        (PRODUCTS, third, &third.replace("0 0 0 0 0 0 0 28", "0 0 0 1 0 0 0 28"), RowsQuartic, 35, "class 2"),
    ];
    for (text, old, new, reason, line, words) in cases {
        let (found, at, message) = rejected(&edited(text, old, new));
        assert_eq!((found, at), (*reason, *line), "{old:?} → {new:?}: {message}");
        assert!(message.contains(words), "{old:?} → {new:?}: {message}");
    }
}

/// A proof for one row x = 1 and the activation, with V = `v`, so that L = ±v, W = ±v and Λ = `lambda`·kd; all is on [0, 1].
fn line_proof(activation: &str, v: i128, lambda: i128, plus: &str, minus: &str) -> String {
    // Λ = β·(B/A)·2·kd·DX with β = 1/2.
    let zeros = "0".repeat(200);
    format!(
        "relucert-proof 2\nactivation {activation}\nloss half-sum\ndecay weight-decay 1 2\nhidden-bias none\n\
         output-bias none\ndata 1 1 1 1 1\ns 1 1\nbound -1{zeros} 1\nverdict undecided 0 1\ndual 1 {lambda}\nv {v}\n\
         rows + 1 1 1\n{plus}\nrows - 1 1 1\n{minus}\nend\n"
    )
}

/// A leaf of the sign − that holds.
///
/// P = 0 where W < 0, and the matrix is ((2X, (k1+k2)·v), (…, 2·(Λ − X))). For v = −2 there is 1 + t² ≥ 2·|t|.
fn minus(v: i128, lambda: i128) -> String {
    if v == -2 { "f 1 1 0 1 0 0 1".to_owned() } else { format!("f 1 0 0 0 0 0 {}", lambda / 2) }
}

/// Leaves of the sign +, each with the reason for which it is rejected.
fn assert_cases(activation: &str, v: i128, lambda: i128, cases: &[(&str, Option<Reason>)]) {
    for (plus, reason) in cases {
        match (check_reader(line_proof(activation, v, lambda, plus, &minus(v, lambda)).as_bytes()), reason) {
            (Ok(_), None) => {}
            (Err(error), Some(reason)) => {
                assert_eq!(error.reason(), Some(*reason), "{plus}: {error}");
                assert!(error.line() < Some(14 + plus.lines().count() as u64), "{plus}: {error}");
            }
            (result, _) => panic!("{plus}: {result:?}, not {reason:?}"),
        }
    }
}

#[test]
fn free_classes_are_bounded_on_both_sides() {
    use Reason::*;
    // W = 2: 1 + t² ≥ 2·|t|, which is met at the ends t = ±1. The matrix is ((2X, −2), (−2, 2·(Λ − 2 − X))).
    assert_cases(
        "0 1 1",
        2,
        4,
        &[
            ("f 1 1 0 1 0 0 1", None),
            ("f 1 0 0 1 0 0 1", Some(RowsQuartic)),
            ("f 1 1 0 0 0 0 1", Some(RowsQuartic)),
            ("f 1 1 1 1 0 0 1", Some(RowsQuartic)),
            ("f 1 1 -1 1 0 0 1", Some(RowsQuartic)),
            ("f 1 1 0 1 1 0 1", Some(RowsQuartic)),
            ("f 1 1 0 1 -1 0 1", Some(RowsQuartic)),
            ("f 1 1 0 1 0 -1 1", Some(RowsQuartic)),
            ("f 1 1 0 2 0 -1 1", None), // 1 + 2t² − t⁴ is as good on the circle
            ("f 1 1 0 1 0 1 1", Some(Semidefinite)),
            ("f 1 2 0 1 0 0 1", Some(Semidefinite)),
            ("f 1 1 0 1 0 0 0", Some(Semidefinite)),
            ("f 1 1 0 1 0 0 2", Some(Semidefinite)),
            // In U is the unit of the coefficients and of X.
            ("f 2 1 0 0 0 0 1", Some(Semidefinite)),
            ("f 2 1 0 0 0 0 0", Some(Semidefinite)),
        ],
    );
    assert_cases("0 1 1", 2, 3, &[("f 1 1 0 1 0 0 1", Some(Semidefinite))]);
    // One unit more, and there is room for U = 2: P = 2, ((4X, −2), (−2, 2·(5 − 2 − 2X))).
    assert_cases("0 1 1", 2, 5, &[("f 2 1 0 0 0 0 1", None), ("f 2 0 0 1 0 0 1", Some(RowsQuartic))]);
}

#[test]
fn fixed_classes_are_bounded_on_their_side() {
    use Reason::*;
    let [plus, minus] = ["f 1 0 2 0 0 0 2", "f 1 0 -2 0 0 0 0"];
    let tree = |first: &str, second: &str| format!("? 0\n{first}\n{second}");
    let cases = [
        (tree(plus, minus), None),
        (tree(plus, plus), Some(RowsQuartic)),
        (tree(minus, minus), Some(RowsQuartic)),
        (tree(minus, plus), Some(RowsQuartic)),
        (tree("f 1 0 1 0 0 0 2", minus), Some(RowsQuartic)),
        (tree(plus, "f 1 0 -1 0 0 0 0"), Some(RowsQuartic)),
        (tree("f 1 -1 3 0 0 0 2", minus), Some(RowsQuartic)),
        (tree(plus, "f 1 -1 -3 0 0 0 0"), Some(RowsQuartic)),
        (tree(plus, "f 1 0 -3 0 0 0 1"), None),
        (tree("f 1 0 3 0 0 0 2", minus), Some(Semidefinite)),
        (tree("f 1 0 1 0 1 0 2", minus), Some(RowsQuartic)),
        // t³ has the sign of t.
        (tree("f 1 1 0 0 1 0 2", "f 1 0 -3 0 1 0 1"), Some(RowsQuartic)),
        (tree(plus, "f 1 0 -3 0 1 0 1"), None),
        (tree(plus, "f 1 0 -2 0 1 0 0"), Some(RowsQuartic)),
        (tree(plus, "f 1 0 -1 0 -1 0 0"), Some(RowsQuartic)),
        (tree("f 1 0 2 0 0 0 1", minus), Some(Semidefinite)),
    ];
    for (text, reason) in &cases {
        assert_cases("0 1 1", 2, 4, &[(text, *reason)]);
    }
    // The same with W < 0: the sign − of V = −2 is the sign + of V = 2.
    for (text, reason) in &cases {
        let both = line_proof("0 1 1", -2, 4, "f 1 0 0 0 0 0 2", text);
        assert_eq!(check_reader(both.as_bytes()).err().and_then(|error| error.reason()), *reason, "{text}");
    }
    // W < 0 and fixed: P may be −2·|t|, and no less. On u ≥ 0 H is −4u, and on u ≤ 0 it is 0.
    for (text, reason) in [
        (tree("f 1 0 -2 0 0 0 2", "f 1 0 2 0 0 0 0"), None),
        (tree("f 1 0 -3 0 0 0 2", "f 1 0 2 0 0 0 0"), Some(RowsQuartic)),
        (tree("f 1 0 -2 0 0 0 2", "f 1 0 3 0 0 0 0"), Some(RowsQuartic)),
        (tree("f 1 0 0 -2 0 0 2", "f 1 0 2 0 0 0 0"), None),
        (tree("f 1 0 0 -3 0 0 2", "f 1 0 2 0 0 0 0"), Some(RowsQuartic)),
    ] {
        assert_cases("0 1 1", -2, 4, &[(&text, reason)]);
    }
}

#[test]
fn a_class_without_weight_has_numbers_where_it_is_fixed() {
    use Reason::*;
    // Two samples whose V cancel: H = 0.
    let text = |leaves: &str| {
        line_proof("0 1 1", 2, 4, leaves, "f 1 0")
            .replace("data 1 1 1 1 1\ns 1 1\n", "data 2 2 1 1 1\ns 1 1\ns 1 1\n")
            .replace("v 2\n", "v 2\nv -2\n")
    };
    for (leaves, reason) in [
        ("f 1 0", None),
        ("f 1 4", None), // ((8, 0), (0, 2·(4 − 4)))
        ("f 1 5", Some(Semidefinite)),
        ("f 1 -1", Some(Semidefinite)),
        ("f 1", Some(MissingToken)),
        ("f 1 0 0 0 0 0 0", Some(NotPositive)),
        ("? 0\nf 1 0 0 0 0 0 0\nf 1 0 0 0 0 0 0", None),
        ("? 0\nf 1 0\nf 1 0 0 0 0 0 0", Some(MissingToken)),
        ("? 0\nf 1 0 1 0 0 0 1\nf 1 0 -1 0 0 0 1", None),
        ("? 0\nf 1 0 -1 0 0 0 1\nf 1 0 -1 0 0 0 1", Some(RowsQuartic)),
        ("? 0\nf 1 0 1 0 0 0 1\nf 1 0 1 0 0 0 1", Some(RowsQuartic)),
        ("? 0\nf 1 -1 1 0 0 0 1\nf 1 0 -1 0 0 0 1", Some(RowsQuartic)),
    ] {
        assert_eq!(check_reader(text(leaves).as_bytes()).err().and_then(|error| error.reason()), reason, "{leaves}");
    }
}

#[test]
fn what_lies_between_the_ends_is_seen() {
    use Reason::*;
    // W = 20: 5 + 20t² − 20t = 5·(2t − 1)² touches 0 in the middle, where the interval is halved. Less dips below 0, with
    // positive values at both ends.
    assert_cases(
        "0 1 1",
        20,
        45,
        &[
            ("f 1 5 0 20 0 0 10", None),
            ("f 1 4 0 20 0 0 10", Some(RowsQuartic)),
            ("f 1 5 0 19 0 0 10", Some(RowsQuartic)),
        ],
    );
    // W = 6k: k·(1 + 9t²) − 6k·t = k·(3t − 1)² touches 0 at 1/3. No halving finds that; above it, 40 are enough unless k is huge.
    let with = |power: u32, more: i128| {
        let k = 1i128 << power;
        let lambda = 20 * k;
        check_reader(
            line_proof(
                "0 1 1",
                6 * k,
                lambda,
                &format!("f 1 {} 0 {} 0 0 {}", k + more, 9 * k, 4 * k),
                &minus(6 * k, lambda),
            )
            .as_bytes(),
        )
        .err()
        .and_then(|error| error.reason())
    };
    assert_eq!(with(10, 0), Some(RowsQuartic));
    assert_eq!(with(10, 1), None);
    assert_eq!(with(60, 0), Some(RowsQuartic));
    assert_eq!(with(60, 1), None);
    assert_eq!(with(60, -1), Some(RowsQuartic));
    assert_eq!(with(90, 1), Some(RowsQuartic));
    assert_eq!(with(90, 1 << 20), None);
}

#[test]
fn every_activation_has_its_part() {
    use Reason::*;
    // κ = 0: nothing is bent, H = 2·V·u. The matrix is ((2X, −4), (−4, 2·(Λ − X))).
    assert_cases(
        "1 1 1",
        2,
        4,
        &[
            ("f 1 0 0 0 0 0 2", None),
            ("f 1 0 0 0 0 0 1", Some(Semidefinite)),
            ("f 1 1 0 0 0 0 2", Some(Semidefinite)),
            ("f 1 -1 0 0 0 0 2", Some(RowsQuartic)),
            ("f 1 0 1 0 0 0 2", Some(RowsQuartic)),
        ],
    );
    // |t|: κ = 2, H = 2·V·|u|: P ≥ 4·|t|.
    assert_cases(
        "-1 1 1",
        2,
        4,
        &[
            ("f 1 4 0 0 0 0 0", None),
            ("f 1 2 0 2 0 0 0", None),
            ("f 1 3 0 0 0 0 0", Some(RowsQuartic)),
            ("f 1 2 0 1 0 0 0", Some(RowsQuartic)),
            ("f 1 4 0 0 0 0 1", Some(Semidefinite)),
        ],
    );
    // Slopes 1/2 and 1: κ = 1/2·2, kd = 2, k1 + k2 = 3: H = 3·2·u + 2·|u|, and Λ = 2·B·kd·β.
    assert_cases(
        "1 2 2",
        2,
        4,
        &[
            ("f 1 1 0 1 0 0 3", None),
            ("f 1 1 0 1 0 0 2", Some(Semidefinite)),
            ("f 1 0 0 1 0 0 3", Some(RowsQuartic)),
            ("? 0\nf 1 0 2 0 0 0 4\nf 1 0 -2 0 0 0 4", None),
            ("? 0\nf 1 0 2 0 0 0 4\nf 1 0 -1 0 0 0 4", Some(RowsQuartic)),
        ],
    );
}

#[test]
fn lengths_count_where_they_are_no_powers_of_two() {
    // The leaf by hand with other T: h = ⌈T·√2⌉, and 2^ε·T ≥ h has ε = 1 for all of them, so that the leaf is the same on a
    // part of it. For T = 1 the interval ends at t = 2, for T = 1000 at 1.415; 50 + 100x² − 140x is lowest at x = 0.7.
    for t in [1, 2, 3, 5, 7, 1000, 1024, 1_099_511_627_776_i64] {
        let text = HAND.replace("rows + 1 1 1", &format!("rows + 1 {t} 1"));
        assert!(check_reader(text.as_bytes()).is_ok(), "{t}");
        // 49 touches 0 at x = 7/10, which for T = 5 is 7/8 of the interval: three halvings find it, and for the others none.
        let touching = edited(&text, "50 0 100 0 0 25", "49 0 100 0 0 25");
        assert_eq!(check_reader(touching.as_bytes()).is_ok(), t == 5, "{t}");
        assert_eq!(rejected(&edited(&text, "50 0 100 0 0 25", "48 0 100 0 0 25")).0, Reason::RowsQuartic, "{t}");
    }
    // At t = 2 (x = 1) the polynomial 60 + 100x² − 21x⁴ is 139, less than 140; for t ≤ 3/2 (x ≤ 3/4) it is not too low.
    for (t, reason) in [(1, Reason::RowsQuartic), (2, Reason::Semidefinite), (1000, Reason::Semidefinite)] {
        let text = HAND.replace("rows + 1 1 1", &format!("rows + 1 {t} 1"));
        let text = edited(&text, "50 0 100 0 0 25", "60 0 100 0 -21 25");
        assert_eq!(rejected(&text).0, reason, "{t}");
    }
}

#[test]
fn large_numbers_are_decided_as_small_ones() {
    // V, a and X times a power of two, B too: every size of number.
    for power in [0usize, 1, 20, 40, 62, 63, 64, 65, 100, 126, 127, 128, 500, 5000] {
        let times = |x: i64| dashu_int::IBig::from(x) << power;
        let words = |list: &[i64]| list.iter().map(|&x| times(x).to_string()).collect::<Vec<_>>().join(" ");
        let with = |b: &dashu_int::IBig, first: i64| {
            let text = HAND.replace("dual 1 500", &format!("dual 1 {b}"));
            let text = text
                .replace("v -35\n", &format!("v {}\n", times(-35)))
                .replace("v 35\n", &format!("v {}\n", times(35)));
            let text = text.replace(
                "0 0 0 0 0 50 0 100 0 0 25 25 25 0 0 0",
                &words(&[0, 0, 0, 0, 0, first, 0, 100, 0, 0, 25, 25, 25, 0, 0, 0]),
            );
            text.replace(
                "50 0 100 0 0 0 0 0 0 0 25 -25 25 0 0 0",
                &words(&[50, 0, 100, 0, 0, 0, 0, 0, 0, 0, 25, -25, 25, 0, 0, 0]),
            )
        };
        assert!(check_reader(with(&times(500), 50).as_bytes()).is_ok(), "{power}");
        let less = times(500) - dashu_int::IBig::ONE;
        assert_eq!(rejected(&with(&less, 50)).0, Reason::Semidefinite, "{power}");
        assert_eq!(rejected(&with(&times(500), 49)).0, Reason::RowsQuartic, "{power}");
    }
}

#[test]
fn a_matrix_that_is_too_large_is_not_made() {
    // K = 2015 and 2079: K³ is 8,181,353,375 and 8,985,746,439, on either side of 2^33.
    let text = |d: usize, leaf: &str| {
        let row = |x: i64| format!("s 1 {x}{}\n", " 1".repeat(d - 1));
        format!(
            "relucert-proof 2\nactivation 0 1 1\nloss half-sum\ndecay weight-decay 1 1\nhidden-bias none\noutput-bias none\n\
             data 1 1 {d} 1 1\n{}bound -1000 1\nverdict undecided 0 1\ndual 1 1\nv 1\nrows + 1 1 1\n{leaf}\n",
            row(1)
        )
    };
    assert_eq!(rejected(&text(62, "f")).0, Reason::MissingToken);
    match check_reader(text(63, "f").as_bytes()) {
        Err(CheckError::Limit { limit, line, .. }) => assert_eq!((limit, line), (Limit::MatrixBits, 14)),
        other => panic!("{other:?}"),
    }
    // One entry that is too long ends it where it is read.
    match check_reader(text(62, "f 1 8 0 0 0 0 0 0 0 1 0 0").as_bytes()) {
        Err(CheckError::Limit { limit, line, .. }) => assert_eq!((limit, line), (Limit::MatrixBits, 14)),
        other => panic!("{other:?}"),
    }
}

#[test]
fn every_line_has_one_spelling() {
    for text in [HAND, PRODUCTS] {
        let lines: Vec<&str> = text.lines().collect();
        for (at, line) in lines.iter().enumerate().filter(|(_, line)| line.starts_with("f ")) {
            let with = |new: String| {
                let mut changed: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
                changed[at] = new;
                changed.iter().map(|line| format!("{line}\n")).collect::<String>()
            };
            for wrong in
                [format!("{line} "), format!(" {line}"), format!("{line}\t"), format!("{line}\r"), format!("{line} x")]
            {
                rejected(&with(wrong));
            }
            let tokens: Vec<&str> = line.split(' ').collect();
            rejected(&with(tokens[..tokens.len() - 1].join(" ")));
            for place in 1..tokens.len() {
                let token = tokens[place];
                for wrong in [
                    format!("+{token}"),
                    format!("0{token}"),
                    format!("{token}.0"),
                    format!("{token}e0"),
                    "-0".to_owned(),
                ] {
                    let mut changed = tokens.clone();
                    changed[place] = &wrong;
                    assert_eq!(rejected(&with(changed.join(" "))).0, Reason::Integer, "{wrong}");
                }
            }
        }
    }
}
