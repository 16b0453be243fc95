//! The set of optimal networks: problems whose set is known by hand, and laws that every set obeys.

mod common;

use std::fs;

use assert_cmd::cargo::cargo_bin_cmd;
use common::*;
use relucert::exact::{Rat, rat_to_f64};
use relucert::problem::{Activation, Dataset, HiddenBias, Network, OutputBias, Problem};
use relucert::run::{End, OptimalSet, Range, SetError, optimal_set, solve};

/// The set of a problem, and outputs at single rows.
fn set_of(problem: &Problem, at: &[&[Rat]]) -> OptimalSet {
    let certificate = solve(problem, None, &options("1e-10")).expect("a solve");
    let points = (!at.is_empty()).then(|| {
        let x: Vec<Vec<Rat>> = at.iter().map(|row| row.to_vec()).collect();
        Dataset::from_rows(&x, &vec![int(0); x.len()]).expect("points")
    });
    let set = optimal_set(problem, &certificate, points.as_ref(), &options("1e-10"))
        .unwrap_or_else(|e| panic!("{e}: {}", problem.statement()));
    assert!(set.complete);
    set
}

fn near(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-6 * b.abs().max(1.0)
}

fn assert_range(range: Range, low: f64, high: f64) {
    let Range::Between(a, b) = range else {
        panic!("{range:?}")
    };
    assert!(
        near(a, low) && near(b, high),
        "{a} to {b}, not {low} to {high}"
    );
}

fn relu(data: Dataset, beta: &Rat, hidden: HiddenBias, output: OutputBias) -> Problem {
    half_sum(data, Activation::relu(), beta, hidden, output)
}

fn xor() -> Dataset {
    integer_data(&[&[1, 1], &[1, -1], &[-1, 1], &[-1, -1]], &[-1, 1, 1, -1])
}

#[test]
fn xor_has_one_optimal_network() {
    // A neuron for each sample, in its direction: ½(√2·t − 1)² + βt is least at t = 1/√2 − β/2.
    let problem = relu(xor(), &frac(1, 10), HiddenBias::None, OutputBias::None);
    let set = set_of(&problem, &[&[int(1), int(0)], &[int(2), int(2)]]);
    assert_eq!(
        (set.directions.len(), set.rank, set.dimension),
        (4, 4, Some(0))
    );
    assert_eq!((set.narrowest.width(), set.vertices), (4, (1, true)));
    let t = 0.5f64.sqrt() - 0.05;
    for direction in &set.directions {
        let (low, high) = direction.scale.expect("a range");
        assert!(near(low, t) && near(high, t));
        assert!(near(direction.ratio, 1.0) && near(direction.u[0].abs(), 0.5f64.sqrt()));
    }
    // (1, 0) meets (1, 1) and (1, −1), of opposite signs; (2, 2) meets (1, 1) alone.
    assert_range(set.at[0], 0.0, 0.0);
    assert_range(set.at[1], -t * 8f64.sqrt(), -t * 8f64.sqrt());
}

#[test]
fn the_two_ways_to_write_a_neuron_count_once() {
    let problem = half_sum(
        xor(),
        Activation::abs(),
        &frac(1, 10),
        HiddenBias::None,
        OutputBias::None,
    );
    let set = set_of(&problem, &[]);
    // |·| does the two samples of a diagonal at once: (√2·t − 1)² + βt.
    assert_eq!(
        (set.directions.len(), set.dimension, set.narrowest.width()),
        (2, Some(0), 2)
    );
    for direction in &set.directions {
        let (low, high) = direction.scale.expect("a range");
        assert!(near(low, high) && near(high, 0.5f64.sqrt() - 0.025));
    }
    let linear = Activation::leaky(int(1)).expect("a slope");
    let problem = half_sum(
        integer_data(&[&[1]], &[2]),
        linear,
        &frac(1, 2),
        HiddenBias::None,
        OutputBias::None,
    );
    let set = set_of(&problem, &[&[int(-3)]]);
    assert_eq!(
        (set.directions.len(), set.dimension, set.narrowest.width()),
        (1, Some(0), 1)
    );
    assert_range(set.at[0], -4.5, -4.5);
}

/// One sample whose rows are ±e_1, …, ±e_d, summed: F_v(u) = v·Σ|u_j|, so that all 2^d sign vectors are active.
fn cross(d: usize, y: i64) -> Dataset {
    let mut x = Vec::new();
    for j in 0..d {
        for side in [1, -1] {
            x.push((0..d).map(|k| int(if k == j { side } else { 0 })).collect());
        }
    }
    grouped(&x, &[2 * d], &[int(y)])
}

