//! The moments of degree 3 and 4 of a distribution on the unit sphere, and what is linear in them.

use std::collections::HashMap;

use nalgebra::{DMatrix, DVector, Matrix5};

/// Degrees of a polynomial in one row's value.
pub const DEGREES: usize = 5;

/// An entry on or above the diagonal of the moment matrix and its factor.
type Entry = (usize, usize, f64);

/// The moments as variables: all of degree 4 and 3 but that of `u_r⁴`, which the others determine, since those of `|u|⁴` sum to 1. A moment of lower degree is one of
/// these by a factor `|u|²`.
pub struct Moments {
    /// Dimension r.
    pub r: usize,
    /// Rows of the moment matrix of `z = (u_i; u_i·u_j, i ≤ j)`.
    pub size: usize,
    /// Number of variables.
    pub count: usize,
    /// For every variable its entries in the moment matrix.
    pub patterns: Vec<Vec<Entry>>,
    /// The moment matrix where all variables are 0.
    pub constant: DMatrix<f64>,
    /// The even moments of the rows: columns `2c` and `2c + 1` are the gradients of those of `t_c²` and `t_c⁴` by the variables of degree 4, which are the first ones.
    pub even: DMatrix<f64>,
    /// The odd moments: those of `t_c` and `t_c³` by the variables of degree 3.
    pub odd: DMatrix<f64>,
    /// `even` and `odd`, transposed.
    pub turned: [DMatrix<f64>; 2],
    /// Their values where all variables are 0, and 1 for degree 0.
    pub origin: Vec<[f64; DEGREES]>,
    /// The first moments: column j is the gradient of that of `u_j`.
    pub first: DMatrix<f64>,
    /// The variables of the uniform distribution.
    pub uniform: DVector<f64>,
    /// Numbers of the moments of degree 3 and 4, with that of `u_r⁴`.
    index: HashMap<Vec<usize>, usize>,
    /// `|u|⁴` in the moments.
    whole: Vec<f64>,
}

/// The matrix of the moments of `(a·u − c)` times the products of two of `(1, u)`, as a function of the variables.
pub struct Localizer {
    /// Column k is the gradient of the entry (i, j), i ≤ j, row by row.
    pub gradient: DMatrix<f64>,
    /// The same, transposed.
    pub turned: DMatrix<f64>,
    /// The entries where all variables are 0.
    pub origin: DVector<f64>,
}

/// All products of `degree` of the variables 0 … r − 1, each in ascending order, in lexicographic order.
fn monomials(r: usize, degree: usize) -> Vec<Vec<usize>> {
    if degree == 0 {
        return vec![Vec::new()];
    }
    let mut list = Vec::new();
    for first in 0..r {
        for rest in monomials(r - first, degree - 1) {
            let mut one = vec![first];
            one.extend(rest.iter().map(|x| x + first));
            list.push(one);
        }
    }
    list
}

/// The coefficient of the monomial in `(Σ u)^degree`.
fn multinomial(monomial: &[usize]) -> f64 {
    let (mut value, mut run) = (1.0, 0.0);
    for (i, x) in monomial.iter().enumerate() {
        run = if i > 0 && monomial[i - 1] == *x {
            run + 1.0
        } else {
            1.0
        };
        value *= (i + 1) as f64 / run;
    }
    value
}

fn sorted(mut monomial: Vec<usize>) -> Vec<usize> {
    monomial.sort_unstable();
    monomial
}

impl Moments {
    /// How many variables there are in r dimensions.
    pub fn variables(r: usize) -> usize {
        r * (r + 1) * (r + 2) * (r + 3) / 24 + r * (r + 1) * (r + 2) / 6 - 1
    }

