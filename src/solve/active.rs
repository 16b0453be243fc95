//! The active directions of a dual vector: those where `|F_v(u)| = β·ρ(u)`, which are the only ones the neurons of an optimal network can have.
//!
//! Floats throughout: a direction counts as active within a [`tightness`], relative to β.

use rayon::prelude::*;

use crate::oracle::fan::Incumbent;
use crate::oracle::form::{self, Form, dot, norm};
use crate::oracle::leaf::{ConeData, LeafSolver};
use crate::program::model::{Model, Neuron, State};
use crate::solve::space::Space;

/// Largest relative distance from β within which a direction counts as active.
pub const TIGHT: f64 = 1e-7;

/// Smallest such distance.
const TIGHTEST: f64 = 1e-9;

/// Distance at which two directions (of `ρ = 1`) are one.
const SAME: f64 = 1e-6;

/// Values this far below β (relatively) are worth a closer look.
const WORTH: f64 = 1e-2;

/// An active direction, in the model's coordinates.
#[derive(Clone, Debug, PartialEq)]
pub struct Atom {
    /// Sign of the output weight, ±1.
    pub sign: f64,
    /// Hidden weights, then the hidden bias if there is one; `ρ(u) = 1`.
    pub u: Vec<f64>,
    /// `|F_v(u)|/β`.
    pub ratio: f64,
}

/// With an undecayed hidden bias, a stretch of biases on which every direction `(w, b)` is active and the outputs on the data are linear in `b`.
#[derive(Copy, Clone, Debug, PartialEq)]
pub struct Stretch {
    /// The active direction at one end.
    pub from: usize,
    /// The other end.
    pub to: End,
}

/// The other end of a [`Stretch`].
#[derive(Copy, Clone, Debug, PartialEq)]
pub enum End {
    /// This active direction.
    Atom(usize),
    /// No end: biases down to −∞ (−1) or up to ∞ (1).
    Infinite(f64),
}

/// All that was found.
#[derive(Clone, Debug, Default)]
pub struct Active {
    /// The active directions; with an undecayed bias, the ends of the stretches.
    pub atoms: Vec<Atom>,
    /// The stretches between them.
    pub stretches: Vec<Stretch>,
    /// The largest `|F_v(u)|/β` of a local maximum that is not active.
    pub next: Option<f64>,
}

/// The relative distance from β within which a direction counts as active: [`TIGHT`], or less where the directions of the network's own neurons, which are active
/// at its optimum, are tight to more digits. Large data have local maxima that miss β by very little.
pub fn tightness(model: &Model, state: &State, v: &[f64]) -> f64 {
    let form = form::form(&model.rows, v, model.low, model.high);
    let miss = |k: &Neuron| {
        let value = k.sign * form.value(&model.rows, &k.p);
        (value / (model.beta * model.rho(&k.p)) - 1.0).abs()
    };
    let most = state.neurons.iter().map(miss).fold(0.0, f64::max);
    (1e4 * most).clamp(TIGHTEST, TIGHT)
}

/// The directions that are active within `tight` among the maxima that these candidates (search coordinates) lead to.
pub fn active(
    model: &Model,
    space: &Space,
    v: &[f64],
    candidates: &[Incumbent],
    tight: f64,
) -> Active {
    let mut finder = Finder {
        model,
        form: form::form(&model.rows, v, model.low, model.high),
        tight,
        found: Active::default(),
        lines: Vec::new(),
    };
    if model.decayed < model.r() {
        // A maximum over the bias is found from any bias, so the value at this one says nothing.
        for candidate in candidates {
            finder.along_the_bias(&space.to_model(&candidate.u), sign_of(candidate));
        }
        return finder.found;
    }
    let climbed: Vec<(Vec<f64>, f64)> = candidates
        .par_iter()
        .map(|candidate| {
            if candidate.value > (1.0 - WORTH) * model.beta {
                let form = finder.signed(sign_of(candidate));
                climb(&model.rows, &form, &space.to_model(&candidate.u))
            } else {
                (Vec::new(), candidate.value)
            }
        })
        .collect();
    for (candidate, (u, value)) in candidates.iter().zip(climbed) {
        if u.is_empty() {
            finder.pass(value);
        } else {
            finder.add(u, sign_of(candidate), value);
        }
    }
    finder.found
}

fn sign_of(candidate: &Incumbent) -> f64 {
    if candidate.sign == 0 { 1.0 } else { -1.0 }
}

struct Finder<'a> {
    model: &'a Model,
    form: Form,
    tight: f64,
    found: Active,
    /// Hidden weights and signs whose biases were all looked at.
    lines: Vec<(Vec<f64>, f64)>,
}

