//! nats-servers of a test's own, to be stopped, started again and configured as it likes: the shared ones are left
//! alone.

use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

use super::live_tests::{endpoints, unique};

/// `sys` sees everything, `app` may do everything in its account, `watcher` has what the documentation asks for.
pub const ACCOUNTS: &str = r#"accounts {
  SYS { users: [ { user: sys, password: sys } ],
        imports: [ { stream: { account: APP, subject: "$JS.EVENT.ADVISORY.>" }, prefix: APP } ] }
  APP { jetstream: enabled, exports: [ { stream: "$JS.EVENT.ADVISORY.>", accounts: [SYS] } ],
        users: [ { user: app, password: app }, { user: watcher, password: watcher } ] }
}
system_account: SYS
"#;

pub struct OwnServers {
    program: PathBuf,
    folder: PathBuf,
    nodes: Vec<Node>,
}

struct Node {
    name: String,
    clients: u16,
    monitoring: u16,
    child: Option<Child>,
}

impl OwnServers {
    /// `count` servers that know each other, with accounts in NATS' own words. `None` when this run leaves NATS out.
    pub async fn start(count: usize, accounts: &str) -> Option<OwnServers> {
        let words = |n: usize, routes: &[u16]| {
            let peers = routes.iter().filter(|port| **port != routes[n]);
            let peers: Vec<String> = peers.map(|port| format!("\"nats://127.0.0.1:{port}\"")).collect();
            let (listen, peers) = (routes[n], peers.join(", "));
            let cluster = match count {
                1 => String::new(),
                _ => format!(
                    "server_tags: [\"own-{}\"]\n\
                     cluster {{ name: own, listen: \"127.0.0.1:{listen}\", routes: [{peers}] }}\n",
                    n + 1
                ),
            };
            format!("jetstream {{ store_dir: \"STORE\", max_memory_store: 64MB, max_file_store: 256MB }}\n{cluster}")
        };
        OwnServers::start_as(count, words, accounts).await
    }

    /// `count` servers of which each has words of its own; they are given its number and the ports on which one server
    /// may listen to others, and `STORE` in them is a folder of its own.
    pub async fn start_as(count: usize, words: impl Fn(usize, &[u16]) -> String, accounts: &str) -> Option<OwnServers> {
        let shared = endpoints("nats")?;
        let folder = std::env::temp_dir().join(unique("brokerscope-nats"));
        std::fs::create_dir_all(&folder).unwrap();
        // Held together, so that no port is given twice, and let go before the servers take them.
        let listeners: Vec<TcpListener> = (0..count * 3)
            .map(|_| TcpListener::bind("127.0.0.1:0").unwrap())
            .collect();
        let ports: Vec<u16> = listeners
            .iter()
            .map(|listener| listener.local_addr().unwrap().port())
            .collect();
        drop(listeners);
        let mut servers = OwnServers {
            program: shared["ctl"].as_str().expect("the program").into(),
            folder,
            nodes: Vec::new(),
        };
        let between: Vec<u16> = ports.chunks(3).map(|node| node[2]).collect();
        for (n, ports) in ports.chunks(3).enumerate() {
            let name = format!("own-{}", n + 1);
            let store = servers.folder.join(&name).display().to_string();
            let settings = format!(
                "server_name: {name}\nlisten: \"127.0.0.1:{}\"\nhttp: \"127.0.0.1:{}\"\n{}{accounts}",
                ports[0],
                ports[1],
                words(n, &between).replace("STORE", &store),
            );
            std::fs::write(servers.folder.join(format!("{name}.conf")), settings).unwrap();
            servers.nodes.push(Node {
                name,
                clients: ports[0],
                monitoring: ports[1],
                child: None,
            });
        }
        for n in 0..count {
            servers.launch(n);
        }
        for n in 0..count {
            servers.ready(n).await;
        }
        Some(servers)
    }

