//! The two main jobs, from an exact problem to a verdict and a proof: [`solve`] and [`certify`].

mod beta_max;
mod checkpoint;
mod estimate;
mod full;
mod history;
mod optimal_set;
mod path;
mod rows;
mod watch;

use checkpoint::{Checkpoint, Saved};
use estimate::Estimate;
use history::History;

pub use crate::solve::active::{End, Stretch};
pub use beta_max::{BetaMax, beta_max, no_neurons};
pub use full::{DEFAULT_MAX_CELLS, FullProgram, Method};
pub use history::Moment;
pub use optimal_set::{Direction, LARGEST_GAP, OptimalSet, Range, SetError, optimal_set};
pub use path::{PathPoint, PathResult, SpacingError, log_spaced, path, proof_name};
pub use rows::Trees;
pub use watch::{Listener, Watch};

use std::cell::{Cell, RefCell};
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use num_traits::{Signed, Zero};

use crate::arrangement::ArrangementError;
use crate::arrangement::kernel::kernel;
use crate::arrangement::rows::Classes;
use crate::exact::{Rat, Round, rat_to_f64, to_decimal};
use crate::oracle::fan::{Ended, Limits, Node, Progress, RootKind, Roots, Search};
use crate::oracle::{ascent, form};
use crate::problem::{Network, Problem, ProblemError};
use crate::program::convert;
use crate::program::model::{Model, State};
use crate::prove::dual::Dual;
use crate::prove::fan::Precision;
use crate::prove::{self, Fans, Proved, VerdictLine, WriteError, Written};
use crate::solve::columns;
use crate::solve::space::Space;
use crate::solve::{narrow, sparsify};
use watch::Messages;

/// Set by Ctrl-C: searches stop, and what is proven so far is kept.
pub static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// Options of a run.
#[derive(Clone, Debug)]
pub struct RunOptions {
    /// Relative gap at which a network counts as optimal.
    pub tolerance: Rat,
    /// Total wall time, writing the proof included.
    pub time_limit: Option<Duration>,
    /// When the command started.
    pub started: Instant,
    /// Most leaves of a proof.
    pub max_leaves: Option<u64>,
    /// Worker threads.
    pub threads: Option<usize>,
    /// Where the proof goes.
    pub proof: Option<PathBuf>,
    /// Where a long search saves its state now and then.
    pub checkpoint: Option<PathBuf>,
    /// A saved state to go on from.
    pub resume: Option<PathBuf>,
    /// Seed of the local searches.
    pub seed: u64,
    /// How [`solve`] finds a network.
    pub method: Method,
    /// Which trees prove its bound.
    pub trees: Trees,
    /// No progress on the terminal.
    pub quiet: bool,
    /// How the caller follows and stops the run.
    pub watch: Watch,
}

impl RunOptions {
    /// No limits and no files: until the gap is within this relative tolerance, beginning now.
    pub fn new(tolerance: Rat) -> Self {
        RunOptions {
            tolerance,
            time_limit: None,
            started: Instant::now(),
            max_leaves: None,
            threads: None,
            proof: None,
            checkpoint: None,
            resume: None,
            seed: 0,
            method: Method::Auto,
            trees: Trees::Auto,
            quiet: true,
            watch: Watch::default(),
        }
    }
}

/// The verdict on a network.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The proven gap is within the tolerance.
    Optimal,
    /// A network of at most the same width is better by more than the tolerance.
    NotOptimal,
    /// Neither is proven.
    Undecided,
}

impl Verdict {
    /// The word used in JSON and in proofs.
    pub fn word(self) -> &'static str {
        match self {
            Verdict::Optimal => "optimal",
            Verdict::NotOptimal => "not_optimal",
            Verdict::Undecided => "undecided",
        }
    }
}

/// A direction in which a network's own residual violates the dual constraint: a neuron added there lowers the loss.
#[derive(Clone, Debug)]
pub struct Witness {
    /// Hidden weights, then the hidden bias if there is one; `ρ(u) = 1`. Float.
    pub u: Vec<f64>,
    /// `|F_v(u)|/β > 1` for `v` the network's residual. Float.
    pub ratio: f64,
    /// Sign of the output weight of the neuron to add.
    pub sign: f64,
}

/// The result of a run. Rationals are exact and in the user's convention.
#[derive(Clone, Debug)]
pub struct Certificate {
    /// The verdict on the given network, or on the network found.
    pub verdict: Verdict,
    /// Whether the subject was given (certify) or found (solve).
    pub given: bool,
    /// Rank of the rows, the hidden bias column included.
    pub rank: usize,
    /// Objective of the subject of the verdict.
    pub objective: Rat,
    /// Proven lower bound for every network of every width.
    pub lower_bound: Rat,
    /// Objective of the best network known.
    pub upper_bound: Rat,
    /// Width of the subject.
    pub width: usize,
    /// The best network known, if it is not the subject itself.
    pub best: Option<Network>,
    /// Width of the best network known.
    pub best_width: usize,
    /// Why the given network is not optimal.
    pub witness: Option<Witness>,
    /// The proof file.
    pub proof: Option<Written>,
    /// Seconds by phase.
    pub phases: Vec<(&'static str, f64)>,
    /// Remarks for the human reader.
    pub notes: Vec<String>,
    /// The full program, if that was the method.
    pub program: Option<FullProgram>,
    /// How the bracket closed.
    pub history: Vec<Moment>,
    /// The dual vector v of the proof, length n: floats near the exact one, half-sum form.
    pub dual: Vec<f64>,
}

impl Certificate {
    /// `objective − lower_bound`, exact.
    pub fn gap(&self) -> Rat {
        &self.objective - &self.lower_bound
    }

