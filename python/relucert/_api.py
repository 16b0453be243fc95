"""The functions of the package."""

from __future__ import annotations

import json
import warnings
from fractions import Fraction
from typing import Any, Optional, Tuple, Union

import numpy as np

from . import _data
from ._errors import InterruptedWarning, RelucertError
from ._exact import Number, fraction
from ._models import Model, check_inputs, model_of
from ._progress import Progress, listener
from ._question import Names, Path, asked, decay_of, kinds_of, no_decay_names, options_of, problem_of, seconds
from ._relucert import count_cells, list_cells
from .certificate import BetaMax, Cells, Certificate, Minima
from .network import Network


def _warn(interrupted: bool, what: str) -> None:
    if interrupted:
        message = f"{what} was interrupted: the result is valid, and holds what was found and proven by then"
        warnings.warn(message, InterruptedWarning, stacklevel=3)


def _certificate(
    answer: Tuple[str, str, Any, bool], model: Optional[Model], inputs: int, activation: str, what: str
) -> Certificate:
    text, found, core, interrupted = answer
    best = None
    if core is not None:
        best = Network._of(core, inputs, activation)
        if model is not None and model.rebuild is not None:
            best.module = model.rebuild(best)
    certificate = Certificate(
        text.replace("exact value in --json", "exact value in .objective"), json.loads(found), best, interrupted=interrupted
    )
    if interrupted:
        message = f"{what} was interrupted: the bound is valid, and holds what was proven by then"
        warnings.warn(message, InterruptedWarning, stacklevel=4)
    return certificate


def certify(
    X: Any,
    y: Any,
    model_or_weights: Any,
    *,
    weight_decay: Optional[Number] = None,
    ridge: Optional[Number] = None,
    loss: str = "mean",
    no_decay: Names = (),
    activation: str = "relu",
    tolerance: Number = 1e-6,
    proof: Optional[Path] = None,
    time_limit: Optional[float] = None,
    optimizer: Any = None,
    max_leaves: Optional[int] = None,
    threads: Optional[int] = None,
    trees: str = "auto",
    checkpoint: Optional[Path] = None,
    resume: Optional[Path] = None,
    seed: int = 0,
    progress: Progress = None,
) -> Certificate:
    """Proves how far a trained network is from the global optimum over networks of every width.

    ``X`` holds n rows of d features, ``y`` n targets: arrays, frames, tensors, lists. Numbers are taken bit for bit, so give what the training saw: for a float32
    model usually ``X.astype("float32")``.

    ``model_or_weights`` is a torch module of two linear layers with a ReLU or LeakyReLU between them, whatever they are called; a fitted scikit-learn
    ``MLPRegressor``, whose own objective is used unless a penalty is given; a :class:`Network`; a file; a state_dict; or arrays
    ``(hidden_weights, output_weights)`` or ``(hidden_weights, hidden_bias, output_weights, output_bias)``. Its biases say which biases the problem has.

    The objective is a loss (``mean``: (1/n)Σ(f−y)², ``half-mean``, ``sum``, ``half-sum``) plus ``(weight_decay/2)·‖θ‖²`` or ``ridge·‖θ‖²``, without the biases
    in ``no_decay`` (``"hidden-bias"``, ``"output-bias"``). A float option stands for its shortest decimal: ``weight_decay=0.01`` is 1/100. With
    ``optimizer`` the penalty is read from a torch optimizer, and one with decoupled decay (AdamW) is refused.

    A proof is written to ``proof``. The search stops after ``time_limit`` seconds or ``max_leaves`` leaves with the bound proven so far. An interrupt does the same, with an
    :class:`InterruptedWarning`; a second one is raised at once. Python's lock is not held.

    Raises :class:`RelucertError` for input that cannot be used.

    >>> import numpy as np, relucert
    >>> X = np.array([[-2.0], [-1.0], [0.0], [1.0], [2.0]])
    >>> y = np.array([1.0, -1.0, 2.0, -1.0, 1.0])
    >>> weights = (np.array([[1.0], [-1.0]]), np.zeros(2), np.array([0.5, 0.5]), 0.0)
    >>> c = relucert.certify(X, y, weights, loss="sum", ridge=0.5)
    >>> c.verdict, c.objective
    ('not_optimal', Fraction(39, 4))
    >>> float(c.lower_bound) <= c.upper_bound < c.objective
    True
    >>> c.best.width <= 2
    True
    """
    problem, model, x = asked(X, y, model_or_weights, weight_decay, ridge, loss, no_decay, activation, optimizer)
    with listener(progress, "certify") as tell:
        options = options_of(
            tolerance,
            tell,
            proof=proof,
            time_limit=time_limit,
            max_leaves=max_leaves,
            threads=threads,
            trees=trees,
            checkpoint=checkpoint,
            resume=resume,
            seed=seed,
        )
        answer = problem.certify(model.network._core, options)
    return _certificate(answer, model, x.d, model.network.activation, "certify")


