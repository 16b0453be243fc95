//! Divide: every set of at most m (cell, sign) pairs, its convex problem solved in floats, and either excluded by proof or kept as a candidate.
//!
//! A region of the network's parameters is a multiset of m pairs; the optimum of a region has the residual of the optimum of its set of
//! distinct pairs, so sets are enough. A set is *excluded* if no local minimum has a nonzero neuron in each of its pairs.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use num_bigint::BigInt;
use num_traits::{One, Zero};
use rayon::prelude::*;

use super::bounds::{Ball, EnclosedTargets, PairStatus, ball, status};
use super::geometry::{Cell, Face, Geometry};
use super::interval::{Doubles, Interval};
use super::least_squares::norm;
use super::region::{Pair, Solution, Targets, gradient, project, solve};
use crate::exact::rat_to_f64;

/// A candidate is named by its neurons' faces and signs.
pub type Key = Vec<(Vec<i8>, i8)>;

/// Faces with the sums of the neurons on them.
type Neurons = BTreeMap<(Vec<i8>, i8), (Arc<Face>, Vec<f64>)>;

/// Neurons on faces that seem to be a local minimum.
pub struct Candidate {
    /// The faces in the order of the key.
    pub faces: Vec<Arc<Face>>,
    /// The neurons in floats, length r each, in the same order.
    pub near: Vec<Vec<f64>>,
    /// The sets of pairs whose optimum it seems to be.
    pub sets: Vec<Vec<usize>>,
}

/// What the division found.
#[derive(Default)]
pub struct Divided {
    /// Candidates by key.
    pub candidates: BTreeMap<Key, Candidate>,
    /// Regions that are excluded by proof.
    pub excluded: BigInt,
    /// Convex problems that were solved.
    pub solved: u64,
    /// Regions that were not looked at before the search was stopped.
    pub unvisited: BigInt,
}

impl Divided {
    fn merge(mut self, other: Divided) -> Divided {
        for (key, candidate) in other.candidates {
            match self.candidates.entry(key) {
                std::collections::btree_map::Entry::Vacant(entry) => {
                    entry.insert(candidate);
                }
                std::collections::btree_map::Entry::Occupied(mut entry) => {
                    entry.get_mut().sets.extend(candidate.sets);
                }
            }
        }
        self.excluded += other.excluded;
        self.solved += other.solved;
        self.unvisited += other.unvisited;
        self
    }
}

/// C(n, k).
pub fn binomial(n: u64, k: u64) -> BigInt {
    let mut value = BigInt::one();
    for i in 0..k.min(n.saturating_sub(k)) {
        value = value * (n - i) / (i + 1);
    }
    if k > n { BigInt::zero() } else { value }
}

/// The number of multisets of m of `pairs` things.
pub fn regions(pairs: usize, width: usize) -> BigInt {
    if pairs == 0 {
        return BigInt::zero();
    }
    binomial((pairs + width) as u64 - 1, width as u64)
}

/// The number of multisets of m with a given set of k distinct members.
pub fn multisets_of(width: usize, k: usize) -> BigInt {
    binomial(width as u64 - 1, k as u64 - 1)
}

/// The search over sets of pairs.
pub struct Division<'a> {
    /// The problem.
    pub geometry: &'a Geometry,
    /// All pairs in order.
    pub pairs: Vec<Pair>,
    /// Most neurons.
    pub width: usize,
    targets: Targets,
    /// The targets, enclosed.
    pub enclosed: EnclosedTargets,
    stop: &'a (dyn Fn() -> bool + Sync),
    progress: &'a (dyn Fn(u64) + Sync),
    /// Sets that have been dealt with.
    done: AtomicU64,
}

struct Node {
    set: Vec<usize>,
    solution: Solution,
    ball: Ball,
}

impl<'a> Division<'a> {
    /// Prepares the search.
    pub fn new(
        geometry: &'a Geometry,
        width: usize,
        stop: &'a (dyn Fn() -> bool + Sync),
        progress: &'a (dyn Fn(u64) + Sync),
    ) -> Self {
        let pairs = (0..geometry.cells.len())
            .flat_map(|cell| [1, -1].map(|sign| Pair { cell, sign }))
            .collect();
        Division {
            geometry,
            pairs,
            width,
            targets: Targets {
                y: geometry.y.iter().map(rat_to_f64).collect(),
                beta: rat_to_f64(&geometry.beta),
            },
            enclosed: EnclosedTargets {
                y: geometry.y.iter().map(|y| Doubles::of((), y)).collect(),
                beta: Doubles::of((), &geometry.beta),
            },
            stop,
            progress,
            done: AtomicU64::new(0),
        }
    }

