//! Files that must not be accepted.

use std::path::Path;

/// Writes the corpus.
///
/// # Errors
///
/// If a file cannot be written, or if the checker does not say what a file was made for.
pub fn write(_folder: &Path) -> Result<(), String> {
    Ok(())
}
