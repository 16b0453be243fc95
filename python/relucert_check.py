#!/usr/bin/env python3
"""A checker for relucert proofs (FORMAT.md, versions 1 and 2), written from that document alone.

    python3 python/relucert_check.py PROOF...

Exit status: 0 every proof is accepted, 1 one is rejected, 2 one cannot be read, 3 one exceeds a limit (the first of
1, 2, 3 that applies). Standard library only; every number is an integer or a fraction of integers. § is FORMAT.md's.
"""

import hashlib
import re
import sys
import zlib
from fractions import Fraction
from itertools import compress
from math import gcd
from operator import mul
from types import SimpleNamespace

sys.modules["relucert_check"] = sys.modules[__name__]  # also when run as a program: relucert_rows imports this module
import relucert_rows  # §5a
import relucert_width  # §9

ACCEPTED, REJECTED, UNREADABLE, LIMIT = "accepted", "rejected", "unreadable", "limit exceeded"

# §1, limits
MAX_DIGITS = 20_000
MAX_LINE = 4_000_000  # bytes, without the line feed
MAX_ROWS, MAX_COLUMNS, MAX_ENTRIES = 10_000_000, 1_000, 10_000_000
MAX_NEURONS, MAX_BASIS, MAX_DEPTH = 1_000_000, 24, 10_000  # depth: splits above a leaf

CHUNK = 1 << 18
PRIME = (1 << 61) - 1
MATCH_INT = re.compile(rb"0|-?[1-9][0-9]*").fullmatch

if hasattr(sys, "set_int_max_str_digits"):  # Python refuses decimal integers of more than 4,300 digits otherwise
    if 0 < sys.get_int_max_str_digits() < MAX_DIGITS:
        sys.set_int_max_str_digits(MAX_DIGITS)


class Rejected(Exception):
    """The proof breaks a rule of the format."""


class LimitExceeded(Exception):
    """The proof is larger than a checker must handle."""


class Result:
    """`status`, with `line` and `reason` unless accepted, else `theorem` (in words) and the statement's `sha256`."""

    def __init__(self, status, line=0, reason="", theorem="", sha256=""):
        self.status, self.line, self.reason, self.theorem, self.sha256 = status, line, reason, theorem, sha256

    @property
    def accepted(self):
        return self.status == ACCEPTED

    def __str__(self):
        if self.accepted:
            return f"accepted\n{self.theorem}"
        return f"{self.status}: line {self.line}: {self.reason}" if self.line else f"{self.status}: {self.reason}"


def require(condition, reason):
    if not condition:
        raise Rejected(reason)


def dot(x, y):
    return sum(map(mul, x, y))


# §1, text

def gunzip(chunks):
    """Decompresses one or more gzip members and nothing else (Python's gzip module would let zero bytes follow)."""
    member, inside = None, False
    try:
        for data in chunks:
            while data:
                if not inside:
                    member, inside = zlib.decompressobj(wbits=31), True
                yield member.decompress(data, CHUNK)
                while member.unconsumed_tail:
                    yield member.decompress(member.unconsumed_tail, CHUNK)
                data, inside = member.unused_data, not member.eof
    except zlib.error as error:
        raise Rejected(f"not a gzip file: {error}") from None
    require(member is not None and not inside, "the gzip file is incomplete")


def split_lines(chunks):
    """Yields the lines without their line feeds; the last one must have had one."""
    rest = b""
    for chunk in chunks:
        *lines, rest = (rest + chunk).split(b"\n")
        yield from lines
        if len(rest) > MAX_LINE:
            yield rest  # the reader refuses it
    require(not rest, "the last line does not end in a line feed")


class Reader:
    """Hands out the lines one by one, split into tokens."""

    def __init__(self, chunks):
        self.lines = split_lines(chunks)
        self.number = 0
        self.digest = None

    def tokens(self):
        self.number += 1
        line = next(self.lines, None)
        require(line is not None, "the file ends before `end`")
        if len(line) > MAX_LINE:
            raise LimitExceeded(f"a line has more than {MAX_LINE} bytes")
        require(line.isascii(), "a byte is not ASCII")
        if self.digest is not None:
            self.digest.update(line + b"\n")
        tokens = line.split(b" ")
        require(b"" not in tokens, "empty line, double, leading or trailing space")
        return tokens

    def line(self, word):
        """The tokens of the next line, which must begin with `word`."""
        tokens = self.tokens()
        require(tokens[0] == word, f"expected `{word.decode()}`, found {show(tokens[0])}")
        return tokens

    def fields(self, word, *kinds):
        """The next line must be `word` and one token of each kind, which is INT, NAT, POS or a tuple of words."""
        return parse_fields(self.line(word), kinds)

    def vector(self, word, length):
        """The next line must be `word` and `length` integers."""
        tokens = self.line(word)
        require(len(tokens) == length + 1, f"`{word.decode()}` takes {length} integers, found {len(tokens) - 1} tokens")
        return integers(tokens[1:])

    def finish(self):
        require(self.tokens() == [b"end"], "expected `end`")
        self.number += 1
        require(next(self.lines, None) is None, "bytes after `end`")


