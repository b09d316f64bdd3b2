//! What an ordinary account may ask: JetStream's API, page by page, and who is logged in.

use std::collections::BTreeMap;

use futures_util::future::BoxFuture;
use futures_util::{FutureExt, StreamExt, stream};

use super::access::Access;
use super::config::Config;
use super::failure::Failure;
use super::leaders::{AccountUse, Inventory};
use super::wire::{AccountInfo, Consumer, ConsumerPage, Envelope, Refusal, Stream, StreamPage, UserInfo};

/// Streams whose consumers are listed at a time: a cluster asks every consumer's leader for each list.
const AT_A_TIME: usize = 4;
/// More pages than any account has; a list that never ends must not hold up the visit for ever.
const MOST_PAGES: usize = 1_000;
/// A list of several pages that changed while it was read is read once more, and then taken as it is: what it misses
/// is not gone.
const READINGS: usize = 2;

/// The account that is logged in to.
#[derive(Debug, Clone, Default)]
pub struct Own {
    /// In operator mode a public key.
    pub id: String,
    /// Its name, or the id where it has none.
    pub name: String,
}

pub async fn own(access: &Access) -> Result<Own, Failure> {
    let answer: Envelope<UserInfo> = access.ask("$SYS.REQ.USER.INFO", "").await?;
    let UserInfo { account, account_name } = answer.data.unwrap_or_default();
    let name = match account_name.as_str() {
        "" => account.clone(),
        _ => account_name,
    };
    (!name.is_empty()).then_some(Own { id: account, name }).ok_or_else(|| {
        let subject = "$SYS.REQ.USER.INFO".to_string();
        Failure::NotNats(subject, "it names no account".into())
    })
}

/// What the account told of JetStream, and why consumers are missing from it.
pub struct Told {
    pub inventory: Inventory,
    pub without_consumers: Option<Failure>,
}

/// Streams, consumers and limits of the account. A list that changes while it is read may bring an object twice or,
/// until the next visit, not at all. Streams whose consumers cannot be listed are told without them.
pub async fn jetstream(access: &Access, config: &Config, account: &str) -> Result<Told, Failure> {
    let prefix = prefix(config);
    let info: AccountInfo = access.ask(&format!("{prefix}.INFO"), "").await?;
    refused(info.error.as_ref(), "JetStream")?;
    let Listed { streams, whole } = streams(access, &prefix).await?;
    let mut inventory = Inventory {
        complete: whole,
        ..Inventory::default()
    };
    let used = AccountUse {
        memory: info.memory,
        storage: info.storage,
        limits: info.limits,
        api: vec![(String::new(), info.api.total, info.api.errors)],
    };
    inventory.accounts.insert(account.to_string(), used);
    // Boxed, because the compiler cannot tell that a stream of borrowing closures may change threads.
    let mut questions: Vec<BoxFuture<'_, Asked>> = Vec::new();
    for name in streams.keys() {
        questions.push(consumers(access, &prefix, name.clone()).boxed());
    }
    let mut answers: BTreeMap<String, Result<Consumers, Failure>> =
        stream::iter(questions).buffer_unordered(AT_A_TIME).collect().await;
    let mut without_consumers = None;
    for (name, mut stream) in streams {
        match answers.remove(&name) {
            Some(Ok((consumers, whole))) => {
                inventory.complete &= whole;
                stream.consumer_detail = consumers;
            }
            // Removed between the two questions.
            Some(Err(Failure::Answered(_, why))) if why.contains("not found") => continue,
            Some(Err(other)) => without_consumers = Some(other),
            None => {}
        }
        inventory.now = inventory.now.max(stream.ts.clone());
        // The API asks the leaders itself.
        inventory.add("", account, stream);
    }
    inventory.complete &= without_consumers.is_none();
    Ok(Told {
        inventory,
        without_consumers,
    })
}

/// The streams of an account as they were listed.
struct Listed {
    streams: BTreeMap<String, Stream>,
    /// Nothing changed while the pages were read, and some server could tell about each.
    whole: bool,
}

