//! The finder's readers of data. The first byte chooses the kind of file.
#![no_main]

use libfuzzer_sys::fuzz_target;
use relucert::problem::{DataOptions, Dataset, Float};
use relucert_fuzz::file;

fuzz_target!(|data: &[u8]| {
    let Some((kind, bytes)) = data.split_first() else { return };
    let name = ["data.csv", "data.npz", "data.npy"][usize::from(*kind) % 3];
    let path = file(name, bytes);
    let plain = DataOptions::default();
    let grouped = DataOptions { group: Some("x1".to_owned()), float: Some(Float::F32), ..plain.clone() };
    for options in [plain, grouped] {
        match Dataset::read(&path, &options) {
            Ok(data) => assert_eq!(data.x.len(), data.rows * data.d),
            Err(error) => assert!(!error.to_string().is_empty()),
        }
    }
});
