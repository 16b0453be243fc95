//! `--report` and `--plot`: what the commands found, as a page or a figure.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use tempfile::TempDir;

use super::args::Named;
use super::error::UsageError;
use super::report::{neurons, penalty};
use crate::exact::{Rat, Round, rat_to_f64, to_decimal, to_exact_decimal};
use crate::files;
use crate::problem::{Network, Problem};
use crate::report::figures::{self, Shown};
use crate::report::{Claim, Embedded, Figure, Page, Proof, Row, Table, Tone, Verdict, embed};
use crate::run::{self, Certificate};

/// The name of a proof that is made for a page only.
const OWN_PROOF: &str = "relucert.proof.gz";

/// Reports and figures.
#[derive(Debug, Args)]
#[command(next_help_heading = "Report")]
pub(super) struct ReportArgs {
    /// Write a report to this file: one HTML page with the result, figures, exact numbers, and the proof with a checker that runs in the browser
    #[arg(long, value_name = "FILE")]
    pub report: Option<PathBuf>,
    /// Leave the proof out of the report if it has more bytes than this (compressed)
    #[arg(long, value_name = "BYTES", default_value_t = 2_000_000)]
    pub report_proof: u64,
    /// Write a figure to this file, .svg or .png
    #[arg(long, value_name = "FILE")]
    pub plot: Option<PathBuf>,
    /// Which figure [default: the first one there is]
    #[arg(long, value_name = "NAME", requires = "plot")]
    pub figure: Option<FigureArg>,
}

/// A figure by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum FigureArg {
    /// Data and fit (one or two features)
    Fit,
    /// |F_v(u)|/β over all directions (two or three entries u, the hidden bias included)
    Dual,
    /// The cells of the arrangement (one to three entries)
    Cells,
    /// The sizes of the neurons
    Norms,
    /// How the bracket closed over time
    Bracket,
    /// The regularisation path
    Path,
    /// Local minima by value and dimension
    Minima,
}

impl FigureArg {
    fn name(self) -> &'static str {
        match self {
            FigureArg::Fit => "fit",
            FigureArg::Dual => "dual",
            FigureArg::Cells => "cells",
            FigureArg::Norms => "norms",
            FigureArg::Bracket => "bracket",
            FigureArg::Path => "path",
            FigureArg::Minima => "minima",
        }
    }
}

/// A proof that is written for the page alone; the folder goes when this is dropped.
pub(super) struct OwnProof {
    folder: TempDir,
}

impl OwnProof {
    pub(super) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(super) fn path(&self) -> PathBuf {
        self.folder.path().join(OWN_PROOF)
    }
}

impl ReportArgs {
    /// Whether anything is asked for.
    pub(super) fn wanted(&self) -> bool {
        self.report.is_some() || self.plot.is_some()
    }

