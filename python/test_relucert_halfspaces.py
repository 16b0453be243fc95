"""Tests of splits by half-spaces and of their multipliers in quartic leaves (FORMAT.md §5a, `h` and rule `f`).

    python3 -m unittest discover python
"""

import random
import unittest
from pathlib import Path

import half_space_proofs as proofs
import relucert_check as checker
import relucert_halfspaces as halfspaces
import relucert_quartic as quartic
import relucert_semidefinite as semidefinite

ROOT = Path(__file__).resolve().parent.parent
RUN, PROOFS = ROOT / "tests" / "run", ROOT / "fixtures" / "proofs"
LINE, PLANE, MIXED = ((RUN / f"half-spaces-{name}.proof").read_text("ascii") for name in ("line", "plane", "mixed"))
# LINE: r = 1, H(1) = 10 = Λ and H(−1) = 2. The leaves have P = 9 − 6t + 3t² for u ≥ 0 and 5 + 2t + 3t² for u ≤ 0.
FIRST, SECOND = "f 1 9 -6 3 0 0 1 2 -2 2", "f 1 5 2 3 0 0 2 1 1 1"
# PLANE: r = 2, H(u) = 4u_0 + 6·|u_0|, Λ = 10, split at u_0 = 1/2; class 1, which is u_1, has no weight.
UPPER, LOWER = "f 1 9 -6 3 0 0 5 0 3 0 -3 0 2 -2 0 2 0 0", "f 1 6 2 2 0 0 3 0 1 0 -2 0 2 2 0 2 0 0"


def change(text, *pairs):
    for old, new in pairs:
        if text.count(old) != 1:
            raise ValueError(f"{old!r} occurs {text.count(old)} times")
        text = text.replace(old, new)
    return text


def matrices_of(text):
    """The result, and every matrix that had to be positive semidefinite, each row from the diagonal on."""
    kept, seen = semidefinite.is_semidefinite, []
    semidefinite.is_semidefinite = lambda matrix: seen.append([list(row) for row in matrix]) or kept(matrix)
    try:
        return checker.check_text(text), seen
    finally:
        semidefinite.is_semidefinite = kept


