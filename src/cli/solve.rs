//! `relucert solve`.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use clap::ValueEnum;
use num_traits::One;

use super::args::{
    BiasArg, DataArgs, NetworkKeyArgs, ObjectiveArgs, RunArgs, SearchArgs, check_outputs, given,
    print_notes, tolerance,
};
use super::error::UsageError;
use super::optimal_set::{self, SetArgs};
use super::path::{self, PathArgs};
use super::{LIMIT, html, interrupt, print, print_error, report};
use crate::exact::Rat;
use crate::problem::{Decay, Network, NetworkFile, NetworkFormat, OutputBias, Problem};
use crate::run::{self, Method, RunError, RunOptions};

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum OutputBiasArg {
    /// No output bias
    None,
    /// An output bias that counts in the penalty
    Decayed,
    /// An output bias that costs nothing
    Free,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum MethodArg {
    /// Column generation, and the full program where that leaves a gap and there are few cells
    Auto,
    /// Column generation: cells join as an exact oracle finds them
    Columns,
    /// One convex program over every cell of the arrangement, for small data
    Full,
}

/// Train a network to proven global optimality
///
/// The network found has the width it needs, at most the number of samples, and comes with a proven lower bound for networks of every width.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  relucert solve --data iris.csv --weight-decay 0.01 --out best.safetensors\n  \
    relucert solve --data iris.csv --beta-max\n  \
    relucert solve --data iris.csv --path max:0.01max:10 --out path.csv\n  \
    relucert solve --data iris.csv --weight-decay 0.5 --optimal-set --at points.csv"
)]
pub(super) struct Args {
    #[command(flatten)]
    pub(super) data: DataArgs,
    /// Give the networks a hidden bias (the default)
    #[arg(long, conflicts_with = "no_bias", help_heading = "Network")]
    bias: bool,
    /// Give the networks no hidden bias
    #[arg(long, help_heading = "Network")]
    no_bias: bool,
    /// The output bias of the networks
    #[arg(
        long,
        value_name = "KIND",
        default_value = "none",
        help_heading = "Network"
    )]
    output_bias: OutputBiasArg,
    #[command(flatten)]
    pub(super) objective: ObjectiveArgs,
    /// Print the least weight decay for which the zero network is optimal, and stop; needs no weight decay
    #[arg(long, help_heading = "Objective")]
    beta_max: bool,
    /// Start from this network: .json, .safetensors, .npz or .onnx
    #[arg(long, value_name = "FILE", help_heading = "Network")]
    pub(super) init: Option<PathBuf>,
    /// Write the network to this file: .json, .safetensors or .npz; with --optimal-set the narrowest found, with --path the table
    #[arg(long, value_name = "FILE", help_heading = "Network")]
    pub(super) out: Option<PathBuf>,
    #[command(flatten)]
    pub(super) path: PathArgs,
    #[command(flatten)]
    pub(super) set: SetArgs,
    #[command(flatten)]
    keys: NetworkKeyArgs,
    /// Gap to the optimum, relative to the objective, at which the search stops; a decimal or p/q
    #[arg(long, help_heading = "Search and proof", value_name = "T", default_value = "1e-8", value_parser = tolerance, allow_hyphen_values = true)]
    pub(super) tolerance: Rat,
    /// How the network is found
    #[arg(
        long,
        value_name = "METHOD",
        default_value = "auto",
        conflicts_with = "beta_max",
        help_heading = "Search and proof"
    )]
    method: MethodArg,
    /// Refuse a full program over more cells than this
    #[arg(long, value_name = "K", default_value_t = run::DEFAULT_MAX_CELLS, value_parser = clap::value_parser!(u64).range(1..), allow_negative_numbers = true, conflicts_with = "beta_max", help_heading = "Search and proof")]
    max_cells: u64,
    #[command(flatten)]
    pub(super) search: SearchArgs,
    #[command(flatten)]
    pub(super) report: html::ReportArgs,
    #[command(flatten)]
    pub(super) run: RunArgs,
}

impl Args {
    /// The heading of a page.
    pub(super) fn title(&self) -> String {
        format!("optimal network on {}", html::file_name(&self.data.data))
    }

    pub(super) fn method(&self) -> Method {
        match self.method {
            MethodArg::Auto => Method::Auto,
            MethodArg::Columns => Method::Columns,
            MethodArg::Full => Method::Full {
                max_cells: self.max_cells,
            },
        }
    }

