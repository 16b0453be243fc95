//! Writing networks: exact where the format can hold the numbers, refused where it cannot, unless rounding is asked for.

use std::io::{self, Cursor};
use std::path::Path;

use npyz::WriterBuilder;
use npyz::npz::NpzWriter;
use safetensors::tensor::{Dtype, TensorView, serialize};

use super::dataset::Float;
use super::error::NetworkError;
use super::network::{Network, NetworkFormat};
use crate::exact::{
    Rat, Round, rat_is_f32, rat_is_f64, rat_to_f32, rat_to_f64, to_decimal, to_exact_decimal,
};
use crate::files;

/// How to write a network.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct WriteOptions {
    /// The float format; not for JSON. The default is double precision, or single if the numbers come from single and fit it.
    pub float: Option<Float>,
    /// The float format the numbers come from, if they come from one.
    pub source: Option<Float>,
    /// Round numbers that the format cannot hold to the nearest it can.
    pub round: bool,
}

/// A parameter list of the network under the name it has in a tensor file.
struct Part<'a> {
    name: &'static str,
    shape: Vec<usize>,
    values: Vec<&'a Rat>,
}

impl Network {
    /// Writes the network to a file; its ending says which format. Through a temporary file: complete or not at all.
    ///
    /// # Errors
    ///
    /// [`NetworkError`] if the format cannot hold a number and rounding is not allowed, or the file cannot be written.
    pub fn write(&self, path: &Path, options: &WriteOptions) -> Result<(), NetworkError> {
        let format = NetworkFormat::of_output(path)?;
        let bytes = match format {
            NetworkFormat::Json => self.to_json(path, options)?,
            NetworkFormat::Npz | NetworkFormat::Safetensors | NetworkFormat::Onnx => {
                let float = self.choose_float(options);
                let parts = self.parts();
                for part in &parts {
                    check_floats(path, part, float, options.round)?;
                }
                let written = if format == NetworkFormat::Npz {
                    npz(&parts, float)
                } else {
                    safetensors(&parts, float)
                };
                written.map_err(|source| NetworkError::Io {
                    path: path.to_owned(),
                    source,
                })?
            }
        };
        files::write_atomically(path, |out| out.write_all(&bytes)).map_err(|source| {
            NetworkError::Unwritable {
                path: path.to_owned(),
                source,
            }
        })
    }

    fn choose_float(&self, options: &WriteOptions) -> Float {
        let parts = self.parts();
        let mut values = parts.iter().flat_map(|part| &part.values);
        options.float.unwrap_or(match options.source {
            Some(Float::F32) if values.all(|value| rat_is_f32(value)) => Float::F32,
            _ => Float::F64,
        })
    }

    fn parts(&self) -> Vec<Part<'_>> {
        let m = self.width();
        let mut parts = vec![
            Part {
                name: "0.weight",
                shape: vec![m, self.inputs().unwrap_or(0)],
                values: self.hidden_weights.iter().flatten().collect(),
            },
            Part {
                name: "2.weight",
                shape: vec![1, m],
                values: self.output_weights.iter().collect(),
            },
        ];
        if let Some(bias) = &self.hidden_bias {
            parts.insert(
                1,
                Part {
                    name: "0.bias",
                    shape: vec![m],
                    values: bias.iter().collect(),
                },
            );
        }
        if let Some(bias) = &self.output_bias {
            parts.push(Part {
                name: "2.bias",
                shape: vec![1],
                values: vec![bias],
            });
        }
        parts
    }

    fn to_json(&self, path: &Path, options: &WriteOptions) -> Result<Vec<u8>, NetworkError> {
        let number = |field: &dyn Fn() -> String, value: &Rat| match to_exact_decimal(value) {
            Some(text) => Ok(text),
            None if options.round => {
                shortest(value).ok_or_else(|| overflow(path, &field(), value, Float::F64))
            }
            None => Err(NetworkError::Inexact {
                path: path.to_owned(),
                field: field(),
                value: clip(value),
                format: "a decimal of up to 400 digits",
            }),
        };
        let list = |field: &str, values: &[Rat]| {
            let texts: Result<Vec<String>, _> = values
                .iter()
                .enumerate()
                .map(|(j, value)| number(&|| format!("{field}[{j}]"), value))
                .collect();
            texts.map(|texts| format!("[{}]", texts.join(", ")))
        };
        let rows: Result<Vec<String>, _> = self
            .hidden_weights
            .iter()
            .enumerate()
            .map(|(k, row)| {
                list(&format!("hidden_weights[{k}]"), row).map(|row| format!("\n    {row}"))
            })
            .collect();
        let hidden_bias = match &self.hidden_bias {
            Some(bias) => list("hidden_bias", bias)?,
            None => "null".to_owned(),
        };
        let output_bias = match &self.output_bias {
            Some(bias) => number(&|| "output_bias".to_owned(), bias)?,
            None => "null".to_owned(),
        };
        let text = format!(
            "{{\n  \"hidden_weights\": [{}\n  ],\n  \"hidden_bias\": {hidden_bias},\n  \"output_weights\": {},\n  \"output_bias\": {output_bias}\n}}\n",
            rows?.join(","),
            list("output_weights", &self.output_weights)?,
        );
        Ok(text.into_bytes())
    }
}

