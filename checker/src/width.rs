//! Bounds for networks of at most a given width (FORMAT.md §9).
//!
//! The cones of one fan are grouped into parts; a piece is a part with a sign of the output weight. A block is a dual vector with a vector for each
//! of some pieces, by the rule of §5. The bound holds if every set of at most m pieces is inside a block's.

use std::io::BufRead;

use crate::check::read_dual;
use crate::determinant::is_singular;
use crate::error::{CheckError, Limit, Reason};
use crate::fan::{Counts, Dual, Fan, Form, Shape, greatest_slope};
use crate::fraction::Fraction;
use crate::int::{Int, Vector, add_scaled};
use crate::statement::Statement;
use crate::text::{Line, Lines, ensure, quote};

/// The parts: cones that cover the space of the neurons.
struct Parts {
    /// K
    k: usize,
    /// The vectors `z`.
    lines: Vec<Vector>,
    /// All generators.
    vectors: Vec<Vector>,
    /// The cones of each part: the places of their generators, K for each cone.
    cones: Vec<Vec<usize>>,
    /// The 64-bit words that the generators take.
    words: usize,
    splits: u64,
    /// The number of all cones.
    count: u64,
}

/// The blocks that have each piece, a bit for each block.
struct Table {
    columns: Vec<Vec<u64>>,
    blocks: usize,
}

/// Reads and verifies what follows the verdict if the bound is for networks of at most `width` neurons.
pub(crate) fn check_width<R: BufRead>(
    lines: &mut Lines<R>,
    statement: &Statement,
    bound: &Fraction,
    width: usize,
) -> Result<Counts, CheckError> {
    let parts = Parts::read(lines, statement)?;
    let pieces = parts.cones.len().saturating_mul(2);
    let mut line = lines.begin("blocks")?;
    let blocks = line.count_pos("R")?;
    line.limit(Limit::Table, (blocks as u64).saturating_mul(pieces as u64))?;
    line.end()?;
    let mut table = Table { columns: vec![vec![0; blocks.div_ceil(64)]; pieces], blocks };
    let mut vectors = 0u64;
    for block in 0..blocks {
        let set = match read_dual(lines, statement, bound)? {
            Some(dual) => parts.read_block(lines, statement, &dual)?,
            None => (0..pieces).collect(),
        };
        vectors = vectors.saturating_add(set.len() as u64);
        for piece in set {
            table.columns[piece][block / 64] |= 1 << (block % 64);
        }
    }
    // The last line is in hand no more; what follows is about all of them.
    let last = lines.begin("end")?;
    if let Some(set) = table.uncovered(width, &last)? {
        let list: Vec<String> = set.iter().map(ToString::to_string).collect();
        return Err(last.reject(Reason::Uncovered, format!("no block has all of these pieces: {}", list.join(", "))));
    }
    last.end()?;
    Ok(Counts {
        leaves: vectors,
        splits: parts.splits,
        generators: parts.vectors.len() as u64,
        blocks: blocks as u64,
        cones: parts.count,
    })
}

