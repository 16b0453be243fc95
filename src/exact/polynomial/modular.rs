//! Polynomials over the field of p elements, p a prime below 2³¹.
//!
//! A polynomial is a vector of coefficients of 1, x, x², … in 0..p whose last entry is not 0.

use num_bigint::{BigInt, Sign};

use super::Poly;

/// The prime fields' arithmetic; products of two elements fit 64 bits.
#[derive(Clone, Copy, Debug)]
pub(super) struct Field {
    pub p: u64,
    /// ⌊2^64/p⌋ (p is no power of 2).
    reciprocal: u64,
}

/// A polynomial over a prime field.
pub(super) type Image = Vec<u64>;

/// The primes from `from` downwards.
pub(super) fn primes_below(from: u64) -> impl Iterator<Item = u64> {
    (2..from).rev().filter(|&n| is_prime(n))
}

/// The largest primes that [`Field`] takes, in falling order.
pub(super) fn large_primes() -> impl Iterator<Item = u64> {
    primes_below(1 << 31)
}

/// Miller and Rabin's test; the bases 2, 3, 5, 7 decide it for every n below 3,215,031,751.
fn is_prime(n: u64) -> bool {
    for small in [2u64, 3, 5, 7, 11, 13, 17, 19, 23, 29] {
        if n.is_multiple_of(small) {
            return n == small;
        }
    }
    if n < 2 {
        return false;
    }
    let field = Field::new(n);
    let twos = (n - 1).trailing_zeros();
    [2u64, 3, 5, 7].iter().all(|&base| {
        let mut x = field.pow(base, (n - 1) >> twos);
        if x == 1 || x == n - 1 {
            return true;
        }
        for _ in 1..twos {
            x = x * x % n;
            if x == n - 1 {
                return true;
            }
        }
        false
    })
}

impl Field {
    /// The field of p elements, p an odd prime.
    pub fn new(p: u64) -> Self {
        Field {
            p,
            reciprocal: u64::MAX / p,
        }
    }

    /// The rest modulo p (Barrett): the quotient is at most one too small, since value/2^64 < 1.
    fn rest(self, value: u64) -> u64 {
        let quotient = ((u128::from(value) * u128::from(self.reciprocal)) >> 64) as u64;
        let rest = value - quotient * self.p;
        if rest >= self.p { rest - self.p } else { rest }
    }

    pub fn add(self, a: u64, b: u64) -> u64 {
        let sum = a + b;
        if sum >= self.p { sum - self.p } else { sum }
    }

    pub fn sub(self, a: u64, b: u64) -> u64 {
        if a >= b { a - b } else { a + self.p - b }
    }

    pub fn mul(self, a: u64, b: u64) -> u64 {
        self.rest(a * b)
    }

    pub fn pow(self, base: u64, mut exponent: u64) -> u64 {
        let mut base = self.rest(base);
        let mut power = 1;
        while exponent > 0 {
            if exponent & 1 == 1 {
                power = self.mul(power, base);
            }
            base = self.mul(base, base);
            exponent >>= 1;
        }
        power
    }

    /// 1/a for a ≠ 0, by Fermat.
    pub fn inv(self, a: u64) -> u64 {
        self.pow(a, self.p - 2)
    }

    /// An integer modulo p.
    pub fn reduce(self, value: &BigInt) -> u64 {
        let size = value
            .magnitude()
            .iter_u32_digits()
            .rev()
            .fold(0u64, |rest, digit| {
                self.rest((rest << 32) | u64::from(digit))
            });
        if value.sign() == Sign::Minus && size != 0 {
            self.p - size
        } else {
            size
        }
    }

    pub fn image(self, poly: &Poly) -> Image {
        trim(poly.coeffs().iter().map(|c| self.reduce(c)).collect())
    }

    pub fn poly_sub(self, a: &[u64], b: &[u64]) -> Image {
        let get = |v: &[u64], i: usize| v.get(i).copied().unwrap_or(0);
        trim(
            (0..a.len().max(b.len()))
                .map(|i| self.sub(get(a, i), get(b, i)))
                .collect(),
        )
    }

    pub fn poly_mul(self, a: &[u64], b: &[u64]) -> Image {
        if a.is_empty() || b.is_empty() {
            return Vec::new();
        }
        let mut product = vec![0; a.len() + b.len() - 1];
        for (i, &x) in a.iter().enumerate() {
            for (j, &y) in b.iter().enumerate() {
                product[i + j] = self.rest(product[i + j] + x * y);
            }
        }
        product
    }

