//! Verdicts on given networks: good ones, worse ones, narrow ones and strange ones.

mod common;

use common::*;
use num_traits::{Signed, Zero};
use relucert::exact::Rat;
use relucert::problem::{Activation, Decay, HiddenBias, Loss, Network, OutputBias, Problem};
use relucert::run::{Certificate, Verdict, solve};

/// Problems of every kind of bias, with a decay that leaves a few neurons.
fn problems() -> Vec<Problem> {
    let mut random = Random::new(21);
    let list = activations();
    let mut problems = Vec::new();
    for hidden in HIDDEN {
        for output in OUTPUT {
            let grid = Grid {
                samples: 6,
                features: 2,
                size: 3,
                grouped: random.below(4) == 0,
            };
            let activation = list[problems.len() % 4].clone();
            let mut problem = random_problem(
                &grid,
                activation,
                Loss::HalfSum,
                hidden,
                output,
                &mut random,
            );
            problem.decay = Decay::WeightDecay(frac(1, 5));
            problems.push(problem);
        }
    }
    problems
}

fn optimum(problem: &Problem) -> Network {
    let c = solve(problem, None, &options("1e-10")).expect("a run");
    c.best.expect("a network")
}

/// What a verdict promises, and that a better network is better.
fn is_sound(problem: &Problem, network: &Network, c: &Certificate, tolerance: &str) {
    let context = || format!("{network:?}\n{}", problem.statement());
    let threshold = objective(problem, network) * (one() - rat(tolerance));
    match c.verdict {
        Verdict::Optimal => assert!(c.lower_bound >= threshold, "{}", context()),
        Verdict::NotOptimal => {
            let best = c.best.as_ref().expect("a better network");
            assert!(best.width() <= network.width(), "{}", context());
            assert!(objective(problem, best) < threshold, "{}", context());
        }
        Verdict::Undecided => assert!(c.lower_bound < threshold, "{}", context()),
    }
}

/// Recomputes what the witness says, exactly: the projected residual v violates |F_v(u)| ≤ β·ρ(u) at u.
fn witness_is_true(problem: &Problem, network: &Network, c: &Certificate) {
    let Some(witness) = &c.witness else { return };
    let u: Vec<Rat> = witness.u.iter().map(|x| from_f64(*x)).collect();
    let mut v: Vec<Rat> = targets(problem)
        .iter()
        .zip(outputs(problem, network))
        .map(|(y, f)| y - f)
        .collect();
    let mut counts = vec![Rat::zero(); problem.n()];
    for &s in &problem.data.sample_of_row {
        counts[s as usize] += one();
    }
    let dot = |a: &[Rat], b: &[Rat]| -> Rat { a.iter().zip(b).map(|(x, y)| x * y).sum() };
    let mut basis: Vec<Vec<Rat>> = Vec::new();
    let mut constraints = Vec::new();
    if problem.output_bias == OutputBias::Free {
        constraints.push(vec![one(); problem.n()]);
    }
    if problem.hidden_bias == HiddenBias::Undecayed {
        constraints.push(counts);
    }
    for mut c in constraints {
        for b in &basis {
            let t = dot(&c, b) / dot(b, b);
            c.iter_mut().zip(b).for_each(|(x, y)| *x -= &t * y);
        }
        if c.iter().any(|x| !x.is_zero()) {
            basis.push(c);
        }
    }
    for b in &basis {
        let t = dot(&v, b) / dot(b, b);
        v.iter_mut().zip(b).for_each(|(x, y)| *x -= &t * y);
    }
    let value = form(problem, &v, &u);
    assert!(
        square(&value) > square(&beta(problem)) * rho_squared(problem, &u),
        "the witness {witness:?} violates nothing\n{network:?}\n{}",
        problem.statement()
    );
    // The sign is that of the output weight of the neuron to add: it follows the residual.
    assert_eq!(
        value.is_positive(),
        witness.sign > 0.0,
        "{witness:?}\n{}",
        problem.statement()
    );
    assert!(witness.ratio > 1.0);
}

fn judge(problem: &Problem, network: &Network, tolerance: &str) -> Certificate {
    let c = certify_checked(problem, network, &options(tolerance)).certificate;
    is_sound(problem, network, &c, tolerance);
    witness_is_true(problem, network, &c);
    c
}

#[test]
fn a_perturbed_optimum_is_not_optimal() {
    let mut random = Random::new(22);
    for problem in problems() {
        let best = optimum(&problem);
        assert_eq!(
            judge(&problem, &best, "1e-8").verdict,
            Verdict::Optimal,
            "{}",
            problem.statement()
        );
        for _ in 0..2 {
            let network = perturbed(&best, 1e-3, &mut random);
            if objective(&problem, &network) <= objective(&problem, &best) * (one() + rat("2e-9")) {
                continue;
            }
            let c = judge(&problem, &network, "1e-9");
            assert_eq!(
                c.verdict,
                Verdict::NotOptimal,
                "{network:?}\n{}",
                problem.statement()
            );
        }
    }
}

