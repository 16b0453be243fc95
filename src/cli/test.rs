//! `relucert test`.

use std::fmt::Write;
use std::io::{IsTerminal, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;

use super::args::{check_outputs, given, seconds};
use super::error::UsageError;
use super::{LIMIT, interrupt, one_line, print};
use crate::files;
use crate::run::INTERRUPTED;
use crate::suite::{
    Case, Difference, Ended, Manifest, Outcome, Suite, Wanted, compare, find, junit, update,
};

/// Run test cases: problems and networks with the results that are expected of them
///
/// Cases are in TOML files named relucert.toml or ending in .relucert.toml (docs/testing.md; `relucert init` writes an example). Each is a command with its
/// options, run in the folder of its file, and the fields of its --json output that are expected, with their tolerances.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    relucert test\n  \
    relucert test tests/networks --junit results.xml\n  \
    relucert test nets.relucert.toml --filter iris --update\n\n\
    Exit status: 0 all as expected, 1 a difference or an error in a case, 2 a file of cases that cannot be read, 3 stopped before the end.")]
pub(super) struct Args {
    /// Files of cases, or folders, which are searched with the folders in them [default: this folder]
    #[arg(value_name = "DIR|MANIFEST")]
    paths: Vec<PathBuf>,
    /// Only cases whose name contains this
    #[arg(long, value_name = "TEXT")]
    filter: Option<String>,
    /// Show the differences, then write what was found as the new expectations; the files' comments stay
    #[arg(long)]
    update: bool,
    /// Write the results as JUnit XML to this file
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// Cases that run at the same time [default: all cores]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..), allow_negative_numbers = true)]
    jobs: Option<u16>,
    /// Stop after this many seconds; the cases left are not run
    #[arg(long, value_name = "SECONDS", value_parser = seconds, allow_hyphen_values = true)]
    time_limit: Option<Duration>,
    /// Print the results as JSON
    #[arg(long)]
    json: bool,
    /// Only cases that are not as expected
    #[arg(long, short)]
    quiet: bool,
}

/// A case on its way: its file and itself, then how it went.
struct Job {
    manifest: usize,
    case: usize,
    result: Mutex<Option<Done>>,
}

struct Done {
    outcome: Option<Outcome>,
    ended: Ended,
    seconds: f64,
}

pub(super) fn run(args: &Args, started: Instant) -> miette::Result<ExitCode> {
    let junit_file = given(&[("--junit", args.junit.as_ref())]);
    check_outputs(&[], &junit_file)?;
    let here = [PathBuf::from(".")];
    let paths = if args.paths.is_empty() {
        &here
    } else {
        args.paths.as_slice()
    };
    let mut manifests: Vec<Manifest> = Vec::new();
    for path in paths {
        for file in find(path)? {
            if !manifests.iter().any(|other| other.path == file) {
                manifests.push(Manifest::read(&file)?);
            }
        }
    }
    let chosen = |case: &Case| {
        let filter = args.filter.as_deref().unwrap_or("");
        case.name.contains(filter)
    };
    let mut jobs: Vec<Job> = Vec::new();
    for (manifest, file) in manifests.iter().enumerate() {
        let cases = file.cases.iter().enumerate();
        jobs.extend(cases.filter(|(_, case)| chosen(case)).map(|(case, _)| Job {
            manifest,
            case,
            result: Mutex::new(None),
        }));
    }
    if jobs.is_empty() {
        let filter = args.filter.clone().unwrap_or_default();
        return Err(UsageError::NoCases { filter }.into());
    }
    interrupt::install();
    run_all(args, started, &manifests, &jobs);

    let suites = suites(&manifests, &jobs);
    if args.json {
        print(&format!("{:#}\n", as_json(&suites)))?;
    } else {
        print(&as_text(&suites, args.quiet, started.elapsed()))?;
    }
    if let Some(path) = &args.junit {
        let text = junit(&suites);
        files::write_atomically(path, |out| out.write_all(text.as_bytes())).map_err(|source| {
            UsageError::Unwritable {
                flag: "--junit",
                path: path.clone(),
                source,
            }
        })?;
    }
    let updated = args.update && update_files(&manifests, &jobs)?;
    Ok(exit_code(&suites, updated))
}

/// 0 if all is well; what was updated is.
fn exit_code(suites: &[Suite], updated: bool) -> ExitCode {
    let any =
        |wanted: fn(&Ended) -> bool| suites.iter().flat_map(|s| &s.cases).any(|c| wanted(&c.1));
    if any(|e| matches!(e, Ended::Failed(_))) || !updated && any(|e| matches!(e, Ended::Differs(_)))
    {
        ExitCode::FAILURE
    } else if any(|e| matches!(e, Ended::NotRun)) {
        ExitCode::from(LIMIT)
    } else {
        ExitCode::SUCCESS
    }
}

/// Runs the cases, some at a time, and fills their results.
fn run_all(args: &Args, started: Instant, manifests: &[Manifest], jobs: &[Job]) {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let workers = args.jobs.map_or(cores, usize::from).min(jobs.len());
    let threads = (cores / workers).max(1);
    let bar = if args.quiet || args.json || !std::io::stderr().is_terminal() {
        indicatif::ProgressBar::hidden()
    } else {
        indicatif::ProgressBar::new(jobs.len() as u64)
    };
    bar.enable_steady_tick(Duration::from_millis(200));
    let stop = || {
        INTERRUPTED.load(Ordering::Relaxed)
            || args
                .time_limit
                .is_some_and(|limit| started.elapsed() > limit)
    };
    let next = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                while let Some(job) = jobs.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let manifest = &manifests[job.manifest];
                    let begun = Instant::now();
                    let (outcome, ended) =
                        run_case(manifest.folder(), &manifest.cases[job.case], threads, &stop);
                    let done = Done {
                        outcome,
                        ended,
                        seconds: begun.elapsed().as_secs_f64(),
                    };
                    if let Ok(mut result) = job.result.lock() {
                        *result = Some(done);
                    }
                    bar.inc(1);
                }
            });
        }
    });
    bar.finish_and_clear();
}

