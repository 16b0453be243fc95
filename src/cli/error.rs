//! What can be wrong with a command line, beyond what the argument parser finds.

use std::io;
use std::path::PathBuf;

use miette::Diagnostic;
use thiserror::Error;

use crate::arrangement::ArrangementError;
use crate::run::SpacingError;

#[derive(Debug, Error, Diagnostic)]
pub(super) enum UsageError {
    #[error("the objective needs a penalty: neither --weight-decay nor --ridge is given")]
    #[diagnostic(help(
        "give --weight-decay λ, which adds (λ/2)·‖θ‖² as PyTorch's optimisers do, or --ridge λ, which adds λ·‖θ‖²"
    ))]
    NoDecay,
    #[error("--weight-decay and --ridge are both given")]
    #[diagnostic(help(
        "--weight-decay λ adds (λ/2)·‖θ‖², --ridge λ adds λ·‖θ‖²: give the one that the training used"
    ))]
    BothDecays,
    #[error("--path and --{flag} both say what λ is")]
    #[diagnostic(help(
        "leave out --{flag}: the values are those of --path, which --path weight-decay:λ1:λ2:POINTS or --path ridge:λ1:λ2:POINTS takes for (λ/2)·‖θ‖² or λ·‖θ‖²"
    ))]
    DecayAndPath { flag: &'static str },
    #[error("--path: {0}")]
    #[diagnostic(help("the path is [KIND:]λ1:λ2:POINTS, both ends included; see solve --help"))]
    Spacing(#[from] SpacingError),
    #[error("--path: λ_max is 0, so there are no multiples of it")]
    #[diagnostic(help(
        "no hidden neuron is needed at any decay; to see the path all the same, give its ends as numbers"
    ))]
    NoMax,
    #[error("--no-decay {bias}: the networks of this problem have no {name}")]
    #[diagnostic(help("leave out --no-decay {bias}, or give the network that bias"))]
    NoSuchBias {
        bias: &'static str,
        name: &'static str,
    },
    #[error("--output-bias decayed and --no-decay output-bias contradict each other")]
    #[diagnostic(help("an output bias without decay is --output-bias free"))]
    DecayedAndNot,
    #[error("{flag} {}: the file cannot be written: {source}", path.display())]
    #[diagnostic(help("check that the folder exists and that you may write there"))]
    Unwritable {
        flag: &'static str,
        path: PathBuf,
        source: io::Error,
    },
    #[error("the proof {} cannot be read for the report: {source}", path.display())]
    #[diagnostic(help("give --report-proof 0 for a report without a proof"))]
    Unreadable { path: PathBuf, source: io::Error },
    #[error("--plot {}: the name ends neither in .svg nor in .png", path.display())]
    #[diagnostic(help("give a file name that ends in .svg or .png"))]
    PlotFormat { path: PathBuf },
    #[error("--plot: this program was built without PNG files")]
    #[diagnostic(help("give a file that ends in .svg, or build with the feature `png`"))]
    WithoutPng,
    #[error("--beta-max has no report and no plot")]
    #[diagnostic(help("leave out --report and --plot, or --beta-max"))]
    ReportOfBetaMax,
    #[error("--report and --plot are for counts, not for lists")]
    #[diagnostic(help("leave out --list, --rays or --zonotope"))]
    ReportOfList,
    #[cfg(feature = "png")]
    #[error("--plot: {0}")]
    #[diagnostic(help("give a file that ends in .svg"))]
    Png(String),
    #[error("--figure {name}: there is no such figure of this problem and command")]
    #[diagnostic(help("there are: {others}"))]
    NoFigure { name: &'static str, others: String },
    #[error("{first} and {second} name the same file {}", path.display())]
    #[diagnostic(help("give every file its own name"))]
    SameFile {
        first: &'static str,
        second: &'static str,
        path: PathBuf,
    },
    #[error("--features: the list of names cannot be read")]
    #[diagnostic(help(
        "separate the names by commas; a name that contains a comma is put in double quotes"
    ))]
    Features,
    #[error("--dtype is for .npz and .safetensors files, but {} is JSON", path.display())]
    #[diagnostic(help("leave out --dtype: JSON holds exact decimals"))]
    DtypeOfJson { path: PathBuf },
    #[error("--activation {given}, but the network in {} has {found}", path.display())]
    #[diagnostic(help("leave out --activation: the file says what the activation is"))]
    OtherActivation {
        given: String,
        found: String,
        path: PathBuf,
    },
    #[error("the output cannot be written: {0}")]
    #[diagnostic(help("write to a file with --out FILE"))]
    Stdout(io::Error),
    #[error("--json and --format name different formats")]
    #[diagnostic(help("give one of them"))]
    TwoFormats,
    #[error("--format npy: counts are no array")]
    #[diagnostic(help("use --json, or list vectors with --list, --rays or --zonotope"))]
    CountAsArray,
    #[error("--format npy needs a file")]
    #[diagnostic(help("give --out FILE"))]
    ArrayToTerminal,
    #[error("neither --data nor --normals is given")]
    #[diagnostic(help("give --data FILE, or --normals FILE for a plain arrangement"))]
    NoRows,
    #[error("{0}")]
    #[diagnostic(help("if this is the functional, give another --seed"))]
    Arrangement(#[from] ArrangementError),
    #[error("--method full: the full program has {count} cells, more than --max-cells {limit}")]
    #[diagnostic(help(
        "use --method columns, which takes only the cells that matter; or raise --max-cells, if there is memory and time"
    ))]
    TooManyCells { count: String, limit: u64 },
    #[error("a proof at one width: the data may have {count} cells, more than {limit}")]
    #[diagnostic(help(
        "proofs at one width are for tiny problems: leave out --fixed-width or --proof, or take fewer samples or features"
    ))]
    TooManyParts { count: String, limit: u64 },
    #[error(
        "--method full and --resume cannot be used together: a saved state already has its network"
    )]
    #[diagnostic(help("leave out --method: the search for the proof goes on from where it was"))]
    ResumedFull,
    #[error("there is no case whose name contains `{filter}`")]
    #[diagnostic(help("leave out --filter to run all cases"))]
    NoCases { filter: String },
    #[error("there is no example `{name}`")]
    #[diagnostic(help("{}the examples are {names}", nearest.as_ref().map_or(String::new(), |n| format!("did you mean `{n}`? "))))]
    NoExample {
        name: String,
        nearest: Option<String>,
        names: String,
    },
    #[error("the example cannot be run: {source}")]
    #[diagnostic(help("take its files with --write DIR and run its command there"))]
    Example { source: io::Error },
    #[error("{}: cannot be written: {source}", path.display())]
    #[diagnostic(help("check that you may write there"))]
    NotWritten { path: PathBuf, source: io::Error },
    #[error("neither XDG_DATA_HOME nor HOME says where your data are")]
    #[diagnostic(help("give the folder with --prefix DIR"))]
    NoHome,
    #[error("{}: the file exists", path.display())]
    #[diagnostic(help("give another folder, or move the file away: nothing is overwritten"))]
    Exists { path: PathBuf },
    #[error("{0}")]
    Run(String),
    #[error("{0}")]
    #[diagnostic(help("{1}"))]
    Minima(String, &'static str),
}
