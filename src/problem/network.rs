//! Networks: their parameters as rationals, and the files that hold them.

use std::path::Path;

use num_traits::Zero;

use super::error::{NetworkError, ProblemError};
use super::{
    Activation, Float, HiddenBias, OutputBias, Problem, network_json, network_tensors, onnx,
};
use crate::exact::Rat;

/// A two-layer network with one output, f(x) = c0 + Σ_k α_k φ(w_k·x + b_k). Exact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Network {
    /// w: m×d, a list for each neuron.
    pub hidden_weights: Vec<Vec<Rat>>,
    /// b: length m.
    pub hidden_bias: Option<Vec<Rat>>,
    /// α: length m.
    pub output_weights: Vec<Rat>,
    /// c0.
    pub output_bias: Option<Rat>,
}

impl Network {
    /// The number m of hidden neurons.
    pub fn width(&self) -> usize {
        self.hidden_weights.len()
    }

    /// The number d of inputs; `None` for a network without neurons, which takes any.
    pub fn inputs(&self) -> Option<usize> {
        self.hidden_weights.first().map(Vec::len)
    }

    /// The network that outputs 0.
    pub fn zero() -> Self {
        Network {
            hidden_weights: Vec::new(),
            hidden_bias: None,
            output_weights: Vec::new(),
            output_bias: None,
        }
    }

    /// Reads a network file; its ending says which kind it is.
    ///
    /// # Errors
    ///
    /// [`NetworkError`], with the file and the field.
    pub fn read(path: &Path) -> Result<Self, NetworkError> {
        NetworkFile::read(path, &NetworkKeys::default()).map(|file| file.network)
    }

    /// Whether the lists of the network fit each other, for d inputs.
    pub(super) fn check_shape(&self, features: &[String]) -> Result<(), ProblemError> {
        let m = self.width();
        let width = |found, what| ProblemError::Width {
            expected: m,
            found,
            what,
        };
        if let Some(weights) = self
            .hidden_weights
            .iter()
            .find(|w| w.len() != features.len())
        {
            return Err(ProblemError::InputSize {
                inputs: weights.len(),
                features: features.to_vec(),
            });
        }
        if self.output_weights.len() != m {
            return Err(width(self.output_weights.len(), "output weights"));
        }
        match &self.hidden_bias {
            Some(bias) if bias.len() != m => Err(width(bias.len(), "hidden biases")),
            _ => Ok(()),
        }
    }
}

/// A format of network files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NetworkFormat {
    /// This program's own: exact decimals.
    Json,
    /// NumPy arrays with PyTorch's names.
    Npz,
    /// Tensors with PyTorch's names.
    Safetensors,
    /// A graph with its weights; read, not written.
    Onnx,
}

impl NetworkFormat {
    /// The format that a file's ending says.
    ///
    /// # Errors
    ///
    /// [`NetworkError::UnknownFormat`], or [`NetworkError::Pickle`] or [`NetworkError::Keras`] with the way to convert such a file.
    pub fn of(path: &Path) -> Result<Self, NetworkError> {
        let ending = path
            .extension()
            .and_then(|e| e.to_str())
            .unwrap_or("")
            .to_ascii_lowercase();
        match ending.as_str() {
            "json" => Ok(NetworkFormat::Json),
            "npz" => Ok(NetworkFormat::Npz),
            "safetensors" => Ok(NetworkFormat::Safetensors),
            "onnx" => Ok(NetworkFormat::Onnx),
            "pt" | "pth" | "bin" | "pkl" | "ckpt" => Err(NetworkError::Pickle {
                path: path.to_owned(),
            }),
            "h5" | "hdf5" | "keras" => Err(NetworkError::Keras {
                path: path.to_owned(),
            }),
            _ => Err(NetworkError::UnknownFormat {
                path: path.to_owned(),
            }),
        }
    }

