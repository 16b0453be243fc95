//! The finder's readers of networks. The first byte chooses the kind of file.
#![no_main]

use libfuzzer_sys::fuzz_target;
use relucert::problem::{NetworkFile, NetworkKeys};
use relucert_fuzz::file;

fuzz_target!(|data: &[u8]| {
    let Some((kind, bytes)) = data.split_first() else { return };
    let name = ["network.json", "network.npz", "network.safetensors", "network.onnx"][usize::from(*kind) % 4];
    let path = file(name, bytes);
    let named = NetworkKeys { hidden_weights: Some("a".to_owned()), ..NetworkKeys::default() };
    for keys in [NetworkKeys::default(), named] {
        match NetworkFile::read(&path, &keys) {
            Ok(file) => assert_eq!(file.network.hidden_weights.len(), file.network.output_weights.len()),
            Err(error) => assert!(!error.to_string().is_empty()),
        }
    }
});
