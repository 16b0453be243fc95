//! What can be wrong with data, networks and problems. Each error names its place; its help says what to do.

use std::path::{Path, PathBuf};

use miette::Diagnostic;
use thiserror::Error;

use super::limits;
use crate::exact::{MAX_DIGITS, MAX_EXPONENT, NumberError, Rat};

/// Why a data file cannot be read.
#[derive(Debug, Error, Diagnostic)]
pub enum DataError {
    /// The file cannot be opened or read.
    #[error("{}: {source}", path.display())]
    #[diagnostic(help(
        "{}",
        file_help(path, source, "check the path and the permissions of the data file")
    ))]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// A file ending that is not a data format.
    #[error("{}: unknown kind of data file", path.display())]
    #[diagnostic(help("data are read from .csv, .npz (arrays X and y) and .npy files"))]
    UnknownFormat {
        /// The file.
        path: PathBuf,
    },
    /// The file as a whole is not what its ending says.
    #[error("{}: {message}", path.display())]
    #[diagnostic(help("{help}"))]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        message: String,
        /// The mend.
        help: String,
    },
    /// No rows under the header.
    #[error("{}: there are no rows of data (n = 0)", path.display())]
    #[diagnostic(help("at least one sample is needed"))]
    NoRows {
        /// The file.
        path: PathBuf,
    },
    /// A column name appears twice.
    #[error("{}, line 1: the column name `{name}` appears twice (columns {first} and {second})", path.display())]
    #[diagnostic(help("give every column its own name"))]
    DuplicateColumn {
        /// The file.
        path: PathBuf,
        /// The name.
        name: String,
        /// Its first column, from 1.
        first: usize,
        /// Its second column, from 1.
        second: usize,
    },
    /// A row of another length than the header.
    #[error("{}, line {line}: {found} fields where the header has {expected}", path.display())]
    #[diagnostic(help("{help}"))]
    Ragged {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// Fields in this row.
        found: usize,
        /// Fields in the header.
        expected: usize,
        /// The mend.
        help: &'static str,
    },
    /// A field that is not a number.
    #[error("{}, line {line}, column `{column}`: {source}", path.display())]
    #[diagnostic(help("{}", number_help(source)))]
    Field {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// The column's name.
        column: String,
        /// What is wrong with the text.
        source: NumberError,
    },
    /// An array entry that is not a finite number.
    #[error("{}, array `{array}`, row {row}, column {column}: {value} is not a finite number", path.display())]
    #[diagnostic(help(
        "remove or replace NaN and infinite entries (rows and columns count from 0 here)"
    ))]
    Entry {
        /// The file.
        path: PathBuf,
        /// The array.
        array: String,
        /// The row, from 0.
        row: usize,
        /// The column, from 0.
        column: usize,
        /// What was found.
        value: String,
    },
    /// A decimal that overflows the float asked for.
    #[error("{}, {place}: `{text}` is too large for {float}", path.display())]
    #[diagnostic(help("leave out --data-float, or use a wider float"))]
    FloatOverflow {
        /// The file.
        path: PathBuf,
        /// The line and column.
        place: String,
        /// The decimal.
        text: String,
        /// `f32` or `f64`.
        float: &'static str,
    },
    /// A column the user names is not in the file.
    #[error("{}: there is no column `{name}` for {option}", path.display())]
    #[diagnostic(help("{}", column_help(name, columns)))]
    MissingColumn {
        /// The file.
        path: PathBuf,
        /// The name the user gave.
        name: String,
        /// The option that names it.
        option: &'static str,
        /// The columns there are.
        columns: Vec<String>,
    },
    /// The columns are chosen in a way that makes no sense.
    #[error("{}: {message}", path.display())]
    #[diagnostic(help("{help}"))]
    Selection {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        message: String,
        /// The mend.
        help: String,
    },
    /// Rows of one sample with different targets.
    #[error(
        "{}, {place}: the target is {found}, but {expected} in the first row of the same sample (--group {group})",
        path.display()
    )]
    #[diagnostic(help(
        "rows with the same value of the group column are one sample and must have one target"
    ))]
    GroupTarget {
        /// The file.
        path: PathBuf,
        /// The line, or the row of an array.
        place: String,
        /// The group column.
        group: String,
        /// The target found.
        found: String,
        /// The target of the sample's first row.
        expected: String,
    },
    /// More than the limits allow.
    #[error("{}: {what}", path.display())]
    #[diagnostic(help(
        "the limits are {} rows, {} features and {} entries",
        limits::ROWS,
        limits::FEATURES,
        limits::ENTRIES
    ))]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// Which number is too large.
        what: String,
    },
}

