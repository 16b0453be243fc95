//! The bracket by trees of rows: for many dimensions, where a fan has too many cones.

use std::time::{Duration, Instant};

use super::{Job, RunError, checkpoint};
use crate::exact::Rat;
use crate::oracle::ascent;
use crate::oracle::form;
use crate::oracle::row_trees::nodes::Divider;
use crate::oracle::row_trees::search::{Progress, RowSearch};
use crate::program::model::State;
use crate::prove::dual::Dual;
use crate::prove::{self, Proved};
use crate::solve::columns;

/// Which trees prove a bound.
#[derive(Copy, Clone, Debug, PartialEq, Eq, Default)]
pub enum Trees {
    /// Fans first where they may do, then trees of rows.
    #[default]
    Auto,
    /// Fans of simplicial cones only.
    Fan,
    /// Trees of rows only: with quadratic leaves, then with quartic ones where these are not enough.
    Rows,
    /// Trees of rows with quartic leaves only, where they apply.
    Quartic,
}

/// Dimension from which the dense orthants are too many.
pub(super) const MOST_ORTHANTS: usize = 12;
/// Largest dimension of a fan in a proof.
const MOST_BASIS: usize = 24;
/// Largest dimension of a fan around an undecayed bias, which needs orthants.
const MOST_UNDECAYED: usize = 16;
/// Largest number of columns of a tree of rows in a proof.
const MOST_COLUMNS: usize = 256;
/// Leaves at which the search for the maximum of a fixed vector stops.
const FIXED_LEAVES: usize = 1_000;
/// Cones that take about as long as a leaf of a tree of rows.
const CONES_FOR_A_LEAF: u64 = 250;
/// Columns and classes up to which there are quartic bounds: at 12 columns a leaf takes seconds.
const MOST_QUARTIC: usize = 12;
/// See [`MOST_QUARTIC`].
const MOST_QUARTIC_CLASSES: usize = 3_000;
/// Part of the time, and seconds at most, for quadratic bounds before quartic ones are tried.
const TRIAL_SHARE: f64 = 0.15;
/// See [`TRIAL_SHARE`].
const TRIAL_MOST: f64 = 10.0;
/// Relative gap from which quartic bounds are tried.
const FAR: f64 = 1e-2;
/// Part of the time, and seconds at most, after which a fan either has to be promising or gives way.
pub(super) const FAN_TRIAL: f64 = 0.1;
/// See [`FAN_TRIAL`].
pub(super) const FAN_TRIAL_MOST: f64 = 20.0;
/// Exponent of a gap against time from which a fan is promising.
const FAST: f64 = 0.9;
/// Relative gap from which a first bracket is promising.
const CLOSE: f64 = 0.1;
/// Trials of vectors that there is time for at the end of a search.
const TRIALS: f64 = 2.0;
/// Part of the gap that a search from the same trees has to close to be worth another one.
const WORTH_AGAIN: f64 = 0.1;
/// Most searches from the same trees.
const AGAIN: usize = 10;
/// Leaves at which a search without limits stops.
const DEFAULT_MAX_LEAVES: u64 = 4_000;

/// The splits of trees and the best vector for them, from a saved state.
pub(super) type Grown = (Vec<(u32, Divider)>, Vec<f64>);

/// How far one search goes.
struct Plan {
    tolerance: f64,
    /// Leaves at most.
    leaves: usize,
    /// When it ends, if it has a bound by then.
    until: Option<Instant>,
    /// Whether the state is saved now and then, and the first time at once.
    saves: bool,
    first: bool,
}

