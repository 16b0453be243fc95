//! What the tests of the finder share: problems at random, a slow evaluation of objectives that shares nothing with the library but
//! the number type, a reader for the few lines of a proof that matter here, and plain gradient training.

#![allow(dead_code)]

use std::path::Path;
use std::time::{Duration, Instant};

use num_bigint::BigInt;
use num_traits::{One, Signed, Zero};
use relucert::exact::{Rat, f64_to_rat, parse_ratio, rat_to_f64};
use relucert::problem::{
    Activation, Dataset, Decay, HiddenBias, Loss, Network, OutputBias, Problem,
};
use relucert::run::{Certificate, Method, RunOptions, Trees, Watch};
use relucert_checker::{Theorem, check_path};

pub const HIDDEN: [HiddenBias; 3] = [HiddenBias::None, HiddenBias::Decayed, HiddenBias::Undecayed];
pub const OUTPUT: [OutputBias; 3] = [OutputBias::None, OutputBias::Decayed, OutputBias::Free];
pub const LOSSES: [Loss; 4] = [Loss::HalfSum, Loss::Sum, Loss::Mean, Loss::HalfMean];

/// A decimal or a fraction.
pub fn rat(text: &str) -> Rat {
    parse_ratio(text).expect("a number")
}

pub fn int(x: i64) -> Rat {
    Rat::from(BigInt::from(x))
}

pub fn frac(p: i64, q: i64) -> Rat {
    Rat::new(p.into(), q.into())
}

pub fn from_f64(x: f64) -> Rat {
    f64_to_rat(x).expect("a finite number")
}

pub fn square(x: &Rat) -> Rat {
    x * x
}

/// ReLU, leaky ReLU with both signs of the slope, absolute value, and two linear functions.
pub fn activations() -> Vec<Activation> {
    vec![
        Activation::relu(),
        Activation::leaky(frac(1, 10)).expect("a slope"),
        Activation::leaky(frac(-1, 3)).expect("a slope"),
        Activation::abs(),
        Activation::leaky(int(1)).expect("a slope"),
        Activation {
            low: frac(-1, 2),
            high: frac(-1, 2),
        },
    ]
}

/// SplitMix64.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x1234_5678)
    }

    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// 0 … n−1.
    pub fn below(&mut self, n: usize) -> usize {
        (self.bits() % n as u64) as usize
    }

    /// low … high, both included.
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        low + self.below((high - low + 1) as usize) as i64
    }

    pub fn pick<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[self.below(list.len())]
    }

    pub fn uniform(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1u64 << 53) as f64
    }

    pub fn normal(&mut self) -> f64 {
        (-2.0 * (1.0 - self.uniform()).ln()).sqrt() * (std::f64::consts::TAU * self.uniform()).cos()
    }
}

/// A data set whose rows are gathered in samples: `groups[s]` rows for sample s.
pub fn grouped(x: &[Vec<Rat>], groups: &[usize], y: &[Rat]) -> Dataset {
    assert_eq!(groups.iter().sum::<usize>(), x.len());
    assert_eq!(groups.len(), y.len());
    let mut data = Dataset::from_rows(x, &vec![Rat::zero(); x.len()]).expect("rows");
    let targets = Dataset::from_rows(&x[..y.len()], y).expect("targets");
    data.samples = y.len();
    data.y = targets.y;
    data.y_den = targets.y_den;
    data.sample_of_row = groups
        .iter()
        .enumerate()
        .flat_map(|(s, &rows)| vec![s as u32; rows])
        .collect();
    data
}

/// One row a sample, integer entries.
pub fn integer_data(rows: &[&[i64]], y: &[i64]) -> Dataset {
    let x: Vec<Vec<Rat>> = rows
        .iter()
        .map(|row| row.iter().map(|&a| int(a)).collect())
        .collect();
    let y: Vec<Rat> = y.iter().map(|&a| int(a)).collect();
    Dataset::from_rows(&x, &y).expect("data")
}

/// Half-sum loss with this β.
pub fn half_sum(
    data: Dataset,
    activation: Activation,
    beta: &Rat,
    hidden: HiddenBias,
    output: OutputBias,
) -> Problem {
    Problem::new(
        data,
        activation,
        Loss::HalfSum,
        Decay::WeightDecay(beta.clone()),
        hidden,
        output,
    )
    .expect("a problem")
}

