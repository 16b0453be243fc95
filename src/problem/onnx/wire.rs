//! The wire format of protocol buffers: numbered fields of varints, fixed-width words and byte strings.
//!
//! Nothing is copied and nothing is allocated from a length that the file states, so that a hostile file costs no more than its own size.
//! Source: the encoding document of protocol buffers.

use super::model::Wrong;

/// The payload of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Payload<'a> {
    /// Wire type 0.
    Varint(u64),
    /// Wire type 1, little endian.
    Eight([u8; 8]),
    /// Wire type 2: a string, bytes, a message, or packed numbers.
    Bytes(Message<'a>),
    /// Wire type 5, little endian.
    Four([u8; 4]),
}

/// A length of the file that holds fields, and where it lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Message<'a> {
    pub bytes: &'a [u8],
    /// The position of the first byte in the file, for messages.
    pub start: usize,
}

/// Reads a message from its front.
struct Cursor<'a> {
    rest: &'a [u8],
    at: usize,
}

impl<'a> Cursor<'a> {
    fn take(&mut self, count: u64) -> Result<Message<'a>, Wrong> {
        let taken = usize::try_from(count)
            .ok()
            .and_then(|count| self.rest.split_at_checked(count));
        let Some((bytes, rest)) = taken else {
            return Err(Wrong::damaged(
                self.at,
                &format!(
                    "{count} bytes are announced, and {} follow",
                    self.rest.len()
                ),
            ));
        };
        let start = self.at;
        self.rest = rest;
        self.at += bytes.len();
        Ok(Message { bytes, start })
    }

    /// Seven bits a byte, the least significant first; the high bit says that another follows.
    fn varint(&mut self) -> Result<u64, Wrong> {
        let start = self.at;
        let mut value = 0u64;
        for shift in (0..70).step_by(7) {
            let Message { bytes: &[byte], .. } = self.take(1)? else {
                break;
            };
            let bits = u64::from(byte & 0x7f);
            if shift == 63 && bits > 1 {
                break;
            }
            value |= bits << shift;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(Wrong::damaged(start, "a number of more than 64 bits"))
    }

    fn field(&mut self) -> Result<(u64, Payload<'a>), Wrong> {
        let start = self.at;
        let tag = self.varint()?;
        let payload = match tag & 7 {
            0 => Payload::Varint(self.varint()?),
            1 => Payload::Eight(fixed(self.take(8)?)?),
            2 => {
                let length = self.varint()?;
                Payload::Bytes(self.take(length)?)
            }
            5 => Payload::Four(fixed(self.take(4)?)?),
            other => return Err(Wrong::damaged(start, &format!("a field of type {other}"))),
        };
        match tag >> 3 {
            0 => Err(Wrong::damaged(start, "a field with the number 0")),
            number => Ok((number, payload)),
        }
    }
}

/// The bytes of a field of fixed width.
fn fixed<const N: usize>(message: Message<'_>) -> Result<[u8; N], Wrong> {
    message
        .bytes
        .try_into()
        .map_err(|_| Wrong::damaged(message.start, "a number that is cut off"))
}

impl<'a> Message<'a> {
    /// The whole file.
    pub fn file(bytes: &'a [u8]) -> Self {
        Message { bytes, start: 0 }
    }

    /// Calls `each` with the number and the payload of every field, in the order of the file.
    ///
    /// # Errors
    ///
    /// The position where the message is not in the wire format, or what `each` says.
    pub fn fields(
        self,
        mut each: impl FnMut(u64, Payload<'a>) -> Result<(), Wrong>,
    ) -> Result<(), Wrong> {
        let mut cursor = Cursor {
            rest: self.bytes,
            at: self.start,
        };
        while !cursor.rest.is_empty() {
            let (number, payload) = cursor.field()?;
            each(number, payload)?;
        }
        Ok(())
    }

    /// The text of a string.
    ///
    /// # Errors
    ///
    /// The position, if it is not UTF-8.
    pub fn text(self) -> Result<&'a str, Wrong> {
        std::str::from_utf8(self.bytes)
            .map_err(|_| Wrong::damaged(self.start, "a text that is not UTF-8"))
    }
}

