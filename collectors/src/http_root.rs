//! Addresses of HTTP interfaces as people write and paste them, normalised to the root that questions are put behind.

use reqwest::Url;

/// What is said of an address that cannot be used; each goes on after the address.
pub struct Faults {
    pub scheme: &'static str,
    pub login: &'static str,
}

/// For services that log in with a user and a password.
pub const WITH_USER: Faults = Faults {
    scheme: "does not begin with http:// or https://",
    login: "holds a login, which belongs into the fields for user and password",
};

/// Reads an address. `root` cuts what was pasted with it off its path, which ends with no slash; the address ends with
/// one.
pub fn read(text: &str, faults: &Faults, root: impl Fn(&str) -> &str) -> Result<Url, &'static str> {
    let mut url = Url::parse(text).map_err(|_| "is not an address")?;
    if !["http", "https"].contains(&url.scheme()) {
        return Err(faults.scheme);
    }
    if url.host_str().is_none_or(str::is_empty) {
        return Err("names no host");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(faults.login);
    }
    url.set_query(None);
    url.set_fragment(None);
    let path = format!("{}/", root(url.path().trim_end_matches('/')));
    url.set_path(&path);
    Ok(url)
}

/// The path without the first of these that it ends with.
pub fn without<'a>(path: &'a str, tails: &[&str]) -> &'a str {
    tails.iter().find_map(|tail| path.strip_suffix(tail)).unwrap_or(path)
}
