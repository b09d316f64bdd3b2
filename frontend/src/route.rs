//! Every page of the product and its address; links are built from here and nowhere else.

use brokerscope_contract::rule::RuleId;
use brokerscope_contract::{ConnectionId, EntityId};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Route {
    Overview,
    Topology,
    /// The table of destinations.
    Destinations,
    /// The table of subscriptions.
    Subscriptions,
    Entity(EntityId),
    Alerts,
    RuleNew,
    Rule(RuleId),
    Health,
    /// What can be broken in the demo.
    Faults,
    Connections,
    ConnectionNew,
    Connection(ConnectionId),
    NotFound,
}

impl Route {
    pub fn path(self) -> String {
        match self {
            Route::Overview | Route::NotFound => "/".into(),
            Route::Topology => "/topology".into(),
            Route::Destinations => "/queues".into(),
            Route::Subscriptions => "/queues/subscriptions".into(),
            Route::Entity(id) => format!("/entities/{}", id.0),
            Route::Alerts => "/alerts".into(),
            Route::RuleNew => "/rules/new".into(),
            Route::Rule(id) => format!("/rules/{}", id.0),
            Route::Health => "/health".into(),
            Route::Faults => "/faults".into(),
            Route::Connections => "/connections".into(),
            Route::ConnectionNew => "/connections/new".into(),
            Route::Connection(id) => format!("/connections/{}", id.0),
        }
    }

    pub fn parse(path: &str) -> Route {
        let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
        match parts.as_slice() {
            [] => Route::Overview,
            ["topology"] => Route::Topology,
            ["queues"] => Route::Destinations,
            ["queues", "subscriptions"] => Route::Subscriptions,
            ["entities", id] => number(id).map_or(Route::NotFound, |id| Route::Entity(EntityId(id))),
            ["alerts"] => Route::Alerts,
            ["rules", "new"] => Route::RuleNew,
            ["rules", id] => number(id).map_or(Route::NotFound, |id| Route::Rule(RuleId(id))),
            ["health"] => Route::Health,
            ["faults"] => Route::Faults,
            ["connections"] => Route::Connections,
            ["connections", "new"] => Route::ConnectionNew,
            ["connections", id] => number(id).map_or(Route::NotFound, |id| Route::Connection(ConnectionId(id))),
            _ => Route::NotFound,
        }
    }

    /// The words for the window's title.
    pub fn title(self) -> &'static str {
        match self {
            Route::Overview => "Overview",
            Route::Topology => "Topology",
            Route::Destinations => "Destinations",
            Route::Subscriptions => "Subscriptions",
            Route::Entity(_) => "Queue",
            Route::Alerts => "Alerts",
            Route::RuleNew => "New rule",
            Route::Rule(_) => "Rule",
            Route::Health => "Health",
            Route::Faults => "Faults",
            Route::Connections => "Connections",
            Route::ConnectionNew => "Add a connection",
            Route::Connection(_) => "Connection",
            Route::NotFound => "Not found",
        }
    }

    /// Whether the page draws the chosen time range. A rule has a past of its own to choose.
    pub fn has_charts(self) -> bool {
        matches!(self, Route::Entity(_))
    }

    /// The entry of the navigation under which this page belongs.
    pub fn section(self) -> Route {
        match self {
            Route::Subscriptions | Route::Entity(_) => Route::Destinations,
            Route::RuleNew | Route::Rule(_) => Route::Alerts,
            Route::ConnectionNew | Route::Connection(_) => Route::Connections,
            other => other,
        }
    }
}

fn number(text: &str) -> Option<i64> {
    text.parse().ok().filter(|id| *id > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_leads_back_to_its_page() {
        for route in [
            Route::Overview,
            Route::Faults,
            Route::Destinations,
            Route::Subscriptions,
            Route::Entity(EntityId(7)),
            Route::RuleNew,
            Route::Rule(RuleId(3)),
            Route::ConnectionNew,
            Route::Connection(ConnectionId(2)),
        ] {
            assert_eq!(Route::parse(&route.path()), route);
        }
    }

    #[test]
    fn nonsense_is_not_a_page() {
        for path in [
            "/entities/x",
            "/entities/0",
            "/entities/-1",
            "/queues/other",
            "/rules",
            "/nope",
        ] {
            assert_eq!(Route::parse(path), Route::NotFound, "{path}");
        }
    }
}
