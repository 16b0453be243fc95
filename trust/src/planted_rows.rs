//! Sharp trees of rows for the planted problems.
//!
//! Each row is a class of its own. Let g be the length of the rows ξ_i, N = |V⁺| the length of the V_i of the sign, and
//! Λ = 2·k2·g·N. A convex class that is not fixed has ω = N·|m|/(g·V_i), which is best at the maximum; a concave one has
//! the slope that leaves least; a fixed one has a multiplier where its linear part points out of the region. With
//! M = Q·Λ the matrix is then positive semidefinite on every region, and singular on those that hold the maximum.

use dashu_int::IBig;
use dashu_int::ops::Gcd;

use crate::exact::Exact;
use crate::network::Problem;
use crate::planted::Recipe;
use crate::rng::Rng;

fn abs(x: &IBig) -> IBig {
    if *x < IBig::ZERO { -x } else { x.clone() }
}

fn lcm(a: &IBig, b: &IBig) -> IBig {
    a / IBig::from(a.gcd(b)) * b
}

/// What the leaves of a tree have in common.
struct Tree {
    /// Of each row: s·V, and the multiple m of its primitive vector.
    rows: Vec<(IBig, IBig)>,
    activation: [IBig; 3],
    /// g and N
    length: IBig,
    norm: IBig,
    q: IBig,
    t: IBig,
    g: IBig,
    /// Q·Λ
    m: IBig,
    /// Whether multipliers may have the wrong sign.
    is_wrong: bool,
}

/// The lines of the tree of a sign, in which some of the classes are split; all of them if the multipliers are to be wrong.
pub fn tree(
    recipe: &Recipe,
    problem: &Problem,
    scale: &Exact,
    dual: &[IBig],
    sign: i64,
    is_wrong: bool,
    rng: &mut Rng,
) -> Vec<String> {
    let rows: Vec<(IBig, IBig)> = recipe
        .frame
        .iter()
        .zip(dual)
        .map(|(row, v)| {
            let m = row.iter().fold(0i64, |m, &x| gcd(m, x));
            let first = row.iter().find(|x| **x != 0).copied().unwrap_or(1);
            (v * IBig::from(sign), IBig::from(if first < 0 { -m } else { m }))
        })
        .collect();
    let beta = &problem.mu() / &problem.c();
    let lambda = &(&beta * &Exact::new(IBig::from(2) * &problem.activation[2] * &problem.dx, IBig::ONE)) / scale;
    let length = IBig::from(recipe.length);
    // N as it is where the dual vector is not loose; any positive number will do otherwise.
    let norm = (&lambda / &Exact::int(IBig::from(2) * &problem.activation[1] * &length)).numerator().clone();
    let convex = || rows.iter().filter(|(v, _)| *v > IBig::ZERO);
    // The x of convex classes, M and h are integers with this Q, and the τ are multiples of 1/T.
    let q = convex().fold(lcm(lambda.denominator(), &norm), |q, (v, _)| lcm(&q, &(&length * v)));
    let t = convex().fold(norm.clone(), |t, (_, m)| lcm(&t, &(&norm * abs(m))));
    let g = IBig::from(*rng.pick(&[1, 1, 2, 3])) * (&problem.activation[1] - &problem.activation[0]);
    let m = (&lambda * &Exact::int(q.clone())).numerator().clone();
    let mut lines = vec![format!("rows {} {q} {t} {g}", if sign > 0 { "+" } else { "-" })];
    let tree = Tree { rows, activation: problem.activation.clone(), length, norm, q, t, g, m, is_wrong };
    let mut sides = vec![None; dual.len()];
    let depth = if is_wrong { dual.len() } else { rng.below(dual.len() + 1) };
    tree.grow(&mut sides, depth, rng, &mut lines);
    lines
}

fn gcd(a: i64, b: i64) -> i64 {
    if b == 0 { a.abs() } else { gcd(b, a % b) }
}

impl Tree {
    fn grow(&self, sides: &mut Vec<Option<i64>>, depth: usize, rng: &mut Rng, lines: &mut Vec<String>) {
        let free: Vec<usize> = (0..sides.len()).filter(|&c| sides[c].is_none()).collect();
        if depth == 0 || free.is_empty() {
            lines.push(self.leaf(sides, rng));
            return;
        }
        let class = *rng.pick(&free);
        lines.push(format!("? {class}"));
        for side in [1, -1] {
            sides[class] = Some(side);
            self.grow(sides, depth - 1, rng, lines);
        }
        sides[class] = None;
    }

    fn leaf(&self, sides: &[Option<i64>], rng: &mut Rng) -> String {
        let [k1, k2, _] = &self.activation;
        let mut line = format!("e {}", self.m);
        for ((v, m), side) in self.rows.iter().zip(sides) {
            // h, for |p| = g/|m|; where y > 0 is allowed, it only adds to M·1 − S.
            let height = (&self.length * &self.t + abs(m) - IBig::ONE) / abs(m);
            let share = |rng: &mut Rng, most: IBig| if rng.chance(50) { most } else { IBig::ZERO };
            let (x, y) = if let Some(side) = side {
                // The sign of ξ·u, and the slope of φ there.
                let side = if *m < IBig::ZERO { -side } else { *side };
                let slope = if side > 0 { k2 } else { k1 };
                let part = abs(m) * IBig::from(2 * side) * slope * v * &self.g;
                let x = if self.is_wrong { -part } else { (-part).max(IBig::ZERO) };
                let y = share(rng, x.clone().max(IBig::ZERO) * &self.q * &self.t / (&self.g * height));
                (x, Some(y))
            } else if *v > IBig::ZERO {
                (&self.q * &self.norm * abs(m) / (&self.length * v), None)
            } else if *v < IBig::ZERO {
                // (k1+k2)·t + (k2−k1)·γ·t is 0, or as near to it as |γ| ≤ 1 lets it.
                let slope = (-(k1 + k2) * &self.g / (k2 - k1)).clamp(-self.g.clone(), self.g.clone());
                let y = share(rng, (&self.g - abs(&slope)) * &self.q * &self.t / (&self.g * height));
                (if *m < IBig::ZERO { -slope } else { slope }, Some(y))
            } else {
                continue;
            };
            line += &format!(" {x}");
            if let Some(y) = y {
                line += &format!(" {y}");
            }
        }
        line
    }
}
