//! The network's own file format: JSON whose numbers are exact decimals.

use std::path::Path;

use serde::Deserialize;
use serde_json::Value;

use super::error::NetworkError;
use super::limits;
use super::network::Network;
use crate::exact::{Rat, parse_decimal};

const SHAPE_HELP: &str = "a network is {\"hidden_weights\": [[…] per neuron], \"hidden_bias\": […] or null, \
                          \"output_weights\": […], \"output_bias\": a number or null}";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawNetwork {
    hidden_weights: Value,
    #[serde(default)]
    hidden_bias: Value,
    output_weights: Value,
    #[serde(default)]
    output_bias: Value,
}

pub(super) fn read(path: &Path) -> Result<Network, NetworkError> {
    let bytes = std::fs::read(path).map_err(|source| NetworkError::Io {
        path: path.to_owned(),
        source,
    })?;
    parse(path, bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes))
}

/// Parses the JSON text of a network; the path is for messages.
pub(super) fn parse(path: &Path, text: &[u8]) -> Result<Network, NetworkError> {
    let raw: RawNetwork = serde_json::from_slice(text).map_err(|e| NetworkError::Malformed {
        path: path.to_owned(),
        message: format!("not a network in JSON: {e}"),
        help: SHAPE_HELP.to_owned(),
    })?;
    let fields = Fields { path };
    let rows = fields.list("hidden_weights", &raw.hidden_weights)?;
    if rows.len() > limits::NEURONS {
        return Err(fields.wrong(
            "hidden_weights",
            format!("{} neurons, more than {}", rows.len(), limits::NEURONS),
        ));
    }
    let mut hidden_weights = Vec::with_capacity(rows.len());
    for (k, row) in rows.iter().enumerate() {
        let name = format!("hidden_weights[{k}]");
        let weights = fields.numbers(&name, row)?;
        let inputs = hidden_weights.first().map_or(weights.len(), Vec::len);
        if weights.len() != inputs {
            return Err(fields.wrong(
                &name,
                format!(
                    "{} weights, but {inputs} in hidden_weights[0]",
                    weights.len()
                ),
            ));
        }
        if weights.is_empty() {
            return Err(fields.wrong(&name, "a neuron without weights"));
        }
        hidden_weights.push(weights);
    }
    let m = hidden_weights.len();
    let several = raw
        .output_weights
        .as_array()
        .filter(|list| list.len() > 1 && list.iter().all(Value::is_array));
    if let Some(list) = several.filter(|list| {
        list.iter()
            .all(|row| row.as_array().is_some_and(|r| r.len() == m))
    }) {
        return Err(NetworkError::SeveralOutputs {
            path: path.to_owned(),
            field: "output_weights".to_owned(),
            outputs: list.len(),
        });
    }
    let output_weights = fields.numbers("output_weights", &raw.output_weights)?;
    fields.length("output_weights", output_weights.len(), m)?;
    let hidden_bias = match &raw.hidden_bias {
        Value::Null => None,
        list => Some(fields.numbers("hidden_bias", list)?),
    };
    if let Some(bias) = &hidden_bias {
        fields.length("hidden_bias", bias.len(), m)?;
    }
    let output_bias = match &raw.output_bias {
        Value::Null => None,
        Value::Array(list) if list.len() > 1 => {
            return Err(NetworkError::SeveralOutputs {
                path: path.to_owned(),
                field: "output_bias".to_owned(),
                outputs: list.len(),
            });
        }
        number => Some(fields.number("output_bias", number)?),
    };
    Ok(Network {
        hidden_weights,
        hidden_bias,
        output_weights,
        output_bias,
    })
}

struct Fields<'a> {
    path: &'a Path,
}

impl Fields<'_> {
    fn wrong(&self, field: &str, message: impl Into<String>) -> NetworkError {
        NetworkError::Field {
            path: self.path.to_owned(),
            field: field.to_owned(),
            message: message.into(),
            help: SHAPE_HELP.to_owned(),
        }
    }

    fn list<'v>(&self, field: &str, value: &'v Value) -> Result<&'v [Value], NetworkError> {
        value
            .as_array()
            .map(Vec::as_slice)
            .ok_or_else(|| self.wrong(field, format!("{} where a list is needed", kind(value))))
    }

    fn number(&self, field: &str, value: &Value) -> Result<Rat, NetworkError> {
        match value {
            Value::Number(number) => {
                parse_decimal(number.as_str()).map_err(|e| self.wrong(field, e.to_string()))
            }
            other => Err(self.wrong(field, format!("{} where a number is needed", kind(other)))),
        }
    }

    fn numbers(&self, field: &str, value: &Value) -> Result<Vec<Rat>, NetworkError> {
        self.list(field, value)?
            .iter()
            .enumerate()
            .map(|(j, entry)| self.number(&format!("{field}[{j}]"), entry))
            .collect()
    }

    fn length(&self, field: &str, found: usize, m: usize) -> Result<(), NetworkError> {
        if found == m {
            return Ok(());
        }
        Err(self.wrong(
            field,
            format!("{found} entries, but hidden_weights has {m} neurons"),
        ))
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}
