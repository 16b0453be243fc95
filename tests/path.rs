//! The regularisation path: laws in λ, values known by hand, and the files of `solve --path`.

mod common;

use std::fs;
use std::path::Path;
use std::process::Output;

use assert_cmd::cargo::cargo_bin_cmd;
use common::*;
use num_traits::{Signed, Zero};
use proptest::prelude::*;
use relucert::exact::Rat;
use relucert::problem::{Activation, Dataset, Decay, HiddenBias, OutputBias, Problem};
use relucert::run::{PathPoint, SpacingError, Verdict, beta_max, log_spaced, path, proof_name};
use relucert_checker::check_path;

/// The path of a problem at these weight decays.
fn path_of(problem: &Problem, lambdas: &[Rat]) -> Vec<PathPoint> {
    let decays: Vec<Decay> = lambdas.iter().cloned().map(Decay::WeightDecay).collect();
    let found = path(
        problem,
        &decays,
        None,
        None,
        &options("1e-8"),
        None,
        &mut |_| true,
    );
    let found = found.expect("a path");
    assert!(found.complete);
    found.points
}

/// Laws of two points with λ1 > λ2, in exact numbers: the network of each is within its gap of the optimum at its own λ.
fn check_pair(problem: &Problem, a: &PathPoint, b: &PathPoint) {
    let (mu_a, mu_b) = (a.decay.mu(), b.decay.mu());
    let (gap_a, gap_b) = (a.certificate.gap(), b.certificate.gap());
    let factor = loss_factor(problem) * int(problem.n() as i64);
    let (loss_a, loss_b) = (&a.train_error * &factor, &b.train_error * &factor);
    // The figures belong together.
    assert_eq!(&loss_a + a.penalty(), a.certificate.objective);
    // The optimum does not fall with λ.
    assert!(a.certificate.upper_bound >= b.certificate.lower_bound);
    // Neither does the loss, nor does the norm rise, but for the gaps.
    let slack = (&gap_a + &gap_b) / (&mu_a - &mu_b);
    assert!(&a.squared_norm - &b.squared_norm <= slack);
    assert!(loss_b - loss_a <= &gap_b + &mu_b * slack);
}

#[test]
fn objective_loss_and_norm_obey_their_laws_along_the_path() {
    let mut random = Random::new(4);
    for case in 0..24 {
        let d = 1 + case % 2;
        let n = 4 + random.below(4);
        let x: Vec<Vec<Rat>> = (0..n)
            .map(|_| (0..d).map(|_| int(random.between(-4, 4))).collect())
            .collect();
        let y: Vec<Rat> = (0..n).map(|_| int(random.between(-4, 4))).collect();
        let data = Dataset::from_rows(&x, &y).expect("data");
        let mut problem = half_sum(
            data,
            random.pick(&activations()).clone(),
            &int(1),
            *random.pick(&HIDDEN),
            *random.pick(&OUTPUT),
        );
        problem.loss = *random.pick(&LOSSES);
        let lambdas = log_spaced(&int(4), &frac(1, 50), 6).expect("values");
        let points = path_of(&problem, &lambdas);
        for (i, a) in points.iter().enumerate() {
            assert_eq!(a.decay, Decay::WeightDecay(lambdas[i].clone()));
            assert_eq!(
                a.certificate.verdict,
                Verdict::Optimal,
                "case {case}, {}",
                problem.statement()
            );
            for b in &points[i + 1..] {
                check_pair(&problem, a, b);
            }
        }
        // Concave in λ.
        for w in points.windows(3) {
            let [a, b, c] = w else { unreachable!() };
            let lambda = |p: &PathPoint| p.decay.lambda().clone();
            let share = (lambda(b) - lambda(c)) / (lambda(a) - lambda(c));
            let chord = &a.certificate.lower_bound * &share
                + &c.certificate.lower_bound * (int(1) - &share);
            assert!(b.certificate.upper_bound >= chord, "case {case}");
        }
    }
}

