//! What time it is by the servers that answer: the `Date` of their answers, beside this machine's own time.
//!
//! A machine whose clock is wrong must not make messages older or younger than they are.

use std::sync::{Mutex, PoisonError};

use brokerscope_contract::Timestamp;
use tokio::time::Instant;

use crate::instants::from_http_date;

/// Dates of answers have no fractions and take a while to arrive: a smaller difference in milliseconds is none.
const ROUNDING: i64 = 5_000;

#[derive(Debug, Default)]
pub struct ServerClock(Mutex<Told>);

#[derive(Debug, Clone, Copy, Default)]
struct Told {
    /// The time of the visit by this machine, and when that was.
    own: Option<(Timestamp, Instant)>,
    /// The date of the last answer, and when it came.
    server: Option<(Timestamp, Instant)>,
    /// By how many milliseconds the server's clock is ahead of this machine's.
    ahead: Option<i64>,
}

impl ServerClock {
    /// Tells this machine's time at the beginning of a visit.
    pub fn begin(&self, at: Timestamp) {
        self.told(|told| told.own = Some((at, Instant::now())));
    }

    /// Takes the `Date` of an answer; one that cannot be read is no date.
    pub fn note(&self, date: Option<&str>) {
        if let Some(date) = date.and_then(from_http_date) {
            self.told(|told| {
                told.server = Some((date, Instant::now()));
                told.ahead = passed(told.own).map(|own| date.millis_since(own)).or(told.ahead);
            });
        }
    }

    /// Now by the server; `None` as long as nothing was answered.
    pub fn server(&self) -> Option<Timestamp> {
        let told = self.told(|told| *told);
        match (passed(told.own), told.ahead) {
            (Some(own), Some(ahead)) if ahead.abs() < ROUNDING => Some(own),
            (Some(own), Some(ahead)) => Some(own.plus_millis(ahead)),
            _ => passed(told.server),
        }
    }

    /// Now by the server where its time is known, and by this machine otherwise.
    pub fn best(&self) -> Timestamp {
        let own = passed(self.told(|told| told.own));
        self.server().or(own).unwrap_or_default()
    }

    /// By how many milliseconds the server's clock is ahead of this machine's, when both are known.
    pub fn ahead(&self) -> Option<i64> {
        self.told(|told| told.ahead)
    }

    /// A time of the server's as this machine would have it.
    pub fn as_here(&self, theirs: Timestamp) -> Timestamp {
        let ahead = self.ahead().filter(|ahead| ahead.abs() >= ROUNDING);
        theirs.plus_millis(-ahead.unwrap_or(0))
    }

    fn told<T>(&self, read: impl FnOnce(&mut Told) -> T) -> T {
        // Some times and nothing in between: a panic elsewhere leaves them as good as before.
        read(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn passed(known: Option<(Timestamp, Instant)>) -> Option<Timestamp> {
    let (at, when) = known?;
    Some(at.plus_millis(i64::try_from(when.elapsed().as_millis()).unwrap_or(i64::MAX)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_servers_time_counts_when_it_differs_by_more_than_rounding() {
        // 2026-11-23T16:04:05Z.
        let noted = 1_795_449_845_000;
        for (off, expected) in [(0, 0), (4_000, 4_000), (600_000, 0), (-600_000, 0)] {
            let clock = ServerClock::default();
            assert_eq!(clock.server(), None);
            clock.begin(Timestamp(noted + off));
            clock.note(Some("Mon, 23 Nov 2026 16:04:05 GMT"));
            clock.note(Some("no date"));
            assert_eq!(clock.ahead(), Some(-off), "{off}");
            assert_eq!(clock.best(), Timestamp(noted + expected), "{off}");
            // What was sent a minute before the answer is a minute old on both clocks.
            let sent = clock.as_here(Timestamp(noted - 60_000));
            assert_eq!(Timestamp(noted + off - expected).seconds_since(sent), 60.0, "{off}");
        }
    }
}
