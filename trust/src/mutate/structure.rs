//! Changes that know fans, trees and leaves.

use dashu_int::IBig;

use super::line_of;
use crate::document::Document;
use crate::rng::Rng;

/// The number of entries of a vector: d, or d + 1 with a hidden bias.
fn columns(proof: &Document) -> Option<usize> {
    let features: usize = proof.tokens(proof.find("data")?).get(3)?.parse().ok()?;
    let has_bias = proof.tokens(proof.find("hidden-bias")?).get(1)? != "none";
    Some(features.min(1000) + usize::from(has_bias))
}

/// A leaf, its tokens, and the place of its G.
fn some_leaf(proof: &Document, rng: &mut Rng, must_have_slopes: bool) -> Option<(usize, Vec<String>, usize)> {
    let place = 1 + columns(proof)?;
    let mut leaves = proof.all("q");
    if must_have_slopes {
        leaves.retain(|&at| proof.tokens(at).len() > place + 2);
    }
    let at = (!leaves.is_empty()).then(|| *rng.pick(&leaves))?;
    let tokens = proof.tokens(at);
    (tokens.len() >= place).then_some((at, tokens, place))
}

pub fn slope(proof: &mut Document, _: &Document, rng: &mut Rng) -> bool {
    let Some((at, mut tokens, place)) = some_leaf(proof, rng, true) else { return false };
    let pair = place + 1 + 2 * rng.below((tokens.len() - place - 1) / 2);
    let (Ok(g), Ok(n)) = (tokens[place].parse::<IBig>(), tokens[pair + 1].parse::<IBig>()) else { return false };
    let one = IBig::ONE;
    let (target, value) = match rng.below(8) {
        0 => (pair + 1, &g + one),
        1 => (pair + 1, -&g - one),
        2 => (pair + 1, g),
        3 => (pair + 1, -g),
        4 => (pair + 1, -n),
        5 => (pair + 1, n * IBig::from(1000)),
        6 => (place, -g),
        _ => (place, IBig::from(rng.below(9) as i64 - 1)),
    };
    tokens[target] = value.to_string();
    proof.set(at, tokens.join(" "));
    true
}

pub fn slopes(proof: &mut Document, _: &Document, rng: &mut Rng) -> bool {
    let must_have = rng.chance(40);
    let Some((at, mut tokens, place)) = some_leaf(proof, rng, must_have) else { return false };
    if tokens.len() <= place + 2 {
        let g = 1 + rng.below(3) as i64;
        let n = rng.below(2 * g as usize + 1) as i64 - g;
        tokens.push(format!("{g} {} {n}", rng.below(8)));
    } else {
        let pair = place + 1 + 2 * rng.below((tokens.len() - place - 1) / 2);
        match rng.below(5) {
            0 => drop(tokens.drain(pair..pair + 2)),
            1 => tokens.truncate(place),
            2 => tokens[pair] = rng.below(9).to_string(),
            3 => {
                let copy = tokens[pair..pair + 2].to_vec();
                tokens.extend(copy);
            }
            _ => tokens.push(format!("{} {}", rng.below(40), rng.below(3) as i64 - 1)),
        }
    }
    proof.set(at, tokens.join(" "));
    true
}

pub fn split(proof: &mut Document, _: &Document, rng: &mut Rng) -> bool {
    let Some(at) = line_of(proof, &["/"], rng) else { return false };
    let mut tokens = proof.tokens(at);
    if tokens.len() != 5 {
        return false;
    }
    match rng.below(7) {
        0 => tokens.swap(1, 2),
        1 => tokens.swap(3, 4),
        2 => tokens[1] = tokens[2].clone(),
        3 => tokens[1 + rng.below(2)] = (rng.below(6) as i64 - 1).to_string(),
        4 => tokens[3 + rng.below(2)] = (rng.below(4) as i64 - 1).to_string(),
        5 => tokens[3 + rng.below(2)] = rng.bits().to_string(),
        _ => {
            let (first, second) = tokens.split_at_mut(3);
            first[1..].swap_with_slice(&mut second[..2]);
        }
    }
    proof.set(at, tokens.join(" "));
    true
}

pub fn swap_children(proof: &mut Document, _: &Document, rng: &mut Rng) -> bool {
    let Some(at) = line_of(proof, &["/", "?", "h"], rng) else { return false };
    let first = proof.subtree(at + 1);
    let second = proof.subtree(first.end);
    proof.lines[first.start..second.end].rotate_left(first.len());
    true
}

pub fn subtree(proof: &mut Document, other: &Document, rng: &mut Rng) -> bool {
    let nodes = proof.nodes();
    if nodes.is_empty() {
        return false;
    }
    let tree = proof.subtree(*rng.pick(&nodes));
    let replacement = match rng.below(5) {
        0 => Vec::new(),
        1 => [&proof.lines[tree.clone()], &proof.lines[tree.clone()]].concat(),
        2 | 3 => proof.lines[proof.subtree(*rng.pick(&nodes))].to_vec(),
        _ => {
            let nodes = other.nodes();
            if nodes.is_empty() {
                return false;
            }
            other.lines[other.subtree(*rng.pick(&nodes))].to_vec()
        }
    };
    proof.lines.splice(tree, replacement);
    true
}