/// Runs a case and compares.
fn run_case(
    folder: &Path,
    case: &Case,
    threads: usize,
    stop: &dyn Fn() -> bool,
) -> (Option<Outcome>, Ended) {
    if stop() {
        return (None, Ended::NotRun);
    }
    let failed = |message: String| (None, Ended::Failed(message));
    let proof = match case.check_proof.then(tempfile::tempdir).transpose() {
        Ok(proof) => proof,
        Err(e) => return failed(format!("no temporary folder for the proof: {e}")),
    };
    let proof_file = proof
        .as_ref()
        .map(|folder| folder.path().join("case.proof"));
    let mut arguments = vec![case.command.clone(), "--json".to_owned()];
    if !matches!(case.command.as_str(), "check" | "objective") {
        arguments.push("--quiet".to_owned());
        if !case.arguments.iter().any(|a| a.starts_with("--threads=")) {
            arguments.push(format!("--threads={threads}"));
        }
    }
    if case.command == "check" {
        // The proof comes first.
        arguments.remove(1);
        arguments.extend(case.arguments.iter().cloned());
        arguments.push("--json".to_owned());
    } else {
        arguments.extend(case.arguments.iter().cloned());
    }
    if let Some(file) = &proof_file {
        arguments.extend(["--proof".to_owned(), file.display().to_string()]);
    }
    let outcome = match child(folder, &arguments, stop) {
        Ok(Some(outcome)) => outcome,
        Ok(None) => return (None, Ended::NotRun),
        Err(e) => return failed(format!("relucert cannot be started: {e}")),
    };
    let code = outcome.exit.map(|code| Wanted::Plain(code.to_string()));
    let foreseen = case
        .expect
        .iter()
        .any(|e| e.field == "error" || e.field == "exit" && Some(&e.wanted) == code.as_ref());
    // An exit status of 2, or a death, is a result only where it is expected.
    let bad = !matches!(outcome.exit, Some(0 | 1 | 3));
    if bad && !foreseen {
        let message = outcome.messages.trim().to_owned();
        return failed(if message.is_empty() {
            "relucert was killed".to_owned()
        } else {
            message
        });
    }
    let differences = compare(case, &outcome);
    let ended = if case.expect.is_empty() {
        let found = outcome.exit.map_or("no exit status".to_owned(), |code| {
            format!("exit status {code}")
        });
        Ended::Differs(vec![Difference {
            line: case.line,
            field: "expect".to_owned(),
            expected: "something: nothing is said under [case.expect]; --update fills it"
                .to_owned(),
            found,
        }])
    } else if !differences.is_empty() {
        Ended::Differs(differences)
    } else if let Some(message) = proof_file.as_deref().and_then(refused_proof) {
        Ended::Failed(message)
    } else {
        Ended::Passed
    };
    (Some(outcome), ended)
}

