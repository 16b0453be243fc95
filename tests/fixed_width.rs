//! Bounds for networks of at most a given width: against the enumeration of all local minima, which finds the global minimum by other means, against networks
//! that know of neither, and through both checkers.

mod common;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use common::*;
use num_traits::Zero;
use relucert::exact::{Rat, rat_to_f64};
use relucert::fixed_width::{WidthOptions, WidthProof, prove, write};
use relucert::minima::geometry::Geometry;
use relucert::minima::{MinimaOptions, minima};
use relucert::problem::{
    Activation, Dataset, Decay, HiddenBias, Loss, Network, OutputBias, Problem,
};
use relucert::prove::VerdictLine;
use relucert_checker::{Theorem, check_path};
use serde_json::Value;
use tempfile::TempDir;

fn problem(data: Dataset, activation: Activation, ridge: &str, bias: bool) -> Problem {
    let hidden = if bias {
        HiddenBias::Decayed
    } else {
        HiddenBias::None
    };
    let ridge = Decay::Ridge(rat(ridge));
    Problem::new(data, activation, Loss::Sum, ridge, hidden, OutputBias::None).expect("a problem")
}

fn random_data(n: usize, d: usize, random: &mut Random) -> Dataset {
    let rows: Vec<Vec<Rat>> = (0..n)
        .map(|_| (0..d).map(|_| int(random.between(-9, 9))).collect())
        .collect();
    let y: Vec<Rat> = (0..n).map(|_| frac(random.between(-20, 20), 10)).collect();
    Dataset::from_rows(&rows, &y).expect("data")
}

/// The proof from a network, and what the checker reads from its file.
fn proved(problem: &Problem, width: usize, start: &Network, slack: &str) -> (WidthProof, Theorem) {
    let geometry = Geometry::new(problem).expect("cells");
    let options = WidthOptions {
        width,
        slack: rat(slack),
        stop: &|| false,
        progress: &|_| {},
    };
    let proof = prove(problem, &geometry, start, &options).expect("in scope");
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("w.proof.gz");
    let line = VerdictLine {
        word: "undecided",
        tolerance: Rat::zero(),
    };
    let best = proof.best.as_ref().unwrap_or(start);
    write(&path, problem, &[(best, "best")], &line, &proof).expect("written");
    let theorem = check_path(&path).unwrap_or_else(|e| panic!("{e}\n{}", problem.statement()));
    assert_eq!(theorem.bound.width, Some(width));
    assert_eq!(rat_of(&theorem.bound.value.to_string()), proof.bound);
    assert_eq!(theorem.problem.sha256, problem.statement_sha256());
    assert_eq!(objective(problem, best), proof.objective);
    assert!(proof.bound <= proof.objective);
    (proof, theorem)
}

/// The enclosure of the least value at a width by the enumeration.
fn lowest(problem: &Problem, width: usize) -> (Rat, Rat) {
    let geometry = Geometry::new(problem).expect("cells");
    let options = MinimaOptions {
        width,
        digits: 14,
        exact: false,
        stop: &|| false,
        progress: &|_| {},
    };
    let found = minima(problem, &geometry, &options).expect("in scope");
    assert!(found.undecided.is_empty(), "{:?}", found.undecided);
    found.components[0].value.clone()
}

