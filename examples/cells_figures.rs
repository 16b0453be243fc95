//! The figures of the README on enumerating cells: seconds of one core while every sign vector is produced, and peak memory.
//!
//!     cargo run --release --example cells_figures
//!
//! Every case runs in a process of its own. Seconds are of processor time where Linux tells it, of wall time elsewhere.

use std::ops::ControlFlow;
use std::process::Command;
use std::time::Instant;

use num_bigint::BigInt;
use relucert::arrangement::{Arrangement, Cell, EnumerateOptions, Visitor};

const CASES: [(usize, usize); 6] = [(1000, 3), (100, 4), (100, 5), (30, 6), (30, 7), (30, 8)];

/// Reads every word of every sign vector.
struct Digest(u64);

impl Visitor for Digest {
    fn cell(&mut self, cell: &Cell<'_>) -> ControlFlow<()> {
        for word in cell.words() {
            self.0 = self.0.rotate_left(5) ^ word;
        }
        ControlFlow::Continue(())
    }
}

/// Rows of integers of the given number of bits, the same on every machine.
fn general(n: usize, r: usize, bits: u32) -> Vec<Vec<BigInt>> {
    let mut state = (1000 * n + r) as u64;
    let mut entry = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        BigInt::from(2 * (state >> (64 - bits)) + 1) - (1u64 << bits)
    };
    (0..n).map(|_| (0..r).map(|_| entry()).collect()).collect()
}

/// All nonzero 0/1 vectors.
fn resonance(r: usize) -> Vec<Vec<BigInt>> {
    (1..1u32 << r)
        .map(|m| (0..r).map(|i| BigInt::from(m >> i & 1)).collect())
        .collect()
}

/// Processor seconds of this thread so far.
fn processor_seconds() -> Option<f64> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    Some(text.split_whitespace().next()?.parse::<f64>().ok()? * 1e-9)
}

fn peak_megabytes() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes: Option<f64> = peak.and_then(|p| p.split_whitespace().next()?.parse().ok());
    kilobytes.map_or_else(|| "?".to_owned(), |k| format!("{:.1}", k / 1024.0))
}

fn case(name: &str, rows: Vec<Vec<BigInt>>) {
    let columns = rows[0].len();
    let arrangement = Arrangement::new(rows, columns).expect("rows of one length");
    let (wall, before) = (Instant::now(), processor_seconds());
    let (enumerated, digests) = arrangement
        .visit_cells(&EnumerateOptions::default(), || Digest(0))
        .expect("lucky");
    let seconds = match (before, processor_seconds()) {
        (Some(before), Some(after)) => after - before,
        _ => wall.elapsed().as_secs_f64(),
    };
    std::hint::black_box(digests[0].0);
    let cells = 2 * enumerated.levels.iter().sum::<u64>();
    println!(
        "| {name} | {cells} | {seconds:.3} | {:.1} | {} |",
        cells as f64 / seconds / 1e6,
        peak_megabytes()
    );
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.as_slice() {
        [n, r, bits] => {
            let parse = |x: &String| x.parse().expect("a number");
            let (n, r, bits) = (parse(n), parse(r), parse(bits));
            case(
                &format!("n = {n}, r = {r}, {bits}-bit entries"),
                general(n, r, bits as u32),
            );
        }
        [r] => {
            let r = r.parse().expect("a number");
            case(&format!("resonance arrangement of rank {r}"), resonance(r));
        }
        _ => {
            println!("| arrangement | cells | seconds | million cells/s | peak MB |");
            println!("|---|---|---|---|---|");
            let program = std::env::current_exe().expect("this program");
            let run = |arguments: &[String]| {
                let status = Command::new(&program).args(arguments).status();
                assert!(status.is_ok_and(|s| s.success()), "{arguments:?}");
            };
            for (n, r) in CASES {
                for bits in [10, 50] {
                    run(&[n.to_string(), r.to_string(), bits.to_string()]);
                }
            }
            run(&["6".to_owned()]);
        }
    }
}
