"""Results."""

from __future__ import annotations

import html
import json
import os
import shutil
import tempfile
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Dict, List, Optional, Tuple, Union

import numpy as np
import numpy.typing as npt

from ._errors import RelucertError
from ._exact import fraction
from .network import Network, from_json, to_json

Path = Union[str, "os.PathLike[str]"]


def _write(path: Path, text: str) -> None:
    """Through a temporary file: complete or not at all."""
    path = os.fspath(path)
    handle, name = tempfile.mkstemp(dir=os.path.dirname(os.path.abspath(path)), suffix=".tmp")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as out:
            out.write(text)
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(name, 0o666 & ~mask)
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise


def _table(title: str, text: str) -> str:
    """The lines of a summary as a table; a name is in the first twelve columns."""
    rows = []
    for line in text.splitlines():
        name, value = (line[:12].strip(), line[13:]) if line[12:13] == " " and line[:1] != " " else ("", line)
        rows.append(f'<tr><th style="text-align:left">{html.escape(name)}</th><td style="text-align:left">{html.escape(value)}</td></tr>')
    return f"<table><caption>{html.escape(title)}</caption>{''.join(rows)}</table>"


class Certificate:
    """What is proven about a network, or about the one that was found. Fractions are exact; ``float()`` gives the nearest double.

    >>> import relucert
    >>> X, y = [[-2.0], [-1.0], [0.0], [1.0], [2.0]], [1.0, -1.0, 2.0, -1.0, 1.0]
    >>> c = relucert.solve(X, y, weight_decay=0.5, tolerance="1e-6")
    >>> c.verdict
    'optimal'
    >>> c.lower_bound <= c.objective and c.gap == c.objective - c.lower_bound
    True
    """

    #: ``optimal``, ``not_optimal`` or ``undecided``.
    verdict: str
    #: The objective of the network.
    objective: Fraction
    #: No network of any width has a lower objective than this.
    lower_bound: Fraction
    #: The objective of the best network known.
    upper_bound: Fraction
    #: ``objective − lower_bound``.
    gap: Fraction
    #: The gap over the objective; 0 if both are 0.
    relative_gap: Fraction
    #: The relative gap at which a network counts as optimal.
    tolerance: Fraction
    #: Neurons of the network.
    width: int
    #: A better network if one was found (``certify``), or the network found (``solve``). Its ``module`` is a model of the kind that came in.
    best: Optional[Network]
    #: Whether an interrupt ended the search.
    interrupted: bool
    #: SHA-256 of the statement: of the data and the objective.
    statement: str
    #: Where the proof is, if one was asked for.
    proof: Optional[str]
    #: Remarks.
    notes: List[str]
    #: Everything that ``--json`` of the command line prints.
    data: Dict[str, Any]

    def __init__(self, text: str, data: Dict[str, Any], best: Optional[Network], *, interrupted: bool = False) -> None:
        self._text = text
        self.data = data
        self.best = best
        self.interrupted = interrupted
        self.verdict = data["verdict"]
        self.objective = fraction(data["objective"]["exact"])
        self.lower_bound = fraction(data["lower_bound"]["exact"])
        self.upper_bound = fraction(data["upper_bound"]["exact"])
        self.gap = self.objective - self.lower_bound
        self.relative_gap = self.gap / abs(self.objective) if self.objective else Fraction(0)
        self.tolerance = fraction(data["tolerance"])
        self.width = data["width"]
        self.statement = data["problem"]["sha256"]
        self.proof = None if data["proof"] is None else data["proof"]["path"]
        self.notes = list(data["notes"])

    @property
    def is_optimal(self) -> bool:
        """Whether the network is proven to be within the tolerance of the optimum over all widths."""
        return self.verdict == "optimal"

    def summary(self) -> str:
        """The text that the command line prints."""
        return self._text

    def __repr__(self) -> str:
        return f"<Certificate: {self.verdict}, objective {float(self.objective):.9g}, lower bound {float(self.lower_bound):.9g}>"

    def __str__(self) -> str:
        return self._text.rstrip("\n")

    def _repr_html_(self) -> str:
        return _table(f"relucert: {self.verdict.replace('_', ' ')}", self._text)

    def to_dict(self) -> Dict[str, Any]:
        """As ``data``, with the best network's exact parameters: what :meth:`load` reads back."""
        best = None
        if self.best is not None:
            best = {"activation": self.best.activation, **to_json(self.best)}
        return {**self.data, "best": best, "interrupted": self.interrupted, "summary": self._text}

    def save(self, path: Path) -> None:
        """Writes .json (everything), .txt (the summary), .html, or .proof and .proof.gz (a copy of the proof)."""
        name = os.fspath(path)
        if name.endswith(".json"):
            _write(path, json.dumps(self.to_dict(), indent=2, ensure_ascii=False) + "\n")
        elif name.endswith(".txt"):
            _write(path, self._text)
        elif name.endswith(".html"):
            _write(path, f'<!DOCTYPE html>\n<meta charset="utf-8">\n<title>relucert</title>\n{self._repr_html_()}\n')
        elif name.endswith((".proof", ".proof.gz")):
            self._copy_proof(name)
        else:
            raise RelucertError(f"{name}: unknown kind of file", "certificates are saved as .json, .txt, .html, .proof or .proof.gz")

    def _copy_proof(self, name: str) -> None:
        if self.proof is None:
            raise RelucertError("no proof was written", f"ask for one: certify(…, proof={name!r})")
        if name.endswith(".gz") != self.proof.endswith(".gz"):
            raise RelucertError(f"{name}: the proof is {self.proof}", "give a name with the same ending")
        if os.path.exists(name) and os.path.samefile(self.proof, name):
            return
        shutil.copyfile(self.proof, name + ".tmp")
        os.replace(name + ".tmp", name)

    @classmethod
    def load(cls, path: Path) -> "Certificate":
        """Reads a .json file that :meth:`save` wrote."""
        with open(path, encoding="utf-8") as file:
            data = json.load(file)
        text, interrupted, best = data.pop("summary"), data.pop("interrupted"), data.pop("best")
        network = None if best is None else from_json(best, best["activation"])
        return cls(text, data, network, interrupted=interrupted)


