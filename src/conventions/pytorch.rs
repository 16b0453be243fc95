//! PyTorch: `weight_decay` of `torch.optim` adds λθ to the gradient, so the objective is loss + (λ/2)‖θ‖², but where it is decoupled.

use num_bigint::BigInt;
use num_traits::{One, Signed, Zero};

use super::call::{Arguments, Call, Expr, as_count, parse};
use super::{
    ConventionError, Factor, Mapping, ScaledLoss, Training, as_call, batches, decoupled,
    loss_words, positive, shown, unknown,
};
use crate::exact::Rat;
use crate::problem::{Activation, Decay, HiddenBias, Loss, OutputBias};

const FRAMEWORK: &str = "pytorch";

/// An optimiser: its arguments, how many of them may be given by position, and whether its decay is part of the gradient.
struct Optimizer {
    name: &'static str,
    names: &'static [&'static str],
    positions: usize,
    decay: DecayKind,
}

#[derive(PartialEq, Eq)]
enum DecayKind {
    /// λθ is added to the gradient.
    Gradient,
    /// The same, unless `decoupled_weight_decay=True`.
    Either,
    Decoupled,
    /// There is no argument `weight_decay`.
    Absent,
}

macro_rules! optimizer {
    ($name:literal, $kind:ident, [$($position:literal),*], [$($keyword:literal),*]) => {
        Optimizer {
            name: $name,
            names: &[$($position,)* $($keyword),*],
            positions: [$($position),*].len(),
            decay: DecayKind::$kind,
        }
    };
}

const OPTIMIZERS: &[Optimizer] = &[
    optimizer!(
        "SGD",
        Gradient,
        [
            "params",
            "lr",
            "momentum",
            "dampening",
            "weight_decay",
            "nesterov"
        ],
        ["maximize", "foreach", "differentiable", "fused"]
    ),
    optimizer!(
        "Adam",
        Either,
        ["params", "lr", "betas", "eps", "weight_decay", "amsgrad"],
        [
            "foreach",
            "maximize",
            "capturable",
            "differentiable",
            "fused",
            "decoupled_weight_decay"
        ]
    ),
    optimizer!(
        "AdamW",
        Decoupled,
        ["params", "lr", "betas", "eps", "weight_decay", "amsgrad"],
        [
            "maximize",
            "foreach",
            "capturable",
            "differentiable",
            "fused"
        ]
    ),
    optimizer!(
        "NAdam",
        Either,
        [
            "params",
            "lr",
            "betas",
            "eps",
            "weight_decay",
            "momentum_decay",
            "decoupled_weight_decay"
        ],
        ["foreach", "maximize", "capturable", "differentiable"]
    ),
    optimizer!(
        "RAdam",
        Either,
        [
            "params",
            "lr",
            "betas",
            "eps",
            "weight_decay",
            "decoupled_weight_decay"
        ],
        ["foreach", "maximize", "capturable", "differentiable"]
    ),
    optimizer!(
        "Adamax",
        Gradient,
        ["params", "lr", "betas", "eps", "weight_decay", "foreach"],
        ["maximize", "differentiable", "capturable"]
    ),
    optimizer!(
        "Adagrad",
        Gradient,
        [
            "params",
            "lr",
            "lr_decay",
            "weight_decay",
            "initial_accumulator_value",
            "eps",
            "foreach"
        ],
        ["maximize", "differentiable", "fused"]
    ),
    optimizer!(
        "Adadelta",
        Gradient,
        ["params", "lr", "rho", "eps", "weight_decay", "foreach"],
        ["capturable", "maximize", "differentiable"]
    ),
    optimizer!(
        "RMSprop",
        Gradient,
        [
            "params",
            "lr",
            "alpha",
            "eps",
            "weight_decay",
            "momentum",
            "centered",
            "capturable",
            "foreach",
            "maximize",
            "differentiable"
        ],
        []
    ),
    optimizer!(
        "ASGD",
        Gradient,
        [
            "params",
            "lr",
            "lambd",
            "alpha",
            "t0",
            "weight_decay",
            "foreach",
            "maximize",
            "differentiable",
            "capturable"
        ],
        []
    ),
    optimizer!(
        "Rprop",
        Absent,
        ["params", "lr", "etas", "step_sizes"],
        ["capturable", "foreach", "maximize", "differentiable"]
    ),
    optimizer!(
        "LBFGS",
        Absent,
        [
            "params",
            "lr",
            "max_iter",
            "max_eval",
            "tolerance_grad",
            "tolerance_change",
            "history_size",
            "line_search_fn"
        ],
        ["maximize"]
    ),
    optimizer!(
        "Adafactor",
        Decoupled,
        ["params", "lr", "beta2_decay", "eps", "d", "weight_decay"],
        ["foreach", "maximize"]
    ),
    optimizer!(
        "Muon",
        Decoupled,
        [
            "params",
            "lr",
            "weight_decay",
            "momentum",
            "nesterov",
            "ns_coefficients",
            "eps",
            "ns_steps",
            "adjust_lr_fn"
        ],
        []
    ),
];

