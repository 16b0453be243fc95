//! relucert proves, in exact rational arithmetic, how close a trained two-layer ReLU network is to the global optimum of its own
//! training problem.

pub mod arrangement;
pub mod cli;
pub mod conventions;
pub mod exact;
pub mod files;
pub mod fixed_width;
pub mod minima;
pub mod oracle;
pub mod problem;
pub mod program;
pub mod prove;
pub mod report;
pub mod run;
pub mod solve;
pub mod suite;
