//! The maximum of `|F_v|` over the sphere: fan search and local ascents. Floats; nothing here is trusted.

pub mod ascent;
pub mod fan;
pub mod form;
pub mod leaf;
pub mod quadratic;
pub mod quartic;
pub mod row_trees;
pub mod saved;
