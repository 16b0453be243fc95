//! How the cost of enumerating all local minima grows with samples n, columns r (the hidden bias included) and neurons m.
//!
//! `cargo bench --bench minima`. Data are reproducible and in general position, with three decimals; squared loss with c = 1, ridge penalty 1/10.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use num_bigint::BigInt;
use relucert::exact::Rat;
use relucert::minima::geometry::Geometry;
use relucert::minima::{MinimaOptions, minima};
use relucert::problem::{Activation, Dataset, Decay, HiddenBias, Loss, OutputBias, Problem};

fn problem(n: usize, r: usize) -> Problem {
    let mut state = (1000 * n + r) as u64;
    let mut entry = || {
        // Sums of four: roughly normal, in thousandths.
        (0..4)
            .map(|_| {
                state = state
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1_442_695_040_888_963_407);
                (state >> 33) as i64 % 1001 - 500
            })
            .sum::<i64>()
    };
    let d = r - 1;
    let x = (0..n * d).map(|_| BigInt::from(entry())).collect();
    let y = (0..n).map(|_| BigInt::from(entry())).collect();
    let data = Dataset {
        source: String::new(),
        features: (0..d).map(|j| format!("x{j}")).collect(),
        target: "y".to_owned(),
        rows: n,
        samples: n,
        d,
        x,
        x_den: BigInt::from(1000),
        sample_of_row: (0..n as u32).collect(),
        y,
        y_den: BigInt::from(1000),
    };
    Problem::new(
        data,
        Activation::relu(),
        Loss::Sum,
        Decay::Ridge(Rat::new(1.into(), 10.into())),
        HiddenBias::Decayed,
        OutputBias::None,
    )
    .expect("a problem")
}

fn bench(c: &mut Criterion) {
    let mut group = c.benchmark_group("minima");
    group.sample_size(10);
    for (n, r, m) in [
        (5, 2, 1),
        (5, 2, 2),
        (10, 2, 2),
        (20, 2, 2),
        (40, 2, 2),
        (8, 2, 3),
        (6, 2, 4),
        (6, 3, 2),
        (12, 3, 2),
        (6, 4, 2),
    ] {
        let problem = problem(n, r);
        let geometry = Geometry::new(&problem).expect("cells");
        let options = MinimaOptions {
            width: m,
            digits: 12,
            exact: false,
            stop: &|| false,
            progress: &|_| {},
        };
        let found = minima(&problem, &geometry, &options).expect("in scope");
        eprintln!(
            "n = {n}, r = {r}, m = {m}: {} regions, {} components, {} convex programs, {} undecided",
            found.regions,
            found.components.len(),
            found.solved,
            found.undecided.len()
        );
        group.bench_function(format!("n{n}_r{r}_m{m}"), |b| {
            b.iter(|| {
                let geometry = Geometry::new(&problem).expect("cells");
                black_box(minima(&problem, &geometry, &options).expect("in scope"))
            });
        });
    }
    group.finish();
}

criterion_group!(benches, bench);
criterion_main!(benches);
