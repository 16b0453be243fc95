"""Tests of relucert_check: small proofs that must be accepted, and changes to them that must be rejected for the right reason.

    python3 -m unittest discover python
"""

import contextlib
import gzip
import io
import random
import tempfile
import unittest
from fractions import Fraction
from itertools import combinations
from pathlib import Path

import relucert_check as checker
import relucert_semidefinite

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures" / "proofs"
XOR = (FIXTURES / "xor_by_hand.proof").read_text("ascii")

# Three points on a line in the plane, an undecayed hidden bias, one line; rule 3 holds with equality, and in the second fan the
# last entries of Q choose slopes without which the cones at the pole could not be proved.
POLE = """\
relucert-proof 1
activation 0 1 1
loss half-sum
decay weight-decay 1 4
hidden-bias undecayed
output-bias free
data 3 3 2 1 1
s 1 -1 0
s 0 0 0
s 1 1 0
bound 5 16
verdict undecided 0 1
dual 1 4
v 1
v -2
v 1
fan + orthants 2 1 1
b 1 0 0
b 0 0 1
z 0 1 0
q 2 0 0
q -2 0 7
q 2 0 0
q -2 0 0
fan - orthants 2 1 1
b 1 0 0
b 0 0 1
z 0 1 0
q 0 0 1
/ 0 1 1 1
q 0 0 1
q 0 0 0 2 2 2
q 0 0 0 3 2 -3
q 0 0 -1
end
"""

# A sample with two rows, every bias, both networks, least denominators above 1, both signs of slope.
SUMS_HEAD = """\
relucert-proof 1
activation -1 3 2
loss half-mean
decay ridge 3 5
hidden-bias decayed
output-bias decayed
data 2 3 1 2 3
s 1 3
+ -1
s -2 4
"""
SUMS_TAIL = """\
bound 182 100000
verdict not_optimal 1 100
dual 1 1000
v 5
v -3
fan + simplex 2 0 1
b 1 0
b 0 1
q -600 300
q 300 -600
/ 1 0 2 3
q 300 300
q 300 300
fan - orthants 2 0 1
b 1 0
b 0 1
q 300 300
q -300 300 4 0 1 1 -4
q 300 -300
q -300 -300
end
"""


def sums_objective(neurons, c0):
    """The objective of a network on the problem of SUMS, in the words of §2. Neurons are triples α, w, b of fractions."""
    samples = [(Fraction(1, 3), [Fraction(3, 2), Fraction(-1, 2)]), (Fraction(-2, 3), [Fraction(2)])]
    objective = Fraction(3, 5) * (sum(a * a + w * w + b * b for a, w, b in neurons) + c0 * c0)
    for y, xs in samples:
        f = c0 + sum(a * max(-(x * w + b) / 2, (x * w + b) * 3 / 2) for x in xs for a, w, b in neurons)
        objective += (f - y) ** 2 / 4
    return objective


def sums_text():
    F = Fraction
    given = sums_objective([(F(-2, 7), F(3, 5), F(-4, 5)), (F(1, 7), F(-1, 5), F(0))], F(-1, 9))
    best = sums_objective([(F(-1, 4), F(1, 3), F(1, 3))], F(1, 8))
    return (SUMS_HEAD
            + f"network given 2 5 7 9\nn -2 3 -4\nn 1 -1 0\nc -1\nobjective {given.numerator} {given.denominator}\n"
            + f"network best 1 3 4 8\nn -1 1 1\nc 1\nobjective {3 * best.numerator} {3 * best.denominator}\n"
            + SUMS_TAIL)


SUMS = sums_text()
ROWS, MIXED, PRODUCTS = ((FIXTURES / f"{name}.proof").read_text("ascii")
                         for name in ("xor_rows_by_hand", "rows_and_fan", "rows_products"))
PROOFS = {"XOR": XOR, "POLE": POLE, "SUMS": SUMS, "ROWS": ROWS, "MIXED": MIXED, "PRODUCTS": PRODUCTS}


def change(text, old, new, occurrence=1):
    """Replaces one occurrence of the line(s) `old`; without `new` the line goes."""
    at = -1
    for _ in range(occurrence):
        at = text.index(f"\n{old}\n", at + 1)
    return text[:at] + ("\n" if new is None else f"\n{new}\n") + text[at + len(old) + 2:]


