//! Descent on the true objective from a given network, by Newton steps with kinks as equality constraints.
//!
//! In product form the objective is convex on every product of closed cells and continuous across their boundaries. A step is a
//! Newton step in the subspace that keeps the active kinks, followed by an exact search along the line through all the kinks on the
//! way: it stops at the first local minimum of the line, either inside a piece (a plain Newton step) or at a kink, which then
//! becomes active. At a stationary point of the subspace the multipliers of the active kinks decide: a slope outside `[−1, 1]`
//! releases its kink. At convergence the residual is accurate to nearly machine precision, which the proof needs.

use nalgebra::{DMatrix, DVector};

use crate::program::model::{Model, Neuron, State};

/// Limits of a descent.
#[derive(Copy, Clone, Debug)]
pub struct Options {
    /// Most Newton steps.
    pub steps: usize,
    /// Relative accuracy of the gradient at which it ends.
    pub accuracy: f64,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            steps: 400,
            accuracy: 1e-13,
        }
    }
}

struct Unit {
    sign: f64,
    p: Vec<f64>,
    /// `p_c·p` for every class, 0 at active kinks.
    t: Vec<f64>,
    /// Side of every class: ±1, or 0 at an active kink.
    side: Vec<i8>,
    active: Vec<usize>,
}

/// Descends from `state`; returns the best network reached. Never increases the objective beyond rounding. `stop` is asked between steps.
pub fn descend(model: &Model, state: &State, options: &Options, stop: &dyn Fn() -> bool) -> State {
    let mut run = Run::new(model, state);
    run.activate_near_kinks();
    let start = model.objective(state);
    let mut best = f64::INFINITY;
    let mut idle = 0;
    for step in 0..options.steps {
        if stop() {
            break;
        }
        if step % 8 == 0 {
            run.merge_and_drop();
        }
        // Many steps without a decrease: only rounding is left.
        let value = model.objective(&run.state());
        if value < best * (1.0 - 1e-14) {
            best = value;
            idle = 0;
        } else {
            idle += 1;
            if idle > 60 {
                break;
            }
        }
        if !run.step(options.accuracy) {
            break;
        }
    }
    run.merge_and_drop();
    let result = run.state();
    if model.objective(&result) <= start {
        result
    } else {
        state.clone()
    }
}

struct Run<'a> {
    model: &'a Model,
    units: Vec<Unit>,
    constants: Vec<f64>,
    mean: f64,
    half: f64,
    /// Kinks released since the objective last decreased.
    released: Vec<(usize, usize)>,
    /// Release one kink at a time: joint releases led nowhere.
    single: bool,
}

impl<'a> Run<'a> {
    fn new(model: &'a Model, state: &State) -> Self {
        let units = state
            .neurons
            .iter()
            .filter(|k| model.rho(&k.p) > 0.0)
            .map(|neuron| {
                let t = model.products(&neuron.p);
                let side = t.iter().map(|t| if *t >= 0.0 { 1 } else { -1 }).collect();
                Unit {
                    sign: neuron.sign,
                    p: neuron.p.clone(),
                    t,
                    side,
                    active: Vec::new(),
                }
            })
            .collect();
        let mut constants = state.constants.clone();
        constants.resize(model.constants.len(), 0.0);
        Run {
            model,
            units,
            constants,
            mean: 0.5 * (model.low + model.high),
            half: 0.5 * (model.high - model.low),
            released: Vec::new(),
            single: false,
        }
    }

    /// Puts every neuron on the kinks it nearly touches, where the kink holds it.
    fn activate_near_kinks(&mut self) {
        let z = self.residual();
        let (weight, _) = self.class_weights(&z);
        for k in 0..self.units.len() {
            let unit = &self.units[k];
            let size = unit.p.iter().map(|x| x * x).sum::<f64>().sqrt();
            let near: Vec<usize> = (0..unit.t.len())
                .filter(|c| {
                    unit.t[*c].abs() <= 1e-7 * size * self.model.rows.length[*c]
                        && unit.sign * weight[*c] > 0.0
                })
                .collect();
            for c in near {
                self.activate(k, c);
            }
        }
        self.refresh();
    }

    fn state(&self) -> State {
        State {
            neurons: self
                .units
                .iter()
                .map(|u| Neuron {
                    sign: u.sign,
                    p: u.p.clone(),
                })
                .collect(),
            constants: self.constants.clone(),
        }
    }

