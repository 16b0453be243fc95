//! Data files: tables of samples.

use std::borrow::Cow;
use std::collections::HashSet;
use std::path::Path;

use super::arrays::{read_npy, read_npz};
use super::csv::Records;
use super::number::{Exact, Float, Grammar};
use super::{MAX_COLUMNS, MAX_ROWS, has_ending, read_file, within};

/// Which columns are what, and how decimals are read.
#[derive(Debug, Clone, Default)]
pub(crate) struct Selection {
    /// The target; the last column if not given.
    pub(crate) target: Option<String>,
    /// The features; all other columns, in their order, if not given.
    pub(crate) features: Option<Vec<String>>,
    /// Consecutive rows with the same text in this column are one sample.
    pub(crate) group: Option<String>,
    /// The type to which decimals are rounded; exact if not given.
    pub(crate) float: Option<Float>,
}

/// A target and one or more rows of features.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sample {
    pub(crate) target: Exact,
    pub(crate) rows: Vec<Vec<Exact>>,
}

/// A data set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Table {
    pub(crate) features: Vec<String>,
    pub(crate) samples: Vec<Sample>,
}

/// The numbers of the chosen columns.
struct Columns {
    features: Vec<usize>,
    target: usize,
    group: Option<usize>,
}

impl Selection {
    fn choose(&self, names: &[String]) -> Result<Columns, String> {
        let mut seen = HashSet::new();
        if let Some(twice) = names.iter().find(|name| !seen.insert(name.as_str())) {
            return Err(format!("two columns are called {twice:?}"));
        }
        let find = |name: &String| {
            names.iter().position(|other| other == name).ok_or_else(|| format!("there is no column {name:?}"))
        };
        let group = self.group.as_ref().map(find).transpose()?;
        let target = match &self.target {
            Some(name) => find(name)?,
            None => {
                let last = (0..names.len()).rev().find(|column| Some(*column) != group);
                last.ok_or("there are no columns")?
            }
        };
        let features: Vec<usize> = match &self.features {
            Some(list) => list.iter().map(find).collect::<Result<_, _>>()?,
            None => (0..names.len()).filter(|column| *column != target && Some(*column) != group).collect(),
        };
        let mut seen = HashSet::new();
        if let Some(&twice) = features.iter().find(|column| !seen.insert(**column)) {
            return Err(format!("the feature {:?} is chosen twice", names[twice]));
        }
        if features.contains(&target) || group == Some(target) || group.is_some_and(|g| features.contains(&g)) {
            return Err("target, features and group are different columns".to_owned());
        }
        if features.is_empty() {
            return Err("there are no features".to_owned());
        }
        within(features.len(), MAX_COLUMNS, "features")?;
        Ok(Columns { features, target, group })
    }
}

impl Table {
    /// Reads a file; its name tells the kind.
    ///
    /// # Errors
    ///
    /// A message with the place if it cannot be read, is not of a known kind, or does not have the chosen columns.
    pub(crate) fn read(path: &Path, selection: &Selection) -> Result<Self, String> {
        let bytes = read_file(path)?;
        let is_array = has_ending(path, ".npy") || has_ending(path, ".npz");
        if is_array && (selection.group.is_some() || selection.float.is_some()) {
            return Err("groups and the rounding of decimals are for .csv files".to_owned());
        }
        let table = if has_ending(path, ".npz") {
            let mut arrays = read_npz(&bytes)?;
            let (Some(x), Some(y)) = (arrays.remove("X"), arrays.remove("y")) else {
                return Err("there have to be the arrays X and y".to_owned());
            };
            let (&[n, d], &[targets] | &[targets, 1]) = (x.shape.as_slice(), y.shape.as_slice()) else {
                return Err(format!("X and y have the shapes {:?} and {:?}, not n × d and n", x.shape, y.shape));
            };
            if targets != n {
                return Err(format!("X has {n} rows, but y has {targets} entries"));
            }
            let (x, y) = (x.values()?, y.values()?);
            let row = |i: usize| x.iter().skip(i.saturating_mul(d)).take(d).chain(y.get(i)).cloned().collect();
            Table::from_rows(&x_names(d), n, row, selection)?
        } else if has_ending(path, ".npy") {
            let array = read_npy(Cow::Borrowed(&bytes))?;
            let &[n, columns @ (1..)] = array.shape.as_slice() else {
                return Err(format!("the array has the shape {:?}, not that of a table", array.shape));
            };
            let values = array.values()?;
            let row = |i: usize| values.iter().skip(i.saturating_mul(columns)).take(columns).cloned().collect();
            Table::from_rows(&x_names(columns.abs_diff(1)), n, row, selection)?
        } else if has_ending(path, ".csv") {
            Table::from_csv(&bytes, selection)?
        } else {
            return Err("the name of a data file ends in .csv, .npz or .npy".to_owned());
        };
        if table.samples.is_empty() {
            return Err("there are no samples".to_owned());
        }
        Ok(table)
    }