#[test]
fn the_bound_is_the_global_minimum_of_the_enumeration() {
    let relu = Activation::relu;
    let leaky = || Activation::leaky(frac(1, 5)).expect("a slope");
    let mut random = Random::new(5);
    let mut several = 0;
    // n, d, activation, bias, ridge, widths
    let cases: Vec<(usize, usize, Activation, bool, &str, usize)> = vec![
        (5, 1, relu(), true, "1/10", 3),
        (6, 1, relu(), true, "1/20", 3),
        (7, 1, relu(), true, "1/3", 2),
        (4, 2, relu(), true, "1/5", 2),
        (6, 2, relu(), false, "1/10", 2),
        (5, 1, leaky(), true, "1/10", 3),
        (6, 2, leaky(), false, "1/4", 2),
        (5, 1, Activation::abs(), true, "1/10", 3),
        (6, 2, Activation::abs(), false, "1/10", 3),
        (8, 2, relu(), true, "1/10", 1),
        (8, 2, relu(), true, "1/10", 2),
        (4, 3, relu(), false, "1/10", 2),
    ];
    for (n, d, activation, bias, ridge, most) in cases {
        let problem = problem(random_data(n, d, &mut random), activation, ridge, bias);
        let mut last: Option<Rat> = None;
        for width in 1..=most {
            let (low, high) = lowest(&problem, width);
            let (proof, theorem) = proved(&problem, width, &zero_network(&problem), "1e-9");
            assert!(proof.complete, "{}", problem.statement());
            assert!(proof.bound <= high, "{}", problem.statement());
            assert!(
                proof.bound >= &low * rat("0.999999998"),
                "{}",
                problem.statement()
            );
            assert!(proof.objective >= low, "{}", problem.statement());
            several += usize::from(theorem.counts.blocks > 1);
            // A wider network is no worse.
            if let Some(last) = last {
                assert!(proof.bound <= &last * rat("1.000000002"));
            }
            last = Some(proof.bound.clone());
        }
    }
    assert!(several > 12, "{several}");
}

#[test]
fn no_trained_network_of_the_width_is_below_the_bound() {
    let mut random = Random::new(11);
    for width in [1, 2] {
        let data = random_data(7, 1, &mut random);
        let problem = problem(data, Activation::relu(), "1/10", true);
        let (proof, _) = proved(&problem, width, &zero_network(&problem), "1e-9");
        let (mut below_the_wider, every) = (
            0,
            proved(&problem, 7, &zero_network(&problem), "1e-9").0.bound,
        );
        for _ in 0..30 {
            let network = train(&problem, width, 300, &mut random);
            let here = objective(&problem, &network);
            assert!(here >= proof.bound, "{}", problem.statement());
            below_the_wider += usize::from(here < every);
        }
        assert_eq!(below_the_wider, 0);
    }
}

#[test]
fn from_n_neurons_on_the_width_does_not_matter() {
    let mut random = Random::new(3);
    for _ in 0..3 {
        let problem = problem(
            random_data(5, 1, &mut random),
            Activation::relu(),
            "1/10",
            true,
        );
        let at = |width| proved(&problem, width, &zero_network(&problem), "1e-9").0;
        let (five, nine) = (at(5), at(9));
        assert_eq!((five.blocks(), nine.blocks()), (1, 1));
        let every = certify_checked(
            &problem,
            five.best.as_ref().unwrap_or(&zero_network(&problem)),
            &options("1e-8"),
        );
        assert!(
            (rat_to_f64(&every.certificate.lower_bound) / rat_to_f64(&five.bound) - 1.0).abs()
                < 1e-7
        );
        assert_eq!(five.bound, nine.bound);
    }
}

#[test]
fn degenerate_problems_have_their_proofs() {
    let relu = Activation::relu;
    let cases = [
        // Targets that are zero; rows that are zero; both.
        (integer_data(&[&[1], &[-2]], &[0, 0]), relu(), true),
        (integer_data(&[&[0], &[0]], &[1, 2]), relu(), false),
        (
            integer_data(&[&[0, 0], &[0, 0]], &[1, -2]),
            Activation::abs(),
            false,
        ),
        (integer_data(&[&[0]], &[0]), relu(), false),
        // Columns that depend on each other, equal and opposite rows.
        (
            integer_data(&[&[1, 2], &[2, 4], &[-3, -6]], &[1, -1, 2]),
            relu(),
            true,
        ),
        (
            integer_data(&[&[1, 2], &[2, 4], &[-3, -6]], &[1, -1, 2]),
            Activation::abs(),
            false,
        ),
        (
            integer_data(&[&[1], &[1], &[-1], &[3]], &[2, -1, 2, 1]),
            relu(),
            false,
        ),
        (
            integer_data(&[&[1, 0, 2], &[0, 0, 1], &[1, 0, 1]], &[2, -3, 1]),
            relu(),
            false,
        ),
        // No row but one.
        (integer_data(&[&[3]], &[2]), relu(), true),
    ];
    for (data, activation, bias) in cases {
        let problem = problem(data, activation, "1/10", bias);
        for width in [1, 2] {
            let (low, high) = lowest(&problem, width);
            let (proof, _) = proved(&problem, width, &zero_network(&problem), "1e-9");
            assert!(proof.complete, "{}", problem.statement());
            assert!(proof.bound <= high && proof.bound >= low * rat("0.999999998"));
        }
    }
}

