//! The table of a path, as text, CSV and JSON.

use std::fmt::Write as _;
use std::path::Path;

use num_bigint::BigInt;
use num_traits::Signed;
use serde_json::{Value, json};

use super::super::report::{self, figure, statement, written};
use super::FormatArg;
use super::asked::Kind;
use crate::exact::{Rat, Round, rat_to_f64, to_decimal, to_exact_decimal};
use crate::problem::Problem;
use crate::run::{BetaMax, PathPoint, Verdict};

/// λ_max in the path's convention, as far as it is known.
pub(super) struct Max {
    pub(super) found: BetaMax,
    pub(super) lower: Rat,
    pub(super) upper: Rat,
}

impl Max {
    /// λ/λ_max, if the enclosure says it to 6 digits.
    fn ratio(&self, lambda: &Rat) -> Option<Rat> {
        let narrow = self.lower.is_positive()
            && (&self.upper - &self.lower) * BigInt::from(2_000_000) <= self.lower;
        narrow.then(|| lambda * BigInt::from(2) / (&self.lower + &self.upper))
    }
}

/// Everything a table says besides its points.
pub(super) struct Table<'a> {
    pub(super) problem: &'a Problem,
    pub(super) kind: Kind,
    pub(super) lambdas: &'a [Rat],
    pub(super) max: &'a Max,
    /// Whether proofs were asked for, besides those of a report.
    pub(super) has_proofs: bool,
}

/// λ as it can be given to `--weight-decay` or `--ridge`: exactly.
pub(super) fn pasteable(lambda: &Rat) -> String {
    to_exact_decimal(lambda).unwrap_or_else(|| lambda.to_string())
}

/// The columns of the text table: name and width.
pub(super) const COLUMNS: [(&str, usize); 9] = [
    ("λ", 14),
    ("λ/λ_max", 10),
    ("width", 7),
    ("train error", 13),
    ("‖θ‖²", 13),
    ("objective", 20),
    ("lower bound", 20),
    ("rel. gap", 10),
    ("verdict", 11),
];

fn columns(cells: &[String; 9]) -> String {
    let mut line = String::new();
    for (cell, (_, width)) in cells.iter().zip(COLUMNS) {
        // Writing to a String cannot fail.
        let _ = write!(line, "{cell:>width$}");
        if cell.chars().count() >= width {
            line.push(' ');
        }
    }
    line.truncate(line.trim_end().len());
    line.push('\n');
    line
}

