"""msolve on one face of a tiny network: all critical points of the loss where each neuron keeps its activation pattern.

    apt-get install msolve
    python3 benches/comparison/msolve_region.py fixtures/data/five_points.csv --ridge 1/2 --patterns=+++0-,-0+++
    relucert minima --data fixtures/data/five_points.csv --loss sum --ridge 1/2 --width 2

Loss Σ(f−y)² + λ·‖θ‖², a hidden bias that is decayed. A pattern says of each sample whether the neuron is active (+), inactive (-) or at its kink
(0), which is an equation with a multiplier. The gradient, a polynomial system with rational coefficients, is written for msolve, which answers with
a box for every real solution, or that there are infinitely many complex ones. Solutions whose neurons have these patterns are critical points of
the loss on the face; which of them are minima of the loss, with the other faces around, is another question. Prints JSON; values in floats.
"""

import argparse
import csv
import json
import os
import re
import shlex
import subprocess
import tempfile
import time
from fractions import Fraction
from pathlib import Path


def times(p, q):
    out = {}
    for a, b in p.items():
        for c, d in q.items():
            key = tuple(sorted(a + c))
            out[key] = out.get(key, 0) + b * d
    return out


def plus(*parts):
    out = {}
    for p in parts:
        for key, value in p.items():
            out[key] = out.get(key, 0) + value
    return {key: value for key, value in out.items() if value}


def scaled(p, factor):
    return {key: value * factor for key, value in p.items()}


def text(p):
    terms = []
    for key, value in p.items():
        powers = [f"{name}^{key.count(name)}" for name in sorted(set(key))]
        terms.append("*".join([str(value), *powers]))
    return "+".join(terms).replace("+-", "-")


def boxes(answer, count):
    """The middles of msolve's boxes: lists of pairs of numbers m / 2^e."""
    number = r"(-?\d+)(?: / 2\^(\d+))?"
    ends = [Fraction(int(m), 2 ** int(e or 0)) for m, e in re.findall(number, answer[answer.index("[[") :])]
    middles = [(a + b) / 2 for a, b in zip(ends[::2], ends[1::2])]
    return [middles[i : i + count] for i in range(0, len(middles), count)]


def has_patterns(point, neurons, x):
    """Whether every pre-activation has its sign, but for the width of the boxes."""
    small = Fraction(1, 10**9)
    for _, w, pattern in neurons:
        for row, sign in zip(x, pattern):
            t = sum(point[name] * v for name, v in zip(w, row))
            if (sign == "+" and t < -small) or (sign == "-" and t > small):
                return False
    return True


def value(point, neurons, x, y, ridge):
    errors = []
    for row, target in zip(x, y):
        before = [(point[a], sum(point[name] * v for name, v in zip(w, row))) for a, w, _ in neurons]
        errors.append(sum(a * max(t, 0) for a, t in before) - target)
    squares = sum(point[a] ** 2 + sum(point[name] ** 2 for name in w) for a, w, _ in neurons)
    return float(sum(e * e for e in errors) + ridge * squares)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data")
    parser.add_argument("--ridge", type=Fraction, required=True)
    parser.add_argument("--patterns", required=True)
    parser.add_argument("--msolve", default="msolve", help="the program, with arguments before its own if need be")
    parser.add_argument("--folder", help="where its files go; a temporary folder unless given")
    options = parser.parse_args()
    with open(options.data, encoding="ascii", newline="") as file:
        table = [[Fraction(v) for v in row] for row in list(csv.reader(file))[1:]]
    x, y = [row[:-1] + [Fraction(1)] for row in table], [row[-1] for row in table]
    patterns = options.patterns.split(",")
    names, neurons, residuals = [], [], [{(): -target} for target in y]
    for k, pattern in enumerate(patterns):
        a, w = f"a{k}", [f"w{k}{j}" for j in range(len(x[0]))]
        names += [a, *w]
        neurons.append((a, w, pattern))
        for i, row in enumerate(x):
            if pattern[i] == "+":
                fit = {tuple(sorted((a, name))): value for name, value in zip(w, row) if value}
                residuals[i] = plus(residuals[i], fit)
    equations = []
    for k, (a, w, pattern) in enumerate(neurons):
        active = [i for i in range(len(x)) if pattern[i] == "+"]
        before = [{(name,): v for name, v in zip(w, row) if v} for row in x]
        parts = [times(residuals[i], before[i]) for i in active]
        equations.append(plus(*parts, {(a,): options.ridge}))
        kinks = [i for i in range(len(x)) if pattern[i] == "0"]
        multipliers = [f"m{k}{i}" for i in kinks]
        names += multipliers
        equations += [before[i] for i in kinks]
        for j, name in enumerate(w):
            parts = [times(residuals[i], {(a,): x[i][j]}) for i in active if x[i][j]]
            parts += [{(m,): x[i][j]} for m, i in zip(multipliers, kinks) if x[i][j]]
            equations.append(plus(*parts, {(name,): options.ridge}))
    system = f"{','.join(names)}\n0\n" + ",\n".join(text(p) for p in equations) + "\n"
    with tempfile.TemporaryDirectory() as own:
        folder = Path(options.folder or own)
        (folder / "in.ms").write_text(system, encoding="ascii")
        command = [*shlex.split(options.msolve), "-f", str(folder / "in.ms"), "-o", str(folder / "out.ms")]
        begun = time.perf_counter()
        subprocess.run(command, check=True)
        seconds = time.perf_counter() - begun
        answer = (folder / "out.ms").read_text(encoding="ascii").strip()
    out = {"variables": len(names), "seconds": seconds, "load": os.getloadavg()[0]}
    if answer.startswith("[1"):
        print(json.dumps({**out, "answer": "infinitely many complex solutions: no points"}))
        return
    solutions = [dict(zip(names, point)) for point in boxes(answer, len(names))]
    points = [point for point in solutions if has_patterns(point, neurons, x)]
    values = sorted({round(value(point, neurons, x, y, options.ridge), 10) for point in points})
    print(json.dumps({**out, "real_solutions": len(solutions), "with_these_patterns": len(points), "values": values}))


if __name__ == "__main__":
    main()
