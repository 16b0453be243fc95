//! Problems with a known optimum, and sharp proofs of it.
//!
//! The rows of the data are orthogonal integer vectors ξ_i of one length g, so that with t_i = ξ_i·u/g the left side of
//! (★) is (g/DX)·Σ v_i φ(t_i). For max(κ1, −κ1) ≤ κ2 its maximum over the unit sphere is that of the vectors h_i(v) of the
//! orthants, and if the targets of one sign are a multiple of a vector of integer length, everything is rational: the
//! optimal dual vector is v = τ·y/|y| on each such block, and the optimal network has one neuron a block. The bound of
//! the proof is the objective of its network, and the verdict is `optimal` with tolerance 0.

use dashu_int::IBig;

use crate::document::Document;
use crate::exact::Exact;
use crate::network::{Network, Neuron, Problem};
use crate::planted_rows;
use crate::rng::Rng;

/// A recipe for a planted problem.
#[derive(Debug, Clone)]
pub struct Recipe {
    pub name: &'static str,
    /// Orthogonal rows of the length `length`; with a hidden bias the last column is the bias' and constant.
    pub frame: &'static [&'static [i64]],
    pub length: i64,
    pub has_hidden_bias: bool,
    pub output: &'static str,
    pub activation: [i64; 3],
    pub loss: &'static str,
    pub decay: &'static str,
    /// The targets, times DY: the positive ones and the negative ones each have length `norm`, or there are none.
    pub targets: &'static [i64],
    pub norm: i64,
    pub dx: i64,
    pub dy: i64,
    /// The output weight of the optimal neurons.
    pub alpha: (i64, i64),
    /// A further feature that is 0 everywhere, and so a `z` line.
    pub has_zero_feature: bool,
    pub shape: &'static str,
}

const E2: &[&[i64]] = &[&[1, 0], &[0, 1]];
const E3: &[&[i64]] = &[&[1, 0, 0], &[0, 1, 0], &[0, 0, 1]];
const TURNED: &[&[i64]] = &[&[1, 2, 2], &[2, 1, -2], &[2, -2, 1]];
const HADAMARD: &[&[i64]] = &[&[1, 1, 1, 1], &[-1, 1, -1, 1], &[1, -1, -1, 1], &[-1, -1, 1, 1]];

const PLAIN: Recipe = Recipe {
    name: "planted-plane",
    frame: E2,
    length: 1,
    has_hidden_bias: false,
    output: "none",
    activation: [0, 1, 1],
    loss: "half-sum",
    decay: "weight-decay",
    targets: &[3, 4],
    norm: 5,
    dx: 1,
    dy: 1,
    alpha: (2, 1),
    has_zero_feature: false,
    shape: "orthants",
};

/// The recipes: every activation, loss, penalty, output bias and root fan for which the closed form holds.
pub const RECIPES: &[Recipe] = &[
    PLAIN,
    Recipe {
        name: "planted-turned",
        frame: TURNED,
        length: 3,
        targets: &[2, 10, 11],
        norm: 15,
        loss: "mean",
        decay: "ridge",
        dx: 2,
        dy: 7,
        alpha: (1, 2),
        ..PLAIN
    },
    Recipe {
        name: "planted-free",
        frame: HADAMARD,
        length: 2,
        targets: &[3, -3, 4, -4],
        norm: 5,
        output: "free",
        loss: "sum",
        dy: 2,
        alpha: (1, 1),
        ..PLAIN
    },
    Recipe {
        name: "planted-biases",
        frame: HADAMARD,
        length: 2,
        has_hidden_bias: true,
        targets: &[5, -12, 12, -5],
        norm: 13,
        output: "decayed",
        loss: "half-mean",
        alpha: (3, 2),
        ..PLAIN
    },
    Recipe {
        name: "planted-abs",
        frame: E3,
        activation: [-1, 1, 1],
        targets: &[6, 10, 15],
        norm: 19,
        loss: "mean",
        decay: "ridge",
        dy: 3,
        shape: "half",
        ..PLAIN
    },
    Recipe {
        name: "planted-leaky",
        activation: [1, 10, 10],
        targets: &[5, 12],
        norm: 13,
        has_zero_feature: true,
        loss: "half-mean",
        alpha: (3, 1),
        ..PLAIN
    },
];

/// A proof of the optimum, and the optimal network.
#[derive(Debug, Clone)]
pub struct Planted {
    pub problem: Problem,
    pub network: Network,
    pub proof: Document,
}

