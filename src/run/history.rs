//! How the bracket closed: what was known when.

use std::cell::RefCell;
use std::time::Instant;

/// Moments beyond which every second one is forgotten.
const MOST: usize = 600;

/// What was known of the optimum at some time. Floats, in the user's convention: the bound is what the search would have given if it had
/// ended then, before rounding and verification.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Moment {
    /// Seconds since the command started.
    pub seconds: f64,
    /// The best lower bound so far, if there is one.
    pub lower: Option<f64>,
    /// The least objective so far, if there is one.
    pub upper: Option<f64>,
}

/// Collects moments.
#[derive(Debug)]
pub(super) struct History {
    started: Instant,
    moments: RefCell<Vec<Moment>>,
}

impl History {
    pub(super) fn new(started: Instant) -> Self {
        History {
            started,
            moments: RefCell::new(Vec::new()),
        }
    }

    /// Takes note of a network with this objective.
    pub(super) fn upper(&self, value: f64) {
        self.note(None, Some(value));
    }

    /// Takes note of this lower bound.
    pub(super) fn lower(&self, value: f64) {
        self.note(Some(value), None);
    }

    fn note(&self, lower: Option<f64>, upper: Option<f64>) {
        let mut moments = self.moments.borrow_mut();
        let last = moments.last().copied();
        let best = |old: Option<f64>, new: Option<f64>, pick: fn(f64, f64) -> f64| {
            let new = new.filter(|x| x.is_finite());
            match (old, new) {
                (Some(old), Some(new)) => Some(pick(old, new)),
                (old, new) => old.or(new),
            }
        };
        let moment = Moment {
            seconds: self.started.elapsed().as_secs_f64(),
            lower: best(last.and_then(|m| m.lower), lower, f64::max),
            upper: best(last.and_then(|m| m.upper), upper, f64::min),
        };
        if last.is_some_and(|m| m.lower == moment.lower && m.upper == moment.upper) {
            return;
        }
        moments.push(moment);
        if moments.len() > MOST {
            let mut index = 0;
            moments.retain(|_| {
                index += 1;
                index % 2 == 1
            });
        }
    }

    /// The exponent e with which the gap has fallen like `seconds^−e` since half of the time; infinite if there was no bracket then.
    pub(super) fn trend(&self) -> f64 {
        let moments = self.moments.borrow();
        let half = 0.5 * self.started.elapsed().as_secs_f64();
        let gap = |moment: Option<&Moment>| {
            let moment = moment?;
            Some(moment.upper? - moment.lower?)
        };
        let before = gap(moments.iter().rev().find(|m| m.seconds <= half));
        match (before, gap(moments.last())) {
            (Some(before), Some(now)) if now > 0.0 => (before / now).log2(),
            _ => f64::INFINITY,
        }
    }

    /// The relative gap that was known last, if there was a bracket.
    pub(super) fn gap(&self) -> Option<f64> {
        let last = self.moments.borrow().last().copied()?;
        let (upper, lower) = (last.upper?, last.lower?);
        (upper > 0.0).then(|| (upper - lower) / upper)
    }

    /// The moments, the last of them with what is proven in the end.
    pub(super) fn finish(&self, lower: f64, upper: f64) -> Vec<Moment> {
        let mut moments = self.moments.take();
        moments.push(Moment {
            seconds: self.started.elapsed().as_secs_f64(),
            lower: Some(lower),
            upper: Some(upper),
        });
        moments
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_trend_is_that_of_the_gap_since_half_of_the_time() {
        let history = History::new(Instant::now() - std::time::Duration::from_secs(8));
        assert_eq!((history.trend(), history.gap()), (f64::INFINITY, None));
        for (seconds, lower) in [(2.0, 0.2), (3.0, 0.5), (6.0, 0.75)] {
            history.moments.borrow_mut().push(Moment {
                seconds,
                lower: Some(lower),
                upper: Some(1.0),
            });
        }
        assert_eq!((history.trend(), history.gap()), (1.0, Some(0.25)));
    }

    #[test]
    fn a_bracket_only_closes_and_stays_short() {
        let history = History::new(Instant::now());
        for i in 0..10_000 {
            history.upper(2.0 + f64::from((i * 7919) % 10_000) / 1e4);
            history.lower(1.0 - 1.0 / f64::from(i + 1));
        }
        history.lower(f64::NAN);
        history.lower(f64::NEG_INFINITY);
        let moments = history.finish(0.5, 2.5);
        assert!(moments.len() <= MOST + 2);
        let known = &moments[..moments.len() - 1];
        assert!(known.windows(2).all(|m| m[0].seconds <= m[1].seconds));
        assert!(known.windows(2).all(|m| m[0].lower <= m[1].lower));
        assert!(
            known
                .windows(2)
                .all(|m| m[0].upper.is_none() || m[0].upper >= m[1].upper)
        );
        assert_eq!(moments.last().and_then(|m| m.lower), Some(0.5));
    }
}
