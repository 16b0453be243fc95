//! Reading CSV: a header, then rows of decimals that are taken exactly.

use std::path::Path;

use csv::{ByteRecord, ReaderBuilder};

use super::dataset::{DataOptions, RawData};
use super::error::DataError;
use super::table::{Rows, choose};
use crate::exact::{Number, NumberError, parse_number};

pub(super) fn read(path: &Path, options: &DataOptions) -> Result<RawData, DataError> {
    let bytes = std::fs::read(path).map_err(|source| DataError::Io {
        path: path.to_owned(),
        source,
    })?;
    let reader = Reader {
        path,
        text: bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes),
        options,
    };
    reader.read()
}

/// Whether the names are 0, 1, 2, … or 1, 2, 3, …, as programs write them where there are no names.
fn counts_up(names: &[String]) -> bool {
    [0, 1].iter().any(|start| {
        names
            .iter()
            .enumerate()
            .all(|(i, name)| *name == (start + i).to_string())
    })
}

struct Reader<'a> {
    path: &'a Path,
    text: &'a [u8],
    options: &'a DataOptions,
}

impl Reader<'_> {
    fn malformed(&self, message: impl Into<String>, help: impl Into<String>) -> DataError {
        DataError::Malformed {
            path: self.path.to_owned(),
            message: message.into(),
            help: help.into(),
        }
    }

    /// The line, from 1, on which a record starts.
    fn line(&self, record: &ByteRecord) -> usize {
        let start = record
            .position()
            .map_or(0, |p| p.byte() as usize)
            .min(self.text.len());
        // The reader's position is before the blank lines it passed over.
        let blank = self.text[start..]
            .iter()
            .take_while(|b| matches!(b, b'\r' | b'\n'))
            .count();
        1 + self.text[..start + blank]
            .iter()
            .filter(|&&b| b == b'\n')
            .count()
    }

    fn header(&self, record: &ByteRecord) -> Result<Vec<String>, DataError> {
        let names: Vec<String> = record
            .iter()
            .map(|name| std::str::from_utf8(name).map(|name| name.trim().to_owned()))
            .collect::<Result<_, _>>()
            .map_err(|_| {
                self.malformed("the header is not UTF-8 text", "save the file as UTF-8 CSV")
            })?;
        if let [only] = names.as_slice() {
            for (separator, name) in [(';', "semicolons"), ('\t', "tabs")] {
                if only.contains(separator) {
                    return Err(self.malformed(
                        format!("line 1: the columns seem to be separated by {name}"),
                        "save the file with commas between the columns and points in the decimals",
                    ));
                }
            }
        }
        if names.iter().all(|name| parse_number(name).is_ok()) && !counts_up(&names) {
            return Err(self.malformed(
                "line 1: the header holds only numbers",
                "put a line with the column names first",
            ));
        }
        Ok(names)
    }

    fn number(
        &self,
        record: &ByteRecord,
        column: usize,
        names: &[String],
    ) -> Result<Number, DataError> {
        let field = record.get(column).unwrap_or(b"").trim_ascii();
        let wrong = |source| DataError::Field {
            path: self.path.to_owned(),
            line: self.line(record),
            column: names[column].clone(),
            source,
        };
        let text = std::str::from_utf8(field).map_err(|_| {
            wrong(NumberError::NotANumber(
                String::from_utf8_lossy(field).into(),
            ))
        })?;
        let exact = parse_number(text).map_err(wrong)?;
        let Some(float) = self.options.float else {
            return Ok(exact);
        };
        float
            .round_text(text)
            .and_then(Number::from_f64)
            .ok_or_else(|| DataError::FloatOverflow {
                path: self.path.to_owned(),
                place: format!("line {}, column `{}`", self.line(record), names[column]),
                text: text.chars().take(40).collect(),
                float: float.name(),
            })
    }

    fn read(&self) -> Result<RawData, DataError> {
        if self.text.starts_with(b"\xff\xfe") || self.text.starts_with(b"\xfe\xff") {
            return Err(self.malformed("the file is UTF-16 text", "save the file as UTF-8 CSV"));
        }
        if self.text.starts_with(b"PK\x03\x04") {
            return Err(self.malformed(
                "this is not CSV text but a zip archive",
                "save the table as CSV",
            ));
        }
        let mut reader = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .from_reader(self.text);
        let mut record = ByteRecord::new();
        let mut next = |record: &mut ByteRecord| {
            loop {
                let more = reader.read_byte_record(record).map_err(|e| {
                    self.malformed(e.to_string(), "check that the file is CSV text")
                })?;
                // A line of blanks is a blank line.
                if !more || record.len() != 1 || !record[0].trim_ascii().is_empty() {
                    return Ok::<bool, DataError>(more);
                }
            }
        };
        if !next(&mut record)? {
            return Err(self.malformed(
                "the file is empty",
                "a header line and at least one row are needed",
            ));
        }
        let names = self.header(&record)?;
        let choice = choose(self.path, &names, self.options)?;
        let mut rows = Rows::new(self.path, &names, &choice, self.options);
        while next(&mut record)? {
            if record.len() != names.len() {
                return Err(DataError::Ragged {
                    path: self.path.to_owned(),
                    line: self.line(&record),
                    found: record.len(),
                    expected: names.len(),
                    help: if record.len() > names.len() {
                        "check for commas inside numbers, for a missing quote, or for a missing column name"
                    } else {
                        "fill in the missing fields, or check for a missing quote"
                    },
                });
            }
            let group = choice
                .group
                .map(|column| record.get(column).unwrap_or(b"").trim_ascii());
            rows.push(
                group,
                |column| self.number(&record, column, &names),
                || format!("line {}", self.line(&record)),
            )?;
        }
        rows.finish()
    }
}
