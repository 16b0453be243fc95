//! The fans: trees of simplicial cones whose leaves each hold one vector (FORMAT.md §5).
//!
//! The right side of a leaf's condition at a generator g is h(g) + (k2−k1)·A·g with
//! h(g) = (k1+k2)·L·g + (k2−k1)·Σ_{W_c>0} W_c·|p_c·g| and A = Σ_{W_c<0} W_c·γ_c·p_c. Of each generator on the path from
//! the root the checker keeps g, h(g) and the signs of all p_c·g. A split needs products only for the classes whose signs
//! at its two ends are opposite, a leaf only for the concave classes that are mixed on it; and A changes only with the
//! slopes that differ from those of the leaf before.

use std::cmp::Ordering;
use std::io::BufRead;

use crate::determinant::is_singular;
use crate::error::{CheckError, Limit, Reason};
use crate::fraction::Fraction;
use crate::int::{Int, Row, Vector, add_scaled, dot};
use crate::rows::RowTree;
use crate::statement::{HiddenBias, Statement};
use crate::text::{Line, Lines, brief, ensure, quote};

/// The dual vector v_s = V_s·A/B, not zero.
pub(crate) struct Dual {
    /// A/B
    pub(crate) scale: Fraction,
    pub(crate) v: Vec<Int>,
}

/// The size of the trees that were verified.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Leaves, each a verified inequality on one cone (of a fan) or one region (of a tree of rows).
    pub leaves: u64,
    /// Splits.
    pub splits: u64,
    /// Generators of the fans: those of the roots, and one for each split.
    pub generators: u64,
    /// Blocks of a bound at a fixed width; its leaves are the vectors of their pieces.
    pub blocks: u64,
    /// Cones of a bound at a fixed width.
    pub cones: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    Orthants,
    Half,
    Simplex,
}

impl Shape {
    pub(crate) const WORDS: &[(&str, Shape)] =
        &[("orthants", Shape::Orthants), ("half", Shape::Half), ("simplex", Shape::Simplex)];

    /// The generators of the roots: b_0 … b_K for `simplex`, otherwise b_j in place 2j and −b_j in place 2j+1.
    pub(crate) fn generators(self, basis: Vec<Vector>) -> Vec<Vector> {
        let combination = |factor: i128, vectors: &[Vector]| {
            let mut sum = vec![Int::ZERO; basis[0].all().entries.len()];
            vectors.iter().for_each(|vector| add_scaled(&mut sum, &Int::Small(factor), vector.all()));
            Vector::from(sum)
        };
        match self {
            Shape::Simplex => {
                let last = combination(-1, &basis);
                basis.into_iter().chain([last]).collect()
            }
            Shape::Orthants | Shape::Half => {
                let pair = |b: &Vector| [1, -1].map(|factor| combination(factor, std::slice::from_ref(b)));
                basis.iter().flat_map(pair).collect()
            }
        }
    }

    /// The number of roots with K generators each.
    pub(crate) fn roots(self, k: usize) -> usize {
        match self {
            Shape::Orthants => 1usize << k,
            Shape::Half => (1 << k) / 2,
            Shape::Simplex => k.saturating_add(1),
        }
    }

    /// The generators of a root.
    pub(crate) fn root(self, k: usize, root: usize) -> Vec<usize> {
        match self {
            Shape::Simplex => (0..=k).filter(|&t| t != root).collect(),
            Shape::Orthants | Shape::Half => {
                (0..k).map(|j| j.saturating_mul(2).saturating_add(root >> j & 1)).collect()
            }
        }
    }
}

/// A generator of a cone, with what is needed of it in every cone that has it.
pub(crate) struct Generator {
    g: Vector,
    /// h(g)
    h: Int,
    /// The classes with p_c·g > 0, and those with p_c·g < 0, a bit each.
    positive: Vec<u64>,
    negative: Vec<u64>,
}

impl Generator {
    /// The number of 64-bit words that it takes: 4 for each entry and those of its digits, and a bit for each sign.
    fn size(&self) -> usize {
        let entries = self.g.all().entries.iter().map(|x| (x.bit_len() / 64).saturating_add(4));
        entries.fold(0, usize::saturating_add).saturating_add(self.positive.len().saturating_mul(2))
    }
}

/// The function F_v of one sign.
pub(crate) struct Form {
    /// W_c
    pub(crate) weights: Vec<Int>,
    /// (k1+k2)·L
    pub(crate) linear: Vec<Int>,
    /// k2 − k1
    pub(crate) bend: Int,
    /// The classes with W_c < 0, and those with W_c > 0, a bit each.
    concave: Vec<u64>,
    convex: Vec<u64>,
}

