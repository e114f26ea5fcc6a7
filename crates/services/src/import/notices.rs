//! The engine's notices as a job stores them: with their texts, so that a message that a user has read does not change later.

use std::collections::BTreeMap;

use domain::JobNotice;
use import_types::engine::{Language, recognise::Notice};

/// The most notices of one job: the list stays readable even if every column has one.
const MOST: usize = 100;

/// Bytes of all of them: an upload's answer has them twice, as notices and as warnings, and stays under 64 kB.
const MOST_BYTES: usize = 10 << 10;

/// The notices in the users' language, each once.
pub(crate) fn stored(notices: &[Notice]) -> Vec<JobNotice> {
    let mut stored: Vec<JobNotice> = Vec::new();
    let mut bytes = 0;
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
            bytes += length(&notice);
            if bytes > MOST_BYTES {
                break;
            }
            stored.push(notice);
        }
    }
    stored
}

/// The length of a notice's texts.
fn length(notice: &JobNotice) -> usize {
    let params = notice
        .params
        .iter()
        .map(|(name, value)| name.len() + value.len());
    notice.message.len() + notice.hint.as_ref().map_or(0, String::len) + params.sum::<usize>()
}