#[test]
fn several_rows_of_a_sample_and_scales_do_not_matter() {
    // Two rows a sample; and the data in other units: rows times s with a decay times s, targets times t: then values times t².
    let rows: Vec<Vec<Rat>> = [[3, 1], [-2, 2], [1, -4], [0, 5], [2, 2], [-1, -3]]
        .iter()
        .map(|row| row.iter().map(|x| int(*x)).collect())
        .collect();
    let grouped_data = grouped(&rows, &[2, 2, 2], &[int(1), int(-2), frac(3, 2)]);
    let problem_of = |data, ridge| problem(data, Activation::relu(), ridge, false);
    let here = problem_of(grouped_data, "1/5");
    let (low, high) = lowest(&here, 1);
    let (proof, _) = proved(&here, 1, &zero_network(&here), "1e-9");
    assert!(proof.bound <= high && proof.bound >= low * rat("0.999999998"));
    let scaled: Vec<Vec<Rat>> = rows
        .iter()
        .map(|row| row.iter().map(|x| x * int(1_000_000)).collect())
        .collect();
    let y = [int(1000), int(-2000), int(1500)];
    let there = problem_of(grouped(&scaled, &[2, 2, 2], &y), "200000000");
    let (other, _) = proved(&there, 1, &zero_network(&there), "1e-9");
    let ratio = rat_to_f64(&other.bound) / rat_to_f64(&proof.bound);
    assert!((ratio / 1e6 - 1.0).abs() < 1e-8, "{ratio}");
}

#[test]
fn a_stopped_search_proves_the_bound_of_every_width() {
    let mut random = Random::new(2);
    let problem = problem(
        random_data(7, 1, &mut random),
        Activation::relu(),
        "1/10",
        true,
    );
    let geometry = Geometry::new(&problem).expect("cells");
    let options = WidthOptions {
        width: 1,
        slack: rat("1e-9"),
        stop: &|| true,
        progress: &|_| {},
    };
    let zero = zero_network(&problem);
    let stopped = prove(&problem, &geometry, &zero, &options).expect("in scope");
    assert!(!stopped.complete && stopped.blocks() == 1);
    let wide = proved(&problem, 7, &zero, "1e-9").0;
    assert!((rat_to_f64(&stopped.bound) / rat_to_f64(&wide.bound) - 1.0).abs() < 1e-6);
}

fn relucert(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_relucert"))
        .args(arguments)
        .output()
        .expect("runs")
}

fn json(output: &Output) -> Value {
    let told = String::from_utf8_lossy(&output.stderr);
    serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{e}: {told}"))
}

fn python_accepts(proof: &Path) {
    let checker = Path::new(env!("CARGO_MANIFEST_DIR")).join("python/relucert_check.py");
    let output = Command::new("python3")
        .arg(checker)
        .arg(proof)
        .output()
        .expect("python3");
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        output.status.success() && told.contains(": accepted"),
        "{told}"
    );
    assert!(told.contains("width at most"), "{told}");
}

const FIVE: [&str; 6] = [
    "--data",
    "fixtures/data/five_points.csv",
    "--loss",
    "sum",
    "--ridge",
    "1/2",
];

fn rat_in(value: &Value) -> Rat {
    rat_of(value["exact"].as_str().expect("a fraction"))
}