/// The same problem at another λ.
pub fn at_decay(problem: &Problem, lambda: &Rat) -> Problem {
    let mut other = problem.clone();
    other.decay = match &problem.decay {
        Decay::WeightDecay(_) => Decay::WeightDecay(lambda.clone()),
        Decay::Ridge(_) => Decay::Ridge(lambda.clone()),
    };
    other
}

/// The same problem at about this share of the least decay from which on no hidden neuron is needed, whatever the kind of decay; at λ = 1/10 where that is 0.
pub fn at_share(problem: &Problem, share: &Rat) -> Problem {
    let largest = relucert::run::beta_max(problem, &options("1/1000000"))
        .expect("β_max")
        .upper;
    // The upper end is that of --weight-decay; --ridge is half of it.
    let lambda = if largest.is_positive() {
        short(&(largest * share / int(2)))
    } else {
        frac(1, 10)
    };
    at_decay(problem, &lambda)
}

/// Features of row i, exact.
pub fn row(problem: &Problem, i: usize) -> Vec<Rat> {
    problem
        .data
        .row(i)
        .iter()
        .map(|a| Rat::new(a.clone(), problem.data.x_den.clone()))
        .collect()
}

pub fn targets(problem: &Problem) -> Vec<Rat> {
    problem
        .data
        .y
        .iter()
        .map(|a| Rat::new(a.clone(), problem.data.y_den.clone()))
        .collect()
}

fn phi(problem: &Problem, t: &Rat) -> Rat {
    let (low, high) = (&problem.activation.low * t, &problem.activation.high * t);
    if low > high { low } else { high }
}

/// The factor of the loss, from the words of FORMAT.md.
pub fn loss_factor(problem: &Problem) -> Rat {
    let n = problem.data.samples as i64;
    match problem.loss {
        Loss::HalfSum => frac(1, 2),
        Loss::Sum => int(1),
        Loss::Mean => frac(1, n),
        Loss::HalfMean => frac(1, 2 * n),
    }
}

/// The factor of the penalty.
pub fn penalty_factor(problem: &Problem) -> Rat {
    match &problem.decay {
        Decay::WeightDecay(lambda) => lambda / int(2),
        Decay::Ridge(lambda) => lambda.clone(),
    }
}

/// β of the half-sum form.
pub fn beta(problem: &Problem) -> Rat {
    penalty_factor(problem) / loss_factor(problem)
}

/// Outputs of a network, one a sample, by the definition.
pub fn outputs(problem: &Problem, network: &Network) -> Vec<Rat> {
    let mut f = vec![network.output_bias.clone().unwrap_or_default(); problem.data.samples];
    for i in 0..problem.data.rows {
        let x = row(problem, i);
        for (k, w) in network.hidden_weights.iter().enumerate() {
            let mut t = network
                .hidden_bias
                .as_ref()
                .map_or_else(Rat::zero, |b| b[k].clone());
            for (a, b) in x.iter().zip(w) {
                t += a * b;
            }
            f[problem.data.sample_of_row[i] as usize] +=
                phi(problem, &t) * &network.output_weights[k];
        }
    }
    f
}

/// The objective of a network, by the definition.
pub fn objective(problem: &Problem, network: &Network) -> Rat {
    let errors: Rat = outputs(problem, network)
        .iter()
        .zip(targets(problem))
        .map(|(f, y)| square(&(f - y)))
        .sum();
    let mut squares: Rat = network.hidden_weights.iter().flatten().map(square).sum();
    squares += network.output_weights.iter().map(square).sum::<Rat>();
    if problem.hidden_bias == HiddenBias::Decayed {
        squares += network
            .hidden_bias
            .iter()
            .flatten()
            .map(square)
            .sum::<Rat>();
    }
    if problem.output_bias == OutputBias::Decayed {
        squares += network.output_bias.iter().map(square).sum::<Rat>();
    }
    loss_factor(problem) * errors + penalty_factor(problem) * squares
}

