//! The files of tests/fail, tests/run and tests/bugs at the root of the repository, each with what is expected of it.

#![allow(clippy::unwrap_used, clippy::panic, clippy::arithmetic_side_effects)]

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};

use relucert_checker::{CheckError, Limit, check_path, check_reader, run};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// A file of the corpus, and the lines of `NAME.expected`.
struct Case {
    path: PathBuf,
    stem: String,
    expected: Vec<String>,
    args: Vec<String>,
}

fn lines(path: &Path) -> Option<Vec<String>> {
    std::fs::read_to_string(path).ok().map(|text| text.lines().map(str::to_owned).collect())
}

/// All cases of a folder of tests; every file in it has to belong to a case.
fn cases(folder: &str) -> Vec<Case> {
    let folder = root().join("tests").join(folder);
    let mut cases = Vec::new();
    let mut helpers = BTreeSet::new();
    for entry in std::fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if name.ends_with(".expected") || name.ends_with(".args") {
            helpers.insert(name.rsplit_once('.').unwrap().0.to_owned());
        } else if name != "README.md" {
            let stem = name.trim_end_matches(".gz").strip_suffix(".proof").unwrap_or_else(|| panic!("{name}"));
            let expected = lines(&folder.join(format!("{stem}.expected")));
            let expected = expected.unwrap_or_else(|| panic!("{stem}.expected is missing"));
            let args = lines(&folder.join(format!("{stem}.args"))).unwrap_or_default();
            cases.push(Case { stem: stem.to_owned(), path, expected, args });
        }
    }
    let stems: BTreeSet<String> = cases.iter().map(|case| case.stem.clone()).collect();
    assert_eq!(stems.len(), cases.len(), "two files with one name");
    assert!(helpers.is_subset(&stems), "{:?}", helpers.difference(&stems));
    cases
}

/// What the command says about a case: class, reason or limit, and message.
fn answer(case: &Case) -> [String; 3] {
    let args = case.args.iter().map(|arg| {
        let path = root().join(arg);
        if arg.contains('/') { path.into_os_string() } else { OsString::from(arg) }
    });
    let args: Vec<OsString> = std::iter::once(case.path.clone().into_os_string()).chain(args).collect();
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let status = run(&args, &mut out, &mut err);
    let with_json: Vec<OsString> = args.into_iter().chain([OsString::from("--json")]).collect();
    let mut json = Vec::new();
    assert_eq!(run(&with_json, &mut json, &mut Vec::new()), status, "{}", case.stem);
    let json = String::from_utf8(json).unwrap();
    let member = |name: &str| Some(json.split_once(&format!("\"{name}\":\""))?.1.split_once('"')?.0.to_owned());
    let class = match status {
        0 => "accepted",
        1 => "rejected",
        2 => "unreadable",
        3 => "limit exceeded",
        _ => panic!("{}: status {status}", case.stem),
    };
    let reason = member("reason").or_else(|| member("limit")).unwrap_or_default();
    [class.to_owned(), reason, String::from_utf8(err).unwrap().trim_end().to_owned()]
}

#[test]
fn every_file_of_fail_is_refused_for_the_expected_reason() {
    let cases = cases("fail");
    assert!(cases.len() >= 200, "{}", cases.len());
    for case in &cases {
        assert_eq!(answer(case)[..], case.expected[..], "{}", case.stem);
        assert_ne!(case.expected[0], "accepted", "{}", case.stem);
    }
}

#[test]
fn every_reason_and_every_limit_has_a_file() {
    let found: BTreeSet<String> = cases("fail").into_iter().map(|case| case.expected[1].clone()).collect();
    // The variants of the two enums, from the source: a new one has to bring a file.
    let source = include_str!("../src/error.rs");
    let known: BTreeSet<String> = ["pub enum Reason {", "\nlimits! {"]
        .iter()
        .flat_map(|start| source.split_once(start).unwrap().1.split_once("\n}").unwrap().0.lines())
        .filter_map(|line| line.trim().split_once([',', ' ']).map(|(name, _)| name))
        .filter(|name| !name.is_empty() && name.chars().all(char::is_alphanumeric))
        .map(str::to_owned)
        .collect();
    assert!(known.len() > 50 && known.contains("Time") && known.contains("Gzip"), "{known:?}");
    let missing: Vec<&String> = known.difference(&found).collect();
    assert!(missing.is_empty(), "no file of tests/fail for {missing:?}");
}

#[test]
fn odd_files_are_survived() {
    let cases = cases("run");
    assert!(cases.len() >= 40, "{}", cases.len());
    for case in &cases {
        assert_eq!(answer(case)[..1], case.expected[..], "{}", case.stem);
    }
    for path in ["tests", "tests/no such file.proof", "tests/fail/text-tab.proof/x.proof", "tests/\0.proof"] {
        let result = check_path(&root().join(path));
        assert!(matches!(result, Err(CheckError::Unreadable { .. })), "{path}: {result:?}");
    }
}

#[test]
fn no_fixed_bug_comes_back() {
    for case in cases("bugs") {
        let found = answer(&case);
        assert_eq!(found[..case.expected.len()], case.expected[..], "{}", case.stem);
    }
}

/// A text, and then a line again and again.
struct Repeated {
    head: Vec<u8>,
    line: Vec<u8>,
    at: usize,
}

impl Read for Repeated {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let place = self.at.checked_sub(self.head.len()).map(|past| past % self.line.len());
        let rest = place.map_or_else(|| &self.head[self.at..], |place| &self.line[place..]);
        let count = rest.len().min(buffer.len());
        buffer[..count].copy_from_slice(&rest[..count]);
        self.at += count;
        Ok(count)
    }
}

#[test]
fn a_statement_beyond_the_default_is_too_large() {
    let head = "relucert-proof 1\nactivation 0 1 1\nloss sum\ndecay ridge 1 1\nhidden-bias none\noutput-bias none\n\
                data 5000 5000 1000 1 1\n";
    let line = format!("s 1{}\n", " 100000000000000000".repeat(1000));
    let input = Repeated { head: head.as_bytes().to_vec(), line: line.into_bytes(), at: 0 };
    match check_reader(BufReader::with_capacity(1 << 16, input)) {
        Err(CheckError::Limit { limit, .. }) => assert_eq!(limit, Limit::StatementSize),
        other => panic!("{other:?}"),
    }
}
