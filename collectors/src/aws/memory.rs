//! What is remembered of one account in one region between visits.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use brokerscope_contract::{EntityKey, EntityKind, Timestamp};

use super::cloudwatch::{Ledger, Subject};
use super::cost::Size;
use super::pace::Pace;
use super::pages::Doubts;
use super::troubles::Troubles;
use super::turns::Asked;
use super::wire::{Attributes, MoveTask, Queue, Subscription, arn, of_url};

#[derive(Debug, Default)]
pub struct Memory {
    pub region: String,
    /// The number of the account, as far as it is known.
    pub account: Option<String>,
    /// STS has told the account, or will not.
    pub is_identified: bool,
    /// Addresses of all queues, sorted.
    pub urls: Vec<String>,
    pub listed_at: Option<Timestamp>,
    pub sns_listed_at: Option<Timestamp>,
    /// The last lists were complete.
    pub queues_complete: bool,
    pub sns_complete: bool,
    /// What the last lists missed although it may exist.
    pub doubted_queues: Doubts,
    pub doubted_topics: Doubts,
    pub doubted_subscriptions: Doubts,
    /// The last answer about each queue, by address.
    pub queues: BTreeMap<String, Queue>,
    pub asked_at: HashMap<String, Timestamp>,
    /// Queues of which this visit brought an answer.
    pub fresh: BTreeSet<String>,
    /// Queues that may be listed, and not be asked.
    pub denied: BTreeSet<String>,
    /// Topics by ARN; without attributes until it was their turn.
    pub topics: BTreeMap<String, Attributes>,
    pub subscriptions: Vec<Subscription>,
    /// By ARN.
    pub subscription_attributes: BTreeMap<String, Attributes>,
    /// Addresses of queues whose dead letters go to this address; asked only where not all queues are seen.
    pub sources: BTreeMap<String, Vec<String>>,
    /// By the ARN of the queue that messages are taken from.
    pub moves: BTreeMap<String, Vec<MoveTask>>,
    pub details_at: Asked,
    /// Details that there are, and those of them that were never read.
    pub details: (usize, usize),
    pub ledger: Ledger,
    pub pace: Pace,
    pub troubles: Troubles,
    /// How many queues the last visit could not ask for lack of time or patience.
    pub postponed: usize,
    /// Figures of CloudWatch that were due and wait for the next visit.
    pub figures_left: usize,
    /// Something was gone when it was asked, or a list failed: the list of queues is read anew.
    pub is_outdated: bool,
    /// The same of topics and subscriptions.
    pub is_sns_outdated: bool,
}

impl Memory {
    pub fn new(region: &str) -> Memory {
        Memory {
            region: region.to_owned(),
            ..Memory::default()
        }
    }

    /// The place as a path; without an account number it is not known whose it is.
    pub fn place(&self) -> [String; 2] {
        let account = self.account.clone().unwrap_or_else(|| "unknown account".into());
        [account, self.region.clone()]
    }

    pub fn key(&self) -> EntityKey {
        EntityKey::new(EntityKind::Account, self.place())
    }

    /// A queue by its address: its own ARN says best where it is.
    pub fn queue_key(&self, url: &str) -> Option<EntityKey> {
        if let Some(key) = self
            .queues
            .get(url)
            .and_then(|queue| queue_key(queue.text("QueueArn")?))
        {
            return Some(key);
        }
        let (account, name) = of_url(url)?;
        Some(EntityKey::new(EntityKind::Queue, [account, &self.region, name]))
    }

