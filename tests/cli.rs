//! The contract of the commands: exit codes, JSON fields, and files that other commands accept.

mod common;

use std::fs;
use std::path::Path;
use std::time::Instant;

use assert_cmd::cargo::cargo_bin_cmd;
use common::*;
use num_traits::Signed;
use relucert::exact::Rat;
use relucert::problem::{
    Activation, DataOptions, Dataset, HiddenBias, Network, OutputBias, Problem,
};
use serde_json::Value;

/// What a command did.
struct Ran {
    code: Option<i32>,
    out: String,
    error: String,
}

fn run(folder: &Path, command: &str) -> Ran {
    let output = cargo_bin_cmd!("relucert")
        .current_dir(folder)
        .args(command.split_whitespace())
        .output()
        .expect("the program runs");
    Ran {
        code: output.status.code(),
        out: String::from_utf8(output.stdout).expect("UTF-8"),
        error: String::from_utf8(output.stderr).expect("UTF-8"),
    }
}

/// Runs a command that prints one JSON object and nothing else.
fn json(folder: &Path, command: &str, code: i32) -> Value {
    let ran = run(folder, &format!("{command} --json"));
    assert_eq!(ran.code, Some(code), "{command}: {}{}", ran.error, ran.out);
    assert_eq!(ran.error, "", "{command}");
    let value: Value =
        serde_json::from_str(&ran.out).unwrap_or_else(|e| panic!("{e}: {}", ran.out));
    assert!(value.is_object() && ran.out.ends_with("}\n"));
    value
}

/// The exact value of a figure; its decimal agrees to 25 digits.
fn figure(value: &Value, name: &str) -> Rat {
    let exact = rat_of(
        value[name]["exact"]
            .as_str()
            .unwrap_or_else(|| panic!("{name} in {value}")),
    );
    let decimal = rat(value[name]["decimal"].as_str().expect("a decimal"));
    assert!(
        (&decimal - &exact).abs() <= exact.abs() * rat("1e-25"),
        "{name}"
    );
    exact
}

const XOR: &str = "a,b,y\n1,1,-1\n1,-1,1\n-1,1,1\n-1,-1,-1\n";
const OBJECTIVE: &str = "--data xor.csv --loss half-sum --weight-decay 0.1";

fn xor() -> Problem {
    let data = integer_data(&[&[1, 1], &[1, -1], &[-1, 1], &[-1, -1]], &[-1, 1, 1, -1]);
    half_sum(
        data,
        Activation::relu(),
        &frac(1, 10),
        HiddenBias::None,
        OutputBias::None,
    )
}

/// xor.csv, good.json (an optimum), bad.json (four neurons that are far from it), narrow.json (a best network of one neuron).
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).expect("a file");
    write("xor.csv", XOR);
    write(
        "bad.json",
        r#"{"hidden_weights": [[1, 0.5], [0.25, -1], [0.1, 0.1], [-1, 2]], "output_weights": [0.5, 0.5, -1, 0.25]}"#,
    );
    let solved = run(
        folder.path(),
        &format!("solve {OBJECTIVE} --no-bias --tolerance 1e-9 --out good.json -q"),
    );
    assert_eq!(solved.code, Some(0), "{}", solved.error);
    write(
        "narrow.json",
        r#"{"hidden_weights": [[0.5, -0.5]], "output_weights": [0.75]}"#,
    );
    let narrow = run(
        folder.path(),
        &format!("certify {OBJECTIVE} --network narrow.json --best narrow_best.json -q"),
    );
    assert_eq!(narrow.code, Some(1), "{}", narrow.error);
    folder
}

fn read(folder: &Path, name: &str) -> Network {
    Network::read(&folder.join(name)).expect("a network")
}

