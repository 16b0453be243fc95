//! The independent checker of relucert proofs.
//!
//! A proof claims that every two-layer network of every width (or of at most a certain width) has at least a certain
//! objective on a certain data set. This crate reads such a proof (FORMAT.md is the complete description) and verifies it with integer
//! arithmetic alone: no floating point, no solver, no tolerance. It shares no code with the finder of proofs.
//!
//! ```
//! let proof = b"relucert-proof 1\n";
//! let error = relucert_checker::check_reader(&proof[..]).unwrap_err();
//! assert_eq!(error.reason(), Some(relucert_checker::Reason::EndOfFile));
//! ```

#![forbid(unsafe_code)]
#![deny(missing_docs)]
#![deny(
    clippy::arithmetic_side_effects,
    clippy::disallowed_types,
    clippy::expect_used,
    clippy::float_arithmetic,
    clippy::panic,
    clippy::todo,
    clippy::unimplemented,
    clippy::unreachable,
    clippy::unwrap_used
)]

mod check;
mod command;
mod definite;
mod determinant;
mod error;
mod fan;
mod files;
mod fraction;
mod int;
mod moments;
mod network;
mod quartic;
mod report;
mod rows;
mod statement;
mod text;
mod theorem;
mod width;

pub use check::{check_path, check_reader};
pub use command::run;
pub use error::{CheckError, Limit, Reason};
pub use fan::Counts;
pub use fraction::{Fraction, Rounding};
pub use network::Network;
pub use statement::{Decay, HiddenBias, Loss, OutputBias, Problem};
pub use theorem::{Bound, Theorem, Verdict};
