//! Random proofs with quartic leaves, built by a second reading of the format: the checker accepts them, and nothing sharper.

#![allow(clippy::unwrap_used, clippy::panic, clippy::arithmetic_side_effects)]

mod support;

use dashu_int::IBig;
use relucert_checker::{CheckError, Reason};
use support::quartic::PRECISION;
use support::rows::{self, Shape, case, scale};
use support::{Proof, Rng, big};

fn sizes() -> impl Iterator<Item = (u64, u32)> {
    let sizes = [(2, 30), (6, 30), (20, 20), (45, 10), (64, 10), (130, 4)];
    sizes.into_iter().flat_map(|(bits, count)| (0..count).map(move |i| (u64::from(bits) * 1000 + i, bits)))
}

/// Two of three have splits by half-spaces.
fn shape(seed: u64) -> Shape {
    Shape { depth: 3, quartic: 80, halves: if seed.is_multiple_of(3) { 0 } else { 40 } }
}

fn quartic(proof: &Proof) -> Vec<usize> {
    (0..proof.lines.len()).filter(|&at| proof.lines[at].starts_with("f ")).collect()
}

#[test]
fn random_sharp_leaves_are_accepted_and_not_refuted() {
    let [mut leaves, mut products, mut halves] = [0, 0, 0];
    for (seed, bits) in sizes() {
        let (proof, problem, v, in_leaves) = case(seed, bits, shape(seed));
        if let Err(error) = proof.check() {
            panic!("seed {seed}, bits {bits}: {error}\n{}", proof.text());
        }
        leaves += quartic(&proof).len();
        products += in_leaves;
        halves += proof.lines.iter().filter(|line| line.starts_with("h ")).count();
        let (a, b) = scale(&proof);
        assert!(!rows::is_refuted(&mut Rng(seed | 1), &problem, &v, (&a, &b)), "seed {seed}");
    }
    assert!(leaves > 250 && products > 100 && halves > 50, "{leaves} {products} {halves}");
}

#[test]
fn a_larger_dual_vector_is_rejected() {
    let mut count = 0;
    for (seed, bits) in sizes() {
        let (proof, ..) = case(seed, bits, shape(seed));
        let (a, b) = scale(&proof);
        if b <= big(2) || quartic(&proof).is_empty() {
            continue;
        }
        // A smaller B makes v longer; a bound of −(huge) keeps the bound from being what rejects.
        let far = format!("bound -1{} 1", "0".repeat(2000));
        let less = &b - big(2) - (&b >> (PRECISION - 1));
        let at = proof.find("dual");
        let line = format!("dual {a} {less}");
        let reason = proof.replace(at, line).replace(proof.find("bound"), far).reason();
        assert!(
            matches!(reason, Some(Reason::Semidefinite | Reason::LeafTooLong)),
            "seed {seed}: {reason:?}\n{}",
            proof.text()
        );
        count += u64::from(reason == Some(Reason::Semidefinite));
    }
    assert!(count > 40, "{count}");
}

#[test]
fn a_class_is_above_its_part_by_nothing_less() {
    let mut count = 0;
    for (seed, bits) in sizes() {
        let (proof, problem, ..) = case(seed, bits, shape(seed));
        let [k1, k2, _] = problem.activation;
        for at in quartic(&proof) {
            // The first coefficient of the first class of the leaf, and of no other: they are five apart.
            let changed = proof.add(at, 2, -1);
            if k1 == k2 || proof.lines[at].split(' ').count() < 8 {
                continue;
            }
            assert_eq!(changed.reason(), Some(Reason::RowsQuartic), "seed {seed}");
            assert_eq!(changed.check().unwrap_err().line(), Some(at as u64 + 1), "seed {seed}");
            count += 1;
        }
    }
    assert!(count > 200, "{count}");
}

#[test]
fn a_changed_number_is_rejected_or_proves_what_is_not_refuted() {
    let (mut accepted, mut rejected) = (0, 0);
    for (seed, bits) in sizes().filter(|(seed, _)| seed % 2 == 0) {
        let (proof, problem, v, _) = case(seed, bits, shape(seed));
        let leaves = quartic(&proof);
        if leaves.is_empty() {
            continue;
        }
        let mut rng = Rng(seed | 1);
        let (a, b) = scale(&proof);
        for _ in 0..40 {
            let at = if rng.chance(80) { rng.pick(&leaves) } else { proof.find("rows") };
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
    assert!(accepted > 100 && rejected > 300, "{accepted} {rejected}");
}
