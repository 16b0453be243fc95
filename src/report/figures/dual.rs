//! |F_v(u)|/(β·ρ(u)) over all directions of a neuron, for r = 2 and 3.

use super::sphere::Half;
use super::{HEIGHT, Neuron, Shown, Slopes, WIDTH, clipped, decayed, dot, entries, neurons, short};
use crate::exact::rat_to_f64;
use crate::problem::Problem;
use crate::report::chart::{Axis, Chart, Mark, Spread};
use crate::report::image::heat_map;
use crate::report::svg::{Figure, Svg};

/// Products x·u that a picture may cost.
const WORK: f64 = 1.5e8;
/// Most directions where a row changes its sign that the circle is evaluated at.
const MOST_KINKS: usize = 400;

/// F_v in floats.
struct Form {
    rows: Vec<f64>,
    /// v of each row.
    weights: Vec<f64>,
    slopes: Slopes,
    beta: f64,
    decayed: usize,
    r: usize,
}

impl Form {
    fn new(problem: &Problem, v: &[f64]) -> Self {
        let samples = &problem.data.sample_of_row;
        Form {
            rows: problem.x_f64(),
            weights: samples.iter().map(|&s| v[s as usize]).collect(),
            slopes: Slopes::of(problem),
            beta: rat_to_f64(&problem.beta()),
            decayed: decayed(problem),
            r: problem.r(),
        }
    }

    /// F_v(u)/(β·ρ(u)).
    fn ratio(&self, u: &[f64]) -> f64 {
        let value: f64 = self
            .rows
            .chunks_exact(self.r)
            .zip(&self.weights)
            .map(|(row, v)| v * self.slopes.apply(dot(row, u)))
            .sum();
        let rho = u[..self.decayed].iter().map(|x| x * x).sum::<f64>().sqrt();
        value / (self.beta * rho)
    }
}

/// The dual constraint of a dual vector `v` (length n, half-sum form) with the neurons of a network; `None` unless r is 2 or 3.
pub fn dual(problem: &Problem, v: &[f64], best: Option<&Shown>) -> Option<Figure> {
    let r = problem.r();
    let zero = v.iter().all(|x| *x == 0.0);
    let cost = problem.rows() as f64 * r as f64;
    if !(2..=3).contains(&r) || v.len() != problem.n() || zero || cost * 2000.0 > 4.0 * WORK {
        return None;
    }
    let form = Form::new(problem, v);
    let found = best.map(|b| neurons(b.network)).unwrap_or_default();
    let panels = if r == 2 {
        vec![circle(problem, &form, &found)]
    } else {
        sphere(problem, &form, &found)
    };
    Some(Figure {
        name: "dual",
        title: "Why no neuron helps: |F_v(u)|/β over all directions".to_owned(),
        caption: "The proof shows that this is at most 1 in every direction u of the hidden weights and bias. It is what the bound rests on. The neurons \
                  of the best network are where it touches 1: the tight directions."
            .to_owned(),
        panels,
    })
}

