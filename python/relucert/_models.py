"""Models of other libraries as networks: what they compute, and what their training minimised."""

from __future__ import annotations

import os
import sys
import warnings
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Callable, Dict, List, Mapping, Optional, Sequence, Tuple

import numpy as np

from . import _data
from ._errors import ModelWarning, RelucertError, UnsupportedModelError
from ._exact import option_text
from .network import Network

NAMES = ("hidden_weights", "hidden_bias", "output_weights", "output_bias")


@dataclass
class Model:
    """A network, and what is known about where it comes from."""

    network: Network
    #: Makes the same kind of model from another network.
    rebuild: Optional[Callable[[Network], Any]] = None
    #: The objective of the model's own training: loss, weight decay, biases without decay.
    objective: Optional[Tuple[str, Fraction, Tuple[str, ...]]] = None
    #: For an optimizer: the parameters by role.
    parameters: Dict[str, Any] = field(default_factory=dict)


def _module(value: Any, library: str, path: str) -> Any:
    """A class of a library that is loaded already; ``None`` if it is not, for then the value is none of its objects."""
    if library not in sys.modules:
        return None
    __import__(path.rpartition(".")[0])
    holder: Any = sys.modules[path.rpartition(".")[0]]
    return getattr(holder, path.rpartition(".")[2])


def is_torch_module(value: Any) -> bool:
    kind = _module(value, "torch", "torch.nn.Module")
    return kind is not None and isinstance(value, kind)


def model_of(value: Any, x: _data.Table, activation: str) -> Model:
    """Whatever the user gave as a network."""
    if isinstance(value, Network):
        return Model(value)
    if is_torch_module(value):
        return _from_torch(value, x, activation)
    regressor = _module(value, "sklearn", "sklearn.neural_network.MLPRegressor")
    if regressor is not None and isinstance(value, regressor):
        return _from_sklearn(value, x.n)
    if isinstance(value, (str, os.PathLike)):
        return Model(Network.load(value, activation=activation))
    if isinstance(value, Mapping):
        return Model(_from_mapping(value, activation))
    if isinstance(value, Sequence):
        return Model(_from_sequence(value, activation))
    name = f"{type(value).__module__}.{type(value).__qualname__}"
    if type(value).__module__.startswith("sklearn"):
        raise UnsupportedModelError(f"a {name} is not supported", "give an MLPRegressor with hidden_layer_sizes=(m,), or its weights")
    raise UnsupportedModelError(
        f"a {name} is no network",
        "give a torch module, a scikit-learn MLPRegressor, a relucert.Network, a file, a state_dict, or the arrays "
        "(hidden_weights, output_weights) or (hidden_weights, hidden_bias, output_weights, output_bias)",
    )


def _from_sequence(values: Sequence[Any], activation: str) -> Network:
    if len(values) == 2:
        return Network(values[0], values[1], activation=activation)
    if len(values) == 4:
        return Network(values[0], values[2], hidden_bias=values[1], output_bias=values[3], activation=activation)
    raise RelucertError(
        f"{len(values)} arrays are no network",
        "give (hidden_weights, output_weights) or (hidden_weights, hidden_bias, output_weights, output_bias), where a bias may be None",
    )


def _from_mapping(values: Mapping[Any, Any], activation: str) -> Network:
    keys = [str(key) for key in values]
    if "hidden_weights" in keys and "output_weights" in keys:
        unknown = [key for key in keys if key not in NAMES]
        if unknown:
            raise RelucertError(f"`{unknown[0]}` is no parameter of a network", f"the parameters are {', '.join(NAMES)}")
        return Network(
            values["hidden_weights"],
            values["output_weights"],
            hidden_bias=values.get("hidden_bias"),
            output_bias=values.get("output_bias"),
            activation=activation,
        )
    # A state_dict: two layers, each `NAME.weight` and perhaps `NAME.bias`, in order.
    layers = [key[: -len(".weight")] for key in keys if key.endswith(".weight")]
    others = [key for key in keys if key not in {f"{name}.{part}" for name in layers for part in ("weight", "bias")}]
    if len(layers) != 2 or others:
        shown = ", ".join(f"`{key}`" for key in keys[:12])
        raise UnsupportedModelError(
            f"the state_dict does not hold just two linear layers: its entries are {shown}",
            "give those of two layers: NAME.weight and perhaps NAME.bias of each, the hidden layer first",
        )
    first, last = layers
    weights = _data.numeric(values[f"{last}.weight"], f"{last}.weight")
    if weights.ndim == 2 and weights.shape[0] != 1:
        raise UnsupportedModelError(
            f"`{last}.weight`: the network has {weights.shape[0]} outputs; several outputs are not supported yet",
            "train or extract a network with one output (the last layer's weight has the shape 1×m)",
        )
    return Network(
        values[f"{first}.weight"],
        weights,
        hidden_bias=values.get(f"{first}.bias"),
        output_bias=values.get(f"{last}.bias"),
        activation=activation,
    )


