//! The checker's reader of .csv data.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| relucert_fuzz::compare_data("data.csv", data));
