//! From a float search to a proof: an exact dual vector, exact leaves, and the file (FORMAT.md).
//!
//! Everything in this room is exact unless its type is a float; what it emits has been verified here in integers, and is verified again
//! by the checker, which shares no code with it.

pub mod dual;
pub mod fan;
pub mod quartic;
pub mod rows;

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;
use num_bigint::BigInt;
use num_traits::{One, Signed, Zero};

use crate::arrangement::rows::Classes;
use crate::exact::Rat;
use crate::files;
use crate::oracle::fan::{Node, RootKind};
use crate::problem::{HiddenBias, Network, Problem, ProblemError};
use crate::solve::space::Space;
use dual::{Dual, short_below, sqrt_below};
use fan::{Emitter, FanText, Precision, root_cones};

/// The fans of a search: the tree of both signs over one basis.
pub struct Fans<'a> {
    /// Nodes of [`crate::oracle::fan::Search`].
    pub tree: &'a [Node],
    /// Kind of the roots.
    pub kind: RootKind,
    /// The search's coordinates, basis and lines.
    pub space: &'a Space,
    /// Precision of the support vectors.
    pub precision: Precision,
}

/// An exactly verified lower bound with the text that proves it.
pub struct Proved {
    /// `A/B` of the `dual` line.
    pub factor: Rat,
    /// `D(v)`, half-sum form, exact.
    pub bound: Rat,
    dual: Vec<BigInt>,
    fans: Vec<u8>,
    /// Leaves of both fans.
    pub leaves: u64,
    /// Generators made by splits, both fans; or the splits of trees of rows.
    pub generators: u64,
    /// The version of the format that the text needs.
    version: u8,
}

impl Proved {
    /// The dual vector v, length n: the nearest floats.
    pub fn dual(&self) -> Vec<f64> {
        let float = |v: &BigInt| crate::exact::rat_to_f64(&(&self.factor * v));
        self.dual.iter().map(float).collect()
    }

    /// The bound 0, from `v = 0`: true for every problem.
    pub fn trivial(problem: &Problem) -> Proved {
        Proved {
            factor: Rat::zero(),
            bound: Rat::zero(),
            dual: vec![BigInt::zero(); problem.n()],
            fans: Vec::new(),
            leaves: 0,
            generators: 0,
            version: 1,
        }
    }
}

/// The text of both fans, every leaf verified, and the largest `E²·Σ Q°²`.
struct Emitted {
    text: Vec<u8>,
    leaves: u64,
    generators: u64,
    longest: BigInt,
    /// Whether every leaf was verified; otherwise the text is worth nothing.
    verified: bool,
}

fn emit(problem: &Problem, classes: &Classes, dual: &Dual, fans: &Fans) -> Emitted {
    let roots = root_cones(fans.kind, &fans.space.basis);
    let mut all = Emitted {
        text: Vec::new(),
        leaves: 0,
        generators: 0,
        longest: BigInt::zero(),
        verified: true,
    };
    for (index, sign) in ["+", "-"].iter().enumerate() {
        let emitter = Emitter::new(
            problem,
            classes,
            dual,
            index == 1,
            fans.space,
            fans.precision,
        );
        let FanText {
            text: trees,
            longest: square,
            leaves,
            splits,
            verified,
        } = emitter.emit(fans.tree, index * roots.len(), &roots);
        let kind = match fans.kind {
            RootKind::Orthants => "orthants",
            RootKind::Half => "half",
            RootKind::Simplex => "simplex",
        };
        let (basis, lines) = (&fans.space.basis, &fans.space.lines);
        let _ = writeln!(
            all.text,
            "fan {sign} {kind} {} {} {}",
            basis.len(),
            lines.len(),
            emitter.scale()
        );
        for (letter, vectors) in [(b'b', basis), (b'z', lines)] {
            for vector in vectors {
                all.text.push(letter);
                for x in vector {
                    let _ = write!(all.text, " {x}");
                }
                all.text.push(b'\n');
            }
        }
        all.text.extend_from_slice(&trees);
        all.leaves += leaves;
        all.generators += splits;
        all.verified &= verified;
        all.longest = all.longest.max(square * emitter.scale() * emitter.scale());
    }
    all
}

/// The square of a proven bound on `|F_v(u)|/ρ(u)` over all directions, for `v = V·unit`. Exact.
pub fn maximum_squared(problem: &Problem, classes: &Classes, dual: &Dual, fans: &Fans) -> Rat {
    let emitted = emit(problem, classes, dual, fans);
    if !emitted.verified {
        let crude = crude_maximum(problem, dual);
        return &crude * &crude;
    }
    let (_, _, kd) = problem.activation.integers();
    let scale = &dual.unit / (BigInt::from(2) * kd * &problem.data.x_den);
    Rat::from(emitted.longest) * &scale * &scale
}

/// `max|κ|·Σ_i |v_{s(i)}|·‖x_i‖₁ ≥ |F_v(u)|/ρ(u)`, over the decayed columns. With an undecayed hidden bias, where the sum of `v` over the rows vanishes,
/// `F_v(w, b) = Σ_i v_{s(i)} (φ(x_i·w + b) − φ(b))`, and φ is `max|κ|`-Lipschitz.
pub fn crude_maximum(problem: &Problem, dual: &Dual) -> Rat {
    let decayed = problem.r() - usize::from(problem.hidden_bias == HiddenBias::Undecayed);
    let sum: BigInt = (0..problem.rows())
        .map(|i| {
            let sample = problem.data.sample_of_row[i] as usize;
            let size: BigInt = problem.row_int(i)[..decayed].iter().map(Signed::abs).sum();
            dual.v[sample].abs() * size
        })
        .sum();
    let (low, high) = (&problem.activation.low, &problem.activation.high);
    let slope = low.abs().max(high.abs());
    slope * &dual.unit * Rat::new(sum, problem.data.x_den.clone())
}

