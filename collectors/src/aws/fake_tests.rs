//! What the collector makes of refusals, throttling, wrong clocks and a thousand queues; against a fake.

use brokerscope_contract::{Absence, EntityKind, Settings, Snapshot, StepOutcome, Timestamp, metrics};
use serde_json::{Value, json};

use super::Aws;
use super::fake::{Fake, Refusal};
use crate::collector::{Collector, Factory, ProbeReport};

pub const NOW: Timestamp = Timestamp(1_767_571_200_000);

pub fn collector(fake: &Fake, with: Value) -> Box<dyn Collector> {
    let mut settings = json!({
        "regions": ["eu-west-1"], "credentials": "keys", "access_key_id": "AKIAFAKE", "secret_access_key": "fake",
        "endpoint_url": fake.url,
    });
    settings
        .as_object_mut()
        .unwrap()
        .extend(with.as_object().unwrap().clone());
    let settings: Settings = serde_json::from_value(settings).unwrap();
    Aws.build(&settings).unwrap_or_else(|problems| panic!("{problems:?}"))
}

pub fn depths(snapshot: &Snapshot) -> usize {
    snapshot
        .samples
        .iter()
        .filter(|sample| sample.metric == metrics::DEPTH)
        .count()
}

pub fn told(snapshot: &Snapshot) -> String {
    snapshot
        .warnings
        .iter()
        .map(|warning| format!("{:?} {}\n", warning.reason, warning.text))
        .collect()
}

#[tokio::test]
async fn a_thousand_queues_take_no_more_than_1050_requests() {
    let fake = Fake::start().await;
    fake.with_queues(1_000);
    let mut collector = collector(&fake, json!({"cloudwatch": "all"}));
    let first = collector.collect(NOW).await.unwrap();
    assert_eq!(depths(&first), 1_000, "{}", told(&first));
    assert!(first.cost.requests <= 1_050, "{}", first.cost.requests);
    let second = collector.collect(NOW.plus_millis(60_000)).await.unwrap();
    assert!(
        second.cost.requests <= 1_050 && depths(&second) == 1_000,
        "{}",
        second.cost.requests
    );
    let cost = second.server.tier.unwrap();
    assert!(
        cost.contains("1,000 queues every 60 s") && cost.contains("a month"),
        "{cost}"
    );
}

#[tokio::test]
async fn each_missing_permission_is_named_and_hides_nothing_else() {
    let denied: Refusal = (403, "AccessDenied", "");
    let actions = [
        ("ListQueues", "sqs:ListQueues"),
        ("GetQueueAttributes", "sqs:GetQueueAttributes"),
        ("ListMessageMoveTasks", "sqs:ListMessageMoveTasks"),
        ("ListTopics", "sns:ListTopics"),
        ("ListSubscriptions", "sns:ListSubscriptions"),
        ("GetTopicAttributes", "sns:GetTopicAttributes"),
        ("GetSubscriptionAttributes", "sns:GetSubscriptionAttributes"),
        ("ListDeadLetterSourceQueues", "sqs:ListDeadLetterSourceQueues"),
        ("GetMetricData", "cloudwatch:GetMetricData"),
    ];
    for (action, name) in actions {
        let fake = Fake::start().await;
        fake.with_queues(3);
        fake.change(|world| {
            world.give_up("q1", "q2");
            world.refused.insert(action, denied);
        });
        // Only where not all queues are seen are they asked what feeds them.
        let mut collector = collector(&fake, json!({"queue_prefix": "q"}));
        let snapshot = collector.collect(NOW).await.unwrap();
        let warning = snapshot.warnings.iter().find(|warning| warning.text.contains(name));
        let warning = warning.unwrap_or_else(|| panic!("{name}: {}", told(&snapshot)));
        assert_eq!(warning.reason, Absence::NotPermitted, "{name}");
        assert!(warning.remedy.as_ref().unwrap().contains(name));
        let blind = matches!(action, "ListQueues" | "GetQueueAttributes");
        assert_eq!(depths(&snapshot), if blind { 0 } else { 3 }, "{name}");
        let whole = action != "ListQueues";
        assert_eq!(snapshot.complete.contains(&EntityKind::Queue), whole, "{name}");
    }
}

