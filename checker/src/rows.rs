//! Trees of rows: splits by the sign of one row, and leaves that are bounded by a quadratic function (FORMAT.md §5a) or by
//! a quartic one (`quartic.rs`).

use std::io::BufRead;

use crate::definite::is_semidefinite;
use crate::error::{CheckError, Limit, Reason};
use crate::fan::{Counts, Form};
use crate::fraction::Fraction;
use crate::int::{Int, add_scaled, dot};
use crate::statement::{HiddenBias, Statement};
use crate::text::{Line, Lines, ensure, quote};

/// The tree of one sign, and the region in it that is being verified.
pub(crate) struct RowTree<'a> {
    pub(crate) statement: &'a Statement,
    pub(crate) form: Form,
    /// Q, T and G
    q: Int,
    pub(crate) t: Int,
    g: Int,
    /// Λ
    pub(crate) lambda: &'a Fraction,
    /// h_c of each class
    pub(crate) heights: Vec<Int>,
    /// The bits of the greatest entry of a primitive vector.
    pub(crate) entry_bits: usize,
    /// σ_c of the classes that are fixed on the region.
    pub(crate) signs: Vec<Option<Side>>,
    /// The half-spaces that have the region, in the order of the splits.
    pub(crate) halves: Vec<HalfSpace>,
    pub(crate) counts: Counts,
}

/// The sign of p_c·u.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Plus,
    Minus,
}

impl HalfSpace {
    /// In words, as FORMAT.md counts them.
    fn size(&self) -> usize {
        let words = |x: &Int| x.bit_len().div_euclid(64).saturating_add(4);
        self.a.iter().chain([&self.c]).fold(0, |sum, x| sum.saturating_add(words(x)))
    }
}

impl Side {
    pub(crate) fn times(self, x: Int) -> Int {
        if self == Side::Plus { x } else { -x }
    }
}

/// τ·(a·u − C·|u|) ≥ 0
pub(crate) struct HalfSpace {
    pub(crate) side: Side,
    pub(crate) a: Vec<Int>,
    pub(crate) c: Int,
}

/// What a split is by.
enum Divider {
    Class(usize),
    /// The last one of `halves`.
    HalfSpace,
}

/// (N, c, d): N times the product of the two linear functions, which are of one sign on the region.
pub(crate) type Product = (Int, usize, usize);

/// A leaf of rule `e` as it was read.
struct Leaf {
    m: Int,
    /// (c, x_c, y_c) in order of number; y_c is 0 if c is convex and not fixed.
    classes: Vec<(usize, Int, Int)>,
    products: Vec<Product>,
}

impl<'a> RowTree<'a> {
    /// Reads the rest of the first line.
    pub(crate) fn read(
        mut line: Line<'_>,
        statement: &'a Statement,
        form: Form,
        lambda: &'a Fraction,
        counts: Counts,
    ) -> Result<Self, CheckError> {
        let is_allowed = statement.problem.hidden_bias != HiddenBias::Undecayed;
        ensure!(line, is_allowed, RowsNotAllowed, "a tree of rows is not allowed with an undecayed hidden bias");
        line.limit(Limit::RowsColumns, statement.problem.r as u64)?;
        let [q, t, g] = [line.pos("Q")?, line.pos("T")?, line.pos("G")?];
        line.end()?;
        let signs = vec![None; statement.class_count];
        let of_class = |class| statement.primitive(class).entries.iter().map(Int::bit_len).max();
        let entry_bits = (0..statement.class_count).filter_map(of_class).max().unwrap_or(0);
        let squared = &t * &t;
        let square = |class| dot(statement.primitive(class), statement.primitive(class));
        let heights = (0..statement.class_count).map(|class| (&squared * square(class)).root_up()).collect();
        Ok(RowTree { statement, form, q, t, g, lambda, heights, entry_bits, signs, halves: Vec::new(), counts })
    }

