//! What one client process measured: one line of text from the child to the driver.

use std::time::Duration;

/// The figures of one row in one round. A figure that does not apply is NaN.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sample {
    /// Calls made.
    pub(crate) calls: f64,
    /// Seconds they took.
    pub(crate) seconds: f64,
    /// Median and 99th percentile of a call, in microseconds.
    pub(crate) p50_us: f64,
    pub(crate) p99_us: f64,
    /// The slowest thread's calls as a part of the mean.
    pub(crate) fairness: f64,
}

impl Sample {
    /// From the duration of each call, in nanoseconds.
    pub(crate) fn of_latencies(mut nanoseconds: Vec<u32>, elapsed: Duration) -> Self {
        nanoseconds.sort_unstable();
        let at = |part: f64| {
            let index = ((nanoseconds.len() as f64 * part) as usize).min(nanoseconds.len().saturating_sub(1));
            nanoseconds.get(index).map_or(f64::NAN, |ns| f64::from(*ns) / 1e3)
        };
        Self { p50_us: at(0.5), p99_us: at(0.99), ..Self::of_calls(nanoseconds.len() as f64, elapsed) }
    }

    /// From a count.
    pub(crate) fn of_calls(calls: f64, elapsed: Duration) -> Self {
        Self { calls, seconds: elapsed.as_secs_f64(), p50_us: f64::NAN, p99_us: f64::NAN, fairness: f64::NAN }
    }

    pub(crate) fn to_line(self) -> String {
        format!("{} {} {} {} {}", self.calls, self.seconds, self.p50_us, self.p99_us, self.fairness)
    }

    pub(crate) fn from_line(line: &str) -> Self {
        let mut numbers = line.split_whitespace().map(|word| word.parse::<f64>().expect("a number"));
        let mut next = || numbers.next().expect("five numbers");
        Self { calls: next(), seconds: next(), p50_us: next(), p99_us: next(), fairness: next() }
    }
}
