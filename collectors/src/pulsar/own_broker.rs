//! A standalone of a test's own, on the same program as the shared one, to be killed and started again.

use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::Value;

pub struct OwnBroker {
    pub web: String,
    folder: PathBuf,
    words: Vec<String>,
    child: Child,
}

impl OwnBroker {
    /// Started with the command line of the shared broker `endpoints`, other ports and another folder.
    pub async fn start(shared: &str, endpoints: &Value) -> OwnBroker {
        let pid = endpoints["node_pids"][0].as_u64().expect("the shared broker's process");
        let line = std::fs::read(format!("/proc/{pid}/cmdline")).expect("the shared broker runs");
        let line = String::from_utf8(line).expect("a command line");
        let folder = std::env::temp_dir().join(format!("brokerscope-{shared}-{}", std::process::id()));
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
                _ => {}
            }
        }
        let settings: Vec<String> = settings
            .lines()
            .filter_map(|line| match line.split_once('=') {
                Some(("brokerServicePort", _)) => Some(format!("brokerServicePort={}", ports[0])),
                Some(("webServicePort", _)) => Some(format!("webServicePort={}", ports[1])),
                // These are the shared broker's, and nothing here asks for them.
                Some(("brokerServicePortTls" | "webServicePortTls", _)) => None,
                _ => Some(line.to_owned()),
            })
            .collect();
        std::fs::write(folder.join("standalone.conf"), settings.join("\n")).unwrap();
        std::fs::copy(theirs.join("log4j2.xml"), folder.join("log4j2.xml")).unwrap();
        let child = launch(&words, &folder);
        let broker = OwnBroker {
            web: format!("127.0.0.1:{}", ports[1]),
            folder,
            words,
            child,
        };
        broker.ready().await;
        broker
    }

    async fn ready(&self) {
        let url = format!("http://{}/admin/v2/", self.web);
        for _ in 0..240 {
            let healthy = reqwest::get(format!("{url}brokers/health")).await;
            if healthy.is_ok_and(|answer| answer.status().is_success())
                && let Ok(listed) = reqwest::get(format!("{url}namespaces/public")).await
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

impl Drop for OwnBroker {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}
