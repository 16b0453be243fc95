//! The search: a tree of rows for each sign, and the dual vector that suits the trees best.
//!
//! For given trees the largest bound over the leaves is a convex function of v, since each leaf's relaxation is. So the best v is found by cutting planes: at a trial v
//! each leaf above β gives a linear inequality that all v satisfying that leaf obey. A leaf whose relaxation holds the bound down (its inequality has a multiplier and its
//! point is not a direction) is split, and its inequalities go. So the bound rises as the trees grow, and far fewer splits are spent than with the vector of the
//! best network, which is the last of these v only.

use std::collections::BTreeMap;
use std::sync::Arc;

use nalgebra::DMatrix;
use rayon::prelude::*;

use super::halves::Spread;
use super::lazy::Lazy;
use super::master::{Cut, Master};
use super::nodes::{Divider, RowLeaf, RowNode};
use crate::oracle::form::{Form, Rows, dot, form, norm};
use crate::oracle::quadratic::leaf::{Goal, Relaxed, Solver, Unit};
use crate::program::model::Model;

/// Leaves with at least this part of the largest score are split in one round.
const SPLIT_FROM: f64 = 0.05;
/// Most leaves split in one round.
const SPLIT_MOST: usize = 32;
/// What the looseness of a concave row counts for, relative to a convex one.
const CONCAVE: f64 = 0.5;
/// Part of the gap that better vectors may leave before the trees are split.
const LEFT_OVER: f64 = 0.4;
/// How far a trial vector goes from the best one towards what the cuts allow.
pub(super) const STEP: f64 = 0.5;
/// How accurately leaves are bounded for the first vector.
const FIRST: f64 = 1e-4;
/// Cuts from which those without a multiplier are dropped.
pub(super) const MANY_CUTS: usize = 400;

/// Idle trials in a row that end the search for a better vector where nothing is left to be split: a leaf may need several goes.
const PATIENCE: usize = 4;

/// What a caller is told now and then.
#[derive(Copy, Clone, Debug)]
pub struct Progress {
    /// The best lower bound so far, half-sum form, in floats.
    pub bound: f64,
    /// What the trees could give with the best v.
    pub reach: f64,
    /// Leaves.
    pub leaves: usize,
}

/// The search.
pub struct RowSearch<'a> {
    pub(super) model: &'a Model,
    /// The rows in search coordinates; ρ is the Euclidean norm there.
    pub(super) rows: &'a Rows,
    /// The rows with length 1.
    pub unit: Unit,
    /// All nodes; 0 and 1 are the roots of `+` and `−`.
    pub tree: Vec<RowNode>,
    pub(super) master: Master<'a>,
    /// The vector looked at last.
    pub(super) trial: Vec<f64>,
    /// The best vector so far.
    pub v: Vec<f64>,
    /// The first vector to look at; empty for what the inequalities say.
    start: Vec<f64>,
    /// Its bound, half-sum form, in floats.
    pub bound: f64,
    /// The largest bound of a leaf with that vector.
    pub most: f64,
    /// What the trees could give.
    pub reach: f64,
    /// Leaves.
    pub leaves: usize,
    /// The trees with the multipliers that prove `bound`.
    pub best: Vec<RowNode>,
    /// Idle trials in a row that end the search for a better vector.
    patience: usize,
    /// What there is for quartic bounds, where they are used.
    pub(super) lazy: Option<Lazy>,
}

impl<'a> RowSearch<'a> {
    /// The roots, for a model whose penalty is the full norm, and its rows in search coordinates.
    pub fn new(model: &'a Model, rows: &'a Rows) -> Self {
        let unit = Unit::new(rows);
        let root = |sign| RowNode::Leaf(Box::new(RowLeaf::root(sign, &unit)));
        RowSearch {
            tree: [0, 1].map(root).into(),
            master: Master::new(model),
            unit,
            model,
            rows,
            trial: Vec::new(),
            v: Vec::new(),
            start: Vec::new(),
            bound: 0.0,
            most: f64::INFINITY,
            reach: f64::INFINITY,
            leaves: 2,
            best: Vec::new(),
            patience: 1,
            lazy: None,
        }
    }

