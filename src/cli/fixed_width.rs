//! Proofs at a fixed width: `minima --proof` and `certify --fixed-width`.

use std::fmt::Write;
use std::path::Path;
use std::process::ExitCode;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use num_bigint::BigInt;
use num_traits::{One, Zero};
use serde_json::{Value, json};

use super::args::RunArgs;
use super::error::UsageError;
use super::html;
use super::minima::scope_error;
use super::report::{exact, figure, neurons, penalty, statement};
use crate::exact::{Rat, Round, to_decimal};
use crate::fixed_width::{WidthOptions, WidthProof, prove, write};
use crate::minima::check_scope;
use crate::minima::components::grouped;
use crate::minima::geometry::Geometry;
use crate::minima::search::binomial;
use crate::problem::{Network, Problem};
use crate::program::convert::classes;
use crate::prove::{VerdictLine, Written};
use crate::report::{Claim, Embedded, Page, Proof, Row, Tone, Verdict as Badge};
use crate::run::{INTERRUPTED, RunError, Verdict};

/// What is asked for.
pub(super) struct Question<'a> {
    pub problem: &'a Problem,
    pub geometry: &'a Geometry,
    /// The network to begin with; with `given` it is the one that is judged.
    pub network: &'a Network,
    pub given: bool,
    pub width: usize,
    pub tolerance: &'a Rat,
    pub proof: Option<&'a Path>,
    pub run: &'a RunArgs,
    pub started: Instant,
}

/// What is proven of all networks of at most a width.
pub(super) struct Answer {
    pub verdict: Verdict,
    /// Objective of the network to begin with. Exact.
    objective: Rat,
    pub proof: WidthProof,
    written: Option<Written>,
    seconds: f64,
}

/// The tolerance of `minima --proof`.
pub(super) fn minima_tolerance() -> Rat {
    Rat::new(BigInt::one(), BigInt::from(1_000_000_000))
}

/// Cells beyond which a proof at a fixed width is not tried: a checker may refuse one with more parts (FORMAT.md §9).
const MOST_CELLS: u64 = 100_000;

/// Refuses a problem with too many cells, before they are enumerated.
pub(super) fn check_size(problem: &Problem) -> Result<(), UsageError> {
    let classes = classes(problem).primitive.len() as u64;
    // In general position there are 2·Σ_{k<r} C(n−1, k), and never more.
    let cells: BigInt = (0..problem.r() as u64)
        .map(|k| 2 * binomial(classes.saturating_sub(1), k))
        .sum();
    if cells > MOST_CELLS.into() {
        return Err(UsageError::TooManyParts {
            count: grouped(&cells),
            limit: MOST_CELLS,
        });
    }
    Ok(())
}

/// Searches, judges, and writes the proof if there is a file for it.
pub(super) fn answer(question: &Question) -> miette::Result<Answer> {
    let Question {
        problem,
        tolerance,
        run,
        started,
        ..
    } = *question;
    check_scope(problem, question.width).map_err(scope_error)?;
    let begun = Instant::now();
    let limit = run.time_limit;
    let stop = || {
        INTERRUPTED.load(Ordering::Relaxed) || limit.is_some_and(|limit| started.elapsed() > limit)
    };
    let bar = if run.quiet || run.json {
        indicatif::ProgressBar::hidden()
    } else {
        indicatif::ProgressBar::new_spinner()
    };
    bar.enable_steady_tick(Duration::from_millis(200));
    let progress = |text: String| bar.set_message(format!("proving: {text}"));
    // A little less than the tolerance, so that the verdict holds for the rounded bound.
    let part = Rat::new(BigInt::from(999_999), BigInt::from(1_000_000));
    let options = WidthOptions {
        width: question.width,
        slack: tolerance * part,
        stop: &stop,
        progress: &progress,
    };
    let failed = |e: RunError| super::report::run_error(e);
    let objective = problem.objective(question.network)?;
    let proof = prove(problem, question.geometry, question.network, &options)?;
    bar.finish_and_clear();
    let within = |objective: &Rat| objective - &proof.bound <= tolerance * objective;
    let subject = if question.given {
        &objective
    } else {
        &proof.objective
    };
    let verdict = if within(subject) {
        Verdict::Optimal
    } else if question.given && &objective - &proof.objective > tolerance * &objective {
        Verdict::NotOptimal
    } else {
        Verdict::Undecided
    };
    let best = proof.best.as_ref();
    let networks: Vec<(&Network, &str)> = if question.given {
        let given = (question.network, "given");
        [Some(given), best.map(|best| (best, "best"))]
            .into_iter()
            .flatten()
            .collect()
    } else {
        vec![(best.unwrap_or(question.network), "best")]
    };
    let line = VerdictLine {
        word: verdict.word(),
        tolerance: tolerance.clone(),
    };
    let written = match question.proof {
        Some(path) => {
            let written = write(path, problem, &networks, &line, &proof);
            Some(written.map_err(|e| failed(e.into()))?)
        }
        None => None,
    };
    let seconds = begun.elapsed().as_secs_f64();
    Ok(Answer {
        verdict,
        objective,
        proof,
        written,
        seconds,
    })
}

