//! The checker's reader of .json networks.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| relucert_fuzz::compare_network("network.json", data, &[]));