pub(super) fn mapping(training: &Training) -> Result<Mapping, ConventionError> {
    let weight_decay = match &training.optimizer {
        Some(text) => weight_decay(text)?,
        None if training.l2.is_some() => Rat::zero(),
        None => {
            return Err(ConventionError::Missing {
                framework: FRAMEWORK,
                option: "--optimizer",
                help: "give the optimiser as in the program: --optimizer \"Adam(params, lr=1e-3, weight_decay=0.01)\"; if the program adds a \
                       penalty λ·Σθ² to the loss itself, give --l2 λ",
            });
        }
    };
    let loss = loss(training)?.simplified();
    let two = Rat::from_integer(BigInt::from(2));
    let l2 = training.l2.clone().unwrap_or_default();
    if l2.is_negative() {
        positive(l2.clone(), "--l2")?;
    }
    let lambda = positive(&weight_decay + &l2 * &two, "weight_decay = 0")?;
    let layers = training.model.as_deref().map(layers).transpose()?;
    let (hidden_bias, output_bias) = match &layers {
        None => (None, None),
        Some(layers) => {
            let (hidden, output) = biases(training, layers)?;
            (Some(hidden), Some(output))
        }
    };
    let mut notes = Vec::new();
    if layers.is_none() {
        notes.push("every parameter is decayed, the biases, too, but for those that --no-decay names (parameter groups with weight_decay=0)".to_owned());
    }
    if training.loss.is_none() {
        notes.push("the loss is taken to be MSELoss(), the mean over the samples; say otherwise with --loss".to_owned());
    }
    let penalty = match (weight_decay.is_zero(), l2.is_zero()) {
        (false, true) => format!("({}/2)·Σθ²", shown(&weight_decay)),
        (true, _) => format!("{}·Σθ²", shown(&l2)),
        (false, false) => format!("({}/2)·Σθ² + {}·Σθ²", shown(&weight_decay), shown(&l2)),
    };
    // factor·loss + (λ/2)‖θ‖² = factor·(loss + (λ/factor)/2·‖θ‖²)
    let decay = if weight_decay.is_zero() {
        Decay::Ridge(&l2 / &loss.factor)
    } else {
        Decay::WeightDecay(&lambda / &loss.factor)
    };
    Ok(Mapping {
        formula: format!("{} + {penalty}", loss_words(&loss.factor, loss.loss)),
        loss: loss.loss,
        decay,
        factor: Factor::Number(loss.factor),
        hidden_bias,
        output_bias,
        hidden_bias_undecayed: training.hidden_bias_undecayed,
        output_bias_undecayed: training.output_bias_undecayed,
        activation: layers.map(|layers| layers.activation),
        notes,
    })
}

