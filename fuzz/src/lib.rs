//! What the fuzz targets share: files in memory, and the checker's command on them.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// The folder of this process's files: in memory where the system has such a place.
pub fn folder() -> PathBuf {
    let memory = Path::new("/dev/shm");
    let parent = if memory.is_dir() { memory.to_owned() } else { std::env::temp_dir() };
    let folder = parent.join(format!("relucert-fuzz-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder for the files");
    folder
}

/// Writes a file and gives its path.
pub fn file(name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder().join(name);
    std::fs::write(&path, bytes).expect("the file");
    path
}

/// Runs the checker's command and gives its exit status. Every message has to be there, and in lines of text.
pub fn check(args: &[&str]) -> i32 {
    let args: Vec<OsString> = args.iter().map(OsString::from).collect();
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let status = relucert_checker::run(&args, &mut out, &mut err);
    assert!((0..=3).contains(&status), "status {status}");
    assert_eq!(out.is_empty(), status != 0, "status {status}, and on standard output: {out:?}");
    assert_eq!(err.is_empty(), status == 0, "status {status}, and on standard error: {err:?}");
    for text in [&out, &err] {
        let text = std::str::from_utf8(text).expect("the message is UTF-8");
        assert!(!text.chars().any(|c| c.is_control() && c != '\n'), "control characters in the message: {text:?}");
    }
    status
}

/// A right proof about four samples of two features.
pub const PROOF: &[u8] = include_bytes!("../../fixtures/proofs/xor_best.proof");

/// Compares the proof with a file of data, in several ways.
pub fn compare_data(name: &str, bytes: &[u8]) {
    let proof = file("data.proof", PROOF);
    let data = file(name, bytes);
    let (proof, data) = (proof.to_str().expect("a name"), data.to_str().expect("a name"));
    let plain = [proof, "--data", data, "--weight-decay", "0.1", "--loss", "half-sum", "--no-bias"];
    for options in [
        &[][..],
        &["--data-float", "f32", "--target", "y"],
        &["--group", "x1", "--data-float", "f64"],
        &["--features", "x2,x1", "--target", "y"],
    ] {
        check(&[&plain[..], options].concat());
    }
}

/// Compares the proof with a network file, in several ways.
pub fn compare_network(name: &str, bytes: &[u8], keys: &[&str]) {
    let proof = file("network.proof", PROOF);
    let data = file("network.csv", include_bytes!("../../fixtures/data/xor.csv"));
    let network = file(name, bytes);
    let [proof, data, network] = [&proof, &data, &network].map(|path| path.to_str().expect("a name"));
    let plain = [proof, "--data", data, "--weight-decay", "0.1", "--loss", "half-sum", "--network", network];
    check(&plain);
    if !keys.is_empty() {
        check(&[&plain[..], keys].concat());
    }
}
