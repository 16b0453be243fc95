//! Proofs with trees of rows (FORMAT.md §5a), sharp as those with fans: with the next shorter B they prove nothing.

use dashu_int::IBig;
use dashu_int::ops::{BitTest, SquareRoot, UnsignedAbs};

use super::quartic::{HalfSpace, Region, exponent};
use super::{Build, Classes, Net, Problem, Proof, Q, Rng, abs, big, ceil_div, dot, random_net, random_problem, words};

/// The determinant, by expansion along the first row.
pub fn determinant(matrix: &[Vec<IBig>]) -> IBig {
    let Some((first, rest)) = matrix.split_first() else { return big(1) };
    let mut sum = big(0);
    for (j, x) in first.iter().enumerate().filter(|(_, x)| **x != big(0)) {
        let minor: Vec<Vec<IBig>> = rest
            .iter()
            .map(|row| row.iter().enumerate().filter(|(k, _)| *k != j).map(|(_, y)| y.clone()).collect())
            .collect();
        let term = x * determinant(&minor);
        sum += if j % 2 == 0 { term } else { -term };
    }
    sum
}

/// Whether all principal minors are at least 0.
pub fn is_semidefinite(matrix: &[Vec<IBig>]) -> bool {
    (1..1u32 << matrix.len()).all(|set| {
        let places: Vec<usize> = (0..matrix.len()).filter(|i| set >> i & 1 == 1).collect();
        let minor: Vec<Vec<IBig>> =
            places.iter().map(|&i| places.iter().map(|&j| matrix[i][j].clone()).collect()).collect();
        determinant(&minor) >= big(0)
    })
}

/// S += factor·p·pᵀ
fn add_square(s: &mut [Vec<IBig>], factor: &IBig, p: &[IBig]) {
    for (row, x) in s.iter_mut().zip(p) {
        row.iter_mut().zip(p).for_each(|(sum, y)| *sum += factor * x * y);
    }
}

/// M·1 − S
fn shifted(m: &IBig, s: &[Vec<IBig>]) -> Vec<Vec<IBig>> {
    let entry = |i: usize, j: usize| if i == j { m - &s[i][j] } else { -&s[i][j] };
    (0..s.len()).map(|i| (0..s.len()).map(|j| entry(i, j)).collect()).collect()
}

/// The least integer M for which M·1 − S is positive semidefinite.
fn least_shift(s: &[Vec<IBig>]) -> IBig {
    let reach: IBig = s.iter().flatten().map(abs).sum::<IBig>() + big(1);
    let (mut low, mut high) = (-reach.clone(), reach);
    while &low + big(1) < high {
        let middle = (&low + &high) >> 1;
        if is_semidefinite(&shifted(&middle, s)) { high = middle } else { low = middle }
    }
    high
}

/// The least h with which the matrix of a leaf is positive semidefinite, if M·1 − S is definite or b is 0.
fn least_corner(m: &IBig, s: &[Vec<IBig>], b: &[IBig], q: &IBig) -> IBig {
    let mut matrix = shifted(m, s);
    let of_part = determinant(&matrix);
    for (row, b) in matrix.iter_mut().zip(b) {
        row.push(-q * b);
    }
    matrix.push(b.iter().map(|b| -q * b).chain([big(0)]).collect());
    if of_part == big(0) { big(0) } else { ceil_div(&-determinant(&matrix), &of_part) }
}

/// What random trees look like.
#[derive(Clone, Copy)]
pub struct Shape {
    /// Most splits between the root and a leaf.
    pub depth: usize,
    /// How many leaves of a hundred are quartic.
    pub quartic: i64,
    /// How many splits of a hundred are by half-spaces.
    pub halves: i64,
}

/// The tree of one sign while it is built.
struct Tree<'a> {
    problem: &'a Problem,
    classes: Classes,
    q: IBig,
    t: IBig,
    g: IBig,
    /// σ_c of the fixed classes.
    fixed: Vec<Option<i64>>,
    halves: Vec<HalfSpace>,
    shape: Shape,
    lines: Vec<String>,
    /// The number of products so far.
    products: usize,
    /// The least Λ for which all leaves hold.
    peak: Q,
}

