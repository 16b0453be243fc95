//! From a float search tree to exact leaves: rounding, exact verification, text.

use itertools::Itertools;
use num_bigint::BigInt;
use num_traits::{One, Signed, ToPrimitive, Zero};
use rayon::prelude::*;

use crate::arrangement::rows::Classes;
use crate::exact::Rat;
use crate::oracle::fan::{Leaf, Node, RootKind};
use crate::problem::{HiddenBias, Problem};
use crate::prove::dual::{Dual, form};
use crate::solve::space::Space;

/// What the emission of one fan needs.
pub struct Emitter<'a> {
    classes: &'a Classes,
    r: usize,
    /// Class weights `W_c` of the sign in hand.
    weight: Vec<BigInt>,
    small_weight: Option<Vec<i128>>,
    small_primitive: Option<Vec<i64>>,
    float_primitive: Vec<f64>,
    linear: Vec<BigInt>,
    k_sum: BigInt,
    k_difference: BigInt,
    scale: BigInt,
    undecayed: bool,
    /// `Q = factor·(q in model coordinates)`.
    factor: f64,
    space: &'a Space,
    gamma_denominator: i64,
    /// Longest `Q` that costs nothing.
    budget: f64,
    exact_first: bool,
}

/// The text of one fan's trees and what it shows.
pub struct FanText {
    /// Trees, in order of the roots.
    pub text: Vec<u8>,
    /// Largest `Σ Q°²`.
    pub longest: BigInt,
    /// Leaves.
    pub leaves: u64,
    /// Splits (new generators).
    pub splits: u64,
    /// Whether every leaf was verified.
    pub verified: bool,
}

/// Precision of a fan's integers.
#[derive(Copy, Clone, Debug)]
pub struct Precision {
    /// Bits of `Q`.
    pub bits: i32,
    /// Length of the support vectors in floats, per unit of `v`.
    pub bound: f64,
    /// Length that support vectors may have without weakening the bound.
    pub target: f64,
}

impl<'a> Emitter<'a> {
    /// Sets up the exact side of the form `s·F_V`.
    pub fn new(
        problem: &Problem,
        classes: &'a Classes,
        dual: &Dual,
        negative: bool,
        space: &'a Space,
        precision: Precision,
    ) -> Self {
        let r = problem.r();
        let (k1, k2, kd) = problem.activation.integers();
        let (weight, linear) = form(problem, classes, dual, negative);
        // H = (2·kd·DX/unit)·F_v for the float vector v = V·unit.
        let magnify = Rat::from(BigInt::from(2) * &kd * &problem.data.x_den) / &dual.unit;
        let magnify_float = crate::exact::rat_to_f64(&magnify);
        let wanted = 2f64.powi(precision.bits) * grain(space);
        let natural = precision.bound * magnify_float;
        let scale = if dual.exact || natural <= wanted {
            BigInt::one()
        } else {
            let e = (natural / wanted).log2().floor() as u64;
            BigInt::one() << e
        };
        let scale_float = scale.to_f64().unwrap_or(1.0);
        let factor = magnify_float / scale_float;
        let undecayed = problem.hidden_bias == HiddenBias::Undecayed;
        let small = |x: &BigInt, bits: u64| x.bits() <= bits;
        let small_weight = weight
            .iter()
            .all(|w| small(w, 80))
            .then(|| weight.iter().map(|w| w.to_i128().unwrap_or(0)).collect());
        let small_primitive = classes
            .primitive
            .iter()
            .flatten()
            .all(|p| small(p, 62))
            .then(|| {
                classes
                    .primitive
                    .iter()
                    .flatten()
                    .map(|p| p.to_i64().unwrap_or(0))
                    .collect()
            });
        Emitter {
            classes,
            r,
            weight,
            small_weight,
            small_primitive,
            float_primitive: classes
                .primitive
                .iter()
                .flatten()
                .map(|p| p.to_f64().unwrap_or(0.0))
                .collect(),
            linear,
            k_sum: &k1 + &k2,
            k_difference: &k2 - &k1,
            scale,
            undecayed,
            factor,
            space,
            budget: precision.target * magnify_float / scale_float
                * (1.0 - 2f64.powi(-precision.bits)),
            gamma_denominator: 1 << (precision.bits + 2).clamp(20, 52),
            exact_first: dual.exact,
        }
    }

