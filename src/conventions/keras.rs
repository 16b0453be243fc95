//! Keras: `kernel_regularizer=l2(λ)` adds λ·ΣW² to the loss, without a factor of a half; `weight_decay` of an optimiser is decoupled.

use num_traits::{One, Zero};

use super::call::{Arguments, Call, Expr, as_count, parse};
use super::{
    ConventionError, Factor, Mapping, ScaledLoss, Training, as_call, batches, decoupled,
    loss_words, positive, shown, unknown,
};
use crate::exact::Rat;
use crate::problem::{Activation, Decay, HiddenBias, Loss, OutputBias};

const FRAMEWORK: &str = "keras";
const PLACE: &str = "--model";

/// A dense layer.
struct Dense {
    units: Option<u64>,
    activation: Option<Activation>,
    use_bias: bool,
    /// λ of λ·ΣW² on the kernel.
    kernel: Rat,
    /// λ of λ·Σb² on the bias.
    bias: Rat,
}

pub(super) fn mapping(training: &Training) -> Result<Mapping, ConventionError> {
    if training.hidden_bias_undecayed || training.output_bias_undecayed {
        return Err(ConventionError::Unused {
            framework: FRAMEWORK,
            option: "--no-decay",
            help: "a bias without bias_regularizer is not decayed: the layers in --model say it",
        });
    }
    if training.l2.is_some() {
        return Err(ConventionError::Unused {
            framework: FRAMEWORK,
            option: "--l2",
            help: "penalties are read from kernel_regularizer and bias_regularizer in --model",
        });
    }
    let Some(text) = &training.model else {
        return Err(ConventionError::Missing {
            framework: FRAMEWORK,
            option: "--model",
            help: "give the model as in the program: --model \"Sequential([Dense(20, activation='relu', kernel_regularizer=l2(0.01)), Dense(1, \
                   kernel_regularizer=l2(0.01))])\"",
        });
    };
    if let Some(text) = &training.optimizer {
        check_optimizer(text)?;
    }
    let loss = loss(training)?.simplified();
    let (hidden, activation, output) = layers(text)?;
    let (lambda, hidden_bias, output_bias) = penalty(&hidden, &output)?;
    let mut notes = Vec::new();
    if training.loss.is_none() {
        notes.push(
            "the loss is taken to be 'mse', the mean over the samples; say otherwise with --loss"
                .to_owned(),
        );
    }
    if training.optimizer.is_none() {
        notes.push(
            "an optimiser with weight_decay would decay apart from this: --optimizer checks that"
                .to_owned(),
        );
    }
    if loss.loss == Loss::Sum && training.batch_size.is_none() {
        notes.push("fit takes batches of 32 unless told otherwise, and a summed loss is that of a batch: this is the objective for one batch; give --batch-size and \
                    --samples for others".to_owned());
    }
    let over = match (hidden_bias, output_bias) {
        (HiddenBias::Decayed, OutputBias::Decayed) => "kernels and biases",
        (HiddenBias::Decayed, _) => "kernels and hidden biases",
        (_, OutputBias::Decayed) => "kernels and the output bias",
        _ => "kernels",
    };
    Ok(Mapping {
        formula: format!(
            "{} + {}·Σθ² over the {over}",
            loss_words(&loss.factor, loss.loss),
            shown(&lambda)
        ),
        loss: loss.loss,
        decay: Decay::Ridge(&lambda / &loss.factor),
        factor: Factor::Number(loss.factor),
        hidden_bias: Some(hidden_bias),
        output_bias: Some(output_bias),
        hidden_bias_undecayed: hidden_bias == HiddenBias::Undecayed,
        output_bias_undecayed: output_bias == OutputBias::Free,
        activation: Some(activation),
        notes,
    })
}

