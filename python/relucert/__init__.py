"""How close is a trained two-layer ReLU network to the global optimum of its own training problem?

relucert answers with a theorem: it computes the objective exactly and proves, in rational arithmetic, a lower bound on the objective of every two-layer network of
every width.

>>> import relucert
>>> X, y = [[-2.0], [-1.0], [0.0], [1.0], [2.0]], [1.0, -1.0, 2.0, -1.0, 1.0]
>>> weights = ([[0.33, -0.33], [-0.33, -0.33]], [0.46, 0.46])
>>> relucert.certify([[-2.0, 1.0], [2.0, 1.0]], [1.0, 1.0], weights, ridge="1/10").verdict
'not_optimal'
"""

from ._api import beta_max, cells, certify, minima, objective, predict, solve
from ._check import check
from ._errors import InterruptedWarning, ModelWarning, RelucertError, UnsupportedModelError
from ._relucert import __version__
from .certificate import BetaMax, Cells, Certificate, CheckResult, Minima, Minimum
from .network import Network

__all__ = [
    "BetaMax",
    "Cells",
    "Certificate",
    "CheckResult",
    "GlobalReLURegressor",
    "InterruptedWarning",
    "Minima",
    "Minimum",
    "ModelWarning",
    "Network",
    "RelucertError",
    "UnsupportedModelError",
    "__version__",
    "beta_max",
    "cells",
    "certify",
    "check",
    "minima",
    "objective",
    "predict",
    "solve",
]


def __getattr__(name: str) -> object:
    # scikit-learn is imported only by those who ask for the estimator.
    if name == "GlobalReLURegressor":
        from .estimator import GlobalReLURegressor

        return GlobalReLURegressor
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