/// One fan, and the cone in it that is being verified.
pub(crate) struct Fan<'a> {
    statement: &'a Statement,
    form: Form,
    /// K
    k: usize,
    /// E
    e: Int,
    /// The greatest Σ Q°² that is allowed.
    longest: Int,
    /// The vectors `z`.
    pub(crate) lines: Vec<Vector>,
    /// The generators in use: those of the roots, then one for each split on the path.
    pub(crate) arena: Vec<Generator>,
    /// The places in the arena of the generators of the cone.
    pub(crate) cone: Vec<usize>,
    counts: Counts,
    /// The concave classes with slope +1 at the leaf before, a bit each; the others have −1. Exceptions do not count.
    plus: Vec<u64>,
    /// A for these slopes.
    sloped: Vec<Int>,
}

/// A split that is being descended.
struct Frame {
    j: usize,
    k: usize,
    /// What the cone had in the places j and k, and the generator that the split made.
    at_j: usize,
    at_k: usize,
    new: usize,
    in_second: bool,
}

/// A leaf as it was read.
pub(crate) struct Leaf {
    q: Vector,
    /// Q°: as `q`, but 0 in an undecayed column.
    q0: Vector,
    /// The denominator of the exceptions; 1 if there are none.
    g: Int,
    /// (class, numerator of its slope), in ascending order of classes.
    exceptions: Vec<(usize, Int)>,
}

impl Form {
    pub(crate) fn new(statement: &Statement, dual: &Dual, sign: &Int) -> Self {
        let [k1, k2, _] = &statement.activation;
        let slope_sum = k1 + k2;
        let mut weights = vec![Int::ZERO; statement.class_count];
        let mut linear = vec![Int::ZERO; statement.problem.r];
        for row in &statement.rows {
            let Some(class) = row.class else { continue };
            let weight = sign * &dual.v[row.sample as usize] * &row.multiple;
            add_scaled(&mut linear, &(&slope_sum * &weight), statement.primitive(class as usize));
            let sum = &mut weights[class as usize];
            *sum = if row.multiple.is_positive() { &*sum + weight } else { &*sum - weight };
        }
        let mut concave = vec![0; statement.class_count.div_ceil(64)];
        let mut convex = concave.clone();
        for (class, weight) in weights.iter().enumerate() {
            if weight.sign().is_lt() {
                set_bit(&mut concave, class);
            } else if weight.is_positive() {
                set_bit(&mut convex, class);
            }
        }
        Form { weights, linear, bend: k2 - k1, concave, convex }
    }
}

/// Λ = (βn·B·2·kd·DX)/(βd·A), with β = βn/βd: (★) is H(u) ≤ Λ·ρ(u) for all u.
pub(crate) fn greatest_slope(statement: &Statement, dual: &Dual) -> Fraction {
    let [_, _, kd] = &statement.activation;
    let beta = statement.problem.beta();
    let numerator = beta.numerator * &dual.scale.denominator * Int::Small(2) * kd * &statement.dx;
    Fraction { numerator, denominator: beta.denominator * &dual.scale.numerator }
}

/// Reads and verifies the fans of both signs, or the trees of rows that stand in their places if the version has them.
pub(crate) fn check_fans<R: BufRead>(
    lines: &mut Lines<R>,
    statement: &Statement,
    dual: &Dual,
    has_rows: bool,
) -> Result<Counts, CheckError> {
    let mut counts = Counts::default();
    let lambda = greatest_slope(statement, dual);
    let kinds = [("fan", false), ("rows", true)];
    for (word, sign) in [("+", Int::ONE), ("-", Int::Small(-1))] {
        let mut line = lines.next()?;
        let is_rows = line.word(if has_rows { &kinds } else { &kinds[..1] })?;
        line.keyword(word)?;
        let form = Form::new(statement, dual, &sign);
        if is_rows {
            let mut tree = RowTree::read(line, statement, form, &lambda, counts)?;
            tree.check(lines)?;
            counts = tree.counts;
            continue;
        }
        let shape = line.word(Shape::WORDS)?;
        let (k, z, e) = (line.count_pos("K")?, line.count("Z")?, line.pos("E")?);
        line.limit(Limit::BasisVectors, k as u64)?;
        ensure!(line, k.checked_add(z) == Some(statement.problem.r), BasisSize, "K + Z is not {}", statement.problem.r);
        let mut fan = Fan::new(statement, form, &lambda, k, e, counts);
        let is_allowed = shape != Shape::Half || fan.form.linear.iter().all(Int::is_zero);
        ensure!(line, is_allowed, HalfNotAllowed, "`half` is allowed only if (k1+k2)·L is the zero vector");
        line.end()?;
        fan.check(lines, shape, z)?;
        counts = fan.counts;
    }
    Ok(counts)
}

