//! The cells that are lowest at a vertex.

use std::mem;
use std::sync::atomic::Ordering;

use super::super::cell::Cell;
use super::super::line;
use super::super::tableau::{Bounded, Tableau, trim};
use super::Receiver;
use super::nested::{Nested, bits, has, prepare_coefficients, set};
use super::walk::Walk;

/// Ranks up to this have the signs at a simple vertex computed in floats first.
const MAX_RANK: usize = 24;

impl<V: Receiver> Walk<'_, '_, V> {
    /// The cells that are lowest at a vertex: row i and the chosen rows are a basis of its flat, `up` is the sign of
    /// `det(sections, chosen rows, i, h)`. Rows off the flat have the signs `positive` at the vertex, `flipped` if all are to be changed.
    #[allow(clippy::too_many_arguments)]
    pub(super) fn vertex(
        &mut self,
        nested: &mut Nested,
        index: usize,
        i: usize,
        up: i8,
        flipped: bool,
        positive: &[u64],
        flat: &[u64],
    ) {
        if V::FLATS {
            return self.deliver_flat(nested, Some(i), flat);
        }
        let rows: u32 = flat.iter().map(|word| word.count_ones()).sum();
        let simple = rows as usize + 1 == nested.rank;
        let side = self.pair(nested, i, nested.n()) * up;
        if side == 0 {
            return self.fail();
        }
        if simple && !V::SIGNS {
            self.counts[self.level] += 1;
            return;
        }
        if V::SIGNS {
            let vertex = &mut self.site.vertices[index];
            vertex.sections = nested.sections;
            vertex.first = nested.ids[0];
            vertex.side = side;
            vertex.basis.clear();
            vertex
                .basis
                .extend(nested.chosen.iter().chain([&i]).map(|&p| nested.ids[p]));
            self.write_signs(nested, index, flipped != (side < 0), positive, flat);
        }
        if simple {
            if !self.orient(nested, index, i, up) {
                return self.fail();
            }
            self.counts[self.level] += 1;
            self.site.depth = index + 1;
            self.deliver(index, &[false, true]);
        } else {
            self.descend(nested, index, flat);
        }
    }

    /// The signs of the rows that the vertex decides.
    pub(super) fn write_signs(
        &mut self,
        nested: &Nested,
        index: usize,
        flipped: bool,
        positive: &[u64],
        flat: &[u64],
    ) {
        if index == 0 {
            let flip = if flipped { !0 } else { 0 };
            for ((out, &word), &flat) in self.signs[0].iter_mut().zip(positive).zip(flat) {
                *out = (word ^ flip) & !flat;
            }
            trim(&mut self.signs[0], nested.n());
        } else {
            let (before, after) = self.signs.split_at_mut(index);
            after[0].clone_from(&before[index - 1]);
            for (p, &id) in nested.ids.iter().enumerate() {
                if !has(flat, p) && has(positive, p) != flipped {
                    set(&mut after[0], id as usize, true);
                }
            }
        }
    }

