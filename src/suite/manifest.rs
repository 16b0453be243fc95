//! Files of cases.

use std::ops::Range;
use std::path::{Path, PathBuf};

use num_traits::Signed;
use toml_edit::{Document, Item, Table, TableLike, Value};

use super::error::SuiteError;
use crate::exact::{Rat, parse_ratio};
use crate::problem::nearest;

/// Commands that a case may run.
const COMMANDS: [&str; 7] = [
    "certify",
    "solve",
    "minima",
    "cells",
    "predict",
    "objective",
    "check",
];
/// Options that cases have no use for, and why.
const REFUSED: [&str; 10] = [
    "proof",
    "json",
    "quiet",
    "verbose",
    "out",
    "best",
    "checkpoint",
    "resume",
    "report",
    "plot",
];
/// Keys of a number with a tolerance, or between bounds.
const WAYS: [&str; 6] = [
    "value", "values", "within", "relative", "at-least", "at-most",
];
/// Keys of a case that are no options.
const KEYS: [&str; 4] = ["name", "command", "expect", "check-proof"];

/// A file of cases.
#[derive(Debug, Clone)]
pub struct Manifest {
    /// The file.
    pub path: PathBuf,
    /// Its text, as it was read.
    pub text: String,
    /// The cases, in the order of the file.
    pub cases: Vec<Case>,
}

/// A command, and what is expected of it.
#[derive(Debug, Clone)]
pub struct Case {
    /// The name.
    pub name: String,
    /// The line it begins in, from 1.
    pub line: usize,
    /// The command of relucert.
    pub command: String,
    /// Its options.
    pub arguments: Vec<String>,
    /// Whether the command writes a proof, which the checker has to accept.
    pub check_proof: bool,
    /// What is expected; never empty but in a file that waits to be filled.
    pub expect: Vec<Expectation>,
}

/// A field of the output, and what it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expectation {
    /// The field, as the file names it, with dots.
    pub field: String,
    /// The keys that lead to it in the file.
    pub keys: Vec<String>,
    /// The line, from 1.
    pub line: usize,
    /// Its value.
    pub wanted: Wanted,
}

/// An expected value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// A text, or a number that is met exactly.
    Plain(String),
    /// True or false.
    Flag(bool),
    /// A number, with a tolerance.
    Near(Rat, Slack),
    /// A number between two bounds, either of which may be missing. Exact.
    Between(Option<Rat>, Option<Rat>),
    /// A list, in order.
    List(Vec<Wanted>),
}

/// A tolerance. Exact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Slack {
    /// In the units of the number.
    Within(Rat),
    /// Times the size of the expected number.
    Relative(Rat),
}

/// The files of cases at a path: itself, or those in a folder and the folders in it.
///
/// # Errors
///
/// [`SuiteError`] if the path cannot be read, or the folder has none.
pub fn find(path: &Path) -> Result<Vec<PathBuf>, SuiteError> {
    let unreadable = |source| SuiteError::Io {
        path: path.to_owned(),
        source,
    };
    if !std::fs::metadata(path).map_err(unreadable)?.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut files = Vec::new();
    let mut folders = vec![path.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).map_err(unreadable)? {
            let entry = entry.map_err(unreadable)?;
            let name = entry.file_name().to_string_lossy().into_owned();
            // Links are not followed, so that folders in a circle end.
            let kind = entry.file_type().map_err(unreadable)?;
            if kind.is_dir() && !name.starts_with('.') && name != "target" {
                folders.push(entry.path());
            } else if !kind.is_dir()
                && (name == "relucert.toml" || name.ends_with(".relucert.toml"))
            {
                files.push(entry.path());
            }
        }
    }
    files.sort();
    if files.is_empty() {
        return Err(SuiteError::NoFiles {
            path: path.to_owned(),
        });
    }
    Ok(files)
}

/// Reads tables with their places.
struct Reader<'a> {
    path: &'a Path,
    text: &'a str,
}

