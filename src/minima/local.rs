//! Where a given network stands: near a local minimum, at a saddle, or on a slope. Floats throughout: a diagnosis, not a proof.

use num_traits::Signed;

use super::Minima;
use super::components::Component;
use super::geometry::Geometry;
use super::least_squares::{dot, norm};
use super::region::{gradient, project, project_on};
use crate::exact::rat_to_f64;
use crate::problem::{Network, Problem};
use crate::program::convert;
use crate::solve::descent;

/// A slope of at most this, relative to β, counts as none.
const FLAT: f64 = 1e-4;
/// A pre-activation below this, relative to its row and neuron, counts as a kink.
const ON_KINK: f64 = 1e-6;
/// A distance of at most this, relative to the network, counts as near.
const NEAR: f64 = 1e-3;
/// Most assignments of neurons to directions that are tried.
const ASSIGNMENTS: u64 = 1_000_000;

/// What a network is, locally.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Near a listed component.
    NearMinimum,
    /// Stationary in its nonzero neurons, but the objective falls in some direction.
    Saddle,
    /// Not stationary.
    Slope,
}

/// A direction in which the objective falls.
#[derive(Clone, Debug)]
pub struct Descent {
    /// The neuron that moves; `None` for a zero neuron that starts.
    pub neuron: Option<usize>,
    /// The sign of its output weight.
    pub sign: i8,
    /// Change of `|a|·w`: a unit vector, length r.
    pub direction: Vec<f64>,
    /// The slope of the half-sum objective along it, relative to β (positive: it falls).
    pub rate: f64,
}

/// The diagnosis of a network. Floats.
#[derive(Clone, Debug)]
pub struct Local {
    /// The word for it.
    pub kind: Kind,
    /// The objective after balancing (every neuron scaled to |a| = ‖w‖, which changes no output), in the user's convention.
    pub balanced: f64,
    /// The steepest descent among the nonzero neurons.
    pub moving: Option<Descent>,
    /// The steepest descent for a zero neuron, or for one more neuron.
    pub starting: Option<Descent>,
    /// The number of zero neurons.
    pub zero_neurons: usize,
    /// Index of the nearest component.
    pub nearest: Option<usize>,
    /// Its distance: the norm of the change of all |a|·w, relative to the norm of all |a|·w.
    pub distance: f64,
    /// Where a descent from here ends: the objective, and the component with this value.
    pub descends_to: (f64, Option<usize>),
}

