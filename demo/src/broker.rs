//! TEMP external broker.
use crate::demo::DemoError;
use crate::faults::Fault;

#[derive(Clone)]
pub struct Broker;

impl Broker {
    pub fn start() -> Result<Broker, DemoError> {
        Ok(Broker)
    }
    pub fn bootstrap_servers(&self) -> String {
        "127.0.0.1:21101".into()
    }
    pub fn set(&self, _fault: Fault, _on: bool) -> Result<(), DemoError> {
        Ok(())
    }
    pub fn heal(&self) -> Result<(), DemoError> {
        Ok(())
    }
    pub fn stop(&self) {}
}
