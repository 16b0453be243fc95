"""PyTorch: modules by what they compute, and optimizers by the objective they have."""

import warnings
from fractions import Fraction

import numpy as np
import pytest

import relucert

torch = pytest.importorskip("torch")
from torch import nn  # noqa: E402
from torch.nn import functional as F  # noqa: E402

torch.set_num_threads(1)


class Named(nn.Module):
    """The same network with other names and a functional activation."""

    def __init__(self, d, m, slope=None, bias=True):
        super().__init__()
        # Registered in the other order than they are used.
        self.readout = nn.Linear(m, 1, bias=bias)
        self.features = nn.Linear(d, m, bias=bias)
        self.slope = slope

    def forward(self, x):
        h = self.features(x)
        h = F.relu(h) if self.slope is None else F.leaky_relu(h, self.slope)
        return self.readout(h).squeeze(-1)


class Residual(nn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.act, self.b = nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 1)

    def forward(self, x):
        return self.b(self.act(self.a(x))) + x[:, :1]


class Hidden(nn.Module):
    """A scale that no linear layer shows."""

    def __init__(self):
        super().__init__()
        self.a, self.b, self.scale = nn.Linear(2, 3), nn.Linear(3, 1), nn.Parameter(torch.ones(1))

    def forward(self, x):
        return self.b(F.relu(self.a(x))) * self.scale


def data(n=24, d=2, dtype=torch.float32):
    generator = torch.Generator().manual_seed(0)
    X = torch.randn(n, d, generator=generator, dtype=torch.float64).to(dtype)
    return X, (X[:, :1].abs() - X[:, 1:2]).to(dtype)


def sequential(d=2, m=4, activation=None, **options):
    torch.manual_seed(1)
    return nn.Sequential(nn.Linear(d, m, **options), activation or nn.ReLU(), nn.Linear(m, 1, **options))


def by_torch(module, X, y, lam):
    """The loss and penalty as torch computes them, in double precision."""
    import copy

    double = copy.deepcopy(module).double()
    loss = nn.MSELoss()(double(X.double()).reshape(-1), y.double().reshape(-1))
    return float(loss + lam / 2 * sum((p**2).sum() for p in double.parameters()))


MODULES = {
    "sequential": lambda: sequential(),
    "double": lambda: sequential(dtype=torch.float64),
    "no bias": lambda: sequential(bias=False),
    "leaky": lambda: sequential(activation=nn.LeakyReLU(0.25)),
    "named": lambda: Named(2, 4),
    "nested": lambda: nn.Sequential(nn.Sequential(nn.Linear(2, 4), nn.Identity()), nn.Sequential(nn.ReLU(inplace=True), nn.Linear(4, 1)), nn.Flatten(0)),
    "parallel": lambda: nn.DataParallel(sequential()),
    "script": lambda: torch.jit.script(sequential()),
    "no dropout": lambda: nn.Sequential(nn.Linear(2, 4), nn.ReLU(), nn.Dropout(0.0), nn.Linear(4, 1)),
    "half": lambda: sequential().half(),
    "bfloat16": lambda: sequential().bfloat16(),
}


@pytest.mark.parametrize("name", MODULES)
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning", "ignore::UserWarning")
def test_a_module_is_the_network_it_computes(name):
    module = MODULES[name]()
    X, y = data()
    value = relucert.objective(X, y, module, weight_decay=0.01)
    plain = module.module if name == "parallel" else module
    assert abs(float(value) - by_torch(plain, X, y, 0.01)) < 1e-9
    # The same as from the arrays.
    state = plain.state_dict()
    if name not in ("named",):
        assert value == relucert.objective(X.numpy(), y.numpy(), state, weight_decay="1/100", activation="leaky:1/4" if name == "leaky" else "relu")


def test_functional_activations_are_seen_in_the_outputs():
    X, y = data()
    module = Named(2, 4, slope=0.125)
    with pytest.raises(relucert.UnsupportedModelError, match="not just its two linear layers with relu"):
        relucert.certify(X, y, module, weight_decay=0.1)
    assert abs(float(relucert.objective(X, y, module, weight_decay=0.1, activation="leaky:0.125")) - by_torch(module, X, y, 0.1)) < 1e-9


