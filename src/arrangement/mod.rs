//! The hyperplane arrangement of the data rows.

pub mod kernel;
pub mod rows;
