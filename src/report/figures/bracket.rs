//! How the bracket closed over time.

use super::{HEIGHT, WIDTH};
use crate::report::chart::{Axis, Chart, Mark, Spread};
use crate::report::svg::{Figure, Svg};
use crate::run::Moment;

/// Bound and objective over time, and the gap; `None` if nothing but the end is known.
pub fn bracket(history: &[Moment]) -> Option<Figure> {
    if history.len() < 2 {
        return None;
    }
    Some(Figure {
        name: "bracket",
        title: "How the bracket closed".to_owned(),
        caption: "The best objective and the best lower bound, and the gap between them, over the seconds of the run. On the way these are the floats of the \
                  search; the last ones are exact and proven."
            .to_owned(),
        panels: vec![values(history), gap(history)],
    })
}

fn values(history: &[Moment]) -> Svg {
    let side = |pick: fn(&Moment) -> Option<f64>| -> Vec<(f64, f64)> {
        history
            .iter()
            .filter_map(|m| pick(m).map(|v| (m.seconds, v)))
            .collect()
    };
    let (lower, upper) = (side(|m| m.lower), side(|m| m.upper));
    // Bounds far below say little: the axis goes down as far as the objective goes up, at least.
    let most = upper.iter().map(|p| p.1).fold(f64::NEG_INFINITY, f64::max);
    let floor = lower.iter().map(|p| p.1).fold(0.0f64, f64::max) - most.abs();
    let seen = lower.iter().map(|p| p.1.max(floor.max(0.0)));
    let mut chart = Chart::new(
        (WIDTH, HEIGHT),
        "objective and lower bound over time",
        Axis::over(history.iter().map(|m| m.seconds), Spread::Linear, "seconds"),
        Axis::over(
            upper.iter().map(|p| p.1).chain(seen),
            Spread::Linear,
            "objective",
        ),
        &[
            (Mark::Line, "l2", "best objective"),
            (Mark::Line, "l1", "lower bound"),
        ],
    );
    let both: Vec<&Moment> = history
        .iter()
        .filter(|m| m.lower.is_some() && m.upper.is_some())
        .collect();
    let of = |pick: fn(&Moment) -> Option<f64>| -> Vec<(f64, f64)> {
        both.iter()
            .map(|m| (m.seconds, pick(m).unwrap_or(0.0)))
            .collect()
    };
    chart.between("a1", &of(|m| m.lower), &of(|m| m.upper));
    chart.steps("l2", &upper);
    chart.steps("l1", &lower);
    chart.svg
}

fn gap(history: &[Moment]) -> Svg {
    let gaps: Vec<(f64, f64)> = history
        .iter()
        .filter_map(|m| {
            let (lower, upper) = (m.lower?, m.upper?);
            let gap = (upper - lower) / upper.abs();
            (gap > 0.0 && gap.is_finite()).then_some((m.seconds, gap.min(1.0)))
        })
        .collect();
    let mut chart = Chart::new(
        (WIDTH, HEIGHT),
        "relative gap over time",
        Axis::over(history.iter().map(|m| m.seconds), Spread::Linear, "seconds"),
        Axis::over(
            gaps.iter().map(|p| p.1),
            Spread::Log,
            "gap / best objective",
        ),
        &[(Mark::Line, "l3", "relative gap")],
    );
    chart.steps("l3", &gaps);
    if let Some(&(seconds, gap)) = gaps.last() {
        let title = format!("{gap:.2e} after {seconds:.3} s");
        chart.dot("p3", (seconds, gap), 4.0, &title);
    }
    chart.svg
}
