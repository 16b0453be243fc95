//! What `relucert cells` prints: counts, and lists of cells, rays and vertices that are written as they come.

use std::fmt::Write as _;
use std::io::{self, Write};
use std::ops::ControlFlow;

use num_bigint::BigInt;
use num_traits::{One, Signed, Zero};
use serde_json::{Value, json};

use crate::arrangement::{Arrangement, ArrangementError, Counts, EnumerateOptions};
use crate::exact::{Rat, quotient_to_f64};
use crate::problem::Dataset;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Text,
    Json,
    Npy,
}

/// The result of `--count`; what is missing was beyond a limit.
pub(super) struct Summary<'a> {
    pub arrangement: &'a Arrangement,
    pub counts: Option<&'a Counts>,
    pub patterns: Option<&'a BigInt>,
}

/// An integer of any size as a JSON number.
fn number(value: &BigInt) -> Value {
    serde_json::from_str(&value.to_string()).unwrap_or(Value::Null)
}

impl Summary<'_> {
    pub fn text(&self, as_json: bool) -> String {
        let arrangement = self.arrangement;
        let (n, hyperplanes, rank) = (
            arrangement.rows(),
            arrangement.hyperplanes(),
            arrangement.rank(),
        );
        if as_json {
            let value = json!({
                "n": n,
                "distinct_hyperplanes": hyperplanes,
                "rank": rank,
                "general_position": self.counts.map(|c| c.general_position),
                "cells": self.counts.map(|c| number(&c.cells)),
                "patterns_ge": self.patterns.map(number),
                "characteristic_polynomial": self.counts.map(|c| {
                    c.characteristic_polynomial.iter().map(number).collect::<Vec<_>>()
                }),
            });
            return format!("{value:#}\n");
        }
        let mut text = String::new();
        // Writing to a String cannot fail.
        for (name, value) in self.lines() {
            let _ = writeln!(text, "{name:<12} {value}");
        }
        text
    }

    /// The names of the numbers, and what they are.
    pub fn lines(&self) -> Vec<(&'static str, String)> {
        let arrangement = self.arrangement;
        let (n, hyperplanes, rank) = (
            arrangement.rows(),
            arrangement.hyperplanes(),
            arrangement.rank(),
        );
        let unknown = || "not counted: stopped by a limit".to_owned();
        let position = match self.counts {
            Some(counts) if counts.general_position => ", in general position",
            Some(_) => ", not in general position",
            None => "",
        };
        let cells = self.counts.map_or_else(unknown, |c| c.cells.to_string());
        let patterns = self.patterns.map_or_else(unknown, BigInt::to_string);
        let polynomial = self
            .counts
            .map_or_else(unknown, |c| polynomial(&c.characteristic_polynomial));
        vec![
            (
                "hyperplanes",
                format!("{hyperplanes} distinct, from {n} rows; rank {rank}{position}"),
            ),
            ("cells", cells),
            (
                "patterns",
                format!("{patterns} of 1[Xu ≥ 0] over all u, boundaries included"),
            ),
            ("polynomial", format!("{polynomial} (characteristic)")),
        ]
    }
}

fn polynomial(coefficients: &[BigInt]) -> String {
    let degree = coefficients.len().saturating_sub(1);
    let mut text = String::new();
    for (i, c) in coefficients
        .iter()
        .enumerate()
        .filter(|(_, c)| !c.is_zero())
    {
        text += match (text.is_empty(), c.is_negative()) {
            (true, false) => "",
            (true, true) => "−",
            (false, false) => " + ",
            (false, true) => " − ",
        };
        let power = degree - i;
        let size = c.abs();
        if power == 0 || !size.is_one() {
            text += &size.to_string();
        }
        text += &match power {
            0 => String::new(),
            1 => "t".to_owned(),
            _ => format!("t^{power}"),
        };
    }
    text
}

/// A list to be written.
pub(super) struct Job<'a> {
    pub arrangement: &'a Arrangement,
    pub data: &'a Dataset,
    pub bias: bool,
    pub format: Format,
    pub options: EnumerateOptions<'a>,
    /// The number of vectors, where it is known; needed for NumPy.
    pub number: Option<BigInt>,
}

/// Writes a list. False if a limit ended it.
pub(super) type Listing = fn(&Job, &mut dyn Write) -> io::Result<bool>;

/// The entries of a list, one after the other.
struct Entries<'o> {
    out: &'o mut dyn Write,
    format: Format,
    first: bool,
    failed: Option<io::Error>,
}

impl<'o> Entries<'o> {
    /// `name` is the field of the JSON object, `shape` the width and type of a NumPy row.
    fn begin(
        job: &Job,
        out: &'o mut dyn Write,
        name: &str,
        shape: (usize, &str),
    ) -> io::Result<Self> {
        match job.format {
            Format::Text => {}
            Format::Json => write!(out, "{{\"n\": {}, \"{name}\": [", job.arrangement.rows())?,
            Format::Npy => {
                let number = job.number.clone().unwrap_or_default();
                let header = format!(
                    "{{'descr': '{}', 'fortran_order': False, 'shape': ({number}, {}), }}",
                    shape.1, shape.0
                );
                // Magic, version, length and header fill a multiple of 64 bytes and end with a newline.
                let padded = (10 + header.len() + 1).next_multiple_of(64) - 10;
                out.write_all(b"\x93NUMPY\x01\x00")?;
                out.write_all(&(padded as u16).to_le_bytes())?;
                writeln!(out, "{header:<width$}", width = padded - 1)?;
            }
        }
        Ok(Entries {
            out,
            format: job.format,
            first: true,
            failed: None,
        })
    }

