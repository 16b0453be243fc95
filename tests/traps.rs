//! Local search is not proof. Each trap of `fixtures/traps` is a problem with a network whose residual satisfies the dual constraint on all cells but a few in a
//! tiny cone: the network is the optimum of the convex program restricted to the other cells, thousands of local searches find nothing that
//! improves it, and a better network exists. `certify` has to see that, with a proof; and its bounds have to hold.
//!
//! `RELUCERT_STARTS=5000 cargo test --release --test traps -- --nocapture` prints the figures of TRUST.md.

mod common;

use std::path::{Path, PathBuf};
use std::process::Command;

use common::*;
use relucert::exact::rat_to_f64;
use relucert::oracle::{ascent, form};
use relucert::problem::{
    Activation, DataOptions, Dataset, Decay, HiddenBias, Loss, Network, NetworkFile, NetworkKeys,
    OutputBias, Problem,
};
use relucert::program::convert;
use relucert::run::{RunOptions, Verdict};
use relucert::solve::space::Space;

struct Trap {
    name: String,
    problem: Problem,
    network: Network,
    /// `|F_v|/β` in the hidden direction.
    hidden: f64,
    /// A neuron there lowers the objective by at least this part.
    gain: f64,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/traps")
}

fn traps() -> Vec<Trap> {
    let list = std::fs::read_to_string(folder().join("traps.list")).expect("the list");
    let lines = list.lines().filter(|line| !line.starts_with('#'));
    lines.map(trap).collect()
}

fn trap(line: &str) -> Trap {
    let words: Vec<&str> = line.split(' ').collect();
    let after = |flag: &str| {
        let at = words.iter().position(|word| *word == flag);
        at.map(|at| words[at + 1])
    };
    let file = |end: &str| folder().join(format!("{}.{end}", words[0]));
    let file_of_network = NetworkFile::read(&file("json"), &NetworkKeys::default());
    let network = file_of_network.expect("a network").network;
    let activation = match after("--activation") {
        None => Activation::relu(),
        Some("abs") => Activation::abs(),
        Some(slope) => Activation::leaky(rat(slope.trim_start_matches("leaky:"))).expect("a slope"),
    };
    let hidden = match (
        &network.hidden_bias,
        line.contains("--no-decay hidden-bias"),
    ) {
        (None, _) => HiddenBias::None,
        (Some(_), false) => HiddenBias::Decayed,
        (Some(_), true) => HiddenBias::Undecayed,
    };
    let output = match (
        &network.output_bias,
        line.contains("--no-decay output-bias"),
    ) {
        (None, _) => OutputBias::None,
        (Some(_), false) => OutputBias::Decayed,
        (Some(_), true) => OutputBias::Free,
    };
    let data = Dataset::read(&file("csv"), &DataOptions::default()).expect("data");
    let decay = Decay::WeightDecay(rat(after("--weight-decay").expect("a decay")));
    Trap {
        name: words[0].to_owned(),
        problem: Problem::new(data, activation, Loss::HalfSum, decay, hidden, output)
            .expect("a problem"),
        network,
        hidden: words[1].parse().expect("a number"),
        gain: words[2].parse().expect("a number"),
    }
}

/// The largest `|F_v(u)|/(β·ρ(u))` that gradient ascents of both signs from so many starts find, for v the residual of the network.
fn local_search(trap: &Trap, starts: usize, seed: u64) -> f64 {
    let problem = &trap.problem;
    let model = convert::model(problem, &convert::classes(problem));
    let classes = convert::classes(problem);
    let kernel = relucert::arrangement::kernel::kernel(&classes.primitive, problem.r());
    let space = Space::new(&model, kernel);
    let v = model.dual_vector(&convert::state(problem, &model, &trap.network));
    let form = form::form(&space.rows, &v, model.low, model.high);
    let starts = ascent::starts(&space.rows, starts, seed);
    let peaks = ascent::peaks(&space.rows, &form, &starts, 100);
    peaks
        .iter()
        .map(|peak| peak.value / (model.beta * model.rho(&space.to_model(&peak.u))))
        .fold(0.0, f64::max)
}

