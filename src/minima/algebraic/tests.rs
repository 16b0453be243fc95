//! Closed forms, and an independent solution of the same equations by Newton's method.

use num_bigint::BigInt;
use num_traits::{One, Signed, Zero};
use proptest::prelude::*;

use super::reduce::{dot, inverse, times, transposed_times};
use super::*;
use crate::exact::{rat_to_f64, to_decimal};

const GO_ON: &dyn Fn() -> bool = &|| false;

fn rat(p: i64, q: i64) -> Rat {
    Rat::new(p.into(), q.into())
}

fn vector(v: &[i64]) -> Vec<Rat> {
    v.iter().map(|&x| rat(x, 1)).collect()
}

fn matrix(rows: &[&[i64]]) -> Vec<Vec<Rat>> {
    rows.iter().map(|row| vector(row)).collect()
}

fn term(z: &[&[i64]], gram: &[&[i64]]) -> FaceTerm {
    FaceTerm {
        z: matrix(z),
        gram: matrix(gram),
    }
}

fn one_atom(t: &FaceTerm, y: &[i64], c: &Rat, lambda: &Rat) -> Result<ExactNumbers, NotExact> {
    let y = vector(y);
    exact_numbers(
        std::slice::from_ref(t),
        &y,
        c,
        lambda,
        &mut |_| None,
        64,
        GO_ON,
    )
}

fn polynomial(number: &Option<Algebraic>) -> String {
    number
        .as_ref()
        .map(|n| n.minimal_polynomial().to_string())
        .unwrap_or_default()
}

/// A stationary point found without polynomials: ν by majorise-minimise in floats, then Newton's method in fractions.
struct Numeric {
    value: Rat,
    norms: Vec<Rat>,
}

/// Fractions with this many bits after the point are what Newton's method computes with.
const BITS: u32 = 200;

fn rounded(value: &Rat) -> Rat {
    let grid = Rat::from_integer(BigInt::one() << BITS);
    (value * &grid).round() / grid
}

/// The blocks of z(ν): the solution of (A + νG)z = right.
fn solve(terms: &[FaceTerm], nu: &[Rat], right: &[Vec<Rat>]) -> Vec<Vec<Rat>> {
    let mut system = Vec::new();
    for (k, row_term) in terms.iter().enumerate() {
        for i in 0..row_term.gram.len() {
            let column: Vec<Rat> = row_term.z.iter().map(|row| row[i].clone()).collect();
            let mut line = Vec::new();
            for (l, other) in terms.iter().enumerate() {
                let mut part = transposed_times(&other.z, &column);
                if k == l {
                    for (p, g) in part.iter_mut().zip(&row_term.gram[i]) {
                        *p += &nu[k] * g;
                    }
                }
                line.extend(part);
            }
            system.push(line);
        }
    }
    let flat = times(&inverse(&system).expect("definite"), &right.concat());
    let mut rest = flat.iter().map(rounded);
    terms
        .iter()
        .map(|t| rest.by_ref().take(t.gram.len()).collect())
        .collect()
}

fn square_norm(term: &FaceTerm, z: &[Rat]) -> Rat {
    dot(z, &times(&term.gram, z))
}

/// ν after many steps ν_k ← ρ0/‖z_k(ν)‖, which descend to the minimum; in floats.
fn roughly(terms: &[FaceTerm], y: &[Rat], rho: &Rat) -> Vec<f64> {
    let float = rat_to_f64;
    let columns: Vec<(usize, Vec<f64>)> = terms
        .iter()
        .enumerate()
        .flat_map(|(k, t)| {
            (0..t.gram.len()).map(move |j| (k, t.z.iter().map(|row| float(&row[j])).collect()))
        })
        .collect();
    let e = columns.len();
    let z = nalgebra::DMatrix::from_fn(y.len(), e, |i, j| columns[j].1[i]);
    let mut grams = vec![nalgebra::DMatrix::<f64>::zeros(e, e); terms.len()];
    let mut start = 0;
    for (t, gram) in terms.iter().zip(&mut grams) {
        for i in 0..t.gram.len() {
            for j in 0..t.gram.len() {
                gram[(start + i, start + j)] = float(&t.gram[i][j]);
            }
        }
        start += t.gram.len();
    }
    let b = z.transpose() * nalgebra::DVector::from_iterator(y.len(), y.iter().map(float));
    let mut nu = vec![1.0; terms.len()];
    for _ in 0..2000 {
        let system = grams
            .iter()
            .zip(&nu)
            .fold(z.transpose() * &z, |sum, (g, &nu)| sum + g * nu);
        let Some(x) = system.lu().solve(&b) else {
            break;
        };
        for (nu, g) in nu.iter_mut().zip(&grams) {
            let norm = x.dot(&(g * &x)).max(1e-30).sqrt();
            *nu = float(rho) / norm;
        }
    }
    nu
}

