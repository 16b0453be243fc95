//! Enumerate: whether a candidate is a local minimum, and what else has the same residual. Everything is decided by signs of enclosures or exactly.

use std::cmp::Ordering;
use std::sync::Arc;

use num_bigint::BigInt;
use num_traits::{Signed, Zero};

use super::bounds::{Ball, EnclosedTargets, PairStatus, face_of, status, value_below};
use super::geometry::{Face, Geometry, solve_exact};
use super::interval::{Dyadic, Interval};
use super::point::{NoPoint, Place, Point, prove};
use super::region::{Pair, cone_weights, gradient, project};
use super::search::Candidate;
use crate::exact::{Rat, f64_to_rat, rat_to_f64};

/// How a pair stands at a proven residual.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Standing {
    /// The direction of this neuron lies in the closed cell: the value is β.
    Atom(usize),
    /// The value is below β.
    Below,
    /// The value is above β: a neuron added here lowers the objective.
    Above,
    /// The value is β exactly, in a direction that is none of the neurons'.
    Equal,
    /// The value differs from β by no more than this, relative to β.
    Near(f64),
}

/// A proven local minimum on its faces.
pub struct Minimum {
    /// Its neurons' faces and signs.
    pub places: Vec<Place>,
    /// The point, in enclosures.
    pub point: Point,
    /// How every pair stands.
    pub table: Vec<Standing>,
    /// Whether the residual is dual feasible, hence the network optimal at every width; `None` if that is undecided.
    pub dual: Option<bool>,
    /// Whether the objective is differentiable there; `None` if that is undecided.
    pub differentiable: Option<bool>,
    /// Whether a nonzero neuron has a zero pre-activation on a nonzero row.
    pub kink: bool,
}

/// The decision on a candidate.
pub enum Decision {
    /// A local minimum of networks with at least as many neurons.
    Minimum(Box<Minimum>),
    /// Not one: in some direction the objective falls. For each set of the candidate, whether its optimum is proven to be this point.
    Not(Vec<bool>),
    /// Not decided, with the reason and the margin (relative to β) that could not be told from 0.
    Undecided(String, f64),
}

/// Whether `w·(y − Σ_k s_k·Z_k·z_k)` vanishes for all z: then it is 0 whatever the exact solution is.
fn vanishes(geometry: &Geometry, places: &[Place], w: &[Rat]) -> bool {
    let product = |column: &mut dyn Iterator<Item = &Rat>| -> bool {
        let sum = w
            .iter()
            .zip(column)
            .fold(Rat::zero(), |sum, (a, b)| sum + a * b);
        sum.is_zero()
    };
    product(&mut geometry.y.iter())
        && places.iter().all(|place| {
            (0..place.face.basis.len())
                .all(|j| product(&mut place.face.outputs.iter().map(|row| &row[j])))
        })
}

/// The sign of `factor·w·v` at the exact residual; `None` if it is not decided.
fn exact_sign(
    geometry: &Geometry,
    places: &[Place],
    point: &Point,
    factor: i8,
    w: &[Rat],
) -> Option<Ordering> {
    let bits = point.bits;
    let w_enclosed: Vec<Dyadic> = w.iter().map(|x| Dyadic::of(bits, x)).collect();
    let value = Dyadic::dot(bits, &w_enclosed, &point.v);
    let sign = value
        .sign()
        .or_else(|| vanishes(geometry, places, w).then_some(Ordering::Equal))?;
    Some(if factor < 0 { sign.reverse() } else { sign })
}

/// The size of `w·v` relative to β, for a margin.
fn margin(geometry: &Geometry, point: &Point, w: &[Rat]) -> f64 {
    let product: f64 = w
        .iter()
        .zip(&point.v)
        .map(|(w, v)| rat_to_f64(w) * v.middle())
        .sum();
    product.abs() / rat_to_f64(&geometry.beta)
}

