//! The entries of an ONNX tensor: in the file in one of several forms, or in a file beside it.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Component, Path};

use super::model::{TensorProto, Wrong};
use crate::problem::tensor::{Kind, Tensor};

const DTYPE_HELP: &str = "export the network in float32 or float64";
const EXTERNAL_HELP: &str =
    "the data of large tensors lie in a file beside the .onnx file: keep the two together";
/// ONNX's code for data in another file.
const EXTERNAL: i64 = 1;

impl TensorProto<'_> {
    /// The tensor, with its entries; `model` is the .onnx file, in whose folder data may lie.
    ///
    /// # Errors
    ///
    /// What is wrong with the tensor, by its name.
    pub fn load(&self, name: &str, model: &Path) -> Result<Tensor, Wrong> {
        let kind = match self.data_type {
            1 => Kind::Single,
            10 => Kind::Half,
            11 => Kind::Double,
            16 => Kind::BrainHalf,
            other => {
                let message = format!("its entries have the ONNX type {other}, which is no float");
                return Err(Wrong::tensor(name, message, DTYPE_HELP));
            }
        };
        if self.segment {
            let message = "the tensor is stored in segments, which are not read";
            return Err(Wrong::tensor(name, message, DTYPE_HELP));
        }
        let shape = self
            .dims
            .iter()
            .map(|&length| usize::try_from(length).ok())
            .collect::<Option<Vec<usize>>>()
            .ok_or_else(|| {
                Wrong::tensor(name, "a length is negative", super::model::DAMAGED_HELP)
            })?;
        let bytes = Tensor::bytes_needed(&shape, kind)
            .map_err(|complaint| Wrong::tensor(name, complaint.message, DTYPE_HELP))?;
        let data = if self.location == EXTERNAL {
            self.external_data(name, model, bytes)?
        } else {
            self.inner_data(kind)
        };
        if data.len() != bytes {
            let message = format!("{} bytes of data where {bytes} are needed", data.len());
            return Err(Wrong::tensor(name, message, super::model::DAMAGED_HELP));
        }
        Ok(Tensor::little_endian(shape, kind, data))
    }

    fn inner_data(&self, kind: Kind) -> Vec<u8> {
        match (self.raw, kind) {
            (Some(raw), _) => raw.to_vec(),
            (None, Kind::Single) => self.floats.clone(),
            (None, Kind::Double) => self.doubles.clone(),
            // The low 16 bits of each integer are those of the float.
            (None, _) => self
                .halves
                .iter()
                .flat_map(|half| half.to_le_bytes()[..2].to_vec())
                .collect(),
        }
    }

    fn external_data(&self, name: &str, model: &Path, bytes: usize) -> Result<Vec<u8>, Wrong> {
        let wrong = |message: String| Wrong::tensor(name, message, EXTERNAL_HELP);
        let value = |key: &str| {
            let found = self.external.iter().rev().find(|(other, _)| *other == key);
            found.map(|(_, value)| *value)
        };
        let location = value("location")
            .ok_or_else(|| wrong("the file that holds its data is not named".to_owned()))?;
        let number = |key: &str| {
            value(key)
                .map(|text| {
                    text.parse::<u64>().map_err(|_| {
                        wrong(format!(
                            "its data have the {key} `{text}`, which is no number"
                        ))
                    })
                })
                .transpose()
        };
        let (offset, length) = (number("offset")?.unwrap_or(0), number("length")?);
        let relative = Path::new(location);
        let inside = relative
            .components()
            .all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
        if !inside || location.is_empty() {
            return Err(wrong(format!(
                "its data are said to be in `{location}`, outside the folder of the network"
            )));
        }
        let folder = match model.parent() {
            Some(folder) if folder != Path::new("") => folder,
            _ => Path::new("."),
        };
        let unreadable = |e: std::io::Error| wrong(format!("the file `{location}`: {e}"));
        let path = folder.join(relative).canonicalize().map_err(unreadable)?;
        if !path.starts_with(folder.canonicalize().map_err(unreadable)?) {
            return Err(wrong(format!(
                "the file `{location}` is a link out of the folder of the network"
            )));
        }
        let found = std::fs::metadata(&path).map_err(unreadable)?;
        if !found.is_file() {
            return Err(wrong(format!("`{location}` is not a file")));
        }
        if length.is_some_and(|length| length != bytes as u64) {
            let length = length.unwrap_or_default();
            return Err(wrong(format!(
                "its data in `{location}` have {length} bytes where {bytes} are needed"
            )));
        }
        if offset
            .checked_add(bytes as u64)
            .is_none_or(|end| end > found.len())
        {
            return Err(wrong(format!(
                "the file `{location}` has {} bytes, too few for {bytes} from byte {offset} on",
                found.len()
            )));
        }
        let mut file = File::open(&path).map_err(unreadable)?;
        file.seek(SeekFrom::Start(offset)).map_err(unreadable)?;
        let mut data = Vec::new();
        // Without a length the data go on to the end of the file, which then has to fit.
        let limit = length.unwrap_or(bytes as u64 + 1);
        file.take(limit)
            .read_to_end(&mut data)
            .map_err(unreadable)?;
        Ok(data)
    }
}
