//! Reads JSON whose types vary between RabbitMQ versions: what does not fit is absent, not an error.
//!
//! Erlang says "undefined", null, an empty list or nothing at all where there is no value.

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// A number, or nothing.
pub fn number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<f64>, D::Error> {
    deserializer.deserialize_any(Scalar::<f64>(PhantomData))
}

/// A text, or nothing. The empty text is a text.
pub fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    deserializer.deserialize_any(Scalar::<String>(PhantomData))
}

/// True only where the broker says so.
pub fn flag<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    Ok(deserializer
        .deserialize_any(Scalar::<bool>(PhantomData))?
        .unwrap_or(false))
}

/// An object; anything else is the empty one.
pub fn object<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(deserializer: D) -> Result<T, D::Error> {
    deserializer.deserialize_any(Shape::<T, true>(PhantomData))
}

/// An object, even an empty one; anything else is nothing.
pub fn object_if_any<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    Ok(object::<D, IfAny<T>>(deserializer)?.0)
}

/// A list; anything else is the empty one.
pub fn list<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(deserializer: D) -> Result<T, D::Error> {
    deserializer.deserialize_any(Shape::<T, false>(PhantomData))
}

struct IfAny<T>(Option<T>);

impl<T> Default for IfAny<T> {
    fn default() -> IfAny<T> {
        IfAny(None)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for IfAny<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<IfAny<T>, D::Error> {
        T::deserialize(deserializer).map(|object| IfAny(Some(object)))
    }
}

/// What a scalar of the wanted type can be made of.
trait FromScalar: Sized {
    fn from_number(_: f64) -> Option<Self> {
        None
    }
    fn from_text(_: &str) -> Option<Self> {
        None
    }
    fn from_flag(_: bool) -> Option<Self> {
        None
    }
}

impl FromScalar for f64 {
    fn from_number(value: f64) -> Option<f64> {
        Some(value)
    }
}

impl FromScalar for String {
    fn from_text(value: &str) -> Option<String> {
        Some(value.to_string())
    }
}

impl FromScalar for bool {
    fn from_flag(value: bool) -> Option<bool> {
        Some(value)
    }
}

struct Scalar<T>(PhantomData<T>);

impl<'de, T: FromScalar> Visitor<'de> for Scalar<T> {
    type Value = Option<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("anything")
    }
    fn visit_u64<E>(self, value: u64) -> Result<Option<T>, E> {
        Ok(T::from_number(value as f64))
    }
    fn visit_i64<E>(self, value: i64) -> Result<Option<T>, E> {
        Ok(T::from_number(value as f64))
    }
    fn visit_f64<E>(self, value: f64) -> Result<Option<T>, E> {
        Ok(T::from_number(value))
    }
    fn visit_str<E>(self, value: &str) -> Result<Option<T>, E> {
        Ok(T::from_text(value))
    }
    fn visit_bool<E>(self, value: bool) -> Result<Option<T>, E> {
        Ok(T::from_flag(value))
    }
    fn visit_unit<E>(self) -> Result<Option<T>, E> {
        Ok(None)
    }
    fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<Option<T>, A::Error> {
        drain_list(items).map(|()| None)
    }
    fn visit_map<A: MapAccess<'de>>(self, entries: A) -> Result<Option<T>, A::Error> {
        drain_object(entries).map(|()| None)
    }
}

/// An object (`MAP`) or a list, and the default for everything else.
struct Shape<T, const MAP: bool>(PhantomData<T>);

impl<'de, T: Deserialize<'de> + Default, const MAP: bool> Visitor<'de> for Shape<T, MAP> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("anything")
    }
    fn visit_u64<E>(self, _: u64) -> Result<T, E> {
        Ok(T::default())
    }
    fn visit_i64<E>(self, _: i64) -> Result<T, E> {
        Ok(T::default())
    }
    fn visit_f64<E>(self, _: f64) -> Result<T, E> {
        Ok(T::default())
    }
    fn visit_str<E>(self, _: &str) -> Result<T, E> {
        Ok(T::default())
    }
    fn visit_bool<E>(self, _: bool) -> Result<T, E> {
        Ok(T::default())
    }
    fn visit_unit<E>(self) -> Result<T, E> {
        Ok(T::default())
    }
    fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<T, A::Error> {
        if MAP {
            return drain_list(items).map(|()| T::default());
        }
        T::deserialize(SeqAccessDeserializer::new(items))
    }
    fn visit_map<A: MapAccess<'de>>(self, entries: A) -> Result<T, A::Error> {
        if !MAP {
            return drain_object(entries).map(|()| T::default());
        }
        T::deserialize(MapAccessDeserializer::new(entries))
    }
}

fn drain_list<'de, A: SeqAccess<'de>>(mut items: A) -> Result<(), A::Error> {
    while items.next_element::<IgnoredAny>()?.is_some() {}
    Ok(())
}

fn drain_object<'de, A: MapAccess<'de>>(mut entries: A) -> Result<(), A::Error> {
    while entries.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::Deserialize;

    #[derive(Debug, Default, PartialEq, Deserialize)]
    #[serde(default)]
    struct Row {
        #[serde(deserialize_with = "super::number")]
        count: Option<f64>,
        #[serde(deserialize_with = "super::text")]
        name: Option<String>,
        #[serde(deserialize_with = "super::flag")]
        durable: bool,
        #[serde(deserialize_with = "super::object")]
        arguments: BTreeMap<String, u32>,
        #[serde(deserialize_with = "super::list")]
        members: Vec<String>,
    }

    #[test]
    fn what_fits_is_read() {
        let text = r#"{"count":1.5,"name":"a","durable":true,"arguments":{"x":1},"members":["m"],"more":[1]}"#;
        let row: Row = serde_json::from_str(text).unwrap();
        assert_eq!(
            (row.count, row.name.as_deref(), row.durable),
            (Some(1.5), Some("a"), true)
        );
        assert_eq!(
            (row.arguments["x"], row.members.as_slice()),
            (1, ["m".to_string()].as_slice())
        );
    }

    #[test]
    fn what_does_not_fit_is_absent_whatever_it_is() {
        for odd in [
            "null",
            "\"undefined\"",
            "[]",
            "{}",
            "[1,{\"a\":[2]}]",
            "{\"a\":{\"b\":1}}",
            "-3",
            "false",
            "0.1",
        ] {
            let text = format!(
                r#"[{{"count":{odd},"durable":{odd}}},{{"name":{odd}}},{{"members":{odd}}},{{"arguments":{odd}}},{{"name":"last"}}]"#
            );
            let rows: Result<Vec<Row>, _> = serde_json::from_str(&text);
            // A list of numbers is no list of names and an object of objects no object of numbers: those are errors.
            if !odd.contains("[1") && !odd.contains("{\"a\":{") {
                assert_eq!(
                    rows.unwrap_or_else(|error| panic!("{odd}: {error}"))[4].name.as_deref(),
                    Some("last")
                );
            }
        }
    }
}