    /// `E` of the fan header.
    pub fn scale(&self) -> &BigInt {
        &self.scale
    }

    /// Emits the trees of `roots` root cones whose nodes begin at `first`.
    pub fn emit(&self, tree: &[Node], first: usize, roots: &[Vec<Vec<BigInt>>]) -> FanText {
        let parts: Vec<FanText> = roots
            .par_iter()
            .enumerate()
            .map(|(number, generators)| self.emit_tree(tree, first + number, generators))
            .collect();
        let mut all = FanText {
            text: Vec::new(),
            longest: BigInt::zero(),
            leaves: 0,
            splits: 0,
            verified: true,
        };
        for part in parts {
            all.text.extend_from_slice(&part.text);
            all.longest = all.longest.max(part.longest);
            all.leaves += part.leaves;
            all.splits += part.splits;
            all.verified &= part.verified;
        }
        all
    }

    fn emit_tree(&self, tree: &[Node], root: usize, generators: &[Vec<BigInt>]) -> FanText {
        let mut out = FanText {
            text: Vec::new(),
            longest: BigInt::zero(),
            leaves: 0,
            splits: 0,
            verified: true,
        };
        let roots: Vec<std::rc::Rc<Generator>> = generators
            .iter()
            .map(|g| std::rc::Rc::new(self.generator(g.clone(), None)))
            .collect();
        let mut stack: Vec<(usize, Vec<std::rc::Rc<Generator>>)> = vec![(root, roots)];
        while let Some((node, cone)) = stack.pop() {
            match &tree[node] {
                Node::Split { j, k, a, b, child } => {
                    let (j, k) = (*j as usize, *k as usize);
                    out.splits += 1;
                    out.text
                        .extend_from_slice(format!("/ {j} {k} {a} {b}\n").as_bytes());
                    let (x, y) = (&cone[j], &cone[k]);
                    let g: Vec<BigInt> = x.g.iter().zip(&y.g).map(|(p, q)| p * a + q * b).collect();
                    let new = std::rc::Rc::new(self.generator(g, Some((x, *a, y, *b))));
                    let mut second = cone.clone();
                    second[k] = new.clone();
                    let mut first = cone;
                    first[j] = new;
                    stack.push((*child as usize + 1, second));
                    stack.push((*child as usize, first));
                }
                Node::Leaf(leaf) => {
                    out.leaves += 1;
                    match self.emit_leaf(leaf, &cone, &mut out.text) {
                        Some(longest) => {
                            out.longest = std::mem::take(&mut out.longest).max(longest);
                        }
                        None => out.verified = false,
                    }
                }
            }
        }
        out
    }

    fn generator(
        &self,
        g: Vec<BigInt>,
        parents: Option<(&Generator, u32, &Generator, u32)>,
    ) -> Generator {
        let count = self.classes.primitive.len();
        let products = parents
            .and_then(|(x, a, y, b)| match (&x.products, &y.products) {
                (Products::Small(x), Products::Small(y)) => x
                    .iter()
                    .zip(y)
                    .map(|(x, y)| {
                        let sum = x
                            .checked_mul(i128::from(a))?
                            .checked_add(y.checked_mul(i128::from(b))?)?;
                        (sum.unsigned_abs() < 1 << 124).then_some(sum)
                    })
                    .collect::<Option<Vec<i128>>>()
                    .map(Products::Small),
                _ => None,
            })
            .or_else(|| self.small_products(&g))
            .unwrap_or_else(|| {
                Products::Big(
                    self.classes
                        .primitive
                        .iter()
                        .map(|p| p.iter().zip(&g).map(|(a, b)| a * b).sum())
                        .collect(),
                )
            });
        let words = count.div_ceil(64);
        let mut positive = vec![0u64; words];
        let mut negative = vec![0u64; words];
        for c in 0..count {
            match products.sign(c) {
                1 => positive[c / 64] |= 1 << (c % 64),
                -1 => negative[c / 64] |= 1 << (c % 64),
                _ => {}
            }
        }
        let sum = self.weighted_sum(&products);
        let linear: BigInt = self.linear.iter().zip(&g).map(|(a, b)| a * b).sum();
        let value = &self.k_sum * linear + &self.k_difference * sum;
        let model: Vec<f64> = g.iter().map(|x| x.to_f64().unwrap_or(0.0)).collect();
        let floats = self.space.from_model(&model);
        let used = if self.undecayed { self.r - 1 } else { self.r };
        let taxicab: f64 = model[..used].iter().map(|x| x.abs()).sum();
        let length = floats.iter().map(|x| x * x).sum::<f64>().sqrt();
        Generator {
            g,
            products,
            positive,
            negative,
            value,
            floats,
            taxicab,
            length,
        }
    }

