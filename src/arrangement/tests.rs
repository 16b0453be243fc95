//! The enumeration against closed forms and against slow methods that share nothing with it.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, Signed, Zero};

use super::*;

type Matrix = Vec<Vec<i64>>;

fn big(rows: &Matrix) -> Vec<Vec<BigInt>> {
    rows.iter()
        .map(|row| row.iter().map(|x| BigInt::from(*x)).collect())
        .collect()
}

fn arrangement(rows: &Matrix) -> Arrangement {
    let columns = rows.first().map_or(0, Vec::len);
    Arrangement::new(big(rows), columns).expect("an arrangement")
}

struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn within(&mut self, size: i64) -> i64 {
        (self.next() % (2 * size as u64 + 1)) as i64 - size
    }

    fn matrix(&mut self, n: usize, r: usize, size: i64) -> Matrix {
        (0..n)
            .map(|_| (0..r).map(|_| self.within(size)).collect())
            .collect()
    }
}

/// Every cell's signs in the data rows; each interior point is checked, no cell may come twice.
fn signs(
    arrangement: &Arrangement,
    rows: &[Vec<BigInt>],
    options: &EnumerateOptions,
) -> BTreeSet<Vec<i8>> {
    let mut all = BTreeSet::new();
    let enumerated = arrangement
        .for_each_cell(options, |cell| {
            let signs: Vec<i8> = cell.row_signs().collect();
            let point = cell.interior_point();
            for (row, sign) in rows.iter().zip(&signs) {
                let product: BigInt = row.iter().zip(&point).map(|(x, u)| x * u).sum();
                assert_eq!(
                    product.signum(),
                    BigInt::from(*sign),
                    "{rows:?} {signs:?} {point:?}"
                );
            }
            assert!(all.insert(signs), "a cell came twice: {rows:?}");
            ControlFlow::Continue(())
        })
        .expect("lucky");
    assert!(enumerated.complete);
    assert_eq!(enumerated.cells(), BigInt::from(all.len()));
    all
}

fn signs_of(rows: &Matrix) -> BTreeSet<Vec<i8>> {
    signs(&arrangement(rows), &big(rows), &EnumerateOptions::default())
}

fn count(rows: &Matrix) -> Counts {
    arrangement(rows)
        .count(&EnumerateOptions::default())
        .expect("lucky")
        .expect("not stopped")
}

fn resonance(r: usize) -> Matrix {
    (1..1u32 << r)
        .map(|m| (0..r).map(|i| i64::from(m >> i & 1)).collect())
        .collect()
}

fn braid(m: usize) -> Matrix {
    let mut rows = Vec::new();
    for i in 0..m {
        for j in 0..i {
            let mut row = vec![0; m];
            (row[i], row[j]) = (1, -1);
            rows.push(row);
        }
    }
    rows
}

fn type_b(m: usize) -> Matrix {
    let mut rows = braid(m);
    for i in 0..m {
        let mut row = vec![0; m];
        row[i] = 1;
        rows.push(row);
        for j in 0..i {
            let mut row = vec![0; m];
            (row[i], row[j]) = (1, 1);
            rows.push(row);
        }
    }
    rows
}

// The slow way: hyperplanes one after the other, in rationals. A cell is split by the next hyperplane if the arrangement inside that hyperplane has a
// cell with its signs.

type Point = Vec<BigRational>;

fn dot(x: &[BigRational], y: &[BigRational]) -> BigRational {
    x.iter().zip(y).map(|(a, b)| a * b).sum()
}

fn pattern(rows: &[Point], u: &[BigRational]) -> Vec<BigRational> {
    rows.iter().map(|row| dot(row, u).signum()).collect()
}

