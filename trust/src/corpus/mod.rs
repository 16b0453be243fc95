//! The files of tests/fail and tests/run.
//!
//! Each file of tests/fail breaks one rule, and `NAME.expected` beside it says what the checker answers: the class, the
//! reason or the limit, and the message, a line each. `NAME.args` has arguments for the checker, a line each.
//! tests/run has odd files that a checker must survive; there, only the class is expected.

mod cases;
mod half_spaces;
mod odd;
mod quartic;
mod width;

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::false_claims;
use crate::frame::member;
use crate::rng::Rng;
use crate::truths;

/// A file that is to be written.
pub(crate) struct File {
    /// With its ending, `.proof` or `.proof.gz`.
    name: String,
    bytes: Vec<u8>,
    args: &'static [&'static str],
    /// The reason or the limit that it was made for, if that matters.
    reason: Option<&'static str>,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn fixture(name: &str) -> Result<String, String> {
    let path = root().join("fixtures/proofs").join(name);
    std::fs::read_to_string(path).map_err(|error| format!("{name}: {error}"))
}

/// Writes the corpus to the folders `fail` and `run` in `folder`.
///
/// # Errors
///
/// If a file cannot be written, or if the checker does not say what a file was made for.
pub fn write(folder: &Path) -> Result<(), String> {
    let mut fail = cases::edited()?;
    fail.extend(cases::compressed()?);
    fail.extend(cases::limits()?);
    fail.extend(cases::compared()?);
    fail.extend(width::files()?);
    fail.extend(quartic::files()?);
    fail.extend(half_spaces::files()?);
    fail.extend(false_bases()?);
    write_folder(&folder.join("fail"), &fail, true)?;
    let mut run = odd::files()?;
    run.extend(half_spaces::accepted()?);
    write_folder(&folder.join("run"), &run, false)
}

/// The first false claim of each kind, of those that are not too long.
fn false_bases() -> Result<Vec<File>, String> {
    let mut rng = Rng::new(1, u64::MAX);
    let mut truths = truths::fixtures(&root().join("fixtures/proofs"), 0..=1000)?;
    truths.extend(truths::planted(&mut rng, 1)?);
    let mut seen = BTreeSet::new();
    let mut files = Vec::new();
    for claim in false_claims::make(&mut rng, &truths)? {
        if claim.refutation.is_some() && seen.insert(claim.kind) {
            let slug: String = claim.kind.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
            let name = format!("false-{}.proof", slug.to_lowercase().replace("--", "-").trim_end_matches('-'));
            files.push(File { name, bytes: claim.proof.bytes(), args: &[], reason: None });
        }
    }
    Ok(files)
}

fn write_folder(folder: &Path, files: &[File], in_full: bool) -> Result<(), String> {
    let in_folder = |error: std::io::Error| format!("{}: {error}", folder.display());
    std::fs::create_dir_all(folder).map_err(in_folder)?;
    for file in files {
        let path = folder.join(&file.name);
        let stem = file.name.trim_end_matches(".gz").trim_end_matches(".proof");
        std::fs::write(&path, &file.bytes).map_err(in_folder)?;
        if !file.args.is_empty() {
            std::fs::write(folder.join(format!("{stem}.args")), file.args.join("\n") + "\n").map_err(in_folder)?;
        }
        let answer = ask(&path, file.args);
        if in_full && (answer[0] == "accepted" || file.reason.is_some_and(|reason| reason != answer[1])) {
            return Err(format!("{}: {answer:?}, not {:?}", file.name, file.reason));
        }
        let lines = if in_full { &answer[..] } else { &answer[..1] };
        std::fs::write(folder.join(format!("{stem}.expected")), lines.join("\n") + "\n").map_err(in_folder)?;
    }
    Ok(())
}

/// What the command `relucert-checker` says: class, reason, message.
fn ask(path: &Path, args: &[&str]) -> [String; 3] {
    let args = args.iter().map(|arg| {
        let path = root().join(arg);
        if arg.contains('/') && path.exists() { path.into_os_string() } else { OsString::from(arg) }
    });
    let args: Vec<OsString> = std::iter::once(path.as_os_str().to_owned()).chain(args).collect();
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let status = relucert_checker::run(&args, &mut out, &mut err);
    let message = String::from_utf8_lossy(&err).trim_end().to_owned();
    let json: Vec<OsString> = args.iter().cloned().chain([OsString::from("--json")]).collect();
    let mut out = Vec::new();
    relucert_checker::run(&json, &mut out, &mut Vec::new());
    let json = String::from_utf8_lossy(&out).into_owned();
    let member = |name: &str| Some(json.split_once(&format!("\"{name}\":\""))?.1.split_once('"')?.0.to_owned());
    let class = match status {
        0 => "accepted",
        1 => "rejected",
        3 => "limit exceeded",
        _ => "unreadable",
    };
    [class.to_owned(), member("reason").or_else(|| member("limit")).unwrap_or_default(), message]
}

/// The text with `old`, which occurs exactly once, replaced.
fn replaced(text: &str, old: &str, new: &str) -> Result<String, String> {
    match text.matches(old).count() {
        1 => Ok(text.replace(old, new)),
        count => Err(format!("{old:?} occurs {count} times")),
    }
}

/// `member` without a level to choose.
fn gzip(text: &[u8]) -> Vec<u8> {
    member(text, 9)
}