impl Table<'_> {
    pub(super) fn text(&self, points: &[PathPoint], complete: bool, format: FormatArg) -> String {
        match format {
            FormatArg::Text => {
                let lines: String = points.iter().map(|p| self.line(p)).collect();
                self.head() + &lines + &self.foot(points, complete, None)
            }
            FormatArg::Csv => self.csv(points, complete),
            FormatArg::Json => self.json(points, complete),
        }
    }

    pub(super) fn head(&self) -> String {
        let problem = self.problem;
        let penalty = match self.kind {
            Kind::WeightDecay => "(λ/2)·‖θ‖²",
            Kind::Ridge => "λ·‖θ‖²",
        };
        let (first, last) = (&self.lambdas[0], &self.lambdas[self.lambdas.len() - 1]);
        let max = match (self.max.lower == self.max.upper, self.max.found.stopped) {
            (true, _) => to_decimal(&self.max.upper, 12, Round::Nearest),
            (false, stopped) => format!(
                "between {} and {}{}",
                to_decimal(&self.max.lower, 12, Round::Down),
                to_decimal(&self.max.upper, 12, Round::Up),
                if stopped {
                    " (the search for it was stopped)"
                } else {
                    ""
                }
            ),
        };
        let mut text = String::new();
        // Writing to a String cannot fail.
        let _ = writeln!(
            text,
            "problem      {} samples, {} features ({}) → {}; hidden bias {}, output bias {}",
            problem.n(),
            problem.data.d,
            problem.data.features.join(", "),
            problem.data.target,
            problem.hidden_bias,
            problem.output_bias
        );
        let _ = writeln!(
            text,
            "objective    {} loss + {penalty}, as with --{} λ",
            problem.loss,
            self.kind.word()
        );
        let _ = writeln!(
            text,
            "path         {} points from λ = {} to {}, evenly spaced in log λ",
            self.lambdas.len(),
            pasteable(first),
            pasteable(last)
        );
        let _ = writeln!(
            text,
            "λ_max        {max}: no hidden neuron is needed from there on"
        );
        let names = COLUMNS.map(|(name, _)| name.to_owned());
        text + &columns(&names)
    }

    pub(super) fn line(&self, point: &PathPoint) -> String {
        columns(&self.cells(point))
    }

    pub(super) fn cells(&self, point: &PathPoint) -> [String; 9] {
        let certificate = &point.certificate;
        let lambda = point.decay.lambda();
        let ratio = self.max.ratio(lambda);
        [
            pasteable(lambda),
            ratio.map_or_else(|| "?".to_owned(), |r| to_decimal(&r, 4, Round::Nearest)),
            certificate.width.to_string(),
            to_decimal(&point.train_error, 6, Round::Nearest),
            to_decimal(&point.squared_norm, 6, Round::Nearest),
            to_decimal(&certificate.objective, 13, Round::Up),
            to_decimal(&certificate.lower_bound, 13, Round::Down),
            to_decimal(&certificate.relative_gap(), 2, Round::Up),
            certificate.verdict.word().to_owned(),
        ]
    }

    pub(super) fn foot(
        &self,
        points: &[PathPoint],
        complete: bool,
        proofs: Option<&Path>,
    ) -> String {
        let mut text = String::new();
        let open = points
            .iter()
            .filter(|p| p.certificate.verdict != Verdict::Optimal)
            .count();
        // Writing to a String cannot fail.
        if !complete {
            let _ = writeln!(
                text,
                "incomplete: {} of {} points; the path was stopped",
                points.len(),
                self.lambdas.len()
            );
        }
        if open > 0 {
            let _ = writeln!(
                text,
                "note: {open} of the brackets are wider than the tolerance; all of them hold"
            );
        }
        let mut notes: Vec<&String> = points.iter().flat_map(|p| &p.certificate.notes).collect();
        notes.dedup();
        for note in notes {
            let _ = writeln!(text, "note: {note}");
        }
        let written: Vec<_> = points
            .iter()
            .filter_map(|p| p.certificate.proof.as_ref())
            .collect();
        if let (Some(folder), Some(first)) = (proofs, written.first()) {
            let name = |path: &Path| path.file_name().unwrap_or_default().display().to_string();
            let _ = writeln!(
                text,
                "proofs       {} in {}, the first one {}",
                written.len(),
                folder.display(),
                name(&first.path)
            );
        }
        text
    }

    fn csv(&self, points: &[PathPoint], complete: bool) -> String {
        let mut text = "decay,lambda,lambda_over_max,width,objective,lower_bound,relative_gap,\
             train_error,penalty,squared_norm,verdict,path_complete\n"
            .to_owned();
        for point in points {
            let certificate = &point.certificate;
            let lambda = point.decay.lambda();
            let ratio = self.max.ratio(lambda);
            let cells = [
                self.kind.word().to_owned(),
                pasteable(lambda),
                ratio.map_or_else(String::new, |r| to_decimal(&r, 6, Round::Nearest)),
                certificate.width.to_string(),
                to_decimal(&certificate.objective, 17, Round::Up),
                to_decimal(&certificate.lower_bound, 17, Round::Down),
                to_decimal(&certificate.relative_gap(), 3, Round::Up),
                to_decimal(&point.train_error, 17, Round::Nearest),
                to_decimal(&point.penalty(), 17, Round::Nearest),
                to_decimal(&point.squared_norm, 17, Round::Nearest),
                certificate.verdict.word().to_owned(),
                complete.to_string(),
            ];
            text += &cells.join(",");
            text.push('\n');
        }
        text
    }

    fn json(&self, points: &[PathPoint], complete: bool) -> String {
        let rank = points.first().map(|p| p.certificate.rank);
        let list: Vec<Value> = points
            .iter()
            .map(|point| {
                let certificate = &point.certificate;
                let lambda = point.decay.lambda();
                let mut at = self.problem.clone();
                at.decay = point.decay.clone();
                json!({
                    "lambda": figure(lambda, Round::Nearest),
                    "lambda_over_max": self.max.ratio(lambda).map(|r| rat_to_f64(&r)),
                    "width": certificate.width,
                    "objective": figure(&certificate.objective, Round::Nearest),
                    "lower_bound": figure(&certificate.lower_bound, Round::Down),
                    "relative_gap": rat_to_f64(&certificate.relative_gap()),
                    "train_error": figure(&point.train_error, Round::Nearest),
                    "penalty": figure(&point.penalty(), Round::Nearest),
                    "squared_norm": figure(&point.squared_norm, Round::Nearest),
                    "verdict": certificate.verdict.word(),
                    "notes": certificate.notes,
                    "proof": certificate.proof.as_ref().filter(|_| self.has_proofs).map(written),
                    "sha256": at.statement_sha256(),
                })
            })
            .collect();
        let mut problem = statement(self.problem, rank.unwrap_or(0));
        if let Some(fields) = problem.as_object_mut() {
            // These belong to a point.
            for field in ["beta", "sha256"] {
                fields.remove(field);
            }
            if rank.is_none() {
                fields.insert("rank".to_owned(), Value::Null);
            }
        }
        let value = json!({
            "decay": self.kind.word(),
            "lambda_max": {
                "lower": report::exact(&self.max.lower),
                "upper": report::exact(&self.max.upper),
                "stopped": self.max.found.stopped,
            },
            "lambdas": self.lambdas.iter().map(report::exact).collect::<Vec<_>>(),
            "complete": complete,
            "points": list,
            "problem": problem,
        });
        format!("{value:#}\n")
    }
}