impl Finder<'_> {
    fn signed(&self, sign: f64) -> Form {
        if sign > 0.0 {
            self.form.clone()
        } else {
            self.form.negated()
        }
    }

    /// A local maximum that is not active.
    fn pass(&mut self, value: f64) {
        let ratio = value / self.model.beta;
        if self.found.next.is_none_or(|next| ratio > next) && ratio < 1.0 - self.tight {
            self.found.next = Some(ratio);
        }
    }

    /// Whether two neurons are the same function of `x` (for an even or a linear activation there are two ways to write one).
    fn same(&self, a: (&[f64], f64), b: (&[f64], f64)) -> bool {
        let near = |turn: f64| {
            let distance: f64 =
                a.0.iter()
                    .zip(b.0)
                    .map(|(x, y)| (x - turn * y).powi(2))
                    .sum();
            distance.sqrt() <= SAME * norm(a.0).max(1.0)
        };
        let (low, high) = (self.model.low, self.model.high);
        (a.1 == b.1 && near(1.0))
            || (low == -high && a.1 == b.1 && near(-1.0))
            || (low == high && a.1 == -b.1 && near(-1.0))
    }

    /// Keeps a direction of `ρ = 1` if it is active and new; its number.
    fn add(&mut self, u: Vec<f64>, sign: f64, value: f64) -> Option<usize> {
        let ratio = value / self.model.beta;
        if !(ratio >= 1.0 - self.tight) {
            self.pass(value);
            return None;
        }
        let atoms = &self.found.atoms;
        if let Some(k) = atoms
            .iter()
            .position(|a| self.same((&a.u, a.sign), (&u, sign)))
        {
            return Some(k);
        }
        self.found.atoms.push(Atom { sign, u, ratio });
        Some(self.found.atoms.len() - 1)
    }

    /// The maxima over hidden weights and an undecayed bias that `u` leads to. Along the bias `F_v` is piecewise linear, so they are at kinks; once a kink is chosen the
    /// bias is a linear function of the weights, and what is left is a problem without it.
    fn along_the_bias(&mut self, u: &[f64], sign: f64) {
        let form = self.signed(sign);
        let model = self.model;
        let last = model.decayed;
        let size = norm(&u[..last]);
        if !(size > 0.0 && size.is_finite()) {
            return;
        }
        let w: Vec<f64> = u[..last].iter().map(|x| x / size).collect();
        if model.low == model.high {
            // Linear: the bias makes no difference.
            let (w, value) = climb_without_bias(model, &form, &w);
            let mut u = w;
            u.push(0.0);
            self.add(u, sign, value);
            return;
        }
        let mut tops = local_maxima(model, &form, &w);
        tops.retain(|top| top.value > (1.0 - WORTH) * model.beta);
        if tops.is_empty() {
            if let Some(best) = local_maxima(model, &form, &w)
                .iter()
                .map(|top| top.value)
                .max_by(f64::total_cmp)
            {
                self.pass(best);
            }
            return;
        }
        for top in tops {
            let mut w = w.clone();
            let mut class = top.class;
            let mut value = top.value;
            for _ in 0..8 {
                let (next, _) = climb_on_kink(model, &form, &w, class);
                let bias = bias_at(model, &next, class);
                // The nearest maximum along the bias from there.
                let Some(top) = uphill(&kinks(model, &form, &next), bias) else {
                    break;
                };
                if !(top.value > value * (1.0 + 1e-15)) {
                    if top.value >= value * (1.0 - 1e-12) {
                        w = next;
                        value = value.max(top.value);
                    }
                    break;
                }
                w = next;
                value = top.value;
                class = top.class;
            }
            if value >= (1.0 - self.tight) * model.beta {
                self.line(&form, &w, sign);
            } else {
                self.pass(value);
            }
        }
    }

    /// Adds every active kink along the bias for these weights, and the stretches between them.
    fn line(&mut self, form: &Form, w: &[f64], sign: f64) {
        if self
            .lines
            .iter()
            .any(|(other, s)| self.same((other, *s), (w, sign)))
        {
            return;
        }
        self.lines.push((w.to_vec(), sign));
        let list = kinks(self.model, form, w);
        let tight = |k: &Kink| k.value >= (1.0 - self.tight) * self.model.beta;
        let is_tight: Vec<bool> = list.iter().map(tight).collect();
        let mut before: Option<usize> = None;
        let count = list.len();
        for (i, kink) in list.iter().enumerate() {
            if !is_tight[i] {
                before = None;
                continue;
            }
            let mut u = w.to_vec();
            u.push(kink.bias);
            let Some(k) = self.add(u, sign, kink.value) else {
                before = None;
                continue;
            };
            let mut stretch = |from, to| {
                let new = Stretch { from, to };
                if !self.found.stretches.contains(&new) {
                    self.found.stretches.push(new);
                }
            };
            if let Some(from) = before.filter(|from| *from != k) {
                stretch(from, End::Atom(k));
            }
            // Σv over the rows is 0: beyond the last kink nothing changes any more.
            if i == 0 {
                stretch(k, End::Infinite(-1.0));
            }
            if i + 1 == count {
                stretch(k, End::Infinite(1.0));
            }
            before = Some(k);
        }
    }
}

