"""The functions against the command line, the two checkers, and each other."""

import json
import os
import pickle
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

import relucert

ROOT = Path(__file__).resolve().parent.parent.parent
PROGRAM = Path(os.environ.get("RELUCERT_PROGRAM", ROOT / "target/release/relucert"))
needs_program = pytest.mark.skipif(not PROGRAM.exists(), reason="the command line is not built")
FLAT = ([[1.0], [-1.0]], [0.0, 0.0], [0.5, 0.5], None)


def cli(*arguments):
    """The exit status and the JSON of a command."""
    done = subprocess.run([PROGRAM, *map(str, arguments), "--json"], capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1, 3), done.stderr
    return done.returncode, json.loads(done.stdout)


@pytest.fixture
def files(tmp_path, iris):
    """The arrays of a problem, also as a file."""
    X, y = iris
    np.savez(tmp_path / "iris.npz", X=X, y=y)
    return X, y, tmp_path


def test_a_network_in_an_onnx_file_is_the_one_of_its_tensors(iris, root):
    X, y = iris
    folder = root / "fixtures/networks/iris_adam_early"
    exact = [relucert.objective(X, y, folder / name, weight_decay=0.01) for name in ("model.safetensors", "model.onnx", "model_torchscript17.onnx")]
    assert exact[0] == exact[1] == exact[2]


@needs_program
@pytest.mark.parametrize("decay", [{"weight_decay": 0.1}, {"ridge": "1/20"}])
def test_certify_states_and_answers_as_the_command_line(files, root, decay):
    X, y, folder = files
    network = root / "fixtures/networks/iris_best/model.safetensors"
    if not network.exists():
        network = sorted((root / "fixtures/networks/iris_best").iterdir())[0]
    proof = folder / "python.proof.gz"
    c = relucert.certify(X, y, network, proof=proof, **decay)
    name, value = next(iter(decay.items()))
    status, found = cli(
        "certify", "--data", folder / "iris.npz", "--network", network, "--" + name.replace("_", "-"), value, "--proof", folder / "cli.proof"
    )
    assert status == 0 and c.verdict == "optimal" and c.is_optimal
    assert c.statement == found["problem"]["sha256"]
    assert c.objective == Fraction(found["objective"]["exact"])
    # How far a search goes beyond its tolerance depends on the clock, and the bound with it.
    assert abs(c.lower_bound - Fraction(found["lower_bound"]["exact"])) <= c.tolerance * c.objective
    assert 0 <= c.gap == c.objective - c.lower_bound
    assert isinstance(c.gap, Fraction) and c.relative_gap <= c.tolerance == Fraction(1, 10**6)
    # Accepted by the Rust checker with the files, by the one written in Python, and by this package's check with the arrays.
    arguments = [str(ROOT / "python/relucert_check.py"), str(proof)]
    assert subprocess.run([sys.executable, *arguments], capture_output=True, check=False).returncode == 0
    status = subprocess.run(
        [PROGRAM, "check", proof, "--data", folder / "iris.npz", "--network", network, "--" + name.replace("_", "-"), str(value)],
        capture_output=True,
        check=False,
    ).returncode
    assert status == 0
    checked = relucert.check(proof, X, y, network, **decay)
    assert checked and checked.bound == c.lower_bound
    assert checked.data["data_compared"] and checked.data["network_compared"]
    assert "every width" in checked.summary()


@needs_program
def test_solve_beta_max_cells_and_minima_answer_as_the_command_line(files, five):
    X, y, folder = files
    options = ["--data", folder / "iris.npz", "--loss", "half-sum"]
    c = relucert.solve(X, y, weight_decay=5, loss="half-sum", output_bias="free", no_decay="hidden_bias", tolerance="1e-6")
    _, found = cli("solve", *options, "--weight-decay", 5, "--output-bias", "free", "--no-decay", "hidden-bias", "--tolerance", "1e-6")
    assert c.statement == found["problem"]["sha256"]
    assert c.lower_bound <= Fraction(found["objective"]["exact"]) and Fraction(found["lower_bound"]["exact"]) <= c.objective

    b = relucert.beta_max(X, y, loss="half-sum")
    _, found = cli("solve", *options, "--beta-max")
    assert b.lower <= Fraction(found["beta_max"]["upper"]) and Fraction(found["beta_max"]["lower"]) <= b.upper
    assert b.upper - b.lower < Fraction(1, 10**6) and not b.stopped and float(b) == float(b.upper)

    np.savez(folder / "five.npz", X=five[0], y=five[1])
    _, found = cli("cells", "--data", folder / "five.npz")
    counted = relucert.cells(five[0])
    assert (counted.count, counted.patterns, counted.rank) == (found["cells"], found["patterns_ge"], found["rank"])
    assert counted.characteristic_polynomial == found["characteristic_polynomial"]

    _, found = cli("minima", "--data", folder / "five.npz", "--width", 2, "--loss", "sum", "--ridge", "1/2")
    m = relucert.minima(*five, 2, loss="sum", ridge="1/2")
    assert [part["value"] for part in m.data["components"]] == [part["value"] for part in found["components"]]


