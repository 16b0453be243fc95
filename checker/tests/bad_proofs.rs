//! Every rule of the format, broken once: the checker says which.

mod support;

use std::io::Write;

use relucert_checker::{CheckError, Fraction, Limit, Reason, check_path, check_reader};
use support::{Proof, Q, big};

const XOR: &str = include_str!("../../fixtures/proofs/xor_by_hand.proof");
const OPTIMAL: &str = include_str!("../../fixtures/proofs/one_sample_optimal.proof");
const FREE: &str = include_str!("../../fixtures/proofs/undecayed_free.proof");
const LEAKY: &str = include_str!("../../fixtures/proofs/leaky_line.proof");

fn proof(text: &str) -> Proof {
    assert!(check_reader(text.as_bytes()).is_ok());
    Proof { lines: text.lines().map(str::to_owned).collect() }
}

/// The proof with `old`, which occurs exactly once, replaced.
fn edited(text: &str, old: &str, new: &str) -> String {
    assert_eq!(text.matches(old).count(), 1, "{old:?}");
    text.replace(old, new)
}

fn rejected(text: &str) -> (Reason, u64) {
    match check_reader(text.as_bytes()) {
        Err(CheckError::Rejected { line, reason, .. }) => (reason, line),
        other => panic!("{other:?}\n{text}"),
    }
}