# (proof, line, what it becomes, a word of the reason[, which occurrence of the line])
BAD_LINES = [
    # §1
    ("XOR", "loss half-sum", "loss  half-sum", "space"),
    ("XOR", "loss half-sum", " loss half-sum", "space"),
    ("XOR", "loss half-sum", "loss half-sum ", "space"),
    ("XOR", "loss half-sum", "loss\thalf-sum", "expected `loss`"),
    ("XOR", "loss half-sum", "loss half-sum\r", "none of"),
    ("XOR", "loss half-sum", "", "space"),
    ("XOR", "loss half-sum", "loss half-súm", "ASCII"),
    ("XOR", "loss half-sum", "loss half-sum half-sum", "takes 1 tokens"),
    ("XOR", "loss half-sum", None, "expected `loss`"),
    ("XOR", "bound 27 100", "bound 027 100", "not an integer"),
    ("XOR", "bound 27 100", "bound +27 100", "not an integer"),
    ("XOR", "bound 27 100", "bound 2_7 100", "not an integer"),
    ("XOR", "bound 27 100", "bound 27. 100", "not an integer"),
    ("XOR", "b 1 0", "b 1 -0", "not an integer"),
    ("XOR", "end", "end\nend", "bytes after"),
    ("XOR", "end", "end 1", "expected `end`"),
    ("XOR", "end", "q 0 0\nend", "expected `end`"),
    # §2
    ("XOR", "activation 0 1 1", "activation 1 0 1", "k1 > k2"),
    ("XOR", "activation 0 1 1", "activation 0 2 2", "lowest terms"),
    ("XOR", "activation 0 1 1", "activation 0 1 0", "not positive"),
    ("XOR", "activation 0 1 1", "activation 0 1 -1", "negative"),
    ("XOR", "loss half-sum", "loss half", "none of"),
    ("XOR", "decay weight-decay 1 10", "decay weight-decay 2 20", "lowest terms"),
    ("XOR", "decay weight-decay 1 10", "decay weight-decay 0 1", "not positive"),
    ("XOR", "hidden-bias none", "hidden-bias free", "none of"),
    ("XOR", "output-bias none", "output-bias undecayed", "none of"),
    ("XOR", "data 4 4 2 1 1", "data 5 4 2 1 1", "fewer rows"),
    ("XOR", "data 4 4 2 1 1", "data 3 4 2 1 1", "more samples"),
    ("XOR", "data 4 4 2 1 1", "data 4 4 3 1 1", "features"),
    ("XOR", "data 4 4 2 1 1", "data 4 5 2 1 1", "not an integer"),
    ("XOR", "s 1 -1 1", "+ -1 1", "fewer samples"),
    ("XOR", "s -1 1 1", "+ 1 1", "expected `s`"),
    ("XOR", "s -1 1 1", "s", "without a target"),
    ("XOR", "s -1 1 1", "s -1 1 1 1", "features"),
    ("SUMS", "data 2 3 1 2 3", "data 2 3 1 1 3", "objective"),
    ("SUMS", "s -2 4", "s -3 4\n", "space"),
    ("SUMS", "s 1 3\n+ -1\ns -2 4", "s 1 4\n+ -2\ns -2 4", "DX is not least"),
    ("SUMS", "s 1 3\n+ -1\ns -2 4", "s 3 3\n+ -1\ns -6 4", "DY is not least"),
    # §3
    ("XOR", "network given 0 1 1 1", "network other 0 1 1 1", "none of"),
    ("XOR", "network given 0 1 1 1", "network given 1 1 1 1", "expected `n`"),
    ("XOR", "network given 0 1 1 1", "network given 0 1 1 2", "DC is not 1"),
    ("XOR", "objective 2 1", "objective 3 1", "objective"),
    ("XOR", "objective 2 1", "c 0\nobjective 2 1", "expected `objective`"),
    ("XOR", "objective 2 1", "objective 2 1\nnetwork given 0 1 1 1\nobjective 2 1", "order"),
    ("SUMS", "n 1 -1 0", "n 1 -1 1", "objective"),
    ("SUMS", "n 1 -1 0", "n 1 -1", "takes 3 integers"),
    ("SUMS", "c -1", None, "expected `c`"),
    ("SUMS", "network given 2 5 7 9", "network best 2 5 7 9", "order"),
    ("XOR", "verdict undecided 1 100", "verdict optimal 1 100", "tolerance"),
    ("XOR", "verdict undecided 1 100", "verdict not_optimal 1 100", "both networks"),
    ("XOR", "verdict undecided 1 100", "verdict undecided -1 100", "negative"),
    ("SUMS", "verdict not_optimal 1 100", "verdict not_optimal 99 100", "not better enough"),
    ("SUMS", "verdict not_optimal 1 100", "verdict optimal 9 10", "tolerance"),
    ("POLE", "verdict undecided 0 1", "verdict optimal 0 1", "without a network"),
    # §4
    ("XOR", "bound 27 100", "bound 271 1000", "dual value"),
    ("SUMS", "bound 182 100000", "bound 183 100000", "dual value"),
    ("POLE", "bound 5 16", "bound 5000001 16000000", "dual value"),
    ("POLE", "v -2", "v -3", "sum to zero"),
    ("XOR", "dual 7 100", "dual -7 100", "negative"),
    ("XOR", "dual 7 100", "dual 0 100", "dual value"),
    ("XOR", "v -1", None, "expected `v`"),
    ("XOR", "v -1", "v -1 1", "takes 1 tokens"),
    ("XOR", "bound 27 100\nverdict undecided 1 100\ndual 7 100", "bound 0 1\nverdict undecided 1 100\ndual 0 100",
     "expected `end`"),
    # §5, the fan
    ("XOR", "fan + half 2 0 1", "fan - half 2 0 1", "wrong order"),
    ("XOR", "fan + half 2 0 1", "fan + half 1 0 1", "K + Z"),
    ("XOR", "fan + half 2 0 1", "fan + half 2 0 0", "not positive"),
    ("XOR", "fan + half 2 0 1", "fan + orthant 2 0 1", "none of"),
    ("XOR", "fan + half 2 0 1", "fan + orthants 2 0 1", "a leaf or a split"),
    ("XOR", "fan + half 2 0 1\nb 1 0\nb 0 1", "fan + half 1 1 1\nb 1 0\nz 0 1", "not orthogonal"),
    ("SUMS", "fan - orthants 2 0 1", "fan - half 2 0 1", "linear part"),
    ("SUMS", "fan + simplex 2 0 1", "fan + orthants 2 0 1", "rule 1"),
    ("POLE", "z 0 1 0", "z 0 1 1", "not orthogonal"),
    ("POLE", "z 0 1 0", "z 0 0 0", "not a basis", 2),
    ("XOR", "b 0 1", "b 2 0", "not a basis"),
    ("XOR", "b 0 1", "b 0 1 0", "takes 2 integers", 2),
    # §5, splits
    ("XOR", "/ 0 1 1 1", "/ 0 0 1 1", "the same"),
    ("XOR", "/ 0 1 1 1", "/ 0 2 1 1", "no such generator"),
    ("XOR", "/ 0 1 1 1", "/ 0 1 1 0", "not positive"),
    ("XOR", "/ 0 1 1 1", "/ 0 1 -1 1", "negative"),
    ("XOR", "/ 0 1 1 1", "| 0 1 1 1", "a leaf or a split"),
    ("SUMS", "/ 1 0 2 3", None, "expected `fan`"),
    ("SUMS", "q -600 300\nq 300 -600", "q 300 -600\nq -600 300", "rule 1"),
    # §5, leaves
    ("XOR", "q 0 0", "q 0", "expected 2 integers"),
    ("XOR", "q 0 0", "q 0 0 1", "pairs"),
    ("XOR", "q 0 0", "q 0 0 1 1", "pairs"),
    ("XOR", "q -2 2", "q -1 2", "rule 1"),
    ("XOR", "q -2 2", "q -2 1", "rule 1", 2),
    ("XOR", "q 2 2 1 1 0", "q 2 2 0 1 0", "G is not positive"),
    ("XOR", "q 2 2 1 1 0", "q 2 2 1 0 0", "concave"),
    ("XOR", "q 2 2 1 1 0", "q 2 2 1 2 0", "concave"),
    ("XOR", "q 2 2 1 1 0", "q 2 2 1 -1 0", "concave"),
    ("XOR", "q 2 2 1 1 0", "q 2 2 1 1 2", "exceeds 1"),
    ("XOR", "q 2 2 1 1 0", "q 2 2 1 1 0 1 0", "increasing"),
    ("XOR", "q 2 2 1 1 0", "q 1 2 1 1 0", "rule 1"),
    ("XOR", "q 2 2 1 1 0", "q 2 3 1 1 0", "rule 3"),
    ("POLE", "q 2 0 0", "q 2 1 0", "rule 3"),
    ("POLE", "q 0 0 1", "q 0 1 1", "rule 2"),
    ("POLE", "q 0 0 1", "q 0 0 0", "rule 1"),
    ("POLE", "q 0 0 0 3 2 -3", "q 0 0 0 3 2 -2", "rule 1"),
    ("POLE", "q 0 0 0 3 2 -3", "q 0 0 0", "rule 1"),
    ("SUMS", "q 300 -600", "q 1 -20000", "rule 3"),
    # §5a
    ("ROWS", "rows + 7 5 1", "fan + 7 5 1", "takes 5 tokens"),
    ("ROWS", "rows + 7 5 1", "rows - 7 5 1", "wrong order"),
    ("ROWS", "rows - 7 5 1", "rows + 7 5 1", "wrong order"),
    ("ROWS", "rows + 7 5 1", "rows + 0 5 1", "not positive"),
    ("ROWS", "rows + 7 5 1", "rows + 7 -5 1", "negative"),
    ("ROWS", "rows + 7 5 1", "rows + 7 5 0", "not positive"),
    ("ROWS", "rows + 7 5 1", "rows + 7 5", "takes 4 tokens"),
    ("ROWS", "rows + 7 5 1", "rows + 7 4 1", "semidefinite"),
    ("ROWS", "e 20 0 0 5", "q 0 0", "a leaf or a split, found"),
    ("ROWS", "e 20 0 0 5", "/ 0 1 1 1", "a leaf or a split, found"),
    ("ROWS", "e 20 0 0 5", None, "a leaf or a split, found"),
    ("ROWS", "e 20 0 0 5", "e 20 0 0 5\ne 20 0 0 5", "expected `fan`"),
    ("ROWS", "e 20 0 0 5", "e", "M is missing"),
    ("ROWS", "e 20 0 0 5", "e 20 0 0", "numbers of class 1 are missing"),
    ("ROWS", "e 20 0 0 5", "e 20 0", "numbers of class 0 are missing"),
    ("ROWS", "e 20 0 0 5", "e 20 0 0 5 0", "number of products"),
    ("ROWS", "e 20 0 0 5", "e 20 2 0 5", "exceeds |t|"),
    ("ROWS", "e 20 0 0 5", "e 20 -2 0 5", "exceeds |t|"),
    ("ROWS", "e 20 0 0 5", "e 20 0 5 5", "exceeds |t|"),
    ("ROWS", "e 20 0 0 5", "e 20 -1 1 5", "exceeds |t|"),
    ("ROWS", "e 20 0 0 5", "e 20 0 -1 5", "y is negative"),
    ("ROWS", "e 20 0 0 5", "e 20 0 0 0", "convex class is not positive"),
    ("ROWS", "e 20 0 0 5", "e 20 0 0 -5", "convex class is not positive"),
    ("ROWS", "e 20 0 0 5", "e 19 0 0 5", "semidefinite"),
    ("ROWS", "e 20 0 0 5", "e 21 0 0 5", "semidefinite"),
    ("ROWS", "e 20 0 0 5", "e 20 1 0 5", "semidefinite"),
    ("ROWS", "e 20 0 0 5", "e 20 0 0 5 1 1 0 1", "not fixed"),
    ("MIXED", "q 0 0", "e 0 0 0", "a leaf or a split"),
    ("MIXED", "/ 0 1 1 1", "? 1", "a leaf or a split"),
    ("MIXED", "? 1", "? 2", "no such class"),
    ("MIXED", "? 1", "? -1", "negative"),
    ("MIXED", "? 1", "? 1 1", "takes 1 tokens"),
    ("MIXED", "? 1", "? 1\n? 1", "fixed already"),
    ("MIXED", "e 20 5 2 0", "e 20 5 -1 0", "fixed class is negative"),
    ("MIXED", "e 20 5 2 0", "e 20 5 2 -1", "y is negative"),
    ("MIXED", "e 20 5 2 0", "e 20 5 2 9", "y of a fixed class is too large"),
    ("MIXED", "e 20 5 2 0", "e 20 5 1 0", "semidefinite"),
    ("MIXED", "e 20 5 2 0", "e 20 5 3 0", "semidefinite", 2),
    ("MIXED", "e 20 5 2 0", "e 20 5 2 0 1 1 0 1", "not fixed"),
    ("MIXED", "e 20 5 2 0", "e 20 5 2 0 1 1 1 1", "increasing"),
    ("PRODUCTS", "e 489255 0 0 0 0 167 0 0", "? 1", "fixed already"),
    ("PRODUCTS", "e 1797149 16 0 57 0 111 12 909", "e 1797149 16 0 57 0 111 12 910", "y of a fixed class is too large"),
    ("PRODUCTS", "e 804295 -955 1 -483 0", "e 804295 -955 6 -483 0", "exceeds |t|"),
    ("PRODUCTS", "e 745331 0 0 23 0 0 0 1 15 1 3", "e 745331 0 0 23 0 0 0 1 0 1 3", "factor of a product"),
    ("PRODUCTS", "e 745331 0 0 23 0 0 0 1 15 1 3", "e 745331 0 0 23 0 0 0 1 -15 1 3", "factor of a product"),
    ("PRODUCTS", "e 745331 0 0 23 0 0 0 1 15 1 3", "e 745331 0 0 23 0 0 0 1 15 3 1", "increasing"),
    ("PRODUCTS", "e 745331 0 0 23 0 0 0 1 15 1 3", "e 745331 0 0 23 0 0 0 1 15 1 4", "not fixed"),
    ("PRODUCTS", "e 745331 0 0 23 0 0 0 1 15 1 3", "e 745331 0 0 23 0 0 0 1 15 -1 3", "not fixed"),
    ("PRODUCTS", "e 745331 0 0 23 0 0 0 1 15 1 3", "e 745331 0 0 23 0 0 0 2 7 1 3 8 1 3", "increasing"),
    ("PRODUCTS", "e 745331 0 0 23 0 0 0 1 15 1 3", "e 745331 0 0 23 0 0 0 2 15 1 3", "number of products"),
    ("PRODUCTS", "e 745331 0 0 23 0 0 0 1 15 1 3", "e 745331 0 0 23 0 0 0 1 1500000 1 3", "semidefinite"),
    ("PRODUCTS", "bound -493602857804131 9275270938869938\nverdict undecided 1 100\ndual 1000003 136200374",
     "bound -1 1\nverdict undecided 1 100\ndual 1000003 136200373", "semidefinite"),
]

