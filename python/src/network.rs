//! Networks.

use std::path::PathBuf;
use std::sync::Arc;

use num_rational::BigRational;
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use relucert::cli::embed::{self, Failure};
use relucert::exact::rat_to_f64;
use relucert::problem::{self, NetworkFile, NetworkKeys};

use crate::error;
use crate::numbers::rationals;

/// The exact parameters of a two-layer network.
#[pyclass(frozen, module = "relucert._relucert")]
pub struct Network(pub Arc<problem::Network>);

/// w (m lists of length d), b, α and c0 as texts of fractions.
type Texts = (
    Vec<Vec<String>>,
    Option<Vec<String>>,
    Vec<String>,
    Option<String>,
);

fn texts(values: &[BigRational]) -> Vec<String> {
    values.iter().map(ToString::to_string).collect()
}

fn floats<'py>(
    py: Python<'py>,
    values: impl Iterator<Item = impl AsRef<BigRational>>,
) -> Bound<'py, PyBytes> {
    let bytes: Vec<u8> = values
        .flat_map(|value| rat_to_f64(value.as_ref()).to_le_bytes())
        .collect();
    PyBytes::new(py, &bytes)
}

struct Ref<'a>(&'a BigRational);

impl AsRef<BigRational> for Ref<'_> {
    fn as_ref(&self) -> &BigRational {
        self.0
    }
}

#[pymethods]
impl Network {
    /// From the hidden weights (m×d, row major), hidden biases, output weights and output bias.
    #[new]
    #[pyo3(signature = (inputs, hidden_weights, hidden_bias, output_weights, output_bias))]
    fn new(
        inputs: usize,
        hidden_weights: &Bound<'_, PyAny>,
        hidden_bias: Option<&Bound<'_, PyAny>>,
        output_weights: &Bound<'_, PyAny>,
        output_bias: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        let weights = rationals(hidden_weights, "hidden weights")?;
        let hidden_bias = hidden_bias
            .map(|b| rationals(b, "hidden bias"))
            .transpose()?;
        let output_bias = output_bias
            .map(|c| rationals(c, "output bias"))
            .transpose()?;
        Ok(Network(Arc::new(problem::Network {
            hidden_weights: weights
                .chunks_exact(inputs.max(1))
                .map(<[BigRational]>::to_vec)
                .collect(),
            hidden_bias,
            output_weights: rationals(output_weights, "output weights")?,
            output_bias: output_bias.and_then(|c| c.into_iter().next()),
        })))
    }

    /// From a file.
    #[staticmethod]
    fn read(py: Python<'_>, path: PathBuf) -> PyResult<Self> {
        match py.detach(|| NetworkFile::read(&path, &NetworkKeys::default())) {
            Ok(file) => Ok(Network(Arc::new(file.network))),
            Err(e) => Err(error(py, &Failure::of(e))),
        }
    }

    /// To a file; numbers that its format cannot hold are rounded to the nearest that it can.
    fn write(&self, py: Python<'_>, path: PathBuf) -> PyResult<()> {
        embed::write_network(&path, &self.0).map_err(|e| error(py, &e))
    }

    fn width(&self) -> usize {
        self.0.width()
    }

    /// d; none if there are no neurons.
    fn inputs(&self) -> Option<usize> {
        self.0.inputs()
    }

    /// The parameters as texts of fractions.
    fn texts(&self) -> Texts {
        let network = &self.0;
        (
            network.hidden_weights.iter().map(|w| texts(w)).collect(),
            network.hidden_bias.as_deref().map(texts),
            texts(&network.output_weights),
            network.output_bias.as_ref().map(ToString::to_string),
        )
    }

    /// The parameters as the bytes of doubles, each the nearest.
    #[allow(clippy::type_complexity)]
    fn floats<'py>(
        &self,
        py: Python<'py>,
    ) -> (
        Bound<'py, PyBytes>,
        Option<Bound<'py, PyBytes>>,
        Bound<'py, PyBytes>,
        Option<f64>,
    ) {
        let network = &self.0;
        (
            floats(py, network.hidden_weights.iter().flatten().map(Ref)),
            network
                .hidden_bias
                .as_ref()
                .map(|b| floats(py, b.iter().map(Ref))),
            floats(py, network.output_weights.iter().map(Ref)),
            network.output_bias.as_ref().map(rat_to_f64),
        )
    }
}