/// `None` where a norm goes to 0.
fn numeric(terms: &[FaceTerm], y: &[Rat], c: &Rat, lambda: &Rat) -> Option<Numeric> {
    let rho = lambda / c;
    let b: Vec<Vec<Rat>> = terms.iter().map(|t| transposed_times(&t.z, y)).collect();
    let rough = roughly(terms, y, &rho);
    if rough.iter().any(|&nu| nu > 1000.0) {
        return None;
    }
    let mut nu: Vec<Rat> = rough
        .iter()
        .map(|&nu| crate::exact::f64_to_rat(nu).expect("finite"))
        .collect();
    for _ in 0..5 {
        // F_k = ν_k² z_kᵀG_k z_k − ρ0², and ∂z/∂ν_l = −M⁻¹(0, …, G_l z_l, …, 0).
        let z = solve(terms, &nu, &b);
        let mut jacobian = vec![Vec::new(); terms.len()];
        for l in 0..terms.len() {
            let right: Vec<Vec<Rat>> = (0..terms.len())
                .map(|k| {
                    let image = times(&terms[k].gram, &z[k]);
                    image
                        .iter()
                        .map(|v| if k == l { -v } else { Rat::zero() })
                        .collect()
                })
                .collect();
            let dz = solve(terms, &nu, &right);
            for k in 0..terms.len() {
                let image = times(&terms[k].gram, &z[k]);
                let mut slope = rat(2, 1) * &nu[k] * &nu[k] * dot(&image, &dz[k]);
                if k == l {
                    slope += rat(2, 1) * &nu[k] * dot(&image, &z[k]);
                }
                jacobian[k].push(slope);
            }
        }
        let residual: Vec<Rat> = terms
            .iter()
            .zip(&z)
            .zip(&nu)
            .map(|((t, z), nu)| nu * nu * square_norm(t, z) - &rho * &rho)
            .collect();
        let step = times(&inverse(&jacobian)?, &residual);
        for (nu, step) in nu.iter_mut().zip(&step) {
            *nu = rounded(&(&*nu - step));
        }
        if nu.iter().any(|nu| !nu.is_positive()) {
            return None;
        }
    }
    let z = solve(terms, &nu, &b);
    let fit: Vec<Rat> = (0..y.len())
        .map(|i| terms.iter().zip(&z).map(|(t, z)| dot(&t.z[i], z)).sum())
        .collect();
    Some(Numeric {
        value: c * (dot(y, y) - dot(&fit, &fit)),
        norms: nu.iter().map(|nu| &rho / nu).collect(),
    })
}

/// Around the numeric solution, which is better than that by far.
fn enclosures(numeric: &Numeric) -> impl FnMut(u32) -> Option<Enclosures> {
    move |bits| {
        let radius = Rat::new(BigInt::one(), BigInt::one() << bits.min(BITS / 2));
        let around = |v: &Rat| (v - &radius, v + &radius);
        Some(Enclosures {
            value: around(&numeric.value),
            norms: numeric.norms.iter().map(around).collect(),
        })
    }
}

/// The number is irreducibly described, and within 2^−100 of the numeric one.
fn matches(number: &Algebraic, numeric: &Rat) -> Result<(), TestCaseError> {
    let radius = Rat::new(BigInt::one(), BigInt::one() << (BITS / 2));
    let (low, high) = (numeric - &radius, numeric + &radius);
    prop_assert!(
        number.clone().narrow(&low, &high),
        "{number} is not {}",
        to_decimal(numeric, 30, crate::exact::Round::Nearest)
    );
    let minimal = number.minimal_polynomial();
    prop_assert_eq!(factor(minimal, GO_ON), Some(vec![(minimal.clone(), 1)]));
    Ok(())
}

#[test]
fn no_atom_has_the_value_of_the_zero_network() {
    let y = vector(&[1, -2, 3]);
    let numbers = exact_numbers(&[], &y, &rat(1, 2), &rat(1, 3), &mut |_| None, 16, GO_ON);
    let numbers = numbers.expect("no equations");
    assert_eq!(numbers.value, Some(rat(7, 1).into()));
    assert!(numbers.norms.is_empty());
}

