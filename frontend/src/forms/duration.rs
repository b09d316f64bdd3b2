//! Lengths of time as people type them: "90", "2 min", "1 h 30 min".

/// Seconds, or nothing when it cannot be read. A number alone is seconds; nothing at all is zero.
pub fn seconds(text: &str) -> Option<u32> {
    let text = text.trim().to_lowercase();
    let mut rest = text.as_str();
    let mut total = 0.0_f64;
    while !rest.is_empty() {
        let digits = rest
            .find(|c: char| !c.is_ascii_digit() && c != '.')
            .unwrap_or(rest.len());
        let number: f64 = rest[..digits].parse().ok()?;
        rest = rest[digits..].trim_start();
        let letters = rest.find(|c: char| !c.is_alphabetic()).unwrap_or(rest.len());
        total += number * unit(&rest[..letters])?;
        rest = rest[letters..].trim_start();
    }
    (total.is_finite() && total <= f64::from(u32::MAX)).then_some(total.round() as u32)
}

fn unit(word: &str) -> Option<f64> {
    match word {
        "" | "s" | "sec" | "second" | "seconds" => Some(1.0),
        "m" | "min" | "minute" | "minutes" => Some(60.0),
        "h" | "hour" | "hours" => Some(3_600.0),
        "d" | "day" | "days" => Some(86_400.0),
        _ => None,
    }
}

/// The same length as it would be typed; empty for zero.
pub fn typed(seconds: u32) -> String {
    let units = [(86_400, "d"), (3_600, "h"), (60, "min"), (1, "s")];
    let mut rest = seconds;
    let mut parts = Vec::new();
    for (length, word) in units {
        if rest >= length {
            parts.push(format!("{} {word}", rest / length));
            rest %= length;
        }
    }
    parts.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_read_as_people_write_them() {
        for (text, read) in [
            ("", Some(0)),
            ("90", Some(90)),
            ("2 min", Some(120)),
            ("2min", Some(120)),
            ("1 h 30 min", Some(5_400)),
            ("1.5H", Some(5_400)),
            ("1 day", Some(86_400)),
            ("soon", None),
            ("5 parsecs", None),
            ("-5", None),
            ("99999999 d", None),
        ] {
            assert_eq!(seconds(text), read, "{text:?}");
        }
    }

    #[test]
    fn what_is_shown_reads_back_as_the_same() {
        for length in [0, 1, 59, 60, 120, 3_661, 90_061] {
            assert_eq!(seconds(&typed(length)), Some(length));
        }
        assert_eq!(typed(120), "2 min");
    }
}
