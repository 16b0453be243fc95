//! The statement: activation, objective and data (FORMAT.md §2), and the classes of its rows (§5).

use std::collections::HashMap;
use std::fmt;
use std::io::BufRead;

use sha2::{Digest, Sha256};

use crate::error::{CheckError, Limit, Reason};
use crate::files::binding::Binding;
use crate::fraction::Fraction;
use crate::int::{Int, Row, Vector, dot};
use crate::text::{Line, Lines, brief, ensure};

/// An enum whose values are words of the format.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$value_doc:meta])* $value:ident = $word:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $name { $($(#[$value_doc])* $value,)* }

        impl $name {
            pub(crate) const WORDS: &[(&str, $name)] = &[$(($word, $name::$value),)*];
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(match self { $($name::$value => $word,)* })
            }
        }
    };
}
pub(crate) use words;

words! {
    /// The factor c of the sum of squared residuals.
    Loss {
        /// c = 1/2
        HalfSum = "half-sum",
        /// c = 1
        Sum = "sum",
        /// c = 1/n
        Mean = "mean",
        /// c = 1/(2n)
        HalfMean = "half-mean",
    }
}
words! {
    /// The factor μ of the sum of squared parameters.
    Decay {
        /// μ = λ/2
        WeightDecay = "weight-decay",
        /// μ = λ
        Ridge = "ridge",
    }
}
words! {
    /// The bias inside the activation.
    HiddenBias {
        /// There is none.
        None = "none",
        /// It is penalised like a weight.
        Decayed = "decayed",
        /// It is not penalised.
        Undecayed = "undecayed",
    }
}
words! {
    /// The bias of the output.
    OutputBias {
        /// There is none.
        None = "none",
        /// It is penalised like a weight.
        Decayed = "decayed",
        /// It is not penalised.
        Free = "free",
    }
}

/// A training problem, without its data.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Problem {
    /// The slopes κ1 ≤ κ2 of the activation φ(t) = max(κ1·t, κ2·t).
    pub slopes: [Fraction; 2],
    /// The factor of the squared residuals.
    pub loss: Loss,
    /// The factor of the squared parameters.
    pub decay: Decay,
    /// λ
    pub lambda: Fraction,
    /// The bias inside the activation.
    pub hidden_bias: HiddenBias,
    /// The bias of the output.
    pub output_bias: OutputBias,
    /// Number of samples (n).
    pub samples: usize,
    /// Number of rows (N), at least `samples`; more only if a network sums over several rows of a sample.
    pub rows: usize,
    /// Number of features of a row (d).
    pub features: usize,
    /// Number of weights and biases inside a neuron: `features`, and one more if there is a hidden bias.
    pub r: usize,
    /// The SHA-256 of the statement, in lower-case hexadecimal digits.
    pub sha256: String,
}

impl Problem {
    /// 2c, where the objective is c·Σ(f−y)² + μ·Σ(squares of the decayed parameters).
    #[must_use]
    pub fn twice_c(&self) -> Fraction {
        let (one, two, n) = (Int::ONE, Int::Small(2), Int::from(self.samples));
        let (numerator, denominator) = match self.loss {
            Loss::HalfSum => (one.clone(), one),
            Loss::Sum => (two, one),
            Loss::Mean => (two, n),
            Loss::HalfMean => (one, n),
        };
        Fraction { numerator, denominator }
    }

    /// 2μ
    #[must_use]
    pub fn twice_mu(&self) -> Fraction {
        let two = Fraction { numerator: Int::Small(2), denominator: Int::ONE };
        if self.decay == Decay::Ridge { self.lambda.times(&two) } else { self.lambda.clone() }
    }

    /// β = μ/c
    #[must_use]
    pub fn beta(&self) -> Fraction {
        self.twice_mu().times(&self.twice_c().inverse())
    }
}

/// A row of the data: the integer vector ξ = multiple·(primitive vector of the class).
pub(crate) struct DataRow {
    pub(crate) sample: u32,
    /// `None` for a zero row.
    pub(crate) class: Option<u32>,
    pub(crate) multiple: Int,
}

