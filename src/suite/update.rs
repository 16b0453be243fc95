//! New expectations from what was found; the rest of the file, comments included, stays as it is.

use num_bigint::BigInt;
use num_traits::Signed;
use serde_json::Value as Json;
use toml_edit::{Array, DocumentMut, InlineTable, Item, Table, Value};

use super::error::SuiteError;
use super::expect::{Found, Outcome, compare, field};
use super::manifest::{Case, Expectation, Manifest, Wanted};
use crate::exact::{Rat, Round, to_decimal};
use crate::files;

/// What is expected of a command if a case says nothing: its fields, and how a number is written.
fn defaults(command: &str) -> &'static [(&'static str, Style)] {
    match command {
        "certify" => &[
            ("verdict", Style::Exact),
            ("objective", Style::Relative("1e-12")),
            ("lower-bound", Style::AtLeast),
            ("width", Style::Exact),
        ],
        "solve" => &[
            ("verdict", Style::Exact),
            ("objective", Style::Relative("1e-6")),
            ("lower-bound", Style::AtLeast),
        ],
        "minima" => &[
            ("count", Style::Exact),
            ("values", Style::Within("1e-9")),
            ("dimensions", Style::Exact),
        ],
        "cells" => &[
            ("cells", Style::Exact),
            ("patterns-ge", Style::Exact),
            ("rank", Style::Exact),
        ],
        "predict" => &[("predictions", Style::Relative("1e-12"))],
        "objective" => &[("certify", Style::Exact)],
        _ => &[("result", Style::Exact)],
    }
}

