//! Query strings: parsed, changed one key at a time, and written in a stable order.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde::Serialize;

/// What may stand unescaped in a query value without changing its meaning.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~')
    .remove(b',')
    .remove(b'*')
    .remove(b':');

/// The keys and values after the `?` of an address, in their order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Query(Vec<(String, String)>);

impl Query {
    /// Reads what follows the `?`; a leading `?` is allowed.
    pub fn parse(text: &str) -> Query {
        let text = text.strip_prefix('?').unwrap_or(text);
        let pairs = text.split('&').filter(|part| !part.is_empty()).map(|part| {
            let (key, value) = part.split_once('=').unwrap_or((part, ""));
            (decode(key), decode(value))
        });
        Query(pairs.collect())
    }

    /// The set fields of a request such as [`brokerscope_contract::api::entities::RowsQuery`].
    pub fn of<T: Serialize>(request: &T) -> Query {
        let Ok(serde_json::Value::Object(fields)) = serde_json::to_value(request) else {
            return Query::default();
        };
        let pairs = fields.into_iter().filter_map(|(key, value)| match value {
            serde_json::Value::Null => None,
            serde_json::Value::String(text) => Some((key, text)),
            other => Some((key, other.to_string())),
        });
        Query(pairs.collect())
    }

    pub fn get(&self, key: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(name, _)| name == key)
            .map(|(_, value)| value.as_str())
    }

    /// Sets a key, or removes it with `None` or an empty value.
    pub fn set(&mut self, key: &str, value: Option<&str>) {
        let value = value.filter(|value| !value.is_empty());
        match (self.0.iter_mut().find(|(name, _)| name == key), value) {
            (Some(pair), Some(value)) => pair.1 = value.to_string(),
            (None, Some(value)) => self.0.push((key.to_string(), value.to_string())),
            (_, None) => self.0.retain(|(name, _)| name != key),
        }
    }

    pub fn with(mut self, key: &str, value: Option<&str>) -> Query {
        self.set(key, value);
        self
    }

    /// With this key and value when nothing else is set.
    pub fn or(self, key: &str, value: &str) -> Query {
        if self.is_empty() {
            self.with(key, Some(value))
        } else {
            self
        }
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// `path?key=value`, or the bare path when nothing is set.
    pub fn on(&self, path: &str) -> String {
        if self.is_empty() {
            path.to_string()
        } else {
            format!("{path}?{self}")
        }
    }
}

impl std::fmt::Display for Query {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (i, (key, value)) in self.0.iter().enumerate() {
            let separator = if i == 0 { "" } else { "&" };
            write!(f, "{separator}{}={}", encode(key), encode(value))?;
        }
        Ok(())
    }
}

/// Escapes text for use as one key or value of a query.
pub fn encode(text: &str) -> String {
    utf8_percent_encode(text, ESCAPED).to_string()
}

fn decode(text: &str) -> String {
    let spaced = text.replace('+', " ");
    percent_decode_str(&spaced).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_text_survives_the_way_through_an_address() {
        for text in ["orders.created", "a&b=c", "50 % off", "ü/ß?#", "", "+"] {
            let query = Query::default().with("q", Some(text));
            assert_eq!(Query::parse(&query.to_string()), query);
            assert_eq!(query.get("q").unwrap_or(""), text);
        }
    }

    #[test]
    fn what_is_set_to_nothing_is_gone() {
        let query = Query::parse("?q=x&sort=depth").with("q", None);
        assert_eq!(query.on("/queues"), "/queues?sort=depth");
        assert_eq!(query.with("sort", Some("")).on("/queues"), "/queues");
    }
}
