//! The words and the JSON of an accepted proof.

#![allow(clippy::unwrap_used, clippy::panic, clippy::arithmetic_side_effects)]

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use relucert_checker::{check_path, check_reader, run};

fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/proofs").join(name)
}

#[test]
fn a_theorem_is_written_in_plain_words() {
    let cases = [
        (
            "xor_by_hand.proof",
            "Two-layer ReLU networks (no hidden bias; no output bias) on 4 samples, 2 features;\n\
             objective ½·Σ(f−y)² + (λ/2)·‖θ‖², λ = 1/10 = 0.1.\n\
             Every such network, of every width, has objective ≥ 27/100 = 0.27.\n\
             The given network (0 neurons) has objective 2.\n\
             Nothing more is claimed (verdict undecided, relative tolerance 1/100).\n\
             Statement SHA-256: 90be289fc4508966e1ffb22ed68ce26454c7b3ec305d5f4a823919b769cadd04\n\
             Verified: 5 leaves, 1 splits, 9 generators.",
        ),
        (
            "one_sample_optimal.proof",
            "Two-layer ReLU networks (no hidden bias; no output bias) on 1 sample, 1 feature;\n\
             objective ½·Σ(f−y)² + (λ/2)·‖θ‖², λ = 3/4 = 0.75.\n\
             Every such network, of every width, has objective ≥ 15/32 = 0.46875.\n\
             The given network (1 neuron) has objective 15/32 = 0.46875.\n\
             So the given network is optimal within relative tolerance 0:\n\
             no network of any width is lower by more than 0 of its objective.\n\
             Statement SHA-256: 40cae6094032672dd5c4c2be729e050414602d49a9f11d771230bbf0c9a330ba\n\
             Verified: 4 leaves, 0 splits, 4 generators.",
        ),
        (
            "undecayed_free.proof",
            "Two-layer ReLU networks (hidden bias, not decayed; output bias, not decayed) on 2 samples, 1 feature;\n\
             objective ½·Σ(f−y)² + (λ/2)·‖θ‖², λ = 3/8 = 0.375.\n\
             Every such network, of every width, has objective ≥ 15/64 = 0.234375.\n\
             The given network (1 neuron) has objective 3/8 = 0.375.\n\
             The best network (1 neuron) has objective 15/64 = 0.234375.\n\
             So the given network is not optimal, not even among networks of its width:\n\
             the best network is lower by more than 1/10 of the given network's objective.\n\
             Statement SHA-256: bd9f78f036feaf72d1a6b99fb4928d8b585f397f2f46862d3ed54eb12da65f92\n\
             Verified: 8 leaves, 0 splits, 8 generators.",
        ),
        (
            "leaky_line.proof",
            "Two-layer leaky ReLU (slope 1/10) networks (no hidden bias; no output bias) on 1 sample, 2 features;\n\
             objective ½·Σ(f−y)² + (λ/2)·‖θ‖², λ = 1.\n\
             Every such network, of every width, has objective ≥ 91/200 = 0.455.\n\
             Nothing more is claimed (verdict undecided, relative tolerance 1/100).\n\
             Statement SHA-256: 99f491649fbb7364c5c38f4aec1b9dbd2511e2305b24f4cfd1fdc050d0b548af\n\
             Verified: 4 leaves, 0 splits, 4 generators.",
        ),
        (
            "patches_free.proof",
            "Two-layer ReLU networks (no hidden bias; output bias, not decayed) on 10 samples of 30 rows in all, 2 features;\n\
             objective (1/n)·Σ(f−y)² + (λ/2)·‖θ‖², λ = 1/20 = 0.05.\n\
             Every such network, of every width, has objective ≥ \
             95492258467574870350305258786788327817832967012138265386564427\
             /257110087081438444086713934774586016403552479005246853648220160 ≈ 0.371406114600739621129408498066.\n\
             The best network (5 neurons) has objective \
             123956038414078159214864515376086183404308625775469295487643755808351071892469967628395795424743\
             /333747974362642200374222141588992517906672581618226995304225251222221832153225085941087826083840 \
             ≈ 0.371406114601284826326508491479.\n\
             So the best network is optimal within relative tolerance 1/100000000:\n\
             no network of any width is lower by more than 0.000000000001467948899240086322 of its objective.\n\
             Statement SHA-256: 855093af105067f94c2160c413030f1e08cce10a6bce79ff8720f45960033258\n\
             Verified: 12 leaves, 4 splits, 12 generators.",
        ),
    ];
    for (name, words) in cases {
        assert_eq!(check_path(&path(name)).unwrap().to_string(), words, "{name}");
        let (mut out, mut err) = (Vec::new(), Vec::new());
        assert_eq!(run(&[path(name).into()], &mut out, &mut err), 0);
        let end = "The data stand in the proof; they were not compared with a file (--data).";
        let text = format!("accepted: {}\n\n{words}\n{end}\n", path(name).display());
        assert_eq!(String::from_utf8(out).unwrap(), text);
    }
}

