//! The first steps: name lookup and whether anything answers in HTTP.

use std::time::Instant;

use reqwest::Url;

use crate::pubsub::client::{Client, place};
use crate::pubsub::config::Config;
use crate::steps::Steps;

/// Whether anything answers at an interface. Not the name lookup and TCP of their own: a proxy may do both.
///
/// The answer also tells Google's time, by which the login is signed.
pub async fn reach(config: &Config, client: &Client, root: &Url, steps: &Steps<'_>) -> bool {
    let (title, since) = (format!("Reach {}", place(root)), Instant::now());
    match client.send(client.http().get(root.clone()), &place(root)).await {
        Ok(_) if root.scheme() == "https" => {
            steps.pass(&title, "it answers, and its certificate is accepted", since);
            true
        }
        Ok(_) if matches!(config.credentials, crate::pubsub::credentials::Credentials::Anonymous) => {
            steps.pass(&title, "it answers", since);
            true
        }
        Ok(_) => {
            let detail = "it answers without encryption: the login can be read on the way";
            steps.limit(&title, detail, "Write the address with https://.", since);
            true
        }
        Err(failure) => {
            steps.fail(&title, &failure, since);
            false
        }
    }
}
