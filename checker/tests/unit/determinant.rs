#![allow(clippy::arithmetic_side_effects, clippy::unwrap_used)]

use super::*;

fn matrix(rows: &[&[i128]]) -> bool {
    let rows: Vec<Vec<Int>> = rows.iter().map(|row| row.iter().map(|&x| Int::Small(x)).collect()).collect();
    is_singular(&rows.iter().map(Vec::as_slice).collect::<Vec<_>>())
}

#[test]
fn singular_matrices_are_found() {
    let big = 1i128 << 100;
    assert!(matrix(&[&[0]]));
    assert!(!matrix(&[&[-3]]));
    assert!(!matrix(&[&[0, 1], &[1, 0]]));
    assert!(matrix(&[&[1, 2], &[2, 4]]));
    assert!(!matrix(&[&[1, 2], &[2, 5]]));
    assert!(matrix(&[&[1, 2, 3], &[4, 5, 6], &[7, 8, 9]]));
    assert!(!matrix(&[&[1, 2, 3], &[4, 5, 6], &[7, 8, 10]]));
    assert!(!matrix(&[&[0, 0, 1], &[0, 1, 0], &[1, 0, 0]]));
    assert!(matrix(&[&[0, 1, 1], &[0, 2, 5], &[0, 0, 1]]));
    assert!(matrix(&[&[big, big + 1, 1], &[big - 1, big, 1], &[1, 1, 0]]));
    assert!(!matrix(&[&[big, big + 1], &[big - 1, big]])); // determinant 1
}

#[test]
fn the_numbers_of_the_elimination_stay_small() {
    // 2 on the diagonal and 1 elsewhere: the determinant is the size and 1. Without the exact divisions the numbers
    // double their digits with every column, and this test does not end.
    let row = |i: usize| (0..64).map(|j| if i == j { 2 } else { 1 }).collect();
    let mut rows: Vec<Vec<i128>> = (0..64).map(row).collect();
    let is_singular = |rows: &[Vec<i128>]| matrix(&rows.iter().map(Vec::as_slice).collect::<Vec<_>>());
    assert!(!is_singular(&rows));
    rows[63] = (0..64).map(|j| rows[0][j] + rows[1][j]).collect();
    assert!(is_singular(&rows));
}
