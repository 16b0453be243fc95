//! The comparison of a proof with the user's own files, through the command.

#![allow(clippy::unwrap_used, clippy::panic, clippy::arithmetic_side_effects)]

#[path = "support/files.rs"]
mod files;

use files::{Folder, PLAIN, npy, npz, proof};

#[test]
fn tables_in_every_spelling_give_the_same_statement() {
    let exact = "hidden-bias decayed\noutput-bias none\ndata 2 2 2 20 4\ns 4 10 5\ns -3 0 -2\n";
    let tables: &[(&str, &[u8])] = &[
        ("plain", b"a,b,y\n0.5,0.25,1\n0,-0.1,-0.75\n"),
        ("no last line end", b"a,b,y\n0.5,0.25,1\n0,-0.1,-0.75"),
        ("CRLF", b"a,b,y\r\n0.5,0.25,1\r\n0,-0.1,-0.75\r\n"),
        ("byte order mark", b"\xef\xbb\xbfa,b,y\n0.5,0.25,1\n0,-0.1,-0.75\n"),
        ("blank lines at the end", b"a,b,y\n0.5,0.25,1\n0,-0.1,-0.75\n\n\r\n\n"),
        ("quotes", b"\"a\",\"b\",\"y\"\n\"0.5\",0.25,1\n0,\"-0.1\",\"-0.75\"\r\n"),
        ("quoted names", b"\"a \"\"x\"\", 1\",\"b\nb\",y\n0.5,0.25,1\n0,-0.1,-0.75\n"),
        ("blanks", b"a , b, y\n 0.5 ,\t0.25, 1\n0,-0.1 ,-0.75\n"),
        ("exponents", b"a,b,y\n5e-1,25E-2,0.1e+1\n0e5,-1e-1,-75.0e-2\n"),
        ("points and signs", b"a,b,y\n+.5,.25,1.\n-0,-.1,-.75\n"),
        ("zeros", b"a,b,y\n0.500000,0.2500,1.0\n0.0,-0.10,-0.750\n"),
        ("leading zeros", b"a,b,y\n00.5,0.25,01\n000,-0.1,-00.75\n"),
    ];
    for (name, table) in tables {
        let folder = Folder::new();
        folder.write("data.csv", table);
        folder.write("proof", proof(exact, ""));
        let (status, out, err) = folder.run(&["proof", "--data", "data.csv", "--weight-decay", "0.1"]);
        assert_eq!(status, 0, "{name}: {err}");
        assert!(out.contains("The data and the objective are those of"), "{out}");
    }
}

