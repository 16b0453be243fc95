//! Lines, tokens and integers, in the one spelling that the format allows.

use std::io::{self, BufRead, Read};
use std::time::Instant;

use dashu_int::IBig;

use crate::error::{CheckError, LIMITS, Limit, Limits, Reason};
use crate::fraction::Fraction;
use crate::int::Int;

/// Returns a rejection from the function unless a condition holds.
macro_rules! ensure {
    ($at:expr, $holds:expr, $reason:ident, $($text:tt)+) => {
        if !$holds {
            return Err($at.reject(Reason::$reason, format!($($text)+)));
        }
    };
}
pub(crate) use ensure;

const SPACING: &str = "tokens are separated by exactly one space, and no line is empty";

/// The lines of a proof, read one at a time.
pub(crate) struct Lines<R> {
    input: R,
    buffer: Vec<u8>,
    limits: Limits,
    /// The bytes of all lines read.
    length: u64,
    /// The tokens of all lines read.
    tokens: u64,
    begun: Instant,
    /// The number of the line read last, counted from 1.
    pub(crate) number: u64,
}

/// One line, of which some tokens have been taken.
pub(crate) struct Line<'a> {
    /// Its number, counted from 1.
    pub(crate) number: u64,
    /// All of it, without the line feed.
    pub(crate) bytes: &'a [u8],
    rest: Option<&'a [u8]>,
    limits: &'a Limits,
}

impl<R: BufRead> Lines<R> {
    pub(crate) fn new(input: R, limits: &Limits) -> Self {
        Lines { input, buffer: Vec::new(), limits: *limits, length: 0, tokens: 0, begun: Instant::now(), number: 0 }
    }

    /// The next line; it is an error if there is none.
    pub(crate) fn next(&mut self) -> Result<Line<'_>, CheckError> {
        self.buffer.clear();
        self.number = self.number.saturating_add(1);
        let longest = self.limits[Limit::LineLength as usize];
        let mut part = (&mut self.input).take(longest.saturating_add(1));
        part.read_until(b'\n', &mut self.buffer).map_err(|error| read_error(self.number, &error))?;
        self.length = self.length.saturating_add(self.buffer.len() as u64);
        let whole = self.buffer.strip_suffix(b"\n");
        let bytes = whole.unwrap_or(&self.buffer);
        let line = Line { number: self.number, bytes, rest: Some(bytes), limits: &self.limits };
        line.limit(Limit::LineLength, bytes.len() as u64)?;
        line.limit(Limit::Bytes, self.length)?;
        let spaces = bytes.iter().filter(|&&byte| byte == b' ').count() as u64;
        self.tokens = self.tokens.saturating_add(spaces).saturating_add(1);
        line.limit(Limit::Tokens, self.tokens)?;
        // After S seconds the second number S + 1 runs.
        if self.number % 8 == 1 {
            line.limit(Limit::Time, self.begun.elapsed().as_secs().saturating_add(1))?;
        }
        ensure!(line, !self.buffer.is_empty(), EndOfFile, "the file ends here, before its `end` line");
        ensure!(line, whole.is_some(), LineFeed, "the file ends in the middle of this line");
        Ok(line)
    }

    /// The next line, which begins with the word `keyword`.
    pub(crate) fn begin(&mut self, keyword: &str) -> Result<Line<'_>, CheckError> {
        let mut line = self.next()?;
        line.keyword(keyword)?;
        Ok(line)
    }

    /// A rejection at the line read last.
    pub(crate) fn reject(&self, reason: Reason, text: impl Into<String>) -> CheckError {
        CheckError::rejected(self.number, reason, text)
    }

    /// Makes sure that nothing follows.
    pub(crate) fn finish(mut self) -> Result<(), CheckError> {
        self.number = self.number.saturating_add(1);
        let rest = self.input.fill_buf().map_err(|error| read_error(self.number, &error))?;
        let is_done = rest.is_empty();
        ensure!(self, is_done, TrailingBytes, "bytes follow the `end` line");
        Ok(())
    }
}

/// A damaged compressed file is a wrong proof; every other failure to read is the system's.
fn read_error(line: u64, error: &io::Error) -> CheckError {
    match error.kind() {
        io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput | io::ErrorKind::UnexpectedEof => {
            CheckError::rejected(line, Reason::Gzip, format!("not a whole gzip file: {error}"))
        }
        _ => CheckError::Unreadable { text: error.to_string() },
    }
}

impl<'a> Line<'a> {
    pub(crate) fn reject(&self, reason: Reason, text: impl Into<String>) -> CheckError {
        CheckError::rejected(self.number, reason, text)
    }

    /// A limit error unless `value` is at most what the limit allows.
    #[inline]
    pub(crate) fn limit(&self, limit: Limit, value: u64) -> Result<(), CheckError> {
        let (_, highest, flag, what) = LIMITS[limit as usize];
        let most = self.limits[limit as usize].min(highest);
        let text = || format!("{what}: more than {most} ({flag})");
        if value <= most { Ok(()) } else { Err(CheckError::Limit { line: self.number, limit, text: text() }) }
    }

