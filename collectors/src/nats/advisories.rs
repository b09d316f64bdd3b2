//! What JetStream announces and never repeats: messages that were delivered as often as allowed, or given up.

use std::collections::BTreeMap;

use async_nats::Subscriber;
use futures_util::{FutureExt, StreamExt};
use serde::Deserialize;

use super::access::{Access, Level};
use super::failure::Failure;

/// The events that mean that a message will not be delivered again.
pub const EVENTS: [&str; 2] = ["MAX_DELIVERIES", "MSG_TERMINATED"];
const ADVISORIES: &str = "$JS.EVENT.ADVISORY.";

/// A consumer by account, stream and name.
pub type ConsumerName = (String, String, String);

/// Subscriptions to the announcements of one or more accounts, and what was counted so far.
#[derive(Default)]
pub struct Advisories {
    heard: Vec<(String, Subscriber)>,
    /// Messages given up since the subscription began, by consumer.
    pub given_up: BTreeMap<ConsumerName, u64>,
    /// Accounts that are listened to, or why none is.
    pub accounts: Vec<String>,
    pub refused: Option<Failure>,
}

/// The account's information as far as imports are concerned.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct AccountDetail {
    data: Imports,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Imports {
    imports: Vec<Import>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct Import {
    subject: String,
    account: String,
    local_subject: String,
    r#type: String,
    invalid: bool,
}

impl Advisories {
    /// Listens to the own account, or in the system account to what it imports from others. `account` is the name of
    /// the account that is logged in to.
    pub async fn listen(access: &Access, account: &str) -> Advisories {
        let mut advisories = Advisories::default();
        let Some(bus) = &access.bus else { return advisories };
        let prefixes = match access.level {
            Level::System => imported_prefixes(access, account).await,
            Level::Monitoring | Level::Account => vec![(account.to_string(), String::new())],
        };
        for (account, prefix) in prefixes {
            let subjects = EVENTS.map(|event| format!("{prefix}{ADVISORIES}CONSUMER.{event}.>"));
            let mut subscribers = Vec::new();
            for subject in &subjects {
                match bus.subscribe(subject).await {
                    Ok(subscriber) => subscribers.push(subscriber),
                    Err(failure) => advisories.refused = Some(failure),
                }
            }
            if let Err(failure) = bus.settle().await {
                advisories.refused = Some(failure);
            }
            match subjects.iter().find(|subject| bus.is_refused(subject)) {
                Some(subject) => advisories.refused = Some(Failure::NotPermitted(subject.clone())),
                None => {
                    let of_account = subscribers.into_iter().map(|subscriber| (account.clone(), subscriber));
                    advisories.heard.extend(of_account);
                    advisories.accounts.push(account);
                }
            }
        }
        advisories
    }

    /// Counts what came in since the last call.
    pub fn take_in(&mut self) {
        for (account, subscriber) in &mut self.heard {
            while let Some(Some(message)) = subscriber.next().now_or_never() {
                if let Some((stream, consumer)) = about(&message.subject) {
                    *self.given_up.entry((account.clone(), stream, consumer)).or_default() += 1;
                }
            }
        }
    }

    pub fn hears(&self, account: &str) -> bool {
        self.accounts.iter().any(|heard| heard == account)
    }
}

/// The accounts whose advisories the system account imports, with what stands before their subjects.
async fn imported_prefixes(access: &Access, account: &str) -> Vec<(String, String)> {
    let subject = format!("$SYS.REQ.ACCOUNT.{account}.INFO");
    let detail: AccountDetail = access.ask(&subject, "").await.unwrap_or_default();
    prefixes(&detail.data.imports)
}

fn prefixes(imports: &[Import]) -> Vec<(String, String)> {
    let streams = imports
        .iter()
        .filter(|import| import.r#type == "stream" && !import.invalid);
    streams
        .filter(|import| import.subject.starts_with(ADVISORIES))
        .filter_map(|import| {
            let prefix = import.local_subject.strip_suffix(&import.subject)?;
            Some((import.account.clone(), prefix.to_string()))
        })
        .collect()
}

/// Stream and consumer of an advisory's subject: its last two words, for neither name may hold a dot.
fn about(subject: &str) -> Option<(String, String)> {
    let mut words = subject.rsplit('.');
    let (consumer, stream) = (words.next()?, words.next()?);
    Some((stream.to_string(), consumer.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_subject_names_stream_and_consumer() {
        let subject = "APP.$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.ORDERS.billing";
        assert_eq!(about(subject), Some(("ORDERS".into(), "billing".into())));
        assert_eq!(about("nothing"), None);
    }

    #[test]
    fn only_valid_imports_of_advisories_count() {
        let import = |subject: &str, local: &str, kind: &str, invalid| Import {
            subject: subject.into(),
            account: "APP".into(),
            local_subject: local.into(),
            r#type: kind.into(),
            invalid,
        };
        let all = "$JS.EVENT.ADVISORY.>";
        for (given, expected) in [
            (
                import(all, "APP.$JS.EVENT.ADVISORY.>", "stream", false),
                vec![("APP".to_string(), "APP.".to_string())],
            ),
            (
                import(all, all, "stream", false),
                vec![("APP".to_string(), String::new())],
            ),
            (import(all, "APP.$JS.EVENT.ADVISORY.>", "stream", true), vec![]),
            (import("orders.>", "APP.orders.>", "stream", false), vec![]),
        ] {
            assert_eq!(prefixes(&[given]), expected);
        }
    }
}
