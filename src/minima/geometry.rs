//! The cells, rays and faces of a tiny problem, exactly, and the linear maps of the network's outputs on them.
//!
//! Rows are merged into classes of parallel rows: class c has a primitive integer vector `p_c`, and a neuron u adds
//! `Σ_c t_c·(t_c ≥ 0 ? high_c : low_c)`, `t_c = p_c·u`, to the outputs, with exact vectors `high_c`, `low_c` of length n.

use std::collections::HashMap;
use std::ops::ControlFlow;
use std::sync::{Arc, PoisonError, RwLock};

use num_bigint::BigInt;
use num_traits::{Signed, ToPrimitive, Zero};
use rayon::prelude::*;

use super::interval::{Doubles, Interval};
use super::least_squares::norm;
use crate::arrangement::kernel::kernel;
use crate::arrangement::{Arrangement, ArrangementError, EnumerateOptions};
use crate::exact::{Rat, rat_to_f64};
use crate::problem::Problem;
use crate::program::convert;

/// A full-dimensional cell on which some row is active.
pub struct Cell {
    /// The sign of every class, ±1.
    pub signs: Vec<i8>,
    /// The unit inner normals of its facets, each of length r. Floats.
    pub facets: Vec<Vec<f64>>,
    /// The class of each facet.
    pub facet_classes: Vec<usize>,
    /// Its extreme rays: primitive integer vectors of the row space.
    pub rays: Vec<Vec<BigInt>>,
    /// The rays as unit vectors. Floats.
    pub unit_rays: Vec<Vec<f64>>,
    /// The length of each ray. Floats.
    pub ray_lengths: Vec<f64>,
    /// The outputs of a neuron u in the cell are `map·u`: n rows of length r. Floats.
    pub map: Vec<Vec<f64>>,
    /// The outputs of the integer rays, each of length n. Doubles that enclose.
    pub ray_outputs: Vec<Vec<Doubles>>,
    /// The squared products of the integer rays.
    pub ray_gram: Vec<Vec<Doubles>>,
    /// `map`, enclosed.
    pub enclosed_map: Vec<Vec<Doubles>>,
    /// The facets' inner normals `±p_c` as integers in doubles.
    pub enclosed_facets: Vec<Vec<Doubles>>,
    /// An upper bound on the norm of `map`.
    pub norm: f64,
}

/// A direction from a face into its star: an extreme ray of the arrangement of the rows that vanish on the face.
pub struct StarRay {
    /// The direction, orthogonal to the face's span. Exact.
    pub direction: Vec<Rat>,
    /// The signs of the classes on it; 0 for those that do not vanish on the face.
    pub signs: Vec<i8>,
    /// `F_v` has the derivative `v·slope` along it at every point of the face.
    pub slope: Vec<Rat>,
    /// `slope`, enclosed.
    pub enclosed: Vec<Doubles>,
}

/// A face: the directions with given signs of all classes, some of them 0.
pub struct Face {
    /// The sign of every class, −1, 0 or 1.
    pub signs: Vec<i8>,
    /// A basis of its span: e integer vectors of length r.
    pub basis: Vec<Vec<BigInt>>,
    /// The products of the basis vectors, e × e.
    pub gram: Vec<Vec<Rat>>,
    /// The outputs of the basis vectors, n × e.
    pub outputs: Vec<Vec<Rat>>,
    /// The directions into its star: all of them, or `None` if their enumeration failed.
    pub star: Option<Vec<StarRay>>,
    /// For every class that does not vanish: `p_c·P(g) = v·w` with the projection P on the span of the gradient g of `F_v`.
    pub inner: Vec<(usize, Vec<Rat>)>,
    /// `inner`, enclosed.
    pub enclosed_inner: Vec<(usize, Vec<Doubles>)>,
}

/// Most cells of a problem. All of them and their rays are kept, and regions are sets of them.
pub const MOST_CELLS: u64 = 5_000;

