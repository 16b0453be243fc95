//! Local minima of tiny networks: hand-derived cases, laws, and descents that know nothing of the enumeration.

mod common;

use std::path::Path;

use common::*;
use num_traits::Zero;
use relucert::exact::{Rat, rat_to_f64};
use relucert::minima::components::Component;
use relucert::minima::geometry::Geometry;
use relucert::minima::search::regions;
use relucert::minima::{Minima, MinimaOptions, minima};
use relucert::problem::{
    Activation, Dataset, Decay, HiddenBias, Loss, Network, OutputBias, Problem,
};
use relucert::program::convert;
use relucert::solve::descent;
use serde_json::Value;

fn problem(data: Dataset, activation: Activation, ridge: &Rat, bias: bool) -> Problem {
    let hidden = if bias {
        HiddenBias::Decayed
    } else {
        HiddenBias::None
    };
    Problem::new(
        data,
        activation,
        Loss::Sum,
        Decay::Ridge(ridge.clone()),
        hidden,
        OutputBias::None,
    )
    .expect("a problem")
}

fn enumerate(problem: &Problem, width: usize) -> Minima {
    let geometry = Geometry::new(problem).expect("cells");
    let found = minima(
        problem,
        &geometry,
        &MinimaOptions {
            width,
            digits: 12,
            exact: width <= 2,
            stop: &|| false,
            progress: &|_| {},
        },
    )
    .expect("in scope");
    assert_eq!(found.regions, regions(2 * geometry.cells.len(), width));
    for component in &found.components {
        let (lo, hi) = &component.value;
        assert!(
            lo <= hi && (hi - lo) <= hi * rat("1e-12"),
            "a wide enclosure"
        );
        assert_eq!(component.output_weights.len(), width);
        check_component(problem, component);
    }
    found
}

fn complete(problem: &Problem, width: usize) -> Minima {
    let found = enumerate(problem, width);
    assert!(found.undecided.is_empty(), "{:?}", found.undecided);
    assert_eq!(found.decided, found.regions);
    found
}

/// The representative as a network of floats taken exactly.
fn representative(problem: &Problem, component: &Component) -> Network {
    let d = problem.data.d;
    let neurons: Vec<(Vec<Rat>, Rat, Rat)> = component
        .hidden_weights
        .iter()
        .zip(&component.output_weights)
        .map(|(w, a)| {
            let bias = w.get(d).map_or_else(Rat::zero, |b| from_f64(*b));
            (
                w[..d].iter().map(|x| from_f64(*x)).collect(),
                bias,
                from_f64(*a),
            )
        })
        .collect();
    network(problem, &neurons, Rat::zero())
}

fn value(component: &Component) -> f64 {
    rat_to_f64(&component.value.0)
}

/// The representative has the component's value, and no network near it has less.
fn check_component(problem: &Problem, component: &Component) {
    let network = representative(problem, component);
    let here = rat_to_f64(&objective(problem, &network));
    assert!(
        (here - value(component)).abs() <= 1e-9 * (1.0 + here.abs()),
        "{here} {}",
        value(component)
    );
    let mut random = Random::new(7);
    for size in [1e-4, 1e-5, 1e-6] {
        // Often enough to come into every region that touches a kink.
        for _ in 0..40 {
            let near = perturbed(&network, size, &mut random);
            let there = rat_to_f64(&objective(problem, &near));
            assert!(
                there >= here - 1e-11 * (1.0 + here),
                "{size}: {here} {there}"
            );
        }
    }
}

/// Value, dimension, closed, global, dual certified, distinct neurons.
type Summary = (f64, usize, bool, Option<bool>, Option<bool>, usize);

fn summary(found: &Minima) -> Vec<Summary> {
    found
        .components
        .iter()
        .map(|c| {
            (
                value(c),
                c.dimension,
                c.closed,
                c.global,
                c.dual_certified,
                c.distinct_neurons(),
            )
        })
        .collect()
}