/// Diagnoses a network, with the local minima of its width if they are known.
pub fn local(
    problem: &Problem,
    geometry: &Geometry,
    network: &Network,
    minima: Option<&Minima>,
    stop: &dyn Fn() -> bool,
) -> Local {
    let neurons = neurons(problem, network);
    let classes = convert::classes(problem);
    let model = convert::model(problem, &classes);
    let state = convert::state(problem, &model, network);
    let v = model.dual_vector(&state);
    let beta = rat_to_f64(&geometry.beta);
    let unit = rat_to_f64(&geometry.unit);
    let size = neurons.iter().map(|(_, u)| dot(u, u)).sum::<f64>().sqrt();
    let is_zero = |u: &[f64]| norm(u) <= 1e-12 * size.max(1e-300);
    let mut moving: Option<Descent> = None;
    for (k, (sign, u)) in neurons.iter().enumerate() {
        if !is_zero(u) {
            keep_steeper(&mut moving, steepest(geometry, &v, beta, k, *sign, u));
        }
    }
    let mut starting = None;
    for cell in &geometry.cells {
        for sign in [1i8, -1] {
            let projection = project(cell, &gradient(cell, sign, &v));
            if projection.value > beta {
                let descent = Descent {
                    neuron: None,
                    sign,
                    direction: projection
                        .point
                        .iter()
                        .map(|x| x / projection.value)
                        .collect(),
                    rate: projection.value / beta - 1.0,
                };
                keep_steeper(&mut starting, Some(descent));
            }
        }
    }
    let zero_neurons = neurons.iter().filter(|(_, u)| is_zero(u)).count();
    let components = minima.map_or(&[][..], |m| &m.components);
    let mut nearest = None;
    let mut distance = f64::INFINITY;
    for (i, component) in components.iter().enumerate() {
        let d = distance_to(&neurons, component) / size.max(1e-300);
        if d < distance {
            (nearest, distance) = (Some(i), d);
        }
    }
    let reached = |value: f64| {
        components.iter().position(|c| {
            let (lo, hi) = (rat_to_f64(&c.value.0), rat_to_f64(&c.value.1));
            (value - 0.5 * (lo + hi)).abs() <= 1e-7 * (1.0 + value.abs())
        })
    };
    let mut end = descent::descend(&model, &state, &descent::Options::default(), stop);
    let mut value = unit * model.objective(&end);
    // A descent may end at a saddle: a small push leads on.
    for push in 1..=10u32 {
        if components.is_empty() || reached(value).is_some() || stop() {
            break;
        }
        for (k, neuron) in end.neurons.iter_mut().enumerate() {
            for (j, x) in neuron.p.iter_mut().enumerate() {
                *x += 1e-3 * size * f64::from(push * (1 + 3 * k as u32 + j as u32)).sin();
            }
        }
        end = descent::descend(&model, &end, &descent::Options::default(), stop);
        value = unit * model.objective(&end);
    }
    let flat = moving.as_ref().is_none_or(|d| d.rate <= FLAT);
    // The end of a half-open set, where a neuron is zero, is a saddle.
    let at_end = zero_neurons > 0 && starting.is_some();
    let kind = if distance <= NEAR && !at_end {
        Kind::NearMinimum
    } else if flat {
        Kind::Saddle
    } else {
        Kind::Slope
    };
    Local {
        kind,
        balanced: unit * model.objective(&state),
        moving: moving.filter(|d| d.rate > FLAT),
        starting: starting.filter(|d| d.rate > FLAT),
        zero_neurons,
        nearest,
        distance,
        descends_to: (value, reached(value)),
    }
}

/// The neurons `(sgn a, |a|·(w, b))`.
fn neurons(problem: &Problem, network: &Network) -> Vec<(i8, Vec<f64>)> {
    let has_bias = problem.r() > problem.data.d;
    network
        .hidden_weights
        .iter()
        .enumerate()
        .map(|(k, w)| {
            let a = &network.output_weights[k];
            let size = rat_to_f64(&a.abs());
            let bias = network.hidden_bias.as_ref().map(|b| &b[k]);
            let u = w
                .iter()
                .chain(bias.filter(|_| has_bias))
                .map(|x| size * rat_to_f64(x))
                .collect();
            (if a.is_negative() { -1 } else { 1 }, u)
        })
        .collect()
}

fn keep_steeper(best: &mut Option<Descent>, other: Option<Descent>) {
    if let Some(other) = other
        && best.as_ref().is_none_or(|best| other.rate > best.rate)
    {
        *best = Some(other);
    }
}

