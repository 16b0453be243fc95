//! Odd files that a checker must survive.

use super::{File, fixture, gzip};

fn file(name: &str, bytes: impl Into<Vec<u8>>) -> File {
    File { name: name.to_owned(), bytes: bytes.into(), args: &[], reason: None }
}

pub(super) fn files() -> Result<Vec<File>, String> {
    let xor = fixture("xor_by_hand.proof")?;
    let [little, big] = [u16::to_le_bytes, u16::to_be_bytes]
        .map(|bytes| [0xfeff].into_iter().chain(xor.encode_utf16()).flat_map(bytes).collect::<Vec<u8>>());
    let every_byte: Vec<u8> = (0..=255u8).cycle().take(4096).collect();
    let header = "relucert-proof 1\nactivation 0 1 1\nloss half-sum\ndecay weight-decay 1 10\nhidden-bias none\n\
                  output-bias none\n";
    let with_nul = xor.replace("loss half-sum", "loss half-sum\0");
    let with_digits = xor.replace("s 1 1 -1", "s 1 \u{0661} -1");
    let (first, second) = xor.split_at(100);
    let mut named = gzip(xor.as_bytes());
    named[3] |= 8;
    named.splice(10..10, *b"\xff name with odd bytes\0");
    // Just inside the limits: these are accepted.
    let chain = "/ 0 1 1 1\nq -2 2\n".repeat(10_000);
    let deep = xor.replace("/ 0 1 1 1\nq -2 2\nq -2 2\n", &format!("{chain}q -2 2\n"));
    let long = xor.replace("bound 27 100", &format!("bound -{0} {0}", "7".repeat(20_000)));
    let wide = format!(
        "{header}data 1 1 1000 1 1\ns 1{} 1\nbound 0 1\nverdict undecided 0 1\ndual 0 1\nv 7\nend\n",
        " 0".repeat(999)
    );
    Ok(vec![
        file("splits-at-the-limit.proof.gz", gzip(deep.as_bytes())),
        file("digits-at-the-limit.proof.gz", gzip(long.as_bytes())),
        file("columns-at-the-limit.proof", wide),
        file("empty.proof", ""),
        file("one-line-feed.proof", "\n"),
        file("only-line-feeds.proof", "\n".repeat(1000)),
        file("only-spaces.proof", " ".repeat(1000)),
        file("one-zero-byte.proof", [0]),
        file("every-byte.proof", every_byte),
        file("high-bytes.proof", [0xff; 999]),
        file("zero-byte-in-a-word.proof", with_nul),
        file("carriage-returns-and-line-feeds.proof", xor.replace('\n', "\r\n")),
        file("carriage-returns-only.proof", xor.replace('\n', "\r")),
        file("utf16-little-endian.proof", little),
        file("utf16-big-endian.proof", big),
        file("utf8-byte-order-mark.proof", format!("\u{feff}{xor}")),
        file("digits-of-another-script.proof", with_digits),
        file("escape-sequences.proof", "\x1b[2J\x1b]0;title\x07\n"),
        file("words-only.proof", "relucert-proof 1\nend\n"),
        file("counts-of-nothing.proof", format!("{header}data 9999999 9999999 1000 1 1\n")),
        file("counts-beyond-a-word.proof", format!("{header}data 18446744073709551616 18446744073709551616 1 1 1\n")),
        file(
            "counts-at-the-end-of-a-word.proof",
            format!("{header}data 18446744073709551615 18446744073709551615 1 1 1\n"),
        ),
        file("a-million-neurons-announced.proof", xor.replace("given 0", "given 1000000")),
        file("lines-beyond-a-word.proof", xor.replace("half 2 0 1", "half 2 18446744073709551615 1")),
        file("split-of-generators-beyond-a-word.proof", xor.replace("/ 0 1", "/ 18446744073709551616 1")),
        file(
            "splits-without-leaves.proof.gz",
            gzip(xor.replace("/ 0 1 1 1\n", &"/ 0 1 1 1\n".repeat(9_999)).as_bytes()),
        ),
        file(
            "huge-factors.proof.gz",
            gzip(xor.replace("/ 0 1 1 1", &format!("/ 0 1 {0} {0}", "9".repeat(20_000))).as_bytes()),
        ),
        file(
            "huge-leaf.proof.gz",
            gzip(xor.replace("q 0 0\n/", &format!("q {0} {0}\n/", "9".repeat(20_000))).as_bytes()),
        ),
        file(
            "huge-data.proof.gz",
            gzip(xor.replace("s -1 1 1", &format!("s -1 {0} {0}", "7".repeat(20_000))).as_bytes()),
        ),
        file("a-line-of-four-million-bytes.proof.gz", gzip(&[b'9'; 4_000_000])),
        file("a-line-of-sixteen-million-bytes.proof.gz", gzip(&[b'9'; 16_000_000])),
        file("sixteen-million-line-feeds.proof.gz", gzip(&[b'\n'; 16_000_000])),
        file("sixteen-million-zero-bytes.proof.gz", gzip(&[0; 16_000_000])),
        file("sixteen-million-zeros-after-the-end.proof.gz", gzip(&[xor.as_bytes(), &[b'0'; 16_000_000]].concat())),
        file("a-thousand-empty-members.proof.gz", [gzip(b"").repeat(1000), gzip(xor.as_bytes())].concat()),
        file("two-members.proof.gz", [gzip(first.as_bytes()), gzip(second.as_bytes())].concat()),
        file("member-with-a-name.proof.gz", named),
        file("empty-member.proof.gz", gzip(b"")),
        file("magic-number-only.proof.gz", [0x1f, 0x8b]),
        file("gzip-header-only.proof.gz", [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3]),
        file("deflate-noise.proof.gz", [&[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3][..], &[0x5a; 500]].concat()),
        file("zip-archive.proof.gz", "PK\x03\x04\x14\0\0\0\x08\0"),
        file("json.proof", "{\"result\":\"accepted\",\"bound\":{\"exact\":\"1\"}}\n"),
    ])
}
