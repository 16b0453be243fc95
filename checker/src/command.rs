//! The command `relucert-checker`, as a function.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fmt::Display;
use std::io::Write;
use std::path::{Path, PathBuf};

use crate::check::check_path_bound;
use crate::error::{CheckError, DEFAULTS, LIMITS, Limits};
use crate::files::binding::{Binding, Unbound};
use crate::files::expected::{Expected, Settings};
use crate::files::network::{Keys, NetworkFile};
use crate::files::number::{Float, parse_fraction};
use crate::files::scope::Scope;
use crate::files::table::{Selection, Table};
use crate::fraction::{Fraction, Rounding};
use crate::int::Int;
use crate::network::Network;
use crate::statement::{Decay, HiddenBias, Loss, OutputBias};
use crate::theorem::{Theorem, Verdict};

const HELP: &str = "\
Verifies a relucert proof with integer arithmetic alone, and says what it proves.

usage: relucert-checker PROOF [--json] [--quiet]
       relucert-checker PROOF --data FILE (--weight-decay L | --ridge L) [options]

  PROOF                   the proof; decompressed if its name ends in .gz
  --json                  write the result as one JSON object
  --quiet                 write nothing if the proof is accepted
  --for-width M           reject the proof unless its bound holds for networks of M neurons; M is a number, or `every`
                          for networks of every width (a proof may be about networks of a certain width only)

Compare the statement of the proof with your own files:
  --data FILE             the data: .csv with a header, .npz (arrays X and y), or .npy (the last column is y)
  --network FILE          the network: .json, .safetensors or .npz; it has to be the given network of the proof,
                          or the best one if none is given. Its biases decide which biases the problem has
  --weight-decay L        penalty (L/2)*sum of squares; L is a decimal or a fraction p/q
  --ridge L               penalty L*sum of squares
  --loss KIND             half-sum, sum, mean (default) or half-mean
  --activation KIND       relu (default), leaky:SLOPE or abs
  --no-decay WHICH        hidden-bias or output-bias is not penalised; may be repeated
  --bias | --no-bias      without --network: there is a hidden bias (default), or none
  --output-bias KIND      without --network: none (default), decayed or free
  --target NAME           the column of the targets (default: the last)
  --features A,B,C        the columns of the features (default: all others)
  --group NAME            consecutive rows with the same text in this column are one sample (.csv)
  --data-float f32|f64    round each decimal of the data to this type (.csv)
  --hidden-weights-key K  the name of the hidden weights in the network file; likewise --hidden-bias-key,
                          --output-weights-key and --output-bias-key

  --help, --version

Limits of the proof. One that exceeds a limit is neither accepted nor rejected. The clock is read between lines only.
Your own files have limits without a flag: 2 GiB, 10000000 rows, 1000 features.
";

const EXIT_STATUS: &str = "\
exit status: 0 accepted, 1 rejected, 2 a file cannot be read or the usage is wrong, 3 a limit is exceeded
";

const SWITCHES: &[&str] = &["--json", "--quiet", "--bias", "--no-bias", "--help", "--version"];
const VALUED: &[&str] = &[
    "--for-width",
    "--data",
    "--network",
    "--weight-decay",
    "--ridge",
    "--loss",
    "--activation",
    "--no-decay",
    "--output-bias",
    "--target",
    "--features",
    "--group",
    "--data-float",
    "--hidden-weights-key",
    "--hidden-bias-key",
    "--output-weights-key",
    "--output-bias-key",
];

/// All flags that limit the proof.
fn limit_flags() -> impl Iterator<Item = &'static str> {
    LIMITS.iter().map(|(_, _, flag, _)| *flag)
}

fn help() -> String {
    let mut help = HELP.to_owned();
    for ((_, _, flag, what), default) in LIMITS.iter().zip(DEFAULTS) {
        help.push_str(&format!("  {:<25} {what} (default {default})\n", format!("{flag} N")));
    }
    help + "\n" + EXIT_STATUS
}

