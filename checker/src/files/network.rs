//! Network files: JSON, `.safetensors` and `.npz`.

use std::cmp::Ordering;
use std::path::Path;

use super::arrays::{Array, Arrays, read_npz, read_safetensors};
use super::json::Json;
use super::number::Exact;
use super::{has_ending, read_file};

/// The names of the arrays, where the user gives them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Keys {
    pub(crate) hidden_weights: Option<String>,
    pub(crate) hidden_bias: Option<String>,
    pub(crate) output_weights: Option<String>,
    pub(crate) output_bias: Option<String>,
}

/// A two-layer network with one output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NetworkFile {
    /// One vector for each neuron.
    pub(crate) hidden_weights: Vec<Vec<Exact>>,
    pub(crate) hidden_bias: Option<Vec<Exact>>,
    pub(crate) output_weights: Vec<Exact>,
    pub(crate) output_bias: Option<Exact>,
}

impl NetworkFile {
    /// Reads a file; its name tells the kind.
    ///
    /// # Errors
    ///
    /// A message if it cannot be read, is not of a known kind, or is not a two-layer network with one output.
    pub(crate) fn read(path: &Path, keys: &Keys) -> Result<Self, String> {
        let bytes = read_file(path)?;
        let network = if has_ending(path, ".safetensors") {
            from_arrays(&read_safetensors(&bytes)?, keys)?
        } else if has_ending(path, ".npz") {
            from_arrays(&read_npz(&bytes)?, keys)?
        } else if has_ending(path, ".json") {
            if *keys != Keys::default() {
                return Err("the names of arrays are for .safetensors and .npz files".to_owned());
            }
            from_json(&bytes)?
        } else {
            return Err("the name of a network file ends in .json, .safetensors or .npz".to_owned());
        };
        let neurons = network.hidden_weights.len();
        let biases = network.hidden_bias.as_ref().map_or(neurons, Vec::len);
        if network.output_weights.len() != neurons || biases != neurons {
            let outputs = network.output_weights.len();
            return Err(format!(
                "{neurons} hidden weight vectors, {biases} hidden biases and {outputs} output weights"
            ));
        }
        if network.hidden_weights.windows(2).any(|pair| pair[0].len() != pair[1].len()) {
            return Err("the hidden weight vectors differ in length".to_owned());
        }
        Ok(network)
    }
}

fn from_json(bytes: &[u8]) -> Result<NetworkFile, String> {
    let mut json = Json::new(bytes);
    let (mut hidden_weights, mut output_weights) = (None, None);
    let (mut hidden_bias, mut output_bias) = (None, None);
    let mut members = json.object()?;
    while let Some(key) = json.key(&mut members)? {
        match key.as_str() {
            "hidden_weights" => {
                let mut list = json.array()?;
                let mut vectors = Vec::new();
                while json.item(&mut list)? {
                    vectors.push(json.numbers_or_null()?.ok_or("null in place of a weight vector")?);
                }
                hidden_weights = Some(vectors);
            }
            "hidden_bias" => hidden_bias = json.numbers_or_null()?,
            "output_weights" => output_weights = json.numbers_or_null()?,
            "output_bias" => output_bias = json.number_or_null()?,
            _ => return Err(format!("the key {key:?} is not known")),
        }
    }
    json.end()?;
    let hidden_weights = hidden_weights.ok_or("hidden_weights is missing")?;
    let output_weights = output_weights.ok_or("output_weights is missing")?;
    Ok(NetworkFile { hidden_weights, hidden_bias, output_weights, output_bias })
}

fn from_arrays(arrays: &Arrays<'_>, keys: &Keys) -> Result<NetworkFile, String> {
    let find = |name: &String| arrays.get(name).ok_or_else(|| format!("there is no array {name:?}"));
    let find_bias = |name: &Option<String>| name.as_ref().map(find).transpose();
    let (hidden, hidden_bias, output, output_bias) = match (&keys.hidden_weights, &keys.output_weights) {
        (Some(hidden), Some(output)) => {
            (find(hidden)?, find_bias(&keys.hidden_bias)?, find(output)?, find_bias(&keys.output_bias)?)
        }
        (None, None) if keys.hidden_bias.is_none() && keys.output_bias.is_none() => {
            let mut layers: Vec<&str> = arrays.keys().filter_map(|name| name.strip_suffix(".weight")).collect();
            layers.sort_by(|a, b| natural_order(a, b));
            let [first, second] = layers[..] else {
                return Err(format!("{} arrays have names that end in .weight; a network has 2", layers.len()));
            };
            let bias = |layer: &str| arrays.get(&format!("{layer}.bias"));
            let array = |layer: &str| find(&format!("{layer}.weight"));
            let found = (array(first)?, bias(first), array(second)?, bias(second));
            let known =
                2usize.saturating_add(usize::from(found.1.is_some())).saturating_add(usize::from(found.3.is_some()));
            if arrays.len() != known {
                return Err(
                    "there are arrays that belong to neither layer; name the right ones by their keys".to_owned()
                );
            }
            found
        }
        _ => return Err("name both the hidden and the output weights by their keys, or none".to_owned()),
    };
    let &[neurons, inputs] = hidden.shape.as_slice() else {
        return Err(format!("the hidden weights have the shape {:?}, not neurons × features", hidden.shape));
    };
    let expect = |array: &Array<'_>, what: &str, shapes: &[&[usize]]| {
        if shapes.contains(&array.shape.as_slice()) {
            return array.values();
        }
        Err(format!("the {what} have the shape {:?}, where there are {neurons} neurons and 1 output", array.shape))
    };
    let values = hidden.values()?;
    let vectors = (0..neurons).map(|k| {
        let from = k.saturating_mul(inputs);
        values[from..from.saturating_add(inputs)].to_vec()
    });
    let output_bias = output_bias.map(|bias| expect(bias, "output biases", &[&[1], &[]])).transpose()?;
    Ok(NetworkFile {
        hidden_weights: vectors.collect(),
        hidden_bias: hidden_bias.map(|bias| expect(bias, "hidden biases", &[&[neurons]])).transpose()?,
        output_weights: expect(output, "output weights", &[&[1, neurons], &[neurons]])?,
        output_bias: output_bias.and_then(|bias| bias.into_iter().next()),
    })
}

/// The order in which `layer.2` comes before `layer.10`.
fn natural_order(a: &str, b: &str) -> Ordering {
    let (mut a, mut b) = (a, b);
    loop {
        let (x, y) = (take_part(&mut a), take_part(&mut b));
        let number = |part: &str| part.trim_start_matches('0').to_owned();
        let order = match (x.starts_with(|c: char| c.is_ascii_digit()), y.starts_with(|c: char| c.is_ascii_digit())) {
            (true, true) => number(x).len().cmp(&number(y).len()).then(number(x).cmp(&number(y))).then(x.cmp(y)),
            _ => x.cmp(y),
        };
        if order.is_ne() || x.is_empty() {
            return order;
        }
    }
}

/// Takes the digits that the text begins with, or what comes before its first digit.
fn take_part<'a>(text: &mut &'a str) -> &'a str {
    let digits = text.starts_with(|c: char| c.is_ascii_digit());
    let end = text.find(|c: char| c.is_ascii_digit() != digits).unwrap_or(text.len());
    let (part, rest) = text.split_at(end);
    *text = rest;
    part
}
