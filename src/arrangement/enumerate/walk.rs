//! One thread's walk over the first bases of all flats.

use std::mem;
use std::sync::Mutex;
use std::sync::atomic::Ordering;

use super::super::cell::{Site, Vertex};
use super::super::flats::Flat;
use super::super::tableau::{Tableau, trim};
use super::Receiver;
use super::nested::{Nested, set};
use super::setup::{Setup, Task, Tasks};

/// One thread's walk.
pub(super) struct Walk<'s, 'a, V> {
    pub(super) setup: &'s Setup<'a>,
    pub(super) visitor: V,
    pub(super) counts: Vec<u64>,
    /// The functional of the flag that the present task is about.
    pub(super) level: usize,
    pub(super) nested: Vec<Nested>,
    pub(super) site: Site,
    /// Signs by hyperplane, for each nested arrangement those that its vertex decides and all before.
    pub(super) signs: Vec<Vec<u64>>,
    pub(super) negative: Vec<u64>,
    /// The sum of the counts that was reported last.
    pub(super) reported: u64,
    pub(super) stopped: bool,
}

impl<'s, 'a, V: Receiver> Walk<'s, 'a, V> {
    pub(super) fn new(setup: &'s Setup<'a>, visitor: V) -> Self {
        let (n, r) = (setup.arrangement.hyperplanes(), setup.arrangement.rank());
        let words = n.div_ceil(64);
        Walk {
            setup,
            visitor,
            counts: vec![0; r],
            level: usize::MAX,
            nested: (0..=r).map(|_| Nested::default()).collect(),
            site: Site {
                sections: Vec::new(),
                vertices: (0..=r).map(|_| Vertex::default()).collect(),
                depth: 0,
            },
            signs: vec![vec![0; words]; r + 2],
            negative: vec![0; words],
            reported: 0,
            stopped: false,
        }
    }

    pub(super) fn work(&mut self, tasks: &Mutex<Tasks>) {
        // The lock is held only while a task is taken.
        let next = || tasks.lock().ok()?.take();
        while let Some(task) = next() {
            if self.stopped || self.setup.stopped() {
                break;
            }
            self.task(task);
            self.report();
        }
    }

    /// Adds to the cells of all threads, and stops where they are too many.
    pub(super) fn report(&mut self) {
        if let Some(most) = self.setup.most {
            let own: u64 = self.counts.iter().sum();
            let new = own - mem::replace(&mut self.reported, own);
            let all = new + self.setup.met.fetch_add(new, Ordering::Relaxed);
            if all > most / 2 {
                self.setup.broken.store(true, Ordering::Relaxed);
            }
        }
    }

    /// A functional of the flag vanishes where it should not.
    pub(super) fn fail(&self) {
        self.setup.unlucky.store(true, Ordering::Relaxed);
        self.setup.broken.store(true, Ordering::Relaxed);
    }

    pub(super) fn task(&mut self, task: Task) {
        if self.setup.arrangement.rank() == 0 {
            return self.deliver(0, &[false]);
        }
        if self.level != task.level {
            self.begin(task.level);
        }
        let mut nested = mem::take(&mut self.nested[0]);
        if nested.rank == 1 {
            self.last_level(&nested);
        } else {
            let prefix: Vec<usize> = task.prefix.iter().map(|&p| p as usize).collect();
            self.follow(&mut nested, &prefix[..task.length]);
        }
        self.nested[0] = nested;
    }

    /// The rows on the common kernel of the first functionals of the flag.
    pub(super) fn begin(&mut self, level: usize) {
        let setup = self.setup;
        let (n, r) = (setup.arrangement.hyperplanes(), setup.arrangement.rank());
        self.level = level;
        self.site.sections.clear();
        self.site.sections.extend((n..n + level).map(|i| i as u32));
        let nested = &mut self.nested[0];
        nested.rank = r - level;
        nested.ids = (0..n as u32).collect();
        nested.functional = (n + level) as u32;
        nested.sections = level;
        nested.flag = level;
        nested.fits = setup.fits[level];
        nested.rows_fit = setup.rows_fit;
        nested.prepare();
        let order = (0..n).chain([n + level]).chain(n..n + level);
        let order: Vec<&[f64]> = order.map(|i| setup.floats[i].as_slice()).collect();
        let mut frame = Tableau::new(order.into_iter(), r);
        for k in 0..level {
            let mut next = Tableau::default();
            frame.eliminate(n + 1 + k, &mut next);
            frame = next;
        }
        nested.frames[0] = frame;
    }

