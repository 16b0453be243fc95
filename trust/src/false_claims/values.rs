//! Claims whose statement is true to its proof, but whose bound or objective is not.

use super::{Draft, Intent, edit};
use crate::document::Document;
use crate::exact::Exact;
use crate::planted::dual_value;
use crate::truths::Truth;

/// The relative amounts by which a bound is raised above the objective of a known network.
fn amounts() -> Vec<(String, Exact)> {
    let mut amounts = vec![("1e-3".to_owned(), Exact::new(1, 1000))];
    amounts.extend([10, 20, 30, 40, 50, 60].map(|k| (format!("2^-{k}"), Exact::two_to_minus(k))));
    amounts
}

/// The bound is above the objective of a known network. In the first dressing only the bound is changed; in the second
/// the dual vector is longer, so that the bound follows from it; in the third the leaves are so short that they fit the
/// longer dual vector.
pub fn raised_bounds(truth: &Truth) -> Vec<Draft> {
    let problem = &truth.claim.problem;
    let known = truth.pool.iter().map(|network| problem.objective(&network.adapted(problem))).min();
    let Some(known) = known else { return Vec::new() };
    let mut drafts = Vec::new();
    for (text, amount) in amounts() {
        let bound = &known * &(&Exact::int(1) + &amount);
        let mut plain = truth.proof.clone();
        edit::set_fraction(&mut plain, "bound", &bound);
        let mut longer = plain.clone();
        let factor = lengthen(&mut longer, truth, &bound, &amount);
        let kind = "bound above the optimum";
        drafts.push(Draft::new(kind, truth, &format!("+{text}"), plain, Intent::False));
        let Some(factor) = factor else { continue };
        let mut shorter = longer.clone();
        edit::shorten_leaves(&mut shorter, r(truth), &factor);
        let kind = "bound above the optimum, dual vector too long";
        drafts.push(Draft::new(kind, truth, &format!("+{text}"), longer, Intent::False));
        let kind = "bound above the optimum, leaves too short";
        drafts.push(Draft::new(kind, truth, &format!("+{text}"), shorter, Intent::False));
    }
    drafts
}

pub fn r(truth: &Truth) -> usize {
    truth.claim.problem.features + usize::from(truth.claim.problem.hidden != "none")
}

/// Makes the dual vector so long that the bound follows from it, if that is possible, and gives the factor.
fn lengthen(proof: &mut Document, truth: &Truth, bound: &Exact, amount: &Exact) -> Option<Exact> {
    let scale = edit::fraction(proof, "dual")?;
    let dual = edit::dual(proof);
    for doublings in 0..40u32 {
        let factor = &Exact::int(1) + &(amount * &Exact::int(1u64 << doublings));
        if factor > Exact::int(4) {
            break;
        }
        let longer = &scale * &factor;
        if dual_value(&truth.claim.problem, &longer, &dual) >= *bound {
            edit::set_fraction(proof, "dual", &longer);
            return Some(factor);
        }
    }
    None
}

/// A network's objective is not what the file says; where it fits, the verdict makes use of it.
pub fn wrong_objectives(truth: &Truth) -> Vec<Draft> {
    let mut drafts = Vec::new();
    let bound = &truth.claim.bound;
    for (at, (role, _, objective)) in truth.proof.all("objective").into_iter().zip(&truth.claim.networks) {
        let unit = &Exact::new(1, objective.denominator().clone());
        let values =
            [("one unit less", objective - unit), ("one unit more", objective + unit), ("the bound", bound.clone())];
        for (what, value) in values {
            if value == *objective {
                continue;
            }
            let mut proof = truth.proof.clone();
            proof.set(at, format!("objective {}", value.tokens()));
            drafts.push(Draft::new("objective of a network", truth, &format!("{role}: {what}"), proof, Intent::False));
        }
    }
    if let Some(at) = truth.proof.find("verdict").filter(|_| truth.claim.verdict == "not_optimal") {
        let mut proof = truth.proof.clone();
        proof.set(at, format!("verdict optimal {}", truth.claim.tolerance.tokens()));
        drafts.push(Draft::new("verdict", truth, "optimal", proof, Intent::Try));
    }
    drafts
}

/// Denominators and lines that have no meaning.
pub fn malformed(truth: &Truth) -> Vec<Draft> {
    // They are much alike, whatever the proof.
    if !truth.is_sharp || !truth.name.ends_with("-0") {
        return Vec::new();
    }
    let lines: &[(&str, &[&str])] = &[
        (
            "bound",
            &["bound 1 0", "bound 0 0", "bound -100 -1", "bound 1e9 1", "bound 100 1 2", "bound", "bound 1000000 -1"],
        ),
        ("verdict", &["verdict optimal 1 0", "verdict optimal 0 0", "verdict certain 0 1"]),
        ("end", &["end end", "END", "", "q 0"]),
        ("dual", &["dual 1 0", "dual 1 -1", "dual -1 1"]),
    ];
    let mut drafts = Vec::new();
    for (word, replacements) in lines {
        let Some(at) = truth.proof.find(word) else { continue };
        for line in *replacements {
            let mut proof = truth.proof.clone();
            proof.set(at, line);
            drafts.push(Draft::new("malformed", truth, &format!("`{line}`"), proof, Intent::Malformed));
        }
    }
    drafts
}
