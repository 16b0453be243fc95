//! Networks as named tensors: what PyTorch saves, in .safetensors and .npz files.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::path::Path;

use super::dataset::Float;
use super::error::{NetworkError, list_names};
use super::limits;
use super::network::{Network, NetworkFile, NetworkKeys};
use super::tensor::{ArchiveComplaint, Tensor, read_npz, read_safetensors, show_shape};
use crate::exact::{Number, Rat};

const KEYS_HELP: &str = "name the tensors with --hidden-weights-key, --hidden-bias-key, --output-weights-key and --output-bias-key";
const SHAPES_HELP: &str = "as in nn.Sequential(Linear, ReLU, Linear): hidden weight (m, d), hidden bias (m,), output weight (1, m), output bias (1,)";

pub(super) fn read(
    path: &Path,
    keys: &NetworkKeys,
    npz: bool,
) -> Result<NetworkFile, NetworkError> {
    let bytes = std::fs::read(path).map_err(|source| NetworkError::Io {
        path: path.to_owned(),
        source,
    })?;
    let archive = |(name, complaint): ArchiveComplaint| match name {
        Some(field) => NetworkError::Field {
            path: path.to_owned(),
            field,
            message: complaint.message,
            help: complaint.help,
        },
        None => NetworkError::Malformed {
            path: path.to_owned(),
            message: complaint.message,
            help: complaint.help,
        },
    };
    let tensors = if npz {
        read_npz(&bytes, |_| true)
    } else {
        read_safetensors(&bytes)
    }
    .map_err(archive)?;
    let file = File {
        path,
        tensors: &tensors,
    };
    let layers = if keys.is_empty() {
        file.find_layers()?
    } else {
        file.named_layers(keys)?
    };
    file.network(&layers)
}

/// The tensors of a file by their part in the network.
struct Layers {
    hidden_weights: String,
    hidden_bias: Option<String>,
    output_weights: String,
    output_bias: Option<String>,
}

struct File<'a> {
    path: &'a Path,
    tensors: &'a BTreeMap<String, Tensor>,
}

/// Words and numbers of a name, so that `net.10` comes after `net.9`.
fn natural_order(a: &str, b: &str) -> Ordering {
    let parts = |name: &str| -> Vec<(u64, String)> {
        let mut parts: Vec<(u64, String)> = Vec::new();
        for c in name.chars() {
            match (c.to_digit(10), parts.last_mut()) {
                (Some(digit), Some((number, word))) if word.is_empty() => {
                    *number = number.saturating_mul(10).saturating_add(digit.into());
                }
                (Some(digit), _) => parts.push((digit.into(), String::new())),
                (None, Some((_, word))) if !word.is_empty() => word.push(c),
                (None, _) => parts.push((0, c.to_string())),
            }
        }
        parts
    };
    parts(a).cmp(&parts(b))
}

/// Whether two names differ only in a number: `net.0` and `net.2`, `fc1` and `fc2`.
fn differ_in_a_number(a: &str, b: &str) -> bool {
    let digit = |c: char| c.is_ascii_digit();
    let words = |name: &str| {
        name.split(digit)
            .filter(|w| !w.is_empty())
            .collect::<Vec<_>>()
            .join("#")
    };
    words(a) == words(b)
}

