//! Polynomials in x and y with integer coefficients, and the elimination of y. Exact.

use num_bigint::BigInt;
use num_traits::{One, Zero};

use super::Poly;
use super::crt::Images;
use super::modular::{Field, Image, large_primes};

/// A polynomial in x and y with integer coefficients. Exact.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Poly2 {
    /// The coefficient of y^i, a polynomial in x, at place i; the last one is not 0.
    rows: Vec<Poly>,
}

impl Poly2 {
    /// From the coefficients of 1, y, y², …, which are polynomials in x.
    pub fn new(mut rows: Vec<Poly>) -> Self {
        while rows.last().is_some_and(Poly::is_zero) {
            rows.pop();
        }
        Poly2 { rows }
    }

    /// The polynomial 0.
    pub fn zero() -> Self {
        Poly2::default()
    }

    /// A constant.
    pub fn constant(value: BigInt) -> Self {
        Poly2::new(vec![Poly::constant(value)])
    }

    /// The polynomial x.
    pub fn x() -> Self {
        Poly2::new(vec![Poly::x()])
    }

    /// The polynomial y.
    pub fn y() -> Self {
        Poly2::new(vec![Poly::zero(), Poly::constant(BigInt::one())])
    }

    /// The coefficients of 1, y, y², …
    pub fn rows(&self) -> &[Poly] {
        &self.rows
    }

    /// Whether this is the polynomial 0.
    pub fn is_zero(&self) -> bool {
        self.rows.is_empty()
    }

    /// The degree in x; 0 for the polynomial 0.
    pub fn degree_x(&self) -> usize {
        self.rows.iter().filter_map(Poly::degree).max().unwrap_or(0)
    }

    /// The degree in y; 0 for the polynomial 0.
    pub fn degree_y(&self) -> usize {
        self.rows.len().saturating_sub(1)
    }

    /// The total degree; 0 for the polynomial 0.
    pub fn degree(&self) -> usize {
        let sum = |(i, row): (usize, &Poly)| row.degree().map(|d| d + i);
        self.rows
            .iter()
            .enumerate()
            .filter_map(sum)
            .max()
            .unwrap_or(0)
    }

    /// Each coefficient times `factor`.
    pub fn scale(&self, factor: &BigInt) -> Self {
        Poly2::new(self.rows.iter().map(|row| row.scale(factor)).collect())
    }

    /// Divided by the greatest common divisor of the coefficients.
    pub fn primitive(&self) -> Self {
        use num_integer::Integer;
        let content = self
            .rows
            .iter()
            .fold(BigInt::zero(), |c, row| c.gcd(&row.content()));
        if content.is_zero() || content.is_one() {
            return self.clone();
        }
        let divide = |row: &Poly| Poly::new(row.coeffs().iter().map(|c| c / &content).collect());
        Poly2::new(self.rows.iter().map(divide).collect())
    }

    /// The polynomial with x replaced by x − k·y.
    pub fn sheared(&self, k: i64) -> Self {
        let line = Poly2::new(vec![Poly::x(), Poly::from_i64s(&[-k])]);
        let width = self.degree_x() + 1;
        // Horner in x.
        let mut result = Poly2::zero();
        for i in (0..width).rev() {
            let slice = Poly2::new(
                self.rows
                    .iter()
                    .map(|row| Poly::constant(row.coeff(i)))
                    .collect(),
            );
            result = &(&result * &line) + &slice;
        }
        result
    }

    /// Σ c_ij a^i b^j s^(degree − i − j): the numerator of the value at (a/s, b/s) over s^degree, for `degree` at least the total
    /// degree.
    pub fn homogeneous_at(&self, a: &Poly, b: &Poly, s: &Poly, degree: usize) -> Poly {
        let powers = |of: &Poly| {
            let mut powers = vec![Poly::constant(BigInt::one())];
            for i in 0..degree {
                powers.push(&powers[i] * of);
            }
            powers
        };
        let (a, b, s) = (powers(a), powers(b), powers(s));
        let mut sum = Poly::zero();
        for (j, row) in self.rows.iter().enumerate() {
            for (i, c) in row.coeffs().iter().enumerate() {
                if !c.is_zero() {
                    let term = &(&a[i] * &b[j]) * &s[degree - i - j];
                    sum = &sum + &term.scale(c);
                }
            }
        }
        sum
    }
}