/// Whether the second checker, which needs Python, accepts.
fn python_accepts(proof: &Path) -> bool {
    let checker = Path::new(env!("CARGO_MANIFEST_DIR")).join("python/relucert_check.py");
    let status = Command::new("python3").arg(checker).arg(proof).output();
    status.expect("Python").status.success()
}

/// What is wrong with the program's answers about a trap; a line of figures in a full run.
fn faults(trap: &Trap, starts: usize, in_full: bool, python: bool) -> Vec<String> {
    let (name, problem) = (&trap.name, &trap.problem);
    let mut faults = Vec::new();
    let mut expect = |holds: bool, what: String| {
        if !holds {
            faults.push(format!("{name}: {what}"));
        }
    };
    // Nothing is found but what is tight.
    let found = local_search(trap, starts, 11);
    expect(found < 1.0 + 1e-6, format!("a local search found {found}"));
    // The verdict is right, with as many leaves as it takes, and the checkers accept its proof.
    let files = tempfile::tempdir().expect("a folder");
    let path = files.path().join("a.proof");
    let certified = [1_000, 6_000, 40_000].map(|leaves| RunOptions {
        max_leaves: Some(leaves),
        proof: Some(path.clone()),
        ..options("1e-6")
    });
    let mut answers = certified.iter().map(|options| {
        let c = relucert::run::certify(problem, &trap.network, options).expect("a run");
        check(problem, Some(&trap.network), c, &path).certificate
    });
    let Some(c) = answers.find(|c| c.verdict != Verdict::Undecided) else {
        return vec![format!("{name}: undecided")];
    };
    expect(
        c.verdict == Verdict::NotOptimal,
        "called optimal".to_owned(),
    );
    expect(
        !python || python_accepts(&path),
        "the Python checker".to_owned(),
    );
    if !in_full {
        return faults;
    }
    // A run from the data alone: a network that is better by what the hidden direction promises, and each bound is below each network.
    let options = RunOptions {
        max_leaves: Some(20_000),
        ..options("1e-6")
    };
    let s = solve_checked(problem, &options).certificate;
    let best = s.objective.clone().min(c.upper_bound.clone());
    let gap = rat_to_f64(&((&c.objective - &best) / &c.objective));
    expect(gap > 0.99 * trap.gain, format!("only {gap:e} is gained"));
    expect(
        c.lower_bound <= best && s.lower_bound <= best,
        "a bound is above a network".to_owned(),
    );
    // Nobody may call it optimal at a tolerance below the gap.
    let below = RunOptions {
        tolerance: from_f64(0.5 * gap),
        max_leaves: Some(500),
        ..options
    };
    let again = certify_checked(problem, &trap.network, &below).certificate;
    expect(again.verdict != Verdict::Optimal, "optimal".to_owned());
    println!(
        "| {name} | {} | {} | {found:.7} | {} | {:.1e} | {gap:.1e} |",
        problem.n(),
        problem.r(),
        trap.hidden,
        trap.gain,
    );
    faults
}

/// Checks every second trap.
fn check_traps(part: usize) {
    let starts = std::env::var("RELUCERT_STARTS").map_or(100, |n| n.parse().expect("a number"));
    let in_full = starts >= 1000;
    let traps = traps();
    assert!(traps.len() >= 20, "{}", traps.len());
    let all: Vec<String> = traps
        .iter()
        .enumerate()
        .filter(|(number, _)| number % 2 == part)
        .flat_map(|(number, trap)| faults(trap, starts, in_full, in_full || number < 2))
        .collect();
    assert!(all.is_empty(), "{all:#?}");
}

#[test]
fn what_local_searches_call_optimal_is_not() {
    check_traps(0);
}

#[test]
fn what_other_local_searches_call_optimal_is_not() {
    check_traps(1);
}