def test_a_better_network_is_exact_and_better(five):
    X, y = five
    c = relucert.certify(X, y, FLAT, loss="sum", ridge=0.5)
    assert c.verdict == "not_optimal" and not c.is_optimal
    assert relucert.objective(X, y, c.best, loss="sum", ridge=0.5) == c.upper_bound < c.objective
    assert c.best.width <= c.width == 2
    again = relucert.certify(X, y, c.best, loss="sum", ridge=0.5)
    assert again.objective == c.upper_bound and again.lower_bound <= c.upper_bound
    assert c.data["witness"] is not None and c.summary().startswith("problem")


def test_solve_starts_from_a_network_and_is_not_worse(five):
    X, y = five
    start = relucert.solve(X, y, loss="sum", ridge=0.5).best
    c = relucert.solve(X, y, loss="sum", ridge=0.5, init=start, method="columns")
    assert c.verdict == "optimal" and c.objective <= relucert.objective(X, y, start, loss="sum", ridge=0.5)


def test_the_optimum_lies_between_the_bounds_of_minima(five):
    X, y = five
    m = relucert.minima(X, y, 2, loss="sum", ridge="1/2")
    c = relucert.solve(X, y, loss="sum", ridge="1/2")
    low, high = m.components[0].value
    assert c.lower_bound <= high and low <= c.objective
    assert m.components[0].dual_certified and m.components[0].is_global and m.complete
    values = [float(part) for part in m.components]
    assert values == sorted(values) and len(m) == 9
    for part in m.components:
        assert abs(float(relucert.objective(X, y, part.network, loss="sum", ridge="1/2")) - float(part)) < 1e-9


def test_the_zero_network_is_a_network(five, tmp_path):
    X, y = five
    m = relucert.minima(X, y, 1, loss="sum", ridge=1000)
    assert len(m) == 1 and m.components[0].is_global and m.components[0].value == (8, 8)
    c = relucert.solve(X, y, loss="sum", ridge=1000, proof=tmp_path / "zero.proof")
    assert c.is_optimal and c.best.width == 0 and c.objective == 8 and c.best.predict(X).tolist() == [0.0] * 5
    assert relucert.check(tmp_path / "zero.proof", X, y, c.best, loss="sum", ridge=1000, output_bias="none")
    c.save(tmp_path / "zero.json")
    assert relucert.Certificate.load(tmp_path / "zero.json").best == c.best
    assert relucert.certify(X, y, c.best, loss="sum", ridge=1000).is_optimal


def test_cells_are_all_sign_vectors_with_a_point_inside():
    X = np.array([[0.5, 1.0], [-1.0, 2.0], [3.0, 0.0], [1.0, 2.0]])
    c = relucert.cells(X, signs=True, points=True)
    assert c.complete and c.signs.shape == (c.count, 4) and len({tuple(row) for row in c.signs.tolist()}) == c.count
    rows = np.column_stack([X, np.ones(4)])
    for signs, point in zip(c.signs, c.points):
        assert np.array_equal(np.sign(rows @ point.astype(float)), signs)
    plain = relucert.cells(X, bias=False)
    assert plain.rank == 2 and plain.signs is None and plain.count == 6 and plain.hyperplanes == 3
    limited = relucert.cells(X, max_cells=2)
    assert limited.count is None and not limited.complete and "limit" in limited.summary()


def test_a_proof_is_bound_to_data_objective_and_network(tmp_path, five):
    X, y = five
    proof = tmp_path / "five.proof"
    c = relucert.certify(X, y, FLAT, loss="sum", ridge=0.5, proof=proof)
    assert c.proof == str(proof)
    good = {"loss": "sum", "ridge": 0.5}
    assert relucert.check(proof).accepted
    assert relucert.check(proof, X, y, FLAT, **good)
    assert relucert.check(proof, for_width="every")
    for other in (
        relucert.check(proof, X + 2.0**-50, y, FLAT, **good),
        relucert.check(proof, X, y + 1, FLAT, **good),
        relucert.check(proof, X, y, ([[1.0], [-1.0]], [0.0, 2.0**-60], [0.5, 0.5], None), **good),
        relucert.check(proof, X, y, FLAT, loss="sum", ridge=0.25),
        relucert.check(proof, X, y, FLAT, loss="half-sum", ridge=0.5),
    ):
        assert not other and other.status == 1 and other.bound is None and other.summary()
    text = proof.read_text()
    proof.write_text(text.replace("objective", "objectiv", 1))
    assert not relucert.check(proof)
    with pytest.raises(relucert.RelucertError):
        relucert.check(tmp_path / "none.proof")


def test_a_proof_without_a_network_is_compared_by_its_biases(tmp_path):
    rng = np.random.default_rng(5)
    X, y = rng.standard_normal((12, 2)), rng.standard_normal(12)
    proof = tmp_path / "solve.proof"
    options = {"weight_decay": 0.5, "output_bias": "free", "no_decay": ["hidden-bias"]}
    relucert.solve(X, y, proof=proof, **options)
    assert relucert.check(proof, X, y, **options)
    assert not relucert.check(proof, X, y, weight_decay=0.5)


