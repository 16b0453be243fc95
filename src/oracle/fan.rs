//! The fan search: a proof tree for `±F_v ≤ target·‖u‖`, or a direction that violates it.
//!
//! Best first over all open cones of both signs. Every cone carries only the classes whose sign still changes on it; the others
//! are folded into its linear part, so the work on a cone shrinks with the cone. The cones of a batch are bounded in parallel and
//! merged in a fixed order: the tree does not depend on the number of threads.

mod isolate;

use std::collections::BTreeMap;
use std::sync::Arc;

use rayon::prelude::*;

use super::form::{Form, Rows, dot, norm};
use super::leaf::{ConeData, LeafSolver, Outcome};
pub use isolate::Isolated;

/// How the roots of the fan are made from the basis.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum RootKind {
    /// The `2^K` orthants.
    Orthants,
    /// Half of them: for an even `F_v`.
    Half,
    /// The `K + 1` cones that leave out one of `b_0, …, b_{K−1}, −Σb`.
    Simplex,
}

/// The basis vectors of the fan in search coordinates, and the kind of its roots.
#[derive(Clone, Debug)]
pub struct Roots {
    /// How the cones are made.
    pub kind: RootKind,
    /// `dim` vectors of length `dim`.
    pub basis: Vec<Vec<f64>>,
    /// Whether the last column is an undecayed hidden bias: at a generator `±e_last` the condition of a leaf is exactly `0 ≥ 0`, which fixes the slopes.
    pub undecayed: bool,
}

impl Roots {
    /// Number of root cones.
    pub fn count(&self) -> usize {
        let k = self.basis.len();
        match self.kind {
            RootKind::Orthants => 1 << k,
            RootKind::Half => 1 << (k - 1),
            RootKind::Simplex => k + 1,
        }
    }

    fn generators(&self, number: usize) -> Vec<Vec<f64>> {
        let k = self.basis.len();
        match self.kind {
            RootKind::Orthants | RootKind::Half => (0..k)
                .map(|j| {
                    let sign = if number >> j & 1 == 1 { -1.0 } else { 1.0 };
                    self.basis[j].iter().map(|x| sign * x).collect()
                })
                .collect(),
            RootKind::Simplex => {
                let mut all = self.basis.clone();
                let dim = self.basis[0].len();
                all.push(
                    (0..dim)
                        .map(|i| -self.basis.iter().map(|b| b[i]).sum::<f64>())
                        .collect(),
                );
                all.remove(number);
                all
            }
        }
    }
}

/// A node of the tree.
#[derive(Clone, Debug)]
pub enum Node {
    /// Split on the edge `(j, k)` at `a·g_j + b·g_k`; `child` and `child + 1` replace `g_j` and `g_k`.
    Split {
        /// First index.
        j: u8,
        /// Second index.
        k: u8,
        /// Multiplier of `g_j`.
        a: u32,
        /// Multiplier of `g_k`.
        b: u32,
        /// Index of the first child; the second follows it.
        child: u32,
    },
    /// A cone with its support vector, accepted or still open.
    Leaf(Leaf),
}

/// The support vector of a cone, in floats.
#[derive(Clone, Debug)]
pub struct Leaf {
    /// The support vector, search coordinates.
    pub q: Box<[f64]>,
    /// Classes whose slope is not the sign of `p_c·q`, with their slope.
    pub exceptions: Box<[(u32, f64)]>,
    /// Length of `q`.
    pub bound: f64,
}

/// An open cone.
struct Cone {
    node: u32,
    sign: u8,
    generators: Box<[f64]>,
    lengths: Box<[f64]>,
    linear: Box<[f64]>,
    mixed: Arc<[u32]>,
    before: Before,
    split: (u8, u8, u32, u32),
}

/// What is known of a cone before it is bounded.
#[derive(Clone)]
enum Before {
    /// A direction inside it.
    Direction(Arc<[f64]>),
    /// A support vector of a cone around it, which is one of its own.
    Support(Arc<Leaf>),
}

impl Before {
    /// A direction whose signs are a good first choice of slopes.
    fn start(&self) -> &[f64] {
        match self {
            Before::Direction(u) => u,
            Before::Support(leaf) => &leaf.q,
        }
    }
}

