//! Data and fit, for one or two features.

use super::{HEIGHT, Neuron, Shown, Slopes, WIDTH, clipped, dot, neurons, short, some_of};
use crate::exact::rat_to_f64;
use crate::problem::Problem;
use crate::report::chart::{Axis, Chart, Mark, Spread, tick_text};
use crate::report::image::{heat_map, hex};
use crate::report::svg::{Anchor, Figure, Svg};

/// Most samples that are drawn, in all panels together.
const MOST_SAMPLES: usize = 800;
/// Columns and rows of a heat map.
const GRID: usize = 120;
/// Most kink lines that are drawn.
const MOST_KINKS: usize = 200;

/// A network as a function of the features.
struct Function {
    neurons: Vec<Neuron>,
    constant: f64,
    slopes: Slopes,
}

impl Function {
    fn at(&self, x: &[f64]) -> f64 {
        let outputs = self.neurons.iter().map(|k| {
            let bias = k.hidden.get(x.len()).copied().unwrap_or(0.0);
            k.output * self.slopes.apply(dot(&k.hidden[..x.len()], x) + bias)
        });
        self.constant + outputs.sum::<f64>()
    }
}

/// The data and these networks, at most two; `None` for more than two features, or several rows a sample.
pub fn fit(problem: &Problem, shown: &[Shown]) -> Option<Figure> {
    if problem.rows() != problem.n() || problem.data.d > 2 || problem.data.target.is_empty() {
        return None;
    }
    let functions: Vec<(String, Function)> = shown
        .iter()
        .map(|s| {
            let constant = s.network.output_bias.as_ref().map_or(0.0, rat_to_f64);
            let function = Function {
                neurons: neurons(s.network),
                constant,
                slopes: Slopes::of(problem),
            };
            (s.name.clone(), function)
        })
        .collect();
    let chosen = some_of(
        problem.n(),
        MOST_SAMPLES / if problem.data.d == 1 { 1 } else { 2 },
    );
    let some = if chosen.len() < problem.n() {
        format!(" {} of {} samples are drawn.", chosen.len(), problem.n())
    } else {
        String::new()
    };
    Some(if problem.data.d == 1 {
        Figure {
            name: "fit",
            title: "Data and fit".to_owned(),
            caption: format!("The samples, and the output as a function of the feature.{some}"),
            panels: vec![curves(problem, &functions, &chosen)],
        }
    } else {
        Figure {
            name: "fit",
            title: "Data and fit".to_owned(),
            caption: format!(
                "The output over the two features; a dot is a sample with the colour of its target. At the white lines a neuron has its kink.{some}"
            ),
            panels: maps(problem, &functions, &chosen),
        }
    })
}

/// The least and the greatest number with some room, never empty.
fn range(values: impl Iterator<Item = f64>, room: f64) -> (f64, f64) {
    let (low, high) = values
        .filter(|v| v.is_finite())
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), v| {
            (a.min(v), b.max(v))
        });
    if low > high {
        (-1.0, 1.0)
    } else if low == high {
        let spare = if low == 0.0 { 1.0 } else { 0.5 * low.abs() };
        (low - spare, high + spare)
    } else {
        (low - room * (high - low), high + room * (high - low))
    }
}

fn features(problem: &Problem) -> Vec<f64> {
    let (x, r, d) = (problem.x_f64(), problem.r(), problem.data.d);
    x.chunks_exact(r)
        .flat_map(|row| row[..d].to_vec())
        .collect()
}

fn curves(problem: &Problem, functions: &[(String, Function)], chosen: &[usize]) -> Svg {
    let (x, y) = (features(problem), problem.y_f64());
    let (low, high) = range(x.iter().copied(), 0.1);
    let lines: Vec<Vec<(f64, f64)>> = functions
        .iter()
        .map(|(_, function)| {
            // The kinks, where the slope changes, and a few places between.
            let kinks = function.neurons.iter().filter_map(|k| {
                let kink = -k.hidden.get(1).copied().unwrap_or(0.0) / k.hidden[0];
                (kink > low && kink < high).then_some(kink)
            });
            let grid = (0..=60).map(|i| low + (high - low) * f64::from(i) / 60.0);
            let mut places: Vec<f64> = grid.chain(kinks).collect();
            places.sort_by(f64::total_cmp);
            places.iter().map(|&x| (x, function.at(&[x]))).collect()
        })
        .collect();
    let values = lines.iter().flatten().map(|p| p.1).chain(y.iter().copied());
    let target = clipped(&problem.data.target);
    let mut legend = vec![(Mark::Dot, "p0", "samples")];
    let classes = curve_classes(functions.len());
    for (class, (name, _)) in classes.iter().zip(functions) {
        legend.push((Mark::Line, class, name));
    }
    let mut chart = Chart::new(
        (WIDTH, HEIGHT),
        "the samples and the output of the networks over the feature",
        Axis::between(
            low,
            high,
            Spread::Linear,
            &clipped(&problem.data.features[0]),
        ),
        Axis::over(values, Spread::Linear, &target),
        &legend,
    );
    for (class, line) in classes.iter().zip(&lines) {
        chart.line(class, line);
    }
    for &i in chosen {
        let title = format!("sample {}: {} → {}", i + 1, short(x[i]), short(y[i]));
        chart.dot("p0", (x[i], y[i]), 3.6, &title);
    }
    chart.svg
}

/// The last network is the best: it has the first colour.
fn curve_classes(count: usize) -> &'static [&'static str] {
    if count == 1 { &["l1"] } else { &["l2", "l1"] }
}

