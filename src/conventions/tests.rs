//! Mappings that can be computed by hand, what is refused, and code that cannot be read. `scripts/objectives` compares with the libraries.

use proptest::prelude::*;

use super::call::{Expr, parse};
use super::*;
use crate::exact::parse_ratio;

fn rat(text: &str) -> Rat {
    parse_ratio(text).expect("a number")
}

fn training(model: &str, loss: &str, optimizer: &str) -> Training {
    let given = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    Training {
        model: given(model),
        loss: given(loss),
        optimizer: given(optimizer),
        ..Training::default()
    }
}

const DENSE: &str = "Sequential([Dense(9, 'relu', kernel_regularizer=l2(0.01)), Dense(1, kernel_regularizer=l2(0.01))])";

#[test]
fn the_weights_of_the_objective_are_those_of_the_framework() {
    // (framework, model, loss, optimizer): the factor c·n of the loss's mean and μ, both times the mapping's factor.
    let cases = [
        (
            Framework::PyTorch,
            "",
            "",
            "SGD(params, weight_decay=0.5)",
            "1",
            "1/4",
        ),
        (
            Framework::PyTorch,
            "",
            "3*MSELoss()",
            "SGD(params, 0.1, 0.9, 0, 1/2)",
            "3",
            "1/4",
        ),
        (
            Framework::PyTorch,
            "",
            "MSELoss('sum')",
            "Adam(weight_decay=5e-1)",
            "",
            "",
        ),
        (
            Framework::PyTorch,
            "",
            "F.mse_loss(f, y) / 4",
            "RMSprop(ps, weight_decay=0.5)",
            "1/4",
            "1/4",
        ),
        (Framework::Keras, DENSE, "", "adam", "1", "1/100"),
        (
            Framework::Keras,
            DENSE,
            "'MSE' * 0.5",
            "Adam(1e-3, weight_decay=None)",
            "1/2",
            "1/100",
        ),
    ];
    for (framework, model, loss, optimizer, mean, mu) in cases {
        let found = mapping(framework, &training(model, loss, optimizer));
        if mean.is_empty() {
            // size_average, not reduction, comes first.
            assert!(found.is_err(), "{loss}");
            continue;
        }
        let found = found.unwrap_or_else(|e| panic!("{loss} {optimizer}: {e}"));
        let Factor::Number(factor) = &found.factor else {
            panic!("{loss}: a factor that depends on n");
        };
        let of_mean = match found.loss {
            Loss::Mean => Rat::one(),
            Loss::HalfMean => rat("1/2"),
            _ => panic!("{loss}: {}", found.loss),
        };
        assert_eq!(factor * of_mean, rat(mean), "{loss} {optimizer}");
        assert_eq!(factor * found.decay.mu(), rat(mu), "{loss} {optimizer}");
    }
}

#[test]
fn biases_and_activation_come_from_the_model() {
    let of = |model: &str| {
        let mut training = training(model, "", "Adam(ps, weight_decay=1)");
        training.output_bias_undecayed = model.ends_with("1))");
        mapping(Framework::PyTorch, &training).expect("a mapping")
    };
    let found = of("nn.Sequential(nn.Linear(4, 20), nn.LeakyReLU(), nn.Linear(20, 1))");
    assert_eq!(found.hidden_bias, Some(HiddenBias::Decayed));
    assert_eq!(found.output_bias, Some(OutputBias::Free));
    let certify = "--loss mean --weight-decay 1 --activation leaky:0.01 --no-decay output-bias";
    assert_eq!(found.certify_options().join(" "), certify);
    let solve = "--loss mean --weight-decay 1 --activation leaky:0.01 --output-bias free";
    assert_eq!(found.solve_options().expect("known").join(" "), solve);
    let found =
        of("Sequential([Linear(4, 20, bias=False), ReLU(inplace=True), Linear(20, 1, False)])");
    let solve = "--loss mean --weight-decay 1 --no-bias";
    assert_eq!(found.solve_options().expect("known").join(" "), solve);
}

