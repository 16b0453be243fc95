//! Arguments that several commands share.

use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::{Duration, Instant};

use clap::{Args, ValueEnum};
use miette::Diagnostic;
use num_traits::{One, Signed};

use super::error::UsageError;
use crate::exact::{Rat, Round, f32_to_rat, parse_ratio, rat_to_f32, to_decimal, to_exact_decimal};
use crate::files;
use crate::problem::{
    Activation, DataOptions, Dataset, Decay, Float, HiddenBias, Loss, Network, NetworkFile,
    NetworkKeys, OutputBias, Problem, ProblemError, Target,
};
use crate::run::{Method, RunOptions, Trees, Watch};

/// The data and how to read them.
#[derive(Debug, Args)]
#[command(next_help_heading = "Data")]
pub(super) struct DataArgs {
    /// The data: CSV with a header, .npz with arrays X and y, or .npy with the target in the last column
    #[arg(long, value_name = "FILE")]
    pub data: PathBuf,
    /// The target column [default: the last column; `y` in .npz]
    #[arg(long, value_name = "NAME")]
    pub target: Option<String>,
    /// The feature columns, in the order of the network's inputs [default: all others in file order]
    #[arg(long, value_name = "A,B,C")]
    pub features: Option<String>,
    /// Consecutive rows with the same value in this column are one sample: the network's outputs on them are summed
    #[arg(long, value_name = "COLUMN")]
    pub group: Option<String>,
    /// Round every number to this float first, as a training script that loaded the data did [default: exact]
    #[arg(long, value_name = "FLOAT")]
    pub data_float: Option<FloatArg>,
    /// The activation: relu, abs, or leaky:SLOPE for max(SLOPE·t, t) [default: that of an .onnx network, else relu]
    #[arg(long, value_name = "NAME", allow_hyphen_values = true)]
    pub activation: Option<ActivationArg>,
}

impl DataArgs {
    /// Reads the data.
    pub fn read(&self, target: Target) -> miette::Result<Dataset> {
        let options = DataOptions {
            target,
            features: self.features.as_deref().map(split_names).transpose()?,
            group: self.group.clone(),
            float: self.data_float.map(Float::from),
        };
        Ok(Dataset::read(&self.data, &options)?)
    }

    /// The activation that is asked for, else ReLU.
    pub fn activation(&self) -> Activation {
        self.activation
            .as_ref()
            .map_or_else(Activation::relu, |given| given.0.clone())
    }

    /// The activation for a network from a file, with a note where the file chooses it.
    ///
    /// A slope in the file is a float: it agrees with the option's if that rounds to it, and then the option's is meant.
    pub fn activation_of(
        &self,
        file: &NetworkFile,
        path: &Path,
        quiet: bool,
    ) -> Result<Activation, UsageError> {
        let (Some(found), Some(given)) = (&file.activation, &self.activation) else {
            let activation = file.activation.clone().unwrap_or(self.activation());
            if self.activation.is_none() && activation != Activation::relu() && !quiet {
                let name = show_activation(&activation);
                eprintln!("note: the activation is {name}, as in {}", path.display());
            }
            return Ok(activation);
        };
        let given = &given.0;
        let rounded = |slope: &Rat| f32_to_rat(rat_to_f32(slope));
        if given.high == found.high && rounded(&given.low) == rounded(&found.low) {
            return Ok(given.clone());
        }
        Err(UsageError::OtherActivation {
            given: show_activation(given),
            found: show_activation(found),
            path: path.to_owned(),
        })
    }

    /// The target column where the data have one.
    pub fn target(&self) -> Target {
        self.target.clone().map_or(Target::Last, Target::Named)
    }
}

/// An activation as --activation takes it.
pub(super) fn show_activation(activation: &Activation) -> String {
    if *activation == Activation::relu() {
        "relu".to_owned()
    } else if *activation == Activation::abs() {
        "abs".to_owned()
    } else {
        let slope = to_exact_decimal(&activation.low).unwrap_or(activation.low.to_string());
        format!("leaky:{slope}")
    }
}

/// Prints what a user should know about how a network's file was read.
pub(super) fn print_notes(file: &NetworkFile, quiet: bool) {
    if !quiet {
        for note in &file.notes {
            eprintln!("note: {note}");
        }
    }
}

/// Names separated by commas, quoted as in CSV where they contain one.
pub(super) fn split_names(text: &str) -> Result<Vec<String>, UsageError> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(text.as_bytes());
    match reader.records().next() {
        Some(Ok(record)) => Ok(record.iter().map(|name| name.trim().to_owned()).collect()),
        _ => Err(UsageError::Features),
    }
}

