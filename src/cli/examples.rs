//! `relucert init` and `relucert examples`: files to begin with.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use super::error::UsageError;
use super::print;
use crate::files;
use crate::problem::nearest;

/// A file that comes with the program.
struct Bundled {
    name: &'static str,
    bytes: &'static [u8],
}

macro_rules! bundled {
    ($name:literal, $path:literal) => {
        Bundled {
            name: $name,
            bytes: include_bytes!(concat!("../../fixtures/", $path)),
        }
    };
}

const XOR: Bundled = bundled!("xor.csv", "data/xor.csv");
const IRIS: Bundled = bundled!("iris.csv", "data/iris.csv");
const FIVE: Bundled = bundled!("five_points.csv", "data/five_points.csv");
const IRIS_MODEL: Bundled = bundled!(
    "model.safetensors",
    "networks/iris_adam_early/model.safetensors"
);
const IRIS_ONNX: Bundled = bundled!("model.onnx", "networks/iris_adam_early/model.onnx");
const TEXTBOOK: Bundled = bundled!("textbook.json", "networks/xor/textbook.json");
const BEST: Bundled = bundled!("best.json", "networks/xor/best.json");
const FLAT: Bundled = bundled!("flat.json", "networks/five/flat.json");
const XOR_PROOF: Bundled = bundled!("xor.proof", "proofs/xor_by_hand.proof");

/// A command with the files it reads.
struct Example {
    name: &'static str,
    what: &'static str,
    command: &'static str,
    files: &'static [&'static Bundled],
}

const EXAMPLES: [Example; 10] = [
    Example {
        name: "iris",
        what: "a network that was stopped early, trained with PyTorch on Fisher's iris data: not optimal",
        command: "certify --data iris.csv --network model.safetensors --weight-decay 0.01 --tolerance 1e-2",
        files: &[&IRIS, &IRIS_MODEL],
    },
    Example {
        name: "onnx",
        what: "the same network from an ONNX file: its outputs",
        command: "predict --data iris.csv --network model.onnx",
        files: &[&IRIS, &IRIS_ONNX],
    },
    Example {
        name: "xor",
        what: "the network for XOR that textbooks have, with weight decay: not optimal",
        command: "certify --data xor.csv --network textbook.json --loss half-sum --weight-decay 0.1",
        files: &[&XOR, &TEXTBOOK],
    },
    Example {
        name: "solve",
        what: "the optimal network for XOR, from the data alone",
        command: "solve --data xor.csv --loss half-sum --weight-decay 0.1 --no-bias",
        files: &[&XOR],
    },
    Example {
        name: "path",
        what: "iris at six decays, each with its bracket",
        command: "solve --data iris.csv --path max:0.01max:6",
        files: &[&IRIS],
    },
    Example {
        name: "minima",
        what: "every local minimum of two neurons on five points",
        command: "minima --data five_points.csv --width 2 --loss sum --ridge 1/2",
        files: &[&FIVE],
    },
    Example {
        name: "fixed-width",
        what: "a neuron that is optimal among networks of one neuron only",
        command: "certify --data five_points.csv --network flat.json --loss sum --ridge 1/2 --fixed-width",
        files: &[&FIVE, &FLAT],
    },
    Example {
        name: "cells",
        what: "the activation patterns of a ReLU on XOR, each with a point inside",
        command: "cells --data xor.csv --list",
        files: &[&XOR],
    },
    Example {
        name: "check",
        what: "a proof written by hand, verified",
        command: "check xor.proof",
        files: &[&XOR_PROOF],
    },
    Example {
        name: "objective",
        what: "which objective a scikit-learn network minimises",
        command: "objective --from scikit-learn --samples 150 --model MLPRegressor(hidden_layer_sizes=(20,),alpha=0.01,solver='lbfgs')",
        files: &[],
    },
];

/// The file that `relucert init` writes.
const MANIFEST: Bundled = Bundled {
    name: "relucert.toml",
    bytes: include_bytes!("init.toml"),
};

