//! Times of the parts that a proof is made of: bounding cones (the fan search), solving and proving, and checking.
//!
//! `cargo bench` runs all of it in about a minute; `cargo bench -- search` one group.

use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::time::Instant;

use criterion::{Criterion, criterion_group, criterion_main};
use num_rational::BigRational;
use relucert::arrangement::rows::{self, Rows};
use relucert::exact::parse_decimal;
use relucert::oracle::fan::{Ended, Limits, RootKind, Roots, Search};
use relucert::oracle::form;
use relucert::problem::{
    Activation, DataOptions, Dataset, Decay, HiddenBias, Loss, OutputBias, Problem,
};
use relucert::run::{self, Method, RunOptions, Trees};

fn fixture(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures")
        .join(path)
}

fn decimal(text: &str) -> BigRational {
    parse_decimal(text).expect("a decimal")
}

/// Iris with PyTorch's mean loss and a decayed hidden bias: n = 150, r = 5.
fn iris(weight_decay: &str) -> Problem {
    let data = Dataset::read(&fixture("data/iris.csv"), &DataOptions::default()).expect("data");
    let decay = Decay::WeightDecay(decimal(weight_decay));
    let (hidden, output) = (HiddenBias::Decayed, OutputBias::None);
    Problem::new(data, Activation::relu(), Loss::Mean, decay, hidden, output).expect("a problem")
}

fn options(tolerance: &str) -> RunOptions {
    RunOptions {
        tolerance: decimal(tolerance),
        time_limit: None,
        started: Instant::now(),
        max_leaves: None,
        threads: Some(1),
        proof: None,
        checkpoint: None,
        resume: None,
        seed: 0,
        method: Method::Auto,
        trees: Trees::Auto,
        quiet: true,
        watch: run::Watch::default(),
    }
}

/// The fan search alone: leaves for `|F_y(u)| ≤ 1.02·max |F_y|`, the targets taken as dual vector.
fn search(c: &mut Criterion) {
    let problem = iris("0.1");
    let (n, r) = (problem.n(), problem.r());
    let classes = rows::merge((0..n).map(|i| problem.row_int(i)));
    let samples: Vec<u32> = (0..n).map(|i| i as u32).collect();
    let rows = Rows::from_classes(&classes, &samples, r, &problem.data.x_den);
    let y = problem.y_f64();
    let basis = (0..r)
        .map(|j| (0..r).map(|k| f64::from(u8::from(j == k))).collect())
        .collect();
    let roots = Roots {
        kind: RootKind::Orthants,
        basis,
        undecayed: false,
    };
    let largest = run::beta_max(&problem, &options("1e-6")).expect("β_max");
    let beta = largest.upper / problem.unit();
    let target = 1.02 * relucert::exact::rat_to_f64(&beta);
    let limits = Limits {
        max_leaves: 1_000_000,
        memory: 1_000_000_000,
        violation: None,
    };
    let mut group = c.benchmark_group("search");
    group.sample_size(20);
    group.bench_function("iris, targets, 2 %", |b| {
        b.iter(|| {
            let form = form::form(&rows, black_box(&y), 0.0, 1.0);
            let mut search = Search::new(&rows, form, &roots, target);
            assert_eq!(search.run(&limits, &mut |_| true), Ended::Closed);
            search.bound()
        });
    });
    group.finish();
}

/// From the data to a proven bound, nothing written.
fn solve(c: &mut Criterion) {
    let problem = iris("0.1");
    let mut group = c.benchmark_group("solve");
    group.sample_size(10);
    group.bench_function("iris, weight decay 0.1, 1e-4", |b| {
        b.iter(|| {
            run::solve(&problem, None, &options("1e-4"))
                .expect("a certificate")
                .lower_bound
        });
    });
    group.finish();
}

/// The checker on complete proofs.
fn check(c: &mut Criterion) {
    let mut group = c.benchmark_group("check");
    group.sample_size(20);
    for name in ["grid.proof", "iris.proof.gz", "iris_adam_early.proof.gz"] {
        let path = fixture("proofs").join(name);
        group.bench_function(name, |b| {
            b.iter(|| {
                relucert_checker::check_path(black_box(&path))
                    .expect("accepted")
                    .bound
            });
        });
    }
    group.finish();
}

criterion_group!(benches, search, solve, check);
criterion_main!(benches);