#[test]
fn a_path_has_the_brackets_of_separate_solves() {
    let data = integer_data(
        &[&[1, 2], &[-1, 1], &[3, 0], &[0, -2], &[2, 2]],
        &[1, -2, 3, 0, 2],
    );
    let problem = half_sum(
        data,
        Activation::relu(),
        &int(1),
        HiddenBias::Decayed,
        OutputBias::Free,
    );
    let lambdas = log_spaced(&int(5), &frac(1, 20), 5).expect("values");
    for point in path_of(&problem, &lambdas) {
        let alone =
            solve_checked(&at_decay(&problem, point.decay.lambda()), &options("1e-9")).certificate;
        let own = &point.certificate;
        assert!(own.lower_bound <= alone.upper_bound && alone.lower_bound <= own.upper_bound);
    }
}

#[test]
fn from_the_largest_decay_on_the_width_is_zero_and_below_it_the_optimum_is_known() {
    // Multiples t·(3, 4) of one direction: λ_max = 50, and the optimum below is 15/2 − (50 − λ)²/500.
    let data = integer_data(&[&[3, 4], &[6, 8], &[-3, -4], &[-9, -12]], &[2, -1, 1, 3]);
    let problem = half_sum(
        data,
        Activation::relu(),
        &int(1),
        HiddenBias::None,
        OutputBias::None,
    );
    let max = beta_max(&problem, &options("1e-9")).expect("a run");
    assert_eq!(max.upper, int(50));
    let lambdas = log_spaced(&int(200), &frac(25, 2), 5).expect("values");
    assert_eq!(lambdas, [int(200), int(100), int(50), int(25), frac(25, 2)]);
    let decays: Vec<Decay> = lambdas.iter().cloned().map(Decay::WeightDecay).collect();
    // Whatever network it begins with.
    let init = random_network(&problem, 3, &int(1), &mut Random::new(1));
    for (init, max) in [(None, None), (Some(&init), Some(&max))] {
        let found = path(
            &problem,
            &decays,
            init,
            max,
            &options("1e-9"),
            None,
            &mut |_| true,
        )
        .expect("a path");
        for point in &found.points {
            let lambda = point.decay.lambda();
            let below = if lambda < &int(50) {
                int(50) - lambda
            } else {
                Rat::zero()
            };
            let optimum = frac(15, 2) - square(&below) / int(500);
            let c = &point.certificate;
            assert!(c.lower_bound <= optimum && optimum <= c.upper_bound);
            assert_eq!(c.width, usize::from(below.is_positive()));
            assert_eq!(point.squared_norm.is_zero(), !below.is_positive());
        }
    }
}

#[test]
fn a_path_ends_when_it_is_told_to() {
    let data = integer_data(&[&[1], &[2]], &[1, 3]);
    let problem = half_sum(
        data,
        Activation::relu(),
        &int(1),
        HiddenBias::None,
        OutputBias::None,
    );
    let decays: Vec<Decay> = (1..6).rev().map(|k| Decay::Ridge(int(k))).collect();
    let found = path(
        &problem,
        &decays,
        None,
        None,
        &options("1e-6"),
        None,
        &mut |points| points.len() < 2,
    );
    let found = found.expect("a path");
    assert_eq!((found.points.len(), found.complete), (2, false));
}

#[test]
fn ends_that_make_no_path_are_refused() {
    assert_eq!(
        log_spaced(&int(0), &int(1), 3),
        Err(SpacingError::NotPositive(int(0)))
    );
    assert_eq!(log_spaced(&int(2), &int(1), 1), Err(SpacingError::TooFew));
    assert_eq!(
        log_spaced(&int(1), &int(1), 2),
        Err(SpacingError::OnePoint(int(1)))
    );
    assert_eq!(log_spaced(&int(1), &int(1), 1), Ok(vec![int(1)]));
    let next = int(1) + rat("1e-15");
    assert_eq!(log_spaced(&int(1), &next, 9), Err(SpacingError::TooMany(9)));
    assert_eq!(log_spaced(&int(1), &next, 2), Ok(vec![next, int(1)]));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn points_fall_evenly_in_the_logarithm_and_keep_their_ends(
        a in 1i64..1000, b in 1i64..1000, e in -300i32..300, points in 2usize..60,
    ) {
        let scale = rat(&format!("1e{e}"));
        let (a, b) = (frac(a, 7) * &scale, frac(b, 11) * scale);
        prop_assume!(a != b);
        let list = log_spaced(&a, &b, points).expect("values");
        prop_assert_eq!(list.len(), points);
        let (high, low) = if a > b { (&a, &b) } else { (&b, &a) };
        prop_assert_eq!(&list[0], high);
        prop_assert_eq!(&list[points - 1], low);
        prop_assert!(list.windows(2).all(|w| w[0] > w[1]));
        // x^(n−1) = high^(n−1−i)·low^i but for rounding to 4 digits: checked on neighbours.
        for w in list.windows(3) {
            let ratio = &w[0] * &w[2] / (&w[1] * &w[1]);
            prop_assert!((ratio - int(1)).abs() <= rat("2.1e-3"));
        }
    }
}