def objective(
    X: Any,
    y: Any,
    model_or_weights: Any,
    *,
    weight_decay: Optional[Number] = None,
    ridge: Optional[Number] = None,
    loss: str = "mean",
    no_decay: Names = (),
    activation: str = "relu",
    optimizer: Any = None,
) -> Fraction:
    """The exact objective of a network, with the arguments of :func:`certify`.

    >>> import relucert
    >>> relucert.objective([[1.0], [2.0]], [1.0, 1.0], ([[0.5]], [1.0]), weight_decay=0.1)
    Fraction(3, 16)
    """
    problem, model, _ = asked(X, y, model_or_weights, weight_decay, ridge, loss, no_decay, activation, optimizer)
    return fraction(problem.objective(model.network._core))


def solve(
    X: Any,
    y: Any,
    *,
    weight_decay: Optional[Number] = None,
    ridge: Optional[Number] = None,
    loss: str = "mean",
    no_decay: Names = (),
    activation: str = "relu",
    bias: bool = True,
    output_bias: Union[str, bool, None] = None,
    init: Any = None,
    tolerance: Number = 1e-8,
    method: str = "auto",
    proof: Optional[Path] = None,
    time_limit: Optional[float] = None,
    max_leaves: Optional[int] = None,
    threads: Optional[int] = None,
    trees: str = "auto",
    checkpoint: Optional[Path] = None,
    resume: Optional[Path] = None,
    seed: int = 0,
    progress: Progress = None,
) -> Certificate:
    """Trains to proven global optimality. The network is ``best`` of the certificate; it has the width it needs, at most n.

    ``bias`` says whether there is a hidden bias, ``output_bias`` is ``"none"``, ``"decayed"`` or ``"free"``. ``init`` is a network to start from, given as for
    :func:`certify`, as are all other arguments. ``method`` is ``auto``, ``columns`` or ``full``.

    >>> import relucert
    >>> c = relucert.solve([[-1.0], [0.0], [1.0]], [1.0, 0.0, 1.0], loss="half-sum", weight_decay=0.5, bias=False)
    >>> c.verdict, c.best.width
    ('optimal', 2)
    """
    x = _data.table(X)
    targets = _data.targets(y, x.n)
    biases, free = kinds_of(bias, output_bias, no_decay_names(no_decay))
    decay = decay_of(weight_decay, ridge)
    model = None
    if init is not None:
        model = model_of(init, x, activation)
        check_inputs(model.network, x)
        activation = model.network.activation
    problem = problem_of(x, targets, _data.target_name(y), decay, loss, free, activation, biases)
    with listener(progress, "solve") as tell:
        options = options_of(
            tolerance,
            tell,
            proof=proof,
            time_limit=time_limit,
            max_leaves=max_leaves,
            threads=threads,
            trees=trees,
            checkpoint=checkpoint,
            resume=resume,
            seed=seed,
            method=method,
        )
        answer = problem.solve(None if model is None else model.network._core, options)
    return _certificate(answer, model, x.d, activation, "solve")


def beta_max(
    X: Any,
    y: Any,
    *,
    loss: str = "mean",
    no_decay: Names = (),
    activation: str = "relu",
    bias: bool = True,
    output_bias: Union[str, bool, None] = None,
    proof: Optional[Path] = None,
    time_limit: Optional[float] = None,
    max_leaves: Optional[int] = None,
    threads: Optional[int] = None,
    seed: int = 0,
    progress: Progress = None,
) -> BetaMax:
    """The weight decay from which on no hidden neuron is needed, enclosed by two fractions: λ of ``weight_decay``, and twice that of ``ridge``.

    >>> import relucert
    >>> b = relucert.beta_max([[-1.0], [1.0]], [1.0, 1.0], loss="half-sum", bias=False)
    >>> b.lower <= 1 <= b.upper, round(float(b), 6)
    (True, 1.0)
    """
    x = _data.table(X)
    biases, free = kinds_of(bias, output_bias, no_decay_names(no_decay))
    problem = problem_of(x, _data.targets(y, x.n), _data.target_name(y), (True, "1"), loss, free, activation, biases)
    with listener(progress, "beta_max") as tell:
        options = options_of(
            "1e-8", tell, proof=proof, time_limit=time_limit, max_leaves=max_leaves, threads=threads, seed=seed
        )
        text, found, interrupted = problem.beta_max(options)
    _warn(interrupted, "beta_max")
    return BetaMax(text, json.loads(found), interrupted=interrupted)


