//! Graphs written by a small encoder of their own, in every spelling that is read and in many that are not.

use std::path::Path;

use proptest::prelude::*;

use super::parse;
use crate::exact::Rat;
use crate::problem::{Activation, Float, Network, NetworkError, NetworkFile, NetworkKeys};

type Bytes = Vec<u8>;

fn varint(mut n: u64) -> Bytes {
    let mut bytes = Vec::new();
    while n >= 0x80 {
        bytes.push(n as u8 | 0x80);
        n >>= 7;
    }
    bytes.push(n as u8);
    bytes
}

fn bytes(number: u64, data: impl AsRef<[u8]>) -> Bytes {
    let data = data.as_ref();
    [
        varint(number << 3 | 2),
        varint(data.len() as u64),
        data.to_vec(),
    ]
    .concat()
}

fn int(number: u64, value: i64) -> Bytes {
    [varint(number << 3), varint(value.cast_unsigned())].concat()
}

fn floats(values: &[f32]) -> Bytes {
    values.iter().flat_map(|x| x.to_le_bytes()).collect()
}

fn shape(dims: &[i64]) -> Bytes {
    dims.iter().flat_map(|&n| int(1, n)).collect()
}

/// A float32 tensor with `raw_data`.
fn tensor(name: &str, dims: &[i64], values: &[f32]) -> Bytes {
    [
        shape(dims),
        int(2, 1),
        bytes(8, name),
        bytes(9, floats(values)),
    ]
    .concat()
}

fn node(op: &str, inputs: &[&str], output: &str, attributes: &[Bytes]) -> Bytes {
    let mut node: Bytes = inputs.iter().flat_map(|name| bytes(1, name)).collect();
    node.extend(bytes(2, output));
    node.extend(bytes(3, format!("the_{output}")));
    node.extend(bytes(4, op));
    node.extend(attributes.iter().flat_map(|a| bytes(5, a)));
    node
}

fn integer_attribute(name: &str, value: i64) -> Bytes {
    [bytes(1, name), int(3, value)].concat()
}

fn float_attribute(name: &str, value: f32) -> Bytes {
    [bytes(1, name), varint(2 << 3 | 5), floats(&[value])].concat()
}

fn tensor_attribute(name: &str, tensor: Bytes) -> Bytes {
    [bytes(1, name), bytes(5, tensor)].concat()
}

/// A named value with the lengths of its shape; −1 for one that is open.
fn value(name: &str, dims: &[i64]) -> Bytes {
    let lengths: Bytes = dims
        .iter()
        .flat_map(|&n| {
            let dim = if n < 0 { bytes(2, "batch") } else { int(1, n) };
            bytes(1, dim)
        })
        .collect();
    let kind = [int(1, 1), bytes(2, lengths)].concat();
    [bytes(1, name), bytes(2, bytes(1, kind))].concat()
}

/// A file.
#[derive(Clone)]
struct Graph {
    nodes: Vec<Bytes>,
    tensors: Vec<Bytes>,
    inputs: Vec<Bytes>,
    outputs: Vec<Bytes>,
    opset: (&'static str, i64),
}

impl Graph {
    fn encode(&self) -> Bytes {
        let part = |number: u64, list: &[Bytes]| -> Bytes {
            list.iter().flat_map(|item| bytes(number, item)).collect()
        };
        let graph = [
            part(1, &self.nodes),
            bytes(2, "a graph"),
            part(5, &self.tensors),
            part(11, &self.inputs),
            part(12, &self.outputs),
        ]
        .concat();
        let opset = [bytes(1, self.opset.0), int(2, self.opset.1)].concat();
        [int(1, 8), bytes(7, graph), bytes(8, opset)].concat()
    }

