//! The moments of degree 0 to 4 of a distribution on the unit sphere, and what is linear in them.
//!
//! Those of degree 4 (but that of `u_r⁴`) and 3 determine all others, since `|u|² = 1`; they are the variables. What is linear in the moments is written in all of them, in
//! the order of degrees 4, 3, 2, 1, 0, and reduced to the variables at the end: a moment of degree 2 or 1 is a sum of r moments of two degrees more.

use std::collections::HashMap;

use nalgebra::{DMatrix, DVector, Matrix5};

/// Degrees of a polynomial in one row's value.
pub const DEGREES: usize = 5;

/// The moments for given rows.
pub struct Moments {
    /// Dimension r.
    pub r: usize,
    /// Rows of the moment matrix of `z = (u_i; u_i·u_j, i ≤ j)`.
    pub size: usize,
    /// Number of variables.
    pub count: usize,
    /// The variables of the uniform distribution.
    pub uniform: DVector<f64>,
    /// Where the moments of degree 0 to 4 begin; `begin[0]` is the one of degree 0.
    begin: [usize; DEGREES],
    /// The number of the moment of `u_r⁴`, the last one of degree 4.
    last: usize,
    /// The moments of two degrees more whose sum is the moment of degree 2 or 1, for all of these.
    sums: Vec<(usize, Vec<usize>)>,
    /// `|u|⁴` in the moments, without `u_r⁴` itself.
    whole: Vec<(usize, f64)>,
    /// For all moments of degree 4, 3 and 2 their entries on and above the diagonal of the moment matrix.
    entries: Vec<Vec<(usize, usize)>>,
    /// For degree k, at k − 1, the moments of that degree in that of `t_c^k`: one column for each class.
    powers: [DMatrix<f64>; 4],
    /// The same, transposed.
    turned: [DMatrix<f64>; 4],
    /// The products of two of `(1, u)`, row by row.
    products: Vec<Product>,
}

/// The product of two of `(1, u)`.
struct Product {
    /// Which two: row ≤ column.
    at: (usize, usize),
    /// The number of its moment.
    own: usize,
    /// Those of the moments of its products with `u_1 … u_r`.
    with: Vec<usize>,
}

/// The matrix of the moments of `(a·u − c)` times the products of two of `(1, u)`.
pub struct Localizer {
    pub(super) a: Vec<f64>,
    pub(super) c: f64,
}

impl Localizer {
    /// For the half-space `a·u ≥ c`.
    pub fn new(a: &[f64], c: f64) -> Localizer {
        Localizer { a: a.to_vec(), c }
    }

    /// The factors of a product's moment and of those of its products with `u_1 … u_r`.
    fn factors(&self) -> Vec<f64> {
        std::iter::once(-self.c)
            .chain(self.a.iter().copied())
            .collect()
    }
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
        let mut list: Vec<Vec<usize>> = Vec::new();
        let mut begin = [0; DEGREES];
        for degree in (0..DEGREES).rev() {
            begin[degree] = list.len();
            list.extend(monomials(r, degree));
        }
        let last = begin[3] - 1;
        let index: HashMap<&[usize], usize> = list
            .iter()
            .enumerate()
            .map(|(i, m)| (m.as_slice(), i))
            .collect();
        let number = |parts: &[&[usize]]| index[sorted(parts.concat()).as_slice()];
        let sums = (begin[2]..begin[0])
            .map(|m| (m, (0..r).map(|k| number(&[&list[m], &[k, k]])).collect()))
            .collect();
        let mut whole: HashMap<usize, f64> = HashMap::new();
        for i in 0..r {
            for j in 0..r {
                *whole.entry(number(&[&[i, i, j, j]])).or_default() += 1.0;
            }
        }
        whole.remove(&last);
        let mut whole: Vec<(usize, f64)> = whole.into_iter().collect();
        whole.sort_unstable_by_key(|w| w.0);

