//! Against stand-ins: `BROKERSCOPE_TEST_BROKERS=moto,elasticmq cargo test -p brokerscope-collectors aws_live`.
//!
//! `cargo xtask brokers up moto elasticmq` starts them. Each test makes its own queues and compares every figure with
//! what the stand-in's own API says. moto answers CloudWatch in protocols that the SDK no longer speaks, so CloudWatch is
//! tried on a fake: see `fake_tests.rs`.

use std::path::Path;
use std::time::Duration;

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_sqs::config::{Credentials, SharedCredentialsProvider};
use aws_sdk_sqs::types::QueueAttributeName;
use brokerscope_contract::{EntityKey, EntityKind, LinkKind, MetricId, Settings, Snapshot, Status, Timestamp, metrics};
use serde_json::{Value, json};

use super::client::Client;
use super::collector::AwsCollector;
use super::config;
use crate::collector::Collector;

const REGION: &str = "us-east-1";

/// The address of a stand-in, unless this run leaves it out.
fn address(name: &str) -> Option<String> {
    let listed = std::env::var("BROKERSCOPE_TEST_BROKERS").unwrap_or_default();
    if !listed.split(',').any(|entry| entry.trim() == name) {
        println!("not run: needs the broker {name:?} in BROKERSCOPE_TEST_BROKERS");
        return None;
    }
    let file = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../.brokers")
        .join(name)
        .join("endpoints.json");
    let text = std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let endpoints: Value = serde_json::from_str(&text).expect("endpoints.json is JSON");
    Some(endpoints["management"][0].as_str().unwrap().to_owned())
}

/// What a test itself does there.
fn sdk(url: &str, region: &str) -> SdkConfig {
    let keys = Credentials::new("test", "test", None, None, "a test");
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(Region::new(region.to_owned()))
        .endpoint_url(url)
        .credentials_provider(SharedCredentialsProvider::new(keys))
        .build()
}

fn collector(url: &str, with: Value) -> AwsCollector {
    let mut settings = json!({
        "regions": [REGION], "credentials": "keys", "access_key_id": "test", "secret_access_key": "test",
        "endpoint_url": url, "interval_seconds": 15,
    });
    settings
        .as_object_mut()
        .unwrap()
        .extend(with.as_object().unwrap().clone());
    let settings: Settings = serde_json::from_value(settings).unwrap();
    AwsCollector::new(config::parse(&settings).unwrap_or_else(|problems| panic!("{problems:?}")))
}

fn now() -> Timestamp {
    let since = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap();
    Timestamp(i64::try_from(since.as_millis()).unwrap())
}

fn unique(name: &str) -> String {
    format!("{name}-{}", now().0)
}

async fn create(sqs: &aws_sdk_sqs::Client, name: &str, attributes: &[(QueueAttributeName, &str)]) -> (String, String) {
    let mut request = sqs.create_queue().queue_name(name);
    for (attribute, value) in attributes {
        request = request.attributes(attribute.clone(), *value);
    }
    let url = request.send().await.unwrap().queue_url().unwrap().to_owned();
    let arn = QueueAttributeName::QueueArn;
    let told = sqs
        .get_queue_attributes()
        .queue_url(&url)
        .attribute_names(arn.clone())
        .send()
        .await
        .unwrap();
    (url, told.attributes().unwrap()[&arn].clone())
}

async fn send(sqs: &aws_sdk_sqs::Client, url: &str, count: usize) {
    for n in 0..count {
        sqs.send_message()
            .queue_url(url)
            .message_body(format!("{n}"))
            .send()
            .await
            .unwrap();
    }
}

/// Receives one by one, and hides each message for so long.
async fn receive(sqs: &aws_sdk_sqs::Client, url: &str, count: usize, hidden: i32) -> Vec<String> {
    let mut handles = Vec::new();
    for _ in 0..count {
        let told = sqs
            .receive_message()
            .queue_url(url)
            .visibility_timeout(hidden)
            .send()
            .await
            .unwrap();
        handles.extend(
            told.messages()
                .iter()
                .filter_map(|message| Some(message.receipt_handle()?.to_owned())),
        );
    }
    handles
}

