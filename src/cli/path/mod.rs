//! `relucert solve --path`.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::str::FromStr;
use std::time::{Duration, Instant};

use clap::ValueEnum;
use num_bigint::BigInt;
use num_traits::{One, Signed, Zero};
use serde_json::{Value, json};

use super::args::{check_outputs, given, ratio};
use super::error::UsageError;
use super::report::{self, figure, statement, written};
use super::{LIMIT, html, interrupt, print, print_error, solve};
use crate::exact::{Rat, Round, parse_decimal, rat_to_f64, to_decimal, to_exact_decimal};
use crate::files;
use crate::problem::{Decay, Problem};
use crate::report::{Page, Row, Table as Grid, Tone, Verdict as Badge};
use crate::run::{self, BetaMax, PathPoint, RunError, RunOptions, Verdict};

/// Most points of a path.
const MOST_POINTS: usize = 10_000;

/// Digits of an end that is given as a multiple of λ_max.
const END_DIGITS: usize = 6;

/// Leaves of the search for λ_max where no end depends on it.
const MAX_LEAVES_FOR_RATIO: u64 = 200_000;

/// The path, and the form of its table.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Path")]
pub(super) struct PathArgs {
    /// Solve at POINTS values of λ from the larger to the smaller, evenly spaced in log λ, both included; each starts from the one before
    ///
    /// [KIND:]λ1:λ2:POINTS. KIND says what λ is: `weight-decay` adds (λ/2)·‖θ‖² (also if KIND is left out), `ridge` adds λ·‖θ‖². So --weight-decay
    /// and --ridge are left out. λ1 and λ2, in any order, are decimals, fractions p/q, or multiples of λ_max, the least λ at which no hidden neuron is needed:
    /// `max`, `0.01max` (rounded to 6 digits, `max` upwards). The values between are rounded to 4 digits. --out FILE gets the table, --proof FOLDER a proof of
    /// each point (path-001.proof, …), and --time-limit is shared by all points.
    #[arg(long, value_name = "[KIND:]λ1:λ2:POINTS", allow_hyphen_values = true,
          conflicts_with_all = ["beta_max", "checkpoint", "resume"])]
    pub path: Option<PathArg>,
    /// The form of the path's table: in --out if that is given, else on the terminal [default: as the ending of --out says, else text]
    #[arg(long, value_name = "FORMAT", requires = "path")]
    pub format: Option<FormatArg>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum FormatArg {
    Text,
    Csv,
    Json,
}

/// What λ is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    WeightDecay,
    Ridge,
}

impl Kind {
    fn decay(self, lambda: Rat) -> Decay {
        match self {
            Kind::WeightDecay => Decay::WeightDecay(lambda),
            Kind::Ridge => Decay::Ridge(lambda),
        }
    }

    fn word(self) -> &'static str {
        match self {
            Kind::WeightDecay => "weight-decay",
            Kind::Ridge => "ridge",
        }
    }

    /// λ in this convention from that of `--weight-decay`.
    fn of_weight_decay(self, lambda: &Rat) -> Rat {
        match self {
            Kind::WeightDecay => lambda.clone(),
            Kind::Ridge => lambda / BigInt::from(2),
        }
    }
}

/// An end of the path.
#[derive(Debug, Clone, PartialEq, Eq)]
enum End {
    Value(Rat),
    OfMax(Rat),
}

/// The value of `--path`.
#[derive(Debug, Clone)]
pub(super) struct PathArg {
    kind: Kind,
    ends: [End; 2],
    points: usize,
}

impl FromStr for PathArg {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts: Vec<&str> = text.split(':').map(str::trim).collect();
        let (kind, rest) = match parts.as_slice() {
            ["weight-decay", rest @ ..] => (Kind::WeightDecay, rest),
            ["ridge", rest @ ..] => (Kind::Ridge, rest),
            rest => (Kind::WeightDecay, rest),
        };
        let &[first, second, points] = rest else {
            return Err(
                "give λ1:λ2:POINTS, weight-decay:λ1:λ2:POINTS or ridge:λ1:λ2:POINTS".to_owned(),
            );
        };
        let points: usize = points
            .parse()
            .ok()
            .filter(|points| (1..=MOST_POINTS).contains(points))
            .ok_or_else(|| format!("the number of points is 1 to {MOST_POINTS}, not `{points}`"))?;
        Ok(PathArg {
            kind,
            ends: [end(first)?, end(second)?],
            points,
        })
    }
}

fn end(text: &str) -> Result<End, String> {
    let (factor, of_max) = match text.strip_suffix("max") {
        Some("") => (Rat::one(), true),
        Some(factor) => (ratio(factor)?, true),
        None => (ratio(text)?, false),
    };
    if !factor.is_positive() {
        return Err(format!("λ has to be positive, but `{text}` is not"));
    }
    Ok(if of_max {
        End::OfMax(factor)
    } else {
        End::Value(factor)
    })
}

