//! What a visit makes of silence, endless lists, proxies, and of more details than fit into it; against a fake.

use std::time::{Duration, Instant};

use brokerscope_contract::{Absence, EntityKind, LinkKind, Snapshot, Status, Timestamp, metrics};
use serde_json::json;

use super::fake::{Fake, Refusal};
use super::fake_tests::{NOW, collector, depths, told};
use crate::collector::CollectError;

fn minute(n: i64) -> Timestamp {
    NOW.plus_millis(n * 60_000)
}

/// The runner ends a visit that comes every 15 s after 15 s, with all that it has learnt.
const DEADLINE: Duration = Duration::from_secs(15);

#[tokio::test]
async fn who_never_answers_costs_its_own_answer_and_not_the_visit() {
    let (sns, queues) = (Fake::start().await, Fake::start().await);
    sns.with_queues(3);
    sns.change(|world| world.silent = ["ListTopics", "ListSubscriptions"].into());
    queues.with_queues(3);
    queues.change(|world| world.silent = ["GetQueueAttributes"].into());
    let with = json!({"interval_seconds": 15, "cloudwatch": "off", "regions": ["eu-west-1", "us-east-1"]});
    let (mut without_topics, mut without_queues) = (collector(&sns, with.clone()), collector(&queues, with));
    let since = Instant::now();
    let (some, none) = futures_util::join!(without_topics.collect(NOW), without_queues.collect(NOW));
    assert!(since.elapsed() < DEADLINE, "{:?}", since.elapsed());
    let some = some.unwrap();
    assert_eq!(depths(&some), 6, "of both regions: {}", told(&some));
    assert!(told(&some).contains("Topics are not seen"), "{}", told(&some));
    assert!(matches!(none, Err(CollectError::TimedOut { .. })), "{none:?}");
}

#[tokio::test]
async fn a_list_that_goes_round_in_circles_is_none_and_is_not_asked_for_again_at_once() {
    let fake = Fake::start().await;
    fake.with_queues(3);
    fake.change(|world| world.circles = true);
    let mut collector = collector(&fake, json!({"cloudwatch": "off", "sns": false}));
    let first = collector.collect(NOW).await.unwrap();
    assert!(
        told(&first).contains("The list of sqs:ListQueues does not end"),
        "{}",
        told(&first)
    );
    assert!(
        !first.complete.contains(&EntityKind::Queue),
        "nothing is gone because of it"
    );
    let asked = fake.asked("ListQueues");
    assert!(asked <= 3, "{asked}");
    collector.collect(minute(1)).await.unwrap();
    assert_eq!(fake.asked("ListQueues"), asked);
    fake.change(|world| world.circles = false);
    let later = collector.collect(minute(10)).await.unwrap();
    assert_eq!(depths(&later), 3);
}

#[tokio::test]
async fn a_proxys_page_is_a_failure_and_the_list_is_read_again() {
    for status in [502, 200] {
        let fake = Fake::start().await;
        fake.with_queues(3);
        fake.change(|world| {
            world.proxied.insert("ListSubscriptions", status);
        });
        let mut collector = collector(&fake, json!({"cloudwatch": "off"}));
        let first = collector.collect(NOW).await.unwrap();
        let warning = first
            .warnings
            .iter()
            .find(|warning| warning.text.contains("Subscriptions are not seen"));
        let warning = warning.unwrap_or_else(|| panic!("{status}: {}", told(&first)));
        assert_eq!(warning.reason, Absence::Failed, "{status}: {}", warning.text);
        assert!(warning.text.contains(&format!("status {status}")), "{}", warning.text);
        fake.change(|world| world.proxied.clear());
        let second = collector.collect(minute(1)).await.unwrap();
        let seen = |snapshot: &Snapshot| {
            let entities = snapshot.entities.iter();
            entities
                .filter(|entity| entity.key.kind == EntityKind::Subscription)
                .count()
        };
        assert_eq!((seen(&first), seen(&second)), (0, 1), "{status}");
        assert_eq!(fake.asked("ListQueues"), 1, "{status}: the queues' list was well");
    }
}

