//! A lower bound for networks of at most a given width, and its proof (FORMAT.md §8).
//!
//! A *piece* is a cell of the data's arrangement with a sign of the output weight. A dual vector v proves `|s·F_v| ≤ β·ρ` on some pieces: then every network, of any
//! width, whose neurons all lie in these pieces has an objective of at least `D(v)`. Such a *block* is made from a set A of pieces: v is the optimal dual vector of the
//! convex program that has neurons in A only. If every set of at most m pieces is inside a block's, every network of width m is bounded.
//!
//! The search takes a set of m pieces that no block has yet, and lets it grow while the optimum of its convex program stays above the level that is to be proven. The
//! optimum over m pieces needs at most one neuron for each: if it is below the level it is a better network, and the level falls. So the search ends with the global
//! minimum at this width, up to the slack, and its proof.

mod block;
mod cover;
mod parts;
mod program;
mod write;

use num_bigint::BigInt;
use num_traits::{One, Zero};

use crate::exact::{Rat, f64_to_rat, rat_to_f64};
use crate::minima::geometry::Geometry;
use crate::minima::least_squares::norm;
use crate::problem::{HiddenBias, Network, Problem, ProblemError};
use crate::program::convert;
use crate::prove::dual::short_below;

use block::{Block, Blocks};
use cover::{Bits, uncovered};
use parts::Parts;
use program::{Decision, Feasible, Point, Program};
pub use write::write;

/// Options of a search.
pub struct WidthOptions<'a> {
    /// Most neurons m ≥ 1.
    pub width: usize,
    /// The bound may be below the best objective by this, relatively.
    pub slack: Rat,
    /// The search ends soon after this becomes true, with the bound that holds at every width.
    pub stop: &'a (dyn Fn() -> bool + Sync),
    /// Told now and then what is being done.
    pub progress: &'a (dyn Fn(String) + Sync),
}

/// A proven bound for networks of at most a width.
pub struct WidthProof {
    /// The width.
    pub width: usize,
    /// No network of at most this width has a lower objective; user's convention. Exact.
    pub bound: Rat,
    /// The best network known, if it is better than the one the search began with.
    pub best: Option<Network>,
    /// The objective of the best network known. Exact.
    pub objective: Rat,
    /// Whether every set of pieces has its block; otherwise the search was stopped or lost in rounding, and the bound holds at every width.
    pub complete: bool,
    /// The number of cones, of parts and of convex programs.
    pub counts: [usize; 3],
    parts: Parts,
    blocks: Vec<Block>,
}

impl WidthProof {
    /// The number of blocks.
    pub fn blocks(&self) -> usize {
        self.blocks.len()
    }
}

struct Search<'a> {
    problem: &'a Problem,
    program: Program<'a>,
    count: usize,
    options: &'a WidthOptions<'a>,
    best: Option<Network>,
    objective: Rat,
    solved: usize,
    /// As asked for, or more where rounding needs it.
    slack: Rat,
}

/// One over the slack beyond which the search gives up.
const MOST_SLACK: u64 = 10_000;

/// Proves a bound for all networks of at most a width, within the slack of the best objective there is; `start` is a network of at most this width.
///
/// The problem is in the scope of [`crate::minima::check_scope`], and the geometry is its own.
///
/// # Errors
///
/// [`ProblemError`] if a network does not fit the problem.
pub fn prove(
    problem: &Problem,
    geometry: &Geometry,
    start: &Network,
    options: &WidthOptions,
) -> Result<WidthProof, ProblemError> {
    let classes = convert::classes(problem);
    let parts = Parts::new(geometry);
    let count = 2 * parts.count;
    let mut search = Search {
        problem,
        program: Program::new(geometry, count),
        count,
        options,
        best: None,
        objective: problem.objective(start)?,
        solved: 0,
        slack: options.slack.clone(),
    };
    let blocks = Blocks::new(problem, geometry, &classes, &parts);
    let complete = search.cover(&blocks)?;
    let is_complete = complete.is_some();
    let list = complete.unwrap_or_else(|| vec![search.every_width(&blocks)]);
    let value = list.iter().map(|block| &block.value).min();
    let lowest = value.cloned().unwrap_or_else(Rat::zero) * problem.unit();
    search.slack.clone_from(&options.slack);
    let most = search.most(&search.objective);
    Ok(WidthProof {
        width: options.width,
        // Not above the value of any block, and short.
        bound: if lowest < most { short(&lowest) } else { most },
        best: search.best,
        objective: search.objective,
        complete: is_complete,
        counts: [parts.cones, parts.count, search.solved],
        parts,
        blocks: list,
    })
}

/// A short rational at most a nonnegative one, and nearly it.
fn short(x: &Rat) -> Rat {
    if x.is_zero() {
        x.clone()
    } else {
        short_below(x)
    }
}

