//! Bad input: exit code 2, exactly one error that names its place, and nothing left behind.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use assert_cmd::cargo::cargo_bin_cmd;
use safetensors::tensor::{Dtype, TensorView, serialize};

/// A .npy file by hand.
fn npy(descr: &str, shape: &str, data: &[u8]) -> Vec<u8> {
    let header = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}\n");
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend((header.len() as u16).to_le_bytes());
    bytes.extend(header.as_bytes());
    bytes.extend(data);
    bytes
}

fn f32s(values: &[f32]) -> Vec<u8> {
    values.iter().flat_map(|v| v.to_le_bytes()).collect()
}

fn npz(arrays: &[(&str, Vec<u8>)]) -> Vec<u8> {
    use std::io::Write;
    let mut archive = npyz::npz::NpzWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in arrays {
        let zip = archive.zip_writer();
        zip.start_file(format!("{name}.npy"), Default::default())
            .expect("an entry");
        zip.write_all(bytes).expect("an entry");
    }
    archive
        .zip_writer()
        .finish()
        .expect("an archive")
        .into_inner()
}

fn tensors(list: &[(&str, &[usize], &[f32])]) -> Vec<u8> {
    let data: Vec<Vec<u8>> = list.iter().map(|(_, _, values)| f32s(values)).collect();
    let views = list.iter().zip(&data).map(|((name, shape, _), bytes)| {
        (
            *name,
            TensorView::new(Dtype::F32, shape.to_vec(), bytes).expect("a view"),
        )
    });
    serialize(views, None).expect("a file")
}

/// Good files that every case starts from.
fn good_files(folder: &Path) {
    let network = tensors(&[
        ("0.weight", &[1, 2], &[1.0, 2.0]),
        ("2.weight", &[1, 1], &[1.0]),
    ]);
    let x = npy("<f4", "(2, 2)", &f32s(&[1.0, 2.0, 3.0, 4.0]));
    let y = npy("<f4", "(2,)", &f32s(&[1.0, 2.0]));
    let files: [(&str, Vec<u8>); 5] = [
        ("good.csv", b"a,b,y\n1,2,3\n4,5,6\n".to_vec()),
        ("good.npz", npz(&[("X", x), ("y", y)])),
        ("good.safetensors", network),
        (
            "good.json",
            b"{\"hidden_weights\": [[1, 2]], \"output_weights\": [0.1]}".to_vec(),
        ),
        (
            "third.json",
            b"{\"hidden_weights\": [[1, 2]], \"output_weights\": [0.333e-50]}".to_vec(),
        ),
    ];
    for (name, bytes) in files {
        fs::write(folder.join(name), bytes).expect("a file");
    }
}

fn contents(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    fs::read_dir(folder)
        .expect("a folder")
        .map(|entry| {
            let entry = entry.expect("an entry");
            let bytes = fs::read(entry.path()).unwrap_or_default();
            (entry.file_name().to_string_lossy().into_owned(), bytes)
        })
        .collect()
}

/// Runs a command line (words separated by blanks) in a folder with the good files and one more, and returns its error text.
fn refused(extra: Option<(&str, &[u8])>, command: &str) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    good_files(folder.path());
    fs::create_dir(folder.path().join("folder")).expect("a folder");
    if let Some((name, bytes)) = extra {
        fs::write(folder.path().join(name), bytes).expect("a file");
    }
    let before = contents(folder.path());
    let output = cargo_bin_cmd!("relucert")
        .current_dir(folder.path())
        .args(command.split(' '))
        .timeout(std::time::Duration::from_secs(60))
        .output()
        .expect("the program runs");
    let error = String::from_utf8(output.stderr).expect("UTF-8");
    assert_eq!(output.status.code(), Some(2), "{command}: {error}");
    assert!(
        output.stdout.is_empty(),
        "{command}: nothing is printed but the error"
    );
    assert_eq!(
        error
            .lines()
            .filter(|line| line.starts_with("error"))
            .count(),
        1,
        "{command}: {error}"
    );
    assert!(!error.contains("panicked"), "{command}: {error}");
    assert_eq!(
        before.keys().collect::<Vec<_>>(),
        contents(folder.path()).keys().collect::<Vec<_>>(),
        "{command}"
    );
    assert_eq!(
        before,
        contents(folder.path()),
        "{command}: no file is changed"
    );
    error
}

