//! The decay from which on no hidden neuron is needed (MATH.md §2).

use num_bigint::BigInt;
use num_traits::{One, Signed, Zero};

use super::{Job, RunError, RunOptions, VerdictLine, Written, in_pool};
use crate::exact::{Rat, f64_to_rat, rat_to_f64};
use crate::oracle::fan::{Ended, Limits, Search};
use crate::oracle::{ascent, form};
use crate::problem::{Decay, HiddenBias, Network, OutputBias, Problem};
use crate::prove::dual::{Dual, sqrt_below};
use crate::prove::{self, Proved};

/// A proven enclosure of β_max, in the user's λ of `--weight-decay`.
#[derive(Clone, Debug)]
pub struct BetaMax {
    /// At every smaller λ near it a hidden neuron lowers the objective; exact rational.
    pub lower: Rat,
    /// At this λ and every larger one the network without hidden neurons is optimal; exact rational.
    pub upper: Rat,
    /// Whether the search ended before the enclosure was as narrow as 1e-9.
    pub stopped: bool,
    /// The proof that no hidden neuron is needed at `upper`.
    pub proof: Option<Written>,
}

/// Relative slack of the search's target: the enclosure is about this wide.
const SLACK: f64 = 2e-10;

/// β_max of a problem; its decay is ignored. With a decayed output bias, the largest λ at which a hidden neuron starts to help.
///
/// ```
/// use relucert::exact::{Rat, parse_decimal};
/// use relucert::problem::{Activation, Dataset, Decay, HiddenBias, Loss, OutputBias, Problem};
/// use relucert::run::{RunOptions, beta_max};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// // Targets 3 and 4 at the points 1 and 2 of a line, no bias: F(u) = (3·1 + 4·2)·u for u > 0.
/// let number = |x: i64| Rat::from_integer(x.into());
/// let data = Dataset::from_rows(&[vec![number(1)], vec![number(2)]], &[number(3), number(4)])?;
/// let decay = Decay::WeightDecay(number(1));
/// let problem = Problem::new(data, Activation::relu(), Loss::HalfSum, decay, HiddenBias::None, OutputBias::None)?;
/// let found = beta_max(&problem, &RunOptions::new(parse_decimal("1e-9")?))?;
/// assert!(found.lower <= number(11) && number(11) <= found.upper);
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// [`RunError`] if the proof cannot be written.
pub fn beta_max(problem: &Problem, options: &RunOptions) -> Result<BetaMax, RunError> {
    in_pool(options, || here(problem, options))?
}

fn here(problem: &Problem, options: &RunOptions) -> Result<BetaMax, RunError> {
    let unit = problem.unit();
    let job = Job::new(problem, options);
    let (lower, upper, stopped) = if problem.output_bias == OutputBias::Decayed {
        decayed(problem, options)?
    } else {
        let found = largest(&job, &Dual::of_targets(problem));
        (found.lower, found.upper, found.stopped)
    };
    let (lower, upper) = (lower * &unit, upper * &unit);
    let mut proof = None;
    if let Some(path) = &options.proof
        && upper.is_positive()
    {
        let mut at = problem.clone();
        at.decay = Decay::WeightDecay(upper.clone());
        let dual = Dual::of_targets(&at);
        let at_job = Job::new(&at, options);
        let proved = proved_at(&at_job, &dual);
        let network = no_neurons(&at);
        let bound = super::printable_bound(&at, &proved.bound);
        let exact = at.objective(&network)? == bound;
        let line = VerdictLine {
            word: if exact { "optimal" } else { "undecided" },
            tolerance: Rat::zero(),
        };
        proof = Some(prove::write(
            path,
            &at,
            &[(&network, "best")],
            &bound,
            &line,
            &proved,
        )?);
    }
    Ok(BetaMax {
        lower,
        upper,
        stopped,
        proof,
    })
}

