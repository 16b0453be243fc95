//! Laws and tables of polynomials and algebraic numbers.

use std::cmp::Ordering;

use num_bigint::BigInt;
use num_traits::{One, Signed, Zero};
use proptest::prelude::*;

use super::super::Rat;
use super::*;

const GO_ON: &dyn Fn() -> bool = &|| false;

fn poly(coeffs: &[i64]) -> Poly {
    Poly::from_i64s(coeffs)
}

fn rat(p: i64, q: i64) -> Rat {
    Rat::new(p.into(), q.into())
}

fn product<'a>(factors: impl IntoIterator<Item = &'a Poly>) -> Poly {
    factors
        .into_iter()
        .fold(poly(&[1]), |product, factor| &product * factor)
}

/// Determinant by fractions, an independent way to resultants.
fn determinant(mut a: Vec<Vec<Rat>>) -> Rat {
    let n = a.len();
    let mut value = Rat::one();
    for k in 0..n {
        let Some(pivot) = (k..n).find(|&i| !a[i][k].is_zero()) else {
            return Rat::zero();
        };
        if pivot != k {
            a.swap(pivot, k);
            value = -value;
        }
        value *= a[k][k].clone();
        for i in k + 1..n {
            let factor = &a[i][k] / &a[k][k];
            for j in k..n {
                let step = &factor * &a[k][j];
                a[i][j] -= step;
            }
        }
    }
    value
}

/// `a` rows y^k·f above `b` rows y^k·g at one x; columns are the powers of y from the largest on.
fn sylvester(f: &Poly2, g: &Poly2, a: usize, b: usize, x: i64) -> Vec<Vec<Rat>> {
    let width = (f.degree_y() + a).max(g.degree_y() + b);
    let row = |p: &Poly2, shift: usize| {
        let mut row = vec![Rat::zero(); width];
        for (i, c) in p.rows().iter().enumerate() {
            row[width - 1 - i - shift] = c.eval(&rat(x, 1));
        }
        row
    };
    (0..a)
        .rev()
        .map(|k| row(f, k))
        .chain((0..b).rev().map(|k| row(g, k)))
        .collect()
}

/// The number of different real roots in (low, high] by Sturm's theorem with fractions, an independent way to root counts.
fn sturm(p: &Poly, low: &Rat, high: &Rat) -> usize {
    let to_rats = |p: &Poly| -> Vec<Rat> {
        p.coeffs()
            .iter()
            .map(|c| Rat::from_integer(c.clone()))
            .collect()
    };
    let mut chain = vec![to_rats(p), to_rats(&p.derivative())];
    while let [.., a, b] = &chain[..] {
        let mut rest = a.clone();
        while rest.len() >= b.len() {
            let factor = &rest[rest.len() - 1] / &b[b.len() - 1];
            let shift = rest.len() - b.len();
            for (i, c) in b.iter().enumerate() {
                rest[shift + i] -= &factor * c;
            }
            rest.pop();
        }
        while rest.last().is_some_and(Zero::is_zero) {
            rest.pop();
        }
        if rest.is_empty() {
            break;
        }
        chain.push(rest.iter().map(|c| -c).collect());
    }
    let changes = |at: &Rat| {
        let signs: Vec<bool> = chain
            .iter()
            .map(|q| q.iter().rev().fold(Rat::zero(), |v, c| v * at + c))
            .filter(|v| !v.is_zero())
            .map(|v| v.is_positive())
            .collect();
        signs.windows(2).filter(|w| w[0] != w[1]).count()
    };
    changes(low) - changes(high)
}

fn small_poly(degree: usize, size: i64) -> impl Strategy<Value = Poly> {
    prop::collection::vec(-size..=size, 1..=degree + 1).prop_map(|c| poly(&c))
}

fn nonzero_poly(degree: usize, size: i64) -> impl Strategy<Value = Poly> {
    small_poly(degree, size).prop_filter("not 0", |p| !p.is_zero())
}