class ByHand(unittest.TestCase):
    def test_proofs_are_accepted_and_their_matrices_are_these(self):
        result, seen = matrices_of(LINE)
        self.assertTrue(result.accepted, result)
        # At 1 and −1, 10 − 4u − P(u) − 2·u·(1 − u)² is 0 and 4, and 10 − 4u − P(u) + u·(1 + u)² is 0 and 8.
        self.assertEqual(seen, [[[2, -2], [2]], [[2, -2], [2]], [[1, 1], [1]], [[4, -4], [4]], [[10, 4], [10]]])
        result, seen = matrices_of(PLANE)
        self.assertTrue(result.accepted, result)
        # With s = u_0 and s² + u_1² = 1: 3 − 6s + 7s² − 4s³ = 5(s − s²)² + 3(u_1 − s·u_1)² + 2(s·u_1)².
        self.assertEqual(seen[1], [[10, 0, -10, 0, 0], [6, 0, -6, 0], [10, 0, 0], [10, 0], [0]])

    def reject(self, text, words):
        result = checker.check_text(text)
        self.assertEqual(result.status, checker.REJECTED, text)
        self.assertIn(words, str(result), text)

    def test_the_multipliers_are_needed(self):
        """Without them, or with those of the other side, the polynomial is negative somewhere, whatever X is."""
        for X in range(-1, 12):
            for old, new in [
                (FIRST, f"f 1 9 -6 3 0 0 {X} 0 0 0"),
                (SECOND, f"f 1 5 2 3 0 0 {X} 0 0 0"),
                (FIRST, f"f 1 9 -6 3 0 0 {X} 1 1 1"),
                (SECOND, f"f 1 5 2 3 0 0 {X} 2 -2 2"),
                (f"{FIRST}\n{SECOND}", f"f 1 5 2 3 0 0 {X} 1 1 1\nf 1 9 -6 3 0 0 {X} 2 -2 2"),
            ]:
                self.reject(change(LINE, (old, new)), "leaf: the matrix is not")
        self.reject(change(LINE, ("h 0 1", "h 0 -1")), "leaf: the matrix is not")
        for old, new in [
            (UPPER, "f 1 9 -6 3 0 0 5 0 3 0 -3 0 0 0 0 0 0 0"),
            (LOWER, "f 1 6 2 2 0 0 3 0 1 0 -2 0 0 0 0 0 0 0"),
            (f"{UPPER}\n{LOWER}", f"{LOWER}\n{UPPER}"),
            ("h 1 2 0", "h -1 -2 0"),
        ]:
            self.reject(change(PLANE, (old, new)), "leaf: the matrix is not")

    def test_each_rule_is_enforced(self):
        multipliers, matrix = "multipliers of a half-space are not positive", "leaf: the matrix is not"
        for text, old, new, words in [
            (LINE, "relucert-proof 2", "relucert-proof 1", "rows"),
            (PLANE, "relucert-proof 2", "relucert-proof 1", "rows"),
            (PLANE, "h 1 2 0", "h 1 2", "takes 3 integers"),
            (PLANE, "h 1 2 0", "h 1 2 0 0", "takes 3 integers"),
            (PLANE, "h 1 2 0", "h", "takes 3 integers"),
            (PLANE, "h 1 2 0", "h 1 2 -0", "not an integer"),
            (PLANE, "h 1 2 0", "H 1 2 0", "expected a leaf or a split"),
            (PLANE, "h 1 2 0", "/ 0 1 1 1", "expected a leaf or a split"),
            (LINE, f"\n{SECOND}", "", "expected a leaf or a split"),
            (LINE, SECOND, f"{SECOND}\n{SECOND}", "expected `fan`"),
            (LINE, "h 0 1\n", "", "wrong number of products"),
            (LINE, "h 0 1", "h 0 1\nh 0 1", "are missing"),
            # Another half-space.
            (LINE, "h 0 1", "h 1 1", matrix),
            (LINE, "h 0 1", "h 0 2", matrix),
            (LINE, "h 0 1", "h 1 0", matrix),
            (LINE, "h 0 1", "h 0 0", matrix),
            (PLANE, "h 1 2 0", "h 2 1 0", matrix),
            (PLANE, "h 1 2 0", "h -1 2 0", matrix),
            (PLANE, "h 1 2 0", "h 1 -2 0", matrix),
            (PLANE, "h 1 2 0", "h 1 0 2", matrix),
            (PLANE, "h 1 2 0", "h 1 2 1", matrix),
            (PLANE, "h 1 2 0", "h 0 0 0", matrix),
            # Y: none, too few numbers, too many, in the wrong order, not semidefinite.
            (LINE, FIRST, "f 1 9 -6 3 0 0 1", "are missing"),
            (LINE, FIRST, "f 1 9 -6 3 0 0 1 2", "are missing"),
            (LINE, FIRST, "f 1 9 -6 3 0 0 1 2 -2", "are missing"),
            (LINE, FIRST, FIRST + " 0", "wrong number of products"),
            (LINE, FIRST, FIRST + " 0 0 0", "wrong number of products"),
            (PLANE, UPPER, UPPER[:-13], "are missing"),
            (PLANE, UPPER, UPPER[:-2], "are missing"),
            (PLANE, UPPER, UPPER + " 0", "wrong number of products"),
            (PLANE, UPPER, UPPER + " 2 -2 0 2 0 0", "wrong number of products"),
            (PLANE, LOWER, LOWER[:-2], "are missing"),
            (PLANE, UPPER, UPPER + " 1 1 0 1", "not fixed"),
            (LINE, FIRST, "f 1 9 -6 3 0 0 1 2 -3 2", multipliers),
            (LINE, FIRST, "f 1 9 -6 3 0 0 1 -2 -2 2", multipliers),
            (LINE, FIRST, "f 1 9 -6 3 0 0 1 0 -2 2", multipliers),
            (LINE, FIRST, "f 1 9 -6 3 0 0 1 2 -2 -2", multipliers),
            (LINE, FIRST, "f 1 9 -6 3 0 0 1 2 -2 1", multipliers),
            (PLANE, UPPER, UPPER.replace("2 -2 0 2 0 0", "2 -2 0 2 1 0"), multipliers),
            (PLANE, UPPER, UPPER.replace("2 -2 0 2 0 0", "2 -2 0 2 0 -1"), multipliers),
            (PLANE, UPPER, UPPER.replace("2 -2 0 2 0 0", "2 -2 1 2 0 0"), multipliers),
            (PLANE, UPPER, UPPER.replace("2 -2 0 2 0 0", "2 -2 2 0 0 0"), multipliers),  # by columns
            (MIXED, "2000 0 0 0 0 0", "2000 0 0 0 0 -1", multipliers),
            # Semidefinite, but another matrix.
            (LINE, FIRST, "f 1 9 -6 3 0 0 1 2 2 2", matrix),
            (LINE, FIRST, "f 1 9 -6 3 0 0 1 2 -1 2", matrix),
            (LINE, FIRST, "f 1 9 -6 3 0 0 1 1 -1 1", matrix),
            (LINE, FIRST, "f 1 9 -6 3 0 0 1 4 0 4", matrix),
            (LINE, FIRST, "f 1 9 -6 3 0 0 1 8 0 0", matrix),
            (LINE, FIRST, "f 1 9 -6 3 0 0 1 2 -2 3", matrix),
            (PLANE, UPPER, UPPER.replace("2 -2 0 2 0 0", "4 -2 0 1 0 0"), matrix),
            (PLANE, UPPER, UPPER.replace("2 -2 0 2 0 0", "2 2 0 2 0 0"), matrix),
            (PLANE, UPPER, UPPER.replace("2 -2 0 2 0 0", "2 0 -2 0 0 2"), matrix),
            # No more is true of the region that is empty than its multipliers say; one of a ≠ 0 has not all multipliers.
            (MIXED, "2000 0 0 0 0 0", "990 0 0 0 0 0", matrix),
            (MIXED, "h -1 0 0", "h 0 0 0", matrix),
            (MIXED, "h -1 0 0", "h 1 0 0", matrix),
        ]:
            self.reject(change(text, (old, new)), words)

    def test_there_is_no_split_by_a_half_space_elsewhere(self):
        fan = "fan - orthants 1 0 1\nb 1\n"
        text = change(LINE, ("rows - 1 1 1\nf 1 0 0 0 0 0 5", f"{fan}q 0\nq 0"))
        self.assertTrue(checker.check_text(text).accepted)
        self.reject(change(text, (fan, f"{fan}h 0 1\n")), "expected a leaf or a split")
        width = (PROOFS / "width_by_hand.proof").read_text("ascii")
        self.reject(change(width, (". 0\n", "h 0 1\n. 0\n")), "'h'")

    def test_splits_of_both_kinds_mix_and_quadratic_leaves_have_no_multipliers(self):
        self.assertTrue(checker.check_text(MIXED).accepted)
        one, other = MIXED.split("e 10 0 0 0 0\n? 0")
        for multipliers in ("0", "0 0 0 0 0 0", "0 0 0 0 0 0 0 0 0 0 0 0"):
            self.reject(f"{one}e 10 0 0 0 0 {multipliers}\n? 0{other}", "wrong number of products")
        # The multipliers are in the order of the splits.
        old, new = "0 0 0 0 0 0 2 -2 0 2 0 0", "2 -2 0 2 0 0 0 0 0 0 0 0"
        self.assertEqual(one.count(old), 1)
        self.reject(one.replace(old, new) + "e 10 0 0 0 0\n? 0" + other, "leaf: the matrix is not")

    def test_the_matrices_of_multipliers_have_the_limit(self):
        large, kept = change(LINE, (FIRST, f"f 1 9 -6 3 0 0 1 {2**40} 0 0")), quartic.MAX_BITS
        self.reject(large, "leaf: the matrix is not")
        try:
            for most, status in [(2**3 * 40, checker.LIMIT), (2**3 * 41, checker.REJECTED)]:
                quartic.MAX_BITS = most
                self.assertEqual(checker.check_text(large).status, status)
        finally:
            quartic.MAX_BITS = kept

    def test_the_half_spaces_of_a_path_have_the_limit_on_words(self):
        kept = halfspaces.MAX_WORDS
        try:
            for most, status in [(23, checker.LIMIT), (24, checker.ACCEPTED)]:  # two of them on a path, of 3 numbers of 4 words
                halfspaces.MAX_WORDS = most
                self.assertEqual(checker.check_text(MIXED).status, status)
        finally:
            halfspaces.MAX_WORDS = kept

    def test_half_spaces_count_as_splits(self):
        for count, status in [(checker.MAX_DEPTH, checker.REJECTED), (checker.MAX_DEPTH + 1, checker.LIMIT)]:
            text = change(LINE, ("h 0 1", "\n".join(["h 0 1"] * count)))
            self.assertEqual(checker.check_text(text).status, status)