/// F_v(u) = Σ_i v_{s(i)} φ(x_i·u), by the definition; `u` holds the hidden bias last.
pub fn form(problem: &Problem, v: &[Rat], u: &[Rat]) -> Rat {
    let d = problem.data.d;
    let mut total = Rat::zero();
    for i in 0..problem.data.rows {
        let mut t: Rat = row(problem, i).iter().zip(u).map(|(a, b)| a * b).sum();
        if u.len() > d {
            t += &u[d];
        }
        total += &v[problem.data.sample_of_row[i] as usize] * phi(problem, &t);
    }
    total
}

/// ρ(u)².
pub fn rho_squared(problem: &Problem, u: &[Rat]) -> Rat {
    let decayed = if problem.hidden_bias == HiddenBias::Undecayed {
        problem.data.d
    } else {
        u.len()
    };
    u[..decayed].iter().map(square).sum()
}

/// Number of entries of a direction.
pub fn dimension(problem: &Problem) -> usize {
    problem.data.d + usize::from(problem.hidden_bias != HiddenBias::None)
}

/// D(v) of the half-sum form, by the definition.
pub fn dual_value(problem: &Problem, v: &[Rat]) -> Rat {
    let mut value: Rat = v.iter().zip(targets(problem)).map(|(v, y)| v * y).sum();
    value -= v.iter().map(square).sum::<Rat>() / int(2);
    if problem.output_bias == OutputBias::Decayed {
        value -= square(&v.iter().sum()) / (int(2) * beta(problem));
    }
    value
}

/// The lines of a proof that the tests look at, by a reader of their own.
#[derive(Debug)]
pub struct ProofLines {
    pub bound: Rat,
    pub verdict: String,
    /// v_s = V_s·A/B.
    pub v: Vec<Rat>,
}

pub fn read_proof(path: &Path) -> ProofLines {
    let text = std::fs::read_to_string(path).expect("a proof");
    let number =
        |word: Option<&str>| -> BigInt { word.expect("a word").parse().expect("an integer") };
    let (mut bound, mut verdict, mut factor, mut v) = (None, None, None, Vec::new());
    for line in text.lines() {
        let mut words = line.split(' ');
        match words.next() {
            Some("bound") => bound = Some(Rat::new(number(words.next()), number(words.next()))),
            Some("verdict") => verdict = words.next().map(str::to_owned),
            Some("dual") => factor = Some(Rat::new(number(words.next()), number(words.next()))),
            Some("v") => {
                v.push(Rat::from(number(words.next())) * factor.as_ref().expect("a factor"))
            }
            _ => {}
        }
    }
    ProofLines {
        bound: bound.expect("a bound"),
        verdict: verdict.expect("a verdict"),
        v,
    }
}

/// Options for a small problem: one thread, no limit of time; far more leaves than a tiny problem needs.
pub fn options(tolerance: &str) -> RunOptions {
    RunOptions {
        tolerance: rat(tolerance),
        time_limit: None,
        started: Instant::now(),
        max_leaves: Some(20_000),
        threads: Some(1),
        proof: None,
        checkpoint: None,
        resume: None,
        seed: 7,
        method: Method::Auto,
        trees: Trees::Auto,
        quiet: true,
        watch: Watch::default(),
    }
}

pub fn seconds(x: f64) -> Option<Duration> {
    Some(Duration::from_secs_f64(x))
}

/// A result with its proof, accepted by the checker.
pub struct Checked {
    pub certificate: Certificate,
    pub theorem: Theorem,
    pub proof: ProofLines,
}

fn checker_fraction(x: &relucert_checker::Fraction) -> Rat {
    rat_of(&x.to_string())
}

/// `p` or `p/q`, of any length.
pub fn rat_of(text: &str) -> Rat {
    let (p, q) = text.split_once('/').unwrap_or((text, "1"));
    Rat::new(
        p.parse().expect("an integer"),
        q.parse().expect("an integer"),
    )
}

