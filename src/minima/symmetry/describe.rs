//! A group of symmetries in a few words: its order, generators, and its name where it is a small or a familiar one.

use std::collections::{BTreeMap, HashSet};

use itertools::Itertools;

use super::Symmetry;

/// What is said about a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subgroup {
    /// The number of elements.
    pub order: usize,
    /// A small set of elements that generate the group, simple ones first; empty for the trivial group.
    pub generators: Vec<Symmetry>,
    /// Up to isomorphism: `trivial`, `Z2`, `Z2×Z2`, `Z4`, `S3`, `D4`, …; `order 48` where no name is known.
    pub name: String,
}

/// Describes a group that is given by all of its elements.
pub fn describe(elements: &[Symmetry]) -> Subgroup {
    Subgroup {
        order: elements.len(),
        generators: generators(elements),
        name: name(elements),
    }
}

/// Takes the simplest element that is not generated yet, until all are.
fn generators(elements: &[Symmetry]) -> Vec<Symmetry> {
    let simplest_first = elements
        .iter()
        .filter(|element| !element.is_identity())
        .sorted_by_key(|element| {
            let moved = |&(j, &image): &(usize, &(usize, i8))| image != (j, 1);
            let moved = element.columns.iter().enumerate().filter(moved).count();
            let signs = element.columns.iter().filter(|image| image.1 < 0).count();
            (moved, signs, element.target < 0, (*element).clone())
        });
    let mut generators: Vec<Symmetry> = Vec::new();
    let mut reached: HashSet<Symmetry> = HashSet::new();
    for element in simplest_first {
        if reached.contains(element) {
            continue;
        }
        generators.push(element.clone());
        reached = closure(&generators);
    }
    generators
}

/// The group that some elements generate: finite, so products suffice.
fn closure(generators: &[Symmetry]) -> HashSet<Symmetry> {
    let mut reached = HashSet::new();
    let Some(first) = generators.first() else {
        return reached;
    };
    let identity = Symmetry::identity(first.columns.len(), first.samples.len());
    let mut open = vec![identity.clone()];
    reached.insert(identity);
    while let Some(element) = open.pop() {
        for generator in generators {
            let next = generator.compose(&element);
            if reached.insert(next.clone()) {
                open.push(next);
            }
        }
    }
    reached
}

fn name(elements: &[Symmetry]) -> String {
    let order = elements.len();
    if order <= 1 {
        return "trivial".to_owned();
    }
    let orders: Vec<usize> = elements.iter().map(Symmetry::order).collect();
    let generators = generators(elements);
    let commute = |(a, b): (&Symmetry, &Symmetry)| a.compose(b) == b.compose(a);
    if generators.iter().tuple_combinations().all(commute) {
        return abelian(&orders);
    }
    let statistics: BTreeMap<usize, usize> = orders.iter().copied().counts().into_iter().collect();
    let count = |k: usize| statistics.get(&k).copied().unwrap_or(0);
    if let Some(dihedral) = dihedral(elements, &orders) {
        return dihedral;
    }
    match order {
        8 if count(2) == 1 => "Q8".to_owned(),
        12 if count(3) == 8 => "A4".to_owned(),
        24 if (count(2), count(3), count(4)) == (9, 8, 6) => "S4".to_owned(),
        _ => format!("order {order}"),
    }
}

/// A group with a cyclic half outside which every element is its own inverse is dihedral.
fn dihedral(elements: &[Symmetry], orders: &[usize]) -> Option<String> {
    let half = elements.len() / 2;
    let rotation = &elements[orders.iter().position(|&k| 2 * k == elements.len())?];
    let rotations = closure(std::slice::from_ref(rotation));
    let reflections = elements
        .iter()
        .zip(orders)
        .filter(|&(element, _)| !rotations.contains(element));
    let all = reflections.map(|(_, &k)| k).all(|k| k == 2);
    all.then(|| {
        if half == 3 {
            "S3".to_owned()
        } else {
            format!("D{half}")
        }
    })
}

/// An abelian group is determined by the orders of its elements: for each prime p, the number of x with x^(p^k) = 1 is p to the sum of
/// min(k, e) over the cyclic factors of order p^e.
fn abelian(orders: &[usize]) -> String {
    let mut rest = orders.len();
    // For each prime the exponents of the cyclic factors, the largest first.
    let mut primes: Vec<(usize, Vec<u32>)> = Vec::new();
    let mut p = 2;
    while rest > 1 {
        if !rest.is_multiple_of(p) {
            p += 1;
            continue;
        }
        while rest.is_multiple_of(p) {
            rest /= p;
        }
        let killed = |k: u32| orders.iter().filter(|&&o| p.pow(k) % o == 0).count();
        let log = |n: usize| n.ilog(p);
        let mut factors: Vec<u32> = Vec::new();
        for k in 1.. {
            // So many cyclic factors have an exponent of at least k.
            let at_least = (log(killed(k)) - log(killed(k - 1))) as usize;
            if at_least == 0 {
                break;
            }
            factors.resize(factors.len().max(at_least), 0);
            factors[..at_least].iter_mut().for_each(|e| *e = k);
        }
        primes.push((p, factors));
    }
    // Invariant factors: the largest powers of all primes make the last one.
    let longest = primes.iter().map(|(_, f)| f.len()).max().unwrap_or(0);
    (0..longest)
        .rev()
        .map(|i| {
            let size: usize = primes
                .iter()
                .map(|(p, f)| p.pow(f.get(i).copied().unwrap_or(0)))
                .product();
            format!("Z{size}")
        })
        .join("×")
}
