#!/usr/bin/env python3
"""Writes a true proof of about a given size, to measure the checker: its time and its peak memory.

    trust/large_proof.py FILE [BYTES [N [D]]]       defaults: 1000000000 bytes, 1000 samples, 10 features

The dual vector is so short that one vector serves a whole orthant, however often it is split: FORMAT.md §5 allows both
cones of a split to carry the vector of the cone that is split. Each root is a random tree, but the first one of each
fan, a chain of 10,000 splits: the deepest path that the checker's defaults allow. The leaves list some of the concave
classes, as those of real proofs do. The numbers depend on the arguments alone.
"""

import random
import sys

DEPTH = 10_000


class Out:
    """A file, and the number of bytes written to it."""

    def __init__(self, path):
        self.file = open(path, "wb", buffering=1 << 20)
        self.size = 0

    def write(self, text):
        self.size += self.file.write(text.encode("ascii"))


def main():
    path, *numbers = sys.argv[1:]
    size, n, d = [int(text) for text in numbers] + [1_000_000_000, 1000, 10][len(numbers) :]
    draw = random.Random(1)
    # The first entries are 1, so that no two rows are parallel and the classes are numbered as the rows.
    rows = {(1, *(draw.randint(-999_999, 999_999) for _ in range(d - 1))) for _ in range(n)}
    rows = sorted(rows)
    targets = [draw.choice([-1, 1]) * draw.randint(1, 999) for _ in rows]
    v = [1 if y > 0 else -1 for y in targets]
    n = len(rows)
    # H(g) ≤ Σ|V|·2|ξ·g| for ReLU, and each generator of a root is ± a unit vector.
    q = 2 * max(sum(abs(row[j]) for row in rows) for j in range(d))
    out = Out(path)
    out.write("relucert-proof 1\nactivation 0 1 1\nloss half-sum\ndecay weight-decay 1 10\nhidden-bias none\noutput-bias none\n")
    out.write(f"data {n} {n} {d} 1 1\n")
    for y, row in zip(targets, rows):
        out.write(f"s {y} {' '.join(map(str, row))}\n")
    # β = 1/10 and E = 1: Σ Q²·(A·10)² ≤ (2B)², and D(v) = Σ|Y|·A/B − ½·n·(A/B)² > 0.
    out.write(f"bound 0 1\nverdict undecided 0 1\ndual 1 {10 * d * q}\n")
    out.write("".join(f"v {x}\n" for x in v))
    for fan, sign in enumerate((1, -1)):
        concave = [c for c in range(n) if sign * v[c] < 0]
        out.write(f"fan {'+-'[fan]} orthants {d} 0 1\n")
        for j in range(d):
            out.write(f"b {' '.join('1' if i == j else '0' for i in range(d))}\n")

        for root in range(1 << d):
            entries = " ".join(str(-q if root >> j & 1 else q) for j in range(d))
            slopes = []
            for _ in range(16):
                listed = sorted(draw.sample(concave, min(40, len(concave))))
                slopes.append(f"q {entries} 1000000 " + " ".join(f"{c} {draw.randint(-10**6, 10**6)}" for c in listed) + "\n")
            if root == 0:
                # Each first cone is closed at once.
                for _ in range(DEPTH):
                    out.write("/ 0 1 1 1\n" + slopes[0])
                out.write(slopes[0])
                continue
            # A random binary tree of depth at most 60: the depths of the cones that are still to be closed.
            end = size * (fan * (1 << d) + root + 1) // (2 << d)
            depths = [0]
            while depths:
                depth = depths.pop()
                if out.size < end and depth < 60 and (depth < 30 or draw.random() < 0.5):
                    j, k = draw.sample(range(d), 2)
                    out.write(f"/ {j} {k} {draw.randint(1, 9)} {draw.randint(1, 9)}\n")
                    depths += [depth + 1, depth + 1]
                else:
                    out.write(draw.choice(slopes))
    out.write("end\n")
    out.file.close()


main()
