//! From the graph of an ONNX file to the layers of a network.
//!
//! Every value that the output depends on is either a constant or a stage of the network: its input, the hidden layer before or after the
//! activation, or the output. A node takes a stage to the next one, or is refused by its name.

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::rc::Rc;

use num_traits::{One, Zero};

use super::model::{Attribute, Graph, Model, Node, TensorProto, Wrong};
use crate::exact::{Number, Rat, f32_to_rat, to_decimal};
use crate::problem::network::{Network, NetworkFile};
use crate::problem::tensor::{Kind, Tensor, show_shape};
use crate::problem::{Activation, Float, limits};

const SHAPE_HELP: &str = "a two-layer network is Gemm, or MatMul and Add, then Relu or LeakyRelu (or Abs), then Gemm, or MatMul and Add, with \
                          constant weights; export the model in evaluation mode, without what comes before or after it";
const NAN_HELP: &str =
    "a network with NaN or infinite parameters has no objective; was the training stable?";
/// The first version of the operators in which Gemm and Add broadcast as they do since.
const FIRST_OPSET: i64 = 7;

/// Operators that change the shape of a tensor and no entry.
const RESHAPING: [&str; 3] = ["Squeeze", "Reshape", "Flatten"];

/// A linear layer.
#[derive(Debug, Clone)]
struct Layer {
    /// A list of inputs for each output.
    weights: Vec<Vec<Rat>>,
    bias: Option<Vec<Rat>>,
    /// The tensor of the weights.
    name: String,
    inputs: usize,
}

/// How far a value is on the way through the network.
#[derive(Debug, Clone, Default)]
struct Stage {
    hidden: Option<Rc<Layer>>,
    activation: Option<Activation>,
    output: Option<Rc<Layer>>,
}

#[derive(Debug, Clone)]
enum Value {
    Constant { name: String, tensor: Rc<Tensor> },
    Stage(Stage),
}

/// A graph that is being followed.
struct Walk<'a> {
    path: &'a Path,
    initializers: HashMap<&'a str, &'a TensorProto<'a>>,
    values: HashMap<&'a str, Value>,
    /// The length of an input row, where the graph states it.
    inputs: Option<usize>,
    /// Float formats of the constants that became parameters.
    floats: Vec<Option<Float>>,
    notes: Vec<String>,
}

/// The network of a model; `path` is its file, in whose folder data may lie.
pub(super) fn network(model: &Model<'_>, path: &Path) -> Result<NetworkFile, Wrong> {
    let graph = model
        .graph
        .as_ref()
        .ok_or_else(|| Wrong::plain("this is no ONNX file: there is no graph in it"))?;
    let opset = model
        .opsets
        .iter()
        .find(|(domain, _)| is_standard(domain))
        .map_or(1, |&(_, version)| version);
    if opset < FIRST_OPSET {
        let message = format!("the version of the operators (opset) is {opset}");
        return Err(Wrong::plain(message)
            .help("networks of opset 7 and later are read: export with a newer opset_version"));
    }
    let mut walk = Walk::new(graph, path)?;
    let output = match graph.outputs.as_slice() {
        [output] => output.name,
        list => {
            let message = format!("the graph has {} outputs where one is needed", list.len());
            return Err(Wrong::plain(message).help("export a model that returns one tensor"));
        }
    };
    for node in needed(graph, output)? {
        let value = walk.step(node).map_err(|wrong| Wrong {
            node: Some(node.show()),
            ..wrong
        })?;
        let name = node.outputs.first().copied().unwrap_or("");
        if walk.values.insert(name, value).is_some() || walk.initializers.contains_key(name) {
            return Err(Wrong::plain(format!(
                "the value `{name}` is computed twice"
            )));
        }
    }
    match walk.values.remove(output) {
        Some(Value::Stage(stage)) => walk.finish(stage),
        _ => Err(Wrong::plain("the output does not depend on the input").help(SHAPE_HELP)),
    }
}

fn is_standard(domain: &str) -> bool {
    matches!(domain, "" | "ai.onnx")
}

