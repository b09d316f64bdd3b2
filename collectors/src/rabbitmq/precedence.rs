//! Which of two settings of the same key wins: between a policy and an operator policy, and between an argument and
//! what the policies come to. The rules are the broker's own and differ by key and by type of queue.

use serde_json::Value;

use super::names::QueueType;

/// Of two settings in the order in which they are given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Winner {
    First,
    Second,
}

/// Of a policy (first) and an operator policy (second): the lower limit counts, and where there is no lower one, what
/// the operator says.
pub fn of_policies(key: &str, policy: &Value, operator: &Value) -> Winner {
    match lower(key, policy, operator) {
        Some(winner) => winner,
        None => Winner::Second,
    }
}

/// Of an object's own argument (first) and what its policies come to (second): the lower limit counts, otherwise the
/// argument. Streams follow their policies in everything, quorum queues in what happens when they are full.
pub fn of_argument_and_policy(key: &str, argument: &Value, policy: &Value, kind: QueueType) -> Winner {
    match (kind, key) {
        (QueueType::Stream, _) | (QueueType::Quorum, "overflow" | "delayed-retry-type") => Winner::Second,
        _ => lower(key, argument, policy).unwrap_or(Winner::First),
    }
}

/// Of two equal numbers the first one.
fn lower(key: &str, first: &Value, second: &Value) -> Option<Winner> {
    let (first, second) = (first.as_f64()?, second.as_f64()?);
    // A negative limit of deliveries is none: any other one is lower.
    let unlimited = key == "delivery-limit" && (first < 0.0 || second < 0.0);
    let second_wins = if unlimited { second > first } else { second < first };
    Some(if second_wins { Winner::Second } else { Winner::First })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn limits_are_lowered_and_an_unlimited_one_is_the_highest() {
        for (key, policy, operator, expected) in [
            ("max-length", json!(10), json!(5), Winner::Second),
            ("max-length", json!(5), json!(10), Winner::First),
            ("delivery-limit", json!(-1), json!(20), Winner::Second),
            ("delivery-limit", json!(3), json!(-1), Winner::First),
            ("overflow", json!("drop-head"), json!("reject-publish"), Winner::Second),
            ("quorum-anything", json!(true), json!(false), Winner::Second),
        ] {
            assert_eq!(
                of_policies(key, &policy, &operator),
                expected,
                "{key} {policy} {operator}"
            );
        }
    }

    #[test]
    fn the_type_of_queue_decides_between_argument_and_policy() {
        use QueueType::{Classic, Quorum, Stream};
        for (kind, key, argument, policy, expected) in [
            (Classic, "dead-letter-exchange", json!("own"), json!("p"), Winner::First),
            (Quorum, "dead-letter-exchange", json!("own"), json!("p"), Winner::First),
            (
                Classic,
                "overflow",
                json!("drop-head"),
                json!("reject-publish"),
                Winner::First,
            ),
            (
                Quorum,
                "overflow",
                json!("drop-head"),
                json!("reject-publish"),
                Winner::Second,
            ),
            (Classic, "message-ttl", json!(9), json!(5), Winner::Second),
            (Classic, "message-ttl", json!(5), json!(9), Winner::First),
            (Stream, "max-length-bytes", json!(5), json!(9), Winner::Second),
            (Stream, "max-age", json!("1D"), json!("7D"), Winner::Second),
        ] {
            assert_eq!(
                of_argument_and_policy(key, &argument, &policy, kind),
                expected,
                "{kind:?} {key}"
            );
        }
    }
}
