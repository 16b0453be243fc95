"""The full convex program of a two-layer ReLU network: relucert beside cvxpy with Clarabel, on the same data.

    cargo build --release
    pip install numpy cvxpy clarabel
    python3 benches/full_program.py [n …]

Made-up data of n samples, 2 features and a hidden bias (r = 3), half-sum loss, weight decay 1: every cell of the arrangement, one block for
each cell and sign. Each run is a process of its own; time is wall time without the start of Python and its imports, memory is the peak of
the process. cvxpy gets the cells ready-made, all blocks in one matrix variable and one sparse matrix for the inequalities: with a variable
for each block most of its time goes into the model. `relucert` enumerates the cells, solves, proves a bound and writes the proof.
"""

import csv
import importlib.util
import json
import math
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PROGRAM = ROOT / "target" / "release" / "relucert"
DECAY = 1.0


def make(n, path):
    """Features normal, targets a kink, a wave and noise; 4 decimals."""
    source = random.Random(n)
    with open(path, "w", encoding="ascii", newline="") as out:
        out.write("x1,x2,y\n")
        for _ in range(n):
            a, b, noise = (source.gauss(0, 1) for _ in range(3))
            y = abs(a) - 0.5 * b + math.sin(2 * b) + 0.3 * noise
            out.write(f"{a:.4f},{b:.4f},{y:.4f}\n")


def cvxpy_run(path):
    """One run of the modelling tool, in this process; prints JSON."""
    import cvxpy as cp
    import numpy as np
    import scipy.sparse as sparse

    with open(path, encoding="ascii", newline="") as file:
        table = np.array([[float(v) for v in row] for row in list(csv.reader(file))[1:]])
    x, y = np.c_[table[:, :-1], np.ones(len(table))], table[:, -1]
    n, r = x.shape
    cells = subprocess.run(
        [PROGRAM, "cells", "--data", path, "--list"], check=True, capture_output=True, text=True
    ).stdout.splitlines()
    signs = np.array([[1.0 if c == "+" else -1.0 for c in line[:n]] for line in cells])
    begun, spent = time.perf_counter(), time.process_time()
    k = len(signs)
    # Column j of p belongs to cell j, of q to cell j with a negative output weight; vec stacks columns.
    p, q = cp.Variable((r, k)), cp.Variable((r, k))
    fit = np.hstack([(s > 0)[:, None] * x for s in signs])
    sides = sparse.block_diag([s[:, None] * x for s in signs], format="csr")
    f = fit @ cp.vec(p - q, order="F")
    penalty = cp.sum(cp.norm(p, axis=0)) + cp.sum(cp.norm(q, axis=0))
    problem = cp.Problem(
        cp.Minimize(0.5 * cp.sum_squares(f - y) + DECAY * penalty),
        [sides @ cp.vec(p, order="F") >= 0, sides @ cp.vec(q, order="F") >= 0],
    )
    problem.solve(solver=cp.CLARABEL)
    print(
        json.dumps(
            {
                "cells": k,
                "seconds": time.perf_counter() - begun,
                "cpu": time.process_time() - spent,
                "objective": problem.value,
                "status": problem.status,
            }
        )
    )


def measured(command):
    """Standard output, wall and processor seconds, and peak megabytes of a command. This process stays small: a child starts as its copy."""
    with tempfile.TemporaryFile("w+") as out:
        begun = time.perf_counter()
        child = subprocess.Popen([str(c) for c in command], stdout=out)
        _, status, usage = os.wait4(child.pid, 0)
        seconds = time.perf_counter() - begun
        if status != 0:
            raise SystemExit(f"{command} ended with status {status}")
        out.seek(0)
        return json.loads(out.read()), seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def row(n, name, seconds, cpu, peak, objective, gap):
    print(f"| {n} | {name} | {seconds:.2f} | {cpu:.2f} | {peak:.0f} | {objective:.10f} | {gap} |", flush=True)


def main():
    if sys.argv[1:2] == ["--cvxpy"]:
        cvxpy_run(sys.argv[2])
        return
    if not PROGRAM.exists():
        raise SystemExit("build the program first: cargo build --release")
    rival = all(importlib.util.find_spec(name) for name in ["cvxpy", "clarabel"])
    if not rival:
        print("cvxpy is not installed: pip install numpy cvxpy clarabel\n")
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores\n")
    print("| n | program | seconds | of a core | peak MB | objective | proven gap |")
    print("|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for n in [int(v) for v in sys.argv[1:]] or [20, 40, 60]:
            path = os.path.join(folder, f"{n}.csv")
            make(n, path)
            if rival:
                found, _, _, peak = measured([sys.executable, __file__, "--cvxpy", path])
                name = f"cvxpy + Clarabel, {found['cells']} cells"
                row(n, name, found["seconds"], found["cpu"], peak, found["objective"], "none")
            for method in ["full", "auto"]:
                found, seconds, cpu, peak = measured(
                    [PROGRAM, "solve", "--data", path, "--loss", "half-sum", "--weight-decay", DECAY]
                    + ["--method", method, "--json", "--proof", os.path.join(folder, "a.proof")]
                )
                name = f"relucert --method {method}"
                gap = f"{found['relative_gap']:.0e}"
                row(n, name, seconds, cpu, peak, float(found["objective"]["decimal"]), gap)


if __name__ == "__main__":
    main()