impl Parts {
    fn read<R: BufRead>(lines: &mut Lines<R>, statement: &Statement) -> Result<Self, CheckError> {
        let mut line = lines.begin("parts")?;
        let shape = line.word(Shape::WORDS)?;
        let (k, z, count) = (line.count_pos("K")?, line.count("Z")?, line.count_pos("T")?);
        line.limit(Limit::BasisVectors, k as u64)?;
        line.limit(Limit::Parts, count as u64)?;
        ensure!(line, k.checked_add(z) == Some(statement.problem.r), BasisSize, "K + Z is not {}", statement.problem.r);
        let [k1, k2, _] = &statement.activation;
        let is_allowed = shape != Shape::Half || (k1 + k2).is_zero();
        ensure!(line, is_allowed, HalfNotAllowed, "`half` is allowed only if k1 + k2 is 0");
        line.end()?;
        let basis = statement.read_vectors(lines, "b", k)?;
        let kernel = statement.read_vectors(lines, "z", z)?;
        let matrix: Vec<&[Int]> = basis.iter().chain(&kernel).map(|vector| vector.all().entries).collect();
        ensure!(lines, !is_singular(&matrix), BasisSingular, "the basis vectors and lines are linearly dependent");
        for (number, z) in kernel.iter().enumerate() {
            let is_line = statement.is_line(z);
            ensure!(lines, is_line, LineNotInKernel, "not all rows vanish on the `z` vector number {number}");
        }
        let cones = vec![Vec::new(); count];
        let mut parts = Parts { k, lines: kernel, vectors: Vec::new(), cones, words: 0, splits: 0, count: 0 };
        parts.vectors = shape.generators(basis);
        for root in 0..shape.roots(k) {
            parts.read_tree(lines, statement, shape.root(k, root))?;
        }
        let empty = parts.cones.iter().position(Vec::is_empty);
        ensure!(lines, empty.is_none(), PartEmpty, "part {} has no cone", empty.unwrap_or_default());
        Ok(parts)
    }

    /// Reads the tree of a cone, in preorder.
    fn read_tree<R: BufRead>(
        &mut self,
        lines: &mut Lines<R>,
        statement: &Statement,
        cone: Vec<usize>,
    ) -> Result<(), CheckError> {
        // The cones whose trees are still to come, the next one last, and the splits above each.
        let mut pending = vec![(cone, 0u64)];
        while let Some((mut cone, depth)) = pending.pop() {
            let mut line = lines.next()?;
            line.limit(Limit::Nodes, self.count.saturating_add(self.splits).saturating_add(1))?;
            match line.token("a rule")? {
                b"/" => {
                    let depth = depth.saturating_add(1);
                    line.limit(Limit::Depth, depth)?;
                    let (j, k) = self.split(&mut line, statement, &cone)?;
                    line.end()?;
                    let new = self.vectors.len().saturating_sub(1);
                    let mut second = cone.clone();
                    second[k] = new;
                    cone[j] = new;
                    pending.push((second, depth));
                    pending.push((cone, depth));
                }
                b"." => {
                    let part = line.count("the part")?;
                    let count = self.cones.len();
                    ensure!(line, part < count, PartNumber, "there is no part {part}, only {count}");
                    self.count = self.count.saturating_add(1);
                    self.words = self.words.saturating_add(self.k);
                    line.limit(Limit::PathMemory, self.words as u64)?;
                    line.end()?;
                    self.cones[part].append(&mut cone);
                }
                other => {
                    let text = format!("{} where a split `/` or a cone `.` is expected", quote(other));
                    return Err(line.reject(Reason::RuleTag, text));
                }
            }
        }
        Ok(())
    }

    /// Reads the rest of a split line and keeps the new generator; gives j and k.
    fn split(
        &mut self,
        line: &mut Line<'_>,
        statement: &Statement,
        cone: &[usize],
    ) -> Result<(usize, usize), CheckError> {
        let (j, k) = (line.count("j")?, line.count("k")?);
        let last = self.k.saturating_sub(1);
        ensure!(line, j <= last && k <= last, SplitIndex, "split: the cone has only the generators 0 to {last}");
        ensure!(line, j != k, SplitSame, "split: both generators are number {j}");
        let (a, b) = (line.pos("a")?, line.pos("b")?);
        let (x, y) = (&self.vectors[cone[j]], &self.vectors[cone[k]]);
        let mut g = vec![Int::ZERO; x.all().entries.len()];
        add_scaled(&mut g, &a, x.all());
        add_scaled(&mut g, &b, y.all());
        let bits = g.iter().map(Int::bit_len).max().unwrap_or(0);
        line.limit(Limit::GeneratorBits, bits as u64)?;
        let signs = statement.class_count.div_ceil(64).saturating_mul(2);
        let size = g.iter().map(|x| (x.bit_len() / 64).saturating_add(4)).fold(signs, usize::saturating_add);
        self.words = self.words.saturating_add(size);
        line.limit(Limit::PathMemory, self.words as u64)?;
        self.vectors.push(g.into());
        self.splits = self.splits.saturating_add(1);
        Ok((j, k))
    }

