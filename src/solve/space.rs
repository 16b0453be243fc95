//! The coordinates of the searches.

use num_bigint::BigInt;
use num_traits::{One, ToPrimitive, Zero};

use crate::arrangement::kernel::Kernel;
use crate::arrangement::rows::Rows;
use crate::exact::{Rat, rat_to_f64};
use crate::program::model::Model;

/// Weight that stands for "no decay" in searches: the finder's bounds use it, the proof does not.
const UNDECAYED: f64 = 2e-6;

/// Largest denominator of a kernel for which the search leaves the kernel out; beyond it, support vectors would need too many digits.
const LARGEST_DENOMINATOR: u64 = 1 << 20;

/// The search coordinates of a model: its row space (where the data are rank deficient), in an orthonormal basis in which the penalty of a direction modulo the kernel is the Euclidean
/// norm; an undecayed hidden bias is the last coordinate, scaled down. Floats but for the kernel.
pub struct Space {
    /// The rows in search coordinates.
    pub rows: Rows,
    /// Coordinates of a model direction: `dim × r`, row major.
    pub coordinates: Vec<f64>,
    /// A model direction with given coordinates: `r × dim`, row major.
    back: Vec<f64>,
    /// Kernel vectors that are left out: the `z` lines of a proof. Exact.
    pub lines: Vec<Vec<BigInt>>,
    /// The kernel, if `lines` is not empty.
    pub kernel: Option<Kernel>,
    /// Basis of the fan: the unit vectors of the pivot columns. Exact.
    pub basis: Vec<Vec<BigInt>>,
    /// Scale of the last coordinate: `u_search = scale·u` for an undecayed hidden bias, else 1.
    pub last_scale: f64,
    r: usize,
}

impl Space {
    /// The search space of a model whose rows have this kernel.
    pub fn new(model: &Model, kernel: Kernel) -> Self {
        let r = model.r();
        let undecayed = model.decayed < r;
        let small = kernel.denominator <= BigInt::from(LARGEST_DENOMINATOR)
            && kernel.relation.iter().flatten().all(|c| c.bits() <= 40)
            && !kernel.pivots.is_empty()
            && (!undecayed || kernel.pivots.contains(&(r - 1)));
        let kernel = (!kernel.free.is_empty() && small).then_some(kernel);
        let lines = kernel.as_ref().map_or_else(Vec::new, |k| k.vectors(r));
        let pivots = kernel
            .as_ref()
            .map_or_else(|| (0..r).collect(), |k| k.pivots.clone());
        let basis = pivots
            .iter()
            .map(|p| {
                (0..r)
                    .map(|j| {
                        if j == *p {
                            BigInt::one()
                        } else {
                            BigInt::zero()
                        }
                    })
                    .collect()
            })
            .collect();
        let mut last_scale = 1.0;
        if undecayed {
            // In the units of the data: a bias of the size of the largest feature counts for little.
            let ratio = |row: &[f64]| {
                let largest = row[..r - 1].iter().fold(0.0f64, |a, x| a.max(x.abs()));
                largest / row[r - 1].abs()
            };
            let rows = model.rows.p.chunks_exact(r).filter(|row| row[r - 1] != 0.0);
            let largest = rows.map(ratio).fold(0.0, f64::max);
            last_scale = UNDECAYED / if largest > 0.0 { largest } else { 1.0 };
        }
        // Orthonormal complement, in the decayed columns, of the kernel's decayed parts.
        let d = model.decayed;
        let parts: Vec<Vec<f64>> = lines
            .iter()
            .map(|z| {
                let size = z
                    .iter()
                    .map(|x| x.to_f64().unwrap_or(0.0).abs())
                    .fold(0.0, f64::max);
                z[..d]
                    .iter()
                    .map(|x| x.to_f64().unwrap_or(0.0) / size)
                    .collect()
            })
            .collect();
        let complement = complement(&parts, d);
        let dim = complement.len() + usize::from(undecayed);
        let mut coordinates = vec![0.0; dim * r];
        let mut back = vec![0.0; r * dim];
        let mut row_map = vec![0.0; dim * r];
        for (i, e) in complement.iter().enumerate() {
            for j in 0..d {
                coordinates[i * r + j] = e[j];
                row_map[i * r + j] = e[j];
                back[j * dim + i] = e[j];
            }
        }
        if undecayed {
            // u = (U y + Z a, b) is (U y, b − Σ a z_last) modulo the kernel; a by least squares against the kernel's decayed parts.
            let last = dim - 1;
            coordinates[last * r + r - 1] = last_scale;
            row_map[last * r + r - 1] = 1.0 / last_scale;
            back[(r - 1) * dim + last] = 1.0 / last_scale;
            if !parts.is_empty() {
                let z = nalgebra::DMatrix::from_fn(d, parts.len(), |i, j| parts[j][i]);
                if let Ok(inverse) = z.pseudo_inverse(1e-12) {
                    for (l, line) in lines.iter().enumerate() {
                        let size = line
                            .iter()
                            .map(|x| x.to_f64().unwrap_or(0.0).abs())
                            .fold(0.0, f64::max);
                        let z_last = line[r - 1].to_f64().unwrap_or(0.0) / size;
                        for j in 0..d {
                            coordinates[last * r + j] -= last_scale * z_last * inverse[(l, j)];
                        }
                    }
                }
            }
        }
        Space {
            rows: model.rows.mapped(&row_map, dim),
            coordinates,
            back,
            lines,
            kernel,
            basis,
            last_scale,
            r,
        }
    }

