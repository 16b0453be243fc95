//! Every full-dimensional cell of an arrangement, each once.
//!
//! **The flag.** Let w be a functional that vanishes on no ray of the arrangement A of rank r, and W its kernel. A cell lies in {w > 0},
//! or in {w < 0}, or is cut by W. The cells that W cuts correspond to the cells of the restriction of A to W, of rank r−1. So the cells of
//! A are L(A,w), its negatives and the cells of A|W, where L(A,w) are the cells with closure in {w > 0} ∪ {0}; and so on with a second
//! functional in W, down to rank 1.
//!
//! **The lowest vertex.** Let h be the first row of A. A cell of L(A,w) in {h > 0} meets {h = 1} in a polyhedron on which w has a positive
//! minimum, at one vertex v (w is constant on no edge); one in {h < 0} meets {h = −1}. Conversely let ρ be a ray with h(ρ) = 1 and
//! s = sgn w(ρ). The cells of L(A,w) with their minimum at sρ have the signs of sρ in the rows that do not vanish on ρ. Let A_ρ be the
//! other rows; the cells near sρ are those of A_ρ, a central arrangement of rank r−1 on the kernel of h, and sρ is the minimum exactly on
//! those in L(A_ρ|ker h, w): the same problem again. Where A_ρ has just r−1 rows there is one such cell, found without recursion.
//!
//! **The walk.** A ray is a flat of rank r−1, and has one lexicographically first basis, whose prefixes are first bases of their flats. So
//! the walk over ascending bases leaves a branch as soon as a row before the last one turns out to depend on the basis (h is
//! the first of all rows, so flats with h are left in the same way), and meets each ray once. At rank r−2 the rows are pairs on a line, and
//! the signs at the vertex of row i are those of `a_i·b_j − b_i·a_j`.
//!
//! **Signs.** All signs are those of determinants of r rows or functionals. They are taken from floats where a bound on the error allows it
//! (`tableau`) and are computed exactly elsewhere (`exact`). Every ray and every edge has the sign of its functional asked, so a
//! functional that vanishes on one is noticed.

use std::mem;
use std::ops::ControlFlow;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;

use num_bigint::BigInt;

use super::cell::{Cell, Site, Vertex};
use super::exact::{Kernel, Signs};
use super::flats::{Flat, FlatVisitor};
use super::hyperplanes::{Arrangement, ArrangementError, to_floats};
use super::line;
use super::tableau::{Bounded, Tableau, trim};

/// Receives the cells of an arrangement.
pub trait Visitor {
    /// Whether the sign vectors are needed; without them only the number of cells is found, and `cell` is never called.
    const SIGNS: bool = true;

