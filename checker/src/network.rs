//! Networks and their exact objectives (FORMAT.md §3).

use std::io::BufRead;

use crate::error::{CheckError, Limit, Reason};
use crate::files::binding::{Binding, Parameter, Unbound};
use crate::fraction::{Fraction, Rounding};
use crate::int::{Int, Vector, dot};
use crate::statement::{HiddenBias, OutputBias, Statement};
use crate::text::{Lines, brief, ensure};
use crate::theorem::Bound;

/// A network whose objective has been verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Network {
    /// The number of hidden neurons.
    pub neurons: usize,
    /// The exact objective.
    pub objective: Fraction,
}

/// The networks of a proof.
#[derive(Debug, Clone, Default)]
pub(crate) struct Networks {
    pub(crate) given: Option<Network>,
    pub(crate) best: Option<Network>,
}

impl Networks {
    /// Reads the networks and the `bound` line that follows them. Only the first network is shown to `binding`. A bound may
    /// have a width in version 2; no network of the proof is wider.
    pub(crate) fn read<R: BufRead>(
        lines: &mut Lines<R>,
        statement: &Statement,
        version: u8,
        binding: &mut dyn Binding,
    ) -> Result<(Self, Bound), CheckError> {
        let mut networks = Networks::default();
        let mut count = 0usize;
        loop {
            let mut line = lines.next()?;
            if !line.word(&[("network", true), ("bound", false)])? {
                let value = line.fraction()?;
                let mut width = None;
                if version > 1 && !line.is_done() {
                    line.keyword("width")?;
                    let most = line.count_pos("m")?;
                    let widest = networks.given.iter().chain(&networks.best).map(|network| network.neurons).max();
                    let fits = widest.is_none_or(|widest| widest <= most);
                    ensure!(line, fits, BoundWidth, "a network of the proof is wider than {most}");
                    width = Some(most);
                }
                line.end()?;
                binding.networks_read(lines.number, count)?;
                if let Some(most) = width {
                    binding.bound_read(lines.number, most)?;
                }
                return Ok((networks, Bound { value, width }));
            }
            let is_given = line.word(&[("given", true), ("best", false)])?;
            let in_order = networks.best.is_none() && !(is_given && networks.given.is_some());
            ensure!(line, in_order, NetworkOrder, "the networks are one `given`, then one `best`, each at most once");
            let neurons = line.count("m")?;
            line.limit(Limit::Neurons, neurons as u64)?;
            let denominators = [line.pos("DW")?, line.pos("DA")?, line.pos("DC")?];
            let dc = &denominators[2];
            let dc_fits = statement.problem.output_bias != OutputBias::None || *dc == Int::ONE;
            ensure!(line, dc_fits, OutputBiasDenominator, "DC is {} without an output bias", brief(dc));
            line.end()?;
            let binding: &mut dyn Binding = if count == 0 { binding } else { &mut Unbound };
            binding.width(lines.number, neurons)?;
            let network = read_network(lines, statement, neurons, &denominators, binding)?;
            *(if is_given { &mut networks.given } else { &mut networks.best }) = Some(network);
            count = count.saturating_add(1);
        }
    }
}

/// Reads what follows the first line of a network, and verifies its objective.
fn read_network<R: BufRead>(
    lines: &mut Lines<R>,
    statement: &Statement,
    neurons: usize,
    denominators: &[Int; 3],
    binding: &mut dyn Binding,
) -> Result<Network, CheckError> {
    let [dw, da, dc] = denominators;
    let outputs = vec![Int::ZERO; statement.targets.len()];
    let mut sums = Sums { outputs, squares_a: Int::ZERO, squares_w: Int::ZERO };
    for neuron in 0..neurons {
        let mut line = lines.begin("n")?;
        let a = line.int("the output weight")?;
        binding.parameter(line.number, Parameter::Output { neuron }, (&a, da))?;
        let mut w = Vec::with_capacity(statement.problem.r);
        for column in 0..statement.problem.r {
            let x = line.int("a hidden weight or the hidden bias")?;
            binding.parameter(line.number, Parameter::Hidden { neuron, column }, (&x, dw))?;
            w.push(x);
        }
        line.end()?;
        sums.add_neuron(statement, &a, &w.into());
    }
    let mut c = Int::ZERO;
    if statement.problem.output_bias != OutputBias::None {
        let mut line = lines.begin("c")?;
        c = line.int("the output bias")?;
        binding.parameter(line.number, Parameter::OutputBias, (&c, dc))?;
        line.end()?;
    }
    let exact = sums.objective(statement, denominators, &c);
    let mut line = lines.begin("objective")?;
    let objective = line.fraction()?;
    let [found, told] = [&exact, &objective].map(|x| x.to_decimal(Rounding::Down));
    ensure!(line, objective == exact, Objective, "the network's objective is {found}, not {told}");
    line.end()?;
    Ok(Network { neurons, objective })
}

/// Sums over the neurons of a network; all are integers.
struct Sums {
    /// Σ A·kd·φ(ξ·(W, B)) for each sample: its output without the output bias, times DA·kd·DX·DW.
    outputs: Vec<Int>,
    /// Σ of the squares of A, and of all decayed W and B.
    squares_a: Int,
    squares_w: Int,
}

impl Sums {
    fn add_neuron(&mut self, statement: &Statement, a: &Int, w: &Vector) {
        self.squares_a.add_product(a, a);
        let problem = &statement.problem;
        let is_undecayed = problem.hidden_bias == HiddenBias::Undecayed;
        for x in w.all().entries.iter().take(if is_undecayed { problem.features } else { problem.r }) {
            self.squares_w.add_product(x, x);
        }
        let products: Vec<Int> = (0..statement.class_count).map(|c| dot(statement.primitive(c), w.all())).collect();
        let [k1, k2, _] = &statement.activation;
        let (at_negative, at_positive) = (a * k1, a * k2);
        for row in &statement.rows {
            let Some(class) = row.class else { continue };
            let t = &row.multiple * &products[class as usize];
            let slope = if t.is_positive() { &at_positive } else { &at_negative };
            self.outputs[row.sample as usize].add_product(&t, slope);
        }
    }

    /// The objective of the network with output bias c/DC.
    fn objective(&self, statement: &Statement, [dw, da, dc]: &[Int; 3], c: &Int) -> Fraction {
        // f − y = (S·DC·DY + C·T·DY − Y·T·DC)/(T·DC·DY), where T = DA·kd·DX·DW and S is in `outputs`.
        let [_, _, kd] = &statement.activation;
        let t = da * kd * &statement.dx * dw;
        let of_output = dc * &statement.dy;
        let constant = c * &t * &statement.dy;
        let of_target = Int::ZERO - &t * dc;
        let mut squares = Int::ZERO;
        for (output, target) in self.outputs.iter().zip(&statement.targets) {
            let mut residual = constant.clone();
            residual.add_product(output, &of_output);
            residual.add_product(target, &of_target);
            squares.add_product(&residual, &residual);
        }
        let common = t * of_output;
        let over_square = |numerator: &Int, d: &Int| Fraction { numerator: numerator.clone(), denominator: d * d };
        let problem = &statement.problem;
        let loss = problem.twice_c().times(&over_square(&squares, &common));
        let mut penalty = over_square(&self.squares_a, da).plus(&over_square(&self.squares_w, dw));
        if problem.output_bias == OutputBias::Decayed {
            penalty = penalty.plus(&over_square(&(c * c), dc));
        }
        loss.plus(&problem.twice_mu().times(&penalty)).times(&Fraction::HALF)
    }
}
