//! A piece of Python, as far as it says how a network was trained: calls, names, numbers, texts, lists.
//!
//! Nothing is run. What an argument like `model.parameters()` or `lambda …` means is not asked, as long as brackets and quotes close.

use num_traits::Zero;

use super::error::{ConventionError, Place};
use crate::exact::{Rat, parse_decimal};

/// An expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Expr {
    /// A number, or a product or quotient of numbers. Exact: the decimal that is written.
    Number(Rat),
    /// A text in quotes.
    Text(String),
    True,
    False,
    None,
    /// A list or tuple.
    List(Vec<Expr>),
    /// `a.b.name(…)`, under its last name.
    Call(Call),
    /// A dotted name, under its last part.
    Name(String),
    /// A number times something.
    Times(Rat, Box<Expr>),
    /// Anything else, as it is written.
    Other(String),
}

/// A call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Call {
    /// The last part of the dotted name.
    pub name: String,
    pub positional: Vec<Expr>,
    pub named: Vec<(String, Expr)>,
}

/// Brackets within brackets, at most.
const MAX_DEPTH: usize = 40;

struct Parser<'a> {
    place: Place,
    text: &'a str,
    at: usize,
    depth: usize,
}

/// Parses an expression.
pub(super) fn parse(place: Place, text: &str) -> Result<Expr, ConventionError> {
    let mut parser = Parser {
        place,
        text,
        at: 0,
        depth: 0,
    };
    let expr = parser.expression()?;
    parser.space();
    if parser.at < text.len() {
        return Err(parser.wrong());
    }
    Ok(expr)
}