#[tokio::test]
async fn throttling_is_shown_and_the_next_visit_asks_less_and_goes_on_with_the_others() {
    let fake = Fake::start().await;
    fake.with_queues(400);
    fake.change(|world| world.patience = Some(200));
    let mut collector = collector(&fake, json!({"cloudwatch": "off", "sns": false}));
    let first = collector.collect(NOW).await.unwrap();
    assert!((190..=200).contains(&depths(&first)), "{}", depths(&first));
    assert!(told(&first).contains("slows"), "{}", told(&first));
    fake.change(|world| {
        world.patience = None;
        world.asked.clear();
    });
    let second = collector.collect(NOW.plus_millis(60_000)).await.unwrap();
    assert!(
        (90..=110).contains(&fake.asked("GetQueueAttributes")),
        "{}",
        fake.asked("GetQueueAttributes")
    );
    let known = |snapshot: &Snapshot| -> Vec<String> {
        let depths = snapshot.samples.iter().filter(|sample| sample.metric == metrics::DEPTH);
        depths.map(|sample| sample.entity.name().to_owned()).collect()
    };
    assert!(
        known(&second).iter().all(|name| !known(&first).contains(name)),
        "those that waited longest"
    );
}

#[tokio::test]
async fn a_throttled_list_is_read_again_on_the_next_visit_and_throttled_figures_rest() {
    let fake = Fake::start().await;
    fake.with_queues(3);
    fake.change(|world| {
        world
            .refused
            .insert("ListQueues", (400, "RequestThrottled", "Slow down."));
        world
            .refused
            .insert("GetMetricData", (400, "ThrottlingException", "Rate exceeded"));
    });
    let mut collector = collector(&fake, json!({"sns": false}));
    let first = collector.collect(NOW).await.unwrap();
    assert!(told(&first).contains("New queues are not found"), "{}", told(&first));
    assert!(!first.complete.contains(&EntityKind::Queue), "unknown, and not none");
    fake.change(|world| world.refused.retain(|action, _| *action != "ListQueues"));
    let second = collector.collect(NOW.plus_millis(60_000)).await.unwrap();
    assert_eq!(depths(&second), 3);
    let slowed = second
        .warnings
        .iter()
        .find(|warning| warning.text.contains("CloudWatch's figures"));
    assert_eq!(
        slowed.map(|warning| warning.reason),
        Some(Absence::Stale),
        "{}",
        told(&second)
    );
    let asked = fake.asked("GetMetricData");
    for minute in 2..10 {
        collector.collect(NOW.plus_millis(minute * 60_000)).await.unwrap();
    }
    assert_eq!(fake.asked("GetMetricData"), asked, "left alone for ten minutes");
    collector.collect(NOW.plus_millis(12 * 60_000)).await.unwrap();
    assert_eq!(fake.asked("GetMetricData"), asked + 1);
}

#[tokio::test]
async fn a_list_that_changes_while_it_is_read_loses_nothing() {
    let fake = Fake::start().await;
    fake.with_queues(25);
    fake.change(|world| world.page = Some(10));
    let mut collector = collector(&fake, json!({"cloudwatch": "off", "sns": false}));
    let first = collector.collect(NOW).await.unwrap();
    assert_eq!((depths(&first), fake.asked("ListQueues")), (25, 3));
    // With the first queue gone after the first page, the eleventh slips through between two pages.
    fake.change(|world| world.vanishing.push_back("q0".into()));
    let listed_again = NOW.plus_millis(600_000);
    let second = collector.collect(listed_again).await.unwrap();
    assert_eq!(depths(&second), 24, "only the one that says itself that it is gone");
    assert!(!second.complete.contains(&EntityKind::Queue));
    let third = collector.collect(listed_again.plus_millis(60_000)).await.unwrap();
    assert_eq!(depths(&third), 24);
    assert!(third.complete.contains(&EntityKind::Queue), "the next list decides");
    assert!(third.entities.iter().all(|entity| entity.key.name() != "q0"));
}

#[tokio::test]
async fn a_dead_letter_queue_that_is_gone_has_no_redrives_any_more() {
    let fake = Fake::start().await;
    fake.with_queues(3);
    fake.change(|world| {
        world.give_up("q1", "q2");
        world.moves = vec![json!({"Status": "COMPLETED", "ApproximateNumberOfMessagesMoved": 5})];
    });
    let mut collector = collector(&fake, json!({"cloudwatch": "off", "sns": false}));
    let moved = |snapshot: &Snapshot| {
        snapshot
            .samples
            .iter()
            .any(|sample| sample.metric == metrics::SQS_MOVED)
    };
    assert!(moved(&collector.collect(NOW).await.unwrap()));
    fake.change(|world| drop(world.queues.remove("q2")));
    collector.collect(NOW.plus_millis(60_000)).await.unwrap();
    // The policy still names it; it is asked for its redrives once more, and says that it does not exist.
    fake.change(|world| {
        world
            .refused
            .insert("ListMessageMoveTasks", (400, "ResourceNotFoundException", "gone"));
    });
    let later = collector.collect(NOW.plus_millis(660_000)).await.unwrap();
    assert!(!moved(&later));
    assert!(
        told(&later).lines().all(|line| !line.contains("Redrives")),
        "{}",
        told(&later)
    );
}

