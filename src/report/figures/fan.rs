//! The cells of the arrangement of the rows, for r = 1, 2 and 3.

use super::sphere::{Half, great_circle};
use super::{Neuron, Shown, neurons, short, some_of};
use crate::report::svg::{Anchor, Figure, Svg};

/// Most hyperplanes that are drawn.
const MOST: usize = 200;
/// Parts of a half of a great circle.
const STEPS: usize = 24;

/// The arrangement of these rows (r entries each, with their names); `None` unless r is 1, 2 or 3.
pub fn fan(rows: &[f64], names: &[String], shown: Option<&Shown>) -> Option<Figure> {
    let r = names.len();
    if !(1..=3).contains(&r) {
        return None;
    }
    let all: Vec<&[f64]> = rows
        .chunks_exact(r)
        .filter(|row| row.iter().any(|x| *x != 0.0) && row.iter().all(|x| x.is_finite()))
        .collect();
    let chosen: Vec<&[f64]> = some_of(all.len(), MOST)
        .into_iter()
        .map(|i| all[i])
        .collect();
    let some = if chosen.len() < all.len() {
        format!(" {} of {} are drawn.", chosen.len(), all.len())
    } else {
        String::new()
    };
    let found = shown.map(|s| neurons(s.network)).unwrap_or_default();
    let dots = if found.is_empty() {
        ""
    } else {
        " The dots are the neurons of the best network."
    };
    let (what, panels) = match r {
        1 => return Some(line_figure(&all, names, &found, dots)),
        2 => ("line", vec![circle(&chosen, names, &found)]),
        _ => ("great circle", sphere(&chosen, names, &found)),
    };
    Some(Figure {
        name: "cells",
        title: "Cells: the activation patterns".to_owned(),
        caption: format!(
            "Each {what} is where the pre-activation of a row is 0, in the space of directions u of a neuron; between them all neurons have the same \
             activation pattern.{some}{dots}"
        ),
        panels,
    })
}

/// With one entry every row changes its sign at 0: two cells, and in each the rows that are active.
fn line_figure(rows: &[&[f64]], names: &[String], found: &[Neuron], dots: &str) -> Figure {
    const LEFT: f64 = 20.0;
    const RIGHT: f64 = 340.0;
    const MIDDLE: f64 = 180.0;
    const LEVEL: f64 = 60.0;
    let mut svg = Svg::new(360.0, 110.0, "the cells on the line of directions");
    svg.line("axis", (LEFT, LEVEL), (RIGHT, LEVEL));
    if !rows.is_empty() {
        svg.line("thin", (MIDDLE, LEVEL - 12.0), (MIDDLE, LEVEL + 12.0));
        svg.text("tick", (MIDDLE, LEVEL + 28.0), Anchor::Middle, "0");
    }
    let positive = rows.iter().filter(|row| row[0] > 0.0).count();
    for (x, active) in [(LEFT, rows.len() - positive), (RIGHT, positive)] {
        let label = format!("{active} of {} rows active", rows.len());
        svg.text(
            "tick",
            ((x + MIDDLE) / 2.0, LEVEL - 24.0),
            Anchor::Middle,
            &label,
        );
    }
    let name = format!("{} →", super::clipped(&names[0]));
    svg.text("tick", (RIGHT, LEVEL + 28.0), Anchor::End, &name);
    for neuron in found {
        if let Some(u) = neuron.direction() {
            let at = (MIDDLE + u[0] * (RIGHT - MIDDLE) / 2.0, LEVEL);
            svg.circle(class(neuron), at, 4.5, &title(neuron, &u), None);
        }
    }
    Figure {
        name: "cells",
        title: "Cells: the activation patterns".to_owned(),
        caption: format!(
            "The weight of a neuron is a point on this line. The pre-activations of all rows are 0 at the weight 0, and on each side of it all neurons have the \
             same activation pattern.{dots}"
        ),
        panels: vec![svg],
    }
}

fn title(neuron: &Neuron, u: &[f64]) -> String {
    let entries: Vec<String> = u.iter().map(|x| short(*x)).collect();
    format!(
        "neuron ({}), output weight {}",
        entries.join(", "),
        short(neuron.output)
    )
}

fn class(neuron: &Neuron) -> &'static str {
    if neuron.output > 0.0 { "p1" } else { "p2" }
}

fn circle(rows: &[&[f64]], names: &[String], found: &[Neuron]) -> Svg {
    const CENTRE: (f64, f64) = (160.0, 160.0);
    const RADIUS: f64 = 130.0;
    let mut svg = Svg::new(330.0, 320.0, "the cells on the circle of directions");
    for row in rows {
        let length = row[0].hypot(row[1]);
        let (x, y) = (-row[1] / length * RADIUS, row[0] / length * RADIUS);
        svg.line(
            "thin",
            (CENTRE.0 - x, CENTRE.1 + y),
            (CENTRE.0 + x, CENTRE.1 - y),
        );
    }
    svg.circle("axis", CENTRE, RADIUS, "", None);
    let first = format!("{} →", super::clipped(&names[0]));
    let second = format!("{} ↑", super::clipped(&names[1]));
    svg.text("tick", (CENTRE.0 + RADIUS, 314.0), Anchor::End, &first);
    svg.text("tick", (4.0, 20.0), Anchor::Start, &second);
    for neuron in found {
        if let Some(u) = neuron.direction() {
            let at = (CENTRE.0 + RADIUS * u[0], CENTRE.1 - RADIUS * u[1]);
            svg.circle(class(neuron), at, 4.5, &title(neuron, &u), None);
        }
    }
    svg
}

fn sphere(rows: &[&[f64]], names: &[String], found: &[Neuron]) -> Vec<Svg> {
    Half::BOTH
        .into_iter()
        .map(|half| {
            let mut svg = half.drawing("the cells on a half of the sphere of directions", names);
            for row in rows {
                let Some(arc) = great_circle(row, STEPS) else {
                    continue;
                };
                let sign = if half == Half::Upper { 1.0 } else { -1.0 };
                let points: Vec<(f64, f64)> = arc
                    .iter()
                    .map(|u| half.place(&u.map(|x| sign * x)))
                    .collect();
                svg.polyline("thin", &points);
            }
            half.rim(&mut svg, names);
            for neuron in found {
                if let Some(u) = neuron.direction().filter(|u| half.has(u)) {
                    svg.circle(class(neuron), half.place(&u), 4.5, &title(neuron, &u), None);
                }
            }
            svg
        })
        .collect()
}
