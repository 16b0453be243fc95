//! Problems, and what can be asked about them.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use num_rational::BigRational;
use num_traits::One;
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use relucert::cli::embed::{self, Failure};
use relucert::exact::quotient_to_f64;
use relucert::minima::geometry::Geometry;
use relucert::minima::{MinimaOptions, check_scope, minima};
use relucert::problem::{self, Dataset, Decay, HiddenBias, Loss, OutputBias, Outputs};
use relucert::run::{self, Method, RunOptions, Trees};

use crate::job::{self, Watcher};
use crate::network::Network;
use crate::numbers::{numbers, ratio};
use crate::{error, option_error};

/// Data and objective.
#[pyclass(frozen, module = "relucert._relucert")]
pub struct Problem(Arc<problem::Problem>);

/// How a search runs.
#[pyclass(frozen, module = "relucert._relucert")]
pub struct Options {
    tolerance: BigRational,
    time_limit: Option<Duration>,
    max_leaves: Option<u64>,
    threads: Option<usize>,
    proof: Option<PathBuf>,
    checkpoint: Option<PathBuf>,
    resume: Option<PathBuf>,
    seed: u64,
    method: Method,
    trees: Trees,
    progress: Option<Py<PyAny>>,
}

#[pymethods]
impl Options {
    #[new]
    #[pyo3(signature = (*, tolerance, time_limit, max_leaves, threads, proof, checkpoint, resume, seed, method, trees, progress))]
    #[allow(clippy::too_many_arguments)]
    fn new(
        py: Python<'_>,
        tolerance: &str,
        time_limit: Option<f64>,
        max_leaves: Option<u64>,
        threads: Option<usize>,
        proof: Option<PathBuf>,
        checkpoint: Option<PathBuf>,
        resume: Option<PathBuf>,
        seed: u64,
        method: &str,
        trees: &str,
        progress: Option<Py<PyAny>>,
    ) -> PyResult<Self> {
        for (name, path) in [("--proof", &proof), ("--checkpoint", &checkpoint)] {
            if let Some(path) = path {
                embed::check_output(name, path).map_err(|e| error(py, &e))?;
            }
        }
        Ok(Options {
            tolerance: embed::tolerance(tolerance).map_err(|e| option_error(py, "tolerance", e))?,
            time_limit: time_limit.map(|limit| seconds(py, limit)).transpose()?,
            max_leaves,
            threads,
            proof,
            checkpoint,
            resume,
            seed,
            method: match method {
                "auto" => Method::Auto,
                "columns" => Method::Columns,
                "full" => Method::Full {
                    max_cells: run::DEFAULT_MAX_CELLS,
                },
                _ => {
                    return Err(option_error(
                        py,
                        "method",
                        "give auto, columns or full".to_owned(),
                    ));
                }
            },
            trees: match trees {
                "auto" => Trees::Auto,
                "fan" => Trees::Fan,
                "rows" => Trees::Rows,
                _ => {
                    return Err(option_error(
                        py,
                        "trees",
                        "give auto, fan or rows".to_owned(),
                    ));
                }
            },
            progress,
        })
    }
}

impl Options {
    fn run(&self, watcher: &Watcher) -> RunOptions {
        RunOptions {
            tolerance: self.tolerance.clone(),
            time_limit: self.time_limit,
            started: Instant::now(),
            max_leaves: self.max_leaves,
            threads: self.threads,
            proof: self.proof.clone(),
            checkpoint: self.checkpoint.clone(),
            resume: self.resume.clone(),
            seed: self.seed,
            method: self.method,
            trees: self.trees,
            quiet: true,
            watch: watcher.watch(),
        }
    }
}

/// A positive time in seconds.
pub fn seconds(py: Python<'_>, limit: f64) -> PyResult<Duration> {
    Duration::try_from_secs_f64(limit)
        .ok()
        .filter(|time| !time.is_zero())
        .ok_or_else(|| {
            option_error(
                py,
                "time_limit",
                "give a positive number of seconds".to_owned(),
            )
        })
}

fn loss(py: Python<'_>, name: &str) -> PyResult<Loss> {
    match name {
        "half-sum" => Ok(Loss::HalfSum),
        "sum" => Ok(Loss::Sum),
        "mean" => Ok(Loss::Mean),
        "half-mean" => Ok(Loss::HalfMean),
        _ => {
            let message = format!("`{name}` is none of half-sum, sum, mean, half-mean");
            Err(option_error(py, "loss", message))
        }
    }
}

/// Text, JSON, a network that was found, and whether an interrupt ended the search.
type Answer = (String, String, Option<Network>, bool);

#[pymethods]
impl Problem {
    /// From n×d features (row major) and n targets. `weight_decay` says which convention λ has; the biases are `none`, `decayed`, or `undecayed` (hidden) and
    /// `free` (output).
    #[new]
    #[pyo3(signature = (*, features, target, x, y, activation, loss_name, weight_decay, decay, hidden_bias, output_bias))]
    #[allow(clippy::too_many_arguments)]
    fn new(
        py: Python<'_>,
        features: Vec<String>,
        target: String,
        x: &Bound<'_, PyAny>,
        y: &Bound<'_, PyAny>,
        activation: &str,
        loss_name: &str,
        weight_decay: bool,
        decay: &str,
        hidden_bias: &str,
        output_bias: &str,
    ) -> PyResult<Self> {
        let activation =
            embed::activation(activation).map_err(|e| option_error(py, "activation", e))?;
        let loss = loss(py, loss_name)?;
        let name = if weight_decay {
            "weight_decay"
        } else {
            "ridge"
        };
        let lambda = ratio(py, name, decay)?;
        let (x, y) = (numbers(x, "X")?, numbers(y, "y")?);
        let decay = if weight_decay {
            Decay::WeightDecay(lambda)
        } else {
            Decay::Ridge(lambda)
        };
        let hidden_bias = match hidden_bias {
            "none" => HiddenBias::None,
            "undecayed" => HiddenBias::Undecayed,
            _ => HiddenBias::Decayed,
        };
        let output_bias = match output_bias {
            "none" => OutputBias::None,
            "free" => OutputBias::Free,
            _ => OutputBias::Decayed,
        };
        py.detach(|| {
            let data = Dataset::from_numbers(features, target, x, y)?;
            problem::Problem::new(data, activation, loss, decay, hidden_bias, output_bias)
        })
        .map(|problem| Problem(Arc::new(problem)))
        .map_err(|e| error(py, &Failure::of(e)))
    }