#[tokio::test]
async fn a_queue_made_anew_under_the_same_name_is_described_anew() {
    let fake = Fake::start().await;
    fake.with_queues(2);
    let mut collector = collector(&fake, json!({"cloudwatch": "off", "sns": false}));
    collector.collect(NOW).await.unwrap();
    fake.change(|world| {
        let q1 = world.queues.get_mut("q1").unwrap();
        q1.insert("ApproximateNumberOfMessages".into(), "0".into());
        q1.insert("MessageRetentionPeriod".into(), "60".into());
        q1.insert("CreatedTimestamp".into(), "1700009000".into());
    });
    let second = collector.collect(NOW.plus_millis(60_000)).await.unwrap();
    let q1 = second.entities.iter().find(|entity| entity.key.name() == "q1").unwrap();
    let kept = q1
        .attributes
        .iter()
        .find(|attribute| attribute.name == "MessageRetentionPeriod");
    assert_eq!(
        kept.map(|attribute| attribute.value.replace('\u{a0}', " ")),
        Some("1 min".into())
    );
    let depth = second
        .samples
        .iter()
        .find(|s| s.metric == metrics::DEPTH && s.entity == q1.key);
    assert_eq!(depth.map(|sample| sample.value), Some(0.0));
}

#[tokio::test]
async fn a_queue_that_goes_while_the_list_is_read_is_no_trouble() {
    let fake = Fake::start().await;
    fake.with_queues(2);
    fake.change(|world| world.ghosts = vec!["gone".into(), "q1".into()]);
    let mut collector = collector(&fake, json!({"cloudwatch": "off"}));
    let first = collector.collect(NOW).await.unwrap();
    assert_eq!(depths(&first), 2);
    fake.change(|world| world.ghosts.clear());
    let second = collector.collect(NOW.plus_millis(60_000)).await.unwrap();
    assert_eq!(fake.asked("ListQueues"), 2, "the list is read anew");
    assert!(second.entities.iter().all(|entity| entity.key.name() != "gone"));
    assert!(
        told(&second).lines().all(|line| !line.contains("have no figures")),
        "{}",
        told(&second)
    );
}

#[tokio::test]
async fn long_names_and_long_policies_are_taken() {
    let fake = Fake::start().await;
    let name = "n".repeat(75) + ".fifo";
    fake.with_queues(1);
    fake.change(|world| {
        let mut attributes = world.queues["q0"].clone();
        attributes.insert("QueueArn".into(), format!("arn:aws:sqs:eu-west-1:111122223333:{name}"));
        attributes.insert(
            "Policy".into(),
            format!("{{\"Statement\":[{{\"Sid\":\"{}\"}}]}}", "x".repeat(64 << 10)),
        );
        world.queues.insert(name.clone(), attributes);
        world.filter = format!("{{'kind':['{}']}}", "y".repeat(64 << 10));
    });
    let snapshot = collector(&fake, json!({})).collect(NOW).await.unwrap();
    assert!(snapshot.entities.iter().any(|entity| entity.key.name() == name));
    assert_eq!(depths(&snapshot), 2);
    let labels = snapshot.links.iter().flatten().filter_map(|link| link.label.as_ref());
    let values = snapshot
        .entities
        .iter()
        .flat_map(|entity| &entity.attributes)
        .map(|attribute| &attribute.value);
    let longest = labels.chain(values).map(|text| text.chars().count()).max();
    assert!(
        longest.is_some_and(|longest| (200..300).contains(&longest)),
        "{longest:?}"
    );
}

