//! The limits as flags of the command: each with its default, each exceeded by one.

#![allow(clippy::unwrap_used, clippy::panic, clippy::arithmetic_side_effects)]

use std::ffi::OsString;
use std::path::Path;

use relucert_checker::run;

/// Status and messages of the command for a proof of fixtures/proofs.
fn check(proof: &str, args: &[String]) -> (i32, String) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/proofs").join(proof);
    let args: Vec<OsString> = std::iter::once(path.into()).chain(args.iter().map(OsString::from)).collect();
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let status = run(&args, &mut out, &mut err);
    (status, String::from_utf8(out).unwrap() + &String::from_utf8(err).unwrap())
}

/// Each flag, its default, the greatest value it takes, a proof, and the least value with which the proof is accepted.
const FLAGS: [(&str, &str, u64, &str, u64); 20] = [
    ("--max-bytes", "1000000000000", u64::MAX, "xor_by_hand.proof", 371),
    ("--max-tokens", "200000000000", u64::MAX, "xor_by_hand.proof", 113),
    ("--max-statement-bytes", "50000000", u64::MAX, "xor_by_hand.proof", 142),
    ("--max-line-bytes", "4000000", u64::MAX, "xor_by_hand.proof", 23),
    ("--max-digits", "20000", u64::MAX, "xor.proof", 62),
    ("--max-rows", "10000000", 4_000_000_000, "xor.proof", 4),
    ("--max-columns", "1000", 1_000_000, "xor.proof", 2),
    ("--max-entries", "10000000", u64::MAX, "xor.proof", 8),
    ("--max-neurons", "1000000", u64::MAX, "xor.proof", 4),
    ("--max-basis-vectors", "24", 60, "xor_by_hand.proof", 2),
    ("--max-depth", "10000", u64::MAX, "xor_by_hand.proof", 1),
    ("--max-nodes", "1000000000000", u64::MAX, "xor.proof", 8),
    ("--max-generator-bits", "70000", u64::MAX, "xor_by_hand.proof", 1),
    ("--max-path-words", "2097152", u64::MAX, "xor_by_hand.proof", 10),
    ("--max-rows-columns", "256", 4_000, "xor_rows_by_hand.proof", 2),
    // A matrix of 3 rows, of which an entry has 4 bits.
    ("--max-matrix-bits", "8589934592", u64::MAX, "xor_rows_by_hand.proof", 108),
    ("--max-parts", "100000", 4_000_000_000, "width_by_hand.proof", 2),
    ("--max-table", "1000000000", u64::MAX, "width_by_hand.proof", 8),
    ("--max-sets", "10000000000", u64::MAX, "width_by_hand.proof", 4),
    ("--time-limit", "1000000", u64::MAX, "xor.proof", 3600),
];

#[test]
fn each_limit_can_be_asked_for_and_is_met_exactly() {
    for (flag, _, highest, proof, least) in FLAGS {
        for value in [least, highest] {
            let (status, text) = check(proof, &[flag.to_owned(), value.to_string()]);
            assert_eq!(status, 0, "{flag} {value}: {text}");
        }
        // The clock cannot be met exactly: no time at all is left.
        let value = if flag == "--time-limit" { 0 } else { least - 1 };
        let (status, text) = check(proof, &[format!("{flag}={value}")]);
        assert_eq!(status, 3, "{flag} {value}: {text}");
        assert!(text.starts_with("limit exceeded: line "), "{text}");
        assert!(text.ends_with(&format!(": more than {value} ({flag})\n")), "{text}");
        let (status, text) = check(proof, &[format!("{flag}={value}"), "--json".to_owned()]);
        assert_eq!((status, text.starts_with("{\"result\":\"limit_exceeded\"")), (3, true), "{text}");
    }
}

#[test]
fn the_parts_of_a_bound_at_a_fixed_width_keep_to_the_limits_of_trees() {
    // 6 splits, at most 3 on a path, 10 cones. A generator takes 2 entries of 4 words and 2 words of signs, a cone 2 words.
    for (flag, least) in [
        ("--max-basis-vectors", 2),
        ("--max-depth", 3),
        ("--max-nodes", 16),
        ("--max-generator-bits", 3),
        ("--max-path-words", 80),
    ] {
        for (value, expected) in [(least, 0), (least - 1, 3)] {
            let (status, text) = check("width_spurious.proof", &[format!("{flag}={value}")]);
            assert_eq!(status, expected, "{flag} {value}: {text}");
        }
    }
}

