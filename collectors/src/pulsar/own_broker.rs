//! A standalone of a test's own, on the same program as the shared one, to be killed and started again.

use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use serde_json::Value;

/// What is different from the shared broker, beside ports and folders.
#[derive(Default)]
pub struct Manner {
    /// Instead of the shared broker's, or beside them.
    pub settings: Vec<(&'static str, String)>,
    /// Of a super-user, where nobody may ask anything without.
    pub token: Option<String>,
    /// The functions worker runs in the broker, its functions on threads.
    pub functions: bool,
}

impl Manner {
    /// Nobody may ask anything without a token, and only the role of this one, `watcher`, everything.
    pub fn of_tokens(watcher: &str) -> Manner {
        Manner {
            settings: vec![
                ("anonymousUserRole", String::new()),
                ("superUserRoles", "watcher".into()),
                (
                    "brokerClientAuthenticationPlugin",
                    "org.apache.pulsar.client.impl.auth.AuthenticationToken".into(),
                ),
                ("brokerClientAuthenticationParameters", format!("token:{watcher}")),
            ],
            token: Some(watcher.to_owned()),
            functions: false,
        }
    }
}

/// The token that the shared broker `endpoints` was given for a role.
pub fn token_of(endpoints: &Value, role: &str) -> String {
    endpoints["users"][role].as_str().expect("a token").to_owned()
}

/// Brokers of one process have different folders.
static NUMBER: AtomicU32 = AtomicU32::new(0);

pub struct OwnBroker {
    pub web: String,
    /// Where clients connect.
    pub clients: String,
    token: Option<String>,
    folder: PathBuf,
    words: Vec<String>,
    child: Child,
}

impl OwnBroker {
    /// Started with the command line of the shared broker `endpoints`, other ports and another folder.
    pub async fn start(shared: &str, endpoints: &Value) -> OwnBroker {
        OwnBroker::start_with(shared, endpoints, Manner::default()).await
    }

    pub async fn start_with(shared: &str, endpoints: &Value, manner: Manner) -> OwnBroker {
        let pid = endpoints["node_pids"][0].as_u64().expect("the shared broker's process");
        let line = std::fs::read(format!("/proc/{pid}/cmdline")).expect("the shared broker runs");
        let line = String::from_utf8(line).expect("a command line");
        let folder = std::env::temp_dir().join(format!(
            "brokerscope-{shared}-{}-{}",
            std::process::id(),
            NUMBER.fetch_add(1, Ordering::Relaxed)
        ));
        std::fs::create_dir_all(&folder).unwrap();
        let theirs = std::fs::read_link(format!("/proc/{pid}/cwd")).expect("its folder");
        let listeners: Vec<TcpListener> = (0..3).map(|_| TcpListener::bind("127.0.0.1:0").unwrap()).collect();
        let ports: Vec<String> = listeners
            .iter()
            .map(|at| at.local_addr().unwrap().port().to_string())
            .collect();
        drop(listeners);
        let mut words: Vec<String> = line
            .split('\0')
            .filter(|word| !word.is_empty())
            .map(str::to_owned)
            .collect();
        let mut settings = String::new();
        for n in 1..words.len() {
            match words[n - 1].as_str() {
                "-c" => {
                    settings = std::fs::read_to_string(&words[n]).expect("its settings");
                    words[n] = folder.join("standalone.conf").display().to_string();
                }
                "--metadata-dir" => words[n] = folder.join("metadata").display().to_string(),
                "--bookkeeper-dir" => words[n] = folder.join("bookkeeper").display().to_string(),
                "--bookkeeper-port" => words[n].clone_from(&ports[2]),
                _ if words[n].starts_with("-Xmx") => words[n] = "-Xmx320m".into(),
                _ if words[n] == "-nfw" && manner.functions => {
                    let file = folder.join("functions_worker.yml");
                    std::fs::write(&file, worker(&folder)).unwrap();
                    words[n] = format!("--functions-worker-conf={}", file.display());
                }
                _ => {}
            }
        }
        let mut settings: Vec<String> = settings
            .lines()
            .filter_map(|line| match line.split_once('=') {
                Some(("brokerServicePort", _)) => Some(format!("brokerServicePort={}", ports[0])),
                Some(("webServicePort", _)) => Some(format!("webServicePort={}", ports[1])),
                // These are the shared broker's, and nothing here asks for them.
                Some(("brokerServicePortTls" | "webServicePortTls", _)) => None,
                Some((key, _)) if manner.settings.iter().any(|(other, _)| *other == key) => None,
                _ => Some(line.to_owned()),
            })
            .collect();
        settings.extend(manner.settings.iter().map(|(key, value)| format!("{key}={value}")));
        if manner.functions {
            settings.push("functionsWorkerEnabled=true".into());
        }
        std::fs::write(folder.join("standalone.conf"), settings.join("\n")).unwrap();
        std::fs::copy(theirs.join("log4j2.xml"), folder.join("log4j2.xml")).unwrap();
        let child = launch(&words, &folder);
        let broker = OwnBroker {
            web: format!("127.0.0.1:{}", ports[1]),
            clients: format!("127.0.0.1:{}", ports[0]),
            token: manner.token,
            folder,
            words,
            child,
        };
        broker.ready().await;
        broker
    }