# --- PyTorch -----------------------------------------------------------------------------------------------------------------------------

#: Layers that change nothing in a network of one hidden layer.
_NEUTRAL = {"Identity", "Flatten", "Unflatten"}
_OTHER_ACTIVATIONS = set(
    "ELU Hardshrink Hardsigmoid Hardtanh Hardswish LogSigmoid PReLU ReLU6 RReLU SELU CELU GELU Sigmoid SiLU Mish Softplus Softshrink Softsign Tanh "
    "Tanhshrink Threshold GLU Softmin Softmax Softmax2d LogSoftmax".split()
)


def _kind(module: Any) -> str:
    return str(getattr(module, "original_name", type(module).__name__))


def _unwrapped(module: Any) -> Any:
    """Without torch.compile's and data parallelism's wrappers."""
    while True:
        if hasattr(module, "_orig_mod"):
            module = module._orig_mod
        elif _kind(module) in {"DataParallel", "DistributedDataParallel"}:
            module = module.module
        else:
            return module


@dataclass
class _Layers:
    first: Any
    last: Any
    activation: Optional[str]


def _layers(module: Any) -> _Layers:
    """The two linear layers and the activation among the parts of a module; refuses what else has an effect."""
    linear: List[Tuple[str, Any]] = []
    found: Optional[str] = None
    for name, part in module.named_modules():
        where = f"`{name}`" if name else "the module"
        kind = _kind(part)
        own = [key for key, _ in part.named_parameters(recurse=False)]
        if hasattr(part, "parametrizations") or any(key.endswith(("_g", "_orig")) for key in own):
            raise UnsupportedModelError(
                f"{where} is parametrised (weight or spectral normalisation, or pruning): the decay is on other numbers than its weights",
                "train without it; or give the arrays of the weights, and the objective is on them",
            )
        if kind == "Linear":
            linear.append((name, part))
        elif "Dropout" in kind:
            if getattr(part, "p", 1.0) > 0:
                raise UnsupportedModelError(
                    f"{where} is {kind}: training with dropout minimises an average over random masks, which is another objective",
                    "train without dropout (p=0)",
                )
        elif "Norm" in kind:
            raise UnsupportedModelError(
                f"{where} is {kind}: a network with normalisation layers is not of the form that relucert is about",
                "normalise the data instead, and train without the layer",
            )
        elif kind == "ReLU":
            found = _one_activation(found, "relu", where)
        elif kind == "LeakyReLU":
            found = _one_activation(found, f"leaky:{option_text(part.negative_slope, 'negative_slope')}", where)
        elif kind in _OTHER_ACTIVATIONS:
            raise UnsupportedModelError(f"{where} is {kind}: that activation is not supported", "the activations are ReLU, LeakyReLU and the absolute value")
        elif kind in _NEUTRAL:
            pass
        elif own:
            raise UnsupportedModelError(
                f"{where} ({kind}) has parameters of its own: {', '.join(own)}",
                "the network has to be two linear layers with an activation between them",
            )
    if len(linear) != 2:
        raise UnsupportedModelError(
            f"the module has {len(linear)} linear layers, not two",
            "the network has to be two linear layers with an activation between them",
        )
    first, last = linear[0][1], linear[1][1]
    if last.out_features != 1 and first.out_features == 1 and first.in_features == last.out_features:
        # Registered in the other order.
        first, last = last, first
    if last.out_features != 1:
        raise UnsupportedModelError(
            f"the network has {last.out_features} outputs; several outputs are not supported yet",
            "train or extract a network with one output",
        )
    return _Layers(first, last, found)