/// The proof that a dual vector is feasible for the job's decay, or nearly so.
fn proved_at(job: &Job, dual: &Dual) -> Proved {
    let beta = rat_to_f64(&job.problem.beta());
    if by_rows(job) {
        return job
            .prove_fixed(dual, beta)
            .unwrap_or_else(|| Proved::trivial(job.problem));
    }
    if !job.fan_applies() {
        return Proved::trivial(job.problem);
    }
    let (search, slack) = search_to(job, dual, beta * (1.0 + 1e-13));
    let fans = job.fans(&search, slack, job.model.beta);
    prove::prove(job.problem, &job.classes, dual, &fans)
}

/// Whether the maximum is bounded by trees of rows.
fn by_rows(job: &Job) -> bool {
    job.rows_apply() && (job.fan_share() == 0.0 || !job.fan_applies())
}

/// The optimal network without hidden neurons. Exact.
pub fn no_neurons(problem: &Problem) -> Network {
    let n = BigInt::from(problem.n());
    let sum = Rat::new(problem.data.y.iter().sum(), problem.data.y_den.clone());
    let c0 = match problem.output_bias {
        OutputBias::None => None,
        OutputBias::Free => Some(sum / n),
        OutputBias::Decayed => Some(sum / (problem.beta() + n)),
    };
    Network {
        hidden_weights: Vec::new(),
        hidden_bias: (problem.hidden_bias != HiddenBias::None).then(Vec::new),
        output_weights: Vec::new(),
        output_bias: c0,
    }
}

/// The maximum of `|F_v|/ρ`, enclosed.
struct Enclosed {
    lower: Rat,
    upper: Rat,
    stopped: bool,
}

/// A search for `v` at this target (half-sum form), to the end or the limits.
fn search_to<'a>(job: &'a Job, dual: &Dual, target: f64) -> (Search<'a>, f64) {
    let form = form::form(
        &job.space.rows,
        &dual.floats(),
        job.model.low,
        job.model.high,
    );
    let mut search = Search::new(&job.space.rows, form, &job.roots(), target);
    let limits = Limits {
        max_leaves: job.max_leaves(),
        memory: super::MEMORY,
        violation: None,
    };
    search.run(&limits, &mut |p| job.keep_searching(p));
    (search, SLACK)
}

/// Encloses `max |F_v|/ρ` for an exact dual vector.
fn largest(job: &Job, dual: &Dual) -> Enclosed {
    if dual.is_zero() || vanishes(job, dual) {
        return Enclosed {
            lower: Rat::zero(),
            upper: Rat::zero(),
            stopped: false,
        };
    }
    let form = form::form(
        &job.space.rows,
        &dual.floats(),
        job.model.low,
        job.model.high,
    );
    let starts = ascent::starts(&job.space.rows, 200, job.options.seed);
    let peaks = ascent::peaks(&job.space.rows, &form, &starts, 300);
    let mut best = peaks
        .first()
        .map(|p| at_kink(job, &form, (p.value, p.u.clone(), p.sign)));
    let mut stopped = false;
    let mut rounds = 0;
    loop {
        let value = best.as_ref().map_or(0.0, |b| b.0);
        if !(value > 0.0) {
            // No direction with a positive value: F vanishes, or the ascents failed. A search from a tiny target decides.
            let scale = form.weight.iter().map(|w| w.abs()).sum::<f64>().max(1e-300);
            best = Some((scale * 1e-12, vec![0.0; job.space.rows.dim], 0));
            rounds += 1;
            if rounds > 2 {
                break;
            }
            continue;
        }
        if by_rows(job) || !job.fan_applies() {
            let lower = best
                .as_ref()
                .map_or_else(Rat::zero, |b| value_at(job, dual, &b.1));
            let (upper, closed) = job
                .largest_by_rows(dual, value, SLACK)
                .unwrap_or_else(|| (prove::crude_maximum(job.problem, dual), false));
            return Enclosed {
                lower,
                upper,
                stopped: !closed,
            };
        }
        let mut search = Search::new(
            &job.space.rows,
            form.clone(),
            &job.roots(),
            value * (1.0 + SLACK),
        );
        let limits = Limits {
            max_leaves: job.max_leaves(),
            memory: super::MEMORY,
            violation: Some(search.target),
        };
        let ended = search.run(&limits, &mut |p| job.keep_searching(p));
        if ended == Ended::Violated
            && let Some(i) = &search.incumbent
        {
            best = Some(at_kink(job, &form, (i.value, i.u.clone(), i.sign)));
            continue;
        }
        stopped = ended == Ended::Stopped;
        // A slightly better direction from the search itself.
        if let Some(i) = &search.incumbent
            && i.value > value
        {
            best = Some((i.value, i.u.clone(), i.sign));
        }
        let lower = best
            .as_ref()
            .map_or_else(Rat::zero, |b| value_at(job, dual, &b.1));
        let square = prove::maximum_squared(
            job.problem,
            &job.classes,
            dual,
            &job.fans(&search, SLACK, value),
        );
        let upper = sqrt_above(&square);
        if let Some(exact) = best
            .as_ref()
            .and_then(|b| exact_value(job, dual, &b.1, b.2))
            && exact >= lower
            && exact <= upper
        {
            // The maximum may be rational: prove it exactly.
            let (search, _) = search_to(job, dual, rat_to_f64(&exact) * (1.0 + 1e-14));
            let square = prove::maximum_squared(
                job.problem,
                &job.classes,
                dual,
                &job.fans(&search, 1e-13, value),
            );
            if square <= &exact * &exact {
                return Enclosed {
                    lower: exact.clone(),
                    upper: exact,
                    stopped: false,
                };
            }
        }
        return Enclosed {
            lower,
            upper,
            stopped,
        };
    }
    Enclosed {
        lower: Rat::zero(),
        upper: Rat::zero(),
        stopped,
    }
}

