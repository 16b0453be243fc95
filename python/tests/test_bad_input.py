"""Bad input through every door: one error that says what is wrong, and where."""

import numpy as np
import pytest

import relucert

X = np.array([[1.0, 2.0], [3.0, -4.0], [0.5, 0.25]])
Y = np.array([1.0, 2.0, 3.0])
NET = ([[1.0, -1.0]], [1.0])


def with_entry(value, dtype=float):
    bad = X.astype(dtype)
    bad[1, 1] = value
    return bad


BAD_X = [
    (with_entry(np.nan), "array `X`, row 1, column 1: nan is not a finite number"),
    (with_entry(np.inf), "array `X`, row 1, column 1: inf is not a finite number"),
    (with_entry(-np.inf, np.float32), "array `X`, row 1, column 1: -inf is not a finite number"),
    (with_entry(np.nan, np.longdouble), "array `X`, row 1, column 1: nan is not a finite number"),
    (with_entry(None, object), "array `X`, row 1, column 1: a value of type NoneType is not a number"),
    (with_entry("7", object), "array `X`, row 1, column 1: the text '7' is not a number"),
    (with_entry(float("nan"), object), "array `X`, row 1, column 1: nan is not a finite number"),
    (with_entry(1j, object), "array `X`, row 1, column 1: a value of type complex is not a number"),
    (X.astype(str), "X: text of dtype"),
    (X.astype("S"), "X: text of dtype"),
    (X.astype(complex), "X: complex numbers"),
    (np.array([["2020-01-01", "2020-01-02"]] * 3, dtype="M8[D]"), "X: dates of dtype"),
    (np.zeros(3, dtype=[("a", float)]), "X: records of dtype"),
    ([[1.0, 2.0], [3.0]], "X: not a rectangular array of numbers"),
    (X[:, 0], "array `X`: the shape is (3,)"),
    (X[None], "array `X`: the shape is (1, 3, 2)"),
    (3.0, "array `X`: the shape is ()"),
    (None, "array `X`, entry (): a value of type NoneType is not a number"),
    (np.empty((0, 2)), "there are no rows of data (n = 0)"),
    (np.empty((3, 0)), "there is no feature column"),
    (np.ma.masked_array(X, mask=X > 2.5), "X: masked entries"),
]


def calls(x, y):
    return [
        lambda: relucert.certify(x, y, NET, weight_decay=1),
        lambda: relucert.objective(x, y, NET, weight_decay=1),
        lambda: relucert.solve(x, y, weight_decay=1),
        lambda: relucert.beta_max(x, y),
        lambda: relucert.minima(x, y, 1, weight_decay=1),
        lambda: relucert.check("no.proof", x, y, weight_decay=1),
    ]


@pytest.mark.parametrize("x, words", BAD_X)
def test_bad_features(x, words):
    for call in [*calls(x, Y), lambda: relucert.predict(NET, x), lambda: relucert.cells(x)]:
        with pytest.raises(relucert.RelucertError) as caught:
            call()
        if x is None and "X is not given" in str(caught.value):
            continue
        assert words in str(caught.value) and caught.value.help and isinstance(caught.value, ValueError)


def test_too_many_features():
    with pytest.raises(relucert.RelucertError, match="there are 1001 features"):
        relucert.solve(np.zeros((3, 1001)), Y, weight_decay=1)


BAD_Y = [
    (Y[:2], "array `y`: the shape is (2,)"),
    (np.column_stack([Y, Y]), "several outputs are not supported yet"),
    (Y.reshape(1, 3), "several outputs"),
    (Y.reshape(3, 1, 1), "array `y`: the shape is (3, 1, 1)"),
    (1.0, "array `y`: the shape is ()"),
    (np.array([1.0, np.nan, 0.0]), "array `y`, row 1, column 0: nan is not a finite number"),
    (np.array(["a", "b", "c"]), "y: text of dtype"),
    (np.array([1, None, 2], dtype=object), "array `y`, row 1, column 0: a value of type NoneType"),
    (np.empty((3, 0)), "array `y`: the shape is (3, 0)"),
]


@pytest.mark.parametrize("y, words", BAD_Y)
def test_bad_targets(y, words):
    for call in calls(X, y):
        with pytest.raises(relucert.RelucertError) as caught:
            call()
        assert words in str(caught.value)