    /// The gap relative to the objective; 0 if both are 0. Exact.
    pub fn relative_gap(&self) -> Rat {
        if self.objective.is_zero() {
            Rat::zero()
        } else {
            self.gap() / self.objective.abs()
        }
    }
}

/// Why a run failed.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The network does not fit the problem.
    #[error(transparent)]
    Problem(#[from] ProblemError),
    /// The proof could not be written.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// The thread pool could not be made.
    #[error("cannot start the worker threads: {0}")]
    Threads(String),
    /// A checkpoint could not be read or written.
    #[error("{0}")]
    Checkpoint(String),
    /// The full program would be too large.
    #[error("the full program has {count} cells, more than the limit of {limit}")]
    TooManyCells {
        /// The number of cells, or the range it is in.
        count: String,
        /// The limit.
        limit: u64,
    },
    /// The cells could not be enumerated.
    #[error(transparent)]
    Cells(ArrangementError),
    /// A saved state already has its network.
    #[error("the full program is not solved from a saved state, which already has its network")]
    ResumedFull,
}

/// What the progress line says of the search of a fan.
struct Said<'a, 'j> {
    job: &'a Job<'j>,
    v: Vec<f64>,
    /// The objective of the network, in the user's convention.
    incumbent: f64,
    started: Instant,
    last: Option<Instant>,
    estimate: Estimate,
}

impl<'a, 'j> Said<'a, 'j> {
    fn new(job: &'a Job<'j>, state: &State, dual: &Dual) -> Self {
        Said {
            job,
            v: dual.floats(),
            incumbent: job.unit() * job.model.objective(state),
            started: Instant::now(),
            last: None,
            estimate: Estimate::default(),
        }
    }

    /// Bound, incumbent, open cones and an estimate of the time left; now and then, for the bound costs as much as a few products.
    fn say(&mut self, p: &Progress, slack: f64) {
        let pause = Duration::from_millis(100);
        if self.job.progress.is_hidden() || self.last.is_some_and(|last| last.elapsed() < pause) {
            return;
        }
        self.last = Some(Instant::now());
        let beta = self.job.model.beta;
        let seconds = self.started.elapsed().as_secs_f64();
        let left = self.estimate.note(seconds, p.bound / beta - 1.0, slack);
        let bound = self.job.unit() * self.job.model.scaled_dual_value(&self.v, p.bound).0;
        self.job.progress.set_message(format!(
            "proving: bound {bound:.8}, network {:.8}; {} open cones, {} leaves{}",
            self.incumbent,
            p.open,
            p.leaves,
            left.map_or(String::new(), |left| format!(
                ", about {} left",
                estimate::about(left)
            ))
        ));
    }
}

/// Leaves at which a search stops if nothing else was said.
const DEFAULT_MAX_LEAVES: u64 = 1_000_000;
/// Least and greatest time between checkpoints; in between it is a twentieth of the time so far, so that saving costs little at any length.
const CHECKPOINT_EVERY: [Duration; 2] = [Duration::from_millis(250), Duration::from_secs(20)];
/// Times of what writing its first cones takes that a fan takes at least, and seconds that are too few to ask.
const ROOT_TIMES: f64 = 1.5;
/// See [`ROOT_TIMES`].
const LEAST_FAN: f64 = 0.3;
/// Bytes of open cones from which the search closes cheap cones first.
const MEMORY: usize = 1_500_000_000;

struct Job<'a> {
    problem: &'a Problem,
    options: &'a RunOptions,
    classes: Classes,
    model: Model,
    space: Space,
    rank: usize,
    kind: RootKind,
    /// SHA-256 of the statement; only made if checkpoints are asked for.
    statement: String,
    /// When the state was saved last.
    last_save: Cell<Instant>,
    phases: RefCell<Vec<(&'static str, f64)>>,
    progress: Messages,
    program: RefCell<Option<FullProgram>>,
    history: History,
    /// When the search of a fan gives way to trees of rows.
    fan_end: Cell<Option<Instant>>,
    /// The bound of the fan, and the seconds that writing its proof may take after the trees of rows.
    fan_bound: Cell<(f64, f64)>,
    /// Seconds that a fan takes at least, where that was too long.
    fan_too_long: Cell<Option<f64>>,
    /// Whether a search of trees of rows came to an end of its own with a gap.
    rows_ended: Cell<bool>,
}

impl<'a> Job<'a> {
    fn new(problem: &'a Problem, options: &'a RunOptions) -> Self {
        let start = Instant::now();
        let classes = convert::classes(problem);
        let model = convert::model(problem, &classes);
        let kernel = kernel(&classes.primitive, problem.r());
        let rank = kernel.pivots.len();
        let space = Space::new(&model, kernel);
        let even = problem.activation.low == -problem.activation.high.clone();
        let bar = if options.quiet {
            indicatif::ProgressBar::hidden()
        } else {
            let bar = indicatif::ProgressBar::new_spinner();
            bar.enable_steady_tick(Duration::from_millis(200));
            bar
        };
        let progress = Messages {
            bar,
            listener: options.watch.listener.clone(),
        };
        Job {
            problem,
            options,
            fan_end: Cell::new(None),
            fan_bound: Cell::new((0.0, 0.0)),
            fan_too_long: Cell::new(None),
            rows_ended: Cell::new(false),
            rank,
            kind: if space.basis.len() > rows::MOST_ORTHANTS && model.decayed == model.r() {
                RootKind::Simplex
            } else if even {
                RootKind::Half
            } else {
                RootKind::Orthants
            },
            statement: if options.checkpoint.is_some() || options.resume.is_some() {
                problem.statement_sha256()
            } else {
                String::new()
            },
            last_save: Cell::new(options.started),
            phases: RefCell::new(vec![("setup", start.elapsed().as_secs_f64())]),
            progress,
            program: RefCell::new(None),
            history: History::new(options.started),
            classes,
            model,
            space,
        }
    }