    /// The moments for rows of length 1, `classes × r`, r ≥ 1.
    pub fn new(rows: &DMatrix<f64>) -> Moments {
        let (classes, r) = rows.shape();
        let pairs = monomials(r, 2);
        let (fourth, third) = (monomials(r, 4), monomials(r, 3));
        // The last moment of degree 4, that of u_r⁴, is left out; those of degree 3 follow.
        let last = fourth.len() - 1;
        let mut index: HashMap<Vec<usize>, usize> = HashMap::new();
        for (i, m) in fourth.iter().enumerate() {
            index.insert(m.clone(), i);
        }
        for (i, m) in third.iter().enumerate() {
            index.insert(m.clone(), last + 1 + i);
        }
        let all = fourth.len() + third.len();
        let size = r + pairs.len();
        let mut patterns: Vec<Vec<Entry>> = vec![Vec::new(); all];
        let z: Vec<Vec<usize>> = (0..r)
            .map(|i| vec![i])
            .chain(pairs.iter().cloned())
            .collect();
        for a in 0..size {
            for b in a..size {
                let product = sorted([z[a].clone(), z[b].clone()].concat());
                if product.len() == 2 {
                    for k in 0..r {
                        let m = sorted([product.clone(), vec![k, k]].concat());
                        patterns[index[&m]].push((a, b, 1.0));
                    }
                } else {
                    patterns[index[&product]].push((a, b, 1.0));
                }
            }
        }
        // |u|⁴ in the moments.
        let mut whole = vec![0.0; all];
        for i in 0..r {
            for j in 0..r {
                whole[index[&sorted(vec![i, i, j, j])]] += 1.0;
            }
        }
        let mut constant = DMatrix::zeros(size, size);
        let removed = patterns[last].clone();
        for (a, b, f) in &removed {
            constant[(*a, *b)] += f;
            if a != b {
                constant[(*b, *a)] += f;
            }
        }
        for k in 0..last {
            if whole[k] != 0.0 {
                let extra: Vec<Entry> = removed
                    .iter()
                    .map(|(a, b, f)| (*a, *b, -f * whole[k]))
                    .collect();
                patterns[k].extend(extra);
            }
        }
        patterns.remove(last);
        let reduced = |k: usize| if k < last { k } else { k - 1 };

        let mut even = DMatrix::zeros(last, 2 * classes);
        let mut odd = DMatrix::zeros(third.len(), 2 * classes);
        let mut origin = vec![[1.0, 0.0, 0.0, 0.0, 0.0]; classes];
        let weight4: Vec<f64> = fourth.iter().map(|m| multinomial(m)).collect();
        let weight3: Vec<f64> = third.iter().map(|m| multinomial(m)).collect();
        for c in 0..classes {
            let p: Vec<f64> = rows.row(c).iter().copied().collect();
            let mut full = vec![[0.0; DEGREES]; all];
            let value = |m: &[usize]| m.iter().map(|i| p[*i]).product::<f64>();
            for (i, m) in fourth.iter().enumerate() {
                full[i][4] = weight4[i] * value(m);
            }
            for (i, m) in third.iter().enumerate() {
                full[last + 1 + i][3] = weight3[i] * value(m);
            }
            for m in &pairs {
                let factor = multinomial(m) * value(m);
                for k in 0..r {
                    full[index[&sorted(vec![m[0], m[1], k, k])]][2] += factor;
                }
            }
            for i in 0..r {
                for k in 0..r {
                    full[index[&sorted(vec![i, k, k])]][1] += p[i];
                }
            }
            for degree in [2, 4] {
                origin[c][degree] = full[last][degree];
                for k in 0..last {
                    even[(k, 2 * c + degree / 2 - 1)] =
                        full[k][degree] - whole[k] * full[last][degree];
                }
            }
            for degree in [1, 3] {
                for k in 0..third.len() {
                    odd[(k, 2 * c + degree / 2)] = full[last + 1 + k][degree];
                }
            }
        }
        let mut first = DMatrix::zeros(all - 1, r);
        for i in 0..r {
            for k in 0..r {
                first[(reduced(index[&sorted(vec![i, k, k])]), i)] += 1.0;
            }
        }
        let mut uniform = DVector::zeros(all - 1);
        let unit = 1.0 / (r * (r + 2)) as f64;
        for i in 0..r {
            for j in i..r {
                let k = index[&vec![i, i, j, j]];
                if k != last {
                    uniform[k] = if i == j { 3.0 * unit } else { unit };
                }
            }
        }
        Moments {
            r,
            size,
            count: all - 1,
            patterns,
            constant,
            turned: [even.transpose(), odd.transpose()],
            even,
            odd,
            origin,
            first,
            uniform,
            index,
            whole,
        }
    }

    /// Adds `factor` times the moment of a monomial to a gradient and its constant.
    fn add_moment(&self, monomial: &[usize], factor: f64, gradient: &mut [f64], origin: &mut f64) {
        match monomial.len() {
            3 | 4 => {
                let last = self.even.nrows();
                let k = self.index[&sorted(monomial.to_vec())];
                match k.cmp(&last) {
                    std::cmp::Ordering::Less => gradient[k] += factor,
                    std::cmp::Ordering::Greater => gradient[k - 1] += factor,
                    std::cmp::Ordering::Equal => {
                        *origin += factor;
                        for (g, w) in gradient.iter_mut().zip(&self.whole[..last]) {
                            *g -= factor * w;
                        }
                    }
                }
            }
            0 => *origin += factor,
            _ => {
                for k in 0..self.r {
                    let larger = [monomial, &[k, k]].concat();
                    self.add_moment(&larger, factor, gradient, origin);
                }
            }
        }
    }

    /// What a region with `a·u ≥ c` makes positive semidefinite.
    pub fn localizer(&self, a: &[f64], c: f64) -> Localizer {
        let r = self.r;
        let mut gradient = DMatrix::zeros(self.count, (r + 1) * (r + 2) / 2);
        let mut origin = DVector::zeros(gradient.ncols());
        let basis: Vec<Vec<usize>> = std::iter::once(Vec::new())
            .chain((0..r).map(|i| vec![i]))
            .collect();
        let mut k = 0;
        for i in 0..=r {
            for j in i..=r {
                let product = [basis[i].clone(), basis[j].clone()].concat();
                let mut column = gradient.column_mut(k);
                let column = column.as_mut_slice();
                for (l, x) in a.iter().enumerate() {
                    let larger = [product.as_slice(), &[l]].concat();
                    self.add_moment(&larger, *x, column, &mut origin[k]);
                }
                self.add_moment(&product, -c, column, &mut origin[k]);
                k += 1;
            }
        }
        Localizer {
            turned: gradient.transpose(),
            gradient,
            origin,
        }
    }