#[test]
fn pooled_opposite_rows_make_a_simplex_of_optimal_networks() {
    for d in 1..=3usize {
        let problem = relu(cross(d, 4), &frac(1, 2), HiddenBias::None, OutputBias::None);
        let point: Vec<Rat> = (0..d).map(|_| int(1)).collect();
        let set = set_of(&problem, &[&point]);
        let count = 1 << d;
        assert_eq!((set.directions.len(), set.rank), (count, 1));
        assert_eq!(set.dimension, Some(count - 1));
        assert_eq!((set.narrowest.width(), set.vertices), (1, (count, true)));
        // A unit neuron gives √d: ½(√d·t − 4)² + t/2 at t = 4/√d − 1/(2d).
        let root = (d as f64).sqrt();
        let t = 4.0 / root - 0.5 / d as f64;
        for direction in &set.directions {
            let (low, high) = direction.scale.expect("a range");
            assert!(near(low, 0.0) && near(high, t));
        }
        // At the row (1, …, 1) alone: from nothing, by a neuron in the opposite direction, to t·√d.
        assert_range(set.at[0], 0.0, t * root);
        // In the decayed case every number is exact: the narrowest network is as good as the bracket says.
        assert!(set.narrowest_objective > int(0));
    }
}

#[test]
fn a_line_through_the_data_bends_outside_of_them_as_it_likes() {
    // y = x at 0, 1, 2, free constants: the slope is t = (2 − β)/2, f(1) = 1. The bends may be anywhere outside.
    let beta = 1.0;
    let data = integer_data(&[&[0], &[1], &[2]], &[0, 1, 2]);
    let problem = relu(data, &int(1), HiddenBias::Undecayed, OutputBias::Free);
    let points: Vec<Vec<Rat>> = [int(0), int(1), int(2), frac(1, 2), int(3), int(-2)]
        .into_iter()
        .map(|x| vec![x])
        .collect();
    let rows: Vec<&[Rat]> = points.iter().map(Vec::as_slice).collect();
    let set = set_of(&problem, &rows);
    assert_eq!(
        (set.directions.len(), set.rank, set.dimension),
        (2, 1, Some(1))
    );
    assert_eq!(set.narrowest.width(), 1);
    assert!(
        set.stretches
            .iter()
            .all(|s| matches!(s.to, End::Infinite(_)))
    );
    assert_eq!(set.stretches.len(), 2);
    let t = (2.0 - beta) / 2.0;
    for (k, x) in [0.0, 1.0, 2.0, 0.5].into_iter().enumerate() {
        let f = 1.0 + t * (x - 1.0);
        assert_range(set.at[k], f, f);
    }
    assert_range(set.at[4], 1.0 + t, 1.0 + 2.0 * t);
    assert_range(set.at[5], 1.0 - 3.0 * t, 1.0 - t);
}

#[test]
fn between_two_active_kinks_the_bend_may_be_anywhere() {
    // y = (2, 0, 0, 2) at −3, −1, 1, 3: bends with slopes t = 1 − β/2 at τ ∈ [−1, 1] upwards and −τ downwards, f(±1) = c = β/2, so
    // f(0) is c for bends at ±1 and c − t for two bends at 0.
    let beta = 0.5;
    let data = integer_data(&[&[-3], &[-1], &[1], &[3]], &[2, 0, 0, 2]);
    let problem = relu(data, &frac(1, 2), HiddenBias::Undecayed, OutputBias::Free);
    let points: Vec<Vec<Rat>> = [int(0), int(1), int(5), frac(1, 2)]
        .into_iter()
        .map(|x| vec![x])
        .collect();
    let rows: Vec<&[Rat]> = points.iter().map(Vec::as_slice).collect();
    let set = set_of(&problem, &rows);
    assert_eq!(
        (set.directions.len(), set.rank, set.dimension),
        (4, 3, Some(1))
    );
    assert_eq!(set.narrowest.width(), 2);
    assert_eq!(set.stretches.len(), 2);
    let (t, c) = (1.0 - beta / 2.0, beta / 2.0);
    assert_range(set.at[0], c - t, c);
    assert_range(set.at[1], c, c);
    assert_range(set.at[2], c + 4.0 * t, c + 4.0 * t);
    // At ½: a bend at m: m ≥ ½ leaves c − t(1 − m) + t(½ + m − …); by hand for each m in [−1, 1], the least is at m = ½, the most at the ends.
    let value = |m: f64| c - t * (1.0 - m) + t * (0.5 - m).max(0.0) + t * (-m - 0.5).max(0.0);
    let low = (0..=2000)
        .map(|i| value(f64::from(i) / 1000.0 - 1.0))
        .fold(f64::INFINITY, f64::min);
    let high = (0..=2000)
        .map(|i| value(f64::from(i) / 1000.0 - 1.0))
        .fold(f64::NEG_INFINITY, f64::max);
    assert_range(set.at[3], low, high);
}

