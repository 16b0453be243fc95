//! What `--path` asks for: the values of λ, and what λ is.

use std::str::FromStr;

use num_bigint::BigInt;
use num_traits::{One, Signed, Zero};

use super::super::args::ratio;
use super::super::error::UsageError;
use crate::exact::{Rat, Round, parse_decimal, to_decimal};
use crate::problem::Decay;
use crate::run;

/// Most points of a path.
const MOST_POINTS: usize = 10_000;

/// Digits of an end that is given as a multiple of λ_max.
const END_DIGITS: usize = 6;

/// What λ is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    WeightDecay,
    Ridge,
}

impl Kind {
    pub(super) fn decay(self, lambda: Rat) -> Decay {
        match self {
            Kind::WeightDecay => Decay::WeightDecay(lambda),
            Kind::Ridge => Decay::Ridge(lambda),
        }
    }

    pub(super) fn word(self) -> &'static str {
        match self {
            Kind::WeightDecay => "weight-decay",
            Kind::Ridge => "ridge",
        }
    }

    /// λ in this convention from that of `--weight-decay`.
    pub(super) fn of_weight_decay(self, lambda: &Rat) -> Rat {
        match self {
            Kind::WeightDecay => lambda.clone(),
            Kind::Ridge => lambda / BigInt::from(2),
        }
    }
}

/// An end of the path.
#[derive(Debug, Clone, PartialEq, Eq)]
enum End {
    Value(Rat),
    OfMax(Rat),
}

/// The value of `--path`.
#[derive(Debug, Clone)]
pub(in crate::cli) struct PathArg {
    pub(super) kind: Kind,
    ends: [End; 2],
    points: usize,
}

impl FromStr for PathArg {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts: Vec<&str> = text.split(':').map(str::trim).collect();
        let (kind, rest) = match parts.as_slice() {
            ["weight-decay", rest @ ..] => (Kind::WeightDecay, rest),
            ["ridge", rest @ ..] => (Kind::Ridge, rest),
            rest => (Kind::WeightDecay, rest),
        };
        let &[first, second, points] = rest else {
            return Err(
                "give λ1:λ2:POINTS, weight-decay:λ1:λ2:POINTS or ridge:λ1:λ2:POINTS".to_owned(),
            );
        };
        let points: usize = points
            .parse()
            .ok()
            .filter(|points| (1..=MOST_POINTS).contains(points))
            .ok_or_else(|| format!("the number of points is 1 to {MOST_POINTS}, not `{points}`"))?;
        Ok(PathArg {
            kind,
            ends: [end(first)?, end(second)?],
            points,
        })
    }
}

fn end(text: &str) -> Result<End, String> {
    let (factor, of_max) = match text.strip_suffix("max") {
        Some("") => (Rat::one(), true),
        Some(factor) => (ratio(factor)?, true),
        None => (ratio(text)?, false),
    };
    if !factor.is_positive() {
        return Err(format!("λ has to be positive, but `{text}` is not"));
    }
    Ok(if of_max {
        End::OfMax(factor)
    } else {
        End::Value(factor)
    })
}

impl PathArg {
    pub(super) fn needs_max(&self) -> bool {
        self.ends.iter().any(|end| matches!(end, End::OfMax(_)))
    }

    /// The values of λ; `max` is the proven upper end for λ_max in this convention.
    pub(super) fn lambdas(&self, max: &Rat) -> Result<Vec<Rat>, UsageError> {
        let mut values = Vec::with_capacity(2);
        for end in &self.ends {
            values.push(match end {
                End::Value(value) => value.clone(),
                End::OfMax(_) if max.is_zero() => return Err(UsageError::NoMax),
                End::OfMax(factor) => {
                    let value = max * factor;
                    let round = if factor >= &Rat::one() {
                        Round::Up
                    } else {
                        Round::Nearest
                    };
                    parse_decimal(&to_decimal(&value, END_DIGITS, round)).unwrap_or(value)
                }
            });
        }
        Ok(run::log_spaced(&values[0], &values[1], self.points)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<PathArg, String> {
        text.parse()
    }

    #[test]
    fn a_path_says_what_its_lambda_is() {
        let path = parse("0.5:1/100:3").expect("a path");
        assert_eq!(path.kind, Kind::WeightDecay);
        assert_eq!(path.points, 3);
        let path = parse("ridge:max:0.01max:7").expect("a path");
        assert_eq!(path.kind, Kind::Ridge);
        assert_eq!(path.ends[0], End::OfMax(Rat::one()));
        assert!(parse("weight-decay:1:2:3").is_ok());
        for bad in [
            "",
            "1",
            "1:2",
            "1:2:3:4",
            "l1:1:2:3",
            "0:1:3",
            "-1:1:3",
            "1:2:0",
            "1:2:-1",
            "1:2:x",
            "a:2:3",
            "1:0max:3",
            "1:2:10001",
            "1/0:2:3",
            "nan:1:2",
            ":1:3",
            "ridge:1:2",
        ] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn ends_relative_to_the_maximum_are_short_and_on_the_safe_side() {
        let path = parse("max:0.01max:2").expect("a path");
        let max = Rat::new(1.into(), 3.into());
        let lambdas = path.lambdas(&max).expect("values");
        assert_eq!(
            lambdas
                .iter()
                .map(super::super::table::pasteable)
                .collect::<Vec<_>>(),
            ["0.333334", "0.00333333"]
        );
        assert!(matches!(path.lambdas(&Rat::zero()), Err(UsageError::NoMax)));
    }
}
