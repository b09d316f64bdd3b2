//! The only place of this room that reads the time; everybody else is handed a [`Moment`].

use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// One point in time on both clocks.
#[derive(Debug, Clone, Copy)]
pub struct Moment {
    /// For deadlines.
    pub now: Instant,
    /// For what is stored: milliseconds since 1970.
    pub millis: i64,
}

/// The time now.
pub fn moment() -> Moment {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Moment {
        now: Instant::now(),
        millis: i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX),
    }
}