impl Cone {
    fn bytes(&self) -> usize {
        8 * (self.generators.len() + self.lengths.len() + 2 * self.linear.len())
            + 2 * self.mixed.len()
            + 160
    }
}

/// The best direction seen.
#[derive(Clone, Debug)]
pub struct Incumbent {
    /// Unit vector in search coordinates.
    pub u: Vec<f64>,
    /// `s·F_v(u)`.
    pub value: f64,
    /// 0 for `+F_v`, 1 for `−F_v`.
    pub sign: u8,
}

/// Why the search ended.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Ended {
    /// Every cone is below the target, or as low as it can be: a value as large as its bound was found.
    Closed,
    /// A direction above the target was found.
    Violated,
    /// Stopped by the caller or a limit: the tree is valid with its larger bound.
    Stopped,
}

/// What the caller is told between batches.
#[derive(Copy, Clone, Debug)]
pub struct Progress {
    /// Largest bound of an open cone (the target if there is none).
    pub bound: f64,
    /// Largest value of `±F_v` seen.
    pub incumbent: f64,
    /// Number of open cones.
    pub open: usize,
    /// Number of leaves, open ones included.
    pub leaves: usize,
}

/// Limits of a search.
#[derive(Copy, Clone, Debug)]
pub struct Limits {
    /// Most leaves in the two trees together.
    pub max_leaves: usize,
    /// Most bytes in open cones before the search turns from best first to closing cheap cones first.
    pub memory: usize,
    /// The search ends when a direction above this value (at least the target) is found, if there is one.
    pub violation: Option<f64>,
}

/// Relative distance at which the bound of a cone and a value inside it are the same number.
const ROUNDING: f64 = 1e-11;

/// Cosine from which two violators count as one.
const NEAR: f64 = 0.999;

/// Most violators that are kept.
const MOST_VIOLATORS: usize = 24;

/// Cones split in one round.
const BATCH: usize = 192;

/// The state of a search.
pub struct Search<'a> {
    rows: &'a Rows,
    forms: [Form; 2],
    undecayed: bool,
    /// Bound to prove.
    pub target: f64,
    /// All nodes; the roots of sign `+` come first, then those of `−`.
    pub tree: Vec<Node>,
    /// Number of roots for each sign.
    pub roots: usize,
    open: BTreeMap<(u64, u64), Cone>,
    sequence: u64,
    open_bytes: usize,
    /// Leaves, open ones included.
    pub leaves: usize,
    /// Best direction seen.
    pub incumbent: Option<Incumbent>,
    /// The best of the directions above the target, far from each other, highest first.
    pub violators: Vec<Incumbent>,
}

impl<'a> Search<'a> {
    /// Sets up the roots of both signs and bounds them.
    pub fn new(rows: &'a Rows, form: Form, roots: &Roots, target: f64) -> Self {
        let negated = form.negated();
        let mut search = Search {
            rows,
            forms: [form, negated],
            undecayed: roots.undecayed,
            target,
            tree: Vec::new(),
            roots: roots.count(),
            open: BTreeMap::new(),
            sequence: 0,
            open_bytes: 0,
            leaves: 0,
            incumbent: None,
            violators: Vec::new(),
        };
        for sign in 0..2u8 {
            let cones = search.root_cones(roots, sign);
            let base = search.tree.len() as u32;
            search.tree.extend((0..search.roots).map(|_| placeholder()));
            search.leaves += search.roots;
            let cones: Vec<Cone> = cones
                .into_iter()
                .enumerate()
                .map(|(i, c)| Cone {
                    node: base + i as u32,
                    ..c
                })
                .collect();
            search.bound_and_insert(cones);
        }
        search
    }