#[test]
fn each_broken_rule_is_named() {
    use Reason::*;
    // (proof, old text, new text, reason, line)
    let cases: &[(&str, &str, &str, Reason, u64)] = &[
        // Text.
        (XOR, "relucert-proof 1\n", "relucert-proof 3\n", Word, 1),
        (XOR, "relucert-proof 1\n", "relucert-proof 1.\n", Word, 1),
        (XOR, "relucert-proof 1\n", "\u{feff}relucert-proof 1\n", Word, 1),
        (XOR, "relucert-proof 1\n", "relucert-proof 1\r\n", Word, 1),
        (XOR, "relucert-proof 1\n", "relucert-proof 1\n\n", Spacing, 2),
        (XOR, "loss half-sum", "loss  half-sum", Spacing, 3),
        (XOR, "loss half-sum", "loss half-sum ", Spacing, 3),
        (XOR, "loss half-sum", " loss half-sum", Spacing, 3),
        (XOR, "loss half-sum", "loss\thalf-sum", Word, 3),
        (XOR, "loss half-sum", "loss half-sum 1", ExtraToken, 3),
        (XOR, "loss half-sum", "loss", MissingToken, 3),
        (XOR, "loss half-sum", "loss halfsum", Word, 3),
        (XOR, "s -1 1 1\n", "s -1 1\n", MissingToken, 8),
        (XOR, "s -1 1 1\n", "s -1 1 1 0\n", ExtraToken, 8),
        (XOR, "s -1 1 1\n", "s -1 +1 1\n", Integer, 8),
        (XOR, "s -1 1 1\n", "s -1 01 1\n", Integer, 8),
        (XOR, "s -1 1 1\n", "s -1 1.0 1\n", Integer, 8),
        (XOR, "s -1 1 1\n", "s -1 1e0 1\n", Integer, 8),
        (XOR, "s -1 1 1\n", "s -1 1 -\n", Integer, 8),
        (XOR, "q 0 0\n/", "q -0 0\n/", Integer, 24),
        (XOR, "q 0 0\n/", "q 00 0\n/", Integer, 24),
        (XOR, "q 0 0\n/", "q 12345678901234567890x 0\n/", Integer, 24),
        (XOR, "q 0 0\n/", "q 0 0\n# a comment\n/", RuleTag, 25),
        (XOR, "\nend\n", "\n", EndOfFile, 33),
        (XOR, "\nend\n", "\nend", LineFeed, 33),
        (XOR, "\nend\n", "\nend\n\n", TrailingBytes, 34),
        (XOR, "\nend\n", "\nend\nend\n", TrailingBytes, 34),
        (XOR, "\nend\n", "\nend.\n", Word, 33),
        (XOR, "v -1\nfan + ", "fan + ", Word, 20),
        // The statement.
        (XOR, "activation 0 1 1", "activation 1 0 1", Activation, 2),
        (XOR, "activation 0 1 1", "activation 0 2 2", Activation, 2),
        (XOR, "activation 0 1 1", "activation 0 1 0", NotPositive, 2),
        (XOR, "decay weight-decay 1 10", "decay weight-decay 2 20", DecayTerms, 4),
        (XOR, "decay weight-decay 1 10", "decay weight-decay 0 10", NotPositive, 4),
        (XOR, "decay weight-decay 1 10", "decay weight-decay 1 -10", NotPositive, 4),
        (XOR, "decay weight-decay 1 10", "decay l1 1 10", Word, 4),
        (XOR, "data 4 4 2 1 1", "data 4 3 2 1 1", FewRows, 7),
        (XOR, "data 4 4 2 1 1", "data 0 4 2 1 1", NotPositive, 7),
        (XOR, "data 4 4 2 1 1", "data -4 4 2 1 1", Negative, 7),
        (XOR, "data 4 4 2 1 1", "data 3 4 2 1 1", SampleCount, 11),
        (XOR, "s -1 1 1\n", "+ 1 1\n", FirstRow, 8),
        (XOR, "s 1 -1 1\n", "+ -1 1\n", SampleCount, 11),
        (XOR, "s 1 1 -1\n", "t 1 1 -1\n", Word, 9),
        (LEAKY, "data 1 1 2 1 1\ns 1 1 1", "data 1 1 2 2 1\ns 1 2 2", FeatureDenominator, 8),
        (LEAKY, "data 1 1 2 1 1\ns 1 1 1", "data 1 1 2 1 3\ns 3 1 1", TargetDenominator, 8),
        // Networks.
        (XOR, "network given 0 1 1 1", "network given 0 1 1 2", OutputBiasDenominator, 12),
        (XOR, "network given 0 1 1 1", "network given -1 1 1 1", Negative, 12),
        (XOR, "network given 0 1 1 1", "network given 0 0 1 1", NotPositive, 12),
        (XOR, "network given 0 1 1 1", "network other 0 1 1 1", Word, 12),
        (XOR, "network given 0 1 1 1", "network given 1 1 1 1", Word, 13),
        (XOR, "objective 2 1", "objective 3 1", Objective, 13),
        (XOR, "objective 2 1", "objective 2 0", NotPositive, 13),
        (XOR, "objective 2 1\n", "objective 2 1\nnetwork given 0 1 1 1\nobjective 2 1\n", NetworkOrder, 14),
        (OPTIMAL, "network given", "network best 0 1 1 1\nobjective 1 2\nnetwork given", NetworkOrder, 11),
        (OPTIMAL, "n 1 1\n", "n 1 1 0\n", ExtraToken, 10),
        (OPTIMAL, "n 1 1\n", "n 1 -1\n", Objective, 11),
        (OPTIMAL, "n 1 1\n", "n 2 1\n", Objective, 11),
        (OPTIMAL, "n 1 1\n", "n 1 1\nc 0\n", Word, 11),
        (FREE, "n 1 1 0\nc 0", "n 1 1\nc 0", MissingToken, 11),
        (FREE, "n 1 1 0\nc 0", "n 1 1 1\nc 0", Objective, 13),
        (FREE, "c 3\n", "c 4\n", Objective, 17),
        (FREE, "c 3\n", "", Word, 16),
        // The verdict.
        (OPTIMAL, "bound 15 32", "bound 14 32", VerdictOptimal, 13),
        (OPTIMAL, "verdict optimal 0 1", "verdict optimal 0 0", NotPositive, 13),
        (OPTIMAL, "verdict optimal 0 1", "verdict optimal -1 1", Negative, 13),
        (OPTIMAL, "verdict optimal 0 1", "verdict not_optimal 0 1", VerdictNetworks, 13),
        (LEAKY, "verdict undecided", "verdict optimal", VerdictNetworks, 10),
        (XOR, "verdict undecided", "verdict optimal", VerdictOptimal, 15),
        (FREE, "verdict not_optimal 1 10", "verdict not_optimal 3 8", VerdictNotOptimal, 19),
        (FREE, "verdict not_optimal 1 10", "verdict optimal 1 10", VerdictOptimal, 19),
        (FREE, "best 1 2 2 8\nn 1 1 0\n", "best 2 2 2 8\nn 1 1 0\nn 0 0 0\n", VerdictWidth, 20),
        // The dual vector.
        (OPTIMAL, "dual 3 4", "dual 4 4", LeafTooLong, 18),
        (OPTIMAL, "dual 3 4", "dual -3 4", Negative, 14),
        (OPTIMAL, "dual 3 4", "dual 3 0", NotPositive, 14),
        (OPTIMAL, "dual 3 4", "dual 0 1", Bound, 15),
        (FREE, "v -1\n", "v -2\n", FreeBiasSum, 22),
        (XOR, "bound 27 100", "bound 27021 100000", Bound, 20),
        (OPTIMAL, "bound 15 32\nverdict optimal", "bound 16 32\nverdict undecided", Bound, 15),
        // The fans.
        (OPTIMAL, "fan + orthants 1 0 1", "fan - orthants 1 0 1", Word, 16),
        (OPTIMAL, "fan - orthants 1 0 1", "fan + orthants 1 0 1", Word, 20),
        (OPTIMAL, "fan + orthants 1 0 1", "fan + cross 1 0 1", Word, 16),
        (OPTIMAL, "fan + orthants 1 0 1", "fan + orthants 2 0 1", BasisSize, 16),
        (OPTIMAL, "fan + orthants 1 0 1", "fan + orthants 0 1 1", NotPositive, 16),
        (OPTIMAL, "fan + orthants 1 0 1", "fan + orthants 1 0 0", NotPositive, 16),
        (OPTIMAL, "fan + orthants 1 0 1", "fan + half 1 0 1", HalfNotAllowed, 16),
        (XOR, "b 1 0\nb 0 1\nq 0 0", "b 1 0\nb -2 0\nq 0 0", BasisSingular, 23),
        (XOR, "b 1 0\nb 0 1\nq 0 0", "b 1 0\nq 0 0", Word, 23),
        (LEAKY, "z 1 -1\nq 0 0\nq 20", "z 1 0\nq 0 0\nq 20", BasisSingular, 15),
        (LEAKY, "z 1 -1\nq 0 0\nq 20", "z 2 -1\nq 0 0\nq 20", LineNotInKernel, 15),
        (LEAKY, "fan + simplex 1 1 1", "fan + simplex 2 0 1", Word, 15),
        // The trees.
        (XOR, "/ 0 1 1 1", "/ 0 2 1 1", SplitIndex, 25),
        (XOR, "/ 0 1 1 1", "/ 0 99999999999999999999999 1 1", SplitIndex, 25),
        (XOR, "/ 0 1 1 1", "/ -1 1 1 1", Negative, 25),
        (XOR, "/ 0 1 1 1", "/ 1 1 1 1", SplitSame, 25),
        (XOR, "/ 0 1 1 1", "/ 0 1 0 1", NotPositive, 25),
        (XOR, "/ 0 1 1 1", "/ 0 1 1 -1", NotPositive, 25),
        (XOR, "/ 0 1 1 1", "/ 0 1 2 1", LeafGenerator, 26),
        (XOR, "/ 0 1 1 1\nq -2 2\nq -2 2", "q -2 2\nq -2 2", LeafGenerator, 25),
        (XOR, "/ 0 1 1 1\nq -2 2\nq -2 2", "/ 0 1 1 1\nq -2 2", RuleTag, 27),
        (XOR, "/ 0 1 1 1\nq -2 2\nq -2 2", "/ 0 1 1 1\nq -2 2\nq -2 2\nq -2 2", Word, 28),
        (XOR, "/ 0 1 1 1\nq -2 2\nq -2 2", "Q -2 2\nq -2 2", RuleTag, 25),
        (XOR, "q 2 2 1 1 0\nq 0 0", "q 0 0\nq 2 2 1 1 0", LeafGenerator, 31),
        (XOR, "q 2 2 1 1 0\nq 0 0", "q 2 2 1 1 0", RuleTag, 32),
        (XOR, "q 2 2 1 1 0\nq 0 0", "q 2 2 1 1 0\nq 0 0\nq 0 0", Word, 33),
        (XOR, "fan - half 2 0 1", "fan - orthants 2 0 1", RuleTag, 33),
        (OPTIMAL, "q 2\nq 0", "q 0\nq 2", LeafGenerator, 18),
        // The leaves.
        (XOR, "q 2 2 1 1 0", "q 3 2 1 1 0", LeafTooLong, 31),
        (XOR, "q 2 2 1 1 0", "q 2 1 1 1 0", LeafGenerator, 31),
        (XOR, "q 2 2 1 1 0", "q 2 2", LeafGenerator, 31),
        (XOR, "q 2 2 1 1 0", "q 2 2 1 1 1", LeafGenerator, 31),
        (XOR, "q 2 2 1 1 0", "q 2 2 1 1 2", ExceptionSlope, 31),
        (XOR, "q 2 2 1 1 0", "q 2 2 1 1 -2", ExceptionSlope, 31),
        (XOR, "q 2 2 1 1 0", "q 2 2 0 1 0", NotPositive, 31),
        (XOR, "q 2 2 1 1 0", "q 2 2 1", MissingToken, 31),
        (XOR, "q 2 2 1 1 0", "q 2 2 1 1", MissingToken, 31),
        (XOR, "q 2 2 1 1 0", "q 2 2 1 0 0", ExceptionNotConcave, 31),
        (XOR, "q 2 2 1 1 0", "q 2 2 1 2 0", ExceptionClass, 31),
        (XOR, "q 2 2 1 1 0", "q 2 2 1 1 0 1 0", ExceptionOrder, 31),
        (XOR, "q 2 2 1 1 0", "q 2", MissingToken, 31),
        (LEAKY, "q 20 20", "q 19 19", LeafGenerator, 17),
        (LEAKY, "q 20 20", "q 20 19", LeafLine, 17),
        (LEAKY, "q 20 20", "q 21 21", LeafTooLong, 17),
        (LEAKY, "q -2 -2", "q -1 -1", LeafGenerator, 22),
        (FREE, "q -2 2", "q -2 1", LeafGenerator, 34),
        (FREE, "q 0 -1", "q 0 0", LeafGenerator, 35),
        (FREE, "b 0 1\nq 2 0", "b 0 1\nq 3 0", LeafTooLong, 26),
        (FREE, "b 0 1\nq 2 0", "b 0 1\nq 1 5", LeafGenerator, 26),
    ];
    for (text, old, new, reason, line) in cases {
        let text = edited(text, old, new);
        assert_eq!(rejected(&text), (*reason, *line), "{old:?} -> {new:?}\n{:?}", check_reader(text.as_bytes()));
    }
}

