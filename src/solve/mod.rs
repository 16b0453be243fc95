//! Global optimisation: descent, column generation, sparsification.

pub mod columns;
pub mod descent;
pub mod narrow;
pub mod space;
pub mod sparsify;