/// A tiny problem: classes, cells, targets. Everything but what says "floats" is exact.
pub struct Geometry {
    /// Samples.
    pub n: usize,
    /// Columns.
    pub r: usize,
    /// The primitive vector of every class, length r.
    pub classes: Vec<Vec<BigInt>>,
    /// The outputs per unit of `p_c·u` where it is positive; classes × n.
    pub high: Vec<Vec<Rat>>,
    /// The same where it is negative.
    pub low: Vec<Vec<Rat>>,
    /// Targets, length n.
    pub y: Vec<Rat>,
    /// Decay in half-sum form.
    pub beta: Rat,
    /// The objective is this times the half-sum form.
    pub unit: Rat,
    /// Whether φ(−t) = φ(t): then a neuron and its negative are the same, and one of two opposite cells is listed.
    pub even: bool,
    /// The cells with an active row.
    pub cells: Vec<Cell>,
    /// All cells, live or not, and both of two opposite ones.
    pub all_cells: usize,
    /// The kernel of the rows.
    pub kernel: Vec<Vec<BigInt>>,
    /// The class of each data row and whether the row points along the class's vector; `None` for a zero row.
    pub row_classes: Vec<Option<(usize, bool)>>,
    faces: RwLock<HashMap<Vec<i8>, Arc<Face>>>,
}

/// A product of an integer vector and a rational one.
fn product(a: &[BigInt], b: &[Rat]) -> Rat {
    a.iter().zip(b).fold(Rat::zero(), |sum, (a, b)| sum + b * a)
}

