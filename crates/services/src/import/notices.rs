//! The engine's notices as a job stores them: with their words, so that what a user was told stays as it was told.

use std::collections::BTreeMap;

use domain::JobNotice;
use import_types::engine::{Language, Notice};

/// Notices of one job at most: a file with something to say of every column stays readable, and its answer small.
const MOST: usize = 100;

/// The notices in the users' language, each once.
pub(crate) fn stored(notices: &[Notice]) -> Vec<JobNotice> {
    let mut stored: Vec<JobNotice> = Vec::new();
    for notice in notices {
        let params = notice
            .params()
            .map(|(name, value)| (name.to_owned(), value.to_owned()));
        let notice = JobNotice {
            code: notice.code().as_str().to_owned(),
            params: params.collect::<BTreeMap<_, _>>(),
            message: notice.text(Language::INDONESIAN),
            hint: notice.hint(Language::INDONESIAN),
        };
        if stored.len() < MOST && !stored.contains(&notice) {
            stored.push(notice);
        }
    }
    stored
}
