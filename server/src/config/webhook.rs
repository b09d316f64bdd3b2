//! `[webhook]`: the address that is told when an alert fires or ends.

use reqwest::Url;

use super::model::WebhookConfig;
use super::outside::Outside;
use super::section::Section;

pub fn read(mut section: Section<'_>, outside: &Outside<'_>) -> Option<WebhookConfig> {
    let url = section.text("url", outside);
    if url.is_none() {
        section.note_missing("url", "is missing", "Add url = \"https://…\", or remove [webhook].");
    }
    let url = url.filter(|url| {
        let web = matches!(Url::parse(url.get_ref()), Ok(url) if matches!(url.scheme(), "http" | "https"));
        if !web {
            section.note(
                &url.span(),
                "url",
                "is not a web address",
                "It begins with https:// or http:// and names a host.",
            );
        }
        web
    });
    section.finish();
    url.map(|url| WebhookConfig { url: url.into_inner() })
}
