//! The stored past with both thresholds in it, and the sentence that says what the rule would have done.

use std::sync::Arc;

use brokerscope_contract::Comparison;
use brokerscope_contract::api::rules::{Preview, PreviewEntity};
use leptos::prelude::*;

use super::draft::Draft;
use super::preview::Previewed;
use crate::charts::{Ink, Series, Threshold, ThresholdKind, TimeChart};
use crate::components::{Chip, Notice, Skeleton};
use crate::forms::number;
use crate::pages::alerts::quantity_of;
use crate::reactive::{derive, memo, when};
use crate::state::use_address;

/// The lengths of past to choose from.
const PASTS: [(&str, &str, i64); 3] = [
    ("1h", "1 hour", 3_600_000),
    ("24h", "24 hours", 86_400_000),
    ("7d", "7 days", 7 * 86_400_000),
];

#[component]
pub fn Past(draft: Draft) -> impl IntoView {
    let address = use_address();
    let param = address.param("past");
    let past = memo(move || {
        let asked = param.get();
        PASTS
            .iter()
            .find(|(slug, ..)| Some(*slug) == asked.as_deref())
            .unwrap_or(&PASTS[1])
            .2
    });
    let previewed = Previewed::of(draft, past);
    let chosen = RwSignal::new(0_usize);
    let ranges = PASTS.map(|(slug, label, length)| {
        let on = derive(move || past.get() == length);
        view! { <Chip on press=move |()| address.set_param("past", Some(slug))>{label}</Chip> }
    });
    let outcome = move || previewed.answer.get().map(|preview| preview.sentence.clone());
    view! {
        <section class="past" aria-label="What it would have done">
            <p class="outcome" role="status">{derive(move || outcome().unwrap_or_else(|| "Looking at the stored past…".into()))}</p>
            <div class="filters">
                <span class="chips" role="group" aria-label="Stored past">{ranges}</span>
                <Entities previewed chosen />
            </div>
            <Notice error=previewed.error />
            <Chart draft previewed chosen />
            <p class="muted reached">{derive(move || previewed.answer.get().map(|preview| reached(&preview)))}</p>
        </section>
    }
    .into_any()
}

/// "Matches 12 now; the 5 that fire most are drawn."
fn reached(preview: &Preview) -> String {
    let matches = match preview.matches {
        0 => return String::new(),
        1 => "Matches 1 now.".to_string(),
        n => format!("Matches {n} now."),
    };
    match preview.evaluated < preview.matches {
        true => format!("{matches} Looked at {} of them.", preview.evaluated),
        false => matches,
    }
}

/// Which of the previewed entities is drawn.
#[component]
fn Entities(previewed: Previewed, chosen: RwSignal<usize>) -> impl IntoView {
    let names = memo(move || {
        let answer = previewed.answer.get();
        let entities = answer.map(|preview| {
            let name = |entity: &PreviewEntity| (entity.entity.title().to_string(), entity.firings.len());
            preview.entities.iter().map(name).collect::<Vec<_>>()
        });
        entities.unwrap_or_default()
    });
    let chip = move |(index, (name, firings)): (usize, (String, usize))| {
        let on = derive(move || chosen.get() == index);
        view! {
            <Chip on press=move |()| chosen.set(index)>
                <span class="path">{name}</span>
                <b class="num" class:none=firings == 0>{format!("{firings}×")}</b>
            </Chip>
        }
    };
    let chips = move || names.get().into_iter().enumerate().map(chip).collect_view();
    view! {
        {when(move || { names.with(Vec::len) > 1 }, move || view! {
            <span class="chips" role="group" aria-label="Drawn">{chips}</span>
        }.into_any())}
    }
}

#[component]
fn Chart(draft: Draft, previewed: Previewed, chosen: RwSignal<usize>) -> impl IntoView {
    let cursor = RwSignal::new(None);
    let entity = move || {
        let preview = previewed.answer.get()?;
        let last = preview.entities.len().checked_sub(1)?;
        preview.entities.get(chosen.get().min(last)).cloned()
    };
    let series = derive(move || {
        let series = entity().map(|entity| Series {
            label: entity.entity.title().to_string(),
            ink: Ink::of(entity.line.metric),
            line: Arc::new(entity.line),
        });
        series.into_iter().collect::<Vec<_>>()
    });
    let shaded = derive(move || {
        let end = previewed.window.get().1;
        let spans = entity().map(|entity| {
            entity
                .firings
                .iter()
                .map(|firing| (firing.from.0, firing.to.map_or(end, |to| to.0)))
                .collect::<Vec<_>>()
        });
        spans.unwrap_or_default()
    });
    let thresholds = derive(move || thresholds(draft));
    let drawn = memo(move || previewed.answer.get().map(|_| draft.metric.get()));
    move || match drawn.get() {
        None => view! { <Skeleton rows=1 height=340 /> }.into_any(),
        Some(metric) => view! {
            <TimeChart
                title=metric.def().label
                series
                window=previewed.window
                quantity=quantity_of(metric)
                cursor
                thresholds
                shaded
                roomy=true
                height=340.0
            />
        }
        .into_any(),
    }
}

fn thresholds(draft: Draft) -> Vec<Threshold> {
    let quantity = quantity_of(draft.metric.get());
    let beyond = |comparison| {
        if comparison == Comparison::Above {
            ("above", "below")
        } else {
            ("below", "above")
        }
    };
    let (beyond, back) = beyond(draft.comparison.get());
    let level = |text: String, kind, words: &str, moved: Callback<f64>| {
        number::read(&text).map(|value| Threshold {
            value,
            label: format!("{words} {}", quantity.write(value)),
            kind,
            moved: (!draft.is_fixed()).then_some(moved),
        })
    };
    // To three digits: what a hand can mean with a line.
    let fire = Callback::new(move |value: f64| draft.set_fire(number::rounded(value, 3)));
    let clear = Callback::new(move |value: f64| draft.set_clear(number::rounded(value, 3)));
    let levels = [
        level(draft.fire.get(), ThresholdKind::Fire, &format!("fire {beyond}"), fire),
        level(draft.clear.get(), ThresholdKind::Clear, &format!("clear {back}"), clear),
    ];
    levels.into_iter().flatten().collect()
}
