//! How long a search may take: an extrapolation for the progress line, and nothing else.
//!
//! The bound of a best-first search falls about as a power of the time: t ∝ g^(−p), with g the distance of the bound from β. The power is taken from
//! the last doubling of the time.

use std::time::Duration;

/// Least time between two points, in seconds: before it there is nothing to extrapolate.
const FIRST: f64 = 0.5;
/// Estimates beyond this say nothing.
const LONGEST: f64 = 30.0 * 86400.0;

/// The points of a search that an estimate rests on: time in seconds and distance. Floats.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Estimate {
    before: Option<(f64, f64)>,
    last: Option<(f64, f64)>,
}

impl Estimate {
    /// Notes a distance; seconds since the search began. The time that is left until it is at most `goal`, if that can be said.
    pub fn note(&mut self, seconds: f64, distance: f64, goal: f64) -> Option<Duration> {
        match self.last {
            None if seconds >= FIRST => self.last = Some((seconds, distance)),
            Some((then, _)) if seconds >= 2.0 * then => {
                self.before = self.last;
                self.last = Some((seconds, distance));
            }
            _ => {}
        }
        let (then, was) = self.before?;
        if !(seconds > then && distance > 0.0 && goal > 0.0) {
            return None;
        }
        let power = (seconds / then).ln() / (was / distance).ln();
        let end = seconds * (distance / goal).max(1.0).powf(power);
        let left = end - seconds;
        (power > 0.0 && left < LONGEST).then(|| Duration::from_secs_f64(left.max(0.0)))
    }
}

/// A time in words, roughly.
pub(super) fn about(left: Duration) -> String {
    match left.as_secs() {
        seconds @ 0..100 => format!("{seconds} s"),
        seconds @ 100..6000 => format!("{} min", seconds.div_ceil(60)),
        seconds @ 6000..172_800 => format!("{} h", seconds.div_ceil(3600)),
        seconds => format!("{} days", seconds.div_ceil(86400)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_power_law_is_extrapolated_to_its_end() {
        // g = t^(−1/2): 0.01 is reached after 10,000 seconds.
        let mut estimate = Estimate::default();
        let mut left = None;
        for i in 0..4000 {
            let seconds = 0.01 + 0.1 * f64::from(i);
            left = estimate.note(seconds, seconds.powf(-0.5), 0.01);
            if let Some(left) = left {
                let end = seconds + left.as_secs_f64();
                assert!((end - 10_000.0).abs() < 1.0, "{seconds}: {end}");
            }
        }
        assert!(left.is_some());
    }

    #[test]
    fn nothing_is_said_where_nothing_is_known() {
        let mut estimate = Estimate::default();
        assert_eq!(estimate.note(0.1, 1.0, 0.1), None);
        // A bound that does not move has no end.
        for i in 1..100 {
            assert_eq!(estimate.note(f64::from(i), 1.0, 0.1), None);
        }
        let mut estimate = Estimate::default();
        for distance in [f64::NAN, f64::INFINITY, -1.0, 0.0] {
            for i in 1..10 {
                estimate.note(f64::from(i), distance, 0.1);
            }
        }
    }

    #[test]
    fn times_are_round() {
        let words = |seconds| about(Duration::from_secs(seconds));
        assert_eq!(words(0), "0 s");
        assert_eq!(words(119), "2 min");
        assert_eq!(words(7200), "2 h");
        assert_eq!(words(200_000), "3 days");
    }
}
