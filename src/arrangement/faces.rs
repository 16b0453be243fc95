//! What surrounds a cell: its facets and neighbours, and the arrangement inside a hyperplane.

use num_bigint::BigInt;
use num_traits::Signed;

use super::cone;
use super::exact::{Int, Signs};
use super::hyperplanes::{Arrangement, ArrangementError};

impl Arrangement {
    /// The normals, turned to the positive side of a sign vector.
    fn turned(&self, words: &[u64]) -> Vec<Vec<BigInt>> {
        self.normals
            .iter()
            .enumerate()
            .map(|(i, normal)| {
                let positive = words[i / 64] >> (i % 64) & 1 == 1;
                normal
                    .iter()
                    .map(|x| if positive { x.clone() } else { -x })
                    .collect()
            })
            .collect()
    }

    /// Whether a sign vector, one bit a hyperplane as in [`Cell::words`](super::Cell::words), is that of a cell. Exact, by one linear program.
    ///
    /// # Panics
    ///
    /// If there are fewer bits than hyperplanes.
    pub fn is_cell(&self, words: &[u64]) -> bool {
        cone::acyclic(&self.turned(words))
    }

    /// The hyperplanes that hold a facet of the cell with this sign vector; flipping the bit of one gives the sign vector of a neighbour, the
    /// cell on the other side. Exact, by one linear program for each hyperplane.
    ///
    /// # Panics
    ///
    /// If there are fewer bits than hyperplanes.
    pub fn facets(&self, words: &[u64]) -> Vec<usize> {
        let turned = self.turned(words);
        // Farkas: an inequality is redundant if it is a nonnegative combination of the others.
        (0..turned.len())
            .filter(|&i| {
                let mut others = turned.clone();
                let own = others.swap_remove(i);
                !cone::contains(&others, &own)
            })
            .collect()
    }

    /// The sign vectors of the neighbours of a cell, in the order of [`facets`](Self::facets).
    ///
    /// # Panics
    ///
    /// If there are fewer bits than hyperplanes.
    pub fn neighbours(&self, words: &[u64]) -> Vec<Vec<u64>> {
        self.facets(words)
            .into_iter()
            .map(|i| {
                let mut neighbour = words.to_vec();
                neighbour[i / 64] ^= 1 << (i % 64);
                neighbour
            })
            .collect()
    }

    /// The arrangement of all data rows on hyperplane `i`: the rows that do not vanish there, in coordinates of the hyperplane. Row j of the
    /// restriction is data row j.
    ///
    /// # Errors
    ///
    /// None for a hyperplane of this arrangement.
    ///
    /// # Panics
    ///
    /// If there is no hyperplane `i`.
    pub fn restriction(&self, i: usize) -> Result<Arrangement, ArrangementError> {
        self.contraction(&[i as u32])
    }

    /// The data rows on the common kernel of independent hyperplanes.
    pub(super) fn contraction(&self, basis: &[u32]) -> Result<Arrangement, ArrangementError> {
        let signs = Signs::new(self.normals.clone(), self.rank());
        let basis = signs.kernel_vectors(basis.iter().copied());
        let rows = (0..self.rows()).map(|row| match self.hyperplane_of(row) {
            None => vec![BigInt::default(); basis.len()],
            Some((class, up)) => basis
                .iter()
                .map(|v| {
                    let product = BigInt::dot(v, &self.normals[class]);
                    if up { product } else { -product }
                })
                .collect(),
        });
        Arrangement::new(rows, basis.len())
    }

    /// The data rows of some hyperplanes, in the span's coordinates.
    pub(super) fn oriented(&self, keep: impl Fn(usize) -> bool) -> Vec<Vec<BigInt>> {
        // One row a direction is enough.
        let mut seen = vec![[false; 2]; self.hyperplanes()];
        let mut rows = Vec::new();
        for (class, mult) in self.classes.class.iter().zip(&self.classes.mult) {
            let Some(class) = class.map(|class| class as usize) else {
                continue;
            };
            let up = mult.is_positive();
            if keep(class) && !std::mem::replace(&mut seen[class][usize::from(up)], true) {
                let normal = &self.normals[class];
                rows.push(
                    normal
                        .iter()
                        .map(|x| if up { x.clone() } else { -x })
                        .collect(),
                );
            }
        }
        rows
    }
}
