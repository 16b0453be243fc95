//! Exact numbers on their way in.

use num_rational::BigRational;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyList, PyString};
use relucert::cli::embed;
use relucert::exact::{Number, parse_ratio};

use crate::{error, option_error};

/// Numbers from Python: the bytes of little-endian doubles, or texts of decimals or p/q. Exact. `what` names them in an error.
pub fn numbers(values: &Bound<'_, PyAny>, what: &str) -> PyResult<Vec<Number>> {
    let py = values.py();
    let wrong = |i: usize, value: String, reason: &str| {
        error(
            py,
            &embed::Failure::new(
                format!("{what}, entry {i}: {value} {reason}"),
                "remove or replace NaN and infinite entries; entries count from 0, row by row",
            ),
        )
    };
    if let Ok(bytes) = values.cast::<PyBytes>() {
        return bytes
            .as_bytes()
            .chunks_exact(8)
            .enumerate()
            .map(|(i, chunk)| {
                let mut raw = [0; 8];
                raw.copy_from_slice(chunk);
                let value = f64::from_le_bytes(raw);
                Number::from_f64(value)
                    .ok_or_else(|| wrong(i, value.to_string(), "is not a finite number"))
            })
            .collect();
    }
    values
        .cast::<PyList>()?
        .iter()
        .enumerate()
        .map(|(i, entry)| {
            let text = entry.cast::<PyString>()?.to_string();
            parse_ratio(&text)
                .map(Number::from)
                .map_err(|e| wrong(i, String::new(), &e.to_string()))
        })
        .collect()
}

/// As [`numbers`], in lowest terms.
pub fn rationals(values: &Bound<'_, PyAny>, what: &str) -> PyResult<Vec<BigRational>> {
    Ok(numbers(values, what)?.iter().map(Number::to_rat).collect())
}

/// The number of an option.
pub fn ratio(py: Python<'_>, name: &str, text: &str) -> PyResult<BigRational> {
    embed::ratio(text).map_err(|e| option_error(py, name, e))
}
