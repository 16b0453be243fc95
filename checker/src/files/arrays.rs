//! Arrays of numbers: `.npy`, `.npz` (a zip archive of `.npy`) and `.safetensors`.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::Read;

use dashu_int::IBig;
use flate2::Crc;
use flate2::bufread::DeflateDecoder;

use super::json::{Json, Token};
use super::number::{Exact, Float};
use super::{MAX_BYTES, MAX_NEURONS};
use crate::text::quote;

/// The type of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Entry {
    Float(Float),
    Signed,
    Unsigned,
}

/// An array as it is stored.
#[derive(Debug, Clone)]
pub(crate) struct Array<'a> {
    pub(crate) shape: Vec<usize>,
    entry: Entry,
    /// Bytes of an entry.
    width: usize,
    big_endian: bool,
    /// Whether the first index runs fastest.
    fortran: bool,
    bytes: Cow<'a, [u8]>,
}

/// Arrays by name.
pub(crate) type Arrays<'a> = BTreeMap<String, Array<'a>>;

impl<'a> Array<'a> {
    fn new(
        shape: Vec<usize>,
        (entry, width): (Entry, usize),
        (big_endian, fortran): (bool, bool),
        bytes: Cow<'a, [u8]>,
    ) -> Result<Self, String> {
        let size = shape.iter().try_fold(width, |size, &count| size.checked_mul(count));
        // An empty array has no bytes that bound its other indices.
        let is_vast = shape.iter().any(|&count| count > bytes.len().max(MAX_NEURONS));
        if size != Some(bytes.len()) || is_vast {
            return Err(format!("{} bytes are not an array of the shape {shape:?}", bytes.len()));
        }
        Ok(Array { shape, entry, width, big_endian, fortran, bytes })
    }

    /// The entries, row after row, of an array with at most two indices.
    ///
    /// # Errors
    ///
    /// A message if the array has more indices, or an entry is infinite or not a number.
    pub(crate) fn values(&self) -> Result<Vec<Exact>, String> {
        let values: Vec<Exact> =
            self.bytes.chunks_exact(self.width).map(|bytes| self.value(bytes)).collect::<Result<_, _>>()?;
        match (self.fortran, self.shape.as_slice()) {
            (_, [] | [_]) | (false, [_, _]) => Ok(values),
            (true, [rows, columns]) => {
                let column_starts = || (0..*columns).map(|j| j.saturating_mul(*rows));
                let places = (0..*rows).flat_map(|i| column_starts().map(move |start| start.saturating_add(i)));
                Ok(places.map(|place| values[place].clone()).collect())
            }
            _ => Err(format!("the shape {:?} has more than two indices", self.shape)),
        }
    }

    fn value(&self, bytes: &[u8]) -> Result<Exact, String> {
        let add = |bits: u64, byte: &u8| bits << 8 | u64::from(*byte);
        let bits = if self.big_endian { bytes.iter().fold(0, add) } else { bytes.iter().rev().fold(0, add) };
        match self.entry {
            Entry::Float(float) => {
                Exact::from_bits(bits, float).ok_or_else(|| "an entry is infinite or not a number".to_owned())
            }
            Entry::Unsigned => Ok(Exact::new(IBig::from(bits), 0, 0)),
            Entry::Signed => {
                let unused = 64u32.saturating_sub(u32::try_from(self.width.saturating_mul(8)).unwrap_or(64));
                let value = bits.wrapping_shl(unused).cast_signed() >> unused;
                Ok(Exact::new(IBig::from(value), 0, 0))
            }
        }
    }
}