/// The nodes that the output depends on, in the order of the file.
fn needed<'g, 'a>(graph: &'g Graph<'a>, output: &'a str) -> Result<Vec<&'g Node<'a>>, Wrong> {
    let mut producer = HashMap::new();
    for (index, node) in graph.nodes.iter().enumerate() {
        for name in node.outputs.iter().filter(|name| !name.is_empty()) {
            if producer.insert(*name, index).is_some() {
                return Err(Wrong::plain(format!(
                    "the value `{name}` is computed twice"
                )));
            }
        }
    }
    let mut chosen = HashSet::new();
    let mut open = vec![output];
    while let Some(name) = open.pop() {
        if let Some(&index) = producer.get(name)
            && chosen.insert(index)
        {
            let node = &graph.nodes[index];
            // What follows the first input of these is a shape, which plays no part.
            let used = if RESHAPING.contains(&node.op) {
                1
            } else {
                usize::MAX
            };
            open.extend(node.inputs.iter().take(used).copied());
        }
    }
    let nodes = graph.nodes.iter().enumerate();
    Ok(nodes
        .filter(|(index, _)| chosen.contains(index))
        .map(|(_, node)| node)
        .collect())
}

impl<'a> Walk<'a> {
    fn new(graph: &'a Graph<'a>, path: &'a Path) -> Result<Self, Wrong> {
        if graph.sparse > 0 {
            let message = "the graph has sparse initialisers, which are not read";
            return Err(Wrong::plain(message).help("export the weights as dense tensors"));
        }
        let mut initializers = HashMap::new();
        for tensor in &graph.initializers {
            if initializers.insert(tensor.name, tensor).is_some() {
                let message = "there are two tensors of this name";
                return Err(Wrong::tensor(
                    tensor.name,
                    message,
                    super::model::DAMAGED_HELP,
                ));
            }
        }
        // Old files list the initialisers among the inputs, too.
        let given: Vec<_> = graph
            .inputs
            .iter()
            .filter(|input| !initializers.contains_key(input.name))
            .collect();
        let &[input] = given.as_slice() else {
            let message = format!("the graph has {} inputs where one is needed", given.len());
            return Err(Wrong::plain(message).help("export a model that takes one tensor"));
        };
        let last = match input.shape.as_deref() {
            None => None,
            Some(&[last] | &[_, last]) => last,
            Some(shape) => {
                let message = format!("the input `{}` has {} dimensions", input.name, shape.len());
                return Err(Wrong::plain(message)
                    .help("the input of the network is a table of shape (batch, d)"));
            }
        };
        let values = HashMap::from([(input.name, Value::Stage(Stage::default()))]);
        Ok(Walk {
            path,
            initializers,
            values,
            inputs: last.and_then(|length| usize::try_from(length).ok()),
            floats: Vec::new(),
            notes: Vec::new(),
        })
    }

    /// An input of a node.
    fn value(&self, name: &str) -> Result<Value, Wrong> {
        if let Some(value) = self.values.get(name) {
            return Ok(value.clone());
        }
        let proto = self.initializers.get(name).ok_or_else(|| {
            Wrong::plain(format!(
                "its input `{name}` is not computed by a node before it"
            ))
        })?;
        Ok(Value::Constant {
            name: name.to_owned(),
            tensor: Rc::new(proto.load(name, self.path)?),
        })
    }

    /// All inputs of a node that are there.
    fn values(&self, node: &Node<'_>, least: usize, most: usize) -> Result<Vec<Value>, Wrong> {
        let mut names = node.inputs.as_slice();
        while let [before @ .., ""] = names {
            names = before;
        }
        if !(least..=most).contains(&names.len()) {
            return Err(Wrong::plain(format!("it has {} inputs", names.len())));
        }
        names.iter().map(|name| self.value(name)).collect()
    }

    /// The value that a node computes.
    fn step(&mut self, node: &Node<'_>) -> Result<Value, Wrong> {
        if !is_standard(node.domain) {
            let message = format!("the operator is of the domain `{}`", node.domain);
            return Err(Wrong::plain(message).help(SHAPE_HELP));
        }
        if let Some(odd) = node.attributes.iter().find(|a| a.reference) {
            return Err(Wrong::plain(format!(
                "its attribute `{}` is that of a function",
                odd.name
            )));
        }
        match node.op {
            "Constant" => constant(node, self.path),
            "Identity" => one(self.values(node, 1, 1)?),
            "Transpose" => transpose(node, one(self.values(node, 1, 1)?)?),
            "Gemm" => self.gemm(node),
            "MatMul" => self.matmul(node),
            "Add" => self.add(node),
            "Relu" | "LeakyRelu" | "Abs" => self.activate(node),
            "Cast" => self.pass(node),
            op if RESHAPING.contains(&op) => self.pass(node),
            _ => Err(self.unexpected(node)),
        }
    }

    /// The error for an operator that no two-layer network has: it says what could stand there.
    fn unexpected(&self, node: &Node<'_>) -> Wrong {
        let stage = node.inputs.iter().find_map(|name| match self.value(name) {
            Ok(Value::Stage(stage)) => Some(stage),
            _ => None,
        });
        let expected = stage.map_or("a constant or the input of the network", |s| s.next());
        Wrong::plain(format!("{expected} is expected here")).help(SHAPE_HELP)
    }