class AtRandom(unittest.TestCase):
    def test_true_proofs_are_accepted_and_have_the_matrices_that_they_were_made_of(self):
        draw, halves = random.Random(5), 0
        for number in range(60):
            proof = proofs.Proof(draw, 1 + number % 2 if number < 56 else 3)
            result, seen = matrices_of(proof.text())
            self.assertTrue(result.accepted, f"{result}\n{proof.text()}")
            expected = proof.matrices()
            self.assertEqual(len(seen), len(expected))
            for found, matrix in zip(seen, expected):
                if matrix is not None:
                    self.assertEqual(found, matrix, proof.text())
            halves += sum(len(leaf.half_spaces) for leaf in proof.leaves)
        self.assertGreater(halves, 100)

    def test_what_is_wrong_at_a_vector_is_rejected(self):
        """One change to a true proof; the points of the circle at which its leaves are evaluated say what has to be rejected."""
        draw, wrong = random.Random(6), dict.fromkeys(proofs.CHANGES, 0)
        for number in range(120):
            proof = proofs.Proof(draw, 1 + number % 2)
            kind = draw.choice(list(proofs.CHANGES))
            if proofs.CHANGES[kind](proof, draw) and proof.is_wrong():
                wrong[kind] += 1
                result = checker.check_text(proof.text())
                self.assertEqual(result.status, checker.REJECTED, f"{kind}\n{proof.text()}")
                self.assertIn("positive semidefinite", str(result))
        self.assertGreater(min(wrong.values()), 5, wrong)

    def test_a_number_less_or_more_is_rejected(self):
        draw = random.Random(7)
        for number in range(60):
            text = proofs.Proof(draw, 1 + number % 2).text()
            lines = text.split("\n")
            at = draw.choice([i for i, line in enumerate(lines) if line[:2] in ("f ", "h ")] or [0])
            tokens = lines[at].split(" ")
            place = draw.randrange(1, len(tokens))
            for changed in (tokens[:place] + tokens[place + 1 :], tokens[:place] + ["0"] + tokens[place:], tokens + ["1"]):
                broken = "\n".join([*lines[:at], " ".join(changed), *lines[at + 1 :]])
                self.assertEqual(checker.check_text(broken).status, checker.REJECTED, broken)


if __name__ == "__main__":
    unittest.main()
