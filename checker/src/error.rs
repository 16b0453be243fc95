//! Why a proof was not accepted, and the limits of what this checker is willing to decide.

use std::fmt;

/// The outcome of a check that did not end in acceptance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CheckError {
    /// The proof breaks a rule of the format: it proves nothing.
    Rejected {
        /// Line of the proof, counted from 1, where the breach was found.
        line: u64,
        /// The rule that is broken.
        reason: Reason,
        /// What exactly is wrong, with the numbers.
        text: String,
    },
    /// The proof is larger than this checker is willing to decide; this says nothing about its truth.
    Limit {
        /// Line of the proof, counted from 1, where the limit was met.
        line: u64,
        /// The limit that was exceeded.
        limit: Limit,
        /// What is limited, the number allowed, and the flag that changes it.
        text: String,
    },
    /// The proof could not be read.
    Unreadable {
        /// The message of the operating system.
        text: String,
    },
}

impl CheckError {
    pub(crate) fn rejected(line: u64, reason: Reason, text: impl Into<String>) -> Self {
        CheckError::Rejected { line, reason, text: text.into() }
    }

    /// The rule that a rejected proof breaks; `None` if the proof was not rejected.
    #[must_use]
    pub fn reason(&self) -> Option<Reason> {
        match self {
            CheckError::Rejected { reason, .. } => Some(*reason),
            CheckError::Limit { .. } | CheckError::Unreadable { .. } => None,
        }
    }

    /// The line of the proof, counted from 1, where checking stopped; `None` if the file could not be read.
    #[must_use]
    pub fn line(&self) -> Option<u64> {
        match self {
            CheckError::Rejected { line, .. } | CheckError::Limit { line, .. } => Some(*line),
            CheckError::Unreadable { .. } => None,
        }
    }
}

impl fmt::Display for CheckError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CheckError::Rejected { line, text, .. } => write!(f, "rejected: line {line}: {text}"),
            CheckError::Limit { line, text, .. } => write!(f, "limit exceeded: line {line}: {text}"),
            CheckError::Unreadable { text } => write!(f, "unreadable: {text}"),
        }
    }
}

impl std::error::Error for CheckError {}

/// The rules of the format; each has its own reason, so that a test can tell which one rejected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Reason {
    /// The compressed file is not a sequence of complete gzip members and nothing else.
    Gzip,
    /// The file ends before its `end` line.
    EndOfFile,
    /// The last line has no line feed.
    LineFeed,
    /// Bytes follow the `end` line.
    TrailingBytes,
    /// Two spaces, a space at the start or the end of a line, or an empty line.
    Spacing,
    /// A token is not one of the words the format has in this place.
    Word,
    /// A line has too few tokens.
    MissingToken,
    /// A line has too many tokens.
    ExtraToken,
    /// A token is not an integer in its only spelling (`-0`, `+1` and `01` are wrong).
    Integer,
    /// A number has to be greater than zero.
    NotPositive,
    /// A number has to be at least zero.
    Negative,
    /// The slopes of the activation are not in order, or have a common divisor.
    Activation,
    /// λ is not in lowest terms.
    DecayTerms,
    /// There are fewer rows than samples.
    FewRows,
    /// The first data line does not begin a sample.
    FirstRow,
    /// The number of `s` lines is not n.
    SampleCount,
    /// DX has a divisor in common with all features.
    FeatureDenominator,
    /// DY has a divisor in common with all targets.
    TargetDenominator,
    /// A network section is repeated or out of order.
    NetworkOrder,
    /// There is no output bias, but its denominator is not 1.
    OutputBiasDenominator,
    /// A network's objective is not what the file says.
    Objective,
    /// The verdict needs a network that is not there.
    VerdictNetworks,
    /// The verdict `optimal` does not follow from the objective and the bound.
    VerdictOptimal,
    /// The verdict `not_optimal` does not follow: the best network is not better by more than the tolerance.
    VerdictNotOptimal,
    /// The verdict `not_optimal` is shown by a wider network.
    VerdictWidth,
    /// The output bias is free, but the dual vector does not sum to zero.
    FreeBiasSum,
    /// The bound is above the dual value.
    Bound,
    /// K + Z is not the number of columns.
    BasisSize,
    /// The basis vectors and lines are linearly dependent.
    BasisSingular,
    /// A class does not vanish on a line.
    LineNotInKernel,
    /// `half` is used although the linear part does not vanish.
    HalfNotAllowed,
    /// The two generators of a split are the same one.
    SplitSame,
    /// A split names a generator that the cone does not have.
    SplitIndex,
    /// The tag of a tree line is not one that this tree has.
    RuleTag,
    /// The exceptions of a leaf are incomplete, repeated or not in ascending order.
    ExceptionOrder,
    /// An exception names a class that does not exist.
    ExceptionClass,
    /// An exception names a class that is not concave.
    ExceptionNotConcave,
    /// The slope of an exception is outside [−1, 1].
    ExceptionSlope,
    /// The vector of a leaf does not vanish on a line.
    LeafLine,
    /// The vector of a leaf is longer than β.
    LeafTooLong,
    /// The vector of a leaf does not dominate at a generator.
    LeafGenerator,
    /// A tree of rows is used although the hidden bias is not decayed.
    RowsNotAllowed,
    /// A split of a tree of rows names a class that does not exist.
    RowsClass,
    /// A split of a tree of rows names a class whose sign is already fixed.
    RowsFixed,
    /// The parabola of a concave class in a quadratic leaf is not below |t| where it has to be.
    RowsSlope,
    /// The parabola of a fixed class in a quadratic leaf is below 0 where it must not be.
    RowsMultiplier,
    /// The polynomial of a class in a quartic leaf is not seen to be above the class' part of H where it has to be.
    RowsQuartic,
    /// A product in a leaf of a tree of rows names a class whose sign is not fixed.
    ProductClass,
    /// The products of a leaf of a tree of rows are not in ascending order, or one is of a class with itself.
    ProductOrder,
    /// The matrix of a leaf of a tree of rows is not positive semidefinite.
    Semidefinite,
    /// A network of the proof is wider than those that the bound is about.
    BoundWidth,
    /// A cone names a part that does not exist.
    PartNumber,
    /// A part has no cone.
    PartEmpty,
    /// A block names a piece that does not exist.
    PieceNumber,
    /// The pieces of a block are repeated or not in ascending order.
    PieceOrder,
    /// A set of at most as many pieces as the bound's width is in no block.
    Uncovered,
    /// The bound is not for networks as wide as the user asks for.
    ScopeTooNarrow,
    /// The statement of the proof is not that of the user's data.
    DataDiffers,
    /// The network of the proof is not the user's network.
    NetworkDiffers,
}

