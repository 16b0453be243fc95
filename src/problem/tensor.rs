//! Arrays of floats and integers as they lie in .npy, .npz and .safetensors files.

use std::collections::BTreeMap;
use std::io::{Cursor, Read};

use npyz::npz::NpzArchive;
use safetensors::{Dtype, SafeTensors};

use super::dataset::Float;
use super::limits;
use crate::exact::{Number, Rat};

/// The type of an array's entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Half,
    BrainHalf,
    Single,
    Double,
    Signed(usize),
    Unsigned(usize),
}

impl Kind {
    fn bytes(self) -> usize {
        match self {
            Kind::Half | Kind::BrainHalf => 2,
            Kind::Single => 4,
            Kind::Double => 8,
            Kind::Signed(bytes) | Kind::Unsigned(bytes) => bytes,
        }
    }
}

/// An array: its shape and the bytes of its entries.
#[derive(Debug, Clone)]
pub(super) struct Tensor {
    pub shape: Vec<usize>,
    pub kind: Kind,
    big_endian: bool,
    /// Whether the first index runs fastest.
    fortran: bool,
    bytes: Vec<u8>,
}

/// An entry of an array.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Entry {
    Float(f64),
    Integer(i128),
}

impl Entry {
    /// The number; the NaN or infinity itself if it is none.
    pub fn number(self) -> Result<Number, f64> {
        match self {
            Entry::Float(value) => Number::from_f64(value).ok_or(value),
            Entry::Integer(value) => Ok(match i64::try_from(value) {
                Ok(value) => Number::integer(value),
                Err(_) => Number::from(Rat::from_integer(value.into())),
            }),
        }
    }

    /// The nearest float of a format, ties to even.
    pub fn round(self, float: Float) -> Entry {
        Entry::Float(match (self, float) {
            (Entry::Float(value), Float::F32) => f64::from(value as f32),
            (Entry::Float(value), Float::F64) => value,
            (Entry::Integer(value), Float::F32) => f64::from(value as f32),
            (Entry::Integer(value), Float::F64) => value as f64,
        })
    }
}

impl std::fmt::Display for Entry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Entry::Float(value) => write!(f, "{value:?}"),
            Entry::Integer(value) => write!(f, "{value}"),
        }
    }
}

/// What is wrong with an array, and the mend.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Complaint {
    pub message: String,
    pub help: String,
}

fn complain<T>(message: impl Into<String>, help: impl Into<String>) -> Result<T, Complaint> {
    Err(Complaint {
        message: message.into(),
        help: help.into(),
    })
}

const DTYPE_HELP: &str = "save it as float32 or float64 (or as integers)";
const TRUNCATED_HELP: &str = "the file seems to be cut off or damaged: write it again";

/// The entries of a shape, if they are within the limits.
fn count(shape: &[usize]) -> Result<usize, Complaint> {
    match shape.iter().try_fold(1usize, |n, &len| n.checked_mul(len)) {
        Some(count) if count <= limits::ENTRIES => Ok(count),
        _ => complain(
            format!("the shape {} has too many entries", show_shape(shape)),
            format!("an array may have {} entries", limits::ENTRIES),
        ),
    }
}

/// `(3, 4)`, as NumPy writes it.
pub(super) fn show_shape(shape: &[usize]) -> String {
    match shape {
        [n] => format!("({n},)"),
        _ => format!(
            "({})",
            shape
                .iter()
                .map(usize::to_string)
                .collect::<Vec<_>>()
                .join(", ")
        ),
    }
}

impl Tensor {
    /// How many bytes the entries of an array take.
    ///
    /// # Errors
    ///
    /// If there are more entries than the limits allow.
    pub fn bytes_needed(shape: &[usize], kind: Kind) -> Result<usize, Complaint> {
        Ok(count(shape)? * kind.bytes())
    }

    /// An array in C order, of as many bytes as [`Tensor::bytes_needed`] says.
    pub fn little_endian(shape: Vec<usize>, kind: Kind, bytes: Vec<u8>) -> Self {
        Tensor {
            shape,
            kind,
            big_endian: false,
            fortran: false,
            bytes,
        }
    }

    /// The transposed matrix; an array with one index stays as it is.
    pub fn transposed(mut self) -> Self {
        if self.shape.len() == 2 {
            self.shape.reverse();
            self.fortran = !self.fortran;
        }
        self
    }

    /// An entry by its index in C order of a one-dimensional array or scalar.
    pub fn at(&self, i: usize) -> Entry {
        self.at_position(i)
    }

    /// An entry of a two-dimensional array.
    pub fn at2(&self, i: usize, j: usize) -> Entry {
        let position = if self.fortran {
            j * self.shape[0] + i
        } else {
            i * self.shape[1] + j
        };
        self.at_position(position)
    }

