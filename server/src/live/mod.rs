//! What has been stored, in memory and ready to be shown: every page but the charts is answered from here.
//!
//! [`Live`] holds one [`connection::Connection`] per configured broker. It is built from the store at start
//! ([`load`]), changed after each stored visit ([`apply`]), and only read by pages. What is old is not thrown away
//! but shown as old; [`freshness`] decides that when it is asked, so that it is right also when nothing happens.

mod absences;
mod apply;
mod by_id;
pub mod connection;
mod detail;
mod entities;
mod entity;
mod figure;
mod flow;
mod freshness;
mod gather;
mod graph;
mod health;
mod index;
mod join;
mod known;
mod links;
mod load;
mod overview;
mod reading;
mod row;
mod rows;
mod spark;
mod table;
mod topology;
mod totals;
mod warm;
mod warnings;

pub use apply::Piece;
pub use connection::{Check, Connection};
pub use entity::Entity;
pub use known::Known;
pub use load::UPTIME_MILLIS;
pub use reading::Readings;
pub use table::Live;

#[cfg(test)]
mod tests;
