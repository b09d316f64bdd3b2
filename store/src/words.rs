//! The contract's words as text in the database: enums by their names, structures as JSON.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::StoreError;

/// The name of an enum's value, the one that the API uses.
pub(crate) fn name<T: Serialize>(value: &T) -> Result<String, StoreError> {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(name)) => Ok(name),
        Ok(other) => Err(StoreError::Damaged(format!("{other} is not a name"))),
        Err(error) => Err(StoreError::Damaged(error.to_string())),
    }
}

/// The inverse of [`name`].
pub(crate) fn named<T: DeserializeOwned>(name: String) -> Result<T, StoreError> {
    serde_json::from_value(serde_json::Value::String(name)).map_err(|error| StoreError::Damaged(error.to_string()))
}

pub(crate) fn json<T: Serialize + ?Sized>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::Damaged(error.to_string()))
}

pub(crate) fn from_json<T: DeserializeOwned>(text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|error| StoreError::Damaged(error.to_string()))
}
