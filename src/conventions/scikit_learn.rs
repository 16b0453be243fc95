//! scikit-learn: `MLPRegressor` minimises (1/2b)·Σ(f−y)² + (α/2b)·‖W‖² over batches of b samples; the intercepts are not decayed.
//!
//! Source: `sklearn/neural_network/_multilayer_perceptron.py`, `_backprop`: the squared loss is half the average, and both the loss's
//! penalty and the gradient's divide α by the number of samples of the batch. `lbfgs` has one batch.

use num_bigint::BigInt;
use num_traits::One;

use super::call::{Arguments, Expr, as_count};
use super::{ConventionError, Factor, Mapping, Training, as_call, positive, shown, unknown};
use crate::exact::Rat;
use crate::problem::{Activation, Decay, HiddenBias, Loss, OutputBias};

const FRAMEWORK: &str = "scikit-learn";
const NAMES: &[&str] = &[
    "loss",
    "hidden_layer_sizes",
    "activation",
    "solver",
    "alpha",
    "batch_size",
    "learning_rate",
    "learning_rate_init",
    "power_t",
    "max_iter",
    "shuffle",
    "random_state",
    "tol",
    "verbose",
    "warm_start",
    "momentum",
    "nesterovs_momentum",
    "early_stopping",
    "validation_fraction",
    "beta_1",
    "beta_2",
    "epsilon",
    "n_iter_no_change",
    "max_fun",
];

pub(super) fn mapping(training: &Training) -> Result<Mapping, ConventionError> {
    refuse_others(training)?;
    let Some(text) = &training.model else {
        return Err(ConventionError::Missing {
            framework: FRAMEWORK,
            option: "--model",
            help: "give the estimator as in the program: --model \"MLPRegressor(hidden_layer_sizes=(20,), alpha=0.01, solver='lbfgs')\"",
        });
    };
    let place = "--model";
    let call = as_call(
        place,
        text,
        "an estimator",
        "give a call like \"MLPRegressor(hidden_layer_sizes=(20,), alpha=0.01)\"",
    )?;
    if matches!(call.name.as_str(), "make_pipeline" | "Pipeline") {
        return Err(ConventionError::Refused {
            what: "a pipeline changes the data before the network sees them".to_owned(),
            why: "give the MLPRegressor alone, and to the other commands the data as the network sees them".to_owned(),
        });
    }
    if call.name != "MLPRegressor" {
        return Err(unknown(
            place,
            &call.name,
            "an estimator with a squared loss",
            &["MLPRegressor"],
        ));
    }
    let mut call = call;
    // Before version 1.7 there was no loss to choose, and the sizes came first.
    if let Some(Expr::List(_) | Expr::Number(_)) = call.positional.first() {
        let loss = Expr::Text("squared_error".to_owned());
        call.positional.insert(0, loss);
    }
    let arguments = Arguments {
        place,
        call: &call,
        names: NAMES,
        positions: 3,
    };
    arguments.check()?;
    check_network(&arguments)?;
    let alpha = positive(arguments.number("alpha", "0.0001")?, "alpha = 0")?;
    let solver = arguments.text("solver", "adam")?;
    let samples = match (training.samples, arguments.flag("early_stopping", false)?) {
        (Some(_), true) if solver != "lbfgs" => {
            return Err(ConventionError::Refused {
                what: "early_stopping=True sets samples aside".to_owned(),
                why: "the objective is on the others: leave early_stopping out, and give their number with --samples and them as the data".to_owned(),
            });
        }
        (samples, _) => samples,
    };
    let (loss, decay, factor, batch) = match (solver.as_str(), samples) {
        ("lbfgs", None) => (Loss::HalfSum, alpha.clone(), Factor::OneOverSamples, None),
        ("lbfgs", Some(n)) => (
            Loss::HalfMean,
            &alpha / BigInt::from(n),
            Factor::Number(Rat::one()),
            None,
        ),
        ("sgd" | "adam", None) => {
            return Err(ConventionError::Missing {
                framework: FRAMEWORK,
                option: "--samples",
                help: "sgd and adam divide alpha by the size of a batch, which depends on the number of training samples: give it with --samples N",
            });
        }
        ("sgd" | "adam", Some(n)) => {
            let (mean, size) = mean_of_inverses(&arguments, n)?;
            (
                Loss::HalfMean,
                &alpha * mean,
                Factor::Number(Rat::one()),
                Some((size, n)),
            )
        }
        (other, _) => return Err(unknown(place, other, "a solver", &["lbfgs", "sgd", "adam"])),
    };
    let mut notes = vec!["the intercepts are not decayed".to_owned()];
    let divisor = match (samples, batch) {
        (None, _) => "n".to_owned(),
        (Some(n), None) => n.to_string(),
        (Some(_), Some((size, _))) => size.to_string(),
    };
    if let Some((size, n)) = batch {
        if n % size == 0 {
            notes.push(format!(
                "alpha is divided by the size of a batch, {size}, not by the {n} samples"
            ));
        } else {
            notes.push(format!(
                "the last batch has {} samples instead of {size}, and its alpha is divided by its own size: this is the objective on average \
                 over the shuffles; loss_ weighs the batches otherwise",
                n % size
            ));
        }
    }
    Ok(Mapping {
        formula: format!(
            "(1/2n)·Σ(f−y)² + ({}/(2·{divisor}))·Σ(coefs_)²",
            shown(&alpha)
        ),
        loss,
        decay: Decay::WeightDecay(decay),
        factor,
        hidden_bias: Some(HiddenBias::Undecayed),
        output_bias: Some(OutputBias::Free),
        hidden_bias_undecayed: true,
        output_bias_undecayed: true,
        activation: Some(Activation::relu()),
        notes,
    })
}