/// Reads the array of a `.npy` file.
///
/// # Errors
///
/// A message if it is damaged, or its entries are not of a known type.
pub(crate) fn read_npy(bytes: Cow<'_, [u8]>) -> Result<Array<'_>, String> {
    let damaged = || "not a .npy array".to_owned();
    let version = match bytes.get(..8) {
        Some([b'\x93', b'N', b'U', b'M', b'P', b'Y', version @ 1..=3, 0]) => *version,
        _ => return Err(damaged()),
    };
    let (start, length) = if version == 1 {
        (10, number_at(&bytes, 8, 2).ok_or_else(damaged)?)
    } else {
        (12, number_at(&bytes, 8, 4).ok_or_else(damaged)?)
    };
    let end = length.checked_add(start).ok_or_else(damaged)?;
    let header = bytes.get(start..end).ok_or_else(damaged)?;
    // {'descr': '<f8', 'fortran_order': False, 'shape': (3, 4), }
    let header: String = header.iter().map(|&byte| char::from(byte)).filter(|c| !c.is_whitespace()).collect();
    let field = |name: &str| {
        let (_, after) = header.split_once(&format!("'{name}':"))?;
        Some(after)
    };
    let word = field("descr").and_then(|text| text.strip_prefix('\'')?.split_once('\'')).ok_or_else(damaged)?.0;
    let (entry, width) = match word.get(1..).unwrap_or("") {
        "f2" => (Entry::Float(Float::F16), 2),
        "f4" => (Entry::Float(Float::F32), 4),
        "f8" => (Entry::Float(Float::F64), 8),
        "i1" => (Entry::Signed, 1),
        "i2" => (Entry::Signed, 2),
        "i4" => (Entry::Signed, 4),
        "i8" => (Entry::Signed, 8),
        "u1" => (Entry::Unsigned, 1),
        "u2" => (Entry::Unsigned, 2),
        "u4" => (Entry::Unsigned, 4),
        "u8" => (Entry::Unsigned, 8),
        _ => return Err(format!("entries of the type {} are not supported", quote(word.as_bytes()))),
    };
    let big_endian = match (word.as_bytes().first(), width) {
        (Some(b'<'), _) | (Some(b'|'), 1) => false,
        (Some(b'>'), _) => true,
        _ => return Err(format!("entries of the type {} are not supported", quote(word.as_bytes()))),
    };
    let order = field("fortran_order").ok_or_else(damaged)?;
    let fortran = match (order.starts_with("True"), order.starts_with("False")) {
        (true, _) => true,
        (_, true) => false,
        _ => return Err(damaged()),
    };
    let shape = field("shape").and_then(|text| text.strip_prefix('(')?.split_once(')')).ok_or_else(damaged)?.0;
    let shape = shape.split(',').filter(|part| !part.is_empty()).map(str::parse);
    let shape: Vec<usize> = shape.collect::<Result<_, _>>().map_err(|_| damaged())?;
    let data = match bytes {
        Cow::Borrowed(bytes) => Cow::Borrowed(bytes.get(end..).unwrap_or(&[])),
        Cow::Owned(mut bytes) => Cow::Owned(bytes.split_off(end.min(bytes.len()))),
    };
    Array::new(shape, (entry, width), (big_endian, fortran), data)
}

/// The unsigned number that stands in `width` bytes, the least significant first.
fn number_at(bytes: &[u8], at: usize, width: usize) -> Option<usize> {
    let part = bytes.get(at..at.checked_add(width)?)?;
    usize::try_from(part.iter().rev().fold(0u64, |sum, &byte| sum << 8 | u64::from(byte))).ok()
}

/// Reads the arrays of a `.npz` archive; the names lose their ending `.npy`.
///
/// # Errors
///
/// A message if the archive or an array in it is damaged, or of a kind that is not supported.
pub(crate) fn read_npz(bytes: &[u8]) -> Result<Arrays<'_>, String> {
    let damaged = || "not a .npz archive, or a damaged one".to_owned();
    // The end record is 22 bytes and a comment of up to 65,535 bytes.
    let first = bytes.len().saturating_sub(65_557);
    let end = (first..bytes.len()).rev().find(|&at| {
        let comment =
            number_at(bytes, at.saturating_add(20), 2).and_then(|length| length.checked_add(22)?.checked_add(at));
        bytes[at..].starts_with(b"PK\x05\x06") && comment == Some(bytes.len())
    });
    let end = end.ok_or_else(damaged)?;
    let at = |place: usize, offset: usize, width: usize| number_at(bytes, place.checked_add(offset)?, width);
    let count = at(end, 10, 2).ok_or_else(damaged)?;
    let mut entry = at(end, 16, 4).ok_or_else(damaged)?;
    if count == 0xffff || entry == 0xffff_ffff {
        return Err("archives of more than 4 GiB are not supported".to_owned());
    }
    let mut arrays = Arrays::new();
    for _ in 0..count {
        if !bytes.get(entry..).unwrap_or(&[]).starts_with(b"PK\x01\x02") {
            return Err(damaged());
        }
        let read = |offset, width| at(entry, offset, width).ok_or_else(damaged);
        let (flags, method, crc) = (read(8, 2)?, read(10, 2)?, read(16, 4)?);
        let (packed, size, local) = (read(20, 4)?, read(24, 4)?, read(42, 4)?);
        let (name, extra, comment) = (read(28, 2)?, read(30, 2)?, read(32, 2)?);
        let name_at = entry.saturating_add(46);
        let name_bytes = bytes.get(name_at..name_at.saturating_add(name)).ok_or_else(damaged)?;
        let name_text = std::str::from_utf8(name_bytes).map_err(|_| damaged())?;
        // The data follow the local header, whose own name and extra field may differ in length.
        if !bytes.get(local..).unwrap_or(&[]).starts_with(b"PK\x03\x04") || flags & 1 == 1 {
            return Err(damaged());
        }
        let names = (at(local, 26, 2).ok_or_else(damaged)?, at(local, 28, 2).ok_or_else(damaged)?);
        let data = local.saturating_add(30).saturating_add(names.0).saturating_add(names.1);
        let data = bytes.get(data..data.saturating_add(packed)).ok_or_else(damaged)?;
        let data = unpack(data, method, size).ok_or_else(damaged)?;
        let mut sum = Crc::new();
        sum.update(&data);
        if usize::try_from(sum.sum()).ok() != Some(crc) {
            return Err(damaged());
        }
        let in_array = |error| format!("{}: {error}", quote(name_bytes));
        let array = read_npy(data).map_err(in_array)?;
        let short = name_text.strip_suffix(".npy").unwrap_or(name_text).to_owned();
        if arrays.insert(short, array).is_some() {
            return Err(in_array("the name occurs twice".to_owned()));
        }
        entry = name_at.saturating_add(name).saturating_add(extra).saturating_add(comment);
    }
    Ok(arrays)
}