    /// The stage among a linear node's values, if it is the first, nothing else is one, and a layer may come next.
    fn stage_first(&self, node: &Node<'_>, values: &[Value]) -> Result<Stage, Wrong> {
        match values {
            [Value::Stage(stage), rest @ ..]
                if !rest.iter().any(|v| matches!(v, Value::Stage(_))) =>
            {
                if stage.wants_layer() {
                    Ok(stage.clone())
                } else {
                    Err(self.unexpected(node))
                }
            }
            [Value::Constant { .. }, ..] => Err(Wrong::plain(
                "its first factor is a constant: rows of the input come first",
            )
            .help(SHAPE_HELP)),
            _ => Err(self.unexpected(node)),
        }
    }

    fn gemm(&mut self, node: &Node<'_>) -> Result<Value, Wrong> {
        let (alpha, beta) = (number(node, "alpha", 1.0)?, number(node, "beta", 1.0)?);
        if integer(node, "transA", 0) != 0 {
            let message = "transA = 1: the batch is in the second dimension of the input";
            return Err(Wrong::plain(message).help(SHAPE_HELP));
        }
        let values = self.values(node, 2, 3)?;
        let stage = self.stage_first(node, &values)?;
        let (name, tensor) = values[1].constant()?;
        let tensor = tensor.clone();
        let by_outputs = match integer(node, "transB", 0) {
            0 => tensor.transposed(),
            _ => tensor,
        };
        let mut layer = self.layer(&stage, name, &by_outputs)?;
        if let Some(bias) = values.get(2).filter(|_| !beta.is_zero()) {
            layer.bias = Some(self.bias(bias, layer.weights.len())?);
        }
        self.scale(node, &mut layer, &alpha, &beta);
        Ok(Value::Stage(stage.with_layer(layer)))
    }

    /// Multiplies the factors of Gemm into a layer.
    fn scale(&mut self, node: &Node<'_>, layer: &mut Layer, alpha: &Rat, beta: &Rat) {
        let bias = layer.bias.iter_mut().flatten();
        let parts = [
            ("alpha", alpha, layer.weights.iter_mut().flatten().collect()),
            ("beta", beta, bias.collect::<Vec<_>>()),
        ];
        for (factor, by, entries) in parts {
            if by.is_one() || entries.is_empty() {
                continue;
            }
            for entry in entries {
                *entry *= by;
            }
            self.notes.push(format!(
                "node {}: {factor} = {} is multiplied into the parameters; the penalty counts the products",
                node.show(),
                to_decimal(by, 9, crate::exact::Round::Nearest)
            ));
        }
    }

    fn matmul(&mut self, node: &Node<'_>) -> Result<Value, Wrong> {
        let values = self.values(node, 2, 2)?;
        let stage = self.stage_first(node, &values)?;
        let (name, tensor) = values[1].constant()?;
        let mut by_outputs = tensor.clone().transposed();
        if let [inputs] = by_outputs.shape[..] {
            by_outputs.shape = vec![1, inputs];
        }
        let layer = self.layer(&stage, name, &by_outputs)?;
        Ok(Value::Stage(stage.with_layer(layer)))
    }

    fn add(&mut self, node: &Node<'_>) -> Result<Value, Wrong> {
        let values = self.values(node, 2, 2)?;
        let (stage, bias) = match values.as_slice() {
            [Value::Stage(stage), bias @ Value::Constant { .. }]
            | [bias @ Value::Constant { .. }, Value::Stage(stage)] => (stage, bias),
            _ => return Err(self.unexpected(node)),
        };
        let mut stage = stage.clone();
        let layer = match &mut stage {
            Stage {
                output: Some(layer),
                ..
            }
            | Stage {
                hidden: Some(layer),
                activation: None,
                ..
            } if layer.bias.is_none() => layer,
            _ => return Err(self.unexpected(node)),
        };
        let outputs = layer.weights.len();
        Rc::make_mut(layer).bias = Some(self.bias(bias, outputs)?);
        Ok(Value::Stage(stage))
    }

    fn activate(&mut self, node: &Node<'_>) -> Result<Value, Wrong> {
        let values = self.values(node, 1, 1)?;
        let stage = match one(values)? {
            Value::Stage(stage) if stage.hidden.is_some() && stage.activation.is_none() => stage,
            _ => return Err(self.unexpected(node)),
        };
        let activation = match node.op {
            "Relu" => Activation::relu(),
            "Abs" => Activation::abs(),
            _ => Activation::leaky(number(node, "alpha", 0.01)?).map_err(|e| {
                Wrong::plain(e.to_string()).help("LeakyRelu is max(alpha·t, t) for alpha ≤ 1 only")
            })?,
        };
        Ok(Value::Stage(Stage {
            activation: Some(activation),
            ..stage
        }))
    }

