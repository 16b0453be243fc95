//! A certificate as text and as JSON.

use std::fmt::Write;
use std::path::Path;
use std::process::ExitCode;

use miette::Report;
use num_bigint::BigInt;
use serde_json::json;

use super::error::UsageError;
use crate::exact::{Rat, Round, rat_to_f64, to_decimal};
use crate::problem::{Decay, Network, NetworkError, Problem, WriteOptions};
use crate::prove::Written;
use crate::run::{BetaMax, Certificate, RunError, RunOptions, Verdict};

/// An error of a run, with the help it has.
pub(super) fn run_error(error: RunError) -> Report {
    match error {
        RunError::Problem(e) => e.into(),
        RunError::TooManyCells { count, limit } => UsageError::TooManyCells { count, limit }.into(),
        RunError::ResumedFull => UsageError::ResumedFull.into(),
        other => UsageError::Run(other.to_string()).into(),
    }
}

/// Writes a network that was found. A format that cannot hold its numbers gets the nearest it can, and the user is told.
pub(super) fn write_network(path: &Path, network: &Network, quiet: bool) -> miette::Result<()> {
    match network.write(path, &WriteOptions::default()) {
        Err(NetworkError::Inexact { .. }) => {
            let round = WriteOptions {
                round: true,
                ..WriteOptions::default()
            };
            network.write(path, &round)?;
            if !quiet {
                eprintln!(
                    "note: {} holds the network with its numbers rounded, for this format cannot hold them; the objective and the proof are those of the exact numbers",
                    path.display()
                );
            }
            Ok(())
        }
        result => Ok(result?),
    }
}

/// The exit code of a verdict: 0 optimal, 1 not optimal, 3 undecided.
pub(super) fn exit_code(certificate: &Certificate) -> ExitCode {
    ExitCode::from(match certificate.verdict {
        Verdict::Optimal => 0,
        Verdict::NotOptimal => 1,
        Verdict::Undecided => 3,
    })
}

/// The figures of a certificate, in the user's convention: the objectives rounded to the nearest, the bound down, the gap up.
pub(super) fn certificate(
    problem: &Problem,
    certificate: &Certificate,
    options: &RunOptions,
    as_json: bool,
) -> String {
    if as_json {
        json_text(problem, certificate, options)
    } else {
        plain_text(problem, certificate, options)
    }
}

/// A number of neurons in words.
pub(super) fn neurons(width: usize) -> String {
    if width == 1 {
        "1 neuron".to_owned()
    } else {
        format!("{width} neurons")
    }
}

/// The penalty in words.
pub(super) fn penalty(problem: &Problem) -> String {
    match &problem.decay {
        Decay::WeightDecay(l) => format!("({}/2)·‖θ‖²", to_decimal(l, 17, Round::Nearest)),
        Decay::Ridge(l) => format!("{}·‖θ‖²", to_decimal(l, 17, Round::Nearest)),
    }
}

fn plain_text(problem: &Problem, certificate: &Certificate, options: &RunOptions) -> String {
    let subject = if certificate.given {
        "given network"
    } else {
        "network"
    };
    let gap = to_decimal(&certificate.relative_gap(), 3, Round::Up);
    let tolerance = to_decimal(&options.tolerance, 3, Round::Nearest);
    let rows = if problem.rows() == problem.n() {
        String::new()
    } else {
        format!(" ({} rows)", problem.rows())
    };
    let penalty = penalty(problem);
    let mut lines = vec![
        (
            "problem",
            format!(
                "{} samples{rows}, {} features ({}) → {}; rank {}; hidden bias {}, output bias {}",
                problem.n(),
                problem.data.d,
                problem.data.features.join(", "),
                problem.data.target,
                certificate.rank,
                problem.hidden_bias,
                problem.output_bias
            ),
        ),
        (
            "objective",
            format!(
                "{} loss + {penalty} = {} ({subject}, {}; exact value in --json)",
                problem.loss,
                to_decimal(&certificate.objective, 17, Round::Nearest),
                neurons(certificate.width)
            ),
        ),
        (
            "lower bound",
            format!(
                "{} proven for every network of every width",
                to_decimal(&certificate.lower_bound, 17, Round::Down)
            ),
        ),
        (
            "gap",
            format!(
                "{} ({gap} of the objective; tolerance {tolerance})",
                to_decimal(&certificate.gap(), 3, Round::Up)
            ),
        ),
        (
            "verdict",
            match certificate.verdict {
                Verdict::Optimal => format!(
                    "optimal: no network of any width is lower by more than {gap} of the objective"
                ),
                Verdict::NotOptimal => format!(
                    "not optimal: a network of {} reaches {}",
                    neurons(certificate.best_width),
                    to_decimal(&certificate.upper_bound, 17, Round::Up)
                ),
                Verdict::Undecided => {
                    "undecided: the bound holds, but the gap is larger than the tolerance"
                        .to_owned()
                }
            },
        ),
    ];
    if certificate.verdict == Verdict::Undecided && certificate.upper_bound < certificate.objective
    {
        let value = to_decimal(&certificate.upper_bound, 17, Round::Up);
        lines.push((
            "best found",
            format!("{value} with {}", neurons(certificate.best_width)),
        ));
    }
    if let Some(witness) = &certificate.witness {
        let direction: Vec<String> = witness.u.iter().map(|u| format!("{u:.4}")).collect();
        lines.push((
            "why",
            format!(
                "a neuron with output sign {} added in the direction ({}) lowers the loss: |F_v(u)| = {:.6}·β (numerical)",
                if witness.sign > 0.0 { '+' } else { '−' },
                direction.join(", "),
                witness.ratio
            ),
        ));
    }
    if let Some(program) = &certificate.program {
        let ended = if program.solved {
            ""
        } else {
            "; the solver ended before its tolerance"
        };
        lines.push((
            "method",
            format!(
                "the full convex program: {} cells, {} blocks{ended}",
                program.cells, program.blocks
            ),
        ));
    }
    lines.push((
        "statement",
        format!("sha256 {}", problem.statement_sha256()),
    ));
    if let Some(proof) = &certificate.proof {
        let size = format!("{} leaves, {} bytes", proof.leaves, proof.bytes);
        lines.push(("proof", format!("{} ({size})", proof.path.display())));
    }
    let mut text = String::new();
    for (name, value) in lines {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{name:<12} {value}");
    }
    for note in &certificate.notes {
        let _ = writeln!(text, "note: {note}");
    }
    text
}