def show(token):
    return repr(token[:40].decode("ascii", "replace")) + ("…" if len(token) > 40 else "")


def parse_fields(tokens, kinds):
    require(len(tokens) == len(kinds) + 1, f"`{tokens[0].decode()}` takes {len(kinds)} tokens, found {len(tokens) - 1}")
    values = []
    for token, kind in zip(tokens[1:], kinds):
        if isinstance(kind, tuple):
            require(token in kind, f"{show(token)} is none of {', '.join(word.decode() for word in kind)}")
            values.append(token.decode())
        else:
            values.append(kind(token))
    return values


def integers(tokens):
    if not all(map(MATCH_INT, tokens)):
        bad = next(token for token in tokens if not MATCH_INT(token))
        raise Rejected(f"{show(bad)} is not an integer")
    if any(len(token) - token.startswith(b"-") > MAX_DIGITS for token in tokens if len(token) > MAX_DIGITS):
        raise LimitExceeded(f"an integer has more than {MAX_DIGITS} digits")
    return list(map(int, tokens))


def INT(token):
    return integers([token])[0]


def NAT(token):
    require(not token.startswith(b"-"), f"{show(token)} is negative")
    return INT(token)


def POS(token):
    require(token != b"0", "0 is not positive")
    return NAT(token)


# §2, statement

def read_statement(reader):
    """Returns the header's fields, the targets Y and the rows: pairs of sample and ξ, with the bias's DX."""
    problem = SimpleNamespace(version=reader.fields(b"relucert-proof", (b"1", b"2"))[0])
    reader.digest = hashlib.sha256()
    read_header(reader, problem)
    read_data(reader, problem)
    problem.sha256 = reader.digest.hexdigest()
    reader.digest = None
    return problem


def read_header(reader, problem):
    problem.k1, problem.k2, problem.kd = reader.fields(b"activation", INT, INT, POS)
    require(problem.k1 <= problem.k2, "activation: k1 > k2")
    require(gcd(problem.k1, problem.k2, problem.kd) == 1, "activation is not in lowest terms")
    (problem.loss,) = reader.fields(b"loss", (b"half-sum", b"sum", b"mean", b"half-mean"))
    problem.decay, p, q = reader.fields(b"decay", (b"weight-decay", b"ridge"), POS, POS)
    require(gcd(p, q) == 1, "decay is not in lowest terms")
    (problem.hidden_bias,) = reader.fields(b"hidden-bias", (b"none", b"decayed", b"undecayed"))
    (problem.output_bias,) = reader.fields(b"output-bias", (b"none", b"decayed", b"free"))
    problem.n, problem.N, problem.d, problem.DX, problem.DY = reader.fields(b"data", POS, POS, POS, POS, POS)
    require(problem.N >= problem.n, "data: fewer rows than samples")
    if problem.N > MAX_ROWS or problem.d > MAX_COLUMNS or problem.N * problem.d > MAX_ENTRIES:
        raise LimitExceeded(f"more than {MAX_ROWS} rows, {MAX_COLUMNS} columns or {MAX_ENTRIES} entries")
    problem.c = {"half-sum": Fraction(1, 2), "sum": Fraction(1), "mean": Fraction(1, problem.n),
                 "half-mean": Fraction(1, 2 * problem.n)}[problem.loss]
    problem.mu = Fraction(p, q) / (2 if problem.decay == "weight-decay" else 1)
    problem.beta = problem.mu / problem.c
    problem.r = problem.d + (problem.hidden_bias != "none")


