//! The real broker's answers, with one of its topics repeated until there are as many as wanted.

use std::collections::HashMap;
use std::error::Error;
use std::fmt::Write;
use std::net::SocketAddr;
use std::sync::Arc;

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::real::{Real, TENANT};

/// By path, without what follows a question mark.
type Answers = HashMap<String, String>;

pub struct Replay {
    address: SocketAddr,
}

impl Replay {
    /// Asks `real` once for everything that a collector asks, enlarges it, and serves it from now on.
    pub async fn of(real: &Real, namespaces: usize, topics: usize) -> Result<Replay, Box<dyn Error>> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let mut answers = Answers::new();
        for path in [
            "brokers/version",
            "brokers/health",
            "brokers/leaderBroker",
            "bookies/all",
            "clusters",
            "broker-stats/load-report",
        ] {
            answers.insert(
                format!("/admin/v2/{path}"),
                real.get(&format!("admin/v2/{path}")).await?,
            );
        }
        let policies = real.get(&format!("admin/v2/namespaces/{TENANT}/n000")).await?;
        let stats: Value = serde_json::from_str(&real.get("admin/v2/broker-stats/topics").await?)?;
        let topic = one_topic(&stats)
            .ok_or("the broker has no topic to repeat")?
            .to_string();
        answers.insert("/admin/v2/brokers".into(), format!("[\"{address}\"]"));
        let names: Vec<String> = (0..namespaces).map(|n| format!("{TENANT}/n{n:03}")).collect();
        answers.insert(format!("/admin/v2/namespaces/{TENANT}"), serde_json::to_string(&names)?);
        let mut all = Vec::new();
        for (number, namespace) in names.iter().enumerate() {
            let local = (number..topics).step_by(namespaces);
            let of_this: Vec<String> = local.map(|n| format!("persistent://{namespace}/t{n:05}")).collect();
            let mut figures = String::new();
            for name in &of_this {
                let comma = if figures.is_empty() { "" } else { "," };
                write!(figures, "{comma}\"{name}\":{topic}")?;
            }
            all.push(format!(
                "\"{namespace}\":{{\"0x00000000_0xffffffff\":{{\"persistent\":{{{figures}}}}}}}"
            ));
            let path = format!("/admin/v2/namespaces/{namespace}");
            answers.insert(format!("{path}/topics"), serde_json::to_string(&of_this)?);
            answers.insert(path, policies.clone());
        }
        answers.insert("/admin/v2/broker-stats/topics".into(), format!("{{{}}}", all.join(",")));
        let answers = Arc::new(answers);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, answers.clone()));
            }
        });
        Ok(Replay { address })
    }

    pub fn root(&self) -> String {
        format!("http://{}", self.address)
    }
}

/// A topic of the benchmark's own, as the broker tells it.
fn one_topic(stats: &Value) -> Option<&Value> {
    let own = stats
        .as_object()?
        .iter()
        .find(|(namespace, _)| namespace.starts_with(TENANT))?;
    let bundle = own.1.as_object()?.values().next()?;
    let mut topics = bundle["persistent"].as_object()?.iter();
    topics.find(|(name, _)| !name.contains("/__")).map(|(_, topic)| topic)
}

/// Answers request after request on one connection.
async fn serve(mut stream: TcpStream, answers: Arc<Answers>) -> std::io::Result<()> {
    let mut head = Vec::new();
    let mut some = [0; 4096];
    loop {
        while !head.windows(4).any(|end| end == b"\r\n\r\n") {
            match stream.read(&mut some).await? {
                0 => return Ok(()),
                n => head.extend_from_slice(&some[..n]),
            }
        }
        let text = String::from_utf8_lossy(&head).into_owned();
        let path = text.split(' ').nth(1).unwrap_or_default();
        let path = path.split('?').next().unwrap_or_default();
        let (status, body) = match answers.get(path) {
            Some(body) => ("200 OK", body.as_str()),
            None => ("404 Not Found", ""),
        };
        let answer = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\n\r\n", body.len());
        stream.write_all(answer.as_bytes()).await?;
        stream.write_all(body.as_bytes()).await?;
        head.clear();
    }
}