/// One interior point a cell.
fn slow_points(rows: &[Point], r: usize) -> Vec<Point> {
    let Some((last, before)) = rows.split_last() else {
        return vec![vec![BigRational::zero(); r]];
    };
    let points = slow_points(before, r);
    let Some(pivot) = last.iter().position(|x| !x.is_zero()) else {
        return points;
    };
    // Inside the hyperplane: the pivot coordinate is a combination of the others.
    let inside: Vec<Point> = before
        .iter()
        .map(|row| {
            let factor = &row[pivot] / &last[pivot];
            (0..r)
                .filter(|c| *c != pivot)
                .map(|c| &row[c] - &factor * &last[c])
                .collect()
        })
        .collect();
    // A row that vanishes inside is parallel to the last one, which then splits nothing.
    let parallel = before
        .iter()
        .zip(&inside)
        .any(|(row, inside)| row.iter().any(|x| !x.is_zero()) && inside.iter().all(Zero::is_zero));
    if parallel {
        return points;
    }
    let cuts: Vec<Point> = slow_points(&inside, r - 1)
        .into_iter()
        .map(|point| {
            let mut lifted = point;
            lifted.insert(pivot, BigRational::zero());
            lifted[pivot] = -dot(last, &lifted) / &last[pivot];
            lifted
        })
        .collect();
    let cut_patterns: Vec<_> = cuts.iter().map(|cut| pattern(before, cut)).collect();
    let mut out = Vec::new();
    for point in points {
        let own = pattern(before, &point);
        match cut_patterns.iter().position(|p| *p == own) {
            None => out.push(point),
            Some(k) => {
                for side in [1, -1] {
                    let mut step = BigRational::from(BigInt::from(side));
                    loop {
                        let moved: Point = cuts[k]
                            .iter()
                            .zip(last)
                            .map(|(u, x)| u + &step * x)
                            .collect();
                        if pattern(before, &moved) == own {
                            out.push(moved);
                            break;
                        }
                        step /= BigRational::from(BigInt::from(1 << 12));
                    }
                }
            }
        }
    }
    out
}

fn rationals(rows: &[Vec<BigInt>]) -> Vec<Point> {
    rows.iter()
        .map(|row| row.iter().map(|x| BigRational::from(x.clone())).collect())
        .collect()
}

fn slow_signs(rows: &[Vec<BigInt>], r: usize) -> BTreeSet<Vec<i8>> {
    let rows = rationals(rows);
    slow_points(&rows, r)
        .iter()
        .map(|u| {
            let signs = rows.iter().map(|row| dot(row, u));
            signs
                .map(|s| i8::from(s.is_positive()) - i8::from(s.is_negative()))
                .collect()
        })
        .collect()
}

/// χ by deletion and restriction, highest power first.
fn slow_polynomial(rows: &[Point], r: usize) -> Vec<BigInt> {
    let rows: Vec<Point> = rows
        .iter()
        .filter(|row| row.iter().any(|x| !x.is_zero()))
        .cloned()
        .collect();
    let Some((last, before)) = rows.split_last() else {
        let mut one = vec![BigInt::zero(); r + 1];
        one[0] = BigInt::one();
        return one;
    };
    let pivot = last.iter().position(|x| !x.is_zero()).expect("not zero");
    let inside: Vec<Point> = before
        .iter()
        .map(|row| {
            let factor = &row[pivot] / &last[pivot];
            (0..r)
                .filter(|c| *c != pivot)
                .map(|c| &row[c] - &factor * &last[c])
                .collect()
        })
        .collect();
    let mut deleted = slow_polynomial(before, r);
    if inside
        .iter()
        .any(|row: &Point| row.iter().all(Zero::is_zero))
    {
        return deleted;
    }
    let restricted = slow_polynomial(&inside, r - 1);
    for (power, c) in restricted.iter().enumerate() {
        deleted[power + 1] -= c;
    }
    deleted
}

#[test]
fn known_counts() {
    let cells = |rows: &Matrix| count(rows).cells;
    for (r, known) in [(1, 2), (2, 6), (3, 32), (4, 370), (5, 11292)] {
        assert_eq!(cells(&resonance(r)), known.into(), "resonance {r}");
    }
    for (m, known) in [(3, 6), (4, 24), (5, 120), (6, 720), (7, 5040)] {
        assert_eq!(cells(&braid(m)), known.into(), "braid {m}");
    }
    for (m, known) in [(1, 2), (2, 8), (3, 48), (4, 384), (5, 3840)] {
        assert_eq!(cells(&type_b(m)), known.into(), "B_{m}");
    }
    // χ of the braid arrangement is (t−1)(t−2)…, of type B (t−1)(t−3)….
    let polynomial = |rows: &Matrix| count(rows).characteristic_polynomial;
    let expected = |x: &[i64]| -> Vec<BigInt> { x.iter().map(|x| BigInt::from(*x)).collect() };
    assert_eq!(polynomial(&braid(4)), expected(&[1, -6, 11, -6]));
    assert_eq!(polynomial(&type_b(3)), expected(&[1, -9, 23, -15]));
}

