#!/usr/bin/env python3
"""Plants one bug after another in a copy of checker/ and runs the tests: every bug has to be caught.

    trust/planted_bugs.py [--only TEXT] [--numbers N,M,..] [--tests NAME,..] [--list] [--target FOLDER]

A bug is a replacement of a text that occurs exactly once in a file of checker/src. It is caught if a test fails or does not end. A bug that
does not compile shows nothing, and counts as one that no longer applies. Prints two Markdown tables; exits with 1 if a bug survives or no
longer applies.

`cargo test` stops at the first test program that fails, and the quick ones come first. So a bug takes a few seconds, only a survivor takes all.
"""

import argparse
import os
import resource
import shutil
import signal
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
    ("wrong index", "fan.rs", "(0..=k).filter(|&t| t != root)", "(0..=k).filter(|&t| t != 0)"),
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
    ("off by one", "fan.rs", "Shape::Orthants => 1usize << k,", "Shape::Orthants => (1usize << k).saturating_sub(1),"),
    ("off by one", "fan.rs", "Shape::Simplex => k.saturating_add(1),", "Shape::Simplex => k,"),
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
    # -- more of the classes above
    ("wrong index", "fan.rs", "&b, &self.arena[at_k]", "&b, &self.arena[at_j]"),
    ("wrong index", "fan.rs", "self.combine(&a, &self.arena[at_j], &b,", "self.combine(&b, &self.arena[at_j], &a,"),
    ("wrong index", "fan.rs", "words[bit / 64] |= 1 << (bit % 64);", "words[bit / 64] |= 1 << (bit % 32);"),
    ("wrong index", "fan.rs", "word.saturating_mul(64)", "word.saturating_mul(32)"),
    ("wrong index", "int.rs", "&self.words[range.clone()]", "&self.words[..width]"),
    ("wrong index", "determinant.rs", "        matrix.swap(column, pivot);\n", ""),
    ("wrong index", "files/arrays.rs", "(false, [_, _]) => Ok(values)", "(_, [_, _]) => Ok(values)"),
    ("compared with itself", "check.rs", "subject.objective.minus(bound)", "subject.objective.minus(&subject.objective)"),
    ("compared with itself", "files/arrays.rs", "usize::try_from(sum.sum()).ok() != Some(crc)", "Some(crc) != Some(crc)"),
    ("compared with itself", "files/arrays.rs", "(unpacked.len() == size)", "(unpacked.len() == unpacked.len())"),
    ("compared with itself", "files/table.rs", "sample.target != target", "sample.target != sample.target"),
    ("compared with itself", "files/table.rs", "record.len() != names.len()", "record.len() != record.len()"),
    ("state not restored", "fan.rs", "        counts = fan.counts;\n", ""),
    ("state not restored", "fan.rs", "                    self.cone[frame.k] = frame.new;\n", ""),
    ("state not restored", "text.rs", "        self.buffer.clear();\n", ""),
    ("state not restored", "files/table.rs", "                last_group = Some(group);\n", ""),
    ("state not restored", "files/json.rs", "        begun.any = true;\n", ""),
    ("sign lost", "fan.rs", "Int::ZERO - &self.form.bend * x", "&self.form.bend * x"),
    ("sign lost", "fan.rs", "{ slope - &leaf.g }", "{ slope + &leaf.g }"),
    ("sign lost", "files/number.rs", "{ exponent.saturating_neg() }", "{ exponent }"),
    ("sign lost", "files/number.rs", "{ -size } else { size }, two, 0", "{ size } else { size }, two, 0"),
    ("limit ignored", "statement.rs", "rows as u64)?;", "samples as u64 / 2)?;"),
    ("limit ignored", "statement.rs", "features as u64)?;", "0)?;"),
    ("limit ignored", "statement.rs", "line.limit(Limit::StatementSize, self.length)?;", "line.limit(Limit::StatementSize, 0)?;"),
    ("limit ignored", "text.rs", "line.limit(Limit::LineLength, bytes.len() as u64)?;", "line.limit(Limit::LineLength, 0)?;"),
    ("limit ignored", "fan.rs", "path_words as u64)?;", "new.size() as u64)?;"),
    ("lax parser", "check.rs", "MultiGzDecoder::new(file)", "flate2::bufread::GzDecoder::new(file)"),
    ("lax parser", "check.rs", 'lines.begin("end")?.end()?;', 'lines.begin("end")?;'),
    ("lax parser", "text.rs", 'let digits = token.strip_prefix(b"-")', 'let digits = token.strip_prefix(b"-").or(token.strip_prefix(b"+"))'),
    ("lax parser", "text.rs", "word.as_bytes() == token", "token.starts_with(word.as_bytes())"),
    ("lax parser", "text.rs", "whole.is_some(), LineFeed", "whole.is_some() || bytes.is_ascii(), LineFeed"),
    ("lax parser", "fan.rs", 'b"q" => {', 'b"q" | b"Q" => {'),
    ("lax parser", "fan.rs", "PathMemory, path_words as u64)?;\n                    line.end()?;", "PathMemory, path_words as u64)?;"),
    ("lax parser", "fan.rs", "        line.end()?;\n        fan.check(lines", "        fan.check(lines"),
    ("lax parser", "check.rs", '        let x = line.int("V")?;\n        line.end()?;', '        let x = line.int("V")?;'),
    ("lax parser", "check.rs", "    line.end()?;\n    Ok((verdict, tolerance))", "    Ok((verdict, tolerance))"),
    ("lax parser", "network.rs", "                    width = Some(most);\n                }\n                line.end()?;", "                    width = Some(most);\n                }"),
    # -- a proof that is not bound to its problem
    ("not bound", "statement.rs", "        self.binding.statement_line(&line)?;\n", ""),
    ("not bound", "statement.rs", '        self.sha256.update(b"\\n");\n', ""),
    ("not bound", "statement.rs", "        self.sha256.update(line.bytes);\n", "        self.sha256.update(&line.bytes[..1]);\n"),
    ("not bound", "network.rs", "            binding.width(lines.number, neurons)?;\n", ""),
    ("not bound", "network.rs", "        binding.parameter(line.number, Parameter::Output { neuron }, (&a, da))?;\n", ""),
    ("not bound", "network.rs", "            binding.parameter(line.number, Parameter::Hidden { neuron, column }, (&x, dw))?;\n", ""),
    ("not bound", "network.rs", "        binding.parameter(line.number, Parameter::OutputBias, (&c, dc))?;\n", ""),
    ("not bound", "network.rs", "                binding.networks_read(lines.number, count)?;\n", ""),
    ("not bound", "network.rs", "if count == 0 { binding }", "if is_given == (count == 1) { binding }"),
    ("not bound", "network.rs", "(&x, dw))?;", "(&x, da))?;"),
    ("not bound", "files/expected.rs", "        self.at = self.at.saturating_add(end).saturating_add(1);\n", ""),
    ("not bound", "command.rs", "Some(expected) => expected,", "Some(_) => &mut Unbound,"),
    ("not bound", "command.rs", "Some(lambda), None) => (Decay::WeightDecay", "Some(lambda), None) => (Decay::Ridge"),
    # -- a tolerance
    ("a tolerance", "network.rs", "ensure!(line, objective == exact,", "ensure!(line, found == told,"),
    ("a tolerance", "check.rs", "*bound <= highest, Bound", "*bound <= highest || claim == most, Bound"),
    ("a tolerance", "check.rs", "gap <= allowed, VerdictOptimal", "gap <= allowed || digits(&gap) == digits(&allowed), VerdictOptimal"),
    ("a tolerance", "fan.rs", "let fits = squares <= self.longest;", "let fits = squares <= &self.longest + self.longest.over(&Int::Small(1_000_000_000));"),
    ("a tolerance", "fan.rs", "slack.sign().is_ge(), LeafGenerator", "(&slack * Int::Small(1_000_000_000) + (&leaf.g * h).abs()).sign().is_ge(), LeafGenerator"),
    # -- a check only in debug builds: these tests are built without debug assertions, as the program is
    ("only in debug builds", "fan.rs", "ensure!(line, fits, LeafTooLong,", "ensure!(line, fits || !cfg!(debug_assertions), LeafTooLong,"),
    ("only in debug builds", "fan.rs", "slack.sign().is_ge(), LeafGenerator", "slack.sign().is_ge() || !cfg!(debug_assertions), LeafGenerator"),
    ("only in debug builds", "check.rs", "*bound <= highest, Bound", "*bound <= highest || !cfg!(debug_assertions), Bound"),
    ("only in debug builds", "network.rs", "ensure!(line, objective == exact,", "ensure!(line, objective == exact || !cfg!(debug_assertions),"),
    ("only in debug builds", "int.rs", "(zeros >= 129).then(", "(zeros >= 129 || !cfg!(debug_assertions)).then("),
    # -- trees of rows, and the decision on their matrices
    ("sign lost", "rows.rs", "if self == Side::Plus { x } else { -x }", "if self == Side::Plus { x } else { x }"),
    ("sign lost", "rows.rs", 'line.nat("x of a fixed class")?', 'line.int("x of a fixed class")?'),
    ("sign lost", "rows.rs", 'line.nat("y of a fixed class")?', 'line.int("y of a fixed class")?'),
    ("sign lost", "rows.rs", 'line.nat("y of a concave class")?', 'line.int("y of a concave class")?'),
    ("sign lost", "rows.rs", 'line.pos("the multiplier of a product")?', 'line.int("the multiplier of a product")?'),
    ("sign lost", "rows.rs", "let fits = x.clone().abs() * &qt", "let fits = &x * &qt"),
    ("sign lost", "rows.rs", "Int::Small(-2) * y", "Int::Small(2) * y"),
    ("sign lost", "rows.rs", "{ n.clone() } else { -n.clone() }", "{ n.clone() } else { n.clone() }"),
    ("wrong index", "rows.rs", "let weight = &self.form.weights[*class];", "let weight = &self.form.weights[0];"),
    ("wrong index", "rows.rs", "&(&p[i] * &q[j] + &q[i] * &p[j])", "&(&p[i] * &q[j] + &p[i] * &q[j])"),
    ("wrong index", "rows.rs", "let scale = a.wrapping_mul(words[i].into());", "let scale = a.wrapping_mul(words[0].into());"),
    ("wrong index", "rows.rs", "row[i] = &row[i] + &leaf.m;", "row[0] = &row[0] + &leaf.m;"),
    ("state not restored", "rows.rs", "self.signs[class] = None,", "(),"),
    ("state not restored", "rows.rs", "            if path.is_empty() {\n", "            path.pop();\n            if path.is_empty() {\n"),
    ("state not restored", "fan.rs", "            counts = tree.counts;\n", ""),
    ("skipped", "rows.rs", "self.signs[class].is_none(), RowsFixed", "self.signs[class].is_none() || class > 0, RowsFixed"),
    ("skipped", "rows.rs", "is_fixed, ProductClass", "is_fixed || class == 0, ProductClass"),
    ("skipped", "rows.rs", "is_allowed, RowsNotAllowed", "is_allowed || statement.problem.r > 1, RowsNotAllowed"),
    ("skipped", "rows.rs", "self.check_matrix(self.matrix(&leaf), &line)?;", "if leaf.products.is_empty() { self.check_matrix(self.matrix(&leaf), &line)?; }"),
    ("skipped", "check.rs", "version == 2)?,", "version >= 1)?,"),
    ("skipped", "rows.rs", "fits, RowsMultiplier", "fits || x.is_positive(), RowsMultiplier"),
    ("skipped", "rows.rs", "fits, RowsSlope", "fits || x.is_zero(), RowsSlope"),
    ("off by one", "int.rs", "if &root * &root < *self { root + Int::ONE } else { root }", "root"),
    ("off by one", "int.rs", "if &quotient * divisor > *self { quotient - Int::ONE } else { quotient }", "quotient"),
    ("off by one", "rows.rs", "<= most;", "<= &most + Int::ONE;"),
    ("off by one", "rows.rs", "&x * &qt >= steepest(&y)", "&x * &qt + Int::ONE >= steepest(&y)"),
    ("off by one", "rows.rs", "class < count, RowsClass", "class <= count, RowsClass"),
    ("off by one", "rows.rs", "let in_order = c < d &&", "let in_order = c <= d &&"),
    ("off by one", "rows.rs", "(*a, *b) < (c, d)", "(*a, *b) <= (c, d)"),
    ("off by one", "rows.rs", "&(&qt + x - Int::ONE).over(x)", "&qt.over(x)"),
    ("off by one", "rows.rs", ".over_down(", ".over("),
    ("off by one", "rows.rs", "bits <= 127", "bits <= 160"),
    ("off by one", "definite.rs", "checked_abs()?.checked_add(1)?", "checked_abs()?"),
    ("off by one", "definite.rs", "margin >= 0", "margin >= -(1 << 40)"),
    ("term lost", "rows.rs", "side.times(&self.g * bent + x)", "side.times(bent + x)"),
    ("term lost", "rows.rs", "None => (&bent * x, Int::Small(2) * &bent * y),", "None => (&bent * x, Int::Small(4) * &bent * y),"),
    ("term lost", "rows.rs", "y * &self.g * &self.heights[class]", "y * &self.heights[class]"),
    ("term lost", "rows.rs", "(&squared * square(class)).root_up()", "square(class).root_up()"),
    ("wrong index", "rows.rs", "y * &self.g * &self.heights[class]", "y * &self.g * &self.heights[0]"),
    ("term lost", "rows.rs", "- squared * m\n", "- m\n"),
    ("term lost", "rows.rs", "Int::Small(2) * numerator * &self.t", "Int::Small(4) * numerator * &self.t"),
    ("term lost", "rows.rs", "let squared = &self.g * &self.g;", "let squared = self.g.clone();"),
    ("term lost", "rows.rs", "row.push(Int::ZERO - &self.q * &b[i]);", "row.push(Int::ZERO - &b[i]);"),
    ("term lost", "rows.rs", "                    widths.add_product(weight, &(", "                    widths.add_product(&Int::ONE, &("),
    ("term lost", "definite.rs", "        before = pivot.clone();\n", ""),
    ("term lost", "definite.rs", "            Ordering::Less => return false,\n", "            Ordering::Less => {}\n"),
    ("term lost", "definite.rs", "            Ordering::Equal => return false,\n", "            Ordering::Equal => continue,\n"),
    ("term lost", "definite.rs", "                margins[j] = margins[j].checked_sub(loss)?;\n", ""),
    ("term lost", "definite.rs", "x.bit_len().saturating_add(places) <= 126", "places <= 126"),
    ("limit ignored", "rows.rs", "line.limit(Limit::RowsColumns, statement.problem.r as u64)?;", "line.limit(Limit::RowsColumns, 0)?;"),
    ("limit ignored", "rows.rs", "path.len().saturating_add(1) as u64)?;\n                    let class", "1)?;\n                    let class"),
    ("limit ignored", "rows.rs", "            line.limit(Limit::Nodes, self.counts.leaves.saturating_add(self.counts.splits).saturating_add(1))?;\n", ""),
    ("limit ignored", "rows.rs", "size.saturating_mul(size).saturating_mul(size).saturating_mul(bits.max(1) as u64)", "size.saturating_mul(bits.max(1) as u64)"),
    # -- bounds at a fixed width
    ("wrong index", "width.rs", "                    cone[j] = new;\n", "                    cone[k] = new;\n"),
    ("wrong index", "width.rs", "let fan = &mut fans[piece % 2];", "let fan = &mut fans[piece / 2 % 2];"),
    ("wrong index", "width.rs", "for cone in self.cones[piece / 2].chunks", "for cone in self.cones[0].chunks"),
    ("state not restored", "width.rs", "let mut second = cone.clone();", "cone[k] = new;\n                    let mut second = cone.clone();"),
    ("state not restored", "width.rs", "table.columns[piece][block / 64] |= 1 << (block % 64);", "table.columns[piece][0] |= 1 << (block % 64);"),
    ("skipped", "width.rs", ".chunks(self.k) {", ".chunks(self.k).take(1) {"),
    ("skipped", "width.rs", "if let Some(set) = table.uncovered(width, &last)? {", "if let Some(set) = table.uncovered(width.min(1), &last)? {"),
    ("skipped", "width.rs", "if with.iter().all(|word| *word == 0) {", "if with[..1].iter().all(|word| *word == 0) {"),
    ("skipped", "width.rs", "!is_singular(&matrix), BasisSingular", "!is_singular(&matrix) || matrix.len() == 1, BasisSingular"),
    ("skipped", "width.rs", "ensure!(lines, is_line, LineNotInKernel,", "ensure!(lines, is_line || number == 0, LineNotInKernel,"),
    ("skipped", "width.rs", "fan.lines = self.lines.clone();", "let _ = &self.lines;"),
    ("skipped", "width.rs", "empty.is_none(), PartEmpty", "empty.is_none() || self::Int::ONE == Int::ONE, PartEmpty"),
    ("skipped", "width.rs", "|| (k1 + k2).is_zero()", "|| (k1 + k2).is_zero() || z == 0"),
    ("skipped", "network.rs", "fits, BoundWidth", "fits || most == 1, BoundWidth"),
    ("skipped", "files/scope.rs", "width <= most", "width <= most || most > 0"),
    ("off by one", "width.rs", "if depth < width && ", "if depth.saturating_add(1) < width && "),
    ("off by one", "width.rs", "&from[later])", "&from[later.saturating_add(1).min(self.columns.len())])"),
    ("off by one", "width.rs", "(0..self.blocks).for_each", "(0..=self.blocks).for_each"),
    ("off by one", "width.rs", "piece < pieces, PieceNumber", "piece <= pieces, PieceNumber"),
    ("sign lost", "width.rs", "[Int::ONE, Int::Small(-1)].map", "[Int::ONE, Int::ONE].map"),
    ("limit ignored", "width.rs", "            line.limit(Limit::Sets, steps)?;\n", ""),
    ("limit ignored", "width.rs", "line.limit(Limit::Table, ", "line.limit(Limit::Table, 0 * "),
    ("lax parser", "width.rs", "set.last().is_none_or(|last| *last < piece)", "set.last().is_none_or(|last| *last <= piece)"),
    ("lax parser", "network.rs", "if version > 1 && !line.is_done()", "if version > 0 && !line.is_done()"),
    ("not bound", "command.rs", "None => Ok(Some(0)),\n            Some(\"every\") => Ok(None),", "None | Some(\"every\") => Ok(Some(0)),"),
    ("not bound", "command.rs", "Some(width) => (\"null\".to_owned(), ", "Some(width) => (bound.clone(), "),
    # -- quartic leaves
    ("wrong index", "quartic.rs", "self.powers(u, class, exponents[class])", "self.powers(u, class, exponents[0])"),
    ("wrong index", "quartic.rs", "add(j == k && i != j, i, l);", "add(j == k, i, l);"),
    ("wrong index", "quartic.rs", "if i != j && k != l {", "if i != j && k != l && j != k {"),
    ("wrong index", "quartic.rs", "i <= j && j <= k && k <= l", "i <= j && k <= l"),
    ("wrong index", "moments.rs", "[h, i, ..] => (tables[2].starts[self.pairs.place(h, i)], i),", "[h, i, ..] => (tables[2].starts[self.pairs.place(h, i)], h),"),
    ("skipped", "quartic.rs", '[(Side::Plus, "t ≥ 0"), (Side::Minus, "t ≤ 0")] {', '[(Side::Plus, "t ≥ 0"), (Side::Minus, "t ≤ 0")].into_iter().take(1) {'),
    ("skipped", "quartic.rs", "sign.is_some_and(|sign| sign != side) ||", "sign.is_some() ||"),
    ("skipped", "quartic.rs", "is_nonnegative(&scaled(halves, [4, 3, 2, 1, 0]), depth) && is_nonnegative(&scaled(others, [0, 1, 2, 3, 4]), depth)", "{ let _ = &others; is_nonnegative(&scaled(halves, [4, 3, 2, 1, 0]), depth) }"),
    ("skipped", "quartic.rs", "is_nonnegative_rounded(&halves, depth) && is_nonnegative_rounded(&others, depth)", "is_nonnegative_rounded(&halves, depth) || is_nonnegative_rounded(&others, depth)"),
    ("skipped", "quartic.rs", "if b.iter().all(|x| x.sign().is_ge()) {", "if b.iter().skip(1).all(|x| x.sign().is_ge()) {"),
    ("off by one", "quartic.rs", "const DEPTH: u32 = 40;", "const DEPTH: u32 = 41;"),
    ("off by one", "quartic.rs", "t.shifted(least) < *height", "t.shifted(least) <= *height"),
    ("off by one", "quartic.rs", "saturating_mul(4).saturating_add(1));", "saturating_mul(4));"),
    ("off by one", "quartic.rs", "[12, 9, 6, 3, 0]", "[12, 9, 6, 4, 0]"),
    ("off by one", "moments.rs", "const MASK: i128 = (1 << DIGIT) - 1;", "const MASK: i128 = (1 << DIGIT) - 2;"),
    ("sign lost", "quartic.rs", "sign.is_some_and(|sign| sign != side) ||", "sign.is_some_and(|sign| sign == side) ||"),
    ("sign lost", "quartic.rs", "if k % 2 == 1 { side.times(s) } else { s }", "if k == 1 { side.times(s) } else { s }"),
    ("sign lost", "quartic.rs", "if self.signs[*c] == self.signs[*d] { -n } else { n }", "-n"),
    ("sign lost", "quartic.rs", "(Int::ZERO - x).shifted(whole)", "x.shifted(whole)"),
    ("sign lost", "moments.rs", "let low = if place == last { carry } else { carry & MASK };", "let low = carry & MASK;"),
    ("term lost", "quartic.rs", "    let s1 = s1 - &powers[5];\n", ""),
    ("term lost", "quartic.rs", "* height).shifted(exponent) * &yyy;", "* height) * &yyy;"),
    ("term lost", "quartic.rs", "sum + &constant - matrix[i][j].over(&Int::Small(2))", "sum + &constant - &matrix[i][j]"),
    ("term lost", "quartic.rs", "Int::Small(2) * sum - &matrix[i][j]", "sum - &matrix[i][j]"),
    ("term lost", "quartic.rs", "if row == column { Int::Small(2) * rest } else { rest }", "rest"),
    ("term lost", "quartic.rs", "c.shifted(missing(*class, 4))", "c.shifted(missing(*class, 3))"),
    ("term lost", "quartic.rs", "numerator.shifted(whole).over_down(denominator) - (u * constants).shifted(whole)", "numerator.shifted(whole).over_down(denominator) - u * constants"),
    ("term lost", "quartic.rs", "saturating_sub(exponents[*c]).saturating_sub(exponents[*d]);", "saturating_sub(exponents[*c]);"),
    ("term lost", "moments.rs", "factor_bits[more].saturating_add(more.saturating_mul(entry_bits))", "factor_bits[more].saturating_add(entry_bits)"),
    ("a tolerance", "quartic.rs", "x.wrapping_add(y) >> 1", "x.wrapping_add(y).wrapping_add(1) >> 1"),
    ("a tolerance", "quartic.rs", "is_clearly_nonnegative(&b) || is_nonnegative(&b, DEPTH)", "is_clearly_nonnegative(&b) || is_nonnegative(&b.map(|x| x + Int::ONE), DEPTH)"),
    ("only in debug builds", "quartic.rs", "is_clearly_nonnegative(&b) || is_nonnegative(&b, DEPTH)", "!cfg!(debug_assertions) || is_clearly_nonnegative(&b) || is_nonnegative(&b, DEPTH)"),
    ("lax parser", "quartic.rs", 'line.pos("U")?', 'line.int("U")?'),
    ("lax parser", "quartic.rs", "if sign.is_none() && weight.is_zero() {", "if weight.is_zero() {"),
    ("limit ignored", "quartic.rs", "        limit_matrix(line, size, 1)?;\n", ""),
    ("limit ignored", "quartic.rs", "                    limit_matrix(line, size, entry.bit_len())?;\n                }", "                }"),
    ("limit ignored", "rows.rs", "        limit_matrix(line, matrix.len(), bits)?;\n", "        let _ = bits;\n"),
    # -- half-spaces and their multipliers
    ("wrong index", "quartic.rs", "&edge[i] * &a[j] + &edge[j] * &a[i]", "&edge[i] * &a[j] + &edge[i] * &a[j]"),
    ("wrong index", "quartic.rs", "sum + &self.local[j][self.pairs.place(i, k)]", "sum + &self.local[i][self.pairs.place(i, k)]"),
    ("wrong index", "rows.rs", "self.halves.last_mut().map(|half| &mut half.side)", "self.halves.first_mut().map(|half| &mut half.side)"),
    ("state not restored", "rows.rs", "path_words.saturating_sub(self.halves.pop().map_or(0, |half| half.size()))", "path_words.saturating_sub(self.halves.last().map_or(0, |half| half.size()))"),
    ("state not restored", "rows.rs", "path_words = path_words.saturating_sub(self.halves.pop().map_or(0, |half| half.size()))", "_ = self.halves.pop()"),
    ("skipped", "quartic.rs", "            self.check_matrix(y.clone(), line)?;\n", ""),
    ("skipped", "quartic.rs", "            self.check_matrix(y.clone(), line)?;\n", "            if y.len() < 3 { self.check_matrix(y.clone(), line)?; }\n"),
    ("sign lost", "quartic.rs", "let minus = Int::ZERO - side.times(factor.clone());", "let minus = Int::ZERO - factor;"),
    ("sign lost", "quartic.rs", "let plus = side.times(factor.clone());", "let plus = factor.clone();"),
    ("sign lost", "quartic.rs", "let minus = Int::ZERO - side.times(factor.clone());", "let minus = side.times(factor.clone());"),
    ("term lost", "quartic.rs", "        self.cubic.iter_mut().zip(a).for_each(|(sum, a)| sum.add_product(&scale, a));\n", "        let _ = scale;\n"),
    ("term lost", "quartic.rs", "        self.cubic.iter_mut().zip(&edge).for_each(|(sum, y)| sum.add_product(&level, y));\n", ""),
    ("term lost", "quartic.rs", "                *sum = &*sum + &constant;\n", "                *sum = &*sum + &Int::ZERO;\n"),
    ("term lost", "quartic.rs", "            sum.add_product(&level, &orders);\n", ""),
    ("term lost", "quartic.rs", "if i == j { inner.clone() } else { &twice * inner }", "inner.clone()"),
    ("term lost", "quartic.rs", "let factor = u.shifted(top.saturating_mul(4));", "let factor = u.clone();"),
    ("lax parser", "rows.rs", 'let a = (0..r).map(|_| line.int("an entry of a half-space"))', 'let a = (0..r).map(|_| line.nat("an entry of a half-space"))'),
    ("limit ignored", "rows.rs", "                    line.limit(Limit::PathMemory, path_words as u64)?;\n", ""),
    ("limit ignored", "rows.rs", "path.len().saturating_add(1) as u64)?;\n                    let c =", "1)?;\n                    let c ="),
]