    /// Output of each class's unit contribution summed into samples: adds `factor·slope·t`, the slopes by side.
    fn add(&self, unit: &Unit, values: &[f64], sides: &[i8], out: &mut [f64]) {
        let rows = &self.model.rows;
        for (i, class) in rows.class.iter().enumerate() {
            let Some(c) = *class else { continue };
            let c = c as usize;
            let mult = rows.mult[i];
            let slope = self.mean * mult + self.half * mult.abs() * f64::from(sides[c]);
            out[rows.sample[i] as usize] += unit.sign * slope * values[c];
        }
    }

    fn add_constants(&self, coefficients: &[f64], out: &mut [f64]) {
        for (constant, c) in self.model.constants.iter().zip(coefficients) {
            for (f, x) in out.iter_mut().zip(&constant.values) {
                *f += c * x;
            }
        }
    }

    fn residual(&self) -> Vec<f64> {
        let mut f: Vec<f64> = self.model.y.iter().map(|y| -y).collect();
        self.add_constants(&self.constants, &mut f);
        for unit in &self.units {
            self.add(unit, &unit.t, &unit.side, &mut f);
        }
        f
    }

    /// For a residual `z`: class weights `half·Σ z|m|` and the linear part `mean·Σ z m p`.
    fn class_weights(&self, z: &[f64]) -> (Vec<f64>, Vec<f64>) {
        let rows = &self.model.rows;
        let mut weight = vec![0.0; rows.classes()];
        let mut linear = vec![0.0; rows.dim];
        for (i, class) in rows.class.iter().enumerate() {
            let Some(c) = *class else { continue };
            let value = z[rows.sample[i] as usize];
            weight[c as usize] += self.half * value * rows.mult[i].abs();
            let scale = self.mean * value * rows.mult[i];
            for (l, x) in linear.iter_mut().zip(rows.row(c as usize)) {
                *l += scale * x;
            }
        }
        (weight, linear)
    }

