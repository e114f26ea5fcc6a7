//! The names of stored files: they alone distinguish Hijrah's files from others in the same folder or bucket.
//! `<tenant>/<upload>.csv` is a text as it was uploaded; `<tenant>/<upload>.workbook` is a workbook, and beside it lies
//! `<tenant>/<upload>.workbook.csv`, the table of its sheet. Knows no storage.

use std::borrow::Cow;

use uuid::Uuid;

const TABLE: &str = ".csv";
const WORKBOOK: &str = ".workbook";

/// The key of an uploaded text, which is a table as it is.
pub(crate) fn upload_key(tenant: Uuid, upload: Uuid) -> String {
    format!("{tenant}/{upload}{TABLE}")
}

/// The key of the table of an uploaded workbook. The workbook itself is at [`workbook_of`] it.
pub(crate) fn workbook_table_key(tenant: Uuid, upload: Uuid) -> String {
    format!("{tenant}/{upload}{WORKBOOK}{TABLE}")
}

/// Where the workbook of a table is; `None` if the table was uploaded as it is.
pub(crate) fn workbook_of(key: &str) -> Option<&str> {
    let workbook = key.strip_suffix(TABLE)?;
    workbook.ends_with(WORKBOOK).then_some(workbook)
}

/// The key under which a job knows a stored file: that of its table.
pub(crate) fn job_key(key: &str) -> Cow<'_, str> {
    if key.ends_with(WORKBOOK) {
        Cow::Owned(format!("{key}{TABLE}"))
    } else {
        Cow::Borrowed(key)
    }
}

/// Whether this is exactly the key of an upload. Housekeeping deletes nothing else.
pub(crate) fn is_upload_key(key: &str) -> bool {
    key.split_once('/')
        .is_some_and(|(tenant, file)| is_uuid(tenant) && is_upload_name(file))
}

/// Whether this is the last part of such a key.
pub(super) fn is_upload_name(file: &str) -> bool {
    let name = file.strip_suffix(TABLE).unwrap_or(file);
    let stem = name.strip_suffix(WORKBOOK).unwrap_or(name);
    stem.len() < file.len() && is_uuid(stem)
}

/// Only the form that this crate writes is accepted: lower case with hyphens.
pub(super) fn is_uuid(text: &str) -> bool {
    Uuid::try_parse(text).is_ok_and(|uuid| uuid.hyphenated().to_string() == text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_its_own_keys_and_no_others() {
        let [tenant, upload] = [1, 2].map(Uuid::from_u128);
        let key = upload_key(tenant, upload);
        assert!(is_upload_key(&key), "{key}");
        let bare = upload.simple();
        for other in [
            String::new(),
            "hijrah.db".to_owned(),
            format!("{upload}.csv"),
            format!("{tenant}/{upload}"),
            format!("{tenant}/{upload}.csv#1"),
            format!("{tenant}/{upload}.CSV"),
            format!("{tenant}/{upload}.csv.csv"),
            format!("{tenant}/{upload}.csv.workbook"),
            format!("{tenant}/{upload}.xlsx"),
            format!("{tenant}/{bare}.csv"),
            format!("{tenant}/laporan.csv"),
            format!("laporan/{upload}.csv"),
            format!("cadangan/{key}"),
        ] {
            assert!(!is_upload_key(&other), "{other}");
        }
    }

    #[test]
    fn a_workbook_and_its_table_know_each_other() {
        let [tenant, upload] = [1, 2].map(Uuid::from_u128);
        let table = workbook_table_key(tenant, upload);
        let workbook = workbook_of(&table).unwrap_or_default();
        assert!(is_upload_key(&table) && is_upload_key(workbook), "{table}");
        assert_eq!(job_key(workbook), table);
        assert_eq!(job_key(&table), table);
        let text = upload_key(tenant, upload);
        assert_eq!(workbook_of(&text), None);
        assert_eq!(workbook_of(workbook), None);
        assert_eq!(job_key(&text), text);
    }
}