impl PathArg {
    fn needs_max(&self) -> bool {
        self.ends.iter().any(|end| matches!(end, End::OfMax(_)))
    }

    /// The values of λ; `max` is the proven upper end for λ_max in this convention.
    fn lambdas(&self, max: &Rat) -> Result<Vec<Rat>, UsageError> {
        let mut values = Vec::with_capacity(2);
        for end in &self.ends {
            values.push(match end {
                End::Value(value) => value.clone(),
                End::OfMax(_) if max.is_zero() => return Err(UsageError::NoMax),
                End::OfMax(factor) => {
                    let value = max * factor;
                    let round = if factor >= &Rat::one() {
                        Round::Up
                    } else {
                        Round::Nearest
                    };
                    parse_decimal(&to_decimal(&value, END_DIGITS, round)).unwrap_or(value)
                }
            });
        }
        Ok(run::log_spaced(&values[0], &values[1], self.points)?)
    }
}

/// λ_max in the path's convention, as far as it is known.
struct Max {
    found: BetaMax,
    lower: Rat,
    upper: Rat,
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
struct Table<'a> {
    problem: &'a Problem,
    kind: Kind,
    lambdas: &'a [Rat],
    max: &'a Max,
}

pub(super) fn run(
    args: &solve::Args,
    path: &PathArg,
    started: Instant,
) -> miette::Result<ExitCode> {
    if let Some(decay) = args.objective.given_decay()? {
        let flag = match decay {
            Decay::WeightDecay(_) => "weight-decay",
            Decay::Ridge(_) => "ridge",
        };
        return Err(UsageError::DecayAndPath { flag }.into());
    }
    let (out_format, print_format) = formats(args)?;
    let inputs = [
        ("--data", Some(&args.data.data)),
        ("--init", args.init.as_ref()),
    ];
    args.report.check(&[html::FigureArg::Path])?;
    let outputs: Vec<_> = given(&[("--out", args.out.as_ref())])
        .into_iter()
        .chain(args.report.outputs())
        .collect();
    check_outputs(&given(&inputs), &outputs)?;
    if let Some(folder) = &args.search.proof {
        fs::create_dir_all(folder)
            .and_then(|()| files::check_writable(&folder.join(run::proof_name(0))))
            .map_err(|source| UsageError::Unwritable {
                flag: "--proof",
                path: folder.clone(),
                source,
            })?;
    }
    let (problem, init) = args.problem(path.kind.decay(Rat::one()))?;
    let options = RunOptions {
        proof: None,
        method: args.method(),
        ..args.search.options(&args.run, &args.tolerance, started)
    };
    interrupt::install();
    let max = lambda_max(&problem, path, &options)?;
    let lambdas = path.lambdas(&max.upper)?;
    let decays: Vec<Decay> = lambdas.iter().map(|l| path.kind.decay(l.clone())).collect();
    let table = Table {
        problem: &problem,
        kind: path.kind,
        lambdas: &lambdas,
        max: &max,
    };

    let streams = print_format == FormatArg::Text;
    if streams {
        print(&table.head())?;
    }
    let mut failed = None;
    let solved = run::path(
        &problem,
        &decays,
        init.as_ref(),
        Some(&max.found),
        &options,
        args.search.proof.as_deref(),
        &mut |points| {
            let step = || -> miette::Result<()> {
                if let (true, Some(point)) = (streams, points.last()) {
                    print(&table.line(point))?;
                }
                // What is finished is kept, whatever becomes of the rest. A pipe gets everything at the end.
                let whole = points.len() == decays.len();
                if let Some(out) = args.out.as_ref().filter(|out| whole || !is_stream(out)) {
                    write(out, &table.text(points, whole, out_format))?;
                }
                Ok(())
            };
            failed = step().err();
            failed.is_none()
        },
    );
    let solved = match solved {
        Err(error @ RunError::TooManyCells { .. }) => {
            print_error(&report::run_error(error));
            return Ok(ExitCode::from(LIMIT));
        }
        result => result.map_err(report::run_error)?,
    };
    if let Some(error) = failed {
        return Err(error);
    }
    if !solved.complete
        && let Some(out) = &args.out
        && (solved.points.is_empty() || is_stream(out))
    {
        write(out, &table.text(&solved.points, false, out_format))?;
    }
    if args.report.wanted() {
        let page = table.page(args.title(), &solved.points, solved.complete);
        args.report.write(&page, args.run.quiet)?;
    }
    if streams {
        print(&table.foot(
            &solved.points,
            solved.complete,
            args.search.proof.as_deref(),
        ))?;
    } else {
        print(&table.text(&solved.points, solved.complete, print_format))?;
    }
    let optimal = |p: &PathPoint| p.certificate.verdict == Verdict::Optimal;
    Ok(if solved.complete && solved.points.iter().all(optimal) {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(3)
    })
}

