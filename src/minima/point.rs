//! A stationary point on given faces: found in floats, refined to any precision, and proven to exist and to be unique in a box (Krawczyk).

use std::cmp::Ordering;
use std::sync::Arc;

use num_bigint::BigInt;
use num_traits::Zero;

use super::geometry::{Face, Geometry};
use super::interval::{Dyadic, Interval};
use crate::exact::{Rat, rat_to_f64};

/// A neuron's face and the sign of its output weight.
#[derive(Clone)]
pub struct Place {
    /// The face that has the neuron's direction strictly inside.
    pub face: Arc<Face>,
    /// ±1.
    pub sign: i8,
}

/// A point that is stationary on the spans of its faces, in enclosures: neurons `u_k = B_k·z_k`.
#[derive(Clone)]
pub struct Point {
    /// Bits after the binary point of the enclosures.
    pub bits: u32,
    /// The coefficients `z_k`.
    pub z: Vec<Vec<Dyadic>>,
    /// The neurons `|a|·w`, length r each.
    pub neurons: Vec<Vec<Dyadic>>,
    /// Their lengths.
    pub lengths: Vec<Dyadic>,
    /// `y − ŷ`.
    pub v: Vec<Dyadic>,
    /// The objective in the user's convention: `c(‖y‖² − ‖ŷ‖²)`.
    pub value: Dyadic,
}

/// Why no point is proven.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoPoint {
    /// The iteration does not converge to a point with these faces.
    NotFound,
    /// No box is mapped into itself: the point is not isolated on its faces.
    NotIsolated,
}

struct System<'a> {
    geometry: &'a Geometry,
    places: &'a [Place],
    bits: u32,
    /// Signed outputs `s_k·Z_k`, columns of all places one after the other, each of length n.
    columns: Vec<Vec<Dyadic>>,
    gram: Vec<Vec<Vec<Dyadic>>>,
    y: Vec<Dyadic>,
    beta: Dyadic,
    first: Vec<usize>,
}

impl<'a> System<'a> {
    fn new(geometry: &'a Geometry, places: &'a [Place], bits: u32) -> Self {
        let mut columns = Vec::new();
        let mut first = vec![0];
        for place in places {
            for j in 0..place.face.basis.len() {
                columns.push(
                    place
                        .face
                        .outputs
                        .iter()
                        .map(|row| Dyadic::of(bits, &(&row[j] * BigInt::from(place.sign))))
                        .collect(),
                );
            }
            first.push(columns.len());
        }
        System {
            geometry,
            places,
            bits,
            columns,
            gram: places
                .iter()
                .map(|place| {
                    place
                        .face
                        .gram
                        .iter()
                        .map(|row| row.iter().map(|x| Dyadic::of(bits, x)).collect())
                        .collect()
                })
                .collect(),
            y: geometry.y.iter().map(|y| Dyadic::of(bits, y)).collect(),
            beta: Dyadic::of(bits, &geometry.beta),
            first,
        }
    }

    fn zero(&self) -> Dyadic {
        Dyadic::of(self.bits, &Rat::zero())
    }

    fn residual(&self, z: &[Dyadic]) -> Vec<Dyadic> {
        (0..self.geometry.n)
            .map(|i| {
                self.columns
                    .iter()
                    .zip(z)
                    .fold(self.y[i].clone(), |sum, (column, z)| {
                        sum.sub(&column[i].mul(z))
                    })
            })
            .collect()
    }

    /// `G_k·z_k` and `‖u_k‖`.
    fn lengths(&self, z: &[Dyadic]) -> Vec<(Vec<Dyadic>, Dyadic)> {
        (0..self.places.len())
            .map(|k| {
                let z = &z[self.first[k]..self.first[k + 1]];
                let gz: Vec<Dyadic> = self.gram[k]
                    .iter()
                    .map(|row| Dyadic::dot(self.bits, row, z))
                    .collect();
                let square = Dyadic::dot(self.bits, &gz, z);
                (gz, square.sqrt())
            })
            .collect()
    }

    /// The gradient on the spans: `−s·Zᵀv + β·G·z/‖u‖`.
    fn gradient(&self, z: &[Dyadic]) -> Option<Vec<Dyadic>> {
        let v = self.residual(z);
        let mut out = Vec::with_capacity(z.len());
        for (k, (gz, length)) in self.lengths(z).iter().enumerate() {
            for (j, gz) in gz.iter().enumerate() {
                let pull = Dyadic::dot(self.bits, &self.columns[self.first[k] + j], &v);
                out.push(self.beta.mul(gz).div(length)?.sub(&pull));
            }
        }
        Some(out)
    }

