//! Global optimisation: descent, column generation, sparsification.

pub mod active;
pub mod columns;
pub mod descent;
pub mod full;
pub mod narrow;
pub mod optimal_set;
pub mod price;
pub mod space;
pub mod sparsify;