#[test]
fn what_a_path_took_is_given_back() {
    // Both halves of the root are split once more: two generators on each path, four in all with those of the roots.
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/proofs/xor_by_hand.proof");
    let text = std::fs::read_to_string(path).unwrap();
    let split = "/ 0 1 1 1\nq -2 2\nq -2 2\n";
    let text = text.replace(split, &format!("/ 0 1 1 1\n{split}{split}"));
    let path = std::env::temp_dir().join(format!("relucert-limits-{}.proof", std::process::id()));
    std::fs::write(&path, text).unwrap();
    // A generator takes 2 entries of 4 words, and 2 words of signs.
    for (flag, least) in [("--max-path-words", 20), ("--max-depth", 2), ("--max-nodes", 10)] {
        for (value, expected) in [(least, 0), (least - 1, 3)] {
            let (status, text) = check(path.to_str().unwrap(), &[format!("{flag}={value}")]);
            assert_eq!(status, expected, "{flag} {value}: {text}");
        }
    }
    std::fs::remove_file(path).unwrap();
}

#[test]
fn trees_of_rows_have_the_limits_of_trees() {
    // The tree of + is a leaf, that of − has 6 splits, 3 of them on one path, and 7 leaves.
    for (flag, least) in [("--max-nodes", 14), ("--max-depth", 3), ("--max-rows-columns", 3)] {
        for value in 0..least + 2 {
            let (status, text) = check("rows_products.proof", &[format!("{flag}={value}")]);
            assert_eq!(status, if value < least { 3 } else { 0 }, "{flag} {value}: {text}");
        }
    }
}

#[test]
fn half_spaces_count_with_the_splits_and_the_words_of_a_path() {
    // Of three half-spaces with 3 numbers of 4 words, two on a path: one above a split by a row, and one in each of its regions.
    for (flag, least) in [("--max-path-words", 24), ("--max-depth", 4), ("--max-nodes", 14)] {
        for value in 0..least + 2 {
            let proof = "../../tests/run/half-spaces-mixed.proof";
            let (status, text) = check(proof, &[format!("{flag}={value}")]);
            assert_eq!(status, if value < least { 3 } else { 0 }, "{flag} {value}: {text}");
        }
    }
}

#[test]
fn the_matrix_of_a_quartic_leaf_keeps_to_its_limit() {
    // K = 5. The largest entry is 800, which is given; in the other proof it is a completed one of 39 bits.
    for (proof, least) in [("quartic_by_hand.proof", 125 * 10), ("quartic_products.proof", 125 * 39)] {
        for (value, expected) in [(least, 0), (least - 1, 3)] {
            let (status, text) = check(proof, &[format!("--max-matrix-bits={value}")]);
            assert_eq!(status, expected, "{proof} {value}: {text}");
        }
    }
    // K³ = 125 bits is the least for any leaf.
    for value in [124, 125] {
        let (status, text) = check("quartic_by_hand.proof", &[format!("--max-matrix-bits={value}")]);
        assert_eq!((status, text.contains("line 22")), (3, true), "{text}");
    }
}

#[test]
fn the_defaults_are_stated() {
    let (status, help) = check("xor.proof", &["--help".to_owned()]);
    assert_eq!(status, 0);
    let limits: Vec<&str> = help.lines().filter(|line| line.contains("(default ")).collect();
    let of_flags = limits.iter().filter(|line| line.trim().starts_with("--max-") || line.contains("--time-limit"));
    assert_eq!(of_flags.count(), FLAGS.len(), "{help}");
    for (flag, default, ..) in FLAGS {
        let line = limits.iter().find(|line| line.contains(flag)).unwrap_or_else(|| panic!("{flag}: {help}"));
        assert!(line.ends_with(&format!("(default {default})")), "{line}");
        // As a flag, the default changes nothing.
        assert_eq!(check("iris.proof.gz", &[flag.to_owned(), default.to_owned()]), check("iris.proof.gz", &[]));
    }
}

#[test]
fn a_limit_that_is_no_number_is_wrong_usage() {
    for (flag, _, highest, proof, _) in FLAGS {
        for value in ["", "-1", "x", "1.5", "99999999999999999999999"] {
            let (status, text) = check(proof, &[format!("{flag}={value}")]);
            assert_eq!(status, 2, "{flag}={value}: {text}");
            assert!(text.contains(&format!("{flag} is an integer from 0 to {highest}")), "{text}");
        }
        if highest < u64::MAX {
            assert_eq!(check(proof, &[format!("{flag}={}", highest + 1)]).0, 2);
        }
        assert_eq!(check(proof, &[format!("{flag}=1"), format!("{flag}=1")]).0, 2);
        assert_eq!(check(proof, &[flag.to_owned()]).0, 2);
    }
}