def read_data(reader, problem):
    bias = [] if problem.hidden_bias == "none" else [problem.DX]
    problem.targets, problem.rows = [], []
    common_x, common_y = problem.DX, problem.DY
    for index in range(problem.N):
        word, *tokens = reader.tokens()
        numbers = integers(tokens)
        if word == b"s":
            require(len(problem.targets) < problem.n, "more samples than announced")
            require(numbers, "`s` without a target")
            problem.targets.append(numbers.pop(0))
            common_y = gcd(common_y, problem.targets[-1])
        else:
            require(word == b"+" and index > 0, f"expected `{'s` or `+' if index else 's'}`, found {show(word)}")
        require(len(numbers) == problem.d, f"expected {problem.d} features, found {len(numbers)}")
        common_x = gcd(common_x, *numbers)
        problem.rows.append((len(problem.targets) - 1, tuple(numbers + bias)))
    require(len(problem.targets) == problem.n, "fewer samples than announced")
    require(common_x == 1, "DX is not least")
    require(common_y == 1, "DY is not least")


# §3, networks and verdict

def read_claims(reader, problem):
    """Reads everything from the first network to the verdict; returns the networks, the bound with its width, the verdict."""
    networks = {}
    tokens = reader.tokens()
    while tokens[0] == b"network":
        kind, width, *denominators = parse_fields(tokens, ((b"given", b"best"), NAT, POS, POS, POS))
        require("best" not in networks and kind not in networks, "networks in the wrong order or repeated")
        if width > MAX_NEURONS:
            raise LimitExceeded(f"a network has more than {MAX_NEURONS} neurons")
        networks[kind] = width, read_network(reader, problem, width, *denominators)
        tokens = reader.tokens()
    require(tokens[0] == b"bound", f"expected `network` or `bound`, found {show(tokens[0])}")
    width, tokens = relucert_width.split_bound(sys.modules[__name__], problem, networks, tokens)
    bound = Fraction(*parse_fields(tokens, (INT, POS)))
    verdict, p, q = reader.fields(b"verdict", (b"optimal", b"not_optimal", b"undecided"), NAT, POS)
    check_verdict(networks, bound, verdict, Fraction(p, q))
    return networks, bound, width, verdict, Fraction(p, q)


def read_network(reader, problem, width, DW, DA, DC):
    """Returns the network's exact objective, which its last line must state. The neurons are not kept."""
    require(problem.output_bias != "none" or DC == 1, "DC is not 1 though there is no output bias")
    outputs = [0] * problem.n
    squares_w = squares_a = C = 0
    for _ in range(width):
        A, *weights = reader.vector(b"n", 1 + problem.r)
        for sample, row in problem.rows:
            t = dot(row, weights)
            outputs[sample] += A * (problem.k2 if t > 0 else problem.k1) * t
        decayed = weights[:problem.d] if problem.hidden_bias == "undecayed" else weights
        squares_w += dot(decayed, decayed)
        squares_a += A * A
    if problem.output_bias != "none":
        (C,) = reader.fields(b"c", INT)
    scale = DA * problem.DX * DW * problem.kd
    whole = scale * DC * problem.DY
    errors = [(f * DC + C * scale) * problem.DY - Y * DC * scale for f, Y in zip(outputs, problem.targets)]
    decay = Fraction(squares_w, DW * DW) + Fraction(squares_a, DA * DA)
    if problem.output_bias == "decayed":
        decay += Fraction(C * C, DC * DC)
    objective = problem.c * Fraction(dot(errors, errors), whole * whole) + problem.mu * decay
    require(Fraction(*reader.fields(b"objective", INT, POS)) == objective, "this is not the network's objective")
    return objective


def check_verdict(networks, bound, verdict, tolerance):
    require(networks or verdict == "undecided", "a verdict without a network must be `undecided`")
    if verdict == "undecided":
        return
    width, objective = networks.get("given") or networks["best"]
    if verdict == "optimal":
        require(objective - bound <= tolerance * objective, "verdict: the bound is not within the tolerance")
    else:
        require(len(networks) == 2, "verdict: `not_optimal` needs both networks")
        best_width, best_objective = networks["best"]
        require(best_width <= width, "verdict: the best network is wider than the given one")
        require(objective - best_objective > tolerance * objective, "verdict: the best network is not better enough")


# §4, dual vector

def read_dual(reader, problem, bound):
    """Returns V, A, B after checking bound ≤ 2c·D(v)."""
    A, B = reader.fields(b"dual", NAT, POS)
    V = [reader.fields(b"v", INT)[0] for _ in range(problem.n)]
    total = sum(V)
    require(problem.output_bias != "free" or total == 0, "the dual vector does not sum to zero")
    step = Fraction(A, B)
    dual = step * Fraction(dot(V, problem.targets), problem.DY) - step * step * dot(V, V) / 2
    if problem.output_bias == "decayed":
        dual -= (step * total) ** 2 / (2 * problem.beta)
    require(bound <= 2 * problem.c * dual, "the bound exceeds the dual value")
    return V, A, B


