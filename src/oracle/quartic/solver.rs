//! The quartic bound of one region: a primal-dual interior-point method for the moment relaxation of degree 4.
//!
//! On the unit vectors of a region `{σ_c p_c·u ≥ 0}`, for rows of length 1, the maximum of `H(u) = ℓ·u + Σ W_c |p_c·u|` is at most that over the moments of degree 3
//! and 4 whose moment matrix is positive semidefinite and whose moments of every row's value t_c split into those of a distribution on [0, 1] and one on [−1, 0] (on one of
//! them, where the sign is fixed), whose mean of |t| takes the place of |t_c|. The dual: for every class a polynomial `P_c(t)` of degree 4, at least `W_c|t|` on [−1, 1] (or
//! on the side that is fixed), such that `λ − ℓ·u − Σ P_c(p_c·u)` is a sum of squares on the sphere, given by the Gram matrix X. A half-space
//! `a·u ≥ c` makes the matrix of the moments of `(a·u − c)` times the products of two of `(1, u)` positive semidefinite; in the dual it is the square of a linear function, or a sum of such, times
//! `a·u − c` that is taken away from the sum of squares. Both are solved together (Helmberg,
//! Rendl, Vanderbei, Wolkowicz 1996; Kojima, Shindoh, Hara 1997; Monteiro 1997; predictor and corrector as Mehrotra's): the rows' own variables are eliminated 5 by 5.

use nalgebra::{DMatrix, DVector, Vector5};

use super::block::{Pair, mirrored};
use super::boundary::longest;
use super::moments::{DEGREES, Localizer, Moments};
use super::start::Warm;
use super::system::System;
use crate::oracle::form::Form;

/// Part of the way to the boundary.
const DAMPING: f64 = 0.95;
/// Steps at most.
const MOST_STEPS: usize = 60;
/// What a unit of the dual residual counts for in the bound.
const RESIDUAL: f64 = 20.0;
/// The dual residual from which a solution proves something.
const MOST_RESIDUAL: f64 = 1e-3;
/// Steps at most from where another solution was.
const MOST_WARM: usize = 12;
/// Relative gap of the point that the next solution for the same region may begin with.
const WARM_GAP: f64 = 0.1;
/// How well such a point has to fulfil the conditions on the moments.
const WARM_RESIDUAL: f64 = 0.1;

/// What proves a bound, in floats.
#[derive(Clone, Debug, PartialEq)]
pub struct Certificate {
    /// The bound λ, units of H.
    pub bound: f64,
    /// Coefficients of P_c in t, rows of length 1; 0 for classes that are neither fixed nor have a weight.
    pub polynomials: Vec<[f64; DEGREES]>,
    /// The Gram matrix, on and above the diagonal, row by row.
    pub gram: Vec<f64>,
    /// The matrix of the multiplier of each half-space, in `(1, u)`, in the same order; for the first ones, if there are fewer.
    pub local: Vec<Vec<f64>>,
}

impl Certificate {
    /// The certificate of `factor` times its form plus that of `other`, in the same region; factor ≥ 0.
    pub fn combined(&self, factor: f64, other: &Certificate) -> Certificate {
        let sum = |a: &f64, b: &f64| factor * a + b;
        Certificate {
            bound: factor * self.bound + other.bound,
            polynomials: self
                .polynomials
                .iter()
                .zip(&other.polynomials)
                .map(|(a, b)| std::array::from_fn(|k| sum(&a[k], &b[k])))
                .collect(),
            gram: self
                .gram
                .iter()
                .zip(&other.gram)
                .map(|(a, b)| sum(a, b))
                .collect(),
            local: (0..self.local.len().max(other.local.len()))
                .map(|i| match (self.local.get(i), other.local.get(i)) {
                    (Some(a), Some(b)) => a.iter().zip(b).map(|(a, b)| sum(a, b)).collect(),
                    (Some(a), None) => a.iter().map(|a| factor * a).collect(),
                    (None, b) => b.cloned().unwrap_or_default(),
                })
                .collect(),
        }
    }
}

