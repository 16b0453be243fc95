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
RUNS = 3


def processor_time():
    """Of this process and of those that it started and that have ended; less disturbed by what else runs than the clock."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def least(call):
    """The shortest of a few runs: seconds, and seconds of a processor."""
    times = []
    for _ in range(RUNS):
        begun = time.perf_counter(), processor_time()
        call()
        times.append((time.perf_counter() - begun[0], processor_time() - begun[1]))
    return tuple(map(min, zip(*times)))


def words(times):
    return f"{times[0]:.3f} s ({times[1]:.3f} s of a processor)"


def python(code):
    subprocess.run([sys.executable, "-c", code], check=True)


def main():
    numpy_alone = least(lambda: python("import numpy"))
    with_relucert = least(lambda: python("import numpy, relucert"))
    print(f"import: numpy {words(numpy_alone)}, with relucert {words(with_relucert)}")

    import numpy as np

    import relucert

    table = np.loadtxt(ROOT / "fixtures/data/iris.csv", delimiter=",", skiprows=1)
    X, y = table[:, :-1], table[:, -1]
    by_package = least(lambda: relucert.certify(X, y, NETWORK, weight_decay=0.01))
    if not PROGRAM.exists():
        print(f"certify iris: package {words(by_package)}")
        return
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "iris.npz"
        np.savez(data, X=X, y=y)
        command = [PROGRAM, "certify", "--data", data, "--network", NETWORK, "--weight-decay", "0.01", "--quiet"]
        by_program = least(lambda: subprocess.run(command, check=False, capture_output=True))
    ratios = [a / b for a, b in zip(by_package, by_program)]
    print(f"certify iris: package {words(by_package)}, command line {words(by_program)}; ratios {ratios[0]:.2f} and {ratios[1]:.2f}")


if __name__ == "__main__":
    main()