# (proof, line, what it becomes): still right
GOOD_LINES = [
    ("XOR", "bound 27 100", "bound 2702 10000"),
    ("XOR", "bound 27 100", "bound -1 1"),
    ("XOR", "q 2 2 1 1 0", "q 2 2 3 1 0"),
    ("XOR", "verdict undecided 1 100", "verdict optimal 9 10"),
    ("POLE", "q -2 0 7", "q -2 0 -123456789"),
    ("POLE", "q 0 0 0 2 2 2", "q 0 0 1"),
    ("POLE", "q 0 0 0 3 2 -3", "q 0 0 -5"),
    ("POLE", "loss half-sum\ndecay weight-decay 1 4", "loss half-sum\ndecay ridge 1 8"),
    ("POLE", "bound 5 16\nverdict undecided 0 1\ndual 1 4", "bound 5 16\nverdict undecided 0 1\ndual 3 12"),
    ("SUMS", "verdict not_optimal 1 100", "verdict undecided 1 100"),
    ("SUMS", "/ 1 0 2 3", "/ 0 1 1 1"),
    ("SUMS", "q 300 -600", "q 300 -19197"),
    ("ROWS", "e 20 0 0 5", "? 1\ne 20 0 0 0 0\ne 20 0 0 0 0"),
    ("ROWS", "e 20 0 0 5", "e 20 0 4 5"),
    ("MIXED", "e 20 5 2 0", "e 20 5 2 8"),
    ("ROWS", "rows + 7 5 1\ne 20 0 0 5", "rows + 70 5 1\ne 200 0 0 50"),
    ("ROWS", "rows + 7 5 1\ne 20 0 0 5", "rows + 7 10 3\ne 20 0 0 5"),
    ("PRODUCTS", "bound -493602857804131 9275270938869938", "bound -1 18"),
]


