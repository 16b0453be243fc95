//! From trees of rows in floats to exact leaves (FORMAT.md §5a): rounding, exact verification, text.

use std::io::Write;

use nalgebra::{DMatrix, DVector};
use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{FromPrimitive, One, Signed, ToPrimitive, Zero};
use rayon::prelude::*;

use super::Proved;
use super::dual::{Dual, form, short_below};
use super::quartic::{self, Quartic};
use crate::arrangement::rows::Classes;
use crate::exact::definite::is_positive_semidefinite;
use crate::exact::{Rat, rat_to_f64};
use crate::oracle::quadratic::leaf::shift;
use crate::oracle::quartic::solver::Certificate;
use crate::oracle::row_trees::nodes::{Divider, RowLeaf, RowNode};
use crate::problem::Problem;

/// Relative room for the rounding of floats, tried in this order.
const MARGINS: [f64; 3] = [1e-9, 1e-7, 1e-4];

/// The same where there are quartic leaves, whose matrices are larger.
const QUARTIC_MARGINS: [f64; 5] = [1e-7, 1e-6, 1e-5, 1e-4, 1e-3];

/// The trees of a search and how exactly to write them.
pub struct Trees<'a> {
    /// Nodes of both trees; the roots are the first two.
    pub tree: &'a [RowNode],
    /// Quartic certificates by node; shorter if there are none from there on.
    pub quartics: &'a [Option<Certificate>],
    /// Precision of the multipliers.
    pub bits: i32,
    /// Precision of the quartic leaves.
    pub quartic_bits: i32,
}

/// The exact form of one sign, and its float shadow.
struct Form {
    weight: Vec<BigInt>,
    linear: Vec<BigInt>,
    /// `κ·W_c`, in units of F.
    bend: Vec<f64>,
    /// `(k1+k2)·L`, in units of F.
    slope: Vec<f64>,
}

/// The integers of a leaf but for M.
struct Tokens {
    /// x and, but for free convex classes, y of every class that has any.
    classes: Vec<Option<(BigInt, Option<BigInt>)>>,
    /// N, c, d.
    pairs: Vec<(BigInt, u32, u32)>,
    /// ±1 of the fixed classes, else 0.
    sign: Vec<i8>,
}

/// The quadratic function of a leaf in floats, in units of F.
struct Quadratic {
    a: DMatrix<f64>,
    b: DVector<f64>,
    constant: f64,
    positive: f64,
}

struct Emitter<'a> {
    problem: &'a Problem,
    classes: &'a Classes,
    forms: [Form; 2],
    /// Primitive rows in floats, their lengths, and `h_c = ⌈T√(p·p)⌉`.
    p: Vec<Vec<f64>>,
    length: Vec<f64>,
    height: Vec<BigInt>,
    /// Powers of two.
    q: BigInt,
    t: BigInt,
    g: BigInt,
    /// H = magnify·F for `v = V·unit`.
    magnify: f64,
    kappa: BigInt,
    k_sum: BigInt,
}

impl<'a> Emitter<'a> {
    fn new(problem: &'a Problem, classes: &'a Classes, dual: &Dual, bits: i32) -> Option<Self> {
        let (k1, k2, kd) = problem.activation.integers();
        let magnify =
            rat_to_f64(&(Rat::from(BigInt::from(2) * &kd * &problem.data.x_den) / &dual.unit));
        let (kappa, k_sum) = (&k2 - &k1, &k1 + &k2);
        let float = |x: &BigInt| x.to_f64().unwrap_or(f64::INFINITY);
        let forms = [false, true].map(|negative| {
            let (weight, linear) = form(problem, classes, dual, negative);
            Form {
                bend: weight
                    .iter()
                    .map(|w| float(&(w * &kappa)) / magnify)
                    .collect(),
                slope: linear
                    .iter()
                    .map(|l| float(&(l * &k_sum)) / magnify)
                    .collect(),
                weight,
                linear,
            }
        });
        let squares: Vec<BigInt> = classes
            .primitive
            .iter()
            .map(|p| p.iter().map(|x| x * x).sum())
            .collect();
        let length: Vec<f64> = squares.iter().map(|s| float(s).sqrt()).collect();
        let longest = length.iter().fold(1.0f64, |a, x| a.max(*x));
        let shortest = length.iter().fold(longest, |a, x| a.min(*x));
        if !(longest.is_finite() && magnify.is_finite() && magnify > 0.0) {
            return None;
        }
        let power = |e: f64| BigInt::one() << (e.max(0.0) as u64);
        let t = power((44.0 - shortest.log2()).ceil());
        let height = squares
            .iter()
            .map(|s| {
                let square = &t * &t * s;
                let root = square.sqrt();
                if &root * &root == square {
                    root
                } else {
                    root + 1
                }
            })
            .collect();
        Some(Emitter {
            problem,
            classes,
            forms,
            p: classes
                .primitive
                .iter()
                .map(|p| p.iter().map(float).collect())
                .collect(),
            length,
            height,
            q: power(longest.log2().ceil() + f64::from(bits)),
            t,
            g: power(f64::from(bits)),
            magnify,
            kappa,
            k_sum,
        })
    }

