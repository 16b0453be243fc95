//! Times of enumerating every cell of an arrangement on one thread, sign vectors included, and of counting them.
//!
//! `cargo bench --bench cells`; for the README's table see `examples/cells_figures.rs`.

use std::hint::black_box;
use std::ops::ControlFlow;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use num_bigint::BigInt;
use relucert::arrangement::{Arrangement, EnumerateOptions};

fn general(n: usize, r: usize) -> Arrangement {
    let mut state = (1000 * n + r) as u64;
    let mut entry = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        BigInt::from((state >> 44) as i64 - (1 << 19))
    };
    let rows: Vec<Vec<BigInt>> = (0..n).map(|_| (0..r).map(|_| entry()).collect()).collect();
    Arrangement::new(rows, r).expect("rows of one length")
}

fn resonance(r: usize) -> Arrangement {
    let rows = (1..1u32 << r).map(|m| (0..r).map(|i| BigInt::from(m >> i & 1)).collect());
    Arrangement::new(rows, r).expect("rows of one length")
}

fn cells(c: &mut Criterion) {
    let mut group = c.benchmark_group("cells");
    group.sample_size(10);
    let options = EnumerateOptions::default();
    for (name, arrangement) in [
        ("n1000_r3", general(1000, 3)),
        ("n100_r4", general(100, 4)),
        ("n60_r5", general(60, 5)),
        ("n30_r6", general(30, 6)),
        ("n30_r7", general(30, 7)),
        ("resonance_r5", resonance(5)),
    ] {
        let counted = arrangement
            .count(&options)
            .expect("lucky")
            .expect("not stopped");
        let cells = u64::try_from(&counted.cells).expect("not that many");
        group.throughput(Throughput::Elements(cells));
        group.bench_function(name, |b| {
            b.iter(|| {
                let mut digest = 0u64;
                let enumerated = arrangement.for_each_cell(&options, |cell| {
                    digest = cell
                        .words()
                        .iter()
                        .fold(digest, |d, w| d.rotate_left(5) ^ w);
                    ControlFlow::Continue(())
                });
                black_box(enumerated.expect("lucky"));
                digest
            });
        });
        group.bench_function(format!("{name}_count"), |b| {
            b.iter(|| black_box(arrangement.count(&options)));
        });
    }
    group.finish();
}

criterion_group!(benches, cells);
criterion_main!(benches);
