//! How the caller of a run follows it, and stops it.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::INTERRUPTED;

/// Told what a run is doing, in one line of words; from any thread, and possibly many times a second.
pub type Listener = Arc<dyn Fn(&str) + Send + Sync>;

/// The caller's side of a run: a flag that stops it, beside [`INTERRUPTED`] which stops all, and a listener.
#[derive(Clone, Default)]
pub struct Watch {
    /// Once true, the run ends soon with what is proven by then.
    pub stop: Option<Arc<AtomicBool>>,
    /// Told what the run is doing.
    pub listener: Option<Listener>,
}

impl Watch {
    /// Whether the run has to end.
    pub fn stopped(&self) -> bool {
        let own = self.stop.as_ref();
        INTERRUPTED.load(Ordering::Relaxed) || own.is_some_and(|flag| flag.load(Ordering::Relaxed))
    }
}

impl fmt::Debug for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watch")
            .field("stop", &self.stop)
            .field("listener", &self.listener.is_some())
            .finish()
    }
}

/// Where the messages of a run go: to the terminal, and to the listener.
#[derive(Clone)]
pub(super) struct Messages {
    pub bar: indicatif::ProgressBar,
    pub listener: Option<Listener>,
}

impl Messages {
    /// Whether nobody sees or hears the messages.
    pub fn is_hidden(&self) -> bool {
        self.bar.is_hidden() && self.listener.is_none()
    }

    pub fn set_message(&self, message: impl Into<String>) {
        if self.is_hidden() {
            return;
        }
        let message = message.into();
        if let Some(listener) = &self.listener {
            listener(&message);
        }
        self.bar.set_message(message);
    }
}
