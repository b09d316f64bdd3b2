//! The loop that visits one connection: schedule, deadline, back-off, cancellation.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use brokerscope_contract::{ConnectionId, Sample, Snapshot, Timestamp, metrics};
use futures_util::FutureExt;
use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::breaker::{Breaker, Permit};
use crate::collector::{CollectError, Collector};

/// Tells the time of day. Only the server knows a real one.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// How one visit went.
#[derive(Debug, Clone)]
pub struct Visit {
    pub connection: ConnectionId,
    /// When the visit began.
    pub at: Timestamp,
    pub outcome: Result<Snapshot, CollectError>,
    /// When the next one is due; later than usual while backing off.
    pub next_at: Timestamp,
    /// How long it took.
    pub seconds: f64,
}

/// Makes the collector, and makes it again after one has panicked and cannot be trusted any more.
pub(crate) type Make = Box<dyn Fn() -> Result<Box<dyn Collector>, CollectError> + Send + Sync>;

pub(crate) struct Runner {
    pub connection: ConnectionId,
    pub make: Make,
    /// `None` leaves the interval to the collector.
    pub interval: Option<Duration>,
    pub clock: Clock,
    pub visits: mpsc::Sender<Visit>,
    pub cancel: CancellationToken,
}

/// A connection whose collector cannot even be made is looked at again this often.
const INTERVAL_WITHOUT_COLLECTOR: Duration = Duration::from_secs(60);
/// A visit gets its whole interval, but never less than the first nor more than the second.
const SHORTEST_DEADLINE: Duration = Duration::from_secs(10);
const LONGEST_DEADLINE: Duration = Duration::from_secs(60);
/// The first visits of many connections spread over this time, short enough not to be noticed by a person.
const FIRST_VISIT_WITHIN: Duration = Duration::from_millis(500);

impl Runner {
    /// Visits until cancelled or until nobody takes the visits any more. One visit at a time, by construction.
    pub async fn run(self) {
        let cancel = self.cancel.clone();
        // Dropping the future stops a visit at its next await: cancellation takes effect at once.
        cancel.run_until_cancelled(self.visit_for_ever()).await;
    }

    async fn visit_for_ever(self) {
        let born = Instant::now();
        let mut collector = (self.make)();
        let interval = match (&collector, self.interval) {
            (Err(_), _) => INTERVAL_WITHOUT_COLLECTOR,
            (Ok(_), Some(interval)) => interval,
            (Ok(collector), None) => Duration::from_secs(collector.interval_seconds()),
        };
        let interval = interval.max(Duration::from_secs(1));
        let first = FIRST_VISIT_WITHIN.min(interval).mul_f64(fastrand::f64());
        let schedule = Schedule {
            phase: first + interval.mul_f64(0.5 + 0.5 * fastrand::f64()),
            interval,
        };
        let mut breaker = Breaker::new(interval);
        let mut due = first;
        loop {
            tokio::time::sleep_until(born + due).await;
            if let Permit::NotBefore(until) = breaker.permit(born.elapsed()) {
                due = until;
                continue;
            }
            let at = (self.clock)();
            let started = Instant::now();
            let outcome = self.visit(&mut collector, at, interval).await;
            let seconds = started.elapsed().as_secs_f64();
            let now = born.elapsed();
            due = match &outcome {
                Ok(_) => {
                    breaker.succeeded();
                    schedule.next_after(now)
                }
                Err(error) => {
                    let until = breaker.failed(now, fastrand::f64());
                    tracing::debug!(connection = self.connection.0, failures = breaker.failures(), breaker = ?breaker.state(), %error, "a visit failed");
                    until
                }
            };
            let wait = i64::try_from((due - now).as_millis()).unwrap_or(i64::MAX);
            let visit = Visit {
                connection: self.connection,
                at,
                outcome: outcome.map(|snapshot| with_cost(snapshot, seconds)),
                next_at: (self.clock)().plus_millis(wait),
                seconds,
            };
            if self.visits.send(visit).await.is_err() {
                return;
            }
        }
    }

    async fn visit(
        &self,
        collector: &mut Result<Box<dyn Collector>, CollectError>,
        at: Timestamp,
        interval: Duration,
    ) -> Result<Snapshot, CollectError> {
        let asked = match collector {
            Ok(collector) => collector,
            Err(error) => return Err(error.clone()),
        };
        let deadline = interval.clamp(SHORTEST_DEADLINE, LONGEST_DEADLINE);
        match tokio::time::timeout(deadline, AssertUnwindSafe(asked.collect(at)).catch_unwind()).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(_panic)) => {
                *collector = (self.make)();
                Err(CollectError::Defect {
                    detail: "Brokerscope itself failed while it read the broker's answers.".into(),
                    remedy: "Other connections go on and this one is tried again. Please report it with the log."
                        .into(),
                })
            }
            Err(_elapsed) => Err(CollectError::TimedOut {
                detail: format!("The broker did not answer everything within {} s.", deadline.as_secs()),
                remedy: "Check the load of the broker and the network to it, or use a longer interval.".into(),
            }),
        }
    }
}

/// Ticks at a phase of this connection's own, so that many connections do not ask in the same moment.
struct Schedule {
    phase: Duration,
    interval: Duration,
}

impl Schedule {
    /// The first tick after `now`. Ticks that passed during a long visit are left out, not made up for.
    fn next_after(&self, now: Duration) -> Duration {
        let Some(passed) = now.checked_sub(self.phase) else {
            return self.phase;
        };
        let ticks = passed.as_nanos() / self.interval.as_nanos() + 1;
        self.phase + self.interval.saturating_mul(u32::try_from(ticks).unwrap_or(u32::MAX))
    }
}

/// Every collector's cost becomes figures in the same way.
fn with_cost(mut snapshot: Snapshot, seconds: f64) -> Snapshot {
    snapshot.cost.seconds = seconds;
    let cluster = brokerscope_contract::EntityKey::cluster;
    let cost = snapshot.cost;
    snapshot.samples.extend([
        Sample::new(cluster(), metrics::UP, 1.0),
        Sample::new(cluster(), metrics::VISIT_SECONDS, seconds),
        Sample::new(cluster(), metrics::VISIT_REQUESTS, f64::from(cost.requests)),
        Sample::new(cluster(), metrics::VISIT_BYTES, cost.bytes as f64),
    ]);
    snapshot
}
