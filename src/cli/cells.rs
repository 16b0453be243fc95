//! `relucert cells`.

use std::io::{self, BufWriter, Write};
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use clap::ValueEnum;
use num_bigint::BigInt;

use super::args::{FloatArg, RunArgs, check_outputs, given, split_names};
use super::cells_format::{self, Format, Summary};
use super::error::UsageError;
use super::{LIMIT, html, interrupt, print};
use crate::arrangement::{Arrangement, ArrangementError, Counts, EnumerateOptions, Enumerated};
use crate::exact::quotient_to_f64;
use crate::files;
use crate::problem::{DataOptions, Dataset, Float, Target};
use crate::report::{Page, Row, Tone, Verdict, figures};
use crate::run::INTERRUPTED;

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum FormatArg {
    Text,
    Json,
    /// NumPy: int8 signs, or float64 vectors rounded to the nearest
    Npy,
}

/// Count or list the cells of the arrangement of the data rows
///
/// Every row x of the data, with a 1 for the hidden bias, is a hyperplane x·u = 0; a cell is a set of directions u on which every row has one
/// sign: one activation pattern of a ReLU unit. Zero, repeated and parallel rows and any degeneracy are handled exactly.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    relucert cells --data iris.csv --target y\n  \
    relucert cells --data xor.csv --no-bias --list\n  \
    relucert cells --normals normals.npy --count --json")]
pub(super) struct Args {
    /// The data: .csv with a header, .npz or .npy, as for `certify`
    #[arg(
        long,
        value_name = "FILE",
        required_unless_present = "normals",
        conflicts_with = "normals",
        help_heading = "Data"
    )]
    data: Option<PathBuf>,
    /// A plain arrangement instead: every column is a coordinate; no target, no bias
    #[arg(
        long,
        value_name = "FILE",
        conflicts_with_all = ["target", "features", "group", "bias", "no_bias"],
        help_heading = "Data"
    )]
    normals: Option<PathBuf>,
    /// The target column, which is left out; `none` if there is none [default: the last column; `y` in .npz]
    #[arg(long, value_name = "NAME", help_heading = "Data")]
    target: Option<String>,
    /// The feature columns, in this order [default: all others in file order]
    #[arg(long, value_name = "A,B,C", help_heading = "Data")]
    features: Option<String>,
    /// The column that groups rows into samples, which is left out
    #[arg(long, value_name = "COLUMN", help_heading = "Data")]
    group: Option<String>,
    /// Round every number to this float first [default: exact]
    #[arg(long, value_name = "FLOAT", help_heading = "Data")]
    data_float: Option<FloatArg>,
    /// Append a 1 to every row, for a hidden bias (the default)
    #[arg(long, conflicts_with = "no_bias", help_heading = "Data")]
    bias: bool,
    /// Take the rows as they are
    #[arg(long, help_heading = "Data")]
    no_bias: bool,
    /// Count cells and patterns (the default)
    #[arg(long, conflicts_with_all = ["list", "rays", "zonotope"], help_heading = "Output")]
    count: bool,
    /// List every cell: its signs in the rows (+, −, 0 for zero rows) and a point inside
    #[arg(long, conflicts_with_all = ["rays", "zonotope"], help_heading = "Output")]
    list: bool,
    /// List the rays, the cells of dimension 1: the signs of the rows and a primitive integer vector
    #[arg(long, conflicts_with = "zonotope", help_heading = "Output")]
    rays: bool,
    /// List the vertices of the zonotope Σ [−x, x]: one for each cell
    #[arg(long, help_heading = "Output")]
    zonotope: bool,
    /// The format of the output [default: text]
    #[arg(long, value_name = "FORMAT", help_heading = "Output")]
    format: Option<FormatArg>,
    /// Write to this file instead of the terminal
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    out: Option<PathBuf>,
    /// Refuse more cells than this
    #[arg(long, value_name = "K", value_parser = clap::value_parser!(u64).range(1..), allow_negative_numbers = true, help_heading = "Run")]
    max_cells: Option<u64>,
    /// Seed of the order in which cells come
    #[arg(
        long,
        value_name = "SEED",
        default_value_t = 0,
        allow_negative_numbers = true,
        help_heading = "Run"
    )]
    seed: u64,
    #[command(flatten)]
    report: html::ReportArgs,
    #[command(flatten)]
    run: RunArgs,
}

