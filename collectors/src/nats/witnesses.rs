//! Who answers questions that anybody may answer, so that it is noticed when somebody is missing.
//!
//! An ordinary account is not told which servers there are: those that answered lately are expected to answer again.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// A server that was silent for so long has been removed, or has nothing more to do with the account.
const FORGOTTEN: Duration = Duration::from_secs(600);

#[derive(Debug, Default)]
pub struct Witnesses {
    /// By question and server: when it answered last. Not every server answers every question.
    servers: Mutex<HashMap<(&'static str, String), Instant>>,
    /// How many services answered last.
    services: Mutex<Option<usize>>,
}

impl Witnesses {
    /// How many servers should answer the question; `None` until some have.
    pub fn servers(&self, question: &'static str, now: Instant) -> Option<usize> {
        let known = self.known(question, now).len();
        (known > 0).then_some(known)
    }

    /// Takes note of the servers that answered; returns those that should have.
    pub fn answered<'a>(
        &self,
        question: &'static str,
        now: Instant,
        servers: impl Iterator<Item = &'a str>,
    ) -> Vec<String> {
        let mut missing = self.known(question, now);
        if let Ok(mut known) = self.servers.lock() {
            for server in servers {
                missing.retain(|name| name != server);
                known.insert((question, server.to_string()), now);
            }
        }
        missing
    }

    pub fn services(&self) -> Option<usize> {
        self.services.lock().ok().and_then(|services| *services)
    }

    pub fn services_answered(&self, count: usize) {
        if let Ok(mut services) = self.services.lock() {
            *services = Some(count);
        }
    }

    fn known(&self, question: &'static str, now: Instant) -> Vec<String> {
        let Ok(mut known) = self.servers.lock() else {
            return Vec::new();
        };
        known.retain(|_, last| now.saturating_duration_since(*last) < FORGOTTEN);
        let of_question = known.keys().filter(|(asked, _)| *asked == question);
        let mut names: Vec<String> = of_question.map(|(_, server)| server.clone()).collect();
        names.sort();
        names
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_answered_is_expected_again_for_a_while() {
        let witnesses = Witnesses::default();
        let start = Instant::now();
        assert_eq!(witnesses.servers("connz", start), None);
        assert!(witnesses.answered("connz", start, ["a", "b"].into_iter()).is_empty());
        assert_eq!(witnesses.servers("connz", start), Some(2));
        assert_eq!(witnesses.servers("statz", start), None, "another question");
        assert_eq!(witnesses.answered("connz", start, ["b", "c"].into_iter()), ["a"]);
        let later = start + FORGOTTEN;
        assert_eq!(witnesses.servers("connz", later), None, "all were removed");
    }
}
