//! The same tests on a folder and on a bucket; the bucket is a real S3 server that checks signatures.

use std::{io::Read, net::SocketAddr};

use bytes::Bytes;
use futures_util::TryStreamExt;
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto,
};
use s3s::{auth::SimpleAuth, service::S3ServiceBuilder};
use uuid::Uuid;

use super::*;

const KEY: &str = "AKIATEST";
const SECRET: &str = "a secret of the bucket";

/// Serves the folders of `root` as buckets, for as long as the runtime lives.
async fn serve_s3(root: &std::path::Path) -> SocketAddr {
    let mut service = S3ServiceBuilder::new(s3s_fs::FileSystem::new(root).unwrap());
    service.set_auth(SimpleAuth::from_single(KEY, SECRET));
    let service = service.build();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            let service = service.clone();
            tokio::spawn(async move {
                let connection = auto::Builder::new(TokioExecutor::new());
                // A client that disconnects does not concern the server.
                let _ = connection
                    .serve_connection(TokioIo::new(socket), service)
                    .await;
            });
        }
    });
    address
}

fn folder(root: &std::path::Path) -> ObjectStorage {
    folder_with(root, &StorageKeys::default())
}

fn folder_with(root: &std::path::Path, keys: &StorageKeys) -> ObjectStorage {
    ObjectStorage::open(&StorageConfig {
        url: format!("file://{}", root.display()),
        keys: keys.clone(),
        ..StorageConfig::default()
    })
    .unwrap()
}

/// Keys of one repeated digit each.
fn keys(digits: &[&str]) -> StorageKeys {
    let keys: Vec<String> = digits.iter().map(|digit| digit.repeat(64)).collect();
    StorageKeys::parse(&keys.join(",")).unwrap()
}

async fn bucket(root: &std::path::Path, secret: &str) -> ObjectStorage {
    bucket_with(root, secret, &StorageKeys::default()).await
}

async fn bucket_with(root: &std::path::Path, secret: &str, keys: &StorageKeys) -> ObjectStorage {
    std::fs::create_dir_all(root.join("unggahan")).unwrap();
    let address = serve_s3(root).await;
    ObjectStorage::open(&StorageConfig {
        url: "s3://unggahan/hijrah/produksi".to_owned(),
        s3: S3Config {
            endpoint: Some(format!("http://{address}")),
            region: None,
            access_key_id: Some(KEY.into()),
            secret_access_key: Some(secret.to_owned().into()),
        },
        keys: keys.clone(),
    })
    .unwrap()
}

async fn read(storage: &ObjectStorage, key: &str) -> Result<Vec<u8>, StorageError> {
    let mut reader = storage.read(key).await?;
    tokio::task::spawn_blocking(move || {
        let mut bytes = Vec::new();
        reader.read_to_end(&mut bytes).map(|_| bytes)
    })
    .await
    .unwrap()
    .map_err(StorageError::Io)
}

/// What every storage must do.
async fn check(storage: &ObjectStorage) {
    // 12 MB in pieces: more than two parts of a bucket.
    let piece: Vec<u8> = (0..250_u8).cycle().take(200_000).collect();
    let mut writer = storage.create("tenant/besar.csv");
    for _ in 0..60 {
        writer.write(Bytes::from(piece.clone())).await.unwrap();
    }
    assert!(!storage.exists("tenant/besar.csv").await.unwrap());
    writer.finish().await.unwrap();
    let mut writer = storage.create("tenant/kecil.csv");
    writer
        .write(Bytes::from_static(b"nama\nAhmad\n"))
        .await
        .unwrap();
    writer.finish().await.unwrap();

    assert!(read(storage, "tenant/besar.csv").await.unwrap() == piece.repeat(60));
    assert_eq!(
        read(storage, "tenant/kecil.csv").await.unwrap(),
        b"nama\nAhmad\n"
    );
    let mut keys: Vec<_> = storage
        .list()
        .map_ok(|object| object.key)
        .try_collect()
        .await
        .unwrap();
    keys.sort();
    assert_eq!(keys, ["tenant/besar.csv", "tenant/kecil.csv"]);

    storage.delete("tenant/besar.csv").await.unwrap();
    storage.delete("tenant/besar.csv").await.unwrap();
    storage.delete("").await.unwrap();
    assert!(!storage.exists("").await.unwrap());
    assert!(matches!(
        read(storage, "").await,
        Err(StorageError::Missing)
    ));
    assert!(storage.is_reachable().await);
    assert!(!storage.exists("tenant/besar.csv").await.unwrap());
    assert!(matches!(
        read(storage, "tenant/besar.csv").await,
        Err(StorageError::Missing)
    ));
}

async fn store(storage: &ObjectStorage, key: &str, file: &[u8]) {
    let mut writer = storage.create(key);
    writer.write(Bytes::copy_from_slice(file)).await.unwrap();
    writer.finish().await.unwrap();
}

/// Every byte below a folder.
fn bytes_below(folder: &std::path::Path) -> Vec<u8> {
    std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .flat_map(|path| {
            if path.is_dir() {
                bytes_below(&path)
            } else {
                std::fs::read(&path).unwrap()
            }
        })
        .collect()
}

