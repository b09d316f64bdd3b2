//! The only room that names sqlx: everything Brokerscope remembers, in one SQLite file.
//!
//! A visit to a broker is one transaction ([`Store::write_snapshot`]). Samples are appended per visit, gathered in
//! memory, sealed into compressed blocks of many series and rolled up for long ranges. What is asked all the time
//! (who is who, last values) is answered from memory, the rest by a pool of readers.
//!
//! - `open`, `store`: the file, the handle, the one door for writing; `error`: what can go wrong
//! - `catalogue`: what is kept in memory
//! - `visits`: one visit, from snapshot to plan to transaction to memory
//! - `samples`: time series
//! - one file per table or two: `connections`, `entities`, `links`, `checks`, `judgements`, `rules`, `alerts`, `settings`,
//!   `audit`
//! - `housekeeping`: forgetting

mod alerts;
mod audit;
mod catalogue;
mod checks;
mod connections;
mod entities;
mod error;
mod health;
mod housekeeping;
mod judgements;
mod links;
mod open;
mod rows;
mod rules;
mod samples;
mod settings;
mod store;
mod visits;
mod words;

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