fn assert_names(error: &str, parts: &[&str], what: &str) {
    for part in parts {
        assert!(error.contains(part), "{what}: `{part}` is not in: {error}");
    }
}

/// What follows `--data`, in the commands that read data.
fn data_commands(data: &str) -> [String; 3] {
    [
        format!(
            "certify --network good.safetensors --weight-decay 0.1 --data {data} --proof new.proof --best new.json"
        ),
        format!("solve --weight-decay 0.1 --data {data} --out new.npz --proof new.proof"),
        format!("predict --network good.safetensors --data {data} --out new.csv"),
    ]
}

#[test]
fn bad_tables() {
    let large = format!("a,b,y\n1,2,{}\n", "9".repeat(500));
    let cases: [(&str, &[u8], &[&str]); 16] = [
        ("bad.csv", b"", &["bad.csv", "empty"]),
        ("bad.csv", b"a,b,y\n", &["bad.csv", "no rows", "n = 0"]),
        (
            "bad.csv",
            b"a,b,y\n1,2,3\n4,5\n",
            &["bad.csv", "line 3", "2 fields", "has 3"],
        ),
        (
            "bad.csv",
            b"a,b,y\n1,2,3\n\n4,5,6,7\n",
            &["bad.csv", "line 4", "4 fields"],
        ),
        (
            "bad.csv",
            b"a,b,y\n1,2,3\n4,abc,6\n",
            &[
                "bad.csv",
                "line 3",
                "column `b`",
                "`abc` is not a number",
                "help:",
            ],
        ),
        (
            "bad.csv",
            b"a,b,y\r\n1,,3\r\n",
            &["bad.csv", "line 2", "column `b`", "missing"],
        ),
        (
            "bad.csv",
            b"a,b,y\n1,NaN,3\n",
            &["bad.csv", "line 2", "column `b`", "not a finite number"],
        ),
        (
            "bad.csv",
            b"a,b,y\n1,2,-Inf\n",
            &["bad.csv", "line 2", "column `y`", "not a finite number"],
        ),
        (
            "bad.csv",
            b"a,b,y\n1,2,1e999\n",
            &["bad.csv", "line 2", "column `y`", "exponent"],
        ),
        (
            "bad.csv",
            large.as_bytes(),
            &["bad.csv", "line 2", "column `y`"],
        ),
        (
            "bad.csv",
            b"a,a,y\n1,2,3\n",
            &["bad.csv", "line 1", "`a` appears twice"],
        ),
        (
            "bad.csv",
            b"a;b;y\n1;2;3\n",
            &["bad.csv", "line 1", "semicolons"],
        ),
        (
            "bad.csv",
            b"a,b,y\n1,\"2\n\x1b[31m\",3\n",
            &["bad.csv", "line 2", "column `b`", "\\u{1b}"],
        ),
        (
            "bad.txt",
            b"a,b,y\n1,2,3\n",
            &["bad.txt", "unknown kind of data file", ".csv"],
        ),
        (
            "bad.npz",
            b"PK\x03\x04 and then nothing",
            &["bad.npz", "not a complete .npz"],
        ),
        (
            "bad.npy",
            b"\x93NUMPY\x01\x00",
            &["bad.npy", "ends too early"],
        ),
    ];
    for (name, bytes, parts) in cases {
        for command in data_commands(name) {
            assert_names(&refused(Some((name, bytes)), &command), parts, &command);
        }
    }
    for command in data_commands("missing.csv") {
        assert_names(
            &refused(None, &command),
            &["missing.csv", "No such file"],
            &command,
        );
    }
    for command in data_commands("folder") {
        assert_names(&refused(None, &command), &["folder"], &command);
    }
}

