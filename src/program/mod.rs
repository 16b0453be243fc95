//! The training problem in floats, convex programs (Clarabel) and linear programs (good_lp), and the way back to networks.

pub mod convert;
pub mod full;
pub mod model;
pub mod restricted;
