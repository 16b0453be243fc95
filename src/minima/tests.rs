//! What the decisions claim about sets of pairs, against the floats of their convex programs.

use num_bigint::BigInt;

use super::bounds::{EnclosedTargets, face_of};
use super::decide::{Decision, Standing, decide};
use super::geometry::Geometry;
use super::interval::{Doubles, Interval};
use super::region::{Pair, Solution, Targets, gradient, project, solve};
use super::search::{Candidate, Key};
use crate::exact::{Rat, rat_to_f64};
use crate::problem::{Activation, Dataset, Decay, HiddenBias, Loss, OutputBias, Problem};

fn five_points() -> Geometry {
    let rat = |x: i64| Rat::from(BigInt::from(x));
    let x: Vec<Vec<Rat>> = (-2..=2).map(|x| vec![rat(x)]).collect();
    let y: Vec<Rat> = [1, -1, 2, -1, 1].map(rat).to_vec();
    let data = Dataset::from_rows(&x, &y).expect("data");
    let problem = Problem::new(
        data,
        Activation::relu(),
        Loss::Sum,
        Decay::Ridge(Rat::new(1.into(), 2.into())),
        HiddenBias::Decayed,
        OutputBias::None,
    )
    .expect("a problem");
    Geometry::new(&problem).expect("cells")
}

/// The neurons of a solution by their faces; `None` if one pair has none.
fn candidate(
    geometry: &Geometry,
    pairs: &[Pair],
    set: &[usize],
    solution: &Solution,
) -> Option<(Key, Candidate)> {
    let mut parts = Vec::new();
    for (&p, weights) in set.iter().zip(&solution.weights) {
        let cell = &geometry.cells[pairs[p].cell];
        if weights.iter().all(|w| *w == 0.0) {
            return None;
        }
        let projection = project(cell, &gradient(cell, pairs[p].sign, &solution.v));
        let face = face_of(geometry, cell, &projection);
        let mut u = vec![0.0; geometry.r];
        for (ray, weight) in cell.unit_rays.iter().zip(weights) {
            for (u, x) in u.iter_mut().zip(ray) {
                *u += weight * x;
            }
        }
        parts.push(((face.signs.clone(), pairs[p].sign), face, u));
    }
    parts.sort_by(|a, b| a.0.cmp(&b.0));
    if parts.windows(2).any(|w| w[0].0 == w[1].0) {
        return None;
    }
    Some((
        parts.iter().map(|part| part.0.clone()).collect(),
        Candidate {
            faces: parts.iter().map(|part| part.1.clone()).collect(),
            near: parts.iter().map(|part| part.2.clone()).collect(),
            sets: Vec::new(),
        },
    ))
}

#[test]
fn a_point_is_the_optimum_of_the_sets_that_a_decision_names_and_of_no_others() {
    let geometry = five_points();
    let pairs: Vec<Pair> = (0..geometry.cells.len())
        .flat_map(|cell| [1, -1].map(|sign| Pair { cell, sign }))
        .collect();
    let targets = Targets {
        y: geometry.y.iter().map(rat_to_f64).collect(),
        beta: rat_to_f64(&geometry.beta),
    };
    let enclosed = EnclosedTargets {
        y: geometry.y.iter().map(|y| Doubles::of((), y)).collect(),
        beta: Doubles::of((), &geometry.beta),
    };
    let mut sets: Vec<Vec<usize>> = (0..pairs.len()).map(|p| vec![p]).collect();
    sets.extend((0..pairs.len()).flat_map(|p| (p + 1..pairs.len()).map(move |q| vec![p, q])));
    let solved: Vec<Solution> = sets
        .iter()
        .map(|set| {
            let pairs: Vec<Pair> = set.iter().map(|&p| pairs[p]).collect();
            solve(&geometry, &targets, &pairs, None)
        })
        .collect();
    let far = |a: &[f64], b: &[f64]| {
        a.iter()
            .zip(b)
            .map(|(a, b)| (a - b).abs())
            .fold(0.0, f64::max)
    };
    let (mut minima, mut others, mut named) = (0, 0, 0);
    for (set, solution) in sets.iter().zip(&solved) {
        let Some((key, mut candidate)) = candidate(&geometry, &pairs, set, solution) else {
            continue;
        };
        candidate.sets.clone_from(&sets);
        let holds: Vec<bool> = match decide(&geometry, &enclosed, &pairs, &key, &candidate, 128) {
            Decision::Minimum(minimum) => {
                minima += 1;
                sets.iter()
                    .map(|set| {
                        set.iter().all(|p| {
                            matches!(minimum.table[*p], Standing::Atom(_) | Standing::Below)
                        }) && (0..key.len())
                            .all(|k| set.iter().any(|p| minimum.table[*p] == Standing::Atom(k)))
                    })
                    .collect()
            }
            Decision::Not(confirmed) => {
                others += 1;
                // The set that the candidate was made of has its neurons; others may lack one.
                let has_all = |set: &[usize]| {
                    key.iter().all(|(face, sign)| {
                        set.iter().any(|p| {
                            pairs[*p].sign == *sign
                                && geometry.contains(&geometry.cells[pairs[*p].cell], face)
                        })
                    })
                };
                sets.iter()
                    .zip(confirmed)
                    .map(|(set, ok)| ok && has_all(set))
                    .collect()
            }
            Decision::Undecided(reason, _) => panic!("{set:?}: {reason}"),
        };
        for ((other, result), holds) in sets.iter().zip(&solved).zip(holds) {
            let distance = far(&solution.v, &result.v);
            if holds {
                named += 1;
                assert!(distance < 1e-6, "{set:?} {other:?}: {distance}");
            } else if other == set {
                panic!("{set:?} is not among its own");
            }
        }
    }
    assert!(
        minima >= 5 && others >= 10 && named > 100,
        "{minima} {others} {named}"
    );
}
