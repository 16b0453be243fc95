#!/usr/bin/env python3
"""Checks many proofs in one process, for the command `trust`.

Reads from standard input, again and again: a byte (0: plain, 1: gzip), a length (4 bytes, most significant first) and
so many bytes, the file. Writes one line for each: `accepted SHA256 SUMMARY`, `rejected`, `limit` or `crashed REASON`.
The summary is that of the Rust side: bound, verdict, tolerance, and role, width and objective of each network.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "python"))

import relucert_check as checker  # noqa: E402


def summary(problem, networks, bound, width, verdict, tolerance):
    """Stands in for the theorem in words, which is made all the same: it must not fail either."""
    words(problem, networks, bound, width, verdict, tolerance)
    parts = [bound, *([] if width is None else ["width", width]), verdict, tolerance]
    for role, (width, objective) in networks.items():
        parts += [role, width, objective]
    return " ".join(map(str, parts))


words, checker.theorem = checker.theorem, summary


def answer(is_gzip, data):
    try:
        result = checker.check_chunks(checker.gunzip(iter([data])) if is_gzip else iter([data]))
    except Exception as error:  # whatever it is, the checker must not end in it
        return f"crashed {type(error).__name__}: {error}".replace("\n", " ")
    if result.status == checker.ACCEPTED:
        return f"accepted {result.sha256} {result.theorem}"
    return {checker.REJECTED: "rejected", checker.LIMIT: "limit"}.get(result.status, f"crashed {result.status}")


def main():
    while head := sys.stdin.buffer.read(5):
        data = sys.stdin.buffer.read(int.from_bytes(head[1:], "big"))
        print(answer(head[0] == 1, data), flush=True)


if __name__ == "__main__":
    if hasattr(sys, "set_int_max_str_digits"):
        sys.set_int_max_str_digits(0)  # for the summaries
    main()
