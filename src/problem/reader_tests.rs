//! Tests of the readers: each format in the forms it has in the wild, and what is refused.

use std::io::Write;
use std::path::{Path, PathBuf};

use npyz::npz::NpzWriter;
use proptest::prelude::*;
use safetensors::tensor::{Dtype, TensorView, serialize};
use tempfile::TempDir;

use super::tests::{csv, file, integers, rat, rats};
use super::*;

/// A .npy file by hand.
fn npy(descr: &str, fortran: bool, shape: &str, data: &[u8]) -> Vec<u8> {
    let order = if fortran { "True" } else { "False" };
    let header = format!("{{'descr': '{descr}', 'fortran_order': {order}, 'shape': {shape}, }}\n");
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend((header.len() as u16).to_le_bytes());
    bytes.extend(header.as_bytes());
    bytes.extend(data);
    bytes
}

fn le(values: &[f32]) -> Vec<u8> {
    values.iter().flat_map(|v| v.to_le_bytes()).collect()
}

/// A .npz file of given .npy files.
fn npz(arrays: &[(&str, Vec<u8>)]) -> (TempDir, PathBuf) {
    let mut archive = NpzWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in arrays {
        let zip = archive.zip_writer();
        zip.start_file(format!("{name}.npy"), Default::default())
            .expect("an entry");
        zip.write_all(bytes).expect("an entry");
    }
    let bytes = archive
        .zip_writer()
        .finish()
        .expect("an archive")
        .into_inner();
    file("file.npz", bytes)
}

fn safetensors(tensors: &[(&str, &[usize], &[f32])]) -> (TempDir, PathBuf) {
    let data: Vec<Vec<u8>> = tensors.iter().map(|(_, _, values)| le(values)).collect();
    let views = tensors.iter().zip(&data).map(|((name, shape, _), bytes)| {
        (
            *name,
            TensorView::new(Dtype::F32, shape.to_vec(), bytes).expect("a view"),
        )
    });
    file("net.safetensors", serialize(views, None).expect("a file"))
}

fn message<T>(result: Result<T, impl miette::Diagnostic>) -> String {
    match result {
        Ok(_) => panic!("this should be refused"),
        Err(e) => format!(
            "{e}\n{}",
            e.help().map_or_else(String::new, |help| help.to_string())
        ),
    }
}

#[test]
fn csv_is_read_in_its_usual_forms() {
    let plain = csv("a,b,y\n1,2,3\n4,5,6\n", &DataOptions::default()).expect("legal");
    for text in [
        "\u{feff}a,b,y\r\n1,2,3\r\n4,5,6\r\n\r\n\r\n",
        "\"a\",\"b\",\"y\"\n\"1\",\"2\",\"3\"\n4,5,6",
        " a , b,y \n 1, 2e0 ,\t3\n+4,5.0,0.6e1\n   \n\n",
        "\na,b,y\n\n1,2,3\n\n4,5,6\n",
        "a,b,y\r1,2,3\r4,5,6\r",
    ] {
        let data = csv(text, &DataOptions::default()).expect("legal");
        assert_eq!(
            (data.features, data.target),
            (plain.features.clone(), plain.target.clone()),
            "{text:?}"
        );
        assert_eq!(
            (data.x, data.y),
            (plain.x.clone(), plain.y.clone()),
            "{text:?}"
        );
    }
}

#[test]
fn columns_may_be_called_by_their_numbers() {
    let data = csv("0,1,2\n7,8,9\n", &DataOptions::default()).expect("legal");
    assert_eq!(
        (data.features, data.target.as_str()),
        (vec!["0".to_owned(), "1".to_owned()], "2")
    );
    assert_eq!(
        csv("1,2\n7,8\n", &DataOptions::default())
            .expect("legal")
            .target,
        "2"
    );
}

proptest! {
    #[test]
    fn any_table_is_read_or_refused(text in "[a,b\"\r\n 0-9.eE;-]{0,60}") {
        for group in [None, Some("a".to_owned())] {
            let options = DataOptions { group, ..DataOptions::default() };
            if let Ok(data) = csv(&format!("a,b\n{text}"), &options) {
                prop_assert_eq!(data.x.len(), data.rows * data.d);
                prop_assert_eq!(data.sample_of_row.len(), data.rows);
                prop_assert_eq!(data.y.len(), data.samples);
                prop_assert_eq!(data.sample_of_row.last().map(|&s| s as usize + 1), Some(data.samples));
            }
            let _ = csv(&text, &options);
        }
    }

    #[test]
    fn any_json_is_read_or_refused(weights in "[\\[\\]0-9,.e \"-]{0,30}", bias in "[\\[\\]0-9,.enul-]{0,10}") {
        let text = format!("{{\"hidden_weights\": {weights}, \"output_weights\": [1], \"output_bias\": {bias}}}");
        let (_folder, path) = file("net.json", text);
        let _ = Network::read(&path);
    }
}

