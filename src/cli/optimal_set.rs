//! `relucert solve --optimal-set`.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use serde_json::{Value, json};

use super::error::UsageError;
use super::report::{self, figure};
use super::{print, solve};
use crate::exact::{Round, to_decimal};
use crate::problem::{DataOptions, Dataset, Float, Problem, Target};
use crate::run::{self, Certificate, End, OptimalSet, Range, RunOptions, SetError};

/// The set of optimal networks.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Optimal set")]
pub(super) struct SetArgs {
    /// Describe the set of all optimal networks: the directions their neurons can have, its dimension, the narrowest network found
    ///
    /// All optimal networks have the same outputs on the data, and their neurons have active directions: those where the dual constraint is tight. The set is
    /// the polytope of scales of these directions that give the outputs. Numerical, with the tolerances printed; the objective of the narrowest network,
    /// which --out FILE gets, is exact.
    #[arg(long, conflicts_with_all = ["path", "beta_max"])]
    pub optimal_set: bool,
    /// The range of outputs over the set at the samples of this file: CSV, .npz or .npy with the features of the data (other columns are ignored)
    #[arg(long, value_name = "FILE", requires = "optimal_set")]
    pub at: Option<PathBuf>,
}

/// Reads the points of `--at`.
pub(super) fn points(args: &solve::Args, problem: &Problem) -> miette::Result<Option<Dataset>> {
    let Some(path) = &args.set.at else {
        return Ok(None);
    };
    let options = DataOptions {
        target: Target::None,
        features: Some(problem.data.features.clone()),
        group: args.data.group.clone(),
        float: args.data.data_float.map(Float::from),
    };
    Ok(Some(Dataset::read(path, &options)?))
}

/// After a solve: finds the set and prints it with the certificate.
pub(super) fn finish(
    args: &solve::Args,
    problem: &Problem,
    certificate: &Certificate,
    points: Option<&Dataset>,
    options: &RunOptions,
) -> miette::Result<ExitCode> {
    let (set, reason) = match run::optimal_set(problem, certificate, points, options) {
        Ok(set) => (Some(set), None),
        Err(SetError::Run(e)) => return Err(report::run_error(e)),
        Err(e @ SetError::Features { .. }) => {
            return Err(UsageError::Run(e.to_string()).into());
        }
        // The bracket holds all the same.
        Err(e) => (None, Some(e.to_string())),
    };
    let network = set
        .as_ref()
        .map(|set| &set.narrowest)
        .or(certificate.best.as_ref());
    if let (Some(path), Some(network)) = (&args.out, network) {
        report::write_network(path, network, args.run.quiet)?;
    }
    let text = if args.run.json {
        let mut value = report::certificate_json(problem, certificate, options);
        value["optimal_set"] = match &set {
            Some(set) => json_value(set),
            None => Value::Null,
        };
        if let Some(reason) = &reason {
            value["optimal_set_unknown"] = json!(reason);
        }
        format!("{value:#}\n")
    } else {
        let mut text = report::certificate(problem, certificate, options, false);
        match (&set, &reason) {
            (Some(set), _) => text += &plain_text(set, points),
            (None, reason) => {
                let _ = writeln!(
                    text,
                    "optimal set  unknown: {}",
                    reason.as_deref().unwrap_or("it was not found")
                );
            }
        }
        text
    };
    print(&text)?;
    Ok(if set.is_some() {
        report::exit_code(certificate)
    } else {
        ExitCode::from(3)
    })
}

fn short(x: f64) -> String {
    fixed(x, 6)
}

/// This many places after the point; what rounds to −0 is 0.
fn fixed(x: f64, places: usize) -> String {
    let text = format!("{x:.places$}");
    match text.strip_prefix('-') {
        Some(rest) if !rest.contains(|c: char| ('1'..='9').contains(&c)) => rest.to_owned(),
        _ => text,
    }
}

