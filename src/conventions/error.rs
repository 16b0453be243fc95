//! Why a training objective is none that a bound can be proved for, or is not understood.

use miette::Diagnostic;
use thiserror::Error;

use crate::problem::nearest;

/// The option that holds a piece of code, for messages.
pub type Place = &'static str;

/// Why there are no options for an objective.
#[derive(Debug, Clone, PartialEq, Eq, Error, Diagnostic)]
pub enum ConventionError {
    /// The code cannot be read.
    #[error("{place}: the code cannot be read from {at} on")]
    #[diagnostic(help(
        "give one call as it is in the program, in quotes, like \"Adam(params, weight_decay=0.01)\"; arguments that cannot be \
         read may be left out if they are not about the loss, the penalty or the layers"
    ))]
    Syntax {
        /// The option.
        place: Place,
        /// Where.
        at: String,
    },
    /// The code is something else than expected.
    #[error("{place}: {found} is not {wanted}")]
    #[diagnostic(help("{help}"))]
    Unknown {
        /// The option.
        place: Place,
        /// What was given.
        found: String,
        /// What is wanted.
        wanted: &'static str,
        /// The mend.
        help: String,
    },
    /// An argument that the call does not have, or has already.
    #[error("{place}: {call} has {} argument `{argument}`", if *twice { "twice the" } else { "no" })]
    #[diagnostic(help("{}", argument_help(argument, *twice, known)))]
    Argument {
        /// The option.
        place: Place,
        /// The function.
        call: String,
        /// The argument.
        argument: String,
        /// Whether it is given twice.
        twice: bool,
        /// The arguments there are.
        known: Vec<String>,
    },
    /// More arguments by position than there are.
    #[error("{place}: {call} does not take {given} arguments without a name")]
    #[diagnostic(help("give the arguments by their names"))]
    Positional {
        /// The option.
        place: Place,
        /// The function.
        call: String,
        /// How many were given.
        given: usize,
    },
    /// An argument of the wrong kind.
    #[error("{place}: the argument `{argument}` of {call} is not {wanted}")]
    #[diagnostic(help("write out its value: variables are not known here"))]
    Value {
        /// The option.
        place: Place,
        /// The function.
        call: String,
        /// The argument.
        argument: String,
        /// What it should be.
        wanted: &'static str,
    },
    /// An option is missing.
    #[error("--from {framework} needs {option}")]
    #[diagnostic(help("{help}"))]
    Missing {
        /// The framework.
        framework: &'static str,
        /// The option.
        option: &'static str,
        /// The mend.
        help: &'static str,
    },
    /// An option that says nothing for this framework.
    #[error("--from {framework} does not take {option}")]
    #[diagnostic(help("{help}"))]
    Unused {
        /// The framework.
        framework: &'static str,
        /// The option.
        option: &'static str,
        /// The mend.
        help: &'static str,
    },
    /// The training has no objective, or one that is not of the form of FORMAT.md §2.
    #[error("{what}")]
    #[diagnostic(help("{why}"))]
    Refused {
        /// What it is.
        what: String,
        /// Why it is refused, and what can be done.
        why: String,
    },
}

fn argument_help(argument: &str, twice: bool, known: &[String]) -> String {
    if twice {
        return "give it once".to_owned();
    }
    let list = known.join(", ");
    match nearest(argument, known.iter().map(String::as_str)) {
        Some(best) => format!("did you mean `{best}`? The arguments are {list}"),
        None => format!("the arguments are {list}"),
    }
}
