//! Quartic leaves (FORMAT.md §5a, rule `f`), as sharp as the others: each class' first coefficient is the least, and so is Λ.
//!
//! The matrix is completed with polynomials that are written out, monomial by monomial.

use std::collections::BTreeMap;

use dashu_int::IBig;

use super::{Q, Rng, abs, big};

/// The least h of a leaf is found up to a part of 2^−PRECISION.
pub const PRECISION: usize = 20;

/// A polynomial in u: the factor of each product of entries of u, whose numbers are in ascending order.
type Polynomial = BTreeMap<Vec<usize>, IBig>;

fn times(a: &Polynomial, b: &Polynomial) -> Polynomial {
    let mut product = Polynomial::new();
    for (x, p) in a {
        for (y, q) in b {
            let mut both = [&x[..], &y[..]].concat();
            both.sort_unstable();
            *product.entry(both).or_insert(big(0)) += p * q;
        }
    }
    product
}

fn add(sum: &mut Polynomial, factor: &IBig, a: &Polynomial) {
    for (monomial, x) in a {
        *sum.entry(monomial.clone()).or_insert(big(0)) += factor * x;
    }
}

fn linear_of(letter: usize) -> Polynomial {
    Polynomial::from([(vec![letter], big(1))])
}

fn linear(p: &[IBig]) -> Polynomial {
    p.iter().enumerate().map(|(i, x)| (vec![i], x.clone())).collect()
}

/// Whether all are at least 0, or are so on both halves, and so on.
fn is_nonnegative(b: &[IBig], depth: usize) -> bool {
    if b.iter().all(|x| *x >= big(0)) {
        return true;
    }
    if b[0] < big(0) || b[4] < big(0) || depth == 0 {
        return false;
    }
    // Sums instead of means double everything in each step; they are made alike at the end.
    let (mut level, mut left, mut right) = (b.to_vec(), Vec::new(), Vec::new());
    for step in 0..5 {
        left.push(&level[0] << (4 - step));
        right.insert(0, level.last().unwrap() << (4 - step));
        level = level.windows(2).map(|pair| &pair[0] + &pair[1]).collect();
    }
    is_nonnegative(&left, depth - 1) && is_nonnegative(&right, depth - 1)
}

/// The part of a tree that its leaves need.
pub struct Region<'a> {
    /// p_c, W_c and σ_c of each class
    pub p: &'a [Vec<IBig>],
    pub w: &'a [IBig],
    pub fixed: &'a [Option<i64>],
    /// h_c and ε_c
    pub heights: Vec<IBig>,
    pub exponents: Vec<usize>,
    pub kappa: IBig,
    /// (k1 + k2)·L
    pub linear: Vec<IBig>,
    pub t: IBig,
    /// The half-spaces that the region lies in.
    pub halves: &'a [HalfSpace],
}

/// The u with τ·(a·u − C·|u|) ≥ 0.
#[derive(Clone)]
pub struct HalfSpace {
    pub side: i64,
    pub a: Vec<IBig>,
    pub c: IBig,
}

impl HalfSpace {
    /// τ·(a·u − C·|u|)·yᵀYy, where y is (|u|, u), with such powers of |u|² that the degree is 3 or 4.
    fn times(&self, y: &[Vec<IBig>], length: &Polynomial) -> Polynomial {
        let r = self.a.len();
        // |u| is a letter of its own, the last one; entry 0 of y is it.
        let letter = |place: usize| if place == 0 { r } else { place - 1 };
        let mut level = linear(&self.a);
        level.insert(vec![r], -&self.c);
        let mut form = Polynomial::new();
        for (i, row) in y.iter().enumerate() {
            for (j, x) in row.iter().enumerate() {
                add(&mut form, x, &times(&linear_of(letter(i)), &linear_of(letter(j))));
            }
        }
        let mut sum = Polynomial::new();
        for (monomial, x) in times(&level, &form) {
            let kept: Vec<usize> = monomial.iter().copied().filter(|&i| i < r).collect();
            let mut product = Polynomial::from([(kept.clone(), big(1))]);
            // One |u| or two become |u|², three |u|⁴: it is 1 on the sphere.
            for _ in 0..(monomial.len() - kept.len()).div_ceil(2) {
                product = times(&product, length);
            }
            add(&mut sum, &(x * big(self.side)), &product);
        }
        sum
    }
}

/// ε: the least with 2^ε·T ≥ h.
pub fn exponent(height: &IBig, t: &IBig) -> usize {
    let mut e = 0;
    while &(t << e) < height {
        e += 1;
    }
    e
}