impl Job<'_> {
    /// Whether trees of rows apply: ρ has to be the full norm.
    pub(super) fn rows_apply(&self) -> bool {
        self.model.decayed == self.model.r()
            && self.model.r() <= MOST_COLUMNS
            && self.model.high > self.model.low
    }

    /// Whether a fan can be searched and proved.
    pub(super) fn fan_applies(&self) -> bool {
        let k = self.space.basis.len();
        let undecayed = self.model.decayed < self.model.r();
        k <= if undecayed {
            MOST_UNDECAYED
        } else {
            MOST_BASIS
        }
    }

    /// What to say where the trees that were asked for, or all, do not apply.
    pub(super) fn about_trees(&self) -> Option<String> {
        let why = if self.model.decayed < self.model.r() {
            "the hidden bias is not decayed"
        } else {
            "there are too many columns, or the activation is linear"
        };
        let quartic = self.options.trees == Trees::Quartic;
        let long = self.fan_too_long.get().map(|seconds| {
            let cones = 2 * self.roots().count();
            format!(
                "a fan has {cones} cones at least and takes about {:.0} s: give a --time-limit above that",
                seconds.ceil()
            )
        });
        let columns = self.space.basis.len();
        let many = format!("a fan has too many cones for {columns} columns");
        if self.rows_apply() && self.options.trees == Trees::Fan {
            let why = long.or_else(|| (!self.fan_applies()).then_some(many));
            why.map(|why| format!("trees of rows were used: {why}"))
        } else if self.rows_apply() {
            let quadratic = (quartic && !self.quartics_apply()).then(|| {
                format!(
                    "quadratic leaves were used: quartic ones need rows of full rank, at most {MOST_QUARTIC} columns and at most {MOST_QUARTIC_CLASSES} different rows"
                )
            });
            let ended = "the search ended before its limits: no further split of trees of rows improved the bound";
            quadratic.or_else(|| self.rows_ended.get().then(|| ended.to_string()))
        } else if !self.fan_applies() {
            Some(format!(
                "the bound is 0 only: trees of rows do not apply ({why}), and {many}"
            ))
        } else if let Some(long) = long {
            Some(format!(
                "the bound is 0 only: trees of rows do not apply ({why}), and {long}"
            ))
        } else {
            let asked = quartic || self.options.trees == Trees::Rows;
            asked.then(|| format!("a fan was used: trees of rows do not apply ({why})"))
        }
    }

    /// What part of the time left a promising fan gets before trees of rows are tried.
    pub(super) fn fan_share(&self) -> f64 {
        match (self.options.trees, self.rows_apply(), self.space.dim()) {
            (Trees::Fan, ..) | (_, false, _) => 1.0,
            (Trees::Rows | Trees::Quartic, ..) => 0.0,
            (Trees::Auto, _, 0..=5) => 1.0,
            (Trees::Auto, _, 6..=7) => 0.6,
            (Trees::Auto, _, 8) => 0.4,
            (Trees::Auto, _, 9) => 0.25,
            (Trees::Auto, _, 10) => 0.1,
            (Trees::Auto, ..) => 0.0,
        }
    }

    /// Whether a fan that has been searched for a while is worth more time: its gap falls fast.
    pub(super) fn fan_is_promising(&self) -> bool {
        let trend = self.history.trend();
        // Without a bracket before, nothing is known but how far it is.
        let is_near = || self.history.gap().is_some_and(|gap| gap < CLOSE);
        trend > FAST && (trend.is_finite() || is_near())
    }

    fn row_search(&self) -> RowSearch<'_> {
        RowSearch::new(&self.model, &self.space.rows)
    }

    /// Whether quartic bounds apply: they are made in the coordinates of the model, and must not be too large.
    fn quartics_apply(&self) -> bool {
        let r = self.model.r();
        let same = |(i, x): (usize, &f64)| *x == f64::from(u8::from(i / r == i % r));
        self.space.dim() == r
            && r <= MOST_QUARTIC
            && self.classes.primitive.len() <= MOST_QUARTIC_CLASSES
            && self.space.coordinates.iter().enumerate().all(same)
    }

    /// Seconds that rounding and verifying so many leaves take.
    fn emission(&self, leaves: usize) -> f64 {
        let (r, classes) = (self.model.r() as f64, self.classes.primitive.len() as f64);
        let each = classes * r * r * 8e-9 + r.powi(3) * 8e-7 + classes * 1e-6;
        0.1 + leaves as f64 * each / rayon::current_num_threads() as f64
    }

    /// The same for leaves with quartic bounds.
    fn quartic_emission(&self, leaves: usize) -> f64 {
        let (r, classes) = (self.model.r() as f64, self.classes.primitive.len() as f64);
        let each = classes * r.powi(4) * 6e-9 + classes * 3e-5 + r.powi(6) * 1.2e-8;
        leaves as f64 * each / rayon::current_num_threads() as f64
    }

    /// Improves the network and its proven bound until they meet or the time is over. `None` in place of a proof if nothing could be verified.
    ///
    /// Leaves with quadratic bounds are tried first: they cost little. Where they stay far from the network and quartic bounds apply, a second search uses these.
    pub(super) fn close_rows(
        &self,
        state: State,
        tolerance: f64,
        saved: Option<Grown>,
        after_fan: bool,
    ) -> Result<(State, Option<Proved>), RunError> {
        let started = Instant::now();
        // A leaf of a tree of rows costs as much as hundreds of cones.
        let limit = match self.options.max_leaves {
            Some(leaves) if after_fan => (leaves / CONES_FOR_A_LEAF).max(2),
            Some(leaves) => leaves,
            None if self.options.time_limit.is_some() => 1_000_000,
            None => DEFAULT_MAX_LEAVES,
        };
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let resumed = saved.is_some();
        let (splits, v) = saved.unwrap_or_default();
        let saves = self.options.checkpoint.is_some();
        let mut plan = Plan {
            tolerance,
            leaves: limit,
            until: None,
            saves,
            first: !resumed && !after_fan,
        };
        // Half-spaces are for quartic bounds only.
        let has_halves = splits.iter().any(|(_, by)| matches!(by, Divider::Half(_)));
        let only_quartic =
            (self.options.trees == Trees::Quartic || has_halves) && self.quartics_apply();
        let trial = (self.quartics_apply() && !only_quartic).then(|| {
            let left = self
                .options
                .time_limit
                .map(|t| t.saturating_sub(self.options.started.elapsed()));
            let share = left.map_or(TRIAL_MOST, |t| TRIAL_SHARE * t.as_secs_f64());
            Duration::from_secs_f64(share.min(TRIAL_MOST))
        });
        plan.until = trial.map(|t| started + t);
        let mut search = self.row_search();
        if only_quartic {
            search.use_quartics();
        }
        search.grow(&splits, &v);
        let (mut state, mut ended) = self.search_rows(state, &mut search, &plan)?;
        let gap = |search: &RowSearch<'_>, state: &State| {
            let upper = self.model.objective(state);
            (upper - search.bound) / upper
        };
        let mut other = None;
        let far = if ended && self.options.time_limit.is_some() {
            tolerance
        } else {
            FAR.max(tolerance)
        };
        if trial.is_some()
            && gap(&search, &state) > far
            && !self.is_over(&search)
            && search.leaves < limit
        {
            plan.until = None;
            plan.first = false;
            let mut quartic = self.row_search();
            quartic.use_quartics();
            quartic.grow(&splits, &v);
            (state, ended) = self.search_rows(state, &mut quartic, &plan)?;
            other = Some(std::mem::replace(&mut search, quartic));
        }
        plan.until = None;
        plan.first = false;
        for _ in 0..AGAIN {
            let is_open = gap(&search, &state) > tolerance && search.leaves < limit;
            if !ended || !is_open || self.is_over(&search) {
                break;
            }
            // What holds the bound down has been lost among old inequalities: the same trees without them.
            let mut again = self.row_search();
            if search.has_quartics() {
                again.use_quartics();
            }
            again.grow(&search.splits(), &search.scaled_vector());
            let before = (search.bound, self.model.objective(&state));
            (state, ended) = self.search_rows(state, &mut again, &plan)?;
            let gain = (again.bound - before.0).max(0.0) + before.1 - self.model.objective(&state);
            if again.bound > search.bound {
                search = again;
            }
            if gain < WORTH_AGAIN * (before.1 - before.0) {
                break;
            }
        }
        self.rows_ended
            .set(ended && gap(&search, &state) > tolerance && !self.is_over(&search));
        if saves {
            match &other {
                Some(other) if other.bound > search.bound => self.save_rows(&state, other)?,
                _ => self.save_rows(&state, &search)?,
            }
        }
        self.add_phase("search", started);
        let started = Instant::now();
        let mut proved = self.emit_rows(&search, tolerance);
        if let Some(other) = other.filter(|o| proved.as_ref().is_none() || o.bound > search.bound) {
            let second = self.emit_rows(&other, tolerance);
            if second.as_ref().map(|p| &p.bound) > proved.as_ref().map(|p| &p.bound) {
                proved = second;
            }
        }
        self.add_phase("verify", started);
        Ok((state, proved))
    }

    /// Whether the search has to end: the time that is left is what the proof takes.
    fn is_over(&self, search: &RowSearch<'_>) -> bool {
        self.stop_rows(search, 0.0)()
    }

    /// Whether the time that is left is what the proof takes, and `more` seconds.
    fn stop_rows(&self, search: &RowSearch<'_>, more: f64) -> impl Fn() -> bool + Sync + use<'_> {
        let deadline = self.options.time_limit.map(|t| self.options.started + t);
        let started = self.options.started;
        let (by_fan, fan_emission) = self.fan_bound.get();
        let fan = if search.bound < by_fan {
            fan_emission
        } else {
            0.0
        };
        let own = self.emission(search.leaves) + self.quartic_emission(search.quartic_leaves());
        let reserve = 1.3 * own + fan + more;
        // The first bound is worth waiting for: half of what is left at least.
        let watch = &self.options.watch;
        move || {
            watch.stopped()
                || deadline.is_some_and(|end| {
                    let left = end.saturating_duration_since(Instant::now()).as_secs_f64();
                    left < reserve.min(0.5 * (end - started).as_secs_f64())
                })
        }
    }

    /// Makes the trees grow until the gap is closed or the plan ends; whether it ended before because nothing was left that might improve the bound.
    fn search_rows(
        &self,
        mut state: State,
        search: &mut RowSearch<'_>,
        plan: &Plan,
    ) -> Result<(State, bool), RunError> {
        let tolerance = plan.tolerance;
        let mut first = plan.first;
        self.add_own_directions(search, &state);
        let ended = loop {
            let upper = self.model.objective(&state);
            let over = self.stop_rows(search, search.concluding(TRIALS));
            let until = plan.until;
            let has_bound = search.bound > 0.0;
            let stop =
                move || over() || (has_bound && until.is_some_and(|end| Instant::now() > end));
            let progress = &self.progress;
            self.history.upper(upper * self.unit());
            search.tighten(upper, 0.5 * tolerance, &stop, &mut |p: &Progress| {
                self.history.lower(p.bound * self.unit());
                progress.set_message(format!(
                    "proving: gap {:.3e} (trees allow {:.3e}), {} leaves",
                    (upper - p.bound) / upper,
                    (upper - p.reach) / upper,
                    p.leaves
                ));
            });
            let closed = upper - search.bound <= 0.6 * tolerance * upper;
            if closed || search.leaves >= plan.leaves || stop() {
                break false;
            }
            if plan.saves && (first || self.save_is_due()) {
                self.save_rows(&state, search)?;
            }
            first = false;
            if let Some(better) = self.better_state(&state, &search.candidates()) {
                state = better;
                self.add_own_directions(search, &state);
            }
            if !search.refine(&stop) {
                break !stop();
            }
        };
        let upper = self.model.objective(&state);
        let late = self.stop_rows(search, search.concluding(0.0));
        let stop = self.stop_rows(search, 0.0);
        search.conclude(upper, 0.5 * tolerance, &late, &stop);
        self.history.lower(search.bound * self.unit());
        Ok((state, ended))
    }

    /// Saves the network and the splits to the file of `--checkpoint`.
    fn save_rows(&self, state: &State, search: &RowSearch<'_>) -> Result<(), RunError> {
        let Some(path) = &self.options.checkpoint else {
            return Ok(());
        };
        // The state of a fan stays as long as it proves more.
        let (by_fan, _) = self.fan_bound.get();
        if search.bound < by_fan {
            return Ok(());
        }
        let splits = search.splits();
        let v = search.scaled_vector();
        checkpoint::save(
            path,
            &self.statement,
            state,
            &checkpoint::Trees::Rows(&splits, &v),
        )
        .map_err(|e| {
            RunError::Checkpoint(format!(
                "cannot write the checkpoint {}: {e}",
                path.display()
            ))
        })?;
        self.last_save.set(Instant::now());
        Ok(())
    }

    fn emit_rows(&self, search: &RowSearch<'_>, tolerance: f64) -> Option<Proved> {
        if search.v.is_empty() {
            return None;
        }
        let dual = Dual::round(self.problem, &search.v);
        if dual.is_zero() {
            return None;
        }
        let bits = (0.5 * (1.0 / tolerance.max(1e-12)).log2()).ceil() as i32 + 8;
        let trees = prove::rows::Trees {
            tree: &search.best,
            quartics: &search.certificates(),
            bits: bits.clamp(14, 28),
            quartic_bits: 34,
        };
        prove::rows::prove(self.problem, &self.classes, &dual, &trees)
    }

    fn add_own_directions(&self, search: &mut RowSearch<'_>, state: &State) {
        let own: Vec<(Vec<f64>, u8)> = state
            .neurons
            .iter()
            .map(|k| (self.space.from_model(&k.p), u8::from(k.sign < 0.0)))
            .collect();
        search.add_directions(&own);
    }

    /// A better network with neurons in some of these directions.
    fn better_state(&self, state: &State, candidates: &[(Vec<f64>, u8)]) -> Option<State> {
        let v = self.model.dual_vector(state);
        let form = form::form(&self.space.rows, &v, self.model.low, self.model.high);
        let starts: Vec<Vec<f64>> = candidates.iter().map(|c| c.0.clone()).collect();
        let new: Vec<(Vec<f64>, f64)> = ascent::peaks(&self.space.rows, &form, &starts, 60)
            .into_iter()
            .filter(|p| p.value > self.model.beta * (1.0 + 1e-7))
            .take(8)
            .map(|p| {
                let sign = if p.sign == 0 { 1.0 } else { -1.0 };
                (self.space.to_model(&p.u), sign)
            })
            .collect();
        if new.is_empty() {
            return None;
        }
        let next = columns::improve(&self.model, state, &new, &|| self.seconds_left() < 0.0);
        let better = self.model.objective(&next) < self.model.objective(state) * (1.0 - 1e-14);
        better.then(|| self.generate(next, 1e-9))
    }

    /// The largest `|F_v|` of a fixed vector by trees of rows: a proven bound, and whether it is within `slack` of the value that is known to be reached. `None` where
    /// trees of rows do not apply or nothing could be verified.
    pub(super) fn largest_by_rows(
        &self,
        dual: &Dual,
        known: f64,
        slack: f64,
    ) -> Option<(Rat, bool)> {
        let (search, most) = self.fixed(dual, known * (1.0 + slack))?;
        let proved =
            prove::rows::maximum(self.problem, &self.classes, dual, &fixed_trees(&search))?;
        Some((proved, most <= known * (1.0 + 2.0 * slack)))
    }

    /// The proof by trees of rows with a given dual vector.
    pub(super) fn prove_fixed(&self, dual: &Dual, target: f64) -> Option<Proved> {
        let (search, _) = self.fixed(dual, target)?;
        prove::rows::prove(self.problem, &self.classes, dual, &fixed_trees(&search))
    }

    fn fixed(&self, dual: &Dual, target: f64) -> Option<(RowSearch<'_>, f64)> {
        if !self.rows_apply() || dual.is_zero() {
            return None;
        }
        let mut search = self.row_search();
        let limit = self.options.time_limit.map(|l| 0.7 * l.as_secs_f64());
        let stop = || {
            self.options.watch.stopped()
                || limit.is_some_and(|l| self.options.started.elapsed().as_secs_f64() > l)
        };
        let leaves = self.max_leaves().min(FIXED_LEAVES);
        let most = search.bound_fixed(&dual.floats(), target, leaves, &stop);
        Some((search, most))
    }
}

/// The trees of a search with a fixed vector.
fn fixed_trees<'a>(search: &'a RowSearch<'_>) -> prove::rows::Trees<'a> {
    prove::rows::Trees {
        tree: &search.tree,
        quartics: &[],
        bits: 24,
        quartic_bits: 34,
    }
}
