//! What recorded answers become.

use std::collections::BTreeMap;

use brokerscope_contract::{
    Absence, EntityKey, EntityKind, LinkKind, MetricId, Settings, Site, Snapshot, Status, System, Timestamp, metrics,
};
use serde::Deserialize;
use serde_json::json;

use super::*;
use crate::aws::config;
use crate::aws::wire::{Attributes, MoveTask, Queue, Subscription};

const AT: Timestamp = Timestamp(1_795_452_900_000);
const MOTO: &str = "moto-5.2.5";
const ELASTICMQ: &str = "elasticmq-1.6.12";

#[derive(Deserialize)]
struct Answers {
    account: String,
    queues: Vec<Queue>,
    topics: BTreeMap<String, Attributes>,
    subscriptions: Vec<Subscription>,
    subscription_attributes: BTreeMap<String, Attributes>,
    moves: BTreeMap<String, Vec<MoveTask>>,
}

fn recorded(version: &str) -> Memory {
    let path = format!("{}/src/aws/testdata/{version}/answers.json", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    let answers: Answers = serde_json::from_str(&text).unwrap();
    Memory {
        account: Some(answers.account),
        urls: answers.queues.iter().map(|queue| queue.url.clone()).collect(),
        fresh: answers.queues.iter().map(|queue| queue.url.clone()).collect(),
        queues: answers
            .queues
            .into_iter()
            .map(|queue| (queue.url.clone(), queue))
            .collect(),
        listed_at: Some(AT),
        queues_complete: true,
        sns_complete: true,
        topics: answers.topics,
        subscriptions: answers.subscriptions,
        subscription_attributes: answers.subscription_attributes,
        moves: answers.moves,
        ..Memory::new("us-east-1")
    }
}

fn config() -> Config {
    let settings: Settings = serde_json::from_value(json!({"regions": ["us-east-1"]})).unwrap();
    config::parse(&settings).ok().unwrap()
}

fn mapped(memory: &Memory) -> Snapshot {
    let outcome = Ok(Vec::new());
    snapshot(vec![Seen { memory, outcome }], &config(), AT)
}

fn figure(snapshot: &Snapshot, name: &str, metric: MetricId) -> Option<f64> {
    let mut samples = snapshot.samples.iter();
    samples
        .find(|sample| sample.entity.name() == name && sample.metric == metric)
        .map(|sample| sample.value)
}

fn status(snapshot: &Snapshot, name: &str, check: &str) -> Option<Status> {
    let mut checks = snapshot.checks.iter();
    checks
        .find(|result| result.entity.name() == name && result.check.0 == check)
        .map(|result| result.status)
}

#[test]
fn figures_are_those_that_were_recorded() {
    for version in [MOTO, ELASTICMQ] {
        let snapshot = mapped(&recorded(version));
        let counts = [metrics::DEPTH, metrics::IN_FLIGHT, metrics::SQS_DELAYED];
        assert_eq!(
            counts.map(|metric| figure(&snapshot, "orders", metric)),
            [Some(3.0), Some(2.0), Some(1.0)]
        );
        assert_eq!(figure(&snapshot, "orders-dead", metrics::DEPTH), Some(1.0), "{version}");
        assert_eq!(
            figure(&snapshot, "orders", metrics::OLDEST_AGE),
            None,
            "SQS does not tell it"
        );
        assert_eq!(
            snapshot.complete,
            [
                EntityKind::Queue,
                EntityKind::Topic,
                EntityKind::Subscription,
                EntityKind::Endpoint
            ]
        );
    }
}

#[test]
fn an_empty_queue_has_nothing_old_and_one_that_was_not_asked_has_no_figures() {
    let mut memory = recorded(MOTO);
    let url = memory.urls[0].clone();
    for (name, value) in &mut memory.queues.get_mut(&url).unwrap().attributes {
        if name.starts_with("ApproximateNumber") {
            *value = "0".into();
        }
    }
    assert_eq!(figure(&mapped(&memory), "orders", metrics::OLDEST_AGE), Some(0.0));
    memory.fresh.clear();
    assert_eq!(figure(&mapped(&memory), "orders", metrics::DEPTH), None);
}

#[test]
fn edges_lead_from_the_topic_to_the_dead_letters_and_out_of_the_account() {
    let snapshot = mapped(&recorded(MOTO));
    let edges: Vec<(EntityKind, LinkKind, EntityKind, &str)> = snapshot
        .links
        .iter()
        .flatten()
        .map(|link| (link.from.kind, link.kind, link.to.kind, link.to.name()))
        .collect();
    use EntityKind::{Endpoint, Queue, Subscription, Topic};
    for expected in [
        (Queue, LinkKind::DeadLetter, Queue, "orders-dead"),
        (Subscription, LinkKind::Delivers, Queue, "orders"),
        (Subscription, LinkKind::DeadLetter, Queue, "orders-dead"),
        (
            Subscription,
            LinkKind::Delivers,
            Endpoint,
            "arn:aws:sqs:us-east-1:999988887777:elsewhere",
        ),
        (Subscription, LinkKind::Delivers, Endpoint, "https://shop.example/hook"),
    ] {
        assert!(edges.contains(&expected), "{expected:?} is not in {edges:#?}");
    }
    assert_eq!(
        edges
            .iter()
            .filter(|edge| edge.0 == Topic && edge.1 == LinkKind::Subscribes)
            .count(),
        3
    );
    let said = serde_json::to_string(&snapshot).unwrap();
    assert!(
        !said.contains("secret") && !said.contains("token=abc"),
        "logins of addresses are nobody's business"
    );
}

#[test]
fn what_is_in_another_account_says_which_queue_or_topic_it_is() {
    let stands_for = |snapshot: &Snapshot, key: &EntityKey| {
        let entity = snapshot.entities.iter().find(|entity| entity.key == *key);
        let entity = entity.unwrap_or_else(|| panic!("{key:?} is described"));
        let elsewhere = entity.stands_for.as_ref()?;
        assert_eq!((elsewhere.system, &elsewhere.at), (System::AwsSqs, &Site::Anywhere));
        Some(elsewhere.keys.clone())
    };
    let mut memory = recorded(MOTO);
    let snapshot = mapped(&memory);
    let queue = EntityKey::new(EntityKind::Queue, ["999988887777", "us-east-1", "elsewhere"]);
    let end = |address: &str| EntityKey::new(EntityKind::Endpoint, [address]);
    assert_eq!(
        stands_for(&snapshot, &end("arn:aws:sqs:us-east-1:999988887777:elsewhere")),
        Some(vec![queue])
    );
    assert_eq!(stands_for(&snapshot, &end("https://shop.example/hook")), None);
    // A subscription of ours to a topic of theirs.
    let topic = EntityKey::new(EntityKind::Topic, ["999988887777", "us-east-1", "news"]);
    memory.subscriptions[0].topic = "arn:aws:sns:us-east-1:999988887777:news".into();
    assert_eq!(stands_for(&mapped(&memory), &topic), Some(vec![topic.clone()]));
}

#[test]
fn two_accounts_are_joined_by_their_arns() {
    let (ours, mut theirs) = (recorded(MOTO), Memory::new("us-east-1"));
    theirs.account = Some("999988887777".into());
    theirs.queues_complete = true;
    theirs.sns_complete = true;
    let key = EntityKey::new(EntityKind::Queue, ["999988887777", "us-east-1", "elsewhere"]);
    let both = |theirs: &Memory| {
        let seen = [&ours, theirs].map(|memory| Seen {
            memory,
            outcome: Ok(Vec::new()),
        });
        snapshot(seen.into(), &config(), AT)
    };
    let missing = both(&theirs);
    assert!(
        missing.links.iter().flatten().any(|link| link.to == key),
        "an edge to what should be there"
    );
    let critical = missing
        .checks
        .iter()
        .find(|result| result.text.contains("elsewhere does not exist"));
    assert_eq!(
        critical.map(|result| result.status),
        Some(Status::Critical),
        "{:#?}",
        missing.checks
    );

    theirs.listed_at = Some(AT);
    let url = "https://sqs.us-east-1.amazonaws.com/999988887777/elsewhere".to_owned();
    let attributes = [(
        "QueueArn".to_owned(),
        "arn:aws:sqs:us-east-1:999988887777:elsewhere".to_owned(),
    )];
    theirs.urls.push(url.clone());
    theirs.queues.insert(
        url.clone(),
        Queue {
            url,
            attributes: attributes.into(),
        },
    );
    let there = both(&theirs);
    assert!(
        there
            .checks
            .iter()
            .all(|result| !result.text.contains("elsewhere does not exist"))
    );
    assert!(there.entities.iter().any(|entity| entity.key == key));
}

#[test]
fn checks_say_what_is_unsafe_and_what_is_not_told() {
    let moto = mapped(&recorded(MOTO));
    assert_eq!(
        status(&moto, "orders-dead", "policy"),
        Some(Status::Warning),
        "open to everyone"
    );
    assert_eq!(status(&moto, "orders", "policy"), Some(Status::Ok));
    assert_eq!(status(&moto, "orders", "dead_letter_target"), Some(Status::Ok));
    assert_eq!(
        status(&moto, "orders", "dead_letter_retention"),
        Some(Status::Warning),
        "not longer than the source"
    );
    assert_eq!(
        status(&moto, "orders-dead", "dead_letter_queue"),
        Some(Status::Ok),
        "is one itself"
    );
    assert_eq!(
        status(&moto, "payments.fifo", "dead_letter_queue"),
        Some(Status::Warning)
    );
    assert_eq!(status(&moto, "orders", "encryption"), Some(Status::Ok));
    let elasticmq = mapped(&recorded(ELASTICMQ));
    assert_eq!(
        status(&elasticmq, "orders", "encryption"),
        Some(Status::Unknown),
        "not told is not unencrypted"
    );
    assert_eq!(status(&elasticmq, "orders-dead", "move_task"), Some(Status::Ok));
    assert_eq!(figure(&elasticmq, "orders-dead", metrics::SQS_MOVED), Some(1.0));
}

#[test]
fn a_missing_dead_letter_queue_is_critical_only_when_all_queues_are_seen() {
    let mut memory = recorded(MOTO);
    memory.queues.retain(|url, _| !url.ends_with("orders-dead"));
    memory.urls.retain(|url| !url.ends_with("orders-dead"));
    assert_eq!(
        status(&mapped(&memory), "orders", "dead_letter_target"),
        Some(Status::Critical)
    );
    memory.queues_complete = false;
    let snapshot = mapped(&memory);
    assert_eq!(status(&snapshot, "orders", "dead_letter_target"), Some(Status::Unknown));
    assert!(!snapshot.complete.contains(&EntityKind::Queue));
}

#[test]
fn a_place_that_does_not_answer_is_a_warning_and_the_others_go_on() {
    let (good, bad) = (recorded(MOTO), Memory::new("eu-west-1"));
    let seen = vec![
        Seen {
            memory: &good,
            outcome: Ok(Vec::new()),
        },
        Seen {
            memory: &bad,
            outcome: Err(Failure::NotPermitted("sts:AssumeRole".into())),
        },
    ];
    let snapshot = snapshot(seen, &config(), AT);
    assert_eq!(figure(&snapshot, "orders", metrics::DEPTH), Some(3.0));
    assert!(
        snapshot.complete.is_empty(),
        "nothing is gone because somebody is silent"
    );
    assert_eq!(status(&snapshot, "", "reachable"), Some(Status::Critical));
    let warning = snapshot
        .warnings
        .iter()
        .find(|warning| warning.text.contains("sts:AssumeRole"))
        .unwrap();
    assert_eq!(warning.reason, Absence::NotPermitted);
}
