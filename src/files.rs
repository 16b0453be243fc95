//! Output files: complete or not there at all.

use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use tempfile::{Builder, NamedTempFile};

/// Where the bytes for a path go: links are followed, and what is not a regular file (a pipe, a device) is written to as it is.
enum Place {
    File { path: PathBuf, folder: PathBuf },
    Stream,
}

fn place(path: &Path) -> io::Result<Place> {
    match fs::metadata(path) {
        Ok(found) if found.is_dir() => Err(io::Error::other("this is a folder, not a file")),
        Ok(found) if !found.is_file() => Ok(Place::Stream),
        found => {
            let path = if found.is_ok() {
                fs::canonicalize(path)?
            } else {
                path.to_owned()
            };
            let folder = match path.parent() {
                Some(folder) if folder != Path::new("") => folder.to_owned(),
                _ => PathBuf::from("."),
            };
            if path.file_name().is_none() {
                return Err(io::Error::other("this is not a file name"));
            }
            Ok(Place::File { path, folder })
        }
    }
}

fn temporary(folder: &Path) -> io::Result<NamedTempFile> {
    let mut builder = Builder::new();
    builder.prefix(".relucert-").suffix(".tmp");
    #[cfg(unix)]
    {
        // As an ordinary new file: the user's umask takes its part away.
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    builder.tempfile_in(folder).map_err(plain)
}

/// The system's own error, without the name of the temporary file, which says nothing to anybody.
fn plain(error: io::Error) -> io::Error {
    let inner = error
        .get_ref()
        .and_then(|e| e.source())
        .and_then(|e| e.downcast_ref::<io::Error>());
    match inner.and_then(io::Error::raw_os_error) {
        Some(code) => io::Error::from_raw_os_error(code),
        None => error,
    }
}

/// Whether a file could be written at the path, found out without leaving a trace.
///
/// # Errors
///
/// What the system says.
pub fn check_writable(path: &Path) -> io::Result<()> {
    match place(path)? {
        Place::File { folder, .. } => temporary(&folder).map(drop),
        Place::Stream => Ok(()),
    }
}

/// Writes a file through a temporary file in the same folder, so that under its name there is ever the old content or all of the new.
///
/// # Errors
///
/// What the system, or `write`, says; the temporary file is gone then.
pub fn write_atomically(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    match place(path)? {
        Place::Stream => {
            let mut out = BufWriter::new(fs::OpenOptions::new().write(true).open(path)?);
            write(&mut out)?;
            out.flush()
        }
        Place::File { path, folder } => {
            let mut file = temporary(&folder)?;
            let mut out = BufWriter::new(file.as_file_mut());
            write(&mut out)?;
            out.flush()?;
            drop(out);
            file.as_file().sync_all()?;
            file.persist(&path).map_err(|e| e.error)?;
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(folder)
            .expect("a folder")
            .map(|entry| {
                entry
                    .expect("an entry")
                    .file_name()
                    .to_string_lossy()
                    .into_owned()
            })
            .collect();
        names.sort();
        names
    }

    #[test]
    fn a_failed_write_leaves_the_old_file_and_nothing_else() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("out");
        fs::write(&path, "old").expect("a file");
        let failed = write_atomically(&path, |out| {
            out.write_all(b"half of the new")?;
            Err(io::Error::other("stop"))
        });
        assert!(failed.is_err());
        assert_eq!(fs::read(&path).expect("the old file"), b"old");
        assert_eq!(names(folder.path()), ["out"]);
        write_atomically(&path, |out| out.write_all(b"new")).expect("written");
        assert_eq!(fs::read(&path).expect("the new file"), b"new");
        assert_eq!(names(folder.path()), ["out"]);
    }

    #[test]
    fn what_cannot_be_written_is_known_before() {
        let folder = tempfile::tempdir().expect("a folder");
        assert!(check_writable(&folder.path().join("new")).is_ok());
        assert!(check_writable(folder.path()).is_err());
        assert!(check_writable(&folder.path().join("missing").join("new")).is_err());
        assert!(names(folder.path()).is_empty());
    }
}
