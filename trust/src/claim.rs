//! What a proof claims, read from its text by the judge: the statement, the networks, the bound and the verdict.
//!
//! This is a reading of FORMAT.md §1 to §3 of its own, so that a slip of a checker's reader is seen. Fans are not read.

use dashu_int::IBig;

use crate::exact::Exact;
use crate::network::{Network, Neuron, Problem};

/// The claims of a proof.
#[derive(Debug, Clone)]
pub struct Claim {
    pub problem: Problem,
    /// Role, network and the objective that the file says it has.
    pub networks: Vec<(String, Network, Exact)>,
    pub bound: Exact,
    /// The bound is for networks of at most so many neurons, or of every width.
    pub width: Option<usize>,
    pub verdict: String,
    pub tolerance: Exact,
    /// Where the dual vector begins.
    pub dual_line: usize,
}

impl Claim {
    /// Reads the claims; the message says what cannot be read.
    pub fn read(text: &[u8]) -> Result<Claim, String> {
        let mut reader = Reader { lines: text.split(|&byte| byte == b'\n').collect(), at: 0 };
        let version = reader.words("relucert-proof", &[&["1", "2"]])?.remove(0);
        let problem = read_problem(&mut reader)?;
        let mut networks = Vec::new();
        while reader.peek("network") {
            let role = if networks.is_empty() { &["given", "best"][..] } else { &["best"][..] };
            if networks.first().is_some_and(|(role, ..): &(String, Network, Exact)| role == "best") {
                return Err("a network after the best one".to_owned());
            }
            networks.push(read_network(&mut reader, &problem, role)?);
        }
        let (bound, width) = read_bound(&mut reader, version == "2")?;
        let widest = networks.iter().map(|(_, network, _): &(String, Network, Exact)| network.neurons.len()).max();
        if widest > width.or(widest) {
            return Err("a network is wider than those that the bound is about".to_owned());
        }
        let verdict = reader.fields("verdict", 3)?;
        let known = ["optimal", "not_optimal", "undecided"];
        let word = known.into_iter().find(|word| *word == verdict[0]).ok_or("the verdict is none")?;
        let tolerance = fraction(&verdict[1..])?;
        if tolerance < Exact::int(0) {
            return Err("the tolerance is negative".to_owned());
        }
        Ok(Claim { problem, networks, bound, width, verdict: word.to_owned(), tolerance, dual_line: reader.at })
    }

    /// The numbers of the claim in one line, as `batch_check.py` and [`crate::checker`] write them.
    #[must_use]
    pub fn summary(&self) -> String {
        let width = self.width.map(|width| format!(" width {width}")).unwrap_or_default();
        let mut line = format!("{}{width} {} {}", self.bound, self.verdict, self.tolerance);
        for (role, network, objective) in &self.networks {
            line += &format!(" {role} {} {objective}", network.neurons.len());
        }
        line
    }
}

struct Reader<'a> {
    lines: Vec<&'a [u8]>,
    at: usize,
}

impl<'a> Reader<'a> {
    fn peek(&self, word: &str) -> bool {
        self.lines.get(self.at).is_some_and(|line| line.split(|&byte| byte == b' ').next() == Some(word.as_bytes()))
    }

    /// The tokens of the next line.
    fn next(&mut self) -> Result<Vec<&'a str>, String> {
        let line = self.lines.get(self.at).ok_or("the text ends too early")?;
        self.at += 1;
        Ok(std::str::from_utf8(line).map_err(|_| format!("line {} is not ASCII", self.at))?.split(' ').collect())
    }

    /// The tokens that follow the word that has to begin the next line.
    fn fields(&mut self, word: &str, count: usize) -> Result<Vec<&'a str>, String> {
        let tokens = self.next()?;
        if tokens[0] != word || tokens.len() != count + 1 {
            return Err(format!("line {} is not `{word}` with {count} tokens", self.at));
        }
        Ok(tokens[1..].to_vec())
    }

    /// The tokens of the next line, each of which is one of certain words.
    fn words(&mut self, word: &str, choices: &[&[&str]]) -> Result<Vec<String>, String> {
        let tokens = self.fields(word, choices.len())?;
        if tokens.iter().zip(choices).any(|(token, choice)| !choice.contains(token)) {
            return Err(format!("line {}: a word that is not known", self.at));
        }
        Ok(tokens.into_iter().map(str::to_owned).collect())
    }

    fn integers(&mut self, word: &str, count: usize) -> Result<Vec<IBig>, String> {
        self.fields(word, count)?.into_iter().map(integer).collect()
    }
}

