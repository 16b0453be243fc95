//! Comma-separated tables.

use std::borrow::Cow;

use crate::text::quote;

/// The records of a table.
pub(crate) struct Records<'a> {
    rest: &'a [u8],
    /// The line, counted from 1, on which the next record begins.
    pub(crate) line: u64,
}

/// A field, with its quotes and doubled quotes undone.
pub(crate) type Field<'a> = Cow<'a, [u8]>;

impl<'a> Records<'a> {
    /// The records of a file, whose byte order mark is passed over.
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Records { rest: bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes), line: 1 }
    }

    /// Whether nothing but blank lines is left.
    pub(crate) fn is_done(&self) -> bool {
        self.rest.iter().all(|byte| matches!(byte, b'\r' | b'\n'))
    }

    /// The fields of the next record.
    ///
    /// # Errors
    ///
    /// A message if quotes or line ends are out of place.
    pub(crate) fn next(&mut self) -> Result<Vec<Field<'a>>, String> {
        let mut fields = Vec::new();
        let mut lines = 1u64;
        loop {
            let (field, after) = if self.rest.starts_with(b"\"") {
                let (field, after) = quoted(&self.rest[1..])?;
                let inside = field.iter().filter(|byte| **byte == b'\n').count();
                lines = lines.saturating_add(inside as u64);
                (field, after)
            } else {
                let end = self.rest.iter().position(|byte| matches!(byte, b',' | b'\n' | b'\r'));
                let (field, after) = self.rest.split_at(end.unwrap_or(self.rest.len()));
                if field.contains(&b'"') {
                    return Err(format!("a quote inside the field {}", quote(field)));
                }
                (Cow::Borrowed(field), after)
            };
            fields.push(field);
            let (more, after) = match after {
                [b',', after @ ..] => (true, after),
                [b'\n', after @ ..] | [b'\r', b'\n', after @ ..] => (false, after),
                [] => (false, after),
                [other, ..] => return Err(format!("{} after the field", quote(&[*other]))),
            };
            self.rest = after;
            if !more {
                self.line = self.line.saturating_add(lines);
                return Ok(fields);
            }
        }
    }
}

/// The text up to the closing quote, and what follows it.
fn quoted(text: &[u8]) -> Result<(Field<'_>, &[u8]), String> {
    let mut field: Field<'_> = Cow::Borrowed(b"");
    let mut rest = text;
    loop {
        let Some(end) = rest.iter().position(|byte| *byte == b'"') else {
            return Err("a quote is not closed".to_owned());
        };
        let (part, after) = (&rest[..end], &rest[end..][1..]);
        if field.is_empty() {
            field = Cow::Borrowed(part);
        } else {
            field.to_mut().extend_from_slice(part);
        }
        let Some(after) = after.strip_prefix(b"\"") else { return Ok((field, after)) };
        field.to_mut().push(b'"');
        rest = after;
    }
}
