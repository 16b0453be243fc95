//! Makes small proofs, sharp everywhere: one unit less anywhere and they prove nothing.
//!
//! Written from FORMAT.md with the plainest arithmetic there is, as a second reading of it beside the checker's.

#![allow(dead_code, clippy::unwrap_used, clippy::panic, clippy::arithmetic_side_effects)]

use std::fmt;
use std::ops::{Add, Mul, Sub};

use dashu_int::IBig;
use dashu_int::ops::{Gcd, SquareRoot, UnsignedAbs};
use relucert_checker::{CheckError, Reason, Theorem, check_reader};

pub mod quartic;
pub mod rows;

/// The proof with `old`, which occurs exactly once, replaced.
pub fn edited(text: &str, old: &str, new: &str) -> String {
    assert_eq!(text.matches(old).count(), 1, "{old:?}");
    text.replace(old, new)
}

/// Why, in which line and in which words a proof is rejected.
pub fn rejected(text: &str) -> (Reason, u64, String) {
    match check_reader(text.as_bytes()) {
        Err(CheckError::Rejected { line, reason, text }) => (reason, line, text),
        other => panic!("{other:?}\n{text}"),
    }
}

pub fn big(x: i64) -> IBig {
    IBig::from(x)
}

pub fn gcd(a: &IBig, b: &IBig) -> IBig {
    if *a == big(0) && *b == big(0) { big(0) } else { IBig::from(a.gcd(b)) }
}

pub fn abs(x: &IBig) -> IBig {
    IBig::from(x.clone().unsigned_abs())
}

pub fn ceil_div(a: &IBig, b: &IBig) -> IBig {
    let q = a / b;
    if &q * b < *a { q + big(1) } else { q }
}

pub fn dot(a: &[IBig], b: &[IBig]) -> IBig {
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

/// A rational in lowest terms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Q(pub IBig, pub IBig);

impl Q {
    pub fn new(p: IBig, q: IBig) -> Q {
        let g = gcd(&p, &q);
        let g = if q < big(0) { -g } else { g };
        Q(p / &g, q / g)
    }
    pub fn int(x: &IBig) -> Q {
        Q(x.clone(), big(1))
    }
    pub fn lt(&self, other: &Q) -> bool {
        &self.0 * &other.1 < &other.0 * &self.1
    }
}

impl Add for Q {
    type Output = Q;
    fn add(self, o: Q) -> Q {
        Q::new(&self.0 * &o.1 + &o.0 * &self.1, self.1 * o.1)
    }
}

impl Sub for Q {
    type Output = Q;
    fn sub(self, o: Q) -> Q {
        Q::new(&self.0 * &o.1 - &o.0 * &self.1, self.1 * o.1)
    }
}

impl Mul for Q {
    type Output = Q;
    fn mul(self, o: Q) -> Q {
        Q::new(self.0 * o.0, self.1 * o.1)
    }
}

impl fmt::Display for Q {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.0, self.1)
    }
}

/// A small generator of pseudo-random numbers (xorshift64*).
pub struct Rng(pub u64);

impl Rng {
    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }
    /// A number from `from` to `to`.
    pub fn range(&mut self, from: i64, to: i64) -> i64 {
        from + (self.next() >> 11) as i64 % (to - from + 1)
    }
    pub fn chance(&mut self, percent: i64) -> bool {
        self.range(0, 99) < percent
    }
    pub fn pick<T: Clone>(&mut self, list: &[T]) -> T {
        list[self.range(0, list.len() as i64 - 1) as usize].clone()
    }
    /// An integer of up to `bits` bits.
    pub fn big(&mut self, bits: u32) -> IBig {
        let mut x = big(0);
        for _ in 0..bits.div_ceil(32) {
            x = (x << 32) + IBig::from(self.next() >> 32);
        }
        let x = x >> (bits.div_ceil(32) * 32 - bits) as usize;
        if self.chance(50) { -x } else { x }
    }
}

/// A training problem: FORMAT.md §2.
#[derive(Clone, Debug)]
pub struct Problem {
    pub activation: [i64; 3],
    pub loss: &'static str,
    pub decay: &'static str,
    pub lambda: (i64, i64),
    pub hidden: &'static str,
    pub output: &'static str,
    pub dx: IBig,
    pub dy: IBig,
    /// (Y, rows) of each sample.
    pub samples: Vec<(IBig, Vec<Vec<IBig>>)>,
    /// Vectors on which all rows vanish.
    pub lines: Vec<Vec<IBig>>,
}