# Optimised a little: the sum of the times for the build and for the tests is least. Otherwise as the program is shipped.
PROFILE = {
    f"CARGO_PROFILE_{profile}_{setting}": value
    for profile in ("DEV", "TEST")
    for setting, value in (("OPT_LEVEL", "1"), ("DEBUG", "0"), ("DEBUG_ASSERTIONS", "false"), ("OVERFLOW_CHECKS", "true"))
}
# Seconds; all tests together take about ten.
PATIENCE = 180
# Bytes that a process may take: a bug can make numbers grow without end.
MEMORY = 8 << 30


def copy_checker(folder):
    """Copies what the tests of the checker need, as a workspace with one member.

    The copies are as old as the copying, not as their sources: otherwise cargo takes what it built from a planted bug for up to date.
    """
    for part in ("checker", "fixtures", "tests", "Cargo.lock"):
        source = ROOT / part
        if source.is_dir():
            shutil.copytree(source, folder / part, copy_function=shutil.copyfile)
        else:
            shutil.copyfile(source, folder / part)
    manifest = (ROOT / "Cargo.toml").read_text(encoding="utf-8")
    common = manifest[manifest.index("[workspace.package]") : manifest.index("[package]")]
    (folder / "Cargo.toml").write_text(f'[workspace]\nmembers = ["checker"]\nresolver = "2"\n\n{common}', encoding="utf-8")