/// Runs the checker on the proof of a run and compares everything that is in both.
pub fn check(
    problem: &Problem,
    given: Option<&Network>,
    certificate: Certificate,
    path: &Path,
) -> Checked {
    let theorem = check_path(path)
        .unwrap_or_else(|e| panic!("the checker says {e}\n{}", problem.statement()));
    let proof = read_proof(path);
    let context = problem.statement();
    assert_eq!(
        theorem.problem.sha256.to_string(),
        problem.statement_sha256()
    );
    assert_eq!(
        checker_fraction(&theorem.bound.value),
        certificate.lower_bound,
        "{context}"
    );
    assert_eq!(proof.bound, certificate.lower_bound);
    assert_eq!(proof.verdict, certificate.verdict.word());
    assert_eq!(
        certificate.proof.as_ref().expect("a proof").leaves,
        theorem.counts.leaves as u64
    );
    // The certificate itself is consistent.
    assert!(!certificate.lower_bound.is_negative(), "{context}");
    assert!(
        certificate.lower_bound <= certificate.upper_bound,
        "{context}"
    );
    assert!(
        certificate.upper_bound <= certificate.objective,
        "{context}"
    );
    if let Some(network) = given {
        assert_eq!(certificate.width, network.width());
        assert_eq!(
            certificate.objective,
            objective(problem, network),
            "{context}"
        );
        let theirs = theorem.given.as_ref().expect("the given network");
        assert_eq!(checker_fraction(&theirs.objective), certificate.objective);
        assert_eq!(theirs.neurons, network.width());
    } else {
        assert!(theorem.given.is_none());
    }
    if let Some(best) = &certificate.best {
        assert_eq!(best.width(), certificate.best_width);
        assert_eq!(
            certificate.upper_bound,
            objective(problem, best),
            "{context}"
        );
        let theirs = theorem.best.as_ref().expect("the best network");
        assert_eq!(checker_fraction(&theirs.objective), certificate.upper_bound);
    } else {
        assert_eq!(certificate.upper_bound, certificate.objective);
    }
    let gap = &certificate.objective - &certificate.lower_bound;
    assert_eq!(certificate.gap(), gap);
    // The bound follows from the dual vector, which meets its constraints.
    let unit = loss_factor(problem) * int(2);
    assert!(
        proof.bound <= unit * dual_value(problem, &proof.v),
        "{context}"
    );
    if problem.output_bias == OutputBias::Free {
        assert!(proof.v.iter().sum::<Rat>().is_zero(), "{context}");
    }
    Checked {
        certificate,
        theorem,
        proof,
    }
}

/// Solves, writes the proof, has it checked.
pub fn solve_checked(problem: &Problem, options: &RunOptions) -> Checked {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.proof");
    let options = RunOptions {
        proof: Some(path.clone()),
        started: Instant::now(),
        ..options.clone()
    };
    let certificate = relucert::run::solve(problem, None, &options)
        .unwrap_or_else(|e| panic!("solve: {e}\n{}", problem.statement()));
    assert!(certificate.best.is_some(), "{}", problem.statement());
    check(problem, None, certificate, &path)
}

/// Certifies, writes the proof, has it checked.
pub fn certify_checked(problem: &Problem, network: &Network, options: &RunOptions) -> Checked {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.proof");
    let options = RunOptions {
        proof: Some(path.clone()),
        started: Instant::now(),
        ..options.clone()
    };
    let certificate = relucert::run::certify(problem, network, &options)
        .unwrap_or_else(|e| panic!("certify: {e}\n{}", problem.statement()));
    check(problem, Some(network), certificate, &path)
}

/// A network from its neurons (w, b, α).
pub fn network(problem: &Problem, neurons: &[(Vec<Rat>, Rat, Rat)], c0: Rat) -> Network {
    Network {
        hidden_weights: neurons.iter().map(|n| n.0.clone()).collect(),
        hidden_bias: (problem.hidden_bias != HiddenBias::None)
            .then(|| neurons.iter().map(|n| n.1.clone()).collect()),
        output_weights: neurons.iter().map(|n| n.2.clone()).collect(),
        output_bias: (problem.output_bias != OutputBias::None).then_some(c0),
    }
}

/// The network without neurons and with output bias 0.
pub fn zero_network(problem: &Problem) -> Network {
    network(problem, &[], Rat::zero())
}