impl<'a> Fan<'a> {
    pub(crate) fn new(
        statement: &'a Statement,
        form: Form,
        lambda: &Fraction,
        k: usize,
        e: Int,
        counts: Counts,
    ) -> Self {
        let mut sloped = vec![Int::ZERO; statement.problem.r];
        for (class, weight) in form.weights.iter().enumerate().filter(|(_, weight)| weight.sign().is_lt()) {
            add_scaled(&mut sloped, &(Int::ZERO - weight), statement.primitive(class));
        }
        // (Σ Q°²)·(E·A·βd)² ≤ (βn·B·2·kd·DX)², where Σ Q°² is an integer.
        let left = &e * &lambda.denominator;
        let longest = (&lambda.numerator * &lambda.numerator).over(&(&left * &left));
        let plus = vec![0; form.concave.len()];
        let (lines, arena, cone) = (Vec::new(), Vec::new(), Vec::new());
        Fan { statement, form, k, e, longest, lines, arena, cone, counts, plus, sloped }
    }

    fn check<R: BufRead>(&mut self, lines: &mut Lines<R>, shape: Shape, z: usize) -> Result<(), CheckError> {
        let basis = self.statement.read_vectors(lines, "b", self.k)?;
        self.lines = self.statement.read_vectors(lines, "z", z)?;
        let matrix: Vec<&[Int]> = basis.iter().chain(&self.lines).map(|vector| vector.all().entries).collect();
        ensure!(lines, !is_singular(&matrix), BasisSingular, "the basis vectors and lines are linearly dependent");
        for (number, z) in self.lines.iter().enumerate() {
            let is_line = self.statement.is_line(z);
            ensure!(lines, is_line, LineNotInKernel, "not all rows vanish on the `z` vector number {number}");
        }
        self.arena = shape.generators(basis).into_iter().map(|g| self.generator(g)).collect();
        self.counts.generators = self.counts.generators.saturating_add(self.arena.len() as u64);
        for root in 0..shape.roots(self.k) {
            self.cone = shape.root(self.k, root);
            self.check_tree(lines)?;
        }
        Ok(())
    }

    /// A generator, computed from nothing but the definitions.
    pub(crate) fn generator(&self, g: Vector) -> Generator {
        let words = self.form.concave.len();
        let (mut positive, mut negative) = (vec![0; words], vec![0; words]);
        let mut bent = Int::ZERO;
        for (class, weight) in self.form.weights.iter().enumerate() {
            let product = dot(self.statement.primitive(class), g.all());
            match product.sign() {
                Ordering::Greater => set_bit(&mut positive, class),
                Ordering::Less => set_bit(&mut negative, class),
                Ordering::Equal => {}
            }
            if weight.is_positive() {
                bent.add_product(weight, &product.abs());
            }
        }
        let h = dot(Row::from(&self.form.linear[..]), g.all()) + &self.form.bend * bent;
        Generator { g, h, positive, negative }
    }

    /// Reads and verifies the tree of the cone, in preorder.
    fn check_tree<R: BufRead>(&mut self, lines: &mut Lines<R>) -> Result<(), CheckError> {
        let mut path: Vec<Frame> = Vec::new();
        let mut path_words = 0usize;
        loop {
            let mut line = lines.next()?;
            line.limit(Limit::Nodes, self.counts.leaves.saturating_add(self.counts.splits).saturating_add(1))?;
            match line.token("a rule")? {
                b"/" => {
                    line.limit(Limit::Depth, path.len().saturating_add(1) as u64)?;
                    let (frame, new) = self.split(&mut line)?;
                    path_words = path_words.saturating_add(new.size());
                    line.limit(Limit::PathMemory, path_words as u64)?;
                    line.end()?;
                    self.counts.splits = self.counts.splits.saturating_add(1);
                    self.counts.generators = self.counts.generators.saturating_add(1);
                    self.cone[frame.j] = frame.new;
                    self.arena.push(new);
                    path.push(frame);
                    continue;
                }
                b"q" => {
                    let leaf = self.read_leaf(&mut line)?;
                    self.check_leaf(&leaf, &line)?;
                    line.end()?;
                    self.counts.leaves = self.counts.leaves.saturating_add(1);
                }
                other => {
                    let text = format!("{} where a split `/` or a leaf `q` is expected", quote(other));
                    return Err(line.reject(Reason::RuleTag, text));
                }
            }
            // The cone is done. Go to the second cone of the last split of which only the first is done.
            loop {
                let Some(frame) = path.last_mut() else { return Ok(()) };
                if !frame.in_second {
                    frame.in_second = true;
                    self.cone[frame.j] = frame.at_j;
                    self.cone[frame.k] = frame.new;
                    break;
                }
                self.cone[frame.k] = frame.at_k;
                path.pop();
                path_words = path_words.saturating_sub(self.arena.pop().map_or(0, |old| old.size()));
            }
        }
    }