/// A direction and its value, or those at the nearest kink along an undecayed bias if that is higher: a maximum over the bias is at a kink. Floats.
fn at_kink(job: &Job, form: &form::Form, found: (f64, Vec<f64>, u8)) -> (f64, Vec<f64>, u8) {
    let (value, u, sign) = &found;
    let rows = &job.space.rows;
    let last = rows.dim - 1;
    if job.model.decayed == job.model.r() {
        return found;
    }
    let distance = |row: &[f64]| (form::dot(row, u) / row[last]).abs();
    let nearest = (0..rows.classes())
        .map(|c| rows.row(c))
        .filter(|row| row[last] != 0.0)
        .min_by(|a, b| distance(a).total_cmp(&distance(b)));
    let Some(row) = nearest else { return found };
    let mut at = u.clone();
    at[last] = -form::dot(&row[..last], &u[..last]) / row[last];
    let length = form::norm(&at);
    at.iter_mut().for_each(|x| *x /= length);
    let at_value = if *sign == 0 { 1.0 } else { -1.0 } * form.value(rows, &at);
    if at_value > *value {
        (at_value, at, *sign)
    } else {
        found
    }
}

/// A rational a little above `√x`; exactly `√x` where that is rational.
fn sqrt_above(x: &Rat) -> Rat {
    let below = sqrt_below(x);
    if &below * &below == *x {
        below
    } else {
        below * (Rat::one() + Rat::new(BigInt::one(), BigInt::one() << 60))
    }
}

/// A lower bound of `|F_v(u)|/ρ(u)`, exact, at a rational direction near the given one (search coordinates).
fn value_at(job: &Job, dual: &Dual, u: &[f64]) -> Rat {
    let floats = job.space.to_model(u);
    let mut u: Vec<Rat> = floats
        .iter()
        .map(|x| f64_to_rat(*x).unwrap_or_default())
        .collect();
    let rho: Rat = u[..job.model.decayed].iter().map(|x| x * x).sum();
    if rho.is_zero() {
        return Rat::zero();
    }
    let mut value = form_value(job, dual, &u).abs();
    if let Some(bias) = kink_near(job, &floats, &u) {
        // A maximum over an undecayed bias is at a kink.
        u[job.model.decayed] = bias;
        value = value.max(form_value(job, dual, &u).abs());
    }
    sqrt_below(&(&value * &value / rho))
}