    fn read(&self) -> Result<NetworkFile, NetworkError> {
        parse(Path::new("net.onnx"), &self.encode())
    }
}

const HIDDEN: [f32; 6] = [1.0, 2.0, 0.5, -1.0, 0.25, 3.0];
/// The same for a node that wants a column for each neuron.
const HIDDEN_T: [f32; 6] = [1.0, 0.5, 0.25, 2.0, -1.0, 3.0];

/// x (2 features) → 3 neurons → 1 output, as PyTorch writes it.
fn gemm() -> Graph {
    let by_output = integer_attribute("transB", 1);
    Graph {
        nodes: vec![
            node(
                "Gemm",
                &["x", "w", "b"],
                "h",
                std::slice::from_ref(&by_output),
            ),
            node("Relu", &["h"], "r", &[]),
            node("Gemm", &["r", "a", "c"], "f", &[by_output]),
        ],
        tensors: vec![
            tensor("w", &[3, 2], &HIDDEN),
            tensor("b", &[3], &[0.5, 0.0, -0.125]),
            tensor("a", &[1, 3], &[1.0, -2.0, 4.0]),
            tensor("c", &[1], &[0.75]),
        ],
        inputs: vec![value("x", &[-1, 2])],
        outputs: vec![value("f", &[-1, 1])],
        opset: ("", 18),
    }
}

/// The same with MatMul and Add.
fn matmul() -> Graph {
    Graph {
        nodes: vec![
            node("MatMul", &["x", "w"], "xw", &[]),
            node("Add", &["xw", "b"], "h", &[]),
            node("Relu", &["h"], "r", &[]),
            node("MatMul", &["r", "a"], "ra", &[]),
            node("Add", &["ra", "c"], "f", &[]),
        ],
        tensors: vec![
            tensor("w", &[2, 3], &HIDDEN_T),
            tensor("b", &[3], &[0.5, 0.0, -0.125]),
            tensor("a", &[3, 1], &[1.0, -2.0, 4.0]),
            tensor("c", &[1], &[0.75]),
        ],
        ..gemm()
    }
}

fn rats(values: &[f32]) -> Vec<Rat> {
    values
        .iter()
        .map(|&x| crate::exact::f32_to_rat(x).expect("a number"))
        .collect()
}

fn expected() -> Network {
    Network {
        hidden_weights: HIDDEN.chunks(2).map(rats).collect(),
        hidden_bias: Some(rats(&[0.5, 0.0, -0.125])),
        output_weights: rats(&[1.0, -2.0, 4.0]),
        output_bias: rats(&[0.75]).pop(),
    }
}

fn with(graph: Graph, change: impl FnOnce(&mut Graph)) -> Graph {
    let mut graph = graph;
    change(&mut graph);
    graph
}

#[test]
fn one_network_in_many_spellings() {
    let doubles: Bytes = HIDDEN
        .iter()
        .flat_map(|&x| f64::from(x).to_le_bytes())
        .collect();
    let cases: Vec<(&str, Graph)> = vec![
        ("Gemm", gemm()),
        ("MatMul and Add", matmul()),
        (
            "Gemm without transB",
            with(gemm(), |g| {
                g.nodes[0] = node("Gemm", &["x", "w", "b"], "h", &[]);
                g.tensors[0] = tensor("w", &[2, 3], &HIDDEN_T);
            }),
        ),
        (
            "the bias first",
            with(matmul(), |g| {
                g.nodes[1] = node("Add", &["b", "xw"], "h", &[])
            }),
        ),
        (
            "a bias of shape (1, m)",
            with(matmul(), |g| {
                g.tensors[1] = tensor("b", &[1, 3], &[0.5, 0.0, -0.125])
            }),
        ),
        (
            "a scalar output bias",
            with(matmul(), |g| g.tensors[3] = tensor("c", &[], &[0.75])),
        ),
        (
            "Gemm, then Add",
            with(gemm(), |g| {
                g.nodes[2] = node(
                    "Gemm",
                    &["r", "a", ""],
                    "ra",
                    &[
                        integer_attribute("transB", 1),
                        float_attribute("alpha", 1.0),
                    ],
                );
                g.nodes.push(node("Add", &["ra", "c"], "f", &[]));
            }),
        ),
        (
            "a Constant node",
            with(gemm(), |g| {
                let weights = tensor_attribute("value", tensor("", &[3, 2], &HIDDEN));
                g.nodes.insert(0, node("Constant", &[], "w", &[weights]));
                g.tensors.remove(0);
            }),
        ),
        (
            "a Constant that is one number",
            with(matmul(), |g| {
                let bias = float_attribute("value_float", 0.75);
                g.nodes.insert(0, node("Constant", &[], "c", &[bias]));
                g.tensors.pop();
            }),
        ),
        (
            "Transpose and Identity of constants",
            with(gemm(), |g| {
                g.nodes[0] = node("Gemm", &["x", "w_t", "b_i"], "h", &[]);
                g.nodes.insert(0, node("Transpose", &["w"], "w_t", &[]));
                g.nodes.insert(0, node("Identity", &["b"], "b_i", &[]));
            }),
        ),
        (
            "Identity of the flow",
            with(gemm(), |g| {
                g.nodes[1] = node("Relu", &["h2"], "r", &[]);
                g.nodes.insert(1, node("Identity", &["h"], "h2", &[]));
            }),
        ),
        (
            "Cast and Flatten before, Squeeze after, its axes unread",
            with(gemm(), |g| {
                g.nodes[0] = node(
                    "Gemm",
                    &["x2", "w", "b"],
                    "h",
                    &[integer_attribute("transB", 1)],
                );
                g.nodes.insert(0, node("Flatten", &["x1"], "x2", &[]));
                let double = integer_attribute("to", 11);
                g.nodes.insert(0, node("Cast", &["x"], "x1", &[double]));
                g.nodes.push(node("Squeeze", &["f", "axes"], "end", &[]));
                let axes = [shape(&[1]), int(2, 7), bytes(8, "axes"), int(7, 1)].concat();
                g.tensors.push(axes);
                g.outputs = vec![value("end", &[-1])];
            }),
        ),
        (
            "output weights without a second dimension",
            with(matmul(), |g| {
                g.tensors[2] = tensor("a", &[3], &[1.0, -2.0, 4.0])
            }),
        ),
        (
            "initialisers among the inputs, as before IR 4",
            with(gemm(), |g| {
                g.inputs.push(value("w", &[3, 2]));
                g.inputs.insert(0, value("b", &[3]));
            }),
        ),
        (
            "a fixed batch",
            with(gemm(), |g| g.inputs = vec![value("x", &[1, 2])]),
        ),
        (
            "one sample",
            with(matmul(), |g| g.inputs = vec![value("x", &[2])]),
        ),
        (
            "an input without a shape",
            with(gemm(), |g| g.inputs = vec![bytes(1, "x")]),
        ),
        ("opset 7", with(gemm(), |g| g.opset.1 = 7)),
        (
            "the domain by its name",
            with(gemm(), |g| g.opset.0 = "ai.onnx"),
        ),
        (
            "nodes that the output does not need",
            with(gemm(), |g| {
                g.nodes.insert(1, node("Softmax", &["h"], "s", &[]));
                g.nodes.push(node("Shape", &["f"], "shape", &[]));
            }),
        ),
        (
            "float_data",
            with(gemm(), |g| {
                g.tensors[0] = [
                    shape(&[3, 2]),
                    int(2, 1),
                    bytes(4, floats(&HIDDEN)),
                    bytes(8, "w"),
                ]
                .concat();
            }),
        ),
        (
            "float_data, not packed",
            with(gemm(), |g| {
                let each: Bytes = HIDDEN
                    .iter()
                    .flat_map(|&x| [varint(4 << 3 | 5), floats(&[x])].concat())
                    .collect();
                g.tensors[0] = [shape(&[3, 2]), int(2, 1), each, bytes(8, "w")].concat();
            }),
        ),
        (
            "double_data",
            with(gemm(), |g| {
                g.tensors[0] = [
                    shape(&[3, 2]),
                    int(2, 11),
                    bytes(10, &doubles),
                    bytes(8, "w"),
                ]
                .concat();
            }),
        ),
        (
            "a packed shape",
            with(gemm(), |g| {
                g.tensors[0] = [
                    bytes(1, [3, 2]),
                    int(2, 1),
                    bytes(8, "w"),
                    bytes(9, floats(&HIDDEN)),
                ]
                .concat();
            }),
        ),
        (
            "half precision, raw and as integers",
            with(gemm(), |g| {
                // 0.75 is 0x3a00; 0.5, 0 and −0.125 are 0x3800, 0 and 0xb000.
                g.tensors[3] = [shape(&[1]), int(2, 10), bytes(8, "c"), int(5, 0x3a00)].concat();
                let raw = [0x00, 0x38, 0, 0, 0x00, 0xb0];
                g.tensors[1] = [shape(&[3]), int(2, 10), bytes(8, "b"), bytes(9, raw)].concat();
            }),
        ),
    ];
    for (name, graph) in cases {
        let file = graph.read().unwrap_or_else(|e| panic!("{name}: {e}"));
        assert_eq!(file.network, expected(), "{name}");
        assert_eq!(file.activation, Some(Activation::relu()), "{name}");
        assert_eq!(file.notes, Vec::<String>::new(), "{name}");
    }
    assert_eq!(gemm().read().expect("a network").float, Some(Float::F32));
}

#[test]
fn layers_without_a_bias_have_none() {
    let graph = with(matmul(), |g| {
        g.nodes.retain(|node| !node.windows(3).any(|w| w == b"Add"));
        g.nodes[1] = node("Relu", &["xw"], "r", &[]);
        g.outputs = vec![value("ra", &[-1, 1])];
    });
    let network = graph.read().expect("a network").network;
    assert_eq!((network.hidden_bias, network.output_bias), (None, None));
    // A bias times 0 is none either.
    let graph = with(gemm(), |g| {
        let attributes = [integer_attribute("transB", 1), float_attribute("beta", 0.0)];
        g.nodes[2] = node("Gemm", &["r", "a", "c"], "f", &attributes);
    });
    assert_eq!(graph.read().expect("a network").network.output_bias, None);
}

#[test]
fn factors_of_gemm_are_multiplied_in_and_noted() {
    let graph = with(gemm(), |g| {
        let attributes = [
            integer_attribute("transB", 1),
            float_attribute("alpha", 0.5),
            float_attribute("beta", 3.0),
        ];
        g.nodes[2] = node("Gemm", &["r", "a", "c"], "f", &attributes);
    });
    let file = graph.read().expect("a network");
    assert_eq!(file.network.output_weights, rats(&[0.5, -1.0, 2.0]));
    assert_eq!(file.network.output_bias, rats(&[2.25]).pop());
    assert_eq!(file.notes.len(), 2);
    assert!(
        file.notes[0].contains("`the_f` (Gemm): alpha = 0.5"),
        "{:?}",
        file.notes
    );
}

#[test]
fn activations_keep_the_bits_of_their_slope() {
    let read = |op: &str, attributes: &[Bytes]| {
        let graph = with(gemm(), |g| g.nodes[1] = node(op, &["h"], "r", attributes));
        graph.read().map(|file| file.activation.expect("known"))
    };
    let leaky = |slope: f32| Activation::leaky(rats(&[slope]).remove(0)).expect("a slope");
    assert_eq!(read("LeakyRelu", &[]).expect("default"), leaky(0.01));
    for slope in [0.2, 0.0, 1.0, -0.3] {
        let found = read("LeakyRelu", &[float_attribute("alpha", slope)]);
        assert_eq!(found.expect("a slope"), leaky(slope));
    }
    assert_eq!(read("Abs", &[]).expect("abs"), Activation::abs());
    for slope in [1.5, f32::NAN, f32::INFINITY] {
        let error = read("LeakyRelu", &[float_attribute("alpha", slope)]).expect_err("no slope");
        assert!(error.to_string().contains("`the_r` (LeakyRelu)"), "{error}");
    }
}

#[test]
fn the_first_node_outside_the_shape_is_named() {
    let cases: Vec<(Graph, &str, &str)> = vec![
        (
            with(gemm(), |g| g.nodes[1] = node("Sigmoid", &["h"], "r", &[])),
            "`the_r` (Sigmoid)",
            "Relu or LeakyRelu is expected",
        ),
        (
            with(matmul(), |g| g.nodes[1] = node("Tanh", &["xw"], "h", &[])),
            "`the_h` (Tanh)",
            "Add of the hidden bias",
        ),
        (
            with(gemm(), |g| {
                g.nodes
                    .insert(0, node("BatchNormalization", &["x"], "w", &[]))
            }),
            "`the_w` (BatchNormalization)",
            "the first layer",
        ),
        (
            with(gemm(), |g| {
                g.nodes[1] = node("Identity", &["h"], "r", &[]);
            }),
            "`the_f` (Gemm)",
            "Relu or LeakyRelu is expected",
        ),
        (
            with(gemm(), |g| {
                g.nodes.push(node("Relu", &["f"], "f2", &[]));
                g.outputs = vec![value("f2", &[-1, 1])];
            }),
            "`the_f2` (Relu)",
            "the end of the graph is expected",
        ),
        (
            with(matmul(), |g| {
                g.nodes.push(node("MatMul", &["f", "c"], "f2", &[]));
                g.outputs = vec![value("f2", &[-1, 1])];
            }),
            "`the_f2` (MatMul)",
            "the end of the graph",
        ),
        (
            with(matmul(), |g| {
                g.nodes[2] = node("Relu", &["h2"], "r", &[]);
                g.nodes.insert(2, node("Add", &["h", "b"], "h2", &[]));
            }),
            "`the_h2` (Add)",
            "Relu or LeakyRelu",
        ),
        (
            with(matmul(), |g| {
                g.nodes[1] = node("Add", &["xw", "xw"], "h", &[])
            }),
            "`the_h` (Add)",
            "Relu or LeakyRelu, or Add",
        ),
        (
            with(matmul(), |g| {
                g.nodes[0] = node("MatMul", &["w", "x"], "xw", &[])
            }),
            "`the_xw` (MatMul)",
            "rows of the input come first",
        ),
        (
            with(matmul(), |g| {
                g.nodes[0] = node("MatMul", &["x", "xw"], "xw", &[])
            }),
            "`the_xw` (MatMul)",
            "`xw` is not computed by a node before it",
        ),
        (
            with(gemm(), |g| g.nodes.reverse()),
            "`the_f` (Gemm)",
            "`r` is not computed by a node before it",
        ),
        (
            with(gemm(), |g| {
                g.nodes[0] = node(
                    "Gemm",
                    &["x", "w", "b"],
                    "h",
                    &[integer_attribute("transA", 1)],
                );
            }),
            "`the_h` (Gemm)",
            "transA",
        ),
        (
            with(gemm(), |g| g.nodes[0] = node("Gemm", &["x"], "h", &[])),
            "`the_h` (Gemm)",
            "1 inputs",
        ),
        (
            with(gemm(), |g| {
                g.nodes[0] = node("Gemm", &["x", "w", "b"], "h", &[])
            }),
            "`the_h` (Gemm)",
            "take 3 inputs where there are 2",
        ),
        (
            with(gemm(), |g| g.tensors[1] = tensor("b", &[2], &[0.5, 0.0])),
            "`the_h` (Gemm)",
            "`b` has the shape (2,) where (3,) is needed",
        ),
        (
            with(gemm(), |g| g.tensors[1] = tensor("b", &[], &[0.5])),
            "`the_h` (Gemm)",
            "`b` has the shape ()",
        ),
        (
            with(gemm(), |g| g.tensors[2] = tensor("a", &[1, 4], &[1.0; 4])),
            "`the_f` (Gemm)",
            "take 4 inputs where there are 3",
        ),
        (
            with(gemm(), |g| g.tensors[0] = tensor("w", &[3, 2, 1], &HIDDEN)),
            "`the_h` (Gemm)",
            "shape (3, 2, 1)",
        ),
        (
            with(gemm(), |g| {
                g.tensors[0] = tensor("w", &[3, 2], &[1.0, f32::NAN, 0.0, 0.0, 0.0, 0.0]);
            }),
            "`the_h` (Gemm)",
            "`w[0][1]`: NaN",
        ),
        (
            with(gemm(), |g| {
                g.tensors[0] = tensor("w", &[3, 2], &HIDDEN[..5])
            }),
            "`the_h` (Gemm)",
            "20 bytes of data where 24 are needed",
        ),
        (
            with(gemm(), |g| {
                g.tensors[0] = tensor("w", &[1 << 40, 1 << 40], &HIDDEN)
            }),
            "`the_h` (Gemm)",
            "too many entries",
        ),
        (
            with(gemm(), |g| g.tensors[0] = tensor("w", &[-3, -2], &HIDDEN)),
            "`the_h` (Gemm)",
            "negative",
        ),
        (
            with(gemm(), |g| {
                let domain = bytes(7, "com.example");
                g.nodes[1].extend(domain);
            }),
            "`the_r` (Relu)",
            "com.example",
        ),
        (
            with(gemm(), |g| {
                let cast = integer_attribute("to", 1);
                g.nodes[1] = node("Cast", &["h"], "r", &[cast]);
            }),
            "`the_r` (Cast)",
            "Relu or LeakyRelu",
        ),
        (
            with(gemm(), |g| {
                g.nodes.insert(
                    0,
                    node("Constant", &[], "w", &[integer_attribute("value_int", 3)]),
                );
            }),
            "`the_w` (Constant)",
            "not a tensor of floats",
        ),
    ];
    for (graph, place, message) in cases {
        let error = graph.read().expect_err(message);
        assert!(matches!(error, NetworkError::Node { .. }), "{error:?}");
        let text = error.to_string();
        assert!(
            text.contains(place) && text.contains(message),
            "{place}, {message}: {text}"
        );
    }
}

#[test]
fn files_that_are_something_else_are_refused() {
    let cases: Vec<(Bytes, &str)> = vec![
        (Vec::new(), "no graph"),
        (b"{\"hidden_weights\": []}".to_vec(), "no ONNX file"),
        (gemm().encode()[..100].to_vec(), "are announced"),
        (with(gemm(), |g| g.opset.1 = 6).encode(), "opset) is 6"),
        (
            with(gemm(), |g| g.inputs.push(value("z", &[1, 2]))).encode(),
            "2 inputs",
        ),
        (with(gemm(), |g| g.inputs.clear()).encode(), "0 inputs"),
        (with(gemm(), |g| g.outputs.clear()).encode(), "0 outputs"),
        (
            with(gemm(), |g| g.outputs = vec![value("w", &[1])]).encode(),
            "does not depend on the input",
        ),
        (
            with(gemm(), |g| g.outputs = vec![value("h", &[1])]).encode(),
            "ends where Relu or LeakyRelu is expected",
        ),
        (
            with(gemm(), |g| g.outputs = vec![value("x", &[1])]).encode(),
            "ends where the first layer",
        ),
        (
            with(gemm(), |g| g.inputs = vec![value("x", &[1, 3, 2])]).encode(),
            "3 dimensions",
        ),
        (
            with(gemm(), |g| g.nodes.push(node("Relu", &["h"], "r", &[]))).encode(),
            "`r` is computed twice",
        ),
        (
            with(gemm(), |g| g.tensors.push(tensor("w", &[3, 2], &HIDDEN))).encode(),
            "two tensors of this name",
        ),
        ([gemm().encode(), gemm().encode()].concat(), "two graphs"),
    ];
    for (bytes, message) in cases {
        let error = parse(Path::new("net.onnx"), &bytes).expect_err(message);
        assert!(error.to_string().contains(message), "{message}: {error}");
    }
    let graph = with(gemm(), |g| {
        g.tensors[2] = tensor("a", &[2, 3], &[1.0; 6]);
        g.tensors[3] = tensor("c", &[2], &[1.0; 2]);
    });
    let error = graph.read().expect_err("two outputs");
    assert!(
        matches!(&error, NetworkError::SeveralOutputs { field, outputs: 2, .. } if field == "a"),
        "{error:?}"
    );
}

/// A float32 tensor whose data are in another file.
fn external(name: &str, dims: &[i64], entries: &[(&str, &str)]) -> Bytes {
    let entries: Bytes = entries
        .iter()
        .flat_map(|(key, value)| bytes(13, [bytes(1, key), bytes(2, value)].concat()))
        .collect();
    [shape(dims), int(2, 1), bytes(8, name), entries, int(14, 1)].concat()
}

#[test]
fn external_data_come_from_the_folder_and_nowhere_else() {
    let folder = tempfile::tempdir().expect("a folder");
    let inside = folder.path().join("inside");
    std::fs::create_dir_all(inside.join("deeper")).expect("folders");
    let data = [vec![7u8; 8], floats(&HIDDEN)].concat();
    for place in ["outside", "inside/w.bin", "inside/deeper/w.bin"] {
        std::fs::write(folder.path().join(place), &data).expect("a file");
    }
    #[cfg(unix)]
    std::os::unix::fs::symlink("../outside", inside.join("link")).expect("a link");
    let absolute = folder.path().join("outside").display().to_string();
    type Case<'a> = (Vec<(&'a str, &'a str)>, Option<&'a str>);
    let cases: Vec<Case<'_>> = vec![
        (
            vec![("location", "w.bin"), ("offset", "8"), ("length", "24")],
            None,
        ),
        (vec![("location", "w.bin"), ("offset", "8")], None),
        (
            vec![
                ("location", "./deeper/w.bin"),
                ("offset", "8"),
                ("checksum", "?"),
            ],
            None,
        ),
        (
            vec![("location", "w.bin"), ("offset", "8"), ("length", "20")],
            Some("20 bytes"),
        ),
        (
            vec![("location", "w.bin"), ("offset", "12")],
            Some("too few for 24 from byte 12"),
        ),
        (
            vec![("location", "w.bin")],
            Some("25 bytes of data where 24"),
        ),
        (
            vec![("location", "w.bin"), ("offset", "18446744073709551615")],
            Some("too few"),
        ),
        (
            vec![("location", "w.bin"), ("offset", "-8")],
            Some("no number"),
        ),
        (
            vec![("location", "../outside"), ("offset", "8")],
            Some("outside the folder"),
        ),
        (
            vec![("location", "deeper/../../outside")],
            Some("outside the folder"),
        ),
        (
            vec![("location", &absolute), ("offset", "8")],
            Some("outside the folder"),
        ),
        #[cfg(unix)]
        (
            vec![("location", "link"), ("offset", "8")],
            Some("a link out of the folder"),
        ),
        (vec![("location", "deeper")], Some("is not a file")),
        (
            vec![("location", "missing.bin")],
            Some("the file `missing.bin`"),
        ),
        (vec![("location", "")], Some("outside the folder")),
        (vec![("offset", "8")], Some("not named")),
    ];
    for (entries, message) in cases {
        let graph = with(gemm(), |g| g.tensors[0] = external("w", &[3, 2], &entries));
        let path = inside.join("net.onnx");
        std::fs::write(&path, graph.encode()).expect("a file");
        match (NetworkFile::read(&path, &NetworkKeys::default()), message) {
            (Ok(file), None) => assert_eq!(file.network, expected(), "{entries:?}"),
            (Err(e), Some(message)) => assert!(e.to_string().contains(message), "{message}: {e}"),
            (Ok(_), Some(message)) => panic!("{entries:?} is read: {message}"),
            (Err(e), None) => panic!("{entries:?}: {e}"),
        }
    }
}