    /// The objective in the user's convention is this times the half-sum form. Float.
    fn unit(&self) -> f64 {
        rat_to_f64(&self.problem.unit())
    }

    fn seconds_left(&self) -> f64 {
        self.options.time_limit.map_or(f64::INFINITY, |limit| {
            limit.as_secs_f64() - self.options.started.elapsed().as_secs_f64()
        })
    }

    /// Solving takes at most half of the time limit.
    fn stop_solving(&self) -> bool {
        self.options.watch.stopped()
            || self
                .options
                .time_limit
                .is_some_and(|limit| self.seconds_left() < 0.5 * limit.as_secs_f64())
    }

    fn add_phase(&self, name: &'static str, start: Instant) {
        let seconds = start.elapsed().as_secs_f64();
        let mut phases = self.phases.borrow_mut();
        if let Some(entry) = phases.iter_mut().find(|p| p.0 == name) {
            entry.1 += seconds;
        } else {
            phases.push((name, seconds));
        }
    }

    /// Column generation from `state`.
    fn generate(&self, state: State, slack: f64) -> State {
        let start = Instant::now();
        let result = columns::generate(
            &self.model,
            &self.space,
            state,
            self.options.seed,
            slack,
            &|| self.stop_solving(),
            &mut |round| {
                self.history.upper(round.objective * self.unit());
                self.progress.set_message(format!(
                    "solving: network {:.8} of {} neurons; max |F|/β {:.6}",
                    round.objective * self.unit(),
                    round.width,
                    round.ratio
                ));
            },
        );
        self.add_phase("solve", start);
        result
    }

    /// The target for `|F_v|`, relative to β, that leaves `tolerance·p` of gap.
    fn slack(&self, v: &[f64], p: f64, tolerance: f64) -> f64 {
        let d = self.model.dual_value(v);
        let first: f64 = v.iter().zip(&self.model.y).map(|(a, b)| a * b).sum();
        // D(tv) = t·first − t²/2·second, and D(v) = d. With t = 1 − e: D(v) − D(tv) = e·(first − second) + e²/2·second.
        let second = 2.0 * (first - d);
        let rate = (first - second).max(0.0);
        let spare = (tolerance * p - (p - d).max(0.0)).max(0.0);
        let e = if second > 0.0 {
            2.0 * spare / (rate + (rate * rate + 2.0 * second * spare).sqrt()).max(1e-300)
        } else {
            0.5
        };
        (e / (1.0 - e.min(0.5))).clamp(1e-12, 0.5)
    }

    fn roots(&self) -> Roots {
        Roots {
            kind: self.kind,
            basis: self.space.basis_coordinates(),
            undecayed: self.model.decayed < self.model.r(),
        }
    }

    fn max_leaves(&self) -> usize {
        self.options
            .max_leaves
            .unwrap_or(DEFAULT_MAX_LEAVES)
            .try_into()
            .unwrap_or(usize::MAX)
    }

    /// Seconds that rounding, verifying and writing a fan of so many leaves take, about.
    fn emission_of_fan(&self, leaves: usize) -> f64 {
        let classes = self.classes.primitive.len() as f64;
        let r = self.problem.r() as f64;
        0.05 + leaves as f64 * (6e-6 * r + 1.2e-8 * r * classes) + 1e-7 * classes * r
    }

    /// Whether the time that is left is enough for the cones that a fan has at least.
    fn has_time_for_a_fan(&self) -> bool {
        let least = ROOT_TIMES * self.emission_of_fan(2 * self.roots().count());
        let is_enough = least < self.seconds_left().max(LEAST_FAN);
        self.fan_too_long.set((!is_enough).then_some(least));
        is_enough
    }

    /// Whether there is time for more than to round, verify and write the leaves so far.
    fn keep_searching(&self, p: &Progress) -> bool {
        let reserve = self.emission_of_fan(p.leaves);
        !self.options.watch.stopped()
            && self.seconds_left() > 1.3 * reserve
            && self.fan_end.get().is_none_or(|end| Instant::now() < end)
    }

    fn save_is_due(&self) -> bool {
        let [least, greatest] = CHECKPOINT_EVERY;
        let pause = (self.options.started.elapsed() / 20).clamp(least, greatest);
        self.last_save.get().elapsed() > pause
    }

