//! All local minima of a tiny network.

pub mod algebraic;
pub mod symmetry;