/// Set when the time is over, or at Ctrl-C.
static STOP: AtomicBool = AtomicBool::new(false);

/// From now on the time limit and Ctrl-C stop the enumeration.
fn watch(started: Instant, limit: Option<Duration>) {
    interrupt::install();
    thread::spawn(move || {
        while !INTERRUPTED.load(Ordering::Relaxed)
            && limit.is_none_or(|limit| started.elapsed() < limit)
        {
            thread::sleep(Duration::from_millis(10));
        }
        STOP.store(true, Ordering::Relaxed);
    });
}

pub(super) fn run(args: &Args, started: Instant) -> miette::Result<ExitCode> {
    let format = match (args.format, args.run.json) {
        (None | Some(FormatArg::Json), true) | (Some(FormatArg::Json), false) => Format::Json,
        (None | Some(FormatArg::Text), false) => Format::Text,
        (Some(FormatArg::Npy), false) => Format::Npy,
        (Some(_), true) => return Err(UsageError::TwoFormats.into()),
    };
    let counting = !(args.list || args.rays || args.zonotope);
    if format == Format::Npy {
        if counting {
            return Err(UsageError::CountAsArray.into());
        }
        if args.out.is_none() {
            return Err(UsageError::ArrayToTerminal.into());
        }
    }
    let inputs = [
        ("--data", args.data.as_ref()),
        ("--normals", args.normals.as_ref()),
    ];
    let outputs: Vec<_> = given(&[("--out", args.out.as_ref())])
        .into_iter()
        .chain(args.report.outputs())
        .collect();
    check_outputs(&given(&inputs), &outputs)?;
    if !counting && args.report.wanted() {
        return Err(UsageError::ReportOfList.into());
    }

    let data = args.read()?;
    let rows = args.integer_rows(&data);
    let columns = data.d + usize::from(args.has_bias());
    let figures: &[html::FigureArg] = if (1..=3).contains(&columns) {
        &[html::FigureArg::Cells]
    } else {
        &[]
    };
    args.report.check(figures)?;
    let arrangement = Arrangement::new(rows, columns).map_err(UsageError::from)?;
    watch(started, args.run.time_limit);
    if args.run.verbose {
        let (rows, columns) = (data.rows, data.d);
        eprintln!("{rows} rows of {columns} columns");
    }

    if counting {
        let code = args.print_counts(&data, &arrangement, format)?;
        args.run.say_phases(&[], started);
        return Ok(code);
    }
    let quiet = args.run.quiet || format == Format::Json && args.out.is_none();
    // NumPy files begin with the number of vectors, and a limit on the cells is known to hold before anything is written.
    let mut number = None;
    if args.max_cells.is_some() || format == Format::Npy {
        match args.number(&arrangement)? {
            Ok(counted) => number = Some(counted),
            Err(met) => return Ok(args.limited(&arrangement, Some(&met))),
        }
    } else if !quiet && !args.rays {
        args.announce(&arrangement);
    }
    let job = cells_format::Job {
        arrangement: &arrangement,
        data: &data,
        bias: args.has_bias(),
        format,
        options: args.options(1),
        number,
    };
    let what: cells_format::Listing = match () {
        () if args.rays => cells_format::rays,
        () if args.zonotope => cells_format::zonotope,
        () => cells_format::cells,
    };
    let complete = match &args.out {
        None => {
            let mut out = BufWriter::new(io::stdout().lock());
            match what(&job, &mut out).and_then(|complete| out.flush().map(|()| complete)) {
                // A reader that has closed its end has seen what it wanted.
                Err(e) if e.kind() == io::ErrorKind::BrokenPipe => true,
                Err(e) => return Err(listing_error(e, UsageError::Stdout).into()),
                Ok(complete) => complete,
            }
        }
        Some(path) => {
            let mut complete = true;
            let written = files::write_atomically(path, |out| {
                complete = what(&job, out)?;
                // An incomplete list is not left behind under its name.
                if complete {
                    Ok(())
                } else {
                    Err(io::Error::other("stopped"))
                }
            });
            match written {
                Err(source) if complete => {
                    let flag = "--out";
                    let path = path.clone();
                    let error = |source| UsageError::Unwritable { flag, path, source };
                    return Err(listing_error(source, error).into());
                }
                _ => complete,
            }
        }
    };
    args.run.say_phases(&[], started);
    if complete {
        Ok(ExitCode::SUCCESS)
    } else {
        Ok(args.limited(&arrangement, None))
    }
}

