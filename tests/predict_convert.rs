//! The commands `predict` and `convert` on good input.

use std::fs;
use std::path::Path;

use assert_cmd::cargo::cargo_bin_cmd;

fn run(folder: &Path, command: &str) -> String {
    let output = cargo_bin_cmd!("relucert")
        .current_dir(folder)
        .args(command.split(' '))
        .output()
        .expect("the program runs");
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{command}: {error}");
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// f(a, b) = 3·max(0, a/2 + b/10 + 1) − 1/8.
const NETWORK: &str = "{\"hidden_weights\": [[0.5, 0.1]], \"hidden_bias\": [1], \"output_weights\": [3], \"output_bias\": -0.125}";

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("net.json"), NETWORK).expect("a file");
    fs::write(
        folder.path().join("data.csv"),
        "a,b,y\n1,1,0\n-9,0,0\n0.2,0.3,0\n",
    )
    .expect("a file");
    folder
}

#[test]
fn predictions_are_exact_or_correctly_rounded() {
    let folder = folder();
    let at = |command: &str| run(folder.path(), command);
    let floats = at("predict --network net.json --data data.csv");
    assert_eq!(floats, "prediction\n4.675\n-0.125\n3.265\n");
    let exact = at("predict --network net.json --data data.csv --exact");
    assert_eq!(exact, "prediction\n187/40\n-1/8\n653/200\n");
    assert_eq!(
        at("predict --network net.json --data data.csv --out out.csv"),
        ""
    );
    assert_eq!(
        fs::read_to_string(folder.path().join("out.csv")).expect("the output"),
        floats
    );
    let json: serde_json::Value =
        serde_json::from_str(&at("predict --network net.json --data data.csv --json"))
            .expect("JSON");
    assert_eq!(json["predictions"][0].to_string(), "4.675");
    let json: serde_json::Value = serde_json::from_str(&at(
        "predict --network net.json --data data.csv --json --exact",
    ))
    .expect("JSON");
    assert_eq!(json["predictions"][2], "653/200");
}

#[test]
fn predictions_need_no_target() {
    let folder = folder();
    fs::write(folder.path().join("inputs.csv"), "b,a\n1,1\n").expect("a file");
    let command = "predict --network net.json --data inputs.csv --target none --features a,b";
    assert_eq!(run(folder.path(), command), "prediction\n4.675\n");
}

#[test]
fn predictions_follow_activation_groups_and_data_float() {
    let folder = folder();
    let at = |command: &str| run(folder.path(), command);
    let leaky = at("predict --network net.json --data data.csv --activation leaky:0.5 --exact");
    assert_eq!(leaky, "prediction\n187/40\n-43/8\n653/200\n");
    let abs = at("predict --network net.json --data data.csv --activation abs --exact");
    assert_eq!(abs, "prediction\n187/40\n83/8\n653/200\n");
    // All targets are equal: the rows of one sample are summed, the output bias counts once.
    let group = at(
        "predict --network net.json --data data.csv --features a,b --target none --group y --exact",
    );
    assert_eq!(group, "prediction\n1613/200\n");
    let single = at("predict --network net.json --data data.csv --data-float f32");
    assert_eq!(single.lines().nth(3), Some("3.265000008046627"));
}

#[test]
fn networks_survive_the_tour_of_the_formats() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/networks/iris_adam_early");
    let folder = tempfile::tempdir().expect("a folder");
    fs::copy(
        root.join("model.safetensors"),
        folder.path().join("a.safetensors"),
    )
    .expect("a copy");
    for command in [
        "convert a.safetensors b.json",
        "convert b.json c.npz",
        "convert c.npz d.safetensors --dtype f32",
        "convert a.safetensors e.npz",
        "convert e.npz f.safetensors",
    ] {
        assert_eq!(run(folder.path(), command), "");
    }
    let read = |name: &str| fs::read(folder.path().join(name)).expect("a file");
    let original = read("a.safetensors");
    assert!(
        read("d.safetensors") == original,
        "single precision by request"
    );
    assert!(
        read("f.safetensors") == original,
        "single precision as in the source"
    );
    // Without a source in single precision the format is double.
    run(folder.path(), "convert c.npz g.safetensors");
    assert!(read("g.safetensors").len() > original.len());
    // A network can be converted in its place.
    run(
        folder.path(),
        "convert g.safetensors g.safetensors --dtype f32",
    );
    assert!(read("g.safetensors") == original);
}

