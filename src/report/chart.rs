//! Axes: from numbers to places, with ticks.

use super::svg::{Anchor, Point, Svg};

/// How numbers are spread along an axis.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Spread {
    /// Evenly.
    Linear,
    /// Their logarithms evenly; for positive numbers.
    Log,
}

/// An axis.
#[derive(Clone, Debug)]
pub struct Axis {
    low: f64,
    high: f64,
    spread: Spread,
    label: String,
    ticks: Vec<f64>,
}

impl Axis {
    /// An axis that has room for these numbers (those that are finite, and on a logarithmic one positive).
    pub fn over(values: impl IntoIterator<Item = f64>, spread: Spread, label: &str) -> Self {
        // Far from the ends of the floats no difference and no ratio overflows.
        let usable = |v: &f64| match spread {
            Spread::Linear => v.abs() < 1e150,
            Spread::Log => (1e-150..1e150).contains(v),
        };
        let (low, high) = values
            .into_iter()
            .filter(usable)
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), v| {
                (a.min(v), b.max(v))
            });
        let (low, high) = match (low <= high, spread) {
            (false, Spread::Linear) => (0.0, 1.0),
            (false, Spread::Log) => (0.1, 1.0),
            (true, Spread::Linear) => {
                let spare = 0.04 * (high - low);
                // Numbers that differ by rounding only are one number.
                if high - low > 1e-9 * high.abs().max(low.abs()) {
                    (low - spare, high + spare)
                } else {
                    let spare = if high == 0.0 { 1.0 } else { 0.1 * high.abs() };
                    (low - spare, high + spare)
                }
            }
            (true, Spread::Log) => {
                // Less than a decade is seen within one.
                let ratio = (high / low).ln();
                let spare = (0.04 * ratio).max(0.5 * (2.3 - ratio));
                (low * (-spare).exp(), high * spare.exp())
            }
        };
        Axis::between(low, high, spread, label)
    }

    /// An axis from `low` to `high`.
    pub fn between(low: f64, high: f64, spread: Spread, label: &str) -> Self {
        let ticks = match spread {
            Spread::Linear => linear_ticks(low, high),
            Spread::Log => log_ticks(low, high),
        };
        Axis {
            low,
            high,
            spread,
            label: label.to_owned(),
            ticks,
        }
    }

    /// The same axis with ticks at whole numbers only.
    #[must_use]
    pub fn whole(mut self) -> Self {
        self.ticks.retain(|t| (t - t.round()).abs() < 1e-9);
        self
    }

    /// The same axis with these ticks.
    #[must_use]
    pub fn with_ticks(mut self, ticks: &[f64]) -> Self {
        self.ticks = ticks.to_vec();
        self
    }

    /// Where a number is: 0 at the lower end, 1 at the upper.
    fn part(&self, value: f64) -> f64 {
        let part = match self.spread {
            Spread::Linear => (value - self.low) / (self.high - self.low),
            Spread::Log => (value / self.low).ln() / (self.high / self.low).ln(),
        };
        // What lies outside is not drawn far away.
        if part.is_nan() {
            0.0
        } else {
            part.clamp(-0.02, 1.02)
        }
    }

    fn step(&self) -> f64 {
        match (self.spread, self.ticks.as_slice()) {
            (Spread::Linear, [a, b, ..]) => b - a,
            _ => 0.0,
        }
    }
}

/// Multiples of 1, 2 or 5 times a power of ten between two numbers, about five.
fn linear_ticks(low: f64, high: f64) -> Vec<f64> {
    let raw = (high - low) / 5.0;
    if !raw.is_finite() || raw <= 0.0 {
        return Vec::new();
    }
    let power = 10f64.powf(raw.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0]
        .into_iter()
        .map(|m| m * power)
        .find(|s| *s >= raw)
        .unwrap_or(10.0 * power);
    let first = (low / step).ceil();
    (0..20)
        .map(|k| (first + f64::from(k)) * step)
        .take_while(|t| *t <= high + 1e-9 * step)
        .collect()
}

/// Powers of ten between two positive numbers; where these are few, also 2 and 5 times them.
fn log_ticks(low: f64, high: f64) -> Vec<f64> {
    let (first, last) = (low.log10().floor() as i32, high.log10().ceil() as i32);
    let within = |t: &f64| *t >= low * (1.0 - 1e-9) && *t <= high * (1.0 + 1e-9);
    let stride = ((last - first + 6) / 7).max(1);
    let decades: Vec<f64> = (first..=last)
        .filter(|e| e.rem_euclid(stride) == 0)
        .map(|e| 10f64.powi(e))
        .filter(within)
        .collect();
    if decades.len() > 2 {
        return decades;
    }
    let fine: Vec<f64> = (first..=last)
        .flat_map(|e| [1.0, 2.0, 5.0].map(|m| m * 10f64.powi(e)))
        .filter(within)
        .collect();
    if fine.len() > 1 {
        fine
    } else {
        linear_ticks(low, high)
    }
}