fn five_points() -> Dataset {
    integer_data(&[&[-2], &[-1], &[0], &[1], &[2]], &[1, -1, 2, -1, 1])
}

#[test]
fn the_nine_classes_of_five_points() {
    let found = complete(
        &problem(five_points(), Activation::relu(), &frac(1, 2), true),
        2,
    );
    assert_eq!(found.regions, 171.into());
    let values: Vec<f64> = found.components.iter().map(value).collect();
    let expected = [
        7.29901875828,
        7.53655965509,
        7.53655965509,
        7.55,
        7.62447433479,
        7.62447433479,
        7.82417064059,
        7.91208532030,
        7.91208532030,
    ];
    assert_eq!(values.len(), expected.len());
    for (value, expected) in values.iter().zip(expected) {
        assert!((value - expected).abs() < 1e-10, "{value} {expected}");
    }
    let dimensions: Vec<usize> = found.components.iter().map(|c| c.dimension).collect();
    assert_eq!(dimensions, [0, 0, 0, 1, 1, 1, 0, 1, 1]);
    assert!(
        found
            .components
            .iter()
            .all(|c| c.closed == (c.dimension == 0))
    );
    let global = found.components.iter().filter(|c| c.global == Some(true));
    assert_eq!(global.count(), 1);
    assert_eq!(found.components[0].global, Some(true));
    // A constant network: value 8 − (2 − ½)²/5·… is rational, and so exact.
    assert_eq!(found.components[3].faces, [[1, 1, 1, 1, 1]]);
    assert!(
        found.components[3].value.0 <= rat("7.55") && rat("7.55") <= found.components[3].value.1
    );
}

#[test]
fn at_the_largest_decay_the_zero_network_is_the_only_local_minimum() {
    // |F_y| is largest at e_1, where it is 3: rational.
    let data = || integer_data(&[&[1, 0], &[0, 1]], &[3, 0]);
    for (ridge, decay_2, zero) in [
        ("3", "3", true),
        ("4", "4", true),
        ("2.9999999", "2.99", false),
    ] {
        for width in [1, 2] {
            let decay = if width == 1 { ridge } else { decay_2 };
            let found = complete(
                &problem(data(), Activation::relu(), &rat(decay), false),
                width,
            );
            assert_eq!(found.components.len(), 1, "{ridge}");
            let only = &found.components[0];
            assert_eq!(only.distinct_neurons() == 0, zero, "{ridge}");
            assert_eq!(only.dual_certified, Some(true));
            assert_eq!(only.global, Some(true));
            if zero {
                assert_eq!(only.value, (rat("9"), rat("9")));
                assert_eq!(only.dimension, 0);
            }
        }
    }
}

#[test]
fn targets_of_zero_leave_the_zero_network_alone() {
    let data = integer_data(&[&[1, 2], &[3, -1], &[0, 0]], &[0, 0, 0]);
    let found = complete(&problem(data, Activation::relu(), &frac(1, 100), true), 2);
    assert_eq!(found.components.len(), 1);
    assert_eq!(found.components[0].value, (Rat::zero(), Rat::zero()));
}

#[test]
fn rows_of_zeros_have_no_cell_with_an_active_row() {
    let data = integer_data(&[&[0, 0], &[0, 0]], &[1, -2]);
    let found = complete(&problem(data, Activation::relu(), &frac(1, 10), false), 3);
    assert_eq!(found.regions, 0.into());
    assert_eq!(summary(&found), [(5.0, 0, true, Some(true), Some(true), 0)]);
}

