//! `relucert certify`.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use super::args::{
    DataArgs, NetworkKeyArgs, ObjectiveArgs, RunArgs, SearchArgs, check_outputs, given,
    print_notes, tolerance,
};
use super::minima::scope_error;
use super::{fixed_width, html, interrupt, local, print, report};
use crate::exact::Rat;
use crate::minima::check_scope;
use crate::minima::geometry::Geometry;
use crate::problem::{Network, NetworkFile, NetworkFormat, Problem};
use crate::run;

/// Prove how far a trained network is from the global optimum over networks of every width
///
/// The network's biases say which biases the problem has. The verdict is `optimal` if the objective is proven to be within the tolerance of
/// the optimum, `not_optimal` if a better network of at most the same width is found, else `undecided`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  relucert certify --data iris.csv --network model.safetensors --weight-decay 0.01\n\n\
    The same with a proof that the checker can verify:\n  relucert certify … --proof iris.proof.gz"
)]
pub(super) struct Args {
    #[command(flatten)]
    data: DataArgs,
    /// The network: .json, .safetensors, .npz or .onnx
    #[arg(long, value_name = "FILE", help_heading = "Network")]
    network: PathBuf,
    /// Write a better network to this file if one is found (.json, .safetensors or .npz)
    #[arg(long, value_name = "FILE", help_heading = "Network")]
    best: Option<PathBuf>,
    /// Also say where the network stands locally: near which local minimum of its width, at a saddle, or on a slope (tiny networks)
    #[arg(long, help_heading = "Network")]
    local: bool,
    /// Prove the bound and the verdict for networks of at most the given network's width, not of every width (tiny networks)
    #[arg(long, help_heading = "Network", conflicts_with_all = ["max_leaves", "checkpoint", "resume"])]
    fixed_width: bool,
    #[command(flatten)]
    keys: NetworkKeyArgs,
    #[command(flatten)]
    objective: ObjectiveArgs,
    /// Gap to the optimum, relative to the objective, at which the network counts as optimal; a decimal or p/q
    #[arg(long, help_heading = "Search and proof", value_name = "T", default_value = "1e-6", value_parser = tolerance, allow_hyphen_values = true)]
    tolerance: Rat,
    #[command(flatten)]
    search: SearchArgs,
    #[command(flatten)]
    report: html::ReportArgs,
    #[command(flatten)]
    run: RunArgs,
}

pub(super) fn run(args: Args, started: Instant) -> miette::Result<ExitCode> {
    let decay = args.objective.decay()?;
    let search = &args.search;
    let inputs = [
        ("--data", Some(&args.data.data)),
        ("--network", Some(&args.network)),
        ("--resume", search.resume.as_ref()),
    ];
    let outputs = [
        ("--best", args.best.as_ref()),
        ("--proof", search.proof.as_ref()),
        ("--checkpoint", search.checkpoint.as_ref()),
    ];
    args.best
        .as_deref()
        .map(NetworkFormat::of_output)
        .transpose()?;
    // A search may save its state to the file it was resumed from.
    let inputs: Vec<_> = given(&inputs)
        .into_iter()
        .filter(|file| Some(file.1) != search.checkpoint.as_deref())
        .collect();
    let outputs: Vec<_> = given(&outputs)
        .into_iter()
        .chain(args.report.outputs())
        .collect();
    check_outputs(&inputs, &outputs)?;

    let file = NetworkFile::read(&args.network, &(&args.keys).into())?;
    print_notes(&file, args.run.quiet);
    let activation = args
        .data
        .activation_of(&file, &args.network, args.run.quiet)?;
    let network = file.network;
    let hidden_bias = args.objective.hidden_bias(network.hidden_bias.is_some())?;
    let output_bias = args.objective.output_bias(network.output_bias.is_some())?;
    let data = args.data.read(args.data.target())?;
    let problem = Problem::new(
        data,
        activation,
        args.objective.loss.into(),
        decay,
        hidden_bias,
        output_bias,
    )?;
    problem.check_network(&network)?;

    if args.local {
        local::check(&problem, &network)?;
    }
    args.report.check(&html::possible(&problem))?;
    let own = args.report.own_proof(search.proof.as_deref())?;
    let mut options = search.options(&args.run, &args.tolerance, started);
    if let Some(own) = &own {
        options.proof = Some(own.path());
    }
    args.run.say_problem(&problem, Some(&network));
    interrupt::install();
    if args.fixed_width {
        return fixed(&args, &problem, &network, own.as_ref(), started);
    }
    let mut certificate = run::certify(&problem, &network, &options).map_err(report::run_error)?;
    args.run.say_phases(&certificate.phases, started);
    save_best(&args, certificate.best.as_ref())?;
    if args.report.wanted() {
        let page = html::certificate(
            "certify",
            args.title(),
            &problem,
            Some(&network),
            &certificate,
            &args.tolerance,
            args.report
                .embedded(search.proof.as_deref(), own.as_ref())?,
        );
        args.report.write(&page, args.run.quiet)?;
    }
    // A proof for the page alone is gone with the page.
    certificate.proof = certificate.proof.filter(|_| own.is_none());
    let text = report::certificate(&problem, &certificate, &options, args.run.json);
    print(&placed(&args, &problem, &network, text)?)?;
    Ok(report::exit_code(&certificate))
}

