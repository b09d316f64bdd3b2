//! Records the answers of a real broker for the tests without one.

use super::*;
use crate::kafka::wire::LogEnd;
use crate::kafka::{client, direct, offsets, recorded};

/// Writes what a broker answers about a small shop to `testdata/<BROKERSCOPE_RECORD>.json`, for the tests without a
/// broker. `BROKERSCOPE_RECORD_BROKER` names the broker as in BROKERSCOPE_TEST_BROKERS.
#[tokio::test]
async fn record() {
    let (Ok(name), Ok(from)) = (
        std::env::var("BROKERSCOPE_RECORD"),
        std::env::var("BROKERSCOPE_RECORD_BROKER"),
    ) else {
        return;
    };
    let bootstrap = broker(&from).expect("the broker to record is listed");
    let topics = ["shop.orders", "shop.orders.dlq", "shop.prices"];
    let protocols: &[&'static str] = if from.contains("3.9") {
        &["classic"]
    } else {
        &["classic", "consumer"]
    };
    // Who leads what decides what the loss of a node costs, so it is not left to chance.
    let placed: [&[&[i32]]; 3] = if from.contains("cluster") {
        [
            &[&[2, 3, 1], &[3, 1, 2], &[1, 2, 3]],
            &[&[3]],
            &[&[3, 1, 2], &[1, 2, 3]],
        ]
    } else {
        [&[&[1], &[1], &[1]], &[&[1]], &[&[1], &[1]]]
    };
    let [orders, dlq, prices] = placed.map(TopicReplication::Variable);
    let admin = admin(&bootstrap);
    let new = [
        NewTopic::new(topics[0], 3, orders).set("retention.ms", "86400000"),
        NewTopic::new(topics[1], 1, dlq),
        NewTopic::new(topics[2], 2, prices).set("cleanup.policy", "compact"),
    ];
    admin.create_topics(&new, &AdminOptions::new()).await.unwrap();
    produce(&bootstrap, topics[0], (0..60).map(|n| n % 3)).await;
    produce(&bootstrap, topics[1], [0; 4]).await;
    produce(&bootstrap, topics[2], [0, 0, 0, 1]).await;
    let members: Vec<BaseConsumer> = protocols
        .iter()
        .map(|protocol| {
            let consumer = consumer(&bootstrap, &format!("shop-{protocol}"), protocol);
            read_and_commit(&consumer, topics[0], 60, &[(0, 20), (1, 13)]);
            consumer
        })
        .collect();
    let gone = consumer(&bootstrap, "shop-gone", "classic");
    read_and_commit(&gone, topics[2], 4, &[(0, 1), (1, 0)]);
    drop(gone);
    if let Ok(pid) = std::env::var("BROKERSCOPE_RECORD_KILL") {
        std::process::Command::new("kill").args(["-9", &pid]).status().unwrap();
        let wait = std::env::var("BROKERSCOPE_RECORD_WAIT").map_or(0, |seconds| seconds.parse().unwrap());
        tokio::time::sleep(Duration::from_secs(wait)).await;
    }

    let config = crate::kafka::config::parse(&[("bootstrap_servers".to_string(), json!(bootstrap))].into())
        .ok()
        .unwrap();
    let client = client::Client::open(&config, client::Purpose::Visits).ok().unwrap();
    let wait = Duration::from_secs(4);
    let mut metadata = client.metadata(wait).await.unwrap();
    metadata
        .topics
        .retain(|topic| topic.name.starts_with("shop.") || topic.name == "__consumer_offsets");
    let names: Vec<String> = metadata.topics.iter().map(|topic| topic.name.clone()).collect();
    let direct = direct::Direct::new(config.clone());
    let mut groups = direct.groups(&metadata.brokers, wait).await;
    groups.groups.retain(|group| group.name.starts_with("shop-"));
    let chunks = offsets::chunks(&metadata, |_| true);
    let mut survey = direct.survey(&metadata.brokers, wait).await;
    for dir in survey
        .brokers
        .values_mut()
        .flatten()
        .flat_map(|broker| broker.log_dirs.iter_mut().flatten())
    {
        dir.replicas
            .retain(|replica| replica.topic.starts_with("shop.") || replica.topic == "__consumer_offsets");
        // Where the recording machine keeps its files is nobody's business.
        dir.path = "/var/lib/kafka".into();
    }
    let recorded = recorded::Recorded {
        cluster: direct.cluster(&metadata.brokers, true, wait).await,
        described: direct.describe(&metadata.brokers, &groups.groups, wait).await,
        committed: direct.committed(&metadata.brokers, &groups.groups, wait).await,
        ends: direct
            .offsets(&metadata.brokers, chunks.clone(), LogEnd::Latest, wait)
            .await,
        starts: direct.offsets(&metadata.brokers, chunks, LogEnd::Earliest, wait).await,
        configs: direct.topic_configs(&metadata.brokers, &names, wait).await,
        survey: Some(survey),
        groups,
        metadata,
    };
    let file = recorded::file(&name);
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::fs::write(&file, serde_json::to_string_pretty(&recorded).unwrap() + "\n").unwrap();
    drop(members);
    delete_topics(&bootstrap, &topics).await;
    let _ = admin
        .delete_groups(&["shop-classic", "shop-consumer", "shop-gone"], &AdminOptions::new())
        .await;
}