/// The exit code of a verdict.
pub(super) fn exit_code(answer: &Answer) -> ExitCode {
    ExitCode::from(match answer.verdict {
        Verdict::Optimal => 0,
        Verdict::NotOptimal => 1,
        Verdict::Undecided => 3,
    })
}

impl Answer {
    /// Whether the bound holds for wider networks as well: then it was found without choosing pieces.
    fn scope(&self) -> String {
        let width = self.proof.width;
        if self.proof.blocks() == 1 {
            format!(
                "every network of every width, so also for those of at most {}",
                neurons(width)
            )
        } else {
            format!("every network of at most {}", neurons(width))
        }
    }

    fn lines(&self) -> Vec<(&'static str, String)> {
        let proof = &self.proof;
        let bound = to_decimal(&proof.bound, 17, Round::Down);
        let mut lines = vec![(
            "lower bound",
            format!("{bound} proven for {}", self.scope()),
        )];
        if !proof.complete {
            lines.push((
                "note",
                "the search ended before the bound was tight".to_owned(),
            ));
        }
        let [cones, parts, programs] = proof.counts;
        lines.push((
            "method",
            format!(
                "{} blocks of dual vectors on {parts} parts ({cones} cones); {programs} convex programs, {:.3} s",
                proof.blocks(),
                self.seconds
            ),
        ));
        if let Some(written) = &self.written {
            let size = format!(
                "{} support vectors, {} bytes",
                written.leaves, written.bytes
            );
            lines.push(("proof", format!("{} ({size})", written.path.display())));
        }
        lines
    }

    /// Leaves out a proof that was written for a page alone.
    pub(super) fn forget(&mut self, own: Option<&html::OwnProof>) {
        if own.is_some() {
            self.written = None;
        }
    }

    /// What the proof claims: of the given network, and the better one if there is one; or of the best alone.
    pub(super) fn claim(
        &self,
        problem: &Problem,
        given: bool,
        width: usize,
        tolerance: &Rat,
    ) -> Claim {
        let best = self.proof.best.as_ref();
        let mut networks = Vec::new();
        if given {
            networks.push(("given", width, self.objective.clone()));
        }
        if best.is_some() || !given {
            let width = best.map_or(width, Network::width);
            networks.push(("best", width, self.proof.objective.clone()));
        }
        Claim {
            sha256: problem.statement_sha256(),
            bound: self.proof.bound.clone(),
            width: Some(self.proof.width),
            verdict: self.verdict.word(),
            tolerance: tolerance.clone(),
            networks,
        }
    }

    /// The page of `certify --fixed-width`.
    pub(super) fn page(
        &self,
        title: String,
        problem: &Problem,
        network: &Network,
        tolerance: &Rat,
        embedded: Embedded,
    ) -> Page {
        let width = neurons(self.proof.width);
        let best = self.proof.best.as_ref();
        let (tone, word, sentence) = match self.verdict {
            Verdict::Optimal => (
                Tone::Good,
                "✓ optimal at its width",
                format!(
                    "Proven: no network of at most {width} is lower by more than the tolerance."
                ),
            ),
            Verdict::NotOptimal => (
                Tone::Bad,
                "✗ not optimal",
                format!(
                    "A network of {} reaches {}.",
                    neurons(best.map_or(self.proof.width, Network::width)),
                    to_decimal(&self.proof.objective, 17, Round::Up)
                ),
            ),
            Verdict::Undecided => (
                Tone::Open,
                "? undecided",
                "The bound holds, but the gap is larger than the tolerance.".to_owned(),
            ),
        };
        let mut numbers = vec![html::figure_row(
            &format!("objective (given network, {width})"),
            &self.objective,
            Round::Nearest,
        )];
        numbers.extend(self.rows());
        let gap = &self.objective - &self.proof.bound;
        numbers.push(Row::exact(
            "gap",
            format!(
                "{} (tolerance {} of the objective)",
                to_decimal(&gap, 3, Round::Up),
                to_decimal(tolerance, 3, Round::Nearest)
            ),
            &gap,
        ));
        Page {
            command: "certify --fixed-width",
            title,
            verdict: Some(Badge {
                tone,
                word: word.to_owned(),
                sentence,
            }),
            statement: html::statement(problem),
            numbers,
            notes: Vec::new(),
            figures: html::network_figures(problem, Some(network), best, &[]),
            tables: best
                .and_then(|best| html::network_table(problem, best, "The best network"))
                .into_iter()
                .collect(),
            proofs: vec![Proof::only(
                self.claim(problem, true, network.width(), tolerance),
                embedded,
            )],
        }
    }

