//! The regularisation path.

use super::{HEIGHT, WIDTH, short};
use crate::report::chart::{Axis, Chart, Mark, Spread};
use crate::report::svg::{Figure, Svg};

/// A point of a path, in floats.
#[derive(Copy, Clone, Debug)]
pub struct PathPoint {
    /// The decay.
    pub lambda: f64,
    /// The objective of the network found.
    pub objective: f64,
    /// The proven lower bound.
    pub bound: f64,
    /// The mean squared error.
    pub error: f64,
    /// The penalised squares.
    pub squared_norm: f64,
    /// The number of neurons.
    pub width: usize,
}

/// The path in four pictures; `None` for fewer than two points.
pub fn path(points: &[PathPoint]) -> Option<Figure> {
    if points.len() < 2 {
        return None;
    }
    Some(Figure {
        name: "path",
        title: "Regularisation path".to_owned(),
        caption: "What the optimal network is at each decay λ: its objective with the proven lower bound, the mean squared error on the data, ‖θ‖², and the \
                  number of neurons of the network found."
            .to_owned(),
        panels: vec![
            panel(
                points,
                "objective",
                &[
                    ("l2", "p2", "objective", |p| p.objective),
                    ("l4", "p4", "lower bound", |p| p.bound),
                ],
            ),
            panel(points, "train error", &[("l1", "p1", "train error", |p| p.error)]),
            panel(points, "‖θ‖²", &[("l3", "p3", "‖θ‖²", |p| p.squared_norm)]),
            panel(points, "neurons", &[("l4", "p4", "neurons", |p| p.width as f64)]),
        ],
    })
}

type Line = (
    &'static str,
    &'static str,
    &'static str,
    fn(&PathPoint) -> f64,
);

fn panel(points: &[PathPoint], label: &str, lines: &[Line]) -> Svg {
    let values = lines
        .iter()
        .flat_map(|line| points.iter().map(|p| (line.3)(p)))
        .chain([0.0]);
    let y = Axis::over(values, Spread::Linear, label);
    let whole = label == "neurons";
    let legend: Vec<(Mark, &str, &str)> = lines
        .iter()
        .map(|line| (Mark::Line, line.0, line.2))
        .collect();
    let mut chart = Chart::new(
        (WIDTH, 0.8 * HEIGHT),
        &format!("{label} over the decay"),
        Axis::over(points.iter().map(|p| p.lambda), Spread::Log, "λ"),
        if whole { y.whole() } else { y },
        &legend,
    );
    for (stroke, mark, name, value) in lines {
        let line: Vec<(f64, f64)> = points.iter().map(|p| (p.lambda, value(p))).collect();
        chart.line(stroke, &line);
        for at in line {
            let title = format!("λ = {}: {name} {}", short(at.0), short(at.1));
            chart.dot(mark, at, 3.4, &title);
        }
    }
    chart.svg
}