def _one_activation(found: Optional[str], new: str, where: str) -> str:
    if found is not None and found != new:
        raise UnsupportedModelError(f"{where}: a second activation, {new} beside {found}", "use one activation, between the two layers")
    return new


def _from_torch(module: Any, x: _data.Table, activation: str) -> Model:
    inner = _unwrapped(module)
    layers = _layers(inner)
    name = activation
    if layers.activation is not None:
        name = layers.activation
        if activation not in ("relu", name):
            raise RelucertError(f"activation: {activation} is given, but the module has {name}", "leave activation out: the module says it")
    first, last = layers.first, layers.last
    if not all(p.requires_grad for p in inner.parameters()):
        message = "some parameters are frozen (requires_grad=False): the question is asked as if all had been trained"
        warnings.warn(message, ModelWarning, stacklevel=4)

    def array(tensor: Any, what: str) -> Any:
        return None if tensor is None else _data.tensor_array(tensor, what)

    if x.d != first.in_features:
        raise _inputs_error(first.in_features, x)
    network = Network(
        array(first.weight, "hidden weights"),
        array(last.weight, "output weights"),
        hidden_bias=array(first.bias, "hidden bias"),
        output_bias=array(last.bias, "output bias"),
        activation=name,
    )
    _check_torch(inner, network, x)

    def rebuild(other: Network) -> Any:
        return _torch_like(inner, other)

    parameters = {
        "hidden weights": first.weight,
        "hidden bias": first.bias,
        "output weights": last.weight,
        "output bias": last.bias,
    }
    return Model(network, rebuild=rebuild, parameters=parameters)


def _inputs_error(inputs: int, x: _data.Table) -> RelucertError:
    shown = ", ".join(x.features[:30])
    return RelucertError(
        f"the network takes {inputs} inputs, but the data have {x.d} features: {shown}",
        "give the columns that the network was trained on, in its order",
    )


def check_inputs(network: Network, x: _data.Table) -> None:
    """Whether the network takes the data's features."""
    if network.width and network.inputs != x.d:
        raise _inputs_error(network.inputs, x)


def _slopes(activation: str) -> Tuple[float, float]:
    if activation == "abs":
        return -1.0, 1.0
    return (float(Fraction(activation.partition(":")[2])) if activation.startswith("leaky:") else 0.0), 1.0


def _outputs(network: Network, x: Any) -> Any:
    """The outputs in floats: for a comparison only."""
    low, high = _slopes(network.activation)
    bias = 0.0 if network.hidden_bias is None else network.hidden_bias
    t = x @ network.hidden_weights.T + bias
    return np.maximum(low * t, high * t) @ network.output_weights + (network.output_bias or 0.0)


def _check_torch(module: Any, network: Network, x: _data.Table) -> None:
    """Runs the module in double precision and compares: whatever its parts are called, it has to be this network."""
    import copy

    import torch

    rows = _data.approximate(x.x[:200])
    noise = np.random.default_rng(0).standard_normal((64, x.d))
    probes = np.concatenate([rows, noise * (np.abs(rows).max(axis=0) + 1.0)])
    try:
        # What a copy or a run has to warn of is nothing that the caller can mend.
        with warnings.catch_warnings(), torch.no_grad():
            warnings.simplefilter("ignore")
            double = copy.deepcopy(module).to("cpu").double().eval()
            result = double(torch.from_numpy(probes))
        outputs = np.asarray(result.detach().numpy(), dtype=np.float64)
    except Exception as error:
        raise UnsupportedModelError(
            f"the module cannot be run on the data to see what it computes: {type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}",
            "its forward has to take a batch of rows of X; or give the weights instead: (hidden_weights, hidden_bias, output_weights, output_bias)",
        ) from error
    expected = _outputs(network, probes)
    if outputs.size != expected.size:
        raise UnsupportedModelError(
            f"the module's output has the shape {outputs.shape} for {expected.size} rows", "one output for each row is needed"
        )
    difference = np.abs(outputs.reshape(-1) - expected)
    scale = 1.0 + np.abs(expected).max() + np.abs(outputs).max()
    if not difference.max() <= 1e-8 * scale:
        raise UnsupportedModelError(
            f"the module is not just its two linear layers with {network.activation} between them: the outputs differ by up to {difference.max():.3g}",
            "if another activation is used in its forward, say so with activation='leaky:0.01' or 'abs'; if it scales its inputs or outputs, "
            "scale the data instead",
        )