/// List the examples that come with the program, or run one
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  relucert examples\n  relucert examples minima\n  relucert examples iris --write iris-example"
)]
pub(super) struct ExamplesArgs {
    /// The example to run
    #[arg(value_name = "NAME")]
    name: Option<String>,
    /// Write the files of the example to this folder, and do not run it
    #[arg(long, value_name = "DIR", requires = "name")]
    write: Option<PathBuf>,
}

/// Write an example of test cases: a commented relucert.toml with its data and networks
///
/// `relucert test` passes on it. Files that exist are not overwritten.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  relucert init && relucert test\n  relucert init tests/networks"
)]
pub(super) struct InitArgs {
    /// The folder
    #[arg(value_name = "DIR", default_value = ".")]
    folder: PathBuf,
}

pub(super) fn init(args: &InitArgs) -> miette::Result<ExitCode> {
    let folder = &args.folder;
    write(folder, &[&MANIFEST, &XOR, &TEXTBOOK, &BEST, &FIVE])?;
    let shown = if folder == Path::new(".") {
        String::new()
    } else {
        format!(" {}", folder.display())
    };
    print(&format!(
        "{} and the data and networks of its cases are written; run them with: relucert test{shown}\n",
        folder.join(MANIFEST.name).display()
    ))?;
    Ok(ExitCode::SUCCESS)
}

pub(super) fn examples(args: &ExamplesArgs) -> miette::Result<ExitCode> {
    let Some(name) = &args.name else {
        print(&list())?;
        return Ok(ExitCode::SUCCESS);
    };
    let Some(example) = EXAMPLES.iter().find(|example| example.name == name) else {
        let names = || EXAMPLES.iter().map(|example| example.name);
        return Err(UsageError::NoExample {
            name: name.clone(),
            nearest: nearest(name, names()).map(str::to_owned),
            names: names().collect::<Vec<_>>().join(", "),
        }
        .into());
    };
    if let Some(folder) = &args.write {
        write(folder, example.files)?;
        print(&format!(
            "cd {}\n{}\n",
            folder.display(),
            command_line(example)
        ))?;
        return Ok(ExitCode::SUCCESS);
    }
    let failed = |source| UsageError::Example { source };
    let folder = tempfile::tempdir().map_err(failed)?;
    write(folder.path(), example.files)?;
    print(&format!("$ {}\n", command_line(example)))?;
    let status = std::env::current_exe()
        .and_then(|program| {
            Command::new(program)
                .args(example.command.split(' '))
                .current_dir(folder.path())
                .status()
        })
        .map_err(failed)?;
    // The status of the example itself: that of a verdict says more than that of having run it.
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    Ok(ExitCode::from(code.unwrap_or(3)))
}

fn list() -> String {
    let mut text = String::new();
    for example in &EXAMPLES {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{:<12} {}", example.name, example.what);
        let _ = writeln!(text, "{:<12} {}", "", command_line(example));
    }
    text + "\nRun one with: relucert examples NAME; or take its files: relucert examples NAME --write DIR\n"
}

/// The command as it is typed in a shell.
fn command_line(example: &Example) -> String {
    let words: Vec<String> = example
        .command
        .split(' ')
        .map(|word| {
            if word.contains(['(', '\'', '*']) {
                format!("\"{word}\"")
            } else {
                word.to_owned()
            }
        })
        .collect();
    format!("relucert {}", words.join(" "))
}

/// Writes files to a folder, none of which may exist.
fn write(folder: &Path, list: &[&Bundled]) -> Result<(), UsageError> {
    let unwritable = |path: &Path, source| UsageError::NotWritten {
        path: path.to_owned(),
        source,
    };
    std::fs::create_dir_all(folder).map_err(|e| unwritable(folder, e))?;
    for file in list {
        let path = folder.join(file.name);
        if path.exists() {
            return Err(UsageError::Exists { path });
        }
    }
    for file in list {
        let path = folder.join(file.name);
        files::write_atomically(&path, |out| out.write_all(file.bytes))
            .map_err(|e| unwritable(&path, e))?;
    }
    Ok(())
}
