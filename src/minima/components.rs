//! Merge: from local minima on faces to connected components.
//!
//! At a residual that is not dual feasible every neuron is nonzero, so the directions with their multiplicities cannot change on a connected set:
//! each multiset of m directions with a strictly positive solution is a component, half-open where two neurons share a direction.
//!
//! At the dual feasible residual (there is one) all networks with it are globally optimal. The candidates are the vertices of the
//! polytopes `{t ≥ 0 : Σ t_q·f_q = ŷ}` with at most m directions: their directions' outputs are independent. A set of directions has
//! a strictly positive solution exactly if it is a union of vertices. So vertices are connected if at most m directions are in their union, and the
//! dimension at a vertex of k directions is m − k.

use num_bigint::BigInt;
use num_traits::{One, ToPrimitive, Zero};

use super::algebraic::{Enclosures, ExactNumbers, FaceTerm, exact_numbers};
use super::decide::{Minimum, Standing};
use super::geometry::Geometry;
use super::interval::Interval;
use super::point::{Place, prove};
use super::search::{Candidate, multisets_of};
use super::symmetry::{Subgroup, Symmetry, describe};
use crate::exact::{Rat, rat_to_f64};

/// Regions that are not decided.
#[derive(Clone, Debug)]
pub struct Undecided {
    /// How many.
    pub regions: BigInt,
    /// Why.
    pub reason: String,
    /// The size, relative to β, that could not be told from 0; 0 if there is none.
    pub margin: f64,
}

/// A connected set of local minima, up to permutations of the neurons.
#[derive(Clone, Debug)]
pub struct Component {
    /// An enclosure of the objective, in the user's convention. Exact.
    pub value: (Rat, Rat),
    /// The largest dimension.
    pub dimension: usize,
    /// Whether the set is closed.
    pub closed: bool,
    /// Whether its value is the lowest of all; values whose enclosures overlap count as tied. `None` if undecided regions might hold a
    /// lower one.
    pub global: Option<bool>,
    /// Whether it is optimal at every width; `None` if that is not decided.
    pub dual_certified: Option<bool>,
    /// Whether the objective is differentiable at the representative; `None` if that is not decided.
    pub differentiable: Option<bool>,
    /// Whether a nonzero neuron has a zero pre-activation.
    pub kink: bool,
    /// Output weights of the representative, length m. Floats.
    pub output_weights: Vec<f64>,
    /// Hidden weights of the representative, m × r. Floats.
    pub hidden_weights: Vec<Vec<f64>>,
    /// The directions of the representative's nonzero neurons: unit vectors. Floats.
    pub directions: Vec<Vec<f64>>,
    /// The signs of their output weights.
    pub signs: Vec<i8>,
    /// How many neurons share each direction in the representative.
    pub multiplicities: Vec<usize>,
    /// Enclosures of the summed lengths `Σ|a|·‖w‖` along each direction. Exact.
    pub lengths: Vec<(Rat, Rat)>,
    /// Boxes of the summed `|a|·w` along each direction, length r each: each holds exactly one stationary point on the faces. Exact.
    pub boxes: Vec<Vec<(Rat, Rat)>>,
    /// The faces of the directions: the signs of the pre-activations of all data rows.
    pub faces: Vec<Vec<i8>>,
    /// Directions of the component's sets beyond those of the representative.
    pub further: usize,
    /// The exact value and lengths, where they were computed.
    pub exact: Option<ExactNumbers>,
    /// The symmetries of the data that leave the component as it is; `None` if they were not found.
    pub isotropy: Option<Subgroup>,
    /// The sets of directions of the component's vertices: classes' signs on the face, and the output weight's sign.
    vertices: Vec<Vec<Atom>>,
}

/// A face, by the signs of all classes, and the sign of the output weight.
type Atom = (Vec<i8>, i8);

impl Component {
    /// The zero network.
    pub fn zero(geometry: &Geometry, width: usize) -> Self {
        let square = geometry.y.iter().fold(Rat::zero(), |sum, y| sum + y * y);
        let value = square * &geometry.unit / BigInt::from(2);
        Component {
            value: (value.clone(), value),
            dimension: 0,
            closed: true,
            global: Some(true),
            dual_certified: Some(true),
            differentiable: Some(true),
            kink: false,
            output_weights: vec![0.0; width],
            hidden_weights: vec![vec![0.0; geometry.r]; width],
            directions: Vec::new(),
            signs: Vec::new(),
            multiplicities: Vec::new(),
            lengths: Vec::new(),
            boxes: Vec::new(),
            faces: Vec::new(),
            further: 0,
            exact: None,
            isotropy: None,
            vertices: vec![Vec::new()],
        }
    }

