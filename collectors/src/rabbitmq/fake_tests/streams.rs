//! Visits to brokers whose stream plugin tells, does not tell, or cannot for once.

use super::*;

fn readers(snapshot: &Snapshot) -> usize {
    let kinds = snapshot.entities.iter().map(|entity| entity.key.kind);
    kinds.filter(|kind| *kind == EntityKind::StreamConsumer).count()
}

fn reads(snapshot: &Snapshot) -> usize {
    let links = snapshot.links.as_deref().unwrap_or_default();
    links.iter().filter(|link| link.kind == LinkKind::Subscribes).count()
}

#[tokio::test]
async fn readers_of_streams_are_asked_for_although_nodes_do_not_tell_of_their_plugins() {
    let fake = Fake::broker("4.3.6").await;
    fake.set("/api/nodes", 500, "");
    let mut collector = fake.collector(own_prometheus(&fake));
    let snapshot = collector.collect(Timestamp(0)).await.expect("it answers");
    assert_eq!((readers(&snapshot), reads(&snapshot)), (1, 1));
    // Without the plugin nobody knows the question.
    fake.answers.lock().unwrap().remove("/api/stream/consumers");
    let snapshot = collector.collect(Timestamp(60_000)).await.expect("it answers");
    assert_eq!((readers(&snapshot), reads(&snapshot)), (0, 0));
    assert!(snapshot.complete.contains(&EntityKind::StreamConsumer));
}

#[tokio::test]
async fn readers_that_are_not_told_of_for_once_stand_and_other_clients_are_told_of_all_the_same() {
    let fake = Fake::broker("4.3.6").await;
    let mut collector = fake.collector(own_prometheus(&fake));
    let first = collector.collect(Timestamp(0)).await.expect("it answers");
    fake.set("/api/stream/publishers", 500, "");
    let second = collector.collect(Timestamp(60_000)).await.expect("it answers");
    assert!(
        !second.complete.contains(&EntityKind::StreamConsumer),
        "not told is not gone"
    );
    assert!(second.complete.contains(&EntityKind::Consumer));
    assert_eq!(reads(&second), reads(&first));
    let of = |snapshot: &Snapshot, kind| {
        snapshot
            .entities
            .iter()
            .filter(|entity| entity.key.kind == kind)
            .count()
    };
    for kind in [EntityKind::Consumer, EntityKind::Service] {
        assert_eq!(of(&second, kind), of(&first, kind), "{kind:?}");
    }
    let texts: Vec<_> = second.warnings.iter().map(|warning| warning.text.as_str()).collect();
    assert!(
        texts
            .iter()
            .any(|text| text.starts_with("Readers of streams cannot be shown.")),
        "{texts:?}"
    );
}