    /// SHA-256 of the statement.
    fn statement_sha256(&self, py: Python<'_>) -> String {
        py.detach(|| self.0.statement_sha256())
    }

    /// The exact objective of a network, as p/q.
    fn objective(&self, py: Python<'_>, network: &Network) -> PyResult<String> {
        let value = py.detach(|| self.0.objective(&network.0));
        value
            .map(|value| value.to_string())
            .map_err(|e| error(py, &Failure::of(e)))
    }

    /// The network's outputs as the bytes of doubles, each the nearest.
    fn outputs<'py>(&self, py: Python<'py>, network: &Network) -> PyResult<Bound<'py, PyBytes>> {
        let Outputs { values, den } = self.exact_outputs(py, network)?;
        let bytes: Vec<u8> = values
            .iter()
            .flat_map(|value| quotient_to_f64(value, &den).to_le_bytes())
            .collect();
        Ok(PyBytes::new(py, &bytes))
    }

    /// The network's outputs as texts of fractions.
    fn outputs_exact(&self, py: Python<'_>, network: &Network) -> PyResult<Vec<String>> {
        let Outputs { values, den } = self.exact_outputs(py, network)?;
        let rational = |value| BigRational::new(value, den.clone()).to_string();
        Ok(values.into_iter().map(rational).collect())
    }

    /// `certify`.
    fn certify(&self, py: Python<'_>, network: &Network, options: &Options) -> PyResult<Answer> {
        let given = Arc::clone(&network.0);
        self.search(py, options, move |problem, options| {
            run::certify(problem, &given, options)
        })
    }

    /// `solve`.
    fn solve(&self, py: Python<'_>, init: Option<&Network>, options: &Options) -> PyResult<Answer> {
        let init = init.map(|network| Arc::clone(&network.0));
        self.search(py, options, move |problem, options| {
            run::solve(problem, init.as_deref(), options)
        })
    }

    /// `solve --beta-max`.
    fn beta_max(&self, py: Python<'_>, options: &Options) -> PyResult<(String, String, bool)> {
        let watcher = Arc::new(Watcher::default());
        let (problem, own) = (Arc::clone(&self.0), options.run(&watcher));
        let (result, interrupted) = job::run(py, &watcher, options.progress.as_ref(), move || {
            run::beta_max(&problem, &own).map(|found| embed::beta_max(&problem, &found))
        })?;
        let printed = result.map_err(|e| error(py, &Failure::from(e)))?;
        Ok((printed.text, printed.json, interrupted))
    }

    /// `minima`.
    #[pyo3(signature = (width, digits, exact, time_limit, progress))]
    fn minima(
        &self,
        py: Python<'_>,
        width: usize,
        digits: u32,
        exact: bool,
        time_limit: Option<f64>,
        progress: Option<Py<PyAny>>,
    ) -> PyResult<(String, String, bool)> {
        let limit = time_limit.map(|limit| seconds(py, limit)).transpose()?;
        let watcher = Arc::new(Watcher::default());
        let (problem, shared) = (Arc::clone(&self.0), Arc::clone(&watcher));
        let (result, interrupted) = job::run(py, &watcher, progress.as_ref(), move || {
            let started = Instant::now();
            check_scope(&problem, width)?;
            let geometry = Geometry::new(&problem).map_err(relucert::minima::MinimaError::from)?;
            let found = minima(
                &problem,
                &geometry,
                &MinimaOptions {
                    width,
                    digits,
                    exact: exact || width.is_one(),
                    stop: &|| {
                        shared.stopped() || limit.is_some_and(|limit| started.elapsed() > limit)
                    },
                    progress: &|done| shared.say(format!("{done} sets of cells")),
                },
            )?;
            Ok(embed::minima(&problem, &found, width, digits))
        })?;
        let printed = result.map_err(|e: relucert::minima::MinimaError| error(py, &e.into()))?;
        Ok((printed.text, printed.json, interrupted))
    }
}

impl Problem {
    fn exact_outputs(&self, py: Python<'_>, network: &Network) -> PyResult<Outputs> {
        py.detach(|| self.0.data.outputs(&self.0.activation, &network.0))
            .map_err(|e| error(py, &Failure::of(e)))
    }

    fn search(
        &self,
        py: Python<'_>,
        options: &Options,
        work: impl FnOnce(&problem::Problem, &RunOptions) -> Result<run::Certificate, run::RunError>
        + Send
        + 'static,
    ) -> PyResult<Answer> {
        let watcher = Arc::new(Watcher::default());
        let (problem, own) = (Arc::clone(&self.0), options.run(&watcher));
        let (result, interrupted) = job::run(py, &watcher, options.progress.as_ref(), move || {
            let certificate = work(&problem, &own)?;
            let printed = embed::certificate(&problem, &certificate, &own);
            Ok((printed, certificate.best))
        })?;
        let (printed, best) = result.map_err(|e: run::RunError| error(py, &e.into()))?;
        let best = best.map(|network| Network(Arc::new(network)));
        Ok((printed.text, printed.json, best, interrupted))
    }
}
