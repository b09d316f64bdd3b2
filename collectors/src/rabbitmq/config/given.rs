//! What only RabbitMQ's settings hold, read and checked: roots of plugins.

use reqwest::Url;

use crate::given::Given;

/// Roots of plugins.
pub fn urls(given: &mut Given<'_>, key: &str, example: &str) -> Vec<Url> {
    given.addresses(key, &format!("Write it like {example}."), root)
}

/// Reads the address of a plugin and normalises it to its root. The error says what is wrong with it.
pub fn root(text: &str) -> Result<Url, &'static str> {
    let mut url = Url::parse(text).map_err(|_| "is not an address")?;
    if !["http", "https"].contains(&url.scheme()) {
        return Err("does not begin with http:// or https://");
    }
    if url.host_str().is_none_or(str::is_empty) {
        return Err("names no host");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("holds a login, which belongs into the fields for user and password");
    }
    url.set_query(None);
    url.set_fragment(None);
    // People paste what the browser shows, and paths of the API.
    let path = url.path().trim_end_matches('/');
    let path = path
        .strip_suffix("/api")
        .or(path.strip_suffix("/metrics"))
        .unwrap_or(path);
    let path = format!("{path}/");
    url.set_path(&path);
    Ok(url)
}
