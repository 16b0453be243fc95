//! Floats: small dense least squares.

/// `a·b`.
pub fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// `‖a‖`.
pub fn norm(a: &[f64]) -> f64 {
    dot(a, a).sqrt()
}

/// Solves a symmetric positive definite system by Cholesky's method with a little regularisation where a pivot vanishes.
pub fn solve_definite(h: &mut [Vec<f64>], b: &mut [f64]) {
    let n = b.len();
    let diagonal: Vec<f64> = (0..n).map(|i| h[i][i].abs()).collect();
    for i in 0..n {
        for j in 0..=i {
            let mut sum = h[i][j];
            for k in 0..j {
                sum -= h[i][k] * h[j][k];
            }
            h[i][j] = if i == j {
                if sum > 1e-14 * diagonal[i] {
                    sum.sqrt()
                } else {
                    // A dependent direction: no step along it.
                    f64::INFINITY
                }
            } else if h[j][j].is_finite() {
                sum / h[j][j]
            } else {
                0.0
            };
        }
    }
    for i in 0..n {
        let sum = b[i] - dot(&h[i][..i], &b[..i]);
        b[i] = if h[i][i].is_finite() {
            sum / h[i][i]
        } else {
            0.0
        };
    }
    for i in (0..n).rev() {
        let sum = b[i] - (i + 1..n).map(|k| h[k][i] * b[k]).sum::<f64>();
        b[i] = if h[i][i].is_finite() {
            sum / h[i][i]
        } else {
            0.0
        };
    }
}

/// `min ‖Σ_a w_a·column_a − target‖` over w ≥ 0, by the active sets of Lawson and Hanson: unit columns, one weight for each. A column counts as
/// optimal if its product with the residual is at most `tolerance·‖target‖`.
pub fn nonnegative_least_squares(columns: &[Vec<f64>], target: &[f64], tolerance: f64) -> Vec<f64> {
    let m = columns.len();
    let mut weights = vec![0.0; m];
    let mut free: Vec<usize> = Vec::new();
    let scale = norm(target).max(1e-300);
    for _ in 0..4 * m + 10 {
        let mut rest = target.to_vec();
        for &a in &free {
            for (x, y) in rest.iter_mut().zip(&columns[a]) {
                *x -= weights[a] * y;
            }
        }
        let best = (0..m)
            .filter(|a| !free.contains(a))
            .map(|a| (dot(&columns[a], &rest), a))
            .max_by(|a, b| a.0.total_cmp(&b.0));
        let Some((excess, a)) = best else { break };
        if excess <= tolerance * scale {
            break;
        }
        free.push(a);
        loop {
            let mut h: Vec<Vec<f64>> = free
                .iter()
                .map(|&a| {
                    free.iter()
                        .map(|&b| dot(&columns[a], &columns[b]))
                        .collect()
                })
                .collect();
            let mut x: Vec<f64> = free.iter().map(|&a| dot(&columns[a], target)).collect();
            solve_definite(&mut h, &mut x);
            let step = free
                .iter()
                .zip(&x)
                .filter(|(_, x)| **x < 0.0)
                .map(|(&a, x)| weights[a] / (weights[a] - x))
                .fold(1.0f64, f64::min);
            for (&a, x) in free.iter().zip(&x) {
                weights[a] += step * (x - weights[a]);
            }
            if step >= 1.0 {
                break;
            }
            free.retain(|&a| {
                let keep = weights[a] > 1e-15 * scale;
                if !keep {
                    weights[a] = 0.0;
                }
                keep
            });
            if free.is_empty() {
                break;
            }
        }
    }
    weights.iter_mut().for_each(|x| *x = x.max(0.0));
    weights
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_weights_are_optimal(
            entries in prop::collection::vec(-5i32..6, 3 * 6),
            target in prop::collection::vec(-5i32..6, 3),
        ) {
            let columns: Vec<Vec<f64>> = entries
                .chunks(3)
                .map(|c| c.iter().map(|x| f64::from(*x)).collect::<Vec<f64>>())
                .filter(|c| norm(c) > 0.0)
                .map(|c| c.iter().map(|x| x / norm(&c)).collect())
                .collect();
            let target: Vec<f64> = target.iter().map(|x| f64::from(*x)).collect();
            let weights = nonnegative_least_squares(&columns, &target, 1e-14);
            let mut rest = target.clone();
            for (column, w) in columns.iter().zip(&weights) {
                prop_assert!(*w >= 0.0);
                for (x, y) in rest.iter_mut().zip(column) {
                    *x -= w * y;
                }
            }
            // Karush–Kuhn–Tucker: no column has a positive product with the residual, those in use have none.
            let scale = 1e-9 * (1.0 + norm(&target));
            for (column, w) in columns.iter().zip(&weights) {
                let product = dot(column, &rest);
                prop_assert!(product <= scale, "{product}");
                prop_assert!(*w == 0.0 || product.abs() <= scale, "{w} {product}");
            }
        }
    }
}
