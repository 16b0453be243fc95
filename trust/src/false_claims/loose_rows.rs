//! Dual vectors that no tree of rows can prove for one sign, dressed in trees that break exactly one rule of FORMAT.md §5a.
//!
//! As in `loose`: the bound D(v) is above the optimum, the tree of the other sign is valid, and that of this sign is
//! faked in every way that the format rules out.

use std::ops::Range;

use dashu_int::IBig;

use super::{Draft, Side, departure, sides};
use crate::document::Document;
use crate::planted::Departure;
use crate::rng::Rng;

pub fn claims(rng: &mut Rng) -> Vec<Draft> {
    let mut drafts = Vec::new();
    for (recipe, sign) in sides() {
        let has_rows = if rng.chance(50) { [true, true] } else { [sign > 0, sign < 0] };
        let departure = Departure { has_rows, ..departure(sign) };
        let planted = recipe.plant(rng, &departure);
        let mut side = Side::new(&mut drafts, " rows", recipe, sign, &planted);
        let mut put = |kind: &'static str, proof: Document| side.put(kind, proof);
        let fans = planted.proof.fans();
        let bad = fans[usize::from(sign < 0)].clone();
        let header = planted.proof.tokens(bad.start);
        // Every class has a weight, so that a leaf has a number for each of them.
        let classes = recipe.frame.len();
        let weights: Vec<i64> = recipe.targets.iter().map(|y| y * sign).collect();
        let good = fans[usize::from(sign > 0)].clone();
        let loose = LooseRows { proof: planted.proof.clone(), bad, good, header, classes, weights };
        loose.sections(&mut put);
        let wrong = Departure { has_wrong_multipliers: true, ..departure };
        put("multipliers of the wrong sign", recipe.plant(rng, &wrong).proof);
        loose.leaves(&mut put);
        loose.trees(&mut put);
    }
    drafts
}

struct LooseRows {
    proof: Document,
    /// The lines of the tree that cannot be valid, and of the other fan or tree.
    bad: Range<usize>,
    good: Range<usize>,
    /// The tokens of its first line.
    header: Vec<String>,
    classes: usize,
    /// The signs of these are those of the W_c.
    weights: Vec<i64>,
}

impl LooseRows {
    /// The proof with other lines in place of the bad tree.
    fn with(&self, lines: impl IntoIterator<Item = String>) -> Document {
        let mut proof = self.proof.clone();
        proof.lines.splice(self.bad.clone(), lines.into_iter().map(String::into_bytes));
        proof
    }

    fn text(&self, range: &Range<usize>) -> Vec<String> {
        self.proof.lines[range.clone()].iter().map(|line| String::from_utf8_lossy(line).into_owned()).collect()
    }

    /// The bad tree under another first line.
    fn with_header(&self, place: usize, token: &str) -> Document {
        let mut proof = self.proof.clone();
        proof.set_token(self.bad.start, place, token);
        proof
    }

    /// The bad tree with every leaf replaced.
    fn with_leaves(&self, leaf: impl Fn(&[String]) -> String) -> Document {
        self.with(self.text(&self.bad).into_iter().map(|line| {
            let tokens: Vec<String> = line.split(' ').map(str::to_owned).collect();
            if tokens[0] == "e" { leaf(&tokens) } else { line }
        }))
    }

    /// A tree with these lines.
    fn tree(&self, lines: &[String]) -> Document {
        self.with([&[self.header.join(" ")], lines].concat())
    }

    /// A leaf with the number or numbers for each class.
    fn leaf(&self, m: &str, x: impl Fn(usize) -> String) -> String {
        (0..self.classes).fold(format!("e {m}"), |line, class| line + " " + &x(class))
    }

    /// Numbers that may stand in a leaf where nothing is fixed.
    fn plain(&self, class: usize) -> String {
        if self.weights[class] > 0 { "1" } else { "0 0" }.to_owned()
    }