/// A number at a tick whose neighbours are `step` away.
pub fn tick_text(value: f64, step: f64) -> String {
    let size = value.abs();
    let text = if value == 0.0 || (step > 0.0 && size < 1e-9 * step) {
        "0".to_owned()
    } else if !(1e-4..1e5).contains(&size) {
        // An exponent, and as many digits before it as tell the ticks apart.
        let digits = if step > 0.0 {
            ((size / step).log10().ceil().max(0.0) as usize).min(9)
        } else {
            0
        };
        let text = format!("{value:.digits$e}");
        match text.split_once('e') {
            Some((mantissa, exponent)) if mantissa.contains('.') => {
                let mantissa = mantissa.trim_end_matches('0').trim_end_matches('.');
                format!("{mantissa}e{exponent}")
            }
            _ => text,
        }
    } else {
        let decimals = if step > 0.0 {
            (-(step.log10() + 1e-9).floor()).max(0.0) as usize
        } else {
            (-size.log10().floor()).max(0.0) as usize
        };
        format!("{value:.decimals$}")
    };
    text.replace('-', "−")
}

/// Room around the frame, in pixels.
const LEFT: f64 = 62.0;
const RIGHT: f64 = 14.0;
const BOTTOM: f64 = 44.0;
const LEGEND_LINE: f64 = 18.0;
/// About how wide a character is.
const CHARACTER: f64 = 6.8;

/// The form of a legend's mark.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub enum Mark {
    /// A stroke.
    Line,
    /// A dot.
    Dot,
    /// A square.
    Box,
}

/// A chart with two axes.
#[derive(Debug)]
pub struct Chart {
    /// The drawing.
    pub svg: Svg,
    x: Axis,
    y: Axis,
    top: f64,
}

impl Chart {
    /// A chart of this size in pixels, with ticks, labels, and a legend of marks with their classes and texts. A size that is taken
    /// up by the legend is added.
    pub fn new(
        size: (f64, f64),
        label: &str,
        x: Axis,
        y: Axis,
        legend: &[(Mark, &str, &str)],
    ) -> Self {
        let room = size.0 - LEFT - RIGHT;
        let mut places = Vec::new();
        let (mut at, mut line) = (0.0, 0.0);
        for (_, _, text) in legend {
            let width = 26.0 + CHARACTER * text.chars().count() as f64 + 14.0;
            if at > 0.0 && at + width > room + 14.0 {
                at = 0.0;
                line += 1.0;
            }
            places.push((LEFT + at, 14.0 + LEGEND_LINE * line));
            at += width;
        }
        let top = if legend.is_empty() {
            10.0
        } else {
            24.0 + LEGEND_LINE * line
        };
        let mut chart = Chart {
            svg: Svg::new(size.0, size.1 + top, label),
            x,
            y,
            top,
        };
        for ((mark, class, text), (left, y)) in legend.iter().zip(places) {
            match mark {
                Mark::Line => chart
                    .svg
                    .line(class, (left, y - 4.0), (left + 20.0, y - 4.0)),
                Mark::Dot => chart
                    .svg
                    .circle(class, (left + 10.0, y - 4.0), 4.5, "", None),
                Mark::Box => chart
                    .svg
                    .rect(class, (left + 4.0, y - 10.0), (12.0, 12.0), ""),
            }
            chart.svg.text("", (left + 26.0, y), Anchor::Start, text);
        }
        chart.frame();
        chart
    }

    fn right(&self) -> f64 {
        self.svg.width - RIGHT
    }

    fn bottom(&self) -> f64 {
        self.svg.height - BOTTOM
    }

    fn frame(&mut self) {
        let (left, right, top, bottom) = (LEFT, self.right(), self.top, self.bottom());
        for t in self.x.ticks.clone() {
            let x = self.at(t, self.y.low).0;
            self.svg.line("grid", (x, top), (x, bottom));
            let text = tick_text(t, self.x.step());
            self.svg
                .text("tick", (x, bottom + 15.0), Anchor::Middle, &text);
        }
        for t in self.y.ticks.clone() {
            let y = self.at(self.x.low, t).1;
            self.svg.line("grid", (left, y), (right, y));
            let text = tick_text(t, self.y.step());
            self.svg
                .text("tick", (left - 6.0, y + 4.0), Anchor::End, &text);
        }
        let corners = [
            (left, top),
            (left, bottom),
            (right, bottom),
            (right, top),
            (left, top),
        ];
        self.svg.polyline("axis", &corners);
        let (label_x, label_y) = (self.x.label.clone(), self.y.label.clone());
        let middle = (0.5 * (left + right), bottom + 34.0);
        self.svg.text("", middle, Anchor::Middle, &label_x);
        self.svg
            .text_upwards("", (13.0, 0.5 * (top + bottom)), &label_y);
    }