    fn quartic(&self) -> Quartic<'_> {
        Quartic::new(quartic::Common {
            rows: &self.classes.primitive,
            length: &self.length,
            height: &self.height,
            t: &self.t,
            kappa: &self.kappa,
            k_sum: &self.k_sum,
            magnify: self.magnify,
            r: self.problem.r(),
        })
    }

    fn quartic_form(&self, sign: u8) -> quartic::Form<'_> {
        let form = &self.forms[sign as usize];
        quartic::Form {
            weight: &form.weight,
            linear: &form.linear,
        }
    }

    fn quartic_leaf(
        &self,
        leaf: &RowLeaf,
        certificate: &Certificate,
        bits: i32,
    ) -> Option<Rounded> {
        let mut fixed = vec![0i8; self.p.len()];
        for (c, s) in &leaf.fixed {
            fixed[*c as usize] = if *s > 0.0 { 1 } else { -1 };
        }
        let form = self.quartic_form(leaf.sign);
        let region = quartic::Region {
            sign: &fixed,
            halves: &leaf.halves,
        };
        let tokens = self.quartic().tokens(certificate, &form, &region, bits)?;
        Some(Rounded::Quartic {
            sign: leaf.sign,
            tokens,
        })
    }

    fn quadratic_leaf(&self, leaf: &RowLeaf) -> Rounded {
        let tokens = self.tokens(leaf);
        let quadratic = self.quadratic(leaf.sign, &tokens);
        let found = shift(&quadratic.a, &quadratic.b, 0.0, quadratic.positive, 0.0);
        let (mu, bound) = found.map_or((0.0, f64::INFINITY), |found| {
            let value = 0.5 * (found.mu + quadratic.b.dot(&found.x));
            (found.mu, value + quadratic.constant)
        });
        Rounded::Quadratic {
            sign: leaf.sign,
            tokens,
            quadratic: Box::new(quadratic),
            mu,
            bound,
        }
    }

    /// Rounds the multipliers of a leaf so that they keep their conditions.
    fn tokens(&self, leaf: &RowLeaf) -> Tokens {
        let form = &self.forms[leaf.sign as usize];
        let m = &leaf.multipliers;
        let count = self.p.len();
        let (q, t, g) = (&self.q, &self.t, &self.g);
        let qf = q.to_f64().unwrap_or(0.0);
        let gf = g.to_f64().unwrap_or(0.0);
        let integer = |x: f64| BigInt::from_f64(x.round().max(-1e300)).unwrap_or_default();
        let natural = |x: f64| integer(x.max(0.0));
        let qt = q * t;
        let mut sign = vec![0i8; count];
        let mut classes: Vec<Option<(BigInt, Option<BigInt>)>> = vec![None; count];
        for (i, (c, s)) in leaf.fixed.iter().enumerate() {
            let c = *c as usize;
            sign[c] = if *s > 0.0 { 1 } else { -1 };
            let at = |list: &[f64]| list.get(i).copied().unwrap_or(0.0);
            let (alpha, beta) = (at(&m.alpha), at(&m.beta));
            let y = natural(qf * self.magnify * beta / (self.length[c] * self.length[c]));
            let least = Integer::div_ceil(&(&y * g * &self.height[c]), &qt);
            let x = natural(gf * self.magnify * (alpha + beta) / self.length[c]).max(least);
            classes[c] = Some((x, Some(y)));
        }
        for c in 0..count {
            if sign[c] != 0 || form.weight[c].is_zero() {
                continue;
            }
            if form.weight[c].is_positive() {
                let omega = f64::from(m.log_omega[c]).exp() / self.length[c];
                classes[c] = Some((natural(qf * omega).max(BigInt::one()), None));
            } else {
                let secant = f64::from(m.secant[c]).clamp(0.0, 1.0);
                let most = (&qt * g) / (g * &self.height[c]);
                let y = natural(qf * secant / self.length[c]).min(most);
                // |x|·Q·T ≤ Q·G·T − y·G·h.
                let room = (&qt * g - &y * g * &self.height[c]) / &qt;
                let x = integer(gf * f64::from(m.slope[c]));
                let x = x.clamp(-room.clone(), room);
                classes[c] = Some((x, Some(y)));
            }
        }
        let mut pairs = Vec::new();
        let mut products = m.pairs.iter();
        for (k, (d, _)) in leaf.fixed.iter().enumerate() {
            for (c, _) in &leaf.fixed[..k] {
                let value = products.next().copied().unwrap_or(0.0);
                let lengths = self.length[*c as usize] * self.length[*d as usize];
                let n = natural(qf * self.magnify * value / lengths);
                if n.is_positive() {
                    pairs.push((n, *c.min(d), *c.max(d)));
                }
            }
        }
        pairs.sort_by_key(|p| (p.1, p.2));
        Tokens {
            classes,
            pairs,
            sign,
        }
    }

    /// `⌈Q·T/x⌉`.
    fn tau(&self, x: &BigInt) -> BigInt {
        Integer::div_ceil(&(&self.q * &self.t), x)
    }

    fn quadratic(&self, sign: u8, tokens: &Tokens) -> Quadratic {
        let form = &self.forms[sign as usize];
        let r = self.problem.r();
        let float = |x: &BigInt| x.to_f64().unwrap_or(0.0);
        let (q, t, g) = (float(&self.q), float(&self.t), float(&self.g));
        let mut a = DMatrix::zeros(r, r);
        let mut b = DVector::from_column_slice(&form.slope);
        let (mut constant, mut positive) = (0.0, 0.0);
        let mut add = |factor: f64, x: &[f64], y: &[f64]| {
            for i in 0..r {
                let scaled = factor * x[i];
                for j in 0..=i {
                    a[(i, j)] += scaled * y[j];
                }
            }
        };
        for (c, token) in tokens.classes.iter().enumerate() {
            let Some((x, y)) = token else { continue };
            let p = &self.p[c];
            let mut linear = 0.0;
            match (tokens.sign[c], y) {
                (0, None) => {
                    let omega = float(x) / q;
                    add(form.bend[c] * omega, p, p);
                    positive += form.bend[c] * omega * self.length[c].powi(2);
                    constant += 0.5 * form.bend[c] * float(&self.tau(x)) / t;
                }
                (0, Some(y)) => {
                    add(2.0 * form.bend[c] * float(y) / q, p, p);
                    linear = form.bend[c] * float(x) / g;
                }
                (s, y) => {
                    let y = y.as_ref().map_or(0.0, float);
                    add(-2.0 * y / (q * self.magnify), p, p);
                    linear = f64::from(s) * (form.bend[c] + float(x) / (g * self.magnify));
                }
            }
            for (b, p) in b.iter_mut().zip(p) {
                *b += linear * p;
            }
        }
        for (n, c, d) in &tokens.pairs {
            let (c, d) = (*c as usize, *d as usize);
            let size = float(n) / (q * self.magnify);
            let factor = size * f64::from(tokens.sign[c] * tokens.sign[d]);
            add(factor, &self.p[c], &self.p[d]);
            add(factor, &self.p[d], &self.p[c]);
            positive += 2.0 * size * self.length[c] * self.length[d];
        }
        for i in 0..r {
            for j in 0..i {
                a[(j, i)] = a[(i, j)];
            }
        }
        Quadratic {
            a,
            b,
            constant,
            positive,
        }
    }

    /// M for a leaf whose bound has to be at most `target`, in units of F.
    fn shift(&self, quadratic: &Quadratic, bound: f64, guess: f64, target: f64) -> BigInt {
        let r = quadratic.a.nrows() as f64;
        let mut best = guess;
        let mut share = 0.3;
        for _ in 0..4 {
            let kappa = share * (target - bound).max(0.0) / (r + 1.0);
            if let Some(found) = shift(&quadratic.a, &quadratic.b, kappa, quadratic.positive, guess)
            {
                let value = 0.5 * (found.mu + quadratic.b.dot(&found.x)) + quadratic.constant;
                if value <= bound + 0.7 * (target - bound) {
                    best = found.mu;
                    break;
                }
            }
            share *= 0.2;
        }
        let scale = self.magnify * self.q.to_f64().unwrap_or(0.0);
        BigInt::from_f64((best * scale).round()).unwrap_or_default()
    }

    /// The condition of the leaf, exact, for `Λ`.
    fn holds(&self, sign: u8, tokens: &Tokens, m: &BigInt, lambda: &Rat) -> bool {
        let form = &self.forms[sign as usize];
        let r = self.problem.r();
        let (q, t, g) = (&self.q, &self.t, &self.g);
        let mut b: Vec<BigInt> = form.linear.iter().map(|l| l * g * &self.k_sum).collect();
        let mut s = Lower::new(r);
        let mut tau = BigInt::zero();
        for (c, token) in tokens.classes.iter().enumerate() {
            let Some((x, y)) = token else { continue };
            let p = &self.classes.primitive[c];
            let bend = &self.kappa * &form.weight[c];
            let mut linear = BigInt::zero();
            match (tokens.sign[c], y) {
                (0, None) => {
                    tau += &form.weight[c] * self.tau(x);
                    s.add(&(bend * x), p, p);
                }
                (0, Some(y)) => {
                    linear = &bend * x;
                    s.add(&(bend * y * 2), p, p);
                }
                (sigma, y) => {
                    linear = (&bend * g + x) * sigma;
                    if let Some(y) = y {
                        s.add(&(y * -2), p, p);
                    }
                }
            }
            if !linear.is_zero() {
                for (b, p) in b.iter_mut().zip(p) {
                    *b += &linear * p;
                }
            }
        }
        for (n, c, d) in &tokens.pairs {
            let (c, d) = (*c as usize, *d as usize);
            let n = n * (tokens.sign[c] * tokens.sign[d]);
            s.add(&n, &self.classes.primitive[c], &self.classes.primitive[d]);
            s.add(&n, &self.classes.primitive[d], &self.classes.primitive[c]);
        }
        let g2 = g * g;
        let whole: Rat = lambda * Rat::from(q * &g2 * 2)
            - Rat::new(q * &g2 * &self.kappa * tau, t.clone())
            - Rat::from(g2 * m);
        let mut rows = s.entries();
        for (i, row) in rows.iter_mut().enumerate() {
            row.iter_mut().for_each(|x| *x = -&*x);
            row[i] += m;
        }
        let mut last: Vec<BigInt> = b.iter().map(|b| -(b * q)).collect();
        last.push(whole.floor().to_integer());
        rows.push(last);
        is_positive_semidefinite(rows)
    }
}