/// What a proof is about, as far as the check needs it.
pub(crate) struct Statement {
    pub(crate) problem: Problem,
    /// k1, k2, kd
    pub(crate) activation: [Int; 3],
    pub(crate) dx: Int,
    pub(crate) dy: Int,
    /// Y of each sample.
    pub(crate) targets: Vec<Int>,
    pub(crate) rows: Vec<DataRow>,
    /// The primitive vectors of the classes, r entries each.
    primitives: Vector,
    pub(crate) class_count: usize,
}

impl Statement {
    /// The primitive vector of a class.
    #[inline]
    pub(crate) fn primitive(&self, class: usize) -> Row<'_> {
        self.primitives.row(class, self.problem.r)
    }

    /// Whether every row vanishes on a vector.
    pub(crate) fn is_line(&self, z: &Vector) -> bool {
        (0..self.class_count).all(|class| dot(self.primitive(class), z.all()).is_zero())
    }

    /// Reads vectors of r entries, each on a line of its own.
    pub(crate) fn read_vectors<R: BufRead>(
        &self,
        lines: &mut Lines<R>,
        keyword: &str,
        count: usize,
    ) -> Result<Vec<Vector>, CheckError> {
        let mut vectors = Vec::new();
        for _ in 0..count {
            let mut line = lines.begin(keyword)?;
            let entries = (0..self.problem.r).map(|_| line.int("an entry"));
            vectors.push(entries.collect::<Result<Vec<Int>, _>>()?.into());
            line.end()?;
        }
        Ok(vectors)
    }

    /// Reads the statement, and shows each line to `binding`.
    pub(crate) fn read<R: BufRead>(lines: &mut Lines<R>, binding: &mut dyn Binding) -> Result<Self, CheckError> {
        let mut bytes = Fingerprint { sha256: Sha256::new(), length: 0, binding };
        let mut line = bytes.take(lines, Some("activation"))?;
        let [k1, k2, kd] = [line.int("k1")?, line.int("k2")?, line.pos("kd")?];
        ensure!(line, k1 <= k2, Activation, "activation: k1 is greater than k2");
        ensure!(line, k1.gcd(&k2).gcd(&kd) == Int::ONE, Activation, "activation: a common divisor");
        line.end()?;
        let loss = bytes.take_word(lines, "loss", Loss::WORDS)?;
        let mut line = bytes.take(lines, Some("decay"))?;
        let decay = line.word(Decay::WORDS)?;
        let lambda = Fraction { numerator: line.pos("p of λ")?, denominator: line.pos("q of λ")? };
        let divisor = lambda.numerator.gcd(&lambda.denominator);
        ensure!(line, divisor == Int::ONE, DecayTerms, "decay: λ is not in lowest terms");
        line.end()?;
        let hidden_bias = bytes.take_word(lines, "hidden-bias", HiddenBias::WORDS)?;
        let output_bias = bytes.take_word(lines, "output-bias", OutputBias::WORDS)?;
        let mut line = bytes.take(lines, Some("data"))?;
        let [samples, rows, features] = [line.count_pos("n")?, line.count_pos("N")?, line.count_pos("d")?];
        let [dx, dy] = [line.pos("DX")?, line.pos("DY")?];
        line.limit(Limit::Rows, rows as u64)?;
        line.limit(Limit::Columns, features as u64)?;
        line.limit(Limit::Entries, (rows as u64).saturating_mul(features as u64))?;
        ensure!(line, rows >= samples, FewRows, "{rows} rows are fewer than {samples} samples");
        line.end()?;

        let r = features.saturating_add(usize::from(hidden_bias != HiddenBias::None));
        let slopes = [&k1, &k2].map(|k| Fraction { numerator: k.clone(), denominator: kd.clone() });
        let sha256 = String::new();
        let problem =
            Problem { slopes, loss, decay, lambda, hidden_bias, output_bias, samples, rows, features, r, sha256 };
        let activation = [k1, k2, kd];
        let (targets, data, primitives) = (Vec::new(), Vec::new(), Vector::default());
        let mut statement = Statement { problem, activation, dx, dy, targets, rows: data, primitives, class_count: 0 };
        // gcd of DX and all features, and of DY and all targets.
        let mut common = [statement.dx.clone(), statement.dy.clone()];
        let mut classes = HashMap::new();
        let mut primitives = Vec::new();
        for _ in 0..rows {
            let (mut row, sample) = statement.read_row(bytes.take(lines, None)?, &mut common)?;
            let multiple = make_primitive(&mut row);
            // At most 4·10⁹ classes (the limit on rows), so that their numbers fit.
            let next = u32::try_from(classes.len()).unwrap_or(u32::MAX);
            let class = (!multiple.is_zero()).then(|| {
                *classes.entry(row).or_insert_with_key(|primitive| {
                    primitives.extend_from_slice(primitive);
                    next
                })
            });
            statement.rows.push(DataRow { sample, class, multiple });
        }
        let begun = statement.targets.len();
        ensure!(lines, begun == samples, SampleCount, "{begun} samples begin, but {samples} are announced");
        let [x, y] = &common;
        ensure!(lines, *x == Int::ONE, FeatureDenominator, "DX and all features are multiples of {}", brief(x));
        ensure!(lines, *y == Int::ONE, TargetDenominator, "DY and all targets are multiples of {}", brief(y));
        statement.primitives = primitives.into();
        statement.class_count = classes.len();
        statement.problem.sha256 = bytes.sha256.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(statement)
    }

    /// Reads a data line: the integer row, and the number of its sample.
    fn read_row(&mut self, mut line: Line<'_>, common: &mut [Int; 2]) -> Result<(Vec<Int>, u32), CheckError> {
        let [common_x, common_y] = common;
        if line.word(&[("s", true), ("+", false)])? {
            let samples = self.problem.samples;
            ensure!(line, self.targets.len() < samples, SampleCount, "more than the {samples} samples announced");
            let y = line.int("the target")?;
            common_y.reduce_to_gcd(&y);
            self.targets.push(y);
        }
        ensure!(line, !self.targets.is_empty(), FirstRow, "the first row has to begin a sample");
        let mut row = Vec::with_capacity(self.problem.r);
        for _ in 0..self.problem.features {
            let x = line.int("a feature")?;
            common_x.reduce_to_gcd(&x);
            row.push(x);
        }
        line.end()?;
        if row.len() < self.problem.r {
            row.push(self.dx.clone());
        }
        // At most 4·10⁹ samples (the limit on rows), so that the number fits.
        Ok((row, u32::try_from(self.targets.len().saturating_sub(1)).unwrap_or(u32::MAX)))
    }
}

