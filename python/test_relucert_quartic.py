"""Tests of quartic leaves in the checker (FORMAT.md §5a, rule `f`).

    python3 -m unittest discover python
"""

import random
import unittest
from fractions import Fraction
from pathlib import Path

import relucert_check as checker
import relucert_quartic as quartic
import relucert_semidefinite as semidefinite

PROOFS = Path(__file__).resolve().parent.parent / "fixtures" / "proofs"
HAND, PRODUCTS = ((PROOFS / f"quartic_{name}.proof").read_text("ascii") for name in ("by_hand", "products"))
LEAF = "f 1 0 0 0 0 0 50 0 100 0 0 25 25 25 0 0 0"
PAIRS = "3 6 0 1 63 0 2 6 1 2"


def change(text, old, new):
    if text.count(old) != 1:
        raise ValueError(f"{old!r} occurs {text.count(old)} times")
    return text.replace(old, new)


class Leaves(unittest.TestCase):
    def test_proofs_are_accepted(self):
        for text in (HAND, PRODUCTS):
            self.assertTrue(checker.check_text(text).accepted)

    def test_each_rule_is_enforced(self):
        for text, old, new, words in [
            (HAND, "relucert-proof 2", "relucert-proof 1", "rows"),
            (HAND, LEAF, "f", "U is missing"),
            (HAND, LEAF, LEAF.replace("f 1", "f 0"), "not positive"),
            (HAND, LEAF, LEAF.replace("f 1", "f -1"), "not positive"),
            (HAND, LEAF, "f 1 0 0 0 0", "class 0 are missing"),
            (HAND, LEAF, "f 1 0 0 0 0 0 50 0 100 0", "class 1 are missing"),
            (HAND, LEAF, LEAF[:-2], "entries of the matrix are missing"),
            (HAND, LEAF, LEAF + " 0", "wrong number of products"),
            (HAND, LEAF, LEAF + " 1 1 0 1", "not fixed"),
            (HAND, "f 1 0 0 0 0 0 50", "f 1 -1 0 0 0 0 50", "class 0 is not above"),
            (HAND, "f 1 0 0 0 0 0 50", "f 1 0 141 0 0 0 50", "class 0 is not above"),
            (HAND, "f 1 0 0 0 0 0 50", "f 1 0 -141 0 0 0 50", "class 0 is not above"),
            (HAND, "50 0 100 0 0 25", "48 0 100 0 0 25", "class 1 is not above"),
            (HAND, "50 0 100 0 0 25", "49 0 100 0 0 25", "class 1 is not above"),
            (HAND, "50 0 100 0 0 25", "60 0 100 0 -21 25", "class 1 is not above"),
            (HAND, "50 0 100 0 0 25", "51 0 100 0 0 25", "semidefinite"),
            (HAND, "25 25 25 0 0 0", "24 25 25 0 0 0", "semidefinite"),
            (HAND, "25 25 25 0 0 0", "25 26 25 0 0 0", "semidefinite"),
            (HAND, "25 25 25 0 0 0", "25 25 25 1 0 0", "semidefinite"),
            (HAND, "25 25 25 0 0 0", "25 25 25 0 0 1", "semidefinite"),
            (HAND, "dual 1 500", "dual 1 499", "semidefinite"),
            (HAND, "dual 1 500", "dual 1000000000001 500000000000000", "semidefinite"),
            (PRODUCTS, "-25 12 0 25", "-25 11 0 25", "class 1 is not above"),
            (PRODUCTS, PAIRS, "3 6 0 1 63 0 2 6 1 3", "not fixed"),
            (PRODUCTS, PAIRS, "3 6 0 1 63 0 2 6 2 1", "increasing order"),
            (PRODUCTS, PAIRS, "3 63 0 2 6 0 1 6 1 2", "increasing order"),
            (PRODUCTS, PAIRS, "3 0 0 1 63 0 2 6 1 2", "not positive"),
            (PRODUCTS, PAIRS, "2 6 0 1 63 0 2 6 1 2", "wrong number of products"),
            (PRODUCTS, PAIRS, "3 60000000000000 0 1 63 0 2 6 1 2", "semidefinite"),
        ]:
            result = checker.check_text(change(text, old, new))
            self.assertEqual(result.status, checker.REJECTED, (old, new))
            self.assertIn(words, str(result), (old, new))

    def test_a_matrix_that_is_too_large_is_a_limit(self):
        for d, leaf, status in [(62, "f", "rejected"), (63, "f", "limit exceeded"), (62, "f 1 8 0 0 0 0 1 0", "limit exceeded")]:
            text = HAND[: HAND.index("data")] + f"data 1 1 {d} 1 1\ns 1" + " 1" * d
            text += f"\nbound -1000 1\nverdict undecided 0 1\ndual 1 1\nv 1\nrows + 1 1 1\n{leaf}\n"
            self.assertEqual(checker.check_text(text).status, status, (d, leaf))


