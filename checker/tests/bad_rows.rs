//! Every rule of FORMAT.md §5a, broken once: the checker says which.

#![allow(clippy::unwrap_used, clippy::panic, clippy::arithmetic_side_effects)]

mod support;

use relucert_checker::{CheckError, Limit, Reason, check_reader};
use support::{edited, rejected};

const XOR: &str = include_str!("../../fixtures/proofs/xor_rows_by_hand.proof");
const MIXED: &str = include_str!("../../fixtures/proofs/rows_and_fan.proof");
const PRODUCTS: &str = include_str!("../../fixtures/proofs/rows_products.proof");

#[test]
fn each_broken_rule_is_named() {
    use Reason::*;
    const SMALL: &str = "leaf: the matrix is not positive semidefinite";
    // The last leaf of MIXED, on the side p_1·u ≤ 0.
    const LAST: &str = "e 20 5 2 0\nend";
    // (proof, old text, new text, reason, line, words of the message)
    let cases: &[(&str, &str, &str, Reason, u64, &str)] = &[
        // The version.
        (XOR, "relucert-proof 2", "relucert-proof 1", Word, 21, "`rows` where `fan` is expected"),
        (XOR, "relucert-proof 2", "relucert-proof 3", Word, 1, "`3` where `1` or `2`"),
        (XOR, "relucert-proof 2", "relucert-proof 02", Word, 1, "`02`"),
        (XOR, "relucert-proof 2", "relucert-proof 1 2", ExtraToken, 1, "`2` is too much"),
        (MIXED, "relucert-proof 2", "relucert-proof 1", Word, 28, "`rows` where `fan` is expected"),
        // The first line.
        (XOR, "rows + 7 5 1", "row + 7 5 1", Word, 21, "`row` where `fan` or `rows`"),
        (XOR, "rows + 7 5 1", "rows - 7 5 1", Word, 21, "`-` where `+`"),
        (XOR, "rows - 7 5 1", "rows + 7 5 1", Word, 23, "`+` where `-`"),
        (XOR, "rows + 7 5 1", "rows 7 5 1", Word, 21, "`7` where `+`"),
        (XOR, "rows + 7 5 1", "rows + 0 5 1", NotPositive, 21, "Q is 0"),
        (XOR, "rows + 7 5 1", "rows + 7 0 1", NotPositive, 21, "T is 0"),
        (XOR, "rows + 7 5 1", "rows + 7 5 0", NotPositive, 21, "G is 0"),
        (XOR, "rows + 7 5 1", "rows + -7 5 1", NotPositive, 21, "Q is -7"),
        (XOR, "rows + 7 5 1", "rows + 7 5 -1", NotPositive, 21, "G is -1"),
        (XOR, "rows + 7 5 1", "rows + 7 5", MissingToken, 21, "G is missing"),
        (XOR, "rows + 7 5 1", "rows + 7 5 1 1", ExtraToken, 21, "`1` is too much"),
        (XOR, "rows + 7 5 1", "rows + 7 5 1.0", Integer, 21, "G: `1.0`"),
        (PRODUCTS, "hidden-bias decayed", "hidden-bias undecayed", Objective, 15, "objective"),
        // The tree.
        (XOR, "e 20 0 0 5", "q 0 0", RuleTag, 22, "`q` where a split `?` or `h` or a leaf `e`"),
        (XOR, "e 20 0 0 5", "/ 0 1 1 1", RuleTag, 22, "`/` where a split `?`"),
        (XOR, "e 20 0 0 5", "E 20 0 5", RuleTag, 22, "`E`"),
        (XOR, "e 20 0 0 5\n", "", RuleTag, 22, "`rows` where a split `?` or `h` or a leaf `e`"),
        (XOR, "e 20 5 0 0\n", "", RuleTag, 24, "`end` where a split `?` or `h` or a leaf `e`"),
        (XOR, "e 20 0 0 5", "e 20 0 0 5\ne 20 0 0 5", Word, 23, "`e` where `fan` or `rows`"),
        (XOR, "e 20 5 0 0", "e 20 5 0 0\ne 20 5 0 0", Word, 25, "`e` where `end`"),
        (XOR, "rows - 7 5 1\ne 20 5 0 0\n", "", Word, 23, "`end` where `fan` or `rows`"),
        (MIXED, "q 0 0\n", "e 20 0 0 5\n", RuleTag, 24, "`e` where a split `/` or a leaf `q`"),
        (MIXED, "/ 0 1 1 1", "? 0", RuleTag, 25, "`?` where a split `/` or a leaf `q`"),
        (MIXED, LAST, "end", RuleTag, 31, "`end` where a split `?`"),
        (MIXED, LAST, "e 20 5 2 0\ne 20 5 2 0\nend", Word, 32, "`e` where `end`"),
        // Splits.
        (MIXED, "? 1", "? 2", RowsClass, 29, "there is no class 2, only 2"),
        (MIXED, "? 1", "? 99999999999999999999999", RowsClass, 29, "there is no class"),
        (MIXED, "? 1", "? -1", Negative, 29, "is -1, less than 0"),
        (MIXED, "? 1", "?", MissingToken, 29, "the class of a split is missing"),
        (MIXED, "? 1", "? 1 0", ExtraToken, 29, "`0` is too much"),
        (MIXED, "? 1", "? 1\n? 1", RowsFixed, 30, "class 1 is already fixed"),
        (PRODUCTS, "? 2", "? 1", RowsFixed, 27, "class 1 is already fixed"),
        // On the other sides of the first splits, class 2 is free again, but class 1 is not.
        (PRODUCTS, "e 489255 0 0 0 0 167 0 0", "? 1", RowsFixed, 38, "class 1 is already fixed"),
        // Leaves: the numbers of the classes.
        (MIXED, LAST, "e 20 5 -1 0\nend", Negative, 31, "x of a fixed class is -1"),
        (MIXED, LAST, "e 20 5 2 -1\nend", Negative, 31, "y of a fixed class is -1"),
        (MIXED, LAST, "e 20 5 2 9\nend", RowsMultiplier, 31, "fixed class 1: x·Q·T is less than y·G·h"),
        (MIXED, LAST, "e 20 5 0 1\nend", RowsMultiplier, 31, "fixed class 1"),
        (PRODUCTS, "12 909", "12 910", RowsMultiplier, 35, "fixed class 3"),
        (XOR, "e 20 0 0 5", "e 20 2 0 5", RowsSlope, 22, "concave class 0: |x|·Q·T + y·G·h is more than Q·G·T"),
        (XOR, "e 20 0 0 5", "e 20 -2 0 5", RowsSlope, 22, "concave class 0"),
        (XOR, "e 20 0 0 5", "e 20 0 5 5", RowsSlope, 22, "concave class 0"),
        (XOR, "e 20 0 0 5", "e 20 1 1 5", RowsSlope, 22, "concave class 0"),
        (XOR, "e 20 0 0 5", "e 20 -1 1 5", RowsSlope, 22, "concave class 0"),
        (XOR, "e 20 0 0 5", "e 20 0 -1 5", Negative, 22, "y of a concave class is -1"),
        (PRODUCTS, "e 804295 -955 1", "e 804295 -955 6", RowsSlope, 24, "concave class 1"),
        (XOR, "e 20 0 0 5", "e 20 0 0 0", NotPositive, 22, "x of a convex class is 0"),
        (XOR, "e 20 0 0 5", "e 20 0 0 -5", NotPositive, 22, "x of a convex class is -5"),
        (XOR, "e 20 0 0 5", "e 20 0 0", MissingToken, 22, "x of a convex class is missing"),
        (XOR, "e 20 0 0 5", "e 20 0", MissingToken, 22, "y of a concave class is missing"),
        (XOR, "e 20 0 0 5", "e 20", MissingToken, 22, "x of a concave class is missing"),
        (XOR, "e 20 0 0 5", "e", MissingToken, 22, "M is missing"),
        (XOR, "e 20 0 0 5", "e 20 0 0 5 ", Spacing, 22, "exactly one space"),
        (XOR, "e 20 0 0 5", "e 20 0 0 05", Integer, 22, "`05`"),
        (XOR, "e 20 0 0 5", "e 20 5 0 0", RowsSlope, 22, "concave class 0"),
        (PRODUCTS, "-955 1 -483 0", "-955 1 -483", MissingToken, 24, "y of a concave class is missing"),
        (PRODUCTS, "-955 1 -483 0", "-955 1 -483 0 0", NotPositive, 24, "the number of products is 0"),
        (
            PRODUCTS,
            "e 489255 0 0 0 0 167 0 0",
            "e 489255 0 0 0 0 167 0",
            MissingToken,
            38,
            "y of a fixed class is missing",
        ),
        (
            PRODUCTS,
            "e 489255 0 0 0 0 167 0 0",
            "e 489255 0 0 0 0 167",
            MissingToken,
            38,
            "x of a fixed class is missing",
        ),
        // Products.
        (XOR, "e 20 0 0 5", "e 20 0 0 5 0", NotPositive, 22, "the number of products is 0"),
        (XOR, "e 20 0 0 5", "e 20 0 0 5 -1", Negative, 22, "the number of products is -1"),
        (XOR, "e 20 0 0 5", "e 20 0 0 5 1", MissingToken, 22, "the multiplier of a product is missing"),
        (XOR, "e 20 0 0 5", "e 20 0 0 5 1 1 0 1", ProductClass, 22, "class 0 of a product is not fixed"),
        (MIXED, LAST, "e 20 5 2 0 1 1 0 1\nend", ProductClass, 31, "class 0 of a product is not fixed"),
        (MIXED, LAST, "e 20 5 2 0 1 1 1 2\nend", ProductClass, 31, "class 2 of a product is not fixed"),
        (MIXED, LAST, "e 20 5 2 0 1 1 1 1\nend", ProductOrder, 31, "not in ascending order at classes 1 and 1"),
        (PRODUCTS, "1 15 1 3", "1 0 1 3", NotPositive, 31, "the multiplier of a product is 0"),
        (PRODUCTS, "1 15 1 3", "1 -15 1 3", NotPositive, 31, "the multiplier of a product is -15"),
        (PRODUCTS, "1 15 1 3", "1 15 1 0", ProductClass, 31, "class 0 of a product is not fixed"),
        (PRODUCTS, "1 15 1 3", "1 15 3 1", ProductOrder, 31, "not in ascending order at classes 3 and 1"),
        (PRODUCTS, "1 15 1 3", "1 15 1", MissingToken, 31, "a class of a product is missing"),
        (PRODUCTS, "1 15 1 3", "2 15 1 3", MissingToken, 31, "the multiplier of a product is missing"),
        (
            PRODUCTS,
            "1 15 1 3",
            "99999999999999999999999 15 1 3",
            MissingToken,
            31,
            "the multiplier of a product is missing",
        ),
        (PRODUCTS, "1 15 1 3", "1 15 1 3 1 1 3", ExtraToken, 31, "`1 1 3` is too much"),
        (PRODUCTS, "1 15 1 3", "2 7 1 3 8 1 3", ProductOrder, 31, "not in ascending order at classes 1 and 3"),
        (PRODUCTS, "2 63 1 3 43 2 3", "2 43 2 3 63 1 3", ProductOrder, 30, "not in ascending order at classes 1 and 3"),
        // The matrix.
        (XOR, "e 20 0 0 5", "e 19 0 0 5", Semidefinite, 22, SMALL),
        (XOR, "e 20 0 0 5", "e 21 0 0 5", Semidefinite, 22, SMALL),
        (XOR, "e 20 0 0 5", "e -20 0 0 5", Semidefinite, 22, SMALL),
        (XOR, "e 20 0 0 5", "e 20 1 0 5", Semidefinite, 22, SMALL),
        (XOR, "e 20 0 0 5", "e 20 0 0 4", Semidefinite, 22, SMALL),
        (XOR, "e 20 0 0 5", "e 20 0 0 6", Semidefinite, 22, SMALL),
        (XOR, "rows + 7 5 1", "rows + 7 4 1", Semidefinite, 22, SMALL),
        (XOR, "rows + 7 5 1", "rows + 6 5 1", Semidefinite, 22, SMALL),
        (XOR, "dual 7 100", "dual 71 1000", Semidefinite, 22, SMALL),
        (MIXED, LAST, "e 20 5 1 0\nend", Semidefinite, 31, SMALL),
        (MIXED, LAST, "e 20 5 3 0\nend", Semidefinite, 31, SMALL),
        (MIXED, "? 1", "? 0", MissingToken, 30, "y of a concave class is missing"),
        (PRODUCTS, "1 15 1 3", "1 1500000 1 3", Semidefinite, 31, SMALL),
        (PRODUCTS, "e 804295 -955 1", "e 8042 -955 1", Semidefinite, 24, SMALL),
        (PRODUCTS, "dual 1000003 136200374", "dual 1000003 136200373", Bound, 22, "above the value"),
    ];
    for (text, old, new, reason, line, words) in cases {
        let (found, at, message) = rejected(&edited(text, old, new));
        assert_eq!((found, at), (*reason, *line), "{old:?} -> {new:?}: {message}");
        assert!(message.contains(words), "{old:?} -> {new:?}: {message}");
    }
}

