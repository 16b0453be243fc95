//! The page of a path's report.

use super::super::error::UsageError;
use super::super::html::{self, ReportArgs};
use super::table::{COLUMNS, Table, pasteable};
use crate::exact::{Rat, Round, to_decimal};
use crate::report::{Page, Proof, Row, Table as Grid, Tone, Verdict as Badge};
use crate::run::{PathPoint, Verdict};

impl Table<'_> {
    /// The proofs for the page, the points with the largest λ first, as many as its limit allows.
    pub(super) fn proofs(
        &self,
        points: &[PathPoint],
        tolerance: &Rat,
        report: &ReportArgs,
    ) -> Result<Vec<Proof>, UsageError> {
        let mut left = report.report_proof;
        let mut proofs = Vec::new();
        for point in points {
            // A point that was stopped early may have none.
            let Some(written) = &point.certificate.proof else {
                continue;
            };
            let mut at = self.problem.clone();
            at.decay = point.decay.clone();
            proofs.push(Proof {
                label: format!("λ = {}", pasteable(point.decay.lambda())),
                claim: html::claim(&at, &point.certificate, tolerance),
                file: report.embedded_file(&written.path, &mut left)?,
            });
        }
        Ok(proofs)
    }

    /// The page of `--report`.
    pub(super) fn page(
        &self,
        title: String,
        points: &[PathPoint],
        complete: bool,
        proofs: Vec<Proof>,
    ) -> Page {
        let max = to_decimal(&self.max.upper, 12, Round::Up);
        let mut numbers = vec![
            Row::new("points", points.len().to_string()),
            Row::new("λ is that of", format!("--{}", self.kind.word())),
            Row::exact(
                "λ_max",
                format!("at most {max}: no hidden neuron is needed from there on"),
                &self.max.upper,
            ),
        ];
        let all = points
            .iter()
            .all(|p| p.certificate.verdict == Verdict::Optimal);
        if !complete {
            numbers.push(Row::new("", "the path was stopped before its end"));
        }
        let verdict = if complete && all {
            Badge {
                tone: Tone::Good,
                word: "✓ optimal at every point".to_owned(),
                sentence: "At each λ the network found is proven to be within the tolerance of the optimum over networks of every width.".to_owned(),
            }
        } else {
            Badge {
                tone: Tone::Open,
                word: "? undecided at some points".to_owned(),
                sentence: "Every lower bound is proven, but not every gap is within the tolerance, or the path was stopped.".to_owned(),
            }
        };
        let rows = points
            .iter()
            .map(|p| self.cells(p).map(|cell| cell.trim().to_owned()).to_vec())
            .collect();
        // The penalty of the problem itself stands for none of the points.
        let statement = html::statement(self.problem)
            .into_iter()
            .filter(|row| !matches!(row.name.as_str(), "objective" | "β"))
            .collect();
        Page {
            command: "solve --path",
            title,
            verdict: Some(verdict),
            statement,
            numbers,
            notes: Vec::new(),
            figures: html::path_figure(points).into_iter().collect(),
            tables: vec![Grid {
                title: "Points".to_owned(),
                head: COLUMNS.map(|column| column.0.to_owned()).to_vec(),
                rows,
            }],
            proofs,
        }
    }
}