/// How a planted proof departs from the truth, to make a false one; see [`crate::false_claims`].
#[derive(Debug, Clone, Default)]
pub struct Departure {
    /// The dual vector takes all of the negative targets, as if nothing limited it there.
    pub has_loose_negatives: bool,
    /// The same with the positive targets.
    pub has_loose_positives: bool,
    /// Trees of rows (FORMAT.md §5a) stand in the place of fans: of both signs, or of one.
    pub has_rows: [bool; 2],
    /// Their leaves fix all classes, and multipliers of either sign take away all of the linear part.
    pub has_wrong_multipliers: bool,
}

impl Recipe {
    /// The proof; `rng` splits the roots at random.
    #[must_use]
    pub fn plant(&self, rng: &mut Rng, departure: &Departure) -> Planted {
        let problem = self.problem();
        let network = self.network();
        let (scale, dual) = self.dual(departure);
        let version = if departure.has_rows == [false; 2] { 1 } else { 2 };
        let mut lines = vec![format!("relucert-proof {version}")];
        lines.extend(problem.lines());
        // Without its neuron of a sign, the network's objective is D of the vector that is loose at this sign.
        let mut best = network.clone();
        let is_loose =
            |a: &IBig| if *a > IBig::ZERO { departure.has_loose_positives } else { departure.has_loose_negatives };
        best.neurons.retain(|neuron| !is_loose(&neuron.a));
        lines.extend(best.lines(&problem, "best"));
        lines.push(format!("bound {}", dual_value(&problem, &scale, &dual).tokens()));
        lines.push("verdict optimal 0 1".to_owned());
        lines.push(format!("dual {}", scale.tokens()));
        dual.iter().for_each(|v| lines.push(format!("v {v}")));
        for (sign, has_rows) in [1, -1].into_iter().zip(departure.has_rows) {
            lines.extend(if has_rows {
                planted_rows::tree(self, &problem, &scale, &dual, sign, departure.has_wrong_multipliers, rng)
            } else {
                self.fan(rng, sign, &dual)
            });
        }
        lines.push("end".to_owned());
        Planted { problem, network, proof: Document { lines: lines.into_iter().map(String::into_bytes).collect() } }
    }

    /// g/DX
    fn stretch(&self) -> Exact {
        Exact::new(self.length, self.dx)
    }

    /// |y| of a block less the part that the network fits: the length τ of the dual vector there.
    fn tau(&self) -> Exact {
        let alpha = Exact::new(self.alpha.0, self.alpha.1);
        &Exact::new(self.norm, self.dy) - &(&self.stretch() * &(&alpha * &(&alpha * &self.kappa())))
    }

    /// κ2, the slope at which the neurons work.
    fn kappa(&self) -> Exact {
        Exact::new(self.activation[1], self.activation[2])
    }

    fn problem(&self) -> Problem {
        let beta = &(&self.stretch() * &self.kappa()) * &self.tau();
        let width = self.frame[0].len() - usize::from(self.has_hidden_bias);
        let row = |i: usize| {
            let mut row: Vec<IBig> = self.frame[i][..width].iter().map(|&x| IBig::from(x)).collect();
            row.extend(self.has_zero_feature.then_some(IBig::ZERO));
            row
        };
        let mut problem = Problem {
            activation: self.activation.map(IBig::from),
            loss: self.loss.to_owned(),
            decay: self.decay.to_owned(),
            lambda: Exact::int(1),
            hidden: if self.has_hidden_bias { "decayed" } else { "none" }.to_owned(),
            output: self.output.to_owned(),
            features: width + usize::from(self.has_zero_feature),
            dx: self.dx.into(),
            dy: self.dy.into(),
            samples: self.targets.iter().enumerate().map(|(i, &y)| (y.into(), vec![row(i)])).collect(),
        };
        // β = μ/c, and μ = λ or λ/2.
        let mu = &beta * &problem.c();
        problem.lambda = if self.decay == "ridge" { mu } else { &mu * &Exact::int(2) };
        problem
    }

    /// One neuron for each sign of the targets: w = α·Σ y_i ξ_i/(g·|y|), with output weight ±α.
    fn network(&self) -> Network {
        let (p, q) = self.alpha;
        let width = self.frame[0].len() - usize::from(self.has_hidden_bias);
        let mut neurons = Vec::new();
        for sign in [1, -1] {
            let of_sign = |y: i64| (y * sign).max(0);
            if self.targets.iter().all(|&y| of_sign(y) == 0) {
                continue;
            }
            let entry = |j: usize| {
                IBig::from(p * self.targets.iter().zip(self.frame).map(|(&y, row)| of_sign(y) * row[j]).sum::<i64>())
            };
            let mut w: Vec<IBig> = (0..width).map(entry).collect();
            w.extend(self.has_zero_feature.then_some(IBig::ZERO));
            let b = if self.has_hidden_bias { entry(width) } else { IBig::ZERO };
            neurons.push(Neuron { a: (p * sign).into(), w, b });
        }
        let dw = IBig::from(q * self.length * self.norm);
        Network { neurons, dw, da: q.into(), c: IBig::ZERO, dc: IBig::ONE }
    }

