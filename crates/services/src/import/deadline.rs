//! How much of a processor one upload may take. Reading a file is linear in its bytes; this is what holds all the same, should
//! a file be found that is not.

use std::{ops::ControlFlow, time::Duration};

use import_types::engine::machine::Progress;
use rustix::time::{ClockId, clock_gettime};

/// Time of one thread on the processor. The most hostile ten megabytes that were found take two seconds.
const PROCESSOR_TIME: Duration = Duration::from_secs(30);

/// Stops the engine when the thread that runs it has taken too much of the processor. Waiting for a busy machine or a slow
/// storage does not count.
#[derive(Debug)]
pub(super) struct Deadline {
    ends: Duration,
}

impl Deadline {
    /// For what this thread does from now on.
    pub(super) fn starting_now() -> Self {
        Self::after(PROCESSOR_TIME)
    }

    /// Whether the thread has had its time.
    pub(super) fn is_over(&self) -> bool {
        processor_time() >= self.ends
    }

    fn after(time: Duration) -> Self {
        Self {
            ends: processor_time().saturating_add(time),
        }
    }
}

impl Deadline {
    /// Watches the engine.
    pub(super) fn observer(self) -> impl FnMut(&Progress) -> ControlFlow<()> {
        move |_| {
            if self.is_over() {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        }
    }
}

/// What this thread has had of the processor.
fn processor_time() -> Duration {
    Duration::try_from(clock_gettime(ClockId::ThreadCPUTime)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use import_types::{
        ImportType,
        engine::{Plan, RunError, recognise::Sniffer},
        schema,
    };

    use super::*;

    #[test]
    fn a_file_that_takes_the_processor_too_long_is_given_up_and_another_is_not()
    -> Result<(), Box<dyn std::error::Error>> {
        let file = b"nama,paket_id\nSiti,Umroh\n";
        let schema = schema(ImportType::Jamaah);
        let dialect = Sniffer::new()
            .with_known_headers(schema.known_headers())
            .sniff(file)?;
        let mapping = schema.map_headers(&dialect.headers)?;
        let today = time::macros::date!(2026 - 11 - 26);
        let plan = Plan::new(schema.clone(), dialect, mapping).today(today);
        let late = Deadline::after(Duration::ZERO).observer();
        let outcome = plan.clone().surveyed_while(file, late);
        assert!(matches!(outcome, Err(RunError::Cancelled)), "{outcome:?}");
        plan.surveyed_while(file, Deadline::starting_now().observer())?;
        Ok(())
    }
}
