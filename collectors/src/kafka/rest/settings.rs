//! The settings of a service that is asked over HTTP: addresses, login, TLS.

use brokerscope_contract::{Field, FieldKind};
use reqwest::Url;

use crate::given::Given;
use crate::http_root;
use crate::tls::{self, Tls};

/// The beginning of the keys that say how HTTP is encrypted, the same for all of these services.
const TLS_PREFIX: &str = "rest_";

/// What is needed to ask one service. Not `Debug`: it holds secrets.
#[derive(Clone, PartialEq, Eq)]
pub struct Service {
    /// What it is, for sentences: "Kafka Connect".
    pub name: &'static str,
    /// Roots, each ending with a slash; any one of them answers for all. At least one.
    pub roots: Vec<Url>,
    pub login: Option<Login>,
    pub tls: Tls,
}

#[derive(Clone, PartialEq, Eq)]
pub enum Login {
    Basic { user: String, password: String },
    Bearer(String),
}

/// What a service's fields are called.
pub struct Words {
    pub name: &'static str,
    /// The beginning of its keys, such as `connect_`.
    pub prefix: &'static str,
    pub example: &'static str,
    /// Paths of its API that people paste with the address.
    pub paths: &'static [&'static str],
}

/// How the connections to all of them are encrypted.
pub fn fields() -> Vec<Field> {
    let key = |name: &str| format!("{TLS_PREFIX}{name}");
    vec![
        Field::text(
            &key("ca_certificate"),
            "Certificate authority of Connect and registry",
            "PEM of the authority that signed the certificates behind their https:// addresses. Left empty, the system's \
             authorities count.",
        )
        .of(FieldKind::Lines { secret: false })
        .placeholder("-----BEGIN CERTIFICATE-----")
        .advanced(),
        Field::text(
            &key("client_certificate"),
            "Client certificate for Connect and registry",
            "PEM of the certificate by which they know this client, where they ask for one.",
        )
        .of(FieldKind::Lines { secret: false })
        .placeholder("-----BEGIN CERTIFICATE-----")
        .advanced(),
        Field::text(
            &key("client_key"),
            "Client key for Connect and registry",
            "PEM of the private key of that client certificate, not encrypted.",
        )
        .of(FieldKind::Lines { secret: true })
        .placeholder("-----BEGIN PRIVATE KEY-----")
        .advanced(),
        Field::text(
            &key("tls_insecure"),
            "Accept any certificate of Connect and registry",
            "Switches off the check of their certificates: a password can then be read by whoever sits between. For tests \
             only.",
        )
        .of(FieldKind::Switch)
        .default("false")
        .advanced(),
    ]
}

/// Reads a service's settings; nothing when it has no address.
pub fn read(given: &mut Given<'_>, words: &Words) -> Option<Service> {
    let key = |name: &str| format!("{}{name}", words.prefix);
    let remedy = format!("Write it like {}.", words.example);
    let roots = given.addresses(&key("urls"), &remedy, |text| root(text, words.paths));
    let basic = (given.text(&key("user")), given.text(&key("password")));
    let token = given.text(&key("token"));
    let login = match (basic, token) {
        ((None, None), None) => None,
        ((None, None), Some(token)) => Some(Login::Bearer(token.trim().to_string())),
        ((Some(user), Some(password)), None) => Some(Login::Basic { user, password }),
        ((Some(_), None), None) => {
            given.wrong(
                &key("password"),
                "is missing for the login",
                "Fill in the user's password.",
            );
            None
        }
        ((None, Some(_)), None) => {
            given.wrong(
                &key("user"),
                "is missing for the login",
                "Fill in the user, or remove the password.",
            );
            None
        }
        (_, Some(_)) => {
            given.wrong(
                &key("token"),
                "is given beside a user or a password",
                "Use one way to log in: a user with a password, or a token.",
            );
            None
        }
    };
    if roots.is_empty() {
        if login.is_some() && given.list(&key("urls")).is_empty() {
            given.wrong(&key("urls"), format!("names no address of {}", words.name), remedy);
        }
        return None;
    }
    Some(Service {
        name: words.name,
        roots,
        login,
        tls: tls::read_prefixed(given, TLS_PREFIX),
    })
}

/// Reads an address and normalises it to the root of the API. The error says what is wrong with it.
fn root(text: &str, paths: &[&str]) -> Result<Url, &'static str> {
    http_root::read(text, &http_root::WITH_USER, |path| http_root::without(path, paths))
}

#[cfg(test)]
mod tests {
    use super::root;

    #[test]
    fn an_address_is_the_root_of_the_api_whatever_was_pasted() {
        for (text, expected) in [
            ("http://connect-1:8083", Ok("http://connect-1:8083/")),
            ("http://connect-1:8083/connectors", Ok("http://connect-1:8083/")),
            ("https://a.example/registry/", Ok("https://a.example/registry/")),
            (
                "https://a.example/apis/ccompat/v7/subjects?x#y",
                Ok("https://a.example/apis/ccompat/v7/"),
            ),
            ("connect-1:8083", Err("does not begin with http:// or https://")),
            (
                "http://me:secret@connect-1:8083",
                Err("holds a login, which belongs into the fields for user and password"),
            ),
            ("nonsense", Err("is not an address")),
        ] {
            let read = root(text, &["/connectors", "/subjects"]);
            assert_eq!(
                read.as_ref().map(|url| url.as_str()).map_err(|why| *why),
                expected,
                "{text}"
            );
        }
    }
}
