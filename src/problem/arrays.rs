//! Reading data from NumPy files: .npz with arrays X and y, .npy with the target in the last column.

use std::path::Path;

use super::dataset::{DataOptions, RawData, Target};
use super::error::{DataError, list_names};
use super::table::{Rows, choose};
use super::tensor::{Complaint, Entry, Tensor, npz_names, read_npy, read_npz, show_shape};

/// A table whose columns are those of X and perhaps y.
struct Arrays<'a> {
    path: &'a Path,
    x: Tensor,
    y: Option<Tensor>,
}

fn malformed(path: &Path, array: Option<&str>, complaint: Complaint) -> DataError {
    let message = match array {
        Some(name) => format!("array `{name}`: {}", complaint.message),
        None => complaint.message,
    };
    DataError::Malformed {
        path: path.to_owned(),
        message,
        help: complaint.help,
    }
}

fn load(path: &Path) -> Result<Vec<u8>, DataError> {
    std::fs::read(path).map_err(|source| DataError::Io {
        path: path.to_owned(),
        source,
    })
}

/// Reads a .npz file with an array X of shape (N, d) and an array y of shape (N,) or (N, 1).
pub(super) fn read_archive(path: &Path, options: &DataOptions) -> Result<RawData, DataError> {
    let bytes = load(path)?;
    let mut arrays = read_npz(&bytes, |name| name == "X" || name == "y")
        .map_err(|(array, complaint)| malformed(path, array.as_deref(), complaint))?;
    let missing = |name: &str, mend: &str| {
        let names = npz_names(&bytes);
        DataError::Malformed {
            path: path.to_owned(),
            message: format!("there is no array `{name}`"),
            help: format!(
                "{mend}; the arrays are {}",
                list_names(names.iter().map(String::as_str))
            ),
        }
    };
    let x = arrays.remove("X").ok_or_else(|| {
        missing(
            "X",
            "save the features as X, of shape (N, d): numpy.savez(file, X=X, y=y)",
        )
    })?;
    let y = arrays
        .remove("y")
        .filter(|_| options.target != Target::None);
    if y.is_none() && options.target == Target::Last {
        return Err(missing(
            "y",
            "save the targets as y, of shape (N,): numpy.savez(file, X=X, y=y)",
        ));
    }
    Arrays { path, x, y }.read(options)
}

/// Reads a .npy file with one array of shape (N, d+1), whose last column is the target.
pub(super) fn read_single(path: &Path, options: &DataOptions) -> Result<RawData, DataError> {
    let bytes = load(path)?;
    let x = read_npy(bytes.as_slice()).map_err(|complaint| malformed(path, None, complaint))?;
    Arrays { path, x, y: None }.read(options)
}

impl Arrays<'_> {
    fn shape_error(&self, array: &str, shape: &[usize], help: &str) -> DataError {
        DataError::Malformed {
            path: self.path.to_owned(),
            message: format!("array `{array}`: the shape is {}", show_shape(shape)),
            help: help.to_owned(),
        }
    }

    fn read(&self, options: &DataOptions) -> Result<RawData, DataError> {
        let single = self
            .path
            .extension()
            .is_some_and(|e| e.eq_ignore_ascii_case("npy"));
        let &[rows, width] = self.x.shape.as_slice() else {
            let help = if single {
                "a .npy file holds one array of shape (N, d+1), the target last"
            } else {
                "X has the shape (N, d); a single feature is X.reshape(-1, 1)"
            };
            return Err(self.shape_error(if single { "data" } else { "X" }, &self.x.shape, help));
        };
        let mut columns: Vec<String> = (0..width).map(|j| format!("x{j}")).collect();
        if let Some(y) = &self.y {
            match y.shape.as_slice() {
                [n] | [n, 1] if *n == rows => {}
                [n, outputs] if *n == rows && *outputs > 1 => {
                    return Err(self.shape_error(
                        "y",
                        &y.shape,
                        "several outputs are not supported yet: save one column as y",
                    ));
                }
                shape => {
                    let help =
                        format!("X has {rows} rows, so y has the shape ({rows},) or ({rows}, 1)");
                    return Err(self.shape_error("y", shape, &help));
                }
            }
            columns.push("y".to_owned());
        } else if single
            && options.target != Target::None
            && let Some(last) = columns.last_mut()
        {
            "y".clone_into(last);
        }
        let choice = choose(self.path, &columns, options)?;
        let mut out = Rows::new(self.path, &columns, &choice, options);
        for i in 0..rows {
            let at = |column: usize| {
                let entry = match &self.y {
                    Some(y) if column == width => y.at(i),
                    _ => self.x.at2(i, column),
                };
                let rounded = options.float.map_or(entry, |float| entry.round(float));
                rounded
                    .number()
                    .map_err(|_| self.not_finite(i, column, entry, options))
            };
            let group = choice
                .group
                .map(at)
                .transpose()?
                .map(|group| group.to_rat().to_string().into_bytes());
            out.push(group.as_deref(), at, || format!("row {i}"))?;
        }
        out.finish()
    }

    fn not_finite(
        &self,
        row: usize,
        column: usize,
        entry: Entry,
        options: &DataOptions,
    ) -> DataError {
        let (array, column) = match &self.y {
            Some(_) if column == self.x.shape[1] => ("y", 0),
            _ => ("X", column),
        };
        match (entry.number(), options.float) {
            (Ok(_), Some(float)) => DataError::FloatOverflow {
                path: self.path.to_owned(),
                place: format!("array `{array}`, row {row}, column {column}"),
                text: entry.to_string(),
                float: float.name(),
            },
            _ => DataError::Entry {
                path: self.path.to_owned(),
                array: array.to_owned(),
                row,
                column,
                value: entry.to_string(),
            },
        }
    }
}