impl Tree<'_> {
    fn grow(&mut self, rng: &mut Rng, depth: usize) {
        let free: Vec<usize> = (0..self.fixed.len()).filter(|&c| self.fixed[c].is_none()).collect();
        let is_deep = depth >= self.shape.depth || !rng.chance(75);
        if !is_deep && rng.chance(self.shape.halves) {
            return self.split_by_half_space(rng, depth);
        }
        if !is_deep && !free.is_empty() {
            let c = rng.pick(&free);
            self.lines.push(format!("? {c}"));
            for side in [1, -1] {
                self.fixed[c] = Some(side);
                self.grow(rng, depth + 1);
            }
            self.fixed[c] = None;
            return;
        }
        self.leaf(rng);
    }

    fn split_by_half_space(&mut self, rng: &mut Rng, depth: usize) {
        let bits = rng.pick(&[1, 2, 2, 5]);
        let (a, c) = ((0..self.problem.r()).map(|_| rng.big(bits)).collect::<Vec<_>>(), rng.big(bits));
        self.lines.push(format!("h {c}{}", words(&a)));
        for side in [1, -1] {
            self.halves.push(HalfSpace { side, a: a.clone(), c: c.clone() });
            self.grow(rng, depth + 1);
            self.halves.pop();
        }
    }

    /// h_c: the least integer with h² ≥ T²·(p·p).
    fn height(&self, c: usize) -> IBig {
        let p = &self.classes.p[c];
        let square = &self.t * &self.t * dot(p, p);
        let mut height = IBig::from(square.clone().unsigned_abs().sqrt());
        while &height * &height < square {
            height += big(1);
        }
        height
    }

    fn leaf(&mut self, rng: &mut Rng) {
        if rng.chance(self.shape.quartic) {
            return self.quartic_leaf(rng);
        }
        let heights: Vec<IBig> = (0..self.fixed.len()).map(|c| self.height(c)).collect();
        let Tree { problem, classes, q, t, g, .. } = &*self;
        let (r, [k1, k2, _]) = (problem.r(), problem.activation);
        let kappa = big(k2 - k1);
        let mut s = vec![vec![big(0); r]; r];
        let mut b: Vec<IBig> = classes.l.iter().map(|l| l * big(k1 + k2) * g).collect();
        let mut widths = Q::int(&big(0));
        let mut numbers = Vec::new();
        // Between 0 and the most that is allowed: nothing, all of it, or something.
        let share = |rng: &mut Rng, most: IBig| match rng.range(0, 4) {
            0 | 1 => big(0),
            2 | 3 => most,
            _ => most * big(rng.range(0, 9)) / big(9),
        };
        for (c, (p, w)) in classes.p.iter().zip(&classes.w).enumerate() {
            let of_y = g * &heights[c];
            let (x, y) = match self.fixed[c] {
                Some(side) => {
                    let x = if rng.chance(50) { big(0) } else { abs(&rng.big(6)) };
                    (0..r).for_each(|i| b[i] += big(side) * (g * &kappa * w + &x) * &p[i]);
                    let y = share(rng, &x * q * t / of_y);
                    add_square(&mut s, &(big(-2) * &y), p);
                    (x, Some(y))
                }
                None if *w == big(0) => continue,
                None if *w < big(0) => {
                    let most = i64::try_from(g).unwrap();
                    let x = big(rng.range(-most, most));
                    (0..r).for_each(|i| b[i] += &kappa * w * &x * &p[i]);
                    let y = share(rng, (g - abs(&x)) * q * t / of_y);
                    add_square(&mut s, &(big(2) * &kappa * w * &y), p);
                    (x, Some(y))
                }
                None => {
                    // Mostly near the best: |p·u| is at most |p|, and ω = 1/|p·u| is best.
                    let norm: IBig = p.iter().map(abs).sum();
                    let near = q * big(rng.range(1, 4)) / (big(2) * norm) + big(1);
                    let x = if rng.chance(70) { near } else { abs(&rng.big(5)) + big(1) };
                    add_square(&mut s, &(&kappa * w * &x), p);
                    widths = widths + Q::new(w * ceil_div(&(q * t), &x), t.clone());
                    (x, None)
                }
            };
            numbers.push(x);
            numbers.extend(y);
        }
        let products = self.products(rng);
        for (n, c, d) in &products {
            let factor = n * big(self.fixed[*c].unwrap() * self.fixed[*d].unwrap());
            for i in 0..r {
                for j in 0..r {
                    let (p, o) = (&classes.p[*c], &classes.p[*d]);
                    s[i][j] += &factor * (&p[i] * &o[j] + &o[i] * &p[j]);
                }
            }
        }
        // The best of some M, each with the least h with which the matrix is positive semidefinite.
        let squared = g * g;
        let least = least_shift(&s);
        let steps: Vec<IBig> = if b.iter().all(|x| *x == big(0)) {
            vec![big(0)]
        } else {
            let size = usize::BITS as usize + s.iter().chain([&b]).flatten().map(IBig::bit_len).max().unwrap_or(0);
            (0..size.min(160)).step_by(3).map(|bits| abs(&rng.big(bits as u32)) + big(1)).collect()
        };
        let candidates = steps.into_iter().map(|step| {
            let m = &least + step;
            let h = least_corner(&m, &s, &b, q);
            // h ≤ 2·Q·G²·Λ − Q·G²·κ·widths − G²·M
            let rest = Q::int(&(h + &squared * &m)) + Q::int(&(q * &squared * &kappa)) * widths.clone();
            (rest * Q::new(big(1), big(2) * q * &squared), m)
        });
        let (peak, m) = candidates.reduce(|one, other| if other.0.lt(&one.0) { other } else { one }).unwrap();
        self.add_leaf(format!("e {m}{}", words(&numbers)), peak, &products);
    }

    /// Products of fixed classes, by chance.
    fn products(&self, rng: &mut Rng) -> Vec<(IBig, usize, usize)> {
        let fixed: Vec<usize> = (0..self.fixed.len()).filter(|&c| self.fixed[c].is_some()).collect();
        let mut products = Vec::new();
        for (at, &c) in fixed.iter().enumerate() {
            for &d in &fixed[at + 1..] {
                if !rng.chance(60) {
                    products.push((abs(&rng.big(6)) + big(1), c, d));
                }
            }
        }
        products
    }

    fn quartic_leaf(&mut self, rng: &mut Rng) {
        let [k1, k2, _] = self.problem.activation;
        let heights: Vec<IBig> = (0..self.fixed.len()).map(|c| self.height(c)).collect();
        let products = self.products(rng);
        let region = Region {
            p: &self.classes.p,
            w: &self.classes.w,
            fixed: &self.fixed,
            exponents: heights.iter().map(|height| exponent(height, &self.t)).collect(),
            heights,
            kappa: big(k2 - k1),
            linear: self.classes.l.iter().map(|l| l * big(k1 + k2)).collect(),
            t: self.t.clone(),
            halves: &self.halves,
        };
        let (line, peak) = region.leaf(rng, &products);
        self.add_leaf(line, peak, &products);
    }

    fn add_leaf(&mut self, mut line: String, peak: Q, products: &[(IBig, usize, usize)]) {
        if self.peak.lt(&peak) {
            self.peak = peak;
        }
        if !products.is_empty() {
            let words: String = products.iter().map(|(n, c, d)| format!(" {n} {c} {d}")).collect();
            line += &format!(" {}{words}", products.len());
        }
        self.products += products.len();
        self.lines.push(line);
    }
}

