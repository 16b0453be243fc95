//! Quartic bounds in the search of a tree of rows: which leaves have one, and for which dual vector.
//!
//! The bound of a leaf is convex and positively homogeneous in the form. So `λ(v) ≤ τ·λ(v₀) + λ_root(v − τ·v₀)`: what was proven for one vector proves something for another one,
//! at the price of one more solution at the root for each pair of vectors, and the certificates add.

use std::sync::Arc;

use rayon::prelude::*;

use super::moments::Moments;
use super::solver::{Certificate, Goal, Region, Solved, Solver};
use super::start::Warm;
use crate::oracle::form::{Form, dot};

/// Accuracy of a bound on a difference of vectors.
const ROUGH: f64 = 0.05;

/// A leaf's certificate.
#[derive(Clone, Debug)]
pub struct Proof {
    /// What proves it.
    pub certificate: Arc<Certificate>,
    /// The vector for which it does.
    pub vector: Arc<Vec<f64>>,
}

/// How far a vector v is from one for which there are certificates: `λ(v) ≤ factor·λ(vector) + bounds`.
pub struct Shift {
    vector: Arc<Vec<f64>>,
    factor: f64,
    /// Certificates of the rest at the roots, + and −; none if there is no rest.
    rest: Option<[Option<Certificate>; 2]>,
}

impl Shift {
    /// The certificate of a leaf for v, if the rest has one.
    pub fn apply(&self, proof: &Proof, sign: u8) -> Option<Certificate> {
        match &self.rest {
            None => Some(Certificate {
                bound: self.factor * proof.certificate.bound,
                polynomials: proof
                    .certificate
                    .polynomials
                    .iter()
                    .map(|p| p.map(|x| x * self.factor))
                    .collect(),
                gram: proof
                    .certificate
                    .gram
                    .iter()
                    .map(|x| x * self.factor)
                    .collect(),
                local: proof
                    .certificate
                    .local
                    .iter()
                    .map(|y| y.iter().map(|x| x * self.factor).collect())
                    .collect(),
            }),
            Some(rest) => Some(
                proof
                    .certificate
                    .combined(self.factor, rest[sign as usize].as_ref()?),
            ),
        }
    }

    /// Its bound.
    pub fn bound(&self, proof: &Proof, sign: u8) -> f64 {
        let rest = match &self.rest {
            None => 0.0,
            Some(rest) => rest[sign as usize]
                .as_ref()
                .map_or(f64::INFINITY, |c| c.bound),
        };
        self.factor * proof.certificate.bound + rest
    }
}

/// The quartic bounds of a search.
pub struct Quartics {
    /// The moments for the rows.
    pub moments: Moments,
}

impl Quartics {
    /// Bounds a region, from a point on the way to another solution for it, if there is one.
    pub fn solve(
        &self,
        form: &Form,
        region: &Region<'_>,
        goal: &Goal,
        before: Option<&Warm>,
        stop: &dyn Fn() -> bool,
    ) -> Solved {
        Solver::new(&self.moments, form, region).solve(goal, before, stop)
    }

    /// What takes certificates for each of the vectors to v. `forms` gives the forms of both signs.
    pub fn shifts(
        &self,
        vectors: &[Arc<Vec<f64>>],
        v: &[f64],
        forms: &(dyn Fn(&[f64]) -> [Form; 2] + Sync),
        stop: &(dyn Fn() -> bool + Sync),
    ) -> Vec<Shift> {
        vectors
            .par_iter()
            .map(|vector| {
                let factor = multiple(v, vector);
                let rest: Vec<f64> = v
                    .iter()
                    .zip(vector.iter())
                    .map(|(a, b)| a - factor * b)
                    .collect();
                if dot(&rest, &rest) <= 1e-28 * dot(v, v) {
                    return Shift {
                        vector: vector.clone(),
                        factor,
                        rest: None,
                    };
                }
                let forms = forms(&rest);
                let goal = Goal {
                    enough: 0.0,
                    accuracy: ROUGH,
                };
                let solve = |form: &Form| {
                    self.solve(form, &Region::default(), &goal, None, &|| stop())
                        .certificate
                };
                let (plus, minus) = rayon::join(|| solve(&forms[0]), || solve(&forms[1]));
                Shift {
                    vector: vector.clone(),
                    factor,
                    rest: Some([plus, minus]),
                }
            })
            .collect()
    }
}

/// The multiple of a vector that is nearest to v, at least 0.
pub fn multiple(v: &[f64], vector: &[f64]) -> f64 {
    (dot(v, vector) / dot(vector, vector)).max(0.0)
}

/// The shift of a proof's vector.
pub fn shift_of<'s>(shifts: &'s [Shift], proof: &Proof) -> Option<&'s Shift> {
    shifts
        .iter()
        .find(|s| Arc::ptr_eq(&s.vector, &proof.vector))
}
