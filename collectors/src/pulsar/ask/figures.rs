//! Figures of topics and brokers: each broker tells those of the topics that it serves.

use std::collections::HashMap;

use futures_util::StreamExt;
use futures_util::stream;

use super::AT_ONCE;
use crate::pulsar::brokers::Broker;
use crate::pulsar::client::Client;
use crate::pulsar::collector::{PulsarCollector, Visit};
use crate::pulsar::config::Config;
use crate::pulsar::failure::Failure;
use crate::pulsar::inventory::{merge, topics};
use crate::pulsar::map::nodes::Answered;
use crate::pulsar::map::warnings;
use crate::pulsar::memory::About;
use crate::pulsar::names::TopicName;
use crate::pulsar::plan::TOPICS_WITH_METRICS;
use crate::pulsar::scrape::{Scraped, complete, scrape};
use crate::pulsar::wire::{BrokerStats, LoadReport, Topic};

/// What one broker told.
struct Told {
    broker: Broker,
    stats: Option<Result<HashMap<TopicName, Topic>, Failure>>,
    load: Option<Result<LoadReport, Failure>>,
    /// How many topics it serves, those that are not watched included.
    serves: usize,
    /// `None` where it serves too many topics to be asked.
    metrics: Option<Result<Scraped, Failure>>,
}

impl PulsarCollector {
    /// Asks all brokers at the same time, and each one question after the other.
    pub async fn ask_figures(&mut self, visit: &mut Visit) {
        let is_super_user = self.memory.is_super_user != Some(false);
        let (client, config, asked) = (&self.client, &self.config, &*visit);
        let told: Vec<Told> = stream::iter(self.memory.brokers.clone())
            .map(|broker| ask_broker(client, config, asked, broker, is_super_user))
            .buffer_unordered(AT_ONCE)
            .collect()
            .await;
        self.note_metrics(&told);
        self.note_load(&told);
        self.note_stats(&told, visit);
        for one in told {
            let mut answered = Answered {
                load: one.load.and_then(Result::ok),
                ..Answered::default()
            };
            let scraped = one.metrics.and_then(Result::ok).unwrap_or_default();
            answered.connections = scraped.connections;
            self.memory.cluster_name = self.memory.cluster_name.take().or(scraped.cluster);
            answered.figures = one.stats.as_ref().map(|stats| match stats {
                Ok(_) => Ok(()),
                Err(failure) => Err(failure.to_string()),
            });
            match one.stats {
                Some(Ok(mut stats)) => {
                    for (name, topic) in &mut stats {
                        if let Some(more) = scraped.topics.get(name) {
                            complete(topic, more);
                        }
                    }
                    merge(&mut visit.topics, stats);
                }
                Some(Err(failure)) if failure.is_about_the_broker() => {}
                // Not a super-user: the metrics are all there is.
                Some(Err(_)) | None => merge(&mut visit.topics, scraped.topics),
            }
            visit.brokers.push((one.broker, answered));
        }
        visit.brokers.sort_by(|a, b| a.0.id.cmp(&b.0.id));
    }

    fn note_stats(&mut self, told: &[Told], visit: &mut Visit) {
        let mut missing = Vec::new();
        for one in told {
            match &one.stats {
                Some(Err(Failure::NotPermitted(_) | Failure::Refusal(_))) => self.memory.is_super_user = Some(false),
                Some(Err(failure)) => {
                    visit.is_incomplete = true;
                    let what = format!("Topics served by {}", one.broker.id);
                    missing.push(warnings::unanswered(&what, &warnings::FIGURES, failure));
                }
                // Metrics are all there is.
                None => visit.is_incomplete |= matches!(one.metrics, Some(Err(_))),
                Some(Ok(_)) => {}
            }
        }
        visit.is_incomplete |= self.memory.brokers.len() < self.memory.named_brokers;
        self.memory.note(About::Figures, missing);
    }

    fn note_load(&mut self, told: &[Told]) {
        use brokerscope_contract::metrics::{PULSAR_CPU, PULSAR_HEAP_USED};
        let failed = told
            .iter()
            .find_map(|one| Some((one, one.load.as_ref()?.as_ref().err()?)));
        let warning = failed.map(|(one, failure)| {
            let what = format!("The load of {}", one.broker.id);
            warnings::unanswered(&what, &[PULSAR_CPU, PULSAR_HEAP_USED], failure)
        });
        self.memory.note(About::Load, warning);
    }

    fn note_metrics(&mut self, told: &[Told]) {
        let topics = |one: &Told| {
            one.stats
                .as_ref()
                .and_then(|stats| stats.as_ref().ok())
                .map_or(0, HashMap::len)
        };
        let warning = told.iter().find_map(|one| match &one.metrics {
            None => (topics(one) > 0).then(|| warnings::too_many_for_metrics(one.serves)),
            Some(Ok(scraped)) => (topics(one) > 0 && !scraped.has_topics()).then(warnings::topic_metrics_disabled),
            Some(Err(failure)) if matches!(one.stats, Some(Ok(_))) => {
                let missing = [brokerscope_contract::metrics::PULSAR_DELAYED];
                Some(warnings::unanswered("What only metrics tell", &missing, failure))
            }
            Some(Err(failure)) => {
                let what = format!("What the metrics of {} tell of topics", one.broker.id);
                Some(warnings::unanswered(&what, &warnings::FIGURES, failure))
            }
        });
        self.memory.note(About::Metrics, warning);
    }
}

async fn ask_broker(client: &Client, config: &Config, visit: &Visit, broker: Broker, is_super_user: bool) -> Told {
    let wants = |namespace: &str| config.wants(namespace);
    let mut told = Told {
        stats: None,
        load: None,
        serves: 0,
        metrics: None,
        broker,
    };
    let root = &told.broker.root;
    let mut count = 0;
    if is_super_user {
        let asked = client.ask_at::<BrokerStats>(root, "broker-stats/topics");
        let stats = visit.budget.spend(asked).await;
        count = stats.as_ref().map_or(0, |stats| {
            stats
                .values()
                .flat_map(HashMap::values)
                .flat_map(HashMap::values)
                .map(HashMap::len)
                .sum()
        });
        told.serves = count;
        let answers = !matches!(&stats, Err(failure) if failure.is_about_the_broker());
        told.stats = Some(stats.map(|stats| topics(stats, wants)));
        if !answers {
            told.metrics = Some(Ok(Scraped::default()));
            return told;
        }
        let asked = client.ask_at::<LoadReport>(root, "broker-stats/load-report");
        told.load = Some(visit.budget.spend(asked).await);
    }
    if count <= TOPICS_WITH_METRICS {
        let text = visit.budget.spend(client.metrics_at(root)).await;
        told.metrics = Some(text.map(|text| scrape(&text, wants)));
    }
    told
}
