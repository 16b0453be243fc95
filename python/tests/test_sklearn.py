"""scikit-learn: its network's own objective, and an estimator."""

import warnings
from fractions import Fraction

import numpy as np
import pytest

import relucert

pytest.importorskip("sklearn")

from sklearn.datasets import load_diabetes  # noqa: E402
from sklearn.exceptions import ConvergenceWarning  # noqa: E402
from sklearn.linear_model import Ridge  # noqa: E402
from sklearn.model_selection import GridSearchCV  # noqa: E402
from sklearn.neural_network import MLPRegressor  # noqa: E402
from sklearn.pipeline import make_pipeline  # noqa: E402
from sklearn.preprocessing import StandardScaler  # noqa: E402
from sklearn.utils.estimator_checks import check_estimator  # noqa: E402


def data(n=60, d=2, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((n, d))
    return X, np.abs(X[:, 0]) + 0.3 * rng.standard_normal(n)


def fitted(X, y, **options):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return MLPRegressor(hidden_layer_sizes=(5,), random_state=1, **options).fit(X, y)


def scikit_loss(model, X, y):
    """What scikit-learn itself computes as the loss of the whole data as one batch."""
    activations = [X, None, None]
    activations = model._forward_pass([X] + [np.empty((len(X), size)) for size in (model.hidden_layer_sizes[0], 1)])
    squared = 0.5 * np.mean((y - activations[-1].ravel()) ** 2)
    return squared + 0.5 * model.alpha * sum(np.sum(w**2) for w in model.coefs_) / len(X)


def test_the_objective_is_the_loss_that_lbfgs_minimised():
    X, y = data()
    model = fitted(X, y, solver="lbfgs", alpha=0.3, max_iter=2000)
    value = relucert.objective(X, y, model)
    assert abs(float(value) - scikit_loss(model, X, y)) < 1e-12
    # L-BFGS keeps the last value of the function it minimised.
    assert abs(float(value) - model.loss_) < 1e-9
    assert value == relucert.objective(
        X, y, model, loss="half-mean", weight_decay=Fraction(3, 10) / len(X), no_decay=("hidden-bias", "output-bias")
    )


def test_its_gradient_vanishes_where_scikit_learn_stops():
    # The objective is right if its derivative is 0 at the minimum that scikit-learn found, in a direction that scales the weights.
    X, y = data()
    model = fitted(X, y, solver="lbfgs", alpha=1.0, max_iter=20000, tol=1e-12)
    (W, a), (b, c) = model.coefs_, model.intercepts_

    def slope(**options):
        low, high = (relucert.objective(X, y, _scaled(model, 1 + step), **options) for step in (-1e-4, 1e-4))
        return abs(float(high - low)) / 2e-4

    right = slope()
    free = ("hidden-bias", "output-bias")
    for wrong in (Fraction(2, len(X)), Fraction(1, 2 * len(X)), 1):
        assert right < 0.1 * slope(loss="half-mean", weight_decay=wrong, no_decay=free)
    assert np.shape(W) == (2, 5) and len(b) == 5 and np.shape(a) == (5, 1) and len(c) == 1


def _scaled(model, factor):
    import copy

    other = copy.deepcopy(model)
    other.coefs_ = [model.coefs_[0], model.coefs_[1] * factor]
    return other


def test_batches_make_the_penalty_larger():
    X, y = data(n=50)
    whole = fitted(X, y, solver="lbfgs", alpha=0.5)
    for size, sizes in ((50, [50]), (25, [25, 25]), (20, [20, 20, 10]), ("auto", [50]), (7, [7] * 7 + [1])):
        model = fitted(X, y, solver="adam", alpha=0.5, batch_size=size, max_iter=3)
        model.coefs_, model.intercepts_ = whole.coefs_, whole.intercepts_
        mean = sum(Fraction(1, s) for s in sizes) / len(sizes)
        assert relucert.objective(X, y, model) == relucert.objective(
            X, y, whole, loss="half-mean", weight_decay=Fraction(1, 2) * mean, no_decay=("hidden-bias", "output-bias")
        )
        # One epoch's mean of scikit-learn's own batch losses, over all ways to put the samples into batches, is this in expectation.
        penalties = [0.5 * 0.5 * sum(np.sum(w**2) for w in model.coefs_) / s for s in sizes]
        squared = 0.5 * np.mean((y - model.predict(X)) ** 2)
        assert abs(float(relucert.objective(X, y, model)) - (squared + np.mean(penalties))) < 1e-12


def test_a_regressor_comes_back_better():
    X, y = data(n=30)
    model = fitted(X, y, solver="adam", alpha=3.0, max_iter=20)
    c = relucert.certify(X, y, model, tolerance=1e-3, max_leaves=5000)
    assert c.verdict == "not_optimal"
    better = c.best.module
    assert isinstance(better, MLPRegressor) and better.hidden_layer_sizes == (c.best.width,)
    assert np.allclose(better.predict(X), c.best.predict(X))
    assert scikit_loss(better, X, y) < scikit_loss(model, X, y)


def test_models_without_such_an_objective_are_refused():
    X, y = data(n=20)
    cases = [
        (MLPRegressor(), "not fitted"),
        (fitted(X, y, activation="tanh"), "activation 'tanh'"),
        (fitted(X, np.column_stack([y, y])), "2 outputs"),
        (Ridge().fit(X, y), "is not supported"),
    ]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        cases.append((MLPRegressor(hidden_layer_sizes=(3, 3), max_iter=2).fit(X, y), "2 hidden layers"))
    for model, words in cases:
        with pytest.raises(relucert.UnsupportedModelError, match=words):
            relucert.certify(X, y, model)
    model = fitted(X, y)
    with pytest.raises(relucert.RelucertError, match="own objective"):
        relucert.certify(X, y, model, loss="sum")
    with pytest.warns(relucert.ModelWarning, match="early_stopping"):
        relucert.objective(X, y, fitted(X, y, early_stopping=True))


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_the_estimator_passes_the_checks_of_scikit_learn():
    # The checks fit many small data sets of different scales; one check sets alpha to a value that makes wide networks, hence the time limit.
    model = relucert.GlobalReLURegressor(alpha=20, time_limit=2, tolerance=0.01)
    results = check_estimator(model, on_skip=None, on_fail=None)
    failed = [(r["check_name"], r["exception"]) for r in results if r["status"] == "failed"]
    assert not failed and len(results) > 40


def test_the_estimator_is_globally_optimal_and_beats_a_trained_network():
    X, y = data(n=40)
    alpha = Fraction(1, 20)
    model = relucert.GlobalReLURegressor(alpha=alpha, hidden_bias="free", tolerance=1e-4).fit(X, y)
    assert model.certificate_.verdict == "optimal"
    network = fitted(X, y, solver="lbfgs", alpha=float(alpha) * len(X), max_iter=5000)
    assert scikit_loss(network, X, y) >= float(model.certificate_.lower_bound) - 1e-12
    assert model.score(X, y) > 0.3 and np.array_equal(model.predict(X), model.network_.predict(X))


def test_the_estimator_warns_of_a_fit_without_proof():
    X, y = data(n=80, d=4)
    with pytest.warns(ConvergenceWarning, match="proven to be within"):
        relucert.GlobalReLURegressor(alpha=1e-3, max_leaves=5, tolerance=1e-9, time_limit=2).fit(X, y)
    for wrong in ({"alpha": 0}, {"alpha": -1}, {"hidden_bias": "yes"}, {"tolerance": 2}, {"time_limit": 0}, {"alpha": "x"}):
        with pytest.raises(ValueError):
            relucert.GlobalReLURegressor(**wrong).fit(X, y)


def test_the_estimator_works_in_pipelines_and_searches():
    X, y = load_diabetes(return_X_y=True, as_frame=True)
    X, y = X[["bmi", "bp"]][:60], y[:60] / 100
    model = make_pipeline(StandardScaler(), relucert.GlobalReLURegressor(tolerance=1e-3))
    search = GridSearchCV(model, {"globalreluregressor__alpha": [0.03, 0.1]}, cv=3).fit(X, y)
    assert np.isfinite(search.best_score_) and search.predict(X).shape == (60,)
    plain = relucert.GlobalReLURegressor(alpha=1).fit(X, y)
    assert plain.feature_names_in_.tolist() == ["bmi", "bp"] and plain.n_features_in_ == 2
