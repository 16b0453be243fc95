//! The parts of an ONNX file that a small network needs: graph, nodes, attributes, tensors.
//!
//! Field numbers are those of the schema of ONNX (onnx.proto3). Strings are borrowed from the file.

use super::wire::{Message, Payload};

/// What is wrong with a file, without the file's name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wrong {
    pub message: String,
    pub help: &'static str,
    /// The node it is about, as it is shown.
    pub node: Option<String>,
    /// The tensor it is about.
    pub tensor: Option<String>,
    /// How many outputs the network has, where that is what is wrong.
    pub outputs: Option<usize>,
}

pub(super) const DAMAGED_HELP: &str =
    "the file seems to be cut off or damaged, or is no ONNX file: export the network again";

impl Wrong {
    pub fn plain(message: impl Into<String>) -> Self {
        Wrong {
            message: message.into(),
            help: DAMAGED_HELP,
            node: None,
            tensor: None,
            outputs: None,
        }
    }

    pub fn damaged(at: usize, what: &str) -> Self {
        Wrong::plain(format!("this is no ONNX file: {what} at byte {at}"))
    }

    pub fn tensor(name: &str, message: impl Into<String>, help: &'static str) -> Self {
        Wrong {
            help,
            tensor: Some(name.to_owned()),
            ..Wrong::plain(message)
        }
    }

    pub fn help(self, help: &'static str) -> Self {
        Wrong { help, ..self }
    }
}

/// A file: its graph, and the version of the operators' definitions.
#[derive(Debug, Default)]
pub(super) struct Model<'a> {
    pub graph: Option<Graph<'a>>,
    /// Domain and version.
    pub opsets: Vec<(&'a str, i64)>,
}

/// A graph of computations, whose nodes come in an order in which they can be computed.
#[derive(Debug, Default)]
pub(super) struct Graph<'a> {
    pub nodes: Vec<Node<'a>>,
    pub initializers: Vec<TensorProto<'a>>,
    /// Names of initialisers that are stored in a sparse form.
    pub sparse: usize,
    pub inputs: Vec<ValueInfo<'a>>,
    pub outputs: Vec<ValueInfo<'a>>,
}

/// An input or output of the graph.
#[derive(Debug, Default)]
pub(super) struct ValueInfo<'a> {
    pub name: &'a str,
    /// The lengths, where the file states them; those that it leaves open are `None`.
    pub shape: Option<Vec<Option<i64>>>,
}

/// A computation.
#[derive(Debug, Default)]
pub(super) struct Node<'a> {
    pub name: &'a str,
    pub op: &'a str,
    pub domain: &'a str,
    pub inputs: Vec<&'a str>,
    pub outputs: Vec<&'a str>,
    pub attributes: Vec<Attribute<'a>>,
}

/// A setting of a computation.
#[derive(Debug, Default)]
pub(super) struct Attribute<'a> {
    pub name: &'a str,
    pub float: Option<f32>,
    pub integer: Option<i64>,
    pub integers: Vec<i64>,
    pub floats: Vec<u8>,
    pub tensor: Option<TensorProto<'a>>,
    /// Taken from the function that the node is in, which graphs are not.
    pub reference: bool,
}

/// A tensor as the file states it.
#[derive(Debug, Clone, Default)]
pub(super) struct TensorProto<'a> {
    pub name: &'a str,
    pub dims: Vec<i64>,
    pub data_type: i64,
    pub segment: bool,
    /// Entries of `float_data`, as bytes.
    pub floats: Vec<u8>,
    /// Entries of `double_data`, as bytes.
    pub doubles: Vec<u8>,
    /// Entries of `int32_data`: the bits of half-precision floats are stored there.
    pub halves: Vec<i64>,
    pub raw: Option<&'a [u8]>,
    /// Keys and values.
    pub external: Vec<(&'a str, &'a str)>,
    pub location: i64,
}

impl<'a> Model<'a> {
    pub fn parse(bytes: &'a [u8]) -> Result<Self, Wrong> {
        let mut model = Model::default();
        Message::file(bytes).fields(|number, payload| {
            match number {
                7 if model.graph.is_some() => return Err(Wrong::plain("there are two graphs")),
                7 => model.graph = Some(Graph::parse(payload.message("the graph")?)?),
                8 => model
                    .opsets
                    .push(opset(payload.message("an operator set")?)?),
                _ => {}
            }
            Ok(())
        })?;
        Ok(model)
    }
}

fn opset(message: Message<'_>) -> Result<(&str, i64), Wrong> {
    let mut found = ("", 0);
    message.fields(|number, payload| {
        match number {
            1 => found.0 = payload.text("a domain")?,
            2 => found.1 = payload.integer("a version")?,
            _ => {}
        }
        Ok(())
    })?;
    Ok(found)
}

