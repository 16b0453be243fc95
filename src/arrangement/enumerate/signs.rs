//! Signs of determinants during a walk: floats first, then kernels of integer rows.

use super::super::line;
use super::Receiver;
use super::nested::Nested;
use super::walk::Walk;

impl<V: Receiver> Walk<'_, '_, V> {
    /// The sign of `det(sections, chosen rows, i, j)`; i and j are positions, the functional has position n.
    pub(super) fn pair(&self, nested: &mut Nested, i: usize, j: usize) -> i8 {
        let frame = &nested.frames[nested.chosen.len()];
        match line::cross(frame, i, j).sign() {
            Some(sign) => sign * frame.orientation,
            None => self.exact_pair(nested, i, j),
        }
    }

    /// Where nothing but rows is involved the kernels of the rows answer. On the other levels of the flag they tell which signs are 0,
    /// and the determinants with the functionals tell the others.
    pub(super) fn exact_pair(&self, nested: &mut Nested, i: usize, j: usize) -> i8 {
        let rows = &self.setup.rows;
        let w = i.max(j) == nested.n();
        let id = |p: usize| nested.ids.get(p).copied().unwrap_or(nested.functional);
        let (i, j) = (id(i), id(j));
        if nested.flag == 0 || !w {
            self.need_kernel(nested);
            let Some(kernel) = &nested.kernels[nested.chosen.len()] else {
                unreachable!("the kernel was just made");
            };
            if nested.flag == 0 {
                return rows.pair(kernel, i, j);
            }
            if rows.parallel(kernel, i, j) {
                return 0;
            }
        }
        let sign = rows
            .kernel(self.flat_rows(nested), nested.fits)
            .map_or(0, |kernel| rows.pair(&kernel, i, j));
        if sign == 0 {
            self.fail();
        }
        sign
    }

    /// The sections and the chosen rows.
    pub(super) fn flat_rows(&self, nested: &Nested) -> impl Iterator<Item = u32> {
        let sections = &self.site.sections[..nested.sections];
        sections
            .iter()
            .copied()
            .chain(nested.chosen.iter().map(|&p| nested.ids[p]))
    }

    /// Whether a row vanishes on the flat of the chosen rows, exactly.
    pub(super) fn vanishes(&self, nested: &mut Nested, position: usize) -> bool {
        let rows = &self.setup.rows;
        let id = nested.ids[position];
        self.need_kernel(nested);
        let Some(kernel) = &nested.kernels[nested.chosen.len()] else {
            unreachable!("the kernel was just made");
        };
        if rows.vanishes(kernel, id) {
            return true;
        }
        // A generic flag keeps independent rows independent.
        if nested.flag > 0
            && rows
                .kernel(self.flat_rows(nested).chain([id]), nested.fits)
                .is_none()
        {
            self.fail();
        }
        false
    }

    /// Makes the kernel of the rows of the present flat.
    pub(super) fn need_kernel(&self, nested: &mut Nested) {
        let rows = &self.setup.rows;
        let depth = nested.chosen.len();
        let known = (0..=depth).rev().find(|&k| nested.kernels[k].is_some());
        let start = match known {
            Some(k) => k,
            None => {
                let sections = self.site.sections[nested.flag..nested.sections]
                    .iter()
                    .copied();
                nested.kernels[0] = rows.kernel(sections, nested.rows_fit);
                0
            }
        };
        for k in start..depth {
            let next = nested.kernels[k]
                .as_ref()
                .and_then(|kernel| rows.with(kernel, nested.ids[nested.chosen[k]]));
            nested.kernels[k + 1] = next;
        }
        assert!(
            nested.kernels[depth].is_some(),
            "every chosen row was proven to be independent of those before"
        );
    }
}
