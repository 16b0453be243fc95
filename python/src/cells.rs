//! Cells of the arrangement of data rows.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use num_bigint::BigInt;
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use relucert::arrangement::{Arrangement, ArrangementError, Counts, EnumerateOptions};
use relucert::cli::embed::{self, Failure, Printed};
use relucert::exact::{Number, common_denominator};

use crate::error;
use crate::job::{self, Watcher};
use crate::numbers::numbers;
use crate::problem::seconds;

/// The rows times their common denominator, which changes no sign.
fn arrangement(columns: usize, bias: bool, x: &[Number]) -> Result<Arrangement, ArrangementError> {
    let (x, den) = common_denominator(x);
    let rows: Vec<Vec<BigInt>> = x
        .chunks_exact(columns.max(1))
        .map(|row| row.iter().chain(bias.then_some(&den)).cloned().collect())
        .collect();
    Arrangement::new(rows, columns + usize::from(bias))
}

/// Sets the watcher's flag when the time is over; ends with the work.
fn alarm(watcher: &Watcher, limit: Option<Duration>, work: impl FnOnce()) {
    let begun = Instant::now();
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        if let Some(limit) = limit {
            let done = &done;
            scope.spawn(move || {
                while !done.load(Ordering::Relaxed) {
                    if begun.elapsed() > limit {
                        watcher.flag().store(true, Ordering::Relaxed);
                    }
                    thread::sleep(Duration::from_millis(2));
                }
            });
        }
        work();
        done.store(true, Ordering::Relaxed);
    });
}

fn counted(
    arrangement: &Arrangement,
    watcher: &Watcher,
    most: Option<u64>,
) -> Result<Printed, ArrangementError> {
    let mut options = EnumerateOptions {
        threads: thread::available_parallelism().map_or(1, usize::from),
        seed: 0,
        stop: Some(watcher.flag()),
        most,
    };
    // An unlucky functional is drawn anew.
    let counts = loop {
        match arrangement.count_cells(&options) {
            Err(ArrangementError::Unlucky) if options.seed < 3 => options.seed += 1,
            counts => break counts?,
        }
    };
    let counts = counts.complete.then(|| Counts::of(arrangement, &counts));
    let patterns = match &counts {
        Some(counts) => arrangement.count_patterns(
            counts,
            &EnumerateOptions {
                most: None,
                ..options
            },
        )?,
        None => None,
    };
    Ok(embed::cells(
        arrangement,
        counts.as_ref(),
        patterns.as_ref(),
    ))
}

/// Counts the cells: text, JSON, and whether an interrupt ended it.
#[pyfunction]
pub fn count_cells(
    py: Python<'_>,
    columns: usize,
    bias: bool,
    x: &Bound<'_, PyAny>,
    max_cells: Option<u64>,
    time_limit: Option<f64>,
) -> PyResult<(String, String, bool)> {
    let x = numbers(x, "X")?;
    let limit = time_limit.map(|limit| seconds(py, limit)).transpose()?;
    let watcher = Arc::new(Watcher::default());
    let shared = Arc::clone(&watcher);
    let (result, interrupted) = job::run(py, &watcher, None, move || {
        let arrangement = arrangement(columns, bias, &x)?;
        let mut result = Err(ArrangementError::Unlucky);
        alarm(&shared, limit, || {
            result = counted(&arrangement, &shared, max_cells)
        });
        result
    })?;
    let printed = result.map_err(|e: ArrangementError| error(py, &Failure::from(e)))?;
    Ok((printed.text, printed.json, interrupted))
}

/// Lists the cells: the signs of the rows (int8, one row of bytes a cell), points inside as texts of integers if wanted, whether the list is complete, and whether
/// an interrupt ended it.
#[pyfunction]
#[allow(clippy::type_complexity)]
pub fn list_cells<'py>(
    py: Python<'py>,
    columns: usize,
    bias: bool,
    x: &Bound<'py, PyAny>,
    points: bool,
    max_cells: Option<u64>,
    time_limit: Option<f64>,
) -> PyResult<(Bound<'py, PyBytes>, Vec<Vec<String>>, bool, bool)> {
    let x = numbers(x, "X")?;
    let limit = time_limit.map(|limit| seconds(py, limit)).transpose()?;
    let watcher = Arc::new(Watcher::default());
    let shared = Arc::clone(&watcher);
    let (result, interrupted) = job::run(py, &watcher, None, move || {
        let arrangement = arrangement(columns, bias, &x)?;
        let (mut signs, mut inside) = (Vec::new(), Vec::new());
        let mut result = Err(ArrangementError::Unlucky);
        alarm(&shared, limit, || {
            let options = EnumerateOptions {
                threads: 1,
                seed: 0,
                stop: Some(shared.flag()),
                most: max_cells,
            };
            result = arrangement.for_each_cell(&options, |cell| {
                signs.extend(cell.row_signs().map(i8::cast_unsigned));
                if points {
                    let point = cell.interior_point();
                    inside.push(point.iter().map(ToString::to_string).collect::<Vec<_>>());
                }
                ControlFlow::Continue(())
            });
        });
        result.map(|enumerated| (signs, inside, enumerated.complete))
    })?;
    let (signs, inside, complete) =
        result.map_err(|e: ArrangementError| error(py, &Failure::from(e)))?;
    Ok((PyBytes::new(py, &signs), inside, complete, interrupted))
}
