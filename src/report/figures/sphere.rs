//! The sphere of directions in three dimensions, as two discs.

use crate::report::svg::{Anchor, Point, Svg};

/// Radius of a disc, in pixels.
pub(super) const RADIUS: f64 = 135.0;
/// Size of the drawing of a disc.
pub(super) const SIZE: (f64, f64) = (320.0, 330.0);
/// The centre of the disc.
const CENTRE: Point = (160.0, 172.0);

/// A half of the sphere: where the third entry is ≥ 0, or ≤ 0.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub(super) enum Half {
    Upper,
    Lower,
}

impl Half {
    pub(super) const BOTH: [Half; 2] = [Half::Upper, Half::Lower];

    fn sign(self) -> f64 {
        match self {
            Half::Upper => 1.0,
            Half::Lower => -1.0,
        }
    }

    /// Whether a direction is in this half; those on the rim are in the upper one.
    pub(super) fn has(self, u: &[f64]) -> bool {
        (u[2] >= 0.0) == (self == Half::Upper)
    }

    /// Where a unit vector of this half is (Lambert's projection, which keeps areas).
    pub(super) fn place(self, u: &[f64]) -> Point {
        let flat = u[0].hypot(u[1]);
        // √2·sin(θ/2), 1 at the rim; θ is the angle to the pole.
        let radius = RADIUS * (1.0 - self.sign() * u[2]).clamp(0.0, 1.0).sqrt();
        if flat == 0.0 {
            return CENTRE;
        }
        (
            CENTRE.0 + radius * u[0] / flat,
            CENTRE.1 - radius * u[1] / flat,
        )
    }

    /// The unit vector at a place, from −1 to 1 in both directions; `None` outside of the disc.
    pub(super) fn direction(self, x: f64, y: f64) -> Option<[f64; 3]> {
        let square = x * x + y * y;
        if square > 1.0 {
            return None;
        }
        let height = 1.0 - square;
        let flat = (2.0 - square).sqrt();
        Some([x * flat, y * flat, self.sign() * height])
    }

    /// A drawing with the rim and the names of the entries.
    pub(super) fn drawing(self, label: &str, names: &[String]) -> Svg {
        let mut svg = Svg::new(SIZE.0, SIZE.1, label);
        let third = super::clipped(&names[2]);
        let title = match self {
            Half::Upper => format!("{third} ≥ 0"),
            Half::Lower => format!("{third} ≤ 0"),
        };
        svg.text("", (CENTRE.0, 16.0), Anchor::Middle, &title);
        svg
    }

    /// The rim and the names, above what is drawn.
    pub(super) fn rim(self, svg: &mut Svg, names: &[String]) {
        svg.circle("axis", CENTRE, RADIUS, "", None);
        let (right, top) = (CENTRE.0 + RADIUS, CENTRE.1 - RADIUS);
        let first = format!("{} →", super::clipped(&names[0]));
        let second = format!("{} ↑", super::clipped(&names[1]));
        svg.text(
            "tick",
            (right, CENTRE.1 + RADIUS + 14.0),
            Anchor::End,
            &first,
        );
        svg.text(
            "tick",
            (CENTRE.0 - RADIUS - 18.0, top + 4.0),
            Anchor::Start,
            &second,
        );
    }

    /// The corner and the size of the square around the disc.
    pub(super) fn square() -> (Point, (f64, f64)) {
        (
            (CENTRE.0 - RADIUS, CENTRE.1 - RADIUS),
            (2.0 * RADIUS, 2.0 * RADIUS),
        )
    }
}

/// The half of the great circle n·u = 0 where the third entry is ≥ 0; its negative is the other half. `None` for the rim itself and for n = 0.
pub(super) fn great_circle(n: &[f64], steps: usize) -> Option<Vec<[f64; 3]>> {
    let flat = n[0].hypot(n[1]);
    let length = flat.hypot(n[2]);
    if length == 0.0 || !length.is_finite() || flat < 1e-12 * length {
        return None;
    }
    // Two unit vectors that span the plane; the first is on the rim.
    let a = [-n[1] / flat, n[0] / flat, 0.0];
    let b = [
        -n[0] * n[2] / (flat * length),
        -n[1] * n[2] / (flat * length),
        flat / length,
    ];
    Some(
        (0..=steps)
            .map(|k| {
                let (sin, cos) = (std::f64::consts::PI * k as f64 / steps as f64).sin_cos();
                [0, 1, 2].map(|i| cos * a[i] + sin * b[i])
            })
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_and_directions_are_inverse() {
        for half in Half::BOTH {
            for (x, y) in [(0.0, 0.0), (0.3, -0.4), (-0.9, 0.1), (0.6, 0.8)] {
                let u = half.direction(x, y).expect("inside");
                let length: f64 = u.iter().map(|x| x * x).sum();
                assert!((length - 1.0).abs() < 1e-12, "{u:?}");
                let (px, py) = half.place(&u);
                assert!((px - CENTRE.0 - RADIUS * x).abs() < 1e-6, "{px} {x}");
                assert!((CENTRE.1 - py - RADIUS * y).abs() < 1e-6, "{py} {y}");
            }
            assert!(half.direction(0.8, 0.8).is_none());
        }
    }

    #[test]
    fn great_circles_are_orthogonal_to_their_vector() {
        for n in [[1.0, 2.0, 3.0], [1.0, 0.0, 0.0], [0.2, -5.0, 1e-3]] {
            for u in great_circle(&n, 8).expect("a circle") {
                assert!(super::super::dot(&n, &u).abs() < 1e-12);
                assert!(u[2] > -1e-12);
            }
        }
        assert!(great_circle(&[0.0, 0.0, 2.0], 8).is_none());
        assert!(great_circle(&[0.0, 0.0, 0.0], 8).is_none());
    }
}
