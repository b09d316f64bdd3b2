//! Watches Kafka clusters.

use brokerscope_contract::{CheckDef, Field, FieldProblem, Settings, System};

use crate::collector::{Collector, Factory};

/// The registration of this system.
pub struct Kafka;

impl Factory for Kafka {
    fn system(&self) -> System {
        System::Kafka
    }

    fn fields(&self) -> Vec<Field> {
        Vec::new()
    }

    fn checks(&self) -> Vec<CheckDef> {
        Vec::new()
    }

    fn build(&self, _settings: &Settings) -> Result<Box<dyn Collector>, Vec<FieldProblem>> {
        Err(Vec::new())
    }
}
