//! A block: a dual vector with a support vector for each of its pieces. Exact; every line has been verified here before it is written.

use std::io::Write;

use num_bigint::BigInt;
use num_traits::{One, Signed, ToPrimitive, Zero};

use crate::arrangement::rows::Classes;
use crate::exact::{Rat, f64_to_rat, rat_to_f64};
use crate::minima::geometry::{Cell, Geometry, integer_product};
use crate::minima::least_squares::{nonnegative_least_squares, norm};
use crate::minima::region::project_on;
use crate::problem::Problem;
use crate::prove::dual::Dual;

use super::cover::Bits;
use super::parts::Parts;

/// Bits of the support vectors.
const BITS: i64 = 44;

/// A verified block.
pub struct Block {
    /// The pieces on which its dual vector is proven feasible.
    pub set: Bits,
    /// Its dual value, half-sum form. Exact.
    pub value: Rat,
    /// Its text.
    pub text: Vec<u8>,
}

/// What all blocks of a proof share.
pub struct Blocks<'a> {
    problem: &'a Problem,
    geometry: &'a Geometry,
    classes: &'a Classes,
    parts: &'a Parts,
    /// For every cell a vector whose product with every unit ray is at least 1, in the basis of the support vectors. Floats.
    lifts: Vec<Vec<f64>>,
    /// The products of the support's basis with the rays of every cell. Exact.
    on_rays: Vec<Vec<Vec<BigInt>>>,
}

impl<'a> Blocks<'a> {
    /// Prepares the rounding.
    pub fn new(
        problem: &'a Problem,
        geometry: &'a Geometry,
        classes: &'a Classes,
        parts: &'a Parts,
    ) -> Self {
        let on_rays: Vec<Vec<Vec<BigInt>>> = geometry
            .cells
            .iter()
            .map(|cell| {
                let products = |ray: &Vec<BigInt>| {
                    let product = |b: &Vec<BigInt>| integer_product(b, ray);
                    parts.support.iter().map(product).collect()
                };
                cell.rays.iter().map(products).collect()
            })
            .collect();
        Blocks {
            problem,
            geometry,
            classes,
            parts,
            lifts: on_rays.iter().map(|rays| lift(rays)).collect(),
            on_rays,
        }
    }

    /// The block of v = 0, which has every piece.
    pub fn trivial(&self) -> Block {
        let mut text = b"dual 0 1\n".to_vec();
        for _ in 0..self.problem.n() {
            text.extend_from_slice(b"v 0\n");
        }
        Block {
            set: Bits::all(2 * self.parts.count),
            value: Rat::zero(),
            text,
        }
    }

    /// The block of a dual vector, with the wanted pieces on which it can be verified, and the part without active rows.
    pub fn round(&self, v: &[f64], wanted: &Bits) -> Block {
        let dual = Dual::round(self.problem, v);
        if dual.is_zero() {
            return self.trivial();
        }
        let (first, second) = dual.moments(self.problem);
        let factor = &dual.unit;
        let value = factor * first - factor * factor * second / BigInt::from(2);
        let (_, _, kd) = self.problem.activation.integers();
        // |E·Q| ≤ β·2·kd·DX·B/A.
        let longest =
            self.problem.beta() * (BigInt::from(2) * kd * &self.problem.data.x_den) / factor;
        let room = longest.numer().bits() as i64
            - longest.denom().bits() as i64
            - self.parts.grain().bits() as i64;
        let scale = BigInt::one() << (room - BITS).max(0).unsigned_abs();
        let longest = longest / &scale;
        let squared = &longest * &longest;
        let mut set = Bits::none(2 * self.parts.count);
        let mut lines = Vec::new();
        let forms = [1, -1].map(|sign| self.form(&dual, sign));
        for piece in 0..2 * self.parts.count {
            let (part, form) = (piece / 2, &forms[piece % 2]);
            let q = match self.geometry.cells.get(part) {
                None => Some(vec![BigInt::zero(); self.geometry.r]),
                Some(_) if !wanted.contains(piece) => None,
                Some(cell) => self.support(part, cell, form, &scale, &squared),
            };
            if let Some(q) = q {
                set.insert(piece);
                let _ = write!(lines, "p {piece}");
                for x in q {
                    let _ = write!(lines, " {x}");
                }
                lines.push(b'\n');
            }
        }
        let mut text = Vec::new();
        let _ = writeln!(text, "dual {} {}", factor.numer(), factor.denom());
        for v in &dual.v {
            let _ = writeln!(text, "v {v}");
        }
        let _ = writeln!(text, "pieces {} {scale}", set.len());
        text.extend_from_slice(&lines);
        Block { set, value, text }
    }

    /// The function of one sign: `(k1+k2)·L` and `(k2−k1)·W_c`. Exact.
    fn form(&self, dual: &Dual, sign: i32) -> (Vec<BigInt>, Vec<BigInt>) {
        let (k1, k2, _) = self.problem.activation.integers();
        let mut linear = vec![BigInt::zero(); self.geometry.r];
        let mut weights = vec![BigInt::zero(); self.classes.primitive.len()];
        for (i, class) in self.classes.class.iter().enumerate() {
            let Some(c) = class.map(|c| c as usize) else {
                continue;
            };
            let sample = self.problem.data.sample_of_row[i] as usize;
            let weight = &dual.v[sample] * &self.classes.mult[i] * sign;
            for (sum, x) in linear.iter_mut().zip(&self.classes.primitive[c]) {
                *sum += &weight * x * (&k1 + &k2);
            }
            let size = if self.classes.mult[i].is_negative() {
                -weight
            } else {
                weight
            };
            weights[c] += size * (&k2 - &k1);
        }
        (linear, weights)
    }

