//! `relucert solve`.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use clap::ValueEnum;
use num_traits::One;

use super::args::{
    BiasArg, DataArgs, NetworkKeyArgs, ObjectiveArgs, RunArgs, SearchArgs, check_outputs, given,
    tolerance,
};
use super::error::UsageError;
use super::{LIMIT, interrupt, print, print_error, report};
use crate::exact::Rat;
use crate::problem::{Decay, NetworkFile, NetworkFormat, OutputBias, Problem};
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
    relucert solve --data iris.csv --beta-max"
)]
pub(super) struct Args {
    #[command(flatten)]
    data: DataArgs,
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
    objective: ObjectiveArgs,
    /// Print the least weight decay for which the zero network is optimal, and stop; needs no weight decay
    #[arg(long, help_heading = "Objective")]
    beta_max: bool,
    /// Start from this network: .json, .safetensors or .npz
    #[arg(long, value_name = "FILE", help_heading = "Network")]
    init: Option<PathBuf>,
    /// Write the network to this file: .json, .safetensors or .npz
    #[arg(long, value_name = "FILE", help_heading = "Network")]
    out: Option<PathBuf>,
    #[command(flatten)]
    keys: NetworkKeyArgs,
    /// Gap to the optimum, relative to the objective, at which the search stops; a decimal or p/q
    #[arg(long, help_heading = "Search and proof", value_name = "T", default_value = "1e-8", value_parser = tolerance, allow_hyphen_values = true)]
    tolerance: Rat,
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
    search: SearchArgs,
    #[command(flatten)]
    run: RunArgs,
}

impl Args {
    fn method(&self) -> Method {
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
}

pub(super) fn run(args: Args, started: Instant) -> miette::Result<ExitCode> {
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
    ];
    let outputs = [
        ("--out", args.out.as_ref()),
        ("--proof", search.proof.as_ref()),
        ("--checkpoint", search.checkpoint.as_ref()),
    ];
    args.out.as_deref().map(NetworkFormat::of).transpose()?;
    // A search may save its state to the file it was resumed from.
    let inputs: Vec<_> = given(&inputs)
        .into_iter()
        .filter(|file| Some(file.1) != search.checkpoint.as_deref())
        .collect();
    check_outputs(&inputs, &given(&outputs))?;

    let hidden_bias = args.objective.hidden_bias(!args.no_bias)?;
    let output_bias = args.output_bias()?;
    let init = match &args.init {
        Some(path) => Some(NetworkFile::read(path, &(&args.keys).into())?.network),
        None => None,
    };
    let data = args.data.read(args.data.target())?;
    // The decay plays no part in β_max.
    let decay = decay.unwrap_or_else(|| Decay::WeightDecay(Rat::one()));
    let activation = args.data.activation.0.clone();
    let problem = Problem::new(
        data,
        activation,
        args.objective.loss.into(),
        decay,
        hidden_bias,
        output_bias,
    )?;
    if let Some(network) = &init {
        problem.check_network(network)?;
    }

    let options = RunOptions {
        method: args.method(),
        ..search.options(&args.run, &args.tolerance, started)
    };
    interrupt::install();
    if args.beta_max {
        let found = run::beta_max(&problem, &options).map_err(report::run_error)?;
        print(&report::beta_max(&problem, &found, args.run.json))?;
        return Ok(ExitCode::SUCCESS);
    }
    let certificate = match run::solve(&problem, init.as_ref(), &options) {
        Err(error @ RunError::TooManyCells { .. }) => {
            print_error(&report::run_error(error));
            return Ok(ExitCode::from(LIMIT));
        }
        result => result.map_err(report::run_error)?,
    };
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
