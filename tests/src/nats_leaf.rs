//! A hub and a leaf node of a test's own, each with a JetStream domain: the shared servers have neither.

use std::net::TcpListener;
use std::process::{Child, Command, Stdio};

use async_nats::Client;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::brokers::{Endpoints, broker_folder};
use crate::patience::eventually;

/// One of the two; dropping it ends its process.
pub struct Server {
    child: Child,
    clients: String,
    /// The address of its monitoring port.
    pub monitoring: String,
    _folder: TempDir,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Hub and leaf, whose domains are called like that; with the program of a shared server.
pub fn hub_and_leaf(shared: &Endpoints) -> [Server; 2] {
    // Held together, so that no port is given twice, and let go before the servers take them.
    let listeners: Vec<TcpListener> = (0..5)
        .map(|_| TcpListener::bind("127.0.0.1:0").expect("a free port"))
        .collect();
    let ports: Vec<u16> = listeners
        .iter()
        .map(|listener| listener.local_addr().expect("it listens").port())
        .collect();
    drop(listeners);
    let hub = format!("listen: \"127.0.0.1:{}\"", ports[4]);
    let leaf = format!("remotes: [ {{ url: \"nats://127.0.0.1:{}\" }} ]", ports[4]);
    [
        start(shared, "hub", &ports[..2], &hub),
        start(shared, "leaf", &ports[2..4], &leaf),
    ]
}

fn start(shared: &Endpoints, name: &str, ports: &[u16], leafs: &str) -> Server {
    let folder = TempDir::new().expect("a temporary folder");
    let [clients, monitoring] = [ports[0], ports[1]].map(|port| format!("127.0.0.1:{port}"));
    let settings = format!(
        "server_name: {name}\nlisten: \"{clients}\"\nhttp: \"{monitoring}\"\nleafnodes {{ {leafs} }}\n\
         jetstream {{ domain: {name}, store_dir: \"{}\", max_memory_store: 16MB, max_file_store: 16MB }}\n",
        folder.path().join("store").display()
    );
    let file = folder.path().join("server.conf");
    std::fs::write(&file, settings).expect("the configuration is written");
    let programs = broker_folder(&shared.name).join("../go");
    let child = Command::new(programs.join(format!("nats-server-{}/nats-server", shared.version)))
        .arg("-c")
        .arg(&file)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the server starts");
    Server {
        child,
        clients,
        monitoring: format!("http://{monitoring}"),
        _folder: folder,
    }
}

impl Server {
    /// Creates a stream with these settings, once JetStream answers.
    pub async fn create_stream(&self, name: &str, mut settings: Value) {
        settings["name"] = json!(name);
        settings["storage"] = json!("memory");
        let subject = format!("$JS.API.STREAM.CREATE.{name}");
        eventually(&format!("stream {name} is made"), 60, || async {
            let client: Client = async_nats::connect(&self.clients).await.ok()?;
            let asked = client
                .request(subject.clone(), settings.to_string().into())
                .await
                .ok()?;
            let answer: Value = serde_json::from_slice(&asked.payload).ok()?;
            answer["error"].is_null().then_some(())
        })
        .await;
    }
}
