//! Makes mutants, asks the checkers, and judges what they accept.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::attack::Attack;
use crate::checker::{Answer, Control, ask};
use crate::claim::Claim;
use crate::document::Document;
use crate::false_claims::FalseClaim;
use crate::frame::Mutant;
use crate::judge::refute;
use crate::mutate::{KINDS, mutate};
use crate::network::Network;
use crate::report::{Failure, Report};
use crate::rng::Rng;
use crate::second::{Running, Second};
use crate::truths::Truth;

/// A proof that is mutated.
#[derive(Debug, Clone)]
pub struct Base {
    pub name: String,
    pub proof: Document,
    /// Networks that are good on its statement.
    pub pool: Vec<Network>,
    /// Whether it has to be accepted itself; if not, it has to be rejected.
    pub is_true: bool,
}

impl From<Truth> for Base {
    fn from(truth: Truth) -> Base {
        Base { name: truth.name, proof: truth.proof, pool: truth.pool, is_true: true }
    }
}

impl From<FalseClaim> for Base {
    fn from(claim: FalseClaim) -> Base {
        let name = format!("{}: {}", claim.kind, claim.name);
        Base { name, proof: claim.proof, pool: claim.pool, is_true: false }
    }
}

/// How a campaign is run.
#[derive(Debug, Clone)]
pub struct Options {
    /// The number of mutants.
    pub count: u64,
    /// The number of the first mutant: mutant i depends on the seed and on i alone.
    pub first: u64,
    pub seed: u64,
    pub threads: usize,
    /// Ask this checker too.
    pub second: Option<Second>,
    pub control: Control,
    /// Most time that a checker may take for one mutant.
    pub patience: Duration,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            count: 1_000_000,
            first: 0,
            seed: 1,
            threads: 1,
            second: None,
            control: Control::None,
            patience: Duration::from_secs(60),
        }
    }
}

/// Checks the bases themselves and true proofs that have to be accepted, and then the mutants of the bases.
///
/// # Errors
///
/// If the process of the other checker cannot be started or ends.
pub fn run(attack: &Attack, options: &Options) -> Result<Report, String> {
    let start = Instant::now();
    let Attack { bases, truths } = attack;
    let mut report = check_bases(bases, truths, options)?;
    let clocks: Vec<Clock> = (0..options.threads.max(1)).map(|_| Clock::default()).collect();
    let end = AtomicU64::new(0);
    let parts = std::thread::scope(|scope| {
        scope.spawn(|| watch(&clocks, &end, options.patience, start));
        let workers: Vec<_> = (0..clocks.len())
            .map(|thread| {
                let clock = &clocks[thread];
                scope.spawn(move || Worker::new(bases, options, clock, start)?.run(thread as u64))
            })
            .collect();
        let parts: Vec<Result<Report, String>> = workers
            .into_iter()
            .map(|worker| worker.join().unwrap_or_else(|_| Err("the harness panicked".into())))
            .collect();
        end.store(1, Ordering::Relaxed);
        parts
    });
    for part in parts {
        report.merge(part?);
    }
    report.seconds = start.elapsed().as_secs_f64();
    Ok(report)
}

/// When a thread began with its mutant, in milliseconds after the start, and which one it is.
#[derive(Default)]
struct Clock {
    begun: AtomicU64,
    mutant: AtomicU64,
}

/// Ends the program if a checker takes too long: nothing else can be done about a hang.
fn watch(clocks: &[Clock], end: &AtomicU64, patience: Duration, start: Instant) {
    while end.load(Ordering::Relaxed) == 0 {
        std::thread::sleep(Duration::from_millis(100));
        let now = start.elapsed().as_millis() as u64;
        for clock in clocks {
            let begun = clock.begun.load(Ordering::Relaxed);
            if begun > 0 && now.saturating_sub(begun) > patience.as_millis() as u64 {
                eprintln!("FAILURE: mutant {} hangs", clock.mutant.load(Ordering::Relaxed));
                std::process::exit(1);
            }
        }
    }
}

fn check_bases(bases: &[Base], truths: &[Base], options: &Options) -> Result<Report, String> {
    let mut report = Report::new(options.second.is_some());
    report.bases = bases.len() as u64;
    let mut second = start_second(options)?;
    for base in bases.iter().chain(truths) {
        let mutant = Mutant::plain(base.proof.bytes());
        let first = ask(&mutant, options.control);
        let mut answers = vec![("Rust", first)];
        if let Some((name, running)) = &mut second {
            running.send(&mutant).map_err(|error| error.to_string())?;
            answers.push((name, running.receive().map_err(|error| error.to_string())?));
        }
        if let [(_, first), (name, other)] = &answers[..]
            && base.is_true
            && first != other
        {
            report.fail(Failure::new(&base.name, None, format!("Rust says {first:?}, {name} says {other:?}")));
        }
        for (who, answer) in answers {
            if answer.is_accepted() != base.is_true || matches!(answer, Answer::Crashed(_) | Answer::Limit(_)) {
                let expected = if base.is_true { "true" } else { "false" };
                report.fail(Failure::new(&base.name, None, format!("a {expected} base: {who} says {answer:?}")));
            }
        }
    }
    Ok(report)
}

