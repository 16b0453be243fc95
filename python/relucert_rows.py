"""Trees of rows (FORMAT.md §5a, version 2) for relucert_check.py, written from that document alone."""

from fractions import Fraction
from math import floor
from operator import mul

import relucert_check as check  # which imports this module: only used while a proof is read

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
        check.require(tokens[0] == b"e", f"expected a leaf or a split by a row, found {check.show(tokens[0])}")
        check_leaf(tree, check.integers(tokens[1:]))
        while path and tree.fixed[path[-1]] < 0:
            del tree.fixed[path.pop()]
        if not path:
            return
        tree.fixed[path[-1]] = -1


def check_leaf(tree, numbers):
    listed = [c for c, w in enumerate(tree.weights) if w or c in tree.fixed]
    check.require(len(numbers) > len(listed), f"leaf: M and {len(listed)} integers are expected")
    M, xs, products = numbers[0], numbers[1:len(listed) + 1], numbers[len(listed) + 1:]
    linear = [tree.G * l for l in tree.linear]
    convex, factors, spread = [], [], 0
    for c, x in zip(listed, xs):
        weight, point = tree.weights[c], tree.points[c]
        if c in tree.fixed:
            check.require(x >= 0, "leaf: a multiplier is negative")
            slope = tree.fixed[c] * (tree.G * tree.kappa * weight + x)
        elif weight < 0:
            check.require(-tree.G <= x <= tree.G, "leaf: a slope exceeds 1")
            slope = tree.kappa * weight * x
        else:
            check.require(x > 0, "leaf: the x of a convex class is not positive")
            convex.append(point)
            factors.append(tree.kappa * weight * x)
            spread += weight * -(-tree.Q * tree.T // x)
            continue
        linear = [l + slope * p for l, p in zip(linear, point)]
    rows = [[-s for s in row] for row in squares(tree.r, convex, factors)]
    for n, first, second in read_products(tree, products):
        for i in range(tree.r):
            for j in range(i, tree.r):
                rows[i][j - i] -= n * (first[i] * second[j] + second[i] * first[j])
    for row, l in zip(rows, linear):
        row[0] += M
        row.append(-tree.Q * l)
    whole = tree.Q * tree.G ** 2 * (2 * tree.peak - Fraction(tree.kappa * spread, tree.T)) - tree.G ** 2 * M
    check.require(is_semidefinite(rows + [[floor(whole)]]), "leaf: the matrix is not positive semidefinite")


def squares(r, points, factors):
    """Σ factor·p·pᵀ; of row i only the entries from the diagonal on."""
    columns = list(zip(*points)) or [()] * r
    scaled = [list(map(mul, factors, column)) for column in columns]
    return [[check.dot(scaled[i], columns[j]) for j in range(i, r)] for i in range(r)]


def read_products(tree, numbers):
    """Yields N·σ_c·σ_d, p_c and p_d of the triples."""
    if not numbers:
        return
    check.require(numbers[0] > 0 and len(numbers) == 3 * numbers[0] + 1, "leaf: wrong number of products")
    before = (-1, -1)
    for n, c, d in zip(numbers[1::3], numbers[2::3], numbers[3::3]):
        check.require(n > 0, "leaf: the factor of a product is not positive")
        check.require(c in tree.fixed and d in tree.fixed, "leaf: a product of a class that is not fixed")
        check.require(c < d and before < (c, d), "leaf: products are not in increasing order")
        before = (c, d)
        yield n * tree.fixed[c] * tree.fixed[d], tree.points[c], tree.points[d]


def is_semidefinite(rows):
    """Decides by elimination without fractions (Bareiss); of row i only the entries from the diagonal on are given."""
    previous = 1
    while rows:
        (p, *pivot), *rows = rows
        if p < 0 or p == 0 and any(pivot):
            return False
        if p:  # else the whole row is 0, and so is its column
            rows = [[(p * x - pivot[i] * q) // previous for x, q in zip(row, pivot[i:])] for i, row in enumerate(rows)]
            previous = p
    return True
