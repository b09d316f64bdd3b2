//! The health checks: what each means and what to do.

use brokerscope_contract::{Absence, CheckDef, CheckId, CheckResult, EntityKey, Status};

/// A row of the table.
#[derive(Debug, Clone, Copy)]
pub struct Check {
    id: &'static str,
    label: &'static str,
    meaning: &'static str,
    remedy: &'static str,
}

impl Check {
    pub fn result(&self, entity: &EntityKey, status: Status, text: impl Into<String>) -> CheckResult {
        CheckResult {
            entity: entity.clone(),
            check: CheckId(self.id.into()),
            status,
            text: text.into(),
            absent: None,
        }
    }

    pub fn unknown(&self, entity: &EntityKey, why: Absence, text: impl Into<String>) -> CheckResult {
        CheckResult {
            absent: Some(why),
            ..self.result(entity, Status::Unknown, text)
        }
    }
}

macro_rules! checks {
    ($($konst:ident = $id:literal, $label:literal, $meaning:literal, $remedy:literal;)*) => {
        $(pub const $konst: Check = Check { id: $id, label: $label, meaning: $meaning, remedy: $remedy };)*
        const TABLE: &[Check] = &[$($konst,)*];
    };
}

checks! {
    REACHABLE = "reachable", "Reachable", "Amazon answers for every account and region.", "Check credentials, regions and network with the connection's test.";
    ACCOUNT = "account", "Account answers", "The login works in this account and region.", "Read the text: it names the credential, the clock, the region or the network.";
    PERMISSIONS = "permissions", "Permissions", "Every question of the collector is permitted.", "Add what is named to the policy of the role or user; the documentation has the whole policy.";
    FRESHNESS = "freshness", "CloudWatch is fresh", "The newest point of CloudWatch is no older than 20 minutes.", "Nothing, if nothing happens in the queues: CloudWatch stops after six idle hours and takes 15 minutes to begin again.";
    MOVE_TASK = "move_task", "Redrive", "The latest move task did not fail.", "Read the reason, correct it, and start the redrive again.";
    DEAD_LETTERS = "dead_letter_queue", "Has a dead-letter queue", "What cannot be processed is put aside.", "Give the queue a redrive policy: without one a poisonous message comes back until retention deletes it.";
    DEAD_LETTER_TARGET = "dead_letter_target", "Dead-letter queue exists", "The queue for dead letters exists, is seen, and takes what this queue gives up.", "Create the queue that the redrive policy names, correct the policy, or allow this queue in its RedriveAllowPolicy: until then messages stay where they are.";
    DEAD_LETTER_RETENTION = "dead_letter_retention", "Dead letters are kept longer", "The dead-letter queue keeps messages longer than the queue that feeds it.", "Raise MessageRetentionPeriod of the dead-letter queue: on a standard queue the time before the move counts as well.";
    ENCRYPTION = "encryption", "Encrypted", "Messages are encrypted at rest.", "Switch on SqsManagedSseEnabled (no cost), or use a key of KMS.";
    POLICY = "policy", "Not open to everyone", "The access policy lets only named principals in.", "Name the principals in the policy, or add a condition such as aws:SourceArn.";
    IN_FLIGHT_ROOM = "in_flight_room", "Room for messages in flight", "Fewer than 80 % of the 120,000 messages that may be in flight are.", "Delete what has been processed, add consumers, or shorten the visibility timeout: at the limit nothing more is delivered.";
    CONFIRMED = "confirmed", "Subscription confirmed", "The endpoint has confirmed that it wants messages.", "Let the endpoint confirm within three days, or delete the subscription: until then nothing is delivered.";
    TARGET_EXISTS = "target_exists", "Target exists", "The queue that is delivered to exists.", "Create the queue, or delete the subscription: what is published does not arrive.";
    TARGET_LETS_IN = "target_lets_in", "Target lets the topic in", "The queue's policy allows the topic to send.", "Allow sqs:SendMessage for sns.amazonaws.com with the topic as aws:SourceArn in the queue's policy.";
}

pub fn defs() -> Vec<CheckDef> {
    let def = |check: &Check| CheckDef::new(check.id, check.label, check.meaning, check.remedy);
    TABLE.iter().map(def).collect()
}