#[test]
fn above_the_largest_decay_there_is_nothing() {
    for hidden in HIDDEN {
        for output in OUTPUT {
            let problem = relu(xor(), &int(100), hidden, output);
            let set = set_of(&problem, &[&[int(5), int(5)]]);
            assert!(set.directions.is_empty());
            assert_eq!(
                (set.rank, set.dimension, set.narrowest.width()),
                (0, Some(0), 0)
            );
            // The mean of the targets is 0.
            assert_range(set.at[0], 0.0, 0.0);
        }
    }
}

#[test]
fn constants_for_rows_and_for_samples_are_told_apart_or_not() {
    // Every sample has two rows, so a constant for each row is one for each sample; at a sample of one row it is not.
    let x: Vec<Vec<Rat>> = [0, 1, 1, 2, 2, 4]
        .into_iter()
        .map(|x| vec![int(x)])
        .collect();
    let data = grouped(&x, &[2, 2, 2], &[int(0), int(1), int(5)]);
    let problem = relu(data, &frac(1, 4), HiddenBias::Undecayed, OutputBias::Free);
    let set = set_of(&problem, &[&[int(1)]]);
    assert_eq!(set.at, [Range::Unbounded]);
}

#[test]
fn a_problem_that_is_not_solved_has_no_set() {
    let problem = relu(xor(), &frac(1, 10), HiddenBias::None, OutputBias::None);
    let mut certificate = solve(&problem, None, &options("1e-10")).expect("a solve");
    certificate.lower_bound = &certificate.lower_bound * frac(1, 2);
    let refused = optimal_set(&problem, &certificate, None, &options("1e-10"));
    assert!(matches!(refused, Err(SetError::NotSolved { .. })));
    let other = integer_data(&[&[1]], &[0]);
    let refused = optimal_set(&problem, &certificate, Some(&other), &options("1e-10"));
    assert!(matches!(
        refused,
        Err(SetError::Features {
            expected: 2,
            found: 1
        })
    ));
}

/// Every local maximum of `s·F_v/β` on the circle from 1 − 1e-6 on: between two kinks `F_v` is linear, so it is where its gradient points, if that is between them, or at a kink.
fn maxima_on_the_circle(problem: &Problem, v: &[f64], beta: f64) -> Vec<f64> {
    let rows: Vec<Vec<f64>> = (0..problem.data.rows)
        .map(|i| row(problem, i).iter().map(rat_to_f64).collect())
        .collect();
    let (low, high) = (
        rat_to_f64(&problem.activation.low),
        rat_to_f64(&problem.activation.high),
    );
    let value = |angle: f64| -> f64 {
        let u = [angle.cos(), angle.sin()];
        rows.iter()
            .zip(v)
            .map(|(x, v)| {
                let t = x[0] * u[0] + x[1] * u[1];
                v * if t > 0.0 { high * t } else { low * t }
            })
            .sum()
    };
    let turn = std::f64::consts::TAU;
    let mut kinks: Vec<f64> = rows
        .iter()
        .filter(|x| x[0] != 0.0 || x[1] != 0.0)
        .flat_map(|x| [1.0, 3.0].map(|q| (x[1].atan2(x[0]) + q * turn / 4.0).rem_euclid(turn)))
        .collect();
    kinks.sort_by(f64::total_cmp);
    kinks.dedup_by(|b, a| *b - *a < 1e-9);
    let mut found = Vec::new();
    for sign in [1.0, -1.0] {
        let mut tops: Vec<f64> = kinks.clone();
        for (i, from) in kinks.iter().enumerate() {
            let to = kinks.get(i + 1).copied().unwrap_or(kinks[0] + turn);
            let middle = 0.5 * (from + to);
            // F(angle) = g·u there.
            let (c, s) = (value(middle), value(middle + 1e-3 * (to - from)));
            let step = 1e-3 * (to - from);
            let across = (s - c * step.cos()) / step.sin();
            let top = middle + (sign * across).atan2(sign * c);
            if (top - middle).abs() < 0.5 * (to - from) {
                tops.push(top.rem_euclid(turn));
            }
        }
        let mut angles: Vec<f64> = tops
            .into_iter()
            .filter(|top| sign * value(*top) >= beta * (1.0 - 1e-6))
            .filter(|top| {
                [1e-6, -1e-6]
                    .iter()
                    .all(|e| sign * value(top + e) <= sign * value(*top) + 1e-14)
            })
            .collect();
        angles.sort_by(f64::total_cmp);
        angles.dedup_by(|b, a| *b - *a < 1e-5);
        if angles.len() > 1 && angles[0] + turn - angles[angles.len() - 1] < 1e-5 {
            angles.pop();
        }
        found.extend(angles.iter().map(|top| sign * value(*top) / beta));
    }
    found
}