/// A sum of products of integer vectors, lower triangle; in 128 bits while that is safe.
struct Lower {
    r: usize,
    small: Vec<i128>,
    /// Bits that the largest entry of `small` may have.
    bits: u64,
    large: Vec<BigInt>,
}

impl Lower {
    fn new(r: usize) -> Lower {
        Lower {
            r,
            small: vec![0; r * (r + 1) / 2],
            bits: 0,
            large: vec![BigInt::zero(); r * (r + 1) / 2],
        }
    }

    fn flush(&mut self) {
        for (l, s) in self.large.iter_mut().zip(&mut self.small) {
            *l += *s;
            *s = 0;
        }
        self.bits = 0;
    }

    /// Adds `factor·x_i·y_j` for j ≤ i.
    fn add(&mut self, factor: &BigInt, x: &[BigInt], y: &[BigInt]) {
        if factor.is_zero() {
            return;
        }
        let bits = |v: &[BigInt]| v.iter().map(BigInt::bits).max().unwrap_or(0);
        let needed = factor.bits() + bits(x) + bits(y);
        let mut index = 0;
        if needed <= 120 {
            if self.bits.max(needed) + 1 > 126 {
                self.flush();
            }
            self.bits = self.bits.max(needed) + 1;
            let small = |v: &[BigInt]| -> Vec<i128> {
                v.iter().map(|x| x.to_i128().unwrap_or(0)).collect()
            };
            let (x, y) = (small(x), small(y));
            let factor = factor.to_i128().unwrap_or(0);
            for i in 0..self.r {
                let scaled = factor * x[i];
                for y in &y[..=i] {
                    self.small[index] += scaled * y;
                    index += 1;
                }
            }
        } else {
            for i in 0..self.r {
                let scaled = factor * &x[i];
                for y in &y[..=i] {
                    self.large[index] += &scaled * y;
                    index += 1;
                }
            }
        }
    }

