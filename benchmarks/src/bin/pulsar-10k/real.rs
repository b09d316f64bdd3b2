//! The real broker, and the topics that are made on it.

use std::error::Error;
use std::path::Path;

use serde_json::{Value, json};
use tokio::task::JoinSet;

pub const TENANT: &str = "bench";
/// Topics that are made at the same time.
const AT_ONCE: usize = 16;

/// A standalone Pulsar.
#[derive(Clone)]
pub struct Real {
    web: String,
    http: reqwest::Client,
}

/// Host and port of the broker that `cargo xtask brokers up pulsar` started.
pub fn web_address() -> Result<String, Box<dyn Error>> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../.brokers/pulsar/endpoints.json");
    let text = std::fs::read_to_string(&file).map_err(|error| format!("{}: {error}", file.display()))?;
    let endpoints: Value = serde_json::from_str(&text)?;
    let web = endpoints["nodes"][0].as_str().ok_or("endpoints.json names no node")?;
    Ok(web.to_string())
}

impl Real {
    pub fn at(web: &str) -> Real {
        Real {
            web: web.into(),
            http: reqwest::Client::new(),
        }
    }

    pub fn root(&self) -> String {
        format!("http://{}", self.web)
    }

    /// The text at a path of the broker.
    pub async fn get(&self, path: &str) -> Result<String, reqwest::Error> {
        let answer = self.http.get(format!("{}/{path}", self.root())).send().await?;
        answer.error_for_status()?.text().await
    }

    /// Spreads topics over namespaces, each with a subscription. What is there already is left alone.
    pub async fn fill(&self, namespaces: usize, topics: usize) -> Result<(), Box<dyn Error>> {
        let tenant = json!({"adminRoles": [], "allowedClusters": ["standalone"]});
        self.put(&format!("tenants/{TENANT}"), &tenant).await?;
        for number in 0..namespaces {
            let bundles = json!({"bundles": {"numBundles": 1}});
            self.put(&format!("namespaces/{TENANT}/n{number:03}"), &bundles).await?;
        }
        let mut making = JoinSet::new();
        for number in 0..topics {
            while making.len() >= AT_ONCE {
                making.join_next().await.transpose()?.transpose()?;
            }
            let (real, namespace) = (self.clone(), number % namespaces);
            making.spawn(async move {
                let path = format!("persistent/{TENANT}/n{namespace:03}/t{number:05}");
                real.put(&path, &Value::Null).await?;
                real.put(&format!("{path}/subscription/reader"), &Value::Null).await
            });
            if number % 1_000 == 999 {
                eprintln!("{} topics made", number + 1);
            }
        }
        while let Some(made) = making.join_next().await {
            made??;
        }
        Ok(())
    }

    async fn put(&self, path: &str, body: &Value) -> Result<(), String> {
        let url = format!("{}/admin/v2/{path}", self.root());
        let mut request = self.http.put(url).header("content-type", "application/json");
        if !body.is_null() {
            request = request.body(body.to_string());
        }
        let status = request
            .send()
            .await
            .map_err(|error| format!("{path}: {error}"))?
            .status();
        // 409: it exists.
        match status.is_success() || status.as_u16() == 409 {
            true => Ok(()),
            false => Err(format!("{path}: {status}")),
        }
    }
}