def minima(
    X: Any,
    y: Any,
    width: int,
    *,
    weight_decay: Optional[Number] = None,
    ridge: Optional[Number] = None,
    loss: str = "mean",
    activation: str = "relu",
    bias: bool = True,
    no_decay: Names = (),
    digits: int = 12,
    exact: bool = False,
    time_limit: Optional[float] = None,
    progress: Progress = None,
) -> Minima:
    """Every local minimum of networks of a width, for tiny problems; values are enclosed by fractions. There is no output bias.

    >>> import relucert
    >>> X, y = [[-2.0], [-1.0], [0.0], [1.0], [2.0]], [1.0, -1.0, 2.0, -1.0, 1.0]
    >>> m = relucert.minima(X, y, 2, loss="sum", ridge="1/2")
    >>> len(m), m.complete, round(float(m.components[0]), 6), m.components[0].is_global
    (9, True, 7.299019, True)
    """
    x = _data.table(X)
    free = no_decay_names(no_decay)
    decay = decay_of(weight_decay, ridge)
    # Of the two biases without decay this theory has neither, and its error says why.
    biases = (bool(bias), "output-bias" in free)
    problem = problem_of(x, _data.targets(y, x.n), _data.target_name(y), decay, loss, free, activation, biases)
    for name, value, most in (("width", width, 65_535), ("digits", digits, 1000)):
        if isinstance(value, bool) or int(value) != value or not 1 <= value <= most:
            raise RelucertError(f"{name}: {value!r} is not an integer between 1 and {most}")
    with listener(progress, "minima") as tell:
        text, found, interrupted = problem.minima(int(width), int(digits), bool(exact), seconds(time_limit), tell)
    _warn(interrupted, "minima")
    return Minima(text, json.loads(found), activation, bool(bias), x.d + bool(bias), interrupted=interrupted)


def cells(
    X: Any,
    *,
    bias: bool = True,
    signs: bool = False,
    points: bool = False,
    max_cells: Optional[int] = None,
    time_limit: Optional[float] = None,
) -> Cells:
    """Counts the cells of the arrangement of the rows, and lists them with ``signs`` (the sign of every row on every cell) and ``points`` (integers inside).

    A list takes n bytes of memory a cell; ``max_cells`` limits it, and the count.

    >>> import relucert
    >>> c = relucert.cells([[0.0], [1.0], [2.0]], signs=True)
    >>> c.count, c.patterns, c.signs.shape
    (6, 6, (6, 3))
    """
    x = _data.table(X)
    raw = _data.payload(x.x)
    if max_cells is not None and (isinstance(max_cells, bool) or int(max_cells) != max_cells or max_cells < 1):
        raise RelucertError(f"max_cells: {max_cells!r} is not a positive integer")
    limit = seconds(time_limit)
    text, found, interrupted = count_cells(x.d, bool(bias), raw, max_cells, limit)
    sign_table = point_table = None
    complete = True
    if (signs or points) and not interrupted:
        listed, inside, complete, interrupted = list_cells(x.d, bool(bias), raw, bool(points), max_cells, limit)
        sign_table = np.frombuffer(listed, dtype=np.int8).reshape(-1, x.n)
        if points:
            point_table = np.array([[int(c) for c in point] for point in inside], dtype=object).reshape(-1, x.d + bool(bias))
    _warn(interrupted, "cells")
    return Cells(text, json.loads(found), sign_table if signs else None, point_table, complete and not interrupted)


def predict(model_or_weights: Any, X: Any, *, activation: str = "relu", exact: bool = False) -> Any:
    """The outputs of a network on X, computed exactly: an array of doubles, each correctly rounded, or with ``exact`` a list of fractions.

    >>> import relucert
    >>> relucert.predict(([[0.1]], [3.0]), [[1.0], [-1.0]])
    array([0.3, 0. ])
    >>> relucert.predict(([[0.5]], [3.0]), [[1.0]], exact=True)
    [Fraction(3, 2)]
    """
    x = _data.table(X)
    network = model_of(model_or_weights, x, activation).network
    check_inputs(network, x)
    biases = (network.hidden_bias is not None, network.output_bias is not None)
    problem = problem_of(x, np.zeros(x.n), "", (True, "1"), "mean", (), network.activation, biases)
    if exact:
        return [fraction(text) for text in problem.outputs_exact(network._core)]
    return np.frombuffer(problem.outputs(network._core), "<f8").astype(np.float64)
