//! Half-spaces that divide a region of the sphere, and which one to choose.

use nalgebra::{DMatrix, DVector};

use crate::oracle::form::dot;

/// About the length of the integer vector of a half-space. The rounding of its multiplier counts for as much.
const SIZE: f64 = 64.0;

/// The directions with `a·u ≥ c·|u|`, exact.
#[derive(Clone, Debug, PartialEq)]
pub struct Half {
    /// a, length r.
    pub a: Vec<i64>,
    /// c
    pub c: i64,
}

impl Half {
    /// The nearest one with integers of about 64, for a vector of length 1; `None` if that is no half-space.
    pub fn round(a: &[f64], c: f64) -> Option<Half> {
        let whole = |x: &f64| (x * SIZE).round() as i64;
        let half = Half {
            a: a.iter().map(whole).collect(),
            c: whole(&c),
        };
        let is_one = half.a.iter().any(|x| *x != 0) && a.iter().all(|x| x.is_finite());
        (is_one && c.is_finite()).then_some(half)
    }

    /// The same in floats with a of length 1, times `side`.
    pub fn unit(&self, side: f64) -> (Vec<f64>, f64) {
        let a: Vec<f64> = self.a.iter().map(|x| *x as f64).collect();
        let factor = side / dot(&a, &a).sqrt();
        (
            a.iter().map(|x| x * factor).collect(),
            self.c as f64 * factor,
        )
    }
}

/// What a relaxation's distribution looks like: its mass, first and second moments.
#[derive(Clone, Debug)]
pub struct Spread {
    mass: f64,
    first: DVector<f64>,
    second: DMatrix<f64>,
}

impl Spread {
    /// None yet, in r dimensions.
    pub fn new(r: usize) -> Spread {
        Spread {
            mass: 0.0,
            first: DVector::zeros(r),
            second: DMatrix::zeros(r, r),
        }
    }

    /// Adds a distribution.
    pub fn add(&mut self, mass: f64, first: &[f64], second: &DMatrix<f64>) {
        self.mass += mass;
        self.first += DVector::from_column_slice(first) * mass;
        self.second += second * mass;
    }

    /// The half-space through the mean that takes apart what makes the rows' bounds loose: `loose` is `Σ l_c p_c·p_cᵀ` for what row c's bound exceeds the row by.
    ///
    /// With a displacement d of the two parts the looseness falls like `dᵀ(loose)d`; among all displacements that a half-space makes (C·a for the covariance C and
    /// `aᵀCa = 1`) the one for which this is largest has `C^½·loose·C^½·w = λw` and `a = C^{−½}w`.
    pub fn half(&self, loose: &DMatrix<f64>) -> Option<Half> {
        if self.mass <= 0.0 {
            return None;
        }
        let mean = &self.first / self.mass;
        let covariance = &self.second / self.mass - &mean * mean.transpose();
        let parts = (0.5 * (&covariance + covariance.transpose())).try_symmetric_eigen(1e-12, 0)?;
        let root = &parts.eigenvectors
            * DMatrix::from_diagonal(&parts.eigenvalues.map(|x| x.max(0.0).sqrt()))
            * parts.eigenvectors.transpose();
        let both = &root * loose * &root;
        let parts = (0.5 * (&both + both.transpose())).try_symmetric_eigen(1e-12, 0)?;
        let w = parts.eigenvectors.column(parts.eigenvalues.imax());
        // C^{−½}w, but for a factor.
        let a = (loose * root * w).try_normalize(0.0)?;
        Half::round(a.as_slice(), a.dot(&mean))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_clusters_are_taken_apart_where_rows_are_loose() {
        // Masses at ±e₀ and at ±e₁ with more of the former; only the row e₁ is loose.
        let r = 3;
        let mut spread = Spread::new(r);
        for (axis, mass) in [(0, 2.0), (1, 1.0)] {
            for side in [1.0, -1.0] {
                let mut u = vec![0.0; r];
                u[axis] = side;
                let v = DVector::from_column_slice(&u);
                spread.add(mass, &u, &(&v * v.transpose()));
            }
        }
        let row = |axis| {
            let mut m = DMatrix::zeros(r, r);
            m[(axis, axis)] = 1.0;
            m
        };
        for axis in [0, 1] {
            let half = spread.half(&row(axis)).expect("a half-space");
            assert_eq!(half.c, 0);
            assert!(
                half.a[axis].abs() == 64 && half.a[1 - axis] == 0,
                "{half:?}"
            );
        }
        assert!(Spread::new(r).half(&row(0)).is_none());
    }

    #[test]
    fn a_rounded_half_space_is_near_and_has_length_one_in_floats() {
        let half = Half::round(&[0.6, -0.8], 0.25).expect("a half-space");
        let (a, c) = half.unit(-1.0);
        assert!((a[0] + 0.6).abs() < 1e-2 && (a[1] - 0.8).abs() < 1e-2 && (c + 0.25).abs() < 1e-2);
        assert!((dot(&a, &a) - 1.0).abs() < 1e-12);
        assert_eq!(Half::round(&[1e-9, 0.0], 0.5), None);
        assert_eq!(Half::round(&[f64::NAN, 1.0], 0.5), None);
    }
}
