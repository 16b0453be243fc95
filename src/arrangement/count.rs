//! Counting: the characteristic polynomial, the cells, the patterns of ReLU units.

use std::ops::ControlFlow;

use num_bigint::BigInt;
use num_traits::{One, Zero};

use super::cone;
use super::enumerate::{EnumerateOptions, Enumerated, Visitor};
use super::flats::Flat;
use super::hyperplanes::{Arrangement, ArrangementError};

/// The numbers of an arrangement. Exact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counts {
    /// Whether every `rank` of the hyperplanes are independent.
    pub general_position: bool,
    /// The number of cells, |χ(−1)|.
    pub cells: BigInt,
    /// The characteristic polynomial χ, highest power first, in the dimension of the rank.
    pub characteristic_polynomial: Vec<BigInt>,
}

/// A visitor that only counts.
struct CountOnly;

impl Visitor for CountOnly {
    const SIGNS: bool = false;

    fn cell(&mut self, _: &super::Cell<'_>) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }
}

impl Counts {
    /// From the finished enumeration of an arrangement.
    ///
    /// With ℓ_m the cells that lie on the positive side of a generic hyperplane in the truncation to rank m, and |w_i| the coefficients of χ: the
    /// truncation to rank m has the coefficients w_0, …, w_{m−1} and, as its polynomial vanishes at 1, ±ℓ_m = −Σ_{i<m} w_i. So
    /// |w_m| = ℓ_m + ℓ_{m+1}, with ℓ_0 = ℓ_{r+1} = 0 (Zaslavsky 1975).
    pub fn of(arrangement: &Arrangement, enumerated: &Enumerated) -> Self {
        let r = arrangement.rank();
        let level = |m: usize| match r.checked_sub(m).and_then(|k| enumerated.levels.get(k)) {
            Some(&half) if m > 0 => BigInt::from(half),
            _ => BigInt::zero(),
        };
        let characteristic_polynomial = (0..=r)
            .map(|m| {
                let size = if r == 0 {
                    BigInt::one()
                } else {
                    level(m) + level(m + 1)
                };
                if m.is_multiple_of(2) { size } else { -size }
            })
            .collect();
        let cells = enumerated.cells();
        Counts {
            general_position: cells == arrangement.most_cells(),
            cells,
            characteristic_polynomial,
        }
    }
}

impl Arrangement {
    /// The number of cells in general position, `2·Σ_{k<r} C(n−1, k)`: an upper bound at once, and reached only there.
    pub fn most_cells(&self) -> BigInt {
        let (n, r) = (self.hyperplanes(), self.rank());
        if r == 0 {
            return BigInt::one();
        }
        let mut sum = BigInt::zero();
        let mut binomial = BigInt::one();
        for k in 0..r.min(n) {
            sum += &binomial;
            binomial = binomial * (n - 1 - k) / (k + 1);
        }
        sum * 2
    }

    /// The number of cells on each step of the flag, without making the cells. Where it was stopped, those met so far: a lower bound.
    ///
    /// # Errors
    ///
    /// [`ArrangementError::Unlucky`] with a probability below 2⁻³⁵ for each ray.
    pub fn count_cells(&self, options: &EnumerateOptions) -> Result<Enumerated, ArrangementError> {
        Ok(self.visit_cells(options, || CountOnly)?.0)
    }

    /// The number of cells and the characteristic polynomial, without making the cells; `None` if it was stopped.
    ///
    /// ```
    /// use relucert::arrangement::{Arrangement, EnumerateOptions};
    ///
    /// // All vectors of zeros and ones but 0: the resonance arrangement of rank 3.
    /// let rows = (1..8u8).map(|bits| (0..3).map(|j| (bits >> j & 1).into()).collect());
    /// let counts = Arrangement::new(rows, 3)?.count(&EnumerateOptions::default())?;
    /// assert_eq!(counts.map(|c| c.cells), Some(32.into()));
    /// # Ok::<(), relucert::arrangement::ArrangementError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ArrangementError::Unlucky`] with a probability below 2⁻³⁵ for each ray.
    pub fn count(&self, options: &EnumerateOptions) -> Result<Option<Counts>, ArrangementError> {
        let enumerated = self.count_cells(options)?;
        Ok(enumerated.complete.then(|| Counts::of(self, &enumerated)))
    }

    /// The number of patterns `1[Xu ≥ 0]` over all u, u = 0 and the boundaries of cells included; `None` if it was stopped.
    ///
    /// Among the points with one pattern those with the fewest zeros form a face; its zero rows F are such that no direction is nonnegative on all of F and
    /// positive on one: some positive combination of F is zero. So every such flat F counts with the cells of the arrangement inside it, the empty
    /// flat with all cells.
    ///
    /// # Errors
    ///
    /// [`ArrangementError::Unlucky`] with a probability below 2⁻³⁵ for each ray.
    pub fn count_patterns(
        &self,
        counts: &Counts,
        options: &EnumerateOptions,
    ) -> Result<Option<BigInt>, ArrangementError> {
        let all = self.oriented(|_| true);
        let mut patterns = counts.cells.clone();
        // A direction that is positive on all rows leaves no such flat; independent rows are none.
        if self.rank() == 0 || cone::acyclic(&all) {
            return Ok(Some(patterns));
        }
        if cone::totally_cyclic(&all) {
            patterns += 1;
        }
        let both_ways = all.len() > self.hyperplanes();
        if counts.general_position && !both_ways {
            return Ok(Some(patterns));
        }
        let mut failed = None;
        let walked = self.for_each_flat(options, |flat: &Flat<'_>| {
            let rows = self.oriented(|i| flat.contains(i));
            if rows.len() > flat.rank() && cone::totally_cyclic(&rows) {
                if flat.rank() + 1 == self.rank() {
                    patterns += 2;
                } else {
                    match self.inside(flat, options) {
                        Ok(Some(cells)) => patterns += cells,
                        Ok(None) => return ControlFlow::Break(()),
                        Err(error) => {
                            failed = Some(error);
                            return ControlFlow::Break(());
                        }
                    }
                }
            }
            ControlFlow::Continue(())
        })?;
        match failed {
            Some(error) => Err(error),
            None => Ok(walked.then_some(patterns)),
        }
    }

    /// The number of cells of the arrangement inside a flat.
    fn inside(
        &self,
        flat: &Flat<'_>,
        options: &EnumerateOptions,
    ) -> Result<Option<BigInt>, ArrangementError> {
        let inside = self.contraction(flat.basis())?;
        Ok(inside.count(options)?.map(|counts| counts.cells))
    }
}
