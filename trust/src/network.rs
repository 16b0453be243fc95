//! Problems, networks and objectives, straight from the definitions of FORMAT.md §2.

use dashu_int::IBig;

use crate::exact::Exact;

/// A training problem.
#[derive(Debug, Clone)]
pub struct Problem {
    /// k1, k2, kd
    pub activation: [IBig; 3],
    /// `half-sum`, `sum`, `mean` or `half-mean`
    pub loss: String,
    /// `weight-decay` or `ridge`
    pub decay: String,
    pub lambda: Exact,
    /// `none`, `decayed` or `undecayed`
    pub hidden: String,
    /// `none`, `decayed` or `free`
    pub output: String,
    pub features: usize,
    pub dx: IBig,
    pub dy: IBig,
    /// Y and the rows of each sample.
    pub samples: Vec<(IBig, Vec<Vec<IBig>>)>,
}

/// A hidden neuron: A, W_1 … W_d, B.
#[derive(Debug, Clone)]
pub struct Neuron {
    pub a: IBig,
    pub w: Vec<IBig>,
    pub b: IBig,
}

/// A network over common denominators, as in a proof.
#[derive(Debug, Clone)]
pub struct Network {
    pub neurons: Vec<Neuron>,
    pub dw: IBig,
    pub da: IBig,
    pub c: IBig,
    pub dc: IBig,
}

impl Network {
    /// The network without neurons.
    #[must_use]
    pub fn zero() -> Network {
        Network { neurons: Vec::new(), dw: IBig::ONE, da: IBig::ONE, c: IBig::ZERO, dc: IBig::ONE }
    }

    /// The network as one of the problem: what the problem has not is left out, what is missing is 0.
    #[must_use]
    pub fn adapted(&self, problem: &Problem) -> Network {
        let mut network = self.clone();
        for neuron in &mut network.neurons {
            neuron.w.resize(problem.features, IBig::ZERO);
            if problem.hidden == "none" {
                neuron.b = IBig::ZERO;
            }
        }
        if problem.output == "none" {
            network.c = IBig::ZERO;
            network.dc = IBig::ONE;
        }
        network
    }

    /// The lines of a network section.
    #[must_use]
    pub fn lines(&self, problem: &Problem, role: &str) -> Vec<String> {
        let mut lines = vec![format!("network {role} {} {} {} {}", self.neurons.len(), self.dw, self.da, self.dc)];
        for neuron in &self.neurons {
            let mut line = format!("n {}", neuron.a);
            neuron.w.iter().for_each(|w| line += &format!(" {w}"));
            if problem.hidden != "none" {
                line += &format!(" {}", neuron.b);
            }
            lines.push(line);
        }
        if problem.output != "none" {
            lines.push(format!("c {}", self.c));
        }
        lines.push(format!("objective {}", problem.objective(self).tokens()));
        lines
    }
}

impl Problem {
    /// c, the factor of the squared errors.
    #[must_use]
    pub fn c(&self) -> Exact {
        let n = self.samples.len();
        match self.loss.as_str() {
            "half-sum" => Exact::new(1, 2),
            "sum" => Exact::int(1),
            "mean" => Exact::new(1, n),
            _ => Exact::new(1, 2 * n),
        }
    }

    /// μ, the factor of the squared parameters.
    #[must_use]
    pub fn mu(&self) -> Exact {
        if self.decay == "ridge" { self.lambda.clone() } else { &self.lambda * &Exact::new(1, 2) }
    }

    /// The output of the network without its output bias on each sample, times `DA·kd·DX·DW`.
    fn outputs(&self, network: &Network) -> Vec<IBig> {
        let [k1, k2, _] = &self.activation;
        let output = |rows: &Vec<Vec<IBig>>| {
            let mut sum = IBig::ZERO;
            for row in rows {
                for neuron in &network.neurons {
                    let mut t = &self.dx * &neuron.b;
                    row.iter().zip(&neuron.w).for_each(|(x, w)| t += x * w);
                    let bent = (k1 * &t).max(k2 * &t);
                    sum += &neuron.a * bent;
                }
            }
            sum
        };
        self.samples.iter().map(|(_, rows)| output(rows)).collect()
    }

