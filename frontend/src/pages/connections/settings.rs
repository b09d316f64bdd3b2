//! A connection's settings on one line: those that were set, secrets only as "stored".

use std::sync::Arc;

use brokerscope_contract::api::connections::{ConnectionView, SystemView};
use brokerscope_contract::{Field, FieldKind};
use leptos::prelude::*;

use crate::forms::Entries;
use crate::reactive::{memo, redrawn};

/// A value longer than this says nothing more at a glance.
const LONGEST: usize = 48;

#[component]
pub fn SettingsLine(connection: Signal<ConnectionView>, systems: Signal<Arc<Vec<SystemView>>>) -> impl IntoView {
    let parts = memo(move || {
        connection.with(|connection| {
            let fields = systems.with(|systems| {
                let system = systems.iter().find(|system| system.system == connection.system);
                system.map(|system| system.fields.clone()).unwrap_or_default()
            });
            summary(&fields, connection)
        })
    });
    let part = |(label, value): (String, String)| {
        view! {
            <div>
                <dt>{label}</dt>
                <dd class="path"><bdi>{value}</bdi></dd>
            </div>
        }
    };
    view! { <dl class="facts settings">{redrawn(move || parts.get().into_iter().map(part).collect_view().into_any())}</dl> }
}

fn summary(fields: &[Field], connection: &ConnectionView) -> Vec<(String, String)> {
    let entries = Entries::of(fields, &connection.settings);
    let shown = fields.iter().filter(|field| entries.is_shown(field, fields));
    let parts = shown.filter_map(|field| {
        let value = match field.kind.is_secret() {
            true if connection.secrets_set.contains(&field.key) => "stored".to_string(),
            true => return None,
            false => shortened(entries.text(&field.key)),
        };
        let unit = match &field.kind {
            FieldKind::Number { unit, .. } if !unit.is_empty() => format!("\u{a0}{unit}"),
            _ => String::new(),
        };
        (!value.is_empty() && Some(&value) != field.default.as_ref()).then(|| (field.label.clone(), value + &unit))
    });
    parts.collect()
}

/// The lines joined, cut where it gets long; of a certificate only that there is one.
fn shortened(text: &str) -> String {
    if text.trim_start().starts_with("-----BEGIN") {
        return "set".into();
    }
    let joined = text
        .split('\n')
        .filter(|line| !line.is_empty())
        .collect::<Vec<_>>()
        .join(", ");
    match joined.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &joined[..end]),
        None => joined,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_values_are_cut_at_a_letter_and_certificates_are_not_shown() {
        assert_eq!(shortened("a:1\nb:2"), "a:1, b:2");
        assert_eq!(shortened("-----BEGIN CERTIFICATE-----\nMIIB"), "set");
        assert_eq!(shortened(&"ü".repeat(60)), format!("{}…", "ü".repeat(48)));
    }
}