/// A bias at which a row vanishes.
#[derive(Copy, Clone, Debug)]
struct Kink {
    bias: f64,
    class: usize,
    /// `F(w, bias)`.
    value: f64,
}

fn bias_at(model: &Model, w: &[f64], class: usize) -> f64 {
    let row = model.rows.row(class);
    -dot(&row[..w.len()], w) / row[w.len()]
}

/// The biases at which rows vanish, in order, with the value there. Those that agree to rounding are one.
fn kinks(model: &Model, form: &Form, w: &[f64]) -> Vec<Kink> {
    let last = w.len();
    let mut list: Vec<Kink> = (0..model.rows.classes())
        .filter(|c| model.rows.row(*c)[last] != 0.0)
        .map(|class| Kink {
            bias: bias_at(model, w, class),
            class,
            value: 0.0,
        })
        .collect();
    list.sort_by(|a, b| a.bias.total_cmp(&b.bias));
    let scale = list.iter().fold(0.0f64, |a, k| a.max(k.bias.abs()));
    let Some(first) = list.first().copied() else {
        return list;
    };
    // The value at the first, then along the slopes.
    let mut u = w.to_vec();
    u.push(first.bias);
    let mut value = form.value(&model.rows, &u);
    let change = |class: usize| form.weight[class] * model.rows.row(class)[last].abs();
    let mut slope = form.linear[last] - (0..model.rows.classes()).map(change).sum::<f64>();
    let mut bias = first.bias;
    for kink in &mut list {
        value += slope * (kink.bias - bias);
        bias = kink.bias;
        kink.value = value;
        slope += 2.0 * change(kink.class);
    }
    list.dedup_by(|b, a| b.bias - a.bias <= 1e-10 * scale);
    list
}

/// The kinks that are not below their neighbours.
fn local_maxima(model: &Model, form: &Form, w: &[f64]) -> Vec<Kink> {
    let list = kinks(model, form, w);
    (0..list.len())
        .filter(|i| {
            let above = |j: usize| list.get(j).is_none_or(|k| k.value <= list[*i].value);
            (*i == 0 || above(*i - 1)) && above(*i + 1)
        })
        .map(|i| list[i])
        .collect()
}

/// The local maximum reached from this bias.
fn uphill(list: &[Kink], bias: f64) -> Option<Kink> {
    let near = |k: &Kink| (k.bias - bias).abs();
    let mut i = (0..list.len()).min_by(|a, b| near(&list[*a]).total_cmp(&near(&list[*b])))?;
    loop {
        let value = list[i].value;
        if i > 0 && list[i - 1].value > value {
            i -= 1;
        } else if i + 1 < list.len() && list[i + 1].value > value {
            i += 1;
        } else {
            return Some(list[i]);
        }
    }
}

/// The maximum on the surface where this class vanishes: weights and value.
fn climb_on_kink(model: &Model, form: &Form, w: &[f64], class: usize) -> (Vec<f64>, f64) {
    let d = w.len();
    let kink = model.rows.row(class);
    // (w, b) with b = −x·w/l: the map of a row (p, p_last) is p − (p_last/l)·x.
    let mut map = vec![0.0; d * (d + 1)];
    for j in 0..d {
        map[j * (d + 1) + j] = 1.0;
        map[j * (d + 1) + d] = -kink[j] / kink[d];
    }
    restricted(model, form, w, &map)
}

/// The maximum for a bias that makes no difference.
fn climb_without_bias(model: &Model, form: &Form, w: &[f64]) -> (Vec<f64>, f64) {
    let d = w.len();
    let mut map = vec![0.0; d * (d + 1)];
    for j in 0..d {
        map[j * (d + 1) + j] = 1.0;
    }
    restricted(model, form, w, &map)
}

