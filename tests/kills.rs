//! `kill -9` at random moments of `solve` and `certify`: under the names that were asked for there is ever a whole file or none, and
//! `--resume` goes on from the last checkpoint to an accepted proof.
//!
//! `RELUCERT_KILLS=200 cargo test --test kills -- --nocapture` kills 200 times and prints the figures.

mod common;

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use common::Random;
use relucert::problem::{NetworkFile, NetworkKeys};
use relucert_checker::{CheckError, check_path};

/// One kind of run: its words, the proof it writes, the network it writes, and its exit status.
struct Kind {
    words: &'static str,
    proof: &'static str,
    /// Another whole proof, that may have stood under the name before.
    old: &'static str,
    network: (&'static str, &'static str),
    status: i32,
}

const CERTIFY: &str = "certify --network given.json --weight-decay 0.02 --tolerance 1e-6";
const SOLVE: &str = "solve --weight-decay 0.02 --tolerance 1e-6";
const KINDS: [Kind; 4] = [
    Kind {
        words: SOLVE,
        proof: "a.proof",
        old: "proofs/xor.proof",
        network: ("--out", "net.json"),
        status: 0,
    },
    Kind {
        words: CERTIFY,
        proof: "a.proof.gz",
        old: "proofs/iris.proof.gz",
        network: ("--best", "net.npz"),
        status: 1,
    },
    Kind {
        words: SOLVE,
        proof: "a.proof.gz",
        old: "proofs/iris.proof.gz",
        network: ("--out", "net.safetensors"),
        status: 0,
    },
    Kind {
        words: CERTIFY,
        proof: "a.proof",
        old: "proofs/xor.proof",
        network: ("--best", "net.json"),
        status: 1,
    },
];
const CHECKPOINT: &str = "saved";

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures")
        .join(name)
}

/// A folder with the inputs.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let inputs = [
        ("data/iris.csv", "iris.csv"),
        ("networks/iris_adam_early/model.json", "given.json"),
    ];
    for (from, to) in inputs {
        fs::copy(fixture(from), folder.path().join(to)).expect("an input");
    }
    folder
}

fn start(folder: &Path, kind: &Kind, more: &[&str]) -> Child {
    let (flag, network) = kind.network;
    Command::new(env!("CARGO_BIN_EXE_relucert"))
        .current_dir(folder)
        .args(kind.words.split(' '))
        .args("--data iris.csv --threads 1 --quiet --proof".split(' '))
        .args([kind.proof, flag, network, "--checkpoint", CHECKPOINT])
        .args(more)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts")
}

fn finish(child: Child, kind: &Kind) {
    let output = child.wait_with_output().expect("the program ends");
    let error = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(kind.status), "{error}");
}

/// Files with the names of temporary ones.
fn temporaries(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder");
    entries
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            name.starts_with(".relucert-") && name.ends_with(".tmp")
        })
        .collect()
}

/// Whether the first bytes are those of a proof with this name.
fn begins_as_proof(path: &Path, name: &str) -> bool {
    let first: &[u8] = if name.ends_with(".gz") {
        b"\x1f\x8b"
    } else {
        b"relucert-proof"
    };
    let mut bytes = vec![0; first.len()];
    File::open(path)
        .and_then(|mut file| file.read_exact(&mut bytes))
        .is_ok_and(|()| bytes == first)
}

fn is_whole(path: &Path) -> bool {
    match check_path(path) {
        Ok(_) => true,
        Err(CheckError::Rejected { .. }) => false,
        Err(other) => panic!("{}: {other}", path.display()),
    }
}

/// What was found after all kills.
#[derive(Debug, Default)]
struct Found {
    killed: u32,
    /// The run was over before its end came.
    too_late: u32,
    no_proof: u32,
    old_proof: u32,
    new_proof: u32,
    temporary_files: u32,
    /// Temporary files that were cut off in the middle of a proof.
    partial_proofs: u32,
    /// Temporary files with a whole proof, that was not renamed yet.
    unnamed_proofs: u32,
    checkpoints: u32,
    resumed: u32,
}