    /// Nodes that change the type of the input or the shape of the single output, and no number.
    fn pass(&mut self, node: &Node<'_>) -> Result<Value, Wrong> {
        let first = self.value(node.inputs.first().copied().unwrap_or(""))?;
        let Value::Stage(stage) = &first else {
            return Err(self.unexpected(node));
        };
        let start = stage.hidden.is_none();
        let end = stage.output.as_ref().is_some_and(|o| o.weights.len() == 1);
        let float = matches!(integer(node, "to", 1), 1 | 11);
        match node.op {
            "Cast" if (start || end) && float => Ok(first),
            "Flatten" if start && integer(node, "axis", 1) == 1 => Ok(first),
            op if end && RESHAPING.contains(&op) => Ok(first),
            _ => Err(self.unexpected(node)),
        }
    }

    /// A linear layer on a stage; the tensor has a row for each output.
    fn layer(&mut self, stage: &Stage, name: &str, tensor: &Tensor) -> Result<Layer, Wrong> {
        let &[outputs, inputs] = tensor.shape.as_slice() else {
            let message = format!(
                "the weights `{name}` have the shape {}",
                show_shape(&tensor.shape)
            );
            return Err(Wrong::plain(message).help(SHAPE_HELP));
        };
        let before = match &stage.hidden {
            Some(hidden) => Some(hidden.weights.len()),
            None => self.inputs,
        };
        if inputs == 0 || before.is_some_and(|before| before != inputs) {
            let before = before.map_or_else(|| "some".to_owned(), |n| n.to_string());
            return Err(Wrong::plain(format!(
                "the weights `{name}` take {inputs} inputs where there are {before}"
            ))
            .help(SHAPE_HELP));
        }
        if outputs > limits::NEURONS {
            let message = format!("{outputs} neurons, more than {}", limits::NEURONS);
            return Err(Wrong::tensor(name, message, "use a narrower network"));
        }
        let entries = self.numbers(name, tensor)?;
        Ok(Layer {
            weights: entries.chunks(inputs).map(<[Rat]>::to_vec).collect(),
            bias: None,
            name: name.to_owned(),
            inputs,
        })
    }

    /// A bias for this many outputs.
    fn bias(&mut self, value: &Value, outputs: usize) -> Result<Vec<Rat>, Wrong> {
        let (name, tensor) = value.constant()?;
        match tensor.shape.as_slice() {
            [length] | [1, length] if *length == outputs => {}
            [] if outputs == 1 => {}
            shape => {
                return Err(Wrong::plain(format!(
                    "the bias `{name}` has the shape {} where ({outputs},) is needed",
                    show_shape(shape)
                ))
                .help(SHAPE_HELP));
            }
        }
        self.numbers(name, tensor)
    }

    fn numbers(&mut self, name: &str, tensor: &Tensor) -> Result<Vec<Rat>, Wrong> {
        let numbers = tensor.numbers().map_err(|(position, value)| {
            let indices: String = position.iter().map(|i| format!("[{i}]")).collect();
            let message = format!("`{name}{indices}`: {value:?} is not a finite number");
            Wrong::plain(message).help(NAN_HELP)
        })?;
        self.floats.push(tensor.float());
        Ok(numbers.iter().map(Number::to_rat).collect())
    }

    fn finish(self, stage: Stage) -> Result<NetworkFile, Wrong> {
        let (Some(hidden), Some(activation), Some(output)) =
            (&stage.hidden, &stage.activation, &stage.output)
        else {
            let message = format!("the graph ends where {} is expected", stage.next());
            return Err(Wrong::plain(message).help(SHAPE_HELP));
        };
        if output.weights.len() != 1 {
            return Err(Wrong {
                outputs: Some(output.weights.len()),
                ..Wrong::tensor(&output.name, "", SHAPE_HELP)
            });
        }
        let mut floats = self.floats.into_iter();
        let float = match floats.next().flatten() {
            Some(Float::F32) if floats.all(|float| float == Some(Float::F32)) => Some(Float::F32),
            Some(_) => Some(Float::F64),
            None => None,
        };
        debug_assert_eq!(output.inputs, hidden.weights.len());
        Ok(NetworkFile {
            network: Network {
                hidden_weights: hidden.weights.clone(),
                hidden_bias: hidden.bias.clone(),
                output_weights: output.weights[0].clone(),
                output_bias: output.bias.as_ref().and_then(|bias| bias.first().cloned()),
            },
            float,
            activation: Some(activation.clone()),
            notes: self.notes,
        })
    }
}

