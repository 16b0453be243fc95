//! What is mutated in the two attacks.

use std::ops::RangeInclusive;
use std::path::Path;

use crate::campaign::Base;
use crate::false_claims;
use crate::rng::Rng;
use crate::truths::{self, Truth};

/// Most bytes of a proof whose mutants are made by the million.
pub const SMALL: usize = 30_000;

/// The number of random proofs among the true ones.
const RANDOM: usize = 1000;

/// The bases whose mutants are made, and true proofs that have to be accepted beside.
#[derive(Debug)]
pub struct Attack {
    pub bases: Vec<Base>,
    pub truths: Vec<Base>,
}

/// The true proofs of the repository with as many bytes.
fn fixtures(sizes: RangeInclusive<usize>) -> Result<Vec<Truth>, String> {
    truths::fixtures(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/proofs"), sizes)
}

/// Those with splits by half-spaces.
fn half_spaces() -> Result<Vec<Truth>, String> {
    let of_run = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/run");
    let mut truths = truths::files(&of_run, 0..=SMALL, "half-spaces-")?;
    let sharp = ["half-spaces-line", "half-spaces-plane", "half-spaces-mixed"];
    for truth in &mut truths {
        truth.is_sharp = sharp.iter().any(|name| truth.name.starts_with(name));
    }
    Ok(truths)
}

/// The small true proofs of the repository, and planted ones.
///
/// # Errors
///
/// If a fixture cannot be read.
pub fn small_truths(rng: &mut Rng) -> Result<Vec<Truth>, String> {
    let mut truths = fixtures(0..=SMALL)?;
    truths.extend(half_spaces()?);
    truths.extend(truths::planted(rng, 2)?);
    truths.extend(truths::planted_rows(rng)?);
    Ok(truths)
}

/// False claims, made from the small true proofs.
///
/// # Errors
///
/// If a fixture cannot be read, or a claim is not known to be false.
pub fn on_false_claims(seed: u64) -> Result<Attack, String> {
    let mut rng = base_rng(seed);
    let truths = small_truths(&mut rng)?;
    let claims = false_claims::make(&mut rng, &truths)?;
    Ok(Attack { bases: claims.into_iter().map(Base::from).collect(), truths: bases(truths) })
}

/// The true proofs of the repository that are not small.
///
/// # Errors
///
/// If a fixture cannot be read.
pub fn on_large_proofs() -> Result<Attack, String> {
    Ok(Attack { bases: bases(fixtures(SMALL + 1..=usize::MAX)?), truths: Vec::new() })
}

/// True proofs: the small ones of the repository, planted ones and random ones.
///
/// # Errors
///
/// If a fixture cannot be read.
pub fn on_true_proofs(seed: u64) -> Result<Attack, String> {
    let mut rng = base_rng(seed);
    let mut truths = small_truths(&mut rng)?;
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
