//! A caller follows one run and stops it, and no other.

mod common;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use common::*;
use num_traits::Signed;
use relucert::exact::Number;
use relucert::problem::{Activation, Dataset, HiddenBias, OutputBias, Problem};
use relucert::run::{RunOptions, Verdict, Watch};

/// Noise in dimension 9, which takes far longer than a test.
fn hard() -> Problem {
    let mut random = Random::new(43);
    let mut number = || rat(&format!("{:.3}", random.normal()));
    let x: Vec<Vec<_>> = (0..150)
        .map(|_| (0..8).map(|_| number()).collect())
        .collect();
    let y: Vec<_> = (0..150).map(|_| number()).collect();
    half_sum(
        Dataset::from_rows(&x, &y).expect("data"),
        Activation::relu(),
        &int(4),
        HiddenBias::Decayed,
        OutputBias::None,
    )
}

#[test]
fn a_run_is_stopped_by_its_own_flag_and_heard_by_its_listener() {
    let problem = hard();
    let stop = Arc::new(AtomicBool::new(false));
    let heard = Arc::new(Mutex::new(Vec::new()));
    let (flag, ear) = (Arc::clone(&stop), Arc::clone(&heard));
    let watched = RunOptions {
        max_leaves: None,
        watch: Watch {
            stop: Some(stop),
            listener: Some(Arc::new(move |text: &str| {
                ear.lock().expect("an ear").push(text.to_owned());
            })),
        },
        ..options("1e-9")
    };
    let limit = Duration::from_millis(1500);
    thread::scope(|scope| {
        // Another run at the same time is not concerned: it goes on to its own limit.
        let other = scope.spawn(|| {
            let options = RunOptions {
                max_leaves: None,
                time_limit: Some(limit),
                ..options("1e-9")
            };
            relucert::run::solve(&problem, None, &options).expect("a certificate");
            options.started.elapsed()
        });
        scope.spawn(move || {
            thread::sleep(Duration::from_millis(300));
            flag.store(true, Ordering::Relaxed);
        });
        let c = solve_checked(&problem, &watched).certificate;
        assert_eq!(
            c.verdict,
            Verdict::Undecided,
            "the problem was meant to be too hard"
        );
        assert!(!c.lower_bound.is_negative() && c.lower_bound <= c.objective);
        let took = other.join().expect("the other run");
        assert!(took > limit / 2, "the other run was stopped as well");
    });
    let heard = heard.lock().expect("an ear");
    assert!(
        heard.iter().any(|text| text.starts_with("solving")),
        "{heard:?}"
    );
}

#[test]
fn a_flag_that_is_set_before_leaves_a_valid_result() {
    let watch = Watch {
        stop: Some(Arc::new(AtomicBool::new(true))),
        listener: None,
    };
    assert!(watch.stopped() && !Watch::default().stopped());
    let stopped = RunOptions {
        watch,
        ..options("1e-9")
    };
    let c = solve_checked(&hard(), &stopped).certificate;
    assert!(!c.lower_bound.is_negative() && c.lower_bound <= c.objective);
}

#[test]
fn data_from_numbers_are_those_from_rows() {
    let rows = vec![vec![rat("0.5"), rat("-3")], vec![rat("1/3"), rat("2")]];
    let targets = vec![rat("7"), rat("-0.25")];
    let numbers = |values: &[relucert::exact::Rat]| -> Vec<Number> {
        values.iter().cloned().map(Number::from).collect()
    };
    let x = numbers(&rows.concat());
    let names = vec!["a".to_owned(), "b".to_owned()];
    let data = Dataset::from_numbers(names.clone(), "t".to_owned(), x.clone(), numbers(&targets))
        .expect("data");
    let plain = Dataset::from_rows(&rows, &targets).expect("data");
    assert_eq!(
        (&data.x, &data.x_den, &data.y),
        (&plain.x, &plain.x_den, &plain.y)
    );
    assert_eq!(data.features, names);
    assert!(
        Dataset::from_numbers(
            names.clone(),
            String::new(),
            x[1..].to_vec(),
            numbers(&targets)
        )
        .is_err()
    );
    assert!(Dataset::from_numbers(names, String::new(), Vec::new(), Vec::new()).is_err());
    assert!(
        Dataset::from_numbers(Vec::new(), String::new(), Vec::new(), numbers(&targets)).is_err()
    );
}