    /// Reads and verifies the tree, in preorder.
    pub(crate) fn check<R: BufRead>(&mut self, lines: &mut Lines<R>) -> Result<(), CheckError> {
        let mut path: Vec<Divider> = Vec::new();
        let mut path_words = 0usize;
        loop {
            let mut line = lines.next()?;
            line.limit(Limit::Nodes, self.counts.leaves.saturating_add(self.counts.splits).saturating_add(1))?;
            match line.token("a rule")? {
                b"?" => {
                    line.limit(Limit::Depth, path.len().saturating_add(1) as u64)?;
                    let class = line.count("the class of a split")?;
                    let count = self.statement.class_count;
                    ensure!(line, class < count, RowsClass, "split: there is no class {class}, only {count}");
                    ensure!(line, self.signs[class].is_none(), RowsFixed, "split: class {class} is already fixed");
                    line.end()?;
                    self.counts.splits = self.counts.splits.saturating_add(1);
                    self.signs[class] = Some(Side::Plus);
                    path.push(Divider::Class(class));
                    continue;
                }
                b"h" => {
                    line.limit(Limit::Depth, path.len().saturating_add(1) as u64)?;
                    let c = line.int("C")?;
                    let r = self.statement.problem.r;
                    let a = (0..r).map(|_| line.int("an entry of a half-space")).collect::<Result<_, _>>()?;
                    let half = HalfSpace { side: Side::Plus, a, c };
                    path_words = path_words.saturating_add(half.size());
                    line.limit(Limit::PathMemory, path_words as u64)?;
                    line.end()?;
                    self.counts.splits = self.counts.splits.saturating_add(1);
                    self.halves.push(half);
                    path.push(Divider::HalfSpace);
                    continue;
                }
                b"e" => {
                    let leaf = self.read_leaf(&mut line)?;
                    self.check_matrix(self.matrix(&leaf), &line)?;
                    line.end()?;
                    self.counts.leaves = self.counts.leaves.saturating_add(1);
                }
                b"f" => {
                    let matrix = self.read_quartic(&mut line)?;
                    self.check_matrix(matrix, &line)?;
                    line.end()?;
                    self.counts.leaves = self.counts.leaves.saturating_add(1);
                }
                other => {
                    let text = format!("{} where a split `?` or `h` or a leaf `e` or `f` is expected", quote(other));
                    return Err(line.reject(Reason::RuleTag, text));
                }
            }
            // The region is done. Go to the second region of the last split of which only the first is done.
            while !path.last().is_none_or(|divider| self.turn(divider)) {
                match path.pop() {
                    Some(Divider::Class(class)) => self.signs[class] = None,
                    _ => path_words = path_words.saturating_sub(self.halves.pop().map_or(0, |half| half.size())),
                }
            }
            if path.is_empty() {
                return Ok(());
            }
        }
    }

    /// Goes from the first to the second region of a split; `false` if it was in the second.
    fn turn(&mut self, divider: &Divider) -> bool {
        let side = match divider {
            Divider::Class(class) => self.signs[*class].as_mut(),
            Divider::HalfSpace => self.halves.last_mut().map(|half| &mut half.side),
        };
        side.is_some_and(|side| std::mem::replace(side, Side::Minus) == Side::Plus)
    }

    /// Reads the rest of a leaf line.
    fn read_leaf(&self, line: &mut Line<'_>) -> Result<Leaf, CheckError> {
        let m = line.int("M")?;
        let qt = &self.q * &self.t;
        let most = &qt * &self.g;
        let mut classes = Vec::new();
        for (class, (sign, weight)) in self.signs.iter().zip(&self.form.weights).enumerate() {
            // The greatest (y/Q)·|t| over the sphere, times Q·T·G.
            let steepest = |y: &Int| y * &self.g * &self.heights[class];
            let (x, y) = if sign.is_some() {
                let (x, y) = (line.nat("x of a fixed class")?, line.nat("y of a fixed class")?);
                let fits = &x * &qt >= steepest(&y);
                ensure!(line, fits, RowsMultiplier, "leaf: fixed class {class}: x·Q·T is less than y·G·h");
                (x, y)
            } else if weight.is_positive() {
                (line.pos("x of a convex class")?, Int::ZERO)
            } else if weight.is_zero() {
                continue;
            } else {
                let (x, y) = (line.int("x of a concave class")?, line.nat("y of a concave class")?);
                let fits = x.clone().abs() * &qt + steepest(&y) <= most;
                ensure!(line, fits, RowsSlope, "leaf: concave class {class}: |x|·Q·T + y·G·h is more than Q·G·T");
                (x, y)
            };
            classes.push((class, x, y));
        }
        let products = self.read_products(line)?;
        Ok(Leaf { m, classes, products })
    }

    /// Reads the products at the end of a leaf line, if there are any.
    pub(crate) fn read_products(&self, line: &mut Line<'_>) -> Result<Vec<Product>, CheckError> {
        let mut products: Vec<Product> = Vec::new();
        if line.is_done() {
            return Ok(products);
        }
        for _ in 0..line.count_pos("the number of products")? {
            let n = line.pos("the multiplier of a product")?;
            let [c, d] = [line.count("a class of a product")?, line.count("a class of a product")?];
            for class in [c, d] {
                let is_fixed = self.signs.get(class).is_some_and(Option::is_some);
                ensure!(line, is_fixed, ProductClass, "leaf: class {class} of a product is not fixed");
            }
            let in_order = c < d && products.last().is_none_or(|(_, a, b)| (*a, *b) < (c, d));
            ensure!(
                line,
                in_order,
                ProductOrder,
                "leaf: the products are not in ascending order at classes {c} and {d}"
            );
            products.push((n, c, d));
        }
        Ok(products)
    }

    /// Verifies a matrix of a leaf.
    pub(crate) fn check_matrix(&self, matrix: Vec<Vec<Int>>, line: &Line<'_>) -> Result<(), CheckError> {
        let bits = matrix.iter().flatten().map(Int::bit_len).max().unwrap_or(0);
        limit_matrix(line, matrix.len(), bits)?;
        ensure!(line, is_semidefinite(matrix), Semidefinite, "leaf: the matrix is not positive semidefinite");
        Ok(())
    }