    /// The search that a saved tree belongs to. Leaves above the target are open again.
    pub fn resume(rows: &'a Rows, form: Form, roots: &Roots, target: f64, tree: Vec<Node>) -> Self {
        let negated = form.negated();
        let mut search = Search {
            rows,
            forms: [form, negated],
            undecayed: roots.undecayed,
            target,
            leaves: tree.iter().filter(|n| matches!(n, Node::Leaf(_))).count(),
            tree,
            roots: roots.count(),
            open: BTreeMap::new(),
            sequence: 0,
            open_bytes: 0,
            incumbent: None,
            violators: Vec::new(),
        };
        for sign in 0..2u8 {
            let base = sign as usize * search.roots;
            let mut stack: Vec<Cone> = search
                .root_cones(roots, sign)
                .into_iter()
                .enumerate()
                .map(|(i, c)| Cone {
                    node: (base + i) as u32,
                    ..c
                })
                .collect();
            while let Some(mut cone) = stack.pop() {
                match &search.tree[cone.node as usize] {
                    Node::Split { j, k, a, b, child } => {
                        cone.split = (*j, *k, *a, *b);
                        let (first, second) = search.split(cone, *child);
                        stack.push(second);
                        stack.push(first.0);
                    }
                    Node::Leaf(leaf) if leaf.bound > target => {
                        if leaf.q.iter().any(|x| *x != 0.0) {
                            cone.before = Before::Support(Arc::new(leaf.clone()));
                        }
                        search.bound_and_insert(vec![cone]);
                    }
                    Node::Leaf(_) => {}
                }
            }
        }
        search
    }

    fn root_cones(&self, roots: &Roots, sign: u8) -> Vec<Cone> {
        let (rows, form) = (self.rows, &self.forms[sign as usize]);
        let active: Arc<[u32]> = (0..rows.classes() as u32)
            .filter(|c| form.weight[*c as usize] != 0.0)
            .collect();
        (0..self.roots)
            .map(|number| {
                let generators = roots.generators(number);
                let lengths: Box<[f64]> = generators.iter().map(|g| norm(g)).collect();
                let flat: Box<[f64]> = generators
                    .iter()
                    .zip(&lengths)
                    .flat_map(|(g, l)| g.iter().map(move |x| x / l))
                    .collect();
                let mut start = vec![0.0; rows.dim];
                for g in flat.chunks_exact(rows.dim) {
                    for (s, x) in start.iter_mut().zip(g) {
                        *s += x;
                    }
                }
                Cone {
                    node: 0,
                    sign,
                    generators: flat,
                    lengths,
                    linear: form.linear.clone().into(),
                    mixed: active.clone(),
                    before: Before::Direction(start.into()),
                    split: (0, 0, 0, 0),
                }
            })
            .collect()
    }

    /// Largest bound over all leaves, open ones included, of the tree as it stands.
    pub fn bound(&self) -> f64 {
        self.open
            .last_key_value()
            .map_or(self.target, |(k, _)| f64::from_bits(k.0).max(self.target))
    }

    /// Whether no cone is open.
    pub fn closed(&self) -> bool {
        self.open.is_empty()
    }

    /// Runs until closed, violated, or `keep_going` returns false (asked between batches).
    pub fn run(&mut self, limits: &Limits, keep_going: &mut dyn FnMut(&Progress) -> bool) -> Ended {
        loop {
            if let (Some(violation), Some(incumbent)) = (limits.violation, &self.incumbent)
                && incumbent.value > violation
            {
                return Ended::Violated;
            }
            if self.open.is_empty() {
                return Ended::Closed;
            }
            let progress = Progress {
                bound: self.bound(),
                incumbent: self.incumbent.as_ref().map_or(0.0, |i| i.value),
                open: self.open.len(),
                leaves: self.leaves,
            };
            if progress.bound <= progress.incumbent * (1.0 + ROUNDING) {
                return Ended::Closed;
            }
            if !keep_going(&progress) || self.leaves >= limits.max_leaves {
                return Ended::Stopped;
            }
            let mut parents = Vec::with_capacity(BATCH);
            while parents.len() < BATCH {
                let entry = if self.open_bytes > limits.memory {
                    self.open.pop_first()
                } else {
                    self.open.pop_last()
                };
                let Some((_, cone)) = entry else { break };
                self.open_bytes -= cone.bytes();
                parents.push(cone);
            }
            let children = self.split_all(parents);
            self.bound_and_insert(children);
        }
    }

    /// Splits cones in the tree; their children have yet to be bounded.
    fn split_all(&mut self, parents: Vec<Cone>) -> Vec<Cone> {
        let mut children = Vec::with_capacity(2 * parents.len());
        for parent in parents {
            let child = self.tree.len() as u32;
            let (j, k, a, b) = parent.split;
            let (first, second) = self.split(parent, child);
            self.tree.push(placeholder());
            self.tree.push(placeholder());
            self.tree[first.1 as usize] = Node::Split { j, k, a, b, child };
            self.leaves += 1;
            children.push(first.0);
            children.push(second);
        }
        children
    }

