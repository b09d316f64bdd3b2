//! Which real brokers this run may use, and how to reach them.
//!
//! `BROKERSCOPE_TEST_BROKERS` lists them by name, as `cargo xtask test` does. A test whose broker is not listed
//! prints that it was not run; one whose broker is listed and missing fails.

use std::collections::{BTreeMap, HashMap};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

use serde::Deserialize;
use tokio::sync::{OwnedRwLockReadGuard, OwnedRwLockWriteGuard, RwLock};

/// Who uses which broker: many tests at once, or one alone that stops it.
static IN_USE: LazyLock<Mutex<HashMap<String, Arc<RwLock<()>>>>> = LazyLock::new(Mutex::default);

/// The contents of `.brokers/<name>/endpoints.json`, written by `cargo xtask brokers up`.
#[derive(Debug, Clone, Deserialize)]
pub struct Endpoints {
    #[serde(skip)]
    pub name: String,
    pub version: String,
    #[serde(default)]
    pub bootstrap: Vec<String>,
    #[serde(default)]
    pub amqp: Vec<String>,
    #[serde(default)]
    pub management: Vec<String>,
    #[serde(default)]
    pub prometheus: Vec<String>,
    /// RabbitMQ's stream protocol.
    #[serde(default)]
    pub stream: Vec<String>,
    /// Addresses of listeners with TLS or a login, by what they ask of a client.
    #[serde(default)]
    pub secured: BTreeMap<String, String>,
    /// Passwords by user, where there are several.
    #[serde(default)]
    pub users: BTreeMap<String, String>,
    #[serde(default)]
    pub certificates: Option<PathBuf>,
    #[serde(default)]
    pub node_pids: Vec<u32>,
    /// Held while a test uses the broker, so that none stops it meanwhile.
    #[serde(skip)]
    _use: Option<Use>,
}

#[derive(Debug, Clone)]
enum Use {
    Shared { _turn: Arc<OwnedRwLockReadGuard<()>> },
    Alone { _turn: Arc<OwnedRwLockWriteGuard<()>> },
}

/// The endpoints of the broker called `name`, or `None` when this run does not include it.
///
/// # Panics
/// When the run includes the broker and it is not there.
pub fn broker(name: &str) -> Option<Endpoints> {
    let mut endpoints = listed(name)?;
    let turn = waited_for(|| lock(name).try_read_owned().ok());
    endpoints._use = Some(Use::Shared { _turn: Arc::new(turn) });
    Some(endpoints)
}

/// The same for a test that stops the broker: it waits until no other test uses it, and the others wait for it.
pub fn broker_alone(name: &str) -> Option<Endpoints> {
    let mut endpoints = listed(name)?;
    let turn = waited_for(|| lock(name).try_write_owned().ok());
    endpoints._use = Some(Use::Alone { _turn: Arc::new(turn) });
    Some(endpoints)
}

fn lock(name: &str) -> Arc<RwLock<()>> {
    let mut locks = IN_USE.lock().expect("no panic while held");
    Arc::clone(locks.entry(name.to_string()).or_default())
}

/// Each test has a thread of its own, so that it may simply sleep until its turn has come.
fn waited_for<T>(turn: impl Fn() -> Option<T>) -> T {
    loop {
        if let Some(turn) = turn() {
            return turn;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn listed(name: &str) -> Option<Endpoints> {
    let listed = std::env::var("BROKERSCOPE_TEST_BROKERS").unwrap_or_default();
    if !listed.split(',').any(|entry| entry.trim() == name) {
        not_run(&format!(
            "needs the broker {name:?}; `cargo xtask test` starts it, or list it in BROKERSCOPE_TEST_BROKERS"
        ));
        return None;
    }
    let file = broker_folder(name).join("endpoints.json");
    let text = std::fs::read_to_string(&file)
        .unwrap_or_else(|error| panic!("{}: {error}; run `cargo xtask brokers up {name}`", file.display()));
    let mut endpoints: Endpoints = serde_json::from_str(&text).expect("endpoints.json is JSON of the known shape");
    endpoints.name = name.to_string();
    Some(endpoints)
}

/// Says that a test was not run, past the capture of its output: what is left out must be seen.
pub fn not_run(why: &str) {
    let test = std::thread::current().name().unwrap_or("a test").to_string();
    let _ = writeln!(std::io::stderr(), "not run: {test}: {why}");
}

/// Where `cargo xtask brokers` keeps what belongs to the broker called `name`.
pub fn broker_folder(name: &str) -> PathBuf {
    workspace().join(".brokers").join(name)
}

/// The root of the workspace.
pub fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("the tests are a folder of the workspace")
        .to_path_buf()
}