    /// Where a pair of numbers is, in pixels.
    pub fn at(&self, x: f64, y: f64) -> Point {
        (
            LEFT + self.x.part(x) * (self.right() - LEFT),
            self.bottom() - self.y.part(y) * (self.bottom() - self.top),
        )
    }

    /// The frame: the upper left corner and the size, in pixels.
    pub fn inside(&self) -> (Point, (f64, f64)) {
        (
            (LEFT, self.top),
            (self.right() - LEFT, self.bottom() - self.top),
        )
    }

    /// Connected lines.
    pub fn line(&mut self, class: &str, points: &[(f64, f64)]) {
        let points: Vec<Point> = points.iter().map(|&(x, y)| self.at(x, y)).collect();
        self.svg.polyline(class, &points);
    }

    /// A value that holds until the next one: levels and then upright lines.
    pub fn steps(&mut self, class: &str, points: &[(f64, f64)]) {
        self.line(class, &staircase(points));
    }

    /// The area between two such staircases over the same places.
    pub fn between(&mut self, class: &str, lower: &[(f64, f64)], upper: &[(f64, f64)]) {
        let mut border = staircase(upper);
        border.extend(staircase(lower).into_iter().rev());
        let border: Vec<Point> = border.iter().map(|&(x, y)| self.at(x, y)).collect();
        self.svg.polygon(class, &border);
    }

    /// A level line across the frame.
    pub fn level(&mut self, class: &str, y: f64) {
        let y = self.at(self.x.low, y).1;
        self.svg.line(class, (LEFT, y), (self.right(), y));
    }

    /// A dot.
    pub fn dot(&mut self, class: &str, at: (f64, f64), r: f64, title: &str) {
        let at = self.at(at.0, at.1);
        self.svg.circle(class, at, r, title, None);
    }
}

fn staircase(points: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let mut out = Vec::with_capacity(2 * points.len());
    for (i, &(x, y)) in points.iter().enumerate() {
        if i > 0 {
            out.push((x, points[i - 1].1));
        }
        out.push((x, y));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_told_apart() {
        for (low, high, texts) in [
            (0.0, 1.0, vec!["0", "0.2", "0.4", "0.6", "0.8", "1.0"]),
            (-3.1, 2.9, vec!["−2", "0", "2"]),
            (0.1331, 0.1339, vec!["0.1332", "0.1334", "0.1336", "0.1338"]),
            (2e7, 4.1e7, vec!["2e7", "2.5e7", "3e7", "3.5e7", "4e7"]),
        ] {
            let axis = Axis::between(low, high, Spread::Linear, "");
            let found: Vec<String> = axis
                .ticks
                .iter()
                .map(|t| tick_text(*t, axis.step()))
                .collect();
            assert_eq!(found, texts);
        }
        let axis = Axis::between(1e-3, 10.0, Spread::Log, "");
        let found: Vec<String> = axis.ticks.iter().map(|t| tick_text(*t, 0.0)).collect();
        assert_eq!(found, ["0.001", "0.01", "0.1", "1", "10"]);
    }

    #[test]
    fn no_numbers_and_odd_numbers_have_an_axis_too() {
        for spread in [Spread::Linear, Spread::Log] {
            for values in [
                vec![],
                vec![0.0],
                vec![f64::NAN, f64::INFINITY, -1.0],
                vec![5.0, 5.0],
                vec![1e-300, 1e300],
                vec![f64::MIN, f64::MAX],
            ] {
                let axis = Axis::over(values.iter().copied(), spread, "x");
                assert!(axis.ticks.len() < 30, "{values:?}");
                let other = Axis::over(values.iter().copied(), spread, "y");
                let chart = Chart::new((300.0, 200.0), "", axis, other, &[]);
                for value in [0.0, 1.0, -1.0, f64::NAN, f64::INFINITY, 1e300] {
                    let (x, y) = chart.at(value, value);
                    assert!(x.is_finite() && y.is_finite(), "{values:?} {value}");
                }
            }
        }
    }
}
