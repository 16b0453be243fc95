//! `relucert convert`.

use std::path::PathBuf;
use std::process::ExitCode;

use super::args::{FloatArg, NetworkKeyArgs, check_outputs, print_notes, show_activation};
use super::error::UsageError;
use crate::problem::{Activation, Float, NetworkFile, NetworkFormat, WriteOptions};

/// Convert a network between .json, .safetensors and .npz, or from .onnx
///
/// The numbers stay exactly what they are. Where the new format cannot hold one it is an error, unless --round is given.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    relucert convert model.safetensors model.json\n  \
    relucert convert model.onnx model.safetensors\n  \
    relucert convert solved.json model.npz --dtype f32 --round")]
pub(super) struct Args {
    /// The network to read
    #[arg(value_name = "FROM")]
    from: PathBuf,
    /// The file to write
    #[arg(value_name = "TO")]
    to: PathBuf,
    /// Round numbers that the new format cannot hold to the nearest it can
    #[arg(long)]
    round: bool,
    /// The float format of .npz and .safetensors [default: f32 if FROM has it and it is exact, else f64]
    #[arg(long, value_name = "FLOAT")]
    dtype: Option<FloatArg>,
    #[command(flatten)]
    keys: NetworkKeyArgs,
}

pub(super) fn run(args: &Args) -> miette::Result<ExitCode> {
    NetworkFormat::of(&args.from)?;
    if NetworkFormat::of_output(&args.to)? == NetworkFormat::Json && args.dtype.is_some() {
        return Err(UsageError::DtypeOfJson {
            path: args.to.clone(),
        }
        .into());
    }
    // A network may be converted in its place: it is read before it is written.
    check_outputs(&[], &[("TO", &args.to)])?;
    let file = NetworkFile::read(&args.from, &(&args.keys).into())?;
    print_notes(&file, false);
    if let Some(activation) = &file.activation
        && *activation != Activation::relu()
    {
        let name = show_activation(activation);
        eprintln!(
            "note: the activation is {name}; {} does not say so",
            args.to.display()
        );
    }
    let options = WriteOptions {
        float: args.dtype.map(Float::from),
        source: file.float,
        round: args.round,
    };
    file.network.write(&args.to, &options)?;
    Ok(ExitCode::SUCCESS)
}
