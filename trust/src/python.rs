//! The second checker, in one Python process for many proofs.

use std::io::{self, BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use crate::checker::Answer;
use crate::frame::Mutant;

/// A running `batch_check.py`.
pub struct Python {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

impl Python {
    /// Starts the process.
    ///
    /// # Errors
    ///
    /// If there is no `python3`.
    pub fn start() -> io::Result<Python> {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("batch_check.py");
        let mut child = Command::new("python3").arg(script).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let missing = || io::Error::other("no pipe");
        let input = child.stdin.take().ok_or_else(missing)?;
        let output = BufReader::new(child.stdout.take().ok_or_else(missing)?);
        Ok(Python { child, input: Some(input), output })
    }

    /// Hands over a proof; the answer is fetched with [`Python::receive`], so that both checkers work meanwhile.
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
            return Err(io::Error::other("the Python process has ended"));
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

impl Drop for Python {
    fn drop(&mut self) {
        drop(self.input.take());
        let _ = self.child.wait();
    }
}