    /// The two children of a cone, and the cone's own node.
    fn split(&self, parent: Cone, child: u32) -> ((Cone, u32), Cone) {
        let dim = self.rows.dim;
        let (j, k, a, b) = parent.split;
        let (j, k) = (j as usize, k as usize);
        let (lj, lk) = (
            f64::from(a) * parent.lengths[j],
            f64::from(b) * parent.lengths[k],
        );
        let mut middle: Vec<f64> = (0..dim)
            .map(|i| lj * parent.generators[j * dim + i] + lk * parent.generators[k * dim + i])
            .collect();
        let length = norm(&middle);
        for x in &mut middle {
            *x /= length;
        }
        let make = |replace: usize, node: u32| {
            let mut generators = parent.generators.clone();
            generators[replace * dim..(replace + 1) * dim].copy_from_slice(&middle);
            let mut lengths = parent.lengths.clone();
            lengths[replace] = length;
            Cone {
                node,
                sign: parent.sign,
                generators,
                lengths,
                linear: parent.linear.clone(),
                mixed: parent.mixed.clone(),
                before: parent.before.clone(),
                split: (0, 0, 0, 0),
            }
        };
        ((make(j, child), parent.node), make(k, child + 1))
    }

    /// Keeps a direction if it is the best one, or a violator not worse than its neighbours.
    fn note(&mut self, found: Incumbent) {
        if found.value > self.target {
            let near =
                |other: &Incumbent| other.sign == found.sign && dot(&other.u, &found.u) > NEAR;
            if !self
                .violators
                .iter()
                .any(|v| near(v) && v.value >= found.value)
            {
                self.violators.retain(|v| !near(v));
                let place = self.violators.partition_point(|v| v.value >= found.value);
                self.violators.insert(place, found.clone());
                self.violators.truncate(MOST_VIOLATORS);
            }
        }
        if self
            .incumbent
            .as_ref()
            .is_none_or(|i| found.value > i.value)
        {
            self.incumbent = Some(found);
        }
    }

    fn bound_and_insert(&mut self, cones: Vec<Cone>) {
        let (rows, forms, target, undecayed) =
            (self.rows, &self.forms, self.target, self.undecayed);
        let results: Vec<Bounded> = cones
            .into_par_iter()
            .map_init(Workspace::default, |work, cone| {
                let form = &forms[cone.sign as usize];
                work.bound(rows, form, cone, target, undecayed)
            })
            .collect();
        for result in results {
            if let Some((value, u)) = result.incumbent {
                self.note(Incumbent {
                    u,
                    value,
                    sign: result.sign,
                });
            }
            let bound = result.leaf.bound;
            self.tree[result.node as usize] = Node::Leaf(result.leaf);
            if let Some(cone) = result.open {
                self.open_bytes += cone.bytes();
                self.open
                    .insert((bound.to_bits(), u64::MAX - self.sequence), cone);
                self.sequence += 1;
            }
        }
    }
}

fn placeholder() -> Node {
    Node::Leaf(Leaf {
        q: Box::new([]),
        exceptions: Box::new([]),
        bound: 0.0,
    })
}

struct Bounded {
    node: u32,
    sign: u8,
    leaf: Leaf,
    open: Option<Cone>,
    incumbent: Option<(f64, Vec<f64>)>,
}

/// Memory of one worker.
#[derive(Default)]
struct Workspace {
    solver: LeafSolver,
    dual: Vec<f64>,
    convex: Vec<f64>,
    convex_weight: Vec<f64>,
    concave: Vec<f64>,
    concave_class: Vec<u32>,
    products: Vec<f64>,
    kept: Vec<u32>,
    base: Vec<f64>,
    fixed: Vec<f64>,
    kinks: Vec<(f64, f64)>,
}