    /// Reads the rest of a split line and makes the new generator.
    fn split(&self, line: &mut Line<'_>) -> Result<(Frame, Generator), CheckError> {
        let (j, k) = (line.count("j")?, line.count("k")?);
        let last = self.k.saturating_sub(1);
        ensure!(line, j <= last && k <= last, SplitIndex, "split: the cone has only the generators 0 to {last}");
        ensure!(line, j != k, SplitSame, "split: both generators are number {j}");
        let (at_j, at_k) = (self.cone[j], self.cone[k]);
        let (a, b) = (line.pos("a")?, line.pos("b")?);
        let frame = Frame { j, k, at_j, at_k, new: self.arena.len(), in_second: false };
        let new = self.combine(&a, &self.arena[at_j], &b, &self.arena[at_k]);
        let bits = new.g.all().entries.iter().map(Int::bit_len).max().unwrap_or(0);
        line.limit(Limit::GeneratorBits, bits as u64)?;
        Ok((frame, new))
    }

    /// The generator a·x + b·y.
    ///
    /// h is a·h(x) + b·h(y) but for the classes whose signs at x and y are opposite: there |p·(a·x + b·y)| is less
    /// than a·|p·x| + b·|p·y| by twice the lesser of the two, which is the one whose sign is lost.
    fn combine(&self, a: &Int, x: &Generator, b: &Int, y: &Generator) -> Generator {
        let mut g = vec![Int::ZERO; self.statement.problem.r];
        add_scaled(&mut g, a, x.g.all());
        add_scaled(&mut g, b, y.g.all());
        let g = Vector::from(g);
        let words = self.form.concave.len();
        let (mut positive, mut negative) = (Vec::with_capacity(words), Vec::with_capacity(words));
        // Σ W·sgn(p·x)·p over the classes with W > 0 whose sign at x is lost, and the same for y.
        let mut lost_x = vec![Int::ZERO; self.statement.problem.r];
        let mut lost_y = lost_x.clone();
        let signs = x.positive.iter().zip(&x.negative).zip(y.positive.iter().zip(&y.negative));
        for (word, ((px, nx), (py, ny))) in signs.enumerate() {
            let opposite = (px & ny) | (nx & py);
            // Elsewhere the two signs agree, or at least one is 0.
            let (mut plus, mut minus) = ((px | py) & !opposite, (nx | ny) & !opposite);
            for class in bits(word, opposite) {
                match dot(self.statement.primitive(class), g.all()).sign() {
                    Ordering::Greater => plus |= 1 << (class % 64),
                    Ordering::Less => minus |= 1 << (class % 64),
                    Ordering::Equal => {}
                }
            }
            positive.push(plus);
            negative.push(minus);
            // Where the new sign is 0, the two are equal and either will do.
            let lost_at_x = (px & minus) | (nx & plus);
            for class in bits(word, opposite & self.form.convex[word]) {
                let bit = 1 << (class % 64);
                let (lost, sign) = if lost_at_x & bit != 0 { (&mut lost_x, px) } else { (&mut lost_y, py) };
                let weight = &self.form.weights[class];
                let p = self.statement.primitive(class);
                if sign & bit != 0 {
                    add_scaled(lost, weight, p);
                } else {
                    add_scaled(lost, &(Int::ZERO - weight), p);
                }
            }
        }
        let twice_bend = &self.form.bend + &self.form.bend;
        let hx = &x.h - &twice_bend * dot(Row::from(&lost_x[..]), x.g.all());
        let hy = &y.h - twice_bend * dot(Row::from(&lost_y[..]), y.g.all());
        Generator { g, h: a * hx + b * hy, positive, negative }
    }