#[test]
fn minima_proves_its_global_minimum() {
    for width in ["1", "2", "3"] {
        let folder = TempDir::new().expect("a folder");
        let proof = folder.path().join("five.proof");
        let name = proof.to_str().expect("a name");
        let mut arguments = vec!["minima", "--width", width, "--json", "--proof", name];
        arguments.extend(FIVE);
        let output = relucert(&arguments);
        assert_eq!(output.status.code(), Some(0));
        let found = json(&output);
        let part = &found["fixed_width"];
        assert_eq!(
            (part["verdict"].as_str(), part["width"].to_string()),
            (Some("optimal"), width.to_owned())
        );
        let low = rat_of(
            found["components"][0]["value"]["enclosure"][0]
                .as_str()
                .expect("a fraction"),
        );
        let high = rat_of(
            found["components"][0]["value"]["enclosure"][1]
                .as_str()
                .expect("a fraction"),
        );
        let bound = rat_in(&part["lower_bound"]);
        assert!(
            bound <= high && bound >= low * rat("0.999999998"),
            "{bound}"
        );
        let theorem = check_path(&proof).expect("accepted");
        assert_eq!(
            theorem.bound.width.map(|m| m.to_string()).as_deref(),
            Some(width)
        );
        assert_eq!(theorem.verdict.to_string(), "optimal");
        assert_eq!(
            theorem
                .best
                .as_ref()
                .map(|network| network.neurons.to_string())
                .as_deref(),
            Some(width)
        );
        python_accepts(&proof);

        let mut arguments = vec!["minima", "--width", width, "--proof", name];
        arguments.extend(FIVE);
        let text = String::from_utf8(relucert(&arguments).stdout).expect("text");
        let scope = if width == "1" {
            "every network of at most 1 neuron"
        } else {
            "every network of every width, so also"
        };
        assert!(
            text.contains(scope) && text.contains("support vectors, "),
            "{text}"
        );
    }
}

#[test]
fn certify_tells_the_global_minimum_from_the_others() {
    for width in ["1", "2"] {
        let folder = TempDir::new().expect("a folder");
        let out = folder.path().to_str().expect("a name");
        let mut arguments = vec!["minima", "--width", width, "--json", "--out", out];
        arguments.extend(FIVE);
        let found = json(&relucert(&arguments));
        let components = found["components"].as_array().expect("a list");
        for (i, component) in components.iter().enumerate() {
            let network = folder.path().join(format!("minimum-{:03}.json", i + 1));
            let proof = folder.path().join(format!("{i}.proof"));
            let best = folder.path().join("best.json");
            let [network, name, best_name] =
                [&network, &proof, &best].map(|path| path.to_str().expect("a name"));
            let mut arguments = vec![
                "certify",
                "--fixed-width",
                "--json",
                "--network",
                network,
                "--proof",
                name,
                "--best",
                best_name,
            ];
            arguments.extend(FIVE);
            let output = relucert(&arguments);
            let told = json(&output);
            let theorem = check_path(&proof).expect("accepted");
            python_accepts(&proof);
            assert_eq!(
                theorem.verdict.to_string(),
                told["verdict"].as_str().expect("a word")
            );
            assert_eq!(told["scope"], "fixed_width");
            let (word, code) = if component["global"] == true {
                ("optimal", 0)
            } else {
                ("not_optimal", 1)
            };
            assert_eq!(
                (told["verdict"].as_str(), output.status.code()),
                (Some(word), Some(code)),
                "{told}"
            );
            if code == 1 {
                let best = Network::read(&best).expect("written");
                assert!(best.width() <= theorem.bound.width.expect("a width"));
                let lowest = rat_of(
                    components[0]["value"]["enclosure"][0]
                        .as_str()
                        .expect("a fraction"),
                );
                let bound = rat_in(&told["lower_bound"]);
                assert!(bound <= rat_in(&told["upper_bound"]) && bound >= lowest * rat("0.999998"));
            }
        }
    }
}

#[test]
fn a_wider_network_would_be_better_and_the_answer_is_optimal_all_the_same() {
    // Every-width certification is undecided here: no better network of width 1 exists, but wider ones do.
    let network = ["--network", "fixtures/networks/five/flat.json", "--json"];
    let mut wide = vec!["certify"];
    wide.extend(FIVE);
    wide.extend(network);
    let told = relucert(&wide);
    assert_eq!(
        (told.status.code(), json(&told)["verdict"].as_str()),
        (Some(3), Some("undecided"))
    );
    wide.push("--fixed-width");
    let told = relucert(&wide);
    assert_eq!(
        (told.status.code(), json(&told)["verdict"].as_str()),
        (Some(0), Some("optimal"))
    );
}

