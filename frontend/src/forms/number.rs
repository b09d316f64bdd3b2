//! Numbers as people type and paste them: "10,000", "10 000", "2.5k", "80 %", "500 MB".

/// The number, or nothing when it cannot be read.
pub fn read(text: &str) -> Option<f64> {
    let plain: String = text
        .chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, ',' | '_' | '\u{202f}'))
        .collect();
    let end = plain
        .find(|c: char| !c.is_ascii_digit() && !matches!(c, '.' | '-' | '+'))
        .unwrap_or(plain.len());
    let number: f64 = plain[..end].parse().ok()?;
    let factor = match &plain[end..] {
        "" | "/s" | "B" | "s" => 1.0,
        "k" | "kB" => 1e3,
        "M" | "MB" => 1e6,
        "G" | "GB" => 1e9,
        "T" | "TB" => 1e12,
        "%" => 0.01,
        _ => return None,
    };
    Some(number * factor).filter(|value| value.is_finite())
}

/// The number as text that reads back as the same, grouped by thousands.
pub fn typed(value: f64) -> String {
    let plain = format!("{value}");
    let (whole, fraction) = plain
        .split_once('.')
        .map_or((plain.as_str(), None), |(whole, rest)| (whole, Some(rest)));
    let (sign, digits) = whole.strip_prefix('-').map_or(("", whole), |digits| ("-", digits));
    let mut grouped = String::from(sign);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    match fraction {
        Some(fraction) => format!("{grouped}.{fraction}"),
        None => grouped,
    }
}

/// The value with `digits` significant digits.
pub fn rounded(value: f64, digits: i32) -> f64 {
    if value == 0.0 || !value.is_finite() {
        return 0.0;
    }
    let places = digits - 1 - value.abs().log10().floor() as i32;
    // Dividing by a power of ten is exact where multiplying by its inverse is not.
    let power = 10_f64.powi(places.abs());
    if places >= 0 {
        (value * power).round() / power
    } else {
        (value / power).round() * power
    }
}

/// What one press of an arrow key adds: a tenth of the value's first digit's place.
pub fn step(value: f64) -> f64 {
    if value == 0.0 {
        return 1.0;
    }
    rounded(10_f64.powi(value.abs().log10().floor() as i32 - 1), 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_people_write_them() {
        for (text, value) in [
            ("10000", Some(10_000.0)),
            ("10,000", Some(10_000.0)),
            ("10 000", Some(10_000.0)),
            ("2.5k", Some(2_500.0)),
            ("80 %", Some(0.8)),
            ("500 MB", Some(5e8)),
            ("-3", Some(-3.0)),
            ("55/s", Some(55.0)),
            ("", None),
            ("many", None),
            ("1e999", None),
            ("5 apples", None),
        ] {
            assert_eq!(read(text), value, "{text:?}");
        }
    }

    #[test]
    fn what_is_shown_reads_back_as_the_same() {
        for value in [0.0, 1.0, 999.0, 1_000.0, 1_234_567.0, 0.85, 1234.5, -20_000.0] {
            assert_eq!(read(&typed(value)), Some(value));
        }
        assert_eq!(typed(1_234_567.25), "1,234,567.25");
    }

    #[test]
    fn rounding_keeps_the_first_digits() {
        assert_eq!(rounded(12_345.0, 3), 12_300.0);
        assert_eq!(rounded(0.012_345, 2), 0.012);
        assert_eq!(rounded(0.0, 2), 0.0);
        assert_eq!(rounded(999.6, 3), 1_000.0);
    }

    #[test]
    fn a_step_fits_the_value() {
        for (value, by) in [(10_000.0, 1_000.0), (850.0, 10.0), (0.8, 0.01), (0.0, 1.0)] {
            assert_eq!(step(value), by, "{value}");
        }
    }
}
