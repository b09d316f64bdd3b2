//! Health checks, visits and what is said about a connection as a whole.

use brokerscope_contract::api::connections::Beat;
use brokerscope_contract::{
    Absence, CheckId, CheckResult, Cost, EntityKey, ServerInfo, Snapshot, Status, Timestamp, Warning, metrics,
};

use crate::harness::*;

fn check(status: Status, text: &str) -> CheckResult {
    CheckResult {
        entity: EntityKey::cluster(),
        check: CheckId("memory_alarm".into()),
        status,
        text: text.into(),
        absent: (status == Status::Unknown).then_some(Absence::NotPermitted),
    }
}

#[tokio::test]
async fn a_check_keeps_the_time_since_which_it_has_its_status_and_every_change() {
    let bench = Bench::new().await;
    let told = [
        (Status::Ok, "100 MB of 256 MB"),
        (Status::Ok, "120 MB of 256 MB"),
        (Status::Critical, "300 MB of 256 MB"),
        (Status::Unknown, "may not be asked"),
    ];
    for (minute, (status, text)) in (0..).zip(told) {
        let checks = vec![check(status, text)];
        bench
            .write(&Snapshot {
                checks,
                ..snapshot(MIDNIGHT + minute * MINUTE)
            })
            .await;
    }
    let bench = bench.reopen().await;
    bench
        .write(&Snapshot {
            checks: vec![check(Status::Unknown, "still not")],
            ..snapshot(MIDNIGHT + 9 * MINUTE)
        })
        .await;
    let now = bench.store.checks(bench.connection).await.unwrap().remove(0);
    assert_eq!(now.result, check(Status::Unknown, "still not"));
    assert_eq!(now.since, Timestamp(MIDNIGHT + 3 * MINUTE));
    assert_eq!(now.checked_at, Timestamp(MIDNIGHT + 9 * MINUTE));
    let history = bench.store.check_history(bench.connection, 10).await.unwrap();
    let changes: Vec<_> = history
        .iter()
        .map(|change| ((change.at.0 - MIDNIGHT) / MINUTE, change.status))
        .collect();
    assert_eq!(changes, [(3, Status::Unknown), (2, Status::Critical), (0, Status::Ok)]);
    assert_eq!(bench.store.check_history(bench.connection, 1).await.unwrap().len(), 1);
}

#[tokio::test]
async fn uptime_is_the_share_of_answered_visits() {
    let bench = Bench::new().await;
    assert_eq!(bench.store.uptime(bench.connection, Timestamp(0)).await.unwrap(), None);
    for minute in 0..4 {
        let at = Timestamp(MIDNIGHT + minute * MINUTE);
        if minute == 1 {
            let failed = Beat {
                at,
                status: Status::Critical,
                text: "refused".into(),
            };
            bench.store.write_failed_visit(bench.connection, &failed).await.unwrap();
        } else {
            // An answer that tells of an alarm is an answer.
            let beat = Beat {
                at,
                status: Status::Critical,
                text: "alarm".into(),
            };
            bench
                .store
                .write_snapshot(bench.connection, &snapshot(at.0), &beat)
                .await
                .unwrap();
        }
    }
    assert_eq!(
        bench.store.uptime(bench.connection, Timestamp(0)).await.unwrap(),
        Some(0.75)
    );
    let since = Timestamp(MIDNIGHT + 2 * MINUTE);
    assert_eq!(bench.store.uptime(bench.connection, since).await.unwrap(), Some(1.0));
    let beats = bench.store.beats(bench.connection, 3).await.unwrap();
    let texts: Vec<_> = beats.iter().map(|beat| beat.text.as_str()).collect();
    assert_eq!(texts, ["refused", "alarm", "alarm"]);
}

#[tokio::test]
async fn what_the_last_answer_said_stays_through_failures_and_restarts() {
    let bench = Bench::new().await;
    assert_eq!(
        bench.store.last_answer(bench.connection).await.unwrap(),
        Default::default()
    );
    let answer = Snapshot {
        server: ServerInfo {
            version: Some("4.3.6".into()),
            ..ServerInfo::default()
        },
        warnings: vec![Warning {
            reason: Absence::NotPermitted,
            metrics: vec![brokerscope_contract::metrics::DEPTH],
            entity: Some(queue("a")),
            text: "the login may not see it".into(),
            remedy: Some("add the tag \"monitoring\"".into()),
        }],
        cost: Cost {
            requests: 3,
            bytes: 4_096,
            seconds: 0.25,
        },
        ..snapshot(MIDNIGHT)
    };
    assert_eq!(bench.write(&answer).await.revision, 1);
    let failed = Beat {
        at: Timestamp(MIDNIGHT + MINUTE),
        status: Status::Critical,
        text: "refused".into(),
    };
    assert_eq!(
        bench.store.write_failed_visit(bench.connection, &failed).await.unwrap(),
        2
    );

    let bench = bench.reopen().await;
    let last = bench.store.last_answer(bench.connection).await.unwrap();
    assert_eq!(
        (last.revision, last.visited_at),
        (2, Some(Timestamp(MIDNIGHT + MINUTE)))
    );
    assert_eq!(last.answered_at, Some(Timestamp(MIDNIGHT)));
    assert_eq!(
        (last.server, last.warnings, last.cost),
        (answer.server, answer.warnings, answer.cost)
    );
    assert_eq!(bench.write(&snapshot(MIDNIGHT + 2 * MINUTE)).await.revision, 3);
}

#[tokio::test]
async fn a_visit_without_an_answer_is_a_measurement_even_the_first() {
    let bench = Bench::new().await;
    let fail = async |minute: i64| {
        let failed = Beat {
            at: Timestamp(MIDNIGHT + minute * MINUTE),
            status: Status::Critical,
            text: "refused".into(),
        };
        let written = bench
            .store
            .write_unanswered_visit(bench.connection, &failed)
            .await
            .unwrap();
        written.ids[&EntityKey::cluster()]
    };
    let cluster = fail(0).await;
    let up = bench
        .measure(MIDNIGHT + MINUTE, &EntityKey::cluster(), metrics::UP, 1.0)
        .await;
    assert_eq!((up, fail(2).await), (cluster, cluster));
    let points = [(0, 0.0), (1, 1.0), (2, 0.0)].map(|(minute, value)| (MIDNIGHT + minute * MINUTE, value));
    assert_eq!(bench.all_points(cluster, metrics::UP).await, points);
    // It was measured, but not seen.
    let seen = bench.store.entities(bench.connection).await.unwrap()[0].last_seen;
    assert_eq!(seen, Timestamp(MIDNIGHT + MINUTE));
}
