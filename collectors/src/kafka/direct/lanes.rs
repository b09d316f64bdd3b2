//! Questions to one broker, one after the other on one connection, each with its own answer.

use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::time::{Instant, timeout_at};

use super::super::wire::{Broker, Trouble};
use super::connection::Connection;
use super::pool::Pool;

/// Asks one broker all of `questions` until `deadline`. The answers come in the order of the questions; from the first
/// one that got no answer on, all have the same trouble.
pub async fn ask_all<Q: Sync, T>(
    pool: &Pool,
    broker: &Broker,
    questions: &[Q],
    deadline: Instant,
    ask: impl for<'c> Fn(&'c mut Connection, &'c Q) -> BoxFuture<'c, Result<T, Trouble>>,
) -> Vec<Result<T, Trouble>> {
    let mut answers = Vec::with_capacity(questions.len());
    if questions.is_empty() {
        return answers;
    }
    let asked = timeout_at(deadline, async {
        let mut connection = pool.take(broker).await?;
        for question in questions {
            let answer = ask(&mut connection, question).await;
            if let Err(trouble) = &answer
                && trouble.is_silence()
            {
                return Err(trouble.clone());
            }
            // A refusal is an answer too: the connection goes on.
            answers.push(answer);
        }
        pool.give_back(broker, connection);
        Ok(())
    })
    .await;
    let trouble = match asked {
        Ok(Ok(())) => return answers,
        Ok(Err(trouble)) => trouble,
        Err(_) => Trouble::timed_out(),
    };
    answers.resize_with(questions.len(), || Err(trouble.clone()));
    answers
}

/// Asks one broker one question.
pub async fn ask_one<T>(
    pool: &Pool,
    broker: &Broker,
    patience: Duration,
    ask: impl for<'c> Fn(&'c mut Connection) -> BoxFuture<'c, Result<T, Trouble>>,
) -> Result<T, Trouble> {
    let deadline = Instant::now() + patience;
    let mut answers = ask_all(pool, broker, &[()], deadline, |connection, ()| ask(connection)).await;
    answers.pop().unwrap_or_else(|| Err(Trouble::no_answer()))
}