/// The other checker with its name.
fn start_second(options: &Options) -> Result<Option<(&'static str, Running)>, String> {
    let Some(second) = options.second else { return Ok(None) };
    let running = Running::start(second).map_err(|error| format!("{}: {error}", second.name()))?;
    Ok(Some((second.name(), running)))
}

struct Worker<'a> {
    bases: &'a [Base],
    options: &'a Options,
    second: Option<(&'static str, Running)>,
    clock: &'a Clock,
    start: Instant,
    report: Report,
}

impl<'a> Worker<'a> {
    fn new(bases: &'a [Base], options: &'a Options, clock: &'a Clock, start: Instant) -> Result<Worker<'a>, String> {
        let report = Report::new(options.second.is_some());
        Ok(Worker { bases, options, second: start_second(options)?, clock, start, report })
    }

    fn run(mut self, thread: u64) -> Result<Report, String> {
        let step = self.options.threads.max(1) as u64;
        for number in (thread..self.options.count).step_by(step as usize) {
            self.mutant(self.options.first + number)?;
        }
        self.clock.begun.store(0, Ordering::Relaxed);
        Ok(self.report)
    }

    fn mutant(&mut self, number: u64) -> Result<(), String> {
        let mut rng = Rng::new(self.options.seed, number);
        let base = &self.bases[(number % self.bases.len() as u64) as usize];
        let other = rng.pick(self.bases);
        let unchanged = base.proof.bytes();
        let (kind, mutant) = loop {
            let (kind, mutant) = mutate(&base.proof, &other.proof, &mut rng);
            if mutant.bytes != unchanged {
                break (kind, mutant);
            }
        };
        let mut hasher = DefaultHasher::new();
        mutant.bytes.hash(&mut hasher);
        self.report.seen.insert(hasher.finish());
        self.clock.mutant.store(number, Ordering::Relaxed);
        self.clock.begun.store(1 + self.start.elapsed().as_millis() as u64, Ordering::Relaxed);
        if let Some((_, running)) = &mut self.second {
            running.send(&mutant).map_err(|error| format!("mutant {number}: {error}"))?;
        }
        let begun = Instant::now();
        let answer = ask(&mutant, self.options.control);
        self.report.slowest = self.report.slowest.max(begun.elapsed().as_secs_f64());
        let second = match &mut self.second {
            Some((_, running)) => Some(running.receive().map_err(|error| format!("mutant {number}: {error}"))?),
            None => None,
        };
        let row = self.report.row(KINDS[kind].name);
        row.generated += 1;
        row.accepted += u64::from(answer.is_accepted());
        row.limits += u64::from(matches!(answer, Answer::Limit(_)));
        if let Answer::Rejected(reason) = &answer {
            *self.report.reasons.entry(reason.clone()).or_default() += 1;
        }
        let objections = self.objections([base, other], &mutant, &answer, second.as_ref(), KINDS[kind].name);
        for text in objections {
            self.report.fail(Failure::new(&base.name, Some((number, KINDS[kind].name, &mutant)), text));
        }
        Ok(())
    }

    /// What is wrong with the answers.
    fn objections(
        &mut self,
        bases: [&Base; 2],
        mutant: &Mutant,
        answer: &Answer,
        second: Option<&Answer>,
        kind: &'static str,
    ) -> Vec<String> {
        let mut objections = Vec::new();
        let other = self.second.as_ref().map_or("", |(name, _)| name);
        for (who, answer) in [("Rust", Some(answer)), (other, second)] {
            match answer {
                Some(Answer::Crashed(text)) => objections.push(format!("{who} crashed: {text}")),
                Some(Answer::Accepted { summary, .. }) => {
                    if let Some(text) = judged(bases, mutant, summary) {
                        self.report.row(kind).refuted += 1;
                        objections.push(format!("{who} accepted a refuted claim: {text}"));
                    }
                }
                _ => {}
            }
        }
        match (answer, second) {
            (_, None) | (Answer::Rejected(_), Some(Answer::Rejected(_))) => {}
            (Answer::Accepted { .. }, Some(Answer::Accepted { .. })) if Some(answer) == second => {
                self.report.row(kind).both += 1;
            }
            // A file beyond a limit may be refused, and the checkers do not have the same limits.
            (Answer::Limit(_), Some(_)) | (_, Some(Answer::Limit(_))) => {
                if std::mem::discriminant(answer)
                    != second.map_or(std::mem::discriminant(answer), std::mem::discriminant)
                {
                    self.report.one_refuses += 1;
                }
            }
            (first, Some(second)) => {
                self.report.row(kind).disagreements += 1;
                objections.push(format!("the checkers disagree: Rust {first:?}, {other} {second:?}"));
            }
        }
        objections
    }
}

/// Why an accepted theorem is not true, or not the one that the file states. The statement is that of one of the bases,
/// or like it.
fn judged(bases: [&Base; 2], mutant: &Mutant, summary: &str) -> Option<String> {
    let text = mutant.text()?;
    match Claim::read(&text) {
        Err(error) => Some(format!("the judge cannot read it: {error}")),
        Ok(claim) if claim.summary() != summary => Some(format!("the file says {}, not {summary}", claim.summary())),
        Ok(claim) => refute(&claim, &bases.map(|base| &base.pool[..]).concat()),
    }
}

/// The number of proofs for each reason of rejection.
pub type Reasons = BTreeMap<String, u64>;
