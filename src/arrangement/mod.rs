//! The hyperplane arrangement of the data rows: every cell, ray and flat, exactly.
//!
//! [`Arrangement`] takes any integer rows. Its cells are the sets on which every row has one sign: the patterns of a ReLU layer.

mod cell;
mod cone;
mod count;
mod enumerate;
mod exact;
mod faces;
mod flats;
mod hyperplanes;
pub mod kernel;
mod line;
pub mod rows;
mod tableau;
#[cfg(test)]
mod tests;

pub use cell::Cell;
pub use count::Counts;
pub use enumerate::{EnumerateOptions, Enumerated, Visitor};
pub use flats::Flat;
pub use hyperplanes::{Arrangement, ArrangementError};
