//! A disk that is really full: the page says so, what was stored stays, and storing goes on by itself.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use brokerscope_contract::api::connections::ConnectionView;
use brokerscope_contract::api::entities::Rows;
use brokerscope_contract::api::overview::Overview;
use brokerscope_contract::api::path;
use brokerscope_tests::brokers::{broker, not_run};
use brokerscope_tests::{Product, patience::eventually};
use serde_json::json;

const MEGABYTE: u64 = 1024 * 1024;
const INTERVAL: Duration = Duration::from_secs(5);

#[tokio::test]
async fn a_full_disk_shows_a_banner_keeps_serving_and_recovers() {
    let Some(rabbit) = broker("rabbitmq") else { return };
    if !may_mount() {
        return not_run("only root may mount a small disk");
    }
    let mut product = Product::start_on_disk_of(12 * MEGABYTE).await;
    let settings = json!({"management_urls": rabbit.management, "user": "guest", "password": "guest",
        "interval_seconds": INTERVAL.as_secs()});
    let body = json!({"name": "rabbit", "system": "rabbitmq", "settings": settings});
    let created = product.post(path::CONNECTIONS, &body).await;
    let connection = format!("{}/{}", path::CONNECTIONS, created["id"]);
    let nodes = format!("{}?internal=true", path::DESTINATIONS);
    eventually("the broker's exchanges are stored", 40, || async {
        let rows: Rows = product.get(&nodes).await;
        (rows.page.total > 0).then_some(())
    })
    .await;

    let filler = product.inner_data_dir().join("filler");
    let filling = Filling::start(filler.clone());
    let banner = eventually("the overview says that the disk is full", 60, || async {
        let overview: Overview = product.get(path::OVERVIEW).await;
        overview.banners.into_iter().find(|banner| banner.kind == "disk_full")
    })
    .await;
    assert!(banner.remedy.contains("Free some space"), "{}", banner.remedy);
    let rows: Rows = product.get(&nodes).await;
    assert!(rows.page.total > 0, "what was stored is still served");

    // Several visits in a row meet the full disk, some with a few free bytes left by the one before.
    tokio::time::sleep(4 * INTERVAL).await;
    filling.stop();
    std::fs::remove_file(&filler).unwrap();
    eventually("the banner is gone", 60, || async {
        let overview: Overview = product.get(path::OVERVIEW).await;
        overview.banners.is_empty().then_some(())
    })
    .await;
    let before: ConnectionView = product.get(&connection).await;
    eventually("visits are stored again", 30, || async {
        let now: ConnectionView = product.get(&connection).await;
        (now.revision > before.revision).then_some(())
    })
    .await;

    let stored: ConnectionView = product.get(&connection).await;
    product.kill_and_restart_on_copy();
    let found: ConnectionView = product.get(&connection).await;
    assert!(
        found.revision >= stored.revision,
        "of {} visits that were said to be stored {} are on the disk",
        stored.revision,
        found.revision
    );
}

/// Whether a mount namespace and a RAM disk can be had here.
fn may_mount() -> bool {
    let status = std::process::Command::new("unshare")
        .args(["--mount", "sh", "-ec", "mount -t tmpfs -o size=64k tmpfs /mnt"])
        .status();
    status.is_ok_and(|status| status.success())
}

/// Takes what gets free on a disk, again and again.
struct Filling {
    wanted: Arc<AtomicBool>,
    thread: std::thread::JoinHandle<()>,
}

impl Filling {
    /// The disk is full when this returns.
    fn start(path: PathBuf) -> Filling {
        std::fs::File::create(&path).unwrap();
        fill(&path);
        let wanted = Arc::new(AtomicBool::new(true));
        let more = Arc::clone(&wanted);
        let thread = std::thread::spawn(move || {
            while more.load(Ordering::Relaxed) {
                fill(&path);
                std::thread::sleep(Duration::from_millis(100));
            }
        });
        Filling { wanted, thread }
    }

    fn stop(self) {
        self.wanted.store(false, Ordering::Relaxed);
        self.thread.join().unwrap();
    }
}

/// Adds zeros until no byte fits any more.
fn fill(path: &Path) {
    use std::io::Write;
    let mut file = std::fs::File::options().append(true).open(path).unwrap();
    for size in [64 * 1024, 512, 1] {
        let block = vec![0; size];
        while file.write_all(&block).is_ok() {}
    }
}
