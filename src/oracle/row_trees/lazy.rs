//! The search with quartic bounds, which cost so much that a leaf is bounded again only where its old inequality says that it matters.
//!
//! At a trial vector the leaves whose bound seems to be near β are solved. That gives the inequalities and an estimate of the bound; a vector for which it is clearly better
//! than the proven one is *settled* now and then: all the other leaves get a bound for it too.

use std::sync::Arc;
use std::time::Instant;

use nalgebra::DMatrix;
use rayon::prelude::*;

use super::nodes::{RowLeaf, RowNode, Seen};
use super::search::{Progress, RowSearch, STEP, Solved, Trial};
use crate::oracle::form::dot;
use crate::oracle::quadratic::leaf::{Relaxed, Solver};
use crate::oracle::quartic::moments::Moments;
use crate::oracle::quartic::search::{Proof, Quartics, Shift, multiple, shift_of};
use crate::oracle::quartic::solver::{Certificate, Goal, Point, Region};

/// How far below β, relative to β and to the relative gap, a leaf's bound has to seem to be for it to be passed over.
const NEAR: f64 = 0.15;
/// Part of the gap that an estimate has to close before it is settled.
const WORTH: f64 = 0.2;
/// Settling may take this much longer than the last one, for as many leaves.
const SPARE: f64 = 1.2;
/// Part of the leaves that may have to be solved, whatever the last settling needed.
const OPEN: f64 = 0.6;
/// Between two settlings there is this many times what the next one may take.
const BETWEEN: f64 = 2.5;
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
    /// Solutions so far and the seconds of a thread that they took.
    solutions: usize,
    seconds: f64,
    /// Seconds of the last settling for each leaf, and when it ended.
    settled: Option<(f64, Instant)>,
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
            solutions: 0,
            seconds: 0.0,
            settled: None,
        });
    }

    /// Leaves with a quartic bound.
    pub fn quartic_leaves(&self) -> usize {
        let is_quartic =
            |node: &&RowNode| matches!(node, RowNode::Leaf(leaf) if leaf.quartic.is_some());
        self.tree.iter().filter(is_quartic).count()
    }

    /// Seconds that [`Self::settle`] may take.
    pub fn settling(&self) -> f64 {
        let Some(lazy) = &self.lazy else { return 0.0 };
        if lazy.solutions == 0 {
            return 0.0;
        }
        let each = lazy.seconds / lazy.solutions as f64;
        let share = 1.0 / rayon::current_num_threads() as f64;
        let least = OPEN * each * share;
        let per_leaf = lazy
            .settled
            .map_or(least, |(seconds, _)| seconds.max(least));
        each + SPARE * self.leaves as f64 * per_leaf
    }

    /// Whether the time since the last settling is long enough for another one.
    fn may_settle(&self) -> bool {
        let last = self.lazy.as_ref().and_then(|lazy| lazy.settled);
        last.is_none_or(|(_, end)| end.elapsed().as_secs_f64() > BETWEEN * self.settling())
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
        let results: Vec<(u32, RowLeaf, Option<Point>)> = self
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
                let solved = quartics.solve(form, &region, goal, &|| stop());
                let mut leaf = leaf.as_ref().clone();
                // What was proven for this vector, if only for a region that has this one.
                let old = leaf.quartic.take().filter(|old| *old.vector == v);
                let new = solved.certificate.map(|certificate| Proof {
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
                Some((index as u32, leaf, solved.point))
            })
            .collect();
        let count = results.len();
        let mut list = Vec::with_capacity(count);
        for (index, mut leaf, point) in results {
            if let Some(point) = point {
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
            lazy.solutions += count;
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

    /// [`Self::tighten`] with quartic bounds.
    pub(super) fn tighten_quartic(
        &mut self,
        upper: f64,
        tolerance: f64,
        stop: &(dyn Fn() -> bool + Sync),
        report: &mut dyn FnMut(&Progress),
    ) {
        let beta = self.model.beta;
        let (mut length, mut idle) = (STEP, 0);
        for _ in 0..200 {
            let Some(lazy) = &self.lazy else { return };
            let (centre, most, before) = (lazy.centre.clone(), lazy.most, lazy.bound);
            let (v, reach) = self.next_trial(&centre, most, length);
            let (short, accuracy) = Self::accuracy(before, upper, tolerance);
            let goal = Goal {
                enough: beta * (1.0 - accuracy),
                accuracy,
            };
            let near = beta * (1.0 - NEAR * short);
            let solved = self.solve_quartic(&v, &|_, seems| seems > near, &goal, stop);
            if stop() {
                if self.v.is_empty() {
                    self.bound_roughly(&v);
                }
                return;
            }
            self.reach = reach;
            let most = self.seems_most(&v);
            let (bound, _) = self.model.scaled_dual_value(&v, most);
            let gain = bound - before;
            if let Some(lazy) = &mut self.lazy
                && gain > 0.0
            {
                lazy.centre.clone_from(&v);
                (lazy.most, lazy.bound) = (most, bound);
            }
            let violated = self.add_cuts(&solved, &v, accuracy);
            self.trial = v;
            // Nothing was in the way: all the way next time.
            length = if violated == 0 { 1.0 } else { STEP };
            let bound = before + gain.max(0.0);
            let is_closed = upper - bound <= 0.5 * tolerance * upper;
            let is_worth = bound - self.bound > WORTH * (upper - self.bound);
            if is_closed || (is_worth && self.may_settle()) {
                self.settle(stop);
            }
            report(&Progress {
                bound: self.bound,
                reach,
                leaves: self.leaves,
            });
            let trial = Trial::new(reach, bound, gain, violated, idle);
            idle = trial.idle;
            if self.is_tight(&trial, upper, tolerance) {
                break;
            }
        }
    }

    /// Bounds all leaves with the vector that seems to be the best one, so that its bound is proven.
    pub fn settle(&mut self, stop: &(dyn Fn() -> bool + Sync)) {
        if !self.is_unsettled() {
            return;
        }
        let Some(lazy) = &self.lazy else { return };
        let started = Instant::now();
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
        self.solve_quartic(&v, &|leaf, _| !leaf.solved, &goal, stop);
        if stop() {
            return;
        }
        let largest = self.largest();
        let (bound, _) = self.model.scaled_dual_value(&v, largest);
        if let Some(lazy) = &mut self.lazy {
            (lazy.most, lazy.bound) = (largest, bound);
            let seconds = started.elapsed().as_secs_f64() / self.leaves as f64;
            lazy.settled = Some((seconds, Instant::now()));
        }
        if bound > self.bound || self.v.is_empty() {
            self.bound = bound;
            self.most = largest;
            self.v = v;
            self.best.clone_from(&self.tree);
        }
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
