//! Brokers, their leader and health, bookies, clusters.

use futures_util::StreamExt;
use futures_util::stream;

use super::AT_ONCE;
use crate::pulsar::brokers::{brokers, unnamed};
use crate::pulsar::collector::{PulsarCollector, Visit};
use crate::pulsar::failure::Failure;
use crate::pulsar::map::warnings;
use crate::pulsar::memory::About;
use crate::pulsar::plan::Question;
use crate::pulsar::redirect::place;
use crate::pulsar::wire::{Bookies, BrokerInfo, ClusterInfo};

impl PulsarCollector {
    /// Which brokers there are, and thereby whether the role is a super-user.
    pub async fn ask_brokers(&mut self, visit: &Visit) {
        if !self.plan.is_due(Question::Brokers, visit.at, self.config.interval) {
            return;
        }
        let answer = visit.budget.spend(self.client.ask::<Vec<String>>("brokers")).await;
        let memory = &mut self.memory;
        self.plan.note(Question::Brokers, visit.at, answer.is_ok());
        match answer {
            Ok(named) => {
                memory.is_super_user = Some(true);
                memory.named_brokers = named.len();
                let mut found = brokers(&named, self.client.admin());
                if !self.config.find_brokers {
                    let configured = self.client.admin();
                    found.retain(|broker| configured.contains(&broker.root));
                    if found.is_empty() {
                        found = unnamed(configured);
                    }
                }
                self.client.trust(found.iter().map(|broker| broker.root.clone()));
                for id in named {
                    memory.last_named.insert(id, visit.at);
                }
                let (asked, named) = (found.len(), memory.named_brokers);
                memory.brokers = found;
                memory.note(
                    About::Brokers,
                    (asked < named).then(|| warnings::brokers_left_out(asked, named)),
                );
            }
            Err(failure) => {
                if matches!(failure, Failure::NotPermitted(_) | Failure::Refusal(_)) {
                    memory.is_super_user = Some(false);
                    memory.note(About::Brokers, []);
                } else {
                    memory.note(About::Brokers, [warnings::unanswered("Brokers", &[], &failure)]);
                }
                if memory.brokers.is_empty() {
                    memory.brokers = unnamed(self.client.admin());
                }
            }
        }
    }

    /// What only a super-user learns and what changes seldom.
    pub async fn ask_cluster(&mut self, visit: &Visit) {
        if self.memory.is_super_user != Some(false) {
            self.ask_leader(visit).await;
            self.ask_health(visit).await;
            self.ask_bookies(visit).await;
        }
        self.ask_clusters(visit).await;
    }

    async fn ask_leader(&mut self, visit: &Visit) {
        if !self.plan.is_due(Question::Leader, visit.at, self.config.interval) {
            return;
        }
        let answer = visit
            .budget
            .spend(self.client.ask::<BrokerInfo>("brokers/leaderBroker"))
            .await;
        self.plan.note(Question::Leader, visit.at, answer.is_ok());
        let (leader, warning) = match answer {
            Ok(leader) => {
                let by_url = leader.service_url.and_then(|url| reqwest::Url::parse(&url).ok());
                (leader.broker_id.or_else(|| by_url.as_ref().map(place)), None)
            }
            Err(failure) => (None, Some(warnings::unanswered("The leader", &[], &failure))),
        };
        self.memory.leader = leader;
        self.memory.note(About::Leader, warning);
    }

    /// Each broker sends itself a message: its own test of everything below it.
    async fn ask_health(&mut self, visit: &Visit) {
        if !self.plan.is_due(Question::Health, visit.at, self.config.interval) {
            return;
        }
        let client = &self.client;
        let answers: Vec<_> = stream::iter(self.memory.brokers.clone())
            .map(|broker| async move {
                let asked = client.text_at(&broker.root, "brokers/health");
                (broker.id, visit.budget.spend(asked).await)
            })
            .buffer_unordered(AT_ONCE)
            .collect()
            .await;
        self.plan.note(
            Question::Health,
            visit.at,
            answers.iter().all(|(_, answer)| answer.is_ok()),
        );
        self.memory.health.clear();
        let mut refused = None;
        for (id, answer) in answers {
            let health = match answer {
                Ok(text) if text.trim().eq_ignore_ascii_case("ok") => Ok(()),
                Ok(text) => Err(format!("it says {text}")),
                Err(failure) if !failure.is_about_the_broker() || matches!(failure, Failure::Unsupported(_)) => {
                    refused = Some(failure);
                    continue;
                }
                Err(failure) => Err(failure.to_string()),
            };
            self.memory.health.insert(id, health);
        }
        let warning = refused.map(|failure| warnings::unanswered("The brokers' own test of themselves", &[], &failure));
        self.memory.note(About::Health, warning);
    }

    async fn ask_bookies(&mut self, visit: &Visit) {
        if !self.plan.is_due(Question::Bookies, visit.at, self.config.interval) {
            return;
        }
        let answer = visit.budget.spend(self.client.ask::<Bookies>("bookies/all")).await;
        self.plan.note(Question::Bookies, visit.at, answer.is_ok());
        match answer {
            Ok(answer) => {
                let mut ids: Vec<String> = answer.bookies.into_iter().map(|bookie| bookie.bookie_id).collect();
                ids.sort();
                self.memory.bookies = Some(ids);
                self.memory.note(About::Bookies, []);
            }
            Err(failure) => {
                let warning = warnings::unanswered("Bookies", &[], &failure);
                self.memory.note(About::Bookies, [warning]);
            }
        }
    }

    /// All clusters that know each other, and which of them this one is.
    async fn ask_clusters(&mut self, visit: &Visit) {
        if !self.plan.is_due(Question::Clusters, visit.at, self.config.interval) {
            return;
        }
        let answer = visit.budget.spend(self.client.ask::<Vec<String>>("clusters")).await;
        self.plan.note(Question::Clusters, visit.at, answer.is_ok());
        let names = match answer {
            Ok(names) => names,
            Err(failure) => {
                let warning = warnings::unanswered("Clusters", &[], &failure);
                return self.memory.note(About::Clusters, [warning]);
            }
        };
        self.memory.note(About::Clusters, []);
        // Geo-replication's own entry in older versions.
        let names: Vec<String> = names.into_iter().filter(|name| name != "global").collect();
        if let [only] = names.as_slice() {
            self.memory.cluster_name = Some(only.clone());
            self.memory.clusters = [(only.clone(), None)].into();
            return;
        }
        let mut clusters = std::collections::BTreeMap::new();
        for name in names {
            let path = format!("clusters/{}", crate::pulsar::names::encoded(&name));
            let told = visit.budget.spend(self.client.ask::<ClusterInfo>(&path)).await.ok();
            let address = told.and_then(|told| told.service_url_tls.or(told.service_url));
            clusters.insert(name, address.filter(|address| !address.is_empty()));
        }
        self.memory.clusters = clusters;
    }
}
