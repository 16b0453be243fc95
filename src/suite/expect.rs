//! Whether a command's output is as expected.

use num_traits::{Signed, Zero};
use serde_json::Value;

use super::manifest::{Case, Expectation, Slack, Wanted};
use crate::exact::{Rat, Round, parse_ratio, to_decimal};
use crate::problem::{list_names, nearest};

/// What a command did.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    /// Its exit status; `None` if it was killed.
    pub exit: Option<i32>,
    /// Its output: JSON, unless it failed.
    pub output: String,
    /// Its messages.
    pub messages: String,
}

/// An expectation that is not met.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The line of the expectation, from 1.
    pub line: usize,
    /// The field.
    pub field: String,
    /// What is expected, in words.
    pub expected: String,
    /// What was found, in words.
    pub found: String,
}

/// A value of the output.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Found {
    /// A number, or an enclosure of one. Exact.
    Number(Rat, Rat),
    Text(String),
    Flag(bool),
    Nothing,
    List(Vec<Found>),
}

/// Short names for fields that lie deep.
const SHORT: [(&str, &str); 3] = [
    ("values", "components.*.value"),
    ("dimensions", "components.*.dimension"),
    ("sha256", "problem.sha256"),
];

/// The differences between what a case expects and what its command did.
pub fn compare(case: &Case, outcome: &Outcome) -> Vec<Difference> {
    let json: Option<Value> = serde_json::from_str(&outcome.output).ok();
    case.expect
        .iter()
        .filter_map(|expectation| {
            let difference = |expected: String, found: String| Difference {
                line: expectation.line,
                field: expectation.field.clone(),
                expected,
                found,
            };
            match field(expectation, outcome, json.as_ref()) {
                Err(message) => Some(difference(show_wanted(&expectation.wanted), message)),
                Ok(found) if meets(&expectation.wanted, &found) => None,
                Ok(found) if expectation.field == "error" => Some(difference(
                    format!("a message with {}", show_wanted(&expectation.wanted)),
                    show_found(&found),
                )),
                Ok(found) => Some(difference(
                    show_wanted(&expectation.wanted),
                    show_against(&expectation.wanted, &found),
                )),
            }
        })
        .collect()
}

/// The value of a field.
pub(super) fn field(
    expectation: &Expectation,
    outcome: &Outcome,
    json: Option<&Value>,
) -> Result<Found, String> {
    match expectation.field.as_str() {
        "exit" => {
            let code = outcome.exit.ok_or("the command was killed")?;
            return Ok(integer(code.into()));
        }
        "error" => {
            let message = outcome.messages.trim();
            let wanted = match &expectation.wanted {
                Wanted::Plain(text) => text.as_str(),
                _ => return Err("error is a part of the message, in quotes".to_owned()),
            };
            // A part of the message suffices.
            let found = if message.contains(wanted) {
                wanted
            } else {
                message
            };
            return Ok(Found::Text(found.to_owned()));
        }
        _ => {}
    }
    let json = json.ok_or("the command printed no result")?;
    let name = expectation.field.as_str();
    let path = match SHORT.iter().find(|(short, _)| *short == name) {
        Some((short, path)) if json.get(short).is_none() => path,
        _ => name,
    };
    let segments: Vec<String> = path.split('.').map(|part| part.replace('-', "_")).collect();
    descend(json, &segments)
}

fn integer(value: i64) -> Found {
    let value = Rat::from_integer(value.into());
    Found::Number(value.clone(), value)
}

fn descend(value: &Value, path: &[String]) -> Result<Found, String> {
    let Some((first, rest)) = path.split_first() else {
        return Ok(found(value));
    };
    match value {
        Value::Array(list) if first == "*" => list
            .iter()
            .map(|value| descend(value, rest))
            .collect::<Result<_, _>>()
            .map(Found::List),
        Value::Array(list) => {
            let item = first.parse().ok().and_then(|i: usize| list.get(i));
            let item = item.ok_or_else(|| format!("there is no item {first} of {}", list.len()))?;
            descend(item, rest)
        }
        Value::Object(fields) => match fields.get(first) {
            Some(item) => descend(item, rest),
            None => {
                let names = || fields.keys().map(String::as_str);
                let mend = nearest(first, names()).map_or_else(
                    || format!("the fields are {}", list_names(names())),
                    |best| format!("did you mean `{best}`?"),
                );
                Err(format!("there is no such field; {mend}"))
            }
        },
        _ => Err(format!("there is no field `{first}` in it")),
    }
}

fn found(value: &Value) -> Found {
    let number = |text: &str| parse_ratio(text).ok();
    match value {
        Value::Null => Found::Nothing,
        Value::Bool(flag) => Found::Flag(*flag),
        Value::Number(value) => match number(value.as_str()) {
            Some(value) => Found::Number(value.clone(), value),
            None => Found::Text(value.to_string()),
        },
        Value::String(text) => match number(text) {
            Some(value) => Found::Number(value.clone(), value),
            None => Found::Text(text.clone()),
        },
        Value::Array(list) => Found::List(list.iter().map(found).collect()),
        Value::Object(fields) => {
            let at = |key: &str| fields.get(key).and_then(Value::as_str).and_then(number);
            let ends = match fields.get("enclosure").and_then(Value::as_array) {
                Some(ends) => {
                    let end = |i: usize| ends.get(i).and_then(Value::as_str).and_then(number);
                    (end(0), end(1))
                }
                None if fields.contains_key("exact") => (at("exact"), at("exact")),
                None => (at("lower"), at("upper")),
            };
            match ends {
                (Some(low), Some(high)) => Found::Number(low, high),
                _ => Found::Text(value.to_string()),
            }
        }
    }
}