#[test]
fn orthonormal_columns_shrink_the_targets() {
    // t = ‖b‖ − ρ0, and the value is c(‖y‖² − t²).
    let identity = term(&[&[1, 0], &[0, 1]], &[&[1, 0], &[0, 1]]);
    let numbers = one_atom(&identity, &[3, 4], &rat(1, 1), &rat(1, 2)).expect("a point");
    assert_eq!(numbers.norms, [Some(rat(9, 2).into())]);
    assert_eq!(numbers.value, Some((rat(25, 1) - rat(81, 4)).into()));
    // ‖b‖ = √2: (t + 1/2)² = 2.
    let numbers = one_atom(&identity, &[1, 1], &rat(2, 1), &rat(1, 1)).expect("a point");
    assert_eq!(polynomial(&numbers.norms[0]), "4x^2 + 4x - 7");
    // 2(2 − (√2 − 1/2)²) = 2√2 − 1/2.
    assert_eq!(polynomial(&numbers.value), "4x^2 + 4x - 31");
    let value = numbers.value.expect("degree 2");
    assert_eq!(value.to_decimal(10), "2.328427125");
}

#[test]
fn a_face_of_one_direction_has_its_closed_form() {
    // z = (b − ρ0·√g)/a, t = z·√g, with a = 5, b = 11, g = 3.
    let line = term(&[&[1], &[2]], &[&[3]]);
    let numbers = one_atom(&line, &[3, 4], &rat(1, 1), &rat(1, 1)).expect("a point");
    // (5t + 3)² = 363.
    assert_eq!(polynomial(&numbers.norms[0]), "25x^2 + 30x - 354");
    assert_eq!(numbers.norms[0].as_ref().map(Algebraic::signum), Some(1));
    // 25 − 5z² = 25 − (11 − √3)²/5 = (1 + 22√3)/5.
    assert_eq!(polynomial(&numbers.value), "25x^2 - 10x - 1451");
    // Negative b: the same norm.
    let line = term(&[&[-1], &[-2]], &[&[3]]);
    let mirrored = one_atom(&line, &[3, 4], &rat(1, 1), &rat(1, 1));
    assert_eq!(mirrored, Ok(numbers));
}

#[test]
fn directions_that_take_no_part_do_not_raise_the_degree() {
    // The third basis vector is orthogonal to the targets, and the second one is not seen at all.
    let idle = term(
        &[&[2, 0, 0], &[0, 0, 1], &[1, 0, 0]],
        &[&[1, 0, 0], &[0, 2, 0], &[0, 0, 1]],
    );
    let lone = term(&[&[2], &[0], &[1]], &[&[1]]);
    let (c, lambda) = (rat(1, 3), rat(1, 5));
    let targets = [1, 0, 3];
    let numbers = one_atom(&idle, &targets, &c, &lambda).expect("a point");
    assert_eq!(one_atom(&lone, &targets, &c, &lambda), Ok(numbers.clone()));
    assert_eq!(numbers.norms[0].as_ref().map(Algebraic::degree), Some(1));
}

#[test]
fn weak_targets_have_no_point() {
    let identity = term(&[&[1, 0], &[0, 1]], &[&[1, 0], &[0, 1]]);
    // ‖b‖ = 5: at ρ0 = 5 the point is just gone.
    for (lambda, there) in [
        (rat(499, 100), true),
        (rat(5, 1), false),
        (rat(6, 1), false),
    ] {
        let found = one_atom(&identity, &[3, 4], &rat(1, 1), &lambda);
        assert_eq!(found.is_ok(), there);
        if !there {
            assert_eq!(found, Err(NotExact::NoPoint));
        }
    }
    let found = one_atom(&identity, &[0, 0], &rat(1, 1), &rat(1, 1));
    assert_eq!(found, Err(NotExact::NoPoint));
}

#[test]
fn bad_shapes_are_refused() {
    let identity = term(&[&[1, 0], &[0, 1]], &[&[1, 0], &[0, 1]]);
    let shape = |t: &FaceTerm, y: &[i64], c: i64| {
        matches!(
            one_atom(t, y, &rat(c, 1), &rat(1, 1)),
            Err(NotExact::Shape(_))
        )
    };
    assert!(shape(&identity, &[1, 2, 3], 1));
    assert!(shape(&identity, &[1, 2], 0));
    assert!(shape(
        &term(&[&[1, 0], &[0, 1]], &[&[1, 1], &[1, 1]]),
        &[1, 2],
        1
    ));
    assert!(shape(&term(&[&[1, 0], &[0, 1]], &[&[1, 0]]), &[1, 2], 1));
    assert!(shape(&term(&[&[], &[]], &[]), &[1, 2], 1));
    let y = vector(&[1, 2]);
    let three = vec![identity; 3];
    let found = exact_numbers(&three, &y, &rat(1, 1), &rat(1, 1), &mut |_| None, 9, GO_ON);
    assert_eq!(found, Err(NotExact::TooManyAtoms(3)));
}

