//! What is to go wrong: delays and errors by API and node, answers that are lost, and coordinators that pause.

use std::collections::BTreeSet;
use std::time::Duration;

use kafka_protocol::ResponseError;
use kafka_protocol::messages::ApiKey;

/// One rule: for an API or all, at a node or all.
#[derive(Debug, Clone, Copy)]
struct Rule<T> {
    api: Option<ApiKey>,
    node: Option<i32>,
    does: T,
}

impl<T> Rule<T> {
    fn applies_to(&self, api: ApiKey, node: i32) -> bool {
        self.api.is_none_or(|wanted| wanted == api) && self.node.is_none_or(|wanted| wanted == node)
    }
}

/// Answers to one client that do not arrive.
#[derive(Debug)]
struct Loss {
    api: ApiKey,
    client_id: String,
    one_in: u32,
    answers: u32,
}

/// All that was switched on.
#[derive(Debug, Default)]
pub struct Faults {
    delays: Vec<Rule<Duration>>,
    errors: Vec<Rule<ResponseError>>,
    losses: Vec<Loss>,
    paused: BTreeSet<String>,
}

impl Faults {
    /// The longest delay that applies to a request; zero without any.
    pub fn delay(&self, api: ApiKey, node: i32) -> Duration {
        let applying = self.delays.iter().filter(|rule| rule.applies_to(api, node));
        applying.map(|rule| rule.does).max().unwrap_or_default()
    }

    /// The error that a request is to be answered with. The latest rule wins.
    pub fn error(&self, api: ApiKey, node: i32) -> Option<ResponseError> {
        let applying = self.errors.iter().rev().find(|rule| rule.applies_to(api, node));
        applying.map(|rule| rule.does)
    }

    /// Sets a delay in place of an earlier one for the same API and node; zero takes it away.
    pub fn delay_api(&mut self, api: Option<ApiKey>, node: Option<i32>, does: Duration) {
        self.delays.retain(|rule| (rule.api, rule.node) != (api, node));
        if !does.is_zero() {
            self.delays.push(Rule { api, node, does });
        }
    }

    pub fn fail_api(&mut self, api: ApiKey, node: Option<i32>, does: ResponseError) {
        let api = Some(api);
        self.errors.retain(|rule| (rule.api, rule.node) != (api, node));
        self.errors.push(Rule { api, node, does });
    }

    /// Whether the answer to this request is lost, connection and all, after the request has been carried out.
    pub fn loses_answer(&mut self, api: ApiKey, client_id: &str) -> bool {
        let is_meant = |loss: &&mut Loss| loss.api == api && loss.client_id == client_id;
        let Some(loss) = self.losses.iter_mut().find(is_meant) else {
            return false;
        };
        loss.answers += 1;
        let lost = loss.answers >= loss.one_in;
        if lost {
            loss.answers = 0;
        }
        lost
    }

    pub fn lose_answers(&mut self, api: ApiKey, client_id: &str, one_in: u32) {
        self.losses
            .retain(|loss| loss.api != api || loss.client_id != client_id);
        self.losses.push(Loss {
            api,
            client_id: client_id.to_owned(),
            one_in,
            answers: 0,
        });
    }

    pub fn clear_losses(&mut self) {
        self.losses.clear();
    }

    pub fn clear_delays(&mut self) {
        self.delays.clear();
    }

    pub fn clear_errors(&mut self) {
        self.errors.clear();
    }

    pub fn pause(&mut self, group: &str) {
        self.paused.insert(group.to_owned());
    }

    pub fn resume(&mut self, group: &str) {
        self.paused.remove(group);
    }

    pub fn is_paused(&self, group: &str) -> bool {
        self.paused.contains(group)
    }

    pub fn clear(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_meet_their_api_at_their_node() {
        let mut faults = Faults::default();
        let (short, long) = (Duration::from_millis(5), Duration::from_millis(50));
        faults.delay_api(None, None, short);
        faults.delay_api(Some(ApiKey::Fetch), Some(2), long);
        faults.fail_api(ApiKey::Produce, Some(1), ResponseError::KafkaStorageError);
        assert_eq!(faults.delay(ApiKey::Fetch, 2), long);
        assert_eq!(faults.delay(ApiKey::Fetch, 1), short);
        assert_eq!(faults.error(ApiKey::Produce, 1), Some(ResponseError::KafkaStorageError));
        assert_eq!(faults.error(ApiKey::Produce, 2), None);
        faults.delay_api(None, None, Duration::ZERO);
        assert_eq!(faults.delay(ApiKey::Fetch, 1), Duration::ZERO);
    }

    #[test]
    fn every_so_manieth_answer_to_a_client_is_lost() {
        let mut faults = Faults::default();
        faults.lose_answers(ApiKey::Produce, "careless", 3);
        let lost: Vec<bool> = (0..6)
            .map(|_| faults.loses_answer(ApiKey::Produce, "careless"))
            .collect();
        assert_eq!(lost, [false, false, true, false, false, true]);
        assert!(!faults.loses_answer(ApiKey::Fetch, "careless"));
        assert!(!faults.loses_answer(ApiKey::Produce, "careful"));
        faults.clear_losses();
        assert!((0..3).all(|_| !faults.loses_answer(ApiKey::Produce, "careless")));
    }

    #[test]
    fn a_pause_holds_for_its_group_until_it_is_over() {
        let mut faults = Faults::default();
        faults.pause("a");
        assert!(faults.is_paused("a") && !faults.is_paused("b"));
        faults.resume("a");
        assert!(!faults.is_paused("a"));
    }
}
