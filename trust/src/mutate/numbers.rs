//! Changes of single numbers.

use dashu_int::IBig;

use super::line_of;
use crate::document::Document;
use crate::exact::Exact;
use crate::rng::Rng;

/// A random number on a line that begins with one of the words (on any line if there are none): its line, its place
/// among the tokens and its value.
fn number_on(proof: &Document, words: &[&str], rng: &mut Rng) -> Option<(usize, usize, IBig)> {
    let at = if words.is_empty() {
        (!proof.lines.is_empty()).then(|| rng.below(proof.lines.len()))
    } else {
        line_of(proof, words, rng)
    }?;
    let numbers: Vec<(usize, IBig)> =
        proof.tokens(at).iter().enumerate().filter_map(|(place, token)| Some((place, token.parse().ok()?))).collect();
    if numbers.is_empty() {
        return None;
    }
    let (place, value) = rng.pick(&numbers).clone();
    Some((at, place, value))
}

/// Replaces a random number on such a line.
fn change(proof: &mut Document, words: &[&str], rng: &mut Rng, value: impl FnOnce(IBig, &mut Rng) -> IBig) -> bool {
    let Some((at, place, old)) = number_on(proof, words, rng) else { return false };
    let new = value(old, rng);
    proof.set_token(at, place, &new.to_string());
    true
}

fn small(rng: &mut Rng) -> IBig {
    IBig::from(*rng.pick(&[-2, -1, 1, 2]))
}

/// Another number: near, opposite, scaled or new.
fn another(old: IBig, rng: &mut Rng) -> IBig {
    match rng.below(6) {
        0 | 1 => old + small(rng),
        2 => -old,
        3 => old * IBig::from(2),
        4 => old / IBig::from(2),
        _ => IBig::from(rng.below(12) as i64 - 3),
    }
}

pub fn sign(proof: &mut Document, _: &Document, rng: &mut Rng) -> bool {
    change(proof, &[], rng, |x, _| -x)
}

pub fn unit(proof: &mut Document, _: &Document, rng: &mut Rng) -> bool {
    change(proof, &[], rng, |x, rng| x + small(rng))
}

pub fn scaled(proof: &mut Document, _: &Document, rng: &mut Rng) -> bool {
    change(proof, &[], rng, |x, rng| {
        let factor = IBig::from(2 + rng.below(9));
        if rng.chance(50) { x * factor } else { x / factor }
    })
}

pub fn replaced(proof: &mut Document, _: &Document, rng: &mut Rng) -> bool {
    let Some((_, _, other)) = number_on(proof, &[], rng) else { return false };
    change(
        proof,
        &[],
        rng,
        |_, rng| if rng.chance(60) { other } else { IBig::from(*rng.pick(&[0, 0, 1, -1, 2, 7, 1000])) },
    )
}

pub fn huge(proof: &mut Document, _: &Document, rng: &mut Rng) -> bool {
    change(proof, &[], rng, |x, rng| {
        let power = IBig::ONE << *rng.pick(&[31, 32, 53, 62, 63, 64, 65, 126, 127, 128, 129, 255, 256, 1024, 4096]);
        match rng.below(5) {
            0 => power,
            1 => -power,
            2 => power - IBig::ONE,
            3 => x * power,
            _ => x + power,
        }
    })
}

pub fn bound(proof: &mut Document, _: &Document, rng: &mut Rng) -> bool {
    let Some(at) = proof.find("bound") else { return false };
    let tokens = proof.tokens(at);
    let number = |place: usize| tokens.get(place).and_then(|token| token.parse::<IBig>().ok());
    let (Some(p), Some(q)) = (number(1), number(2)) else { return false };
    if q == IBig::ZERO {
        return false;
    }
    let step = Exact::two_to_minus(rng.below(70));
    let old = Exact::new(p, q);
    let new = match rng.below(4) {
        0 => &old - &(&old * &step),
        1 => &old + &step,
        _ => &old + &(&old * &step),
    };
    proof.set(at, format!("bound {}", new.tokens()));
    true
}

pub fn objective(proof: &mut Document, _: &Document, rng: &mut Rng) -> bool {
    change(proof, &["objective", "verdict"], rng, another)
}

pub fn header(proof: &mut Document, _: &Document, rng: &mut Rng) -> bool {
    change(proof, &["activation", "decay", "data"], rng, another)
}

pub fn data(proof: &mut Document, _: &Document, rng: &mut Rng) -> bool {
    change(proof, &["s", "+"], rng, another)
}

pub fn network(proof: &mut Document, _: &Document, rng: &mut Rng) -> bool {
    change(proof, &["network", "n", "c"], rng, another)
}

pub fn dual(proof: &mut Document, _: &Document, rng: &mut Rng) -> bool {
    if rng.chance(40) {
        return change(proof, &["dual"], rng, another);
    }
    let lines = proof.all("v");
    if lines.len() < 2 || rng.chance(50) {
        return change(proof, &["v"], rng, another);
    }
    // Two entries, so that their sum is kept.
    let delta = small(rng);
    let (from, to) = (*rng.pick(&lines), *rng.pick(&lines));
    for (at, delta) in [(from, delta.clone()), (to, -delta)] {
        let Some(Ok(x)) = proof.tokens(at).get(1).map(|token| token.parse::<IBig>()) else { return false };
        proof.set(at, format!("v {}", x + delta));
    }
    true
}

pub fn leaf_unit(proof: &mut Document, _: &Document, rng: &mut Rng) -> bool {
    change(proof, &["q"], rng, |x, rng| x + small(rng))
}

/// All leaves of a fan and its E times a factor, and then one entry of a leaf one unit off: a finer unit.
pub fn leaf_scaled(proof: &mut Document, _: &Document, rng: &mut Rng) -> bool {
    let fans = proof.fans();
    if fans.is_empty() {
        return false;
    }
    let fan = rng.pick(&fans).clone();
    let header = proof.tokens(fan.start);
    let features =
        proof.find("data").and_then(|at| proof.tokens(at).get(3).and_then(|token| token.parse::<usize>().ok()));
    let has_bias =
        proof.find("hidden-bias").is_some_and(|at| proof.tokens(at).get(1).is_some_and(|word| word != "none"));
    let (Some(Ok(e)), Some(features)) = (header.get(5).map(|token| token.parse::<IBig>()), features) else {
        return false;
    };
    let factor = IBig::ONE << (1 + rng.below(70));
    proof.set_token(fan.start, 5, &(e * &factor).to_string());
    for at in fan.clone() {
        if proof.word(at) != b"q" {
            continue;
        }
        let mut tokens = proof.tokens(at);
        for token in tokens.iter_mut().skip(1).take(features.saturating_add(usize::from(has_bias))) {
            if let Ok(x) = token.parse::<IBig>() {
                *token = (x * &factor).to_string();
            }
        }
        proof.set(at, tokens.join(" "));
    }
    rng.chance(20) || leaf_unit(proof, &Document::default(), rng)
}
