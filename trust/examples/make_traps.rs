//! Builds the traps of `fixtures/traps`: problems with a network that local searches cannot improve, though it can be improved.
//!
//!     cargo run --release --manifest-path trust/Cargo.toml --example make_traps -- FOLDER [STARTS [PREFIX]]
//!
//! Tables are read from `RELUCERT_DATA` (wine.csv, breast_cancer.csv, iris.csv). Floats only, standard library only: nothing here shares
//! code with the program. The traps of the repository are those on which tests/traps.rs finds nothing either. The steps, for the data, an activation and biases:
//!
//! 1. A random vector v on the rows, and a direction u₀ where |F_v| is below its visible maxima.
//! 2. Rows in a few hyperplanes that contain u₀, each with near-duplicates beside it, and entries of v on them whose second
//!    differences make a profile: high on the hyperplane, below 0 beside it, 0 farther off. Their sum is high only where the
//!    hyperplanes cross, and keeps ascents away.
//! 3. β is the largest visible |F_v|; neurons there, of any size, make a network f. The targets are y = f + v: now v is the
//!    residual of the network, and the network is optimal over all directions but those around u₀.
//! 4. Ascents of both signs from thousands of starts look for |F_v| > β(1 + 10⁻⁶). If they find one, the next seed is tried.
//!
//! A line with the trap's name, |F_v(u₀)|/β, the part of the objective that a neuron at u₀ saves, and the options is printed.
use std::fmt::Write as _;