    /// Dimension of the search space: the rank, or `r` where the kernel is not left out.
    pub fn dim(&self) -> usize {
        self.rows.dim
    }

    /// A model direction with these coordinates.
    pub fn to_model(&self, u: &[f64]) -> Vec<f64> {
        self.back
            .chunks_exact(self.dim().max(1))
            .map(|row| product(row, u))
            .collect()
    }

    /// The coordinates of a model direction, modulo the kernel.
    pub fn from_model(&self, u: &[f64]) -> Vec<f64> {
        self.coordinates
            .chunks_exact(self.r)
            .map(|row| product(row, u))
            .collect()
    }

    /// The fan's basis in search coordinates.
    pub fn basis_coordinates(&self) -> Vec<Vec<f64>> {
        self.basis
            .iter()
            .map(|b| {
                self.from_model(
                    &b.iter()
                        .map(|x| rat_to_f64(&Rat::from(x.clone())))
                        .collect::<Vec<_>>(),
                )
            })
            .map(|mut b| {
                // The pole of an undecayed bias is a pole exactly.
                let largest = b.iter().fold(0.0f64, |a, x| a.max(x.abs()));
                b.iter_mut().for_each(|x| {
                    if x.abs() < 1e-14 * largest {
                        *x = 0.0;
                    }
                });
                b
            })
            .collect()
    }
}

fn product(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

/// Orthonormal basis of the complement of the span of some vectors in `R^d`; the standard basis if there are none.
fn complement(vectors: &[Vec<f64>], d: usize) -> Vec<Vec<f64>> {
    let mut span: Vec<Vec<f64>> = Vec::new();
    let mut reduce = |mut x: Vec<f64>, least: f64| -> Option<Vec<f64>> {
        let before = product(&x, &x).sqrt();
        for _ in 0..2 {
            for s in &span {
                let c = product(s, &x);
                x.iter_mut().zip(s).for_each(|(x, s)| *x -= c * s);
            }
        }
        let size = product(&x, &x).sqrt();
        if !(size > least * before) {
            return None;
        }
        x.iter_mut().for_each(|x| *x /= size);
        span.push(x.clone());
        Some(x)
    };
    let mut taken = 0;
    for v in vectors {
        if reduce(v.clone(), 1e-11).is_some() {
            taken += 1;
        }
    }
    let mut basis = Vec::new();
    // Unit vectors far from the span first, so that nothing small is divided by.
    for least in [0.5, 1e-3, 1e-8] {
        for j in 0..d {
            if basis.len() + taken == d {
                break;
            }
            let unit: Vec<f64> = (0..d).map(|i| if i == j { 1.0 } else { 0.0 }).collect();
            if let Some(x) = reduce(unit, least) {
                basis.push(x);
            }
        }
    }
    basis
}
