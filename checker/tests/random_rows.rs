//! Random proofs with trees of rows, built by a second reading of the format: the checker accepts them, and nothing sharper.

#![allow(clippy::unwrap_used, clippy::panic, clippy::arithmetic_side_effects)]

mod support;

use dashu_int::IBig;
use relucert_checker::{CheckError, Reason};
use support::rows::{self, Shape, case, scale};
use support::{Proof, Rng, big};

const SHAPE: Shape = Shape { depth: 4, quartic: 0, halves: 0 };

fn sizes() -> impl Iterator<Item = (u64, u32)> {
    let sizes = [(2, 120), (6, 120), (20, 60), (45, 40), (64, 30), (130, 20), (300, 10)];
    sizes.into_iter().flat_map(|(bits, count)| (0..count).map(move |i| (u64::from(bits) * 1000 + i, bits)))
}

fn has_trees(proof: &Proof) -> bool {
    proof.lines.iter().any(|line| line.starts_with("rows"))
}

#[test]
fn random_sharp_proofs_are_accepted_and_not_refuted() {
    let [mut leaves, mut splits, mut products] = [0u64, 0, 0];
    for (seed, bits) in sizes() {
        let (proof, problem, v, in_leaves) = case(seed, bits, SHAPE);
        let theorem =
            proof.check().unwrap_or_else(|error| panic!("seed {seed}, bits {bits}: {error}\n{}", proof.text()));
        if !has_trees(&proof) {
            continue;
        }
        let count = |tags: &[char]| proof.lines.iter().filter(|line| line.starts_with(tags)).count() as u64;
        // `end` is the last line that begins with an e.
        assert_eq!((theorem.counts.leaves, theorem.counts.splits), (count(&['e', 'q']) - 1, count(&['?', '/'])));
        leaves += theorem.counts.leaves;
        splits += theorem.counts.splits;
        products += in_leaves as u64;
        let (a, b) = scale(&proof);
        assert!(!rows::is_refuted(&mut Rng(seed | 1), &problem, &v, (&a, &b)), "seed {seed}");
    }
    assert!(leaves > 1000 && splits > 500 && products > 500, "{leaves} {splits} {products}");
}

#[test]
fn a_larger_dual_vector_is_rejected() {
    let mut count = 0;
    for (seed, bits) in sizes() {
        let (proof, ..) = case(seed, bits, SHAPE);
        let (_, b) = scale(&proof);
        if b <= big(1) || !has_trees(&proof) {
            continue;
        }
        // B − 1 makes v longer; a bound of −(huge) keeps the bound from being what rejects.
        let far = format!("bound -1{} 1", "0".repeat(900));
        let reason = proof.add(proof.find("dual"), 2, -1).replace(proof.find("bound"), far).reason();
        assert!(matches!(reason, Some(Reason::Semidefinite | Reason::LeafTooLong)), "seed {seed}: {reason:?}");
        count += u64::from(reason == Some(Reason::Semidefinite));
    }
    assert!(count > 200, "{count}");
}

#[test]
fn a_changed_number_is_rejected_or_proves_what_is_not_refuted() {
    let (mut accepted, mut rejected) = (0, 0);
    for (seed, bits) in sizes().filter(|(seed, _)| seed % 2 == 0) {
        let (proof, problem, v, _) = case(seed, bits, SHAPE);
        if !has_trees(&proof) {
            continue;
        }
        let mut rng = Rng(seed | 1);
        let (start, (a, b)) = (proof.find("rows"), scale(&proof));
        for _ in 0..40 {
            let at = start + rng.range(0, (proof.lines.len() - start) as i64 - 2) as usize;
            let tokens: Vec<&str> = proof.lines[at].split(' ').collect();
            let place = rng.range(0, tokens.len() as i64 - 1) as usize;
            let Ok(old) = tokens[place].parse::<IBig>() else { continue };
            let new = match rng.range(0, 4) {
                0 => -old,
                1 => old + big(rng.range(-2, 2)),
                2 => old * big(rng.range(2, 5)),
                3 => old / big(rng.range(2, 5)),
                _ => big(rng.range(-3, 9)),
            };
            let mut changed = tokens.clone();
            let new = new.to_string();
            changed[place] = &new;
            let changed = proof.replace(at, changed.join(" "));
            match changed.check() {
                Ok(_) => {
                    accepted += 1;
                    assert!(!rows::is_refuted(&mut rng, &problem, &v, (&a, &b)), "{}", changed.text());
                }
                Err(CheckError::Rejected { .. }) => rejected += 1,
                Err(error) => panic!("{error}"),
            }
        }
    }
    assert!(accepted > 300 && rejected > 300, "{accepted} {rejected}");
}

#[test]
fn the_refuter_finds_what_is_false() {
    // With half of B, (★) is mostly false, and that is seen.
    let mut refuted = 0;
    for (seed, bits) in sizes().filter(|(_, bits)| *bits == 6) {
        let (proof, problem, v, _) = case(seed, bits, SHAPE);
        let (a, b) = scale(&proof);
        refuted += u64::from(rows::is_refuted(&mut Rng(seed | 1), &problem, &v, (&(a * big(4)), &b)));
    }
    assert!(refuted > 20, "{refuted}");
}
