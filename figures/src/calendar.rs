//! Calendar arithmetic in UTC on milliseconds since the Unix epoch, without a time zone database.

pub const SECOND: i64 = 1_000;
pub const MINUTE: i64 = 60 * SECOND;
pub const HOUR: i64 = 60 * MINUTE;
pub const DAY: i64 = 24 * HOUR;

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// A moment taken apart; all parts are UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    pub year: i64,
    /// 1 to 12.
    pub month: u32,
    /// 1 to 31.
    pub day: u32,
    pub hour: u32,
    pub minute: u32,
    pub second: u32,
}

impl Moment {
    /// Days to a proleptic Gregorian date, after Howard Hinnant's `civil_from_days`.
    pub fn of(millis: i64) -> Moment {
        let days = millis.div_euclid(DAY);
        let of_day = millis.rem_euclid(DAY);
        let z = days + 719_468;
        let era = z.div_euclid(146_097);
        let day_of_era = z.rem_euclid(146_097);
        let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted_month = (5 * day_of_year + 2) / 153;
        let month = if shifted_month < 10 {
            shifted_month + 3
        } else {
            shifted_month - 9
        };
        Moment {
            year: year_of_era + era * 400 + i64::from(month <= 2),
            month: month as u32,
            day: (day_of_year - (153 * shifted_month + 2) / 5 + 1) as u32,
            hour: (of_day / HOUR) as u32,
            minute: (of_day % HOUR / MINUTE) as u32,
            second: (of_day % MINUTE / SECOND) as u32,
        }
    }

    fn month_name(&self) -> &'static str {
        MONTHS.get(self.month as usize - 1).copied().unwrap_or("")
    }
}

/// "02:41", the hour and minute in UTC.
pub fn hour_minute(millis: i64) -> String {
    let at = Moment::of(millis);
    format!("{:02}:{:02}", at.hour, at.minute)
}

/// "02:41:07", in UTC.
pub fn hour_minute_second(millis: i64) -> String {
    let at = Moment::of(millis);
    format!("{:02}:{:02}:{:02}", at.hour, at.minute, at.second)
}

/// "23 Nov", in UTC.
pub fn day_month(millis: i64) -> String {
    let at = Moment::of(millis);
    format!("{}\u{a0}{}", at.day, at.month_name())
}

/// "23 Nov 2025, 02:41:07 UTC": the whole moment, for tooltips.
pub fn whole(millis: i64) -> String {
    let at = Moment::of(millis);
    format!(
        "{}\u{a0}{}\u{a0}{}, {}\u{a0}UTC",
        at.day,
        at.month_name(),
        at.year,
        hour_minute_second(millis)
    )
}

/// "2025-11-23T02:41:07Z": RFC 3339, for `<time datetime>` and links.
pub fn rfc3339(millis: i64) -> String {
    let at = Moment::of(millis);
    format!(
        "{:04}-{:02}-{:02}T{}Z",
        at.year,
        at.month,
        at.day,
        hour_minute_second(millis)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_those_of_the_calendar() {
        for (millis, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (-1, "1969-12-31T23:59:59Z"),
            (951_782_400_000, "2000-02-29T00:00:00Z"),
            (1_709_164_799_000, "2024-02-28T23:59:59Z"),
            (1_709_251_199_999, "2024-02-29T23:59:59Z"),
            (4_107_542_400_000, "2100-03-01T00:00:00Z"),
        ] {
            assert_eq!(rfc3339(millis), text);
        }
    }

    #[test]
    fn a_day_is_named_without_a_break() {
        assert_eq!(day_month(1_763_865_667_000), "23\u{a0}Nov");
        assert_eq!(whole(1_763_865_667_000), "23\u{a0}Nov\u{a0}2025, 02:41:07\u{a0}UTC");
    }
}