impl Stage {
    /// What may come next, in words.
    fn next(&self) -> &'static str {
        let biased = |layer: &Rc<Layer>| layer.bias.is_some();
        match (&self.hidden, &self.activation, &self.output) {
            (None, ..) => "the first layer (Gemm, or MatMul and Add)",
            (Some(hidden), None, _) if biased(hidden) => "Relu or LeakyRelu",
            (Some(_), None, _) => "Relu or LeakyRelu, or Add of the hidden bias,",
            (_, Some(_), None) => "the second layer (Gemm, or MatMul and Add)",
            (_, _, Some(output)) if biased(output) => "the end of the graph",
            (_, _, Some(_)) => "the end of the graph, or Add of the output bias,",
        }
    }

    /// Whether a linear layer may come next.
    fn wants_layer(&self) -> bool {
        match (&self.hidden, &self.activation, &self.output) {
            (None, ..) => true,
            (_, activation, output) => activation.is_some() && output.is_none(),
        }
    }

    /// The stage after a linear layer, where one may come.
    fn with_layer(self, layer: Layer) -> Self {
        let layer = Some(Rc::new(layer));
        if self.hidden.is_none() {
            Stage {
                hidden: layer,
                ..self
            }
        } else {
            Stage {
                output: layer,
                ..self
            }
        }
    }
}

impl Value {
    fn constant(&self) -> Result<(&str, &Tensor), Wrong> {
        match self {
            Value::Constant { name, tensor } => Ok((name, tensor)),
            Value::Stage(_) => Err(Wrong::plain("it needs constants").help(SHAPE_HELP)),
        }
    }
}

/// The only value of a list.
fn one(values: Vec<Value>) -> Result<Value, Wrong> {
    values
        .into_iter()
        .next()
        .ok_or_else(|| Wrong::plain("it has no input"))
}

fn attribute<'n, 'a>(node: &'n Node<'a>, name: &str) -> Option<&'n Attribute<'a>> {
    node.attributes.iter().find(|a| a.name == name)
}

fn integer(node: &Node<'_>, name: &str, default: i64) -> i64 {
    attribute(node, name)
        .and_then(|a| a.integer)
        .unwrap_or(default)
}

/// A float attribute as the rational it is.
fn number(node: &Node<'_>, name: &str, default: f32) -> Result<Rat, Wrong> {
    let value = attribute(node, name)
        .and_then(|a| a.float)
        .unwrap_or(default);
    f32_to_rat(value)
        .ok_or_else(|| Wrong::plain(format!("{name} = {value} is not a finite number")))
}

fn constant(node: &Node<'_>, path: &Path) -> Result<Value, Wrong> {
    let name = node.outputs.first().copied().unwrap_or("").to_owned();
    let tensor = match node.attributes.as_slice() {
        [a] if a.name == "value" => match &a.tensor {
            Some(proto) => proto.load(&name, path)?,
            None => return Err(Wrong::plain("its value is no tensor")),
        },
        [a] if a.name == "value_float" => {
            let bytes = a.float.unwrap_or(0.0).to_le_bytes().to_vec();
            Tensor::little_endian(Vec::new(), Kind::Single, bytes)
        }
        [a] if a.name == "value_floats" => {
            Tensor::little_endian(vec![a.floats.len() / 4], Kind::Single, a.floats.clone())
        }
        _ => return Err(Wrong::plain("its value is not a tensor of floats").help(SHAPE_HELP)),
    };
    Ok(Value::Constant {
        name,
        tensor: Rc::new(tensor),
    })
}

/// The transposed constant.
fn transpose(node: &Node<'_>, value: Value) -> Result<Value, Wrong> {
    let Value::Constant { name, tensor } = value else {
        return Err(Wrong::plain("it transposes what is not constant").help(SHAPE_HELP));
    };
    let order = attribute(node, "perm").map_or(&[][..], |a| a.integers.as_slice());
    let tensor = match (order, tensor.shape.len()) {
        ([], 1 | 2) | ([1, 0], 2) => tensor.as_ref().clone().transposed(),
        ([0, 1], 2) | ([0], 1) => tensor.as_ref().clone(),
        _ => return Err(Wrong::plain("it transposes what is no matrix").help(SHAPE_HELP)),
    };
    Ok(Value::Constant {
        name,
        tensor: Rc::new(tensor),
    })
}