#[test]
fn options_choose_columns_biases_and_conventions() {
    let table = "id,g,a,b,t\n7,u,1,2,3\n8,u,4,5,3\n9,v,6,8,1\n";
    let cases: &[(&[&str], &str)] = &[
        (
            &["--features", "a,b", "--target", "t"],
            "hidden-bias decayed\noutput-bias none\ndata 3 3 2 1 1\ns 3 1 2\ns 3 4 5\ns 1 6 8\n",
        ),
        (
            &["--features", "b,a", "--group", "g", "--no-bias"],
            "hidden-bias none\noutput-bias none\ndata 2 3 2 1 1\ns 3 2 1\n+ 5 4\ns 1 8 6\n",
        ),
        (
            &["--group", "g", "--no-decay", "hidden-bias", "--output-bias", "free"],
            "hidden-bias undecayed\noutput-bias free\ndata 2 3 3 1 1\ns 3 7 1 2\n+ 8 4 5\ns 1 9 6 8\n",
        ),
        (
            &["--features=a", "--target=b", "--output-bias=decayed", "--no-decay=output-bias", "--bias"],
            "hidden-bias decayed\noutput-bias free\ndata 3 3 1 1 1\ns 2 1\ns 5 4\ns 8 6\n",
        ),
        (
            &["--features", "a", "--activation", "abs", "--loss", "half-sum", "--output-bias", "decayed"],
            "activation -1 1 1\nloss half-sum\ndecay weight-decay 1 10\nhidden-bias decayed\noutput-bias decayed\n\
             data 3 3 1 1 1\ns 3 1\ns 3 4\ns 1 6\n",
        ),
        (
            &["--features", "a", "--activation", "leaky:0.01", "--loss", "sum", "--output-bias", "none"],
            "activation 1 100 100\nloss sum\ndecay weight-decay 1 10\nhidden-bias decayed\noutput-bias none\n\
             data 3 3 1 1 1\ns 3 1\ns 3 4\ns 1 6\n",
        ),
        (
            &["--features", "a", "--activation", "leaky:1"],
            "activation 1 1 1\nloss mean\ndecay weight-decay 1 10\nhidden-bias decayed\noutput-bias none\n\
             data 3 3 1 1 1\ns 3 1\ns 3 4\ns 1 6\n",
        ),
        (
            &["--features", "a", "--activation", "leaky:2/6", "--loss", "half-mean"],
            "activation 1 3 3\nloss half-mean\ndecay weight-decay 1 10\nhidden-bias decayed\noutput-bias none\n\
             data 3 3 1 1 1\ns 3 1\ns 3 4\ns 1 6\n",
        ),
    ];
    for (options, statement) in cases {
        let folder = Folder::new();
        folder.write("data.csv", table);
        folder.write("proof", proof(statement, ""));
        let args = [&["proof", "--data", "data.csv", "--weight-decay", "1/10"], *options].concat();
        let (status, _, err) = folder.run(&args);
        assert_eq!(status, 0, "{options:?}: {err}");
    }
    // The target is the last column that is not the group.
    let folder = Folder::new();
    folder.write("data.csv", "x,y,g\n1,3,u\n2,3,u\n");
    folder.write("proof", proof("hidden-bias decayed\noutput-bias none\ndata 1 2 1 1 1\ns 3 1\n+ 2\n", ""));
    let (status, _, err) = folder.run(&["proof", "--data", "data.csv", "--group", "g", "--weight-decay", "0.1"]);
    assert_eq!(status, 0, "{err}");
    // λ in every spelling.
    for (flag, lambda, line) in [
        ("--weight-decay", "2e-3", "weight-decay 1 500"),
        ("--ridge", "0.50", "ridge 1 2"),
        ("--ridge", "6/4", "ridge 3 2"),
        ("--ridge", "3", "ridge 3 1"),
    ] {
        let folder = Folder::new();
        folder.write("data.csv", "x,y\n1,1\n");
        let statement = format!(
            "activation 0 1 1\nloss mean\ndecay {line}\nhidden-bias decayed\noutput-bias none\ndata 1 1 1 1 1\ns 1 1\n"
        );
        folder.write("proof", proof(&statement, ""));
        let (status, _, err) = folder.run(&["proof", "--data", "data.csv", flag, lambda]);
        assert_eq!(status, 0, "{lambda}: {err}");
    }
}

#[test]
fn decimals_are_rounded_to_the_float_that_is_asked_for() {
    // 0.1 is 13421773/2^27 as f32 and 3602879701896397/2^55 as f64; 1e-45 is the least denormal f32, 2^-149.
    let cases = [
        ("f32", "0.1", "s 0 13421773", "134217728".to_owned()),
        ("f64", "0.1", "s 0 3602879701896397", "36028797018963968".to_owned()),
        ("f32", "16777217", "s 0 16777216", "1".to_owned()),
        ("f32", "16777219", "s 0 16777220", "1".to_owned()),
        ("f32", "1e-45", "s 0 1", (0..149).fold(dashu_int::IBig::ONE, |x, _| x * 2).to_string()),
        ("f32", "1e-60", "s 0 0", "1".to_owned()),
    ];
    for (float, text, line, dx) in cases {
        let folder = Folder::new();
        folder.write("data.csv", format!("x,y\n{text},0\n"));
        let statement = format!("hidden-bias none\noutput-bias none\ndata 1 1 1 {dx} 1\n{line}\n");
        folder.write("proof", proof(&statement, ""));
        let args = ["proof", "--data", "data.csv", "--weight-decay", "0.1", "--no-bias", "--data-float", float];
        let (status, _, err) = folder.run(&args);
        assert_eq!(status, 0, "{text}: {err}");
    }
}

