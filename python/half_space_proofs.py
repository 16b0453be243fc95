"""Small true proofs with splits by half-spaces, for test_relucert_halfspaces.py.

The matrices Y and N of every quartic leaf are drawn first; then polynomials P_c are solved for with which the leaf is
what it has to be, at as many unit vectors as there are unknowns. So nothing here expands a product, or knows how a
polynomial is completed: only what the terms of a leaf are on the unit vectors. The weights W_c (far below 0), Λ and the
data are chosen last, and all numbers are multiplied by a common denominator.
"""

from dataclasses import dataclass, field
from fractions import Fraction
from itertools import combinations_with_replacement as multisets, permutations
from math import lcm

# The fourth powers of these linear forms make all forms of degree 4, and the cubes of the first 1, 4, 10 all of degree 3.
POINTS = {
    1: [(1,)],
    2: [(1, 0), (0, 1), (1, 1), (1, -1), (1, 2)],
    3: [p for q in [(1, 0, 0), (1, 3, 0), (2, 1, 1), (1, 1, 0)] for p in sorted(set(permutations(q)))],
}
CUBES = {1: 1, 2: 4, 3: 10}
IDLE = {2: (2, 1), 3: (1, -1, 1)}


def unit_vectors(r):
    """Rational ones, all different."""
    if r == 1:
        return [(Fraction(1),), (Fraction(-1),)]
    slopes = [Fraction(a, b) for a, b in [(0, 1), (1, 1), (1, 2), (-1, 2), (2, 3), (-2, 3), (1, 4), (-1, 4), (4, 5)]]
    slopes += [Fraction(i, 17) for i in range(-20, 21, 3) if i]
    circle = [((1 - q * q) / (1 + q * q), 2 * q / (1 + q * q)) for q in slopes]
    if r == 2:
        return circle
    return [(u, v * x, v * y) for i, (u, v) in enumerate(circle[1:]) for x, y in circle[i % 3 : 9 : 3]]


def is_completed(first, second):
    """Whether the entry of N for two monomials (lists of indices), the first not after the second, is not among the X."""
    if len(first) < len(second):
        return first[0] <= second[0]
    return len(first) == 2 and first[0] <= second[0] <= first[1] <= second[1]


def dot(x, y):
    return sum(a * b for a, b in zip(x, y))


def form(matrix, z):
    return sum(x * a * b for a, row in zip(z, matrix) for b, x in zip(z, row))


def gram(draw, size, rank):
    vectors = [[draw.randint(-2, 2) for _ in range(size)] for _ in range(rank)]
    return [[sum(v[i] * v[j] for v in vectors) for j in range(size)] for i in range(size)]


def solve(rows):
    """Gauss and Jordan: each row has its right side last."""
    for i in range(len(rows)):
        pivot = next(row for row in rows[i:] if row[i])
        rows.remove(pivot)
        pivot = [x / pivot[i] for x in pivot]
        rows.insert(i, pivot)
        rows = [row if row is pivot else [x - row[i] * y for x, y in zip(row, pivot)] for row in rows]
    return [row[-1] for row in rows]


@dataclass
class HalfSpace:
    C: int
    a: list
    Y: list
    side: int


@dataclass
class Leaf:
    """Rule `e` if `U` is 0. `N` is ½·zᵀNz = 2^(4ε)·(what the leaf is); the coefficients are without Λ."""

    fixed: dict
    half_spaces: list
    U: int = 0
    coefficients: dict = field(default_factory=dict)
    N: list = field(default_factory=list)
    triples: list = field(default_factory=list)


