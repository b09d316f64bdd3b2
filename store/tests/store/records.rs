//! Connections, judgements, rules, alerts, settings, audit: what goes in comes out.

use brokerscope_contract::connection::Origin;
use brokerscope_contract::entity::EntityRef;
use brokerscope_contract::{
    Absence, Alert, AlertState, Comparison, EntityId, EntityKind, Judgement, Rule, RuleId, Scope, Severity, System,
    Timestamp, Verdict, metrics,
};
use brokerscope_store::{Store, StoreError, StoreOptions};

use crate::harness::*;

#[tokio::test]
async fn a_connection_is_added_changed_and_found_again() {
    let bench = Bench::new().await;
    let new = new_connection("kafka");
    let mut stored = bench.store.add_connection(&new).await.unwrap();
    assert_eq!(
        (&stored.name, &stored.settings, &stored.sealed),
        (&new.name, &new.settings, &new.sealed)
    );
    stored.name = "kafka, renamed".into();
    stored.system = System::Kafka;
    stored.origin = Origin::File;
    stored.paused = true;
    stored.sealed = None;
    bench.store.update_connection(&stored).await.unwrap();
    let bench = bench.reopen().await;
    assert_eq!(bench.store.connection(stored.id).await.unwrap(), Some(stored.clone()));
    assert_eq!(bench.store.connections().await.unwrap().len(), 2);

    let taken = bench.store.add_connection(&new_connection("rabbit")).await;
    assert!(matches!(taken, Err(StoreError::NameTaken(name)) if name == "rabbit"));
    stored.name = "rabbit".into();
    assert!(matches!(
        bench.store.update_connection(&stored).await,
        Err(StoreError::NameTaken(_))
    ));
    stored.id.0 = 99;
    stored.name = "nobody".into();
    assert!(matches!(
        bench.store.update_connection(&stored).await,
        Err(StoreError::NotFound(_))
    ));
    assert!(matches!(
        bench.store.delete_connection(stored.id).await,
        Err(StoreError::NotFound(_))
    ));
}

#[tokio::test]
async fn judgements_are_kept_for_entities_that_exist() {
    let bench = Bench::new().await;
    let id = bench.measure(MIDNIGHT, &queue("a"), metrics::DEPTH, 1.0).await;
    let stalled = Judgement::new(Verdict::Stalled, "nothing moves", Timestamp(MIDNIGHT));
    let unknown = Judgement::unknown(Absence::Stale, "too old", Timestamp(MIDNIGHT));
    bench.store.save_judgements(&[(id, stalled)]).await.unwrap();
    bench
        .store
        .save_judgements(&[(id, unknown.clone()), (EntityId(999), unknown.clone())])
        .await
        .unwrap();
    let bench = bench.reopen().await;
    assert_eq!(bench.store.judgements(bench.connection).await.unwrap(), [(id, unknown)]);
}

#[tokio::test]
async fn rules_get_an_id_and_keep_it() {
    let bench = Bench::new().await;
    let mut rule = Rule {
        id: RuleId(0),
        name: "deep <b>queue</b>".into(),
        metric: metrics::DEPTH,
        scope: Scope {
            name_pattern: Some("orders*".into()),
            ..Scope::default()
        },
        comparison: Comparison::Above,
        fire: 100.5,
        clear: 50.0,
        for_seconds: 60,
        keep_firing_seconds: 0,
        severity: Severity::Critical,
        enabled: true,
        origin: Origin::Page,
    };
    rule.id = bench.store.save_rule(&rule).await.unwrap();
    rule.fire = 200.0;
    assert_eq!(bench.store.save_rule(&rule).await.unwrap(), rule.id);
    assert_eq!(bench.store.rules().await.unwrap(), [rule.clone()]);
    bench.store.delete_rule(rule.id).await.unwrap();
    assert!(matches!(
        bench.store.delete_rule(rule.id).await,
        Err(StoreError::NotFound(_))
    ));
    assert!(matches!(
        bench.store.save_rule(&rule).await,
        Err(StoreError::NotFound(_))
    ));
    let next = bench
        .store
        .save_rule(&Rule {
            id: RuleId(0),
            ..rule.clone()
        })
        .await
        .unwrap();
    assert!(next > rule.id, "the id of a deleted rule is not given out again");
}

