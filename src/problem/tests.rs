//! Tests of the problem as a whole: canonical text, objective, readers.

use std::path::PathBuf;

use num_bigint::BigInt;
use num_traits::{One, Zero};
use proptest::prelude::*;
use tempfile::TempDir;

use super::*;
use crate::exact::{
    Number, Rat, Round, f32_to_rat, f64_to_rat, parse_ratio, rat_to_f64, to_decimal,
};

pub(super) fn rat(text: &str) -> Rat {
    parse_ratio(text).expect("a number")
}

pub(super) fn rats(texts: &[&str]) -> Vec<Rat> {
    texts.iter().map(|t| rat(t)).collect()
}

/// A file in a folder of its own.
pub(super) fn file(name: &str, content: impl AsRef<[u8]>) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join(name);
    std::fs::write(&path, content).expect("a temporary file");
    (folder, path)
}

pub(super) fn csv(content: &str, options: &DataOptions) -> Result<Dataset, DataError> {
    let (_folder, path) = file("data.csv", content);
    Dataset::read(&path, options)
}

pub(super) fn integers(values: &[i64]) -> Vec<BigInt> {
    values.iter().map(|&v| BigInt::from(v)).collect()
}

fn half_sum(
    data: Dataset,
    lambda: &str,
    hidden_bias: HiddenBias,
    output_bias: OutputBias,
) -> Problem {
    let decay = Decay::WeightDecay(rat(lambda));
    Problem::new(
        data,
        Activation::relu(),
        Loss::HalfSum,
        decay,
        hidden_bias,
        output_bias,
    )
    .expect("a problem")
}

/// The objective by its definition, in fractions throughout: slow, and independent of the integer code.
fn slow_objective(problem: &Problem, network: &Network) -> Rat {
    let data = &problem.data;
    let mut outputs = vec![network.output_bias.clone().unwrap_or_default(); data.samples];
    for i in 0..data.rows {
        let x: Vec<Rat> = data
            .row(i)
            .iter()
            .map(|a| Rat::new(a.clone(), data.x_den.clone()))
            .collect();
        for k in 0..network.width() {
            let mut t = network
                .hidden_bias
                .as_ref()
                .map_or_else(Rat::zero, |b| b[k].clone());
            for (w, x) in network.hidden_weights[k].iter().zip(&x) {
                t += w * x;
            }
            let branches = [&t * &problem.activation.low, &t * &problem.activation.high];
            let phi = branches.into_iter().max().expect("two branches");
            outputs[data.sample_of_row[i] as usize] += phi * &network.output_weights[k];
        }
    }
    let mut loss = Rat::zero();
    for (f, y) in outputs.iter().zip(&data.y) {
        let error = f - Rat::new(y.clone(), data.y_den.clone());
        loss += &error * &error;
    }
    let n = Rat::from_integer(BigInt::from(data.samples));
    let two = Rat::from_integer(BigInt::from(2));
    let c = match problem.loss {
        Loss::HalfSum => Rat::one() / &two,
        Loss::Sum => Rat::one(),
        Loss::Mean => Rat::one() / n,
        Loss::HalfMean => Rat::one() / (n * &two),
    };
    let mu = match &problem.decay {
        Decay::WeightDecay(lambda) => lambda / two,
        Decay::Ridge(lambda) => lambda.clone(),
    };
    let mut squares = Rat::zero();
    for weight in network
        .hidden_weights
        .iter()
        .flatten()
        .chain(&network.output_weights)
    {
        squares += weight * weight;
    }
    if problem.hidden_bias == HiddenBias::Decayed {
        for bias in network.hidden_bias.iter().flatten() {
            squares += bias * bias;
        }
    }
    if problem.output_bias == OutputBias::Decayed
        && let Some(bias) = &network.output_bias
    {
        squares += bias * bias;
    }
    c * loss + mu * squares
}

const GROUPED: &str = "a,b,g,y\n0.5,-1,p,0.25\n0,2,p,0.25\n1e1,0.125,q,-3\n";

fn grouped() -> DataOptions {
    DataOptions {
        group: Some("g".to_owned()),
        ..DataOptions::default()
    }
}

