//! Why a file of cases cannot be read or written.

use std::path::PathBuf;

use miette::Diagnostic;
use thiserror::Error;

/// Why a file of cases cannot be read or written.
#[derive(Debug, Error, Diagnostic)]
pub enum SuiteError {
    /// The file or folder cannot be read.
    #[error("{}: {source}", path.display())]
    #[diagnostic(help(
        "give a folder or a .toml file with cases; relucert init writes an example"
    ))]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// A folder without cases.
    #[error("{}: there are no cases in this folder", path.display())]
    #[diagnostic(help(
        "cases are in files named relucert.toml or ending in .relucert.toml; relucert init writes an example"
    ))]
    NoFiles {
        /// The folder.
        path: PathBuf,
    },
    /// The file is not TOML, or not a file of cases.
    #[error("{}, line {line}: {message}", path.display())]
    #[diagnostic(help("{help}"))]
    Manifest {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong.
        message: String,
        /// The mend.
        help: String,
    },
    /// The file cannot be rewritten.
    #[error("{}: cannot be written: {source}", path.display())]
    #[diagnostic(help("check that you may write there; nothing was changed"))]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The file changed since it was read.
    #[error("{}: the file was changed while its cases ran", path.display())]
    #[diagnostic(help("run relucert test --update again; nothing was changed"))]
    Changed {
        /// The file.
        path: PathBuf,
    },
}