/// A rational as JSON: exactly, and as a decimal.
pub(super) fn figure(value: &Rat, round: Round) -> serde_json::Value {
    json!({ "exact": exact(value), "decimal": to_decimal(value, 30, round) })
}

/// The figures of β_max: the λ of --weight-decay from which on no hidden neuron is needed, and that of --ridge, which is half of it.
pub(super) fn beta_max(problem: &Problem, found: &BetaMax, as_json: bool) -> String {
    let half = |value: &Rat| value / BigInt::from(2);
    let (low, high) = (&found.lower, &found.upper);
    if as_json {
        let value = json!({
            "beta_max": {
                "lower": exact(low),
                "upper": exact(high),
                "decimal": to_decimal(&((low + high) / BigInt::from(2)), 30, Round::Nearest),
            },
            "stopped": found.stopped,
            "proof": found.proof.as_ref().map(written),
            "problem": {
                "n": problem.n(),
                "rows": problem.rows(),
                "features": problem.data.features,
                "loss": problem.loss.to_string(),
            },
        });
        return format!("{value:#}\n");
    }
    let range = |low: &Rat, high: &Rat| {
        if low == high {
            return to_decimal(low, 17, Round::Nearest);
        }
        format!(
            "between {} and {}",
            to_decimal(low, 17, Round::Down),
            to_decimal(high, 17, Round::Up)
        )
    };
    let mut text = "the least decay from which on no hidden neuron is needed:\n".to_owned();
    // Writing to a String cannot fail.
    let _ = writeln!(text, "--weight-decay  {}", range(low, high));
    let _ = writeln!(text, "--ridge         {}", range(&half(low), &half(high)));
    if found.stopped {
        text += "note: the search was stopped before the range was narrow\n";
    }
    if let Some(proof) = &found.proof {
        let _ = writeln!(
            text,
            "proof           {} ({} leaves, {} bytes)",
            proof.path.display(),
            proof.leaves,
            proof.bytes
        );
    }
    text
}

pub(super) fn written(proof: &Written) -> serde_json::Value {
    json!({ "path": proof.path, "bytes": proof.bytes, "leaves": proof.leaves, "generators": proof.generators })
}

pub(super) fn exact(value: &Rat) -> String {
    format!("{}/{}", value.numer(), value.denom())
}

pub(super) fn statement(problem: &Problem, rank: usize) -> serde_json::Value {
    json!({
        "n": problem.n(),
        "rows": problem.rows(),
        "rank": rank,
        "features": problem.data.features,
        "target": problem.data.target,
        "beta": exact(&problem.beta()),
        "loss": problem.loss.to_string(),
        "hidden_bias": problem.hidden_bias.to_string(),
        "output_bias": problem.output_bias.to_string(),
        "sha256": problem.statement_sha256(),
    })
}

fn json_text(problem: &Problem, certificate: &Certificate, options: &RunOptions) -> String {
    format!("{:#}\n", certificate_json(problem, certificate, options))
}

/// The fields of `--json`.
pub(super) fn certificate_json(
    problem: &Problem,
    certificate: &Certificate,
    options: &RunOptions,
) -> serde_json::Value {
    let witness = certificate
        .witness
        .as_ref()
        .map(|w| json!({ "direction": w.u, "ratio": w.ratio, "sign": w.sign }));
    let seconds: serde_json::Map<String, serde_json::Value> = certificate
        .phases
        .iter()
        .map(|(name, seconds)| ((*name).to_owned(), json!(seconds)))
        .collect();
    let program = certificate
        .program
        .as_ref()
        .map(|p| json!({ "cells": p.cells, "blocks": p.blocks, "solved": p.solved }));
    json!({
        "verdict": certificate.verdict.word(),
        "tolerance": exact(&options.tolerance),
        "objective": figure(&certificate.objective, Round::Nearest),
        "lower_bound": figure(&certificate.lower_bound, Round::Down),
        "upper_bound": figure(&certificate.upper_bound, Round::Up),
        "gap": figure(&certificate.gap(), Round::Up),
        "relative_gap": rat_to_f64(&certificate.relative_gap()),
        "width": certificate.width,
        "best_width": certificate.best_width,
        "witness": witness,
        "proof": certificate.proof.as_ref().map(written),
        "problem": statement(problem, certificate.rank),
        "method": if program.is_some() { "full" } else { "columns" },
        "program": program,
        "notes": certificate.notes,
        "seconds": seconds,
    })
}