impl<'a> Parser<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn wrong(&self) -> ConventionError {
        let rest = self.rest().trim();
        let shown: String = rest.chars().take(20).collect();
        ConventionError::Syntax {
            place: self.place,
            at: if shown.is_empty() {
                "its end".to_owned()
            } else {
                format!("`{shown}`")
            },
        }
    }

    fn space(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start().len();
    }

    fn eat(&mut self, token: &str) -> bool {
        self.space();
        let found = self.rest().starts_with(token);
        if found {
            self.at += token.len();
        }
        found
    }

    /// Products and quotients.
    fn expression(&mut self) -> Result<Expr, ConventionError> {
        let mut value = self.factor()?;
        loop {
            self.space();
            let rest = self.rest();
            if rest.starts_with("**") || rest.starts_with("//") {
                return Err(self.wrong());
            }
            let times = self.eat("*");
            if !times && !self.eat("/") {
                return Ok(value);
            }
            let right = self.factor()?;
            value = match (value, right, times) {
                (Expr::Number(a), Expr::Number(b), true) => Expr::Number(a * b),
                (Expr::Number(a), Expr::Number(b), false) if !b.is_zero() => Expr::Number(a / b),
                (Expr::Number(a), other, true) | (other, Expr::Number(a), true) => scaled(a, other),
                (other, Expr::Number(b), false) if !b.is_zero() => scaled(b.recip(), other),
                _ => return Err(self.wrong()),
            };
        }
    }

    fn factor(&mut self) -> Result<Expr, ConventionError> {
        self.space();
        if self.eat("-") {
            self.deeper()?;
            let value = self.factor()?;
            self.depth -= 1;
            return match value {
                Expr::Number(value) => Ok(Expr::Number(-value)),
                _ => Err(self.wrong()),
            };
        }
        let rest = self.rest();
        let Some(first) = rest.chars().next() else {
            return Err(self.wrong());
        };
        match first {
            '0'..='9' | '.' => self.number(),
            '\'' | '"' => self.string(),
            '(' => self.list(")"),
            '[' => self.list("]"),
            '{' => self.skipped(),
            c if c.is_alphabetic() || c == '_' => self.named(),
            _ => Err(self.wrong()),
        }
    }

    fn number(&mut self) -> Result<Expr, ConventionError> {
        let rest = self.rest();
        let mut end = 0;
        let mut last = ' ';
        for (i, c) in rest.char_indices() {
            let sign = matches!(c, '+' | '-') && matches!(last, 'e' | 'E');
            if !(c.is_ascii_digit() || matches!(c, '.' | '_' | 'e' | 'E') || sign) {
                break;
            }
            last = c;
            end = i + c.len_utf8();
        }
        let digits = rest[..end].replace('_', "");
        let value = parse_decimal(&digits).map_err(|_| self.wrong())?;
        self.at += end;
        Ok(Expr::Number(value))
    }

    fn string(&mut self) -> Result<Expr, ConventionError> {
        let rest = self.rest();
        let quote = &rest[..1];
        match rest[1..].split_once(quote) {
            Some((inside, _)) if !inside.contains('\\') => {
                self.at += inside.len() + 2;
                Ok(Expr::Text(inside.to_owned()))
            }
            _ => Err(self.wrong()),
        }
    }

    /// A list, a tuple, or an expression in brackets.
    fn list(&mut self, close: &str) -> Result<Expr, ConventionError> {
        let start = self.at;
        self.at += 1;
        self.deeper()?;
        let mut items = Vec::new();
        let mut comma = false;
        loop {
            if self.eat(close) {
                break;
            }
            if !items.is_empty() && !comma {
                return self.skip_from(start);
            }
            match self.expression() {
                Ok(item) => items.push(item),
                Err(_) => return self.skip_from(start),
            }
            comma = self.eat(",");
        }
        self.depth -= 1;
        match items.as_slice() {
            [only] if close == ")" && !comma => Ok(only.clone()),
            _ => Ok(Expr::List(items)),
        }
    }

    fn deeper(&mut self) -> Result<(), ConventionError> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(self.wrong());
        }
        Ok(())
    }

    fn skip_from(&mut self, start: usize) -> Result<Expr, ConventionError> {
        self.depth -= 1;
        self.at = start;
        self.skipped()
    }

    /// Something in brackets that is not read.
    fn skipped(&mut self) -> Result<Expr, ConventionError> {
        let rest = self.rest();
        let mut open = Vec::new();
        let mut quote = None;
        for (i, c) in rest.char_indices() {
            match (quote, c) {
                (Some(q), c) if c == q => quote = None,
                (Some(_), _) => {}
                (None, '\'' | '"') => quote = Some(c),
                (None, '(') => open.push(')'),
                (None, '[') => open.push(']'),
                (None, '{') => open.push('}'),
                (None, ')' | ']' | '}') if open.pop() != Some(c) => break,
                _ => {}
            }
            if open.is_empty() && quote.is_none() {
                let end = i + c.len_utf8();
                self.at += end;
                return Ok(Expr::Other(rest[..end].to_owned()));
            }
        }
        Err(self.wrong())
    }

    fn identifier(&mut self) -> &'a str {
        let rest = self.rest();
        let end = rest
            .find(|c: char| !(c.is_alphanumeric() || c == '_'))
            .unwrap_or(rest.len());
        self.at += end;
        &rest[..end]
    }

    /// A constant, a name, or a call, and what is done with its result.
    fn named(&mut self) -> Result<Expr, ConventionError> {
        let start = self.at;
        let mut name = self.identifier();
        match name {
            "True" => return Ok(Expr::True),
            "False" => return Ok(Expr::False),
            "None" => return Ok(Expr::None),
            "lambda" | "not" | "await" => return Err(self.wrong()),
            _ => {}
        }
        let mut call = None;
        let mut plain = true;
        loop {
            self.space();
            let rest = self.rest();
            if rest.starts_with('.') {
                self.at += 1;
                name = self.identifier();
                plain = plain && call.is_none();
                call = None;
            } else if rest.starts_with('(') {
                plain = plain && call.is_none();
                call = Some(self.arguments(name)?);
            } else if rest.starts_with('[') {
                self.skipped()?;
                plain = false;
                call = None;
            } else {
                break;
            }
        }
        Ok(match (plain, call) {
            (true, Some(call)) => Expr::Call(call),
            (true, None) => Expr::Name(name.to_owned()),
            (false, Some(call)) if call.name != "parameters" => Expr::Call(call),
            _ => Expr::Other(self.text[start..self.at].to_owned()),
        })
    }

    fn arguments(&mut self, name: &str) -> Result<Call, ConventionError> {
        self.at += 1;
        self.deeper()?;
        let mut call = Call {
            name: name.to_owned(),
            positional: Vec::new(),
            named: Vec::new(),
        };
        let mut comma = true;
        while !self.eat(")") {
            if !comma {
                return Err(self.wrong());
            }
            let start = self.at;
            let keyword = self.identifier();
            self.space();
            let rest = self.rest();
            if !keyword.is_empty() && rest.starts_with('=') && !rest.starts_with("==") {
                self.at += 1;
                let value = self.expression()?;
                call.named.push((keyword.to_owned(), value));
            } else {
                self.at = start;
                let value = self.expression()?;
                call.positional.push(value);
            }
            comma = self.eat(",");
        }
        self.depth -= 1;
        Ok(call)
    }
}