impl std::ops::Add for &Poly2 {
    type Output = Poly2;
    fn add(self, other: &Poly2) -> Poly2 {
        let zero = Poly::zero();
        let get = |p: &Poly2, i: usize| p.rows.get(i).unwrap_or(&zero).clone();
        let count = self.rows.len().max(other.rows.len());
        Poly2::new((0..count).map(|i| &get(self, i) + &get(other, i)).collect())
    }
}

impl std::ops::Sub for &Poly2 {
    type Output = Poly2;
    fn sub(self, other: &Poly2) -> Poly2 {
        self + &other.scale(&-BigInt::one())
    }
}

impl std::ops::Mul for &Poly2 {
    type Output = Poly2;
    fn mul(self, other: &Poly2) -> Poly2 {
        if self.is_zero() || other.is_zero() {
            return Poly2::zero();
        }
        let mut rows = vec![Poly::zero(); self.rows.len() + other.rows.len() - 1];
        for (i, a) in self.rows.iter().enumerate() {
            for (j, b) in other.rows.iter().enumerate() {
                rows[i + j] = &rows[i + j] + &(a * b);
            }
        }
        Poly2::new(rows)
    }
}

/// What is computed from two polynomials in y with coefficients in a prime field, the first of which has its full degree.
type Kernel<'a> = &'a dyn Fn(Field, &[u64], &[u64]) -> Vec<u64>;

/// `count` polynomials in x that are determinants of Sylvester-like matrices of two polynomials, from values modulo primes.
struct Elimination<'a> {
    f: &'a Poly2,
    g: &'a Poly2,
    count: usize,
    /// An upper bound on the degrees.
    degree: usize,
    /// Rows of f and of g in the matrix.
    shifts: (usize, usize),
}

impl Elimination<'_> {
    /// Coefficients are below 2^this: Hadamard's bound on the unit circle, by Cauchy's inequality a bound on the coefficients.
    fn bits(&self) -> u64 {
        let row = |p: &Poly2| -> u64 {
            let squares: BigInt = p.rows.iter().map(|c| num_traits::pow(c.norm_1(), 2)).sum();
            squares.bits()
        };
        (self.shifts.0 as u64 * row(self.f) + self.shifts.1 as u64 * row(self.g)) / 2 + 1
    }

    fn run(&self, kernel: Kernel, stop: &dyn Fn() -> bool) -> Option<Vec<Poly>> {
        let width = self.degree + 1;
        let mut images = Images::new(width * self.count);
        // A sign needs one bit more.
        let wanted = self.bits() + 2;
        let lead = self.f.rows.last()?;
        for p in large_primes() {
            if images.modulus.bits() > wanted {
                break;
            }
            if stop() {
                return None;
            }
            let field = Field::new(p);
            let lead = field.image(lead);
            if lead.is_empty() {
                continue;
            }
            images.join(field, &self.modulo(field, &lead, width, kernel));
        }
        let values = images.symmetric();
        Some(
            values
                .chunks(width)
                .map(|chunk| Poly::new(chunk.to_vec()))
                .collect(),
        )
    }

    /// The coefficients modulo one prime, one polynomial after the other.
    fn modulo(&self, field: Field, lead: &[u64], width: usize, kernel: Kernel) -> Vec<u64> {
        let images = |p: &Poly2| -> Vec<Image> { p.rows.iter().map(|c| field.image(c)).collect() };
        let (f, g) = (images(self.f), images(self.g));
        let at = |p: &[Image], x: u64| -> Vec<u64> { p.iter().map(|c| field.eval(c, x)).collect() };
        let points: Vec<u64> = (0..field.p)
            .filter(|&x| field.eval(lead, x) != 0)
            .take(width)
            .collect();
        let mut values = vec![Vec::with_capacity(width); self.count];
        for &x in &points {
            for (list, value) in values.iter_mut().zip(kernel(field, &at(&f, x), &at(&g, x))) {
                list.push(value);
            }
        }
        let reach = points.last().map_or(0, |&last| last as usize) + 1;
        let inverses = field.inverses(reach);
        values
            .iter()
            .flat_map(|values| field.interpolate(&points, values, &inverses))
            .collect()
    }
}

