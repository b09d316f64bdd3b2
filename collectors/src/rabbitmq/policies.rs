//! What policies set and what the object's own arguments set: which of them counts, and by whose will.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::Value;

use super::names::{Name, QueueType};
use super::precedence::{Winner, of_argument_and_policy, of_policies};
use super::wire::{Arguments, Exchange, Policy, Queue};

/// Policies and operator policies by virtual host and name.
#[derive(Debug, Default)]
pub struct Policies {
    users: HashMap<Name, Arguments>,
    operators: HashMap<Name, Arguments>,
}

/// Where a setting comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source<'a> {
    Argument,
    /// The name of the policy, where it is known.
    Policy(Option<&'a str>),
    OperatorPolicy(Option<&'a str>),
}

/// A setting that counts for an object.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Setting<'a> {
    /// As in a policy: without the `x-` of arguments.
    pub key: &'a str,
    pub value: &'a Value,
    pub source: Source<'a>,
}

impl Source<'_> {
    /// As part of a sentence; nothing for the object's own arguments.
    pub fn shown(self) -> Option<String> {
        match self {
            Source::Argument => None,
            Source::Policy(Some(name)) => Some(format!("policy {name}")),
            Source::Policy(None) => Some("a policy".into()),
            Source::OperatorPolicy(Some(name)) => Some(format!("operator policy {name}")),
            Source::OperatorPolicy(None) => Some("an operator policy".into()),
        }
    }
}

impl Policies {
    pub fn new(users: &[Policy], operators: &[Policy]) -> Policies {
        let by_name = |policies: &[Policy]| {
            policies
                .iter()
                .map(|policy| (Name::new(&policy.vhost, &policy.name), policy.definition.clone()))
                .collect()
        };
        Policies {
            users: by_name(users),
            operators: by_name(operators),
        }
    }

    /// Everything that is set for a queue, by key.
    ///
    /// Versions that tell what policy and operator policy come to are believed; whose will each key is follows from
    /// the definitions of both.
    pub fn of_queue<'a>(&'a self, queue: &'a Queue) -> Vec<Setting<'a>> {
        let user = Named::of(&self.users, &queue.vhost, queue.policy.as_deref());
        let operator = Named::of(&self.operators, &queue.vhost, queue.operator_policy.as_deref());
        let policies = merged(&user, &operator, queue.effective_policy_definition.as_ref());
        joined(&queue.arguments, policies, queue.kind())
    }

    pub fn of_exchange<'a>(&'a self, exchange: &'a Exchange) -> Vec<Setting<'a>> {
        let user = Named::of(&self.users, &exchange.vhost, exchange.policy.as_deref());
        joined(
            &exchange.arguments,
            merged(&user, &Named::default(), None),
            QueueType::Other,
        )
    }
}

/// The setting of one key.
pub fn of_key<'s, 'a>(settings: &'s [Setting<'a>], key: &str) -> Option<&'s Setting<'a>> {
    settings.iter().find(|setting| setting.key == key)
}

/// The value of one key, if it is a text.
pub fn text_of<'a>(settings: &[Setting<'a>], key: &str) -> Option<&'a str> {
    of_key(settings, key)?.value.as_str()
}

/// The policy of an object: its name, and its definition where that is known.
#[derive(Debug, Default)]
struct Named<'a> {
    name: Option<&'a str>,
    definition: Option<&'a Arguments>,
}

impl<'a> Named<'a> {
    fn of(policies: &'a HashMap<Name, Arguments>, vhost: &str, name: Option<&'a str>) -> Named<'a> {
        Named {
            name,
            definition: name.and_then(|name| policies.get(&Name::new(vhost, name))),
        }
    }

    fn value(&self, key: &str) -> Option<&'a Value> {
        self.definition?.get(key)
    }
}

fn merged<'a>(user: &Named<'a>, operator: &Named<'a>, effective: Option<&'a Arguments>) -> Vec<Setting<'a>> {
    let own = || [user.definition, operator.definition].into_iter().flatten();
    let keys: BTreeSet<&'a str> = match effective {
        Some(effective) => effective.keys().map(String::as_str).collect(),
        None => own().flat_map(BTreeMap::keys).map(String::as_str).collect(),
    };
    let setting = |key: &'a str| {
        let (by_user, by_operator) = (user.value(key), operator.value(key));
        let winner = match (by_user, by_operator) {
            (Some(by_user), Some(by_operator)) => of_policies(key, by_user, by_operator),
            (None, Some(_)) => Winner::Second,
            (Some(_), None) => Winner::First,
            // No definition is known: what there is only one of must be it, and an operator's is the rarer one.
            (None, None) if user.name.is_none() && operator.name.is_some() => Winner::Second,
            (None, None) => Winner::First,
        };
        let (value, source) = match winner {
            Winner::First => (by_user, Source::Policy(user.name)),
            Winner::Second => (by_operator, Source::OperatorPolicy(operator.name)),
        };
        let value = effective.and_then(|effective| effective.get(key)).or(value)?;
        Some(Setting { key, value, source })
    };
    keys.into_iter().filter_map(setting).collect()
}

fn joined<'a>(arguments: &'a Arguments, policies: Vec<Setting<'a>>, kind: QueueType) -> Vec<Setting<'a>> {
    let mut settings: Vec<Setting<'a>> = arguments
        .iter()
        .map(|(key, value)| Setting {
            key: plain(key),
            value,
            source: Source::Argument,
        })
        .collect();
    for policy in policies {
        match settings.iter_mut().find(|setting| setting.key == policy.key) {
            None => settings.push(policy),
            Some(own) => {
                if of_argument_and_policy(policy.key, own.value, policy.value, kind) == Winner::Second {
                    *own = policy;
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
mod tests;
