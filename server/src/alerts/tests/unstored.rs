//! Alerts while the store fails: nothing that changed is lost, and it is told once it is stored.

use brokerscope_store::{Store, StoreOptions};

use super::*;
use crate::alerts::Alerts;
use crate::events::Events;

/// A world whose visits are stored, and rules beside it whose own store can be made to fail.
async fn with_own_store(rule: Rule) -> (World, Alerts) {
    let world = World::new(System::RabbitMq).await;
    let (store, live) = (world.store.clone(), world.live.clone());
    let alerts = Alerts::load(store, live, Events::new(), world.webhook.clone())
        .await
        .unwrap();
    alerts.save(rule, START).await.unwrap();
    (world, alerts)
}

/// A visit after which no alert can be written.
async fn unstored(world: &mut World, alerts: &mut Alerts, depth: f64) {
    let folder = tempfile::tempdir().unwrap();
    let closed = Store::open(&StoreOptions::new(folder.path().join("closed.db")))
        .await
        .unwrap();
    closed.close().await;
    alerts.store = closed;
    depths(world, &[depth]).await;
    let _ = alerts.evaluate(world.id, world.now()).await;
    alerts.store = world.store.clone();
}

#[tokio::test]
async fn an_alert_and_its_end_are_stored_and_told_once_the_store_is_back() {
    let (url, mut hears) = receiver(&["200 OK", "200 OK"]).await;
    let (mut world, mut alerts) = with_own_store(rule(metrics::DEPTH, 100.0, 80.0, 0)).await;
    world.webhook.set(Some(url), START).await.unwrap();
    unstored(&mut world, &mut alerts, 120.0).await;
    assert_eq!(world.store.active_alerts().await.unwrap(), []);
    alerts.evaluate(world.id, world.now()).await.unwrap();
    let stored = world.store.active_alerts().await.unwrap();
    assert_eq!((stored.len(), stored[0].state), (1, AlertState::Firing));
    assert_eq!(stored, alerts.active());
    assert_eq!(hears.recv().await.unwrap().1["occasion"], "fired");

    unstored(&mut world, &mut alerts, 50.0).await;
    assert_eq!(ended(&world).await, []);
    alerts.evaluate(world.id, world.now()).await.unwrap();
    assert_eq!(world.store.active_alerts().await.unwrap(), []);
    assert_eq!(ended(&world).await[0].id, stored[0].id);
    assert_eq!(hears.recv().await.unwrap().1["occasion"], "resolved");
}

#[tokio::test]
async fn of_several_changes_that_could_not_be_stored_the_last_one_counts() {
    let pending = rule(metrics::DEPTH, 100.0, 80.0, 15);
    for (what, values, active, over) in [
        ("it fires by now", &[120.0, 130.0][..], Some(AlertState::Firing), 0),
        ("it ended meanwhile", &[120.0, 130.0, 50.0], None, 1),
        ("it never fired", &[120.0, 50.0], None, 0),
    ] {
        let (mut world, mut alerts) = with_own_store(pending.clone()).await;
        for depth in values {
            unstored(&mut world, &mut alerts, *depth).await;
        }
        for _ in 0..2 {
            alerts.evaluate(world.id, world.now()).await.unwrap();
        }
        let stored = world.store.active_alerts().await.unwrap();
        let states: Vec<_> = stored.iter().map(|alert| alert.state).collect();
        assert_eq!(states, Vec::from_iter(active), "{what}");
        assert_eq!(ended(&world).await.len(), over, "{what}");
    }
}
