//! One number with its unit, or a dash with the reason why there is none.

use brokerscope_contract::{Absence, Method, MetricDef, MetricKind, Reading, Unit};
use brokerscope_figures::{calendar, format};
use leptos::prelude::*;

/// How a value is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quantity {
    Count,
    /// Per second.
    Rate,
    ByteRate,
    Duration,
    Bytes,
    Share,
}

impl Quantity {
    /// How values of a metric are written; counters are shown as rates.
    pub fn of(def: &MetricDef) -> Quantity {
        match (def.kind, def.unit) {
            (MetricKind::Counter, Unit::Bytes) => Quantity::ByteRate,
            (MetricKind::Counter, _) => Quantity::Rate,
            (_, Unit::Bytes) => Quantity::Bytes,
            (_, Unit::Seconds) => Quantity::Duration,
            (_, Unit::Ratio) => Quantity::Share,
            (_, Unit::Messages | Unit::Count | Unit::Offset) => Quantity::Count,
        }
    }

    pub fn write(self, value: f64) -> String {
        match self {
            Quantity::Count => format::count(value),
            Quantity::Rate => format::rate(value),
            Quantity::ByteRate => format!("{}/s", format::bytes(value)),
            Quantity::Duration => format::duration(value),
            Quantity::Bytes => format::bytes(value),
            Quantity::Share => format::percent(value),
        }
    }

    /// The mark of an axis: short, and exact enough to be told from the next.
    pub fn write_mark(self, value: f64) -> String {
        match self {
            Quantity::Duration => format::duration_mark(value),
            other => other.write_short(value),
        }
    }

    /// The shorter form for narrow columns.
    pub fn write_short(self, value: f64) -> String {
        match self {
            Quantity::Count => format::short(value),
            Quantity::Duration => format::duration_short(value),
            other => other.write(value),
        }
    }
}

/// Why there is no number, for the tooltip of a dash.
pub fn absence_reason(absent: Option<Absence>) -> &'static str {
    absent.unwrap_or(Absence::NoData).label()
}

/// A reading. What was derived is marked; what is old is faint; what is missing is a dash that says why.
#[component]
pub fn Figure(
    #[prop(into)] reading: Signal<Reading>,
    quantity: Quantity,
    /// One unit only.
    #[prop(optional)]
    short: bool,
    /// A sentence why there is no number, when more is known than the kind of absence.
    #[prop(optional, into)]
    why: Option<String>,
) -> impl IntoView {
    move || {
        let reading = reading.get();
        match reading.value {
            Some(value) => known(reading, value, quantity, short),
            None => missing(why.clone().unwrap_or_else(|| absence_reason(reading.absent).into())),
        }
    }
}

fn known(reading: Reading, value: f64, quantity: Quantity, short: bool) -> AnyView {
    let text = match short {
        true => quantity.write_short(value),
        false => quantity.write(value),
    };
    let (sign, how) = match reading.method {
        Some(Method::Estimated) => ("≈\u{202f}", Some("estimated from a rate")),
        Some(Method::Interpolated) => ("≈\u{202f}", Some("interpolated between two stored observations")),
        Some(Method::Exact) => ("", Some("exact, from the broker")),
        None => ("", None),
    };
    let stale = reading.absent == Some(Absence::Stale);
    let tip = match (stale, how) {
        (true, _) => Some(last_known(reading)),
        (false, how) => how.map(str::to_string),
    };
    let focusable = tip.as_ref().map(|_| "0");
    // The look alone tells nobody who listens.
    let aloud = tip
        .clone()
        .filter(|_| stale)
        .map(|tip| view! { <span class="vh">" ("{tip}")"</span> });
    view! { <span class="figure" class:stale=stale data-tip=tip tabindex=focusable>{sign}{text}{aloud}</span> }
        .into_any()
}

fn last_known(reading: Reading) -> String {
    match reading.at {
        Some(at) => format!("last known, from {}", calendar::whole(at.0)),
        None => "last known; the broker has not answered lately".into(),
    }
}

fn missing(reason: String) -> AnyView {
    let tip = reason.clone();
    view! {
        <span class="figure none" tabindex="0" data-tip=tip>
            <span aria-hidden="true">{format::DASH}</span>
            <span class="vh">{reason}</span>
        </span>
    }
    .into_any()
}
