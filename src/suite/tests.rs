//! Files of cases: what is read, what is refused with its line, what meets an expectation, and what --update leaves alone.

use std::fs;

use super::expect::field;
use super::*;
use crate::exact::parse_ratio;

fn write(text: &str) -> (tempfile::TempDir, std::path::PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("relucert.toml");
    fs::write(&path, text).expect("a file");
    (folder, path)
}

fn read(text: &str) -> Result<Manifest, SuiteError> {
    let (_folder, path) = write(text);
    Manifest::read(&path)
}

/// The case of a file with one.
fn case(text: &str) -> Case {
    read(&format!("[[case]]\nname = 'a'\n{text}"))
        .unwrap_or_else(|e| panic!("{text}: {e}"))
        .cases
        .remove(0)
}

fn outcome(json: &str) -> Outcome {
    Outcome {
        exit: Some(0),
        output: json.to_owned(),
        messages: String::new(),
    }
}

#[test]
fn options_are_taken_as_they_are_written() {
    let case = case(
        "network = 'n.json'\nweight-decay = 0.10\nridge = '1/3'\nwidth = 2\nno-bias = true\nfixed-width = false\nno-decay = \
         ['hidden-bias', 'output-bias']\nactivation = 'leaky:-0.5'\ntolerance = 1e-6",
    );
    assert_eq!(case.command, "certify");
    let expected = [
        "--network=n.json",
        "--weight-decay=0.10",
        "--ridge=1/3",
        "--width=2",
        "--no-bias",
        "--no-decay=hidden-bias",
        "--no-decay=output-bias",
        "--activation=leaky:-0.5",
        "--tolerance=1e-6",
    ];
    assert_eq!(case.arguments, expected);
}

#[test]
fn defaults_hold_where_a_case_says_nothing() {
    let text = "[defaults]\ndata = 'a.csv'\ncommand = 'solve'\nloss = 'sum'\n[[case]]\nname = '1'\n[[case]]\nname = '2'\nloss = 'mean'\ncommand = \
                'cells'\n";
    let cases = read(text).expect("cases").cases;
    assert_eq!(cases[0].command, "solve");
    assert_eq!(cases[0].arguments, ["--data=a.csv", "--loss=sum"]);
    assert_eq!(cases[1].command, "cells");
    assert_eq!(cases[1].arguments, ["--loss=mean", "--data=a.csv"]);
    assert_eq!((cases[0].line, cases[1].line), (5, 7));
}