#[test]
fn columns_are_chosen_by_name() {
    let text = "a,\"b,c\",y,d\n1,2,3,4\n";
    let named = |target: &str, features: Option<&[&str]>| DataOptions {
        target: Target::Named(target.to_owned()),
        features: features.map(|names| names.iter().map(|&n| n.to_owned()).collect()),
        ..DataOptions::default()
    };
    let data = csv(text, &named("y", None)).expect("legal");
    assert_eq!(
        (data.features, data.x, data.y),
        (
            ["a", "b,c", "d"].map(str::to_owned).to_vec(),
            integers(&[1, 2, 4]),
            integers(&[3])
        )
    );
    let data = csv(text, &named("y", Some(&["d", "b,c"]))).expect("legal");
    assert_eq!(data.x, integers(&[4, 2]));
    let data = csv(
        text,
        &DataOptions {
            target: Target::None,
            ..DataOptions::default()
        },
    )
    .expect("legal");
    assert_eq!(
        (data.d, data.y, data.target.as_str()),
        (4, integers(&[0]), "")
    );
    // The last column is the target unless it is the group.
    let group = DataOptions {
        group: Some("d".to_owned()),
        ..DataOptions::default()
    };
    let data = csv(text, &group).expect("legal");
    assert_eq!((data.target.as_str(), data.d), ("y", 2));
}

#[test]
fn runs_of_equal_group_values_are_samples() {
    let text = "g,a,y\nu,1,5\nu,2,5.0\nv,3,6\nu,4,7\n,5,8\n,6,8\n";
    let group = DataOptions {
        group: Some("g".to_owned()),
        ..DataOptions::default()
    };
    let data = csv(text, &group).expect("legal");
    assert_eq!(data.sample_of_row, [0, 0, 1, 2, 3, 3]);
    assert_eq!(
        (data.samples, data.rows, data.y),
        (4, 6, integers(&[5, 6, 7, 8]))
    );
    let error = message(csv("g,a,y\nu,1,5\nu,2,5.5\n", &group));
    assert!(
        error.contains("line 3") && error.contains("5.5") && error.contains("--group g"),
        "{error}"
    );
}

#[test]
fn degenerate_data_are_legal() {
    let data = csv("a,b,y\n0,7,0\n0,7,0\n0,7,0\n", &DataOptions::default()).expect("legal");
    assert_eq!(
        (data.samples, data.x_den.clone(), data.y_den.clone()),
        (3, 1.into(), 1.into())
    );
}

#[test]
fn decimals_are_rounded_to_floats_on_request() {
    let text = "a,y\n0.1,16777217\n";
    let rounded = |float| DataOptions {
        float: Some(float),
        ..DataOptions::default()
    };
    let data = csv(text, &rounded(Float::F32)).expect("legal");
    assert_eq!(
        (data.x, data.x_den, data.y),
        (
            integers(&[13_421_773]),
            BigInt::from(1 << 27),
            integers(&[16_777_216])
        )
    );
    let data = csv(text, &rounded(Float::F64)).expect("legal");
    assert_eq!(
        (data.x, data.y),
        (integers(&[3_602_879_701_896_397]), integers(&[16_777_217]))
    );
    let error = message(csv("a,y\n1,2\n1e39,0\n", &rounded(Float::F32)));
    assert!(
        error.contains("line 3, column `a`") && error.contains("f32"),
        "{error}"
    );
}