/// The undecayed bias near that of `u` at which a row vanishes exactly.
fn kink_near(job: &Job, floats: &[f64], u: &[Rat]) -> Option<Rat> {
    let last = job.model.decayed;
    let distance = |row: &[f64]| (form::dot(row, floats) / row[last]).abs();
    let rows = job.model.rows.p.chunks_exact(job.model.r());
    let (class, _) = rows
        .enumerate()
        .filter(|(_, row)| last < row.len() && row[last] != 0.0)
        .min_by(|a, b| distance(a.1).total_cmp(&distance(b.1)))?;
    let row = &job.classes.primitive[class];
    let product: Rat = row.iter().zip(&u[..last]).map(|(p, x)| x * p).sum();
    Some(-product / &row[last])
}

/// `F_v(u)`, exact, for rational `u` in the model's coordinates.
fn form_value(job: &Job, dual: &Dual, u: &[Rat]) -> Rat {
    let problem = job.problem;
    let mut products: Vec<Rat> = Vec::with_capacity(job.classes.primitive.len());
    for p in &job.classes.primitive {
        products.push(p.iter().zip(u).map(|(a, b)| b * a).sum());
    }
    let mut total = Rat::zero();
    for (i, class) in job.classes.class.iter().enumerate() {
        if let Some(c) = class {
            let t = &products[*c as usize] * &job.classes.mult[i];
            total += problem.activation.apply(&t) * &dual.v[problem.data.sample_of_row[i] as usize];
        }
    }
    total * &dual.unit / &problem.data.x_den
}

/// For every class of rows, the sums of `V·m` and of `V·|m|` over its rows, `m` their multiples of the class's primitive row. Exact.
fn class_sums(job: &Job, dual: &Dual) -> (Vec<BigInt>, Vec<BigInt>) {
    let mut linear = vec![BigInt::zero(); job.classes.primitive.len()];
    let mut weight = linear.clone();
    for (i, class) in job.classes.class.iter().enumerate() {
        if let Some(c) = class {
            let v = &dual.v[job.problem.data.sample_of_row[i] as usize];
            linear[*c as usize] += v * &job.classes.mult[i];
            weight[*c as usize] += v * job.classes.mult[i].abs();
        }
    }
    (linear, weight)
}

/// Whether `F_v` is zero everywhere. Exact: in floats nothing but rounding would be left to search.
fn vanishes(job: &Job, dual: &Dual) -> bool {
    let activation = &job.problem.activation;
    let (linear, weight) = class_sums(job, dual);
    let is_even = (&activation.low + &activation.high).is_zero();
    let is_linear = activation.low == activation.high;
    let mut total = vec![BigInt::zero(); job.problem.r()];
    for (p, l) in job.classes.primitive.iter().zip(&linear) {
        for (t, x) in total.iter_mut().zip(p) {
            *t += l * x;
        }
    }
    (is_even || total.iter().all(Zero::is_zero)) && (is_linear || weight.iter().all(Zero::is_zero))
}

/// The exact local maximum near `u` if it is rational: the length of `F_v`'s gradient on the subspace of the kinks `u` lies on.
fn exact_value(job: &Job, dual: &Dual, u: &[f64], sign: u8) -> Option<Rat> {
    let problem = job.problem;
    if problem.hidden_bias == HiddenBias::Undecayed {
        return None;
    }
    let u = job.space.to_model(u);
    let size = u.iter().map(|x| x * x).sum::<f64>().sqrt();
    let mut kinks: Vec<Vec<Rat>> = Vec::new();
    let mut gradient = vec![Rat::zero(); problem.r()];
    let two = BigInt::from(2);
    let mean = (&problem.activation.low + &problem.activation.high) / &two;
    let half = (&problem.activation.high - &problem.activation.low) / &two;
    let (linear, weight) = class_sums(job, dual);
    for (c, p) in job.classes.primitive.iter().enumerate() {
        let row = job.model.rows.row(c);
        let t: f64 = row.iter().zip(&u).map(|(a, b)| a * b).sum();
        let mut slope = &mean * &linear[c];
        if t.abs() <= 1e-9 * size * job.model.rows.length[c] {
            if !weight[c].is_zero() {
                kinks.push(p.iter().map(|x| Rat::from(x.clone())).collect());
            }
        } else if t > 0.0 {
            slope += &half * &weight[c];
        } else {
            slope -= &half * &weight[c];
        }
        for (g, x) in gradient.iter_mut().zip(p) {
            *g += &slope * x;
        }
    }
    if kinks.len() > 40 {
        return None;
    }
    // Exact projection on the kinks' null space.
    let dot = |a: &[Rat], b: &[Rat]| -> Rat { a.iter().zip(b).map(|(x, y)| x * y).sum() };
    let mut span: Vec<Vec<Rat>> = Vec::new();
    for mut k in kinks {
        for s in &span {
            let c = dot(s, &k) / dot(s, s);
            k.iter_mut().zip(s).for_each(|(x, y)| *x -= &c * y);
        }
        if k.iter().any(|x| !x.is_zero()) {
            span.push(k);
        }
    }
    for s in &span {
        let c = dot(s, &gradient) / dot(s, s);
        gradient.iter_mut().zip(s).for_each(|(x, y)| *x -= &c * y);
    }
    let _ = sign;
    let square = dot(&gradient, &gradient);
    let root = sqrt_below(&square);
    (&root * &root == square).then(|| root * &dual.unit / &problem.data.x_den)
}