    /// A support vector on a cell that is verified at its rays and short enough. On the cell H is linear, and its shortest support vector is
    /// the projection of this linear function.
    fn support(
        &self,
        part: usize,
        cell: &Cell,
        (linear, weights): &(Vec<BigInt>, Vec<BigInt>),
        scale: &BigInt,
        longest_squared: &Rat,
    ) -> Option<Vec<BigInt>> {
        let mut gradient = linear.clone();
        for ((weight, sign), p) in weights.iter().zip(&cell.signs).zip(&self.classes.primitive) {
            for (sum, x) in gradient.iter_mut().zip(p) {
                *sum += weight * x * BigInt::from(*sign);
            }
        }
        let heights: Vec<BigInt> = cell
            .rays
            .iter()
            .map(|ray| integer_product(&gradient, ray))
            .collect();
        if heights.iter().all(|h| !h.is_positive()) {
            return Some(vec![BigInt::zero(); self.geometry.r]);
        }
        let floats: Vec<f64> = gradient
            .iter()
            .map(|x| rat_to_f64(&Rat::new(x.clone(), scale.clone())))
            .collect();
        let nearest = coordinates(
            &self.parts.support,
            &project_on(&cell.facets, &floats).point,
        );
        let mut strength = 1.0;
        for _ in 0..50 {
            let units: Vec<BigInt> = nearest
                .iter()
                .zip(&self.lifts[part])
                .map(|(x, lift)| to_integer(x + strength * lift))
                .collect();
            let holds = self.on_rays[part]
                .iter()
                .zip(&heights)
                .all(|(ray, height)| integer_product(&units, ray) * scale >= *height);
            if holds {
                let mut q = vec![BigInt::zero(); self.geometry.r];
                for (unit, b) in units.iter().zip(&self.parts.support) {
                    q.iter_mut().zip(b).for_each(|(q, x)| *q += unit * x);
                }
                let squares: BigInt = q.iter().map(|x| x * x).sum();
                return (Rat::from(squares) <= *longest_squared).then_some(q);
            }
            strength *= 2.0;
        }
        None
    }
}

fn to_integer(x: f64) -> BigInt {
    f64_to_rat(x.round()).map_or_else(BigInt::zero, |x| x.to_integer())
}

/// The coordinates of a vector in the span of a basis. Floats.
fn coordinates(basis: &[Vec<BigInt>], vector: &[f64]) -> Vec<f64> {
    let columns = basis.len();
    let matrix = nalgebra::DMatrix::from_fn(vector.len(), columns, |i, j| {
        basis[j][i].to_f64().unwrap_or(0.0)
    });
    let right = nalgebra::DVector::from_column_slice(vector);
    let solved = matrix.svd(true, true).solve(&right, 0.0);
    solved.map_or_else(|_| vec![0.0; columns], |x| x.as_slice().to_vec())
}

/// A short vector whose product with every ray (here in the coordinates of the support's basis) is as large as rounding of coordinates may cost there:
/// least distance programming (Lawson and Hanson). Floats.
fn lift(rays: &[Vec<BigInt>]) -> Vec<f64> {
    let dim = rays.first().map_or(0, Vec::len);
    let unit: Vec<Vec<f64>> = rays
        .iter()
        .map(|ray| {
            let bits = ray.iter().map(BigInt::bits).max().unwrap_or(0);
            let shift = bits.saturating_sub(900);
            let floats: Vec<f64> = ray
                .iter()
                .map(|x| (x >> shift).to_f64().unwrap_or(0.0))
                .collect();
            let length = norm(&floats).max(1e-300);
            floats.iter().map(|x| x / length).collect()
        })
        .collect();
    let columns: Vec<Vec<f64>> = unit
        .iter()
        .map(|ray| {
            let need = 0.5 * ray.iter().map(|x| x.abs()).sum::<f64>() + 0.01;
            let length = (1.0 + need * need).sqrt();
            ray.iter().chain([&need]).map(|x| x / length).collect()
        })
        .collect();
    let mut target = vec![0.0; dim];
    target.push(1.0);
    let weights = nonnegative_least_squares(&columns, &target, 1e-14);
    let mut rest = target.iter().map(|x| -x).collect::<Vec<f64>>();
    for (column, weight) in columns.iter().zip(&weights) {
        rest.iter_mut()
            .zip(column)
            .for_each(|(x, y)| *x += weight * y);
    }
    let last = rest.pop().unwrap_or(-1.0);
    let lift: Vec<f64> = rest.iter().map(|x| -x / last).collect();
    if last < 0.0 && lift.iter().all(|x| x.is_finite()) {
        return lift;
    }
    (0..dim)
        .map(|j| unit.iter().map(|ray| ray[j]).sum())
        .collect()
}
