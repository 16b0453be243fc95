//! Real roots in intervals with rational ends: Descartes' rule of signs, bisection, quadratic interval refinement.

use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{One, Signed, Zero};

use super::super::Rat;
use super::{Poly, sign};

/// Every real root of `poly` has an absolute value below 2^k for this k (Fujiwara's bound); 0 for constants.
pub fn root_bound_bits(poly: &Poly) -> i64 {
    let Some(degree) = poly.degree() else {
        return 0;
    };
    let lead = poly.lead().bits() as i64;
    // |root| ≤ 2·max |c_(n−i)/c_n|^(1/i), and |c_(n−i)/c_n| < 2^(bits − lead bits + 1).
    (1..=degree)
        .filter(|&i| !poly.coeff(degree - i).is_zero())
        .map(|i| {
            let excess = poly.coeff(degree - i).bits() as i64 - lead + 1;
            excess.div_euclid(i as i64) + 2
        })
        .max()
        .unwrap_or(0)
}

/// The sign changes of the coefficients, zeros left out.
fn variations(coeffs: &[BigInt]) -> usize {
    let mut last = 0;
    let mut count = 0;
    for s in coeffs.iter().map(sign).filter(|&s| s != 0) {
        if last != 0 && s != last {
            count += 1;
        }
        last = s;
    }
    count
}

/// Descartes' bound for the interval (0, 1).
fn variations_on_unit(poly: &Poly) -> usize {
    // x^n·p(1/x) with low zeros kept, so that roots at 0 of p do not count.
    let reversed = Poly::new(poly.coeffs().iter().rev().cloned().collect());
    variations(reversed.shifted_by_one().coeffs())
}

/// A positive multiple of p(low + (high − low)·x).
fn stretched(poly: &Poly, low: &Rat, high: &Rat) -> Poly {
    let den = low.denom().lcm(high.denom());
    let start = low.numer() * (&den / low.denom());
    let run = high.numer() * (&den / high.denom()) - &start;
    let linear = Poly::new(vec![start, run]);
    let mut power = BigInt::one();
    let mut result = Poly::zero();
    for c in poly.coeffs().iter().rev() {
        result = &(&result * &linear) + &Poly::constant(c * &power);
        power *= &den;
    }
    result
}

/// Descartes' bound on the roots in the open interval (low, high), counted with multiplicity: it exceeds their number by an even
/// number, so 0 and 1 are exact; for a short interval around one simple root it is 1, around no root 0. Needs low < high.
pub fn variations_between(poly: &Poly, low: &Rat, high: &Rat) -> usize {
    variations_on_unit(&stretched(poly, low, high))
}

/// The real roots of a square-free polynomial in rising order: either an exact rational root, twice, or the ends of an open interval
/// that holds exactly one root, is free of others, and at whose ends the polynomial may only vanish if that end is listed itself.
/// The intervals do not overlap. `None` if `stop` said so.
pub fn isolate(poly: &Poly, stop: &dyn Fn() -> bool) -> Option<Vec<(Rat, Rat)>> {
    if poly.is_constant() {
        return Some(Vec::new());
    }
    let mut roots: Vec<(Rat, Rat)> = positive_roots(&poly.mirrored(), stop)?
        .into_iter()
        .rev()
        .map(|(low, high)| (-high, -low))
        .collect();
    if poly.coeff(0).is_zero() {
        roots.push((Rat::zero(), Rat::zero()));
    }
    roots.extend(positive_roots(poly, stop)?);
    Some(roots)
}

/// 2^e as a fraction.
pub(super) fn power_of_two(e: i64) -> Rat {
    let power = BigInt::one() << e.unsigned_abs();
    if e >= 0 {
        Rat::from_integer(power)
    } else {
        Rat::new(BigInt::one(), power)
    }
}

