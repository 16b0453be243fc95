//! A table of columns as it comes from a file, and the choice of features, target and groups among them.

use std::collections::HashMap;
use std::path::Path;

use super::dataset::{DataOptions, RawData, Target};
use super::error::DataError;
use super::limits;
use crate::exact::{Number, Round, to_decimal};

/// Which columns of a file are what.
#[derive(Debug)]
pub(super) struct Choice {
    /// Columns of the features, in order.
    pub features: Vec<usize>,
    /// Column of the target; none if the user says there is none.
    pub target: Option<usize>,
    /// Column that groups rows into samples.
    pub group: Option<usize>,
}

/// Chooses among the columns.
pub(super) fn choose(
    path: &Path,
    columns: &[String],
    options: &DataOptions,
) -> Result<Choice, DataError> {
    let mut index: HashMap<&str, usize> = HashMap::new();
    for (position, name) in columns.iter().enumerate() {
        if let Some(first) = index.insert(name, position) {
            return Err(DataError::DuplicateColumn {
                path: path.to_owned(),
                name: name.clone(),
                first: first + 1,
                second: position + 1,
            });
        }
    }
    let find = |name: &str, option: &'static str| {
        index
            .get(name)
            .copied()
            .ok_or_else(|| DataError::MissingColumn {
                path: path.to_owned(),
                name: name.to_owned(),
                option,
                columns: columns.to_vec(),
            })
    };
    let selection = |message: String, help: &str| DataError::Selection {
        path: path.to_owned(),
        message,
        help: help.to_owned(),
    };
    let group = options
        .group
        .as_deref()
        .map(|name| find(name, "--group"))
        .transpose()?;
    let target = match &options.target {
        Target::Named(name) => Some(find(name, "--target")?),
        Target::Last => (0..columns.len())
            .rev()
            .find(|&column| Some(column) != group),
        Target::None => None,
    };
    let features = match &options.features {
        Some(names) => {
            let mut seen = HashMap::new();
            let mut features = Vec::with_capacity(names.len());
            for name in names {
                let column = find(name, "--features")?;
                if seen.insert(column, ()).is_some() {
                    return Err(selection(
                        format!("--features names the column `{name}` twice"),
                        "name every feature once",
                    ));
                }
                if Some(column) == target {
                    let help = match options.target {
                        Target::Named(_) => {
                            "leave it out of --features, or choose another --target"
                        }
                        _ => "the target is the last column unless --target NAME says otherwise",
                    };
                    return Err(selection(
                        format!("the column `{name}` is both a feature and the target"),
                        help,
                    ));
                }
                features.push(column);
            }
            features
        }
        None => (0..columns.len())
            .filter(|&column| Some(column) != target && Some(column) != group)
            .collect(),
    };
    if features.is_empty() {
        return Err(selection(
            "there is no feature column".to_owned(),
            "at least one column besides the target is needed",
        ));
    }
    if target.is_some() && target == group {
        return Err(selection(
            "the group column is the target".to_owned(),
            "choose different columns for --group and --target",
        ));
    }
    if features.len() > limits::FEATURES {
        return Err(DataError::TooLarge {
            path: path.to_owned(),
            what: format!("there are {} features", features.len()),
        });
    }
    Ok(Choice {
        features,
        target,
        group,
    })
}

/// Rows on their way into samples.
pub(super) struct Rows<'a> {
    path: &'a Path,
    columns: &'a [String],
    choice: &'a Choice,
    options: &'a DataOptions,
    x: Vec<Number>,
    y: Vec<Number>,
    sample_of_row: Vec<u32>,
    /// The value of the group column in the last row.
    group: Option<Vec<u8>>,
}

impl<'a> Rows<'a> {
    pub fn new(
        path: &'a Path,
        columns: &'a [String],
        choice: &'a Choice,
        options: &'a DataOptions,
    ) -> Self {
        Rows {
            path,
            columns,
            choice,
            options,
            x: Vec::new(),
            y: Vec::new(),
            sample_of_row: Vec::new(),
            group: None,
        }
    }

    fn too_large(&self, what: String) -> DataError {
        DataError::TooLarge {
            path: self.path.to_owned(),
            what,
        }
    }

    /// Adds a row: the value of its group column, its entry in each column, and its place for messages.
    pub fn push(
        &mut self,
        group: Option<&[u8]>,
        at: impl Fn(usize) -> Result<Number, DataError>,
        place: impl Fn() -> String,
    ) -> Result<(), DataError> {
        if self.sample_of_row.len() >= limits::ROWS {
            return Err(self.too_large(format!("there are more than {} rows", limits::ROWS)));
        }
        if self.x.len() + self.choice.features.len() > limits::ENTRIES {
            return Err(self.too_large(format!("there are more than {} entries", limits::ENTRIES)));
        }
        for &column in &self.choice.features {
            self.x.push(at(column)?);
        }
        let target = self.choice.target.map_or_else(|| Ok(Number::zero()), &at)?;
        let same_sample = group.is_some() && self.group.as_deref() == group;
        if !same_sample {
            self.group = group.map(<[u8]>::to_vec);
            self.y.push(target);
        } else if let Some(first) = self
            .y
            .last()
            .filter(|first| first.to_rat() != target.to_rat())
        {
            return Err(DataError::GroupTarget {
                path: self.path.to_owned(),
                place: place(),
                group: self.options.group.clone().unwrap_or_default(),
                found: to_decimal(&target.to_rat(), 17, Round::Nearest),
                expected: to_decimal(&first.to_rat(), 17, Round::Nearest),
            });
        }
        self.sample_of_row.push((self.y.len() - 1) as u32);
        Ok(())
    }

    /// All rows are there.
    pub fn finish(self) -> Result<RawData, DataError> {
        if self.sample_of_row.is_empty() {
            return Err(DataError::NoRows {
                path: self.path.to_owned(),
            });
        }
        let name = |column: usize| self.columns[column].clone();
        Ok(RawData {
            features: self
                .choice
                .features
                .iter()
                .map(|&column| name(column))
                .collect(),
            target: self.choice.target.map_or_else(String::new, name),
            x: self.x,
            y: self.y,
            sample_of_row: self.sample_of_row,
        })
    }
}