    pub fn scale(self, a: &[u64], factor: u64) -> Image {
        trim(a.iter().map(|&c| self.mul(c, factor)).collect())
    }

    pub fn monic(self, a: &[u64]) -> Image {
        match a.last() {
            Some(&lead) => self.scale(a, self.inv(lead)),
            None => Vec::new(),
        }
    }

    /// Quotient and remainder; the divisor is not 0.
    pub fn div_rem(self, a: &[u64], b: &[u64]) -> (Image, Image) {
        let Some(&lead) = b.last() else {
            return (Vec::new(), a.to_vec());
        };
        if a.len() < b.len() {
            return (Vec::new(), a.to_vec());
        }
        let inverse = self.inv(lead);
        let mut rest = a.to_vec();
        let mut quotient = vec![0; a.len() - b.len() + 1];
        for k in (0..quotient.len()).rev() {
            let q = self.mul(rest[k + b.len() - 1], inverse);
            if q != 0 {
                for (i, &c) in b.iter().enumerate() {
                    rest[k + i] = self.sub(rest[k + i], self.mul(q, c));
                }
            }
            quotient[k] = q;
        }
        (trim(quotient), trim(rest))
    }

    pub fn rem(self, a: &[u64], b: &[u64]) -> Image {
        self.div_rem(a, b).1
    }

    /// The monic greatest common divisor.
    pub fn gcd(self, a: &[u64], b: &[u64]) -> Image {
        let (mut a, mut b) = (a.to_vec(), b.to_vec());
        while !b.is_empty() {
            let rest = self.rem(&a, &b);
            a = b;
            b = rest;
        }
        self.monic(&a)
    }

    /// `(s, t)` with s·a + t·b = 1 and degrees below those of b and a; `None` unless a and b are coprime and not both constant.
    pub fn bezout(self, a: &[u64], b: &[u64]) -> Option<(Image, Image)> {
        let (mut r0, mut r1) = (a.to_vec(), b.to_vec());
        let (mut s0, mut s1): (Image, Image) = (vec![1], Vec::new());
        let (mut t0, mut t1): (Image, Image) = (Vec::new(), vec![1]);
        while !r1.is_empty() {
            let (q, r) = self.div_rem(&r0, &r1);
            let s = self.poly_sub(&s0, &self.poly_mul(&q, &s1));
            let t = self.poly_sub(&t0, &self.poly_mul(&q, &t1));
            (r0, r1, s0, s1, t0, t1) = (r1, r, s1, s, t1, t);
        }
        if r0.len() != 1 {
            return None;
        }
        let unit = self.inv(r0[0]);
        Some((self.scale(&s0, unit), self.scale(&t0, unit)))
    }

    pub fn derivative(self, a: &[u64]) -> Image {
        trim(
            a.iter()
                .enumerate()
                .skip(1)
                .map(|(i, &c)| self.mul(c, i as u64 % self.p))
                .collect(),
        )
    }

    pub fn eval(self, a: &[u64], at: u64) -> u64 {
        a.iter()
            .rev()
            .fold(0, |value, &c| self.rest(value * at + c))
    }

    /// The resultant for the formal degrees `n ≥ deg a` and `m ≥ deg b`: the determinant of Sylvester's matrix.
    /// The degree of `a` must really be n.
    pub fn resultant(self, a: &[u64], b: &[u64], m: usize) -> u64 {
        let (mut a, mut b) = (a.to_vec(), b.to_vec());
        let mut value = match (a.last(), b.is_empty()) {
            (Some(&lead), false) => self.pow(lead, (m + 1 - b.len()) as u64),
            _ => return u64::from(a.len() == 1 && m == 0),
        };
        loop {
            let (n, m) = (a.len() - 1, b.len() - 1);
            if m == 0 {
                return self.mul(value, self.pow(b[0], n as u64));
            }
            if n < m {
                if n * m % 2 == 1 {
                    value = self.sub(0, value);
                }
                (a, b) = (b, a);
                continue;
            }
            // res(a, b) = (−1)^(nm) res(b, a) = (−1)^(nm) lc(b)^(n − deg r) res(b, r)
            let rest = self.rem(&a, &b);
            if rest.is_empty() {
                return 0;
            }
            if n * m % 2 == 1 {
                value = self.sub(0, value);
            }
            value = self.mul(value, self.pow(b[m], (n + 1 - rest.len()) as u64));
            (a, b) = (b, rest);
        }
    }