#[test]
fn numbers_of_the_statement_matter() {
    // A proof of one statement is none of another: one digit of a target, a feature, λ, c, κ or a convention.
    let cases: &[(&str, &str, &str)] = &[
        (XOR, "s -1 1 1\n", "s 1 1 1\n"),
        (XOR, "s -1 1 1\n", "s -1 1 2\n"),
        (XOR, "s 1 1 -1\n", "s 1 1 1\n"),
        (XOR, "decay weight-decay 1 10", "decay weight-decay 1 11"),
        (OPTIMAL, "decay weight-decay 3 4", "decay ridge 3 4"),
        (OPTIMAL, "loss half-sum", "loss sum"),
        (OPTIMAL, "output-bias none\n", "output-bias decayed\n"),
        (OPTIMAL, "hidden-bias none\n", "hidden-bias decayed\n"),
        (LEAKY, "activation 1 10 10", "activation 0 1 1"),
        (LEAKY, "activation 1 10 10", "activation -1 1 1"),
        (LEAKY, "loss half-sum", "loss mean"),
        (FREE, "hidden-bias undecayed", "hidden-bias decayed"),
        (FREE, "output-bias free", "output-bias decayed"),
    ];
    for (text, old, new) in cases {
        rejected(&edited(text, old, new));
    }
}

