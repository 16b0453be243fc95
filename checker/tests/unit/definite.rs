#![allow(clippy::arithmetic_side_effects, clippy::unwrap_used)]

use super::*;

/// A small generator of pseudo-random numbers (xorshift64*): a number from −`most` to `most`.
fn random(state: &mut u64, most: i64) -> i64 {
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    (state.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 11) as i64 % (2 * most + 1) - most
}

fn ints(matrix: &[Vec<IBig>]) -> Vec<Vec<Int>> {
    matrix.iter().map(|row| row.iter().cloned().map(Int::from).collect()).collect()
}

fn of_i64(rows: &[&[i64]]) -> Vec<Vec<IBig>> {
    rows.iter().map(|row| row.iter().map(|&x| IBig::from(x)).collect()).collect()
}

/// BᵀB for a random matrix B with `rank` rows.
fn gram(state: &mut u64, size: usize, rank: usize, most: i64) -> Vec<Vec<IBig>> {
    let b: Vec<Vec<i64>> = (0..rank).map(|_| (0..size).map(|_| random(state, most)).collect()).collect();
    let entry = |i: usize, j: usize| b.iter().map(|row| IBig::from(row[i]) * IBig::from(row[j])).sum();
    (0..size).map(|i| (0..size).map(|j| entry(i, j)).collect()).collect()
}

fn determinant(matrix: &[Vec<IBig>], rows: &[usize], columns: &[usize]) -> IBig {
    let Some((&first, rest)) = rows.split_first() else { return IBig::ONE };
    let mut sum = IBig::ZERO;
    for (place, &column) in columns.iter().enumerate() {
        let others: Vec<usize> = columns.iter().copied().filter(|&other| other != column).collect();
        let term = &matrix[first][column] * determinant(matrix, rest, &others);
        sum += if place % 2 == 0 { term } else { -term };
    }
    sum
}

/// All principal minors are at least 0.
fn by_minors(matrix: &[Vec<IBig>]) -> bool {
    (1..1u32 << matrix.len()).all(|set| {
        let places: Vec<usize> = (0..matrix.len()).filter(|i| set >> i & 1 == 1).collect();
        determinant(matrix, &places, &places) >= IBig::ZERO
    })
}

#[test]
fn matrices_are_decided() {
    let cases: &[(&[&[i64]], bool)] = &[
        (&[], true),
        (&[&[0]], true),
        (&[&[5]], true),
        (&[&[-1]], false),
        (&[&[0, 0], &[0, 0]], true),
        (&[&[0, 1], &[1, 5]], false),
        (&[&[0, 0], &[0, -1]], false),
        (&[&[0, 0], &[0, 7]], true),
        (&[&[1, 2], &[2, 4]], true),
        (&[&[1, 2], &[2, 3]], false),
        (&[&[4, 2], &[2, 1]], true),
        // A pivot of 0 in the middle, with and without the rest of its row.
        (&[&[1, 1, 1], &[1, 1, 1], &[1, 1, 1]], true),
        (&[&[1, 1, 1], &[1, 1, 2], &[1, 2, 9]], false),
        (&[&[1, 1, 1], &[1, 1, 1], &[1, 1, 0]], false),
        (&[&[2, 0, 2, 0], &[0, 0, 0, 0], &[2, 0, 2, 0], &[0, 0, 0, 3]], true),
        (&[&[2, 0, 2, 1], &[0, 0, 0, 0], &[2, 0, 2, 0], &[1, 0, 0, 3]], false),
        (&[&[10, 10, 0], &[10, 10, 0], &[0, 0, 0]], true),
        (&[&[10, 10, 0], &[10, 10, 1], &[0, 1, 10]], false),
    ];
    for (matrix, expected) in cases {
        let matrix = of_i64(matrix);
        assert_eq!(is_semidefinite(ints(&matrix)), *expected, "{matrix:?}");
        assert_eq!(is_semidefinite_exactly(ints(&matrix)), *expected, "{matrix:?}");
        assert_eq!(by_minors(&matrix), *expected, "{matrix:?}");
    }
}

