//! The true proofs that mutants and false claims are made from.

use std::io::{BufRead, BufReader, Read};
use std::ops::RangeInclusive;
use std::path::Path;

use dashu_int::IBig;
use dashu_int::ops::{SquareRoot, UnsignedAbs};
use flate2::bufread::MultiGzDecoder;

use crate::claim::Claim;
use crate::document::Document;
use crate::network::{Network, Neuron};
use crate::planted::{Departure, RECIPES};
use crate::random_proofs;
use crate::rng::Rng;

/// A true proof, and networks that are known to be good on its statement.
#[derive(Debug, Clone)]
pub struct Truth {
    pub name: String,
    pub proof: Document,
    pub claim: Claim,
    /// The networks of the file, and those known from elsewhere.
    pub pool: Vec<Network>,
    /// The pool holds a network at the optimum (up to 2^−150).
    pub is_sharp: bool,
}

impl Truth {
    fn new(name: String, proof: Document, known: Vec<Network>, is_sharp: bool) -> Result<Truth, String> {
        let claim = Claim::read(&proof.bytes()).map_err(|error| format!("{name}: {error}"))?;
        let in_file = claim.networks.iter().map(|(_, network, _)| network.clone());
        let pool = in_file.chain(known).collect();
        Ok(Truth { name, proof, claim, pool, is_sharp })
    }
}

/// The proofs in a folder whose texts have as many bytes, in order of name.
///
/// # Errors
///
/// If a file cannot be read.
pub fn fixtures(folder: &Path, sizes: RangeInclusive<usize>) -> Result<Vec<Truth>, String> {
    files(folder, sizes, "")
}

/// The same, of those files only whose names begin so.
///
/// # Errors
///
/// If a file cannot be read.
pub fn files(folder: &Path, sizes: RangeInclusive<usize>, prefix: &str) -> Result<Vec<Truth>, String> {
    let in_folder = |error: std::io::Error| format!("{}: {error}", folder.display());
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(in_folder)? {
        paths.push(entry.map_err(in_folder)?.path());
    }
    paths.sort();
    let mut truths = Vec::new();
    for path in paths {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        if !name.contains(".proof") || !name.starts_with(prefix) {
            continue;
        }
        let text = read(&path).map_err(|error| format!("{name}: {error}"))?;
        if sizes.contains(&text.len()) {
            let is_xor = name.starts_with("xor") && !name.contains("abs") && !name.contains("zero_optimal");
            let known = if is_xor { vec![xor_optimum()] } else { Vec::new() };
            let is_sharp = is_xor || ["one_sample_optimal.proof", "undecayed_free.proof"].contains(&name.as_str());
            truths.push(Truth::new(name, Document::new(&text), known, is_sharp)?);
        }
    }
    Ok(truths)
}

fn read(path: &Path) -> std::io::Result<Vec<u8>> {
    let file = BufReader::new(std::fs::File::open(path)?);
    let mut reader: Box<dyn BufRead> = if path.extension().is_some_and(|extension| extension == "gz") {
        Box::new(BufReader::new(MultiGzDecoder::new(file)))
    } else {
        Box::new(file)
    };
    let mut text = Vec::new();
    reader.read_to_end(&mut text)?;
    Ok(text)
}

/// Sharp proofs of planted optima, `variants` of each recipe with different trees.
///
/// # Errors
///
/// If a recipe is wrong.
pub fn planted(rng: &mut Rng, variants: usize) -> Result<Vec<Truth>, String> {
    let mut truths = Vec::new();
    for recipe in RECIPES {
        for variant in 0..variants {
            let planted = recipe.plant(rng, &Departure::default());
            let name = format!("{}-{variant}", recipe.name);
            truths.push(Truth::new(name, planted.proof, vec![planted.network], true)?);
        }
    }
    Ok(truths)
}

/// The same with trees of rows for both signs, or for one.
///
/// # Errors
///
/// If a recipe is wrong.
pub fn planted_rows(rng: &mut Rng) -> Result<Vec<Truth>, String> {
    let mut truths = Vec::new();
    for recipe in RECIPES {
        for (variant, has_rows) in [[true, true], [true, true], [true, false], [false, true]].into_iter().enumerate() {
            let planted = recipe.plant(rng, &Departure { has_rows, ..Departure::default() });
            let name = format!("{}-rows-{variant}", recipe.name);
            truths.push(Truth::new(name, planted.proof, vec![planted.network], true)?);
        }
    }
    Ok(truths)
}

/// Random proofs in which every leaf is as short as it can be; their bounds are far below the optimum.
///
/// # Errors
///
/// If one of them cannot be read.
pub fn random(rng: &mut Rng, count: usize) -> Result<Vec<Truth>, String> {
    let made = random_proofs::make(rng.bits(), count);
    let truths = made.into_iter().enumerate();
    truths
        .map(|(i, text)| Truth::new(format!("random-{i}"), Document::new(text.as_bytes()), Vec::new(), false))
        .collect()
}

/// The best network for XOR with β = 1/10, up to 2^−160 of its objective 4·(β/√2 − β²/4).
///
/// Each point has a neuron of its own, w = s·(±1, ±1) with s² = (√2 − β)/4 and α = ±√2·s.
#[must_use]
pub fn xor_optimum() -> Network {
    const BITS: usize = 100;
    let one = IBig::ONE << BITS;
    let root = |x: IBig| IBig::from(x.unsigned_abs().sqrt());
    let sqrt_two = root(IBig::from(2) << (2 * BITS));
    let s = root(((&sqrt_two * IBig::from(10) - &one) << BITS) / IBig::from(40));
    let alpha = (&sqrt_two * &s) >> BITS;
    let neuron = |a: i64, b: i64| Neuron {
        a: &alpha * IBig::from(-a * b),
        w: vec![&s * IBig::from(a), &s * IBig::from(b)],
        b: IBig::ZERO,
    };
    let neurons = vec![neuron(1, 1), neuron(1, -1), neuron(-1, 1), neuron(-1, -1)];
    Network { neurons, dw: one.clone(), da: one, c: IBig::ZERO, dc: IBig::ONE }
}