    /// One Newton step with its line search, or the release of a kink. `false` at convergence.
    fn step(&mut self, accuracy: f64) -> bool {
        let model = self.model;
        let rows = &model.rows;
        let z = self.residual();
        let (weight, linear) = self.class_weights(&z);
        // Gradients and reduced bases.
        let mut gradients: Vec<Vec<f64>> = Vec::with_capacity(self.units.len());
        let mut bases: Vec<DMatrix<f64>> = Vec::with_capacity(self.units.len());
        let mut offsets = Vec::with_capacity(self.units.len());
        let mut width = 0;
        for unit in &self.units {
            let rho = model.rho(&unit.p);
            let mut g: Vec<f64> = linear.iter().map(|l| unit.sign * l).collect();
            for (c, side) in unit.side.iter().enumerate() {
                if *side != 0 {
                    let scale = unit.sign * weight[c] * f64::from(*side);
                    for (g, x) in g.iter_mut().zip(rows.row(c)) {
                        *g += scale * x;
                    }
                }
            }
            for j in 0..model.decayed {
                g[j] += model.beta * unit.p[j] / rho;
            }
            let basis = null_space(rows, &unit.active);
            offsets.push(width);
            width += basis.ncols();
            gradients.push(g);
            bases.push(basis);
        }
        let constant_at = width;
        width += model.constants.len();
        if width == 0 {
            return false;
        }
        let mut reduced = DVector::<f64>::zeros(width);
        for ((g, basis), offset) in gradients.iter().zip(&bases).zip(&offsets) {
            let g = DVector::from_column_slice(g);
            let part = basis.tr_mul(&g);
            reduced.rows_mut(*offset, basis.ncols()).copy_from(&part);
        }
        for (index, (constant, c)) in model.constants.iter().zip(&self.constants).enumerate() {
            let along: f64 = constant.values.iter().zip(&z).map(|(a, b)| a * b).sum();
            reduced[constant_at + index] = along + constant.decay * c;
        }
        // What rounding leaves of a gradient that vanishes.
        let noise: f64 = weight
            .iter()
            .zip(&rows.length)
            .map(|(w, l)| w.abs() * l)
            .sum::<f64>()
            * 1e-15;
        let size = reduced.amax();
        if size <= (accuracy * model.beta).max(noise) {
            return self.release(&gradients, &weight);
        }
        // Hessian of the piece: JᵀJ + β(I − p̂p̂ᵀ)/ρ.
        let mut jacobian = DMatrix::<f64>::zeros(model.n(), width);
        for ((unit, basis), offset) in self.units.iter().zip(&bases).zip(&offsets) {
            let columns = basis.ncols();
            if columns == 0 {
                continue;
            }
            let mut mapped = vec![0.0; rows.classes() * columns];
            for c in 0..rows.classes() {
                if unit.side[c] == 0 {
                    continue;
                }
                let row = rows.row(c);
                for j in 0..columns {
                    mapped[c * columns + j] = row
                        .iter()
                        .zip(basis.column(j).iter())
                        .map(|(a, b)| a * b)
                        .sum();
                }
            }
            for (i, class) in rows.class.iter().enumerate() {
                let Some(c) = *class else { continue };
                let c = c as usize;
                if unit.side[c] == 0 {
                    continue;
                }
                let mult = rows.mult[i];
                let slope = unit.sign
                    * (self.mean * mult + self.half * mult.abs() * f64::from(unit.side[c]));
                let s = rows.sample[i] as usize;
                for j in 0..columns {
                    jacobian[(s, offset + j)] += slope * mapped[c * columns + j];
                }
            }
        }
        for (index, constant) in model.constants.iter().enumerate() {
            jacobian
                .column_mut(constant_at + index)
                .copy_from_slice(&constant.values);
        }
        let mut hessian = jacobian.tr_mul(&jacobian);
        for ((unit, basis), offset) in self.units.iter().zip(&bases).zip(&offsets) {
            let rho = model.rho(&unit.p);
            let columns = basis.ncols();
            let decayed = basis.rows(0, model.decayed);
            let unit_vector = DVector::from_iterator(
                model.decayed,
                unit.p[..model.decayed].iter().map(|x| x / rho),
            );
            let along = decayed.tr_mul(&unit_vector);
            let square = decayed.tr_mul(&decayed);
            for i in 0..columns {
                for j in 0..columns {
                    hessian[(offset + i, offset + j)] +=
                        model.beta / rho * (square[(i, j)] - along[i] * along[j]);
                }
            }
        }
        for (index, constant) in model.constants.iter().enumerate() {
            hessian[(constant_at + index, constant_at + index)] += constant.decay;
        }
        let trace = hessian.trace() / width as f64;
        let mut damping = 1e-13 * trace;
        let solution = loop {
            let mut damped = hessian.clone();
            for i in 0..width {
                damped[(i, i)] += damping;
            }
            if let Some(cholesky) = damped.clone().cholesky() {
                let mut e = cholesky.solve(&(-&reduced));
                // One step of refinement against the damped matrix.
                let rest = -&reduced - &damped * &e;
                e += cholesky.solve(&rest);
                break e;
            }
            damping = (damping * 100.0).max(1e-300);
            if !damping.is_finite() {
                return false;
            }
        };
        let mut directions = Vec::with_capacity(self.units.len());
        for (basis, offset) in bases.iter().zip(&offsets) {
            let d = basis * solution.rows(*offset, basis.ncols());
            directions.push(d.as_slice().to_vec());
        }
        self.line_search(&directions, &solution.as_slice()[constant_at..])
    }

