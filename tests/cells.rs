//! The contract of `relucert cells`: counts, lists, formats, limits and bad input.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use assert_cmd::cargo::cargo_bin_cmd;
use serde_json::Value;

struct Ran {
    code: Option<i32>,
    out: String,
    error: String,
}

fn run(folder: &Path, command: &str) -> Ran {
    let output = cargo_bin_cmd!("relucert")
        .current_dir(folder)
        .args(command.split_whitespace())
        .output()
        .expect("the program runs");
    Ran {
        code: output.status.code(),
        out: String::from_utf8_lossy(&output.stdout).into_owned(),
        error: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// xor.csv: data; plane.csv: three lines and a zero row; resonance.csv: all 0/1 rows of length 6.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).expect("a file");
    write("xor.csv", "a,b,y\n1,1,-1\n1,-1,1\n-1,1,1\n-1,-1,-1\n");
    write("plane.csv", "u,v\n1,0\n0,0.5\n1,1\n0,0\n");
    let mut resonance = "a,b,c,d,e,f\n".to_owned();
    for m in 1..64u32 {
        let row: Vec<String> = (0..6).map(|i| (m >> i & 1).to_string()).collect();
        resonance += &(row.join(",") + "\n");
    }
    write("resonance.csv", &resonance);
    folder
}

#[test]
fn counts_as_json() {
    let folder = folder();
    let ran = run(
        folder.path(),
        "cells --normals resonance.csv --count --json",
    );
    assert_eq!((ran.code, ran.error.as_str()), (Some(0), ""), "{}", ran.out);
    let value: Value = serde_json::from_str(&ran.out).expect("JSON");
    assert_eq!(value["n"], 63);
    assert_eq!(value["distinct_hyperplanes"], 63);
    assert_eq!(value["rank"], 6);
    assert_eq!(value["general_position"], false);
    assert_eq!(value["cells"], 1_066_044);
    // All rows are nonnegative: some u is positive on all, so boundaries bring nothing new.
    assert_eq!(value["patterns_ge"], 1_066_044);
    let polynomial = value["characteristic_polynomial"]
        .as_array()
        .expect("an array");
    assert_eq!(polynomial.len(), 7);
    assert_eq!(
        (&polynomial[0], &polynomial[1]),
        (&Value::from(1), &Value::from(-63))
    );
}

#[test]
fn the_target_is_left_out_and_the_bias_added() {
    let folder = folder();
    let count = |more: &str| -> Value {
        let ran = run(
            folder.path(),
            &format!("cells --data xor.csv {more} --json"),
        );
        assert_eq!(ran.code, Some(0), "{}", ran.error);
        serde_json::from_str(&ran.out).expect("JSON")
    };
    // (±1, ±1, 1): four planes in general position.
    assert_eq!(count("")["cells"], 14);
    assert_eq!(count("")["patterns_ge"], 14);
    assert_eq!(count("--bias")["rank"], 3);
    // Two lines, each twice in opposite directions: cells, open rays and the origin.
    let plain = count("--no-bias");
    assert_eq!(plain["distinct_hyperplanes"], 2);
    assert_eq!(plain["cells"], 4);
    assert_eq!(plain["patterns_ge"], 9);
    assert_eq!(count("--features a --no-bias")["rank"], 1);
    assert_eq!(count("--target a --features b --no-bias")["cells"], 2);
    let all = count("--target none --no-bias");
    assert_eq!(
        (&all["rank"], &all["distinct_hyperplanes"]),
        (&Value::from(3), &Value::from(4))
    );
}

#[test]
fn lists_of_cells_rays_and_vertices() {
    let folder = folder();
    let lines = |command: &str| -> Vec<String> {
        let ran = run(folder.path(), command);
        assert_eq!(ran.code, Some(0), "{}", ran.error);
        ran.out.lines().map(str::to_owned).collect()
    };
    let rows = [[2, 0], [0, 1], [2, 2], [0, 0]];
    let check = |line: &str| -> String {
        let mut parts = line.split(' ');
        let signs = parts.next().expect("signs");
        let point: Vec<i64> = parts.map(|x| x.parse().expect("an integer")).collect();
        let realised: String = rows
            .iter()
            .map(|row| match row[0] * point[0] + row[1] * point[1] {
                0 => '0',
                x if x > 0 => '+',
                _ => '-',
            })
            .collect();
        assert_eq!(signs, realised);
        signs.to_owned()
    };
    let cells: BTreeSet<String> = lines("cells --normals plane.csv --list -q")
        .iter()
        .map(|l| check(l))
        .collect();
    let expected = ["+++0", "+-+0", "+--0", "---0", "-+-0", "-++0"];
    assert!(cells.iter().eq(BTreeSet::from(expected)), "{cells:?}");
    let rays = lines("cells --normals plane.csv --rays -q");
    assert_eq!(
        rays.iter().map(|l| check(l)).collect::<BTreeSet<_>>().len(),
        6
    );
    let vertices: BTreeSet<String> = lines("cells --normals plane.csv --zonotope -q")
        .into_iter()
        .collect();
    assert_eq!(vertices.len(), 6);
    assert!(
        vertices.contains("2 3/2") && vertices.contains("-2 -3/2"),
        "{vertices:?}"
    );
    let ran = run(
        folder.path(),
        "cells --normals plane.csv --list --format json",
    );
    let value: Value = serde_json::from_str(&ran.out).expect("JSON");
    assert_eq!(value["cells"].as_array().map(Vec::len), Some(6));
    assert_eq!(value["complete"], true);
}

#[test]
fn numpy_files_hold_every_sign() {
    let folder = folder();
    let ran = run(
        folder.path(),
        "cells --normals plane.csv --list --format npy --out signs.npy -q",
    );
    assert_eq!(ran.code, Some(0), "{}", ran.error);
    let bytes = fs::read(folder.path().join("signs.npy")).expect("a file");
    let file = npyz::NpyFile::new(bytes.as_slice()).expect("NumPy");
    assert_eq!(file.shape(), [6, 4]);
    let signs: Vec<i8> = file.into_vec().expect("int8");
    let rows: BTreeSet<&[i8]> = signs.chunks(4).collect();
    assert_eq!(rows.len(), 6);
    let ran = run(
        folder.path(),
        "cells --normals plane.csv --zonotope --format npy --out z.npy -q",
    );
    assert_eq!(ran.code, Some(0), "{}", ran.error);
    let bytes = fs::read(folder.path().join("z.npy")).expect("a file");
    let file = npyz::NpyFile::new(bytes.as_slice()).expect("NumPy");
    assert_eq!(file.shape(), [6, 2]);
}

#[test]
fn limits_refuse_and_leave_no_file() {
    let folder = folder();
    let ran = run(
        folder.path(),
        "cells --normals resonance.csv --max-cells 1000 --json",
    );
    assert_eq!(ran.code, Some(3), "{}", ran.error);
    let value: Value = serde_json::from_str(&ran.out).expect("JSON");
    assert!(value["cells"].is_null() && value["characteristic_polynomial"].is_null());
    assert_eq!(value["rank"], 6);
    assert!(ran.error.contains("--max-cells"), "{}", ran.error);
    for limit in ["--max-cells 1000", "--time-limit 0.05"] {
        let command = format!("cells --normals resonance.csv --list --out cells.txt {limit}");
        let ran = run(folder.path(), &command);
        assert_eq!(ran.code, Some(3), "{limit}: {}", ran.error);
        assert!(!folder.path().join("cells.txt").exists());
    }
    let ran = run(
        folder.path(),
        "cells --normals plane.csv --list --max-cells 6 -q",
    );
    assert_eq!((ran.code, ran.out.lines().count()), (Some(0), 6));
    let ran = run(
        folder.path(),
        "cells --normals plane.csv --list --max-cells 5 -q",
    );
    assert_eq!((ran.code, ran.out.lines().count()), (Some(3), 0));
}

#[test]
fn bad_input_is_refused_with_a_message() {
    let folder = folder();
    for bad in [
        "cells",
        "cells --data missing.csv",
        "cells --data xor.csv --normals plane.csv",
        "cells --normals plane.csv --bias",
        "cells --data xor.csv --bias --no-bias",
        "cells --data xor.csv --list --rays",
        "cells --data xor.csv --count --format npy",
        "cells --data xor.csv --list --format npy",
        "cells --data xor.csv --format text --json",
        "cells --data xor.csv --target nothing",
        "cells --data xor.csv --max-cells 0",
        "cells --data xor.csv --list --out xor.csv",
    ] {
        let ran = run(folder.path(), bad);
        assert_eq!(ran.code, Some(2), "{bad}: {}", ran.error);
        assert_eq!(ran.out, "", "{bad}");
        assert!(ran.error.starts_with("error"), "{bad}: {}", ran.error);
    }
}