    /// Runs the fan search for a dual vector up to `β(1 + slack)`, from the roots or from a saved tree, with checkpoints on the way. It ends early at a direction
    /// above `β(1 + violation)`, if that is given.
    fn search(
        &self,
        state: &State,
        dual: &Dual,
        slack: f64,
        violation: Option<f64>,
        tree: Option<Vec<Node>>,
    ) -> Result<(Search<'_>, Ended), RunError> {
        let form = form::form(
            &self.space.rows,
            &dual.floats(),
            self.model.low,
            self.model.high,
        );
        let beta = self.model.beta;
        let target = beta * (1.0 + slack);
        let mut search = match tree {
            None => Search::new(&self.space.rows, form, &self.roots(), target),
            Some(tree) => Search::resume(&self.space.rows, form, &self.roots(), target, tree),
        };
        let limits = Limits {
            max_leaves: self.max_leaves(),
            memory: MEMORY,
            violation: violation.map(|v| beta * (1.0 + v.max(slack))),
        };
        let v = dual.floats();
        let mut noted = f64::INFINITY;
        let mut said = Said::new(self, state, dual);
        loop {
            let mut due = false;
            let ended = search.run(&limits, &mut |p: &Progress| {
                // A note costs as much as n products: it has to be worth it.
                if p.bound - beta < 0.98 * (noted - beta) {
                    noted = p.bound;
                    self.history
                        .lower(self.model.scaled_dual_value(&v, p.bound).0 * self.unit());
                }
                said.say(p, slack);
                due = self.options.checkpoint.is_some() && self.save_is_due();
                !due && self.keep_searching(p)
            });
            if let Some(path) = &self.options.checkpoint
                && (due || ended == Ended::Stopped)
            {
                let trees = checkpoint::Trees::Fan {
                    dual,
                    slack,
                    tree: &search.tree,
                };
                checkpoint::save(path, &self.statement, state, &trees).map_err(|e| {
                    RunError::Checkpoint(format!(
                        "cannot write the checkpoint {}: {e}",
                        path.display()
                    ))
                })?;
                self.last_save.set(Instant::now());
            }
            if !due || ended != Ended::Stopped {
                return Ok((search, ended));
            }
        }
    }

    /// Solves from `state` to a proven bracket: column generation with an exact oracle, or the full program; the bound by a fan, by trees of rows, or by the better
    /// of the two.
    fn close(
        &self,
        state: State,
        tolerance: f64,
        method: Method,
    ) -> Result<(State, Proved), RunError> {
        let trivial = || Proved::trivial(self.problem);
        let resumed = self.load_checkpoint()?;
        if let Some(Checkpoint {
            state,
            saved: Saved::Rows(splits, v),
        }) = resumed
        {
            let (state, proved) = self.close_rows(state, tolerance, Some((splits, v)), false)?;
            return Ok((state, proved.unwrap_or_else(trivial)));
        }
        let share = if self.fan_applies() && (resumed.is_some() || self.has_time_for_a_fan()) {
            self.fan_share()
        } else {
            0.0
        };
        if share == 0.0 {
            let state = match resumed {
                Some(saved) => saved.state,
                None => self.solve_by(state, method)?,
            };
            if !self.rows_apply() {
                return Ok((state, trivial()));
            }
            let (state, proved) = self.close_rows(state, tolerance, None, false)?;
            return Ok((state, proved.unwrap_or_else(trivial)));
        }
        let (state, open) = self.close_fan_in(share, state, tolerance, method, resumed)?;
        let Some((dual, search, slack)) = open else {
            return Ok((state, trivial()));
        };
        let emit = |search: &Search| {
            let started = Instant::now();
            let proved = self.emit(&dual, search, slack);
            self.add_phase("verify", started);
            proved
        };
        let (by_fan, _) = self.model.scaled_dual_value(&dual.floats(), search.bound());
        let p = self.model.objective(&state);
        let is_closed = p - by_fan <= tolerance * p;
        if share == 1.0 || is_closed {
            let fan = emit(&search);
            let proved = rat_to_f64(&fan.bound);
            // Where the features' scales are far apart, rounded support vectors may prove much less.
            let is_lost = is_closed && p - proved > 2.0 * tolerance * p;
            let has_rows = share < 1.0 && self.rows_apply();
            if !is_lost || !has_rows || self.options.watch.stopped() || self.seconds_left() <= 0.0 {
                return Ok((state, fan));
            }
            self.fan_bound.set((proved, 0.0));
            let (state, by_rows) = self.close_rows(state, tolerance, None, true)?;
            let by_rows = by_rows.filter(|rows| rows.bound > fan.bound);
            return Ok((state, by_rows.unwrap_or(fan)));
        }
        self.fan_bound
            .set((by_fan, 1.3 * self.emission_of_fan(search.leaves)));
        let (state, by_rows) = self.close_rows(state, tolerance, None, true)?;
        match by_rows {
            Some(proved) if rat_to_f64(&proved.bound) >= by_fan => Ok((state, proved)),
            by_rows => {
                let fan = emit(&search);
                Ok((
                    state,
                    match by_rows {
                        Some(rows) if rows.bound > fan.bound => rows,
                        _ => fan,
                    },
                ))
            }
        }
    }

    /// [`Self::close_fan`] in a part of the time that is left, or less if that seems to lead nowhere.
    fn close_fan_in(
        &self,
        share: f64,
        state: State,
        tolerance: f64,
        method: Method,
        resumed: Option<Checkpoint>,
    ) -> Result<(State, OpenFan<'_>), RunError> {
        let left = self.seconds_left().max(0.0);
        if share == 1.0 || left.is_infinite() {
            return self.close_fan(state, tolerance, method, resumed);
        }
        let started = Instant::now();
        let end = |part: f64| Some(started + Duration::from_secs_f64(part * left));
        let trial = share.min(rows::FAN_TRIAL).min(rows::FAN_TRIAL_MOST / left);
        self.fan_end.set(end(trial));
        let (mut state, mut open) = self.close_fan(state, tolerance, method, resumed)?;
        let is_open = |state: &State, (dual, search, _): &(Dual, Search<'_>, f64)| {
            let p = self.model.objective(state);
            let (bound, _) = self.model.scaled_dual_value(&dual.floats(), search.bound());
            p - bound > tolerance * p
        };
        self.fan_end.set(end(share));
        if self.fan_is_promising()
            && !self.options.watch.stopped()
            && let Some((dual, search, slack)) = open.take_if(|open| is_open(&state, open))
        {
            let saved = Saved::Fan(dual, slack, search.tree);
            let resumed = Some(Checkpoint { state, saved });
            (state, open) = self.close_fan(State::default(), tolerance, method, resumed)?;
        }
        self.fan_end.set(None);
        Ok((state, open))
    }

