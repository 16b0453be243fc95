//! `relucert solve --path`.

mod asked;
mod page;
mod table;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::ValueEnum;
use num_traits::One;

use super::args::{check_outputs, given};
use super::error::UsageError;
use super::{LIMIT, html, interrupt, print, print_error, report, solve};
use crate::exact::Rat;
use crate::files;
use crate::problem::{Decay, Problem};
use crate::run::{self, PathPoint, RunError, RunOptions, Verdict};

pub(super) use asked::PathArg;
use table::{Max, Table};

/// Leaves of the search for λ_max where no end depends on it.
const MAX_LEAVES_FOR_RATIO: u64 = 200_000;

/// The path, and the form of its table.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Path")]
pub(super) struct PathArgs {
    /// Solve at POINTS values of λ from the larger to the smaller, evenly spaced in log λ, both included; each starts from the one before
    ///
    /// [KIND:]λ1:λ2:POINTS. KIND says what λ is: `weight-decay` adds (λ/2)·‖θ‖² (also if KIND is left out), `ridge` adds λ·‖θ‖². So --weight-decay
    /// and --ridge are left out. λ1 and λ2, in any order, are decimals, fractions p/q, or multiples of λ_max, the least λ at which no hidden neuron is needed:
    /// `max`, `0.01max` (rounded to 6 digits, `max` upwards). The values between are rounded to 4 digits. --out FILE gets the table, --proof FOLDER a proof of
    /// each point (path-001.proof, …), and --time-limit is shared by all points.
    #[arg(long, value_name = "[KIND:]λ1:λ2:POINTS", allow_hyphen_values = true,
          conflicts_with_all = ["beta_max", "checkpoint", "resume"])]
    pub path: Option<PathArg>,
    /// The form of the path's table: in --out if that is given, else on the terminal [default: as the ending of --out says, else text]
    #[arg(long, value_name = "FORMAT", requires = "path")]
    pub format: Option<FormatArg>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum FormatArg {
    Text,
    Csv,
    Json,
}

pub(super) fn run(
    args: &solve::Args,
    path: &PathArg,
    started: Instant,
) -> miette::Result<ExitCode> {
    if let Some(decay) = args.objective.given_decay()? {
        let flag = match decay {
            Decay::WeightDecay(_) => "weight-decay",
            Decay::Ridge(_) => "ridge",
        };
        return Err(UsageError::DecayAndPath { flag }.into());
    }
    let (out_format, print_format) = formats(args)?;
    let inputs = [
        ("--data", Some(&args.data.data)),
        ("--init", args.init.as_ref()),
    ];
    args.report.check(&[html::FigureArg::Path])?;
    let outputs: Vec<_> = given(&[("--out", args.out.as_ref())])
        .into_iter()
        .chain(args.report.outputs())
        .collect();
    check_outputs(&given(&inputs), &outputs)?;
    if let Some(folder) = &args.search.proof {
        fs::create_dir_all(folder)
            .and_then(|()| files::check_writable(&folder.join(run::proof_name(0))))
            .map_err(|source| UsageError::Unwritable {
                flag: "--proof",
                path: folder.clone(),
                source,
            })?;
    }
    let (problem, init) = args.problem(path.kind.decay(Rat::one()))?;
    let options = RunOptions {
        proof: None,
        method: args.method(),
        ..args.search.options(&args.run, &args.tolerance, started)
    };
    interrupt::install();
    let max = lambda_max(&problem, path, &options)?;
    let lambdas = path.lambdas(&max.upper)?;
    let decays: Vec<Decay> = lambdas.iter().map(|l| path.kind.decay(l.clone())).collect();
    let table = Table {
        problem: &problem,
        kind: path.kind,
        lambdas: &lambdas,
        max: &max,
        has_proofs: args.search.proof.is_some(),
    };
    // Proofs for the page alone go with it.
    let own = args.report.own_proof(args.search.proof.as_deref())?;
    let own_folder = own.as_ref().map(html::OwnProof::folder);
    let streams = print_format == FormatArg::Text;
    if streams {
        print(&table.head())?;
    }
    let mut failed = None;
    let solved = run::path(
        &problem,
        &decays,
        init.as_ref(),
        Some(&max.found),
        &options,
        args.search.proof.as_deref().or(own_folder),
        &mut |points| {
            let step = || -> miette::Result<()> {
                if let (true, Some(point)) = (streams, points.last()) {
                    print(&table.line(point))?;
                }
                // What is finished is kept, whatever becomes of the rest. A pipe gets everything at the end.
                let whole = points.len() == decays.len();
                if let Some(out) = args.out.as_ref().filter(|out| whole || !is_stream(out)) {
                    write(out, &table.text(points, whole, out_format))?;
                }
                Ok(())
            };
            failed = step().err();
            failed.is_none()
        },
    );
    let solved = match solved {
        Err(error @ RunError::TooManyCells { .. }) => {
            print_error(&report::run_error(error));
            return Ok(ExitCode::from(LIMIT));
        }
        result => result.map_err(report::run_error)?,
    };
    if let Some(error) = failed {
        return Err(error);
    }
    if !solved.complete
        && let Some(out) = &args.out
        && (solved.points.is_empty() || is_stream(out))
    {
        write(out, &table.text(&solved.points, false, out_format))?;
    }
    if args.report.wanted() {
        let proofs = table.proofs(&solved.points, &args.tolerance, &args.report)?;
        let page = table.page(args.title(), &solved.points, solved.complete, proofs);
        args.report.write(&page, args.run.quiet)?;
    }
    if streams {
        print(&table.foot(
            &solved.points,
            solved.complete,
            args.search.proof.as_deref(),
        ))?;
    } else {
        print(&table.text(&solved.points, solved.complete, print_format))?;
    }
    let optimal = |p: &PathPoint| p.certificate.verdict == Verdict::Optimal;
    Ok(if solved.complete && solved.points.iter().all(optimal) {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(3)
    })
}

