"""Numbers are taken as the rationals they are, and computed with exactly."""

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

import relucert
from relucert import _data, _exact

TINY = [[[0.5, -1.25]], [0.75], [2.0], 0.1]


def by_hand(X, y, weights, lam, loss):
    """The objective in Python's fractions, all biases decayed."""
    W, b, a, c = weights
    total = Fraction(0)
    for row, target in zip(X, y):
        f = Fraction(c)
        for w, bias, alpha in zip(W, b, a):
            t = sum((Fraction(p) * Fraction(q) for p, q in zip(w, row)), Fraction(bias))
            f += Fraction(alpha) * max(t, Fraction(0))
        total += (f - Fraction(target)) ** 2
    squares = sum(Fraction(p) ** 2 for w in W for p in w) + sum(Fraction(p) ** 2 for p in [*b, *a, c])
    factor = {"mean": Fraction(1, len(y)), "half-mean": Fraction(1, 2 * len(y)), "sum": Fraction(1), "half-sum": Fraction(1, 2)}[loss]
    return factor * total + Fraction(lam) / 2 * squares


@pytest.mark.parametrize("loss", ["mean", "half-mean", "sum", "half-sum"])
def test_the_objective_is_that_of_fractions(loss):
    rng = np.random.default_rng(1)
    X, y = rng.standard_normal((12, 2)), rng.standard_normal(12)
    W, b, a, c = rng.standard_normal((3, 2)), rng.standard_normal(3), rng.standard_normal(3), rng.standard_normal()
    found = relucert.objective(X, y, (W, b, a, c), weight_decay=0.01, loss=loss)
    expected = by_hand(X.tolist(), y.tolist(), (W.tolist(), b.tolist(), a.tolist(), float(c)), "1/100", loss)
    assert found == expected
    half = relucert.objective(X, y, (W, b, a, c), ridge="1/200", loss=loss)
    assert half == found


@pytest.mark.parametrize("dtype", ["float64", "float32", "float16", "int64", "int8", "uint16", ">f8", ">i4", "longdouble", "bool"])
def test_every_type_of_numbers_is_taken_bit_for_bit(dtype):
    values = np.array([[0, 1], [1, 0], [1, 1]]) if dtype == "bool" else np.array([[0.1, 2], [3.7, 4], [5, -6.3]]) * 7
    if dtype.startswith(("u", "b")):
        values = np.abs(values)
    X = values.astype(dtype)
    y = [0.0, 1.0, 2.0]
    exact = [[Fraction(*x.as_integer_ratio()) if X.dtype.kind == "f" else Fraction(int(x)) for x in row] for row in X]
    expected = by_hand(exact, y, TINY, "1", "mean")
    assert relucert.objective(X, y, TINY, weight_decay=1) == expected


def test_large_integers_fractions_and_decimals_are_exact():
    big = 2**60 + 1
    assert relucert.objective(np.array([[big]]), [0.0], ([[1.0]], [1.0]), weight_decay=2, loss="sum") == Fraction(big) ** 2 + 2
    X = np.array([[Fraction(1, 3)], [Decimal("0.1")]], dtype=object)
    third = relucert.objective(X, [0, 0], ([[1.0]], [1.0]), weight_decay=2, loss="sum")
    assert third == Fraction(1, 9) + Fraction(1, 100) + 2
    # A list of such numbers is an array of objects as well.
    assert relucert.objective(X.tolist(), [0, 0], ([[1.0]], [1.0]), weight_decay=2, loss="sum") == third


def test_options_are_decimals_as_on_the_command_line():
    for value in (0.01, "0.01", "1/100", Fraction(1, 100), Decimal("0.01"), np.float64(0.01), np.float32(0.01), "1e-2"):
        assert Fraction(_exact.option_text(value, "x")) == Fraction(1, 100)
    assert _exact.option_text(np.int32(3), "x") == "3"
    for value in (True, None, [1], 1j):
        with pytest.raises(relucert.RelucertError):
            _exact.option_text(value, "x")


def test_layout_in_memory_does_not_matter():
    rng = np.random.default_rng(2)
    base = rng.standard_normal((20, 6))
    X, y = base[::2, 1::2], base[::2, 0]
    plain = relucert.objective(np.ascontiguousarray(X), y.copy(), ([[1.0, 2, 3]], [1.0]), weight_decay=1)
    assert not X.flags.c_contiguous and not y.flags.c_contiguous
    assert relucert.objective(X, y, ([[1.0, 2, 3]], [1.0]), weight_decay=1) == plain
    assert relucert.objective(np.asfortranarray(X), y, ([[1.0, 2, 3]], [1.0]), weight_decay=1) == plain
    locked = X.copy()
    locked.flags.writeable = False
    assert relucert.objective(locked, y, ([[1.0, 2, 3]], [1.0]), weight_decay=1) == plain
    assert relucert.objective(X.tolist(), y.tolist(), ([[1.0, 2, 3]], [1.0]), weight_decay=1) == plain
    assert relucert.objective(X, y.reshape(-1, 1), ([[1.0, 2, 3]], [1.0]), weight_decay=1) == plain


def test_fractions_of_any_length_are_read_and_written():
    value = Fraction(7**9000 + 1, 3**9000)
    text = _exact.fraction_text(value)
    assert _exact.fraction(text) == value
    assert _exact.fraction(_exact.fraction_text(-value)) == -value
    assert _exact.fraction("-3") == -3


def test_predictions_are_correctly_rounded():
    rng = np.random.default_rng(3)
    X, W, a = rng.standard_normal((30, 2)), rng.standard_normal((4, 2)), rng.standard_normal(4)
    floats = relucert.predict((W, a), X)
    exact = relucert.predict((W, a), X, exact=True)
    assert floats.tolist() == [float(value) for value in exact]
    by_numpy = np.maximum(X @ W.T, 0) @ a
    assert np.allclose(floats, by_numpy, rtol=1e-12, atol=1e-12)
    leaky = relucert.predict((W, a), X, activation="leaky:0.1")
    assert np.allclose(leaky, np.where(X @ W.T > 0, X @ W.T, 0.1 * (X @ W.T)) @ a)
    assert np.allclose(relucert.predict((W, a), X, activation="abs"), np.abs(X @ W.T) @ a)


def test_arrays_of_numbers_are_doubles_where_doubles_hold_them():
    assert _data.numeric([Fraction(1, 2), 3], "x").dtype == np.float64
    assert _data.numeric([Fraction(1, 3), 3], "x").dtype == object
    assert _data.numeric(np.array([2**53], dtype=np.int64), "x").dtype == np.float64
    assert _data.numeric(np.array([2**53 + 1], dtype=np.uint64), "x").dtype == object