/// All streams by name.
async fn streams(access: &Access, prefix: &str) -> Result<Listed, Failure> {
    let mut listed = Listed {
        streams: BTreeMap::new(),
        whole: false,
    };
    for _ in 0..READINGS {
        listed.streams.clear();
        let (mut pages, mut untold) = (Pages::default(), 0);
        for _ in 0..MOST_PAGES {
            let body = format!("{{\"offset\":{}}}", pages.read);
            let page: Answer<StreamPage> = access.ask(&format!("{prefix}.STREAM.LIST"), &body).await?;
            refused(page.error.as_ref(), "JetStream")?;
            let page = page.page;
            untold += page.missing.len();
            let is_last = pages.is_last(page.streams.len() + page.missing.len(), page.total);
            let named = page
                .streams
                .into_iter()
                .map(|stream| (stream.name().to_string(), stream));
            listed.streams.extend(named);
            if is_last {
                break;
            }
        }
        listed.whole = untold == 0 && !pages.changed;
        if !pages.changed {
            break;
        }
    }
    Ok(listed)
}

/// Consumers, and whether nothing changed while their pages were read.
type Consumers = (Vec<Consumer>, bool);
/// A stream's name and its consumers.
type Asked = (String, Result<Consumers, Failure>);

async fn consumers(access: &Access, prefix: &str, stream: String) -> Asked {
    let listed = list(access, prefix, &stream).await;
    (stream, listed)
}

async fn list(access: &Access, prefix: &str, stream: &str) -> Result<Consumers, Failure> {
    let (mut all, mut whole) = (BTreeMap::new(), false);
    for _ in 0..READINGS {
        all.clear();
        let mut pages = Pages::default();
        for _ in 0..MOST_PAGES {
            let body = format!("{{\"offset\":{}}}", pages.read);
            let subject = format!("{prefix}.CONSUMER.LIST.{stream}");
            let page: Answer<ConsumerPage> = access.ask(&subject, &body).await?;
            refused(page.error.as_ref(), stream)?;
            let page = page.page;
            let is_last = pages.is_last(page.consumers.len(), page.total);
            let named = page
                .consumers
                .into_iter()
                .map(|consumer| (consumer.name.clone(), consumer));
            all.extend(named);
            if is_last {
                break;
            }
        }
        whole = !pages.changed;
        if whole {
            break;
        }
    }
    Ok((all.into_values().collect(), whole))
}

/// How far a list was read. Pages are places in a sorted list: what is removed before a place moves something that
/// exists out of every page.
#[derive(Debug, Default)]
struct Pages {
    read: usize,
    total: Option<usize>,
    changed: bool,
}

impl Pages {
    /// Takes note of a page of `count` out of `total`; whether it was the last one.
    fn is_last(&mut self, count: usize, total: usize) -> bool {
        self.read += count;
        self.changed |= self.total.replace(total).is_some_and(|before| before != total);
        count == 0 || self.read >= total
    }
}

/// A page, or a refusal in its place.
#[derive(serde::Deserialize)]
struct Answer<P> {
    error: Option<Refusal>,
    #[serde(flatten)]
    page: P,
}

fn refused(refusal: Option<&Refusal>, what: &str) -> Result<(), Failure> {
    match refusal {
        Some(refusal) => Err(Failure::Answered(what.to_string(), refusal.description.clone())),
        None => Ok(()),
    }
}

fn prefix(config: &Config) -> String {
    match &config.domain {
        Some(domain) => format!("$JS.{domain}.API"),
        None => "$JS.API".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_whose_length_changes_between_pages_has_changed() {
        for (pages, expected) in [
            (vec![(256, 300), (44, 300)], false),
            (vec![(256, 300), (43, 299)], true),
            (vec![(3, 3)], false),
            (vec![(0, 0)], false),
        ] {
            let mut read = Pages::default();
            let last: Vec<bool> = pages
                .iter()
                .map(|(count, total)| read.is_last(*count, *total))
                .collect();
            assert_eq!(read.changed, expected, "{pages:?}");
            assert_eq!(last.last(), Some(&true), "{pages:?}");
        }
    }
}