#[test]
fn errors_in_a_csv_name_line_and_column() {
    let default = DataOptions::default();
    let cases = [
        ("", "empty"),
        ("\n \n", "empty"),
        ("a,y\n", "n = 0"),
        (
            "a,y\n1,2\n\n1,2,3\n",
            "line 4: 3 fields where the header has 2",
        ),
        (
            "a,y\r\n1,2\r\n1\r\n",
            "line 3: 1 fields where the header has 2",
        ),
        ("a,y\n1,abc\n", "line 2, column `y`: `abc` is not a number"),
        (
            "a,y\n1,2\n\"\n3\",4\n,3\n",
            "line 5, column `a`: a number is missing",
        ),
        (
            "a,y\nNaN,2\n",
            "line 2, column `a`: `NaN` is not a finite number",
        ),
        ("a,y\n1,-inf\n", "`-inf` is not a finite number"),
        ("a,y\n1,1e500\n", "exponent"),
        (
            "a,y,a\n1,2,3\n",
            "the column name `a` appears twice (columns 1 and 3)",
        ),
        ("1.5,2\n3,4\n", "the header holds only numbers"),
        ("2,3\n3,4\n", "the header holds only numbers"),
        ("a;y\n1;2\n", "semicolons"),
        ("a\ty\n1\t2\n", "tabs"),
        ("y\n1\n", "there is no feature column"),
        ("a,y\n1,2\u{a0}\n", "is not a number"),
    ];
    for (text, part) in cases {
        let error = message(csv(text, &default));
        assert!(
            error.contains("data.csv") && error.contains(part),
            "{text:?}: {error}"
        );
    }
    let (_folder, path) = file("latin.csv", b"a,y\n1,\xe9\n");
    assert!(message(Dataset::read(&path, &default)).contains("line 2, column `y`"));
    let (_folder, path) = file("wide.csv", b"\xff\xfea\0,\0y\0\n\0");
    assert!(message(Dataset::read(&path, &default)).contains("UTF-16"));
    assert!(
        message(Dataset::read(Path::new("/nowhere/at/all.csv"), &default))
            .contains("/nowhere/at/all.csv")
    );
    assert!(message(Dataset::read(Path::new("table.xlsx"), &default)).contains(".csv"));
}

#[test]
fn an_unknown_column_suggests_the_nearest() {
    let text = "sepal_length,petal_width,species\n1,2,3\n";
    let target = DataOptions {
        target: Target::Named("speceis".to_owned()),
        ..DataOptions::default()
    };
    let error = message(csv(text, &target));
    assert!(
        error.contains("`speceis` for --target") && error.contains("did you mean `species`?"),
        "{error}"
    );
    let features = DataOptions {
        features: Some(vec!["weight".to_owned()]),
        ..DataOptions::default()
    };
    let error = message(csv(text, &features));
    assert!(
        error.contains("--features")
            && !error.contains("did you mean")
            && error.contains("`sepal_length`"),
        "{error}"
    );
    let group = DataOptions {
        group: Some("Species ".to_owned()),
        ..DataOptions::default()
    };
    assert!(message(csv(text, &group)).contains("did you mean `species`?"));
}

#[test]
fn numpy_archives_are_read_in_every_number_format() {
    let x = [1.0f32, -2.0, 0.5, 4.0, 0.0, 6.0];
    let doubles = |values: &[f64]| {
        values
            .iter()
            .flat_map(|v| v.to_be_bytes())
            .collect::<Vec<u8>>()
    };
    let y32 = npy("<f4", false, "(2,)", &le(&[1.5, -1.0]));
    let cases = [
        (npy("<f4", false, "(2, 3)", &le(&x)), y32.clone()),
        (
            npy("<f4", true, "(2, 3)", &le(&[1.0, 4.0, -2.0, 0.0, 0.5, 6.0])),
            y32.clone(),
        ),
        (
            npy(">f8", false, "(2, 3)", &doubles(&x.map(f64::from))),
            npy("<f4", false, "(2, 1)", &le(&[1.5, -1.0])),
        ),
        (
            npy(
                "<f2",
                false,
                "(2, 3)",
                &[0, 0x3c, 0, 0xc0, 0, 0x38, 0, 0x44, 0, 0, 0, 0x46],
            ),
            y32.clone(),
        ),
    ];
    for (i, (x, y)) in cases.into_iter().enumerate() {
        let (_folder, path) = npz(&[("X", x), ("y", y), ("other", b"not read".to_vec())]);
        let data = Dataset::read(&path, &DataOptions::default())
            .unwrap_or_else(|e| panic!("case {i}: {e}"));
        assert_eq!(data.features, ["x0", "x1", "x2"]);
        assert_eq!(
            (data.x, data.x_den),
            (integers(&[2, -4, 1, 8, 0, 12]), 2.into()),
            "case {i}"
        );
        assert_eq!(
            (data.y, data.y_den, data.target.as_str()),
            (integers(&[3, -2]), 2.into(), "y")
        );
    }
    let (_folder, path) = npz(&[
        ("X", npy("|i1", false, "(2, 1)", &[255, 128])),
        (
            "y",
            npy("<u8", false, "(2,)", &[[255u8; 8], [0; 8]].concat()),
        ),
    ]);
    let data = Dataset::read(&path, &DataOptions::default()).expect("legal");
    assert_eq!(
        (data.x, data.y),
        (
            integers(&[-1, -128]),
            vec![BigInt::from(u64::MAX), 0.into()]
        )
    );
}

