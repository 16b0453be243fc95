"""The functions of the package."""

from __future__ import annotations

import json
import os
import tempfile
import warnings
from fractions import Fraction
from typing import Any, Dict, Iterable, List, Optional, Tuple, Union

import numpy as np

from . import _data
from ._errors import InterruptedWarning, RelucertError
from ._exact import Number, fraction, option_text
from ._models import Model, check_inputs, from_optimizer, model_of
from ._progress import Progress, listener
from ._relucert import Options as _Options
from ._relucert import Problem as _Problem
from ._relucert import count_cells, list_cells, run_checker
from .certificate import BetaMax, Cells, Certificate, CheckResult, Minima
from .network import Network

Path = Union[str, "os.PathLike[str]"]
Names = Union[str, Iterable[str]]

_BIASES = ("hidden-bias", "output-bias")


def _no_decay(names: Names) -> Tuple[str, ...]:
    listed = [names] if isinstance(names, str) else list(names)
    found = []
    for name in listed:
        plain = str(name).replace("_", "-")
        if plain not in _BIASES:
            raise RelucertError(f"no_decay: {name!r} is no bias", "give hidden-bias or output-bias, or both")
        found.append(plain)
    return tuple(dict.fromkeys(found))


def _decay(weight_decay: Optional[Number], ridge: Optional[Number]) -> Tuple[bool, str]:
    """Whether λ is that of weight_decay, and its text."""
    if weight_decay is not None and ridge is not None:
        raise RelucertError(
            "weight_decay and ridge are both given",
            "weight_decay λ adds (λ/2)·‖θ‖², ridge λ adds λ·‖θ‖²: give the one that the training used",
        )
    if weight_decay is not None:
        return True, option_text(weight_decay, "weight_decay")
    if ridge is not None:
        return False, option_text(ridge, "ridge")
    raise RelucertError(
        "the objective needs a penalty: neither weight_decay nor ridge is given",
        "give weight_decay=λ, which adds (λ/2)·‖θ‖² as PyTorch's optimisers do, or ridge=λ, which adds λ·‖θ‖²",
    )


def _problem(
    x: _data.Table,
    y: _data.Array,
    target: str,
    decay: Tuple[bool, str],
    loss: str,
    no_decay: Tuple[str, ...],
    activation: str,
    biases: Tuple[bool, bool],
) -> _Problem:
    """A problem whose networks have these biases, hidden and output."""
    if not isinstance(activation, str):
        raise RelucertError(f"activation: {activation!r} is no name", "the activations are relu, abs and leaky:SLOPE")
    for name, present, words in zip(_BIASES, biases, ("hidden bias", "output bias")):
        if name in no_decay and not present:
            raise RelucertError(
                f"no_decay {name}: the networks of this problem have no {words}",
                f"leave out no_decay {name}, or give the network that bias",
            )
    hidden = "none" if not biases[0] else "undecayed" if "hidden-bias" in no_decay else "decayed"
    output = "none" if not biases[1] else "free" if "output-bias" in no_decay else "decayed"
    return _Problem(
        features=x.features,
        target=target,
        x=_data.payload(x.x),
        y=_data.payload(y),
        activation=activation,
        loss_name=str(loss).replace("_", "-"),
        weight_decay=decay[0],
        decay=decay[1],
        hidden_bias=hidden,
        output_bias=output,
    )


