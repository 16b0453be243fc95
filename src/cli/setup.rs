//! `relucert completions` and `relucert setup`: completions for shells, and man pages.

use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::CommandFactory;
use clap_complete::{Shell, generate};

use super::error::UsageError;
use super::{Cli, print};
use crate::files;

/// Print the completions for a shell
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  relucert completions bash > ~/.local/share/bash-completion/completions/relucert\n\n\
    relucert setup puts the completions of all shells and the man pages where they belong."
)]
pub(super) struct CompletionsArgs {
    /// The shell
    #[arg(value_name = "SHELL")]
    shell: Shell,
}

/// Install man pages and the completions for bash, zsh and fish
///
/// They go to the folders below PREFIX that man and the shells look in: man/man1, bash-completion/completions, zsh/site-functions and
/// fish/vendor_completions.d.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  relucert setup\n  relucert setup --prefix /usr/local/share\n\n\
    zsh looks in zsh/site-functions if it is told to: fpath+=(~/.local/share/zsh/site-functions) before compinit in ~/.zshrc."
)]
pub(super) struct SetupArgs {
    /// Where to install [default: $XDG_DATA_HOME, else ~/.local/share]
    #[arg(long, value_name = "DIR")]
    prefix: Option<PathBuf>,
}

/// The completions of a shell.
fn script(shell: Shell) -> Vec<u8> {
    let mut text = Vec::new();
    generate(shell, &mut Cli::command(), "relucert", &mut text);
    text
}

/// The man pages: name and text of the program's and of each command's.
fn pages() -> io::Result<Vec<(String, Vec<u8>)>> {
    let mut command = Cli::command().disable_help_subcommand(true);
    command.build();
    let page = |command: clap::Command, name: &str| -> io::Result<(String, Vec<u8>)> {
        let mut text = Vec::new();
        clap_mangen::Man::new(command).render(&mut text)?;
        Ok((format!("{name}.1"), text))
    };
    let mut list = vec![page(command.clone(), "relucert")?];
    for sub in command.get_subcommands().filter(|c| c.get_name() != "help") {
        // A page of its own is named with a hyphen, as git's are.
        let name = format!("relucert-{}", sub.get_name());
        list.push(page(sub.clone(), &name)?);
    }
    Ok(list)
}

pub(super) fn completions(args: &CompletionsArgs) -> miette::Result<ExitCode> {
    print(&String::from_utf8_lossy(&script(args.shell)))?;
    Ok(ExitCode::SUCCESS)
}

pub(super) fn setup(args: &SetupArgs) -> miette::Result<ExitCode> {
    let prefix = match &args.prefix {
        Some(prefix) => prefix.clone(),
        None => data_home().ok_or(UsageError::NoHome)?,
    };
    let mut written = vec![
        (
            "bash-completion/completions/relucert".to_owned(),
            script(Shell::Bash),
        ),
        (
            "zsh/site-functions/_relucert".to_owned(),
            script(Shell::Zsh),
        ),
        (
            "fish/vendor_completions.d/relucert.fish".to_owned(),
            script(Shell::Fish),
        ),
    ];
    let pages = pages().map_err(UsageError::Stdout)?;
    written.extend(
        pages
            .into_iter()
            .map(|(name, text)| (format!("man/man1/{name}"), text)),
    );
    let mut text = String::new();
    for (place, bytes) in &written {
        let path = prefix.join(place);
        write(&path, bytes).map_err(|source| UsageError::NotWritten {
            path: path.clone(),
            source,
        })?;
        text += &format!("{}\n", path.display());
    }
    print(&text)?;
    Ok(ExitCode::SUCCESS)
}

fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    files::write_atomically(path, |out| out.write_all(bytes))
}

/// The folder for a user's data.
fn data_home() -> Option<PathBuf> {
    let given = |name: &str| {
        std::env::var_os(name)
            .map(PathBuf::from)
            .filter(|p| p.is_absolute())
    };
    given("XDG_DATA_HOME").or_else(|| given("HOME").map(|home| home.join(".local/share")))
}