fn circle(problem: &Problem, form: &Form, found: &[Neuron]) -> Svg {
    let at = |degrees: f64| {
        let (sin, cos) = degrees.to_radians().sin_cos();
        form.ratio(&[cos, sin])
    };
    // Where a row changes its sign the ratio may have a kink.
    let kinks = form
        .rows
        .chunks_exact(2)
        .take(MOST_KINKS)
        .filter(|row| row[0] != 0.0 || row[1] != 0.0)
        .flat_map(|row| {
            let degrees = row[1].atan2(row[0]).to_degrees();
            [degrees + 90.0, degrees - 90.0].map(|a| {
                if a > 180.0 {
                    a - 360.0
                } else if a < -180.0 {
                    a + 360.0
                } else {
                    a
                }
            })
        });
    let steps = ((WORK / (2.0 * form.rows.len() as f64)) as u32).clamp(90, 720);
    let grid = (0..=steps).map(|k| -180.0 + 360.0 * f64::from(k) / f64::from(steps));
    let mut places: Vec<f64> = grid.chain(kinks).collect();
    places.sort_by(f64::total_cmp);
    let values: Vec<(f64, f64)> = places
        .into_iter()
        .map(|a| (a, at(a)))
        .filter(|p| p.1.is_finite())
        .collect();
    let names = entries(problem);
    let label = format!(
        "angle of u: 0° is {}, 90° is {}",
        clipped(&names[0]),
        clipped(&names[1])
    );
    let most = values.iter().map(|p| p.1.abs()).fold(1.05f64, f64::max);
    let mut chart = Chart::new(
        (WIDTH, 0.85 * HEIGHT),
        "the ratio of F to beta over the angle of the direction",
        Axis::between(-180.0, 180.0, Spread::Linear, &label)
            .with_ticks(&[-180.0, -90.0, 0.0, 90.0, 180.0]),
        Axis::between(0.0, 1.02 * most, Spread::Linear, "|F_v(u)|/β"),
        &[
            (Mark::Line, "l1", "output weight > 0"),
            (Mark::Line, "l2", "output weight < 0"),
            (Mark::Dot, "p3", "neurons"),
        ],
    );
    let side = |sign: f64| -> Vec<(f64, f64)> {
        values
            .iter()
            .map(|p| (p.0, (sign * p.1).max(0.0)))
            .collect()
    };
    chart.line("l1", &side(1.0));
    chart.line("l2", &side(-1.0));
    chart.level("rule", 1.0);
    for neuron in found {
        let Some(u) = neuron.direction() else {
            continue;
        };
        let (angle, value) = (u[1].atan2(u[0]).to_degrees(), form.ratio(&u));
        if value.is_finite() {
            let title = format!(
                "neuron ({}, {}), output weight {}: |F|/β = {}",
                short(u[0]),
                short(u[1]),
                short(neuron.output),
                short(value.abs())
            );
            chart.dot("p3", (angle, value.abs()), 4.5, &title);
        }
    }
    chart.svg
}

fn sphere(problem: &Problem, form: &Form, found: &[Neuron]) -> Vec<Svg> {
    let names = entries(problem);
    let side = ((WORK / (2.0 * form.rows.len() as f64)).sqrt() as usize).clamp(32, 150);
    let place = |k: usize| 2.0 * (k as f64 + 0.5) / side as f64 - 1.0;
    let mut panels = Vec::new();
    for half in Half::BOTH {
        let label = "the ratio of F to beta on a half of the sphere of directions";
        let mut svg = half.drawing(label, &names);
        let values: Vec<f64> = (0..side * side)
            .map(|k| {
                half.direction(place(k % side), -place(k / side))
                    .map_or(f64::NAN, |u| form.ratio(&u).abs())
            })
            .collect();
        let (corner, size) = Half::square();
        svg.image(corner, size, &heat_map(side, &values));
        half.rim(&mut svg, &names);
        for neuron in found {
            let Some(u) = neuron.direction().filter(|u| half.has(u)) else {
                continue;
            };
            let class = if neuron.output > 0.0 { "m1" } else { "m2" };
            let title = format!(
                "neuron ({}, {}, {}), output weight {}: |F|/β = {}",
                short(u[0]),
                short(u[1]),
                short(u[2]),
                short(neuron.output),
                short(form.ratio(&u).abs())
            );
            svg.circle(class, half.place(&u), 4.5, &title, None);
        }
        panels.push(svg);
    }
    let mut scale = super::fit::scale(0.0, 1.0, "|F_v|/β");
    for (class, y, text) in [
        ("m1", HEIGHT - 2.0, "α > 0"),
        ("m2", HEIGHT + 16.0, "α < 0"),
    ] {
        scale.circle(class, (15.0, y), 4.5, "", None);
        let anchor = crate::report::svg::Anchor::Start;
        scale.text("tick", (28.0, y + 4.0), anchor, text);
    }
    panels.push(scale);
    panels
}