    fn from_rows(
        names: &[String],
        n: usize,
        row: impl Fn(usize) -> Vec<Exact>,
        selection: &Selection,
    ) -> Result<Self, String> {
        let columns = selection.choose(names)?;
        let features = columns.features.iter().map(|&column| names[column].clone()).collect();
        within(n, MAX_ROWS, "rows")?;
        let samples = (0..n).map(|i| {
            let row = row(i);
            let features = columns.features.iter().map(|&column| row[column].clone()).collect();
            Sample { target: row[columns.target].clone(), rows: vec![features] }
        });
        Ok(Table { features, samples: samples.collect() })
    }

    fn from_csv(bytes: &[u8], selection: &Selection) -> Result<Self, String> {
        let mut records = Records::new(bytes);
        let header = records.next().map_err(|error| format!("line 1: {error}"))?;
        let names = header.iter().map(|name| std::str::from_utf8(name).map(|name| name.trim().to_owned()));
        let names: Vec<String> = names.collect::<Result<_, _>>().map_err(|_| "line 1 is not UTF-8")?;
        let columns = selection.choose(&names)?;
        let mut samples: Vec<Sample> = Vec::new();
        let mut last_group: Option<Vec<u8>> = None;
        let mut count = 0usize;
        while !records.is_done() {
            let line = records.line;
            let at = |error: String| format!("line {line}: {error}");
            let record = records.next().map_err(at)?;
            if record.len() != names.len() {
                return Err(at(format!("{} fields, but {} columns", record.len(), names.len())));
            }
            count = count.saturating_add(1);
            within(count, MAX_ROWS, "rows")?;
            let number = |column: usize| {
                let parsed = match selection.float {
                    Some(float) => Exact::parse_rounded(&record[column], float),
                    None => Exact::parse(&record[column], Grammar::Free),
                };
                parsed.map_err(|error| at(format!("column {:?}: {error}", names[column])))
            };
            let target = number(columns.target)?;
            let row = columns.features.iter().map(|&column| number(column)).collect::<Result<Vec<Exact>, _>>()?;
            if let Some(column) = columns.group {
                let group = record[column].to_vec();
                if let Some(sample) = samples.last_mut()
                    && last_group.as_ref() == Some(&group)
                {
                    if sample.target != target {
                        return Err(at("the target differs from that of the row above, in the same group".to_owned()));
                    }
                    sample.rows.push(row);
                    continue;
                }
                last_group = Some(group);
            }
            samples.push(Sample { target, rows: vec![row] });
        }
        let features = columns.features.iter().map(|&column| names[column].clone()).collect();
        Ok(Table { features, samples })
    }
}

/// x0, x1, … and y.
fn x_names(features: usize) -> Vec<String> {
    (0..features).map(|j| format!("x{j}")).chain(["y".to_owned()]).collect()
}