/// The SHA-256 and the length of the statement read so far, and who else sees it.
struct Fingerprint<'b> {
    sha256: Sha256,
    length: u64,
    binding: &'b mut dyn Binding,
}

impl Fingerprint<'_> {
    /// The next line, which begins with the keyword if there is one.
    fn take<'a, R: BufRead>(&mut self, lines: &'a mut Lines<R>, keyword: Option<&str>) -> Result<Line<'a>, CheckError> {
        let mut line = lines.next()?;
        self.binding.statement_line(&line)?;
        self.sha256.update(line.bytes);
        self.sha256.update(b"\n");
        self.length = self.length.saturating_add(line.bytes.len() as u64).saturating_add(1);
        line.limit(Limit::StatementSize, self.length)?;
        keyword.map_or(Ok(()), |keyword| line.keyword(keyword))?;
        Ok(line)
    }

    /// The word on the next line, which has a keyword and one word.
    fn take_word<R: BufRead, T: Copy>(
        &mut self,
        lines: &mut Lines<R>,
        keyword: &str,
        words: &[(&str, T)],
    ) -> Result<T, CheckError> {
        let mut line = self.take(lines, Some(keyword))?;
        let word = line.word(words)?;
        line.end()?;
        Ok(word)
    }
}

/// Divides a vector by m, so that its entries have no common divisor and the first nonzero one is positive, and gives
/// m; a zero vector is left as it is and gives 0.
fn make_primitive(row: &mut [Int]) -> Int {
    let Some(first) = row.iter().find(|x| !x.is_zero()) else { return Int::ZERO };
    let negative = first.sign().is_lt();
    let mut divisor = first.clone().abs();
    for x in row.iter() {
        divisor.reduce_to_gcd(x);
    }
    let multiple = if negative { -divisor } else { divisor };
    if multiple != Int::ONE {
        row.iter_mut().for_each(|x| *x = x.over(&multiple));
    }
    multiple
}