    /// Moves to the first local minimum along the directions. `false` if there is no decrease to be had.
    fn line_search(&mut self, directions: &[Vec<f64>], dc: &[f64]) -> bool {
        let model = self.model;
        let moves: Vec<Vec<f64>> = self
            .units
            .iter()
            .zip(directions)
            .map(|(unit, d)| {
                let mut m = model.products(d);
                for c in &unit.active {
                    m[*c] = 0.0;
                }
                m
            })
            .collect();
        // Kinks on the way, in order: (step, unit, class).
        let mut kinks: Vec<(f64, usize, usize)> = Vec::new();
        for (k, (unit, m)) in self.units.iter().zip(&moves).enumerate() {
            let size = directions[k].iter().map(|x| x * x).sum::<f64>().sqrt();
            for c in 0..m.len() {
                let side = f64::from(unit.side[c]);
                if side * m[c] < -1e-14 * size * model.rows.length[c] {
                    let at = (-(unit.t[c] * side) / (m[c] * side)).max(0.0);
                    if at <= 1.0 {
                        kinks.push((at, k, c));
                    }
                }
            }
        }
        kinks.sort_by(|a, b| a.0.total_cmp(&b.0).then((a.1, a.2).cmp(&(b.1, b.2))));
        // Groups of kinks at the same step.
        let mut stations: Vec<(f64, usize)> = vec![(0.0, 0)];
        for (index, kink) in kinks.iter().enumerate() {
            let last = stations.len() - 1;
            if kink.0 <= stations[last].0 + 1e-15 {
                stations[last].1 = index + 1;
            } else {
                stations.push((kink.0, index + 1));
            }
        }
        // Slope after the first `count` kinks were crossed, evaluated at `at`; also the constants of the piece: (z·f', f'·f') with z at 0-extrapolation.
        let piece = |count: usize| -> (Vec<f64>, Vec<f64>) {
            let mut f = vec![0.0; model.n()];
            let mut df = vec![0.0; model.n()];
            self.add_constants(&self.constants, &mut f);
            self.add_constants(dc, &mut df);
            let mut sides: Vec<Vec<i8>> = self.units.iter().map(|u| u.side.clone()).collect();
            for (_, k, c) in &kinks[..count] {
                sides[*k][*c] = -sides[*k][*c];
            }
            for ((unit, m), side) in self.units.iter().zip(&moves).zip(&sides) {
                self.add(unit, &unit.t, side, &mut f);
                self.add(unit, m, side, &mut df);
            }
            for (f, y) in f.iter_mut().zip(&model.y) {
                *f -= y;
            }
            (f, df)
        };
        let smooth = |at: f64| -> f64 {
            let mut slope = 0.0;
            for (unit, d) in self.units.iter().zip(directions) {
                let (mut pp, mut pd) = (0.0, 0.0);
                for j in 0..model.decayed {
                    let x = unit.p[j] + at * d[j];
                    pp += x * x;
                    pd += x * d[j];
                }
                slope += model.beta * pd / pp.sqrt().max(1e-300);
            }
            for ((constant, c), d) in model.constants.iter().zip(&self.constants).zip(dc) {
                slope += constant.decay * (c + at * d) * d;
            }
            slope
        };
        // The residual part along the line: (½‖z‖², z·f', f'·f') extrapolated to step 0.
        let coefficients = |count: usize| -> (f64, f64, f64) {
            let (f, df) = piece(count);
            (
                0.5 * f.iter().map(|x| x * x).sum::<f64>(),
                f.iter().zip(&df).map(|(a, b)| a * b).sum(),
                df.iter().map(|x| x * x).sum(),
            )
        };
        let penalty = |at: f64| -> f64 {
            let mut value = 0.0;
            for (unit, d) in self.units.iter().zip(directions) {
                let square: f64 = (0..model.decayed)
                    .map(|j| (unit.p[j] + at * d[j]).powi(2))
                    .sum();
                value += model.beta * square.sqrt();
            }
            for ((constant, c), d) in model.constants.iter().zip(&self.constants).zip(dc) {
                value += 0.5 * constant.decay * (c + at * d).powi(2);
            }
            value
        };
        let first = coefficients(stations[0].1);
        if first.1 + smooth(0.0) >= 0.0 {
            // Kinks at the start itself block: they become active.
            let blocking: Vec<(usize, usize)> = kinks[..stations[0].1]
                .iter()
                .map(|(_, k, c)| (*k, *c))
                .collect();
            let mut changed = false;
            for (k, c) in blocking {
                changed |= self.activate(k, c);
            }
            return changed;
        }
        let value_at_start = first.0 + penalty(0.0);
        // Binary search for a station with a negative slope before it and a non-negative one after it. The slope is not monotone, so the point
        // found may lie higher than the start: then the search goes on in the first half.
        let mut limit = stations.len();
        let (at, at_kink, low, high, value) = loop {
            let (mut low, mut high) = (0usize, limit);
            let mut low_piece = first;
            while high - low > 1 {
                let middle = usize::midpoint(low, high);
                let c = coefficients(stations[middle].1);
                let at = stations[middle].0;
                if c.1 + at * c.2 + smooth(at) >= 0.0 {
                    high = middle;
                } else {
                    low = middle;
                    low_piece = c;
                }
            }
            let start = stations[low].0;
            let end = stations.get(high).map_or(1.0, |s| s.0);
            let slope = |at: f64| low_piece.1 + at * low_piece.2 + smooth(at);
            let mut at_kink = false;
            let at = if slope(end) >= 0.0 {
                let (mut a, mut b) = (start, end);
                for _ in 0..60 {
                    let middle = 0.5 * (a + b);
                    if slope(middle) >= 0.0 {
                        b = middle;
                    } else {
                        a = middle;
                    }
                    if b - a <= 1e-15 * b {
                        break;
                    }
                }
                0.5 * (a + b)
            } else {
                at_kink = high < stations.len();
                end
            };
            let value = low_piece.0 + at * low_piece.1 + 0.5 * at * at * low_piece.2 + penalty(at);
            if low == 0 || value <= value_at_start {
                break (at, at_kink, low, high, value);
            }
            limit = low.div_ceil(2);
        };
        let crossed = stations[low].1;
        // Apply.
        for ((unit, d), m) in self.units.iter_mut().zip(directions).zip(&moves) {
            for (p, d) in unit.p.iter_mut().zip(d) {
                *p += at * d;
            }
            for (t, m) in unit.t.iter_mut().zip(m) {
                *t += at * m;
            }
        }
        for (c, d) in self.constants.iter_mut().zip(dc) {
            *c += at * d;
        }
        for (_, k, c) in &kinks[..crossed] {
            let unit = &mut self.units[*k];
            unit.side[*c] = -unit.side[*c];
        }
        if at_kink {
            let group: Vec<(usize, usize)> = kinks[crossed..stations[high].1]
                .iter()
                .map(|(_, k, c)| (*k, *c))
                .collect();
            for (k, c) in group {
                self.activate(k, c);
            }
        }
        if value < value_at_start - 1e-14 * value_at_start.abs() {
            self.released.clear();
            self.single = false;
        }
        self.refresh();
        true
    }

