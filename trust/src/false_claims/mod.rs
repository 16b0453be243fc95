//! False base claims, each in the best-looking proof that could be made for it.
//!
//! A claim is false if the judge refutes it; that is asserted for each as it is made. The others are malformed by
//! design: they have no meaning, so that nothing can refute them, and must simply not be accepted.

mod edit;
mod loose;
mod loose_quartic;
mod loose_rows;
mod statement;
mod values;

use crate::claim::Claim;
use crate::document::Document;
use crate::judge::refute;
use crate::network::Network;
use crate::planted::{Departure, Planted, RECIPES, Recipe};
use crate::rng::Rng;
use crate::truths::Truth;

/// A false claim with its proof.
#[derive(Debug, Clone)]
pub struct FalseClaim {
    /// What is false or missing.
    pub kind: &'static str,
    pub name: String,
    pub proof: Document,
    /// Networks that are good on its statement.
    pub pool: Vec<Network>,
    /// How the judge refutes it; `None` if it is malformed by design.
    pub refutation: Option<String>,
}

/// All false claims that can be made from the true proofs and the planted problems.
///
/// # Errors
///
/// If a claim that was meant to be false is not known to be.
pub fn make(rng: &mut Rng, truths: &[Truth]) -> Result<Vec<FalseClaim>, String> {
    let mut claims = Vec::new();
    for truth in truths {
        claims.extend(values::raised_bounds(truth));
        claims.extend(values::wrong_objectives(truth));
        claims.extend(statement::smaller_decay(truth));
        claims.extend(statement::changed_digits(truth));
        claims.extend(statement::changed_words(truth));
        claims.extend(values::malformed(truth));
    }
    claims.extend(loose::claims(rng));
    claims.extend(loose_rows::claims(rng));
    claims.extend(loose_quartic::claims(rng));
    claims.into_iter().filter_map(Draft::judged).collect()
}

/// A claim that is meant to be false.
struct Draft {
    kind: &'static str,
    name: String,
    proof: Document,
    pool: Vec<Network>,
    intent: Intent,
}

/// A planted problem whose dual vector is too long for one sign, and what collects the drafts made from it.
struct Side<'a> {
    drafts: &'a mut Vec<Draft>,
    name: String,
    network: Network,
}

impl<'a> Side<'a> {
    /// `kind` is a word for its trees.
    fn new(drafts: &'a mut Vec<Draft>, kind: &str, recipe: &Recipe, sign: i64, planted: &Planted) -> Side<'a> {
        let name = format!("{}{kind} loose {}", recipe.name, if sign > 0 { "+" } else { "-" });
        Side { drafts, name, network: planted.network.clone() }
    }

    fn put(&mut self, kind: &'static str, proof: Document) {
        let (name, pool) = (self.name.clone(), vec![self.network.clone()]);
        self.drafts.push(Draft { kind, name, proof, pool, intent: Intent::False });
    }
}

/// The recipes, each with the signs for which the dual vector can be too long.
fn sides() -> impl Iterator<Item = (&'static Recipe, i64)> {
    let signs = |recipe: &'static Recipe| {
        [1i64, -1]
            .into_iter()
            .filter(|sign| recipe.targets.iter().any(|y| y * sign > 0))
            .map(move |sign| (recipe, sign))
    };
    RECIPES.iter().flat_map(signs)
}

/// The departure of a side from the truth.
fn departure(sign: i64) -> Departure {
    Departure { has_loose_positives: sign > 0, has_loose_negatives: sign < 0, ..Departure::default() }
}

/// What to do with a draft that the judge does not refute.
#[derive(PartialEq)]
enum Intent {
    /// It was meant to be false: an error.
    False,
    /// Leave it out: it was one of many tries.
    Try,
    /// Keep it: it has no meaning.
    Malformed,
}

impl Draft {
    fn new(kind: &'static str, truth: &Truth, what: &str, proof: Document, intent: Intent) -> Draft {
        Draft { kind, name: format!("{} {what}", truth.name), proof, pool: truth.pool.clone(), intent }
    }

    fn is_refuted(&self) -> bool {
        Claim::read(&self.proof.bytes()).is_ok_and(|claim| refute(&claim, &self.pool).is_some())
    }

    fn judged(self) -> Option<Result<FalseClaim, String>> {
        let Draft { kind, name, proof, pool, intent } = self;
        let claim = Claim::read(&proof.bytes());
        let refutation = claim.as_ref().ok().and_then(|claim| refute(claim, &pool));
        let is_malformed = intent == Intent::Malformed;
        match (&refutation, intent) {
            (None, Intent::Try) => None,
            (None, Intent::False) => {
                let reading = claim.map_or_else(|error| error, |claim| claim.summary());
                Some(Err(format!("{kind}: {name} is not known to be false ({reading})")))
            }
            _ => Some(Ok(FalseClaim { kind, name, proof, pool, refutation: refutation.filter(|_| !is_malformed) })),
        }
    }
}
