//! The command `relucert`.

use std::process::ExitCode;

fn main() -> ExitCode {
    relucert::cli::main(std::env::args_os())
}