#[test]
fn a_single_array_has_its_target_last() {
    let (_folder, path) = file(
        "table.npy",
        npy("<f4", false, "(2, 3)", &le(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0])),
    );
    let data = Dataset::read(&path, &DataOptions::default()).expect("legal");
    assert_eq!(
        (data.features, data.target.as_str()),
        (vec!["x0".to_owned(), "x1".to_owned()], "y")
    );
    assert_eq!(
        (data.x, data.y),
        (integers(&[1, 2, 4, 5]), integers(&[3, 6]))
    );
    let none = DataOptions {
        target: Target::None,
        ..DataOptions::default()
    };
    assert_eq!(Dataset::read(&path, &none).expect("legal").d, 3);
    let chosen = DataOptions {
        features: Some(vec!["x1".to_owned()]),
        group: Some("x0".to_owned()),
        ..DataOptions::default()
    };
    assert_eq!(
        Dataset::read(&path, &chosen).expect("legal").x,
        integers(&[2, 5])
    );
}

#[test]
fn errors_in_arrays_name_array_and_entry() {
    let x = || npy("<f4", false, "(2, 1)", &le(&[1.0, 2.0]));
    let y = || npy("<f4", false, "(2,)", &le(&[1.0, 2.0]));
    let cases = [
        (vec![("X", x())], "there is no array `y`"),
        (vec![("x", x()), ("y", y())], "there is no array `X`"),
        (
            vec![
                ("X", npy("<f4", false, "(2,)", &le(&[1.0, 2.0]))),
                ("y", y()),
            ],
            "array `X`: the shape is (2,)",
        ),
        (
            vec![
                ("X", x()),
                ("y", npy("<f4", false, "(1, 2)", &le(&[1.0, 2.0]))),
            ],
            "array `y`: the shape is (1, 2)",
        ),
        (
            vec![
                ("X", x()),
                ("y", npy("<f4", false, "(2, 2)", &le(&[1.0; 4]))),
            ],
            "several outputs are not supported yet",
        ),
        (
            vec![
                ("X", npy("<f4", false, "(2, 1)", &le(&[1.0, f32::NAN]))),
                ("y", y()),
            ],
            "array `X`, row 1, column 0: NaN",
        ),
        (
            vec![
                ("X", x()),
                ("y", npy("<f4", false, "(2,)", &le(&[f32::INFINITY, 0.0]))),
            ],
            "array `y`, row 0, column 0: inf",
        ),
        (
            vec![("X", npy("<f4", false, "(2, 1)", &le(&[1.0]))), ("y", y())],
            "array `X`: the array ends too early",
        ),
        (
            vec![
                ("X", npy("<f4", false, "(2, 1)", &le(&[1.0; 3]))),
                ("y", y()),
            ],
            "array `X`: there are bytes after the array",
        ),
        (
            vec![("X", npy("<c8", false, "(2, 1)", &[0; 16])), ("y", y())],
            "array `X`: unknown dtype `<c8`",
        ),
        (
            vec![("X", npy("|O", false, "(2, 1)", &[0; 16])), ("y", y())],
            "Python objects",
        ),
        (
            vec![("X", b"nothing at all".to_vec()), ("y", y())],
            "array `X`: this is not a NumPy array",
        ),
        (
            vec![
                ("X", npy("<f4", false, "(0, 1)", &[])),
                ("y", npy("<f4", false, "(0,)", &[])),
            ],
            "n = 0",
        ),
        (
            vec![
                ("X", npy("<f4", false, "(99999999, 99999)", &[])),
                ("y", y()),
            ],
            "too many entries",
        ),
    ];
    for (arrays, part) in cases {
        let (_folder, path) = npz(&arrays);
        let error = message(Dataset::read(&path, &DataOptions::default()));
        assert!(
            error.contains("file.npz") && error.contains(part),
            "{part}: {error}"
        );
    }
    let (_folder, path) = npz(&[("X", x()), ("y", y())]);
    let whole = std::fs::read(&path).expect("the file");
    for length in 0..whole.len() {
        std::fs::write(&path, &whole[..length]).expect("a shorter file");
        assert!(
            message(Dataset::read(&path, &DataOptions::default())).contains("file.npz"),
            "{length} bytes"
        );
    }
    let (_folder, path) = npz(&[
        ("X", npy("<f8", false, "(1, 1)", &1e300f64.to_le_bytes())),
        ("y", npy("|i1", false, "(1,)", &[1])),
    ]);
    let single = DataOptions {
        float: Some(Float::F32),
        ..DataOptions::default()
    };
    assert!(message(Dataset::read(&path, &single)).contains("too large for f32"));
}

