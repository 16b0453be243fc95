//! The set of optimal networks of a solved problem. Numerical: see [`OptimalSet`].

use nalgebra::{DMatrix, DVector};

use super::{Certificate, Job, RunError, RunOptions, in_pool};
use crate::exact::{Rat, quotient_to_f64, rat_to_f64};
use crate::oracle::fan::{Incumbent, Search};
use crate::oracle::{ascent, form};
use crate::problem::{Dataset, HiddenBias, Network, OutputBias, Problem};
use crate::program::convert;
use crate::program::model::{Model, Neuron, State};
use crate::solve::active::{self, Active, End, Stretch, TIGHT};
use crate::solve::descent::{self, Options};
use crate::solve::optimal_set::{Columns, Mismatch, Polytope, RANK_TOLERANCE, Vertex, ZERO};

/// Largest relative gap at which a problem counts as solved.
pub const LARGEST_GAP: f64 = 1e-6;

/// An active direction: `|F_v(u)| = β·ρ(u)` at the optimal dual vector `v`. Floats.
#[derive(Clone, Debug)]
pub struct Direction {
    /// Sign of the output weight, ±1.
    pub sign: f64,
    /// Hidden weights, then the hidden bias if there is one; `ρ(u) = 1`.
    pub u: Vec<f64>,
    /// `|F_v(u)|/β`.
    pub ratio: f64,
    /// Least and largest scale `|α|·ρ(w)` in an optimal network; `None` if the linear programs gave no answer.
    pub scale: Option<(f64, f64)>,
}

/// Outputs at a point over all optimal networks. Floats.
#[derive(Copy, Clone, Debug, PartialEq)]
pub enum Range {
    /// Least and largest output.
    Between(f64, f64),
    /// Any output: the sample has another number of rows than those of the data, and constants for each row and for each sample cannot be told apart.
    Unbounded,
    /// The linear programs gave no answer.
    Unknown,
}

/// The optimal networks: outputs `f*` on the data are the same for all of them, and so are the active directions that neurons may have. What differs is the scales `t ≥ 0`
/// with `Σ t_k f_k + constants = f*`, a polytope. All of this is numerical but for `narrowest_objective`: a direction counts as active within
/// `tight` of β, a singular value as zero below [`Self::RANK_TOLERANCE`] of the largest, a scale below [`Self::ZERO`] of their sum.
#[derive(Clone, Debug)]
pub struct OptimalSet {
    /// Relative distance from β within which a direction counts as active: 1e-7, or less where those of the network are tight to more digits.
    pub tight: f64,
    /// The active directions found.
    pub directions: Vec<Direction>,
    /// With an undecayed hidden bias: between which directions every bias is active too.
    pub stretches: Vec<Stretch>,
    /// Whether the search for active directions went over the whole sphere.
    pub complete: bool,
    /// The largest `|F_v(u)|/β` of a local maximum met that is not active.
    pub next: Option<f64>,
    /// Rank of the outputs of the directions, modulo free constants.
    pub rank: usize,
    /// The smallest singular value counted as positive and the largest counted as zero, relative to the largest.
    pub singular: (Option<f64>, Option<f64>),
    /// Dimension of the polytope of scales; `None` if a linear program gave no answer.
    pub dimension: Option<usize>,
    /// Vertices of the polytope that were looked at, and whether they are all.
    pub vertices: (usize, bool),
    /// The narrowest network found.
    pub narrowest: Network,
    /// Its objective, in the user's convention. Exact.
    pub narrowest_objective: Rat,
    /// Outputs at the points asked for.
    pub at: Vec<Range>,
}

impl OptimalSet {
    /// Relative size from which a singular value counts.
    pub const RANK_TOLERANCE: f64 = RANK_TOLERANCE;
    /// Share of the sum of the scales from which a scale counts.
    pub const ZERO: f64 = ZERO;
}

