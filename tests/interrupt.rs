//! An interrupt ends a long search soon, with what is proven by then. It is a test of its own: the flag is the whole program's.

mod common;

use std::sync::atomic::Ordering;
use std::thread;
use std::time::{Duration, Instant};

use common::*;
use num_traits::Signed;
use relucert::problem::{Activation, Dataset, Decay, HiddenBias, OutputBias};
use relucert::run::{INTERRUPTED, Method, RunOptions, Verdict, optimal_set, path, solve};

#[test]
fn an_interrupted_search_leaves_a_valid_proof() {
    let mut random = Random::new(41);
    let x: Vec<Vec<_>> = (0..200)
        .map(|_| {
            (0..8)
                .map(|_| rat(&format!("{:.3}", random.normal())))
                .collect()
        })
        .collect();
    let y: Vec<_> = (0..200)
        .map(|_| rat(&format!("{:.3}", random.normal())))
        .collect();
    let data = Dataset::from_rows(&x, &y).expect("data");
    let problem = half_sum(
        data,
        Activation::relu(),
        &int(5),
        HiddenBias::Decayed,
        OutputBias::None,
    );
    let options = RunOptions {
        max_leaves: None,
        threads: None,
        ..options("1e-9")
    };
    for delay in [0.05, 3.0] {
        INTERRUPTED.store(false, Ordering::Relaxed);
        let bell = thread::spawn(move || {
            thread::sleep(Duration::from_secs_f64(delay));
            INTERRUPTED.store(true, Ordering::Relaxed);
        });
        let started = Instant::now();
        let c = solve_checked(&problem, &options).certificate;
        bell.join().expect("the bell");
        assert_eq!(
            c.verdict,
            Verdict::Undecided,
            "the problem was meant to be too hard"
        );
        assert!(!c.lower_bound.is_negative() && c.lower_bound <= c.objective);
        assert!(
            started.elapsed().as_secs_f64() < delay + 60.0,
            "the interrupt was not seen"
        );
    }
    // The full program, at 4,832 cells: an interrupt is seen between two iterations of the solver.
    let mut number = || rat(&format!("{:.3}", random.normal()));
    let x: Vec<Vec<_>> = (0..70).map(|_| vec![number(), number()]).collect();
    let y: Vec<_> = (0..70).map(|_| number()).collect();
    let problem = half_sum(
        Dataset::from_rows(&x, &y).expect("data"),
        Activation::relu(),
        &frac(1, 2),
        HiddenBias::Decayed,
        OutputBias::None,
    );
    let options = RunOptions {
        method: Method::Full { max_cells: 5_000 },
        ..options
    };
    INTERRUPTED.store(true, Ordering::Relaxed);
    let c = solve_checked(&problem, &options).certificate;
    assert!(c.program.is_none());
    assert!(!c.lower_bound.is_negative() && c.lower_bound <= c.objective);
    INTERRUPTED.store(false, Ordering::Relaxed);
    let bell = thread::spawn(|| {
        thread::sleep(Duration::from_secs_f64(0.3));
        INTERRUPTED.store(true, Ordering::Relaxed);
    });
    let c = solve_checked(&problem, &options).certificate;
    bell.join().expect("the bell");
    assert!(!c.lower_bound.is_negative() && c.lower_bound <= c.objective);
    INTERRUPTED.store(false, Ordering::Relaxed);
    // A path keeps the points it has. (Not a test of its own, for the flag is shared.)
    let data = integer_data(&[&[1, 2], &[-1, 1], &[3, 0]], &[1, -2, 3]);
    let easy = half_sum(
        data,
        Activation::relu(),
        &int(1),
        HiddenBias::None,
        OutputBias::None,
    );
    let decays: Vec<Decay> = (1..6).rev().map(|k| Decay::WeightDecay(int(k))).collect();
    let small = common::options("1e-9");
    let found = path(&easy, &decays, None, None, &small, None, &mut |points| {
        INTERRUPTED.store(points.len() == 2, Ordering::Relaxed);
        true
    })
    .expect("a path");
    assert_eq!((found.points.len(), found.complete), (2, false));
    for point in &found.points {
        assert_eq!(point.certificate.verdict, Verdict::Optimal);
    }
    // The search for active directions says that it was stopped.
    INTERRUPTED.store(false, Ordering::Relaxed);
    let certificate = solve(&easy, None, &small).expect("a solve");
    INTERRUPTED.store(true, Ordering::Relaxed);
    let set = optimal_set(&easy, &certificate, None, &small).expect("a set");
    INTERRUPTED.store(false, Ordering::Relaxed);
    assert!(!set.complete);
    assert!(set.directions.len() >= certificate.width);
}