    /// Makes a kink active and puts the neuron on it.
    fn activate(&mut self, k: usize, c: usize) -> bool {
        let unit = &mut self.units[k];
        if unit.side[c] == 0 {
            return false;
        }
        unit.side[c] = 0;
        unit.active.push(c);
        let basis = null_space(&self.model.rows, &unit.active);
        if basis.ncols() == 0 {
            // Only the origin is left: let the kink go again, the neuron is about to vanish.
            unit.active.pop();
            unit.side[c] = if unit.t[c] >= 0.0 { 1 } else { -1 };
            return false;
        }
        true
    }

    /// Recomputes the products and puts every neuron back on its kinks.
    fn refresh(&mut self) {
        for unit in &mut self.units {
            if !unit.active.is_empty() {
                let basis = null_space(&self.model.rows, &unit.active);
                let p = DVector::from_column_slice(&unit.p);
                let p = &basis * basis.tr_mul(&p);
                unit.p = p.as_slice().to_vec();
            }
            unit.t = self.model.products(&unit.p);
            for c in 0..unit.t.len() {
                if unit.side[c] == 0 {
                    unit.t[c] = 0.0;
                }
            }
            // A class that was not followed through its kink (it moved by rounding only) takes the side it is on.
            let size = unit.p.iter().map(|x| x * x).sum::<f64>().sqrt();
            for c in 0..unit.t.len() {
                if unit.side[c] != 0
                    && unit.t[c] * f64::from(unit.side[c]) < 0.0
                    && unit.t[c].abs() > 1e-12 * size * self.model.rows.length[c]
                {
                    unit.side[c] = -unit.side[c];
                }
            }
        }
    }

    /// At a stationary point of the subspace: releases the kinks whose slopes lie furthest outside `[−1, 1]`. `false` if there is none.
    fn release(&mut self, gradients: &[Vec<f64>], weight: &[f64]) -> bool {
        let rows = &self.model.rows;
        let mut violated: Vec<(f64, usize, usize, i8)> = Vec::new();
        for (k, unit) in self.units.iter().enumerate() {
            if unit.active.is_empty() {
                continue;
            }
            let columns = unit.active.len();
            let matrix = DMatrix::from_fn(rows.dim, columns, |i, j| rows.row(unit.active[j])[i]);
            let rhs = DVector::from_iterator(rows.dim, gradients[k].iter().map(|g| -g));
            let Ok(mu) = matrix.svd(true, true).solve(&rhs, 1e-11) else {
                continue;
            };
            for (j, c) in unit.active.iter().enumerate() {
                if self.released.contains(&(k, *c)) {
                    continue;
                }
                // gradient + sign·weight·γ·p_c must vanish: sign·weight·γ = μ. A step to side σ changes the slope by sign·weight·σ − μ.
                let w = unit.sign * weight[*c];
                for side in [1i8, -1] {
                    // Directional derivative along the direction that raises σ·t by one.
                    let derivative = w - f64::from(side) * mu[j];
                    let scaled = derivative * rows.length[*c] / self.model.beta.max(1e-300);
                    if scaled < -1e-11
                        && violated
                            .last()
                            .is_none_or(|x| (x.1, x.2) != (k, *c) || scaled < x.0)
                    {
                        if violated.last().is_some_and(|x| (x.1, x.2) == (k, *c)) {
                            violated.pop();
                        }
                        violated.push((scaled, k, *c, side));
                    }
                }
            }
        }
        let Some(worst) = violated.iter().map(|x| x.0).min_by(f64::total_cmp) else {
            if self.single || self.released.is_empty() {
                return false;
            }
            self.single = true;
            self.released.clear();
            return true;
        };
        for (depth, k, c, side) in violated {
            if depth > if self.single { worst } else { 0.1 * worst } {
                continue;
            }
            let unit = &mut self.units[k];
            unit.active.retain(|x| *x != c);
            unit.side[c] = side;
            self.released.push((k, c));
        }
        true
    }

