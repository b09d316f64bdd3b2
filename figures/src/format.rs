//! How a number is written for people: tabular, without line breaks inside, and never more exact than it is.
//!
//! A value that is not a number is a dash here; why it is missing is said by whoever asks.

use crate::calendar;

/// Between a number and its unit, so that no line ends there.
const NBSP: char = '\u{a0}';
const MINUS: char = '\u{2212}';

/// What stands where there is no number.
pub const DASH: &str = "–";

/// A number of things: "12,480" in full up to 999,999, then "1.28 M". Fractions (means) have three digits.
pub fn count(value: f64) -> String {
    if !value.is_finite() {
        return DASH.into();
    }
    let size = value.abs();
    let text = if size >= 999_999.5 {
        scaled(size)
    } else if size >= 100.0 || size.fract() == 0.0 {
        grouped(size.round() as u64)
    } else {
        significant(size)
    };
    signed(value, text)
}

/// "12.5 k": at most three digits and a unit prefix, for axes and other narrow places.
pub fn short(value: f64) -> String {
    if !value.is_finite() {
        return DASH.into();
    }
    signed(value, scaled(value.abs()))
}

/// A rate per second with three significant digits: "55/s", "3.2/s", "46.1 k/s".
pub fn rate(per_second: f64) -> String {
    if !per_second.is_finite() {
        return DASH.into();
    }
    let size = per_second.abs();
    if size > 0.0 && size < 0.005 {
        return format!("<{NBSP}0.01/s");
    }
    format!("{}/s", signed(per_second, scaled(size)))
}

/// A length of time from seconds: "38 ms", "4.1 s", "12 min", "3 h 20 min", "2 d 4 h".
pub fn duration(seconds: f64) -> String {
    if !seconds.is_finite() {
        return DASH.into();
    }
    signed(seconds, whole_duration(seconds.abs()))
}

/// The same with one unit only: "3 h", for narrow columns and axes.
pub fn duration_short(seconds: f64) -> String {
    if !seconds.is_finite() {
        return DASH.into();
    }
    let size = seconds.abs();
    let text = match size {
        s if s < 3_599.5 => whole_duration(s),
        s if s < 86_400.0 => format!("{}{NBSP}h", trimmed(s / 3_600.0, if s < 36_000.0 { 1 } else { 0 })),
        s => format!("{}{NBSP}d", trimmed(s / 86_400.0, if s < 864_000.0 { 1 } else { 0 })),
    };
    signed(seconds, text)
}

/// The mark of an axis: "1.5 min" where [`duration_short`] would round two marks to the same text.
pub fn duration_mark(seconds: f64) -> String {
    let size = seconds.abs();
    let (by, unit) = match size {
        s if !(60.0..86_400.0 * 1_000.0).contains(&s) => return duration_short(seconds),
        s if s < 3_600.0 => (60.0, "min"),
        s if s < 86_400.0 => (3_600.0, "h"),
        _ => (86_400.0, "d"),
    };
    signed(seconds, format!("{}{NBSP}{unit}", trimmed(size / by, 2)))
}

/// An amount of data in decimal units: "10 MB".
pub fn bytes(amount: f64) -> String {
    if !amount.is_finite() {
        return DASH.into();
    }
    let (number, prefix) = with_prefix(amount.abs(), &["B", "kB", "MB", "GB", "TB", "PB"]);
    signed(amount, format!("{number}{NBSP}{prefix}"))
}

/// A share from 0 to 1: "99.98 %". Never says 100 % of something less, nor 0 % of something more.
pub fn percent(share: f64) -> String {
    if !share.is_finite() {
        return DASH.into();
    }
    let value = share * 100.0;
    let decimals = if (1.0..99.0).contains(&value) { 1 } else { 2 };
    let text = match trimmed(value, decimals) {
        text if text == "100" && value < 100.0 => "99.99".into(),
        text if text == "0" && value > 0.0 => return format!("<{NBSP}0.01{NBSP}%"),
        text => text,
    };
    format!("{text}{NBSP}%")
}

