//! What can be seen on a picture, pixel by pixel.

use brokerscope_contract::api::rules::Firing;
use brokerscope_contract::api::series::Line;
use brokerscope_contract::{Absence, Comparison, EntityId, Severity, Timestamp, Unit, metrics};
use plotters::style::RGBColor;

use super::*;
use crate::Threshold;
use crate::look::{CLEAR, LINE, colour_of};

const MINUTE: i64 = 60_000;
/// 23 November 2025, 02:00 UTC.
const FROM: i64 = 1_763_863_200_000;
const MINUTES: i64 = 120;

/// A queue that fills up for two hours, `gap` minutes missing, over a rule that fires above 1,000 and clears at 500.
fn line(gap: std::ops::Range<i64>) -> Line {
    let value = |minute: i64| {
        (!gap.contains(&minute)).then(|| 100.0 + 12.0 * minute as f64 + 40.0 * (minute as f64 / 5.0).sin())
    };
    Line {
        entity: EntityId(1),
        metric: metrics::DEPTH,
        unit: Unit::Messages,
        per_second: false,
        start: Timestamp(FROM),
        step_millis: MINUTE,
        values: (0..=MINUTES).map(value).collect(),
        min: Vec::new(),
        max: Vec::new(),
        absent: None,
    }
}

fn firing(from: i64, to: Option<i64>) -> Firing {
    let at = |minute: i64| Timestamp(FROM + minute * MINUTE);
    Firing {
        from: at(from),
        to: to.map(at),
    }
}

fn plot<'a>(line: &'a Line, firings: &'a [Firing]) -> Plot<'a> {
    Plot {
        title: "Deep queue",
        subject: "orders.created · rabbit-eu",
        sentence: "Messages waiting is 1,540, above 1,000 for 10 min.",
        from: Timestamp(FROM),
        to: Timestamp(FROM + MINUTES * MINUTE),
        line,
        threshold: Threshold {
            comparison: Some(Comparison::Above),
            fire: 1_000.0,
            clear: Some(500.0),
        },
        severity: Severity::Critical,
        firings,
    }
}

fn pixel(picture: &Picture, x: u32, y: u32) -> [u8; 3] {
    let start = ((y * picture.width + x) * 3) as usize;
    [picture.rgb[start], picture.rgb[start + 1], picture.rgb[start + 2]]
}

/// The columns between `from` and `to` minutes in which the colour is seen inside of the chart.
fn columns(picture: &Picture, plot: &Plot<'_>, colour: RGBColor, (from, to): (i64, i64)) -> usize {
    let field = Field::of(plot);
    let x = |minute: i64| field.across(Timestamp(FROM + minute * MINUTE)) as u32;
    let rows = field.top as u32..field.bottom as u32;
    (x(from)..x(to))
        .filter(|x| rows.clone().any(|y| is_like(pixel(picture, *x, y), colour)))
        .count()
}

/// The share of a row of the chart that has the colour.
fn share_of_row(picture: &Picture, plot: &Plot<'_>, value: f64, colour: RGBColor) -> f64 {
    let field = Field::of(plot);
    let (left, right, y) = (field.left as u32, field.right as u32, field.y.at(value).round() as u32);
    let seen = (left..right).filter(|x| (y - 1..=y + 1).any(|y| is_like(pixel(picture, *x, y), colour)));
    seen.count() as f64 / f64::from(right - left)
}

fn is_like(pixel: [u8; 3], colour: RGBColor) -> bool {
    let wanted = [colour.0, colour.1, colour.2];
    pixel.iter().zip(wanted).all(|(a, b)| a.abs_diff(b) < 40)
}

#[test]
fn the_line_goes_from_end_to_end_and_a_gap_is_a_gap() {
    let whole = line(0..0);
    let picture = draw(&plot(&whole, &[])).unwrap();
    assert_eq!(
        (picture.width, picture.height, picture.rgb.len()),
        (1_000, 480, 1_440_000)
    );
    let wide = columns(&picture, &plot(&whole, &[]), LINE, (1, 119));
    assert!(wide > 850, "{wide} of 880 columns");
    let cut = line(50..70);
    let plot = plot(&cut, &[]);
    let picture = draw(&plot).unwrap();
    assert_eq!(columns(&picture, &plot, LINE, (51, 68)), 0, "nothing in the gap");
    assert!(columns(&picture, &plot, LINE, (30, 48)) > 120 && columns(&picture, &plot, LINE, (72, 90)) > 120);
}