/// The enum [`Limit`] and the table [`LIMITS`], from a line for each limit:
/// name = default, the highest value that can be asked for, the flag, and what is limited.
macro_rules! limits {
    ($($name:ident = $default:expr, $highest:expr, $flag:literal, $what:literal;)*) => {
        /// The limits of this checker (FORMAT.md §1).
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Limit { $(#[doc = $what] $name,)* }

        /// In the order of the enum: the highest value, the flag, and what is limited.
        pub(crate) const LIMITS: &[(Limit, u64, &str, &str)] = &[$((Limit::$name, $highest, $flag, $what),)*];
        /// The defaults, in the order of the enum.
        pub(crate) const DEFAULTS: Limits = [$($default),*];
    };
}

/// The greatest value that each limit allows, in the order of the enum.
pub(crate) type Limits = [u64; 20];

// The highest values are those up to which the checker's indices fit and its vectors can be made.
limits! {
    Bytes = 1_000_000_000_000, u64::MAX, "--max-bytes", "bytes of the proof, decompressed";
    Tokens = 200_000_000_000, u64::MAX, "--max-tokens", "tokens of the proof";
    StatementSize = 50_000_000, u64::MAX, "--max-statement-bytes", "bytes of the statement";
    LineLength = 4_000_000, u64::MAX, "--max-line-bytes", "bytes of a line";
    Digits = 20_000, u64::MAX, "--max-digits", "digits of an integer";
    Rows = 10_000_000, 4_000_000_000, "--max-rows", "rows";
    Columns = 1_000, 1_000_000, "--max-columns", "columns (features)";
    Entries = 10_000_000, u64::MAX, "--max-entries", "entries of the data (rows times columns)";
    Neurons = 1_000_000, u64::MAX, "--max-neurons", "neurons of a network";
    BasisVectors = 24, 60, "--max-basis-vectors", "basis vectors of a fan";
    Depth = 10_000, u64::MAX, "--max-depth", "splits on one path of a tree";
    Nodes = 1_000_000_000_000, u64::MAX, "--max-nodes", "splits and leaves";
    GeneratorBits = 70_000, u64::MAX, "--max-generator-bits", "bits of an entry of a generator";
    PathMemory = 1 << 21, u64::MAX, "--max-path-words", "64-bit words of the generators or half-spaces of one path";
    RowsColumns = 256, 4_000, "--max-rows-columns", "entries of a vector (r) where there is a tree of rows";
    MatrixBits = 1 << 33, u64::MAX, "--max-matrix-bits", "bits of a leaf's matrix of K rows, as K^3 times those of an entry";
    Parts = 100_000, 4_000_000_000, "--max-parts", "parts of a bound at a fixed width";
    Table = 1_000_000_000, u64::MAX, "--max-table", "blocks times pieces of a bound at a fixed width";
    Sets = 10_000_000_000, u64::MAX, "--max-sets", "sets of pieces to look up (64 blocks at a time)";
    Time = 1_000_000, u64::MAX, "--time-limit", "seconds";
}
