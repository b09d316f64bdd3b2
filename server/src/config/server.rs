//! `[server]`: where it listens and where it keeps its data.

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
    section.finish();
    ServerConfig {
        listen,
        data_dir,
        allowed_hosts,
    }
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
