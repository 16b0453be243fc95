//! `relucert test`, `init`, `examples`, `completions`, `setup` and `objective` as a user meets them, and what pipes get to see.

use std::fs;
use std::path::Path;

use assert_cmd::cargo::cargo_bin_cmd;

struct Said {
    code: Option<i32>,
    out: String,
    err: String,
}

fn run(folder: &Path, arguments: &[&str]) -> Said {
    let output = cargo_bin_cmd!("relucert")
        .current_dir(folder)
        .args(arguments)
        .output()
        .expect("the program runs");
    Said {
        code: output.status.code(),
        out: String::from_utf8(output.stdout).expect("UTF-8"),
        err: String::from_utf8(output.stderr).expect("UTF-8"),
    }
}

/// A folder with what `relucert init` writes.
fn example() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let said = run(folder.path(), &["init"]);
    assert_eq!((said.code, said.err.as_str()), (Some(0), ""));
    folder
}

fn change(folder: &Path, from: &str, to: &str) {
    let path = folder.join("relucert.toml");
    let text = fs::read_to_string(&path).expect("the file");
    assert!(text.contains(from), "{from}");
    fs::write(path, text.replacen(from, to, 1)).expect("a change");
}

#[test]
fn the_example_of_init_passes() {
    let folder = example();
    let said = run(folder.path(), &["test", "--junit", "out.xml"]);
    assert_eq!(
        (said.code, said.err.as_str()),
        (Some(0), ""),
        "{}",
        said.out
    );
    assert!(said.out.contains("6 cases: 6 ok"), "{}", said.out);
    let xml = fs::read_to_string(folder.path().join("out.xml")).expect("the file");
    assert!(
        xml.contains("tests=\"6\" failures=\"0\" errors=\"0\" skipped=\"0\""),
        "{xml}"
    );
    let json = run(folder.path(), &["test", "--json", "--filter", "cells"]);
    let json: serde_json::Value = serde_json::from_str(&json.out).expect("JSON");
    assert_eq!(json["files"][0]["cases"][0]["result"], "ok");
    assert_eq!(json["files"][0]["cases"].as_array().map(Vec::len), Some(1));
    // A second init overwrites nothing.
    let said = run(folder.path(), &["init"]);
    assert_eq!(said.code, Some(2));
    assert!(said.err.contains("the file exists"), "{}", said.err);
}

#[test]
fn a_difference_is_shown_and_can_be_taken_over() {
    let folder = example();
    change(folder.path(), "objective = 0.45 ", "objective = 0.46 ");
    change(folder.path(), "cells = 14", "cells = 15");
    let said = run(folder.path(), &["test", "--quiet", "--junit", "out.xml"]);
    assert_eq!(said.code, Some(1));
    for text in [
        "objective: expected 0.46",
        "found    0.45, 0.01 off",
        "cells: expected 15",
        "6 cases: 4 ok, 2 different",
    ] {
        assert!(said.out.contains(text), "{text}: {}", said.out);
    }
    let xml = fs::read_to_string(folder.path().join("out.xml")).expect("the file");
    assert!(xml.contains("failures=\"2\""), "{xml}");
    let said = run(folder.path(), &["test", "--update"]);
    assert_eq!(said.code, Some(0), "{}", said.err);
    assert!(
        said.out.contains("cells: expected 15") && said.err.contains("2 cases of"),
        "{}",
        said.err
    );
    let text = fs::read_to_string(folder.path().join("relucert.toml")).expect("the file");
    // An exact number takes its fraction; the comments stay.
    assert!(
        text.contains("objective = \"9/20\"")
            && text.contains("# a number by itself is met exactly"),
        "{text}"
    );
    assert_eq!(run(folder.path(), &["test", "--quiet"]).code, Some(0));
}

#[test]
fn a_case_that_fails_is_an_error_of_its_own() {
    let folder = example();
    change(
        folder.path(),
        "network = \"textbook.json\"",
        "network = \"textbok.json\"",
    );
    change(folder.path(), "width = 4\n", "width = 4\nwidht = 4\n");
    let said = run(folder.path(), &["test"]);
    assert_eq!(said.code, Some(1));
    assert!(
        said.out.contains("textbok.json") && said.out.contains("did you mean `textbook.json`?"),
        "{}",
        said.out
    );
    assert!(
        said.out.contains("widht: expected 4") && said.out.contains("did you mean `width`?"),
        "{}",
        said.out
    );
    assert!(
        said.out.contains("6 cases: 4 ok, 1 different, 1 error"),
        "{}",
        said.out
    );
    // Another status than the one expected is shown with the message; there is no such field to take over.
    assert_eq!(run(folder.path(), &["test", "--update"]).code, Some(1));
}

#[test]
fn files_that_cannot_be_read_end_before_anything_runs() {
    let folder = example();
    change(folder.path(), "command = \"cells\"", "command = \"sells\"");
    let said = run(folder.path(), &["test"]);
    assert_eq!((said.code, said.out.as_str()), (Some(2), ""));
    assert!(
        said.err.contains("relucert.toml, line ") && said.err.contains("did you mean `cells`?"),
        "{}",
        said.err
    );
    let empty = tempfile::tempdir().expect("a folder");
    let said = run(empty.path(), &["test"]);
    assert_eq!(said.code, Some(2));
    assert!(said.err.contains("there are no cases"), "{}", said.err);
    let folder = example();
    let said = run(folder.path(), &["test", "--filter", "nothing"]);
    assert!(
        said.code == Some(2) && said.err.contains("`nothing`"),
        "{}",
        said.err
    );
    // Time that is over before it begins leaves all cases.
    let said = run(folder.path(), &["test", "--time-limit", "1e-9"]);
    assert_eq!(said.code, Some(3), "{}", said.out);
    assert!(said.out.contains("6 cases: 6 not run"), "{}", said.out);
}