    /// A/B and the V_s.
    fn dual(&self, departure: &Departure) -> (Exact, Vec<IBig>) {
        let tau = self.tau();
        let norm = Exact::new(self.norm, self.dy);
        // v = (τ/|y|)·y: V has the factors τ/|y| = part/whole, or 1 where the departure lets it.
        let part = &tau / &norm;
        let (inside, outside) = (part.numerator(), part.denominator());
        let loose = |y: i64| if y > 0 { departure.has_loose_positives } else { departure.has_loose_negatives };
        let dual = self.targets.iter().map(|&y| if loose(y) { outside } else { inside } * IBig::from(y)).collect();
        (Exact::new(1, outside * IBig::from(self.dy)), dual)
    }

    /// The lines of a fan whose basis vectors are the rows: on each orthant every class has one sign.
    fn fan(&self, rng: &mut Rng, sign: i64, dual: &[IBig]) -> Vec<String> {
        let k = self.frame.len();
        let z = usize::from(self.has_zero_feature);
        let [k1, k2, _] = self.activation;
        let vector = |entries: &[IBig]| entries.iter().fold(String::new(), |line, x| line + &format!(" {x}"));
        let basis: Vec<Vec<IBig>> = self
            .frame
            .iter()
            .map(|row| row.iter().map(|&x| IBig::from(x)).chain((z == 1).then_some(IBig::ZERO)).collect())
            .collect();
        let mut lines = vec![format!("fan {} {} {k} {z} 1", if sign > 0 { "+" } else { "-" }, self.shape)];
        lines.extend(basis.iter().map(|row| format!("b{}", vector(row))));
        if z == 1 {
            lines.push(format!("z{} 1", " 0".repeat(k)));
        }
        let roots = if self.shape == "half" { 1 << (k - 1) } else { 1usize << k };
        for root in 0..roots {
            // H(±ξ_i) = 2·κ·sV_i·|ξ_i|² with κ = k2 at ξ_i and −k1 at −ξ_i; Q = Σ ±(2κ sV_i)·ξ_i where that is positive.
            let mut q = vec![IBig::ZERO; k + z];
            for (i, row) in basis.iter().enumerate() {
                let is_opposite = root >> i & 1 == 1;
                let slope = if is_opposite { -k1 } else { k2 };
                let factor = IBig::from(2 * slope * sign) * &dual[i];
                if factor > IBig::ZERO {
                    let factor = if is_opposite { -factor } else { factor };
                    q.iter_mut().zip(row).for_each(|(q, x)| *q += &factor * x);
                }
            }
            let leaf = format!("q{}", vector(&q));
            tree(rng, k, &leaf, 2, &mut lines);
        }
        lines
    }
}

/// A random tree all leaves of which are the same.
fn tree(rng: &mut Rng, k: usize, leaf: &str, depth: usize, lines: &mut Vec<String>) {
    if depth == 0 || k < 2 || rng.chance(60) {
        lines.push(leaf.to_owned());
        return;
    }
    let j = rng.below(k);
    let other = (j + 1 + rng.below(k - 1)) % k;
    lines.push(format!("/ {j} {other} {} {}", 1 + rng.below(3), 1 + rng.below(3)));
    tree(rng, k, leaf, depth - 1, lines);
    tree(rng, k, leaf, depth - 1, lines);
}

/// 2c·D(v) for v = V·scale.
#[must_use]
pub fn dual_value(problem: &Problem, scale: &Exact, dual: &[IBig]) -> Exact {
    let (mut linear, mut square, mut sum) = (IBig::ZERO, IBig::ZERO, IBig::ZERO);
    for (v, (y, _)) in dual.iter().zip(&problem.samples) {
        linear += v * y;
        square += v * v;
        sum += v;
    }
    let mut quadratic = Exact::int(square);
    if problem.output == "decayed" {
        let beta = &problem.mu() / &problem.c();
        quadratic = &quadratic + &(&Exact::int(&sum * &sum) / &beta);
    }
    let linear = scale * &Exact::new(linear, problem.dy.clone());
    let value = &linear - &(&(scale * scale) * &(&quadratic * &Exact::new(1, 2)));
    &(&problem.c() * &Exact::int(2)) * &value
}
