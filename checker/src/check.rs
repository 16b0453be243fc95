//! The order of a proof's sections, the bound (FORMAT.md §4) and the verdict (§3).

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use flate2::bufread::MultiGzDecoder;

use crate::error::{CheckError, DEFAULTS, Limits, Reason};
use crate::fan::{Counts, Dual, check_fans};
use crate::files::binding::{Binding, Unbound};
use crate::fraction::{Fraction, Rounding};
use crate::int::Int;
use crate::network::Networks;
use crate::statement::{OutputBias, Statement};
use crate::text::{Line, Lines, brief, ensure};
use crate::theorem::{Theorem, Verdict};
use crate::width::check_width;

/// Checks a proof and gives the theorem that it proves.
///
/// The reader gives the text of the proof (already decompressed); it is read once, to its end.
///
/// # Errors
///
/// [`CheckError::Rejected`] if the proof breaks a rule of the format, [`CheckError::Limit`] if it is too large to
/// decide, [`CheckError::Unreadable`] if the reader fails.
pub fn check_reader(proof: impl BufRead) -> Result<Theorem, CheckError> {
    check_bound(proof, &mut Unbound, &DEFAULTS)
}

/// Checks the proof in a file, which is decompressed if its name ends in `.gz`.
///
/// # Errors
///
/// As [`check_reader`]; a file that cannot be opened or read is [`CheckError::Unreadable`].
pub fn check_path(path: &Path) -> Result<Theorem, CheckError> {
    check_path_bound(path, &mut Unbound, &DEFAULTS)
}

/// [`check_path`] within other limits, for a proof that also has to agree with `binding`.
pub(crate) fn check_path_bound(path: &Path, binding: &mut dyn Binding, limits: &Limits) -> Result<Theorem, CheckError> {
    let unreadable = |error: std::io::Error| CheckError::Unreadable { text: format!("{}: {error}", path.display()) };
    let file = BufReader::with_capacity(1 << 16, File::open(path).map_err(unreadable)?);
    if !path.as_os_str().as_encoded_bytes().ends_with(b".gz") {
        return check_bound(file, binding, limits);
    }
    check_bound(BufReader::with_capacity(1 << 16, MultiGzDecoder::new(file)), binding, limits)
}

fn check_bound(proof: impl BufRead, binding: &mut dyn Binding, limits: &Limits) -> Result<Theorem, CheckError> {
    let mut lines = Lines::new(proof, limits);
    let mut line = lines.begin("relucert-proof")?;
    let version = line.word(&[("1", 1), ("2", 2)])?;
    line.end()?;
    let statement = Statement::read(&mut lines, binding)?;
    let (networks, bound) = Networks::read(&mut lines, &statement, version, binding)?;
    let (verdict, tolerance) = read_verdict(lines.begin("verdict")?, &networks, &bound.value)?;
    let counts = match bound.width {
        Some(width) => check_width(&mut lines, &statement, &bound.value, width)?,
        None => check_every_width(&mut lines, &statement, &bound.value, version)?,
    };
    lines.finish()?;
    let Networks { given, best } = networks;
    Ok(Theorem { problem: statement.problem, given, best, bound, verdict, tolerance, counts })
}

/// Reads and verifies what follows the verdict if the bound is for networks of every width.
fn check_every_width<R: BufRead>(
    lines: &mut Lines<R>,
    statement: &Statement,
    bound: &Fraction,
    version: u8,
) -> Result<Counts, CheckError> {
    let counts = match read_dual(lines, statement, bound)? {
        Some(dual) => check_fans(lines, statement, &dual, version == 2)?,
        None => Counts::default(),
    };
    lines.begin("end")?.end()?;
    Ok(counts)
}

/// Reads and verifies what follows the word `verdict`.
fn read_verdict(mut line: Line<'_>, networks: &Networks, bound: &Fraction) -> Result<(Verdict, Fraction), CheckError> {
    let verdict = line.word(Verdict::WORDS)?;
    let tolerance = Fraction { numerator: line.nat("p")?, denominator: line.pos("q")? };
    let digits = |x: &Fraction| x.to_decimal(Rounding::Down);
    let subject = networks.given.as_ref().or(networks.best.as_ref());
    match (verdict, subject, &networks.given, &networks.best) {
        (Verdict::Undecided, ..) => {}
        (Verdict::Optimal, Some(subject), ..) => {
            let gap = subject.objective.minus(bound);
            let allowed = tolerance.times(&subject.objective);
            ensure!(line, gap <= allowed, VerdictOptimal, "the gap {} is above {}", digits(&gap), digits(&allowed));
        }
        (Verdict::NotOptimal, _, Some(given), Some(best)) => {
            let [wide, narrow] = [best.neurons, given.neurons];
            ensure!(line, wide <= narrow, VerdictWidth, "the best network is wider: {wide} neurons, not {narrow}");
            let gain = given.objective.minus(&best.objective);
            let needed = tolerance.times(&given.objective);
            let [gain_text, needed_text] = [digits(&gain), digits(&needed)];
            ensure!(line, gain > needed, VerdictNotOptimal, "better by {gain_text}, not by more than {needed_text}");
        }
        (Verdict::Optimal | Verdict::NotOptimal, ..) => {
            return Err(line.reject(Reason::VerdictNetworks, "the verdict needs a network that is not there"));
        }
    }
    line.end()?;
    Ok((verdict, tolerance))
}

/// Reads the dual vector and verifies that the bound is at most 2c·D(v); gives `None` for v = 0.
pub(crate) fn read_dual<R: BufRead>(
    lines: &mut Lines<R>,
    statement: &Statement,
    bound: &Fraction,
) -> Result<Option<Dual>, CheckError> {
    let mut line = lines.begin("dual")?;
    let scale = Fraction { numerator: line.nat("A")?, denominator: line.pos("B")? };
    line.end()?;
    let mut v = Vec::new();
    let (mut sum, mut squares, mut products) = (Int::ZERO, Int::ZERO, Int::ZERO);
    for target in &statement.targets {
        let mut line = lines.begin("v")?;
        let x = line.int("V")?;
        line.end()?;
        sum = sum + &x;
        squares.add_product(&x, &x);
        products.add_product(&x, target);
        v.push(x);
    }
    let problem = &statement.problem;
    let is_allowed = problem.output_bias != OutputBias::Free || sum.is_zero();
    ensure!(lines, is_allowed, FreeBiasSum, "the output bias is free, but the V sum to {}", brief(&sum));
    // v = V·A/B: v·y = (A/B)·ΣVY/DY, and both ½‖v‖² and (Σv)²/(2β) have the factor ½·(A/B)².
    let integer = |numerator: Int| Fraction { numerator, denominator: Int::ONE };
    let is_zero = scale.numerator.is_zero() || squares.is_zero();
    let mut quadratic = integer(squares);
    if problem.output_bias == OutputBias::Decayed {
        quadratic = quadratic.plus(&integer(&sum * &sum).times(&problem.beta().inverse()));
    }
    let linear = scale.times(&Fraction { numerator: products, denominator: statement.dy.clone() });
    let value = linear.minus(&scale.times(&scale).times(&quadratic).times(&Fraction::HALF));
    let highest = value.times(&problem.twice_c());
    let [claim, most] = [bound, &highest].map(|x| x.to_decimal(Rounding::Down));
    ensure!(lines, *bound <= highest, Bound, "the bound {claim} is above the value {most} of the dual vector");
    Ok((!is_zero).then_some(Dual { scale, v }))
}