#[test]
fn verdicts_have_their_exit_codes() {
    let folder = folder();
    let at = |network: &str, more: &str| {
        run(
            folder.path(),
            &format!("certify {OBJECTIVE} --network {network} {more}"),
        )
    };
    let optimal = at("good.json", "");
    assert_eq!(optimal.code, Some(0), "{}", optimal.error);
    assert!(optimal.out.contains("optimal") && !optimal.out.contains("not_optimal"));
    let not_optimal = at("bad.json", "");
    assert_eq!(not_optimal.code, Some(1), "{}", not_optimal.error);
    assert!(
        not_optimal.out.to_lowercase().contains("not"),
        "{}",
        not_optimal.out
    );
    assert_eq!(
        at("narrow_best.json", "").code,
        Some(3),
        "{}",
        at("narrow_best.json", "").out
    );
    for bad in [
        "--weight-decay 2",
        "--tolerance 2",
        "--threads 0",
        "--no-such-option",
        "--target nothing",
    ] {
        let ran = at("good.json", bad);
        assert_eq!(ran.code, Some(2), "{bad}");
        assert_eq!(ran.out, "", "{bad}");
        assert!(ran.error.starts_with("error"), "{bad}: {}", ran.error);
    }
    assert_eq!(at("missing.json", "").code, Some(2));
    assert_eq!(run(folder.path(), "").code, Some(2));
    assert_eq!(run(folder.path(), "--help").code, Some(0));
    assert_eq!(run(folder.path(), "certify --help").code, Some(0));
    assert_eq!(run(folder.path(), "--version").code, Some(0));
}

#[test]
fn the_json_of_a_verdict_has_every_field_and_is_exact() {
    let folder = folder();
    for (name, code, word) in [
        ("good.json", 0, "optimal"),
        ("bad.json", 1, "not_optimal"),
        ("narrow_best.json", 3, "undecided"),
    ] {
        let value = json(
            folder.path(),
            &format!("certify {OBJECTIVE} --network {name} --proof a.proof"),
            code,
        );
        assert_eq!(value["verdict"], word);
        let problem = xor();
        let network = read(folder.path(), name);
        let own = objective(&problem, &network);
        assert_eq!(figure(&value, "objective"), own);
        let (low, high) = (figure(&value, "lower_bound"), figure(&value, "upper_bound"));
        assert!(low <= high && high <= own);
        let gap = figure(&value, "gap");
        assert_eq!(gap, &own - &low);
        // The decimals are rounded to the safe side.
        assert!(rat(value["lower_bound"]["decimal"].as_str().expect("a decimal")) <= low);
        assert!(rat(value["gap"]["decimal"].as_str().expect("a decimal")) >= gap);
        assert!(rat(value["upper_bound"]["decimal"].as_str().expect("a decimal")) >= high);
        let relative = value["relative_gap"].as_f64().expect("a number");
        let expected = relucert::exact::rat_to_f64(&(&gap / &own));
        assert!(
            (relative - expected).abs() <= 1e-12 * expected,
            "{relative} {expected}"
        );
        assert_eq!(value["width"], network.width());
        assert!(value["best_width"].is_u64());
        let about = &value["problem"];
        assert_eq!(
            (
                about["n"].as_u64(),
                about["rows"].as_u64(),
                about["rank"].as_u64()
            ),
            (Some(4), Some(4), Some(2))
        );
        assert_eq!(about["features"], serde_json::json!(["a", "b"]));
        assert_eq!(
            rat_of(about["beta"].as_str().expect("a fraction")),
            frac(1, 10)
        );
        assert_eq!(about["loss"], "half-sum");
        assert_eq!(about["sha256"], problem.statement_sha256());
        assert_eq!(value["proof"]["path"], "a.proof");
        let seconds = value["seconds"].as_object().expect("seconds");
        assert!(
            !seconds.is_empty()
                && seconds
                    .values()
                    .all(|s| s.as_f64().is_some_and(|s| s >= 0.0))
        );
        assert_eq!(
            value["witness"].is_object(),
            word == "not_optimal" || word == "undecided"
        );
    }
    // Without a proof there is none to report.
    let value = json(
        folder.path(),
        &format!("certify {OBJECTIVE} --network good.json"),
        0,
    );
    assert!(value["proof"].is_null());
}

