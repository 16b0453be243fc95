//! The symmetries of the data: signed permutations of the columns that, with a sign on the targets, map the samples to the samples.
//! Exact.
//!
//! Such a map leaves the training problem as it is, so it permutes the local minima: the neuron (s, w) becomes (ε·s, Q·w).

mod describe;
mod search;
#[cfg(test)]
mod tests;

pub use describe::{Subgroup, describe};
pub use search::{Data, SymmetryError, symmetries};

use std::ops::Neg;

/// One symmetry (Q, ε, π) of the data.
///
/// Equal samples are permuted in one way only, the k-th of a class going to the k-th of its image, so that π is determined by (Q, ε)
/// and composing symmetries composes their π.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Symmetry {
    /// Q: column j goes to column `columns[j].0`, times the sign `columns[j].1` (1 or −1).
    pub columns: Vec<(usize, i8)>,
    /// ε: 1, or −1 where the targets change sign.
    pub target: i8,
    /// π: sample i goes to sample `samples[i]`.
    pub samples: Vec<usize>,
}

impl Symmetry {
    /// The map that moves nothing, for this many columns and samples.
    pub fn identity(columns: usize, samples: usize) -> Self {
        Symmetry {
            columns: (0..columns).map(|j| (j, 1)).collect(),
            target: 1,
            samples: (0..samples).collect(),
        }
    }

    /// Whether Q and ε are trivial; π then is, too.
    pub fn is_identity(&self) -> bool {
        self.target == 1
            && self
                .columns
                .iter()
                .enumerate()
                .all(|(j, &image)| image == (j, 1))
    }

    /// Q·w for a row or a weight vector w (as many entries as columns).
    pub fn apply<T: Clone + Neg<Output = T>>(&self, w: &[T]) -> Vec<T> {
        let mut image = w.to_vec();
        for (value, &(to, sign)) in w.iter().zip(&self.columns) {
            image[to] = signed(value, sign);
        }
        image
    }

    /// The image of a vector over the samples that scales with the targets, such as a residual: entry π(i) is ε times entry i.
    pub fn apply_to_samples<T: Clone + Neg<Output = T>>(&self, v: &[T]) -> Vec<T> {
        let mut image = v.to_vec();
        for (value, &to) in v.iter().zip(&self.samples) {
            image[to] = signed(value, self.target);
        }
        image
    }

    /// `self` after `first`.
    pub fn compose(&self, first: &Symmetry) -> Symmetry {
        Symmetry {
            columns: first
                .columns
                .iter()
                .map(|&(middle, sign)| {
                    let (to, other) = self.columns[middle];
                    (to, sign * other)
                })
                .collect(),
            target: self.target * first.target,
            samples: first.samples.iter().map(|&i| self.samples[i]).collect(),
        }
    }

    /// The map that undoes this one.
    pub fn inverse(&self) -> Symmetry {
        let mut inverse = Symmetry::identity(self.columns.len(), self.samples.len());
        for (j, &(to, sign)) in self.columns.iter().enumerate() {
            inverse.columns[to] = (j, sign);
        }
        for (i, &to) in self.samples.iter().enumerate() {
            inverse.samples[to] = i;
        }
        inverse.target = self.target;
        inverse
    }

    /// The least k ≥ 1 for which the k-th power is the identity.
    pub fn order(&self) -> usize {
        let mut power = self.clone();
        let mut order = 1;
        while !power.is_identity() {
            power = self.compose(&power);
            order += 1;
        }
        order
    }

    /// In words, such as `x1 → −x1`, `swap x1, x2` or `x1 → x2 → −x1, y → −y`. An arrow leads from a column to the one that
    /// takes its values. `names` has one name for each column.
    pub fn name(&self, names: &[String]) -> String {
        let mut parts = Vec::new();
        let mut seen = vec![false; self.columns.len()];
        for start in 0..self.columns.len() {
            if seen[start] || self.columns[start] == (start, 1) {
                continue;
            }
            parts.push(self.cycle(start, names, &mut seen));
        }
        if self.target < 0 {
            parts.push("y → −y".to_owned());
        }
        if parts.is_empty() {
            return "identity".to_owned();
        }
        parts.join(", ")
    }

    /// The cycle of columns that begins with this one; signs are those of the value that started at the first.
    fn cycle(&self, start: usize, names: &[String], seen: &mut [bool]) -> String {
        let name = |j: usize| {
            names
                .get(j)
                .cloned()
                .unwrap_or_else(|| format!("column {}", j + 1))
        };
        let (middle, first_sign) = self.columns[start];
        if middle != start && self.columns[middle] == (start, 1) && first_sign == 1 {
            (seen[start], seen[middle]) = (true, true);
            return format!("swap {}, {}", name(start), name(middle));
        }
        let mut text = name(start);
        let (mut at, mut sign) = (start, 1);
        loop {
            seen[at] = true;
            let (to, step) = self.columns[at];
            sign *= step;
            text += if sign < 0 { " → −" } else { " → " };
            text += &name(to);
            at = to;
            if at == start {
                return text;
            }
        }
    }
}

fn signed<T: Clone + Neg<Output = T>>(value: &T, sign: i8) -> T {
    if sign < 0 {
        -value.clone()
    } else {
        value.clone()
    }
}
