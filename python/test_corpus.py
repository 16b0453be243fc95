"""The files of tests/fail, tests/run and tests/bugs: this checker answers as the other one does, message aside.

    python3 -m unittest discover python
"""

import unittest
from pathlib import Path

import relucert_check as checker

TESTS = Path(__file__).resolve().parent.parent / "tests"


def cases(folder):
    """The files of a folder, each with the class that `NAME.expected` has in its first line."""
    for path in sorted((TESTS / folder).iterdir()):
        if path.name.endswith((".proof", ".proof.gz")):
            stem = path.name.removesuffix(".gz").removesuffix(".proof")
            expected = (path.parent / f"{stem}.expected").read_text("utf-8").splitlines()[0]
            # Compared with the user's files by the other checker alone: the proof by itself is right.
            compared = (path.parent / f"{stem}.args").exists()
            yield path, "accepted" if compared else expected


class Corpus(unittest.TestCase):
    def check(self, folder, least):
        count = 0
        for path, expected in cases(folder):
            with self.subTest(path.name):
                result = checker.check_file(path)
                self.assertEqual(result.status, expected, result)
                count += 1
        self.assertGreaterEqual(count, least)

    def test_files_of_fail_are_refused(self):
        self.check("fail", 200)

    def test_odd_files_are_survived(self):
        self.check("run", 40)

    def test_no_fixed_bug_comes_back(self):
        self.check("bugs", 2)

    def test_what_is_no_file_is_unreadable(self):
        for name in ["no such file.proof", "fail"]:
            self.assertEqual(checker.check_file(TESTS / name).status, "unreadable", name)


if __name__ == "__main__":
    unittest.main()
