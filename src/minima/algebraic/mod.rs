//! The exact numbers of a stationary point with one or two atoms: the minimal polynomials over Q, with isolating intervals, of its
//! value and of the norms of its neurons. Exact.
//!
//! Atom k lies on a face with the integer basis B_k; u_k = B_k·z_k, t_k = ‖u_k‖, G_k = B_kᵀB_k, Z_k = s_k·S·D·X·B_k, ν_k = ρ0/t_k with
//! ρ0 = λ/c. On the product of the faces the objective is convex, and stationary where
//!
//! ```text
//! Z_kᵀ(y − Σ_j Z_j z_j) = ν_k G_k z_k     and     ν_k² z_kᵀG_k z_k = ρ0²     for every k.
//! ```
//!
//! The first is linear in z: Cramer's rule makes z a quotient of polynomials in ν, and the second then reads p_k(ν) = 0. For one atom
//! p_1 has exactly one positive root. For two atoms a resultant eliminates one unknown from p_1 and p_2 after the shear θ = ν_1 + k·ν_2;
//! the first subresultant gives ν_2 as a number of Q(θ). Extraneous zeros of the elimination do no harm: the enclosures of the true
//! point tell which irreducible factor belongs to it.

mod cramer;
mod reduce;
#[cfg(test)]
mod tests;

use num_bigint::BigInt;
use num_traits::{One, Signed};
use thiserror::Error;

use crate::exact::polynomial::{
    Algebraic, Element, NumberField, Poly, Poly2, factor, isolate, linear_subresultant, resultant,
};
use crate::exact::{Rat, common_denominator_of_rats};

use cramer::System;

/// One atom: its face and its sign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FaceTerm {
    /// Z_k (n×e_k), the sign included.
    pub z: Vec<Vec<Rat>>,
    /// G_k = B_kᵀB_k (e_k×e_k), positive definite.
    pub gram: Vec<Vec<Rat>>,
}

/// Intervals that are proven to hold the numbers of the point.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Enclosures {
    /// The value of the objective.
    pub value: (Rat, Rat),
    /// t_k for each atom.
    pub norms: Vec<(Rat, Rat)>,
}

/// The exact numbers of a stationary point. A number whose degree over Q is above the limit is left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExactNumbers {
    /// The value c(‖y‖² − ‖ŷ‖²) = c‖ŷ − y‖² + 2λ Σ t_k.
    pub value: Option<Algebraic>,
    /// t_k for each atom.
    pub norms: Vec<Option<Algebraic>>,
}

/// Why there are no exact numbers.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum NotExact {
    /// The computation was stopped.
    #[error("stopped before the exact numbers were found")]
    Stopped,
    /// There are too many atoms.
    #[error("exact numbers need at most two atoms, not {0}")]
    TooManyAtoms(usize),
    /// The matrices do not fit together, a Gram matrix is singular, or c or λ is not positive.
    #[error("the data of the atoms do not fit together: {0}")]
    Shape(&'static str),
    /// The stationary points are not isolated, as when the fits of two atoms are dependent.
    #[error("the equations have no isolated solution")]
    Degenerate,
    /// No stationary point has all t_k > 0, or none lies in the enclosures.
    #[error("no stationary point lies in the enclosures")]
    NoPoint,
    /// The enclosures end before they tell the candidates apart.
    #[error("the enclosures do not become narrow enough")]
    Enclosures,
}

/// The exact numbers of the stationary point of these atoms (none, one or two) with all t_k > 0.
///
/// `y` are the n targets, `c` and `lambda` the factors of the loss and of the penalty. `enclosures(bits)` returns intervals that hold
/// the numbers of the true point and shrink as `bits` grows (about 2^−bits wide; the argument goes up to 2^16 and is usually 64 or
/// 128), or `None` if it cannot. Without atoms it is not called; with one it serves as a check only and may return `None`.
///
/// The fits of two atoms have to be independent. Numbers of a degree above `max_degree` are left out. `stop` is asked often.
///
/// # Errors
/// See [`NotExact`]; [`NotExact::NoPoint`] also reports enclosures that exclude the result.
pub fn exact_numbers(
    terms: &[FaceTerm],
    y: &[Rat],
    c: &Rat,
    lambda: &Rat,
    enclosures: &mut dyn FnMut(u32) -> Option<Enclosures>,
    max_degree: usize,
    stop: &dyn Fn() -> bool,
) -> Result<ExactNumbers, NotExact> {
    check(terms, y, c, lambda)?;
    if terms.is_empty() {
        let squares: Rat = y.iter().map(|v| v * v).sum();
        return Ok(ExactNumbers {
            value: Some((squares * c).into()),
            norms: Vec::new(),
        });
    }
    let reduced = reduce::reduced(terms, y)?;
    let system = System::new(&reduced, y, &(lambda / c), stop).ok_or(NotExact::Stopped)?;
    let mut point = match system.equations() {
        [p] => Point::of_one(p, stop)?,
        [p, q] => Point::of_two(p, q, &system, enclosures, stop)?,
        _ => return Err(NotExact::TooManyAtoms(terms.len())),
    };
    let numbers = point.numbers(&system, c, lambda, max_degree, stop)?;
    if let Some(enclosures) = enclosures(64) {
        agree(&numbers, &enclosures)?;
    }
    Ok(numbers)
}

