//! The address of a broker as a shovel or an upstream names it, without what must not be kept of it.

use std::fmt;

use percent_encoding::percent_decode_str;
use serde::de::{Deserialize, Deserializer};
use serde_json::Value;

/// From an AMQP URI. User, password and parameters are forgotten while it is read, so that no answer of a broker brings
/// them any further.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Address {
    pub tls: bool,
    /// Without one the broker connects to itself.
    pub host: Option<String>,
    pub port: u16,
    /// Without one it is a default one, which depends on who connects.
    pub vhost: Option<String>,
}

const PORT: u16 = 5_672;
const TLS_PORT: u16 = 5_671;

impl Address {
    /// `None` for what is no AMQP URI.
    pub fn parse(uri: &str) -> Option<Address> {
        let (scheme, rest) = uri.split_once("://")?;
        let tls = match scheme {
            "amqp" => false,
            "amqps" => true,
            _ => return None,
        };
        let rest = rest.split(['?', '#']).next().unwrap_or_default();
        let (authority, path) = match rest.split_once('/') {
            Some((authority, path)) => (authority, Some(path)),
            None => (rest, None),
        };
        // Whatever stands before the last @ is the login.
        let place = authority.rsplit_once('@').map_or(authority, |(_, place)| place);
        let (host, port) = match place.rsplit_once(':') {
            // The colons of an address of version 6 stand in brackets.
            Some((host, port)) if !port.contains(']') => (host, port.parse().ok()?),
            _ => (place, if tls { TLS_PORT } else { PORT }),
        };
        Some(Address {
            tls,
            host: Some(host.trim_matches(['[', ']']).to_string()).filter(|host| !host.is_empty()),
            port,
            vhost: path
                .filter(|path| !path.is_empty())
                .map(|path| percent_decode_str(path).decode_utf8_lossy().into_owned()),
        })
    }

    /// The broker itself, in one of its virtual hosts.
    pub fn here(vhost: &str) -> Address {
        Address {
            tls: false,
            host: None,
            port: PORT,
            vhost: Some(vhost.into()),
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.host {
            None => f.write_str("this broker")?,
            Some(host) if host.contains(':') => write!(f, "[{host}]:{}", self.port)?,
            Some(host) => write!(f, "{host}:{}", self.port)?,
        }
        match &self.vhost {
            Some(vhost) => write!(f, ", virtual host {vhost}"),
            None => Ok(()),
        }
    }
}

/// One URI, or the first of a list of them; nothing for anything else.
pub fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Address>, D::Error> {
    let value = Value::deserialize(deserializer)?;
    let first = match &value {
        Value::Array(uris) => uris.first(),
        other => Some(other),
    };
    Ok(first.and_then(Value::as_str).and_then(Address::parse))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_without_their_logins() {
        for (uri, expected) in [
            ("amqp://", "this broker"),
            ("amqp:///shop", "this broker, virtual host shop"),
            ("amqp://guest:guest@10.0.0.7/%2f", "10.0.0.7:5672, virtual host /"),
            (
                "amqps://u:p%40ss@eu.example:5679/eu?verify=verify_peer&password=x",
                "eu.example:5679, virtual host eu",
            ),
            ("amqps://eu.example", "eu.example:5671"),
            ("amqp://u:a@b:c@host:1/v", "host:1, virtual host v"),
            ("amqp://u:p@[::1]:27601/a%2Fb", "[::1]:27601, virtual host a/b"),
            ("amqp://[::1]", "[::1]:5672"),
        ] {
            let address = Address::parse(uri).unwrap_or_else(|| panic!("{uri}"));
            assert_eq!(address.to_string(), expected, "{uri}");
        }
        for odd in ["", "http://host/", "amqp:host", "amqp://host:port/v", "undefined"] {
            assert_eq!(Address::parse(odd), None, "{odd}");
        }
    }
}