#[test]
fn a_kink_with_zero_residual_is_differentiable() {
    // Row 2 has target 0 and a zero pre-activation at w ∥ e_1: its residual is 0, so the kink does not show.
    let data = integer_data(&[&[1, 0], &[0, 1]], &[3, 0]);
    let found = complete(&problem(data, Activation::relu(), &int(1), false), 1);
    assert_eq!(summary(&found), [(5.0, 0, true, Some(true), Some(true), 1)]);
    let only = &found.components[0];
    assert!(only.kink);
    assert_eq!(only.differentiable, Some(true));
    // ‖u‖ = 3 − 1, the value 9 − 4.
    assert!(only.lengths[0].0 <= int(2) && int(2) <= only.lengths[0].1);
    // With another target it does.
    let data = integer_data(&[&[1, 0], &[0, 1]], &[3, -2]);
    let found = complete(&problem(data, Activation::relu(), &int(1), false), 1);
    let first = &found.components[0];
    assert!(first.kink);
    assert_eq!(first.differentiable, Some(false));
}

#[test]
fn a_dual_feasible_single_direction_is_a_closed_set_of_splits() {
    // One row: u = t·e_1 with t = 3 − 1; m neurons share it, some of them 0.
    let data = || integer_data(&[&[1]], &[3]);
    for width in 1..5 {
        let found = complete(&problem(data(), Activation::relu(), &int(1), false), width);
        assert_eq!(
            summary(&found),
            [(5.0, width - 1, true, Some(true), Some(true), 1)]
        );
    }
}

#[test]
fn several_directions_lie_in_one_closed_global_set() {
    // Two orthogonal rows with targets of both signs: directions e_1 (sign +) and e_2 (sign −).
    let data = || integer_data(&[&[1, 0], &[0, 1]], &[3, -3]);
    let found = complete(&problem(data(), Activation::relu(), &int(1), false), 3);
    let first = &found.components[0];
    assert_eq!(
        (
            first.distinct_neurons(),
            first.dimension,
            first.closed,
            first.dual_certified
        ),
        (2, 1, true, Some(true))
    );
    assert_eq!(value(first), 10.0);
    // With one neuron only one of them fits: two local minima, neither optimal at every width.
    let found = complete(&problem(data(), Activation::relu(), &int(1), false), 1);
    assert_eq!(found.components.len(), 2);
    assert!(
        found
            .components
            .iter()
            .all(|c| c.global == Some(true) && c.dual_certified == Some(false))
    );
    // Two neurons in one direction: half-open, since a neuron of size 0 could be used for the other.
    let found = complete(&problem(data(), Activation::relu(), &int(1), false), 2);
    let half_open: Vec<&Component> = found.components.iter().filter(|c| !c.closed).collect();
    assert_eq!(half_open.len(), 2);
    for component in half_open {
        assert_eq!((component.dimension, component.distinct_neurons()), (1, 1));
        // At the end where one neuron is 0 the objective falls in another direction: a saddle.
        let problem = problem(data(), Activation::relu(), &int(1), false);
        let mut end = representative(&problem, component);
        let (direction, sign) = if component.signs[0] > 0 {
            ([0, 1], -1)
        } else {
            ([1, 0], 1)
        };
        let t = frac(1, 100);
        let length = |network: &mut Network, k: usize| {
            network.output_weights[k] = &t * int(sign);
            network.hidden_weights[k] = direction.iter().map(|x| int(*x) * &t).collect();
        };
        let scale = from_f64(2f64.sqrt());
        end = scaled_neuron(&end, 0, &scale);
        end.output_weights[1] = Rat::zero();
        end.hidden_weights[1] = vec![Rat::zero(); 2];
        let before = rat_to_f64(&objective(&problem, &end));
        assert!((before - value(component)).abs() < 1e-9);
        length(&mut end, 1);
        assert!(rat_to_f64(&objective(&problem, &end)) < before - 1e-6);
    }
}

fn scaled_neuron(network: &Network, k: usize, factor: &Rat) -> Network {
    let mut network = network.clone();
    network.output_weights[k] *= factor;
    for x in &mut network.hidden_weights[k] {
        *x *= factor;
    }
    network
}