/// The part of [`isolate`] right of 0.
fn positive_roots(poly: &Poly, stop: &dyn Fn() -> bool) -> Option<Vec<(Rat, Rat)>> {
    let zeros = poly.coeffs().iter().take_while(|c| c.is_zero()).count();
    let poly = Poly::new(poly.coeffs()[zeros..].to_vec());
    let top = power_of_two(root_bound_bits(&poly));
    let mut roots = Vec::new();
    // A stack of (p on (0,1), place c, level k): the interval (c, c+1)·top/2^k. The right halves are taken last.
    let mut open = vec![(stretched(&poly, &Rat::zero(), &top), BigInt::zero(), 0i64)];
    while let Some((p, place, level)) = open.pop() {
        if stop() {
            return None;
        }
        let scale = &top * power_of_two(-level);
        let at = |c: &BigInt| &scale * Rat::from_integer(c.clone());
        match variations_on_unit(&p) {
            0 => {}
            1 => roots.push((at(&place), at(&(&place + 1)))),
            _ => {
                let n = p.degree().unwrap_or(0);
                let left = Poly::new(
                    p.coeffs()
                        .iter()
                        .enumerate()
                        .map(|(i, c)| c << (n - i))
                        .collect(),
                );
                let mut right = left.shifted_by_one();
                let middle: BigInt = &place * 2 + 1;
                if right.coeff(0).is_zero() {
                    let point = &at(&middle) / Rat::from_integer(2.into());
                    roots.push((point.clone(), point));
                    right = Poly::new(right.coeffs()[1..].to_vec());
                }
                open.push((right, middle, level + 1));
                open.push((left, place * 2, level + 1));
            }
        }
    }
    roots.sort();
    Some(roots)
}

/// The nearest integer to pieces·p(low)/(p(low) − p(high)).
fn secant(poly: &Poly, low: &Rat, high: &Rat, pieces: &BigInt) -> BigInt {
    // p(low) and p(high) over one denominator, which cancels: no greatest common divisors of long numbers.
    let n = poly.degree().unwrap_or(0);
    let power = |r: &Rat| num_traits::pow(r.denom().clone(), n);
    let at_low = poly.homogeneous(low.numer(), low.denom()) * power(high);
    let at_high = poly.homogeneous(high.numer(), high.denom()) * power(low);
    let fall = &at_low - at_high;
    let twice: BigInt = at_low * pieces * 2 + &fall;
    twice.div_floor(&(fall * 2))
}

/// Shrinks an interval [low, high] at whose ends the polynomial has opposite signs, with one root inside, until high − low ≤ `width`.
/// A root that is met exactly becomes both ends. Quadratic interval refinement (Abbott 2014): the secant guesses the subinterval, its
/// two ends are checked, and the number of subintervals is squared on success.
pub(super) fn refine(poly: &Poly, low: &mut Rat, high: &mut Rat, width: &Rat) {
    let below = poly.sign_at(low);
    let mut pieces = BigInt::from(4);
    while &*high - &*low > *width {
        let run = &*high - &*low;
        let guess = secant(poly, low, high, &pieces);
        let point = |i: &BigInt| &*low + &run * Rat::new(i.clone(), pieces.clone());
        let here = point(&guess);
        let (left, right) = match poly.sign_at(&here) {
            0 => (here.clone(), here),
            s if s == below => {
                let next = point(&(&guess + 1));
                (here, next)
            }
            _ => (point(&(&guess - 1)), here),
        };
        let inside = left >= *low && right <= *high;
        let (left_sign, right_sign) = (poly.sign_at(&left), poly.sign_at(&right));
        if left == right || (inside && left_sign == below && right_sign == -below) {
            (*low, *high) = (left, right);
            pieces = &pieces * &pieces;
        } else if inside && right_sign == 0 {
            (*low, *high) = (right.clone(), right);
        } else if inside && left_sign == 0 {
            (*low, *high) = (left.clone(), left);
        } else {
            let middle = (&*low + &*high) / Rat::from_integer(2.into());
            match poly.sign_at(&middle) {
                0 => (*low, *high) = (middle.clone(), middle),
                s if s == below => *low = middle,
                _ => *high = middle,
            }
            pieces = pieces.sqrt().max(BigInt::from(4));
        }
    }
    debug_assert!(!(&*high - &*low).is_negative());
}
