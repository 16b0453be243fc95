//! `relucert objective`.

use std::fmt::Write;
use std::process::ExitCode;

use clap::ValueEnum;
use num_traits::One;
use serde_json::{Value, json};

use super::args::{BiasArg, ratio};
use super::{print, report};
use crate::conventions::{Factor, Framework, Mapping, Training, mapping};
use crate::exact::{Rat, Round, to_decimal};
use crate::problem::{Decay, Loss};

/// Say which options state the objective that a PyTorch, Keras or scikit-learn program minimises
///
/// Pieces of the program are given as they are written there, in quotes; nothing is run. A training without an objective of this kind (AdamW, dropout,
/// ℓ1, …) is refused with the reason. docs/objectives.md has a table of the usual conventions.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    relucert objective --from pytorch --loss \"MSELoss()\" --optimizer \"Adam(model.parameters(), weight_decay=0.01)\"\n  \
    relucert objective --from keras --model \"Sequential([Dense(20, activation='relu', kernel_regularizer=l2(0.01)), Dense(1, kernel_regularizer=l2(0.01))])\"\n  \
    relucert objective --from scikit-learn --samples 150 --model \"MLPRegressor(hidden_layer_sizes=(20,), alpha=0.01, solver='lbfgs')\"")]
pub(super) struct Args {
    /// The library the network is trained with
    #[arg(long, value_name = "LIBRARY")]
    from: FrameworkArg,
    /// The network: "Sequential(Linear(4, 20), ReLU(), Linear(20, 1))", "Sequential([Dense(…), Dense(1)])" or "MLPRegressor(…)"
    #[arg(long, value_name = "CODE")]
    model: Option<String>,
    /// The loss, like "MSELoss(reduction='sum')", which may have a factor, as in "0.5 * MSELoss()" [default: the mean]
    #[arg(long, value_name = "CODE", allow_hyphen_values = true)]
    loss: Option<String>,
    /// The optimiser, like "Adam(model.parameters(), lr=1e-3, weight_decay=0.01)"
    #[arg(long, value_name = "CODE")]
    optimizer: Option<String>,
    /// The program itself adds λ·Σθ² over all parameters to the loss (PyTorch)
    #[arg(long, value_name = "λ", value_parser = ratio, allow_hyphen_values = true)]
    l2: Option<Rat>,
    /// Biases in a parameter group with weight_decay=0 (PyTorch); may be given twice
    #[arg(long, value_name = "BIAS")]
    no_decay: Vec<BiasArg>,
    /// The number of training samples
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..), allow_negative_numbers = true)]
    samples: Option<u64>,
    /// Samples in one step of the optimiser, for summed losses [default: all]
    #[arg(long, value_name = "B", value_parser = clap::value_parser!(u64).range(1..), allow_negative_numbers = true)]
    batch_size: Option<u64>,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum FrameworkArg {
    /// torch.nn and torch.optim
    #[value(alias = "torch")]
    Pytorch,
    /// Keras 3, with any backend
    #[value(alias = "tensorflow")]
    Keras,
    /// sklearn.neural_network
    #[value(alias = "sklearn")]
    ScikitLearn,
}

impl From<FrameworkArg> for Framework {
    fn from(arg: FrameworkArg) -> Self {
        match arg {
            FrameworkArg::Pytorch => Framework::PyTorch,
            FrameworkArg::Keras => Framework::Keras,
            FrameworkArg::ScikitLearn => Framework::ScikitLearn,
        }
    }
}

pub(super) fn run(args: &Args) -> miette::Result<ExitCode> {
    let training = Training {
        model: args.model.clone(),
        loss: args.loss.clone(),
        optimizer: args.optimizer.clone(),
        l2: args.l2.clone(),
        hidden_bias_undecayed: args.no_decay.contains(&BiasArg::HiddenBias),
        output_bias_undecayed: args.no_decay.contains(&BiasArg::OutputBias),
        samples: args.samples,
        batch_size: args.batch_size,
    };
    let mapping = mapping(args.from.into(), &training)?;
    print(&if args.json {
        format!("{:#}\n", as_json(&mapping))
    } else {
        as_text(&mapping)
    })?;
    Ok(ExitCode::SUCCESS)
}

fn as_text(mapping: &Mapping) -> String {
    let factor = match &mapping.factor {
        Factor::Number(one) if one.is_one() => "equal to it".to_owned(),
        Factor::Number(factor) => {
            format!("{} times it", to_decimal(factor, 9, Round::Nearest))
        }
        Factor::OneOverSamples => "1/n times it, n the number of samples".to_owned(),
    };
    let loss = match mapping.loss {
        Loss::HalfSum => "½·Σ(f−y)²",
        Loss::Sum => "Σ(f−y)²",
        Loss::Mean => "(1/n)·Σ(f−y)²",
        Loss::HalfMean => "(1/2n)·Σ(f−y)²",
    };
    let penalty = match &mapping.decay {
        Decay::WeightDecay(lambda) => format!("({}/2)·‖θ‖²", to_decimal(lambda, 9, Round::Nearest)),
        Decay::Ridge(lambda) => format!("{}·‖θ‖²", to_decimal(lambda, 9, Round::Nearest)),
    };
    let solve = mapping.solve_options().map_or_else(
        || "the same, with --no-bias or --output-bias as the network has them".to_owned(),
        |options| options.join(" "),
    );
    let mut text = String::new();
    for (name, value) in [
        ("minimised", mapping.formula.clone()),
        (
            "here",
            format!("{loss} + {penalty}; the one above is {factor}"),
        ),
        ("certify", mapping.certify_options().join(" ")),
        ("solve", solve),
    ] {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{name:<12} {value}");
    }
    for note in &mapping.notes {
        let _ = writeln!(text, "note: {note}");
    }
    text
}

fn as_json(mapping: &Mapping) -> Value {
    let kind = match mapping.decay {
        Decay::WeightDecay(_) => "weight-decay",
        Decay::Ridge(_) => "ridge",
    };
    let factor = match &mapping.factor {
        Factor::Number(factor) => json!(report::exact(factor)),
        Factor::OneOverSamples => json!("1/n"),
    };
    json!({
        "formula": mapping.formula,
        "loss": mapping.loss.to_string(),
        "decay": { "kind": kind, "lambda": report::exact(mapping.decay.lambda()) },
        "hidden_bias": mapping.hidden_bias.map(|bias| bias.to_string()),
        "output_bias": mapping.output_bias.map(|bias| bias.to_string()),
        "factor": factor,
        "certify": mapping.certify_options(),
        "solve": mapping.solve_options(),
        "notes": mapping.notes,
    })
}
