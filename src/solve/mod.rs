//! Global optimisation: descent, column generation, sparsification.

pub mod columns;
pub mod descent;
pub mod full;
pub mod narrow;
pub mod price;
pub mod space;
pub mod sparsify;