/// A proof of nothing much, with these lines of the statement.
fn plain(lines: [&str; 5], bound: &str) -> String {
    let [activation, loss, decay, hidden, output] = lines;
    format!(
        "relucert-proof 1\nactivation {activation}\nloss {loss}\ndecay {decay}\nhidden-bias {hidden}\n\
         output-bias {output}\ndata 1 2 1 1 1\ns 1 1\n+ 2\nbound {bound}\nverdict undecided 0 1\ndual 0 1\nv 0\nend\n"
    )
}

#[test]
fn every_convention_has_its_words() {
    let cases = [
        (
            ["-1 1 1", "sum", "ridge 1 3", "decayed", "decayed"],
            "absolute-value networks (hidden bias, decayed; output bias, decayed) on 1 sample of 2 rows in all, 1 feature;\n\
             objective Σ(f−y)² + (λ)·‖θ‖², λ = 1/3 ≈ 0.333333333333333333333333333333",
        ),
        (
            ["-3 2 5", "half-mean", "weight-decay 7 1", "none", "none"],
            "max(-3/5·t, 2/5·t) networks (no hidden bias; no output bias) on 1 sample of 2 rows in all, 1 feature;\n\
             objective 1/(2n)·Σ(f−y)² + (λ/2)·‖θ‖², λ = 7",
        ),
        (
            ["0 1 2", "mean", "weight-decay 7 1", "none", "none"],
            "max(0·t, 1/2·t) networks (no hidden bias; no output bias) on 1 sample of 2 rows in all, 1 feature;\n\
             objective (1/n)·Σ(f−y)² + (λ/2)·‖θ‖², λ = 7",
        ),
    ];
    for (lines, words) in cases {
        let theorem = check_reader(plain(lines, "0 1").as_bytes()).unwrap();
        assert_eq!(theorem.problem.to_string(), format!("Two-layer {words}"));
    }
}

#[test]
fn long_fractions_are_shortened() {
    // −10^k/3 has k + 4 characters: 200 are printed, 201 are not.
    for (k, words) in [(196, "/3 ≈ -3"), (197, "… (exact fraction in the proof)")] {
        let lines = ["0 1 1", "sum", "ridge 1 1", "none", "none"];
        let text = plain(lines, &format!("-1{} 3", "0".repeat(k)));
        let theorem = check_reader(text.as_bytes()).unwrap().to_string();
        assert!(theorem.contains(words), "{k}: {theorem}");
        assert_eq!(theorem.contains("/3 ≈"), k == 196);
    }
}

#[test]
fn the_json_has_every_number() {
    let json = |name: &str| {
        let args: [OsString; 2] = [path(name).into(), "--json".into()];
        let mut out = Vec::new();
        assert_eq!(run(&args, &mut out, &mut Vec::new()), 0);
        String::from_utf8(out).unwrap()
    };
    let expected = concat!(
        r#"{"result":"accepted","verdict":"not_optimal","tolerance":"1/10","#,
        r#""bound":{"exact":"15/64","decimal":"0.234375"},"fixed_width":null,"#,
        r#""given":{"neurons":1,"objective":{"exact":"3/8","decimal":"0.375"}},"#,
        r#""best":{"neurons":1,"objective":{"exact":"15/64","decimal":"0.234375"}},"activation_slopes":["0","1"],"#,
        r#""loss":"half-sum","decay":"weight-decay","lambda":"3/8","beta":"3/8","#,
        r#""hidden_bias":"undecayed","output_bias":"free","samples":2,"rows":2,"features":1,"r":2,"#,
        r#""statement_sha256":"bd9f78f036feaf72d1a6b99fb4928d8b585f397f2f46862d3ed54eb12da65f92","#,
        r#""leaves":8,"splits":0,"generators":8,"blocks":0,"cones":0,"data_compared":false,"network_compared":false}"#,
        "\n"
    );
    assert_eq!(json("undecayed_free.proof"), expected);
    let best = json("patches_free.proof");
    assert!(best.contains(r#""given":null,"best":{"neurons":5,"#), "{best}");
    assert!(best.contains(r#""samples":10,"rows":30,"features":2,"r":2,"#), "{best}");
}

#[test]
fn the_strings_of_the_json_are_escaped() {
    let args: [OsString; 2] = ["no \"such\" \\ file\n\u{1}é.proof".into(), "--json".into()];
    let mut out = Vec::new();
    assert_eq!(run(&args, &mut out, &mut Vec::new()), 2);
    let text = String::from_utf8(out).unwrap();
    assert!(text.starts_with(r#"{"result":"unreadable","text":"no \"such\" \\ file\u000a\u0001é.proof: "#), "{text}");
}
