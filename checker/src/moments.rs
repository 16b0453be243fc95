//! Sums over classes of products of two, three or four entries of their vectors.
//!
//! There are many such sums, each over all classes. So they are made with numbers in digits of 52 bits: a product of two
//! digits is less than 2^105, and an i128 takes the products of all classes without a carry.

use crate::int::Int;
use crate::statement::Statement;

/// The bits of a digit. All digits of a number but the last are from 0 to 2^52 − 1; the last has the sign and is from
/// −2^52 to 2^52.
const DIGIT: usize = 52;

/// A class, and its factors in sums of products of 2, 3 and 4 entries.
pub(crate) type Term = (usize, [Int; 3]);

/// Σ_c a_c·p_ci·p_cj…, for the factors a_c of each number of entries.
pub(crate) struct Moments<'a> {
    statement: &'a Statement,
    terms: Vec<Term>,
    pairs: Pairs,
    /// All sums, if the numbers are not too large.
    tables: Option<[Table; 3]>,
}

/// The pairs i ≤ j < r in order, by i and then by j.
pub(crate) struct Pairs {
    pub(crate) list: Vec<(usize, usize)>,
    pub(crate) r: usize,
}

impl Pairs {
    pub(crate) fn new(r: usize) -> Self {
        Pairs { list: (0..r).flat_map(|i| (i..r).map(move |j| (i, j))).collect(), r }
    }

    /// The place of a pair i ≤ j in the list.
    pub(crate) fn place(&self, i: usize, j: usize) -> usize {
        // Before row i there are r + (r−1) + … + (r−i+1) pairs. Here r is at most 4,000.
        let before = i.saturating_mul(self.r.saturating_mul(2).saturating_add(1).saturating_sub(i)) / 2;
        before.saturating_add(j.saturating_sub(i))
    }
}

/// The sums of products of one number of entries: for each product of the entries before the last two, those with all
/// last two (j, k) that are not below them.
struct Table {
    /// Where the sums begin for each choice of the entries before.
    starts: Vec<usize>,
    /// For each place of a digit, what belongs there in each sum.
    digits: Vec<Vec<i128>>,
}

impl<'a> Moments<'a> {
    /// `entry_bits` bounds the bits of the entries of the vectors.
    pub(crate) fn new(statement: &'a Statement, terms: Vec<Term>, entry_bits: usize) -> Self {
        let pairs = Pairs::new(statement.problem.r);
        let mut moments = Moments { statement, terms, pairs, tables: None };
        moments.tables = moments.all(entry_bits);
        moments
    }

    /// The sum for two, three or four entries in ascending order.
    pub(crate) fn sum(&self, entries: &[usize]) -> Int {
        let &[ref before @ .., j, k] = entries else { return Int::ZERO };
        let Some(tables) = &self.tables else { return self.large_sum(entries) };
        let (start, first) = match *before {
            [] => (0, 0),
            [i] => (tables[1].starts[i], i),
            [h, i, ..] => (tables[2].starts[self.pairs.place(h, i)], i),
        };
        let skipped = self.pairs.place(first, first);
        let place = start.saturating_add(self.pairs.place(j, k).saturating_sub(skipped));
        let mut sum = Int::ZERO;
        for digits in tables[before.len()].digits.iter().rev() {
            sum = sum.shifted(DIGIT) + Int::Small(digits[place]);
        }
        sum
    }

    /// A sum, whatever the size of the numbers.
    fn large_sum(&self, entries: &[usize]) -> Int {
        let mut sum = Int::ZERO;
        for (class, factors) in &self.terms {
            let p = self.statement.primitive(*class).entries;
            let factor = factors[entries.len().saturating_sub(2)].clone();
            if !factor.is_zero() {
                sum = sum + entries.iter().fold(factor, |product, &i| product * &p[i]);
            }
        }
        sum
    }

