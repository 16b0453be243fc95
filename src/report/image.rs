//! Heat maps as PNG images with a palette, and base64.

use std::io::Write;

use flate2::write::ZlibEncoder;
use flate2::{Compression, Crc};

/// Colours from low to high: dark blue over green to yellow, of even steps in lightness.
const ANCHORS: [[f64; 3]; 9] = [
    [68.0, 1.0, 84.0],
    [71.0, 44.0, 122.0],
    [59.0, 81.0, 139.0],
    [44.0, 113.0, 142.0],
    [33.0, 144.0, 141.0],
    [39.0, 173.0, 129.0],
    [92.0, 200.0, 99.0],
    [170.0, 220.0, 50.0],
    [253.0, 231.0, 37.0],
];

/// The colour of a value from 0 to 1.
pub fn colour(value: f64) -> [u8; 3] {
    let last = ANCHORS.len() - 1;
    let place = value.clamp(0.0, 1.0) * last as f64;
    let below = (place.floor() as usize).min(last - 1);
    let part = place - below as f64;
    let channel =
        |k: usize| ((1.0 - part) * ANCHORS[below][k] + part * ANCHORS[below + 1][k]).round() as u8;
    [channel(0), channel(1), channel(2)]
}

/// The colour as `#rrggbb`.
pub fn hex(value: f64) -> String {
    let [r, g, b] = colour(value);
    format!("#{r:02x}{g:02x}{b:02x}")
}

/// A PNG image of `width` columns from values between 0 and 1, row by row from the top; what is not a number is transparent.
pub fn heat_map(width: usize, values: &[f64]) -> Vec<u8> {
    let width = width.max(1);
    let height = values.len() / width;
    let mut out = b"\x89PNG\r\n\x1a\n".to_vec();
    // Eight bits a pixel, which are numbers of colours; colour 0 is transparent.
    let mut header = Vec::new();
    header.extend((width as u32).to_be_bytes());
    header.extend((height as u32).to_be_bytes());
    header.extend([8, 3, 0, 0, 0]);
    chunk(&mut out, b"IHDR", &header);
    let palette: Vec<u8> = (0..=255)
        .flat_map(|k| colour(f64::from(k - 1) / 254.0))
        .collect();
    chunk(&mut out, b"PLTE", &palette);
    chunk(&mut out, b"tRNS", &[0]);
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    let mut failed = false;
    for row in values.chunks_exact(width) {
        let bytes: Vec<u8> = std::iter::once(0)
            .chain(row.iter().map(|&v| {
                if v.is_nan() {
                    0
                } else {
                    1 + (v.clamp(0.0, 1.0) * 254.0).round() as u8
                }
            }))
            .collect();
        failed |= encoder.write_all(&bytes).is_err();
    }
    // Writing to memory does not fail.
    match encoder.finish() {
        Ok(data) if !failed => chunk(&mut out, b"IDAT", &data),
        _ => {}
    }
    chunk(&mut out, b"IEND", &[]);
    out
}

fn chunk(out: &mut Vec<u8>, name: &[u8; 4], data: &[u8]) {
    out.extend((data.len() as u32).to_be_bytes());
    out.extend(name);
    out.extend(data);
    let mut crc = Crc::new();
    crc.update(name);
    crc.update(data);
    out.extend(crc.sum().to_be_bytes());
}

/// Base64 with `+` and `/`, padded (RFC 4648).
pub fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for three in bytes.chunks(3) {
        let word = three
            .iter()
            .fold(0u32, |word, &byte| word << 8 | u32::from(byte))
            << (8 * (3 - three.len()));
        for place in 0..4 {
            if place <= three.len() {
                out.push(char::from(DIGITS[(word >> (18 - 6 * place)) as usize & 63]));
            } else {
                out.push('=');
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_that_of_the_rfc() {
        for (text, code) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(base64(text.as_bytes()), code);
        }
    }

    #[test]
    fn an_image_is_a_png_of_its_size() {
        let png = heat_map(3, &[0.0, 0.5, 1.0, f64::NAN, -7.0, 7.0]);
        assert_eq!(&png[..8], b"\x89PNG\r\n\x1a\n");
        assert_eq!(&png[16..24], [0, 0, 0, 3, 0, 0, 0, 2]);
        let start = png.windows(4).position(|w| w == b"IDAT").expect("data");
        let mut pixels = Vec::new();
        std::io::Read::read_to_end(
            &mut flate2::read::ZlibDecoder::new(&png[start + 4..]),
            &mut pixels,
        )
        .expect("zlib");
        assert_eq!(pixels, [0, 1, 128, 255, 0, 0, 1, 255]);
    }
}