#[test]
fn what_has_no_such_objective_is_refused_with_the_reason() {
    use Framework::{Keras, PyTorch, ScikitLearn};
    let adam = "Adam(ps, weight_decay=1)";
    let net = |layers: &str| format!("Sequential({layers})");
    let cases: Vec<(Framework, Training, &str)> = vec![
        (PyTorch, training("", "", ""), "needs --optimizer"),
        (PyTorch, training("", "", "AdamW(ps)"), "AdamW decouples"),
        (PyTorch, training("", "", "Muon(ps)"), "Muon decouples"),
        (
            PyTorch,
            training(
                "",
                "",
                "NAdam(ps, weight_decay=1, decoupled_weight_decay=True)",
            ),
            "NAdam decouples",
        ),
        (
            PyTorch,
            training("", "", "AdamW(ps, weight_decay=0)"),
            "no penalty",
        ),
        (PyTorch, training("", "", "LBFGS(ps)"), "no penalty"),
        (
            PyTorch,
            training("", "", "Adam(ps, weight_decay=-1)"),
            "negative",
        ),
        (
            PyTorch,
            training("", "", "Adam(ps, weight_decay=wd)"),
            "is not a number",
        ),
        (
            PyTorch,
            training("", "", "Adam(ps, weight_decay=1, maximize=True)"),
            "maximised",
        ),
        (
            PyTorch,
            training("", "", "LBFGS(ps, weight_decay=1)"),
            "no argument `weight_decay`",
        ),
        (
            PyTorch,
            training("", "", "Adam(ps, weight_decay=1, weight_decay=2)"),
            "twice the argument",
        ),
        (
            PyTorch,
            training("", "", "Adam(ps, 1, 2, 3, 4, 5, 6)"),
            "without a name",
        ),
        (
            PyTorch,
            training("", "", "Adam([{'params': a, 'weight_decay': 0}])"),
            "parameter groups",
        ),
        (
            PyTorch,
            training("", "HuberLoss()", adam),
            "not a squared loss",
        ),
        (
            PyTorch,
            training("", "MSELoss(reduction='none')", adam),
            "reduction='none'",
        ),
        (
            PyTorch,
            training("", "MSELoss(reduce=False)", adam),
            "`reduce` is not read",
        ),
        (PyTorch, training("", "0*MSELoss()", adam), "no penalty"),
        (
            PyTorch,
            training(&net("Linear(2,3), ReLU(), Linear(3,2)"), "", adam),
            "one output",
        ),
        (
            PyTorch,
            training(&net("Linear(2,3), ReLU(), Linear(4,1)"), "", adam),
            "do not fit",
        ),
        (
            PyTorch,
            training(&net("Linear(2,3), Tanh(), Linear(3,1)"), "", adam),
            "`Tanh`",
        ),
        (
            PyTorch,
            training(
                &net("Linear(2,3), BatchNorm1d(3), ReLU(), Linear(3,1)"),
                "",
                adam,
            ),
            "BatchNorm1d",
        ),
        (
            PyTorch,
            training(
                &net("Linear(2,3), ReLU(), Linear(3,3), ReLU(), Linear(3,1)"),
                "",
                adam,
            ),
            "5 layers",
        ),
        (
            PyTorch,
            training(&net("Linear(2,3), LeakyReLU(1.5), Linear(3,1)"), "", adam),
            "larger than 1",
        ),
        (Keras, training("", "", ""), "needs --model"),
        (
            Keras,
            training(DENSE, "", "AdamW()"),
            "Keras's AdamW decouples",
        ),
        (
            Keras,
            training(DENSE, "", "SGD(weight_decay=0.1)"),
            "step of its own",
        ),
        (Keras, training(DENSE, "'mae'", ""), "not a squared loss"),
        (
            Keras,
            training(
                &DENSE.replace("Dense(1, kernel_regularizer=l2(0.01))", "Dense(1)"),
                "",
                "",
            ),
            "different penalties",
        ),
        (
            Keras,
            training(
                &DENSE.replace("Dense(1,", "Dense(1, bias_regularizer=l2(1),"),
                "",
                "",
            ),
            "the output bias",
        ),
        (
            Keras,
            training(&DENSE.replace("l2(0.01)", "'l1'"), "", ""),
            "ℓ1",
        ),
        (
            Keras,
            training(&DENSE.replace("l2(0.01)", "'l1_l2'"), "", ""),
            "no penalty",
        ),
        (
            Keras,
            training(&DENSE.replace("'relu'", "'gelu'"), "", ""),
            "`gelu`",
        ),
        (
            Keras,
            training(&DENSE.replace("'relu', ", ""), "", ""),
            "without an activation",
        ),
        (ScikitLearn, training("", "", ""), "needs --model"),
        (
            ScikitLearn,
            training("MLPRegressor()", "", adam),
            "does not take --optimizer",
        ),
        (
            ScikitLearn,
            training("MLPRegressor()", "", ""),
            "needs --samples",
        ),
        (
            ScikitLearn,
            training("MLPRegressor(solver='lbgfs')", "", ""),
            "`lbgfs`",
        ),
        (
            ScikitLearn,
            training("MLPRegressor((3, 4), solver='lbfgs')", "", ""),
            "2 hidden layers",
        ),
    ];
    for (framework, training, message) in cases {
        match mapping(framework, &training) {
            Err(error) => assert!(error.to_string().contains(message), "{message}: {error}"),
            Ok(found) => panic!("{message}: {found:?}"),
        }
    }
}

