//! Plans and the passes over a file that follow them: the survey, the import, previews and profiles.

pub(crate) mod amend;
#[cfg(feature = "serde")]
pub(crate) mod infer;
pub(crate) mod plan;
pub(crate) mod preview;
pub(crate) mod run;
pub(crate) mod source;
pub(crate) mod survey;
mod tally;