fn figure(snapshot: &Snapshot, queue: &str, metric: MetricId) -> Option<f64> {
    let found = snapshot
        .samples
        .iter()
        .find(|sample| sample.entity.name() == queue && sample.metric == metric);
    found.map(|sample| sample.value)
}

/// Depth, in flight, delayed.
fn counts(snapshot: &Snapshot, queue: &str) -> [Option<f64>; 3] {
    [metrics::DEPTH, metrics::IN_FLIGHT, metrics::SQS_DELAYED].map(|metric| figure(snapshot, queue, metric))
}

/// The same from the API itself.
async fn truth(sqs: &aws_sdk_sqs::Client, url: &str) -> [Option<f64>; 3] {
    let told = sqs
        .get_queue_attributes()
        .queue_url(url)
        .attribute_names(QueueAttributeName::All)
        .send()
        .await
        .unwrap();
    let told = told.attributes().unwrap();
    [
        QueueAttributeName::ApproximateNumberOfMessages,
        QueueAttributeName::ApproximateNumberOfMessagesNotVisible,
        QueueAttributeName::ApproximateNumberOfMessagesDelayed,
    ]
    .map(|name| told.get(&name)?.parse().ok())
}

fn redrive(target: &str, after: u32) -> String {
    format!("{{\"deadLetterTargetArn\":\"{target}\",\"maxReceiveCount\":\"{after}\"}}")
}

/// Sends, receives, stalls, deletes and dead-letters; after each step every figure is what the API says.
async fn figures_are_what_the_api_says(broker: &str) {
    let Some(url) = address(broker) else { return };
    let sqs = aws_sdk_sqs::Client::new(&sdk(&url, REGION));
    let (dead_name, name) = (unique("dead"), unique("orders"));
    let (dead, dead_arn) = create(&sqs, &dead_name, &[]).await;
    let policy = redrive(&dead_arn, 1);
    let (queue, _) = create(&sqs, &name, &[(QueueAttributeName::RedrivePolicy, &policy)]).await;
    let mut collector = collector(&url, json!({"cloudwatch": "off"}));

    send(&sqs, &queue, 5).await;
    sqs.send_message()
        .queue_url(&queue)
        .message_body("later")
        .delay_seconds(900)
        .send()
        .await
        .unwrap();
    let sent = collector.collect(now()).await.unwrap();
    assert_eq!(counts(&sent, &name), [Some(5.0), Some(0.0), Some(1.0)]);
    assert_eq!(counts(&sent, &name), truth(&sqs, &queue).await);

    let held = receive(&sqs, &queue, 2, 600).await;
    let stalled = collector.collect(now()).await.unwrap();
    assert_eq!(counts(&stalled, &name), [Some(3.0), Some(2.0), Some(1.0)]);
    assert_eq!(counts(&stalled, &name), truth(&sqs, &queue).await);

    for handle in held {
        sqs.delete_message()
            .queue_url(&queue)
            .receipt_handle(handle)
            .send()
            .await
            .unwrap();
    }
    // Received twice, where once is allowed: into the dead-letter queue.
    receive(&sqs, &queue, 3, 0).await;
    tokio::time::sleep(Duration::from_millis(1_200)).await;
    receive(&sqs, &queue, 4, 0).await;
    let given_up = collector.collect(now()).await.unwrap();
    assert_eq!(counts(&given_up, &dead_name)[0], Some(3.0), "three messages lie dead");
    for (name, url) in [(&name, &queue), (&dead_name, &dead)] {
        assert_eq!(counts(&given_up, name), truth(&sqs, url).await);
    }
    let links = given_up.links.unwrap();
    let link = links.iter().find(|link| link.from.name() == name).unwrap();
    assert_eq!((link.to.name(), link.kind), (dead_name.as_str(), LinkKind::DeadLetter));
    assert_eq!(link.label.as_deref(), Some("after 1 receive"));
    for url in [queue, dead] {
        sqs.delete_queue().queue_url(url).send().await.unwrap();
    }
}