# §5, fans

class Classes:
    """The primitive directions of the rows, and for sign + their weights W and the linear part L."""

    def __init__(self, problem, V):
        numbers, self.points, self.weights = {}, [], []
        self.linear = [0] * problem.r
        for sample, row in problem.rows:
            m = gcd(*row)
            if m == 0:
                continue
            v = V[sample]
            self.linear = [l + v * x for l, x in zip(self.linear, row)]
            sign = m if next(x for x in row if x) > 0 else -m
            point = tuple(x // sign for x in row)
            number = numbers.setdefault(point, len(numbers))
            if number == len(self.points):
                self.points.append(point)
                self.weights.append(0)
            self.weights[number] += v * m


class Generator:
    """A generator g of a cone: the products p_c·g, H(g), and which products are > 0 and < 0 (a byte 1 for each class)."""

    __slots__ = ("vector", "products", "height", "positive", "negative")

    def __init__(self, fan, vector, products):
        self.vector = vector
        self.products = products
        self.height = dot(fan.slope_sum_linear, vector) + fan.slope_gap * dot(fan.weights, map(abs, products))
        self.positive = int.from_bytes(bytes([x > 0 for x in products]), "little")
        self.negative = int.from_bytes(bytes([x < 0 for x in products]), "little")

    def combine(self, fan, a, other, b):
        """a·self + b·other."""
        vector = [a * x + b * y for x, y in zip(self.vector, other.vector)]
        return Generator(fan, vector, [a * x + b * y for x, y in zip(self.products, other.products)])


class Fan:
    """What the leaves of one fan need: weights, linear part, lines, E and the largest Σ Q°² that rule 3 allows."""

    def __init__(self, problem, classes, A, B, sign, E):
        self.points = classes.points
        self.weights = [sign * w for w in classes.weights]
        self.slope_gap = problem.k2 - problem.k1
        self.slope_sum_linear = [sign * (problem.k1 + problem.k2) * l for l in classes.linear]
        self.concave = int.from_bytes(bytes([w < 0 for w in self.weights]), "little")
        self.undecayed = problem.hidden_bias == "undecayed"
        self.r, self.E, self.lines = problem.r, E, []
        beta = problem.beta
        self.max_squares = (beta.numerator * B * 2 * problem.kd * problem.DX) ** 2 // (E * A * beta.denominator) ** 2


def check_fan(reader, problem, classes, A, B, sign, tokens):
    require(tokens[0] == b"fan", f"expected `fan`, found {show(tokens[0])}")
    shown, shape, K, Z, E = parse_fields(tokens, ((b"+", b"-"), (b"orthants", b"half", b"simplex"), POS, NAT, POS))
    require(shown == ("+" if sign > 0 else "-"), "fans in the wrong order")
    require(K + Z == problem.r, f"K + Z is not {problem.r}")
    if K > MAX_BASIS:
        raise LimitExceeded(f"a fan has more than {MAX_BASIS} basis vectors")
    fan = Fan(problem, classes, A, B, sign, E)
    require(shape != "half" or not any(fan.slope_sum_linear), "a `half` fan though the linear part is not zero")
    basis = [reader.vector(b"b", problem.r) for _ in range(K)]
    for _ in range(Z):
        line = reader.vector(b"z", problem.r)
        require(not any(dot(point, line) for point in fan.points), "a class is not orthogonal to a line")
        fan.lines.append(line)
    require(is_regular(basis + fan.lines), "the vectors of the fan are not a basis")
    basis = [Generator(fan, vector, [dot(point, vector) for point in fan.points]) for vector in basis]
    for cone in roots(fan, shape, basis):
        check_tree(reader, fan, cone)


def is_regular(matrix, modulus=PRIME):
    """Is the determinant nonzero? If it is modulo a prime, yes; otherwise exact (Bareiss) elimination decides."""
    rows, previous = [[x % modulus if modulus else x for x in row] for row in matrix], 1
    while rows:
        pivot = next((row for row in rows if row[-1]), None)
        if pivot is None:
            return bool(modulus) and is_regular(matrix, None)
        rows.remove(pivot)
        p = pivot.pop()
        for i, row in enumerate(rows):
            q = row.pop()
            if modulus:
                rows[i] = [(p * x - q * y) % modulus for x, y in zip(row, pivot)]
            else:
                rows[i] = [(p * x - q * y) // previous for x, y in zip(row, pivot)]  # no remainder
        previous = p
    return True


def roots(fan, shape, basis):
    """Yields the root cones in order of number."""
    K = len(basis)
    if shape == "simplex":
        vector = [-sum(column) for column in zip(*(g.vector for g in basis))]
        products = [-sum(column) for column in zip(*(g.products for g in basis))]
        vectors = basis + [Generator(fan, vector, products)]
        for t in range(K + 1):
            yield vectors[:t] + vectors[t + 1:]
    else:
        signed = [(g, Generator(fan, [-x for x in g.vector], [-x for x in g.products])) for g in basis]
        for t in range(2 ** (K - 1 if shape == "half" else K)):
            yield [pair[t >> j & 1] for j, pair in enumerate(signed)]


def check_tree(reader, fan, cone):
    """Walks a tree in preorder; `pending` holds the cones whose trees are still to come, the next one last."""
    pending = [(cone, 0)]
    while pending:
        cone, depth = pending.pop()
        tokens = reader.tokens()
        if tokens[0] == b"q":
            check_leaf(fan, cone, integers(tokens[1:]))
        elif tokens[0] == b"/":
            if depth == MAX_DEPTH:
                raise LimitExceeded(f"a tree is deeper than {MAX_DEPTH}")
            first, second = split(fan, cone, *parse_fields(tokens, (NAT, NAT, POS, POS)))
            pending += [(second, depth + 1), (first, depth + 1)]
        else:
            raise Rejected(f"expected a leaf or a split, found {show(tokens[0])}")


def split(fan, cone, j, k, a, b):
    require(j < len(cone) and k < len(cone), "split: no such generator")
    require(j != k, "split: the generators are the same")
    p = cone[j].combine(fan, a, cone[k], b)
    first, second = cone.copy(), cone.copy()
    first[j] = second[k] = p
    return first, second


def check_leaf(fan, cone, numbers):
    Q, G, slopes = parse_leaf(fan, numbers)
    decayed = Q[:-1] + [0] if fan.undecayed else Q
    require(dot(decayed, decayed) <= fan.max_squares, "leaf, rule 3: Q is too long")
    for line in fan.lines:
        require(dot(decayed, line) == 0, "leaf, rule 2: Q is not orthogonal to a line")
    defaults = default_slopes(fan, cone, Q, slopes)
    for g in cone:
        left = G * fan.E * dot(decayed, g.vector)
        right = G * g.height + fan.slope_gap * concave_excess(fan, g.products, G, slopes, defaults)
        require(left >= right, "leaf, rule 1: a generator violates the inequality")


def parse_leaf(fan, numbers):
    """Returns Q, G and the listed slopes' numerators n by class."""
    Q, exceptions = numbers[:fan.r], numbers[fan.r:]
    require(len(Q) == fan.r, f"leaf: expected {fan.r} integers, found {len(Q)}")
    if not exceptions:
        return Q, 1, {}
    G, listed = exceptions[0], exceptions[1::2]
    require(len(exceptions) >= 3 and len(exceptions) % 2 == 1, "leaf: G must be followed by pairs")
    require(G > 0, "leaf: G is not positive")
    slopes = dict(zip(listed, exceptions[2::2]))
    require(all(c < e for c, e in zip(listed, listed[1:])), "leaf: classes are not in increasing order")
    for c, n in slopes.items():
        require(0 <= c < len(fan.weights) and fan.weights[c] < 0, "leaf: not the number of a concave class")
        require(-G <= n <= G, "leaf: a slope exceeds 1")
    return Q, G, slopes


def default_slopes(fan, cone, Q, listed):
    """The classes not listed that contribute to rule 1 something else than to H, paired with their slopes +1 or −1."""
    positive = negative = 0
    for g in cone:
        positive |= g.positive
        negative |= g.negative
    mixed = positive & negative & fan.concave
    if not mixed:
        return []
    chosen = compress(range(len(fan.points)), mixed.to_bytes(len(fan.points), "little"))
    return [(c, 1 if dot(fan.points[c], Q) >= 0 else -1) for c in chosen if c not in listed]


def concave_excess(fan, products, G, listed, defaults):
    """G·Σ W_c·(γ_c·x_c − |x_c|), x_c = p_c·g, over the classes for which this may differ from 0."""
    weights = fan.weights
    excess = 2 * G * sum(weights[c] * min(products[c] * slope, 0) for c, slope in defaults)
    for c, n in listed.items():
        x = products[c]
        excess += weights[c] * (n * x - G * abs(x))
    return excess


# §6, result

def check_lines(reader):
    problem = read_statement(reader)
    networks, bound, width, verdict, tolerance = read_claims(reader, problem)
    if width is not None:
        relucert_width.check(sys.modules[__name__], reader, problem, bound, width)
    else:
        V, A, B = read_dual(reader, problem, bound)
        classes = Classes(problem, V) if A and any(V) else None
        for sign in (+1, -1) if classes else ():
            tokens = reader.tokens()
            is_rows = problem.version == "2" and tokens[0] == b"rows"
            (relucert_rows.check_rows if is_rows else check_fan)(reader, problem, classes, A, B, sign, tokens)
    reader.finish()
    return Result(ACCEPTED, theorem=theorem(problem, networks, bound, width, verdict, tolerance), sha256=problem.sha256)


def check_chunks(chunks):
    reader = Reader(chunks)
    try:
        return check_lines(reader)
    except Rejected as reason:
        return Result(REJECTED, reader.number, str(reason))
    except LimitExceeded as reason:
        return Result(LIMIT, reader.number, str(reason))


def check_text(text):
    """Checks a proof given as bytes or as a string (never gzip-compressed)."""
    return check_chunks([text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")])


def check_file(path):
    """Checks the proof in a file; one whose name ends in .gz is decompressed (§1)."""
    try:
        with open(path, "rb") as file:
            chunks = iter(lambda: file.read(CHUNK), b"")
            return check_chunks(gunzip(chunks) if str(path).endswith(".gz") else chunks)
    except OSError as error:
        return Result(UNREADABLE, 0, error.strerror or str(error))


def theorem(problem, networks, bound, width, verdict, tolerance):
    """The proved statement in words."""
    activation = f"max({Fraction(problem.k1, problem.kd)}·t, {Fraction(problem.k2, problem.kd)}·t)"
    scope = f"width at most {width} (nothing is claimed of wider ones)" if width else "every width"
    rows = f" ({problem.N} rows)" if problem.N > problem.n else ""
    lines = [
        f"Problem {problem.sha256}: n = {problem.n} samples{rows}, d = {problem.d} features, activation {activation}, "
        f"loss {problem.loss}, {problem.decay} {problem.mu * (2 if problem.decay == 'weight-decay' else 1)}, "
        f"hidden bias {problem.hidden_bias}, output bias {problem.output_bias}.",
        f"Every two-layer network of {scope} has objective at least {bound} (≥ {decimal(bound)}).",
    ]
    for kind, (width, objective) in networks.items():
        lines.append(f"The {kind} network of width {width} has objective exactly {objective} "
                     f"(≤ {decimal(objective, up=True)}).")
    lines.append("Verdict " + {
        "optimal": f"optimal: the {next(iter(networks), None)} network's objective exceeds that of no network of {scope} "
                   f"by more than {tolerance} of itself.",
        "not_optimal": f"not_optimal: the best network, no wider than the given one, has an objective that is smaller by "
                       f"more than {tolerance} of the given network's.",
        "undecided": "undecided: nothing further is claimed.",
    }[verdict])
    return "\n".join(lines)


def decimal(x, up=False, digits=12):
    """x in decimal with about `digits` significant digits, rounded down, or up."""
    if x == 0:
        return "0"
    places = digits - len(str(abs(x.numerator))) + len(str(x.denominator))
    scaled = x * Fraction(10) ** places
    value = -(-scaled.numerator // scaled.denominator) if up else scaled.numerator // scaled.denominator
    if not 0 < places < 30:
        return f"{value}e{-places}"
    text = str(abs(value)).rjust(places + 1, "0")
    return "-" * (value < 0) + (text[:-places] + "." + text[-places:]).rstrip("0").rstrip(".")


def main(paths):
    if not paths:
        print(__doc__.strip(), file=sys.stderr)
        return 2
    seen = set()
    for path in paths:
        result = check_file(path)
        seen.add(result.status)
        print(f"{path}: {result}", flush=True)
    return next((code for code, status in ((1, REJECTED), (2, UNREADABLE), (3, LIMIT)) if status in seen), 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
