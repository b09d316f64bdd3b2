//! What can go wrong when the server is asked.

use brokerscope_contract::{FieldProblem, Problem};

#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ApiError {
    /// No answer at all: the server is down or the network is.
    #[error("Brokerscope does not answer.")]
    Unreachable,
    /// The server said no, and why.
    #[error("{}", .0.detail)]
    Refused(Problem),
    /// An answer that this page does not understand, usually because the server was updated meanwhile.
    #[error("The answer could not be read: {0}")]
    Garbled(String),
}

impl ApiError {
    /// What a person can do about it.
    pub fn remedy(&self) -> Option<String> {
        match self {
            ApiError::Unreachable => Some("Check that the server runs; this page goes on by itself.".into()),
            ApiError::Refused(problem) => problem.remedy.clone(),
            ApiError::Garbled(_) => Some("Reload the page.".into()),
        }
    }

    pub fn fields(&self) -> &[FieldProblem] {
        match self {
            ApiError::Refused(problem) => &problem.fields,
            _ => &[],
        }
    }

    /// What is wrong with one field of the input.
    pub fn field(&self, key: &str) -> Option<&FieldProblem> {
        self.fields().iter().find(|problem| problem.field == key)
    }

    pub fn is_not_found(&self) -> bool {
        matches!(self, ApiError::Refused(problem) if problem.status == 404)
    }
}
