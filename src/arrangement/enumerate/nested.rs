//! The rows that a walk is among, restricted to the sections of the flag and to the rows above.

use super::super::exact::Kernel;
use super::super::line;
use super::super::tableau::{Bounded, Tableau};

/// One of the nested arrangements: rows restricted to the common kernel of the sections.
#[derive(Default)]
pub(super) struct Nested {
    /// Rank of the rows on the kernel.
    pub(super) rank: usize,
    /// The rows; position 0 is h.
    pub(super) ids: Vec<u32>,
    /// The functional w.
    pub(super) functional: u32,
    /// Number of sections.
    pub(super) sections: usize,
    /// Rows (and w, last but for rows already eliminated) on the flat of the first k chosen rows, k = 0, ….
    pub(super) frames: Vec<Tableau>,
    /// Rows that vanish on these flats, as positions.
    pub(super) flats: Vec<Vec<u64>>,
    /// Positions of the chosen rows.
    pub(super) chosen: Vec<usize>,
    /// The exact kernel of the sections that are rows, and of the first k chosen rows, as far as they were needed. On a level of the flag
    /// other than the first these are the flats before the flag cuts them.
    pub(super) kernels: Vec<Option<Kernel>>,
    /// Functionals of the flag among the sections.
    pub(super) flag: usize,
    /// `coefficients[l]`: of w, h and the chosen rows after l on chosen row l; see `orient`.
    pub(super) coefficients: Vec<Vec<Bounded>>,
    pub(super) line: line::Scratch,
    /// Whether 128 bits suffice for signs with the functionals of the flag, and for those of rows.
    pub(super) fits: bool,
    pub(super) rows_fit: bool,
}

impl Nested {
    pub(super) fn n(&self) -> usize {
        self.ids.len()
    }

    pub(super) fn prepare(&mut self) {
        let depths = self.rank.saturating_sub(1);
        let words = self.n().div_ceil(64);
        self.frames.resize_with(depths.max(1), Tableau::default);
        self.flats.resize_with(depths.max(1), Vec::new);
        for flat in &mut self.flats {
            flat.clear();
            flat.resize(words, 0);
        }
        self.chosen.clear();
        self.kernels.clear();
        self.kernels.resize(depths.max(1), None);
    }

    pub(super) fn on_flat(&self, position: usize) -> bool {
        has(&self.flats[self.chosen.len()], position)
    }
}

pub(super) fn has(mask: &[u64], bit: usize) -> bool {
    mask[bit / 64] >> (bit % 64) & 1 == 1
}

pub(super) fn set(mask: &mut [u64], bit: usize, value: bool) {
    let one = 1u64 << (bit % 64);
    if value {
        mask[bit / 64] |= one;
    } else {
        mask[bit / 64] &= !one;
    }
}

/// The positions of the bits.
pub(super) fn bits(mask: &[u64]) -> impl Iterator<Item = usize> + '_ {
    mask.iter().enumerate().flat_map(|(w, &word)| {
        let mut left = word;
        std::iter::from_fn(move || {
            (left != 0).then(|| {
                let bit = left.trailing_zeros() as usize;
                left &= left - 1;
                64 * w + bit
            })
        })
    })
}

pub(super) fn prepare_coefficients(nested: &mut Nested) {
    let (n, steps) = (nested.n(), nested.chosen.len());
    for l in 0..steps {
        let frame = &nested.frames[l];
        let (p, pivot) = frame.pivot;
        let rows = [n, 0]
            .into_iter()
            .chain(nested.chosen[l + 1..].iter().copied());
        let coefficients = rows
            .map(|row| Bounded::coefficient(frame.at(row, p), frame.error, pivot))
            .collect();
        nested.coefficients.push(coefficients);
    }
}
