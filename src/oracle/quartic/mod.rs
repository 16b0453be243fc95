//! Quartic bounds of the regions of a tree of rows (FORMAT.md §5a, rule `f`), in floats: a moment relaxation of degree 4.

mod block;
mod boundary;
mod cloud;
pub mod moments;
pub mod search;
pub mod solver;
pub mod start;
mod system;
