//! The questions about functions and connectors of one visit.

use futures_util::StreamExt;
use futures_util::stream;

use super::memory::{Answer, Ask, MOST_DETAILS};
use super::{Kind, warnings};
use crate::pulsar::ask::AT_ONCE;
use crate::pulsar::client::Client;
use crate::pulsar::collector::{PulsarCollector, Visit};
use crate::pulsar::memory::About;
use crate::pulsar::names::encoded;
use crate::pulsar::plan::FEW_NAMESPACES;

/// Whether there is a worker, what it runs, how that is set up, and whether it runs: each leads to the next.
const ROUNDS: usize = 3;

impl PulsarCollector {
    /// Comes last on a visit: in a cluster of many namespaces it asks what is left of one request for each namespace and
    /// each broker.
    pub async fn ask_functions(&mut self, visit: &Visit) {
        let namespaces: Vec<String> = self.memory.inventory.namespaces.keys().cloned().collect();
        self.memory
            .functions
            .keep(|name| namespaces.iter().any(|known| known == name));
        let all = namespaces.len();
        let most = match all > FEW_NAMESPACES {
            true => {
                let spent = usize::try_from(self.client.spent()).unwrap_or(usize::MAX);
                (all + self.memory.brokers.len()).saturating_sub(spent)
            }
            false => all * Kind::ALL.len() + MOST_DETAILS,
        };
        let mut left = most;
        for _ in 0..ROUNDS {
            let due = self
                .memory
                .functions
                .due(&namespaces, visit.at, self.config.interval, left);
            if due.is_empty() {
                break;
            }
            left = left.saturating_sub(due.len());
            let client = &self.client;
            let answers: Vec<_> = stream::iter(due)
                .map(|ask| async move {
                    let answer = answer(client, &ask, visit).await;
                    (ask, answer)
                })
                .buffer_unordered(AT_ONCE)
                .collect()
                .await;
            for (ask, answer) in answers {
                self.memory.functions.take(ask, answer, visit.at);
            }
        }
        let warnings = warnings::all(&self.memory.functions);
        self.memory.note(About::Functions, warnings);
    }
}

async fn answer(client: &Client, ask: &Ask, visit: &Visit) -> Answer {
    let budget = visit.budget;
    match ask {
        Ask::List(namespace, kind) => {
            let path = format!("{}/{}", kind.plural(), encoded(namespace));
            Answer::List(budget.spend(client.ask_worker(&path)).await)
        }
        Ask::Config(id, kind) => {
            let path = format!("{}/{}", kind.plural(), encoded(&id.full()));
            Answer::Config(Box::new(budget.spend(client.ask_worker(&path)).await))
        }
        Ask::Status(id, kind) => {
            let path = format!("{}/{}/status", kind.plural(), encoded(&id.full()));
            Answer::Status(budget.spend(client.ask_worker(&path)).await)
        }
    }
}
