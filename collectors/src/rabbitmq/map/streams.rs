//! Readers of streams as subscriptions: how far each is behind, and those of a super stream together.

use std::collections::{BTreeMap, BTreeSet};

use brokerscope_contract::{
    Absence, Attribute, Entity, EntityKey, EntityKind, Evidence, Link, LinkKind, MetricId, Sample, Warning, metrics,
};
use brokerscope_figures::format::count;

use super::clients::{Clients, People};
use crate::rabbitmq::names::Name;
use crate::rabbitmq::super_streams::{SuperStreams, whole_sum};
use crate::rabbitmq::wire::StreamConsumer;

/// What the readers of streams come to.
#[derive(Debug, Default)]
pub struct Mapped {
    pub entities: Vec<Entity>,
    pub links: Vec<Link>,
    pub samples: Vec<Sample>,
    pub warnings: Vec<Warning>,
}

/// All readers of one stream under one name.
#[derive(Debug, Default)]
struct Group<'a> {
    consumers: Vec<&'a StreamConsumer>,
    services: BTreeSet<String>,
    /// The readers gave the name themselves; otherwise it is their service's.
    is_named: bool,
}

/// `total` tells how many messages the readers of a subscription were seen to be sent.
pub fn map(
    clients: &Clients,
    people: &People<'_>,
    super_streams: &SuperStreams,
    is_stream: impl Fn(&Name) -> bool,
    total: impl Fn(&Name, &str) -> Option<f64>,
) -> Mapped {
    let mut groups: BTreeMap<(Name, String), Group<'_>> = BTreeMap::new();
    for consumer in &clients.streams.consumers {
        let stream = Name::new(&consumer.queue.vhost, &consumer.queue.name);
        if !is_stream(&stream) {
            continue;
        }
        let group = groups.entry((stream, subscription(consumer, people))).or_default();
        group.services.insert(people.of_stream(&consumer.connection_details));
        group.is_named = consumer.properties.name.is_some();
        group.consumers.push(consumer);
    }
    let mut mapped = Mapped::default();
    for ((stream, name), group) in &groups {
        let key = key(stream, name);
        let mut entity = Entity::new(key.clone());
        let whole = super_streams.containing(stream).filter(|_| group.is_named);
        let of_stream = || stream.key(EntityKind::Stream);
        entity.parent = Some(whole.map_or_else(of_stream, |whole| self::key(whole, name)));
        entity.attributes = attributes(group);
        mapped.entities.push(entity);
        mapped.read(of_stream(), &key, &group.services);
        let readers = group.consumers.len() as f64;
        let values = [
            (metrics::CONSUMERS, Some(readers)),
            (metrics::DELIVERED, total(stream, name)),
        ];
        mapped.tell(&key, &values);
        mapped.tell_lag(&key, lag(&group.consumers));
    }
    mapped.slowest(&groups);
    mapped.whole(&groups, super_streams);
    mapped
}

/// What one reader was sent, by a name for it, as the counter of its subscription.
pub type Read = (String, Name, [Option<f64>; 1]);

pub fn reads(clients: &Clients, people: &People<'_>) -> Vec<Read> {
    let read = |consumer: &StreamConsumer| {
        let connection = consumer.connection_details.name.clone().unwrap_or_default();
        let reader = format!("{connection} {:?}", consumer.subscription_id);
        let stream = Name::new(&consumer.queue.vhost, &consumer.queue.name);
        (
            reader,
            counted(&stream, &subscription(consumer, people)),
            [consumer.consumed],
        )
    };
    clients.streams.consumers.iter().map(read).collect()
}

/// The name under which a subscription is counted. No name of a broker's object holds the character between.
pub fn counted(stream: &Name, subscription: &str) -> Name {
    Name::new(&stream.vhost, format!("{}\0{subscription}", stream.name))
}

/// The subscription of a reader: the name by which the broker keeps its position, or else its service.
pub fn subscription(consumer: &StreamConsumer, people: &People<'_>) -> String {
    let named = consumer.properties.name.clone();
    named.unwrap_or_else(|| people.of_stream(&consumer.connection_details))
}

/// `stream` may be a super stream.
fn key(stream: &Name, name: &str) -> EntityKey {
    EntityKey::new(EntityKind::StreamConsumer, [&stream.vhost, &stream.name, name])
}

/// How far the slowest of those who read is behind. Those who wait until another one of the same name has gone read
/// nothing. Of one that was sent nothing yet, the broker says zero wherever it began, so that is not known.
pub fn lag(consumers: &[&StreamConsumer]) -> Option<f64> {
    let reading = consumers.iter().filter(|consumer| consumer.active != Some(false));
    let lags = reading.map(|consumer| {
        consumer
            .offset_lag
            .filter(|_| consumer.consumed.is_some_and(|n| n > 0.0))
    });
    lags.reduce(|slowest, lag| Some(slowest?.max(lag?))).flatten()
}

fn attributes(group: &Group<'_>) -> Vec<Attribute> {
    let mut attributes = vec![match group.is_named {
        true => Attribute::new("name", "given by its readers").note("the broker may keep the position under it"),
        false => {
            Attribute::new("name", "none").note("its readers keep the position themselves; called as their service")
        }
    }];
    let waiting = group
        .consumers
        .iter()
        .filter(|consumer| consumer.active == Some(false))
        .count();
    if waiting > 0 {
        let note = "one reads, the others take over when it has gone";
        attributes.push(Attribute::new("waiting readers", count(waiting as f64)).note(note));
    }
    attributes
}

