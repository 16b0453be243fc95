//! Proofs at a fixed width that break one rule (FORMAT.md §9).

use super::cases::file;
use super::{File, fixture, replaced};

const HAND: &str = "width_by_hand.proof";
const FIVE: &str = "width_spurious.proof";
const KERNEL: &str = "width_collinear.proof";

/// Name, proof, what is replaced in it, by what, and the reason of the rejection.
#[rustfmt::skip]
const EDITED: &[(&str, &str, &str, &str, &str)] = &[
    ("width-in-version-1", HAND, "relucert-proof 2\n", "relucert-proof 1\n", "ExtraToken"),
    ("width-of-zero", HAND, "width 1\n", "width 0\n", "NotPositive"),
    ("width-without-its-number", HAND, "width 1\n", "width\n", "MissingToken"),
    ("width-twice", HAND, "width 1\n", "width 1 1\n", "ExtraToken"),
    ("width-misspelt", HAND, "width 1\n", "wide 1\n", "Word"),
    ("width-below-the-subjects", HAND, "given 1 7 7 1\nn 5 5\n", "given 2 7 7 1\nn 5 5\nn 0 0\n", "BoundWidth"),
    ("width-left-out", HAND, "bound 7 8 width 1\n", "bound 7 8\n", "Word"),
    ("width-of-two-is-not-covered", HAND, "width 1\n", "width 2\n", "Uncovered"),
    ("width-verdict-beyond-tolerance", HAND, "optimal 1 1000\n", "optimal 1 100000\n", "VerdictOptimal"),
    ("width-bound-above-all-dual-values", HAND, "bound 7 8 ", "bound 87501 100000 ", "Bound"),
    ("width-bound-above-the-second-dual-value", HAND, "dual 1 2\nv 2\nv 1\n", "dual 1 2\nv 2\nv 0\n", "Bound"),
    ("width-parts-none", HAND, "parts orthants 1 0 2", "parts orthants 1 0 0", "NotPositive"),
    ("width-parts-left-out", HAND, "parts orthants 1 0 2\nb 1\n. 0\n. 1\n", "", "Word"),
    ("width-parts-of-too-many-vectors", HAND, "parts orthants 1 0 2", "parts orthants 2 0 2", "BasisSize"),
    ("width-parts-with-a-line-too-many", HAND, "parts orthants 1 0 2", "parts orthants 1 1 2", "BasisSize"),
    ("width-parts-of-a-zero-vector", HAND, "b 1\n", "b 0\n", "BasisSingular"),
    ("width-parts-half-of-an-activation-that-is-not-even", HAND, "parts orthants 1 0 2\nb 1\n. 0\n. 1\n", "parts half 1 0 1\nb 1\n. 0\n", "HalfNotAllowed"),
    ("width-parts-line-seen-by-a-row", KERNEL, "z -9 5 -160", "z -9 5 -161", "LineNotInKernel"),
    ("width-part-of-no-cone", HAND, ". 1\n", ". 0\n", "PartEmpty"),
    ("width-part-that-is-not", HAND, ". 1\n", ". 2\n", "PartNumber"),
    ("width-part-negative", HAND, ". 1\n", ". -1\n", "Negative"),
    ("width-part-left-out", HAND, ". 1\n", "", "RuleTag"),
    ("width-part-too-many", HAND, ". 1\n", ". 1\n. 1\n", "Word"),
    ("width-part-extra-number", HAND, ". 1\n", ". 1 1\n", "ExtraToken"),
    ("width-part-as-a-leaf", HAND, ". 1\n", "q 1\n", "RuleTag"),
    ("width-split-of-the-same", FIVE, "/ 1 0 3 1\n", "/ 1 1 3 1\n", "SplitSame"),
    ("width-split-index", FIVE, "/ 1 0 3 1\n", "/ 1 2 3 1\n", "SplitIndex"),
    ("width-split-factor", FIVE, "/ 1 0 3 1\n", "/ 1 0 3 0\n", "NotPositive"),
    ("width-split-elsewhere", FIVE, "/ 1 0 3 1\n", "/ 1 0 1 3\n", "LeafGenerator"),
    ("width-split-exchanged", FIVE, "/ 1 0 3 1\n", "/ 0 1 3 1\n", "LeafGenerator"),
    ("width-split-extra", FIVE, "/ 1 0 3 1\n", "/ 1 0 3 1 1\n", "ExtraToken"),
    ("width-split-left-out", FIVE, "/ 1 0 3 1\n", "", "PartEmpty"),
    ("width-cones-exchanged", FIVE, ". 9\n. 2\n", ". 2\n. 9\n", "LeafGenerator"),
    ("width-blocks-none", HAND, "blocks 2\n", "blocks 0\n", "NotPositive"),
    ("width-blocks-too-few", HAND, "blocks 2\n", "blocks 1\n", "Word"),
    ("width-blocks-too-many", HAND, "blocks 2\n", "blocks 3\n", "Word"),
    ("width-blocks-extra-number", HAND, "blocks 2\n", "blocks 2 2\n", "ExtraToken"),
    ("width-block-left-out", HAND, "blocks 2\ndual 1 2\nv 1\nv 2\npieces 3 1\np 0 2\np 1 0\np 3 0\n", "blocks 1\n", "Uncovered"),
    ("width-block-without-pieces", HAND, "pieces 3 1\np 1 0\np 2 -2\np 3 0\n", "", "Word"),
    ("width-block-of-no-pieces", HAND, "pieces 3 1\np 1 0\np 2 -2\np 3 0\n", "pieces 0 1\n", "NotPositive"),
    ("width-block-of-a-zero-vector", HAND, "dual 1 2\nv 2\nv 1\n", "dual 1 2\nv 0\nv 0\n", "Bound"),
    ("width-piece-left-out", HAND, "pieces 3 1\np 1 0\np 2 -2\n", "pieces 2 1\np 1 0\n", "Uncovered"),
    ("width-piece-not-announced", HAND, "pieces 3 1\np 1 0\np 2", "pieces 2 1\np 1 0\np 2", "Word"),
    ("width-piece-missing", HAND, "pieces 3 1\np 1 0\np 2 -2\n", "pieces 3 1\np 1 0\n", "Word"),
    ("width-piece-without-a-number", HAND, "p 2 -2\n", "p\n", "MissingToken"),
    ("width-piece-without-a-vector", HAND, "p 2 -2\n", "p 2\n", "MissingToken"),
    ("width-piece-with-slopes-cut-off", HAND, "p 2 -2\n", "p 2 -2 1\n", "MissingToken"),
    ("width-piece-with-a-slope-of-a-convex-class", HAND, "p 2 -2\n", "p 2 -2 1 0 1\n", "ExceptionNotConcave"),
    ("width-piece-with-a-slope-above-one", HAND, "p 2 -2\np 3 0\n", "p 2 -2\np 3 0 1 0 2\n", "ExceptionSlope"),
    ("width-piece-with-a-slope-that-costs", HAND, "p 2 -2\np 3 0\n", "p 2 -2\np 3 0 1 0 1\n", "LeafGenerator"),
    ("width-piece-that-is-not", HAND, "p 2 -2\np 3 0\n", "p 2 -2\np 4 0\n", "PieceNumber"),
    ("width-piece-negative", HAND, "p 2 -2\np 3 0\n", "p -2 -2\np 3 0\n", "Negative"),
    ("width-piece-twice", HAND, "p 1 0\np 2 -2\n", "p 2 -2\np 2 -2\n", "PieceOrder"),
    ("width-pieces-in-the-wrong-order", HAND, "p 2 -2\np 3 0\n", "p 3 0\np 2 -2\n", "PieceOrder"),
    ("width-piece-of-the-other-sign", HAND, "p 0 2\np 1 0\np 3 0\n", "p 0 2\np 1 0\np 2 0\n", "LeafGenerator"),
    ("width-piece-of-the-other-part", HAND, "p 1 0\np 2 -2\n", "p 0 -2\np 1 0\n", "LeafGenerator"),
    ("width-vector-one-unit-short", HAND, "p 2 -2\n", "p 2 -1\n", "LeafGenerator"),
    ("width-vector-one-unit-long", HAND, "p 2 -2\n", "p 2 -3\n", "LeafTooLong"),
    ("width-vector-of-the-wrong-sign", HAND, "p 2 -2\n", "p 2 2\n", "LeafGenerator"),
    ("width-e-of-zero", HAND, "pieces 3 1\np 1", "pieces 3 0\np 1", "NotPositive"),
    ("width-e-too-large", HAND, "pieces 3 1\np 1", "pieces 3 2\np 1", "LeafTooLong"),
    ("width-dual-vector-longer", HAND, "dual 1 2\nv 2", "dual 3 5\nv 2", "LeafTooLong"),
];