impl Args {
    /// The heading of a page.
    fn title(&self) -> String {
        let (network, data) = (&self.network, &self.data.data);
        format!("{} on {}", html::file_name(network), html::file_name(data))
    }
}

/// The report with what `--local` adds to it.
fn placed(
    args: &Args,
    problem: &Problem,
    network: &Network,
    text: String,
) -> miette::Result<String> {
    if !args.local {
        return Ok(text);
    }
    let diagnosis = local::diagnose(problem, network, args.run.time_limit)?;
    if !args.run.json {
        return Ok(text + &diagnosis.text());
    }
    Ok(match serde_json::from_str(&text) {
        Ok(serde_json::Value::Object(mut object)) => {
            object.insert("local".to_owned(), diagnosis.json());
            format!("{:#}\n", serde_json::Value::Object(object))
        }
        _ => text,
    })
}

/// `--best`.
fn save_best(args: &Args, best: Option<&Network>) -> miette::Result<()> {
    match (&args.best, best) {
        (Some(path), Some(best)) => report::write_network(path, best, args.run.quiet)?,
        (Some(path), None) if !args.run.quiet => {
            eprintln!(
                "note: no better network was found; {} is not written",
                path.display()
            );
        }
        _ => {}
    }
    Ok(())
}

/// `--fixed-width`.
fn fixed(
    args: &Args,
    problem: &Problem,
    network: &Network,
    own: Option<&html::OwnProof>,
    started: Instant,
) -> miette::Result<ExitCode> {
    check_scope(problem, network.width()).map_err(scope_error)?;
    fixed_width::check_size(problem)?;
    args.run.start_threads();
    let geometry = Geometry::new(problem).map_err(|e| scope_error(e.into()))?;
    let own_path = own.map(html::OwnProof::path);
    let asked = args.search.proof.as_deref();
    let mut answer = fixed_width::answer(&fixed_width::Question {
        problem,
        geometry: &geometry,
        network,
        given: true,
        width: network.width(),
        tolerance: &args.tolerance,
        proof: asked.or(own_path.as_deref()),
        run: &args.run,
        started,
    })?;
    save_best(args, answer.proof.best.as_ref())?;
    if args.report.wanted() {
        let proof = args.report.embedded(asked, own)?;
        let page = answer.page(args.title(), problem, network, &args.tolerance, proof);
        args.report.write(&page, args.run.quiet)?;
    }
    answer.forget(own);
    let text = if args.run.json {
        format!(
            "{:#}\n",
            answer.certify_json(problem, &geometry, &args.tolerance)
        )
    } else {
        answer.certify_text(problem, &args.tolerance)
    };
    print(&placed(args, problem, network, text)?)?;
    Ok(fixed_width::exit_code(&answer))
}