/// A network: (A, W, B) of each neuron, DW, DA, C, DC.
#[derive(Clone, Debug)]
pub struct Net {
    pub neurons: Vec<(IBig, Vec<IBig>)>,
    pub dw: IBig,
    pub da: IBig,
    pub c: IBig,
    pub dc: IBig,
}

impl Problem {
    pub fn features(&self) -> usize {
        self.samples[0].1[0].len()
    }
    pub fn r(&self) -> usize {
        self.features() + usize::from(self.hidden != "none")
    }
    pub fn n(&self) -> usize {
        self.samples.len()
    }
    pub fn is_undecayed(&self) -> bool {
        self.hidden == "undecayed"
    }
    /// Makes DX and DY least.
    pub fn canonical(mut self) -> Problem {
        let mut gx = self.dx.clone();
        let mut gy = self.dy.clone();
        for (y, rows) in &self.samples {
            gy = gcd(&gy, y);
            rows.iter().flatten().for_each(|a| gx = gcd(&gx, a));
        }
        self.dx /= &gx;
        self.dy /= &gy;
        for (y, rows) in &mut self.samples {
            *y /= &gy;
            rows.iter_mut().flatten().for_each(|a| *a /= &gx);
        }
        self
    }
    /// 2c
    pub fn twice_c(&self) -> Q {
        let n = big(self.n() as i64);
        match self.loss {
            "half-sum" => Q::int(&big(1)),
            "sum" => Q::int(&big(2)),
            "mean" => Q::new(big(2), n),
            _ => Q::new(big(1), n),
        }
    }
    pub fn mu(&self) -> Q {
        let (p, q) = self.lambda;
        if self.decay == "ridge" { Q::new(big(p), big(q)) } else { Q::new(big(p), big(2 * q)) }
    }
    /// μ/c
    pub fn beta(&self) -> Q {
        let c = self.twice_c();
        self.mu() * Q::new(big(2) * c.1, c.0)
    }
    /// (ξ, sample) of each row.
    pub fn rows(&self) -> Vec<(Vec<IBig>, usize)> {
        let mut all = Vec::new();
        for (s, (_, rows)) in self.samples.iter().enumerate() {
            for row in rows {
                let mut xi = row.clone();
                if self.hidden != "none" {
                    xi.push(self.dx.clone());
                }
                all.push((xi, s));
            }
        }
        all
    }
    pub fn statement(&self) -> Vec<String> {
        let [k1, k2, kd] = self.activation;
        let (p, q) = self.lambda;
        let count: usize = self.samples.iter().map(|s| s.1.len()).sum();
        let mut lines = vec![
            format!("activation {k1} {k2} {kd}"),
            format!("loss {}", self.loss),
            format!("decay {} {p} {q}", self.decay),
            format!("hidden-bias {}", self.hidden),
            format!("output-bias {}", self.output),
            format!("data {} {count} {} {} {}", self.n(), self.features(), self.dx, self.dy),
        ];
        for (y, rows) in &self.samples {
            for (i, row) in rows.iter().enumerate() {
                let start = if i == 0 { format!("s {y}") } else { "+".to_owned() };
                lines.push(start + &words(row));
            }
        }
        lines
    }
    /// The objective of a network, straight from the definition.
    pub fn objective(&self, net: &Net) -> Q {
        let [k1, k2, kd] = self.activation;
        let mut sum = Q::int(&big(0));
        for (y, rows) in &self.samples {
            let mut f = Q::new(net.c.clone(), net.dc.clone());
            for row in rows {
                for (a, w) in &net.neurons {
                    let mut t = Q::int(&big(0));
                    for (x, w) in row.iter().zip(w) {
                        t = t + Q::new(x * w, &self.dx * &net.dw);
                    }
                    if self.hidden != "none" {
                        t = t + Q::new(w[row.len()].clone(), net.dw.clone());
                    }
                    let slope = if t.0 > big(0) { k2 } else { k1 };
                    f = f + Q::new(a.clone(), net.da.clone()) * Q::new(big(slope), big(kd)) * t;
                }
            }
            let residual = f - Q::new(y.clone(), self.dy.clone());
            sum = sum + residual.clone() * residual;
        }
        let mut squares = Q::int(&big(0));
        for (a, w) in &net.neurons {
            squares = squares + Q::new(a * a, &net.da * &net.da);
            let decayed = if self.is_undecayed() { self.features() } else { w.len() };
            for w in &w[..decayed] {
                squares = squares + Q::new(w * w, &net.dw * &net.dw);
            }
        }
        if self.output == "decayed" {
            squares = squares + Q::new(&net.c * &net.c, &net.dc * &net.dc);
        }
        self.twice_c() * Q::new(big(1), big(2)) * sum + self.mu() * squares
    }
    pub fn network_lines(&self, role: &str, net: &Net) -> Vec<String> {
        let mut lines = vec![format!("network {role} {} {} {} {}", net.neurons.len(), net.dw, net.da, net.dc)];
        for (a, w) in &net.neurons {
            lines.push(format!("n {a}") + &words(w));
        }
        if self.output != "none" {
            lines.push(format!("c {}", net.c));
        }
        lines.push(format!("objective {}", self.objective(net)));
        lines
    }
    /// 2c·D(v) for v = V·a/b.
    pub fn dual_value(&self, a: &IBig, b: &IBig, v: &[IBig]) -> Q {
        let mut value = Q::int(&big(0));
        let mut total = Q::int(&big(0));
        for (v, (y, _)) in v.iter().zip(&self.samples) {
            let v = Q::new(v * a, b.clone());
            value = value + v.clone() * Q::new(y.clone(), self.dy.clone());
            value = value - Q::new(big(1), big(2)) * v.clone() * v.clone();
            total = total + v;
        }
        if self.output == "decayed" {
            let beta = self.beta();
            value = value - total.clone() * total * Q::new(beta.1, big(2) * beta.0);
        }
        self.twice_c() * value
    }
}

