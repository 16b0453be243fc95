//! Searches that are cut short, saved, resumed or run on several threads: the bound always holds and the proof is always accepted.

mod common;

use std::fs;
use std::path::Path;

use common::*;
use num_traits::{Signed, Zero};
use relucert::exact::{Rat, rat_to_f64};
use relucert::problem::{
    Activation, DataOptions, Dataset, Decay, HiddenBias, Loss, OutputBias, Problem,
};
use relucert::run::{Certificate, RunOptions, Trees, Verdict, certify, solve};

fn iris() -> Problem {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/data/iris.csv");
    let data = Dataset::read(&path, &DataOptions::default()).expect("the fixture");
    half_sum(
        data,
        Activation::relu(),
        &int(2),
        HiddenBias::Decayed,
        OutputBias::None,
    )
}

/// n = 150, r = 6: smooth targets and noise.
fn noise(seed: u64) -> Problem {
    let mut random = Random::new(seed);
    let mut number = |scale: f64| rat(&format!("{:.3}", scale * random.normal()));
    let x: Vec<Vec<_>> = (0..150)
        .map(|_| (0..5).map(|_| number(1.0)).collect())
        .collect();
    let y: Vec<_> = x
        .iter()
        .map(|row| row[0].abs() - &row[1] * frac(1, 2) + number(0.3))
        .collect();
    let data = Dataset::from_rows(&x, &y).expect("data");
    Problem::new(
        data,
        Activation::relu(),
        Loss::Mean,
        Decay::WeightDecay(frac(1, 10)),
        HiddenBias::Decayed,
        OutputBias::Free,
    )
    .expect("a problem")
}

fn unlimited(tolerance: &str) -> RunOptions {
    RunOptions {
        max_leaves: None,
        trees: Trees::Fan,
        threads: Some(2),
        ..options(tolerance)
    }
}

/// The proven bounds with more and more leaves.
fn bounds(problem: &Problem) -> Vec<Rat> {
    [1, 100, 1_000, 10_000]
        .map(|leaves| {
            let options = RunOptions {
                max_leaves: Some(leaves),
                ..unlimited("1e-3")
            };
            let c = solve_checked(problem, &options).certificate;
            assert!(!c.lower_bound.is_negative());
            assert!(c.lower_bound <= c.objective);
            // Roots, a batch and the leaves asked for.
            assert!(c.proof.expect("a proof").leaves <= leaves + 1_000);
            c.lower_bound
        })
        .to_vec()
}

#[test]
fn few_leaves_give_a_valid_bound_and_many_a_better_one() {
    for problem in [iris(), noise(31)] {
        let bounds = bounds(&problem);
        assert!(bounds[3].is_positive());
        assert!(bounds[3] > bounds[0], "{bounds:?}");
    }
}

#[test]
fn more_leaves_give_no_weaker_bound() {
    for problem in [iris(), noise(31)] {
        let bounds = bounds(&problem);
        for pair in bounds.windows(2) {
            let (few, more) = (rat_to_f64(&pair[0]), rat_to_f64(&pair[1]));
            assert!(more >= few * (1.0 - 1e-9), "{more} after {few}");
        }
    }
}

#[test]
fn a_short_time_gives_a_valid_bound() {
    for time in [0.001, 0.3, 1.5] {
        let problem = noise(32);
        let started = std::time::Instant::now();
        let options = RunOptions {
            time_limit: seconds(time),
            trees: Trees::Auto,
            ..unlimited("1e-9")
        };
        let c = solve_checked(&problem, &options).certificate;
        assert!(!c.lower_bound.is_negative() && c.lower_bound <= c.objective);
        assert!(
            started.elapsed().as_secs_f64() < time + 20.0,
            "far over the limit"
        );
        let network = random_network(&problem, 3, &frac(1, 3), &mut Random::new(1));
        let c = certify_checked(&problem, &network, &options).certificate;
        assert!(!c.lower_bound.is_negative());
    }
}

fn with_files(folder: &Path, options: RunOptions) -> RunOptions {
    RunOptions {
        proof: Some(folder.join("a.proof")),
        checkpoint: Some(folder.join("saved")),
        started: std::time::Instant::now(),
        ..options
    }
}

fn saved(problem: &Problem, folder: &Path, leaves: u64) -> Certificate {
    let options = RunOptions {
        max_leaves: Some(leaves),
        ..with_files(folder, unlimited("1e-3"))
    };
    let c = solve(problem, None, &options).expect("a run");
    assert!(folder.join("saved").is_file(), "no checkpoint was written");
    c
}

