//! The search with quartic bounds, which cost so much that a leaf is bounded again only where its old inequality says that it matters.
//!
//! At a trial vector the leaves whose bound seems to be near β are solved. That gives the inequalities and an estimate of the bound. Between two trials the trees grow for a
//! while with the inequalities of the new leaves only: most of what a trial solves has stayed as it was. A vector whose estimate is clearly better than the proven bound is
//! *settled* now and then: all the other leaves get a bound for it too.

use std::sync::Arc;
use std::time::Instant;

use nalgebra::DMatrix;
use rayon::prelude::*;

use super::nodes::{RowLeaf, RowNode, Seen};
use super::search::{MANY_CUTS, Progress, RowSearch, STEP, Solved, Trial};
use crate::oracle::form::dot;
use crate::oracle::quadratic::leaf::{Relaxed, Solver};
use crate::oracle::quartic::moments::Moments;
use crate::oracle::quartic::search::{Proof, Quartics, Shift, multiple, shift_of};
use crate::oracle::quartic::solver::{self as quartic, Certificate, Goal, Point, Region};

/// How far below β, relative to β and to the relative gap, a leaf's bound has to seem to be for it to be passed over; more, up to 1, where that has misled.
const NEAR: f64 = 0.15;
/// The part of the gap by which an estimate may be wrong.
const WRONG: f64 = 0.2;
/// Part of the gap that an estimate has to close before it is settled.
const WORTH: f64 = 0.2;
/// The trees grow by this factor between two trials: to solve a leaf again takes a third of the steps that a new one takes.
const GROWTH: f64 = 1.12;
/// Trials at the end, at most, and the part of the gap that better vectors may leave then.
const LAST: usize = 6;
/// See [`LAST`].
const LAST_LEFT: f64 = 0.1;
/// Steps for each leaf that a trial may need, whatever the last one needed.
const TRIAL: f64 = 1.0;
/// Settling may take this much longer than the last one, for as many leaves.
const SPARE: f64 = 1.5;
/// Steps for each leaf that settling may need, whatever the last one needed: at least, and at most where it is asked whether the next one is due.
const OPEN: [f64; 2] = [4.5, 6.0];
/// Between two settlings there are this many times the steps that the next one may need.
const BETWEEN: f64 = 4.0;
/// Memory for where solutions may begin.
const MOST_BYTES: f64 = 2e9;
/// Steps of a leaf that takes long.
const MOST_ALONE: f64 = 20.0;
/// Leaves with certificates for a vector that make it worth two more solutions at the root to take them to another vector.
const SHARED: usize = 5;

/// What a search with quartic bounds needs.
pub(super) struct Lazy {
    quartics: Quartics,
    /// The vector that seems to be the best one for the trees.
    centre: Vec<f64>,
    /// What seems to be the largest bound of a leaf with it.
    most: f64,
    /// The bound that it seems to give.
    bound: f64,
    /// See [`NEAR`].
    near: f64,
    /// How far the next trial goes from the centre towards what the cuts allow.
    length: f64,
    /// Steps of all solutions so far and the seconds of a thread that they took.
    steps: usize,
    seconds: f64,
    /// Leaves at the last trial, and the steps that it took.
    tried: usize,
    trial_steps: usize,
    /// The steps for each leaf of the last settling, and all steps until its end.
    settled: (f64, usize),
}

