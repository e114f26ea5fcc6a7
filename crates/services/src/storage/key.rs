//! The names of stored files, `<tenant>/<upload>.csv`, both UUIDs: they alone distinguish Hijrah's files from other files in the
//! same folder or bucket.

use uuid::Uuid;

/// The key of an upload.
pub(crate) fn upload_key(tenant: Uuid, upload: Uuid) -> String {
    format!("{tenant}/{upload}.csv")
}

/// Whether [`upload_key`] makes exactly this name. Housekeeping deletes no other files.
pub(crate) fn is_upload_key(key: &str) -> bool {
    key.split_once('/').is_some_and(|(tenant, file)| {
        is_uuid(tenant) && file.strip_suffix(".csv").is_some_and(is_uuid)
    })
}

/// In the one form that is written: lower case with hyphens.
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
            format!("{tenant}/{bare}.csv"),
            format!("{tenant}/laporan.csv"),
            format!("laporan/{upload}.csv"),
            format!("cadangan/{key}"),
        ] {
            assert!(!is_upload_key(&other), "{other}");
        }
    }
}
