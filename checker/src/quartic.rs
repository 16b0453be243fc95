//! Quartic leaves of trees of rows (FORMAT.md §5a, rule `f`).
//!
//! Each class has a polynomial of degree 4 in p_c·u that is at least its part of H on the region. What Λ leaves above
//! their sum is a polynomial in u, and the leaf's matrix shows that it is not negative on the sphere.

use crate::error::{CheckError, Reason};
use crate::fraction::Fraction;
use crate::int::{Int, Row, dot};
use crate::moments::{Moments, Pairs};
use crate::rows::{HalfSpace, Product, RowTree, Side, limit_matrix};
use crate::text::{Line, ensure};

/// How often an interval is halved.
const DEPTH: u32 = 40;

/// A class and its coefficients a_c0 … a_c4.
type Quartic = (usize, [Int; 5]);

/// What the matrix is completed with.
struct Polynomial<'a> {
    /// The coefficients of u_i·|u|²
    cubic: Vec<Int>,
    /// Those of u_i·u_j·|u|², i ≤ j, in the order of the pairs; the given part of ½·zᵀNz is taken away.
    quadratic: Vec<Int>,
    /// −2^((4−k)·ε)·U, for k = 2, 3, 4
    factors: [Int; 3],
    /// What the half-spaces take from the coefficients of u_i·u_j·u_k, i ≤ j ≤ k, all without |u|²: for each index i one
    /// number for each pair (j, k). Empty without half-spaces.
    local: Vec<Vec<Int>>,
    moments: Moments<'a>,
    pairs: Pairs,
}

