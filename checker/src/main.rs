//! The command `relucert-checker`; see its `--help`.

#![forbid(unsafe_code)]

use std::ffi::OsString;
use std::process::exit;

fn main() {
    let args: Vec<OsString> = std::env::args_os().skip(1).collect();
    exit(relucert_checker::run(&args, &mut std::io::stdout(), &mut std::io::stderr()));
}
