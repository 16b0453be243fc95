//! The checker on any text: it answers, and an accepted proof has a theorem that can be written.
#![no_main]

use libfuzzer_sys::fuzz_target;
use relucert_checker::check_reader;

fuzz_target!(|data: &[u8]| {
    match check_reader(data) {
        Ok(theorem) => assert!(!theorem.to_string().is_empty()),
        Err(error) => assert!(!error.to_string().is_empty()),
    }
});