#[test]
fn damaged_archives_never_panic() {
    let arrays = [
        ("X", npy("<f4", false, "(2, 1)", &le(&[1.0, 2.0]))),
        ("y", npy("<f4", false, "(2,)", &le(&[1.0, 2.0]))),
    ];
    let (_folder, path) = npz(&arrays);
    let archive = std::fs::read(&path).expect("the file");
    let (_folder, tensors) =
        safetensors(&[("0.weight", &[1, 1], &[1.0]), ("2.weight", &[1, 1], &[1.0])]);
    let tensors = std::fs::read(&tensors).expect("the file");
    for (name, whole) in [("net.npz", archive), ("net.safetensors", tensors)] {
        let damaged = path.with_file_name(name);
        for i in 0..whole.len() {
            let mut bytes = whole.clone();
            bytes[i] ^= [0x01, 0x80, 0xff][i % 3];
            std::fs::write(&damaged, &bytes).expect("a file");
            let _ = Dataset::read(&damaged, &DataOptions::default());
            let _ = Network::read(&damaged);
        }
    }
}

/// w = (1, 2), (3, 4), (5, 6); b = 0.5, 0.25, 0; α = 7, 8, 9; c = 10.
fn expected(hidden_bias: bool, output_bias: bool) -> Network {
    Network {
        hidden_weights: vec![rats(&["1", "2"]), rats(&["3", "4"]), rats(&["5", "6"])],
        hidden_bias: hidden_bias.then(|| rats(&["0.5", "0.25", "0"])),
        output_weights: rats(&["7", "8", "9"]),
        output_bias: output_bias.then(|| rat("10")),
    }
}

