//! Attacks on the checkers of relucert proofs: false claims in good-looking proofs, mutants of proofs, and files that
//! must not be accepted. Every accepted theorem is judged by arithmetic of this crate's own.

pub mod attack;
pub mod campaign;
pub mod checker;
pub mod claim;
pub mod corpus;
pub mod document;
pub mod exact;
pub mod false_claims;
pub mod frame;
pub mod judge;
pub mod mutate;
pub mod network;
pub mod planted;
pub mod planted_rows;
mod random_proofs;
pub mod report;
pub mod rng;
pub mod second;
pub mod truths;