/// The time of day of a moment: "02:41 UTC".
pub fn clock(millis: i64) -> String {
    format!("{}{NBSP}UTC", calendar::hour_minute(millis))
}

/// The same with its day where that is not the day of `now`: "27 Nov, 02:41 UTC".
pub fn moment(millis: i64, now: i64) -> String {
    match millis.div_euclid(calendar::DAY) == now.div_euclid(calendar::DAY) {
        true => clock(millis),
        false => format!("{}, {}", calendar::day_month(millis), clock(millis)),
    }
}

/// How long ago something was, from seconds: "now", "4 s ago", "12 min ago".
pub fn ago(seconds: f64) -> String {
    match seconds {
        s if !s.is_finite() => DASH.into(),
        s if s < 1.0 => "now".into(),
        s if s < 60.0 => format!("{}{NBSP}s ago", s.floor()),
        s => format!("{} ago", duration_short(s)),
    }
}

fn whole_duration(s: f64) -> String {
    match s {
        0.0 => format!("0{NBSP}s"),
        s if s < 0.0005 => format!("<{NBSP}1{NBSP}ms"),
        s if s < 0.9995 => format!("{}{NBSP}ms", (s * 1_000.0).round()),
        s if s < 9.95 => format!("{}{NBSP}s", trimmed(s, 1)),
        s if s < 59.5 => format!("{}{NBSP}s", s.round()),
        s if s < 3_570.0 => format!("{}{NBSP}min", (s / 60.0).round()),
        s if s < 86_370.0 => two_units((s / 60.0).round() as u64, 60, "h", "min"),
        s if s < 100.0 * 86_400.0 => two_units((s / 3_600.0).round() as u64, 24, "d", "h"),
        s => format!("{}{NBSP}d", grouped((s / 86_400.0).round() as u64)),
    }
}

fn two_units(small: u64, per_big: u64, big_unit: &str, small_unit: &str) -> String {
    match (small / per_big, small % per_big) {
        (big, 0) => format!("{big}{NBSP}{big_unit}"),
        (big, rest) => format!("{big}{NBSP}{big_unit}{NBSP}{rest}{NBSP}{small_unit}"),
    }
}

/// Three significant digits and a prefix: "46.1 k"; plain below 1,000.
fn scaled(size: f64) -> String {
    match with_prefix(size, &["", "k", "M", "G", "T", "P"]) {
        (number, "") => number,
        (number, prefix) => format!("{number}{NBSP}{prefix}"),
    }
}

fn with_prefix<'a>(size: f64, prefixes: &[&'a str]) -> (String, &'a str) {
    let mut rest = size;
    let mut chosen = 0;
    // 999.5 would be written as 1,000 with three digits, so it takes the next prefix.
    while rest >= 999.5 && chosen + 1 < prefixes.len() {
        rest /= 1_000.0;
        chosen += 1;
    }
    let number = if rest >= 999.5 {
        grouped(rest.round() as u64)
    } else {
        significant(rest)
    };
    (number, prefixes.get(chosen).copied().unwrap_or(""))
}

/// Three significant digits for numbers below 1,000, at most three decimals, no trailing zeros.
fn significant(size: f64) -> String {
    let decimals = match size {
        s if s >= 99.95 => 0,
        s if s >= 9.995 => 1,
        s if s >= 0.1 => 2,
        _ => 3,
    };
    trimmed(size, decimals)
}

fn trimmed(value: f64, decimals: usize) -> String {
    let text = format!("{value:.decimals$}");
    match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_string(),
        false => text,
    }
}

fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

