//! The neurons' sizes.

use super::{HEIGHT, Shown, WIDTH, decayed, neurons, short};
use crate::problem::Problem;
use crate::report::chart::{Axis, Chart, Mark, Spread};
use crate::report::svg::{Figure, Svg};

/// Most neurons that are drawn.
const MOST: usize = 60;

/// |α|·ρ(w, b) of the neurons of these networks, the largest first; `None` if there are no neurons.
pub fn norms(problem: &Problem, shown: &[Shown]) -> Option<Figure> {
    if shown.iter().all(|s| s.network.width() == 0) {
        return None;
    }
    let part = decayed(problem);
    let sizes: Vec<Vec<(f64, f64)>> = shown
        .iter()
        .map(|s| {
            let mut sizes: Vec<(f64, f64)> = neurons(s.network)
                .iter()
                .map(|k| {
                    let square: f64 = k.hidden[..part].iter().map(|x| x * x).sum();
                    (k.output.abs() * square.sqrt(), k.output)
                })
                .filter(|size| size.0.is_finite())
                .collect();
            sizes.sort_by(|a, b| b.0.total_cmp(&a.0));
            sizes
        })
        .collect();
    let most = sizes
        .iter()
        .flatten()
        .map(|s| s.0)
        .fold(f64::MIN_POSITIVE, f64::max);
    let panels: Vec<Svg> = shown
        .iter()
        .zip(&sizes)
        .filter(|(_, sizes)| !sizes.is_empty())
        .map(|(s, sizes)| bars(s, sizes, most))
        .collect();
    Some(Figure {
        name: "norms",
        title: "Neurons".to_owned(),
        caption: "The size |α|·ρ of each neuron: the length ρ of its decayed hidden weights times its output weight, which is its part in the penalty where \
                  the two are balanced, as they are at every minimum."
            .to_owned(),
        panels,
    })
}

fn bars(shown: &Shown, sizes: &[(f64, f64)], most: f64) -> Svg {
    let count = sizes.len().min(MOST);
    let some = if count < sizes.len() {
        format!(" (the largest {count} of {})", sizes.len())
    } else {
        String::new()
    };
    let label = format!("{}{some}", shown.name);
    let mut chart = Chart::new(
        (WIDTH, 0.8 * HEIGHT),
        &format!("the sizes of the neurons of the {}", shown.name),
        Axis::between(0.3, count as f64 + 0.7, Spread::Linear, &label).whole(),
        Axis::between(0.0, 1.05 * most, Spread::Linear, "|α|·ρ"),
        &[(Mark::Box, "p1", "α > 0"), (Mark::Box, "p2", "α < 0")],
    );
    for (k, (size, output)) in sizes.iter().take(count).enumerate() {
        let place = (k + 1) as f64;
        let (left, top) = chart.at(place - 0.36, *size);
        let (right, bottom) = chart.at(place + 0.36, 0.0);
        let class = if *output > 0.0 { "p1" } else { "p2" };
        let title = format!("neuron {}: |α|·ρ = {}", k + 1, short(*size));
        chart
            .svg
            .rect(class, (left, top), (right - left, bottom - top), &title);
    }
    chart.svg
}