    fn small_products(&self, g: &[BigInt]) -> Option<Products> {
        let primitive = self.small_primitive.as_ref()?;
        let g: Vec<i128> = g.iter().map(|x| x.to_i128()).collect::<Option<_>>()?;
        if g.iter().any(|x| x.unsigned_abs() >= 1 << 58) {
            return None;
        }
        let products = primitive
            .chunks_exact(self.r)
            .map(|p| {
                p.iter()
                    .zip(&g)
                    .map(|(a, b)| i128::from(*a) * b)
                    .sum::<i128>()
            })
            .collect();
        Some(Products::Small(products))
    }

    /// `Σ_c W_c·|p_c·g|`.
    fn weighted_sum(&self, products: &Products) -> BigInt {
        if let (Some(weight), Products::Small(products)) = (&self.small_weight, products) {
            let mut total = BigInt::zero();
            let mut sum = 0i128;
            for (w, p) in weight.iter().zip(products) {
                let term = w.checked_mul(p.abs());
                if let Some(next) = term.and_then(|t| sum.checked_add(t)) {
                    sum = next;
                } else {
                    total += sum;
                    sum = 0;
                    total += BigInt::from(*w) * p.abs();
                }
            }
            return total + sum;
        }
        self.weight
            .iter()
            .enumerate()
            .map(|(c, w)| w * products.big(c).abs())
            .sum()
    }