/// Why there is no optimal set to report.
#[derive(Debug, thiserror::Error)]
pub enum SetError {
    /// The network is not known to be optimal.
    #[error(
        "the gap of {gap:.1e} is too large to tell the optimal networks: it has to be {LARGEST_GAP:.0e} of the objective or less"
    )]
    NotSolved {
        /// The relative gap.
        gap: f64,
    },
    /// Something is missing from the active directions.
    #[error(transparent)]
    Mismatch(#[from] Mismatch),
    /// The points to predict at have other features.
    #[error("the points have {found} features, but the problem has {expected}")]
    Features {
        /// Number expected.
        expected: usize,
        /// Number found.
        found: usize,
    },
    /// As for every run.
    #[error(transparent)]
    Run(#[from] RunError),
}

/// The set of optimal networks around the one that [`super::solve`] found, and the range of their outputs on the samples of `at` (whose targets play no part).
///
/// # Errors
///
/// [`SetError`] if the certificate's gap is too large, or the active directions found are not enough.
pub fn optimal_set(
    problem: &Problem,
    certificate: &Certificate,
    at: Option<&Dataset>,
    options: &RunOptions,
) -> Result<OptimalSet, SetError> {
    if let Some(points) = at
        && points.d != problem.data.d
    {
        return Err(SetError::Features {
            expected: problem.data.d,
            found: points.d,
        });
    }
    let gap = rat_to_f64(&certificate.relative_gap());
    if !(gap <= LARGEST_GAP) {
        return Err(SetError::NotSolved { gap });
    }
    in_pool(options, || here(problem, certificate, at, options))?
}

fn here(
    problem: &Problem,
    certificate: &Certificate,
    at: Option<&Dataset>,
    options: &RunOptions,
) -> Result<OptimalSet, SetError> {
    let job = Job::new(problem, options);
    let zero = Network::zero();
    let best = certificate.best.as_ref().unwrap_or(&zero);
    let given = convert::state(problem, &job.model, best);
    let state = descent::descend(&job.model, &given, &Options::default(), &|| {
        options.watch.stopped()
    });
    let v = job.model.dual_vector(&state);
    let (candidates, complete) = job.candidates(&state, &v);
    let tight = active::tightness(&job.model, &state, &v);
    let active = active::active(&job.model, &job.space, &v, &candidates, tight);
    let columns = columns(&job.model, &state, &active);
    let polytope = Polytope::new(&columns)?;
    let (vertices, all) = polytope.vertices(options.seed);
    let mut narrowest = best.clone();
    let mut narrowest_objective = certificate.objective.clone();
    for vertex in &vertices {
        let merged = merged(&job.model, &active, vertex, &state);
        // Another network is worth its exact evaluation if it is narrower.
        if merged.neurons.len() >= narrowest.width() {
            continue;
        }
        let polished = descent::descend(&job.model, &merged, &Options::default(), &|| false);
        let spare =
            1e-4 * rat_to_f64(&options.tolerance) * job.model.objective(&polished).max(1e-300);
        let (network, _) = convert::network(problem, &job.model, &polished, spare);
        let objective = problem.objective(&network).map_err(RunError::from)?;
        let close = &objective - &certificate.lower_bound
            <= &objective * crate::exact::f64_to_rat(LARGEST_GAP).unwrap_or_default();
        if network.width() < narrowest.width() && close {
            narrowest = network;
            narrowest_objective = objective;
        }
    }
    let predictor = Predictor {
        problem,
        model: &job.model,
        active: &active,
        columns: &columns,
        polytope: &polytope,
        state: &state,
    };
    let at = at.map_or_else(Vec::new, |points| predictor.ranges(points));
    Ok(OptimalSet {
        tight,
        directions: active
            .atoms
            .iter()
            .enumerate()
            .map(|(k, atom)| Direction {
                sign: atom.sign,
                u: atom.u.clone(),
                ratio: atom.ratio,
                scale: polytope.scale_range(k),
            })
            .collect(),
        stretches: active.stretches.clone(),
        complete,
        next: active.next.filter(|next| *next > TIGHT),
        rank: polytope.rank,
        singular: polytope.singular,
        dimension: polytope.dimension().map(|d| d.1),
        vertices: (vertices.len(), all),
        narrowest,
        narrowest_objective,
        at,
    })
}

impl Job<'_> {
    /// Directions (search coordinates) from which every active one can be reached: from a search over the whole sphere, from the network, and from local ascents.
    fn candidates(&self, state: &State, v: &[f64]) -> (Vec<Incumbent>, bool) {
        let rows = &self.space.rows;
        let form = form::form(rows, v, self.model.low, self.model.high);
        let mut list: Vec<Incumbent> = Vec::new();
        for neuron in &state.neurons {
            let mut u = self.space.from_model(&neuron.p);
            let size = form::norm(&u);
            if size > 0.0 {
                u.iter_mut().for_each(|x| *x /= size);
                let value = neuron.sign * form.value(rows, &u);
                let sign = u8::from(neuron.sign < 0.0);
                list.push(Incumbent { u, value, sign });
            }
        }
        if form.weight.iter().chain(&form.linear).all(|x| *x == 0.0) {
            return (list, true);
        }
        let starts = ascent::starts(rows, 100, self.options.seed);
        let peaks = ascent::peaks(rows, &form, &starts, 300);
        list.extend(peaks.into_iter().map(|p| Incumbent {
            u: p.u,
            value: p.value,
            sign: p.sign,
        }));
        let level = self.model.beta * (1.0 - TIGHT);
        let search = Search::new(rows, form, &self.roots(), level);
        let found = search.isolate(self.max_leaves(), &mut |p| {
            self.progress.set_message(format!(
                "active directions: {} open cones, {} leaves",
                p.open, p.leaves
            ));
            self.keep_searching(p)
        });
        list.extend(found.candidates);
        (list, found.complete)
    }
}

