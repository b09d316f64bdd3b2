//! The only place that reads the time; everything else is handed it.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use brokerscope_contract::Timestamp;

/// Tells the time: the system's, or one that a test sets.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> Timestamp + Send + Sync>);

impl Clock {
    pub fn system() -> Clock {
        Clock(Arc::new(|| {
            // A clock set before 1970 is wrong in any case; the epoch is as good a wrong answer as another.
            let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
            Timestamp(i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX))
        }))
    }

    /// A clock that stands at `start` until its hand is moved.
    pub fn manual(start: Timestamp) -> (Clock, Hand) {
        let time = Arc::new(AtomicI64::new(start.0));
        let hand = Hand(Arc::clone(&time));
        (Clock(Arc::new(move || Timestamp(time.load(Ordering::Relaxed)))), hand)
    }

    pub fn now(&self) -> Timestamp {
        (self.0)()
    }

    /// The same clock as a plain function, for rooms that do not know this type.
    pub fn as_fn(&self) -> Arc<dyn Fn() -> Timestamp + Send + Sync> {
        Arc::clone(&self.0)
    }
}

/// Moves a manual clock.
#[derive(Debug, Clone)]
pub struct Hand(Arc<AtomicI64>);

impl Hand {
    pub fn set(&self, now: Timestamp) {
        self.0.store(now.0, Ordering::Relaxed);
    }

    pub fn advance_millis(&self, millis: i64) {
        self.0.fetch_add(millis, Ordering::Relaxed);
    }
}

impl std::fmt::Debug for Clock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Clock").field(&self.now()).finish()
    }
}