def _torch_like(module: Any, network: Network) -> Any:
    """A copy of the module with the network's parameters; its layers get the network's width."""
    import copy

    import torch

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        new = copy.deepcopy(module)
    layers = _layers(new)
    first, last = layers.first, layers.last

    def put(layer: Any, name: str, values: Any) -> None:
        old = getattr(layer, name)
        if old is None:
            return
        tensor = torch.tensor(values, dtype=old.dtype, device=old.device)
        setattr(layer, name, torch.nn.Parameter(tensor, requires_grad=old.requires_grad))

    m = network.width
    put(first, "weight", network.hidden_weights)
    put(first, "bias", np.zeros(m) if network.hidden_bias is None else network.hidden_bias)
    put(last, "weight", network.output_weights.reshape(1, m))
    put(last, "bias", [network.output_bias or 0.0])
    first.out_features = last.in_features = m
    return new


def to_torch(network: Network, dtype: Any) -> Any:
    """A ``Sequential`` with the network's parameters."""
    import torch

    if network.activation == "relu":
        activation: Any = torch.nn.ReLU()
    elif network.activation.startswith("leaky:"):
        activation = torch.nn.LeakyReLU(_slopes(network.activation)[0])
    else:
        raise UnsupportedModelError(f"torch has no module for the activation {network.activation}", "write one whose forward is x.abs()")
    m = max(network.width, 1)
    options = {"dtype": dtype or torch.get_default_dtype()}
    module = torch.nn.Sequential(
        torch.nn.Linear(network.inputs, m, bias=network.hidden_bias is not None, **options),
        activation,
        torch.nn.Linear(m, 1, bias=network.output_bias is not None, **options),
    )
    return _torch_like(module, network)


#: Optimizers of torch that add the decay to the gradient.
_COUPLED = {"SGD", "Adam", "Adagrad", "Adadelta", "Adamax", "ASGD", "NAdam", "RAdam", "RMSprop"}
#: Optimizers that shrink the weights apart from the gradient.
_DECOUPLED = {"AdamW", "Adafactor", "Muon", "Lion"}


def from_optimizer(optimizer: Any, model: Model) -> Tuple[Fraction, Tuple[str, ...]]:
    """The weight decay and the biases without it that an optimizer of the model has; refuses those without an objective."""
    kind = type(optimizer).__name__
    groups = getattr(optimizer, "param_groups", None)
    if groups is None or not model.parameters:
        raise RelucertError(f"optimizer: a {kind} beside this model", "give the torch optimizer that trained a torch module")
    decoupled = kind in _DECOUPLED or any(group.get("decoupled_weight_decay") for group in groups)
    if decoupled:
        raise UnsupportedModelError(
            f"{kind} decouples the weight decay from the gradient: what it converges to is not a minimum of loss plus penalty, so there is no "
            "objective to certify",
            "train with Adam or SGD and weight_decay, which add λθ to the gradient; without optimizer=… the question is asked all the same, "
            "about the objective you name",
        )
    if kind not in _COUPLED:
        raise UnsupportedModelError(
            f"it is not known whether {kind} adds its weight decay to the gradient",
            "leave optimizer out and give weight_decay or ridge, if you know its objective",
        )
    if any(group.get("maximize") for group in groups):
        raise UnsupportedModelError(f"{kind} was told to maximise", "train with maximize=False")
    decays: Dict[str, Fraction] = {}
    for role, parameter in model.parameters.items():
        if parameter is None:
            continue
        own = [group for group in groups if any(p is parameter for p in group["params"])]
        if not own:
            raise RelucertError(f"optimizer: it does not have the {role} of the model", "give the optimizer that trained this module")
        decays[role] = Fraction(option_text(own[0].get("weight_decay", 0), "weight_decay"))
    weights = {decays["hidden weights"], decays["output weights"]}
    if len(weights) > 1:
        raise UnsupportedModelError(
            "the two layers have different weight decays, which is not supported", "use one weight_decay for both layers"
        )
    decay = weights.pop()
    free: List[str] = []
    for role, name in (("hidden bias", "hidden-bias"), ("output bias", "output-bias")):
        if role not in decays or decays[role] == decay:
            continue
        if decays[role] != 0:
            raise UnsupportedModelError(
                f"the {role} has another weight decay than the weights, which is not supported",
                "give the biases the weight decay of the weights, or none",
            )
        free.append(name)
    return decay, tuple(free)


