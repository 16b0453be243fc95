//! From quartic bounds in floats to exact leaves (FORMAT.md §5a, rule `f`): rounding, exact verification, text.

use std::io::Write;
use std::sync::Arc;

use num_bigint::BigInt;
use num_traits::{FromPrimitive, One, Signed, ToPrimitive, Zero};

use crate::exact::Rat;
use crate::exact::definite::is_positive_semidefinite;
use crate::oracle::quartic::moments::DEGREES;
use crate::oracle::quartic::solver::Certificate;
use crate::oracle::row_trees::halves::Half;

/// Halvings of an interval.
const DEPTH: u32 = 40;
/// Times a polynomial is lifted before it is given up.
const LIFTS: u32 = 24;
/// Bits of a product of four entries of a row, and of a coefficient, up to which sums are made in machine words.
const SMALL_PRODUCT: u64 = 118;
const SMALL_COEFFICIENT: u64 = 60;

/// What the quartic leaves of a proof have in common, as it is given.
pub struct Common<'a> {
    /// Primitive rows of the classes.
    pub rows: &'a [Vec<BigInt>],
    /// Their lengths.
    pub length: &'a [f64],
    /// `h_c`.
    pub height: &'a [BigInt],
    /// T.
    pub t: &'a BigInt,
    /// `k2 − k1` and `k1 + k2`.
    pub kappa: &'a BigInt,
    /// See `kappa`.
    pub k_sum: &'a BigInt,
    /// H in units of F.
    pub magnify: f64,
    /// Columns.
    pub r: usize,
}

/// What the quartic leaves of a proof have in common.
pub struct Quartic<'a> {
    common: Common<'a>,
    /// ε_c.
    exponent: Vec<u64>,
    /// The rows as machine words, if products of four entries fit.
    words: Option<Vec<Vec<i128>>>,
}

/// The integers of a quartic leaf.
pub struct Tokens {
    /// U.
    unit: BigInt,
    /// Coefficients of the classes that have any.
    polynomials: Vec<Option<[BigInt; DEGREES]>>,
    /// The Gram matrix before the slack, in units of U; all entries on and above the diagonal.
    gram: Vec<f64>,
    /// The half-spaces and the matrices Y of their multipliers, on and above the diagonal.
    multipliers: Vec<Multiplier>,
    /// The bound with these polynomials, units of F; float.
    pub bound: f64,
}

/// A half-space `τ·(a·u − C) ≥ 0` and its Y.
struct Multiplier {
    /// τ·a
    a: Vec<BigInt>,
    /// τ·C
    c: BigInt,
    y: Vec<BigInt>,
}

/// The region of a leaf.
pub struct Region<'a> {
    /// ±1 for fixed classes, else 0.
    pub sign: &'a [i8],
    /// The half-spaces and their sides.
    pub halves: &'a [(Arc<Half>, f64)],
}

/// One sign's form.
pub struct Form<'a> {
    /// `W_c`.
    pub weight: &'a [BigInt],
    /// L.
    pub linear: &'a [BigInt],
}

impl<'a> Quartic<'a> {
    /// The exponents, and the rows in words.
    pub fn new(common: Common<'a>) -> Self {
        let exponent = common
            .height
            .iter()
            .map(|h| {
                let mut e = 0;
                let mut power = common.t.clone();
                while &power < h {
                    power <<= 1;
                    e += 1;
                }
                e
            })
            .collect();
        let rows = common.rows;
        let bits = rows.iter().flatten().map(BigInt::bits).max().unwrap_or(0);
        let words = (4 * bits <= SMALL_PRODUCT).then(|| {
            rows.iter()
                .map(|p| p.iter().map(|x| x.to_i128().unwrap_or(0)).collect())
                .collect()
        });
        Quartic {
            common,
            exponent,
            words,
        }
    }

