//! Proven statements about the residual of a region's optimum, in doubles with outward rounding.

use std::cmp::Ordering;
use std::sync::Arc;

use super::geometry::{Cell, Face, Geometry};
use super::interval::{Doubles, Interval};
use super::region::{Pair, Projection, Solution, gradient, project};

/// A ball that contains the dual vector `y − ŷ` of a region's optimum. The centre's floats are meant exactly.
#[derive(Clone, Debug)]
pub struct Ball {
    /// Centre, length n.
    pub v: Vec<f64>,
    /// Radius.
    pub radius: f64,
}

/// What is proven of a pair for every dual vector of a ball.
#[derive(Clone)]
pub enum PairStatus {
    /// The largest value of `s·F_v` on the unit vectors of the cell is below β: no neuron here.
    Below,
    /// The direction of a neuron in this cell would be on this face, and `s·F_v` is larger at once in a neighbouring cell.
    Fails,
    /// The direction, if its value is β, is strictly inside this face and locally the best.
    Atom(Arc<Face>),
    /// None of these is proven; the direction seems to lie on this face.
    Unclear(Arc<Face>),
}

/// The targets, enclosed.
pub struct EnclosedTargets {
    /// Length n.
    pub y: Vec<Doubles>,
    /// Half-sum form.
    pub beta: Doubles,
}

fn points(v: &[f64]) -> Vec<Doubles> {
    v.iter().map(|x| Doubles::float((), *x)).collect()
}

fn squared(v: &[Doubles]) -> Doubles {
    Doubles::dot((), v, v)
}

/// An upper bound on `max s·F_v(u)` over the unit vectors u of a cell, for the exact floats v: `‖g + Σ μ·normal‖` for any μ ≥ 0.
pub fn value_above(cell: &Cell, sign: i8, v: &[f64], projection: &Projection) -> f64 {
    let v = points(v);
    let s = Doubles::float((), f64::from(sign));
    let r = cell.enclosed_map.first().map_or(0, Vec::len);
    let mut g = vec![Doubles::float((), 0.0); r];
    for (row, v) in cell.enclosed_map.iter().zip(&v) {
        let v = v.mul(&s);
        for (g, x) in g.iter_mut().zip(row) {
            *g = g.add(&v.mul(x));
        }
    }
    for (normal, mu) in cell.enclosed_facets.iter().zip(&projection.multipliers) {
        if *mu > 0.0 {
            let length = normal
                .iter()
                .map(|x| x.middle() * x.middle())
                .sum::<f64>()
                .sqrt();
            let mu = mu / length;
            if mu.is_finite() && mu > 0.0 {
                let mu = Doubles::float((), mu);
                for (g, x) in g.iter_mut().zip(normal) {
                    *g = g.add(&mu.mul(x));
                }
            }
        }
    }
    squared(&g).sqrt().hi()
}

/// A lower bound on the same maximum: the value at a combination of the cell's rays.
pub fn value_below(cell: &Cell, sign: i8, v: &[f64], weights: &[f64]) -> f64 {
    let v = points(v);
    let weights: Vec<Doubles> = weights
        .iter()
        .zip(&cell.ray_lengths)
        .map(|(w, length)| Doubles::float((), (w / length).max(0.0)))
        .collect();
    let s = Doubles::float((), f64::from(sign));
    let mut value = Doubles::float((), 0.0);
    let mut square = Doubles::float((), 0.0);
    for (i, w) in weights.iter().enumerate() {
        if w.hi() == 0.0 {
            continue;
        }
        value = value.add(&w.mul(&s).mul(&Doubles::dot((), &cell.ray_outputs[i], &v)));
        square = square.add(&w.mul(&Doubles::dot((), &cell.ray_gram[i], &weights)));
    }
    value
        .div(&square.sqrt())
        .map_or(f64::NEG_INFINITY, |x| x.lo())
}