/// A ball of doubles around the residual of a proven point.
pub fn ball_of(point: &Point) -> Ball {
    let v: Vec<f64> = point.v.iter().map(Interval::middle).collect();
    let mut radius = Rat::zero();
    for (v, exact) in v.iter().zip(&point.v) {
        let (lo, hi) = exact.ends();
        let v = f64_to_rat(*v).unwrap_or_default();
        radius += (hi - &v).abs().max((lo - v).abs());
    }
    Ball {
        v,
        radius: rat_to_f64(&radius).next_up().next_up(),
    }
}

/// Decides a candidate at a precision.
pub fn decide(
    geometry: &Geometry,
    targets: &EnclosedTargets,
    pairs: &[Pair],
    name: &[(Vec<i8>, i8)],
    candidate: &Candidate,
    bits: u32,
) -> Decision {
    let places: Vec<Place> = candidate
        .faces
        .iter()
        .zip(name)
        .map(|(face, (_, sign))| Place {
            face: face.clone(),
            sign: *sign,
        })
        .collect();
    let point = match prove(geometry, &places, &candidate.near, bits) {
        Ok(point) => point,
        Err(NoPoint::NotFound) => {
            return Decision::Undecided("no stationary point found on the faces".to_owned(), 0.0);
        }
        Err(NoPoint::NotIsolated) => {
            return Decision::Undecided(
                "the stationary point is not isolated on its faces".to_owned(),
                0.0,
            );
        }
    };
    let mut open: Option<f64> = None;
    let mut fails = false;
    // For every place the signs of the slopes into its star.
    let mut slopes: Vec<Vec<Option<Ordering>>> = Vec::new();
    for place in &places {
        let Some(star) = &place.face.star else {
            return Decision::Undecided("the star of a face was not enumerated".to_owned(), 0.0);
        };
        let signs: Vec<Option<Ordering>> = star
            .iter()
            .map(|ray| exact_sign(geometry, &places, &point, place.sign, &ray.slope))
            .collect();
        for (ray, sign) in star.iter().zip(&signs) {
            match sign {
                Some(Ordering::Greater) => fails = true,
                Some(_) => {}
                None => {
                    let size = margin(geometry, &point, &ray.slope);
                    open = Some(open.map_or(size, |open| open.max(size)));
                }
            }
        }
        slopes.push(signs);
    }
    if fails {
        let ball = ball_of(&point);
        let is_optimal_in = |p: &usize| {
            let pair = pairs[*p];
            places
                .iter()
                .zip(&slopes)
                .any(|(place, signs)| is_best_in(geometry, pair, place, signs))
                || matches!(status(geometry, targets, pair, &ball).0, PairStatus::Below)
        };
        let sets = &candidate.sets;
        return Decision::Not(
            sets.iter()
                .map(|set| set.iter().all(is_optimal_in))
                .collect(),
        );
    }
    if let Some(margin) = open {
        return Decision::Undecided(
            "a kink's multiplier could not be told from 0".to_owned(),
            margin,
        );
    }
    let mut table = table(geometry, targets, pairs, &places, &ball_of(&point));
    if table.iter().any(|s| matches!(s, Standing::Near(_)))
        && let Some(v) = rational_residual(geometry, &places)
    {
        let square = &geometry.beta * &geometry.beta;
        for (standing, pair) in table.iter_mut().zip(pairs) {
            if matches!(standing, Standing::Near(_))
                && let Some(value) = exact_square(geometry, *pair, &v)
            {
                *standing = match value.cmp(&square) {
                    Ordering::Less => Standing::Below,
                    Ordering::Equal => Standing::Equal,
                    Ordering::Greater => Standing::Above,
                };
            }
        }
    }
    let dual = if table.iter().any(|s| matches!(s, Standing::Above)) {
        Some(false)
    } else if table.iter().any(|s| matches!(s, Standing::Near(_))) {
        None
    } else {
        Some(true)
    };
    let mut kink = false;
    let mut differentiable = Some(true);
    for place in &places {
        for (c, sign) in place.face.signs.iter().enumerate() {
            if *sign != 0 {
                continue;
            }
            kink = true;
            let jump: Vec<Rat> = geometry.high[c]
                .iter()
                .zip(&geometry.low[c])
                .map(|(high, low)| high - low)
                .collect();
            match exact_sign(geometry, &places, &point, 1, &jump) {
                Some(Ordering::Equal) => {}
                Some(_) => differentiable = Some(false),
                None => differentiable = differentiable.filter(|d| !d),
            }
        }
    }
    Decision::Minimum(Box::new(Minimum {
        places,
        point,
        table,
        dual,
        differentiable,
        kink,
    }))
}

