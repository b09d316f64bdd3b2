//! The pages: each fetches what it shows and arranges components; see [`crate::route::Route`] for the addresses.

mod alerts;
mod connection_form;
mod connections;
mod entity;
mod faults;
mod health;
mod not_found;
mod overview;
pub mod queues;
mod rule_editor;
mod topology;

pub use alerts::Alerts;
pub use connection_form::ConnectionForm;
pub use connections::Connections;
pub use entity::Entity;
pub use faults::Faults;
pub use health::Health;
pub use not_found::NotFound;
pub use overview::Overview;
pub use queues::Queues;
pub use rule_editor::RuleEditor;
pub use topology::Topology;