    /// Makes splits, each a node with what it is split by, in the order of [`Self::splits`]: to go on from a saved state, whose best vector is the first to be looked at (length n, or
    /// empty for none).
    /// What is no leaf or does not divide the directions of this problem is passed over.
    pub fn grow(&mut self, splits: &[(u32, Divider)], v: &[f64]) {
        self.start = v.to_vec();
        for (index, by) in splits {
            let fits = match by {
                Divider::Class(class) => (*class as usize) < self.unit.classes(),
                Divider::Half(half) => half.a.len() == self.unit.p.ncols(),
            };
            if matches!(self.tree.get(*index as usize), Some(RowNode::Leaf(_))) && fits {
                self.split_leaf(*index, by.clone());
            }
        }
    }

    /// The splits in an order in which [`Self::grow`] makes the same trees.
    pub fn splits(&self) -> Vec<(u32, Divider)> {
        let mut list: Vec<(u32, u32, &Divider)> = self
            .tree
            .iter()
            .enumerate()
            .filter_map(|(i, node)| match node {
                RowNode::Split { by, child } => Some((*child, i as u32, by)),
                RowNode::Leaf(_) => None,
            })
            .collect();
        list.sort_unstable_by_key(|(child, ..)| *child);
        list.into_iter().map(|(_, i, by)| (i, by.clone())).collect()
    }

    /// The best vector so far (length n, floats), so long that its bound needs no factor; empty if there is none.
    pub fn scaled_vector(&self) -> Vec<f64> {
        let (_, factor) = self.model.scaled_dual_value(&self.v, self.most);
        self.v.iter().map(|x| x * factor).collect()
    }

    /// Adds the inequalities of directions with the sign (0: +, 1: −) of their output weights: they hold for every tree. Search coordinates.
    pub fn add_directions(&mut self, directions: &[(Vec<f64>, u8)]) {
        for (u, sign) in directions {
            let size = norm(u);
            if size > 0.0 {
                let x: Vec<f64> = u.iter().map(|x| x / size).collect();
                let inside: Vec<f64> = (&self.unit.p * nalgebra::DVector::from_column_slice(&x))
                    .iter()
                    .map(|t| t.abs())
                    .collect();
                let g = self.features(&x, &inside, *sign);
                self.master.add(Cut {
                    g,
                    leaf: None,
                    x,
                    loose: Vec::new(),
                    second: None,
                    sign: *sign,
                    z: 0.0,
                    idle: 0,
                });
            }
        }
    }

    /// Directions of the inequalities that hold the bound down, with their signs.
    pub fn candidates(&self) -> Vec<(Vec<f64>, u8)> {
        self.master
            .cuts
            .iter()
            .filter(|c| c.z > 0.0 && c.leaf.is_some() && norm(&c.x) > 1e-3)
            .map(|c| (c.x.clone(), c.sign))
            .collect()
    }

    /// The coefficients of v in `s·F` at a relaxed direction.
    pub(super) fn features(&self, x: &[f64], size: &[f64], sign: u8) -> Vec<f64> {
        let rows = self.rows;
        let s = if sign == 0 { 1.0 } else { -1.0 };
        let mean = 0.5 * (self.model.low + self.model.high) * s;
        let half = 0.5 * (self.model.high - self.model.low) * s;
        let products: Vec<f64> = (0..rows.classes()).map(|c| dot(rows.row(c), x)).collect();
        let mut g = vec![0.0; self.model.n()];
        for (i, class) in rows.class.iter().enumerate() {
            if let Some(c) = class {
                let c = *c as usize;
                g[rows.sample[i] as usize] += mean * rows.mult[i] * products[c]
                    + half * rows.mult[i].abs() * rows.length[c] * size[c];
            }
        }
        g
    }

    pub(super) fn forms(&self, v: &[f64]) -> [Form; 2] {
        let plain = form(self.rows, v, self.model.low, self.model.high);
        let plus = self.unit.scaled(&plain);
        let minus = plus.negated();
        [plus, minus]
    }

