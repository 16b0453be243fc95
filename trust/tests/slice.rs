//! A seeded slice of the attacks, and controls which show that they can fail.

use std::collections::BTreeSet;
use std::time::Duration;

use relucert_trust::attack::{self, Attack};
use relucert_trust::campaign::{Options, run};
use relucert_trust::checker::Control;
use relucert_trust::exact::Exact;
use relucert_trust::report::Report;
use relucert_trust::second::Second;
use relucert_trust::truths::xor_optimum;
use relucert_trust::{false_claims, judge};

fn options(count: u64, second: Option<Second>, control: Control) -> Options {
    Options { count, seed: 7, threads: 2, second, control, patience: Duration::from_secs(60), ..Options::default() }
}

fn false_claims() -> Attack {
    attack::on_false_claims(7).unwrap_or_else(|error| panic!("{error}"))
}

fn true_proofs() -> Attack {
    attack::on_true_proofs(7).unwrap_or_else(|error| panic!("{error}"))
}

fn report(attack: &Attack, options: &Options) -> Report {
    run(attack, options).unwrap_or_else(|error| panic!("{error}"))
}

fn assert_no_failure(report: &Report) {
    let texts: Vec<&str> = report.shown.iter().map(|failure| failure.text.as_str()).collect();
    assert_eq!(report.failures, 0, "{}", texts.join("\n"));
}

#[test]
fn no_mutant_of_a_false_claim_is_accepted_unless_it_is_true() {
    let report = report(&false_claims(), &options(12_000, None, Control::None));
    assert_no_failure(&report);
    assert_eq!(report.total().generated, 12_000);
}

#[test]
fn mutants_of_true_proofs_are_rejected_or_not_refuted() {
    let report = report(&true_proofs(), &options(12_000, None, Control::None));
    assert_no_failure(&report);
    assert!(report.total().accepted > 500, "{}", report.total().accepted);
    assert!(report.reasons.len() > 40, "{:?}", report.reasons);
}

/// That two checkers agree on some mutants of either attack, and have accepted some with the same theorem.
fn assert_agreement(second: Second, count: u64) {
    for (attack, least) in [(true_proofs(), count / 15), (false_claims(), 0)] {
        let report = report(&attack, &options(count, Some(second), Control::None));
        assert_no_failure(&report);
        assert_eq!(report.total().both, report.total().accepted);
        assert!(report.total().both >= least, "{}", report.total().both);
    }
}

#[test]
fn the_checkers_in_rust_and_python_agree_on_every_mutant() {
    assert_agreement(Second::Python, 1_500);
}

// The tests of the checker in JavaScript need programs that are not always there, and are asked for by `.ci/run` where they are.

#[test]
#[ignore = "needs node"]
fn the_checkers_in_rust_and_javascript_agree_on_every_mutant() {
    assert_agreement(Second::JavaScript, 6_000);
}

#[test]
#[ignore = "needs node"]
fn the_checkers_in_rust_and_javascript_agree_on_large_proofs() {
    let attack = attack::on_large_proofs().unwrap_or_else(|error| panic!("{error}"));
    let report = report(&attack, &options(60, Some(Second::JavaScript), Control::None));
    assert_no_failure(&report);
}

#[test]
#[ignore = "needs node and chromium"]
fn the_checker_in_javascript_answers_the_same_in_chromium() {
    assert_agreement(Second::Chromium, 1_500);
}

#[test]
fn a_checker_that_accepts_everything_is_caught() {
    for attack in [false_claims(), true_proofs()] {
        let report = report(&attack, &options(1_000, None, Control::Accept));
        assert!(report.failures > 0);
        assert!(report.total().refuted > 100, "{}", report.total().refuted);
    }
}

#[test]
fn a_checker_that_rejects_everything_is_caught() {
    for attack in [false_claims(), true_proofs()] {
        let report = report(&attack, &options(1_000, None, Control::Reject));
        assert!(report.failures > 20, "{}", report.failures);
    }
}

#[test]
fn a_mutant_depends_on_the_seed_and_its_number_only() {
    let attack = true_proofs();
    let one = report(&attack, &Options { threads: 1, ..options(2_000, None, Control::None) });
    let two = report(&attack, &options(2_000, None, Control::None));
    assert_eq!(one.reasons, two.reasons);
    let first = report(&attack, &options(1_000, None, Control::None));
    let last = report(&attack, &Options { first: 1_000, ..options(1_000, None, Control::None) });
    assert_eq!(first.total().accepted + last.total().accepted, one.total().accepted);
}

#[test]
fn false_claims_are_false_and_of_many_kinds() {
    let mut rng = attack::base_rng(7);
    let truths = attack::small_truths(&mut rng).unwrap_or_else(|error| panic!("{error}"));
    for truth in &truths {
        assert_eq!(judge::refute(&truth.claim, &truth.pool), None, "{}", truth.name);
        let best = truth.pool.iter().map(|network| truth.claim.problem.objective(network)).min();
        if truth.name.starts_with("planted") {
            assert_eq!(best.as_ref(), Some(&truth.claim.bound), "{} is not sharp", truth.name);
        }
    }
    let claims = false_claims::make(&mut rng, &truths).unwrap_or_else(|error| panic!("{error}"));
    let refuted = claims.iter().filter(|claim| claim.refutation.is_some()).count();
    assert!(refuted > 3_000, "{refuted}");
    let kinds: BTreeSet<&str> = claims.iter().map(|claim| claim.kind).collect();
    assert!(kinds.len() >= 58, "{kinds:?}");
}

#[test]
fn the_network_for_xor_is_optimal() {
    let mut rng = attack::base_rng(7);
    let truths = attack::small_truths(&mut rng).unwrap_or_else(|error| panic!("{error}"));
    let xor = truths.iter().find(|truth| truth.name == "xor_by_hand.proof").expect("the fixture");
    let objective = xor.claim.problem.objective(&xor_optimum());
    // The optimum is 4·(β/√2 − β²/4) with β = 1/10: x = P/4 + β²/4 has 2x² = β².
    let beta = Exact::new(1, 10);
    let x = &(&objective + &(&beta * &beta)) * &Exact::new(1, 4);
    let error = &(&(&x * &x) * &Exact::int(2)) - &(&beta * &beta);
    assert!(error >= Exact::int(0) && error < Exact::two_to_minus(150), "{error}");
}