impl File<'_> {
    fn malformed(&self, message: String, help: &str) -> NetworkError {
        let help = format!(
            "{help}; the tensors are {}",
            list_names(self.tensors.keys().map(String::as_str))
        );
        NetworkError::Malformed {
            path: self.path.to_owned(),
            message,
            help,
        }
    }

    fn field(&self, field: &str, message: String, help: &str) -> NetworkError {
        NetworkError::Field {
            path: self.path.to_owned(),
            field: field.to_owned(),
            message,
            help: help.to_owned(),
        }
    }

    /// The bias tensor that belongs to a weight tensor, if the file has one.
    fn bias_of(&self, weight: &str) -> Option<String> {
        let bias = format!("{}bias", weight.strip_suffix("weight")?);
        self.tensors.contains_key(&bias).then_some(bias)
    }

    fn named_layers(&self, keys: &NetworkKeys) -> Result<Layers, NetworkError> {
        let named = |key: &Option<String>, flag: &str| match key {
            Some(name) if self.tensors.contains_key(name) => Ok(Some(name.clone())),
            Some(name) => Err(self.malformed(
                format!("there is no tensor `{name}` for {flag}"),
                "check the name",
            )),
            None => Ok(None),
        };
        let weights = |key: &Option<String>, flag: &str| {
            named(key, flag)?.ok_or_else(|| {
                let help = "if one tensor is named, both weights have to be: --hidden-weights-key and --output-weights-key";
                self.malformed(format!("{flag} is missing"), help)
            })
        };
        let hidden_weights = weights(&keys.hidden_weights, "--hidden-weights-key")?;
        let output_weights = weights(&keys.output_weights, "--output-weights-key")?;
        Ok(Layers {
            hidden_bias: named(&keys.hidden_bias, "--hidden-bias-key")?
                .or_else(|| self.bias_of(&hidden_weights)),
            output_bias: named(&keys.output_bias, "--output-bias-key")?
                .or_else(|| self.bias_of(&output_weights)),
            hidden_weights,
            output_weights,
        })
    }

    /// Finds the two layers by the names `….weight` and `….bias`.
    fn find_layers(&self) -> Result<Layers, NetworkError> {
        let layer = |name: &str| -> Option<String> {
            let (layer, last) = name.rsplit_once('.').unwrap_or(("", name));
            matches!(last, "weight" | "bias").then(|| layer.to_owned())
        };
        let weight = |layer: &str| {
            if layer.is_empty() {
                "weight".to_owned()
            } else {
                format!("{layer}.weight")
            }
        };
        if let Some(odd) = self.tensors.keys().find(|name| layer(name).is_none()) {
            return Err(self.malformed(
                format!("the tensor `{odd}` is not a layer's weight or bias"),
                KEYS_HELP,
            ));
        }
        let mut layers: Vec<String> = self.tensors.keys().filter_map(|name| layer(name)).collect();
        layers.dedup();
        layers.sort_by(|a, b| natural_order(a, b));
        layers.dedup();
        if let Some(odd) = layers
            .iter()
            .find(|layer| !self.tensors.contains_key(&weight(layer)))
        {
            return Err(self.malformed(format!("there is no tensor `{}`", weight(odd)), KEYS_HELP));
        }
        let [first, second] = layers.as_slice() else {
            let message = format!(
                "the file holds {} layers, but the network has two",
                layers.len()
            );
            return Err(self.malformed(message, KEYS_HELP));
        };
        let (first, second) = (weight(first), weight(second));
        let fits = |hidden: &str, output: &str| match (
            &self.tensors[hidden].shape[..],
            &self.tensors[output].shape[..],
        ) {
            ([m, _], [_, inputs]) => m == inputs,
            ([m, _], [inputs]) => m == inputs,
            _ => false,
        };
        let (hidden_weights, output_weights) = match (fits(&first, &second), fits(&second, &first))
        {
            // Layers that are numbered come in the order of their numbers.
            _ if differ_in_a_number(&first, &second) => (first, second),
            (true, false) => (first, second),
            (false, true) => (second, first),
            (true, true) => {
                let message = format!(
                    "it is not clear which of `{first}` and `{second}` is the hidden layer"
                );
                return Err(self.malformed(message, KEYS_HELP));
            }
            (false, false) => (first, second),
        };
        Ok(Layers {
            hidden_bias: self.bias_of(&hidden_weights),
            output_bias: self.bias_of(&output_weights),
            hidden_weights,
            output_weights,
        })
    }

    fn numbers(&self, name: &str) -> Result<Vec<Rat>, NetworkError> {
        let numbers = self.tensors[name].numbers().map_err(|(position, value)| {
            let indices: String = position.iter().map(|i| format!("[{i}]")).collect();
            let help = "a network with NaN or infinite parameters has no objective; was the training stable?";
            self.field(&format!("{name}{indices}"), format!("{value:?} is not a finite number"), help)
        })?;
        Ok(numbers.iter().map(Number::to_rat).collect())
    }

    fn network(&self, layers: &Layers) -> Result<NetworkFile, NetworkError> {
        let shape_error = |name: &str, expected: &str| {
            let shape = show_shape(&self.tensors[name].shape);
            self.field(
                name,
                format!("the shape is {shape} where {expected} is needed"),
                SHAPES_HELP,
            )
        };
        let name = &layers.hidden_weights;
        let &[m, d] = self.tensors[name].shape.as_slice() else {
            return Err(shape_error(name, "(m, d)"));
        };
        if m > limits::NEURONS {
            return Err(self.field(
                name,
                format!("{m} neurons, more than {}", limits::NEURONS),
                "use a narrower network",
            ));
        }
        if m > 0 && d == 0 {
            return Err(shape_error(name, "(m, d) with d > 0"));
        }
        let name = &layers.output_weights;
        match self.tensors[name].shape.as_slice() {
            [1, inputs] | [inputs] if *inputs == m => {}
            [outputs, inputs] if *inputs == m && *outputs > 1 => {
                return Err(NetworkError::SeveralOutputs {
                    path: self.path.to_owned(),
                    field: name.clone(),
                    outputs: *outputs,
                });
            }
            _ => return Err(shape_error(name, &format!("(1, {m})"))),
        }
        if let Some(name) = &layers.hidden_bias
            && self.tensors[name].shape != [m]
        {
            return Err(shape_error(name, &format!("({m},)")));
        }
        if let Some(name) = &layers.output_bias
            && !matches!(self.tensors[name].shape.as_slice(), [] | [1])
        {
            return Err(shape_error(name, "(1,)"));
        }
        let hidden = self.numbers(&layers.hidden_weights)?;
        let network = Network {
            hidden_weights: if m == 0 {
                Vec::new()
            } else {
                hidden.chunks(d).map(<[Rat]>::to_vec).collect()
            },
            hidden_bias: layers
                .hidden_bias
                .as_ref()
                .map(|name| self.numbers(name))
                .transpose()?,
            output_weights: self.numbers(&layers.output_weights)?,
            output_bias: match &layers.output_bias {
                Some(name) => self.numbers(name)?.pop(),
                None => None,
            },
        };
        let used = [
            Some(&layers.hidden_weights),
            layers.hidden_bias.as_ref(),
            Some(&layers.output_weights),
            layers.output_bias.as_ref(),
        ];
        let mut floats = used
            .into_iter()
            .flatten()
            .map(|name| self.tensors[name].float());
        let float = match floats.next().flatten() {
            Some(Float::F32) if floats.all(|float| float == Some(Float::F32)) => Some(Float::F32),
            Some(_) => Some(Float::F64),
            None => None,
        };
        Ok(NetworkFile {
            network,
            float,
            activation: None,
            notes: Vec::new(),
        })
    }
}