    /// Rounds, verifies and writes one leaf; returns its `Σ Q°²`, or `None` if no vector was found that verifies.
    fn emit_leaf(
        &self,
        leaf: &Leaf,
        cone: &[std::rc::Rc<Generator>],
        out: &mut Vec<u8>,
    ) -> Option<BigInt> {
        // Concave classes that change sign on the cone.
        let words = cone[0].positive.len();
        let mut mixed: Vec<usize> = Vec::new();
        for w in 0..words {
            let (mut p, mut n) = (0u64, 0u64);
            for g in cone {
                p |= g.positive[w];
                n |= g.negative[w];
            }
            let mut both = p & n;
            while both != 0 {
                let c = w * 64 + both.trailing_zeros() as usize;
                both &= both - 1;
                if self.weight[c].is_negative() {
                    mixed.push(c);
                }
            }
        }
        if self.exact_first
            && let Some(longest) = self.emit_exact(leaf, cone, &mixed, out)
        {
            return Some(longest);
        }
        // At a generator along the undecayed column the slopes are fixed: a rule vector that points there gives them.
        let pole = cone
            .iter()
            .find(|g| self.undecayed && g.g[..self.r - 1].iter().all(Zero::is_zero));
        let last = pole.map(|g| {
            if g.g[self.r - 1].is_negative() {
                -BigInt::one() << 200
            } else {
                BigInt::one() << 200
            }
        });
        let lift = self.lift(leaf, cone);
        let dim = self.space.dim();
        let used = if self.undecayed { dim - 1 } else { dim };
        let rounded = |stretch: f64, strength: f64| -> Vec<BigInt> {
            let mut search: Vec<f64> = leaf
                .q
                .iter()
                .zip(&lift)
                .map(|(q, l)| stretch * q * self.factor + strength * l)
                .collect();
            search[used..].fill(0.0);
            let mut q = self.round(&self.functional(&search));
            if self.undecayed {
                // The bias of the maximiser: it only chooses slopes.
                q[self.r - 1] = last.clone().unwrap_or_else(|| {
                    to_integer(leaf.q[dim - 1] * self.factor / self.space.last_scale)
                });
            }
            q
        };
        // First without exceptions: the vector as it is, then stretched or lifted to the length that costs nothing.
        let length = leaf.q[..used]
            .iter()
            .map(|q| (q * self.factor).powi(2))
            .sum::<f64>()
            .sqrt();
        let lift_length = lift.iter().map(|x| x * x).sum::<f64>().sqrt();
        let spare = (self.budget - length).max(0.0) / lift_length.max(1e-300);
        let mut attempts = vec![(1.0, 1.0)];
        if spare > 4.0 {
            attempts.push((1.0, 0.9 * spare));
            attempts.push((0.999 * self.budget / length.max(1e-300), 1.0));
        }
        let budget = to_integer(self.budget);
        let budget = &budget * &budget;
        for (stretch, strength) in attempts {
            if leaf.exceptions.is_empty() && strength > 1.0 {
                break;
            }
            let q = rounded(stretch, strength);
            if let Some(longest) = self.verify(&q, cone, &mixed, &[], 1)
                && longest <= budget
            {
                self.write_leaf(&q, &[], 1, out);
                return Some(longest);
            }
        }
        // The slopes of the search, coarse at first, and explicitly also where the rule vector's sign differs from the search's. The lift grows until
        // the conditions hold.
        let mut strength = 1.0;
        let mut denominator = if spare > 1e3 {
            1 << 10
        } else {
            self.gamma_denominator
        };
        loop {
            let q = rounded(1.0, strength);
            let exceptions = if pole.is_some() {
                Vec::new()
            } else {
                self.exceptions(leaf, &q, &mixed, denominator)
            };
            let verified = self.verify(&q, cone, &mixed, &exceptions, denominator);
            if let Some(longest) = &verified
                && (*longest <= budget || denominator == self.gamma_denominator)
            {
                self.write_leaf(&q, &exceptions, denominator, out);
                return Some(longest.clone());
            }
            if denominator < self.gamma_denominator
                && (verified.is_some() || strength > 0.5 * spare)
            {
                denominator = self.gamma_denominator;
                strength = 1.0;
                continue;
            }
            strength *= 2.0;
            if strength > 1e18 {
                // Only reachable if the float search and the exact side disagree beyond repair.
                return None;
            }
        }
    }

    /// A functional on search coordinates as one on model coordinates.
    fn functional(&self, q: &[f64]) -> Vec<f64> {
        let mut out = vec![0.0; self.r];
        for (row, q) in self.space.coordinates.chunks_exact(self.r).zip(q) {
            out.iter_mut().zip(row).for_each(|(o, c)| *o += c * q);
        }
        out
    }

    /// Rounds a functional to integers that vanish on the kernel's vectors exactly.
    fn round(&self, q: &[f64]) -> Vec<BigInt> {
        let Some(kernel) = &self.space.kernel else {
            return q.iter().map(|x| to_integer(*x)).collect();
        };
        let d = kernel.denominator.to_f64().unwrap_or(1.0);
        let mut out = vec![BigInt::zero(); self.r];
        let mut units = Vec::with_capacity(kernel.pivots.len());
        for p in &kernel.pivots {
            let last = self.undecayed && *p + 1 == self.r;
            let unit = if last {
                BigInt::zero()
            } else {
                to_integer(q[*p] / d)
            };
            out[*p] = &unit * &kernel.denominator;
            units.push(unit);
        }
        for (f, relation) in kernel.free.iter().zip(&kernel.relation) {
            out[*f] = relation.iter().zip(&units).map(|(c, u)| c * u).sum();
        }
        out
    }

