//! Why a change of connections was refused.

use brokerscope_contract::FieldProblem;
use brokerscope_store::StoreError;

use crate::secrets::VaultError;

#[derive(Debug, thiserror::Error)]
pub enum ConnectionError {
    /// Field names as in the request: `name`, `settings.password`.
    #[error("the connection has {} wrong fields", .0.len())]
    Invalid(Vec<FieldProblem>),
    #[error("there is no such connection")]
    NotFound,
    /// Declared in the configuration file, so the page may not change it.
    #[error("the connection \"{0}\" is declared in the configuration file")]
    Declared(String),
    /// It comes and goes with the demo.
    #[error("the connection \"{0}\" belongs to the demo")]
    Demo(String),
    #[error("too many connections are being tested at once")]
    TooManyTests,
    #[error("the secrets {0}")]
    Vault(#[from] VaultError),
    #[error(transparent)]
    Store(StoreError),
}

impl From<StoreError> for ConnectionError {
    fn from(error: StoreError) -> ConnectionError {
        match error {
            StoreError::NotFound(_) => ConnectionError::NotFound,
            StoreError::NameTaken(name) => ConnectionError::Invalid(vec![FieldProblem::new(
                "name",
                format!("another connection is called \"{name}\" already"),
                "Choose another name.",
            )]),
            other => ConnectionError::Store(other),
        }
    }
}