    /// Removes neurons of vanishing penalty. With an undecayed hidden bias such a neuron is a constant `sign·φ(bias)` for every row: it moves to the
    /// hidden constant, which is the last one of the model.
    fn fold_constants(&mut self, largest: f64) {
        let model = self.model;
        let hidden = model.decayed < model.r();
        let mut moved = 0.0;
        self.units.retain(|unit| {
            let keep = model.rho(&unit.p) > 1e-10 * largest;
            if !keep && hidden {
                moved += unit.sign * model.phi(unit.p[model.r() - 1]);
            }
            keep
        });
        if let Some(last) = self.constants.last_mut()
            && hidden
        {
            *last += moved;
        }
    }

    /// Drops vanishing neurons and merges neurons of one sign that share a closed cell.
    fn merge_and_drop(&mut self) {
        let largest = self
            .units
            .iter()
            .map(|u| self.model.rho(&u.p))
            .fold(0.0, f64::max);
        self.fold_constants(largest);
        let mut i = 0;
        while i < self.units.len() {
            let mut j = i + 1;
            while j < self.units.len() {
                let (a, b) = (&self.units[i], &self.units[j]);
                let same = a.sign == b.sign && a.side.iter().zip(&b.side).all(|(x, y)| x * y >= 0);
                if same {
                    let b = self.units.swap_remove(j);
                    let a = &mut self.units[i];
                    for (x, y) in a.p.iter_mut().zip(&b.p) {
                        *x += y;
                    }
                    for (x, y) in a.t.iter_mut().zip(&b.t) {
                        *x += y;
                    }
                    for (x, y) in a.side.iter_mut().zip(&b.side) {
                        if *x == 0 {
                            *x = *y;
                        }
                    }
                    let side = &a.side;
                    a.active.retain(|c| side[*c] == 0);
                    self.released.clear();
                } else {
                    j += 1;
                }
            }
            i += 1;
        }
    }
}

/// Orthonormal basis of `{d : p_c·d = 0 for the active classes}`, columns of an `r × k` matrix.
fn null_space(rows: &crate::arrangement::rows::Rows, active: &[usize]) -> DMatrix<f64> {
    let r = rows.dim;
    let mut span: Vec<DVector<f64>> = Vec::new();
    for c in active {
        let mut x = DVector::from_column_slice(rows.row(*c)) / rows.length[*c];
        for _ in 0..2 {
            for s in &span {
                let k = s.dot(&x);
                x -= k * s;
            }
        }
        let size = x.norm();
        if size > 1e-10 {
            span.push(x / size);
        }
    }
    let taken = span.len();
    let mut order: Vec<usize> = (0..r).collect();
    order.sort_by(|a, b| {
        let weight = |i: usize| span.iter().map(|s| s[i] * s[i]).sum::<f64>();
        weight(*a).total_cmp(&weight(*b))
    });
    for i in order {
        if span.len() == r {
            break;
        }
        let mut x = DVector::zeros(r);
        x[i] = 1.0;
        for _ in 0..2 {
            for s in &span {
                let k = s.dot(&x);
                x -= k * s;
            }
        }
        let size = x.norm();
        if size > 1e-8 {
            span.push(x / size);
        }
    }
    let columns = &span[taken..];
    if columns.is_empty() {
        DMatrix::zeros(r, 0)
    } else {
        DMatrix::from_columns(columns)
    }
}
