//! Dual vectors that one fan cannot prove, dressed in fans that break exactly one rule.
//!
//! The planted problems with a dual vector that is not limited for one sign: the bound D(v) is above the optimum. The
//! fan of the other sign is valid. Of the fan of this sign the roots on which (★) holds are valid; the others are
//! hidden, faked or left out in every way that the format rules out.

use std::ops::Range;

use super::{Draft, Side, departure, sides};
use crate::document::Document;
use crate::rng::Rng;

pub fn claims(rng: &mut Rng) -> Vec<Draft> {
    let mut drafts = Vec::new();
    for (recipe, sign) in sides() {
        let planted = recipe.plant(rng, &departure(sign));
        let mut side = Side::new(&mut drafts, "", recipe, sign, &planted);
        let mut put = |kind: &'static str, proof: Document| side.put(kind, proof);
        let proof = Loose {
            bad: planted.proof.fans()[usize::from(sign < 0)].clone(),
            good: planted.proof.fans()[usize::from(sign > 0)].clone(),
            r: planted.problem.features + usize::from(planted.problem.hidden != "none"),
            proof: planted.proof,
            is_plus: sign > 0,
        };
        proof.whole_fans(&mut put);
        proof.headers_and_bases(&mut put);
        proof.leaves_and_trees(&mut put);
    }
    drafts
}

struct Loose {
    proof: Document,
    /// The lines of the fan that cannot be valid, and of the other one.
    bad: Range<usize>,
    good: Range<usize>,
    r: usize,
    is_plus: bool,
}

impl Loose {
    /// The proof with other lines in place of the bad fan.
    fn with(&self, lines: impl IntoIterator<Item = Vec<u8>>) -> Document {
        let mut proof = self.proof.clone();
        proof.lines.splice(self.bad.clone(), lines);
        proof
    }

    fn bad_lines(&self) -> Vec<Vec<u8>> {
        self.proof.lines[self.bad.clone()].to_vec()
    }

    fn good_lines(&self) -> Vec<Vec<u8>> {
        self.proof.lines[self.good.clone()].to_vec()
    }

    /// The bad fan with every leaf replaced.
    fn with_leaves(&self, leaf: impl Fn(&[String]) -> Vec<String>) -> Document {
        let replaced = self.bad_lines().into_iter().map(|line| {
            let text = String::from_utf8_lossy(&line).into_owned();
            let tokens: Vec<String> = text.split(' ').map(str::to_owned).collect();
            if tokens[0] == "q" { leaf(&tokens).join(" ").into_bytes() } else { line }
        });
        self.with(replaced)
    }

    /// The bad fan with one token of its first line replaced.
    fn with_header(&self, place: usize, token: &str) -> Document {
        let mut proof = self.proof.clone();
        proof.set_token(self.bad.start, place, token);
        proof
    }