    /// The format of a file that is to be written.
    ///
    /// # Errors
    ///
    /// [`NetworkError::NotWritten`] for a format that is only read, [`NetworkError::UnknownFormat`] for all others.
    pub fn of_output(path: &Path) -> Result<Self, NetworkError> {
        match NetworkFormat::of(path) {
            Ok(NetworkFormat::Onnx) => Err(NetworkError::NotWritten {
                path: path.to_owned(),
            }),
            Ok(format) => Ok(format),
            // How to convert such a file is of no use here.
            Err(_) => Err(NetworkError::UnknownFormat {
                path: path.to_owned(),
            }),
        }
    }
}

/// Names of a network's tensors in a file; those not given are found by PyTorch's names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NetworkKeys {
    /// The hidden weights, (m, d).
    pub hidden_weights: Option<String>,
    /// The hidden biases, (m,).
    pub hidden_bias: Option<String>,
    /// The output weights, (1, m).
    pub output_weights: Option<String>,
    /// The output bias, (1,).
    pub output_bias: Option<String>,
}

impl NetworkKeys {
    /// Whether no name is given.
    pub fn is_empty(&self) -> bool {
        *self == NetworkKeys::default()
    }
}

/// A network and what is known about the file it comes from.
#[derive(Debug, Clone)]
pub struct NetworkFile {
    /// The network.
    pub network: Network,
    /// The float format of the file; `None` if its numbers are decimals, or of several or other formats.
    pub float: Option<Float>,
    /// The activation, where the file says it (ONNX). Exact.
    pub activation: Option<Activation>,
    /// What a user should know about how the file was read.
    pub notes: Vec<String>,
}

impl NetworkFile {
    /// Reads a network file; its ending says which kind it is.
    ///
    /// # Errors
    ///
    /// [`NetworkError`], with the file and the field.
    pub fn read(path: &Path, keys: &NetworkKeys) -> Result<Self, NetworkError> {
        match NetworkFormat::of(path)? {
            format @ (NetworkFormat::Json | NetworkFormat::Onnx) if !keys.is_empty() => {
                let message = if format == NetworkFormat::Json {
                    "a JSON network has no tensor names"
                } else {
                    "the tensors of an ONNX network are found by its graph"
                };
                Err(NetworkError::Malformed {
                    path: path.to_owned(),
                    message: message.to_owned(),
                    help:
                        "leave out the --…-key options, which are for .npz and .safetensors files"
                            .to_owned(),
                })
            }
            NetworkFormat::Onnx => onnx::read(path),
            NetworkFormat::Json => network_json::read(path).map(|network| NetworkFile {
                network,
                float: None,
                activation: None,
                notes: Vec::new(),
            }),
            NetworkFormat::Npz => network_tensors::read(path, keys, true),
            NetworkFormat::Safetensors => network_tensors::read(path, keys, false),
        }
    }
}

impl Problem {
    /// Whether the network is one of those the problem is about: its inputs are the features, and it has no nonzero bias where the
    /// problem has none. A missing bias stands for zeros.
    ///
    /// # Errors
    ///
    /// [`ProblemError`], saying what does not fit.
    pub fn check_network(&self, network: &Network) -> Result<(), ProblemError> {
        network.check_shape(&self.data.features)?;
        let nonzero = |bias: &[Rat]| bias.iter().any(|b| !b.is_zero());
        if self.hidden_bias == HiddenBias::None
            && network.hidden_bias.as_deref().is_some_and(nonzero)
        {
            return Err(ProblemError::Bias {
                bias: "a hidden bias",
                help: "state the problem with a hidden bias (solve: --bias)",
            });
        }
        if self.output_bias == OutputBias::None
            && network.output_bias.as_ref().is_some_and(|b| !b.is_zero())
        {
            return Err(ProblemError::Bias {
                bias: "an output bias",
                help: "state the problem with an output bias (solve: --output-bias decayed or free)",
            });
        }
        Ok(())
    }
}
