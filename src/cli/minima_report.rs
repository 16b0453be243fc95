//! The local minima as text, as JSON and as files.

use std::fmt::Write;
use std::path::Path;

use num_bigint::BigInt;
use serde_json::{Value, json};

use super::error::UsageError;
use super::report::write_network;
use super::{fixed_width, html};
use crate::exact::polynomial::Algebraic;
use crate::exact::{Rat, Round, f64_to_rat, rat_to_f64, to_decimal};
use crate::files;
use crate::minima::Minima;
use crate::minima::algebraic::ExactNumbers;
use crate::minima::components::{Component, grouped};
use crate::minima::symmetry::Subgroup;
use crate::problem::{Network, Problem};
use crate::report::figures::{self, Minimum};
use crate::report::{Embedded, Page, Proof, Row, Table, Tone, Verdict};

fn integer(x: &BigInt) -> Value {
    serde_json::from_str(&x.to_string()).unwrap_or(Value::Null)
}

fn enclosure(ends: &(Rat, Rat)) -> Value {
    json!([ends.0.to_string(), ends.1.to_string()])
}

fn decimal(ends: &(Rat, Rat), digits: u32) -> String {
    let middle = (&ends.0 + &ends.1) / BigInt::from(2);
    to_decimal(&middle, digits as usize, Round::Nearest)
}

/// A number as its minimal polynomial, highest power first, and an interval with no other root of it.
fn algebraic(x: &Algebraic) -> Value {
    let coefficients: Vec<Value> = x
        .minimal_polynomial()
        .coeffs()
        .iter()
        .rev()
        .map(integer)
        .collect();
    let (low, high) = x.interval();
    json!({
        "minimal_polynomial": coefficients,
        "degree": x.degree(),
        "interval": [low.to_string(), high.to_string()],
    })
}

fn exact(numbers: &ExactNumbers) -> Value {
    json!({
        "value": numbers.value.as_ref().map(algebraic),
        "lengths": numbers.norms.iter().map(|t| t.as_ref().map(algebraic)).collect::<Vec<Option<Value>>>(),
    })
}

fn isotropy(group: &Subgroup, names: &[String]) -> Value {
    json!({
        "order": group.order,
        "group": group.name,
        "generators": group.generators.iter().map(|g| g.name(names)).collect::<Vec<String>>(),
    })
}

fn component_json(component: &Component, digits: u32, names: &[String]) -> Value {
    json!({
        "value": {
            "decimal": decimal(&component.value, digits),
            "enclosure": enclosure(&component.value),
        },
        "dimension": component.dimension,
        "closed": component.closed,
        "global": component.global,
        "dual_certified": component.dual_certified,
        "differentiable": component.differentiable,
        "kink": component.kink,
        "distinct_neurons": component.distinct_neurons(),
        "symmetry": component.isotropy.as_ref().map(|group| isotropy(group, names)),
        "exact": component.exact.as_ref().map(exact),
        "representative": {
            "a": component.output_weights,
            "W": component.hidden_weights,
        },
        "polytope": {
            "directions": component.directions,
            "signs": component.signs,
            "multiplicities": component.multiplicities,
            "lengths": component.lengths.iter().map(enclosure).collect::<Vec<Value>>(),
            "boxes": component.boxes.iter().map(|u| u.iter().map(enclosure).collect::<Vec<Value>>()).collect::<Vec<Vec<Value>>>(),
            "faces": component.faces.iter().map(|face| face_text(face)).collect::<Vec<String>>(),
            "further_directions": component.further,
        },
    })
}

fn face_text(face: &[i8]) -> String {
    face.iter()
        .map(|sign| match sign {
            1 => '+',
            -1 => '-',
            _ => '0',
        })
        .collect()
}

/// The names of the columns, the hidden bias included.
fn column_names(problem: &Problem) -> Vec<String> {
    let mut names = problem.data.features.clone();
    if problem.r() > problem.data.d {
        names.push("bias".to_owned());
    }
    names
}

fn value(problem: &Problem, found: &Minima, digits: u32) -> Value {
    let names = column_names(problem);
    json!({
        "regions": integer(&found.regions),
        "count": found.components.len(),
        "components": found.components.iter().map(|c| component_json(c, digits, &names)).collect::<Vec<Value>>(),
        "decided_regions": integer(&found.decided),
        "undecided": found.undecided.iter().map(|u| json!({
            "regions": integer(&u.regions),
            "reason": u.reason,
            "margin": u.margin,
        })).collect::<Vec<Value>>(),
        "convex_programs": found.solved,
        "seconds": found.seconds,
    })
}

