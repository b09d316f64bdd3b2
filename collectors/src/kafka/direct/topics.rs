//! Topics: where their logs begin and end, and their settings.

use std::collections::BTreeMap;
use std::time::Duration;

use futures_util::future::join_all;
use tokio::time::Instant;

use super::super::offsets::Chunk;
use super::super::wire::{Broker, KEPT_CONFIGS, LogEnd, PartitionOffset, TopicConfig, Trouble};
use super::calls::{DescribeTopicConfigs, ListOffsets};
use super::groups::of_each;
use super::lanes::ask_all;
use super::{Direct, Named, turns};

/// Topics per DescribeConfigs request.
const TOPICS_PER_REQUEST: usize = 200;

impl Direct {
    /// First or next offsets, chunk by chunk; all leaders are asked at once, each on its own connection.
    pub async fn offsets(
        &self,
        brokers: &[Broker],
        chunks: Vec<Chunk>,
        end: LogEnd,
        patience: Duration,
    ) -> Vec<(Chunk, Result<Vec<PartitionOffset>, Trouble>)> {
        let deadline = Instant::now() + patience;
        let mut leaders: BTreeMap<i32, Vec<Chunk>> = BTreeMap::new();
        for chunk in chunks {
            leaders.entry(chunk.leader).or_default().push(chunk);
        }
        let lanes = leaders.into_iter().map(|(leader, chunks)| async move {
            let answers = match brokers.iter().find(|broker| broker.id == leader) {
                Some(broker) => {
                    ask_all(&self.pool, broker, &chunks, deadline, |connection, chunk: &Chunk| {
                        Box::pin(async move {
                            let partitions = &chunk.partitions;
                            connection.ask(&ListOffsets { partitions, end }).await
                        })
                    })
                    .await
                }
                None => chunks.iter().map(|_| Err(Trouble::no_answer())).collect(),
            };
            chunks.into_iter().zip(answers).collect::<Vec<_>>()
        });
        join_all(lanes).await.into_iter().flatten().collect()
    }

    /// The settings of topics, of which [`KEPT_CONFIGS`] are kept.
    pub async fn topic_configs(&self, brokers: &[Broker], topics: &[String], patience: Duration) -> Named<TopicConfig> {
        let chunks: Vec<&[String]> = topics.chunks(TOPICS_PER_REQUEST).collect();
        let mut answers: Vec<_> = chunks.iter().map(|_| Err(Trouble::no_answer())).collect();
        for (broker, patience) in turns(brokers, patience) {
            let deadline = Instant::now() + patience;
            answers = ask_all(
                &self.pool,
                broker,
                &chunks,
                deadline,
                |connection, topics: &&[String]| {
                    Box::pin(async move {
                        let keep = KEPT_CONFIGS;
                        connection.ask(&DescribeTopicConfigs { topics, keep }).await
                    })
                },
            )
            .await;
            if !answers
                .iter()
                .any(|answer| matches!(answer, Err(trouble) if trouble.is_silence()))
            {
                break;
            }
        }
        let spread = chunks.into_iter().zip(answers);
        spread.flat_map(|(names, answer)| of_each(names, answer)).collect()
    }
}
