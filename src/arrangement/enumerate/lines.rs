//! The vertices on a line, and the signs of all rows there.

use std::mem;

use super::super::line;
use super::Receiver;
use super::nested::{Nested, has, set};
use super::walk::Walk;

impl<V: Receiver> Walk<'_, '_, V> {
    /// The vertices on a line.
    pub(super) fn line(&mut self, nested: &mut Nested, index: usize) {
        self.report();
        if self.setup.stopped() {
            self.stopped = true;
            return;
        }
        nested.coefficients.clear();
        let first = nested.chosen.last().map_or(1, |last| last + 1);
        let mut scratch = mem::take(&mut nested.line);
        let candidates = nested.n() - first;
        if line::sorting_pays(nested.n(), candidates) {
            self.sorted(nested, index, first, &mut scratch);
        } else {
            self.one_by_one(nested, index, first, &mut scratch);
        }
        nested.line = scratch;
    }

    /// Each candidate row against all rows.
    pub(super) fn one_by_one(
        &mut self,
        nested: &mut Nested,
        index: usize,
        first: usize,
        scratch: &mut line::Scratch,
    ) {
        let n = nested.n();
        let depth = nested.chosen.len();
        'candidates: for i in first..n {
            if has(&nested.flats[depth], i) {
                continue;
            }
            scratch.signs_at(&nested.frames[depth], n, i);
            let orientation = nested.frames[depth].orientation;
            scratch.flat.clone_from(&nested.flats[depth]);
            set(&mut scratch.flat, i, true);
            for w in 0..scratch.doubtful.len() {
                let mut doubtful = scratch.doubtful[w] & !scratch.flat[w];
                while doubtful != 0 {
                    let bit = doubtful.trailing_zeros() as usize;
                    doubtful &= doubtful - 1;
                    let j = 64 * w + bit;
                    match self.exact_pair(nested, i, j) * orientation {
                        0 if j < i => continue 'candidates,
                        0 => scratch.flat[w] |= 1 << bit,
                        sign => set(&mut scratch.positive, j, sign > 0),
                    }
                }
            }
            // Signs so far are relative to the orientation of the line.
            let up = if scratch.positive[0] & 1 == 1 { 1 } else { -1 };
            self.vertex(
                nested,
                index,
                i,
                up * orientation,
                up < 0,
                &scratch.positive,
                &scratch.flat,
            );
            if self.stopped {
                return;
            }
        }
    }

    /// All rows sorted along the line, so that each vertex differs from the last by the rows through both.
    pub(super) fn sorted(
        &mut self,
        nested: &mut Nested,
        index: usize,
        first: usize,
        scratch: &mut line::Scratch,
    ) {
        let n = nested.n();
        let depth = nested.chosen.len();
        let flat = mem::take(&mut nested.flats[depth]);
        let mut order = mem::take(&mut scratch.order);
        order.clear();
        scratch.positive.clear();
        scratch.positive.resize(n.div_ceil(64), 0);
        // Rows turned so that h increases to their left; those parallel to h keep one sign.
        scratch.turned.clear();
        scratch.turned.resize(n, 0);
        for i in 1..n {
            if !has(&flat, i) {
                scratch.turned[i] = self.pair(nested, i, 0);
                if scratch.turned[i] != 0 {
                    order.push(i as u32);
                }
            }
        }
        if let Some(&any) = order.first() {
            for j in 0..n {
                if scratch.turned[j] == 0 && !has(&flat, j) {
                    let sign = self.pair(nested, any as usize, j) * scratch.turned[any as usize];
                    set(&mut scratch.positive, j, sign > 0);
                }
            }
        }
        let turned = mem::take(&mut scratch.turned);
        let ordering = |walk: &Self, nested: &mut Nested, i: u32, j: u32| {
            let (i, j) = (i as usize, j as usize);
            let sign = walk.pair(nested, i, j) * turned[i] * turned[j];
            0.cmp(&sign)
        };
        scratch.keys(&nested.frames[depth], &mut order);
        // The keys only suggest an order: neighbours in the right order prove it.
        let proven = order
            .windows(2)
            .all(|pair| ordering(self, nested, pair[0], pair[1]).is_le());
        if !proven {
            order.sort_by(|&i, &j| ordering(self, nested, i, j));
        }
        for &i in &order {
            set(&mut scratch.positive, i as usize, turned[i as usize] > 0);
        }
        let mut start = 0;
        while start < order.len() {
            let mut end = start + 1;
            while end < order.len() && ordering(self, nested, order[start], order[end]).is_eq() {
                end += 1;
            }
            let group = &order[start..end];
            let least = group.iter().copied().min().unwrap_or(0) as usize;
            if least >= first {
                scratch.flat.clone_from(&flat);
                for &i in group {
                    set(&mut scratch.flat, i as usize, true);
                }
                let up = turned[least];
                self.vertex(
                    nested,
                    index,
                    least,
                    up,
                    false,
                    &scratch.positive,
                    &scratch.flat,
                );
                if self.stopped {
                    break;
                }
            }
            for &i in group {
                set(&mut scratch.positive, i as usize, turned[i as usize] < 0);
            }
            start = end;
        }
        scratch.turned = turned;
        scratch.order = order;
        nested.flats[depth] = flat;
    }
}