/// The shortest decimal that is read back as the double nearest to the number; `None` if that is an infinity.
fn shortest(value: &Rat) -> Option<String> {
    let float = rat_to_f64(value);
    float.is_finite().then(|| format!("{float:?}"))
}

fn clip(value: &Rat) -> String {
    to_decimal(value, 17, Round::Nearest)
}

fn overflow(path: &Path, field: &str, value: &Rat, float: Float) -> NetworkError {
    NetworkError::Overflow {
        path: path.to_owned(),
        field: field.to_owned(),
        value: clip(value),
        float: float.name(),
    }
}

fn check_floats(path: &Path, part: &Part, float: Float, round: bool) -> Result<(), NetworkError> {
    for (i, value) in part.values.iter().enumerate() {
        let field = || match part.shape.as_slice() {
            [_, columns] => format!("{}[{}][{}]", part.name, i / columns, i % columns),
            _ => format!("{}[{i}]", part.name),
        };
        let (exact, finite) = match float {
            Float::F32 => (rat_is_f32(value), rat_to_f32(value).is_finite()),
            Float::F64 => (rat_is_f64(value), rat_to_f64(value).is_finite()),
        };
        if !finite {
            return Err(overflow(path, &field(), value, float));
        }
        if !exact && !round {
            return Err(NetworkError::Inexact {
                path: path.to_owned(),
                field: field(),
                value: clip(value),
                format: match float {
                    Float::F32 => "single precision (f32)",
                    Float::F64 => "double precision (f64)",
                },
            });
        }
    }
    Ok(())
}

fn npz(parts: &[Part], float: Float) -> io::Result<Vec<u8>> {
    let mut archive = NpzWriter::new(Cursor::new(Vec::new()));
    for part in parts {
        let shape: Vec<u64> = part.shape.iter().map(|&len| len as u64).collect();
        match float {
            Float::F32 => {
                let mut array = archive
                    .array::<f32>(part.name, Default::default())?
                    .default_dtype()
                    .shape(&shape)
                    .begin_nd()?;
                array.extend(part.values.iter().map(|value| rat_to_f32(value)))?;
                array.finish()?;
            }
            Float::F64 => {
                let mut array = archive
                    .array::<f64>(part.name, Default::default())?
                    .default_dtype()
                    .shape(&shape)
                    .begin_nd()?;
                array.extend(part.values.iter().map(|value| rat_to_f64(value)))?;
                array.finish()?;
            }
        }
    }
    Ok(archive.zip_writer().finish()?.into_inner())
}

fn safetensors(parts: &[Part], float: Float) -> io::Result<Vec<u8>> {
    let bytes: Vec<Vec<u8>> = parts
        .iter()
        .map(|part| match float {
            Float::F32 => part
                .values
                .iter()
                .flat_map(|value| rat_to_f32(value).to_le_bytes())
                .collect(),
            Float::F64 => part
                .values
                .iter()
                .flat_map(|value| rat_to_f64(value).to_le_bytes())
                .collect(),
        })
        .collect();
    let dtype = match float {
        Float::F32 => Dtype::F32,
        Float::F64 => Dtype::F64,
    };
    let views: Result<Vec<(&str, TensorView)>, _> = parts
        .iter()
        .zip(&bytes)
        .map(|(part, bytes)| {
            TensorView::new(dtype, part.shape.clone(), bytes).map(|view| (part.name, view))
        })
        .collect();
    views
        .and_then(|views| serialize(views, None))
        .map_err(io::Error::other)
}
