//! The colours of both themes, measured: WCAG 2.2 asks 4.5:1 of text and 3:1 of marks.

use std::collections::BTreeMap;

use brokerscope_tests::brokers::workspace;

/// The custom properties of one theme, dark being the base of light.
fn themes() -> (BTreeMap<String, String>, BTreeMap<String, String>) {
    let css = std::fs::read_to_string(workspace().join("assets/tokens.css")).expect("assets/tokens.css");
    let read = |block: &str| -> BTreeMap<String, String> {
        block
            .split(';')
            .filter_map(|declaration| declaration.split_once(':'))
            .map(|(name, value)| {
                (
                    name.trim().trim_start_matches("--").to_string(),
                    value.trim().to_string(),
                )
            })
            .collect()
    };
    let (_, from_root) = css
        .split_once(":root{")
        .or_else(|| css.split_once(":root {"))
        .expect("a :root block");
    let dark = read(from_root.split('}').next().expect("the block ends"));
    let (_, from_light) = css.split_once("[data-theme=light]").expect("a light theme");
    let body = from_light.split_once('{').expect("a block").1;
    let mut light = dark.clone();
    light.extend(read(body.split('}').next().expect("the block ends")));
    (dark, light)
}

/// Relative luminance as WCAG defines it.
fn luminance(colour: &str) -> f64 {
    let digits = colour.trim_start_matches('#');
    let channel = |at: usize| {
        let value = u8::from_str_radix(&digits[at..at + 2], 16).expect("a hexadecimal colour");
        let share = f64::from(value) / 255.0;
        if share <= 0.04045 {
            share / 12.92
        } else {
            ((share + 0.055) / 1.055).powf(2.4)
        }
    };
    0.2126 * channel(0) + 0.7152 * channel(2) + 0.0722 * channel(4)
}

fn contrast(one: &str, other: &str) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

#[test]
fn text_and_marks_stand_out_in_both_themes() {
    let (dark, light) = themes();
    let mut failures = Vec::new();
    for (name, theme) in [("dark", &dark), ("light", &light)] {
        for ground in ["bg", "surface", "raised"] {
            for (text, least) in [
                ("text", 4.5),
                ("muted", 4.5),
                ("faint", 4.5),
                ("accent", 4.5),
                ("ok", 4.5),
                ("warn", 4.5),
                ("crit", 4.5),
                ("unknown", 4.5),
                ("muted-state", 4.5),
                ("in", 3.0),
                ("out", 3.0),
                ("depth", 3.0),
                ("dead", 3.0),
            ] {
                let measured = contrast(&theme[text], &theme[ground]);
                if measured < least {
                    failures.push(format!("{name}: {text} on {ground} is {measured:.2}, needs {least}"));
                }
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
