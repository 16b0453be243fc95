//! More than a thousand tiny problems whose optimum, or β_max, is known exactly by an independent argument: the proven bracket contains it
//! every time. Near-ties of 2⁻⁶⁰, repeated, collinear, antiparallel and zero rows, and decays at β_max and one unit beside it.

mod common;

use std::cmp::Ordering;

use common::*;
use num_bigint::BigInt;
use num_traits::{One, Signed, Zero};
use relucert::exact::{Rat, rat_to_f64};
use relucert::problem::{Activation, HiddenBias, OutputBias, Problem};
use relucert::run::{Verdict, beta_max, certify, solve};

/// 2⁻⁶⁰
fn unit() -> Rat {
    Rat::new(BigInt::one(), BigInt::one() << 60)
}

fn sum<'a>(terms: impl Iterator<Item = (&'a Rat, Rat)>) -> Rat {
    terms.map(|(a, b)| a * b).sum()
}

/// A list with repeated and zero entries, all multiples of 1/`denominator`.
fn column(n: usize, denominator: i64, random: &mut Random) -> Vec<Rat> {
    (0..n)
        .map(|_| frac(random.between(-4, 4), denominator))
        .collect()
}

/// Targets that may differ from simple numbers by 2⁻⁶⁰.
fn tied_targets(n: usize, random: &mut Random) -> Vec<Rat> {
    (0..n)
        .map(|_| {
            let tie = [int(0), unit(), -unit()][random.below(3)].clone();
            frac(random.between(-6, 6), 2) + tie
        })
        .collect()
}

/// The bracket of the solver contains the truth (half-sum form), and is narrow.
fn bracket_contains(problem: &Problem, truth: &Rat) {
    let unit_of_loss = loss_factor(problem) * int(2);
    let truth = truth * unit_of_loss;
    let c = solve_checked(problem, &options("1e-8")).certificate;
    let text = problem.statement();
    assert!(
        c.lower_bound <= truth,
        "the bound is above the optimum\n{text}"
    );
    assert!(
        truth <= c.upper_bound,
        "the network is below the optimum\n{text}"
    );
    // Below the resolution of a double the bracket holds, but need not close.
    let resolved = beta(problem) > rat("1e-9");
    assert!(c.verdict == Verdict::Optimal || !resolved, "{text}");
}

/// One feature without a bias. ReLU: the neurons of either direction see the rows of one sign, so the problem falls apart into two soft thresholds;
/// the absolute value: one.
fn one_column_truth(x: &[Rat], y: &[Rat], beta: &Rat, relu: bool) -> Rat {
    let sides: Vec<Vec<Rat>> = if relu {
        let part = |sign: i64| x.iter().map(|x| max_zero(x * int(sign))).collect();
        vec![part(1), part(-1)]
    } else {
        vec![x.iter().map(Signed::abs).collect()]
    };
    let mut value: Rat = y.iter().map(square).sum::<Rat>() / int(2);
    for column in sides {
        let along = sum(y.iter().zip(column.iter().cloned())).abs();
        let length: Rat = column.iter().map(square).sum();
        if &along > beta {
            value -= square(&(along - beta)) / (int(2) * length);
        }
    }
    value
}

fn max_zero(x: Rat) -> Rat {
    if x.is_negative() { Rat::zero() } else { x }
}

#[test]
fn brackets_contain_the_optimum_of_one_column() {
    let mut random = Random::new(901);
    for case in 0..600 {
        let n = 1 + random.below(7);
        let x = column(n, 1 + case % 3, &mut random);
        let y = tied_targets(n, &mut random);
        let relu = case % 4 != 3;
        let positive: Vec<Rat> = x.iter().cloned().map(max_zero).collect();
        let threshold = if relu {
            sum(y.iter().zip(positive)).abs()
        } else {
            sum(y.iter().zip(x.iter().map(Signed::abs))).abs()
        };
        if !threshold.is_positive() {
            continue;
        }
        // At the threshold of the positive side, one unit beside it, and anywhere.
        let beta = match case % 5 {
            0 => threshold,
            1 => threshold + unit(),
            2 => threshold - unit(),
            3 => threshold * frac(1, 3),
            _ => frac(1 + random.below(30) as i64, 10),
        };
        if !beta.is_positive() {
            continue;
        }
        let rows: Vec<Vec<Rat>> = x.iter().map(|x| vec![x.clone()]).collect();
        let groups = vec![1; n];
        let mut problem = half_sum(
            grouped(&rows, &groups, &y),
            if relu {
                Activation::relu()
            } else {
                Activation::abs()
            },
            &beta,
            HiddenBias::None,
            OutputBias::None,
        );
        let truth = one_column_truth(&x, &y, &beta, relu);
        problem.loss = LOSSES[(case as usize) % 4];
        problem = at_half_sum_decay(&problem, &beta);
        assert_eq!(common::beta(&problem), beta);
        if truth.is_zero() {
            continue;
        }
        bracket_contains(&problem, &truth);
    }
}