    fn at_position(&self, position: usize) -> Entry {
        let width = self.kind.bytes();
        let mut buffer = [0u8; 8];
        let source = &self.bytes[position * width..(position + 1) * width];
        buffer[..width].copy_from_slice(source);
        if self.big_endian {
            buffer[..width].reverse();
        }
        let bits = u64::from_le_bytes(buffer);
        match self.kind {
            Kind::Half => Entry::Float(half(bits as u16)),
            Kind::BrainHalf => Entry::Float(f64::from(f32::from_bits((bits as u32) << 16))),
            Kind::Single => Entry::Float(f64::from(f32::from_bits(bits as u32))),
            Kind::Double => Entry::Float(f64::from_bits(bits)),
            Kind::Signed(bytes) => {
                let shift = 64 - 8 * bytes as u32;
                Entry::Integer((((bits << shift) as i64) >> shift).into())
            }
            Kind::Unsigned(_) => Entry::Integer(bits.into()),
        }
    }

    /// The numbers in C order.
    ///
    /// # Errors
    ///
    /// The position of an entry that is not finite, and the entry.
    pub fn numbers(&self) -> Result<Vec<Number>, (Vec<usize>, f64)> {
        match self.shape.as_slice() {
            &[rows, columns] => (0..rows)
                .flat_map(|i| (0..columns).map(move |j| (i, j)))
                .map(|(i, j)| self.at2(i, j).number().map_err(|value| (vec![i, j], value)))
                .collect(),
            shape => {
                let count = shape.iter().product();
                (0..count)
                    .map(|i| self.at(i).number().map_err(|value| (vec![i], value)))
                    .collect()
            }
        }
    }

    /// The float format of the entries, if it is one of the two this program writes.
    pub fn float(&self) -> Option<Float> {
        match self.kind {
            Kind::Single => Some(Float::F32),
            Kind::Double => Some(Float::F64),
            _ => None,
        }
    }
}

/// A half-precision float as a double, which holds it exactly.
fn half(bits: u16) -> f64 {
    let fraction = f64::from(bits & 0x3ff);
    let size = match (bits >> 10) & 0x1f {
        0 => fraction * 2f64.powi(-24),
        31 if fraction == 0.0 => f64::INFINITY,
        31 => f64::NAN,
        exponent => (1024.0 + fraction) * 2f64.powi(i32::from(exponent) - 25),
    };
    if bits >> 15 == 1 { -size } else { size }
}

/// The header of a .npy file.
struct Header {
    shape: Vec<usize>,
    kind: Kind,
    big_endian: bool,
    fortran: bool,
}

/// Reads a .npy file from a source that may end anywhere and say anything; no more is read than the header promises.
pub(super) fn read_npy(mut source: impl Read) -> Result<Tensor, Complaint> {
    let mut read = |count: u64| {
        let mut bytes = Vec::new();
        match source.by_ref().take(count).read_to_end(&mut bytes) {
            Ok(found) if found as u64 == count => Ok(bytes),
            Ok(_) => complain("the array ends too early", TRUNCATED_HELP),
            Err(e) => complain(format!("the array cannot be read: {e}"), TRUNCATED_HELP),
        }
    };
    let start = read(8)?;
    if !start.starts_with(b"\x93NUMPY") {
        return complain(
            "this is not a NumPy array (.npy)",
            "save it with numpy.save or numpy.savez",
        );
    }
    let length = match start[6] {
        1 => read(2)?
            .iter()
            .rev()
            .fold(0u64, |n, &b| n << 8 | u64::from(b)),
        2 | 3 => read(4)?
            .iter()
            .rev()
            .fold(0u64, |n, &b| n << 8 | u64::from(b)),
        version => {
            return complain(
                format!("unknown .npy version {version}"),
                "save it with numpy.save",
            );
        }
    };
    if length > 1 << 20 {
        return complain(
            "the header of the array is too long",
            "save it with numpy.save",
        );
    }
    let header = parse_header(&String::from_utf8_lossy(&read(length)?))?;
    let bytes = read((count(&header.shape)? * header.kind.bytes()) as u64)?;
    let mut rest = [0u8; 1];
    match source.read(&mut rest) {
        Ok(0) => {}
        Ok(_) => return complain("there are bytes after the array", TRUNCATED_HELP),
        Err(e) => return complain(format!("the array cannot be read: {e}"), TRUNCATED_HELP),
    }
    Ok(Tensor {
        shape: header.shape,
        kind: header.kind,
        big_endian: header.big_endian,
        fortran: header.fortran,
        bytes,
    })
}

