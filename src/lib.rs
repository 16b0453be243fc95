//! relucert proves, in exact rational arithmetic, how close a trained two-layer ReLU network is to the global optimum of its own
//! training problem.
//!
//! [`problem`] states what is asked, exactly; [`run`] answers it with a verdict and a proof; the crate `relucert-checker` verifies the proof and uses
//! nothing of this one. [`arrangement`] counts and lists activation patterns, and [`minima`] lists all local minima of tiny networks. The other rooms
//! are what these are built from, and the command line.
//!
//! ```
//! use relucert::exact::parse_decimal;
//! use relucert::problem::{Activation, Dataset, Decay, HiddenBias, Loss, OutputBias, Problem};
//! use relucert::run::{RunOptions, solve};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! // XOR, without biases: ½Σ(f−y)² + (0.1/2)·‖θ‖².
//! let number = |x: i64| num_rational::BigRational::from_integer(x.into());
//! let x = [[1, 1], [1, -1], [-1, 1], [-1, -1]].map(|row| row.map(number).to_vec());
//! let data = Dataset::from_rows(&x, &[-1, 1, 1, -1].map(number))?;
//! let decay = Decay::WeightDecay(parse_decimal("0.1")?);
//! let problem = Problem::new(data, Activation::relu(), Loss::HalfSum, decay, HiddenBias::None, OutputBias::None)?;
//!
//! let folder = tempfile::tempdir()?;
//! let mut options = RunOptions::new(parse_decimal("1e-9")?);
//! options.proof = Some(folder.path().join("xor.proof"));
//! let found = solve(&problem, None, &options)?;
//!
//! // The checker reads the proof, and nothing else.
//! let theorem = relucert_checker::check_path(&folder.path().join("xor.proof")).map_err(|e| e.to_string())?;
//! assert_eq!(theorem.problem.sha256, problem.statement_sha256());
//! assert!(found.relative_gap() <= parse_decimal("1e-9")?);
//! # Ok(())
//! # }
//! ```

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
