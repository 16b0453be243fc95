//! The checker's reader of .npz files, for data and for networks.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    relucert_fuzz::compare_data("data.npz", data);
    let keys = ["--hidden-weights-key", "X", "--output-weights-key", "y"];
    relucert_fuzz::compare_network("network.npz", data, &keys);
});
