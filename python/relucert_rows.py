"""Trees of rows (FORMAT.md §5a, version 2) for relucert_check.py, written from that document alone."""

from fractions import Fraction
from math import floor, isqrt
from operator import mul

import relucert_check as check  # which imports this module: only used while a proof is read
import relucert_halfspaces as halfspaces
import relucert_quartic
import relucert_semidefinite as semidefinite

MAX_R = 256


class RowTree:
    """What the leaves of one tree need. Of the region at hand, `fixed` has σ_c of the classes that are fixed, and
    `half_spaces` has τ of the half-spaces that were split by, from the root on."""

    def __init__(self, problem, classes, A, B, sign, Q, T, G):
        self.points, self.r = classes.points, problem.r
        self.weights = [sign * w for w in classes.weights]
        self.kappa = problem.k2 - problem.k1
        self.linear = [sign * (problem.k1 + problem.k2) * x for x in classes.linear]
        self.peak = problem.beta * Fraction(B * 2 * problem.kd * problem.DX, A)  # Λ
        self.Q, self.T, self.G = Q, T, G
        self.heights = [root_up(T * T * check.dot(p, p)) for p in self.points]  # h_c
        self.fixed, self.half_spaces = {}, {}


def check_rows(reader, problem, classes, A, B, sign, tokens):
    """Checks the tree whose first line has these tokens."""
    shown, Q, T, G = check.parse_fields(tokens, ((b"+", b"-"), check.POS, check.POS, check.POS))
    check.require(shown == ("+" if sign > 0 else "-"), "trees in the wrong order")
    check.require(problem.hidden_bias != "undecayed", "a tree of rows with an undecayed hidden bias")
    if problem.r > MAX_R:
        raise check.LimitExceeded(f"a tree of rows in more than {MAX_R} dimensions")
    tree = RowTree(problem, classes, A, B, sign, Q, T, G)
    path = []  # the splits above, the last one last: a dictionary of signs, and the key of the split in it
    while True:
        tokens = reader.tokens()
        if tokens[0] in (b"?", b"h"):
            if len(path) == check.MAX_DEPTH:
                raise check.LimitExceeded(f"a tree is deeper than {check.MAX_DEPTH}")
            path.append(read_split(tree, tokens) if tokens[0] == b"?" else halfspaces.read_split(tree, tokens))
            signs, key = path[-1]
            signs[key] = 1
            continue
        check.require(tokens[0] in (b"e", b"f"), f"expected a leaf or a split, found {check.show(tokens[0])}")
        (check_leaf if tokens[0] == b"e" else relucert_quartic.check_leaf)(tree, check.integers(tokens[1:]))
        while path:
            signs, key = path[-1]
            if signs[key] > 0:
                signs[key] = -1  # its second tree is next
                break
            del signs[key]
            path.pop()
        else:
            return


def read_split(tree, tokens):
    (c,) = check.parse_fields(tokens, (check.NAT,))
    check.require(c < len(tree.points), "split: no such class")
    check.require(c not in tree.fixed, "split: the class is fixed already")
    return tree.fixed, c


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
    check.require(semidefinite.is_semidefinite(rows + [[floor(whole)]]), "leaf: the matrix is not positive semidefinite")


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
