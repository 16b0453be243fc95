//! Floats: the convex program over some pieces, by column generation, as far as is needed to compare its optimum with a level.

use crate::exact::rat_to_f64;
use crate::minima::geometry::Geometry;
use crate::minima::least_squares::{dot, norm};
use crate::minima::region::{Pair, Targets, gradient, project, solve};

use super::cover::Bits;

/// The convex program of a problem.
pub struct Program<'a> {
    geometry: &'a Geometry,
    targets: Targets,
    /// Piece 2t is cell t with a positive output weight, piece 2t+1 with a negative one.
    pairs: Vec<Pair>,
    /// The number of pieces, those without an active row included; they come last.
    count: usize,
}

/// Neurons in pieces, one sum for each.
#[derive(Clone, Default)]
pub struct Point {
    pieces: Vec<usize>,
    /// For each piece the coefficients of its cell's unit rays.
    weights: Vec<Vec<f64>>,
}

/// A dual vector that is feasible on some pieces.
#[derive(Clone)]
pub struct Feasible {
    /// The vector, scaled down so far that its value is a hair above the level.
    pub v: Vec<f64>,
    /// For every piece the largest value of `s·F_v` on its unit vectors, relative to β.
    pub values: Vec<f64>,
    /// The point of the program from which it came.
    pub point: Point,
}

/// How the optimum compares with a level.
pub enum Decision {
    /// It is above: a dual vector shows it.
    Above(Feasible),
    /// It is below: a point with this objective (half-sum form) shows it.
    Below(Point, f64),
    /// The difference is lost in rounding.
    Unclear,
}

/// A dual vector's value has to be above the level by this, relatively, so that it is still when it has been rounded.
const ABOVE: f64 = 1e-11;
/// And on its pieces it has to be below β by this, so that the support vectors can be rounded.
const BELOW: f64 = 2e-11;

impl<'a> Program<'a> {
    /// The program of a geometry.
    pub fn new(geometry: &'a Geometry, count: usize) -> Self {
        Program {
            geometry,
            targets: Targets {
                y: geometry.y.iter().map(rat_to_f64).collect(),
                beta: rat_to_f64(&geometry.beta),
            },
            pairs: (0..geometry.cells.len())
                .flat_map(|cell| [1, -1].map(|sign| Pair { cell, sign }))
                .collect(),
            count,
        }
    }

    /// `(s, u)` for each neuron of a point, `u` the hidden weights times the size of the output weight.
    pub fn neurons(&self, point: &Point) -> Vec<(f64, Vec<f64>)> {
        let neuron = |(piece, weights): (&usize, &Vec<f64>)| {
            let pair = self.pairs[*piece];
            let mut u = vec![0.0; self.geometry.r];
            for (ray, weight) in self.geometry.cells[pair.cell].unit_rays.iter().zip(weights) {
                u.iter_mut().zip(ray).for_each(|(u, x)| *u += weight * x);
            }
            (f64::from(pair.sign), u)
        };
        point
            .pieces
            .iter()
            .zip(&point.weights)
            .map(neuron)
            .collect()
    }

    /// Compares the optimum over the allowed pieces with a level > 0 (half-sum form), starting from a point.
    pub fn decide(&self, allowed: &Bits, level: f64, start: &Point) -> Decision {
        let beta = self.targets.beta;
        let mut point = Point::default();
        for (&piece, weights) in start.pieces.iter().zip(&start.weights) {
            if allowed.contains(piece) {
                point.pieces.push(piece);
                point.weights.push(weights.clone());
            }
        }
        // Every round adds pieces, or the program is solved.
        for _ in 0..4 * self.pairs.len() + 10 {
            let pairs: Vec<Pair> = point.pieces.iter().map(|&p| self.pairs[p]).collect();
            let solution = solve(self.geometry, &self.targets, &pairs, Some(&point.weights));
            let used: Vec<bool> = solution
                .weights
                .iter()
                .map(|weights| weights.iter().any(|w| *w > 0.0))
                .collect();
            let kept = |k: &usize| used[*k];
            let numbers = (0..used.len()).filter(kept);
            point = Point {
                pieces: numbers.clone().map(|k| point.pieces[k]).collect(),
                weights: numbers.map(|k| solution.weights[k].clone()).collect(),
            };
            let v = solution.v;
            let lengths: f64 = self.neurons(&point).iter().map(|(_, u)| norm(u)).sum();
            let objective = 0.5 * dot(&v, &v) + beta * lengths;
            if objective < level {
                return Decision::Below(point, objective);
            }
            let mut values = vec![0.0; self.pairs.len()];
            let mut violated: Vec<(f64, usize)> = Vec::new();
            let mut worst = 0.0f64;
            for piece in allowed.iter().filter(|&piece| piece < self.pairs.len()) {
                values[piece] = self.value(piece, &v);
                worst = worst.max(values[piece]);
                if values[piece] > 1.0 + 1e-12 && !point.pieces.contains(&piece) {
                    violated.push((values[piece], piece));
                }
            }
            if let Some(scale) = self.scale(&v, worst, level) {
                for (piece, value) in values.iter_mut().enumerate() {
                    if !allowed.contains(piece) {
                        *value = self.value(piece, &v);
                    }
                    *value *= scale;
                }
                let v = v.iter().map(|x| scale * x).collect();
                return Decision::Above(Feasible { v, values, point });
            }
            if violated.is_empty() {
                return Decision::Unclear;
            }
            violated.sort_by(|a, b| b.0.total_cmp(&a.0));
            for (_, piece) in violated.into_iter().take(2) {
                point.pieces.push(piece);
                point.weights.push(Vec::new());
            }
        }
        Decision::Unclear
    }

    /// The largest value of `s·F_v` on the unit vectors of a piece, relative to β.
    fn value(&self, piece: usize, v: &[f64]) -> f64 {
        let pair = self.pairs[piece];
        let cell = &self.geometry.cells[pair.cell];
        project(cell, &gradient(cell, pair.sign, v)).value / self.targets.beta
    }

    /// The factor of least length that brings the dual value of `v` above the level, if it keeps values of at most `worst` below 1.
    fn scale(&self, v: &[f64], worst: f64, level: f64) -> Option<f64> {
        let level = level * (1.0 + ABOVE);
        let (first, second) = (dot(v, &self.targets.y), dot(v, v));
        let root = first * first - 2.0 * second * level;
        if !(first > 0.0 && root >= 0.0) {
            return None;
        }
        let least = 2.0 * level / (first + root.sqrt());
        (least * worst <= 1.0 - BELOW).then_some(least)
    }

    /// The pieces on which a feasible vector proves its inequality.
    pub fn proved(&self, feasible: &Feasible) -> Bits {
        let mut set = Bits::none(self.count);
        for (piece, value) in feasible.values.iter().enumerate() {
            if *value <= 1.0 - BELOW {
                set.insert(piece);
            }
        }
        set
    }
}