def test_a_module_comes_back_better():
    X, y = data()
    for module in (sequential(), Named(2, 5), sequential(activation=nn.LeakyReLU(0.1)), sequential(dtype=torch.float64)):
        activation = "relu"
        c = relucert.certify(X, y, module, weight_decay=0.05, activation=activation, max_leaves=2000)
        assert c.verdict == "not_optimal"
        better = c.best.module
        assert type(better) is type(module) and better is not module
        dtype = next(module.parameters()).dtype
        assert all(p.dtype == dtype and p.requires_grad for p in better.parameters())
        assert by_torch(better, X, y, 0.05) < by_torch(module, X, y, 0.05)
        assert abs(by_torch(better, X, y, 0.05) - float(c.upper_bound)) < 1e-6
        # It can be trained on.
        optimizer = torch.optim.SGD(better.parameters(), lr=1e-3, weight_decay=0.05)
        optimizer.zero_grad()
        nn.MSELoss()(better(X.to(dtype)).reshape(-1), y.to(dtype).reshape(-1)).backward()
        optimizer.step()
        relucert.objective(X, y, better, optimizer=optimizer)
    plain = c.best.to_torch(torch.float64)
    assert np.allclose(plain(X.double()).detach().numpy().ravel(), c.best.predict(X))


def test_a_decay_that_needs_no_neuron_gives_a_module_without_neurons():
    X, y = data()
    for module in (sequential(), sequential(bias=False)):
        c = relucert.certify(X, y, module, weight_decay=100)
        assert c.verdict == "not_optimal" and c.best.width == 0
        outputs = c.best.module(X).detach().numpy().ravel()
        assert np.allclose(outputs, c.best.predict(X), atol=1e-7) and np.ptp(outputs) == 0
        assert np.allclose(c.best.to_torch()(X).detach().numpy().ravel(), outputs, atol=1e-7)
        assert relucert.certify(X, y, c.best.module, weight_decay=100, tolerance=1e-5).is_optimal


REFUSED = [
    (lambda: nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Dropout(0.2), nn.Linear(3, 1)), "dropout"),
    (lambda: nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3), nn.ReLU(), nn.Linear(3, 1)), "BatchNorm1d"),
    (lambda: nn.Sequential(nn.Linear(2, 3), nn.LayerNorm(3), nn.ReLU(), nn.Linear(3, 1)), "LayerNorm"),
    (lambda: nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 1)), "Tanh"),
    (lambda: nn.Sequential(nn.Linear(2, 3), nn.PReLU(), nn.Linear(3, 1)), "PReLU"),
    (lambda: nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 2)), "2 outputs"),
    (lambda: nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 3), nn.ReLU(), nn.Linear(3, 1)), "3 linear layers"),
    (lambda: nn.Linear(2, 1), "1 linear layers"),
    (lambda: nn.Sequential(nn.Linear(2, 3), nn.Linear(3, 1)), "not just its two linear layers"),
    (lambda: nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 1), nn.ReLU()), "not just its two linear layers"),
    (lambda: nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.LeakyReLU(), nn.Linear(3, 1)), "second activation"),
    (lambda: nn.utils.parametrizations.weight_norm(sequential()[0]), "parametrised"),
    (lambda: nn.Sequential(nn.utils.parametrizations.weight_norm(nn.Linear(2, 3)), nn.ReLU(), nn.Linear(3, 1)), "parametrised"),
    (lambda: nn.Sequential(nn.Conv1d(2, 3, 1), nn.ReLU(), nn.Linear(3, 1)), "Conv1d"),
    (Residual, "not just its two linear layers"),
    (Hidden, "parameters of its own"),
    (lambda: nn.Sequential(nn.Linear(3, 3), nn.ReLU(), nn.Linear(3, 1)), "takes 3 inputs"),
]


@pytest.mark.parametrize("make, words", REFUSED)
def test_other_modules_are_refused_with_the_reason(make, words):
    X, y = data()
    with pytest.raises(relucert.RelucertError, match=words) as caught:
        relucert.certify(X, y, make(), weight_decay=0.1)
    assert caught.value.help


def groups(module, decay, bias_decay):
    weights = [p for name, p in module.named_parameters() if name.endswith("weight")]
    biases = [p for name, p in module.named_parameters() if name.endswith("bias")]
    return [{"params": weights, "weight_decay": decay}, {"params": biases, "weight_decay": bias_decay}]


def test_the_decay_is_read_from_the_optimizer():
    X, y = data()
    module = sequential()
    plain = relucert.objective(X, y, module, weight_decay=0.02)
    free = relucert.objective(X, y, module, weight_decay=0.02, no_decay=("hidden-bias", "output-bias"))
    for kind in (torch.optim.SGD, torch.optim.Adam, torch.optim.RMSprop, torch.optim.Adagrad, torch.optim.NAdam):
        assert relucert.objective(X, y, module, optimizer=kind(module.parameters(), lr=0.1, weight_decay=0.02)) == plain
        assert relucert.objective(X, y, module, optimizer=kind(groups(module, 0.02, 0.0), lr=0.1)) == free
    optimizer = torch.optim.Adam(module.parameters(), weight_decay=0.02)
    assert relucert.objective(X, y, module, weight_decay=Fraction(1, 50), optimizer=optimizer) == plain
    assert relucert.objective(X, y, module, ridge="1/100", optimizer=optimizer) == plain