impl RowTree<'_> {
    /// Reads the rest of a leaf line, verifies the polynomials and gives the matrix; below the diagonal it is not filled in.
    pub(crate) fn read_quartic(&self, line: &mut Line<'_>) -> Result<Vec<Vec<Int>>, CheckError> {
        let r = self.statement.problem.r;
        let pairs = Pairs::new(r);
        let size = r.saturating_add(pairs.list.len());
        limit_matrix(line, size, 1)?;
        let u = line.pos("U")?;
        let exponents: Vec<usize> = self.heights.iter().map(|height| exponent(height, &self.t)).collect();
        let classes = self.read_classes(line, &u, &exponents)?;
        let top = exponents.iter().copied().max().unwrap_or(0);
        let scale = u.shifted(top.saturating_mul(4).saturating_add(1));
        let mut matrix = Vec::new();
        for i in 0..size {
            let mut row = vec![Int::ZERO; size];
            for (j, entry) in row.iter_mut().enumerate().skip(i) {
                if !is_completed(i, j, &pairs) {
                    *entry = &scale * line.int("an entry of the matrix")?;
                    limit_matrix(line, size, entry.bit_len())?;
                }
            }
            matrix.push(row);
        }
        let multipliers = self.read_multipliers(line)?;
        let products = self.read_products(line)?;
        let mut polynomial = self.polynomial(&u, &classes, &products, &exponents, &matrix);
        let factor = u.shifted(top.saturating_mul(4));
        for (half, y) in self.halves.iter().zip(&multipliers) {
            polynomial.subtract(half, y, &factor);
        }
        polynomial.complete(&mut matrix, line)?;
        Ok(matrix)
    }

    /// Reads the coefficients of the classes and verifies their polynomials.
    fn read_classes(&self, line: &mut Line<'_>, u: &Int, exponents: &[usize]) -> Result<Vec<Quartic>, CheckError> {
        let mut classes = Vec::new();
        for (class, (sign, weight)) in self.signs.iter().zip(&self.form.weights).enumerate() {
            if sign.is_none() && weight.is_zero() {
                continue;
            }
            let mut a = [Int::ZERO; 5];
            for x in &mut a {
                *x = line.int("a coefficient of a class")?;
            }
            let powers = self.powers(u, class, exponents[class]);
            for (side, word) in [(Side::Plus, "t ≥ 0"), (Side::Minus, "t ≤ 0")] {
                let is_above = sign.is_some_and(|sign| sign != side) || is_above(&powers, &a, side);
                ensure!(line, is_above, RowsQuartic, "leaf: class {class}: P is not above κ·W·|t| where {word}");
            }
            classes.push((class, a));
        }
        Ok(classes)
    }

    /// Reads and verifies the matrix Y of each half-space; below the diagonal they are not filled in.
    fn read_multipliers(&self, line: &mut Line<'_>) -> Result<Vec<Vec<Vec<Int>>>, CheckError> {
        let size = self.statement.problem.r.saturating_add(1);
        let mut list = Vec::with_capacity(self.halves.len());
        for _ in &self.halves {
            let mut y = vec![vec![Int::ZERO; size]; size];
            for (i, row) in y.iter_mut().enumerate() {
                for entry in row.iter_mut().skip(i) {
                    *entry = line.int("an entry of Y")?;
                }
            }
            self.check_matrix(y.clone(), line)?;
            list.push(y);
        }
        Ok(list)
    }

    /// s_k = σ^k·a_k·(the number k), k = 0 … 4; from s_1 the last one is taken.
    fn powers(&self, u: &Int, class: usize, exponent: usize) -> [Int; 6] {
        let height = &self.heights[class];
        // With y = 2^ε·T the numbers are U·h^k·y^(4−k), and κ·W·2^(4ε)·h·T³ is κ·W·2^ε·h·y³.
        let y = self.t.shifted(exponent);
        let [hh, yy] = [height * height, &y * &y];
        let [hy, hhh, yyy] = [height * &y, &hh * height, &yy * &y];
        let bent = (&self.form.bend * &self.form.weights[class] * height).shifted(exponent) * &yyy;
        [u * &yyy * &y, u * &hy * &yy, u * &hy * &hy, u * &hhh * &y, u * &hh * &hh, bent]
    }

    /// The polynomial that has to be ½·zᵀNz, less the part of the matrix that multiplies u_i·u_j·|u|².
    fn polynomial(
        &self,
        u: &Int,
        classes: &[Quartic],
        products: &[Product],
        exponents: &[usize],
        matrix: &[Vec<Int>],
    ) -> Polynomial<'_> {
        let r = self.statement.problem.r;
        let pairs = Pairs::new(r);
        let top = exponents.iter().copied().max().unwrap_or(0);
        let whole = top.saturating_mul(4);
        let missing = |class: usize, degree: usize| top.saturating_sub(exponents[class]).saturating_mul(degree);
        let terms = classes.iter().map(|(class, [_, _, a, b, c])| {
            (*class, [a.shifted(missing(*class, 2)), b.shifted(missing(*class, 3)), c.shifted(missing(*class, 4))])
        });
        let moments = Moments::new(self.statement, terms.collect(), self.entry_bits);
        let minus = Int::ZERO - u;
        let factors = [2usize, 1, 0].map(|times| minus.shifted(top.saturating_mul(times)));
        // |u|⁴ is |u|²·|u|², the sum of the u_i²·|u|².
        let Fraction { numerator, denominator } = self.lambda;
        let constants = classes.iter().fold(Int::ZERO, |sum, (_, a)| sum + &a[0]);
        let constant = numerator.shifted(whole).over_down(denominator) - (u * constants).shifted(whole);
        let mut cubic: Vec<Int> = self.form.linear.iter().map(|x| (Int::ZERO - x).shifted(whole)).collect();
        for (class, a) in classes {
            let factor = &minus * a[1].shifted(whole.saturating_sub(exponents[*class]));
            let p = self.statement.primitive(*class).entries;
            cubic.iter_mut().zip(p).for_each(|(sum, x)| sum.add_product(&factor, x));
        }
        let mut quadratic = Vec::with_capacity(pairs.list.len());
        for &(i, j) in &pairs.list {
            let sum = &factors[0] * moments.sum(&[i, j]);
            // Of the matrix an entry on the diagonal counts half, others once: they are in it twice.
            quadratic.push(if i == j {
                sum + &constant - matrix[i][j].over(&Int::Small(2))
            } else {
                Int::Small(2) * sum - &matrix[i][j]
            });
        }
        for (n, c, d) in products {
            let places = whole.saturating_sub(exponents[*c]).saturating_sub(exponents[*d]);
            let n = (u * n).shifted(places);
            let n = if self.signs[*c] == self.signs[*d] { -n } else { n };
            let (p, q) = (self.statement.primitive(*c).entries, self.statement.primitive(*d).entries);
            for (sum, &(i, j)) in quadratic.iter_mut().zip(&pairs.list) {
                let product = if i == j { &p[i] * &q[i] } else { &p[i] * &q[j] + &q[i] * &p[j] };
                sum.add_product(&n, &product);
            }
        }
        Polynomial { cubic, quadratic, factors, local: Vec::new(), moments, pairs }
    }
}

