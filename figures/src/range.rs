//! A span of time: the last so-and-so much, or between two moments; parsed, named, shifted and zoomed.

use crate::calendar::{self, DAY, HOUR, MINUTE};

/// Data is kept by the minute or better, so a shorter window shows nothing more.
const SHORTEST: i64 = MINUTE;
const LONGEST: i64 = 400 * DAY;

/// The spans that are offered, shortest first.
pub const OFFERED: &[Span] = &[
    Span::Last(15 * MINUTE),
    Span::Last(HOUR),
    Span::Last(3 * HOUR),
    Span::Last(12 * HOUR),
    Span::Last(DAY),
    Span::Last(7 * DAY),
    Span::Last(30 * DAY),
];

/// Milliseconds throughout.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Span {
    /// Ends now and moves with the clock.
    Last(i64),
    Between {
        from: i64,
        to: i64,
    },
}

impl Default for Span {
    fn default() -> Span {
        Span::Last(HOUR)
    }
}

impl Span {
    pub fn is_live(self) -> bool {
        matches!(self, Span::Last(_))
    }

    pub fn length(self) -> i64 {
        match self {
            Span::Last(length) => length,
            Span::Between { from, to } => to - from,
        }
    }

    pub fn window(self, now: i64) -> (i64, i64) {
        match self {
            Span::Last(length) => (now - length, now),
            Span::Between { from, to } => (from, to),
        }
    }

    /// "15m", "3h", "7d": a live span as an address writes it; a fixed one by its length.
    pub fn slug(self) -> String {
        let length = self.length();
        for (unit, letter) in [(DAY, 'd'), (HOUR, 'h')] {
            if length >= unit && length % unit == 0 {
                return format!("{}{letter}", length / unit);
            }
        }
        format!("{}m", (length / MINUTE).max(1))
    }

    /// The inverse of [`Span::slug`] for live spans; anything else is none.
    pub fn parse_last(slug: &str) -> Option<Span> {
        let letter = slug.chars().last()?;
        let unit = match letter {
            'm' => MINUTE,
            'h' => HOUR,
            'd' => DAY,
            _ => return None,
        };
        let number: i64 = slug[..slug.len() - 1].parse().ok()?;
        let length = number.checked_mul(unit)?;
        (SHORTEST..=LONGEST).contains(&length).then_some(Span::Last(length))
    }

    /// "Last hour", "Last 15 minutes", "23 Nov 02:10 to 02:40 UTC".
    pub fn label(self) -> String {
        match self {
            Span::Last(length) => last_label(length),
            Span::Between { from, to } => between_label(from, to),
        }
    }

    /// Moved by so many half windows, never past `now`; what reaches `now` is live again.
    pub fn shifted(self, halves: i64, now: i64) -> Span {
        let (from, to) = self.window(now);
        let by = halves * self.length() / 2;
        settled(from + by, to + by, now)
    }

    /// Twice as long about the same middle.
    pub fn zoomed_out(self, now: i64) -> Span {
        let (from, to) = self.window(now);
        let by = self.length() / 2;
        match self {
            Span::Last(length) => Span::Last((length * 2).min(LONGEST)),
            Span::Between { .. } if to - from >= LONGEST => self,
            Span::Between { .. } => settled(from - by, to + by, now),
        }
    }

    /// Between two moments in any order; too short a piece is widened about its middle.
    pub fn between(a: i64, b: i64) -> Span {
        let (from, to) = (a.min(b), a.max(b));
        let missing = (SHORTEST - (to - from)).max(0);
        Span::Between {
            from: from - missing / 2,
            to: to + (missing - missing / 2),
        }
    }
}

fn settled(from: i64, to: i64, now: i64) -> Span {
    if to >= now {
        Span::Last((to - from).min(LONGEST))
    } else {
        Span::Between { from, to }
    }
}

fn last_label(length: i64) -> String {
    let (number, unit) = match length {
        l if l % DAY == 0 => (l / DAY, "day"),
        l if l % HOUR == 0 => (l / HOUR, "hour"),
        l => (l / MINUTE, "minute"),
    };
    match number {
        1 => format!("Last {unit}"),
        n => format!("Last {n} {unit}s"),
    }
}

fn between_label(from: i64, to: i64) -> String {
    let same_day = calendar::day_month(from) == calendar::day_month(to);
    let end_day = if same_day {
        String::new()
    } else {
        format!("{} ", calendar::day_month(to))
    };
    format!(
        "{} {} to {end_day}{}\u{a0}UTC",
        calendar::day_month(from),
        calendar::hour_minute(from),
        calendar::hour_minute(to)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_763_865_667_000;

    #[test]
    fn what_is_offered_survives_an_address() {
        for span in OFFERED {
            assert_eq!(Span::parse_last(&span.slug()), Some(*span));
        }
    }

    #[test]
    fn nonsense_is_no_span() {
        for text in ["", "h", "0m", "-1h", "1x", "ü", "9999999999999999d", "500d"] {
            assert_eq!(Span::parse_last(text), None, "{text}");
        }
    }

    #[test]
    fn earlier_is_fixed_and_back_is_live_again() {
        let hour = Span::Last(HOUR);
        let earlier = hour.shifted(-1, NOW);
        assert_eq!(earlier.window(NOW), (NOW - HOUR - HOUR / 2, NOW - HOUR / 2));
        assert_eq!(earlier.shifted(1, NOW), hour);
        assert_eq!(hour.shifted(1, NOW), hour, "there is nothing after now");
    }

    #[test]
    fn zooming_out_doubles_and_stops() {
        assert_eq!(Span::Last(HOUR).zoomed_out(NOW), Span::Last(2 * HOUR));
        assert_eq!(Span::Last(LONGEST).zoomed_out(NOW), Span::Last(LONGEST));
    }

    #[test]
    fn a_drag_in_either_direction_selects_the_same() {
        assert_eq!(Span::between(NOW, NOW - HOUR), Span::between(NOW - HOUR, NOW));
        assert_eq!(Span::between(NOW, NOW).length(), SHORTEST);
    }

    #[test]
    fn labels_are_words() {
        assert_eq!(Span::Last(HOUR).label(), "Last hour");
        assert_eq!(Span::Last(15 * MINUTE).label(), "Last 15 minutes");
        let label = Span::between(NOW, NOW + DAY).label().replace('\u{a0}', " ");
        assert_eq!(label, "23 Nov 02:41 to 24 Nov 02:41 UTC");
    }
}