#[test]
fn in_the_plane_no_active_direction_is_missed() {
    let mut random = Random::new(77);
    let mut total = 0;
    for case in 0..60 {
        let n = 3 + random.below(6);
        let x: Vec<Vec<Rat>> = (0..n)
            .map(|_| (0..2).map(|_| int(random.between(-3, 3))).collect())
            .collect();
        let y: Vec<Rat> = (0..n).map(|_| int(random.between(-3, 3))).collect();
        let activation = [
            Activation::relu(),
            Activation::leaky(frac(1, 10)).expect("a slope"),
        ][case % 2]
            .clone();
        let data = Dataset::from_rows(&x, &y).expect("data");
        let beta = frac(1, 1 + case as i64 % 9);
        let problem = half_sum(data, activation, &beta, HiddenBias::None, OutputBias::None);
        let certificate = solve(&problem, None, &options("1e-11")).expect("a solve");
        let set = optimal_set(&problem, &certificate, None, &options("1e-11"))
            .unwrap_or_else(|e| panic!("{e}: {}", problem.statement()));
        let best = certificate.best.as_ref().expect("a network");
        let v: Vec<f64> = outputs(&problem, best)
            .iter()
            .zip(targets(&problem))
            .map(|(f, y)| rat_to_f64(&(y - f)))
            .collect();
        let maxima = maxima_on_the_circle(&problem, &v, rat_to_f64(&beta));
        let above = |level: f64| maxima.iter().filter(|m| **m >= level).count();
        let count = set.directions.len();
        assert!(
            above(1.0 - 5e-10) <= count && count <= above(1.0 - 2e-7),
            "{count} directions, {maxima:?}: {}",
            problem.statement()
        );
        total += count;
    }
    assert!(total > 100);
}

/// Outputs of a network at rows, as floats.
fn outputs_at(problem: &Problem, points: &Dataset, network: &Network) -> Vec<f64> {
    let outputs = points
        .outputs(&problem.activation, network)
        .expect("outputs");
    outputs
        .values
        .iter()
        .map(|v| rat_to_f64(&Rat::new(v.clone(), outputs.den.clone())))
        .collect()
}