class Polynomials(unittest.TestCase):
    def test_the_completed_matrix_is_the_polynomial(self):
        """At random vectors, from the definitions: |u|² is not 1 here, so that the powers of it are checked, too."""
        draw = random.Random(1)
        kept, seen = semidefinite.is_semidefinite, []
        semidefinite.is_semidefinite = lambda matrix: seen.append(matrix) or kept(matrix)
        try:
            self.assertTrue(checker.check_text(PRODUCTS).accepted)
        finally:
            semidefinite.is_semidefinite = kept
        lines = [line for line in PRODUCTS.splitlines() if line.startswith(("e", "f", "?", "rows"))]
        numbers = {}  # of each leaf: its matrix, T, sign and fixed classes
        at, fixed, path = 0, {}, []
        for line in lines[:-1]:
            tag, *tokens = line.split()
            if tag == "rows":
                sign, T = (1 if tokens[0] == "+" else -1), int(tokens[2])
            elif tag == "?":
                path.append(int(tokens[0]))
                fixed[path[-1]] = 1
            else:
                if tag == "f":
                    numbers[at] = [int(x) for x in tokens], sign, T, dict(fixed), seen[at]
                at += 1
                while path and fixed[path[-1]] < 0:
                    del fixed[path.pop()]
                if path:
                    fixed[path[-1]] = -1
        self.assertEqual((len(seen), len(numbers)), (16, 14))
        # activation -3 2 5, DX = 5, rows (5, 5), (0, 5), (-2, 5) with V = -4, 4, 0; β = 3/7, A/B = 3/4312072
        points, V = [(1, 1), (0, 1), (2, -5)], [-4 * 5, 4 * 5, 0]
        for tokens, sign, T, signs, upper in numbers.values():
            U, K = tokens[0], 5
            taken = 1
            heights = [next(h for h in range(10**5) if h * h >= T * T * (p * p + q * q)) for p, q in points]
            exponents = [next(e for e in range(99) if T << e >= h) for h in heights]
            coefficients = {}
            for c in range(3):
                if c in signs or V[c]:
                    coefficients[c], taken = tokens[taken : taken + 5], taken + 5
            triples = tokens[taken + 7 :]  # after the 6 given entries and the number of products
            top = max(exponents)
            h = 2 ** (4 * top) * 3 * 4312072 * 2 * 5 * 5 // (7 * 3)  # ⌊2^(4ε)·Λ⌋
            for _ in range(20):
                u = [draw.randint(-9, 9) for _ in range(2)]
                n = u[0] ** 2 + u[1] ** 2
                t = [p * u[0] + q * u[1] for p, q in points]
                value = Fraction(h * n * n)
                slope = sign * (-3 + 2) * (-4 * (5 * u[0] + 5 * u[1]) + 4 * (5 * u[1]))
                value -= 2 ** (4 * top) * slope * n
                for c, a in coefficients.items():
                    length = [n * n, n, n, 1, 1]
                    for k in range(5):
                        value -= 2 ** (4 * top) * U * Fraction(a[k] * t[c] ** k, 2 ** (k * exponents[c])) * length[k]
                for N, c, d in zip(triples[::3], triples[1::3], triples[2::3]):
                    power = 2 ** (4 * top - exponents[c] - exponents[d])
                    value -= U * N * power * signs[c] * signs[d] * t[c] * t[d] * n
                z = [*u, u[0] * u[0], u[0] * u[1], u[1] * u[1]]
                form = Fraction(0)
                for i in range(K):
                    for j in range(i, K):
                        term = Fraction(upper[i][j - i] * z[i] * z[j], 2 if i == j else 1)
                        form += term * n if j < 2 else term
                self.assertEqual(form, value)

    def test_what_is_nonnegative_to_the_depth_is_so_everywhere(self):
        draw = random.Random(2)
        counts = [0, 0]
        for _ in range(2000):
            b = [draw.randint(-9, 30) for _ in range(5)]
            found = quartic.is_nonnegative(b, 40)
            binomial = (1, 4, 6, 4, 1)
            grid = [sum(m * x * i**k * (32 - i) ** (4 - k) for k, (m, x) in enumerate(zip(binomial, b))) for i in range(33)]
            if found:
                self.assertGreaterEqual(min(grid), 0, b)
            elif min(grid) >= 0:  # it dips below 0 between two places of the grid, or touches 0
                self.assertLess(min(grid), 32**4, b)
            counts[found] += 1
        self.assertGreater(min(counts), 300)

    def test_a_double_root_is_found_where_the_interval_is_halved(self):
        for b, expected in [
            ([3, 0, -1, 0, 3], True),  # (2x − 1)²
            ([3, 0, -2, 0, 3], False),
            ([2, -1, -1, 2, 8], False),  # (3x − 1)²
            ([2 * 2**70 + 1, 1 - 2**70, 1 - 2**70, 2 * 2**70 + 1, 8 * 2**70 + 1], True),
            ([2 * 2**90 + 1, 1 - 2**90, 1 - 2**90, 2 * 2**90 + 1, 8 * 2**90 + 1], False),
            ([0, 0, 0, 0, 0], True),
            ([0, -1, 5, 5, 5], False),
        ]:
            self.assertEqual(quartic.is_nonnegative(b, 40), expected, b)

    def test_bernstein_coefficients_are_those_of_the_polynomial(self):
        draw = random.Random(3)
        for _ in range(200):
            U, T, h, e = draw.randint(1, 9), draw.randint(1, 9), draw.randint(1, 40), draw.randint(0, 5)
            a, bent, side = [draw.randint(-50, 50) for _ in range(5)], draw.randint(-50, 50), draw.choice((1, -1))
            b = quartic.bernstein(U, a, side, bent, e, h, T)
            for x in [Fraction(i, 7) for i in range(8)]:
                t = x * Fraction(h, T)
                value = sum(U * y * (side * t / 2**e) ** k for k, y in enumerate(a)) - bent * t
                found = sum(m * y * x**k * (1 - x) ** (4 - k) for k, (m, y) in enumerate(zip((1, 4, 6, 4, 1), b)))
                self.assertEqual(found, 12 * (T << e) ** 4 * value)

    def test_exponents_are_the_least(self):
        for T in range(1, 40):
            for height in range(1, 300):
                self.assertEqual(quartic.exponent(height, T), next(e for e in range(20) if T << e >= height))


