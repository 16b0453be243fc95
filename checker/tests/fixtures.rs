//! The complete proofs that are kept as files.

use std::path::PathBuf;

use relucert_checker::{Theorem, Verdict, check_path};

fn fixture(name: &str) -> Theorem {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../fixtures/proofs").join(name);
    check_path(&path).unwrap_or_else(|error| panic!("{name}: {error}"))
}

#[test]
fn xor_by_hand_is_accepted_with_its_bound() {
    let theorem = fixture("xor_by_hand.proof");
    assert_eq!(theorem.bound.to_string(), "27/100");
    assert_eq!(theorem.verdict, Verdict::Undecided);
    assert_eq!((theorem.counts.leaves, theorem.counts.splits, theorem.counts.generators), (5, 1, 9));
    assert_eq!(theorem.given.unwrap().objective.to_string(), "2");
    // sed -n '2,11p' xor_by_hand.proof | sha256sum
    assert_eq!(theorem.problem.sha256, "90be289fc4508966e1ffb22ed68ce26454c7b3ec305d5f4a823919b769cadd04");
}

#[test]
fn trees_of_rows_are_accepted_and_counted() {
    for (name, bound, leaves, splits, generators) in [
        ("xor_rows_by_hand.proof", "27/100", 2, 0, 0),
        ("rows_and_fan.proof", "27/100", 5, 2, 5),
        ("rows_products.proof", "-493602857804131/9275270938869938", 8, 6, 0),
        ("quartic_by_hand.proof", "27/100", 2, 0, 0),
        ("quartic_products.proof", "-9702171/1162122808324", 16, 14, 0),
    ] {
        let theorem = fixture(name);
        assert_eq!(theorem.bound.to_string(), bound, "{name}");
        let counts = theorem.counts;
        assert_eq!((counts.leaves, counts.splits, counts.generators), (leaves, splits, generators), "{name}");
    }
}

#[test]
fn every_proof_that_is_kept_is_accepted() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../fixtures/proofs");
    let mut counts = [0, 0, 0];
    for entry in std::fs::read_dir(folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if !name.ends_with(".list") {
            let verdict = fixture(&name).verdict;
            let verdicts = [Verdict::Optimal, Verdict::NotOptimal, Verdict::Undecided];
            counts[verdicts.iter().position(|known| *known == verdict).unwrap()] += 1;
        }
    }
    assert!(counts.iter().all(|count| *count > 0) && counts.iter().sum::<i32>() >= 25, "{counts:?}");
}
