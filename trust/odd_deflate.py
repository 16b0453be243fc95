#!/usr/bin/env python3
"""Writes compressed proofs that no compressor would write, to the folders `fail` and `run` of a folder.

    trust/odd_deflate.py tests target/release/relucert-checker

The bits of RFC 1951 are put down one by one, so that two decompressors have every occasion to differ. The checker says
what is expected of the files; python/test_corpus.py compares.
"""

import json
import struct
import subprocess
import sys
import zlib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TEXT = (ROOT / "fixtures/proofs/one_sample_optimal.proof").read_bytes()
ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]
LITERALS = [8] * 255 + [9, 9]  # a complete code of 256 bytes and the end of the block


class Bits:
    def __init__(self):
        self.bits = []

    def put(self, value, count):
        """A number, least significant bit first."""
        self.bits += [value >> i & 1 for i in range(count)]

    def code(self, value, count):
        """A code word, most significant bit first."""
        self.bits += [value >> i & 1 for i in reversed(range(count))]

    def bytes(self):
        bits = self.bits + [0] * (-len(self.bits) % 8)
        return bytes(sum(bit << i for i, bit in enumerate(bits[at:at + 8])) for at in range(0, len(bits), 8))


def canonical(lengths):
    codes, code = {}, 0
    for length in range(1, 16):
        for symbol, other in enumerate(lengths):
            if other == length:
                codes[symbol] = code, length
                code += 1
        code <<= 1
    return codes


def dynamic(literals, distances):
    """The text in a block with the given lengths of codes."""
    bits = Bits()
    bits.put(0b101, 3)
    bits.put(len(literals) - 257, 5)
    bits.put(len(distances) - 1, 5)
    used = sorted(set(literals + distances))
    lengths = [0] * 19
    for i, symbol in enumerate(used):
        lengths[symbol] = min(i + 1, len(used) - 1)
    bits.put(len(ORDER) - 4, 4)
    for symbol in ORDER:
        bits.put(lengths[symbol], 3)
    of_lengths, of_literals = canonical(lengths), canonical(literals)
    for length in literals + distances:
        bits.code(*of_lengths[length])
    for byte in TEXT:
        bits.code(*of_literals[byte])
    if literals[256]:
        bits.code(*of_literals[256])
    return bits.bytes()


def fixed(before, match=None, after=b""):
    """A block with the fixed codes: bytes, a match (length symbol, distance symbol), bytes."""
    bits = Bits()
    bits.put(0b011, 3)
    for byte in before:
        bits.code(0x30 + byte, 8)
    if match:
        length, distance = match
        bits.code(*((length - 256, 7) if length < 280 else (0xC0 + length - 280, 8)))
        bits.code(distance, 5)
    for byte in after:
        bits.code(0x30 + byte, 8)
    bits.code(0, 7)
    return bits.bytes()


def stored(parts, padding=0):
    blocks = [
        bytes([(i == len(parts) - 1) | padding]) + struct.pack("<HH", len(part), len(part) ^ 0xFFFF) + part
        for i, part in enumerate(parts)
    ]
    return b"".join(blocks)


def member(deflated, text=TEXT, flags=0, fields=b""):
    header = b"\x1f\x8b\x08" + bytes([flags]) + b"\0\0\0\0\0\x03" + fields
    return header + deflated + struct.pack("<II", zlib.crc32(text), len(text))


def header_checksum(error):
    checksum = zlib.crc32(b"\x1f\x8b\x08\x02\0\0\0\0\0\x03") & 0xFFFF
    return struct.pack("<H", checksum ^ error)


def bad():
    # Where the text has a repetition of three bytes at a distance of four.
    cut = next(at for at in range(10, len(TEXT)) if TEXT[at:at + 3] == TEXT[at - 4:at - 1])
    whole = stored([TEXT])
    return {
        "31-distance-codes": member(dynamic(LITERALS, [0] * 31)),
        "32-distance-codes": member(dynamic(LITERALS, [0] * 32)),
        "one-distance-code-of-two-bits": member(dynamic(LITERALS, [2])),
        "incomplete-distance-code": member(dynamic(LITERALS, [2, 2])),
        "too-many-distance-codes-of-one-bit": member(dynamic(LITERALS, [1, 1, 1])),
        "287-literal-codes": member(dynamic(LITERALS + [0] * 30, [0])),
        "incomplete-literal-code": member(dynamic([8] * 255 + [10, 9], [0])),
        "too-many-literal-codes-of-eight-bits": member(dynamic([8] * 257, [0])),
        "no-end-of-block": member(dynamic([8] * 256 + [0], [0])),
        "match-before-the-start": member(fixed(b"", (257, 0), TEXT), b"\0\0\0" + TEXT),
        "match-in-the-member-before": member(fixed(TEXT[:cut]), TEXT[:cut])
        + member(fixed(b"", (257, 3), TEXT[cut + 3:]), TEXT[cut:]),
        "length-symbol-286": member(fixed(TEXT, (286, 0))),
        "distance-symbol-30": member(fixed(TEXT, (257, 30))),
        "stored-length-without-complement": member(b"\x01" + struct.pack("<HH", len(TEXT), len(TEXT)) + TEXT),
        "block-of-type-3": member(b"\x07" + TEXT),
        "flag-20": member(whole, flags=0x20),
        "flag-40": member(whole, flags=0x40),
        "header-checksum-wrong": member(whole, flags=2, fields=header_checksum(1)),
        "name-without-end": member(whole, flags=8, fields=b"x" * 20)[:30],
    }


def good():
    whole = stored([TEXT])
    return {
        "30-distance-codes": member(dynamic(LITERALS, [0] * 30)),
        "one-distance-code-of-one-bit": member(dynamic(LITERALS, [1])),
        "286-literal-codes": member(dynamic(LITERALS + [0] * 29, [0])),
        "padding-bits-set": member(fixed(TEXT)[:-1] + bytes([fixed(TEXT)[-1] | 0x80])),
        "empty-stored-blocks": member(stored([b"", b"", TEXT, b""])),
        "stored-with-padding-bits": member(stored([TEXT], 0xF8)),
        "text-flag": member(whole, flags=1),
        "header-checksum": member(whole, flags=2, fields=header_checksum(0)),
        "extra-field": member(whole, flags=4, fields=struct.pack("<H", 9) + b"123456789"),
        "name-and-comment": member(whole, flags=24, fields=b"name\0comment\0"),
    }


def main(folder, checker):
    for name, files in [("fail", bad()), ("run", good())]:
        for stem, data in files.items():
            path = Path(folder) / name / f"deflate-{stem}.proof.gz"
            path.write_bytes(data)
            done = subprocess.run([checker, "--json", path], capture_output=True, text=True, check=False)
            result = json.loads(done.stdout)
            if (result["result"] == "accepted") != (name == "run"):
                sys.exit(f"{path}: {result}")
            lines = [result["result"]]
            if name == "fail":
                lines += [result["reason"], f"rejected: line {result['line']}: {result['text']}"]
            path.with_name(f"deflate-{stem}.expected").write_text("\n".join(lines) + "\n", "utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