/// Parses `{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }`.
fn parse_header(text: &str) -> Result<Header, Complaint> {
    let malformed = || Complaint {
        message: "the header of the array is not what NumPy writes".to_owned(),
        help: "save it with numpy.save or numpy.savez".to_owned(),
    };
    let inside = text
        .trim()
        .strip_prefix('{')
        .and_then(|t| t.strip_suffix('}'))
        .ok_or_else(malformed)?;
    let (mut descr, mut fortran, mut shape) = (None, None, None);
    let mut rest = inside.trim_start();
    while !rest.is_empty() {
        let (key, after) = quoted(rest).ok_or_else(malformed)?;
        let value = after
            .trim_start()
            .strip_prefix(':')
            .ok_or_else(malformed)?
            .trim_start();
        rest = match key {
            "descr" if value.starts_with('[') => {
                return complain("structured arrays are not read", DTYPE_HELP);
            }
            "descr" => {
                let (text, after) = quoted(value).ok_or_else(malformed)?;
                descr = Some(text);
                after
            }
            "fortran_order" => {
                let (truth, after) = [("True", true), ("False", false)]
                    .iter()
                    .find_map(|(word, truth)| value.strip_prefix(word).map(|after| (*truth, after)))
                    .ok_or_else(malformed)?;
                fortran = Some(truth);
                after
            }
            "shape" => {
                let (list, after) = value
                    .strip_prefix('(')
                    .and_then(|v| v.split_once(')'))
                    .ok_or_else(malformed)?;
                let lengths = list.trim().strip_suffix(',').unwrap_or(list).trim();
                let lengths: Option<Vec<usize>> = match lengths {
                    "" => Some(Vec::new()),
                    lengths => lengths
                        .split(',')
                        .map(|n| n.trim().trim_end_matches('L').parse().ok())
                        .collect(),
                };
                shape = Some(lengths.ok_or_else(malformed)?);
                after
            }
            _ => return Err(malformed()),
        };
        rest = rest.trim_start();
        match rest.strip_prefix(',') {
            Some(after) => rest = after.trim_start(),
            None if rest.is_empty() => {}
            None => return Err(malformed()),
        }
    }
    let (Some(descr), Some(fortran), Some(shape)) = (descr, fortran, shape) else {
        return Err(malformed());
    };
    let kind = match descr.trim_start_matches(['<', '>', '|', '=']) {
        "f2" => Kind::Half,
        "f4" => Kind::Single,
        "f8" => Kind::Double,
        "i1" => Kind::Signed(1),
        "i2" => Kind::Signed(2),
        "i4" => Kind::Signed(4),
        "i8" => Kind::Signed(8),
        "u1" => Kind::Unsigned(1),
        "u2" => Kind::Unsigned(2),
        "u4" => Kind::Unsigned(4),
        "u8" => Kind::Unsigned(8),
        "O" => {
            return complain(
                "the array holds Python objects, which are not read",
                DTYPE_HELP,
            );
        }
        _ => return complain(format!("unknown dtype `{descr}`"), DTYPE_HELP),
    };
    Ok(Header {
        shape,
        kind,
        big_endian: descr.starts_with('>'),
        fortran,
    })
}

/// A Python string without escapes at the start of a text, and what follows it.
fn quoted(text: &str) -> Option<(&str, &str)> {
    let quote = text.chars().next().filter(|c| matches!(c, '\'' | '"'))?;
    text[1..]
        .split_once(quote)
        .filter(|(inside, _)| !inside.contains('\\'))
}

/// What is wrong with an archive of arrays: the array, if it is one of them, and the complaint.
pub(super) type ArchiveComplaint = (Option<String>, Complaint);

/// The arrays of a .npz file, by name; only those that `wanted` chooses.
pub(super) fn read_npz(
    bytes: &[u8],
    wanted: impl Fn(&str) -> bool,
) -> Result<BTreeMap<String, Tensor>, ArchiveComplaint> {
    let whole = |e: String| {
        let message = format!("this is not a complete .npz file: {e}");
        (
            None,
            Complaint {
                message,
                help: TRUNCATED_HELP.to_owned(),
            },
        )
    };
    let mut archive = NpzArchive::new(Cursor::new(bytes)).map_err(|e| whole(e.to_string()))?;
    let names: Vec<String> = archive.array_names().map(str::to_owned).collect();
    let mut tensors = BTreeMap::new();
    for name in names.into_iter().filter(|name| wanted(name)) {
        let entry = archive
            .zip_archive()
            .by_name(&npyz::npz::file_name_from_array_name(&name))
            .map_err(|e| whole(e.to_string()))?;
        let tensor = read_npy(entry).map_err(|complaint| (Some(name.clone()), complaint))?;
        tensors.insert(name, tensor);
    }
    Ok(tensors)
}

