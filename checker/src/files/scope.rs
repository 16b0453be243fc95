//! The networks that the user wants the bound to be about.

use super::binding::{Binding, Parameter};
use crate::error::{CheckError, Reason};
use crate::int::Int;
use crate::text::Line;

/// Expects a bound for networks of every width, or of at least so many neurons, and whatever else is expected.
pub(crate) struct Scope<'a> {
    pub(crate) rest: &'a mut dyn Binding,
    /// `None` for every width.
    pub(crate) width: Option<usize>,
}

impl Binding for Scope<'_> {
    fn statement_line(&mut self, line: &Line<'_>) -> Result<(), CheckError> {
        self.rest.statement_line(line)
    }

    fn width(&mut self, line: u64, neurons: usize) -> Result<(), CheckError> {
        self.rest.width(line, neurons)
    }

    fn parameter(&mut self, line: u64, place: Parameter, value: (&Int, &Int)) -> Result<(), CheckError> {
        self.rest.parameter(line, place, value)
    }

    fn networks_read(&mut self, line: u64, count: usize) -> Result<(), CheckError> {
        self.rest.networks_read(line, count)
    }

    fn bound_read(&mut self, line: u64, most: usize) -> Result<(), CheckError> {
        if self.width.is_some_and(|width| width <= most) {
            return self.rest.bound_read(line, most);
        }
        let wanted = self.width.map_or("every width".to_owned(), |width| format!("{width} neurons"));
        let text = format!("the bound is for networks of at most {most} neurons, not for those of {wanted}");
        Err(CheckError::rejected(line, Reason::ScopeTooNarrow, text))
    }
}