    /// The monic polynomial of least degree that vanishes at `element` modulo `modulus`: the first of the powers 1, element, … that
    /// depends on those before it.
    pub fn minimal_polynomial(self, element: &[u64], modulus: &[u64]) -> Image {
        let degree = modulus.len() - 1;
        // Independent combinations of powers: (place of the leading 1, vector, coefficients of the powers).
        let mut echelon: Vec<(usize, Vec<u64>, Vec<u64>)> = Vec::new();
        let mut power: Image = vec![1];
        for k in 0..=degree {
            let mut rest = power.clone();
            rest.resize(degree, 0);
            let mut combination = vec![0; degree + 1];
            combination[k] = 1;
            for (place, vector, coeffs) in &echelon {
                let factor = self.sub(0, rest[*place]);
                if factor != 0 {
                    let add = |to: &mut [u64], from: &[u64]| {
                        for (t, &f) in to.iter_mut().zip(from) {
                            *t = self.rest(*t + factor * f);
                        }
                    };
                    add(&mut rest, vector);
                    add(&mut combination, coeffs);
                }
            }
            let Some(place) = rest.iter().position(|&c| c != 0) else {
                return self.monic(&trim(combination));
            };
            let unit = self.inv(rest[place]);
            let scaled = |v: &[u64]| v.iter().map(|&c| self.mul(c, unit)).collect();
            echelon.push((place, scaled(&rest), scaled(&combination)));
            power = self.rem(&self.poly_mul(&power, element), modulus);
        }
        modulus.to_vec()
    }

    /// 0, 1/1, 1/2, …, 1/(count−1), for count ≤ p.
    pub fn inverses(self, count: usize) -> Vec<u64> {
        let mut table = vec![0, 1];
        for i in 2..count as u64 {
            // p = q·i + r, so 1/i = −q/r.
            table.push(self.mul(self.p - self.p / i, table[(self.p % i) as usize]));
        }
        table
    }

    /// Coefficients of the polynomial of degree below `points.len()` with these values at these rising points; `inverses` reaches
    /// beyond their largest difference. Newton's divided differences.
    pub fn interpolate(self, points: &[u64], values: &[u64], inverses: &[u64]) -> Image {
        let n = points.len();
        let mut divided = values.to_vec();
        for k in 1..n {
            for i in (k..n).rev() {
                let run = inverses[(points[i] - points[i - k]) as usize];
                divided[i] = self.mul(self.sub(divided[i], divided[i - 1]), run);
            }
        }
        let mut coeffs = vec![0; n];
        for k in (0..n).rev() {
            // coeffs ← coeffs·(x − points[k]) + divided[k]
            for i in (0..n).rev() {
                let below = if i > 0 { coeffs[i - 1] } else { 0 };
                coeffs[i] = self.sub(below, self.mul(coeffs[i], points[k]));
            }
            coeffs[0] = self.add(coeffs[0], divided[k]);
        }
        coeffs
    }

    /// For an n×(n+1) matrix: the determinants of its first n−1 columns with column n−1, and with column n.
    pub fn two_determinants(self, mut rows: Vec<Vec<u64>>) -> (u64, u64) {
        let n = rows.len();
        let mut factor = 1;
        for k in 0..n.saturating_sub(1) {
            let Some(pivot) = (k..n).find(|&i| rows[i][k] != 0) else {
                return (0, 0);
            };
            if pivot != k {
                rows.swap(pivot, k);
                factor = self.sub(0, factor);
            }
            factor = self.mul(factor, rows[k][k]);
            let inverse = self.inv(rows[k][k]);
            let (above, below) = rows.split_at_mut(k + 1);
            let top = &above[k];
            for row in below.iter_mut().filter(|row| row[k] != 0) {
                let q = self.p - self.mul(row[k], inverse);
                for j in k..=n {
                    row[j] = self.rest(row[j] + q * top[j]);
                }
            }
        }
        match rows.last() {
            Some(last) => (self.mul(factor, last[n - 1]), self.mul(factor, last[n])),
            None => (1, 1),
        }
    }
}

/// Without zeros at the end.
pub(super) fn trim(mut a: Image) -> Image {
    while a.last() == Some(&0) {
        a.pop();
    }
    a
}