    /// The slopes that the rule vector `q` does not give: `(class, γ·denominator)`, sorted.
    fn exceptions(
        &self,
        leaf: &Leaf,
        q: &[BigInt],
        mixed: &[usize],
        denominator: i64,
    ) -> Vec<(usize, i64)> {
        let mut given: Vec<(usize, f64)> = leaf
            .exceptions
            .iter()
            .map(|(c, s)| (*c as usize, *s))
            .collect();
        given.sort_unstable_by_key(|x| x.0);
        let q_float: Vec<f64> = q.iter().map(|x| x.to_f64().unwrap_or(0.0)).collect();
        let mut list = Vec::new();
        for &c in mixed {
            let row = &self.float_primitive[c * self.r..(c + 1) * self.r];
            let along: f64 = row.iter().zip(&q_float).map(|(p, q)| p * q).sum();
            // The search's own rule: the sign of the row at its vector, in search coordinates.
            let wanted: f64 = self
                .space
                .rows
                .row(c)
                .iter()
                .zip(leaf.q.iter())
                .map(|(p, q)| p * q)
                .sum();
            let wanted = match given.binary_search_by_key(&c, |x| x.0) {
                Ok(i) => given[i].1,
                Err(_) => {
                    if wanted >= 0.0 {
                        1.0
                    } else {
                        -1.0
                    }
                }
            };
            let size: f64 = row.iter().zip(&q_float).map(|(p, q)| (p * q).abs()).sum();
            let clear = along.abs() > 1e-9 * size;
            let rule = if along >= 0.0 { 1.0 } else { -1.0 };
            if !clear || rule != wanted {
                list.push((c, (wanted * denominator as f64).round() as i64));
            }
        }
        list
    }

    /// The leaf's exact linear functional as support vector: where no convex class changes sign, the slopes by rule give equality at every generator.
    fn emit_exact(
        &self,
        leaf: &Leaf,
        cone: &[std::rc::Rc<Generator>],
        mixed: &[usize],
        out: &mut Vec<u8>,
    ) -> Option<BigInt> {
        if self.undecayed {
            return None;
        }
        let mut q: Vec<BigInt> = self.linear.iter().map(|l| l * &self.k_sum).collect();
        for (c, w) in self.weight.iter().enumerate() {
            if w.is_zero() {
                continue;
            }
            let slope = if mixed.binary_search(&c).is_ok() {
                let row: f64 = self
                    .space
                    .rows
                    .row(c)
                    .iter()
                    .zip(leaf.q.iter())
                    .map(|(p, q)| p * q)
                    .sum();
                if row >= 0.0 { 1 } else { -1 }
            } else if cone.iter().any(|g| g.products.sign(c) > 0) {
                if w.is_positive() && cone.iter().any(|g| g.products.sign(c) < 0) {
                    return None;
                }
                1
            } else {
                -1
            };
            let scaled = w * &self.k_difference * slope;
            for (q, p) in q.iter_mut().zip(&self.classes.primitive[c]) {
                *q += &scaled * p;
            }
        }
        let longest = self.verify(&q, cone, mixed, &[], 1)?;
        // Worth it only if it is not longer than the search's own vector.
        let length = longest.to_f64().unwrap_or(f64::INFINITY).sqrt();
        if length > leaf.bound * self.factor * (1.0 + 1e-6) {
            return None;
        }
        self.write_leaf(&q, &[], 1, out);
        Some(longest)
    }

    /// A vector that raises `Q·g_j` by at least a unit of rounding (half the taxicab length of `g_j`) at every generator, in units of `Q`.
    fn lift(&self, leaf: &Leaf, cone: &[std::rc::Rc<Generator>]) -> Vec<f64> {
        let dim = self.space.dim();
        let used = if self.undecayed { dim - 1 } else { dim };
        let grain = grain(self.space);
        // Floats are only good to 53 bits: beyond, that is the rounding.
        let blur = leaf.bound * self.factor.abs() * 2f64.powi(-49);
        // Normalised generators, decayed columns, and what each needs.
        let rows: Vec<(Vec<f64>, f64)> = cone
            .iter()
            .filter_map(|g| {
                let part = &g.floats[..used];
                let size = part.iter().map(|x| x * x).sum::<f64>().sqrt();
                (size > 1e-9 * g.length).then(|| {
                    (
                        part.iter().map(|x| x / size).collect(),
                        (0.5 * grain * g.taxicab + 1.0 + blur * size) / size,
                    )
                })
            })
            .collect();
        let mut lift = shortest_vertex(&rows, used).unwrap_or_else(|| {
            let mut sum = vec![0.0; used];
            for (row, _) in &rows {
                sum.iter_mut().zip(row).for_each(|(z, x)| *z += x);
            }
            sum
        });
        lift.resize(dim, 0.0);
        lift
    }