/// The moments that a relaxation ends with.
#[derive(Clone, Debug)]
pub struct Point {
    /// The objective: a lower bound on what the relaxation can prove, if feasible.
    pub value: f64,
    /// First moments, length r.
    pub first: Vec<f64>,
    /// For every class what stands for |t| (for a fixed one σt).
    pub size: Vec<f64>,
    /// For every class |mean of t|.
    pub inside: Vec<f64>,
    /// Second moments, r × r.
    pub second: DMatrix<f64>,
    /// Whether the moments fulfil all conditions.
    pub feasible: bool,
}

/// What a solution ends with.
pub struct Solved {
    /// None if the floats failed before anything was proven.
    pub certificate: Option<Certificate>,
    /// The moments; None if there are none yet.
    pub point: Option<Point>,
    /// Steps.
    pub steps: usize,
    /// Where the next solution for this region may begin.
    pub warm: Option<Warm>,
    /// Whether it is what was asked for.
    pub is_done: bool,
}

impl Solved {
    fn bound(&self) -> f64 {
        let bound = self.certificate.as_ref().map(|c| c.bound);
        bound.unwrap_or(f64::INFINITY)
    }
}

/// How far to go.
#[derive(Copy, Clone, Debug)]
pub struct Goal {
    /// A bound at most this is good enough.
    pub enough: f64,
    /// Relative distance of the bound and the value of the moments that is good enough.
    pub accuracy: f64,
}

/// A condition on the moments of a row: w = σ-mirrored (μ_f, or L_c − μ_f, or L_c).
#[derive(Copy, Clone, Debug)]
pub(super) struct Part {
    pub(super) class: usize,
    pub(super) minus: bool,
    /// The free class's number, and whether it is its first part.
    pub(super) free: Option<(usize, bool)>,
}

/// All unknowns, or a change of them.
#[derive(Clone, Debug)]
pub(super) struct State {
    pub(super) moments: DVector<f64>,
    pub(super) own: Vec<Vector5<f64>>,
    pub(super) x: DMatrix<f64>,
    pub(super) z: DMatrix<f64>,
    pub(super) xs: Vec<Pair>,
    pub(super) zs: Vec<Pair>,
    /// Of the localizers.
    pub(super) local: Vec<Local>,
}

/// The matrices of a localizer: the square's in the dual, the moments' in the primal.
#[derive(Clone, Debug)]
pub(super) struct Local {
    pub(super) x: DMatrix<f64>,
    pub(super) z: DMatrix<f64>,
}

/// A region of the sphere.
#[derive(Copy, Clone, Debug, Default)]
pub struct Region<'r> {
    /// Classes whose sign is fixed, with the sign.
    pub fixed: &'r [(u32, f64)],
    /// Half-spaces `a·u ≥ c`, a of length 1.
    pub halves: &'r [(Vec<f64>, f64)],
}

/// One region.
pub struct Solver<'a> {
    pub(super) moments: &'a Moments,
    pub(super) parts: Vec<Part>,
    /// Classes of the free ones.
    pub(super) free: Vec<usize>,
    /// Objective of the moments and of the free classes' own mean of t on [0, 1]; divided by `scale`.
    pub(super) objective: DVector<f64>,
    pub(super) own_objective: Vec<f64>,
    pub(super) scale: f64,
    pub(super) sign: Vec<f64>,
    pub(super) weight: Vec<f64>,
    pub(super) localizers: Vec<Localizer>,
}

/// A multiple of what is on and above the diagonal, row by row.
fn upper(matrix: &DMatrix<f64>, factor: f64) -> Vec<f64> {
    let size = matrix.nrows();
    (0..size)
        .flat_map(|i| (i..size).map(move |j| factor * matrix[(i, j)]))
        .collect()
}

pub(super) fn vector(w: &[f64; DEGREES]) -> Vector5<f64> {
    Vector5::from_column_slice(w)
}

fn mirrored_if(minus: bool, w: &Vector5<f64>) -> Vector5<f64> {
    if minus { mirrored(w) } else { *w }
}