        let z: Vec<&[usize]> = [1, 2]
            .iter()
            .flat_map(|degree| &list[begin[*degree]..begin[degree - 1]])
            .map(Vec::as_slice)
            .collect();
        let size = z.len();
        let mut entries = vec![Vec::new(); begin[1]];
        for a in 0..size {
            for b in a..size {
                entries[number(&[z[a], z[b]])].push((a, b));
            }
        }
        let powers = [1, 2, 3, 4].map(|degree| {
            let own = &list[begin[degree]..begin[degree - 1]];
            DMatrix::from_fn(own.len(), classes, |i, c| {
                let product: f64 = own[i].iter().map(|k| rows[(c, *k)]).product();
                multinomial(&own[i]) * product
            })
        });
        let basis: Vec<Vec<usize>> = std::iter::once(Vec::new())
            .chain((0..r).map(|i| vec![i]))
            .collect();
        let mut products = Vec::new();
        for i in 0..=r {
            for j in i..=r {
                let with = (0..r).map(|k| number(&[&basis[i], &basis[j], &[k]]));
                products.push(Product {
                    at: (i, j),
                    own: number(&[&basis[i], &basis[j]]),
                    with: with.collect(),
                });
            }
        }
        let count = begin[2] - 1;
        let mut uniform = DVector::zeros(count);
        let unit = 1.0 / (r * (r + 2)) as f64;
        for i in 0..r {
            for j in i..r {
                let k = number(&[&[i, i, j, j]]);
                if k != last {
                    uniform[k] = if i == j { 3.0 * unit } else { unit };
                }
            }
        }
        Moments {
            r,
            size,
            count,
            uniform,
            begin,
            last,
            sums,
            whole,
            entries,
            turned: powers.each_ref().map(DMatrix::transpose),
            powers,
            products,
        }
    }

    /// About the memory that a point of a solution takes.
    pub fn bytes(&self) -> f64 {
        // Two matrices; for each row two pairs of pairs and its own moments.
        let row = 8 * (2 * 2 * (9 + 4) + DEGREES);
        (16 * self.size * self.size + row * self.powers[0].ncols()) as f64
    }

    /// The moments of degree k ≥ 1 in a vector of all.
    fn degree(&self, k: usize) -> std::ops::Range<usize> {
        self.begin[k]..self.begin[k - 1]
    }

    /// All moments for these variables; if not `is_whole`, the change of them for a change of the variables.
    pub fn expand(&self, variables: &DVector<f64>, is_whole: bool) -> DVector<f64> {
        let constant = if is_whole { 1.0 } else { 0.0 };
        let mut all = DVector::zeros(self.begin[0] + 1);
        let v = variables.as_slice();
        let slice = all.as_mut_slice();
        slice[..self.last].copy_from_slice(&v[..self.last]);
        slice[self.begin[3]..self.begin[2]].copy_from_slice(&v[self.last..]);
        let rest: f64 = self.whole.iter().map(|(k, f)| f * v[*k]).sum();
        slice[self.last] = constant - rest;
        for (m, sum) in &self.sums {
            slice[*m] = sum.iter().map(|k| slice[*k]).sum();
        }
        slice[self.begin[0]] = constant;
        all
    }

    /// The adjoint of [`Self::expand`]: the gradient by the variables of a linear function of all moments, and its value where all variables are 0.
    pub fn reduce(&self, mut weights: DVector<f64>) -> (DVector<f64>, f64) {
        self.fold(weights.as_mut_slice());
        let constant = weights[self.last] + weights[self.begin[0]];
        let mut gradient = DVector::zeros(self.count);
        self.drop_last(weights.as_slice(), gradient.as_mut_slice());
        (gradient, constant)
    }

    /// The linear function without degrees 2 and 1.
    fn fold(&self, weights: &mut [f64]) {
        for (m, sum) in &self.sums {
            for k in sum {
                weights[*k] += weights[*m];
            }
        }
    }

    /// The linear function of degrees 4 and 3 in the variables.
    fn drop_last(&self, weights: &[f64], gradient: &mut [f64]) {
        gradient[..self.last].copy_from_slice(&weights[..self.last]);
        gradient[self.last..].copy_from_slice(&weights[self.begin[3]..self.begin[2]]);
        for (k, f) in &self.whole {
            gradient[*k] -= f * weights[self.last];
        }
    }

    /// The first moments, length r.
    pub fn first(&self, all: &DVector<f64>) -> Vec<f64> {
        all.as_slice()[self.degree(1)].to_vec()
    }

    /// The weights of a linear function of the first moments.
    pub fn of_first(&self, linear: &[f64]) -> DVector<f64> {
        let mut weights = DVector::zeros(self.begin[0] + 1);
        weights.as_mut_slice()[self.degree(1)].copy_from_slice(linear);
        weights
    }

    /// Adds a multiple of the row of a class.
    pub fn add_row(&self, class: usize, factor: f64, row: &mut DVector<f64>) {
        row.axpy(factor, &self.powers[0].column(class), 1.0);
    }

    /// The moment matrix.
    pub fn matrix(&self, all: &DVector<f64>) -> DMatrix<f64> {
        let mut matrix = DMatrix::zeros(self.size, self.size);
        for (x, entries) in all.iter().zip(&self.entries) {
            for (a, b) in entries {
                matrix[(*a, *b)] = *x;
                matrix[(*b, *a)] = *x;
            }
        }
        matrix
    }

    /// The variables of a moment matrix.
    pub fn variables_of(&self, matrix: &DMatrix<f64>) -> DVector<f64> {
        let numbers = (0..self.last).chain(self.begin[3]..self.begin[2]);
        let entries = numbers.map(|k| matrix[self.entries[k][0]]);
        DVector::from_iterator(self.count, entries)
    }

    /// The row of a class.
    pub fn row(&self, class: usize) -> DVector<f64> {
        self.powers[0].column(class).into_owned()
    }

    /// Adds the adjoint of [`Self::matrix`] for a symmetric matrix.
    pub fn add_matrix(&self, matrix: &DMatrix<f64>, weights: &mut DVector<f64>) {
        for (w, entries) in weights.iter_mut().zip(&self.entries) {
            for (a, b) in entries {
                *w += if a == b {
                    matrix[(*a, *a)]
                } else {
                    matrix[(*a, *b)] + matrix[(*b, *a)]
                };
            }
        }
    }

    /// The moments of the values of all rows, degrees 0 to 4.
    pub fn of_rows(&self, all: &DVector<f64>) -> Vec<[f64; DEGREES]> {
        let parts: Vec<DVector<f64>> = (1..DEGREES)
            .map(|k| {
                let range = self.degree(k);
                self.powers[k - 1].tr_mul(&all.rows(range.start, range.len()))
            })
            .collect();
        let zero = all[self.begin[0]];
        (0..self.powers[0].ncols())
            .map(|c| std::array::from_fn(|k| if k == 0 { zero } else { parts[k - 1][c] }))
            .collect()
    }

    /// Adds the adjoint of [`Self::of_rows`].
    pub fn add_of_rows(&self, rows: &[[f64; DEGREES]], weights: &mut DVector<f64>) {
        for k in 1..DEGREES {
            let column = DVector::from_iterator(rows.len(), rows.iter().map(|w| w[k]));
            let range = self.degree(k);
            weights
                .rows_mut(range.start, range.len())
                .gemv(1.0, &self.powers[k - 1], &column, 1.0);
        }
        weights[self.begin[0]] += rows.iter().map(|w| w[0]).sum::<f64>();
    }

    /// The matrix of a localizer.
    pub fn local(&self, localizer: &Localizer, all: &DVector<f64>) -> DMatrix<f64> {
        let mut matrix = DMatrix::zeros(self.r + 1, self.r + 1);
        for product in &self.products {
            let larger = product.with.iter().zip(&localizer.a);
            let larger: f64 = larger.map(|(k, a)| a * all[*k]).sum();
            let value = larger - localizer.c * all[product.own];
            let (i, j) = product.at;
            matrix[(i, j)] = value;
            matrix[(j, i)] = value;
        }
        matrix
    }

    /// Adds the adjoint of [`Self::local`] for a symmetric matrix.
    pub fn add_local(
        &self,
        localizer: &Localizer,
        matrix: &DMatrix<f64>,
        weights: &mut DVector<f64>,
    ) {
        for product in &self.products {
            let (i, j) = product.at;
            let x = matrix[(i, j)] * if i == j { 1.0 } else { 2.0 };
            weights[product.own] -= localizer.c * x;
            for (k, a) in product.with.iter().zip(&localizer.a) {
                weights[*k] += a * x;
            }
        }
    }

    /// The lower triangle of the equations for the variables: `Σ T_c·G_c·T_cᵀ`, T_c the gradients of the moments of row c and G_c a form on these; the same for localizers with a form
    /// on the entries of the matrix; and `tr(A_k·X·A_l·Z⁻¹)` for the moment matrix `Σ x_k·A_k`, given X and Z⁻¹.
    pub fn equations(
        &self,
        rows: &[Option<Matrix5<f64>>],
        localizers: &[(&Localizer, DMatrix<f64>)],
        x: &DMatrix<f64>,
        inverse: &DMatrix<f64>,
    ) -> DMatrix<f64> {
        let all = self.begin[0];
        let mut matrix = DMatrix::zeros(all, all);
        self.add_products(x, inverse, &mut matrix);
        self.add_rows(rows, &mut matrix);
        if !localizers.is_empty() {
            self.add_localizers(localizers, &mut matrix);
        }
        // Columns as in `reduce`, then rows.
        matrix.fill_upper_triangle_with_lower_triangle();
        let slice = matrix.as_mut_slice();
        let mut add = |from: usize, to: usize, factor: f64| {
            let (a, b) = slice.split_at_mut(from.max(to) * all);
            let (source, target) = if from < to {
                (&a[from * all..], b)
            } else {
                (&b[..all], &mut a[to * all..])
            };
            for (t, s) in target[..all].iter_mut().zip(source) {
                *t += factor * s;
            }
        };
        for (m, sum) in &self.sums {
            sum.iter().for_each(|k| add(*m, *k, 1.0));
        }
        for (k, f) in &self.whole {
            add(self.last, *k, -f);
        }
        let mut reduced = DMatrix::zeros(self.count, self.count);
        for (j, mut column) in reduced.column_iter_mut().enumerate() {
            let from = if j < self.last { j } else { j + 1 };
            let source = &mut slice[from * all..(from + 1) * all];
            self.fold(source);
            self.drop_last(source, column.as_mut_slice());
        }
        reduced
    }

    /// Adds what the rows contribute to the lower triangle, in all moments.
    fn add_rows(&self, forms: &[Option<Matrix5<f64>>], matrix: &mut DMatrix<f64>) {
        for low in 1..DEGREES {
            for high in low..DEGREES {
                let mut scaled = self.powers[low - 1].clone();
                for (mut column, g) in scaled.column_iter_mut().zip(forms) {
                    column *= g.as_ref().map_or(0.0, |g| g[(low, high)]);
                }
                let at = (self.begin[low], self.begin[high]);
                add_product(matrix, at, &scaled, &self.turned[high - 1], low == high);
            }
        }
    }

    /// Adds what the moment matrix contributes.
    fn add_products(&self, x: &DMatrix<f64>, inverse: &DMatrix<f64>, matrix: &mut DMatrix<f64>) {
        let size = self.size;
        // Where the entries are in a matrix, for one moment after the other.
        let mut places = Vec::new();
        let mut ends = Vec::with_capacity(self.entries.len());
        for entries in &self.entries {
            places.extend(entries.iter().map(|(a, b)| a + b * size));
            ends.push(places.len());
        }
        let (x, inverse) = (x.as_slice(), inverse.as_slice());
        let mut sum = vec![0.0; size * size];
        for (l, pattern) in self.entries.iter().enumerate() {
            // X·A·Z⁻¹ + Z⁻¹·A·X on and above the diagonal, for A the sum of e_a·e_bᵀ + e_b·e_aᵀ, or e_a·e_aᵀ.
            for (j, column) in sum.chunks_exact_mut(size).enumerate() {
                let column = &mut column[..=j];
                column.fill(0.0);
                for (a, b) in pattern {
                    let half = if a == b { 0.5 } else { 1.0 };
                    let (xa, xb) = (&x[a * size..][..=j], &x[b * size..][..=j]);
                    let (ya, yb) = (&inverse[a * size..][..=j], &inverse[b * size..][..=j]);
                    let factors = [ya[j], yb[j], xa[j], xb[j]].map(|f| half * f);
                    for (i, s) in column.iter_mut().enumerate() {
                        *s += xb[i] * factors[0]
                            + xa[i] * factors[1]
                            + yb[i] * factors[2]
                            + ya[i] * factors[3];
                    }
                }
                column[j] *= 0.5;
            }
            let mut column = matrix.column_mut(l);
            let mut start = if l == 0 { 0 } else { ends[l - 1] };
            for (end, target) in ends[l..].iter().zip(column.as_mut_slice()[l..].iter_mut()) {
                *target += places[start..*end].iter().map(|k| sum[*k]).sum::<f64>();
                start = *end;
            }
        }
    }

    /// Adds what localizers contribute.
    fn add_localizers(&self, localizers: &[(&Localizer, DMatrix<f64>)], matrix: &mut DMatrix<f64>) {
        let entries = self.products.len();
        let factors: Vec<Vec<f64>> = localizers.iter().map(|(l, _)| l.factors()).collect();
        let number = |entry: usize, k: usize| match k {
            0 => self.products[entry].own,
            _ => self.products[entry].with[k - 1],
        };
        let mut sum = DMatrix::zeros(entries, entries);
        for k in 0..=self.r {
            for l in k..=self.r {
                sum.fill(0.0);
                for (f, (_, form)) in factors.iter().zip(localizers) {
                    let factor = f[k] * f[l];
                    for (s, x) in sum.as_mut_slice().iter_mut().zip(form.as_slice()) {
                        *s += factor * x;
                    }
                }
                for j in 0..entries {
                    let column = number(j, l);
                    let mirrored = number(j, k);
                    for i in 0..entries {
                        let x = sum[(i, j)];
                        let row = number(i, k);
                        if row >= column && row < self.begin[0] {
                            matrix[(row, column)] += x;
                        }
                        if k != l {
                            let row = number(i, l);
                            if row >= mirrored && row < self.begin[0] {
                                matrix[(row, mirrored)] += x;
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Adds `a·b` to a part of the matrix, or only what is on and below its diagonal.
fn add_product(
    matrix: &mut DMatrix<f64>,
    at: (usize, usize),
    a: &DMatrix<f64>,
    b: &DMatrix<f64>,
    is_lower: bool,
) {
    const BLOCK: usize = 96;
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oracle::ascent::Random;

    fn rows(random: &mut Random, classes: usize, r: usize) -> DMatrix<f64> {
        let mut rows = DMatrix::from_fn(classes, r, |_, _| random.normal());
        for mut row in rows.row_iter_mut() {
            row.normalize_mut();
        }
        rows
    }

    fn symmetric(random: &mut Random, size: usize) -> DMatrix<f64> {
        let m = DMatrix::from_fn(size, size, |_, _| random.normal());
        &m * m.transpose()
    }

    #[test]
    fn moments_of_one_direction_are_its_products() {
        let mut random = Random::new(4);
        for r in 1..5 {
            let rows = rows(&mut random, 5, r);
            let moments = Moments::new(&rows);
            assert_eq!(moments.count, Moments::variables(r));
            let u = DVector::from_fn(r, |_, _| random.normal()).normalize();
            let products = |degree| {
                monomials(r, degree)
                    .into_iter()
                    .map(|m| m.iter().map(|i| u[*i]).product::<f64>())
                    .collect::<Vec<f64>>()
            };
            let mut fourth = products(4);
            fourth.pop();
            let variables = DVector::from_vec([fourth, products(3)].concat());
            let all = moments.expand(&variables, true);
            let expected: Vec<f64> = (0..DEGREES).rev().flat_map(products).collect();
            assert!((&all - DVector::from_vec(expected)).norm() < 1e-12);
            let again = moments.variables_of(&moments.matrix(&all));
            assert!((again - variables).norm() < 1e-12);
            for (c, w) in moments.of_rows(&all).iter().enumerate() {
                let t = (rows.row(c) * &u)[0];
                for (k, x) in w.iter().enumerate() {
                    assert!((x - t.powi(k as i32)).abs() < 1e-12);
                }
            }
            let a: Vec<f64> = (0..r).map(|_| random.normal()).collect();
            let local = moments.local(&Localizer::new(&a, 0.3), &all);
            let value = a.iter().zip(u.iter()).map(|(a, u)| a * u).sum::<f64>() - 0.3;
            let y = DVector::from_iterator(r + 1, std::iter::once(1.0).chain(u.iter().copied()));
            assert!((local - value * &y * y.transpose()).norm() < 1e-12);
        }
    }

    /// The equations column by column, from the linear maps and their adjoints.
    #[test]
    fn equations_are_what_the_maps_and_their_adjoints_make() {
        let mut random = Random::new(9);
        for r in 1..5 {
            let rows = rows(&mut random, 6, r);
            let moments = Moments::new(&rows);
            let x = symmetric(&mut random, moments.size);
            let inverse = symmetric(&mut random, moments.size);
            let forms: Vec<Option<Matrix5<f64>>> = (0..6)
                .map(|c| {
                    let m = symmetric(&mut random, DEGREES);
                    (c != 2).then(|| Matrix5::from_fn(|i, j| m[(i, j)]))
                })
                .collect();
            let size = (r + 1) * (r + 2) / 2;
            let localizers: Vec<(Localizer, DMatrix<f64>)> = (0..2)
                .map(|_| {
                    let a: Vec<f64> = (0..r).map(|_| random.normal()).collect();
                    let form = symmetric(&mut random, size);
                    (Localizer::new(&a, random.normal()), form)
                })
                .collect();
            let given: Vec<(&Localizer, DMatrix<f64>)> =
                localizers.iter().map(|(l, f)| (l, f.clone())).collect();
            let found = moments.equations(&forms, &given, &x, &inverse);
            for k in 0..moments.count {
                let mut one = DVector::zeros(moments.count);
                one[k] = 1.0;
                let all = moments.expand(&one, false);
                let mut weights = DVector::zeros(all.len());
                let product = &x * moments.matrix(&all) * &inverse;
                moments.add_matrix(&(0.5 * (&product + product.transpose())), &mut weights);
                let of_rows: Vec<[f64; DEGREES]> = moments
                    .of_rows(&all)
                    .iter()
                    .zip(&forms)
                    .map(|(w, g)| {
                        let w = nalgebra::Vector5::from_column_slice(w);
                        g.map_or([0.0; DEGREES], |g| (g * w).into())
                    })
                    .collect();
                moments.add_of_rows(&of_rows, &mut weights);
                for (l, form) in &localizers {
                    let matrix = moments.local(l, &all);
                    let places: Vec<(usize, usize)> =
                        (0..=r).flat_map(|i| (i..=r).map(move |j| (i, j))).collect();
                    let entries = DVector::from_iterator(size, places.iter().map(|p| matrix[*p]));
                    let entries = form * entries;
                    let mut adjoint = DMatrix::zeros(r + 1, r + 1);
                    for (e, (i, j)) in entries.iter().zip(&places) {
                        // `add_local` counts an entry beside the diagonal twice.
                        let e = if i == j { *e } else { 0.5 * e };
                        adjoint[(*i, *j)] = e;
                        adjoint[(*j, *i)] = e;
                    }
                    moments.add_local(l, &adjoint, &mut weights);
                }
                let (gradient, _) = moments.reduce(weights);
                for i in k..moments.count {
                    let (a, b) = (gradient[i], found[(i, k)]);
                    assert!(
                        (a - b).abs() < 1e-8 * (1.0 + a.abs()),
                        "{r}: {i} {k}: {a} {b}"
                    );
                }
            }
        }
    }
}