#[test]
fn a_file_that_makes_no_sense_is_refused_with_its_line() {
    let cases = [
        ("", 1, "there is no case"),
        ("[[case]]\nname = 1\n", 2, "name is no text"),
        ("[[case]]\n\n", 1, "without a name"),
        ("[[case]]\nname = 'a'\n", 1, "has no command"),
        (
            "[[case]]\nname = 'a'\ncommand = 'certfy'\n",
            3,
            "`certfy` is no command",
        ),
        (
            "[[case]]\nname = 'a'\ncommand = 'convert'\n",
            3,
            "`convert` is no command",
        ),
        ("[[cases]]\nname = 'a'\n", 1, "`cases` is neither"),
        ("case = 1\n", 1, "no list of tables"),
        (
            "[defaults]\nname = 'a'\n[[case]]\nname = 'b'\n",
            2,
            "a case's own",
        ),
        (
            "[[case]]\nname = 'a'\nnetwork = 'n'\n[[case]]\nname = 'a'\nnetwork = 'n'\n",
            4,
            "two cases",
        ),
        (
            "[[case]]\nname = 'a'\nnetwork = 'n'\nbest = 'b'\n",
            4,
            "`best` is no option",
        ),
        (
            "[[case]]\nname = 'a'\nnetwork = 'n'\nproof = 'b'\n",
            4,
            "`proof` is no option",
        ),
        ("[[case]]\nname = 'a'\ncommand = 'check'\n", 1, "no proof"),
        (
            "[[case]]\nname = 'a'\nnetwork = {}\n",
            3,
            "`network` has a value of a wrong kind",
        ),
        (
            "[[case]]\nname = 'a'\nnetwork = 'n'\nexpect.x = { value = 1 }\n",
            4,
            "one of the ways",
        ),
        (
            "[[case]]\nname = 'a'\nnetwork = 'n'\nexpect.x = { within = 1 }\n",
            4,
            "one of the ways",
        ),
        (
            "[[case]]\nname = 'a'\nnetwork = 'n'\nexpect.x = { value = 'z', within = 1 }\n",
            4,
            "no number",
        ),
        (
            "[[case]]\nname = 'a'\nnetwork = 'n'\nexpect.x = { value = 1, within = -1 }\n",
            4,
            "negative",
        ),
        (
            "[[case]]\nname = 'a'\nnetwork = 'n'\nexpect.x = { valeu = 1, within = 1 }\n",
            4,
            "`valeu`",
        ),
        (
            "[[case]]\nname = 'a'\nnetwork = 'n'\ncheck-proof = 'yes'\n",
            4,
            "check-proof",
        ),
        ("[[case]\n", 1, ""),
    ];
    for (text, line, message) in cases {
        match read(text) {
            Err(SuiteError::Manifest {
                line: found,
                message: said,
                ..
            }) => {
                assert!(said.contains(message), "{text}: {said}");
                assert_eq!(found, line, "{text}: {said}");
            }
            other => panic!("{text}: {other:?}"),
        }
    }
}

#[test]
fn numbers_meet_what_is_expected_within_the_tolerance_and_not_beyond() {
    let json = r#"{"objective": {"exact": "1/3", "decimal": "0.33"}, "gap": 0.25, "width": 4, "verdict": "optimal", "proof": null, "beta_max":
        {"lower": "1/4", "upper": "1/2"}, "ok": true, "components": [{"value": {"enclosure": ["1", "2"]}, "dimension": 0}, {"value":
        {"enclosure": ["3", "3"]}, "dimension": 1}], "problem": {"sha256": "ab"}}"#;
    let met = [
        "objective = '1/3'",
        "objective = { value = 0.33, within = '1/300' }",
        "objective = { value = '1/4', relative = '1/3' }",
        "objective = { at-least = '1/3', at-most = '1/3' }",
        "gap = 0.25",
        "gap = '1/4'",
        "width = 4",
        "width = 4.0",
        "verdict = 'optimal'",
        "proof = 'null'",
        "ok = true",
        "beta-max = { at-least = 0.25 }",
        "beta-max = { value = '3/8', within = '1/8' }",
        "beta-max.lower = '1/4'",
        "'components.0.dimension' = 0",
        "'components.*.dimension' = [0, 1]",
        "dimensions = [0, 1]",
        "values = { values = ['1.5', 3], within = 0.5 }",
        "values = [{ at-most = 2 }, 3]",
        "sha256 = 'ab'",
        "exit = 0",
        "problem = { sha256 = 'ab' }",
    ];
    let differs = [
        "objective = 0.333333",
        "objective = { value = 0.33, within = '1/301' }",
        "objective = { value = '1/4', relative = '0.3333' }",
        "objective = { at-most = 0.3333 }",
        "width = '4'\nobjective = 'optimal'",
        "verdict = 'undecided'",
        "verdict = true",
        "ok = 'true'",
        "proof = false",
        "beta-max = { value = '1/4', within = '1/5' }",
        "beta-max = '1/4'",
        "dimensions = [0]",
        "dimensions = [0, 1, 2]",
        "dimensions = [1, 0]",
        "values = { values = ['1.5', 3], within = 0.4 }",
        "nothing = 1",
        "'components.7.dimension' = 0",
        "'width.x' = 0",
        "exit = 1",
        "error = 'x'",
    ];
    for (list, meets) in [(met.as_slice(), true), (differs.as_slice(), false)] {
        for text in list {
            let case = case(&format!("network = 'n'\n[case.expect]\n{text}"));
            let found = compare(&case, &outcome(json));
            assert_eq!(found.is_empty(), meets, "{text}: {found:?}");
        }
    }
}

