//! The search for all symmetries: column by column, dropping a partial map as soon as the samples seen through the columns mapped so
//! far do not match.

use std::collections::{BTreeSet, HashMap};

use num_bigint::BigInt;
use num_traits::{Signed, Zero};
use thiserror::Error;

use super::Symmetry;
use crate::exact::polynomial::sign;

/// The data whose symmetries are asked for. All columns have one common scale, and so have all targets.
#[derive(Clone, Copy, Debug)]
pub struct Data<'a> {
    /// N×r integers.
    pub rows: &'a [Vec<BigInt>],
    /// The sample of each row (N entries below n); a sample is a multiset of rows.
    pub sample_of_row: &'a [usize],
    /// n integers.
    pub targets: &'a [BigInt],
}

/// Why there is no list of symmetries.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum SymmetryError {
    /// There are more than were asked for.
    #[error("the data have more than {cap} symmetries")]
    TooMany {
        /// The largest number that was allowed.
        cap: usize,
    },
    /// The search was stopped.
    #[error("the search for the symmetries of the data was stopped")]
    Stopped,
    /// Rows, samples and targets do not fit together.
    #[error("the data are not consistent: {0}")]
    Inconsistent(String),
}

/// All symmetries of the data, the identity first, else sorted.
///
/// # Errors
/// When there are more than `cap`, when `stop` says so, and for rows of different lengths or samples that do not exist.
pub fn symmetries(
    data: &Data,
    cap: usize,
    stop: &dyn Fn() -> bool,
) -> Result<Vec<Symmetry>, SymmetryError> {
    check(data)?;
    let ranks = Ranks::new(data);
    let mut found = Vec::new();
    for target in [1, -1] {
        let Some(source) = Source::new(&ranks, target) else {
            continue;
        };
        let mut search = Search {
            ranks: &ranks,
            fits: Fits::new(&ranks, target),
            source,
            target,
            columns: Vec::new(),
            used: vec![false; ranks.width],
            classes: vec![vec![0; ranks.rows.len()]],
            found: &mut found,
            cap,
            stop,
        };
        search.extend()?;
    }
    found.sort_by_key(|symmetry| (!symmetry.is_identity(), symmetry.clone()));
    Ok(found)
}

fn check(data: &Data) -> Result<(), SymmetryError> {
    let problem = |text: String| Err(SymmetryError::Inconsistent(text));
    if data.rows.len() != data.sample_of_row.len() {
        return problem(format!(
            "{} rows, but the samples of {} rows",
            data.rows.len(),
            data.sample_of_row.len()
        ));
    }
    let width = data.rows.first().map_or(0, Vec::len);
    if let Some(i) = data.rows.iter().position(|row| row.len() != width) {
        return problem(format!(
            "row {} has {} columns, the first has {width}",
            i + 1,
            data.rows[i].len()
        ));
    }
    if let Some(i) = data
        .sample_of_row
        .iter()
        .position(|&s| s >= data.targets.len())
    {
        return problem(format!(
            "row {} belongs to a sample without a target",
            i + 1
        ));
    }
    Ok(())
}

/// The data with each number replaced by sign times the rank of its absolute value: equality and change of sign are all that counts.
struct Ranks {
    width: usize,
    rows: Vec<Vec<i64>>,
    /// The rows of each sample.
    rows_of_sample: Vec<Vec<usize>>,
    targets: Vec<i64>,
}

fn ranked<'a>(values: impl Iterator<Item = &'a BigInt> + Clone) -> HashMap<BigInt, i64> {
    let sizes: BTreeSet<BigInt> = values.map(Signed::abs).filter(|v| !v.is_zero()).collect();
    sizes.into_iter().zip(1..).collect()
}

impl Ranks {
    fn new(data: &Data) -> Self {
        let rank = |table: &HashMap<BigInt, i64>, value: &BigInt| {
            i64::from(sign(value)) * table.get(&value.abs()).copied().unwrap_or(0)
        };
        let entries = ranked(data.rows.iter().flatten());
        let targets = ranked(data.targets.iter());
        let mut rows_of_sample = vec![Vec::new(); data.targets.len()];
        for (row, &sample) in data.sample_of_row.iter().enumerate() {
            rows_of_sample[sample].push(row);
        }
        Ranks {
            width: data.rows.first().map_or(0, Vec::len),
            rows: data
                .rows
                .iter()
                .map(|row| row.iter().map(|v| rank(&entries, v)).collect())
                .collect(),
            rows_of_sample,
            targets: data.targets.iter().map(|v| rank(&targets, v)).collect(),
        }
    }

    /// The samples as (multiset of the rows' classes, target times ε), in the order of the samples.
    fn samples(&self, classes: &[usize], target: i8) -> Vec<(Vec<usize>, i64)> {
        self.rows_of_sample
            .iter()
            .zip(&self.targets)
            .map(|(rows, &y)| {
                let mut list: Vec<usize> = rows.iter().map(|&row| classes[row]).collect();
                list.sort_unstable();
                (list, y * i64::from(target))
            })
            .collect()
    }
}

/// What the mapped data, seen through their first columns, have to look like.
struct Source {
    /// For each column: (class by the columns before, value) → class.
    tables: Vec<HashMap<(usize, i64), usize>>,
    /// For each number of columns the sorted samples, targets as they are.
    samples: Vec<Vec<(Vec<usize>, i64)>>,
    /// The samples by all columns, in their order.
    full: Vec<(Vec<usize>, i64)>,
}