    /// One cell. `Break` ends the enumeration soon: other threads may still deliver a few.
    fn cell(&mut self, cell: &Cell<'_>) -> ControlFlow<()>;
}

/// A closure that counts as a visitor.
struct Closure<F>(F);

impl<F: FnMut(&Cell<'_>) -> ControlFlow<()>> Visitor for Closure<F> {
    fn cell(&mut self, cell: &Cell<'_>) -> ControlFlow<()> {
        (self.0)(cell)
    }
}

/// What a walk is for: cells, or flats.
trait Receiver {
    const FLATS: bool;
    const SIGNS: bool;
    fn cell(&mut self, cell: &Cell<'_>) -> ControlFlow<()>;
    fn flat(&mut self, flat: &Flat<'_>) -> ControlFlow<()>;
}

struct ToCells<V>(V);

impl<V: Visitor> Receiver for ToCells<V> {
    const FLATS: bool = false;
    const SIGNS: bool = V::SIGNS;

    fn cell(&mut self, cell: &Cell<'_>) -> ControlFlow<()> {
        self.0.cell(cell)
    }

    fn flat(&mut self, _: &Flat<'_>) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }
}

struct ToFlats<F>(F);

impl<F: FlatVisitor> Receiver for ToFlats<F> {
    const FLATS: bool = true;
    const SIGNS: bool = false;

    fn cell(&mut self, _: &Cell<'_>) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }

    fn flat(&mut self, flat: &Flat<'_>) -> ControlFlow<()> {
        self.0.flat(flat)
    }
}

/// How an enumeration ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Enumerated {
    /// For k = 0, …, r−1: half the number of cells that the first k functionals of the generic flag cut and the next one does not. It is the number of
    /// bases without broken circuits of the truncation to rank r−k.
    pub levels: Vec<u64>,
    /// Whether every cell was visited.
    pub complete: bool,
}

impl Enumerated {
    /// The number of cells that were met.
    pub fn cells(&self) -> BigInt {
        // A single point has one cell, itself.
        if self.levels.is_empty() {
            return BigInt::from(1);
        }
        BigInt::from(2)
            * self
                .levels
                .iter()
                .map(|&half| BigInt::from(half))
                .sum::<BigInt>()
    }
}

/// Options of an enumeration.
#[derive(Clone, Debug)]
pub struct EnumerateOptions<'a> {
    /// Worker threads; at least 1.
    pub threads: usize,
    /// Seed of the generic flag. The set of cells does not depend on it, their order does.
    pub seed: u64,
    /// The enumeration ends soon after this becomes true.
    pub stop: Option<&'a AtomicBool>,
    /// The enumeration ends soon after it has met more cells than this.
    pub most: Option<u64>,
}

impl Default for EnumerateOptions<'_> {
    fn default() -> Self {
        EnumerateOptions {
            threads: 1,
            seed: 0,
            stop: None,
            most: None,
        }
    }
}

impl Arrangement {
    /// Visits every full-dimensional cell once, on one thread, in an order that depends on the seed only. Memory does not depend on the number of
    /// cells.
    ///
    /// # Errors
    ///
    /// [`ArrangementError::Unlucky`] with a probability below 2⁻³⁵ for each ray.
    ///
    /// ```
    /// use std::ops::ControlFlow;
    /// use num_bigint::BigInt;
    /// use relucert::arrangement::{Arrangement, EnumerateOptions};
    ///
    /// // Three lines through the origin of the plane: six cells.
    /// let rows = [[1, 0], [0, 1], [1, 1]].map(|row| row.map(BigInt::from).to_vec());
    /// let arrangement = Arrangement::new(rows, 2)?;
    /// let mut signs = Vec::new();
    /// arrangement.for_each_cell(&EnumerateOptions::default(), |cell| {
    ///     signs.push(cell.row_signs().collect::<Vec<i8>>());
    ///     ControlFlow::Continue(())
    /// })?;
    /// signs.sort();
    /// assert_eq!(signs, [[-1, -1, -1], [-1, 1, -1], [-1, 1, 1], [1, -1, -1], [1, -1, 1], [1, 1, 1]]);
    /// # Ok::<(), relucert::arrangement::ArrangementError>(())
    /// ```
    pub fn for_each_cell(
        &self,
        options: &EnumerateOptions,
        visit: impl FnMut(&Cell<'_>) -> ControlFlow<()>,
    ) -> Result<Enumerated, ArrangementError> {
        let setup = Setup::new(self, options);
        let tasks = Mutex::new(Tasks::new(&setup));
        let mut walk = Walk::new(&setup, ToCells(Closure(visit)));
        walk.work(&tasks);
        setup.ended(walk.counts)
    }

    /// Visits every full-dimensional cell once, with one visitor a thread. Returns the visitors.
    ///
    /// # Errors
    ///
    /// [`ArrangementError::Unlucky`] with a probability below 2⁻³⁵ for each ray.
    pub fn visit_cells<V: Visitor + Send>(
        &self,
        options: &EnumerateOptions,
        visitor: impl Fn() -> V,
    ) -> Result<(Enumerated, Vec<V>), ArrangementError> {
        let setup = Setup::new(self, options);
        let tasks = Mutex::new(Tasks::new(&setup));
        let mut walks: Vec<Walk<ToCells<V>>> = (0..options.threads.max(1))
            .map(|_| Walk::new(&setup, ToCells(visitor())))
            .collect();
        if let [walk] = walks.as_mut_slice() {
            walk.work(&tasks);
        } else {
            thread::scope(|scope| {
                for walk in &mut walks {
                    scope.spawn(|| walk.work(&tasks));
                }
            });
        }
        let mut counts = vec![0; self.rank()];
        let mut visitors = Vec::with_capacity(walks.len());
        for walk in walks {
            for (sum, count) in counts.iter_mut().zip(&walk.counts) {
                *sum += count;
            }
            visitors.push(walk.visitor.0);
        }
        Ok((setup.ended(counts)?, visitors))
    }

    /// Visits every flat of dimension 1, …, rank − 1 once. Returns whether all were visited.
    ///
    /// A generic functional takes the place of h, so that no flat is left out.
    ///
    /// # Errors
    ///
    /// [`ArrangementError::Unlucky`] with a probability below 2⁻³⁵ for each ray.
    pub fn for_each_flat(
        &self,
        options: &EnumerateOptions,
        visit: impl FnMut(&Flat<'_>) -> ControlFlow<()>,
    ) -> Result<bool, ArrangementError> {
        let setup = Setup::new(self, options);
        if self.rank() > 1 {
            let mut walk = Walk::new(&setup, ToFlats(visit));
            walk.flats();
        }
        Ok(setup.ended(Vec::new())?.complete)
    }

    /// Visits every flat of dimension 1 once: a ray and its negative. Returns whether all were visited.
    ///
    /// # Errors
    ///
    /// [`ArrangementError::Unlucky`] with a probability below 2⁻³⁵ for each ray.
    pub fn for_each_ray(
        &self,
        options: &EnumerateOptions,
        mut visit: impl FnMut(&Flat<'_>) -> ControlFlow<()>,
    ) -> Result<bool, ArrangementError> {
        if self.rank() == 1 {
            // The whole space is one line.
            let setup = Setup::new(self, options);
            let flat = Flat {
                arrangement: self,
                rows: &setup.rows,
                basis: &[],
                mask: &[0],
            };
            return Ok(visit(&flat).is_continue());
        }
        self.for_each_flat(options, |flat| {
            if flat.rank() + 1 == self.rank() {
                visit(flat)
            } else {
                ControlFlow::Continue(())
            }
        })
    }
}

/// What all threads share.
struct Setup<'a> {
    arrangement: &'a Arrangement,
    rows: Signs,
    floats: Vec<Vec<f64>>,
    /// For each functional of the flag: whether 128 bits suffice where it is asked about.
    fits: Vec<bool>,
    /// Whether they suffice for rows alone.
    rows_fit: bool,
    stop: Option<&'a AtomicBool>,
    most: Option<u64>,
    /// Half the cells that threads have reported.
    met: AtomicU64,
    broken: AtomicBool,
    unlucky: AtomicBool,
}

/// Bits of the entries of the random functionals. One vanishes on a given vector with a probability of at most 2⁻⁴⁰.
const FLAG_BITS: u32 = 40;

impl<'a> Setup<'a> {
    fn new(arrangement: &'a Arrangement, options: &EnumerateOptions<'a>) -> Self {
        let (n, r) = (arrangement.hyperplanes(), arrangement.rank());
        let bits = arrangement.column_bits();
        let least = bits.iter().copied().min().unwrap_or(0);
        let mut state = options.seed;
        let mut rows = arrangement.normals.clone();
        for _ in 0..r {
            rows.push(
                bits.iter()
                    .map(|b| {
                        let random = splitmix(&mut state) >> (64 - FLAG_BITS);
                        // An odd integer between −2⁴⁰ and 2⁴⁰, in the scale of its column.
                        (BigInt::from(2 * random + 1) - (1u64 << FLAG_BITS)) << (b - least)
                    })
                    .collect(),
            );
        }
        let floats = to_floats(&rows, &bits);
        let rows = Signs::new(rows, r);
        let fits: Vec<bool> = (0..r)
            .map(|k| {
                let flag: Vec<u32> = (n..n + k).map(|i| i as u32).collect();
                rows.fits(&flag, (n + k) as u32, n)
            })
            .collect();
        let rows_fit = fits.first().is_some_and(|fit| *fit);
        Setup {
            arrangement,
            rows,
            floats,
            fits,
            rows_fit,
            stop: options.stop,
            most: options.most,
            met: AtomicU64::new(0),
            broken: AtomicBool::new(false),
            unlucky: AtomicBool::new(false),
        }
    }

    fn stopped(&self) -> bool {
        self.broken.load(Ordering::Relaxed) || self.stop.is_some_and(|s| s.load(Ordering::Relaxed))
    }

    fn ended(&self, levels: Vec<u64>) -> Result<Enumerated, ArrangementError> {
        if self.unlucky.load(Ordering::Relaxed) {
            return Err(ArrangementError::Unlucky);
        }
        let stopped = self.stop.is_some_and(|s| s.load(Ordering::Relaxed));
        let complete = !self.broken.load(Ordering::Relaxed) && !stopped;
        Ok(Enumerated { levels, complete })
    }
}

fn splitmix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// A part of the work: a level of the flag and the first one or two rows of the bases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Task {
    level: usize,
    prefix: [u32; 2],
    length: usize,
}

/// The tasks still to be given out, in a fixed order.
struct Tasks {
    n: u32,
    rank: usize,
    next: Option<Task>,
}

impl Tasks {
    fn new(setup: &Setup) -> Self {
        let mut tasks = Tasks {
            n: setup.arrangement.hyperplanes() as u32,
            rank: setup.arrangement.rank(),
            next: None,
        };
        tasks.next = tasks.first(0);
        tasks
    }

