//! The figures of a campaign, as Markdown.

use std::collections::HashSet;
use std::fmt::Write;

use crate::campaign::Reasons;
use crate::frame::Mutant;
use crate::mutate::KINDS;

/// The counts for one kind of mutation.
#[derive(Debug, Clone, Copy, Default)]
pub struct Row {
    pub generated: u64,
    /// Accepted by the Rust checker.
    pub accepted: u64,
    /// Accepted by both with the same theorem.
    pub both: u64,
    pub limits: u64,
    pub refuted: u64,
    pub disagreements: u64,
}

/// Something that must not happen.
#[derive(Debug, Clone)]
pub struct Failure {
    pub text: String,
    /// The file that shows it.
    pub mutant: Option<Mutant>,
}

impl Failure {
    #[must_use]
    pub fn new(base: &str, mutant: Option<(u64, &str, &Mutant)>, text: String) -> Failure {
        let place = mutant.map(|(number, kind, _)| format!("mutant {number} ({kind}) of ")).unwrap_or_default();
        Failure { text: format!("{place}{base}: {text}"), mutant: mutant.map(|(_, _, mutant)| mutant.clone()) }
    }
}

/// The figures of a campaign.
#[derive(Debug, Clone)]
pub struct Report {
    pub bases: u64,
    /// Hashes of the files: how many are different.
    pub seen: HashSet<u64>,
    /// Files that one checker refuses by a limit and the other decides.
    pub one_refuses: u64,
    /// The longest time that the Rust checker took for a mutant, in seconds.
    pub slowest: f64,
    pub seconds: f64,
    pub failures: u64,
    /// The first failures.
    pub shown: Vec<Failure>,
    pub reasons: Reasons,
    rows: Vec<Row>,
    with_second: bool,
}

/// Most failures that are kept.
const MOST_SHOWN: usize = 20;

impl Report {
    #[must_use]
    pub fn new(with_second: bool) -> Report {
        Report {
            bases: 0,
            seen: HashSet::new(),
            one_refuses: 0,
            slowest: 0.0,
            seconds: 0.0,
            failures: 0,
            shown: Vec::new(),
            reasons: Reasons::new(),
            rows: vec![Row::default(); KINDS.len()],
            with_second,
        }
    }

    /// The counts of a kind of mutation.
    pub fn row(&mut self, kind: &str) -> &mut Row {
        let at = KINDS.iter().position(|known| known.name == kind).unwrap_or(0);
        &mut self.rows[at]
    }

    pub fn fail(&mut self, failure: Failure) {
        self.failures += 1;
        if self.shown.len() < MOST_SHOWN {
            self.shown.push(failure);
        }
    }

    pub fn merge(&mut self, other: Report) {
        self.bases += other.bases;
        self.seen.extend(other.seen);
        self.one_refuses += other.one_refuses;
        self.slowest = self.slowest.max(other.slowest);
        self.failures += other.failures;
        self.shown.extend(other.shown);
        self.shown.truncate(MOST_SHOWN);
        for (reason, count) in other.reasons {
            *self.reasons.entry(reason).or_default() += count;
        }
        for (row, more) in self.rows.iter_mut().zip(other.rows) {
            row.generated += more.generated;
            row.accepted += more.accepted;
            row.both += more.both;
            row.limits += more.limits;
            row.refuted += more.refuted;
            row.disagreements += more.disagreements;
        }
    }

    /// The sums over all kinds.
    #[must_use]
    pub fn total(&self) -> Row {
        let sum = |count: fn(&Row) -> u64| self.rows.iter().map(count).sum();
        Row {
            generated: sum(|row| row.generated),
            accepted: sum(|row| row.accepted),
            both: sum(|row| row.both),
            limits: sum(|row| row.limits),
            refuted: sum(|row| row.refuted),
            disagreements: sum(|row| row.disagreements),
        }
    }

    /// A table with a line for each kind, and the sums.
    #[must_use]
    pub fn markdown(&self) -> String {
        let both = if self.with_second { ("| by both ", "|---:") } else { ("", "") };
        let mut text = format!("| mutation | mutants | accepted {}| over a limit | refuted |", both.0);
        text += if self.with_second { " disagreements |\n" } else { "\n" };
        let _ = writeln!(text, "|---|---:|---:{}|---:|---:|{}", both.1, if self.with_second { "---:|" } else { "" });
        let total = self.total();
        let names = KINDS.iter().map(|kind| kind.name).chain(["**all**"]);
        for (name, row) in names.zip(self.rows.iter().chain([&total])) {
            let _ = write!(text, "| {name} | {} | {} |", row.generated, row.accepted);
            if self.with_second {
                let _ = write!(text, " {} |", row.both);
            }
            let _ = write!(text, " {} | {} |", row.limits, row.refuted);
            if self.with_second {
                let _ = write!(text, " {} |", row.disagreements);
            }
            text.push('\n');
        }
        let _ = writeln!(
            text,
            "\n{} bases, {} mutants ({} different files), {} failures; {:.0} s, the slowest check {:.0} ms.",
            self.bases,
            total.generated,
            self.seen.len(),
            self.failures,
            self.seconds,
            self.slowest * 1000.0
        );
        if self.with_second {
            let _ = writeln!(text, "Refused by one checker's limits and decided by the other: {}.", self.one_refuses);
        }
        let mut reasons: Vec<(&String, &u64)> = self.reasons.iter().collect();
        reasons.sort_by_key(|(reason, count)| (std::cmp::Reverse(**count), reason.as_str()));
        let list: Vec<String> = reasons.iter().map(|(reason, count)| format!("{reason} {count}")).collect();
        let _ = writeln!(text, "Reasons of rejection: {}.", list.join(", "));
        text
    }
}
