//! What a connection or a rule may be called.

/// The longest name, in characters: what fits a table's column and a title bar.
const LONGEST: usize = 80;

/// The name without blanks around it, or what is wrong with it and the remedy.
pub fn name(given: &str) -> Result<String, (&'static str, &'static str)> {
    let name = given.trim();
    if name.is_empty() {
        Err(("is empty", "Give it a name of 1 to 80 characters."))
    } else if name.chars().count() > LONGEST {
        Err(("is too long", "Shorten it to at most 80 characters."))
    } else if name.chars().any(char::is_control) {
        Err(("holds a control character", "Keep it to one line of plain text."))
    } else {
        Ok(name.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::name;

    #[test]
    fn a_name_is_one_line_of_one_to_eighty_characters() {
        for (given, expected) in [
            ("orders", Some("orders")),
            ("  orders eu ", Some("orders eu")),
            ("Ünïcode <b>/</b> \"x\"", Some("Ünïcode <b>/</b> \"x\"")),
            (&"é".repeat(80), Some("é".repeat(80).as_str())),
            (&"é".repeat(81), None),
            ("", None),
            (" \t ", None),
            ("two\nlines", None),
        ] {
            assert_eq!(name(given).ok().as_deref(), expected, "{given:?}");
        }
    }
}
