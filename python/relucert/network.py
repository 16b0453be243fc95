"""Two-layer networks with exact parameters."""

from __future__ import annotations

import os
from typing import Any, Dict, List, Optional, Tuple, Union

import numpy as np

from . import _data
from ._errors import RelucertError
from ._exact import Floats, fraction
from ._relucert import Network as _Network

Path = Union[str, "os.PathLike[str]"]


def _flat(values: Any, what: str) -> _data.Array:
    array = _data.numeric(values, what)
    if array.ndim == 2 and 1 in array.shape:
        array = array.reshape(-1)
    if array.ndim != 1:
        raise RelucertError(f"{what}: the shape is {array.shape}", f"{what} has the shape (m,)")
    return array


class Network:
    """A network ``f(x) = c0 + Σ_k α_k φ(w_k·x + b_k)`` with one output.

    ``hidden_weights`` has the shape (m, d) as in PyTorch, ``output_weights`` (m,) or (1, m), ``hidden_bias`` (m,), ``output_bias`` is a number. Floats are taken bit
    for bit. The attributes of the same names are arrays of doubles, each the nearest to the exact parameter, which :meth:`exact` gives.

    >>> import relucert
    >>> net = relucert.Network([[1.0], [-1.0]], [0.5, 0.5])
    >>> net.width
    2
    >>> net.predict([[3.0], [-4.0]])
    array([1.5, 2. ])
    """

    #: The name of φ: ``relu``, ``abs`` or ``leaky:SLOPE``.
    activation: str
    #: The same network as a torch module or a scikit-learn regressor, if such a model came in.
    module: Any

    def __init__(
        self,
        hidden_weights: Any,
        output_weights: Any,
        *,
        hidden_bias: Any = None,
        output_bias: Any = None,
        activation: str = "relu",
    ) -> None:
        weights = _data.numeric(hidden_weights, "hidden_weights")
        if weights.ndim != 2:
            raise RelucertError(f"hidden_weights: the shape is {weights.shape}", "hidden_weights has the shape (m, d): a row for each neuron")
        output = _data.numeric(output_weights, "output_weights")
        m, d = weights.shape
        if output.ndim == 2 and output.shape[0] > 1 and output.shape[1] == m and m > 1:
            raise RelucertError(
                f"output_weights: the network has {output.shape[0]} outputs; several outputs are not supported yet",
                "train or extract a network with one output (the last layer's weight has the shape 1×m)",
            )
        output = _flat(output_weights, "output_weights")
        if output.shape[0] != m:
            help = "hidden_weights has the shape (m, d): a row for each neuron"
            if output.shape[0] == d:
                help += ". This one looks like its transpose: give hidden_weights.T"
            raise RelucertError(f"the network has {m} neurons, but {output.shape[0]} output weights", help)
        bias = None if hidden_bias is None else _flat(hidden_bias, "hidden_bias")
        if bias is not None and bias.shape[0] != m:
            raise RelucertError(f"the network has {m} neurons, but {bias.shape[0]} hidden biases", "give every hidden neuron its bias")
        constant = None if output_bias is None else _data.numeric(output_bias, "output_bias").reshape(-1)
        if constant is not None and constant.shape[0] != 1:
            raise RelucertError(f"output_bias: {constant.shape[0]} numbers", "give one number: the network has one output")
        self._inputs: int = int(d)
        self._core = _Network(
            d,
            _data.payload(weights),
            None if bias is None else _data.payload(bias),
            _data.payload(output),
            None if constant is None else _data.payload(constant),
        )
        self._finish(activation)

    def _finish(self, activation: str) -> None:
        self.activation = activation
        self.module = None
        hidden, bias, output, constant = self._core.floats()
        self.hidden_weights: Floats = np.frombuffer(hidden, "<f8").astype(np.float64).reshape(self.width, self._inputs)
        self.hidden_bias: Optional[Floats] = None if bias is None else np.frombuffer(bias, "<f8").astype(np.float64)
        self.output_weights: Floats = np.frombuffer(output, "<f8").astype(np.float64)
        self.output_bias: Optional[float] = constant

    @classmethod
    def _of(cls, core: _Network, inputs: int, activation: str) -> "Network":
        network = cls.__new__(cls)
        network._core = core
        network._inputs = core.inputs() or inputs
        network._finish(activation)
        return network

    @classmethod
    def load(cls, path: Path, *, activation: str = "relu") -> "Network":
        """Reads a .json, .safetensors or .npz file, as the command line does."""
        core = _Network.read(os.fspath(path))
        return cls._of(core, 0, activation)

    def save(self, path: Path) -> None:
        """Writes a .json (exact where its decimals are), .safetensors or .npz file (doubles)."""
        self._core.write(os.fspath(path))

    @property
    def width(self) -> int:
        """The number m of neurons."""
        return self._core.width()

    @property
    def inputs(self) -> int:
        """The number d of inputs; 0 if a network without neurons was read from a file."""
        return self._inputs

    def exact(self) -> Dict[str, Any]:
        """The parameters as fractions, under the names of the attributes (lists; ``None`` for a bias that is not there)."""
        hidden, bias, output, constant = self._core.texts()
        return {
            "hidden_weights": [[fraction(w) for w in row] for row in hidden],
            "hidden_bias": None if bias is None else [fraction(b) for b in bias],
            "output_weights": [fraction(a) for a in output],
            "output_bias": None if constant is None else fraction(constant),
        }

    def predict(self, X: Any, *, exact: bool = False) -> Any:
        """The outputs on X: doubles, each correctly rounded, or with ``exact`` a list of fractions."""
        from ._api import predict

        return predict(self, X, activation=self.activation, exact=exact)

    def to_torch(self, dtype: Any = None) -> Any:
        """``Sequential(Linear, ReLU or LeakyReLU, Linear)`` with these parameters, rounded to ``dtype`` (default: torch's)."""
        from ._models import to_torch

        return to_torch(self, dtype)

    def __repr__(self) -> str:
        biases = [name for name, bias in (("hidden", self.hidden_bias), ("output", self.output_bias)) if bias is not None]
        return f"<Network: {self.inputs} inputs, {self.width} neurons, {self.activation}, biases: {', '.join(biases) or 'none'}>"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Network):
            return NotImplemented
        return self._state() == other._state()

    __hash__ = None  # type: ignore[assignment]

    def _state(self) -> Tuple[Any, ...]:
        return (self._inputs, self._core.texts(), self.activation)

    def __reduce__(self) -> Tuple[Any, ...]:
        return (_restore, (*self._state(), self.module))


Texts = Tuple[List[List[str]], Optional[List[str]], List[str], Optional[str]]


def _restore(inputs: int, texts: Texts, activation: str, module: Any) -> Network:
    hidden, bias, output, constant = texts
    core = _Network(
        inputs,
        [w for row in hidden for w in row],
        bias,
        output,
        None if constant is None else [constant],
    )
    network = Network._of(core, inputs, activation)
    network.module = module
    return network


def from_json(parts: Dict[str, Any], activation: str) -> Network:
    """A network from the exact texts of :func:`to_json`."""
    return _restore(
        parts["inputs"],
        (parts["hidden_weights"], parts["hidden_bias"], parts["output_weights"], parts["output_bias"]),
        activation,
        None,
    )


def to_json(network: Network) -> Dict[str, Any]:
    """The exact parameters as texts of fractions."""
    hidden, bias, output, constant = network._core.texts()
    return {
        "inputs": network.inputs,
        "hidden_weights": hidden,
        "hidden_bias": bias,
        "output_weights": output,
        "output_bias": constant,
    }