    fn solve_by(&self, state: State, method: Method) -> Result<State, RunError> {
        match method {
            Method::Full { max_cells } => self.full(&state, max_cells),
            Method::Auto | Method::Columns => Ok(self.generate(state, 1e-7)),
        }
    }

    /// Solves with a fan search as the exact oracle; the last search, with its vector and slack, is not yet rounded. `None` where only the bound 0 is known.
    fn close_fan(
        &self,
        state: State,
        tolerance: f64,
        method: Method,
        mut resumed: Option<Checkpoint>,
    ) -> Result<(State, OpenFan<'_>), RunError> {
        let mut state = match &mut resumed {
            Some(saved) => std::mem::take(&mut saved.state),
            None => self.solve_by(state, method)?,
        };
        // The full program has every cell: the search only proves.
        let mut rounds_left = match method {
            Method::Full { .. } => 0,
            Method::Auto | Method::Columns => 100,
        };
        let mut refinements_left = rounds_left.min(3);
        // Relative violation that has been shown to lead nowhere.
        let mut ignored = 0.0f64;
        loop {
            let p = self.model.objective(&state);
            let (dual, slack, tree) = match resumed.take().map(|c| c.saved) {
                Some(Saved::Fan(dual, slack, tree)) => (dual, Some(slack), Some(tree)),
                _ if state.neurons.is_empty() => (Dual::of_targets(self.problem), None, None),
                _ => (
                    Dual::round(self.problem, &self.model.dual_vector(&state)),
                    None,
                    None,
                ),
            };
            if dual.is_zero() {
                return Ok((state, None));
            }
            let v = dual.floats();
            let slack = slack.unwrap_or_else(|| self.slack(&v, p, 0.6 * tolerance));
            let started = Instant::now();
            let violation = (rounds_left > 0 && !self.stop_solving()).then_some(ignored);
            let (search, ended) = self.search(&state, &dual, slack, violation, tree)?;
            if ended == Ended::Violated
                && let Some(incumbent) = &search.incumbent
            {
                self.add_phase("search", started);
                rounds_left -= 1;
                let columns: Vec<(Vec<f64>, f64)> = search
                    .violators
                    .iter()
                    .map(|v| {
                        let sign = if v.sign == 0 { 1.0 } else { -1.0 };
                        (self.space.to_model(&v.u), sign)
                    })
                    .collect();
                let next = columns::improve(&self.model, &state, &columns, &|| self.stop_solving());
                let mut next = self.generate(next, 1e-9);
                if self.model.objective(&next) >= p * (1.0 - 1e-15) {
                    next = columns::refine(&self.model, &state, &columns, &|| self.stop_solving());
                }
                if self.model.objective(&next) < p * (1.0 - 1e-15) {
                    state = next;
                    ignored = 0.0;
                } else {
                    // No progress in floats: only much larger violations count from now on. If there are none, the vector is scaled to its true maximum.
                    ignored = 10.0 * (incumbent.value / self.model.beta - 1.0);
                }
                continue;
            }
            if refinements_left > 0
                && !self.stop_solving()
                && p - self.model.dual_value(&v) > tolerance * p
            {
                // Nothing is violated and yet there is a gap: the descent is stuck.
                refinements_left -= 1;
                let refined = columns::refine(&self.model, &state, &[], &|| self.stop_solving());
                if self.model.objective(&refined) < p * (1.0 - 1e-15) {
                    self.add_phase("search", started);
                    state = refined;
                    continue;
                }
            }
            // A search that was easy is worth repeating with a finer target.
            let fine = self.slack(&v, p, 0.03 * tolerance);
            let easy = ended == Ended::Closed
                && started.elapsed().as_secs_f64() < 0.15
                && fine < 0.5 * slack;
            let (search, slack) = if easy {
                (self.search(&state, &dual, fine, None, None)?.0, fine)
            } else {
                (search, slack)
            };
            self.add_phase("search", started);
            return Ok((state, Some((dual, search, slack))));
        }
    }

    fn load_checkpoint(&self) -> Result<Option<Checkpoint>, RunError> {
        let Some(path) = &self.options.resume else {
            return Ok(None);
        };
        let sizes = (
            self.problem.n(),
            (self.problem.r(), self.space.dim()),
            self.model.constants.len(),
            self.classes.primitive.len(),
            self.roots().count(),
        );
        checkpoint::load(path, &self.statement, sizes)
            .map(Some)
            .map_err(RunError::Checkpoint)
    }

    fn emit(&self, dual: &Dual, search: &Search, slack: f64) -> Proved {
        prove::prove(
            self.problem,
            &self.classes,
            dual,
            &self.fans(search, slack, self.model.beta),
        )
    }

