//! The training problem in floats, as the solvers see it.

use crate::arrangement::rows::Rows;

/// A column whose coefficient is a plain variable: the output bias (ones), or the constant that neurons with an undecayed hidden bias can make at
/// vanishing cost (the number of rows of each sample; MATH.md §2).
#[derive(Clone, Debug, PartialEq)]
pub struct Constant {
    /// Value on every sample, length `n`.
    pub values: Vec<f64>,
    /// Decay in half-sum form; 0 is free.
    pub decay: f64,
}

/// `½‖Σ_k s_k S φ(X p_k) + c0·1 − y‖² + β Σ_k ρ(p_k) + constant`, all floats.
#[derive(Clone, Debug)]
pub struct Model {
    /// The merged rows, a bias column of ones included.
    pub rows: Rows,
    /// Targets, length `n`.
    pub y: Vec<f64>,
    /// Decay `β` in half-sum form.
    pub beta: f64,
    /// Slope for negative arguments.
    pub low: f64,
    /// Slope for positive arguments.
    pub high: f64,
    /// Number of leading columns that are decayed: `r` or `r − 1`.
    pub decayed: usize,
    /// The output bias (first, if there is one) and the hidden constant (if the hidden bias is undecayed).
    pub constants: Vec<Constant>,
}

/// One neuron in product form: `w = p/√ρ(p)`, `α = sign·√ρ(p)`.
#[derive(Clone, Debug, PartialEq)]
pub struct Neuron {
    /// Sign of the output weight, ±1.
    pub sign: f64,
    /// Hidden weights times the absolute output weight, length `r`.
    pub p: Vec<f64>,
}

/// A network in product form.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct State {
    /// Neurons with `ρ(p) > 0`.
    pub neurons: Vec<Neuron>,
    /// Coefficients of the model's constants, in their order.
    pub constants: Vec<f64>,
}

impl Model {
    /// Columns `r`.
    pub fn r(&self) -> usize {
        self.rows.dim
    }

    /// Number of samples.
    pub fn n(&self) -> usize {
        self.y.len()
    }

    /// `ρ(p)`.
    #[inline]
    pub fn rho(&self, p: &[f64]) -> f64 {
        p[..self.decayed].iter().map(|x| x * x).sum::<f64>().sqrt()
    }

    /// `φ(t)`.
    #[inline]
    pub fn phi(&self, t: f64) -> f64 {
        if t >= 0.0 {
            self.high * t
        } else {
            self.low * t
        }
    }

    /// `p_c·p` for every class.
    pub fn products(&self, p: &[f64]) -> Vec<f64> {
        self.rows
            .p
            .chunks_exact(self.r())
            .map(|row| row.iter().zip(p).map(|(a, b)| a * b).sum())
            .collect()
    }

    /// Adds `factor·Σ_{rows of the sample} φ(x_i·p)` to `f`, given the products with the classes.
    pub fn add_outputs(&self, products: &[f64], factor: f64, f: &mut [f64]) {
        for ((class, mult), sample) in self
            .rows
            .class
            .iter()
            .zip(&self.rows.mult)
            .zip(&self.rows.sample)
        {
            if let Some(c) = class {
                f[*sample as usize] += factor * self.phi(mult * products[*c as usize]);
            }
        }
    }

    /// Outputs of a network, length `n`.
    pub fn outputs(&self, state: &State) -> Vec<f64> {
        let mut f = vec![0.0; self.n()];
        for (constant, c) in self.constants.iter().zip(&state.constants) {
            for (f, x) in f.iter_mut().zip(&constant.values) {
                *f += c * x;
            }
        }
        for neuron in &state.neurons {
            self.add_outputs(&self.products(&neuron.p), neuron.sign, &mut f);
        }
        f
    }

    /// Penalty of a network, half-sum form.
    pub fn penalty(&self, state: &State) -> f64 {
        let weights: f64 = state.neurons.iter().map(|k| self.rho(&k.p)).sum();
        let constants: f64 = self
            .constants
            .iter()
            .zip(&state.constants)
            .map(|(k, c)| 0.5 * k.decay * c * c)
            .sum();
        self.beta * weights + constants
    }

    /// Objective, half-sum form.
    pub fn objective(&self, state: &State) -> f64 {
        let f = self.outputs(state);
        0.5 * f
            .iter()
            .zip(&self.y)
            .map(|(a, b)| (a - b) * (a - b))
            .sum::<f64>()
            + self.penalty(state)
    }

    /// The dual vector `y − f`, projected on the constraints of a free constant and an undecayed hidden bias (MATH.md §2).
    pub fn dual_vector(&self, state: &State) -> Vec<f64> {
        let f = self.outputs(state);
        let mut v: Vec<f64> = self.y.iter().zip(&f).map(|(y, f)| y - f).collect();
        self.project(&mut v);
        v
    }

    /// Projects on the orthogonal complement of the constraint vectors.
    pub fn project(&self, v: &mut [f64]) {
        let directions = self
            .constants
            .iter()
            .filter(|k| k.decay == 0.0)
            .map(|k| k.values.clone());
        let mut basis: Vec<Vec<f64>> = Vec::new();
        for mut d in directions {
            let before = d.iter().map(|x| x * x).sum::<f64>().sqrt();
            for b in &basis {
                let c: f64 = b.iter().zip(&d).map(|(x, y)| x * y).sum();
                for (x, y) in d.iter_mut().zip(b) {
                    *x -= c * y;
                }
            }
            let after = d.iter().map(|x| x * x).sum::<f64>().sqrt();
            if after > 1e-9 * before && after > 0.0 {
                for x in &mut d {
                    *x /= after;
                }
                basis.push(d);
            }
        }
        for _ in 0..2 {
            for b in &basis {
                let c: f64 = b.iter().zip(v.iter()).map(|(x, y)| x * y).sum();
                for (x, y) in v.iter_mut().zip(b) {
                    *x -= c * y;
                }
            }
        }
    }

    /// `D(v)`, half-sum form, without a check of feasibility.
    pub fn dual_value(&self, v: &[f64]) -> f64 {
        let vy: f64 = v.iter().zip(&self.y).map(|(a, b)| a * b).sum();
        let vv: f64 = v.iter().map(|a| a * a).sum();
        let constants: f64 = self
            .constants
            .iter()
            .filter(|k| k.decay > 0.0)
            .map(|k| {
                let sum: f64 = k.values.iter().zip(v).map(|(a, b)| a * b).sum();
                sum * sum / (2.0 * k.decay)
            })
            .sum();
        vy - 0.5 * vv - constants
    }

    /// The best `D(tv)` over t ≥ 0 if `|F_v| ≤ most·ρ`, and its t (MATH.md §2); half-sum form, floats.
    pub fn scaled_dual_value(&self, v: &[f64], most: f64) -> (f64, f64) {
        let first: f64 = v.iter().zip(&self.y).map(|(a, b)| a * b).sum();
        let second = 2.0 * (first - self.dual_value(v));
        if !(first > 0.0 && second > 0.0) {
            return (0.0, 0.0);
        }
        let t = if most > 0.0 {
            (self.beta / most).min(first / second)
        } else {
            first / second
        };
        (t * first - 0.5 * t * t * second, t)
    }
}
