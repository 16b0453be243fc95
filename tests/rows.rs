//! Trees of rows with quadratic leaves: against fans where both apply, and where no fan can be searched.

mod common;

use common::*;
use num_traits::Signed;
use relucert::exact::{Rat, rat_to_f64};
use relucert::oracle::row_trees::search::RowSearch;
use relucert::problem::{
    Activation, DataOptions, Dataset, Decay, HiddenBias, Loss, OutputBias, Problem,
};
use relucert::program::convert;
use relucert::run::{RunOptions, Trees, Verdict, beta_max};

fn by(trees: Trees, tolerance: &str, leaves: u64) -> RunOptions {
    RunOptions {
        trees,
        max_leaves: Some(leaves),
        ..options(tolerance)
    }
}

/// Normal features with three decimals and a target that is not linear in them.
fn made_up(n: usize, d: usize, seed: u64) -> Dataset {
    let mut random = Random::new(seed);
    let mut number = || rat(&format!("{:.3}", random.normal()));
    let x: Vec<Vec<Rat>> = (0..n).map(|_| (0..d).map(|_| number()).collect()).collect();
    let y: Vec<Rat> = x
        .iter()
        .map(|row| {
            let (a, b) = (rat_to_f64(&row[0]), rat_to_f64(&row[1]));
            rat(&format!("{:.3}", (a - 0.5 * b).abs() - 0.3 * a))
        })
        .collect();
    Dataset::from_rows(&x, &y).expect("data")
}

fn relu(data: Dataset, beta: Rat, hidden: HiddenBias, output: OutputBias) -> Problem {
    half_sum(data, Activation::relu(), &beta, hidden, output)
}

/// Where no leaf is left to be split, one more search for a vector is made, a patient one, and that is the end.
#[test]
fn a_search_ends_after_a_patient_try_where_nothing_is_left_to_be_split() {
    let whole = |x: i64| Rat::from_integer(x.into());
    let data = Dataset::from_rows(&[vec![whole(1)], vec![whole(2)]], &[whole(1), whole(2)]);
    let problem = relu(
        data.expect("data"),
        frac(1, 10),
        HiddenBias::None,
        OutputBias::None,
    );
    let model = convert::model(&problem, &convert::classes(&problem));
    // ½·5·(p − 1)² + p/10 is least at p = 0.98.
    let least = 0.099;
    let mut search = RowSearch::new(&model, &model.rows);
    let never = || false;
    // For each round: the leaves, and whether it goes on.
    let mut rounds = Vec::new();
    while rounds.last().is_none_or(|(_, goes_on)| *goes_on) && rounds.len() < 20 {
        search.tighten(least, 1e-6, &never, &mut |_| {});
        let goes_on = search.refine(&never);
        rounds.push((search.leaves, goes_on));
    }
    let leaves = search.leaves;
    assert!(
        rounds.ends_with(&[(leaves, true), (leaves, false)]),
        "{rounds:?}"
    );
    assert!(search.bound <= least * (1.0 + 1e-9) && search.bound > least * (1.0 - 1e-5));
}

/// Degenerate problems at random: the brackets of fans and of `trees` overlap, and nearly all of the latter close.
fn overlap_with_fans(seed: u64, trees: Trees, tolerance: &str, leaves: u64) {
    let mut random = Random::new(seed);
    let list = activations();
    let (mut closed, mut count) = (0, 0);
    for index in 0..60 {
        let grid = Grid {
            samples: 1 + random.below(9),
            features: 1 + random.below(3),
            size: 1 + random.below(3) as i64,
            grouped: index % 4 == 3,
        };
        let problem = random_problem(
            &grid,
            list[index % list.len()].clone(),
            LOSSES[index / 3 % 4],
            [HiddenBias::None, HiddenBias::Decayed][index % 2],
            OUTPUT[index / 6 % 3],
            &mut random,
        );
        let share = [frac(1, 20), frac(1, 5), frac(4, 5), frac(5, 4)][index / 5 % 4].clone();
        let problem = at_share(&problem, &share);
        let fan = solve_checked(&problem, &by(Trees::Fan, "1e-7", 20_000)).certificate;
        let rows = solve_checked(&problem, &by(trees, tolerance, leaves)).certificate;
        let text = problem.statement();
        assert!(rows.lower_bound <= fan.objective, "{text}");
        assert!(fan.lower_bound <= rows.objective, "{text}");
        assert!(!rows.lower_bound.is_negative());
        count += 1;
        closed += usize::from(rows.verdict == Verdict::Optimal);
    }
    assert!(closed * 20 >= count * 19, "{closed} of {count}");
}

