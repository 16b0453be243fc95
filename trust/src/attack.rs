//! What is mutated in the two attacks.

use std::path::Path;

use crate::campaign::Base;
use crate::false_claims;
use crate::rng::Rng;
use crate::truths::{self, Truth};

/// Most bytes of a proof whose mutants are made by the million.
pub const SMALL: usize = 30_000;

/// The number of random proofs among the true ones.
const RANDOM: usize = 60;

/// The bases whose mutants are made, and true proofs that have to be accepted beside.
#[derive(Debug)]
pub struct Attack {
    pub bases: Vec<Base>,
    pub truths: Vec<Base>,
}

/// The true proofs of the repository of at most `longest` bytes, and planted ones.
///
/// # Errors
///
/// If a fixture cannot be read.
pub fn truths(rng: &mut Rng, longest: usize) -> Result<Vec<Truth>, String> {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/proofs");
    let mut truths = truths::fixtures(&fixtures, longest)?;
    truths.extend(truths::planted(rng, 2)?);
    Ok(truths)
}

/// False claims, made from the small true proofs.
///
/// # Errors
///
/// If a fixture cannot be read, or a claim is not known to be false.
pub fn on_false_claims(seed: u64) -> Result<Attack, String> {
    let mut rng = base_rng(seed);
    let truths = truths(&mut rng, SMALL)?;
    let claims = false_claims::make(&mut rng, &truths)?;
    Ok(Attack { bases: claims.into_iter().map(Base::from).collect(), truths: bases(truths) })
}

/// True proofs: those of the repository of at most `longest` bytes, planted ones and random ones.
///
/// # Errors
///
/// If a fixture cannot be read.
pub fn on_true_proofs(seed: u64, longest: usize) -> Result<Attack, String> {
    let mut rng = base_rng(seed);
    let mut truths = truths(&mut rng, longest)?;
    truths.extend(truths::random(&mut rng, RANDOM)?);
    Ok(Attack { bases: bases(truths), truths: Vec::new() })
}

/// The stream from which bases are made; the mutants have the others.
#[must_use]
pub fn base_rng(seed: u64) -> Rng {
    Rng::new(seed, u64::MAX)
}

fn bases(truths: Vec<Truth>) -> Vec<Base> {
    truths.into_iter().map(Base::from).collect()
}
