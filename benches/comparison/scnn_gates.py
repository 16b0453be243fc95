"""scnn (the package `pyscnn`): the convex program over sampled activation patterns, by its augmented Lagrangian method.

    pip install pyscnn
    python3 benches/comparison/scnn_gates.py fixtures/data/iris.csv --decay B --gates K --out network.json
    relucert certify --data fixtures/data/iris.csv --loss half-sum --weight-decay B --network network.json

(The package that is called `scnn` there is another one.) scnn's loss is (1/(2n))Σ(f−y)², so its λ is B/n, and a hidden bias is a column of ones.
`unitize_data` is off, for it would change what the penalty means. Prints JSON; the network goes to --out, for an exact objective and a bound.
"""

import argparse
import json
import os
import time

import numpy as np
from scnn.activations import sample_gate_vectors
from scnn.metrics import Metrics
from scnn.models import ConvexReLU
from scnn.optimize import optimize_model
from scnn.regularizers import NeuronGL1
from scnn.solvers import AL


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data")
    parser.add_argument("--decay", type=float, required=True)
    parser.add_argument("--gates", type=int, default=500, help="patterns that are drawn; each is there with both output signs")
    parser.add_argument("--tolerance", type=float, default=1e-6)
    parser.add_argument("--seed", type=int, default=778)
    parser.add_argument("--out", required=True)
    options = parser.parse_args()
    table = np.loadtxt(options.data, delimiter=",", skiprows=1, ndmin=2)
    x, y = np.c_[table[:, :-1], np.ones(len(table))], table[:, -1]
    begun = time.perf_counter()
    model = ConvexReLU(sample_gate_vectors(options.seed, x.shape[1], options.gates))
    solver = AL(model, tol=options.tolerance, constraint_tol=options.tolerance)
    network, metrics = optimize_model(
        model,
        solver,
        Metrics(),
        x,
        y,
        regularizer=NeuronGL1(options.decay / len(y)),
        unitize_data=False,
        dtype="float64",
        seed=options.seed,
    )
    seconds = time.perf_counter() - begun
    hidden, output = (np.asarray(p, dtype=float) for p in network.parameters)
    kept = {
        "hidden_weights": hidden[:, :-1].tolist(),
        "hidden_bias": hidden[:, -1].tolist(),
        "output_weights": output[0].tolist(),
    }
    with open(options.out, "w", encoding="ascii") as file:
        json.dump(kept, file)
    print(
        json.dumps(
            {
                "gates": options.gates,
                "neurons": len(hidden),
                "seconds": seconds,
                "program": float(metrics.objective[-1]) * len(y),
                "load": os.getloadavg()[0],
            }
        )
    )


if __name__ == "__main__":
    main()
