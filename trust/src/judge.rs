//! Says whether an accepted theorem is false, without looking at its proof.
//!
//! A bound is refuted by any network with a smaller objective. The judge evaluates networks that are known to be good,
//! exactly and by its own arithmetic; a bound that none of them refutes may still be false, so the pool of a base
//! proof holds a network at its very optimum where that is known.

use crate::claim::Claim;
use crate::exact::Exact;
use crate::network::Network;

/// Why the claims cannot all be true; `None` if nothing is known against them.
#[must_use]
pub fn refute(claim: &Claim, pool: &[Network]) -> Option<String> {
    let problem = &claim.problem;
    for (role, network, told) in &claim.networks {
        let found = problem.objective(network);
        if found != *told {
            return Some(format!("the {role} network's objective is {found}, not {told}"));
        }
        if claim.bound > found {
            return Some(format!("the {role} network's objective is below the bound"));
        }
    }
    if let Some(broken) = broken_verdict(claim) {
        return Some(broken.to_owned());
    }
    let zero = Network::zero();
    for network in pool.iter().chain([&zero]) {
        let network = network.adapted(problem);
        if claim.width.is_some_and(|width| network.neurons.len() > width) {
            continue;
        }
        if claim.bound > problem.objective(&network) {
            return Some("a known network's objective is below the bound".to_owned());
        }
        let improved = problem.improved(&network);
        if claim.bound > problem.objective(&improved) {
            return Some("a known network, improved, has an objective below the bound".to_owned());
        }
    }
    None
}

/// What is wrong with the verdict, by FORMAT.md §3.
fn broken_verdict(claim: &Claim) -> Option<&'static str> {
    let find = |role: &str| claim.networks.iter().find(|network| network.0 == role);
    let (given, best) = (find("given"), find("best"));
    match (claim.verdict.as_str(), given.or(best)) {
        ("undecided", _) => None,
        (_, None) => Some("a verdict without a network"),
        ("optimal", Some((_, _, objective))) => {
            let gap = objective - &claim.bound;
            (gap > &claim.tolerance * objective).then_some("`optimal` does not follow from the bound")
        }
        _ => {
            let (Some(given), Some(best)) = (given, best) else { return Some("`not_optimal` needs two networks") };
            let gain: Exact = &given.2 - &best.2;
            let is_narrow = best.1.neurons.len() <= given.1.neurons.len();
            let is_better = gain > &claim.tolerance * &given.2;
            (!is_narrow || !is_better).then_some("`not_optimal` does not follow from the best network")
        }
    }
}