    /// All sums, unless there are too many digits for them.
    fn all(&self, entry_bits: usize) -> Option<[Table; 3]> {
        const MOST: usize = 12;
        let r = self.statement.problem.r;
        let count = |bits: usize| bits.div_ceil(DIGIT).max(1);
        let of_factors = |at: usize| self.terms.iter().map(|(_, a)| a[at].bit_len()).max().unwrap_or(0);
        let factor_bits = [of_factors(0), of_factors(1), of_factors(2)];
        let of_pair = count(entry_bits.saturating_mul(2));
        // The digits of a factor times the entries before the last two.
        let scale_digits =
            [0usize, 1, 2].map(|more| count(factor_bits[more].saturating_add(more.saturating_mul(entry_bits))));
        // Each place of a sum takes at most as many products from a term as the shorter of two numbers has digits.
        let fits =
            scale_digits.iter().all(|&digits| digits.saturating_add(of_pair) <= MOST) && self.terms.len() < 1 << 18;
        if !fits {
            return None;
        }
        let lists = [vec![0], (0..r).collect::<Vec<usize>>(), self.pairs.list.iter().map(|&(_, i)| i).collect()];
        let mut at = 0;
        let mut tables = lists.map(|list| {
            let mut size = 0usize;
            let starts = list.iter().map(|&i| {
                let start = size;
                size = size.saturating_add(self.pairs.list.len()).saturating_sub(self.pairs.place(i, i));
                start
            });
            let starts = starts.collect();
            let places = scale_digits[at].saturating_add(of_pair).saturating_sub(1);
            at = at.saturating_add(1);
            Table { starts, digits: vec![vec![0; size]; places] }
        });
        let mut pairs = vec![vec![0i64; self.pairs.list.len()]; of_pair];
        let mut product = vec![0i64; of_pair];
        let mut scales = scale_digits.map(|count| vec![0i64; count]);
        for (class, factors) in &self.terms {
            let p = self.statement.primitive(*class).entries;
            let p: Vec<Vec<i64>> = p.iter().map(|x| digits(x, count(entry_bits))).collect::<Option<_>>()?;
            for (place, &(i, j)) in self.pairs.list.iter().enumerate() {
                multiply(&p[i], &p[j], &mut product)?;
                pairs.iter_mut().zip(&product).for_each(|(list, digit)| list[place] = *digit);
            }
            let [two, three, four] = &mut tables;
            let of_factor = |at: usize| digits(&factors[at], count(factor_bits[at]));
            two.add(0, &of_factor(0)?, &pairs, 0);
            let factor = of_factor(1)?;
            for (i, p) in p.iter().enumerate() {
                multiply(&factor, p, &mut scales[1])?;
                three.add(i, &scales[1], &pairs, self.pairs.place(i, i));
            }
            let factor = of_factor(2)?;
            for (place, &(_, i)) in self.pairs.list.iter().enumerate() {
                product.iter_mut().zip(&pairs).for_each(|(digit, list)| *digit = list[place]);
                multiply(&factor, &product, &mut scales[2])?;
                four.add(place, &scales[2], &pairs, self.pairs.place(i, i));
            }
        }
        Some(tables)
    }
}

impl Table {
    /// Adds scale·(a product of two entries) to each sum of the choice number `choice`; the products begin at `from`.
    fn add(&mut self, choice: usize, scale: &[i64], pairs: &[Vec<i64>], from: usize) {
        let start = self.starts[choice];
        for (place, &digit) in scale.iter().enumerate().filter(|(_, digit)| **digit != 0) {
            for (sums, list) in self.digits[place..].iter_mut().zip(pairs) {
                for (sum, &x) in sums[start..].iter_mut().zip(&list[from..]) {
                    // At most 2^18 terms with 6 products each, of at most 2^104.
                    *sum = sum.wrapping_add(i128::from(digit).wrapping_mul(x.into()));
                }
            }
        }
    }
}

/// The digits of a number, if `count` of them suffice.
fn digits(x: &Int, count: usize) -> Option<Vec<i64>> {
    let mut list = Vec::with_capacity(count);
    let mut rest = x.clone();
    for _ in 1..count {
        let next = rest.shifted_down(DIGIT);
        list.push(digit(&(rest - next.shifted(DIGIT)))?);
        rest = next;
    }
    list.push(digit(&rest)?);
    Some(list)
}

/// A number that is a digit.
fn digit(x: &Int) -> Option<i64> {
    let Int::Small(word) = x else { return None };
    i64::try_from(*word).ok().filter(|word| word.unsigned_abs() <= 1 << DIGIT)
}

/// The digits of x·y, if there is room for them.
fn multiply(x: &[i64], y: &[i64], product: &mut [i64]) -> Option<()> {
    const MASK: i128 = (1 << DIGIT) - 1;
    let last = product.len().checked_sub(1)?;
    if x.len().saturating_add(y.len()) > product.len().saturating_add(1) {
        return None;
    }
    let mut carry = 0i128;
    for (place, digit) in product.iter_mut().enumerate() {
        // At most 12 products of at most 2^104, and a carry of less.
        for (at, &a) in x.iter().enumerate().take(place.saturating_add(1)) {
            if let Some(&b) = y.get(place.saturating_sub(at)) {
                carry = carry.wrapping_add(i128::from(a).wrapping_mul(b.into()));
            }
        }
        let low = if place == last { carry } else { carry & MASK };
        *digit = i64::try_from(low).ok().filter(|word| word.unsigned_abs() <= 1 << DIGIT)?;
        carry = carry.wrapping_sub(low) >> DIGIT;
    }
    Some(())
}

#[cfg(test)]
#[path = "../tests/unit/moments.rs"]
mod tests;