/// A proof of which at least one sign has a tree of rows, and the number of products in its leaves. The hidden bias of the
/// problem is not undecayed.
pub fn build(rng: &mut Rng, problem: &Problem, v: &[IBig], networks: &[(&str, Net)], shape: Shape) -> (Proof, usize) {
    let of_rows = rng.range(1, 3);
    let mut sections: Vec<String> = Vec::new();
    let mut peak = Q::int(&big(0));
    let mut products = 0;
    // The longest (Q°)², times E².
    let mut longest = big(0);
    for (bit, (sign, word)) in [(1, "+"), (-1, "-")].into_iter().enumerate() {
        if of_rows >> bit & 1 == 0 {
            let build = Build { problem, v: v.to_vec(), depth: shape.depth.min(2), exceptions: 40 };
            build.fan(rng, sign, word, &mut sections, &mut Vec::new(), &mut Vec::new(), &mut longest);
            continue;
        }
        let classes = Classes::new(problem, sign, v);
        let fixed = vec![None; classes.p.len()];
        let small = |rng: &mut Rng| big(rng.pick(&[1, 1, 2, 7, 1000]));
        let longest: IBig = classes.p.iter().flatten().map(abs).max().unwrap_or(big(1));
        let q = if rng.chance(70) { big(rng.range(1, 99)) * longest } else { small(rng) };
        let (t, g) = (small(rng), small(rng));
        let lines = vec![format!("rows {word} {q} {t} {g}")];
        let mut tree = Tree { problem, classes, q, t, g, fixed, halves: Vec::new(), shape, lines, products, peak };
        tree.grow(rng, 0);
        (peak, products) = (tree.peak, tree.products);
        sections.extend(tree.lines);
    }
    // The least B for which Λ = βn·B·2·kd·DX/(βd·A) is at least `peak`, and longest ≤ Λ².
    let beta = problem.beta();
    let a = big(rng.pick(&[1, 3, 1_000_003]));
    let unit = Q::new(&beta.0 * big(2 * problem.activation[2]) * &problem.dx, &beta.1 * &a);
    let of_rows = ceil_div(&(&peak.0 * &unit.1), &(&peak.1 * &unit.0));
    let mut b = of_rows.max(IBig::from((&longest * &unit.1 * &unit.1 / (&unit.0 * &unit.0)).unsigned_abs().sqrt()));
    b = b.max(big(1));
    while &b * &b * &unit.0 * &unit.0 < &longest * &unit.1 * &unit.1 {
        b += big(1);
    }
    let mut lines = vec!["relucert-proof 2".to_owned()];
    lines.extend(problem.statement());
    for (role, net) in networks {
        lines.extend(problem.network_lines(role, net));
    }
    lines.push(format!("bound {}", problem.dual_value(&a, &b, v)));
    lines.push("verdict undecided 1 100".to_owned());
    lines.push(format!("dual {a} {b}"));
    lines.extend(v.iter().map(|v| format!("v {v}")));
    if v.iter().any(|v| *v != big(0)) {
        lines.extend(sections);
    }
    lines.push("end".to_owned());
    (Proof { lines }, products)
}