class Acceptance(unittest.TestCase):
    def accept(self, text):
        result = checker.check_text(text)
        self.assertTrue(result.accepted, str(result))
        return result

    def test_proofs_are_accepted(self):
        for name, text in PROOFS.items():
            with self.subTest(name):
                self.accept(text)
                self.accept(text.encode("ascii"))

    def test_fixtures_are_accepted(self):
        for path in sorted(FIXTURES.glob("*.proof*")):
            with self.subTest(path.name):
                result = checker.check_file(path)
                self.assertTrue(result.accepted, str(result))

    def test_harmless_changes_are_accepted(self):
        for name, old, new in GOOD_LINES:
            with self.subTest(f"{name}: {old} -> {new}"):
                self.accept(change(PROOFS[name], old, new))

    def test_the_theorem_in_words(self):
        theorem = self.accept(SUMS).theorem
        for words in ("n = 2 samples (3 rows)", "at least 91/50000 (≥ 0.00182)", "given network of width 2",
                      "best network of width 1", "Verdict not_optimal", "max(-1/2·t, 3/2·t)", "ridge 3/5"):
            self.assertIn(words, theorem)

    def test_zero_dual_needs_no_fans(self):
        text = XOR[:XOR.index("bound")] + "bound 0 1\nverdict undecided 0 1\ndual {} 1\n" + "v {}\n" * 4 + "end\n"
        self.accept(text.format(0, 1, 2, 3, 4))
        self.accept(text.format(1, 0, 0, 0, 0))

    def test_statement_hash_covers_the_problem_only(self):
        base = self.accept(XOR).sha256
        self.assertEqual(base, self.accept(change(XOR, "bound 27 100", "bound 1 100")).sha256)
        self.assertEqual(base, "90be289fc4508966e1ffb22ed68ce26454c7b3ec305d5f4a823919b769cadd04")

    def test_slope_and_objective_are_used_exactly(self):
        """The least tolerance of a verdict is sharp."""
        o, bound = Fraction(2), Fraction(27, 100)
        gap = (o - bound) / o
        line = "verdict undecided 1 100"
        self.accept(change(XOR, line, f"verdict optimal {gap.numerator} {gap.denominator}"))
        result = checker.check_text(change(XOR, line, f"verdict optimal {gap.numerator * 10 - 1} {gap.denominator * 10}"))
        self.assertIn("tolerance", result.reason)