#[test]
fn a_time_limit_leaves_a_true_proof() {
    let folder = TempDir::new().expect("a folder");
    let proof: PathBuf = folder.path().join("five.proof");
    let name = proof.to_str().expect("a name");
    let network = "fixtures/networks/five/flat.json";
    let mut arguments = vec![
        "certify",
        "--fixed-width",
        "--network",
        network,
        "--proof",
        name,
        "--time-limit",
        "0.000001",
    ];
    arguments.extend(FIVE);
    let output = relucert(&arguments);
    assert_eq!(output.status.code(), Some(3));
    let text = String::from_utf8(output.stdout).expect("text");
    assert!(
        text.contains("undecided") && text.contains("the search ended before"),
        "{text}"
    );
    let theorem = check_path(&proof).expect("accepted");
    assert_eq!(
        (theorem.verdict.to_string().as_str(), theorem.counts.blocks),
        ("undecided", 1)
    );
    python_accepts(&proof);
}

#[test]
fn what_is_out_of_scope_is_refused_with_the_reason() {
    let folder = TempDir::new().expect("a folder");
    let zero = folder.path().join("zero.json");
    std::fs::write(
        &zero,
        r#"{"hidden_weights": [], "hidden_bias": [], "output_weights": [], "output_bias": null}"#,
    )
    .expect("written");
    let zero = zero.to_str().expect("a name");
    let flat = "fixtures/networks/five/flat.json";
    let data = "fixtures/data/five_points.csv";
    let cases: Vec<(Vec<&str>, &str)> = vec![
        (
            vec!["certify", "--network", zero, "--fixed-width"],
            "the width is 0",
        ),
        (
            vec![
                "certify",
                "--network",
                flat,
                "--fixed-width",
                "--no-decay",
                "hidden-bias",
            ],
            "an undecayed hidden bias is out of scope",
        ),
        (
            vec![
                "certify",
                "--network",
                flat,
                "--fixed-width",
                "--max-leaves",
                "5",
            ],
            "cannot be used with",
        ),
        (
            vec![
                "certify",
                "--network",
                flat,
                "--fixed-width",
                "--resume",
                "x",
            ],
            "cannot be used with",
        ),
        (
            vec!["minima", "--width", "1", "--proof", data],
            "name the same file",
        ),
        (
            vec![
                "minima",
                "--width",
                "1",
                "--proof",
                "no such folder/x.proof",
            ],
            "cannot be written",
        ),
    ];
    for (mut arguments, reason) in cases {
        arguments.extend(FIVE);
        let output = relucert(&arguments);
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {told}");
        assert!(told.contains(reason), "{told}");
    }
}

#[test]
fn too_many_cells_are_refused_before_any_work() {
    let network = "fixtures/networks/iris_best/model.npz";
    let iris = ["--data", "fixtures/data/iris.csv", "--weight-decay", "0.1"];
    for mut arguments in [
        vec!["certify", "--fixed-width", "--network", network],
        vec!["minima", "--width", "2", "--proof", "never-written.proof"],
    ] {
        arguments.extend(iris);
        let output = relucert(&arguments);
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{told}");
        assert!(told.contains("cells, more than 100000"), "{told}");
    }
}

#[test]
fn a_tolerance_of_zero_is_not_reached_and_a_large_one_is_enough() {
    let flat = "fixtures/networks/five/flat.json";
    for (tolerance, code) in [("0", 3), ("0.9", 0), ("0.05", 0), ("1e-16", 3)] {
        let mut arguments = vec![
            "certify",
            "--fixed-width",
            "--network",
            flat,
            "--tolerance",
            tolerance,
        ];
        arguments.extend(FIVE);
        let output = relucert(&arguments);
        let told = String::from_utf8_lossy(&output.stdout).into_owned();
        assert_eq!(output.status.code(), Some(code), "{tolerance}: {told}");
    }
}
