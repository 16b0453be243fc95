//! The file of a proof at a fixed width (FORMAT.md §8).

use std::io::{self, Write};
use std::path::Path;

use super::WidthProof;
use crate::problem::{Network, Problem};
use crate::prove::{VerdictLine, WriteError, Written, write_text};

/// Writes a proof atomically, compressed if the name ends in `.gz`. `leaves` of what was written counts the support vectors.
///
/// # Errors
///
/// [`WriteError`]; nothing is left behind.
pub fn write(
    path: &Path,
    problem: &Problem,
    networks: &[(&Network, &str)],
    verdict: &VerdictLine,
    proof: &WidthProof,
) -> Result<Written, WriteError> {
    let mut sections = String::new();
    for (network, role) in networks {
        sections.push_str(&problem.network_section(network, role)?);
    }
    let text = |out: &mut dyn Write| -> io::Result<()> {
        out.write_all(b"relucert-proof 2\n")?;
        out.write_all(problem.statement().as_bytes())?;
        out.write_all(sections.as_bytes())?;
        let bound = &proof.bound;
        writeln!(
            out,
            "bound {} {} width {}",
            bound.numer(),
            bound.denom(),
            proof.width
        )?;
        let tolerance = &verdict.tolerance;
        writeln!(
            out,
            "verdict {} {} {}",
            verdict.word,
            tolerance.numer(),
            tolerance.denom()
        )?;
        out.write_all(&proof.parts.text)?;
        writeln!(out, "blocks {}", proof.blocks.len())?;
        for block in &proof.blocks {
            out.write_all(&block.text)?;
        }
        out.write_all(b"end\n")
    };
    let leaves = proof
        .blocks
        .iter()
        .map(|block| block.set.len() as u64)
        .sum();
    write_text(path, &text, leaves, proof.parts.cones as u64)
}