    /// One entry: signs, if the list has them, and a vector, if the format has room for both.
    fn push(&mut self, signs: Option<&[i8]>, vector: impl FnOnce() -> Vec<Rat>) -> ControlFlow<()> {
        match self.write(signs, vector) {
            Ok(()) => ControlFlow::Continue(()),
            Err(error) => {
                self.failed = Some(error);
                ControlFlow::Break(())
            }
        }
    }

    fn write(&mut self, signs: Option<&[i8]>, vector: impl FnOnce() -> Vec<Rat>) -> io::Result<()> {
        let signs_text = |signs: &[i8]| -> String {
            let sign = |s: &i8| match s {
                1 => '+',
                -1 => '-',
                _ => '0',
            };
            signs.iter().map(sign).collect()
        };
        let first = std::mem::replace(&mut self.first, false);
        match self.format {
            Format::Text => {
                let mut line = signs.map(signs_text).unwrap_or_default();
                for x in vector() {
                    if !line.is_empty() {
                        line.push(' ');
                    }
                    let _ = write!(line, "{x}");
                }
                line.push('\n');
                self.out.write_all(line.as_bytes())
            }
            Format::Json => {
                let vector: Vec<String> = vector().iter().map(Rat::to_string).collect();
                let entry = match signs {
                    Some(signs) => json!({ "signs": signs_text(signs), "point": vector }),
                    None => json!(vector),
                };
                write!(self.out, "{}\n{entry}", if first { "" } else { "," })
            }
            Format::Npy => match signs {
                Some(signs) => {
                    let bytes: Vec<u8> = signs.iter().map(|s| s.cast_unsigned()).collect();
                    self.out.write_all(&bytes)
                }
                None => vector().iter().try_for_each(|x| {
                    let float = quotient_to_f64(x.numer(), x.denom());
                    self.out.write_all(&float.to_le_bytes())
                }),
            },
        }
    }

    fn end(self, complete: Result<bool, ArrangementError>) -> io::Result<bool> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        let complete = complete.map_err(io::Error::other)?;
        if self.format == Format::Json {
            writeln!(self.out, "\n], \"complete\": {complete}}}")?;
        }
        Ok(complete)
    }
}

fn rationals(vector: Vec<BigInt>) -> Vec<Rat> {
    vector.into_iter().map(Rat::from).collect()
}

/// Every cell: signs and an interior point.
pub(super) fn cells(job: &Job, out: &mut dyn Write) -> io::Result<bool> {
    let mut entries = Entries::begin(job, out, "cells", (job.arrangement.rows(), "|i1"))?;
    let mut signs = Vec::new();
    let enumerated = job.arrangement.for_each_cell(&job.options, |cell| {
        signs.clear();
        signs.extend(cell.row_signs());
        entries.push(Some(&signs), || rationals(cell.interior_point()))
    });
    entries.end(enumerated.map(|e| e.complete))
}

/// Every ray and its negative: signs and a primitive vector.
pub(super) fn rays(job: &Job, out: &mut dyn Write) -> io::Result<bool> {
    let mut entries = Entries::begin(job, out, "rays", (job.arrangement.columns(), "<f8"))?;
    let complete = job.arrangement.for_each_ray(&job.options, |flat| {
        let (Some(mut ray), Some(mut signs)) = (flat.ray(), flat.row_signs()) else {
            return ControlFlow::Continue(());
        };
        for _ in 0..2 {
            let shown = (job.format != Format::Npy).then_some(signs.as_slice());
            entries.push(shown, || rationals(ray.clone()))?;
            ray.iter_mut().for_each(|x| *x = -&*x);
            signs.iter_mut().for_each(|s| *s = -*s);
        }
        ControlFlow::Continue(())
    });
    entries.end(complete)
}

/// The vertex Σ sᵢxᵢ of every cell.
pub(super) fn zonotope(job: &Job, out: &mut dyn Write) -> io::Result<bool> {
    let columns = job.arrangement.columns();
    let mut entries = Entries::begin(job, out, "vertices", (columns, "<f8"))?;
    let data = job.data;
    let enumerated = job.arrangement.for_each_cell(&job.options, |cell| {
        entries.push(None, || {
            let mut sum = vec![BigInt::zero(); columns];
            for (i, sign) in cell.row_signs().enumerate() {
                let row = data.row(i).iter().chain(job.bias.then_some(&data.x_den));
                for (s, x) in sum.iter_mut().zip(row) {
                    match sign {
                        1 => *s += x,
                        -1 => *s -= x,
                        _ => {}
                    }
                }
            }
            sum.into_iter()
                .map(|x| Rat::new(x, data.x_den.clone()))
                .collect()
        })
    });
    entries.end(enumerated.map(|e| e.complete))
}