impl<'a> Graph<'a> {
    fn parse(message: Message<'a>) -> Result<Self, Wrong> {
        let mut graph = Graph::default();
        message.fields(|number, payload| {
            match number {
                1 => graph.nodes.push(Node::parse(payload.message("a node")?)?),
                5 => graph
                    .initializers
                    .push(TensorProto::parse(payload.message("an initialiser")?)?),
                11 => graph
                    .inputs
                    .push(ValueInfo::parse(payload.message("an input")?)?),
                12 => graph
                    .outputs
                    .push(ValueInfo::parse(payload.message("an output")?)?),
                15 => graph.sparse += 1,
                _ => {}
            }
            Ok(())
        })?;
        Ok(graph)
    }
}

impl<'a> Node<'a> {
    fn parse(message: Message<'a>) -> Result<Self, Wrong> {
        let mut node = Node::default();
        message.fields(|number, payload| {
            match number {
                1 => node.inputs.push(payload.text("an input's name")?),
                2 => node.outputs.push(payload.text("an output's name")?),
                3 => node.name = payload.text("a node's name")?,
                4 => node.op = payload.text("an operator")?,
                5 => node
                    .attributes
                    .push(Attribute::parse(payload.message("an attribute")?)?),
                7 => node.domain = payload.text("a domain")?,
                _ => {}
            }
            Ok(())
        })?;
        Ok(node)
    }

    /// The node for messages: its name, or the value that it computes, and its operator.
    pub fn show(&self) -> String {
        match (self.name, self.outputs.first()) {
            ("", Some(output)) => format!("that computes `{output}` ({})", self.op),
            ("", None) => format!("without a name ({})", self.op),
            (name, _) => format!("`{name}` ({})", self.op),
        }
    }
}

impl<'a> Attribute<'a> {
    fn parse(message: Message<'a>) -> Result<Self, Wrong> {
        let mut attribute = Attribute::default();
        message.fields(|number, payload| {
            match (number, payload) {
                (1, payload) => attribute.name = payload.text("an attribute's name")?,
                (2, Payload::Four(word)) => attribute.float = Some(f32::from_le_bytes(word)),
                (3, payload) => attribute.integer = Some(payload.integer("an attribute")?),
                (5, payload) => {
                    attribute.tensor = Some(TensorProto::parse(payload.message("a tensor")?)?);
                }
                (7, payload) => payload.words("an attribute", 4, &mut attribute.floats)?,
                (8, payload) => payload.integers("an attribute", &mut attribute.integers)?,
                (21, payload) => {
                    attribute.reference = !payload.message("an attribute")?.bytes.is_empty()
                }
                _ => {}
            }
            Ok(())
        })?;
        Ok(attribute)
    }
}

impl<'a> ValueInfo<'a> {
    fn parse(message: Message<'a>) -> Result<Self, Wrong> {
        let mut info = ValueInfo::default();
        message.fields(|number, payload| {
            match number {
                1 => info.name = payload.text("a name")?,
                2 => info.shape = type_shape(payload.message("a type")?)?,
                _ => {}
            }
            Ok(())
        })?;
        Ok(info)
    }
}

/// The shape in a type, if it is that of a tensor and states one.
fn type_shape(message: Message<'_>) -> Result<Option<Vec<Option<i64>>>, Wrong> {
    let mut shape = None;
    message.fields(|number, payload| {
        if number == 1 {
            payload.message("a type")?.fields(|number, payload| {
                if number == 2 {
                    shape = Some(lengths(payload.message("a shape")?)?);
                }
                Ok(())
            })?;
        }
        Ok(())
    })?;
    Ok(shape)
}

fn lengths(message: Message<'_>) -> Result<Vec<Option<i64>>, Wrong> {
    let mut list = Vec::new();
    message.fields(|number, payload| {
        if number == 1 {
            let mut length = None;
            payload.message("a length")?.fields(|number, payload| {
                if number == 1 {
                    length = Some(payload.integer("a length")?);
                }
                Ok(())
            })?;
            list.push(length);
        }
        Ok(())
    })?;
    Ok(list)
}

impl<'a> TensorProto<'a> {
    fn parse(message: Message<'a>) -> Result<Self, Wrong> {
        let mut tensor = TensorProto::default();
        message.fields(|number, payload| {
            match number {
                1 => payload.integers("a shape", &mut tensor.dims)?,
                2 => tensor.data_type = payload.integer("a type")?,
                3 => tensor.segment = true,
                4 => payload.words("float_data", 4, &mut tensor.floats)?,
                5 => payload.integers("int32_data", &mut tensor.halves)?,
                8 => tensor.name = payload.text("a tensor's name")?,
                9 => tensor.raw = Some(payload.message("raw_data")?.bytes),
                10 => payload.words("double_data", 8, &mut tensor.doubles)?,
                13 => tensor
                    .external
                    .push(entry(payload.message("external_data")?)?),
                14 => tensor.location = payload.integer("data_location")?,
                _ => {}
            }
            Ok(())
        })?;
        Ok(tensor)
    }
}

fn entry(message: Message<'_>) -> Result<(&str, &str), Wrong> {
    let mut found = ("", "");
    message.fields(|number, payload| {
        match number {
            1 => found.0 = payload.text("a key")?,
            2 => found.1 = payload.text("a value")?,
            _ => {}
        }
        Ok(())
    })?;
    Ok(found)
}