#[test]
fn a_field_that_is_not_there_names_the_nearest() {
    let case = case("network = 'n'\n[case.expect]\nobjectiv = 1\n");
    let found = compare(&case, &outcome(r#"{"objective": 1, "verdict": "optimal"}"#));
    assert!(
        found[0].found.contains("did you mean `objective`?"),
        "{found:?}"
    );
    assert_eq!((found[0].line, found[0].field.as_str()), (5, "objectiv"));
    let error = Outcome {
        exit: Some(2),
        output: String::new(),
        messages: "error: bad\n".to_owned(),
    };
    let found = compare(&case, &error);
    assert!(found[0].found.contains("printed no result"), "{found:?}");
    let expectation = Expectation {
        field: "exit".to_owned(),
        keys: Vec::new(),
        line: 0,
        wanted: Wanted::Plain("2".to_owned()),
    };
    assert!(field(&expectation, &error, None).is_ok());
}

const COMMENTED: &str = "# The top.\n[defaults]\ndata = \"d.csv\"   # where\n\n[[case]]\nname = \"a\"\nnetwork = \"n\"  # the net\n\n\
    # What is expected.\n[case.expect]\nverdict = \"optimal\"     # was so\nobjective = { value = \"0.5\", within = \"1e-9\" } # about\nwidth = 3\n\
    lower-bound = { at-least = \"0.4\", at-most = 9 }\nvalues = { values = [\"1\", \"2\"], within = \"1e-3\" } # both\n\n[[case]]\nname = \"b\"\ncommand \
    = \"cells\"\n# The end.\n";

#[test]
fn an_update_changes_what_differs_and_nothing_else() {
    let (_folder, path) = write(COMMENTED);
    let manifest = Manifest::read(&path).expect("a file");
    let json = r#"{"verdict": "optimal", "objective": {"exact": "1/3"}, "width": 4, "lower_bound": {"exact": "1/3"}, "values": [1, 2.5]}"#;
    let cells = r#"{"cells": 14, "patterns_ge": 14, "rank": 3}"#;
    let outcomes = [Some(outcome(json)), Some(outcome(cells))];
    assert_eq!(update(&manifest, &outcomes).expect("written"), 2);
    let text = fs::read_to_string(&path).expect("the file");
    let expected = COMMENTED
        .replace("value = \"0.5\"", "value = \"0.33333333333333333\"")
        .replace("width = 3", "width = 4")
        .replace("at-least = \"0.4\"", "at-least = \"0.333333333\"")
        .replace("[\"1\", \"2\"]", "[\"1\", \"2.5\"]");
    let filled = "\n[case.expect]\ncells = 14\npatterns-ge = 14\nrank = 3\n";
    assert!(text.contains(filled), "{text}");
    assert_eq!(text.replace(filled, ""), expected, "{text}");
    // Now everything is met, and a second update changes nothing.
    let manifest = Manifest::read(&path).expect("a file");
    for (case, outcome) in manifest.cases.iter().zip(&outcomes) {
        assert_eq!(compare(case, outcome.as_ref().expect("an outcome")), []);
    }
    assert_eq!(update(&manifest, &outcomes).expect("nothing"), 0);
    assert_eq!(fs::read_to_string(&path).expect("the file"), text);
}

#[test]
fn fields_within_fields_are_updated_too() {
    let (_folder, path) = write(
        "[[case]]\nname = 'a'\nnetwork = 'n'\nexpect.problem.n = 3 # samples\nexpect.'list.*.x' = [1]\n",
    );
    let manifest = Manifest::read(&path).expect("a file");
    let found = outcome(r#"{"problem": {"n": 4}, "list": [{"x": 2}]}"#);
    assert_eq!(update(&manifest, &[Some(found)]).expect("written"), 1);
    let text = fs::read_to_string(&path).expect("the file");
    assert!(text.contains("expect.problem.n = 4 # samples"), "{text}");
    assert!(text.contains("expect.'list.*.x' = [2]"), "{text}");
}

#[test]
fn an_update_keeps_a_file_that_changed_meanwhile() {
    let (_folder, path) = write(COMMENTED);
    let manifest = Manifest::read(&path).expect("a file");
    fs::write(&path, "# mine\n").expect("a change");
    let error = update(&manifest, &[None, None]).expect_err("changed");
    assert!(matches!(error, SuiteError::Changed { .. }));
    assert_eq!(fs::read_to_string(&path).expect("the file"), "# mine\n");
}

#[test]
fn exact_fractions_are_written_as_fractions() {
    let (_folder, path) = write("[[case]]\nname = 'a'\nnetwork = 'n'\nexpect.objective = '1/2'\n");
    let manifest = Manifest::read(&path).expect("a file");
    let found = outcome(r#"{"objective": {"exact": "22/7"}}"#);
    update(&manifest, &[Some(found)]).expect("written");
    let now = Manifest::read(&path).expect("a file");
    assert_eq!(
        now.cases[0].expect[0].wanted,
        Wanted::Plain("22/7".to_owned())
    );
    assert!(parse_ratio("22/7").is_ok());
}

#[test]
fn folders_are_searched_for_files_of_cases() {
    let folder = tempfile::tempdir().expect("a folder");
    assert!(matches!(
        find(folder.path()),
        Err(SuiteError::NoFiles { .. })
    ));
    for name in [
        "a/relucert.toml",
        "a/b/x.relucert.toml",
        "a/other.toml",
        ".hidden/relucert.toml",
        "target/relucert.toml",
    ] {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("folders");
        fs::write(path, "").expect("a file");
    }
    let names: Vec<_> = find(folder.path())
        .expect("files")
        .into_iter()
        .map(|path| path.strip_prefix(folder.path()).expect("inside").to_owned())
        .collect();
    assert_eq!(
        names,
        ["a/b/x.relucert.toml", "a/relucert.toml"].map(std::path::PathBuf::from)
    );
    assert!(matches!(
        find(&folder.path().join("missing")),
        Err(SuiteError::Io { .. })
    ));
}

#[test]
fn junit_counts_and_escapes() {
    let difference = Difference {
        line: 7,
        field: "a<b".to_owned(),
        expected: "\"1\"".to_owned(),
        found: "2 & \u{1b}".to_owned(),
    };
    let cases = vec![
        ("good".to_owned(), Ended::Passed, 0.25),
        ("bad".to_owned(), Ended::Differs(vec![difference]), 0.5),
        (
            "worse".to_owned(),
            Ended::Failed("no <file>".to_owned()),
            1.0,
        ),
        ("later".to_owned(), Ended::NotRun, 0.0),
    ];
    let text = junit(&[Suite {
        name: "x.toml".to_owned(),
        cases,
    }]);
    let head = "<testsuite name=\"x.toml\" tests=\"4\" failures=\"1\" errors=\"1\" skipped=\"1\" time=\"1.750\">";
    assert!(text.contains(head), "{text}");
    assert!(
        text.contains("line 7: a&lt;b: expected &quot;1&quot;, found 2 &amp; \u{fffd}</failure>"),
        "{text}"
    );
    assert!(
        text.contains("<error message=\"no &lt;file&gt;\">"),
        "{text}"
    );
    assert!(
        text.contains("<testcase classname=\"x.toml\" name=\"good\" time=\"0.250\"/>"),
        "{text}"
    );
}
