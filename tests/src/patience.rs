//! Waiting for something that becomes true by itself, with a limit and a clear complaint.

use std::future::Future;
use std::time::{Duration, Instant};

/// Asks `question` every 200 ms until it answers `Some`, and returns that.
///
/// # Panics
/// After `seconds`, naming `what` never came true.
pub async fn eventually<T, F, A>(what: &str, seconds: u64, mut question: F) -> T
where
    F: FnMut() -> A,
    A: Future<Output = Option<T>>,
{
    let deadline = Instant::now() + Duration::from_secs(seconds);
    loop {
        if let Some(answer) = question().await {
            return answer;
        }
        assert!(Instant::now() < deadline, "after {seconds} s still not true: {what}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}