    fn entries(mut self) -> Vec<Vec<BigInt>> {
        self.flush();
        let mut entries = self.large.into_iter();
        (0..self.r)
            .map(|i| entries.by_ref().take(i + 1).collect())
            .collect()
    }
}

/// A leaf with rounded multipliers.
enum Rounded {
    Quadratic {
        sign: u8,
        tokens: Tokens,
        quadratic: Box<Quadratic>,
        mu: f64,
        bound: f64,
    },
    Quartic {
        sign: u8,
        tokens: quartic::Tokens,
    },
}

impl Rounded {
    fn bound(&self) -> f64 {
        match self {
            Rounded::Quadratic { bound, .. } => *bound,
            Rounded::Quartic { tokens, .. } => tokens.bound,
        }
    }
}

/// What a leaf needs beside its rounded multipliers.
enum Rest {
    /// M.
    Shift(BigInt),
    /// The X.
    Gram(Vec<BigInt>),
}

/// The rounded leaves of a tree, by node.
struct Leaves<'a> {
    emitter: Emitter<'a>,
    tree: &'a [RowNode],
    rounded: Vec<Option<Rounded>>,
    /// The largest bound, units of F for `v = V·unit`; float.
    largest: f64,
}

impl<'a> Leaves<'a> {
    fn new(emitter: Emitter<'a>, trees: &Trees<'a>) -> Self {
        let tree = trees.tree;
        let rounded: Vec<Option<Rounded>> = tree
            .par_iter()
            .enumerate()
            .map(|(index, node)| {
                let RowNode::Leaf(leaf) = node else {
                    return None;
                };
                let certificate = trees.quartics.get(index).and_then(Option::as_ref);
                Some(
                    certificate
                        .and_then(|c| emitter.quartic_leaf(leaf, c, trees.quartic_bits))
                        .unwrap_or_else(|| emitter.quadratic_leaf(leaf)),
                )
            })
            .collect();
        let largest = rounded
            .iter()
            .flatten()
            .map(Rounded::bound)
            .fold(0.0f64, f64::max);
        Leaves {
            emitter,
            tree,
            rounded,
            largest,
        }
    }