#[test]
fn every_prefix_of_a_proof_is_rejected() {
    for text in [XOR, OPTIMAL, FREE, LEAKY] {
        for end in 0..text.len() {
            let (reason, _) = rejected(&text[..end]);
            assert!(matches!(reason, Reason::EndOfFile | Reason::LineFeed), "{end}: {reason:?}");
        }
    }
}

#[test]
fn a_missing_or_doubled_line_is_rejected() {
    for text in [XOR, OPTIMAL, FREE, LEAKY] {
        let proof = proof(text);
        for at in 0..proof.lines.len() {
            let mut missing = proof.clone();
            missing.lines.remove(at);
            assert!(missing.reason().is_some(), "without line {at}:\n{text}");
            let mut doubled = proof.clone();
            doubled.lines.insert(at, proof.lines[at].clone());
            assert!(doubled.reason().is_some(), "with line {at} twice:\n{text}");
        }
    }
}

#[test]
fn long_tokens_and_numbers_are_shortened_in_messages() {
    let message = |old: &str, new: &str| check_reader(edited(XOR, old, new).as_bytes()).unwrap_err().to_string();
    for (length, end) in [(40, "` where"), (41, "…` where"), (400, "…` where")] {
        let found = message("loss half-sum", &format!("loss {}", "x".repeat(length)));
        assert!(found.starts_with(&format!("rejected: line 3: `{}{end}", "x".repeat(40))), "{found}");
    }
    for (digits, words) in [(59, "9999, less than 0"), (60, "9… (60 digits), less than 0")] {
        let found = message("dual 7 100", &format!("dual -{} 100", "9".repeat(digits)));
        assert!(found.ends_with(words), "{found}");
    }
}

