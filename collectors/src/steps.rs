//! How the steps of the *Test* button are reported, each with the time that it took.

use std::time::Instant;

use brokerscope_contract::{ProbeStep, StepOutcome};

use crate::collector::{CollectError, ProbeReport};

/// Reports steps, each with the time since it began.
pub struct Steps<'a> {
    pub report: &'a ProbeReport,
}

impl Steps<'_> {
    fn tell(&self, title: &str, outcome: StepOutcome, detail: String, remedy: Option<String>, since: Instant) {
        self.report.step(ProbeStep {
            title: title.into(),
            outcome,
            detail,
            remedy,
            millis: u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX),
        });
    }

    pub fn pass(&self, title: &str, detail: impl Into<String>, since: Instant) {
        self.tell(title, StepOutcome::Passed, detail.into(), None, since);
    }

    /// It works, but something will be missing.
    pub fn limit(&self, title: &str, detail: impl Into<String>, remedy: &str, since: Instant) {
        self.tell(title, StepOutcome::Limited, detail.into(), Some(remedy.into()), since);
    }

    /// In the words in which a visit would fail for the same reason.
    pub fn fail(&self, title: &str, failure: &(impl Clone + Into<CollectError>), since: Instant) {
        let failure: CollectError = failure.clone().into();
        let remedy = Some(failure.remedy().to_owned());
        self.tell(title, StepOutcome::Failed, failure.to_string(), remedy, since);
    }

    pub fn skip(&self, title: &str, why: &str) {
        self.tell(title, StepOutcome::Skipped, why.into(), None, Instant::now());
    }
}
