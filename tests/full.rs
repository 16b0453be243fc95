//! The full convex program against column generation: two ways to the optimum that share no choice of cells, with brackets that must overlap.

mod common;

use std::path::Path;

use assert_cmd::cargo::cargo_bin_cmd;
use common::*;
use num_traits::Signed;
use relucert::arrangement::Arrangement;
use relucert::exact::{Rat, rat_to_f64};
use relucert::problem::{Activation, DataOptions, Dataset, HiddenBias, Loss, OutputBias, Problem};
use relucert::run::{Certificate, DEFAULT_MAX_CELLS, Method, RunError, RunOptions, Verdict, solve};

const FULL: Method = Method::Full {
    max_cells: DEFAULT_MAX_CELLS,
};

fn by(method: Method) -> RunOptions {
    RunOptions {
        method,
        ..options("1e-8")
    }
}

/// Both methods, with checked proofs: brackets of relative width 1e-8 that overlap.
fn methods_agree(problem: &Problem) -> Certificate {
    let full = solve_checked(problem, &by(FULL)).certificate;
    let columns = solve_checked(problem, &by(Method::Columns)).certificate;
    let text = problem.statement();
    assert!(columns.program.is_none());
    for (name, c) in [("full", &full), ("columns", &columns)] {
        // An infimum of 0 that is approached has no relative gap.
        if c.objective < rat("1e-200") {
            continue;
        }
        assert!(
            c.relative_gap() <= rat("1e-8"),
            "{name}: gap {:e}, {} against {}\n{text}",
            rat_to_f64(&c.relative_gap()),
            rat_to_f64(&full.objective),
            rat_to_f64(&columns.objective),
        );
        assert_eq!(c.verdict, Verdict::Optimal);
        assert!(
            c.width <= problem.n() + 1,
            "{name}: width {}\n{text}",
            c.width
        );
    }
    assert!(full.lower_bound <= columns.objective, "{text}");
    assert!(columns.lower_bound <= full.objective, "{text}");
    full
}

fn fixture(name: &str, group: Option<&str>) -> Dataset {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures/data")
        .join(name);
    let options = DataOptions {
        group: group.map(str::to_owned),
        ..DataOptions::default()
    };
    Dataset::read(&path, &options).expect("the fixture")
}

/// Every `step`-th sample.
fn thinned(data: &Dataset, step: usize) -> Dataset {
    let number =
        |a: &num_bigint::BigInt, den: &num_bigint::BigInt| Rat::new(a.clone(), den.clone());
    let samples: Vec<usize> = (0..data.samples).step_by(step).collect();
    let x: Vec<Vec<Rat>> = samples
        .iter()
        .map(|&i| data.row(i).iter().map(|a| number(a, &data.x_den)).collect())
        .collect();
    let y: Vec<Rat> = samples
        .iter()
        .map(|&i| number(&data.y[i], &data.y_den))
        .collect();
    Dataset::from_rows(&x, &y).expect("data")
}

#[test]
fn brackets_of_both_methods_overlap_on_the_fixtures() {
    let list = activations();
    let data = [
        fixture("xor.csv", None),
        fixture("curve.csv", None),
        fixture("grid.csv", None),
        fixture("collinear.csv", None),
        fixture("zeros.csv", None),
        fixture("patches.csv", Some("signal")),
    ];
    let mut index = 0;
    for data in &data {
        for hidden in HIDDEN {
            for output in OUTPUT {
                let activation = list[index % list.len()].clone();
                let beta = [frac(1, 20), frac(1, 2)][index / 2 % 2].clone();
                index += 1;
                methods_agree(&half_sum(data.clone(), activation, &beta, hidden, output));
            }
        }
    }
}

#[test]
fn brackets_of_both_methods_overlap_on_subsets_of_iris() {
    let iris = fixture("iris.csv", None);
    for (step, hidden, output, cells) in [
        (13, HiddenBias::Decayed, OutputBias::None, 1100),
        (13, HiddenBias::Undecayed, OutputBias::Free, 1100),
        (10, HiddenBias::None, OutputBias::Decayed, 700),
    ] {
        let data = thinned(&iris, step);
        let full = methods_agree(&half_sum(data, Activation::relu(), &int(1), hidden, output));
        let program = full.program.expect("a program");
        assert!(
            (cells..3000).contains(&(program.cells as usize)),
            "{program:?}"
        );
        assert!(program.solved);
    }
}

#[test]
fn brackets_of_both_methods_overlap_on_degenerate_data_at_random() {
    let mut random = Random::new(4);
    let list = activations();
    for index in 0..90 {
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
            HIDDEN[index / 2 % 3],
            OUTPUT[index / 6 % 3],
            &mut random,
        );
        let share = [frac(1, 50), frac(1, 5), frac(4, 5), frac(5, 4)][index / 5 % 4].clone();
        methods_agree(&at_share(&problem, &share));
    }
}

#[test]
fn more_cells_than_allowed_are_refused_with_their_number() {
    let problem = half_sum(
        fixture("grid.csv", None),
        Activation::relu(),
        &frac(1, 2),
        HiddenBias::Decayed,
        OutputBias::None,
    );
    let rows = (0..problem.rows()).map(|i| problem.row_int(i));
    let arrangement = Arrangement::new(rows, problem.r()).expect("rows");
    let cells = arrangement
        .count_cells(&Default::default())
        .expect("a count")
        .cells();
    let limit: u64 = cells.to_string().parse().expect("a small number");
    let with = |max_cells| solve(&problem, None, &by(Method::Full { max_cells }));
    match with(limit - 1) {
        Err(RunError::TooManyCells {
            count,
            limit: named,
        }) => {
            assert_eq!((count, named), (cells.to_string(), limit - 1));
        }
        other => panic!("{other:?}"),
    }
    let program = with(limit).expect("as many as allowed").program;
    assert_eq!(program.expect("a program").cells, limit);
}