    /// Bounds all leaves at v, of which `beta` is the scale: those that stay below `enough` with their old multipliers are left; the others are solved to `accuracy`. The relaxations of
    /// those that were solved; none if `stop` came first.
    fn bound_leaves(
        &mut self,
        v: &[f64],
        beta: f64,
        enough: f64,
        accuracy: f64,
        stop: &(dyn Fn() -> bool + Sync),
    ) -> Option<Vec<Solved>> {
        let forms = self.forms(v);
        let unit = &self.unit;
        let results: Option<Vec<Option<Solved>>> = self
            .tree
            .par_iter_mut()
            .enumerate()
            .with_max_len(1)
            .map(|(index, node)| {
                let RowNode::Leaf(leaf) = node else {
                    return Some(None);
                };
                if stop() {
                    return None;
                }
                let form = &forms[leaf.sign as usize];
                let mut solver = Solver::new(unit, form, &leaf.fixed);
                if leaf.solved {
                    let old = solver.value(&leaf.multipliers);
                    if old <= enough {
                        leaf.bound = old;
                        return Some(None);
                    }
                }
                let wanted = (30.0 * accuracy).min(0.1);
                // A point of the central path far from the wanted level is moved there first.
                let near = wanted > 0.3 * leaf.level && wanted < 3.0 * leaf.level;
                let start = if near { wanted } else { leaf.level };
                let goal = Goal {
                    enough: beta.min(enough) * (1.0 - accuracy.min(0.02)),
                    accuracy,
                    start,
                    steps: 200,
                };
                let relaxed = solver.solve(&mut leaf.multipliers, &mut leaf.warm, &goal, beta);
                leaf.level = start;
                if !near {
                    leaf.warm = leaf.multipliers.clone();
                    leaf.level = wanted.min(start);
                }
                leaf.bound = relaxed.bound;
                leaf.solved = true;
                Some(Some(Solved {
                    index: index as u32,
                    relaxed,
                    second: None,
                }))
            })
            .collect();
        Some(results?.into_iter().flatten().collect())
    }

    pub(super) fn largest(&self) -> f64 {
        self.tree
            .iter()
            .filter_map(|n| match n {
                RowNode::Leaf(leaf) => Some(leaf.bound),
                RowNode::Split { .. } => None,
            })
            .fold(0.0, f64::max)
    }

    pub(super) fn cut(&self, solved: &Solved) -> Option<Cut> {
        let Solved { index, relaxed, .. } = solved;
        let RowNode::Leaf(leaf) = &self.tree[*index as usize] else {
            return None;
        };
        if !relaxed.feasible {
            return None;
        }
        let mut loose: Vec<f32> = relaxed
            .spread
            .iter()
            .zip(&relaxed.inside)
            .map(|(s, i)| (s - i).max(0.0) as f32)
            .collect();
        for (c, _) in &leaf.fixed {
            loose[*c as usize] = 0.0;
        }
        Some(Cut {
            g: self.features(&relaxed.x, &relaxed.size, leaf.sign),
            leaf: Some(*index),
            x: relaxed.x.clone(),
            loose,
            second: solved.second.clone(),
            sign: leaf.sign,
            z: 0.0,
            idle: 0,
        })
    }

    /// A trial vector, and what the best one that the cuts allow would give.
    ///
    /// The trial is between that one and `best`, for which the largest bound of a leaf is `most`: it either improves the bound by a part of what is missing or gives a cut
    /// that the outer vector violates.
    pub(super) fn next_trial(&mut self, best: &[f64], most: f64, length: f64) -> (Vec<f64>, f64) {
        self.master.solve();
        let outer = self.master.vector();
        let (reach, _) = self.model.scaled_dual_value(&outer, self.model.beta);
        if best.is_empty() {
            let first = std::mem::take(&mut self.start);
            let is_given = !first.is_empty();
            return (if is_given { first } else { outer }, reach);
        }
        let (_, t) = self.model.scaled_dual_value(best, most);
        let step = |(inner, outer): (&f64, &f64)| t * inner + length * (outer - t * inner);
        (best.iter().zip(&outer).map(step).collect(), reach)
    }

