//! Changes that know trees of rows.

use dashu_int::IBig;

use super::line_of;
use crate::document::Document;
use crate::rng::Rng;

fn parse(token: &str) -> Option<IBig> {
    token.parse().ok()
}

pub fn header(proof: &mut Document, _: &Document, rng: &mut Rng) -> bool {
    let Some(at) = line_of(proof, &["rows"], rng) else { return false };
    let mut tokens = proof.tokens(at);
    if tokens.len() != 5 {
        return false;
    }
    let place = 2 + rng.below(3);
    let Some(x) = parse(&tokens[place]) else { return false };
    let new = match rng.below(6) {
        0 => IBig::from(rng.below(4) as i64 - 1),
        1 => -x,
        2 => x * IBig::from(2 + rng.below(9)),
        3 => x / IBig::from(2 + rng.below(9)),
        4 => x + IBig::from(rng.below(3) as i64 - 1),
        _ => {
            let other = tokens[2 + rng.below(3)].clone();
            tokens[place] = other;
            proof.set(at, tokens.join(" "));
            return true;
        }
    };
    tokens[place] = new.to_string();
    if rng.chance(20) {
        (*rng.pick(&["+", "-"])).clone_into(&mut tokens[1]);
    }
    proof.set(at, tokens.join(" "));
    true
}

/// A split by another class, of the same tree or none at all.
pub fn split(proof: &mut Document, _: &Document, rng: &mut Rng) -> bool {
    let splits = proof.all("?");
    if splits.is_empty() {
        return false;
    }
    let (at, other) = (*rng.pick(&splits), *rng.pick(&splits));
    match rng.below(5) {
        0 => proof.lines.swap(at, other),
        1 => proof.lines[at] = proof.lines[other].clone(),
        2 => proof.set(at, format!("? {}", rng.below(9) as i64 - 1)),
        3 => proof.set(at, format!("? {}", rng.bits())),
        _ => {
            let token = (*rng.pick(&["", " 0", " 1"])).to_owned();
            proof.set(at, format!("? {}{token}", rng.below(6)));
        }
    }
    true
}

/// The numbers of a split by a half-space.
pub fn half_space(proof: &mut Document, _: &Document, rng: &mut Rng) -> bool {
    let Some(at) = line_of(proof, &["h"], rng) else { return false };
    let mut tokens = proof.tokens(at);
    if tokens.len() < 3 {
        return false;
    }
    let place = 1 + rng.below(tokens.len() - 1);
    let Some(x) = parse(&tokens[place]) else { return false };
    match rng.below(7) {
        0 => tokens[place] = (-x).to_string(),
        1 => tokens[place] = (x + IBig::from(rng.below(3) as i64 - 1)).to_string(),
        2 => tokens[place] = (x * IBig::from(1000)).to_string(),
        3 => tokens[place] = rng.bits().to_string(),
        4 => {
            let other = 1 + rng.below(tokens.len() - 1);
            tokens.swap(place, other);
        }
        // All of them: the other half, the mirror image, nothing.
        5 => {
            let factor = IBig::from(*rng.pick(&[-1, 0, 2]));
            let begin = 1 + rng.below(2);
            for token in &mut tokens[begin..] {
                let Some(x) = parse(token) else { return false };
                *token = (x * &factor).to_string();
            }
        }
        _ => tokens.insert(place, "0".to_owned()),
    }
    proof.set(at, tokens.join(" "));
    true
}

/// One of the last numbers of a leaf, where the multipliers of its half-spaces are.
pub fn multiplier(proof: &mut Document, _: &Document, rng: &mut Rng) -> bool {
    if proof.all("h").is_empty() {
        return false;
    }
    let Some(at) = line_of(proof, &["f"], rng) else { return false };
    let mut tokens = proof.tokens(at);
    let most = tokens.len().min(13);
    if most < 3 {
        return false;
    }
    let [place, other] = [(); 2].map(|()| tokens.len() - 1 - rng.below(most - 1));
    let Some(x) = parse(&tokens[place]) else { return false };
    match rng.below(6) {
        0 => tokens[place] = (-x).to_string(),
        1 => tokens[place] = (x + IBig::ONE).to_string(),
        2 => tokens[place] = (x - IBig::ONE).to_string(),
        3 => tokens[place] = (x * IBig::from(*rng.pick(&[-1000, 2, 1000]))).to_string(),
        4 => tokens.swap(place, other),
        _ => tokens[place] = (rng.below(2001) as i64 - 1000).to_string(),
    }
    proof.set(at, tokens.join(" "));
    true
}