/// Why a network file cannot be read or written.
#[derive(Debug, Error, Diagnostic)]
pub enum NetworkError {
    /// The file cannot be opened, read or written.
    #[error("{}: {source}", path.display())]
    #[diagnostic(help(
        "{}",
        file_help(path, source, "check the path and the permissions of the network file")
    ))]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// A file ending that is not a network format.
    #[error("{}: unknown kind of network file", path.display())]
    #[diagnostic(help(
        "networks are read from .json, .safetensors, .npz and .onnx files, and written to the first three"
    ))]
    UnknownFormat {
        /// The file.
        path: PathBuf,
    },
    /// A file of Keras, for which an HDF5 library would be needed.
    #[error("{}: files of Keras are not read", path.display())]
    #[diagnostic(help(
        "save the weights once where Keras is: numpy.savez('{}', **{{'0.weight': w.T, '0.bias': b, '2.weight': v.T, '2.bias': c}}) with w, b, v, c = model.get_weights()",
        path.with_extension("npz").display()
    ))]
    Keras {
        /// The file.
        path: PathBuf,
    },
    /// A format that is only read.
    #[error("{}: ONNX files are read, not written", path.display())]
    #[diagnostic(help("write the network to a .json, .safetensors or .npz file"))]
    NotWritten {
        /// The file.
        path: PathBuf,
    },
    /// A node of an ONNX graph that is no part of a two-layer network.
    #[error("{}, node {node}: {message}", path.display())]
    #[diagnostic(help("{help}"))]
    Node {
        /// The file.
        path: PathBuf,
        /// The node's name and operator.
        node: String,
        /// What is wrong.
        message: String,
        /// The mend.
        help: String,
    },
    /// A pickle, which is a program and is not run.
    #[error("{}: a PyTorch pickle is not read, because reading one runs code in it", path.display())]
    #[diagnostic(help(
        "convert it once where PyTorch is: python -c \"import torch; from safetensors.torch import save_file; \
         save_file(torch.load('{}', map_location='cpu'), '{}')\"  (for a saved state_dict; for a saved module write \
         torch.load(…, weights_only=False).state_dict())",
        path.display(),
        path.with_extension("safetensors").display()
    ))]
    Pickle {
        /// The file.
        path: PathBuf,
    },
    /// The file as a whole is not what its ending says, or lacks something.
    #[error("{}: {message}", path.display())]
    #[diagnostic(help("{help}"))]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        message: String,
        /// The mend.
        help: String,
    },
    /// A field, or an entry of one, that is wrong.
    #[error("{}, `{field}`: {message}", path.display())]
    #[diagnostic(help("{help}"))]
    Field {
        /// The file.
        path: PathBuf,
        /// The field, like `hidden_weights[3][0]` or `0.weight`.
        field: String,
        /// What is wrong.
        message: String,
        /// The mend.
        help: String,
    },
    /// The file cannot be written.
    #[error("{}: cannot be written: {source}", path.display())]
    #[diagnostic(help("check that the folder exists and that you may write there"))]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// A number that the format cannot hold.
    #[error("{}, `{field}`: {value} cannot be written exactly as {format}", path.display())]
    #[diagnostic(help(
        "allow rounding to the nearest number with --round, or choose another format or --dtype"
    ))]
    Inexact {
        /// The file.
        path: PathBuf,
        /// The parameter.
        field: String,
        /// Its first digits.
        value: String,
        /// What cannot hold it.
        format: &'static str,
    },
    /// A number too large for a float format.
    #[error("{}, `{field}`: {value} is too large for {float}", path.display())]
    #[diagnostic(help("choose a wider --dtype, or JSON"))]
    Overflow {
        /// The file.
        path: PathBuf,
        /// The parameter.
        field: String,
        /// Its first digits.
        value: String,
        /// The float format.
        float: &'static str,
    },
    /// Two or more outputs.
    #[error("{}, `{field}`: the network has {outputs} outputs; several outputs are not supported yet", path.display())]
    #[diagnostic(help(
        "train or extract a network with one output (the last layer's weight has the shape 1×m)"
    ))]
    SeveralOutputs {
        /// The file.
        path: PathBuf,
        /// The field that shows it.
        field: String,
        /// How many.
        outputs: usize,
    },
}