fn refuse_others(training: &Training) -> Result<(), ConventionError> {
    let given = [
        ("--loss", training.loss.is_some()),
        ("--optimizer", training.optimizer.is_some()),
        ("--l2", training.l2.is_some()),
        (
            "--no-decay",
            training.hidden_bias_undecayed || training.output_bias_undecayed,
        ),
        ("--batch-size", training.batch_size.is_some()),
    ];
    match given.iter().find(|(_, given)| *given) {
        None => Ok(()),
        Some(&(option, _)) => Err(ConventionError::Unused {
            framework: FRAMEWORK,
            option,
            help: "everything is in the estimator: --model \"MLPRegressor(…)\"",
        }),
    }
}

/// One hidden layer of ReLUs and the squared loss.
fn check_network(arguments: &Arguments<'_>) -> Result<(), ConventionError> {
    let place = arguments.place;
    let loss = arguments.text("loss", "squared_error")?;
    if loss != "squared_error" {
        return Err(unknown(place, &loss, "a squared loss", &["squared_error"]));
    }
    let activation = arguments.text("activation", "relu")?;
    if activation != "relu" {
        return Err(unknown(
            place,
            &activation,
            "a piecewise linear activation",
            &["relu"],
        ));
    }
    let layers = match arguments.get("hidden_layer_sizes") {
        None => 1,
        Some(Expr::List(sizes)) if sizes.iter().all(|n| as_count(n).is_some()) => sizes.len(),
        Some(size) if as_count(size).is_some() => 1,
        Some(_) => {
            return Err(ConventionError::Value {
                place,
                call: arguments.call.name.clone(),
                argument: "hidden_layer_sizes".to_owned(),
                wanted: "a list of sizes",
            });
        }
    };
    if layers != 1 {
        return Err(ConventionError::Refused {
            what: format!("the network has {layers} hidden layers"),
            why: "bounds are for networks with one: hidden_layer_sizes=(m,)".to_owned(),
        });
    }
    Ok(())
}

/// The mean of 1/b over the batches of a pass, and the size of all batches but the last.
fn mean_of_inverses(arguments: &Arguments<'_>, n: u64) -> Result<(Rat, u64), ConventionError> {
    let size = match arguments.get("batch_size") {
        None => 200,
        Some(Expr::Text(text)) if text == "auto" => 200,
        Some(_) => arguments.count("batch_size")?.unwrap_or(200),
    }
    .min(n);
    let (whole, rest) = (n / size, n % size);
    if rest > 0 && !arguments.flag("shuffle", true)? {
        return Err(ConventionError::Refused {
            what: format!("shuffle=False with batches of {size} and {rest} samples: the samples do not count alike"),
            why: "there is no objective with equal weights: take a batch_size that divides the number of samples, or solver='lbfgs'".to_owned(),
        });
    }
    let one_over = |size: u64| Rat::new(BigInt::one(), size.into());
    let mut sum = one_over(size) * BigInt::from(whole);
    if rest > 0 {
        sum += one_over(rest);
    }
    Ok((sum / BigInt::from(whole + u64::from(rest > 0)), size))
}