    /// Looks at every set.
    pub fn run(&self) -> Divided {
        (0..self.pairs.len())
            .into_par_iter()
            .map(|first| self.visit(self.solve(vec![first], None)))
            .reduce(Divided::default, Divided::merge)
    }

    fn solve(&self, set: Vec<usize>, start: Option<&[Vec<f64>]>) -> Node {
        let pairs: Vec<Pair> = set.iter().map(|&p| self.pairs[p]).collect();
        let solution = solve(self.geometry, &self.targets, &pairs, start);
        let ball = ball(self.geometry, &self.enclosed, &pairs, &solution);
        Node {
            set,
            solution,
            ball,
        }
    }

    /// The sets that begin with a node's set.
    fn visit(&self, node: Node) -> Divided {
        let mut found = Divided {
            solved: 1,
            ..Divided::default()
        };
        if (self.stop)() {
            found.solved = 0;
            found.unvisited = self.below(&node.set);
            return found;
        }
        self.classify(&node, &mut found);
        let k = node.set.len();
        let next = node.set[k - 1] + 1;
        if k == self.width || next == self.pairs.len() {
            return found;
        }
        let child = |p: usize| self.child(&node, p);
        let deeper = if k == 1 {
            (next..self.pairs.len())
                .into_par_iter()
                .map(child)
                .reduce(Divided::default, Divided::merge)
        } else {
            (next..self.pairs.len())
                .map(child)
                .fold(Divided::default(), Divided::merge)
        };
        found.merge(deeper)
    }

    /// The sets that begin with a node's set and one more pair.
    fn child(&self, node: &Node, p: usize) -> Divided {
        let mut set = node.set.clone();
        set.push(p);
        let (of_pair, _) = status(self.geometry, &self.enclosed, self.pairs[p], &node.ball);
        if !matches!(of_pair, PairStatus::Below) {
            let start = &node.solution.weights;
            return self.visit(self.solve(set, Some(start)));
        }
        // The new pair adds nothing: the optimum is the node's, with a zero neuron.
        let rays = self.geometry.cells[self.pairs[p].cell].rays.len();
        if set.len() == self.width || p + 1 == self.pairs.len() {
            self.count();
            return Divided {
                excluded: multisets_of(self.width, set.len()),
                ..Divided::default()
            };
        }
        let mut solution = node.solution.clone();
        solution.weights.push(vec![0.0; rays]);
        let mut found = self.visit(Node {
            set,
            solution,
            ball: node.ball.clone(),
        });
        found.solved = found.solved.saturating_sub(1);
        found
    }

    /// The regions whose set begins with this one.
    fn below(&self, set: &[usize]) -> BigInt {
        let k = set.len();
        let rest = (self.pairs.len() - 1 - set[k - 1]) as u64;
        (k..=self.width)
            .map(|j| binomial(rest, (j - k) as u64) * multisets_of(self.width, j))
            .sum()
    }

    /// One more set is dealt with.
    fn count(&self) {
        let before = self.done.fetch_add(1, Ordering::Relaxed);
        if before.is_multiple_of(1024) {
            (self.progress)(before);
        }
    }

    /// Excludes a node's set, or keeps it as a candidate.
    fn classify(&self, node: &Node, found: &mut Divided) {
        self.count();
        let kept = match self.faces(node) {
            None => None,
            Some((faces, true)) => Some(self.candidate(node, &faces)),
            // Solvers slip now and then, from a start above all: solve again from zero before this counts as a candidate.
            Some((_, false)) => {
                let again = self.solve(node.set.clone(), None);
                self.faces(&again)
                    .map(|(faces, _)| self.candidate(&again, &faces))
            }
        };
        match kept {
            None => found.excluded += multisets_of(self.width, node.set.len()),
            Some((key, candidate)) => found
                .candidates
                .entry(key)
                .or_insert(candidate)
                .sets
                .push(node.set.clone()),
        }
    }

    /// The faces of a node's neurons, and whether each is proven to be that of a local maximum; `None` if the set is excluded.
    fn faces(&self, node: &Node) -> Option<(Vec<Arc<Face>>, bool)> {
        let mut faces = Vec::with_capacity(node.set.len());
        let mut clear = true;
        for (&p, weights) in node.set.iter().zip(&node.solution.weights) {
            // A pair without a neuron should have a value below β.
            clear &= weights.iter().any(|w| *w > 0.0);
            match status(self.geometry, &self.enclosed, self.pairs[p], &node.ball).0 {
                PairStatus::Below | PairStatus::Fails => return None,
                PairStatus::Atom(face) => faces.push(face),
                PairStatus::Unclear(face) => {
                    clear = false;
                    faces.push(face);
                }
            }
        }
        Some((faces, clear))
    }