/// As many dead-letter queues as fill every visit with redrives, and some topics.
#[tokio::test]
async fn redrives_of_many_dead_letter_queues_keep_no_topic_waiting() {
    let fake = Fake::start().await;
    fake.with_queues(400);
    fake.change(|world| {
        world.more_topics = 9;
        for n in (0..400).step_by(2) {
            world.give_up(&format!("q{n}"), &format!("q{}", n + 1));
        }
    });
    let mut collector = collector(&fake, json!({"cloudwatch": "off"}));
    let first = collector.collect(NOW).await.unwrap();
    let unread = "16 of 220 details of redrives, topics and subscriptions";
    assert!(told(&first).contains(unread), "{}", told(&first));
    for n in 1..4 {
        collector.collect(minute(n)).await.unwrap();
    }
    let asked = [
        "GetTopicAttributes",
        "GetSubscriptionAttributes",
        "ListMessageMoveTasks",
    ]
    .map(|a| fake.asked(a));
    assert_eq!(asked, [10, 10, 44]);
    let mut last = first;
    for n in 4..16 {
        last = collector.collect(minute(n)).await.unwrap();
        assert!(last.cost.requests <= 1_050, "{}", last.cost.requests);
    }
    assert!(!told(&last).contains("were read so far"), "{}", told(&last));
    assert_eq!(fake.asked("ListMessageMoveTasks"), 16 * 16 - 20);
}

#[tokio::test]
async fn a_topic_that_may_not_be_looked_at_hides_no_other_one() {
    let fake = Fake::start().await;
    fake.with_queues(2);
    let denied: Refusal = (403, "AuthorizationError", "not authorized");
    fake.change(|world| {
        world.more_topics = 4;
        world.refused_of.insert(
            "Action=GetTopicAttributes&Version=2010-03-31&TopicArn=arn%3Aaws%3Asns%3Aeu-west-1%3A111122223333%3At1",
            denied,
        );
    });
    let mut collector = collector(&fake, json!({"cloudwatch": "off"}));
    let first = collector.collect(NOW).await.unwrap();
    assert_eq!(fake.asked("GetTopicAttributes"), 5);
    let warning = first
        .warnings
        .iter()
        .find(|warning| warning.text.contains("Settings of topics"));
    let warning = warning.unwrap_or_else(|| panic!("{}", told(&first)));
    assert_eq!(warning.reason, Absence::NotPermitted);
    assert!(warning.text.contains("1 of them"), "{}", warning.text);
    // Answers about the others end nothing.
    let second = collector.collect(minute(1)).await.unwrap();
    assert!(told(&second).contains("1 of them"), "{}", told(&second));
    fake.change(|world| world.refused_of.clear());
    let later = collector.collect(minute(61)).await.unwrap();
    assert!(!told(&later).contains("Settings of topics"), "{}", told(&later));
}

#[tokio::test]
async fn a_subscription_that_nobody_confirmed_is_told_and_not_asked_about() {
    let fake = Fake::start().await;
    fake.with_queues(2);
    fake.change(|world| world.pending = true);
    let snapshot = collector(&fake, json!({"cloudwatch": "off"}))
        .collect(NOW)
        .await
        .unwrap();
    let pending = |name: &str| name.starts_with("pending email");
    let entity = snapshot.entities.iter().find(|entity| pending(entity.key.name()));
    let entity = entity.expect("it has a name of its own");
    let state = entity.attributes.iter().find(|attribute| attribute.name == "State");
    assert_eq!(state.map(|state| state.value.as_str()), Some("pending confirmation"));
    let check = snapshot
        .checks
        .iter()
        .find(|check| check.entity == entity.key && check.check.0 == "confirmed");
    assert_eq!(check.map(|check| check.status), Some(Status::Warning));
    let links = snapshot.links.as_ref().unwrap();
    let delivers = links
        .iter()
        .find(|link| link.from == entity.key && link.kind == LinkKind::Delivers)
        .unwrap();
    assert_eq!(delivers.label.as_deref(), Some("pending confirmation"));
    assert_eq!(fake.asked("GetSubscriptionAttributes"), 1, "of the other one only");
    // Confirmed, it is another subscription, and the pending one is gone.
    fake.change(|world| world.pending = false);
    let mut collector = collector(&fake, json!({"cloudwatch": "off"}));
    let later = collector.collect(NOW).await.unwrap();
    assert!(later.entities.iter().all(|entity| !pending(entity.key.name())));
    assert!(later.complete.contains(&EntityKind::Subscription));
}