    /// The Hessian on the spans.
    fn hessian(&self, z: &[Dyadic]) -> Option<Vec<Vec<Dyadic>>> {
        let count = z.len();
        let mut h = vec![vec![self.zero(); count]; count];
        for i in 0..count {
            for j in 0..=i {
                h[i][j] = Dyadic::dot(self.bits, &self.columns[i], &self.columns[j]);
                h[j][i] = h[i][j].clone();
            }
        }
        for (k, (gz, length)) in self.lengths(z).iter().enumerate() {
            // With one coefficient the length is linear.
            if gz.len() == 1 {
                continue;
            }
            let curvature = self.beta.div(length)?;
            let unit: Vec<Dyadic> = gz
                .iter()
                .map(|x| x.div(length))
                .collect::<Option<Vec<Dyadic>>>()?;
            for i in 0..gz.len() {
                for j in 0..gz.len() {
                    let bend = self.gram[k][i][j]
                        .sub(&unit[i].mul(&unit[j]))
                        .mul(&curvature);
                    let (a, b) = (self.first[k] + i, self.first[k] + j);
                    h[a][b] = h[a][b].add(&bend);
                }
            }
        }
        Some(h)
    }
}

/// The inverse of a float matrix by Gauss–Jordan elimination; `None` if it is nearly singular.
fn invert(mut a: Vec<Vec<f64>>) -> Option<Vec<Vec<f64>>> {
    let n = a.len();
    let mut inverse: Vec<Vec<f64>> = (0..n)
        .map(|i| (0..n).map(|j| f64::from(u8::from(i == j))).collect())
        .collect();
    // Scaled to a unit diagonal: the basis vectors may have any length.
    let scale: Vec<f64> = (0..n).map(|i| a[i][i].abs().sqrt().max(1e-300)).collect();
    for i in 0..n {
        for j in 0..n {
            a[i][j] /= scale[i] * scale[j];
        }
    }
    for i in 0..n {
        let pivot = (i..n).max_by(|&p, &q| a[p][i].abs().total_cmp(&a[q][i].abs()))?;
        if !(a[pivot][i].abs() > 1e-13) {
            return None;
        }
        a.swap(i, pivot);
        inverse.swap(i, pivot);
        let factor = 1.0 / a[i][i];
        for x in a[i].iter_mut().chain(inverse[i].iter_mut()) {
            *x *= factor;
        }
        for k in 0..n {
            if k != i {
                let factor = a[k][i];
                for j in 0..n {
                    a[k][j] -= factor * a[i][j];
                    inverse[k][j] -= factor * inverse[i][j];
                }
            }
        }
    }
    for i in 0..n {
        for j in 0..n {
            inverse[i][j] /= scale[i] * scale[j];
        }
    }
    inverse
        .iter()
        .flatten()
        .all(|x| x.is_finite())
        .then_some(inverse)
}

fn middles(h: &[Vec<Dyadic>]) -> Vec<Vec<f64>> {
    h.iter()
        .map(|row| row.iter().map(Interval::middle).collect())
        .collect()
}