BAD_NETWORKS = [
    (([[1.0, np.nan]], [1.0]), "array `hidden_weights`, row 0, column 1: nan is not a finite number"),
    (([[1.0, 2.0, 3.0]], [1.0]), "the network takes 3 inputs, but the data have 2 features: x0, x1"),
    (([1.0, 2.0], [1.0]), "hidden_weights: the shape is (2,)"),
    (([[1.0, 2.0]], [1.0, 2.0]), "the network has 1 neurons, but 2 output weights"),
    (([[1.0, 2.0], [1.0, 2.0]], np.ones((3, 2))), "the network has 3 outputs"),
    (([[1.0, 2.0]], [0.0, 0.0], [1.0], 0.0), "the network has 1 neurons, but 2 hidden biases"),
    (([[1.0, 2.0]], [0.0], [1.0], [0.0, 1.0]), "output_bias: 2 numbers"),
    (([[1.0, 2.0]], [0.0], [1.0]), "3 arrays are no network"),
    ((), "0 arrays are no network"),
    ({"a.weight": [[1.0]]}, "does not hold just two linear layers"),
    ({"a.weight": [[1.0, 2.0]], "b.weight": [[1.0]], "c": 1}, "does not hold just two linear layers"),
    ({"a.weight": [[1.0, 2.0]], "b.weight": [[1.0], [2.0]]}, "the network has 2 outputs"),
    ({"hidden_weights": [[1.0, 2.0]], "output_weights": [1.0], "bias": 0}, "`bias` is no parameter"),
    (3, "is no network"),
    (None, "is no network"),
    ("no.json", "no.json"),
    ("model.pt", "a PyTorch pickle is not read"),
    ("model.txt", "unknown kind of network file"),
]


@pytest.mark.parametrize("network, words", BAD_NETWORKS)
def test_bad_networks(network, words):
    calls = [lambda: relucert.certify(X, Y, network, weight_decay=1), lambda: relucert.predict(network, X)]
    if network is not None:
        calls.append(lambda: relucert.solve(X, Y, weight_decay=1, init=network))
    for call in calls:
        with pytest.raises(relucert.RelucertError) as caught:
            call()
        assert words in str(caught.value)


BAD_OPTIONS = [
    ({}, "the objective needs a penalty: neither weight_decay nor ridge is given"),
    ({"weight_decay": 1, "ridge": 1}, "weight_decay and ridge are both given"),
    ({"weight_decay": 0}, "the weight decay 0 is not positive"),
    ({"ridge": -1}, "the weight decay -1 is not positive"),
    ({"weight_decay": "a"}, "weight_decay: "),
    ({"weight_decay": "1/0"}, "weight_decay: "),
    ({"weight_decay": float("nan")}, "weight_decay: "),
    ({"weight_decay": [1]}, "weight_decay: list is not a number"),
    ({"weight_decay": True}, "weight_decay: True is not a number"),
    ({"weight_decay": 1, "loss": "huber"}, "loss: `huber` is none of half-sum, sum, mean, half-mean"),
    ({"weight_decay": 1, "activation": "tanh"}, "activation: the activations are relu, abs and leaky:SLOPE"),
    ({"weight_decay": 1, "activation": "leaky:2"}, "slope 2 is larger than 1"),
    ({"weight_decay": 1, "activation": None}, "activation: None is no name"),
    ({"weight_decay": 1, "no_decay": "bias"}, "no_decay: 'bias' is no bias"),
    ({"weight_decay": 1, "no_decay": "output-bias"}, "the networks of this problem have no output bias"),
    ({"weight_decay": 1, "tolerance": 1}, "tolerance: the tolerance is relative to the objective"),
    ({"weight_decay": 1, "tolerance": -1}, "tolerance: "),
    ({"weight_decay": 1, "time_limit": 0}, "time_limit: give a positive number of seconds"),
    ({"weight_decay": 1, "time_limit": "soon"}, "time_limit: 'soon' is not a number"),
    ({"weight_decay": 1, "time_limit": float("nan")}, "time_limit: give a positive number of seconds"),
    ({"weight_decay": 1, "max_leaves": 0}, "max_leaves: 0 is not a positive integer"),
    ({"weight_decay": 1, "max_leaves": 1.5}, "max_leaves: 1.5 is not a positive integer"),
    ({"weight_decay": 1, "threads": True}, "threads: True is not a positive integer"),
    ({"weight_decay": 1, "seed": -1}, "seed: -1 is not an integer"),
    ({"weight_decay": 1, "trees": "oak"}, "trees: give auto, fan or rows"),
    ({"weight_decay": 1, "proof": "/no/such/folder/a.proof"}, "proof /no/such/folder/a.proof: the file cannot be written"),
    ({"weight_decay": 1, "checkpoint": "/no/such/folder/a"}, "the file cannot be written"),
    ({"weight_decay": 1, "resume": "/no/such/file"}, "/no/such/file"),
]


