//! Which setting counts, on made-up queues and on those of real brokers.

use serde_json::json;

use super::*;
use crate::rabbitmq::recorded::read;

fn queue(value: Value) -> Queue {
    serde_json::from_value(value).unwrap()
}

fn list(value: Value) -> Vec<Policy> {
    serde_json::from_value(value).unwrap()
}

fn policies() -> Policies {
    Policies::new(
        &list(json!([{"vhost": "/", "name": "p", "definition":
            {"max-length": 10, "dead-letter-exchange": "from-policy", "overflow": "reject-publish"}}])),
        &list(json!([{"vhost": "/", "name": "guard", "definition":
            {"max-length": 5, "message-ttl": 60_000, "overflow": "drop-head"}}])),
    )
}

fn told<'a>(settings: &[Setting<'a>], key: &str) -> Option<(&'a Value, Source<'a>)> {
    of_key(settings, key).map(|setting| (setting.value, setting.source))
}

#[test]
fn an_argument_wins_and_of_two_numbers_the_smaller_one() {
    let queue = queue(json!({"vhost": "/", "name": "q", "policy": "p",
        "arguments": {"x-max-length": 50, "x-dead-letter-exchange": "own"}}));
    let policies = policies();
    let settings = policies.of_queue(&queue);
    assert_eq!(text_of(&settings, "dead-letter-exchange"), Some("own"));
    assert_eq!(
        told(&settings, "max-length"),
        Some((&json!(10), Source::Policy(Some("p"))))
    );
    assert_eq!(text_of(&settings, "overflow"), Some("reject-publish"));
}

#[test]
fn an_operator_lowers_limits_and_decides_what_is_no_number() {
    let queue = queue(json!({"vhost": "/", "name": "q", "policy": "p", "operator_policy": "guard"}));
    let policies = policies();
    let settings = policies.of_queue(&queue);
    let operator = Source::OperatorPolicy(Some("guard"));
    assert_eq!(told(&settings, "max-length"), Some((&json!(5), operator)));
    assert_eq!(told(&settings, "message-ttl"), Some((&json!(60_000), operator)));
    assert_eq!(told(&settings, "overflow"), Some((&json!("drop-head"), operator)));
    let user = Source::Policy(Some("p"));
    assert_eq!(
        told(&settings, "dead-letter-exchange"),
        Some((&json!("from-policy"), user))
    );
}

#[test]
fn what_the_broker_says_is_effective_is_believed() {
    let queue = queue(
        json!({"vhost": "/", "name": "q", "policy": null, "operator_policy": "of-an-unseen-list",
        "effective_policy_definition": {"max-length": 7}}),
    );
    let policies = policies();
    let settings = policies.of_queue(&queue);
    assert_eq!(settings.len(), 1);
    let operator = Source::OperatorPolicy(Some("of-an-unseen-list"));
    assert_eq!(told(&settings, "max-length"), Some((&json!(7), operator)));
}

#[test]
fn a_policy_of_another_virtual_host_does_not_count() {
    let queue = queue(json!({"vhost": "other", "name": "q", "policy": "p", "operator_policy": "guard"}));
    assert!(policies().of_queue(&queue).is_empty());
}

/// Version 4 says in the list of queues what both policies come to, version 3.10 does not; ours is the same for both.
#[test]
fn real_brokers_come_to_what_we_come_to() {
    for version in ["4.3.6", "3.10.8"] {
        let policies = Policies::new(
            &read::<Vec<Policy>>(version, "bridges/policies.json"),
            &read::<Vec<Policy>>(version, "bridges/operator-policies.json"),
        );
        let queues: Vec<Queue> = read(version, "bridges/queues.json");
        let mut compared = 0;
        for mut queue in queues {
            let effective = queue.effective_policy_definition.take();
            let settings = policies.of_queue(&queue);
            for (key, value) in effective.iter().flatten() {
                let ours = settings
                    .iter()
                    .find(|setting| setting.key == key && setting.source != Source::Argument);
                if !queue.arguments.contains_key(&format!("x-{key}")) {
                    assert_eq!(
                        ours.map(|setting| setting.value),
                        Some(value),
                        "{version} {} {key}",
                        queue.name
                    );
                    compared += 1;
                }
            }
            if queue.name == "limited" {
                let guard = Source::OperatorPolicy(Some("guard"));
                assert_eq!(told(&settings, "max-length"), Some((&json!(10), guard)), "{version}");
                let user = Source::Policy(Some("dead-letters"));
                let dead = told(&settings, "dead-letter-exchange");
                assert_eq!(dead, Some((&json!("dlx"), user)), "{version}");
            }
        }
        assert!(compared >= 9, "{version}: {compared}");
    }
}
