//! What this process itself uses: memory and processor time, as the system reports them.

use std::collections::VecDeque;
use std::sync::Mutex;
use std::time::Duration;

use brokerscope_contract::Timestamp;

use crate::clock::Clock;

/// Linux reports times in hundredths of a second to programs, whatever the kernel's own tick is.
const TICKS_PER_SECOND: f64 = 100.0;
const MEASURED_EVERY: Duration = Duration::from_secs(10);
/// The share of a core is taken over the last minute.
const MEASUREMENTS_KEPT: usize = 7;

/// Measures the process from time to time.
#[derive(Debug)]
pub struct Process {
    pub started_at: Timestamp,
    /// Pairs of time and processor seconds used until then, oldest first.
    measured: Mutex<VecDeque<(Timestamp, f64)>>,
}

impl Process {
    pub fn new(started_at: Timestamp) -> Process {
        Process {
            started_at,
            measured: Mutex::default(),
        }
    }

    /// Measures until it is dropped.
    pub async fn watch(&self, clock: Clock) {
        loop {
            self.measure(clock.now());
            tokio::time::sleep(MEASURED_EVERY).await;
        }
    }

    /// Share of one core over the last minute; `None` where the system does not say.
    pub fn cpu(&self) -> Option<f64> {
        let measured = self.measured.lock().ok()?;
        let (first, last) = (measured.front()?, measured.back()?);
        let seconds = last.0.seconds_since(first.0);
        (seconds > 0.0).then(|| (last.1 - first.1) / seconds)
    }

    fn measure(&self, now: Timestamp) {
        let (Some(used), Ok(mut measured)) = (cpu_seconds(), self.measured.lock()) else {
            return;
        };
        measured.push_back((now, used));
        if measured.len() > MEASUREMENTS_KEPT {
            measured.pop_front();
        }
    }
}

/// Memory that the process occupies, in bytes; `None` where the system does not say.
pub fn resident_bytes() -> Option<u64> {
    resident_in(&std::fs::read_to_string("/proc/self/status").ok()?)
}

/// Processor time used since the start, in seconds; `None` where the system does not say.
pub fn cpu_seconds() -> Option<f64> {
    seconds_in(&std::fs::read_to_string("/proc/self/stat").ok()?)
}

fn resident_in(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: u64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kib * 1024)
}

fn seconds_in(stat: &str) -> Option<f64> {
    // The program's name is in brackets and may hold blanks, so fields are counted from the last bracket:
    // user and system time are fields 14 and 15 of the line, 12 and 13 after it.
    let (_, after_name) = stat.rsplit_once(')')?;
    let mut times = after_name.split_whitespace().skip(11).take(2).map(str::parse::<f64>);
    let (user, system) = (times.next()?.ok()?, times.next()?.ok()?);
    Some((user + system) / TICKS_PER_SECOND)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_systems_files_are_read() {
        let stat = "1234 (a (b) c) S 1 1 1 0 -1 4194560 1 0 0 0 250 50 0 0 20 0 9 0 100 1 1";
        assert_eq!(seconds_in(stat), Some(3.0));
        assert_eq!(resident_in("VmPeak:\t 1 kB\nVmRSS:\t   2048 kB\n"), Some(2_097_152));
        assert_eq!(seconds_in("1234 (cut"), None);
        assert_eq!(resident_in("VmRSS: much"), None);
    }

    #[test]
    fn the_share_of_a_core_is_taken_between_the_kept_measurements() {
        let process = Process::new(Timestamp(0));
        assert_eq!(process.cpu(), None);
        for (seconds, used) in [(0, 1.0), (10, 2.0), (20, 6.0)] {
            process
                .measured
                .lock()
                .unwrap()
                .push_back((Timestamp(seconds * 1000), used));
        }
        assert_eq!(process.cpu(), Some(0.25));
    }
}
