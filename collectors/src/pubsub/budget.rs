//! The time that one visit may take: what does not fit costs its own answer and not the whole visit.

use std::future::Future;
use std::time::Duration;

use tokio::time::Instant;

use super::failure::Failure;

#[derive(Debug, Clone, Copy)]
pub struct Budget {
    ends: Instant,
}

impl Budget {
    /// Most of the runner's deadline, which is the interval within bounds of its own.
    pub fn starting_now(interval: Duration) -> Budget {
        let deadline = interval.clamp(Duration::from_secs(10), Duration::from_secs(60));
        Budget {
            ends: Instant::now() + deadline.mul_f64(0.85),
        }
    }

    /// Waits for an answer as long as there is time.
    pub async fn spend<T>(&self, question: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
        match tokio::time::timeout_at(self.ends, question).await {
            Ok(answer) => answer,
            Err(_elapsed) => Err(Failure::TimedOut("Google".into())),
        }
    }
}
