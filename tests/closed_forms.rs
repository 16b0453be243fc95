//! Problems whose answer is known by hand, and laws that every answer obeys.

mod common;

use common::*;
use num_traits::{Signed, Zero};
use relucert::exact::Rat;
use relucert::problem::{Activation, Decay, HiddenBias, Loss, OutputBias, Problem};
use relucert::run::{Verdict, beta_max, certify, no_neurons};

fn max(a: Rat, b: Rat) -> Rat {
    if a > b { a } else { b }
}

/// The bracket of a problem, closed to this tolerance.
fn bracket(problem: &Problem, tolerance: &str) -> (Rat, Rat) {
    let checked = solve_checked(problem, &options(tolerance));
    assert_eq!(
        checked.certificate.verdict,
        Verdict::Optimal,
        "{}",
        problem.statement()
    );
    (
        checked.certificate.lower_bound,
        checked.certificate.upper_bound,
    )
}

/// Two brackets of one number meet.
fn meet(a: &(Rat, Rat), b: &(Rat, Rat)) -> bool {
    a.0 <= b.1 && b.0 <= a.1
}

fn xor() -> relucert::problem::Dataset {
    integer_data(&[&[1, 1], &[1, -1], &[-1, 1], &[-1, -1]], &[-1, 1, 1, -1])
}

#[test]
fn the_optimum_of_xor_is_enclosed() {
    // 4(β/√2 − β²/4), between two rational bounds of 1/√2.
    let beta = frac(1, 10);
    let value = |root: &str| int(4) * (&beta * rat(root) - square(&beta) / int(4));
    let problem = half_sum(
        xor(),
        Activation::relu(),
        &beta,
        HiddenBias::None,
        OutputBias::None,
    );
    let (low, high) = bracket(&problem, "1e-9");
    assert!(&high - &low <= rat("1e-9"));
    assert!(low <= value("0.70710678118654752441"));
    assert!(high >= value("0.70710678118654752440"));
}

/// Multiples t·(3, 4), so that |x| = 5|t|, with the largest |F_y| known: for ReLU the sums over t > 0 and over t < 0.
fn on_a_line() -> (relucert::problem::Dataset, Rat) {
    let data = integer_data(&[&[3, 4], &[6, 8], &[-3, -4], &[-9, -12]], &[2, -1, 1, 3]);
    // t > 0: 1·2 + 2·(−1) = 0. t < 0: 1·1 + 3·3 = 10. Times 5.
    (data, int(50))
}

#[test]
fn exactly_at_the_largest_decay_the_zero_network_is_optimal_without_any_gap() {
    let (data, largest) = on_a_line();
    for beta in [
        largest.clone(),
        &largest * frac(1_000_001, 1_000_000),
        &largest * int(7),
    ] {
        let problem = half_sum(
            data.clone(),
            Activation::relu(),
            &beta,
            HiddenBias::None,
            OutputBias::None,
        );
        for width in [0, 2] {
            let zero = random_network(&problem, width, &Rat::zero(), &mut Random::new(0));
            let c = certify_checked(&problem, &zero, &options("0")).certificate;
            assert_eq!(c.verdict, Verdict::Optimal, "β = {beta}");
            assert!(c.gap().is_zero() && c.relative_gap().is_zero());
            assert_eq!(c.objective, frac(15, 2));
            assert!(c.witness.is_none() && c.best.is_none());
        }
        let c = solve_checked(&problem, &options("0")).certificate;
        assert_eq!((c.verdict, c.width), (Verdict::Optimal, 0));
        assert!(c.gap().is_zero());
    }
    let problem = half_sum(
        data,
        Activation::relu(),
        &int(1),
        HiddenBias::None,
        OutputBias::None,
    );
    let found = beta_max(&problem, &options("1e-6")).expect("a run");
    assert_eq!((found.lower, found.upper), (largest.clone(), largest));
}

