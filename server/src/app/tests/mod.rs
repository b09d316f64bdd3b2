//! The running server as a client meets it.

mod alerting;
mod answers;
mod connections;
mod shop;

use std::path::Path;
use std::time::Duration;

use brokerscope_contract::api::alerts::chart;
use brokerscope_contract::api::path;
use brokerscope_contract::connection::Origin;
use brokerscope_contract::entity::EntityRef;
use brokerscope_contract::{
    Alert, AlertState, ConnectionId, EntityId, EntityKind, Rule, RuleId, Settings, Severity, System, Timestamp, metrics,
};
use reqwest::{Client, Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{App, Options, StartError};
use crate::clock::Clock;
use crate::config::{Config, DeclaredConnection, DeclaredRule, WebhookConfig};
use crate::demo;
use crate::secrets::Key;

/// Noon of some day.
const NOW: Timestamp = Timestamp(1_700_000_000_000);

/// Nobody listens on the discard port, so nothing is ever learnt about this broker.
const BROKER: &str = "http://127.0.0.1:9";

const SECRET: &str = "correct-horse-battery-staple";

struct Running {
    app: App,
    client: Client,
    folder: TempDir,
}

fn options(folder: &Path) -> Options {
    Options {
        listen: "127.0.0.1:0".parse().unwrap(),
        data_dir: folder.to_path_buf(),
        config: Config::default(),
        insecure_no_login: false,
        allowed_hosts: Vec::new(),
        secret_key: None,
        clock: Clock::manual(NOW).0,
        demo: demo::Settings {
            when: demo::When::Never,
            otlp_endpoint: None,
        },
    }
}

async fn running() -> Running {
    let folder = tempfile::tempdir().unwrap();
    start(folder, |_| {}).await
}

async fn start(folder: TempDir, change: impl FnOnce(&mut Options)) -> Running {
    let mut options = options(folder.path());
    change(&mut options);
    let app = App::start(options).await.expect("the server starts");
    let client = Client::builder()
        .no_proxy()
        .no_gzip()
        .timeout(Duration::from_secs(20))
        .build()
        .unwrap();
    Running { app, client, folder }
}

impl Running {
    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client
            .request(method, format!("http://{}{path}", self.app.address()))
    }

    async fn get(&self, path: &str) -> (StatusCode, Value) {
        let response = self.request(Method::GET, path).send().await.unwrap();
        (response.status(), response.json().await.unwrap_or_default())
    }

    async fn delete(&self, path: &str) -> StatusCode {
        let request = self.request(Method::DELETE, path).header("x-brokerscope", "1");
        request.send().await.unwrap().status()
    }

    async fn send(&self, method: Method, path: &str, body: &Value) -> (StatusCode, Value) {
        let response = self.request(method, path).json(body).send().await.unwrap();
        (response.status(), response.json().await.unwrap_or_default())
    }

    async fn restart(self, change: impl FnOnce(&mut Options)) -> Running {
        self.app.shutdown().await;
        start(self.folder, change).await
    }
}

fn rabbit(name: &str) -> Value {
    json!({"name": name, "system": "rabbitmq",
        "settings": {"management_urls": [BROKER], "user": "watcher", "password": SECRET}})
}

#[tokio::test]
async fn a_start_that_cannot_be_is_explained_in_one_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let mut open = options(folder.path());
    open.listen = "0.0.0.0:0".parse().unwrap();
    let error = App::start(open).await.err().expect("refused");
    assert!(matches!(error, StartError::NotLoopback(_)) && error.to_string().contains("--insecure-no-login"));

    let server = running().await;
    let mut taken = options(folder.path());
    taken.listen = server.app.address();
    let error = App::start(taken).await.err().expect("refused");
    assert!(error.to_string().contains("--listen"), "{error}");

    let mut second = options(server.folder.path());
    second.listen = "127.0.0.1:0".parse().unwrap();
    let error = App::start(second).await.err().expect("refused");
    assert!(error.to_string().contains("in use by another Brokerscope"), "{error}");
}