    async fn ready(&self) {
        let url = format!("http://{}/admin/v2/", self.web);
        let http = reqwest::Client::new();
        let get = |path: &str| {
            let asked = http.get(format!("{url}{path}"));
            match &self.token {
                Some(token) => asked.bearer_auth(token).send(),
                None => asked.send(),
            }
        };
        for _ in 0..240 {
            let healthy = get("brokers/health").await;
            if healthy.is_ok_and(|answer| answer.status().is_success())
                && let Ok(listed) = get("namespaces/public").await
                && listed.text().await.is_ok_and(|text| text.contains("public/default"))
            {
                return;
            }
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
        let log = std::fs::read_to_string(self.folder.join("log")).unwrap_or_default();
        let end: Vec<&str> = log.lines().rev().take(20).collect();
        panic!("it does not get ready: {end:#?}");
    }

    /// As `kill -9` does.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// On the data that it left.
    pub async fn start_again(&mut self) {
        self.child = launch(&self.words, &self.folder);
        self.ready().await;
    }
}

fn launch(words: &[String], folder: &std::path::Path) -> Child {
    let log = std::fs::File::create(folder.join("log")).unwrap();
    let mut command = Command::new(&words[0]);
    command.args(&words[1..]).current_dir(folder).stdin(Stdio::null());
    command.stdout(log.try_clone().unwrap()).stderr(log);
    command.spawn().expect("Java starts")
}

/// The worker's own settings; what it needs to speak to the broker it takes from the broker's.
fn worker(folder: &std::path::Path) -> String {
    let folder = folder.display();
    format!(
        "workerId: own\nworkerHostname: 127.0.0.1\nworkerPort: 6750\n\
         pulsarFunctionsNamespace: public/functions\npulsarFunctionsCluster: standalone\n\
         functionMetadataTopicName: metadata\nclusterCoordinationTopicName: coordinate\n\
         functionAssignmentTopicName: assignments\nnumFunctionPackageReplicas: 1\n\
         downloadDirectory: {folder}/download\nconnectorsDirectory: {folder}/connectors\n\
         functionsDirectory: {folder}/functions\n\
         schedulerClassName: org.apache.pulsar.functions.worker.scheduler.RoundRobinScheduler\n\
         failureCheckFreqMs: 5000\nrescheduleTimeoutMs: 5000\nassignmentWriteMaxRetries: 60\n\
         instanceLivenessCheckFreqMs: 5000\ntopicCompactionFrequencySec: 1800\n\
         functionRuntimeFactoryClassName: org.apache.pulsar.functions.runtime.thread.ThreadRuntimeFactory\n\
         functionRuntimeFactoryConfigs:\n  threadGroupName: functions\n"
    )
}

impl Drop for OwnBroker {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();

        let _ = std::fs::remove_dir_all(&self.folder);
    }
}