    /// Forgets what belongs to queues, topics and subscriptions that are on no list any more: also what only counts
    /// up, since names may come and go for years.
    pub fn forget_what_is_gone(&mut self) {
        let urls: BTreeSet<&String> = self.urls.iter().collect();
        self.queues.retain(|url, _| urls.contains(url));
        self.asked_at.retain(|url, _| urls.contains(url));
        self.sources.retain(|url, _| urls.contains(url));
        let arns: BTreeSet<&String> = self
            .subscriptions
            .iter()
            .map(|subscription| &subscription.arn)
            .collect();
        self.subscription_attributes.retain(|arn, _| arns.contains(arn));
        let dead_letter_queues = self.dead_letter_queues();
        self.moves.retain(|arn, _| dead_letter_queues.contains(arn));
        let exists: HashSet<String> = (self.urls.iter().chain(self.topics.keys()).chain(&dead_letter_queues))
            .chain(self.subscriptions.iter().map(|subscription| &subscription.arn))
            .cloned()
            .collect();
        self.details_at.keep(|of| exists.contains(of));
        self.troubles.keep(|of| exists.contains(of));
    }

    /// ARNs of queues that dead letters go to.
    pub fn dead_letter_queues(&self) -> BTreeSet<String> {
        let of_queues = self.queues.values().filter_map(Queue::redrive);
        let of_subscriptions = self
            .subscription_attributes
            .values()
            .filter_map(|attributes| super::wire::redrive(attributes.get("RedrivePolicy")?));
        of_queues
            .chain(of_subscriptions)
            .map(|redrive| redrive.target)
            .collect()
    }

    /// Queues and topics of which CloudWatch has figures.
    pub fn subjects(&self) -> Vec<Subject> {
        let queues = self.queues.iter().filter_map(|(url, queue)| {
            let waits = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"];
            Some(Subject {
                entity: self.queue_key(url)?,
                waits: waits.iter().any(|name| queue.number(name).is_some_and(|n| n > 0.0)),
                fifo: url.ends_with(".fifo"),
                created: queue
                    .number("CreatedTimestamp")
                    .map(|at| Timestamp((at * 1_000.0) as i64)),
            })
        });
        let topics = self.topics.keys().filter_map(|arn| {
            Some(Subject {
                entity: topic_key(arn)?,
                waits: false,
                fifo: arn.ends_with(".fifo"),
                created: None,
            })
        });
        queues.chain(topics).collect()
    }

    /// Queues of which messages are in flight, as far as the last answers told.
    pub fn held_queues(&self) -> HashSet<EntityKey> {
        let in_flight = |queue: &Queue| queue.number("ApproximateNumberOfMessagesNotVisible");
        let held = self.queues.iter().filter(|(_, queue)| in_flight(queue) > Some(0.0));
        held.filter_map(|(url, _)| self.queue_key(url)).collect()
    }

    pub fn size(&self) -> Size {
        let subjects = self.subjects();
        Size {
            waiting: subjects.iter().filter(|subject| subject.waits).count(),
            topics: self.topics.len(),
            subscriptions: self.subscriptions.len(),
            dead_letter_queues: self.dead_letter_queues().len(),
            ..Size::of_queues(self.urls.iter())
        }
    }
}

/// Of a queue, by its ARN.
pub fn queue_key(queue: &str) -> Option<EntityKey> {
    let arn = arn(queue).filter(|arn| arn.service == "sqs" && !arn.resource.is_empty())?;
    Some(EntityKey::new(
        EntityKind::Queue,
        [arn.account, arn.region, arn.resource],
    ))
}

/// Of a topic, by its ARN.
pub fn topic_key(topic: &str) -> Option<EntityKey> {
    let arn = arn(topic).filter(|arn| arn.service == "sns" && !arn.resource.is_empty())?;
    Some(EntityKey::new(
        EntityKind::Topic,
        [arn.account, arn.region, arn.resource],
    ))
}

/// Of a subscription: by the last part of its ARN, or while it has none by what it is for.
pub fn subscription_key(subscription: &Subscription) -> Option<EntityKey> {
    let topic = topic_key(&subscription.topic)?;
    let id = match subscription.arn.rsplit_once(':') {
        Some((_, id)) if !subscription.is_pending() => id.to_owned(),
        _ => format!(
            "pending {} {}",
            subscription.protocol,
            super::map::address(subscription)
        ),
    };
    let path = topic.path.iter().cloned().chain([id]);
    Some(EntityKey::new(EntityKind::Subscription, path))
}
