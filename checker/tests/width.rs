//! Bounds at a fixed width: what is proven, what is said of it, and what must not be accepted (tests/fail has a file for each rule).

#![allow(clippy::unwrap_used, clippy::panic, clippy::arithmetic_side_effects)]

use std::ffi::OsString;
use std::path::PathBuf;

use relucert_checker::{CheckError, Reason, Theorem, check_path, check_reader, run};

const HAND: &str = include_str!("../../fixtures/proofs/width_by_hand.proof");

fn check(text: &str) -> Result<Theorem, CheckError> {
    check_reader(text.as_bytes())
}

fn fixture(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../fixtures/proofs").join(name)
}

/// The command's exit status, output and messages.
fn command(name: &str, flags: &[&str]) -> (i32, String, String) {
    let mut args = vec![fixture(name).into_os_string()];
    args.extend(flags.iter().map(OsString::from));
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let status = run(&args, &mut out, &mut err);
    (status, String::from_utf8(out).unwrap(), String::from_utf8(err).unwrap())
}

#[test]
fn the_proof_by_hand_is_accepted_at_its_width() {
    let theorem = check(HAND).unwrap();
    assert_eq!((theorem.bound.value.to_string().as_str(), theorem.bound.width), ("7/8", Some(1)));
    assert_eq!(theorem.bound.to_string(), "7/8 width 1");
    let counts = theorem.counts;
    assert_eq!((counts.blocks, counts.leaves, counts.cones, counts.splits, counts.generators), (2, 6, 2, 0, 2));
}

#[test]
fn every_statement_says_at_which_width() {
    for (name, width) in [("width_by_hand.proof", 1), ("width_spurious.proof", 1), ("width_abs.proof", 1)] {
        let text = check_path(&fixture(name)).unwrap().to_string();
        assert!(text.contains(&format!("Every such network, of width at most {width}, has objective ≥ ")), "{text}");
        assert!(text.contains("Nothing is claimed of wider networks."), "{text}");
        assert!(!text.contains("every width") && !text.contains("any width"), "{text}");
        assert!(text.contains("Verified: ") && text.contains(" blocks with "), "{text}");
    }
    let text = check(HAND).unwrap().to_string();
    assert!(text.contains("optimal among networks of width at most 1 within relative tolerance 1/1000"), "{text}");
    assert!(text.contains("no network of width at most 1 is lower by more than 0.0000594"), "{text}");
    let text = check_path(&fixture("xor_best.proof")).unwrap().to_string();
    assert!(text.contains("of every width") && !text.contains("wider"), "{text}");
}