#[test]
fn a_csv_is_read_over_its_least_denominators() {
    let data = csv(GROUPED, &grouped()).expect("legal data");
    assert_eq!(data.features, ["a", "b"]);
    assert_eq!(data.target, "y");
    assert_eq!((data.rows, data.samples, data.d), (3, 2, 2));
    assert_eq!(
        (data.x_den.clone(), data.x.clone()),
        (8.into(), integers(&[4, -8, 0, 16, 80, 1]))
    );
    assert_eq!(
        (data.y_den.clone(), data.y.clone()),
        (4.into(), integers(&[1, -12]))
    );
    assert_eq!(data.sample_of_row, [0, 0, 1]);
}

#[test]
fn the_statement_is_the_text_of_the_format() {
    let data = csv(GROUPED, &grouped()).expect("legal data");
    let problem = Problem::new(
        data,
        Activation::leaky(rat("0.01")).expect("a slope"),
        Loss::HalfMean,
        Decay::Ridge(rat("0.002")),
        HiddenBias::Undecayed,
        OutputBias::Free,
    )
    .expect("a problem");
    let expected = "activation 1 100 100\nloss half-mean\ndecay ridge 1 500\nhidden-bias undecayed\noutput-bias free\n\
                    data 2 3 2 8 4\ns 1 4 -8\n+ 0 16\ns -12 80 1\n";
    assert_eq!(problem.statement(), expected);
    assert_eq!(problem.row_int(1), integers(&[0, 16, 8]));
    assert_eq!(
        problem.x_f64(),
        [0.5, -1.0, 1.0, 0.0, 2.0, 1.0, 10.0, 0.125, 1.0]
    );
    assert_eq!(problem.y_f64(), [0.25, -3.0]);
    assert_eq!(problem.r(), 3);
    assert_eq!(problem.beta(), rat("0.002") * rat("4"));
    assert_eq!(problem.unit(), rat("1/2"));
    assert_eq!(
        problem.statement_sha256(),
        "25205a3d8bc2049601c5be7ef500106486d9c9be735a03b8a3f51940d8fe76b7"
    );

    let network = Network {
        hidden_weights: vec![rats(&["0.5", "1/3"]), rats(&["-1", "0"])],
        hidden_bias: Some(rats(&["0.25", "-1/4"])),
        output_weights: rats(&["2", "1/2"]),
        output_bias: Some(rat("0.75")),
    };
    let objective = slow_objective(&problem, &network);
    let expected = format!(
        "network best 2 12 2 4\nn 4 6 4 3\nn 1 -12 0 -3\nc 3\nobjective {} {}\n",
        objective.numer(),
        objective.denom()
    );
    assert_eq!(
        problem.network_section(&network, "best").expect("it fits"),
        expected
    );
}

#[test]
fn the_network_without_neurons_has_the_targets_as_its_objective() {
    let problem = half_sum(
        csv(GROUPED, &grouped()).expect("legal data"),
        "1",
        HiddenBias::Decayed,
        OutputBias::None,
    );
    assert_eq!(
        problem.objective(&Network::zero()).expect("it fits"),
        rat("145/32")
    );
    assert_eq!(
        problem
            .network_section(&Network::zero(), "given")
            .expect("it fits"),
        "network given 0 1 1 1\nobjective 145 32\n"
    );
}

#[test]
fn a_json_network_is_read_exactly() {
    let text = r#"{"hidden_weights": [[0.1, -2e-3], [1E2, 0]], "hidden_bias": null,
                   "output_weights": [3, 0.30000000000000000000001], "output_bias": -0.5}"#;
    let (_folder, path) = file("net.json", text);
    let network = Network::read(&path).expect("a network");
    let expected = Network {
        hidden_weights: vec![rats(&["1/10", "-1/500"]), rats(&["100", "0"])],
        hidden_bias: None,
        output_weights: rats(&["3", "30000000000000000000001/100000000000000000000000"]),
        output_bias: Some(rat("-1/2")),
    };
    assert_eq!(network, expected);
}

/// The shared tables and networks, if this checkout has them beside it.
fn shared() -> Option<PathBuf> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let candidates = [root.join("../shared/data"), root.join("../../shared/data")];
    let found = candidates
        .into_iter()
        .find(|path| path.join("networks").is_dir());
    if found.is_none() {
        eprintln!("skipped: there is no ../shared/data");
    }
    found
}