const W: (&[usize], &[f32]) = (&[3, 2], &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
const B: (&[usize], &[f32]) = (&[3], &[0.5, 0.25, 0.0]);
const A: (&[usize], &[f32]) = (&[1, 3], &[7.0, 8.0, 9.0]);
const C: (&[usize], &[f32]) = (&[1], &[10.0]);

#[test]
fn layers_are_found_by_pytorch_names() {
    let names: [[&str; 4]; 7] = [
        ["0.weight", "0.bias", "2.weight", "2.bias"],
        [
            "model.net.0.weight",
            "model.net.0.bias",
            "model.net.2.weight",
            "model.net.2.bias",
        ],
        ["9.weight", "9.bias", "10.weight", "10.bias"],
        ["fc1.weight", "fc1.bias", "fc2.weight", "fc2.bias"],
        [
            "hidden.weight",
            "hidden.bias",
            "output.weight",
            "output.bias",
        ],
        // The shapes decide where the names do not.
        ["zeta.weight", "zeta.bias", "alpha.weight", "alpha.bias"],
        [
            "blocks.10.lin.weight",
            "blocks.10.lin.bias",
            "blocks.11.lin.weight",
            "blocks.11.lin.bias",
        ],
    ];
    for [w, b, a, c] in names {
        let (_folder, path) =
            safetensors(&[(w, W.0, W.1), (b, B.0, B.1), (a, A.0, A.1), (c, C.0, C.1)]);
        assert_eq!(Network::read(&path).expect(w), expected(true, true), "{w}");
        let (_folder, path) = safetensors(&[(w, W.0, W.1), (a, A.0, A.1), (c, C.0, C.1)]);
        assert_eq!(Network::read(&path).expect(w), expected(false, true), "{w}");
        let (_folder, path) = safetensors(&[(a, A.0, A.1), (b, B.0, B.1), (w, W.0, W.1)]);
        assert_eq!(Network::read(&path).expect(w), expected(true, false), "{w}");
    }
    let (_folder, path) = safetensors(&[("0.weight", W.0, W.1), ("2.weight", A.0, A.1)]);
    let file = NetworkFile::read(&path, &NetworkKeys::default()).expect("a network");
    assert_eq!(file.float, Some(Float::F32));
}

#[test]
fn tensors_can_be_named() {
    let (_folder, path) = safetensors(&[
        ("w", W.0, W.1),
        ("b", B.0, B.1),
        ("a", &[3], A.1),
        ("c", &[], C.1),
        ("running_mean", &[2], &[0.0, 0.0]),
    ]);
    let error = message(Network::read(&path));
    assert!(error.contains("--hidden-weights-key"), "{error}");
    let name = |name: &str| Some(name.to_owned());
    let keys = NetworkKeys {
        hidden_weights: name("w"),
        hidden_bias: name("b"),
        output_weights: name("a"),
        output_bias: name("c"),
    };
    assert_eq!(
        NetworkFile::read(&path, &keys).expect("a network").network,
        expected(true, true)
    );
    let keys = NetworkKeys {
        hidden_weights: name("w"),
        output_weights: name("a"),
        ..NetworkKeys::default()
    };
    assert_eq!(
        NetworkFile::read(&path, &keys).expect("a network").network,
        expected(false, false)
    );
    let keys = NetworkKeys {
        hidden_weights: name("ww"),
        ..keys
    };
    let error = message(NetworkFile::read(&path, &keys));
    assert!(
        error.contains("`ww` for --hidden-weights-key") && error.contains("`running_mean`"),
        "{error}"
    );
    let keys = NetworkKeys {
        hidden_weights: None,
        hidden_bias: name("b"),
        ..keys
    };
    assert!(message(NetworkFile::read(&path, &keys)).contains("--hidden-weights-key is missing"));
    // A layer that is named keeps its bias.
    let (_folder, path) = safetensors(&[
        ("in.weight", W.0, W.1),
        ("in.bias", B.0, B.1),
        ("out.weight", A.0, A.1),
        ("mask", &[1], &[1.0]),
    ]);
    let keys = NetworkKeys {
        hidden_weights: name("in.weight"),
        output_weights: name("out.weight"),
        ..NetworkKeys::default()
    };
    assert_eq!(
        NetworkFile::read(&path, &keys).expect("a network").network,
        expected(true, false)
    );
}

#[test]
fn float_bits_of_networks_are_the_numbers() {
    let tiny = f32::from_bits(1);
    let (_folder, path) = safetensors(&[
        ("0.weight", &[1, 2], &[tiny, -0.1]),
        ("2.weight", &[1, 1], &[f32::MAX]),
    ]);
    let network = Network::read(&path).expect("a network");
    let least = Rat::new(1.into(), BigInt::from(1) << 149);
    assert_eq!(
        network.hidden_weights,
        [[least, Rat::new((-13_421_773).into(), (1 << 27).into())]]
    );
    assert_eq!(
        network.output_weights,
        [Rat::from_integer(((BigInt::from(1) << 24) - 1) << 104)]
    );
    // Back to single precision, bit for bit.
    let copy = path.with_file_name("copy.safetensors");
    let options = WriteOptions {
        source: Some(Float::F32),
        ..WriteOptions::default()
    };
    network.write(&copy, &options).expect("written");
    assert_eq!(
        std::fs::read(&copy).expect("the copy"),
        std::fs::read(&path).expect("the file")
    );
}

#[test]
fn npz_networks_may_have_their_own_formats_and_orders() {
    let (_folder, path) = npz(&[
        (
            "0.weight",
            npy("<f4", true, "(3, 2)", &le(&[1.0, 3.0, 5.0, 2.0, 4.0, 6.0])),
        ),
        (
            "0.bias",
            npy(
                ">f8",
                false,
                "(3,)",
                &[0.5f64, 0.25, 0.0].map(f64::to_be_bytes).concat(),
            ),
        ),
        (
            "2.weight",
            npy(
                "<i8",
                false,
                "(1, 3)",
                &[7i64, 8, 9].map(i64::to_le_bytes).concat(),
            ),
        ),
        ("2.bias", npy("|u1", false, "()", &[10])),
    ]);
    let file = NetworkFile::read(&path, &NetworkKeys::default()).expect("a network");
    assert_eq!(
        (file.network, file.float),
        (expected(true, true), Some(Float::F64))
    );
}

#[test]
fn tensors_that_make_no_network_are_refused() {
    type Tensors<'a> = Vec<(&'a str, &'a [usize], &'a [f32])>;
    let cases: Vec<(Tensors, &str)> = vec![
        (vec![("0.weight", W.0, W.1)], "the file holds 1 layers"),
        (
            vec![
                ("0.weight", W.0, W.1),
                ("2.weight", A.0, A.1),
                ("4.weight", C.0, C.1),
            ],
            "the file holds 3 layers",
        ),
        (
            vec![("0.bias", B.0, B.1), ("2.weight", A.0, A.1)],
            "there is no tensor `0.weight`",
        ),
        (
            vec![("0.weight", W.0, W.1), ("2.weight", &[2, 3], &[1.0; 6])],
            "several outputs are not supported yet",
        ),
        (
            vec![("0.weight", W.0, W.1), ("2.weight", &[3, 1], A.1)],
            "`2.weight`: the shape is (3, 1) where (1, 3) is needed",
        ),
        (
            vec![("0.weight", &[3], A.1), ("2.weight", A.0, A.1)],
            "`0.weight`: the shape is (3,) where (m, d) is needed",
        ),
        (
            vec![
                ("0.weight", W.0, W.1),
                ("0.bias", &[2], &[1.0; 2]),
                ("2.weight", A.0, A.1),
            ],
            "`0.bias`: the shape is (2,) where (3,)",
        ),
        (
            vec![
                ("0.weight", W.0, W.1),
                ("2.weight", A.0, A.1),
                ("2.bias", &[2], &[1.0; 2]),
            ],
            "`2.bias`: the shape is (2,) where (1,)",
        ),
        (
            vec![
                ("0.weight", W.0, W.1),
                ("2.weight", A.0, &[7.0, f32::NAN, 9.0]),
            ],
            "`2.weight[0][1]`: NaN is not a finite number",
        ),
        (
            vec![
                ("0.weight", W.0, W.1),
                ("1.running_mean", B.0, B.1),
                ("2.weight", A.0, A.1),
            ],
            "`1.running_mean` is not a layer's weight or bias",
        ),
        (
            vec![("u.weight", &[1, 1], &[1.0]), ("v.weight", &[1, 1], &[1.0])],
            "it is not clear which",
        ),
    ];
    for (tensors, part) in cases {
        let (_folder, path) = safetensors(&tensors);
        let error = message(Network::read(&path));
        assert!(
            error.contains("net.safetensors") && error.contains(part),
            "{part}: {error}"
        );
    }
    let (_folder, path) = safetensors(&[("0.weight", W.0, W.1), ("2.weight", A.0, A.1)]);
    let whole = std::fs::read(&path).expect("the file");
    for length in 0..whole.len() {
        std::fs::write(&path, &whole[..length]).expect("a shorter file");
        assert!(
            message(Network::read(&path)).contains("not a complete .safetensors file"),
            "{length} bytes"
        );
    }
    let header = br#"{"0.weight":{"dtype":"BOOL","shape":[1],"data_offsets":[0,1]}}"#;
    let bytes = [&(header.len() as u64).to_le_bytes()[..], header, &[1]].concat();
    std::fs::write(&path, bytes).expect("a file");
    assert!(message(Network::read(&path)).contains("`0.weight`: unknown dtype"));
}

