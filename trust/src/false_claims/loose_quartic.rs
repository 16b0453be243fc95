//! Dual vectors that no tree of rows can prove for one sign, dressed in quartic leaves and splits by half-spaces that break
//! exactly one rule of FORMAT.md §5a.
//!
//! The polynomials are constants far above or far below everything else, so that every leaf is decided by the one thing
//! that is wrong with it: what is missing to the bound is made up for by a polynomial below its class, by a multiplier that
//! is not positive semidefinite, or by a region that is empty.

use std::ops::Range;

use super::{Draft, Side, departure, sides};
use crate::document::Document;
use crate::planted::Departure;
use crate::rng::Rng;

/// Far above all polynomials and linear parts of the planted problems.
const HIGH: &str = "1000000000000";
const LOW: &str = "-1000000000000";
/// A hundred times as much, and half of that.
const MULTIPLIER: &str = "100000000000000";
const NEGATIVE: &str = "-100000000000000";
const HALF: &str = "50000000000000";

pub fn claims(rng: &mut Rng) -> Vec<Draft> {
    let mut drafts = Vec::new();
    for (recipe, sign) in sides() {
        let planted = recipe.plant(rng, &Departure { has_rows: [true, true], ..departure(sign) });
        let mut side = Side::new(&mut drafts, " quartic", recipe, sign, &planted);
        let bad = planted.proof.fans()[usize::from(sign < 0)].clone();
        let header = planted.proof.tokens(bad.start).join(" ");
        let r = recipe.frame[0].len() + usize::from(recipe.has_zero_feature);
        let loose = LooseQuartic { proof: planted.proof, bad, header, r, classes: recipe.frame.len() };
        let mut put = |kind: &'static str, proof: Document| side.put(kind, proof);
        loose.polynomials(&mut put);
        loose.half_spaces(&mut put);
    }
    drafts
}

struct LooseQuartic {
    proof: Document,
    /// The lines of the tree that cannot be valid, and the first of them.
    bad: Range<usize>,
    header: String,
    r: usize,
    /// All of them have a weight.
    classes: usize,
}

impl LooseQuartic {
    fn tree(&self, lines: &[String]) -> Document {
        let mut proof = self.proof.clone();
        let lines = std::iter::once(&self.header).chain(lines).map(|line| line.clone().into_bytes());
        proof.lines.splice(self.bad.clone(), lines);
        proof
    }

    /// A leaf: U, the constant of every class, what the first rows of N have on the diagonal, and what follows.
    fn leaf(&self, u: &str, constant: &str, diagonal: &str, tail: &str) -> String {
        self.with_classes(u, &vec![format!("{constant} 0 0 0 0"); self.classes], diagonal, tail)
    }

    fn with_classes(&self, u: &str, classes: &[String], diagonal: &str, tail: &str) -> String {
        let r = self.r;
        let mut z: Vec<Vec<usize>> = (0..r).map(|i| vec![i]).collect();
        (0..r).for_each(|i| z.extend((i..r).map(|j| vec![i, j])));
        let mut words = vec![format!("f {u} {}", classes.join(" "))];
        for (a, row) in z.iter().enumerate() {
            for column in &z[a..] {
                let is_completed = match (&row[..], &column[..]) {
                    ([i], [j, _]) => i <= j,
                    ([i, k], [j, l]) => i <= j && j <= k && k <= l,
                    _ => false,
                };
                if !is_completed {
                    words.push(if row == column { diagonal } else { "0" }.to_owned());
                }
            }
        }
        words.join(" ") + tail
    }

    /// Y with one number on a part of the diagonal.
    fn multiplier(&self, number: &str, places: Range<usize>) -> String {
        let size = self.r + 1;
        let entry = |i: usize, j: usize| if i == j && places.contains(&i) { number } else { "0" };
        (0..size).flat_map(|i| (i..size).map(move |j| (i, j))).map(|(i, j)| format!(" {}", entry(i, j))).collect()
    }

    /// The line of a split by the constant C alone: by −1 everything is on the first side, by 1 on the second.
    fn constant(&self, c: i64) -> String {
        format!("h {c}{}", " 0".repeat(self.r))
    }

