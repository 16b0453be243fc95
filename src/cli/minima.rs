//! `relucert minima`.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use super::args::{BiasArg, DataArgs, ObjectiveArgs, RunArgs, check_outputs, given};
use super::error::UsageError;
use super::{fixed_width, html, interrupt, minima_report, print};
use crate::arrangement::ArrangementError;
use crate::minima::components::grouped;
use crate::minima::geometry::Geometry;
use crate::minima::search::regions;
use crate::minima::{MinimaError, MinimaOptions, check_scope, estimate, minima};
use crate::problem::{HiddenBias, Network, OutputBias, Problem};
use crate::run::{INTERRUPTED, Verdict};

/// From so many sets of cells on an estimate is made before the search.
const ANNOUNCE_FROM: u64 = 20_000;
/// An estimate above so many seconds, or above the time limit, is announced.
const ANNOUNCE_SECONDS: f64 = 60.0;

/// List every local minimum of a tiny network's training problem
///
/// All local minima of networks of the given width, as connected sets up to permutations of the neurons: isolated points and sets of
/// positive dimension, smooth or at kinks, global or not. Every value is enclosed by exact rationals. Hidden weights, output weights and a
/// hidden bias all count in the penalty; there is no output bias.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    relucert minima --data five.csv --width 2 --loss sum --ridge 1/2\n  \
    relucert minima --data five.csv --width 2 --loss sum --ridge 1/2 --json --out minima/\n\n\
    The same with a proof of the global minimum at this width, for relucert-checker:\n  \
    relucert minima --data five.csv --width 2 --loss sum --ridge 1/2 --proof five.proof")]
pub(super) struct Args {
    #[command(flatten)]
    data: DataArgs,
    /// Give the networks a hidden bias (the default)
    #[arg(long, conflicts_with = "no_bias", help_heading = "Network")]
    bias: bool,
    /// Give the networks no hidden bias
    #[arg(long, help_heading = "Network")]
    no_bias: bool,
    /// Neurons of the networks
    #[arg(long, value_name = "M", help_heading = "Network", value_parser = clap::value_parser!(u16).range(1..), allow_negative_numbers = true)]
    width: u16,
    #[command(flatten)]
    objective: ObjectiveArgs,
    /// Write minima.json and a network for each component to this folder
    #[arg(long, value_name = "DIR", help_heading = "Output")]
    out: Option<PathBuf>,
    /// Significant digits of the values; the enclosures are at least as narrow
    #[arg(long, value_name = "K", default_value_t = 12, help_heading = "Output", value_parser = clap::value_parser!(u32).range(1..=1000), allow_negative_numbers = true)]
    digits: u32,
    /// Look for the minimal polynomials of values and lengths (one or two directions, degree at most 16; always for --width 1)
    #[arg(long, help_heading = "Output")]
    exact: bool,
    /// Write a proof that no network of this width, or narrower, has a lower objective; compressed if the name ends in .gz
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    proof: Option<PathBuf>,
    #[command(flatten)]
    report: html::ReportArgs,
    #[command(flatten)]
    run: RunArgs,
}

pub(super) fn scope_error(error: MinimaError) -> miette::Report {
    UsageError::Minima(
        error.to_string(),
        match error {
            MinimaError::UndecayedBias => {
                "leave out --no-decay hidden-bias, or give the networks no bias with --no-bias"
            }
            MinimaError::OutputBias => "leave out --no-decay output-bias: these networks have none",
            MinimaError::Linear => "give relu, abs, or a leaky slope below 1",
            MinimaError::Width => "give --width of at least 1",
            MinimaError::Arrangement(ArrangementError::TooMany { .. }) => {
                "all minima can be listed for tiny networks only: take fewer samples or features; solve finds the best network of any size"
            }
            MinimaError::Arrangement(_) => "try again",
        },
    )
    .into()
}

