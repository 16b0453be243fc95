//! `relucert predict`.

use std::fmt::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use serde_json::{Value, json};

use super::args::{DataArgs, NetworkKeyArgs, RunArgs, check_outputs, given, print_notes};
use super::error::UsageError;
use super::print;
use crate::exact::{Rat, Round, quotient_to_f64, to_decimal};
use crate::files;
use crate::problem::{NetworkFile, Outputs, Target};

/// Compute a network's outputs on data
///
/// The outputs are computed exactly and printed as CSV: correctly rounded to double precision, or with --exact as the rationals they are.
/// Data that hold no target column are read with `--target none`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    relucert predict --network model.safetensors --data test.csv --out predictions.csv\n  \
    relucert predict --network model.json --data inputs.csv --target none --exact")]
pub(super) struct Args {
    /// The network: .json, .safetensors, .npz or .onnx
    #[arg(long, value_name = "FILE", help_heading = "Network")]
    network: PathBuf,
    #[command(flatten)]
    data: DataArgs,
    /// Write the outputs to this file instead of the terminal
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    out: Option<PathBuf>,
    /// Print exact rationals p/q
    #[arg(long, help_heading = "Output")]
    exact: bool,
    #[command(flatten)]
    keys: NetworkKeyArgs,
    #[command(flatten)]
    run: RunArgs,
}

pub(super) fn run(args: &Args) -> miette::Result<ExitCode> {
    let inputs = [
        ("--data", Some(&args.data.data)),
        ("--network", Some(&args.network)),
    ];
    check_outputs(&given(&inputs), &given(&[("--out", args.out.as_ref())]))?;
    let file = NetworkFile::read(&args.network, &(&args.keys).into())?;
    print_notes(&file, args.run.quiet);
    let activation = args
        .data
        .activation_of(&file, &args.network, args.run.quiet)?;
    let target = match args.data.target() {
        Target::Named(name) if name == "none" => Target::None,
        target => target,
    };
    let data = args.data.read(target)?;
    let outputs = data.outputs(&activation, &file.network)?;
    if args.run.verbose {
        let (neurons, samples) = (file.network.width(), data.samples);
        eprintln!("network of {neurons} neurons; {samples} samples");
    }
    let texts = texts(outputs, args.exact);
    let text = if args.run.json {
        let values: Vec<Value> = if args.exact {
            texts.into_iter().map(Value::from).collect()
        } else {
            // A decimal is a JSON number as it stands.
            texts
                .iter()
                .map(|text| serde_json::from_str(text).unwrap_or(Value::Null))
                .collect()
        };
        format!("{:#}\n", json!({ "predictions": values }))
    } else {
        let mut text = "prediction\n".to_owned();
        for value in texts {
            // Writing to a String cannot fail.
            let _ = writeln!(text, "{value}");
        }
        text
    };
    match &args.out {
        None => print(&text)?,
        Some(path) => files::write_atomically(path, |out| out.write_all(text.as_bytes())).map_err(
            |source| UsageError::Unwritable {
                flag: "--out",
                path: path.clone(),
                source,
            },
        )?,
    }
    Ok(ExitCode::SUCCESS)
}

fn texts(outputs: Outputs, exact: bool) -> Vec<String> {
    let Outputs { values, den } = outputs;
    let rational = |value| Rat::new(value, den.clone());
    values
        .into_iter()
        .map(|value| {
            if exact {
                return rational(value).to_string();
            }
            let float = quotient_to_f64(&value, &den);
            if float.is_finite() {
                format!("{float:?}")
            } else {
                to_decimal(&rational(value), 17, Round::Nearest)
            }
        })
        .collect()
}
