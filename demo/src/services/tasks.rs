//! The services as tasks: which there are, and which has ended before it should.

use std::collections::HashMap;

use tokio::task::{Id, JoinSet};

#[derive(Default)]
pub struct Tasks {
    running: JoinSet<()>,
    names: HashMap<Id, String>,
}

impl Tasks {
    /// Only within a `LocalSet`: services are not made for several threads.
    pub fn start(&mut self, name: &str, service: impl Future<Output = ()> + 'static) {
        let id = self.running.spawn_local(service).id();
        self.names.insert(id, name.to_string());
    }

    /// The next one that ends, whichever it is, and how it ended: by itself, or with a panic. `None` when all have.
    pub async fn ended(&mut self) -> Option<(String, Result<(), String>)> {
        let ended = self.running.join_next_with_id().await?;
        let (id, outcome) = match ended {
            Ok((id, ())) => (id, Ok(())),
            Err(error) => (error.id(), Err(error.to_string())),
        };
        Some((self.names.remove(&id).unwrap_or_default(), outcome))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::task::LocalSet;

    use super::*;

    #[tokio::test]
    async fn a_service_that_panics_is_missed_while_the_first_runs_on() {
        let local = LocalSet::new();
        let ended = local.run_until(async {
            let mut tasks = Tasks::default();
            tasks.start("first", std::future::pending());
            tasks.start("second", async { panic!("this one is meant") });
            tokio::time::timeout(Duration::from_secs(20), tasks.ended()).await
        });
        let (name, outcome) = ended.await.unwrap().unwrap();
        assert_eq!(name, "second");
        assert!(outcome.unwrap_err().contains("panic"));
    }
}