impl Region<'_> {
    /// Whether P(σt) ≥ κ·W·t on the interval, for the σ that count, to the depth of 40.
    fn is_above(&self, c: usize, u: &IBig, a: &[IBig]) -> bool {
        let (h, y) = (&self.heights[c], &self.t << self.exponents[c]);
        [1, -1].into_iter().filter(|side| self.fixed[c].is_none_or(|fixed| fixed == *side)).all(|side| {
            // Of the interval's length x the polynomial is Σ s_k·x^k, times y⁴.
            let mut s: Vec<IBig> = (0..5).map(|k| u * &a[k] * h.pow(k) * y.pow(4 - k)).collect();
            s[1] *= big(side);
            s[3] *= big(side);
            s[1] -= (&self.kappa * &self.w[c] * h * y.pow(3)) << self.exponents[c];
            let rows = [[1, 0, 0, 0, 0], [4, 1, 0, 0, 0], [6, 3, 1, 0, 0], [4, 3, 2, 1, 0], [1, 1, 1, 1, 1]];
            let binomial = [1, 4, 6, 4, 1];
            // (i over k)/(4 over k): the binomials (4−k over i−k) over (4 over i).
            let b: Vec<IBig> = rows
                .iter()
                .zip(binomial)
                .map(|(row, whole)| row.iter().zip(&s).map(|(x, s)| big(*x) * s).sum::<IBig>() * big(12 / whole))
                .collect();
            is_nonnegative(&b, 40)
        })
    }

    /// The coefficients of a class: all but the first by chance, the first the least.
    fn coefficients(&self, rng: &mut Rng, c: usize, u: &IBig) -> Vec<IBig> {
        let y = &self.t << self.exponents[c];
        // About the greatest value of κ·W·t.
        let bent = abs(&(&self.kappa * &self.w[c])) * &self.heights[c] / (&self.t * u) + big(1);
        let part = |rng: &mut Rng, most: i64| &bent * big(rng.range(-most, most)) / big(8);
        let mut a = match rng.range(0, 3) {
            // |t| ≤ ½(ωt² + 1/ω), where it is best for some t.
            0 => vec![big(0), big(0), &bent * big(rng.range(2, 16)) / big(8), big(0), big(0)],
            1 => vec![big(0), part(rng, 8), part(rng, 16), part(rng, 8), part(rng, 8)],
            // With much to gain inside: a double well.
            2 => vec![big(0), big(0), -&bent * big(2), big(0), &bent * big(3)],
            _ => vec![big(0), part(rng, 3), big(0), big(0), part(rng, 3)],
        };
        let reach = a.iter().map(abs).sum::<IBig>() + abs(&bent) * big(4) + y;
        let (mut low, mut high) = (-reach.clone(), reach);
        while &low + big(1) < high {
            a[0] = (&low + &high) >> 1;
            if self.is_above(c, u, &a) { high = a[0].clone() } else { low = a[0].clone() }
        }
        a[0] = high;
        assert!(self.is_above(c, u, &a));
        a
    }

    /// A leaf with these products, and the least Λ for which it holds.
    pub fn leaf(&self, rng: &mut Rng, products: &[(IBig, usize, usize)]) -> (String, Q) {
        let r = self.linear.len();
        let u = big(rng.pick(&[1, 1, 3, 1024, 1_000_003]));
        let top = self.exponents.iter().copied().max().unwrap_or(0);
        let one = big(1) << (4 * top);
        // −(what is subtracted from h·|u|⁴)
        let length = (0..r).map(|i| (vec![i, i], big(1))).collect::<Polynomial>();
        let mut known = Polynomial::new();
        add(&mut known, &-&one, &times(&linear(&self.linear), &length));
        let mut words = vec![u.to_string()];
        for c in 0..self.p.len() {
            if self.fixed[c].is_none() && self.w[c] == big(0) {
                continue;
            }
            let a = self.coefficients(rng, c, &u);
            let t = linear(&self.p[c]);
            let squared = times(&t, &t);
            let powers = [
                times(&length, &length),
                times(&t, &length),
                times(&squared, &length),
                times(&squared, &t),
                times(&squared, &squared),
            ];
            for (k, power) in powers.iter().enumerate() {
                add(&mut known, &((-&u * &a[k] * &one) >> (k * self.exponents[c])), power);
            }
            words.extend(a.iter().map(ToString::to_string));
        }
        for (n, c, d) in products {
            let scale = (&u * n * &one) >> (self.exponents[*c] + self.exponents[*d]);
            let side = big(self.fixed[*c].unwrap() * self.fixed[*d].unwrap());
            add(&mut known, &(-scale * side), &times(&times(&linear(&self.p[*c]), &linear(&self.p[*d])), &length));
        }
        let mut multipliers = Vec::new();
        for half in self.halves {
            let y = self.multiplier(rng, &u);
            add(&mut known, &-(&u * &one), &half.times(&y, &length));
            multipliers.extend(y.into_iter().enumerate().flat_map(|(i, row)| row.into_iter().skip(i)));
        }
        let (given, matrices) = self.matrices(rng, &u, top, &known);
        words.extend(given.iter().chain(&multipliers).map(ToString::to_string));
        let text = format!("f {}", words.join(" "));
        let h = least(&matrices, &one);
        (text, Q::new(h, one))
    }

    /// A positive semidefinite matrix Y, about as large as the polynomials.
    fn multiplier(&self, rng: &mut Rng, u: &IBig) -> Vec<Vec<IBig>> {
        let size = self.linear.len() + 1;
        let rank = rng.range(0, 2);
        let scale = self.linear.iter().map(abs).max().unwrap_or(big(0)) / u / big(rng.range(4, 40)) + big(1);
        let vectors: Vec<Vec<i64>> = (0..rank).map(|_| (0..size).map(|_| rng.range(-3, 3)).collect()).collect();
        let entry = |i: usize, j: usize| vectors.iter().map(|v| big(v[i] * v[j])).sum::<IBig>() * &scale;
        (0..size).map(|i| (0..size).map(|j| entry(i, j)).collect()).collect()
    }

    /// The X, and the completed matrices for the known part and for |u|⁴.
    fn matrices(&self, rng: &mut Rng, u: &IBig, top: usize, known: &Polynomial) -> (Vec<IBig>, [Vec<Vec<IBig>>; 2]) {
        let r = self.linear.len();
        let length = (0..r).map(|i| (vec![i, i], big(1))).collect::<Polynomial>();
        let mut z: Vec<Vec<usize>> = (0..r).map(|i| vec![i]).collect();
        (0..r).for_each(|i| z.extend((i..r).map(|j| vec![i, j])));
        let at = |list: &[usize]| z.iter().position(|x| *x == list).unwrap();
        let mut completed = BTreeMap::new();
        for i in 0..r {
            for j in i..r {
                for k in j..r {
                    completed.insert((at(&[i]), at(&[j, k])), vec![i, j, k]);
                    for l in k..r {
                        completed.insert((at(&[i, k]), at(&[j, l])), vec![i, j, k, l]);
                    }
                }
            }
        }
        // The part of |u|²: so much that the rest can be made up for; what is known says how much that is.
        let size = (known.values().map(abs).max().unwrap_or(big(0)) / u) >> (4 * top);
        let slope = &size * big(rng.range(1, 3)) / big(rng.range(1, 4)) + big(1);
        let mut given = Vec::new();
        let mut matrices = [vec![vec![big(0); z.len()]; z.len()], vec![vec![big(0); z.len()]; z.len()]];
        let mut rest = [known.clone(), times(&length, &length)];
        for a in 0..z.len() {
            for b in a..z.len() {
                if completed.contains_key(&(a, b)) {
                    continue;
                }
                let small = &slope * big(rng.range(-3, 3)) / big(12);
                let x = if a == b {
                    slope.clone()
                } else if rng.chance(50) {
                    small
                } else {
                    big(0)
                };
                let entry = (big(2) * &x * u) << (4 * top);
                let product = Polynomial::from([([&z[a][..], &z[b][..]].concat(), big(1))]);
                let product = times(&product, &Polynomial::from([(vec![], big(1))])); // in ascending order
                let product = if b < r { times(&product, &length) } else { product };
                let half = if a == b { &entry / big(2) } else { entry.clone() };
                add(&mut rest[0], &-half, &product);
                matrices[0][a][b] = entry.clone();
                matrices[0][b][a] = entry;
                given.push(x);
            }
        }
        for (rest, matrix) in rest.iter().zip(&mut matrices) {
            for ((a, b), monomial) in &completed {
                let x = rest.get(monomial).cloned().unwrap_or(big(0)) * big(if a == b { 2 } else { 1 });
                matrix[*a][*b] = x.clone();
                matrix[*b][*a] = x;
            }
        }
        (given, matrices)
    }
}

