"""Plain L-BFGS from many starts beside the network that relucert found, at the same width.

    pip install numpy scipy
    relucert solve --data D.csv --loss half-sum --weight-decay B --out network.json
    python3 benches/comparison/multistart.py D.csv --decay B --width W [--features K] [--starts 100]

Half-sum loss ½Σ(f−y)² + (B/2)·‖θ‖², a hidden bias, no output bias; the first K features (all unless given). A start has normal weights, scaled
so that hidden and output weights have the same size; it is descended by scipy's L-BFGS-B until a step gains less than 1e-15 of the objective,
or for 5,000 steps. At kinks the gradient is that of the side where the ReLU is 0. Prints JSON: objectives in floats, and seconds.
"""

import argparse
import json
import os
import statistics
import time

import numpy as np
from scipy.optimize import minimize


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data")
    parser.add_argument("--decay", type=float, required=True)
    parser.add_argument("--width", type=int, required=True)
    parser.add_argument("--features", type=int)
    parser.add_argument("--starts", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    table = np.loadtxt(options.data, delimiter=",", skiprows=1, ndmin=2)
    x, y = table[:, :-1][:, : options.features], table[:, -1]
    x = np.c_[x, np.ones(len(x))]
    r, width, decay = x.shape[1], options.width, options.decay

    def objective(theta):
        hidden, output = theta[: width * r].reshape(width, r), theta[width * r :]
        before = x @ hidden.T
        after = np.maximum(before, 0.0)
        residual = after @ output - y
        value = 0.5 * residual @ residual + 0.5 * decay * (theta @ theta)
        back = (residual[:, None] * output) * (before > 0.0)
        slope = np.concatenate([(back.T @ x).ravel(), after.T @ residual])
        return value, slope + decay * theta

    random = np.random.default_rng(options.seed)
    found, seconds = [], []
    for _ in range(options.starts):
        hidden = random.standard_normal((width, r))
        output = random.standard_normal(width)
        hidden *= (np.abs(output) / np.linalg.norm(hidden, axis=1))[:, None]
        begun = time.perf_counter()
        end = minimize(
            objective,
            np.concatenate([hidden.ravel(), output]),
            jac=True,
            method="L-BFGS-B",
            options={"maxiter": 5000, "maxfun": 20000, "ftol": 1e-15, "gtol": 1e-10, "maxcor": 20},
        )
        seconds.append(time.perf_counter() - begun)
        found.append(float(end.fun))
    best = min(found)
    print(
        json.dumps(
            {
                "n": len(y),
                "r": r,
                "width": width,
                "decay": decay,
                "starts": len(found),
                "best": best,
                "median": statistics.median(found),
                "worst": max(found),
                "within_1e-6_of_best": sum(value <= best * (1 + 1e-6) for value in found),
                "seconds_in_all": sum(seconds),
                "median_seconds": statistics.median(seconds),
                "load": os.getloadavg()[0],
            }
        )
    )


if __name__ == "__main__":
    main()