impl<'a> Solver<'a> {
    /// A solver for a region of `form`, whose weights are for rows of length 1.
    pub fn new(moments: &'a Moments, form: &Form, region: &Region<'_>) -> Self {
        let mut sign = vec![0.0; form.weight.len()];
        for (c, s) in region.fixed {
            sign[*c as usize] = *s;
        }
        let free: Vec<usize> = (0..sign.len())
            .filter(|c| sign[*c] == 0.0 && form.weight[*c] != 0.0)
            .collect();
        let part = |class, minus, free| Part { class, minus, free };
        let mut parts = Vec::with_capacity(2 * free.len() + region.fixed.len());
        for (f, c) in free.iter().enumerate() {
            parts.push(part(*c, false, Some((f, true))));
            parts.push(part(*c, true, Some((f, false))));
        }
        let fixed = region.fixed.iter();
        parts.extend(fixed.map(|(c, s)| part(*c as usize, *s < 0.0, None)));
        let scale = form
            .weight
            .iter()
            .fold(f64::MIN_POSITIVE, |a, w| a.max(w.abs()));
        // |t| = σt, or 2 max(t, 0) − t: the rest is odd.
        let mut linear = DVector::from_column_slice(&form.linear);
        for (c, w) in form.weight.iter().enumerate() {
            let slope = if sign[c] == 0.0 { -w } else { sign[c] * w };
            moments.add_row(c, slope, &mut linear);
        }
        let (objective, _) = moments.reduce(moments.of_first(linear.as_slice()));
        let own_objective = free.iter().map(|c| 2.0 * form.weight[*c] / scale).collect();
        Solver {
            moments,
            parts,
            free,
            objective: objective / scale,
            own_objective,
            scale,
            sign,
            weight: form.weight.clone(),
            localizers: region
                .halves
                .iter()
                .map(|(a, c)| Localizer::new(a, *c))
                .collect(),
        }
    }

    /// The part's moments.
    pub(super) fn of_part(
        part: &Part,
        rows: &[[f64; DEGREES]],
        own: &[Vector5<f64>],
    ) -> Vector5<f64> {
        let row = vector(&rows[part.class]);
        let w = match part.free {
            Some((f, true)) => own[f],
            Some((f, false)) => row - own[f],
            None => row,
        };
        mirrored_if(part.minus, &w)
    }

    /// Weights of the parts' five moments as weights of the rows' moments and of the free classes' own.
    pub(super) fn collect(
        &self,
        weights: &[Vector5<f64>],
    ) -> (Vec<[f64; DEGREES]>, Vec<Vector5<f64>>) {
        let mut rows = vec![[0.0; DEGREES]; self.weight.len()];
        let mut own = vec![Vector5::zeros(); self.free.len()];
        for (part, w) in self.parts.iter().zip(weights) {
            let w = mirrored_if(part.minus, w);
            if let Some((f, first)) = part.free {
                if first {
                    own[f] += w;
                    continue;
                }
                own[f] -= w;
            }
            for k in 0..DEGREES {
                rows[part.class][k] += w[k];
            }
        }
        (rows, own)
    }

    /// Rows of all blocks together.
    pub(super) fn degree(&self) -> f64 {
        (self.moments.size + 5 * self.parts.len() + (self.moments.r + 1) * self.localizers.len())
            as f64
    }

    /// Finds the bound and the moments, if possible from a point on the way to another solution for this region.
    pub fn solve(&self, goal: &Goal, before: Option<&Warm>, stop: &dyn Fn() -> bool) -> Solved {
        let mut first = None;
        if let Some(state) = before.and_then(|before| self.adapted(before)) {
            let solved = self.solve_from(state, goal, MOST_WARM, stop);
            if solved.is_done || stop() {
                return solved;
            }
            first = Some(solved);
        }
        let second = self
            .start()
            .map(|state| self.solve_from(state, goal, MOST_STEPS, stop));
        let steps = [&first, &second].into_iter().flatten().map(|s| s.steps);
        let steps = steps.sum();
        let best = first
            .into_iter()
            .chain(second)
            .min_by(|a, b| a.bound().total_cmp(&b.bound()));
        match best {
            Some(solved) => Solved { steps, ..solved },
            None => Solved {
                certificate: None,
                point: None,
                steps,
                warm: None,
                is_done: false,
            },
        }
    }

