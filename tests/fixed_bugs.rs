//! Problems on which the finder once went wrong (those of the checkers are in tests/bugs).

mod common;

use common::*;
use relucert::problem::{Activation, Dataset, Decay, HiddenBias, Loss, OutputBias, Problem};
use relucert::run::Verdict;

/// Found by fuzz/round_trip. Modulo the direction on which all rows vanish, the decayed parts of two generators are nearly opposite; the
/// vector that was to raise a leaf's values at all generators lowered one of them, and the leaf was written although nothing verified it. And the support
/// vectors were rounded to a few units: what the kernel makes of one unit (here up to 10⁵) was left out of account.
#[test]
fn generators_that_are_nearly_opposite_modulo_the_kernel() {
    let x = [[0, 6, 2], [4, 2, 0], [6, 2, 215]].map(|row| row.map(|a| frac(a, 2)).to_vec());
    let y = [1, 0, -1].map(int);
    let problem = Problem::new(
        Dataset::from_rows(&x, &y).expect("data"),
        Activation::leaky(frac(-1, 3)).expect("a slope"),
        Loss::HalfMean,
        Decay::WeightDecay(frac(65, 128)),
        HiddenBias::Undecayed,
        OutputBias::None,
    )
    .expect("a problem");
    for tolerance in ["1e-1", "1e-3", "1e-6"] {
        let c = solve_checked(&problem, &options(tolerance)).certificate;
        assert_eq!(c.verdict, Verdict::Optimal, "tolerance {tolerance}");
    }
}

/// Found by trying: the float nearest to 1/10 leaves an objective of 10^−35 whose bound is 0. The exact constant is optimal.
#[test]
fn a_constant_that_fits_exactly_is_optimal() {
    for (targets, optimum) in [([1, 1, 1], int(0)), ([1, 2, 1], frac(1, 30_000))] {
        let x = [1, 2, 3].map(|a| vec![int(a)]);
        let y = targets.map(|a| frac(a, 10));
        let problem = Problem::new(
            Dataset::from_rows(&x, &y).expect("data"),
            Activation::relu(),
            Loss::Mean,
            Decay::WeightDecay(int(2)),
            HiddenBias::Decayed,
            OutputBias::Free,
        )
        .expect("a problem");
        let c = solve_checked(&problem, &options("1e-8")).certificate;
        assert_eq!(c.verdict, Verdict::Optimal, "{targets:?}");
        assert!((c.objective >= optimum) && (c.objective == int(0)) == (optimum == int(0)));
    }
}
