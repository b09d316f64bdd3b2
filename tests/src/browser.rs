//! A headless Chromium, driven over its DevTools protocol.

use std::collections::HashMap;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::stream::SplitSink;
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

use crate::brokers::not_run;
use crate::patience::eventually;

/// Chromium's profile and caches are thrown away with it; the network flags keep it from calling home.
const FLAGS: &[&str] = &[
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--remote-debugging-port=0",
];

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;
type Waiting = Arc<Mutex<HashMap<u64, oneshot::Sender<Value>>>>;

/// One browser with one page.
pub struct Browser {
    child: Child,
    _profile: TempDir,
    sink: tokio::sync::Mutex<SplitSink<Socket, Message>>,
    waiting: Waiting,
    errors: Arc<Mutex<Vec<String>>>,
    next_id: AtomicU64,
}

impl Browser {
    /// A browser with an empty page, or `None` when this run has none: the variable
    /// `BROKERSCOPE_TEST_CHROMIUM` names the program.
    pub async fn open() -> Option<Browser> {
        let Some(program) = std::env::var_os("BROKERSCOPE_TEST_CHROMIUM") else {
            not_run("needs Chromium; `cargo xtask test` finds it, or set BROKERSCOPE_TEST_CHROMIUM");
            return None;
        };
        let profile = TempDir::new().expect("a temporary folder");
        let child = Command::new(program)
            .args(FLAGS)
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .arg("about:blank")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("Chromium starts");
        let address = page_address(profile.path()).await;
        let (socket, _) = tokio_tungstenite::connect_async(address)
            .await
            .expect("Chromium takes a connection");
        let (sink, mut stream) = socket.split();
        let (waiting, errors) = (Waiting::default(), Arc::new(Mutex::new(Vec::new())));
        let (answers, complaints) = (Arc::clone(&waiting), Arc::clone(&errors));
        tokio::spawn(async move {
            while let Some(Ok(message)) = stream.next().await {
                let Message::Text(text) = message else { continue };
                let Ok(value) = serde_json::from_str::<Value>(&text) else {
                    continue;
                };
                if let Some(id) = value["id"].as_u64() {
                    if let Some(waiter) = answers.lock().expect("no panic while held").remove(&id) {
                        let _ = waiter.send(value);
                    }
                } else if let Some(complaint) = complaint(&value) {
                    complaints.lock().expect("no panic while held").push(complaint);
                }
            }
        });
        let browser = Browser {
            child,
            _profile: profile,
            sink: tokio::sync::Mutex::new(sink),
            waiting,
            errors,
            next_id: AtomicU64::new(1),
        };
        for domain in ["Page.enable", "Runtime.enable", "Log.enable"] {
            browser.call(domain, json!({})).await;
        }
        Some(browser)
    }

    /// One command of the DevTools protocol and its result.
    pub async fn call(&self, method: &str, params: Value) -> Value {
        let id = self.next_id.fetch_add(1, Ordering::Relaxed);
        let (sender, receiver) = oneshot::channel();
        self.waiting.lock().expect("no panic while held").insert(id, sender);
        let text = json!({"id": id, "method": method, "params": params}).to_string();
        self.sink
            .lock()
            .await
            .send(Message::Text(text.into()))
            .await
            .expect("Chromium listens");
        let answer = tokio::time::timeout(Duration::from_secs(90), receiver).await;
        let answer = answer
            .unwrap_or_else(|_| panic!("{method}: no answer in 90 s"))
            .expect("Chromium is alive");
        assert!(answer.get("error").is_none(), "{method}: {}", answer["error"]);
        answer["result"].clone()
    }

    /// Sets the size of the window in CSS pixels; below 600 wide it is a phone with touch.
    pub async fn resize(&self, width: u32, height: u32) {
        let phone = width < 600;
        let metrics = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": phone});
        self.call("Emulation.setDeviceMetricsOverride", metrics).await;
        self.call("Emulation.setTouchEmulationEnabled", json!({"enabled": phone}))
            .await;
    }

    pub async fn goto(&self, url: &str) {
        self.call("Page.navigate", json!({"url": url})).await;
    }

    /// The value of a JavaScript expression; promises are awaited.
    pub async fn eval(&self, expression: &str) -> Value {
        let params = json!({"expression": expression, "returnByValue": true, "awaitPromise": true});
        let result = self.call("Runtime.evaluate", params).await;
        assert!(
            result.get("exceptionDetails").is_none(),
            "{expression}: {}",
            result["exceptionDetails"]
        );
        result["result"]["value"].clone()
    }

    /// Waits until the page's visible text contains `text`, in any case.
    pub async fn see(&self, text: &str, seconds: u64) {
        let wanted = json!(text.to_lowercase());
        let script = format!("(document.body?.innerText ?? '').toLowerCase().includes({wanted})");
        eventually(&format!("the page shows {text:?}"), seconds, || async {
            self.eval(&script).await.as_bool().unwrap_or(false).then_some(())
        })
        .await;
    }

