//! Traffic on a real Pulsar over its WebSocket service, and what its own statistics say of it.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

use crate::brokers::Endpoints;

/// A producer or consumer; dropping it closes the connection.
pub type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// `{"order":1}` in base64, which is how the WebSocket service wants it.
const PAYLOAD: &str = "eyJvcmRlciI6MX0=";

/// A namespace of its own on a broker.
pub struct Traffic {
    web: String,
    /// `tenant/namespace`.
    pub namespace: String,
    http: reqwest::Client,
}

impl Traffic {
    /// Creates `tenant/namespace`.
    pub async fn in_namespace(endpoints: &Endpoints, tenant: &str, namespace: &str) -> Traffic {
        let web = endpoints.management[0].trim_start_matches("http://").to_string();
        let traffic = Traffic {
            web,
            namespace: format!("{tenant}/{namespace}"),
            http: reqwest::Client::new(),
        };
        let settings = json!({"adminRoles": [], "allowedClusters": ["standalone"]});
        let (status, text) = traffic.send(Method::PUT, &format!("tenants/{tenant}"), &settings).await;
        assert!(status < 300 || status == 409, "{status} {text}");
        traffic
            .admin(Method::PUT, &format!("namespaces/{}", traffic.namespace), json!({}))
            .await;
        traffic
    }

    async fn send(&self, method: Method, path: &str, body: &Value) -> (u16, String) {
        let url = format!("http://{}/admin/v2/{path}", self.web);
        let mut request = self
            .http
            .request(method, url)
            .header("content-type", "application/json");
        if !body.is_null() {
            request = request.body(body.to_string());
        }
        let answer = request.send().await.expect("Pulsar answers");
        (answer.status().as_u16(), answer.text().await.unwrap_or_default())
    }

    /// An admin call that must succeed.
    pub async fn admin(&self, method: Method, path: &str, body: Value) -> String {
        let (status, text) = self.send(method, path, &body).await;
        assert!(status < 300, "{path}: {status} {text}");
        text
    }

    /// A topic with partitions, or without any for 0.
    pub async fn create(&self, topic: &str, partitions: u32) {
        let path = format!("persistent/{}/{topic}", self.namespace);
        match partitions {
            0 => self.admin(Method::PUT, &path, Value::Null).await,
            n => self.admin(Method::PUT, &format!("{path}/partitions"), json!(n)).await,
        };
    }

    /// A subscription that begins at the first message.
    pub async fn subscribe(&self, topic: &str, subscription: &str) {
        let path = format!("persistent/{}/{topic}/subscription/{subscription}", self.namespace);
        self.admin(Method::PUT, &path, Value::Null).await;
    }

    /// Sends `count` messages, each acknowledged, and stays connected.
    pub async fn produce(&self, topic: &str, producer: &str, count: usize) -> Socket {
        let path = format!("producer/persistent/{}/{topic}?producerName={producer}", self.namespace);
        let mut socket = self.connect(&path).await;
        for n in 0..count {
            say(&mut socket, json!({"payload": PAYLOAD, "key": format!("k{n}")})).await;
            let answer = hear(&mut socket).await;
            assert_eq!(answer["result"], "ok", "{answer}");
        }
        socket
    }

    /// Takes `count` messages of a Shared subscription and stays connected; `answer` is `ack`, `nack` or nothing.
    pub async fn consume(&self, topic: &str, subscription: &str, count: usize, answer: &str) -> Socket {
        let path = format!(
            "consumer/persistent/{}/{topic}/{subscription}?subscriptionType=Shared&consumerName={subscription}-1\
             &receiverQueueSize=5&maxRedeliverCount=1&negativeAckRedeliveryDelay=100",
            self.namespace
        );
        let mut socket = self.connect(&path).await;
        for _ in 0..count {
            let message = hear(&mut socket).await;
            let id = &message["messageId"];
            match answer {
                "ack" => say(&mut socket, json!({"messageId": id})).await,
                "nack" => say(&mut socket, json!({"type": "negativeAcknowledge", "messageId": id})).await,
                _ => {}
            }
        }
        socket
    }

    async fn connect(&self, path: &str) -> Socket {
        let url = format!("ws://{}/ws/v2/{path}", self.web);
        let connected = tokio_tungstenite::connect_async(&url).await;
        connected.unwrap_or_else(|error| panic!("{url}: {error}")).0
    }
}

async fn say(socket: &mut Socket, message: Value) {
    let sent = socket.send(Message::text(message.to_string())).await;
    sent.expect("it is sent");
}

async fn hear(socket: &mut Socket) -> Value {
    let wait = tokio::time::timeout(Duration::from_secs(20), socket.next());
    let message = wait.await.expect("a message in time").expect("the socket is open");
    let message = message.expect("a message");
    serde_json::from_str(message.to_text().expect("text")).expect("JSON")
}