/// Kills a run and looks at what is left of it; then lets it go on.
fn kill_once(case: usize, length: Duration, random: &mut Random, found: &mut Found) {
    let kind = &KINDS[case % KINDS.len()];
    let old = fs::read(fixture(kind.old)).expect("an old proof");
    let folder = folder();
    let proof = folder.path().join(kind.proof);
    let has_old = random.below(2) == 0;
    if has_old {
        fs::write(&proof, &old).expect("an old proof");
    }
    let begun = Instant::now();
    let mut child = start(folder.path(), kind, &[]);
    if (case / KINDS.len()).is_multiple_of(2) {
        let moment = length.mul_f64(1.02 * random.uniform());
        thread::sleep(moment.saturating_sub(begun.elapsed()));
    } else {
        // In the middle of writing the proof.
        let is_written = || {
            let files = temporaries(folder.path());
            files.iter().any(|file| begins_as_proof(file, kind.proof))
        };
        while child.try_wait().expect("its state").is_none() && !is_written() {
            thread::sleep(Duration::from_micros(50));
        }
        let while_writing = if kind.proof.ends_with(".gz") {
            60_000
        } else {
            2_000
        };
        thread::sleep(Duration::from_micros(random.below(while_writing) as u64));
    }
    child.kill().expect("a kill"); // SIGKILL where there are signals
    match child.wait().expect("its status").code() {
        Some(_) => found.too_late += 1,
        None => found.killed += 1,
    }

    let left = temporaries(folder.path());
    let known = [
        "iris.csv",
        "given.json",
        kind.proof,
        kind.network.1,
        CHECKPOINT,
    ];
    for entry in fs::read_dir(folder.path()).expect("a folder") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        assert!(
            known.contains(&&*name) || left.contains(&path),
            "{name} was left behind"
        );
    }
    match fs::read(&proof) {
        Err(_) => found.no_proof += 1,
        Ok(bytes) => {
            assert!(is_whole(&proof), "a partial proof, case {case}");
            if has_old && bytes == old {
                found.old_proof += 1;
            } else {
                found.new_proof += 1;
            }
        }
    }
    assert!(!has_old || proof.exists(), "the old proof is gone");
    let network = folder.path().join(kind.network.1);
    if network.exists() {
        NetworkFile::read(&network, &NetworkKeys::default()).expect("a whole network");
    }
    for file in &left {
        found.temporary_files += 1;
        // Under the name of a proof it would only be accepted if nothing but the renaming was missing.
        let taken = folder.path().join(format!("taken-{}", kind.proof));
        fs::copy(file, &taken).expect("a copy");
        if begins_as_proof(&taken, kind.proof) && !is_whole(&taken) {
            found.partial_proofs += 1;
        } else if is_whole(&taken) {
            found.unnamed_proofs += 1;
        }
        fs::remove_file(taken).expect("the file");
    }

    if folder.path().join(CHECKPOINT).exists() {
        found.checkpoints += 1;
        finish(start(folder.path(), kind, &["--resume", CHECKPOINT]), kind);
        assert!(is_whole(&proof), "the proof of the resumed run");
        found.resumed += 1;
    }
}

#[test]
fn a_killed_run_leaves_whole_files_and_can_go_on() {
    let count = std::env::var("RELUCERT_KILLS").map_or(12, |n| n.parse().expect("a number"));
    let mut random = Random::new(200);
    // The lengths of undisturbed runs.
    let lengths: Vec<Duration> = KINDS
        .iter()
        .map(|kind| {
            let folder = folder();
            let begun = Instant::now();
            finish(start(folder.path(), kind, &[]), kind);
            let length = begun.elapsed();
            let proof = folder.path().join(kind.proof);
            assert!(is_whole(&proof) && temporaries(folder.path()).is_empty());
            length
        })
        .collect();
    let mut found = Found::default();
    for case in 0..count {
        kill_once(case, lengths[case % KINDS.len()], &mut random, &mut found);
    }
    println!("{count} moments: {found:#?}");
    assert!(found.killed > 0 && found.killed + found.too_late == count as u32);
}

#[test]
fn a_checkpoint_that_is_not_whole_is_a_clear_error() {
    let folder = folder();
    let kind = Kind {
        status: 3,
        ..KINDS[0]
    };
    finish(start(folder.path(), &kind, &["--max-leaves", "50"]), &kind);
    let saved = folder.path().join(CHECKPOINT);
    let whole = fs::read(&saved).expect("a checkpoint");
    fs::remove_file(folder.path().join(kind.proof)).expect("the proof");
    let middle = whole.len() / 2;
    let mut corrupted = whole.clone();
    corrupted[middle] ^= 1;
    let lengthened = [&whole[..], b"x"].concat();
    let empty = Vec::new();
    for bytes in [&empty, &whole[..middle].to_vec(), &corrupted, &lengthened] {
        fs::write(&saved, bytes).expect("a file");
        let output = start(folder.path(), &kind, &["--resume", CHECKPOINT])
            .wait_with_output()
            .expect("the program ends");
        let error = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{error}");
        let message = error.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(
            message
                .contains("saved is not a whole checkpoint of this version: start again without"),
            "{error}"
        );
        assert_eq!(fs::read(&saved).expect("the file"), *bytes);
        assert!(!folder.path().join(kind.proof).exists());
        assert!(temporaries(folder.path()).is_empty());
    }
}
