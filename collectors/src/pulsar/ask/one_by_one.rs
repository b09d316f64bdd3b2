//! Figures for a role that is no super-user: from the metrics of the brokers that it knows, else from each topic itself.

use std::collections::{BTreeSet, HashMap};

use futures_util::StreamExt;
use futures_util::stream;

use super::AT_ONCE;
use crate::pulsar::collector::{PulsarCollector, Visit};
use crate::pulsar::failure::Failure;
use crate::pulsar::map::warnings;
use crate::pulsar::memory::About;
use crate::pulsar::names::TopicName;
use crate::pulsar::plan::TOPICS_ONE_BY_ONE;
use crate::pulsar::wire::Topic;

/// Every flag is said, because defaults changed over versions. `subscriptionBacklogSize` locks the ledger.
const EVERYTHING: &str = "getPreciseBacklog=false&subscriptionBacklogSize=false&getEarliestTimeInBacklog=true";

impl PulsarCollector {
    /// What there is for this role. Nothing else does where it is a super-user.
    pub async fn ask_without_rights(&mut self, visit: &mut Visit) {
        if self.memory.is_super_user != Some(false) {
            self.memory.inventory.turns.stop();
            self.memory.note(About::Role, []);
        } else if visit.topics.is_empty() {
            self.ask_one_by_one(visit).await;
        } else {
            self.memory.inventory.turns.stop();
            self.judge_metrics(visit);
        }
    }

    /// The list of brokers is hidden from this role: a topic that is not on those that are asked may be on another.
    fn judge_metrics(&mut self, visit: &mut Visit) {
        let how = "figures of topics come from the brokers' metrics";
        self.memory.note(About::Role, [warnings::no_super_user(how)]);
        let listed = self.memory.inventory.listed();
        let unseen = listed.filter(|name| !visit.topics.contains_key(*name)).count();
        visit.is_incomplete |= unseen > 0;
        let asked = self.memory.brokers.len();
        let warning = (unseen > 0).then(|| warnings::brokers_unknown(asked, unseen));
        self.memory.note(About::Brokers, warning);
    }

    /// On brokers whose metrics tell nothing of topics: one question a topic, taking turns. Asking loads a topic that
    /// is not loaded; there is no other way to learn of it.
    async fn ask_one_by_one(&mut self, visit: &mut Visit) {
        let how = "each topic is asked by itself, a hundred on a visit, which makes a broker load it";
        self.memory.note(About::Role, [warnings::no_super_user(how)]);
        // Each question finds its way to the broker that serves the topic: none stays unseen for lack of its address.
        visit.is_one_by_one = true;
        visit.is_incomplete = false;
        let inventory = &mut self.memory.inventory;
        let existing: BTreeSet<TopicName> = inventory.listed().cloned().collect();
        let turn = inventory.turns.next(&existing, TOPICS_ONE_BY_ONE);
        let (client, budget) = (&self.client, visit.budget);
        let answers: Vec<_> = stream::iter(turn)
            .map(|name| async move {
                let path = format!("{}/stats?{EVERYTHING}", name.api_path());
                let answer = budget.spend(client.ask::<Topic>(&path)).await;
                (name, answer)
            })
            .buffer_unordered(AT_ONCE)
            .collect()
            .await;
        let (mut told, mut gone, mut failed) = (HashMap::new(), BTreeSet::new(), None);
        for (name, answer) in answers {
            match answer {
                Ok(topic) => drop(told.insert(name, topic)),
                Err(Failure::Missing(..)) => drop(gone.insert(name)),
                Err(failure) => failed = Some((name, failure)),
            }
        }
        let turns = &mut self.memory.inventory.turns;
        turns.answered(existing, &told, &gone);
        let waiting = turns.waiting();
        visit.is_incomplete = waiting > 0;
        visit.topics = told;
        let failed = failed.map(|(name, failure)| {
            warnings::unanswered(&format!("Figures of {}", name.local), &warnings::FIGURES, &failure)
        });
        let waiting = (waiting > 0).then(|| warnings::turns(waiting));
        self.memory.note(About::Figures, failed.into_iter().chain(waiting));
    }
}