/// The problem with the decay whose half-sum form is β.
fn at_half_sum_decay(problem: &Problem, beta: &Rat) -> Problem {
    at_decay(problem, &(beta * loss_factor(problem) * int(2)))
}

/// A vector of the plane.
type Plane = [Rat; 2];

fn cross(a: &Plane, b: &Plane) -> Rat {
    &a[0] * &b[1] - &a[1] * &b[0]
}

fn dot(a: &Plane, b: &Plane) -> Rat {
    &a[0] * &b[0] + &a[1] * &b[1]
}

/// By angle, from the positive first axis.
fn by_angle(a: &Plane, b: &Plane) -> Ordering {
    let half = |p: &Plane| p[1].is_negative() || (p[1].is_zero() && p[0].is_negative());
    half(a)
        .cmp(&half(b))
        .then_with(|| Rat::zero().cmp(&cross(a, b)))
}

/// max |Σ v φ(x·u)|²/|u|² over the plane, exactly, for the ReLU: on every arc between two kinks the function is linear.
fn largest_squared(rows: &[Plane], v: &[Rat]) -> Rat {
    let mut rays: Vec<Plane> = Vec::new();
    for x in rows.iter().filter(|x| !dot(x, x).is_zero()) {
        rays.push([-x[1].clone(), x[0].clone()]);
        rays.push([x[1].clone(), -x[0].clone()]);
    }
    if rays.is_empty() {
        return Rat::zero();
    }
    // The axes are no kinks, but make every arc shorter than a half turn.
    for (a, b) in [(1, 0), (0, 1), (-1, 0), (0, -1)] {
        rays.push([int(a), int(b)]);
    }
    rays.sort_by(by_angle);
    rays.dedup_by(|a, b| by_angle(a, b).is_eq());
    let mut best = Rat::zero();
    for (k, from) in rays.iter().enumerate() {
        let to = &rays[(k + 1) % rays.len()];
        let inside = [&from[0] + &to[0], &from[1] + &to[1]];
        let mut g: Plane = [Rat::zero(), Rat::zero()];
        for (x, v) in rows.iter().zip(v) {
            if dot(x, &inside).is_positive() {
                g = [&g[0] + v * &x[0], &g[1] + v * &x[1]];
            }
        }
        for g in [g.clone(), [-g[0].clone(), -g[1].clone()]] {
            let candidate = if !cross(from, &g).is_negative()
                && !cross(&g, to).is_negative()
                && dot(&g, &inside).is_positive()
            {
                dot(&g, &g)
            } else {
                [from, to]
                    .into_iter()
                    .map(|end| {
                        let along = max_zero(dot(&g, end));
                        square(&along) / dot(end, end)
                    })
                    .max()
                    .expect("two ends")
            };
            best = best.max(candidate);
        }
    }
    best
}

/// Planar rows with repeated, parallel, antiparallel and zero ones.
fn planar(n: usize, bias: bool, random: &mut Random) -> Vec<Plane> {
    let mut rows: Vec<Plane> = Vec::new();
    for i in 0..n {
        let fresh = [int(random.between(-3, 3)), int(random.between(-3, 3))];
        let row = match random.below(5) {
            0 if i > 0 => rows[random.below(i)].clone(),
            1 if i > 0 => {
                let old = &rows[random.below(i)];
                let factor = frac(random.between(-2, 2), 2);
                [&old[0] * &factor, &old[1] * &factor]
            }
            2 if i > 0 => {
                let old = &rows[random.below(i)];
                [&old[0] + unit(), old[1].clone()]
            }
            _ => fresh,
        };
        rows.push(if bias { [row[0].clone(), int(1)] } else { row });
    }
    rows
}