fn check(terms: &[FaceTerm], y: &[Rat], c: &Rat, lambda: &Rat) -> Result<(), NotExact> {
    if terms.len() > 2 {
        return Err(NotExact::TooManyAtoms(terms.len()));
    }
    if !c.is_positive() || !lambda.is_positive() {
        return Err(NotExact::Shape("c and λ have to be positive"));
    }
    for term in terms {
        let e = term.gram.len();
        if term.z.len() != y.len() {
            return Err(NotExact::Shape("Z needs one row for each target"));
        }
        if e == 0 || term.gram.iter().chain(&term.z).any(|row| row.len() != e) {
            return Err(NotExact::Shape(
                "Z and G need one column for each basis vector",
            ));
        }
    }
    Ok(())
}

/// Every number has to lie in its enclosure.
fn agree(numbers: &ExactNumbers, enclosures: &Enclosures) -> Result<(), NotExact> {
    let inside = |number: &Option<Algebraic>, (low, high): &(Rat, Rat)| {
        number
            .clone()
            .is_none_or(|mut number| number.narrow(low, high))
    };
    let mut pairs = numbers.norms.iter().zip(&enclosures.norms);
    if inside(&numbers.value, &enclosures.value) && pairs.all(|(t, around)| inside(t, around)) {
        return Ok(());
    }
    Err(NotExact::NoPoint)
}

/// The stationary point in Q(θ): ν′_k = above[k](θ)/below(θ).
struct Point {
    field: NumberField,
    above: Vec<Poly>,
    below: Poly,
}

impl Point {
    /// θ = ν′_1, the only positive root of p.
    fn of_one(p: &Poly2, stop: &dyn Fn() -> bool) -> Result<Self, NotExact> {
        let p = p.rows().first().ok_or(NotExact::Degenerate)?;
        let mut positive = Vec::new();
        for (factor, _) in factor(p, stop).ok_or(NotExact::Stopped)? {
            for (low, high) in isolate(&factor, stop).ok_or(NotExact::Stopped)? {
                if high.is_positive() {
                    positive.extend(Algebraic::of_irreducible(&factor, &low, &high));
                }
            }
        }
        match (positive.pop(), positive.pop()) {
            (Some(theta), None) => Ok(Point {
                field: NumberField::new(theta),
                above: vec![Poly::x()],
                below: Poly::constant(BigInt::one()),
            }),
            (None, _) => Err(NotExact::NoPoint),
            _ => Err(NotExact::Degenerate),
        }
    }

    /// θ = ν′_1 + k·ν′_2 for the first k that tells the point from all other common zeros of p and q.
    fn of_two(
        p: &Poly2,
        q: &Poly2,
        system: &System,
        enclosures: &mut dyn FnMut(u32) -> Option<Enclosures>,
        stop: &dyn Fn() -> bool,
    ) -> Result<Self, NotExact> {
        // Finitely many k let two zeros coincide; the point itself is a simple zero.
        for k in 1..=8i64 {
            let (f, g) = (p.sheared(k), q.sheared(k));
            let eliminated = resultant(&f, &g, stop).ok_or(NotExact::Stopped)?;
            if eliminated.is_zero() {
                return Err(NotExact::Degenerate);
            }
            let factors: Vec<Poly> = factor(&eliminated, stop)
                .ok_or(NotExact::Stopped)?
                .into_iter()
                .map(|(factor, _)| factor)
                .collect();
            let theta = locate(&factors, k, system, enclosures, stop)?;
            let minimal = theta.minimal_polynomial().clone();
            let (s1, s0) = linear_subresultant(&f, &g, stop).ok_or(NotExact::Stopped)?;
            if s1.is_zero() || s1.divided_by(&minimal).is_some() {
                continue;
            }
            let field = NumberField::new(theta);
            // ν′_2 = −s0/s1, in short form.
            let second = field.quotient(&-&s0, &s1, stop).ok_or(NotExact::Stopped)?;
            let (above, below) = second.fraction(&field);
            let first = &(&Poly::x() * &below) - &above.scale(&BigInt::from(k));
            return Ok(Point {
                field,
                above: vec![first, above],
                below,
            });
        }
        Err(NotExact::Degenerate)
    }