    /// A search's tree with what its exact side needs to know; `bound` is the length its support vectors have, about.
    fn fans<'b>(&'b self, search: &'b Search, slack: f64, bound: f64) -> Fans<'b> {
        let bits = ((1.0 / slack).log2().ceil() as i32 + 9).clamp(16, 52);
        Fans {
            tree: &search.tree,
            kind: self.kind,
            space: &self.space,
            precision: Precision {
                bits,
                bound,
                target: search.bound(),
            },
        }
    }
}

/// The last search of a fan with its vector and slack, not yet rounded.
type OpenFan<'a> = Option<(Dual, Search<'a>, f64)>;

/// A lower bound as printed: exact if its fraction is short, else rounded down to 40 digits.
fn printable_bound(problem: &Problem, half_sum: &Rat) -> Rat {
    let exact = convert::in_convention(problem, half_sum);
    if exact.numer().bits() + exact.denom().bits() <= 1200 {
        return exact;
    }
    crate::exact::parse_decimal(&to_decimal(&exact, 40, Round::Down))
        .unwrap_or_else(|_| Rat::zero())
}

fn in_pool<T: Send>(options: &RunOptions, job: impl FnOnce() -> T + Send) -> Result<T, RunError> {
    let mut builder = rayon::ThreadPoolBuilder::new();
    if let Some(threads) = options.threads {
        builder = builder.num_threads(threads);
    }
    let pool = builder
        .build()
        .map_err(|e| RunError::Threads(e.to_string()))?;
    Ok(pool.install(job))
}

/// Trains to proven global optimality, from `init` or from nothing.
///
/// ```
/// use relucert::exact::parse_decimal;
/// use relucert::problem::{Activation, DataOptions, Dataset, Decay, HiddenBias, Loss, OutputBias, Problem};
/// use relucert::run::{RunOptions, Verdict, solve};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/data");
/// let data = Dataset::read(&std::path::Path::new(folder).join("iris.csv"), &DataOptions::default())?;
/// let decay = Decay::WeightDecay(parse_decimal("0.2")?);
/// let problem = Problem::new(data, Activation::relu(), Loss::Mean, decay, HiddenBias::Decayed, OutputBias::None)?;
/// let found = solve(&problem, None, &RunOptions::new(parse_decimal("1e-6")?))?;
/// assert_eq!(found.verdict, Verdict::Optimal);
/// assert!(found.lower_bound <= found.objective);
/// assert_eq!(found.best.map(|network| network.width()), Some(found.width));
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// [`RunError`] if the initial network does not fit, or the proof cannot be written.
pub fn solve(
    problem: &Problem,
    init: Option<&Network>,
    options: &RunOptions,
) -> Result<Certificate, RunError> {
    if let Some(network) = init {
        problem.check_network(network)?;
    }
    if matches!(options.method, Method::Full { .. }) && options.resume.is_some() {
        return Err(RunError::ResumedFull);
    }
    in_pool(options, || solve_here(problem, init, options))?
}

fn solve_here(
    problem: &Problem,
    init: Option<&Network>,
    options: &RunOptions,
) -> Result<Certificate, RunError> {
    let job = Job::new(problem, options);
    let tolerance = rat_to_f64(&options.tolerance);
    let start = init.map_or_else(State::default, |n| convert::state(problem, &job.model, n));
    let mut solved = job.solved(start, tolerance, options.method, init)?;
    if options.method == Method::Auto
        && !solved.within(&options.tolerance)
        && let Some(max_cells) = job.few_cells()
    {
        // Column generation got stuck in the floats; where there are few cells the full program may not.
        let method = Method::Full { max_cells };
        let full = job.solved(State::default(), tolerance, method, init)?;
        if full.gap() < solved.gap() {
            solved = full;
        } else {
            job.program.replace(None);
        }
    }
    let verdict = if solved.within(&options.tolerance) {
        Verdict::Optimal
    } else {
        Verdict::Undecided
    };
    let Solved {
        best,
        objective,
        mut notes,
        lower_bound,
        proved,
    } = solved;
    notes.extend(job.about_trees());
    let mut certificate = Certificate {
        verdict,
        given: false,
        rank: job.rank,
        upper_bound: objective.clone(),
        objective,
        lower_bound,
        width: best.width(),
        best_width: best.width(),
        best: None,
        witness: None,
        proof: None,
        phases: Vec::new(),
        notes,
        program: job.program.take(),
        history: Vec::new(),
        dual: proved.dual(),
    };
    certificate.history = job.history.finish(
        rat_to_f64(&certificate.lower_bound),
        rat_to_f64(&certificate.upper_bound),
    );
    let start = Instant::now();
    if let Some(path) = &options.proof {
        let line = VerdictLine {
            word: verdict.word(),
            tolerance: options.tolerance.clone(),
        };
        certificate.proof = Some(prove::write(
            path,
            problem,
            &[(&best, "best")],
            &certificate.lower_bound,
            &line,
            &proved,
        )?);
        job.add_phase("write", start);
    }
    certificate.best = Some(best);
    certificate.phases = job.phases.into_inner();
    Ok(certificate)
}

/// A network with the proof of its bracket.
struct Solved {
    best: Network,
    objective: Rat,
    notes: Vec<String>,
    lower_bound: Rat,
    proved: Proved,
}

impl Solved {
    fn gap(&self) -> Rat {
        &self.objective - &self.lower_bound
    }

    fn within(&self, tolerance: &Rat) -> bool {
        self.gap() <= tolerance * &self.objective
    }
}

