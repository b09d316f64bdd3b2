//! Rules in words: their condition and what they watch.

use brokerscope_contract::api::connections::ConnectionView;
use brokerscope_contract::api::entities::EntityDetail;
use brokerscope_contract::{Comparison, MetricId, Rule, Scope};
use brokerscope_figures::format;
use leptos::prelude::*;

use crate::api;
use crate::components::{EntityLink, Quantity};
use crate::reactive::derive;
use crate::state::fetched;

pub fn quantity_of(metric: MetricId) -> Quantity {
    Quantity::of(metric.def())
}

/// "Messages waiting above 10,000 for 2 min, clears below 8,000".
pub fn condition(rule: &Rule) -> String {
    let quantity = quantity_of(rule.metric);
    let (beyond, back) = match rule.comparison {
        Comparison::Above => ("above", "below"),
        Comparison::Below => ("below", "above"),
    };
    let mut text = format!("{} {beyond} {}", rule.metric.def().label, quantity.write(rule.fire));
    if rule.for_seconds > 0 {
        text.push_str(&format!(" for {}", format::duration(f64::from(rule.for_seconds))));
    }
    if rule.clear != rule.fire {
        text.push_str(&format!(", clears {back} {}", quantity.write(rule.clear)));
    }
    if rule.keep_firing_seconds > 0 {
        text.push_str(&format!(
            " for {}",
            format::duration(f64::from(rule.keep_firing_seconds))
        ));
    }
    text
}

/// "every queue named orders.* on rabbit-eu"; one entity as a link to it.
#[component]
pub fn ScopeWords(scope: Scope, #[prop(into)] connections: Signal<Vec<ConnectionView>>) -> impl IntoView {
    match scope.entity {
        Some(id) => {
            let detail = fetched::<EntityDetail>(move || Some(api::entities::one(id)), || ());
            let link = move || {
                let entity = detail.get().map(|detail| detail.row.entity.clone());
                entity.map(|entity| view! { <EntityLink entity /> })
            };
            view! { <span>"only " {link}</span> }.into_any()
        }
        None => view! { <span>{derive(move || connections.with(|connections| words(&scope, connections)))}</span> }
            .into_any(),
    }
}

fn words(scope: &Scope, connections: &[ConnectionView]) -> String {
    let what = scope.kind.map_or("everything that has it", |kind| kind.label());
    let mut text = match scope.kind {
        Some(_) => format!("every {what}"),
        None => what.to_string(),
    };
    if let Some(pattern) = &scope.name_pattern {
        text.push_str(&format!(" named {pattern}"));
    }
    if let Some(id) = scope.connection {
        let name = connections
            .iter()
            .find(|connection| connection.id == id)
            .map(|connection| connection.name.as_str());
        text.push_str(&format!(" on {}", name.unwrap_or("a connection that is gone")));
    }
    if let Some(system) = scope.system {
        text.push_str(&format!(" of {}", system.label()));
    }
    text
}

#[cfg(test)]
mod tests {
    use brokerscope_contract::connection::Origin;
    use brokerscope_contract::{EntityKind, RuleId, Severity, System, metrics};

    use super::*;

    fn rule() -> Rule {
        Rule {
            id: RuleId(1),
            name: "deep".into(),
            metric: metrics::DEPTH,
            scope: Scope::default(),
            comparison: Comparison::Above,
            fire: 10_000.0,
            clear: 8_000.0,
            for_seconds: 120,
            keep_firing_seconds: 0,
            severity: Severity::Critical,
            enabled: true,
            origin: Origin::Page,
        }
    }

    #[test]
    fn a_condition_says_both_thresholds_and_the_wait() {
        assert_eq!(
            condition(&rule()),
            "Messages waiting above 10,000 for 2\u{a0}min, clears below 8,000"
        );
        let plain = Rule {
            clear: 10_000.0,
            for_seconds: 0,
            ..rule()
        };
        assert_eq!(condition(&plain), "Messages waiting above 10,000");
    }

    #[test]
    fn a_scope_says_every_part_that_is_set() {
        let scope = Scope {
            system: Some(System::Kafka),
            kind: Some(EntityKind::Topic),
            name_pattern: Some("orders.*".into()),
            ..Scope::default()
        };
        assert_eq!(words(&scope, &[]), "every topic named orders.* of Apache Kafka");
        assert_eq!(words(&Scope::default(), &[]), "everything that has it");
    }
}
