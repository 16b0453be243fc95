//! Factorisation over Q: Zassenhaus' algorithm.

use itertools::Itertools;
use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{One, Zero};

use super::Poly;
use super::crt::symmetric;
use super::gcd::square_free;
use super::hensel::lift;
use super::modular::{Field, Image, primes_below, trim};

/// The irreducible factors over Q of a nonzero polynomial, primitive with a positive leading coefficient, each with its multiplicity,
/// sorted by degree; constants are left out, so the list is empty for them. `None` if `stop` said so.
pub fn factor(poly: &Poly, stop: &dyn Fn() -> bool) -> Option<Vec<(Poly, u32)>> {
    let mut factors = Vec::new();
    for (part, multiplicity) in square_free(poly) {
        for factor in factor_square_free(&part, stop)? {
            factors.push((factor, multiplicity));
        }
    }
    factors.sort_by(|(a, _), (b, _)| (a.degree(), a.coeffs()).cmp(&(b.degree(), b.coeffs())));
    Some(factors)
}

/// How a polynomial splits modulo a prime.
struct Split {
    field: Field,
    /// The product of the monic irreducible factors of degree d, with d.
    by_degree: Vec<(Image, usize)>,
    count: usize,
}

/// The factors of a primitive square-free polynomial.
fn factor_square_free(poly: &Poly, stop: &dyn Fn() -> bool) -> Option<Vec<Poly>> {
    let mut poly = poly.clone();
    let mut found = Vec::new();
    if poly.coeff(0).is_zero() && poly.degree() > Some(1) {
        found.push(Poly::x());
        poly = poly.divided_by(&Poly::x()).unwrap_or(poly);
    }
    let Some(n) = poly.degree() else {
        return Some(found);
    };
    if n == 0 {
        return Some(found);
    }
    if n == 1 {
        found.push(poly);
        return Some(found);
    }
    let Some((best, degrees)) = choose_prime(&poly, stop)? else {
        found.push(poly);
        return Some(found);
    };
    let field = best.field;
    let mut images = Vec::new();
    for (product, degree) in &best.by_degree {
        equal_degree(field, product, *degree, stop, &mut images)?;
    }
    // Every factor g of f times lc(f)/lc(g) has coefficients below 2^n·‖f‖₂ (Mignotte).
    let bound = (poly.norm_2_squared().sqrt() + 1u8) << (n + 1);
    let exponent = (1..)
        .scan(BigInt::from(field.p), |power, k| {
            let exceeded = *power > bound;
            *power *= field.p;
            Some((k, exceeded))
        })
        .find_map(|(k, exceeded)| exceeded.then_some(k))?;
    let lifted = lift(&poly, &images, field, exponent, stop)?;
    let modulus = BigInt::from(field.p).pow(exponent);
    recombine(poly, lifted, &modulus, &degrees, stop, &mut found)?;
    Some(found)
}

/// The prime with the fewest factors of the first few usable ones, and which degrees a factor over Q may have according to all of
/// them. `Some(None)` if those degrees show that the polynomial is irreducible.
#[allow(clippy::type_complexity)]
fn choose_prime(poly: &Poly, stop: &dyn Fn() -> bool) -> Option<Option<(Split, Vec<bool>)>> {
    let n = poly.degree()?;
    let mut degrees = vec![true; n + 1];
    let mut best: Option<Split> = None;
    let mut tried = 0;
    // Small primes first: the p-th powers are cheap. The discriminant has finitely many prime factors, so one is found.
    let primes = primes_below(1 << 8)
        .filter(|&p| p > 10)
        .sorted()
        .chain(super::modular::large_primes());
    for p in primes {
        if stop() {
            return None;
        }
        let field = Field::new(p);
        let image = field.monic(&field.image(poly));
        if image.len() != n + 1 || field.gcd(&image, &field.derivative(&image)).len() != 1 {
            continue;
        }
        let split = distinct_degree(field, image);
        let possible = subset_sums(&split, n);
        for (degree, here) in degrees.iter_mut().zip(possible) {
            *degree &= here;
        }
        if !degrees[1..n].iter().any(|&d| d) {
            return Some(None);
        }
        if best.as_ref().is_none_or(|best| split.count < best.count) {
            best = Some(split);
        }
        tried += 1;
        let patience = if best.as_ref().is_some_and(|best| best.count > 8) {
            20
        } else {
            8
        };
        if tried >= patience {
            break;
        }
    }
    best.map(|best| Some((best, degrees)))
}

/// Which degrees the products of the factors have.
fn subset_sums(split: &Split, n: usize) -> Vec<bool> {
    let mut possible = vec![false; n + 1];
    possible[0] = true;
    for (product, degree) in &split.by_degree {
        for _ in 0..(product.len() - 1) / degree {
            for sum in (*degree..=n).rev() {
                possible[sum] |= possible[sum - degree];
            }
        }
    }
    possible
}