    fn sections(&self, put: &mut dyn FnMut(&'static str, Document)) {
        put("tree of rows too low", self.proof.clone());
        put("tree of rows missing", self.with([]));
        put("tree of rows of the other sign twice", self.with(self.text(&self.good)));
        let mut relabelled = self.text(&self.good);
        let mut tokens: Vec<&str> = relabelled[0].split(' ').collect();
        tokens[1] = &self.header[1];
        relabelled[0] = tokens.join(" ");
        put("tree of rows of the other sign relabelled", self.with(relabelled));
        put("tree of rows with its header only", self.with(self.text(&self.bad).into_iter().take(1)));
        let mut old = self.proof.clone();
        old.set(0, "relucert-proof 1");
        put("tree of rows in version 1", old);
        for place in [2, 3, 4] {
            for token in ["0", "-1", &format!("-{}", self.header[place]), "1000000000000000000000000"] {
                put("Q, T or G changed", self.with_header(place, token));
            }
        }
        // With G = 0 nothing is left of the linear part, and h is 0.
        let mut nothing = self.header.clone();
        "0".clone_into(&mut nothing[4]);
        let leaf = self.leaf("1000000000000000000000000", |class| self.plain(class));
        put("Q, T or G changed", self.with([nothing.join(" "), leaf]));
    }

    fn leaves(&self, put: &mut dyn FnMut(&'static str, Document)) {
        let scaled = |token: &String, p: i64, q: i64| {
            (token.parse::<IBig>().unwrap_or_default() * IBig::from(p) / IBig::from(q)).to_string()
        };
        for (p, q) in [(0, 1), (1, 2), (9, 10), (11, 10), (2, 1), (-1, 1), (1 << 60, 1)] {
            put(
                "M changed",
                self.with_leaves(|tokens| {
                    let mut tokens = tokens.to_vec();
                    tokens[1] = scaled(&tokens[1], p, q);
                    tokens.join(" ")
                }),
            );
        }
        for (kind, p, q) in [
            ("numbers of the classes negative", -1, 1),
            ("numbers of the classes 0", 0, 1),
            ("numbers of the classes scaled", 1, 2),
            ("numbers of the classes scaled", 3, 2),
        ] {
            put(
                kind,
                self.with_leaves(|tokens| {
                    let numbers: Vec<String> = tokens[2..].iter().map(|token| scaled(token, p, q)).collect();
                    format!("e {} {}", tokens[1], numbers.join(" "))
                }),
            );
        }
        let huge = "1000000000000000000000000000000";
        for x in ["-1", "0", &format!("-{huge}")] {
            let leaf = self.leaf("0", |class| if self.weights[class] > 0 { x.to_owned() } else { "0 0".to_owned() });
            put("curvature that is not positive", self.tree(&[leaf]));
        }
        let leaf =
            self.leaf("0", |class| if self.weights[class] > 0 { self.plain(class) } else { format!("-{huge} 0") });
        put("slopes of a tree of rows out of range", self.tree(&[leaf]));
        for y in ["1000", huge, "-1"] {
            let leaf =
                self.leaf("0", |class| if self.weights[class] > 0 { self.plain(class) } else { format!("0 {y}") });
            put("parabolas too steep", self.tree(&[leaf]));
        }
        for tail in [
            "0",
            "1",
            "1 1",
            "1 0 0 1",
            "1 -1000000000 0 1",
            "1 1000000000 0 0",
            "1 -1000000000 0 0",
            "1 1000000 1 0",
            "1 7 0 99",
            "2 5 0 1",
            "2 5 0 1 5 0 1",
            "-1",
            "1 1000000000 0 1",
        ] {
            put(
                "products of classes that are not fixed",
                self.tree(&[self.leaf(huge, |c| self.plain(c)) + " " + tail]),
            );
        }
        for tag in ["E", "q", "/", "?", "ee", "x", ""] {
            put(
                "rule of another version",
                self.with_leaves(|tokens| [&[tag.to_owned()], &tokens[1..]].concat().join(" ")),
            );
        }
    }

    fn trees(&self, put: &mut dyn FnMut(&'static str, Document)) {
        // A leaf in which the class is fixed and the others are as they may be.
        let leaf = |class: usize, x: &str| {
            self.leaf("0", |other| if other == class { format!("{x} 0") } else { self.plain(other) })
        };
        let lines = |lines: &[&str], leaves: &[String]| {
            [lines.iter().map(|line| (*line).to_owned()).collect(), leaves.to_vec()].concat()
        };
        put("split with one tree", self.tree(&lines(&["? 0"], &[leaf(0, "0")])));
        put("split with no tree", self.tree(&lines(&["? 0"], &[])));
        for split in ["? 0\n? 0", "? 99", "? -1", "? 0 1", "?", "? 1 0 1 1", "/ 0 1 1 1"] {
            let leaves = [leaf(0, "0"), leaf(0, "0"), leaf(0, "0")];
            put("split of no free class", self.tree(&lines(&[split], &leaves)));
        }
        // All classes are fixed, and a multiplier of the wrong sign takes away what points out of the region.
        for x in ["-1", "-1000000000000", "0"] {
            let mut all = Vec::new();
            self.full(0, &self.leaf("0", |_| format!("{x} 0")), &mut all);
            put(if x == "0" { "multipliers left out" } else { "multipliers of the wrong sign" }, self.tree(&all));
        }
        // Parabolas for which there is no multiplier, or too small a one.
        for xy in ["0 1000000000000", "1 1000000000000", "0 -1"] {
            let mut all = Vec::new();
            self.full(0, &self.leaf("0", |_| xy.to_owned()), &mut all);
            put("parabolas too steep", self.tree(&all));
        }
        // Without what is below the last split.
        let mut all = Vec::new();
        self.full(0, &self.leaf("0", |_| "0 0".to_owned()), &mut all);
        for kept in [1, all.len() / 2, all.len() - 1] {
            put("leaves missing", self.tree(&all[..kept]));
        }
        // The true leaves, exchanged or doubled.
        let bad = self.text(&self.bad);
        let of_bad: Vec<usize> = (0..bad.len()).filter(|&at| bad[at].starts_with("e ")).collect();
        if let ([first, ..], [.., last]) = (&of_bad[..], &of_bad[..])
            && first < last
        {
            let mut swapped = bad.clone();
            swapped.swap(*first, *last);
            put("leaves of a tree of rows exchanged", self.with(swapped));
            for from in [*first, *last] {
                let copies =
                    bad.iter().map(|line| if line.starts_with("e ") { bad[from].clone() } else { line.clone() });
                put("leaves of a tree of rows exchanged", self.with(copies));
            }
        }
    }

    /// The tree in which all classes from `class` on are split, with one leaf everywhere.
    fn full(&self, class: usize, leaf: &String, lines: &mut Vec<String>) {
        if class == self.classes {
            lines.push(leaf.clone());
            return;
        }
        lines.push(format!("? {class}"));
        self.full(class + 1, leaf, lines);
        self.full(class + 1, leaf, lines);
    }
}
