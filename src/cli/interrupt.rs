//! Ctrl-C: the first ends the search with what is proven by then, the second ends the program.

use std::io::IsTerminal;
use std::sync::atomic::Ordering;

use crate::run::INTERRUPTED;

/// The exit code of a program that an interrupt ended, as shells have it.
const INTERRUPT_EXIT: i32 = 130;

/// From now on an interrupt is a request to stop searching.
pub(super) fn install() {
    // Without a handler Ctrl-C ends the program, which is no worse than before.
    let _ = ctrlc::set_handler(|| {
        if INTERRUPTED.swap(true, Ordering::Relaxed) {
            std::process::exit(INTERRUPT_EXIT);
        }
        if std::io::stderr().is_terminal() {
            eprintln!(
                "\nstopping: what is proven so far is verified and written (Ctrl-C again: stop at once)"
            );
        }
    });
}