impl Manifest {
    /// Reads a file of cases.
    ///
    /// # Errors
    ///
    /// [`SuiteError`], with the line.
    pub fn read(path: &Path) -> Result<Self, SuiteError> {
        let text = std::fs::read_to_string(path).map_err(|source| SuiteError::Io {
            path: path.to_owned(),
            source,
        })?;
        let cases = Reader { path, text: &text }.cases()?;
        Ok(Manifest {
            path: path.to_owned(),
            text,
            cases,
        })
    }

    /// The folder that the files of its cases are relative to.
    pub fn folder(&self) -> &Path {
        match self.path.parent() {
            Some(folder) if folder != Path::new("") => folder,
            _ => Path::new("."),
        }
    }
}

impl Reader<'_> {
    /// A text, or a number with the digits that are written: a float of 64 bits would not hold them.
    fn scalar(&self, value: &Value) -> Option<String> {
        let written = value.span().and_then(|span| self.text.get(span));
        match value {
            Value::String(text) => Some(text.value().clone()),
            Value::Integer(number) => Some(number.value().to_string()),
            Value::Float(_) => {
                let text = written?.trim().replace('_', "");
                Some(text.trim_start_matches('+').to_owned())
            }
            _ => None,
        }
    }

    fn line(&self, span: Option<Range<usize>>) -> usize {
        let start = span.map_or(0, |span| span.start).min(self.text.len());
        self.text.as_bytes()[..start]
            .iter()
            .filter(|&&byte| byte == b'\n')
            .count()
            + 1
    }

    fn wrong(
        &self,
        span: Option<Range<usize>>,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> SuiteError {
        SuiteError::Manifest {
            path: self.path.to_owned(),
            line: self.line(span),
            message: message.into(),
            help: help.into(),
        }
    }

    fn cases(&self) -> Result<Vec<Case>, SuiteError> {
        let document = Document::parse(self.text).map_err(|e| {
            self.wrong(
                e.span(),
                e.message(),
                "the file is TOML; relucert init writes an example",
            )
        })?;
        let table = document.as_table();
        let help = "a file has [defaults], which every case has unless it says otherwise, and [[case]] for each case";
        for (key, item) in table.iter() {
            if !matches!(key, "case" | "defaults") {
                let found = format!("`{key}` is neither defaults nor case");
                return Err(self.wrong(item.span(), found, help));
            }
        }
        let empty = Table::new();
        let defaults = match table.get("defaults") {
            None => &empty as &dyn TableLike,
            Some(item) => item
                .as_table_like()
                .ok_or_else(|| self.wrong(item.span(), "defaults is no table", help))?,
        };
        if let Some((key, item)) = defaults
            .iter()
            .find(|(key, _)| matches!(*key, "name" | "expect"))
        {
            let found = format!("`{key}` is a case's own");
            return Err(self.wrong(item.span(), found, help));
        }
        let list = match table.get("case") {
            Some(item) => item
                .as_array_of_tables()
                .ok_or_else(|| self.wrong(item.span(), "case is no list of tables", help))?,
            None => return Err(self.wrong(None, "there is no case", help)),
        };
        let mut cases: Vec<Case> = Vec::new();
        for table in list.iter() {
            let case = self.case(table, defaults)?;
            if cases.iter().any(|other| other.name == case.name) {
                let found = format!("two cases are named `{}`", case.name);
                return Err(self.wrong(table.span(), found, "give every case its own name"));
            }
            cases.push(case);
        }
        Ok(cases)
    }

    fn case(&self, table: &Table, defaults: &dyn TableLike) -> Result<Case, SuiteError> {
        let get = |key: &str| table.get(key).or_else(|| defaults.get(key));
        let text = |key: &str| match get(key) {
            None => Ok(None),
            Some(item) => item
                .as_str()
                .map(|text| Some(text.to_owned()))
                .ok_or_else(|| {
                    self.wrong(item.span(), format!("{key} is no text"), "put it in quotes")
                }),
        };
        let name = text("name")?.ok_or_else(|| {
            self.wrong(
                table.span(),
                "a case without a name",
                "name = \"…\" says in tables and reports which it is",
            )
        })?;
        let command = match text("command")? {
            Some(command) => command,
            None if get("network").is_some() => "certify".to_owned(),
            None => {
                let help = format!("command is one of {}", COMMANDS.join(", "));
                return Err(self.wrong(
                    table.span(),
                    format!("case `{name}` has no command"),
                    help,
                ));
            }
        };
        if !COMMANDS.contains(&command.as_str()) {
            let help = match nearest(&command, COMMANDS.into_iter()) {
                Some(best) => format!("did you mean `{best}`? Known are {}", COMMANDS.join(", ")),
                None => format!("known are {}", COMMANDS.join(", ")),
            };
            let span = get("command").and_then(Item::span);
            return Err(self.wrong(span, format!("`{command}` is no command for a case"), help));
        }
        let check_proof = match get("check-proof") {
            None => false,
            Some(item) => item.as_bool().ok_or_else(|| {
                self.wrong(
                    item.span(),
                    "check-proof is neither true nor false",
                    "true writes a proof and lets the checker verify it",
                )
            })?,
        };
        let mut arguments = Vec::new();
        // Of the proof that `check` is about only the name is given.
        if command == "check" {
            let item = get("proof").ok_or_else(|| {
                self.wrong(
                    table.span(),
                    format!("case `{name}` has no proof"),
                    "proof = \"FILE\" names the proof to check",
                )
            })?;
            let file = item.as_str().ok_or_else(|| {
                self.wrong(
                    item.span(),
                    "proof is no text",
                    "proof = \"FILE\" names the proof to check",
                )
            })?;
            arguments.push(file.to_owned());
        }
        let own = table.iter();
        let inherited = defaults.iter().filter(|(key, _)| !table.contains_key(key));
        for (key, item) in own.chain(inherited) {
            let positional = command == "check" && key == "proof";
            if !KEYS.contains(&key) && !positional {
                arguments.extend(self.argument(key, item)?);
            }
        }
        let expect = match table.get("expect") {
            None => Vec::new(),
            Some(item) => self.expectations(item)?,
        };
        Ok(Case {
            name,
            line: self.line(table.span()),
            command,
            arguments,
            check_proof,
            expect,
        })
    }

    /// An option and its values.
    fn argument(&self, key: &str, item: &Item) -> Result<Vec<String>, SuiteError> {
        if REFUSED.contains(&key) {
            let help = "a case writes no files, and its output is compared: leave it out (check-proof = true writes and checks a proof)";
            return Err(self.wrong(item.span(), format!("`{key}` is no option of a case"), help));
        }
        let flag = format!("--{key}");
        let help = "options have texts, numbers, true or false, or lists of these";
        let value = item
            .as_value()
            .ok_or_else(|| self.wrong(item.span(), format!("`{key}` is a table"), help))?;
        // One word, so that a value may begin with a minus.
        let option = |value: &Value| match self.scalar(value) {
            Some(text) => Ok(format!("{flag}={text}")),
            None => Err(self.wrong(
                value.span(),
                format!("`{key}` has a value of a wrong kind"),
                help,
            )),
        };
        match value {
            Value::Boolean(flagged) => Ok(if *flagged.value() {
                vec![flag.clone()]
            } else {
                Vec::new()
            }),
            Value::Array(list) => list.iter().map(option).collect(),
            single => option(single).map(|text| vec![text]),
        }
    }

    fn expectations(&self, item: &Item) -> Result<Vec<Expectation>, SuiteError> {
        let help = "expectations are FIELD = VALUE under [case.expect]";
        let table = item
            .as_table_like()
            .ok_or_else(|| self.wrong(item.span(), "expect is no table", help))?;
        let mut list = Vec::new();
        self.fields(table, &[], &mut list)?;
        Ok(list)
    }

    /// The fields of a table; a table that is no way of saying a number has fields within fields.
    fn fields(
        &self,
        table: &dyn TableLike,
        above: &[String],
        list: &mut Vec<Expectation>,
    ) -> Result<(), SuiteError> {
        for (key, item) in table.iter() {
            let keys = [above, &[key.to_owned()]].concat();
            let field = keys.join(".");
            match item.as_table_like() {
                Some(inner)
                    if !WAYS.iter().any(|way| inner.contains_key(way)) && above.len() < 8 =>
                {
                    self.fields(inner, &keys, list)?;
                }
                _ => list.push(Expectation {
                    wanted: self.wanted(&field, item)?,
                    line: self.line(item.span()),
                    field,
                    keys,
                }),
            }
        }
        Ok(())
    }

    fn wanted(&self, field: &str, item: &Item) -> Result<Wanted, SuiteError> {
        match item {
            Item::Value(Value::InlineTable(table)) => self.qualified(field, table, item.span()),
            Item::Table(table) => self.qualified(field, table, item.span()),
            Item::Value(value) => self.plain(field, value),
            _ => Err(self.wrong(
                item.span(),
                format!("`{field}` has no value"),
                "give a value",
            )),
        }
    }

    fn plain(&self, field: &str, value: &Value) -> Result<Wanted, SuiteError> {
        match value {
            Value::Boolean(flag) => Ok(Wanted::Flag(*flag.value())),
            Value::Array(list) => list
                .iter()
                .map(|value| match value {
                    Value::InlineTable(table) => self.qualified(field, table, value.span()),
                    value => self.plain(field, value),
                })
                .collect::<Result<_, _>>()
                .map(Wanted::List),
            value => self.scalar(value).map(Wanted::Plain).ok_or_else(|| {
                self.wrong(
                    value.span(),
                    format!("`{field}` is of a wrong kind"),
                    "give a text, a number, true or false, or a list",
                )
            }),
        }
    }

    /// `{ value = …, within = … }` and the like.
    fn qualified(
        &self,
        field: &str,
        table: &dyn TableLike,
        span: Option<Range<usize>>,
    ) -> Result<Wanted, SuiteError> {
        let help = "a number is { value = …, within = … } or { value = …, relative = … }, or { at-least = …, at-most = … } with one or both; values = […] \
                    in the place of value for a list";
        if let Some((key, item)) = table.iter().find(|(key, _)| !WAYS.contains(key)) {
            let found = format!("`{field}` has the key `{key}`");
            return Err(self.wrong(item.span(), found, help));
        }
        let number = |key: &str| match table.get(key) {
            None => Ok(None),
            Some(item) => self.number(field, item.as_value(), item.span()).map(Some),
        };
        let (within, relative) = (number("within")?, number("relative")?);
        let (least, most) = (number("at-least")?, number("at-most")?);
        let has_value = table.contains_key("value") || table.contains_key("values");
        let wrong = || {
            self.wrong(
                span.clone(),
                format!("`{field}` is not said in one of the ways there are"),
                help,
            )
        };
        let slack = match (within, relative, least.is_some() || most.is_some()) {
            (None, None, true) if !has_value => return Ok(Wanted::Between(least, most)),
            (Some(slack), None, false) => Slack::Within(slack),
            (None, Some(slack), false) => Slack::Relative(slack),
            _ => return Err(wrong()),
        };
        if matches!(&slack, Slack::Within(s) | Slack::Relative(s) if s.is_negative()) {
            return Err(self.wrong(span, format!("`{field}` has a negative tolerance"), help));
        }
        match (table.get("value"), table.get("values")) {
            (Some(item), None) => {
                let value = self.number(field, item.as_value(), item.span())?;
                Ok(Wanted::Near(value, slack))
            }
            (None, Some(Item::Value(Value::Array(list)))) => list
                .iter()
                .map(|value| {
                    let number = self.number(field, Some(value), value.span())?;
                    Ok(Wanted::Near(number, slack.clone()))
                })
                .collect::<Result<_, _>>()
                .map(Wanted::List),
            _ => Err(wrong()),
        }
    }

    fn number(
        &self,
        field: &str,
        value: Option<&Value>,
        span: Option<Range<usize>>,
    ) -> Result<Rat, SuiteError> {
        value
            .and_then(|value| self.scalar(value))
            .and_then(|text| parse_ratio(&text).ok())
            .ok_or_else(|| {
                self.wrong(
                    span,
                    format!("`{field}`: this is no number"),
                    "give a decimal, or p/q in quotes",
                )
            })
    }
}