/// The names of a network's tensors.
#[derive(Debug, Args)]
#[command(next_help_heading = "Tensor names (.npz, .safetensors)")]
pub(super) struct NetworkKeyArgs {
    /// Name of the hidden weights, of shape (m, d) [default: found by PyTorch's names]
    #[arg(long, value_name = "NAME")]
    pub hidden_weights_key: Option<String>,
    /// Name of the hidden biases, of shape (m,)
    #[arg(long, value_name = "NAME")]
    pub hidden_bias_key: Option<String>,
    /// Name of the output weights, of shape (1, m)
    #[arg(long, value_name = "NAME")]
    pub output_weights_key: Option<String>,
    /// Name of the output bias, of shape (1,)
    #[arg(long, value_name = "NAME")]
    pub output_bias_key: Option<String>,
}

impl From<&NetworkKeyArgs> for NetworkKeys {
    fn from(args: &NetworkKeyArgs) -> Self {
        NetworkKeys {
            hidden_weights: args.hidden_weights_key.clone(),
            hidden_bias: args.hidden_bias_key.clone(),
            output_weights: args.output_weights_key.clone(),
            output_bias: args.output_bias_key.clone(),
        }
    }
}

/// The objective, in the user's convention.
#[derive(Debug, Args)]
#[command(next_help_heading = "Objective")]
pub(super) struct ObjectiveArgs {
    /// The loss: half-sum ½Σ(f−y)², sum Σ(f−y)², mean (1/n)Σ(f−y)² as PyTorch's MSELoss, half-mean (1/2n)Σ(f−y)²
    #[arg(long, value_name = "LOSS", default_value = "mean")]
    pub loss: LossArg,
    /// Add (λ/2)·‖θ‖², as PyTorch's weight_decay does; a decimal or p/q
    #[arg(long, value_name = "λ", value_parser = ratio, allow_hyphen_values = true)]
    pub weight_decay: Option<Rat>,
    /// Add λ·‖θ‖²; a decimal or p/q
    #[arg(long, value_name = "λ", value_parser = ratio, allow_hyphen_values = true)]
    pub ridge: Option<Rat>,
    /// Parameters that the penalty leaves out; may be given twice
    #[arg(long, value_name = "BIAS")]
    pub no_decay: Vec<BiasArg>,
}

impl ObjectiveArgs {
    /// The penalty, if one is given.
    pub fn given_decay(&self) -> miette::Result<Option<Decay>> {
        let decay = match (&self.weight_decay, &self.ridge) {
            (Some(_), Some(_)) => return Err(UsageError::BothDecays.into()),
            (None, None) => return Ok(None),
            (Some(lambda), None) => Decay::WeightDecay(lambda.clone()),
            (None, Some(lambda)) => Decay::Ridge(lambda.clone()),
        };
        if !decay.lambda().is_positive() {
            let lambda = decay.lambda().clone();
            return Err(ProblemError::DecayNotPositive { lambda }.into());
        }
        Ok(Some(decay))
    }

    /// The penalty.
    pub fn decay(&self) -> miette::Result<Decay> {
        Ok(self.given_decay()?.ok_or(UsageError::NoDecay)?)
    }

    /// Whether a hidden bias is decayed, for networks that have one or not.
    pub fn hidden_bias(&self, present: bool) -> Result<HiddenBias, UsageError> {
        match (present, self.no_decay.contains(&BiasArg::HiddenBias)) {
            (true, false) => Ok(HiddenBias::Decayed),
            (true, true) => Ok(HiddenBias::Undecayed),
            (false, false) => Ok(HiddenBias::None),
            (false, true) => Err(UsageError::NoSuchBias {
                bias: "hidden-bias",
                name: "hidden bias",
            }),
        }
    }

    /// Whether an output bias is decayed, for networks that have one or not.
    pub fn output_bias(&self, present: bool) -> Result<OutputBias, UsageError> {
        match (present, self.no_decay.contains(&BiasArg::OutputBias)) {
            (true, false) => Ok(OutputBias::Decayed),
            (true, true) => Ok(OutputBias::Free),
            (false, false) => Ok(OutputBias::None),
            (false, true) => Err(UsageError::NoSuchBias {
                bias: "output-bias",
                name: "output bias",
            }),
        }
    }
}