# --- scikit-learn ------------------------------------------------------------------------------------------------------------------------


def _from_sklearn(model: Any, n: int) -> Model:
    """An ``MLPRegressor``, with the objective its ``fit`` minimises: (1/2n)Σ(f−y)² + (α/2b)Σw², b the size of a batch, biases not in the penalty."""
    if not hasattr(model, "coefs_"):
        raise UnsupportedModelError("the MLPRegressor is not fitted", "call fit first")
    if model.activation != "relu":
        raise UnsupportedModelError(
            f"the MLPRegressor has the activation {model.activation!r}, which is not supported", "fit one with activation='relu'"
        )
    if len(model.coefs_) != 2:
        raise UnsupportedModelError(
            f"the MLPRegressor has {len(model.coefs_) - 1} hidden layers", "fit one with hidden_layer_sizes=(m,)"
        )
    if model.n_outputs_ != 1:
        raise UnsupportedModelError(
            f"the network has {model.n_outputs_} outputs; several outputs are not supported yet", "fit one output at a time"
        )
    loss = getattr(model, "loss", "squared_error")
    if loss != "squared_error":
        raise UnsupportedModelError(f"the MLPRegressor has the loss {loss!r}, which is not supported", "fit one with loss='squared_error'")
    first, last = model.coefs_
    hidden, output = model.intercepts_
    network = Network(
        np.asarray(first).T, np.asarray(last).reshape(-1), hidden_bias=np.asarray(hidden), output_bias=np.asarray(output), activation="relu"
    )

    def rebuild(other: Network) -> Any:
        import copy

        new = copy.deepcopy(model)
        dtype = np.asarray(first).dtype
        m = other.width
        new.hidden_layer_sizes = (m,)
        new.coefs_ = [other.hidden_weights.T.astype(dtype), other.output_weights.reshape(m, 1).astype(dtype)]
        bias = np.zeros(m) if other.hidden_bias is None else other.hidden_bias
        new.intercepts_ = [bias.astype(dtype), np.array([other.output_bias or 0.0], dtype=dtype)]
        return new

    return Model(network, rebuild=rebuild, objective=_sklearn_objective(model, n))


def _sklearn_objective(model: Any, n: int) -> Tuple[str, Fraction, Tuple[str, ...]]:
    if getattr(model, "early_stopping", False) and model.solver != "lbfgs":
        message = "early_stopping trains on a part of the data only: the objective is taken on all of X"
        warnings.warn(message, ModelWarning, stacklevel=5)
    alpha = Fraction(option_text(model.alpha, "alpha"))
    if model.solver == "lbfgs":
        sizes = [n]
    else:
        size = min(200, n) if isinstance(model.batch_size, str) else int(np.clip(model.batch_size, 1, n))
        sizes = [size] * (n // size) + ([n % size] if n % size else [])
    # Each batch has the penalty α/(2·its size): on the whole the mean of these.
    penalty = alpha * sum(Fraction(1, size) for size in sizes) / len(sizes)
    return "half-mean", penalty, ("hidden-bias", "output-bias")
