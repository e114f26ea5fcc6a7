//! The tests' S3 server as a program, for `scripts/test-image`: `s3 FOLDER` serves the bucket `unggahan` of the folder until it is
//! stopped, and prints its address.

#[expect(
    dead_code,
    reason = "the tests look into the bucket, this program only serves it"
)]
#[path = "../it/harness/bucket.rs"]
mod bucket;

use std::io::Write;
use std::path::PathBuf;

use anyhow::{Context, Result};

#[tokio::main]
async fn main() -> Result<()> {
    let folder = std::env::args_os().nth(1).context("usage: s3 FOLDER")?;
    let bucket = bucket::Bucket::serve(&PathBuf::from(folder)).await?;
    // The script reads it from there.
    writeln!(std::io::stdout(), "{}", bucket.address)?;
    std::future::pending().await
}
