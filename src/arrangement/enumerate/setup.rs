//! What the threads of an enumeration share: the generic flag, and the parts of the work.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use num_bigint::BigInt;

use super::super::exact::Signs;
use super::super::hyperplanes::{Arrangement, ArrangementError, to_floats};
use super::{EnumerateOptions, Enumerated};

/// What all threads share.
pub(super) struct Setup<'a> {
    pub(super) arrangement: &'a Arrangement,
    pub(super) rows: Signs,
    pub(super) floats: Vec<Vec<f64>>,
    /// For each functional of the flag: whether 128 bits suffice where it is asked about.
    pub(super) fits: Vec<bool>,
    /// Whether they suffice for rows alone.
    pub(super) rows_fit: bool,
    pub(super) stop: Option<&'a AtomicBool>,
    pub(super) most: Option<u64>,
    /// Half the cells that threads have reported.
    pub(super) met: AtomicU64,
    pub(super) broken: AtomicBool,
    pub(super) unlucky: AtomicBool,
}

/// Bits of the entries of the random functionals. One vanishes on a given vector with a probability of at most 2⁻⁴⁰.
const FLAG_BITS: u32 = 40;

impl<'a> Setup<'a> {
    pub(super) fn new(arrangement: &'a Arrangement, options: &EnumerateOptions<'a>) -> Self {
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

    pub(super) fn stopped(&self) -> bool {
        self.broken.load(Ordering::Relaxed) || self.stop.is_some_and(|s| s.load(Ordering::Relaxed))
    }

    pub(super) fn ended(&self, levels: Vec<u64>) -> Result<Enumerated, ArrangementError> {
        if self.unlucky.load(Ordering::Relaxed) {
            return Err(ArrangementError::Unlucky);
        }
        let stopped = self.stop.is_some_and(|s| s.load(Ordering::Relaxed));
        let complete = !self.broken.load(Ordering::Relaxed) && !stopped;
        Ok(Enumerated { levels, complete })
    }
}

pub(super) fn splitmix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// A part of the work: a level of the flag and the first one or two rows of the bases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Task {
    pub(super) level: usize,
    pub(super) prefix: [u32; 2],
    pub(super) length: usize,
}

/// The tasks still to be given out, in a fixed order.
pub(super) struct Tasks {
    pub(super) n: u32,
    pub(super) rank: usize,
    pub(super) next: Option<Task>,
}

impl Tasks {
    pub(super) fn new(setup: &Setup) -> Self {
        let mut tasks = Tasks {
            n: setup.arrangement.hyperplanes() as u32,
            rank: setup.arrangement.rank(),
            next: None,
        };
        tasks.next = tasks.first(0);
        tasks
    }

    pub(super) fn first(&self, level: usize) -> Option<Task> {
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

    pub(super) fn take(&mut self) -> Option<Task> {
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