/// Whether a neuron's direction is proven to be the best of a pair's closed cell: it lies there, and no slope into the cell is positive.
fn is_best_in(geometry: &Geometry, pair: Pair, place: &Place, signs: &[Option<Ordering>]) -> bool {
    let cell = &geometry.cells[pair.cell];
    let agrees = |on: &[i8], flip: i8| {
        on.iter()
            .zip(&cell.signs)
            .all(|(a, b)| *a == 0 || *a == flip * b)
    };
    let flip = match (agrees(&place.face.signs, 1), geometry.even) {
        (true, _) => 1,
        (false, true) if agrees(&place.face.signs, -1) => -1,
        _ => return false,
    };
    place.sign == pair.sign
        && place.face.star.as_ref().is_some_and(|star| {
            star.iter()
                .zip(signs)
                .filter(|(ray, _)| agrees(&ray.signs, flip))
                .all(|(_, sign)| matches!(sign, Some(Ordering::Less | Ordering::Equal)))
        })
}

/// The residual `y − ŷ` where it is known to be rational: every neuron on a ray with a rational length. Then `ZᵀZ·z = Zᵀy − β·√G` is a rational
/// linear system.
fn rational_residual(geometry: &Geometry, places: &[Place]) -> Option<Vec<Rat>> {
    let mut columns: Vec<Vec<Rat>> = Vec::new();
    let mut lengths = Vec::new();
    for place in places {
        let [gram] = place.face.gram.as_slice() else {
            return None;
        };
        let square = gram[0].to_integer();
        let root = square.sqrt();
        if &root * &root != square {
            return None;
        }
        // The basis vector may point away from the face.
        let (c, sign) = place
            .face
            .signs
            .iter()
            .enumerate()
            .find(|(_, sign)| **sign != 0)?;
        let t = super::geometry::integer_product(&geometry.classes[c], &place.face.basis[0]);
        let turn = if t.is_positive() == (*sign > 0) {
            1
        } else {
            -1
        };
        let factor = BigInt::from(turn * place.sign);
        columns.push(
            place
                .face
                .outputs
                .iter()
                .map(|row| &row[0] * &factor)
                .collect(),
        );
        lengths.push(Rat::from(root));
    }
    let product =
        |a: &[Rat], b: &[Rat]| a.iter().zip(b).fold(Rat::zero(), |sum, (a, b)| sum + a * b);
    let m = columns
        .iter()
        .map(|a| columns.iter().map(|b| product(a, b)).collect())
        .collect();
    let right = columns
        .iter()
        .zip(&lengths)
        .map(|(a, length)| vec![product(a, &geometry.y) - &geometry.beta * length])
        .collect();
    let z = solve_exact(m, right)?;
    Some(
        (0..geometry.n)
            .map(|i| {
                columns
                    .iter()
                    .zip(&z)
                    .fold(geometry.y[i].clone(), |v, (column, z)| {
                        v - &column[i] * &z[0]
                    })
            })
            .collect(),
    )
}

/// How every pair stands at a residual for which the places are atoms.
fn table(
    geometry: &Geometry,
    targets: &EnclosedTargets,
    pairs: &[Pair],
    places: &[Place],
    ball: &Ball,
) -> Vec<Standing> {
    pairs
        .iter()
        .map(|pair| {
            let cell = &geometry.cells[pair.cell];
            let atom = places.iter().position(|place| {
                place.sign == pair.sign && geometry.contains(cell, &place.face.signs)
            });
            if let Some(k) = atom {
                return Standing::Atom(k);
            }
            let (status, above) = status(geometry, targets, *pair, ball);
            if matches!(status, PairStatus::Below) {
                return Standing::Below;
            }
            let projection = project(cell, &gradient(cell, pair.sign, &ball.v));
            let weights = cone_weights(&cell.unit_rays, &projection.point);
            let below = value_below(cell, pair.sign, &ball.v, &weights);
            if below - cell.norm * ball.radius * (1.0 + 1e-15) > targets.beta.hi() * (1.0 + 1e-15) {
                Standing::Above
            } else {
                let beta = targets.beta.middle();
                Standing::Near((above - beta).abs().max((below - beta).abs()) / beta)
            }
        })
        .collect()
}