#[test]
fn small_matrices_are_decided_as_by_their_minors() {
    let mut state = 1;
    let mut counts = [0; 3];
    for round in 0..6000 {
        let size = 1 + round % 5;
        let rank = 1 + round / 5 % size;
        // Singular, and then one entry is another one, or it is sheared or scaled out of reach of the fast test.
        let mut matrix = gram(&mut state, size, rank, 1 + round as i64 / 5 % 4);
        let (i, j) = ((random(&mut state, 50) + 50) as usize % size, (random(&mut state, 50) + 50) as usize % size);
        if round % 3 > 0 {
            let delta = IBig::from(random(&mut state, 2));
            matrix[i][j] += &delta;
            if i != j {
                matrix[j][i] += delta;
            }
        }
        if round % 4 == 0 {
            let factor = IBig::ONE << (random(&mut state, 150) + 150) as usize;
            (0..size).for_each(|k| matrix[i][k] *= &factor);
            (0..size).for_each(|k| matrix[k][i] *= &factor);
        }
        let expected = by_minors(&matrix);
        let fast = is_clearly_semidefinite(&ints(&matrix));
        assert!(expected || !fast, "{matrix:?}");
        assert_eq!(is_semidefinite(ints(&matrix)), expected, "{matrix:?}");
        assert_eq!(is_semidefinite_exactly(ints(&matrix)), expected, "{matrix:?}");
        counts[usize::from(expected) + usize::from(fast)] += 1;
    }
    assert!(counts.iter().all(|count| *count > 500), "{counts:?}");
}

#[test]
fn the_fast_test_accepts_what_has_room_and_nothing_that_is_not_so() {
    let mut state = 7;
    for (size, rank, most) in [(2, 2, 9), (8, 8, 1 << 20), (15, 20, 1 << 30), (32, 40, 1 << 50)] {
        let matrix = gram(&mut state, size, rank, most);
        // The least eigenvalue of B·Bᵀ may be near 0; that of B·Bᵀ + m·1 is m at least.
        for power in [0usize, 40, 200] {
            let unit = (IBig::from(most) * IBig::from(most)) << power;
            let mut scaled: Vec<Vec<IBig>> =
                matrix.iter().map(|row| row.iter().map(|x| x << (power + 50)).collect()).collect();
            for slack in [0i64, 1 << 10, 1 << 20] {
                let mut matrix = scaled.clone();
                (0..size).for_each(|i| matrix[i][i] += &unit * IBig::from(slack));
                if slack > 0 {
                    assert!(is_clearly_semidefinite(&ints(&matrix)), "{size} {power} {slack}");
                }
                assert!(is_semidefinite(ints(&matrix)));
            }
            // The last row is the first one, but for a diagonal entry that is less: by more than the fast test can see, or
            // by less.
            scaled[size - 1] = scaled[0].clone();
            scaled.iter_mut().for_each(|row| row[size - 1] = row[0].clone());
            assert!(is_semidefinite_exactly(ints(&scaled)));
            for delta in [IBig::ONE, unit] {
                let mut matrix = scaled.clone();
                matrix[size - 1][size - 1] -= delta;
                assert!(!is_clearly_semidefinite(&ints(&matrix)));
                assert!(!is_semidefinite(ints(&matrix)));
            }
        }
    }
}

#[test]
fn what_the_factor_leaves_decides_however_the_factor_was_made() {
    // Without room for the rounding there are factors of matrices that are not positive semidefinite.
    let mut state = 3;
    let mut counts = [0; 3];
    for round in 0..3000 {
        let size = 2 + round % 4;
        let mut matrix = gram(&mut state, size, 1 + round / 4 % size, 1 << 40);
        let at = round / 16 % size;
        matrix[at][at] += IBig::from(random(&mut state, 1 << 24)) << (round % 30);
        let matrix = ints(&matrix);
        for room in [-(1 << 62), 0, 1 << 58] {
            let answer = has_factor(&matrix, room);
            assert!(answer != Some(true) || is_semidefinite_exactly(matrix.clone()), "{matrix:?} {room}");
            counts[answer.map_or(0, |holds| 1 + usize::from(holds))] += 1;
        }
    }
    assert!(counts.iter().all(|count| *count > 500), "{counts:?}");
}

