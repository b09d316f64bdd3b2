//! A virtual host of RabbitMQ for one test alone, made and removed with everything in it through the management API.

use reqwest::Method;
use serde_json::{Value, json};

use crate::brokers::Endpoints;

/// Call [`Vhost::delete`] at the end; a test that fails leaves it behind to look at.
pub struct Vhost {
    /// Needs no escaping.
    pub name: String,
    api: String,
    http: reqwest::Client,
}

impl Vhost {
    pub async fn create(endpoints: &Endpoints, name: &str) -> Vhost {
        let nanos = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .expect("the clock is right")
            .as_nanos();
        let vhost = Vhost {
            name: format!("{name}-{nanos}"),
            api: format!("{}/api", endpoints.management[0]),
            http: reqwest::Client::new(),
        };
        vhost
            .admin(Method::PUT, &format!("vhosts/{}", vhost.name), &json!({}))
            .await;
        vhost.permit("guest", ".*").await;
        vhost
    }

    /// Everything that matches `pattern` may be configured, written and read by `user`.
    pub async fn permit(&self, user: &str, pattern: &str) {
        let path = format!("permissions/{}/{user}", self.name);
        let body = json!({"configure": pattern, "write": pattern, "read": pattern});
        self.admin(Method::PUT, &path, &body).await;
    }

    /// `kind` is a part of the API's path before the virtual host, such as `queues` or `policies`.
    pub async fn put(&self, kind: &str, name: &str, body: &Value) {
        self.admin(Method::PUT, &format!("{kind}/{}/{name}", self.name), body)
            .await;
    }

    pub async fn post(&self, kind: &str, name: &str, body: &Value) {
        self.admin(Method::POST, &format!("{kind}/{}/{name}", self.name), body)
            .await;
    }

    pub async fn remove(&self, kind: &str, name: &str) {
        self.admin(Method::DELETE, &format!("{kind}/{}/{name}", self.name), &Value::Null)
            .await;
    }

    /// Defines a runtime parameter, such as a `shovel` or a `federation-upstream`.
    pub async fn define(&self, component: &str, name: &str, value: Value) {
        let path = format!("parameters/{component}/{}/{name}", self.name);
        self.admin(Method::PUT, &path, &json!({"value": value})).await;
    }

    pub async fn delete(&self) {
        self.admin(Method::DELETE, &format!("vhosts/{}", self.name), &Value::Null)
            .await;
    }

    /// What the broker itself answers; a request that it refuses fails the test.
    pub async fn admin(&self, method: Method, path: &str, body: &Value) -> Value {
        let (status, text) = self.ask(method.clone(), path, body).await;
        assert!((200..300).contains(&status), "{method} {path}: {status} {text}");
        serde_json::from_str(&text).unwrap_or(Value::Null)
    }

    pub async fn ask(&self, method: Method, path: &str, body: &Value) -> (u16, String) {
        let request = self
            .http
            .request(method, format!("{}/{path}", self.api))
            .basic_auth("guest", Some("guest"))
            .json(body);
        let response = request.send().await.expect("RabbitMQ answers");
        let status = response.status().as_u16();
        (status, response.text().await.expect("a whole body"))
    }
}