impl Workspace {
    fn bound(
        &mut self,
        rows: &Rows,
        form: &Form,
        mut cone: Cone,
        target: f64,
        undecayed: bool,
    ) -> Bounded {
        let dim = rows.dim;
        // The last entry of a generator along the undecayed column.
        let pole = cone
            .generators
            .chunks_exact(dim)
            .position(|g| undecayed && g[..dim - 1].iter().all(|x| *x == 0.0));
        let fixed = pole.map_or(0.0, |j| cone.generators[j * dim + dim - 1]);
        self.fixed.clear();
        self.fixed.resize(dim, 0.0);
        self.kept.clear();
        self.convex.clear();
        self.convex_weight.clear();
        self.concave.clear();
        self.concave_class.clear();
        self.products.clear();
        self.products.resize(dim, 0.0);
        for &c in cone.mixed.iter() {
            let row = rows.row(c as usize);
            let length = rows.length[c as usize];
            // The scaled undecayed column dwarfs the others: its share of the rounding depends on the generator.
            let (tolerance, last) = if undecayed {
                let last = row[dim - 1];
                (
                    1e-13 * (length * length - last * last).max(0.0).sqrt(),
                    1e-13 * last.abs(),
                )
            } else {
                (1e-13 * length, 0.0)
            };
            let (mut positive, mut negative) = (false, false);
            for (product, g) in self
                .products
                .iter_mut()
                .zip(cone.generators.chunks_exact(dim))
            {
                let mut t = dot(row, g);
                let tolerance = tolerance + last * g[dim - 1].abs();
                if t > tolerance {
                    positive = true;
                } else if t < -tolerance {
                    negative = true;
                } else {
                    t = 0.0;
                }
                *product = t;
            }
            let weight = form.weight[c as usize];
            if positive && negative {
                self.kept.push(c);
                if weight > 0.0 {
                    self.convex.extend_from_slice(&self.products);
                    self.convex_weight.push(weight);
                } else if fixed * row[dim - 1] != 0.0 {
                    let slope = if fixed * row[dim - 1] > 0.0 {
                        weight
                    } else {
                        -weight
                    };
                    for (l, x) in self.fixed.iter_mut().zip(row) {
                        *l += slope * x;
                    }
                } else {
                    let scale = -weight;
                    self.concave.extend(row.iter().map(|x| scale * x));
                    self.concave_class.push(c);
                }
            } else {
                let slope = if negative { -weight } else { weight };
                for (l, x) in cone.linear.iter_mut().zip(row) {
                    *l += slope * x;
                }
            }
        }
        if self.kept.len() != cone.mixed.len() {
            cone.mixed = self.kept.as_slice().into();
        }
        let invertible = invert(&cone.generators, dim, &mut self.dual);
        self.base.clear();
        self.base
            .extend(cone.linear.iter().zip(&self.fixed).map(|(a, b)| a + b));
        for j in 0..dim {
            let chord: f64 = self
                .convex
                .chunks_exact(dim)
                .zip(&self.convex_weight)
                .map(|(p, w)| w * p[j].abs())
                .sum();
            if chord != 0.0 {
                for (b, d) in self.base.iter_mut().zip(&self.dual[j * dim..(j + 1) * dim]) {
                    *b += chord * d;
                }
            }
        }
        let outcome = match pole {
            None => {
                let data = ConeData {
                    dim,
                    dual: &self.dual,
                    base: &self.base,
                    concave: &self.concave,
                };
                self.solver.solve(&data, cone.before.start(), target)
            }
            Some(pole) => self.solve_at_pole(&cone, pole, dim, target),
        };
        let q = &self.solver.q;
        let length = norm(q);
        let mut exceptions = Vec::new();
        for ((row, class), slope) in self
            .concave
            .chunks_exact(dim)
            .zip(&self.concave_class)
            .zip(&self.solver.slopes)
        {
            let along = dot(row, q);
            let expected = if along >= 0.0 { 1.0 } else { -1.0 };
            // A sign that rounding could turn is written out.
            if (slope - expected).abs() > 1e-9 || along.abs() <= 1e-9 * norm(row) * length {
                exceptions.push((*class, slope.clamp(-1.0, 1.0)));
            }
        }
        let mut leaf = Leaf {
            q: q.as_slice().into(),
            exceptions: exceptions.into(),
            bound: length,
        };
        // A vector given up early may be longer than that of a cone around this one, which serves as well (the slopes at a pole are others).
        if pole.is_none()
            && let Before::Support(around) = &cone.before
            && around.bound < length
        {
            leaf = Leaf {
                exceptions: around
                    .exceptions
                    .iter()
                    .filter(|(class, _)| self.concave_class.binary_search(class).is_ok())
                    .copied()
                    .collect(),
                ..Leaf::clone(around)
            };
        }
        let (node, sign) = (cone.node, cone.sign);
        if outcome == Outcome::Accepted || !invertible {
            return Bounded {
                node,
                sign,
                leaf,
                open: None,
                incumbent: None,
            };
        }
        // The maximiser of the relaxation, pulled back into the cone, and the true value there.
        let mut lambda = self.solver.lambda.clone();
        for l in &mut lambda {
            *l = l.max(0.0);
        }
        let mut u = vec![0.0; dim];
        for (l, g) in lambda.iter().zip(cone.generators.chunks_exact(dim)) {
            for (x, y) in u.iter_mut().zip(g) {
                *x += l * y;
            }
        }
        let size = norm(&u);
        let mut incumbent = None;
        if size > 0.0 {
            for x in &mut u {
                *x /= size;
            }
            let mut value = dot(&cone.linear, &u);
            for &c in cone.mixed.iter() {
                value += form.weight[c as usize] * dot(rows.row(c as usize), &u).abs();
            }
            incumbent = Some((value, u));
        }
        // The bound of a ray is its value: there is nothing to split.
        if dim == 1 {
            return Bounded {
                node,
                sign,
                leaf,
                open: None,
                incumbent,
            };
        }
        cone.before = if pole.is_none() {
            Before::Support(Arc::new(leaf.clone()))
        } else {
            Before::Direction(leaf.q.as_ref().into())
        };
        cone.split = self.choose_split(&cone, &lambda, dim, undecayed);
        Bounded {
            node,
            sign,
            leaf,
            open: Some(cone),
            incumbent,
        }
    }

