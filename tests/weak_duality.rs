//! Weak duality, exactly: no network of any width is below the bound that a proof claims, and the dual vector of the proof meets its
//! constraint in every direction tried.

mod common;

use common::*;
use num_traits::{Signed, Zero};
use relucert::exact::Rat;
use relucert::problem::{HiddenBias, OutputBias, Problem};

/// Directions that are likely to be tight: rows, axes, the neurons of a network, and small integers at random.
fn candidates(problem: &Problem, neurons: &[Vec<Rat>], random: &mut Random) -> Vec<Vec<Rat>> {
    let r = dimension(problem);
    let mut list: Vec<Vec<Rat>> = neurons.to_vec();
    for i in 0..problem.rows() {
        let mut u = row(problem, i);
        u.resize(r, one());
        list.push(u);
    }
    for j in 0..r {
        let mut u = vec![Rat::zero(); r];
        u[j] = one();
        list.push(u);
    }
    for _ in 0..80 {
        list.push(
            (0..r)
                .map(|_| frac(random.between(-20, 20), random.between(1, 7)))
                .collect(),
        );
    }
    let opposite: Vec<Vec<Rat>> = list
        .iter()
        .map(|u| u.iter().map(|x| -x).collect())
        .collect();
    list.extend(opposite);
    list
}

fn every_network_is_above(
    problem: &Problem,
    bound: &Rat,
    best: &relucert::problem::Network,
    random: &mut Random,
) {
    let context = || problem.statement();
    for width in 0..=4 {
        for scale in [
            one(),
            frac(1, 4),
            frac(1, 1_000_000),
            int(1000),
            frac(1, 1 << 40),
        ] {
            let network = random_network(problem, width, &scale, random);
            let value = objective(problem, &network);
            assert!(
                &value >= bound,
                "{value} < {bound}\n{network:?}\n{}",
                context()
            );
            assert_eq!(
                problem.objective(&network).expect("an objective"),
                value,
                "{}",
                context()
            );
        }
    }
    // Near the optimum the inequality is sharp.
    for size in [0.0, 1e-12, 1e-6, 1e-3, 0.1] {
        let network = perturbed(best, size, random);
        let value = objective(problem, &network);
        assert!(
            &value >= bound,
            "{value} < {bound}\n{network:?}\n{}",
            context()
        );
    }
    for factor in [
        frac(999_999, 1_000_000),
        frac(1_000_001, 1_000_000),
        frac(9, 10),
        int(-1),
        int(2),
    ] {
        assert!(
            &objective(problem, &scaled(best, &factor)) >= bound,
            "{}",
            context()
        );
    }
}

fn a_proof_holds(problem: &Problem, random: &mut Random) {
    let mut limited = options("1/1000000");
    if random.below(4) == 0 {
        // Loose proofs must hold as well.
        limited.max_leaves = Some(2);
    }
    let checked = solve_checked(problem, &limited);
    let best = checked.certificate.best.as_ref().expect("a network");
    every_network_is_above(problem, &checked.certificate.lower_bound, best, random);
    let exact = loss_factor(problem) * int(2) * dual_value(problem, &checked.proof.v);
    every_network_is_above(problem, &exact, best, random);
    for u in candidates(problem, &directions(best), random) {
        assert!(
            constraint_holds(problem, &checked.proof.v, &u),
            "the dual vector {:?} is not feasible at {u:?}\n{}",
            checked.proof.v,
            problem.statement()
        );
    }
}

fn proofs_hold(hidden: HiddenBias, seed: u64) {
    let mut random = Random::new(seed);
    let mut turn = 0;
    for activation in activations() {
        for output in OUTPUT {
            for is_grouped in [false, true] {
                let grid = Grid {
                    samples: 2 + random.below(4),
                    features: 1 + random.below(2 + usize::from(hidden == HiddenBias::None)),
                    size: 3,
                    grouped: is_grouped,
                };
                turn += 1;
                let loss = LOSSES[turn % 4];
                let problem =
                    random_problem(&grid, activation.clone(), loss, hidden, output, &mut random);
                let lambda = *random.pick(&[(1, 100), (1, 10), (1, 2), (3, 1)]);
                a_proof_holds(&at_decay(&problem, &frac(lambda.0, lambda.1)), &mut random);
            }
        }
    }
}

#[test]
fn proofs_without_a_hidden_bias_hold_for_every_network_and_direction() {
    proofs_hold(HiddenBias::None, 1);
}

#[test]
fn proofs_with_a_decayed_hidden_bias_hold_for_every_network_and_direction() {
    proofs_hold(HiddenBias::Decayed, 2);
}