#[test]
fn a_saved_search_goes_on_where_it_stopped() {
    let problem = noise(33);
    let folder = tempfile::tempdir().expect("a folder");
    let first = saved(&problem, folder.path(), 1_000);
    let options = RunOptions {
        resume: Some(folder.path().join("saved")),
        max_leaves: Some(8_000),
        ..with_files(folder.path(), unlimited("1e-3"))
    };
    let second = solve(&problem, None, &options).expect("a run");
    let path = folder.path().join("a.proof");
    let checked = check(&problem, None, second, &path);
    let second = checked.certificate;
    assert!(second.lower_bound > first.lower_bound, "nothing was gained");
    assert!(second.proof.expect("a proof").leaves > first.proof.expect("a proof").leaves);
    // The same for a given network.
    let network = random_network(&problem, 3, &frac(1, 3), &mut Random::new(1));
    let c = certify(&problem, &network, &options).expect("a run");
    check(&problem, Some(&network), c, &path);
}

#[test]
fn a_search_saved_for_another_problem_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    saved(&noise(34), folder.path(), 300);
    let resume = RunOptions {
        resume: Some(folder.path().join("saved")),
        ..unlimited("1e-3")
    };
    let mut others = vec![noise(35), iris()];
    others.push(at_decay(&noise(34), &frac(1, 11)));
    others.push(Problem {
        output_bias: OutputBias::Decayed,
        ..noise(34)
    });
    others.push(Problem {
        activation: Activation::abs(),
        ..noise(34)
    });
    for other in others {
        let error = solve(&other, None, &resume)
            .expect_err("another problem")
            .to_string();
        assert!(error.contains("another problem"), "{error}");
    }
}

#[test]
fn a_damaged_checkpoint_is_refused() {
    let problem = noise(36);
    let folder = tempfile::tempdir().expect("a folder");
    saved(&problem, folder.path(), 300);
    let path = folder.path().join("saved");
    let whole = fs::read(&path).expect("the checkpoint");
    let resume = RunOptions {
        resume: Some(path.clone()),
        max_leaves: Some(300),
        ..unlimited("1e-3")
    };
    let mut damaged: Vec<Vec<u8>> = vec![
        Vec::new(),
        b"not a checkpoint".to_vec(),
        whole[1..].to_vec(),
    ];
    for length in [10, 31, 32, 33, whole.len() / 2, whole.len() - 1] {
        damaged.push(whole[..length].to_vec());
    }
    let mut random = Random::new(1);
    for _ in 0..20 {
        let mut bytes = whole.clone();
        let place = random.below(bytes.len());
        bytes[place] ^= 1 << random.below(8);
        damaged.push(bytes);
    }
    damaged.push([whole.as_slice(), b"\n"].concat());
    for bytes in damaged {
        fs::write(&path, &bytes).expect("a file");
        let error = solve(&problem, None, &resume)
            .expect_err("a damaged checkpoint")
            .to_string();
        assert!(error.contains("checkpoint"), "{error}");
    }
    fs::remove_file(&path).expect("the file");
    let error = solve(&problem, None, &resume)
        .expect_err("no checkpoint")
        .to_string();
    assert!(error.contains("cannot read the checkpoint"), "{error}");
    fs::write(&path, &whole).expect("a file");
    solve(&problem, None, &resume).expect("the whole one");
}

#[test]
fn the_number_of_threads_does_not_change_the_proof() {
    for problem in [iris(), noise(37)] {
        let proof = |threads: usize| {
            let folder = tempfile::tempdir().expect("a folder");
            let path = folder.path().join("a.proof");
            let options = RunOptions {
                threads: Some(threads),
                max_leaves: Some(1_500),
                proof: Some(path.clone()),
                ..unlimited("1e-3")
            };
            solve(&problem, None, &options).expect("a run");
            fs::read(path).expect("a proof")
        };
        let one = proof(1);
        assert!(one == proof(2), "the proofs differ");
        assert!(one == proof(3), "the proofs differ");
    }
}

#[test]
fn iris_is_solved() {
    let checked = solve_checked(&iris(), &unlimited("1e-6"));
    assert_eq!(checked.certificate.verdict, Verdict::Optimal);
    assert!(!checked.certificate.lower_bound.is_zero());
}
