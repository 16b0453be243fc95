//! The smallest faces that still hold the stationary point for every ν. Exact.
//!
//! z(ν) solves (A + νG)z = b. If subspaces W_k hold G_k⁻¹b_k and the maps G_k⁻¹A_kj lead from W_j to W_k, then z(ν) lies in their
//! product, and the equations restricted to it say the same. Without this step a direction that takes no part (by symmetry, say) would
//! put a common factor into z's numerators and denominators.

use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{One, Signed, Zero};

use super::{FaceTerm, NotExact};
use crate::exact::{Rat, common_denominator_of_rats};

type Matrix = Vec<Vec<Rat>>;

/// The terms restricted to the smallest such subspaces; a term that is whole already stays as it is.
pub(super) fn reduced(terms: &[FaceTerm], y: &[Rat]) -> Result<Vec<FaceTerm>, NotExact> {
    let inverses: Vec<Matrix> = terms
        .iter()
        .map(|term| inverse(&term.gram).ok_or(NotExact::Shape("a Gram matrix is singular")))
        .collect::<Result<_, _>>()?;
    let mut spaces: Vec<Space> = terms.iter().map(|_| Space::default()).collect();
    // What may be new: the term and the vector G_k⁻¹·(…) of its space.
    let mut open: Vec<(usize, Vec<Rat>)> = terms
        .iter()
        .zip(&inverses)
        .enumerate()
        .map(|(k, (term, inverse))| (k, times(inverse, &transposed_times(&term.z, y))))
        .collect();
    while let Some((j, vector)) = open.pop() {
        let Some(vector) = spaces[j].insert(vector) else {
            continue;
        };
        let fit = times(&terms[j].z, &vector);
        for (k, (term, inverse)) in terms.iter().zip(&inverses).enumerate() {
            open.push((k, times(inverse, &transposed_times(&term.z, &fit))));
        }
    }
    terms
        .iter()
        .zip(&spaces)
        .map(|(term, space)| match space.basis.len() {
            // z_k = 0 for every ν.
            0 => Err(NotExact::NoPoint),
            f if f == term.gram.len() => Ok(term.clone()),
            _ => Ok(restricted(term, &space.basis)),
        })
        .collect()
}

/// Z·V and VᵀGV for the vectors v.
fn restricted(term: &FaceTerm, basis: &[Vec<Rat>]) -> FaceTerm {
    let images: Vec<Vec<Rat>> = basis.iter().map(|v| times(&term.gram, v)).collect();
    FaceTerm {
        z: term
            .z
            .iter()
            .map(|row| basis.iter().map(|v| dot(row, v)).collect())
            .collect(),
        gram: basis
            .iter()
            .map(|v| images.iter().map(|image| dot(v, image)).collect())
            .collect(),
    }
}

/// A subspace that grows.
#[derive(Default)]
struct Space {
    /// Independent vectors of coprime integers.
    basis: Vec<Vec<Rat>>,
    /// The same space in echelon form: (place of the leading 1, vector).
    echelon: Vec<(usize, Vec<Rat>)>,
}

impl Space {
    /// Adds the vector, and returns the multiple of it that joined the basis, if it is not in the space yet.
    fn insert(&mut self, vector: Vec<Rat>) -> Option<Vec<Rat>> {
        let mut rest = vector.clone();
        for (place, row) in &self.echelon {
            let factor = rest[*place].clone();
            if !factor.is_zero() {
                for (v, r) in rest.iter_mut().zip(row) {
                    *v -= &factor * r;
                }
            }
        }
        let place = rest.iter().position(|v| !v.is_zero())?;
        let lead = rest[place].clone();
        rest.iter_mut().for_each(|v| *v /= &lead);
        self.echelon.push((place, rest));
        let vector = coprime(&vector);
        self.basis.push(vector.clone());
        Some(vector)
    }
}

/// The vector as coprime integers.
fn coprime(vector: &[Rat]) -> Vec<Rat> {
    let (integers, _) = common_denominator_of_rats(vector.iter());
    let common = integers.iter().fold(BigInt::zero(), |g, v| g.gcd(v));
    let common = if common.is_zero() {
        BigInt::one()
    } else {
        common.abs()
    };
    integers
        .into_iter()
        .map(|v| Rat::from_integer(v / &common))
        .collect()
}

pub(super) fn dot(a: &[Rat], b: &[Rat]) -> Rat {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

pub(super) fn times(matrix: &[Vec<Rat>], vector: &[Rat]) -> Vec<Rat> {
    matrix.iter().map(|row| dot(row, vector)).collect()
}

/// matrixᵀ·vector.
pub(super) fn transposed_times(matrix: &[Vec<Rat>], vector: &[Rat]) -> Vec<Rat> {
    let width = matrix.first().map_or(0, Vec::len);
    (0..width)
        .map(|j| matrix.iter().zip(vector).map(|(row, v)| &row[j] * v).sum())
        .collect()
}

/// The inverse by elimination; `None` if there is none.
pub(super) fn inverse(matrix: &[Vec<Rat>]) -> Option<Matrix> {
    let n = matrix.len();
    let mut rows: Matrix = matrix
        .iter()
        .enumerate()
        .map(|(i, row)| {
            let unit = (0..n).map(|j| Rat::from_integer(i64::from(i == j).into()));
            row.iter().cloned().chain(unit).collect()
        })
        .collect();
    for k in 0..n {
        let pivot = (k..n).find(|&i| !rows[i][k].is_zero())?;
        rows.swap(pivot, k);
        let lead = rows[k][k].clone();
        rows[k].iter_mut().for_each(|v| *v /= &lead);
        let top = rows[k].clone();
        for (i, row) in rows.iter_mut().enumerate() {
            let factor = row[k].clone();
            if i != k && !factor.is_zero() {
                for (v, t) in row.iter_mut().zip(&top) {
                    *v -= &factor * t;
                }
            }
        }
    }
    Some(rows.into_iter().map(|row| row[n..].to_vec()).collect())
}