impl Mapped {
    /// `from` is read through `key` by services.
    fn read(&mut self, from: EntityKey, key: &EntityKey, services: &BTreeSet<String>) {
        let link = |from: EntityKey, to: EntityKey, kind| Link {
            from,
            to,
            kind,
            label: None,
            evidence: Evidence::Connected,
        };
        self.links.push(link(from, key.clone(), LinkKind::Subscribes));
        self.links.extend(services.iter().map(|service| {
            let service = EntityKey::new(EntityKind::Service, [service.as_str()]);
            link(key.clone(), service, LinkKind::Consumes)
        }));
    }

    fn tell(&mut self, key: &EntityKey, values: &[(MetricId, Option<f64>)]) {
        let known = values.iter().filter_map(|(metric, value)| Some((*metric, (*value)?)));
        self.samples
            .extend(known.map(|(metric, value)| Sample::new(key.clone(), metric, value)));
    }

    /// What was not sent yet both waits and is the lag.
    fn tell_lag(&mut self, key: &EntityKey, lag: Option<f64>) {
        self.tell(key, &[(metrics::DEPTH, lag), (metrics::LAG, lag)]);
    }

    /// How far the slowest subscription of each stream is behind, as a figure of the stream.
    fn slowest(&mut self, groups: &BTreeMap<(Name, String), Group<'_>>) {
        let mut slowest: BTreeMap<&Name, Option<f64>> = BTreeMap::new();
        for ((stream, _), group) in groups {
            let lag = lag(&group.consumers);
            let worst = slowest.entry(stream).or_insert(lag);
            *worst = worst.zip(lag).map(|(worst, lag)| worst.max(lag));
        }
        for (stream, lag) in slowest {
            self.tell(&stream.key(EntityKind::Stream), &[(metrics::LAG, lag)]);
        }
    }

    /// The readers of one name over all partitions of a super stream. Their lag is a sum over all of them, or unknown.
    fn whole(&mut self, groups: &BTreeMap<(Name, String), Group<'_>>, super_streams: &SuperStreams) {
        for (exchange, partitions) in super_streams.all() {
            let of_these = groups
                .iter()
                .filter(|((stream, _), group)| group.is_named && partitions.contains(stream));
            let names: BTreeSet<&String> = of_these.map(|((_, name), _)| name).collect();
            for name in names {
                let parts: Vec<Option<&Group<'_>>> = partitions
                    .iter()
                    .map(|partition| groups.get(&(partition.clone(), name.clone())))
                    .collect();
                let told: Vec<Option<f64>> = parts.iter().map(|part| lag(&part.as_ref()?.consumers)).collect();
                let present = || parts.iter().flatten();
                let readers: BTreeSet<Option<&str>> = present()
                    .flat_map(|group| &group.consumers)
                    .map(|consumer| consumer.connection_details.name.as_deref())
                    .collect();
                let key = key(exchange, name);
                let mut entity = Entity::new(key.clone());
                entity.parent = Some(exchange.key(EntityKind::Exchange));
                let known = told.iter().flatten().count();
                let of_all = format!("{} of {}", present().count(), partitions.len());
                entity.attributes = vec![Attribute::new("partitions read", of_all)];
                self.entities.push(entity);
                let services = present().flat_map(|group| group.services.iter().cloned()).collect();
                self.read(exchange.key(EntityKind::Exchange), &key, &services);
                self.tell(&key, &[(metrics::CONSUMERS, Some(readers.len() as f64))]);
                self.tell_lag(&key, whole_sum(told.into_iter()));
                if known < partitions.len() {
                    self.warnings.push(part_of_a_sum(key, known, partitions.len()));
                }
            }
        }
    }
}

fn part_of_a_sum(key: EntityKey, known: usize, all: usize) -> Warning {
    let (name, of) = (key.name().to_string(), key.path.get(1).cloned().unwrap_or_default());
    Warning {
        reason: Absence::NoData,
        metrics: vec![metrics::LAG, metrics::DEPTH],
        entity: Some(key),
        text: format!(
            "How far {name} is behind is told for {known} of {all} partitions of super stream {of}, so there is no sum."
        ),
        remedy: Some("A partition tells it once somebody under this name has read from it.".into()),
    }
}

/// Streams that are also read over AMQP, whose readers do not tell where they are.
pub fn silent_readers(clients: &Clients, is_stream: impl Fn(&Name) -> bool) -> Vec<Warning> {
    let of_streams = clients.consumers.iter().filter(|consumer| !consumer.is_of_streams());
    let streams: BTreeSet<Name> = of_streams
        .map(|consumer| Name::new(&consumer.queue.vhost, &consumer.queue.name))
        .filter(is_stream)
        .collect();
    let warning = |stream: Name| Warning {
        reason: Absence::NotSupported,
        metrics: vec![metrics::LAG],
        text: format!(
            "Some readers of stream {} use AMQP, and RabbitMQ does not tell how far those are behind.",
            stream.shown()
        ),
        entity: Some(stream.key(EntityKind::Stream)),
        remedy: Some("Readers over the stream protocol are told about.".into()),
    };
    streams.into_iter().map(warning).collect()
}