class Rejection(unittest.TestCase):
    def reject(self, text, word):
        result = checker.check_text(text)
        self.assertEqual(result.status, checker.REJECTED, str(result))
        self.assertIn(word, result.reason)
        self.assertGreater(result.line, 0)

    def test_bad_lines(self):
        self.assertGreaterEqual(len(BAD_LINES), 25)
        for name, old, new, word, *occurrence in BAD_LINES:
            with self.subTest(f"{name}: {old} -> {new}"):
                self.reject(change(PROOFS[name], old, new, *occurrence), word)

    def test_first_line(self):
        for line in ("relucert-proof 3", "relucert-proof 02", "relucert-proof 1 2", "relucert-proof", "relucert-proof 1 1", "\ufeffrelucert-proof 1"):
            self.reject(XOR.replace("relucert-proof 1", line), "")
        self.reject(ROWS.replace("relucert-proof 2", "relucert-proof 1"), "expected `fan`")

    def test_rows_with_an_undecayed_bias(self):
        text = POLE.replace("relucert-proof 1", "relucert-proof 2")
        self.assertTrue(checker.check_text(text).accepted)
        self.reject(text[:text.index("fan +")] + "rows + 1 1 1\n", "undecayed")

    def test_every_truncation(self):
        for text in PROOFS.values():
            for length in range(len(text)):
                result = checker.check_text(text[:length])
                self.assertEqual(result.status, checker.REJECTED, text[:length])
        self.reject("", "ends before")
        self.reject(XOR[:-1], "line feed")
        self.reject(XOR[:XOR.index("end")], "ends before")

    def test_bytes_after_end(self):
        for tail in (" ", "\n", "\0", "end\n", "x"):
            self.assertEqual(checker.check_text(XOR + tail).status, checker.REJECTED)

    def test_every_line_left_out_or_twice(self):
        for text in PROOFS.values():
            lines = text.splitlines(keepends=True)
            for i in range(len(lines)):
                for changed in (lines[:i] + lines[i + 1:], lines[:i + 1] + lines[i:]):
                    self.assertEqual(checker.check_text("".join(changed)).status, checker.REJECTED, f"line {i + 1}")

    def test_line_number(self):
        self.assertEqual(checker.check_text(change(XOR, "q -2 2", "q -1 2")).line, 1 + XOR.splitlines().index("q -2 2"))

    def test_swapped_trees(self):
        self.reject(change(POLE, "q 2 0 0\nq -2 0 7", "q -2 0 7\nq 2 0 0"), "rule 1")

    def test_wider_best_network(self):
        given, best = SUMS.index("network given"), SUMS.index("network best")
        end = SUMS.index("bound")
        swapped = SUMS[:given] + SUMS[best:end].replace("best", "given") + SUMS[given:best].replace("given", "best") + SUMS[end:]
        self.reject(swapped, "wider")


