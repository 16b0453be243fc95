//! The function `F_v` in the merged form the searches work on.

pub use crate::arrangement::rows::Rows;

/// `F_v` for the activation `max(low·t, high·t)`: `m·(Σ v x)·u + δ·Σ w_c |p_c·u|`; `v` has one entry a sample.
pub fn form(rows: &Rows, v: &[f64], low: f64, high: f64) -> Form {
    let (mean, half) = (0.5 * (low + high), 0.5 * (high - low));
    let mut linear = vec![0.0; rows.dim];
    let mut weight = vec![0.0; rows.classes()];
    for (i, class) in rows.class.iter().enumerate() {
        let Some(c) = *class else { continue };
        let value = v[rows.sample[i] as usize];
        weight[c as usize] += half * value * rows.mult[i].abs();
        let scale = mean * value * rows.mult[i];
        for (l, x) in linear.iter_mut().zip(rows.row(c as usize)) {
            *l += scale * x;
        }
    }
    Form { linear, weight }
}

/// `H(u) = linear·u + Σ_c weight_c·|p_c·u|`.
#[derive(Clone, Debug)]
pub struct Form {
    /// The linear part, length `dim`.
    pub linear: Vec<f64>,
    /// One weight a class: convex where positive, concave where negative.
    pub weight: Vec<f64>,
}

impl Form {
    /// `−H`.
    pub fn negated(&self) -> Form {
        Form {
            linear: self.linear.iter().map(|x| -x).collect(),
            weight: self.weight.iter().map(|x| -x).collect(),
        }
    }

    /// `H(u)`.
    pub fn value(&self, rows: &Rows, u: &[f64]) -> f64 {
        let mut sum = dot(&self.linear, u);
        for (c, w) in self.weight.iter().enumerate() {
            sum += w * dot(rows.row(c), u).abs();
        }
        sum
    }

    /// `H(u)` and one element of its (super- or sub-)gradient, written to `gradient`.
    pub fn value_and_gradient(&self, rows: &Rows, u: &[f64], gradient: &mut [f64]) -> f64 {
        gradient.copy_from_slice(&self.linear);
        for (c, w) in self.weight.iter().enumerate() {
            let row = rows.row(c);
            let t = dot(row, u);
            let slope = if t > 0.0 {
                *w
            } else if t < 0.0 {
                -*w
            } else {
                0.0
            };
            for (g, x) in gradient.iter_mut().zip(row) {
                *g += slope * x;
            }
        }
        dot(gradient, u)
    }
}

/// Dot product.
#[inline]
pub fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

/// Euclidean norm.
#[inline]
pub fn norm(a: &[f64]) -> f64 {
    dot(a, a).sqrt()
}