    /// The symmetric matrix of rule `e`, of r + 1 rows; below the diagonal it is not filled in.
    fn matrix(&self, leaf: &Leaf) -> Vec<Vec<Int>> {
        let r = self.statement.problem.r;
        let mut b: Vec<Int> = self.form.linear.iter().map(|x| x * &self.g).collect();
        let mut curved = Vec::with_capacity(leaf.classes.len());
        // Σ W_c·⌈Q·T/x_c⌉
        let mut widths = Int::ZERO;
        let qt = &self.q * &self.t;
        for (class, x, y) in &leaf.classes {
            let weight = &self.form.weights[*class];
            let bent = &self.form.bend * weight;
            let (factor, curvature) = match self.signs[*class] {
                Some(side) => (side.times(&self.g * bent + x), Int::Small(-2) * y),
                None if weight.is_positive() => {
                    curved.push((*class, bent * x));
                    widths.add_product(weight, &(&qt + x - Int::ONE).over(x));
                    continue;
                }
                None => (&bent * x, Int::Small(2) * &bent * y),
            };
            add_scaled(&mut b, &factor, self.statement.primitive(*class));
            if !curvature.is_zero() {
                curved.push((*class, curvature));
            }
        }
        let mut s = self.squares(&curved);
        for (n, c, d) in &leaf.products {
            let (p, q) = (self.statement.primitive(*c).entries, self.statement.primitive(*d).entries);
            let n = if self.signs[*c] == self.signs[*d] { n.clone() } else { -n.clone() };
            for (i, row) in s.iter_mut().enumerate() {
                for (j, x) in row.iter_mut().enumerate().skip(i) {
                    x.add_product(&n, &(&p[i] * &q[j] + &q[i] * &p[j]));
                }
            }
        }
        for (i, row) in s.iter_mut().enumerate() {
            row.iter_mut().for_each(|x| *x = Int::ZERO - &*x);
            row[i] = &row[i] + &leaf.m;
            row.push(Int::ZERO - &self.q * &b[i]);
        }
        let mut last = vec![Int::ZERO; r];
        last.push(self.corner(&leaf.m, &widths));
        s.push(last);
        s
    }

    /// h
    fn corner(&self, m: &Int, widths: &Int) -> Int {
        let squared = &self.g * &self.g;
        let Fraction { numerator, denominator } = self.lambda;
        let twice = Int::Small(2) * numerator * &self.t - &self.form.bend * widths * denominator;
        (&self.q * &squared * twice).over_down(&(denominator * &self.t)) - squared * m
    }

    /// Σ a_c·p_c·p_cᵀ over the pairs (c, a_c), on and above the diagonal.
    fn squares(&self, classes: &[(usize, Int)]) -> Vec<Vec<Int>> {
        let r = self.statement.problem.r;
        // A term is less than 2^(bits of a_c + 2·bits of an entry), all of them together less than 2^127.
        let of_a = classes.iter().map(|(_, a)| a.bit_len()).max().unwrap_or(0);
        let of_count = usize::BITS.abs_diff(classes.len().leading_zeros()) as usize;
        let bits = self.entry_bits.saturating_mul(2).saturating_add(of_a).saturating_add(of_count);
        let mut sums = vec![vec![0i128; r]; r];
        for (class, a) in classes {
            let p = self.statement.primitive(*class);
            let (Int::Small(a), Some(words), true) = (a, p.words(), bits <= 127) else {
                return self.large_squares(classes);
            };
            for (i, row) in sums.iter_mut().enumerate() {
                let scale = a.wrapping_mul(words[i].into());
                for (sum, &x) in row.iter_mut().zip(words).skip(i) {
                    *sum = sum.wrapping_add(scale.wrapping_mul(x.into()));
                }
            }
        }
        sums.into_iter().map(|row| row.into_iter().map(Int::Small).collect()).collect()
    }

    /// The same, whatever the size of the numbers.
    fn large_squares(&self, classes: &[(usize, Int)]) -> Vec<Vec<Int>> {
        let r = self.statement.problem.r;
        let mut sums = vec![vec![Int::ZERO; r]; r];
        for (class, a) in classes {
            let p = self.statement.primitive(*class).entries;
            for (i, row) in sums.iter_mut().enumerate() {
                let scale = a * &p[i];
                row.iter_mut().zip(p).skip(i).for_each(|(sum, x)| sum.add_product(&scale, x));
            }
        }
        sums
    }
}

/// A limit error if a matrix of `size` rows, of which an entry has `bits` bits, is too large.
pub(crate) fn limit_matrix(line: &Line<'_>, size: usize, bits: usize) -> Result<(), CheckError> {
    let size = size as u64;
    line.limit(Limit::MatrixBits, size.saturating_mul(size).saturating_mul(size).saturating_mul(bits.max(1) as u64))
}