/// Decayed output bias: `v` depends on β. Finds the largest β at which a hidden neuron starts to help, and proves that none helps above it.
fn decayed(problem: &Problem, options: &RunOptions) -> Result<(Rat, Rat, bool), RunError> {
    let unit = problem.unit();
    let at = |beta: &Rat| -> (Rat, Rat, bool) {
        let mut p = problem.clone();
        p.decay = Decay::WeightDecay(beta * &unit);
        let job = Job::new(&p, options);
        let e = largest(&job, &Dual::of_targets(&p));
        (e.lower, e.upper, e.stopped)
    };
    // v(β) runs on a line from y − ȳ·1 (β = 0) to y (β = ∞), and max|F_v| is convex in v.
    let mut free = problem.clone();
    free.output_bias = OutputBias::Free;
    free.decay = Decay::WeightDecay(Rat::one());
    let start = largest(&Job::new(&free, options), &Dual::of_targets(&free));
    let mut none = problem.clone();
    none.output_bias = OutputBias::None;
    none.decay = Decay::WeightDecay(Rat::one());
    let end = largest(&Job::new(&none, options), &Dual::of_targets(&none));
    let top = if start.upper > end.upper {
        start.upper.clone()
    } else {
        end.upper.clone()
    };
    if top.is_zero() {
        return Ok((Rat::zero(), Rat::zero(), false));
    }
    // Above `top` nothing helps: M(v(β)) ≤ max of both ends ≤ β. From there the fixed point is approached from above: if M(v(β)) ≤ b for all β in [b, a],
    // then nothing helps there; M on [b, a] is at most the larger of its values at the ends (convexity).
    let mut stopped = start.stopped || end.stopped;
    let mut high = top;
    let mut value_high = at(&high).1;
    let width = Rat::new(BigInt::from(4), BigInt::from(10).pow(10));
    for _ in 0..200 {
        if value_high >= high.clone() * (Rat::one() - &width) {
            break;
        }
        // Try a step down to the value itself, then shorter ones.
        let mut moved = false;
        let mut share = Rat::one();
        for _ in 0..12 {
            let low = shorten(&(&high - (&high - &value_high) * &share));
            let (_, value_low, stop) = at(&low);
            stopped |= stop;
            let larger = if value_low > value_high {
                &value_low
            } else {
                &value_high
            };
            if *larger <= low {
                high = low;
                value_high = value_low;
                moved = true;
                break;
            }
            share /= BigInt::from(2);
        }
        if !moved || stopped {
            break;
        }
    }
    // Just below, a neuron helps: M(v(b)) > b proven at some b.
    let mut lower = Rat::zero();
    let mut step = Rat::new(BigInt::one(), BigInt::from(10).pow(10));
    for _ in 0..12 {
        let b = shorten(&(&high * (Rat::one() - &step)));
        if !b.is_positive() {
            break;
        }
        let (value, _, _) = at(&b);
        if value > b {
            lower = b;
            break;
        }
        step *= BigInt::from(4);
    }
    Ok((lower, high, stopped))
}

/// A rational with a short denominator, relative distance below 2^−50, not above the number.
fn shorten(x: &Rat) -> Rat {
    crate::prove::dual::short_below(x)
}