#[tokio::test]
async fn the_test_names_every_permission_and_the_bill() {
    let fake = Fake::start().await;
    fake.with_queues(12);
    fake.change(|world| {
        world.refused.insert("GetMetricData", (403, "AccessDenied", ""));
    });
    let (report, mut steps) = ProbeReport::channel(NOW);
    collector(&fake, json!({})).probe(&report).await;
    drop(report);
    let mut seen = Vec::new();
    while let Some(step) = steps.recv().await {
        seen.push(step);
    }
    let outcome = |title: &str| {
        seen.iter()
            .find(|step| step.title.starts_with(title))
            .map(|step| step.outcome)
    };
    for title in [
        "Login",
        "sqs:ListQueues",
        "sqs:GetQueueAttributes",
        "sns:ListSubscriptions",
        "sns:GetTopicAttributes",
    ] {
        assert_eq!(outcome(title), Some(StepOutcome::Passed), "{title}: {seen:?}");
    }
    assert_eq!(
        outcome("cloudwatch:GetMetricData"),
        Some(StepOutcome::Limited),
        "{seen:?}"
    );
    let cost = seen.last().unwrap();
    assert!(
        cost.title == "What it will cost" && cost.detail.contains("12 queues"),
        "{cost:?}"
    );
}

async fn probed(fake: &Fake, with: Value) -> Vec<brokerscope_contract::ProbeStep> {
    let (report, mut steps) = ProbeReport::channel(NOW);
    collector(fake, with).probe(&report).await;
    drop(report);
    let mut seen = Vec::new();
    while let Some(step) = steps.recv().await {
        seen.push(step);
    }
    seen
}

#[tokio::test]
async fn the_test_says_how_new_cloudwatch_is() {
    let fake = Fake::start().await;
    fake.with_queues(1);
    let told = |steps: &[brokerscope_contract::ProbeStep]| {
        let step = steps
            .iter()
            .find(|step| step.title.starts_with("cloudwatch:GetMetricData"));
        step.map(|step| step.detail.replace('\u{a0}', " ")).unwrap()
    };
    let none = probed(&fake, json!({})).await;
    assert!(
        told(&none).contains("there is no point of this queue"),
        "{}",
        told(&none)
    );
    let newest = NOW.0 / 1_000 - 900;
    fake.change(|world| {
        let points = vec![(newest - 300, 1.0), (newest, 2.0)];
        world.figures.insert("ApproximateAgeOfOldestMessage", points);
    });
    let some = probed(&fake, json!({})).await;
    assert_eq!(told(&some), "permitted; the newest point is 10 min old");
}

#[tokio::test]
async fn queues_that_are_named_are_counted_once_in_the_bill() {
    let fake = Fake::start().await;
    fake.with_queues(2);
    let url = |region: &str, name: &str| format!("https://sqs.{region}.amazonaws.com/111122223333/{name}");
    let with = json!({"regions": ["eu-west-1", "us-east-1"], "sns": false, "cloudwatch": "off",
        "queue_urls": [url("eu-west-1", "q0"), url("us-east-1", "q1")]});
    let steps = probed(&fake, with).await;
    let bill = &steps.last().unwrap().detail;
    assert!(bill.starts_with("2 queues and 0 topics. 2 queues every 60 s"), "{bill}");
}

#[tokio::test]
async fn points_of_cloudwatch_keep_their_own_time() {
    let fake = Fake::start().await;
    fake.with_queues(2);
    // Points need two minutes to arrive, so the last period that is asked for ended 300 s before `NOW`.
    let first = NOW.0 / 1_000 - 900;
    fake.change(|world| world.points = vec![(first, 77.0), (first + 300, 78.5)]);
    let mut collector = collector(&fake, json!({"backfill_days": 0, "sns": false}));
    let snapshot = collector.collect(NOW).await.unwrap();
    let told: Vec<_> = snapshot
        .history
        .iter()
        .map(|series| (series.entity.name(), series.metric))
        .collect();
    assert_eq!(told, [("q1", metrics::OLDEST_AGE)], "q0 is empty and is not asked for");
    let at = |seconds: i64| Timestamp(seconds * 1_000);
    assert_eq!(
        snapshot.history[0].points,
        [(at(first + 300), 77.0), (at(first + 600), 78.5)]
    );
    let again = collector.collect(NOW.plus_millis(60_000)).await.unwrap();
    assert!(
        again.history.is_empty() && fake.asked("GetMetricData") == 1,
        "until the next period"
    );
}

