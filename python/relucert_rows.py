"""Trees of rows (FORMAT.md §5a, version 2) for relucert_check.py, written from that document alone."""

from fractions import Fraction
from math import floor, isqrt
from operator import mul

import relucert_check as check  # which imports this module: only used while a proof is read
import relucert_quartic

MAX_R = 256


class RowTree:
    """What the leaves of one tree need. `fixed` is σ_c of the classes that are fixed in the region at hand."""

    def __init__(self, problem, classes, A, B, sign, Q, T, G):
        self.points, self.r = classes.points, problem.r
        self.weights = [sign * w for w in classes.weights]
        self.kappa = problem.k2 - problem.k1
        self.linear = [sign * (problem.k1 + problem.k2) * x for x in classes.linear]
        self.peak = problem.beta * Fraction(B * 2 * problem.kd * problem.DX, A)  # Λ
        self.Q, self.T, self.G = Q, T, G
        self.heights = [root_up(T * T * check.dot(p, p)) for p in self.points]  # h_c
        self.fixed = {}


def check_rows(reader, problem, classes, A, B, sign, tokens):
    """Checks the tree whose first line has these tokens."""
    shown, Q, T, G = check.parse_fields(tokens, ((b"+", b"-"), check.POS, check.POS, check.POS))
    check.require(shown == ("+" if sign > 0 else "-"), "trees in the wrong order")
    check.require(problem.hidden_bias != "undecayed", "a tree of rows with an undecayed hidden bias")
    if problem.r > MAX_R:
        raise check.LimitExceeded(f"a tree of rows in more than {MAX_R} dimensions")
    tree = RowTree(problem, classes, A, B, sign, Q, T, G)
    path = []  # the classes that are split, the last one last; the one with σ = −1 is in its second tree
    while True:
        tokens = reader.tokens()
        if tokens[0] == b"?":
            if len(path) == check.MAX_DEPTH:
                raise check.LimitExceeded(f"a tree is deeper than {check.MAX_DEPTH}")
            (c,) = check.parse_fields(tokens, (check.NAT,))
            check.require(c < len(tree.points), "split: no such class")
            check.require(c not in tree.fixed, "split: the class is fixed already")
            tree.fixed[c] = 1
            path.append(c)
            continue
        check.require(tokens[0] in (b"e", b"f"), f"expected a leaf or a split by a row, found {check.show(tokens[0])}")
        (check_leaf if tokens[0] == b"e" else relucert_quartic.check_leaf)(tree, check.integers(tokens[1:]))
        while path and tree.fixed[path[-1]] < 0:
            del tree.fixed[path.pop()]
        if not path:
            return
        tree.fixed[path[-1]] = -1


def root_up(x):
    """The least integer whose square is at least x, for x > 0."""
    return isqrt(x - 1) + 1


def check_leaf(tree, numbers):
    Q, T, G = tree.Q, tree.T, tree.G
    check.require(numbers, "leaf: M is missing")
    M, *numbers = numbers
    numbers.reverse()  # the next one is the last
    linear = [G * l for l in tree.linear]
    curved, spread = [], 0  # the classes that add to S: their points and factors
    for c, (point, weight) in enumerate(zip(tree.points, tree.weights)):
        if not weight and c not in tree.fixed:
            continue
        is_convex = weight > 0 and c not in tree.fixed
        check.require(len(numbers) >= 2 - is_convex, f"leaf: the numbers of class {c} are missing")
        x, y = numbers.pop(), 0 if is_convex else numbers.pop()
        check.require(y >= 0, "leaf: a y is negative")
        steepest = y * G * tree.heights[c]
        if c in tree.fixed:
            check.require(x >= 0, "leaf: the x of a fixed class is negative")
            check.require(x * Q * T >= steepest, "leaf: the y of a fixed class is too large")
            slope = tree.fixed[c] * (G * tree.kappa * weight + x)
            curved.append((-2 * y, point))
        elif weight < 0:
            check.require(abs(x) * Q * T + steepest <= Q * G * T, "leaf: a concave class exceeds |t|")
            slope = tree.kappa * weight * x
            curved.append((2 * tree.kappa * weight * y, point))
        else:
            check.require(x > 0, "leaf: the x of a convex class is not positive")
            curved.append((tree.kappa * weight * x, point))
            spread += weight * -(-Q * T // x)
            continue
        linear = [l + slope * p for l, p in zip(linear, point)]
    rows = [[-s for s in row] for row in squares(tree.r, [(factor, point) for factor, point in curved if factor])]
    for n, c, d in read_products(tree, numbers[::-1]):
        first, second = tree.points[c], tree.points[d]
        for i in range(tree.r):
            for j in range(i, tree.r):
                rows[i][j - i] -= n * (first[i] * second[j] + second[i] * first[j])
    for row, l in zip(rows, linear):
        row[0] += M
        row.append(-tree.Q * l)
    whole = tree.Q * tree.G ** 2 * (2 * tree.peak - Fraction(tree.kappa * spread, tree.T)) - tree.G ** 2 * M
    check.require(is_semidefinite(rows + [[floor(whole)]]), "leaf: the matrix is not positive semidefinite")


def squares(r, curved):
    """Σ factor·p·pᵀ; of row i only the entries from the diagonal on."""
    factors = [factor for factor, _ in curved]
    columns = list(zip(*(point for _, point in curved))) or [()] * r
    scaled = [list(map(mul, factors, column)) for column in columns]
    return [[check.dot(scaled[i], columns[j]) for j in range(i, r)] for i in range(r)]


def read_products(tree, numbers):
    """Yields N·σ_c·σ_d, c and d of the triples."""
    if not numbers:
        return
    check.require(numbers[0] > 0 and len(numbers) == 3 * numbers[0] + 1, "leaf: wrong number of products")
    before = (-1, -1)
    for n, c, d in zip(numbers[1::3], numbers[2::3], numbers[3::3]):
        check.require(n > 0, "leaf: the factor of a product is not positive")
        check.require(c in tree.fixed and d in tree.fixed, "leaf: a product of a class that is not fixed")
        check.require(c < d and before < (c, d), "leaf: products are not in increasing order")
        before = (c, d)
        yield n * tree.fixed[c] * tree.fixed[d], c, d


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