#[test]
fn duplicate_and_antiparallel_points() {
    let relu = Activation::relu;
    // A repeated sample counts twice: the same as weights √2, not rational, so the laws are checked by hand on one row.
    let data = integer_data(&[&[1], &[1]], &[3, 1]);
    let found = complete(&problem(data, relu(), &int(1), false), 1);
    // ½(t−3)² + ½(t−1)² + t: t = 3/2; 9/4 + 1/4 + 3.
    assert_eq!(summary(&found), [(5.5, 0, true, Some(true), Some(true), 1)]);
    let data = integer_data(&[&[1], &[-2]], &[3, 1]);
    let found = complete(&problem(data, relu(), &int(1), false), 2);
    // The two rows are seen by different neurons: t = 2, and (2t−1)² + 2t falls up to t = 0 … 1/4: 4·t = 2·1 − 1.
    assert_eq!(found.components[0].distinct_neurons(), 2);
    assert_eq!(value(&found.components[0]), 5.0 + 0.75);
    let data = integer_data(&[&[1], &[-1]], &[3, 1]);
    let found = complete(&problem(data, Activation::abs(), &int(1), false), 1);
    assert_eq!(summary(&found), [(5.5, 0, true, Some(true), Some(true), 1)]);
}

#[test]
fn a_zero_neuron_makes_a_minimum_optimal_at_every_width() {
    let mut random = Random::new(3);
    for round in 0..12 {
        let problem = tiny(&mut random, 4, round % 2 == 0, 2);
        let (one, two) = (enumerate(&problem, 1), enumerate(&problem, 2));
        for component in &one.components {
            // A network of width 1 is one of width 2 with a zero neuron.
            let listed = two.components.iter().any(|c| {
                c.closed
                    && c.dual_certified == Some(true)
                    && c.distinct_neurons() < 2
                    && (value(c) - value(component)).abs() < 1e-10
            });
            assert_eq!(listed, component.dual_certified == Some(true), "{round}");
        }
        assert!(
            two.components
                .iter()
                .filter(|c| c.distinct_neurons() == 0)
                .count()
                <= 1
        );
        assert!(value(&two.components[0]) <= value(&one.components[0]) + 1e-12);
    }
}

/// A problem of small random integers.
fn tiny(random: &mut Random, samples: usize, bias: bool, features: usize) -> Problem {
    let rows: Vec<Vec<i64>> = (0..samples)
        .map(|_| (0..features).map(|_| random.between(-4, 4)).collect())
        .collect();
    let rows: Vec<&[i64]> = rows.iter().map(Vec::as_slice).collect();
    let y: Vec<i64> = (0..samples).map(|_| random.between(-3, 3)).collect();
    let activation = match random.below(4) {
        0 => Activation::abs(),
        1 => Activation::leaky(frac(1, 4)).expect("a slope"),
        _ => Activation::relu(),
    };
    let ridge = frac(random.between(1, 12), 8);
    problem(
        integer_data(&rows, &y),
        activation,
        &ridge,
        bias && features == 1,
    )
}

/// `ν²·|adj(A + ν)b|² − ρ₀²·det(A + ν)²` of MATH.md §6 for two columns, exact.
fn secular(a: &[[Rat; 2]; 2], b: &[Rat; 2], rho: &Rat, nu: &Rat) -> Rat {
    let (p, q, o) = (&a[0][0] + nu, &a[1][1] + nu, &a[0][1]);
    let u = [&q * &b[0] - o * &b[1], &p * &b[1] - o * &b[0]];
    let det = &p * &q - o * o;
    nu * nu * (square(&u[0]) + square(&u[1])) - square(rho) * square(&det)
}

