//! Asks the admin API what there is in a project.

use reqwest::Url;
use serde::de::DeserializeOwned;

use super::client::Client;
use super::failure::{Asked, Failure};
use super::inventory::Listed;
use super::wire::{Page, Snapshot, Snapshots, Subscription, Subscriptions, Topic, Topics};

/// What each list needs.
pub const TOPICS: &str = "pubsub.topics.list";
pub const SUBSCRIPTIONS: &str = "pubsub.subscriptions.list";
pub const SNAPSHOTS: &str = "pubsub.snapshots.list";

/// The answers of one listing, each with its own fate.
pub struct Listing {
    pub topics: Result<Listed<Topic>, Failure>,
    pub subscriptions: Result<Listed<Subscription>, Failure>,
    pub snapshots: Result<Vec<Snapshot>, Failure>,
}

/// Never fails as a whole; the result is one for the sake of a [`crate::budget::Budget`].
pub async fn ask(client: &Client, root: &Url, project: &str) -> Result<Listing, Failure> {
    let (topics, subscriptions, snapshots) = tokio::join!(
        list::<Topics>(client, root, project, ("topics", TOPICS)),
        list::<Subscriptions>(client, root, project, ("subscriptions", SUBSCRIPTIONS)),
        list::<Snapshots>(client, root, project, ("snapshots", SNAPSHOTS)),
    );
    Ok(Listing {
        topics,
        subscriptions,
        snapshots: snapshots.map(|listed| listed.items),
    })
}

/// One list. When Google loses its place in it, because it changed, it is read once more from the beginning.
pub async fn list<P: Page + DeserializeOwned>(
    client: &Client,
    root: &Url,
    project: &str,
    (what, permission): (&str, &'static str),
) -> Result<Listed<P::Item>, Failure> {
    let mut url = root.clone();
    url.set_path(&format!("{}v1/projects/{project}/{what}", root.path()));
    url.query_pairs_mut().append_pair("pageSize", "1000");
    let asked = Asked { project, permission };
    let answer = match client.ask_all::<P>(&url, asked).await {
        Err(Failure::Paging(_)) => client.ask_all::<P>(&url, asked).await,
        answer => answer,
    };
    let (items, pages) = answer?;
    Ok(Listed { items, pages })
}
