//! Durations and sizes as people write them in a file: "30d", "90 s", "10 GiB".

use std::time::Duration;

/// Reads `90s`, `15m`, `12h`, `30d` or `4w`, with or without a space before the unit.
pub fn duration(text: &str) -> Option<Duration> {
    let (number, unit) = split(text)?;
    let seconds = match unit {
        "s" => 1,
        "m" | "min" => 60,
        "h" => 3_600,
        "d" => 86_400,
        "w" => 7 * 86_400,
        _ => return None,
    };
    number.checked_mul(seconds).map(Duration::from_secs)
}

/// Reads `500 MB`, `10GiB` and the like; a plain number is bytes.
pub fn bytes(text: &str) -> Option<u64> {
    let (number, unit) = split(text)?;
    let factor: u64 = match unit.to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "kb" => 1_000,
        "kib" => 1 << 10,
        "mb" => 1_000_000,
        "mib" => 1 << 20,
        "gb" => 1_000_000_000,
        "gib" => 1 << 30,
        "tb" => 1_000_000_000_000,
        "tib" => 1 << 40,
        _ => return None,
    };
    number.checked_mul(factor)
}

fn split(text: &str) -> Option<(u64, &str)> {
    let text = text.trim();
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    Some((number.parse().ok()?, unit.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_need_a_number_and_a_unit() {
        for (text, seconds) in [
            ("90s", Some(90)),
            ("15 m", Some(900)),
            ("12h", Some(43_200)),
            ("30d", Some(2_592_000)),
            ("1w", Some(604_800)),
            ("30", None),
            ("d", None),
            ("-5m", None),
            ("1.5h", None),
            ("3 fortnights", None),
            ("99999999999999999999d", None),
            ("9999999999999999999d", None),
            ("", None),
        ] {
            assert_eq!(duration(text).map(|d| d.as_secs()), seconds, "{text:?}");
        }
    }

    #[test]
    fn sizes_know_both_families_of_units() {
        for (text, expected) in [
            ("500 MB", Some(500_000_000)),
            ("10GiB", Some(10_737_418_240)),
            ("1024", Some(1024)),
            ("2 kb", Some(2_000)),
            ("1 PB", None),
            ("GB", None),
            ("18446744073709551615 TB", None),
        ] {
            assert_eq!(bytes(text), expected, "{text:?}");
        }
    }
}
