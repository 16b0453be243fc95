"""A scikit-learn regressor that is trained to proven global optimality."""

from __future__ import annotations

import warnings
from typing import Any, Optional

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils.validation import check_is_fitted, validate_data

from ._api import solve
from ._exact import Number, option_text
from .certificate import Certificate
from .network import Network

# A base class without types is no reason for an unchecked class.
_Regressor: Any = RegressorMixin
_Estimator: Any = BaseEstimator


class GlobalReLURegressor(_Regressor, _Estimator):  # type: ignore[misc]
    """A two-layer ReLU network of the width it needs, proven to be globally optimal or with a proven gap.

    It minimises ``(1/2n)·Σ(f−y)² + (alpha/2)·Σw²`` over networks of every width, where the second sum goes over the weights and the hidden biases: ``alpha`` is scaled
    as that of ``ElasticNet``. With ``hidden_bias="free"`` this is what ``MLPRegressor(alpha=n*alpha, solver="lbfgs")`` minimises; proofs are harder then. Scale
    the features and the target first, as for any network. A small ``alpha`` makes wide networks, and long searches.

    A fit that ends without a proof of optimality, by ``time_limit``, ``max_leaves`` or otherwise, gives a ``ConvergenceWarning``; its network and its bound are
    valid all the same.

    Parameters
    ----------
    alpha : number, default 0.1
        Strength of the penalty; positive.
    hidden_bias : {"decayed", "free", "none"}, default "decayed"
        Whether hidden neurons have a bias, and whether it is in the penalty.
    output_bias : {"free", "decayed", "none"}, default "free"
        The same for the output; "free" is out of the penalty.
    tolerance : number, default 1e-6
        Gap to the optimum, relative to the objective, at which training stops.
    time_limit : float or None, default 60
        Seconds, after which the network is as good as it is, and so is the bound; a result that the clock ended may differ the next time.
    max_leaves : int or None, default None
        Most leaves of the proof of the bound. Unlike a time limit it leaves the result reproducible.
    random_state : int or None, default None
        Seed of the local searches.

    Attributes
    ----------
    certificate_ : Certificate
        Objective, proven lower bound and verdict.
    network_ : Network
        The network.
    n_features_in_ : int
    feature_names_in_ : array of str, if the data have names

    Examples
    --------
    >>> import numpy as np
    >>> from relucert import GlobalReLURegressor
    >>> X = np.linspace(-1, 1, 9).reshape(-1, 1)
    >>> model = GlobalReLURegressor(alpha=0.0001).fit(X, np.abs(X).ravel())
    >>> model.certificate_.verdict
    'optimal'
    >>> model.score(X, np.abs(X).ravel()) > 0.99
    True
    """

    certificate_: Certificate
    network_: Network

    def __init__(
        self,
        alpha: Number = 0.1,
        *,
        hidden_bias: str = "decayed",
        output_bias: str = "free",
        tolerance: Number = 1e-6,
        time_limit: Optional[float] = 60.0,
        max_leaves: Optional[int] = None,
        random_state: Optional[int] = None,
    ) -> None:
        self.alpha = alpha
        self.hidden_bias = hidden_bias
        self.output_bias = output_bias
        self.tolerance = tolerance
        self.time_limit = time_limit
        self.max_leaves = max_leaves
        self.random_state = random_state

    def fit(self, X: Any, y: Any) -> "GlobalReLURegressor":
        """Trains on X of shape (n, d) and y of shape (n,)."""
        X, y = validate_data(self, X, y, y_numeric=True, dtype=[np.float64, np.float32])
        kinds = ("free", "decayed", "none")
        for name in ("hidden_bias", "output_bias"):
            if getattr(self, name) not in kinds:
                raise ValueError(f"{name} is {getattr(self, name)!r}, which is none of {', '.join(kinds)}")
        self.certificate_ = solve(
            X,
            np.asarray(y, dtype=np.float64),
            loss="half-mean",
            weight_decay=option_text(self.alpha, "alpha"),
            bias=self.hidden_bias != "none",
            no_decay=("hidden-bias",) if self.hidden_bias == "free" else (),
            output_bias=self.output_bias,
            tolerance=self.tolerance,
            time_limit=self.time_limit,
            max_leaves=self.max_leaves,
            seed=_seed(self.random_state),
        )
        best = self.certificate_.best
        if best is None:
            raise RuntimeError("no network was found")
        self.network_ = best
        if not self.certificate_.is_optimal:
            gap = float(self.certificate_.relative_gap)
            message = f"the network is proven to be within {gap:.3g} of the optimum, not within the tolerance {self.tolerance}"
            warnings.warn(message, ConvergenceWarning, stacklevel=2)
        return self

    def predict(self, X: Any) -> npt.NDArray[np.float64]:
        """The outputs on X of shape (n, d), computed exactly and correctly rounded."""
        check_is_fitted(self)
        X = validate_data(self, X, reset=False, dtype=[np.float64, np.float32])
        outputs: npt.NDArray[np.float64] = self.network_.predict(X)
        return outputs


def _seed(random_state: Any) -> int:
    if random_state is None:
        return 0
    if isinstance(random_state, (int, np.integer)):
        return int(random_state)
    return int(random_state.randint(0, 2**31))
