"""Runs the Python blocks of tutorial.md in their order, as a reader would type them, in a temporary folder; an exception fails."""

import os
import re
import tempfile
from pathlib import Path

TEXT = (Path(__file__).resolve().parent / "tutorial.md").read_text(encoding="utf-8")


def main():
    blocks = re.findall(r"^```python\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)
    assert len(blocks) >= 4, "the tutorial has lost its code"
    names = {"__name__": "tutorial"}
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        for number, block in enumerate(blocks, 1):
            print(f"--- block {number}")
            exec(compile(block, f"tutorial.md, block {number}", "exec"), names)
        os.chdir("/")


if __name__ == "__main__":
    main()