/// Refines and proves the stationary point on the faces near the given neurons (floats, one vector of length r for each place).
///
/// # Errors
///
/// [`NoPoint`] if there is none, or none that is isolated on its faces.
pub fn prove(
    geometry: &Geometry,
    places: &[Place],
    near: &[Vec<f64>],
    bits: u32,
) -> Result<Point, NoPoint> {
    let system = System::new(geometry, places, bits);
    let mut z: Vec<Dyadic> = Vec::new();
    for (place, u) in places.iter().zip(near) {
        z.extend(
            coefficients(place, u)?
                .iter()
                .map(|x| Dyadic::float(bits, *x)),
        );
    }
    let count = z.len();
    let mut inverse: Vec<Vec<f64>> = Vec::new();
    // Newton with the derivative of the first steps: each further one gains about as many digits as a float has.
    for step in 0..60 {
        if step < 12 {
            let h = system.hessian(&z).ok_or(NoPoint::NotFound)?;
            inverse = invert(middles(&h)).ok_or(NoPoint::NotIsolated)?;
        }
        let gradient = system.gradient(&z).ok_or(NoPoint::NotFound)?;
        let mut done = true;
        for i in 0..count {
            let mut change = system.zero();
            for j in 0..count {
                change = change.add(&Dyadic::float(bits, inverse[i][j]).mul(&gradient[j].center()));
            }
            let change = change.center();
            done &= change
                .magnitude()
                .sub(&system.zero().blown(bits - 16))
                .sign()
                != Some(Ordering::Greater);
            z[i] = z[i].sub(&change).center();
        }
        if done {
            break;
        }
    }
    // Krawczyk: K(Z) = m − Y·F(m) + (I − Y·J(Z))·(Z − m).
    let precondition: Vec<Vec<Dyadic>> = inverse
        .iter()
        .map(|row| row.iter().map(|x| Dyadic::float(bits, *x)).collect())
        .collect();
    let apply = |m: &[Dyadic], whole: &[Dyadic]| -> Option<Vec<Dyadic>> {
        let f = system.gradient(m)?;
        let j = system.hessian(whole)?;
        let mut out = Vec::with_capacity(count);
        for i in 0..count {
            let mut x = m[i].clone();
            for k in 0..count {
                x = x.sub(&precondition[i][k].mul(&f[k]));
                let mut rest = Dyadic::float(bits, f64::from(u8::from(i == k)));
                for (l, row) in j.iter().enumerate() {
                    rest = rest.sub(&precondition[i][l].mul(&row[k]));
                }
                x = x.add(&rest.mul(&whole[k].sub(&m[k])));
            }
            out.push(x);
        }
        Some(out)
    };
    let mut whole: Vec<Dyadic> = z.iter().map(|x| x.blown(bits / 2)).collect();
    let next = apply(&z, &whole).ok_or(NoPoint::NotIsolated)?;
    if !next.iter().zip(&whole).all(|(a, b)| a.inside(b)) {
        return Err(NoPoint::NotIsolated);
    }
    whole = next;
    for _ in 0..6 {
        let m: Vec<Dyadic> = whole.iter().map(Dyadic::center).collect();
        let Some(next) = apply(&m, &whole) else { break };
        let Some(next) = whole
            .iter()
            .zip(&next)
            .map(|(a, b)| a.intersection(b))
            .collect::<Option<Vec<Dyadic>>>()
        else {
            break;
        };
        if next == whole {
            break;
        }
        whole = next;
    }
    let point = system.point(&whole);
    // Strictly inside the faces.
    for (place, u) in places.iter().zip(&point.neurons) {
        for (p, sign) in geometry.classes.iter().zip(&place.face.signs) {
            if *sign != 0 {
                let t = p.iter().zip(u).fold(system.zero(), |sum, (p, u)| {
                    sum.add(&u.mul(&Dyadic::of(bits, &Rat::from(p.clone()))))
                });
                let side = if *sign > 0 {
                    Ordering::Greater
                } else {
                    Ordering::Less
                };
                if t.sign() != Some(side) {
                    return Err(NoPoint::NotFound);
                }
            }
        }
    }
    Ok(point)
}

impl System<'_> {
    fn point(&self, z: &[Dyadic]) -> Point {
        let v = self.residual(z);
        let outputs: Vec<Dyadic> = v.iter().zip(&self.y).map(|(v, y)| y.sub(v)).collect();
        let half_unit = Dyadic::of(self.bits, &(&self.geometry.unit / BigInt::from(2)));
        let value = half_unit.mul(
            &Dyadic::dot(self.bits, &self.y, &self.y)
                .sub(&Dyadic::dot(self.bits, &outputs, &outputs)),
        );
        let lengths = self
            .lengths(z)
            .into_iter()
            .map(|(_, length)| length)
            .collect();
        let z: Vec<Vec<Dyadic>> = (0..self.places.len())
            .map(|k| z[self.first[k]..self.first[k + 1]].to_vec())
            .collect();
        let neurons = self
            .places
            .iter()
            .zip(&z)
            .map(|(place, z)| {
                (0..self.geometry.r)
                    .map(|j| {
                        place
                            .face
                            .basis
                            .iter()
                            .zip(z)
                            .fold(self.zero(), |sum, (b, z)| {
                                sum.add(&z.mul(&Dyadic::of(self.bits, &Rat::from(b[j].clone()))))
                            })
                    })
                    .collect()
            })
            .collect();
        Point {
            bits: self.bits,
            z,
            neurons,
            lengths,
            v,
            value,
        }
    }
}

/// The coefficients of the projection of a float vector on a face's span.
fn coefficients(place: &Place, u: &[f64]) -> Result<Vec<f64>, NoPoint> {
    let face = &place.face;
    let gram: Vec<Vec<f64>> = face
        .gram
        .iter()
        .map(|row| row.iter().map(rat_to_f64).collect())
        .collect();
    let inverse = invert(gram).ok_or(NoPoint::NotFound)?;
    let products: Vec<f64> = face
        .basis
        .iter()
        .map(|b| {
            b.iter()
                .zip(u)
                .map(|(b, u)| rat_to_f64(&Rat::from(b.clone())) * u)
                .sum()
        })
        .collect();
    let coefficients: Vec<f64> = inverse
        .iter()
        .map(|row| row.iter().zip(&products).map(|(a, b)| a * b).sum())
        .collect();
    // Data beyond the range of floats.
    if coefficients.iter().all(|x| x.is_finite()) {
        Ok(coefficients)
    } else {
        Err(NoPoint::NotFound)
    }
}