/// Whether (★) fails for a sign at one of many directions, as it does not if a proof with these numbers is accepted.
pub fn is_refuted(rng: &mut Rng, problem: &Problem, v: &[IBig], (a, b): (&IBig, &IBig)) -> bool {
    let beta = problem.beta();
    let peak = Q::new(&beta.0 * b * big(2 * problem.activation[2]) * &problem.dx, &beta.1 * a);
    let [k1, k2, _] = problem.activation;
    [1, -1].into_iter().any(|sign| {
        let classes = Classes::new(problem, sign, v);
        let r = problem.r();
        let mut starts: Vec<Vec<IBig>> = (0..6).map(|_| (0..r).map(|_| rng.big(8)).collect()).collect();
        starts.extend(classes.p.iter().cloned());
        starts.into_iter().any(|mut u| {
            // The gradient of H leads uphill.
            (0..4).any(|_| {
                let mut gradient: Vec<IBig> = classes.l.iter().map(|l| l * big(k1 + k2)).collect();
                for (p, w) in classes.p.iter().zip(&classes.w) {
                    let side = if dot(p, &u) < big(0) { big(-1) } else { big(1) };
                    (0..r).for_each(|i| gradient[i] += big(k2 - k1) * w * &side * &p[i]);
                }
                let height = dot(&gradient, &u);
                let is_above = height > big(0) && {
                    let (left, right) = (&height * &peak.1, &peak.0);
                    &left * &left > right * right * dot(&u, &u)
                };
                u = gradient;
                is_above
            })
        })
    })
}

/// A random proof, its problem and the integers V, and the number of products. The numbers have up to `bits` bits.
pub fn case(seed: u64, bits: u32, shape: Shape) -> (Proof, Problem, Vec<IBig>, usize) {
    let mut rng = Rng(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
    let (problem, v) = loop {
        let (problem, v) = random_problem(&mut rng, bits, (1, 6));
        if !problem.is_undecayed() {
            break (problem, v);
        }
    };
    let neurons = rng.range(0, 2) as usize;
    let networks = [("given", random_net(&mut rng, &problem, neurons, bits))];
    let (proof, products) = build(&mut rng, &problem, &v, &networks, shape);
    (proof, problem, v, products)
}

/// A and B of the dual vector.
pub fn scale(proof: &Proof) -> (IBig, IBig) {
    let line = &proof.lines[proof.find("dual")];
    let tokens: Vec<&str> = line.split(' ').collect();
    (tokens[1].parse().unwrap(), tokens[2].parse().unwrap())
}