#[tokio::test]
async fn aws_live_figures_of_moto() {
    figures_are_what_the_api_says("moto").await;
}

#[tokio::test]
async fn aws_live_figures_of_elasticmq() {
    figures_are_what_the_api_says("elasticmq").await;
}

#[tokio::test]
async fn aws_live_a_redrive_is_seen() {
    let Some(url) = address("elasticmq") else { return };
    let sqs = aws_sdk_sqs::Client::new(&sdk(&url, REGION));
    let (dead_name, name) = (unique("dead"), unique("source"));
    let (dead, dead_arn) = create(&sqs, &dead_name, &[]).await;
    let policy = redrive(&dead_arn, 3);
    let (queue, _) = create(&sqs, &name, &[(QueueAttributeName::RedrivePolicy, &policy)]).await;
    send(&sqs, &dead, 5).await;
    let start = sqs
        .start_message_move_task()
        .source_arn(&dead_arn)
        .max_number_of_messages_per_second(100);
    start.send().await.unwrap();
    tokio::time::sleep(Duration::from_secs(2)).await;
    let snapshot = collector(&url, json!({"cloudwatch": "off"}))
        .collect(now())
        .await
        .unwrap();
    assert_eq!(figure(&snapshot, &dead_name, metrics::SQS_MOVED), Some(5.0));
    let checked = snapshot
        .checks
        .iter()
        .find(|check| check.check.0 == "move_task" && check.entity.name() == dead_name);
    assert_eq!(checked.unwrap().status, Status::Ok, "{checked:?}");
    for url in [queue, dead] {
        sqs.delete_queue().queue_url(url).send().await.unwrap();
    }
}

/// A topic that feeds a queue, raw and filtered, with a dead-letter queue of its own; and one that waits.
#[tokio::test]
async fn aws_live_a_topic_feeds_a_queue() {
    let Some(url) = address("moto") else { return };
    let config = sdk(&url, REGION);
    let (sqs, sns) = (aws_sdk_sqs::Client::new(&config), aws_sdk_sns::Client::new(&config));
    let (name, dead_name, topic_name) = (unique("fed"), unique("undelivered"), unique("orders"));
    let (dead, dead_arn) = create(&sqs, &dead_name, &[]).await;
    let (queue, arn) = create(&sqs, &name, &[]).await;
    let topic = sns
        .create_topic()
        .name(&topic_name)
        .send()
        .await
        .unwrap()
        .topic_arn()
        .unwrap()
        .to_owned();
    let policy = format!("{{\"deadLetterTargetArn\":\"{dead_arn}\"}}");
    let subscribe = sns
        .subscribe()
        .topic_arn(&topic)
        .protocol("sqs")
        .endpoint(&arn)
        .attributes("RawMessageDelivery", "true")
        .attributes("FilterPolicy", "{\"kind\":[\"new\"]}")
        .attributes("RedrivePolicy", &policy);
    subscribe.send().await.unwrap();
    let wanted = aws_sdk_sns::types::MessageAttributeValue::builder()
        .data_type("String")
        .string_value("new");
    let publish = sns
        .publish()
        .topic_arn(&topic)
        .message("one")
        .message_attributes("kind", wanted.build().unwrap());
    publish.send().await.unwrap();
    sns.publish()
        .topic_arn(&topic)
        .message("filtered out")
        .send()
        .await
        .unwrap();

    let mut collector = collector(&url, json!({"cloudwatch": "off"}));
    let snapshot = collector.collect(now()).await.unwrap();
    assert_eq!(counts(&snapshot, &name), truth(&sqs, &queue).await);
    assert_eq!(counts(&snapshot, &name)[0], Some(1.0), "the filter let one through");
    let links = snapshot.links.as_ref().unwrap();
    let of = |kind: LinkKind, name: &str| links.iter().find(|link| link.kind == kind && link.to.name() == name);
    let delivers = of(LinkKind::Delivers, &name).unwrap();
    assert_eq!(delivers.from.kind, EntityKind::Subscription);
    assert_eq!(of(LinkKind::DeadLetter, &dead_name).unwrap().from, delivers.from);
    let subscribes = links
        .iter()
        .find(|link| link.kind == LinkKind::Subscribes && link.to == delivers.from)
        .unwrap();
    assert_eq!(
        subscribes.from,
        EntityKey::new(EntityKind::Topic, ["123456789012", REGION, &topic_name])
    );
    assert!(subscribes.label.as_ref().unwrap().contains("kind"), "{subscribes:?}");
    let described = snapshot
        .entities
        .iter()
        .find(|entity| entity.key == delivers.from)
        .unwrap();
    assert!(
        described
            .attributes
            .iter()
            .any(|a| a.name == "Raw delivery" && a.value == "yes"),
        "{described:?}"
    );
    let check = |name: &str| {
        let found = snapshot
            .checks
            .iter()
            .find(|check| check.entity == delivers.from && check.check.0 == name);
        found.map(|check| check.status)
    };
    assert_eq!(check("confirmed"), Some(Status::Ok));
    assert_eq!(check("target_exists"), Some(Status::Ok));
    assert_eq!(
        check("target_lets_in"),
        Some(Status::Critical),
        "moto delivers without a policy; Amazon would not"
    );
    sns.delete_topic().topic_arn(&topic).send().await.unwrap();
    for url in [queue, dead] {
        sqs.delete_queue().queue_url(url).send().await.unwrap();
    }
}