    fn launch(&mut self, n: usize) {
        let node = &mut self.nodes[n];
        let mut command = Command::new(&self.program);
        command.arg("-c").arg(self.folder.join(format!("{}.conf", node.name)));
        let log = std::fs::File::create(self.folder.join(format!("{}.log", node.name))).unwrap();
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log).spawn();
        node.child = Some(child.expect("nats-server starts"));
    }

    /// Until it is healthy, JetStream included.
    async fn ready(&self, n: usize) {
        let url = format!("http://127.0.0.1:{}/healthz", self.nodes[n].monitoring);
        for _ in 0..150 {
            if let Ok(answer) = reqwest::get(&url).await
                && answer.text().await.is_ok_and(|text| text.contains("\"ok\""))
            {
                return;
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        let log = std::fs::read_to_string(self.folder.join(format!("{}.log", self.nodes[n].name)));
        panic!("{} is not healthy: {}", self.nodes[n].name, log.unwrap_or_default());
    }

    /// As `kill -9` does.
    pub fn kill(&mut self, name: &str) {
        let node = self
            .nodes
            .iter_mut()
            .find(|node| node.name == name)
            .expect("a server of that name");
        let mut child = node.child.take().expect("it runs");
        child.kill().unwrap();
        child.wait().unwrap();
    }

    /// A server that hangs: it says nothing until it is woken, and then goes on where it was.
    pub fn pause(&self, name: &str) {
        self.signal(name, "-STOP");
    }

    pub fn wake(&self, name: &str) {
        self.signal(name, "-CONT");
    }

    fn signal(&self, name: &str, signal: &str) {
        let node = self.nodes.iter().find(|node| node.name == name);
        let child = node.and_then(|node| node.child.as_ref()).expect("it runs");
        let sent = Command::new("kill").args([signal, &child.id().to_string()]).status();
        assert!(sent.expect("kill runs").success());
    }

    /// The endpoints of one server alone.
    pub fn endpoints_of(&self, name: &str) -> Value {
        let all = self.endpoints();
        let n = self
            .nodes
            .iter()
            .position(|node| node.name == name)
            .expect("a server of that name");
        json!({"bootstrap": [all["bootstrap"][n]], "management": [all["management"][n]]})
    }

    /// A page of a server's monitoring port.
    pub async fn page(&self, name: &str, path: &str) -> Value {
        let root = self.endpoints_of(name)["management"][0].as_str().unwrap().to_string();
        let answer = reqwest::get(format!("{root}/{path}")).await.expect("it answers");
        answer.json().await.expect("JSON")
    }

    /// Starts a server that was killed, on the data that it left.
    pub async fn start_again(&mut self, name: &str) {
        let n = self
            .nodes
            .iter()
            .position(|node| node.name == name)
            .expect("a server of that name");
        self.launch(n);
        self.ready(n).await;
    }

    /// Replaces a part of every configuration, and has the running servers take it up.
    pub fn reconfigure(&self, before: &str, after: &str) {
        for node in &self.nodes {
            let file = self.folder.join(format!("{}.conf", node.name));
            let text = std::fs::read_to_string(&file).unwrap();
            assert!(text.contains(before), "{text}");
            std::fs::write(&file, text.replace(before, after)).unwrap();
            let pid = node.child.as_ref().expect("it runs").id();
            let signalled = Command::new(&self.program)
                .args(["--signal", &format!("reload={pid}")])
                .status();
            assert!(signalled.expect("nats-server starts").success());
        }
    }

    /// In the words of `cargo xtask brokers`.
    pub fn endpoints(&self) -> Value {
        let addresses = |port: fn(&Node) -> u16| -> Vec<String> {
            self.nodes
                .iter()
                .map(|node| format!("127.0.0.1:{}", port(node)))
                .collect()
        };
        let roots: Vec<String> = addresses(|node| node.monitoring)
            .iter()
            .map(|at| format!("http://{at}"))
            .collect();
        json!({"bootstrap": addresses(|node| node.clients), "management": roots})
    }
}

impl Drop for OwnServers {
    fn drop(&mut self) {
        for child in self.nodes.iter_mut().filter_map(|node| node.child.as_mut()) {
            // They may have ended already.
            let _ = child.kill();
            let _ = child.wait();
        }
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}