    fn polynomials(&self, put: &mut dyn FnMut(&'static str, Document)) {
        put("polynomials below their classes", self.tree(&[self.leaf("1", LOW, HALF, "")]));
        for lowest in 0..self.classes {
            let classes: Vec<String> = (0..self.classes)
                .map(|class| format!("{} 0 0 0 0", if class == lowest { NEGATIVE } else { HIGH }))
                .collect();
            let leaf = self.with_classes("1", &classes, HIGH, "");
            put("polynomials below their classes", self.tree(&[leaf]));
        }
        // They are above at both ends and in the middle, or at one end.
        for polynomial in [
            format!("1 {MULTIPLIER} {NEGATIVE} 0 0"),
            format!("{HIGH} {MULTIPLIER} 0 0 0"),
            format!("1 0 {NEGATIVE} 0 {MULTIPLIER}"),
            format!("{HIGH} 0 0 {NEGATIVE} 0"),
            format!("{HIGH} 0 0 0 {NEGATIVE}"),
        ] {
            let leaf = self.with_classes("1", &vec![polynomial; self.classes], HALF, "");
            put("polynomials below their classes", self.tree(&[leaf]));
        }
        for u in ["0", "-1", &format!("-{HIGH}")] {
            put("unit of a quartic leaf not positive", self.tree(&[self.leaf(u, HIGH, "-1", "")]));
            put("unit of a quartic leaf not positive", self.tree(&[self.leaf(u, LOW, "1", "")]));
        }
        for diagonal in ["0", HIGH, MULTIPLIER, LOW, NEGATIVE] {
            put("matrix of a quartic leaf", self.tree(&[self.leaf("1", HIGH, diagonal, "")]));
        }
        put("matrix of a quartic leaf", self.tree(&[self.leaf("1", "0", "0", "")]));
        for tail in [" 1 1 0 1", &format!(" 1 -{HIGH} 0 1"), " 1 1 0 0", " 0", " 1 5 0 99", " -1", " 2 5 0 1 5 0 1"] {
            let leaf = self.leaf("1", HIGH, "0", tail);
            put("products of classes that are not fixed", self.tree(&[leaf]));
        }
        // Where the classes are fixed, a product of the wrong sign takes away what is missing.
        let side = self.leaf("1", HIGH, "0", &format!(" 1 {NEGATIVE} 0 1"));
        let lines = ["? 0", "? 1"].map(str::to_owned).to_vec();
        let again = ["? 1".to_owned(), side.clone(), side.clone()];
        put("negative products", self.tree(&[&lines[..], &[side.clone(), side.clone()], &again].concat()));
        let lower = self.leaf("1", LOW, HALF, "");
        put("polynomials below their classes", self.tree(&["? 0".to_owned(), lower.clone(), lower]));
    }

    fn half_spaces(&self, put: &mut dyn FnMut(&'static str, Document)) {
        let size = self.r + 1;
        let parts = [0..1, 1..size, 0..size];
        let positive = |part: &Range<usize>| self.leaf("1", HIGH, HIGH, &self.multiplier(MULTIPLIER, part.clone()));
        let negative = |part: &Range<usize>| self.leaf("1", HIGH, HIGH, &self.multiplier(NEGATIVE, part.clone()));
        let nothing = positive(&parts[0]);
        let plain = self.leaf("1", HIGH, HALF, "");
        for part in &parts {
            let kind = "multiplier that is not positive semidefinite";
            put(kind, self.tree(&[self.constant(-1), negative(part), nothing.clone()]));
            put(kind, self.tree(&[self.constant(1), nothing.clone(), negative(part)]));
            let kind = "half-space that is everything taken for nothing";
            put(kind, self.tree(&[self.constant(-1), positive(part), nothing.clone()]));
            put(kind, self.tree(&[self.constant(1), nothing.clone(), positive(part)]));
            put("split by a half-space with one tree", self.tree(&[self.constant(1), positive(part)]));
            put("split by a half-space with one tree", self.tree(&[self.constant(-1), positive(part)]));
        }
        // Half of the sphere is not empty, whichever way it is turned.
        for place in 0..self.r {
            let a: String = (0..self.r).map(|other| if other == place { " 1" } else { " 0" }).collect();
            for line in [format!("h 0{a}"), format!("h -1{a}"), format!("h 1{a}")] {
                for [first, second] in [[&parts[0], &parts[0]], [&parts[0], &parts[1]], [&parts[2], &parts[2]]] {
                    let leaves = [positive(first), positive(second)];
                    put(
                        "half-space taken for nothing",
                        self.tree(&[std::slice::from_ref(&line), &leaves[..]].concat()),
                    );
                    let leaves = [negative(first), negative(second)];
                    let kind = "multiplier that is not positive semidefinite";
                    put(kind, self.tree(&[std::slice::from_ref(&line), &leaves[..]].concat()));
                }
            }
        }
        // Above another split, and below one.
        let zero = self.multiplier("0", 0..0);
        let outer = self.leaf("1", HIGH, HIGH, &(self.multiplier(NEGATIVE, 0..1) + &zero));
        let inner = self.leaf("1", HIGH, HIGH, &(zero.clone() + &self.multiplier(NEGATIVE, 0..1)));
        let empty = self.leaf("1", HIGH, HIGH, &(zero.clone() + &self.multiplier(MULTIPLIER, 0..1)));
        for leaf in [&outer, &inner] {
            let lines = [self.constant(-1), self.constant(-1), leaf.clone(), empty.clone(), nothing.clone()];
            put("multiplier that is not positive semidefinite", self.tree(&lines));
        }
        let lines = [self.constant(-1), "? 0".to_owned(), negative(&parts[0]), negative(&parts[0]), nothing.clone()];
        put("multiplier that is not positive semidefinite", self.tree(&lines));
        let side = [self.constant(-1), negative(&parts[0]), nothing.clone()];
        put(
            "multiplier that is not positive semidefinite",
            self.tree(&[&["? 0".to_owned()], &side[..], &side[..]].concat()),
        );
        // A multiplier without a half-space, or of one that does not lie above the leaf.
        let kind = "multiplier of no half-space";
        put(kind, self.tree(&[positive(&parts[0])]));
        put(kind, self.tree(&[negative(&parts[0])]));
        put(kind, self.tree(&[self.constant(-1), empty.clone(), nothing.clone()]));
        put(kind, self.tree(&[self.constant(-1), plain.clone(), nothing.clone()]));
        put(kind, self.tree(&[self.constant(-1), plain, nothing.clone(), nothing.clone()]));
        for line in ["h", "h -1", &format!("{} 0", self.constant(-1)), &self.constant(-1).replace("h ", "H ")] {
            put("half-space without its numbers", self.tree(&[line.to_owned(), negative(&parts[0]), nothing.clone()]));
        }
        let mut old = self.tree(&[self.constant(1), nothing.clone(), nothing]);
        old.set(0, "relucert-proof 1");
        put("tree of rows in version 1", old);
    }
}