    /// Reads the pieces of a block and verifies the vector of each; gives their numbers.
    fn read_block<R: BufRead>(
        &self,
        lines: &mut Lines<R>,
        statement: &Statement,
        dual: &Dual,
    ) -> Result<Vec<usize>, CheckError> {
        let mut line = lines.begin("pieces")?;
        let (count, e) = (line.count_pos("C")?, line.pos("E")?);
        line.end()?;
        let lambda = greatest_slope(statement, dual);
        let mut fans = [Int::ONE, Int::Small(-1)].map(|sign| {
            let form = Form::new(statement, dual, &sign);
            let mut fan = Fan::new(statement, form, &lambda, self.k, e.clone(), Counts::default());
            fan.lines = self.lines.clone();
            fan.arena = self.vectors.iter().map(|g| fan.generator(g.clone())).collect();
            fan
        });
        let pieces = self.cones.len().saturating_mul(2);
        let mut set: Vec<usize> = Vec::new();
        for _ in 0..count {
            let mut line = lines.begin("p")?;
            let piece = line.count("the piece")?;
            ensure!(line, piece < pieces, PieceNumber, "there is no piece {piece}, only {pieces}");
            let in_order = set.last().is_none_or(|last| *last < piece);
            ensure!(line, in_order, PieceOrder, "the pieces are not in ascending order at {piece}");
            let fan = &mut fans[piece % 2];
            let leaf = fan.read_leaf(&mut line)?;
            for cone in self.cones[piece / 2].chunks(self.k) {
                fan.cone = cone.to_vec();
                fan.check_leaf(&leaf, &line)?;
            }
            line.end()?;
            set.push(piece);
        }
        Ok(set)
    }
}

impl Table {
    /// A set of at most `width` pieces that is in no block's set, if there is one.
    ///
    /// The sets are walked in ascending order of their pieces. Where a block has a set and all later pieces, its supersets are passed over.
    fn uncovered(&self, width: usize, line: &Line<'_>) -> Result<Option<Vec<usize>>, CheckError> {
        let words = self.blocks.div_ceil(64);
        let mut all = vec![0u64; words];
        (0..self.blocks).for_each(|block| all[block / 64] |= 1 << (block % 64));
        // The blocks that have all pieces from a number on.
        let mut from = vec![all.clone()];
        for column in self.columns.iter().rev() {
            from.push(common(column, from.last().unwrap_or(&all)));
        }
        from.reverse();
        if meets(&all, &from[0]) {
            return Ok(None);
        }
        // For each piece chosen so far, and before the first: the next piece to try, and the blocks that have all pieces chosen.
        let mut path = vec![(0usize, all)];
        let mut steps = 0u64;
        loop {
            let depth = path.len();
            let Some((next, live)) = path.last_mut() else { return Ok(None) };
            let piece = *next;
            let Some(column) = self.columns.get(piece) else {
                path.pop();
                continue;
            };
            *next = piece.saturating_add(1);
            steps = steps.saturating_add(words as u64);
            line.limit(Limit::Sets, steps)?;
            let with = common(live, column);
            if with.iter().all(|word| *word == 0) {
                return Ok(Some(path.iter().map(|(next, _)| next.saturating_sub(1)).collect()));
            }
            let later = piece.saturating_add(1);
            if depth < width && !meets(&with, &from[later]) {
                path.push((later, with));
            }
        }
    }
}

/// The blocks in both sets.
fn common(a: &[u64], b: &[u64]) -> Vec<u64> {
    a.iter().zip(b).map(|(a, b)| a & b).collect()
}

/// Whether a block is in both sets.
fn meets(a: &[u64], b: &[u64]) -> bool {
    a.iter().zip(b).any(|(a, b)| a & b != 0)
}

#[cfg(test)]
#[path = "../tests/unit/width.rs"]
mod tests;
