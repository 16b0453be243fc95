"""Whether an integer matrix is positive semidefinite (FORMAT.md §5a), for relucert_rows.py and its siblings."""

from math import isqrt
from operator import mul


def is_semidefinite(rows):
    """Of row i only the entries from the diagonal on are given."""
    return is_clearly_semidefinite(rows) or is_semidefinite_by_elimination(rows)


def is_clearly_semidefinite(rows, bits=160):
    """Tries a factor L of integers; False shows nothing.

    With a power of two for each row and column, the matrix is B + F, where B is rounded down: 0 ≤ F_ij < 1. Let E = B − L·Lᵀ. If
    E_ii ≥ Σ_j (|E_ij| + 1) over the j ≠ i, for every i, then E + F is diagonally dominant. L may be anything.
    """
    if any(row[0] <= 0 for row in rows):
        return False
    shifts = [(bits - row[0].bit_length()) // 2 for row in rows]
    room = len(rows) << bits // 2 + 2  # for the E_ij, each of which is at most an entry of L
    margins, factor = [0] * len(rows), [[] for _ in rows]
    for i, row in enumerate(rows):
        for j, x in enumerate(row, i):
            places = shifts[i] + shifts[j]
            rest = (x << places if places >= 0 else x >> -places) - sum(map(mul, factor[i], factor[j]))
            if i == j:
                if rest <= room:
                    return False
                pivot = isqrt(rest - room)
                factor[i].append(pivot)
                margins[i] += rest - pivot * pivot
            else:
                entry, rest = divmod(rest, pivot)
                factor[j].append(entry)
                margins[i] -= rest + 1
                margins[j] -= rest + 1
    return min(margins, default=0) >= 0


def is_semidefinite_by_elimination(rows):
    """Decides without fractions (Bareiss)."""
    previous = 1
    while rows:
        (p, *pivot), *rows = rows
        if p < 0 or p == 0 and any(pivot):
            return False
        if p:  # else the whole row is 0, and so is its column
            rows = [[(p * x - pivot[i] * q) // previous for x, q in zip(row, pivot[i:])] for i, row in enumerate(rows)]
            previous = p
    return True