    fn solve_from(
        &self,
        mut state: State,
        goal: &Goal,
        most_steps: usize,
        stop: &dyn Fn() -> bool,
    ) -> Solved {
        let mut best: Option<Certificate> = None;
        let mut point = None;
        let mut warm: Option<(f64, State)> = None;
        let (mut steps, mut worse) = (0, 0);
        let is_done = loop {
            let view = self.view(&state);
            // What is left of the dual equations costs at most this much.
            let claim = view.bound + RESIDUAL * view.dual * self.scale;
            if view.dual < MOST_RESIDUAL && best.as_ref().is_none_or(|b| claim < b.bound) {
                best = Some(self.certificate(&state, claim));
                worse = 0;
            } else if best.is_some() {
                worse += 1;
            }
            let feasible = view.primal < 1e-7;
            if worse == 0 || point.is_none() {
                point = Some(self.point(&state, &view, feasible));
            }
            let bound = best.as_ref().map_or(f64::INFINITY, |b| b.bound);
            let near =
                feasible && bound.is_finite() && bound - view.value <= goal.accuracy * bound.abs();
            if bound <= goal.enough || near {
                break true;
            }
            if worse > 2 || steps >= most_steps || stop() {
                break false;
            }
            let Some(next) = self.step(&state, &view) else {
                break false;
            };
            let last = std::mem::replace(&mut state, next);
            steps += 1;
            let off = (view.gap * self.scale / (WARM_GAP * view.bound.abs()))
                .ln()
                .abs();
            if view.primal < WARM_RESIDUAL && warm.as_ref().is_none_or(|w| off < w.0) {
                warm = Some((off, last));
            }
        };
        Solved {
            certificate: best,
            point,
            steps,
            warm: warm.map(|(_, state)| Warm {
                state,
                scale: self.scale,
            }),
            is_done,
        }
    }

    fn view(&self, state: &State) -> View {
        let all = self.moments.expand(&state.moments, true);
        let rows = self.moments.of_rows(&all);
        let residual = self.moments.matrix(&all) - &state.z;
        let mut primal = residual.norm_squared();
        let mut residuals = Vec::with_capacity(self.parts.len());
        let mut gap = state.x.dot(&state.z);
        let mut weights = Vec::with_capacity(self.parts.len());
        for ((part, x), z) in self.parts.iter().zip(&state.xs).zip(&state.zs) {
            let pair = Pair::of(&Self::of_part(part, &rows, &state.own)).plus(-1.0, z);
            primal += pair.dot(&pair);
            residuals.push(pair);
            gap += x.dot(z);
            weights.push(x.polynomial());
        }
        let (of_rows, of_own) = self.collect(&weights);
        let mut functional = DVector::zeros(all.len());
        self.moments.add_matrix(&state.x, &mut functional);
        self.moments.add_of_rows(&of_rows, &mut functional);
        let mut local = Vec::with_capacity(self.localizers.len());
        for (l, s) in self.localizers.iter().zip(&state.local) {
            let residual = self.moments.local(l, &all) - &s.z;
            primal += residual.norm_squared();
            local.push(residual);
            gap += s.x.dot(&s.z);
            self.moments.add_local(l, &s.x, &mut functional);
        }
        let (gradient, bound) = self.moments.reduce(functional);
        let moments = &self.objective + gradient;
        let mut dual = moments.norm_squared();
        let mut value = self.objective.dot(&state.moments);
        for ((w, b), own) in of_own.iter().zip(&self.own_objective).zip(&state.own) {
            let mut w = *w;
            w[1] += b;
            dual += w.norm_squared();
            value += b * own[1];
        }
        View {
            value: value * self.scale,
            bound: bound * self.scale,
            dual: dual.sqrt(),
            primal: primal.sqrt(),
            gap,
            residual,
            residuals,
            local,
            all,
            rows,
        }
    }

