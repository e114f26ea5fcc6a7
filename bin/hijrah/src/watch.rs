//! Progress on a terminal, and Ctrl-C, while a file is read.

use std::{
    fs::File,
    ops::ControlFlow,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use anyhow::{Context, Result};
use import_types::engine::machine::Progress;
use indicatif::{ProgressBar, ProgressStyle};

/// Shows progress on a terminal, and handles Ctrl-C: unfinished output files are removed, and the previous ones stay.
pub(crate) struct Watch {
    bar: ProgressBar,
    interrupted: Arc<AtomicBool>,
}

impl Watch {
    /// Installs the handler for Ctrl-C and shows the bar.
    pub(crate) fn new(input: &File) -> Result<Self> {
        let interrupted = Arc::new(AtomicBool::new(false));
        let flag = Arc::clone(&interrupted);
        ctrlc::set_handler(move || flag.store(true, Ordering::Relaxed))
            .context("cannot listen for Ctrl-C")?;
        // Hides itself when standard error is not a terminal.
        let bar = ProgressBar::new(input.metadata()?.len());
        bar.set_style(ProgressStyle::with_template(
            "{msg:10} {wide_bar} {bytes}/{total_bytes} {eta}",
        )?);
        Ok(Self { bar, interrupted })
    }

    /// Starts a pass over the file.
    pub(crate) fn phase(&self, name: &'static str) {
        self.bar.set_position(0);
        self.bar.set_message(name);
    }

    /// Removes the bar.
    pub(crate) fn done(&self) {
        self.bar.finish_and_clear();
    }
}

impl Watch {
    /// Shows how far the engine is, and stops it when the user has had enough.
    pub(crate) fn observer(&self) -> impl FnMut(&Progress) -> ControlFlow<()> {
        let (bar, interrupted) = (self.bar.clone(), Arc::clone(&self.interrupted));
        move |progress| {
            bar.set_position(progress.bytes);
            if interrupted.load(Ordering::Relaxed) {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        }
    }
}