#[test]
fn json_that_is_no_network_is_refused() {
    let cases = [
        ("", "not a network in JSON"),
        ("[]", "not a network in JSON"),
        (
            "{\"hidden_weights\": [[1]]}",
            "missing field `output_weights`",
        ),
        (
            "{\"hidden_weights\": [[1]], \"output_weights\": [1], \"hidden_biases\": [1]}",
            "unknown field `hidden_biases`",
        ),
        (
            "{\"hidden_weights\": [[1]], \"output_weights\": [1], \"output_weights\": [2]}",
            "duplicate field `output_weights`",
        ),
        (
            "{\"hidden_weights\": [[1, 2], [3]], \"output_weights\": [1, 2]}",
            "`hidden_weights[1]`: 1 weights, but 2",
        ),
        (
            "{\"hidden_weights\": [[1], [2]], \"output_weights\": [1]}",
            "`output_weights`: 1 entries, but hidden_weights has 2 neurons",
        ),
        (
            "{\"hidden_weights\": [[1]], \"hidden_bias\": [1, 2], \"output_weights\": [1]}",
            "`hidden_bias`: 2 entries",
        ),
        (
            "{\"hidden_weights\": [[\"1\"]], \"output_weights\": [1]}",
            "`hidden_weights[0][0]`: a text where a number is needed",
        ),
        (
            "{\"hidden_weights\": [[]], \"output_weights\": [1]}",
            "`hidden_weights[0]`: a neuron without weights",
        ),
        (
            "{\"hidden_weights\": [1], \"output_weights\": [1]}",
            "`hidden_weights[0]`: a number where a list is needed",
        ),
        (
            "{\"hidden_weights\": [[1]], \"output_weights\": [1e999]}",
            "`output_weights[0]`: `1e+999` is out of range",
        ),
        (
            "{\"hidden_weights\": [[1]], \"output_weights\": [NaN]}",
            "line 1",
        ),
        (
            "{\"hidden_weights\": [[1]], \"output_weights\": [[1], [2]]}",
            "2 outputs; several outputs are not supported yet",
        ),
        (
            "{\"hidden_weights\": [[1]], \"output_weights\": [1], \"output_bias\": [1, 2]}",
            "2 outputs; several outputs",
        ),
    ];
    for (text, part) in cases {
        let (_folder, path) = file("net.json", text);
        let error = message(Network::read(&path));
        assert!(
            error.contains("net.json") && error.contains(part),
            "{part}: {error}"
        );
    }
}