/// Puts a split above a leaf, which remains true, or a leaf in place of a split, which seldom does.
pub fn refine(proof: &mut Document, _: &Document, rng: &mut Rng) -> bool {
    let nodes = proof.nodes();
    if nodes.is_empty() {
        return false;
    }
    let at = *rng.pick(&nodes);
    let tree = proof.subtree(at);
    if matches!(proof.word(at), b"e" | b"f") {
        // The number of the class becomes a multiplier, if it has one.
        let leaf = proof.lines[at].clone();
        proof.lines.splice(tree, [format!("? {}", rng.below(6)).into_bytes(), leaf.clone(), leaf]);
    } else if proof.word(at) == b"q" {
        let leaf = proof.lines[at].clone();
        let (j, step) = (rng.below(3), 1 + rng.below(2));
        let split = format!("/ {j} {} {} {}", (j + step) % 3, 1 + rng.below(5), 1 + rng.below(5));
        proof.lines.splice(tree, [split.into_bytes(), leaf.clone(), leaf]);
    } else {
        let leaves: Vec<usize> = tree.clone().filter(|&line| matches!(proof.word(line), b"q" | b"e" | b"f")).collect();
        if leaves.is_empty() {
            return false;
        }
        let leaf = proof.lines[*rng.pick(&leaves)].clone();
        proof.lines.splice(tree, [leaf]);
    }
    true
}

pub fn leaf(proof: &mut Document, _: &Document, rng: &mut Rng) -> bool {
    let leaves = [proof.all("q"), proof.all("e"), proof.all("f")].concat();
    if leaves.is_empty() {
        return false;
    }
    let (at, other) = (*rng.pick(&leaves), *rng.pick(&leaves));
    match rng.below(4) {
        0 => drop(proof.lines.remove(at)),
        1 => proof.lines.insert(at, proof.lines[at].clone()),
        2 => proof.lines[at] = proof.lines[other].clone(),
        _ => proof.lines.swap(at, other),
    }
    true
}

pub fn basis(proof: &mut Document, _: &Document, rng: &mut Rng) -> bool {
    let Some(at) = line_of(proof, &["b", "z"], rng) else { return false };
    let lines: Vec<usize> = [proof.all("b"), proof.all("z")].concat();
    let other = *rng.pick(&lines);
    let mut tokens = proof.tokens(at);
    let place = 1 + rng.below(tokens.len().saturating_sub(1).max(1));
    match rng.below(6) {
        0 => proof.lines.swap(at, other),
        1 => proof.lines[at] = proof.lines[other].clone(),
        2 => {
            // The opposite vector.
            for token in tokens.iter_mut().skip(1) {
                if let Ok(x) = token.parse::<IBig>() {
                    *token = (-x).to_string();
                }
            }
            proof.set(at, tokens.join(" "));
        }
        3 => {
            let word = if tokens[0] == "b" { "z" } else { "b" };
            proof.set_token(at, 0, word);
        }
        4 => {
            let factor = IBig::from(rng.below(4) as i64);
            for token in tokens.iter_mut().skip(1) {
                if let Ok(x) = token.parse::<IBig>() {
                    *token = (x * &factor).to_string();
                }
            }
            proof.set(at, tokens.join(" "));
        }
        _ => {
            let Some(Ok(x)) = tokens.get(place).map(|token| token.parse::<IBig>()) else { return false };
            proof.set_token(at, place, &(x + IBig::from(rng.below(3) as i64 - 1)).to_string());
        }
    }
    true
}

pub fn fan_header(proof: &mut Document, _: &Document, rng: &mut Rng) -> bool {
    let Some(at) = line_of(proof, &["fan"], rng) else { return false };
    let mut tokens = proof.tokens(at);
    if tokens.len() != 6 {
        return false;
    }
    match rng.below(5) {
        0 => (*rng.pick(&["orthants", "half", "simplex"])).clone_into(&mut tokens[2]),
        1 => (*rng.pick(&["+", "-"])).clone_into(&mut tokens[1]),
        2 => tokens[5] = (rng.below(5) as i64 - 1).to_string(),
        place => {
            let Ok(x) = tokens[place].parse::<IBig>() else { return false };
            let delta = IBig::from(rng.below(5) as i64 - 2);
            tokens[place] = (x + &delta).to_string();
            if rng.chance(50) {
                // K + Z is kept.
                let other = 7 - place;
                let Ok(x) = tokens[other].parse::<IBig>() else { return false };
                tokens[other] = (x - delta).to_string();
            }
        }
    }
    proof.set(at, tokens.join(" "));
    true
}

pub fn fans(proof: &mut Document, _: &Document, rng: &mut Rng) -> bool {
    let fans = proof.fans();
    let [first, second] = &fans[..] else { return false };
    let copy = |range: &std::ops::Range<usize>| proof.lines[range.clone()].to_vec();
    let (one, two) = (copy(first), copy(second));
    let Some(header) = two.first().cloned() else { return false };
    let lines = match rng.below(6) {
        0 => [two, one].concat(),
        1 => one,
        2 => two,
        3 => [one.clone(), one].concat(),
        4 => {
            // The first fan's trees under the second fan's header.
            let mut trees = one.clone();
            trees[0] = header;
            [one, trees].concat()
        }
        _ => [one, two.clone(), two].concat(),
    };
    proof.lines.splice(first.start..second.end, lines);
    true
}

const SECTIONS: &[(&str, &str)] = &[
    ("activation", "network"),
    ("network", "bound"),
    ("activation", "bound"),
    ("bound", "dual"),
    ("dual", "fan"),
    ("fan", "end"),
    ("rows", "end"),
    ("dual", "rows"),
    ("dual", "end"),
];

pub fn section(proof: &mut Document, other: &Document, rng: &mut Rng) -> bool {
    let (from, to) = *rng.pick(SECTIONS);
    let range = |proof: &Document| Some(proof.find(from)?..proof.find(to)?).filter(|range| range.start <= range.end);
    let (Some(here), Some(there)) = (range(proof), range(other)) else { return false };
    proof.lines.splice(here, other.lines[there].to_vec());
    true
}