    /// Exact check of the leaf's condition; its `Σ Q°²` if it holds.
    fn verify(
        &self,
        q: &[BigInt],
        cone: &[std::rc::Rc<Generator>],
        mixed: &[usize],
        exceptions: &[(usize, i64)],
        denominator: i64,
    ) -> Option<BigInt> {
        let denominator = if exceptions.is_empty() {
            1
        } else {
            denominator
        };
        let used = if self.undecayed { self.r - 1 } else { self.r };
        // Classes whose slope is not the sign of their product, with γ·G.
        let mut corrections: Vec<(usize, i64)> = Vec::with_capacity(mixed.len());
        let mut next = exceptions.iter().peekable();
        let small_q: Option<Vec<i128>> = q
            .iter()
            .map(|x| if x.bits() <= 60 { x.to_i128() } else { None })
            .collect();
        for &c in mixed {
            if let Some((_, n)) = next.next_if(|(e, _)| *e == c) {
                corrections.push((c, *n));
                continue;
            }
            let negative = match (&small_q, &self.small_primitive) {
                (Some(q), Some(primitive)) => {
                    let row = &primitive[c * self.r..(c + 1) * self.r];
                    row.iter()
                        .zip(q)
                        .map(|(p, q)| i128::from(*p) * q)
                        .sum::<i128>()
                        < 0
                }
                _ => self.classes.primitive[c]
                    .iter()
                    .zip(q)
                    .map(|(p, q)| p * q)
                    .sum::<BigInt>()
                    .is_negative(),
            };
            corrections.push((c, if negative { -denominator } else { denominator }));
        }
        for g in cone {
            let left: BigInt = q[..used].iter().zip(&g.g).map(|(a, b)| a * b).sum();
            let correction = self.correction(g, &corrections, denominator);
            if left * &self.scale * denominator
                < &g.value * denominator + correction * &self.k_difference
            {
                return None;
            }
        }
        Some(q[..used].iter().map(|x| x * x).sum())
    }

    /// `Σ W_c·(n_c·p_c·g − G·|p_c·g|)` over the listed classes.
    fn correction(&self, g: &Generator, corrections: &[(usize, i64)], denominator: i64) -> BigInt {
        let fast = || -> Option<BigInt> {
            let (Some(weight), Products::Small(products)) = (&self.small_weight, &g.products)
            else {
                return None;
            };
            let mut total = BigInt::zero();
            let mut sum = 0i128;
            for (c, n) in corrections {
                let p = products[*c];
                // n = ±G: nothing or twice the product.
                let factor = i128::from(*n) * p.signum() - i128::from(denominator);
                if factor == 0 || p == 0 {
                    continue;
                }
                let term = weight[*c].checked_mul(p.abs())?.checked_mul(factor)?;
                if let Some(next) = sum.checked_add(term) {
                    sum = next;
                } else {
                    total += sum;
                    sum = term;
                }
            }
            Some(total + sum)
        };
        fast().unwrap_or_else(|| {
            let mut total = BigInt::zero();
            for (c, n) in corrections {
                let product = g.products.big(*c);
                let term = &product * *n - product.abs() * denominator;
                if !term.is_zero() {
                    total += &self.weight[*c] * term;
                }
            }
            total
        })
    }

    fn write_leaf(
        &self,
        q: &[BigInt],
        exceptions: &[(usize, i64)],
        denominator: i64,
        out: &mut Vec<u8>,
    ) {
        use std::io::Write;
        out.push(b'q');
        for x in q {
            let _ = write!(out, " {x}");
        }
        if !exceptions.is_empty() {
            let _ = write!(out, " {denominator}");
            for (c, n) in exceptions {
                let _ = write!(out, " {c} {n}");
            }
        }
        out.push(b'\n');
    }
}