class Limits(unittest.TestCase):
    def exceed(self, text, word):
        result = checker.check_text(text)
        self.assertEqual(result.status, checker.LIMIT, str(result))
        self.assertIn(word, result.reason)

    def test_digits(self):
        self.assertTrue(checker.check_text(change(XOR, "bound 27 100", "bound -" + "9" * 20000 + " 1")).accepted)
        self.exceed(change(XOR, "bound 27 100", "bound -" + "9" * 20001 + " 1"), "digits")
        self.assertEqual(checker.check_text(change(XOR, "bound 27 100", "bound -0" + "9" * 20001 + " 1")).status,
                         checker.REJECTED)

    def test_line_length(self):
        self.exceed(change(XOR, "loss half-sum", "loss " + "x" * 4_000_000), "bytes")

    def test_sizes(self):
        self.exceed(change(XOR, "data 4 4 2 1 1", "data 4 10000001 2 1 1"), "rows")
        self.exceed(change(XOR, "data 4 4 2 1 1", "data 4 4 1001 1 1"), "columns")
        self.exceed(change(XOR, "network given 0 1 1 1", "network given 1000001 1 1 1"), "neurons")

    def test_depth(self):
        """A tree of 10,000 splits on one path is decided; it takes no recursion."""
        for depth in (checker.MAX_DEPTH, checker.MAX_DEPTH + 1):
            text = change(XOR, "q 2 2 1 1 0", "/ 0 1 1 1\n" * depth + "q 2 2 1 1 0\n" * depth + "q 2 2 1 1 0")
            result = checker.check_text(text)
            self.assertEqual(result.status, checker.ACCEPTED if depth == checker.MAX_DEPTH else checker.LIMIT, str(result))

    def test_basis(self):
        d = 25
        head = XOR[:XOR.index("data")] + f"data 1 1 {d} 1 1\ns 1" + " 1" * d + "\nbound 0 1\nverdict undecided 0 1\ndual 1 100\nv 1\n"
        self.exceed(head + f"fan + orthants {d} 0 1\n", "basis")

    def test_rows(self):
        for d in (256, 257):
            text = (ROWS[:ROWS.index("data")] + f"data 1 1 {d} 1 1\ns 1 1" + " 0" * (d - 1)
                    + "\nbound 0 1\nverdict undecided 0 1\ndual 1 1000\nv 1\nrows + 1 1 1\ne 9 1\nrows - 1 1 1\ne 9 -1 0\nend\n")
            if d == 256:
                self.assertTrue(checker.check_text(text).accepted)
            else:
                self.exceed(text, "256 dimensions")

    def test_depth_of_rows(self):
        """10,000 splits on one path are decided."""
        for depth in (checker.MAX_DEPTH, checker.MAX_DEPTH + 1):
            head = ROWS[:ROWS.index("data")] + f"data {depth + 1} {depth + 1} 2 1 1\n"
            data = "".join(f"s 1 1 {i}\n" for i in range(depth + 1))
            duals = "bound 0 1\nverdict undecided 0 1\ndual 1 1000\nv 1\n" + "v 0\n" * depth
            splits = "rows + 1 1 1\n" + "".join(f"? {i}\n" for i in range(1, depth + 1))
            result = checker.check_text(head + data + duals + splits + "e\n")
            self.assertEqual(result.status, checker.REJECTED if depth == checker.MAX_DEPTH else checker.LIMIT, str(result))