#[test]
fn bad_arrays() {
    let x = || npy("<f4", "(2, 2)", &f32s(&[1.0, 2.0, 3.0, 4.0]));
    let y = || npy("<f4", "(2,)", &f32s(&[1.0, 2.0]));
    type Arrays<'a> = Vec<(&'a str, Vec<u8>)>;
    let cases: Vec<(Arrays, &[&str])> = vec![
        (vec![("X", x())], &["no array `y`"]),
        (vec![("y", y())], &["no array `X`"]),
        (
            vec![("X", npy("<c8", "(2, 2)", &[0; 32])), ("y", y())],
            &["array `X`", "unknown dtype `<c8`"],
        ),
        (
            vec![
                ("X", npy("<f4", "(2, 2)", &f32s(&[1.0, f32::NAN, 3.0, 4.0]))),
                ("y", y()),
            ],
            &["array `X`, row 0, column 1", "NaN"],
        ),
        (
            vec![("X", x()), ("y", npy("<f4", "(3,)", &f32s(&[1.0; 3])))],
            &["array `y`", "(3,)"],
        ),
        (
            vec![("X", x()), ("y", npy("<f4", "(2, 2)", &f32s(&[1.0; 4])))],
            &["array `y`", "several outputs are not supported yet"],
        ),
        (
            vec![("X", npy("<f4", "(2, 2)", &f32s(&[1.0; 3]))), ("y", y())],
            &["array `X`", "ends too early"],
        ),
        (
            vec![
                ("X", npy("<f4", "(0, 2)", &[])),
                ("y", npy("<f4", "(0,)", &[])),
            ],
            &["no rows"],
        ),
    ];
    for (arrays, parts) in cases {
        for command in data_commands("bad.npz") {
            let error = refused(Some(("bad.npz", &npz(&arrays))), &command);
            assert_names(&error, parts, &command);
            assert_names(&error, &["bad.npz"], &command);
        }
    }
    let whole = npz(&[("X", x()), ("y", y())]);
    for command in data_commands("bad.npz") {
        let error = refused(Some(("bad.npz", &whole[..whole.len() / 2])), &command);
        assert_names(&error, &["bad.npz", "not a complete .npz"], &command);
    }
}

#[test]
fn bad_choices_of_columns() {
    let cases: [(&str, &[&str]); 9] = [
        (
            "good.csv --target z",
            &["good.csv", "no column `z` for --target", "`a`, `b`, `y`"],
        ),
        (
            "good.csv --features a,bb",
            &[
                "good.csv",
                "no column `bb` for --features",
                "did you mean `b`?",
            ],
        ),
        (
            "good.csv --group g",
            &["good.csv", "no column `g` for --group"],
        ),
        (
            "good.csv --features a,a",
            &["--features names the column `a` twice"],
        ),
        (
            "good.csv --features a,y",
            &["`y` is both a feature and the target"],
        ),
        (
            "good.csv --group y --target y",
            &["the group column is the target"],
        ),
        (
            "good.npz --target z",
            &["good.npz", "no column `z` for --target", "`x0`"],
        ),
        ("good.csv --data-float f16", &["--data-float", "f32"]),
        (
            "good.csv --activation tanh",
            &["--activation", "relu, abs and leaky:SLOPE"],
        ),
    ];
    for (data, parts) in cases {
        for command in data_commands(data) {
            assert_names(&refused(None, &command), parts, &command);
        }
    }
    let group = b"g,a,b,y\nu,1,2,3\nu,1,2,4\n";
    for command in data_commands("bad.csv --group g") {
        assert_names(
            &refused(Some(("bad.csv", group)), &command),
            &["bad.csv, line 3", "--group g"],
            &command,
        );
    }
    let huge = b"a,b,y\n1e39,2,3\n";
    for command in data_commands("bad.csv --data-float f32") {
        let error = refused(Some(("bad.csv", huge)), &command);
        assert_names(
            &error,
            &["bad.csv, line 2, column `a`", "too large for f32"],
            &command,
        );
    }
}

