//! The command `trust`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use relucert_trust::attack;
use relucert_trust::campaign::{Options, run};
use relucert_trust::corpus;
use relucert_trust::document::Document;
use relucert_trust::false_claims;
use relucert_trust::report::Report;
use relucert_trust::second::Second;

const HELP: &str = "\
Attacks the checkers of relucert proofs.

usage: trust false-claims [options]   mutants of false claims in good-looking proofs: none may be accepted as it is
       trust true-mutants [options]   mutants of true proofs: rejected, or not refuted
       trust list                     the false claims, with how each is refuted
       trust corpus FOLDER            writes the files of tests/fail and tests/run

  --count N       mutants (1000000)
  --first I       the number of the first mutant (0): mutant i depends on the seed and i alone
  --seed S        the seed (1)
  --threads T     threads, each with a process of its own for the other checker (1)
  --python        compare with python/relucert_check.py
  --javascript    compare with javascript/relucert_check.js (needs node)
  --chromium      the same, in headless Chromium
  --large         true-mutants: instead, the proofs of the repository of more than 30 kB
  --control C     put `accept` or `reject` in the checker's place: the run has to fail
  --patience S    seconds after which a mutant is a hang (60)
  --save FOLDER   write the files that show a failure there

exit status: 0 nothing failed, 1 something did, 2 wrong usage
";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match command(&args) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(message) => {
            eprintln!("trust: {message}\n\n{HELP}");
            ExitCode::from(2)
        }
    }
}

/// Runs a command; false if something failed.
fn command(args: &[String]) -> Result<bool, String> {
    let (name, rest) = args.split_first().ok_or("which command?")?;
    if let ("corpus", [folder]) = (name.as_str(), rest) {
        corpus::write(Path::new(folder))?;
        return Ok(true);
    }
    let flags = Flags::parse(rest)?;
    let options = flags.options()?;
    let attack = match name.as_str() {
        "list" => return list(options.seed),
        "false-claims" => attack::on_false_claims(options.seed)?,
        "true-mutants" if flags.has("--large") => attack::on_large_proofs()?,
        "true-mutants" => attack::on_true_proofs(options.seed)?,
        _ => return Err(format!("{name} is no command")),
    };
    println!("`trust {}`, seed {}\n", args.join(" "), options.seed);
    let report = run(&attack, &options)?;
    print!("{}", report.markdown());
    for failure in &report.shown {
        eprintln!("FAILURE: {}", failure.text);
    }
    if let Some(folder) = flags.values.get("--save") {
        save(&report, Path::new(folder))?;
    }
    Ok(report.failures == 0)
}

fn list(seed: u64) -> Result<bool, String> {
    let mut rng = attack::base_rng(seed);
    let truths = attack::small_truths(&mut rng)?;
    let claims = false_claims::make(&mut rng, &truths)?;
    let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
    for claim in &claims {
        println!("{}: {}: {}", claim.kind, claim.name, claim.refutation.as_deref().unwrap_or("malformed by design"));
        *kinds.entry(claim.kind).or_default() += 1;
    }
    println!();
    for (kind, count) in kinds {
        println!("{count:5}  {kind}");
    }
    println!("{:5}  in all", claims.len());
    Ok(true)
}

fn save(report: &Report, folder: &Path) -> Result<(), String> {
    std::fs::create_dir_all(folder).map_err(|error| error.to_string())?;
    for (number, failure) in report.shown.iter().enumerate() {
        let Some(mutant) = &failure.mutant else { continue };
        let end = if mutant.is_gzip { "proof.gz" } else { "proof" };
        let path: PathBuf = folder.join(format!("{number}.{end}"));
        std::fs::write(&path, &mutant.bytes).map_err(|error| error.to_string())?;
        let text = Document::new(failure.text.as_bytes()).bytes();
        std::fs::write(folder.join(format!("{number}.txt")), text).map_err(|error| error.to_string())?;
    }
    Ok(())
}

struct Flags {
    switches: Vec<String>,
    values: BTreeMap<String, String>,
}

impl Flags {
    fn parse(args: &[String]) -> Result<Flags, String> {
        let mut flags = Flags { switches: Vec::new(), values: BTreeMap::new() };
        let mut args = args.iter();
        while let Some(flag) = args.next() {
            match flag.as_str() {
                "--python" | "--javascript" | "--chromium" | "--large" => flags.switches.push(flag.clone()),
                "--count" | "--first" | "--seed" | "--threads" | "--control" | "--patience" | "--save" => {
                    let value = args.next().ok_or_else(|| format!("{flag} needs a value"))?;
                    flags.values.insert(flag.clone(), value.clone());
                }
                _ => return Err(format!("{flag} is not known")),
            }
        }
        Ok(flags)
    }

    fn has(&self, switch: &str) -> bool {
        self.switches.iter().any(|known| known == switch)
    }

    fn number(&self, flag: &str, default: u64) -> Result<u64, String> {
        let value = self.values.get(flag).map(|text| text.parse().map_err(|_| format!("{flag} is a number")));
        value.unwrap_or(Ok(default))
    }

    fn second(&self) -> Result<Option<Second>, String> {
        let all =
            [("--python", Second::Python), ("--javascript", Second::JavaScript), ("--chromium", Second::Chromium)];
        let mut asked = all.into_iter().filter(|(switch, _)| self.has(switch));
        match (asked.next(), asked.next()) {
            (_, Some((switch, _))) => Err(format!("{switch} and another checker: one at a time")),
            (first, None) => Ok(first.map(|(_, second)| second)),
        }
    }

    fn options(&self) -> Result<Options, String> {
        let default = Options::default();
        Ok(Options {
            count: self.number("--count", default.count)?,
            first: self.number("--first", default.first)?,
            seed: self.number("--seed", default.seed)?,
            threads: usize::try_from(self.number("--threads", 1)?).map_err(|error| error.to_string())?,
            second: self.second()?,
            control: self.values.get("--control").map_or(Ok(default.control), |text| text.parse())?,
            patience: Duration::from_secs(self.number("--patience", default.patience.as_secs())?),
        })
    }
}