#[test]
fn trees_of_rows_and_fans_overlap_on_degenerate_data_at_random() {
    overlap_with_fans(17, Trees::Rows, "1e-5", 200);
}

#[test]
fn quartic_leaves_and_fans_overlap_on_degenerate_data_at_random() {
    overlap_with_fans(23, Trees::Quartic, "1e-3", 30);
}

#[test]
fn quartic_leaves_prove_more_than_as_many_quadratic_ones() {
    let problem = relu(
        made_up(60, 5, 4),
        int(2),
        HiddenBias::Decayed,
        OutputBias::None,
    );
    let gap = |trees| {
        let c = solve_checked(&problem, &by(trees, "1e-6", 6)).certificate;
        (rat_to_f64(&c.objective) - rat_to_f64(&c.lower_bound)) / rat_to_f64(&c.objective)
    };
    let undecayed = relu(
        made_up(20, 3, 4),
        int(2),
        HiddenBias::Undecayed,
        OutputBias::None,
    );
    assert!(
        solve_checked(&undecayed, &by(Trees::Quartic, "1e-3", 100))
            .certificate
            .notes
            .iter()
            .any(|n| n.contains("a fan was used"))
    );
    assert!(
        gap(Trees::Quartic) < 0.5 * gap(Trees::Rows),
        "{} {}",
        gap(Trees::Quartic),
        gap(Trees::Rows)
    );
}

#[test]
fn more_leaves_give_a_better_bound_in_eleven_dimensions() {
    let problem = relu(
        made_up(40, 10, 3),
        int(4),
        HiddenBias::Decayed,
        OutputBias::Free,
    );
    let gap = |leaves| {
        let c = solve_checked(&problem, &by(Trees::Rows, "1e-6", leaves)).certificate;
        rat_to_f64(&c.relative_gap())
    };
    let (few, many) = (gap(2), gap(40));
    assert!(many < 0.7 * few, "{many} against {few}");
    assert!(few < 0.5);
}

#[test]
fn thirty_features_are_proved_without_a_fan() {
    for (hidden, output) in [
        (HiddenBias::Decayed, OutputBias::None),
        (HiddenBias::None, OutputBias::Decayed),
    ] {
        let problem = relu(made_up(14, 30, 5), int(6), hidden, output);
        let c = solve_checked(&problem, &by(Trees::Auto, "1e-3", 6)).certificate;
        assert!(c.lower_bound.is_positive());
        assert!(rat_to_f64(&c.relative_gap()) < 0.2);
        let range = beta_max(&problem, &by(Trees::Auto, "1e-3", 4)).expect("β_max");
        assert!(range.lower <= range.upper);
        assert!(range.upper.is_positive());
    }
    // An undecayed bias allows neither: the bound is 0, and it is said so by the verdict.
    let problem = relu(
        made_up(14, 30, 5),
        int(6),
        HiddenBias::Undecayed,
        OutputBias::None,
    );
    let c = solve_checked(&problem, &by(Trees::Auto, "1e-3", 6)).certificate;
    assert_eq!(c.verdict, Verdict::Undecided);
    assert!(c.lower_bound == int(0) && c.notes.iter().any(|n| n.contains("the bound is 0 only")));
    let range = beta_max(&problem, &by(Trees::Auto, "1e-3", 4)).expect("β_max");
    assert!(range.stopped && range.lower <= range.upper);
}