/// Outputs of a neuron `s·φ(x·u)` on the samples of the model.
fn outputs(model: &Model, u: &[f64], sign: f64) -> DVector<f64> {
    let mut f = vec![0.0; model.n()];
    model.add_outputs(&model.products(u), sign, &mut f);
    DVector::from_vec(f)
}

fn columns(model: &Model, state: &State, active: &Active) -> Columns {
    let n = model.n();
    let atoms: Vec<DVector<f64>> = active
        .atoms
        .iter()
        .map(|a| outputs(model, &a.u, a.sign))
        .collect();
    let free: Vec<DVector<f64>> = model
        .constants
        .iter()
        .filter(|k| k.decay == 0.0)
        .map(|k| DVector::from_column_slice(&k.values))
        .collect();
    let mut target = DVector::from_vec(model.outputs(state));
    // A decayed constant is Σv/β0: the same for every optimal network.
    for (constant, c) in model.constants.iter().zip(&state.constants) {
        if constant.decay > 0.0 {
            target -= DVector::from_column_slice(&constant.values) * *c;
        }
    }
    let matrix = |list: &[DVector<f64>]| {
        if list.is_empty() {
            DMatrix::zeros(n, 0)
        } else {
            DMatrix::from_columns(list)
        }
    };
    Columns {
        atoms: matrix(&atoms),
        free: matrix(&free),
        outputs: target,
    }
}

/// The network of a vertex, in which two neurons at the ends of a stretch are one between them.
fn merged(model: &Model, active: &Active, vertex: &Vertex, state: &State) -> State {
    let mut left: Vec<f64> = vertex.scales.iter().copied().collect();
    let mut neurons = Vec::new();
    for Stretch { from, to } in &active.stretches {
        let End::Atom(to) = *to else { continue };
        let (a, b) = (left[*from], left[to]);
        if a > 0.0 && b > 0.0 {
            let (first, second) = (&active.atoms[*from], &active.atoms[to]);
            let p = first.u.iter().zip(&second.u).map(|(x, y)| a * x + b * y);
            neurons.push(Neuron {
                sign: first.sign,
                p: p.collect(),
            });
            left[*from] = 0.0;
            left[to] = 0.0;
        }
    }
    for (atom, t) in active.atoms.iter().zip(&left) {
        if *t > 0.0 {
            neurons.push(Neuron {
                sign: atom.sign,
                p: atom.u.iter().map(|x| t * x).collect(),
            });
        }
    }
    let mut free = vertex.constants.iter();
    let constants = model
        .constants
        .iter()
        .zip(&state.constants)
        .map(|(constant, c)| {
            if constant.decay > 0.0 {
                *c
            } else {
                free.next().copied().unwrap_or(0.0)
            }
        })
        .collect();
    State { neurons, constants }
}

struct Predictor<'a> {
    problem: &'a Problem,
    model: &'a Model,
    active: &'a Active,
    columns: &'a Columns,
    polytope: &'a Polytope,
    state: &'a State,
}