/// The commands that read a network.
fn network_commands(network: &str) -> [String; 4] {
    [
        format!("certify --data good.csv --weight-decay 0.1 --network {network} --proof new.proof"),
        format!("solve --data good.csv --weight-decay 0.1 --init {network} --out new.npz"),
        format!("predict --data good.csv --network {network} --out new.csv"),
        format!("convert {network} new.json"),
    ]
}

#[test]
fn bad_networks() {
    let two_outputs = tensors(&[
        ("0.weight", &[1, 2], &[1.0, 2.0]),
        ("2.weight", &[2, 1], &[1.0, 1.0]),
    ]);
    let one_layer = tensors(&[("0.weight", &[1, 2], &[1.0, 2.0])]);
    let not_finite = tensors(&[
        ("0.weight", &[1, 2], &[1.0, f32::INFINITY]),
        ("2.weight", &[1, 1], &[1.0]),
    ]);
    let whole = tensors(&[
        ("0.weight", &[1, 2], &[1.0, 2.0]),
        ("2.weight", &[1, 1], &[1.0]),
    ]);
    let header = br#"{"0.weight":{"dtype":"BOOL","shape":[1],"data_offsets":[0,1]}}"#;
    let odd = [&(header.len() as u64).to_le_bytes()[..], header, &[1]].concat();
    let numpy = |dtype| {
        let output = npy("<f4", "(1, 1)", &f32s(&[1.0]));
        npz(&[
            ("0.weight", npy(dtype, "(1, 2)", &[0; 32])),
            ("2.weight", output),
        ])
    };
    let cases: Vec<(&str, Vec<u8>, &[&str])> = vec![
        ("bad.json", b"".to_vec(), &["bad.json", "line 1"]),
        (
            "bad.json",
            b"{\"hidden_weights\": [[1, 2]]}".to_vec(),
            &["bad.json", "output_weights"],
        ),
        (
            "bad.json",
            b"{\"hidden_weights\": [[1, 2], [1]], \"output_weights\": [1, 1]}".to_vec(),
            &["bad.json", "`hidden_weights[1]`"],
        ),
        (
            "bad.json",
            b"{\"hidden_weights\": [[1, NaN]], \"output_weights\": [1]}".to_vec(),
            &["bad.json", "line 1"],
        ),
        (
            "bad.json",
            b"{\"hidden_weights\": [[1, 1e500]], \"output_weights\": [1]}".to_vec(),
            &["`hidden_weights[0][1]`", "exponent"],
        ),
        (
            "bad.json",
            b"{\"hidden_weights\": [[1, 2]], \"output_weights\": [[1], [2]]}".to_vec(),
            &["several outputs are not supported yet"],
        ),
        (
            "bad.safetensors",
            two_outputs,
            &[
                "bad.safetensors",
                "`2.weight`",
                "2 outputs",
                "several outputs are not supported yet",
            ],
        ),
        (
            "bad.safetensors",
            one_layer,
            &["bad.safetensors", "1 layers"],
        ),
        (
            "bad.safetensors",
            not_finite,
            &["bad.safetensors", "`0.weight[0][1]`", "not a finite number"],
        ),
        (
            "bad.safetensors",
            whole[..whole.len() - 1].to_vec(),
            &["bad.safetensors", "not a complete"],
        ),
        (
            "bad.safetensors",
            whole[..5].to_vec(),
            &["bad.safetensors", "not a complete"],
        ),
        (
            "bad.safetensors",
            odd,
            &["bad.safetensors", "`0.weight`", "unknown dtype"],
        ),
        (
            "bad.npz",
            numpy("<c8"),
            &["bad.npz", "`0.weight`", "unknown dtype `<c8`"],
        ),
        (
            "bad.npz",
            numpy("<f4")[..100].to_vec(),
            &["bad.npz", "not a complete"],
        ),
        (
            "bad.pt",
            b"PK".to_vec(),
            &["bad.pt", "torch.load('bad.pt'", "save_file"],
        ),
        (
            "bad.weights",
            b"".to_vec(),
            &["bad.weights", ".safetensors", ".onnx"],
        ),
        ("bad.onnx", b"".to_vec(), &["bad.onnx", "no graph"]),
        (
            "bad.onnx",
            b"PK\x03\x04".to_vec(),
            &["bad.onnx", "no ONNX file"],
        ),
    ];
    for (name, bytes, parts) in cases {
        for command in network_commands(name) {
            assert_names(&refused(Some((name, &bytes)), &command), parts, &command);
        }
    }
    for command in network_commands("missing.json") {
        assert_names(
            &refused(None, &command),
            &["missing.json", "No such file"],
            &command,
        );
    }
    for command in
        network_commands("good.safetensors --hidden-weights-key w --output-weights-key 2.weight")
    {
        let command = command.replacen(" new.json", "", 1)
            + if command.starts_with("convert") {
                " new.json"
            } else {
                ""
            };
        assert_names(
            &refused(None, &command),
            &["no tensor `w` for --hidden-weights-key"],
            &command,
        );
    }
}