#[tokio::test]
async fn what_feeds_a_dead_letter_queue_from_outside_of_the_prefix_is_an_edge() {
    let fake = Fake::start().await;
    fake.with_queues(2);
    fake.change(|world| world.sources = vec!["elsewhere"]);
    let with = json!({"cloudwatch": "off", "sns": false, "queue_prefix": "q"});
    let snapshot = collector(&fake, with).collect(NOW).await.unwrap();
    let feeds: Vec<_> = snapshot
        .links
        .iter()
        .flatten()
        .filter(|link| link.kind == LinkKind::DeadLetter)
        .map(|link| (link.from.kind, link.from.name(), link.to.name()))
        .collect();
    let address = "arn:aws:sqs:eu-west-1:111122223333:elsewhere";
    assert_eq!(
        feeds,
        [
            (EntityKind::Endpoint, address, "q0"),
            (EntityKind::Endpoint, address, "q1")
        ]
    );
}

#[tokio::test]
async fn a_running_redrive_is_asked_about_on_every_visit_and_a_failed_one_is_a_warning() {
    let fake = Fake::start().await;
    fake.with_queues(3);
    let task = |status: &str, moved: i64| {
        json!({"Status": status, "ApproximateNumberOfMessagesMoved": moved, "ApproximateNumberOfMessagesToMove": 40,
            "FailureReason": if status == "FAILED" { "CouldNotSend" } else { "" }})
    };
    fake.change(|world| {
        world.give_up("q1", "q2");
        world.moves = vec![task("RUNNING", 10)];
    });
    let mut collector = collector(&fake, json!({"cloudwatch": "off", "sns": false}));
    let figure = |snapshot: &Snapshot, metric| {
        let mut samples = snapshot.samples.iter();
        samples
            .find(|sample| sample.metric == metric)
            .map(|sample| sample.value)
    };
    let check = |snapshot: &Snapshot| {
        let found = snapshot.checks.iter().find(|check| check.check.0 == "move_task");
        found.map(|check| (check.status, check.text.contains("CouldNotSend")))
    };
    let first = collector.collect(NOW).await.unwrap();
    assert_eq!(figure(&first, metrics::SQS_MOVED), Some(10.0));
    assert_eq!(figure(&first, metrics::SQS_TO_MOVE), Some(40.0));
    assert_eq!(check(&first), Some((Status::Ok, false)));
    fake.change(|world| world.moves = vec![task("RUNNING", 25)]);
    let second = collector.collect(minute(1)).await.unwrap();
    assert_eq!(figure(&second, metrics::SQS_MOVED), Some(25.0));
    fake.change(|world| world.moves = vec![task("FAILED", 26)]);
    let third = collector.collect(minute(2)).await.unwrap();
    assert_eq!(
        check(&third),
        Some((Status::Warning, true)),
        "at once, and not with the next list"
    );
    collector.collect(minute(3)).await.unwrap();
    assert_eq!(fake.asked("ListMessageMoveTasks"), 3, "it has ended");
}

#[tokio::test]
async fn a_dead_letter_queue_that_does_not_take_a_queue_is_critical_at_once() {
    let fake = Fake::start().await;
    fake.with_queues(3);
    let arn = |name: &str| format!("arn:aws:sqs:eu-west-1:111122223333:{name}");
    fake.change(|world| {
        world.give_up("q1", "q2");
    });
    let mut collector = collector(&fake, json!({"cloudwatch": "off", "sns": false}));
    let target = |snapshot: &Snapshot| {
        let found = snapshot
            .checks
            .iter()
            .find(|check| check.check.0 == "dead_letter_target");
        found.map(|check| check.status)
    };
    let allow = |policy: serde_json::Value| {
        fake.change(|world| {
            let queue = world.queues.get_mut("q2").unwrap();
            queue.insert("RedriveAllowPolicy".into(), policy.to_string());
        });
    };
    assert_eq!(target(&collector.collect(NOW).await.unwrap()), Some(Status::Ok));
    assert_eq!(target(&collector.collect(minute(1)).await.unwrap()), None, "no news");
    for (n, (policy, expected)) in [
        (json!({"redrivePermission": "denyAll"}), Status::Critical),
        (
            json!({"redrivePermission": "byQueue", "sourceQueueArns": [arn("q1")]}),
            Status::Ok,
        ),
        (
            json!({"redrivePermission": "byQueue", "sourceQueueArns": [arn("q0")]}),
            Status::Critical,
        ),
        (json!({"redrivePermission": "allowAll"}), Status::Ok),
    ]
    .into_iter()
    .enumerate()
    {
        allow(policy.clone());
        let snapshot = collector.collect(minute(2 + n as i64)).await.unwrap();
        assert_eq!(target(&snapshot), Some(expected), "{policy}");
    }
}