/// Why the checker does not accept a proof, if it does not.
fn refused_proof(path: &Path) -> Option<String> {
    let (mut out, mut messages) = (Vec::new(), Vec::new());
    let arguments = [path.into(), "--quiet".into()];
    match relucert_checker::run(&arguments, &mut out, &mut messages) {
        0 => None,
        _ => {
            let text = String::from_utf8_lossy(&[out, messages].concat()).into_owned();
            Some(format!(
                "the checker does not accept the proof: {}",
                text.trim()
            ))
        }
    }
}

/// Runs this program with other arguments; `None` if it was stopped.
fn child(
    folder: &Path,
    arguments: &[String],
    stop: &dyn Fn() -> bool,
) -> std::io::Result<Option<Outcome>> {
    let mut child = Command::new(std::env::current_exe()?)
        .args(arguments)
        .current_dir(folder)
        .env("NO_COLOR", "1")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    // Both are read while it runs: a full pipe would stop it.
    let collect = |source: Option<Box<dyn Read + Send>>| {
        thread::spawn(move || {
            let mut bytes = Vec::new();
            if let Some(mut source) = source {
                let _ = source.read_to_end(&mut bytes);
            }
            String::from_utf8_lossy(&bytes).into_owned()
        })
    };
    let out = collect(child.stdout.take().map(|out| Box::new(out) as _));
    let err = collect(child.stderr.take().map(|err| Box::new(err) as _));
    let mut pause = Duration::from_micros(500);
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break Some(status);
        }
        if stop() {
            let _ = child.kill();
            let _ = child.wait();
            break None;
        }
        thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(20));
    };
    let (output, messages) = (
        out.join().unwrap_or_default(),
        err.join().unwrap_or_default(),
    );
    // A case that Ctrl-C reached, too, has a result that was cut short.
    Ok(status
        .filter(|_| !INTERRUPTED.load(Ordering::Relaxed))
        .map(|status| Outcome {
            exit: status.code(),
            output,
            messages,
        }))
}

fn suites(manifests: &[Manifest], jobs: &[Job]) -> Vec<Suite> {
    let of = |index: usize| {
        let cases = jobs.iter().filter(|job| job.manifest == index).map(|job| {
            let name = manifests[index].cases[job.case].name.clone();
            let result = job.result.lock().ok();
            match result.as_ref().and_then(|done| done.as_ref()) {
                Some(done) => (name, done.ended.clone(), done.seconds),
                None => (name, Ended::NotRun, 0.0),
            }
        });
        Suite {
            name: manifests[index].path.display().to_string(),
            cases: cases.collect(),
        }
    };
    let all = (0..manifests.len()).map(of);
    all.filter(|suite| !suite.cases.is_empty()).collect()
}