/// The one λ of all penalties, and which biases it is on.
fn penalty(
    hidden: &Dense,
    output: &Dense,
) -> Result<(Rat, HiddenBias, OutputBias), ConventionError> {
    if hidden.kernel != output.kernel {
        let product = &hidden.kernel * &output.kernel;
        let why = if product.is_zero() {
            "a layer without a penalty can grow while the other shrinks, at no cost for a ReLU: the infimum is that of the loss alone, and not attained; give both layers the same regularizer".to_owned()
        } else {
            format!(
                "one λ for both is needed; scaling the hidden weights by t and the output weights by 1/t shows that without biases the least objective is that of λ = √({}·{}) for \
                 both, but the networks differ",
                shown(&hidden.kernel),
                shown(&output.kernel)
            )
        };
        return Err(ConventionError::Refused {
            what: format!(
                "the kernels have different penalties: {} and {}",
                shown(&hidden.kernel),
                shown(&output.kernel)
            ),
            why,
        });
    }
    let lambda = positive(hidden.kernel.clone(), "no kernel_regularizer")?;
    let differs = |which: &str, bias: &Rat| ConventionError::Refused {
        what: format!(
            "the {which} bias has the penalty {}, the kernels {}",
            shown(bias),
            shown(&lambda)
        ),
        why: "a bias has the penalty of the kernels, or none".to_owned(),
    };
    let hidden_bias = match (hidden.use_bias, &hidden.bias) {
        (false, _) => HiddenBias::None,
        (true, bias) if bias.is_zero() => HiddenBias::Undecayed,
        (true, bias) if *bias == lambda => HiddenBias::Decayed,
        (true, bias) => return Err(differs("hidden", bias)),
    };
    let output_bias = match (output.use_bias, &output.bias) {
        (false, _) => OutputBias::None,
        (true, bias) if bias.is_zero() => OutputBias::Free,
        (true, bias) if *bias == lambda => OutputBias::Decayed,
        (true, bias) => return Err(differs("output", bias)),
    };
    Ok((lambda, hidden_bias, output_bias))
}

fn check_optimizer(text: &str) -> Result<(), ConventionError> {
    let place = "--optimizer";
    let call = as_call(
        place,
        text,
        "an optimiser",
        "give a call like \"Adam(learning_rate=1e-3)\"",
    )?;
    let decay = call.named.iter().find(|(name, _)| name == "weight_decay");
    let lower = call.name.to_lowercase();
    let by_default = matches!(lower.as_str(), "adamw" | "muon");
    let absent = match decay {
        None => !by_default,
        Some((_, Expr::None)) => true,
        Some((_, Expr::Number(value))) => value.is_zero(),
        Some(_) => false,
    };
    if !absent && lower == "sgd" {
        return Err(ConventionError::Refused {
            what: "Keras's SGD applies weight_decay in a step of its own".to_owned(),
            why: "without momentum this is kernel_regularizer=l2(λ/2) and bias_regularizer=l2(λ/2) in every layer, and with momentum it is not: write the \
                  penalty as regularizers, here and in the program"
                .to_owned(),
        });
    }
    if !absent {
        let instead = "leave weight_decay out, and give the layers kernel_regularizer=l2(λ)";
        return Err(decoupled(&format!("Keras's {}", call.name), instead));
    }
    if lower == "ftrl" || lower == "schedulefreeadamw" {
        return Err(ConventionError::Refused {
            what: format!("{} has penalties of its own", call.name),
            why: "use another optimiser: its penalties are not the gradient of a term of the loss"
                .to_owned(),
        });
    }
    Ok(())
}

fn loss(training: &Training) -> Result<ScaledLoss, ConventionError> {
    let place = "--loss";
    let text = training.loss.as_deref().unwrap_or("'mse'");
    let names = ["mse", "MSE", "mean_squared_error", "MeanSquaredError"];
    let (factor, expr) = match parse(place, text)? {
        Expr::Times(factor, expr) => (positive(factor, place)?, *expr),
        expr => (Rat::one(), expr),
    };
    let call = match expr {
        Expr::Call(call) => call,
        Expr::Name(name) | Expr::Text(name) => Call {
            name,
            positional: Vec::new(),
            named: Vec::new(),
        },
        _ => return Err(unknown(place, text, "a squared loss", &names)),
    };
    if !names.contains(&call.name.as_str()) {
        return Err(unknown(place, &call.name, "a squared loss", &names));
    }
    let mean = ScaledLoss {
        factor: factor.clone(),
        loss: Loss::Mean,
    };
    if call.name != "MeanSquaredError" {
        return Ok(mean);
    }
    let arguments = Arguments {
        place,
        call: &call,
        names: &["reduction", "name", "dtype"],
        positions: 3,
    };
    arguments.check()?;
    match arguments.text("reduction", "sum_over_batch_size")?.as_str() {
        "sum_over_batch_size" | "mean" => Ok(mean),
        "sum" => Ok(ScaledLoss {
            factor: factor / batches(training, FRAMEWORK)?,
            loss: Loss::Sum,
        }),
        other => Err(unknown(
            place,
            other,
            "a reduction",
            &["sum_over_batch_size", "mean", "sum"],
        )),
    }
}

