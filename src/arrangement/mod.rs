//! The hyperplane arrangement of the data rows.

mod cell;
mod enumerate;
mod exact;
mod hyperplanes;
pub mod kernel;
mod line;
pub mod rows;
mod tableau;

pub use cell::Cell;
pub use enumerate::{EnumerateOptions, Enumerated, Visitor};
pub use hyperplanes::{Arrangement, ArrangementError};