/// A trained network of a folder with its training problem, as the folder's meta.json tells it.
fn trained(folder: &std::path::Path, network: &str) -> (Problem, Network, serde_json::Value) {
    let text = std::fs::read(folder.join("meta.json")).expect("meta.json");
    let meta: serde_json::Value = serde_json::from_slice(&text).expect("JSON");
    let names = |list: &serde_json::Value| -> Vec<String> {
        list.as_array()
            .expect("a list")
            .iter()
            .map(|v| v.as_str().expect("a name").to_owned())
            .collect()
    };
    let options = DataOptions {
        target: Target::Named(names(&meta["data"]["targets"])[0].clone()),
        features: Some(names(&meta["data"]["features"])),
        ..DataOptions::default()
    };
    let table = folder.join(meta["data"]["csv"].as_str().expect("a path"));
    let data = Dataset::read(&table, &options).expect("data");
    let undecayed = names(&meta["undecayed_params"]);
    let network = Network::read(&folder.join(network)).expect("a network");
    let hidden_bias = match &network.hidden_bias {
        None => HiddenBias::None,
        Some(_) if undecayed.contains(&"0.bias".to_owned()) => HiddenBias::Undecayed,
        Some(_) => HiddenBias::Decayed,
    };
    let output_bias = match &network.output_bias {
        None => OutputBias::None,
        Some(_) if undecayed.contains(&"2.bias".to_owned()) => OutputBias::Free,
        Some(_) => OutputBias::Decayed,
    };
    let decay = Decay::WeightDecay(rat(meta["weight_decay_decimal"]
        .as_str()
        .expect("a decimal")));
    let problem = Problem::new(
        data,
        Activation::relu(),
        Loss::Mean,
        decay,
        hidden_bias,
        output_bias,
    );
    (problem.expect("a problem"), network, meta)
}

fn check_objective(folder: &std::path::Path) {
    let (problem, network, meta) = trained(folder, "model.safetensors");
    let exact = &meta["exact"];
    let place = folder.display();
    assert_eq!(
        problem.beta(),
        rat(exact["beta"].as_str().expect("beta")),
        "{place}"
    );
    let half_sum = problem.half_sum(&network).expect("it fits");
    let expected = exact["objective_decimal"].as_str().expect("a decimal");
    assert_eq!(
        to_decimal(&half_sum, 30, Round::Nearest),
        expected,
        "{place}"
    );
    let from_npz = Network::read(&folder.join("model.npz")).expect("the same network");
    assert_eq!(from_npz, network, "{place}");
}

#[test]
fn a_trained_network_has_the_objective_known_from_elsewhere() {
    check_objective(
        &PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures/networks/iris_adam_early"),
    );
}

#[test]
fn all_trained_networks_have_the_objectives_known_from_elsewhere() {
    let Some(shared) = shared() else { return };
    let mut seen = 0;
    for entry in std::fs::read_dir(shared.join("networks")).expect("a folder") {
        let folder = entry.expect("an entry").path();
        if folder.ends_with("iris_adam_3out") {
            for name in ["model.npz", "model.safetensors"] {
                let refused = Network::read(&folder.join(name)).expect_err("three outputs");
                assert!(
                    matches!(refused, NetworkError::SeveralOutputs { outputs: 3, .. }),
                    "{refused}"
                );
            }
            continue;
        }
        check_objective(&folder);
        let pickle = Network::read(&folder.join("model.pt")).expect_err("a pickle");
        assert!(matches!(pickle, NetworkError::Pickle { .. }));
        seen += 1;
    }
    assert_eq!(seen, 8);
}

/// A decimal or a fraction of moderate size, or a float with bits far down.
fn weights() -> impl Strategy<Value = Rat> {
    prop_oneof![
        (-5000i64..5000, 1i64..400).prop_map(|(p, q)| Rat::new(p.into(), q.into())),
        (-2f32..2.0).prop_map(|v| f32_to_rat(v).expect("finite")),
        any::<f64>().prop_filter_map("finite", f64_to_rat),
        Just(Rat::zero()),
    ]
}

fn rows(d: usize) -> impl Strategy<Value = Vec<(Vec<Rat>, bool)>> {
    let entry = prop_oneof![
        (-3000i64..3000).prop_map(|p| Rat::new(p.into(), 1000.into())),
        (-2f64..2.0).prop_map(|v| f64_to_rat(v).expect("finite")),
    ];
    proptest::collection::vec((proptest::collection::vec(entry, d), any::<bool>()), 1..6)
}