    /// Whether, for an even activation, a face is the negative of one of the cell's.
    fn is_turned(&self, face: &Face, cell: &Cell) -> bool {
        self.geometry.even
            && !face
                .signs
                .iter()
                .zip(&cell.signs)
                .all(|(a, b)| *a == 0 || a == b)
    }

    /// The neurons of a node's solution by face and sign.
    fn candidate(&self, node: &Node, faces: &[Arc<Face>]) -> (Key, Candidate) {
        let r = self.geometry.r;
        let mut neurons: Neurons = BTreeMap::new();
        for ((face, &p), weights) in faces.iter().zip(&node.set).zip(&node.solution.weights) {
            let pair = self.pairs[p];
            let cell = &self.geometry.cells[pair.cell];
            let mut u = vec![0.0; r];
            for (ray, weight) in cell.unit_rays.iter().zip(weights) {
                for (u, x) in u.iter_mut().zip(ray) {
                    *u += weight * x;
                }
            }
            if self.is_turned(face, cell) {
                u.iter_mut().for_each(|x| *x = -*x);
            }
            let entry = neurons
                .entry((face.signs.clone(), pair.sign))
                .or_insert_with(|| (face.clone(), vec![0.0; r]));
            for (sum, x) in entry.1.iter_mut().zip(&u) {
                *sum += x;
            }
        }
        let largest = neurons
            .values()
            .map(|(_, u)| norm(u))
            .fold(0.0f64, f64::max);
        neurons.retain(|_, (_, u)| norm(u) > 1e-14 * largest);
        // Neurons too small for floats: their directions are known, and more digits find their sizes.
        if neurons.is_empty() {
            for (face, &p) in faces.iter().zip(&node.set) {
                let pair = self.pairs[p];
                let cell = &self.geometry.cells[pair.cell];
                let projection = project(cell, &gradient(cell, pair.sign, &node.solution.v));
                let size = 1e-9 / projection.value.max(1e-300);
                let turn = if self.is_turned(face, cell) {
                    -size
                } else {
                    size
                };
                let u = projection.point.iter().map(|x| turn * x).collect();
                neurons.insert((face.signs.clone(), pair.sign), (face.clone(), u));
            }
        }
        let (mut key, mut kept, mut near) = (Vec::new(), Vec::new(), Vec::new());
        for (name, (face, u)) in neurons {
            key.push(name);
            kept.push(face);
            near.push(u);
        }
        let candidate = Candidate {
            faces: kept,
            near,
            sets: Vec::new(),
        };
        (key, candidate)
    }
}

/// Seconds that an enumeration may take and the number of sets of pairs, from problems of full size solved for some time.
pub fn estimate(
    geometry: &Geometry,
    width: usize,
    budget: std::time::Duration,
) -> Option<(f64, u64)> {
    let never = || false;
    let division = Division::new(geometry, width, &never, &|_| {});
    let pairs = division.pairs.len();
    let sets: BigInt = (1..=width).map(|k| binomial(pairs as u64, k as u64)).sum();
    let sets = num_traits::ToPrimitive::to_u64(&sets)?;
    let size = width.min(pairs);
    if size == 0 {
        return Some((0.0, sets));
    }
    let started = std::time::Instant::now();
    let mut found = Divided::default();
    let mut count = 0u32;
    // A stride that is not a divisor of the number of pairs visits them evenly.
    let mut position = 0usize;
    while started.elapsed() < budget && count < 2000 {
        let mut set: Vec<usize> = (0..size)
            .map(|k| (position + k * (pairs / size)) % pairs)
            .collect();
        set.sort_unstable();
        set.dedup();
        let node = division.solve(set, None);
        division.classify(&node, &mut found);
        position = (position + 7) % pairs;
        count += 1;
    }
    let each = started.elapsed().as_secs_f64() / f64::from(count.max(1));
    Some((
        each * sets as f64 / rayon::current_num_threads() as f64,
        sets,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_account_for_every_multiset() {
        for pairs in 1..9usize {
            for width in 1..6usize {
                let sum: BigInt = (1..=width)
                    .map(|k| binomial(pairs as u64, k as u64) * multisets_of(width, k))
                    .sum();
                assert_eq!(sum, regions(pairs, width), "{pairs} {width}");
            }
        }
        assert_eq!(regions(18, 2), BigInt::from(171));
        assert_eq!(binomial(3, 5), BigInt::zero());
    }
}
