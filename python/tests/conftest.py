"""Shared data."""

from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture(scope="session")
def root():
    return ROOT


@pytest.fixture(scope="session")
def iris():
    """X and y of fixtures/data/iris.csv, as doubles."""
    table = np.loadtxt(ROOT / "fixtures/data/iris.csv", delimiter=",", skiprows=1)
    return table[:, :-1].copy(), table[:, -1].copy()


@pytest.fixture
def five():
    """Five points with nine sets of local minima at width 2."""
    return np.array([[-2.0], [-1.0], [0.0], [1.0], [2.0]]), np.array([1.0, -1.0, 2.0, -1.0, 1.0])
