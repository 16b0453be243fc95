//! What is written for a terminal stays there: no escape sequence in a pipe, no colour with `NO_COLOR`.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

/// One command of each kind with a result to print, and two that fail: by the argument parser and after it.
const COMMANDS: [&str; 12] = [
    "certify --data five.csv --loss sum --ridge 1/2 --network net.json --proof five.proof -v",
    "solve --data five.csv --loss sum --ridge 1/2 -v",
    "solve --data five.csv --path max:0.1max:3",
    "minima --data five.csv --loss sum --ridge 1/2 --width 2 -v",
    "cells --data five.csv --count",
    "cells --data five.csv --list",
    "check five.proof",
    "test five.relucert.toml",
    "objective --from pytorch --optimizer Adam(weight_decay=0.01)",
    "certify --help",
    "certify --netwerk net.json",
    "solve --data five.csv --features z --ridge 1/2",
];

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).expect("a file");
    write("five.csv", "x,y\n-2,1\n-1,-1\n0,2\n1,-1\n2,1\n");
    write(
        "net.json",
        r#"{"hidden_weights": [[1], [-1]], "hidden_bias": [0, 0], "output_weights": [0.5, 0.5]}"#,
    );
    // One case passes and one fails.
    write(
        "five.relucert.toml",
        "[[case]]\nname = \"a\"\ncommand = \"cells\"\ndata = \"five.csv\"\n[case.expect]\ncells = 10\n\
         [[case]]\nname = \"b\"\ncommand = \"cells\"\ndata = \"five.csv\"\n[case.expect]\ncells = 11\n",
    );
    folder
}

/// The command with these variables and none that says something else about colours.
fn with_environment(mut command: Command, folder: &Path, variables: &[(&str, &str)]) -> Command {
    command.current_dir(folder);
    for name in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "FORCE_COLOR"] {
        command.env_remove(name);
    }
    command.env("TERM", "xterm-256color");
    command.envs(variables.iter().copied());
    command
}

fn piped(folder: &Path, line: &str, variables: &[(&str, &str)]) -> Output {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("relucert"));
    command.args(line.split(' '));
    with_environment(command, folder, variables)
        .output()
        .expect("the program runs")
}

/// Runs a command on a terminal of its own and gives all that it wrote there. `None` where that cannot be had, which needs Python.
fn on_a_terminal(folder: &Path, line: &str, variables: &[(&str, &str)]) -> Option<String> {
    const RUNNER: &str = "
import os, pty, sys
def read(fd):
    return os.read(fd, 65536)
sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:], read, lambda fd: b'')))
";
    let mut command = Command::new("python3");
    command
        .args(["-c", RUNNER])
        .arg(assert_cmd::cargo::cargo_bin!("relucert"))
        .args(line.split(' '));
    let output = with_environment(command, folder, variables).output().ok()?;
    // No `pty` module, or no terminal to be had: the runner itself says so.
    let failed = String::from_utf8_lossy(&output.stderr).contains("Traceback");
    (!failed).then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Whether there is a sequence that sets a colour or a weight: `ESC [ … m`.
fn has_colour(text: &str) -> bool {
    text.split("\u{1b}[").skip(1).any(|rest| {
        rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == ';')
            .starts_with('m')
    })
}

#[test]
fn nothing_for_terminals_goes_into_pipes() {
    let folder = folder();
    for variables in [&[][..], &[("NO_COLOR", "1")]] {
        for line in COMMANDS {
            let output = piped(folder.path(), line, variables);
            let all = [output.stdout, output.stderr].concat();
            assert!(!all.is_empty(), "{line}");
            assert!(
                !all.contains(&0x1b) && !all.contains(&b'\r'),
                "{line}: {:?}",
                String::from_utf8_lossy(&all)
            );
        }
    }
}

#[test]
fn no_color_is_obeyed_on_a_terminal() {
    let folder = folder();
    let help = on_a_terminal(folder.path(), "certify --help", &[]);
    let Some(help) = help.filter(|text| text.contains("--network")) else {
        eprintln!("LEFT OUT: there is no python3 that opens a terminal");
        return;
    };
    // Otherwise what follows would show nothing.
    assert!(has_colour(&help), "no colour on a terminal: {help:?}");
    for line in COMMANDS {
        let text = on_a_terminal(folder.path(), line, &[("NO_COLOR", "1")]).expect("a terminal");
        assert!(!text.is_empty(), "{line}");
        assert!(!has_colour(&text), "{line}: {text:?}");
    }
}

#[test]
fn colours_are_told_from_other_sequences() {
    assert!(has_colour("\u{1b}[1mbold") && has_colour("\u{1b}[38;5;9mred"));
    assert!(!has_colour("\u{1b}[2K\u{1b}[1Aplain m"));
}