    /// The files that are written.
    pub(super) fn outputs(&self) -> impl Iterator<Item = Named<'_>> {
        let report = self.report.as_deref().map(|path| ("--report", path));
        report
            .into_iter()
            .chain(self.plot.as_deref().map(|path| ("--plot", path)))
    }

    /// Whether the plot can be made, as far as that is known before the work: its format, and the figure asked for among those that the command has.
    pub(super) fn check(&self, has: &[FigureArg]) -> Result<(), UsageError> {
        let Some(path) = &self.plot else {
            return Ok(());
        };
        let ending = path.extension().and_then(|e| e.to_str());
        match ending.map(str::to_ascii_lowercase).as_deref() {
            Some("svg") => {}
            Some("png") if cfg!(feature = "png") => {}
            Some("png") => return Err(UsageError::WithoutPng),
            _ => return Err(UsageError::PlotFormat { path: path.clone() }),
        }
        match self.figure {
            Some(figure) if !has.contains(&figure) => Err(UsageError::NoFigure {
                name: figure.name(),
                others: names(has),
            }),
            _ => Ok(()),
        }
    }

    /// Where a proof goes that the user did not ask for, if the page can hold one.
    pub(super) fn own_proof(&self, asked: Option<&Path>) -> Result<Option<OwnProof>, UsageError> {
        if self.report.is_none() || asked.is_some() || self.report_proof == 0 {
            return Ok(None);
        }
        let folder = tempfile::tempdir().map_err(|source| UsageError::Unwritable {
            flag: "--report",
            path: std::env::temp_dir(),
            source,
        })?;
        Ok(Some(OwnProof { folder }))
    }

    /// The proof for the page.
    pub(super) fn embedded(
        &self,
        asked: Option<&Path>,
        own: Option<&OwnProof>,
    ) -> Result<Embedded, UsageError> {
        let (path, name) = match (asked, own) {
            _ if self.report.is_none() => return Ok(Embedded::Absent),
            (Some(path), _) => (path.to_owned(), file_name(path)),
            (None, Some(own)) => (own.path(), OWN_PROOF.to_owned()),
            (None, None) => return Ok(Embedded::Absent),
        };
        // A proof that went into a pipe cannot be read again.
        if !path.is_file() {
            return Ok(Embedded::Absent);
        }
        embed(&path, &name, self.report_proof)
            .map_err(|source| UsageError::Unreadable { path, source })
    }

    /// A file for the page, if `left` bytes are enough for it (compressed), which are then fewer.
    pub(super) fn embedded_file(
        &self,
        path: &Path,
        left: &mut u64,
    ) -> Result<Embedded, UsageError> {
        if self.report.is_none() || self.report_proof == 0 || !path.is_file() {
            return Ok(Embedded::Absent);
        }
        let file = embed(path, &file_name(path), *left).map_err(|source| {
            let path = path.to_owned();
            UsageError::Unreadable { path, source }
        })?;
        if let Embedded::Proof { gzip, .. } = &file {
            *left = left.saturating_sub(gzip.len() as u64);
        }
        Ok(file)
    }

    /// Writes what is asked for.
    pub(super) fn write(&self, page: &Page, quiet: bool) -> miette::Result<()> {
        if let Some(path) = &self.report {
            save("--report", path, page.html().as_bytes())?;
        }
        let Some(path) = &self.plot else {
            return Ok(());
        };
        let figure = match self.figure {
            None => page.figures.first(),
            Some(asked) => page.figures.iter().find(|f| f.name == asked.name()),
        };
        match figure {
            Some(figure) => save("--plot", path, &drawn(figure, path)?),
            None => {
                if !quiet {
                    eprintln!(
                        "note: this result has no such figure; {} is not written",
                        path.display()
                    );
                }
                Ok(())
            }
        }
    }
}

fn names(figures: &[FigureArg]) -> String {
    let names: Vec<&str> = figures.iter().map(|f| f.name()).collect();
    names.join(", ")
}

fn save(flag: &'static str, path: &Path, bytes: &[u8]) -> miette::Result<()> {
    files::write_atomically(path, |out| out.write_all(bytes)).map_err(|source| {
        UsageError::Unwritable {
            flag,
            path: path.to_owned(),
            source,
        }
        .into()
    })
}

#[cfg(feature = "png")]
fn drawn(figure: &Figure, path: &Path) -> miette::Result<Vec<u8>> {
    if path
        .extension()
        .is_some_and(|e| e.eq_ignore_ascii_case("png"))
    {
        return Ok(crate::report::raster::png(figure).map_err(|e| UsageError::Png(e.to_string()))?);
    }
    Ok(figure.standalone().into_bytes())
}

#[cfg(not(feature = "png"))]
#[allow(clippy::unnecessary_wraps)]
fn drawn(figure: &Figure, _: &Path) -> miette::Result<Vec<u8>> {
    Ok(figure.standalone().into_bytes())
}

/// The last part of a path: the folders are nobody's business.
pub(super) fn file_name(path: &Path) -> String {
    path.file_name()
        .map_or_else(String::new, |name| name.to_string_lossy().into_owned())
}

/// The figures that a problem's size allows.
pub(super) fn possible(problem: &Problem) -> Vec<FigureArg> {
    let mut figures = Vec::new();
    if problem.data.d <= 2 && problem.rows() == problem.n() {
        figures.push(FigureArg::Fit);
    }
    if (2..=3).contains(&problem.r()) {
        figures.push(FigureArg::Dual);
    }
    if (1..=3).contains(&problem.r()) {
        figures.push(FigureArg::Cells);
    }
    figures.extend([FigureArg::Norms, FigureArg::Bracket]);
    figures
}

/// Names, not too many of them.
fn list(names: &[String]) -> String {
    const MOST: usize = 30;
    let shown = names.iter().take(MOST).cloned().collect::<Vec<_>>();
    let rest = names.len().saturating_sub(MOST);
    if rest == 0 {
        shown.join(", ")
    } else {
        format!("{} and {rest} more", shown.join(", "))
    }
}