#[test]
fn a_network_as_wide_as_the_data_is_never_undecided() {
    let mut random = Random::new(23);
    for problem in problems() {
        for width in [problem.n(), problem.n() + 2] {
            for scale in [frac(1, 2), frac(1, 100)] {
                let network = random_network(&problem, width, &scale, &mut random);
                let c = judge(&problem, &network, "1e-6");
                assert_ne!(
                    c.verdict,
                    Verdict::Undecided,
                    "{network:?}\n{}",
                    problem.statement()
                );
            }
        }
    }
}

/// Judges random narrow networks: each has a witness. Gives those that are not called not optimal.
fn undecided_random_networks(problems: &[Problem]) -> Vec<String> {
    let mut random = Random::new(24);
    let mut undecided = Vec::new();
    for problem in problems {
        for width in 1..4 {
            let network = random_network(problem, width, &one(), &mut random);
            let c = judge(problem, &network, "1e-6");
            assert!(c.witness.is_some(), "{network:?}\n{}", problem.statement());
            if c.verdict != Verdict::NotOptimal {
                undecided.push(format!("{network:?}\n{}", problem.statement()));
            }
        }
    }
    undecided
}

/// Whether a constant is made by a neuron of its own, at vanishing cost.
fn needs_a_constant_neuron(problem: &Problem) -> bool {
    problem.hidden_bias == HiddenBias::Undecayed && problem.output_bias != OutputBias::Free
}

#[test]
fn a_random_network_has_a_witness_and_is_not_optimal() {
    let (with, without): (Vec<_>, Vec<_>) =
        problems().into_iter().partition(needs_a_constant_neuron);
    assert_eq!(undecided_random_networks(&without), Vec::<String>::new());
    undecided_random_networks(&with);
}

#[test]
fn a_narrow_network_is_improved_without_a_neuron_for_the_constant() {
    let problems: Vec<_> = problems()
        .into_iter()
        .filter(needs_a_constant_neuron)
        .collect();
    assert_eq!(undecided_random_networks(&problems), Vec::<String>::new());
}

#[test]
fn a_network_that_is_too_narrow_is_improved_or_undecided() {
    let data = integer_data(&[&[1, 1], &[1, -1], &[-1, 1], &[-1, -1]], &[-1, 1, 1, -1]);
    let problem = half_sum(
        data,
        Activation::relu(),
        &frac(1, 10),
        HiddenBias::None,
        OutputBias::None,
    );
    let mut random = Random::new(25);
    for width in 1..4 {
        let network = random_network(&problem, width, &frac(1, 4), &mut random);
        let c = judge(&problem, &network, "1e-6");
        assert_eq!(c.verdict, Verdict::NotOptimal);
        let best = c.best.expect("a better network");
        assert!(best.width() <= width);
        // The best narrow network is not optimal over all widths, and no narrower one beats it by much.
        let c = judge(&problem, &best, "1e-6");
        assert_ne!(c.verdict, Verdict::Optimal, "XOR needs four neurons");
        if c.verdict == Verdict::Undecided {
            assert!(c.best_width > width && c.upper_bound < c.objective);
        }
    }
}

#[test]
fn neurons_without_effect_change_nothing_but_the_width() {
    for problem in problems() {
        let best = optimum(&problem);
        let d = problem.data.d;
        let nothing = (vec![Rat::zero(); d], Rat::zero(), Rat::zero());
        // A weight too small for a float, and one that is the smallest float.
        let tiny = rat("1e-390");
        let denormal = from_f64(5e-324);
        let faint = (vec![tiny.clone(); d], tiny.clone(), tiny);
        let small = (vec![denormal.clone(); d], denormal.clone(), -denormal);
        let mut network_now = best.clone();
        for (w, b, a) in [nothing, faint, small] {
            network_now.hidden_weights.insert(0, w);
            network_now.output_weights.insert(0, a);
            if let Some(list) = &mut network_now.hidden_bias {
                list.insert(0, b);
            }
            let c = judge(&problem, &network_now, "1e-7");
            assert_eq!(
                c.verdict,
                Verdict::Optimal,
                "{network_now:?}\n{}",
                problem.statement()
            );
        }
        assert_eq!(network_now.width(), best.width() + 3);
    }
}