/// Irreducible by Eisenstein's criterion for the prime 3: the leading coefficient is 1 or 2 mod 3, the others are divisible by 3, the
/// constant one not by 9.
fn eisenstein(degree: usize) -> impl Strategy<Value = Poly> {
    (
        prop::collection::vec(-1_000_000_000i64..1_000_000_000, degree - 1),
        -300_000_000i64..300_000_000,
        0i64..300_000_000,
        prop::bool::ANY,
    )
        .prop_map(move |(middle, constant, lead, two)| {
            let mut coeffs = vec![3 * (3 * constant + 1)];
            coeffs.extend(middle.iter().map(|c| 3 * c));
            coeffs.push(3 * lead + 1 + i64::from(two));
            poly(&coeffs).primitive()
        })
}

fn poly2() -> impl Strategy<Value = Poly2> {
    prop::collection::vec(small_poly(3, 50), 2..5).prop_map(Poly2::new)
}

#[test]
fn polynomials_are_printed_as_written_by_hand() {
    for (coeffs, text) in [
        (&[][..], "0"),
        (&[7], "7"),
        (&[-1, 1], "x - 1"),
        (&[7, -1, 3], "3x^2 - x + 7"),
        (&[0, 0, -1], "-x^2"),
        (&[-2, 0, 0, 10], "10x^3 - 2"),
    ] {
        assert_eq!(poly(coeffs).to_string(), text);
    }
}

#[test]
fn known_polynomials_have_their_known_factors() {
    let swinnerton_dyer_8 = poly(&[576, 0, -960, 0, 352, 0, -40, 0, 1]);
    let x_105 = {
        let mut coeffs = vec![0; 106];
        (coeffs[0], coeffs[105]) = (-1, 1);
        poly(&coeffs)
    };
    for (p, degrees) in [
        (poly(&[5]), vec![]),
        (poly(&[0, 6]), vec![(1, 1)]),
        (poly(&[4, 0, 0, 0, 1]), vec![(2, 1), (2, 1)]),
        (poly(&[1, 0, 0, 0, 1]), vec![(4, 1)]),
        (poly(&[1, 0, -10, 0, 1]), vec![(4, 1)]),
        (swinnerton_dyer_8.clone(), vec![(8, 1)]),
        (&swinnerton_dyer_8 * &swinnerton_dyer_8, vec![(8, 2)]),
        (
            poly(&[0, 0, -4, 12, -9, 0, 4, -12, 9]),
            vec![(1, 1), (1, 1), (1, 2), (1, 2), (2, 1)],
        ),
        (
            poly(&[-1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]),
            vec![(1, 1), (1, 1), (2, 1), (2, 1), (2, 1), (4, 1)],
        ),
        (
            x_105,
            vec![
                (1, 1),
                (2, 1),
                (4, 1),
                (6, 1),
                (8, 1),
                (12, 1),
                (24, 1),
                (48, 1),
            ],
        ),
    ] {
        let factors = factor(&p, GO_ON).expect("not stopped");
        let mut found: Vec<(usize, u32)> = factors
            .iter()
            .map(|(f, k)| (f.degree().expect("not 0"), *k))
            .collect();
        found.sort();
        assert_eq!(found, degrees, "{p}");
        let all = factors.iter().map(|(f, k)| f.pow(*k)).collect::<Vec<_>>();
        assert_eq!(product(&all), p.primitive(), "{p}");
    }
}

#[test]
fn a_stop_ends_every_long_computation() {
    let stop: &dyn Fn() -> bool = &|| true;
    let p = poly(&[1, 0, -10, 0, 1]);
    let q = Poly2::new(vec![poly(&[1, 2]), poly(&[0, 1]), poly(&[3])]);
    assert_eq!(factor(&p, stop), None);
    assert_eq!(isolate(&p, stop), None);
    assert_eq!(Algebraic::roots(&p, stop), None);
    assert_eq!(resultant(&q, &q, stop), None);
    assert_eq!(linear_subresultant(&q, &q, stop), None);
}