class Semidefinite(unittest.TestCase):
    @staticmethod
    def determinant(matrix):
        if not matrix:
            return 1
        return sum((-1) ** j * x * Semidefinite.determinant([row[:j] + row[j + 1:] for row in matrix[1:]])
                   for j, x in enumerate(matrix[0]) if x)

    def test_against_principal_minors(self):
        draw = random.Random(5)
        counts = [0, 0]
        for _ in range(1500):
            size = draw.randint(1, 4)
            rows = [[draw.randint(-3, 3) for _ in range(size)] for _ in range(draw.randint(1, size))]
            matrix = [[sum(row[i] * row[j] for row in rows) for j in range(size)] for i in range(size)]
            i, j = draw.randrange(size), draw.randrange(size)
            matrix[i][j] += (delta := draw.choice((0, 0, 1, -1)))
            if i != j:
                matrix[j][i] += delta
            chosen = [places for count in range(1, size + 1) for places in combinations(range(size), count)]
            expected = all(self.determinant([[matrix[i][j] for j in places] for i in places]) >= 0 for places in chosen)
            found = relucert_semidefinite.is_semidefinite([row[i:] for i, row in enumerate(matrix)])
            self.assertEqual(found, expected, matrix)
            counts[expected] += 1
        self.assertGreater(min(counts), 200)