impl Source {
    /// The columns 0, 1, … are sources: the image of the data through (σ(0), …, σ(j)) is the data through (0, …, j), targets
    /// times ε. `None` if already the targets do not fit.
    fn new(ranks: &Ranks, target: i8) -> Option<Self> {
        let mut classes = vec![0; ranks.rows.len()];
        let sorted = |classes: &[usize], target: i8| {
            let mut samples = ranks.samples(classes, target);
            samples.sort_unstable();
            samples
        };
        if sorted(&classes, target) != sorted(&classes, 1) {
            return None;
        }
        let mut source = Source {
            tables: Vec::new(),
            samples: vec![sorted(&classes, target)],
            full: Vec::new(),
        };
        for column in 0..ranks.width {
            let mut table = HashMap::new();
            for (class, row) in classes.iter_mut().zip(&ranks.rows) {
                let next = table.len();
                *class = *table.entry((*class, row[column])).or_insert(next);
            }
            source.tables.push(table);
            source.samples.push(sorted(&classes, target));
        }
        source.full = ranks.samples(&classes, target);
        Some(source)
    }
}

/// Which single columns may map to which: `fits[from][to]` for the signs 1 and −1.
struct Fits(Vec<Vec<[bool; 2]>>);

impl Fits {
    fn new(ranks: &Ranks, target: i8) -> Self {
        let column = |j: usize, sign: i64, target: i8| {
            let mut samples: Vec<(Vec<i64>, i64)> = ranks
                .rows_of_sample
                .iter()
                .zip(&ranks.targets)
                .map(|(rows, &y)| {
                    let mut list: Vec<i64> =
                        rows.iter().map(|&row| sign * ranks.rows[row][j]).collect();
                    list.sort_unstable();
                    (list, y * i64::from(target))
                })
                .collect();
            samples.sort_unstable();
            samples
        };
        let images: Vec<_> = (0..ranks.width).map(|j| column(j, 1, 1)).collect();
        Fits(
            (0..ranks.width)
                .map(|j| {
                    let (plus, minus) = (column(j, 1, target), column(j, -1, target));
                    images
                        .iter()
                        .map(|image| [*image == plus, *image == minus])
                        .collect()
                })
                .collect(),
        )
    }
}

/// The state of the backtracking search for one ε.
struct Search<'a> {
    ranks: &'a Ranks,
    fits: Fits,
    source: Source,
    target: i8,
    /// Where the first columns go.
    columns: Vec<(usize, i8)>,
    used: Vec<bool>,
    /// The classes of the rows by the images of the first 0, 1, 2, … columns.
    classes: Vec<Vec<usize>>,
    found: &'a mut Vec<Symmetry>,
    cap: usize,
    stop: &'a dyn Fn() -> bool,
}

impl Search<'_> {
    fn extend(&mut self) -> Result<(), SymmetryError> {
        let from = self.columns.len();
        if from == self.ranks.width {
            if self.found.len() >= self.cap {
                return Err(SymmetryError::TooMany { cap: self.cap });
            }
            let samples = self.samples();
            self.found.push(Symmetry {
                columns: self.columns.clone(),
                target: self.target,
                samples,
            });
            return Ok(());
        }
        for to in 0..self.ranks.width {
            if self.used[to] {
                continue;
            }
            for (sign, fits) in [1, -1].into_iter().zip(self.fits.0[from][to]) {
                if (self.stop)() {
                    return Err(SymmetryError::Stopped);
                }
                let Some(classes) = fits.then(|| self.refined(from, to, sign)).flatten() else {
                    continue;
                };
                self.columns.push((to, sign));
                self.used[to] = true;
                self.classes.push(classes);
                let result = self.extend();
                self.classes.pop();
                self.used[to] = false;
                self.columns.pop();
                result?;
            }
        }
        Ok(())
    }

    /// The classes once column `from` goes to column `to`; `None` if the samples no longer match.
    fn refined(&self, from: usize, to: usize, sign: i8) -> Option<Vec<usize>> {
        let table = &self.source.tables[from];
        let before = self.classes.last()?;
        // Q x = x' means x'[to] = sign·x[from]: the image row, seen as a source row, has the value sign·x'[to] in column `from`.
        let classes: Vec<usize> = before
            .iter()
            .zip(&self.ranks.rows)
            .map(|(&class, row)| table.get(&(class, i64::from(sign) * row[to])).copied())
            .collect::<Option<_>>()?;
        let mut samples = self.ranks.samples(&classes, 1);
        samples.sort_unstable();
        (samples == self.source.samples[from + 1]).then_some(classes)
    }

    /// π of a complete map: equal samples in order.
    fn samples(&self) -> Vec<usize> {
        let Some(classes) = self.classes.last() else {
            return Vec::new();
        };
        let images = self.ranks.samples(classes, 1);
        let mut waiting: HashMap<&(Vec<usize>, i64), Vec<usize>> = HashMap::new();
        for (i, image) in images.iter().enumerate().rev() {
            waiting.entry(image).or_default().push(i);
        }
        self.source
            .full
            .iter()
            .enumerate()
            .map(|(i, sample)| waiting.get_mut(sample).and_then(Vec::pop).unwrap_or(i))
            .collect()
    }
}