/// base^exponent modulo `modulus`.
fn power(field: Field, base: &[u64], exponent: &BigInt, modulus: &[u64]) -> Image {
    let mut result: Image = vec![1];
    for i in (0..exponent.bits()).rev() {
        result = field.rem(&field.poly_mul(&result, &result), modulus);
        if exponent.bit(i) {
            result = field.rem(&field.poly_mul(&result, base), modulus);
        }
    }
    result
}

/// Splits a monic square-free polynomial by the degrees of its factors: those of degree d divide x^(p^d) − x.
fn distinct_degree(field: Field, mut rest: Image) -> Split {
    let mut by_degree = Vec::new();
    let mut count = 0;
    let p = BigInt::from(field.p);
    let x: Image = vec![0, 1];
    let mut frobenius = x.clone();
    let mut degree = 0;
    while 2 * (degree + 1) < rest.len() {
        degree += 1;
        frobenius = power(field, &frobenius, &p, &rest);
        let part = field.gcd(&rest, &field.poly_sub(&frobenius, &x));
        if part.len() > 1 {
            rest = field.div_rem(&rest, &part).0;
            frobenius = field.rem(&frobenius, &rest);
            count += (part.len() - 1) / degree;
            by_degree.push((part, degree));
        }
    }
    if rest.len() > 1 {
        count += 1;
        let degree = rest.len() - 1;
        by_degree.push((rest, degree));
    }
    Split {
        field,
        by_degree,
        count,
    }
}

/// The irreducible factors of a monic product of such of one degree (Cantor and Zassenhaus; p is odd).
fn equal_degree(
    field: Field,
    product: &Image,
    degree: usize,
    stop: &dyn Fn() -> bool,
    found: &mut Vec<Image>,
) -> Option<()> {
    if product.len() - 1 == degree {
        found.push(product.clone());
        return Some(());
    }
    let exponent = (BigInt::from(field.p).pow(degree as u32) - 1u8) >> 1u8;
    let mut state = 0x9e37_79b9_7f4a_7c15u64;
    loop {
        if stop() {
            return None;
        }
        let random = trim(
            (1..product.len())
                .map(|_| {
                    // A multiplicative congruential generator: any sequence without a pattern does.
                    state = state
                        .wrapping_mul(6_364_136_223_846_793_005)
                        .wrapping_add(1_442_695_040_888_963_407);
                    (state >> 33) % field.p
                })
                .collect(),
        );
        let half = power(field, &random, &exponent, product);
        let part = field.gcd(product, &field.poly_sub(&half, &[1]));
        if part.len() > 1 && part.len() < product.len() {
            let other = field.div_rem(product, &part).0;
            equal_degree(field, &part, degree, stop, found)?;
            return equal_degree(field, &other, degree, stop, found);
        }
    }
}

/// Finds the products of lifted factors that divide over the integers, the smallest sets first.
fn recombine(
    mut poly: Poly,
    mut lifted: Vec<Poly>,
    modulus: &BigInt,
    degrees: &[bool],
    stop: &dyn Fn() -> bool,
    found: &mut Vec<Poly>,
) -> Option<()> {
    let mut size = 1;
    'sizes: while 2 * size <= lifted.len() {
        let lead = poly.lead();
        let last = &lead * poly.coeff(0);
        for (turn, set) in (0..lifted.len()).combinations(size).enumerate() {
            if turn % 64 == 0 && stop() {
                return None;
            }
            let degree: usize = set.iter().filter_map(|&i| lifted[i].degree()).sum();
            if !degrees[degree] {
                continue;
            }
            // The constant coefficient first: it nearly always refutes a wrong set.
            let constant = set.iter().fold(lead.clone(), |product, &i| {
                product * lifted[i].coeff(0) % modulus
            });
            let constant = symmetric(&constant, modulus);
            if constant.is_zero() || !last.is_multiple_of(&constant) {
                continue;
            }
            let reduced =
                |p: Poly| Poly::new(p.coeffs().iter().map(|c| symmetric(c, modulus)).collect());
            let candidate = set
                .iter()
                .fold(Poly::constant(lead.clone()), |product, &i| {
                    reduced(&product * &lifted[i])
                })
                .primitive();
            if let Some(quotient) = poly.divided_by(&candidate) {
                found.push(candidate);
                poly = quotient;
                lifted = lifted
                    .into_iter()
                    .enumerate()
                    .filter(|(i, _)| !set.contains(i))
                    .map(|(_, f)| f)
                    .collect();
                continue 'sizes;
            }
        }
        size += 1;
    }
    if !poly.is_constant() {
        debug_assert!(!poly.lead().is_zero() && poly.content().is_one());
        found.push(poly);
    }
    Some(())
}
