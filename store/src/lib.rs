//! The only room that names sqlx: everything Brokerscope remembers, in one SQLite file.
//!
//! A visit to a broker is one transaction ([`Store::write_snapshot`]). Samples are appended per visit, gathered in
//! memory, sealed into compressed blocks of many series and rolled up for long ranges; see [`samples`].
//! What is asked on every page (identities, last values) is answered from memory, the rest by a pool of readers.

mod error;
mod open;
pub mod samples;
mod store;

mod alerts;
mod audit;
mod checks;
mod connections;
mod entities;
mod health;
mod housekeeping;
mod judgements;
mod rules;
mod settings;
mod visits;

pub use audit::AuditEntry;
pub use checks::{CheckChanged, StoredCheck};
pub use connections::{NewConnection, StoredConnection};
pub use entities::StoredEntity;
pub use error::StoreError;
pub use health::{StoreHealth, Trouble, TroubleKind};
pub use housekeeping::{Housekeeping, Retention};
pub use open::StoreOptions;
pub use store::Store;
pub use visits::{LastAnswer, Written};
