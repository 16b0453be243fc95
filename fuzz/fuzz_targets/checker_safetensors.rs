//! The checker's reader of .safetensors networks.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let keys = ["--hidden-weights-key", "0.weight", "--output-weights-key", "2.weight"];
    relucert_fuzz::compare_network("network.safetensors", data, &keys);
});
