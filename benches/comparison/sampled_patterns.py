"""The gated convex program by hand: cvxpy with Clarabel, over activation patterns that are drawn at random.

    pip install numpy cvxpy clarabel
    python3 benches/comparison/sampled_patterns.py fixtures/data/iris.csv --decay B --draws K --out network.json
    relucert certify --data fixtures/data/iris.csv --loss half-sum --weight-decay B --network network.json

Half-sum loss, a hidden bias. K directions are drawn, normal; equal patterns are merged. One block for each pattern and
output sign, all in one matrix variable. For the program over all patterns see benches/full_program.py. Prints JSON; the network goes to --out.
"""

import argparse
import json
import os
import time

import cvxpy as cp
import numpy as np
import scipy.sparse as sparse


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data")
    parser.add_argument("--decay", type=float, required=True)
    parser.add_argument("--draws", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", required=True)
    options = parser.parse_args()
    table = np.loadtxt(options.data, delimiter=",", skiprows=1, ndmin=2)
    x, y = np.c_[table[:, :-1], np.ones(len(table))], table[:, -1]
    n, r = x.shape
    begun = time.perf_counter()
    random = np.random.default_rng(options.seed)
    draws = random.standard_normal((options.draws, r))
    signs = np.unique(np.where(x @ draws.T > 0, 1.0, -1.0), axis=1).T
    k = len(signs)
    # Column j of p belongs to pattern j, of q to pattern j with a negative output weight; vec stacks columns.
    p, q = cp.Variable((r, k)), cp.Variable((r, k))
    fit = np.hstack([(s > 0)[:, None] * x for s in signs])
    sides = sparse.block_diag([s[:, None] * x for s in signs], format="csr")
    f = fit @ cp.vec(p - q, order="F")
    penalty = cp.sum(cp.norm(p, axis=0)) + cp.sum(cp.norm(q, axis=0))
    problem = cp.Problem(
        cp.Minimize(0.5 * cp.sum_squares(f - y) + options.decay * penalty),
        [sides @ cp.vec(p, order="F") >= 0, sides @ cp.vec(q, order="F") >= 0],
    )
    problem.solve(solver=cp.CLARABEL)
    seconds = time.perf_counter() - begun
    hidden, output = [], []
    for sign, block in ((1.0, p.value), (-1.0, q.value)):
        for u in block.T:
            size = np.linalg.norm(u)
            # Interior points leave every block a little above zero.
            if size > 1e-7 * max(np.linalg.norm(p.value), np.linalg.norm(q.value)):
                hidden.append((u / np.sqrt(size)).tolist())
                output.append(sign * float(np.sqrt(size)))
    kept = {
        "hidden_weights": [w[:-1] for w in hidden],
        "hidden_bias": [w[-1] for w in hidden],
        "output_weights": output,
    }
    with open(options.out, "w", encoding="ascii") as file:
        json.dump(kept, file)
    print(
        json.dumps(
            {
                "draws": options.draws,
                "patterns": k,
                "neurons": len(output),
                "status": problem.status,
                "program": float(problem.value),
                "seconds": seconds,
                "load": os.getloadavg()[0],
            }
        )
    )


if __name__ == "__main__":
    main()