def _options(
    tolerance: Number,
    progress: Any,
    *,
    proof: Optional[Path] = None,
    time_limit: Optional[float] = None,
    max_leaves: Optional[int] = None,
    threads: Optional[int] = None,
    checkpoint: Optional[Path] = None,
    resume: Optional[Path] = None,
    seed: int = 0,
    method: str = "auto",
    trees: str = "auto",
) -> _Options:
    def path(value: Optional[Path]) -> Optional[str]:
        return None if value is None else os.fspath(value)

    for name, value in (("max_leaves", max_leaves), ("threads", threads)):
        if value is not None and (isinstance(value, bool) or int(value) != value or value < 1):
            raise RelucertError(f"{name}: {value!r} is not a positive integer")
    if int(seed) != seed or not 0 <= seed < 2**64:
        raise RelucertError(f"seed: {seed!r} is not an integer between 0 and 2^64")
    return _Options(
        tolerance=option_text(tolerance, "tolerance"),
        time_limit=_seconds(time_limit),
        max_leaves=None if max_leaves is None else int(max_leaves),
        threads=None if threads is None else int(threads),
        proof=path(proof),
        checkpoint=path(checkpoint),
        resume=path(resume),
        seed=int(seed),
        method=method,
        trees=trees,
        progress=progress,
    )


def _seconds(time_limit: Any) -> Optional[float]:
    if time_limit is None:
        return None
    try:
        return float(time_limit)
    except (TypeError, ValueError):
        raise RelucertError(f"time_limit: {time_limit!r} is not a number", "give a positive number of seconds") from None


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


def _asked(
    X: Any,
    y: Any,
    model_or_weights: Any,
    weight_decay: Optional[Number],
    ridge: Optional[Number],
    loss: str,
    no_decay: Names,
    activation: str,
    optimizer: Any,
) -> Tuple[_Problem, Model, _data.Table]:
    """The problem of a given network."""
    x = _data.table(X)
    targets = _data.targets(y, x.n)
    model = model_of(model_or_weights, x, activation)
    network = model.network
    check_inputs(network, x)
    free = _no_decay(no_decay)
    if optimizer is not None:
        own_decay, own_free = from_optimizer(optimizer, model)
        if weight_decay is None and ridge is None:
            weight_decay, free = own_decay, tuple(dict.fromkeys(free + own_free))
        else:
            _, text = given = _decay(weight_decay, ridge)
            lambda_ = fraction_of(text) * (1 if given[0] else 2)
            if lambda_ != own_decay or set(free) != set(own_free):
                raise RelucertError(
                    f"the optimizer's weight decay is {own_decay}{' without ' + ' and '.join(own_free) if own_free else ''}, which is not the one given",
                    "leave weight_decay, ridge and no_decay out: the optimizer says them",
                )
    if model.objective is not None and weight_decay is None and ridge is None:
        own_loss, own_decay, own_free = model.objective
        if loss not in ("mean", own_loss) or (free and set(free) != set(own_free)):
            raise RelucertError(
                "the model's own objective is used, because neither weight_decay nor ridge is given, but loss or no_decay say otherwise",
                "leave them out, or give the whole objective",
            )
        loss, weight_decay, free = own_loss, own_decay, own_free
    biases = (network.hidden_bias is not None, network.output_bias is not None)
    decay = _decay(weight_decay, ridge)
    problem = _problem(x, targets, _data.target_name(y), decay, loss, free, network.activation, biases)
    return problem, model, x