fn run(folder: &Path, arguments: &str) -> Output {
    cargo_bin_cmd!("relucert")
        .current_dir(folder)
        .args(arguments.split_whitespace())
        .output()
        .expect("the program runs")
}

const XOR: &str = "a,b,y\n1,1,-1\n1,-1,1\n-1,1,1\n-1,-1,-1\n";
const SOLVE: &str = "solve --data xor.csv --no-bias --loss half-sum";

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("xor.csv"), XOR).expect("a file");
    folder
}

#[test]
fn the_table_has_every_point_and_its_values_can_be_pasted() {
    let folder = folder();
    let at = |name: &str| folder.path().join(name);
    let ran = run(
        folder.path(),
        &format!("{SOLVE} --path max:0.1max:4 --out path.csv --proof proofs"),
    );
    assert_eq!(
        ran.status.code(),
        Some(0),
        "{}",
        String::from_utf8_lossy(&ran.stderr)
    );
    let text = String::from_utf8(ran.stdout).expect("UTF-8");
    assert!(
        text.contains("as with --weight-decay λ") && text.contains("proofs       4 in proofs"),
        "{text}"
    );
    let mut reader = csv::Reader::from_path(at("path.csv")).expect("CSV");
    let names: Vec<String> = reader
        .headers()
        .expect("a header")
        .iter()
        .map(str::to_owned)
        .collect();
    let column = |name: &str| {
        names
            .iter()
            .position(|n| n == name)
            .unwrap_or_else(|| panic!("{name}"))
    };
    let rows: Vec<csv::StringRecord> = reader.records().collect::<Result<_, _>>().expect("rows");
    assert_eq!(rows.len(), 4);
    assert_eq!(&rows[0][column("width")], "0");
    for (i, row) in rows.iter().enumerate() {
        let get = |name: &str| rat(&row[column(name)]);
        assert_eq!(&row[column("decay")], "weight-decay");
        assert_eq!(
            (&row[column("verdict")], &row[column("path_complete")]),
            ("optimal", "true")
        );
        let (high, low) = (get("objective"), get("lower_bound"));
        assert!(low <= high && (&high - &low) <= &high * rat("1e-8"));
        // 4(β/√2 − β²/4), or 2 for the zero network.
        let beta = get("lambda");
        if i > 0 {
            let value = int(4) * (&beta * rat("0.70710678118654752440") - square(&beta) / int(4));
            assert!(low <= &value + rat("1e-15") && value <= &high + rat("1e-15"));
            assert_eq!(&row[column("width")], "4");
        }
        assert!((get("lambda_over_max") * rat("1.41421356") - &beta).abs() < rat("1e-5"));
        let spare = &high * rat("1e-15");
        assert!((get("train_error") * int(2) + get("penalty") - &high).abs() <= spare);
        assert!((get("squared_norm") * &beta / int(2) - get("penalty")).abs() <= spare);
        let theorem = check_path(&at("proofs").join(proof_name(i))).expect("an accepted proof");
        let exact_low = rat_of(&theorem.bound.to_string());
        assert!(low <= exact_low && exact_low <= high);
        // The value, pasted.
        let alone = run(
            folder.path(),
            &format!("{SOLVE} --weight-decay {} --json", &row[column("lambda")]),
        );
        let value: serde_json::Value = serde_json::from_slice(&alone.stdout).expect("JSON");
        assert!(rat(value["upper_bound"]["decimal"].as_str().expect("a number")) >= low);
    }
}

