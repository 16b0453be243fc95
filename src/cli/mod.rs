//! The command line: one file a command; each parses, calls and prints, and holds no mathematics.

mod args;
mod cells;
mod cells_format;
mod certify;
mod check;
mod convert;
pub mod embed;
mod error;
mod examples;
mod fixed_width;
mod hint;
mod html;
mod interrupt;
mod local;
mod minima;
mod minima_report;
mod objective;
mod optimal_set;
mod path;
mod predict;
mod report;
mod setup;
mod solve;
mod test;

use std::ffi::OsString;
use std::io::{self, Write};
use std::process::ExitCode;
use std::time::Instant;

use clap::{Parser, Subcommand};
use miette::Report;

/// The exit code for input that cannot be used.
const BAD_INPUT: u8 = 2;

/// Exit code of a command that a limit ended before its answer was complete.
const LIMIT: u8 = 3;

/// How close is a trained two-layer ReLU network to the global optimum of its own training problem?
///
/// relucert computes the exact objective of a network and proves a lower bound on the objective of every two-layer network of every
/// width, in rational arithmetic.
#[derive(Parser)]
#[command(
    name = "relucert",
    version,
    propagate_version = true,
    arg_required_else_help = true
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
// There is one of these in a run, and it is never moved in a loop.
#[allow(clippy::large_enum_variant)]
enum Command {
    Certify(certify::Args),
    Solve(solve::Args),
    Predict(predict::Args),
    Convert(convert::Args),
    Cells(cells::Args),
    Minima(minima::Args),
    Objective(objective::Args),
    Check(check::Args),
    Test(test::Args),
    Init(examples::InitArgs),
    Examples(examples::ExamplesArgs),
    Completions(setup::CompletionsArgs),
    Setup(setup::SetupArgs),
}

/// Runs the command line and says how it ended: 0, or 2 with one error message for input that cannot be used.
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let started = Instant::now();
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    let cli = match Cli::try_parse_from(&arguments) {
        Ok(cli) => cli,
        Err(mut e) => {
            // Help and version come here as well, with the code 0. A closed output is no error.
            let hint = hint::of(&mut e, &arguments);
            let _ = e.print();
            if let Some(hint) = hint {
                let _ = writeln!(io::stderr(), "\n  help: {hint}");
            }
            return ExitCode::from(u8::try_from(e.exit_code()).unwrap_or(BAD_INPUT));
        }
    };
    let result = match cli.command {
        Command::Certify(args) => certify::run(args, started),
        Command::Solve(args) => solve::run(&args, started),
        Command::Predict(args) => predict::run(&args),
        Command::Convert(args) => convert::run(&args),
        Command::Cells(args) => cells::run(&args, started),
        Command::Minima(args) => minima::run(&args, started),
        Command::Objective(args) => objective::run(&args),
        Command::Check(args) => Ok(check::run(&args)),
        Command::Test(args) => test::run(&args, started),
        Command::Init(args) => examples::init(&args),
        Command::Examples(args) => examples::examples(&args),
        Command::Completions(args) => setup::completions(&args),
        Command::Setup(args) => setup::setup(&args),
    };
    match result {
        Ok(code) => code,
        Err(report) => {
            print_error(&report);
            ExitCode::from(BAD_INPUT)
        }
    }
}

/// Text of a file or a user on its way to the terminal: control characters are escaped, so that it stays on its line.
fn one_line(text: &str) -> String {
    text.chars()
        .flat_map(|c| {
            let escaped = c.is_control().then(|| c.escape_default());
            escaped
                .into_iter()
                .flatten()
                .chain((!c.is_control()).then_some(c))
        })
        .collect()
}

fn print_error(report: &Report) {
    let mut text = format!("error: {}\n", one_line(&report.to_string()));
    if let Some(help) = report.help() {
        text += &format!("  help: {}\n", one_line(&help.to_string()));
    }
    // If even this cannot be written there is nobody to tell.
    let _ = io::stderr().write_all(text.as_bytes());
}

/// Prints a result. A reader that has closed its end (`| head`) has seen what it wanted.
fn print(text: &str) -> miette::Result<()> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(e) if e.kind() != io::ErrorKind::BrokenPipe => Err(error::UsageError::Stdout(e).into()),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_definition_of_the_arguments_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn messages_stay_on_one_line() {
        assert_eq!(one_line("a\n\u{1b}[31mé"), "a\\n\\u{1b}[31mé");
    }
}
