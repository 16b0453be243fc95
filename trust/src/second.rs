//! The other checkers, in Python and in JavaScript: one process for many proofs.

use std::io::{self, BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use crate::checker::Answer;
use crate::frame::Mutant;

/// A checker that the one in Rust is compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Second {
    /// `python/relucert_check.py`.
    Python,
    /// `javascript/relucert_check.js`.
    JavaScript,
    /// The same in headless Chromium.
    Chromium,
}

impl Second {
    /// The name in reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Second::Python => "Python",
            Second::JavaScript => "JavaScript",
            Second::Chromium => "JavaScript in Chromium",
        }
    }

    /// The program that runs it, the script that reads proofs from standard input, and its arguments.
    fn command(self) -> (&'static str, &'static str, &'static [&'static str]) {
        match self {
            Second::Python => ("python3", "batch_check.py", &[]),
            Second::JavaScript => ("node", "batch_check.js", &[]),
            Second::Chromium => ("node", "batch_check.js", &["--chromium"]),
        }
    }
}

/// A running `batch_check.py` or `batch_check.js`.
pub struct Running {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

impl Running {
    /// Starts the process.
    ///
    /// # Errors
    ///
    /// If there is no `python3` or `node`.
    pub fn start(second: Second) -> io::Result<Running> {
        let (program, script, arguments) = second.command();
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join(script);
        let mut child =
            Command::new(program).arg(script).args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let missing = || io::Error::other("no pipe");
        let input = child.stdin.take().ok_or_else(missing)?;
        let output = BufReader::new(child.stdout.take().ok_or_else(missing)?);
        Ok(Running { child, input: Some(input), output })
    }

    /// Hands over a proof; the answer is fetched with [`Running::receive`], so that both checkers work meanwhile.
    ///
    /// # Errors
    ///
    /// If the process has ended.
    pub fn send(&mut self, mutant: &Mutant) -> io::Result<()> {
        let input = self.input.as_mut().ok_or_else(|| io::Error::other("closed"))?;
        let length = u32::try_from(mutant.bytes.len()).map_err(io::Error::other)?;
        input.write_all(&[u8::from(mutant.is_gzip)])?;
        input.write_all(&length.to_be_bytes())?;
        input.write_all(&mutant.bytes)?;
        input.flush()
    }

    /// The answer to the proof that was sent last.
    ///
    /// # Errors
    ///
    /// If the process has ended.
    pub fn receive(&mut self) -> io::Result<Answer> {
        let mut line = String::new();
        if self.output.read_line(&mut line)? == 0 {
            return Err(io::Error::other("the process of the other checker has ended"));
        }
        let line = line.trim_end_matches('\n');
        Ok(match line.split_once(' ') {
            Some(("accepted", rest)) => {
                let (sha256, summary) = rest.split_once(' ').unwrap_or((rest, ""));
                Answer::Accepted { summary: summary.to_owned(), sha256: sha256.to_owned() }
            }
            None if line == "rejected" => Answer::Rejected(String::new()),
            None if line == "limit" => Answer::Limit(String::new()),
            _ => Answer::Crashed(line.to_owned()),
        })
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.input.take());
        let _ = self.child.wait();
    }
}