#[test]
fn just_below_the_largest_decay_the_zero_network_is_not_optimal() {
    let (data, largest) = on_a_line();
    for share in ["0.5", "0.9", "0.99", "0.9999"] {
        let beta = &largest * rat(share);
        let problem = half_sum(
            data.clone(),
            Activation::relu(),
            &beta,
            HiddenBias::None,
            OutputBias::None,
        );
        // One neuron in the direction −(3, 4)/5 with |α||w| = t: the fits are 5t and 15t against the targets 1 and 3.
        // ½(1−5t)² + ½(3−15t)² + βt = 5 − 50t + 125t² + βt, plus ½(2² + 1²): at t = (50−β)/250.
        let optimum = frac(15, 2) - square(&(&largest - &beta)) / int(500);
        let zero = random_network(&problem, 1, &Rat::zero(), &mut Random::new(0));
        let c = certify_checked(&problem, &zero, &options("1e-12")).certificate;
        assert_eq!(c.verdict, Verdict::NotOptimal, "share {share}");
        assert_eq!(c.best_width, 1);
        assert!(c.lower_bound <= optimum && optimum <= c.upper_bound);
        assert!(&c.upper_bound - &c.lower_bound <= &c.objective * rat("1e-9"));
        assert!(c.witness.is_some());
        // Without a neuron to use nothing better of its width exists.
        let c = certify_checked(&problem, &zero_network(&problem), &options("1e-12")).certificate;
        assert_eq!((c.verdict, c.best_width), (Verdict::Undecided, 1));
        assert!(c.witness.is_some());
    }
}

#[test]
fn one_sample_is_solved_by_one_neuron() {
    // min ½(κ|x|t − |y|)² + βt = β|y|/(κ|x|) − β²/(2κ²|x|²) if κ|x||y| > β, else y²/2.
    let shapes = [
        (vec![int(3), int(4)], HiddenBias::None, int(5)),
        (vec![int(2), int(2)], HiddenBias::Decayed, int(3)),
        (vec![frac(3, 4)], HiddenBias::Decayed, frac(5, 4)),
    ];
    for (x, hidden, length) in shapes {
        for activation in activations() {
            let slope = max(activation.low.abs(), activation.high.abs());
            for (y, beta) in [("2", "0.5"), ("-3/7", "1/100"), ("1", "40"), ("-2", "1/3")] {
                let (y, beta) = (rat(y), rat(beta));
                let data = relucert::problem::Dataset::from_rows(
                    std::slice::from_ref(&x),
                    std::slice::from_ref(&y),
                )
                .expect("data");
                let problem = half_sum(data, activation.clone(), &beta, hidden, OutputBias::None);
                let k = &slope * &length;
                let optimum = if &k * y.abs() > beta {
                    &beta * y.abs() / &k - square(&(&beta / &k)) / int(2)
                } else {
                    square(&y) / int(2)
                };
                let (low, high) = bracket(&problem, "1e-9");
                assert!(low <= optimum && optimum <= high, "{}", problem.statement());
                let found = beta_max(&problem, &options("1e-6")).expect("a run");
                let largest = &k * y.abs();
                assert!(
                    found.lower <= largest && largest <= found.upper,
                    "{}",
                    problem.statement()
                );
            }
        }
    }
}

#[test]
fn without_targets_nothing_is_to_be_done() {
    for hidden in HIDDEN {
        for output in OUTPUT {
            for activation in activations() {
                let data = integer_data(&[&[1, 2], &[0, -1], &[3, 3]], &[0, 0, 0]);
                let problem = half_sum(data, activation, &frac(1, 3), hidden, output);
                let c = solve_checked(&problem, &options("0")).certificate;
                assert_eq!(
                    (c.verdict, c.width),
                    (Verdict::Optimal, 0),
                    "{}",
                    problem.statement()
                );
                assert!(
                    c.objective.is_zero() && c.lower_bound.is_zero() && c.relative_gap().is_zero()
                );
                let found = beta_max(&problem, &options("1e-6")).expect("a run");
                assert!(found.upper.is_zero() && found.lower.is_zero());
                // Any weight at all is too much.
                let network = random_network(&problem, 2, &one(), &mut Random::new(9));
                let c = certify_checked(&problem, &network, &options("1e-6")).certificate;
                assert_eq!(c.verdict, Verdict::NotOptimal, "{}", problem.statement());
            }
        }
    }
}