impl Search<'_> {
    /// The bound that is to be proven when the best objective is this.
    fn most(&self, objective: &Rat) -> Rat {
        short(&(objective * (Rat::one() - &self.slack)))
    }

    /// The level in half-sum form.
    fn level(&self) -> f64 {
        rat_to_f64(&(self.most(&self.objective) / self.problem.unit()))
    }

    /// Blocks for every set of at most m pieces; `None` if the search was stopped or was lost in rounding.
    fn cover(&mut self, blocks: &Blocks) -> Result<Option<Vec<Block>>, ProblemError> {
        let mut list: Vec<Block> = Vec::new();
        let all = Bits::all(self.count);
        // The pieces whose optimum is compared with the level; at first all of them: perhaps no width is better.
        let mut set = all.clone();
        loop {
            if self.objective.is_zero() {
                return Ok(Some(vec![blocks.trivial()]));
            }
            if (self.options.stop)() {
                return Ok(None);
            }
            (self.options.progress)(format!(
                "{} blocks, {} convex programs",
                list.len(),
                self.solved
            ));
            let is_all = set == all && self.count > self.options.width;
            match self.decide(&set, &Point::default()) {
                Decision::Above(feasible) => {
                    let grown = self.grow(set.clone(), feasible);
                    let block = blocks.round(&grown.v, &self.program.proved(&grown));
                    let most = self.most(&self.objective) / self.problem.unit();
                    if block.set.includes(&set) && block.value >= most {
                        if is_all {
                            list.clear();
                        }
                        list.push(block);
                    } else if !is_all && !self.relax() {
                        return Ok(None);
                    }
                }
                // A wider network is better: that is no surprise.
                Decision::Below(..) | Decision::Unclear if is_all => {}
                Decision::Below(point, objective) => {
                    let network = self.network(&self.optimum(&set, point, objective));
                    let objective = self.problem.objective(&network)?;
                    if objective < self.objective {
                        (self.best, self.objective) = (Some(network), objective);
                        set = all.clone();
                        continue;
                    }
                    if !self.relax() {
                        return Ok(None);
                    }
                }
                Decision::Unclear if self.relax() => {}
                Decision::Unclear => return Ok(None),
            }
            let sets: Vec<&Bits> = list.iter().map(|block| &block.set).collect();
            let Some(pieces) = uncovered(&sets, self.count, self.options.width) else {
                return Ok(Some(list));
            };
            set = Bits::none(self.count);
            pieces.iter().for_each(|&piece| set.insert(piece));
        }
    }

    /// Lowers the level where rounding hides the difference: the bound will be a little weaker. `false` if that has been done often enough.
    fn relax(&mut self) -> bool {
        let (ten, most) = (
            BigInt::from(10),
            Rat::new(BigInt::one(), BigInt::from(MOST_SLACK)),
        );
        self.slack = &self.slack * &ten + Rat::new(BigInt::one(), BigInt::from(10_000_000_000u64));
        self.slack <= most
    }

    fn decide(&mut self, allowed: &Bits, start: &Point) -> Decision {
        self.solved += 1;
        self.program.decide(allowed, self.level(), start)
    }

    /// Adds pieces to a set while its optimum stays above the level.
    fn grow(&mut self, mut set: Bits, mut feasible: Feasible) -> Feasible {
        let mut failed = Bits::none(self.count);
        let mut chunk = 1;
        loop {
            self.program
                .proved(&feasible)
                .iter()
                .for_each(|piece| set.insert(piece));
            let mut open: Vec<usize> = (0..feasible.values.len())
                .filter(|&piece| !set.contains(piece) && !failed.contains(piece))
                .collect();
            if open.is_empty() || (self.options.stop)() {
                return feasible;
            }
            open.sort_by(|&a, &b| feasible.values[a].total_cmp(&feasible.values[b]));
            open.truncate(chunk);
            let mut trial = set.clone();
            open.iter().for_each(|&piece| trial.insert(piece));
            match self.decide(&trial, &feasible.point) {
                Decision::Above(more) => {
                    (set, feasible) = (trial, more);
                    chunk *= 2;
                }
                _ if open.len() > 1 => chunk = open.len() / 2,
                _ => failed.insert(open[0]),
            }
        }
    }

    /// The optimum over some pieces, from a point whose objective is given.
    fn optimum(&self, allowed: &Bits, mut point: Point, mut objective: f64) -> Point {
        while let Decision::Below(better, lower) =
            self.program
                .decide(allowed, objective * (1.0 - 1e-12), &point)
        {
            (point, objective) = (better, lower);
        }
        point
    }

    /// The block of the bound that holds at every width.
    fn every_width(&mut self, blocks: &Blocks) -> Block {
        let all = Bits::all(self.count);
        let mut level = self.level();
        let mut point = Point::default();
        // What the level falls by where rounding hides the difference; more each time.
        let mut step = 1e-9;
        while step < 1.0 {
            match self.program.decide(&all, level, &point) {
                Decision::Above(feasible) => {
                    let block = blocks.round(&feasible.v, &all);
                    if block.set == all {
                        return block;
                    }
                    level *= 1.0 - step;
                    step *= 4.0;
                }
                Decision::Below(better, objective) => {
                    (point, level) = (better, objective * (1.0 - step));
                }
                Decision::Unclear => {
                    level *= 1.0 - step;
                    step *= 4.0;
                }
            }
        }
        blocks.trivial()
    }

    /// The network of a point: |a| = ‖w‖ for each of its neurons.
    fn network(&self, point: &Point) -> Network {
        let rat = |x: f64| f64_to_rat(x).unwrap_or_default();
        let mut network = Network::zero();
        let has_bias = self.problem.hidden_bias != HiddenBias::None;
        let mut biases = Vec::new();
        for (sign, u) in self.program.neurons(point) {
            let size = norm(&u).sqrt();
            let mut w: Vec<Rat> = u.iter().map(|x| rat(x / size)).collect();
            if has_bias {
                biases.push(w.pop().unwrap_or_default());
            }
            network.hidden_weights.push(w);
            network.output_weights.push(rat(sign * size));
        }
        network.hidden_bias = has_bias.then_some(biases);
        network
    }
}
