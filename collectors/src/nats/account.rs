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

/// The name of the account that is logged in to, or the id where it has none.
pub async fn name(access: &Access) -> Result<String, Failure> {
    let answer: Envelope<UserInfo> = access.ask("$SYS.REQ.USER.INFO", "").await?;
    let info = answer.data.unwrap_or_default();
    let name = if info.account_name.is_empty() {
        info.account
    } else {
        info.account_name
    };
    (!name.is_empty()).then_some(name).ok_or_else(|| {
        let subject = "$SYS.REQ.USER.INFO".to_string();
        Failure::NotNats(subject, "it names no account".into())
    })
}

/// Streams, consumers and limits of the account. A list that changes while it is read may bring an object twice or,
/// until the next visit, not at all.
pub async fn jetstream(access: &Access, config: &Config, account: &str) -> Result<Inventory, Failure> {
    let prefix = prefix(config);
    let info: AccountInfo = access.ask(&format!("{prefix}.INFO"), "").await?;
    refused(info.error.as_ref(), "JetStream")?;
    let (streams, missing) = streams(access, &prefix).await?;
    let mut inventory = Inventory {
        complete: missing.is_empty(),
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
    let mut questions: Vec<BoxFuture<'_, Listed>> = Vec::new();
    for name in streams.keys() {
        questions.push(consumers(access, &prefix, name.clone()).boxed());
    }
    let mut answers: BTreeMap<String, Result<Vec<Consumer>, Failure>> =
        stream::iter(questions).buffer_unordered(AT_A_TIME).collect().await;
    let mut failure = None;
    for (name, mut stream) in streams {
        match answers.remove(&name) {
            Some(Ok(consumers)) => stream.consumer_detail = consumers,
            // Removed between the two questions.
            Some(Err(Failure::Answered(_, why))) if why.contains("not found") => continue,
            Some(Err(other)) => failure = Some(other),
            None => {}
        }
        // The API asks the leaders itself.
        inventory.add("", account, stream);
    }
    match failure {
        Some(failure) => Err(failure),
        None => Ok(inventory),
    }
}

/// All streams by name, and the names of those that no server could tell about.
async fn streams(access: &Access, prefix: &str) -> Result<(BTreeMap<String, Stream>, Vec<String>), Failure> {
    let (mut all, mut missing) = (BTreeMap::new(), Vec::new());
    let mut read = 0;
    for _ in 0..MOST_PAGES {
        let body = format!("{{\"offset\":{read}}}");
        let page: Answer<StreamPage> = access.ask(&format!("{prefix}.STREAM.LIST"), &body).await?;
        refused(page.error.as_ref(), "JetStream")?;
        let page = page.page;
        read += page.streams.len() + page.missing.len();
        let last = page.streams.is_empty() || read >= page.total;
        all.extend(
            page.streams
                .into_iter()
                .map(|stream| (stream.name().to_string(), stream)),
        );
        missing.extend(page.missing);
        if last {
            break;
        }
    }
    Ok((all, missing))
}

/// A stream's name and its consumers.
type Listed = (String, Result<Vec<Consumer>, Failure>);

async fn consumers(access: &Access, prefix: &str, stream: String) -> Listed {
    let listed = list(access, prefix, &stream).await;
    (stream, listed)
}

async fn list(access: &Access, prefix: &str, stream: &str) -> Result<Vec<Consumer>, Failure> {
    let mut all = BTreeMap::new();
    let mut read = 0;
    for _ in 0..MOST_PAGES {
        let body = format!("{{\"offset\":{read}}}");
        let subject = format!("{prefix}.CONSUMER.LIST.{stream}");
        let page: Answer<ConsumerPage> = access.ask(&subject, &body).await?;
        refused(page.error.as_ref(), stream)?;
        let page = page.page;
        read += page.consumers.len();
        let last = page.consumers.is_empty() || read >= page.total;
        all.extend(
            page.consumers
                .into_iter()
                .map(|consumer| (consumer.name.clone(), consumer)),
        );
        if last {
            break;
        }
    }
    Ok(all.into_values().collect())
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