/// Runs the command with the arguments that follow its name, and gives its exit status.
///
/// The theorem (or the JSON object) is written to `out`; a refusal is written to `err`, unless it is JSON. The status
/// is 0 for an accepted proof, 1 for a rejected one, 2 for a file that cannot be read and for wrong usage, 3 for a proof
/// that exceeds a limit. What cannot be written is lost without changing the status.
pub fn run(args: &[OsString], out: &mut dyn Write, err: &mut dyn Write) -> i32 {
    let options = match Options::parse(args) {
        Ok(options) => options,
        Err(message) => {
            let _ = writeln!(err, "relucert-checker: {message}\nTry relucert-checker --help.");
            return 2;
        }
    };
    if options.has("--help") || options.has("--version") {
        let version = concat!("relucert-checker ", env!("CARGO_PKG_VERSION"), "\n");
        let _ = write!(out, "{}", if options.has("--help") { help() } else { version.to_owned() });
        return 0;
    }
    let limits_and_expected = options.limits().and_then(|limits| Ok((limits, options.expected()?)));
    let (limits, mut expected) = match limits_and_expected {
        Ok(found) => found,
        Err(message) => {
            let _ = writeln!(err, "relucert-checker: {message}");
            return 2;
        }
    };
    let width = match options.for_width() {
        Ok(width) => width,
        Err(message) => {
            let _ = writeln!(err, "relucert-checker: {message}");
            return 2;
        }
    };
    let rest: &mut dyn Binding = match &mut expected {
        Some(expected) => expected,
        None => &mut Unbound,
    };
    let binding = &mut Scope { rest, width };
    let result = check_path_bound(&options.proof, binding, &limits);
    let status = match &result {
        Ok(_) => 0,
        Err(CheckError::Rejected { .. }) => 1,
        Err(CheckError::Unreadable { .. }) => 2,
        Err(CheckError::Limit { .. }) => 3,
    };
    let _ = match &result {
        result if options.has("--json") => writeln!(out, "{}", json(result, &options)),
        Ok(_) if options.has("--quiet") => Ok(()),
        Ok(theorem) => writeln!(out, "accepted: {}\n\n{theorem}\n{}", options.proof.display(), options.compared()),
        Err(error) => writeln!(err, "{error}"),
    };
    status
}

/// The arguments, sorted by flag.
struct Options {
    proof: PathBuf,
    flags: BTreeMap<&'static str, Vec<OsString>>,
}

impl Options {
    fn parse(args: &[OsString]) -> Result<Self, String> {
        let mut flags: BTreeMap<&'static str, Vec<OsString>> = BTreeMap::new();
        let mut proof = None;
        let mut args = args.iter();
        while let Some(arg) = args.next() {
            let text = arg.to_string_lossy();
            let (name, attached) = text.split_once('=').map_or((&*text, None), |(name, value)| (name, Some(value)));
            if let Some(&switch) = SWITCHES.iter().find(|flag| **flag == name) {
                if attached.is_some() || flags.insert(switch, Vec::new()).is_some() {
                    return Err(format!("{switch} takes no value and is given at most once"));
                }
            } else if let Some(flag) = VALUED.iter().copied().chain(limit_flags()).find(|flag| *flag == name) {
                let value = attached.map(OsString::from).or_else(|| args.next().cloned());
                let value = value.ok_or_else(|| format!("{flag} needs a value"))?;
                let values = flags.entry(flag).or_default();
                if !values.is_empty() && flag != "--no-decay" {
                    return Err(format!("{flag} is given twice"));
                }
                values.push(value);
            } else if name.starts_with('-') && name.len() > 1 {
                return Err(format!("{name} is not known"));
            } else if proof.replace(PathBuf::from(arg)).is_some() {
                return Err("only one proof is checked at a time".to_owned());
            }
        }
        let options = Options { proof: proof.clone().unwrap_or_default(), flags };
        if proof.is_none() && !options.has("--help") && !options.has("--version") {
            return Err("which proof?".to_owned());
        }
        let general = ["--json", "--quiet", "--help", "--version", "--data", "--for-width"];
        let is_general = |flag: &str| general.contains(&flag) || limit_flags().any(|limit| limit == flag);
        if let Some(flag) = options.flags.keys().find(|flag| !options.has("--data") && !is_general(flag)) {
            return Err(format!("{flag} goes with --data"));
        }
        Ok(options)
    }

    fn has(&self, flag: &str) -> bool {
        self.flags.contains_key(flag)
    }

    fn path(&self, flag: &str) -> Option<&Path> {
        self.flags.get(flag)?.first().map(Path::new)
    }

    fn text(&self, flag: &str) -> Result<Option<String>, String> {
        let text = |value: &OsString| value.to_str().map(str::to_owned).ok_or_else(|| format!("{flag} is not UTF-8"));
        self.flags.get(flag).and_then(|values| values.first()).map(text).transpose()
    }

    /// The value of a flag that takes one of certain words.
    fn choice<T: Copy>(&self, flag: &str, words: &[(&str, T)], default: T) -> Result<T, String> {
        let Some(text) = self.text(flag)? else { return Ok(default) };
        let found = words.iter().find(|(word, _)| *word == text);
        let list = || words.iter().map(|(word, _)| *word).collect::<Vec<_>>().join(", ");
        found.map(|(_, value)| *value).ok_or_else(|| format!("{flag} is one of {}", list()))
    }

    /// Whether a bias is named by `--no-decay`.
    fn is_free(&self, bias: &str) -> bool {
        self.flags.get("--no-decay").is_some_and(|values| values.iter().any(|value| value == OsStr::new(bias)))
    }