fn problems() -> impl Strategy<Value = (Problem, Network)> {
    let shape = (1usize..4, 0usize..4);
    shape.prop_flat_map(|(d, m)| {
        let network = (
            proptest::collection::vec(proptest::collection::vec(weights(), d), m),
            proptest::option::of(proptest::collection::vec(weights(), m)),
            proptest::collection::vec(weights(), m),
            proptest::option::of(weights()),
        );
        let choices = (
            any::<bool>(),
            0usize..4,
            0usize..3,
            any::<bool>(),
            any::<bool>(),
        );
        (
            rows(d),
            proptest::collection::vec(weights(), 6),
            network,
            choices,
        )
            .prop_map(
                move |(
                    rows,
                    targets,
                    (w, b, a, c),
                    (ridge, loss, activation, decay_b, decay_c),
                )| {
                    let mut sample_of_row = Vec::new();
                    for (i, (_, new)) in rows.iter().enumerate() {
                        let last = sample_of_row.last().copied().unwrap_or(0);
                        sample_of_row.push(if i > 0 && *new { last + 1 } else { last });
                    }
                    let n = *sample_of_row.last().expect("a row") as usize + 1;
                    let raw = dataset::RawData {
                        features: (0..d).map(|j| format!("x{j}")).collect(),
                        target: "y".to_owned(),
                        x: rows
                            .into_iter()
                            .flat_map(|(row, _)| row)
                            .map(Number::from)
                            .collect(),
                        y: targets.into_iter().take(n).map(Number::from).collect(),
                        sample_of_row,
                    };
                    let lambda = rat("3/7");
                    let problem = Problem::new(
                        raw.into_dataset(std::path::Path::new("test")),
                        match activation {
                            0 => Activation::relu(),
                            1 => Activation::abs(),
                            _ => Activation::leaky(rat("1/100")).expect("a slope"),
                        },
                        [Loss::HalfSum, Loss::Sum, Loss::Mean, Loss::HalfMean][loss],
                        if ridge {
                            Decay::Ridge(lambda)
                        } else {
                            Decay::WeightDecay(lambda)
                        },
                        match (&b, decay_b) {
                            (None, _) => HiddenBias::None,
                            (_, true) => HiddenBias::Decayed,
                            (_, false) => HiddenBias::Undecayed,
                        },
                        match (&c, decay_c) {
                            (None, _) => OutputBias::None,
                            (_, true) => OutputBias::Decayed,
                            (_, false) => OutputBias::Free,
                        },
                    );
                    let network = Network {
                        hidden_weights: w,
                        hidden_bias: b,
                        output_weights: a,
                        output_bias: c,
                    };
                    (problem.expect("a problem"), network)
                },
            )
    })
}

proptest! {
    #[test]
    fn the_objective_is_that_of_its_definition((problem, network) in problems()) {
        let slow = slow_objective(&problem, &network);
        prop_assert_eq!(problem.objective(&network).expect("it fits"), slow.clone());
        prop_assert_eq!(problem.half_sum(&network).expect("it fits") * problem.unit(), slow.clone());
        let section = problem.network_section(&network, "given").expect("it fits");
        let last = section.lines().last().expect("a line").to_owned();
        prop_assert_eq!(last, format!("objective {} {}", slow.numer(), slow.denom()));
    }

    #[test]
    fn a_network_comes_back_from_the_files_that_can_hold_it((_, network) in problems()) {
        let folder = tempfile::tempdir().expect("a folder");
        for name in ["net.json", "net.npz", "net.safetensors"] {
            let path = folder.path().join(name);
            match network.write(&path, &WriteOptions::default()) {
                Ok(()) => prop_assert_eq!(&Network::read(&path).expect("a network"), &network),
                Err(NetworkError::Inexact { .. }) => {
                    prop_assert!(!path.exists());
                    let round = WriteOptions { round: true, ..WriteOptions::default() };
                    network.write(&path, &round).expect("rounded");
                    let rounded = Network::read(&path).expect("a network");
                    for (a, b) in rounded.output_weights.iter().zip(&network.output_weights) {
                        let nearest = rat_to_f64(a);
                        prop_assert_eq!(nearest, rat_to_f64(b));
                    }
                }
                Err(other) => prop_assert!(false, "{}", other),
            }
        }
    }
}
