//! Mutants: a proof with something in it changed.

mod bytes;
mod numbers;
mod rows;
mod structure;

use crate::document::Document;
use crate::frame::{Mutant, framed};
use crate::rng::Rng;

/// A change of the lines of a proof; false if it does not apply.
type Change = fn(&mut Document, &Document, &mut Rng) -> bool;

/// A kind of mutation. The second document is another base proof, from which parts may be taken.
#[derive(Clone, Copy)]
pub struct Kind {
    pub name: &'static str,
    change: Change,
}

/// All kinds; the last one changes the compressed file instead.
pub const KINDS: &[Kind] = &[
    Kind { name: "byte changed, added or dropped", change: bytes::byte },
    Kind { name: "digit changed, added or dropped", change: bytes::digit },
    Kind { name: "spelling of a token", change: bytes::spelling },
    Kind { name: "token dropped, doubled or moved", change: bytes::token },
    Kind { name: "word replaced", change: bytes::word },
    Kind { name: "line dropped, doubled or moved", change: bytes::line },
    Kind { name: "line from another proof", change: bytes::foreign_line },
    Kind { name: "sign of a number", change: numbers::sign },
    Kind { name: "number off by one or two", change: numbers::unit },
    Kind { name: "number scaled", change: numbers::scaled },
    Kind { name: "number replaced", change: numbers::replaced },
    Kind { name: "huge integer", change: numbers::huge },
    Kind { name: "bound", change: numbers::bound },
    Kind { name: "objective or tolerance", change: numbers::objective },
    Kind { name: "λ, c, κ, DX, DY, n, N, d", change: numbers::header },
    Kind { name: "data entry", change: numbers::data },
    Kind { name: "network entry", change: numbers::network },
    Kind { name: "A/B or V", change: numbers::dual },
    Kind { name: "Q off by one unit", change: numbers::leaf_unit },
    Kind { name: "Q scaled with E", change: numbers::leaf_scaled },
    Kind { name: "slope, in range or not", change: structure::slope },
    Kind { name: "slopes added, dropped or moved", change: structure::slopes },
    Kind { name: "split: indices or factors", change: structure::split },
    Kind { name: "children of a split swapped", change: structure::swap_children },
    Kind { name: "subtree dropped, doubled or swapped", change: structure::subtree },
    Kind { name: "leaf split in two, or split undone", change: structure::refine },
    Kind { name: "leaf dropped, doubled or copied", change: structure::leaf },
    Kind { name: "basis vector or line", change: structure::basis },
    Kind { name: "K, Z, E or root fan", change: structure::fan_header },
    Kind { name: "fans swapped, dropped or doubled", change: structure::fans },
    Kind { name: "section from another proof", change: structure::section },
    Kind { name: "tree of rows: Q, T, G", change: rows::header },
    Kind { name: "tree of rows: split by another class", change: rows::split },
    Kind { name: "tree of rows: M off by little", change: rows::shift },
    Kind { name: "tree of rows: x of a class", change: rows::number },
    Kind { name: "tree of rows: products", change: rows::products },
    Kind { name: "tree of rows: a level more or less", change: rows::level },
    Kind { name: "tree of rows: half-space", change: rows::half_space },
    Kind { name: "tree of rows: multiplier of a half-space", change: rows::multiplier },
    Kind { name: "fan and tree of rows relabelled", change: rows::relabel },
    Kind { name: GZIP, change: |_, _, _| true },
];

/// The kind that changes the compressed file.
pub const GZIP: &str = "gzip framing";

/// A mutant of `base`: one change of a random kind, often followed by others. The number is that of the kind.
#[must_use]
pub fn mutate(base: &Document, other: &Document, rng: &mut Rng) -> (usize, Mutant) {
    loop {
        let mut proof = base.clone();
        let kind = rng.below(KINDS.len());
        if !(KINDS[kind].change)(&mut proof, other, rng) {
            continue;
        }
        while rng.chance(25) {
            let more = rng.below(KINDS.len());
            (KINDS[more].change)(&mut proof, other, rng);
        }
        let bytes = proof.bytes();
        let mutant = if KINDS[kind].name == GZIP { framed(&bytes, rng) } else { Mutant::plain(bytes) };
        return (kind, mutant);
    }
}

/// A random line of those that begin with one of the words.
fn line_of(proof: &Document, words: &[&str], rng: &mut Rng) -> Option<usize> {
    let lines: Vec<usize> =
        (0..proof.lines.len()).filter(|&at| words.iter().any(|word| word.as_bytes() == proof.word(at))).collect();
    (!lines.is_empty()).then(|| *rng.pick(&lines))
}