/// M is so much more or less that the matrix may just be, or just not be, what it has to be.
pub fn shift(proof: &mut Document, _: &Document, rng: &mut Rng) -> bool {
    let Some(at) = line_of(proof, &["e"], rng) else { return false };
    let Some(m) = proof.tokens(at).get(1).and_then(|token| parse(token)) else { return false };
    let sign = if rng.chance(50) { IBig::ONE } else { -IBig::ONE };
    let new = match rng.below(5) {
        0 => m + sign,
        1 => &m + sign * (&m >> rng.below(60)),
        2 => -m,
        3 => m * IBig::from(2),
        _ => IBig::from(rng.below(3) as i64 - 1),
    };
    proof.set_token(at, 1, &new.to_string());
    true
}

/// A slope, a curvature, a multiplier, a coefficient or an entry (or a number of a product).
pub fn number(proof: &mut Document, _: &Document, rng: &mut Rng) -> bool {
    let Some(at) = line_of(proof, &["e", "f"], rng) else { return false };
    let mut tokens = proof.tokens(at);
    if tokens.len() < 3 {
        return false;
    }
    let (place, other) = (2 + rng.below(tokens.len() - 2), 2 + rng.below(tokens.len() - 2));
    let Some(x) = parse(&tokens[place]) else { return false };
    let new = match rng.below(8) {
        0 => x + IBig::ONE,
        1 => x - IBig::ONE,
        2 => -x,
        3 => IBig::ZERO,
        4 => &x + (&x >> (1 + rng.below(12))),
        5 => &x - (&x >> (1 + rng.below(12))),
        6 => x * IBig::from(1000),
        _ => {
            tokens.swap(place, other);
            proof.set(at, tokens.join(" "));
            return true;
        }
    };
    tokens[place] = new.to_string();
    proof.set(at, tokens.join(" "));
    true
}

/// Products added, dropped, doubled or in another order, whether or not there are any.
pub fn products(proof: &mut Document, _: &Document, rng: &mut Rng) -> bool {
    let leaves = [proof.all("e"), proof.all("f")].concat();
    if leaves.is_empty() {
        return false;
    }
    let at = *rng.pick(&leaves);
    let mut tokens = proof.tokens(at);
    let n = if rng.chance(80) { rng.below(20) as i64 } else { rng.below(1_000_000) as i64 - 500_000 };
    let (c, d) = (rng.below(4), rng.below(5));
    match rng.below(6) {
        0 => tokens.push(format!("1 {n} {c} {d}")),
        1 => tokens.push(format!("1 {n} {c} {}", c + 1)),
        2 => tokens.push(format!("{n} {c} {d}")),
        3 => {
            let keep = tokens.len().saturating_sub(3 + rng.below(2));
            tokens.truncate(keep.max(1));
        }
        4 if tokens.len() > 6 => {
            let copy = tokens[tokens.len() - 3..].to_vec();
            tokens.extend(copy);
        }
        _ => {
            let place = 1 + rng.below(tokens.len().saturating_sub(1).max(1));
            let place = place.min(tokens.len());
            tokens.insert(place, rng.below(4).to_string());
        }
    }
    proof.set(at, tokens.join(" "));
    true
}

/// A split is left out with one of its trees, or put in above a tree twice.
pub fn level(proof: &mut Document, _: &Document, rng: &mut Rng) -> bool {
    let Some(at) = line_of(proof, &["?", "h", "e", "f"], rng) else { return false };
    let tree = proof.subtree(at);
    let lines = proof.lines[tree.clone()].to_vec();
    if matches!(proof.word(at), b"?" | b"h") && rng.chance(60) {
        let first = proof.subtree(at + 1);
        let second = proof.subtree(first.end);
        let kept = if rng.chance(50) { first } else { second };
        let kept = proof.lines[kept].to_vec();
        proof.lines.splice(tree, kept);
        return true;
    }
    let split = match proof.all("h") {
        splits if !splits.is_empty() && rng.chance(50) => proof.lines[*rng.pick(&splits)].clone(),
        _ => format!("? {}", rng.below(6)).into_bytes(),
    };
    let other = if rng.chance(70) { lines.clone() } else { Vec::new() };
    proof.lines.splice(tree, [vec![split], lines, other].concat());
    true
}

/// The words of the two kinds of trees: of the version, of a whole section or of a line.
pub fn relabel(proof: &mut Document, _: &Document, rng: &mut Rng) -> bool {
    match rng.below(4) {
        0 => {
            let version = *rng.pick(&["relucert-proof 1", "relucert-proof 2", "relucert-proof 3"]);
            if proof.lines.is_empty() {
                return false;
            }
            proof.set(0, version);
        }
        1 => {
            let Some(at) = line_of(proof, &["fan", "rows"], rng) else { return false };
            let word = if proof.word(at) == b"fan" { "rows" } else { "fan" };
            proof.set_token(at, 0, word);
        }
        _ => {
            let Some(at) = line_of(proof, &["q", "e", "f", "/", "?", "h"], rng) else { return false };
            let word = *rng.pick(&["q", "e", "f", "/", "?", "h"]);
            proof.set_token(at, 0, word);
        }
    }
    true
}