class Semidefinite(unittest.TestCase):
    def test_what_is_clearly_semidefinite_is_so_by_elimination(self):
        draw = random.Random(4)
        clear = exact = 0
        for _ in range(600):
            size, bits = draw.randint(1, 7), draw.choice((1, 30, 90, 300))
            wide = [draw.randint(0, draw.choice((0, 60))) for _ in range(size)]
            factor = [[draw.getrandbits(bits) - (1 << bits - 1) for _ in range(size)] for _ in range(draw.randint(1, size + 2))]
            gram = [[sum(row[i] * row[j] for row in factor) << wide[i] + wide[j] for j in range(i, size)] for i in range(size)]
            row = draw.choice(gram)
            row[0] -= draw.choice((0, 0, 1, row[0] >> draw.randint(1, 200), row[0] >> draw.randint(1, 9)))
            expected = semidefinite.is_semidefinite_by_elimination(gram)
            if semidefinite.is_clearly_semidefinite(gram):
                clear += 1
                self.assertTrue(expected)
            exact += expected
        self.assertTrue(100 < clear <= exact < 550, (clear, exact))

    def test_the_margin_is_needed(self):
        """Without the part for rounding these would pass."""
        for delta in (0, 1, 2**39, 2**60):
            one, other = 2**200, 2**200 + 2**100
            matrix = [[one, other], [one + 2**101 + delta]]
            self.assertEqual(semidefinite.is_semidefinite(matrix), one * (one + 2**101 + delta) >= other**2)


if __name__ == "__main__":
    unittest.main()