/// The proofs of the table, and those that are refused for a limit or for what the user asks.
pub(super) fn files() -> Result<Vec<File>, String> {
    let mut files = Vec::new();
    for &(name, proof, old, new, reason) in EDITED {
        let text = replaced(&fixture(proof)?, old, new).map_err(|error| format!("{name}: {error}"))?;
        files.push(file(&format!("{name}.proof"), text.into_bytes(), reason));
    }
    let text = fixture(HAND)?;
    for (name, old, new, limit) in [
        ("limit-parts", "parts orthants 1 0 2", "parts orthants 1 0 100001", "Parts"),
        ("limit-table", "blocks 2\n", "blocks 250000001\n", "Table"),
        ("limit-basis-vectors-of-parts", "parts orthants 1 0 2", "parts orthants 25 0 2", "BasisVectors"),
    ] {
        files.push(file(&format!("{name}.proof"), replaced(&text, old, new)?.into_bytes(), limit));
    }
    let asked: [(&str, &str, &[&str], &str); 8] = [
        ("limit-asked-sets.proof", HAND, &["--max-sets=3"], "Sets"),
        ("limit-asked-table.proof", HAND, &["--max-table=7"], "Table"),
        ("limit-asked-parts.proof", HAND, &["--max-parts=1"], "Parts"),
        ("limit-asked-nodes-of-parts.proof", FIVE, &["--max-nodes=15"], "Nodes"),
        ("limit-asked-depth-of-parts.proof", FIVE, &["--max-depth=2"], "Depth"),
        ("limit-asked-words-of-parts.proof", FIVE, &["--max-path-words=79"], "PathMemory"),
        ("own-width-differs.proof", HAND, &["--for-width=2"], "ScopeTooNarrow"),
        ("own-width-is-every.proof", HAND, &["--for-width=every"], "ScopeTooNarrow"),
    ];
    for (name, proof, args, reason) in asked {
        files.push(File { args, ..file(name, fixture(proof)?.into_bytes(), reason) });
    }
    Ok(files)
}