/// λ of an optimiser whose decay is part of the gradient.
fn weight_decay(text: &str) -> Result<Rat, ConventionError> {
    let place = "--optimizer";
    let call = as_call(
        place,
        text,
        "an optimiser",
        "give a call like \"Adam(params, lr=1e-3, weight_decay=0.01)\"",
    )?;
    let Some(optimizer) = OPTIMIZERS.iter().find(|o| o.name == call.name) else {
        let names: Vec<&str> = OPTIMIZERS.iter().map(|o| o.name).collect();
        return Err(unknown(
            place,
            &call.name,
            "an optimiser of torch.optim",
            &names,
        ));
    };
    let mut call = call;
    // The parameters are often left out where a call is quoted.
    let starts_with_params = match call.positional.first() {
        Some(Expr::Number(_)) => false,
        first => first.is_some() || call.named.iter().any(|(name, _)| name == "params"),
    };
    if !starts_with_params && !call.positional.is_empty() {
        call.positional.insert(0, Expr::Name("params".to_owned()));
    }
    if let Some(Expr::List(groups)) = call.positional.first()
        && groups
            .iter()
            .any(|g| matches!(g, Expr::Other(text) if text.contains("weight_decay")))
    {
        return Err(ConventionError::Refused {
            what: "parameter groups with a weight decay of their own are not read".to_owned(),
            why: "give the optimiser with the weight decay of the weights, and --no-decay hidden-bias or --no-decay output-bias for biases whose group \
                  has weight_decay=0; weights with different decays have no counterpart here"
                .to_owned(),
        });
    }
    let arguments = Arguments {
        place,
        call: &call,
        names: optimizer.names,
        positions: optimizer.positions,
    };
    arguments.check()?;
    let known = |name: &str| optimizer.names.contains(&name);
    if known("maximize") && arguments.flag("maximize", false)? {
        return Err(ConventionError::Refused {
            what: "maximize=True: the loss is maximised".to_owned(),
            why: "a bound on the minimum says nothing about it".to_owned(),
        });
    }
    let instead = "use Adam(weight_decay=…) or SGD, whose decay is the gradient of (λ/2)‖θ‖²";
    let apart = match optimizer.decay {
        DecayKind::Gradient | DecayKind::Absent => false,
        DecayKind::Decoupled => true,
        DecayKind::Either => arguments.flag("decoupled_weight_decay", false)?,
    };
    if apart {
        let default = match optimizer.name {
            "AdamW" => "0.01",
            "Muon" => "0.1",
            _ => "0",
        };
        // With a decay of 0 there is nothing to decouple.
        if !arguments.number("weight_decay", default)?.is_zero() {
            return Err(decoupled(optimizer.name, instead));
        }
        return Ok(Rat::zero());
    }
    if optimizer.decay == DecayKind::Absent {
        return Ok(Rat::zero());
    }
    arguments.number("weight_decay", "0")
}

/// The loss as a multiple of a mean or a sum, over all samples.
fn loss(training: &Training) -> Result<ScaledLoss, ConventionError> {
    let place = "--loss";
    let text = training.loss.as_deref().unwrap_or("MSELoss()");
    let (factor, expr) = match parse(place, text)? {
        Expr::Times(factor, expr) => (positive(factor, "--loss")?, *expr),
        expr => (Rat::one(), expr),
    };
    let names = ["MSELoss", "mse_loss", "mse"];
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
    let module = call.name == "MSELoss";
    let names: &[&str] = if module {
        &["size_average", "reduce", "reduction"]
    } else {
        &[
            "input",
            "target",
            "size_average",
            "reduce",
            "reduction",
            "weight",
        ]
    };
    let arguments = Arguments {
        place,
        call: &call,
        names,
        positions: names.len(),
    };
    arguments.check()?;
    for old in ["size_average", "reduce", "weight"] {
        if arguments.get(old).is_some_and(|value| *value != Expr::None) {
            return Err(ConventionError::Refused {
                what: format!("{}: the argument `{old}` is not read", call.name),
                why: "say how the loss is reduced with reduction='mean' or reduction='sum'; weighted samples have no counterpart here".to_owned(),
            });
        }
    }
    match arguments.text("reduction", "mean")?.as_str() {
        "mean" => Ok(ScaledLoss {
            factor,
            loss: Loss::Mean,
        }),
        // A batch of b samples has, on average, b/n of the sum.
        "sum" => Ok(ScaledLoss {
            factor: factor / batches(training, FRAMEWORK)?,
            loss: Loss::Sum,
        }),
        "none" => Err(ConventionError::Refused {
            what: "reduction='none': what is minimised is not said".to_owned(),
            why: "give the reduction that the program applies: reduction='mean' for .mean(), reduction='sum' for .sum()".to_owned(),
        }),
        other => Err(unknown(place, other, "a reduction", &["mean", "sum"])),
    }
}

/// What a model says.
struct Layers {
    hidden_bias: bool,
    output_bias: bool,
    activation: Activation,
}

fn biases(
    training: &Training,
    layers: &Layers,
) -> Result<(HiddenBias, OutputBias), ConventionError> {
    let missing = |name: &str| ConventionError::Refused {
        what: format!("--no-decay {name}: the model has no such bias"),
        why: format!("leave out --no-decay {name}, or give the layer that bias"),
    };
    let hidden = match (layers.hidden_bias, training.hidden_bias_undecayed) {
        (false, true) => return Err(missing("hidden-bias")),
        (false, false) => HiddenBias::None,
        (true, false) => HiddenBias::Decayed,
        (true, true) => HiddenBias::Undecayed,
    };
    let output = match (layers.output_bias, training.output_bias_undecayed) {
        (false, true) => return Err(missing("output-bias")),
        (false, false) => OutputBias::None,
        (true, false) => OutputBias::Decayed,
        (true, true) => OutputBias::Free,
    };
    Ok((hidden, output))
}