    fn squares_of_weights(&self, network: &Network) -> Exact {
        let mut sum = IBig::ZERO;
        for neuron in &network.neurons {
            neuron.w.iter().for_each(|w| sum += w * w);
            if self.hidden == "decayed" {
                sum += &neuron.b * &neuron.b;
            }
        }
        Exact::new(sum, &network.dw * &network.dw)
    }

    /// The exact objective of a network that fits the problem (see [`Network::adapted`]).
    #[must_use]
    pub fn objective(&self, network: &Network) -> Exact {
        let scale = &network.da * &self.activation[2] * &self.dx * &network.dw;
        let common = &scale * &network.dc * &self.dy;
        let mut errors = IBig::ZERO;
        for (output, (y, _)) in self.outputs(network).iter().zip(&self.samples) {
            let error = output * &network.dc * &self.dy + &network.c * &scale * &self.dy - y * &scale * &network.dc;
            errors += &error * &error;
        }
        let a: IBig = network.neurons.iter().map(|neuron| &neuron.a * &neuron.a).sum();
        let mut squares = &self.squares_of_weights(network) + &Exact::new(a, &network.da * &network.da);
        if self.output == "decayed" {
            squares = &squares + &Exact::new(&network.c * &network.c, &network.dc * &network.dc);
        }
        &(&self.c() * &Exact::new(errors, &common * &common)) + &(&self.mu() * &squares)
    }

    /// The network with all output weights scaled by the best factor for its other parameters, and then with the best
    /// output bias, if the problem has one.
    #[must_use]
    pub fn improved(&self, network: &Network) -> Network {
        let mut network = network.clone();
        let n = Exact::int(self.samples.len());
        let outputs = |network: &Network| {
            let scale = &network.da * &self.activation[2] * &self.dx * &network.dw;
            self.outputs(network).into_iter().map(|x| Exact::new(x, scale.clone())).collect::<Vec<_>>()
        };
        let bias = Exact::new(network.c.clone(), network.dc.clone());
        let (mut along, mut square) = (Exact::int(0), Exact::int(0));
        for (h, (y, _)) in outputs(&network).iter().zip(&self.samples) {
            along = &along + &(h * &(&Exact::new(y.clone(), self.dy.clone()) - &bias));
            square = &square + &(h * h);
        }
        let a: IBig = network.neurons.iter().map(|neuron| &neuron.a * &neuron.a).sum();
        let decay = &self.mu() * &Exact::new(a, &network.da * &network.da);
        let curvature = &(&self.c() * &square) + &decay;
        if !curvature.is_zero() {
            let factor = &(&self.c() * &along) / &curvature;
            network.neurons.iter_mut().for_each(|neuron| neuron.a *= factor.numerator());
            network.da *= factor.denominator();
        }
        if self.output != "none" {
            let mut sum = Exact::int(0);
            for (h, (y, _)) in outputs(&network).iter().zip(&self.samples) {
                sum = &(&sum + &Exact::new(y.clone(), self.dy.clone())) - h;
            }
            let decay = if self.output == "decayed" { self.mu() } else { Exact::int(0) };
            let best = &(&self.c() * &sum) / &(&(&self.c() * &n) + &decay);
            network.c = best.numerator().clone();
            network.dc = best.denominator().clone();
        }
        network
    }

    /// The lines of the statement, from `activation` to the last data line.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let [k1, k2, kd] = &self.activation;
        let rows: usize = self.samples.iter().map(|sample| sample.1.len()).sum();
        let mut lines = vec![
            format!("activation {k1} {k2} {kd}"),
            format!("loss {}", self.loss),
            format!("decay {} {}", self.decay, self.lambda.tokens()),
            format!("hidden-bias {}", self.hidden),
            format!("output-bias {}", self.output),
            format!("data {} {rows} {} {} {}", self.samples.len(), self.features, self.dx, self.dy),
        ];
        for (y, rows) in &self.samples {
            for (number, row) in rows.iter().enumerate() {
                let mut line = if number == 0 { format!("s {y}") } else { "+".to_owned() };
                row.iter().for_each(|x| line += &format!(" {x}"));
                lines.push(line);
            }
        }
        lines
    }
}