/// The two dense layers and the activation between them.
fn layers(text: &str) -> Result<(Dense, Activation, Dense), ConventionError> {
    let help = "give the model as Sequential([Dense(m, activation='relu', …), Dense(1, …)]), with its regularizers; LeakyReLU(negative_slope=…) may be a layer";
    let wrong = |found: String| ConventionError::Unknown {
        place: PLACE,
        found,
        wanted: "a two-layer network",
        help: help.to_owned(),
    };
    let call = as_call(PLACE, text, "a model", help)?;
    let (Some(Expr::List(list)), "Sequential") = (
        call.positional.first().or(call
            .named
            .iter()
            .find(|(name, _)| name == "layers")
            .map(|(_, layers)| layers)),
        call.name.as_str(),
    ) else {
        return Err(wrong(format!("`{}`", call.name)));
    };
    let mut dense = Vec::new();
    for layer in list {
        let Expr::Call(call) = layer else {
            return Err(wrong("a layer that is no call".to_owned()));
        };
        let refusal = match call.name.as_str() {
            "Input" | "InputLayer" if dense.is_empty() => continue,
            "Dense" => {
                dense.push(read_dense(call)?);
                continue;
            }
            "ReLU" | "LeakyReLU" | "Activation" => {
                let activation = activation_layer(call)?;
                match dense.last_mut() {
                    Some(Dense {
                        activation: place @ None,
                        ..
                    }) => *place = activation,
                    _ => return Err(wrong(format!("`{}` at this place", call.name))),
                }
                continue;
            }
            "Dropout" | "GaussianDropout" | "AlphaDropout" => {
                "with dropout the training minimises an expectation over masks, not this objective"
            }
            "BatchNormalization" | "LayerNormalization" | "Normalization" => {
                "normalisation makes the function of the weights another one"
            }
            _ => {
                let known = ["Dense", "ReLU", "LeakyReLU", "Activation", "Input"];
                return Err(unknown(
                    PLACE,
                    &call.name,
                    "a layer of a two-layer network",
                    &known,
                ));
            }
        };
        return Err(ConventionError::Refused {
            what: format!("{} has no counterpart here", call.name),
            why: format!("{refusal}; bounds are for two Dense layers"),
        });
    }
    let [hidden, output] = <[Dense; 2]>::try_from(dense)
        .map_err(|dense| wrong(format!("a model of {} Dense layers", dense.len())))?;
    let activation = hidden
        .activation
        .clone()
        .ok_or_else(|| wrong("a hidden layer without an activation".to_owned()))?;
    if output.activation.is_some() {
        return Err(wrong("an output with an activation".to_owned()));
    }
    if output.units != Some(1) {
        return Err(ConventionError::Refused {
            what: "the model does not have one output".to_owned(),
            why: "several outputs are not supported yet: the last layer is Dense(1)".to_owned(),
        });
    }
    Ok((hidden, activation, output))
}

fn read_dense(call: &Call) -> Result<Dense, ConventionError> {
    let names = &[
        "units",
        "activation",
        "use_bias",
        "kernel_initializer",
        "bias_initializer",
        "kernel_regularizer",
        "bias_regularizer",
        "activity_regularizer",
        "kernel_constraint",
        "bias_constraint",
        "lora_rank",
        "lora_alpha",
        "quantization_config",
        "name",
        "dtype",
        "trainable",
        "input_shape",
        "input_dim",
    ];
    let arguments = Arguments {
        place: PLACE,
        call,
        names,
        positions: 13,
    };
    arguments.check()?;
    for name in [
        "activity_regularizer",
        "kernel_constraint",
        "bias_constraint",
    ] {
        if arguments
            .get(name)
            .is_some_and(|value| *value != Expr::None)
        {
            return Err(ConventionError::Refused {
                what: format!("{name} has no counterpart here"),
                why: "the objective has squared penalties on parameters, and no constraints"
                    .to_owned(),
            });
        }
    }
    if !arguments.flag("trainable", true)? {
        return Err(ConventionError::Refused {
            what: "trainable=False: a layer is not trained".to_owned(),
            why: "the bound is for networks whose two layers are".to_owned(),
        });
    }
    let regularizer = |name: &str| match arguments.get(name) {
        None => Ok(Rat::zero()),
        Some(value) => regularizer(name, value),
    };
    Ok(Dense {
        units: arguments.get("units").and_then(as_count),
        activation: match arguments.get("activation") {
            None => None,
            Some(value) => activation(value)?,
        },
        use_bias: arguments.flag("use_bias", true)?,
        kernel: regularizer("kernel_regularizer")?,
        bias: regularizer("bias_regularizer")?,
    })
}