    fn numbers(
        &mut self,
        system: &System,
        c: &Rat,
        lambda: &Rat,
        max_degree: usize,
        stop: &dyn Fn() -> bool,
    ) -> Result<ExactNumbers, NotExact> {
        let mut algebraic = |num: &Poly, den: &Poly| -> Result<Option<Algebraic>, NotExact> {
            // At a stationary point no denominator is 0.
            if den.is_zero() {
                return Err(NotExact::Degenerate);
            }
            // Most numbers that are left out are known by their degree modulo a prime, long before they are found.
            if self.field.degree_at_least(num, den) > max_degree {
                return Ok(None);
            }
            let element: Element = self.field.quotient(num, den, stop).ok_or_else(|| {
                if stop() {
                    NotExact::Stopped
                } else {
                    NotExact::Degenerate
                }
            })?;
            let number = self
                .field
                .algebraic(&element, stop)
                .ok_or(NotExact::Stopped)?;
            Ok((number.degree() <= max_degree).then_some(number))
        };
        let norms = self
            .above
            .iter()
            .zip(&system.norm_factors)
            .map(|(above, t)| algebraic(&self.below.scale(t.numer()), &above.scale(t.denom())))
            .collect::<Result<_, _>>()?;
        let (num, den) = value(&self.above, &self.below, system, c, lambda);
        Ok(ExactNumbers {
            value: algebraic(&num, &den)?,
            norms,
        })
    }
}

/// The θ of the point among the factors of a resultant.
fn locate(
    factors: &[Poly],
    k: i64,
    system: &System,
    enclosures: &mut dyn FnMut(u32) -> Option<Enclosures>,
    stop: &dyn Fn() -> bool,
) -> Result<Algebraic, NotExact> {
    // How the search ended, should it fail.
    let mut ended = NotExact::NoPoint;
    let mut enclose = |bits: u32| {
        let mut finer = bits;
        loop {
            let Some(around) = enclosures(finer).filter(|around| around.norms.len() == 2) else {
                ended = NotExact::Enclosures;
                return None;
            };
            // ν′ = factor/t falls with t.
            if around.norms.iter().all(|(low, _)| low.is_positive()) {
                let nu = |i: usize| {
                    let (low, high) = &around.norms[i];
                    let factor = &system.norm_factors[i];
                    (factor / high, factor / low)
                };
                let ((low_1, high_1), (low_2, high_2)) = (nu(0), nu(1));
                let k = Rat::from_integer(k.into());
                return Some((low_1 + &k * low_2, high_1 + k * high_2));
            }
            finer *= 2;
            if finer > 1 << 16 || stop() {
                ended = NotExact::Enclosures;
                return None;
            }
        }
    };
    let found = Algebraic::locate(factors, &mut enclose, stop);
    found.ok_or(if stop() { NotExact::Stopped } else { ended })
}

/// The value as a quotient: c(‖y‖² − bᵀz) + λ Σ t_k, which equals c(‖y‖² − ‖ŷ‖²) since zᵀb = ‖ŷ‖² + ρ0 Σ t_k at the point.
fn value(above: &[Poly], below: &Poly, system: &System, c: &Rat, lambda: &Rat) -> (Poly, Poly) {
    let first = &above[0];
    let second = above.get(1).unwrap_or(below);
    let degree = system.degree();
    let at = |p: &Poly2| p.homogeneous_at(first, second, below, degree);
    let (determinant, product) = (at(&system.determinant), at(&system.b_times_z));
    // b·z = fit_factor·product/determinant, t_k = norm_factor·below/above_k: all over determinant·Π above.
    let mut constants = vec![c * &system.y_squared, -(c * &system.fit_factor)];
    constants.extend(system.norm_factors.iter().map(|t| lambda * t));
    let (integers, den) = common_denominator_of_rats(constants.iter());
    let all = |skipped: Option<usize>| {
        above
            .iter()
            .enumerate()
            .filter(|(i, _)| Some(*i) != skipped)
            .fold(Poly::constant(BigInt::one()), |p, (_, a)| &p * a)
    };
    let whole = &determinant * &all(None);
    let mut num = &whole.scale(&integers[0]) + &(&product * &all(None)).scale(&integers[1]);
    for (i, factor) in integers[2..].iter().enumerate() {
        num = &num + &(&(&determinant * below) * &all(Some(i))).scale(factor);
    }
    (num, whole.scale(&den))
}