/// The object of `--json`, with that of the proof if there is one.
pub(super) fn json_text(
    problem: &Problem,
    found: &Minima,
    digits: u32,
    proof: Option<Value>,
) -> String {
    let mut value = value(problem, found, digits);
    if let (Value::Object(object), Some(proof)) = (&mut value, proof) {
        object.insert("fixed_width".to_owned(), proof);
    }
    format!("{value:#}\n")
}

fn yes(word: Option<bool>) -> &'static str {
    match word {
        Some(true) => "yes",
        Some(false) => "no",
        None => "?",
    }
}

/// The columns of the table.
const HEADER: [&str; 9] = [
    "value",
    "dim",
    "set",
    "smooth",
    "global",
    "optimal at every width",
    "neurons",
    "symmetry",
    "network: a·φ(w·x)",
];

/// The line of a component.
fn cells(component: &Component, digits: u32) -> Vec<String> {
    vec![
        decimal(&component.value, digits),
        component.dimension.to_string(),
        match (component.dimension, component.closed) {
            (0, _) => "point",
            (_, true) => "closed",
            (_, false) => "half-open",
        }
        .to_owned(),
        match (component.differentiable, component.kink) {
            (Some(true), false) => "yes",
            (Some(true), true) => "yes, on a kink",
            (Some(false), _) => "kink",
            (None, _) => "?",
        }
        .to_owned(),
        yes(component.global).to_owned(),
        yes(component.dual_certified).to_owned(),
        component.distinct_neurons().to_string(),
        component.isotropy.as_ref().map_or("?".to_owned(), |group| {
            if group.order == 1 {
                "-".to_owned()
            } else {
                group.name.clone()
            }
        }),
        network_text(component),
    ]
}

/// The page of `--report`, with the proof at this width if there is one.
pub(super) fn page(
    title: String,
    problem: &Problem,
    found: &Minima,
    digits: u32,
    answer: Option<(&fixed_width::Answer, Embedded)>,
) -> Page {
    let count = found.components.len();
    let complete = found.undecided.is_empty();
    let mut numbers = vec![
        Row::new("connected sets", count.to_string()),
        Row::new(
            "regions",
            format!(
                "{} of {} decided",
                grouped(&found.decided),
                grouped(&found.regions)
            ),
        ),
    ];
    if let Some(lowest) = found.components.first() {
        let (low, high) = &lowest.value;
        numbers.push(Row {
            exact: Some(format!("between {low} and {high}")),
            ..Row::new("lowest value", decimal(&lowest.value, digits))
        });
    }
    let notes = found
        .undecided
        .iter()
        .map(|u| format!("undecided: {} regions: {}", grouped(&u.regions), u.reason))
        .collect();
    let minima: Vec<Minimum> = found
        .components
        .iter()
        .map(|c| Minimum {
            value: rat_to_f64(&((&c.value.0 + &c.value.1) / BigInt::from(2))),
            dimension: c.dimension,
            global: c.global == Some(true),
            certified: c.dual_certified == Some(true),
        })
        .collect();
    let mut figures: Vec<_> = figures::minima(&minima).into_iter().collect();
    if let Some(lowest) = found.components.first() {
        let network = network(lowest, problem.r() > problem.data.d);
        figures.extend(html::network_figures(problem, None, Some(&network), &[]));
    }
    let proof = answer.map(|(answer, embedded)| {
        numbers.extend(answer.rows());
        let width = answer.proof.width;
        let tolerance = fixed_width::minima_tolerance();
        Proof::only(answer.claim(problem, false, width, &tolerance), embedded)
    });
    let enclosures = found
        .components
        .iter()
        .enumerate()
        .map(|(k, c)| {
            vec![
                (k + 1).to_string(),
                c.value.0.to_string(),
                c.value.1.to_string(),
            ]
        })
        .collect();
    Page {
        command: "minima",
        title,
        verdict: Some(Verdict {
            tone: if complete { Tone::Plain } else { Tone::Open },
            word: format!(
                "{count} connected set{} of local minima",
                if count == 1 { "" } else { "s" }
            ),
            sentence: if complete {
                "Proven: these are all, up to permutations of the neurons; every value is enclosed by exact fractions."
            } else {
                "These are proven; the regions named below are undecided and may hold more."
            }
            .to_owned(),
        }),
        statement: html::statement(problem),
        numbers,
        notes,
        figures,
        tables: vec![
            Table {
                title: "Local minima".to_owned(),
                head: HEADER.map(str::to_owned).to_vec(),
                rows: found.components.iter().map(|c| cells(c, digits)).collect(),
            },
            Table {
                title: "Their values, enclosed".to_owned(),
                head: ["set", "at least", "at most"].map(str::to_owned).to_vec(),
                rows: enclosures,
            },
        ],
        proofs: proof.into_iter().collect(),
    }
}