#[test]
fn a_dead_neuron_costs_and_is_found() {
    // No row is on the positive side of (−1, −1).
    let data = integer_data(&[&[1, 2], &[2, 1], &[0, 3], &[1, 0]], &[1, -2, 2, 1]);
    let problem = half_sum(
        data,
        Activation::relu(),
        &frac(1, 5),
        HiddenBias::None,
        OutputBias::None,
    );
    let mut network = optimum(&problem);
    network.hidden_weights.push(vec![int(-1), int(-1)]);
    network.output_weights.push(frac(1, 2));
    let c = judge(&problem, &network, "1e-6");
    assert_eq!(c.verdict, Verdict::NotOptimal);
    let dead = random_network(&problem, 0, &one(), &mut Random::new(0));
    let dead = Network {
        hidden_weights: vec![vec![int(-1), int(-1)]; 5],
        output_weights: vec![one(); 5],
        ..dead
    };
    let c = judge(&problem, &dead, "1e-6");
    assert_eq!(c.verdict, Verdict::NotOptimal);
    assert!(c.witness.is_some());
}

#[test]
fn unbalanced_neurons_are_not_optimal_even_if_the_fit_is() {
    for problem in problems() {
        let mut network = optimum(&problem);
        if network.width() == 0 {
            continue;
        }
        let million = int(1_000_000);
        for w in &mut network.hidden_weights {
            w.iter_mut().for_each(|x| *x /= &million);
        }
        if let Some(b) = &mut network.hidden_bias {
            b.iter_mut().for_each(|x| *x /= &million);
        }
        network
            .output_weights
            .iter_mut()
            .for_each(|a| *a *= &million);
        let c = judge(&problem, &network, "1e-6");
        assert_eq!(c.verdict, Verdict::NotOptimal, "{}", problem.statement());
        assert!(c.upper_bound * int(1000) < c.objective);
    }
}

#[test]
fn huge_and_denormal_weights_are_judged() {
    for problem in problems() {
        for (w, a) in [
            (1e150, 1e-150),
            (1e-310, 1e300),
            (1e-310, 1e-310),
            (1e200, 1e200),
            (0.0, 1.0),
            (1.0, 0.0),
        ] {
            let neuron = (vec![from_f64(w); problem.data.d], from_f64(w), from_f64(a));
            let network = network(&problem, &[neuron.clone(), neuron], Rat::zero());
            let c = judge(&problem, &network, "1e-6");
            assert_ne!(
                c.verdict,
                Verdict::Optimal,
                "w = {w:e}, α = {a:e}\n{}",
                problem.statement()
            );
        }
    }
}

#[test]
fn a_constant_made_by_a_neuron_without_weights_is_understood() {
    let data = integer_data(&[&[1], &[2], &[4]], &[5, 5, 5]);
    for output in OUTPUT {
        let problem = half_sum(
            data.clone(),
            Activation::relu(),
            &frac(1, 10),
            HiddenBias::Undecayed,
            output,
        );
        // α = 2^−20 and b = 5·2^20: the cost is β/2·2^−40, and the infimum is 0.
        let power = int(1 << 20);
        let neuron = (vec![Rat::zero()], &power * int(5), power.recip());
        let constant = network(&problem, std::slice::from_ref(&neuron), Rat::zero());
        let c = judge(&problem, &constant, "0");
        assert!(c.objective.is_positive() && c.objective <= rat("1e-13"));
        assert!(c.lower_bound.is_zero());
        // Three times too much.
        let wrong = network(
            &problem,
            &[(vec![Rat::zero()], int(15), one())],
            Rat::zero(),
        );
        assert_eq!(
            judge(&problem, &wrong, "1e-6").verdict,
            Verdict::NotOptimal,
            "{}",
            problem.statement()
        );
    }
}

#[test]
fn a_network_without_neurons_is_judged() {
    for problem in problems() {
        let c = judge(&problem, &zero_network(&problem), "1e-6");
        assert_eq!(c.width, 0);
        assert_ne!(c.verdict, Verdict::Optimal, "{}", problem.statement());
        if c.verdict == Verdict::NotOptimal {
            // Only an output bias can be better without neurons.
            assert_ne!(problem.output_bias, OutputBias::None);
        }
    }
}

#[test]
fn the_verdict_depends_on_the_tolerance_alone_near_the_optimum() {
    for problem in problems() {
        let network = scaled(&optimum(&problem), &rat("1.001"));
        if network.width() == 0 {
            continue;
        }
        assert_eq!(
            judge(&problem, &network, "1e-2").verdict,
            Verdict::Optimal,
            "{}",
            problem.statement()
        );
        assert_eq!(
            judge(&problem, &network, "1e-9").verdict,
            Verdict::NotOptimal,
            "{}",
            problem.statement()
        );
    }
}