    fn output_bias(&self) -> Result<OutputBias, UsageError> {
        let no_decay = self.objective.no_decay.contains(&BiasArg::OutputBias);
        match self.output_bias {
            OutputBiasArg::Free => Ok(OutputBias::Free),
            OutputBiasArg::Decayed if no_decay => Err(UsageError::DecayedAndNot),
            OutputBiasArg::Decayed => Ok(OutputBias::Decayed),
            OutputBiasArg::None => self.objective.output_bias(false),
        }
    }

    /// The problem with this decay, and the network to start from.
    pub(super) fn problem(&self, decay: Decay) -> miette::Result<(Problem, Option<Network>)> {
        let hidden_bias = self.objective.hidden_bias(!self.no_bias)?;
        let output_bias = self.output_bias()?;
        let (init, activation) = match &self.init {
            Some(path) => {
                let file = NetworkFile::read(path, &(&self.keys).into())?;
                print_notes(&file, self.run.quiet);
                let activation = self.data.activation_of(&file, path, self.run.quiet)?;
                (Some(file.network), activation)
            }
            None => (None, self.data.activation()),
        };
        let data = self.data.read(self.data.target())?;
        let problem = Problem::new(
            data,
            activation,
            self.objective.loss.into(),
            decay,
            hidden_bias,
            output_bias,
        )?;
        if let Some(network) = &init {
            problem.check_network(network)?;
        }
        Ok((problem, init))
    }
}

pub(super) fn run(args: &Args, started: Instant) -> miette::Result<ExitCode> {
    if let Some(asked) = &args.path.path {
        return path::run(args, asked, started);
    }
    let decay = if args.beta_max {
        args.objective.given_decay()?
    } else {
        Some(args.objective.decay()?)
    };
    let search = &args.search;
    let inputs = [
        ("--data", Some(&args.data.data)),
        ("--init", args.init.as_ref()),
        ("--resume", search.resume.as_ref()),
        ("--at", args.set.at.as_ref()),
    ];
    let outputs = [
        ("--out", args.out.as_ref()),
        ("--proof", search.proof.as_ref()),
        ("--checkpoint", search.checkpoint.as_ref()),
    ];
    if args.beta_max && args.report.wanted() {
        return Err(UsageError::ReportOfBetaMax.into());
    }
    args.out
        .as_deref()
        .map(NetworkFormat::of_output)
        .transpose()?;
    // A search may save its state to the file it was resumed from.
    let inputs: Vec<_> = given(&inputs)
        .into_iter()
        .filter(|file| Some(file.1) != search.checkpoint.as_deref())
        .collect();
    let outputs: Vec<_> = given(&outputs)
        .into_iter()
        .chain(args.report.outputs())
        .collect();
    check_outputs(&inputs, &outputs)?;

    // The decay plays no part in β_max.
    let (problem, init) = args.problem(decay.unwrap_or_else(|| Decay::WeightDecay(Rat::one())))?;

    let points = optimal_set::points(args, &problem)?;
    args.report.check(&html::possible(&problem))?;
    let own = args.report.own_proof(search.proof.as_deref())?;
    let mut options = RunOptions {
        method: args.method(),
        ..search.options(&args.run, &args.tolerance, started)
    };
    if let Some(own) = &own {
        options.proof = Some(own.path());
    }
    args.run.say_problem(&problem, init.as_ref());
    interrupt::install();
    if args.beta_max {
        let found = run::beta_max(&problem, &options).map_err(report::run_error)?;
        print(&report::beta_max(&problem, &found, args.run.json))?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut certificate = match run::solve(&problem, init.as_ref(), &options) {
        Err(error @ RunError::TooManyCells { .. }) => {
            print_error(&report::run_error(error));
            return Ok(ExitCode::from(LIMIT));
        }
        result => result.map_err(report::run_error)?,
    };
    args.run.say_phases(&certificate.phases, started);
    if args.report.wanted() {
        let page = html::certificate(
            "solve",
            args.title(),
            &problem,
            None,
            &certificate,
            &args.tolerance,
            args.report
                .embedded(search.proof.as_deref(), own.as_ref())?,
        );
        args.report.write(&page, args.run.quiet)?;
    }
    // A proof for the page alone is gone with the page.
    certificate.proof = certificate.proof.filter(|_| own.is_none());
    if args.set.optimal_set {
        let points = points.as_ref();
        return optimal_set::finish(args, &problem, &certificate, points, &options);
    }
    if let (Some(path), Some(best)) = (&args.out, &certificate.best) {
        report::write_network(path, best, args.run.quiet)?;
    }
    print(&report::certificate(
        &problem,
        &certificate,
        &options,
        args.run.json,
    ))?;
    Ok(report::exit_code(&certificate))
}
