//! Trees of rows (FORMAT.md §5a): the search that makes them grow and finds the dual vector that suits them. Their leaves are bounded by `quadratic` and `quartic`.

pub mod halves;
mod lazy;
mod master;
pub mod nodes;
pub mod search;