/// How far rounding moves a functional that has to vanish on the kernel: one unit at a pivot, and what the free columns make of it; 1 without a kernel.
fn grain(space: &Space) -> f64 {
    space.kernel.as_ref().map_or(1.0, |k| {
        let largest = k
            .relation
            .iter()
            .flatten()
            .map(|c| c.to_f64().unwrap_or(0.0).abs())
            .fold(0.0, f64::max);
        k.denominator.to_f64().unwrap_or(1.0) + largest * k.pivots.len() as f64
    })
}

/// A vector `z` with `row·z ≥ need` for every (unit) row: the shortest of those that meet `columns` of the conditions exactly, with 5 % to spare. There are
/// at most a few more rows than columns. However narrow the cone of the `z` is, it has such a vertex. Floats; `None` if the rows do not span.
fn shortest_vertex(rows: &[(Vec<f64>, f64)], columns: usize) -> Option<Vec<f64>> {
    if columns == 0 {
        return None;
    }
    let mut best: Option<(f64, Vec<f64>)> = None;
    for chosen in rows.iter().combinations(columns) {
        let matrix = nalgebra::DMatrix::from_fn(columns, columns, |i, j| chosen[i].0[j]);
        let need = nalgebra::DVector::from_fn(columns, |i, _| 1.05 * chosen[i].1);
        let Some(z) = matrix.lu().solve(&need) else {
            continue;
        };
        let square = z.norm_squared();
        let dot = |row: &[f64]| row.iter().zip(z.iter()).map(|(x, y)| x * y).sum::<f64>();
        let good = square.is_finite() && rows.iter().all(|(row, need)| dot(row) >= *need);
        if good && best.as_ref().is_none_or(|b| square < b.0) {
            best = Some((square, z.as_slice().to_vec()));
        }
    }
    best.map(|b| b.1)
}

/// The root cones of a fan, as FORMAT.md §5 orders them.
pub fn root_cones(kind: RootKind, basis: &[Vec<BigInt>]) -> Vec<Vec<Vec<BigInt>>> {
    let k = basis.len();
    match kind {
        RootKind::Orthants | RootKind::Half => {
            let count = if kind == RootKind::Half {
                1usize << (k - 1)
            } else {
                1 << k
            };
            (0..count)
                .map(|t| {
                    basis
                        .iter()
                        .enumerate()
                        .map(|(j, b)| {
                            b.iter()
                                .map(|x| if t >> j & 1 == 1 { -x } else { x.clone() })
                                .collect()
                        })
                        .collect()
                })
                .collect()
        }
        RootKind::Simplex => {
            let r = basis[0].len();
            let mut all: Vec<Vec<BigInt>> = basis.to_vec();
            all.push(
                (0..r)
                    .map(|i| -basis.iter().map(|b| &b[i]).sum::<BigInt>())
                    .collect(),
            );
            (0..=k)
                .map(|t| {
                    all.iter()
                        .enumerate()
                        .filter(|(j, _)| *j != t)
                        .map(|(_, b)| b.clone())
                        .collect()
                })
                .collect()
        }
    }
}

struct Generator {
    g: Vec<BigInt>,
    products: Products,
    positive: Vec<u64>,
    negative: Vec<u64>,
    /// `H(g)`.
    value: BigInt,
    /// In search coordinates.
    floats: Vec<f64>,
    taxicab: f64,
    length: f64,
}

enum Products {
    Small(Vec<i128>),
    Big(Vec<BigInt>),
}

impl Products {
    fn sign(&self, c: usize) -> i32 {
        match self {
            Products::Small(p) => p[c].signum() as i32,
            Products::Big(p) => {
                if p[c].is_positive() {
                    1
                } else if p[c].is_negative() {
                    -1
                } else {
                    0
                }
            }
        }
    }

    fn big(&self, c: usize) -> BigInt {
        match self {
            Products::Small(p) => BigInt::from(p[c]),
            Products::Big(p) => p[c].clone(),
        }
    }
}

/// Nearest integer of a float of any size.
fn to_integer(x: f64) -> BigInt {
    if x.abs() < 9e18 {
        BigInt::from(x.round() as i64)
    } else {
        crate::exact::f64_to_rat(x).map_or_else(BigInt::zero, |r| r.to_integer())
    }
}
