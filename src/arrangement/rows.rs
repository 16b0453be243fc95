//! Merged rows: parallel and antiparallel rows of a data matrix form one class.
//!
//! For `φ(t) = m·t + δ·|t|` a class of parallel rows acts through one net weight (MATH.md §4), so searches and proofs see classes.

use std::collections::HashMap;

use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{One, Signed, ToPrimitive, Zero};

/// Exact classes of integer rows: row `i` is `mult[i]·primitive[class[i]]`.
#[derive(Clone, Debug)]
pub struct Classes {
    /// Primitive representatives (gcd 1, first nonzero entry positive), in order of first appearance.
    pub primitive: Vec<Vec<BigInt>>,
    /// Class of each row; `None` for a zero row.
    pub class: Vec<Option<u32>>,
    /// Multiplier of each row; 0 for a zero row.
    pub mult: Vec<BigInt>,
}

/// Merges integer rows (exact).
pub fn merge(rows: impl Iterator<Item = Vec<BigInt>>) -> Classes {
    let mut classes = Classes {
        primitive: Vec::new(),
        class: Vec::new(),
        mult: Vec::new(),
    };
    let mut index: HashMap<Vec<BigInt>, u32> = HashMap::new();
    for row in rows {
        let mut gcd = BigInt::zero();
        for x in &row {
            gcd = gcd.gcd(x);
            if gcd.is_one() {
                break;
            }
        }
        let Some(first) = row.iter().find(|x| !x.is_zero()) else {
            classes.class.push(None);
            classes.mult.push(BigInt::zero());
            continue;
        };
        let mult = if first.is_negative() { -gcd } else { gcd };
        let primitive: Vec<BigInt> = if mult.is_one() {
            row
        } else {
            row.iter().map(|x| x / &mult).collect()
        };
        let next = classes.primitive.len() as u32;
        let class = *index.entry(primitive.clone()).or_insert(next);
        if class == next {
            classes.primitive.push(primitive);
        }
        classes.class.push(Some(class));
        classes.mult.push(mult);
    }
    classes
}

/// The merged rows in floats. Row `i` is `mult[i]·p_{class[i]}`.
#[derive(Clone, Debug)]
pub struct Rows {
    /// Columns.
    pub dim: usize,
    /// Representatives, `classes × dim`, row major.
    pub p: Vec<f64>,
    /// Euclidean length of each representative.
    pub length: Vec<f64>,
    /// Class of each data row; `None` for a zero row.
    pub class: Vec<Option<u32>>,
    /// Multiplier of each data row (0 for a zero row).
    pub mult: Vec<f64>,
    /// Sample of each data row.
    pub sample: Vec<u32>,
}

impl Rows {
    /// Float copy of exact classes of rows that were scaled by `denominator`: the representative of a class is its first row, unscaled.
    pub fn from_classes(
        classes: &Classes,
        sample: &[u32],
        dim: usize,
        denominator: &BigInt,
    ) -> Rows {
        let mut unit: Vec<Option<BigInt>> = vec![None; classes.primitive.len()];
        for (c, m) in classes.class.iter().zip(&classes.mult) {
            if let Some(c) = c {
                unit[*c as usize].get_or_insert_with(|| m.abs());
            }
        }
        let mut p = Vec::with_capacity(classes.primitive.len() * dim);
        let mut length = Vec::new();
        for (row, unit) in classes.primitive.iter().zip(&unit) {
            let unit = unit.clone().unwrap_or_else(BigInt::one);
            let start = p.len();
            for x in row {
                p.push(ratio(&(x * &unit), denominator));
            }
            length.push(p[start..].iter().map(|x: &f64| x * x).sum::<f64>().sqrt());
        }
        let mult = classes
            .class
            .iter()
            .zip(&classes.mult)
            .map(|(c, m)| {
                c.and_then(|c| unit[c as usize].as_ref())
                    .map_or(0.0, |u| ratio(m, u))
            })
            .collect();
        Rows {
            dim,
            p,
            length,
            class: classes.class.clone(),
            mult,
            sample: sample.to_vec(),
        }
    }

    /// Number of classes.
    pub fn classes(&self) -> usize {
        self.length.len()
    }

    /// The representative of class `c`.
    #[inline]
    pub fn row(&self, c: usize) -> &[f64] {
        &self.p[c * self.dim..(c + 1) * self.dim]
    }

    /// The same rows in other coordinates: `map` (`new × dim`, row major) is applied to every representative.
    pub fn mapped(&self, map: &[f64], new: usize) -> Rows {
        let mut p = Vec::with_capacity(self.classes() * new);
        let mut length = Vec::with_capacity(self.classes());
        for c in 0..self.classes() {
            let row = self.row(c);
            let start = p.len();
            for m in map.chunks_exact(self.dim) {
                p.push(row.iter().zip(m).map(|(a, b)| a * b).sum::<f64>());
            }
            length.push(p[start..].iter().map(|x: &f64| x * x).sum::<f64>().sqrt());
        }
        Rows {
            dim: new,
            p,
            length,
            class: self.class.clone(),
            mult: self.mult.clone(),
            sample: self.sample.clone(),
        }
    }
}

/// `a/b` in floats, also where both exceed the range of floats.
fn ratio(a: &BigInt, b: &BigInt) -> f64 {
    if let (Some(x), Some(y)) = (a.to_f64(), b.to_f64())
        && x.is_finite()
        && y.is_finite()
        && x.abs() < 9e15
        && y.abs() < 9e15
    {
        return x / y;
    }
    num_rational::BigRational::new(a.clone(), b.clone())
        .to_f64()
        .unwrap_or(0.0)
}
