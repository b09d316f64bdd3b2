//! Asks brokers in Kafka's own protocol for what librdkafka has no call for: sizes on disk, the controllers' quorum.
//!
//! A connection per broker is opened, asked and closed again: this happens every few minutes only, and nothing of it
//! is needed for lag. Logins that only librdkafka can do are a named absence here, not a failure.

mod connection;
mod login;
mod questions;
mod scram;
mod tls;

use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream;
use tokio::time::timeout;

use self::connection::Connection;
use super::config::{Address, Config};
use super::wire::{Broker, Survey, SurveyedBroker, Trouble};

/// Brokers that are asked at the same time.
const AT_ONCE: usize = 8;

/// Asks every broker for its log directories, and the first one that answers for the quorum.
pub async fn survey(config: &Config, brokers: &[Broker], patience: Duration) -> Survey {
    let asked = stream::iter(brokers.iter().cloned()).map(|broker| async move {
        let id = broker.id;
        let answer = timeout(patience, ask(config, broker)).await;
        (id, answer.unwrap_or_else(|_| Err(Trouble::timed_out())))
    });
    let answers: Vec<_> = asked.buffer_unordered(AT_ONCE).collect().await;
    let mut survey = Survey::default();
    for (id, answer) in answers {
        match answer {
            Ok(Answer { broker, quorum, cost }) => {
                survey.requests += cost.0;
                survey.bytes += cost.1;
                if survey.quorum.as_ref().is_none_or(Result::is_err) {
                    survey.quorum = Some(quorum);
                }
                survey.brokers.insert(id, Ok(broker));
            }
            Err(trouble) => {
                survey.brokers.insert(id, Err(trouble));
            }
        }
    }
    survey
}

struct Answer {
    broker: SurveyedBroker,
    quorum: Result<super::wire::Quorum, Trouble>,
    /// Requests sent and bytes received.
    cost: (u32, u64),
}

async fn ask(config: &Config, broker: Broker) -> Result<Answer, Trouble> {
    let address = Address {
        host: broker.host,
        port: broker.port,
    };
    let mut connection = Connection::open(config, &address).await?;
    login::log_in(config, &mut connection).await?;
    let log_dirs = questions::log_dirs(&mut connection).await;
    let quorum = questions::quorum(&mut connection).await;
    Ok(Answer {
        broker: SurveyedBroker {
            log_dirs,
            metadata_version: connection.feature("metadata.version"),
        },
        quorum,
        cost: connection.cost(),
    })
}