#[test]
fn rounding_is_done_when_it_is_allowed() {
    let folder = folder();
    run(folder.path(), "convert net.json net.npz --round");
    run(folder.path(), "convert net.npz back.json");
    let text = fs::read_to_string(folder.path().join("back.json")).expect("a file");
    assert!(
        text.contains("[0.5, 0.1000000000000000055511151231257827021181583404541015625]"),
        "{text}"
    );
}

/// A file of `fixtures/networks`.
fn network(name: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/networks");
    root.join(name).display().to_string()
}

#[test]
fn onnx_networks_are_read_by_every_command() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |command: &str| run(folder.path(), command);
    let iris = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/data/iris.csv");
    for name in ["model.onnx", "model_torchscript17.onnx"] {
        let onnx = network(&format!("iris_adam_early/{name}"));
        at(&format!("convert {onnx} {name}.safetensors"));
        let bytes = fs::read(folder.path().join(format!("{name}.safetensors"))).expect("a file");
        let original = fs::read(network("iris_adam_early/model.safetensors")).expect("a file");
        assert!(bytes == original, "{name}: bit for bit");
    }
    let predict = |name: &str| {
        let (network, data) = (network(name), iris.display());
        at(&format!(
            "predict --network {network} --data {data} --exact"
        ))
    };
    assert_eq!(
        predict("iris_adam_early/model.onnx"),
        predict("iris_adam_early/model.safetensors")
    );
    let certify = |name: &str| {
        let output = cargo_bin_cmd!("relucert")
            .args([
                "certify",
                "--json",
                "--weight-decay",
                "0.01",
                "--max-leaves",
                "1",
            ])
            .arg("--data")
            .arg(&iris)
            .arg("--network")
            .arg(network(name))
            .output()
            .expect("the program runs");
        let json: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
        (
            json["objective"]["exact"].clone(),
            json["problem"]["sha256"].clone(),
        )
    };
    let found = certify("iris_adam_early/model.onnx");
    assert!(found.0.is_string());
    assert_eq!(found, certify("iris_adam_early/model.safetensors"));
}

#[test]
fn the_activation_of_an_onnx_network_is_its_own() {
    let folder = folder();
    let leaky = network("onnx/leaky.onnx");
    let predict = |more: &str| {
        let output = cargo_bin_cmd!("relucert")
            .current_dir(folder.path())
            .args([
                "predict",
                "--data",
                "data.csv",
                "--exact",
                "--network",
                &leaky,
            ])
            .args(more.split_whitespace())
            .output()
            .expect("the program runs");
        (
            output.status.code(),
            String::from_utf8_lossy(&output.stdout).into_owned(),
            String::from_utf8_lossy(&output.stderr).into_owned(),
        )
    };
    // f(a, b) = φ(a − b), the slope 0.1 in single precision: 13421773/2^27.
    let (code, out, note) = predict("");
    assert_eq!(
        (code, out.as_str()),
        (
            Some(0),
            "prediction\n0\n-120795957/134217728\n-13421773/1342177280\n"
        )
    );
    assert!(
        note.starts_with("note: the activation is leaky:0.1000000014901"),
        "{note}"
    );
    assert_eq!(predict("--quiet"), (code, out, String::new()));
    // The decimal that rounds to this slope is the slope that is meant.
    let decimal = predict("--activation leaky:0.1");
    assert_eq!(decimal.1, "prediction\n0\n-9/10\n-1/100\n");
    for other in ["relu", "abs", "leaky:0.11"] {
        let (code, _, error) = predict(&format!("--activation {other}"));
        assert_eq!(code, Some(2));
        assert!(
            error.contains(&format!("--activation {other}, but")),
            "{error}"
        );
        assert!(error.contains("leaky.onnx has leaky:0.1000"), "{error}");
    }
    // What is not written is refused before anything else.
    for command in [
        "convert net.json net.onnx",
        "solve --data data.csv --weight-decay 1 --out net.onnx",
    ] {
        let output = cargo_bin_cmd!("relucert")
            .current_dir(folder.path())
            .args(command.split(' '))
            .output()
            .expect("the program runs");
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{error}");
        assert!(
            error.contains("ONNX files are read, not written"),
            "{error}"
        );
    }
}