#[test]
fn bundled_examples_are_listed_and_run() {
    let folder = tempfile::tempdir().expect("a folder");
    let list = run(folder.path(), &["examples"]);
    assert_eq!(list.code, Some(0));
    // Each with the exit status that its verdict has.
    for (name, code, text) in [
        ("onnx", 0, "prediction\n"),
        ("xor", 1, "not optimal"),
        ("solve", 0, "verdict      optimal"),
        ("minima", 0, "9 connected sets"),
        ("fixed-width", 0, "optimal among networks"),
        ("cells", 0, "+"),
        ("check", 0, "accepted"),
        ("objective", 0, "--loss half-mean"),
    ] {
        assert!(list.out.contains(&format!("{name:<12} ")), "{name}");
        let said = run(folder.path(), &["examples", name]);
        assert_eq!(said.code, Some(code), "{name}: {}", said.err);
        assert!(
            said.out.starts_with("$ relucert ") && said.out.contains(text),
            "{name}: {}",
            said.out
        );
    }
    let said = run(folder.path(), &["examples", "minma"]);
    assert!(
        said.code == Some(2) && said.err.contains("did you mean `minima`?"),
        "{}",
        said.err
    );
    let said = run(folder.path(), &["examples", "iris", "--write", "here"]);
    assert_eq!(said.code, Some(0));
    assert!(
        folder.path().join("here/iris.csv").exists()
            && folder.path().join("here/model.safetensors").exists()
    );
}

#[test]
fn completions_and_man_pages_are_installed() {
    let folder = tempfile::tempdir().expect("a folder");
    let said = run(folder.path(), &["setup", "--prefix", "share"]);
    assert_eq!(said.code, Some(0), "{}", said.err);
    for name in said.out.lines() {
        let text = fs::read_to_string(folder.path().join(name)).expect(name);
        assert!(text.contains("relucert"), "{name}");
    }
    let page = folder.path().join("share/man/man1/relucert-certify.1");
    let page = fs::read_to_string(page).expect("a page");
    assert!(
        page.contains(".TH relucert-certify 1") && page.contains("weight\\-decay"),
        "{page}"
    );
    let bash = run(folder.path(), &["completions", "bash"]);
    let installed = folder
        .path()
        .join("share/bash-completion/completions/relucert");
    assert_eq!(
        bash.out,
        fs::read_to_string(installed).expect("the completions")
    );
}

#[test]
fn pipes_and_no_color_get_plain_text() {
    let folder = example();
    let certify = [
        "certify",
        "--data",
        "xor.csv",
        "--network",
        "best.json",
        "--weight-decay",
        "0.1",
        "--loss",
        "half-sum",
    ];
    let verbose = [certify.as_slice(), &["--verbose"]].concat();
    for arguments in [
        certify.as_slice(),
        &["certify", "--hlep"],
        &["test"],
        &["--help"],
        &verbose,
    ] {
        let said = run(folder.path(), arguments);
        assert!(
            !said.out.contains('\u{1b}') && !said.err.contains('\u{1b}'),
            "{arguments:?}"
        );
    }
    // Without a terminal there is no progress, and with --verbose there are phases.
    assert_eq!(run(folder.path(), &certify).err, "");
    let said = run(folder.path(), &verbose);
    assert!(
        said.err.contains("4 samples, 4 rows, 2 features") && said.err.contains(" s in all"),
        "{}",
        said.err
    );
}

#[test]
fn likely_mends_are_suggested() {
    let folder = example();
    let cases: [(&[&str], &str); 5] = [
        (&["certfy"], "'certify'"),
        (&["certify", "--wieght-decay", "1"], "--weight-decay"),
        (
            &["solve", "--data", "xro.csv", "--weight-decay", "1"],
            "did you mean `xor.csv`?",
        ),
        (
            &["predict", "--data", "xor.csv", "--network", "bets.json"],
            "did you mean `best.json`?",
        ),
        (
            &[
                "solve",
                "--data",
                "xor.csv",
                "--weight-decay",
                "1",
                "--features",
                "x1,x22",
            ],
            "did you mean `x2`?",
        ),
    ];
    for (arguments, mend) in cases {
        let said = run(folder.path(), arguments);
        assert_eq!(said.code, Some(2), "{arguments:?}");
        assert!(said.err.contains(mend), "{arguments:?}: {}", said.err);
    }
}

#[test]
fn objectives_are_options_that_the_commands_take() {
    let folder = example();
    let said = run(
        folder.path(),
        &[
            "objective",
            "--from",
            "scikit-learn",
            "--json",
            "--samples",
            "4",
            "--model",
            "MLPRegressor((4,), alpha=0.1, solver='lbfgs')",
        ],
    );
    let json: serde_json::Value = serde_json::from_str(&said.out).expect("JSON");
    let options: Vec<&str> = json["solve"]
        .as_array()
        .expect("options")
        .iter()
        .filter_map(|o| o.as_str())
        .collect();
    assert_eq!(
        options,
        [
            "--loss",
            "half-mean",
            "--weight-decay",
            "0.025",
            "--no-decay",
            "hidden-bias",
            "--output-bias",
            "free"
        ]
    );
    let solve = [
        &["solve", "--data", "xor.csv", "--quiet"],
        options.as_slice(),
    ]
    .concat();
    let said = run(folder.path(), &solve);
    assert_eq!(said.code, Some(0), "{}", said.err);
    let said = run(
        folder.path(),
        &["objective", "--from", "pytorch", "--optimizer", "AdamW(ps)"],
    );
    assert!(
        said.code == Some(2) && said.err.contains("there is no such objective"),
        "{}",
        said.err
    );
}