    /// The rest of every leaf, if every leaf holds for Λ, which is `target` in units of F.
    fn verify(&self, lambda: &Rat, target: f64) -> Option<Vec<Option<Rest>>> {
        let emitter = &self.emitter;
        self.rounded
            .par_iter()
            .map(|leaf| match leaf {
                None => Some(None),
                Some(Rounded::Quadratic {
                    sign,
                    tokens,
                    quadratic,
                    mu,
                    bound,
                }) => {
                    let m = emitter.shift(quadratic, *bound, *mu, target);
                    let holds = emitter.holds(*sign, tokens, &m, lambda);
                    holds.then_some(Some(Rest::Shift(m)))
                }
                Some(Rounded::Quartic { sign, tokens, .. }) => {
                    let form = emitter.quartic_form(*sign);
                    let gram = emitter.quartic().verify(tokens, &form, lambda, target)?;
                    Some(Some(Rest::Gram(gram)))
                }
            })
            .collect()
    }

    /// Margins to try.
    fn margins(&self) -> &'static [f64] {
        let is_quartic = |leaf: &Option<Rounded>| matches!(leaf, Some(Rounded::Quartic { .. }));
        if self.rounded.iter().any(is_quartic) {
            &QUARTIC_MARGINS
        } else {
            &MARGINS
        }
    }

    /// The text, with the numbers of leaves and splits.
    fn text(&self, rests: &[Option<Rest>]) -> (Vec<u8>, u64, u64) {
        let quartic = self.emitter.quartic();
        let mut text = Vec::new();
        let (mut leaves, mut splits) = (0, 0);
        for (root, sign) in ["+", "-"].iter().enumerate() {
            let Emitter { q, t, g, .. } = &self.emitter;
            let _ = writeln!(text, "rows {sign} {q} {t} {g}");
            let mut stack = vec![root];
            while let Some(index) = stack.pop() {
                if let RowNode::Split { by, child } = &self.tree[index] {
                    match by {
                        Divider::Class(class) => {
                            let _ = writeln!(text, "? {class}");
                        }
                        Divider::Half(half) => {
                            let _ = write!(text, "h {}", half.c);
                            half.a.iter().for_each(|x| _ = write!(text, " {x}"));
                            text.push(b'\n');
                        }
                    }
                    splits += 1;
                    stack.push(*child as usize + 1);
                    stack.push(*child as usize);
                    continue;
                }
                match (&self.rounded[index], &rests[index]) {
                    (Some(Rounded::Quadratic { tokens, .. }), Some(Rest::Shift(m))) => {
                        write_leaf(&mut text, m, tokens);
                    }
                    (Some(Rounded::Quartic { tokens, .. }), Some(Rest::Gram(gram))) => {
                        quartic.write(&mut text, tokens, gram);
                    }
                    _ => {}
                }
                leaves += 1;
            }
        }
        (text, leaves, splits)
    }
}