/// `max s·F_v` over the unit vectors of a cell, squared (0 if it is negative), for a rational v. `None` if the face of the maximiser is not recognised. Exact.
pub fn exact_square(geometry: &Geometry, pair: Pair, v: &[Rat]) -> Option<Rat> {
    let cell = &geometry.cells[pair.cell];
    let floats: Vec<f64> = v.iter().map(rat_to_f64).collect();
    let g = gradient(cell, pair.sign, &floats);
    let projection = project(cell, &g);
    let sign = BigInt::from(pair.sign);
    let product =
        |w: &[Rat]| -> Rat { w.iter().zip(v).fold(Rat::zero(), |sum, (a, b)| sum + a * b) * &sign };
    // Nothing is gained in any direction of the cell.
    let all_down = cell.rays.iter().all(|ray| {
        let ray: Vec<Rat> = ray.iter().map(|x| Rat::from(x.clone())).collect();
        !product(&geometry.derivative(&cell.signs, &ray)).is_positive()
    });
    if all_down {
        return Some(Rat::zero());
    }
    let face = face_of(geometry, cell, &projection);
    is_exact_face(geometry, &face, pair, &product).then(|| face_square(&face, &product))?
}

fn is_exact_face(
    geometry: &Geometry,
    face: &Arc<Face>,
    pair: Pair,
    product: &dyn Fn(&[Rat]) -> Rat,
) -> bool {
    let cell = &geometry.cells[pair.cell];
    let agrees = |signs: &[i8], flip: i8| {
        signs
            .iter()
            .zip(&cell.signs)
            .all(|(a, b)| *a == 0 || *a == flip * b)
    };
    let flip = if geometry.even && !agrees(&face.signs, 1) {
        -1
    } else {
        1
    };
    face.inner.iter().all(|(c, w)| {
        let t = product(w);
        if face.signs[*c] > 0 {
            !t.is_negative()
        } else {
            !t.is_positive()
        }
    }) && face.star.as_ref().is_some_and(|star| {
        star.iter()
            .filter(|ray| agrees(&ray.signs, flip))
            .all(|ray| !product(&ray.slope).is_positive())
    })
}

/// `hᵀG⁻¹h` for the gradient's products h with the basis.
fn face_square(face: &Face, product: &dyn Fn(&[Rat]) -> Rat) -> Option<Rat> {
    let e = face.basis.len();
    let h: Vec<Rat> = (0..e)
        .map(|j| {
            let column: Vec<Rat> = face.outputs.iter().map(|row| row[j].clone()).collect();
            product(&column)
        })
        .collect();
    let x = solve_exact(
        face.gram.clone(),
        h.iter().map(|h| vec![h.clone()]).collect(),
    )?;
    Some(
        h.iter()
            .zip(&x)
            .fold(Rat::zero(), |sum, (a, b)| sum + a * &b[0]),
    )
}

/// Whether the zero network is optimal at every width: `|F_y| ≤ β` everywhere. `None` if a cell is not decided.
pub fn zero_is_optimal(
    geometry: &Geometry,
    targets: &EnclosedTargets,
    pairs: &[Pair],
) -> Option<bool> {
    let v: Vec<f64> = geometry.y.iter().map(rat_to_f64).collect();
    let radius = v
        .iter()
        .map(|x| x.abs() * f64::EPSILON)
        .sum::<f64>()
        .next_up();
    let ball = Ball { v, radius };
    let square = &geometry.beta * &geometry.beta;
    let mut decided = true;
    for pair in pairs {
        if matches!(status(geometry, targets, *pair, &ball).0, PairStatus::Below) {
            continue;
        }
        match exact_square(geometry, *pair, &geometry.y) {
            Some(value) if value > square => return Some(false),
            Some(_) => {}
            None => decided = false,
        }
    }
    decided.then_some(true)
}