    /// The part of the gap that is left, and how accurately leaves are to be bounded. A first vector may be one that was nearly proven to be good.
    pub(super) fn accuracy(&self, bound: f64, upper: f64, tolerance: f64) -> (f64, f64) {
        let short = ((upper - bound) / upper).clamp(0.3 * tolerance, 1.0);
        let most = if self.v.is_empty() { FIRST } else { 1e-2 };
        (short, (0.03 * short).clamp(1e-9, most))
    }

    /// Whether the first vector is given and has not been looked at.
    pub(super) fn is_given(&self) -> bool {
        !self.start.is_empty()
    }

    /// Adds the inequalities of relaxations near β; how many of them the vector violates.
    pub(super) fn add_cuts(&mut self, solved: &[Solved], v: &[f64], accuracy: f64) -> usize {
        let mut violated = 0;
        for one in solved {
            if let Some(cut) = self.cut(one) {
                let excess = dot(&cut.g, v) / self.model.beta - 1.0;
                if excess > -0.1 {
                    violated += usize::from(excess > 0.2 * accuracy);
                    self.master.add(cut);
                }
            }
        }
        violated
    }

    /// Whether better vectors are not worth more trials; where they are, too many cuts are thinned out.
    pub(super) fn is_tight(&mut self, trial: &Trial, upper: f64, tolerance: f64) -> bool {
        let missing = trial.missing();
        if missing < LEFT_OVER * (upper - trial.reach)
            || missing < 0.1 * tolerance * upper
            || trial.idle >= self.patience
        {
            return true;
        }
        self.thin_cuts(MANY_CUTS);
        false
    }

    /// Drops old inequalities without a multiplier, if there are more than `many` in all.
    pub(super) fn thin_cuts(&mut self, many: usize) {
        if self.master.cuts.len() > many {
            self.master
                .retain(|c| c.z > 0.0 || c.idle < 10 || c.leaf.is_none());
        }
    }

    /// Improves v for the trees as they are, until what is missing is mostly due to the trees. `upper` is the objective of the best network.
    pub fn tighten(
        &mut self,
        upper: f64,
        tolerance: f64,
        stop: &(dyn Fn() -> bool + Sync),
        report: &mut dyn FnMut(&Progress),
    ) {
        if self.lazy.is_some() {
            return self.tighten_quartic(upper, tolerance, stop, report);
        }
        let beta = self.model.beta;
        let (mut length, mut idle) = (STEP, 0);
        for _ in 0..200 {
            let best = self.v.clone();
            let (v, reach) = self.next_trial(&best, self.most, length);
            let (_, accuracy) = self.accuracy(self.bound, upper, tolerance);
            let enough = beta * (1.0 + 0.2 * accuracy);
            let Some(solved) = self.bound_leaves(&v, beta, enough, accuracy, stop) else {
                if self.v.is_empty() {
                    self.bound_roughly(&v);
                }
                return;
            };
            self.reach = reach;
            let most = self.largest();
            let (bound, _) = self.model.scaled_dual_value(&v, most);
            let gain = bound - self.bound;
            if gain > 0.0 || self.v.is_empty() {
                self.bound = bound;
                self.most = most;
                self.v = v.clone();
                self.best.clone_from(&self.tree);
            }
            let violated = self.add_cuts(&solved, &v, accuracy);
            self.trial = v;
            // Nothing was in the way: all the way next time.
            length = if violated == 0 { 1.0 } else { STEP };
            report(&Progress {
                bound: self.bound,
                reach,
                leaves: self.leaves,
            });
            let trial = Trial::new(reach, self.bound, gain, violated, idle);
            idle = trial.idle;
            if self.is_tight(&trial, upper, tolerance) {
                break;
            }
        }
    }

    /// Whether leaves have been split that may have held the bound down.
    pub(super) fn is_hopeful(&self) -> bool {
        self.patience == 1
    }