pub fn words(row: &[IBig]) -> String {
    row.iter().map(|x| format!(" {x}")).collect()
}

/// The classes of a problem for one sign and dual vector.
pub struct Classes {
    pub p: Vec<Vec<IBig>>,
    pub w: Vec<IBig>,
    pub l: Vec<IBig>,
}

impl Classes {
    pub fn new(problem: &Problem, sign: i64, v: &[IBig]) -> Classes {
        let mut classes = Classes { p: Vec::new(), w: Vec::new(), l: vec![big(0); problem.r()] };
        for (xi, s) in problem.rows() {
            let g = xi.iter().fold(big(0), |g, x| gcd(&g, x));
            if g == big(0) {
                continue;
            }
            let first = xi.iter().find(|x| **x != big(0)).unwrap();
            let m = if *first < big(0) { -g } else { g };
            let p: Vec<IBig> = xi.iter().map(|x| x / &m).collect();
            let weight = big(sign) * &v[s];
            for (l, x) in classes.l.iter_mut().zip(&xi) {
                *l += &weight * x;
            }
            match classes.p.iter().position(|q| *q == p) {
                Some(c) => classes.w[c] += &weight * abs(&m),
                None => {
                    classes.p.push(p);
                    classes.w.push(weight * abs(&m));
                }
            }
        }
        classes
    }

    /// The right side of condition 1 at g, times G, with the slopes `slope`/G of all concave classes.
    pub fn right_side(&self, problem: &Problem, g: &[IBig], big_g: &IBig, slopes: &[IBig]) -> IBig {
        let [k1, k2, _] = problem.activation;
        let mut bent = big(0);
        for ((p, w), slope) in self.p.iter().zip(&self.w).zip(slopes) {
            let t = dot(p, g);
            bent += if *w < big(0) { w * slope * t } else { w * big_g * abs(&t) };
        }
        big_g * big(k1 + k2) * dot(&self.l, g) + big(k2 - k1) * bent
    }

    /// The slopes (times G) that a leaf has on a cone.
    pub fn slopes(&self, cone: &[Vec<IBig>], q: &[IBig], big_g: &IBig, exceptions: &[(usize, IBig)]) -> Vec<IBig> {
        let mut slopes = Vec::new();
        for (c, p) in self.p.iter().enumerate() {
            let plus = cone.iter().all(|g| dot(p, g) >= big(0));
            let minus = cone.iter().all(|g| dot(p, g) <= big(0));
            let sign = if plus {
                1
            } else if minus {
                -1
            } else if dot(p, q) >= big(0) {
                1
            } else {
                -1
            };
            let exception = exceptions.iter().find(|e| e.0 == c).map(|e| e.1.clone());
            slopes.push(exception.unwrap_or(big_g * big(sign)));
        }
        slopes
    }
}