#[test]
fn close_roots_are_told_apart() {
    // Mignotte: x^9 − 2(50x − 1)² has two roots next to 1/50, about 50^−5.5 apart.
    let mignotte =
        &poly(&[0, 0, 0, 0, 0, 0, 0, 0, 0, 1]) - &poly(&[-1, 50]).pow(2).scale(&2.into());
    let roots = Algebraic::roots(&mignotte, GO_ON).expect("not stopped");
    assert_eq!(roots.len(), 3);
    let fiftieth = Algebraic::from(rat(1, 50));
    assert!(roots[0] < fiftieth && fiftieth < roots[1] && roots[1] < roots[2]);
    // Wilkinson: all roots rational, some at the middle of intervals.
    let wilkinson = product(&(1..=20).map(|k| poly(&[-k, 1])).collect::<Vec<_>>());
    let found = isolate(&wilkinson, GO_ON).expect("not stopped");
    assert_eq!(found.len(), 20);
    let roots = Algebraic::roots(&wilkinson, GO_ON).expect("not stopped");
    let expected: Vec<Algebraic> = (1..=20).map(|k| rat(k, 1).into()).collect();
    assert_eq!(roots, expected);
}

#[test]
fn algebraic_numbers_are_printed_with_correct_digits() {
    let roots = |p: &[i64]| Algebraic::roots(&poly(p), GO_ON).expect("not stopped");
    let root_2 = &roots(&[-2, 0, 1])[1];
    assert_eq!(root_2.to_decimal(30), "1.41421356237309504880168872421");
    assert_eq!(root_2.to_decimal(1), "1");
    assert_eq!(root_2.signum(), 1);
    assert_eq!(roots(&[-2, 0, 1])[0].signum(), -1);
    assert_eq!(
        roots(&[-2, 0, 0, 1])[0].to_decimal(20),
        "1.2599210498948731648"
    );
    // 10^−30 away from 1/2: not "0.5".
    let tiny = Poly::new(vec![
        BigInt::from(10).pow(60) + 8,
        BigInt::from(-4) * BigInt::from(10).pow(60),
        BigInt::from(4) * BigInt::from(10).pow(60),
    ]);
    assert!(
        Algebraic::roots(&tiny, GO_ON)
            .expect("not stopped")
            .is_empty()
    );
    let near = Poly::new(vec![
        BigInt::from(10).pow(60) - 8,
        BigInt::from(-4) * BigInt::from(10).pow(60),
        BigInt::from(4) * BigInt::from(10).pow(60),
    ]);
    let near = Algebraic::roots(&near, GO_ON).expect("not stopped");
    assert_eq!(near[1].to_decimal(5), "0.50000");
    assert_eq!(Algebraic::from(rat(1, 2)).to_decimal(5), "0.5");
    assert_eq!(Algebraic::from(rat(-1, 3)).to_string(), "-1/3");
    assert_eq!(Algebraic::from(rat(0, 3)).signum(), 0);
    assert_eq!(root_2.to_string(), "1.41421356237 (a root of x^2 - 2)");
}

#[test]
fn refinement_reaches_any_width_and_keeps_the_root() {
    for p in [
        poly(&[-2, 0, 1]),
        poly(&[-1, -1, 0, 0, 0, 1]),
        poly(&[1, 0, -10, 0, 1]),
        poly(&[-1, 1_000_000, 0, 1]),
    ] {
        for mut root in Algebraic::roots(&p, GO_ON).expect("not stopped") {
            let width = Rat::new(BigInt::one(), BigInt::one() << 3000);
            root.refine(&width);
            let (low, high) = root.interval();
            assert!(high - low <= width);
            assert_eq!(p.sign_at(low), -p.sign_at(high));
        }
    }
}