    /// All flats of the rows.
    pub(super) fn flats(&mut self) {
        let setup = self.setup;
        let (n, r) = (setup.arrangement.hyperplanes(), setup.arrangement.rank());
        let mut nested = Nested {
            rank: r,
            ids: [n].into_iter().chain(0..n).map(|i| i as u32).collect(),
            functional: (n + 1) as u32,
            fits: setup.rows_fit,
            rows_fit: setup.rows_fit,
            ..Nested::default()
        };
        nested.prepare();
        let order: Vec<&[f64]> = nested
            .ids
            .iter()
            .chain([&nested.functional])
            .map(|&i| setup.floats[i as usize].as_slice())
            .collect();
        nested.frames[0] = Tableau::new(order.into_iter(), r);
        self.level = 0;
        self.explore(&mut nested, 0);
    }

    pub(super) fn deliver_flat(&mut self, nested: &Nested, last: Option<usize>, mask: &[u64]) {
        let basis: Vec<u32> = nested
            .chosen
            .iter()
            .chain(&last)
            .map(|&p| nested.ids[p])
            .collect();
        let flat = Flat {
            arrangement: self.setup.arrangement,
            rows: &self.setup.rows,
            basis: &basis,
            mask,
        };
        if self.visitor.flat(&flat).is_break() {
            self.setup.broken.store(true, Ordering::Relaxed);
            self.stopped = true;
        }
    }

    /// Rank 1: a line, with two cells.
    pub(super) fn last_level(&mut self, nested: &Nested) {
        let n = nested.n();
        for i in 0..n {
            let sections = self.site.sections.iter().copied();
            let [sign] = self
                .setup
                .rows
                .determinants(sections, [i as u32], nested.fits);
            if sign == 0 {
                return self.fail();
            }
            set(&mut self.signs[0], i, sign > 0);
        }
        self.counts[self.level] += 1;
        let first = self.signs[0][0] & 1;
        let vertex = &mut self.site.vertices[0];
        vertex.sections = nested.sections;
        vertex.first = 0;
        vertex.basis.clear();
        vertex.side = 1;
        self.site.depth = 1;
        if first == 0 {
            self.signs[0].iter_mut().for_each(|word| *word = !*word);
        }
        trim(&mut self.signs[0], n);
        self.deliver(0, &[false, true]);
    }

    /// The bases that begin with a prefix.
    pub(super) fn follow(&mut self, nested: &mut Nested, prefix: &[usize]) {
        if prefix.iter().any(|&p| p >= nested.n()) {
            return;
        }
        // The first row may still be there from the last task.
        let kept = usize::from(
            prefix.len() == 2 && !nested.chosen.is_empty() && nested.chosen[0] == prefix[0],
        );
        nested.chosen.truncate(kept);
        let usable = prefix[kept..]
            .iter()
            .all(|&p| !nested.on_flat(p) && self.choose(nested, p));
        if usable {
            self.explore(nested, 0);
        }
        nested.chosen.truncate(1);
    }

    /// Adds a row to the basis; false if the basis is not the first one of its flat, or the flat contains h.
    pub(super) fn choose(&mut self, nested: &mut Nested, position: usize) -> bool {
        let depth = nested.chosen.len();
        let (before, after) = nested.frames.split_at_mut(depth + 1);
        before[depth].eliminate(position, &mut after[0]);
        nested.chosen.push(position);
        nested.kernels[depth + 1] = None;
        let mut flat = mem::take(&mut nested.flats[depth + 1]);
        nested.frames[depth + 1].perhaps_zero(&mut flat);
        trim(&mut flat, nested.n());
        set(&mut flat, position, true);
        let mut first = true;
        'words: for w in 0..flat.len() {
            let known = nested.flats[depth][w];
            let mut doubtful = flat[w] & !known;
            flat[w] |= known;
            while doubtful != 0 {
                let bit = doubtful.trailing_zeros() as usize;
                doubtful &= doubtful - 1;
                let other = 64 * w + bit;
                if other == position {
                    continue;
                }
                if !self.vanishes(nested, other) {
                    flat[w] &= !(1 << bit);
                } else if other < position {
                    first = false;
                    break 'words;
                }
            }
        }
        nested.flats[depth + 1] = flat;
        if !first {
            nested.chosen.pop();
        }
        first
    }

    /// All bases that begin with the chosen rows. `index` is the nesting depth.
    pub(super) fn explore(&mut self, nested: &mut Nested, index: usize) {
        if nested.chosen.len() + 2 == nested.rank {
            return self.line(nested, index);
        }
        let first = nested.chosen.last().map_or(1, |last| last + 1);
        for position in first..nested.n() {
            if nested.on_flat(position) {
                continue;
            }
            if self.choose(nested, position) {
                if V::FLATS {
                    let flat = mem::take(&mut nested.flats[nested.chosen.len()]);
                    self.deliver_flat(nested, None, &flat);
                    nested.flats[nested.chosen.len()] = flat;
                }
                self.explore(nested, index);
                nested.chosen.pop();
            }
            if self.stopped {
                return;
            }
        }
    }
}