#[test]
fn the_checker_accepts_the_proofs_alone_and_beside_the_files() {
    let folder = folder();
    for (name, code) in [("good.json", 0), ("bad.json", 1), ("narrow_best.json", 3)] {
        for proof in ["a.proof", "a.proof.gz"] {
            let ran = run(
                folder.path(),
                &format!("certify {OBJECTIVE} --network {name} --proof {proof} -q"),
            );
            assert_eq!(ran.code, Some(code), "{}", ran.error);
            let bytes = fs::read(folder.path().join(proof)).expect("a proof");
            assert_eq!(bytes.starts_with(&[0x1f, 0x8b]), proof.ends_with("gz"));
            let alone = run(folder.path(), &format!("check {proof}"));
            assert_eq!(alone.code, Some(0), "{}", alone.error);
            let beside = run(
                folder.path(),
                &format!("check {proof} {OBJECTIVE} --network {name}"),
            );
            assert_eq!(beside.code, Some(0), "{}", beside.error);
            for other in [
                format!("check {proof} {OBJECTIVE} --network ../x/{name}")
                    .replace("../x/", if name == "bad.json" { "good_" } else { "bad_" }),
                format!(
                    "check {proof} --data xor.csv --loss half-sum --weight-decay 0.2 --network {name}"
                ),
                format!("check {proof} --data xor.csv --weight-decay 0.1 --network {name}"),
            ] {
                fs::copy(
                    folder.path().join("good.json"),
                    folder.path().join("good_bad.json"),
                )
                .expect("a copy");
                for bad in ["good.json", "narrow_best.json"] {
                    fs::copy(
                        folder.path().join("bad.json"),
                        folder.path().join(format!("bad_{bad}")),
                    )
                    .expect("a copy");
                }
                let ran = run(folder.path(), &other);
                assert_eq!(ran.code, Some(1), "{other}: {}{}", ran.out, ran.error);
            }
        }
    }
    // A proof that was changed is rejected.
    let text = fs::read_to_string(folder.path().join("a.proof")).expect("a proof");
    fs::write(
        folder.path().join("b.proof"),
        text.replacen("\nbound ", "\nbound 1", 1),
    )
    .expect("a file");
    assert_eq!(run(folder.path(), "check b.proof").code, Some(1));
    assert_eq!(run(folder.path(), "check missing.proof").code, Some(2));
}

#[test]
fn the_better_network_that_is_written_is_better_exactly() {
    let folder = folder();
    let problem = xor();
    for format in ["json", "npz", "safetensors"] {
        let best = format!("best.{format}");
        let value = json(
            folder.path(),
            &format!("certify {OBJECTIVE} --network bad.json --best {best}"),
            1,
        );
        let network = read(folder.path(), &best);
        let bad = read(folder.path(), "bad.json");
        assert!(network.width() <= bad.width());
        assert_eq!(
            network.width() as u64,
            value["best_width"].as_u64().expect("a width")
        );
        assert!(objective(&problem, &network) < objective(&problem, &bad));
        assert_eq!(
            objective(&problem, &network),
            figure(&value, "upper_bound"),
            "{format}"
        );
    }
}

#[test]
fn solve_writes_the_network_it_reports() {
    let folder = folder();
    let value = json(
        folder.path(),
        &format!("solve {OBJECTIVE} --no-bias --out net.safetensors --proof s.proof.gz"),
        0,
    );
    assert_eq!(value["verdict"], "optimal");
    let network = read(folder.path(), "net.safetensors");
    assert_eq!(objective(&xor(), &network), figure(&value, "objective"));
    assert_eq!(
        network.width() as u64,
        value["width"].as_u64().expect("a width")
    );
    let check = run(
        folder.path(),
        &format!("check s.proof.gz {OBJECTIVE} --network net.safetensors"),
    );
    assert_eq!(check.code, Some(0), "{}", check.error);
    // Certifying it again comes to the same verdict.
    let again = run(
        folder.path(),
        &format!("certify {OBJECTIVE} --network net.safetensors"),
    );
    assert_eq!(again.code, Some(0), "{}", again.error);
}