/// The lines about the problem.
pub(super) fn statement(problem: &Problem) -> Vec<Row> {
    let data = &problem.data;
    let samples = if problem.rows() == problem.n() {
        format!("{}", problem.n())
    } else {
        format!("{} ({} rows)", problem.n(), problem.rows())
    };
    let (low, high) = (&problem.activation.low, &problem.activation.high);
    let slope = |s: &Rat| to_decimal(s, 6, Round::Nearest);
    vec![
        Row::new("data", file_name(Path::new(&data.source))),
        Row::new("samples", samples),
        Row::new("features", format!("{}: {}", data.d, list(&data.features))),
        Row::new("target", data.target.clone()),
        Row::new(
            "activation",
            format!("max({}·t, {}·t)", slope(low), slope(high)),
        ),
        Row::new("hidden bias", problem.hidden_bias.to_string()),
        Row::new("output bias", problem.output_bias.to_string()),
        Row::exact(
            "objective",
            format!("{} loss + {}", problem.loss, penalty(problem)),
            problem.decay.lambda(),
        ),
        Row::exact(
            "β",
            to_decimal(&problem.beta(), 12, Round::Nearest),
            &problem.beta(),
        ),
    ]
}

/// The figures that show networks: the given one, and the best if there is a better one.
pub(super) fn network_figures(
    problem: &Problem,
    given: Option<&Network>,
    best: Option<&Network>,
    dual: &[f64],
) -> Vec<Figure> {
    let shown = |name: &str, network| Shown {
        name: name.to_owned(),
        network,
    };
    let mut networks = Vec::new();
    networks.extend(given.map(|network| shown("given network", network)));
    networks.extend(best.map(|network| shown("best network", network)));
    let last = networks.last();
    let mut all = Vec::new();
    all.extend(figures::fit(problem, &networks));
    all.extend(figures::dual(problem, dual, last));
    all.extend(figures::norms(problem, &networks));
    all.extend(cell_figure(problem, last));
    all
}

fn cell_figure(problem: &Problem, shown: Option<&Shown>) -> Option<Figure> {
    let mut names = problem.data.features.clone();
    if problem.r() > problem.data.d {
        names.push("bias".to_owned());
    }
    figures::fan(&problem.x_f64(), &names, shown)
}

/// A value and what it is exactly.
pub(super) fn figure_row(name: &str, value: &Rat, round: Round) -> Row {
    Row::exact(name, to_decimal(value, 17, round), value)
}

/// The numbers of a network, exactly; nothing for one with very many of them.
pub(super) fn network_table(problem: &Problem, network: &Network, title: &str) -> Option<Table> {
    const MOST: usize = 1000;
    let width = network.width();
    if width == 0 || width * (problem.r() + 1) > MOST {
        return None;
    }
    let exact = |value: &Rat| to_exact_decimal(value).unwrap_or_else(|| value.to_string());
    let weight = |name: &String| format!("weight of {name}");
    let bias = network.hidden_bias.as_ref();
    let mut head = vec!["neuron".to_owned(), "output weight".to_owned()];
    head.extend(problem.data.features.iter().map(weight));
    head.extend(bias.map(|_| "hidden bias".to_owned()));
    let rows = (0..width)
        .map(|k| {
            let hidden = network.hidden_weights[k].iter().chain(bias.map(|b| &b[k]));
            let numbers = std::iter::once(&network.output_weights[k]).chain(hidden);
            std::iter::once((k + 1).to_string())
                .chain(numbers.map(exact))
                .collect()
        })
        .collect();
    let constant = network.output_bias.as_ref();
    Some(Table {
        title: match constant {
            Some(c) => format!("{title}, exactly (output bias {})", exact(c)),
            None => format!("{title}, exactly"),
        },
        head,
        rows,
    })
}

/// What the proof of a certificate claims.
pub(super) fn claim(problem: &Problem, certificate: &Certificate, tolerance: &Rat) -> Claim {
    let mut networks = Vec::new();
    if certificate.given {
        networks.push(("given", certificate.width, certificate.objective.clone()));
    }
    if certificate.best.is_some() {
        networks.push((
            "best",
            certificate.best_width,
            certificate.upper_bound.clone(),
        ));
    }
    Claim {
        sha256: problem.statement_sha256(),
        bound: certificate.lower_bound.clone(),
        width: None,
        verdict: certificate.verdict.word(),
        tolerance: tolerance.clone(),
        networks,
    }
}