fn as_text(suites: &[Suite], quiet: bool, elapsed: Duration) -> String {
    let mut text = String::new();
    let mut counts = [("ok", 0), ("different", 0), ("error", 0), ("not run", 0)];
    let width = suites
        .iter()
        .flat_map(|suite| &suite.cases)
        .map(|case| case.0.chars().count())
        .max()
        .unwrap_or(0)
        .min(60);
    for suite in suites {
        let shown = |ended: &Ended| !quiet || *ended != Ended::Passed;
        if suite.cases.iter().any(|case| shown(&case.1)) {
            // Writing to a String cannot fail.
            let _ = writeln!(text, "{}", one_line(&suite.name));
        }
        for (name, ended, seconds) in &suite.cases {
            if let Some(count) = counts.iter_mut().find(|(word, _)| *word == ended.word()) {
                count.1 += 1;
            }
            if shown(ended) {
                let name = one_line(name);
                let _ = writeln!(
                    text,
                    "  {:<10} {name:<width$} {seconds:>8.2} s",
                    ended.word()
                );
            }
            match ended {
                Ended::Differs(list) => {
                    for d in list {
                        let line = format!("line {}: {}: expected {}", d.line, d.field, d.expected);
                        let _ = writeln!(text, "             {}", one_line(&line));
                        let indent = " ".repeat(d.field.chars().count() + d.line.to_string().len());
                        let found = format!("{indent}       found    {}", d.found);
                        let _ = writeln!(text, "             {}", one_line(&found));
                    }
                }
                Ended::Failed(message) => {
                    for line in message.lines() {
                        let _ = writeln!(text, "             {}", one_line(line));
                    }
                }
                _ => {}
            }
        }
    }
    let total: usize = counts.iter().map(|(_, count)| count).sum();
    let parts: Vec<String> = counts
        .iter()
        .filter(|(_, count)| *count > 0)
        .map(|(word, count)| format!("{count} {word}"))
        .collect();
    let cases = if total == 1 { "case" } else { "cases" };
    let _ = writeln!(
        text,
        "{total} {cases}: {} ({:.1} s)",
        parts.join(", "),
        elapsed.as_secs_f64()
    );
    text
}

fn as_json(suites: &[Suite]) -> serde_json::Value {
    let case = |(name, ended, seconds): &(String, Ended, f64)| {
        let differences = match ended {
            Ended::Differs(list) => list
                .iter()
                .map(|d| json!({ "line": d.line, "field": d.field, "expected": d.expected, "found": d.found }))
                .collect(),
            _ => Vec::new(),
        };
        let message = match ended {
            Ended::Failed(message) => Some(message),
            _ => None,
        };
        json!({ "name": name, "result": ended.word(), "differences": differences, "message": message, "seconds": seconds })
    };
    let files: Vec<_> = suites
        .iter()
        .map(|suite| json!({ "file": suite.name, "cases": suite.cases.iter().map(case).collect::<Vec<_>>() }))
        .collect();
    json!({ "files": files })
}

/// Rewrites the files whose cases differ, and says so. Whether everything is as the files say then.
fn update_files(manifests: &[Manifest], jobs: &[Job]) -> miette::Result<bool> {
    let mut all = true;
    for (index, manifest) in manifests.iter().enumerate() {
        let mut outcomes: Vec<Option<Outcome>> = vec![None; manifest.cases.len()];
        for job in jobs.iter().filter(|job| job.manifest == index) {
            if let Ok(mut result) = job.result.lock()
                && let Some(done) = result.as_mut()
                && matches!(done.ended, Ended::Differs(_))
            {
                outcomes[job.case] = done.outcome.take();
            }
        }
        if outcomes.iter().all(Option::is_none) {
            continue;
        }
        let count = update(manifest, &outcomes)?;
        let cases = if count == 1 { "case" } else { "cases" };
        eprintln!(
            "note: {count} {cases} of {} updated",
            manifest.path.display()
        );
        let now = Manifest::read(&manifest.path)?;
        let left = now.cases.iter().zip(&outcomes).filter(|(case, outcome)| {
            let met =
                |outcome: &Outcome| !case.expect.is_empty() && compare(case, outcome).is_empty();
            !outcome.as_ref().is_none_or(met)
        });
        for (case, _) in left {
            all = false;
            eprintln!(
                "note: `{}` still differs: what was found cannot be written as an expectation",
                case.name
            );
        }
    }
    Ok(all)
}