#[test]
fn a_pickle_is_refused_with_the_way_to_convert_it() {
    let error = message(Network::read(Path::new("runs/model.pt")));
    assert!(
        error.contains(
            "save_file(torch.load('runs/model.pt', map_location='cpu'), 'runs/model.safetensors')"
        ),
        "{error}"
    );
    assert!(message(Network::read(Path::new("model.keras"))).contains("numpy.savez('model.npz'"));
    assert!(message(Network::read(Path::new("model.txt"))).contains(".safetensors"));
}

#[test]
fn formats_that_cannot_hold_a_number_say_so() {
    let network = Network {
        output_bias: Some(rat("0.1")),
        ..expected(true, true)
    };
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    network
        .write(&at("a.json"), &WriteOptions::default())
        .expect("exact");
    assert_eq!(Network::read(&at("a.json")).expect("a network"), network);
    let error = message(network.write(&at("a.npz"), &WriteOptions::default()));
    assert!(
        error.contains("`2.bias[0]`: 0.1 cannot be written exactly as double precision")
            && error.contains("--round"),
        "{error}"
    );
    let third = Network {
        output_bias: Some(rat("1/3")),
        ..expected(true, true)
    };
    let error = message(third.write(&at("b.json"), &WriteOptions::default()));
    assert!(
        error.contains("`output_bias`: 0.33333333333333333 cannot be written exactly as a decimal"),
        "{error}"
    );
    let round = WriteOptions {
        round: true,
        ..WriteOptions::default()
    };
    third.write(&at("b.json"), &round).expect("rounded");
    assert_eq!(
        Network::read(&at("b.json")).expect("a network").output_bias,
        Some(rat("0.3333333333333333"))
    );
    let large = Network {
        output_bias: Some(rat("1e39")),
        ..expected(true, true)
    };
    let single = WriteOptions {
        float: Some(Float::F32),
        round: true,
        ..WriteOptions::default()
    };
    assert!(message(large.write(&at("c.npz"), &single)).contains("too large for f32"));
    assert!(message(large.write(&at("missing/c.json"), &round)).contains("cannot be written"));
    let mut names: Vec<_> = std::fs::read_dir(folder.path())
        .expect("a folder")
        .map(|e| e.expect("an entry").file_name())
        .collect();
    names.sort();
    assert_eq!(names, ["a.json", "b.json"]);
}

#[test]
fn networks_that_do_not_fit_the_problem_are_refused() {
    let data = csv("a,b,c,y\n1,2,3,4\n", &DataOptions::default()).expect("legal");
    let decay = || Decay::WeightDecay(rat("1"));
    let problem = |data: Dataset, hidden, output| {
        Problem::new(
            data,
            Activation::relu(),
            Loss::Mean,
            decay(),
            hidden,
            output,
        )
        .expect("a problem")
    };
    let three = problem(data.clone(), HiddenBias::Decayed, OutputBias::None);
    let error = message(three.objective(&expected(true, false)));
    assert!(
        error.contains("takes 2 inputs")
            && error.contains("3 features: a, b, c")
            && error.contains("--features"),
        "{error}"
    );
    let two = csv("a,b,y\n1,2,4\n", &DataOptions::default()).expect("legal");
    let error = message(
        problem(two.clone(), HiddenBias::None, OutputBias::None).objective(&expected(true, false)),
    );
    assert!(error.contains("a hidden bias"), "{error}");
    let error = message(
        problem(two.clone(), HiddenBias::Decayed, OutputBias::None)
            .objective(&expected(true, true)),
    );
    assert!(error.contains("an output bias"), "{error}");
    let short = Network {
        output_weights: rats(&["1"]),
        ..expected(true, false)
    };
    assert!(
        message(problem(two.clone(), HiddenBias::Decayed, OutputBias::None).objective(&short))
            .contains("3 neurons, but 1 output weights")
    );
    for lambda in ["0", "-0.1"] {
        let decay = Decay::Ridge(rat(lambda));
        let error = message(Problem::new(
            two.clone(),
            Activation::relu(),
            Loss::Mean,
            decay,
            HiddenBias::None,
            OutputBias::None,
        ));
        assert!(
            error.contains("is not positive") && error.contains("dual bound"),
            "{error}"
        );
    }
    assert!(message(Activation::leaky(rat("1.5"))).contains("slope 3/2 is larger than 1"));
}
