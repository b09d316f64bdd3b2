//! The drawing of a chart as SVG, from its frame.

use brokerscope_figures::calendar;
use brokerscope_figures::path;
use leptos::prelude::*;

use super::Cursor;
use super::frame::{Frame, LEFT, TOP, name_heights};
use super::series::{Mark, Series, Threshold, ThresholdKind};
use crate::components::Quantity;

/// Everything that is drawn, each part on its own when it changes.
#[derive(Clone, Copy)]
pub struct Drawn {
    pub frame: Memo<Frame>,
    pub series: Signal<Vec<Series>>,
    pub thresholds: Signal<Vec<Threshold>>,
    pub shaded: Signal<Vec<(i64, i64)>>,
    pub marks: Signal<Vec<Mark>>,
    pub quantity: Quantity,
    pub cursor: Cursor,
    pub selection: Signal<Option<(f64, f64)>>,
}

pub fn plot(drawn: Drawn) -> AnyView {
    let Drawn {
        frame,
        series,
        quantity,
        ..
    } = drawn;
    view! {
        <svg width=move || frame.get().width height=move || frame.get().height aria-hidden="true">
            {move || axes(&frame.get(), quantity)}
            {move || inside(&frame.get(), &series.get(), &drawn.shaded.get())}
            {move || nothing(&frame.get(), &series.get())}
            {move || levels(&frame.get(), &drawn.thresholds.get())}
            {move || drawn.marks.with(|marks| marks.iter().filter_map(|mark| moment_mark(&frame.get(), mark)).collect_view())}
            {move || drawn.selection.get().map(|(left, right)| selected(&frame.get(), left, right))}
            {move || drawn.cursor.get().and_then(|at| crosshair(&frame.get(), &series.get(), at))}
        </svg>
    }
    .into_any()
}

fn axes(frame: &Frame, quantity: Quantity) -> AnyView {
    let right = frame.x.to.1;
    let values = frame
        .axis
        .marks
        .iter()
        .map(|mark| {
            let y = frame.y.at(*mark).round() + 0.5;
            view! {
                <path class="grid" d=format!("M{LEFT} {y}H{right}") />
                <text class="axis" x=LEFT - 8.0 y=y + 3.5 text-anchor="end">{quantity.write_mark(*mark)}</text>
            }
        })
        .collect_view();
    let times = frame
        .times
        .iter()
        .map(|mark| {
            let x = frame.x.at(mark.at as f64).round() + 0.5;
            let (class, anchor) = (if mark.midnight { "axis strong" } else { "axis" }, anchor(frame, x));
            view! {
                <path class="grid tick" d=format!("M{x} {}v4", frame.floor()) />
                <text class=class x=x y=frame.height - 5.0 text-anchor=anchor>{mark.label.clone()}</text>
            }
        })
        .collect_view();
    view! { {values} {times} }.into_any()
}

/// Labels near an end stay inside.
fn anchor(frame: &Frame, x: f64) -> &'static str {
    match x {
        x if x < LEFT + 16.0 => "start",
        x if x > frame.x.to.1 - 16.0 => "end",
        _ => "middle",
    }
}

/// An empty chart says that it is empty, and why where that is known.
fn nothing(frame: &Frame, series: &[Series]) -> Option<AnyView> {
    if series.is_empty() || !series.iter().all(Series::is_empty) {
        return None;
    }
    let reason = series.iter().find_map(|series| series.line.absent);
    let text = match reason {
        Some(reason) => format!("Nothing in this time: {}", reason.label()),
        None => "Nothing was measured in this time".to_string(),
    };
    let (x, y) = ((LEFT + frame.x.to.1) / 2.0, (TOP + frame.floor()) / 2.0);
    Some(view! { <text class="nothing" x=x y=y>{text}</text> }.into_any())
}

/// What must not be drawn outside the axes: an inner `svg` cuts it off.
fn inside(frame: &Frame, series: &[Series], shaded: &[(i64, i64)]) -> AnyView {
    let view_box = format!("{LEFT} 0 {} {}", frame.plot_width(), frame.floor() + 1.0);
    let shades = shaded
        .iter()
        .map(|(from, to)| {
            let (left, right) = (frame.x.at(*from as f64), frame.x.at(*to as f64));
            let width = (right - left).max(1.5);
            view! { <rect class="shade" x=left y=TOP width=width height=frame.floor() - TOP /> }
        })
        .collect_view();
    let lines = series
        .iter()
        .enumerate()
        .map(|(nth, series)| line(frame, series, nth))
        .collect_view();
    view! {
        <svg x=LEFT y="0" width=frame.plot_width() height=frame.floor() + 1.0 viewBox=view_box>
            {shades}
            {lines}
        </svg>
    }
    .into_any()
}