#[test]
fn every_line_has_one_spelling() {
    use Reason::*;
    for text in [XOR, OPTIMAL, FREE, LEAKY] {
        let proof = proof(text);
        for (at, line) in proof.lines.iter().enumerate() {
            let refused = |changed: String, reasons: &[Reason]| {
                let reason = proof.replace(at, changed.clone()).reason();
                assert!(reason.is_some_and(|reason| reasons.contains(&reason)), "{changed:?}: {reason:?}");
            };
            // After Q a number is the denominator of exceptions.
            let extra: &[Reason] = if line.starts_with('q') { &[NotPositive, MissingToken] } else { &[ExtraToken] };
            refused(format!("{line} 0"), extra);
            refused(format!("{line} 1"), extra);
            refused(format!("{line} "), &[Spacing]);
            refused(format!(" {line}"), &[Spacing]);
            refused(format!("{line}\t"), &[Word, Integer, RuleTag]);
            refused(format!("{line}\r"), &[Word, Integer, RuleTag]);
            let tokens: Vec<&str> = line.split(' ').collect();
            let changed = |place: usize, token: &str| {
                let mut tokens = tokens.clone();
                tokens[place] = token;
                tokens.join(" ")
            };
            if let [most @ .., _] = &tokens[..]
                && !most.is_empty()
            {
                refused(most.join(" "), &[MissingToken]);
            }
            for (place, token) in tokens.iter().enumerate() {
                refused(changed(place, &format!(" {token}")), &[Spacing]);
                if token.parse::<i64>().is_ok() && at > 0 {
                    for wrong in [format!("+{token}"), format!("0{token}"), format!("{token}.0"), format!("{token}e0")]
                    {
                        refused(changed(place, &wrong), &[Integer]);
                    }
                } else {
                    // Words, the tags of trees and the version.
                    refused(changed(place, &format!("{token}x")), &[Word, RuleTag]);
                    refused(changed(place, &token.to_uppercase().replace(['+', '-', '/', '1'], "x")), &[Word, RuleTag]);
                }
            }
        }
    }
}

/// A proof, and a number just above the least objective of its statement.
const OPTIMA: [(&str, (i64, i64)); 4] =
    [(XOR, (27_285, 100_000)), (OPTIMAL, (15, 32)), (FREE, (15, 64)), (LEAKY, (45_711, 100_000))];

#[test]
fn an_entry_changed_by_one_is_rejected_or_proves_what_is_still_true() {
    let mut accepted = 0;
    for (text, (p, q)) in OPTIMA {
        let proof = proof(text);
        let sha256 = proof.check().unwrap().problem.sha256;
        let network = proof.lines.iter().position(|line| line.starts_with("network") || line.starts_with("bound"));
        for (at, line) in proof.lines.iter().enumerate() {
            for (place, _) in line.split(' ').enumerate().filter(|(_, token)| token.parse::<i64>().is_ok()) {
                for delta in [-2, -1, 1, 2] {
                    let changed = proof.add(at, place, delta);
                    let Ok(theorem) = changed.check() else { continue };
                    accepted += 1;
                    // Another statement may be proved by the same fans; a vector may have room; a bound may be lower.
                    let is_statement = at > 0 && Some(at) < network;
                    assert_eq!(theorem.problem.sha256 != sha256, is_statement);
                    let bound = rational(&theorem.bound.value);
                    for network in theorem.given.iter().chain(&theorem.best) {
                        assert!(!rational(&network.objective).lt(&bound), "{}", changed.text());
                    }
                    assert!(is_statement || !Q::new(big(p), big(q)).lt(&bound), "{}", changed.text());
                }
            }
        }
    }
    assert!(accepted > 50, "{accepted}");
}

