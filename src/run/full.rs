//! [`Method`]: column generation, or the full convex program over every cell.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::{INTERRUPTED, Job, RunError};
use crate::arrangement::{Arrangement, EnumerateOptions};
use crate::program::model::State;
use crate::solve::descent;
use crate::solve::full::{self, Cells, Missing};

/// How a problem is solved.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub enum Method {
    /// The method expected to be fastest: column generation.
    #[default]
    Auto,
    /// Column generation with the fan search as its oracle.
    Columns,
    /// One convex program over every cell of the arrangement; an error if there are more than `max_cells`.
    Full {
        /// Most cells.
        max_cells: u64,
    },
}

/// Cells up to which the full program is built if nothing else was said.
pub const DEFAULT_MAX_CELLS: u64 = 5_000;

/// The full program that was solved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FullProgram {
    /// Cells of the arrangement. Exact.
    pub cells: u64,
    /// Blocks of the program: pairs of a cell and a sign that can have an effect.
    pub blocks: usize,
    /// Whether the solver reached its tolerance over all of them.
    pub solved: bool,
}

/// Time for an exact count of cells that are too many.
const COUNTING: Duration = Duration::from_secs(2);

impl Job<'_> {
    /// The optimum of the full program, or a descent from `start` if the time did not suffice.
    pub(super) fn full(&self, start: &State, max_cells: u64) -> Result<State, RunError> {
        let begun = Instant::now();
        let cells = self.cells(max_cells)?;
        self.add_phase("cells", begun);
        let begun = Instant::now();
        let found = cells.and_then(|cells| {
            self.progress.set_message(format!(
                "solving: the full program over {} cells",
                cells.total
            ));
            let end = self
                .options
                .time_limit
                .map(|limit| self.options.started + limit / 2);
            let stop = move || {
                INTERRUPTED.load(Ordering::Relaxed) || end.is_some_and(|end| Instant::now() >= end)
            };
            let found = full::optimum(&self.model, &cells.list, stop);
            found.map(|(state, report)| {
                let program = FullProgram {
                    cells: cells.total,
                    blocks: report.blocks,
                    solved: report.solved,
                };
                self.program.replace(Some(program));
                state
            })
        });
        let descended = || {
            descent::descend(&self.model, start, &descent::Options::default(), &|| {
                self.stop_solving()
            })
        };
        let state = match found {
            // The initial network may be as good.
            Some(state) if self.model.objective(&state) <= self.model.objective(start) => state,
            _ => descended(),
        };
        self.add_phase("solve", begun);
        Ok(state)
    }

    /// Every cell; `None` if there was no time for them.
    fn cells(&self, max_cells: u64) -> Result<Option<Cells>, RunError> {
        let (low, high) = (&self.problem.activation.low, &self.problem.activation.high);
        // A linear activation has no kinks, and its only cell is the space.
        let rows: Vec<_> = if low == high {
            Vec::new()
        } else {
            (0..self.problem.rows())
                .map(|i| self.problem.row_int(i))
                .collect()
        };
        let failed = |e: crate::arrangement::ArrangementError| RunError::Cells(e.to_string());
        let arrangement = Arrangement::new(rows, self.problem.r()).map_err(failed)?;
        let even = low == &-high.clone();
        let seed = self.options.seed;
        self.progress.set_message("enumerating the cells");
        let listed = self.until(None, |stop| {
            let options = EnumerateOptions {
                seed,
                stop: Some(stop),
                ..EnumerateOptions::default()
            };
            full::cells(&arrangement, even, max_cells, &options)
        });
        match listed {
            Ok(cells) => Ok(Some(cells)),
            Err(Missing::Stopped) => Ok(None),
            Err(Missing::Failed(e)) => Err(failed(e)),
            Err(Missing::TooMany) => {
                let count = self.until(Some(COUNTING), |stop| {
                    let options = EnumerateOptions {
                        seed,
                        threads: self.options.threads.unwrap_or(1),
                        stop: Some(stop),
                        ..EnumerateOptions::default()
                    };
                    full::count_text(&arrangement, &options)
                });
                Err(RunError::TooManyCells {
                    count,
                    limit: max_cells,
                })
            }
        }
    }

    /// Runs something that ends when its flag is set: at an interrupt, when solving has to end, or after `most`.
    fn until<T>(&self, most: Option<Duration>, job: impl FnOnce(&AtomicBool) -> T) -> T {
        let (stop, done) = (AtomicBool::new(false), AtomicBool::new(false));
        let (options, begun) = (self.options, Instant::now());
        thread::scope(|scope| {
            scope.spawn(|| {
                while !done.load(Ordering::Relaxed) {
                    let late = options
                        .time_limit
                        .is_some_and(|limit| options.started.elapsed() > limit / 2);
                    if late
                        || INTERRUPTED.load(Ordering::Relaxed)
                        || most.is_some_and(|most| begun.elapsed() > most)
                    {
                        stop.store(true, Ordering::Relaxed);
                    }
                    thread::park_timeout(Duration::from_millis(5));
                }
            });
            let result = job(&stop);
            done.store(true, Ordering::Relaxed);
            result
        })
    }
}
