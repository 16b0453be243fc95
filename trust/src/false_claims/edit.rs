//! Surgery on the text of a proof.

use dashu_int::IBig;

use crate::claim::Claim;
use crate::document::Document;
use crate::exact::Exact;
use crate::network::{Network, Problem};

/// The proof with another problem as its statement: the networks are kept, their objectives are right, and the verdict
/// is one that follows.
pub fn restated(proof: &Document, claim: &Claim, problem: &Problem) -> Document {
    let first = proof.lines.first().map(|line| String::from_utf8_lossy(line).into_owned());
    let mut lines = vec![first.unwrap_or_default()];
    lines.extend(problem.lines());
    for (role, network, _) in &claim.networks {
        lines.extend(network.adapted(problem).lines(problem, role));
    }
    let mut lines: Vec<Vec<u8>> = lines.into_iter().map(String::into_bytes).collect();
    lines.extend_from_slice(&proof.lines[proof.find("bound").unwrap_or(0)..]);
    let mut restated = Document { lines };
    let is_below =
        |(_, network, _): &(String, Network, Exact)| problem.objective(&network.adapted(problem)) <= claim.bound;
    let verdict = if claim.networks.first().is_some_and(is_below) { "optimal" } else { "undecided" };
    if let Some(at) = restated.find("verdict") {
        restated.set(at, format!("verdict {verdict} 0 1"));
    }
    restated
}

/// The fraction that stands on the line with the word.
pub fn fraction(proof: &Document, word: &str) -> Option<Exact> {
    let tokens = proof.tokens(proof.find(word)?);
    let number = |place: usize| tokens.get(place).and_then(|token| token.parse::<IBig>().ok());
    Some(Exact::new(number(1)?, number(2).filter(|q| *q != IBig::ZERO)?))
}

pub fn set_fraction(proof: &mut Document, word: &str, value: &Exact) {
    if let Some(at) = proof.find(word) {
        proof.set(at, format!("{word} {}", value.tokens()));
    }
}

/// The integers V of the dual vector.
pub fn dual(proof: &Document) -> Vec<IBig> {
    proof.all("v").iter().filter_map(|&at| proof.tokens(at)[1].parse().ok()).collect()
}

/// Divides every leaf's vector by `factor`, rounded towards 0 in units of 2^−80 of its old units.
pub fn shorten_leaves(proof: &mut Document, r: usize, factor: &Exact) {
    let unit = IBig::ONE << 80;
    for at in proof.all("fan") {
        let tokens = proof.tokens(at);
        if let Some(e) = tokens.get(5).and_then(|token| token.parse::<IBig>().ok()) {
            proof.set_token(at, 5, &(e * &unit).to_string());
        }
    }
    for at in proof.all("e") {
        // The M of a tree of rows is Q·Λ where the proof is sharp, and Λ is less.
        if let Some(m) = proof.tokens(at).get(1).and_then(|token| token.parse::<IBig>().ok()) {
            proof.set_token(at, 1, &(m * factor.denominator() / factor.numerator()).to_string());
        }
    }
    for at in proof.all("q") {
        let mut tokens = proof.tokens(at);
        for token in tokens.iter_mut().skip(1).take(r) {
            if let Ok(x) = token.parse::<IBig>() {
                *token = (x * &unit * factor.denominator() / factor.numerator()).to_string();
            }
        }
        proof.set(at, tokens.join(" "));
    }
}