def test_results_are_saved_loaded_and_shown(tmp_path, five):
    X, y = five
    c = relucert.certify(X, y, FLAT, loss="sum", ridge=0.5, proof=tmp_path / "a.proof")
    c.save(tmp_path / "c.json")
    loaded = relucert.Certificate.load(tmp_path / "c.json")
    assert (loaded.objective, loaded.lower_bound, loaded.verdict) == (c.objective, c.lower_bound, c.verdict)
    assert loaded.best == c.best and loaded.summary() == c.summary()
    c.save(tmp_path / "c.txt")
    assert (tmp_path / "c.txt").read_text(encoding="utf-8") == c.summary()
    c.save(tmp_path / "c.html")
    assert "<table>" in (tmp_path / "c.html").read_text(encoding="utf-8")
    c.save(tmp_path / "b.proof")
    assert relucert.check(tmp_path / "b.proof")
    for name in ("c.pdf", "c.proof.gz"):
        with pytest.raises(relucert.RelucertError):
            c.save(tmp_path / name)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.proof", "b.proof", "c.html", "c.json", "c.txt"]
    page = c._repr_html_()
    assert "not optimal" in page and "verdict" in page and page.count("<tr>") == len(c.summary().splitlines())
    copy = pickle.loads(pickle.dumps(c))
    assert copy.best == c.best and copy.objective == c.objective
    assert repr(c).startswith("<Certificate: not_optimal")
    for other in (relucert.cells(X), relucert.beta_max(X, y), relucert.minima(X, y, 1, ridge=1), relucert.check(tmp_path / "a.proof")):
        assert other._repr_html_() and other.summary() and repr(other).startswith("<")


def test_networks_are_written_and_read(tmp_path, root):
    net = relucert.Network([[0.1, 2.0], [3.0, -4.5]], [[1.0, -2.0]], hidden_bias=[0.25, 0.5], output_bias=3)
    for name in ("a.json", "a.npz", "a.safetensors"):
        net.save(tmp_path / name)
        assert relucert.Network.load(tmp_path / name) == net
    assert pickle.loads(pickle.dumps(net)) == net
    assert net.exact()["hidden_weights"][0][0] == Fraction(0.1)
    assert net != relucert.Network([[0.1, 2.0], [3.0, -4.5]], [1.0, -2.0]) and "2 neurons" in repr(net)
    state = {"0.weight": net.hidden_weights, "0.bias": net.hidden_bias, "2.weight": [net.output_weights], "2.bias": [net.output_bias]}
    named = {name: getattr(net, name) for name in ("hidden_weights", "hidden_bias", "output_weights", "output_bias")}
    tuple_ = (net.hidden_weights, net.hidden_bias, net.output_weights, net.output_bias)
    X = np.arange(10.0).reshape(5, 2)
    for other in (state, named, tuple_, tmp_path / "a.json"):
        assert relucert.predict(other, X).tolist() == net.predict(X).tolist()


def test_limits_give_weaker_but_valid_bounds(iris):
    X, y = iris
    c = relucert.solve(X, y, weight_decay=0.01, max_leaves=50, tolerance=1e-9)
    assert c.verdict == "undecided" and 0 < c.lower_bound < c.objective
    d = relucert.solve(X, y, weight_decay=0.01, time_limit=0.5, tolerance=1e-9)
    assert d.lower_bound <= c.objective and c.lower_bound <= d.objective


def test_checkpoints_are_gone_on_from(tmp_path, iris):
    X, y = iris
    saved = tmp_path / "state"
    first = relucert.solve(X, y, weight_decay=0.01, tolerance=1e-9, max_leaves=200, checkpoint=saved)
    assert saved.exists()
    second = relucert.solve(X, y, weight_decay=0.01, tolerance=1e-9, max_leaves=2000, resume=saved)
    assert second.lower_bound >= first.lower_bound


def test_progress_is_told(iris):
    X, y = iris
    heard = []
    relucert.solve(X, y, weight_decay="1/1000", tolerance="1e-12", time_limit=1.5, progress=heard.append)
    assert heard and all(isinstance(message, str) for message in heard)
    assert any("solving" in message or "proving" in message for message in heard)


def test_tqdm_shows_progress_where_it_is(iris, capsys):
    pytest.importorskip("tqdm")
    X, y = iris
    relucert.solve(X, y, weight_decay="1/1000", tolerance="1e-12", time_limit=1.5, progress=True)
    assert "solve" in capsys.readouterr().err
    relucert.solve(X, y, weight_decay=1, progress=False)
    relucert.solve(X, y, weight_decay=1)
    assert capsys.readouterr().err == ""


def test_an_exception_of_the_listener_ends_the_call(iris):
    X, y = iris

    def fail(message):
        raise KeyError(message)

    with pytest.raises(KeyError):
        relucert.solve(X, y, weight_decay="1/1000", tolerance="1e-12", time_limit=30, progress=fail)
