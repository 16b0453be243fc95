//! The checker's command on any compressed file.
#![no_main]

use libfuzzer_sys::fuzz_target;
use relucert_fuzz::{check, file};

fuzz_target!(|data: &[u8]| {
    let path = file("proof.gz", data);
    check(&[path.to_str().expect("a name"), "--max-bytes", "1000000"]);
});
