//! The time that one visit may take: what does not fit costs its own answer and not the whole visit.

use std::future::Future;
use std::time::Duration;

use tokio::time::Instant;

/// The part of the runner's deadline that questions may take; the rest is for making something of the answers.
const SHARE: f64 = 0.85;

/// A failure that can say without more words that there was no time for the answer.
pub trait Late {
    fn late() -> Self;
}

#[derive(Debug, Clone, Copy)]
pub struct Budget {
    began: Instant,
    ends: Instant,
}

impl Budget {
    /// Most of the runner's deadline, which is the interval within bounds of its own.
    pub fn starting_now(interval: Duration) -> Budget {
        let deadline = interval.clamp(Duration::from_secs(10), Duration::from_secs(60));
        let began = Instant::now();
        Budget {
            began,
            ends: began + deadline.mul_f64(SHARE),
        }
    }

    /// How much of it is gone, from 0 to 1 and beyond.
    pub fn spent(&self) -> f64 {
        let all = self.ends.duration_since(self.began).as_secs_f64();
        self.began.elapsed().as_secs_f64() / all
    }

    /// Waits for an answer as long as there is time.
    pub async fn spend<T, E: Late>(&self, question: impl Future<Output = Result<T, E>>) -> Result<T, E> {
        self.spend_or(question, E::late).await
    }

    /// The same, where `late` says what it means that there is no time.
    pub async fn spend_or<T, E>(
        &self,
        question: impl Future<Output = Result<T, E>>,
        late: impl FnOnce() -> E,
    ) -> Result<T, E> {
        if self.spent() >= 1.0 {
            return Err(late());
        }
        match tokio::time::timeout_at(self.ends, question).await {
            Ok(answer) => answer,
            Err(_elapsed) => Err(late()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn what_does_not_fit_is_late_and_what_comes_after_is_not_begun() {
        let budget = Budget::starting_now(Duration::from_secs(20));
        let asked = |seconds| async move {
            tokio::time::sleep(Duration::from_secs(seconds)).await;
            Ok::<u64, &str>(seconds)
        };
        assert_eq!(budget.spend_or(asked(10), || "late").await, Ok(10));
        assert!((0.58..0.6).contains(&budget.spent()), "{}", budget.spent());
        assert_eq!(budget.spend_or(asked(10), || "late").await, Err("late"));
        assert_eq!(
            budget.spend_or(async { Ok::<u64, &str>(1) }, || "late").await,
            Err("late")
        );
    }
}
