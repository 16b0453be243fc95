"""The independent checker, and what it compares a proof with."""

from __future__ import annotations

import json
import os
import tempfile
from fractions import Fraction
from typing import Any, Dict, List, Optional, Union

from . import _data
from ._errors import RelucertError
from ._exact import Number
from ._models import from_optimizer
from ._question import Names, Path, asked, decay_of, kinds_of, no_decay_names
from ._relucert import run_checker
from .certificate import CheckResult


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
        free = no_decay_names(no_decay)
        if model_or_weights is not None:
            _, model, _ = asked(X, y, model_or_weights, weight_decay, ridge, loss, no_decay, activation, optimizer)
            file = os.path.join(folder, "network.json")
            model.network.save(file)
            arguments += ["--network", file]
            activation = model.network.activation
            if model.objective is not None and weight_decay is None and ridge is None:
                loss, weight_decay, free = model.objective
            elif optimizer is not None and weight_decay is None and ridge is None:
                weight_decay, free = from_optimizer(optimizer, model)
        else:
            (hidden, output), free = kinds_of(bias, output_bias, free)
            arguments += ["--bias" if hidden else "--no-bias", "--output-bias"]
            arguments.append("none" if not output else "free" if "output-bias" in free else "decayed")
            free = tuple(name for name in free if name != "output-bias")
        is_weight_decay, text = decay_of(weight_decay, ridge)
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
