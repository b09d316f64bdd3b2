//! Which of several servers' reports counts.

use serde_json::json;

use super::*;

fn jetstream(leader: &str, pending: u64, messages: u64, consumer_leader: &str) -> JetStream {
    serde_json::from_value(json!({
        "total": 1,
        "meta_cluster": {"leader": "a", "cluster_size": 3},
        "account_details": [{"name": "APP", "storage": 100, "reserved_storage": u64::MAX, "stream_detail": [{
            "name": "ORDERS", "created": "t1", "cluster": {"leader": leader}, "state": {"messages": messages},
            "consumer_detail": [{"name": "billing", "num_pending": pending, "cluster": {"leader": consumer_leader}}],
        }]}],
    }))
    .expect("the shape is right")
}

fn only(inventory: &Inventory) -> (&StreamView, &ConsumerView) {
    let stream = inventory.streams.values().next().expect("a stream");
    (stream, &stream.consumers["billing"])
}

#[test]
fn stream_and_consumer_are_each_taken_from_their_own_leader() {
    let answers = vec![
        ("a".into(), jetstream("b", 0, 7, "c")),
        ("b".into(), jetstream("b", 0, 10, "c")),
        ("c".into(), jetstream("b", 4, 8, "c")),
    ];
    for turn in 0..3 {
        let mut answers = answers.clone();
        answers.rotate_left(turn);
        let inventory = choose(answers, true);
        assert_eq!(inventory.streams.len(), 1, "three reports are one stream");
        let (stream, consumer) = only(&inventory);
        assert_eq!((stream.found.report.state.messages, stream.found.led), (10.0, true));
        assert_eq!((consumer.found.report.num_pending, consumer.found.led), (4.0, true));
        assert_eq!(
            inventory.accounts["APP"].storage, 300,
            "replicas count against the limit"
        );
        assert_eq!(inventory.accounts["APP"].limits.max_storage, -1, "unset is no limit");
        assert!(inventory.meta.as_ref().is_some_and(|meta| meta.led) && inventory.complete);
    }
}

#[test]
fn without_a_leader_nothing_counts_and_the_object_is_still_known() {
    for leader in ["", "d"] {
        let answers = vec![("a".into(), jetstream(leader, 3, 7, leader))];
        let inventory = choose(answers, true);
        let (stream, consumer) = only(&inventory);
        assert!(!stream.found.led && !consumer.found.led, "{leader:?}");
    }
}

#[test]
fn an_answer_with_fewer_accounts_than_there_are_is_not_complete() {
    let mut answer = jetstream("a", 0, 0, "a");
    answer.total = 2;
    let part = choose(vec![("a".into(), answer.clone())], true);
    assert!(!part.complete);
    assert_eq!(part.untold, 1, "and it is said how many are missing");
    answer.total = 1;
    assert!(choose(vec![("a".into(), answer.clone())], true).complete);
    assert!(!choose(vec![("a".into(), answer)], false).complete);
    assert!(!choose(Vec::new(), true).complete);
}

#[test]
fn a_remembered_configuration_is_not_of_a_namesake_that_was_made_later() {
    let mut configs = Configs::default();
    let with = |created: &str, subjects: Option<&str>| {
        let config = subjects.map(|subject| json!({"name": "ORDERS", "subjects": [subject]}));
        let stream = json!({"name": "ORDERS", "created": created, "config": config});
        let mut inventory = Inventory {
            complete: true,
            ..Inventory::default()
        };
        inventory.add("a", "APP", serde_json::from_value(stream).expect("a stream"));
        inventory
    };
    let subjects = |inventory: &Inventory| {
        let view = inventory.streams.values().next().expect("a stream");
        view.config.as_ref().map(|config| config.subjects.clone())
    };
    let mut first = with("t1", Some("orders.>"));
    assert_eq!(configs.fill_in(&mut first), 0);
    let mut second = with("t1", None);
    assert_eq!(
        (configs.fill_in(&mut second), subjects(&second)),
        (0, Some(vec!["orders.>".into()]))
    );
    let mut later = with("t2", None);
    assert_eq!((configs.fill_in(&mut later), subjects(&later)), (1, None));
}