    /// Waits for an element and returns once it is there.
    pub async fn find(&self, selector: &str, seconds: u64) {
        let script = format!("document.querySelector({}) !== null", json!(selector));
        eventually(&format!("the page has {selector}"), seconds, || async {
            self.eval(&script).await.as_bool().unwrap_or(false).then_some(())
        })
        .await;
    }

    /// Scrolls to the first element that matches and clicks it as a person does.
    pub async fn click(&self, selector: &str) {
        self.find(selector, 10).await;
        let script = format!("document.querySelector({}).click()", json!(selector));
        self.eval(&script).await;
    }

    /// Clicks the first button or link whose text contains `text`.
    pub async fn click_text(&self, text: &str) {
        let script = format!(
            "(() => {{ const e = [...document.querySelectorAll('button,a,[role=button],label')]\
             .find(e => e.innerText.toLowerCase().includes({}) && e.offsetParent !== null); \
             if (e) e.click(); return !!e }})()",
            json!(text.to_lowercase())
        );
        eventually(&format!("there is a button or link {text:?}"), 10, || async {
            self.eval(&script).await.as_bool().unwrap_or(false).then_some(())
        })
        .await;
    }

    /// Replaces what an input holds by typing `text` into it.
    pub async fn fill(&self, selector: &str, text: &str) {
        self.find(selector, 10).await;
        let script = format!(
            "(() => {{ const e = document.querySelector({}); e.focus(); e.select() }})()",
            json!(selector)
        );
        self.eval(&script).await;
        self.call("Input.insertText", json!({"text": text})).await;
    }

    /// Presses one key, such as `Escape`, `Enter` or `?`, with `modifiers` as the protocol counts them (2 is Ctrl).
    pub async fn press(&self, key: &str, modifiers: u32) {
        let text = if key.chars().count() == 1 && modifiers == 0 {
            key
        } else {
            ""
        };
        // The browser's own reactions, such as closing a dialog, go by the key's number.
        let code = match key {
            "Escape" => 27,
            "Enter" => 13,
            _ => key.chars().next().map_or(0, |c| u32::from(c.to_ascii_uppercase())),
        };
        for kind in ["keyDown", "keyUp"] {
            let text = if kind == "keyDown" { text } else { "" };
            let event = json!({"type": kind, "key": key, "text": text, "modifiers": modifiers,
                "windowsVirtualKeyCode": code});
            self.call("Input.dispatchKeyEvent", event).await;
        }
    }

    /// Writes what the page looks like to a PNG file.
    pub async fn screenshot(&self, file: &Path) {
        let result = self.call("Page.captureScreenshot", json!({"format": "png"})).await;
        let decoded = decode_base64(result["data"].as_str().unwrap_or_default());
        if let Some(folder) = file.parent() {
            std::fs::create_dir_all(folder).expect("the folder of the picture");
        }
        std::fs::write(file, decoded).expect("the picture is written");
    }

    /// Errors that the page has logged so far.
    pub fn console_errors(&self) -> Vec<String> {
        self.errors.lock().expect("no panic while held").clone()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Chromium writes its port into its profile; the first page's socket address comes from there.
async fn page_address(profile: &Path) -> String {
    let file = profile.join("DevToolsActivePort");
    let port = eventually("Chromium writes its port", 60, || async {
        std::fs::read_to_string(&file).ok()?.lines().next()?.parse::<u16>().ok()
    })
    .await;
    eventually("Chromium has a page", 30, || async {
        let list = reqwest::get(format!("http://127.0.0.1:{port}/json/list")).await.ok()?;
        let list = serde_json::from_str::<Value>(&list.text().await.ok()?).ok()?;
        let page = list.as_array()?.iter().find(|target| target["type"] == "page")?;
        page["webSocketDebuggerUrl"].as_str().map(str::to_string)
    })
    .await
}

/// The text of an event that tells of an error on the page, if it is one.
fn complaint(event: &Value) -> Option<String> {
    let params = &event["params"];
    match event["method"].as_str()? {
        "Runtime.exceptionThrown" => Some(params["exceptionDetails"].to_string()),
        "Runtime.consoleAPICalled" if params["type"] == "error" => Some(params["args"].to_string()),
        "Log.entryAdded" if params["entry"]["level"] == "error" => Some(params["entry"].to_string()),
        _ => None,
    }
}

fn decode_base64(text: &str) -> Vec<u8> {
    let mut decoded = Vec::with_capacity(text.len() / 4 * 3);
    let (mut bits, mut held) = (0_u32, 0);
    for byte in text.bytes() {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => continue,
        };
        bits = (bits << 6) | u32::from(value);
        held += 6;
        if held >= 8 {
            held -= 8;
            decoded.push((bits >> held) as u8);
        }
    }
    decoded
}