fn maps(problem: &Problem, functions: &[(String, Function)], chosen: &[usize]) -> Vec<Svg> {
    let (x, y) = (features(problem), problem.y_f64());
    let (left, right) = range(x.iter().step_by(2).copied(), 0.08);
    let (below, above) = range(x.iter().skip(1).step_by(2).copied(), 0.08);
    let grids: Vec<Vec<f64>> = functions
        .iter()
        .map(|(_, function)| {
            let place = |k: usize| (k as f64 + 0.5) / GRID as f64;
            (0..GRID * GRID)
                .map(|k| {
                    let (row, column) = (k / GRID, k % GRID);
                    function.at(&[
                        left + (right - left) * place(column),
                        above - (above - below) * place(row),
                    ])
                })
                .collect()
        })
        .collect();
    let all = grids.iter().flatten().chain(&y).copied();
    let (low, high) = range(all, 0.0);
    let part = |v: f64| (v - low) / (high - low);
    let names = &problem.data.features;
    let mut panels = Vec::new();
    for ((name, function), grid) in functions.iter().zip(&grids) {
        let axis = |low, high, name: &str| Axis::between(low, high, Spread::Linear, &clipped(name));
        let mut chart = Chart::new(
            (WIDTH - 60.0, HEIGHT),
            &format!("output of the {name} over the two features"),
            axis(left, right, &names[0]),
            axis(below, above, &names[1]),
            &[(Mark::Box, "p0", name)],
        );
        let values: Vec<f64> = grid.iter().map(|v| part(*v)).collect();
        let (corner, size) = chart.inside();
        chart.svg.image(corner, size, &heat_map(GRID, &values));
        for k in function.neurons.iter().take(MOST_KINKS) {
            let bias = k.hidden.get(2).copied().unwrap_or(0.0);
            let line = [k.hidden[0], k.hidden[1], bias];
            if let Some((a, b)) = clip(line, (left, right), (below, above)) {
                let (a, b) = (chart.at(a.0, a.1), chart.at(b.0, b.1));
                chart.svg.line("kink", a, b);
            }
        }
        for &i in chosen {
            let (x1, x2) = (x[2 * i], x[2 * i + 1]);
            let title = format!(
                "sample {}: ({}, {}) → {}",
                i + 1,
                short(x1),
                short(x2),
                short(y[i])
            );
            let at = chart.at(x1, x2);
            chart
                .svg
                .circle("datum", at, 3.6, &title, Some(&hex(part(y[i]))));
        }
        panels.push(chart.svg);
    }
    panels.push(scale(low, high, &clipped(&problem.data.target)));
    panels
}

/// The colours with their numbers.
pub(super) fn scale(low: f64, high: f64, name: &str) -> Svg {
    const STEPS: usize = 64;
    let mut svg = Svg::new(96.0, HEIGHT + 24.0, format!("colours of {name}"));
    let (top, height) = (24.0, HEIGHT - 44.0);
    let values: Vec<f64> = (0..STEPS)
        .map(|k| 1.0 - k as f64 / (STEPS - 1) as f64)
        .collect();
    svg.image((8.0, top), (14.0, height), &heat_map(1, &values));
    svg.text("", (8.0, 14.0), Anchor::Start, name);
    for k in 0..=4 {
        let part = f64::from(k) / 4.0;
        let (value, y) = (low + (high - low) * part, top + height * (1.0 - part));
        let text = tick_text(value, (high - low) / 20.0);
        svg.line("axis", (22.0, y), (26.0, y));
        svg.text("tick", (30.0, y + 4.0), Anchor::Start, &text);
    }
    svg
}

type Place = (f64, f64);

/// The part of the line a·x + b·y + c = 0 in a rectangle.
fn clip([a, b, c]: [f64; 3], x: (f64, f64), y: (f64, f64)) -> Option<(Place, Place)> {
    let mut ends: Vec<Place> = Vec::with_capacity(4);
    if b != 0.0 {
        for side in [x.0, x.1] {
            ends.push((side, -(a * side + c) / b));
        }
    }
    if a != 0.0 {
        for side in [y.0, y.1] {
            ends.push((-(b * side + c) / a, side));
        }
    }
    let (dx, dy) = (1e-9 * (x.1 - x.0), 1e-9 * (y.1 - y.0));
    ends.retain(|p| p.0 >= x.0 - dx && p.0 <= x.1 + dx && p.1 >= y.0 - dy && p.1 <= y.1 + dy);
    // The two that are farthest from each other: a corner may be found twice.
    let distance = |p: &Place, q: &Place| {
        ((p.0 - q.0) / (x.1 - x.0)).abs() + ((p.1 - q.1) / (y.1 - y.0)).abs()
    };
    let first = *ends.first()?;
    let second = *ends
        .iter()
        .max_by(|p, q| distance(&first, p).total_cmp(&distance(&first, q)))?;
    (distance(&first, &second) > 1e-6).then_some((first, second))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_clipped_to_the_rectangle() {
        let (x, y) = ((-1.0, 1.0), (-2.0, 2.0));
        for (line, ends) in [
            ([1.0, 0.0, 0.0], Some(((0.0, -2.0), (0.0, 2.0)))),
            ([0.0, 1.0, -1.0], Some(((-1.0, 1.0), (1.0, 1.0)))),
            ([2.0, -1.0, 0.0], Some(((-1.0, -2.0), (1.0, 2.0)))),
            ([1.0, 0.0, 5.0], None),
            ([0.0, 0.0, 1.0], None),
            ([0.0, 0.0, 0.0], None),
        ] {
            assert_eq!(clip(line, x, y), ends, "{line:?}");
        }
    }
}
