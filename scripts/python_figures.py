"""Figures of the Python package: import time beside NumPy's, and certify on iris beside the command line's. Prints; asserts no time."""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PROGRAM = Path(os.environ.get("RELUCERT_PROGRAM", ROOT / "target/release/relucert"))
NETWORK = ROOT / "fixtures/networks/iris_adam_early/model.safetensors"
RUNS = 5


def least(call):
    """The shortest of a few runs, in seconds."""
    times = []
    for _ in range(RUNS):
        begun = time.perf_counter()
        call()
        times.append(time.perf_counter() - begun)
    return min(times)


def python(code):
    subprocess.run([sys.executable, "-c", code], check=True)


def main():
    numpy_alone = least(lambda: python("import numpy"))
    with_relucert = least(lambda: python("import numpy, relucert"))
    print(f"import: numpy {numpy_alone:.3f} s, with relucert {with_relucert:.3f} s, so {with_relucert - numpy_alone:.3f} s more")

    import numpy as np

    import relucert

    table = np.loadtxt(ROOT / "fixtures/data/iris.csv", delimiter=",", skiprows=1)
    X, y = table[:, :-1], table[:, -1]
    by_package = least(lambda: relucert.certify(X, y, NETWORK, weight_decay=0.01))
    if not PROGRAM.exists():
        print(f"certify iris: package {by_package:.2f} s")
        return
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "iris.npz"
        np.savez(data, X=X, y=y)
        command = [PROGRAM, "certify", "--data", data, "--network", NETWORK, "--weight-decay", "0.01", "--quiet"]
        by_program = least(lambda: subprocess.run(command, check=False, capture_output=True))
    print(f"certify iris: package {by_package:.2f} s, command line {by_program:.2f} s, ratio {by_package / by_program:.2f}")


if __name__ == "__main__":
    main()