    /// The moment matrix without its constant part.
    pub fn linear_matrix(&self, variables: &DVector<f64>) -> DMatrix<f64> {
        let mut matrix = DMatrix::zeros(self.size, self.size);
        for (x, pattern) in variables.iter().zip(&self.patterns) {
            for (a, b, f) in pattern {
                matrix[(*a, *b)] += x * f;
                if a != b {
                    matrix[(*b, *a)] += x * f;
                }
            }
        }
        matrix
    }

    /// The adjoint of [`Self::linear_matrix`] for a symmetric matrix.
    pub fn adjoint(&self, matrix: &DMatrix<f64>) -> DVector<f64> {
        DVector::from_iterator(
            self.count,
            self.patterns.iter().map(|pattern| {
                pattern
                    .iter()
                    .map(|(a, b, f)| {
                        f * if a == b {
                            matrix[(*a, *a)]
                        } else {
                            matrix[(*a, *b)] + matrix[(*b, *a)]
                        }
                    })
                    .sum()
            }),
        )
    }

    /// The moments of the values of all rows, degrees 0 to 4.
    pub fn of_rows(&self, variables: &DVector<f64>) -> Vec<[f64; DEGREES]> {
        let mut rows = self.of_rows_linear(variables);
        for (w, o) in rows.iter_mut().zip(&self.origin) {
            for k in 0..DEGREES {
                w[k] += o[k];
            }
        }
        rows
    }

    /// The same without the constant part.
    pub fn of_rows_linear(&self, variables: &DVector<f64>) -> Vec<[f64; DEGREES]> {
        let split = self.even.nrows();
        let even = &self.turned[0] * variables.rows(0, split);
        let odd = &self.turned[1] * variables.rows(split, self.odd.nrows());
        let pairs = even
            .as_slice()
            .chunks_exact(2)
            .zip(odd.as_slice().chunks_exact(2));
        pairs.map(|(e, o)| [0.0, o[0], e[0], o[1], e[1]]).collect()
    }

    /// The adjoint of [`Self::of_rows_linear`].
    pub fn rows_adjoint(&self, weights: &[[f64; DEGREES]]) -> DVector<f64> {
        let flat = |i: usize, j: usize| {
            DVector::from_iterator(
                2 * weights.len(),
                weights.iter().flat_map(move |w| [w[i], w[j]]),
            )
        };
        let split = self.even.nrows();
        let mut sum = DVector::zeros(self.count);
        sum.rows_mut(0, split).copy_from(&(&self.even * flat(2, 4)));
        sum.rows_mut(split, self.odd.nrows())
            .copy_from(&(&self.odd * flat(1, 3)));
        sum
    }

    /// Adds `Σ T_c·G_c·T_cᵀ`, T_c the gradients of the moments of row c and G_c a form on these, to the lower triangle.
    pub fn add_rows(&self, forms: &[Option<Matrix5<f64>>], matrix: &mut DMatrix<f64>) {
        let split = self.even.nrows();
        let kept: Vec<usize> = (0..forms.len()).filter(|c| forms[*c].is_some()).collect();
        let part = |from: &DMatrix<f64>, rows: [usize; 2], columns: [usize; 2]| {
            let mut scaled = DMatrix::zeros(from.nrows(), 2 * forms.len());
            for c in &kept {
                let Some(g) = &forms[*c] else { continue };
                for (j, column) in columns.iter().enumerate() {
                    let mut target = scaled.column_mut(2 * c + j);
                    target.axpy(g[(rows[0], *column)], &from.column(2 * c), 0.0);
                    target.axpy(g[(rows[1], *column)], &from.column(2 * c + 1), 1.0);
                }
            }
            scaled
        };
        add_product(
            matrix,
            (0, 0),
            &part(&self.even, [2, 4], [2, 4]),
            &self.turned[0],
            true,
        );
        let odd = part(&self.odd, [1, 3], [1, 3]);
        add_product(matrix, (split, split), &odd, &self.turned[1], true);
        let mixed = part(&self.odd, [1, 3], [2, 4]);
        add_product(matrix, (split, 0), &mixed, &self.turned[0], false);
    }
}

/// Adds `a·b` to a part of the matrix, or only what is on and below its diagonal.
pub fn add_product(
    matrix: &mut DMatrix<f64>,
    at: (usize, usize),
    a: &DMatrix<f64>,
    b: &DMatrix<f64>,
    is_lower: bool,
) {
    const BLOCK: usize = 160;
    let (rows, columns) = (a.nrows(), b.ncols());
    for start in (0..columns).step_by(BLOCK) {
        let width = BLOCK.min(columns - start);
        let from = if is_lower { start } else { 0 };
        matrix
            .view_mut((at.0 + from, at.1 + start), (rows - from, width))
            .gemm(
                1.0,
                &a.rows(from, rows - from),
                &b.columns(start, width),
                1.0,
            );
    }
}