/// λ of λ·Σθ².
fn regularizer(name: &str, value: &Expr) -> Result<Rat, ConventionError> {
    let known = ["l2", "L2", "l1_l2", "L1L2"];
    let call = match value {
        Expr::None => return Ok(Rat::zero()),
        // The class with its defaults; those of L1L2 are 0.
        Expr::Text(text) => Call {
            name: text.clone(),
            positional: Vec::new(),
            named: Vec::new(),
        },
        Expr::Call(call) => call.clone(),
        _ => {
            return Err(ConventionError::Value {
                place: PLACE,
                call: "Dense".to_owned(),
                argument: name.to_owned(),
                wanted: "a call like l2(0.01)",
            });
        }
    };
    let refuse_l1 = || ConventionError::Refused {
        what: format!("{name}: an ℓ1 penalty is not a squared one"),
        why: "bounds are for squared penalties: l2(λ)".to_owned(),
    };
    let (names, default): (&[&str], &str) = match call.name.as_str() {
        "l2" | "L2" => (&["l2"], "0.01"),
        "l1_l2" | "L1L2" => (&["l1", "l2"], "0"),
        "l1" | "L1" => return Err(refuse_l1()),
        other => return Err(unknown(PLACE, other, "a squared penalty", &known)),
    };
    let arguments = Arguments {
        place: PLACE,
        call: &call,
        names,
        positions: names.len(),
    };
    arguments.check()?;
    if names.contains(&"l1") && !arguments.number("l1", "0")?.is_zero() {
        return Err(refuse_l1());
    }
    arguments.number("l2", default)
}

/// The activation of a layer; `None` for a linear one.
fn activation(value: &Expr) -> Result<Option<Activation>, ConventionError> {
    let name = match value {
        Expr::None => return Ok(None),
        Expr::Text(name) | Expr::Name(name) => name.as_str(),
        Expr::Call(call) => return activation_layer(call),
        _ => {
            return Err(ConventionError::Value {
                place: PLACE,
                call: "Dense".to_owned(),
                argument: "activation".to_owned(),
                wanted: "an activation's name",
            });
        }
    };
    match name {
        "linear" => Ok(None),
        "relu" => Ok(Some(Activation::relu())),
        "leaky_relu" => Ok(Some(super::leaky(Rat::new(1.into(), 5.into()))?)),
        other => Err(unknown(
            PLACE,
            other,
            "a piecewise linear activation",
            &["relu", "leaky_relu", "linear"],
        )),
    }
}

/// The activation that is a layer.
fn activation_layer(call: &Call) -> Result<Option<Activation>, ConventionError> {
    let read = |names: &[&str]| -> Result<Rat, ConventionError> {
        let arguments = Arguments {
            place: PLACE,
            call,
            names,
            positions: 3,
        };
        arguments.check()?;
        let plain = |name: &str| match arguments.get(name) {
            Some(Expr::Number(value)) => value.is_zero(),
            other => matches!(other, None | Some(Expr::None)),
        };
        if names.contains(&"threshold") && !(plain("max_value") && plain("threshold")) {
            return Err(ConventionError::Refused {
                what: "ReLU with max_value or threshold is not max(0, t)".to_owned(),
                why: "bounds are for ReLU() and LeakyReLU(…)".to_owned(),
            });
        }
        match arguments.get("alpha") {
            Some(_) => arguments.number("alpha", "0.3"),
            None => arguments.number(
                "negative_slope",
                if call.name == "ReLU" { "0" } else { "0.3" },
            ),
        }
    };
    match call.name.as_str() {
        "ReLU" => {
            super::leaky(read(&["max_value", "negative_slope", "threshold", "name"])?).map(Some)
        }
        "LeakyReLU" => super::leaky(read(&["negative_slope", "alpha", "name"])?).map(Some),
        "Activation" => {
            let arguments = Arguments {
                place: PLACE,
                call,
                names: &["activation", "name"],
                positions: 1,
            };
            arguments.check()?;
            arguments.get("activation").map_or(Ok(None), activation)
        }
        other => Err(unknown(
            PLACE,
            other,
            "a piecewise linear activation",
            &["ReLU", "LeakyReLU"],
        )),
    }
}