fn rational(x: &Fraction) -> Q {
    let text = x.to_string();
    let (p, q) = text.split_once('/').unwrap_or((&text, "1"));
    Q::new(p.parse().unwrap(), q.parse().unwrap())
}

#[test]
fn numbers_need_not_be_in_lowest_terms_except_in_the_statement() {
    for (text, old, new) in [
        (XOR, "objective 2 1", "objective 14 7"),
        (XOR, "bound 27 100", "bound 54 200"),
        (XOR, "dual 7 100", "dual 21 300"),
        (XOR, "verdict undecided 1 100", "verdict undecided 0 5"),
        (OPTIMAL, "network given 1 2 2 1\nn 1 1", "network given 1 6 4 1\nn 2 3"),
        (XOR, "q 2 2 1 1 0", "q 2 2 7 1 0"),
        (XOR, "/ 0 1 1 1", "/ 0 1 1000000000000000000000000000000 1000000000000000000000000000000"),
    ] {
        let text = edited(text, old, new);
        assert!(check_reader(text.as_bytes()).is_ok(), "{new}");
    }
}

#[test]
fn limits_are_neither_acceptance_nor_rejection() {
    let long = "9".repeat(20_001);
    let just = "9".repeat(20_000);
    let wide = format!("s 1{}", " 0".repeat(2_000_001));
    let basis: String = (0..25).map(|_| "q 0\n".to_owned()).collect();
    for (text, old, new, limit) in [
        (XOR, "data 4 4 2 1 1", "data 4 10000001 2 1 1".to_owned(), Limit::Rows),
        (XOR, "data 4 4 2 1 1", "data 4 4 1001 1 1".to_owned(), Limit::Columns),
        (XOR, "data 4 4 2 1 1", format!("data 4 4 {just} 1 1"), Limit::Columns),
        (XOR, "network given 0 1 1 1", "network given 1000001 1 1 1".to_owned(), Limit::Neurons),
        (XOR, "fan + half 2 0 1", format!("fan + half 25 0 1\n{basis}"), Limit::BasisVectors),
        (XOR, "bound 27 100", format!("bound -{long} 100"), Limit::Digits),
        (XOR, "s -1 1 1\n", format!("{wide}\n"), Limit::LineLength),
    ] {
        match check_reader(edited(text, old, &new).as_bytes()) {
            Err(CheckError::Limit { limit: found, .. }) => assert_eq!(found, limit),
            other => panic!("{limit:?}: {other:?}"),
        }
    }
    // A line of 20,000 digits is decided.
    assert!(check_reader(edited(XOR, "bound 27 100", &format!("bound -{just} 100")).as_bytes()).is_ok());
}

#[test]
fn trees_are_as_deep_as_the_limit() {
    // Splits that go on in the second cone: every first cone is closed by a leaf at once.
    let chain = |depth: usize| {
        let splits: String = (0..depth).map(|_| "/ 0 1 1 1\nq -2 2\n").collect();
        edited(XOR, "/ 0 1 1 1\nq -2 2\nq -2 2\n", &format!("{splits}q -2 2\n"))
    };
    let theorem = check_reader(chain(10_000).as_bytes()).unwrap();
    assert_eq!((theorem.counts.splits, theorem.counts.leaves), (10_000, 10_004));
    match check_reader(chain(10_001).as_bytes()) {
        Err(CheckError::Limit { limit, .. }) => assert_eq!(limit, Limit::Depth),
        other => panic!("{other:?}"),
    }
}