#[test]
fn a_time_limit_ends_the_full_program_with_a_valid_bound() {
    let mut random = Random::new(8);
    let mut number = || rat(&format!("{:.3}", random.normal()));
    let x: Vec<Vec<Rat>> = (0..70).map(|_| vec![number(), number()]).collect();
    let y: Vec<Rat> = (0..70).map(|_| number()).collect();
    let problem = half_sum(
        Dataset::from_rows(&x, &y).expect("data"),
        Activation::relu(),
        &frac(1, 2),
        HiddenBias::Decayed,
        OutputBias::None,
    );
    for limit in [0.001, 0.2] {
        let options = RunOptions {
            time_limit: seconds(limit),
            ..by(FULL)
        };
        let c = solve_checked(&problem, &options).certificate;
        assert!(!c.lower_bound.is_negative() && c.lower_bound <= c.objective);
    }
}

#[test]
fn the_bracket_closes_where_the_objective_is_flat() {
    // In one dimension the descent ended 1e-16 above the optimum in the objective, but 1e-8 in the residual.
    let slope = Activation::leaky(frac(1, 10)).expect("a slope");
    let (hidden, output) = (HiddenBias::None, OutputBias::None);
    methods_agree(&half_sum(
        fixture("curve.csv", None),
        slope,
        &frac(3, 10),
        hidden,
        output,
    ));
}

#[test]
fn every_method_closes_a_bracket_on_ill_conditioned_features() {
    // Seven hyperplanes, rows of a sample in several of them, a small decay: the restricted programs of column generation are ill-conditioned, and the descent
    // alone stopped at nine neurons, 6e-8 above the bound.
    let problem = half_sum(
        fixture("patches.csv", Some("signal")),
        Activation::abs(),
        &frac(1, 100),
        HiddenBias::Undecayed,
        OutputBias::Free,
    );
    methods_agree(&problem);
    let auto = solve_checked(&problem, &by(Method::Auto)).certificate;
    assert_eq!(auto.verdict, Verdict::Optimal);
}

#[test]
fn data_of_very_different_sizes_are_solved() {
    for scale in ["1e-100", "1e-12", "1e6", "1e100"] {
        let scale = rat(scale);
        let x: Vec<Vec<Rat>> = [[1, 2], [-1, 1], [2, -1], [0, 1], [1, 0]]
            .iter()
            .map(|row| row.iter().map(|a| int(*a) * &scale).collect())
            .collect();
        let y: Vec<Rat> = [1, -1, 2, 0, 3].iter().map(|a| int(*a)).collect();
        let problem = Problem {
            loss: Loss::Mean,
            ..half_sum(
                Dataset::from_rows(&x, &y).expect("data"),
                Activation::relu(),
                &(&scale * frac(1, 10)),
                HiddenBias::None,
                OutputBias::None,
            )
        };
        methods_agree(&problem);
    }
}

/// Exit code, standard output, standard error.
fn command(text: &str) -> (Option<i32>, String, String) {
    let output = cargo_bin_cmd!("relucert")
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/data"))
        .args(text.split_whitespace())
        .output()
        .expect("the program runs");
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    (
        output.status.code(),
        text(output.stdout),
        text(output.stderr),
    )
}

#[test]
fn the_command_says_which_method_was_used() {
    // XOR has two hyperplanes in the plane: four cells.
    for (method, used, cells) in [
        ("", "columns", None),
        ("--method auto", "columns", None),
        ("--method columns", "columns", None),
        ("--method full", "full", Some(4)),
    ] {
        let (code, out, error) = command(&format!(
            "solve --data xor.csv --no-bias --loss half-sum --weight-decay 0.1 --json {method}"
        ));
        assert_eq!((code, error.as_str()), (Some(0), ""));
        let value: serde_json::Value = serde_json::from_str(&out).expect("JSON");
        assert_eq!(value["method"], used);
        assert_eq!(value["program"]["cells"].as_u64(), cells);
    }
}

#[test]
fn combinations_that_make_no_sense_are_refused() {
    let solve = "solve --data xor.csv --loss half-sum --no-bias";
    for (options, code, message) in [
        ("--method full --beta-max", 2, "cannot be used with"),
        ("--max-cells 10 --beta-max", 2, "cannot be used with"),
        ("--method all --weight-decay 1", 2, "invalid value"),
        ("--max-cells 0 --weight-decay 1", 2, "--max-cells"),
        (
            "--method full --weight-decay 1 --resume xor.csv",
            2,
            "leave out --method",
        ),
        (
            "--method full --weight-decay 1 --max-cells 3",
            3,
            "the full program has 4 cells, more than --max-cells 3",
        ),
        (
            "--method full --weight-decay 1 --max-cells 3",
            3,
            "use --method columns",
        ),
    ] {
        let (got, out, error) = command(&format!("{solve} {options}"));
        assert_eq!(got, Some(code), "{options}: {error}");
        assert!(error.contains(message), "{options}: {error}");
        assert_eq!(out, "");
    }
}