/// What went wrong while a list was written: the enumeration, or the writing.
fn listing_error(error: io::Error, writing: impl FnOnce(io::Error) -> UsageError) -> UsageError {
    let inner = error
        .get_ref()
        .and_then(|e| e.downcast_ref::<ArrangementError>());
    match inner.cloned() {
        Some(inner) => inner.into(),
        None => writing(error),
    }
}

impl Args {
    fn has_bias(&self) -> bool {
        self.normals.is_none() && !self.no_bias
    }

    fn read(&self) -> miette::Result<Dataset> {
        let target = match (&self.normals, self.target.as_deref()) {
            (Some(_), _) | (None, Some("none")) => Target::None,
            (None, Some(name)) => Target::Named(name.to_owned()),
            (None, None) => Target::Last,
        };
        let options = DataOptions {
            target,
            features: self.features.as_deref().map(split_names).transpose()?,
            group: self.group.clone(),
            float: self.data_float.map(Float::from),
        };
        match self.data.as_ref().or(self.normals.as_ref()) {
            Some(path) => Ok(Dataset::read(path, &options)?),
            None => Err(UsageError::NoRows.into()),
        }
    }

    /// The rows times their common denominator, which changes no sign.
    fn integer_rows(&self, data: &Dataset) -> Vec<Vec<BigInt>> {
        let bias = self.has_bias().then_some(&data.x_den);
        (0..data.rows)
            .map(|i| data.row(i).iter().chain(bias).cloned().collect())
            .collect()
    }