#[derive(Clone)]
struct Random(u64);
impl Random {
    fn new(seed: u64) -> Self {
        Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x1234_5678)
    }
    fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
    fn below(&mut self, n: usize) -> usize {
        (self.bits() % n as u64) as usize
    }
    fn uniform(&mut self) -> f64 {
        ((self.bits() >> 11) as f64 + 0.5) / (1u64 << 53) as f64
    }
    fn normal(&mut self) -> f64 {
        (-2.0 * self.uniform().ln()).sqrt() * (std::f64::consts::TAU * self.uniform()).cos()
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

/// Solves linear equations, given with their right sides; `None` where a pivot is below `least`.
fn solve(mut m: Vec<Vec<f64>>, least: f64) -> Option<Vec<f64>> {
    let k = m.len();
    for a in 0..k {
        let p = (a..k).max_by(|&i, &j| m[i][a].abs().total_cmp(&m[j][a].abs()))?;
        m.swap(a, p);
        if m[a][a].abs() < least {
            return None;
        }
        let pivot = m[a].clone();
        for (b, row) in m.iter_mut().enumerate() {
            if b != a {
                let f = row[a] / pivot[a];
                row.iter_mut().zip(&pivot).for_each(|(x, p)| *x -= f * p);
            }
        }
    }
    Some(m.iter().enumerate().map(|(a, row)| row[k] / row[a]).collect())
}

#[derive(Clone, Copy, PartialEq, Debug)]
enum Hidden {
    None,
    Decayed,
    Undecayed,
}
#[derive(Clone, Copy, PartialEq, Debug)]
enum Output {
    None,
    Decayed,
    Free,
}

/// F_v on rows of length r (the bias column included).
struct Form {
    x: Vec<Vec<f64>>,
    v: Vec<f64>,
    low: f64,
    high: f64,
    decayed: usize,
}

impl Form {
    fn r(&self) -> usize {
        self.x[0].len()
    }
    fn phi(&self, t: f64) -> f64 {
        if t >= 0.0 { self.high * t } else { self.low * t }
    }
    fn rho(&self, u: &[f64]) -> f64 {
        dot(&u[..self.decayed], &u[..self.decayed]).sqrt()
    }
    fn value(&self, u: &[f64]) -> f64 {
        self.x.iter().zip(&self.v).map(|(x, v)| v * self.phi(dot(x, u))).sum()
    }
    fn gradient(&self, u: &[f64], g: &mut [f64]) -> f64 {
        g.fill(0.0);
        let mut value = 0.0;
        for (x, v) in self.x.iter().zip(&self.v) {
            let t = dot(x, u);
            let k = v * if t > 0.0 {
                self.high
            } else if t < 0.0 {
                self.low
            } else {
                0.5 * (self.high + self.low)
            };
            value += k * t;
            for (g, x) in g.iter_mut().zip(x) {
                *g += k * x;
            }
        }
        value
    }
    fn normalise(&self, u: &mut [f64]) -> bool {
        let rho = self.rho(u);
        if rho.is_nan() || rho <= 1e-9 {
            return false;
        }
        u.iter_mut().for_each(|x| *x /= rho);
        u.iter().all(|x| x.abs() < 1e6)
    }
    /// Climbs s·F/ρ.
    fn climb(&self, s: f64, start: &[f64], steps: usize) -> Option<(Vec<f64>, f64)> {
        let mut u = start.to_vec();
        if !self.normalise(&mut u) {
            return None;
        }
        let r = self.r();
        let mut g = vec![0.0; r];
        let mut tg = vec![0.0; r];
        let mut value = s * self.gradient(&u, &mut g);
        let mut step = 0.5;
        for _ in 0..steps {
            let along = dot(&g[..self.decayed], &u[..self.decayed]);
            let mut t: Vec<f64> =
                (0..r).map(|j| s * if j < self.decayed { g[j] - along * u[j] } else { g[j] }).collect();
            let size = dot(&t, &t).sqrt();
            if size <= 1e-10 {
                break;
            }
            t.iter_mut().for_each(|x| *x /= size);
            let mut better = false;
            for _ in 0..14 {
                let mut w: Vec<f64> = u.iter().zip(&t).map(|(u, t)| u + step * t).collect();
                if self.normalise(&mut w) {
                    let next = s * self.gradient(&w, &mut tg);
                    if next > value {
                        value = next;
                        u = w;
                        std::mem::swap(&mut g, &mut tg);
                        step *= 1.7;
                        better = true;
                        break;
                    }
                }
                step *= 0.4;
            }
            if !better || step < 1e-10 {
                break;
            }
        }
        Some((u, value))
    }
    /// Active-set polish: kinks nearby as equations, the maximiser of the linear function in their intersection.
    fn polish(&self, s: f64, mut u: Vec<f64>, mut value: f64) -> (Vec<f64>, f64) {
        for _ in 0..6 {
            let mut improved = false;
            // rows by distance
            let mut order: Vec<(f64, usize)> =
                self.x.iter().enumerate().map(|(i, x)| (dot(x, &u).abs() / dot(x, x).sqrt().max(1e-300), i)).collect();
            order.sort_by(|a, b| a.0.total_cmp(&b.0));
            let r = self.r();
            let mut basis: Vec<Vec<f64>> = Vec::new(); // orthonormal active rows
            for count in 0..r {
                if count > 0 {
                    // add next independent row
                    let mut added = false;
                    while let Some((_, i)) = (!order.is_empty()).then(|| order.remove(0)) {
                        let mut a = self.x[i].clone();
                        let before = dot(&a, &a).sqrt();
                        for _ in 0..2 {
                            for b in &basis {
                                let c = dot(b, &a);
                                a.iter_mut().zip(b).for_each(|(a, b)| *a -= c * b);
                            }
                        }
                        let size = dot(&a, &a).sqrt();
                        if size > 1e-7 * before {
                            a.iter_mut().for_each(|x| *x /= size);
                            basis.push(a);
                            added = true;
                            break;
                        }
                    }
                    if !added {
                        break;
                    }
                }
                let mut z = u.clone();
                for _ in 0..20 {
                    // project z on the subspace, gradient there, maximiser
                    for _ in 0..2 {
                        for b in &basis {
                            let c = dot(b, &z);
                            z.iter_mut().zip(b).for_each(|(a, b)| *a -= c * b);
                        }
                    }
                    if !self.normalise(&mut z) {
                        break;
                    }
                    let here = s * self.value(&z);
                    if here > value * (1.0 + 1e-15) {
                        value = here;
                        u = z.clone();
                        improved = true;
                    }
                    let mut g = vec![0.0; r];
                    self.gradient(&z, &mut g);
                    g.iter_mut().for_each(|x| *x *= s);
                    let Some(next) = self.maximiser(&basis, &g) else { break };
                    let mut next = next;
                    if !self.normalise(&mut next) {
                        break;
                    }
                    let there = s * self.value(&next);
                    if there > here * (1.0 + 1e-14) {
                        z = next;
                        continue;
                    }
                    // partway
                    let mut half: Vec<f64> = z.iter().zip(&next).map(|(a, b)| 0.7 * a + 0.3 * b).collect();
                    if self.normalise(&mut half) && s * self.value(&half) > here * (1.0 + 1e-14) {
                        z = half;
                        continue;
                    }
                    break;
                }
            }
            if !improved {
                break;
            }
        }
        (u, value)
    }
    /// argmax g·u over ρ(u) = 1, u ⟂ basis.
    fn maximiser(&self, basis: &[Vec<f64>], g: &[f64]) -> Option<Vec<f64>> {
        let r = self.r();
        // complement basis
        let mut span: Vec<Vec<f64>> = basis.to_vec();
        let mut free: Vec<Vec<f64>> = Vec::new();
        for j in 0..r {
            let mut e = vec![0.0; r];
            e[j] = 1.0;
            for _ in 0..2 {
                for b in &span {
                    let c = dot(b, &e);
                    e.iter_mut().zip(b).for_each(|(a, b)| *a -= c * b);
                }
            }
            let size = dot(&e, &e).sqrt();
            if size > 1e-6 {
                e.iter_mut().for_each(|x| *x /= size);
                span.push(e.clone());
                free.push(e);
            }
        }
        let k = free.len();
        if k == 0 {
            return None;
        }
        let mut m = vec![vec![0.0; k + 1]; k];
        for a in 0..k {
            for b in 0..k {
                m[a][b] = dot(&free[a][..self.decayed], &free[b][..self.decayed]);
            }
            m[a][k] = dot(&free[a], g);
        }
        let mut u = vec![0.0; r];
        for (z, f) in solve(m, 1e-9)?.iter().zip(&free) {
            u.iter_mut().zip(f).for_each(|(u, f)| *u += z * f);
        }
        Some(u)
    }
    fn start(&self, kind: usize, random: &mut Random) -> Vec<f64> {
        let r = self.r();
        let mut u: Vec<f64> = (0..r).map(|_| random.normal()).collect();
        match kind % 3 {
            1 => {
                u.fill(0.0);
                for _ in 0..r {
                    let i = random.below(self.x.len());
                    let c = random.normal() / dot(&self.x[i], &self.x[i]).sqrt().max(1e-9);
                    u.iter_mut().zip(&self.x[i]).for_each(|(u, x)| *u += c * x);
                }
            }
            2 => {
                let mut basis: Vec<Vec<f64>> = Vec::new();
                for _ in 1..r {
                    let mut a = self.x[random.below(self.x.len())].clone();
                    let before = dot(&a, &a).sqrt();
                    for _ in 0..2 {
                        for b in &basis {
                            let c = dot(b, &a);
                            a.iter_mut().zip(b).for_each(|(a, b)| *a -= c * b);
                        }
                    }
                    let size = dot(&a, &a).sqrt();
                    if size > 1e-9 * before {
                        a.iter_mut().for_each(|x| *x /= size);
                        basis.push(a);
                    }
                }
                for _ in 0..2 {
                    for b in &basis {
                        let c = dot(b, &u);
                        u.iter_mut().zip(b).for_each(|(a, b)| *a -= c * b);
                    }
                }
            }
            _ => {}
        }
        u
    }
    /// The highest distinct local maxima from so many starts, both signs, polished, highest first.
    fn search(&self, starts: usize, seed: u64) -> Vec<(f64, Vec<f64>, f64)> {
        let mut random = Random::new(seed);
        let mut found: Vec<(f64, Vec<f64>, f64)> = Vec::new();
        for k in 0..starts {
            let u = self.start(k, &mut random);
            for s in [1.0, -1.0] {
                let Some((u, value)) = self.climb(s, &u, 100) else { continue };
                let is_known = found.iter().any(|(v, w, t)| {
                    let apart: f64 = w.iter().zip(&u).map(|(a, b)| (a - b) * (a - b)).sum();
                    *t == s && (v - value).abs() < 1e-7 * v.abs() && apart < 1e-6
                });
                if !is_known && (found.len() < 400 || found.last().is_some_and(|last| value > last.0)) {
                    found.push((value, u, s));
                    found.sort_by(|a, b| b.0.total_cmp(&a.0));
                    found.truncate(400);
                }
            }
        }
        let mut polished: Vec<(f64, Vec<f64>, f64)> = Vec::new();
        for (value, u, s) in found.into_iter().take(30) {
            let (u, value) = self.polish(s, u, value);
            polished.push((value, u, s));
        }
        polished.sort_by(|a, b| b.0.total_cmp(&a.0));
        polished
    }
}

fn round_to(x: f64, digits: i32) -> f64 {
    let p = 10f64.powi(digits);
    (x * p).round() / p
}

struct Config {
    name: String,
    source: String,
    columns: usize,
    base: usize,
    low: f64,
    hidden: Hidden,
    output: Output,
    epsilon: f64,
    tents: usize,
    plateau: bool,
    sign: f64,
    excess: f64,
    peaks: usize,
}

fn table(source: &str) -> Vec<Vec<f64>> {
    let text = std::fs::read_to_string(source).expect(source);
    text.lines().skip(1).map(|l| l.split(',').map(|w| w.parse().unwrap()).collect::<Vec<f64>>()).collect()
}

fn build(c: &Config, seed: u64, starts: usize) -> Result<String, String> {
    let mut random = Random::new(seed);
    let d = c.columns;
    let mut base: Vec<Vec<f64>> = if c.source.is_empty() {
        (0..c.base).map(|_| (0..d).map(|_| round_to(random.normal(), 3)).collect()).collect()
    } else {
        let all = table(&c.source);
        let skip = random.below(all[0].len() - d);
        let mut rows: Vec<Vec<f64>> = Vec::new();
        while rows.len() < c.base {
            let i = random.below(all.len());
            let row = all[i][skip..skip + d].to_vec();
            if !rows.contains(&row) {
                rows.push(row);
            }
        }
        rows
    };
    let bias = c.hidden != Hidden::None;
    let r = d + usize::from(bias);
    let decayed = if c.hidden == Hidden::Undecayed { d } else { r };
    let with_bias = |x: &[f64]| {
        let mut x = x.to_vec();
        if bias {
            x.push(1.0);
        }
        x
    };
    let mut v: Vec<f64> = (0..c.base).map(|_| random.normal()).collect();
    if c.output == Output::Free || c.hidden == Hidden::Undecayed {
        let m = v.iter().sum::<f64>() / c.base as f64;
        v.iter_mut().for_each(|x| *x -= m);
    }
    let form = Form { x: base.iter().map(|x| with_bias(x)).collect(), v: v.clone(), low: c.low, high: 1.0, decayed };
    let visible = form.search(starts / 8, seed ^ 1);
    let top = visible[0].0;
    // the hidden direction
    let mut u0: Option<(Vec<f64>, f64)> = None;
    for _ in 0..3000 {
        let w: Vec<f64> = (0..d).map(|_| random.normal()).collect();
        let size = dot(&w, &w).sqrt();
        let w: Vec<f64> = w.iter().map(|x| x / size).collect();
        let b = if bias { -dot(&w, &base[random.below(base.len())]) * 0.8 } else { 0.0 };
        if b.abs() > 1.0 {
            continue;
        }
        let mut u = w.clone();
        if bias {
            u.push(b);
        }
        let rho = form.rho(&u);
        u.iter_mut().for_each(|x| *x /= rho);
        let ratio = c.sign * form.value(&u) / top;
        let far = visible[..3.min(visible.len())]
            .iter()
            .all(|p| dot(&p.1, &u) < 0.9 * dot(&u, &u).sqrt() * dot(&p.1, &p.1).sqrt());
        if far && ratio < 0.9 && u0.as_ref().is_none_or(|x| ratio > x.1) {
            u0 = Some((u, ratio));
        }
    }
    let (u0, ratio) = u0.ok_or("no direction")?;
    let w = &u0[..d];
    let ww = dot(w, w);
    let need = (c.excess - ratio) * top;
    let tent_sum = c.tents as f64 * c.epsilon * ww.sqrt() * (1.0 - c.low); // height at u0 per unit of weight
    let weight = c.sign * need / tent_sum;
    let unit: Vec<f64> = w.iter().map(|x| x / ww.sqrt()).collect();
    for _ in 0..c.tents {
        let p = base[random.below(c.base)].clone();
        let p: Vec<f64> = p.iter().map(|x| x + 0.3 * random.normal()).collect();
        let t = dot(&p, w) + if bias { u0[d] } else { 0.0 };
        let p: Vec<f64> = p.iter().zip(w).map(|(x, w)| x - t / ww * w).collect();
        // A profile across the hyperplane: 1 at the middle, −m at ±ε, 0 from ±3ε on; second differences of it.
        let m = 0.6;
        let parts: Vec<(f64, f64)> = if c.plateau {
            let steep = (1.0 + m) / 0.6;
            vec![
                (-3.0, -m / 2.0),
                (-1.0, steep + m / 2.0),
                (-0.4, -steep),
                (0.4, -steep),
                (1.0, steep + m / 2.0),
                (3.0, -m / 2.0),
            ]
        } else {
            vec![(-3.0, -m / 2.0), (-1.0, 1.0 + 1.5 * m), (0.0, -2.0 - 2.0 * m), (1.0, 1.0 + 1.5 * m), (3.0, -m / 2.0)]
        };
        for (offset, factor) in &parts {
            base.push(p.iter().zip(&unit).map(|(x, e)| round_to(x + offset * c.epsilon * e, 6)).collect());
            v.push(weight * factor);
        }
    }
    let n = base.len();
    let x: Vec<Vec<f64>> = base.iter().map(|x| with_bias(x)).collect();
    let ones = vec![1.0; n];
    let mut form = Form { x, v, low: c.low, high: 1.0, decayed };
    let target = |form: &Form| c.sign * form.value(&u0);
    // several visible peaks tight
    let mut peaks: Vec<(f64, Vec<f64>, f64)> = Vec::new();
    for round in 0..12 {
        let found = form.search(if round == 0 { starts / 3 } else { 60 }, seed ^ (77 + round));
        let mut all: Vec<(f64, Vec<f64>, f64)> = found;
        for p in &peaks {
            if let Some((u, value)) = form.climb(p.2, &p.1, 100).map(|(u, value)| form.polish(p.2, u, value)) {
                all.push((value, u, p.2));
            }
        }
        all.sort_by(|a, b| b.0.total_cmp(&a.0));
        let mut distinct: Vec<(f64, Vec<f64>, f64)> = Vec::new();
        for p in all {
            if !distinct
                .iter()
                .any(|q| q.2 == p.2 && q.1.iter().zip(&p.1).map(|(a, b)| (a - b) * (a - b)).sum::<f64>() < 1e-3)
            {
                distinct.push(p);
            }
        }
        distinct.truncate(c.peaks);
        peaks = distinct;
        let top = peaks[0].0;
        if peaks.iter().all(|p| p.0 > top * (1.0 - 1e-10)) {
            break;
        }
        if top > 0.999 * target(&form) {
            return Err("hidden seen early".into());
        }
        // min-norm correction
        let mut rows: Vec<Vec<f64>> =
            peaks.iter().map(|p| form.x.iter().map(|x| p.2 * form.phi(dot(x, &p.1))).collect()).collect();
        let mut need: Vec<f64> = peaks.iter().map(|p| top - p.0).collect();
        if c.output == Output::Free || c.hidden == Hidden::Undecayed {
            rows.push(ones.clone());
            need.push(0.0);
        }
        let k = rows.len();
        let mut m = vec![vec![0.0; k + 1]; k];
        for a in 0..k {
            for b in 0..k {
                m[a][b] = dot(&rows[a], &rows[b]);
            }
            m[a][k] = need[a];
        }
        let solution = solve(m, 1e-12).ok_or("singular")?;
        for (z, row) in solution.iter().zip(&rows) {
            form.v.iter_mut().zip(row).for_each(|(v, x)| *v += z * x);
        }
    }
    let top = peaks[0].0;
    peaks.retain(|p| p.0 > top * (1.0 - 1e-9));
    // beta with four digits
    let digits = 3 - top.log10().floor() as i32;
    let beta = round_to(top, digits);
    let scale = beta / top;
    form.v.iter_mut().for_each(|x| *x *= scale);
    let hidden_ratio = target(&form) / beta;
    if hidden_ratio < 1.01 {
        return Err(format!("hidden ratio {hidden_ratio:.3}"));
    }
    // the network
    let sizes: Vec<f64> = peaks.iter().map(|_| round_to(0.05 + 0.2 * random.uniform(), 3)).collect();
    let c0 = match c.output {
        Output::None => 0.0,
        Output::Decayed => form.v.iter().sum::<f64>() / beta,
        Output::Free => 0.25,
    };
    let mut f = vec![c0; n];
    for (p, t) in peaks.iter().zip(&sizes) {
        for (f, x) in f.iter_mut().zip(&form.x) {
            *f += p.2 * t * form.phi(dot(x, &p.1));
        }
    }
    let y: Vec<f64> = f.iter().zip(&form.v).map(|(f, v)| round_to(f + v, 11)).collect();
    let objective = 0.5 * dot(&form.v, &form.v)
        + beta * sizes.iter().sum::<f64>()
        + if c.output == Output::Decayed { 0.5 * beta * c0 * c0 } else { 0.0 };
    let phi0: Vec<f64> = form.x.iter().map(|x| form.phi(dot(x, &u0))).collect();
    let gain = (target(&form) - beta).powi(2) / (2.0 * dot(&phi0, &phi0)) / objective;
    if gain < 4e-6 {
        return Err(format!("gain {gain:.2e} ratio {hidden_ratio:.2}"));
    }
    // The verdict of the local search on what is written.
    let residual: Vec<f64> = y.iter().zip(&f).map(|(y, f)| y - f).collect();
    let check = Form { v: residual, ..form };
    let found = check.search(starts, seed ^ 4242);
    let ratio = found[0].0 / beta;
    if ratio > 1.0 + 1e-6 {
        return Err(format!("found: {ratio:.8} (hidden {hidden_ratio:.3}, gain {gain:.1e})"));
    }
    let mut csv = (1..=d).map(|j| format!("x{j}")).collect::<Vec<_>>().join(",") + ",y\n";
    for (x, y) in base.iter().zip(&y) {
        for a in x {
            write!(csv, "{a},").unwrap();
        }
        writeln!(csv, "{y}").unwrap();
    }
    // Every neuron in four equal parts: the same outputs and penalty, and a width that lets the better network be as wide.
    let parts: Vec<_> = peaks.iter().zip(&sizes).flat_map(|(p, t)| vec![(p, t / 4.0); 4]).collect();
    let list = |xs: &mut dyn Iterator<Item = f64>| xs.map(|x| format!("{x:?}")).collect::<Vec<_>>().join(", ");
    let hidden: Vec<String> =
        parts.iter().map(|(p, t)| format!("[{}]", list(&mut p.1[..d].iter().map(|x| x * t.sqrt())))).collect();
    let mut json = format!("{{\n  \"hidden_weights\": [{}]", hidden.join(", "));
    if bias {
        write!(json, ",\n  \"hidden_bias\": [{}]", list(&mut parts.iter().map(|(p, t)| p.1[d] * t.sqrt()))).unwrap();
    }
    write!(json, ",\n  \"output_weights\": [{}]", list(&mut parts.iter().map(|(p, t)| p.2 * t.sqrt()))).unwrap();
    if c.output != Output::None {
        write!(json, ",\n  \"output_bias\": {c0:?}").unwrap();
    }
    json += "\n}\n";
    let dir = std::env::args().nth(1).unwrap_or("traps".into());
    std::fs::create_dir_all(&dir).unwrap();
    std::fs::write(format!("{dir}/{}.csv", c.name), csv).unwrap();
    std::fs::write(format!("{dir}/{}.json", c.name), json).unwrap();
    let mut opts = format!("--loss half-sum --weight-decay {beta}");
    if c.low == -1.0 {
        opts += " --activation abs";
    } else if c.low != 0.0 {
        write!(opts, " --activation leaky:{}", c.low).unwrap();
    }
    if c.hidden == Hidden::Undecayed {
        opts += " --no-decay hidden-bias";
    }
    if c.output == Output::Free {
        opts += " --no-decay output-bias";
    }
    Ok(format!("{} {:.4} {:.2e} {}", c.name, hidden_ratio, gain, opts))
}

/// Activation, biases, sign of the hidden direction, and what else is special.
const KINDS: [(&str, f64, Hidden, Output, f64); 13] = [
    ("plain", 0.0, Hidden::Decayed, Output::None, 1.0),
    ("minus", 0.0, Hidden::Decayed, Output::None, -1.0),
    ("two", 0.0, Hidden::Decayed, Output::None, 1.0),
    ("abs", -1.0, Hidden::Decayed, Output::None, 1.0),
    ("leaky", 0.1, Hidden::Decayed, Output::None, 1.0),
    ("leaky-negative", -0.25, Hidden::Decayed, Output::None, -1.0),
    ("undecayed", 0.0, Hidden::Undecayed, Output::None, 1.0),
    ("undecayed-free", 0.0, Hidden::Undecayed, Output::Free, -1.0),
    ("free", 0.0, Hidden::Decayed, Output::Free, 1.0),
    ("decayed-output", 0.0, Hidden::Decayed, Output::Decayed, 1.0),
    ("plateau", 0.0, Hidden::Decayed, Output::None, 1.0),
    ("no-bias", 0.0, Hidden::None, Output::None, 1.0),
    ("abs-no-bias", -1.0, Hidden::None, Output::None, -1.0),
];

fn main() {
    let starts: usize = std::env::args().nth(2).and_then(|s| s.parse().ok()).unwrap_or(3000);
    let only = std::env::args().nth(3).unwrap_or_default();
    let data = std::env::var("RELUCERT_DATA").unwrap_or("../shared/data".into());
    for (table, source) in [("wine", "wine"), ("iris", "iris"), ("cancer", "breast_cancer"), ("made", "")] {
        for (r, base, epsilon, tents) in [(4, 90, 0.07, 5), (5, 60, 0.1, 6), (6, 60, 0.14, 7)] {
            for (kind, low, hidden, output, sign) in KINDS {
                let name = format!("{table}-r{r}-{kind}");
                // Iris has four features only.
                let columns = if hidden == Hidden::None { r } else { r - 1 };
                if !name.starts_with(&only) || table == "iris" && columns > 4 {
                    continue;
                }
                let source = if source.is_empty() { String::new() } else { format!("{data}/{source}.csv") };
                let (plateau, peaks) = (kind == "plateau", 1 + usize::from(kind == "two"));
                let excess = 1.7;
                let config = Config {
                    name,
                    source,
                    columns,
                    base,
                    low,
                    hidden,
                    output,
                    epsilon,
                    tents,
                    plateau,
                    sign,
                    excess,
                    peaks,
                };
                for seed in 1..=30 {
                    match build(&config, seed, starts) {
                        Ok(line) => {
                            println!("{line}");
                            break;
                        }
                        Err(why) => eprintln!("{} {seed}: {why}", config.name),
                    }
                }
            }
        }
    }
}