impl RowSearch<'_> {
    /// Uses quartic bounds for the leaves.
    pub fn use_quartics(&mut self) {
        self.lazy = Some(Lazy {
            quartics: Quartics {
                moments: Moments::new(&self.unit.p),
            },
            centre: Vec::new(),
            most: f64::INFINITY,
            bound: 0.0,
            near: NEAR,
            length: STEP,
            steps: 0,
            seconds: 0.0,
            tried: 0,
            trial_steps: 0,
            settled: (0.0, 0),
        });
    }

    /// Whether quartic bounds are used.
    pub fn has_quartics(&self) -> bool {
        self.lazy.is_some()
    }

    /// Leaves with a quartic bound.
    pub fn quartic_leaves(&self) -> usize {
        let is_quartic =
            |node: &&RowNode| matches!(node, RowNode::Leaf(leaf) if leaf.quartic.is_some());
        self.tree.iter().filter(is_quartic).count()
    }

    /// Steps that [`Self::settle`] may need for each leaf.
    fn open(lazy: &Lazy) -> f64 {
        (SPARE * lazy.settled.0).max(OPEN[0])
    }

    /// Seconds that [`Self::conclude`] may take with so many trials.
    pub fn concluding(&self, trials: f64) -> f64 {
        let Some(lazy) = &self.lazy else { return 0.0 };
        if lazy.steps == 0 {
            return 0.0;
        }
        let trial = (lazy.trial_steps as f64).max(TRIAL * self.leaves as f64);
        let steps = self.leaves as f64 * Self::open(lazy) + trials * trial;
        let each = lazy.seconds / lazy.steps as f64;
        // The last leaf of each round is alone.
        each * (MOST_ALONE + steps / rayon::current_num_threads() as f64)
    }

    /// Whether there have been enough steps since the last settling for another one.
    fn may_settle(&self, lazy: &Lazy) -> bool {
        // With few leaves the last one took more for each.
        let open = self.leaves as f64 * Self::open(lazy).min(OPEN[1]);
        (lazy.steps - lazy.settled.1) as f64 > BETWEEN * open
    }

    fn is_unsettled(&self) -> bool {
        let lazy = self.lazy.as_ref();
        lazy.is_some_and(|lazy| lazy.bound > self.bound && lazy.centre != self.v)
    }

    /// Bounds the leaves that `which` says, given what their bound at v seems to be, with v to `accuracy`, or until the bound is at most `enough`; what the relaxations end with.
    fn solve_quartic(
        &mut self,
        v: &[f64],
        which: &(dyn Fn(&RowLeaf, f64) -> bool + Sync),
        goal: &Goal,
        stop: &(dyn Fn() -> bool + Sync),
    ) -> Vec<Solved> {
        let Some(lazy) = &self.lazy else {
            return Vec::new();
        };
        let started = Instant::now();
        let forms = self.forms(v);
        let vector = Arc::new(v.to_vec());
        let (unit, quartics) = (&self.unit, &lazy.quartics);
        let is_kept = self.leaves as f64 * quartics.moments.bytes() < MOST_BYTES;
        let results: Vec<(u32, RowLeaf, quartic::Solved)> = self
            .tree
            .par_iter()
            .enumerate()
            .with_max_len(1)
            .filter_map(|(index, node)| {
                let RowNode::Leaf(leaf) = node else {
                    return None;
                };
                if stop() || !which(leaf, seems(leaf, v)) {
                    return None;
                }
                let form = &forms[leaf.sign as usize];
                let halves: Vec<(Vec<f64>, f64)> =
                    leaf.halves.iter().map(|(h, side)| h.unit(*side)).collect();
                let region = Region {
                    fixed: &leaf.fixed,
                    halves: &halves,
                };
                let before = leaf.ready.as_deref();
                let mut solved = quartics.solve(form, &region, goal, before, &|| stop());
                if !solved.is_done && stop() {
                    return None;
                }
                let mut leaf = leaf.as_ref().clone();
                leaf.ready = match solved.warm.take() {
                    _ if !is_kept => None,
                    Some(warm) => Some(Arc::new(warm)),
                    None => leaf.ready,
                };
                // What was proven for this vector, if only for a region that has this one.
                let old = leaf.quartic.take().filter(|old| *old.vector == v);
                let new = solved.certificate.take().map(|certificate| Proof {
                    certificate: Arc::new(certificate),
                    vector: vector.clone(),
                });
                let best =
                    |a: &Proof, b: &Proof| a.certificate.bound.total_cmp(&b.certificate.bound);
                leaf.quartic = old.into_iter().chain(new).min_by(best);
                leaf.bound = match &leaf.quartic {
                    Some(proof) => proof.certificate.bound,
                    None => Solver::new(unit, form, &leaf.fixed).value(&leaf.multipliers),
                };
                leaf.solved = true;
                Some((index as u32, leaf, solved))
            })
            .collect();
        let count = results.len();
        let mut list = Vec::with_capacity(count);
        let mut steps = 0;
        for (index, mut leaf, solved) in results {
            steps += solved.steps;
            if let Some(point) = solved.point {
                let (relaxed, second) = relaxed_by(point, leaf.bound);
                let g = self.features(&relaxed.x, &relaxed.size, leaf.sign);
                leaf.seen = Some(Arc::new(Seen {
                    offset: leaf.bound - dot(&g, v),
                    g,
                }));
                list.push(Solved {
                    index,
                    relaxed,
                    second: Some(second),
                });
            }
            self.tree[index as usize] = RowNode::Leaf(Box::new(leaf));
        }
        if let Some(lazy) = &mut self.lazy {
            let threads = rayon::current_num_threads().min(count.max(1));
            lazy.steps += steps;
            lazy.seconds += started.elapsed().as_secs_f64() * threads as f64;
        }
        list
    }

    /// What the largest bound of a leaf at v seems to be.
    fn seems_most(&self, v: &[f64]) -> f64 {
        let leaves = self.tree.iter().filter_map(|node| match node {
            RowNode::Leaf(leaf) => Some(seems(leaf, v)),
            RowNode::Split { .. } => None,
        });
        leaves.fold(0.0, f64::max)
    }

    /// What the inequalities say about the vector that seems to be the best one: some are newer than its estimate.
    fn correct_estimate(&mut self) {
        let Some(lazy) = &mut self.lazy else { return };
        if lazy.centre.is_empty() {
            return;
        }
        let leaves = self.master.cuts.iter().filter(|cut| cut.leaf.is_some());
        let known = leaves.map(|cut| dot(&cut.g, &lazy.centre));
        let most = known.fold(lazy.most, f64::max);
        if most > lazy.most {
            lazy.most = most;
            (lazy.bound, _) = self.model.scaled_dual_value(&lazy.centre, most);
        }
        self.return_to_proven();
    }

    /// Goes back to the vector that is proven to be the best one so far, if the one that seemed to be is not.
    fn return_to_proven(&mut self) {
        if let Some(lazy) = &mut self.lazy
            && lazy.bound < self.bound
        {
            lazy.centre.clone_from(&self.v);
            (lazy.most, lazy.bound) = (self.most, self.bound);
        }
    }

    /// Whether the trees have grown since the last trial, but not so much that another one is due.
    fn is_growing(&self, lazy: &Lazy) -> bool {
        let most = GROWTH * lazy.tried as f64;
        self.is_hopeful() && self.leaves > lazy.tried && (self.leaves as f64) < most
    }

    /// [`Self::tighten`] with quartic bounds.
    pub(super) fn tighten_quartic(
        &mut self,
        upper: f64,
        tolerance: f64,
        stop: &(dyn Fn() -> bool + Sync),
        report: &mut dyn FnMut(&Progress),
    ) {
        let mut idle = 0;
        for _ in 0..200 {
            self.correct_estimate();
            self.thin_cuts(MANY_CUTS.max(3 * self.leaves));
            let Some(lazy) = &self.lazy else { return };
            let (centre, most) = (lazy.centre.clone(), lazy.most);
            let (is_growing, length) = (self.is_growing(lazy), lazy.length);
            let is_given = self.is_given();
            let (v, reach) = self.next_trial(&centre, most, length);
            if is_growing && upper - reach > tolerance * upper {
                // The new leaves are divided with what is known.
                (self.trial, self.reach) = (v, reach);
                return;
            }
            let Some(trial) = self.try_vector(v, reach, idle, (upper, tolerance), stop) else {
                return;
            };
            let is_closed = upper - trial.bound <= 0.5 * tolerance * upper;
            let is_worth = trial.bound - self.bound > WORTH * (upper - self.bound);
            let may_settle = self.lazy.as_ref().is_some_and(|l| self.may_settle(l));
            if is_closed || is_given || (is_worth && may_settle) {
                self.settle(upper, stop);
            }
            report(&Progress {
                bound: self.bound,
                reach,
                leaves: self.leaves,
            });
            idle = trial.idle;
            if self.is_tight(&trial, upper, tolerance) {
                break;
            }
        }
    }

    /// Bounds the leaves that seem to matter at v, where the cuts allow `reach`; None if `stop` came first.
    fn try_vector(
        &mut self,
        v: Vec<f64>,
        reach: f64,
        idle: usize,
        (upper, tolerance): (f64, f64),
        stop: &(dyn Fn() -> bool + Sync),
    ) -> Option<Trial> {
        let beta = self.model.beta;
        let lazy = self.lazy.as_ref()?;
        let (before, steps, reach_down) = (lazy.bound, lazy.steps, lazy.near);
        let (short, accuracy) = self.accuracy(before, upper, tolerance);
        let goal = Goal {
            enough: beta * (1.0 - accuracy),
            accuracy,
        };
        let near = beta * (1.0 - reach_down * short);
        let solved = self.solve_quartic(&v, &|_, seems| seems > near, &goal, stop);
        if stop() {
            if self.v.is_empty() {
                self.bound_roughly(&v);
            }
            return None;
        }
        self.reach = reach;
        let most = self.seems_most(&v);
        let (bound, _) = self.model.scaled_dual_value(&v, most);
        let gain = bound - before;
        let violated = self.add_cuts(&solved, &v, accuracy);
        if let Some(lazy) = &mut self.lazy {
            (lazy.tried, lazy.trial_steps) = (self.leaves, lazy.steps - steps);
            // Nothing was in the way: farther next time.
            lazy.length = if violated == 0 {
                0.5 * (1.0 + lazy.length)
            } else {
                STEP
            };
            if gain > 0.0 {
                lazy.centre.clone_from(&v);
                (lazy.most, lazy.bound) = (most, bound);
            }
        }
        self.trial = v;
        let bound = before + gain.max(0.0);
        Some(Trial::new(reach, bound, gain, violated, idle))
    }

    /// Ends a search: last trials, if the trees have grown since, until `late`, and a proof for what seems to be the best vector.
    pub fn conclude(
        &mut self,
        upper: f64,
        tolerance: f64,
        late: &(dyn Fn() -> bool + Sync),
        stop: &(dyn Fn() -> bool + Sync),
    ) {
        for round in 0..LAST {
            self.correct_estimate();
            let Some(lazy) = &self.lazy else { return };
            let (centre, most, length) = (lazy.centre.clone(), lazy.most, lazy.length);
            if (round == 0 && lazy.tried == self.leaves) || late() {
                break;
            }
            let (v, reach) = self.next_trial(&centre, most, length);
            let trial = self.try_vector(v, reach, 0, (upper, tolerance), late);
            if trial.is_none_or(|trial| trial.missing() < LAST_LEFT * (upper - trial.bound)) {
                break;
            }
        }
        self.settle(upper, stop);
        forget(&mut self.tree);
    }

    /// Bounds all leaves with the vector that seems to be the best one, so that its bound is proven.
    fn settle(&mut self, upper: f64, stop: &(dyn Fn() -> bool + Sync)) {
        if !self.is_unsettled() || stop() {
            return;
        }
        let Some(lazy) = &self.lazy else { return };
        let before = lazy.steps;
        let (v, most) = (lazy.centre.clone(), lazy.most);
        let shifts = self.shifts(&self.tree, &v, most, SHARED, stop);
        for node in &mut self.tree {
            let RowNode::Leaf(leaf) = node else { continue };
            let shifted = leaf.quartic.as_ref().and_then(|proof| {
                if *proof.vector == v {
                    return Some(proof.certificate.bound);
                }
                Some(shift_of(&shifts, proof)?.bound(proof, leaf.sign)).filter(|b| *b <= most)
            });
            leaf.solved = shifted.is_some();
            if let Some(bound) = shifted {
                leaf.bound = bound;
            }
        }
        let goal = Goal {
            enough: most * (1.0 - 1e-6),
            accuracy: 1e-5,
        };
        let solved = self.solve_quartic(&v, &|leaf, _| !leaf.solved, &goal, stop);
        self.add_cuts(&solved, &v, goal.accuracy);
        if stop() {
            return;
        }
        let largest = self.largest();
        let (bound, _) = self.model.scaled_dual_value(&v, largest);
        if let Some(lazy) = &mut self.lazy {
            let is_wrong = lazy.bound - bound > WRONG * (upper - lazy.bound);
            lazy.near *= if is_wrong { 2.0 } else { 0.5 };
            lazy.near = lazy.near.clamp(NEAR, 1.0);
            (lazy.most, lazy.bound) = (largest, bound);
            let each = (lazy.steps - before) as f64 / self.leaves as f64;
            lazy.settled = (each, lazy.steps);
        }
        if bound > self.bound || self.v.is_empty() {
            self.bound = bound;
            self.most = largest;
            self.v = v;
            self.best.clone_from(&self.tree);
            forget(&mut self.best);
        }
        self.return_to_proven();
    }

    /// Bounds the leaves that a split has made and adds their inequalities.
    pub(super) fn bound_children(&mut self, v: &[f64], stop: &(dyn Fn() -> bool + Sync)) {
        let beta = self.model.beta;
        let goal = Goal {
            enough: beta * (1.0 - 1e-3),
            accuracy: 1e-3,
        };
        for one in self.solve_quartic(v, &|leaf, _| leaf.seen.is_none(), &goal, stop) {
            if let Some(cut) = self.cut(&one)
                && dot(&cut.g, v) > 0.8 * beta
            {
                self.master.add(cut);
            }
        }
    }

    /// What takes the leaves' quartic certificates to v; only for vectors with `count` leaves that may stay below `enough`.
    fn shifts(
        &self,
        tree: &[RowNode],
        v: &[f64],
        enough: f64,
        count: usize,
        stop: &(dyn Fn() -> bool + Sync),
    ) -> Vec<Shift> {
        let Some(lazy) = &self.lazy else {
            return Vec::new();
        };
        // Vectors, and how many leaves may stay below.
        let mut vectors: Vec<(Arc<Vec<f64>>, usize)> = Vec::new();
        for node in tree {
            if let RowNode::Leaf(leaf) = node
                && let Some(proof) = &leaf.quartic
            {
                let fits = multiple(v, &proof.vector) * proof.certificate.bound <= enough;
                let same = |(v, _): &&mut (Arc<Vec<f64>>, _)| Arc::ptr_eq(v, &proof.vector);
                match vectors.iter_mut().find(same) {
                    Some((_, count)) => *count += usize::from(fits),
                    None => vectors.push((proof.vector.clone(), usize::from(fits))),
                }
            }
        }
        vectors.retain(|(_, leaves)| *leaves >= count);
        let vectors: Vec<Arc<Vec<f64>>> = vectors.into_iter().map(|(v, _)| v).collect();
        lazy.quartics.shifts(&vectors, v, &|v| self.forms(v), stop)
    }

    /// The quartic certificates of the leaves of `best` for its vector; none for leaves with quadratic bounds.
    pub fn certificates(&self) -> Vec<Option<Certificate>> {
        let shifts = self.shifts(&self.best, &self.v, f64::INFINITY, 1, &|| false);
        self.best
            .iter()
            .map(|node| match node {
                RowNode::Leaf(leaf) => {
                    let proof = leaf.quartic.as_ref()?;
                    shift_of(&shifts, proof)?.apply(proof, leaf.sign)
                }
                RowNode::Split { .. } => None,
            })
            .collect()
    }
}

/// Drops where solutions may begin.
fn forget(tree: &mut [RowNode]) {
    for node in tree {
        if let RowNode::Leaf(leaf) = node {
            leaf.ready = None;
        }
    }
}

/// What the bound of a leaf at v seems to be.
fn seems(leaf: &RowLeaf, v: &[f64]) -> f64 {
    leaf.seen
        .as_ref()
        .map_or(f64::INFINITY, |seen| dot(&seen.g, v) + seen.offset)
}

/// A quartic relaxation's point in the form of a quadratic one's, and its second moments.
fn relaxed_by(point: Point, bound: f64) -> (Relaxed, DMatrix<f64>) {
    let relaxed = Relaxed {
        bound,
        x: point.first,
        spread: point.size.clone(),
        size: point.size,
        inside: point.inside,
        feasible: point.feasible,
    };
    (relaxed, point.second)
}