def fraction_of(text: str) -> Fraction:
    """The number of an option's text."""
    try:
        return Fraction(text)
    except ValueError:
        raise RelucertError(f"{text!r} is not a number", "give a decimal or p/q") from None


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
    problem, model, x = _asked(X, y, model_or_weights, weight_decay, ridge, loss, no_decay, activation, optimizer)
    with listener(progress, "certify") as tell:
        options = _options(
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
    problem, model, _ = _asked(X, y, model_or_weights, weight_decay, ridge, loss, no_decay, activation, optimizer)
    return fraction(problem.objective(model.network._core))


def _kinds(bias: bool, output_bias: Any, no_decay: Tuple[str, ...]) -> Tuple[Tuple[bool, bool], Tuple[str, ...]]:
    """Which biases the networks have, and which of them are without decay."""
    kind = {None: "none", False: "none", True: "decayed"}.get(output_bias, output_bias) if not isinstance(output_bias, str) else output_bias
    if kind not in ("none", "decayed", "free"):
        raise RelucertError(f"output_bias: {output_bias!r} is none of none, decayed, free")
    if kind == "decayed" and "output-bias" in no_decay:
        raise RelucertError(
            "output_bias decayed and no_decay output-bias contradict each other", "an output bias without decay is output_bias='free'"
        )
    if kind == "free":
        no_decay = tuple(dict.fromkeys((*no_decay, "output-bias")))
    return (bool(bias), kind != "none"), no_decay


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
    biases, free = _kinds(bias, output_bias, _no_decay(no_decay))
    decay = _decay(weight_decay, ridge)
    model = None
    if init is not None:
        model = model_of(init, x, activation)
        check_inputs(model.network, x)
        activation = model.network.activation
    problem = _problem(x, targets, _data.target_name(y), decay, loss, free, activation, biases)
    with listener(progress, "solve") as tell:
        options = _options(
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
    biases, free = _kinds(bias, output_bias, _no_decay(no_decay))
    problem = _problem(x, _data.targets(y, x.n), _data.target_name(y), (True, "1"), loss, free, activation, biases)
    with listener(progress, "beta_max") as tell:
        options = _options(
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
    free = _no_decay(no_decay)
    decay = _decay(weight_decay, ridge)
    # Of the two biases without decay this theory has neither, and its error says why.
    biases = (bool(bias), "output-bias" in free)
    problem = _problem(x, _data.targets(y, x.n), _data.target_name(y), decay, loss, free, activation, biases)
    for name, value, most in (("width", width, 65_535), ("digits", digits, 1000)):
        if isinstance(value, bool) or int(value) != value or not 1 <= value <= most:
            raise RelucertError(f"{name}: {value!r} is not an integer between 1 and {most}")
    with listener(progress, "minima") as tell:
        text, found, interrupted = problem.minima(int(width), int(digits), bool(exact), _seconds(time_limit), tell)
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
    limit = _seconds(time_limit)
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
    problem = _problem(x, np.zeros(x.n), "", (True, "1"), "mean", (), network.activation, biases)
    if exact:
        return [fraction(text) for text in problem.outputs_exact(network._core)]
    return np.frombuffer(problem.outputs(network._core), "<f8").astype(np.float64)


# --- the checker -------------------------------------------------------------------------------------------------------------------------


def check(
    proof: Path,
    X: Any = None,
    y: Any = None,
    model_or_weights: Any = None,
    *,
    weight_decay: Optional[Number] = None,
    ridge: Optional[Number] = None,
    loss: str = "mean",
    no_decay: Names = (),
    activation: str = "relu",
    bias: bool = True,
    output_bias: Union[str, bool, None] = None,
    optimizer: Any = None,
    for_width: Union[int, str, None] = None,
    time_limit: Optional[int] = None,
) -> CheckResult:
    """Verifies a proof with the independent checker, which uses integer arithmetic alone and none of the program that wrote the proof.

    With ``X`` and ``y`` the statement is compared with these data and the objective, and with ``model_or_weights`` with the network, all read by the checker's own
    readers from temporary files. ``bias`` and ``output_bias`` are for a proof without a network, as for :func:`solve`. ``for_width`` is ``"every"`` or a
    number of neurons for which the bound has to hold.

    >>> import relucert, tempfile, os
    >>> name = os.path.join(tempfile.mkdtemp(), "tiny.proof")
    >>> X, y = [[-1.0], [0.0], [1.0]], [1.0, 0.0, 1.0]
    >>> c = relucert.solve(X, y, weight_decay=0.5, proof=name)
    >>> bool(relucert.check(name, X, y, weight_decay=0.5))
    True
    >>> relucert.check(name, X, y, weight_decay=0.25).accepted
    False
    """
    arguments: List[str] = [os.fspath(proof), "--json"]
    if for_width is not None:
        arguments += ["--for-width", str(for_width)]
    if time_limit is not None:
        arguments += ["--time-limit", str(int(time_limit))]
    if X is None:
        if y is not None or model_or_weights is not None:
            raise RelucertError("X is not given", "a comparison needs X, y and the objective")
        return _checked(arguments)
    x = _data.table(X)
    targets = _data.targets(y, x.n)
    with tempfile.TemporaryDirectory() as folder:
        data = os.path.join(folder, "data.csv")
        _write_csv(data, x, targets)
        arguments += ["--data", data]
        free = _no_decay(no_decay)
        if model_or_weights is not None:
            _, model, _ = _asked(X, y, model_or_weights, weight_decay, ridge, loss, no_decay, activation, optimizer)
            file = os.path.join(folder, "network.json")
            model.network.save(file)
            arguments += ["--network", file]
            activation = model.network.activation
            if model.objective is not None and weight_decay is None and ridge is None:
                loss, weight_decay, free = model.objective
            elif optimizer is not None and weight_decay is None and ridge is None:
                weight_decay, free = from_optimizer(optimizer, model)
        else:
            (hidden, output), free = _kinds(bias, output_bias, free)
            arguments += ["--bias" if hidden else "--no-bias", "--output-bias"]
            arguments.append("none" if not output else "free" if "output-bias" in free else "decayed")
            free = tuple(name for name in free if name != "output-bias")
        is_weight_decay, text = _decay(weight_decay, ridge)
        arguments += ["--weight-decay" if is_weight_decay else "--ridge", text]
        arguments += ["--loss", str(loss).replace("_", "-"), "--activation", activation]
        for name in free:
            arguments += ["--no-decay", name]
        return _checked(arguments)


def _checked(arguments: List[str]) -> CheckResult:
    status, out, err = run_checker(arguments)
    if status == 2 or not out.strip():
        text = err or json.loads(out)["text"]
        raise RelucertError(text.strip().split("\n")[0])
    found: Dict[str, Any] = json.loads(out)
    return CheckResult(status, _words(found), found)


def _words(found: Dict[str, Any]) -> str:
    if found["result"] != "accepted":
        return f"{found['text']}\n"
    lines = ["accepted"]
    if found["bound"] is not None:
        lines.append(f"every network, of every width, has objective ≥ {found['bound']['decimal']}")
    if found["fixed_width"] is not None:
        fixed = found["fixed_width"]
        lines.append(f"every network of width at most {fixed['width']} has objective ≥ {fixed['bound']['decimal']}")
    for name in ("given", "best"):
        if found[name] is not None:
            lines.append(f"the {name} network ({found[name]['neurons']} neurons) has objective {found[name]['objective']['decimal']}")
    lines.append(f"verdict {found['verdict']} at relative tolerance {found['tolerance']}")
    lines.append(f"{found['samples']} samples, {found['features']} features; statement sha256 {found['statement_sha256']}")
    if found["data_compared"]:
        lines.append(f"the data{', the objective and the network' if found['network_compared'] else ' and the objective'} are those given")
    return "\n".join(lines) + "\n"


def _write_csv(path: str, x: _data.Table, y: _data.Array) -> None:
    """Exact decimals, which every double has."""
    with open(path, "w", encoding="ascii") as out:
        out.write(",".join([*(f"x{j}" for j in range(x.d)), "y"]) + "\n")
        for row, target in zip(x.x.tolist(), y.tolist()):
            out.write(",".join(_decimal(Fraction(value)) for value in [*row, target]) + "\n")


def _decimal(value: Fraction) -> str:
    """A fraction as the finite decimal that it is."""
    from decimal import Context, Decimal

    denominator = value.denominator
    twos = (denominator & -denominator).bit_length() - 1
    fives, rest = 0, denominator >> twos
    while rest % 5 == 0:
        rest //= 5
        fives += 1
    if rest != 1:
        raise RelucertError(f"{value} is no finite decimal", "compare with data that are floats or decimals")
    places = max(twos, fives)
    digits = value.numerator * 10**places // denominator
    return str(Decimal(digits).scaleb(-places, Context(prec=5000)))
