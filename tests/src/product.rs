//! The product as a user runs it: the real binary in a process of its own, with a data folder of its own.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use reqwest::Method;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tempfile::TempDir;

/// A running Brokerscope. Dropping it kills the process and removes the data.
pub struct Product {
    child: Child,
    /// `http://127.0.0.1:<port>`.
    pub url: String,
    data: TempDir,
    start: Start,
    log: Arc<Mutex<Vec<String>>>,
    http: reqwest::Client,
}

/// What the process is told on the command line.
#[derive(Debug, Clone)]
enum Start {
    /// Nothing is configured, and no demo takes the place of that.
    Empty,
    Config(PathBuf),
    /// As somebody starts it who has just got it.
    First,
    /// `brokerscope demo`, which keeps nothing.
    Demo,
}

impl Product {
    /// Starts with nothing configured, and without the demo.
    pub async fn start() -> Product {
        Product::launch(|_| Start::Empty).await
    }

    /// Starts with nothing configured, as on the first day: with the demo.
    pub async fn start_first() -> Product {
        Product::launch(|_| Start::First).await
    }

    /// Starts `brokerscope demo` with no folder named.
    pub async fn start_demo() -> Product {
        Product::launch(|_| Start::Demo).await
    }

    /// Starts with a configuration file of this text.
    pub async fn start_with(config: &str) -> Product {
        Product::launch(|data| {
            let file = data.join("brokerscope.toml");
            std::fs::write(&file, config).expect("the configuration is written");
            Start::Config(file)
        })
        .await
    }

    /// Starts on a disk of its own, of so many bytes: a RAM disk in a mount namespace that only the process sees
    /// and that ends with it. Only root may make one.
    pub async fn start_on_disk_of(bytes: u64) -> Product {
        let data = TempDir::new().expect("a temporary folder");
        std::fs::create_dir(data.path().join("data")).expect("an empty folder to mount on");
        let mut command = Command::new("unshare");
        command
            .args(["--mount", "sh", "-ec", ON_DISK])
            .arg(data.path().join("data"))
            .arg(format!("size={bytes}"));
        command.arg(binary());
        let (child, url, log) = spawn(command, data.path(), &Start::Empty);
        Product {
            child,
            url,
            data,
            start: Start::Empty,
            log,
            http: reqwest::Client::new(),
        }
    }

    /// The data folder as the process sees it, also when that is a disk of its own.
    pub fn inner_data_dir(&self) -> PathBuf {
        let path = self.data_dir();
        let inside = path.strip_prefix("/").expect("temporary folders have absolute paths");
        PathBuf::from(format!("/proc/{}/root", self.pid())).join(inside)
    }

    async fn launch(start: impl FnOnce(&Path) -> Start) -> Product {
        let data = TempDir::new().expect("a temporary folder");
        let start = start(data.path());
        let (child, url, log) = spawn(Command::new(binary()), data.path(), &start);
        Product {
            child,
            url,
            data,
            start,
            log,
            http: reqwest::Client::new(),
        }
    }

    /// Kills the process as `kill -9` does, and starts it again on the same data.
    pub fn kill_and_restart(&mut self) {
        self.child.kill().expect("the process was running");
        self.child.wait().expect("the process ended");
        let (child, url, log) = spawn(Command::new(binary()), self.data.path(), &self.start);
        (self.child, self.url, self.log) = (child, url, log);
    }

    /// The same for a process on a disk of its own, which ends with it: goes on with a copy of what is on that disk.
    pub fn kill_and_restart_on_copy(&mut self) {
        let stopped = Command::new("kill").args(["-STOP", &self.pid().to_string()]).status();
        assert!(stopped.is_ok_and(|status| status.success()), "the process stands still");
        for entry in std::fs::read_dir(self.inner_data_dir()).expect("the data folder is there") {
            let file = entry.expect("a file of the data folder");
            std::fs::copy(file.path(), self.data_dir().join(file.file_name())).expect("the file is copied");
        }
        self.kill_and_restart();
    }

    /// The process itself.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Everything the process has logged since its last start.
    pub fn log(&self) -> String {
        self.log.lock().expect("the log reader did not panic").join("\n")
    }

    /// The folder that holds everything of this product, also what it has made of its own accord.
    pub fn folder(&self) -> &Path {
        self.data.path()
    }

    /// Asks the process to end, as a terminal does, and waits until it has.
    pub fn interrupt(&mut self) {
        let asked = Command::new("kill").args(["-INT", &self.pid().to_string()]).status();
        assert!(asked.is_ok_and(|status| status.success()), "the process was running");
        let status = self.child.wait().expect("the process ended");
        assert!(status.success(), "{status}:\n{}", self.log());
    }

    /// The folder with the database and the key.
    pub fn data_dir(&self) -> PathBuf {
        self.data.path().join("data")
    }

