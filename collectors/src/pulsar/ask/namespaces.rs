//! Which namespaces there are, what is configured for them, and which topics they hold, loaded or not.

use brokerscope_contract::Warning;
use futures_util::StreamExt;
use futures_util::stream;

use super::AT_ONCE;
use crate::pulsar::collector::{PulsarCollector, Visit};
use crate::pulsar::failure::Failure;
use crate::pulsar::map::warnings;
use crate::pulsar::memory::About;
use crate::pulsar::names::{TopicName, encoded};
use crate::pulsar::plan::{FEW_NAMESPACES, NAMESPACE_CADENCE, Question, is_due};
use crate::pulsar::wire::Policies;

/// More tenants that do not tell say the same thing to nobody.
const MOST_TENANTS: usize = 5;

/// What is asked about a namespace on one visit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ask {
    Topics,
    Policies,
}

enum Answer {
    Topics(Result<Vec<String>, Failure>),
    Policies(Box<Result<Policies, Failure>>),
}

impl PulsarCollector {
    pub async fn ask_namespaces(&mut self, visit: &mut Visit) {
        if self.plan.is_due(Question::Namespaces, visit.at, self.config.interval) {
            let warnings = self.list_namespaces(visit).await;
            self.plan.note(Question::Namespaces, visit.at, warnings.is_empty());
            self.memory.note(About::Namespaces, warnings);
        }
        self.memory.inventory.see(&visit.topics);
        let due = self.due(visit);
        visit.asked_namespaces = !due.is_empty();
        let client = &self.client;
        let budget = visit.budget;
        let answers: Vec<_> = stream::iter(due)
            .map(|(name, ask)| async move {
                let path = encoded(&name);
                let answer = match ask {
                    // Topics that are not persistent exist only while a broker has them loaded.
                    Ask::Topics => {
                        let path = format!("namespaces/{path}/topics?mode=PERSISTENT");
                        Answer::Topics(budget.spend(client.ask(&path)).await)
                    }
                    Ask::Policies => {
                        let path = format!("namespaces/{path}");
                        Answer::Policies(Box::new(budget.spend(client.ask(&path)).await))
                    }
                };
                (name, answer)
            })
            .buffer_unordered(AT_ONCE)
            .collect()
            .await;
        self.take(answers, visit);
    }

    /// Takes up every watched namespace; the warnings say of which that is not known. What was listed of a tenant stands
    /// while it does not tell.
    async fn list_namespaces(&mut self, visit: &Visit) -> Vec<Warning> {
        let (whole, mut names): (Vec<String>, Vec<String>) = self
            .config
            .namespaces
            .iter()
            .cloned()
            .partition(|name| !name.contains('/'));
        let tenants = if self.config.namespaces.is_empty() {
            match visit.budget.spend(self.client.ask::<Vec<String>>("tenants")).await {
                Ok(tenants) => {
                    self.memory.inventory.tenants = Some(tenants.len());
                    tenants
                }
                Err(failure) if failure.is_about_the_broker() => {
                    return vec![warnings::unanswered("Namespaces", &[], &failure)];
                }
                Err(_) => return vec![warnings::no_namespaces()],
            }
        } else {
            whole
        };
        let (client, budget) = (&self.client, visit.budget);
        let own = tenants.into_iter().filter(|tenant| tenant != "pulsar");
        let answers: Vec<_> = stream::iter(own)
            .map(|tenant| async move {
                let path = format!("namespaces/{}", encoded(&tenant));
                let answer = budget.spend(client.ask::<Vec<String>>(&path)).await;
                (tenant, answer)
            })
            .buffer_unordered(AT_ONCE)
            .collect()
            .await;
        let mut failed = Vec::new();
        for (tenant, answer) in answers {
            match answer {
                Ok(of_tenant) => names.extend(of_tenant),
                // Deleted since the list was made.
                Err(Failure::Missing(..)) => {}
                Err(failure) => {
                    let own = format!("{tenant}/");
                    let known = self.memory.inventory.namespaces.keys();
                    names.extend(known.filter(|name| name.starts_with(&own)).cloned());
                    failed.push((tenant, failure));
                }
            }
        }
        self.memory.inventory.list(names);
        self.memory.inventory.is_listed = failed.is_empty();
        failed.sort_by(|a, b| a.0.cmp(&b.0));
        let warnings = failed
            .iter()
            .map(|(tenant, failure)| warnings::unanswered(&format!("Namespaces of {tenant}"), &[], failure));
        warnings.take(MOST_TENANTS).collect()
    }

    /// In a cluster of many namespaces each is asked one thing at most on a visit, and a few of them nothing, so that
    /// with all other questions a visit stays within one request for each namespace and each broker.
    fn due(&self, visit: &Visit) -> Vec<(String, Ask)> {
        let interval = self.config.interval;
        let namespaces = &self.memory.inventory.namespaces;
        let both = namespaces.len() <= FEW_NAMESPACES;
        let due = namespaces.iter().flat_map(|(name, known)| {
            let topics = is_due(known.topics_asked, visit.at, NAMESPACE_CADENCE, interval);
            let policies = is_due(known.policies_asked, visit.at, NAMESPACE_CADENCE, interval);
            let first = topics.then_some(Ask::Topics);
            let second = (policies && (both || !topics)).then_some(Ask::Policies);
            first.into_iter().chain(second).map(|ask| (name.clone(), ask))
        });
        // Still to come are the leader, bookies and clusters, and each broker's health, which counts as its own.
        let spent = usize::try_from(self.client.spent()).unwrap_or(0) + 3;
        let most = namespaces.len().saturating_sub(spent).max(namespaces.len() / 2);
        let mut due: Vec<(String, Ask)> = due.collect();
        if !both {
            // What exists is more than how it is set up.
            due.sort_by_key(|(_, ask)| matches!(ask, Ask::Policies));
            due.truncate(most);
        }
        due
    }

    fn take(&mut self, answers: Vec<(String, Answer)>, visit: &Visit) {
        let (mut no_topics, mut no_policies) = (Vec::new(), Vec::new());
        let (mut asked_topics, mut asked_policies) = (false, false);
        for (name, answer) in answers {
            let Some(known) = self.memory.inventory.namespaces.get_mut(&name) else {
                continue;
            };
            match answer {
                Answer::Topics(answer) => {
                    asked_topics = true;
                    known.topics_asked = Some(visit.at);
                    match answer {
                        Ok(topics) => {
                            let names = topics.iter().filter_map(|text| TopicName::parse(text));
                            known.topics = Some(names.collect());
                        }
                        Err(failure) => no_topics.push((name, failure)),
                    }
                }
                Answer::Policies(answer) => {
                    asked_policies = true;
                    known.policies_asked = Some(visit.at);
                    match *answer {
                        Ok(policies) => known.policies = Some(policies),
                        Err(failure) => no_policies.push((name, failure)),
                    }
                }
            }
        }
        if asked_topics {
            self.memory
                .note(About::Topics, summary("Topics that are not loaded", &no_topics));
        }
        if asked_policies {
            self.memory
                .note(About::Policies, summary("Quotas and other policies", &no_policies));
        }
    }
}

/// One warning for all namespaces that share a trouble.
fn summary(what: &str, failures: &[(String, Failure)]) -> Option<Warning> {
    let ((name, failure), others) = failures.split_first()?;
    let place = match others.len() {
        0 => format!("{what} of {name}"),
        n => format!("{what} of {name} and {n} more namespaces"),
    };
    Some(warnings::unanswered(&place, &[], failure))
}