#[test]
fn resonance_of_rank_six() {
    assert_eq!(count(&resonance(6)).cells, 1_066_044.into());
}

#[test]
fn points_in_general_position_reach_the_bound() {
    let mut random = Random(1);
    for (n, r) in [
        (1, 1),
        (2, 2),
        (7, 2),
        (9, 3),
        (40, 3),
        (8, 4),
        (20, 4),
        (12, 5),
        (9, 7),
        (12, 8),
        (70, 3),
        (130, 3),
    ] {
        let rows = random.matrix(n, r, 1 << 40);
        let found = count(&rows);
        assert_eq!(found.cells, arrangement(&rows).most_cells(), "{n} {r}");
        assert!(found.general_position);
        let value: BigInt = found
            .characteristic_polynomial
            .iter()
            .map(Signed::abs)
            .sum();
        assert_eq!(value, found.cells);
        if n * r < 80 {
            signs_of(&rows);
        }
    }
}

#[test]
fn degenerate_arrangements_have_the_cells_of_the_slow_way() {
    let mut random = Random(2);
    for round in 0..600 {
        let r = 1 + round % 5;
        let n = 1 + (random.next() % if r > 4 { 8 } else { 10 }) as usize;
        let size = 1 + (random.next() % 2) as i64;
        let mut rows = random.matrix(n, r, size);
        if round % 7 == 0 {
            // Zero rows, repeated rows, multiples and negatives.
            let k = (random.next() % n as u64) as usize;
            rows.push(vec![0; r]);
            rows.push(rows[k].iter().map(|x| -2 * x).collect());
            rows.push(rows[k].iter().map(|x| 3 * x).collect());
        }
        let exact = big(&rows);
        let fast = signs_of(&rows);
        assert_eq!(fast, slow_signs(&exact, r), "{rows:?}");
        assert!(
            fast.iter()
                .all(|s| fast.contains(&s.iter().map(|x| -x).collect::<Vec<i8>>()))
        );
        let found = count(&rows);
        assert_eq!(found.cells, BigInt::from(fast.len()));
        let polynomial = slow_polynomial(&rationals(&exact), r);
        let rank = arrangement(&rows).rank();
        assert_eq!(
            found.characteristic_polynomial,
            polynomial[..=rank],
            "{rows:?}"
        );
    }
}

#[test]
fn the_number_of_cells_is_the_polynomial_at_minus_one() {
    let mut random = Random(3);
    for round in 0..3000 {
        let r = 1 + round % 4;
        let n = 1 + (random.next() % 9) as usize;
        let rows = random.matrix(n, r, 1);
        let value: BigInt = slow_polynomial(&rationals(&big(&rows)), r)
            .iter()
            .map(Signed::abs)
            .sum();
        assert_eq!(count(&rows).cells, value, "{rows:?}");
    }
}

#[test]
fn larger_degenerate_arrangements_agree_with_deletion_and_restriction() {
    let mut random = Random(4);
    for (n, r, size) in [(14, 3, 2), (14, 4, 1), (12, 5, 1), (11, 6, 1), (10, 7, 1)] {
        let rows = random.matrix(n, r, size);
        let value: BigInt = slow_polynomial(&rationals(&big(&rows)), r)
            .iter()
            .map(Signed::abs)
            .sum();
        assert_eq!(BigInt::from(signs_of(&rows).len()), value, "{rows:?}");
    }
}

/// Many rows on few lines: the walk sorts, and vertices have many rows.
#[test]
fn many_degenerate_rows_in_the_plane() {
    let mut rows = Vec::new();
    for i in -6..=6 {
        rows.push(vec![1, 0, i]);
        rows.push(vec![0, 1, i]);
        rows.push(vec![1, 1, i]);
        rows.push(vec![1, -1, i]);
    }
    let found = signs_of(&rows);
    // Zaslavsky for lines: 1 + lines + Σ over points of (lines through it − 1), twice for the two sides of the plane at infinity, which is no row here.
    let value: BigInt = slow_polynomial(&rationals(&big(&rows)), 3)
        .iter()
        .map(Signed::abs)
        .sum();
    assert_eq!(BigInt::from(found.len()), value);
}

