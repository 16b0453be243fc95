//! The user's own files, read exactly: data, networks, and what the statement of a proof about them has to be.

pub(crate) mod arrays;
pub(crate) mod binding;
pub(crate) mod csv;
pub(crate) mod expected;
pub(crate) mod json;
pub(crate) mod network;
pub(crate) mod number;
pub(crate) mod scope;
pub(crate) mod table;

use std::fs::File;
use std::io::Read;
use std::path::Path;

/// Most bytes of a file, or of an array in a compressed file.
pub(crate) const MAX_BYTES: usize = 1 << 31;
/// Most rows, most features and most neurons in the user's own files; these limits have no flag.
pub(crate) const MAX_ROWS: usize = 10_000_000;
pub(crate) const MAX_COLUMNS: usize = 1_000;
pub(crate) const MAX_NEURONS: usize = 1_000_000;
/// Most bytes of the statement that the user's own files give.
pub(crate) const MAX_STATEMENT: usize = 500_000_000;

/// The bytes of a file.
///
/// # Errors
///
/// A message if it cannot be read or has more than [`MAX_BYTES`].
pub(crate) fn read_file(path: &Path) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(|error| error.to_string())?;
    file.take((MAX_BYTES as u64).saturating_add(1)).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    within(bytes.len(), MAX_BYTES, "bytes in the file")?;
    Ok(bytes)
}

/// A message unless `count` is at most what a limit allows.
pub(crate) fn within(count: usize, most: usize, what: &str) -> Result<(), String> {
    if count > most { Err(format!("there are more than {most} {what}")) } else { Ok(()) }
}

/// Whether the name of a file ends in a certain way, in small or capital letters.
pub(crate) fn has_ending(path: &Path, ending: &str) -> bool {
    let name = path.as_os_str().as_encoded_bytes();
    name.len() >= ending.len() && name[name.len().abs_diff(ending.len())..].eq_ignore_ascii_case(ending.as_bytes())
}

#[cfg(test)]
#[path = "../../tests/unit/files.rs"]
mod tests;