fn scaled(factor: Rat, expr: Expr) -> Expr {
    match expr {
        Expr::Times(other, inner) => Expr::Times(factor * other, inner),
        inner => Expr::Times(factor, Box::new(inner)),
    }
}

/// A call whose arguments are being asked for; what was not asked for is an error, if it is no known argument.
pub(super) struct Arguments<'a> {
    pub place: Place,
    pub call: &'a Call,
    /// The names of the arguments, those first that may be given by position.
    pub names: &'a [&'a str],
    /// How many may be given by position.
    pub positions: usize,
}

impl<'a> Arguments<'a> {
    /// Checks that every argument has a name that the call knows, and that none is given twice.
    pub fn check(&self) -> Result<(), ConventionError> {
        if self.call.positional.len() > self.positions {
            return Err(ConventionError::Positional {
                place: self.place,
                call: self.call.name.clone(),
                given: self.call.positional.len(),
            });
        }
        for (i, (name, _)) in self.call.named.iter().enumerate() {
            let taken = &self.names[..self.call.positional.len()];
            let twice = taken.contains(&name.as_str())
                || self.call.named[..i].iter().any(|(other, _)| other == name);
            if twice || !self.names.contains(&name.as_str()) {
                return Err(ConventionError::Argument {
                    place: self.place,
                    call: self.call.name.clone(),
                    argument: name.clone(),
                    twice,
                    known: self.names.iter().map(|&name| name.to_owned()).collect(),
                });
            }
        }
        Ok(())
    }

    /// An argument, by position or name.
    pub fn get(&self, name: &str) -> Option<&'a Expr> {
        let position = self.names.iter().position(|&other| other == name)?;
        let named = self.call.named.iter().find(|(other, _)| other == name);
        self.call
            .positional
            .get(position)
            .or(named.map(|(_, value)| value))
    }

    fn unexpected(&self, name: &str, wanted: &'static str) -> ConventionError {
        ConventionError::Value {
            place: self.place,
            call: self.call.name.clone(),
            argument: name.to_owned(),
            wanted,
        }
    }

    /// A number, or the default.
    pub fn number(&self, name: &str, default: &str) -> Result<Rat, ConventionError> {
        match self.get(name) {
            None => parse_decimal(default).map_err(|_| self.unexpected(name, "a number")),
            Some(Expr::Number(value)) => Ok(value.clone()),
            Some(_) => Err(self.unexpected(name, "a number")),
        }
    }

    /// True or false, or the default.
    pub fn flag(&self, name: &str, default: bool) -> Result<bool, ConventionError> {
        match self.get(name) {
            None => Ok(default),
            Some(Expr::True) => Ok(true),
            Some(Expr::False) => Ok(false),
            Some(_) => Err(self.unexpected(name, "True or False")),
        }
    }

    /// A text, or the default.
    pub fn text(&self, name: &str, default: &str) -> Result<String, ConventionError> {
        match self.get(name) {
            None => Ok(default.to_owned()),
            Some(Expr::Text(text)) => Ok(text.clone()),
            Some(_) => Err(self.unexpected(name, "a text in quotes")),
        }
    }

    /// A positive integer.
    pub fn count(&self, name: &str) -> Result<Option<u64>, ConventionError> {
        match self.get(name) {
            None => Ok(None),
            Some(value) => as_count(value)
                .map(Some)
                .ok_or_else(|| self.unexpected(name, "a positive integer")),
        }
    }
}

/// A positive integer.
pub(super) fn as_count(value: &Expr) -> Option<u64> {
    match value {
        Expr::Number(value) if value.is_integer() => {
            u64::try_from(value.to_integer()).ok().filter(|&n| n > 0)
        }
        _ => None,
    }
}