    fn certificate(&self, state: &State, bound: f64) -> Certificate {
        let mut polynomials = vec![[0.0; DEGREES]; self.weight.len()];
        for (part, x) in self.parts.iter().zip(&state.xs) {
            let q = mirrored_if(part.minus, &x.polynomial()) * self.scale;
            let w = self.weight[part.class];
            let line = match part.free {
                Some((_, true)) => w,
                Some((_, false)) => continue,
                None => self.sign[part.class] * w,
            };
            for k in 0..DEGREES {
                polynomials[part.class][k] = q[k] + if k == 1 { line } else { 0.0 };
            }
        }
        Certificate {
            bound,
            polynomials,
            gram: upper(&state.x, self.scale),
            local: state
                .local
                .iter()
                .map(|l| upper(&l.x, self.scale))
                .collect(),
        }
    }

    fn point(&self, state: &State, view: &View, feasible: bool) -> Point {
        let inside: Vec<f64> = view.rows.iter().map(|w| w[1].abs()).collect();
        let mut size = inside.clone();
        for (c, s) in self.sign.iter().enumerate() {
            if *s != 0.0 {
                size[c] = s * view.rows[c][1];
            }
        }
        for (own, c) in state.own.iter().zip(&self.free) {
            size[*c] = (2.0 * own[1] - view.rows[*c][1]).max(inside[*c]);
        }
        Point {
            value: view.value,
            first: self.moments.first(&view.all),
            size,
            inside,
            second: self
                .moments
                .matrix(&view.all)
                .view((0, 0), (self.moments.r, self.moments.r))
                .into_owned(),
            feasible,
        }
    }

    fn step(&self, state: &State, view: &View) -> Option<State> {
        let inverse = state.z.clone().cholesky()?.inverse();
        let inverses: Vec<Pair> = state.zs.iter().map(Pair::inverse).collect::<Option<_>>()?;
        let local: Vec<DMatrix<f64>> = state
            .local
            .iter()
            .map(|l| Some(l.z.clone().cholesky()?.inverse()))
            .collect::<Option<_>>()?;
        let system = System::new(self, state, &inverse, &inverses, &local)?;
        let level = view.gap / self.degree();
        let affine = system.direction(self, state, view, 0.0, None)?;
        let (x, z) = self.lengths(state, &affine, 1.0)?;
        let mut left = (&state.x + &affine.x * x).dot(&(&state.z + &affine.z * z));
        for (((a, da), b), db) in state
            .xs
            .iter()
            .zip(&affine.xs)
            .zip(&state.zs)
            .zip(&affine.zs)
        {
            left += a.plus(x, da).dot(&b.plus(z, db));
        }
        for (s, d) in state.local.iter().zip(&affine.local) {
            left += (&s.x + &d.x * x).dot(&(&s.z + &d.z * z));
        }
        let ratio = (left / view.gap).max(0.0);
        let centre = if x.min(z) > 0.1 {
            (ratio * ratio).clamp(1e-3, 1.0)
        } else {
            0.5
        };
        let direction = system.direction(self, state, view, centre * level, Some(&affine))?;
        let (x, z) = self.lengths(state, &direction, DAMPING)?;
        if !(x.is_finite() && z.is_finite()) || x.max(z) < 1e-6 {
            return None;
        }
        let pairs =
            |a: &[Pair], d: &[Pair], t: f64| a.iter().zip(d).map(|(a, d)| a.plus(t, d)).collect();
        Some(State {
            moments: &state.moments + &direction.moments * z,
            own: state
                .own
                .iter()
                .zip(&direction.own)
                .map(|(a, d)| a + d * z)
                .collect(),
            x: &state.x + &direction.x * x,
            z: &state.z + &direction.z * z,
            xs: pairs(&state.xs, &direction.xs, x),
            zs: pairs(&state.zs, &direction.zs, z),
            local: state
                .local
                .iter()
                .zip(&direction.local)
                .map(|(s, d)| Local {
                    x: &s.x + &d.x * x,
                    z: &s.z + &d.z * z,
                })
                .collect(),
        })
    }