/// How a command runs and prints.
#[derive(Debug, Args)]
#[command(next_help_heading = "Run")]
pub(super) struct RunArgs {
    /// Print the result as JSON
    #[arg(long)]
    pub json: bool,
    /// Worker threads [default: all cores]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..), allow_negative_numbers = true)]
    pub threads: Option<u16>,
    /// Stop after this many seconds and report what is proven by then
    #[arg(long, value_name = "SECONDS", value_parser = seconds, allow_hyphen_values = true)]
    pub time_limit: Option<Duration>,
    /// No progress on the terminal
    #[arg(long, short)]
    pub quiet: bool,
    /// Say on the terminal what was read and how long each phase took
    #[arg(long, short, conflicts_with = "quiet")]
    pub verbose: bool,
}

/// How far a search goes and what it keeps.
#[derive(Debug, Args)]
#[command(next_help_heading = "Search and proof")]
pub(super) struct SearchArgs {
    /// Write the proof to this file; compressed if the name ends in .gz
    #[arg(long, value_name = "FILE")]
    pub proof: Option<PathBuf>,
    /// Leaves at which the search stops; a fan has a number to begin with that is not asked
    #[arg(long, value_name = "L", value_parser = clap::value_parser!(u64).range(1..), allow_negative_numbers = true)]
    pub max_leaves: Option<u64>,
    /// What proves the bound: fans of simplicial cones (few features), trees of rows with quadratic or quartic leaves (many), or whichever does better
    #[arg(long, value_enum, default_value_t = TreesArg::Auto)]
    pub trees: TreesArg,
    /// Save the state of a long search to this file now and then
    #[arg(long, value_name = "FILE")]
    pub checkpoint: Option<PathBuf>,
    /// Go on from a saved state; the leaves of trees of rows are bounded anew first, which takes a part of the time that they took
    #[arg(long, value_name = "FILE")]
    pub resume: Option<PathBuf>,
    /// Seed of the local searches
    #[arg(
        long,
        value_name = "SEED",
        default_value_t = 0,
        allow_negative_numbers = true
    )]
    pub seed: u64,
}

impl RunArgs {
    /// With `--verbose`, says what was read.
    pub fn say_problem(&self, problem: &Problem, network: Option<&Network>) {
        if !self.verbose {
            return;
        }
        let threads = self.threads.map_or_else(
            || std::thread::available_parallelism().map_or(1, usize::from),
            usize::from,
        );
        eprintln!(
            "relucert {}, {threads} threads; {} samples, {} rows, {} features; activation {}; β = {}",
            env!("CARGO_PKG_VERSION"),
            problem.n(),
            problem.rows(),
            problem.data.d,
            show_activation(&problem.activation),
            to_decimal(&problem.beta(), 9, Round::Nearest),
        );
        if let Some(network) = network {
            eprintln!("network of {} neurons", network.width());
        }
    }

