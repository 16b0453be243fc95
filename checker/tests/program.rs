//! The program itself: its arguments, its two outputs and its exit status.

#![allow(clippy::unwrap_used)]

use std::path::Path;
use std::process::Command;

#[test]
fn the_exit_status_tells_the_result() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let cases = [
        ("fixtures/proofs/xor_by_hand.proof", &[][..], 0, "accepted: ", ""),
        ("fixtures/proofs/xor_by_hand.proof", &["--quiet"], 0, "", ""),
        ("tests/fail/leaf-one-unit-too-long.proof", &[], 1, "", "rejected: line 31: "),
        ("tests/fail/no such.proof", &[], 2, "", "unreadable: "),
        ("fixtures/proofs/xor_by_hand.proof", &["--max-nodes=5"], 3, "", "limit exceeded: "),
    ];
    for (file, args, status, out, err) in cases {
        let program = env!("CARGO_BIN_EXE_relucert-checker");
        let done = Command::new(program).arg(file).args(args).current_dir(&folder).output().unwrap();
        let begins =
            |bytes: &[u8], words: &str| bytes.starts_with(words.as_bytes()) && bytes.is_empty() == words.is_empty();
        assert_eq!(done.status.code(), Some(status), "{file} {args:?}: {done:?}");
        assert!(begins(&done.stdout, out) && begins(&done.stderr, err), "{file} {args:?}: {done:?}");
    }
}