/// The formats of `--out` and of the terminal.
fn formats(args: &solve::Args) -> Result<(FormatArg, FormatArg), UsageError> {
    let ending = |out: &PathBuf| match out.extension().and_then(|e| e.to_str()) {
        Some("csv") => FormatArg::Csv,
        Some("json") => FormatArg::Json,
        _ => FormatArg::Text,
    };
    let json = args.run.json.then_some(FormatArg::Json);
    match (&args.out, args.path.format) {
        (Some(out), format) => Ok((
            format.unwrap_or_else(|| ending(out)),
            json.unwrap_or(FormatArg::Text),
        )),
        (None, Some(format)) if json.is_some_and(|json| json != format) => {
            Err(UsageError::TwoFormats)
        }
        (None, format) => {
            let format = format.or(json).unwrap_or(FormatArg::Text);
            Ok((format, format))
        }
    }
}

/// λ_max, with a share of the time.
fn lambda_max(problem: &Problem, path: &PathArg, options: &RunOptions) -> miette::Result<Max> {
    let needed = path.needs_max();
    let parts = if needed { 4 } else { 10 };
    let own = RunOptions {
        started: Instant::now(),
        time_limit: options
            .time_limit
            .map(|limit| limit.saturating_sub(options.started.elapsed()) / parts)
            .map(|limit| limit.max(Duration::from_millis(1))),
        max_leaves: if needed {
            options.max_leaves
        } else {
            let most = options.max_leaves.unwrap_or(MAX_LEAVES_FOR_RATIO);
            Some(most.min(MAX_LEAVES_FOR_RATIO))
        },
        ..options.clone()
    };
    let found = run::beta_max(problem, &own).map_err(report::run_error)?;
    Ok(Max {
        lower: path.kind.of_weight_decay(&found.lower),
        upper: path.kind.of_weight_decay(&found.upper),
        found,
    })
}

fn is_stream(path: &Path) -> bool {
    path.exists() && !path.is_file()
}

fn write(path: &Path, text: &str) -> miette::Result<()> {
    files::write_atomically(path, |out| out.write_all(text.as_bytes())).map_err(|source| {
        UsageError::Unwritable {
            flag: "--out",
            path: path.to_owned(),
            source,
        }
        .into()
    })
}
