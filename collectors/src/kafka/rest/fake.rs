//! A fake of an HTTP service: it answers from a table, and keeps what it was asked.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::{Client, Words, read};
use crate::given::Given;

/// Status and body by exact path.
type Answers = Arc<Mutex<HashMap<String, (u16, String)>>>;

pub struct Fake {
    pub url: String,
    answers: Answers,
    /// Path, and the header that logs in.
    asked: Arc<Mutex<Vec<(String, String)>>>,
    slow: Arc<Mutex<Option<(String, Duration)>>>,
    server: tokio::task::JoinHandle<()>,
}

impl Fake {
    pub async fn serving(answers: &[(&str, u16, &str)]) -> Fake {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let fake = Fake {
            url,
            answers: Arc::default(),
            asked: Arc::default(),
            slow: Arc::default(),
            server: tokio::spawn(async {}),
        };
        for (path, status, body) in answers {
            fake.set(path, *status, body);
        }
        let (answers, asked, slow) = (fake.answers.clone(), fake.asked.clone(), fake.slow.clone());
        let server = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(answer(stream, answers.clone(), asked.clone(), slow.clone()));
            }
        });
        Fake { server, ..fake }
    }

    pub fn set(&self, path: &str, status: u16, body: &str) {
        self.answers.lock().unwrap().insert(path.into(), (status, body.into()));
    }

    /// Paths that contain this are answered late.
    pub fn slow_down(&self, path: &str, by: Duration) {
        *self.slow.lock().unwrap() = Some((path.into(), by));
    }

    /// What was asked since the last call.
    pub fn asked(&self) -> Vec<(String, String)> {
        std::mem::take(&mut *self.asked.lock().unwrap())
    }

    /// Nobody listens there any more.
    pub fn stop(&self) {
        self.server.abort();
    }

    /// A client of it, with more settings by their keys.
    pub fn client(&self, words: &Words, more: &[(&str, &str)]) -> Client {
        let mut settings = json!({format!("{}urls", words.prefix): [self.url]});
        for (key, value) in more {
            settings[*key] = json!(value);
        }
        let settings = serde_json::from_value(settings).unwrap();
        let mut given = Given::new(&settings);
        let service = read(&mut given, words).unwrap();
        assert!(given.problems.is_empty());
        Client::new(&service).unwrap()
    }
}

/// A recorded answer of a real service.
pub fn recorded(file: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/kafka/testdata");
    std::fs::read_to_string(folder.join(file)).unwrap()
}

async fn answer(
    mut stream: TcpStream,
    answers: Answers,
    asked: Arc<Mutex<Vec<(String, String)>>>,
    slow: Arc<Mutex<Option<(String, Duration)>>>,
) {
    let mut head = Vec::new();
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        let mut some = [0; 2048];
        match stream.read(&mut some).await {
            Ok(n) if n > 0 => head.extend_from_slice(&some[..n]),
            _ => return,
        }
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let path = head.split(' ').nth(1).unwrap_or_default().to_string();
    let login = head.lines().find_map(|line| line.strip_prefix("authorization: "));
    asked
        .lock()
        .unwrap()
        .push((path.clone(), login.unwrap_or_default().to_string()));
    let late = slow
        .lock()
        .unwrap()
        .clone()
        .filter(|(part, _)| path.contains(part.as_str()));
    if let Some((_, by)) = late {
        tokio::time::sleep(by).await;
    }
    let not_found = (404, r#"{"error_code":404,"message":"HTTP 404 Not Found"}"#.to_string());
    let (status, body) = answers.lock().unwrap().get(&path).cloned().unwrap_or(not_found);
    let head = format!(
        "HTTP/1.1 {status} X\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    let _ = stream.write_all(&[head.as_bytes(), body.as_bytes()].concat()).await;
}