#[test]
fn the_first_difference_is_named() {
    let cases = [
        ("a,b,y\n0.5,0.25,1\n0,-0.15,-0.75\n", "feature \"b\"", 9),
        ("a,b,y\n0.5,0.25,2\n0,-0.1,-0.75\n", "sample 0, target", 8),
        ("a,b,y\n0.5,0.25,1\n0,-0.1,-0.75\n0,0,0\n", "number of samples", 7),
        ("a,b,y\n0.5,0.25,1\n0,-0.01,-0.75\n", "DX", 7),
        ("a,y\n0.5,1\n0,-0.75\n", "number of features", 7),
    ];
    for (table, words, line) in cases {
        let folder = Folder::new();
        folder.write("data.csv", table);
        folder.write("proof", proof(PLAIN, ""));
        let (status, out, err) = folder.run(&["proof", "--data", "data.csv", "--weight-decay", "0.1"]);
        assert_eq!(status, 1, "{table}");
        assert!(err.contains(words) && err.contains(&format!("line {line}:")), "{table}: {err}");
        assert!(out.is_empty());
        let (status, out, _) = folder.run(&["proof", "--data", "data.csv", "--weight-decay", "0.1", "--json"]);
        assert_eq!(status, 1);
        assert!(out.contains("\"reason\":\"DataDiffers\""), "{out}");
    }
    // One sample of two rows in the proof, two samples in the data, and the other way round.
    let one = "hidden-bias decayed\noutput-bias none\ndata 2 3 1 1 1\ns 3 1\n+ 2\ns 3 4\n";
    let other = "hidden-bias decayed\noutput-bias none\ndata 2 3 1 1 1\ns 3 1\ns 3 2\n+ 4\n";
    for (statement, table, words) in [
        (one, "g,x,y\nu,1,3\nv,2,3\nv,4,3\n", "sample 1, grouping of rows into samples: the proof has `+`"),
        (other, "g,x,y\nu,1,3\nu,2,3\nv,4,3\n", "sample 0, grouping of rows into samples: the proof has `s`"),
    ] {
        let folder = Folder::new();
        folder.write("data.csv", table);
        folder.write("proof", proof(statement, ""));
        let args = ["proof", "--data", "data.csv", "--group", "g", "--weight-decay", "0.1"];
        let (status, _, err) = folder.run(&args);
        assert!(status == 1 && err.contains(words), "{err}");
    }
    // The settings belong to the statement.
    for (options, words) in [
        (&["--weight-decay", "0.3"][..], "p of λ"),
        (&["--ridge", "0.1"], "kind of decay"),
        (&["--weight-decay", "0.1", "--loss", "sum"], "loss"),
        (&["--weight-decay", "0.1", "--activation", "abs"], "k1 of the activation"),
        (&["--weight-decay", "0.1", "--no-bias"], "hidden bias"),
        (&["--weight-decay", "0.1", "--output-bias", "free"], "output bias"),
    ] {
        let folder = Folder::new();
        folder.write("data.csv", "a,b,y\n0.5,0.25,1\n0,-0.1,-0.75\n");
        folder.write("proof", proof(PLAIN, ""));
        let (status, _, err) = folder.run(&[&["proof", "--data", "data.csv"], options].concat());
        assert_eq!(status, 1, "{options:?}");
        assert!(err.contains(words), "{options:?}: {err}");
    }
}

