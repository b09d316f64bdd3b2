//! What only Pulsar's settings hold, read and checked: admin addresses, the login, and namespaces.

use reqwest::Url;

use super::Login;
use crate::given::Given;
use crate::http_root::{self, Faults};

const FAULTS: Faults = Faults {
    scheme: "does not begin with http:// or https:// (pulsar:// is the port of clients)",
    login: "holds a login, which belongs into the fields for it",
};

/// Roots of admin APIs.
pub fn urls(given: &mut Given<'_>, key: &str, example: &str) -> Vec<Url> {
    given.addresses(key, &format!("Write it like {example}."), root)
}

pub fn login(given: &mut Given<'_>) -> Login {
    match given.text("login").as_deref() {
        None | Some("none") => Login::None,
        Some("token") => {
            let token = given.needed("token", "Paste the token of the role.");
            let token = token.trim();
            // Client libraries want the prefix, HTTP does not.
            Login::Token(token.strip_prefix("token:").unwrap_or(token).to_string())
        }
        Some("basic") => Login::Basic {
            user: given.needed("user", "Fill in the name of the user."),
            password: given.needed("password", "Fill in the password of the user."),
        },
        Some(_) => {
            given.wrong("login", "is none of the choices", "Choose none, token or basic.");
            Login::None
        }
    }
}

pub fn namespaces(given: &mut Given<'_>) -> Vec<String> {
    let names = given.list("namespaces");
    for name in &names {
        let parts: Vec<&str> = name.split('/').collect();
        if parts.len() > 2 || parts.iter().any(|part| part.is_empty()) {
            given.wrong(
                "namespaces",
                format!("{name:?} is neither a tenant nor tenant/namespace"),
                "Write it like shop/orders.",
            );
        }
    }
    names
}

/// Reads the address of an admin API and normalises it to its root. The error says what is wrong with it.
pub fn root(text: &str) -> Result<Url, &'static str> {
    // People paste what the browser shows, and paths of the API.
    http_root::read(text, &FAULTS, |path| {
        let path = path.find("/admin").map_or(path, |at| &path[..at]);
        http_root::without(path, &["/metrics"])
    })
}