    /// How far X and Z may go, at most 1.
    fn lengths(&self, state: &State, d: &State, damping: f64) -> Option<(f64, f64)> {
        let mut x = longest(&state.x, &d.x)?;
        let mut z = longest(&state.z, &d.z)?;
        for i in 0..self.parts.len() {
            x = x.min(state.xs[i].longest(&d.xs[i])?);
            z = z.min(state.zs[i].longest(&d.zs[i])?);
        }
        for (s, d) in state.local.iter().zip(&d.local) {
            x = x.min(longest(&s.x, &d.x)?);
            z = z.min(longest(&s.z, &d.z)?);
        }
        Some(((damping * x).min(1.0), (damping * z).min(1.0)))
    }
}

pub(super) struct View {
    pub(super) value: f64,
    pub(super) bound: f64,
    pub(super) dual: f64,
    pub(super) primal: f64,
    /// ⟨X, Z⟩
    pub(super) gap: f64,
    pub(super) residual: DMatrix<f64>,
    pub(super) residuals: Vec<Pair>,
    pub(super) local: Vec<DMatrix<f64>>,
    /// All moments.
    pub(super) all: DVector<f64>,
    pub(super) rows: Vec<[f64; DEGREES]>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oracle::ascent::Random;

    struct Case {
        rows: DMatrix<f64>,
        form: Form,
        fixed: Vec<(u32, f64)>,
    }

    fn case(random: &mut Random, n: usize, r: usize, fixed: usize) -> Case {
        let mut rows = DMatrix::from_fn(n, r, |_, _| random.normal());
        for mut row in rows.row_iter_mut() {
            let length = row.norm();
            row /= length;
        }
        let form = Form {
            linear: (0..r).map(|_| 0.3 * random.normal()).collect(),
            weight: (0..n)
                .map(|c| if c == 1 { 0.0 } else { random.normal() })
                .collect(),
        };
        let fixed = (0..fixed)
            .map(|c| (c as u32, if random.normal() > 0.0 { 1.0 } else { -1.0 }))
            .collect();
        Case { rows, form, fixed }
    }

    /// Unit vectors of the region.
    fn directions(case: &Case, random: &mut Random, count: usize) -> Vec<DVector<f64>> {
        let r = case.rows.ncols();
        let mut list = Vec::new();
        for _ in 0..count {
            let u = DVector::from_fn(r, |_, _| random.normal()).normalize();
            let is_in = |(c, s): &(u32, f64)| s * (case.rows.row(*c as usize) * &u)[0] >= 0.0;
            if case.fixed.iter().all(is_in) {
                list.push(u);
            }
        }
        list
    }