pub(super) fn plain_text(problem: &Problem, found: &Minima, width: usize, digits: u32) -> String {
    let mut out = String::new();
    let _ = writeln!(
        out,
        "{} samples, {} columns{}, width {width}: {} regions of {} cells, {} decided",
        problem.n(),
        problem.r(),
        if problem.r() > problem.data.d {
            " with the hidden bias"
        } else {
            ""
        },
        grouped(&found.regions),
        found.cells,
        grouped(&found.decided),
    );
    let count = found.components.len();
    let _ = writeln!(
        out,
        "{count} connected set{} of local minima, up to permutations of the neurons",
        if count == 1 { "" } else { "s" }
    );
    let mut rows: Vec<Vec<String>> = vec![HEADER.iter().map(|x| (*x).to_owned()).collect()];
    rows.extend(found.components.iter().map(|c| cells(c, digits)));
    let widths: Vec<usize> = (0..HEADER.len())
        .map(|j| {
            rows.iter()
                .map(|row| row[j].chars().count())
                .max()
                .unwrap_or(0)
        })
        .collect();
    for row in &rows {
        let mut line = String::new();
        for (j, cell) in row.iter().enumerate() {
            if j > 0 {
                line.push_str("  ");
            }
            line.push_str(cell);
            if j + 1 < row.len() {
                line.extend(std::iter::repeat_n(' ', widths[j] - cell.chars().count()));
            }
        }
        let _ = writeln!(out, "{line}");
    }
    for undecided in &found.undecided {
        let _ = write!(out, "undecided: ");
        if undecided.regions > BigInt::from(0) {
            let _ = write!(out, "{} regions: ", grouped(&undecided.regions));
        }
        let _ = write!(out, "{}", undecided.reason);
        if undecided.margin > 0.0 {
            let _ = write!(out, " (margin {:.1e} of β)", undecided.margin);
        }
        out.push('\n');
    }
    let _ = writeln!(
        out,
        "{} convex programs, {:.3} s; every value is enclosed by exact rationals (--json)",
        found.solved, found.seconds
    );
    out
}

fn network_text(component: &Component) -> String {
    if component.output_weights.iter().all(|a| *a == 0.0) {
        return "0".to_owned();
    }
    component
        .output_weights
        .iter()
        .zip(&component.hidden_weights)
        .map(|(a, w)| {
            let w: Vec<String> = w.iter().map(|x| format!("{x:.5}")).collect();
            format!("{a:+.5}·φ({})", w.join(", "))
        })
        .collect::<Vec<String>>()
        .join(" ")
}

fn rats(values: &[f64]) -> Vec<Rat> {
    values
        .iter()
        .map(|x| f64_to_rat(*x).unwrap_or_default())
        .collect()
}

/// The representative of a component as a network file's content.
pub(super) fn network(component: &Component, bias: bool) -> Network {
    let mut hidden_weights: Vec<Vec<Rat>> =
        component.hidden_weights.iter().map(|w| rats(w)).collect();
    let hidden_bias = bias.then(|| {
        hidden_weights
            .iter_mut()
            .map(|w| w.pop().unwrap_or_default())
            .collect()
    });
    Network {
        hidden_weights,
        hidden_bias,
        output_weights: rats(&component.output_weights),
        output_bias: None,
    }
}

/// Writes minima.json and a network file for each component.
pub(super) fn write(
    folder: &Path,
    problem: &Problem,
    found: &Minima,
    digits: u32,
    bias: bool,
) -> miette::Result<()> {
    let table = folder.join("minima.json");
    let unwritable = |path: &Path| {
        let path = path.to_owned();
        move |source| UsageError::Unwritable {
            flag: "--out",
            path,
            source,
        }
    };
    files::write_atomically(&table, |out| {
        out.write_all(format!("{:#}\n", value(problem, found, digits)).as_bytes())
    })
    .map_err(unwritable(&table))?;
    for (i, component) in found.components.iter().enumerate() {
        let path = folder.join(format!("minimum-{:03}.json", i + 1));
        write_network(&path, &network(component, bias), true)?;
    }
    Ok(())
}