/// All networks of the fixtures that PyTorch exported, with the same network as tensors.
fn exported() -> Vec<(std::path::PathBuf, std::path::PathBuf)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/networks");
    let mut folders: Vec<_> = std::fs::read_dir(root.join("onnx"))
        .expect("the fixtures")
        .map(|entry| entry.expect("an entry").path())
        .chain([root.join("iris_adam_early")])
        .filter(|folder| folder.join("model.safetensors").exists())
        .collect();
    folders.sort();
    let mut list = Vec::new();
    for folder in folders {
        for name in [
            "model.onnx",
            "model_torchscript17.onnx",
            "model_default.onnx",
        ] {
            if folder.join(name).exists() {
                list.push((folder.join(name), folder.join("model.safetensors")));
            }
        }
    }
    list
}

#[test]
fn exported_networks_are_the_tensors_they_were_saved_as() {
    let list = exported();
    assert_eq!(list.len(), 19);
    let keys = NetworkKeys::default();
    let mut several = 0;
    for (onnx, tensors) in list {
        match (
            NetworkFile::read(&onnx, &keys),
            NetworkFile::read(&tensors, &keys),
        ) {
            (Ok(onnx_file), Ok(file)) => {
                assert_eq!(onnx_file.network, file.network, "{}", onnx.display());
                assert_eq!(onnx_file.float, file.float, "{}", onnx.display());
            }
            (
                Err(NetworkError::SeveralOutputs { outputs: 3, .. }),
                Err(NetworkError::SeveralOutputs { outputs: 3, .. }),
            ) => several += 1,
            (a, b) => panic!("{}: {a:?}, {b:?}", onnx.display()),
        }
    }
    assert_eq!(several, 2);
}