    #[test]
    fn the_certificate_is_what_it_says_at_every_direction() {
        let mut random = Random::new(5);
        let goal = Goal {
            enough: 0.0,
            accuracy: 1e-5,
        };
        for index in 0..40 {
            let (r, fixed) = (1 + index % 4, index / 4 % 4);
            let case = case(&mut random, 6 + index % 5, r, fixed);
            let moments = Moments::new(&case.rows);
            let solved = Solver::new(
                &moments,
                &case.form,
                &Region {
                    fixed: &case.fixed,
                    halves: &[],
                },
            )
            .solve(&goal, None, &|| false);
            let sample = directions(&case, &mut random, 3000);
            if sample.is_empty() {
                continue; // the region may be empty, and the bound anything
            }
            let certificate = solved.certificate.expect("a bound");
            let scale = case.form.weight.iter().map(|w| w.abs()).sum::<f64>();
            for u in &sample {
                let t: Vec<f64> = (0..case.rows.nrows())
                    .map(|c| (case.rows.row(c) * u)[0])
                    .collect();
                let linear: f64 = case
                    .form
                    .linear
                    .iter()
                    .zip(u.iter())
                    .map(|(a, b)| a * b)
                    .sum();
                let h = linear
                    + case
                        .form
                        .weight
                        .iter()
                        .zip(&t)
                        .map(|(w, t)| w * t.abs())
                        .sum::<f64>();
                assert!(
                    h <= certificate.bound + 1e-6 * scale,
                    "{h} {}",
                    certificate.bound
                );
                let mut rest = certificate.bound - linear;
                for (c, p) in certificate.polynomials.iter().enumerate() {
                    let value = p.iter().rev().fold(0.0, |x, a| x * t[c] + a);
                    assert!(
                        value >= case.form.weight[c] * t[c].abs() - 5e-3 * scale,
                        "class {c} at {}",
                        t[c]
                    );
                    rest -= value;
                }
                let z = DVector::from_iterator(
                    moments.size,
                    u.iter().copied().chain(
                        (0..r)
                            .flat_map(|i| (i..r).map(move |j| (i, j)))
                            .map(|(i, j)| u[i] * u[j]),
                    ),
                );
                let mut squares = 0.0;
                let mut gram = certificate.gram.iter();
                for i in 0..moments.size {
                    for j in i..moments.size {
                        let x = gram.next().copied().unwrap_or(0.0) * z[i] * z[j];
                        squares += if i == j { x } else { 2.0 * x };
                    }
                }
                assert!((rest - squares).abs() < 0.05 * scale, "{rest} {squares}");
            }
            let point = solved.point.expect("moments");
            assert!(!point.feasible || point.value <= certificate.bound + 1e-6 * scale);
        }
    }

    #[test]
    fn half_spaces_count_and_their_certificate_holds() {
        // On the circle, −|u₁| + ½u₂: ½ at (0, 1), and where u₂ ≤ ½ it is −½, at (0, −1). Then cases at random.
        let rows = DMatrix::from_row_slice(1, 2, &[1.0, 0.0]);
        let form = Form {
            linear: vec![0.0, 0.5],
            weight: vec![-1.0],
        };
        let moments = Moments::new(&rows);
        let goal = Goal {
            enough: -10.0,
            accuracy: 1e-6,
        };
        let bound = |halves: &[(Vec<f64>, f64)]| {
            let region = Region { fixed: &[], halves };
            let solved = Solver::new(&moments, &form, &region).solve(&goal, None, &|| false);
            solved.certificate.expect("a bound").bound
        };
        assert!((bound(&[]) - 0.5).abs() < 1e-3);
        let below = bound(&[(vec![0.0, -1.0], -0.5)]);
        assert!((-0.5 - 1e-6..-0.4).contains(&below), "{below}");
        let (mut better, mut count) = (0, 0);
        let mut random = Random::new(6);
        let goal = Goal {
            enough: 0.0,
            accuracy: 1e-5,
        };
        for index in 0..20 {
            let r = 2 + index % 3;
            let case = case(&mut random, 6, r, index % 2);
            let moments = Moments::new(&case.rows);
            let halves: Vec<(Vec<f64>, f64)> = (0..1 + index % 3)
                .map(|_| {
                    let a = DVector::from_fn(r, |_, _| random.normal()).normalize();
                    (a.as_slice().to_vec(), 0.3 * random.normal())
                })
                .collect();
            let region = Region {
                fixed: &case.fixed,
                halves: &halves,
            };
            let solved = Solver::new(&moments, &case.form, &region).solve(&goal, None, &|| false);
            let inside = |u: &DVector<f64>| {
                let value = |a: &Vec<f64>| a.iter().zip(u.iter()).map(|(a, u)| a * u).sum::<f64>();
                halves.iter().all(|(a, c)| value(a) >= *c)
            };
            let sample: Vec<_> = directions(&case, &mut random, 3000)
                .into_iter()
                .filter(inside)
                .collect();
            if sample.is_empty() {
                continue;
            }
            let certificate = solved.certificate.expect("a bound");
            assert_eq!(certificate.local.len(), halves.len());
            let scale = case.form.weight.iter().map(|w| w.abs()).sum::<f64>();
            let whole = Solver::new(
                &moments,
                &case.form,
                &Region {
                    halves: &[],
                    ..region
                },
            )
            .solve(&goal, None, &|| false)
            .certificate
            .expect("a bound");
            // Floats may end early where a region is nearly empty; what they prove holds all the same.
            better += usize::from(certificate.bound <= whole.bound + 1e-4 * scale);
            count += 1;
            for u in &sample {
                let t = &case.rows * u;
                let linear = form_linear(&case.form, u);
                let weights = case.form.weight.iter().zip(t.iter());
                let h = linear + weights.map(|(w, t)| w * t.abs()).sum::<f64>();
                assert!(h <= certificate.bound + 1e-6 * scale);
                // λ − ℓ·u − ΣP − Σ(a·u − c)·y is the sum of squares.
                let mut rest = certificate.bound - linear;
                for (p, t) in certificate.polynomials.iter().zip(t.iter()) {
                    rest -= p.iter().rev().fold(0.0, |x, a| x * t + a);
                }
                let affine: Vec<f64> = std::iter::once(1.0).chain(u.iter().copied()).collect();
                for ((a, c), y) in halves.iter().zip(&certificate.local) {
                    let value = a.iter().zip(u.iter()).map(|(a, u)| a * u).sum::<f64>() - c;
                    rest -= value * square(y, &affine);
                }
                let pairs = (0..r).flat_map(|i| (i..r).map(move |j| (i, j)));
                let z: Vec<f64> = u
                    .iter()
                    .copied()
                    .chain(pairs.map(|(i, j)| u[i] * u[j]))
                    .collect();
                let squares = square(&certificate.gram, &z);
                assert!((rest - squares).abs() < 0.05 * scale, "{rest} {squares}");
            }
        }
        assert!(better * 4 >= count * 3, "{better} of {count}");
    }