fn restricted(model: &Model, form: &Form, w: &[f64], map: &[f64]) -> (Vec<f64>, f64) {
    let d = w.len();
    let rows = model.rows.mapped(map, d);
    let linear = map
        .chunks_exact(d + 1)
        .map(|row| dot(row, &form.linear))
        .collect();
    let form = Form {
        linear,
        weight: form.weight.clone(),
    };
    climb(&rows, &form, w)
}

/// The local maximum of `F` on the sphere near `u`, to rounding, and its value. Classes near a kink that are concave are free to be on it.
fn climb(rows: &form::Rows, form: &Form, u: &[f64]) -> (Vec<f64>, f64) {
    let size = norm(u);
    if !(size > 0.0 && size.is_finite()) {
        return (u.to_vec(), f64::NEG_INFINITY);
    }
    let mut best: Vec<f64> = u.iter().map(|x| x / size).collect();
    let mut value = form.value(rows, &best);
    for near in [1e-2, 1e-3, 1e-4, 1e-6, 1e-9] {
        for _ in 0..20 {
            let Some((next, next_value)) = newton(rows, form, &best, near) else {
                break;
            };
            if !(next_value > value) {
                break;
            }
            let gain = next_value - value;
            best = next;
            value = next_value;
            if gain <= 1e-16 * value.abs() {
                break;
            }
        }
    }
    (best, value)
}

/// The maximum of the concave model of `F` at `u` in which the classes nearer than `near` keep their kinks and all others their side.
fn newton(rows: &form::Rows, form: &Form, u: &[f64], near: f64) -> Option<(Vec<f64>, f64)> {
    let dim = rows.dim;
    let mut base = form.linear.clone();
    let mut concave = Vec::new();
    let mut classes = Vec::new();
    for (c, w) in form.weight.iter().enumerate() {
        let row = rows.row(c);
        let t = dot(row, u);
        if *w < 0.0 && t.abs() <= near * rows.length[c] {
            concave.extend(row.iter().map(|x| -w * x));
            classes.push(c);
            continue;
        }
        let slope = if t >= 0.0 { *w } else { -*w };
        for (b, x) in base.iter_mut().zip(row) {
            *b += slope * x;
        }
    }
    let project = |mut g: Vec<f64>, kinks: &[usize]| -> Option<Vec<f64>> {
        let mut span: Vec<Vec<f64>> = Vec::new();
        for c in kinks {
            let mut row: Vec<f64> = rows.row(*c).iter().map(|x| x / rows.length[*c]).collect();
            for _ in 0..2 {
                for s in &span {
                    let along = dot(s, &row);
                    row.iter_mut().zip(s).for_each(|(x, y)| *x -= along * y);
                }
            }
            let size = norm(&row);
            if size > 1e-9 {
                row.iter_mut().for_each(|x| *x /= size);
                span.push(row);
            }
        }
        for _ in 0..2 {
            for s in &span {
                let along = dot(s, &g);
                g.iter_mut().zip(s).for_each(|(x, y)| *x -= along * y);
            }
        }
        let size = norm(&g);
        (size > 0.0 && size.is_finite()).then(|| g.iter().map(|x| x / size).collect())
    };
    if classes.is_empty() {
        let next = project(base, &[])?;
        let value = form.value(rows, &next);
        return Some((next, value));
    }
    // The shortest vector over the slopes: its direction is the maximum. No rays, and no target to stop at.
    let mut solver = LeafSolver::default();
    let dual = vec![0.0; dim * dim];
    let data = ConeData {
        dim,
        dual: &dual,
        base: &base,
        concave: &concave,
    };
    solver.solve(&data, u, f64::NAN);
    let size = norm(&solver.q);
    if !(size > 0.0 && size.is_finite()) {
        return None;
    }
    let rough: Vec<f64> = solver.q.iter().map(|x| x / size).collect();
    // The classes with a slope strictly between stay on their kinks exactly.
    let mut gradient = base;
    let mut kinks = Vec::new();
    for ((class, slope), row) in classes
        .iter()
        .zip(&solver.slopes)
        .zip(concave.chunks_exact(dim))
    {
        if slope.abs() < 1.0 - 1e-9 {
            kinks.push(*class);
        }
        for (g, x) in gradient.iter_mut().zip(row) {
            *g -= slope * x;
        }
    }
    let exact = project(gradient, &kinks);
    [Some(rough), exact]
        .into_iter()
        .flatten()
        .map(|next| {
            let value = form.value(rows, &next);
            (next, value)
        })
        .max_by(|a, b| a.1.total_cmp(&b.1))
}