#[test]
fn scikit_learn_divides_alpha_by_the_size_of_a_batch() {
    let of = |model: &str, samples| {
        let training = Training {
            samples: Some(samples),
            ..training(model, "", "")
        };
        let found = mapping(Framework::ScikitLearn, &training).expect("a mapping");
        assert_eq!(
            (found.loss, found.factor),
            (Loss::HalfMean, Factor::Number(Rat::one()))
        );
        found.decay.lambda().clone()
    };
    assert_eq!(
        of("MLPRegressor(alpha=1, solver='lbfgs')", 300),
        rat("1/300")
    );
    assert_eq!(of("MLPRegressor(alpha=1)", 150), rat("1/150"));
    assert_eq!(of("MLPRegressor(alpha=1)", 400), rat("1/200"));
    // Batches of 200 and 100.
    assert_eq!(of("MLPRegressor(alpha=1)", 300), rat("3/400"));
    assert_eq!(of("MLPRegressor(alpha=1, batch_size=50)", 300), rat("1/50"));
    assert_eq!(
        of("MLPRegressor((9,), 'relu', alpha=1, batch_size=50)", 300),
        rat("1/50")
    );
}

#[test]
fn code_is_read_as_python_reads_it() {
    let cases = [
        ("1e-3", Expr::Number(rat("0.001"))),
        (" 1_000 * -2 / 4 ", Expr::Number(rat("-500"))),
        ("'a b'", Expr::Text("a b".to_owned())),
        ("(3,)", Expr::List(vec![Expr::Number(rat("3"))])),
        ("(3)", Expr::Number(rat("3"))),
        ("[]", Expr::List(Vec::new())),
        ("torch.float32", Expr::Name("float32".to_owned())),
        ("model[0].weight", Expr::Other("model[0].weight".to_owned())),
        ("{'a': [1, ')']}", Expr::Other("{'a': [1, ')']}".to_owned())),
    ];
    for (text, expected) in cases {
        assert_eq!(parse("--model", text), Ok(expected), "{text}");
    }
    let bad = [
        "",
        "Adam(",
        "Adam(a b)",
        "Adam(a,,b)",
        "'a",
        "1 +",
        "1/0",
        "a ** 2",
        "f(x) g",
        "lambda x: x",
        "[1 2",
        "-'a'",
        "é(",
    ];
    for text in bad {
        assert!(parse("--model", text).is_err(), "{text}");
    }
    // Deep brackets are refused, not recursed into without end.
    assert!(parse("--model", &"f(".repeat(100_000)).is_err());
    assert!(parse("--model", &"-".repeat(100_000)).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn no_text_makes_a_mapping_panic(text in "[-A-Za-z0-9_.,'\"(){}\\[\\]=*/ é]{0,40}", which in 0usize..4) {
        let framework = [Framework::PyTorch, Framework::Keras, Framework::ScikitLearn][which % 3];
        let code = ["Adam(%)", "%", "Sequential([Dense(%)])", "MLPRegressor(%)"][which].replace('%', &text);
        let training = Training {
            samples: Some(7),
            ..training(&code, "", &code)
        };
        let _ = mapping(framework, &training);
    }
}