def test_the_gradient_of_the_optimizer_is_that_of_the_objective():
    # One step of SGD moves each parameter by its own gradient, the decay's included: the exact objective has that slope.
    X, y = data(dtype=torch.float64)
    module = sequential(dtype=torch.float64)
    optimizer = torch.optim.SGD(module.parameters(), lr=1.0, weight_decay=0.3)
    before = {name: p.detach().clone() for name, p in module.state_dict().items()}
    nn.MSELoss()(module(X), y).backward()
    optimizer.step()
    step = {name: p - before[name] for name, p in module.state_dict().items()}

    def value(t):
        return relucert.objective(X, y, {name: p + t * step[name] for name, p in before.items()}, weight_decay=0.3)

    slope = float(value(1e-6) - value(-1e-6)) / 2e-6
    expected = -float(sum((s**2).sum() for s in step.values()))
    assert abs(slope - expected) < 1e-4 * abs(expected)


def test_optimizers_without_an_objective_are_refused():
    X, y = data()
    module = sequential()
    other = sequential()
    cases = [
        (torch.optim.AdamW(module.parameters(), weight_decay=0.1), "AdamW decouples"),
        (torch.optim.Adam(groups(module, 0.1, 0.2)), "another weight decay"),
        (torch.optim.Adam([{"params": module[0].parameters(), "weight_decay": 0.1}, {"params": module[2].parameters()}]), "different weight decays"),
        (torch.optim.SGD(module.parameters(), lr=0.1, weight_decay=0.1, maximize=True), "maximise"),
        (torch.optim.Adam(other.parameters(), weight_decay=0.1), "does not have the hidden weights"),
        (torch.optim.LBFGS(module.parameters()), "not known whether LBFGS"),
        (torch.optim.Adam(module.parameters()), "weight decay 0 is not positive"),
        (object(), "optimizer"),
    ]
    for optimizer, words in cases:
        with pytest.raises(relucert.RelucertError, match=words):
            relucert.certify(X, y, module, optimizer=optimizer)
    with pytest.raises(relucert.RelucertError, match="not the one given"):
        relucert.certify(X, y, module, weight_decay=0.2, optimizer=torch.optim.Adam(module.parameters(), weight_decay=0.1))
    decoupled = torch.optim.Adam(module.parameters(), weight_decay=0.1)
    decoupled.param_groups[0]["decoupled_weight_decay"] = True
    with pytest.raises(relucert.UnsupportedModelError, match="decouples"):
        relucert.certify(X, y, module, optimizer=decoupled)


def test_frozen_parameters_give_a_warning():
    X, y = data()
    module = sequential()
    module[0].weight.requires_grad_(False)
    with pytest.warns(relucert.ModelWarning, match="frozen"):
        relucert.objective(X, y, module, weight_decay=0.1)


def test_tensors_of_every_kind_are_data():
    X, y = data()
    weights = ([[1.0, -1.0]], [1.0])
    expected = relucert.objective(X.numpy().astype(np.float64), y.numpy().astype(np.float64).ravel(), weights, weight_decay=1)
    assert relucert.objective(X, y, weights, weight_decay=1) == expected
    assert relucert.objective(X.clone().requires_grad_(), y[:, 0], weights, weight_decay=1) == expected
    assert relucert.objective(X.t().contiguous().t(), y, weights, weight_decay=1) == expected
    half = relucert.objective(X.bfloat16(), y, weights, weight_decay=1)
    assert half == relucert.objective(X.bfloat16().double(), y, weights, weight_decay=1) != expected
    integers = torch.tensor([[1, 2], [3, 4]])
    assert relucert.objective(integers, [0, 0], weights, weight_decay=1) == relucert.objective(integers.numpy(), [0, 0], weights, weight_decay=1)
    for wrong in (torch.empty(4, 2, device="meta"), X.to_sparse(), X.to(torch.complex64)):
        with pytest.raises(relucert.RelucertError, match="X: "):
            relucert.objective(wrong, y[: len(wrong)], weights, weight_decay=1)
    with pytest.raises(relucert.RelucertError, match="not a finite number"):
        relucert.objective(torch.tensor([[float("nan"), 0.0]]), [0.0], weights, weight_decay=1)
    with pytest.raises(relucert.RelucertError, match="cannot be read"):
        relucert.certify(X, y, sequential().to("meta"), weight_decay=1)


def test_a_module_left_alone_is_unchanged():
    X, y = data()
    module = sequential().train()
    before = {name: p.clone() for name, p in module.state_dict().items()}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        relucert.certify(X, y, module, weight_decay=0.1, max_leaves=50)
    assert module.training and all(torch.equal(p, before[name]) for name, p in module.state_dict().items())
    assert all(p.grad is None for p in module.parameters())