    /// The answer to a GET, which must be a success.
    pub async fn get<T: DeserializeOwned>(&self, path: &str) -> T {
        let text = self.get_text(path).await;
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("GET {path}: {error} in {text}"))
    }

    /// The same as text.
    pub async fn get_text(&self, path: &str) -> String {
        let response = self
            .http
            .get(format!("{}{path}", self.url))
            .send()
            .await
            .expect("the product answers");
        let status = response.status();
        let text = response.text().await.expect("a whole body");
        assert!(status.is_success(), "GET {path}: {status} {text}");
        text
    }

    /// Sends `body` and returns the status with the answer, `Null` when it is empty.
    pub async fn send(&self, method: Method, path: &str, body: &Value) -> (u16, Value) {
        let (status, text) = self.send_for_text(method, path, body).await;
        (status, serde_json::from_str(&text).unwrap_or(Value::Null))
    }

    /// Sends `body` with POST; the answer, which must be a success, may be something else than one JSON value.
    pub async fn post_text(&self, path: &str, body: &Value) -> String {
        let (status, text) = self.send_for_text(Method::POST, path, body).await;
        assert!((200..300).contains(&status), "POST {path}: {status} {text}");
        text
    }

    async fn send_for_text(&self, method: Method, path: &str, body: &Value) -> (u16, String) {
        let request = self
            .http
            .request(method, format!("{}{path}", self.url))
            .header("x-brokerscope", "1")
            .json(body);
        let response = request.send().await.expect("the product answers");
        let status = response.status().as_u16();
        (status, response.text().await.expect("a whole body"))
    }

    /// Like [`Product::send`] with POST; the answer must be a success.
    pub async fn post(&self, path: &str, body: &Value) -> Value {
        let (status, answer) = self.send(Method::POST, path, body).await;
        assert!((200..300).contains(&status), "POST {path}: {status} {answer}");
        answer
    }
}

impl Drop for Product {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if std::thread::panicking() {
            eprintln!("--- the product's log ---\n{}\n---", self.log());
        }
    }
}

/// The binary that `cargo build -p brokerscope` made beside this test program.
pub fn binary() -> PathBuf {
    if let Some(path) = std::env::var_os("BROKERSCOPE_TEST_BINARY") {
        return PathBuf::from(path);
    }
    let program = std::env::current_exe().expect("this program has a path");
    let profile = program
        .parent()
        .and_then(Path::parent)
        .expect("target/<profile>/deps/<program>");
    let binary = profile.join("brokerscope");
    assert!(
        binary.exists(),
        "{} is missing: run `cargo build -p brokerscope` first",
        binary.display()
    );
    binary
}

/// Mounts a RAM disk on $0 with the options in $1, then becomes the program in the words that follow.
const ON_DISK: &str = r#"mount -t tmpfs -o "$1" tmpfs "$0"; shift; exec "$@""#;

fn spawn(mut command: Command, folder: &Path, start: &Start) -> (Child, String, Arc<Mutex<Vec<String>>>) {
    match start {
        // Its temporary folders are made in here, to be looked at.
        Start::Demo => command.arg("demo").env("TMPDIR", folder),
        _ => command.arg("serve").arg("--data-dir").arg(folder.join("data")),
    };
    command.args(["--listen", "127.0.0.1:0"]);
    match start {
        Start::Empty => command.arg("--no-demo"),
        Start::Config(file) => command.arg("--config").arg(file),
        Start::First | Start::Demo => &mut command,
    };
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary starts");
    let log = Arc::new(Mutex::new(Vec::new()));
    let stdout = child.stdout.take().expect("stdout is a pipe");
    let stderr = child.stderr.take().expect("stderr is a pipe");
    for stream in [Box::new(stdout) as Box<dyn std::io::Read + Send>, Box::new(stderr)] {
        let log = Arc::clone(&log);
        std::thread::spawn(move || {
            for line in BufReader::new(stream).lines().map_while(Result::ok) {
                log.lock().expect("the other reader did not panic").push(line);
            }
        });
    }
    let url = wait_for_address(&mut child, &log);
    (child, url, log)
}

/// The product says where it listens in one line that ends in the address.
fn wait_for_address(child: &mut Child, log: &Mutex<Vec<String>>) -> String {
    let deadline = Instant::now() + Duration::from_secs(30);
    loop {
        let lines = log.lock().expect("the readers did not panic").clone();
        let address = lines
            .iter()
            .find_map(|line| line.find("http://127.0.0.1:").map(|at| line[at..].to_string()));
        if let Some(address) = address {
            let end = address
                .find(|c: char| c.is_whitespace() || c == '"')
                .unwrap_or(address.len());
            return address[..end].trim_end_matches('/').to_string();
        }
        if let Ok(Some(status)) = child.try_wait() {
            panic!("the product ended with {status}:\n{}", lines.join("\n"));
        }
        assert!(
            Instant::now() < deadline,
            "no address within 30 s:\n{}",
            lines.join("\n")
        );
        std::thread::sleep(Duration::from_millis(30));
    }
}
