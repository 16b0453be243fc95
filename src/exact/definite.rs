//! Exact positive semidefiniteness.

use num_bigint::BigInt;
use num_traits::{One, Signed, ToPrimitive, Zero};

/// Whether a symmetric integer matrix, given by its lower triangle (row i has i + 1 entries), is positive semidefinite. Exact: a rounded factor is tried first, then
/// elimination.
pub fn is_positive_semidefinite(rows: Vec<Vec<BigInt>>) -> bool {
    rounded_factor(&rows) == Some(true) || by_elimination(rows)
}

/// The bits of a scaled diagonal entry.
const BITS: i64 = 100;

/// Tries a factor made in floats: with B = D·A·D rounded down to integers, D powers of two, and any integer matrix L, A is positive semidefinite if B − L·Lᵀ is diagonally
/// dominant with 1 to spare for every entry of its row. `true` is exact; anything else shows nothing.
fn rounded_factor(rows: &[Vec<BigInt>]) -> Option<bool> {
    let n = rows.len();
    if n < 8 {
        return None;
    }
    let mut shifts = Vec::with_capacity(n);
    for (i, row) in rows.iter().enumerate() {
        if !row[i].is_positive() {
            return None;
        }
        shifts.push((BITS - i64::try_from(row[i].bits()).ok()?).div_euclid(2));
    }
    let mut b: Vec<Vec<i128>> = Vec::with_capacity(n);
    for (i, row) in rows.iter().enumerate() {
        let mut scaled = Vec::with_capacity(i + 1);
        for (j, x) in row.iter().enumerate() {
            let shift = shifts[i] + shifts[j];
            let x = if shift >= 0 { x << shift } else { x >> -shift };
            if x.bits() > BITS as u64 + 4 {
                return None; // larger than its diagonal entries allow
            }
            scaled.push(x.to_i128()?);
        }
        b.push(scaled);
    }
    let half = (BITS / 2) as i32;
    let unit = f64::from(half).exp2();
    let room = (n * n) as f64 * 2f64.powi(-49);
    let float = nalgebra::DMatrix::from_fn(n, n, |i, j| {
        let x = b[i.max(j)][i.min(j)] as f64 / unit / unit;
        if i == j { x - room } else { x }
    });
    let factor = nalgebra::Cholesky::new(float)?.unpack();
    let l: Vec<Vec<i64>> = (0..n)
        .map(|i| {
            (0..=i)
                .map(|j| (factor[(i, j)] * unit).round() as i64)
                .collect()
        })
        .collect();
    let mut margin = vec![0i128; n];
    for i in 0..n {
        for j in 0..=i {
            // Each product is less than 2^104 in size.
            let product: i128 = l[i][..=j]
                .iter()
                .zip(&l[j])
                .map(|(x, y)| i128::from(*x) * i128::from(*y))
                .sum();
            let rest = b[i][j] - product;
            if i == j {
                margin[i] += rest;
            } else {
                let loss = rest.abs() + 1;
                margin[i] -= loss;
                margin[j] -= loss;
            }
        }
    }
    Some(margin.iter().all(|m| *m >= 0))
}

/// Fraction-free elimination, in which a zero pivot needs a zero column.
fn by_elimination(mut rows: Vec<Vec<BigInt>>) -> bool {
    let n = rows.len();
    let mut previous = BigInt::one();
    for k in 0..n {
        let pivot = rows[k][k].clone();
        if pivot.is_negative() {
            return false;
        }
        if pivot.is_zero() {
            if rows[k + 1..].iter().any(|row| !row[k].is_zero()) {
                return false;
            }
            continue;
        }
        let column: Vec<BigInt> = rows[k + 1..].iter().map(|row| row[k].clone()).collect();
        for (i, row) in rows[k + 1..].iter_mut().enumerate() {
            for j in 0..=i {
                let entry = &mut row[k + 1 + j];
                *entry = (&*entry * &pivot - &column[i] * &column[j]) / &previous;
            }
        }
        previous = pivot;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All principal minors, by Laplace's expansion.
    fn by_minors(a: &[Vec<i64>]) -> bool {
        fn det(a: &[Vec<i64>]) -> i64 {
            if a.is_empty() {
                return 1;
            }
            (0..a.len())
                .map(|j| {
                    let rest: Vec<Vec<i64>> = a[1..]
                        .iter()
                        .map(|row| {
                            let mut row = row.clone();
                            row.remove(j);
                            row
                        })
                        .collect();
                    (if j % 2 == 0 { 1 } else { -1 }) * a[0][j] * det(&rest)
                })
                .sum()
        }
        (1..1usize << a.len()).all(|set| {
            let kept: Vec<usize> = (0..a.len()).filter(|i| set >> i & 1 == 1).collect();
            let minor: Vec<Vec<i64>> = kept
                .iter()
                .map(|i| kept.iter().map(|j| a[*i][*j]).collect())
                .collect();
            det(&minor) >= 0
        })
    }

    #[test]
    fn it_agrees_with_all_principal_minors() {
        let mut random = crate::oracle::ascent::Random::new(11);
        let mut counts = [0; 2];
        for round in 0..4000 {
            let n = 1 + round % 4;
            let mut a = vec![vec![0i64; n]; n];
            if round % 3 == 0 {
                // A Gram matrix of few vectors, sometimes spoilt by one.
                let vectors: Vec<Vec<i64>> = (0..n)
                    .map(|_| (0..2).map(|_| (random.next() % 5) as i64 - 2).collect())
                    .collect();
                for i in 0..n {
                    for j in 0..n {
                        a[i][j] = vectors[i].iter().zip(&vectors[j]).map(|(x, y)| x * y).sum();
                    }
                }
                a[n - 1][n - 1] -= (round % 2) as i64;
            } else {
                for i in 0..n {
                    for j in 0..=i {
                        a[i][j] = (random.next() % 7) as i64 - 3 + if i == j { 3 } else { 0 };
                        a[j][i] = a[i][j];
                    }
                }
            }
            let triangle = (0..n)
                .map(|i| (0..=i).map(|j| BigInt::from(a[i][j])).collect())
                .collect();
            let expected = by_minors(&a);
            counts[usize::from(expected)] += 1;
            assert_eq!(is_positive_semidefinite(triangle), expected, "{a:?}");
        }
        assert!(counts[0] > 500 && counts[1] > 500, "{counts:?}");
    }
}
