//! Limits how much processor time one upload may take. Reading a file is linear in its bytes; this limit holds even for a file
//! for which that turns out to be wrong: its reader is stopped between two records, or when it asks for more bytes. Recognition
//! runs once all bytes are there, on 64 KiB of text, and passes over them a fixed number of times.

use std::{
    io::{self, Read},
    ops::ControlFlow,
    time::Duration,
};

use import_types::engine::machine::Progress;
use rustix::time::{ClockId, clock_gettime};

/// Time of one thread on the processor. The most hostile ten megabytes that were found take two seconds.
const PROCESSOR_TIME: Duration = Duration::from_secs(30);

/// Stops the engine when the thread that runs it has used too much processor time. Waiting for a busy machine or a slow
/// storage does not count. One for everything that is done with a file at a time.
#[derive(Debug, Clone, Copy)]
pub(super) struct Deadline {
    ends: Duration,
}

impl Deadline {
    /// For what this thread does from now on.
    pub(super) fn starting_now() -> Self {
        Self::after(PROCESSOR_TIME)
    }

    /// Whether the thread has used up its time.
    pub(super) fn is_over(&self) -> bool {
        processor_time() >= self.ends
    }

    fn after(time: Duration) -> Self {
        Self {
            ends: processor_time().saturating_add(time),
        }
    }

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

impl Deadline {
    /// The same bytes, and an error instead of the next ones when the time is over.
    pub(super) fn limit<R: Read>(self, bytes: R) -> Limited<R> {
        Limited {
            bytes,
            deadline: self,
        }
    }
}

/// See [`Deadline::limit`].
#[derive(Debug)]
pub(super) struct Limited<R> {
    bytes: R,
    deadline: Deadline,
}

impl<R: Read> Read for Limited<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.deadline.is_over() {
            return Err(io::Error::other(TooSlow));
        }
        self.bytes.read(buffer)
    }
}

/// No more bytes are read because the time is over.
#[derive(Debug, thiserror::Error)]
#[error("the file took too much of the processor")]
pub(super) struct TooSlow;

impl TooSlow {
    /// Whether this is what an error of reading says.
    pub(super) fn is_in(error: &io::Error) -> bool {
        error
            .get_ref()
            .is_some_and(<dyn std::error::Error + Send + Sync>::is::<Self>)
    }
}

/// The processor time that this thread has used.
fn processor_time() -> Duration {
    Duration::try_from(clock_gettime(ClockId::ThreadCPUTime)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use import_types::{
        ImportType,
        engine::{
            Plan, RunError,
            plans::Once,
            recognise::{Sample, Sniffer},
        },
        schema,
    };

    use super::{
        super::{
            reading::{sniffed, sniffer},
            refusal::{refusal, unread},
        },
        *,
    };
    use crate::ServiceError;

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

    #[test]
    fn recognition_and_previews_of_such_a_file_are_given_up_too()
    -> Result<(), Box<dyn std::error::Error>> {
        let file = &b"nama,paket_id\nSiti,Umroh\n"[..];
        let schema = schema(ImportType::Jamaah);
        let dialect = sniffed(sniffer(), Deadline::starting_now().limit(file))??;
        let over = Deadline::after(Duration::ZERO);
        let recognised = sniffed(sniffer(), over.limit(file)).map_err(unread);
        assert!(matches!(recognised, Err(ServiceError::FileTooSlow)));
        let sample = Sample::read(over.limit(file), &dialect).map_err(refusal);
        assert!(matches!(sample, Err(ServiceError::FileTooSlow)));
        let mapping = schema.map_headers(&dialect.headers)?;
        let plan = Plan::new(schema.clone(), dialect, mapping)
            .today(time::macros::date!(2026 - 11 - 26))
            .surveyed(file)?;
        let again = || Once::new(over.limit(file));
        let preview = plan.preview(again(), 10).map_err(refusal);
        assert!(matches!(preview, Err(ServiceError::FileTooSlow)));
        let rows = plan.preview_rows(again(), 10).map_err(refusal);
        assert!(matches!(rows, Err(ServiceError::FileTooSlow)));
        let in_time = Once::new(Deadline::starting_now().limit(file));
        assert_eq!(plan.preview(in_time, 10)?.rows.len(), 1);
        Ok(())
    }
}