#[test]
fn networks_for_other_data() {
    let three = tensors(&[
        ("0.weight", &[1, 3], &[1.0, 2.0, 3.0]),
        ("2.weight", &[1, 1], &[1.0]),
    ]);
    for command in &network_commands("bad.safetensors")[..3] {
        let error = refused(Some(("bad.safetensors", &three)), command);
        assert_names(
            &error,
            &["takes 3 inputs", "2 features: a, b", "--features"],
            command,
        );
    }
    let biased = b"{\"hidden_weights\": [[1, 2]], \"hidden_bias\": [1], \"output_weights\": [1], \"output_bias\": 1}";
    let command = "solve --data good.csv --weight-decay 0.1 --no-bias --init bad.json";
    assert_names(
        &refused(Some(("bad.json", biased)), command),
        &["a hidden bias", "--bias"],
        command,
    );
    let command = "solve --data good.csv --weight-decay 0.1 --init bad.json";
    assert_names(
        &refused(Some(("bad.json", biased)), command),
        &["an output bias", "--output-bias"],
        command,
    );
}

#[test]
fn bad_objectives_and_options() {
    let cases: [(&str, &[&str]); 20] = [
        ("", &["neither --weight-decay nor --ridge"]),
        (
            "--weight-decay 1 --ridge 1",
            &["--weight-decay and --ridge are both given"],
        ),
        ("--weight-decay 0", &["0 is not positive", "no dual bound"]),
        ("--ridge -0.5", &["-1/2 is not positive"]),
        ("--weight-decay 1/0", &["--weight-decay", "divides by zero"]),
        (
            "--weight-decay much",
            &["--weight-decay", "`much` is not a number"],
        ),
        ("--weight-decay 1e-500", &["--weight-decay", "exponent"]),
        (
            "--weight-decay nan",
            &["--weight-decay", "not a finite number"],
        ),
        ("--weight-decay 1 --loss median", &["--loss", "half-sum"]),
        (
            "--weight-decay 1 --no-decay weights",
            &["--no-decay", "hidden-bias"],
        ),
        (
            "--weight-decay 1 --activation leaky:3/2",
            &["--activation", "slope 3/2 is larger than 1"],
        ),
        ("--weight-decay 1 --tolerance -1", &["--tolerance"]),
        (
            "--weight-decay 1 --tolerance 1",
            &["--tolerance", "below 1"],
        ),
        (
            "--weight-decay 1 --time-limit 0",
            &["--time-limit", "positive"],
        ),
        ("--weight-decay 1 --time-limit soon", &["--time-limit"]),
        ("--weight-decay 1 --threads 0", &["--threads"]),
        ("--weight-decay 1 --max-leaves 0", &["--max-leaves"]),
        ("--weight-decay 1 --seed -1", &["--seed"]),
        ("--weight-decay 1 --wieght-decay 1", &["--wieght-decay"]),
        (
            "--weight-decay 1 --no-decay output-bias",
            &["--no-decay output-bias", "no output bias"],
        ),
    ];
    for (options, parts) in cases {
        for start in [
            "certify --data good.csv --network good.safetensors",
            "solve --data good.csv",
        ] {
            let command = format!("{start} {options}");
            assert_names(&refused(None, command.trim_end()), parts, &command);
        }
    }
    let command =
        "certify --data good.csv --network good.json --weight-decay 1 --no-decay hidden-bias";
    assert_names(
        &refused(None, command),
        &["--no-decay hidden-bias"],
        command,
    );
    let command = "solve --data good.csv --weight-decay 1 --no-bias --no-decay hidden-bias";
    assert_names(
        &refused(None, command),
        &["--no-decay hidden-bias"],
        command,
    );
    let command =
        "solve --data good.csv --weight-decay 1 --output-bias decayed --no-decay output-bias";
    assert_names(&refused(None, command), &["--output-bias free"], command);
    let command = "solve --data good.csv --weight-decay 1 --bias --no-bias";
    assert_names(&refused(None, command), &["--no-bias"], command);
}

