//! The moments of degree 0 to 4 of a distribution on [0, 1]: two semidefinite blocks.

use nalgebra::{Matrix2, Matrix3, Matrix5, Vector5};

/// What an eigenvalue may be off by, relative to the spread of all.
const SLACK: f64 = 1e-7;

/// A pair of symmetric matrices: of `(1, t, t²)`, and of `(1, t)` times `t(1 − t)`.
#[derive(Copy, Clone, Debug)]
pub struct Pair {
    /// 3×3.
    pub whole: Matrix3<f64>,
    /// 2×2.
    pub inner: Matrix2<f64>,
}

impl Pair {
    /// The moment matrices.
    pub fn of(w: &Vector5<f64>) -> Pair {
        Pair {
            whole: Matrix3::from_fn(|i, j| w[i + j]),
            inner: Matrix2::from_fn(|i, j| w[i + j + 1] - w[i + j + 2]),
        }
    }

    /// The adjoint of [`Self::of`]: the coefficients of the polynomial that is ≥ 0 on [0, 1] if the pair is positive semidefinite.
    pub fn polynomial(&self) -> Vector5<f64> {
        let mut q = Vector5::zeros();
        for i in 0..3 {
            for j in 0..3 {
                q[i + j] += self.whole[(i, j)];
            }
        }
        for i in 0..2 {
            for j in 0..2 {
                q[i + j + 1] += self.inner[(i, j)];
                q[i + j + 2] -= self.inner[(i, j)];
            }
        }
        q
    }

    /// `self + t·other`.
    pub fn plus(&self, t: f64, other: &Pair) -> Pair {
        Pair {
            whole: self.whole + t * other.whole,
            inner: self.inner + t * other.inner,
        }
    }

    /// The inner product.
    pub fn dot(&self, other: &Pair) -> f64 {
        self.whole.dot(&other.whole) + self.inner.dot(&other.inner)
    }

    /// The matrix product, block by block.
    pub fn times(&self, other: &Pair) -> Pair {
        Pair {
            whole: self.whole * other.whole,
            inner: self.inner * other.inner,
        }
    }

    /// The symmetric part.
    pub fn symmetric(&self) -> Pair {
        Pair {
            whole: 0.5 * (self.whole + self.whole.transpose()),
            inner: 0.5 * (self.inner + self.inner.transpose()),
        }
    }

    /// The inverse; `None` if it is not positive definite in floats.
    pub fn inverse(&self) -> Option<Pair> {
        Some(Pair {
            whole: self.whole.cholesky()?.inverse(),
            inner: self.inner.cholesky()?.inverse(),
        })
    }

    /// The largest t for which `self + t·step` is positive semidefinite; `None` if `self` is not positive definite in floats.
    pub fn longest(&self, step: &Pair) -> Option<f64> {
        let a = self.whole.cholesky()?.l();
        let inverse = a.solve_lower_triangular(&Matrix3::identity())?;
        let relative = inverse * step.whole * inverse.transpose();
        let mut least = least3(&relative);
        let b = self.inner.cholesky()?.l();
        let inverse = b.solve_lower_triangular(&Matrix2::identity())?;
        let relative = inverse * step.inner * inverse.transpose();
        least = least.min(least2(&relative));
        Some(if least < 0.0 {
            -1.0 / least
        } else {
            f64::INFINITY
        })
    }

    /// `tr(A_a X A_b Z⁻¹)` for the five directions of [`Self::of`]; `self` is X.
    pub fn scaling(&self, inverse: &Pair) -> Matrix5<f64> {
        let mut g = Matrix5::zeros();
        for i in 0..3 {
            for j in 0..3 {
                for k in 0..3 {
                    for l in 0..3 {
                        g[(i + j, k + l)] += self.whole[(j, k)] * inverse.whole[(l, i)];
                    }
                }
            }
        }
        for i in 0..2 {
            for j in 0..2 {
                for k in 0..2 {
                    for l in 0..2 {
                        let x = self.inner[(j, k)] * inverse.inner[(l, i)];
                        g[(i + j + 1, k + l + 1)] += x;
                        g[(i + j + 2, k + l + 2)] += x;
                        g[(i + j + 1, k + l + 2)] -= x;
                        g[(i + j + 2, k + l + 1)] -= x;
                    }
                }
            }
        }
        0.5 * (g + g.transpose())
    }
}

/// A lower bound on the least eigenvalue of a symmetric matrix, near it.
fn least2(m: &Matrix2<f64>) -> f64 {
    let (mean, half) = (0.5 * (m.m11 + m.m22), 0.5 * (m.m11 - m.m22));
    let radius = half.hypot(0.5 * (m.m12 + m.m21));
    mean - radius * (1.0 + SLACK)
}

/// The same, by the cosines of a third of an angle (Smith 1961).
fn least3(m: &Matrix3<f64>) -> f64 {
    let m = 0.5 * (m + m.transpose());
    let mean = m.trace() / 3.0;
    let rest = m - Matrix3::identity() * mean;
    let radius = (rest.norm_squared() / 6.0).sqrt();
    if radius == 0.0 {
        return mean;
    }
    let cosine = (0.5 * (rest / radius).determinant()).clamp(-1.0, 1.0);
    let angle = (cosine.acos() + std::f64::consts::TAU) / 3.0;
    mean + radius * (2.0 * angle.cos() - SLACK)
}

/// The moments of −t.
pub fn mirrored(w: &Vector5<f64>) -> Vector5<f64> {
    Vector5::new(w[0], -w[1], w[2], -w[3], w[4])
}

/// A quadratic form on moments, for those of −t.
pub fn mirrored_form(g: &Matrix5<f64>) -> Matrix5<f64> {
    Matrix5::from_fn(|i, j| {
        if (i + j) % 2 == 0 {
            g[(i, j)]
        } else {
            -g[(i, j)]
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oracle::ascent::Random;

    #[test]
    fn least_eigenvalues_are_bounded_from_below() {
        let mut random = Random::new(12);
        for round in 0..2000 {
            // Repeated eigenvalues among them.
            let rank = 1 + round % 3;
            let a = Matrix3::from_fn(|_, j| if j < rank { random.normal() } else { 0.0 });
            let m = a * a.transpose() + Matrix3::identity() * random.normal();
            let b = Matrix2::from_fn(|i, j| m[(i, j)]);
            for (found, exact) in [
                (least3(&m), m.symmetric_eigenvalues().min()),
                (least2(&b), b.symmetric_eigenvalues().min()),
            ] {
                assert!(found <= exact + 1e-12 && found >= exact - 1e-5 * (1.0 + exact.abs()));
            }
        }
        assert_eq!(least3(&Matrix3::identity()), 1.0);
        assert_eq!(least3(&Matrix3::zeros()), 0.0);
    }
}
