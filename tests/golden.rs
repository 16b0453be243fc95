//! The golden proofs of `fixtures/proofs/golden.list`: the checker accepts each, also beside the data and networks it is about, and the
//! program comes to the same verdict again, with a proof that is accepted too.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use relucert_checker::{Theorem, Verdict, check_path};

/// One line of the list.
struct Golden {
    file: String,
    verdict: String,
    /// The command and its options, without `--proof`.
    arguments: Vec<String>,
}

impl Golden {
    fn path(&self) -> PathBuf {
        Path::new("fixtures/proofs").join(&self.file)
    }

    /// The options that say what the problem is: those that the checker has as well.
    fn statement(&self) -> Vec<OsString> {
        let mut options = Vec::new();
        let mut arguments = self.arguments.iter().skip(1);
        while let Some(option) = arguments.next() {
            if option == "--fixed-width" {
                continue;
            }
            if option == "--tolerance" {
                arguments.next();
            } else {
                options.push(option.into());
            }
        }
        options
    }
}

fn golden() -> Vec<Golden> {
    let list = include_str!("../fixtures/proofs/golden.list");
    list.lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| {
            let mut words = line.split_whitespace().map(str::to_owned);
            let mut next = || words.next().expect("file, verdict, command");
            let (file, verdict) = (next(), next());
            Golden {
                file,
                verdict,
                arguments: words.collect(),
            }
        })
        .collect()
}

fn word(theorem: &Theorem) -> &'static str {
    match theorem.verdict {
        Verdict::Optimal => "optimal",
        Verdict::NotOptimal => "not_optimal",
        Verdict::Undecided => "undecided",
    }
}

/// The checker's own command on a proof and the files it should be about.
fn compare(proof: &Path, statement: &[OsString]) -> (i32, String) {
    let mut arguments = vec![proof.into(), OsString::from("--json")];
    arguments.extend_from_slice(statement);
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let status = relucert_checker::run(&arguments, &mut out, &mut err);
    out.append(&mut err);
    (status, String::from_utf8(out).expect("text"))
}

#[test]
fn every_golden_proof_is_accepted_with_its_verdict() {
    for golden in golden() {
        let theorem = check_path(&golden.path()).unwrap_or_else(|e| panic!("{}: {e}", golden.file));
        assert_eq!(word(&theorem), golden.verdict, "{}", golden.file);
    }
}

#[test]
fn every_golden_proof_is_about_its_own_files() {
    for golden in golden() {
        let (status, text) = compare(&golden.path(), &golden.statement());
        assert_eq!(status, 0, "{}: {text}", golden.file);
    }
}

#[test]
fn a_golden_proof_is_not_about_other_files() {
    let proof = Path::new("fixtures/proofs/xor_best.proof");
    let problem = "--data fixtures/data/xor.csv --loss half-sum --weight-decay 0.1";
    for (change, statement) in [
        (
            "none",
            format!("{problem} --network fixtures/networks/xor/best.json"),
        ),
        (
            "network",
            format!("{problem} --network fixtures/networks/xor/textbook.json"),
        ),
        (
            "decay",
            format!("{problem} --no-bias").replace("0.1", "0.2"),
        ),
        (
            "loss",
            format!("{problem} --no-bias").replace("half-sum", "sum"),
        ),
        ("bias", problem.to_owned()),
        (
            "data",
            format!("{problem} --no-bias").replace("xor.csv", "grid.csv"),
        ),
    ] {
        let statement: Vec<OsString> = statement.split(' ').map(OsString::from).collect();
        let (status, text) = compare(proof, &statement);
        assert_eq!(status, i32::from(change != "none"), "{change}: {text}");
    }
}

#[test]
fn the_program_solves_every_golden_problem_again() {
    let folder = tempfile::tempdir().expect("a folder");
    for golden in golden() {
        let proof = folder.path().join(&golden.file);
        let output = Command::cargo_bin("relucert")
            .expect("built")
            .args(&golden.arguments)
            .args(["--json", "--proof"])
            .arg(&proof)
            .output()
            .expect("runs");
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        let code = match golden.verdict.as_str() {
            "optimal" => 0,
            "not_optimal" => 1,
            _ => 3,
        };
        assert_eq!(output.status.code(), Some(code), "{}: {told}", golden.file);
        let json: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
        assert_eq!(json["verdict"], golden.verdict.as_str(), "{}", golden.file);

        let (status, text) = compare(&proof, &golden.statement());
        assert_eq!(status, 0, "{}: {text}", golden.file);
        let theorem = check_path(&proof).expect("accepted");
        assert_eq!(word(&theorem), golden.verdict, "{}", golden.file);
    }
}

#[test]
fn every_fixture_in_the_list_exists_and_every_proof_is_kept_for_a_reason() {
    let mut listed: Vec<String> = golden().into_iter().map(|golden| golden.file).collect();
    // Written by hand; the checker's own tests say what each of them is.
    let by_hand = [
        "leaky_line",
        "one_sample_optimal",
        "quartic_by_hand",
        "quartic_products",
        "rows_and_fan",
        "rows_products",
        "undecayed_free",
        "width_by_hand",
        "xor_by_hand",
        "xor_rows_by_hand",
    ];
    listed.extend(by_hand.map(|name| format!("{name}.proof")));
    listed.sort();
    let mut found: Vec<String> = std::fs::read_dir("fixtures/proofs")
        .expect("the folder")
        .map(|entry| {
            entry
                .expect("a file")
                .file_name()
                .into_string()
                .expect("a name")
        })
        .filter(|name| name.contains(".proof"))
        .collect();
    found.sort();
    assert_eq!(found, listed);
}