class Proof:
    """A proof: `text()`. `leaves` are those of the tree with splits, in their order."""

    def __init__(self, draw, r):
        self.draw, self.r = draw, r
        self.k1, self.k2, self.kd = draw.choice([(0, 1, 1), (-1, 1, 1), (-1, 3, 2), (1, 4, 3)])
        self.points = draw.sample(POINTS[r], len(POINTS[r]))
        self.idle = None  # the number of a class without weight
        if r > 1 and draw.random() < 0.5:
            self.idle = draw.randint(0, 4)
            self.points.insert(self.idle, IDLE[r])
        self.units = unit_vectors(r)
        self.sign, self.T = draw.choice((1, -1)), draw.randint(1, 5)
        heights = [next(h for h in range(99) if h * h >= self.T**2 * dot(p, p)) for p in self.points]
        self.exponents = [next(e for e in range(9) if self.T << e >= h) for h in heights]
        self.top = max(self.exponents)
        self.lengths = [draw.randint(-2, 2) for _ in self.points]  # L = Σ lengths_c·p_c
        self.tree = []  # of its lines: a leaf, ("?", c) or a half-space
        self.grow({}, [], draw.randint(1, 3))
        self.leaves = [line for line in self.tree if isinstance(line, Leaf)]
        self.choose_scale()

    def grow(self, fixed, half_spaces, depth):
        draw, free = self.draw, [c for c in range(len(self.points)) if c not in fixed]
        if depth == 0 or draw.random() < 0.1:
            self.tree.append(self.leaf(fixed, half_spaces))
        elif free and draw.random() < 0.3:
            c = draw.choice(free)
            self.tree.append(("?", c))
            for side in (1, -1):
                self.grow({**fixed, c: side}, half_spaces, depth - 1)
        else:
            C, a = draw.randint(-2, 2), [draw.randint(-2, 2) for _ in range(self.r)]
            self.tree.append(HalfSpace(C, a, [], 0))
            for side in (1, -1):
                self.grow(fixed, [*half_spaces, (C, a, side)], depth - 1)

    def leaf(self, fixed, half_spaces):
        draw, r = self.draw, self.r
        made = [HalfSpace(C, a, gram(draw, r + 1, draw.randint(0, 2)), side) for C, a, side in half_spaces]
        leaf = Leaf(dict(fixed), made)
        if draw.random() < 0.15:
            return leaf
        leaf.U = draw.randint(1, 3)
        size = r + r * (r + 1) // 2
        leaf.N = [[x << 4 * self.top for x in row] for row in gram(draw, size, draw.randint(1, 2))]
        pairs = [(c, d) for c in sorted(fixed) for d in sorted(fixed) if c < d]
        leaf.triples = [(draw.randint(1, 3), c, d) for c, d in pairs if draw.random() < 0.6]
        for c in range(len(self.points)):
            if c == self.idle:
                if c in fixed:
                    leaf.coefficients[c] = [draw.randint(0, 1), fixed[c] * draw.randint(0, 2), draw.randint(0, 2), 0, 0]
            else:
                leaf.coefficients[c] = [draw.randint(0, 3), *(draw.randint(-3, 3) for _ in range(2)), 0, 0]
        self.absorb(leaf)
        return leaf

    def absorb(self, leaf):
        """Chooses the a_c3 and a_c4 for which the leaf is ½·zᵀNz."""
        weighty = [c for c in range(len(self.points)) if c != self.idle]
        unknown = [(c, 4) for c in weighty] + [(c, 3) for c in weighty if self.points[c] in POINTS[self.r][: CUBES[self.r]]]
        rows = []
        for u in self.units[: len(unknown)]:
            powers = [leaf.U * (dot(self.points[c], u) / 2 ** self.exponents[c]) ** k for c, k in unknown]
            rows.append([*powers, self.value(leaf, u) - form(leaf.N, self.monomials(u)) / 2 / 2 ** (4 * self.top)])
        for (c, k), x in zip(unknown, solve(rows)):
            leaf.coefficients[c][k] = x

    def monomials(self, u):
        return [*u, *(u[i] * u[j] for i in range(self.r) for j in range(i, self.r))]

    def value(self, leaf, u):
        """Λ − (k1+k2)·L·u − Σ P_c − Σ triples − Σ half-spaces, where |u| = 1; both without Λ and without the Λ in a P_c."""
        t = [dot(p, u) for p in self.points]
        value = Fraction(-(self.k1 + self.k2) * dot(self.lengths, t))
        for c, a in leaf.coefficients.items():
            value -= leaf.U * sum(x * (t[c] / 2 ** self.exponents[c]) ** k for k, x in enumerate(a))
        for N, c, d in leaf.triples:
            power = 2 ** (self.exponents[c] + self.exponents[d])
            value -= leaf.U * N * leaf.fixed[c] * leaf.fixed[d] * t[c] * t[d] / power
        for half_space in leaf.half_spaces:
            distance = half_space.side * (dot(half_space.a, u) - half_space.C)
            value -= leaf.U * distance * form(half_space.Y, (1, *u))
        return value

    def is_wrong(self):
        """Whether a leaf's polynomial or multipliers are negative at one of the vectors."""
        quartic = [leaf for leaf in self.leaves if leaf.U]
        return any(self.value(leaf, u) < 0 for leaf in quartic for u in self.units) or any(
            form(half_space.Y, (t, *u)) < 0
            for leaf in quartic
            for half_space in leaf.half_spaces
            for u in self.units
            for t in (-9, -1, 0, 1, 9)
        )

    def given(self, leaf):
        """X"""
        z = [*multisets(range(self.r), 1), *multisets(range(self.r), 2)]
        places = [(i, j) for i, j in multisets(range(len(z)), 2) if not is_completed(z[i], z[j])]
        return [Fraction(leaf.N[i][j], leaf.U * 2 ** (4 * self.top + 1)) for i, j in places]

    def choose_scale(self):
        """D, for which all numbers times D are integers; κ·|W_c|, which is large enough for all leaves; and Λ."""
        kappa, quartic = self.k2 - self.k1, [leaf for leaf in self.leaves if leaf.U]
        numbers = [x for leaf in quartic for a in leaf.coefficients.values() for x in a]
        numbers += [x for leaf in quartic for x in self.given(leaf)]
        self.D = 2 * lcm(*(Fraction(x).denominator for x in numbers))
        self.weights = []
        for c in range(len(self.points)):
            steep = [leaf.U * sum(map(abs, leaf.coefficients[c][1:])) for leaf in quartic if c in leaf.coefficients]
            self.weights.append(0 if c == self.idle else -int(max(steep, default=0)) // kappa - self.draw.randint(1, 3))
        size = sum(abs(w) * dot(p, p) for w, p in zip(self.weights, self.points)) * kappa
        size += abs(self.k1 + self.k2) * sum(2 * dot(p, p) for p in self.points)
        self.peak = 12 * self.kd * (2 * size + 1)  # Λ

    def text(self):
        D, r, V = self.D, self.r, []
        data = []
        for p, weight, length in zip(self.points, self.weights, self.lengths):
            data += [f"s 0 {' '.join(map(str, p))}", f"s 0 {' '.join(str(-x) for x in p)}"]
            V += [self.sign * D * (weight + length) // 2, self.sign * D * (weight - length) // 2]
        n = len(V)
        lines = ["relucert-proof 2", f"activation {self.k1} {self.k2} {self.kd}", "loss half-sum"]
        lines += [f"decay weight-decay {D * self.peak // (2 * self.kd)} 1", "hidden-bias none", "output-bias none"]
        lines += [f"data {n} {n} {r} 1 1", *data, f"bound {-dot(V, V)} 1", "verdict undecided 0 1", "dual 1 1"]
        lines += [f"v {x}" for x in V]
        # The other sign has one leaf: all its classes are convex, with ω = τ = 1.
        plain = [f"e {D * self.peak}{' 1' * (n // 2 - (self.idle is not None))}"]
        for sign in (1, -1):
            tree = [self.line(line) for line in self.tree] if sign == self.sign else plain
            lines += [f"rows {'+' if sign > 0 else '-'} 1 {self.T} 1", *tree]
        return "\n".join([*lines, "end", ""])

    def line(self, line):
        if isinstance(line, HalfSpace):
            return " ".join(map(str, ("h", line.C, *line.a)))
        if not isinstance(line, Leaf):
            return f"? {line[1]}"
        D = self.D
        if not line.U:
            count = sum(c in line.fixed or c != self.idle for c in range(len(self.points)))
            return f"e {D * self.peak}{' 0 0' * count}"
        numbers, first = [], next(c for c in line.coefficients if c != self.idle)
        for c, a in sorted(line.coefficients.items()):
            numbers += a
            if c == first:
                numbers[-5] += Fraction(self.peak, line.U)
        numbers += self.given(line)
        numbers += [x for y in line.half_spaces for i, row in enumerate(y.Y) for x in row[i:]]
        tokens = ["f", line.U, *(x * D for x in numbers)]
        if line.triples:
            tokens += [len(line.triples), *(x for N, c, d in line.triples for x in (N * D, c, d))]
        return " ".join(map(str, tokens))

    def matrices(self):
        """Those that have to be positive semidefinite, each row from the diagonal on; None for one of a leaf `e`."""
        tree = []
        for leaf in self.leaves:
            matrices = [y.Y for y in leaf.half_spaces] + [leaf.N] if leaf.U else [None]
            tree += [m and [[self.D * x for x in row[i:]] for i, row in enumerate(m)] for m in matrices]
        return tree + [None] if self.sign > 0 else [None] + tree


def change_multipliers(proof, draw):
    """Adds to one Y what is semidefinite."""
    chosen = [y for leaf in proof.leaves if leaf.U for y in leaf.half_spaces]
    if chosen:
        half_space = draw.choice(chosen)
        more = gram(draw, proof.r + 1, 1)
        half_space.Y = [[x + y for x, y in zip(*rows)] for rows in zip(half_space.Y, more)]
    return chosen


def change_entry(proof, draw):
    """Changes an entry of one Y: it may no longer be semidefinite."""
    chosen = [y for leaf in proof.leaves if leaf.U for y in leaf.half_spaces]
    if chosen:
        half_space = draw.choice(chosen)
        i, j = sorted(draw.randrange(proof.r + 1) for _ in range(2))
        half_space.Y = [list(row) for row in half_space.Y]
        half_space.Y[i][j] += draw.choice((-3, -2, -1, 1, 2, 3))
        half_space.Y[j][i] = half_space.Y[i][j]
    return chosen


def change_half_space(proof, draw):
    """Turns a split round, or moves it: for all leaves below."""
    chosen = [line for line in proof.tree if isinstance(line, HalfSpace)]
    if not chosen:
        return False
    split = draw.choice(chosen)
    old = split.a
    C, a = draw.choice([(-split.C, [-x for x in old]), (split.C + draw.choice((-1, 1)), old), (-split.C, old)])
    for leaf in proof.leaves:
        for half_space in leaf.half_spaces:
            if half_space.a is old:
                half_space.C, half_space.a = C, a
    split.C, split.a = C, a
    return True


CHANGES = {f.__name__: f for f in (change_multipliers, change_entry, change_half_space)}