    /// The lines of a page about the proof.
    pub(super) fn rows(&self) -> Vec<Row> {
        self.lines()
            .into_iter()
            .filter(|(name, _)| *name != "proof")
            .map(|(name, value)| match name {
                "lower bound" => Row::exact(name, value, &self.proof.bound),
                _ => Row::new(name, value),
            })
            .collect()
    }

    /// The lines that follow those of `minima`.
    pub(super) fn minima_text(&self) -> String {
        text(&self.lines())
    }

    /// The object that `minima --json` holds for the proof.
    pub(super) fn json(&self) -> Value {
        let proof = &self.proof;
        json!({
            "width": proof.width,
            "verdict": self.verdict.word(),
            "lower_bound": figure(&proof.bound, Round::Down),
            "upper_bound": figure(&proof.objective, Round::Up),
            "blocks": proof.blocks(),
            "parts": proof.counts[1],
            "cones": proof.counts[0],
            "convex_programs": proof.counts[2],
            "complete": proof.complete,
            "proof": self.written.as_ref().map(|w| json!({
                "path": w.path, "bytes": w.bytes, "support_vectors": w.leaves,
            })),
            "seconds": self.seconds,
        })
    }

    /// The report of `certify --fixed-width`.
    pub(super) fn certify_text(&self, problem: &Problem, tolerance: &Rat) -> String {
        let proof = &self.proof;
        let width = neurons(proof.width);
        let gap = &self.objective - &proof.bound;
        let relative = if self.objective.is_zero() {
            Rat::zero()
        } else {
            &gap / &self.objective
        };
        let relative = to_decimal(&relative, 3, Round::Up);
        let objective = to_decimal(&self.objective, 17, Round::Nearest);
        let mut lines = vec![(
            "objective",
            format!(
                "{} loss + {} = {objective} (given network, {width}; exact value in --json)",
                problem.loss,
                penalty(problem)
            ),
        )];
        let mut rest = self.lines();
        lines.push(rest.remove(0));
        lines.push((
            "gap",
            format!(
                "{} ({relative} of the objective; tolerance {})",
                to_decimal(&gap, 3, Round::Up),
                to_decimal(tolerance, 3, Round::Nearest)
            ),
        ));
        let verdict = match self.verdict {
            Verdict::Optimal => format!(
                "optimal among networks of at most {width}: none is lower by more than {relative} of the objective"
            ),
            Verdict::NotOptimal => format!(
                "not optimal: a network of {} reaches {}",
                neurons(proof.best.as_ref().map_or(proof.width, Network::width)),
                to_decimal(&proof.objective, 17, Round::Up)
            ),
            Verdict::Undecided => {
                "undecided: the bound holds, but the gap is larger than the tolerance".to_owned()
            }
        };
        lines.push(("verdict", verdict));
        lines.extend(rest);
        lines.push((
            "statement",
            format!("sha256 {}", problem.statement_sha256()),
        ));
        text(&lines)
    }

    /// The report of `certify --fixed-width --json`.
    pub(super) fn certify_json(
        &self,
        problem: &Problem,
        geometry: &Geometry,
        tolerance: &Rat,
    ) -> Value {
        let mut value = self.json();
        if let Value::Object(object) = &mut value {
            let rank = geometry.r - geometry.kernel.len();
            let best = self.proof.best.as_ref().map(Network::width);
            // An every-width reader must not take this for its bound: the scope stands beside it.
            object.insert("scope".to_owned(), json!("fixed_width"));
            object.insert("tolerance".to_owned(), json!(exact(tolerance)));
            object.insert(
                "objective".to_owned(),
                figure(&self.objective, Round::Nearest),
            );
            object.insert(
                "best_width".to_owned(),
                json!(best.unwrap_or(self.proof.width)),
            );
            object.insert("problem".to_owned(), statement(problem, rank));
        }
        value
    }
}

fn text(lines: &[(&'static str, String)]) -> String {
    let mut text = String::new();
    for (name, value) in lines {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{name:<12} {value}");
    }
    text
}
