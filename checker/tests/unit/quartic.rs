#![allow(clippy::arithmetic_side_effects, clippy::unwrap_used)]

use super::*;

fn ints(b: [i64; 5]) -> [Int; 5] {
    b.map(|x| Int::Small(x.into()))
}

#[test]
fn monomials_have_as_many_orders_as_permutations() {
    let cases: &[(&[usize], i128)] = &[
        (&[1, 1], 1),
        (&[1, 2], 2),
        (&[3, 3, 3], 1),
        (&[0, 0, 1], 3),
        (&[0, 1, 1], 3),
        (&[0, 1, 2], 6),
        (&[2, 2, 2, 2], 1),
        (&[0, 0, 0, 1], 4),
        (&[0, 1, 1, 1], 4),
        (&[0, 0, 1, 1], 6),
        (&[0, 0, 1, 2], 12),
        (&[0, 1, 1, 2], 12),
        (&[0, 1, 2, 2], 12),
        (&[0, 1, 2, 3], 24),
    ];
    for (list, count) in cases {
        assert_eq!(orders(list), *count, "{list:?}");
    }
}

#[test]
fn exponents_are_the_least() {
    for t in 1..70u32 {
        for height in 1..300u32 {
            let least = (0..).find(|e| t << e >= height).unwrap();
            assert_eq!(exponent(&Int::Small(height.into()), &Int::Small(t.into())), least);
        }
    }
    let power = |places: usize| Int::ONE.shifted(places);
    assert_eq!(exponent(&power(5000), &power(10)), 4990);
    assert_eq!(exponent(&(power(5000) + Int::ONE), &power(10)), 4991);
    assert_eq!(exponent(&power(5000), &(power(10) + Int::ONE)), 4990);
}

#[test]
fn every_monomial_has_one_completed_entry() {
    for r in 1..6 {
        let pairs = Pairs::new(r);
        let size = r + pairs.list.len();
        let completed =
            (0..size).flat_map(|a| (a..size).map(move |b| (a, b))).filter(|&(a, b)| is_completed(a, b, &pairs)).count();
        let cubic = r * (r + 1) * (r + 2) / 6;
        assert_eq!(completed, cubic + cubic * (r + 3) / 4, "{r}");
    }
}

#[test]
fn coefficients_are_decided_by_halving() {
    // (coefficients, whether they are nonnegative at once, and after halving)
    for (b, at_once, halved) in [
        ([0, 0, 0, 0, 0], true, true),
        ([1, 2, 3, 4, 5], true, true),
        ([-1, 2, 3, 4, 5], false, false),
        ([1, 2, 3, 4, -5], false, false),
        // A dip that stays above 0: (2x − 1)² + ε, of degree 2: 1, 0, −1/3, 0, 1, all by 3.
        ([300, 0, -99, 0, 300], false, true),
        ([300, 0, -100, 0, 300], false, true), // a double root in the middle, where it is cut
        ([300, 0, -101, 0, 300], false, false),
        // A double root at 1/3: (3x − 1)² is 1, −1/2, −1/2, 1, 4 (by 2): no halving shows it.
        ([2, -1, -1, 2, 8], false, false),
        // Zeros at the ends, and a dip beside one.
        ([0, -1, 5, 5, 5], false, false),
        ([0, 5, -1, 5, 0], false, true),
        ([5, 5, 5, -1, 0], false, false),
    ] {
        let b = ints(b);
        assert_eq!(is_nonnegative(&b, 0), at_once, "{b:?}");
        assert_eq!(is_nonnegative(&b, DEPTH), halved, "{b:?}");
        // With large numbers the same.
        let large = b.each_ref().map(|x| x * Int::ONE.shifted(300));
        assert_eq!(is_nonnegative(&large, DEPTH), halved, "{b:?}");
        assert!(!is_clearly_nonnegative(&large) || halved, "{b:?}");
    }
    // A little above a double root at 1/3 it is seen, the later the less.
    let above = |power: usize| ints([2, -1, -1, 2, 8]).map(|x| x.shifted(power) + Int::ONE);
    let depth = |power: usize| (0..=200).find(|&depth| is_nonnegative(&above(power), depth)).unwrap();
    let depths: Vec<u32> = [0, 10, 20, 40, 80, 160].map(depth).into();
    assert!(depths.is_sorted() && depths[0] == 0 && depths[5] > 60, "{depths:?}");
    // Not more than 40 times.
    let last = (0..).find(|&power| depth(power) > 40).unwrap();
    assert!(is_nonnegative(&above(last - 1), DEPTH) && !is_nonnegative(&above(last), DEPTH));
    assert!(!is_clearly_nonnegative(&above(last)));
}

#[test]
fn rounded_coefficients_do_not_run_over() {
    // Negative somewhere, and with doubled sums in place of means accepted: modulo 2^128 nothing negative is left.
    for b in [[0, 205, -129, 43, 0], [213, 145, 34, -220, 253], [192, -168, 21, 187, 0]] {
        let b = ints(b).map(|x| x.shifted(112));
        assert!(!is_clearly_nonnegative(&b) && !is_nonnegative(&b, DEPTH), "{b:?}");
    }
}

#[test]
fn what_is_clearly_nonnegative_is_so_exactly() {
    let mut state = 1u64;
    let mut random = |most: i64| {
        state ^= state >> 12;
        state ^= state << 25;
        state ^= state >> 27;
        (state.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 11) as i64 % (2 * most + 1) - most
    };
    let [mut clear, mut exact] = [0, 0];
    for round in 0..20_000 {
        let most = [3, 20, 1 << 40][round % 3];
        let mut b = [0; 5].map(|_| random(most));
        if round % 2 == 0 {
            (b[0], b[4]) = (b[0].abs(), b[4].abs());
        }
        // Rounded, and far below the precision.
        let b = ints(b).map(|x| x.shifted(round % 130) + Int::Small(random(3).into()));
        let is = is_nonnegative(&b, DEPTH);
        exact += u32::from(is);
        if is_clearly_nonnegative(&b) {
            clear += 1;
            assert!(is, "{b:?}");
        }
    }
    assert!(clear > 1000 && exact >= clear && exact < clear + clear / 10 + 300, "{clear} {exact}");
}
