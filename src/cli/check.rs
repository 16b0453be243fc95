//! `relucert check`.

use std::ffi::OsString;
use std::process::ExitCode;

/// Check a proof with the independent checker
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  relucert check iris.proof.gz\n  relucert check iris.proof.gz --time-limit 60\n  \
    relucert check iris.proof.gz --help    all options of the checker, its limits and their defaults"
)]
pub(super) struct Args {
    /// The proof and the checker's own options
    #[arg(
        value_name = "PROOF",
        required = true,
        trailing_var_arg = true,
        allow_hyphen_values = true
    )]
    arguments: Vec<OsString>,
}

pub(super) fn run(args: &Args) -> ExitCode {
    let code = relucert_checker::run(
        &args.arguments,
        &mut std::io::stdout(),
        &mut std::io::stderr(),
    );
    ExitCode::from(u8::try_from(code).unwrap_or(2))
}