impl Polynomial<'_> {
    /// Subtracts factor·τ·(a·u − C·|u|)·yᵀYy, where y is (|u|, u).
    fn subtract(&mut self, HalfSpace { side, a, c }: &HalfSpace, y: &[Vec<Int>], factor: &Int) {
        let r = a.len();
        if self.local.is_empty() {
            self.local = vec![vec![Int::ZERO; self.pairs.list.len()]; r];
        }
        let minus = Int::ZERO - side.times(factor.clone());
        let plus = side.times(factor.clone());
        let (level, twice) = (&plus * c, Int::Small(2));
        // Degrees 1 and 0: Y_00·(a·u − C).
        let corner = &y[0][0];
        let scale = &minus * corner;
        self.cubic.iter_mut().zip(a).for_each(|(sum, a)| sum.add_product(&scale, a));
        let constant = &level * corner;
        // Degrees 2 and 1: 2·Σ Y_0i·u_i·(a·u − C).
        let edge: Vec<Int> = y[0].iter().skip(1).map(|y| &twice * y).collect();
        self.cubic.iter_mut().zip(&edge).for_each(|(sum, y)| sum.add_product(&level, y));
        for (place, &(i, j)) in self.pairs.list.iter().enumerate() {
            let inner = &y[i.saturating_add(1)][j.saturating_add(1)];
            let orders = if i == j { inner.clone() } else { &twice * inner };
            let product = if i == j { &edge[i] * &a[i] } else { &edge[i] * &a[j] + &edge[j] * &a[i] };
            let sum = &mut self.quadratic[place];
            sum.add_product(&minus, &product);
            sum.add_product(&level, &orders);
            if i == j {
                *sum = &*sum + &constant;
            }
            // Degree 3: Σ Y_ij·u_i·u_j·(a·u).
            let scale = &minus * orders;
            for (row, a) in self.local.iter_mut().zip(a) {
                row[place].add_product(&scale, a);
            }
        }
    }

    /// Fills in the completed entries of the matrix.
    fn complete(&self, matrix: &mut [Vec<Int>], line: &Line<'_>) -> Result<(), CheckError> {
        let (r, size) = (self.cubic.len(), matrix.len());
        let place = |i: usize, j: usize| r.saturating_add(self.pairs.place(i, j));
        for i in 0..r {
            for &(j, k) in &self.pairs.list[self.pairs.place(i, i)..] {
                let mut rest = self.cubic(i, j, k);
                // The other ways to make the monomial.
                if i != j {
                    rest = rest - &matrix[j][place(i, k)];
                }
                if j != k {
                    rest = rest - &matrix[k][place(i, j)];
                }
                limit_matrix(line, size, rest.bit_len())?;
                matrix[i][place(j, k)] = rest;
            }
        }
        for &(i, j) in &self.pairs.list {
            for &(k, l) in &self.pairs.list[self.pairs.place(j, j)..] {
                let mut rest = self.quartic([i, j, k, l]);
                if j != k {
                    rest = rest - &matrix[place(i, j)][place(k, l)];
                }
                if i != j && k != l {
                    rest = rest - &matrix[place(i, l)][place(j, k)];
                }
                let [row, column] = [place(i, k), place(j, l)];
                let entry = if row == column { Int::Small(2) * rest } else { rest };
                limit_matrix(line, size, entry.bit_len())?;
                matrix[row][column] = entry;
            }
        }
        Ok(())
    }

    /// The coefficient of u_i·u_j·u_k, i ≤ j ≤ k.
    fn cubic(&self, i: usize, j: usize, k: usize) -> Int {
        let sum = &self.factors[1] * self.moments.sum(&[i, j, k]);
        let mut sum = Int::Small(orders(&[i, j, k])) * sum;
        if !self.local.is_empty() {
            // The ways to choose the factor that is a·u.
            sum = sum + &self.local[i][self.pairs.place(j, k)];
            if i != j {
                sum = sum + &self.local[j][self.pairs.place(i, k)];
            }
            if j != k {
                sum = sum + &self.local[k][self.pairs.place(i, j)];
            }
        }
        // What multiplies |u|²: the monomial is one of these and a square.
        if i == j {
            sum + &self.cubic[k]
        } else if j == k {
            sum + &self.cubic[i]
        } else {
            sum
        }
    }

    /// That of u_i·u_j·u_k·u_l, i ≤ j ≤ k ≤ l, less the part of the matrix that multiplies |u|².
    fn quartic(&self, [i, j, k, l]: [usize; 4]) -> Int {
        let sum = &self.factors[2] * self.moments.sum(&[i, j, k, l]);
        let mut sum = Int::Small(orders(&[i, j, k, l])) * sum;
        // Each index that is there twice leaves a pair.
        let mut add = |is_square: bool, a: usize, b: usize| {
            if is_square {
                sum = &sum + &self.quadratic[self.pairs.place(a, b)];
            }
        };
        add(i == j, k, l);
        add(j == k && i != j, i, l);
        add(k == l && j != k, i, j);
        sum
    }
}

/// Whether the entry in row a and column b, a ≤ b, is one of those that are not given.
fn is_completed(a: usize, b: usize, pairs: &Pairs) -> bool {
    let r = pairs.r;
    match (a.checked_sub(r), b.checked_sub(r)) {
        (None, Some(b)) => a <= pairs.list[b].0,
        (Some(a), Some(b)) => {
            let ((i, k), (j, l)) = (pairs.list[a], pairs.list[b]);
            i <= j && j <= k && k <= l
        }
        (_, None) => false,
    }
}