#[test]
fn ridge_is_half_of_weight_decay() {
    let folder = folder();
    let json = |path: &str| -> serde_json::Value {
        let ran = run(folder.path(), &format!("{SOLVE} --path {path} --json"));
        assert_eq!(
            (ran.status.code(), ran.stderr.as_slice()),
            (Some(0), &b""[..])
        );
        serde_json::from_slice(&ran.stdout).expect("JSON")
    };
    let (decay, ridge) = (json("1:0.25:3"), json("ridge:0.125:0.5:3"));
    assert_eq!(
        (&decay["decay"], &ridge["decay"]),
        (&"weight-decay".into(), &"ridge".into())
    );
    assert_eq!(decay["complete"], true);
    assert_eq!(ridge["lambdas"], serde_json::json!(["1/2", "1/4", "1/8"]));
    let max =
        |value: &serde_json::Value| rat(value["lambda_max"]["upper"].as_str().expect("a number"));
    assert_eq!(max(&decay), max(&ridge) * int(2));
    for i in 0..3 {
        let figure = |value: &serde_json::Value, name: &str| {
            rat(value["points"][i][name]["exact"]
                .as_str()
                .expect("a number"))
        };
        assert!(figure(&decay, "lower_bound") <= figure(&ridge, "objective"));
        assert!(figure(&ridge, "lower_bound") <= figure(&decay, "objective"));
        assert_eq!(figure(&decay, "lambda"), figure(&ridge, "lambda") * int(2));
        assert_eq!(decay["points"][i]["verdict"], "optimal");
    }
}

#[test]
fn what_is_cut_short_says_so() {
    let folder = folder();
    for (out, part) in [
        ("p.csv", "path_complete"),
        ("p.json", "\"complete\": false"),
        ("p.txt", "incomplete: 0 of 3"),
    ] {
        let ran = run(
            folder.path(),
            &format!("{SOLVE} --path 1:0.1:3 --time-limit 1e-9 --out {out}"),
        );
        assert_eq!(
            ran.status.code(),
            Some(3),
            "{}",
            String::from_utf8_lossy(&ran.stderr)
        );
        assert!(String::from_utf8_lossy(&ran.stdout).contains("incomplete: 0 of 3"));
        let text = fs::read_to_string(folder.path().join(out)).expect("a table");
        assert!(text.contains(part), "{text}");
    }
}

#[test]
fn mistakes_are_named() {
    let folder = folder();
    for (arguments, part) in [
        (
            "--path 1:0.1:3 --weight-decay 1",
            "leave out --weight-decay",
        ),
        ("--path 1:0.1:3 --ridge 1", "leave out --ridge"),
        ("--path 1:0.1", "λ1:λ2:POINTS"),
        ("--path 1:0:3", "positive"),
        ("--path 1:-1:3", "positive"),
        ("--path 1:x:3", "x"),
        ("--path 1:1:3", "1 point"),
        ("--path 1:2:1", "at least 2"),
        ("--path 1:2:0", "number of points"),
        ("--path 1:2:3 --beta-max", "--beta-max"),
        ("--path 1:2:3 --checkpoint c", "--checkpoint"),
        ("--path 1:2:3 --resume c", "--resume"),
        ("--path 1:2:3 --json --format csv", "--format"),
        ("--path 1:2:3 --out xor.csv", "same file"),
        ("--path 1:2:3 --out no/path.csv", "no/path.csv"),
        ("--path 1:2:3 --proof xor.csv", "xor.csv"),
        ("--weight-decay 1 --format csv", "--path"),
    ] {
        let ran = run(folder.path(), &format!("{SOLVE} {arguments}"));
        let error = String::from_utf8_lossy(&ran.stderr);
        assert_eq!(ran.status.code(), Some(2), "{arguments}: {error}");
        assert!(error.contains(part), "{arguments}: {error}");
    }
    fs::write(folder.path().join("zero.csv"), "a,y\n1,0\n2,0\n").expect("a file");
    let ran = run(folder.path(), "solve --data zero.csv --path max:0.1max:3");
    assert_eq!(ran.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&ran.stderr).contains("λ_max is 0"));
    let ran = run(
        folder.path(),
        "solve --data zero.csv --path 1:0.1:3 --format csv",
    );
    assert_eq!(ran.status.code(), Some(0));
    assert_eq!(String::from_utf8_lossy(&ran.stdout).lines().count(), 4);
}