fn plain_text(set: &OptimalSet, points: Option<&Dataset>) -> String {
    let mut text = String::new();
    let count = set.directions.len();
    // Writing to a String cannot fail.
    let _ = writeln!(
        text,
        "optimal set  numerical; active are directions with |F_v(u)| ≥ (1 − {:.0e})·β; {}",
        set.tight,
        if set.complete {
            "the whole sphere was searched for them"
        } else {
            "the search for them was stopped, so there may be more"
        }
    );
    let next = match set.next {
        None => String::new(),
        Some(next) if next > 0.999 => {
            format!(" (the next best found has (1 − {:.1e})·β)", 1.0 - next)
        }
        Some(next) => format!(" (the next best found has {next:.6}·β)"),
    };
    let _ = writeln!(text, "directions   {count} active{next}");
    let singular = match set.singular {
        (Some(kept), Some(dropped)) => format!("singular values ≥ {kept:.1e} and ≤ {dropped:.1e}"),
        (Some(kept), None) => format!("singular values ≥ {kept:.1e}"),
        (None, Some(dropped)) => format!("singular values ≤ {dropped:.1e}"),
        (None, None) => "no singular values".to_owned(),
    };
    let _ = writeln!(
        text,
        "rank         {} of their outputs on the data ({singular} of the largest; zero below {:.0e})",
        set.rank,
        OptimalSet::RANK_TOLERANCE
    );
    let dimension = match (set.dimension, set.stretches.is_empty()) {
        (None, _) => "unknown: a linear program gave no answer".to_owned(),
        (Some(0), true) => "0 of the set in these scales: one network".to_owned(),
        (Some(d), true) => format!("{d} of the set in these scales"),
        (Some(d), false) => format!(
            "{d} of the set in these scales; more with the biases between them (see below), which make no end of directions"
        ),
    };
    let _ = writeln!(text, "dimension    {dimension}");
    let (vertices, all) = set.vertices;
    let _ = writeln!(
        text,
        "narrowest    {} found{}; objective {} (exact in --json)",
        report::neurons(set.narrowest.width()),
        match (vertices, all) {
            (1, true) => " (the set has one vertex)".to_owned(),
            (n, true) => format!(" (of {n} vertices, which are all)"),
            (n, false) => format!(" (of {n} vertices; there may be more)"),
        },
        to_decimal(&set.narrowest_objective, 17, Round::Nearest)
    );
    if count > 0 {
        let _ = writeln!(text, "\n{:>4} {:>4}  {:<26} direction", "", "sign", "scale");
    }
    for (k, direction) in set.directions.iter().enumerate() {
        let scale = match direction.scale {
            Some((low, high)) if high - low <= 1e-6 * high.abs().max(1e-300) => short(high),
            Some((low, high)) => format!("{} to {}", short(low), short(high)),
            None => "unknown".to_owned(),
        };
        let u: Vec<String> = direction.u.iter().map(|x| short(*x)).collect();
        let sign = if direction.sign > 0.0 { '+' } else { '−' };
        let _ = writeln!(
            text,
            "{:>4} {sign:>4}  {scale:<26} ({})",
            k + 1,
            u.join(", ")
        );
    }
    for stretch in &set.stretches {
        let from = stretch.from + 1;
        let _ = match stretch.to {
            End::Atom(to) => writeln!(
                text,
                "every bias between those of {from} and {} is active too",
                to + 1
            ),
            End::Infinite(side) => {
                let word = if side > 0.0 { "larger" } else { "smaller" };
                writeln!(text, "every {word} bias than that of {from} is active too")
            }
        };
    }
    if points.is_some() {
        let _ = writeln!(
            text,
            "\noutputs over the set (numerical)\n{:>6}  {:>22}  {:>22}",
            "sample", "least", "largest"
        );
        for (i, range) in set.at.iter().enumerate() {
            let _ = match range {
                Range::Between(low, high) => {
                    writeln!(
                        text,
                        "{:>6}  {:>22}  {:>22}",
                        i + 1,
                        fixed(*low, 10),
                        fixed(*high, 10)
                    )
                }
                Range::Unbounded => writeln!(text, "{:>6}  {:>22}  {:>22}", i + 1, "−∞", "∞"),
                Range::Unknown => {
                    writeln!(text, "{:>6}  {:>22}  {:>22}", i + 1, "unknown", "unknown")
                }
            };
        }
    }
    text
}

fn json_value(set: &OptimalSet) -> Value {
    let directions: Vec<Value> = set
        .directions
        .iter()
        .map(|d| {
            json!({
                "sign": d.sign,
                "direction": d.u,
                "ratio": d.ratio,
                "scale": d.scale.map(|(low, high)| [low, high]),
            })
        })
        .collect();
    let at: Vec<Value> = set
        .at
        .iter()
        .map(|range| match range {
            Range::Between(low, high) => json!({ "status": "bounded", "low": low, "high": high }),
            Range::Unbounded => json!({ "status": "unbounded", "low": null, "high": null }),
            Range::Unknown => json!({ "status": "unknown", "low": null, "high": null }),
        })
        .collect();
    // Numbered from 0, as the directions are; no `to` where the biases have no end in the direction `toward`.
    let stretches: Vec<Value> = set
        .stretches
        .iter()
        .map(|stretch| match stretch.to {
            End::Atom(to) => json!({ "from": stretch.from, "to": to }),
            End::Infinite(side) => json!({ "from": stretch.from, "to": null, "toward": side }),
        })
        .collect();
    json!({
        "numerical": true,
        "tolerances": {
            "active": set.tight,
            "rank": OptimalSet::RANK_TOLERANCE,
            "scale": OptimalSet::ZERO,
        },
        "complete": set.complete,
        "directions": directions,
        "stretches": stretches,
        "next_ratio": set.next,
        "rank": set.rank,
        "smallest_singular_value_kept": set.singular.0,
        "largest_singular_value_dropped": set.singular.1,
        "dimension": set.dimension,
        "vertices": set.vertices.0,
        "all_vertices": set.vertices.1,
        "narrowest": {
            "width": set.narrowest.width(),
            "objective": figure(&set.narrowest_objective, Round::Nearest),
        },
        "at": at,
    })
}