fn line(frame: &Frame, series: &Series, nth: usize) -> AnyView {
    let class = series.class(nth);
    let across = frame.across(series);
    let data = &*series.line;
    let band = (!data.min.is_empty() && !data.max.is_empty())
        .then(|| path::band(&data.min, &data.max, across, frame.y))
        .map(|d| view! { <path class=format!("band {class}") d=d /> });
    // Only the first line is filled, as its surface would hide the others.
    let area = (nth == 0 && band.is_none())
        .then(|| path::area(&data.values, across, frame.y, 0.0))
        .map(|d| view! { <path class=format!("area {class}") d=d /> });
    view! {
        {area}
        {band}
        <path class=format!("line {class}") d=path::line(&data.values, across, frame.y) />
    }
    .into_any()
}

fn levels(frame: &Frame, thresholds: &[Threshold]) -> AnyView {
    let (right, top) = (frame.x.to.1, frame.axis.high);
    let line_at = |threshold: &Threshold| frame.y.at(threshold.value.clamp(frame.axis.low, top)).round() + 0.5;
    let lines: Vec<_> = thresholds
        .iter()
        .map(|threshold| (threshold.kind, line_at(threshold)))
        .collect();
    let names = name_heights(&lines, frame.y.at(frame.axis.low));
    let level = |(threshold, name_y): (&Threshold, f64)| {
        let outside = threshold.value > top || threshold.value < frame.axis.low;
        let y = line_at(threshold);
        let mut class = match threshold.kind {
            ThresholdKind::Fire => "level fire".to_string(),
            ThresholdKind::Clear => "level clear".to_string(),
        };
        if threshold.moved.is_some() {
            class.push_str(" movable");
        }
        let arrow = if outside { " ↑" } else { "" };
        view! {
            <g class=class>
                {(!outside).then(|| view! { <path d=format!("M{LEFT} {y}H{right}") /> })}
                <path class="grip" d=format!("M{LEFT} {y}H{right}") />
                <text x=right - 4.0 y=name_y text-anchor="end">{threshold.label.clone()}{arrow}</text>
            </g>
        }
    };
    thresholds.iter().zip(names).map(level).collect_view().into_any()
}

fn moment_mark(frame: &Frame, mark: &Mark) -> Option<AnyView> {
    let (from, to) = frame.x.from;
    let at = mark.at as f64;
    if at < from || at > to {
        return None;
    }
    let x = frame.x.at(at).round() + 0.5;
    let at_the_end = x > frame.x.to.1 - 90.0;
    let (anchor, beside) = if at_the_end { ("end", -5.0) } else { ("start", 5.0) };
    Some(
        view! {
            <g class=format!("happened {}", mark.tone)>
                <path d=format!("M{x} {TOP}V{}", frame.floor()) />
                <text x=x + beside y=TOP + 9.0 text-anchor=anchor>{mark.label.clone()}</text>
            </g>
        }
        .into_any(),
    )
}

fn selected(frame: &Frame, left: f64, right: f64) -> AnyView {
    view! { <rect class="selected" x=left y=TOP width=right - left height=frame.floor() - TOP /> }.into_any()
}

fn crosshair(frame: &Frame, series: &[Series], at: i64) -> Option<AnyView> {
    let (from, to) = frame.x.from;
    if (at as f64) < from || (at as f64) > to {
        return None;
    }
    // The cursor stands on the nearest step of this chart.
    let at = series
        .first()
        .and_then(|series| series.steps().nearest(at).map(|i| series.steps().at(i)))
        .unwrap_or(at);
    let x = frame.x.at(at as f64).clamp(LEFT, frame.x.to.1).round() + 0.5;
    let dots = series
        .iter()
        .enumerate()
        .filter_map(|(nth, series)| {
            series
                .value(Some(at))
                .map(|value| (series.class(nth), frame.y.at(value)))
        })
        .map(|(class, y)| view! { <circle class=format!("dot {class}") cx=x cy=y r="3.2" /> })
        .collect_view();
    let anchor = if x > frame.x.to.1 - 70.0 { "end" } else { "start" };
    let beside = if anchor == "end" { -6.0 } else { 6.0 };
    Some(
        view! {
            <path class="crosshair" d=format!("M{x} {}V{}", TOP - 10.0, frame.floor()) />
            <text class="axis moment" x=x + beside y=TOP - 3.0 text-anchor=anchor>{moment(frame, at)}</text>
            {dots}
        }
        .into_any(),
    )
}

/// Over more than a day the day is needed to know the moment.
fn moment(frame: &Frame, at: i64) -> String {
    let (from, to) = frame.x.from;
    let time = calendar::hour_minute_second(at);
    if to - from > calendar::DAY as f64 {
        format!("{} {time}", calendar::day_month(at))
    } else {
        time
    }
}