def run_tests(folder, target, programs):
    """What the tests say: (whether they could be run, what failed or None)."""
    env = dict(os.environ, CARGO_TARGET_DIR=str(target), **PROFILE)
    command = ["cargo", "test", "--quiet", "--package", "relucert-checker", "--lib"]
    command += [f"--test={name}" for name in programs] if programs else ["--bins", "--tests"]
    tests = subprocess.Popen(
        command,
        cwd=folder,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        start_new_session=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY)),
    )
    try:
        out, err = tests.communicate(timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        os.killpg(tests.pid, signal.SIGKILL)
        tests.communicate()
        return True, "a test that does not end"
    if tests.returncode == 0:
        return True, None
    if "could not compile" in err:
        return False, next((line for line in err.splitlines() if line.startswith("error")), "")
    failed = sorted({line.split()[1].rstrip(":") for line in out.splitlines() if line.startswith("---- ")})
    more = f" and {len(failed) - 2} more" if len(failed) > 2 else ""
    return True, ", ".join(f"`{name}`" for name in failed[:2]) + more or "a test program that ends early"


def shown(old, new):
    """A bug as a cell of a table."""
    text = " ".join(new.split())
    text = f"`{text}`" if text else f"without `{' '.join(old.split())}`"
    return text.replace("|", "\\|")


def try_bug(folder, target, bug, programs):
    """(whether the bug is caught, by what or why not)"""
    _, name, old, new = bug
    path = folder / "checker" / "src" / name
    source = path.read_text(encoding="utf-8")
    if source.count(old) != 1:
        return False, f"**does not apply: its text occurs {source.count(old)} times**"
    if target is None:
        return True, "-"
    path.write_text(source.replace(old, new), encoding="utf-8")
    was_run, failed = run_tests(folder, target, programs)
    path.write_text(source, encoding="utf-8")
    if not was_run:
        return False, f"**does not compile: {failed}**"
    return failed is not None, failed or "**nothing**"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", default="", help="only the bugs whose class, file or text holds this")
    parser.add_argument("--numbers", help="only these bugs: numbers with commas between")
    parser.add_argument("--list", action="store_true", help="list the bugs and check that they apply; run nothing")
    parser.add_argument("--target", help="the folder for compiled files (default: a temporary one)")
    parser.add_argument("--tests", help="only the unit tests and these programs of checker/tests: what they catch, all tests catch")
    options = parser.parse_args()
    programs = options.tests.split(",") if options.tests else []
    numbers = {int(text) for text in options.numbers.split(",")} if options.numbers else set(range(1, len(BUGS) + 1))
    chosen = [(number, bug) for number, bug in enumerate(BUGS, 1) if number in numbers and options.only in " ".join(bug)]
    classes = {}
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "work"
        copy_checker(folder)
        target = None
        if not options.list:
            target = Path(options.target).resolve() if options.target else Path(temporary) / "target"
            was_run, failed = run_tests(folder, target, programs)
            if failed or not was_run:
                sys.exit(f"without any bug the tests fail: {failed}")
        print("| # | class | file | the bug | caught by |\n|---:|---|---|---|---|", flush=True)
        for number, bug in chosen:
            start = time.monotonic()
            is_caught, text = try_bug(folder, target, bug, programs)
            print(f"| {number} | {bug[0]} | {bug[1]} | {shown(*bug[2:])} | {text} |", flush=True)
            print(f"{number}: {time.monotonic() - start:.0f} s", file=sys.stderr)
            tried, caught = classes.get(bug[0], (0, 0))
            classes[bug[0]] = (tried + 1, caught + is_caught)
    tried, caught = (sum(counts) for counts in zip(*classes.values(), strict=True)) if classes else (0, 0)
    word = "apply" if options.list else "caught"
    print(f"\n| class | bugs | {word} |\n|---|---:|---:|")
    for name, counts in [*classes.items(), ("**all**", (tried, caught))]:
        print(f"| {name} | {counts[0]} | {counts[1]} |")
    sys.exit(0 if tried == caught else 1)


if __name__ == "__main__":
    main()
