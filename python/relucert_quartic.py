"""Quartic leaves (rule `f`) of trees of rows (FORMAT.md §5a) for relucert_rows.py, written along that document."""

from functools import reduce
from itertools import combinations_with_replacement as multisets
from math import factorial, floor, prod
from operator import mul

import relucert_check as check  # which imports this module: only used while a proof is read
import relucert_halfspaces as halfspaces
import relucert_rows as rows
import relucert_semidefinite as semidefinite

DEPTH = 40
MAX_BITS = 2**33


def check_leaf(tree, numbers):
    r = tree.r
    monomials = [(i,) for i in range(r)] + list(multisets(range(r), 2))  # z
    limit(len(monomials), 1)
    check.require(numbers and numbers[0] > 0, "leaf: U is missing, or not positive")
    U, at = numbers[0], 1
    exponents = [exponent(h, tree.T) for h in tree.heights]
    top = max(exponents, default=0)
    classes = []  # p_c, ε_c and the coefficients of P_c, without U
    for c, (point, weight) in enumerate(zip(tree.points, tree.weights)):
        if weight or c in tree.fixed:
            a, at = numbers[at : at + 5], at + 5
            check.require(len(a) == 5, f"leaf: the coefficients of class {c} are missing")
            for side in [tree.fixed[c]] if c in tree.fixed else [1, -1]:
                b = bernstein(U, a, side, tree.kappa * weight, exponents[c], tree.heights[c], tree.T)
                check.require(is_nonnegative(b, DEPTH), f"leaf: the polynomial of class {c} is not above its part of H")
            classes.append((point, exponents[c], a))
    N = {}
    for row, first in enumerate(monomials):
        for column in range(row, len(monomials)):
            if not is_completed(first, monomials[column]):
                check.require(at < len(numbers), "leaf: entries of the matrix are missing")
                N[row, column] = U * numbers[at] << 4 * top + 1
                limit(len(monomials), N[row, column].bit_length())
                at += 1
    rest = polynomial(tree, U, top, classes)
    at = halfspaces.subtract_products(rest, tree, U << 4 * top, numbers, at)
    for n, c, d in rows.read_products(tree, numbers[at:]):
        p, q = tree.points[c], tree.points[d]
        n *= U << 4 * top - exponents[c] - exponents[d]
        for i, j in multisets(range(r), 2):
            add_quadratic(rest, r, (i, j), -n * (p[i] * q[j] + (i != j) * p[j] * q[i]))
    complete(N, rest, r, monomials)
    size = range(len(monomials))
    limit(len(monomials), max(N[i, j].bit_length() for i in size for j in size[i:]))
    matrix = [[N[i, j] for j in size[i:]] for i in size]
    check.require(semidefinite.is_semidefinite(matrix), "leaf: the matrix is not positive semidefinite")


def limit(size, bits):
    if size**3 * max(bits, 1) > MAX_BITS:
        raise check.LimitExceeded("the matrix of a leaf is too large")


def exponent(height, T):
    """ε_c"""
    e = max(height.bit_length() - T.bit_length(), 0)
    return e + (T << e < height)


def bernstein(U, a, side, bent, e, h, T):
    """B_0, …, B_4 for P_c(σt) − κ·W_c·t, where `bent` is κ·W_c."""
    q = [U * side**k * x << (4 - k) * e for k, x in enumerate(a)]
    q[1] -= bent << 4 * e
    s = [x * h**k * T ** (4 - k) for k, x in enumerate(q)]
    B = [(12,), (12, 3), (12, 6, 2), (12, 9, 6, 3), (12, 12, 12, 12, 12)]
    return [sum(map(mul, factors, s)) for factors in B]


def is_nonnegative(b, depth):
    while min(b) < 0:
        if b[0] < 0 or b[4] < 0 or depth == 0:
            return False
        (A, B, C, D, E), depth = b, depth - 1
        middle = A + 4 * B + 6 * C + 4 * D + E
        if not is_nonnegative([16 * A, 8 * (A + B), 4 * (A + 2 * B + C), 2 * (A + 3 * B + 3 * C + D), middle], depth):
            return False
        b = [middle, 2 * (B + 3 * C + 3 * D + E), 4 * (C + 2 * D + E), 8 * (D + E), 16 * E]
    return True


def is_completed(first, second):
    """Whether the entry of two monomials on or above the diagonal is one of those that are not given."""
    if len(first) == len(second) == 2:
        return first[0] <= second[0] <= first[1] <= second[1]
    return len(first) == 1 and len(second) == 2 and first[0] <= second[0]


def polynomial(tree, U, top, classes):
    """The coefficients, without the triples, of the monomials of degrees 3 and 4."""
    r = tree.r
    columns = list(zip(*(point for point, _, _ in classes))) or [()] * r
    factors = [[U * a[k] << 4 * top - k * e for _, e, a in classes] for k in range(5)]
    rest = dict.fromkeys([*multisets(range(r), 3), *multisets(range(r), 4)], 0)
    constant = floor(tree.peak * 2 ** (4 * top)) - sum(factors[0])
    for i in range(r):
        add_quadratic(rest, r, (i, i), constant)
        slope = (tree.linear[i] << 4 * top) + check.dot(factors[1], columns[i])
        for k in range(r):
            rest[tuple(sorted((i, k, k)))] -= slope
    for i, j in multisets(range(r), 2):
        add_quadratic(rest, r, (i, j), -(1 + (i != j)) * sum(map(mul, map(mul, factors[2], columns[i]), columns[j])))
    pairs = {(i, j): list(map(mul, columns[i], columns[j])) for i, j in multisets(range(r), 2)}
    for begin, degree in [((i,), 3) for i in range(r)] + [(pair, 4) for pair in pairs]:
        scaled = reduce(lambda list_, i: list(map(mul, list_, columns[i])), begin, factors[degree])
        for pair in multisets(range(begin[-1], r), 2):
            monomial = begin + pair
            orders = factorial(degree) // prod(factorial(monomial.count(i)) for i in set(monomial))
            rest[monomial] -= orders * sum(map(mul, scaled, pairs[pair]))
    return rest


def add_quadratic(rest, r, pair, x):
    """Adds x·u_i·u_j·|u|²."""
    for k in range(r):
        rest[tuple(sorted((*pair, k, k)))] += x


def complete(N, rest, r, monomials):
    """Fills in the missing entries of N: ½·zᵀNz is then the polynomial `rest`."""
    for (row, column), x in N.items():
        both = monomials[row] + monomials[column]
        if len(both) == 2:
            add_quadratic(rest, r, both, -(x // 2 if row == column else x))
        else:
            rest[tuple(sorted(both))] -= x  # never on the diagonal
    for row, first in enumerate(monomials):
        for column in range(row, len(monomials)):
            if is_completed(first, monomials[column]):
                x = rest[tuple(sorted(first + monomials[column]))]
                N[row, column] = 2 * x if row == column else x
