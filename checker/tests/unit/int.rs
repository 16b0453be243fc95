#![allow(clippy::arithmetic_side_effects, clippy::unwrap_used)]

use super::*;

/// Integers around every boundary: of i64, of i128, and beyond.
fn boundaries() -> Vec<IBig> {
    let mut list = vec![IBig::ZERO];
    for power in [0usize, 1, 31, 32, 62, 63, 64, 65, 95, 126, 127, 128, 129, 200, 255, 256] {
        let x = IBig::ONE << power;
        for y in [&x - IBig::ONE, x.clone(), &x + IBig::ONE] {
            list.extend([-y.clone(), y]);
        }
    }
    list
}

#[test]
fn operations_agree_with_big_integers_at_every_boundary() {
    for x in boundaries() {
        for y in boundaries() {
            let (a, b) = (Int::from(x.clone()), Int::from(y.clone()));
            assert_eq!(&a + &b, Int::from(&x + &y));
            assert_eq!(&a - &b, Int::from(&x - &y));
            assert_eq!(&a * &b, Int::from(&x * &y));
            assert_eq!(a.cmp(&b), x.cmp(&y));
            let mut sum = b.clone();
            sum.add_product(&a, &b);
            assert_eq!(sum, Int::from(&y + &x * &y));
            if y != IBig::ZERO {
                assert_eq!(a.over(&b), Int::from(&x / &y), "{x} / {y}");
            }
            if x != IBig::ZERO || y != IBig::ZERO {
                assert_eq!(a.gcd(&b), Int::from(IBig::from((&x).gcd(&y))), "gcd({x}, {y})");
            }
        }
        let a = Int::from(x.clone());
        assert_eq!(a.to_string(), x.to_string());
        assert_eq!(a.bit_len(), x.bit_len());
        assert_eq!(a.sign(), x.cmp(&IBig::ZERO));
        assert_eq!(-a.clone(), Int::from(-x));
        assert!(a.abs().sign().is_ge());
    }
    assert_eq!(Int::ZERO.gcd(&Int::ZERO), Int::ZERO);
}

#[test]
fn roots_and_quotients_are_rounded_as_they_say() {
    for x in boundaries() {
        if x >= IBig::ZERO {
            let root = Int::from(x.clone()).root_up().big().into_owned();
            assert!(&root * &root >= x && (x == IBig::ZERO || (&root - 1) * (&root - 1) < x), "{x}");
            assert_eq!(Int::from(&x * &x).root_up(), Int::from(x.clone()));
            assert_eq!(Int::from(&x * &x + IBig::ONE).root_up(), Int::from(&x + IBig::ONE));
        }
        for y in boundaries().into_iter().filter(|y| *y > IBig::ZERO) {
            let quotient = Int::from(x.clone()).over_down(&Int::from(y.clone())).big().into_owned();
            assert!(&quotient * &y <= x && (&quotient + 1) * &y > x, "{x} {y}");
        }
    }
}

#[test]
fn dot_products_and_scaled_sums_do_not_overflow() {
    let list = boundaries();
    let ints: Vec<Int> = list.iter().cloned().map(Int::from).collect();
    let exact: IBig = list.iter().zip(list.iter().rev()).map(|(x, y)| x * y).sum();
    let reversed: Vec<Int> = ints.iter().rev().cloned().collect();
    assert_eq!(dot(Row::from(&ints[..]), Row::from(&reversed[..])), Int::from(exact));
    for length in [1, 2, 3, 50] {
        // All entries fit i64, and so does the fast path; the sum does not.
        let vector = Vector::from(vec![Int::Small(i128::from(i64::MIN)); length]);
        let square = IBig::from(i64::MIN) * IBig::from(i64::MIN);
        assert_eq!(dot(vector.all(), vector.all()), Int::from(square.clone() * IBig::from(length)));
        let mut sums = vec![Int::Small(i128::MAX); length];
        add_scaled(&mut sums, &Int::Small(i128::from(i64::MIN)), vector.all());
        assert!(sums.iter().all(|sum| *sum == Int::from(IBig::from(i128::MAX) + &square)));
        let mut sums = vec![Int::ZERO; length];
        add_scaled(&mut sums, &Int::Small(i128::MAX), vector.all());
        assert!(sums.iter().all(|sum| *sum == Int::from(IBig::from(i128::MAX) * IBig::from(i64::MIN))));
    }
}
