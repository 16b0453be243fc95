//! The exact kernel of a data matrix.

use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{One, Signed, Zero};

/// The kernel of an integer matrix with `r` columns: `columns[pivots]` are independent, and every free column `f` has one kernel vector
/// `D·e_f − Σ_j relation[f][j]·e_{pivot j}`. Exact.
#[derive(Clone, Debug)]
pub struct Kernel {
    /// Pivot columns, increasing. The rank is their number.
    pub pivots: Vec<usize>,
    /// Free columns, increasing.
    pub free: Vec<usize>,
    /// Common denominator `D > 0`.
    pub denominator: BigInt,
    /// For every free column, one integer a pivot.
    pub relation: Vec<Vec<BigInt>>,
}

impl Kernel {
    /// The kernel vectors, length `r`, in the order of the free columns.
    pub fn vectors(&self, r: usize) -> Vec<Vec<BigInt>> {
        self.free
            .iter()
            .zip(&self.relation)
            .map(|(f, relation)| {
                let mut z = vec![BigInt::zero(); r];
                z[*f] = self.denominator.clone();
                for (p, c) in self.pivots.iter().zip(relation) {
                    z[*p] = -c.clone();
                }
                z
            })
            .collect()
    }
}

/// The kernel, by fraction-free elimination. The last column is preferred as a pivot (an undecayed hidden bias has to be one), then the others in order. Stops reading rows at
/// full rank.
pub fn kernel(rows: &[Vec<BigInt>], r: usize) -> Kernel {
    let order: Vec<usize> = std::iter::once(r - 1).chain(0..r - 1).collect();
    // Reduced rows with their pivot column; each pivot column is zero in the other rows.
    let mut reduced: Vec<(usize, Vec<BigInt>)> = Vec::new();
    for row in rows {
        if reduced.len() == r {
            break;
        }
        let mut row = row.clone();
        for (p, other) in &reduced {
            if !row[*p].is_zero() {
                eliminate(&mut row, other, *p);
            }
        }
        let Some(pivot) = order.iter().copied().find(|j| !row[*j].is_zero()) else {
            continue;
        };
        for (_, other) in &mut reduced {
            if !other[pivot].is_zero() {
                eliminate(other, &row, pivot);
            }
        }
        reduced.push((pivot, row));
    }
    // The preference for the last column holds row by row only: bring it in if it is not a pivot but could be.
    if !reduced.iter().any(|(p, _)| *p == r - 1)
        && let Some(i) = reduced.iter().position(|(_, row)| !row[r - 1].is_zero())
    {
        let (_, row) = reduced.swap_remove(i);
        for (_, other) in &mut reduced {
            if !other[r - 1].is_zero() {
                eliminate(other, &row, r - 1);
            }
        }
        reduced.push((r - 1, row));
    }
    reduced.sort_by_key(|x| x.0);
    let pivots: Vec<usize> = reduced.iter().map(|x| x.0).collect();
    let free: Vec<usize> = (0..r).filter(|j| !pivots.contains(j)).collect();
    let denominator = reduced
        .iter()
        .fold(BigInt::one(), |d, (p, row)| d.lcm(&row[*p]));
    // x_p = −Σ_f row[f]/row[p]·x_f: the kernel vector of f has entries −row[f]/row[p] at the pivots.
    let relation = free
        .iter()
        .map(|f| {
            reduced
                .iter()
                .map(|(p, row)| &row[*f] * (&denominator / &row[*p]))
                .collect()
        })
        .collect();
    let mut kernel = Kernel {
        pivots,
        free,
        denominator,
        relation,
    };
    let gcd = kernel
        .relation
        .iter()
        .flatten()
        .fold(kernel.denominator.clone(), |g, x| g.gcd(x));
    if !gcd.is_one() && !kernel.free.is_empty() {
        kernel.denominator /= &gcd;
        kernel
            .relation
            .iter_mut()
            .flatten()
            .for_each(|x| *x /= &gcd);
    }
    kernel
}

/// Makes `row[pivot]` zero with the help of `other`, and keeps the row primitive.
fn eliminate(row: &mut [BigInt], other: &[BigInt], pivot: usize) {
    let (a, b) = (other[pivot].clone(), row[pivot].clone());
    let mut gcd = BigInt::zero();
    for (x, y) in row.iter_mut().zip(other) {
        *x = &*x * &a - y * &b;
        gcd = gcd.gcd(x);
    }
    if !gcd.is_zero() && !gcd.is_one() {
        row.iter_mut().for_each(|x| *x /= &gcd);
    }
    debug_assert!(!gcd.is_negative());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matrix(rows: &[&[i64]]) -> Vec<Vec<BigInt>> {
        rows.iter()
            .map(|r| r.iter().map(|x| BigInt::from(*x)).collect())
            .collect()
    }

    #[test]
    fn kernel_vectors_are_orthogonal_to_every_row_and_complete() {
        let cases: [(&[&[i64]], usize); 6] = [
            (&[&[1, 2], &[3, 4]], 2),
            (&[&[1, 2], &[2, 4]], 1),
            (&[&[1, 5, 2, 1], &[3, -1, 2, 1], &[0, 0, 2, 1]], 3),
            (&[&[0, 0, 0]], 0),
            (&[&[1, 0, 1, 7], &[0, 1, 1, 7]], 2),
            (&[&[2, 3, 6, 1], &[2, 3, 6, 1], &[4, 6, 12, 2]], 1),
        ];
        for (rows, rank) in cases {
            let rows = matrix(rows);
            let r = rows[0].len();
            let k = kernel(&rows, r);
            assert_eq!(k.pivots.len(), rank, "{rows:?}");
            assert_eq!(k.pivots.len() + k.free.len(), r);
            for z in k.vectors(r) {
                for row in &rows {
                    let product: BigInt = row.iter().zip(&z).map(|(a, b)| a * b).sum();
                    assert!(product.is_zero(), "{rows:?} {z:?}");
                }
            }
        }
    }

    #[test]
    fn the_last_column_is_a_pivot_wherever_it_can_be() {
        let rows = matrix(&[&[1, 0, 2, 0], &[0, 1, 2, 0], &[1, 1, 4, 1]]);
        assert!(kernel(&rows, 4).pivots.contains(&3));
        let rows = matrix(&[&[0, 0, 3, 1], &[1, 0, 3, 1]]);
        assert!(kernel(&rows, 4).pivots.contains(&3));
    }
}