#[test]
fn the_length_of_a_single_neuron_is_a_root_of_the_secular_polynomial() {
    let mut random = Random::new(23);
    let mut seen = 0;
    for _ in 0..60 {
        let problem = tiny(&mut random, 4, false, 2);
        let rho = penalty_factor(&problem);
        for component in enumerate(&problem, 1).components {
            if component.kink || component.lengths.is_empty() {
                continue;
            }
            // Z = D X with the slopes of the neuron's cell, s its sign: A = ZᵀZ, b = s·Zᵀy.
            let (w, sign) = (&component.hidden_weights[0], component.signs[0]);
            let mut a = [[Rat::zero(), Rat::zero()], [Rat::zero(), Rat::zero()]];
            let mut b = [Rat::zero(), Rat::zero()];
            for (i, y) in targets(&problem).iter().enumerate() {
                let x = row(&problem, i);
                let t = rat_to_f64(&x[0]) * w[0] + rat_to_f64(&x[1]) * w[1];
                let (low, high) = (&problem.activation.low, &problem.activation.high);
                let slope = if t > 0.0 { high } else { low };
                for j in 0..2 {
                    b[j] += int(sign.into()) * slope * &x[j] * y;
                    for k in 0..2 {
                        a[j][k] += slope * slope * &x[j] * &x[k];
                    }
                }
            }
            // ν = ρ₀/t falls as t grows: the polynomial has opposite signs at the ends of the enclosure.
            let (lo, hi) = &component.lengths[0];
            let at = |t: &Rat| secular(&a, &b, &rho, &(&rho / t));
            assert!(at(lo) * at(hi) <= Rat::zero(), "{}", problem.statement());
            seen += 1;
        }
    }
    assert!(seen > 30, "{seen}");
}

#[test]
fn values_scale_with_the_data() {
    let mut random = Random::new(5);
    for _ in 0..6 {
        let features = 1 + random.below(2);
        let problem = tiny(&mut random, 5, true, features);
        let found = enumerate(&problem, 2);
        // y → 3y and λ → 3λ: every value is 9 times as large. The samples are also put in another order.
        let mut other = problem.clone();
        other.data.y.iter_mut().for_each(|y| *y *= 3);
        if other.data.y_den != 1.into() {
            continue;
        }
        other.data.y.reverse();
        let d = other.data.d;
        let rows: Vec<_> = other.data.x.chunks(d).rev().flatten().cloned().collect();
        other.data.x = rows;
        let Decay::Ridge(lambda) = &problem.decay else {
            unreachable!("tiny problems have ridge penalties")
        };
        other.decay = Decay::Ridge(lambda * int(3));
        let scaled = enumerate(&other, 2);
        let (a, b) = (summary(&found), summary(&scaled));
        assert_eq!(a.len(), b.len());
        for (x, y) in a.iter().zip(&b) {
            assert!((9.0 * x.0 - y.0).abs() < 1e-9 * (1.0 + y.0), "{x:?} {y:?}");
        }
    }
}