/// A product of integer vectors.
pub(crate) fn integer_product(a: &[BigInt], b: &[BigInt]) -> BigInt {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn sign_of(x: &BigInt) -> i8 {
    match x.sign() {
        num_bigint::Sign::Plus => 1,
        num_bigint::Sign::Minus => -1,
        num_bigint::Sign::NoSign => 0,
    }
}

fn enclose(row: &[Rat]) -> Vec<Doubles> {
    row.iter().map(|x| Doubles::of((), x)).collect()
}

fn to_rats(row: &[BigInt]) -> Vec<Rat> {
    row.iter().map(|x| Rat::from(x.clone())).collect()
}

/// Solves `m·x = b` for a symmetric positive definite rational matrix and several right sides (columns of b, n × k). Exact.
pub(super) fn solve_exact(mut m: Vec<Vec<Rat>>, mut b: Vec<Vec<Rat>>) -> Option<Vec<Vec<Rat>>> {
    let n = m.len();
    for i in 0..n {
        let pivot = (i..n).find(|&k| !m[k][i].is_zero())?;
        m.swap(i, pivot);
        b.swap(i, pivot);
        let inverse = m[i][i].recip();
        for x in m[i].iter_mut().chain(b[i].iter_mut()) {
            *x *= &inverse;
        }
        for k in 0..n {
            if k != i && !m[k][i].is_zero() {
                let factor = m[k][i].clone();
                for j in 0..n {
                    let step = &m[i][j] * &factor;
                    m[k][j] -= step;
                }
                for j in 0..b[i].len() {
                    let step = &b[i][j] * &factor;
                    b[k][j] -= step;
                }
            }
        }
    }
    Some(b)
}

impl Geometry {
    /// The geometry of a problem in which everything is decayed and there is no output bias.
    ///
    /// # Errors
    ///
    /// [`ArrangementError::TooMany`] beyond [`MOST_CELLS`], and [`ArrangementError::Unlucky`] with a tiny probability; see there.
    pub fn new(problem: &Problem) -> Result<Self, ArrangementError> {
        let merged = convert::classes(problem);
        let (n, r) = (problem.n(), problem.r());
        let count = merged.primitive.len();
        let (k1, k2) = (&problem.activation.low, &problem.activation.high);
        let dx = Rat::from(problem.data.x_den.clone());
        let mut high = vec![vec![Rat::zero(); n]; count];
        let mut low = high.clone();
        for (i, class) in merged.class.iter().enumerate() {
            let Some(c) = class.map(|c| c as usize) else {
                continue;
            };
            let s = problem.data.sample_of_row[i] as usize;
            let size = Rat::from(merged.mult[i].clone()) / &dx;
            let (up, down) = if size.is_positive() {
                (k2, k1)
            } else {
                (k1, k2)
            };
            high[c][s] += up * &size;
            low[c][s] += down * &size;
        }
        let kernel = if count == 0 {
            Vec::new()
        } else {
            kernel(&merged.primitive, r).vectors(r)
        };
        let y = problem
            .data
            .y
            .iter()
            .map(|y| Rat::new(y.clone(), problem.data.y_den.clone()))
            .collect();
        let mut geometry = Geometry {
            n,
            r,
            classes: merged.primitive.clone(),
            high,
            low,
            y,
            beta: problem.beta(),
            unit: problem.unit(),
            even: *k1 == -k2.clone(),
            cells: Vec::new(),
            all_cells: 0,
            kernel,
            row_classes: merged
                .class
                .iter()
                .zip(&merged.mult)
                .map(|(class, mult)| class.map(|c| (c as usize, mult.is_positive())))
                .collect(),
            faces: RwLock::default(),
        };
        geometry.find_cells()?;
        Ok(geometry)
    }

    fn find_cells(&mut self) -> Result<(), ArrangementError> {
        let arrangement = Arrangement::new(self.classes.iter().cloned(), self.r)?;
        let options = EnumerateOptions::default();
        // The cells first: there may be far too many of them, and of rays.
        let limited = EnumerateOptions {
            most: Some(MOST_CELLS),
            ..EnumerateOptions::default()
        };
        let mut found: Vec<Vec<i8>> = Vec::new();
        let counted = arrangement.for_each_cell(&limited, |cell| {
            found.push(
                (0..self.classes.len())
                    .map(|c| if cell.positive(c) { 1 } else { -1 })
                    .collect(),
            );
            ControlFlow::Continue(())
        })?;
        if !counted.complete {
            return Err(ArrangementError::TooMany { most: MOST_CELLS });
        }
        let mut rays: Vec<(Vec<BigInt>, Vec<i8>)> = Vec::new();
        if !self.classes.is_empty() {
            arrangement.for_each_ray(&options, |flat| {
                let zero: Vec<usize> = (0..self.classes.len())
                    .filter(|&c| flat.contains(c))
                    .collect();
                if let [ray] = self.span(&zero).as_slice() {
                    let negative: Vec<BigInt> = ray.iter().map(|x| -x).collect();
                    for ray in [ray.clone(), negative] {
                        let signs = self
                            .classes
                            .iter()
                            .map(|p| sign_of(&integer_product(p, &ray)))
                            .collect();
                        rays.push((ray, signs));
                    }
                }
                ControlFlow::Continue(())
            })?;
        }
        // The order does not depend on the random flag of the enumeration.
        rays.sort();
        found.sort_by(|a, b| b.cmp(a));
        self.all_cells = found.len();
        let cells = found
            .into_par_iter()
            .filter(|signs| self.is_live(signs) && !(self.even && signs[0] < 0))
            .map(|signs| self.cell(&arrangement, signs, &rays))
            .collect();
        self.cells = cells;
        Ok(())
    }

    /// Whether a row is active on the cell.
    fn is_live(&self, signs: &[i8]) -> bool {
        signs.iter().enumerate().any(|(c, &sign)| {
            let slope = if sign > 0 {
                &self.high[c]
            } else {
                &self.low[c]
            };
            slope.iter().any(|x| !x.is_zero())
        })
    }

    /// A basis of the vectors of the row space on which some classes vanish.
    fn span(&self, zero: &[usize]) -> Vec<Vec<BigInt>> {
        let rows: Vec<Vec<BigInt>> = zero
            .iter()
            .map(|&c| self.classes[c].clone())
            .chain(self.kernel.iter().cloned())
            .collect();
        let mut basis = if rows.is_empty() {
            kernel(&[vec![BigInt::zero(); self.r]], self.r).vectors(self.r)
        } else {
            kernel(&rows, self.r).vectors(self.r)
        };
        for vector in &mut basis {
            let gcd = vector
                .iter()
                .fold(BigInt::zero(), |g, x| num_integer::Integer::gcd(&g, x));
            if !gcd.is_zero() {
                vector.iter_mut().for_each(|x| *x /= &gcd);
            }
        }
        basis
    }

    /// `Σ_c slope_c·(p_c·d)` with slopes by signs; where a sign is 0 the sign of `p_c·d` itself counts. Length n.
    pub fn derivative(&self, signs: &[i8], direction: &[Rat]) -> Vec<Rat> {
        let mut sum = vec![Rat::zero(); self.n];
        for (c, p) in self.classes.iter().enumerate() {
            let t = product(p, direction);
            if t.is_zero() {
                continue;
            }
            let up = signs[c] > 0 || (signs[c] == 0 && t.is_positive());
            let slope = if up { &self.high[c] } else { &self.low[c] };
            for (sum, x) in sum.iter_mut().zip(slope) {
                if !x.is_zero() {
                    *sum += &t * x;
                }
            }
        }
        sum
    }

    fn cell(
        &self,
        arrangement: &Arrangement,
        signs: Vec<i8>,
        rays: &[(Vec<BigInt>, Vec<i8>)],
    ) -> Cell {
        let mut words = vec![0u64; self.classes.len().div_ceil(64).max(1)];
        for (c, &sign) in signs.iter().enumerate() {
            if sign > 0 {
                words[c / 64] |= 1 << (c % 64);
            }
        }
        let facet_classes = arrangement.facets(&words);
        let rays: Vec<Vec<BigInt>> = rays
            .iter()
            .filter(|(_, on)| on.iter().zip(&signs).all(|(a, b)| *a == 0 || a == b))
            .map(|(ray, _)| ray.clone())
            .collect();
        let ray_lengths: Vec<f64> = rays.iter().map(|ray| norm(&float_vector(ray))).collect();
        let unit_rays = rays
            .iter()
            .zip(&ray_lengths)
            .map(|(ray, length)| float_vector(ray).iter().map(|x| x / length).collect())
            .collect();
        let columns: Vec<Vec<Rat>> = (0..self.r)
            .map(|j| {
                let mut sum = vec![Rat::zero(); self.n];
                for (c, p) in self.classes.iter().enumerate() {
                    let slope = if signs[c] > 0 {
                        &self.high[c]
                    } else {
                        &self.low[c]
                    };
                    for (sum, x) in sum.iter_mut().zip(slope) {
                        *sum += x * &p[j];
                    }
                }
                sum
            })
            .collect();
        let row = |i: usize| {
            columns
                .iter()
                .map(|column| column[i].clone())
                .collect::<Vec<Rat>>()
        };
        let enclosed_map: Vec<Vec<Doubles>> = (0..self.n).map(|i| enclose(&row(i))).collect();
        let squares = enclosed_map
            .iter()
            .flatten()
            .fold(Doubles::float((), 0.0), |sum, x| sum.add(&x.mul(x)));
        Cell {
            facets: facet_classes
                .iter()
                .map(|&c| {
                    let p = float_vector(&self.classes[c]);
                    let size = norm(&p) * f64::from(signs[c]);
                    p.iter().map(|x| x / size).collect()
                })
                .collect(),
            enclosed_facets: facet_classes
                .iter()
                .map(|&c| {
                    self.classes[c]
                        .iter()
                        .map(|x| Doubles::of((), &Rat::from(x * BigInt::from(signs[c]))))
                        .collect()
                })
                .collect(),
            facet_classes,
            ray_outputs: rays
                .iter()
                .map(|ray| enclose(&self.derivative(&signs, &to_rats(ray))))
                .collect(),
            ray_gram: rays
                .iter()
                .map(|a| {
                    rays.iter()
                        .map(|b| Doubles::of((), &Rat::from(integer_product(a, b))))
                        .collect()
                })
                .collect(),
            map: (0..self.n)
                .map(|i| row(i).iter().map(rat_to_f64).collect())
                .collect(),
            enclosed_map,
            norm: squares.sqrt().hi(),
            rays,
            unit_rays,
            ray_lengths,
            signs,
        }
    }

    /// The face of a cell on which some classes vanish (and those that vanish with them).
    pub fn face_of(&self, cell: &Cell, zero: &[usize]) -> Arc<Face> {
        let basis = self.span(zero);
        let mut signs = cell.signs.clone();
        for (c, p) in self.classes.iter().enumerate() {
            if basis.iter().all(|b| integer_product(p, b).is_zero()) {
                signs[c] = 0;
            }
        }
        self.face(self.canonical(signs))
    }

    /// The signs of a face; of a face and its negative the one whose first sign is positive, if the activation is even.
    pub fn canonical(&self, signs: Vec<i8>) -> Vec<i8> {
        if self.even && signs.iter().find(|s| **s != 0) == Some(&-1) {
            signs.iter().map(|s| -s).collect()
        } else {
            signs
        }
    }

    /// The face with these signs.
    pub fn face(&self, signs: Vec<i8>) -> Arc<Face> {
        if let Some(face) = self
            .faces
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&signs)
        {
            return face.clone();
        }
        let face = Arc::new(self.make_face(signs.clone()));
        self.faces
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .entry(signs)
            .or_insert(face)
            .clone()
    }

    fn make_face(&self, signs: Vec<i8>) -> Face {
        let zero: Vec<usize> = (0..signs.len()).filter(|&c| signs[c] == 0).collect();
        let basis = self.span(&zero);
        let e = basis.len();
        let gram: Vec<Vec<Rat>> = basis
            .iter()
            .map(|a| {
                basis
                    .iter()
                    .map(|b| Rat::from(integer_product(a, b)))
                    .collect()
            })
            .collect();
        let columns: Vec<Vec<Rat>> = basis
            .iter()
            .map(|b| self.derivative(&signs, &to_rats(b)))
            .collect();
        let outputs: Vec<Vec<Rat>> = (0..self.n)
            .map(|i| columns.iter().map(|column| column[i].clone()).collect())
            .collect();
        // p_c·P(g) = (p_cᵀB)·G⁻¹·(Bᵀg), Bᵀg = outputsᵀ·v.
        let identity: Vec<Vec<Rat>> = (0..e)
            .map(|i| {
                (0..e)
                    .map(|j| Rat::from(BigInt::from(u8::from(i == j))))
                    .collect()
            })
            .collect();
        let inverse = solve_exact(gram.clone(), identity).unwrap_or_default();
        let inner: Vec<(usize, Vec<Rat>)> = (0..signs.len())
            .filter(|&c| signs[c] != 0)
            .map(|c| {
                let p: Vec<Rat> = basis
                    .iter()
                    .map(|b| Rat::from(integer_product(&self.classes[c], b)))
                    .collect();
                let left: Vec<Rat> = (0..e)
                    .map(|j| (0..e).fold(Rat::zero(), |s, i| s + &p[i] * &inverse[i][j]))
                    .collect();
                let w = outputs
                    .iter()
                    .map(|row| {
                        row.iter()
                            .zip(&left)
                            .fold(Rat::zero(), |s, (a, b)| s + a * b)
                    })
                    .collect();
                (c, w)
            })
            .collect();
        let enclosed_inner = inner.iter().map(|(c, w)| (*c, enclose(w))).collect();
        Face {
            star: self.star(&signs, &zero),
            signs,
            basis,
            gram,
            outputs,
            enclosed_inner,
            inner,
        }
    }

    /// The extreme rays of the arrangement of the vanishing classes in the space that they span.
    fn star(&self, signs: &[i8], zero: &[usize]) -> Option<Vec<StarRay>> {
        let local: Vec<Vec<BigInt>> = zero.iter().map(|&c| self.classes[c].clone()).collect();
        let arrangement = Arrangement::new(local.iter().cloned(), self.r).ok()?;
        let rank = arrangement.rank();
        // The zeros of the rays.
        let mut flats: Vec<Vec<usize>> = Vec::new();
        if rank == 1 {
            flats.push(Vec::new());
        } else if rank > 1 {
            let mut complete = false;
            // An unlucky functional would only repeat or miss rays: enumerate again with another seed.
            for seed in 0..20 {
                flats.clear();
                let options = EnumerateOptions {
                    seed,
                    ..EnumerateOptions::default()
                };
                let ended = arrangement.for_each_ray(&options, |flat| {
                    flats.push(
                        zero.iter()
                            .enumerate()
                            .filter(|(i, _)| flat.contains(*i))
                            .map(|(_, &c)| c)
                            .collect(),
                    );
                    ControlFlow::Continue(())
                });
                if ended == Ok(true) {
                    complete = true;
                    break;
                }
            }
            if !complete {
                return None;
            }
        }
        flats.sort();
        let mut star = Vec::with_capacity(2 * flats.len());
        for flat in &flats {
            let up = self.star_direction(zero, flat)?;
            let down = up.iter().map(|x| -x).collect();
            for direction in [up, down] {
                let mut on = vec![0i8; self.classes.len()];
                for &c in zero {
                    let t = product(&self.classes[c], &direction);
                    on[c] = i8::from(t.is_positive()) - i8::from(t.is_negative());
                }
                let slope = self.derivative(signs, &direction);
                star.push(StarRay {
                    enclosed: enclose(&slope),
                    direction,
                    signs: on,
                    slope,
                });
            }
        }
        Some(star)
    }

    /// The direction in the span of some classes, unique up to its length, on which a subset vanishes.
    fn star_direction(&self, zero: &[usize], vanishing: &[usize]) -> Option<Vec<Rat>> {
        // The span of the classes is the complement of the face's span and of the kernel.
        let mut rows: Vec<Vec<BigInt>> =
            vanishing.iter().map(|&c| self.classes[c].clone()).collect();
        rows.extend(self.span(zero));
        rows.extend(self.kernel.iter().cloned());
        let vectors = if rows.is_empty() {
            kernel(&[vec![BigInt::zero(); self.r]], self.r).vectors(self.r)
        } else {
            kernel(&rows, self.r).vectors(self.r)
        };
        match vectors.as_slice() {
            [vector] => Some(to_rats(vector)),
            _ => None,
        }
    }

    /// The signs of the pre-activations of the data rows on a face; 0 for zero rows.
    pub fn row_signs(&self, face: &[i8]) -> Vec<i8> {
        self.row_classes
            .iter()
            .map(|class| class.map_or(0, |(c, up)| if up { face[c] } else { -face[c] }))
            .collect()
    }

    /// Whether a face lies in the closure of a cell (or its negative does, if the activation is even).
    pub fn contains(&self, cell: &Cell, face: &[i8]) -> bool {
        let fits = |flip: i8| {
            face.iter()
                .zip(&cell.signs)
                .all(|(a, b)| *a == 0 || *a == flip * b)
        };
        fits(1) || (self.even && fits(-1))
    }
}

/// A big integer vector in floats, scaled down where it would overflow.
fn float_vector(row: &[BigInt]) -> Vec<f64> {
    let bits = row.iter().map(BigInt::bits).max().unwrap_or(0);
    let shift = bits.saturating_sub(900);
    row.iter()
        .map(|x| (x >> shift).to_f64().unwrap_or(0.0))
        .collect()
}