#[test]
fn a_number_is_located_among_factors_that_share_a_neighbourhood() {
    // √2 and the convergent 577/408, 2·10⁻⁶ apart, and a polynomial without real roots.
    let candidates = [poly(&[-577, 408]), poly(&[1, 0, 1]), poly(&[-2, 0, 1])];
    let root_2 = Algebraic::roots(&candidates[2], GO_ON).expect("not stopped")[1].clone();
    let mut asked = 0;
    let mut enclose = |bits: u32| {
        asked += 1;
        let mut root = root_2.clone();
        let bits = bits / 8;
        root.refine(&Rat::new(BigInt::one(), BigInt::one() << bits));
        let (low, high) = root.interval();
        Some((low.clone(), high.clone()))
    };
    let found = Algebraic::locate(&candidates, &mut enclose, GO_ON).expect("it is a root");
    assert_eq!(found, root_2);
    assert!(asked > 1);
    let mut elsewhere = |_| Some((rat(3, 1), rat(4, 1)));
    assert!(Algebraic::locate(&candidates, &mut elsewhere, GO_ON).is_none());
}

#[test]
fn numbers_of_a_field_have_their_minimal_polynomials() {
    // θ = √2 + √3: √2 = (θ³ − 9θ)/2, 1/θ = √3 − √2 = 10θ − θ³.
    let quartic = poly(&[1, 0, -10, 0, 1]);
    let theta = Algebraic::roots(&quartic, GO_ON).expect("not stopped")[3].clone();
    let mut field = NumberField::new(theta);
    for (num, den, minimal, decimal) in [
        (
            poly(&[0, -9, 0, 1]),
            poly(&[2]),
            poly(&[-2, 0, 1]),
            "1.41421",
        ),
        (
            poly(&[0, 11, 0, -1]),
            poly(&[2]),
            poly(&[-3, 0, 1]),
            "1.73205",
        ),
        (poly(&[1]), poly(&[0, 1]), quartic.clone(), "0.317837"),
        (poly(&[22]), poly(&[-7]), poly(&[22, 7]), "-3.14286"),
        (poly(&[0, 0, 1]), poly(&[1]), poly(&[1, -10, 1]), "9.89898"),
        (poly(&[]), poly(&[1]), poly(&[0, 1]), "0"),
    ] {
        let element = field.quotient(&num, &den, GO_ON).expect("den is not 0");
        let number = field.algebraic(&element, GO_ON).expect("not stopped");
        assert_eq!(*number.minimal_polynomial(), minimal);
        assert_eq!(Some(field.degree_at_least(&num, &den)), minimal.degree());
        assert_eq!(number.to_decimal(6), decimal);
    }
    let zero = &quartic * &poly(&[5, 1]);
    assert!(field.quotient(&poly(&[1]), &zero, GO_ON).is_none());
    let mut rationals = NumberField::new(rat(2, 3).into());
    let element = rationals.quotient(&poly(&[1, 0, 9]), &poly(&[0, 6]), GO_ON);
    let number = rationals.algebraic(&element.expect("not 0"), GO_ON);
    assert_eq!(number.expect("not stopped"), rat(5, 4).into());
}

