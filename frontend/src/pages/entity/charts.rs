//! The charts of an entity over the chosen range, under one cursor.

use std::sync::Arc;

use brokerscope_contract::api::entities::MetricView;
use brokerscope_contract::api::series::SeriesAnswer;
use brokerscope_contract::{Comparison, Judgement, MetricId, Rule, Verdict};
use brokerscope_figures::range::Span;
use leptos::html;
use leptos::prelude::*;

use super::Detail;
use super::groups::{Group, groups};
use crate::api;
use crate::charts::{Cursor, Ink, Mark, Series, Threshold, ThresholdKind, TimeChart, width_of};
use crate::components::{Notice, Quantity, tone_of};
use crate::reactive::{derive, memo};
use crate::state::{Fetched, fetched_moving, use_live, use_range};

/// A chart is at least this wide before there are two in a row, as in the style sheet.
const NARROWEST: f64 = 420.0;

#[component]
pub fn Charts(detail: Detail) -> impl IntoView {
    let range = use_range();
    let place = NodeRef::<html::Div>::new();
    let width = width_of(place);
    let charts = memo(move || detail.with(|detail| groups(&detail.metrics)));
    let series = series(detail, charts, width);
    let cursor = Cursor::new(None);
    let window = memo(move || match series.get() {
        Some(answer) => (answer.from.0, answer.to.0),
        None => range.window(),
    });
    let chart = move |group: Group| {
        view! { <Chart detail group series window=window.into() cursor /> }
    };
    let of_rank = move |first: bool| {
        let shown = move || charts.get().into_iter().filter(move |group| group.first == first);
        view! { <For each=shown key=|group| group.metrics.clone() children=chart /> }
    };
    let has_more = memo(move || charts.with(|charts| charts.iter().any(|group| !group.first)));
    let error = derive(move || series.error());
    view! {
        <Notice error />
        <div class="grid-2 charts" node_ref=place>{of_rank(true)}</div>
        <Show when=move || has_more.get()>
            <details class="more-charts">
                <summary>"More figures"</summary>
                <div class="grid-2">{of_rank(false)}</div>
            </details>
        </Show>
    }
    .into_any()
}

/// All lines of all charts in one request, asked for anew with every visit while the range is live.
fn series(detail: Detail, charts: Memo<Vec<Group>>, width: Signal<f64>) -> Fetched<SeriesAnswer> {
    let (live, range) = (use_live(), use_range());
    let entity = memo(move || detail.with(|detail| (detail.row.entity.id, detail.row.entity.connection)));
    let points = memo(move || points_for(width.get()));
    let path = move || {
        let (id, connection) = entity.get();
        if range.span().is_live() {
            live.follow(connection);
        }
        let metrics: Vec<MetricId> =
            charts.with(|charts| charts.iter().flat_map(|group| group.metrics.clone()).collect());
        let (from, to) = range.window();
        let points = points.get()?;
        (!metrics.is_empty()).then(|| api::series::one(id, &metrics, from, to, points))
    };
    fetched_moving(path, || ())
}

/// About a point for every pixel and a half, in steps so that a small change of width asks for nothing new.
fn points_for(width: f64) -> Option<usize> {
    let columns = (width / NARROWEST).floor().clamp(1.0, 4.0);
    let points = (width / columns / 1.5 / 100.0).ceil() * 100.0;
    (width > 0.0).then_some(points.clamp(100.0, 1_000.0) as usize)
}

#[component]
fn Chart(
    detail: Detail,
    group: Group,
    series: Fetched<SeriesAnswer>,
    window: Signal<(i64, i64)>,
    cursor: Cursor,
) -> impl IntoView {
    let range = use_range();
    let (title, quantity) = (group.title.clone(), group.quantity);
    let (metrics, unmeasured) = (group.metrics.clone(), group.metrics.clone());
    let lines = derive(move || {
        series
            .get()
            .map(|answer| lines(&answer, &group.metrics))
            .unwrap_or_default()
    });
    let thresholds = Memo::new_with_compare(
        move |_| {
            detail.with(|detail| {
                detail
                    .rules
                    .iter()
                    .flat_map(|rule| levels(rule, &metrics))
                    .collect::<Vec<_>>()
            })
        },
        |_, _| true,
    );
    let why_nothing = memo(move || detail.with(|detail| why_nothing(&detail.metrics, &unmeasured)));
    let marks = memo(move || detail.with(|detail| turned_bad(&detail.row.judgement)));
    view! {
        <TimeChart
            title
            series=lines
            window
            quantity
            cursor
            thresholds
            marks
            why_nothing
            zoomed=move |(from, to)| range.set(Span::between(from, to))
            zoomed_out=move |()| range.zoom_out()
        />
    }
}

/// When the present verdict began, unless all is well.
fn turned_bad(judgement: &Judgement) -> Vec<Mark> {
    let mark = Mark {
        at: judgement.since.0,
        label: judgement.verdict.label().to_string(),
        tone: tone_of(judgement.verdict.status()),
    };
    if judgement.verdict == Verdict::Ok {
        Vec::new()
    } else {
        vec![mark]
    }
}

/// What was said about the figures of a chart that are missing.
fn why_nothing(views: &[MetricView], metrics: &[MetricId]) -> Option<String> {
    let about = views.iter().filter(|view| metrics.contains(&view.metric));
    let reasons: Vec<&str> = about.filter_map(|view| view.why.as_deref()).collect();
    Some(match reasons.as_slice() {
        [] => "Nothing was measured in this time.".into(),
        reasons => reasons.join(" "),
    })
}

fn lines(answer: &SeriesAnswer, metrics: &[MetricId]) -> Vec<Series> {
    let of = |metric: &MetricId| answer.lines.iter().find(|line| line.metric == *metric);
    let series = |metric: &MetricId| {
        of(metric).map(|line| Series {
            label: metric.def().label.to_string(),
            ink: Ink::of(*metric),
            line: Arc::new(line.clone()),
        })
    };
    metrics.iter().filter_map(series).collect()
}

/// Where a rule fires and clears, when it is about one of these metrics.
fn levels(rule: &Rule, metrics: &[MetricId]) -> Vec<Threshold> {
    if !metrics.contains(&rule.metric) {
        return Vec::new();
    }
    let quantity = Quantity::of(rule.metric.def());
    let (fires, clears) = match rule.comparison {
        Comparison::Above => ("fires above", "clears below"),
        Comparison::Below => ("fires below", "clears above"),
    };
    let level = |value: f64, words: &str, kind| Threshold {
        value,
        label: format!("{words} {}", quantity.write(value)),
        kind,
        moved: None,
    };
    let mut levels = vec![level(rule.fire, fires, ThresholdKind::Fire)];
    if rule.clear != rule.fire {
        levels.push(level(rule.clear, clears, ThresholdKind::Clear));
    }
    levels
}