/// A bound on the degree in x of a determinant with `a` rows y^k·f (k < a) and `b` rows y^k·g (k < b) whose columns are powers of y
/// that sum to `columns`: by the rows' degrees, and by total degrees (the coefficient of y^j has degree at most total − j).
fn determinant_degree(f: &Poly2, g: &Poly2, a: usize, b: usize, columns: usize) -> usize {
    let triangle = |n: usize| n * n.saturating_sub(1) / 2;
    let by_rows = a * f.degree_x() + b * g.degree_x();
    let by_total = a * f.degree() + triangle(a) + b * g.degree() + triangle(b);
    by_rows.min(by_total.saturating_sub(columns))
}

/// The resultant of f and g with respect to y: a polynomial in x, the determinant of Sylvester's matrix for the degrees in y. It is
/// u·f + v·g for some polynomials u and v, so it vanishes wherever f and g do; it is 0 iff they have a common factor with y in it.
///
/// Values modulo primes, interpolation, and as many primes as Hadamard's bound asks for. `None` if `stop` said so, or if f or g is
/// free of y.
pub fn resultant(f: &Poly2, g: &Poly2, stop: &dyn Fn() -> bool) -> Option<Poly> {
    let (m, n) = (f.degree_y(), g.degree_y());
    if m == 0 || n == 0 {
        return None;
    }
    let elimination = Elimination {
        f,
        g,
        count: 1,
        degree: determinant_degree(f, g, n, m, (m + n) * (m + n - 1) / 2),
        shifts: (n, m),
    };
    let kernel = |field: Field, a: &[u64], b: &[u64]| {
        vec![field.resultant(a, &super::modular::trim(b.to_vec()), n)]
    };
    elimination.run(&kernel, stop)?.pop()
}

/// The first subresultant of f and g with respect to y, as (s1, s0) for s1(x)·y + s0(x). It is u·f + v·g for some polynomials u and
/// v, so where f and g vanish, y = −s0/s1 unless s1 vanishes too.
///
/// `None` if `stop` said so, or if the degrees in y are not at least 1 and not both 1.
pub fn linear_subresultant(f: &Poly2, g: &Poly2, stop: &dyn Fn() -> bool) -> Option<(Poly, Poly)> {
    let (m, n) = (f.degree_y(), g.degree_y());
    if m == 0 || n == 0 || m + n < 3 {
        return None;
    }
    let size = m + n - 2;
    // The columns are the powers size, …, 2 and 1 or 0.
    let columns = size * (size + 1) / 2 - 1;
    let elimination = Elimination {
        f,
        g,
        count: 2,
        degree: determinant_degree(f, g, n - 1, m - 1, columns),
        shifts: (n - 1, m - 1),
    };
    let kernel = |field: Field, a: &[u64], b: &[u64]| {
        let row = |poly: &[u64], shift: usize| {
            let mut row = vec![0; size + 1];
            for (power, &c) in poly.iter().enumerate() {
                row[size - (power + shift)] = c;
            }
            row
        };
        let rows = (0..n - 1)
            .rev()
            .map(|k| row(a, k))
            .chain((0..m - 1).rev().map(|k| row(b, k)))
            .collect();
        let (s1, s0) = field.two_determinants(rows);
        vec![s1, s0]
    };
    let mut found = elimination.run(&kernel, stop)?;
    let s0 = found.pop()?;
    Some((found.pop()?, s0))
}
