//! The exact dual vector: integers `V_s` and a factor, inside its linear constraints.

use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{One, Signed, ToPrimitive, Zero};

use crate::arrangement::rows::Classes;
use crate::exact::Rat;
use crate::problem::{HiddenBias, OutputBias, Problem};

/// `v_s = V_s·unit`, exact. The factor of the proof's `dual` line is chosen later, when the bound on `F_V` is known.
#[derive(Clone, Debug)]
pub struct Dual {
    /// Integers, one a sample.
    pub v: Vec<BigInt>,
    /// The factor that gives back the vector that was asked for.
    pub unit: Rat,
    /// Whether `v·unit` is exactly the vector wanted, not a rounding of it.
    pub exact: bool,
}

/// Bits of the largest entry of a rounded dual vector.
const BITS: i32 = 42;

impl Dual {
    /// Rounds a float vector (length `n`) and restores the problem's linear constraints exactly.
    pub fn round(problem: &Problem, v: &[f64]) -> Dual {
        let largest = v.iter().fold(0.0f64, |a, x| a.max(x.abs()));
        if !(largest > 0.0 && largest.is_finite()) {
            return Dual {
                v: vec![BigInt::zero(); v.len()],
                unit: Rat::one(),
                exact: false,
            };
        }
        let shift = BITS - largest.log2().ceil() as i32;
        let integers: Vec<BigInt> = v
            .iter()
            .map(|x| {
                // Exact: scaling by a power of two, then rounding to an integer below 2^43.
                let scaled = x * 2f64.powi(shift / 2) * 2f64.powi(shift - shift / 2);
                BigInt::from(scaled.round() as i64)
            })
            .collect();
        let power = BigInt::one() << shift.unsigned_abs();
        let unit = if shift >= 0 {
            Rat::new(BigInt::one(), power)
        } else {
            Rat::from(power)
        };
        let mut dual = Dual {
            v: integers,
            unit,
            exact: false,
        };
        dual.restore(problem);
        dual
    }

    /// The vector `y` projected as MATH.md §2 asks for the network without hidden neurons: the dual optimum where no hidden neuron is needed. Exact.
    pub fn of_targets(problem: &Problem) -> Dual {
        let y: Vec<Rat> = problem
            .data
            .y
            .iter()
            .map(|y| Rat::new(y.clone(), problem.data.y_den.clone()))
            .collect();
        let n = y.len();
        let mut v = y.clone();
        // Free directions, orthogonalised.
        let mut free: Vec<Vec<Rat>> = Vec::new();
        for direction in constraints(problem) {
            let mut d: Vec<Rat> = direction.into_iter().map(Rat::from).collect();
            for f in &free {
                let c = dot(f, &d) / dot(f, f);
                d.iter_mut().zip(f).for_each(|(x, y)| *x -= &c * y);
            }
            if d.iter().any(|x| !x.is_zero()) {
                free.push(d);
            }
        }
        for f in &free {
            let c = dot(f, &v) / dot(f, f);
            v.iter_mut().zip(f).for_each(|(x, y)| *x -= &c * y);
        }
        if problem.output_bias == OutputBias::Decayed {
            // Minimise over c0 as well: v = (I + 11ᵀ/β)⁻¹ of the rest, in the space orthogonal to the free directions.
            let mut ones: Vec<Rat> = vec![Rat::one(); n];
            for f in &free {
                let c = dot(f, &ones) / dot(f, f);
                ones.iter_mut().zip(f).for_each(|(x, y)| *x -= &c * y);
            }
            let c0 = dot(&ones, &v) / (dot(&ones, &ones) + problem.beta());
            v.iter_mut().zip(&ones).for_each(|(x, y)| *x -= &c0 * y);
        }
        let mut denominator = BigInt::one();
        for x in &v {
            denominator = denominator.lcm(x.denom());
        }
        let mut integers: Vec<BigInt> = v
            .iter()
            .map(|x| x.numer() * (&denominator / x.denom()))
            .collect();
        let gcd = integers.iter().fold(BigInt::zero(), |g, x| g.gcd(x));
        let mut unit = Rat::new(BigInt::one(), denominator);
        if !gcd.is_zero() {
            integers.iter_mut().for_each(|x| *x /= &gcd);
            unit *= gcd;
        }
        // Fine enough for the support vectors, which are integers on the same scale.
        let bits = integers.iter().map(BigInt::bits).max().unwrap_or(0);
        if bits > 0 && bits < BITS as u64 {
            let shift = BITS as u64 - bits;
            integers.iter_mut().for_each(|x| *x <<= shift);
            unit /= BigInt::one() << shift;
        }
        Dual {
            v: integers,
            unit,
            exact: true,
        }
    }

    /// Makes `Σ V = 0` (free output bias) and `Σ rows·V = 0` (undecayed hidden bias) hold exactly.
    fn restore(&mut self, problem: &Problem) {
        let constraints = constraints(problem);
        match constraints.as_slice() {
            [] => {}
            [c] => self.restore_one(c),
            [c, d, ..] => {
                // c is all ones; find samples with different numbers of rows.
                let Some(b) = (1..d.len()).find(|b| d[*b] != d[0]) else {
                    self.restore_one(c);
                    return;
                };
                let scale = &d[0] - &d[b];
                self.multiply(&scale.abs());
                let sum: BigInt = self.v.iter().sum();
                let rows: BigInt = self.v.iter().zip(d).map(|(v, d)| v * d).sum();
                // δ0 + δb = −sum, d0·δ0 + db·δb = −rows: both are multiples of |d0 − db| now.
                let first = (-rows + &sum * &d[b]) / &scale;
                let second = -sum - &first;
                self.v[0] += first;
                self.v[b] += second;
            }
        }
    }

