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

mod lines;
mod nested;
mod setup;
mod signs;
mod vertex;
mod walk;

use std::ops::ControlFlow;
use std::sync::Mutex;
use std::sync::atomic::AtomicBool;
use std::thread;

use num_bigint::BigInt;

use super::cell::Cell;
use super::flats::{Flat, FlatVisitor};
use super::hyperplanes::{Arrangement, ArrangementError};
use setup::{Setup, Tasks};
use walk::Walk;

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
