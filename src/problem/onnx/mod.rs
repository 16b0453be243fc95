//! Networks in ONNX files: a graph that multiplies, adds, activates, multiplies and adds again.
//!
//! The graph is followed from its input to its output, and each node has to be the next step of a two-layer network (`layers`). Weights
//! keep the bits that they have in the file. Source: the ONNX specification (intermediate representation and operators).

mod data;
mod layers;
mod model;
#[cfg(test)]
mod tests;
mod wire;

use std::path::Path;

use super::error::NetworkError;
use super::network::NetworkFile;
use model::{Model, Wrong};

/// Reads a network from an .onnx file; data that are stored in other files of its folder are read from there.
pub(super) fn read(path: &Path) -> Result<NetworkFile, NetworkError> {
    let bytes = std::fs::read(path).map_err(|source| NetworkError::Io {
        path: path.to_owned(),
        source,
    })?;
    parse(path, &bytes)
}

/// Parses the bytes of an .onnx file; other files are looked for in the folder of `path`.
fn parse(path: &Path, bytes: &[u8]) -> Result<NetworkFile, NetworkError> {
    Model::parse(bytes)
        .and_then(|model| layers::network(&model, path))
        .map_err(|wrong| error(path, wrong))
}

fn error(path: &Path, wrong: Wrong) -> NetworkError {
    let path = path.to_owned();
    let help = wrong.help.to_owned();
    let message = wrong.message;
    match (wrong.outputs, wrong.node, wrong.tensor) {
        (Some(outputs), _, tensor) => NetworkError::SeveralOutputs {
            path,
            field: tensor.unwrap_or_default(),
            outputs,
        },
        (None, Some(node), _) => NetworkError::Node {
            path,
            node,
            message,
            help,
        },
        (None, None, Some(field)) => NetworkError::Field {
            path,
            field,
            message,
            help,
        },
        (None, None, None) => NetworkError::Malformed {
            path,
            message,
            help,
        },
    }
}