#[test]
fn proofs_with_an_undecayed_hidden_bias_hold_for_every_network_and_direction() {
    proofs_hold(HiddenBias::Undecayed, 3);
}

/// The steepest slope of the activation, in size.
fn steepest(problem: &Problem) -> Rat {
    let (low, high) = (problem.activation.low.abs(), problem.activation.high.abs());
    if low > high { low } else { high }
}

/// A rational at least the square root.
fn root_above(x: &Rat) -> Rat {
    let mut guess = from_f64(relucert::exact::rat_to_f64(x).sqrt() * (1.0 + 1e-9) + 1e-300);
    while square(&guess) < *x {
        guess *= int(2);
    }
    guess
}

/// A random vector that meets the linear constraints, scaled by Cauchy–Schwarz so that it meets (★).
fn feasible_vector(problem: &Problem, random: &mut Random) -> Vec<Rat> {
    let n = problem.n();
    let mut counts = vec![Rat::zero(); n];
    for &s in &problem.data.sample_of_row {
        counts[s as usize] += one();
    }
    let mut constraints: Vec<Vec<Rat>> = Vec::new();
    if problem.output_bias == OutputBias::Free {
        constraints.push(vec![one(); n]);
    }
    if problem.hidden_bias == HiddenBias::Undecayed {
        constraints.push(counts);
    }
    let dot = |a: &[Rat], b: &[Rat]| -> Rat { a.iter().zip(b).map(|(x, y)| x * y).sum() };
    let mut basis: Vec<Vec<Rat>> = Vec::new();
    for mut c in constraints {
        for b in &basis {
            let t = dot(&c, b) / dot(b, b);
            c.iter_mut().zip(b).for_each(|(x, y)| *x -= &t * y);
        }
        if c.iter().any(|x| !x.is_zero()) {
            basis.push(c);
        }
    }
    let mut v: Vec<Rat> = if random.below(2) == 0 {
        targets(problem)
    } else {
        (0..n)
            .map(|_| frac(random.between(-9, 9), random.between(1, 9)))
            .collect()
    };
    for b in &basis {
        let t = dot(&v, b) / dot(b, b);
        v.iter_mut().zip(b).for_each(|(x, y)| *x -= &t * y);
    }
    // |F_v(u)| ≤ Σ|v|·κ·|x·w| (+ |b| where it is decayed); the differences φ(x·w+b) − φ(b) where it is not.
    let mut bound = Rat::zero();
    for i in 0..problem.rows() {
        let mut length: Rat = row(problem, i).iter().map(square).sum();
        if problem.hidden_bias == HiddenBias::Decayed {
            length += one();
        }
        let weight = v[problem.data.sample_of_row[i] as usize].abs();
        bound += weight * steepest(problem) * root_above(&length);
    }
    if bound.is_positive() {
        let factor = beta(problem) / bound;
        let size: Rat = v.iter().map(square).sum();
        // Longer is better, up to the best scale.
        let best: Rat = dot(&v, &targets(problem)).abs() / size;
        let factor = if factor < best { factor } else { best };
        v.iter_mut().for_each(|x| *x *= &factor);
    }
    v
}

#[test]
fn any_feasible_vector_bounds_every_network() {
    let mut random = Random::new(4);
    let mut positive = 0;
    for hidden in HIDDEN {
        for output in OUTPUT {
            for activation in activations() {
                for is_grouped in [false, true] {
                    let grid = Grid {
                        samples: 5,
                        features: 2,
                        size: 4,
                        grouped: is_grouped,
                    };
                    let loss = *random.pick(&LOSSES);
                    let problem = random_problem(
                        &grid,
                        activation.clone(),
                        loss,
                        hidden,
                        output,
                        &mut random,
                    );
                    let problem = at_decay(&problem, &frac(1, 1 + random.between(0, 9)));
                    let v = feasible_vector(&problem, &mut random);
                    let bound = dual_value(&problem, &v) * loss_factor(&problem) * int(2);
                    positive += usize::from(bound.is_positive());
                    for u in candidates(&problem, &[], &mut random) {
                        assert!(
                            constraint_holds(&problem, &v, &u),
                            "{}",
                            problem.statement()
                        );
                    }
                    for width in 0..5 {
                        for scale in [frac(1, 8), frac(1, 2), frac(1, 10_000)] {
                            let network = random_network(&problem, width, &scale, &mut random);
                            assert!(
                                objective(&problem, &network) >= bound,
                                "{}",
                                problem.statement()
                            );
                        }
                    }
                }
            }
        }
    }
    assert!(positive > 50, "only {positive} of the bounds say anything");
}