#[test]
fn an_undecayed_hidden_bias_and_too_many_columns_are_refused() {
    let head = |hidden: &str, d: usize| {
        format!(
            "relucert-proof 2\nactivation 0 1 1\nloss half-sum\ndecay weight-decay 2 1\nhidden-bias {hidden}\n\
             output-bias none\ndata 1 1 {d} 1 1\ns 1 1{}\nbound 0 1\nverdict undecided 0 1\ndual 1 1000\nv 1\n",
            " 0".repeat(d - 1)
        )
    };
    // W = ±1: for + the curvature is 1, and for − the slope; H ≤ 2·max(u_1, 0), Λ = 4000.
    let trees = "rows + 1 1 1\ne 9 1\nrows - 1 1 1\ne 9 -1 0\nend\n";
    for (hidden, d) in [("none", 1), ("none", 256), ("decayed", 1), ("decayed", 255)] {
        let theorem = check_reader((head(hidden, d) + trees).as_bytes()).unwrap();
        assert_eq!(theorem.counts.leaves, 2);
    }
    let (reason, line, text) = rejected(&(head("undecayed", 1) + trees));
    assert_eq!((reason, line), (Reason::RowsNotAllowed, 13), "{text}");
    assert!(text.contains("not allowed with an undecayed hidden bias"), "{text}");
    for (hidden, d) in [("none", 257), ("decayed", 256)] {
        match check_reader((head(hidden, d) + trees).as_bytes()) {
            Err(CheckError::Limit { limit, line: 13, .. }) => assert_eq!(limit, Limit::RowsColumns),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn parabolas_are_as_steep_as_they_may_be() {
    // Q = 7, T = 5, G = 1, and h = ⌈5·√2⌉ = 8: 0·35 + 4·8 ≤ 35 for a concave class, and 2·35 ≥ 8·8 for a fixed one.
    for (text, old, new) in [(XOR, "e 20 0 0 5", "e 20 0 4 5"), (MIXED, "e 20 5 2 0\nend", "e 20 5 2 8\nend")] {
        assert!(check_reader(edited(text, old, new).as_bytes()).is_ok(), "{new}");
    }
    // They are needed: one sample, ReLU, r = 1, W = −1 for the sign −, where H(u) = −u − |u| ≤ 0. With G = 2, Q = T = 1 and
    // h = 1 there is room for the slope −1/2 and nothing else, or for |u| ≥ u²: then S = −2, b = −2, and M = −1 and
    // h = ⌊8·Λ⌋ + 4 do for 1·h ≥ 4, which needs no Λ.
    let text = |leaf: &str, b: i64| {
        format!(
            "relucert-proof 2\nactivation 0 1 1\nloss half-sum\ndecay weight-decay 1 1\nhidden-bias none\n\
             output-bias none\ndata 1 1 1 1 1\ns 1 1\nbound -1000000 1\nverdict undecided 0 1\ndual 1000 {b}\nv 1\n\
             rows + 1 1 1\n? 0\ne 4 0 0\ne 0 0 0\nrows - 1 1 2\n{leaf}\nend\n"
        )
    };
    assert!(check_reader(text("e -1 0 1", 2000).as_bytes()).is_ok());
    assert_eq!(rejected(&text("e -1 0 0", 2000)).0, Reason::Semidefinite);
    assert_eq!(rejected(&text("e -2 0 1", 2000)).0, Reason::Semidefinite);
    assert_eq!(rejected(&text("e -1 1 1", 2000)).0, Reason::RowsSlope);
    assert_eq!(rejected(&text("e -1 0 2", 2000)).0, Reason::RowsSlope);
    // The same with Q = 3, G = 2, T = 1: 1·3 + 2·y ≤ 6 for the concave class, and where it is fixed x·3 ≥ 2·y; both are
    // missed by 1.
    let other = |leaf: &str| text(leaf, 4000).replace("rows - 1 1 2", "rows - 3 1 2");
    for (good, bad, reason) in [
        ("e 9 -1 1", "e 9 -1 2", Reason::RowsSlope),
        ("e 9 1 1", "e 9 1 2", Reason::RowsSlope),
        ("? 0\ne 9 4 6\ne 9 1 1", "? 0\ne 9 4 6\ne 9 1 2", Reason::RowsMultiplier),
        ("? 0\ne 9 4 6\ne 9 1 1", "? 0\ne 9 3 5\ne 9 1 1", Reason::RowsMultiplier),
    ] {
        assert!(check_reader(other(good).as_bytes()).is_ok(), "{good}");
        assert_eq!(rejected(&other(bad)).0, reason, "{bad}");
    }
}

#[test]
fn the_corner_is_rounded_down_and_sharp() {
    // One sample, ReLU, no biases: L = ±1, W = ±1, Λ = 2·B/A·λ. For + (convex) with Q = T = G = 1, x = 1, M = 2:
    // S = 1, b = 1, h = ⌊2·Λ − 1 − 2⌋, and the matrix ((1, −1), (−1, h)) wants h ≥ 1, that is Λ ≥ 2.
    let text = |a: i64, b: i64| {
        format!(
            "relucert-proof 2\nactivation 0 1 1\nloss half-sum\ndecay weight-decay 1 1\nhidden-bias none\n\
             output-bias none\ndata 1 1 1 1 1\ns 1 1\nbound -1000 1\nverdict undecided 0 1\ndual {a} {b}\nv 1\n\
             rows + 1 1 1\ne 2 1\nrows - 1 1 1\ne 0 -1 0\nend\n"
        )
    };
    // Λ = 2·B/A: exactly 2 is enough, and nothing less.
    assert!(check_reader(text(1, 1).as_bytes()).is_ok());
    assert!(check_reader(text(1_000_000, 1_000_000).as_bytes()).is_ok());
    assert_eq!(rejected(&text(1_000_000, 999_999)).0, Reason::Semidefinite);
    // With Q = 7, T = 5 and x = 9, τ = ⌈35/9⌉/5 = 4/5 and S = 9. M = 16: ((7, −7), (−7, h)) wants h ≥ 7, and
    // h = ⌊14·Λ − 7·4/5 − 16⌋: Λ ≥ (7 + 5.6 + 16)/14 = 2.042857…
    let other = |a: i64, b: i64| text(a, b).replace("rows + 1 1 1\ne 2 1", "rows + 7 5 1\ne 16 9");
    assert!(check_reader(other(280, 286).as_bytes()).is_ok());
    assert_eq!(rejected(&other(28_000, 28_599)).0, Reason::Semidefinite);
}

#[test]
fn the_corner_is_rounded_down_where_it_is_negative() {
    // Absolute value, so that b = 0. Classes 0, 1 and 2, (1, 0), (0, 1) and (1, 1), have no weight; class 3 is (1, 2), for
    // which H = 2·|u_1 + 2·u_2| is at most 2·√5. Where p_0·u ≥ 0, p_1·u ≥ 0 and p_2·u ≤ 0 there is only u = 0, and the
    // products show it: S = −4·1. With M = −4, h = ⌊10·Λ − 50⌋ + 4, which wants Λ ≥ 4.6.
    let text = |a: i64, b: i64| {
        format!(
            "relucert-proof 2\nactivation -1 1 1\nloss half-sum\ndecay weight-decay 1 1\nhidden-bias none\n\
             output-bias none\ndata 4 4 2 1 1\ns 1 1 0\ns 1 0 1\ns 1 1 1\ns 1 1 2\nbound -1000 1\n\
             verdict undecided 0 1\ndual {a} {b}\nv 0\nv 0\nv 0\nv 1\nrows + 5 1000 1\n? 0\n? 1\n? 2\n\
             e 20 0 0 0 0 0 0 2\ne -4 0 0 0 0 0 0 1 3 5 0 1 3 0 2 6 1 2\ne 20 0 0 0 0 2\ne 20 0 0 2\n\
             rows - 1 1 1\ne 0 0 0\nend\n"
        )
    };
    assert!(check_reader(text(10, 23).as_bytes()).is_ok());
    let (reason, line, _) = rejected(&text(1000, 2299));
    assert_eq!((reason, line), (Reason::Semidefinite, 24));
}

#[test]
fn trees_are_as_deep_as_the_limit() {
    // Splits by many classes: every first region is closed by a leaf at once. All classes but the first have W = 0, and
    // with more of them than the limit allows a tree can be too deep.
    let text = |depth: usize| {
        let n = depth + 1;
        let mut text = format!(
            "relucert-proof 2\nactivation 0 1 1\nloss half-sum\ndecay weight-decay 2 1\nhidden-bias none\n\
             output-bias none\ndata {n} {n} 2 1 1\n"
        );
        (0..n).for_each(|i| text += &format!("s 1 1 {i}\n"));
        text += "bound 0 1\nverdict undecided 0 1\ndual 1 1000\nv 1\n";
        (1..n).for_each(|_| text += "v 0\n");
        text += "rows + 1 1 1\n";
        for c in 1..n {
            // The second tree goes on, with c classes fixed.
            text += &format!("? {c}\ne 2 1{}\n", " 0".repeat(2 * c));
        }
        text += &format!("e 2 1{}\nrows - 1 1 1\ne 2 0 0\nend\n", " 0".repeat(2 * (n - 1)));
        text
    };
    let theorem = check_reader(text(200).as_bytes()).unwrap();
    assert_eq!((theorem.counts.splits, theorem.counts.leaves), (200, 202));
    // Nothing but splits: the limit is met at the line of the first split that is too deep.
    let splits: String = (1..=10_001).map(|c| format!("? {c}\n")).collect();
    let whole = text(10_001);
    let (head, _) = whole.split_once("rows +").unwrap();
    match check_reader(format!("{head}rows + 1 1 1\n{splits}").as_bytes()) {
        Err(CheckError::Limit { limit, line, .. }) => {
            assert_eq!((limit, line), (Limit::Depth, head.lines().count() as u64 + 1 + 10_001));
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn large_numbers_are_decided_as_small_ones() {
    // The same leaves with M, x, Q and N times a power of two (T too, so that τ is the same): every size of number.
    for power in [0usize, 1, 20, 40, 62, 63, 64, 65, 100, 126, 127, 128, 500, 5000] {
        let times = |x: i64| dashu_int::IBig::from(x) << power;
        let with = |m: &dashu_int::IBig| {
            let (q, x) = (times(7), times(5));
            edited(XOR, "rows + 7 5 1\ne 20 0 0 5", &format!("rows + {q} 5 1\ne {m} 0 0 {x}"))
        };
        assert!(check_reader(with(&times(20)).as_bytes()).is_ok(), "{power}");
        let less = with(&(times(20) - dashu_int::IBig::ONE));
        assert_eq!(rejected(&less).0, Reason::Semidefinite, "{power}");
    }
}

#[test]
fn every_line_has_one_spelling() {
    for text in [XOR, MIXED, PRODUCTS] {
        let lines: Vec<&str> = text.lines().collect();
        for (at, line) in lines.iter().enumerate().filter(|(_, line)| line.starts_with(['?', 'e', 'r'])) {
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
            rejected(&with(String::new()));
            let tokens: Vec<&str> = line.split(' ').collect();
            if tokens.len() > 1 {
                rejected(&with(tokens[..tokens.len() - 1].join(" ")));
            }
            for (place, token) in tokens.iter().enumerate() {
                let mut changed = tokens.clone();
                let wrongs = if token.parse::<i64>().is_ok() && at > 0 {
                    [format!("+{token}"), format!("0{token}"), format!("{token}.0"), format!("{token}e0")]
                } else {
                    [format!("{token}x"), format!("x{token}"), token.to_uppercase() + "0", format!("{token}{token}")]
                };
                for wrong in &wrongs {
                    changed[place] = wrong;
                    let (reason, ..) = rejected(&with(changed.join(" ")));
                    assert!(matches!(reason, Reason::Integer | Reason::Word | Reason::RuleTag), "{wrong}: {reason:?}");
                }
            }
            // A line twice, or not at all.
            let mut twice = lines.clone();
            twice.insert(at, line);
            rejected(&(twice.join("\n") + "\n"));
            let mut missing = lines.clone();
            missing.remove(at);
            rejected(&(missing.join("\n") + "\n"));
        }
        for end in 0..text.len() {
            let (reason, ..) = rejected(&text[..end]);
            assert!(matches!(reason, Reason::EndOfFile | Reason::LineFeed), "{end}: {reason:?}");
        }
    }
}
