//! The stationarity equations as polynomials in ν′ with integer coefficients. Exact.
//!
//! Over common denominators A = A′/d_A, b = b′/d_b, G_k = G′_k/d_k, and with ν_k = ν′_k·d_k/d_A, the linear equations become
//! (A′ + ν′G′)·z = (d_A/d_b)·b′. By Cramer's rule z = (d_A/d_b)·N/D, and the norm equations read
//! ν′_k²·N_kᵀG′_kN_k = (ρ0²·d_b²/d_k)·D². The unknowns ν′ keep the coefficients short: no power of d_A stands before them.

use num_bigint::BigInt;
use num_traits::One;

use super::FaceTerm;
use super::reduce::{dot, transposed_times};
use crate::exact::polynomial::{Poly, Poly2};
use crate::exact::{Rat, common_denominator_of_rats};

/// The equations of one or two atoms; x is ν′_1 and y is ν′_2.
pub(super) struct System {
    /// D.
    pub determinant: Poly2,
    /// b′ᵀN.
    pub b_times_z: Poly2,
    /// bᵀz = fit_factor·b′ᵀN/D.
    pub fit_factor: Rat,
    /// t_k = norm_factors\[k\]/ν′_k.
    pub norm_factors: Vec<Rat>,
    /// ‖y‖².
    pub y_squared: Rat,
    equations: Vec<Poly2>,
}

impl System {
    /// `None` if `stop` said so.
    pub fn new(terms: &[FaceTerm], y: &[Rat], rho: &Rat, stop: &dyn Fn() -> bool) -> Option<Self> {
        // The columns of all Z_k, each with its term and its place there.
        let columns: Vec<(usize, usize, Vec<Rat>)> = terms
            .iter()
            .enumerate()
            .flat_map(|(k, term)| {
                (0..term.gram.len())
                    .map(move |j| (k, j, term.z.iter().map(|row| row[j].clone()).collect()))
            })
            .collect();
        let e = columns.len();
        let products: Vec<Rat> = columns
            .iter()
            .flat_map(|(_, _, a)| columns.iter().map(|(_, _, b)| dot(a, b)))
            .collect();
        let (a, d_a) = common_denominator_of_rats(products.iter());
        let b: Vec<Rat> = terms
            .iter()
            .flat_map(|term| transposed_times(&term.z, y))
            .collect();
        let (b, d_b) = common_denominator_of_rats(b.iter());
        let grams: Vec<(Vec<BigInt>, BigInt)> = terms
            .iter()
            .map(|term| common_denominator_of_rats(term.gram.iter().flatten()))
            .collect();
        let unknowns = [Poly2::x(), Poly2::y()];
        let gram = |i: usize, j: usize| -> Option<&BigInt> {
            let ((k, row, _), (l, column, _)) = (&columns[i], &columns[j]);
            (k == l).then(|| &grams[*k].0[row * terms[*k].gram.len() + column])
        };
        let matrix: Vec<Vec<Poly2>> = (0..e)
            .map(|i| {
                (0..e)
                    .map(|j| {
                        let constant = Poly2::constant(a[i * e + j].clone());
                        match gram(i, j) {
                            Some(g) => &constant + &unknowns[columns[i].0].scale(g),
                            None => constant,
                        }
                    })
                    .collect()
            })
            .collect();
        let determinant_of = |matrix: &[Vec<Poly2>]| determinant(matrix, stop);
        let whole = determinant_of(&matrix)?;
        let numerators: Vec<Poly2> = (0..e)
            .map(|j| {
                let mut replaced = matrix.clone();
                for (row, b) in replaced.iter_mut().zip(&b) {
                    row[j] = Poly2::constant(b.clone());
                }
                determinant_of(&replaced)
            })
            .collect::<Option<_>>()?;
        let (d_a, d_b) = (Rat::from_integer(d_a), Rat::from_integer(d_b));
        let squared = &whole * &whole;
        let equations = (0..terms.len())
            .map(|k| {
                let mut form = Poly2::zero();
                let of_term = |i: &usize| columns[*i].0 == k;
                for i in (0..e).filter(of_term) {
                    for j in (0..e).filter(of_term) {
                        if let Some(g) = gram(i, j) {
                            form = &form + &(&numerators[i] * &numerators[j]).scale(g);
                        }
                    }
                }
                let right = rho * rho * &d_b * &d_b / Rat::from_integer(grams[k].1.clone());
                let left = &(&unknowns[k] * &unknowns[k]) * &form;
                (&left.scale(right.denom()) - &squared.scale(right.numer())).primitive()
            })
            .collect();
        let b_times_z = numerators
            .iter()
            .zip(&b)
            .fold(Poly2::zero(), |sum, (n, b)| &sum + &n.scale(b));
        Some(System {
            determinant: whole,
            b_times_z,
            fit_factor: &d_a / (&d_b * &d_b),
            norm_factors: grams
                .iter()
                .map(|(_, d)| rho * &d_a / Rat::from_integer(d.clone()))
                .collect(),
            y_squared: dot(y, y),
            equations,
        })
    }

    /// p_k(ν′) = 0 for each atom.
    pub fn equations(&self) -> &[Poly2] {
        &self.equations
    }

    /// A bound on the total degrees of the determinant and of b′ᵀN.
    pub fn degree(&self) -> usize {
        self.determinant.degree().max(self.b_times_z.degree())
    }
}

/// The determinant by expansion along the rows, with the minors of the first rows kept for every set of columns: 2^n·n products with
/// entries of degree 1, no division.
fn determinant(matrix: &[Vec<Poly2>], stop: &dyn Fn() -> bool) -> Option<Poly2> {
    let n = matrix.len();
    let mut minors = vec![(0usize, Poly2::constant(BigInt::one()))];
    for row in matrix {
        if stop() {
            return None;
        }
        let mut next: std::collections::BTreeMap<usize, Poly2> = Default::default();
        for (set, minor) in &minors {
            for (j, entry) in row.iter().enumerate() {
                if set >> j & 1 == 1 || entry.is_zero() {
                    continue;
                }
                // The sign of the column among those taken before it.
                let inversions = (set >> j).count_ones();
                let term = minor * entry;
                let sum = next.entry(set | 1 << j).or_default();
                *sum = if inversions % 2 == 1 {
                    &*sum - &term
                } else {
                    &*sum + &term
                };
            }
        }
        minors = next.into_iter().filter(|(_, m)| !m.is_zero()).collect();
    }
    Some(
        minors
            .into_iter()
            .find(|(set, _)| *set + 1 == 1 << n)
            .map_or(Poly2::new(vec![Poly::zero()]), |(_, minor)| minor),
    )
}