@pytest.mark.parametrize("options, words", BAD_OPTIONS)
def test_bad_options(options, words):
    for call in (lambda: relucert.certify(X, Y, NET, **options), lambda: relucert.solve(X, Y, bias=False, **options)):
        with pytest.raises(relucert.RelucertError) as caught:
            call()
        assert words in str(caught.value)
        assert "--" not in str(caught.value)


def test_bad_options_of_the_other_functions():
    for call, words in (
        (lambda: relucert.solve(X, Y, weight_decay=1, method="magic"), "method: give auto, columns or full"),
        (lambda: relucert.solve(X, Y, weight_decay=1, output_bias="yes"), "output_bias: 'yes'"),
        (lambda: relucert.solve(X, Y, weight_decay=1, output_bias="decayed", no_decay="output-bias"), "contradict each other"),
        (lambda: relucert.minima(X, Y, 0, weight_decay=1), "width: 0"),
        (lambda: relucert.minima(X, Y, 1, weight_decay=1, no_decay="hidden-bias"), "undecayed hidden bias is out of scope"),
        (lambda: relucert.minima(X, Y, 1, weight_decay=1, no_decay="output-bias"), "output bias are out of scope"),
        (lambda: relucert.minima(X, Y, 1, weight_decay=1, digits=0), "digits: 0"),
        (lambda: relucert.cells(X, max_cells=0), "max_cells: 0"),
        (lambda: relucert.cells(X, time_limit=-1), "time_limit"),
        (lambda: relucert.check("no.proof"), "no.proof"),
        (lambda: relucert.check("no.proof", y=Y), "X is not given"),
        (lambda: relucert.Network([[1.0]], [1.0]).save("a.txt"), "unknown kind of network file"),
        (lambda: relucert.Network([[1.0]], [1.0]).save("/no/such/folder/a.json"), "cannot be written"),
    ):
        with pytest.raises(relucert.RelucertError) as caught:
            call()
        assert words in str(caught.value)


def test_frames():
    pd = pytest.importorskip("pandas")
    frame = pd.DataFrame({"a": [1, 2, 3], "b": [0.5, 1.5, -2.0]}, index=[7, 8, 9])
    y = pd.Series([1.0, 2.0, 3.0], name="price", index=[7, 8, 9])
    c = relucert.certify(frame, y, NET, weight_decay=1)
    assert c.data["problem"]["features"] == ["a", "b"] and c.data["problem"]["target"] == "price"
    assert c.objective == relucert.objective(frame.to_numpy(), y.to_numpy(), NET, weight_decay=1)
    nullable = frame.convert_dtypes()
    assert relucert.objective(nullable, y.to_frame(), NET, weight_decay=1) == c.objective
    big = frame.assign(a=[2**60 + 1, 0, 0])
    assert relucert.objective(big, y, ([[1.0, 0.0]], [1.0]), weight_decay=2, loss="sum") == (2**60) ** 2 + 4 + 9 + 2
    missing = nullable.copy()
    missing.loc[8, "a"] = pd.NA
    twice = pd.concat([frame, frame[["a"]]], axis=1)
    for bad, words in (
        (frame.assign(c=["x", "y", "z"]), "X['c']"),
        (frame.assign(c=pd.Categorical(["x", "y", "x"])), "X['c']: categories"),
        (frame.assign(c=pd.to_datetime(["2020-01-01"] * 3)), "X['c']: dates"),
        (frame.assign(c=[1.0, np.nan, 2.0]), "X['c'], row 1: a missing value"),
        (missing, "X['a'], row 1: a missing value"),
        (twice, "the column name `a` appears twice"),
        (frame.iloc[:0], "there are no rows"),
        (frame[[]], "there is no feature column"),
    ):
        with pytest.raises(relucert.RelucertError) as caught:
            relucert.solve(bad, y[: len(bad)], weight_decay=1)
        assert words in str(caught.value)


def test_sparse_matrices():
    sparse = pytest.importorskip("scipy.sparse")
    with pytest.raises(relucert.RelucertError, match=r"give X.toarray\(\)"):
        relucert.solve(sparse.csr_matrix(X), Y, weight_decay=1)