class BetaMax:
    """The weight decay from which on no hidden neuron is needed, enclosed."""

    #: At every smaller λ near it a hidden neuron lowers the objective.
    lower: Fraction
    #: At this λ and every larger one the network without hidden neurons is optimal.
    upper: Fraction
    #: Whether the search ended before the enclosure was narrow.
    stopped: bool
    #: Whether an interrupt ended the search.
    interrupted: bool
    #: Everything that ``--json`` of the command line prints.
    data: Dict[str, Any]

    def __init__(self, text: str, data: Dict[str, Any], *, interrupted: bool) -> None:
        self._text = text
        self.data = data
        self.lower = fraction(data["beta_max"]["lower"])
        self.upper = fraction(data["beta_max"]["upper"])
        self.stopped = data["stopped"]
        self.interrupted = interrupted

    def __float__(self) -> float:
        """The upper end, which is proven to suffice; λ of ``weight_decay``, and twice that of ``ridge``."""
        return float(self.upper)

    def summary(self) -> str:
        """The text that the command line prints."""
        return self._text

    def __repr__(self) -> str:
        return f"<BetaMax: between {float(self.lower):.12g} and {float(self.upper):.12g}>"

    def _repr_html_(self) -> str:
        return f"<pre>{html.escape(self._text)}</pre>"


class Cells:
    """The cells of the arrangement of the data rows: the activation patterns of a ReLU on the data."""

    #: Number of cells; ``None`` if a limit ended the count.
    count: Optional[int]
    #: Number of patterns ``1[Xu ≥ 0]`` over all u, boundaries included.
    patterns: Optional[int]
    #: Number of distinct hyperplanes.
    hyperplanes: int
    #: Rank of the rows.
    rank: int
    #: Coefficients of the characteristic polynomial, highest power first.
    characteristic_polynomial: Optional[List[int]]
    #: The signs of the rows on each cell, (cells, n) int8, if asked for.
    signs: Optional[npt.NDArray[np.int8]]
    #: A point inside each cell, (cells, d + bias) Python integers, if asked for.
    points: Optional[npt.NDArray[np.object_]]
    #: Whether no limit ended the search.
    complete: bool

    def __init__(
        self,
        text: str,
        data: Dict[str, Any],
        signs: Optional[npt.NDArray[np.int8]],
        points: Optional[npt.NDArray[np.object_]],
        complete: bool,
    ) -> None:
        self._text = text
        self.data = data
        self.count = data["cells"]
        self.patterns = data["patterns_ge"]
        self.hyperplanes = data["distinct_hyperplanes"]
        self.rank = data["rank"]
        self.characteristic_polynomial = data["characteristic_polynomial"]
        self.signs = signs
        self.points = points
        self.complete = complete and self.count is not None

    def summary(self) -> str:
        """The text that the command line prints."""
        return self._text

    def __repr__(self) -> str:
        count = "not counted" if self.count is None else f"{self.count} cells"
        return f"<Cells: {count} of {self.hyperplanes} hyperplanes, rank {self.rank}>"

    def _repr_html_(self) -> str:
        return f"<pre>{html.escape(self._text)}</pre>"