/// Stores a file with NIK under an old key and rekeys it: none of it is readable, and the old key is no longer needed.
async fn check_rekeying<F>(root: &std::path::Path, open: impl Fn(StorageKeys) -> F)
where
    F: Future<Output = ObjectStorage>,
{
    let numbers: Vec<String> = (0..300)
        .map(|number| format!("31712345678{number:05}"))
        .collect();
    let file = format!("ktp\n{}\n", numbers.join("\n"));
    let key = |number| upload_key(Uuid::from_u128(1), Uuid::from_u128(number));
    let plain = open(StorageKeys::default()).await;
    store(&plain, &key(1), file.as_bytes()).await;
    store(&plain, "laporan.csv", b"of others").await;
    let old = open(keys(&["a"])).await;
    store(&old, &key(2), file.as_bytes()).await;
    let both = open(keys(&["b", "a"])).await;
    store(&both, &key(3), file.as_bytes()).await;

    let done = both.rekey().await.unwrap();
    assert_eq!((done.rewritten, done.kept, done.gone), (2, 1, 0));
    let done = both.rekey().await.unwrap();
    assert_eq!((done.rewritten, done.kept), (0, 3));

    let stored = bytes_below(root);
    for number in &numbers {
        let number = number.as_bytes();
        assert!(!stored.windows(number.len()).any(|bytes| bytes == number));
    }
    let new = open(keys(&["b"])).await;
    for number in 1..4 {
        assert!(
            read(&new, &key(number)).await.unwrap() == file.as_bytes(),
            "{number}"
        );
    }
    assert_eq!(read(&new, "laporan.csv").await.unwrap(), b"of others");
    let error = read(&old, &key(2)).await.unwrap_err();
    assert!(error.is_locked(), "{error:?}");
    let lost = open(keys(&["c"])).await.rekey().await.unwrap_err();
    assert!(lost.is_locked(), "{lost:?}");
}

#[tokio::test]
async fn a_folder_is_encrypted_and_changes_its_key() {
    let root = tempfile::tempdir().unwrap();
    check(&folder_with(root.path(), &keys(&["a"]))).await;
    let root = tempfile::tempdir().unwrap();
    let path = root.path();
    check_rekeying(path, |keys| async move { folder_with(path, &keys) }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_is_encrypted_and_changes_its_key() {
    let root = tempfile::tempdir().unwrap();
    check(&bucket_with(root.path(), SECRET, &keys(&["a"])).await).await;
    let root = tempfile::tempdir().unwrap();
    let path = root.path();
    check_rekeying(path, |keys| async move {
        bucket_with(path, SECRET, &keys).await
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tells_a_wrong_configuration_from_a_storage_that_is_away() {
    let root = tempfile::tempdir().unwrap();
    let denied = bucket(root.path(), "another secret").await.probe().await;
    assert!(denied.unwrap_err().is_misconfigured());
    let served = bucket(root.path(), SECRET).await;
    served.probe().await.unwrap();
    std::fs::remove_dir_all(root.path().join("unggahan")).unwrap();
    let missing = served.probe().await.unwrap_err();
    assert!(missing.is_misconfigured(), "{missing:?}");

    let root = tempfile::tempdir().unwrap();
    let storage = folder(root.path());
    storage.probe().await.unwrap();
    drop(root);
    assert!(!storage.is_reachable().await);
}

fn files(folder: &std::path::Path) -> usize {
    std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| if path.is_dir() { files(&path) } else { 1 })
        .sum()
}

#[tokio::test]
async fn a_folder_gives_back_what_was_written_in_pieces() {
    let root = tempfile::tempdir().unwrap();
    check(&folder(root.path())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_gives_back_what_was_written_in_pieces() {
    let root = tempfile::tempdir().unwrap();
    check(&bucket(root.path(), SECRET).await).await;
}

#[tokio::test]
async fn a_bucket_refuses_a_wrong_secret() {
    let root = tempfile::tempdir().unwrap();
    let storage = bucket(root.path(), "another secret").await;
    assert!(!storage.is_reachable().await);
    let mut writer = storage.create("a.csv");
    writer.write(Bytes::from_static(b"a")).await.unwrap();
    assert!(matches!(
        writer.finish().await,
        Err(StorageError::Io(_) | StorageError::Store(_))
    ));
}

#[test]
fn leaves_nothing_of_a_write_that_was_dropped() {
    let root = tempfile::tempdir().unwrap();
    let storage = folder(root.path());
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let mut writer = storage.create(&upload_key(Uuid::from_u128(1), Uuid::from_u128(2)));
        for _ in 0..4 {
            writer
                .write(Bytes::from(vec![1_u8; 300_000]))
                .await
                .unwrap();
        }
        drop(writer);
    });
    // The end of a runtime waits for its blocking work, not for its tasks: the abort may or may not have happened.
    drop(runtime);
    let removed = writer::remove_unfinished(root.path(), Duration::ZERO).unwrap();
    assert!(removed <= 1);
    assert_eq!(files(root.path()), 0);
}

#[test]
fn takes_no_file_of_others_for_an_unfinished_write() {
    let root = tempfile::tempdir().unwrap();
    let tenant = Uuid::from_u128(1).to_string();
    let upload = format!("{}.csv#1", Uuid::from_u128(2));
    for folder in [&tenant, "laporan"] {
        std::fs::create_dir(root.path().join(folder)).unwrap();
    }
    for others in [
        upload.clone(),
        format!("laporan/{upload}"),
        format!("{tenant}/laporan.csv#1"),
        format!("{tenant}/{}", upload.replace("#1", "#a")),
    ] {
        std::fs::write(root.path().join(others), b"").unwrap();
    }
    std::fs::write(root.path().join(&tenant).join(upload), b"").unwrap();
    let removed = writer::remove_unfinished(root.path(), Duration::ZERO).unwrap();
    assert_eq!((removed, files(root.path())), (1, 4));
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