/// The formats of `--out` and of the terminal.
fn formats(args: &solve::Args) -> Result<(FormatArg, FormatArg), UsageError> {
    let ending = |out: &PathBuf| match out.extension().and_then(|e| e.to_str()) {
        Some("csv") => FormatArg::Csv,
        Some("json") => FormatArg::Json,
        _ => FormatArg::Text,
    };
    let json = args.run.json.then_some(FormatArg::Json);
    match (&args.out, args.path.format) {
        (Some(out), format) => Ok((
            format.unwrap_or_else(|| ending(out)),
            json.unwrap_or(FormatArg::Text),
        )),
        (None, Some(format)) if json.is_some_and(|json| json != format) => {
            Err(UsageError::TwoFormats)
        }
        (None, format) => {
            let format = format.or(json).unwrap_or(FormatArg::Text);
            Ok((format, format))
        }
    }
}

/// λ_max, with a share of the time.
fn lambda_max(problem: &Problem, path: &PathArg, options: &RunOptions) -> miette::Result<Max> {
    let needed = path.needs_max();
    let parts = if needed { 4 } else { 10 };
    let own = RunOptions {
        started: Instant::now(),
        time_limit: options
            .time_limit
            .map(|limit| limit.saturating_sub(options.started.elapsed()) / parts)
            .map(|limit| limit.max(Duration::from_millis(1))),
        max_leaves: if needed {
            options.max_leaves
        } else {
            let most = options.max_leaves.unwrap_or(MAX_LEAVES_FOR_RATIO);
            Some(most.min(MAX_LEAVES_FOR_RATIO))
        },
        ..options.clone()
    };
    let found = run::beta_max(problem, &own).map_err(report::run_error)?;
    Ok(Max {
        lower: path.kind.of_weight_decay(&found.lower),
        upper: path.kind.of_weight_decay(&found.upper),
        found,
    })
}

fn is_stream(path: &Path) -> bool {
    path.exists() && !path.is_file()
}

fn write(path: &Path, text: &str) -> miette::Result<()> {
    files::write_atomically(path, |out| out.write_all(text.as_bytes())).map_err(|source| {
        UsageError::Unwritable {
            flag: "--out",
            path: path.to_owned(),
            source,
        }
        .into()
    })
}

/// λ as it can be given to `--weight-decay` or `--ridge`: exactly.
fn pasteable(lambda: &Rat) -> String {
    to_exact_decimal(lambda).unwrap_or_else(|| lambda.to_string())
}

/// The columns of the text table: name and width.
const COLUMNS: [(&str, usize); 9] = [
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
    /// The page of `--report`.
    fn page(&self, title: String, points: &[PathPoint], complete: bool) -> Page {
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
            proof: None,
        }
    }

    fn text(&self, points: &[PathPoint], complete: bool, format: FormatArg) -> String {
        match format {
            FormatArg::Text => {
                let lines: String = points.iter().map(|p| self.line(p)).collect();
                self.head() + &lines + &self.foot(points, complete, None)
            }
            FormatArg::Csv => self.csv(points, complete),
            FormatArg::Json => self.json(points, complete),
        }
    }

    fn head(&self) -> String {
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

    fn line(&self, point: &PathPoint) -> String {
        columns(&self.cells(point))
    }

    fn cells(&self, point: &PathPoint) -> [String; 9] {
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

    fn foot(&self, points: &[PathPoint], complete: bool, proofs: Option<&Path>) -> String {
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
                    "proof": certificate.proof.as_ref().map(written),
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

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<PathArg, String> {
        text.parse()
    }

    #[test]
    fn a_path_says_what_its_lambda_is() {
        let path = parse("0.5:1/100:3").expect("a path");
        assert_eq!(path.kind, Kind::WeightDecay);
        assert_eq!(path.points, 3);
        let path = parse("ridge:max:0.01max:7").expect("a path");
        assert_eq!(path.kind, Kind::Ridge);
        assert_eq!(path.ends[0], End::OfMax(Rat::one()));
        assert!(parse("weight-decay:1:2:3").is_ok());
        for bad in [
            "",
            "1",
            "1:2",
            "1:2:3:4",
            "l1:1:2:3",
            "0:1:3",
            "-1:1:3",
            "1:2:0",
            "1:2:-1",
            "1:2:x",
            "a:2:3",
            "1:0max:3",
            "1:2:10001",
            "1/0:2:3",
            "nan:1:2",
            ":1:3",
            "ridge:1:2",
        ] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn ends_relative_to_the_maximum_are_short_and_on_the_safe_side() {
        let path = parse("max:0.01max:2").expect("a path");
        let max = Rat::new(1.into(), 3.into());
        let lambdas = path.lambdas(&max).expect("values");
        assert_eq!(
            lambdas.iter().map(pasteable).collect::<Vec<_>>(),
            ["0.333334", "0.00333333"]
        );
        assert!(matches!(path.lambdas(&Rat::zero()), Err(UsageError::NoMax)));
    }
}