#[test]
fn descents_from_anywhere_end_in_a_listed_minimum() {
    // RELUCERT_DESCENTS=N: N descents on each of the problems.
    let descents: usize = std::env::var("RELUCERT_DESCENTS")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(40);
    let mut random = Random::new(11);
    for round in 0..8 {
        let features = 1 + round % 2;
        let problem = tiny(&mut random, 5, true, features);
        let width = 1 + random.below(2);
        let found = complete(&problem, width);
        let classes = convert::classes(&problem);
        let model = convert::model(&problem, &classes);
        for _ in 0..descents {
            let start = train(&problem, width, 150, &mut random);
            let mut state = convert::state(&problem, &model, &start);
            // A neuron that has died sits at a saddle unless the network is optimal at every width: start it again a few times.
            for _ in 0..6 {
                state = descent::descend(&model, &state, &descent::Options::default(), &|| false);
                while state.neurons.len() < width {
                    state.neurons.push(relucert::program::model::Neuron {
                        sign: if random.below(2) == 0 { 1.0 } else { -1.0 },
                        p: (0..model.r()).map(|_| 1e-3 * random.normal()).collect(),
                    });
                }
            }
            state = descent::descend(&model, &state, &descent::Options::default(), &|| false);
            let is_listed = |end: f64| {
                found
                    .components
                    .iter()
                    .any(|c| (value(c) - end).abs() < 1e-7 * (1.0 + end))
            };
            let mut end = 2.0 * model.objective(&state);
            for _ in 0..20 {
                if is_listed(end) {
                    break;
                }
                // Not yet at the end, or at a saddle, where neurons have died: one more starts in a direction where the objective falls.
                state.neurons.retain(|neuron| model.rho(&neuron.p) > 1e-6);
                let v = model.dual_vector(&state);
                let slopes = (0..5_000).map(|_| {
                    let u: Vec<f64> = (0..model.r()).map(|_| random.normal()).collect();
                    let mut f = vec![0.0; model.n()];
                    model.add_outputs(&model.products(&u), 1.0, &mut f);
                    let slope: f64 = f.iter().zip(&v).map(|(a, b)| a * b).sum();
                    // The best size along it.
                    let size = (slope.abs() - model.beta * model.rho(&u))
                        / f.iter().map(|x| x * x).sum::<f64>();
                    let p: Vec<f64> = u.iter().map(|x| size * x).collect();
                    (slope.abs() / model.rho(&u), slope.signum(), p)
                });
                let falls = slopes
                    .max_by(|a, b| a.0.total_cmp(&b.0))
                    .filter(|steepest| steepest.0 > model.beta);
                if state.neurons.len() < width
                    && let Some((_, sign, p)) = falls
                {
                    state
                        .neurons
                        .push(relucert::program::model::Neuron { sign, p });
                }
                for neuron in &mut state.neurons {
                    neuron
                        .p
                        .iter_mut()
                        .for_each(|x| *x += 1e-3 * random.normal());
                }
                state = descent::descend(&model, &state, &descent::Options::default(), &|| false);
                end = 2.0 * model.objective(&state);
            }
            let listed = is_listed(end);
            assert!(
                listed,
                "round {round}: a descent ends at {end}, listed are {:?}",
                found.components.iter().map(value).collect::<Vec<f64>>()
            );
        }
    }
}

#[test]
fn out_of_scope_is_refused_with_the_reason() {
    let base = problem(five_points(), Activation::relu(), &frac(1, 2), true);
    let geometry = Geometry::new(&base).expect("cells");
    let options = MinimaOptions {
        width: 2,
        digits: 12,
        exact: false,
        stop: &|| false,
        progress: &|_| {},
    };
    let refused = |change: &dyn Fn(&mut Problem)| {
        let mut other = base.clone();
        change(&mut other);
        minima(&other, &geometry, &options)
            .err()
            .map(|e| e.to_string())
    };
    let undecayed = refused(&|p| p.hidden_bias = HiddenBias::Undecayed).expect("refused");
    assert!(undecayed.contains("undecayed hidden bias"), "{undecayed}");
    let output = refused(&|p| p.output_bias = OutputBias::Free).expect("refused");
    assert!(output.contains("output bias"), "{output}");
    let linear = refused(&|p| {
        p.activation = Activation {
            low: int(1),
            high: int(1),
        }
    })
    .expect("refused");
    assert!(linear.contains("linear"), "{linear}");
    assert!(refused(&|_| {}).is_none());
}

#[test]
fn a_search_that_is_stopped_accounts_for_every_region() {
    let problem = problem(five_points(), Activation::relu(), &frac(1, 2), true);
    let geometry = Geometry::new(&problem).expect("cells");
    let found = minima(
        &problem,
        &geometry,
        &MinimaOptions {
            width: 3,
            digits: 12,
            exact: false,
            stop: &|| true,
            progress: &|_| {},
        },
    )
    .expect("in scope");
    let open = found
        .undecided
        .iter()
        .fold(num_bigint::BigInt::zero(), |sum, u| sum + &u.regions);
    assert_eq!(open + &found.decided, found.regions);
    assert!(found.components.iter().all(|c| c.global != Some(true)));
}

