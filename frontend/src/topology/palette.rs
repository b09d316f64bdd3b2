//! The colours of the style sheet, for drawing where no style sheet reaches.

use brokerscope_contract::Status;
use leptos::prelude::{document, window};
use web_sys::CssStyleDeclaration;

/// Colours as CSS text. Read anew for every picture: the theme may have changed.
#[derive(Debug, Clone)]
pub struct Palette {
    pub raised: String,
    pub line: String,
    pub text: String,
    pub muted: String,
    pub faint: String,
    pub accent: String,
    pub dead: String,
    unknown: String,
    ok: String,
    warn: String,
    crit: String,
    maintenance: String,
    /// The faces, as a canvas wants them after the size.
    pub prose: String,
    pub mono: String,
}

impl Palette {
    pub fn read() -> Option<Palette> {
        let root = document().document_element()?;
        let style = window().get_computed_style(&root).ok()??;
        let value = |name: &str| value(&style, name);
        Some(Palette {
            raised: value("--raised"),
            line: value("--line-strong"),
            text: value("--text"),
            muted: value("--muted"),
            faint: value("--faint"),
            accent: value("--accent"),
            dead: value("--dead"),
            unknown: value("--unknown"),
            ok: value("--ok"),
            warn: value("--warn"),
            crit: value("--crit"),
            maintenance: value("--muted-state"),
            prose: value("--font"),
            mono: value("--mono"),
        })
    }

    pub fn status(&self, status: Status) -> &str {
        match status {
            Status::Ok => &self.ok,
            Status::Warning => &self.warn,
            Status::Critical => &self.crit,
            Status::Unknown => &self.unknown,
            Status::Maintenance => &self.maintenance,
        }
    }
}

fn value(style: &CssStyleDeclaration, name: &str) -> String {
    style.get_property_value(name).unwrap_or_default().trim().to_string()
}
