//! Reads and writes points in time: RFC 3339 as Google's interfaces have it in JSON, and the date of an HTTP answer.

use brokerscope_contract::Timestamp;

const DAY_MILLIS: i64 = 86_400_000;

/// From `2026-11-23T16:04:05.123456Z`. Google always answers in UTC; anything else is not read.
pub fn from_rfc3339(text: &str) -> Option<Timestamp> {
    let text = text.strip_suffix('Z')?;
    let (date, time) = text.split_once('T')?;
    let mut date = date.splitn(3, '-').map(|part| part.parse::<i64>().ok());
    let (year, month, day) = (date.next()??, date.next()??, date.next()??);
    let (whole, fraction) = time.split_once('.').unwrap_or((time, "0"));
    if !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let millis: i64 = format!("{fraction:0<3}").get(..3)?.parse().ok()?;
    Some(Timestamp(
        days(year, month, day)? * DAY_MILLIS + of_day(whole)? * 1_000 + millis,
    ))
}

/// From `Mon, 23 Nov 2026 16:04:05 GMT`, the `Date` of an HTTP answer.
pub fn from_http_date(text: &str) -> Option<Timestamp> {
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let mut words = text.split_once(", ")?.1.split(' ');
    let day = words.next()?.parse().ok()?;
    let name = words.next()?;
    let month = MONTHS.iter().position(|month| *month == name)? + 1;
    let year = words.next()?.parse().ok()?;
    let seconds = of_day(words.next()?)?;
    Some(Timestamp(
        days(year, i64::try_from(month).ok()?, day)? * DAY_MILLIS + seconds * 1_000,
    ))
}

/// Written to the second, which is as exact as Monitoring's windows need to be.
pub fn to_rfc3339(at: Timestamp) -> String {
    let (day, second) = (at.0.div_euclid(DAY_MILLIS), at.0.rem_euclid(DAY_MILLIS) / 1_000);
    // Days since 0000-03-01, in eras of 400 years: leap days then fall at the end of each year.
    let day = day + 719_468;
    let (era, of_era) = (day.div_euclid(146_097), day.rem_euclid(146_097));
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let march_month = (5 * of_year + 2) / 153;
    let (date, month) = (
        of_year - (153 * march_month + 2) / 5 + 1,
        if march_month < 10 {
            march_month + 3
        } else {
            march_month - 9
        },
    );
    let year = year + era * 400 + i64::from(month <= 2);
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{date:02}T{hour:02}:{minute:02}:{second:02}Z")
}

/// Seconds of the day from `16:04:05`.
fn of_day(text: &str) -> Option<i64> {
    let mut parts = text.splitn(3, ':').map(|part| part.parse::<i64>().ok());
    let (hour, minute, second) = (parts.next()??, parts.next()??, parts.next()??);
    let fits = (0..24).contains(&hour) && (0..60).contains(&minute) && (0..=60).contains(&second);
    fits.then_some(hour * 3_600 + minute * 60 + second)
}

/// Days since 1970-01-01 in the Gregorian calendar.
fn days(year: i64, month: i64, day: i64) -> Option<i64> {
    if !(0..10_000).contains(&year) || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let year = year - i64::from(month <= 2);
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    Some(era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn instants_of_google_are_read() {
        for (text, expected) in [
            ("1970-01-01T00:00:00Z", Some(0)),
            ("2024-02-29T23:59:59.5Z", Some(1_709_251_199_500)),
            ("2026-11-23T16:04:05.123456789Z", Some(1_795_449_845_123)),
            ("2026-11-23T16:04:05+01:00", None),
            ("2026-13-23T16:04:05Z", None),
            ("2026-11-23T24:04:05Z", None),
            ("2026-11-23T16:04:05.Z", Some(1_795_449_845_000)),
            ("2026-11-23T16:04:05.xyZ", None),
            ("soon", None),
            ("", None),
        ] {
            assert_eq!(from_rfc3339(text).map(|at| at.0), expected, "{text}");
        }
    }

    #[test]
    fn the_date_of_an_answer_is_read() {
        let read = from_http_date("Mon, 23 Nov 2026 16:04:05 GMT");
        assert_eq!(read, from_rfc3339("2026-11-23T16:04:05Z"));
        for odd in ["", "Mon 23 Nov 2026", "Mon, 23 Nvo 2026 16:04:05 GMT", "Mon, x"] {
            assert_eq!(from_http_date(odd), None, "{odd}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(seconds in -60_000_000_000_i64..250_000_000_000) {
            let at = Timestamp(seconds * 1_000);
            prop_assert_eq!(from_rfc3339(&to_rfc3339(at)), Some(at));
        }

        #[test]
        fn no_text_is_too_odd(text in ".{0,40}") {
            let _ = (from_rfc3339(&text), from_http_date(&text));
        }
    }
}