    /// Splits the leaves that hold the bound down, or, where there are none, makes the next search for a vector more patient. False if that has been done.
    pub fn refine(&mut self, stop: &(dyn Fn() -> bool + Sync)) -> bool {
        if self.split(stop) > 0 {
            self.patience = 1;
            return true;
        }
        let was = std::mem::replace(&mut self.patience, PATIENCE);
        was < PATIENCE
    }

    /// Splits the leaves that hold the bound down; how many.
    fn split(&mut self, stop: &(dyn Fn() -> bool + Sync)) -> usize {
        let forms = self.forms(&self.trial);
        let mut scores: BTreeMap<u32, Score> = BTreeMap::new();
        for cut in self.master.cuts.iter().filter(|c| c.z > 0.0) {
            let Some(leaf) = cut.leaf else { continue };
            let weight = &forms[cut.sign as usize].weight;
            let score = scores.entry(leaf).or_insert_with(|| Score::new(&self.unit));
            for ((s, l), w) in score.loose.iter_mut().zip(&cut.loose).zip(weight) {
                *s += cut.z * f64::from(*l) * if *w > 0.0 { *w } else { -w * CONCAVE };
            }
            if let Some(second) = &cut.second {
                score.spread.add(cut.z, &cut.x, second);
            }
        }
        let mut ranked: Vec<(f64, u32)> = scores
            .iter()
            .map(|(leaf, score)| (score.loose.iter().sum(), *leaf))
            .filter(|(sum, _)| *sum > 0.0)
            .collect();
        ranked.sort_by(|a, b| b.0.total_cmp(&a.0));
        let Some(top) = ranked.first().map(|r| r.0) else {
            return 0;
        };
        ranked.retain(|r| r.0 > SPLIT_FROM * top);
        ranked.truncate(SPLIT_MOST);
        for (_, index) in &ranked {
            if let Some(by) = scores[index].divider(&self.unit) {
                self.split_leaf(*index, by);
            }
        }
        let gone: Vec<u32> = ranked.iter().map(|r| r.1).collect();
        self.master
            .retain(|c| c.leaf.is_none_or(|l| !gone.contains(&l)));
        // The children's inequalities at the vector as it was.
        let v = self.trial.clone();
        if self.lazy.is_some() {
            self.bound_children(&v, stop);
            return ranked.len();
        }
        let beta = self.model.beta;
        if let Some(solved) = self.bound_leaves(&v, beta, beta, 1e-3, stop) {
            for one in &solved {
                if let Some(cut) = self.cut(one)
                    && dot(&cut.g, &v) > 0.8 * beta
                {
                    self.master.add(cut);
                }
            }
        }
        ranked.len()
    }

    /// The largest bound over the leaves for a fixed vector, splitting the worst leaves until it is at most `target`, there are `limit` leaves, or `stop`.
    pub fn bound_fixed(
        &mut self,
        v: &[f64],
        target: f64,
        limit: usize,
        stop: &(dyn Fn() -> bool + Sync),
    ) -> f64 {
        let forms = self.forms(v);
        let mut classes: BTreeMap<u32, u32> = BTreeMap::new();
        loop {
            let accuracy = (0.05 * (self.largest() / target - 1.0)).clamp(1e-9, 1e-3);
            let Some(solved) = self.bound_leaves(v, target, target, accuracy, stop) else {
                break;
            };
            for one in &solved {
                let Some(cut) = self.cut(one) else {
                    continue;
                };
                let weight = &forms[cut.sign as usize].weight;
                let score = |c: usize| {
                    let w = weight[c];
                    f64::from(cut.loose[c]) * if w > 0.0 { w } else { -w * CONCAVE }
                };
                let best = (0..weight.len()).max_by(|a, b| score(*a).total_cmp(&score(*b)));
                if let Some(c) = best.filter(|c| score(*c) > 0.0) {
                    classes.insert(one.index, c as u32);
                }
            }
            let mut open: Vec<(f64, u32)> = self
                .tree
                .iter()
                .enumerate()
                .filter_map(|(i, node)| match node {
                    RowNode::Leaf(leaf) if leaf.bound > target => Some((leaf.bound, i as u32)),
                    _ => None,
                })
                .filter(|(_, i)| classes.contains_key(i))
                .collect();
            if open.is_empty() || self.leaves >= limit {
                break;
            }
            open.sort_by(|a, b| b.0.total_cmp(&a.0));
            open.truncate(8);
            for (_, index) in open {
                self.split_leaf(index, Divider::Class(classes[&index]));
            }
        }
        self.value_leaves(v, |leaf| !leaf.solved);
        self.largest()
    }