impl Job<'_> {
    fn solved(
        &self,
        start: State,
        tolerance: f64,
        method: Method,
        init: Option<&Network>,
    ) -> Result<Solved, RunError> {
        let (state, proved) = self.close(start, tolerance, method)?;
        let (best, objective, notes) = self.finish(&state, tolerance, init)?;
        Ok(Solved {
            best,
            objective,
            notes,
            lower_bound: printable_bound(self.problem, &proved.bound),
            proved,
        })
    }

    /// The network of a state, sparsified and exact, or the initial one if that is better; with its exact objective.
    fn finish(
        &self,
        state: &State,
        tolerance: f64,
        init: Option<&Network>,
    ) -> Result<(Network, Rat, Vec<String>), RunError> {
        let start = Instant::now();
        let slim = sparsify::sparsify(&self.model, state);
        let spare = 1e-4 * tolerance * self.model.objective(&slim).max(1e-300);
        let (mut best, added) = convert::network(self.problem, &self.model, &slim, spare);
        let mut objective = self.problem.objective(&best)?;
        let mut notes = Vec::new();
        if added {
            notes.push(
                "the infimum is approached, not attained: the constant that an undecayed hidden bias makes at vanishing cost \
                 is given by one neuron with zero input weights and a small output weight"
                    .to_string(),
            );
        }
        let zero = Network {
            hidden_bias: best.hidden_bias.as_ref().map(|_| Vec::new()),
            output_bias: best.output_bias.as_ref().map(|_| Rat::zero()),
            ..Network::zero()
        };
        // A constant that fits exactly costs nothing, and the nearest float would be undecided.
        let constant = beta_max::no_neurons(self.problem);
        let fits = self.problem.objective(&constant)?.is_zero();
        let others = init.into_iter().chain([&zero]);
        for other in others.chain(fits.then_some(&constant)) {
            let value = self.problem.objective(other)?;
            if value < objective {
                best = other.clone();
                objective = value;
            }
        }
        self.add_phase("finish", start);
        Ok((best, objective, notes))
    }
}

/// Proves how far a given network is from the global optimum over networks of every width.
///
/// ```
/// use relucert::exact::parse_decimal;
/// use relucert::problem::{Activation, DataOptions, Dataset, Decay, HiddenBias, Loss, Network, OutputBias, Problem};
/// use relucert::run::{RunOptions, Verdict, certify};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let fixtures = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
/// let data = Dataset::read(&fixtures.join("data/curve.csv"), &DataOptions::default())?;
/// let network = Network::read(&fixtures.join("networks/curve_bump.json"))?;
/// let decay = Decay::WeightDecay(parse_decimal("0.02")?);
/// let problem = Problem::new(data, Activation::relu(), Loss::Mean, decay, HiddenBias::Decayed, OutputBias::Decayed)?;
/// let judged = certify(&problem, &network, &RunOptions::new(parse_decimal("1e-6")?))?;
/// assert_eq!(judged.verdict, Verdict::NotOptimal);
/// assert_eq!(judged.objective, problem.objective(&network)?);
/// // A better one, no wider.
/// assert!(judged.upper_bound < judged.objective && judged.best_width <= network.width());
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// [`RunError`] if the network does not fit the problem, or the proof cannot be written.
pub fn certify(
    problem: &Problem,
    network: &Network,
    options: &RunOptions,
) -> Result<Certificate, RunError> {
    problem.check_network(network)?;
    in_pool(options, || certify_here(problem, network, options))?
}

