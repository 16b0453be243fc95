//! Global optimisation: descent, column generation, sparsification.

pub mod active;
pub mod columns;
pub mod descent;
pub mod narrow;
pub mod optimal_set;
pub mod space;
pub mod sparsify;