/// An h with which (the one) + h·(the other) is positive semidefinite, and larger than the least by a part of 2^−`PRECISION` at most.
fn least([one, other]: &[Vec<Vec<IBig>>; 2], unit: &IBig) -> IBig {
    let with = |h: &IBig| {
        let sum = |a: &Vec<IBig>, b: &Vec<IBig>| a.iter().zip(b).map(|(x, y)| x + h * y).collect();
        is_semidefinite(one.iter().zip(other).map(|(a, b)| sum(a, b)).collect())
    };
    // As precise as a test needs.
    let mut high = unit.clone();
    while !with(&high) {
        high <<= 2;
    }
    let mut low = if high == *unit { -big(1) } else { &high >> 2 };
    while &low + big(1) + (&high >> PRECISION) < high {
        let middle = (&low + &high) >> 1;
        if with(&middle) { high = middle } else { low = middle }
    }
    high
}

/// Decided by taking squares away: row by row of the largest pivot, with what is left times the pivot.
fn is_semidefinite(mut matrix: Vec<Vec<IBig>>) -> bool {
    let mut before = big(1);
    while let Some(at) = (0..matrix.len()).max_by_key(|&i| matrix[i][i].clone()) {
        let pivot = matrix[at][at].clone();
        if matrix.iter().enumerate().any(|(i, row)| row[i] < big(0)) {
            return false;
        }
        if pivot == big(0) {
            return matrix.iter().flatten().all(|x| *x == big(0));
        }
        let row = matrix.remove(at);
        let next = matrix.iter().map(|other| {
            let entry = |j: usize| (&pivot * &other[j] - &row[j] * &other[at]) / &before;
            (0..row.len()).filter(|&j| j != at).map(entry).collect()
        });
        matrix = next.collect();
        before = pivot;
    }
    true
}