/// An integer in its only spelling.
fn integer(token: &str) -> Result<IBig, String> {
    let digits = token.strip_prefix('-').unwrap_or(token);
    let is_spelled = token == "0" || (!digits.starts_with('0') && digits.bytes().all(|byte| byte.is_ascii_digit()));
    if !is_spelled || digits.is_empty() {
        return Err("a token is not an integer".to_owned());
    }
    token.parse().map_err(|_| "a token is not an integer".to_owned())
}

fn positive(token: &str) -> Result<IBig, String> {
    integer(token).and_then(|x| if x > IBig::ZERO { Ok(x) } else { Err("a number is not positive".to_owned()) })
}

fn count(token: &str) -> Result<usize, String> {
    usize::try_from(&integer(token)?).map_err(|_| "a count is out of range".to_owned())
}

fn fraction(tokens: &[&str]) -> Result<Exact, String> {
    Ok(Exact::new(integer(tokens[0])?, positive(tokens[1])?))
}

/// The bound, and its width if there is one.
fn read_bound(reader: &mut Reader<'_>, may_have_width: bool) -> Result<(Exact, Option<usize>), String> {
    let tokens = reader.next()?;
    match tokens[..] {
        ["bound", p, q] => Ok((fraction(&[p, q])?, None)),
        ["bound", p, q, "width", m] if may_have_width => {
            let width = positive(m).map(|m| usize::try_from(&m).unwrap_or(usize::MAX))?;
            Ok((fraction(&[p, q])?, Some(width)))
        }
        _ => Err(format!("line {} is no `bound`", reader.at)),
    }
}

fn read_problem(reader: &mut Reader<'_>) -> Result<Problem, String> {
    let tokens = reader.fields("activation", 3)?;
    let activation = [integer(tokens[0])?, integer(tokens[1])?, positive(tokens[2])?];
    let loss = reader.words("loss", &[&["half-sum", "sum", "mean", "half-mean"]])?.remove(0);
    let tokens = reader.fields("decay", 3)?;
    let decay =
        if ["weight-decay", "ridge"].contains(&tokens[0]) { tokens[0].to_owned() } else { return Err("decay".into()) };
    let lambda = Exact::new(positive(tokens[1])?, positive(tokens[2])?);
    let hidden = reader.words("hidden-bias", &[&["none", "decayed", "undecayed"]])?.remove(0);
    let output = reader.words("output-bias", &[&["none", "decayed", "free"]])?.remove(0);
    let tokens = reader.fields("data", 5)?;
    let [n, rows, features] = [count(tokens[0])?, count(tokens[1])?, count(tokens[2])?];
    let [dx, dy] = [positive(tokens[3])?, positive(tokens[4])?];
    let mut samples: Vec<(IBig, Vec<Vec<IBig>>)> = Vec::new();
    for _ in 0..rows {
        if reader.peek("s") {
            let mut numbers = reader.integers("s", features + 1)?;
            let row = numbers.split_off(1);
            samples.push((numbers.remove(0), vec![row]));
        } else {
            let row = reader.integers("+", features)?;
            samples.last_mut().ok_or("the first row begins no sample")?.1.push(row);
        }
    }
    if samples.len() != n || n == 0 {
        return Err(format!("{} samples, not {n}", samples.len()));
    }
    Ok(Problem { activation, loss, decay, lambda, hidden, output, features, dx, dy, samples })
}

fn read_network(
    reader: &mut Reader<'_>,
    problem: &Problem,
    roles: &[&str],
) -> Result<(String, Network, Exact), String> {
    let tokens = reader.fields("network", 5)?;
    if !roles.contains(&tokens[0]) {
        return Err("the networks are out of order".to_owned());
    }
    let (role, width) = (tokens[0].to_owned(), count(tokens[1])?);
    let [dw, da, dc] = [positive(tokens[2])?, positive(tokens[3])?, positive(tokens[4])?];
    let mut network = Network { neurons: Vec::new(), dw, da, c: IBig::ZERO, dc };
    let has_bias = problem.hidden != "none";
    for _ in 0..width {
        let mut numbers = reader.integers("n", 1 + problem.features + usize::from(has_bias))?;
        let b = if has_bias { numbers.pop().unwrap_or_default() } else { IBig::ZERO };
        let w = numbers.split_off(1);
        network.neurons.push(Neuron { a: numbers.remove(0), w, b });
    }
    if problem.output != "none" {
        network.c = reader.integers("c", 1)?.remove(0);
    }
    let objective = fraction(&reader.fields("objective", 2)?)?;
    Ok((role, network, objective))
}