#[tokio::test]
async fn who_reads_a_queue_is_known_by_what_cloudwatch_counted() {
    let fake = Fake::start().await;
    fake.with_queues(2);
    let first = NOW.0 / 1_000 - 1_800;
    let periods = |value: f64| (0..5).map(|n| (first + 300 * n, value)).collect::<Vec<_>>();
    fake.change(|world| {
        for (name, each) in [
            ("NumberOfMessagesSent", 6.0),
            ("NumberOfMessagesReceived", 0.0),
            ("NumberOfMessagesDeleted", 0.0),
            ("NumberOfEmptyReceives", 0.0),
        ] {
            world.figures.insert(name, periods(each));
        }
    });
    let with = json!({"cloudwatch": "all", "backfill_days": 0, "sns": false});
    let consumers = |snapshot: &Snapshot| {
        let mut all = snapshot.history.iter();
        let found = all.find(|series| series.metric == metrics::CONSUMERS && series.entity.name() == "q1");
        found.map(|series| series.points.clone())
    };
    let nobody = collector(&fake, with.clone()).collect(NOW).await.unwrap();
    let until = Timestamp((first + 1_500) * 1_000);
    assert_eq!(consumers(&nobody), Some(vec![(until, 0.0)]));
    let limit = nobody
        .samples
        .iter()
        .find(|sample| sample.metric == metrics::IN_FLIGHT_LIMIT);
    assert_eq!(limit.map(|sample| sample.value), Some(120_000.0));
    // Somebody asks, and finds nothing.
    fake.change(|world| drop(world.figures.insert("NumberOfEmptyReceives", periods(15.0))));
    let somebody = collector(&fake, with.clone()).collect(NOW).await.unwrap();
    assert_eq!(consumers(&somebody), Some(vec![(until, 1.0)]));
    // Nobody asks at present, because what was received is being worked on.
    fake.change(|world| {
        drop(world.figures.insert("NumberOfEmptyReceives", periods(0.0)));
        let q1 = world.queues.get_mut("q1").unwrap();
        q1.insert("ApproximateNumberOfMessagesNotVisible".into(), "1".into());
    });
    let busy = collector(&fake, with).collect(NOW).await.unwrap();
    assert_eq!(consumers(&busy), Some(vec![(until, 1.0)]));
    let ages = collector(&fake, json!({"sns": false})).collect(NOW).await.unwrap();
    let told = ages
        .warnings
        .iter()
        .find(|warning| warning.metrics.contains(&metrics::CONSUMERS));
    assert_eq!(told.map(|warning| warning.reason), Some(Absence::Disabled));
}

/// The policy that the documentation gives to paste.
const PAGE: &str = include_str!("../../../docs/aws.md");

#[tokio::test]
async fn the_policy_of_the_documentation_is_what_is_asked_and_no_more() {
    let fake = Fake::start().await;
    fake.with_queues(3);
    fake.change(|world| {
        world.give_up("q1", "q2");
    });
    // Everything that can be asked: with a prefix also what feeds the dead-letter queues.
    let mut collector = collector(&fake, json!({"cloudwatch": "all", "queue_prefix": "q"}));
    collector.collect(NOW).await.unwrap();
    let (report, _steps) = ProbeReport::channel(NOW);
    collector.probe(&report).await;
    assert_eq!(actions_asked(&fake), actions_allowed(1));
}

#[tokio::test]
async fn the_smaller_policy_is_enough_without_sns_and_cloudwatch() {
    let fake = Fake::start().await;
    fake.with_queues(3);
    fake.change(|world| {
        world.give_up("q1", "q2");
    });
    let with = json!({"cloudwatch": "off", "sns": false, "queue_prefix": "q"});
    collector(&fake, with).collect(NOW).await.unwrap();
    assert_eq!(actions_asked(&fake), actions_allowed(2));
}

/// Actions of the documentation's policies, by their order on the page.
fn actions_allowed(nth: usize) -> Vec<String> {
    let policy = PAGE.split("```json").nth(nth).and_then(|rest| rest.split("```").next());
    let policy: Value = serde_json::from_str(policy.unwrap()).unwrap();
    let allowed = policy["Statement"][0]["Action"].as_array().unwrap().iter();
    let names = allowed.map(|action| action.as_str().unwrap().split_once(':').unwrap().1.to_owned());
    // Needs no permission.
    let mut allowed: Vec<String> = names.chain(["GetCallerIdentity".to_owned()]).collect();
    allowed.sort_unstable();
    allowed
}

fn actions_asked(fake: &Fake) -> Vec<String> {
    let mut asked = Vec::new();
    fake.change(|world| asked = world.asked.keys().cloned().collect());
    asked
}
