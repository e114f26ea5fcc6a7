//! Claims about stored files: what is written is read, and what was interrupted is gone.

use std::io::Read;

use bytes::Bytes;
use futures_util::TryStreamExt;

use super::*;

fn folder() -> (tempfile::TempDir, ObjectStorage) {
    let folder = tempfile::tempdir().unwrap();
    let storage = ObjectStorage::open(&StorageConfig {
        url: format!("file://{}", folder.path().display()),
        ..StorageConfig::default()
    })
    .unwrap();
    (folder, storage)
}

fn files(folder: &tempfile::TempDir) -> usize {
    fn count(path: &std::path::Path) -> usize {
        std::fs::read_dir(path)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .map(|path| if path.is_dir() { count(&path) } else { 1 })
            .sum()
    }
    count(folder.path())
}

#[tokio::test]
async fn gives_back_what_was_written_in_pieces() {
    let (_folder, storage) = folder();
    let mut writer = storage.create("a/b.csv");
    let piece = Bytes::from(vec![7_u8; 200_000]);
    for _ in 0..10 {
        writer.write(piece.clone()).await.unwrap();
    }
    writer.finish().await.unwrap();
    let mut reader = storage.read("a/b.csv").await.unwrap();
    let read = tokio::task::spawn_blocking(move || {
        let mut bytes = Vec::new();
        reader.read_to_end(&mut bytes).map(|_| bytes)
    });
    assert_eq!(read.await.unwrap().unwrap(), vec![7_u8; 2_000_000]);
    let keys: Vec<_> = storage.list().try_collect().await.unwrap();
    assert_eq!(keys.len(), 1);
    assert_eq!(keys[0].key, "a/b.csv");
    storage.delete("a/b.csv").await.unwrap();
    storage.delete("a/b.csv").await.unwrap();
    assert!(!storage.exists("a/b.csv").await.unwrap());
}

#[test]
fn leaves_nothing_of_a_write_that_was_dropped() {
    let (folder, storage) = folder();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let mut writer = storage.create("half.csv");
        for _ in 0..4 {
            writer
                .write(Bytes::from(vec![1_u8; 300_000]))
                .await
                .unwrap();
        }
        drop(writer);
    });
    // Dropping a runtime waits for its blocking work, not for its tasks; the abort may be either.
    drop(runtime);
    let removed = writer::remove_unfinished(folder.path(), Duration::ZERO).unwrap();
    assert!(removed <= 1);
    assert_eq!(files(&folder), 0);
}

#[test]
fn refuses_an_url_of_another_kind() {
    for url in ["", "ftp://x", "file://", "s3://", "s3:///prefix"] {
        let config = StorageConfig {
            url: url.to_owned(),
            ..StorageConfig::default()
        };
        assert!(
            matches!(ObjectStorage::open(&config), Err(StorageError::UnknownUrl)),
            "{url}"
        );
    }
}
