//! The whole shop over its own broker: orders are completed, faults are healed, and spans arrive at a receiver.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on says where, also in the functions that tests share"
)]

mod faults;
mod orders;
mod spans;
mod witness;

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use brokerscope_contract::Timestamp;
use brokerscope_contract::api::demo::OrderTotals;
use brokerscope_demo::{Demo, Options};

async fn started(otlp_endpoint: Option<String>) -> Demo {
    let clock = || {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        Timestamp(now.as_millis() as i64)
    };
    let options = Options {
        clock: Arc::new(clock),
        messages_per_second: 200,
        otlp_endpoint,
    };
    Demo::start(options).await.unwrap()
}

async fn until(demo: &Demo, what: &str, seconds: u64, reached: impl Fn(OrderTotals) -> bool) -> OrderTotals {
    let deadline = Instant::now() + Duration::from_secs(seconds);
    loop {
        let totals = demo.totals();
        assert_eq!(
            totals.orders,
            totals.completed + totals.cancelled + totals.in_flight,
            "{totals:?}"
        );
        if reached(totals) {
            return totals;
        }
        assert!(Instant::now() < deadline, "{what}: {totals:?} after {seconds} s");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}