fn planar_problem(rows: &[Plane], y: &[Rat], bias: bool, beta: &Rat) -> Problem {
    let features: Vec<Vec<Rat>> = rows
        .iter()
        .map(|x| if bias { vec![x[0].clone()] } else { x.to_vec() })
        .collect();
    let groups = vec![1; y.len()];
    let hidden = if bias {
        HiddenBias::Decayed
    } else {
        HiddenBias::None
    };
    half_sum(
        grouped(&features, &groups, y),
        Activation::relu(),
        beta,
        hidden,
        OutputBias::None,
    )
}

#[test]
fn beta_max_in_the_plane_is_enclosed_and_nothing_is_gained_from_there_on() {
    let mut random = Random::new(902);
    let mut count = 0;
    for case in 0..400 {
        let bias = case % 2 == 0;
        let n = 1 + random.below(6);
        let rows = planar(n, bias, &mut random);
        let y = tied_targets(n, &mut random);
        let square_of_largest = largest_squared(&rows, &y);
        if square_of_largest.is_zero() {
            continue;
        }
        count += 1;
        let problem = planar_problem(&rows, &y, bias, &int(1));
        let text = problem.statement();
        let found = beta_max(&problem, &options("1e-6")).expect("a run");
        assert!(
            square(&found.lower) <= square_of_largest,
            "{} {}\n{text}",
            rat_to_f64(&found.lower),
            rat_to_f64(&square_of_largest)
        );
        assert!(square_of_largest <= square(&found.upper), "{text}");
        // Rows or values 2⁻⁶⁰ apart are one to the floats of the search; then only the enclosure is promised.
        let resolved = problem.data.x_den < BigInt::from(1u64 << 50) && found.upper > rat("1e-6");
        let width = &found.upper - &found.lower;
        assert!(!resolved || width <= &found.upper * rat("1e-9"), "{text}");
        // At any rational decay not below β_max the zero network is optimal; just below it, it is at most nearly so.
        let zero_value: Rat = y.iter().map(square).sum::<Rat>() / int(2);
        for (beta, optimal) in [
            (found.upper.clone(), true),
            (&found.upper + unit(), true),
            (&found.lower * frac(9, 10), false),
        ] {
            if !beta.is_positive() || (!resolved && !optimal) {
                continue;
            }
            let problem = planar_problem(&rows, &y, bias, &beta);
            let c = certify(&problem, &zero_network(&problem), &options("1e-8")).expect("a run");
            assert_eq!(c.objective, zero_value);
            assert!(c.lower_bound <= zero_value);
            if optimal {
                assert!(c.verdict == Verdict::Optimal || !resolved, "{text}");
            } else {
                assert!(c.upper_bound < zero_value, "{text}");
                assert!(c.lower_bound < zero_value, "{text}");
            }
        }
    }
    assert!(count > 300, "{count}");
}

#[test]
fn beta_max_with_an_undecayed_bias_is_enclosed() {
    let mut random = Random::new(903);
    for _ in 0..150 {
        let n = 2 + random.below(5);
        let x = column(n, 2, &mut random);
        let y = tied_targets(n, &mut random);
        let mean = y.iter().sum::<Rat>() / int(n as i64);
        let v: Vec<Rat> = y.iter().map(|y| y - &mean).collect();
        // For weight ±1 the function is piecewise linear in the bias, and constant far out.
        let mut largest = Rat::zero();
        for sign in [1, -1] {
            for kink in &x {
                let outputs = x.iter().map(|x| max_zero((x - kink) * int(sign)));
                largest = largest.max(sum(v.iter().zip(outputs)).abs());
            }
        }
        let rows: Vec<Vec<Rat>> = x.iter().map(|x| vec![x.clone()]).collect();
        let groups = vec![1; n];
        let problem = half_sum(
            grouped(&rows, &groups, &y),
            Activation::relu(),
            &int(1),
            HiddenBias::Undecayed,
            OutputBias::None,
        );
        let text = problem.statement();
        let found = beta_max(&problem, &options("1e-6")).expect("a run");
        assert!(found.lower <= largest && largest <= found.upper, "{text}");
        assert!(
            &found.upper - &found.lower <= &found.upper * rat("1e-9"),
            "{text}"
        );
        if largest.is_zero() {
            continue;
        }
        // From there on the infimum is that of a constant: it is approached.
        let truth: Rat = v.iter().map(square).sum::<Rat>() / int(2);
        for beta in [&largest + unit(), &largest * int(2)] {
            let c = solve(&at_decay(&problem, &beta), None, &options("1e-8")).expect("a run");
            assert!(c.lower_bound <= truth && truth <= c.upper_bound, "{text}");
            assert_eq!(c.verdict, Verdict::Optimal, "{text}");
        }
    }
}
