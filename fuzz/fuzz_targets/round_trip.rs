//! Any bytes make a tiny problem; the finder solves or certifies it within small limits, and the checker has to accept the
//! proof, with the bound and the objective that the finder reports.
#![no_main]

use std::time::{Duration, Instant};

use libfuzzer_sys::fuzz_target;
use num_bigint::BigInt;
use num_rational::BigRational;
use relucert::problem::{Activation, Dataset, Decay, HiddenBias, Loss, Network, OutputBias, Problem};
use relucert::run::{Method, RunOptions, Trees, Watch, certify, solve};
use relucert_checker::check_path;
use relucert_fuzz::folder;

/// The bytes of the input, and zeros after its end.
struct Bytes<'a>(&'a [u8]);

impl Bytes<'_> {
    fn next(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        *first
    }

    fn pick<T: Clone>(&mut self, list: &[T]) -> T {
        list[usize::from(self.next()) % list.len()].clone()
    }

    /// Mostly a small integer; now and then something near one, large or tiny.
    fn number(&mut self) -> BigRational {
        let kind = self.next();
        let whole = BigInt::from(i64::from(self.next() as i8 % 4));
        let power = |bits: u8| BigInt::from(1) << u32::from(bits % 60);
        match kind {
            0..=199 => BigRational::from(whole),
            200..=219 => BigRational::new(whole * power(self.next()) + 1, power(self.next())),
            220..=239 => BigRational::new(whole, BigInt::from(3)),
            _ => BigRational::new(whole * BigInt::from(self.next()) + 1, BigInt::from(self.next()) + 1),
        }
    }
}

fuzz_target!(|data: &[u8]| {
    let mut bytes = Bytes(data);
    let activation = match bytes.next() % 4 {
        0 | 1 => Activation::relu(),
        2 => Activation::abs(),
        _ => Activation::leaky(BigRational::new(bytes.pick(&[-1, 1, 2, 3]).into(), 3.into())).expect("a slope"),
    };
    let loss = bytes.pick(&[Loss::HalfSum, Loss::Sum, Loss::Mean, Loss::HalfMean]);
    let hidden = bytes.pick(&[HiddenBias::None, HiddenBias::Decayed, HiddenBias::Undecayed]);
    let output = bytes.pick(&[OutputBias::None, OutputBias::Decayed, OutputBias::Free]);
    let lambda = BigRational::new((i64::from(bytes.next()) + 1).into(), (1i64 << (bytes.next() % 12)).into());
    let decay = if bytes.next() % 2 == 0 { Decay::WeightDecay(lambda) } else { Decay::Ridge(lambda) };
    let n = usize::from(bytes.next()) % 5 + 1;
    let d = usize::from(bytes.next()) % 3 + 1;
    let x: Vec<Vec<BigRational>> = (0..n).map(|_| (0..d).map(|_| bytes.number()).collect()).collect();
    let y: Vec<BigRational> = (0..n).map(|_| bytes.number()).collect();
    let Ok(data) = Dataset::from_rows(&x, &y) else { return };
    let problem = Problem::new(data, activation, loss, decay, hidden, output).expect("a problem");

    let width = usize::from(bytes.next()) % 4;
    let network = Network {
        hidden_weights: (0..width).map(|_| (0..d).map(|_| bytes.number()).collect()).collect(),
        hidden_bias: (hidden != HiddenBias::None).then(|| (0..width).map(|_| bytes.number()).collect()),
        output_weights: (0..width).map(|_| bytes.number()).collect(),
        output_bias: (output != OutputBias::None).then(|| bytes.number()),
    };
    let path = folder().join("found.proof");
    let options = RunOptions {
        tolerance: BigRational::new(1.into(), bytes.pick(&[10i64, 1000, 1_000_000]).into()),
        time_limit: Some(Duration::from_secs(2)),
        started: Instant::now(),
        max_leaves: Some(500),
        threads: Some(1),
        proof: Some(path.clone()),
        checkpoint: None,
        resume: None,
        seed: 1,
        method: Method::Columns,
        trees: Trees::Auto,
        quiet: true,
        watch: Watch::default(),
    };
    let found = if width > 0 { certify(&problem, &network, &options) } else { solve(&problem, None, &options) };
    let certificate = found.unwrap_or_else(|error| panic!("{error}\n{}", problem.statement()));
    let theorem = check_path(&path).unwrap_or_else(|error| panic!("{error}\n{}", problem.statement()));
    assert_eq!(theorem.problem.sha256, problem.statement_sha256(), "{}", problem.statement());
    assert_eq!(theorem.bound.to_string(), certificate.lower_bound.to_string(), "{}", problem.statement());
    let (_, subject) = theorem.subject().expect("a network");
    assert_eq!(subject.objective.to_string(), certificate.objective.to_string(), "{}", problem.statement());
});
