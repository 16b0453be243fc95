//! One fan whose cones are pieces of cells: the parts of a proof at a fixed width. Exact.

use std::collections::HashMap;
use std::io::Write;
use std::rc::Rc;

use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::{One, Signed, Zero};

use crate::arrangement::kernel::kernel;
use crate::minima::geometry::{Geometry, integer_product};

/// A fan in which no class changes sign on a cone. Part number t is cell t of the geometry; where no row is active there is one part more.
pub struct Parts {
    /// The text of the section, from its first line to the last tree.
    pub text: Vec<u8>,
    /// The number of parts.
    pub count: usize,
    /// The number of cones.
    pub cones: usize,
    /// Integer vectors that span the space of the support vectors, length r each.
    pub support: Vec<Vec<BigInt>>,
}

/// A generator with its products with the classes.
struct Generator {
    g: Vec<BigInt>,
    products: Vec<BigInt>,
}

impl Generator {
    fn new(classes: &[Vec<BigInt>], g: Vec<BigInt>) -> Rc<Self> {
        let products = classes.iter().map(|p| integer_product(p, &g)).collect();
        Rc::new(Generator { g, products })
    }
}

fn primitive(mut vector: Vec<BigInt>) -> Vec<BigInt> {
    let gcd = vector.iter().fold(BigInt::zero(), |g, x| g.gcd(x));
    if !gcd.is_zero() {
        vector.iter_mut().for_each(|x| *x /= &gcd);
    }
    vector
}

fn unit(r: usize, j: usize) -> Vec<BigInt> {
    (0..r).map(|i| BigInt::from(u8::from(i == j))).collect()
}

/// The numbers of a maximal independent set of classes, by their order.
fn independent(classes: &[Vec<BigInt>], r: usize) -> Vec<usize> {
    let mut chosen: Vec<usize> = Vec::new();
    for c in 0..classes.len() {
        let rows: Vec<Vec<BigInt>> = chosen
            .iter()
            .chain([&c])
            .map(|&c| classes[c].clone())
            .collect();
        if kernel(&rows, r).pivots.len() == rows.len() {
            chosen.push(c);
        }
    }
    chosen
}

/// The basis whose hyperplanes are those of some classes, so that its orthants are unions of cells. Class 0 belongs to the last vector: of an even
/// activation only the cells on its positive side are listed, and those are the roots of `half`.
fn basis(geometry: &Geometry) -> Vec<Vec<BigInt>> {
    let (classes, r) = (&geometry.classes, geometry.r);
    let mut chosen = independent(classes, r);
    chosen.reverse();
    chosen
        .iter()
        .map(|&c| {
            let rows: Vec<Vec<BigInt>> = chosen
                .iter()
                .filter(|&&other| other != c)
                .map(|&other| classes[other].clone())
                .chain(geometry.kernel.iter().cloned())
                .collect();
            let vectors = if rows.is_empty() {
                vec![unit(r, 0)]
            } else {
                kernel(&rows, r).vectors(r)
            };
            let vector = vectors.into_iter().next().unwrap_or_else(|| unit(r, 0));
            let vector = primitive(vector);
            if integer_product(&classes[c], &vector).is_negative() {
                vector.iter().map(|x| -x).collect()
            } else {
                vector
            }
        })
        .collect()
}

impl Parts {
    /// The fan of a geometry's cells.
    pub fn new(geometry: &Geometry) -> Parts {
        let r = geometry.r;
        let (basis, lines) = if geometry.classes.is_empty() {
            let lines = (1..r).map(|j| unit(r, j)).collect();
            (vec![unit(r, 0)], lines)
        } else {
            (basis(geometry), geometry.kernel.clone())
        };
        let number: HashMap<&[i8], usize> = geometry
            .cells
            .iter()
            .enumerate()
            .map(|(t, cell)| (&cell.signs[..], t))
            .collect();
        let even = geometry.even && !geometry.classes.is_empty();
        let shape = if even { "half" } else { "orthants" };
        let dead = geometry.cells.len();
        let mut trees = Vec::new();
        let (mut cones, mut has_dead) = (0, false);
        for root in 0..1usize << (basis.len() - usize::from(even)) {
            let cone = basis
                .iter()
                .enumerate()
                .map(|(j, b)| {
                    let sign = if root >> j & 1 == 1 { -1 } else { 1 };
                    Generator::new(&geometry.classes, b.iter().map(|x| x * sign).collect())
                })
                .collect();
            // Cones whose trees are still to be written, the next one last, with the first class that may change sign there.
            let mut stack: Vec<(Vec<Rc<Generator>>, usize)> = vec![(cone, 0)];
            while let Some((cone, mut class)) = stack.pop() {
                let place = |class: usize, sign: bool| {
                    cone.iter().position(|g| {
                        let x = &g.products[class];
                        !x.is_zero() && x.is_positive() == sign
                    })
                };
                let mut ends = None;
                while class < geometry.classes.len() && ends.is_none() {
                    ends = place(class, true).zip(place(class, false));
                    class += usize::from(ends.is_none());
                }
                let Some((j, k)) = ends else {
                    let signs: Vec<i8> = (0..geometry.classes.len())
                        .map(|c| if place(c, true).is_some() { 1 } else { -1 })
                        .collect();
                    let part = number.get(&signs[..]).copied().unwrap_or(dead);
                    has_dead |= part == dead;
                    cones += 1;
                    let _ = writeln!(trees, ". {part}");
                    continue;
                };
                let (x, y) = (&cone[j], &cone[k]);
                let (a, b) = (y.products[class].abs(), x.products[class].abs());
                let gcd = a.gcd(&b);
                let (a, b) = (a / &gcd, b / gcd);
                let _ = writeln!(trees, "/ {j} {k} {a} {b}");
                let g = x.g.iter().zip(&y.g).map(|(x, y)| x * &a + y * &b).collect();
                let new = Generator::new(&geometry.classes, g);
                let (mut first, mut second) = (cone.clone(), cone);
                first[j] = new.clone();
                second[k] = new;
                stack.push((second, class));
                stack.push((first, class));
            }
        }
        let count = dead + usize::from(has_dead);
        let mut text = Vec::new();
        let (k, z) = (basis.len(), lines.len());
        let _ = writeln!(text, "parts {shape} {k} {z} {count}");
        for (letter, vectors) in [('b', &basis), ('z', &lines)] {
            for vector in vectors {
                let _ = write!(text, "{letter}");
                for x in vector {
                    let _ = write!(text, " {x}");
                }
                let _ = writeln!(text);
            }
        }
        text.extend_from_slice(&trees);
        let support = if geometry.kernel.is_empty() {
            (0..r).map(|j| unit(r, j)).collect()
        } else {
            independent(&geometry.classes, r)
                .iter()
                .map(|&c| geometry.classes[c].clone())
                .collect()
        };
        Parts {
            text,
            count,
            cones,
            support,
        }
    }

    /// The largest entry of the vectors that span the support vectors.
    pub fn grain(&self) -> BigInt {
        let entries = self.support.iter().flatten().map(Signed::abs);
        entries.max().unwrap_or_else(BigInt::one)
    }
}