    fn form_linear(form: &Form, u: &DVector<f64>) -> f64 {
        form.linear.iter().zip(u.iter()).map(|(a, b)| a * b).sum()
    }

    /// `zᵀXz` for what is on and above the diagonal of X.
    fn square(upper: &[f64], z: &[f64]) -> f64 {
        let mut entries = upper.iter();
        let mut sum = 0.0;
        for i in 0..z.len() {
            for j in i..z.len() {
                let x = entries.next().copied().unwrap_or(0.0) * z[i] * z[j];
                sum += if i == j { x } else { 2.0 * x };
            }
        }
        sum
    }

    #[test]
    fn in_one_and_two_dimensions_a_single_row_is_bounded_exactly() {
        // H = |u₁| + ½u₁ on the circle, and its negative where u₁ ≥ 0.
        for (sign, fixed, best) in [
            (1.0, vec![], 1.5),
            (-1.0, vec![(0, 1.0)], 0.0),
            (-1.0, vec![(0, -1.0)], 0.0),
        ] {
            for r in [1, 2] {
                let rows = DMatrix::from_fn(1, r, |_, j| if j == 0 { 1.0 } else { 0.0 });
                let form = Form {
                    linear: (0..r)
                        .map(|j| if j == 0 { 0.5 * sign } else { 0.0 })
                        .collect(),
                    weight: vec![sign],
                };
                let moments = Moments::new(&rows);
                let goal = Goal {
                    enough: -10.0,
                    accuracy: 1e-6,
                };
                let bound = Solver::new(
                    &moments,
                    &form,
                    &Region {
                        fixed: &fixed,
                        halves: &[],
                    },
                )
                .solve(&goal, None, &|| false)
                .certificate
                .expect("a bound")
                .bound;
                let best = if r == 1 && sign < 0.0 {
                    if fixed[0].1 > 0.0 { -1.5 } else { -0.5 }
                } else {
                    best
                };
                assert!((bound - best).abs() < 1e-3, "{sign} {r}: {bound} {best}");
            }
        }
    }
}