#[derive(Debug, Clone, Copy)]
enum Style {
    Exact,
    Within(&'static str),
    Relative(&'static str),
    AtLeast,
}

/// Rewrites the expectations of a file's cases that differ from what was found, and fills those of cases that have none. Cases without an
/// outcome stay. Returns how many cases changed.
///
/// # Errors
///
/// [`SuiteError`] if the file changed since it was read, or cannot be written.
pub fn update(manifest: &Manifest, outcomes: &[Option<Outcome>]) -> Result<usize, SuiteError> {
    let path = &manifest.path;
    let now = std::fs::read_to_string(path).map_err(|source| SuiteError::Io {
        path: path.clone(),
        source,
    })?;
    let changed = || SuiteError::Changed { path: path.clone() };
    if now != manifest.text {
        return Err(changed());
    }
    let mut document: DocumentMut = now.parse().map_err(|_| changed())?;
    let Some(tables) = document
        .get_mut("case")
        .and_then(Item::as_array_of_tables_mut)
    else {
        return Err(changed());
    };
    let mut count = 0;
    for ((table, case), outcome) in tables.iter_mut().zip(&manifest.cases).zip(outcomes) {
        if let Some(outcome) = outcome {
            count += usize::from(update_case(table, case, outcome));
        }
    }
    if count > 0 {
        let text = document.to_string();
        files::write_atomically(path, |out| out.write_all(text.as_bytes())).map_err(|source| {
            SuiteError::Unwritable {
                path: path.clone(),
                source,
            }
        })?;
    }
    Ok(count)
}

fn update_case(table: &mut Table, case: &Case, outcome: &Outcome) -> bool {
    let json: Option<Json> = serde_json::from_str(&outcome.output).ok();
    if case.expect.is_empty() {
        return fill(table, case, outcome, json.as_ref());
    }
    let differences = compare(case, outcome);
    let differs = |e: &&Expectation| differences.iter().any(|d| d.field == e.field);
    let mut changed = false;
    for expectation in case.expect.iter().filter(differs) {
        let Ok(found) = field(expectation, outcome, json.as_ref()) else {
            continue;
        };
        let mut item = table.get_mut("expect");
        for key in &expectation.keys {
            item = item
                .and_then(Item::as_table_like_mut)
                .and_then(|table| table.get_mut(key));
        }
        if let Some(item) = item {
            changed |= rewrite(item, &expectation.wanted, &found);
        }
    }
    changed
}

/// Expectations for a case that has none.
fn fill(table: &mut Table, case: &Case, outcome: &Outcome, json: Option<&Json>) -> bool {
    let mut expect = Table::new();
    for (name, style) in defaults(&case.command) {
        let expectation = Expectation {
            field: (*name).to_owned(),
            keys: Vec::new(),
            line: 0,
            wanted: Wanted::Between(None, None),
        };
        if let Ok(found) = field(&expectation, outcome, json)
            && let Some(value) = styled(*style, &found)
        {
            expect.insert(name, Item::Value(value));
        }
    }
    if expect.is_empty() {
        return false;
    }
    table.insert("expect", Item::Table(expect));
    true
}

fn styled(style: Style, found: &Found) -> Option<Value> {
    let inline =
        |pairs: Vec<(&str, Value)>| Value::InlineTable(pairs.into_iter().collect::<InlineTable>());
    match (style, found) {
        (Style::Exact, found) => plain(found),
        (Style::AtLeast, Found::Number(low, _)) => {
            // A little room, for the bound is found with floats.
            let room = low.abs() / BigInt::from(1_000_000);
            let least = text(&(low - room), 6, Round::Down);
            Some(inline(vec![("at-least", least)]))
        }
        (Style::Within(_) | Style::Relative(_), found) => {
            let (key, values) = match found {
                Found::List(list) => {
                    let list: Option<Array> = list.iter().map(middle).collect();
                    ("values", Value::Array(list?))
                }
                single => ("value", middle(single)?),
            };
            let (name, slack) = match style {
                Style::Within(slack) => ("within", slack),
                Style::Relative(slack) => ("relative", slack),
                _ => return None,
            };
            Some(inline(vec![(key, values), (name, Value::from(slack))]))
        }
        _ => None,
    }
}

/// A decimal as a text, since TOML's floats have 64 bits.
fn text(value: &Rat, digits: usize, round: Round) -> Value {
    Value::from(to_decimal(value, digits, round))
}

/// The middle of a number's enclosure, with the digits of a float.
fn middle(found: &Found) -> Option<Value> {
    match found {
        Found::Number(low, high) => {
            let middle = (low + high) / BigInt::from(2);
            Some(text(&middle, 17, Round::Nearest))
        }
        _ => None,
    }
}

/// A value that is met exactly.
fn plain(found: &Found) -> Option<Value> {
    match found {
        Found::Number(low, high) if low == high => match i64::try_from(low.to_integer()) {
            Ok(integer) if low.is_integer() => Some(Value::from(integer)),
            _ => Some(Value::from(low.to_string())),
        },
        // An enclosure is met by no number exactly.
        Found::Number(..) => None,
        Found::Text(text) => Some(Value::from(text.as_str())),
        Found::Flag(flag) => Some(Value::from(*flag)),
        Found::Nothing => Some(Value::from("null")),
        Found::List(list) => {
            let list: Option<Array> = list.iter().map(plain).collect();
            Some(Value::Array(list?))
        }
    }
}

/// Puts what was found in the place of what was expected, in the same way of saying it. The comment beside it stays.
fn rewrite(item: &mut Item, wanted: &Wanted, found: &Found) -> bool {
    if let Some(table) = item.as_table_like_mut()
        && let Some(changed) = rewrite_table(table, wanted, found)
    {
        return changed;
    }
    let Some(mut value) = plain(found) else {
        return false;
    };
    match item {
        Item::Value(old) => {
            *value.decor_mut() = old.decor().clone();
            *old = value;
            true
        }
        _ => false,
    }
}

fn rewrite_table(
    table: &mut dyn toml_edit::TableLike,
    wanted: &Wanted,
    found: &Found,
) -> Option<bool> {
    let mut put = |key: &str, value: Option<Value>| match (table.get_mut(key), value) {
        (Some(Item::Value(old)), Some(mut value)) => {
            *value.decor_mut() = old.decor().clone();
            *old = value;
            true
        }
        _ => false,
    };
    match (wanted, found) {
        (Wanted::Near(..), found) => Some(put("value", middle(found))),
        (Wanted::List(_), Found::List(list)) => {
            let list: Option<Array> = list.iter().map(middle).collect();
            Some(put("values", list.map(Value::Array)))
        }
        (Wanted::Between(least, most), Found::Number(low, high)) => {
            let below = least.as_ref().is_some_and(|least| low < least);
            let above = most.as_ref().is_some_and(|most| high > most);
            let lower = below && put("at-least", Some(text(low, 9, Round::Down)));
            let higher = above && put("at-most", Some(text(high, 9, Round::Up)));
            Some(lower || higher)
        }
        _ => Some(false),
    }
}