#[test]
fn generators_may_not_grow_without_bound() {
    let factor = "7".repeat(19_000);
    let splits: String = (0..5).map(|_| format!("/ 0 1 {factor} {factor}\n")).collect();
    match check_reader(edited(XOR, "/ 0 1 1 1\n", &splits).as_bytes()) {
        Err(CheckError::Limit { limit, .. }) => assert_eq!(limit, Limit::GeneratorBits),
        other => panic!("{other:?}"),
    }
}

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

fn check_file(name: &str, bytes: &[u8]) -> Result<(), CheckError> {
    let path = std::env::temp_dir().join(format!("relucert-checker-{}-{name}", std::process::id()));
    std::fs::write(&path, bytes).unwrap();
    let result = check_path(&path).map(|_| ());
    std::fs::remove_file(&path).unwrap();
    result
}

#[test]
fn compressed_proofs_are_read_whole_or_rejected() {
    let whole = gzip(XOR);
    assert_eq!(check_file("whole.proof.gz", &whole), Ok(()));
    let members = [gzip(&XOR[..100]), gzip(""), gzip(&XOR[100..])].concat();
    assert_eq!(check_file("members.proof.gz", &members), Ok(()));
    let mut flipped = whole.clone();
    let last = flipped.len() - 6; // in the checksum
    flipped[last] ^= 1;
    let bad: Vec<(&str, Vec<u8>)> = vec![
        ("empty.gz", Vec::new()),
        ("plain.gz", XOR.as_bytes().to_vec()),
        ("cut.gz", whole[..whole.len() - 1].to_vec()),
        ("short.gz", whole[..whole.len() / 2].to_vec()),
        ("flipped.gz", flipped),
        ("garbage.gz", [&whole[..], b"more"].concat()),
        ("zeros.gz", [&whole[..], &[0; 12]].concat()),
    ];
    for (name, bytes) in bad {
        let reason = check_file(name, &bytes).unwrap_err().reason();
        assert_eq!(reason, Some(Reason::Gzip), "{name}");
    }
    // A plain name is not decompressed, and text after the end of the last member's text is rejected.
    assert_eq!(check_file("plain.proof", &whole).unwrap_err().reason(), Some(Reason::LineFeed));
    let more = [gzip(XOR), gzip("x")].concat();
    assert_eq!(check_file("more.gz", &more).unwrap_err().reason(), Some(Reason::TrailingBytes));
}

#[test]
fn files_that_cannot_be_read_are_not_rejected() {
    let missing = check_path(std::path::Path::new("no/such.proof")).unwrap_err();
    assert!(matches!(missing, CheckError::Unreadable { .. }));
    let folder = check_path(&std::env::temp_dir()).unwrap_err();
    assert!(matches!(folder, CheckError::Unreadable { .. }));
}

#[test]
fn damaged_proofs_never_panic_and_never_prove_too_much() {
    let mut rng = support::Rng(99);
    let alphabet = b"0123456789-+ /\nqbvz\xff";
    let mut accepted = 0;
    for round in 0..12_000 {
        let (text, (p, q)) = OPTIMA[round % OPTIMA.len()];
        let mut bytes = text.as_bytes().to_vec();
        for _ in 0..rng.range(1, 3) {
            let at = rng.range(0, bytes.len() as i64 - 1) as usize;
            match rng.range(0, 3) {
                0 => bytes[at] = rng.pick(alphabet),
                1 => bytes.insert(at, rng.pick(alphabet)),
                2 => drop(bytes.remove(at)),
                _ => {
                    let line =
                        bytes[at..].iter().position(|byte| *byte == b'\n').map_or(bytes.len(), |end| at + end + 1);
                    bytes.drain(at..line);
                }
            }
        }
        let Ok(theorem) = check_reader(&bytes[..]) else { continue };
        accepted += 1;
        let bound = rational(&theorem.bound.value);
        for network in theorem.given.iter().chain(&theorem.best) {
            assert!(!rational(&network.objective).lt(&bound), "{}", String::from_utf8_lossy(&bytes));
        }
        if theorem.problem.sha256 == check_reader(text.as_bytes()).unwrap().problem.sha256 {
            assert!(!Q::new(big(p), big(q)).lt(&bound), "{}", String::from_utf8_lossy(&bytes));
        }
    }
    assert!(accepted > 50, "{accepted}");
}