/// The `size` bytes of an entry that is stored (method 0) or deflated (method 8).
fn unpack(data: &[u8], method: usize, size: usize) -> Option<Cow<'_, [u8]>> {
    match method {
        0 if data.len() == size => Some(Cow::Borrowed(data)),
        8 if size <= MAX_BYTES => {
            let mut unpacked = Vec::new();
            DeflateDecoder::new(data).take((size as u64).saturating_add(1)).read_to_end(&mut unpacked).ok()?;
            (unpacked.len() == size).then_some(Cow::Owned(unpacked))
        }
        _ => None,
    }
}

/// Reads the arrays of a `.safetensors` file.
///
/// # Errors
///
/// A message if it is damaged, or an array's entries are not floating-point numbers.
pub(crate) fn read_safetensors(bytes: &[u8]) -> Result<Arrays<'_>, String> {
    let damaged = || "not a .safetensors file, or a damaged one".to_owned();
    let end = number_at(bytes, 0, 8).and_then(|length| length.checked_add(8)).ok_or_else(damaged)?;
    let mut json = Json::new(bytes.get(8..end).ok_or_else(damaged)?);
    let data = bytes.get(end..).unwrap_or(&[]);
    let mut arrays = Arrays::new();
    let mut tensors = json.object()?;
    while let Some(name) = json.key(&mut tensors)? {
        let mut fields = json.object()?;
        if name == "__metadata__" {
            while json.key(&mut fields)?.is_some() {
                json.string()?;
            }
            continue;
        }
        let (mut entry, mut shape, mut offsets) = (None, None, None);
        while let Some(field) = json.key(&mut fields)? {
            match field.as_str() {
                "dtype" => entry = Some(json.string()?),
                "shape" => shape = Some(counts(&mut json)?),
                "data_offsets" => offsets = Some(counts(&mut json)?),
                _ => return Err(damaged()),
            }
        }
        let entry = match entry.as_deref() {
            Some("F16") => (Entry::Float(Float::F16), 2),
            Some("BF16") => (Entry::Float(Float::Bf16), 2),
            Some("F32") => (Entry::Float(Float::F32), 4),
            Some("F64") => (Entry::Float(Float::F64), 8),
            other => {
                let kind = quote(other.unwrap_or("").as_bytes());
                return Err(format!("{}: entries of the type {kind} are not supported", quote(name.as_bytes())));
            }
        };
        let (Some(shape), Some([from, to])) = (shape, offsets.as_deref()) else { return Err(damaged()) };
        let part = data.get(*from..*to).ok_or_else(damaged)?;
        let array = Array::new(shape, entry, (false, false), Cow::Borrowed(part))?;
        arrays.insert(name, array);
    }
    json.end()?;
    Ok(arrays)
}

/// A list of integers that are at least 0.
fn counts(json: &mut Json<'_>) -> Result<Vec<usize>, String> {
    let mut list = json.array()?;
    let mut counts = Vec::new();
    while json.item(&mut list)? {
        match json.token()? {
            Token::Number(text) => {
                let count = std::str::from_utf8(text).ok().and_then(|text| text.parse().ok());
                counts.push(count.ok_or_else(|| format!("{} is not a count", quote(text)))?);
            }
            _ => return Err("a count is expected".to_owned()),
        }
    }
    Ok(counts)
}