#[test]
fn every_optimal_network_found_is_in_the_set_and_they_agree_on_the_data() {
    let mut random = Random::new(20);
    let mut large = 0;
    for case in 0..60 {
        let d = 1 + case % 3;
        let n = 3 + random.below(4);
        let x: Vec<Vec<Rat>> = (0..n)
            .map(|_| (0..d).map(|_| int(random.between(-2, 2))).collect())
            .collect();
        let y: Vec<Rat> = (0..n).map(|_| int(random.between(-3, 3))).collect();
        let data = Dataset::from_rows(&x, &y).expect("data");
        let activation = random.pick(&activations()).clone();
        let (hidden, output) = (*random.pick(&HIDDEN), *random.pick(&OUTPUT));
        let beta = frac(random.between(1, 8), 8);
        let problem = half_sum(data, activation, &beta, hidden, output);
        let mut points = x.clone();
        points.extend((0..4).map(|_| (0..d).map(|_| frac(random.between(-9, 9), 2)).collect()));
        let points = Dataset::from_rows(&points, &vec![int(0); points.len()]).expect("points");
        let certificate = solve(&problem, None, &options("1e-11")).expect("a solve");
        let context = || format!("case {case}: {}", problem.statement());
        let set = optimal_set(&problem, &certificate, Some(&points), &options("1e-11"))
            .unwrap_or_else(|e| panic!("{e}; {}", context()));
        assert!(set.complete && set.dimension.is_some(), "{}", context());
        large += usize::from(set.dimension > Some(0));
        // The narrowest is no wider than what was found, as good, and the exact objective is its own.
        assert!(set.narrowest.width() <= certificate.width, "{}", context());
        assert_eq!(objective(&problem, &set.narrowest), set.narrowest_objective);
        assert!(set.narrowest_objective <= &certificate.objective * rat("1.000001") + rat("1e-12"));
        for (i, range) in set.at.iter().enumerate() {
            let Range::Between(low, high) = *range else {
                panic!("{range:?}; {}", context())
            };
            assert!(low <= high + 1e-9);
            if i < n {
                assert!(
                    high - low <= 1e-5,
                    "training row {i}: {low} to {high}; {}",
                    context()
                );
            }
        }
        let mut networks = vec![
            certificate.best.clone().expect("a network"),
            set.narrowest.clone(),
        ];
        for seed in 1..3 {
            let other = relucert::run::RunOptions {
                seed,
                ..options("1e-11")
            };
            networks.push(
                solve(&problem, None, &other)
                    .expect("a solve")
                    .best
                    .expect("a network"),
            );
        }
        for network in &networks {
            for (f, range) in outputs_at(&problem, &points, network).iter().zip(&set.at) {
                let Range::Between(low, high) = *range else {
                    unreachable!()
                };
                let spare = 2e-4 * f.abs().max(1.0);
                assert!(
                    low - spare <= *f && *f <= high + spare,
                    "{f} not in {low} to {high}; {}",
                    context()
                );
            }
        }
    }
    assert!(large >= 5, "only {large} sets of more than one network");
}

#[test]
fn the_command_says_what_the_library_says() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = |name: &str| folder.path().join(name);
    fs::write(path("pair.csv"), "g,x,y\n1,1,2\n1,-1,2\n").expect("a file");
    fs::write(path("at.csv"), "x,g,other\n1,1,9\n-2,2,9\n").expect("a file");
    let run = |arguments: &str| {
        cargo_bin_cmd!("relucert")
            .current_dir(folder.path())
            .args(arguments.split_whitespace())
            .output()
            .expect("the program runs")
    };
    let problem = "solve --data pair.csv --group g --no-bias --loss half-sum --weight-decay 0.5";
    let ran = run(&format!(
        "{problem} --optimal-set --at at.csv --out narrow.json --json"
    ));
    assert_eq!(
        ran.status.code(),
        Some(0),
        "{}",
        String::from_utf8_lossy(&ran.stderr)
    );
    let value: serde_json::Value = serde_json::from_slice(&ran.stdout).expect("JSON");
    let set = &value["optimal_set"];
    assert_eq!(set["dimension"], 1);
    assert_eq!(set["rank"], 1);
    assert_eq!(set["directions"].as_array().map(Vec::len), Some(2));
    assert_eq!(set["narrowest"]["width"], 1);
    assert_eq!(set["at"][0]["status"], "bounded");
    assert!(near(set["at"][0]["high"].as_f64().expect("a number"), 1.5));
    assert!(near(set["at"][1]["high"].as_f64().expect("a number"), 3.0));
    assert_eq!(
        Network::read(&path("narrow.json"))
            .expect("a network")
            .width(),
        1
    );
    let ran = run(&format!("{problem} --optimal-set --at at.csv -q"));
    let text = String::from_utf8(ran.stdout).expect("UTF-8");
    for part in [
        "verdict      optimal",
        "directions   2 active",
        "dimension    1",
        "narrowest    1 neuron found",
        "numerical",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    for (arguments, part) in [
        ("--at at.csv", "--optimal-set"),
        ("--optimal-set --at none.csv", "none.csv"),
        ("--optimal-set --path 1:2:3", "--path"),
        ("--optimal-set --beta-max", "--beta-max"),
        ("--optimal-set --at pair.csv --out pair.csv", "pair.csv"),
    ] {
        let ran = run(&format!("{problem} {arguments}"));
        assert_eq!(ran.status.code(), Some(2), "{arguments}");
        let error = String::from_utf8_lossy(&ran.stderr);
        assert!(error.contains(part), "{arguments}: {error}");
    }
}