/// Whether a value is as wanted. An enclosure has to lie inside, with both of its ends.
fn meets(wanted: &Wanted, found: &Found) -> bool {
    match (wanted, found) {
        (Wanted::Plain(text), Found::Text(found)) => text == found,
        (Wanted::Plain(text), Found::Number(low, high)) => {
            parse_ratio(text).is_ok_and(|value| value == *low && value == *high)
        }
        (Wanted::Plain(text), Found::Nothing) => text == "null",
        (Wanted::Flag(wanted), Found::Flag(found)) => wanted == found,
        (Wanted::Near(value, slack), Found::Number(low, high)) => {
            let slack = match slack {
                Slack::Within(slack) => slack.clone(),
                Slack::Relative(slack) => slack * value.abs(),
            };
            (low - value).abs() <= slack && (high - value).abs() <= slack
        }
        (Wanted::Between(least, most), Found::Number(low, high)) => {
            least.as_ref().is_none_or(|least| low >= least)
                && most.as_ref().is_none_or(|most| high <= most)
        }
        (Wanted::List(wanted), Found::List(found)) => {
            wanted.len() == found.len() && wanted.iter().zip(found).all(|(w, f)| meets(w, f))
        }
        _ => false,
    }
}

fn shown(value: &Rat) -> String {
    if value.is_integer() && value.abs() < Rat::from_integer(1_000_000_000_000i64.into()) {
        return value.to_string();
    }
    to_decimal(value, 17, Round::Nearest)
}

fn show_wanted(wanted: &Wanted) -> String {
    match wanted {
        Wanted::Plain(text) => text.clone(),
        Wanted::Flag(flag) => flag.to_string(),
        Wanted::Near(value, Slack::Within(slack)) => {
            format!(
                "{} within {}",
                shown(value),
                to_decimal(slack, 6, Round::Nearest)
            )
        }
        Wanted::Near(value, Slack::Relative(slack)) => {
            let slack = to_decimal(slack, 6, Round::Nearest);
            format!("{} within {slack} of itself", shown(value))
        }
        Wanted::Between(Some(least), Some(most)) => {
            format!("{} to {}", shown(least), shown(most))
        }
        Wanted::Between(Some(least), None) => format!("at least {}", shown(least)),
        Wanted::Between(None, Some(most)) => format!("at most {}", shown(most)),
        Wanted::Between(None, None) => "a number".to_owned(),
        Wanted::List(list) => {
            let items: Vec<String> = list.iter().map(show_wanted).collect();
            format!("[{}]", items.join(", "))
        }
    }
}

fn show_found(found: &Found) -> String {
    match found {
        Found::Number(low, high) if low == high => shown(low),
        Found::Number(low, high) => format!("between {} and {}", shown(low), shown(high)),
        Found::Text(text) => text.clone(),
        Found::Flag(flag) => flag.to_string(),
        Found::Nothing => "null".to_owned(),
        Found::List(list) => {
            let items: Vec<String> = list.iter().map(show_found).collect();
            format!("[{}]", items.join(", "))
        }
    }
}

/// What was found, beside what was wanted: the item of a list that differs, the distance of a number.
fn show_against(wanted: &Wanted, found: &Found) -> String {
    match (wanted, found) {
        (Wanted::List(wanted), Found::List(found)) if wanted.len() != found.len() => {
            let list = show_found(&Found::List(found.clone()));
            format!(
                "{} items where {} are expected: {list}",
                found.len(),
                wanted.len()
            )
        }
        (Wanted::List(wanted), Found::List(found)) => {
            let differs = |(w, f): &(&Wanted, &Found)| !meets(w, f);
            let pairs: Vec<String> = wanted
                .iter()
                .zip(found)
                .enumerate()
                .filter(|(_, pair)| differs(pair))
                .map(|(i, (w, f))| format!("item {i} is {}", show_against(w, f)))
                .collect();
            pairs.join("; ")
        }
        (Wanted::Near(value, _), Found::Number(low, high)) => {
            let distance = (low - value).abs().max((high - value).abs());
            format!(
                "{}, {} off",
                show_found(found),
                to_decimal(&distance, 3, Round::Up)
            )
        }
        (Wanted::Plain(text), Found::Number(low, high)) if parse_ratio(text).is_ok() => {
            match parse_ratio(text) {
                Ok(value) if low == high && !(low - &value).is_zero() => {
                    let distance = to_decimal(&(low - value).abs(), 3, Round::Up);
                    format!(
                        "{}, {distance} off: exactly this number is expected; a tolerance is {{ value = …, within = … }}",
                        show_found(found)
                    )
                }
                _ => show_found(found),
            }
        }
        _ => show_found(found),
    }
}
