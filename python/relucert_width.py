"""The part of relucert_check.py for bounds at a fixed width (FORMAT.md §9), written from that document alone.

`core` is the module relucert_check: it uses this one and is not imported here.
"""

MAX_PARTS = 100_000
MAX_TABLE = 10 ** 9  # blocks times pieces
MAX_SETS = 10 ** 10  # sets of pieces times 64 blocks


def split_bound(core, problem, networks, tokens):
    """Returns the width of the `bound` line, or None, and the line's other tokens."""
    if problem.version != "2" or tokens[3:4] != [b"width"]:
        return None, tokens
    (width,) = core.parse_fields(tokens[:1] + tokens[4:], (core.POS,))
    core.require(all(m <= width for m, _ in networks.values()), "a network is wider than the bound's width")
    return width, tokens[:3]


def check(core, reader, problem, bound, width):
    """Checks everything from the parts to the last block, and that every set of `width` pieces is in a block."""
    lines, cones = read_parts(core, reader, problem)
    pieces = 2 * len(cones)
    (count,) = reader.fields(b"blocks", core.POS)
    if count * pieces > MAX_TABLE:
        raise core.LimitExceeded(f"more than {MAX_TABLE} blocks times pieces")
    owners = [0] * pieces  # for each piece the blocks that have it, a bit for each block
    for block in range(count):
        for piece in read_block(core, reader, problem, bound, lines, cones):
            owners[piece] |= 1 << block
    require_cover(core, owners, (1 << count) - 1, min(width, pieces), -(-count // 64))


def read_parts(core, reader, problem):
    """Returns the lines `z` and for each part its cones, which are lists of generators (vectors)."""
    shapes = (b"orthants", b"half", b"simplex")
    shape, K, Z, T = reader.fields(b"parts", shapes, core.POS, core.NAT, core.POS)
    if K > core.MAX_BASIS or T > MAX_PARTS:
        raise core.LimitExceeded(f"more than {core.MAX_BASIS} basis vectors or {MAX_PARTS} parts")
    core.require(K + Z == problem.r, f"K + Z is not {problem.r}")
    core.require(shape != "half" or problem.k1 + problem.k2 == 0, "`half` parts though k1 + k2 is not zero")
    basis = [reader.vector(b"b", problem.r) for _ in range(K)]
    lines = [reader.vector(b"z", problem.r) for _ in range(Z)]
    for line in lines:
        core.require(not any(core.dot(row, line) for _, row in problem.rows), "a row is not orthogonal to a line")
    core.require(core.is_regular(basis + lines), "the vectors of the parts are not a basis")
    cones = [[] for _ in range(T)]
    for root in roots(shape, basis):
        pending = [(root, 0)]
        while pending:
            cone, depth = pending.pop()
            tokens = reader.tokens()
            if tokens[0] == b".":
                (part,) = core.parse_fields(tokens, (core.NAT,))
                core.require(part < T, "a cone of no part")
                cones[part].append(cone)
                continue
            core.require(tokens[0] == b"/", f"expected a cone or a split, found {core.show(tokens[0])}")
            if depth == core.MAX_DEPTH:
                raise core.LimitExceeded(f"a tree is deeper than {core.MAX_DEPTH}")
            j, k, a, b = core.parse_fields(tokens, (core.NAT, core.NAT, core.POS, core.POS))
            core.require(j < K and k < K, "split: no such generator")
            core.require(j != k, "split: the generators are the same")
            new = tuple(a * x + b * y for x, y in zip(cone[j], cone[k]))
            pending += [(replaced(cone, k, new), depth + 1), (replaced(cone, j, new), depth + 1)]
    core.require(all(cones), "a part has no cone")
    return lines, cones


def replaced(cone, place, vector):
    return cone[:place] + [vector] + cone[place + 1:]


def roots(shape, basis):
    """Yields the root cones in order of number."""
    K, vectors = len(basis), [tuple(vector) for vector in basis]
    if shape == "simplex":
        vectors.append(tuple(-sum(column) for column in zip(*vectors)))
        for t in range(K + 1):
            yield vectors[:t] + vectors[t + 1:]
        return
    for t in range(2 ** (K - 1 if shape == "half" else K)):
        yield [tuple(-x for x in v) if t >> j & 1 else v for j, v in enumerate(vectors)]


def read_block(core, reader, problem, bound, lines, cones):
    """Returns the pieces of the block after checking their vectors on all cones."""
    V, A, B = core.read_dual(reader, problem, bound)
    if A == 0 or not any(V):
        return range(2 * len(cones))
    C, E = reader.fields(b"pieces", core.POS, core.POS)
    classes = core.Classes(problem, V)
    fans = [core.Fan(problem, classes, A, B, sign, E) for sign in (1, -1)]
    known = ({}, {})  # the generators of each sign that have been made, by their vectors
    pieces = []
    for fan in fans:
        fan.lines = lines
    for _ in range(C):
        numbers = core.integers(reader.line(b"p")[1:])
        core.require(numbers, "`p` without the number of a piece")
        piece = numbers.pop(0)
        core.require(0 <= piece < 2 * len(cones), "no such piece")
        core.require(not pieces or pieces[-1] < piece, "the pieces are not in increasing order")
        pieces.append(piece)
        fan, made = fans[piece % 2], known[piece % 2]
        for cone in cones[piece // 2]:
            for g in cone:
                if g not in made:
                    made[g] = core.Generator(fan, g, [core.dot(point, g) for point in fan.points])
            core.check_leaf(fan, [made[g] for g in cone], numbers)
    return pieces


def require_cover(core, owners, every, width, words):
    """Requires that every set of at most `width` pieces is in a block."""
    later = [every]  # the blocks that have all pieces from a number on
    for column in reversed(owners):
        later.append(later[-1] & column)
    later.reverse()
    steps = 0
    path = [(0, every)] if not later[0] else []
    while path:
        piece, blocks = path.pop()
        if piece == len(owners):
            continue
        path.append((piece + 1, blocks))
        steps += words
        if steps > MAX_SETS:
            raise core.LimitExceeded(f"more than {MAX_SETS} sets of pieces")
        blocks &= owners[piece]
        core.require(blocks, f"no block has all pieces of a set of {len(path)}, of which the last one is {piece}")
        if len(path) < width and not blocks & later[piece + 1]:
            path.append((piece + 1, blocks))