    /// The shortest support vector of a cone with a generator along the undecayed column: the slopes are fixed, the last entry is 0, and the generators without
    /// that column are a simplicial cone of one dimension less.
    fn solve_at_pole(&mut self, cone: &Cone, pole: usize, dim: usize, target: f64) -> Outcome {
        let small = dim - 1;
        let mut projected = Vec::with_capacity(small * small);
        for (_, g) in cone
            .generators
            .chunks_exact(dim)
            .enumerate()
            .filter(|(j, _)| *j != pole)
        {
            projected.extend_from_slice(&g[..small]);
        }
        let mut dual = Vec::new();
        invert(&projected, small, &mut dual);
        let mut base = vec![0.0; small];
        let others = cone
            .generators
            .chunks_exact(dim)
            .enumerate()
            .filter(|(j, _)| *j != pole);
        for ((_, g), d) in others.zip(dual.chunks_exact(small.max(1))) {
            let value = dot(&self.base, g);
            for (b, d) in base.iter_mut().zip(d) {
                *b += value * d;
            }
        }
        let data = ConeData {
            dim: small,
            dual: &dual,
            base: &base,
            concave: &[],
        };
        let outcome = self
            .solver
            .solve(&data, &cone.before.start()[..small], target);
        self.solver.q.push(0.0);
        let mean = self.solver.lambda.iter().map(|l| l.max(0.0)).sum::<f64>() / small.max(1) as f64;
        self.solver.lambda.insert(pole, mean);
        outcome
    }