/// Why a problem, or a network for it, makes no sense.
#[derive(Debug, Error, Diagnostic)]
pub enum ProblemError {
    /// λ ≤ 0.
    #[error("the weight decay {lambda} is not positive")]
    #[diagnostic(help(
        "give a positive --weight-decay or --ridge: without a penalty there is no dual bound, and the minimum need not be attained"
    ))]
    DecayNotPositive {
        /// λ.
        lambda: Rat,
    },
    /// A slope for negative t that is larger than the slope for positive t.
    #[error("the activation's slope {slope} is larger than 1")]
    #[diagnostic(help("leaky:SLOPE is max(SLOPE·t, t), which needs SLOPE ≤ 1"))]
    Slope {
        /// The slope.
        slope: Rat,
    },
    /// The network does not take the data's features.
    #[error("the network takes {inputs} inputs, but the data have {} features: {}", features.len(), features.join(", "))]
    #[diagnostic(help(
        "choose the network's columns, in its order, with --features; the last column is the target unless --target says \
         otherwise (predict: --target none if the data hold no target)"
    ))]
    InputSize {
        /// Inputs of the network.
        inputs: usize,
        /// The data's features.
        features: Vec<String>,
    },
    /// A list of the network has another length than it has neurons.
    #[error("the network has {expected} neurons, but {found} {what}")]
    #[diagnostic(help(
        "give every hidden neuron its weights, its output weight and, if any has one, its bias"
    ))]
    Width {
        /// Neurons.
        expected: usize,
        /// Found.
        found: usize,
        /// Of what.
        what: &'static str,
    },
    /// The network has a bias that the problem's networks do not have.
    #[error("the network has {bias} that is not zero, but the problem has none")]
    #[diagnostic(help("{help}"))]
    Bias {
        /// `a hidden bias` or `an output bias`.
        bias: &'static str,
        /// The mend.
        help: &'static str,
    },
}

fn number_help(error: &NumberError) -> String {
    match error {
        NumberError::Empty => "fill in the value, or remove the row".to_owned(),
        NumberError::NotANumber(_) => {
            "every feature and the target must be a decimal number; leave a column out with --features, or remove the row".to_owned()
        }
        NumberError::NotFinite(_) => "remove or replace rows with missing or infinite values".to_owned(),
        NumberError::TooManyDigits(_) | NumberError::ExponentOutOfRange(_) => format!(
            "decimals may have up to {MAX_DIGITS} significant digits and an exponent within ±{MAX_EXPONENT}"
        ),
        NumberError::ZeroDenominator(_) => "give a fraction with a denominator that is not 0".to_owned(),
    }
}

/// What to do about a file that cannot be opened: the nearest name in its folder, if it is not there.
fn file_help(path: &Path, source: &std::io::Error, otherwise: &str) -> String {
    let folder = match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    let wanted = path.file_name().map(|name| name.to_string_lossy());
    let (Some(wanted), std::io::ErrorKind::NotFound) = (wanted, source.kind()) else {
        return otherwise.to_owned();
    };
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let names: Vec<String> = entries
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    match nearest(&wanted, names.iter().map(String::as_str)) {
        Some(best) => format!("did you mean `{best}`? There is no `{wanted}` in its folder"),
        None => otherwise.to_owned(),
    }
}

fn column_help(name: &str, columns: &[String]) -> String {
    let list = list_names(columns.iter().map(String::as_str));
    match nearest(name, columns.iter().map(String::as_str)) {
        Some(best) => format!("did you mean `{best}`? The columns are {list}"),
        None => format!("the columns are {list}"),
    }
}

/// Names for a message, at most thirty of them.
pub(crate) fn list_names<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let names: Vec<&str> = names.collect();
    if names.is_empty() {
        return "none".to_owned();
    }
    let shown = names
        .iter()
        .take(30)
        .map(|n| format!("`{n}`"))
        .collect::<Vec<_>>()
        .join(", ");
    if names.len() > 30 {
        format!("{shown}, … ({} in all)", names.len())
    } else {
        shown
    }
}

/// The name that is nearest to a mistyped one, if one is near: few edits, regardless of case.
pub(crate) fn nearest<'a>(name: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = name.to_lowercase();
    names
        .take(limits::FEATURES)
        .map(|other| (edit_distance(&wanted, &other.to_lowercase()), other))
        .min_by_key(|(distance, _)| *distance)
        .filter(|(distance, other)| *distance <= 1 + name.len().min(other.len()) / 3)
        .map(|(_, other)| other)
}

/// Insertions, deletions and substitutions between two words; long words count as far apart.
fn edit_distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().take(100).collect();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.chars().take(100).enumerate() {
        let mut diagonal = last[0];
        last[0] = i + 1;
        for (j, to) in b.iter().enumerate() {
            let substituted = diagonal + usize::from(from != *to);
            diagonal = last[j + 1];
            last[j + 1] = substituted.min(diagonal + 1).min(last[j] + 1);
        }
    }
    last[b.len()]
}