@dataclass(frozen=True)
class Minimum:
    """A connected set of local minima, up to permutations of the neurons."""

    #: The value lies between these two.
    value: Tuple[Fraction, Fraction]
    #: Dimension of the set.
    dimension: int
    #: Whether the set contains its ends.
    closed: bool
    #: Whether it is lowest at this width; ``None`` if that was not decided.
    is_global: Optional[bool]
    #: Whether it is proven to be optimal at every width.
    dual_certified: Optional[bool]
    #: One network of the set. Float, rounded.
    network: Network

    def __float__(self) -> float:
        return float((self.value[0] + self.value[1]) / 2)


class Minima:
    """Every local minimum of a tiny network."""

    #: The connected sets, lowest first.
    components: List[Minimum]
    #: Whether everything was decided.
    complete: bool
    #: Whether an interrupt ended the search.
    interrupted: bool
    #: Everything that ``--json`` of the command line prints.
    data: Dict[str, Any]

    def __init__(self, text: str, data: Dict[str, Any], activation: str, bias: bool, columns: int, *, interrupted: bool) -> None:
        self._text = text
        self.data = data
        self.interrupted = interrupted
        self.complete = not data["undecided"]
        self.components = [_minimum(part, activation, bias, columns) for part in data["components"]]

    def summary(self) -> str:
        """The text that the command line prints."""
        return self._text

    def __len__(self) -> int:
        return len(self.components)

    def __repr__(self) -> str:
        state = "" if self.complete else ", not complete"
        return f"<Minima: {len(self)} connected sets{state}>"

    def _repr_html_(self) -> str:
        return f"<pre>{html.escape(self._text)}</pre>"


def _minimum(part: Dict[str, Any], activation: str, bias: bool, columns: int) -> Minimum:
    low, high = part["value"]["enclosure"]
    weights = np.asarray(part["representative"]["W"], dtype=np.float64).reshape(-1, columns)
    network = Network(
        weights[:, :-1] if bias else weights,
        np.asarray(part["representative"]["a"], dtype=np.float64),
        hidden_bias=weights[:, -1] if bias else None,
        activation=activation,
    )
    return Minimum(
        value=(fraction(low), fraction(high)),
        dimension=part["dimension"],
        closed=part["closed"],
        is_global=part["global"],
        dual_certified=part["dual_certified"],
        network=network,
    )


class CheckResult:
    """What the independent checker says about a proof. True if it is accepted."""

    #: Whether the proof is accepted.
    accepted: bool
    #: Exit status of the checker: 0 accepted, 1 rejected, 3 a limit exceeded.
    status: int
    #: What the checker says, for people.
    text: str
    #: The bound that is proven for every network of every width; ``None`` for a rejected proof or a bound at one width.
    bound: Optional[Fraction]
    #: The checker's JSON object.
    data: Dict[str, Any]

    def __init__(self, status: int, text: str, data: Dict[str, Any]) -> None:
        self.status = status
        self.accepted = status == 0
        self.text = text
        self.data = data
        bound = data.get("bound")
        self.bound = None if bound is None else fraction(bound["exact"] if isinstance(bound, dict) else bound)

    def __bool__(self) -> bool:
        return self.accepted

    def summary(self) -> str:
        """What the checker says, for people."""
        return self.text

    def __repr__(self) -> str:
        return f"<CheckResult: {'accepted' if self.accepted else 'not accepted'}>"

    def _repr_html_(self) -> str:
        return f"<pre>{html.escape(self.text)}</pre>"