#[test]
fn rows_of_zeros_alone_leave_nothing_to_learn() {
    let data = integer_data(&[&[0, 0], &[0, 0]], &[3, -1]);
    let problem = half_sum(
        data,
        Activation::relu(),
        &frac(1, 2),
        HiddenBias::None,
        OutputBias::None,
    );
    let c = solve_checked(&problem, &options("0")).certificate;
    assert_eq!(
        (c.verdict, c.width, c.objective),
        (Verdict::Optimal, 0, int(5))
    );
}

/// The largest |Σ_i v_i φ(±x_i)| on one column without a hidden bias.
fn largest_on_a_line(x: &[i64], v: &[Rat], activation: &Activation) -> Rat {
    let mut best = Rat::zero();
    for sign in [1, -1] {
        let total: Rat = x
            .iter()
            .zip(v)
            .map(|(x, v)| activation.apply(&int(sign * x)) * v)
            .sum();
        best = max(best, total.abs());
    }
    best
}

fn centred(y: &[i64]) -> Vec<Rat> {
    let mean = frac(y.iter().sum(), y.len() as i64);
    y.iter().map(|y| int(*y) - &mean).collect()
}

#[test]
fn the_largest_decay_is_exact_on_one_column() {
    let mut random = Random::new(5);
    for case in 0..30 {
        let n = 2 + random.below(6);
        let x: Vec<i64> = (0..n).map(|_| random.between(-4, 4)).collect();
        let y: Vec<i64> = (0..n).map(|_| random.between(-3, 3)).collect();
        let rows: Vec<Vec<i64>> = x.iter().map(|x| vec![*x]).collect();
        let rows: Vec<&[i64]> = rows.iter().map(Vec::as_slice).collect();
        let list = activations();
        let activation = list[case % list.len()].clone();
        for output in [OutputBias::None, OutputBias::Free] {
            let v = match output {
                OutputBias::Free => centred(&y),
                _ => y.iter().map(|y| int(*y)).collect(),
            };
            let largest = largest_on_a_line(&x, &v, &activation);
            let problem = half_sum(
                integer_data(&rows, &y),
                activation.clone(),
                &int(1),
                HiddenBias::None,
                output,
            );
            let found = beta_max(&problem, &options("1e-6")).expect("a run");
            assert_eq!(found.lower, largest, "{}", problem.statement());
            assert_eq!(found.upper, largest, "{}", problem.statement());
        }
    }
}

#[test]
fn the_largest_decay_with_an_undecayed_bias_is_at_a_kink_of_one_column() {
    let mut random = Random::new(6);
    for case in 0..30 {
        let n = 2 + random.below(6);
        let x: Vec<i64> = (0..n).map(|_| random.between(-4, 4)).collect();
        let y: Vec<i64> = (0..n).map(|_| random.between(-3, 3)).collect();
        let rows: Vec<Vec<i64>> = x.iter().map(|x| vec![*x]).collect();
        let rows: Vec<&[i64]> = rows.iter().map(Vec::as_slice).collect();
        let list = activations();
        let activation = list[case % list.len()].clone();
        let v = centred(&y);
        let mut largest = Rat::zero();
        for sign in [1, -1] {
            for kink in &x {
                let total: Rat = x
                    .iter()
                    .zip(&v)
                    .map(|(x, v)| activation.apply(&int(sign * (x - kink))) * v)
                    .sum();
                largest = max(largest, total.abs());
            }
        }
        for output in [OutputBias::None, OutputBias::Free] {
            let problem = half_sum(
                integer_data(&rows, &y),
                activation.clone(),
                &int(1),
                HiddenBias::Undecayed,
                output,
            );
            let found = beta_max(&problem, &options("1e-6")).expect("a run");
            assert!(
                found.lower <= largest && largest <= found.upper,
                "{largest} is not in [{}, {}]\n{}",
                found.lower,
                found.upper,
                problem.statement()
            );
            assert!(
                &found.upper - &found.lower <= &found.upper * rat("1e-9"),
                "{}",
                problem.statement()
            );
        }
    }
}