    fn whole_fans(&self, put: &mut dyn FnMut(&'static str, Document)) {
        put("leaf longer than β", self.proof.clone());
        put("fan missing", self.with([]));
        put("fan of the other sign twice", self.with(self.good_lines()));
        let mut relabelled = self.good_lines();
        relabelled[0] = relabel(&relabelled[0], self.is_plus);
        put("fan of the other sign relabelled", self.with(relabelled));
        put(
            "fan without trees",
            self.with(self.bad_lines().into_iter().filter(|line| !matches!(line[0], b'q' | b'/'))),
        );
        put("fan with its header only", self.with(self.bad_lines().into_iter().take(1)));
        let mut order = self.proof.clone();
        let (first, second) = (self.bad.start.min(self.good.start), self.bad.start.max(self.good.start));
        let end = self.bad.end.max(self.good.end);
        order.lines[first..end].rotate_left(second - first);
        put("fans in the wrong order", order);
    }

    fn headers_and_bases(&self, put: &mut dyn FnMut(&'static str, Document)) {
        for e in ["0", "-1", "2", "1000000000000000000000000"] {
            put("E changed", self.with_header(5, e));
        }
        for shape in ["half", "orthants", "simplex"] {
            put("shape changed", self.with_header(2, shape));
        }
        // `half` with just the trees that it wants.
        let basis: Vec<Vec<u8>> = self.bad_lines().into_iter().filter(|line| matches!(line[0], b'b' | b'z')).collect();
        let zero = format!("q{}", " 0".repeat(self.r)).into_bytes();
        let k = basis.iter().filter(|line| line[0] == b'b').count();
        let header = |shape: &str, k: usize, z: usize| {
            format!("fan {} {shape} {k} {z} 1", if self.is_plus { "+" } else { "-" }).into_bytes()
        };
        let z = basis.len() - k;
        let negated = |line: &Vec<u8>| {
            let text = String::from_utf8_lossy(line)
                .replace(" -", " ~")
                .replace(' ', " -")
                .replace("-~", "")
                .replace("-0", "0");
            text.into_bytes()
        };
        // The bad half is left out: on the other half all leaves of the last basis vector's negative are valid.
        let mut lines = vec![header("half", k, z)];
        lines.extend(basis[..k - 1].iter().cloned());
        lines.push(negated(&basis[k - 1]));
        lines.extend(basis[k..].iter().cloned());
        lines.extend(std::iter::repeat_n(zero.clone(), 1 << (k - 1)));
        put("half of a fan that is not even", self.with(lines));
        for roots in [1, k + 1, 1 << k] {
            let mut singular = vec![header("orthants", k, z)];
            singular.extend(std::iter::repeat_n(basis[0].clone(), k));
            singular.extend(basis[k..].iter().cloned());
            singular.extend(std::iter::repeat_n(zero.clone(), roots));
            put("singular basis", self.with(singular));
        }
        let mut nothing = vec![header("orthants", k, z)];
        nothing.extend(std::iter::repeat_n([b"b", &zero[1..]].concat(), k));
        nothing.extend(basis[k..].iter().cloned());
        nothing.extend(std::iter::repeat_n(zero.clone(), 1 << k));
        put("basis of zeros", self.with(nothing));
        // All but one basis vector are declared lines, on which nothing would have to be shown.
        let mut lines = vec![header("orthants", 1, k + z - 1), basis[0].clone()];
        lines.extend(basis[1..].iter().map(|line| [b"z", &line[1..]].concat()));
        lines.extend([zero.clone(), zero.clone()]);
        put("lines that the rows see", self.with(lines));
        put("no basis vectors", self.with([header("orthants", 0, k + z)]));
        put("too few roots", self.with(self.bad_lines().into_iter().take(1 + k + z + (1 << k) / 2)));
    }

    fn leaves_and_trees(&self, put: &mut dyn FnMut(&'static str, Document)) {
        let number = |token: &String| token.parse::<i128>().unwrap_or(0);
        let scaled = |tokens: &[String], p: i128, q: i128| -> Vec<String> {
            let vector = tokens[1..].iter().map(|token| (number(token) * p / q).to_string());
            std::iter::once("q".to_owned()).chain(vector).collect()
        };
        for (p, q) in [(0, 1), (1, 2), (1, 3), (9, 10), (-1, 1)] {
            put("leaf too short", self.with_leaves(|tokens| scaled(tokens, p, q)));
        }
        // Slopes for classes that are not concave, out of range, repeated, or over a denominator that is not positive.
        for (kind, tail) in [
            ("slopes of convex classes", "1 0 0 1 0"),
            ("slopes of convex classes", "1 0 -1 1 -1"),
            ("slopes out of range", "1 0 -9 1 -9"),
            ("slopes out of range", "1 0 999999999999 1 999999999999"),
            ("slopes repeated", "1 0 -1 0 -1"),
            ("slopes over a denominator that is not positive", "0 0 0"),
            ("slopes over a denominator that is not positive", "-1 0 1 1 1"),
            ("slopes of no class", "1 1000 0"),
            ("slopes of no class", "1 -1 0"),
            ("leaf with a token too many", "0"),
        ] {
            put(kind, self.with_leaves(|tokens| [&scaled(tokens, 1, 3)[..], &[tail.to_owned()]].concat()));
        }
        for tag in ["Q", "x", "qq", "v", "b", "end", ""] {
            put("rule of another version", self.with_leaves(|tokens| [&[tag.to_owned()], &tokens[1..]].concat()));
        }
        // Splits whose two cones do not cover the cone, above leaves that would do for a part of it.
        for split in
            ["/ 0 0 1 1", "/ 0 1 0 1", "/ 0 1 1 0", "/ 0 1 0 0", "/ 0 1 -1 1", "/ 0 1 1 -1", "/ 0 99 1 1", "/ -1 0 1 1"]
        {
            put(
                "split that does not cover",
                self.with_leaves(|tokens| {
                    let leaf = scaled(tokens, 1, 3).join(" ");
                    vec![format!("{split}\n{leaf}\n{leaf}")]
                }),
            );
        }
        put(
            "split with one tree",
            self.with_leaves(|tokens| vec![format!("/ 0 1 1 1\n{}", scaled(tokens, 1, 3).join(" "))]),
        );
        put(
            "leaves missing",
            self.with_leaves(|tokens| {
                if tokens[1..].iter().all(|token| token == "0") {
                    tokens.to_vec()
                } else {
                    vec!["/ 0 1 1 1".to_owned()]
                }
            }),
        );
    }
}

/// The first line of a fan with the sign it should have.
fn relabel(line: &[u8], is_plus: bool) -> Vec<u8> {
    let mut tokens: Vec<&[u8]> = line.split(|&byte| byte == b' ').collect();
    tokens[1] = if is_plus { b"+" } else { b"-" };
    tokens.join(&b' ')
}
