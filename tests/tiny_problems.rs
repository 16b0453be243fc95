//! Tiny problems of every kind, with many ties: the bracket closes, the proof is accepted, and plain training stays above the bound.

mod common;

use std::time::Instant;

use common::*;
use num_traits::{Signed, Zero};
use relucert::exact::{Rat, rat_to_f64};
use relucert::problem::{HiddenBias, Network, OutputBias, Problem};
use relucert::run::{Verdict, beta_max};

/// Share of β_max; 0 stands for exactly β_max.
const SHARES: [(i64, i64); 9] = [
    (1, 100),
    (1, 30),
    (1, 10),
    (3, 10),
    (7, 10),
    (19, 20),
    (0, 1),
    (21, 20),
    (2, 1),
];

/// A problem of a series, with λ a share of the largest useful one.
fn case(hidden: HiddenBias, index: usize) -> Problem {
    let mut random = Random::new(1000 * (hidden as u64 + 1) + index as u64);
    let list = activations();
    let activation = list[index % list.len()].clone();
    let output = OUTPUT[(index / 2) % 3];
    let grid = Grid {
        samples: 1 + random.below(8),
        features: 1 + random.below(3),
        size: 1 + random.below(3) as i64,
        grouped: index % 5 == 4,
    };
    let loss = *random.pick(&LOSSES);
    let problem = random_problem(&grid, activation, loss, hidden, output, &mut random);
    let found = beta_max(&problem, &options("1/1000000"))
        .unwrap_or_else(|e| panic!("{e}\n{}", problem.statement()));
    // λ of --weight-decay; --ridge is half of it.
    let half = matches!(problem.decay, relucert::problem::Decay::Ridge(_));
    let largest = if half {
        found.upper / int(2)
    } else {
        found.upper
    };
    if !largest.is_positive() {
        return at_decay(&problem, &frac(1, 10));
    }
    let (p, q) = SHARES[(index / 7) % SHARES.len()];
    at_decay(
        &problem,
        &if p == 0 {
            largest
        } else {
            short(&(largest * frac(p, q)))
        },
    )
}

/// Trains a few networks and compares them with the bound.
fn training_stays_above(problem: &Problem, bound: &Rat, seed: u64) -> Network {
    let mut random = Random::new(seed);
    let mut best: Option<(Rat, Network)> = None;
    for width in [1, 3, 6] {
        let network = train(problem, width, 300, &mut random);
        let value = objective(problem, &network);
        assert!(
            &value >= bound,
            "a trained network is below the bound: {network:?}\n{}",
            problem.statement()
        );
        if best.as_ref().is_none_or(|b| value < b.0) {
            best = Some((value, network));
        }
    }
    best.expect("a network").1
}

/// Solves a series: every proof is accepted and no trained network is below its bound. Gives the cases whose bracket stays open.
fn open_cases(hidden: HiddenBias, count: usize) -> Vec<String> {
    let mut open = Vec::new();
    let mut slowest = (0.0, 0);
    for index in 0..count {
        let problem = case(hidden, index);
        let started = Instant::now();
        let checked = solve_checked(&problem, &options("1/1000000"));
        let seconds = started.elapsed().as_secs_f64();
        if seconds > slowest.0 {
            slowest = (seconds, index);
        }
        let c = &checked.certificate;
        // An undecayed hidden bias may fit everything at vanishing cost: no objective is within a relative tolerance of 0.
        let vanishes =
            rat_to_f64(&c.objective) < 1e-40 && c.notes.iter().any(|n| n.contains("not attained"));
        if c.verdict != Verdict::Optimal && !vanishes {
            open.push(format!(
                "case {index}: relative gap {:e} after {seconds:.2} s\n{}",
                rat_to_f64(&c.relative_gap()),
                problem.statement()
            ));
        }
        assert!(
            c.width <= problem.n().max(1) + 1 || c.objective.is_zero(),
            "case {index}: {} neurons for {} samples\n{}",
            c.width,
            problem.n(),
            problem.statement()
        );
        training_stays_above(&problem, &c.lower_bound, index as u64);
    }
    println!("slowest: case {} with {:.2} s", slowest.1, slowest.0);
    open
}

fn all_close(hidden: HiddenBias, count: usize) {
    let open = open_cases(hidden, count);
    assert!(
        open.is_empty(),
        "{} of {count} stay open:\n{}",
        open.len(),
        open.join("\n")
    );
}

#[test]
fn brackets_close_without_a_hidden_bias() {
    all_close(HiddenBias::None, 90);
}

#[test]
fn brackets_close_with_a_decayed_hidden_bias() {
    all_close(HiddenBias::Decayed, 90);
}

#[test]
fn brackets_close_with_an_undecayed_hidden_bias() {
    all_close(HiddenBias::Undecayed, 90);
}

#[test]
fn trained_networks_are_judged_and_never_below_the_bound() {
    for hidden in HIDDEN {
        for index in 0..12 {
            let problem = case(hidden, 500 + index);
            let mut random = Random::new(index as u64);
            let network = train(&problem, 2, 300, &mut random);
            let checked = certify_checked(&problem, &network, &options("1/1000000"));
            let c = &checked.certificate;
            let threshold = &c.objective * (one() - frac(1, 1_000_000));
            match c.verdict {
                Verdict::Optimal => assert!(c.lower_bound >= threshold),
                Verdict::NotOptimal => {
                    assert!(c.upper_bound < threshold && c.best_width <= 2);
                    assert!(c.best.is_some());
                }
                Verdict::Undecided => {
                    // Then it is the width that stops the proof.
                    assert!(problem.n() > 2, "{}", problem.statement());
                }
            }
        }
    }
}

/// The enclosures of β_max of a few problems; those that are wider than 1e-9.
fn wide_enclosures(hidden: HiddenBias) -> Vec<String> {
    let mut wide = Vec::new();
    for output in [OutputBias::None, OutputBias::Free] {
        let mut random = Random::new(77);
        for _ in 0..6 {
            let grid = Grid {
                samples: 5,
                features: 2,
                size: 3,
                grouped: false,
            };
            let list = activations();
            let activation = random.pick(&list).clone();
            let problem = random_problem(&grid, activation, LOSSES[0], hidden, output, &mut random);
            let found = beta_max(&problem, &options("1/1000000")).expect("a run");
            assert!(found.lower <= found.upper, "{}", problem.statement());
            let width = &found.upper - &found.lower;
            if width > &found.upper * frac(1, 1_000_000_000) {
                wide.push(problem.statement());
            }
        }
    }
    wide
}

#[test]
fn the_largest_useful_decay_is_enclosed_narrowly() {
    for hidden in [HiddenBias::None, HiddenBias::Decayed] {
        assert_eq!(wide_enclosures(hidden), Vec::<String>::new());
    }
}

#[test]
fn the_largest_useful_decay_is_enclosed_narrowly_with_an_undecayed_hidden_bias() {
    assert_eq!(wide_enclosures(HiddenBias::Undecayed), Vec::<String>::new());
}