/// d with d·rows_j = values_j·det, for the rows of a regular matrix; det ≠ 0 is returned too.
pub fn solve(rows: &[Vec<IBig>], values: &[IBig]) -> Option<Vec<IBig>> {
    let size = rows.len();
    let mut m: Vec<Vec<Q>> =
        rows.iter().zip(values).map(|(row, value)| row.iter().chain([value]).map(Q::int).collect()).collect();
    for column in 0..size {
        let pivot = (column..size).find(|&i| m[i][column].0 != big(0))?;
        m.swap(column, pivot);
        let inverse = Q::new(m[column][column].1.clone(), m[column][column].0.clone());
        for x in &mut m[column] {
            *x = x.clone() * inverse.clone();
        }
        for i in 0..size {
            if i != column {
                let factor = m[i][column].clone();
                let pivot_row = m[column].clone();
                for (x, p) in m[i].iter_mut().zip(pivot_row) {
                    *x = x.clone() - factor.clone() * p;
                }
            }
        }
    }
    // Multiplied by the common denominator, and divided by the common divisor.
    let common = m.iter().fold(big(1), |c, row| &c / gcd(&c, &row[size].1) * &row[size].1);
    let d: Vec<IBig> = m.iter().map(|row| &row[size].0 * (&common / &row[size].1)).collect();
    let divisor = d.iter().fold(big(0), |g, x| gcd(&g, x));
    Some(d.iter().map(|x| x / &divisor).collect())
}

/// The lines of a proof, with the places of interest.
#[derive(Clone, Debug, Default)]
pub struct Proof {
    pub lines: Vec<String>,
}

impl Proof {
    pub fn text(&self) -> String {
        self.lines.iter().map(|line| format!("{line}\n")).collect()
    }
    pub fn check(&self) -> Result<Theorem, CheckError> {
        check_reader(self.text().as_bytes())
    }
    /// The number, from 0, of the first line that starts with `start`.
    pub fn find(&self, start: &str) -> usize {
        self.lines.iter().position(|line| line.starts_with(start)).unwrap_or_else(|| panic!("no line {start}"))
    }
    pub fn replace(&self, at: usize, line: impl Into<String>) -> Proof {
        let mut copy = self.clone();
        copy.lines[at] = line.into();
        copy
    }
    /// Adds `delta` to token `token` of line `at`.
    pub fn add(&self, at: usize, token: usize, delta: i64) -> Proof {
        let mut tokens: Vec<String> = self.lines[at].split(' ').map(str::to_owned).collect();
        let x: IBig = tokens[token].parse().unwrap();
        tokens[token] = (x + big(delta)).to_string();
        self.replace(at, tokens.join(" "))
    }
    pub fn reason(&self) -> Option<Reason> {
        self.check().err().map(|error| error.reason().unwrap_or_else(|| panic!("{error}")))
    }
}

/// How a proof is built.
pub struct Build<'a> {
    pub problem: &'a Problem,
    pub v: Vec<IBig>,
    /// The deepest tree.
    pub depth: usize,
    /// How often, in percent, a leaf has exceptions.
    pub exceptions: i64,
}

/// What was built.
pub struct Built {
    pub proof: Proof,
    /// The leaves in order: line, and the same leaf with a vector one unit shorter, which does not hold.
    pub leaves: Vec<(usize, Option<String>)>,
    pub shapes: Vec<&'static str>,
}

