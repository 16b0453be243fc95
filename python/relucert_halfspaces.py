"""Splits of a tree of rows by half-spaces, and what quartic leaves make of them (FORMAT.md §5a), for relucert_rows.py."""

from itertools import combinations_with_replacement as multisets

import relucert_check as check  # which imports this module: only used while a proof is read
import relucert_quartic as quartic
import relucert_semidefinite as semidefinite

MAX_WORDS = 2**21


class HalfSpace:
    """a·u ≥ C·|u|. Each one is a key of its own, also if it is split by twice. `words`: with those above it on the path."""

    def __init__(self, C, a, above):
        self.C, self.a = C, a
        self.words = sum(4 + x.bit_length() // 64 for x in (C, *a)) + (above.words if above else 0)


def read_split(tree, tokens):
    check.require(len(tokens) == tree.r + 2, f"`h` takes {tree.r + 1} integers, found {len(tokens) - 1} tokens")
    C, *a = check.integers(tokens[1:])
    half_space = HalfSpace(C, a, next(reversed(tree.half_spaces), None))
    if half_space.words > MAX_WORDS:
        raise check.LimitExceeded(f"the half-spaces of a path need more than {MAX_WORDS} words")
    return tree.half_spaces, half_space


def subtract_products(rest, tree, unit, numbers, at):
    """Takes the terms of the half-spaces from the coefficients `rest`; their Y begin at number `at`. Returns where they end."""
    for half_space, side in tree.half_spaces.items():
        Y = []  # of row i the entries from the diagonal on
        for length in range(tree.r + 1, 0, -1):
            Y.append(numbers[at : at + length])
            check.require(len(Y[-1]) == length, "leaf: multipliers of a half-space are missing")
            at += length
        quartic.limit(len(Y), max(x.bit_length() for row in Y for x in row))
        check.require(semidefinite.is_semidefinite(Y), "leaf: the multipliers of a half-space are not positive semidefinite")
        subtract_product(rest, tree.r, half_space, side * unit, Y)
    return at


def subtract_product(rest, r, half_space, factor, Y):
    """Subtracts factor·(a·u − C)·yᵀYy, y = (1, u_0, …, u_(r−1)), with the powers of |u| that make its degrees 3 and 4."""
    C, a = half_space.C, half_space.a
    (constant, *linear), *square = Y
    for i in range(r):
        slope = a[i] * constant - 2 * C * linear[i]
        for k in range(r):
            rest[tuple(sorted((i, k, k)))] -= factor * slope
        quartic.add_quadratic(rest, r, (i, i), factor * C * constant)
    for j, k in multisets(range(r), 2):
        y = square[j][k - j] * (1 + (j != k))
        for i in range(r):
            rest[tuple(sorted((i, j, k)))] -= factor * a[i] * y
        mixed = a[j] * linear[k] + (j != k) * a[k] * linear[j]
        quartic.add_quadratic(rest, r, (j, k), factor * (C * y - 2 * mixed))