    fn restore_one(&mut self, c: &[BigInt]) {
        let rest: BigInt = self.v.iter().zip(c).map(|(v, c)| v * c).sum();
        if rest.is_zero() {
            return;
        }
        if c.iter().all(One::is_one) {
            // Spread: every entry changes by at most one unit more than the mean.
            let n = BigInt::from(self.v.len());
            let (each, over) = rest.div_mod_floor(&n);
            let over = over.to_usize().unwrap_or(0);
            for (i, v) in self.v.iter_mut().enumerate() {
                *v -= &each;
                if i < over {
                    *v -= 1;
                }
            }
        } else {
            self.multiply(&c[0].clone());
            self.v[0] -= rest;
        }
    }

    fn multiply(&mut self, factor: &BigInt) {
        self.v.iter_mut().for_each(|v| *v *= factor);
        self.unit /= factor;
    }

    /// The vector in floats, before the factor of the proof.
    pub fn floats(&self) -> Vec<f64> {
        self.v
            .iter()
            .map(|v| crate::exact::rat_to_f64(&(&self.unit * v)))
            .collect()
    }

    /// Whether the vector is zero.
    pub fn is_zero(&self) -> bool {
        self.v.iter().all(Zero::is_zero)
    }

    /// `(V·y, ‖V‖² + (ΣV)²/β0)`, exact; the second term only for a decayed output bias. Then `D(τV) = τ·first − τ²/2·second`.
    pub fn moments(&self, problem: &Problem) -> (Rat, Rat) {
        let vy: BigInt = self.v.iter().zip(&problem.data.y).map(|(a, b)| a * b).sum();
        let vv: BigInt = self.v.iter().map(|a| a * a).sum();
        let mut second = Rat::from(vv);
        if problem.output_bias == OutputBias::Decayed {
            let sum: BigInt = self.v.iter().sum();
            second += Rat::from(&sum * &sum) / problem.beta();
        }
        (Rat::new(vy, problem.data.y_den.clone()), second)
    }
}

/// The class weights `W_c` and the linear part L of `s·F_V` (FORMAT.md §5), s = −1 if `negative`: one integer for each class, and r of them. Exact.
pub fn form(
    problem: &Problem,
    classes: &Classes,
    dual: &Dual,
    negative: bool,
) -> (Vec<BigInt>, Vec<BigInt>) {
    let mut weight = vec![BigInt::zero(); classes.primitive.len()];
    let mut linear = vec![BigInt::zero(); problem.r()];
    for (i, class) in classes.class.iter().enumerate() {
        let Some(c) = *class else { continue };
        let v = &dual.v[problem.data.sample_of_row[i] as usize];
        let v = if negative { -v } else { v.clone() };
        let m = &classes.mult[i];
        weight[c as usize] += &v * m.abs();
        let scaled = v * m;
        for (l, p) in linear.iter_mut().zip(&classes.primitive[c as usize]) {
            *l += &scaled * p;
        }
    }
    (weight, linear)
}

/// The vectors a dual vector must be orthogonal to: ones for a free output bias, row counts for an undecayed hidden bias.
pub fn constraints(problem: &Problem) -> Vec<Vec<BigInt>> {
    let mut list = Vec::new();
    if problem.output_bias == OutputBias::Free {
        list.push(vec![BigInt::one(); problem.n()]);
    }
    if problem.hidden_bias == HiddenBias::Undecayed {
        let mut counts = vec![BigInt::zero(); problem.n()];
        for s in &problem.data.sample_of_row {
            counts[*s as usize] += 1;
        }
        list.push(counts);
    }
    list
}

fn dot(a: &[Rat], b: &[Rat]) -> Rat {
    a.iter()
        .zip(b)
        .filter(|(x, y)| !x.is_zero() && !y.is_zero())
        .map(|(x, y)| x * y)
        .sum()
}

/// A rational a little below `√x`, relative error below 2^−62; exactly `√x` where that is rational. Zero for `x ≤ 0`.
pub fn sqrt_below(x: &Rat) -> Rat {
    if !x.is_positive() {
        return Rat::zero();
    }
    let (a, b) = (x.numer(), x.denom());
    let (ra, rb) = (a.sqrt(), b.sqrt());
    if &(&ra * &ra) == a && &(&rb * &rb) == b {
        return Rat::new(ra, rb);
    }
    // √(a/b) = √(a·b·4^k)/(b·2^k).
    let product = a * b;
    let bits = product.bits();
    let shift = if bits < 160 {
        (160 - bits).div_ceil(2)
    } else {
        0
    };
    let root = (product << (2 * shift)).sqrt();
    Rat::new(root, b << shift)
}

/// A rational below `x > 0` with a denominator that is a power of two, relative error below 2^−60; `x` itself where it is short.
pub fn short_below(x: &Rat) -> Rat {
    if x.numer().bits() + x.denom().bits() <= 128 {
        return x.clone();
    }
    let shift = 62 + x.denom().bits() as i64 - x.numer().bits() as i64;
    if shift >= 0 {
        Rat::new(
            (x.numer() << shift.unsigned_abs()) / x.denom(),
            BigInt::one() << shift.unsigned_abs(),
        )
    } else {
        Rat::from((x.numer() / (x.denom() << shift.unsigned_abs())) << shift.unsigned_abs())
    }
}
