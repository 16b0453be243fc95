//! Flats and rays of an arrangement.

use std::ops::ControlFlow;

use num_bigint::BigInt;

use super::exact::{Int, Signs};
use super::hyperplanes::Arrangement;

/// A flat: the common kernel of some hyperplanes, other than the whole space and the origin.
pub struct Flat<'a> {
    pub(super) arrangement: &'a Arrangement,
    pub(super) rows: &'a Signs,
    pub(super) basis: &'a [u32],
    /// Bit i + 1 is set where hyperplane i contains the flat.
    pub(super) mask: &'a [u64],
}

impl Flat<'_> {
    /// The codimension.
    pub fn rank(&self) -> usize {
        self.basis.len()
    }

    /// The first hyperplanes that have this kernel, ascending.
    pub fn basis(&self) -> &[u32] {
        self.basis
    }

    /// Whether hyperplane `i` contains the flat.
    pub fn contains(&self, i: usize) -> bool {
        self.mask[(i + 1) / 64] >> ((i + 1) % 64) & 1 == 1
    }

    /// For a flat of dimension 1: a primitive integer vector on it, in the coordinates of the data; its negative is the other ray. `None` for
    /// larger flats.
    pub fn ray(&self) -> Option<Vec<BigInt>> {
        let generic = self.arrangement.hyperplanes() as u32;
        let ray = (self.rank() + 1 == self.arrangement.rank())
            .then(|| self.rows.ray(self.basis.iter().copied(), generic))??;
        Some(self.arrangement.lift(ray))
    }

    /// For a flat of dimension 1, the signs of the data rows on [`ray`](Self::ray).
    pub fn row_signs(&self) -> Option<Vec<i8>> {
        let generic = self.arrangement.hyperplanes() as u32;
        let ray = (self.rank() + 1 == self.arrangement.rank())
            .then(|| self.rows.ray(self.basis.iter().copied(), generic))??;
        let signs = (0..self.arrangement.rows()).map(|row| {
            self.arrangement
                .hyperplane_of(row)
                .map_or(0, |(class, up)| {
                    let sign = BigInt::dot(&ray, &self.arrangement.normals[class]).sgn();
                    if up { sign } else { -sign }
                })
        });
        Some(signs.collect())
    }
}

/// Receives flats.
pub(super) trait FlatVisitor {
    fn flat(&mut self, flat: &Flat<'_>) -> ControlFlow<()>;
}

impl<F: FnMut(&Flat<'_>) -> ControlFlow<()>> FlatVisitor for F {
    fn flat(&mut self, flat: &Flat<'_>) -> ControlFlow<()> {
        self(flat)
    }
}