fn signed(value: f64, text: String) -> String {
    // What was rounded to nothing has no sign.
    if value < 0.0 && text != "0" {
        format!("{MINUS}{text}")
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// No-break spaces are written as plain ones in the tables below.
    fn check(format: fn(f64) -> String, cases: &[(f64, &str)]) {
        for (value, text) in cases {
            assert_eq!(format(*value).replace(NBSP, " "), *text, "{value}");
        }
    }

    #[test]
    fn a_moment_of_another_day_has_its_day() {
        let now = 1_700_000_000_000;
        for (millis, text) in [
            (now - 60_000, "22:12 UTC"),
            (now - 3 * calendar::DAY, "11 Nov, 22:13 UTC"),
            (now + calendar::DAY, "15 Nov, 22:13 UTC"),
        ] {
            assert_eq!(moment(millis, now).replace(NBSP, " "), text);
        }
    }

    #[test]
    fn counts_are_whole_up_to_a_million() {
        check(
            count,
            &[
                (0.0, "0"),
                (-0.0, "0"),
                (7.0, "7"),
                (2.5, "2.5"),
                (123.4, "123"),
                (12_480.0, "12,480"),
                (999_999.0, "999,999"),
                (1_000_000.0, "1 M"),
                (1_284_000.0, "1.28 M"),
                (2.0e10, "20 G"),
                (-4_310.0, "−4,310"),
                (f64::NAN, "–"),
                (f64::INFINITY, "–"),
            ],
        );
    }

    #[test]
    fn rates_have_three_significant_digits() {
        check(
            rate,
            &[
                (0.0, "0/s"),
                (0.001, "< 0.01/s"),
                (0.3, "0.3/s"),
                (3.2, "3.2/s"),
                (55.0, "55/s"),
                (55.26, "55.3/s"),
                (999.7, "1 k/s"),
                (46_100.0, "46.1 k/s"),
                (f64::NAN, "–"),
            ],
        );
    }

    #[test]
    fn marks_of_an_axis_of_time_are_told_apart() {
        check(
            duration_mark,
            &[
                (0.0, "0 s"),
                (30.0, "30 s"),
                (60.0, "1 min"),
                (90.0, "1.5 min"),
                (150.0, "2.5 min"),
                (4_500.0, "1.25 h"),
                (129_600.0, "1.5 d"),
                (-90.0, "−1.5 min"),
                (f64::NAN, "–"),
            ],
        );
    }

    #[test]
    fn durations_take_the_units_a_person_would() {
        check(
            duration,
            &[
                (0.0, "0 s"),
                (0.0001, "< 1 ms"),
                (0.038, "38 ms"),
                (0.9999, "1 s"),
                (4.1, "4.1 s"),
                (59.4, "59 s"),
                (59.9, "1 min"),
                (720.0, "12 min"),
                (3_600.0, "1 h"),
                (12_000.0, "3 h 20 min"),
                (86_399.0, "1 d"),
                (187_200.0, "2 d 4 h"),
                (123.0 * 86_400.0, "123 d"),
                (-4.1, "−4.1 s"),
                (f64::NAN, "–"),
            ],
        );
        check(
            duration_short,
            &[
                (12_000.0, "3.3 h"),
                (3_599.9, "1 h"),
                (43_200.0, "12 h"),
                (187_200.0, "2.2 d"),
            ],
        );
    }

    #[test]
    fn bytes_are_decimal() {
        check(
            bytes,
            &[
                (0.0, "0 B"),
                (999.0, "999 B"),
                (10e6, "10 MB"),
                (1_536.0, "1.54 kB"),
                (f64::NAN, "–"),
            ],
        );
    }

    #[test]
    fn a_share_is_never_rounded_to_all_or_nothing() {
        check(
            percent,
            &[
                (1.0, "100 %"),
                (0.9998, "99.98 %"),
                (0.999_999, "99.99 %"),
                (0.0, "0 %"),
                (0.000_001, "< 0.01 %"),
                (0.5, "50 %"),
            ],
        );
    }

    #[test]
    fn ages_and_clocks() {
        check(
            ago,
            &[
                (-2.0, "now"),
                (0.4, "now"),
                (4.9, "4 s ago"),
                (720.0, "12 min ago"),
                (f64::NAN, "–"),
            ],
        );
        assert_eq!(clock(1_763_865_667_000), "02:41\u{a0}UTC");
    }
}
