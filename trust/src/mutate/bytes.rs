//! Changes that know bytes, tokens and lines only.

use crate::document::Document;
use crate::rng::Rng;

const BYTES: &[u8] = b"0123456789-+ /?\nqbvznsc\t\r\0\xff.eE_";

/// A line that is not empty.
fn some_line(proof: &Document, rng: &mut Rng) -> Option<usize> {
    let at = (!proof.lines.is_empty()).then(|| rng.below(proof.lines.len()))?;
    (!proof.lines[at].is_empty()).then_some(at)
}

pub fn byte(proof: &mut Document, _: &Document, rng: &mut Rng) -> bool {
    let Some(at) = some_line(proof, rng) else { return false };
    let line = &mut proof.lines[at];
    let place = rng.below(line.len());
    match rng.below(4) {
        0 => line[place] = *rng.pick(BYTES),
        1 => line[place] ^= 1 << rng.below(8),
        2 => line.insert(place, *rng.pick(BYTES)),
        _ => drop(line.remove(place)),
    }
    true
}

pub fn digit(proof: &mut Document, _: &Document, rng: &mut Rng) -> bool {
    let Some(at) = some_line(proof, rng) else { return false };
    let line = &mut proof.lines[at];
    let digits: Vec<usize> = (0..line.len()).filter(|&place| line[place].is_ascii_digit()).collect();
    if digits.is_empty() {
        return false;
    }
    let place = *rng.pick(&digits);
    let digit = b'0' + rng.below(10) as u8;
    match rng.below(3) {
        0 => line[place] = digit,
        1 => line.insert(place, digit),
        _ => drop(line.remove(place)),
    }
    true
}

pub fn spelling(proof: &mut Document, _: &Document, rng: &mut Rng) -> bool {
    let Some(at) = some_line(proof, rng) else { return false };
    let mut tokens = proof.tokens(at);
    let place = rng.below(tokens.len());
    let old = tokens[place].clone();
    tokens[place] = match rng.below(11) {
        0 => format!("+{old}"),
        1 => format!("0{old}"),
        2 => format!("-{old}"),
        3 => format!("{old}.0"),
        4 => format!("{old}e0"),
        5 => "-0".to_owned(),
        6 => String::new(),
        7 => old.to_uppercase(),
        8 => format!("0x{old}"),
        9 => format!("{old}\r"),
        _ => format!("{old}_0"),
    };
    proof.set(at, tokens.join(*rng.pick(&[" ", " ", " ", "  ", "\t"])));
    true
}

pub fn token(proof: &mut Document, _: &Document, rng: &mut Rng) -> bool {
    let Some(at) = some_line(proof, rng) else { return false };
    let mut tokens = proof.tokens(at);
    let (place, other) = (rng.below(tokens.len()), rng.below(tokens.len()));
    match rng.below(4) {
        0 => drop(tokens.remove(place)),
        1 => tokens.insert(place, tokens[other].clone()),
        2 => tokens.swap(place, other),
        _ => tokens.push((*rng.pick(&["0", "1", "-1", "q", "1 0 1"])).to_owned()),
    }
    proof.set(at, tokens.join(" "));
    true
}

const WORDS: &[&[&str]] = &[
    &["half-sum", "sum", "mean", "half-mean"],
    &["weight-decay", "ridge"],
    &["none", "decayed", "undecayed", "free"],
    &["optimal", "not_optimal", "undecided"],
    &["orthants", "half", "simplex"],
    &["given", "best"],
    &["1", "2"],
    &["q", "/", "e", "f", "?", "b", "z", "v", "s", "+", "-", "n", "c", "end", "fan", "rows"],
];

pub fn word(proof: &mut Document, _: &Document, rng: &mut Rng) -> bool {
    let mut places = Vec::new();
    for at in 0..proof.lines.len() {
        for (place, token) in proof.tokens(at).iter().enumerate() {
            if let Some(words) = WORDS.iter().find(|words| words.contains(&token.as_str())) {
                // The first words of the many lines of a tree are less interesting than the rare ones.
                if words.len() < 10 || rng.chance(3) {
                    places.push((at, place, *words));
                }
            }
        }
    }
    if places.is_empty() {
        return false;
    }
    let (at, place, words) = *rng.pick(&places);
    let word: &str = rng.pick::<&str>(words);
    proof.set_token(at, place, word);
    true
}

pub fn line(proof: &mut Document, _: &Document, rng: &mut Rng) -> bool {
    let Some(at) = some_line(proof, rng) else { return false };
    let other = rng.below(proof.lines.len());
    match rng.below(6) {
        0 => drop(proof.lines.remove(at)),
        1 => proof.lines.insert(at, proof.lines[at].clone()),
        2 => proof.lines.swap(at, other),
        3 => proof.lines.insert(at, proof.lines[other].clone()),
        4 => proof.lines.truncate(at),
        _ => proof.lines[at] = proof.lines[other].clone(),
    }
    true
}

pub fn foreign_line(proof: &mut Document, other: &Document, rng: &mut Rng) -> bool {
    let Some(from) = some_line(other, rng) else { return false };
    let same = proof.all(&String::from_utf8_lossy(other.word(from)));
    let at = if same.is_empty() { rng.below(proof.lines.len().max(1)) } else { *rng.pick(&same) };
    if at >= proof.lines.len() {
        return false;
    }
    proof.lines[at] = other.lines[from].clone();
    true
}