impl Predictor<'_> {
    fn ranges(&self, points: &Dataset) -> Vec<Range> {
        let mut samples: Vec<Vec<Vec<f64>>> = vec![Vec::new(); points.samples];
        for i in 0..points.rows {
            let mut row: Vec<f64> = points
                .row(i)
                .iter()
                .map(|a| quotient_to_f64(a, &points.x_den))
                .collect();
            if self.problem.hidden_bias != HiddenBias::None {
                row.push(1.0);
            }
            samples[points.sample_of_row[i] as usize].push(row);
        }
        samples.iter().map(|rows| self.range(rows)).collect()
    }

    fn output(&self, rows: &[Vec<f64>], u: &[f64], sign: f64) -> f64 {
        rows.iter()
            .map(|x| sign * self.model.phi(form::dot(x, u)))
            .sum()
    }

    /// The range at one sample.
    fn range(&self, rows: &[Vec<f64>]) -> Range {
        let count = rows.len() as f64;
        let has_output = self.problem.output_bias != OutputBias::None;
        let undecayed = self.problem.hidden_bias == HiddenBias::Undecayed;
        if undecayed
            && self.problem.output_bias == OutputBias::Free
            && self.model.constants.len() == 1
        {
            let usual = self.problem.rows() as f64 / self.problem.n() as f64;
            if count != usual {
                return Range::Unbounded;
            }
        }
        let mut fixed = 0.0;
        let mut constants = Vec::new();
        for (index, constant) in self.model.constants.iter().enumerate() {
            let value = if index == 0 && has_output { 1.0 } else { count };
            if constant.decay > 0.0 {
                fixed += value * self.state.constants[index];
            } else {
                constants.push(value);
            }
        }
        let constants = DVector::from_vec(constants);
        let mut atoms: Vec<f64> = self
            .active
            .atoms
            .iter()
            .map(|a| self.output(rows, &a.u, a.sign))
            .collect();
        let (further, combinations) = self.between(rows);
        atoms.extend(further.iter().map(|(u, sign)| self.output(rows, u, *sign)));
        let atoms = DVector::from_vec(atoms);
        let range = if further.is_empty() {
            self.polytope.prediction(&atoms, &constants)
        } else {
            let columns: Vec<DVector<f64>> = further
                .iter()
                .map(|(u, sign)| outputs(self.model, u, *sign))
                .collect();
            self.polytope
                .extended(
                    self.columns,
                    &DMatrix::from_columns(&columns),
                    &combinations,
                )
                .prediction(&atoms, &constants)
        };
        match range {
            Some((low, high)) => Range::Between(low + fixed, high + fixed),
            None => Range::Unknown,
        }
    }

    /// Directions inside the stretches at which a row of the sample has its kink: on a stretch the outputs on the data are linear in the bias, those on the sample
    /// piecewise linear, so that these and the ends are enough. With each, the combination of directions that has the same outputs on the data, modulo constants.
    #[allow(clippy::type_complexity)]
    fn between(&self, rows: &[Vec<f64>]) -> (Vec<(Vec<f64>, f64)>, Vec<Vec<(usize, f64)>>) {
        let last = self.model.decayed;
        let mut list = Vec::new();
        let mut combinations = Vec::new();
        for stretch in &self.active.stretches {
            let from = &self.active.atoms[stretch.from];
            let low = from.u[last];
            for row in rows {
                let bias = -form::dot(&row[..last], &from.u[..last]) / row[last];
                let combination = match stretch.to {
                    End::Atom(to) => {
                        let share = (bias - low) / (self.active.atoms[to].u[last] - low);
                        (share > 1e-9 && share < 1.0 - 1e-9)
                            .then(|| vec![(stretch.from, 1.0 - share), (to, share)])
                    }
                    End::Infinite(side) => (side * (bias - low) > 1e-9 * low.abs().max(1.0))
                        .then(|| vec![(stretch.from, 1.0)]),
                };
                if let Some(combination) = combination {
                    let mut u = from.u.clone();
                    u[last] = bias;
                    list.push((u, from.sign));
                    combinations.push(combination);
                }
            }
        }
        (list, combinations)
    }
}