    fn options(&self, threads: usize) -> EnumerateOptions<'static> {
        EnumerateOptions {
            threads,
            seed: self.seed,
            stop: Some(&STOP),
            most: self.max_cells,
        }
    }

    fn threads(&self) -> usize {
        let all = || thread::available_parallelism().map_or(1, usize::from);
        self.run.threads.map_or_else(all, usize::from)
    }

    /// The cells of the arrangement, as far as the limits allow.
    fn count_cells(&self, arrangement: &Arrangement) -> Result<Enumerated, UsageError> {
        let mut options = self.options(self.threads());
        // Counting can simply begin again with another flag.
        for _ in 0..3 {
            match arrangement.count_cells(&options) {
                Err(ArrangementError::Unlucky) => options.seed = options.seed.wrapping_add(1),
                counted => return Ok(counted?),
            }
        }
        Ok(arrangement.count_cells(&options)?)
    }

    /// How many vectors there will be; where a limit was hit, how many were met.
    fn number(&self, arrangement: &Arrangement) -> Result<Result<BigInt, BigInt>, UsageError> {
        // The number of rays is not limited, so there the cells matter only to --max-cells.
        let mut met = BigInt::from(0);
        if !self.rays || self.max_cells.is_some() {
            let counted = self.count_cells(arrangement)?;
            met = counted.cells();
            if !counted.complete {
                return Ok(Err(met));
            }
            if !self.rays {
                return Ok(Ok(met));
            }
        }
        let mut number = BigInt::from(0);
        let options = EnumerateOptions {
            most: None,
            ..self.options(1)
        };
        let complete = arrangement.for_each_ray(&options, |_| {
            number += 2;
            ControlFlow::Continue(())
        })?;
        Ok(if complete { Ok(number) } else { Err(met) })
    }

    /// Says how long the list will be: exactly if a second suffices, else from where to where.
    fn announce(&self, arrangement: &Arrangement) {
        let (over, done) = (AtomicBool::new(false), AtomicBool::new(false));
        let counted = thread::scope(|scope| {
            scope.spawn(|| {
                let begun = Instant::now();
                while begun.elapsed() < Duration::from_secs(1)
                    && !done.load(Ordering::Relaxed)
                    && !STOP.load(Ordering::Relaxed)
                {
                    thread::sleep(Duration::from_millis(2));
                }
                over.store(true, Ordering::Relaxed);
            });
            let options = EnumerateOptions {
                stop: Some(&over),
                ..self.options(self.threads())
            };
            let counted = arrangement.count_cells(&options);
            done.store(true, Ordering::Relaxed);
            counted
        });
        let bound = arrangement.most_cells();
        match counted {
            Ok(counted) if counted.complete => eprintln!("note: {} cells", counted.cells()),
            Ok(counted) => eprintln!("note: between {} and {bound} cells", counted.cells()),
            Err(_) => eprintln!("note: at most {bound} cells"),
        }
    }

    /// The page of `--report`.
    fn page(
        &self,
        data: &Dataset,
        arrangement: &Arrangement,
        counts: Option<&Counts>,
        patterns: Option<&BigInt>,
    ) -> Page {
        let mut names = data.features.clone();
        if self.has_bias() {
            names.push("bias".to_owned());
        }
        let rows = self.integer_rows(data);
        // Signs and directions do not depend on a row's length, and these are integers of any size.
        let floats: Vec<f64> = rows
            .iter()
            .flat_map(|row| {
                let zero = BigInt::from(0);
                let most = row.iter().map(BigInt::magnitude).max();
                let most = most.map_or(zero, |m| BigInt::from(m.clone()));
                let part = move |x: &BigInt| {
                    if most == BigInt::from(0) {
                        0.0
                    } else {
                        quotient_to_f64(x, &most)
                    }
                };
                row.iter().map(part).collect::<Vec<f64>>()
            })
            .collect();
        let source = self.data.as_ref().or(self.normals.as_ref());
        let name = source.map_or_else(String::new, |path| html::file_name(path));
        let count = counts.map(|c| c.cells.to_string());
        let summary = Summary {
            arrangement,
            counts,
            patterns,
        };
        let numbers = summary.lines().into_iter().map(|(n, v)| Row::new(n, v));
        Page {
            command: "cells",
            title: format!("cells of {name}"),
            verdict: Some(Verdict {
                tone: if count.is_some() { Tone::Plain } else { Tone::Open },
                word: count.map_or_else(|| "? not counted".to_owned(), |c| format!("{c} cells")),
                sentence: "The regions in which every row of the data has one sign: the activation patterns of a neuron, counted exactly."
                    .to_owned(),
            }),
            statement: vec![
                Row::new("data", name),
                Row::new("columns", names.join(", ")),
            ],
            numbers: numbers.collect(),
            notes: Vec::new(),
            figures: figures::fan(&floats, &names, None).into_iter().collect(),
            tables: Vec::new(),
            proofs: Vec::new(),
        }
    }

    fn print_counts(
        &self,
        data: &Dataset,
        arrangement: &Arrangement,
        format: Format,
    ) -> miette::Result<ExitCode> {
        if !self.run.quiet && format == Format::Text {
            eprintln!(
                "note: at most {} cells (general position)",
                arrangement.most_cells()
            );
        }
        let counted = self.count_cells(arrangement)?;
        let counts = counted.complete.then(|| Counts::of(arrangement, &counted));
        let patterns = match &counts {
            Some(counts) => {
                let options = EnumerateOptions {
                    most: None,
                    ..self.options(self.threads())
                };
                arrangement
                    .count_patterns(counts, &options)
                    .map_err(UsageError::from)?
            }
            None => None,
        };
        let complete = counts.is_some() && patterns.is_some();
        if self.report.wanted() {
            let page = self.page(data, arrangement, counts.as_ref(), patterns.as_ref());
            self.report.write(&page, self.run.quiet)?;
        }
        let text = Summary {
            arrangement,
            counts: counts.as_ref(),
            patterns: patterns.as_ref(),
        }
        .text(format == Format::Json);
        match &self.out {
            None => print(&text)?,
            Some(path) => files::write_atomically(path, |out| out.write_all(text.as_bytes()))
                .map_err(|source| UsageError::Unwritable {
                    flag: "--out",
                    path: path.clone(),
                    source,
                })?,
        }
        if complete {
            return Ok(ExitCode::SUCCESS);
        }
        Ok(self.limited(arrangement, Some(&counted.cells())))
    }

    /// Says which limit was hit, and how many cells there are.
    fn limited(&self, arrangement: &Arrangement, met: Option<&BigInt>) -> ExitCode {
        let bound = arrangement.most_cells();
        let range = match met {
            Some(met) => format!("there are between {met} and {bound} cells"),
            None => format!("there are at most {bound} cells"),
        };
        match self.max_cells {
            Some(most) if !STOP.load(Ordering::Relaxed) => {
                eprintln!("note: more than {most} cells ({range}): raise --max-cells");
            }
            _ => eprintln!("note: stopped before the end; {range}"),
        }
        ExitCode::from(LIMIT)
    }
}