    /// Rounds a certificate to units of about `2^-bits` of the bound. `None` if a polynomial cannot be lifted above its row.
    pub fn tokens(
        &self,
        certificate: &Certificate,
        form: &Form<'_>,
        region: &Region<'_>,
        bits: i32,
    ) -> Option<Tokens> {
        let sign = region.sign;
        let scale = certificate.bound.abs() * self.common.magnify / f64::from(bits).exp2();
        let unit = BigInt::from_f64(scale.floor())?.max(BigInt::one());
        let u = unit.to_f64()?;
        let factor = self.common.magnify / u;
        let mut bound = certificate.bound;
        let mut polynomials = Vec::with_capacity(sign.len());
        for (c, p) in certificate.polynomials.iter().enumerate() {
            if sign[c] == 0 && form.weight[c].is_zero() {
                polynomials.push(None);
                continue;
            }
            let ratio = (self.exponent[c] as f64).exp2() / self.common.length[c];
            let mut a: [BigInt; DEGREES] = std::array::from_fn(|_| BigInt::zero());
            let mut power = factor;
            for k in 0..DEGREES {
                a[k] = BigInt::from_f64((p[k] * power).round())?;
                power *= ratio;
            }
            let lift = (0..LIFTS)
                .map(|i| BigInt::from(1 + (4i64 << i) / 2))
                .find(|lift| {
                    let mut lifted = a.clone();
                    lifted[0] += lift;
                    self.is_above(c, &lifted, &form.weight[c], sign[c], &unit)
                })?;
            bound += lift.to_f64()? / factor;
            a[0] += lift;
            polynomials.push(Some(a));
        }
        let gram = certificate.gram.iter().map(|x| x * factor).collect();
        let multipliers = region
            .halves
            .iter()
            .enumerate()
            .map(|(k, (half, side))| {
                let list = certificate.local.get(k).map_or(&[][..], Vec::as_slice);
                self.multiplier(half, *side, list, factor)
            })
            .collect::<Option<_>>()?;
        Some(Tokens {
            unit,
            polynomials,
            gram,
            multipliers,
            bound,
        })
    }

    /// Rounds the multiplier of a half-space, of which there may be none, so that it stays positive semidefinite.
    fn multiplier(&self, half: &Half, side: f64, list: &[f64], factor: f64) -> Option<Multiplier> {
        let size = self.common.r + 1;
        let length = half
            .a
            .iter()
            .map(|a| (*a as f64).powi(2))
            .sum::<f64>()
            .sqrt();
        let rounded: Vec<BigInt> = list
            .iter()
            .map(|x| BigInt::from_f64((x * factor / length).round()))
            .collect::<Option<_>>()?;
        let y = if rounded.is_empty() {
            vec![BigInt::zero(); size * (size + 1) / 2]
        } else {
            // Rounding changes an entry by at most ½.
            (0..LIFTS)
                .map(|i| raised(&rounded, size, (size as i64 / 2 + 1) << i))
                .find(|y| is_positive_semidefinite(lower(y, size)))?
        };
        let side = if side > 0.0 { 1 } else { -1 };
        Some(Multiplier {
            a: half.a.iter().map(|a| BigInt::from(a * side)).collect(),
            c: BigInt::from(half.c * side),
            y,
        })
    }

    /// `−U·2^(4ε)·(a·u − C)·yᵀYy` by its monomials of degree 3 and 4.
    fn add_multiplier(
        &self,
        multiplier: &Multiplier,
        factor: &BigInt,
        add: &mut dyn FnMut(Vec<usize>, BigInt),
    ) {
        let r = self.common.r;
        let Multiplier { a, c, y } = multiplier;
        let squares = |m: &[usize], x: &BigInt, add: &mut dyn FnMut(Vec<usize>, BigInt)| {
            for k in 0..r {
                add([m, &[k, k]].concat(), x.clone());
            }
        };
        let mut index = 0;
        for i in 0..=r {
            for j in i..=r {
                let x: BigInt = factor * &y[index] * if i == j { 1 } else { 2 };
                index += 1;
                if x.is_zero() {
                    continue;
                }
                // u_{i−1}·u_{j−1}, without what is |u|.
                let m: Vec<usize> = [i, j]
                    .into_iter()
                    .filter(|k| *k > 0)
                    .map(|k| k - 1)
                    .collect();
                let lower = -&x * c;
                match m.len() {
                    0 => (0..r).for_each(|k| squares(&[k, k], &lower, add)),
                    _ => squares(&m, &lower, add),
                }
                for (k, a) in a.iter().enumerate() {
                    let m = [m.as_slice(), &[k]].concat();
                    let x = &x * a;
                    match m.len() {
                        3 => add(m, x),
                        _ => squares(&m, &x, add),
                    }
                }
            }
        }
    }