#[test]
fn equal_numbers_in_different_intervals_are_equal() {
    let p = poly(&[-2, 0, 1]);
    let of = |low, high| Algebraic::of_irreducible(&p, &low, &high);
    let a = of(rat(1, 1), rat(2, 1)).expect("one root");
    let b = of(rat(7, 5), rat(100, 1)).expect("one root");
    let c = of(rat(-2, 1), rat(0, 1)).expect("one root");
    assert_eq!(a.cmp(&b), Ordering::Equal);
    assert_eq!(c.cmp(&b), Ordering::Less);
    assert!(of(rat(-2, 1), rat(2, 1)).is_none());
    assert!(of(rat(3, 1), rat(4, 1)).is_none());
    assert!(of(rat(2, 1), rat(1, 1)).is_none());
    assert_eq!(
        Algebraic::of_irreducible(&poly(&[-1, 2]), &rat(0, 1), &rat(1, 1)),
        Some(rat(1, 2).into())
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn polynomials_form_a_ring(a in small_poly(6, 99), b in small_poly(6, 99), c in small_poly(6, 99), x in -9i64..9, q in 1i64..9) {
        let at = rat(x, q);
        prop_assert_eq!(&(&a + &b) * &c, &(&a * &c) + &(&b * &c));
        prop_assert_eq!((&a * &b).eval(&at), a.eval(&at) * b.eval(&at));
        prop_assert_eq!((&a - &b).eval(&at), a.eval(&at) - b.eval(&at));
        prop_assert_eq!(a.shifted_by_one().eval(&at), a.eval(&(&at + rat(1, 1))));
        prop_assert_eq!(a.mirrored().eval(&at), a.eval(&-&at));
        prop_assert_eq!((&a * &b).derivative(), &(&a.derivative() * &b) + &(&a * &b.derivative()));
        if !b.is_zero() {
            prop_assert_eq!((&a * &b).divided_by(&b), Some(a.clone()));
            if !b.is_constant() {
                prop_assert_eq!((&(&a * &b) + &poly(&[1])).divided_by(&b), None);
            }
        }
    }

    #[test]
    fn the_gcd_divides_and_is_greatest(a in nonzero_poly(6, 99), b in nonzero_poly(6, 99), c in nonzero_poly(5, 99)) {
        let (ac, bc) = (&a * &c, &b * &c);
        let common = gcd(&ac, &bc);
        prop_assert!(ac.primitive().divided_by(&common).is_some());
        prop_assert!(bc.primitive().divided_by(&common).is_some());
        prop_assert!(common.divided_by(&c.primitive()).is_some());
        let (x, y) = (ac.primitive().divided_by(&common), bc.primitive().divided_by(&common));
        prop_assert!(gcd(&x.expect("divides"), &y.expect("divides")).is_constant());
    }

    #[test]
    fn products_of_irreducible_polynomials_come_apart(a in eisenstein(7), b in eisenstein(11), c in eisenstein(3), d in eisenstein(1)) {
        prop_assume!(a != b && b != c && c != d);
        let p = product([&a, &b, &b, &c, &d, &d, &d]);
        let expected = vec![(d, 3), (c, 1), (a, 1), (b, 2)];
        prop_assert_eq!(factor(&p.scale(&BigInt::from(-6)), GO_ON), Some(expected));
    }

    #[test]
    fn isolated_roots_are_as_many_as_sturm_counts(a in nonzero_poly(7, 20), b in nonzero_poly(4, 5)) {
        let p = square_free_part(&(&a * &b));
        let bound = rat(1 << root_bound_bits(&p).clamp(0, 40), 1);
        let found = isolate(&p, GO_ON).expect("not stopped");
        let count = if p.is_constant() { 0 } else { sturm(&p, &-&bound, &bound) };
        prop_assert_eq!(found.len(), count);
        for (low, high) in &found {
            if low == high {
                prop_assert_eq!(p.sign_at(low), 0);
            } else {
                let at_high = usize::from(p.sign_at(high) == 0);
                prop_assert_eq!(sturm(&p, low, high), 1 + at_high);
            }
        }
        for pair in found.windows(2) {
            prop_assert!(pair[0].1 <= pair[1].0);
        }
        let roots = Algebraic::roots(&(&a * &b), GO_ON).expect("not stopped");
        prop_assert_eq!(roots.len(), count);
        prop_assert!(roots.windows(2).all(|pair| pair[0] < pair[1]));
        for root in roots {
            let decimal = crate::exact::parse_decimal(&root.to_decimal(12)).expect("a decimal");
            let error = decimal.abs() * Rat::new(BigInt::one(), BigInt::from(10).pow(11));
            let (low, high) = (&decimal - &error, &decimal + &error);
            prop_assert!(low == high || sturm(root.minimal_polynomial(), &low, &high) == 1);
        }
    }

    #[test]
    fn resultants_are_sylvester_determinants(f in poly2(), g in poly2()) {
        let (m, n) = (f.degree_y(), g.degree_y());
        prop_assume!(m > 0 && n > 0 && m + n > 2);
        let r = resultant(&f, &g, GO_ON).expect("not stopped");
        let (s1, s0) = linear_subresultant(&f, &g, GO_ON).expect("not stopped");
        for x in -3..4 {
            let at = rat(x, 1);
            prop_assert_eq!(r.eval(&at), determinant(sylvester(&f, &g, n, m, x)));
            let narrow = sylvester(&f, &g, n - 1, m - 1, x);
            let size = m + n - 2;
            let without = |column: usize| narrow.iter().map(|row| {
                let mut row = row.clone();
                row.remove(column);
                row
            }).collect::<Vec<_>>();
            prop_assert_eq!(s1.eval(&at), determinant(without(size)));
            prop_assert_eq!(s0.eval(&at), determinant(without(size - 1)));
        }
    }

    #[test]
    fn the_subresultant_gives_the_common_root(f in poly2(), g in poly2(), a in small_poly(2, 9), at in -5i64..5) {
        // Both vanish at y = a(x) for x = at.
        let (x, y) = (Poly2::x(), Poly2::y());
        let line = &y - &Poly2::new(vec![a.clone()]);
        let here = &x - &Poly2::constant(at.into());
        let f = &(&f * &line) + &here;
        let g = &(&g * &line) + &(&here * &y);
        let r = resultant(&f, &g, GO_ON).expect("not stopped");
        let (s1, s0) = linear_subresultant(&f, &g, GO_ON).expect("not stopped");
        let at = rat(at, 1);
        prop_assert!(r.eval(&at).is_zero());
        prop_assert!((s1.eval(&at) * a.eval(&at) + s0.eval(&at)).is_zero());
    }

    #[test]
    fn minimal_polynomials_vanish_at_their_numbers(theta in eisenstein(5), num in nonzero_poly(9, 99), den in nonzero_poly(3, 99)) {
        let root = Algebraic::roots(&theta, GO_ON).expect("not stopped")[0].clone();
        let mut field = NumberField::new(root);
        let element = field.quotient(&num, &den, GO_ON).expect("den is not divisible");
        let minimal = field.minimal_polynomial(&element, GO_ON).expect("not stopped");
        // Q(θ) has degree 5, a prime.
        prop_assert!(field.degree_at_least(&num, &den) <= minimal.degree().expect("not 0"));
        let degree = minimal.degree().expect("not 0");
        prop_assert!(degree == 5 || degree == 1);
        let factors = factor(&minimal, GO_ON).expect("not stopped");
        prop_assert_eq!(factors, vec![(minimal.clone(), 1)]);
        let cleared = minimal.coeffs().iter().enumerate().fold(Poly::zero(), |sum, (i, c)| {
            &sum + &(&num.pow(i as u32) * &den.pow((degree - i) as u32)).scale(c)
        });
        prop_assert!(cleared.divided_by(&theta).is_some());
        let number = field.algebraic(&element, GO_ON).expect("not stopped");
        let (low, high) = field.enclose(&element, 200);
        prop_assert!(number.clone().narrow(&low, &high) || number.to_rat().is_some());
    }

    #[test]
    fn shearing_moves_the_argument(f in poly2(), k in -4i64..4, x in -5i64..5, y in -5i64..5) {
        let at = |p: &Poly2, x: i64, y: i64| {
            Poly::new(p.rows().iter().map(|c| c.eval(&rat(x, 1)).to_integer()).collect()).eval(&rat(y, 1))
        };
        prop_assert_eq!(at(&f.sheared(k), x, y), at(&f, x - k * y, y));
        let degree = f.degree() + 1;
        let value = f.homogeneous_at(&poly(&[x]), &poly(&[y]), &poly(&[2]), degree);
        let expected = f.rows().iter().enumerate().fold(Rat::zero(), |sum, (j, c)| {
            sum + c.eval(&rat(x, 2)) * num_traits::pow(rat(y, 2), j)
        });
        prop_assert_eq!(value.eval(&rat(0, 1)), expected * rat(1 << degree, 1));
    }
}