    /// The number of different directions of the representative.
    pub fn distinct_neurons(&self) -> usize {
        self.directions.len()
    }

    fn of(
        geometry: &Geometry,
        minimum: &Minimum,
        multiplicities: Vec<usize>,
        width: usize,
    ) -> Self {
        let point = &minimum.point;
        let mut component = Component {
            value: point.value.ends(),
            dimension: width - minimum.places.len(),
            closed: width == minimum.places.len(),
            global: None,
            dual_certified: minimum.dual,
            differentiable: minimum.differentiable,
            kink: minimum.kink,
            output_weights: Vec::new(),
            hidden_weights: Vec::new(),
            directions: Vec::new(),
            signs: minimum.places.iter().map(|place| place.sign).collect(),
            lengths: point.lengths.iter().map(|x| x.ends()).collect(),
            boxes: point
                .neurons
                .iter()
                .map(|u| u.iter().map(|x| x.ends()).collect())
                .collect(),
            faces: minimum
                .places
                .iter()
                .map(|place| geometry.row_signs(&place.face.signs))
                .collect(),
            multiplicities,
            further: 0,
            exact: None,
            isotropy: None,
            vertices: vec![atoms(minimum)],
        };
        for ((u, length), (place, count)) in point
            .neurons
            .iter()
            .zip(&point.lengths)
            .zip(minimum.places.iter().zip(&component.multiplicities))
        {
            let length = length.middle();
            let direction: Vec<f64> = u.iter().map(|x| x.middle() / length).collect();
            // Shared equally, and balanced: |a| = ‖w‖.
            let size = (length / *count as f64).sqrt();
            for _ in 0..*count {
                component.output_weights.push(f64::from(place.sign) * size);
                component
                    .hidden_weights
                    .push(direction.iter().map(|x| x * size).collect());
            }
            component.directions.push(direction);
        }
        component
    }
}

fn atoms(minimum: &Minimum) -> Vec<Atom> {
    minimum
        .places
        .iter()
        .map(|place| (place.face.signs.clone(), place.sign))
        .collect()
}

/// What a symmetry of the data does to the classes: class c goes to the first, turned by the second.
fn class_map(geometry: &Geometry, symmetry: &Symmetry) -> Option<Vec<(usize, i8)>> {
    geometry
        .classes
        .iter()
        .map(|p| {
            let image = symmetry.apply(p);
            let negative: Vec<BigInt> = image.iter().map(|x| -x).collect();
            geometry.classes.iter().enumerate().find_map(|(c, other)| {
                (*other == image)
                    .then_some((c, 1))
                    .or_else(|| (*other == negative).then_some((c, -1)))
            })
        })
        .collect()
}

impl Component {
    /// Whether a symmetry of the data maps the component to itself.
    fn is_kept(&self, geometry: &Geometry, map: &[(usize, i8)], target: i8) -> bool {
        let image = |(face, sign): &Atom| -> Atom {
            let mut turned = vec![0; face.len()];
            for (c, on) in face.iter().enumerate() {
                let (to, flip) = map[c];
                turned[to] = flip * on;
            }
            (geometry.canonical(turned), target * sign)
        };
        let counted = |atoms: &[Atom]| {
            let mut all: Vec<(Atom, usize)> = atoms
                .iter()
                .enumerate()
                .map(|(k, atom)| {
                    // Where all shares occur in one set only the directions count.
                    let count = if self.closed {
                        0
                    } else {
                        self.multiplicities[k]
                    };
                    (atom.clone(), count)
                })
                .collect();
            all.sort();
            all
        };
        let mut here: Vec<Vec<(Atom, usize)>> = self.vertices.iter().map(|v| counted(v)).collect();
        let mut there: Vec<Vec<(Atom, usize)>> = self
            .vertices
            .iter()
            .map(|v| counted(&v.iter().map(image).collect::<Vec<Atom>>()))
            .collect();
        here.sort();
        there.sort();
        here == there
    }

    /// Finds the isotropy group among all symmetries of the data.
    pub(super) fn find_isotropy(&mut self, geometry: &Geometry, symmetries: &[Symmetry]) {
        let kept: Option<Vec<Symmetry>> = symmetries
            .iter()
            .map(|symmetry| {
                let map = class_map(geometry, symmetry)?;
                Some(
                    self.is_kept(geometry, &map, symmetry.target)
                        .then(|| symmetry.clone()),
                )
            })
            .collect::<Option<Vec<Option<Symmetry>>>>()
            .map(|kept| kept.into_iter().flatten().collect());
        self.isotropy = kept.map(|kept| describe(&kept));
    }

