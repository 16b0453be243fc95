//! Trees of rows with quadratic leaves, for many dimensions (MATH.md §4, "A second leaf rule"; FORMAT.md §5a).

pub(crate) mod cholesky;
pub mod leaf;