#[test]
fn a_stop_and_wrong_enclosures_are_reported() {
    let terms = [
        term(&[&[1, 2], &[2, 0], &[0, 1]], &[&[1, 0], &[0, 1]]),
        term(&[&[0, 1], &[1, 1], &[3, -1]], &[&[2, 1], &[1, 3]]),
    ];
    let y = vector(&[9, 8, 7]);
    let (c, lambda) = (rat(1, 1), rat(1, 2));
    let at = |low: i64| {
        move |_| {
            Some(Enclosures {
                value: (rat(low, 1), rat(low, 1)),
                norms: vec![(rat(low, 1), rat(low, 1)); 2],
            })
        }
    };
    let stopped = exact_numbers(&terms, &y, &c, &lambda, &mut at(1), 16, &|| true);
    assert_eq!(stopped, Err(NotExact::Stopped));
    let wrong = exact_numbers(&terms, &y, &c, &lambda, &mut at(1), 16, GO_ON);
    assert_eq!(wrong, Err(NotExact::NoPoint));
    let none = exact_numbers(&terms, &y, &c, &lambda, &mut |_| None, 16, GO_ON);
    assert_eq!(none, Err(NotExact::Enclosures));
    // One atom: the enclosures are a check.
    let wrong = exact_numbers(&terms[..1], &y, &c, &lambda, &mut at(1), 16, GO_ON);
    assert_eq!(wrong, Err(NotExact::NoPoint));
}

#[test]
fn equal_and_dependent_atoms_are_degenerate() {
    let t = term(&[&[1, 2], &[2, 0], &[0, 1]], &[&[1, 0], &[0, 1]]);
    let mut flipped = t.clone();
    for row in &mut flipped.z {
        row.iter_mut().for_each(|v| *v = -v.clone());
    }
    let y = vector(&[9, 8, 7]);
    for second in [t.clone(), flipped] {
        let mut anywhere = |_| {
            Some(Enclosures {
                value: (rat(0, 1), rat(1000, 1)),
                norms: vec![(rat(1, 10), rat(100, 1)); 2],
            })
        };
        let found = exact_numbers(
            &[t.clone(), second],
            &y,
            &rat(1, 1),
            &rat(1, 2),
            &mut anywhere,
            16,
            GO_ON,
        );
        assert_eq!(found, Err(NotExact::Degenerate));
    }
}

#[test]
fn atoms_on_separate_rows_have_the_numbers_of_each_alone() {
    let first = term(&[&[1, 1], &[2, 1], &[0, 0], &[0, 0]], &[&[1, 0], &[0, 1]]);
    let second = term(&[&[0, 0], &[0, 0], &[-1, 1], &[-2, 1]], &[&[1, 0], &[0, 1]]);
    let line = term(&[&[0], &[0], &[1], &[1]], &[&[2]]);
    let (c, lambda) = (rat(1, 1), rat(1, 2));
    let y = [2, 3, 1, 4];
    for pair in [[&first, &second], [&first, &line], [&line, &first]] {
        let terms: Vec<FaceTerm> = pair.into_iter().cloned().collect();
        let targets = vector(&y);
        let numeric = numeric(&terms, &targets, &c, &lambda).expect("both are strong");
        let both = exact_numbers(
            &terms,
            &targets,
            &c,
            &lambda,
            &mut enclosures(&numeric),
            16,
            GO_ON,
        )
        .expect("a point");
        for (t, number) in pair.iter().zip(&both.norms) {
            let alone = one_atom(t, &y, &c, &lambda).expect("a point");
            assert_eq!(number, &alone.norms[0]);
        }
        let value = both.value.expect("degree at most 16");
        assert!(matches(&value, &numeric.value).is_ok());
    }
}