    /// Whether `P_c(σt) ≥ κ·W_c·t` on `[0, h_c/T]`, for the sign that is fixed or for both.
    fn is_above(
        &self,
        c: usize,
        a: &[BigInt; DEGREES],
        weight: &BigInt,
        sign: i8,
        unit: &BigInt,
    ) -> bool {
        let signs: &[i8] = match sign {
            0 => &[1, -1],
            1 => &[1],
            _ => &[-1],
        };
        let e = self.exponent[c];
        let (h, t) = (&self.common.height[c], self.common.t);
        signs.iter().all(|sigma| {
            let mut s: [BigInt; DEGREES] = std::array::from_fn(|k| {
                let q = (unit * &a[k]) << ((4 - k as u64) * e);
                if k % 2 == 1 && *sigma < 0 { -q } else { q }
            });
            s[1] -= (self.common.kappa * weight) << (4 * e);
            for (k, s) in s.iter_mut().enumerate() {
                *s *= h.pow(k as u32) * t.pow(4 - k as u32);
            }
            is_nonnegative(&bernstein(&s), DEPTH)
        })
    }

    /// The Gram matrix with room for the target, in units of U.
    fn given(&self, tokens: &Tokens, target: f64) -> Option<Vec<BigInt>> {
        let size = self.common.r + self.common.r * (self.common.r + 1) / 2;
        let slack =
            (target - tokens.bound).max(0.0) * self.common.magnify / tokens.unit.to_f64()?;
        let mut index = 0;
        let mut list = Vec::with_capacity(tokens.gram.len());
        for a in 0..size {
            for b in a..size {
                let more = if a == b && a < self.common.r {
                    0.5 * slack
                } else {
                    0.0
                };
                list.push(BigInt::from_f64((tokens.gram[index] + more).round())?);
                index += 1;
            }
        }
        Some(list)
    }

    /// Which entries are completed, in the order of the matrix.
    fn is_completed(&self) -> Vec<bool> {
        let z = monomials(self.common.r);
        let mut list = Vec::new();
        for (a, first) in z.iter().enumerate() {
            for second in &z[a..] {
                list.push(match (first.as_slice(), second.as_slice()) {
                    ([i], [j, _]) => i <= j,
                    ([i, k], [j, l]) => i <= j && j <= k && k <= l,
                    _ => false,
                });
            }
        }
        list
    }

    /// The X for which the leaf holds with Λ, which is `target` in units of F; `None` if it does not.
    pub fn verify(
        &self,
        tokens: &Tokens,
        form: &Form<'_>,
        lambda: &Rat,
        target: f64,
    ) -> Option<Vec<BigInt>> {
        let completed = self.is_completed();
        let given = self.given(tokens, target)?;
        let top = self.exponent.iter().max().copied().unwrap_or(0);
        let z = monomials(self.common.r);
        let polynomial = self.polynomial(tokens, form, lambda, top);
        // Twice the coefficients that the completed entries have to make up for.
        let mut left: std::collections::HashMap<Vec<usize>, BigInt> =
            polynomial.into_iter().map(|(m, x)| (m, x * 2)).collect();
        let scale = BigInt::from(2) << (4 * top);
        let mut entries: Vec<Vec<BigInt>> = vec![Vec::with_capacity(z.len()); z.len()];
        let mut index = 0;
        let mut places = Vec::new();
        for a in 0..z.len() {
            for b in a..z.len() {
                let mut product = [z[a].clone(), z[b].clone()].concat();
                product.sort_unstable();
                if completed[index] {
                    places.push((a, b, product));
                    entries[b].push(BigInt::zero());
                } else {
                    let x = &given[index] * &tokens.unit * &scale;
                    let twice = if a == b { x.clone() } else { &x * 2 };
                    if product.len() == 2 {
                        for k in 0..self.common.r {
                            let mut m = [product.clone(), vec![k, k]].concat();
                            m.sort_unstable();
                            *left.entry(m).or_default() -= &twice;
                        }
                    } else {
                        *left.entry(product).or_default() -= &twice;
                    }
                    entries[b].push(x);
                }
                index += 1;
            }
        }
        for (a, b, product) in places {
            let x = left.remove(&product).unwrap_or_default();
            entries[b][a] = if a == b { x } else { x / 2 };
        }
        if !is_positive_semidefinite(entries) {
            return None;
        }
        Some(
            given
                .into_iter()
                .zip(completed)
                .filter(|(_, c)| !c)
                .map(|(x, _)| x)
                .collect(),
        )
    }

