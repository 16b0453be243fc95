"""A real SIGINT ends a search with a valid bound, threads run beside it, and assertions tell what is wrong."""

import os
import signal
import subprocess
import sys
import threading
import time

import numpy as np
import pytest

import relucert
from relucert.testing import assert_globally_optimal


def hard():
    """A problem that takes far longer than a test: dimension 8, noise."""
    rng = np.random.default_rng(41)
    return rng.standard_normal((200, 8)).round(3), rng.standard_normal(200).round(3)


def interrupt_after(seconds):
    timer = threading.Timer(seconds, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    return timer


def test_an_interrupt_leaves_a_valid_partial_bound(tmp_path):
    X, y = hard()
    proof = tmp_path / "partial.proof"
    weights = (np.ones((1, 8)), [1.0])
    for call in (
        lambda: relucert.solve(X, y, loss="half-sum", weight_decay=5, tolerance="1e-9", proof=proof),
        lambda: relucert.certify(X, y, weights, loss="half-sum", weight_decay=5, tolerance="1e-9", proof=proof),
    ):
        timer = interrupt_after(1.5)
        with pytest.warns(relucert.InterruptedWarning, match="what was proven by then"):
            c = call()
        timer.join()
        assert c.interrupted and 0 <= c.lower_bound < c.objective
        assert relucert.check(proof).bound == c.lower_bound
        proof.unlink()


def test_other_calls_are_interrupted_too():
    rng = np.random.default_rng(3)
    X = rng.standard_normal((400, 6))
    small = rng.standard_normal((14, 2)), rng.standard_normal(14)
    for call in (
        lambda: relucert.cells(X),
        lambda: relucert.minima(*small, 4, ridge="1/100", loss="sum"),
    ):
        timer = interrupt_after(0.7)
        with pytest.warns(relucert.InterruptedWarning):
            result = call()
        timer.join()
        assert not result.complete


SECOND = """
import os, signal, sys, threading, time, warnings
import numpy as np, relucert
rng = np.random.default_rng(41)
X, y = rng.standard_normal((200, 8)), rng.standard_normal(200)
stopped = threading.Event()
def interrupt():
    # Two that come before the first is seen are one to Python, so that two may not be enough on a busy machine.
    time.sleep(1.0)
    while not stopped.is_set():
        os.kill(os.getpid(), signal.SIGINT)
        stopped.wait(0.05)
threading.Thread(target=interrupt, daemon=True).start()
try:
    while True:
        relucert.solve(X, y, loss="half-sum", weight_decay=5, tolerance="1e-9")
except KeyboardInterrupt:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    stopped.set()
    print("stopped")
"""


@pytest.mark.skipif(os.name == "nt", reason="signals")
def test_a_second_interrupt_is_raised():
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", SECOND], capture_output=True, text=True, timeout=120, check=False)
    assert done.stdout.strip() == "stopped", done.stderr


def test_other_threads_run_while_a_search_runs():
    X, y = hard()
    ticks = []
    done = threading.Event()

    def tick():
        while not done.is_set():
            ticks.append(time.monotonic())
            time.sleep(0.01)

    thread = threading.Thread(target=tick)
    thread.start()
    relucert.solve(X, y, loss="half-sum", weight_decay=5, time_limit=1.5)
    done.set()
    thread.join()
    assert len(ticks) > 20


def test_two_searches_at_once_have_stops_of_their_own():
    X, y = hard()
    results = {}

    def run(name, limit):
        results[name] = relucert.solve(X, y, loss="half-sum", weight_decay=5, tolerance="1e-9", time_limit=limit, threads=1)

    threads = [threading.Thread(target=run, args=args) for args in (("a", 1), ("b", 2))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(0 < c.lower_bound < c.objective and not c.interrupted for c in results.values())


def test_the_assertion_tells_the_gap_and_how_to_reproduce_it(five):
    X, y = five
    weights = ([[1.0], [-1.0]], [0.0, 0.0], [0.5, 0.5], None)
    with pytest.raises(AssertionError) as caught:
        assert_globally_optimal(weights, X, y, weight_decay=0.5, loss="sum")
    text = str(caught.value)
    for words in ("is not globally optimal", "gap", "neurons reaches", "relucert.certify(X, y, model, weight_decay=0.5, tolerance=1e-06, loss='sum')", "sha256"):
        assert words in text
    saved = text.split("Certificate.load(")[1].split(")")[0].strip("'")
    best = relucert.Certificate.load(saved).best
    c = relucert.certify(X, y, best, weight_decay=0.5, loss="sum", tolerance=1e-5)
    assert c.objective <= relucert.objective(X, y, weights, weight_decay=0.5, loss="sum")
    optimal = relucert.solve(X, y, weight_decay=0.5, loss="sum").best
    assert assert_globally_optimal(optimal, X, y, weight_decay=0.5, loss="sum").is_optimal
    with pytest.raises(AssertionError, match="not proven to be"):
        assert_globally_optimal(optimal, X, y, weight_decay=0.5, loss="sum", tolerance=0)
