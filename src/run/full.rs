//! [`Method`]: column generation, or the full convex program over every cell.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::{Job, RunError};
use crate::arrangement::{Arrangement, ArrangementError, EnumerateOptions};
use crate::program::full::Iteration;
use crate::program::model::State;
use crate::solve::columns;
use crate::solve::full::{self, Cells, Missing};

/// How a problem is solved.
#[derive(Copy, Clone, Debug, Default, PartialEq, Eq)]
pub enum Method {
    /// Column generation, and the full program where it leaves a gap and there are at most [`DEFAULT_MAX_CELLS`] cells.
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
        let cells = self.every_cell(max_cells);
        self.add_phase("cells", begun);
        let cells = match cells {
            Ok(cells) => Some(cells),
            Err(Missing::Stopped) => None,
            Err(Missing::Failed(e)) => return Err(RunError::Cells(e)),
            Err(Missing::TooMany) => {
                return Err(RunError::TooManyCells {
                    count: self.count_text(),
                    limit: max_cells,
                });
            }
        };
        let begun = Instant::now();
        let found = cells.and_then(|cells| self.optimum(&cells));
        let state = match found {
            // An initial network may be as good.
            Some(state) if self.model.objective(&state) <= self.model.objective(start) => state,
            _ => columns::improve(&self.model, start, &[], &|| self.stop_solving()),
        };
        self.history
            .upper(self.model.objective(&state) * self.unit());
        self.add_phase("solve", begun);
        Ok(state)
    }

    /// The cells, if there are few, for a problem whose bracket column generation did not close.
    pub(super) fn few_cells(&self) -> Option<u64> {
        // An arrangement of rank r has at least 2^r cells.
        let many = self.rank >= 64 || 1u64 << self.rank > DEFAULT_MAX_CELLS;
        if many || self.stop_solving() || self.options.resume.is_some() {
            return None;
        }
        let begun = Instant::now();
        let cells = self.every_cell(DEFAULT_MAX_CELLS).ok();
        self.add_phase("cells", begun);
        cells.map(|cells| cells.total)
    }

    fn optimum(&self, cells: &Cells) -> Option<State> {
        let message = format!("solving: the full program over {} cells", cells.total);
        self.progress.set_message(message.clone());
        let progress = self.progress.clone();
        let caller = self.options.watch.clone();
        let end = self
            .options
            .time_limit
            .map(|limit| self.options.started + limit / 2);
        let watch = move |iteration: Option<Iteration>| {
            if let Some(Iteration { number, gap }) = iteration {
                progress.set_message(format!("{message}, iteration {number}, gap {gap:.1e}"));
            }
            caller.stopped() || end.is_some_and(|end| Instant::now() >= end)
        };
        let (state, report) = full::optimum(&self.model, &cells.list, watch)?;
        self.program.replace(Some(FullProgram {
            cells: cells.total,
            blocks: report.blocks,
            solved: report.solved,
        }));
        Some(state)
    }

    fn arrangement(&self) -> Result<Arrangement, ArrangementError> {
        let rows = (0..self.problem.rows()).map(|i| self.problem.row_int(i));
        Arrangement::new(rows, self.problem.r())
    }

    fn every_cell(&self, max_cells: u64) -> Result<Cells, Missing> {
        let (low, high) = (&self.problem.activation.low, &self.problem.activation.high);
        if low == high {
            return Ok(Cells::whole(self.classes.primitive.len()));
        }
        let arrangement = self.arrangement().map_err(Missing::Failed)?;
        let even = low == &-high.clone();
        self.progress.set_message("enumerating the cells");
        self.until(None, |options| {
            full::cells(&arrangement, even, max_cells, options)
        })
    }

    /// The number of cells, exactly or between which bounds.
    fn count_text(&self) -> String {
        self.progress.set_message("counting the cells");
        self.arrangement().map_or_else(
            |e| e.to_string(),
            |arrangement| {
                self.until(Some(COUNTING), |options| {
                    full::count_text(&arrangement, options)
                })
            },
        )
    }

    /// Runs an enumeration that ends at an interrupt, when solving has to end, or after `most`.
    fn until<T>(&self, most: Option<Duration>, job: impl FnOnce(&EnumerateOptions) -> T) -> T {
        let (stop, done) = (AtomicBool::new(false), AtomicBool::new(false));
        let watch = &self.options.watch;
        let (limit, started, begun) = (
            self.options.time_limit,
            self.options.started,
            Instant::now(),
        );
        thread::scope(|scope| {
            scope.spawn(|| {
                while !done.load(Ordering::Relaxed) {
                    if watch.stopped()
                        || limit.is_some_and(|limit| started.elapsed() > limit / 2)
                        || most.is_some_and(|most| begun.elapsed() > most)
                    {
                        stop.store(true, Ordering::Relaxed);
                    }
                    thread::sleep(Duration::from_millis(1));
                }
            });
            let result = job(&EnumerateOptions {
                threads: rayon::current_num_threads(),
                seed: self.options.seed,
                stop: Some(&stop),
                most: None,
            });
            done.store(true, Ordering::Relaxed);
            result
        })
    }
}