/// Turns a search into an exact bound: rounds and verifies every leaf of both fans, then scales the dual vector to the longest support vector (MATH.md §2).
pub fn prove(problem: &Problem, classes: &Classes, dual: &Dual, fans: &Fans) -> Proved {
    if dual.is_zero() {
        return Proved::trivial(problem);
    }
    let Emitted {
        text,
        leaves,
        generators,
        longest,
        verified,
    } = emit(problem, classes, dual, fans);
    if !verified {
        return Proved::trivial(problem);
    }
    let (_, _, kd) = problem.activation.integers();
    let (first, second) = dual.moments(problem);
    let best = if second.is_zero() {
        Rat::zero()
    } else {
        &first / &second
    };
    let factor = if longest.is_zero() {
        short_below(&best)
    } else {
        // (A/B)² ≤ (β·2·kd·DX)² / longest.
        let budget = problem.beta() * (BigInt::from(2) * kd * &problem.data.x_den);
        let square = &budget * &budget / longest;
        if dual.exact && &dual.unit * &dual.unit <= square && dual.unit <= best {
            dual.unit.clone()
        } else {
            let limit = sqrt_below(&square);
            short_below(if limit < best { &limit } else { &best })
        }
    };
    if !factor.is_positive() {
        return Proved::trivial(problem);
    }
    let half = Rat::new(BigInt::one(), BigInt::from(2));
    let bound = &factor * &first - &factor * &factor * &second * half;
    if bound.is_negative() {
        return Proved::trivial(problem);
    }
    Proved {
        factor,
        bound,
        dual: dual.v.clone(),
        fans: text,
        leaves,
        generators,
        version: 1,
    }
}

/// The verdict line of a proof.
#[derive(Clone, Debug)]
pub struct VerdictLine {
    /// `optimal`, `not_optimal` or `undecided`.
    pub word: &'static str,
    /// Relative tolerance.
    pub tolerance: Rat,
}

/// What was written.
#[derive(Clone, Debug)]
pub struct Written {
    /// The file.
    pub path: PathBuf,
    /// Its size.
    pub bytes: u64,
    /// Leaves of both fans.
    pub leaves: u64,
    /// Generators made by splits.
    pub generators: u64,
}

/// Why a proof could not be written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The file system refused.
    #[error("cannot write the proof {}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The reason.
        source: io::Error,
    },
    /// A network does not fit the problem.
    #[error(transparent)]
    Problem(#[from] ProblemError),
}

/// Bytes that went through to the file.
struct Counted<'a> {
    out: &'a mut dyn Write,
    bytes: u64,
}

impl Write for Counted<'_> {
    fn write(&mut self, part: &[u8]) -> io::Result<usize> {
        let written = self.out.write(part)?;
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// Writes a proof atomically: under its name there is ever what was there before, or all of the proof. Compressed if the name ends in `.gz`.
///
/// # Errors
///
/// [`WriteError`]; nothing is left behind.
pub fn write(
    path: &Path,
    problem: &Problem,
    networks: &[(&Network, &str)],
    bound: &Rat,
    verdict: &VerdictLine,
    proved: &Proved,
) -> Result<Written, WriteError> {
    let mut sections = String::new();
    for (network, role) in networks {
        sections.push_str(&problem.network_section(network, role)?);
    }
    let text = |out: &mut dyn Write| -> io::Result<()> {
        writeln!(out, "relucert-proof {}", proved.version)?;
        out.write_all(problem.statement().as_bytes())?;
        out.write_all(sections.as_bytes())?;
        writeln!(out, "bound {} {}", bound.numer(), bound.denom())?;
        let (word, p, q) = (
            verdict.word,
            verdict.tolerance.numer(),
            verdict.tolerance.denom(),
        );
        writeln!(out, "verdict {word} {p} {q}")?;
        let (a, b) = (proved.factor.numer(), proved.factor.denom());
        writeln!(out, "dual {a} {b}")?;
        for v in &proved.dual {
            writeln!(out, "v {v}")?;
        }
        out.write_all(&proved.fans)?;
        out.write_all(b"end\n")
    };
    write_text(path, &text, proved.leaves, proved.generators)
}

/// Writes the text of a proof atomically, compressed if the name ends in `.gz`.
pub(crate) fn write_text(
    path: &Path,
    text: &dyn Fn(&mut dyn Write) -> io::Result<()>,
    leaves: u64,
    generators: u64,
) -> Result<Written, WriteError> {
    let zip = path.as_os_str().as_encoded_bytes().ends_with(b".gz");
    let mut bytes = 0;
    files::write_atomically(path, |out| {
        let mut counted = Counted { out, bytes: 0 };
        if zip {
            // Dropping the encoder would lose the errors of its last bytes.
            let mut encoder = GzEncoder::new(&mut counted, Compression::default());
            text(&mut encoder)?;
            encoder.finish()?;
        } else {
            text(&mut counted)?;
        }
        bytes = counted.bytes;
        Ok(())
    })
    .map_err(|source| WriteError::Io {
        path: path.to_owned(),
        source,
    })?;
    Ok(Written {
        path: path.to_owned(),
        bytes,
        leaves,
        generators,
    })
}