/// Runs the program in a folder with the five points and some networks.
fn run(folder: &Path, command: &str, code: i32) -> (String, String) {
    let output = assert_cmd::cargo::cargo_bin_cmd!("relucert")
        .current_dir(folder)
        .args(command.split_whitespace())
        .output()
        .expect("the program runs");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    let (out, error) = (text(output.stdout), text(output.stderr));
    assert_eq!(output.status.code(), Some(code), "{command}: {error}{out}");
    (out, error)
}

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let write =
        |name: &str, text: &str| std::fs::write(folder.path().join(name), text).expect("written");
    write("five.csv", "x,y\n-2,1\n-1,-1\n0,2\n1,-1\n2,1\n");
    write(
        "near.json",
        r#"{"hidden_weights": [[-0.3288], [0.3288]], "hidden_bias": [0.3288, 0.3288], "output_weights": [0.465, 0.465]}"#,
    );
    // One constant neuron, and a dead one: the end of the fourth set.
    write(
        "end.json",
        r#"{"hidden_weights": [[0], [0]], "hidden_bias": [0.5477225575, 0], "output_weights": [0.5477225575, 0]}"#,
    );
    write(
        "slope.json",
        r#"{"hidden_weights": [[0.5], [0.1]], "hidden_bias": [0.5, 0.8], "output_weights": [0.9, -0.3]}"#,
    );
    folder
}

const FIVE: &str = "--data five.csv --loss sum --ridge 1/2";

#[test]
fn the_command_prints_the_agreed_fields_and_writes_networks() {
    let folder = folder();
    let (out, error) = run(
        folder.path(),
        &format!("minima {FIVE} --width 2 --exact --json --out found"),
        0,
    );
    assert_eq!(error, "");
    let value: Value = serde_json::from_str(&out).expect("JSON");
    assert_eq!(value["regions"], 171);
    assert_eq!(value["decided_regions"], 171);
    assert_eq!(value["count"], 9);
    assert_eq!(value["undecided"], Value::Array(Vec::new()));
    let components = value["components"].as_array().expect("a list");
    assert_eq!(components.len(), 9);
    let first = &components[0];
    let (lo, hi) = (
        rat_of(first["value"]["enclosure"][0].as_str().expect("a fraction")),
        rat_of(first["value"]["enclosure"][1].as_str().expect("a fraction")),
    );
    assert!(lo <= hi && &hi - &lo < rat("1e-12"));
    let boxes = first["polytope"]["boxes"].as_array().expect("a list");
    assert_eq!(
        (boxes.len(), boxes[0].as_array().map(Vec::len)),
        (2, Some(2))
    );
    assert_eq!(first["value"]["decimal"], "7.29901875828");
    // 225·t² − 3030·t + 10129 changes its sign in the enclosure.
    let p = |t: &Rat| int(225) * t * t - int(3030) * t + int(10129);
    assert_eq!(
        first["exact"]["value"]["minimal_polynomial"],
        serde_json::json!([225, -3030, 10129])
    );
    assert!(p(&lo) * p(&hi) <= Rat::zero());
    assert_eq!(first["symmetry"]["order"], 2);
    assert_eq!(first["symmetry"]["generators"][0], "x → −x");
    for field in [
        "dimension",
        "closed",
        "global",
        "dual_certified",
        "differentiable",
        "kink",
        "distinct_neurons",
    ] {
        assert!(!first[field].is_null(), "{field}");
    }
    for k in 1..=9 {
        let path = folder.path().join(format!("found/minimum-{k:03}.json"));
        let network = Network::read(&path).expect("a network");
        let problem = problem(five_points(), Activation::relu(), &frac(1, 2), true);
        let here = rat_to_f64(&objective(&problem, &network));
        let listed: f64 = components[k - 1]["value"]["decimal"]
            .as_str()
            .and_then(|text| text.parse().ok())
            .expect("a decimal");
        assert!((here - listed).abs() < 1e-9);
    }
    let written =
        std::fs::read_to_string(folder.path().join("found/minima.json")).expect("written");
    let again: Value = serde_json::from_str(&written).expect("JSON");
    assert_eq!(again["components"], value["components"]);
    let (text, _) = run(
        folder.path(),
        &format!("minima {FIVE} --width 2 --quiet"),
        0,
    );
    assert!(
        text.starts_with(
            "5 samples, 2 columns with the hidden bias, width 2: 171 regions of 9 cells"
        ),
        "{text}"
    );
}

