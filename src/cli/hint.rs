//! The likely mend of a command line that the argument parser refuses, where it has no good suggestion itself.

use std::ffi::OsString;

use clap::error::{ContextKind, ContextValue, ErrorKind};

/// What to say besides the parser's own message. A suggestion of its own that would mislead is taken out of the error.
pub(super) fn of(error: &mut clap::Error, arguments: &[OsString]) -> Option<&'static str> {
    if error.kind() != ErrorKind::UnknownArgument {
        return None;
    }
    let Some(ContextValue::String(argument)) = error.get(ContextKind::InvalidArg) else {
        return None;
    };
    let name = argument.split('=').next().unwrap_or_default().to_owned();
    let command = arguments
        .get(1)
        .and_then(|c| c.to_str())
        .unwrap_or_default();
    let hint = mend(command, &name)?;
    error.remove(ContextKind::SuggestedArg);
    error.remove(ContextKind::Suggested);
    Some(hint)
}

fn mend(command: &str, argument: &str) -> Option<&'static str> {
    Some(match (command, argument) {
        ("certify", "--bias" | "--no-bias" | "--output-bias") => {
            "leave it out: the file of the network says which biases there are"
        }
        ("minima", "--output-bias") => {
            "leave it out: all minima are listed for networks without an output bias only"
        }
        ("certify" | "solve", "--width" | "--neurons" | "--hidden") => {
            "leave it out: the bound is for every width; minima --width M is about one, and so is certify --fixed-width"
        }
        (
            "certify" | "solve" | "minima" | "check",
            "--lambda" | "--lam" | "--l2" | "--alpha" | "--beta" | "--wd" | "--decay" | "--reg",
        ) => {
            "give --weight-decay λ, which adds (λ/2)·‖θ‖² as PyTorch's optimisers do, or --ridge λ, which adds λ·‖θ‖²; relucert objective says which"
        }
        ("solve" | "cells" | "minima" | "predict", "-o" | "--output" | "--save") => {
            "give --out FILE"
        }
        ("certify", "-o" | "--output" | "--save" | "--out") => {
            "give --best FILE for the better network, or --proof FILE for the proof"
        }
        ("certify" | "solve" | "cells" | "minima" | "predict", other)
            if !other.starts_with('-') =>
        {
            "every value has its option: a file of data is --data FILE, and several names are one list with commas: --features a,b"
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::mend;

    #[test]
    fn a_hint_names_what_to_do() {
        for (command, argument, part) in [
            ("certify", "--no-bias", "file of the network"),
            ("minima", "--output-bias", "without an output bias"),
            ("solve", "--width", "every width"),
            ("solve", "--lambda", "--weight-decay"),
            ("solve", "-o", "--out FILE"),
            ("certify", "--out", "--best"),
            ("solve", "iris.csv", "--data FILE"),
        ] {
            assert!(
                mend(command, argument).is_some_and(|hint| hint.contains(part)),
                "{command} {argument}"
            );
        }
        // The parser's own suggestions are left alone.
        assert!(mend("certify", "--netwerk").is_none());
        assert!(mend("convert", "third.json").is_none());
    }
}