#[test]
fn an_exported_scikit_learn_network_is_read() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/networks/onnx/sklearn");
    let read = |name: &str| {
        NetworkFile::read(&folder.join(name), &NetworkKeys::default()).expect("a network")
    };
    let (single, double, arrays) = (
        read("model_f32.onnx"),
        read("model.onnx"),
        read("model.npz"),
    );
    assert_eq!(double.network, arrays.network);
    assert_eq!(
        (single.float, double.float),
        (Some(Float::F32), Some(Float::F64))
    );
    let rounded = |x: &Rat| rats(&[crate::exact::rat_to_f32(x)]).remove(0);
    let output: Vec<Rat> = arrays.network.output_weights.iter().map(rounded).collect();
    assert_eq!(single.network.output_weights, output);
    assert!(double.network.hidden_bias.is_some() && double.network.output_bias.is_some());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    /// Whatever happens to the bytes of a file, it is read or refused with a message.
    #[test]
    fn damaged_files_never_panic(
        which in 0usize..3,
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0u8..4), 1..6),
    ) {
        let mut bytes = match which {
            0 => gemm().encode(),
            1 => matmul().encode(),
            _ => include_bytes!("../../../fixtures/networks/onnx/ecg_ar3_adam/model_default.onnx").to_vec(),
        };
        for (index, byte, kind) in changes {
            let at = index.index(bytes.len().max(1));
            match kind {
                0 if !bytes.is_empty() => bytes[at] = byte,
                1 => bytes.insert(at, byte),
                2 if !bytes.is_empty() => { bytes.remove(at); }
                3 if byte < 32 => bytes.truncate(at),
                _ if !bytes.is_empty() => bytes[at] ^= 1 << (byte % 8),
                _ => {}
            }
        }
        if let Err(error) = parse(Path::new("net.onnx"), &bytes) {
            prop_assert!(!error.to_string().is_empty());
        }
    }
}