/// In how many orders a list of at most four numbers, which is in ascending order, can be written.
fn orders(list: &[usize]) -> i128 {
    let (mut count, mut equal) = (1i128, 1i128);
    for (number, pair) in (2i128..).zip(list.windows(2)) {
        // With one number more there are `number` times as many, if it is another one.
        equal = if pair[0] == pair[1] { equal.saturating_add(1) } else { 1 };
        count = count.saturating_mul(number).checked_div(equal).unwrap_or(0);
    }
    count
}

/// ε: the least with 2^ε·T ≥ h.
fn exponent(height: &Int, t: &Int) -> usize {
    let least = height.bit_len().saturating_sub(t.bit_len());
    if t.shifted(least) < *height { least.saturating_add(1) } else { least }
}

/// Whether P(σt) ≥ κ·W·t on the interval, as far as halving shows it.
fn is_above(powers: &[Int; 6], a: &[Int; 5], side: Side) -> bool {
    let [s0, s1, s2, s3, s4] = [0usize, 1, 2, 3, 4].map(|k| {
        let s = &powers[k] * &a[k];
        if k % 2 == 1 { side.times(s) } else { s }
    });
    let s1 = s1 - &powers[5];
    // B_i is 12·Σ_k (i over k)/(4 over k)·s_k.
    let rows: [[i128; 5]; 5] = [[12, 0, 0, 0, 0], [12, 3, 0, 0, 0], [12, 6, 2, 0, 0], [12, 9, 6, 3, 0], [12; 5]];
    let s = [s0, s1, s2, s3, s4];
    let b = rows.map(|row| dot(Row::from(&row.map(Int::Small)[..]), Row::from(&s[..])));
    is_clearly_nonnegative(&b) || is_nonnegative(&b, DEPTH)
}

/// Whether five Bernstein coefficients are nonnegative to a depth.
fn is_nonnegative(b: &[Int; 5], depth: u32) -> bool {
    if b.iter().all(|x| x.sign().is_ge()) {
        return true;
    }
    if b[0].sign().is_lt() || b[4].sign().is_lt() || depth == 0 {
        return false;
    }
    // All by 16, so that there are no fractions.
    let [halves, others] = halved(b, |x, y| x + y);
    let scaled = |list: [Int; 5], [a, b, c, d, e]: [usize; 5]| {
        let [v, w, x, y, z] = list;
        [v.shifted(a), w.shifted(b), x.shifted(c), y.shifted(d), z.shifted(e)]
    };
    let depth = depth.saturating_sub(1);
    is_nonnegative(&scaled(halves, [4, 3, 2, 1, 0]), depth) && is_nonnegative(&scaled(others, [0, 1, 2, 3, 4]), depth)
}

/// The coefficients on the two halves (de Casteljau), if `middle` gives the mean of two numbers.
fn halved<T: Clone>([b0, b1, b2, b3, b4]: &[T; 5], middle: impl Fn(&T, &T) -> T) -> [[T; 5]; 2] {
    let [b01, b12, b23, b34] = [middle(b0, b1), middle(b1, b2), middle(b2, b3), middle(b3, b4)];
    let [b02, b13, b24] = [middle(&b01, &b12), middle(&b12, &b23), middle(&b23, &b34)];
    let [b03, b14] = [middle(&b02, &b13), middle(&b13, &b24)];
    let b04 = middle(&b03, &b14);
    [[b0.clone(), b01, b02, b03, b04.clone()], [b04, b14, b24, b34, b4.clone()]]
}

/// Whether coefficients that are rounded down are nonnegative to the depth; `false` shows nothing.
///
/// Halving takes means, and with each coefficient that becomes larger all means do: what is shown for lower bounds holds
/// for the numbers themselves.
fn is_clearly_nonnegative(b: &[Int; 5]) -> bool {
    let places = b.iter().map(Int::bit_len).max().unwrap_or(0).saturating_sub(120);
    let words = b.each_ref().map(|x| if let Int::Small(x) = x.shifted_down(places) { x } else { -1 });
    is_nonnegative_rounded(&words, DEPTH)
}

/// The same for numbers of at most 120 bits, rounding down.
fn is_nonnegative_rounded(b: &[i128; 5], depth: u32) -> bool {
    if b.iter().all(|&x| x >= 0) {
        return true;
    }
    if b[0] < 0 || b[4] < 0 || depth == 0 {
        return false;
    }
    let [halves, others] = halved(b, |&x, &y| x.wrapping_add(y) >> 1);
    let depth = depth.saturating_sub(1);
    is_nonnegative_rounded(&halves, depth) && is_nonnegative_rounded(&others, depth)
}

#[cfg(test)]
#[path = "../tests/unit/quartic.rs"]
mod tests;