impl Build<'_> {
    pub fn build(&self, rng: &mut Rng, networks: &[(&str, Net)], verdict: &str) -> Built {
        let problem = self.problem;
        let mut fans: Vec<String> = Vec::new();
        let mut leaves = Vec::new();
        let mut shapes = Vec::new();
        // The longest (Q°)², times E².
        let mut longest = big(0);
        for (sign, word) in [(1, "+"), (-1, "-")] {
            self.fan(rng, sign, word, &mut fans, &mut leaves, &mut shapes, &mut longest);
        }
        // The least B/A (A = 1 or 3) with longest·(A·βd)² ≤ (βn·B·2·kd·DX)².
        let beta = problem.beta();
        let a = big(rng.pick(&[1, 3]));
        let left = longest * &a * &a * &beta.1 * &beta.1;
        let unit = &beta.0 * big(2 * problem.activation[2]) * &problem.dx;
        let mut b = ceil_div(&IBig::from(left.clone().unsigned_abs().sqrt()), &unit);
        while &b * &b * &unit * &unit < left {
            b += big(1);
        }
        if b == big(0) {
            b = big(1);
        }
        let mut lines = vec!["relucert-proof 1".to_owned()];
        lines.extend(problem.statement());
        for (role, net) in networks {
            lines.extend(problem.network_lines(role, net));
        }
        lines.push(format!("bound {}", problem.dual_value(&a, &b, &self.v)));
        lines.push(format!("verdict {verdict}"));
        lines.push(format!("dual {a} {b}"));
        lines.extend(self.v.iter().map(|v| format!("v {v}")));
        let offset = lines.len();
        if self.v.iter().any(|v| *v != big(0)) {
            lines.extend(fans);
        }
        lines.push("end".to_owned());
        Built {
            proof: Proof { lines },
            leaves: leaves.into_iter().map(|(line, shorter)| (line + offset, shorter)).collect(),
            shapes,
        }
    }

    #[allow(clippy::too_many_arguments)]
    fn fan(
        &self,
        rng: &mut Rng,
        sign: i64,
        word: &str,
        lines: &mut Vec<String>,
        leaves: &mut Vec<(usize, Option<String>)>,
        shapes: &mut Vec<&'static str>,
        longest: &mut IBig,
    ) {
        let problem = self.problem;
        let (r, z) = (problem.r(), problem.lines.len());
        let k = r - z;
        let classes = Classes::new(problem, sign, &self.v);
        let [k1, k2, _] = problem.activation;
        let is_even = classes.l.iter().all(|l| l * big(k1 + k2) == big(0));
        let mut allowed = vec!["orthants"];
        if is_even {
            allowed.extend(["half", "half"]);
        }
        if !problem.is_undecayed() {
            allowed.push("simplex");
        }
        let shape = rng.pick(&allowed);
        shapes.push(shape);
        let basis = loop {
            let mut basis: Vec<Vec<IBig>> = (0..k).map(|_| (0..r).map(|_| big(rng.range(-2, 2))).collect()).collect();
            if problem.is_undecayed() {
                basis[k - 1] = (0..r).map(|j| big(i64::from(j == r - 1))).collect();
            }
            let all: Vec<Vec<IBig>> = basis.iter().chain(&problem.lines).cloned().collect();
            if solve(&all, &vec![big(1); r]).is_some() {
                break basis;
            }
        };
        let e =
            std::env::var("E").map_or_else(|_| big(rng.pick(&[1, 1, 2, 7])), |e| big(1) << e.parse::<usize>().unwrap());
        lines.push(format!("fan {word} {shape} {k} {z} {e}"));
        lines.extend(basis.iter().map(|b| format!("b{}", words(b))));
        lines.extend(problem.lines.iter().map(|l| format!("z{}", words(l))));
        let minus = |v: &[IBig]| -> Vec<IBig> { v.iter().map(|x| -x).collect() };
        let roots: Vec<Vec<Vec<IBig>>> = match shape {
            "simplex" => {
                let mut all = basis.clone();
                all.push((0..r).map(|j| -basis.iter().map(|b| b[j].clone()).sum::<IBig>()).collect());
                (0..=k).map(|t| (0..=k).filter(|i| *i != t).map(|i| all[i].clone()).collect()).collect()
            }
            _ => (0..if shape == "half" { 1 << (k - 1) } else { 1 << k })
                .map(|t: usize| {
                    (0..k).map(|j| if t >> j & 1 == 1 { minus(&basis[j]) } else { basis[j].clone() }).collect()
                })
                .collect(),
        };
        for cone in roots {
            // d is positive on the generators of the root (and so on all cones in it), and 0 on the lines.
            let mut rows = cone.clone();
            rows.extend(problem.lines.iter().cloned());
            let mut values = vec![big(1); k];
            values.resize(r, big(0));
            let mut lift = None;
            if problem.is_undecayed() {
                values[k - 1] = big(0);
                lift = Some(cone[k - 1][r - 1].clone());
            }
            let mut d = solve(&rows, &values).unwrap_or_else(|| panic!("no d"));
            if rows.iter().zip(&values).any(|(row, value)| *value > big(0) && dot(&d, row) <= big(0)) {
                d = minus(&d);
            }
            let leaf = Shape { classes: &classes, d, lift, e: e.clone() };
            self.tree(rng, &leaf, cone, 0, lines, leaves, longest);
        }
    }

    #[allow(clippy::too_many_arguments)]
    fn tree(
        &self,
        rng: &mut Rng,
        shape: &Shape<'_>,
        cone: Vec<Vec<IBig>>,
        depth: usize,
        lines: &mut Vec<String>,
        leaves: &mut Vec<(usize, Option<String>)>,
        longest: &mut IBig,
    ) {
        if depth < self.depth && cone.len() > 1 && rng.chance(70) {
            let j = rng.range(0, cone.len() as i64 - 1) as usize;
            let k = (j + rng.range(1, cone.len() as i64 - 1) as usize) % cone.len();
            let (a, b) = (rng.range(1, 4), rng.range(1, 4));
            lines.push(format!("/ {j} {k} {a} {b}"));
            let p: Vec<IBig> = cone[j].iter().zip(&cone[k]).map(|(x, y)| big(a) * x + big(b) * y).collect();
            for place in [j, k] {
                let mut child = cone.clone();
                child[place] = p.clone();
                self.tree(rng, shape, child, depth + 1, lines, leaves, longest);
            }
            return;
        }
        let problem = self.problem;
        let classes = shape.classes;
        let mut big_g = big(1);
        let mut exceptions = Vec::new();
        if shape.lift.is_none() && rng.chance(self.exceptions) {
            big_g = big(rng.range(1, 9));
            for (c, w) in classes.w.iter().enumerate() {
                if *w < big(0) && rng.chance(60) {
                    let most = i64::try_from(&big_g).unwrap();
                    exceptions.push((c, big(rng.range(-most, most))));
                }
            }
            if exceptions.is_empty() {
                big_g = big(1);
            }
        }
        // The last entry only serves to choose slopes where there is a lift: there all slopes are its sign.
        let full = |t: &IBig| -> Vec<IBig> {
            let mut q: Vec<IBig> = shape.d.iter().map(|x| x * t).collect();
            if let Some(lift) = &shape.lift {
                let most = classes.p.iter().flatten().chain(&q).fold(big(1), |m, x| m.max(abs(x)));
                let last = q.len() - 1;
                q[last] = lift * &most * &most * big(q.len() as i64);
            }
            q
        };
        let slopes = classes.slopes(&cone, &full(&big(1)), &big_g, &exceptions);
        let mut t = big(1);
        for g in &cone {
            let right = classes.right_side(problem, g, &big_g, &slopes);
            let unit = &shape.e * &big_g * dot(&shape.d, g);
            if shape.lift.is_some() && unit == big(0) {
                assert!(right <= big(0), "the row sum has to vanish: {right}");
            } else {
                t = t.max(ceil_div(&right, &unit));
            }
        }
        let line = |t: &IBig| {
            let mut line = format!("q{}", words(&full(t)));
            if !exceptions.is_empty() {
                line += &format!(" {big_g}");
                exceptions.iter().for_each(|(c, n)| line += &format!(" {c} {n}"));
            }
            line
        };
        leaves.push((lines.len(), (t > big(1)).then(|| line(&(&t - big(1))))));
        lines.push(line(&t));
        let q = full(&t);
        let counted = if shape.lift.is_some() { q.len() - 1 } else { q.len() };
        let squares: IBig = q[..counted].iter().map(|x| x * x).sum();
        let size = squares * &shape.e * &shape.e;
        *longest = longest.clone().max(size);
    }
}

