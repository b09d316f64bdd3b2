//! The faults that can be switched on in the shop: one table, from which the API and the page follow.

use brokerscope_contract::api::demo::{FaultPlace, FaultView};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Fault {
    PaymentSlow,
    PaymentDown,
    InventoryStopped,
    PoisonMessage,
    HotKey,
    Duplicates,
    ConnectionLeak,
    NodeKilled,
    OutOfSync,
    TrafficTimesTen,
    NewSchema,
    RetryStorm,
}

struct Row {
    fault: Fault,
    slug: &'static str,
    title: &'static str,
    expect: &'static str,
    place: FaultPlace,
    search: &'static str,
}

use FaultPlace::{Destinations, Health, Overview, Subscriptions};

#[rustfmt::skip]
const TABLE: [Row; 12] = [
    Row { fault: Fault::PaymentSlow, slug: "payment-slow", title: "Payment provider slow",
        expect: "Each charge takes about a second: the lag of payment-service grows and it is called slow.",
        place: Subscriptions, search: "payment-service" },
    Row { fault: Fault::PaymentDown, slug: "payment-down", title: "Payment provider down",
        expect: "The circuit breaker opens, charges go round the retry topics, and after the fifth try they are dead \
                 letters and their orders are cancelled.",
        place: Destinations, search: "payment-requests" },
    Row { fault: Fault::InventoryStopped, slug: "inventory-stopped", title: "Inventory consumer stopped",
        expect: "Nobody reads inventory-requests: messages wait, and inventory-service has no consumer.",
        place: Subscriptions, search: "inventory-service" },
    Row { fault: Fault::PoisonMessage, slug: "poison-message", title: "Poison message",
        expect: "notification-service tries one unreadable message again and again and gets no further: its lag grows \
                 until this is switched off. analytics-service puts the message into orders.dlq at once, and \
                 notification-service its own copy when it gives up.",
        place: Subscriptions, search: "notification-service" },
    Row { fault: Fault::HotKey, slug: "hot-key", title: "Hot key",
        expect: "One visitor's page views all go to one partition of page-views: only there analytics-service falls \
                 behind.",
        place: Subscriptions, search: "analytics-service" },
    Row { fault: Fault::Duplicates, slug: "duplicates", title: "Duplicates",
        expect: "The order service's producer has no idempotence and half of its acknowledgements get lost, so it \
                 repeats what is stored already: the rates into the topics of requests rise, the number of orders does \
                 not, because consumers ignore what they have done.",
        place: Destinations, search: "requests" },
    Row { fault: Fault::ConnectionLeak, slug: "connection-leak", title: "Connection leak",
        expect: "report-exporter opens another consumer every few seconds and closes none: its group gains members \
                 that have nothing to read.",
        place: Subscriptions, search: "report-exporter" },
    Row { fault: Fault::NodeKilled, slug: "node-killed", title: "Broker node killed",
        expect: "One of three brokers is gone: its partitions get new leaders and are under-replicated, and the \
                 checks of the cluster say so.",
        place: Health, search: "" },
    Row { fault: Fault::OutOfSync, slug: "out-of-sync", title: "Replicas out of sync",
        expect: "Followers no longer keep up: the check for under-replicated partitions warns, while messages flow \
                 as before.",
        place: Health, search: "" },
    Row { fault: Fault::TrafficTimesTen, slug: "traffic-times-ten", title: "Traffic times ten",
        expect: "Ten times the usual messages: rates rise at once, and the slower services fall behind.",
        place: Overview, search: "" },
    Row { fault: Fault::NewSchema, slug: "new-schema", title: "New schema version",
        expect: "Page views come in a version that analytics-service cannot read: it puts them all into \
                 page-views.dlq.",
        place: Destinations, search: "page-views" },
    Row { fault: Fault::RetryStorm, slug: "retry-storm", title: "Retries without back-off",
        expect: "Failed charges are retried at once and far too often: the rate into the retry topics multiplies.",
        place: Destinations, search: "retry" },
];

impl Fault {
    pub fn all() -> impl Iterator<Item = Fault> {
        TABLE.iter().map(|row| row.fault)
    }

    pub fn slug(self) -> &'static str {
        self.row().slug
    }

    pub fn from_slug(slug: &str) -> Option<Fault> {
        TABLE.iter().find(|row| row.slug == slug).map(|row| row.fault)
    }

    fn row(self) -> &'static Row {
        // In the order of the variants, which a test holds.
        &TABLE[self as usize]
    }
}

/// Which faults are on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Faults(u16);

impl Faults {
    pub fn has(self, fault: Fault) -> bool {
        self.0 & bit(fault) != 0
    }

    #[must_use]
    pub fn with(self, fault: Fault, on: bool) -> Faults {
        if on {
            Faults(self.0 | bit(fault))
        } else {
            Faults(self.0 & !bit(fault))
        }
    }

    pub fn views(self) -> Vec<FaultView> {
        let view = |row: &Row| FaultView {
            slug: row.slug.into(),
            title: row.title.into(),
            expect: row.expect.into(),
            place: row.place,
            search: row.search.into(),
            on: self.has(row.fault),
        };
        TABLE.iter().map(view).collect()
    }
}

fn bit(fault: Fault) -> u16 {
    1 << fault as u16
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_fault_has_its_own_line_and_slug() {
        for (place, row) in TABLE.iter().enumerate() {
            assert_eq!(row.fault as usize, place, "{}", row.slug);
            assert_eq!(Fault::from_slug(row.slug), Some(row.fault));
            assert_eq!(row.fault.slug(), row.slug);
            assert!(row.expect.ends_with('.'), "{}", row.slug);
        }
        assert_eq!(Fault::from_slug("earthquake"), None);
    }

    #[test]
    fn switching_one_leaves_the_others() {
        for fault in Fault::all() {
            let others = |faults: Faults| {
                Fault::all()
                    .filter(|other| *other != fault && faults.has(*other))
                    .count()
            };
            let on = Faults::default().with(fault, true);
            assert!(on.has(fault) && others(on) == 0);
            let all = Fault::all().fold(Faults::default(), |all, one| all.with(one, true));
            let off = all.with(fault, false);
            assert!(!off.has(fault) && others(off) == TABLE.len() - 1);
        }
        assert_eq!(Faults::default().views().iter().filter(|view| view.on).count(), 0);
    }
}
