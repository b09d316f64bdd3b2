//! `[server]`: where it listens and where it keeps its data.

use reqwest::Url;
use toml::de::DeValue;

use super::model::ServerConfig;
use super::outside::Outside;
use super::section::Section;

pub fn read(mut section: Section<'_>, outside: &Outside<'_>) -> ServerConfig {
    let listen = section.text("listen", outside).and_then(|text| {
        let address = text.get_ref().parse().ok();
        if address.is_none() {
            let detail = format!("`{}` is not an address and a port", text.get_ref());
            section.note(
                &text.span(),
                "listen",
                detail,
                "Write for example \"127.0.0.1:7070\" or \"[::1]:7070\".",
            );
        }
        address
    });
    let data_dir = section
        .text("data_dir", outside)
        .map(|text| outside.folder.join(text.into_inner()));
    let allowed_hosts = hosts(&mut section);
    let external_url = external_url(&mut section, outside);
    section.finish();
    ServerConfig {
        listen,
        data_dir,
        allowed_hosts,
        external_url,
    }
}

fn external_url(section: &mut Section<'_>, outside: &Outside<'_>) -> Option<String> {
    let text = section.text("external_url", outside)?;
    let is_plain =
        |url: &Url| ["http", "https"].contains(&url.scheme()) && url.query().is_none() && url.fragment().is_none();
    let url = Url::parse(text.get_ref()).ok().filter(is_plain);
    if url.is_none() {
        section.note(
            &text.span(),
            "external_url",
            "is not a web address",
            "Write for example \"https://brokerscope.example.com\".",
        );
    }
    url.map(|url| url.as_str().trim_end_matches('/').to_owned())
}

fn hosts(section: &mut Section<'_>) -> Vec<String> {
    let Some(item) = section.item("allowed_hosts") else {
        return Vec::new();
    };
    let hosts: Option<Vec<String>> = match item.get_ref() {
        DeValue::Array(items) => items
            .iter()
            .map(|item| item.get_ref().as_str().map(str::to_ascii_lowercase))
            .collect(),
        _ => None,
    };
    if hosts.is_none() {
        let remedy = "Write for example [\"brokerscope.example.com\"], without scheme and port.";
        section.note_item(item, "allowed_hosts", "is not a list of host names", remedy);
    }
    hosts.unwrap_or_default()
}