class Determinant(unittest.TestCase):
    def test_small(self):
        self.assertTrue(checker.is_regular([[0, 1], [1, 0]]))
        self.assertFalse(checker.is_regular([[2, 4], [1, 2]]))
        self.assertFalse(checker.is_regular([[0]]))
        self.assertTrue(checker.is_regular([[2, 3, 5], [7, 11, 13], [17, 19, 23]]))
        self.assertFalse(checker.is_regular([[1, 2, 3], [4, 5, 6], [7, 8, 9]]))

    def test_multiples_of_the_prime(self):
        p = checker.PRIME
        self.assertTrue(checker.is_regular([[p, 0, 0], [0, 2 * p, p], [5, 0, p + 1]]))
        self.assertFalse(checker.is_regular([[p, 0, 0], [0, 2 * p, p], [5, 4 * p, 2 * p]]))


class Files(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = Path(directory.name)

    def write(self, name, data):
        path = self.directory / name
        path.write_bytes(data)
        return path

    def status(self, name, data):
        return checker.check_file(self.write(name, data)).status

    def test_gzip(self):
        xor = XOR.encode("ascii")
        packed = gzip.compress(xor)
        self.assertEqual(self.status("a.proof.gz", packed), checker.ACCEPTED)
        self.assertEqual(self.status("a.proof.gz", gzip.compress(xor[:99]) + gzip.compress(xor[99:])), checker.ACCEPTED)
        for bad in (xor, b"", packed[:-1], packed[:-8], packed + b"\0", packed + b"x", packed + packed,
                    packed[:-8] + b"\0" * 8, gzip.compress(xor + b"\n")):
            self.assertEqual(self.status("a.proof.gz", bad), checker.REJECTED)
        self.assertEqual(self.status("a.proof", packed), checker.REJECTED)

    def test_long_lines_span_chunks(self):
        text = change(XOR, "bound 27 100", "bound -1 " + "1" * 20000)
        for size in (7, 4096):
            pieces = [text[i:i + size].encode() for i in range(0, len(text), size)]
            self.assertTrue(checker.check_chunks(pieces).accepted)

    def run_main(self, *paths):
        output = io.StringIO()
        with contextlib.redirect_stdout(output), contextlib.redirect_stderr(output):
            return checker.main([str(path) for path in paths]), output.getvalue()

    def test_command_line(self):
        good = self.write("good.proof", XOR.encode())
        bad = self.write("bad.proof", XOR.replace("q -2 2", "q -1 2").encode())
        large = self.write("large.proof", XOR.replace("data 4 4 2", "data 4 4 2000").encode())
        missing = self.directory / "missing.proof"
        self.assertEqual(self.run_main(good, good)[0], 0)
        code, output = self.run_main(good, bad, missing, large)
        self.assertEqual(code, 1)
        self.assertIn("rejected: line 26: leaf, rule 1", output)
        self.assertIn("at least 27/100", output)
        self.assertEqual(self.run_main(good, large, missing)[0], 2)
        self.assertEqual(self.run_main(large, good)[0], 3)
        self.assertEqual(self.run_main()[0], 2)


if __name__ == "__main__":
    unittest.main()
