"""SCIP on one fixed width: the global minimum of a network of m neurons, within SCIP's tolerances.

    pip install pyscipopt
    python3 benches/comparison/scip_width.py fixtures/data/five_points.csv --ridge 1/2 --width M [--form direct|balanced] [--limit S]
    relucert minima --data fixtures/data/five_points.csv --loss sum --ridge 1/2 --width M

Loss Σ(f−y)² + λ·‖θ‖², a hidden bias that is decayed. Every ReLU z = max(0, x·w) has a binary variable and big-M inequalities; all weights are
within a box that an optimum cannot leave. `direct`: the network's own weights, so the outputs a·z are products and the problem is not convex.
`balanced`: at a minimum |a| = ‖w‖, so with u = |a|·w the penalty is 2λΣ‖u‖, and the signs of a are given: one convex problem with binary
variables for each number of negative signs. Prints JSON; `bound` is SCIP's, in floats.
"""

import argparse
import csv
import json
import os
import time
from fractions import Fraction

import pyscipopt
from pyscipopt import Model, quicksum, sqrt


def relus(model, x, weights, bound):
    """Variables z_i = max(0, x_i·w)."""
    out = []
    for row in x:
        before = quicksum(a * w for a, w in zip(row, weights))
        most = bound * sum(abs(a) for a in row)
        z, on = model.addVar(lb=0, ub=most), model.addVar(vtype="B")
        model.addCons(z >= before)
        model.addCons(z <= before + most * (1 - on))
        model.addCons(z <= most * on)
        out.append(z)
    return out


def solve(model, limit):
    model.hideOutput()
    model.setParam("limits/time", max(limit, 0.01))
    model.setParam("limits/gap", 0.0)
    model.optimize()
    return model.getStatus(), model.getObjVal() if model.getNSols() else None, model.getDualbound()


def squares(model, residuals):
    """A variable above the sum of the squares."""
    top = model.addVar(lb=0)
    model.addCons(quicksum(e * e for e in residuals) <= top)
    return top


def direct(x, y, decay, width, limit):
    """At an optimum λ·θ² is at most the loss of the zero network."""
    bound = (sum(v * v for v in y) / decay) ** 0.5
    model = Model()
    theta, fits = [], [0] * len(y)
    for _ in range(width):
        a = model.addVar(lb=-bound, ub=bound)
        w = [model.addVar(lb=-bound, ub=bound) for _ in x[0]]
        theta += [a, *w]
        for i, z in enumerate(relus(model, x, w, bound)):
            fits[i] = fits[i] + a * z
    errors = []
    for fit, target in zip(fits, y):
        e = model.addVar(lb=None)
        model.addCons(e == fit - target)
        errors.append(e)
    model.setObjective(squares(model, errors) + decay * squares(model, theta))
    return solve(model, limit)


def balanced(x, y, decay, width, limit):
    """The best of the problems with 0 to m negative output weights; their bounds hold together."""
    bound = sum(v * v for v in y) / (2 * decay)
    begun, parts = time.perf_counter(), []
    for negative in range(width + 1):
        model = Model()
        fits, sizes = [0] * len(y), []
        for k in range(width):
            u = [model.addVar(lb=-bound, ub=bound) for _ in x[0]]
            size = model.addVar(lb=0, ub=bound)
            model.addCons(sqrt(quicksum(v * v for v in u)) <= size)
            sizes.append(size)
            for i, z in enumerate(relus(model, x, u, bound)):
                fits[i] = fits[i] + (-z if k < negative else z)
        top = squares(model, [fit - target for fit, target in zip(fits, y)])
        model.setObjective(top + 2 * decay * quicksum(sizes))
        parts.append(solve(model, limit - (time.perf_counter() - begun)))
    status = "optimal" if all(p[0] == "optimal" for p in parts) else "timelimit"
    return status, min(p[1] for p in parts if p[1] is not None), min(p[2] for p in parts)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data")
    parser.add_argument("--ridge", type=Fraction, required=True)
    parser.add_argument("--width", type=int, required=True)
    parser.add_argument("--form", choices=["direct", "balanced"], default="direct")
    parser.add_argument("--limit", type=float, default=60)
    options = parser.parse_args()
    with open(options.data, encoding="ascii", newline="") as file:
        table = [[float(v) for v in row] for row in list(csv.reader(file))[1:]]
    x, y = [row[:-1] + [1.0] for row in table], [row[-1] for row in table]
    form = direct if options.form == "direct" else balanced
    begun = time.perf_counter()
    status, value, bound = form(x, y, float(options.ridge), options.width, options.limit)
    print(
        json.dumps(
            {
                "form": options.form,
                "width": options.width,
                "status": status,
                "value": value,
                "bound": bound,
                "seconds": time.perf_counter() - begun,
                "scip": Model().version(),
                "pyscipopt": pyscipopt.__version__,
                "load": os.getloadavg()[0],
            }
        )
    )


if __name__ == "__main__":
    main()