    /// The signs of the r−1 rows through a simple vertex on the one cell that is lowest there: those of the coefficients λ in
    /// `w = Σ λ_k·row_k` on the kernel of h. False if w vanishes on an edge.
    ///
    /// With R_l the reduced chosen rows, every row is `Σ_l c_l·R_l` + its pair on the line, c_l its entry in the l-th pivot column over
    /// the pivot. Times `D = cross(i,h)` the pairs give `λ_i = X = cross(w,h)` and the multiple `Y = cross(i,w)` of h; what remains is triangular.
    pub(super) fn orient(&mut self, nested: &mut Nested, index: usize, i: usize, up: i8) -> bool {
        let n = nested.n();
        let last = self.pair(nested, n, 0) * up;
        if last == 0 {
            return false;
        }
        set(&mut self.signs[index], nested.ids[i] as usize, last > 0);
        let steps = nested.chosen.len();
        if steps == 0 {
            return true;
        }
        if nested.coefficients.is_empty() {
            prepare_coefficients(nested);
        }
        let line = &nested.frames[steps];
        let x = line::cross(line, n, 0);
        let y = line::cross(line, i, n);
        let d = line::cross(line, i, 0);
        // Where D is too small for floats, so is its sign times theirs.
        let d_sign = up * line.orientation;
        let mut lambda = [Bounded::ZERO; MAX_RANK];
        let floats = steps <= MAX_RANK;
        for l in (0..steps).rev() {
            let position = nested.chosen[l];
            let mut sign = None;
            if floats {
                let c = &nested.coefficients[l];
                let frame = &nested.frames[l];
                let own =
                    Bounded::coefficient(frame.at(i, frame.pivot.0), frame.error, frame.pivot.1);
                let mut rest = Bounded::ZERO
                    .minus_product(
                        Bounded {
                            value: -d.value,
                            error: d.error,
                        },
                        c[0],
                    )
                    .minus_product(y, c[1])
                    .minus_product(x, own);
                for k in l + 1..steps {
                    rest = rest.minus_product(lambda[k], c[2 + k - (l + 1)]);
                }
                lambda[l] = rest;
                sign = rest.sign();
            }
            let sign = match sign {
                Some(sign) => sign * d_sign,
                None => self.exact_edge(nested, i, l),
            };
            if sign == 0 {
                return false;
            }
            set(
                &mut self.signs[index],
                nested.ids[position] as usize,
                sign > 0,
            );
        }
        true
    }

    /// The sign of λ of the l-th chosen row, exactly: w on the edge that leaves its hyperplane, over the row itself there.
    pub(super) fn exact_edge(&self, nested: &Nested, i: usize, l: usize) -> i8 {
        let others = nested
            .chosen
            .iter()
            .enumerate()
            .filter(|(k, _)| *k != l)
            .map(|(_, p)| *p);
        let edge = self.site.sections[..nested.sections]
            .iter()
            .copied()
            .chain([nested.ids[0]])
            .chain(others.chain([i]).map(|p| nested.ids[p]));
        let last = [nested.ids[nested.chosen[l]], nested.functional];
        let [row, w] = self.setup.rows.determinants(edge, last, nested.fits);
        row * w
    }

    /// The rows through a vertex, as an arrangement on the kernel of h.
    pub(super) fn descend(&mut self, nested: &mut Nested, index: usize, flat: &[u64]) {
        let n = nested.n();
        if nested.rank == 2 {
            // Distinct rows are parallel on the flag.
            return self.fail();
        }
        let mut inner = mem::take(&mut self.nested[index + 1]);
        inner.rank = nested.rank - 1;
        inner.functional = nested.functional;
        inner.sections = nested.sections + 1;
        inner.flag = nested.flag;
        inner.fits = nested.fits;
        inner.rows_fit = nested.rows_fit;
        inner.ids.clear();
        let mut positions: Vec<usize> = bits(flat).collect();
        inner.ids.extend(positions.iter().map(|&p| nested.ids[p]));
        inner.prepare();
        positions.extend([n, 0]);
        let mut gathered = Tableau::default();
        nested.frames[0].gather(&positions, &mut gathered);
        gathered.eliminate(positions.len() - 1, &mut inner.frames[0]);
        self.site.sections.push(nested.ids[0]);
        self.explore(&mut inner, index + 1);
        self.site.sections.pop();
        self.nested[index + 1] = inner;
    }

    /// Gives the cell, its negative or both to the visitor.
    pub(super) fn deliver(&mut self, index: usize, sides: &[bool]) {
        let (arrangement, rows) = (self.setup.arrangement, &self.setup.rows);
        let words = &self.signs[index];
        for (negative, word) in self.negative.iter_mut().zip(words) {
            *negative = !word;
        }
        trim(&mut self.negative, arrangement.hyperplanes());
        for &negated in sides {
            let words = if negated { &self.negative } else { words };
            let cell = Cell {
                arrangement,
                rows,
                site: &self.site,
                words,
                negated,
            };
            if self.visitor.cell(&cell).is_break() {
                self.setup.broken.store(true, Ordering::Relaxed);
                self.stopped = true;
                return;
            }
        }
    }
}
