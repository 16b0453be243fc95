//! What else a proof has to agree with: the data and the network of the user.

use crate::error::CheckError;
use crate::int::Int;
use crate::text::Line;

/// A parameter of a network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Parameter {
    Output {
        neuron: usize,
    },
    /// The hidden bias is the column after the last feature.
    Hidden {
        neuron: usize,
        column: usize,
    },
    OutputBias,
}

/// Watches a proof while it is read. What it rejects is rejected; by itself it rejects nothing.
pub(crate) trait Binding {
    /// Sees each line of the statement, before it is parsed.
    fn statement_line(&mut self, _line: &Line<'_>) -> Result<(), CheckError> {
        Ok(())
    }

    /// Sees the number of neurons of the first network of the proof.
    fn width(&mut self, _line: u64, _neurons: usize) -> Result<(), CheckError> {
        Ok(())
    }

    /// Sees each parameter of the first network of the proof, as a numerator and a denominator.
    fn parameter(&mut self, _line: u64, _place: Parameter, _value: (&Int, &Int)) -> Result<(), CheckError> {
        Ok(())
    }

    /// Sees that all networks of the proof, `count` of them, have been read.
    fn networks_read(&mut self, _line: u64, _count: usize) -> Result<(), CheckError> {
        Ok(())
    }

    /// Sees a bound that holds for networks of at most `most` neurons only.
    fn bound_read(&mut self, _line: u64, _most: usize) -> Result<(), CheckError> {
        Ok(())
    }
}

/// Expects nothing.
pub(crate) struct Unbound;

impl Binding for Unbound {}