/// What the leaves of a root have in common.
struct Shape<'a> {
    classes: &'a Classes,
    d: Vec<IBig>,
    lift: Option<IBig>,
    e: IBig,
}

/// A random problem with `from` to `to` samples, and a dual vector. `bits` is the size of its numbers.
pub fn random_problem(rng: &mut Rng, bits: u32, (from, to): (i64, i64)) -> (Problem, Vec<IBig>) {
    let hidden = rng.pick(&["none", "decayed", "undecayed"]);
    let output = rng.pick(&["none", "decayed", "free"]);
    let mut features = rng.range(1, 3) as usize;
    let duplicate = features > 1 && rng.chance(30);
    let n = rng.range(from, to) as usize;
    let mirror = hidden == "none" && rng.chance(30);
    let groups = mirror || rng.chance(30);
    let mut samples = Vec::new();
    for s in 0..n {
        let count = if groups { rng.range(1, 3) as usize } else { 1 };
        let mut rows: Vec<Vec<IBig>> = (0..count)
            .map(|_| (0..features).map(|_| if rng.chance(15) { big(0) } else { rng.big(bits) }).collect())
            .collect();
        if rng.chance(25) && s > 0 {
            // A row parallel to an earlier one.
            let (_, earlier): &(IBig, Vec<Vec<IBig>>) = &samples[0];
            let factor = big(rng.range(-3, 3));
            rows[0] = earlier[0].iter().map(|x| x * &factor).collect();
        }
        if mirror {
            let opposite: Vec<Vec<IBig>> = rows.iter().map(|row| row.iter().map(|x| -x).collect()).collect();
            rows.extend(opposite);
        }
        samples.push((rng.big(bits), rows));
    }
    let mut lines = Vec::new();
    if duplicate {
        for (_, rows) in &mut samples {
            for row in rows {
                row[features - 1] = row[0].clone();
            }
        }
        let r = features + usize::from(hidden != "none");
        let mut z = vec![big(0); r];
        z[0] = big(1);
        z[features - 1] = big(-1);
        lines.push(z);
    }
    if features == 1 && hidden == "undecayed" {
        features = 1; // r = 2, the smallest there is with an undecayed bias
    }
    let problem = Problem {
        activation: rng.pick(&[[0, 1, 1], [1, 10, 10], [-1, 1, 1], [-3, 2, 5], [1, 1, 1]]),
        loss: rng.pick(&["half-sum", "sum", "mean", "half-mean"]),
        decay: rng.pick(&["weight-decay", "ridge"]),
        lambda: rng.pick(&[(1, 10), (3, 7), (2, 1), (1, 1)]),
        hidden,
        output,
        dx: abs(&rng.big(bits.min(8))) + big(1),
        dy: abs(&rng.big(bits.min(8))) + big(1),
        samples,
        lines,
    }
    .canonical();
    assert_eq!(problem.features(), features);
    let v = random_dual(rng, &problem, bits);
    (problem, v)
}

