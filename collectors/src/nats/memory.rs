//! What is kept from visit to visit: who was seen, what was counted, and what lately happened.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use brokerscope_contract::{EntityKey, Link, MetricId, Timestamp};

use super::leaders::Configs;
use super::odometer::{Odometer, Reading};
use super::operator::AccountNames;

/// How long an event such as a slow consumer stays in view.
pub const EVENT_SECONDS: f64 = 600.0;
/// Servers that were not seen for this long have been removed.
const SERVER_FORGOTTEN_SECONDS: f64 = 24.0 * 3_600.0;

/// A connection that the server closed because it did not keep up.
#[derive(Debug, Clone, PartialEq)]
pub struct CutOff {
    pub server: String,
    pub cid: u64,
    /// Who it was, as people write it in a sentence.
    pub who: String,
    pub reason: String,
    pub at: Timestamp,
}

#[derive(Default)]
pub struct Memory {
    pub configs: Configs,
    pub account_names: AccountNames,
    /// Servers that have answered, and when they last did.
    pub servers: BTreeMap<String, Timestamp>,
    /// Sums over servers or instances that each count for themselves.
    odometers: HashMap<(EntityKey, MetricId), Odometer>,
    /// The counter of slow consumers of each server or account, to notice when it grows.
    slow: HashMap<String, f64>,
    pub cut_off: Vec<CutOff>,
    /// Where each consumer stood on the last visit, and since when it has.
    pub deliveries: HashMap<EntityKey, (u64, Timestamp)>,
    /// Subjects that streams store, by account: they exist although no client may listen to them.
    pub stream_subjects: BTreeSet<(String, String)>,
    /// Links of the last answer about streams.
    pub stream_links: Vec<Link>,
    /// Links of the last answer about clients.
    pub client_links: Vec<Link>,
    /// Links of the last answers about leaf nodes and gateways.
    pub leaf_links: Vec<Link>,
    pub gateway_links: Vec<Link>,
    /// All that were told last.
    pub links: Option<Vec<Link>>,
}

impl Memory {
    /// Notes who answered; returns those that are missing.
    pub fn note_servers<'a>(&mut self, at: Timestamp, seen: impl Iterator<Item = &'a str>) -> Vec<String> {
        for server in seen {
            self.servers.insert(server.to_string(), at);
        }
        self.servers
            .retain(|_, last| at.seconds_since(*last) < SERVER_FORGOTTEN_SECONDS);
        let missing = self.servers.iter().filter(|(_, last)| **last != at);
        missing.map(|(server, _)| server.clone()).collect()
    }

    /// Adds the counter of one part to the sum of `entity`, and returns the sum.
    pub fn sum(&mut self, at: Timestamp, entity: &EntityKey, metric: MetricId, reading: Reading<'_>) -> f64 {
        let odometer = self.odometers.entry((entity.clone(), metric)).or_default();
        odometer.note(at, reading);
        odometer.total()
    }

    /// Whether the counter of slow consumers grew. The first sight of one above zero counts: it may be recent.
    pub fn slow_consumers_grew(&mut self, counter: &str, reading: f64) -> bool {
        let before = self.slow.insert(counter.to_string(), reading).unwrap_or(0.0);
        reading > before
    }

    /// Takes up closed connections, each once, and forgets those of long ago.
    pub fn note_cut_off(&mut self, at: Timestamp, found: Vec<CutOff>) {
        for one in found {
            let known = self
                .cut_off
                .iter()
                .any(|other| (&other.server, other.cid) == (&one.server, one.cid));
            if !known {
                self.cut_off.push(one);
            }
        }
        self.cut_off.retain(|one| at.seconds_since(one.at) < EVENT_SECONDS);
    }

    /// The links, when they differ from those that were told last.
    pub fn news_of(&mut self, mut links: Vec<Link>) -> Option<Vec<Link>> {
        links.sort_by(|a, b| (&a.from, &a.to, a.kind, &a.label).cmp(&(&b.from, &b.to, b.kind, &b.label)));
        links.dedup_by(|a, b| (&a.from, &a.to, a.kind, &a.label) == (&b.from, &b.to, b.kind, &b.label));
        if self.links.as_ref() == Some(&links) {
            return None;
        }
        self.links = Some(links.clone());
        Some(links)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_was_seen_is_missed() {
        let mut memory = Memory::default();
        assert!(memory.note_servers(Timestamp(0), ["a", "b"].into_iter()).is_empty());
        assert_eq!(memory.note_servers(Timestamp(15_000), ["a"].into_iter()), ["b"]);
        let later = Timestamp(25 * 3_600_000);
        assert!(
            memory.note_servers(later, ["a"].into_iter()).is_empty(),
            "b was removed long ago"
        );
    }

    #[test]
    fn growth_of_a_counter_is_noticed_once() {
        let mut memory = Memory::default();
        let grew = [0.0, 1.0, 1.0, 3.0, 0.0, 1.0].map(|reading| memory.slow_consumers_grew("a", reading));
        assert_eq!(grew, [false, true, false, true, false, true]);
    }

    #[test]
    fn an_event_is_kept_once_and_for_a_while() {
        let mut memory = Memory::default();
        let one = CutOff {
            server: "a".into(),
            cid: 7,
            who: "reporter".into(),
            reason: "Slow Consumer (Pending Bytes)".into(),
            at: Timestamp(0),
        };
        memory.note_cut_off(Timestamp(1_000), vec![one.clone()]);
        memory.note_cut_off(Timestamp(2_000), vec![one]);
        assert_eq!(memory.cut_off.len(), 1);
        memory.note_cut_off(Timestamp(700_000), Vec::new());
        assert!(memory.cut_off.is_empty());
    }
}
