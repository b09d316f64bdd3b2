//! Each check on clusters that pass it and that do not.

use super::super::wire::{Broker, ConfigValue, Topic};
use super::*;

/// Brokers 1 to 3, of which those listed are alive, and one topic with these (leader, replicas, in sync).
fn cluster(listed: &[i32], partitions: &[(Option<i32>, &[i32], &[i32])]) -> Metadata {
    let broker = |id: &i32| Broker {
        id: *id,
        host: format!("kafka-{id}"),
        port: 9092,
        rack: None,
    };
    let partition = |(id, (leader, replicas, isr)): (i32, &(Option<i32>, &[i32], &[i32]))| Partition {
        id,
        leader: *leader,
        replicas: replicas.to_vec(),
        isr: isr.to_vec(),
    };
    Metadata {
        brokers: listed.iter().map(broker).collect(),
        topics: vec![Topic {
            name: "orders".into(),
            trouble: None,
            partitions: (0..).zip(partitions).map(partition).collect(),
        }],
    }
}

fn min_isr_of(value: &str) -> BTreeMap<String, Result<TopicConfig, Trouble>> {
    let value = ConfigValue {
        value: value.into(),
        own: false,
    };
    let config = TopicConfig {
        entries: [("min.insync.replicas".to_string(), value)].into(),
    };
    [("orders".to_string(), Ok(config))].into()
}

fn with_controller() -> Result<Cluster, Trouble> {
    Ok(Cluster {
        controller: Some(1),
        ..Cluster::default()
    })
}

fn statuses(metadata: &Metadata, configs: &BTreeMap<String, Result<TopicConfig, Trouble>>) -> BTreeMap<String, Status> {
    results(metadata, &with_controller(), &Offsets::default(), configs)
        .into_iter()
        .map(|result| {
            let node = result.entity.path.first().cloned().unwrap_or_default();
            (format!("{}{node}", result.check.0), result.status)
        })
        .collect()
}

#[test]
fn a_sound_cluster_passes_everything() {
    let metadata = cluster(
        &[1, 2, 3],
        &[(Some(1), &[1, 2, 3], &[1, 2, 3]), (Some(2), &[2, 3, 1], &[3, 1, 2])],
    );
    for (check, status) in statuses(&metadata, &min_isr_of("2")) {
        assert_eq!(status, Status::Ok, "{check}");
    }
}

#[test]
fn each_fault_shows_in_its_own_check() {
    for (name, metadata, min, check, expected) in [
        (
            "no leader",
            cluster(&[1, 2], &[(None, &[1], &[])]),
            "1",
            OFFLINE,
            Status::Critical,
        ),
        (
            "out of sync",
            cluster(&[1, 2], &[(Some(1), &[1, 2], &[1])]),
            "1",
            UNDER_REPLICATED,
            Status::Warning,
        ),
        (
            "below the minimum",
            cluster(&[1, 2], &[(Some(1), &[1, 2], &[1])]),
            "2",
            BELOW_MIN_ISR,
            Status::Critical,
        ),
        (
            "the minimum is never above the replicas",
            cluster(&[1], &[(Some(1), &[1], &[1])]),
            "2",
            BELOW_MIN_ISR,
            Status::Ok,
        ),
        (
            "led by another",
            cluster(&[1, 2], &[(Some(2), &[1, 2], &[1, 2])]),
            "1",
            PREFERRED_LEADERS,
            Status::Warning,
        ),
        (
            "a broker is gone",
            cluster(&[1, 2], &[(Some(1), &[1, 3], &[1])]),
            "1",
            "broker_reachable3",
            Status::Critical,
        ),
    ] {
        assert_eq!(statuses(&metadata, &min_isr_of(min))[check], expected, "{name}");
    }
}

#[test]
fn what_could_not_be_asked_is_unknown_and_not_ok() {
    let metadata = cluster(&[1], &[(Some(1), &[1], &[1])]);
    let silent = Err(Trouble::timed_out());
    let results = results(&metadata, &silent, &Offsets::default(), &BTreeMap::new());
    for check in [CONTROLLER, BELOW_MIN_ISR] {
        let result = results.iter().find(|result| result.check.0 == check).unwrap();
        assert_eq!(result.status, Status::Unknown, "{check}");
        assert!(result.absent.is_some(), "{check}");
    }
}

#[test]
fn a_listed_broker_that_does_not_answer_is_critical_and_named() {
    use super::super::client::Chunk;
    let metadata = cluster(&[1, 2], &[(Some(2), &[2], &[2])]);
    let chunk = Chunk {
        leader: 2,
        partitions: vec![("orders".into(), 0)],
    };
    let ends = Offsets::gather([(chunk, Err(Trouble::timed_out()))]);
    let results = results(&metadata, &with_controller(), &ends, &BTreeMap::new());
    let broker = |id: &str| results.iter().find(|result| result.entity.path == [id]).unwrap();
    assert_eq!(broker("1").status, Status::Ok);
    assert_eq!(broker("2").status, Status::Critical);
    assert!(broker("2").text.contains("kafka-2:9092"), "{}", broker("2").text);
}

#[test]
fn every_result_has_a_row_in_the_table() {
    let table: Vec<CheckId> = table().into_iter().map(|def| def.id).collect();
    let metadata = cluster(&[1], &[(Some(1), &[1], &[1])]);
    for result in results(&metadata, &with_controller(), &Offsets::default(), &BTreeMap::new()) {
        assert!(table.contains(&result.check), "{:?}", result.check);
    }
}
