"""What is asked: data, objective and network as the compiled half takes them, and the options of a search."""

from __future__ import annotations

import os
from fractions import Fraction
from typing import Any, Iterable, Optional, Tuple, Union

from . import _data
from ._errors import RelucertError
from ._exact import Number, option_text
from ._models import Model, check_inputs, from_optimizer, model_of
from ._relucert import Options, Problem

Path = Union[str, "os.PathLike[str]"]
Names = Union[str, Iterable[str]]

_BIASES = ("hidden-bias", "output-bias")


def no_decay_names(names: Names) -> Tuple[str, ...]:
    listed = [names] if isinstance(names, str) else list(names)
    found = []
    for name in listed:
        plain = str(name).replace("_", "-")
        if plain not in _BIASES:
            raise RelucertError(f"no_decay: {name!r} is no bias", "give hidden-bias or output-bias, or both")
        found.append(plain)
    return tuple(dict.fromkeys(found))


def decay_of(weight_decay: Optional[Number], ridge: Optional[Number]) -> Tuple[bool, str]:
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


def problem_of(
    x: _data.Table,
    y: _data.Array,
    target: str,
    decay: Tuple[bool, str],
    loss: str,
    no_decay: Tuple[str, ...],
    activation: str,
    biases: Tuple[bool, bool],
) -> Problem:
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
    return Problem(
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


def options_of(
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
) -> Options:
    def path(value: Optional[Path]) -> Optional[str]:
        return None if value is None else os.fspath(value)

    for name, value in (("max_leaves", max_leaves), ("threads", threads)):
        if value is not None and (isinstance(value, bool) or int(value) != value or value < 1):
            raise RelucertError(f"{name}: {value!r} is not a positive integer")
    if int(seed) != seed or not 0 <= seed < 2**64:
        raise RelucertError(f"seed: {seed!r} is not an integer between 0 and 2^64")
    return Options(
        tolerance=option_text(tolerance, "tolerance"),
        time_limit=seconds(time_limit),
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


def seconds(time_limit: Any) -> Optional[float]:
    if time_limit is None:
        return None
    try:
        return float(time_limit)
    except (TypeError, ValueError):
        raise RelucertError(f"time_limit: {time_limit!r} is not a number", "give a positive number of seconds") from None


def asked(
    X: Any,
    y: Any,
    model_or_weights: Any,
    weight_decay: Optional[Number],
    ridge: Optional[Number],
    loss: str,
    no_decay: Names,
    activation: str,
    optimizer: Any,
) -> Tuple[Problem, Model, _data.Table]:
    """The problem of a given network."""
    x = _data.table(X)
    targets = _data.targets(y, x.n)
    model = model_of(model_or_weights, x, activation)
    network = model.network
    check_inputs(network, x)
    free = no_decay_names(no_decay)
    if optimizer is not None:
        own_decay, own_free = from_optimizer(optimizer, model)
        if weight_decay is None and ridge is None:
            weight_decay, free = own_decay, tuple(dict.fromkeys(free + own_free))
        else:
            _, text = given = decay_of(weight_decay, ridge)
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
    decay = decay_of(weight_decay, ridge)
    problem = problem_of(x, targets, _data.target_name(y), decay, loss, free, network.activation, biases)
    return problem, model, x


def fraction_of(text: str) -> Fraction:
    """The number of an option's text."""
    try:
        return Fraction(text)
    except ValueError:
        raise RelucertError(f"{text!r} is not a number", "give a decimal or p/q") from None


def kinds_of(bias: bool, output_bias: Any, no_decay: Tuple[str, ...]) -> Tuple[Tuple[bool, bool], Tuple[str, ...]]:
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