#[test]
fn tables_that_cannot_be_read_name_the_place() {
    let long = format!("x,y\n1.{},0\n", "3".repeat(400));
    let cases: &[(&str, &str)] = &[
        ("a,b,y\n1,2,3\n1,,3\n", "line 3"),
        ("a,b,y\n1,2,3\n\n1,2,3\n", "line 3"),
        ("a,b,y\n1,2\n", "2 fields, but 3 columns"),
        ("a,b,y\n1,2,3,4\n", "4 fields"),
        ("a,b,y\n1,nan,3\n", "column \"b\""),
        ("a,b,y\n1,inf,3\n", "`inf` is not a number"),
        ("a,b,y\n1,0x10,3\n", "`0x10`"),
        ("a,b,y\n1,1_000,3\n", "not a number"),
        ("a,b,y\n1,1 0,3\n", "not a number"),
        ("a,b,y\n1,.,3\n", "not a number"),
        ("a,b,y\n1,1e,3\n", "not a number"),
        ("a,b,y\n1,--1,3\n", "not a number"),
        ("a,b,y\n1,1e401,3\n", "exponent"),
        ("a,b,y\n1,1e99999999999999999999999,3\n", "exponent"),
        (&long, "digits"),
        ("a,b,y\n1,\"2,3\n", "not closed"),
        ("a,b,y\n1,\"2\"3,3\n", "after the field"),
        ("a,b,y\n1,2\"3,3\n", "quote inside"),
        ("a,b,y\n1,2,3\r4,5,6\n", "after the field"),
        ("a,a,y\n1,2,3\n", "two columns"),
        ("y\n1\n", "no features"),
        ("a,b,y\n", "no samples"),
        ("", "no features"),
        ("\"a\nb\",y\n1,2\n3,x\n", "line 4: column \"y\""),
    ];
    for (table, words) in cases {
        let folder = Folder::new();
        folder.write("data.csv", table);
        folder.write("proof", proof(PLAIN, ""));
        let (status, _, err) = folder.run(&["proof", "--data", "data.csv", "--weight-decay", "0.1"]);
        assert_eq!(status, 2, "{table:?}: {err}");
        assert!(err.contains(words) && err.contains("data.csv"), "{table:?}: {err}");
    }
    let folder = Folder::new();
    folder.write("proof", proof(PLAIN, ""));
    folder.write("groups.csv", "g,x,y\nu,1,1\nu,2,2\n");
    folder.write("back.csv", "g,x,y\nu,1,1\nv,2,2\nu,1,1\n");
    folder.write("large.csv", "x,y\n1e39,1\n");
    folder.write("table.npy", npy("|i1", false, "(1, 2)", &[1, 2]));
    let row = |cell: &dyn Fn(usize) -> String| (0..1002).map(cell).collect::<Vec<_>>().join(",") + "\n";
    folder.write("wide.csv", row(&|j| format!("c{j}")) + &row(&|_| "0".to_owned()));
    for (args, words) in [
        (&["--data", "groups.csv", "--group", "g"][..], "line 3: the target differs"),
        (&["--data", "groups.csv", "--group", "g", "--target", "g"], "different columns"),
        (&["--data", "groups.csv", "--group", "g", "--features", "x,g"], "different columns"),
        (&["--data", "table.npy", "--group", "x0"], "for .csv files"),
        (&["--data", "table.npy", "--data-float", "f32"], "for .csv files"),
        (&["--data", "wide.csv"], "there are more than 1000 features"),
        (&["--data", "back.csv", "--group", "h"], "no column \"h\""),
        (&["--data", "back.csv", "--features", "x,x"], "twice"),
        (&["--data", "back.csv", "--features", "x,y"], "different columns"),
        (&["--data", "large.csv", "--data-float", "f32"], "too large"),
        (&["--data", "missing.csv"], "missing.csv"),
        (&["--data", "proof"], ".csv, .npz or .npy"),
    ] {
        let (status, _, err) = folder.run(&[&["proof", "--weight-decay", "0.1"], args].concat());
        assert_eq!(status, 2, "{args:?}");
        assert!(err.contains(words), "{args:?}: {err}");
    }
}

const DATA: &str = "a,b,y\n1,2,0\n";
const JSON: &str = r#"{"hidden_weights": [[0.5, -1], [2e0, 0.125]], "hidden_bias": [0.25, 0],
    "output_weights": [1, -0.75], "output_bias": 3}"#;
/// f = 3 + φ(0.5 − 2 + 0.25) − 0.75·φ(2 + 0.25) = 21/16, squares 1017/64: the objective is 441/256 + 1017/1280.
const STATEMENT: &str = "hidden-bias decayed\noutput-bias decayed\ndata 1 1 2 1 1\ns 0 1 2\n";
const NETWORK: &str = "network given 2 8 4 1\nn 4 4 -8 2\nn -3 16 1 0\nc 3\nobjective 1611 640\n";

fn tensor_bytes(values: &[u32]) -> Vec<u8> {
    values.iter().flat_map(|x| x.to_le_bytes()).collect()
}

/// The example as f32 tensors: hidden weights, hidden bias, output weights, output bias.
fn tensors() -> [(Vec<u8>, &'static str, &'static str); 4] {
    [
        (tensor_bytes(&[0x3f00_0000, 0xbf80_0000, 0x4000_0000, 0x3e00_0000]), "[2, 2]", "(2, 2)"),
        (tensor_bytes(&[0x3e80_0000, 0]), "[2]", "(2,)"),
        (tensor_bytes(&[0x3f80_0000, 0xbf40_0000]), "[1, 2]", "(1, 2)"),
        (tensor_bytes(&[0x4040_0000]), "[1]", "(1,)"),
    ]
}