#[test]
fn json_keeps_the_two_kinds_of_bounds_apart() {
    let (status, out, _) = command("width_by_hand.proof", &["--json"]);
    assert_eq!(status, 0);
    for member in [
        r#""verdict":"optimal_at_width""#,
        r#""bound":null"#,
        r#""fixed_width":{"width":1,"bound":{"exact":"7/8","decimal":"0.875"}}"#,
        r#""blocks":2,"cones":2"#,
    ] {
        assert!(out.contains(member), "{member}: {out}");
    }
    let (_, out, _) = command("width_spurious.proof", &["--json"]);
    assert!(out.contains(r#""verdict":"not_optimal""#) && out.contains(r#""bound":null"#), "{out}");
    let (_, out, _) = command("xor_best.proof", &["--json"]);
    assert!(out.contains(r#""verdict":"optimal""#) && out.contains(r#""fixed_width":null"#), "{out}");
    assert!(out.contains(r#""bound":{"exact":"#), "{out}");
}

#[test]
fn a_reader_can_ask_for_the_width() {
    for (name, width, expected) in [
        ("width_by_hand.proof", "0", 0),
        ("width_by_hand.proof", "1", 0),
        ("width_by_hand.proof", "2", 1),
        ("width_by_hand.proof", "18446744073709551615", 1),
        ("width_by_hand.proof", "every", 1),
        ("xor_best.proof", "every", 0),
        ("xor_best.proof", "5", 0),
        ("xor_best.proof", "-1", 2),
        ("xor_best.proof", "all", 2),
    ] {
        let (status, _, err) = command(name, &["--for-width", width]);
        assert_eq!(status, expected, "{name} {width}: {err}");
        match expected {
            0 => assert_eq!(err, ""),
            1 => assert!(err.contains("line 13: the bound is for networks of at most 1 neurons, not for"), "{err}"),
            _ => assert!(err.contains("--for-width is a number of neurons, or every"), "{err}"),
        }
    }
    // A width beyond the numbers of the machine is still not every width.
    let folder = std::env::temp_dir().join(format!("relucert-width-{}.proof", std::process::id()));
    let all = "blocks 1\ndual 1 4\nv 1\nv 1\npieces 4 1\np 0 2\np 1 0\np 2 -2\np 3 0\nend\n";
    let head = HAND.split("blocks 2").next().unwrap().replace("optimal 1 1000", "undecided 0 1");
    let head = head.replace("bound 7 8 width 1", &format!("bound 1 4 width 1{}", "0".repeat(30)));
    std::fs::write(&folder, head + all).unwrap();
    let ask = |width: &str| {
        let args = [folder.clone().into_os_string(), OsString::from("--for-width"), OsString::from(width)];
        run(&args, &mut Vec::new(), &mut Vec::new())
    };
    let found = [ask("7"), ask("18446744073709551615"), ask("every")];
    std::fs::remove_file(&folder).unwrap();
    assert_eq!(found, [0, 0, 1]);
}

#[test]
fn every_prefix_and_every_missing_or_doubled_line_is_rejected() {
    for length in 0..HAND.len() {
        assert!(matches!(check(&HAND[..length]), Err(CheckError::Rejected { .. })), "{length}");
    }
    let lines: Vec<&str> = HAND.lines().collect();
    for at in 0..lines.len() {
        let mut fewer = lines.clone();
        fewer.remove(at);
        let mut more = lines.clone();
        more.insert(at, lines[at]);
        for changed in [fewer, more] {
            let text = changed.join("\n") + "\n";
            assert!(matches!(check(&text), Err(CheckError::Rejected { .. })), "{text}");
        }
    }
}

/// The best that one neuron can do on two samples ±1 with other targets and decays is known: ½·(the lesser target)² + β·t − ½β², t the greater one. Whatever is
/// changed by a little, the bound of an accepted proof at width 1 is not above it.
#[test]
fn an_entry_changed_by_a_little_proves_nothing_false() {
    let lines: Vec<&str> = HAND.lines().collect();
    let mut accepted = 0;
    for (at, line) in lines.iter().enumerate().skip(1) {
        for (place, token) in line.split(' ').enumerate() {
            let Ok(number) = token.parse::<i64>() else { continue };
            for delta in [-2, -1, 1, 2] {
                let mut tokens: Vec<String> = line.split(' ').map(str::to_owned).collect();
                tokens[place] = (number + delta).to_string();
                let changed = tokens.join(" ");
                let mut changed_lines = lines.clone();
                changed_lines[at] = &changed;
                let text = changed_lines.join("\n") + "\n";
                let Ok(theorem) = check(&text) else { continue };
                accepted += 1;
                assert_eq!(theorem.bound.width, Some(1), "{text}");
                if (1..9).contains(&at) {
                    // Another problem: its best networks of width 1 are judged by those of the file.
                    let given = theorem.given.unwrap();
                    assert!(given.objective >= theorem.bound.value, "{text}");
                } else {
                    let value = theorem.bound.value.to_string();
                    let (p, q) = value.split_once('/').map_or((value.as_str(), "1"), |(p, q)| (p, q));
                    let (p, q): (i64, i64) = (p.parse().unwrap(), q.parse().unwrap());
                    assert!(8 * p <= 7 * q, "{text}");
                }
            }
        }
    }
    assert!(accepted > 20, "{accepted}");
}

#[test]
fn a_block_of_the_zero_vector_has_every_piece() {
    let head = HAND.split("blocks 2").next().unwrap().replace("optimal 1 1000", "undecided 0 1");
    let head = head.replace("bound 7 8 width 1", "bound 0 1 width 5");
    for dual in ["dual 0 1\nv 1\nv 2\n", "dual 1 1\nv 0\nv 0\n"] {
        let theorem = check(&format!("{head}blocks 1\n{dual}end\n")).unwrap();
        assert_eq!((theorem.counts.blocks, theorem.counts.leaves), (1, 4));
        let followed = check(&format!("{head}blocks 1\n{dual}pieces 1 1\np 0 2\nend\n"));
        assert_eq!(followed.unwrap_err().reason(), Some(Reason::Word));
    }
}

#[test]
fn blocks_do_not_depend_on_each_other() {
    // The two blocks of the proof in the other order, and each of them again after the other.
    let (head, rest) = HAND.split_once("blocks 2\n").unwrap();
    let blocks: Vec<String> = rest.trim_end_matches("end\n").split_inclusive("p 3 0\n").map(str::to_owned).collect();
    assert_eq!(blocks.len(), 2);
    for order in [vec![1, 0], vec![0, 1, 0], vec![1, 1, 0, 0, 1]] {
        let body: String = order.iter().map(|&block| blocks[block].as_str()).collect();
        let text = format!("{head}blocks {}\n{body}end\n", order.len());
        assert_eq!(check(&text).unwrap().counts.blocks, order.len() as u64);
    }
    for order in [vec![0, 0], vec![1, 1, 1]] {
        let body: String = order.iter().map(|&block| blocks[block].as_str()).collect();
        let text = format!("{head}blocks {}\n{body}end\n", order.len());
        assert_eq!(check(&text).unwrap_err().reason(), Some(Reason::Uncovered));
    }
}

#[test]
fn many_blocks_are_told_apart() {
    // 130 blocks, of which only the last two are those that cover: more than two machine words of them.
    let (head, rest) = HAND.split_once("blocks 2\n").unwrap();
    let few = "dual 1 2\nv 1\nv 2\npieces 1 1\np 3 0\n";
    for count in [61, 62, 63, 64, 126, 127, 128] {
        let text = format!("{head}blocks {}\n{}{rest}", count + 2, few.repeat(count));
        assert_eq!(check(&text).unwrap().counts.blocks, count as u64 + 2);
        let text = format!("{head}blocks {}\n{}end\n", count, few.repeat(count));
        assert_eq!(check(&text).unwrap_err().reason(), Some(Reason::Uncovered));
    }
}

#[test]
fn blocks_that_are_64_apart_are_not_one() {
    // Together the two blocks of the proof have all pieces, but neither has both 0 and 2.
    let (head, rest) =
        HAND.replace("width 1", "width 2").split_once("blocks 2\n").map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
    let blocks: Vec<&str> = rest.trim_end_matches("end\n").split_inclusive("p 3 0\n").collect();
    let few = "dual 1 2\nv 1\nv 2\npieces 1 1\np 3 0\n";
    for between in [0, 62, 63, 64, 127] {
        let body = format!("{}{}{}", blocks[0], few.repeat(between), blocks[1]);
        let text = format!("{head}blocks {}\n{body}end\n", between + 2);
        assert_eq!(check(&text).unwrap_err().reason(), Some(Reason::Uncovered), "{between}");
    }
}

#[test]
fn a_vector_is_checked_on_every_cone_of_its_part() {
    let one = "parts orthants 1 0 1\nb 1\n. 0\n. 0\n";
    let text = HAND.replace("parts orthants 1 0 2\nb 1\n. 0\n. 1\n", one);
    let error = check(&text).unwrap_err();
    assert_eq!((error.reason(), error.line()), (Some(Reason::LeafGenerator), Some(24)));
    // A cone that is split within its part.
    let five = std::fs::read_to_string(fixture("width_spurious.proof")).unwrap();
    assert_eq!(five.matches("\n. 9\n").count(), 1);
    let text = five.replace("\n. 9\n", "\n/ 0 1 1 1\n. 9\n/ 0 1 5 1\n. 9\n. 9\n");
    let counts = check(&text).unwrap().counts;
    assert_eq!((counts.cones, counts.splits), (12, 8));
}

#[test]
fn a_vector_vanishes_on_the_lines() {
    let text = std::fs::read_to_string(fixture("width_collinear.proof")).unwrap();
    assert_eq!(text.matches("\nz -9 5 -160\n").count(), 1);
    let (old, new) = ("\np 5 0 0 0\n", "\np 5 -9 5 -160\n");
    assert!(text.contains(old));
    let error = check(&text.replacen(old, new, 1)).unwrap_err();
    assert_eq!(error.reason(), Some(Reason::LeafLine));
}