    /// The polynomial by its monomials of degree 3 and 4, times `2^(4ε)`.
    fn polynomial(
        &self,
        tokens: &Tokens,
        form: &Form<'_>,
        lambda: &Rat,
        top: u64,
    ) -> Vec<(Vec<usize>, BigInt)> {
        let r = self.common.r;
        let u = &tokens.unit;
        let coefficient = |k: usize| -> Vec<(usize, BigInt)> {
            tokens
                .polynomials
                .iter()
                .enumerate()
                .filter_map(|(c, a)| {
                    Some((c, &a.as_ref()?[k] << (k as u64 * (top - self.exponent[c]))))
                })
                .filter(|(_, a)| !a.is_zero())
                .collect()
        };
        let parts: Vec<Vec<(usize, BigInt)>> = (0..DEGREES).map(coefficient).collect();
        let whole = (lambda * Rat::from(BigInt::one() << (4 * top)))
            .floor()
            .to_integer()
            - u * (parts[0].iter().map(|(_, a)| a).sum::<BigInt>() << (4 * top));
        let first = self.sums(&parts[1], 1);
        let linear: Vec<BigInt> = (0..r)
            .map(|i| {
                ((self.common.k_sum * &form.linear[i]) << (4 * top))
                    + ((u * &first[i]) << (3 * top))
            })
            .collect();
        let second: Vec<BigInt> = self
            .sums(&parts[2], 2)
            .iter()
            .map(|x| (u * x) << (2 * top))
            .collect();
        let third: Vec<BigInt> = self
            .sums(&parts[3], 3)
            .iter()
            .map(|x| (u * x) << top)
            .collect();
        let fourth: Vec<BigInt> = self.sums(&parts[4], 4).iter().map(|x| u * x).collect();
        let mut list: std::collections::HashMap<Vec<usize>, BigInt> =
            std::collections::HashMap::new();
        let mut add = |mut m: Vec<usize>, x: BigInt| {
            m.sort_unstable();
            *list.entry(m).or_default() += x;
        };
        for i in 0..r {
            for j in 0..r {
                add(vec![i, i, j, j], whole.clone());
                add(vec![i, j, j], -&linear[i]);
            }
        }
        let factor = -(u << (4 * top));
        for multiplier in &tokens.multipliers {
            self.add_multiplier(multiplier, &factor, &mut add);
        }
        for (m, x) in ascending(r, 2).into_iter().zip(&second) {
            for j in 0..r {
                add([m.clone(), vec![j, j]].concat(), -x);
            }
        }
        for (m, x) in ascending(r, 3).into_iter().zip(&third) {
            add(m, -x);
        }
        for (m, x) in ascending(r, 4).into_iter().zip(&fourth) {
            add(m, -x);
        }
        list.into_iter().collect()
    }

    /// The coefficients of `Σ a_c·(p_c·u)^k`, monomials in lexicographic order.
    fn sums(&self, coefficients: &[(usize, BigInt)], k: usize) -> Vec<BigInt> {
        let list = ascending(self.common.r, k);
        let multinomials: Vec<i128> = list.iter().map(|m| multinomial(m)).collect();
        let small = coefficients
            .iter()
            .all(|(_, a)| a.bits() <= SMALL_COEFFICIENT);
        if let (Some(words), true) = (&self.words, small) {
            // A product is high·2^60 + low; both sums stay below 2^127 for fewer than 2^6 … classes at a time.
            let mut high = vec![BigInt::zero(); list.len()];
            let mut low = vec![BigInt::zero(); list.len()];
            for group in coefficients.chunks(64) {
                let mut h = vec![0i128; list.len()];
                let mut l = vec![0i128; list.len()];
                for (c, a) in group {
                    let p = &words[*c];
                    let a = a.to_i128().unwrap_or(0);
                    for (i, m) in list.iter().enumerate() {
                        let product: i128 = m.iter().map(|j| p[*j]).product();
                        h[i] += a * (product >> 60);
                        l[i] += a * (product & ((1 << 60) - 1));
                    }
                }
                for i in 0..list.len() {
                    high[i] += h[i];
                    low[i] += l[i];
                }
            }
            return (0..list.len())
                .map(|i| ((&high[i] << 60) + &low[i]) * multinomials[i])
                .collect();
        }
        let mut sums = vec![BigInt::zero(); list.len()];
        for (c, a) in coefficients {
            let p = &self.common.rows[*c];
            for (sum, m) in sums.iter_mut().zip(&list) {
                *sum += m.iter().fold(a.clone(), |x, j| x * &p[*j]);
            }
        }
        sums.into_iter()
            .zip(multinomials)
            .map(|(x, m)| x * m)
            .collect()
    }