/// The steepest descent of one nonzero neuron over all cells that it touches.
fn steepest(
    geometry: &Geometry,
    v: &[f64],
    beta: f64,
    neuron: usize,
    sign: i8,
    u: &[f64],
) -> Option<Descent> {
    let length = norm(u);
    let mut best = None;
    for cell in &geometry.cells {
        for flip in if geometry.even {
            vec![1.0, -1.0]
        } else {
            vec![1.0]
        } {
            let u: Vec<f64> = u.iter().map(|x| flip * x).collect();
            let depths: Vec<f64> = cell.facets.iter().map(|f| dot(f, &u) / length).collect();
            if depths.iter().any(|d| *d < -ON_KINK) {
                continue;
            }
            let near: Vec<Vec<f64>> = cell
                .facets
                .iter()
                .zip(&depths)
                .filter(|(_, d)| **d <= ON_KINK)
                .map(|(f, _)| f.clone())
                .collect();
            let force: Vec<f64> = gradient(cell, sign, v)
                .iter()
                .zip(&u)
                .map(|(g, u)| g - beta * u / length)
                .collect();
            let projection = project_on(&near, &force);
            if projection.value > 0.0 {
                let descent = Descent {
                    neuron: Some(neuron),
                    sign,
                    direction: projection
                        .point
                        .iter()
                        .map(|x| flip * x / projection.value)
                        .collect(),
                    rate: projection.value / beta,
                };
                keep_steeper(&mut best, Some(descent));
            }
        }
    }
    // A neuron in a cell without an active row only shrinks.
    if best.is_none() {
        best = Some(Descent {
            neuron: Some(neuron),
            sign,
            direction: u.iter().map(|x| -x / length).collect(),
            rate: 1.0,
        });
    }
    best
}

/// The least norm of the change of all |a|·w that leads to a component (to its representative's directions).
fn distance_to(neurons: &[(i8, Vec<f64>)], component: &Component) -> f64 {
    let kinds = component.directions.len();
    let choices = kinds as u64 + 1;
    let count = choices.checked_pow(neurons.len() as u32);
    let Some(count) = count.filter(|count| *count <= ASSIGNMENTS) else {
        return f64::INFINITY;
    };
    let mut best = f64::INFINITY;
    for code in 0..count {
        let mut rest = code;
        let chosen: Vec<usize> = (0..neurons.len())
            .map(|_| {
                let choice = (rest % choices) as usize;
                rest /= choices;
                choice
            })
            .collect();
        if let Some(square) = square_of(neurons, component, &chosen)
            && square < best
        {
            best = square;
        }
    }
    best.max(0.0).sqrt()
}

/// The squared distance with given directions (`kinds` stands for a zero neuron); `None` if the component has no such networks.
fn square_of(neurons: &[(i8, Vec<f64>)], component: &Component, chosen: &[usize]) -> Option<f64> {
    let kinds = component.directions.len();
    let mut square = 0.0;
    for j in 0..=kinds {
        let members: Vec<&(i8, Vec<f64>)> = chosen
            .iter()
            .zip(neurons)
            .filter(|(c, _)| **c == j)
            .map(|(_, neuron)| neuron)
            .collect();
        if j == kinds {
            if !members.is_empty() && !component.closed {
                return None;
            }
            square += members.iter().map(|(_, u)| dot(u, u)).sum::<f64>();
            continue;
        }
        let fits = if component.closed {
            !members.is_empty()
        } else {
            members.len() == component.multiplicities[j]
        };
        if !fits
            || members
                .iter()
                .any(|(s, u)| *s != component.signs[j] && norm(u) > 0.0)
        {
            return None;
        }
        let q = &component.directions[j];
        let total = rat_to_f64(&component.lengths[j].0);
        let along: Vec<f64> = members.iter().map(|(_, u)| dot(u, q)).collect();
        let shares = on_simplex(&along, total);
        for ((_, u), t) in members.iter().zip(shares) {
            square += u
                .iter()
                .zip(q)
                .map(|(u, q)| (u - t * q).powi(2))
                .sum::<f64>();
        }
    }
    Some(square)
}

/// The nearest point with nonnegative entries of a given sum.
fn on_simplex(x: &[f64], total: f64) -> Vec<f64> {
    let mut sorted = x.to_vec();
    sorted.sort_by(|a, b| b.total_cmp(a));
    let (mut sum, mut shift) = (0.0, 0.0);
    for (i, value) in sorted.iter().enumerate() {
        sum += value;
        let candidate = (sum - total) / (i + 1) as f64;
        if value - candidate > 0.0 {
            shift = candidate;
        }
    }
    x.iter().map(|x| (x - shift).max(0.0)).collect()
}
