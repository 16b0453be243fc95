//! Random proofs, built by a second reading of the format: the checker accepts them, and nothing one unit sharper.

mod support;

use dashu_int::IBig;
use relucert_checker::Reason;
use support::{Build, Proof, Rng, big, random_net, random_problem};

struct Case {
    proof: Proof,
    leaves: Vec<(usize, Option<String>)>,
}

fn case(seed: u64, bits: u32) -> (Case, Vec<&'static str>) {
    let mut rng = Rng(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
    // Mostly few samples; numbers of 12 bits are for more classes than a machine word has bits.
    let samples = if bits == 12 { (40, 100) } else { (2, 6) };
    let (problem, v) = random_problem(&mut rng, bits, samples);
    let neurons = rng.range(0, 3) as usize;
    let networks = [("given", random_net(&mut rng, &problem, neurons, bits))];
    let build = Build { problem: &problem, v, depth: 3, exceptions: 40 };
    let built = build.build(&mut rng, &networks, "undecided 1 100");
    (Case { proof: built.proof, leaves: built.leaves }, built.shapes)
}

fn sizes() -> impl Iterator<Item = (u64, u32)> {
    let sizes = [(2, 90), (6, 90), (12, 12), (20, 40), (45, 40), (64, 30), (130, 30), (300, 10)];
    sizes.into_iter().flat_map(|(bits, count)| (0..count).map(move |i| (u64::from(bits) * 1000 + i, bits)))
}

#[test]
fn random_sharp_proofs_are_accepted() {
    let mut shapes = [0, 0, 0];
    for (seed, bits) in sizes() {
        let (case, used) = case(seed, bits);
        let theorem = case.proof.check();
        let theorem =
            theorem.unwrap_or_else(|error| panic!("seed {seed}, bits {bits}: {error}\n{}", case.proof.text()));
        if !used.is_empty() && case.proof.lines.iter().any(|line| line.starts_with("fan")) {
            assert_eq!(theorem.counts.leaves, case.leaves.len() as u64);
            for shape in used {
                shapes[["orthants", "half", "simplex"].iter().position(|s| *s == shape).unwrap()] += 1;
            }
        }
    }
    assert!(shapes.iter().all(|count| *count > 50), "{shapes:?}");
}

#[test]
fn a_bound_above_the_dual_value_is_rejected() {
    for (seed, bits) in sizes().filter(|(seed, _)| seed % 3 == 0) {
        let (case, _) = case(seed, bits);
        let at = case.proof.find("bound");
        // P/Q is exactly 2c·D: the next fraction up with 1000 times the denominator is above it.
        let tokens: Vec<&str> = case.proof.lines[at].split(' ').collect();
        let (p, q): (IBig, IBig) = (tokens[1].parse().unwrap(), tokens[2].parse().unwrap());
        let bad = case.proof.replace(at, format!("bound {} {}", p * big(1000) + big(1), q * big(1000)));
        assert_eq!(bad.reason(), Some(Reason::Bound), "seed {seed}");
    }
}

#[test]
fn a_network_objective_off_by_one_is_rejected() {
    for (seed, bits) in sizes().filter(|(seed, _)| seed % 3 == 1) {
        let (case, _) = case(seed, bits);
        let at = case.proof.find("objective");
        for delta in [-1, 1] {
            assert_eq!(case.proof.add(at, 1, delta).reason(), Some(Reason::Objective), "seed {seed}");
        }
    }
}

#[test]
fn a_larger_dual_vector_is_rejected_as_too_long() {
    let mut count = 0;
    for (seed, bits) in sizes().filter(|(seed, _)| seed % 2 == 0) {
        let (case, _) = case(seed, bits);
        let at = case.proof.find("dual");
        let b: IBig = case.proof.lines[at].split(' ').nth(2).unwrap().parse().unwrap();
        if b <= big(1) || !case.proof.lines.iter().any(|line| line.starts_with("fan")) {
            continue;
        }
        // B − 1 makes v longer; a bound of −(huge) keeps the bound from being what rejects.
        let bound = case.proof.find("bound");
        let bad = case.proof.add(at, 2, -1).replace(bound, format!("bound -1{} 1", "0".repeat(900)));
        assert_eq!(bad.reason(), Some(Reason::LeafTooLong), "seed {seed}\n{}", bad.text());
        count += 1;
    }
    assert!(count > 50, "{count}");
}

#[test]
fn a_leaf_one_unit_shorter_is_rejected() {
    let mut count = 0;
    for (seed, bits) in sizes().filter(|(seed, _)| seed % 2 == 1) {
        let (good, _) = case(seed, bits);
        if !good.proof.lines.iter().any(|line| line.starts_with("fan")) {
            continue;
        }
        for (line, shorter) in good.leaves.iter().filter_map(|(line, shorter)| Some((*line, shorter.as_ref()?))) {
            let error = good.proof.replace(line, shorter).check().unwrap_err();
            assert_eq!(error.reason(), Some(Reason::LeafGenerator), "seed {seed}: {error}");
            assert_eq!(error.line(), Some(line as u64 + 1));
            count += 1;
        }
    }
    assert!(count > 500, "{count}");
}
