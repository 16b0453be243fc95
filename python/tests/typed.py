"""What a caller's type checker sees of the package; checked by mypy, not run."""

from fractions import Fraction
from typing import List, Optional

import numpy as np
import numpy.typing as npt

import relucert
from relucert.testing import assert_globally_optimal

X: npt.NDArray[np.float64] = np.zeros((3, 2))
y: npt.NDArray[np.float64] = np.zeros(3)


def typed() -> None:
    certificate: relucert.Certificate = relucert.certify(X, y, "model.safetensors", weight_decay=0.01, time_limit=1)
    gap: Fraction = certificate.gap
    best: Optional[relucert.Network] = certificate.best
    if best is not None:
        weights: npt.NDArray[np.float64] = best.hidden_weights
        print(weights.shape, float(gap))
    solved: relucert.Certificate = relucert.solve(X, y, ridge="1/100", no_decay=["hidden-bias"], progress=print)
    names: List[str] = solved.notes
    count: Optional[int] = relucert.cells(X).count
    upper: Fraction = relucert.beta_max(X, y).upper
    value: Fraction = relucert.objective(X, y, best, weight_decay=Fraction(1, 3))
    accepted: bool = relucert.check("a.proof").accepted
    again: relucert.Certificate = assert_globally_optimal(best, X, y, weight_decay=1)
    print(names, count, upper, value, accepted, again, relucert.minima(X, y, 1, ridge=1).components[0].value)