/// Every parameter times a factor.
pub fn scaled(network: &Network, factor: &Rat) -> Network {
    let times = |list: &[Rat]| list.iter().map(|x| x * factor).collect::<Vec<Rat>>();
    Network {
        hidden_weights: network.hidden_weights.iter().map(|w| times(w)).collect(),
        hidden_bias: network.hidden_bias.as_deref().map(times),
        output_weights: times(&network.output_weights),
        output_bias: network.output_bias.as_ref().map(|c| c * factor),
    }
}

/// Every parameter times 1 + size·(something in [−1, 1]).
pub fn perturbed(network: &Network, size: f64, random: &mut Random) -> Network {
    let mut move_one = |x: &Rat| x * (int(1) + from_f64(size * (2.0 * random.uniform() - 1.0)));
    Network {
        hidden_weights: network
            .hidden_weights
            .iter()
            .map(|w| w.iter().map(&mut move_one).collect())
            .collect(),
        hidden_bias: network
            .hidden_bias
            .as_ref()
            .map(|b| b.iter().map(&mut move_one).collect()),
        output_weights: network.output_weights.iter().map(&mut move_one).collect(),
        output_bias: network.output_bias.as_ref().map(&mut move_one),
    }
}

/// Random rational weights p/q with small p and q, times `scale`.
pub fn random_network(
    problem: &Problem,
    width: usize,
    scale: &Rat,
    random: &mut Random,
) -> Network {
    let mut weight = || frac(random.between(-9, 9), random.between(1, 5)) * scale;
    let neurons: Vec<_> = (0..width)
        .map(|_| {
            (
                (0..problem.data.d).map(|_| weight()).collect(),
                weight(),
                weight(),
            )
        })
        .collect();
    let c0 = weight();
    network(problem, &neurons, c0)
}

/// What a tiny problem is drawn from.
pub struct Grid {
    pub samples: usize,
    pub features: usize,
    /// Largest entry; the entries are the integers up to it over 1 or 2.
    pub size: i64,
    pub grouped: bool,
}

/// A problem on a small grid: equal, parallel, antiparallel and zero rows are common. λ is 1.
pub fn random_problem(
    grid: &Grid,
    activation: Activation,
    loss: Loss,
    hidden: HiddenBias,
    output: OutputBias,
    random: &mut Random,
) -> Problem {
    let groups: Vec<usize> = (0..grid.samples)
        .map(|_| if grid.grouped { 1 + random.below(3) } else { 1 })
        .collect();
    let den = random.between(1, 2);
    let mut x: Vec<Vec<Rat>> = Vec::new();
    for _ in 0..groups.iter().sum() {
        let row = match random.below(8) {
            0 if !x.is_empty() => x[random.below(x.len())].clone(),
            1 if !x.is_empty() => {
                let factor = int(*random.pick(&[-2, -1, 2]));
                x[random.below(x.len())]
                    .iter()
                    .map(|a| a * &factor)
                    .collect()
            }
            _ => (0..grid.features)
                .map(|_| frac(random.between(-grid.size, grid.size), den))
                .collect(),
        };
        x.push(row);
    }
    let y: Vec<Rat> = (0..grid.samples)
        .map(|_| frac(random.between(-3, 3), random.between(1, 2)))
        .collect();
    let decay = if random.below(2) == 0 {
        Decay::WeightDecay(int(1))
    } else {
        Decay::Ridge(int(1))
    };
    Problem::new(
        grouped(&x, &groups, &y),
        activation,
        loss,
        decay,
        hidden,
        output,
    )
    .expect("a problem")
}

/// A number with at most `digits` significant bits near a positive one.
pub fn short(x: &Rat) -> Rat {
    rat(&format!("{:.3e}", rat_to_f64(x)))
}

