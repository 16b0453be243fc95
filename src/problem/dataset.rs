//! The data of a problem: rows, samples, targets, over least common denominators.

use std::path::Path;

use num_bigint::BigInt;

use super::error::{DataError, ProblemError};
use super::{arrays, csv, limits};
use crate::exact::{Number, Rat, common_denominator};

/// Rows, samples and targets. Exact: row i has the features `x[i·d + j]/x_den`, sample s the target `y[s]/y_den`. The denominators are
/// the least ones.
#[derive(Debug, Clone)]
pub struct Dataset {
    /// The file the data come from, as the user named it.
    pub source: String,
    /// Names of the d features.
    pub features: Vec<String>,
    /// Name of the target; empty if there is none (then y = 0).
    pub target: String,
    /// The number N of rows.
    pub rows: usize,
    /// The number n ≤ N of samples.
    pub samples: usize,
    /// The number of features.
    pub d: usize,
    /// N×d, row major.
    pub x: Vec<BigInt>,
    /// The positive denominator DX of x; gcd(DX, all x) = 1.
    pub x_den: BigInt,
    /// The sample each row belongs to: 0, …, n−1 in order, without gaps.
    pub sample_of_row: Vec<u32>,
    /// Length n.
    pub y: Vec<BigInt>,
    /// The positive denominator DY of y; gcd(DY, all y) = 1.
    pub y_den: BigInt,
}

/// Which column is the target.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Target {
    /// The last column that is not the group column.
    #[default]
    Last,
    /// This one.
    Named(String),
    /// The file holds no targets: for predictions.
    None,
}

/// A float format that the decimals of a data file are rounded to before anything else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Float {
    /// IEEE single precision.
    F32,
    /// IEEE double precision.
    F64,
}

impl Float {
    /// `f32` or `f64`.
    pub fn name(self) -> &'static str {
        match self {
            Float::F32 => "f32",
            Float::F64 => "f64",
        }
    }

    /// The decimal rounded once to the nearest float, ties to even; an infinity if it is too large, `None` if it is no decimal.
    pub(super) fn round_text(self, text: &str) -> Option<f64> {
        match self {
            Float::F32 => text.parse::<f32>().ok().map(f64::from),
            Float::F64 => text.parse().ok(),
        }
    }
}

/// How to read a data file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DataOptions {
    /// The target column.
    pub target: Target,
    /// The feature columns in order; all others in file order if not given.
    pub features: Option<Vec<String>>,
    /// The column whose runs of equal values are the samples; every row is a sample if not given.
    pub group: Option<String>,
    /// Round every number to this float first.
    pub float: Option<Float>,
}

/// The columns of a file that matter, before the denominators are made common.
pub(super) struct RawData {
    pub features: Vec<String>,
    pub target: String,
    /// N×d row major.
    pub x: Vec<Number>,
    /// Length n.
    pub y: Vec<Number>,
    /// Length N.
    pub sample_of_row: Vec<u32>,
}

impl RawData {
    pub(super) fn into_dataset(self, source: &Path) -> Dataset {
        let (x, x_den) = common_denominator(&self.x);
        let (y, y_den) = common_denominator(&self.y);
        Dataset {
            source: source.display().to_string(),
            d: self.features.len(),
            rows: self.sample_of_row.len(),
            samples: y.len(),
            features: self.features,
            target: self.target,
            x,
            x_den,
            sample_of_row: self.sample_of_row,
            y,
            y_den,
        }
    }
}

