//! What a policy sets and what the object's own arguments set: which of the two counts.

use std::collections::HashMap;

use serde_json::Value;

use super::names::Name;
use super::wire::{Arguments, Exchange, Policy, Queue};

/// Policies by virtual host and name.
#[derive(Debug, Default)]
pub struct Policies(HashMap<Name, Arguments>);

/// Where a setting comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source<'a> {
    Argument,
    /// The name of the policy, where it is known.
    Policy(Option<&'a str>),
}

/// A setting that counts for an object.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Setting<'a> {
    /// As in a policy: without the `x-` of arguments.
    pub key: &'a str,
    pub value: &'a Value,
    pub source: Source<'a>,
}

impl Policies {
    pub fn new(policies: &[Policy]) -> Policies {
        let of = |policy: &Policy| (Name::new(&policy.vhost, &policy.name), policy.definition.clone());
        Policies(policies.iter().map(of).collect())
    }

    fn definition(&self, vhost: &str, policy: Option<&str>) -> Option<&Arguments> {
        self.0.get(&Name::new(vhost, policy?))
    }

    /// Everything that is set for a queue, by key.
    ///
    /// An argument wins over a policy, except that of two numbers the broker takes the smaller one. Versions that
    /// tell what policy and operator policy come to are believed.
    pub fn of_queue<'a>(&'a self, queue: &'a Queue) -> Vec<Setting<'a>> {
        let policy = queue.policy.as_deref();
        let (definition, name) = match &queue.effective_policy_definition {
            Some(effective) => {
                // Which of the two a key comes from is not said; the operator's is the rarer one.
                let only_operator = policy.is_none() && queue.operator_policy.is_some();
                (
                    Some(effective),
                    if only_operator {
                        queue.operator_policy.as_deref()
                    } else {
                        policy
                    },
                )
            }
            None => (self.definition(&queue.vhost, policy), policy),
        };
        joined(&queue.arguments, definition, name)
    }

    pub fn of_exchange<'a>(&'a self, exchange: &'a Exchange) -> Vec<Setting<'a>> {
        let policy = exchange.policy.as_deref();
        joined(&exchange.arguments, self.definition(&exchange.vhost, policy), policy)
    }
}

/// The value of one key, if it is a text.
pub fn text_of<'a>(settings: &[Setting<'a>], key: &str) -> Option<&'a str> {
    settings.iter().find(|setting| setting.key == key)?.value.as_str()
}

fn joined<'a>(arguments: &'a Arguments, policy: Option<&'a Arguments>, name: Option<&'a str>) -> Vec<Setting<'a>> {
    let mut settings: Vec<Setting<'a>> = arguments
        .iter()
        .map(|(key, value)| Setting {
            key: plain(key),
            value,
            source: Source::Argument,
        })
        .collect();
    for (key, value) in policy.into_iter().flatten() {
        let from_policy = Setting {
            key,
            value,
            source: Source::Policy(name),
        };
        match settings.iter_mut().find(|setting| setting.key == key) {
            None => settings.push(from_policy),
            Some(own) => {
                let smaller = value
                    .as_f64()
                    .zip(own.value.as_f64())
                    .is_some_and(|(policy, own)| policy < own);
                if smaller {
                    *own = from_policy;
                }
            }
        }
    }
    settings
}

/// Arguments are called as in policies, with `x-` before.
fn plain(key: &str) -> &str {
    key.strip_prefix("x-").unwrap_or(key)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn queue(value: Value) -> Queue {
        serde_json::from_value(value).unwrap()
    }

    fn policies() -> Policies {
        let policy = json!([{"vhost": "/", "name": "p", "definition":
            {"max-length": 10, "dead-letter-exchange": "from-policy", "overflow": "reject-publish"}}]);
        Policies::new(&serde_json::from_value::<Vec<Policy>>(policy).unwrap())
    }

    #[test]
    fn an_argument_wins_and_of_two_numbers_the_smaller_one() {
        let queue = queue(json!({"vhost": "/", "name": "q", "policy": "p",
            "arguments": {"x-max-length": 50, "x-dead-letter-exchange": "own"}}));
        let policies = policies();
        let settings = policies.of_queue(&queue);
        assert_eq!(text_of(&settings, "dead-letter-exchange"), Some("own"));
        let length = settings.iter().find(|setting| setting.key == "max-length").unwrap();
        assert_eq!(
            (length.value.as_i64(), length.source),
            (Some(10), Source::Policy(Some("p")))
        );
        assert_eq!(text_of(&settings, "overflow"), Some("reject-publish"));
    }

    #[test]
    fn what_the_broker_says_is_effective_is_believed() {
        let queue = queue(
            json!({"vhost": "/", "name": "q", "policy": null, "operator_policy": "guard",
            "effective_policy_definition": {"max-length": 5}}),
        );
        let policies = policies();
        let settings = policies.of_queue(&queue);
        assert_eq!(settings.len(), 1);
        assert_eq!(settings[0].source, Source::Policy(Some("guard")));
    }

    #[test]
    fn a_policy_of_another_virtual_host_does_not_count() {
        let queue = queue(json!({"vhost": "other", "name": "q", "policy": "p"}));
        assert!(policies().of_queue(&queue).is_empty());
    }
}