#[test]
fn both_thresholds_are_drawn_where_they_are() {
    let line = line(0..0);
    let plot = plot(&line, &[]);
    let picture = draw(&plot).unwrap();
    let fire = share_of_row(&picture, &plot, 1_000.0, colour_of(Severity::Critical));
    assert!(fire > 0.95, "drawn through: {fire}");
    let clear = share_of_row(&picture, &plot, 500.0, CLEAR);
    assert!((0.4..0.8).contains(&clear), "in dashes: {clear}");
    assert_eq!(share_of_row(&picture, &plot, 750.0, CLEAR), 0.0);
}

#[test]
fn the_time_in_which_it_fired_stands_out() {
    let line = line(0..0);
    let firings = [firing(75, Some(100))];
    let plot = plot(&line, &firings);
    let picture = draw(&plot).unwrap();
    let field = Field::of(&plot);
    let strip = |minute: i64| {
        let x = field.across(Timestamp(FROM + minute * MINUTE)) as u32;
        is_like(pixel(&picture, x, field.top as u32 - 2), colour_of(Severity::Critical))
    };
    let seen = [70, 76, 88, 99, 104].map(strip);
    assert_eq!(seen, [false, true, true, true, false]);
}

#[test]
fn a_picture_without_a_value_says_so() {
    let mut line = line(0..121);
    line.absent = Some(Absence::NoData);
    let plot = plot(&line, &[]);
    let picture = draw(&plot).unwrap();
    assert_eq!(columns(&picture, &plot, LINE, (0, 120)), 0);
    let middle = (f64::from(HEIGHT) / 2.0) as u32;
    let written = (250..750).filter(|x| (middle - 20..middle + 60).any(|y| pixel(&picture, *x, y)[2] > 140));
    assert!(written.count() > 100, "words in the middle");
}

#[test]
fn one_value_between_gaps_is_a_dot() {
    let mut line = line(0..121);
    line.values[60] = Some(1_500.0);
    let plot = plot(&line, &[]);
    let picture = draw(&plot).unwrap();
    let seen = columns(&picture, &plot, LINE, (55, 65));
    assert!((2..10).contains(&seen), "{seen} columns");
}

#[test]
fn the_file_is_a_png_of_the_same_pixels() {
    let line = line(0..0);
    let picture = draw(&plot(&line, &[firing(80, None)])).unwrap();
    let file = crate::png(&picture).unwrap();
    let mut reader = png::Decoder::new(std::io::Cursor::new(&file)).read_info().unwrap();
    let mut rgb = vec![0; reader.output_buffer_size().unwrap()];
    reader.next_frame(&mut rgb).unwrap();
    assert_eq!(rgb, picture.rgb);
    assert!(file.len() < 100_000, "{} bytes", file.len());
}

/// `PICTURES=folder cargo test -p brokerscope-pictures look_at` writes some to be looked at.
#[test]
fn look_at_them() {
    let Some(folder) = std::env::var_os("PICTURES").map(std::path::PathBuf::from) else {
        return;
    };
    let (whole, cut, none) = (line(0..0), line(50..70), line(0..121));
    let long = Plot {
        title: "Consumers of the payment service are too far behind the promise that we made",
        subject: "persistent://public/default/a.very.long.name.of.a.topic.that.goes.on.and.on · pulsar-eu-central-1",
        severity: Severity::Warning,
        threshold: Threshold {
            comparison: Some(Comparison::Below),
            fire: 300.0,
            clear: Some(400.0),
        },
        ..plot(&cut, &[])
    };
    let firings = [firing(76, Some(110))];
    let still = [firing(20, Some(24)), firing(26, Some(28)), firing(80, None)];
    for (name, plot) in [
        ("fired", plot(&whole, &firings)),
        ("still", plot(&cut, &still)),
        ("long", long),
        ("none", plot(&none, &[])),
    ] {
        let file = crate::png(&draw(&plot).unwrap()).unwrap();
        std::fs::write(folder.join(format!("{name}.png")), file).unwrap();
    }
}
