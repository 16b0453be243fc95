//! The generator of random sharp proofs of the checker's own tests.

#[path = "../../checker/tests/support/mod.rs"]
mod support;

use support::rows::Shape;
use support::{Build, Rng, random_net, random_problem, rows};

/// The texts of `count` random proofs with numbers of 2 to 64 bits; a third of them has trees of rows where these are allowed,
/// of whose leaves two fifths are quartic and of whose splits three tenths are by half-spaces.
#[must_use]
pub fn make(seed: u64, count: usize) -> Vec<String> {
    let mut rng = Rng(seed | 1);
    let shape = Shape { depth: 3, quartic: 40, halves: 30 };
    let sizes = [2, 3, 6, 20, 64];
    let mut texts = Vec::new();
    for number in 0..count {
        let bits = sizes[number % sizes.len()];
        let (problem, v) = random_problem(&mut rng, bits, (2, 6));
        let neurons = rng.range(0, 2) as usize;
        let networks = [("given", random_net(&mut rng, &problem, neurons, bits))];
        if number % 3 == 1 && !problem.is_undecayed() {
            texts.push(rows::build(&mut rng, &problem, &v, &networks, shape).0.text());
            continue;
        }
        let build = Build { problem: &problem, v, depth: 2, exceptions: 50 };
        texts.push(build.build(&mut rng, &networks, "undecided 1 100").proof.text());
    }
    texts
}