    /// Writes a leaf.
    pub fn write(&self, text: &mut Vec<u8>, tokens: &Tokens, given: &[BigInt]) {
        let _ = write!(text, "f {}", tokens.unit);
        let multipliers = tokens.multipliers.iter().flat_map(|m| &m.y);
        let polynomials = tokens.polynomials.iter().flatten().flatten();
        for x in polynomials.chain(given).chain(multipliers) {
            let _ = write!(text, " {x}");
        }
        text.push(b'\n');
    }
}

/// What is on and above the diagonal, with more on the diagonal.
fn raised(upper: &[BigInt], size: usize, more: i64) -> Vec<BigInt> {
    let mut list = upper.to_vec();
    let mut index = 0;
    for i in 0..size {
        list[index] += more;
        index += size - i;
    }
    list
}

/// The rows of the lower triangle, from what is on and above the diagonal.
fn lower(upper: &[BigInt], size: usize) -> Vec<Vec<BigInt>> {
    let mut rows = vec![Vec::with_capacity(size); size];
    let mut entries = upper.iter();
    for i in 0..size {
        for row in &mut rows[i..] {
            row.extend(entries.next().cloned());
        }
    }
    rows
}

/// The Bernstein coefficients, times 12, of a polynomial on [0, 1].
fn bernstein(s: &[BigInt; DEGREES]) -> [BigInt; DEGREES] {
    const TABLE: [[i64; DEGREES]; DEGREES] = [
        [12, 0, 0, 0, 0],
        [12, 3, 0, 0, 0],
        [12, 6, 2, 0, 0],
        [12, 9, 6, 3, 0],
        [12, 12, 12, 12, 12],
    ];
    std::array::from_fn(|j| s.iter().zip(TABLE[j]).map(|(s, f)| s * f).sum())
}

/// Whether a polynomial of degree 4, given by its Bernstein coefficients, is seen to be ≥ 0 on its interval by halving it.
fn is_nonnegative(b: &[BigInt; DEGREES], depth: u32) -> bool {
    if b.iter().all(|x| !x.is_negative()) {
        return true;
    }
    if depth == 0 || b[0].is_negative() || b[4].is_negative() {
        return false;
    }
    let left = halved(b);
    let mut turned = b.clone();
    turned.reverse();
    is_nonnegative(&left, depth - 1) && is_nonnegative(&halved(&turned), depth - 1)
}

/// The Bernstein coefficients on the first half, times 16.
fn halved(b: &[BigInt; DEGREES]) -> [BigInt; DEGREES] {
    [
        &b[0] * 16,
        (&b[0] + &b[1]) * 8,
        (&b[0] + &b[1] * 2 + &b[2]) * 4,
        (&b[0] + (&b[1] + &b[2]) * 3 + &b[3]) * 2,
        &b[0] + (&b[1] + &b[3]) * 4 + &b[2] * 6 + &b[4],
    ]
}

/// `u_0, …, u_{r−1}` and the products of two of them.
fn monomials(r: usize) -> Vec<Vec<usize>> {
    ascending(r, 1).into_iter().chain(ascending(r, 2)).collect()
}

/// Products of k variables in lexicographic order.
fn ascending(r: usize, k: usize) -> Vec<Vec<usize>> {
    use itertools::Itertools;
    (0..r).combinations_with_replacement(k).collect()
}

fn multinomial(m: &[usize]) -> i128 {
    let (mut value, mut run) = (1, 0);
    for i in 0..m.len() {
        run = if i > 0 && m[i - 1] == m[i] {
            run + 1
        } else {
            1
        };
        value = value * (i as i128 + 1) / run;
    }
    value
}
