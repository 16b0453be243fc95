//! Directions of a region of the sphere, by random walks.

use nalgebra::DVector;

use crate::oracle::ascent::Random;

/// Steps of a walk between two limits, and after the last one.
const BETWEEN: usize = 4;
/// See [`BETWEEN`].
const AFTER: usize = 12;
/// Steps towards a limit that no direction fulfils yet.
const TOWARDS: usize = 100;

/// So many unit vectors u with `a·u ≥ c` for all limits (a, c), about evenly distributed; `None` if none was found: there may be some.
///
/// The limits are added one by one; the directions that fulfil the next one are kept and multiplied. Each step is along a random great circle, evenly within the region
/// (Smith 1984, on the sphere).
pub fn inside(r: usize, limits: &[(DVector<f64>, f64)], count: usize) -> Option<Vec<DVector<f64>>> {
    let mut random = Random::new(7);
    let mut points: Vec<DVector<f64>> = Vec::with_capacity(count);
    for _ in 0..count {
        points.push(tangent(&DVector::zeros(r), &mut random)?);
    }
    for (k, (a, c)) in limits.iter().enumerate() {
        let known = &limits[..k];
        let mut kept: Vec<DVector<f64>> = Vec::with_capacity(count);
        kept.extend(points.iter().filter(|u| a.dot(u) > *c).cloned());
        if kept.is_empty() {
            let highest = points.iter().max_by(|u, w| a.dot(u).total_cmp(&a.dot(w)))?;
            kept.push(reach(highest.clone(), (a, *c), known, &mut random)?);
        }
        let known = &limits[..=k];
        let found = kept.len();
        points = (0..count)
            .map(|i| {
                let mut u = kept[i % found].clone();
                let steps = match (k + 1 == limits.len(), i < found) {
                    (true, _) => AFTER,
                    (false, true) => 1,
                    (false, false) => BETWEEN,
                };
                for _ in 0..steps {
                    let Some(w) = tangent(&u, &mut random) else {
                        break;
                    };
                    let (low, high) = arc(&u, &w, known);
                    u = turned(&u, &w, low + (high - low) * random.uniform());
                }
                u
            })
            .collect();
    }
    Some(points)
}

/// A direction beyond another limit, from one within the `known` ones.
fn reach(
    mut u: DVector<f64>,
    (a, c): (&DVector<f64>, f64),
    known: &[(DVector<f64>, f64)],
    random: &mut Random,
) -> Option<DVector<f64>> {
    for step in 0..TOWARDS {
        let mut w = tangent(&u, random)?;
        if step % 2 == 0 {
            // Uphill, with some of the random direction.
            w = (a + 0.3 * w).normalize();
            w = (&w - &u * w.dot(&u)).try_normalize(1e-12)?;
        }
        let (low, high) = arc(&u, &w, known);
        let top = a.dot(&w).atan2(a.dot(&u));
        // The end of the arc is on the boundary.
        u = turned(&u, &w, 0.99 * top.clamp(low, high));
        if a.dot(&u) > c {
            return Some(u);
        }
    }
    None
}

/// A random unit vector orthogonal to u.
fn tangent(u: &DVector<f64>, random: &mut Random) -> Option<DVector<f64>> {
    let w = DVector::from_fn(u.len(), |_, _| random.normal());
    (&w - u * w.dot(u)).try_normalize(1e-12)
}

/// `u·cos + w·sin`.
fn turned(u: &DVector<f64>, w: &DVector<f64>, angle: f64) -> DVector<f64> {
    (u * angle.cos() + w * angle.sin()).normalize()
}

/// The angles around 0 for which `u·cos + w·sin` fulfils the limits, as u does.
fn arc(u: &DVector<f64>, w: &DVector<f64>, limits: &[(DVector<f64>, f64)]) -> (f64, f64) {
    let (mut low, mut high) = (-std::f64::consts::PI, std::f64::consts::PI);
    for (a, c) in limits {
        let (x, y) = (a.dot(u), a.dot(w));
        let most = x.hypot(y);
        if *c > -most {
            let (middle, half) = (y.atan2(x), (c / most).clamp(-1.0, 1.0).acos());
            low = low.max(middle - half);
            high = high.min(middle + half);
        }
    }
    (low.min(0.0), high.max(0.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directions_fulfil_the_limits_and_are_spread() {
        let mut random = Random::new(3);
        for round in 0..60 {
            let r = 2 + round % 6;
            // Limits that a known direction fulfils with some room.
            let known = tangent(&DVector::zeros(r), &mut random).expect("a direction");
            let limits: Vec<(DVector<f64>, f64)> = (0..round % 9)
                .map(|_| {
                    let a = tangent(&DVector::zeros(r), &mut random).expect("a direction");
                    let c = a.dot(&known) - 0.2 - 0.5 * random.uniform();
                    (a, c)
                })
                .collect();
            let Some(points) = inside(r, &limits, 40) else {
                continue; // not found
            };
            assert_eq!(points.len(), 40);
            for u in &points {
                assert!((u.norm() - 1.0).abs() < 1e-9);
                assert!(limits.iter().all(|(a, c)| a.dot(u) >= c - 1e-9));
            }
            let mean = points.iter().sum::<DVector<f64>>() / 40.0;
            assert!(mean.norm() < 0.999, "all the same");
        }
    }

    #[test]
    fn on_a_half_circle_they_are_even() {
        let limits = [(DVector::from_vec(vec![0.0, 1.0]), 0.0)];
        let points = inside(2, &limits, 2000).expect("directions");
        let right = points.iter().filter(|u| u[0] > 0.0).count();
        let high = points.iter().filter(|u| u[1] > 0.5f64.sqrt()).count();
        assert!(
            (900..1100).contains(&right) && (900..1100).contains(&high),
            "{right} {high}"
        );
    }

    #[test]
    fn a_small_cap_is_reached_and_an_empty_region_is_not() {
        let axis = |k: usize, s: f64| DVector::from_fn(6, |i, _| if i == k { s } else { 0.0 });
        let small = [(axis(0, 1.0), 0.99), (axis(1, 1.0), 0.0)];
        let points = inside(6, &small, 10).expect("directions");
        assert!(points.iter().all(|u| u[0] >= 0.99 - 1e-9 && u[1] >= -1e-9));
        let empty = [(axis(0, 1.0), 0.5), (axis(0, -1.0), 0.5)];
        assert!(inside(6, &empty, 10).is_none());
    }
}
