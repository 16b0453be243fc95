//! Proofs of one statement, put under another one of which their bound is false.

use dashu_int::IBig;
use dashu_int::ops::Gcd;

use super::{Draft, Intent, edit};
use crate::exact::Exact;
use crate::network::Problem;
use crate::truths::Truth;

/// λ, and so β, is less by a half or by one unit in its last place; the bound is that of the larger one.
pub fn smaller_decay(truth: &Truth) -> Vec<Draft> {
    let mut drafts = Vec::new();
    for k in [1, 10, 20, 30, 40, 50, 60] {
        let mut problem = truth.claim.problem.clone();
        problem.lambda = &problem.lambda * &(&Exact::int(1) - &Exact::two_to_minus(k));
        let proof = edit::restated(&truth.proof, &truth.claim, &problem);
        let what = format!("less by 2^-{k}");
        // Where the bound is not sharp, it may still be true.
        drafts.push(Draft::new("decay", truth, &what, proof, Intent::Try));
    }
    drafts
}

/// Most claims with one changed digit that are taken from one proof.
const MOST_DIGITS: usize = 8;

/// One digit of the data is another one, and the bound is false for the new data.
pub fn changed_digits(truth: &Truth) -> Vec<Draft> {
    let mut drafts = Vec::new();
    let problem = &truth.claim.problem;
    for (s, (y, rows)) in problem.samples.iter().enumerate() {
        for (place, old) in [y].into_iter().chain(rows.iter().flatten()).enumerate() {
            for new in changes(old) {
                let mut changed = problem.clone();
                let sample = &mut changed.samples[s];
                let entry = if place == 0 {
                    &mut sample.0
                } else {
                    &mut sample.1[(place - 1) / problem.features][(place - 1) % problem.features]
                };
                *entry = new.clone();
                if !is_canonical(&changed) {
                    continue;
                }
                let proof = edit::restated(&truth.proof, &truth.claim, &changed);
                let what = format!("sample {s}, entry {place}: {new} for {old}");
                let draft = Draft::new("data digit", truth, &what, proof, Intent::Try);
                if draft.is_refuted() {
                    drafts.push(draft);
                }
            }
        }
    }
    let step = drafts.len().div_ceil(MOST_DIGITS).max(1);
    drafts.into_iter().step_by(step).collect()
}

/// The integers that differ from x in one digit, which is one more or one less, or in the sign.
fn changes(x: &IBig) -> Vec<IBig> {
    let text = x.to_string();
    let mut changes = vec![-x];
    for (at, digit) in text.char_indices().filter(|(_, digit)| digit.is_ascii_digit()) {
        for other in [(digit as u8).wrapping_sub(1), digit as u8 + 1] {
            if other.is_ascii_digit() {
                let mut changed = text.clone().into_bytes();
                changed[at] = other;
                changes.extend(String::from_utf8(changed).ok().and_then(|text| text.parse::<IBig>().ok()));
            }
        }
    }
    changes.retain(|y| y != x);
    changes
}

/// DX and DY are least.
fn is_canonical(problem: &Problem) -> bool {
    let (mut x, mut y) = (problem.dx.clone(), problem.dy.clone());
    for (target, rows) in &problem.samples {
        y = IBig::from((&y).gcd(target));
        rows.iter().flatten().for_each(|a| x = IBig::from((&x).gcd(a)));
    }
    x == IBig::ONE && y == IBig::ONE
}

/// A convention of the statement is another one: an undecayed bias is called decayed, a mean a sum, and so on.
pub fn changed_words(truth: &Truth) -> Vec<Draft> {
    let mut drafts = Vec::new();
    let mut put = |kind: &'static str, what: &str, change: &dyn Fn(&mut Problem)| {
        let mut problem = truth.claim.problem.clone();
        change(&mut problem);
        let proof = edit::restated(&truth.proof, &truth.claim, &problem);
        if proof != truth.proof {
            drafts.push(Draft::new(kind, truth, what, proof, Intent::Try));
        }
    };
    for word in ["free", "decayed"] {
        put("output bias", word, &|problem| word.clone_into(&mut problem.output));
    }
    if truth.claim.problem.hidden != "none" {
        for word in ["undecayed", "decayed"] {
            put("hidden bias", word, &|problem| word.clone_into(&mut problem.hidden));
        }
    }
    for word in ["half-sum", "sum", "mean", "half-mean"] {
        put("loss", word, &|problem| word.clone_into(&mut problem.loss));
    }
    put("decay", "weight-decay", &|problem| "weight-decay".clone_into(&mut problem.decay));
    put("activation", "steeper", &|problem| {
        let one = problem.activation[2].clone();
        problem.activation[1] += one;
    });
    put("denominator", "DX", &|problem| problem.dx += IBig::ONE);
    put("denominator", "DY", &|problem| problem.dy += IBig::ONE);
    drafts
}
