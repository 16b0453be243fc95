//! All local minima of a tiny network.

pub mod symmetry;