impl<'a> Payload<'a> {
    /// A string, bytes or a message.
    ///
    /// # Errors
    ///
    /// If the field has another type.
    pub fn message(self, what: &str) -> Result<Message<'a>, Wrong> {
        match self {
            Payload::Bytes(message) => Ok(message),
            _ => Err(Wrong::plain(format!("{what} has a wrong type"))),
        }
    }

    /// A string.
    ///
    /// # Errors
    ///
    /// If the field has another type or is not UTF-8.
    pub fn text(self, what: &str) -> Result<&'a str, Wrong> {
        self.message(what)?.text()
    }

    /// An integer, whose sign is in its 64 bits.
    ///
    /// # Errors
    ///
    /// If the field has another type.
    pub fn integer(self, what: &str) -> Result<i64, Wrong> {
        match self {
            Payload::Varint(value) => Ok(value.cast_signed()),
            _ => Err(Wrong::plain(format!("{what} has a wrong type"))),
        }
    }

    /// Appends the integers of a repeated field, one or packed.
    ///
    /// # Errors
    ///
    /// If the field has another type.
    pub fn integers(self, what: &str, list: &mut Vec<i64>) -> Result<(), Wrong> {
        match self {
            Payload::Varint(value) => list.push(value.cast_signed()),
            Payload::Bytes(message) => {
                let mut cursor = Cursor {
                    rest: message.bytes,
                    at: message.start,
                };
                while !cursor.rest.is_empty() {
                    list.push(cursor.varint()?.cast_signed());
                }
            }
            _ => return Err(Wrong::plain(format!("{what} has a wrong type"))),
        }
        Ok(())
    }

    /// Appends the bytes of a repeated field of floats of `width` bytes, one or packed.
    ///
    /// # Errors
    ///
    /// If the field has another type, or its length is no multiple of the width.
    pub fn words(self, what: &str, width: usize, list: &mut Vec<u8>) -> Result<(), Wrong> {
        match self {
            Payload::Four(word) if width == 4 => list.extend(word),
            Payload::Eight(word) if width == 8 => list.extend(word),
            Payload::Bytes(message) if message.bytes.len().is_multiple_of(width) => {
                list.extend(message.bytes);
            }
            _ => return Err(Wrong::plain(format!("{what} has a wrong type or length"))),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(bytes: &[u8]) -> Result<Vec<(u64, Payload<'_>)>, Wrong> {
        let mut list = Vec::new();
        Message::file(bytes).fields(|number, payload| {
            list.push((number, payload));
            Ok(())
        })?;
        Ok(list)
    }

    #[test]
    fn fields_of_every_type_are_read() {
        let bytes = [
            0x08, 0x96, 0x01, // field 1: 150, the example of the encoding document
            0x12, 0x02, b'h', b'i', // field 2: "hi"
            0x1d, 0, 0, 0x80, 0x3f, // field 3: 1.0 in four bytes
            0x21, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f, // field 4: 1.0 in eight bytes
            0x28, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01, // field 5: −1
        ];
        let fields = all(&bytes).expect("fields");
        assert_eq!(fields[0], (1, Payload::Varint(150)));
        assert_eq!(fields[1].1.text("text"), Ok("hi"));
        assert_eq!(fields[2], (3, Payload::Four(1f32.to_le_bytes())));
        assert_eq!(fields[3], (4, Payload::Eight(1f64.to_le_bytes())));
        assert_eq!(fields[4].1.integer("integer"), Ok(-1));
    }

    #[test]
    fn damaged_bytes_are_refused() {
        let cases: [&[u8]; 9] = [
            &[0x08],             // no value
            &[0x80],             // half a tag
            &[0x00, 0x01],       // number 0
            &[0x0b],             // a group
            &[0x0f],             // no such type
            &[0x12, 0x03, b'h'], // cut off
            &[
                0x12, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01,
            ], // 2^64 − 1 bytes
            &[
                0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02,
            ], // 65 bits
            &[0x1d, 0, 0],       // half a word
        ];
        for bytes in cases {
            assert!(all(bytes).is_err(), "{bytes:?}");
        }
    }

    #[test]
    fn repeated_numbers_may_be_packed_or_not() {
        let mut list = Vec::new();
        for payload in [
            Payload::Varint(3),
            Payload::Bytes(Message::file(&[0x96, 0x01, 0x02])),
        ] {
            payload.integers("dims", &mut list).expect("integers");
        }
        assert_eq!(list, [3, 150, 2]);
    }
}