    /// The limits of the proof.
    fn limits(&self) -> Result<Limits, String> {
        let mut limits = DEFAULTS;
        for ((_, highest, flag, _), limit) in LIMITS.iter().zip(&mut limits) {
            if let Some(text) = self.text(flag)? {
                let number = text.parse().ok().filter(|number| number <= highest);
                *limit = number.ok_or_else(|| format!("{flag} is an integer from 0 to {highest}"))?;
            }
        }
        Ok(limits)
    }

    /// What the user's files say that the proof has to be about, if `--data` is given.
    fn expected(&self) -> Result<Option<Expected>, String> {
        let Some(path) = self.path("--data") else { return Ok(None) };
        let values = self.flags.get("--no-decay").map_or(&[][..], Vec::as_slice);
        if values.iter().any(|value| value != "hidden-bias" && value != "output-bias") {
            return Err("--no-decay is hidden-bias or output-bias".to_owned());
        }
        let (decay, lambda) = match (self.text("--weight-decay")?, self.text("--ridge")?) {
            (Some(lambda), None) => (Decay::WeightDecay, lambda),
            (None, Some(lambda)) => (Decay::Ridge, lambda),
            _ => return Err("either --weight-decay or --ridge goes with --data".to_owned()),
        };
        let lambda = parse_fraction(&lambda)?;
        if !lambda.numerator.is_positive() {
            return Err("the factor of the penalty has to be greater than 0".to_owned());
        }
        let loss = self.choice("--loss", Loss::WORDS, Loss::Mean)?;
        let slope = self.slope()?;
        let in_file = |path: &Path, error: String| format!("{}: {error}", path.display());
        let network = match self.path("--network") {
            Some(path) => Some(NetworkFile::read(path, &self.keys()?).map_err(|error| in_file(path, error))?),
            None if self.flags.keys().any(|flag| flag.ends_with("-key")) => {
                return Err("the keys go with --network".to_owned());
            }
            None => None,
        };
        let (hidden_bias, output_bias) = self.biases(network.as_ref())?;
        let floats = [("f32", Some(Float::F32)), ("f64", Some(Float::F64))];
        let selection = Selection {
            target: self.text("--target")?,
            features: self.text("--features")?.map(|list| list.split(',').map(|name| name.trim().to_owned()).collect()),
            group: self.text("--group")?,
            float: self.choice("--data-float", &floats, None)?,
        };
        let table = Table::read(path, &selection).map_err(|error| in_file(path, error))?;
        if let Some(inputs) = network.as_ref().and_then(|network| network.hidden_weights.first()).map(Vec::len)
            && inputs != table.features.len()
        {
            return Err(format!(
                "the network has {inputs} inputs, but the data have {} features",
                table.features.len()
            ));
        }
        let settings = Settings { slope, loss, decay, lambda, hidden_bias, output_bias };
        Expected::new(&settings, table, network).map(Some)
    }

    /// The width that the bound has to hold for: 0 if any will do, `None` for every width.
    fn for_width(&self) -> Result<Option<usize>, String> {
        match self.text("--for-width")?.as_deref() {
            None => Ok(Some(0)),
            Some("every") => Ok(None),
            Some(text) => text.parse().map(Some).map_err(|_| "--for-width is a number of neurons, or every".to_owned()),
        }
    }

    fn keys(&self) -> Result<Keys, String> {
        Ok(Keys {
            hidden_weights: self.text("--hidden-weights-key")?,
            hidden_bias: self.text("--hidden-bias-key")?,
            output_weights: self.text("--output-weights-key")?,
            output_bias: self.text("--output-bias-key")?,
        })
    }

    /// The lower slope of the activation; the upper one is 1.
    fn slope(&self) -> Result<Fraction, String> {
        let integer = |x| Fraction { numerator: Int::Small(x), denominator: Int::ONE };
        match self.text("--activation")?.as_deref() {
            None | Some("relu") => Ok(integer(0)),
            Some("abs") => Ok(integer(-1)),
            Some(kind) => {
                let slope = kind.strip_prefix("leaky:").ok_or("--activation is relu, leaky:SLOPE or abs")?;
                let slope = parse_fraction(slope)?;
                if slope > integer(1) { Err("the slope of a leaky ReLU is at most 1".to_owned()) } else { Ok(slope) }
            }
        }
    }

