//! What a connection itself says, outside of any answer: refusals of subjects, interruptions, a farewell.

use std::collections::{BTreeSet, VecDeque};

use async_nats::Event;

/// As many refusals as questions may be under way, and some more. A question looks only at those since it was put.
const LAST_REFUSALS: usize = 64;

#[derive(Debug, Clone, Default)]
pub struct Said {
    /// The last refusals, in the server's words, oldest first.
    refusals: VecDeque<String>,
    /// How many there were on this connection, which lives as long as it may: also those that are forgotten.
    refused: u64,
    /// Subjects that the user may not listen to. An inbox is refused once for each question, and is none of them.
    deaf_to: BTreeSet<String>,
    /// How often the connection was lost, or lost messages: subscriptions have a gap then.
    pub gaps: u32,
    /// Why the server ends the connection of a user who had logged in.
    pub farewell: Option<String>,
}

impl Said {
    /// Where refusals stand: see [`Said::refused_since`].
    pub fn refused(&self) -> u64 {
        self.refused
    }

    /// The refusals that came after `before`.
    pub fn refused_since(&self, before: u64) -> impl Iterator<Item = &str> {
        let new = usize::try_from(self.refused.saturating_sub(before)).unwrap_or(usize::MAX);
        let known = self.refusals.len().saturating_sub(new);
        self.refusals.iter().skip(known).map(String::as_str)
    }

    /// Whether the server refused to let the user listen to the subject.
    pub fn is_deaf_to(&self, subject: &str) -> bool {
        self.deaf_to.contains(subject)
    }

    pub fn note(&mut self, event: &Event, inbox_prefix: &str) {
        match event {
            Event::Disconnected | Event::SlowConsumer(_) => self.gaps += 1,
            Event::ServerError(error) => self.note_error(error.to_string(), inbox_prefix),
            _ => {}
        }
    }

    fn note_error(&mut self, text: String, inbox_prefix: &str) {
        let lower = text.to_ascii_lowercase();
        if lower.contains("permissions violation") {
            if lower.contains("violation for subscription")
                && let Some(subject) = text.split('"').nth(1)
                && !subject.starts_with(inbox_prefix)
            {
                self.deaf_to.insert(subject.to_string());
            }
            self.refused += 1;
            self.refusals.push_back(text);
            if self.refusals.len() > LAST_REFUSALS {
                self.refusals.pop_front();
            }
        } else if text.contains("User Authentication") {
            // "User Authentication Revoked" or "... Expired"; the connection is closed next.
            self.farewell = Some(text);
        }
    }
}

/// The subject of a refusal, when it is about this question: where it was sent, or where the answer would come in.
pub fn refused_subject(refusal: &str, subject: &str, inbox: &str) -> Option<String> {
    let quoted = |text: &str| refusal.contains(&format!("\"{text}\""));
    if quoted(subject) {
        Some(subject.to_string())
    } else {
        quoted(inbox).then(|| inbox_pattern(inbox))
    }
}

/// "_INBOX.abc" as it is allowed: "_INBOX.>".
fn inbox_pattern(inbox: &str) -> String {
    match inbox.rsplit_once('.') {
        Some((prefix, _)) => format!("{prefix}.>"),
        None => inbox.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use async_nats::ServerError;

    use super::*;

    fn refusal(of: &str, subject: &str) -> Event {
        let text = format!("Permissions Violation for {of} to \"{subject}\"");
        Event::ServerError(ServerError::Other(text))
    }

    #[test]
    fn a_refusal_is_matched_to_its_question() {
        let publish = "nats: Permissions Violation for Publish to \"$JS.API.INFO\"";
        let inbox = "nats: Permissions Violation for Subscription to \"_INBOX.x1.y2\"";
        for (refusal, expected) in [
            (publish, Some("$JS.API.INFO".to_string())),
            (inbox, Some("_INBOX.x1.>".to_string())),
            (
                "nats: Permissions Violation for Publish to \"$JS.API.STREAM.LIST\"",
                None,
            ),
        ] {
            assert_eq!(
                refused_subject(refusal, "$JS.API.INFO", "_INBOX.x1.y2"),
                expected,
                "{refusal}"
            );
        }
    }

    #[test]
    fn the_newest_refusal_is_known_however_many_there_were() {
        let mut said = Said::default();
        for n in 0..1_000_u64 {
            let before = said.refused();
            assert_eq!(before, n);
            said.note(&refusal("Publish", &format!("subject.{n}")), "_INBOX");
            let new: Vec<&str> = said.refused_since(before).collect();
            assert_eq!(new.len(), 1, "{new:?}");
            assert!(new[0].ends_with(&format!("\"subject.{n}\"")), "{new:?}");
        }
        assert_eq!(said.refused_since(0).count(), LAST_REFUSALS);
        assert_eq!(said.refused_since(1_000).count(), 0);
    }

    #[test]
    fn what_may_not_be_listened_to_is_not_forgotten() {
        let mut said = Said::default();
        said.note(&refusal("Subscription", "orders.>"), "_INBOX");
        for n in 0..1_000 {
            said.note(&refusal("Publish", "$SRV.STATS"), "_INBOX");
            said.note(&refusal("Subscription", &format!("_INBOX.x.{n}")), "_INBOX");
        }
        assert!(said.is_deaf_to("orders.>"));
        assert!(!said.is_deaf_to("$SRV.STATS"), "that is sent to, not listened to");
        assert_eq!(said.deaf_to.len(), 1, "inboxes would pile up");
    }
}