fn layers(text: &str) -> Result<Layers, ConventionError> {
    let place = "--model";
    let shape = "Sequential(Linear(d, m), ReLU(), Linear(m, 1))";
    let help = format!(
        "give the model as {shape}, with its arguments; LeakyReLU(slope) may stand for ReLU()"
    );
    let call = as_call(place, text, "a model", &help)?;
    let wrong = |found: String| ConventionError::Unknown {
        place,
        found,
        wanted: "a two-layer network",
        help: help.clone(),
    };
    if call.name != "Sequential" || !call.named.is_empty() {
        return Err(wrong(format!("`{}`", call.name)));
    }
    let list = match call.positional.as_slice() {
        [Expr::List(list)] => list.as_slice(),
        list => list,
    };
    let mut parts = Vec::new();
    for part in list {
        match part {
            Expr::Call(call) => parts.push(call.clone()),
            _ => return Err(wrong("a layer that is no call".to_owned())),
        }
    }
    for call in &parts {
        let why = match call.name.as_str() {
            "Linear" | "ReLU" | "LeakyReLU" | "Identity" => continue,
            "Dropout" | "AlphaDropout" => {
                "with dropout the training minimises an expectation over masks, not this objective"
            }
            "BatchNorm1d" | "LayerNorm" => {
                "normalisation makes the function of the weights another one"
            }
            _ => {
                return Err(unknown(
                    place,
                    &call.name,
                    "a layer of a two-layer network",
                    &["Linear", "ReLU", "LeakyReLU", "Identity"],
                ));
            }
        };
        return Err(ConventionError::Refused {
            what: format!("{} has no counterpart here", call.name),
            why: format!("{why}; bounds are for Linear, ReLU or LeakyReLU, Linear"),
        });
    }
    parts.retain(|call| call.name != "Identity");
    let [first, activation, last] = parts.as_slice() else {
        return Err(wrong(format!("a model of {} layers", parts.len())));
    };
    let (hidden_bias, width, _) =
        linear(first).ok_or_else(|| wrong(format!("`{}` first", first.name)))??;
    let (output_bias, outputs, inputs) =
        linear(last).ok_or_else(|| wrong(format!("`{}` last", last.name)))??;
    if outputs != Some(1) {
        return Err(ConventionError::Refused {
            what: "the model does not have one output".to_owned(),
            why: "several outputs are not supported yet: the last layer is Linear(m, 1)".to_owned(),
        });
    }
    if width != inputs {
        return Err(wrong(
            "a model whose layers do not fit each other".to_owned(),
        ));
    }
    Ok(Layers {
        hidden_bias,
        output_bias,
        activation: activation_of(activation)
            .ok_or_else(|| wrong(format!("`{}` second", activation.name)))??,
    })
}

type LinearLayer = (bool, Option<u64>, Option<u64>);

/// Whether a linear layer has a bias, its outputs and its inputs.
fn linear(call: &Call) -> Option<Result<LinearLayer, ConventionError>> {
    if call.name != "Linear" {
        return None;
    }
    let arguments = Arguments {
        place: "--model",
        call,
        names: &["in_features", "out_features", "bias", "device", "dtype"],
        positions: 5,
    };
    let read = || {
        arguments.check()?;
        Ok((
            arguments.flag("bias", true)?,
            arguments.get("out_features").and_then(as_count),
            arguments.get("in_features").and_then(as_count),
        ))
    };
    Some(read())
}

fn activation_of(call: &Call) -> Option<Result<Activation, ConventionError>> {
    let leaky = match call.name.as_str() {
        "ReLU" => false,
        "LeakyReLU" => true,
        _ => return None,
    };
    let names: &[&str] = if leaky {
        &["negative_slope", "inplace"]
    } else {
        &["inplace"]
    };
    let arguments = Arguments {
        place: "--model",
        call,
        names,
        positions: names.len(),
    };
    let read = || {
        arguments.check()?;
        if !leaky {
            return Ok(Activation::relu());
        }
        super::leaky(arguments.number("negative_slope", "0.01")?)
    };
    Some(read())
}