#[test]
fn an_undecayed_bias_is_left_to_the_fan() {
    let problem = relu(
        made_up(12, 2, 9),
        int(1),
        HiddenBias::Undecayed,
        OutputBias::Free,
    );
    let c = solve_checked(&problem, &by(Trees::Rows, "1e-6", 20_000)).certificate;
    assert_eq!(c.verdict, Verdict::Optimal);
    assert!(
        c.notes.iter().any(|n| n.contains("a fan was used")),
        "{:?}",
        c.notes
    );
}

#[test]
fn a_saved_search_goes_on_where_it_was() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("state");
    let problem = relu(
        made_up(40, 10, 3),
        int(4),
        HiddenBias::Decayed,
        OutputBias::None,
    );
    let first = RunOptions {
        checkpoint: Some(path.clone()),
        ..by(Trees::Rows, "1e-9", 12)
    };
    let before = solve_checked(&problem, &first).certificate;
    let leaves = before.proof.expect("a proof").leaves;
    assert!(leaves > 4, "{leaves}");
    // No further leaf is allowed: whatever there is beyond the two roots was saved.
    let second = RunOptions {
        resume: Some(path),
        ..by(Trees::Rows, "1e-9", 2)
    };
    let after = solve_checked(&problem, &second).certificate;
    assert!(after.lower_bound <= before.objective);
    let resumed = after.proof.expect("a proof").leaves;
    assert!(resumed >= leaves, "{resumed} leaves after {leaves}");
}

#[test]
fn half_spaces_are_in_proofs_and_in_what_is_saved() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("state");
    let problem = relu(
        made_up(60, 4, 4),
        int(2),
        HiddenBias::Decayed,
        OutputBias::None,
    );
    let first = RunOptions {
        checkpoint: Some(path.clone()),
        ..by(Trees::Quartic, "1e-9", 8)
    };
    let file = folder.path().join("a.proof");
    // The bound, the network's value and the splits by half-spaces in the proof, which is checked.
    let solve = |options: RunOptions| {
        let options = RunOptions {
            proof: Some(file.clone()),
            ..options
        };
        let certificate = relucert::run::solve(&problem, None, &options).expect("a solution");
        let certificate = check(&problem, None, certificate, &file).certificate;
        let text = std::fs::read_to_string(&file).expect("the proof");
        let halves = text.lines().filter(|l| l.starts_with("h ")).count();
        (certificate.lower_bound, certificate.objective, halves)
    };
    let (_, objective, halves) = solve(first);
    assert!(halves >= 4, "{halves}");
    // Resumed with `rows`: quadratic leaves have no use for half-spaces.
    for trees in [Trees::Quartic, Trees::Rows] {
        let (bound, _, resumed) = solve(RunOptions {
            resume: Some(path.clone()),
            ..by(trees, "1e-9", 2)
        });
        assert!(bound <= objective);
        assert!(resumed >= halves, "{resumed} after {halves}");
    }
}

/// Saved trees are bounded anew, but the vector is as good as it was: nearly what was proven is proven again.
#[test]
fn a_resumed_search_begins_with_the_saved_vector() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("state");
    let data = made_up(60, 6, 4);
    let problem = relu(data, int(2), HiddenBias::Decayed, OutputBias::None);
    for trees in [Trees::Rows, Trees::Quartic] {
        let first = RunOptions {
            checkpoint: Some(path.clone()),
            ..by(trees, "1e-9", 8)
        };
        let before = solve_checked(&problem, &first).certificate;
        let second = RunOptions {
            resume: Some(path.clone()),
            ..by(trees, "1e-9", 2)
        };
        let after = solve_checked(&problem, &second).certificate;
        assert!(
            after.gap() <= before.gap() * rat("1.1"),
            "{trees:?}: {} after {}",
            after.gap(),
            before.gap()
        );
    }
}

