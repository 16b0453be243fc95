//! `certify --local`: where a network stands among the local minima of its width.

use std::fmt::Write;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::minima::scope_error;
use crate::minima::geometry::Geometry;
use crate::minima::local::{Descent, Kind, Local, local};
use crate::minima::search::regions;
use crate::minima::{Minima, MinimaOptions, check_scope, minima};
use crate::problem::{Network, Problem};
use crate::run::INTERRUPTED;

/// Local minima are enumerated if there are at most so many regions.
const MOST_REGIONS: u64 = 2_000_000;
/// Time for the enumeration if no limit was given.
const TIME: Duration = Duration::from_secs(60);

pub(super) struct Diagnosis {
    local: Local,
    minima: Option<Minima>,
    regions: String,
    names: Vec<String>,
}

/// Whether a network can be placed at all: asked before any long work.
pub(super) fn check(problem: &Problem, network: &Network) -> miette::Result<()> {
    check_scope(problem, network.width().max(1)).map_err(scope_error)
}

/// Places a network.
pub(super) fn diagnose(
    problem: &Problem,
    network: &Network,
    limit: Option<Duration>,
) -> miette::Result<Diagnosis> {
    let geometry = Geometry::new(problem).map_err(|e| scope_error(e.into()))?;
    let width = network.width();
    let begun = Instant::now();
    let most = limit.map_or(TIME, |limit| limit.min(TIME));
    let stop = || INTERRUPTED.load(Ordering::Relaxed) || begun.elapsed() > most;
    let count = regions(2 * geometry.cells.len(), width);
    let found = if width > 0 && count <= MOST_REGIONS.into() {
        let options = MinimaOptions {
            width,
            digits: 12,
            exact: false,
            stop: &stop,
            progress: &|_| {},
        };
        Some(minima(problem, &geometry, &options).map_err(scope_error)?)
    } else {
        None
    };
    let mut names = problem.data.features.clone();
    if problem.r() > problem.data.d {
        names.push("bias".to_owned());
    }
    Ok(Diagnosis {
        local: local(problem, &geometry, network, found.as_ref(), &stop),
        minima: found,
        regions: crate::minima::components::grouped(&count),
        names,
    })
}

fn word(kind: Kind) -> &'static str {
    match kind {
        Kind::NearMinimum => "near_minimum",
        Kind::Saddle => "saddle",
        Kind::Slope => "not_stationary",
    }
}

fn descent_json(descent: &Descent) -> Value {
    json!({
        "neuron": descent.neuron,
        "sign": descent.sign,
        "direction": descent.direction,
        "rate": descent.rate,
    })
}

impl Diagnosis {
    pub(super) fn json(&self) -> Value {
        let local = &self.local;
        json!({
            "numerical": true,
            "kind": word(local.kind),
            "balanced_objective": local.balanced,
            "zero_neurons": local.zero_neurons,
            "descent": local.moving.as_ref().map(descent_json),
            "descent_of_a_zero_neuron": local.starting.as_ref().map(descent_json),
            "components": self.minima.as_ref().map(|m| m.components.len()),
            "undecided": self.minima.as_ref().is_none_or(|m| !m.undecided.is_empty()),
            "nearest": local.nearest.map(|i| i + 1),
            "distance": local.nearest.map(|_| local.distance),
            "descends_to": {
                "objective": local.descends_to.0,
                "component": local.descends_to.1.map(|i| i + 1),
            },
        })
    }

    fn descent_text(&self, descent: &Descent) -> String {
        let direction: Vec<String> = self
            .names
            .iter()
            .zip(&descent.direction)
            .map(|(name, x)| format!("{name} {x:+.4}"))
            .collect();
        let who = match descent.neuron {
            Some(k) => format!("neuron {}", k + 1),
            None => format!(
                "a new neuron with a {} output weight",
                if descent.sign > 0 {
                    "positive"
                } else {
                    "negative"
                }
            ),
        };
        format!(
            "{who} along ({}), slope {:.2e}·β",
            direction.join(", "),
            descent.rate
        )
    }

    pub(super) fn text(&self) -> String {
        let local = &self.local;
        let mut out = String::new();
        let line = match local.kind {
            Kind::NearMinimum => "near a local minimum".to_owned(),
            Kind::Saddle if local.starting.is_some() => {
                "stationary, but not a local minimum for lack of a neuron there: a saddle where a neuron is zero".to_owned()
            }
            Kind::Saddle => "stationary".to_owned(),
            Kind::Slope => "not stationary".to_owned(),
        };
        let _ = writeln!(out, "locally      {line} (numerical)");
        match (&self.minima, local.nearest) {
            (Some(minima), Some(i)) => {
                let _ = writeln!(
                    out,
                    "nearest      local minimum {} of {}, value {:.12}, at a relative distance of {:.2e}",
                    i + 1,
                    minima.components.len(),
                    crate::exact::rat_to_f64(&minima.components[i].value.0),
                    local.distance
                );
            }
            (Some(_), None) => {}
            (None, _) => {
                let _ = writeln!(
                    out,
                    "nearest      not known: {} regions are too many to enumerate",
                    self.regions
                );
            }
        }
        if let Some(descent) = &local.moving {
            let _ = writeln!(out, "falls        {}", self.descent_text(descent));
        }
        if let Some(descent) = &local.starting {
            let _ = writeln!(out, "would fall   {}", self.descent_text(descent));
        }
        let end = match local.descends_to.1 {
            Some(i) => format!("local minimum {}", i + 1),
            None => "no listed local minimum".to_owned(),
        };
        let _ = writeln!(out, "descends to  {:.12}, {end}", local.descends_to.0);
        out
    }
}