#[test]
fn from_the_largest_decay_on_a_network_without_neurons_is_optimal_without_any_gap() {
    let mut random = Random::new(8);
    for hidden in [HiddenBias::None, HiddenBias::Decayed] {
        for output in OUTPUT {
            for activation in activations() {
                let grid = Grid {
                    samples: 5,
                    features: 2,
                    size: 3,
                    grouped: true,
                };
                let loss = *random.pick(&LOSSES);
                let mut problem =
                    random_problem(&grid, activation, loss, hidden, output, &mut random);
                let found = beta_max(&problem, &options("1e-6")).expect("a run");
                if !found.upper.is_positive() {
                    continue;
                }
                problem.decay = Decay::WeightDecay(found.upper * rat("1.000000001"));
                let c = certify_checked(&problem, &no_neurons(&problem), &options("0")).certificate;
                assert_eq!(c.verdict, Verdict::Optimal, "{}", problem.statement());
                assert!(c.gap().is_zero());
            }
        }
    }
}

/// A few problems for the laws.
fn samples(hidden: HiddenBias, output: OutputBias, seed: u64) -> Vec<Problem> {
    let mut random = Random::new(seed);
    activations()
        .into_iter()
        .map(|activation| {
            let grid = Grid {
                samples: 5,
                features: 2,
                size: 3,
                grouped: random.below(3) == 0,
            };
            let mut problem = random_problem(
                &grid,
                activation,
                Loss::HalfSum,
                hidden,
                output,
                &mut random,
            );
            problem.decay = Decay::WeightDecay(frac(1 + random.between(0, 5), 4));
            problem
        })
        .collect()
}

/// The same problem on rows times a, targets times b and β times c.
fn rescaled(problem: &Problem, a: &Rat, b: &Rat, c: &Rat) -> Problem {
    let x: Vec<Vec<Rat>> = (0..problem.rows())
        .map(|i| row(problem, i).iter().map(|x| x * a).collect())
        .collect();
    let y: Vec<Rat> = targets(problem).iter().map(|y| y * b).collect();
    let mut groups = vec![0; problem.n()];
    for &s in &problem.data.sample_of_row {
        groups[s as usize] += 1;
    }
    half_sum(
        grouped(&x, &groups, &y),
        problem.activation.clone(),
        &(beta(problem) * c),
        problem.hidden_bias,
        problem.output_bias,
    )
}

/// Divides the rows and β by a number, and compares the brackets.
fn rows_rescale(hidden: HiddenBias, output: OutputBias) {
    for (k, problem) in samples(hidden, output, 10).iter().enumerate() {
        let s = [int(2), frac(1, 3), int(1000), frac(7, 5)][k % 4].clone();
        let other = rescaled(problem, &s.recip(), &one(), &s.recip());
        let (a, b) = (bracket(problem, "1e-7"), bracket(&other, "1e-7"));
        assert!(meet(&a, &b), "{a:?} {b:?}\n{}", problem.statement());
    }
}

#[test]
fn smaller_rows_are_a_larger_decay() {
    rows_rescale(HiddenBias::None, OutputBias::None);
    rows_rescale(HiddenBias::None, OutputBias::Free);
}

#[test]
fn smaller_rows_are_a_larger_decay_with_an_undecayed_hidden_bias() {
    rows_rescale(HiddenBias::Undecayed, OutputBias::None);
    rows_rescale(HiddenBias::Undecayed, OutputBias::Free);
}

#[test]
fn smaller_targets_are_a_larger_decay() {
    for hidden in HIDDEN {
        for output in [OutputBias::None, OutputBias::Free] {
            for (k, problem) in samples(hidden, output, 11).iter().enumerate() {
                let s = [int(2), frac(1, 3), int(-1000), frac(7, 5)][k % 4].clone();
                let other = rescaled(problem, &one(), &s.recip(), &s.recip().abs());
                let (a, b) = (bracket(problem, "1e-7"), bracket(&other, "1e-7"));
                let b = (b.0 * square(&s), b.1 * square(&s));
                assert!(meet(&a, &b), "{a:?} {b:?}\n{}", problem.statement());
            }
        }
    }
}

