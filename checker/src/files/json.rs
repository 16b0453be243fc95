//! JSON, one token at a time; the callers know what has to come, so that nothing is nested deeper than they ask.

use std::collections::BTreeSet;

use super::number::{Exact, Grammar};
use crate::text::quote;

/// A JSON text, read from the front.
pub(crate) struct Json<'a> {
    rest: &'a [u8],
}

/// A token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Token<'a> {
    /// One of `{}[],:`
    Mark(u8),
    Text(String),
    Number(&'a [u8]),
    /// `true`, `false` or `null`
    Word(&'static str),
}

/// The keys of an object that have been read, or whether an array has begun.
#[derive(Debug, Default)]
pub(crate) struct Begun {
    keys: BTreeSet<String>,
    any: bool,
}

impl<'a> Json<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Json { rest: bytes }
    }

    fn skip_space(&mut self) {
        let count = self.rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r')).count();
        self.rest = &self.rest[count..];
    }

    /// The next token.
    pub(crate) fn token(&mut self) -> Result<Token<'a>, String> {
        self.skip_space();
        let Some(&first) = self.rest.first() else { return Err("the text ends too early".to_owned()) };
        match first {
            b'{' | b'}' | b'[' | b']' | b',' | b':' => {
                self.rest = &self.rest[1..];
                Ok(Token::Mark(first))
            }
            b'"' => self.text().map(Token::Text),
            b'-' | b'0'..=b'9' => {
                let is_part = |byte: &&u8| matches!(byte, b'-' | b'+' | b'.' | b'e' | b'E' | b'0'..=b'9');
                let (number, rest) = self.rest.split_at(self.rest.iter().take_while(is_part).count());
                self.rest = rest;
                Ok(Token::Number(number))
            }
            _ => {
                let word = ["true", "false", "null"].into_iter().find(|word| self.rest.starts_with(word.as_bytes()));
                let word = word.ok_or_else(|| format!("{} is out of place", quote(&self.rest[..1])))?;
                self.rest = &self.rest[word.len()..];
                Ok(Token::Word(word))
            }
        }
    }

    /// A string, the first quote of which is next.
    fn text(&mut self) -> Result<String, String> {
        let open = || "a string is not closed".to_owned();
        let mut bytes = Vec::new();
        let mut rest = &self.rest[1..];
        loop {
            let (&byte, after) = rest.split_first().ok_or_else(open)?;
            rest = after;
            match byte {
                b'"' => break,
                b'\\' => {
                    let (&letter, after) = rest.split_first().ok_or_else(open)?;
                    rest = after;
                    if letter == b'u' {
                        let (digits, after) = rest.split_at_checked(4).ok_or_else(open)?;
                        let code = std::str::from_utf8(digits).ok().filter(|digits| !digits.starts_with('+'));
                        let code = code.and_then(|digits| u32::from_str_radix(digits, 16).ok());
                        let letter = code.and_then(char::from_u32).ok_or("a \\u that is no character by itself")?;
                        bytes.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes());
                        rest = after;
                        continue;
                    }
                    let plain = match letter {
                        b'"' | b'\\' | b'/' => letter,
                        b'b' => 8,
                        b'f' => 12,
                        b'n' => b'\n',
                        b'r' => b'\r',
                        b't' => b'\t',
                        _ => return Err("a wrong \\ in a string".to_owned()),
                    };
                    bytes.push(plain);
                }
                0..=31 => return Err("a control character in a string".to_owned()),
                _ => bytes.push(byte),
            }
        }
        self.rest = rest;
        String::from_utf8(bytes).map_err(|_| "a string is not UTF-8".to_owned())
    }

    fn mark(&mut self, mark: u8) -> Result<(), String> {
        match self.token()? {
            Token::Mark(found) if found == mark => Ok(()),
            _ => Err(format!("{} is expected", quote(&[mark]))),
        }
    }

    /// Takes the `{` of an object.
    pub(crate) fn object(&mut self) -> Result<Begun, String> {
        self.mark(b'{')?;
        Ok(Begun::default())
    }

    /// Takes the `[` of an array.
    pub(crate) fn array(&mut self) -> Result<Begun, String> {
        self.mark(b'[')?;
        Ok(Begun::default())
    }

    /// Takes the comma before an item, or the mark that closes the list; says whether there is an item.
    fn more(&mut self, begun: &mut Begun, close: u8) -> Result<bool, String> {
        self.skip_space();
        if self.rest.first() == Some(&close) {
            self.rest = &self.rest[1..];
            return Ok(false);
        }
        if begun.any {
            self.mark(b',')?;
        }
        begun.any = true;
        Ok(true)
    }

    /// Goes to the next item of an array; says whether there is one.
    pub(crate) fn item(&mut self, begun: &mut Begun) -> Result<bool, String> {
        self.more(begun, b']')
    }

    /// The key of the next member of an object, or `None` at its end. Keys may not be repeated.
    pub(crate) fn key(&mut self, begun: &mut Begun) -> Result<Option<String>, String> {
        if !self.more(begun, b'}')? {
            return Ok(None);
        }
        let key = self.string()?;
        self.mark(b':')?;
        if !begun.keys.insert(key.clone()) {
            return Err(format!("the key {} occurs twice", quote(key.as_bytes())));
        }
        Ok(Some(key))
    }

    /// A string.
    pub(crate) fn string(&mut self) -> Result<String, String> {
        match self.token()? {
            Token::Text(text) => Ok(text),
            _ => Err("a string is expected".to_owned()),
        }
    }

    /// A number, or `None` for `null`.
    pub(crate) fn number_or_null(&mut self) -> Result<Option<Exact>, String> {
        match self.token()? {
            Token::Number(text) => Exact::parse(text, Grammar::Json).map(Some),
            Token::Word("null") => Ok(None),
            _ => Err("a number is expected".to_owned()),
        }
    }

    /// An array of numbers, or `None` for `null`.
    pub(crate) fn numbers_or_null(&mut self) -> Result<Option<Vec<Exact>>, String> {
        self.skip_space();
        if let Some(rest) = self.rest.strip_prefix(b"null") {
            self.rest = rest;
            return Ok(None);
        }
        let mut list = self.array()?;
        let mut numbers = Vec::new();
        while self.item(&mut list)? {
            numbers.push(self.number_or_null()?.ok_or("null in place of a number")?);
        }
        Ok(Some(numbers))
    }

    /// Makes sure that nothing but white space is left.
    pub(crate) fn end(&mut self) -> Result<(), String> {
        self.skip_space();
        if self.rest.is_empty() { Ok(()) } else { Err("text after the end".to_owned()) }
    }
}

#[cfg(test)]
#[path = "../../tests/unit/json.rs"]
mod tests;