pub(super) fn run(args: &Args, started: Instant) -> miette::Result<ExitCode> {
    let decay = args.objective.decay()?;
    // Of the two biases without decay this command has neither, and says why.
    let hidden_bias = args.objective.hidden_bias(!args.no_bias)?;
    let output_bias = if args.objective.no_decay.contains(&BiasArg::OutputBias) {
        OutputBias::Free
    } else {
        OutputBias::None
    };
    let data = args.data.read(args.data.target())?;
    let problem = Problem::new(
        data,
        args.data.activation(),
        args.objective.loss.into(),
        decay,
        hidden_bias,
        output_bias,
    )?;
    let width = usize::from(args.width);
    check_scope(&problem, width).map_err(scope_error)?;
    if args.proof.is_some() {
        fixed_width::check_size(&problem)?;
    }
    let inputs = [("--data", args.data.data.as_path())];
    let outputs: Vec<_> = given(&[("--proof", args.proof.as_ref())])
        .into_iter()
        .chain(args.report.outputs())
        .collect();
    check_outputs(&inputs, &outputs)?;
    let bracket =
        |f: &html::FigureArg| !matches!(f, html::FigureArg::Bracket | html::FigureArg::Dual);
    let figures: Vec<_> = [html::FigureArg::Minima]
        .into_iter()
        .chain(html::possible(&problem).into_iter().filter(bracket))
        .collect();
    args.report.check(&figures)?;
    if let Some(folder) = &args.out {
        std::fs::create_dir_all(folder).map_err(|source| UsageError::Unwritable {
            flag: "--out",
            path: folder.clone(),
            source,
        })?;
    }
    args.run.say_problem(&problem, None);
    interrupt::install();
    args.run.start_threads();
    let geometry = Geometry::new(&problem).map_err(|e| scope_error(e.into()))?;
    let quiet = args.run.quiet || args.run.json;
    announce(&geometry, width, args.run.time_limit, args.run.quiet);
    // A proof has a search of its own, for which time is left.
    let parts = if args.proof.is_some() { 2 } else { 1 };
    let limit = args.run.time_limit.map(|limit| limit / parts);
    let stop = || {
        INTERRUPTED.load(Ordering::Relaxed) || limit.is_some_and(|limit| started.elapsed() > limit)
    };
    let bar = if quiet {
        indicatif::ProgressBar::hidden()
    } else {
        indicatif::ProgressBar::new_spinner()
    };
    let total = regions(2 * geometry.cells.len(), width);
    let progress = |done: u64| {
        bar.set_message(format!(
            "{done} sets of cells of {} regions",
            grouped(&total)
        ))
    };
    bar.enable_steady_tick(Duration::from_millis(200));
    let found = minima(
        &problem,
        &geometry,
        &MinimaOptions {
            width,
            digits: args.digits,
            exact: args.exact || width == 1,
            stop: &stop,
            progress: &progress,
        },
    )
    .map_err(scope_error)?;
    bar.finish_and_clear();
    args.run
        .say_phases(&[("search", started.elapsed().as_secs_f64())], started);
    if let Some(folder) = &args.out {
        minima_report::write(
            folder,
            &problem,
            &found,
            args.digits,
            hidden_bias != HiddenBias::None,
        )?;
    }
    let proof = match &args.proof {
        Some(path) => {
            let lowest = found.components.first();
            let network = lowest.map_or_else(Network::zero, |c| {
                minima_report::network(c, hidden_bias != HiddenBias::None)
            });
            Some(fixed_width::answer(&fixed_width::Question {
                problem: &problem,
                geometry: &geometry,
                network: &network,
                given: false,
                width,
                tolerance: &fixed_width::minima_tolerance(),
                proof: Some(path),
                run: &args.run,
                started,
            })?)
        }
        None => None,
    };
    if args.report.wanted() {
        let embedded = args.report.embedded(args.proof.as_deref(), None)?;
        let title = format!(
            "local minima of width {width} on {}",
            html::file_name(&args.data.data)
        );
        let answer = proof.as_ref().map(|proof| (proof, embedded));
        let page = minima_report::page(title, &problem, &found, args.digits, answer);
        args.report.write(&page, args.run.quiet)?;
    }
    let text = if args.run.json {
        let proof = proof.as_ref().map(fixed_width::Answer::json);
        minima_report::json_text(&problem, &found, args.digits, proof)
    } else {
        let proof = proof.as_ref().map(fixed_width::Answer::minima_text);
        minima_report::plain_text(&problem, &found, width, args.digits) + &proof.unwrap_or_default()
    };
    print(&text)?;
    let is_tight = proof.is_none_or(|proof| proof.verdict == Verdict::Optimal);
    Ok(if found.undecided.is_empty() && is_tight {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(3)
    })
}

/// Says before a long search how many regions there are, and how long they may take.
fn announce(geometry: &Geometry, width: usize, limit: Option<Duration>, quiet: bool) {
    let count = regions(2 * geometry.cells.len(), width);
    if quiet || count < ANNOUNCE_FROM.into() {
        return;
    }
    let ready = limit.map_or(ANNOUNCE_SECONDS, |limit| {
        limit.as_secs_f64().min(ANNOUNCE_SECONDS)
    });
    let text = match estimate(geometry, width, Duration::from_millis(300)) {
        Some((seconds, _)) if seconds < ready => return,
        Some((seconds, _)) => format!("about {}", duration(seconds)),
        None => "longer than can be estimated".to_owned(),
    };
    let advice = match limit {
        Some(limit) => format!(
            "; it stops after {} with the rest undecided",
            duration(limit.as_secs_f64())
        ),
        None => "; --time-limit stops it with the rest undecided".to_owned(),
    };
    eprintln!(
        "note: {} regions, {text} on this machine at most{advice}",
        grouped(&count)
    );
}

fn duration(seconds: f64) -> String {
    if seconds < 100.0 {
        format!("{seconds:.0} s")
    } else if seconds < 6000.0 {
        format!("{:.0} min", seconds / 60.0)
    } else if seconds < 200_000.0 {
        format!("{:.0} h", seconds / 3600.0)
    } else {
        format!("{:.0} days", seconds / 86400.0)
    }
}
