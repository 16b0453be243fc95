//! A mutant as the bytes of a file, and how it is compressed.

use std::io::{Read, Write};

use flate2::Compression;
use flate2::bufread::MultiGzDecoder;
use flate2::write::GzEncoder;

use crate::rng::Rng;

/// The bytes of a file that is to be checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mutant {
    pub bytes: Vec<u8>,
    /// The name of the file ends in `.gz`.
    pub is_gzip: bool,
}

impl Mutant {
    #[must_use]
    pub fn plain(bytes: Vec<u8>) -> Mutant {
        Mutant { bytes, is_gzip: false }
    }

    /// The text of the proof, if there is one.
    #[must_use]
    pub fn text(&self) -> Option<Vec<u8>> {
        if !self.is_gzip {
            return Some(self.bytes.clone());
        }
        let mut text = Vec::new();
        MultiGzDecoder::new(&self.bytes[..]).read_to_end(&mut text).ok()?;
        Some(text)
    }
}

/// One gzip member.
#[must_use]
pub fn member(text: &[u8], level: u32) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::new(level));
    let written = encoder.write_all(text);
    debug_assert!(written.is_ok(), "a vector takes all bytes");
    encoder.finish().unwrap_or_default()
}

/// The text compressed in one of many ways, most of them damaged.
#[must_use]
pub fn framed(text: &[u8], rng: &mut Rng) -> Mutant {
    let level = rng.below(10) as u32;
    let mut bytes = member(text, level);
    let length = bytes.len();
    match rng.below(14) {
        0 => {}
        1 => {
            // Several members, some of them empty.
            let mut cuts: Vec<usize> = (0..1 + rng.below(3)).map(|_| rng.below(text.len() + 1)).collect();
            cuts.extend([0, text.len()]);
            cuts.sort_unstable();
            bytes = cuts.windows(2).flat_map(|cut| member(&text[cut[0]..cut[1]], level)).collect();
        }
        2 => bytes.extend(member(b"", level)),
        3 => bytes.extend(member(text, level)),
        4 => bytes.truncate(rng.below(length)),
        5 => bytes.truncate(length - 1 - rng.below(9)),
        6 => bytes.extend(std::iter::repeat_n(0, 1 + rng.below(600))),
        7 => bytes.extend((0..1 + rng.below(20)).map(|_| rng.bits() as u8)),
        8 => bytes.push(0x1f),
        9 => {
            // A bit of the header: magic number, method, flags, time, system.
            bytes[rng.below(10)] ^= 1 << rng.below(8);
        }
        10 => {
            let at = length - 8 + rng.below(8);
            bytes[at] ^= 1 << rng.below(8);
        }
        11 => {
            let at = rng.below(length);
            bytes[at] ^= 1 << rng.below(8);
        }
        12 => bytes = with_header_fields(&bytes, rng),
        _ => {
            // Another text follows in a member of its own.
            let tail: &str = rng.pick::<&str>(&["\n", "end\n", " ", "x"]);
            bytes.extend(member(tail.as_bytes(), level));
        }
    }
    Mutant { bytes, is_gzip: true }
}

/// The member with an extra field, a name, a comment or a header checksum, right or wrong.
fn with_header_fields(bytes: &[u8], rng: &mut Rng) -> Vec<u8> {
    let flags = rng.below(32) as u8;
    let mut header = bytes[..10].to_vec();
    header[3] = flags;
    if flags & 4 != 0 {
        header.extend([3, 0, b'a', b'b', b'c']);
    }
    if flags & 8 != 0 {
        header.extend(b"name\0");
    }
    if flags & 16 != 0 {
        header.extend(b"comment\0");
    }
    if flags & 2 != 0 {
        let checksum = if rng.chance(50) { crc32(&header) as u16 } else { rng.bits() as u16 };
        header.extend(checksum.to_le_bytes());
    }
    header.extend_from_slice(&bytes[10..]);
    header
}

fn crc32(bytes: &[u8]) -> u32 {
    let mut crc = flate2::Crc::new();
    crc.update(bytes);
    crc.sum()
}