/// A dual vector that keeps the constraints of the problem.
pub fn random_dual(rng: &mut Rng, problem: &Problem, bits: u32) -> Vec<IBig> {
    let n = problem.n();
    let counts: Vec<i64> = problem.samples.iter().map(|s| s.1.len() as i64).collect();
    let uniform = counts.iter().all(|c| *c == counts[0]);
    let (free, undecayed) = (problem.output == "free", problem.is_undecayed());
    let mut v = vec![big(0); n];
    for _ in 0..n {
        let scale = rng.big(bits);
        let pick: Vec<usize> = (0..3).map(|_| rng.range(0, n as i64 - 1) as usize).collect();
        let (a, b, c) = (pick[0], pick[1], pick[2]);
        let mut add = |i: usize, x: i64| v[i] += big(x) * &scale;
        if free && undecayed && !uniform {
            add(a, counts[b] - counts[c]);
            add(b, counts[c] - counts[a]);
            add(c, counts[a] - counts[b]);
        } else if free || (undecayed && uniform) {
            add(a, 1);
            add(b, -1);
        } else if undecayed {
            add(a, counts[b]);
            add(b, -counts[a]);
        } else {
            add(a, 1);
        }
    }
    v
}

pub fn random_net(rng: &mut Rng, problem: &Problem, neurons: usize, bits: u32) -> Net {
    let positive = |rng: &mut Rng| abs(&rng.big(bits)) + big(1);
    let has_output = problem.output != "none";
    Net {
        neurons: (0..neurons).map(|_| (rng.big(bits), (0..problem.r()).map(|_| rng.big(bits)).collect())).collect(),
        dw: positive(rng),
        da: positive(rng),
        c: if has_output { rng.big(bits) } else { big(0) },
        dc: if has_output { positive(rng) } else { big(1) },
    }
}
