#!/usr/bin/env python3
"""Tries all mutants that cargo-mutants makes of checker/ against the tests of the checker, and prints those that survive.

    trust/mutants.py [--only TEXT] [--jobs N] [--target FOLDER] [--seconds N]

Needs `cargo install cargo-mutants`, for its list of mutants. A build for each of these takes hours; so trust/mutants puts them all into one
program, in which an environment variable chooses the mutant that is alive. A mutant that does not compile there is built by itself, or does
not compile at all. Prints a table of the mutants by file and those that survive; exits with 1 if there are any but those that
TRUST.md explains.
"""

import argparse
import json
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from planted_bugs import MEMORY, PROFILE, ROOT, copy_checker

# The tests in the order in which they are run, with arguments: quick ones first, and those with random damage late. Others come last.
STEPS = [
    ("relucert_checker", []),
    ("report", []),
    ("own_files", ["--skip", "damaged"]),
    ("bad_proofs", ["--skip", "damaged"]),
    ("limits", []),
    ("bad_rows", []),
    ("bad_quartic", []),
    ("corpus", []),
    ("bad_proofs", ["damaged"]),
    ("random_proofs", []),
    ("random_rows", []),
    ("random_quartic", []),
    ("own_files", ["damaged"]),
]
CHOICE = """
/// The number of the mutant that is alive.
pub(crate) fn mutant() -> u32 {
    static NUMBER: std::sync::LazyLock<u32> =
        std::sync::LazyLock::new(|| std::env::var("RELUCERT_MUTANT").ok().and_then(|text| text.parse().ok()).unwrap_or(0));
    *NUMBER
}
"""
BUILD = ["cargo", "test", "--no-run", "--quiet", "--message-format=json", "--package", "relucert-checker", "--lib", "--tests"]


def list_mutants():
    command = ["cargo", "mutants", "--list", "--json", "--package", "relucert-checker"]
    return json.loads(subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout)


class Build:
    """A copy of the checker, which is built again and again."""

    def __init__(self, folder, target):
        self.folder = folder
        self.env = dict(os.environ, CARGO_TARGET_DIR=str(target), **PROFILE)
        copy_checker(folder)

    def restore(self):
        shutil.rmtree(self.folder / "checker" / "src")
        shutil.copytree(ROOT / "checker" / "src", self.folder / "checker" / "src", copy_function=shutil.copyfile)

    def build(self):
        """(the name, the program and the arguments of each step, or None if it does not compile; the errors)"""
        done = subprocess.run(BUILD, cwd=self.folder, env=self.env, capture_output=True, text=True, check=False)
        messages = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
        if done.returncode:
            errors = [m["message"] for m in messages if m["reason"] == "compiler-message" and m["message"]["level"] == "error"]
            return None, errors
        programs = {m["target"]["name"]: m["executable"] for m in messages if m.get("executable") and m["profile"]["test"]}
        others = [(name, []) for name in sorted(programs) if name not in {name for name, _ in STEPS}]
        return [(name, programs[name], arguments) for name, arguments in STEPS + others], []

    def compiles(self):
        command = ["cargo", "check", "--quiet", "--package", "relucert-checker"]
        return subprocess.run(command, cwd=self.folder, env=self.env, capture_output=True, check=False).returncode == 0

    def run(self, steps, number, seconds):
        """What catches a mutant, or None."""
        env = dict(self.env, RELUCERT_MUTANT=str(number), TMPDIR=str(self.folder.parent))
        for name, program, arguments in steps:
            tests = subprocess.Popen(
                [program, "--quiet", *arguments],
                cwd=self.folder / "checker",
                env=env,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
                preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY)),
            )
            try:
                if tests.wait(timeout=seconds):
                    return name
            except subprocess.TimeoutExpired:
                os.killpg(tests.pid, signal.SIGKILL)
                tests.wait()
                return f"{name} does not end"
        return None


def blamed(errors, folder):
    """The mutants that are to blame for the errors of a build: their marks are in the place of the error, or the last before it."""
    numbers = set()
    for error in errors:
        for span in error["spans"]:
            if span["is_primary"]:
                text = (folder / span["file_name"]).read_bytes()
                inside = re.findall(rb"/\*M(\d+)\*/", text[span["byte_start"] : span["byte_end"]])
                before = re.findall(rb"/\*M(\d+)\*/", text[: span["byte_start"]])
                numbers.update(int(number) for number in inside[:1] or before[-1:])
    return numbers


