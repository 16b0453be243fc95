//! The local minima of a tiny network, by value and dimension.

use super::{HEIGHT, WIDTH, short};
use crate::report::chart::{Axis, Chart, Mark, Spread};
use crate::report::svg::Figure;

/// A connected set of local minima.
#[derive(Clone, Debug)]
pub struct Minimum {
    /// Its objective, in floats.
    pub value: f64,
    /// Its dimension.
    pub dimension: usize,
    /// Whether it has the lowest value at this width.
    pub global: bool,
    /// Whether it is optimal at every width.
    pub certified: bool,
}

/// The sets by value and dimension; `None` if there are none.
pub fn minima(found: &[Minimum]) -> Option<Figure> {
    if found.is_empty() {
        return None;
    }
    let most = found.iter().map(|m| m.dimension).max().unwrap_or(0);
    let mut chart = Chart::new(
        (WIDTH, 0.7 * HEIGHT + 24.0 * most.min(8) as f64),
        "local minima by value and dimension",
        Axis::over(found.iter().map(|m| m.value), Spread::Linear, "objective"),
        Axis::between(-0.6, most as f64 + 0.6, Spread::Linear, "dimension").whole(),
        &[
            (Mark::Dot, "p3", "optimal at every width"),
            (Mark::Dot, "p1", "lowest at this width"),
            (Mark::Dot, "p2", "other local minimum"),
        ],
    );
    // Sets of the same value and dimension are drawn above each other.
    let mut seen: Vec<(f64, usize)> = Vec::new();
    for (k, minimum) in found.iter().enumerate() {
        let near = |s: &&(f64, usize)| {
            s.1 == minimum.dimension && (s.0 - minimum.value).abs() <= 1e-9 * minimum.value.abs()
        };
        let before = seen.iter().filter(near).count();
        seen.push((minimum.value, minimum.dimension));
        let class = match (minimum.certified, minimum.global) {
            (true, _) => "p3",
            (_, true) => "p1",
            _ => "p2",
        };
        let lift = 0.12 * before.min(4) as f64;
        let title = format!(
            "set {}: objective {}, dimension {}",
            k + 1,
            short(minimum.value),
            minimum.dimension
        );
        let at = (minimum.value, minimum.dimension as f64 + lift);
        chart.dot(class, at, 5.0, &title);
    }
    Some(Figure {
        name: "minima",
        title: "Local minima".to_owned(),
        caption: "Every connected set of local minima by its objective and its dimension; sets of the same value are drawn above each other."
            .to_owned(),
        panels: vec![chart.svg],
    })
}
