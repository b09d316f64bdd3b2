//! Times and durations as NATS writes them.

use brokerscope_contract::Timestamp;

/// Reads "2026-11-23T16:11:23.044147574Z". Go's zero time, the year 1, stands for "never" and is `None`, as is
/// anything that is not such a time.
pub fn timestamp(text: &str) -> Option<Timestamp> {
    let (date, rest) = text.split_once('T')?;
    let mut date = date.split('-').map(|part| part.parse::<i64>().ok());
    let (year, month, day) = (date.next()??, date.next()??, date.next()??);
    let (clock, offset) = split_offset(rest)?;
    let mut clock = clock.split(':');
    let hour: i64 = clock.next()?.parse().ok()?;
    let minute: i64 = clock.next()?.parse().ok()?;
    let second: f64 = clock.next()?.parse().ok()?;
    let valid = (1..=12).contains(&month) && (1..=31).contains(&day) && hour < 24 && minute < 60 && second < 61.0;
    if !valid || !(1970..=9999).contains(&year) {
        return None;
    }
    let seconds = days(year, month, day) * 86_400 + hour * 3_600 + minute * 60 - offset;
    Some(Timestamp(seconds * 1_000 + (second * 1_000.0) as i64))
}

/// The time of day, and the seconds that it is ahead of UTC.
fn split_offset(text: &str) -> Option<(&str, i64)> {
    if let Some(clock) = text.strip_suffix('Z') {
        return Some((clock, 0));
    }
    let at = text.rfind(['+', '-'])?;
    let (hours, minutes) = text.get(at + 1..)?.split_once(':')?;
    let seconds = hours.parse::<i64>().ok()? * 3_600 + minutes.parse::<i64>().ok()? * 60;
    let sign = if text.as_bytes().get(at) == Some(&b'-') { -1 } else { 1 };
    Some((text.get(..at)?, sign * seconds))
}

/// Days from 1970-01-01, in the proleptic Gregorian calendar. Years are counted from March, so that the leap day is
/// the last one.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// Nanoseconds, as configuration and monitoring write durations, in seconds. Negative ones mean "never" or "none".
pub fn seconds(nanoseconds: i64) -> Option<f64> {
    (nanoseconds >= 0).then_some(nanoseconds as f64 / 1e9)
}

#[cfg(test)]
mod tests {
    use brokerscope_figures::calendar::rfc3339;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn times_are_read_to_the_millisecond() {
        for (text, millis) in [
            ("1970-01-01T00:00:00Z", Some(0)),
            ("2026-11-23T16:11:23.044147574Z", Some(1_795_450_283_044)),
            ("2024-02-29T23:59:59.999Z", Some(1_709_251_199_999)),
            ("2026-11-23T17:11:23+01:00", Some(1_795_450_283_000)),
            ("0001-01-01T00:00:00Z", None),
            ("2026-13-01T00:00:00Z", None),
            ("yesterday", None),
            ("", None),
        ] {
            assert_eq!(timestamp(text).map(|time| time.0), millis, "{text}");
        }
    }

    proptest! {
        #[test]
        fn reading_is_the_inverse_of_writing(seconds in 0_i64..4_000_000_000) {
            prop_assert_eq!(timestamp(&rfc3339(seconds * 1_000)), Some(Timestamp(seconds * 1_000)));
        }

        #[test]
        fn no_text_upsets_it(text in "\\PC{0,40}") {
            let _ = timestamp(&text);
        }
    }
}
