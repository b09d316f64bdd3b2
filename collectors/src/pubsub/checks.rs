//! The health checks: what each means, and what to do.

use brokerscope_contract::{Absence, CheckDef, CheckId, CheckResult, EntityKey, Status};

/// A row of the table.
#[derive(Debug, Clone, Copy)]
pub struct Check {
    id: &'static str,
    severity: Status,
    label: &'static str,
    meaning: &'static str,
    remedy: &'static str,
}

impl Check {
    /// How bad it is when it fails.
    pub fn severity(&self) -> Status {
        self.severity
    }

    pub fn result(&self, entity: EntityKey, status: Status, text: impl Into<String>) -> CheckResult {
        CheckResult {
            entity,
            check: CheckId(self.id.into()),
            status,
            text: text.into(),
            absent: None,
        }
    }

    pub fn unknown(&self, entity: EntityKey, why: Absence, text: impl Into<String>) -> CheckResult {
        CheckResult {
            absent: Some(why),
            ..self.result(entity, Status::Unknown, text)
        }
    }
}

macro_rules! checks {
    ($($konst:ident = $id:literal, $severity:ident, $label:literal, $meaning:literal, $remedy:literal;)*) => {
        $(pub const $konst: Check = Check {
            id: $id,
            severity: Status::$severity,
            label: $label,
            meaning: $meaning,
            remedy: $remedy,
        };)*
        const TABLE: &[Check] = &[$($konst,)*];
    };
}

checks! {
    LOGIN = "login", Critical, "Logged in", "Google accepts the login.", "Check account and key with the connection's test.";
    CLOCK = "clock", Warning, "Clock", "This machine's clock and Google's differ by less than a minute.", "Set the clock of this machine, best by time synchronisation (timedatectl set-ntp true).";
    LISTED = "listed", Critical, "Topics and subscriptions are listed", "The admin API lists the project's topics and subscriptions to this login.", "Give the account the role Pub/Sub Viewer (roles/pubsub.viewer) on the project.";
    NUMBERS = "numbers", Critical, "Figures are readable", "Cloud Monitoring answers for the project.", "Give the account the role Monitoring Viewer (roles/monitoring.viewer) on the project, and enable monitoring.googleapis.com.";
    FRESHNESS = "freshness", Warning, "Figures are fresh", "The newest figure is no older than Google's own delay explains.", "See status.cloud.google.com for Cloud Monitoring; a project in which nothing happens has no new figures either.";
    QUOTA = "quota", Warning, "Within the quota", "The quota of requests to Cloud Monitoring is not used up.", "Choose fewer figures or a longer interval, or raise the quota in the console under IAM, Quotas.";
    DETACHED = "detached", Warning, "Subscriptions are attached", "Every subscription has its topic: none is detached and no topic of one was deleted.", "Delete the subscription, or make it anew on the topic that it should read.";
    EXPORTS = "exports", Critical, "Exports are taken", "BigQuery and Cloud Storage take what is delivered to them.", "Check that table or bucket exists, that the schema fits, and that the Pub/Sub service account may write there.";
    PUSHES = "pushes", Warning, "Pushes are taken", "Endpoints take what is pushed to them: fewer than one request in ten failed in the last minutes.", "Look at the endpoint's own log for its answer: a status other than 2xx, no answer within the deadline, or no way to it.";
    DEAD_LETTERS = "dead_letter_topics", Critical, "Dead letters are kept", "Every dead-letter topic exists and has a subscription; without one, dead letters are lost.", "Create the topic and a subscription on it: gcloud pubsub subscriptions create NAME --topic=DEAD_LETTER_TOPIC.";
    UNREAD_TOPICS = "unread_topics", Warning, "Topics are subscribed to", "Every topic has a subscription in a watched project; what is published to one without is lost.", "Subscribe to the topic, delete it, or watch the project that subscribes to it too.";
    LATENCY_HEALTH = "latency_health", Warning, "Delivery is healthy", "Every subscription fulfils Google's criteria for low delivery latency.", "See the criteria on the subscription's page: acknowledge sooner, refuse less, keep within the deadline, seek rarely.";
}

/// The whole table.
pub fn defs() -> Vec<CheckDef> {
    TABLE
        .iter()
        .map(|check| CheckDef::new(check.id, check.label, check.meaning, check.remedy))
        .collect()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_check_is_described_once() {
        let defs = defs();
        let ids: HashSet<_> = defs.iter().map(|def| &def.id).collect();
        assert_eq!(ids.len(), defs.len());
        assert!(
            defs.iter()
                .all(|def| def.meaning.ends_with('.') && def.remedy.ends_with('.'))
        );
    }
}