#[test]
fn beta_max_is_printed_and_holds() {
    let folder = folder();
    let value = json(
        folder.path(),
        "solve --data xor.csv --loss half-sum --no-bias --beta-max",
        0,
    );
    // |F_y| on XOR is largest at u = (1, −1)/√2: √2.
    let (low, high) = (
        rat_of(value["beta_max"]["lower"].as_str().expect("a fraction")),
        rat_of(value["beta_max"]["upper"].as_str().expect("a fraction")),
    );
    assert!(square(&low) <= int(2) && square(&high) >= int(2));
    assert!(&high - &low <= rat("1e-8"));
    let above = format!("solve --data xor.csv --loss half-sum --no-bias --weight-decay {high}");
    assert_eq!(json(folder.path(), &above, 0)["width"], 0);
}

#[test]
fn predictions_are_those_of_the_definition() {
    let folder = folder();
    let problem = xor();
    for name in ["good.json", "bad.json", "narrow_best.json"] {
        let ran = run(
            folder.path(),
            &format!("predict --network {name} --data xor.csv --exact"),
        );
        assert_eq!(ran.code, Some(0), "{}", ran.error);
        let values: Vec<Rat> = ran.out.lines().skip(1).map(rat_of).collect();
        assert_eq!(
            values,
            outputs(&problem, &read(folder.path(), name)),
            "{name}"
        );
    }
}

/// 200 samples, 8 features: too hard for a few seconds.
fn hard(folder: &Path) {
    let mut random = Random::new(51);
    let mut text = "a,b,c,d,e,f,g,h,y\n".to_owned();
    for _ in 0..200 {
        let row: Vec<String> = (0..9).map(|_| format!("{:.3}", random.normal())).collect();
        text += &row.join(",");
        text += "\n";
    }
    fs::write(folder.join("hard.csv"), text).expect("a file");
}

#[test]
fn a_time_limit_ends_with_a_valid_proof() {
    let folder = tempfile::tempdir().expect("a folder");
    hard(folder.path());
    let started = Instant::now();
    let value = json(
        folder.path(),
        "solve --data hard.csv --loss half-sum --weight-decay 5 --tolerance 1e-9 --time-limit 3 --proof h.proof.gz --out h.json",
        3,
    );
    assert!(started.elapsed().as_secs() < 60, "far over the limit");
    assert_eq!(value["verdict"], "undecided");
    let check = run(
        folder.path(),
        "check h.proof.gz --data hard.csv --loss half-sum --weight-decay 5 --network h.json",
    );
    assert_eq!(check.code, Some(0), "{}", check.error);
    let data =
        Dataset::read(&folder.path().join("hard.csv"), &DataOptions::default()).expect("data");
    let problem = half_sum(
        data,
        Activation::relu(),
        &int(5),
        HiddenBias::Decayed,
        OutputBias::None,
    );
    assert_eq!(
        objective(&problem, &read(folder.path(), "h.json")),
        figure(&value, "objective")
    );
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_a_long_run_with_a_valid_proof() {
    use std::process::{Command, Stdio};
    use std::thread::sleep;
    use std::time::Duration;

    let folder = tempfile::tempdir().expect("a folder");
    hard(folder.path());
    let child = Command::new(assert_cmd::cargo::cargo_bin!("relucert"))
        .current_dir(folder.path())
        .args("solve --data hard.csv --loss half-sum --weight-decay 5 --tolerance 1e-9 --proof h.proof --json".split(' '))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    sleep(Duration::from_secs(4));
    let started = Instant::now();
    let signal = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status();
    assert!(signal.expect("the signal").success());
    let output = child.wait_with_output().expect("an output");
    assert!(
        started.elapsed().as_secs() < 120,
        "the interrupt was not seen"
    );
    assert_eq!(
        output.status.code(),
        Some(3),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let value: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(value["verdict"], "undecided");
    assert_eq!(run(folder.path(), "check h.proof").code, Some(0));
}