    fn first(&self, level: usize) -> Option<Task> {
        // Rank 0 has one task as well: its one cell.
        let rank = self.rank.checked_sub(level)?;
        if rank == 0 && level > 0 {
            return None;
        }
        Some(Task {
            level,
            prefix: [1, 2],
            length: rank.saturating_sub(2).min(2),
        })
    }

    fn take(&mut self) -> Option<Task> {
        let task = self.next?;
        let mut next = task;
        self.next = match task.length {
            2 if task.prefix[1] + 1 < self.n => {
                next.prefix[1] += 1;
                Some(next)
            }
            1 | 2 if task.prefix[0] + 2 < self.n => {
                next.prefix = [task.prefix[0] + 1, task.prefix[0] + 2];
                Some(next)
            }
            _ => self.first(task.level + 1),
        };
        Some(task)
    }
}

/// One of the nested arrangements: rows restricted to the common kernel of the sections.
#[derive(Default)]
struct Nested {
    /// Rank of the rows on the kernel.
    rank: usize,
    /// The rows; position 0 is h.
    ids: Vec<u32>,
    /// The functional w.
    functional: u32,
    /// Number of sections.
    sections: usize,
    /// Rows (and w, last but for rows already eliminated) on the flat of the first k chosen rows, k = 0, ….
    frames: Vec<Tableau>,
    /// Rows that vanish on these flats, as positions.
    flats: Vec<Vec<u64>>,
    /// Positions of the chosen rows.
    chosen: Vec<usize>,
    /// The exact kernel of the sections that are rows, and of the first k chosen rows, as far as they were needed. On a level of the flag
    /// other than the first these are the flats before the flag cuts them.
    kernels: Vec<Option<Kernel>>,
    /// Functionals of the flag among the sections.
    flag: usize,
    /// `coefficients[l]`: of w, h and the chosen rows after l on chosen row l; see `orient`.
    coefficients: Vec<Vec<Bounded>>,
    line: line::Scratch,
    /// Whether 128 bits suffice for signs with the functionals of the flag, and for those of rows.
    fits: bool,
    rows_fit: bool,
}

impl Nested {
    fn n(&self) -> usize {
        self.ids.len()
    }