/// Encloses the dual vector of the optimum of a region by its duality gap: P − D ≥ ½‖v − v*‖².
pub fn ball(
    geometry: &Geometry,
    targets: &EnclosedTargets,
    pairs: &[Pair],
    solution: &Solution,
) -> Ball {
    // The primal point: weights are exact, rays are integers.
    let mut residual = targets.y.clone();
    let mut lengths = Doubles::float((), 0.0);
    for (pair, weights) in pairs.iter().zip(&solution.weights) {
        let cell = &geometry.cells[pair.cell];
        let s = Doubles::float((), f64::from(pair.sign));
        let exact: Vec<Doubles> = weights
            .iter()
            .zip(&cell.ray_lengths)
            .map(|(w, length)| Doubles::float((), w / length))
            .collect();
        let mut square = Doubles::float((), 0.0);
        for (i, w) in exact.iter().enumerate() {
            if w.hi() == 0.0 {
                continue;
            }
            let sw = w.mul(&s);
            for (z, x) in residual.iter_mut().zip(&cell.ray_outputs[i]) {
                *z = z.sub(&sw.mul(x));
            }
            square = square.add(&w.mul(&Doubles::dot((), &cell.ray_gram[i], &exact)));
        }
        lengths = lengths.add(&square.sqrt());
    }
    let half = Doubles::float((), 0.5);
    let primal = half
        .mul(&squared(&residual))
        .add(&targets.beta.mul(&lengths));
    // The dual point τ·v.
    let mut worst = 0.0f64;
    for pair in pairs {
        let cell = &geometry.cells[pair.cell];
        let projection = project(cell, &gradient(cell, pair.sign, &solution.v));
        worst = worst.max(value_above(cell, pair.sign, &solution.v, &projection));
    }
    let beta = targets.beta.lo();
    let scale = if worst > beta {
        (beta / worst).next_down().next_down()
    } else {
        1.0
    };
    let v: Vec<f64> = solution.v.iter().map(|x| scale * x).collect();
    // The products are rounded, so the point is τ·v only nearly: its own value is bounded again by Lipschitz continuity.
    let rounding: f64 = v.iter().map(|x| x.abs() * 2e-16 + 1e-300).sum::<f64>() * 1.01;
    let norm = pairs
        .iter()
        .map(|pair| geometry.cells[pair.cell].norm)
        .fold(0.0, f64::max);
    let most = Doubles::float((), worst.max(0.0))
        .mul(&Doubles::float((), scale))
        .add(&Doubles::float((), rounding).mul(&Doubles::float((), norm)));
    // D(σv) with σ = min(1, β/most).
    let sigma = if most.hi() > beta {
        Doubles::float((), beta)
            .div(&Doubles::float((), most.hi()))
            .map_or(0.0, |x| x.lo().max(0.0))
    } else {
        1.0
    };
    let sigma = Doubles::float((), sigma);
    let enclosed = points(&v);
    let dual = sigma
        .mul(&Doubles::dot((), &enclosed, &targets.y))
        .sub(&half.mul(&sigma.mul(&sigma)).mul(&squared(&enclosed)));
    let gap = primal.sub(&dual).hi().max(0.0);
    let one = Doubles::float((), 1.0);
    // ‖v − σv‖ = (1 − σ)‖v‖.
    let shift = one.sub(&sigma).mul(&squared(&enclosed).sqrt());
    let radius = Doubles::float((), 2.0 * gap).sqrt().add(&shift).hi();
    Ball { v, radius }
}

/// The sign of `factor·w·v` for every v of a ball.
pub fn sign_on_ball(w: &[Doubles], factor: i8, ball: &Ball) -> Option<Ordering> {
    let value = Doubles::dot((), w, &points(&ball.v)).mul(&Doubles::float((), f64::from(factor)));
    let reach = squared(w).sqrt().mul(&Doubles::float((), ball.radius));
    value.widened(&reach).sign()
}

/// What is proven of a pair for all dual vectors of a ball, and the projection at its centre.
pub fn status(
    geometry: &Geometry,
    targets: &EnclosedTargets,
    pair: Pair,
    ball: &Ball,
) -> (PairStatus, f64) {
    let cell = &geometry.cells[pair.cell];
    let g = gradient(cell, pair.sign, &ball.v);
    let projection = project(cell, &g);
    let above = value_above(cell, pair.sign, &ball.v, &projection);
    if above + cell.norm * ball.radius * (1.0 + 1e-15) < targets.beta.lo() * (1.0 - 1e-15) {
        return (PairStatus::Below, above);
    }
    let face = face_of(geometry, cell, &projection);
    let strict = face.enclosed_inner.iter().all(|(c, w)| {
        let side = if face.signs[*c] > 0 {
            Ordering::Greater
        } else {
            Ordering::Less
        };
        sign_on_ball(w, pair.sign, ball) == Some(side)
    });
    let Some(star) = &face.star else {
        return (PairStatus::Unclear(face), above);
    };
    if !strict {
        return (PairStatus::Unclear(face), above);
    }
    // The same cell as the face sees it.
    let flip = if geometry.even && !agrees(&face.signs, &cell.signs, 1) {
        -1
    } else {
        1
    };
    let mut confirmed = true;
    let mut fails = false;
    let mut good = true;
    for ray in star {
        let sign = sign_on_ball(&ray.enclosed, pair.sign, ball);
        if sign != Some(Ordering::Less) {
            good = false;
            if agrees(&ray.signs, &cell.signs, flip) {
                confirmed = false;
            } else if sign == Some(Ordering::Greater) {
                fails = true;
            }
        }
    }
    let status = match (confirmed, fails, good) {
        (true, true, _) => PairStatus::Fails,
        (true, _, true) => PairStatus::Atom(face),
        _ => PairStatus::Unclear(face),
    };
    (status, above)
}

/// Whether the nonzero signs of a face or a star ray agree with a cell's, up to a common flip.
fn agrees(signs: &[i8], cell: &[i8], flip: i8) -> bool {
    signs
        .iter()
        .zip(cell)
        .all(|(a, b)| *a == 0 || *a == flip * b)
}

/// The face that a projection seems to lie on.
pub fn face_of(geometry: &Geometry, cell: &Cell, projection: &Projection) -> Arc<Face> {
    let scale = projection.value.max(1e-300);
    let zero: Vec<usize> = cell
        .facet_classes
        .iter()
        .enumerate()
        .filter(|(f, _)| {
            let depth: f64 = cell.facets[*f]
                .iter()
                .zip(&projection.point)
                .map(|(a, b)| a * b)
                .sum();
            projection.multipliers[*f] > 1e-12 * scale || depth < 1e-9 * scale
        })
        .map(|(_, c)| *c)
        .collect();
    geometry.face_of(cell, &zero)
}
