//! Local maxima of `±F_v` on the sphere from many starts. Not a proof of anything: a source of columns.

use rayon::prelude::*;

use super::form::{Form, Rows, dot, norm};

/// A direction and the value of `s·F_v` there.
#[derive(Clone, Debug)]
pub struct Peak {
    /// Unit vector, search coordinates.
    pub u: Vec<f64>,
    /// `s·F_v(u)`.
    pub value: f64,
    /// 0 for `+F_v`, 1 for `−F_v`.
    pub sign: u8,
}

/// A small deterministic generator (xorshift64*), so that results do not depend on a library's version.
pub struct Random(u64);

impl Random {
    /// Seeds the generator.
    pub fn new(seed: u64) -> Self {
        let mut random = Random(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ 0xD1B5_4A32_D192_ED03);
        for _ in 0..4 {
            random.next();
        }
        random
    }

    /// 64 random bits.
    #[allow(clippy::should_implement_trait)]
    pub fn next(&mut self) -> u64 {
        if self.0 == 0 {
            self.0 = 0x9E37_79B9_7F4A_7C15;
        }
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    /// Uniform in (0, 1).
    pub fn uniform(&mut self) -> f64 {
        ((self.next() >> 11) as f64 + 0.5) / (1u64 << 53) as f64
    }

    /// Standard normal.
    pub fn normal(&mut self) -> f64 {
        (-2.0 * self.uniform().ln()).sqrt() * (std::f64::consts::TAU * self.uniform()).cos()
    }
}

/// Climbs from each start for both signs; returns distinct peaks, highest first.
pub fn peaks(rows: &Rows, form: &Form, starts: &[Vec<f64>], steps: usize) -> Vec<Peak> {
    let negated = form.negated();
    let mut found: Vec<Peak> = (0..2 * starts.len())
        .into_par_iter()
        .filter_map(|index| {
            let sign = (index % 2) as u8;
            let form = if sign == 0 { form } else { &negated };
            climb(rows, form, &starts[index / 2], steps).map(|(u, value)| Peak { u, value, sign })
        })
        .collect();
    found.sort_by(|a, b| b.value.total_cmp(&a.value));
    let mut distinct: Vec<Peak> = Vec::new();
    for peak in found {
        if !distinct
            .iter()
            .any(|d| d.sign == peak.sign && dot(&d.u, &peak.u) > 1.0 - 1e-4)
        {
            distinct.push(peak);
        }
    }
    distinct
}

/// Gradient ascent on the sphere with an adaptive step.
pub fn climb(rows: &Rows, form: &Form, start: &[f64], steps: usize) -> Option<(Vec<f64>, f64)> {
    let size = norm(start);
    if !(size > 0.0 && size.is_finite()) {
        return None;
    }
    let mut u: Vec<f64> = start.iter().map(|x| x / size).collect();
    let mut gradient = vec![0.0; rows.dim];
    let mut value = form.value_and_gradient(rows, &u, &mut gradient);
    let mut step = 1.0;
    let mut trial = u.clone();
    let mut trial_gradient = gradient.clone();
    for _ in 0..steps {
        // Tangent part.
        let along = dot(&gradient, &u);
        let mut tangent: Vec<f64> = gradient
            .iter()
            .zip(&u)
            .map(|(g, u)| g - along * u)
            .collect();
        let slope = norm(&tangent);
        if slope <= 1e-9 * norm(&gradient).max(1e-300) {
            break;
        }
        for t in &mut tangent {
            *t /= slope;
        }
        let mut improved = false;
        for _ in 0..12 {
            for ((x, u), t) in trial.iter_mut().zip(&u).zip(&tangent) {
                *x = u + step * t;
            }
            let size = norm(&trial);
            for x in &mut trial {
                *x /= size;
            }
            let next = form.value_and_gradient(rows, &trial, &mut trial_gradient);
            if next > value {
                value = next;
                std::mem::swap(&mut u, &mut trial);
                std::mem::swap(&mut gradient, &mut trial_gradient);
                improved = true;
                step *= 1.6;
                break;
            }
            step *= 0.4;
        }
        if !improved || step < 1e-9 {
            break;
        }
    }
    Some((u, value))
}

/// Starting directions: rows, differences of rows and Gaussian combinations of rows. Deterministic for a seed.
pub fn starts(rows: &Rows, count: usize, seed: u64) -> Vec<Vec<f64>> {
    let mut random = Random::new(seed);
    let classes = rows.classes();
    let mut list = Vec::with_capacity(count);
    if classes == 0 {
        return list;
    }
    for index in 0..count {
        let mut u = vec![0.0; rows.dim];
        match index % 3 {
            0 => {
                for x in &mut u {
                    *x = random.normal();
                }
            }
            1 => {
                for _ in 0..rows.dim {
                    let c = (random.next() % classes as u64) as usize;
                    let scale = random.normal() / rows.length[c].max(1e-300);
                    for (x, p) in u.iter_mut().zip(rows.row(c)) {
                        *x += scale * p;
                    }
                }
            }
            _ => {
                // A direction near the common zero of dim − 1 random rows: where kinks meet.
                for x in &mut u {
                    *x = random.normal();
                }
                let mut span: Vec<Vec<f64>> = Vec::new();
                for _ in 1..rows.dim {
                    let c = (random.next() % classes as u64) as usize;
                    let mut row = rows.row(c).to_vec();
                    for s in &span {
                        let k = dot(s, &row);
                        for (x, y) in row.iter_mut().zip(s) {
                            *x -= k * y;
                        }
                    }
                    let size = norm(&row);
                    if size > 1e-9 * rows.length[c] {
                        for x in &mut row {
                            *x /= size;
                        }
                        span.push(row);
                    }
                }
                for s in &span {
                    let k = dot(s, &u);
                    for (x, y) in u.iter_mut().zip(s) {
                        *x -= k * y;
                    }
                }
            }
        }
        list.push(u);
    }
    list
}