#[tokio::test]
async fn alerts_are_active_until_they_end() {
    let bench = Bench::new().await;
    let alert = |fired: i64| Alert {
        id: 0,
        rule: RuleId(1),
        rule_name: "deep".into(),
        metric: metrics::DEPTH,
        severity: Severity::Warning,
        state: AlertState::Firing,
        entity: EntityRef {
            id: EntityId(7),
            connection: bench.connection,
            kind: EntityKind::Queue,
            scope: "/".into(),
            name: "orders".into(),
        },
        connection_name: "rabbit".into(),
        active_at: Timestamp(fired),
        fired_at: Some(Timestamp(fired)),
        ended_at: None,
        value: Some(120.0),
        threshold: 100.0,
        sentence: "orders holds 120 messages".into(),
    };
    let ids = bench.store.save_alerts(&[alert(1), alert(2), alert(3)]).await.unwrap();
    assert_eq!(bench.store.active_alerts().await.unwrap().len(), 3);
    for (id, ended) in [(ids[1], 20), (ids[0], 30)] {
        let ended = Alert {
            id,
            ended_at: Some(Timestamp(ended)),
            state: AlertState::Resolved,
            ..alert(1)
        };
        assert_eq!(bench.store.save_alerts(&[ended]).await.unwrap(), [id]);
    }
    let active = bench.store.active_alerts().await.unwrap();
    assert_eq!(active, [Alert { id: ids[2], ..alert(3) }]);
    let ended: Vec<_> = bench
        .store
        .ended_alerts(9)
        .await
        .unwrap()
        .iter()
        .map(|alert| alert.id)
        .collect();
    assert_eq!(ended, [ids[0], ids[1]]);
    assert_eq!(bench.store.ended_alerts(1).await.unwrap().len(), 1);
}

#[tokio::test]
async fn settings_and_the_audit_log() {
    let bench = Bench::new().await;
    assert_eq!(bench.store.setting("webhook").await.unwrap(), None);
    bench.store.set_setting("webhook", b"one").await.unwrap();
    bench.store.set_setting("webhook", &[0, 255]).await.unwrap();
    assert_eq!(bench.store.setting("webhook").await.unwrap(), Some(vec![0, 255]));
    bench.store.delete_setting("webhook").await.unwrap();
    assert_eq!(bench.store.setting("webhook").await.unwrap(), None);

    bench
        .store
        .audit(Timestamp(1), "connection.add", "rabbit")
        .await
        .unwrap();
    bench
        .store
        .audit(Timestamp(2), "connection.delete", "rabbit")
        .await
        .unwrap();
    let log = bench.store.audit_log(1).await.unwrap();
    assert_eq!(
        (log[0].at, log[0].action.as_str(), log.len()),
        (Timestamp(2), "connection.delete", 1)
    );
}

#[tokio::test]
async fn a_second_store_on_the_same_file_is_refused() {
    let bench = Bench::new().await;
    let second = Store::open(&StoreOptions::new(bench.path())).await;
    assert!(matches!(second, Err(StoreError::InUse)));
}

#[tokio::test]
async fn a_closed_store_says_so() {
    let bench = Bench::new().await;
    bench.store.close().await;
    assert!(matches!(
        bench.store.set_setting("a", b"b").await,
        Err(StoreError::Closed)
    ));
    assert!(matches!(bench.store.setting("a").await, Err(StoreError::Closed)));
}

#[test]
fn every_answer_can_be_awaited_on_any_thread() {
    fn is_send<T: Send>(_: &T) {}
    fn check(store: &Store, rule: &Rule) {
        is_send(&store.save_judgements(&[]));
        is_send(&store.save_rule(rule));
        is_send(&store.save_alerts(&[]));
        is_send(&store.set_setting("", &[]));
        is_send(&store.delete_setting(""));
        is_send(&store.audit(Timestamp(0), "", ""));
        is_send(&store.lines(&[], Timestamp(0), Timestamp(0), 1));
        is_send(&store.top(metrics::DEPTH, 1));
        is_send(&store.housekeeping(Timestamp(0), &keep(0, 0)));
        is_send(&store.close());
    }
    let _ = check;
}
