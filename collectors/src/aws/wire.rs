//! What the services answered, in shapes of our own that can be recorded: names and values are theirs.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// A queue by its address, and `GetQueueAttributes` with `All`: every value is text, and what a stand-in does not have
/// is missing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Queue {
    pub url: String,
    pub attributes: BTreeMap<String, String>,
}

impl Queue {
    pub fn text(&self, name: &str) -> Option<&str> {
        self.attributes.get(name).map(String::as_str)
    }

    /// moto writes times with fractions.
    pub fn number(&self, name: &str) -> Option<f64> {
        self.text(name)?.parse().ok().filter(|number: &f64| number.is_finite())
    }

    pub fn is(&self, name: &str) -> Option<bool> {
        self.text(name).map(|text| text.eq_ignore_ascii_case("true"))
    }

    /// `RedrivePolicy`: where messages go that were received too often, and how often that is.
    pub fn redrive(&self) -> Option<Redrive> {
        redrive(self.text("RedrivePolicy")?)
    }
}

/// The target of dead letters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redrive {
    pub target: String,
    /// A number or a text, depending on who wrote it; a subscription has none.
    pub after: Option<u64>,
}

/// Reads a redrive policy, which is JSON inside of an attribute.
pub fn redrive(policy: &str) -> Option<Redrive> {
    let policy: serde_json::Value = serde_json::from_str(policy).ok()?;
    let target = policy.get("deadLetterTargetArn")?.as_str()?.to_owned();
    let after = policy.get("maxReceiveCount");
    let after = after.and_then(|count| count.as_u64().or_else(|| count.as_str()?.parse().ok()));
    Some(Redrive { target, after })
}

/// `ListSubscriptions`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subscription {
    /// `PendingConfirmation` until the endpoint has confirmed, `Deleted` for a while afterwards.
    pub arn: String,
    pub topic: String,
    pub protocol: String,
    pub endpoint: String,
    pub owner: String,
}

impl Subscription {
    pub fn is_pending(&self) -> bool {
        !self.arn.starts_with("arn:")
    }
}

/// `GetTopicAttributes` and `GetSubscriptionAttributes`.
pub type Attributes = BTreeMap<String, String>;

/// `ListMessageMoveTasks`, one entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MoveTask {
    /// RUNNING, COMPLETED, CANCELLING, CANCELLED, FAILED.
    pub status: String,
    pub destination: Option<String>,
    pub moved: i64,
    pub to_move: Option<i64>,
    pub failure: Option<String>,
    /// Milliseconds since the epoch.
    pub started: i64,
}

impl MoveTask {
    pub fn is_running(&self) -> bool {
        matches!(self.status.as_str(), "RUNNING" | "CANCELLING")
    }
}

/// `GetMetricData`, one result: times in seconds since the epoch, ascending.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Points {
    pub id: String,
    pub points: Vec<(i64, f64)>,
}

/// The parts of an ARN.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Arn<'a> {
    pub service: &'a str,
    pub region: &'a str,
    pub account: &'a str,
    pub resource: &'a str,
}

/// `arn:partition:service:region:account:resource`; the resource may hold colons.
pub fn arn(text: &str) -> Option<Arn<'_>> {
    let mut parts = text.splitn(6, ':');
    let (Some("arn"), Some(_)) = (parts.next(), parts.next()) else {
        return None;
    };
    Some(Arn {
        service: parts.next()?,
        region: parts.next()?,
        account: parts.next()?,
        resource: parts.next()?,
    })
}

/// Account and name from the address of a queue, for a queue whose attributes are not known.
pub fn of_url(url: &str) -> Option<(&str, &str)> {
    let mut parts = url.trim_end_matches('/').rsplit('/');
    let name = parts.next().filter(|name| !name.is_empty())?;
    let account = parts.next().filter(|account| !account.is_empty())?;
    Some((account, name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arn_has_six_parts_and_the_last_may_hold_colons() {
        let topic = arn("arn:aws:sns:eu-west-1:111122223333:orders:6b0e71bd-7e97-4d97-80ce-4a0994e55286").unwrap();
        assert_eq!((topic.service, topic.account), ("sns", "111122223333"));
        assert_eq!(topic.resource, "orders:6b0e71bd-7e97-4d97-80ce-4a0994e55286");
        for wrong in [
            "",
            "PendingConfirmation",
            "arn:aws:sqs",
            "https://example.com/a:b:c:d:e:f",
        ] {
            assert_eq!(arn(wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn a_count_is_a_number_or_a_text_and_a_broken_policy_is_none() {
        let with = |count: &str| {
            redrive(&format!(
                "{{\"deadLetterTargetArn\":\"arn\",\"maxReceiveCount\":{count}}}"
            ))
        };
        assert_eq!(with("3").unwrap().after, Some(3));
        assert_eq!(with("\"5\"").unwrap().after, Some(5));
        assert_eq!(redrive("{\"deadLetterTargetArn\":\"arn\"}").unwrap().after, None);
        assert_eq!(redrive("not json"), None);
    }

    #[test]
    fn the_address_tells_account_and_name() {
        let url = "https://sqs.eu-west-1.amazonaws.com/111122223333/orders.fifo";
        assert_eq!(of_url(url), Some(("111122223333", "orders.fifo")));
        assert_eq!(of_url("orders"), None);
    }
}
