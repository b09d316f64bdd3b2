//! The steps of "test connection": from the name of a server to what this login may see.

mod connect;
pub(super) mod reach;
mod rights;

use std::time::{Duration, Instant};

use brokerscope_contract::{ProbeStep, StepOutcome};

use super::config::Config;
use super::connect::probe as connect_beside;
use super::registry;
use super::wire::Metadata;
use crate::collector::ProbeReport;

/// How long one step may take before it counts as failed.
const PATIENCE: Duration = Duration::from_secs(8);

pub async fn run(config: &Config, report: &ProbeReport) {
    let mut reachable = Vec::new();
    for address in &config.bootstrap {
        if reach::server(address, report).await {
            reachable.push(address);
        }
    }
    let mut connected = None;
    for address in reachable {
        // Every server is tried, so that one with a wrong listener is not found out only when the others are down.
        let attempt = connect::server(config, address, report).await;
        connected = connected.or(attempt);
    }
    match connected {
        Some(metadata) => {
            let cluster = rights::run(config, &metadata, report).await;
            beside(config, &metadata, cluster.as_deref(), report).await;
        }
        None => report.step(ProbeStep {
            title: "What will be visible".into(),
            outcome: StepOutcome::Skipped,
            detail: "No server could be connected to.".into(),
            remedy: None,
            millis: 0,
        }),
    }
}

/// What stands beside the cluster is tried when the cluster itself could be.
async fn beside(config: &Config, metadata: &Metadata, cluster: Option<&str>, report: &ProbeReport) {
    if let Some(service) = &config.connect {
        connect_beside::run(service, cluster, report).await;
    }
    if let Some(service) = &config.registry {
        let topics: Vec<&str> = metadata.topics.iter().map(|topic| topic.name.as_str()).collect();
        registry::probe::run(service, &topics, report).await;
    }
}

/// A step under way; its time runs from here.
pub(super) struct Step<'a> {
    title: String,
    report: &'a ProbeReport,
    started: Instant,
}

impl<'a> Step<'a> {
    pub(super) fn begin(title: impl Into<String>, report: &'a ProbeReport) -> Step<'a> {
        Step {
            title: title.into(),
            report,
            started: Instant::now(),
        }
    }

    fn end(self, outcome: StepOutcome, detail: impl Into<String>, remedy: Option<String>) {
        self.report.step(ProbeStep {
            title: self.title,
            outcome,
            detail: detail.into(),
            remedy,
            millis: u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX),
        });
    }

    pub(super) fn passed(self, detail: impl Into<String>) {
        self.end(StepOutcome::Passed, detail, None);
    }

    pub(super) fn limited(self, detail: impl Into<String>, remedy: impl Into<String>) {
        self.end(StepOutcome::Limited, detail, Some(remedy.into()));
    }

    pub(super) fn failed(self, detail: impl Into<String>, remedy: impl Into<String>) {
        self.end(StepOutcome::Failed, detail, Some(remedy.into()));
    }
}

/// "1 broker", "3 brokers".
pub(super) fn many(n: usize, what: &str) -> String {
    let plural = if n == 1 { "" } else { "s" };
    format!("{n} {what}{plural}")
}

#[cfg(test)]
#[path = "../probe_tests.rs"]
mod tests;