#[test]
fn a_mirrored_pair_has_two_equal_norms() {
    // x = −2..2 with a bias; active rows 0, 1, 2 and 0, −1, −2.
    let right = term(
        &[&[0, 0], &[0, 0], &[0, 1], &[1, 1], &[2, 1]],
        &[&[1, 0], &[0, 1]],
    );
    let left = term(
        &[&[-2, 1], &[-1, 1], &[0, 1], &[0, 0], &[0, 0]],
        &[&[1, 0], &[0, 1]],
    );
    let (c, lambda) = (rat(1, 1), rat(1, 2));
    let y = vector(&[3, 2, 1, 2, 3]);
    let terms = [right, left];
    let numeric = numeric(&terms, &y, &c, &lambda).expect("both are strong");
    let numbers = exact_numbers(
        &terms,
        &y,
        &c,
        &lambda,
        &mut enclosures(&numeric),
        16,
        GO_ON,
    )
    .expect("a point");
    assert_eq!(numbers.norms[0], numbers.norms[1]);
    // One pair is one atom of twice the norm in every respect: degree 2·2.
    let t = numbers.norms[0].clone().expect("degree at most 16");
    assert!(t.degree() <= 4);
    assert!(matches(&t, &numeric.norms[0]).is_ok());
    assert!(matches(&numbers.value.expect("small"), &numeric.value).is_ok());
}

/// Z with small fractions, and the Gram matrix of a small integer basis.
fn face(n: usize, e: usize) -> impl Strategy<Value = FaceTerm> {
    (
        prop::collection::vec(prop::collection::vec((-4i64..5, 1i64..4), e), n),
        prop::collection::vec(prop::collection::vec(-1i64..2, e), 4),
    )
        .prop_map(|(z, basis)| {
            let columns =
                |j: usize| -> Vec<Rat> { basis.iter().map(|row| rat(row[j], 1)).collect() };
            let width = basis[0].len();
            FaceTerm {
                z: z.iter()
                    .map(|row| row.iter().map(|&(p, q)| rat(p, q)).collect())
                    .collect(),
                gram: (0..width)
                    .map(|i| (0..width).map(|j| dot(&columns(i), &columns(j))).collect())
                    .collect(),
            }
        })
        .prop_filter("independent", |t| inverse(&t.gram).is_some())
}

fn targets(n: usize) -> impl Strategy<Value = Vec<Rat>> {
    prop::collection::vec(-9i64..10, n).prop_map(|y| vector(&y))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn one_atom_has_the_numbers_that_newton_finds(
        (t, y) in (1usize..4).prop_flat_map(|e| (face(4, e), targets(4))),
        c in 1i64..4,
        lambda in 1i64..6,
    ) {
        let (c, lambda) = (rat(c, 2), rat(lambda, 3));
        let rho = &lambda / &c;
        let b = transposed_times(&t.z, &y);
        let strength = dot(&b, &times(&inverse(&t.gram).expect("independent"), &b));
        let terms = [t];
        let mut no = |_| None;
        let found = exact_numbers(&terms, &y, &c, &lambda, &mut no, 64, GO_ON);
        prop_assert_eq!(found.is_ok(), strength > &rho * &rho);
        if let (Ok(found), Some(numeric)) = (found, numeric(&terms, &y, &c, &lambda)) {
            let t = found.norms[0].as_ref().expect("any degree");
            let value = found.value.as_ref().expect("any degree");
            prop_assert!(t.degree() <= 2 * terms[0].gram.len());
            matches(t, &numeric.norms[0])?;
            matches(value, &numeric.value)?;
            // A limit leaves out what is above it.
            let degree = t.degree();
            let limited = exact_numbers(&terms, &y, &c, &lambda, &mut enclosures(&numeric), degree, GO_ON);
            prop_assert_eq!(&limited.expect("the same").norms, &found.norms);
            let limited = exact_numbers(&terms, &y, &c, &lambda, &mut no, degree - 1, GO_ON);
            prop_assert_eq!(&limited.expect("the same").norms, &[None]);
        }
    }

    #[test]
    fn two_atoms_have_the_numbers_that_newton_finds(
        (first, second, y) in (1usize..3, 1usize..3).prop_flat_map(|(e, f)| (face(4, e), face(4, f), targets(4))),
        lambda in 1i64..4,
    ) {
        let (c, lambda) = (rat(1, 1), rat(lambda, 3));
        let terms = [first, second];
        let Some(numeric) = numeric(&terms, &y, &c, &lambda) else {
            return Ok(());
        };
        let found = exact_numbers(&terms, &y, &c, &lambda, &mut enclosures(&numeric), 16, GO_ON);
        let found = match found {
            Err(NotExact::Degenerate) => return Ok(()),
            other => other.expect("a point"),
        };
        // The degree is at most 4·e1·e2 ≤ 16.
        for (t, expected) in found.norms.iter().zip(&numeric.norms) {
            matches(t.as_ref().expect("degree at most 16"), expected)?;
        }
        matches(found.value.as_ref().expect("degree at most 16"), &numeric.value)?;
    }
}