#[test]
fn the_conventions_of_loss_and_decay_differ_by_a_factor_only() {
    let mut random = Random::new(12);
    for hidden in HIDDEN {
        for output in OUTPUT {
            let problem = samples(hidden, output, 12)[0].clone();
            let network = random_network(&problem, 2, &frac(1, 3), &mut random);
            let first = certify_checked(&problem, &network, &options("1e-6")).certificate;
            for loss in LOSSES {
                let mut other = problem.clone();
                other.loss = loss;
                let ridge = loss_factor(&other) * beta(&problem);
                for decay in [
                    Decay::WeightDecay(&ridge * int(2)),
                    Decay::Ridge(ridge.clone()),
                ] {
                    other.decay = decay;
                    assert_eq!(beta(&other), beta(&problem));
                    let unit = loss_factor(&other) * int(2);
                    let c = certify_checked(&other, &network, &options("1e-6")).certificate;
                    assert_eq!(c.verdict, first.verdict);
                    assert_eq!(c.objective, &first.objective * &unit);
                    // The bound may be printed with 40 digits.
                    let difference = (&c.lower_bound - &first.lower_bound * &unit).abs();
                    assert!(
                        difference <= &c.lower_bound * rat("1e-30"),
                        "{}",
                        other.statement()
                    );
                }
            }
        }
    }
}

fn permuted(problem: &Problem, order: &[usize]) -> Problem {
    let mut x = Vec::new();
    let mut groups = Vec::new();
    for &s in order {
        let rows: Vec<usize> = (0..problem.rows())
            .filter(|i| problem.data.sample_of_row[*i] as usize == s)
            .collect();
        groups.push(rows.len());
        x.extend(rows.iter().map(|i| row(problem, *i)));
    }
    let y: Vec<Rat> = order.iter().map(|s| targets(problem)[*s].clone()).collect();
    let mut other = problem.clone();
    other.data = grouped(&x, &groups, &y);
    other
}

#[test]
fn the_order_of_samples_and_neurons_does_not_matter() {
    let mut random = Random::new(13);
    for hidden in HIDDEN {
        for output in OUTPUT {
            for problem in samples(hidden, output, 13).into_iter().step_by(2) {
                let other = permuted(&problem, &[3, 1, 4, 0, 2]);
                let (a, b) = (bracket(&problem, "1e-7"), bracket(&other, "1e-7"));
                assert!(meet(&a, &b), "{}", problem.statement());
                let network = random_network(&problem, 3, &frac(1, 3), &mut random);
                let mut reversed = network.clone();
                reversed.hidden_weights.reverse();
                reversed.output_weights.reverse();
                if let Some(b) = &mut reversed.hidden_bias {
                    b.reverse();
                }
                let run = |problem: &Problem, network| {
                    let c = certify(problem, network, &options("1e-6")).expect("a run");
                    (c.verdict, c.objective)
                };
                let first = run(&problem, &network);
                assert_eq!(first, run(&problem, &reversed));
                assert_eq!(first, run(&other, &network));
            }
        }
    }
}

#[test]
fn rows_given_twice_count_twice() {
    for hidden in HIDDEN {
        // With a decayed output bias as well: its decay is halved along with the rest.
        for output in OUTPUT {
            for problem in samples(hidden, output, 14) {
                let twice = permuted(&problem, &[0, 0, 1, 1, 2, 2, 3, 3, 4, 4]);
                let half = at_decay(&problem, &(beta(&problem) / int(2)));
                let (a, b) = (bracket(&twice, "1e-7"), bracket(&half, "1e-7"));
                let b = (b.0 * int(2), b.1 * int(2));
                assert!(meet(&a, &b), "{a:?} {b:?}\n{}", problem.statement());
            }
        }
    }
}

#[test]
fn a_sample_of_two_equal_rows_is_a_sample_with_twice_the_output() {
    // S sums the rows: the same network gives 2f, so targets 2y and 4β are four times the problem.
    for hidden in HIDDEN {
        for problem in samples(hidden, OutputBias::None, 15)
            .into_iter()
            .filter(|p| p.n() == p.rows())
        {
            let x: Vec<Vec<Rat>> = (0..problem.rows())
                .flat_map(|i| [row(&problem, i), row(&problem, i)])
                .collect();
            let y: Vec<Rat> = targets(&problem).iter().map(|y| y * int(2)).collect();
            let mut other = problem.clone();
            other.data = grouped(&x, &vec![2; problem.n()], &y);
            let other = at_decay(&other, &(beta(&problem) * int(4)));
            let (a, b) = (bracket(&problem, "1e-7"), bracket(&other, "1e-7"));
            let a = (a.0 * int(4), a.1 * int(4));
            assert!(meet(&a, &b), "{a:?} {b:?}\n{}", problem.statement());
        }
    }
}
