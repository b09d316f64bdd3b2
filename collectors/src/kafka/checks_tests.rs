//! Each check on clusters that pass it and that do not.

use super::super::wire::{Broker, ConfigValue, LogDir, Partition, Quorum, Topic, Voter};
use super::controllers::quorum;
use super::disks::log_directories;
use super::*;
use brokerscope_contract::Absence;

/// Leader, replicas and in-sync replicas.
type Given<'a> = (Option<i32>, &'a [i32], &'a [i32]);

/// Brokers 1 to 3, of which those listed are alive, and one topic with these partitions.
fn cluster(listed: &[i32], partitions: &[Given<'_>]) -> Metadata {
    let broker = |id: &i32| Broker {
        id: *id,
        host: format!("kafka-{id}"),
        port: 9092,
        rack: None,
    };
    let partition = |(id, (leader, replicas, isr)): (i32, &Given<'_>)| Partition {
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

fn results_of(
    metadata: &Metadata,
    cluster: &Result<Cluster, Trouble>,
    ends: &Offsets,
    configs: &BTreeMap<String, Result<TopicConfig, Trouble>>,
) -> Vec<CheckResult> {
    results(&Seen {
        metadata,
        cluster,
        ends,
        configs,
        survey: None,
        connect: &connect::Memory::default(),
        registry: &registry::Memory::default(),
    })
}

fn statuses(metadata: &Metadata, configs: &BTreeMap<String, Result<TopicConfig, Trouble>>) -> BTreeMap<String, Status> {
    results_of(metadata, &with_controller(), &Offsets::default(), configs)
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
    let results = results_of(&metadata, &silent, &Offsets::default(), &BTreeMap::new());
    for check in [CONTROLLER, BELOW_MIN_ISR] {
        let result = results.iter().find(|result| result.check.0 == check).unwrap();
        assert_eq!(result.status, Status::Unknown, "{check}");
        assert!(result.absent.is_some(), "{check}");
    }
}

#[test]
fn the_disks_of_a_broker_that_is_gone_are_unknown_and_not_as_they_were() {
    let metadata = cluster(&[1], &[(Some(1), &[1, 3], &[1])]);
    let survey = Survey {
        brokers: BTreeMap::new(),
        quorum: None,
    };
    let results = results(&Seen {
        metadata: &metadata,
        cluster: &with_controller(),
        ends: &Offsets::default(),
        configs: &BTreeMap::new(),
        survey: Some(&survey),
        connect: &connect::Memory::default(),
        registry: &registry::Memory::default(),
    });
    let disks: Vec<_> = results
        .iter()
        .filter(|result| result.check.0 == LOG_DIRECTORIES)
        .collect();
    let [gone] = disks[..] else { panic!("{disks:?}") };
    assert_eq!((gone.entity.name(), gone.status), ("3", Status::Unknown));
}

#[test]
fn a_listed_broker_that_does_not_answer_is_critical_and_named() {
    use super::super::offsets::Chunk;
    let metadata = cluster(&[1, 2], &[(Some(2), &[2], &[2])]);
    let chunk = Chunk {
        leader: 2,
        partitions: vec![("orders".into(), 0)],
    };
    let ends = Offsets::gather([(chunk, Err(Trouble::timed_out()))]);
    let results = results_of(&metadata, &with_controller(), &ends, &BTreeMap::new());
    let broker = |id: &str| results.iter().find(|result| *result.entity.path == [id]).unwrap();
    assert_eq!(broker("1").status, Status::Ok);
    assert_eq!(broker("2").status, Status::Critical);
    assert!(broker("2").text.contains("kafka-2:9092"), "{}", broker("2").text);
}

#[test]
fn every_result_has_a_row_in_the_table() {
    let table: Vec<CheckId> = table().into_iter().map(|def| def.id).collect();
    let metadata = cluster(&[1], &[(Some(1), &[1], &[1])]);
    for result in results_of(&metadata, &with_controller(), &Offsets::default(), &BTreeMap::new()) {
        assert!(table.contains(&result.check), "{:?}", result.check);
    }
}

fn voter(id: i32, caught_up_at_millis: Option<i64>) -> Voter {
    Voter {
        id,
        log_end: Some(0),
        caught_up_at_millis,
    }
}

#[test]
fn a_quorum_is_as_good_as_the_controllers_that_follow() {
    let now = Some(1_000_000);
    let late = Some(900_000);
    for (name, leader, voters, expected) in [
        ("alone", Some(1), vec![voter(1, now)], Status::Ok),
        (
            "all follow",
            Some(1),
            vec![voter(1, now), voter(2, now), voter(3, Some(999_000))],
            Status::Ok,
        ),
        (
            "one is late",
            Some(1),
            vec![voter(1, now), voter(2, now), voter(3, late)],
            Status::Warning,
        ),
        (
            "one has never followed",
            Some(1),
            vec![voter(1, now), voter(2, now), voter(3, None)],
            Status::Warning,
        ),
        (
            "two of three are late",
            Some(1),
            vec![voter(1, now), voter(2, late), voter(3, late)],
            Status::Critical,
        ),
        ("nobody leads", None, vec![voter(1, now)], Status::Critical),
    ] {
        assert_eq!(
            quorum(&Ok(Quorum { leader, voters }), Vendor::Kafka).status,
            expected,
            "{name}"
        );
    }
    let old = quorum(&Err(Trouble::new(35, "this broker does not offer it")), Vendor::Kafka);
    assert_eq!((old.status, old.absent), (Status::Unknown, Some(Absence::NotSupported)));
}

#[test]
fn log_directories_tell_of_broken_and_of_full_disks() {
    use super::super::wire::SurveyedBroker;
    let dir = |usable: Option<i64>, trouble: Option<Trouble>| LogDir {
        path: "/data".into(),
        trouble,
        total_bytes: usable.map(|_| 1_000),
        usable_bytes: usable,
        replicas: Vec::new(),
    };
    let broken = Trouble::new(56, "Disk error when trying to access log file on the disk");
    for (name, dirs, expected) in [
        ("roomy", Ok(vec![dir(Some(500), None)]), Status::Ok),
        (
            "the fullest counts",
            Ok(vec![dir(Some(500), None), dir(Some(80), None)]),
            Status::Warning,
        ),
        ("full", Ok(vec![dir(Some(10), None)]), Status::Critical),
        (
            "offline",
            Ok(vec![dir(Some(500), None), dir(None, Some(broken))]),
            Status::Critical,
        ),
        ("not told", Ok(vec![dir(None, None)]), Status::Ok),
        ("refused", Err(Trouble::new(31, "refused")), Status::Unknown),
    ] {
        let broker = SurveyedBroker {
            log_dirs: dirs,
            metadata_version: None,
            lacks: Vec::new(),
        };
        let survey = Survey {
            brokers: [(1, Ok(broker))].into(),
            ..Survey::default()
        };
        assert_eq!(
            log_directories(1, &survey, Vendor::Kafka).unwrap().status,
            expected,
            "{name}"
        );
        assert!(
            log_directories(2, &survey, Vendor::Kafka).is_none(),
            "nothing is said of a broker that was not asked"
        );
    }
}
