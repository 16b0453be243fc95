#!/usr/bin/env python3
"""Plants one bug after another in a copy of checker/ and runs the tests: every bug has to be caught.

    trust/planted_bugs.py [--only TEXT] [--list] [--target FOLDER]

A bug is a replacement of a text that occurs exactly once in a file of checker/src. It is caught if the tests fail, or the copy no longer
compiles without a warning. Prints a Markdown table; exits with 1 if a bug survives, or no longer applies to the source.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# class of bug, file, text, replacement
BUGS = [
    # -- wrong index
    ("wrong index", "fan.rs", "self.cone[frame.k] = frame.new;", "self.cone[frame.j] = frame.new;"),
    ("wrong index", "fan.rs", "(0..=self.k).filter(|&t| t != root)", "(0..=self.k).filter(|&t| t != 0)"),
    ("wrong index", "fan.rs", "self.form.weights[class];\n                let p =", "self.form.weights[0];\n                let p ="),
    ("wrong index", "fan.rs", "root >> j & 1", "root & 1"),
    ("wrong index", "statement.rs", "let multiple = make_primitive(&mut row);", "let multiple = make_primitive(&mut row[1..]);"),
    ("wrong index", "network.rs", "let (at_negative, at_positive) = (a * k1, a * k2);", "let (at_negative, at_positive) = (a * k2, a * k1);"),
    ("wrong index", "network.rs", "let [dw, da, dc] = denominators;", "let [da, dw, dc] = denominators;"),
    # -- a thing compared with itself
    ("compared with itself", "network.rs", "objective == exact", "objective == objective.clone()"),
    ("compared with itself", "fan.rs", "let hy = &y.h - twice_bend * dot(Row::from(&lost_y[..]), y.g.all());", "let hy = &y.h - twice_bend * dot(Row::from(&lost_y[..]), x.g.all());"),
    ("compared with itself", "files/expected.rs", "Some(ours) if ours == theirs => Ok(()),", "Some(ours) if ours == ours.clone() => Ok(()),"),
    ("compared with itself", "check.rs", "let gain = given.objective.minus(&best.objective);", "let gain = given.objective.minus(&Fraction { numerator: Int::ZERO, denominator: Int::ONE });"),
    # -- state not restored between siblings
    ("state not restored", "fan.rs", "                    self.cone[frame.j] = frame.at_j;\n", ""),
    ("state not restored", "fan.rs", "                self.cone[frame.k] = frame.at_k;\n", ""),
    ("state not restored", "fan.rs", "            self.plus[word] = plus;\n", ""),
    ("state not restored", "fan.rs", "path_words = path_words.saturating_sub(self.arena.pop().map_or(0, |old| old.size()));", "self.arena.pop();"),
    # -- a node or a condition skipped
    ("skipped", "fan.rs", "if !frame.in_second {", "if !frame.in_second && frame.j == usize::MAX {"),
    ("skipped", "fan.rs", "slack.sign().is_ge(), LeafGenerator", "slack.sign().is_ge() || number == 0, LeafGenerator"),
    ("skipped", "fan.rs", "self.cone.iter().enumerate() {\n            // The left", "self.cone.iter().enumerate().skip(1) {\n            // The left"),
    ("skipped", "fan.rs", "slack.sign().is_ge(), LeafGenerator", "slack.sign().is_ge() || !leaf.exceptions.is_empty(), LeafGenerator"),
    ("skipped", "fan.rs", "ensure!(line, fits, LeafTooLong,", "ensure!(line, fits || !squares.is_zero(), LeafTooLong,"),
    ("skipped", "fan.rs", "ensure!(line, vanishes, LeafLine,", "ensure!(line, vanishes || !vanishes, LeafLine,"),
    ("skipped", "fan.rs", "ensure!(lines, is_line, LineNotInKernel,", "ensure!(lines, is_line || number == 0, LineNotInKernel,"),
    ("skipped", "fan.rs", "!is_singular(&matrix), BasisSingular", "!is_singular(&matrix) || matrix.len() > 1, BasisSingular"),
    ("skipped", "fan.rs", "is_allowed, HalfNotAllowed", "is_allowed || self::Int::ONE == Int::ONE, HalfNotAllowed"),
    ("skipped", "fan.rs", "k.checked_add(z) == Some(statement.problem.r)", "k.checked_add(z) <= Some(statement.problem.r)"),
    ("skipped", "fan.rs", 'for (word, sign) in [("+", Int::ONE), ("-", Int::Small(-1))] {', 'for (word, sign) in [("+", Int::ONE), ("-", Int::Small(-1))].into_iter().take(1 + usize::from(dual.v.len() > 1)) {'),
    ("skipped", "check.rs", "*bound <= highest, Bound", "*bound <= highest || !sum.is_zero(), Bound"),
    ("skipped", "check.rs", "is_allowed, FreeBiasSum", "is_allowed || scale.numerator == Int::ONE, FreeBiasSum"),
    ("skipped", "check.rs", "Ok((!is_zero).then_some(Dual { scale, v }))", "Ok((!is_zero && v.len() > 3).then_some(Dual { scale, v }))"),
    ("skipped", "check.rs", "gap <= allowed, VerdictOptimal", "gap <= allowed || tolerance.numerator.is_zero(), VerdictOptimal"),
    ("skipped", "check.rs", "wide <= narrow, VerdictWidth", "wide <= narrow || wide > 1, VerdictWidth"),
    ("skipped", "check.rs", "    lines.finish()?;\n", ""),
    ("skipped", "statement.rs", "ensure!(lines, begun == samples, SampleCount,", "ensure!(lines, begun <= samples, SampleCount,"),
    ("skipped", "statement.rs", "*x == Int::ONE, FeatureDenominator", "*x == Int::ONE || x.is_positive(), FeatureDenominator"),
    ("skipped", "statement.rs", "k1.gcd(&k2).gcd(&kd) == Int::ONE, Activation", "k1.gcd(&k2) <= kd, Activation"),
    ("skipped", "statement.rs", "divisor == Int::ONE, DecayTerms", "divisor.is_positive(), DecayTerms"),
    ("skipped", "files/expected.rs", "        if ours != line.bytes {", "        if ours.len() != line.bytes.len() {"),
    ("skipped", "files/expected.rs", "Some(_) if count == 0 =>", "Some(_) if count == usize::MAX =>"),
    ("skipped", "files/expected.rs", "Some(network) if network.hidden_weights.len() != neurons => {", "Some(network) if network.hidden_weights.len() > neurons => {"),
    # -- > for >=, off by one, a tolerance
    ("off by one", "fan.rs", "let fits = squares <= self.longest;", "let fits = squares <= &self.longest + Int::ONE;"),
    ("off by one", "fan.rs", "slack.sign().is_ge(), LeafGenerator", "(slack + Int::ONE).sign().is_ge(), LeafGenerator"),
    ("off by one", "fan.rs", "slope.clone().abs() <= leaf.g", "slope.clone().abs() <= &leaf.g + Int::ONE"),
    ("off by one", "fan.rs", "class < count, ExceptionClass", "class <= count, ExceptionClass"),
    ("off by one", "fan.rs", "is_none_or(|(last, _)| *last < class)", "is_none_or(|(last, _)| *last <= class)"),
    ("off by one", "fan.rs", "Shape::Orthants => 1usize << self.k,", "Shape::Orthants => (1usize << self.k).saturating_sub(1),"),
    ("off by one", "fan.rs", "Shape::Simplex => self.k.saturating_add(1),", "Shape::Simplex => self.k,"),
    ("off by one", "check.rs", "gain > needed, VerdictNotOptimal", "gain >= needed, VerdictNotOptimal"),
    ("off by one", "check.rs", "*bound <= highest, Bound", "bound.numerator <= &highest.numerator + Int::ONE, Bound"),
    ("off by one", "int.rs", "(zeros >= 129)", "(zeros >= 128)"),
    # -- a sign lost
    ("sign lost", "fan.rs", '("-", Int::Small(-1))', '("-", Int::Small(1))'),
    ("sign lost", "fan.rs", "[1, -1].map(|factor|", "[1, 1].map(|factor|"),
    ("sign lost", "fan.rs", "if weight.sign().is_lt() {", "if weight.sign().is_gt() {"),
    ("sign lost", "fan.rs", "let fits = slope.clone().abs() <= leaf.g;", "let fits = slope.clone() <= leaf.g;"),
    ("sign lost", "fan.rs", "let mut plus = concave & !negative;", "let mut plus = concave & !positive;"),
    ("sign lost", "fan.rs", "{ twice } else { -twice }", "{ twice } else { twice }"),
    ("sign lost", "fan.rs", "{ &*sum + weight } else { &*sum - weight }", "{ &*sum + weight } else { &*sum + weight }"),
    ("sign lost", "statement.rs", "if negative { -divisor } else { divisor }", "divisor"),
    ("sign lost", "fan.rs", 'let (a, b) = (line.pos("a")?, line.pos("b")?);', 'let (a, b) = (line.int("a")?, line.int("b")?);'),
    ("sign lost", "fan.rs", 'line.pos("E")?', 'line.int("E")?'),
    ("sign lost", "fan.rs", 'leaf.g = line.pos("G")?;', 'leaf.g = line.int("G")?;'),
    # -- a factor or a term lost
    ("term lost", "fan.rs", "* Int::Small(2) * kd * &statement.dx;", "* Int::Small(4) * kd * &statement.dx;"),
    ("term lost", "fan.rs", "let twice_bend = &self.form.bend + &self.form.bend;", "let twice_bend = &self.form.bend + Int::ZERO;"),
    ("term lost", "fan.rs", "            q0[self.statement.problem.features] = Int::ZERO;\n", "            q0[self.statement.problem.features] = q0[self.statement.problem.features].clone();\n"),
    ("term lost", "fan.rs", "let is_concave = has_bit(&self.form.concave, class);", "let is_concave = has_bit(&self.form.concave, class) || slope.is_zero();"),
    ("term lost", "fan.rs", "if lost_at_x & bit != 0 { (&mut lost_x, px) } else { (&mut lost_y, py) }", "if lost_at_x & bit == 0 { (&mut lost_x, px) } else { (&mut lost_y, py) }"),
    ("term lost", "check.rs", "scale.times(&scale).times(&quadratic)", "scale.times(&quadratic)"),
    ("term lost", "check.rs", "if problem.output_bias == OutputBias::Decayed {", "if problem.output_bias == OutputBias::Free {"),
    ("term lost", "network.rs", "if problem.output_bias == OutputBias::Decayed {", "if problem.output_bias == OutputBias::Free {"),
    ("term lost", "network.rs", "over_square(&self.squares_a, da).plus(&over_square(&self.squares_w, dw))", "over_square(&self.squares_a, da).plus(&over_square(&self.squares_a, dw))"),
    ("term lost", "network.rs", "if is_undecayed { problem.features } else { problem.r }", "if is_undecayed { problem.r } else { problem.features }"),
    ("term lost", "statement.rs", "if self.decay == Decay::Ridge { self.lambda.times(&two) }", "if self.decay == Decay::WeightDecay { self.lambda.times(&two) }"),
    ("term lost", "statement.rs", "Loss::HalfMean => (one, n),", "Loss::HalfMean => (two, n),"),
    ("term lost", "determinant.rs", "        before = pivot.clone();\n", "        before = if before.is_zero() { pivot.clone() } else { Int::ONE };\n"),
    ("term lost", "determinant.rs", "else { return true };", "else { return false };"),
    # -- a limit or a spelling not enforced
    ("limit ignored", "fan.rs", "path.len().saturating_add(1) as u64)?;", "1)?;"),
    ("limit ignored", "fan.rs", "bits as u64)?;", "0)?;"),
    ("limit ignored", "fan.rs", "line.limit(Limit::BasisVectors, k as u64)?;", "line.limit(Limit::BasisVectors, k.saturating_sub(1) as u64)?;"),
    ("limit ignored", "text.rs", "digits.len() as u64)?;", "1)?;"),
    ("limit ignored", "network.rs", "neurons as u64)?;", "0)?;"),
    ("limit ignored", "fan.rs", "            line.limit(Limit::Nodes, self.counts.leaves.saturating_add(self.counts.splits).saturating_add(1))?;\n", ""),
    ("limit ignored", "text.rs", "        line.limit(Limit::Bytes, self.length)?;\n", ""),
    ("limit ignored", "text.rs", "line.limit(Limit::Time, self.begun.elapsed().as_secs().saturating_add(1))?;", "line.limit(Limit::Time, self.begun.elapsed().as_secs())?;"),
    ("limit ignored", "text.rs", "self.limits[limit as usize].min(highest)", "highest"),
    ("lax parser", "text.rs", "matches!(digits, [b'1'..=b'9', ..])", "matches!(digits, [b'0'..=b'9', ..])"),
    ("lax parser", "text.rs", "Some([] | [b' ', ..]) => Err(self.reject(Reason::Spacing, SPACING)),", "Some([] | [b' ', ..]) => Ok(()),"),
    ("lax parser", "text.rs", "x.sign().is_ge(), Negative", "x.sign().is_ge() || x.is_positive() || x.sign().is_lt(), Negative"),
    ("lax parser", "text.rs", "x.is_positive(), NotPositive", "!x.is_zero(), NotPositive"),
    ("lax parser", "text.rs", "self.input.fill_buf()", "Ok::<&[u8], io::Error>(&[])"),
]


def plant(folder, name, old, new):
    """Why the bug does not apply, or None."""
    path = folder / "src" / name
    source = path.read_text(encoding="utf-8")
    if source.count(old) != 1:
        return f"its text occurs {source.count(old)} times"
    path.write_text(source.replace(old, new), encoding="utf-8")
    return None


def run_tests(folder, target):
    """What the tests say: None if all pass, else what failed."""
    env = dict(os.environ, CARGO_TARGET_DIR=str(target))
    command = ["cargo", "test", "--quiet", "--package", "relucert-checker", "--lib", "--bins", "--tests", "--no-fail-fast"]
    try:
        done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, timeout=300, check=False)
    except subprocess.TimeoutExpired:
        return "a test does not end"
    if done.returncode == 0:
        return None
    if "could not compile" in done.stderr:
        reasons = [line for line in done.stderr.splitlines() if line.startswith("error")]
        return "does not compile: " + (reasons[0] if reasons else "")
    failed = [line.split()[1].rstrip(":") for line in done.stdout.splitlines() if line.startswith("---- ")]
    return ", ".join(sorted(set(failed))[:3]) or "a test program fails"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", help="only the bugs whose class, file or text holds this")
    parser.add_argument("--list", action="store_true", help="list the bugs and check that they apply; run nothing")
    parser.add_argument("--target", help="the folder for compiled files (default: a temporary one)")
    options = parser.parse_args()
    survivors = 0
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "work"
        target = Path(options.target).resolve() if options.target else Path(temporary) / "target"
        for part in ("checker", "fixtures", "tests", "Cargo.lock"):
            source = ROOT / part
            if source.is_dir():
                shutil.copytree(source, folder / part)
            elif source.exists():
                shutil.copy(source, folder / part)
        manifest = (ROOT / "Cargo.toml").read_text(encoding="utf-8")
        common = manifest[manifest.index("[workspace.package]") : manifest.index("[package]")]
        (folder / "Cargo.toml").write_text(f'[workspace]\nmembers = ["checker"]\nresolver = "2"\n\n{common}', encoding="utf-8")
        clean = folder / "checker"
        if not options.list:
            problem = run_tests(folder, target)
            if problem:
                sys.exit(f"without any bug the tests fail: {problem}")
        print("| # | class | file | the bug | caught by |\n|---|---|---|---|---|")
        for number, (kind, name, old, new) in enumerate(BUGS, 1):
            if options.only and options.only not in f"{kind} {name} {old} {new}":
                continue
            before = (clean / "src" / name).read_text(encoding="utf-8")
            start = time.monotonic()
            failure = plant(clean, name, old, new)
            if failure is None and not options.list:
                caught = run_tests(folder, target)
            else:
                caught = "-" if failure is None else None
            (clean / "src" / name).write_text(before, encoding="utf-8")
            if caught is None:
                survivors += 1
                caught = f"**does not apply: {failure}**" if failure else "**nothing**"
            shown = " ".join(new.split()) or f"(removed) {' '.join(old.split())}"
            shown = shown.replace("|", "\\|")
            print(f"| {number} | {kind} | {name} | `{shown}` | {caught} |", flush=True)
            print(f"{number}: {time.monotonic() - start:.0f} s", file=sys.stderr)
    print(f"\n{len(BUGS)} bugs planted, {survivors} survived.")
    sys.exit(1 if survivors else 0)


if __name__ == "__main__":
    main()