/// Turns trees of rows into an exact bound: rounds every leaf, scales the dual vector to the largest bound and verifies all leaves in integers. `None` if nothing
/// could be verified.
pub fn prove(
    problem: &Problem,
    classes: &Classes,
    dual: &Dual,
    trees: &Trees<'_>,
) -> Option<Proved> {
    let leaves = Leaves::new(Emitter::new(problem, classes, dual, trees.bits)?, trees);
    let (first, second) = dual.moments(problem);
    if !(leaves.largest.is_finite() && first.is_positive() && second.is_positive()) {
        return None;
    }
    let best = &first / &second;
    let (_, _, kd) = problem.activation.integers();
    for margin in leaves.margins() {
        let most = Rat::from_float((leaves.largest * (1.0 + margin)).max(1e-300))?;
        // (A/B)·(most/unit) ≤ β.
        let limit = problem.beta() * &dual.unit / &most;
        let factor = short_below(if limit < best { &limit } else { &best });
        if !factor.is_positive() {
            return None;
        }
        let lambda = problem.beta() * BigInt::from(2) * &kd * &problem.data.x_den / &factor;
        let target = rat_to_f64(&(problem.beta() * &dual.unit / &factor));
        let Some(rests) = leaves.verify(&lambda, target) else {
            continue;
        };
        let half = Rat::new(BigInt::one(), BigInt::from(2));
        let bound = &factor * &first - &factor * &factor * &second * half;
        if bound.is_negative() {
            return None;
        }
        let (text, count, splits) = leaves.text(&rests);
        return Some(Proved {
            factor,
            bound,
            dual: dual.v.clone(),
            fans: text,
            leaves: count,
            generators: splits,
            version: 2,
        });
    }
    None
}

/// A proven bound on `|F_v(u)|/|u|` over all directions, for `v = V·unit`. Exact; `None` if nothing could be verified.
pub fn maximum(
    problem: &Problem,
    classes: &Classes,
    dual: &Dual,
    trees: &Trees<'_>,
) -> Option<Rat> {
    let leaves = Leaves::new(Emitter::new(problem, classes, dual, trees.bits)?, trees);
    let (_, _, kd) = problem.activation.integers();
    for margin in leaves.margins() {
        let target = leaves.largest * (1.0 + margin);
        let most = Rat::from_float(target)?;
        let lambda = &most * BigInt::from(2) * &kd * &problem.data.x_den / &dual.unit;
        if leaves.verify(&lambda, target).is_some() {
            return Some(most);
        }
    }
    None
}

fn write_leaf(text: &mut Vec<u8>, m: &BigInt, tokens: &Tokens) {
    let _ = write!(text, "e {m}");
    for (x, y) in tokens.classes.iter().flatten() {
        let _ = write!(text, " {x}");
        if let Some(y) = y {
            let _ = write!(text, " {y}");
        }
    }
    if !tokens.pairs.is_empty() {
        let _ = write!(text, " {}", tokens.pairs.len());
        for (n, c, d) in &tokens.pairs {
            let _ = write!(text, " {n} {c} {d}");
        }
    }
    text.push(b'\n');
}
