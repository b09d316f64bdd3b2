//! The questions to Kafka Connect: one for all connectors, and a few for where sources write to.

use futures_util::StreamExt;
use futures_util::future::join_all;
use futures_util::stream;
use tokio::time::{Instant, timeout_at};

use super::super::rest::{Client, Failure, place, segment};
use super::memory::Memory;
use super::wire::{ActiveTopics, Connectors, Worker};

/// All connectors with state and settings in one request; told since Kafka 2.3.
pub const CONNECTORS: &str = "connectors?expand=status&expand=info";
/// Source connectors that are asked for their topics at once, and on one visit; the others have their turn later.
const AT_ONCE: usize = 4;
const SOURCES_PER_VISIT: usize = 20;

#[derive(Debug)]
pub struct Answers {
    pub workers: Vec<(String, Result<Worker, Failure>)>,
    pub connectors: Result<Connectors, Failure>,
    pub written: Vec<(String, Result<Vec<String>, Failure>)>,
}

impl Answers {
    /// Nothing could be asked.
    pub fn failed(failure: Failure) -> Answers {
        Answers {
            workers: Vec::new(),
            connectors: Err(failure),
            written: Vec::new(),
        }
    }
}

/// Asks until `deadline`; what was answered by then counts.
pub async fn ask(client: &Client, memory: &Memory, deadline: Instant) -> Answers {
    let workers = join_all(client.service().roots.iter().map(|root| async move {
        let answer = timeout_at(deadline, client.ask_at::<Worker>(root, "")).await;
        (
            place(root),
            answer.unwrap_or_else(|_| Err(Failure::timed_out(&place(root)))),
        )
    }));
    let connectors = async {
        let answer = timeout_at(deadline, client.ask::<Connectors>(CONNECTORS)).await;
        answer.unwrap_or_else(|_| Err(Failure::timed_out(client.service().name)))
    };
    let (workers, connectors) = tokio::join!(workers, connectors);
    let written = match &connectors {
        Ok(connectors) => written(client, memory.whose_topics(connectors, SOURCES_PER_VISIT), deadline).await,
        Err(_) => Vec::new(),
    };
    Answers {
        workers,
        connectors,
        written,
    }
}

/// Where source connectors have written to; what is not answered in time is asked again next time.
async fn written(
    client: &Client,
    names: Vec<String>,
    deadline: Instant,
) -> Vec<(String, Result<Vec<String>, Failure>)> {
    let answers = stream::iter(names)
        .map(|name| async move {
            let path = format!("connectors/{}/topics", segment(&name));
            let answer = timeout_at(deadline, client.ask::<ActiveTopics>(&path)).await.ok()?;
            let topics = answer.map(|told| told.0.into_values().flat_map(|list| list.topics).collect());
            Some((name, topics))
        })
        .buffer_unordered(AT_ONCE);
    answers.filter_map(|answer| async move { answer }).collect().await
}