/// The page of `certify` or `solve`.
pub(super) fn certificate(
    command: &'static str,
    title: String,
    problem: &Problem,
    given: Option<&Network>,
    certificate: &Certificate,
    tolerance: &Rat,
    proof: Embedded,
) -> Page {
    let gap = to_decimal(&certificate.relative_gap(), 3, Round::Up);
    let verdict = match certificate.verdict {
        run::Verdict::Optimal => Verdict {
            tone: Tone::Good,
            word: "✓ optimal".to_owned(),
            sentence: format!(
                "Proven: no network of any width is lower by more than {gap} of the objective."
            ),
        },
        run::Verdict::NotOptimal => Verdict {
            tone: Tone::Bad,
            word: "✗ not optimal".to_owned(),
            sentence: format!(
                "A network of {} reaches {}.",
                neurons(certificate.best_width),
                to_decimal(&certificate.upper_bound, 17, Round::Up)
            ),
        },
        run::Verdict::Undecided => Verdict {
            tone: Tone::Open,
            word: "? undecided".to_owned(),
            sentence: "The bound holds, but the gap is larger than the tolerance, and no better network of this width was found."
                .to_owned(),
        },
    };
    let subject = if certificate.given {
        "given network"
    } else {
        "network"
    };
    let mut numbers = vec![
        figure_row(
            &format!("objective ({subject}, {})", neurons(certificate.width)),
            &certificate.objective,
            Round::Nearest,
        ),
        Row::exact(
            "lower bound",
            format!(
                "{} proven for every network of every width",
                to_decimal(&certificate.lower_bound, 17, Round::Down)
            ),
            &certificate.lower_bound,
        ),
    ];
    if certificate.upper_bound < certificate.objective {
        numbers.push(figure_row(
            &format!("best network ({})", neurons(certificate.best_width)),
            &certificate.upper_bound,
            Round::Up,
        ));
    }
    numbers.push(Row::exact(
        "gap",
        format!(
            "{} ({gap} of the objective; tolerance {})",
            to_decimal(&certificate.gap(), 3, Round::Up),
            to_decimal(tolerance, 3, Round::Nearest)
        ),
        &certificate.gap(),
    ));
    if let Some(witness) = &certificate.witness {
        let entries: Vec<String> = witness.u.iter().map(|u| format!("{u:.4}")).collect();
        numbers.push(Row::new(
            "why",
            format!(
                "a neuron with output sign {} added in the direction ({}) lowers the loss: |F_v(u)| = {:.6}·β (numerical)",
                if witness.sign > 0.0 { '+' } else { '−' },
                entries.join(", "),
                witness.ratio
            ),
        ));
    }
    let seconds: f64 = certificate.phases.iter().map(|phase| phase.1).sum();
    numbers.push(Row::new("time", format!("{seconds:.3} s")));
    if let Some(proof) = &certificate.proof {
        numbers.push(Row::new(
            "proof",
            format!("{} leaves, {} bytes", proof.leaves, proof.bytes),
        ));
    }
    let mut figures = network_figures(problem, given, certificate.best.as_ref(), &certificate.dual);
    figures.extend(figures::bracket(&certificate.history));
    Page {
        command,
        title,
        verdict: Some(verdict),
        statement: statement(problem),
        numbers,
        notes: certificate.notes.clone(),
        figures,
        tables: certificate
            .best
            .as_ref()
            .and_then(|best| network_table(problem, best, "The best network"))
            .into_iter()
            .collect(),
        proofs: vec![Proof::only(claim(problem, certificate, tolerance), proof)],
    }
}

/// The figure of a path's points.
pub(super) fn path_figure(points: &[run::PathPoint]) -> Option<Figure> {
    let points: Vec<figures::PathPoint> = points
        .iter()
        .map(|p| figures::PathPoint {
            lambda: rat_to_f64(p.decay.lambda()),
            objective: rat_to_f64(&p.certificate.objective),
            bound: rat_to_f64(&p.certificate.lower_bound),
            error: rat_to_f64(&p.train_error),
            squared_norm: rat_to_f64(&p.squared_norm),
            width: p.certificate.width,
        })
        .collect();
    figures::path(&points)
}