    fn split_leaf(&mut self, index: u32, by: Divider) {
        let child = self.tree.len() as u32;
        let RowNode::Leaf(leaf) = &self.tree[index as usize] else {
            return;
        };
        let parts = [1.0, -1.0].map(|side| RowNode::Leaf(Box::new(leaf.part(&by, side))));
        self.tree.extend(parts);
        self.tree[index as usize] = RowNode::Split { by, child };
        self.leaves += 1;
    }

    /// A bound from the multipliers as they are, for a search that has to end before its first round.
    pub(super) fn bound_roughly(&mut self, v: &[f64]) {
        self.value_leaves(v, |_| true);
        self.most = self.largest();
        (self.bound, _) = self.model.scaled_dual_value(v, self.most);
        self.v = v.to_vec();
        self.best.clone_from(&self.tree);
    }

    /// Evaluates the multipliers of some leaves as they are.
    fn value_leaves(&mut self, v: &[f64], which: impl Fn(&RowLeaf) -> bool + Sync) {
        let forms = self.forms(v);
        let unit = &self.unit;
        self.tree.par_iter_mut().for_each(|node| {
            if let RowNode::Leaf(leaf) = node
                && which(leaf)
            {
                let form = &forms[leaf.sign as usize];
                leaf.bound = Solver::new(unit, form, &leaf.fixed).value(&leaf.multipliers);
            }
        });
    }
}

/// What a trial vector has shown.
pub(super) struct Trial {
    /// What the best vector that the cuts allowed would give.
    reach: f64,
    /// The best bound so far, which may be an estimate.
    pub(super) bound: f64,
    /// How many trials in a row neither violated a new cut nor improved the bound.
    pub(super) idle: usize,
}

impl Trial {
    /// By how much better vectors may improve the bound.
    pub(super) fn missing(&self) -> f64 {
        (self.reach - self.bound).max(0.0)
    }

    /// The bound, by how much this trial improved it, the number of new cuts that it violates, and how many idle ones there were before.
    pub(super) fn new(reach: f64, bound: f64, gain: f64, violated: usize, idle: usize) -> Trial {
        let is_idle = violated == 0 && gain < 0.01 * (reach - bound).max(0.0);
        Trial {
            reach,
            bound,
            idle: if is_idle { idle + 1 } else { 0 },
        }
    }
}

/// A leaf's relaxation.
pub(super) struct Solved {
    pub(super) index: u32,
    pub(super) relaxed: Relaxed,
    /// Second moments, of a quartic one.
    pub(super) second: Option<DMatrix<f64>>,
}

/// What the inequalities of a leaf say about where it is loose.
struct Score {
    /// For every class.
    loose: Vec<f64>,
    /// Where the directions are; without mass if no quartic relaxation says so.
    spread: Spread,
}

impl Score {
    fn new(unit: &Unit) -> Score {
        Score {
            loose: vec![0.0; unit.classes()],
            spread: Spread::new(unit.p.ncols()),
        }
    }

    /// What the leaf should be split by.
    fn divider(&self, unit: &Unit) -> Option<Divider> {
        let mut loose = DMatrix::zeros(unit.p.ncols(), unit.p.ncols());
        for (l, p) in self.loose.iter().zip(unit.p.row_iter()) {
            if *l > 0.0 {
                loose.gemm(*l, &p.transpose(), &p, 1.0);
            }
        }
        if let Some(half) = self.spread.half(&loose) {
            return Some(Divider::Half(Arc::new(half)));
        }
        let classes = self.loose.iter().enumerate();
        let (class, best) = classes.max_by(|a, b| a.1.total_cmp(b.1))?;
        (*best > 0.0).then_some(Divider::Class(class as u32))
    }
}
