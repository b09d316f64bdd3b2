//! The first steps: name lookup and whether anything answers in HTTP; and how a step is reported.

use std::time::Instant;

use brokerscope_contract::{ProbeStep, StepOutcome};
use reqwest::Url;

use crate::collector::ProbeReport;
use crate::pubsub::client::{Client, place};
use crate::pubsub::config::Config;
use crate::pubsub::failure::Failure;

/// Reports steps with the time since the one before.
pub struct Steps<'a> {
    pub report: &'a ProbeReport,
}

impl Steps<'_> {
    fn tell(
        &self,
        title: &str,
        outcome: StepOutcome,
        detail: impl Into<String>,
        remedy: Option<String>,
        since: Instant,
    ) {
        self.report.step(ProbeStep {
            title: title.into(),
            outcome,
            detail: detail.into(),
            remedy,
            millis: u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX),
        });
    }

    pub fn pass(&self, title: &str, detail: impl Into<String>, since: Instant) {
        self.tell(title, StepOutcome::Passed, detail, None, since);
    }

    pub fn limit(&self, title: &str, detail: impl Into<String>, remedy: &str, since: Instant) {
        self.tell(title, StepOutcome::Limited, detail, Some(remedy.into()), since);
    }

    pub fn fail(&self, title: &str, failure: &Failure, since: Instant) {
        let remedy = Some(failure.remedy());
        self.tell(title, StepOutcome::Failed, failure.to_string(), remedy, since);
    }

    pub fn skip(&self, title: &str, why: &str) {
        self.tell(title, StepOutcome::Skipped, why, None, Instant::now());
    }
}

/// Whether anything answers at an interface. Not the name lookup and TCP of their own: a proxy may do both.
///
/// The answer also tells Google's time, by which the login is signed.
pub async fn reach(config: &Config, client: &Client, root: &Url, steps: &Steps<'_>) -> bool {
    let (title, since) = (format!("Reach {}", place(root)), Instant::now());
    match client.send(client.http().get(root.clone()), &place(root)).await {
        Ok(_) if root.scheme() == "https" => {
            steps.pass(&title, "it answers, and its certificate is accepted", since);
            true
        }
        Ok(_) if matches!(config.credentials, crate::pubsub::credentials::Credentials::Anonymous) => {
            steps.pass(&title, "it answers", since);
            true
        }
        Ok(_) => {
            let detail = "it answers without encryption: the login can be read on the way";
            steps.limit(&title, detail, "Write the address with https://.", since);
            true
        }
        Err(failure) => {
            steps.fail(&title, &failure, since);
            false
        }
    }
}
