//! What this process has used, and how numbers are written in a table.

use std::path::Path;
use std::time::Duration;

/// Processor time of all threads since the start, in seconds. 0 where `/proc` does not say.
pub fn cpu_seconds() -> f64 {
    cpu_seconds_of("self")
}

/// The same of another process, by its number.
pub fn cpu_seconds_of(process: &str) -> f64 {
    // Fields 14 and 15 of /proc/PID/stat, in clock ticks of 10 ms; the name in field 2 may hold spaces.
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    let after_name = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    let ticks: f64 = after_name
        .split_whitespace()
        .skip(11)
        .take(2)
        .filter_map(|field| field.parse::<f64>().ok())
        .sum();
    ticks / 100.0
}

/// The most memory that was resident at any time, in bytes. 0 where `/proc` does not say.
pub fn peak_memory() -> u64 {
    peak_memory_of("self")
}

/// The same of another process, by its number.
pub fn peak_memory_of(process: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok())
        .unwrap_or(0)
        * 1024
}

/// The size of a database file and its log.
pub fn bytes_on_disk(database: &Path) -> u64 {
    let log = database.with_extension("db-wal");
    [database, &log]
        .iter()
        .map(|path| path.metadata().map_or(0, |metadata| metadata.len()))
        .sum()
}

/// Durations of the same thing done many times.
#[derive(Default)]
pub struct Times(Vec<Duration>);

impl Times {
    pub fn add(&mut self, time: Duration) {
        self.0.push(time);
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The time that this share of them did not exceed, in milliseconds.
    pub fn quantile(&self, share: f64) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort_unstable();
        let index = (sorted.len() as f64 * share).ceil() as usize;
        sorted
            .get(index.saturating_sub(1))
            .map_or(0.0, |time| time.as_secs_f64() * 1000.0)
    }

    /// Median and 99th percentile for a table, e.g. "0.81 ms / 1.32 ms".
    pub fn summary(&self) -> String {
        format!("{:.2} ms / {:.2} ms", self.quantile(0.5), self.quantile(0.99))
    }
}

/// A count with its thousands apart, e.g. "138,240,000".
pub fn thousands(count: u64) -> String {
    let digits = count.to_string();
    let groups: Vec<&str> = digits
        .as_bytes()
        .rchunks(3)
        .rev()
        .filter_map(|group| std::str::from_utf8(group).ok())
        .collect();
    groups.join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_values_that_occurred() {
        let mut times = Times::default();
        for millis in [5, 1, 4, 2, 3] {
            times.add(Duration::from_millis(millis));
        }
        assert_eq!(
            (times.quantile(0.5), times.quantile(0.99), times.quantile(0.0)),
            (3.0, 5.0, 1.0)
        );
        assert_eq!(Times::default().quantile(0.5), 0.0);
    }

    #[test]
    fn thousands_are_apart() {
        let cases = [(0, "0"), (999, "999"), (1_000, "1,000"), (138_240_000, "138,240,000")];
        for (count, text) in cases {
            assert_eq!(thousands(count), text);
        }
    }
}
