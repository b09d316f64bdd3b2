//! What JetStream announces and never repeats: messages that were delivered as often as allowed, or given up.

use std::collections::{BTreeMap, BTreeSet};

use async_nats::Subscriber;
use futures_util::{FutureExt, StreamExt};
use serde::Deserialize;

use super::access::{Access, Level};
use super::account::Own;
use super::bus::Bus;
use super::failure::Failure;
use super::operator::AccountNames;

/// The events that mean that a message will not be delivered again.
pub const EVENTS: [&str; 2] = ["MAX_DELIVERIES", "MSG_TERMINATED"];
const ADVISORIES: &str = "$JS.EVENT.ADVISORY.";

/// A consumer by account, stream and name.
pub type ConsumerName = (String, String, String);

/// Subscriptions to the announcements of one or more accounts, and what was counted so far.
#[derive(Default)]
pub struct Advisories {
    /// By account, with the subject that was asked for.
    heard: Vec<(String, String, Subscriber)>,
    /// Messages given up since the subscription began, by consumer.
    pub given_up: BTreeMap<ConsumerName, u64>,
    /// Consumers that were announced since the last call of [`Advisories::forget`].
    lately: BTreeSet<ConsumerName>,
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
    /// Listens to the own account, or in the system account to what it imports from others. `own` is the account that is
    /// logged in to.
    pub async fn listen(access: &Access, own: &Own) -> Advisories {
        let mut advisories = Advisories::default();
        let Some(bus) = &access.bus else { return advisories };
        let prefixes = match access.level {
            Level::System => imported_prefixes(access, &own.id).await,
            Level::Monitoring | Level::Account => vec![(own.name.clone(), String::new())],
        };
        for (account, prefix) in prefixes {
            for subject in EVENTS.map(|event| format!("{prefix}{ADVISORIES}CONSUMER.{event}.>")) {
                match bus.subscribe(&subject).await {
                    Ok(subscriber) => advisories.heard.push((account.clone(), subject, subscriber)),
                    Err(failure) => advisories.refused = Some(failure),
                }
            }
            advisories.accounts.push(account);
        }
        if let Err(failure) = bus.settle().await {
            advisories.refused = Some(failure);
        }
        advisories.notice_refusals(bus);
        advisories
    }

    /// Imports go by the account's key: from now on by its name.
    pub fn name_accounts(&mut self, names: &AccountNames) {
        let accounts = self.heard.iter_mut().map(|(account, ..)| account);
        for account in accounts.chain(&mut self.accounts) {
            if let Some(name) = names.get(account.as_str()) {
                account.clone_from(name);
            }
        }
    }

    /// An account of which one kind of announcement is refused is not listened to. Refusals come when they come, so
    /// this is looked at on each visit.
    pub fn notice_refusals(&mut self, bus: &Bus) {
        let refused = |(_, subject, _): &&(String, String, Subscriber)| bus.is_refused(subject);
        while let Some((account, subject, _)) = self.heard.iter().find(refused) {
            let account = account.clone();
            self.refused = Some(Failure::NotPermitted(subject.clone()));
            self.accounts.retain(|heard| *heard != account);
            self.heard.retain(|(heard, ..)| *heard != account);
        }
    }

    /// Counts what came in since the last call.
    pub fn take_in(&mut self) {
        for (account, _, subscriber) in &mut self.heard {
            while let Some(Some(message)) = subscriber.next().now_or_never() {
                if let Some((stream, consumer)) = about(&message.subject) {
                    let name = (account.clone(), stream, consumer);
                    self.lately.insert(name.clone());
                    *self.given_up.entry(name).or_default() += 1;
                }
            }
        }
    }

    /// Forgets the consumers that do not exist: names of ephemeral ones are random, and would pile up for ever. What
    /// was announced since the last call may be younger than the list, and stays.
    pub fn forget(&mut self, exists: impl Fn(&ConsumerName) -> bool) {
        let lately = std::mem::take(&mut self.lately);
        self.given_up.retain(|name, _| lately.contains(name) || exists(name));
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
    fn consumers_that_are_gone_are_forgotten_unless_they_were_just_announced() {
        let name = |consumer: &str| ("APP".to_string(), "ORDERS".to_string(), consumer.to_string());
        let mut advisories = Advisories::default();
        for consumer in ["billing", "x7Qf", "new"] {
            advisories.given_up.insert(name(consumer), 2);
        }
        advisories.lately.insert(name("new"));
        advisories.forget(|known| known.2 == "billing");
        assert_eq!(advisories.given_up.len(), 2, "{:?}", advisories.given_up);
        advisories.forget(|known| known.2 == "billing");
        assert_eq!(advisories.given_up, BTreeMap::from([(name("billing"), 2)]));
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
