//! What only RabbitMQ's settings hold, read and checked: roots of plugins.

use reqwest::Url;

use crate::given::Given;
use crate::http_root;

/// Roots of plugins.
pub fn urls(given: &mut Given<'_>, key: &str, example: &str) -> Vec<Url> {
    given.addresses(key, &format!("Write it like {example}."), root)
}

/// Reads the address of a plugin and normalises it to its root. The error says what is wrong with it.
pub fn root(text: &str) -> Result<Url, &'static str> {
    // People paste what the browser shows, and paths of the API.
    http_root::read(text, &http_root::WITH_USER, |path| {
        http_root::without(path, &["/api", "/metrics"])
    })
}