fn certify_here(
    problem: &Problem,
    network: &Network,
    options: &RunOptions,
) -> Result<Certificate, RunError> {
    let job = Job::new(problem, options);
    let tolerance = rat_to_f64(&options.tolerance);
    let objective = problem.objective(network)?;
    let given = convert::state(problem, &job.model, network);
    let width = network.width();
    // A residual beyond the floats has no float state that stands for it.
    let witness = rat_to_f64(&objective)
        .is_finite()
        .then(|| job.witness(&given))
        .flatten();
    job.history.upper(rat_to_f64(&objective));
    let threshold = &objective - &options.tolerance * &objective;
    // Descent from the network itself; then the optimum over all widths, without its proof.
    let start = Instant::now();
    let descended = columns::improve(&job.model, &given, &[], &|| job.stop_solving());
    job.add_phase("solve", start);
    let resumed = options.resume.is_some();
    let wide = if resumed {
        descended.clone()
    } else {
        job.generate(descended.clone(), 1e-7)
    };
    let mut narrow = job.narrowest(&job.model, &[&descended, &wide], width, tolerance)?;
    let worse = |found: &Option<(Network, Rat)>| found.as_ref().is_none_or(|f| f.1 >= threshold);
    if wide.neurons.len() > width
        && rat_to_f64(&objective) > (1.0 + tolerance) * job.in_convention(&wide)
    {
        // The optimum is wider than the given network: look for a better one of its width.
        let start = Instant::now();
        let most = if worse(&narrow) { 60.0 } else { 5.0 };
        narrow = better(
            narrow,
            job.narrow(
                &job.model,
                &[&given, &descended, &wide],
                width,
                tolerance,
                &|| job.stop_narrowing(start, most),
            )?,
        );
        job.add_phase("narrow", start);
    }
    if worse(&narrow)
        && let Some(plain) = convert::without_hidden_constant(problem, &job.model)
    {
        // The constant that an undecayed hidden bias makes takes a neuron: look for networks that do without.
        let start = Instant::now();
        let given = convert::state(problem, &plain, network);
        let mut wide = wide.clone();
        wide.constants.truncate(plain.constants.len());
        narrow = better(
            narrow,
            job.narrow(&plain, &[&given, &wide], width, tolerance, &|| {
                job.stop_narrowing(start, 60.0)
            })?,
        );
        job.add_phase("narrow", start);
    }
    let (state, proved) = job.close(wide, tolerance, Method::Columns)?;
    let lower_bound = printable_bound(problem, &proved.bound);
    let dual = proved.dual();
    let gap = &objective - &lower_bound;
    let mut notes: Vec<String> = job.about_trees().into_iter().collect();
    let mut best = None;
    let mut upper_bound = objective.clone();
    if gap > &options.tolerance * &objective {
        let (wide, value, mut more) = job.finish(&state, tolerance, None)?;
        if wide.width() <= width {
            narrow = better(narrow, Some((wide.clone(), value.clone())));
        }
        match narrow {
            Some((network, v)) if v < threshold => {
                if value < v {
                    notes.push(format!(
                        "with {} neurons the objective is {}",
                        wide.width(),
                        to_decimal(&value, 12, Round::Nearest)
                    ));
                }
                notes.append(&mut more);
                best = Some(network);
                upper_bound = v;
            }
            _ if value < objective => {
                if wide.width() > width {
                    notes.push(format!(
                        "no better network of width {width} was found; the better one shown has {} neurons",
                        wide.width()
                    ));
                }
                best = Some(wide);
                upper_bound = value;
            }
            _ => {}
        }
    }
    let best_width = best.as_ref().map_or(width, Network::width);
    let verdict = if gap <= &options.tolerance * &objective {
        Verdict::Optimal
    } else if best.is_some() && best_width <= width && upper_bound < threshold {
        Verdict::NotOptimal
    } else {
        Verdict::Undecided
    };
    let start = Instant::now();
    let proof = match &options.proof {
        None => None,
        Some(path) => {
            let mut networks = vec![(network, "given")];
            if let Some(best) = &best {
                networks.push((best, "best"));
            }
            let line = VerdictLine {
                word: verdict.word(),
                tolerance: options.tolerance.clone(),
            };
            let written = prove::write(path, problem, &networks, &lower_bound, &line, &proved)?;
            job.add_phase("write", start);
            Some(written)
        }
    };
    let history = job
        .history
        .finish(rat_to_f64(&lower_bound), rat_to_f64(&upper_bound));
    Ok(Certificate {
        verdict,
        given: true,
        rank: job.rank,
        objective,
        lower_bound,
        upper_bound,
        width,
        best,
        best_width,
        witness: witness.filter(|_| verdict != Verdict::Optimal),
        proof,
        phases: job.phases.into_inner(),
        notes,
        program: None,
        history,
        dual,
    })
}

/// The better of two networks with their objectives.
fn better(a: Option<(Network, Rat)>, b: Option<(Network, Rat)>) -> Option<(Network, Rat)> {
    match (a, b) {
        (Some(a), Some(b)) => Some(if b.1 < a.1 { b } else { a }),
        (a, b) => a.or(b),
    }
}

impl Job<'_> {
    /// The best network of at most this width that the search from these states finds.
    fn narrow(
        &self,
        model: &Model,
        states: &[&State],
        width: usize,
        tolerance: f64,
        stop: &dyn Fn() -> bool,
    ) -> Result<Option<(Network, Rat)>, RunError> {
        let seed = self.options.seed;
        let found = narrow::candidates(model, &self.space, states, width, seed, stop);
        let found: Vec<&State> = found.iter().collect();
        self.narrowest(model, &found, width, tolerance)
    }

    /// The best of the states as an exact network of at most this width.
    fn narrowest(
        &self,
        model: &Model,
        states: &[&State],
        width: usize,
        tolerance: f64,
    ) -> Result<Option<(Network, Rat)>, RunError> {
        let mut found = None;
        for state in states {
            let spare = 1e-4 * tolerance * model.objective(state).max(1e-300);
            let (network, _) = convert::network(self.problem, model, state, spare);
            if network.width() <= width {
                let value = self.problem.objective(&network)?;
                found = better(found, Some((network, value)));
            }
        }
        Ok(found)
    }

    /// Objective of a state in the user's convention, in floats.
    fn in_convention(&self, state: &State) -> f64 {
        self.model.objective(state) * self.unit()
    }

    /// The search for narrow networks takes at most a quarter of the time there is, and `most` seconds.
    fn stop_narrowing(&self, start: Instant, most: f64) -> bool {
        let spent = start.elapsed().as_secs_f64();
        self.options.watch.stopped() || spent > most || 3.0 * spent > self.seconds_left()
    }

    /// The direction of largest `|F_v|` found for the network's own residual, if it exceeds β.
    fn witness(&self, state: &State) -> Option<Witness> {
        let start = Instant::now();
        let v = self.model.dual_vector(state);
        let form = form::form(&self.space.rows, &v, self.model.low, self.model.high);
        let mut starts = ascent::starts(&self.space.rows, 60, self.options.seed);
        starts.extend(state.neurons.iter().map(|k| self.space.from_model(&k.p)));
        let peaks = ascent::peaks(&self.space.rows, &form, &starts, 100);
        self.add_phase("witness", start);
        let peak = peaks
            .into_iter()
            .next()
            .filter(|p| p.value > self.model.beta * (1.0 + 1e-12))?;
        let mut u = self.space.to_model(&peak.u);
        let rho = self.model.rho(&u);
        if rho > 0.0 {
            u.iter_mut().for_each(|x| *x /= rho);
        }
        Some(Witness {
            u,
            ratio: peak.value / self.model.beta,
            sign: if peak.sign == 0 { 1.0 } else { -1.0 },
        })
    }
}