    /// Finds the exact numbers of a component with one or two directions.
    pub(super) fn find_exact(&mut self, geometry: &Geometry, stop: &dyn Fn() -> bool) {
        let [atoms] = self.vertices.as_slice() else {
            return;
        };
        if atoms.len() > 2 {
            return;
        }
        let places: Vec<Place> = atoms
            .iter()
            .map(|(signs, sign)| Place {
                face: geometry.face(signs.clone()),
                sign: *sign,
            })
            .collect();
        let terms: Vec<FaceTerm> = places
            .iter()
            .map(|place| FaceTerm {
                z: place
                    .face
                    .outputs
                    .iter()
                    .map(|row| row.iter().map(|x| x * BigInt::from(place.sign)).collect())
                    .collect(),
                gram: place.face.gram.clone(),
            })
            .collect();
        let near: Vec<Vec<f64>> = self
            .directions
            .iter()
            .zip(&self.lengths)
            .map(|(q, t)| {
                let t = rat_to_f64(&t.0);
                q.iter().map(|x| t * x).collect()
            })
            .collect();
        let c = &geometry.unit / BigInt::from(2);
        let lambda = &geometry.beta * &c;
        let mut enclosures = |bits: u32| {
            let point = prove(geometry, &places, &near, bits.saturating_mul(2).max(128)).ok()?;
            Some(Enclosures {
                value: point.value.ends(),
                norms: point.lengths.iter().map(|t| t.ends()).collect(),
            })
        };
        self.exact = exact_numbers(
            &terms,
            &geometry.y,
            &c,
            &lambda,
            &mut enclosures,
            MAX_DEGREE,
            stop,
        )
        .ok();
    }
}

/// Minimal polynomials of a higher degree are not looked for.
const MAX_DEGREE: usize = 16;

/// All ways to write `total` as a sum of `parts` positive numbers, in order.
fn compositions(total: usize, parts: usize) -> Vec<Vec<usize>> {
    if parts == 0 {
        return if total == 0 {
            vec![Vec::new()]
        } else {
            Vec::new()
        };
    }
    if parts == 1 {
        return if total > 0 {
            vec![vec![total]]
        } else {
            Vec::new()
        };
    }
    let mut all = Vec::new();
    for first in (1..=total.saturating_sub(parts - 1)).rev() {
        for mut rest in compositions(total - first, parts - 1) {
            rest.insert(0, first);
            all.push(rest);
        }
    }
    all
}

/// Puts the local minima together. Sets of pairs of a candidate are decided here too: those on which its point is the optimum.
pub fn merge(
    geometry: &Geometry,
    width: usize,
    minima: Vec<(Box<Minimum>, &Candidate)>,
    undecided: &mut Vec<Undecided>,
    decided: &mut BigInt,
) -> Vec<Component> {
    for (i, (minimum, candidate)) in minima.iter().enumerate() {
        let mut open = BigInt::zero();
        let mut margin = 0.0f64;
        for set in &candidate.sets {
            let count = multisets_of(width, set.len());
            // Another minimum whose residual might be the same: its directions could be the missing ones.
            let alone = || {
                minima
                    .iter()
                    .enumerate()
                    .all(|(j, (other, _))| i == j || differ(minimum, other))
            };
            let standings = || set.iter().map(|p| minimum.table[*p]);
            // At a value above β, or one that cannot be told from β, the point is not proven to be the optimum of the set.
            let near = standings()
                .filter_map(|s| match s {
                    Standing::Near(size) => Some(size),
                    Standing::Above => Some(0.0),
                    _ => None,
                })
                .reduce(f64::max);
            let equal = standings().any(|s| matches!(s, Standing::Equal));
            if near.is_none() && (!equal || alone()) {
                *decided += count;
            } else {
                open += count;
                margin = margin.max(near.unwrap_or(0.0));
            }
        }
        if !open.is_zero() {
            undecided.push(Undecided {
                regions: open,
                reason: "a direction of value β may belong to the optimum of these regions"
                    .to_owned(),
                margin,
            });
        }
        if minimum.dual.is_none() {
            let margin = minimum
                .table
                .iter()
                .filter_map(|s| match s {
                    Standing::Near(size) => Some(*size),
                    _ => None,
                })
                .fold(0.0, f64::max);
            undecided.push(Undecided {
                regions: BigInt::zero(),
                reason: "whether a local minimum is optimal at every width".to_owned(),
                margin,
            });
        }
    }
    let mut components = Vec::new();
    let (global, local): (Vec<_>, Vec<_>) = minima
        .into_iter()
        .partition(|(minimum, _)| minimum.dual == Some(true));
    for (minimum, _) in &local {
        for multiplicities in compositions(width, minimum.places.len()) {
            components.push(Component::of(geometry, minimum, multiplicities, width));
        }
    }
    components.extend(glue(geometry, width, &global));
    components.sort_by(|a, b| {
        a.value
            .cmp(&b.value)
            .then_with(|| a.dimension.cmp(&b.dimension))
            .then_with(|| a.faces.cmp(&b.faces))
            .then_with(|| b.multiplicities.cmp(&a.multiplicities))
    });
    let lowest = components.iter().map(|c| c.value.1.clone()).min();
    let complete = undecided.iter().all(|u| u.regions.is_zero());
    for component in &mut components {
        let ties = lowest.as_ref().is_some_and(|low| component.value.0 <= *low);
        component.global = if !ties {
            Some(false)
        } else if complete || component.dual_certified == Some(true) {
            Some(true)
        } else {
            None
        };
    }
    components
}