    /// The edge with the largest chord error at the maximiser, cut where the error along the edge is largest.
    fn choose_split(
        &mut self,
        cone: &Cone,
        lambda: &[f64],
        dim: usize,
        undecayed: bool,
    ) -> (u8, u8, u32, u32) {
        let total: f64 = lambda.iter().sum();
        let floor = 1e-3 * total / dim as f64;
        let mut best = (-1.0, 0, 1);
        for j in 0..dim {
            for k in j + 1..dim {
                let (lj, lk) = (lambda[j].max(floor), lambda[k].max(floor));
                let mut score = 0.0;
                for (p, w) in self.convex.chunks_exact(dim).zip(&self.convex_weight) {
                    if p[j] * p[k] < 0.0 {
                        score += w * (lj * p[j].abs()).min(lk * p[k].abs());
                    }
                }
                if score > best.0 {
                    best = (score, j, k);
                }
            }
        }
        let (score, j, k) = best;
        let mut theta = 0.5;
        if score > 0.0 {
            // Along (1−θ)·g_j + θ·g_k the error is piecewise linear and concave with its kinks at the classes' zeros.
            self.kinks.clear();
            let mut slope = 0.0;
            for (p, w) in self.convex.chunks_exact(dim).zip(&self.convex_weight) {
                if p[j] * p[k] < 0.0 {
                    let (x, y) = (p[j].abs(), p[k].abs());
                    self.kinks.push((x / (x + y), w * (x + y)));
                    slope += w * y;
                }
            }
            // Error of a class at θ: chord (1−θ)x + θy minus |(1−θ)x − θy|: slope 2y before its zero, −2x after.
            self.kinks.sort_by(|a, b| a.0.total_cmp(&b.0));
            for (position, drop) in &self.kinks {
                slope -= drop;
                theta = *position;
                if slope <= 0.0 {
                    break;
                }
            }
            // Along the undecayed column lengths mean nothing.
            let pole = |j: usize| {
                undecayed
                    && cone.generators[j * dim..(j + 1) * dim - 1]
                        .iter()
                        .all(|x| *x == 0.0)
            };
            if !pole(j) && !pole(k) {
                theta = theta.clamp(0.05, 0.95);
            }
        }
        let (a, b) = small_ratio((1.0 - theta) / cone.lengths[j], theta / cone.lengths[k]);
        (j as u8, k as u8, a, b)
    }
}

/// Small positive integers with a ratio near `x : y` (within about 6 %).
fn small_ratio(x: f64, y: f64) -> (u32, u32) {
    let ratio = x / y;
    if !(ratio.is_finite() && ratio > 0.0) {
        return (1, 1);
    }
    let mut best = (f64::INFINITY, 1, 1);
    for small in 1..=8u32 {
        let (a, b) = if ratio >= 1.0 {
            (
                (ratio * f64::from(small)).round().clamp(1.0, 1e6) as u32,
                small,
            )
        } else {
            (
                small,
                (f64::from(small) / ratio).round().clamp(1.0, 1e6) as u32,
            )
        };
        let error = (f64::from(a) / f64::from(b) / ratio).ln().abs();
        if error < best.0 {
            best = (error, a, b);
        }
        if error < 0.06 {
            break;
        }
    }
    (best.1, best.2)
}

/// Inverse of the matrix whose rows are the generators, transposed: rows `d_j` with `d_j·g_k = [j = k]`. `false` if singular in floats.
fn invert(generators: &[f64], dim: usize, dual: &mut Vec<f64>) -> bool {
    // Gauss–Jordan with partial pivoting on Gᵀ | I: columns of (Gᵀ)⁻¹… here G D ᵀ = I, so Dᵀ = G⁻¹.
    let mut m: Vec<f64> = generators.to_vec();
    let mut inverse = vec![0.0; dim * dim];
    for i in 0..dim {
        inverse[i * dim + i] = 1.0;
    }
    let mut regular = true;
    for column in 0..dim {
        let mut pivot = column;
        for i in column + 1..dim {
            if m[i * dim + column].abs() > m[pivot * dim + column].abs() {
                pivot = i;
            }
        }
        let mut value = m[pivot * dim + column];
        if value.abs() < 1e-14 {
            regular = false;
            value = 1e-14;
            m[pivot * dim + column] = value;
        }
        if pivot != column {
            for i in 0..dim {
                m.swap(pivot * dim + i, column * dim + i);
                inverse.swap(pivot * dim + i, column * dim + i);
            }
        }
        for i in 0..dim {
            m[column * dim + i] /= value;
            inverse[column * dim + i] /= value;
        }
        for row in 0..dim {
            if row == column {
                continue;
            }
            let factor = m[row * dim + column];
            if factor != 0.0 {
                for i in 0..dim {
                    m[row * dim + i] -= factor * m[column * dim + i];
                    inverse[row * dim + i] -= factor * inverse[column * dim + i];
                }
            }
        }
    }
    dual.clear();
    dual.resize(dim * dim, 0.0);
    for j in 0..dim {
        for i in 0..dim {
            dual[j * dim + i] = inverse[i * dim + j];
        }
    }
    regular
}