def build_all(build, mutants, rewrite, scratch):
    """Builds the program with all mutants; gives the steps and the numbers of the mutants that are in it."""
    scratch.write_text(json.dumps(mutants), encoding="utf-8")
    # Those that were left out the last time, by name: it takes some builds to find them.
    memory = Path(build.env["CARGO_TARGET_DIR"]) / "left_out.txt"
    names = memory.read_text(encoding="utf-8").splitlines() if memory.exists() else []
    left_out = {number for number, mutant in enumerate(mutants, 1) if mutant["name"] in names}
    while True:
        build.restore()
        numbers = "\n".join(str(number) for number in left_out)
        done = subprocess.run([rewrite, scratch, build.folder], input=numbers, check=True, capture_output=True, text=True)
        with open(build.folder / "checker" / "src" / "lib.rs", "a", encoding="utf-8") as file:
            file.write(CHOICE)
        steps, errors = build.build()
        if steps:
            memory.write_text("\n".join(mutants[number - 1]["name"] for number in left_out), encoding="utf-8")
            return steps, {int(line) for line in done.stdout.split()}
        more = blamed(errors, build.folder) - left_out
        print(f"{len(left_out)} mutants left out, {len(more)} more", file=sys.stderr)
        if not more:
            sys.exit("\n".join(error["rendered"] for error in errors))
        left_out |= more


def try_alone(build, mutant, seconds):
    """What catches a mutant that is built by itself, or None."""
    path = build.folder / mutant["file"]
    source = (ROOT / mutant["file"]).read_text(encoding="utf-8")
    starts = [0]
    for line in source.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    start, end = (starts[at["line"] - 1] + at["column"] - 1 for at in (mutant["span"]["start"], mutant["span"]["end"]))
    path.write_text(f"{source[:start]} {mutant['replacement']} {source[end:]}", encoding="utf-8")
    caught = "does not compile"
    if build.compiles():
        steps, _ = build.build()
        caught = build.run(steps, 0, seconds) if steps else caught
    path.write_text(source, encoding="utf-8")
    return caught


def report(mutants, results):
    files = {}
    for number, caught in results.items():
        kind = "survives" if caught is None else "no end" if "not end" in caught else "not compiled" if "compile" in caught else "caught"
        counts = files.setdefault(mutants[number - 1]["file"], dict.fromkeys(("caught", "no end", "not compiled", "survives"), 0))
        counts[kind] += 1
    print("| file | mutants | caught | by a test that does not end | does not compile | survives |\n|---|---:|---:|---:|---:|---:|")
    sums = [0] * 5
    for file, counts in sorted(files.items()):
        row = [sum(counts.values()), *counts.values()]
        sums = [a + b for a, b in zip(sums, row, strict=True)]
        print(f"| {file.removeprefix('checker/src/')} | " + " | ".join(str(x) for x in row) + " |")
    print("| **all** | " + " | ".join(str(x) for x in sums) + " |\n")


def explained():
    """The survivors of the table in TRUST.md, and how often each occurs."""
    rows = (ROOT / "TRUST.md").read_text(encoding="utf-8").replace("\\|", "\0").splitlines()
    cells = [[cell.strip() for cell in row.split("|")] for row in rows if row.startswith("| `checker/src/")]
    return Counter({name.strip("`").replace("\0", "|"): int(count) for _, name, count, *_ in cells})


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", default="", help="only the mutants whose name holds this")
    parser.add_argument("--jobs", type=int, default=1, help="mutants tried at the same time")
    parser.add_argument("--target", help="the folder for compiled files (default: a temporary one)")
    parser.add_argument("--seconds", type=int, default=60, help="the time after which a test is said not to end")
    options = parser.parse_args()
    mutants = list_mutants()
    chosen = [number for number, mutant in enumerate(mutants, 1) if options.only in mutant["name"]]
    tool = ROOT / "trust" / "mutants"
    subprocess.run(["cargo", "build", "--release", "--quiet", "--manifest-path", tool / "Cargo.toml"], check=True)
    rewrite = Path(os.environ.get("CARGO_TARGET_DIR", tool / "target")) / "release" / "relucert-mutants"
    results = {}
    with tempfile.TemporaryDirectory() as temporary:
        temporary = Path(temporary)
        build = Build(temporary / "work", Path(options.target).resolve() if options.target else temporary / "target")
        steps, together = build_all(build, mutants, rewrite, temporary / "list.json")
        if caught := build.run(steps, 0, 10 * options.seconds):
            sys.exit(f"without any mutant the tests fail: {caught}")
        with ThreadPoolExecutor(options.jobs) as pool:
            tried = [number for number in chosen if number in together]
            for number, caught in zip(tried, pool.map(lambda n: build.run(steps, n, options.seconds), tried), strict=True):
                results[number] = caught
                print(f"{mutants[number - 1]['name']}: {caught or 'SURVIVES'}", file=sys.stderr, flush=True)
        build.restore()
        for number in chosen:
            if number not in together:
                results[number] = try_alone(build, mutants[number - 1], options.seconds)
                print(f"{mutants[number - 1]['name']}: {results[number] or 'SURVIVES'} (alone)", file=sys.stderr, flush=True)
    report(mutants, results)
    survivors = [mutants[number - 1]["name"] for number, caught in sorted(results.items()) if caught is None]
    # Lines and columns move: a survivor is known by its file and its words.
    unexplained = Counter(re.sub(r":\d+:\d+: ", ": ", name) for name in survivors) - explained()
    print("\n".join(f"* `{name}`" for name in survivors))
    for name, count in unexplained.items():
        print(f"not explained: {name} ({count})", file=sys.stderr)
    sys.exit(bool(unexplained))


if __name__ == "__main__":
    main()