/// The state of a fan gives way to that of trees of rows only where these prove more.
#[test]
fn a_checkpoint_holds_what_proves_most() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("state");
    let data = made_up(60, 8, 4);
    let problem = relu(data, int(2), HiddenBias::Decayed, OutputBias::None);
    // Few cones, and with them few leaves: neither closes the gap.
    let first = RunOptions {
        checkpoint: Some(path.clone()),
        ..by(Trees::Auto, "1e-9", 2_500)
    };
    let before = solve_checked(&problem, &first).certificate;
    let second = RunOptions {
        resume: Some(path),
        ..by(Trees::Auto, "1e-9", 2_500)
    };
    let after = solve_checked(&problem, &second).certificate;
    assert!(before.verdict == Verdict::Undecided && after.gap() <= before.gap() * rat("1.03"));
}

/// Found by trying: rounded support vectors of a fan prove little where the scales of the features are far apart, though in floats there is no gap.
#[test]
fn a_fan_that_rounding_has_spoilt_gives_way_to_trees_of_rows() {
    let path = std::path::Path::new("fixtures/data/mixed_scales.csv");
    let problem = Problem::new(
        Dataset::read(path, &DataOptions::default()).expect("data"),
        Activation::leaky(frac(1, 10)).expect("a slope"),
        Loss::Sum,
        Decay::WeightDecay(int(98_888_400)),
        HiddenBias::Decayed,
        OutputBias::None,
    )
    .expect("a problem");
    let c = solve_checked(&problem, &options("1e-8")).certificate;
    assert!(c.relative_gap() < rat("1e-5"), "{}", c.relative_gap());
}

/// A fan has 2^16 cones a sign here: it is not begun if there is no time to round them, and the user is told.
#[test]
fn a_fan_that_there_is_no_time_for_is_not_begun() {
    let data = made_up(20, 15, 5);
    let problem = relu(data, int(1), HiddenBias::Undecayed, OutputBias::None);
    let hurried = RunOptions {
        time_limit: seconds(0.5),
        ..options("1e-6")
    };
    let c = solve_checked(&problem, &hurried).certificate;
    assert_eq!(c.lower_bound, int(0));
    let is_told = |n: &String| n.contains("a fan has 131072 cones") && n.contains("--time-limit");
    assert!(c.notes.iter().any(is_told), "{:?}", c.notes);
}

#[test]
fn a_fan_with_too_many_columns_is_replaced_and_the_user_is_told() {
    let data = made_up(20, 25, 6);
    let problem = relu(data, int(1), HiddenBias::None, OutputBias::None);
    let c = solve_checked(&problem, &by(Trees::Fan, "1e-2", 10)).certificate;
    assert!(c.lower_bound.is_positive());
    let is_told =
        |n: &String| n.contains("trees of rows were used: a fan has too many cones for 25");
    assert!(c.notes.iter().any(is_told), "{:?}", c.notes);
}

/// A weight of 2e-207 has a decimal of more digits than a file may have; it is a remainder, and 0 in the network.
#[test]
fn remainders_of_the_descent_are_zero() {
    use relucert::program::model::{Neuron, State};
    let data = made_up(5, 2, 7);
    let problem = relu(data, int(1), HiddenBias::Decayed, OutputBias::Free);
    let model = convert::model(&problem, &convert::classes(&problem));
    let state = |p: [f64; 3], c: f64| State {
        neurons: vec![Neuron {
            sign: 1.0,
            p: p.to_vec(),
        }],
        constants: vec![c],
    };
    let network = |s: &State| convert::network(&problem, &model, s, 1e-9).0;
    let cut = network(&state([1.0, 2e-207, -3.0], 1e-180));
    assert!(cut.hidden_weights[0][1] == int(0) && cut.output_bias == Some(int(0)));
    assert!(cut.hidden_weights[0][0].is_positive());
    let kept = network(&state([1.0, 2e-140, -3.0], 1e-140));
    assert!(kept.hidden_weights[0][1].is_positive());
}