fn safetensors(names: [&str; 4]) -> Vec<u8> {
    let (mut header, mut data) = (Vec::new(), Vec::new());
    header.push(r#""__metadata__":{"format":"p\u0074"}"#.to_owned());
    for (name, (bytes, shape, _)) in names.iter().zip(tensors()) {
        let (from, to) = (data.len(), data.len() + bytes.len());
        header.push(format!(r#""{name}":{{"dtype":"F32","shape":{shape},"data_offsets":[{from},{to}]}}"#));
        data.extend(bytes);
    }
    let header = format!("{{{}}}  ", header.join(","));
    [&(header.len() as u64).to_le_bytes()[..], header.as_bytes(), &data].concat()
}

fn tensors_npz(names: [&str; 4]) -> Vec<u8> {
    let arrays: Vec<(&str, Vec<u8>)> =
        names.iter().zip(tensors()).map(|(name, (data, _, shape))| (*name, npy("<f4", false, shape, &data))).collect();
    npz(&arrays)
}

#[test]
fn networks_of_every_kind_are_compared_exactly() {
    let keys =
        ["--hidden-weights-key", "w", "--hidden-bias-key", "b", "--output-weights-key", "a", "--output-bias-key", "c"];
    let own = ["w", "b", "a", "c"];
    let layers = ["0.weight", "0.bias", "2.weight", "2.bias"];
    let prefixed = ["net.2.weight", "net.2.bias", "net.10.weight", "net.10.bias"];
    let files: Vec<(&str, Vec<u8>, &[&str])> = vec![
        ("net.json", JSON.as_bytes().to_vec(), &[]),
        ("net.safetensors", safetensors(layers), &[]),
        ("net.safetensors", safetensors(prefixed), &[]),
        ("net.safetensors", safetensors(own), &keys),
        ("net.npz", tensors_npz(layers), &[]),
        ("net.npz", tensors_npz(prefixed), &[]),
        ("net.npz", tensors_npz(own), &keys),
    ];
    for (name, bytes, options) in files {
        let folder = Folder::new();
        folder.write("data.csv", DATA);
        folder.write(name, bytes);
        let args = [&["--data", "data.csv", "--weight-decay", "0.1", "--network", name], options].concat();
        let check = |networks: &str| {
            folder.write("proof", proof(STATEMENT, networks));
            folder.run(&[&["proof"], &args[..]].concat())
        };
        let (status, out, err) = check(NETWORK);
        assert_eq!(status, 0, "{name}: {err}");
        assert!(out.contains("the network are those of"), "{out}");
        // The same numbers with other denominators, and as the best network.
        let (status, ..) =
            check(&NETWORK.replace("2 8 4 1\nn 4 4 -8 2\nn -3 16 1 0", "2 16 8 1\nn 8 8 -16 4\nn -6 32 2 0"));
        assert_eq!(status, 0);
        assert_eq!(check(&NETWORK.replace("given", "best")).0, 0);
        // A given network has to be this one, even if the best is.
        let zero = "network given 0 1 1 1\nc 0\nobjective 0 1\n";
        for (networks, words) in [
            (String::new(), "network: the proof has none"),
            (NETWORK.replace("n 4 4", "n 5 4"), "output weight of neuron 0"),
            (NETWORK.replace("16 1 0", "16 2 0"), "weight of neuron 1 for \"b\""),
            (NETWORK.replace("-8 2", "-8 3"), "hidden bias of neuron 0"),
            (NETWORK.replace("c 3", "c 4"), "output bias"),
            (zero.to_owned() + &NETWORK.replace("given", "best"), "number of neurons: the proof has 0"),
            (NETWORK.replace("2 8 4", "3 8 4").replace("c 3", "n 0 0 0 0\nc 3"), "number of neurons: the proof has 3"),
        ] {
            let (status, _, err) = check(&networks);
            assert_eq!(status, 1, "{networks}");
            assert!(err.contains(words), "{networks}{err}");
        }
    }
}

#[test]
fn the_biases_of_the_problem_are_those_of_the_network() {
    for (json, options, biases) in [
        (r#"{"hidden_weights":[],"output_weights":[]}"#, &[][..], "hidden-bias none\noutput-bias none"),
        (r#"{"hidden_weights":[],"output_weights":[],"hidden_bias":[]}"#, &[], "hidden-bias decayed\noutput-bias none"),
        (r#"{"hidden_weights":[],"output_weights":[],"output_bias":null}"#, &[], "hidden-bias none\noutput-bias none"),
        (
            r#"{"hidden_weights":[],"output_weights":[],"hidden_bias":null,"output_bias":0}"#,
            &["--no-decay", "output-bias"],
            "hidden-bias none\noutput-bias free",
        ),
        (
            r#"{"hidden_weights":[],"output_weights":[],"hidden_bias":[],"output_bias":0e0}"#,
            &["--no-decay", "output-bias", "--no-decay", "hidden-bias"],
            "hidden-bias undecayed\noutput-bias free",
        ),
    ] {
        let folder = Folder::new();
        folder.write("data.csv", DATA);
        folder.write("net.json", json);
        let c = if biases.ends_with("none") { "" } else { "c 0\n" };
        let network = format!("network given 0 1 1 1\n{c}objective 0 1\n");
        folder.write("proof", proof(&format!("{biases}\ndata 1 1 2 1 1\ns 0 1 2\n"), &network));
        let args = ["proof", "--data", "data.csv", "--weight-decay", "0.1", "--network", "net.json"];
        let (status, _, err) = folder.run(&[&args, options].concat());
        assert_eq!(status, 0, "{biases}: {err}");
    }
}

#[test]
fn networks_that_cannot_be_read_are_refused() {
    let layers = ["0.weight", "0.bias", "2.weight", "2.bias"];
    let good = safetensors(layers);
    let cases: Vec<(&str, Vec<u8>, &str)> = vec![
        ("n.json", br#"{"hidden_weights":[[1,2]],"output_weights":[1,2]}"#.to_vec(), "output weights"),
        (
            "n.json",
            br#"{"hidden_weights":[[1,2]],"hidden_bias":[1,2],"output_weights":[1]}"#.to_vec(),
            "2 hidden biases",
        ),
        ("n.json", br#"{"hidden_weights":[[1,2],[1]],"output_weights":[1,2]}"#.to_vec(), "differ in length"),
        ("n.json", br#"{"hidden_weights":[[1]],"output_weights":[1]}"#.to_vec(), "1 inputs, but the data have 2"),
        ("n.json", br#"{"hidden_weights":[],"output_weights":[],"width":0}"#.to_vec(), "not known"),
        ("n.json", br#"{"hidden_weights":[],"hidden_weights":[],"output_weights":[]}"#.to_vec(), "twice"),
        ("n.json", br#"{"hidden_weights":[]}"#.to_vec(), "output_weights is missing"),
        ("n.json", br#"{"hidden_weights":[[+1,2]],"output_weights":[1]}"#.to_vec(), "out of place"),
        ("n.json", br#"{"hidden_weights":[[.5,2]],"output_weights":[1]}"#.to_vec(), "out of place"),
        ("n.json", br#"{"hidden_weights":[[1.,2]],"output_weights":[1]}"#.to_vec(), "not a number"),
        ("n.json", br#"{"hidden_weights":[[NaN,2]],"output_weights":[1]}"#.to_vec(), "out of place"),
        ("n.json", br#"{"hidden_weights":[[null,2]],"output_weights":[1]}"#.to_vec(), "null"),
        ("n.json", br#"{"hidden_weights":[[1,2],],"output_weights":[1]}"#.to_vec(), "expected"),
        ("n.json", br#"{"hidden_weights":[],"output_weights":[]}}"#.to_vec(), "after the end"),
        ("n.json", br#"{"hidden_weights":[],"output_weights":["#.to_vec(), "too early"),
        ("n.json", [&b"{\"hidden_weights\":"[..], &[b'['; 100_000]].concat(), "number is expected"),
        ("n.safetensors", good[..good.len() - 1].to_vec(), "damaged"),
        ("n.safetensors", good[..7].to_vec(), "damaged"),
        ("n.safetensors", [&[255; 8], &good[8..]].concat(), "damaged"),
        ("n.safetensors", safetensors(["0.weight", "0.bias", "2.weight", "3.bias"]), "neither layer"),
        ("n.safetensors", safetensors(["0.weight", "1.weight", "2.weight", "2.bias"]), "3 arrays"),
        ("n.safetensors", safetensors(["2.weight", "2.bias", "0.weight", "0.bias"]), "shape"),
        ("n.npz", tensors_npz(["a", "b", "c", "d"]), "0 arrays"),
        ("n.onnx", Vec::new(), ".json, .safetensors or .npz"),
    ];
    for (name, bytes, words) in cases {
        let folder = Folder::new();
        folder.write("data.csv", DATA);
        folder.write(name, bytes);
        folder.write("proof", proof(STATEMENT, ""));
        let args = ["proof", "--data", "data.csv", "--weight-decay", "0.1", "--network", name];
        let (status, _, err) = folder.run(&args);
        assert_eq!(status, 2, "{words}: {err}");
        assert!(err.contains(words), "{words}: {err}");
    }
}

#[test]
fn wrong_usage_is_explained() {
    let folder = Folder::new();
    folder.write("proof", proof(PLAIN, ""));
    folder.write("data.csv", DATA);
    folder.write("net.json", JSON);
    folder.write("net.npz", tensors_npz(["0.weight", "0.bias", "2.weight", "2.bias"]));
    let data = |more: &[&'static str]| [&["proof", "--data", "data.csv"], more].concat();
    let cases: Vec<(Vec<&str>, &str)> = vec![
        (vec![], "which proof?"),
        (vec!["proof", "proof"], "only one"),
        (vec!["proof", "--fast"], "--fast is not known"),
        (vec!["proof", "-q"], "-q is not known"),
        (vec!["proof", "--data"], "--data needs a value"),
        (vec!["proof", "--json=yes"], "takes no value"),
        (vec!["proof", "--json", "--json"], "at most once"),
        (vec!["proof", "--weight-decay", "1"], "goes with --data"),
        (vec!["proof", "--network", "net.json"], "goes with --data"),
        (vec!["proof", "--bias"], "goes with --data"),
        (data(&[]), "either --weight-decay or --ridge"),
        (data(&["--weight-decay", "1", "--ridge", "1"]), "either --weight-decay or --ridge"),
        (data(&["--weight-decay", "0"]), "greater than 0"),
        (data(&["--weight-decay", "-1"]), "greater than 0"),
        (data(&["--weight-decay", "1/0"]), "denominator"),
        (data(&["--weight-decay", "1/-2"]), "denominator"),
        (data(&["--weight-decay", "x"]), "not a number"),
        (data(&["--weight-decay", "1", "--weight-decay", "1"]), "twice"),
        (data(&["--weight-decay", "1", "--loss", "mse"]), "--loss is one of"),
        (data(&["--weight-decay", "1", "--activation", "gelu"]), "--activation is"),
        (data(&["--weight-decay", "1", "--activation", "leaky:1.5"]), "at most 1"),
        (data(&["--weight-decay", "1", "--bias", "--no-bias"]), "exclude"),
        (data(&["--weight-decay", "1", "--no-decay", "weights"]), "--no-decay is"),
        (data(&["--weight-decay", "1", "--no-bias", "--no-decay", "hidden-bias"]), "no hidden bias"),
        (data(&["--weight-decay", "1", "--no-decay", "output-bias"]), "no output bias"),
        (data(&["--weight-decay", "1", "--network", "net.json", "--no-bias"]), "with --network"),
        (data(&["--weight-decay", "1", "--network", "net.json", "--hidden-weights-key", "w"]), ".safetensors and .npz"),
        (data(&["--weight-decay", "1", "--output-bias-key", "w"]), "keys go with --network"),
        (data(&["--weight-decay", "1", "--network", "net.npz", "--hidden-bias-key", "0.bias"]), "name both"),
        (data(&["--weight-decay", "1", "--network", "net.npz", "--output-bias-key", "2.bias"]), "name both"),
        (data(&["--weight-decay", "1", "--network", "net.npz", "--hidden-weights-key", "0.weight"]), "name both"),
        (data(&["--weight-decay", "1", "--data-float", "f16"]), "--data-float is one of"),
    ];
    for (args, words) in cases {
        let (status, out, err) = folder.run(&args);
        assert_eq!(status, 2, "{args:?}: {out}{err}");
        assert!(err.contains(words) && out.is_empty(), "{args:?}: {err}");
    }
}

#[test]
fn the_exit_status_and_the_output_fit_the_result() {
    let folder = Folder::new();
    folder.write("good", proof(PLAIN, ""));
    folder.write("bad", proof(PLAIN, "").replace("bound 0 1", "bound 1 1"));
    folder.write("large", proof(PLAIN, "").replace("data 2 2 2", "data 2 2 1001"));
    for (file, status, result) in [("good", 0, "accepted"), ("bad", 1, "rejected"), ("large", 3, "limit exceeded")] {
        let (found, out, err) = folder.run(&[file]);
        assert_eq!(found, status);
        assert!(if status == 0 { &out } else { &err }.starts_with(result), "{out}{err}");
        assert!(if status == 0 { err.is_empty() } else { out.is_empty() });
        let (found, out, err) = folder.run(&[file, "--json"]);
        assert_eq!((found, err.as_str()), (status, ""));
        assert!(out.starts_with(&format!("{{\"result\":\"{}\"", result.replace(' ', "_"))), "{out}");
        let (found, out, err) = folder.run(&[file, "--quiet"]);
        assert_eq!((found, out.as_str(), err.is_empty()), (status, "", status == 0));
    }
    let (status, out, err) = folder.run(&["nowhere"]);
    assert_eq!((status, out.as_str()), (2, ""));
    assert!(err.starts_with("unreadable"), "{err}");
    // A lone `-` and a name with `=` are names of files.
    let (status, _, err) = folder.run(&["-"]);
    assert!(status == 2 && err.starts_with("unreadable: -: "), "{err}");
    folder.write("a=b", proof(PLAIN, ""));
    assert_eq!(folder.run(&["a=b"]).0, 0);
    assert!(folder.run(&["--help"]).1.contains("--weight-decay"));
    assert!(folder.run(&["--version"]).1.starts_with("relucert-checker "));
}

/// A small generator of pseudo-random numbers.
fn random(state: &mut u64) -> usize {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    (*state >> 33) as usize
}

#[test]
fn damaged_files_never_panic() {
    let layers = ["0.weight", "0.bias", "2.weight", "2.bias"];
    let x = npy("<f8", false, "(2, 2)", &[0; 32]);
    let y = npy("<f8", true, "(2, 1)", &[0; 16]);
    let files: Vec<(&str, &str, Vec<u8>)> = vec![
        ("--data", "d.csv", b"a,\"b\"\"\",y\r\n0.5,2.5e-1,1\n0,-.1,-0.75\n".to_vec()),
        ("--data", "d.npz", npz(&[("X", x.clone()), ("y", y)])),
        ("--data", "d.npy", x),
        ("--network", "n.json", JSON.as_bytes().to_vec()),
        ("--network", "n.safetensors", safetensors(layers)),
        ("--network", "n.npz", tensors_npz(layers)),
    ];
    let mut state = 7;
    for (flag, name, good) in files {
        let folder = Folder::new();
        folder.write("data.csv", DATA);
        folder.write("proof", proof(STATEMENT, NETWORK));
        for _ in 0..400 {
            let mut bytes = good.clone();
            for _ in 0..1 + random(&mut state) % 3 {
                let at = random(&mut state) % bytes.len();
                match random(&mut state) % 4 {
                    0 => bytes[at] ^= 1 << (random(&mut state) % 8),
                    1 => bytes[at] = random(&mut state) as u8,
                    2 => drop(bytes.remove(at)),
                    _ => bytes.insert(at, b"0,\"[]{}e-\xff"[random(&mut state) % 10]),
                }
            }
            folder.write(name, &bytes);
            let data = if flag == "--data" { name } else { "data.csv" };
            let mut args = vec!["proof", "--data", data, "--weight-decay", "0.1"];
            if flag == "--network" {
                args.extend([flag, name]);
            }
            let (status, out, err) = folder.run(&args);
            assert!((0..=2).contains(&status) && (status == 0 || !err.is_empty()), "{out}{err}");
        }
    }
}
