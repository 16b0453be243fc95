//! Long work beside Python: without its lock, with its signals, with messages on the way.

use std::any::Any;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use pyo3::exceptions::{PyKeyboardInterrupt, PyRuntimeError};
use pyo3::prelude::*;
use relucert::run::Watch;

/// How often signals and messages are looked at.
const TICK: Duration = Duration::from_millis(40);
/// Work that ends before this shows no progress.
const QUIET: Duration = Duration::from_millis(400);
/// Threads of this program recurse no deeper than those of the command line, whose main thread has 8 MiB.
const STACK: usize = 64 << 20;

/// What the work and its caller share.
#[derive(Default)]
pub struct Watcher {
    stop: Arc<AtomicBool>,
    message: Arc<Mutex<Option<String>>>,
}

impl Watcher {
    /// For the options of a run.
    pub fn watch(&self) -> Watch {
        let message = Arc::clone(&self.message);
        Watch {
            stop: Some(Arc::clone(&self.stop)),
            listener: Some(Arc::new(move |text: &str| {
                *message.lock().unwrap_or_else(PoisonError::into_inner) = Some(text.to_owned());
            })),
        }
    }

    /// Whether the work has to end.
    pub fn stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// The flag itself.
    pub fn flag(&self) -> &AtomicBool {
        &self.stop
    }

    /// Tells what is being done.
    pub fn say(&self, text: String) {
        *self.message.lock().unwrap_or_else(PoisonError::into_inner) = Some(text);
    }

    fn heard(&self) -> Option<String> {
        self.message
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take()
    }
}

/// Does the work in a thread of its own, while this one waits without Python's lock, runs Python's signal handlers and passes messages on. Gives the result, and
/// whether a first interrupt asked the work to end. A second one is raised at once, as is any other exception of a handler or of `progress`; the work then ends soon by
/// itself.
pub fn run<T: Send + 'static>(
    py: Python<'_>,
    watcher: &Watcher,
    progress: Option<&Py<PyAny>>,
    work: impl FnOnce() -> T + Send + 'static,
) -> PyResult<(T, bool)> {
    let (sender, receiver) = mpsc::channel();
    // A receiver is not to be shared between threads, and Python's lock is given up as if for another thread.
    let receiver = Mutex::new(receiver);
    let thread = thread::Builder::new()
        .name("relucert".to_owned())
        .stack_size(STACK)
        .spawn(move || {
            // Nobody listens after a second interrupt.
            let _ = sender.send(work());
        })
        .map_err(|e| PyRuntimeError::new_err(format!("cannot start a thread: {e}")))?;
    let begun = Instant::now();
    let mut interrupted = false;
    let result = loop {
        let wait = || {
            let receiver = receiver.lock().unwrap_or_else(PoisonError::into_inner);
            receiver.recv_timeout(TICK)
        };
        match py.detach(wait) {
            Ok(result) => break result,
            Err(RecvTimeoutError::Disconnected) => {
                let reason = thread
                    .join()
                    .err()
                    .map_or_else(String::new, |e| panicked(&*e));
                return Err(PyRuntimeError::new_err(format!(
                    "internal error of relucert, please report it: {reason}"
                )));
            }
            Err(RecvTimeoutError::Timeout) => {
                let told = match (progress, watcher.heard()) {
                    (Some(progress), message) if begun.elapsed() > QUIET => {
                        progress.call1(py, (message,)).map(drop)
                    }
                    _ => Ok(()),
                };
                match told.and_then(|()| py.check_signals()) {
                    Err(e) if !interrupted && e.is_instance_of::<PyKeyboardInterrupt>(py) => {
                        interrupted = true;
                        watcher.stop.store(true, Ordering::Relaxed);
                    }
                    Err(e) => {
                        watcher.stop.store(true, Ordering::Relaxed);
                        return Err(e);
                    }
                    Ok(()) => {}
                }
            }
        }
    };
    Ok((result, interrupted))
}

/// The message of a panic.
fn panicked(reason: &(dyn Any + Send)) -> String {
    let text = reason.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| reason.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "a panic".to_owned())
}