impl Dataset {
    /// Reads a data file; its ending says which kind it is.
    ///
    /// ```
    /// use relucert::problem::{DataOptions, Dataset, Target};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let folder = tempfile::tempdir()?;
    /// let path = folder.path().join("data.csv");
    /// std::fs::write(&path, "x,y\n0.1,1\n0.25,2\n")?;
    /// let data = Dataset::read(&path, &DataOptions::default())?;
    /// // Decimals are exact: 0.1 and 0.25 are 2/20 and 5/20.
    /// assert_eq!((data.row(0)[0].to_string(), data.row(1)[0].to_string(), data.x_den.to_string()), ("2".into(), "5".into(), "20".into()));
    /// // An error names the place and the mend.
    /// let other = DataOptions { target: Target::Named("z".into()), ..DataOptions::default() };
    /// let error = Dataset::read(&path, &other).expect_err("no such column");
    /// assert!(error.to_string().contains("there is no column `z`"));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`DataError`], with the place in the file.
    pub fn read(path: &Path, options: &DataOptions) -> Result<Self, DataError> {
        let ending = path
            .extension()
            .and_then(|e| e.to_str())
            .unwrap_or("")
            .to_ascii_lowercase();
        let raw = match ending.as_str() {
            "csv" => csv::read(path, options)?,
            "npz" => arrays::read_archive(path, options)?,
            "npy" => arrays::read_single(path, options)?,
            _ if path.is_dir() => {
                return Err(DataError::Malformed {
                    path: path.to_owned(),
                    message: "this is a folder, not a file".to_owned(),
                    help: "give a .csv, .npz or .npy file in it".to_owned(),
                });
            }
            _ => {
                return Err(DataError::UnknownFormat {
                    path: path.to_owned(),
                });
            }
        };
        Ok(raw.into_dataset(path))
    }

    /// A data set with one row a sample: `x` holds n rows of d features, `y` n targets. The features are called x0, x1, ….
    ///
    /// # Errors
    ///
    /// [`ProblemError::Width`] if the lengths do not fit.
    pub fn from_rows(x: &[Vec<Rat>], y: &[Rat]) -> Result<Self, ProblemError> {
        let d = x.first().map_or(0, Vec::len);
        let wrong = |expected, found, what| ProblemError::Width {
            expected,
            found,
            what,
        };
        if let Some(row) = x.iter().find(|row| row.len() != d) {
            return Err(wrong(d, row.len(), "features in a row"));
        }
        if x.is_empty() || d == 0 || x.len() > limits::ROWS || d > limits::FEATURES {
            return Err(wrong(1, 0, "rows or features within the limits"));
        }
        if x.len() != y.len() {
            return Err(wrong(x.len(), y.len(), "targets"));
        }
        let number = |value: &Rat| Number::from(value.clone());
        Self::from_numbers(
            (0..d).map(|j| format!("x{j}")).collect(),
            "y".to_owned(),
            x.iter().flatten().map(number).collect(),
            y.iter().map(number).collect(),
        )
    }

    /// A data set with one row a sample: `x` holds n rows of the d features, row major, `y` n targets.
    ///
    /// # Errors
    ///
    /// [`ProblemError::Width`] if the lengths do not fit, or exceed the limits.
    pub fn from_numbers(
        features: Vec<String>,
        target: String,
        x: Vec<Number>,
        y: Vec<Number>,
    ) -> Result<Self, ProblemError> {
        let (d, n) = (features.len(), y.len());
        let wrong = |expected, found, what| ProblemError::Width {
            expected,
            found,
            what,
        };
        if n == 0 || d == 0 || n > limits::ROWS || d > limits::FEATURES || x.len() > limits::ENTRIES
        {
            return Err(wrong(1, 0, "rows or features within the limits"));
        }
        if x.len() != n * d {
            return Err(wrong(n * d, x.len(), "entries in its rows"));
        }
        let raw = RawData {
            features,
            target,
            x,
            y,
            sample_of_row: (0..n as u32).collect(),
        };
        Ok(raw.into_dataset(Path::new("memory")))
    }

    /// The features of row i times DX; length d.
    ///
    /// # Panics
    ///
    /// If i ≥ N.
    pub fn row(&self, i: usize) -> &[BigInt] {
        &self.x[i * self.d..(i + 1) * self.d]
    }
}