    /// Whether all tokens have been taken.
    pub(crate) fn is_done(&self) -> bool {
        self.rest.is_none()
    }

    /// The next token; `what` names it for the message if there is none.
    pub(crate) fn token(&mut self, what: &str) -> Result<&'a [u8], CheckError> {
        let Some(rest) = self.rest else {
            return Err(self.reject(Reason::MissingToken, format!("{what} is missing")));
        };
        let token = match rest.iter().position(|&byte| byte == b' ') {
            Some(at) => {
                self.rest = rest.get(at.saturating_add(1)..);
                &rest[..at]
            }
            None => {
                self.rest = None;
                rest
            }
        };
        ensure!(self, !token.is_empty(), Spacing, "{SPACING}");
        Ok(token)
    }

    /// Takes one of several words.
    pub(crate) fn word<T: Copy>(&mut self, words: &[(&str, T)]) -> Result<T, CheckError> {
        let token = self.token("a word")?;
        if let Some((_, value)) = words.iter().find(|(word, _)| word.as_bytes() == token) {
            return Ok(*value);
        }
        let list: Vec<String> = words.iter().map(|(word, _)| format!("`{word}`")).collect();
        Err(self.reject(Reason::Word, format!("{} where {} is expected", quote(token), list.join(" or "))))
    }

    /// Takes a certain word.
    pub(crate) fn keyword(&mut self, word: &str) -> Result<(), CheckError> {
        self.word(&[(word, ())])
    }

    /// Makes sure that every token has been taken.
    pub(crate) fn end(self) -> Result<(), CheckError> {
        match self.rest {
            None => Ok(()),
            Some([] | [b' ', ..]) => Err(self.reject(Reason::Spacing, SPACING)),
            Some(rest) => Err(self.reject(Reason::ExtraToken, format!("{} is too much on this line", quote(rest)))),
        }
    }

    /// Takes an INT.
    #[inline]
    pub(crate) fn int(&mut self, what: &str) -> Result<Int, CheckError> {
        let token = self.token(what)?;
        let digits = token.strip_prefix(b"-").unwrap_or(token);
        let is_spelled = matches!(digits, [b'1'..=b'9', ..]) && digits.iter().all(u8::is_ascii_digit) || token == b"0";
        ensure!(self, is_spelled, Integer, "{what}: {} is not an integer in its only spelling", quote(token));
        self.limit(Limit::Digits, digits.len() as u64)?;
        let text = str::from_utf8(token).unwrap_or_default();
        let word = text.parse().ok().map(Int::Small);
        let read = word.or_else(|| IBig::from_str_radix(text, 10).ok().map(Int::from));
        read.ok_or_else(|| self.reject(Reason::Integer, format!("{what}: an integer that cannot be read")))
    }

    /// Takes a NAT.
    pub(crate) fn nat(&mut self, what: &str) -> Result<Int, CheckError> {
        let x = self.int(what)?;
        ensure!(self, x.sign().is_ge(), Negative, "{what} is {}, less than 0", brief(&x));
        Ok(x)
    }

    /// Takes a POS.
    pub(crate) fn pos(&mut self, what: &str) -> Result<Int, CheckError> {
        let x = self.int(what)?;
        ensure!(self, x.is_positive(), NotPositive, "{what} is {}, not greater than 0", brief(&x));
        Ok(x)
    }

    /// Takes a NAT that counts or numbers something; a huge one becomes `usize::MAX`, more than any limit.
    pub(crate) fn count(&mut self, what: &str) -> Result<usize, CheckError> {
        match self.nat(what)? {
            Int::Small(x) => Ok(usize::try_from(x).unwrap_or(usize::MAX)),
            Int::Big(_) => Ok(usize::MAX),
        }
    }

    /// Takes an INT and a POS: a fraction.
    pub(crate) fn fraction(&mut self) -> Result<Fraction, CheckError> {
        Ok(Fraction { numerator: self.int("P")?, denominator: self.pos("Q")? })
    }

    /// Takes a POS that counts something, as [`Line::count`] does.
    pub(crate) fn count_pos(&mut self, what: &str) -> Result<usize, CheckError> {
        let n = self.count(what)?;
        ensure!(self, n > 0, NotPositive, "{what} is 0");
        Ok(n)
    }
}

/// A token for a message: shortened, and with nothing that could disturb a terminal.
pub(crate) fn quote(token: &[u8]) -> String {
    let shown = token.get(..40).unwrap_or(token).escape_ascii().to_string();
    if token.len() > 40 { format!("`{shown}…`") } else { format!("`{shown}`") }
}

/// An integer for a message: a long one is shortened.
pub(crate) fn brief(x: &Int) -> String {
    let text = x.to_string();
    match text.get(..20) {
        Some(head) if text.len() > 60 => format!("{head}… ({} digits)", text.trim_start_matches('-').len()),
        _ => text,
    }
}