#[test]
fn the_margin_is_met_exactly() {
    // The scaled matrix is L·Lᵀ for L = (a, 0; a, 0), but for `c` and `d` on the diagonal and `t` beside it; what is cut off
    // by the scaling stands beside the diagonal, too.
    let a: IBig = (IBig::ONE << 60usize) - IBig::ONE;
    for power in [0usize, 100] {
        let unit = IBig::ONE << power;
        let matrix = |c: i64, d: i64, t: i64, cut: bool| {
            let diagonal = [c, d].map(|extra| (&a * &a + IBig::from(extra)) * &unit);
            let mut beside = (&a * &a + IBig::from(t)) * &unit;
            if cut {
                beside += &unit - IBig::ONE;
            }
            let [first, second] = diagonal;
            ints(&[vec![first, beside.clone()], vec![beside, second]])
        };
        for (c, d) in [(0i64, 0i64), (1, 1), (2, 2), (7, 7), (2, 7), (7, 2), (0, 7), (7, 0), (1000, 3)] {
            for t in [0i64, 1, 2, 3, 6, 7, 1 << 30] {
                for cut in [false, true] {
                    let matrix = matrix(c, d, t, cut);
                    let answer = has_factor(&matrix, c.min(d).into());
                    assert_eq!(answer, Some(t < c.min(d)), "{power} {c} {d} {t} {cut}");
                    assert!(answer == Some(false) || is_semidefinite_exactly(matrix), "{power} {c} {d} {t} {cut}");
                }
            }
        }
    }
}

#[test]
fn entries_that_do_not_fit_are_no_zeros() {
    // Scaled by 2^118 or so, 2^10 and more do not fit.
    for power in [0usize, 4, 5, 6, 7, 8, 9, 10, 20, 50, 100, 126, 127, 128, 300] {
        let large = IBig::ONE << power;
        for entry in [large.clone(), -large] {
            let matrix = ints(&[vec![IBig::ONE, entry.clone()], vec![entry, IBig::ONE]]);
            assert_eq!(is_semidefinite(matrix), power == 0, "{power}");
        }
    }
}

#[test]
fn the_numbers_of_the_elimination_stay_small() {
    // 2 on the diagonal and 1 elsewhere: a determinant of 65. Without the exact divisions the numbers double their
    // digits with every row, and this test does not end.
    let row = |i: usize| (0..64).map(|j| IBig::from(if i == j { 2 } else { 1 })).collect();
    let mut matrix: Vec<Vec<IBig>> = (0..64).map(row).collect();
    assert!(is_semidefinite_exactly(ints(&matrix)));
    matrix[63][63] = IBig::ZERO;
    assert!(!is_semidefinite_exactly(ints(&matrix)));
}

#[test]
fn rounding_stays_below_one() {
    for x in [0i64, 1, -1, 2, -2, 3, -3, 1_000_003, -1_000_003, i64::MAX, i64::MIN] {
        for shift in [-200, -130, -128, -127, -64, -3, -1, 0, 1, 3, 60] {
            for big in [false, true] {
                let exact = if big { IBig::from(x) << 130usize } else { IBig::from(x) };
                let rounded = scaled(&Int::from(exact.clone()), shift);
                // Both sides times 2^200.
                let value = exact << (200 + shift) as usize;
                let Some(rounded) = rounded else {
                    assert!(value.clone().max(-value) >= IBig::ONE << 326usize || big && shift > 0 && x != 0);
                    continue;
                };
                let error = &value - (IBig::from(rounded) << 200usize);
                assert!(error < IBig::ONE << 200usize && error > -(IBig::ONE << 200usize), "{x} {shift}");
                assert!(value < IBig::ZERO || error >= IBig::ZERO, "{x} {shift}");
            }
        }
    }
}
