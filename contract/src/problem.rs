//! Errors as the API says them: RFC 9457 problem details with the field and the remedy.

use serde::{Deserialize, Serialize};

/// The body of every error answer, `application/problem+json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Problem {
    /// A stable name for this kind of problem, e.g. `invalid_field`, `not_found`.
    #[serde(rename = "type")]
    pub kind: String,
    pub title: String,
    pub status: u16,
    /// One sentence about this occurrence.
    pub detail: String,
    /// The fields at fault, when the input was at fault.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<FieldProblem>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remedy: Option<String>,
}

/// What is wrong with one field of the input.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct FieldProblem {
    /// The key of the field, dotted for nested ones: `settings.password`.
    pub field: String,
    pub detail: String,
    pub remedy: String,
}

impl FieldProblem {
    pub fn new(field: impl Into<String>, detail: impl Into<String>, remedy: impl Into<String>) -> FieldProblem {
        FieldProblem {
            field: field.into(),
            detail: detail.into(),
            remedy: remedy.into(),
        }
    }
}