    fn biases(&self, network: Option<&NetworkFile>) -> Result<(HiddenBias, OutputBias), String> {
        let asked = self.choice("--output-bias", OutputBias::WORDS, OutputBias::None)?;
        let (hidden, mut output) = match network {
            Some(_) if self.has("--bias") || self.has("--no-bias") || self.has("--output-bias") => {
                return Err("with --network, its biases are those of the problem".to_owned());
            }
            Some(network) => {
                let output = if network.output_bias.is_some() { OutputBias::Decayed } else { OutputBias::None };
                (network.hidden_bias.is_some(), output)
            }
            None if self.has("--bias") && self.has("--no-bias") => {
                return Err("--bias and --no-bias exclude each other".to_owned());
            }
            None => (!self.has("--no-bias"), asked),
        };
        if self.is_free("hidden-bias") && !hidden {
            return Err("--no-decay hidden-bias: there is no hidden bias".to_owned());
        }
        if self.is_free("output-bias") {
            if output == OutputBias::None {
                return Err("--no-decay output-bias: there is no output bias".to_owned());
            }
            output = OutputBias::Free;
        }
        let hidden = match (hidden, self.is_free("hidden-bias")) {
            (false, _) => HiddenBias::None,
            (true, false) => HiddenBias::Decayed,
            (true, true) => HiddenBias::Undecayed,
        };
        Ok((hidden, output))
    }

    /// What the proof was compared with, in words.
    fn compared(&self) -> String {
        let name = |path: &Path| path.display().to_string();
        match (self.path("--data"), self.path("--network")) {
            (None, _) => "The data stand in the proof; they were not compared with a file (--data).".to_owned(),
            (Some(data), None) => format!("The data and the objective are those of {} and the options.", name(data)),
            (Some(data), Some(network)) => {
                format!(
                    "The data, the objective and the network are those of {}, {} and the options.",
                    name(data),
                    name(network)
                )
            }
        }
    }
}

/// The result as a JSON object.
fn json(result: &Result<Theorem, CheckError>, options: &Options) -> String {
    let theorem = match result {
        Ok(theorem) => theorem,
        Err(CheckError::Rejected { line, reason, text }) => {
            let text = quoted(text);
            return format!(r#"{{"result":"rejected","line":{line},"reason":"{reason:?}","text":{text}}}"#);
        }
        Err(CheckError::Limit { line, limit, text }) => {
            let text = quoted(text);
            return format!(r#"{{"result":"limit_exceeded","line":{line},"limit":"{limit:?}","text":{text}}}"#);
        }
        Err(CheckError::Unreadable { text }) => return format!(r#"{{"result":"unreadable","text":{}}}"#, quoted(text)),
    };
    let number = |x: &Fraction| format!(r#"{{"exact":"{x}","decimal":"{}"}}"#, x.to_decimal(Rounding::Down));
    let network = |network: &Option<Network>| match network {
        Some(Network { neurons, objective }) => {
            format!(r#"{{"neurons":{neurons},"objective":{}}}"#, number(objective))
        }
        None => "null".to_owned(),
    };
    let string = |x: &dyn Display| quoted(&x.to_string());
    let problem = &theorem.problem;
    // Who looks for a bound at every width must not find another one in its place, nor a verdict that rests on it.
    let bound = number(&theorem.bound.value);
    let (every_width, fixed_width) = match theorem.bound.width {
        None => (bound, "null".to_owned()),
        Some(width) => ("null".to_owned(), format!(r#"{{"width":{width},"bound":{bound}}}"#)),
    };
    let verdict = match (theorem.verdict, theorem.bound.width) {
        (Verdict::Optimal, Some(_)) => "optimal_at_width".to_owned(),
        (verdict, _) => verdict.to_string(),
    };
    let members = [
        ("result", quoted("accepted")),
        ("verdict", quoted(&verdict)),
        ("tolerance", string(&theorem.tolerance)),
        ("bound", every_width),
        ("fixed_width", fixed_width),
        ("given", network(&theorem.given)),
        ("best", network(&theorem.best)),
        ("activation_slopes", format!("[{},{}]", string(&problem.slopes[0]), string(&problem.slopes[1]))),
        ("loss", string(&problem.loss)),
        ("decay", string(&problem.decay)),
        ("lambda", string(&problem.lambda)),
        ("beta", string(&problem.beta())),
        ("hidden_bias", string(&problem.hidden_bias)),
        ("output_bias", string(&problem.output_bias)),
        ("samples", problem.samples.to_string()),
        ("rows", problem.rows.to_string()),
        ("features", problem.features.to_string()),
        ("r", problem.r.to_string()),
        ("statement_sha256", quoted(&problem.sha256)),
        ("leaves", theorem.counts.leaves.to_string()),
        ("splits", theorem.counts.splits.to_string()),
        ("generators", theorem.counts.generators.to_string()),
        ("blocks", theorem.counts.blocks.to_string()),
        ("cones", theorem.counts.cones.to_string()),
        ("data_compared", options.has("--data").to_string()),
        ("network_compared", options.has("--network").to_string()),
    ];
    let members: Vec<String> = members.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
    format!("{{{}}}", members.join(","))
}

/// A JSON string.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            c if c.is_control() => quoted.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}
