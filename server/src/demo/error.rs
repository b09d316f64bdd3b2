//! Why the demo did not do as it was told.

use brokerscope_store::StoreError;

use super::shop;
use crate::connections::ConnectionError;

#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    #[error("the demo is switched off")]
    Off,
    #[error("there is no such fault")]
    NoSuchFault,
    #[error("the change of the demo was interrupted; ask for it again")]
    Interrupted,
    #[error(transparent)]
    Shop(#[from] shop::DemoError),
    #[error(transparent)]
    Connection(#[from] ConnectionError),
    #[error(transparent)]
    Store(#[from] StoreError),
}