#[tokio::test]
async fn aws_live_regions_and_roles_are_watched_together() {
    let Some(url) = address("moto") else { return };
    let other = "eu-west-1";
    let sqs = aws_sdk_sqs::Client::new(&sdk(&url, other));
    let name = unique("abroad");
    let (queue, _) = create(&sqs, &name, &[]).await;
    send(&sqs, &queue, 1).await;
    let role = "arn:aws:iam::444455556666:role/brokerscope";
    let both = json!({
        "regions": [REGION, other], "roles": [role], "external_id": "secret-word", "own_account": true,
        "cloudwatch": "off",
    });
    let snapshot = collector(&url, both).collect(now()).await.unwrap();
    assert_eq!(figure(&snapshot, &name, metrics::DEPTH), Some(1.0));
    let accounts = snapshot
        .entities
        .iter()
        .filter(|entity| entity.key.kind == EntityKind::Account);
    let mut accounts: Vec<_> = accounts.map(|entity| entity.key.path.join(" ")).collect();
    accounts.sort();
    let expected = [
        "123456789012 eu-west-1",
        "123456789012 us-east-1",
        "444455556666 eu-west-1",
        "444455556666 us-east-1",
    ];
    assert_eq!(accounts, expected);
    sqs.delete_queue().queue_url(queue).send().await.unwrap();
}

/// What a stand-in lacks is said, and hides nothing else.
#[tokio::test]
async fn aws_live_elasticmq_has_no_sns_and_that_is_said() {
    let Some(url) = address("elasticmq") else { return };
    let turns = std::sync::Arc::new(tokio::sync::Semaphore::new(1));
    let client = Client::new(None, REGION.into(), &sdk(&url, REGION), turns);
    let failure = client.topics().await.unwrap_err();
    assert!(!failure.is_about_the_place(), "{failure:?}");
    let snapshot = collector(&url, json!({"cloudwatch": "ages"}))
        .collect(now())
        .await
        .unwrap();
    assert!(
        snapshot
            .warnings
            .iter()
            .any(|warning| warning.text.contains("sns:ListTopics")),
        "{:?}",
        snapshot.warnings
    );
}