/// A change of coordinates by a matrix with 60-bit entries changes no sign vector but makes every row huge.
#[test]
fn huge_entries_keep_the_sign_vectors() {
    let mut random = Random(5);
    for round in 0..28 {
        let r = 2 + round % 7;
        let n = r + (random.next() % 4) as usize;
        let rows = big(&random.matrix(n, r, if round % 2 == 0 { 1 } else { 3 }));
        let map = big(&random.matrix(r, r, 1 << 60));
        let mapped: Vec<Vec<BigInt>> = rows
            .iter()
            .map(|row| {
                (0..r)
                    .map(|c| row.iter().zip(&map).map(|(x, m)| x * &m[c]).sum())
                    .collect()
            })
            .collect();
        let options = EnumerateOptions::default();
        let before = Arrangement::new(rows.clone(), r).expect("an arrangement");
        let after = Arrangement::new(mapped.clone(), r).expect("an arrangement");
        assert_eq!(
            signs(&before, &rows, &options),
            signs(&after, &mapped, &options),
            "{rows:?}"
        );
    }
}

/// Rows that differ from degenerate ones in the last of 60 bits: floats see nothing.
#[test]
fn nearly_degenerate_rows_are_told_apart() {
    let mut random = Random(6);
    for round in 0..9 {
        let r = 2 + round % 3;
        let rows: Matrix = random
            .matrix(7, r, 1)
            .into_iter()
            .map(|row| {
                let moved = row
                    .iter()
                    .map(|x| (x << 60) + (random.next() % 3) as i64 - 1);
                moved.collect()
            })
            .collect();
        assert_eq!(signs_of(&rows), slow_signs(&big(&rows), r), "{rows:?}");
    }
}

#[test]
fn rank_eight_with_sixty_bits_has_no_repeats() {
    let mut random = Random(7);
    let rows = random.matrix(11, 8, 1 << 60);
    let found = signs_of(&rows);
    assert_eq!(BigInt::from(found.len()), arrangement(&rows).most_cells());
}

#[test]
fn columns_of_very_different_size() {
    let mut random = Random(8);
    for round in 0..30 {
        let r = 2 + round % 3;
        let rows = big(&random.matrix(7, r, 2));
        let scaled: Vec<Vec<BigInt>> = rows
            .iter()
            .map(|row| {
                let scaled = row.iter().enumerate();
                scaled.map(|(c, x)| x << (c as u32 * 400)).collect()
            })
            .collect();
        let options = EnumerateOptions::default();
        let arrangement = Arrangement::new(scaled.clone(), r).expect("an arrangement");
        // A positive scaling of coordinates changes no sign vector.
        assert_eq!(signs(&arrangement, &scaled, &options), slow_signs(&rows, r));
    }
}

#[test]
fn order_signs_scales_seeds_and_threads_do_not_matter() {
    struct Collect(BTreeSet<Vec<i8>>);
    impl Visitor for Collect {
        fn cell(&mut self, cell: &Cell<'_>) -> ControlFlow<()> {
            assert!(self.0.insert(cell.row_signs().collect()));
            ControlFlow::Continue(())
        }
    }
    let mut random = Random(9);
    for round in 0..40 {
        let r = 2 + round % 4;
        let rows = random.matrix(9, r, 2);
        let expected = signs_of(&rows);
        // Reversed, negated and scaled.
        let changed: Matrix = rows
            .iter()
            .rev()
            .enumerate()
            .map(|(i, row)| {
                let factor = [1, -1, 5, -7][i % 4];
                row.iter().map(|x| factor * x).collect()
            })
            .collect();
        let back: BTreeSet<Vec<i8>> = signs_of(&changed)
            .into_iter()
            .map(|signs| {
                let signs = signs.iter().enumerate();
                let mut signs: Vec<i8> = signs
                    .map(|(i, s)| if i % 2 == 1 { -s } else { *s })
                    .collect();
                signs.reverse();
                signs
            })
            .collect();
        assert_eq!(back, expected, "{rows:?}");
        let options = EnumerateOptions {
            threads: 3,
            seed: 77,
            ..EnumerateOptions::default()
        };
        let (enumerated, visitors) = arrangement(&rows)
            .visit_cells(&options, || Collect(BTreeSet::new()))
            .expect("lucky");
        assert!(enumerated.complete);
        let total: usize = visitors.iter().map(|v| v.0.len()).sum();
        let joined: BTreeSet<Vec<i8>> = visitors.into_iter().flat_map(|v| v.0).collect();
        assert_eq!(total, joined.len());
        assert_eq!(joined, expected);
    }
}

