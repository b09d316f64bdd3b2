//! Super streams: streams that are partitions of one, joined by an exchange.

use std::collections::{BTreeMap, HashMap};

use super::inventory::Inventory;
use super::names::Name;

/// Set by the broker on the exchange of a super stream, and on its bindings.
const SUPER_STREAM: &str = "x-super-stream";
const ORDER: &str = "x-stream-partition-order";

/// The partitions of each super stream, in their order, by the name of its exchange.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct SuperStreams {
    partitions: BTreeMap<Name, Vec<Name>>,
    of: HashMap<Name, Name>,
}

impl SuperStreams {
    pub fn of(inventory: &Inventory) -> SuperStreams {
        let marked = |value: Option<&serde_json::Value>| value.and_then(serde_json::Value::as_bool) == Some(true);
        let mut partitions: BTreeMap<Name, Vec<(i64, Name)>> = inventory
            .exchanges
            .iter()
            .filter(|exchange| marked(exchange.arguments.get(SUPER_STREAM)))
            .map(|exchange| (exchange.key(), Vec::new()))
            .collect();
        for binding in inventory.bindings.iter().filter(|b| b.destination_type == "queue") {
            if let Some(of) = partitions.get_mut(&Name::new(&binding.vhost, &binding.source)) {
                let order = binding.arguments.get(ORDER).and_then(serde_json::Value::as_i64);
                of.push((
                    order.unwrap_or(i64::MAX),
                    Name::new(&binding.vhost, &binding.destination),
                ));
            }
        }
        let sorted = partitions.into_iter().map(|(exchange, mut partitions)| {
            partitions.sort_unstable();
            // One stream may be bound under several keys.
            partitions.dedup_by(|a, b| a.1 == b.1);
            (exchange, partitions.into_iter().map(|(_, name)| name).collect())
        });
        let partitions: BTreeMap<Name, Vec<Name>> = sorted.collect();
        let each = |(exchange, partitions): (&Name, &Vec<Name>)| {
            let exchange = exchange.clone();
            let of = partitions.clone().into_iter();
            of.map(move |partition| (partition, exchange.clone()))
                .collect::<Vec<_>>()
        };
        SuperStreams {
            of: partitions.iter().flat_map(each).collect(),
            partitions,
        }
    }

    /// The super stream that a stream is a partition of.
    pub fn containing(&self, stream: &Name) -> Option<&Name> {
        self.of.get(stream)
    }

    pub fn partitions(&self, exchange: &Name) -> Option<&[Name]> {
        self.partitions.get(exchange).map(Vec::as_slice)
    }

    pub fn all(&self) -> impl Iterator<Item = (&Name, &[Name])> {
        self.partitions.iter().map(|(exchange, of)| (exchange, of.as_slice()))
    }
}

/// The sum over all parts, or nothing where a part is not known: a part of a sum is no sum.
pub fn whole_sum(parts: impl Iterator<Item = Option<f64>>) -> Option<f64> {
    let mut parts = parts.peekable();
    parts.peek()?;
    parts.try_fold(0.0, |sum, part| Some(sum + part?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rabbitmq::recorded::stream_inventory;

    #[test]
    fn partitions_belong_to_the_exchange_that_joins_them() {
        let found = SuperStreams::of(&stream_inventory("4.3.6"));
        let name = |name: &str| Name::new("bridge-b", name);
        let partitions = [name("invoices-0"), name("invoices-1"), name("invoices-2")];
        assert_eq!(found.partitions(&name("invoices")), Some(partitions.as_slice()));
        assert_eq!(found.containing(&name("invoices-1")), Some(&name("invoices")));
        assert_eq!(found.containing(&name("clicks")), None, "a stream of its own");
        assert_eq!(found.all().count(), 1);
        // An exchange whose bindings lead to streams is no super stream for that.
        assert_eq!(found.partitions(&name("events")), None);
    }

    #[test]
    fn a_part_of_a_sum_is_no_sum() {
        assert_eq!(whole_sum([Some(1.0), Some(2.0)].into_iter()), Some(3.0));
        assert_eq!(whole_sum([Some(1.0), None].into_iter()), None);
        assert_eq!(whole_sum(std::iter::empty()), None);
    }
}