#[test]
fn likely_mistakes_are_told_the_mend() {
    let cases: [(&str, &[&str]); 17] = [
        (
            "certify --data good.csv --network good.safetensors --weight-decay 1 --no-bias",
            &["--no-bias", "the file of the network says which biases"],
        ),
        (
            "certify --data good.csv --network good.safetensors --weight-decay 1 --out best.json",
            &["--out", "--best FILE"],
        ),
        (
            "solve good.csv --weight-decay 1",
            &["good.csv", "--data FILE"],
        ),
        (
            "solve --data good.csv --weight-decay 1 --features a b",
            &["one list with commas"],
        ),
        (
            "solve --data good.csv --lambda 1",
            &["--lambda", "--weight-decay λ", "--ridge λ"],
        ),
        (
            "solve --data good.csv --weight-decay 1 -o net.json",
            &["--out FILE"],
        ),
        (
            "solve --data good.csv --weight-decay 1 --width 5",
            &["--width", "every width", "minima --width M"],
        ),
        (
            "minima --data good.csv --weight-decay 1 --width 1 --output-bias free",
            &["without an output bias"],
        ),
        (
            "solve --data good.csv --weight-decay 0,5",
            &["`0,5` is not a number", "decimals have a point: 0.5"],
        ),
        (
            "solve --data folder --weight-decay 1",
            &["folder", "this is a folder"],
        ),
        (
            "certify --data good.csv --network net.keras --weight-decay 1",
            &["net.keras", "numpy.savez('net.npz'"],
        ),
        (
            "convert good.json net.pt",
            &["net.pt", "written to the first three"],
        ),
        (
            "solve --data good.csv --weight-decay 1 --resume none",
            &["none", "leave out --resume"],
        ),
        (
            "certify --data good.csv --netwerk good.json --weight-decay 1",
            &["--netwerk", "a similar argument exists: '--network'"],
        ),
        ("certifi", &["a similar subcommand exists: 'certify'"]),
        (
            "solve --data god.csv --weight-decay 1",
            &["did you mean `good.csv`?"],
        ),
        (
            "objective --from jax --loss MSELoss()",
            &["possible values: pytorch, keras, scikit-learn"],
        ),
    ];
    for (command, parts) in cases {
        let error = refused(None, command);
        assert_names(&error, parts, command);
    }
    // A suggestion that would mislead is not made.
    let error = refused(
        None,
        "certify --data good.csv --network good.safetensors --weight-decay 1 --no-bias",
    );
    assert!(!error.contains("similar argument"), "{error}");
}