/// Plain training in floats: Adam from a random start, no knowledge of convexity.
pub fn train(problem: &Problem, width: usize, steps: usize, random: &mut Random) -> Network {
    let (d, rows, n) = (problem.data.d, problem.data.rows, problem.data.samples);
    let x: Vec<Vec<f64>> = (0..rows)
        .map(|i| row(problem, i).iter().map(rat_to_f64).collect())
        .collect();
    let y: Vec<f64> = targets(problem).iter().map(rat_to_f64).collect();
    let (low, high) = (
        rat_to_f64(&problem.activation.low),
        rat_to_f64(&problem.activation.high),
    );
    let beta = rat_to_f64(&beta(problem));
    let has_hidden = problem.hidden_bias != HiddenBias::None;
    let has_output = problem.output_bias != OutputBias::None;
    // Parameters: for each neuron d weights, the bias, the output weight; then the output bias.
    let each = d + 2;
    let mut theta: Vec<f64> = (0..width * each + 1).map(|_| random.normal()).collect();
    let alive: Vec<bool> = (0..theta.len())
        .map(|j| {
            if j == width * each {
                has_output
            } else {
                j % each != d || has_hidden
            }
        })
        .collect();
    let decay: Vec<f64> = (0..theta.len())
        .map(|j| {
            let free = if j == width * each {
                problem.output_bias == OutputBias::Free
            } else {
                j % each == d && problem.hidden_bias == HiddenBias::Undecayed
            };
            if free { 0.0 } else { beta }
        })
        .collect();
    for (t, a) in theta.iter_mut().zip(&alive) {
        if !a {
            *t = 0.0;
        }
    }
    let (mut first, mut second) = (vec![0.0; theta.len()], vec![0.0; theta.len()]);
    for step in 1..=steps {
        let mut f = vec![theta[width * each]; n];
        for (i, x) in x.iter().enumerate() {
            for p in theta[..width * each].chunks(each) {
                let t = p[d] + x.iter().zip(p).map(|(a, b)| a * b).sum::<f64>();
                f[problem.data.sample_of_row[i] as usize] +=
                    p[d + 1] * if t > 0.0 { high * t } else { low * t };
            }
        }
        let mut gradient: Vec<f64> = theta.iter().zip(&decay).map(|(t, b)| b * t).collect();
        gradient[width * each] += f.iter().zip(&y).map(|(f, y)| f - y).sum::<f64>();
        for (i, x) in x.iter().enumerate() {
            let s = problem.data.sample_of_row[i] as usize;
            let error = f[s] - y[s];
            for (p, g) in theta
                .chunks(each)
                .zip(gradient.chunks_mut(each))
                .take(width)
            {
                let t = p[d] + x.iter().zip(p).map(|(a, b)| a * b).sum::<f64>();
                let slope = if t > 0.0 { high } else { low };
                g[d + 1] += error * slope * t;
                g[d] += error * p[d + 1] * slope;
                for (g, x) in g.iter_mut().zip(x) {
                    *g += error * p[d + 1] * slope * x;
                }
            }
        }
        let rate = 0.05 * (1.0 - 0.95 * step as f64 / steps as f64);
        for j in 0..theta.len() {
            if alive[j] {
                first[j] = 0.9 * first[j] + 0.1 * gradient[j];
                second[j] = 0.99 * second[j] + 0.01 * gradient[j] * gradient[j];
                let a = first[j] / (1.0 - 0.9f64.powi(step as i32));
                let b = second[j] / (1.0 - 0.99f64.powi(step as i32));
                theta[j] -= rate * a / (b.sqrt() + 1e-10);
            }
        }
    }
    let neurons: Vec<_> = theta[..width * each]
        .chunks(each)
        .map(|p| {
            (
                p[..d].iter().map(|w| from_f64(*w)).collect(),
                from_f64(p[d]),
                from_f64(p[d + 1]),
            )
        })
        .collect();
    network(problem, &neurons, from_f64(theta[width * each]))
}

/// The hidden part of a network as directions u.
pub fn directions(network: &Network) -> Vec<Vec<Rat>> {
    (0..network.width())
        .map(|k| {
            let mut u = network.hidden_weights[k].clone();
            u.extend(network.hidden_bias.as_ref().map(|b| b[k].clone()));
            u
        })
        .collect()
}

/// Whether (★) holds at u: |F_v(u)|² ≤ β²·ρ(u)².
pub fn constraint_holds(problem: &Problem, v: &[Rat], u: &[Rat]) -> bool {
    square(&form(problem, v, u)) <= square(&beta(problem)) * rho_squared(problem, u)
}

/// 1, exactly.
pub fn one() -> Rat {
    Rat::one()
}
