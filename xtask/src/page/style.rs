//! The style sheet: tokens and rules in one file, with the hashed addresses of the fonts.

use crate::failure::{Failure, Outcome};

/// Replaces every `url("name")` by the address that `address_of` gives for the name.
/// Addresses that say where they are (`data:`, `#`, `/`) stay.
pub fn with_addresses(css: &str, address_of: impl Fn(&str) -> Option<String>) -> Outcome<String> {
    let mut done = String::with_capacity(css.len());
    let mut rest = css;
    while let Some(start) = rest.find("url(") {
        let (before, after) = rest.split_at(start + "url(".len());
        done.push_str(before);
        let end = after
            .find(')')
            .ok_or_else(|| Failure::new("the style sheet has a url( that never closes"))?;
        let (inside, after) = after.split_at(end);
        let name = inside.trim().trim_matches(['"', '\'']);
        if name.starts_with("data:") || name.starts_with(['#', '/']) {
            done.push_str(inside);
        } else {
            let address = address_of(name)
                .ok_or_else(|| Failure::new(format!("the style sheet names {name}, which is not in assets/fonts")))?;
            done.push_str(&address);
        }
        rest = after;
    }
    done.push_str(rest);
    Ok(done)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rewritten(css: &str) -> Outcome<String> {
        with_addresses(css, |name| (name == "a.woff2").then(|| "/a-1.woff2".to_owned()))
    }

    #[test]
    fn fonts_get_their_hashed_address_and_the_rest_stays() {
        for (css, expected) in [
            (
                "src:url(\"a.woff2\") format(\"woff2\")",
                "src:url(/a-1.woff2) format(\"woff2\")",
            ),
            (
                "src:url( 'a.woff2' ),url(a.woff2)",
                "src:url(/a-1.woff2),url(/a-1.woff2)",
            ),
            (
                "mask:url(\"data:image/svg+xml,x\")",
                "mask:url(\"data:image/svg+xml,x\")",
            ),
            ("fill:url(#hatch)", "fill:url(#hatch)"),
            ("color:red", "color:red"),
        ] {
            assert_eq!(rewritten(css).unwrap(), expected);
        }
    }

    #[test]
    fn a_name_that_is_no_file_is_an_error() {
        assert!(
            rewritten("src:url(b.woff2)")
                .unwrap_err()
                .to_string()
                .contains("b.woff2")
        );
        assert!(rewritten("src:url(a.woff2").is_err());
    }
}