    /// With `--verbose`, says how long the phases took. Seconds.
    pub fn say_phases(&self, phases: &[(&'static str, f64)], started: Instant) {
        if self.verbose {
            let list: String = phases
                .iter()
                .map(|(name, seconds)| format!("{name} {seconds:.3} s, "))
                .collect();
            eprintln!("{list}{:.3} s in all", started.elapsed().as_secs_f64());
        }
    }

    /// Gives the global thread pool as many threads as were asked for.
    pub fn start_threads(&self) {
        if let Some(threads) = self.threads {
            // Only a second call could fail.
            let _ = rayon::ThreadPoolBuilder::new()
                .num_threads(usize::from(threads))
                .build_global();
        }
    }
}

impl SearchArgs {
    /// The options of a run.
    pub fn options(&self, run: &RunArgs, tolerance: &Rat, started: Instant) -> RunOptions {
        RunOptions {
            tolerance: tolerance.clone(),
            time_limit: run.time_limit,
            started,
            max_leaves: self.max_leaves,
            threads: run.threads.map(usize::from),
            proof: self.proof.clone(),
            checkpoint: self.checkpoint.clone(),
            resume: self.resume.clone(),
            seed: self.seed,
            method: Method::Auto,
            trees: self.trees.into(),
            quiet: run.quiet || run.json,
            watch: Watch::default(),
        }
    }
}

/// `--trees`.
#[derive(Copy, Clone, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum TreesArg {
    /// Fans where they may do, then trees of rows; the better bound
    Auto,
    /// Fans of simplicial cones
    Fan,
    /// Trees of rows with quadratic leaves, then quartic ones where these are not enough (not with an undecayed hidden bias)
    Rows,
    /// Trees of rows with quartic leaves from the start (at most 12 columns)
    Quartic,
}

impl From<TreesArg> for Trees {
    fn from(arg: TreesArg) -> Trees {
        match arg {
            TreesArg::Auto => Trees::Auto,
            TreesArg::Fan => Trees::Fan,
            TreesArg::Rows => Trees::Rows,
            TreesArg::Quartic => Trees::Quartic,
        }
    }
}

/// A file that a command reads or writes, with the option that names it.
pub(super) type Named<'a> = (&'static str, &'a Path);

/// Whether the outputs can be written, and none of them is another output or an input: known before any long work.
pub(super) fn check_outputs(inputs: &[Named], outputs: &[Named]) -> Result<(), UsageError> {
    let same = |a: &Path, b: &Path| match (location(a), location(b)) {
        // A device like /dev/null can be named twice.
        (Some(a), Some(b)) => a == b && (a.is_file() || !a.exists()),
        _ => a == b,
    };
    for (i, &(flag, path)) in outputs.iter().enumerate() {
        files::check_writable(path).map_err(|source| UsageError::Unwritable {
            flag,
            path: path.to_owned(),
            source,
        })?;
        if let Some((first, _)) = inputs
            .iter()
            .chain(&outputs[..i])
            .find(|(_, other)| same(other, path))
        {
            return Err(UsageError::SameFile {
                first,
                second: flag,
                path: path.to_owned(),
            });
        }
    }
    Ok(())
}

/// Where a file is, or would be.
fn location(path: &Path) -> Option<PathBuf> {
    path.canonicalize().ok().or_else(|| {
        let folder = path
            .parent()
            .filter(|folder| *folder != Path::new(""))
            .unwrap_or(Path::new("."));
        Some(folder.canonicalize().ok()?.join(path.file_name()?))
    })
}

/// The options that are given, with their names.
pub(super) fn given<'a>(files: &[(&'static str, Option<&'a PathBuf>)]) -> Vec<Named<'a>> {
    files
        .iter()
        .filter_map(|&(flag, path)| path.map(|path| (flag, path.as_path())))
        .collect()
}

/// A decimal or p/q.
pub(super) fn ratio(text: &str) -> Result<Rat, String> {
    parse_ratio(text.trim()).map_err(|e| {
        let point = text.replace(',', ".");
        match parse_ratio(point.trim()) {
            Ok(_) => format!("{e}; decimals have a point: {point}"),
            Err(_) => format!("{e}; give a decimal or p/q"),
        }
    })
}

/// A relative tolerance.
pub(super) fn tolerance(text: &str) -> Result<Rat, String> {
    let tolerance = ratio(text)?;
    if tolerance.is_negative() || tolerance >= Rat::one() {
        return Err(
            "the tolerance is relative to the objective: at least 0 and below 1".to_owned(),
        );
    }
    Ok(tolerance)
}

/// A positive time in seconds.
pub(super) fn seconds(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text
        .trim()
        .parse()
        .map_err(|_| "give a number of seconds".to_owned())?;
    Duration::try_from_secs_f64(seconds)
        .ok()
        .filter(|time| !time.is_zero())
        .ok_or_else(|| "give a positive number of seconds, 1e19 at most".to_owned())
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum FloatArg {
    F32,
    F64,
}

impl From<FloatArg> for Float {
    fn from(float: FloatArg) -> Self {
        match float {
            FloatArg::F32 => Float::F32,
            FloatArg::F64 => Float::F64,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum LossArg {
    HalfSum,
    Sum,
    Mean,
    HalfMean,
}

impl From<LossArg> for Loss {
    fn from(loss: LossArg) -> Self {
        match loss {
            LossArg::HalfSum => Loss::HalfSum,
            LossArg::Sum => Loss::Sum,
            LossArg::Mean => Loss::Mean,
            LossArg::HalfMean => Loss::HalfMean,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum BiasArg {
    HiddenBias,
    OutputBias,
}

/// An activation by its name.
#[derive(Debug, Clone)]
pub(super) struct ActivationArg(pub Activation);

impl FromStr for ActivationArg {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once(':') {
            None if text == "relu" => Ok(ActivationArg(Activation::relu())),
            None if text == "abs" => Ok(ActivationArg(Activation::abs())),
            Some(("leaky", slope)) => {
                Activation::leaky(ratio(slope)?)
                    .map(ActivationArg)
                    .map_err(|e| match e.help() {
                        Some(help) => format!("{e}: {help}"),
                        None => e.to_string(),
                    })
            }
            _ => Err("the activations are relu, abs and leaky:SLOPE".to_owned()),
        }
    }
}
