//! Watches RabbitMq clusters.

use brokerscope_contract::{CheckDef, Field, FieldProblem, Settings, System};

use crate::collector::{Collector, Factory};

/// The registration of this system.
pub struct RabbitMq;

impl Factory for RabbitMq {
    fn system(&self) -> System {
        System::RabbitMq
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