    /// Reads the rest of a leaf line.
    pub(crate) fn read_leaf(&self, line: &mut Line<'_>) -> Result<Leaf, CheckError> {
        let entries = (0..self.statement.problem.r).map(|_| line.int("an entry of Q"));
        let q = entries.collect::<Result<Vec<Int>, _>>()?;
        let mut q0 = q.clone();
        if self.statement.problem.hidden_bias == HiddenBias::Undecayed {
            q0[self.statement.problem.features] = Int::ZERO;
        }
        let mut leaf = Leaf { q: q.into(), q0: q0.into(), g: Int::ONE, exceptions: Vec::new() };
        if line.is_done() {
            return Ok(leaf);
        }
        leaf.g = line.pos("G")?;
        loop {
            let (class, slope) = (line.count("the class of an exception")?, line.int("the slope of an exception")?);
            let count = self.statement.class_count;
            ensure!(line, class < count, ExceptionClass, "leaf: there is no class {class}, only {count}");
            let is_concave = has_bit(&self.form.concave, class);
            ensure!(line, is_concave, ExceptionNotConcave, "leaf: class {class} is not concave");
            let in_order = leaf.exceptions.last().is_none_or(|(last, _)| *last < class);
            ensure!(line, in_order, ExceptionOrder, "leaf: the exceptions are not in ascending order at class {class}");
            let fits = slope.clone().abs() <= leaf.g;
            ensure!(line, fits, ExceptionSlope, "leaf: {}/{} is not in [-1, 1]", brief(&slope), brief(&leaf.g));
            leaf.exceptions.push((class, slope));
            if line.is_done() {
                return Ok(leaf);
            }
        }
    }

    /// Verifies a leaf on the cone.
    pub(crate) fn check_leaf(&mut self, leaf: &Leaf, line: &Line<'_>) -> Result<(), CheckError> {
        let squares = dot(leaf.q0.all(), leaf.q0.all());
        let fits = squares <= self.longest;
        ensure!(line, fits, LeafTooLong, "leaf: q is too long: |Q|² = {} > {}", brief(&squares), brief(&self.longest));
        let vanishes = self.lines.iter().all(|z| dot(leaf.q0.all(), z.all()).is_zero());
        ensure!(line, vanishes, LeafLine, "leaf: Q does not vanish on all `z` vectors");
        self.set_slopes(leaf.q.all());
        // G·A: as for the slopes that are now set, but for the exceptions.
        let mut sloped: Vec<Int> = self.sloped.iter().map(|x| x * &leaf.g).collect();
        for (class, slope) in &leaf.exceptions {
            let change = if has_bit(&self.plus, *class) { slope - &leaf.g } else { slope + &leaf.g };
            add_scaled(&mut sloped, &(&self.form.weights[*class] * change), self.statement.primitive(*class));
        }
        let minus_bent: Vec<Int> = sloped.iter().map(|x| Int::ZERO - &self.form.bend * x).collect();
        let scale = &self.e * &leaf.g;
        for (number, &place) in self.cone.iter().enumerate() {
            // The left side less the right side, times G.
            let Generator { g, h, .. } = &self.arena[place];
            let slack = &scale * dot(leaf.q0.all(), g.all()) - &leaf.g * h + dot(Row::from(&minus_bent[..]), g.all());
            ensure!(line, slack.sign().is_ge(), LeafGenerator, "leaf: q is too small at generator {number}");
        }
        Ok(())
    }

    /// Sets the slopes that concave classes without exceptions have in a leaf with the vector `q` on the cone.
    fn set_slopes(&mut self, q: Row<'_>) {
        for (word, &concave) in self.form.concave.iter().enumerate() {
            let (mut positive, mut negative) = (0, 0);
            for &place in &self.cone {
                positive |= self.arena[place].positive[word];
                negative |= self.arena[place].negative[word];
            }
            let mut plus = concave & !negative;
            for class in bits(word, concave & negative & positive) {
                if dot(self.statement.primitive(class), q).sign().is_ge() {
                    plus |= 1 << (class % 64);
                }
            }
            for class in bits(word, plus ^ self.plus[word]) {
                let twice = &self.form.weights[class] + &self.form.weights[class];
                let change = if plus >> (class % 64) & 1 == 1 { twice } else { -twice };
                add_scaled(&mut self.sloped, &change, self.statement.primitive(class));
            }
            self.plus[word] = plus;
        }
    }
}

/// The numbers of the bits that are set in word number `word` of a bit set.
fn bits(word: usize, mut left: u64) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let bit = left.trailing_zeros() as usize;
        left &= left.wrapping_sub(1);
        (bit < 64).then(|| word.saturating_mul(64).saturating_add(bit))
    })
}

fn has_bit(words: &[u64], bit: usize) -> bool {
    words[bit / 64] >> (bit % 64) & 1 == 1
}

fn set_bit(words: &mut [u64], bit: usize) {
    words[bit / 64] |= 1 << (bit % 64);
}
