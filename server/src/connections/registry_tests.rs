//! Changes whose request is gone before they are complete.

use std::time::Duration;

use brokerscope_contract::Settings;
use brokerscope_store::StoreOptions;
use serde_json::json;
use tempfile::TempDir;
use tokio::sync::mpsc;

use super::*;
use crate::clock::Hand;
use crate::secrets::Key;

struct Bench {
    connections: Arc<Connections>,
    /// One that is there already.
    id: ConnectionId,
    _hand: Hand,
    _folder: TempDir,
}

async fn bench() -> Bench {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&StoreOptions::new(folder.path().join("test.db")))
        .await
        .unwrap();
    let (clock, hand) = Clock::manual(brokerscope_contract::Timestamp(1_700_049_600_000));
    let live = Arc::new(Live::load(&store, clock.now()).await.unwrap());
    let vault = Vault::new(&Key::parse(&"a".repeat(64), "a test").unwrap()).unwrap();
    let (visits, _) = mpsc::channel(1);
    let runners = Supervisor::new(clock.as_fn(), visits);
    let connections = Arc::new(Connections::new(store, vault, live, Events::new(), clock, runners));
    let id = connections.add(&request("first")).await.unwrap();
    Bench {
        connections,
        id,
        _hand: hand,
        _folder: folder,
    }
}

fn request(name: &str) -> ConnectionRequest {
    ConnectionRequest {
        id: None,
        name: name.into(),
        system: System::RabbitMq,
        settings: Settings::from([
            ("management_urls".into(), json!(["http://127.0.0.1:9"])),
            ("user".into(), json!("brokerscope")),
            ("password".into(), json!("secret")),
        ]),
    }
}

impl Bench {
    /// Begins the change, goes away at once, and tells what is recorded and shown in the end.
    async fn abandoned<T>(&self, change: impl Future<Output = T>) -> (String, Vec<(String, bool)>) {
        let mut news = self.connections.events.subscribe();
        tokio::select! {
            biased;
            _ = change => panic!("it was to be gone before it was complete"),
            () = std::future::ready(()) => {}
        }
        tokio::time::timeout(Duration::from_secs(10), news.recv())
            .await
            .expect("what was begun is completed, and pages are told")
            .unwrap();
        let last = self.connections.store.audit_log(1).await.unwrap().remove(0);
        let shown = self.connections.live.connections(self.connections.clock.now());
        let shown = shown.into_iter().map(|view| (view.name, view.paused));
        (last.action, shown.collect())
    }
}

#[tokio::test]
async fn a_change_is_completed_also_when_who_asked_for_it_has_gone() {
    let shown = |all: &[(&str, bool)]| -> Vec<(String, bool)> {
        all.iter().map(|(name, paused)| ((*name).into(), *paused)).collect()
    };

    let bench = bench().await;
    let (all, id) = (&bench.connections, bench.id);
    let (action, now) = bench.abandoned(all.add(&request("second"))).await;
    assert_eq!(
        (action.as_str(), now),
        ("connection.add", shown(&[("first", false), ("second", false)]))
    );

    let (action, now) = bench.abandoned(all.update(id, &request("third"))).await;
    assert_eq!(
        (action.as_str(), now.contains(&("third".into(), false))),
        ("connection.change", true)
    );

    let (action, now) = bench.abandoned(all.pause(id, true)).await;
    assert_eq!(
        (action.as_str(), now.contains(&("third".into(), true))),
        ("connection.pause", true)
    );

    let (action, now) = bench.abandoned(all.delete(id)).await;
    assert_eq!(
        (action.as_str(), now),
        ("connection.delete", shown(&[("second", false)]))
    );
}