#[test]
fn no_rows_and_zero_rows_leave_one_cell() {
    for rows in [vec![], vec![vec![0, 0, 0], vec![0, 0, 0]]] {
        let found = count(&rows);
        assert_eq!(found.cells, 1.into());
        assert_eq!(found.characteristic_polynomial, [BigInt::one()]);
    }
    assert!(Arrangement::new(big(&vec![vec![1, 2], vec![1]]), 2).is_err());
}

#[test]
fn a_break_and_a_stop_end_the_enumeration() {
    let rows = Random(10).matrix(30, 4, 1000);
    let mut left = 10;
    let enumerated = arrangement(&rows)
        .for_each_cell(&EnumerateOptions::default(), |_| {
            left -= 1;
            if left == 0 {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        })
        .expect("lucky");
    assert!(!enumerated.complete && left == 0);
    let stop = std::sync::atomic::AtomicBool::new(true);
    let options = EnumerateOptions {
        stop: Some(&stop),
        ..EnumerateOptions::default()
    };
    assert_eq!(arrangement(&rows).count(&options), Ok(None));
    let most = |most| EnumerateOptions {
        most: Some(most),
        ..EnumerateOptions::default()
    };
    assert_eq!(arrangement(&rows).count(&most(8179)), Ok(None));
    assert!(matches!(arrangement(&rows).count(&most(8180)), Ok(Some(_))));
}

/// Rays and flats by trying every subset.
#[test]
fn rays_are_those_of_every_subset() {
    let mut random = Random(11);
    for round in 0..80 {
        let r = 1 + round % 4;
        let rows = random.matrix(7, r, 1);
        let arrangement = arrangement(&rows);
        if arrangement.rank() != r {
            continue;
        }
        let mut found = BTreeSet::new();
        let complete = arrangement
            .for_each_ray(&EnumerateOptions::default(), |flat| {
                let ray = flat.ray().expect("a ray");
                let signs = flat.row_signs().expect("signs");
                for (row, sign) in big(&rows).iter().zip(signs) {
                    let product: BigInt = row.iter().zip(&ray).map(|(x, u)| x * u).sum();
                    assert_eq!(product.signum(), BigInt::from(sign));
                }
                let first = ray
                    .iter()
                    .find(|x| !x.is_zero())
                    .expect("not zero")
                    .is_negative();
                let ray: Vec<BigInt> = ray
                    .iter()
                    .map(|x| if first { -x } else { x.clone() })
                    .collect();
                assert!(found.insert(ray), "a ray came twice");
                ControlFlow::Continue(())
            })
            .expect("lucky");
        assert!(complete);
        // Small integer vectors that are the only ones on their zero rows.
        let bound = [1, 1, 2, 4][r - 1];
        let side = 2 * bound + 1;
        let mut expected = BTreeSet::new();
        for code in 0..(side as usize).pow(r as u32) {
            let mut code = code;
            let mut u: Vec<BigInt> = Vec::new();
            for _ in 0..r {
                u.push(BigInt::from(code as i64 % side - bound));
                code /= side as usize;
            }
            let zero: Vec<Vec<BigInt>> = big(&rows)
                .into_iter()
                .filter(|row| {
                    row.iter()
                        .zip(&u)
                        .map(|(x, u)| x * u)
                        .sum::<BigInt>()
                        .is_zero()
                })
                .collect();
            let rank = if zero.is_empty() {
                0
            } else {
                kernel::kernel(&zero, r).pivots.len()
            };
            let positive = u
                .iter()
                .find(|x| !x.is_zero())
                .is_some_and(Signed::is_positive);
            if rank + 1 == r && positive {
                super::exact::primitive(&mut u);
                expected.insert(u);
            }
        }
        assert_eq!(found, expected, "{rows:?}");
    }
}

#[test]
fn facets_lead_to_the_neighbours() {
    let mut random = Random(12);
    for round in 0..25 {
        let r = 2 + round % 3;
        let rows = random.matrix(7, r, 2);
        let arrangement = arrangement(&rows);
        let mut cells = BTreeSet::new();
        arrangement
            .for_each_cell(&EnumerateOptions::default(), |cell| {
                cells.insert(cell.words().to_vec());
                ControlFlow::Continue(())
            })
            .expect("lucky");
        let n = arrangement.hyperplanes();
        for words in &cells {
            assert!(arrangement.is_cell(words));
            let facets = arrangement.facets(words);
            for i in 0..n {
                let mut flipped = words.clone();
                flipped[0] ^= 1 << i;
                assert_eq!(facets.contains(&i), cells.contains(&flipped), "{rows:?}");
                assert_eq!(arrangement.is_cell(&flipped), cells.contains(&flipped));
            }
            for neighbour in arrangement.neighbours(words) {
                assert!(cells.contains(&neighbour));
            }
        }
        // Each cell of the restriction is a facet of two cells.
        for i in 0..n {
            let restriction = arrangement.restriction(i).expect("a hyperplane");
            let inside = restriction
                .count(&EnumerateOptions::default())
                .expect("lucky")
                .expect("not stopped");
            let facets = cells
                .iter()
                .filter(|words| {
                    let mut flipped = (*words).clone();
                    flipped[0] ^= 1 << i;
                    cells.contains(&flipped)
                })
                .count();
            assert_eq!(BigInt::from(facets), inside.cells * 2);
        }
    }
}

/// Patterns of all faces: cells of the arrangements inside all flats, found by enumeration inside every subset's kernel.
fn slow_patterns(rows: &Matrix, r: usize) -> usize {
    // Every face has a point that is an interior point of a cell of the arrangement inside the kernel of some rows.
    let exact = rationals(&big(rows));
    let mut patterns = BTreeSet::new();
    fn inside(
        all: &[Point],
        rows: &[Point],
        back: &[Point],
        r: usize,
        patterns: &mut BTreeSet<Vec<bool>>,
    ) {
        for u in slow_points(rows, r) {
            let lifted: Point = back.iter().map(|b| dot(b, &u)).collect();
            patterns.insert(
                all.iter()
                    .map(|row| !dot(row, &lifted).is_negative())
                    .collect(),
            );
        }
        for last in rows {
            let Some(pivot) = last.iter().position(|x| !x.is_zero()) else {
                continue;
            };
            let reduce = |row: &Point| -> Point {
                let factor = &row[pivot] / &last[pivot];
                (0..r)
                    .filter(|c| *c != pivot)
                    .map(|c| &row[c] - &factor * &last[c])
                    .collect()
            };
            let reduced: Vec<Point> = rows.iter().map(reduce).collect();
            let back: Vec<Point> = back.iter().map(reduce).collect();
            inside(all, &reduced, &back, r - 1, patterns);
        }
    }
    let identity: Vec<Point> = (0..r)
        .map(|i| {
            (0..r)
                .map(|j| BigRational::from(BigInt::from(i32::from(i == j))))
                .collect()
        })
        .collect();
    inside(&exact, &exact, &identity, r, &mut patterns);
    patterns.len()
}

#[test]
fn patterns_with_boundaries() {
    let mut random = Random(13);
    let options = EnumerateOptions::default();
    for round in 0..120 {
        let r = 1 + round % 3;
        let mut rows = random.matrix(2 + round % 4, r, 1);
        if round % 3 == 0 {
            rows.push(rows[0].iter().map(|x| -x).collect());
        }
        if round % 4 == 0 {
            let sum = (0..r).map(|c| -rows.iter().map(|row| row[c]).sum::<i64>());
            let sum = sum.collect();
            rows.push(sum);
        }
        let arrangement = arrangement(&rows);
        let counts = count(&rows);
        let patterns = arrangement
            .count_patterns(&counts, &options)
            .expect("lucky")
            .expect("not stopped");
        assert_eq!(patterns, slow_patterns(&rows, r).into(), "{rows:?}");
    }
}
