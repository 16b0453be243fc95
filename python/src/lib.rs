//! The compiled half of the Python package: exact values come in, exact values and the command line's words go out.
//!
//! Everything that is about Python's own kinds of data (arrays, frames, modules) is in `relucert/*.py`. Numbers cross as the bytes of doubles, or as
//! decimal or p/q text; both are exact.

mod cells;
mod job;
mod network;
mod numbers;
mod problem;

use std::ffi::OsString;
use std::sync::Arc;

use pyo3::prelude::*;
use relucert::cli::embed::Failure;

/// `relucert._errors.RelucertError(message, help)`.
fn error(py: Python<'_>, failure: &Failure) -> PyErr {
    let raised = py
        .import("relucert._errors")
        .and_then(|module| module.getattr("RelucertError"))
        .and_then(|class| class.call1((&failure.message, &failure.help)));
    match raised {
        Ok(value) => PyErr::from_value(value),
        Err(e) => e,
    }
}

/// A wrong option: its name and what is wrong with it.
fn option_error(py: Python<'_>, name: &str, message: String) -> PyErr {
    let failure = Failure {
        message: format!("{name}: {message}"),
        help: None,
    };
    error(py, &failure)
}

/// The independent checker on these arguments: its exit status, and what it wrote to both streams.
#[pyfunction]
fn run_checker(py: Python<'_>, arguments: Vec<OsString>) -> PyResult<(i32, String, String)> {
    let watcher = Arc::new(job::Watcher::default());
    let (result, interrupted) = job::run(py, &watcher, None, move || {
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let status = relucert_checker::run(&arguments, &mut out, &mut err);
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        (status, text(out), text(err))
    })?;
    // A check that was interrupted is complete all the same; but the wish to stop is not lost.
    if interrupted {
        return Err(pyo3::exceptions::PyKeyboardInterrupt::new_err(()));
    }
    Ok(result)
}

#[pymodule(gil_used = false)]
fn _relucert(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    module.add_class::<network::Network>()?;
    module.add_class::<problem::Problem>()?;
    module.add_class::<problem::Options>()?;
    module.add_function(wrap_pyfunction!(run_checker, module)?)?;
    module.add_function(wrap_pyfunction!(cells::count_cells, module)?)?;
    module.add_function(wrap_pyfunction!(cells::list_cells, module)?)?;
    Ok(())
}