#[test]
fn too_many_cells_for_all_minima_are_refused_at_once() {
    // 60 points in 4 dimensions and a bias: about 10⁶ cells, whose rays took gigabytes.
    let mut table = "a,b,c,d,y\n".to_owned();
    for i in 1..=60i64 {
        let column = |k: i64| (i * (i + 17 * k) * (2 * k + 3)) % 101 - 50;
        table += &format!(
            "{},{},{},{},{i}\n",
            column(1),
            column(2),
            column(3),
            column(4)
        );
    }
    let command = "minima --data many.csv --weight-decay 1 --width 2";
    let error = refused(Some(("many.csv", table.as_bytes())), command);
    assert_names(
        &error,
        &["more than 5000 cells", "fewer samples or features"],
        command,
    );
}

#[test]
fn outputs_that_cannot_be_written() {
    let certify = "certify --data good.csv --network good.safetensors --weight-decay 1";
    let solve = "solve --data good.csv --weight-decay 1";
    let cases: [(String, &[&str]); 14] = [
        (
            format!("{certify} --proof nowhere/new.proof"),
            &["--proof", "nowhere/new.proof"],
        ),
        (format!("{certify} --proof folder"), &["--proof", "folder"]),
        (
            format!("{certify} --checkpoint nowhere/state"),
            &["--checkpoint", "nowhere/state"],
        ),
        (
            format!("{certify} --best nowhere/new.json"),
            &["--best", "nowhere/new.json"],
        ),
        (
            format!("{certify} --best new.txt"),
            &["new.txt", ".safetensors"],
        ),
        (
            format!("{solve} --out nowhere/new.json"),
            &["--out", "nowhere/new.json"],
        ),
        (format!("{solve} --out new.pt"), &["new.pt"]),
        (
            format!("{solve} --out new.json --proof new.json"),
            &["--out", "--proof", "new.json"],
        ),
        (
            format!("{solve} --proof good.csv"),
            &["--data", "--proof", "good.csv"],
        ),
        (
            format!("{solve} --init good.json --out good.json"),
            &["--init", "--out", "good.json"],
        ),
        (
            "predict --data good.csv --network good.json --out nowhere/new.csv".to_owned(),
            &["--out", "nowhere/new.csv"],
        ),
        (
            "predict --data good.csv --network good.json --out good.csv".to_owned(),
            &["--data", "--out", "good.csv"],
        ),
        (
            "convert good.json nowhere/new.npz".to_owned(),
            &["nowhere/new.npz"],
        ),
        ("convert good.json new.onnx".to_owned(), &["new.onnx"]),
    ];
    for (command, parts) in cases {
        assert_names(&refused(None, &command), parts, &command);
    }
}

#[test]
fn conversions_that_would_change_a_number() {
    let cases: [(&str, &[&str]); 5] = [
        (
            "convert good.json new.npz",
            &[
                "`2.weight[0][0]`",
                "0.1 cannot be written exactly",
                "double precision",
                "--round",
            ],
        ),
        (
            "convert good.json new.safetensors --dtype f32",
            &["`2.weight[0][0]`", "single precision", "--round"],
        ),
        (
            "convert third.json new.npz",
            &["`2.weight[0][0]`", "3.33e-51"],
        ),
        (
            "convert good.safetensors new.json --dtype f32",
            &["--dtype", "new.json"],
        ),
        (
            "convert good.json new.npz --hidden-weights-key w",
            &["good.json", "tensor names"],
        ),
    ];
    for (command, parts) in cases {
        assert_names(&refused(None, command), parts, command);
    }
    let huge = b"{\"hidden_weights\": [[1, 1e39]], \"output_weights\": [1]}";
    let command = "convert bad.json new.npz --dtype f32 --round";
    let error = refused(Some(("bad.json", huge)), command);
    assert_names(&error, &["`0.weight[0][1]`", "too large for f32"], command);
}