/// The names of the arrays in a .npz file.
pub(super) fn npz_names(bytes: &[u8]) -> Vec<String> {
    NpzArchive::new(Cursor::new(bytes))
        .map(|archive| archive.array_names().map(str::to_owned).collect())
        .unwrap_or_default()
}

/// The tensors of a .safetensors file, by name.
pub(super) fn read_safetensors(bytes: &[u8]) -> Result<BTreeMap<String, Tensor>, ArchiveComplaint> {
    let file = SafeTensors::deserialize(bytes).map_err(|e| {
        let message = format!("this is not a complete .safetensors file: {e}");
        (
            None,
            Complaint {
                message,
                help: TRUNCATED_HELP.to_owned(),
            },
        )
    })?;
    let mut tensors = BTreeMap::new();
    for (name, view) in file.tensors() {
        let kind = match view.dtype() {
            Dtype::F16 => Kind::Half,
            Dtype::BF16 => Kind::BrainHalf,
            Dtype::F32 => Kind::Single,
            Dtype::F64 => Kind::Double,
            Dtype::I8 => Kind::Signed(1),
            Dtype::I16 => Kind::Signed(2),
            Dtype::I32 => Kind::Signed(4),
            Dtype::I64 => Kind::Signed(8),
            Dtype::U8 => Kind::Unsigned(1),
            Dtype::U16 => Kind::Unsigned(2),
            Dtype::U32 => Kind::Unsigned(4),
            Dtype::U64 => Kind::Unsigned(8),
            other => {
                let message = format!("unknown dtype `{other}`");
                return Err((
                    Some(name),
                    Complaint {
                        message,
                        help: DTYPE_HELP.to_owned(),
                    },
                ));
            }
        };
        let shape = view.shape().to_vec();
        // The reader has checked the length of the data against the shape; this keeps the limits.
        count(&shape).map_err(|complaint| (Some(name.clone()), complaint))?;
        let bytes = view.data().to_vec();
        tensors.insert(
            name,
            Tensor {
                shape,
                kind,
                big_endian: false,
                fortran: false,
                bytes,
            },
        );
    }
    Ok(tensors)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_precision_bits_are_their_numbers() {
        let cases = [
            (0x0000, 0.0),
            (0x0001, 5.960464477539063e-8),
            (0x03ff, 6.097555160522461e-5),
            (0x0400, 6.103515625e-5),
            (0x3555, 0.333251953125),
            (0xc000, -2.0),
            (0x7bff, 65504.0),
            (0x7c00, f64::INFINITY),
        ];
        for (bits, value) in cases {
            assert_eq!(half(bits), value, "{bits:#x}");
        }
        assert!(half(0x7e00).is_nan());
    }

    #[test]
    fn headers_are_read_as_numpy_writes_them() {
        let header =
            parse_header("{'descr': '>f4', 'fortran_order': True, 'shape': (3, 4), }   \n")
                .expect("a header");
        assert_eq!((header.shape, header.kind), (vec![3, 4], Kind::Single));
        assert!(header.big_endian && header.fortran);
        let header = parse_header("{\"shape\": (7,), 'descr':'|u1','fortran_order':False}")
            .expect("a header");
        assert_eq!((header.shape, header.kind), (vec![7], Kind::Unsigned(1)));
        let header = parse_header("{'descr': '<i8', 'fortran_order': False, 'shape': ()}")
            .expect("a header");
        assert!(header.shape.is_empty());
    }

    #[test]
    fn headers_that_are_something_else_are_refused() {
        let cases = [
            "",
            "{",
            "{}",
            "{'descr': '<f4'}",
            "{'descr': '<f4', 'fortran_order': False, 'shape': (3, -4)}",
            "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,)}",
            "{'descr': '<f4', 'fortran_order': False, 'shape': ((((3}",
            "{'descr': '<f4' 'fortran_order': False, 'shape': (3,)}",
            "{'descr': '<c8', 'fortran_order': False, 'shape': (3,)}",
            "{'descr': '|O', 'fortran_order': False, 'shape': (3,)}",
            "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (3,)}",
        ];
        for text in cases {
            assert!(parse_header(text).is_err(), "{text}");
        }
    }

    #[test]
    fn an_array_that_promises_too_much_is_refused_without_memory() {
        let header =
            "{'descr': '<f8', 'fortran_order': False, 'shape': (4294967296, 4294967296), }";
        let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
        bytes.extend((header.len() as u16).to_le_bytes());
        bytes.extend(header.as_bytes());
        let complaint = read_npy(bytes.as_slice()).expect_err("too large");
        assert!(
            complaint.message.contains("too many entries"),
            "{}",
            complaint.message
        );
    }
}
