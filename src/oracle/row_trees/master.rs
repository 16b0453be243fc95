//! The best dual vector under the cuts known so far.
//!
//! `max v·y − ½‖v‖² − (Σv)²/(2β₀)` subject to `g_k·v ≤ β` (and `Σv = 0` where the output bias is free). Its dual is a nonnegative least-squares problem
//! `min ½⟨y − Σ z g, y − Σ z g⟩ + β Σ z` in the inner product that the output bias leaves, solved by active sets.

use nalgebra::{DMatrix, DVector};

use crate::oracle::form::dot;
use crate::program::model::Model;

/// A linear inequality `g·v ≤ β` that every dual vector of a tree satisfies.
#[derive(Clone, Debug)]
pub struct Cut {
    /// One entry for each sample.
    pub g: Vec<f64>,
    /// The leaf that asks for it; a network's own neuron is asked for by every tree.
    pub leaf: Option<u32>,
    /// Its direction, search coordinates.
    pub x: Vec<f64>,
    /// For every class how much the relaxation exceeds `|p_c·x|` (unit rows), 0 where it does not count.
    pub loose: Vec<f32>,
    /// The second moments of a quartic relaxation.
    pub second: Option<DMatrix<f64>>,
    /// 0 for `+F_v`, 1 for `−F_v`.
    pub sign: u8,
    /// Multiplier.
    pub z: f64,
    /// Rounds without a multiplier.
    pub idle: u32,
}

/// The program.
pub struct Master<'a> {
    model: &'a Model,
    /// `1/(n + β₀)` with an output bias, else 0.
    tau: f64,
    /// The cuts.
    pub cuts: Vec<Cut>,
    gram: Vec<Vec<f64>>,
    height: Vec<f64>,
}

impl<'a> Master<'a> {
    /// No cuts yet. The only constant of the model is an output bias, if it has one.
    pub fn new(model: &'a Model) -> Self {
        let output = model.constants.first();
        Master {
            model,
            tau: output.map_or(0.0, |b| 1.0 / (model.n() as f64 + b.decay)),
            cuts: Vec::new(),
            gram: Vec::new(),
            height: Vec::new(),
        }
    }

    fn inner(&self, a: &[f64], b: &[f64]) -> f64 {
        let plain = dot(a, b);
        if self.tau == 0.0 {
            plain
        } else {
            plain - self.tau * a.iter().sum::<f64>() * b.iter().sum::<f64>()
        }
    }

    /// Adds a cut.
    pub fn add(&mut self, cut: Cut) {
        let mut row: Vec<f64> = self.cuts.iter().map(|c| self.inner(&c.g, &cut.g)).collect();
        row.push(self.inner(&cut.g, &cut.g));
        for (line, x) in self.gram.iter_mut().zip(&row) {
            line.push(*x);
        }
        self.gram.push(row);
        self.height
            .push(self.inner(&cut.g, &self.model.y) - self.model.beta);
        self.cuts.push(cut);
    }

    /// Keeps the cuts for which `keep` is true.
    pub fn retain(&mut self, keep: impl Fn(&Cut) -> bool) {
        let kept: Vec<usize> = (0..self.cuts.len())
            .filter(|k| keep(&self.cuts[*k]))
            .collect();
        self.gram = kept
            .iter()
            .map(|i| kept.iter().map(|j| self.gram[*i][*j]).collect())
            .collect();
        self.height = kept.iter().map(|i| self.height[*i]).collect();
        let mut flags = vec![false; self.cuts.len()];
        for k in kept {
            flags[k] = true;
        }
        let mut index = 0;
        self.cuts.retain(|_| {
            index += 1;
            flags[index - 1]
        });
    }

    /// Finds the multipliers.
    pub fn solve(&mut self) {
        let k = self.cuts.len();
        let mut z: Vec<f64> = self.cuts.iter().map(|c| c.z).collect();
        let mut free: Vec<usize> = (0..k).filter(|i| z[*i] > 0.0).collect();
        let scale = self.model.beta.max(1e-300);
        for _ in 0..20 * k + 50 {
            // The best point of the free set, or as far towards it as the signs allow.
            for _ in 0..k + 5 {
                if free.is_empty() {
                    break;
                }
                let target = self.best_of(&free);
                let mut step = 1.0;
                let mut blocked = None;
                for (i, t) in free.iter().zip(&target) {
                    if *t <= 0.0 {
                        let s = z[*i] / (z[*i] - t);
                        if s <= step {
                            step = s;
                            blocked = Some(*i);
                        }
                    }
                }
                for (i, t) in free.iter().zip(&target) {
                    z[*i] += step * (t - z[*i]);
                }
                match blocked {
                    None => break,
                    Some(b) => {
                        z[b] = 0.0;
                        free.retain(|i| *i != b && z[*i] > 0.0);
                        (0..k).for_each(|i| {
                            if !free.contains(&i) {
                                z[i] = 0.0;
                            }
                        });
                    }
                }
            }
            let worst = (0..k)
                .filter(|i| !free.contains(i))
                .map(|i| {
                    let used: f64 = free.iter().map(|j| self.gram[i][*j] * z[*j]).sum();
                    (self.height[i] - used, i)
                })
                .max_by(|a, b| a.0.total_cmp(&b.0));
            match worst {
                Some((excess, i)) if excess > 1e-12 * scale => free.push(i),
                _ => break,
            }
        }
        for (cut, z) in self.cuts.iter_mut().zip(z) {
            cut.z = z;
            cut.idle = if z > 0.0 { 0 } else { cut.idle + 1 };
        }
    }

    fn best_of(&self, free: &[usize]) -> Vec<f64> {
        let n = free.len();
        let mut q = DMatrix::from_fn(n, n, |i, j| self.gram[free[i]][free[j]]);
        let ridge = 1e-13 * q.diagonal().max();
        for i in 0..n {
            q[(i, i)] += ridge;
        }
        let h = DVector::from_fn(n, |i, _| self.height[free[i]]);
        match nalgebra::Cholesky::new(q.clone()) {
            Some(factor) => factor.solve(&h).as_slice().to_vec(),
            None => {
                for i in 0..n {
                    q[(i, i)] += 1e4 * ridge;
                }
                nalgebra::Cholesky::new(q)
                    .map_or_else(|| vec![0.0; n], |f| f.solve(&h).as_slice().to_vec())
            }
        }
    }

    /// The dual vector of the multipliers.
    pub fn vector(&self) -> Vec<f64> {
        let mut v = self.model.y.clone();
        for cut in self.cuts.iter().filter(|c| c.z > 0.0) {
            for (v, g) in v.iter_mut().zip(&cut.g) {
                *v -= cut.z * g;
            }
        }
        let sum = self.tau * v.iter().sum::<f64>();
        v.iter_mut().for_each(|v| *v -= sum);
        v
    }
}