/// Whether two residuals are proven to differ.
fn differ(a: &Minimum, b: &Minimum) -> bool {
    a.point.v.iter().zip(&b.point.v).any(|(x, y)| x.disjoint(y))
}

/// The components at the dual feasible residual.
fn glue(
    geometry: &Geometry,
    width: usize,
    vertices: &[(Box<Minimum>, &Candidate)],
) -> Vec<Component> {
    let names: Vec<Vec<(Vec<i8>, i8)>> = vertices
        .iter()
        .map(|(minimum, _)| {
            minimum
                .places
                .iter()
                .map(|place| (place.face.signs.clone(), place.sign))
                .collect()
        })
        .collect();
    let joined = |a: usize, b: usize| {
        let extra = names[b].iter().filter(|x| !names[a].contains(x)).count();
        names[a].len() + extra
    };
    let mut group: Vec<usize> = (0..vertices.len()).collect();
    loop {
        let mut changed = false;
        for a in 0..vertices.len() {
            for b in 0..a {
                if group[a] != group[b] && joined(a, b) <= width {
                    let (low, high) = (group[a].min(group[b]), group[a].max(group[b]));
                    group
                        .iter_mut()
                        .filter(|g| **g == high)
                        .for_each(|g| *g = low);
                    changed = true;
                }
            }
        }
        if !changed {
            break;
        }
    }
    let mut components = Vec::new();
    for root in 0..vertices.len() {
        let members: Vec<usize> = (0..vertices.len()).filter(|&k| group[k] == root).collect();
        let Some(&first) = members.iter().min_by_key(|&&k| (names[k].len(), k)) else {
            continue;
        };
        let minimum = &vertices[first].0;
        let count = minimum.places.len();
        // Even shares.
        let multiplicities = (0..count)
            .map(|k| width / count + usize::from(k < width % count))
            .collect();
        let mut component = Component::of(geometry, minimum, multiplicities, width);
        component.closed = true;
        let mut all: Vec<&(Vec<i8>, i8)> = members.iter().flat_map(|&k| &names[k]).collect();
        all.sort();
        all.dedup();
        component.further = all.len() - count;
        component.vertices = members.iter().map(|&k| names[k].clone()).collect();
        components.push(component);
    }
    components
}

/// The relative width of an enclosure, an upper bound in floats.
pub fn relative_width(value: &(Rat, Rat)) -> f64 {
    if value.0 == value.1 {
        return 0.0;
    }
    let scale = value
        .1
        .clone()
        .max(Rat::new(BigInt::one(), BigInt::from(10).pow(300)));
    rat_to_f64(&((&value.1 - &value.0) / scale))
}

/// A count as text with thousands marked.
pub fn grouped(count: &BigInt) -> String {
    match count.to_u64() {
        Some(small) => {
            let digits = small.to_string();
            let mut out = String::new();
            for (i, c) in digits.chars().enumerate() {
                if i > 0 && (digits.len() - i).is_multiple_of(3) {
                    out.push(',');
                }
                out.push(c);
            }
            out
        }
        None => count.to_string(),
    }
}
