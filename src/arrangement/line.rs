//! Rows on a line (a flat of dimension 2): pairs (a, b), and the signs of `a_i·b_j − b_i·a_j`.

use super::tableau::{Bounded, LANES, Tableau, trim};

/// Space for one line.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    /// Bits of the rows j with `a_i·b_j − b_i·a_j > 0`.
    pub positive: Vec<u64>,
    /// Bits of the rows whose sign floats do not prove.
    pub doubtful: Vec<u64>,
    /// Bits of the rows through a vertex.
    pub flat: Vec<u64>,
    /// The rows that meet the line in a point, in order.
    pub order: Vec<u32>,
    /// The sign of each row's pair with h.
    pub turned: Vec<i8>,
    keys: Vec<(f64, u32)>,
}

/// Sorting costs about as much as this many single vertices, for each doubling of the rows.
const SORT: usize = 8;

/// Whether sorting all rows is cheaper than comparing each of the candidates with all.
pub(super) fn sorting_pays(rows: usize, candidates: usize) -> bool {
    candidates > SORT * rows.ilog2() as usize
}

/// `a_i·b_j − b_i·a_j` with its error.
#[inline]
pub(super) fn cross(line: &Tableau, i: usize, j: usize) -> Bounded {
    let value = line.at(i, 0) * line.at(j, 1) - line.at(i, 1) * line.at(j, 0);
    Bounded {
        value,
        error: line.threshold(),
    }
}

impl Scratch {
    /// The signs of all n rows at the vertex of row i.
    pub fn signs_at(&mut self, line: &Tableau, n: usize, i: usize) {
        let (a, b) = (line.column(0), line.column(1));
        let (ai, bi) = (line.at(i, 0), line.at(i, 1));
        let threshold = line.threshold();
        self.positive.clear();
        self.doubtful.clear();
        let padded = n.next_multiple_of(LANES);
        for (a, b) in a[..padded].chunks(64).zip(b[..padded].chunks(64)) {
            let (positive, doubtful) = word(a, b, ai, bi, threshold);
            self.positive.push(positive);
            self.doubtful.push(doubtful);
        }
        trim(&mut self.positive, n);
        trim(&mut self.doubtful, n);
    }

    /// Sorts rows by where they meet the line, in floats.
    pub fn keys(&mut self, line: &Tableau, order: &mut [u32]) {
        let (ha, hb) = (line.at(0, 0), line.at(0, 1));
        self.keys.clear();
        self.keys.extend(order.iter().map(|&i| {
            let (a, b) = (line.at(i as usize, 0), line.at(i as usize, 1));
            // Where the product with h is positive, i comes before j if their product is: then this ratio increases.
            let key = (a * ha + b * hb) / (a * hb - b * ha);
            (key * f64::from(line.orientation), i)
        }));
        self.keys.sort_unstable_by(|x, y| x.0.total_cmp(&y.0));
        for (to, (_, i)) in order.iter_mut().zip(&self.keys) {
            *to = *i;
        }
    }
}

/// Up to 64 signs at once: positive values, and those that are not certainly different from 0. Eight at a time, in a form that compilers make
/// vectors of.
#[inline]
fn word(a: &[f64], b: &[f64], ai: f64, bi: f64, threshold: f64) -> (u64, u64) {
    let (mut positive, mut doubtful) = (0, 0);
    let lanes = a.chunks_exact(LANES).zip(b.chunks_exact(LANES));
    for (k, (a, b)) in lanes.enumerate() {
        let (mut up, mut near) = ([0u64; LANES], [0u64; LANES]);
        for l in 0..LANES {
            let value = ai * b[l] - bi * a[l];
            up[l] = if value > 0.0 { 1 << l } else { 0 };
            near[l] = if value.abs() <= threshold { 1 << l } else { 0 };
        }
        positive |= up.iter().fold(0, |word, bit| word | bit) << (LANES * k);
        doubtful |= near.iter().fold(0, |word, bit| word | bit) << (LANES * k);
    }
    (positive, doubtful)
}