    fn prepare(&mut self) {
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

    fn on_flat(&self, position: usize) -> bool {
        has(&self.flats[self.chosen.len()], position)
    }
}

fn has(mask: &[u64], bit: usize) -> bool {
    mask[bit / 64] >> (bit % 64) & 1 == 1
}

fn set(mask: &mut [u64], bit: usize, value: bool) {
    let one = 1u64 << (bit % 64);
    if value {
        mask[bit / 64] |= one;
    } else {
        mask[bit / 64] &= !one;
    }
}

/// The positions of the bits.
fn bits(mask: &[u64]) -> impl Iterator<Item = usize> + '_ {
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

/// One thread's walk.
struct Walk<'s, 'a, V> {
    setup: &'s Setup<'a>,
    visitor: V,
    counts: Vec<u64>,
    /// The functional of the flag that the present task is about.
    level: usize,
    nested: Vec<Nested>,
    site: Site,
    /// Signs by hyperplane, for each nested arrangement those that its vertex decides and all before.
    signs: Vec<Vec<u64>>,
    negative: Vec<u64>,
    /// The sum of the counts that was reported last.
    reported: u64,
    stopped: bool,
}

impl<'s, 'a, V: Receiver> Walk<'s, 'a, V> {
    fn new(setup: &'s Setup<'a>, visitor: V) -> Self {
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

    fn work(&mut self, tasks: &Mutex<Tasks>) {
        loop {
            let Some(task) = tasks.lock().ok().and_then(|mut tasks| tasks.take()) else {
                break;
            };
            if self.stopped || self.setup.stopped() {
                break;
            }
            self.task(task);
            self.report();
        }
    }

    /// Adds to the cells of all threads, and stops where they are too many.
    fn report(&mut self) {
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
    fn fail(&self) {
        self.setup.unlucky.store(true, Ordering::Relaxed);
        self.setup.broken.store(true, Ordering::Relaxed);
    }

    fn task(&mut self, task: Task) {
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
    fn begin(&mut self, level: usize) {
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
    fn flats(&mut self) {
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

    fn deliver_flat(&mut self, nested: &Nested, last: Option<usize>, mask: &[u64]) {
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
    fn last_level(&mut self, nested: &Nested) {
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
    fn follow(&mut self, nested: &mut Nested, prefix: &[usize]) {
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
    fn choose(&mut self, nested: &mut Nested, position: usize) -> bool {
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
    fn explore(&mut self, nested: &mut Nested, index: usize) {
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

    /// The vertices on a line.
    fn line(&mut self, nested: &mut Nested, index: usize) {
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

    /// The sign of `det(sections, chosen rows, i, j)`; i and j are positions, the functional has position n.
    fn pair(&self, nested: &mut Nested, i: usize, j: usize) -> i8 {
        let frame = &nested.frames[nested.chosen.len()];
        match line::cross(frame, i, j).sign() {
            Some(sign) => sign * frame.orientation,
            None => self.exact_pair(nested, i, j),
        }
    }

    /// Where nothing but rows is involved the kernels of the rows answer. On the other levels of the flag they tell which signs are 0,
    /// and the determinants with the functionals tell the others.
    fn exact_pair(&self, nested: &mut Nested, i: usize, j: usize) -> i8 {
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
    fn flat_rows(&self, nested: &Nested) -> impl Iterator<Item = u32> {
        let sections = &self.site.sections[..nested.sections];
        sections
            .iter()
            .copied()
            .chain(nested.chosen.iter().map(|&p| nested.ids[p]))
    }

    /// Whether a row vanishes on the flat of the chosen rows, exactly.
    fn vanishes(&self, nested: &mut Nested, position: usize) -> bool {
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
    fn need_kernel(&self, nested: &mut Nested) {
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

    /// Each candidate row against all rows.
    fn one_by_one(
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
    fn sorted(
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

    /// The cells that are lowest at a vertex: row i and the chosen rows are a basis of its flat, `up` is the sign of
    /// `det(sections, chosen rows, i, h)`. Rows off the flat have the signs `positive` at the vertex, `flipped` if all are to be changed.
    #[allow(clippy::too_many_arguments)]
    fn vertex(
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
    fn write_signs(
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
    fn orient(&mut self, nested: &mut Nested, index: usize, i: usize, up: i8) -> bool {
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
    fn exact_edge(&self, nested: &Nested, i: usize, l: usize) -> i8 {
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
    fn descend(&mut self, nested: &mut Nested, index: usize, flat: &[u64]) {
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
    fn deliver(&mut self, index: usize, sides: &[bool]) {
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

/// Ranks up to this have the signs at a simple vertex computed in floats first.
const MAX_RANK: usize = 24;

fn prepare_coefficients(nested: &mut Nested) {
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