#[test]
fn bad_requests_say_what_to_do() {
    let folder = folder();
    for (options, expected) in [
        ("--width 2 --no-decay hidden-bias", "undecayed hidden bias"),
        ("--width 2 --no-decay output-bias", "output bias"),
        ("--width 2 --activation leaky:1", "linear"),
        ("--width 0", "--width"),
        ("--width 2 --digits 0", "--digits"),
    ] {
        let (_, error) = run(folder.path(), &format!("minima {FIVE} {options}"), 2);
        assert!(error.contains(expected), "{options}: {error}");
    }
    let (out, error) = run(
        folder.path(),
        &format!("minima {FIVE} --width 40 --time-limit 0.2 --json"),
        3,
    );
    assert!(error.contains("regions"), "{error}");
    let value: Value = serde_json::from_str(&out).expect("JSON");
    assert!(!value["undecided"].as_array().expect("a list").is_empty());
}

#[test]
fn numbers_beyond_floats_end_undecided() {
    let folder = folder();
    for (x, y) in [("e160", ""), ("e-200", ""), ("e300", "e300")] {
        let text = format!("x,y\n1{x},2{y}\n-3{x},1{y}\n5{x},-1{y}\n");
        std::fs::write(folder.path().join("huge.csv"), text).expect("written");
        for ridge in ["0.1", "1e-300"] {
            let command =
                format!("minima --data huge.csv --width 2 --loss sum --ridge {ridge} --json");
            let (out, _) = run(folder.path(), &command, 3);
            let value: Value = serde_json::from_str(&out).expect("JSON");
            assert!(!value["undecided"].as_array().expect("a list").is_empty());
        }
    }
}

#[test]
fn a_network_is_placed_among_the_local_minima() {
    let folder = folder();
    let place = |network: &str| {
        // The first is within the tolerance of the optimum.
        let code = i32::from(network != "near.json");
        let (out, _) = run(
            folder.path(),
            &format!("certify {FIVE} --network {network} --local --json"),
            code,
        );
        let value: Value = serde_json::from_str(&out).expect("JSON");
        value["local"].clone()
    };
    let near = place("near.json");
    assert_eq!(
        (&near["kind"], &near["nearest"]),
        (&Value::from("near_minimum"), &Value::from(1))
    );
    assert!(near["distance"].as_f64().expect("a number") < 1e-3);
    let end = place("end.json");
    assert_eq!(
        (&end["kind"], &end["nearest"]),
        (&Value::from("saddle"), &Value::from(4))
    );
    assert_eq!(end["zero_neurons"], 1);
    assert!(end["descent"].is_null() && end["descent_of_a_zero_neuron"].is_object());
    let slope = place("slope.json");
    assert_eq!(slope["kind"], "not_stationary");
    assert!(slope["descent"]["rate"].as_f64().expect("a number") > 0.1);
    assert!(slope["descends_to"]["component"].is_number());
    let (_, error) = run(
        folder.path(),
        &format!("certify {FIVE} --network slope.json --no-decay hidden-bias --local"),
        2,
    );
    assert!(error.contains("undecayed hidden bias"), "{error}");
}
