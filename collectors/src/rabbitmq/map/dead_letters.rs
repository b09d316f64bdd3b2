//! Where queues send what they give up, and which of them send it nowhere.

use brokerscope_contract::{Absence, CheckResult, EntityKey, Evidence, Link, LinkKind, Status, Warning};

use super::routes::{Kinds, kinds, queue_key};
use crate::rabbitmq::checks;
use crate::rabbitmq::inventory::Inventory;
use crate::rabbitmq::names::Name;
use crate::rabbitmq::policies::{Setting, Source, of_key, text_of};
use crate::rabbitmq::routing::{Routed, Router};

/// What the dead-letter settings of all queues come to.
#[derive(Debug, Default)]
pub struct DeadLetters {
    pub links: Vec<Link>,
    /// One for each queue whose dead letters are lost.
    pub warnings: Vec<Warning>,
    pub check: Option<CheckResult>,
}

/// More warnings than this say the same thing to nobody; the check counts them all.
const MOST_WARNINGS: usize = 20;

pub fn dead_letters(inventory: &Inventory) -> DeadLetters {
    let (router, kinds) = (Router::new(inventory), kinds(inventory));
    let mut found = DeadLetters::default();
    let (mut sources, mut lost) = (0, Vec::new());
    for queue in &inventory.queues {
        let settings = inventory.policies.of_queue(queue);
        let Some(exchange) = text_of(&settings, "dead-letter-exchange") else {
            continue;
        };
        sources += 1;
        let case = Case {
            queue: queue.key(),
            exchange: Name::new(&queue.vhost, exchange),
            key: text_of(&settings, "dead-letter-routing-key"),
            by: evidence(&settings),
        };
        match case.target(&router) {
            Target::Queues(routed) => found.links.extend(case.links(&routed, &kinds)),
            Target::Lost(why) => lost.push((queue_key(&case.queue, &kinds), case.queue.shown(), why)),
        }
    }
    found.check = Some(check(sources, &lost));
    found.warnings = lost
        .into_iter()
        .take(MOST_WARNINGS)
        .map(|(entity, name, why)| warning(entity, &name, &why))
        .collect();
    found
}

struct Case<'a> {
    queue: Name,
    exchange: Name,
    /// Instead of the messages' own keys.
    key: Option<&'a str>,
    /// The policies by whose will it is so.
    by: Vec<String>,
}

/// Settings because of which messages are given up.
const REASONS: [&str; 4] = ["message-ttl", "max-length", "max-length-bytes", "delivery-limit"];

/// The policy that names the exchange or the key. RabbitMQ lets no operator policy name them, but one that sets a limit
/// makes dead letters all the same.
fn evidence(settings: &[Setting<'_>]) -> Vec<String> {
    let named = ["dead-letter-exchange", "dead-letter-routing-key"];
    let mut by: Vec<String> = named
        .iter()
        .filter_map(|key| of_key(settings, key)?.source.shown())
        .collect();
    let operator = REASONS
        .iter()
        .filter_map(|key| of_key(settings, key))
        .find(|setting| matches!(setting.source, Source::OperatorPolicy(_)));
    by.extend(operator.and_then(|setting| Some(format!("{} of {}", setting.key, setting.source.shown()?))));
    by.dedup();
    by
}

enum Target {
    Queues(Routed),
    /// Dead letters are dropped; a sentence says why.
    Lost(String),
}

impl Case<'_> {
    fn target(&self, router: &Router<'_>) -> Target {
        if !router.has_exchange(&self.exchange) {
            return Target::Lost(format!(
                "the dead-letter exchange {} does not exist",
                self.exchange.shown()
            ));
        }
        let routed = match self.key {
            Some(key) => router.route(&self.exchange, Some(key)),
            None => self.with_own_keys(router),
        };
        if routed.queues.is_empty() {
            let with = self.key.map_or(String::new(), |key| format!(" for the key \"{key}\""));
            return Target::Lost(format!("{} has no queue{with}", self.exchange.shown()));
        }
        Target::Queues(routed)
    }

    /// Messages keep their own routing keys, which are not known. The keys by which they come in are the best guess;
    /// where those lead nowhere, any binding may be meant.
    fn with_own_keys(&self, router: &Router<'_>) -> Routed {
        let mut routed = Routed::default();
        for key in router.keys_into(&self.queue) {
            let by_key = router.route(&self.exchange, Some(key));
            routed.queues.extend(by_key.queues);
            routed.uncertain |= by_key.uncertain;
        }
        if routed.queues.is_empty() {
            routed = router.route(&self.exchange, Some(&self.queue.name));
        }
        if routed.queues.is_empty() {
            routed = router.route(&self.exchange, None);
        }
        routed
    }

    fn links(&self, routed: &Routed, kinds: &Kinds<'_>) -> Vec<Link> {
        let mut parts = Vec::new();
        if !self.exchange.name.is_empty() {
            parts.push(format!("by {}", self.exchange.name));
            parts.extend(self.key.map(|key| format!("key {key}")));
        }
        parts.extend(self.by.iter().cloned());
        let label = parts.join(", ");
        let targets = routed.queues.iter().map(|target| Link {
            from: queue_key(&self.queue, kinds),
            to: queue_key(target, kinds),
            kind: LinkKind::DeadLetter,
            label: Some(label.clone()).filter(|label| !label.is_empty()),
            evidence: if routed.uncertain {
                Evidence::Inferred
            } else {
                Evidence::Declared
            },
        });
        targets.collect()
    }
}

fn warning(entity: EntityKey, name: &str, why: &str) -> Warning {
    Warning {
        reason: Absence::NoData,
        metrics: Vec::new(),
        entity: Some(entity),
        text: format!("Dead letters of {name} are lost: {why}."),
        remedy: Some("Declare the exchange and bind a queue to it, or correct the queue's policy or arguments.".into()),
    }
}

fn check(sources: usize, lost: &[(EntityKey, String, String)]) -> CheckResult {
    let (status, text) = match (sources, lost) {
        (0, _) => (Status::Ok, "no queue dead-letters".into()),
        (n, []) => (Status::Ok, format!("every target of {n} dead-lettering queues exists")),
        (_, [(_, name, why)]) => (Status::Warning, format!("dead letters of {name} are lost: {why}")),
        (n, [(_, name, why), ..]) => (
            Status::Warning,
            format!(
                "{} of {n} queues lose their dead letters, such as {name}: {why}",
                lost.len()
            ),
        ),
    };
    CheckResult {
        entity: EntityKey::cluster(),
        check: checks::DEAD_LETTER_TARGETS.id(),
        status,
        text,
        absent: None,
    }
}
